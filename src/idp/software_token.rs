//! `AssociateSoftwareToken` and `VerifySoftwareToken`: an authenticator app is set up as second factor.

use alloc::borrow::ToOwned as _;
use alloc::string::String;

use core::fmt;
use zeroize::Zeroizing;

use super::credentials::{Session, check_token};
use super::names::service_names;
use super::parameter_map::ParameterMap;
use super::secret_code::SecretCode;
use super::secret_member::SecretMember;
use crate::error::{Error, Parameter};
use crate::message::check_maximum;

/// Who sets up the app: a signed-in user by the access token, or a user in a sign-in by the session.
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub(super) struct Holder {
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(super) access_token: Option<SecretMember>,
    #[cfg_attr(
        feature = "serde",
        serde(skip_serializing_if = "Option::is_none", serialize_with = "super::credentials::serialize_session")
    )]
    pub(super) session: Option<Session>,
}

impl Holder {
    fn of_access_token(access_token: impl Into<String>) -> Result<Self, Error> {
        let access_token = SecretMember::new(access_token);
        check_token(access_token.expose(), Parameter::AccessToken)?;
        Ok(Self { access_token: Some(access_token), session: None })
    }

    const fn of_session(session: Session) -> Self {
        Self { access_token: None, session: Some(session) }
    }
}

/// `AssociateSoftwareToken`: asks for the secret of an authenticator app. [`AssociateSoftwareTokenResponse`] is its
/// response.
///
/// In a sign-in, [`MfaSetup::associate`](super::MfaSetup::associate) makes it. This is the call of a signed-in user:
///
/// ```
/// use cognito_srp6a::idp::{
///     AssociateSoftwareToken, AssociateSoftwareTokenResponse, Request, SecretCode, VerifySoftwareToken,
/// };
/// # use cognito_srp6a::Error;
///
/// # fn main() -> Result<(), Error> {
/// # let access_token = "eyJhbGciOiJSUzI1NiJ9.e30.c2ln";
/// # let send = |_| Ok::<_, Error>(AssociateSoftwareTokenResponse::new(SecretCode::new("JBSWY3DPEHPK3PXP")?));
/// let request = Request::AssociateSoftwareToken(AssociateSoftwareToken::with_access_token(access_token)?);
/// let response = send(request)?;
/// println!("scan this: {}", *response.secret_code().otpauth_uri("Example", "alice")?);
///
/// // The app now shows a code.
/// let request = VerifySoftwareToken::with_access_token(access_token, "123456")?;
/// let request = Request::VerifySoftwareToken(request.with_friendly_device_name("phone")?);
/// // Send it. Then SetUserMFAPreference, which this crate does not make, turns the factor on.
/// # drop(request);
/// # Ok(()) }
/// ```
///
/// The access token and the session are wiped on drop.
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct AssociateSoftwareToken {
    pub(super) holder: Holder,
}

/// `VerifySoftwareToken`: proves that the authenticator app has the secret. [`VerifySoftwareTokenResponse`] is its
/// response.
///
/// In a sign-in, [`MfaSetup::verify`](super::MfaSetup::verify) makes it. [`AssociateSoftwareToken`] has an example for
/// a signed-in user. The access token, the session and the code are wiped on drop.
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct VerifySoftwareToken {
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub(super) holder: Holder,
    pub(super) user_code: SecretMember,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(super) friendly_device_name: Option<String>,
}

impl AssociateSoftwareToken {
    /// Takes the access token of a signed-in user. It needs the scope `aws.cognito.signin.user.admin` (service model).
    ///
    /// # Errors
    ///
    /// - [`Error::Empty`]: the access token is empty.
    /// - [`Error::TooLong`]: the access token exceeds [`RefreshToken::MAX_CHARS`](super::RefreshToken::MAX_CHARS).
    /// - [`Error::Malformed`]: the access token does not match the service's pattern, `[A-Za-z0-9-_=.]+`.
    pub fn with_access_token(access_token: impl Into<String>) -> Result<Self, Error> {
        Ok(Self { holder: Holder::of_access_token(access_token)? })
    }

    /// Takes the session of a sign-in that the challenge `MFA_SETUP` has stopped.
    #[must_use]
    pub const fn with_session(session: Session) -> Self {
        Self { holder: Holder::of_session(session) }
    }
}

impl VerifySoftwareToken {
    /// The number of digits in a code (service model).
    pub const CODE_DIGITS: usize = 6;

    /// Takes the access token of a signed-in user and the code that the app shows. White space in the code is removed.
    ///
    /// # Errors
    ///
    /// - [`Error::Empty`], [`Error::TooLong`] or [`Error::Malformed`]: the access token, as in
    ///   [`AssociateSoftwareToken::with_access_token`].
    /// - [`Error::Malformed`]: the code does not have exactly six digits.
    pub fn with_access_token(access_token: impl Into<String>, code: &str) -> Result<Self, Error> {
        Self::new(Holder::of_access_token(access_token)?, code)
    }

    /// Takes the session that `AssociateSoftwareToken` has returned, and the code that the app shows.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] if the code does not have exactly six digits.
    pub fn with_session(session: Session, code: &str) -> Result<Self, Error> {
        Self::new(Holder::of_session(session), code)
    }

    fn new(holder: Holder, code: &str) -> Result<Self, Error> {
        // One allocation, so that no unwiped copy remains.
        let mut digits = Zeroizing::new(String::with_capacity(Self::CODE_DIGITS));
        for digit in code.chars().filter(|character| !character.is_whitespace()) {
            if !digit.is_ascii_digit() || digits.len() == Self::CODE_DIGITS {
                return Err(Error::Malformed(Parameter::UserCode));
            }
            digits.push(digit);
        }
        if digits.len() != Self::CODE_DIGITS {
            return Err(Error::Malformed(Parameter::UserCode));
        }
        Ok(Self { holder, user_code: SecretMember::new(digits.as_str()), friendly_device_name: None })
    }

    /// Sets `FriendlyDeviceName`: a name of the device with the app, for people to read.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] if the name exceeds [`ParameterMap::MAX_VALUE_CHARS`].
    pub fn with_friendly_device_name(self, name: &str) -> Result<Self, Error> {
        check_maximum(name, ParameterMap::MAX_VALUE_CHARS, Parameter::FriendlyDeviceName)?;
        Ok(Self { friendly_device_name: Some(name.to_owned()), ..self })
    }

    /// `UserCode`: a secret.
    #[must_use]
    pub fn user_code(&self) -> &str {
        self.user_code.expose()
    }

    /// `FriendlyDeviceName`.
    #[must_use]
    pub fn friendly_device_name(&self) -> Option<&str> {
        self.friendly_device_name.as_deref()
    }
}

/// Implements what both requests have.
macro_rules! of_holder {
    ($($name:ident),*) => {$(
        impl $name {
            /// `AccessToken`, of a signed-in user: a secret.
            #[must_use]
            pub fn access_token(&self) -> Option<&str> {
                self.holder.access_token.as_ref().map(SecretMember::expose)
            }

            /// `Session`, of a sign-in.
            #[must_use]
            pub const fn session(&self) -> Option<&Session> {
                self.holder.session.as_ref()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )*};
}

of_holder!(AssociateSoftwareToken, VerifySoftwareToken);

/// The response of [`AssociateSoftwareToken`].
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct AssociateSoftwareTokenResponse {
    #[cfg_attr(feature = "serde", serde(serialize_with = "super::secret_code::serialize"))]
    pub(super) secret_code: SecretCode,
    #[cfg_attr(
        feature = "serde",
        serde(skip_serializing_if = "Option::is_none", serialize_with = "super::credentials::serialize_session")
    )]
    pub(super) session: Option<Session>,
}

impl AssociateSoftwareTokenResponse {
    /// Takes `SecretCode`. There is no session yet.
    #[must_use]
    pub const fn new(secret_code: SecretCode) -> Self {
        Self { secret_code, session: None }
    }

    /// Sets `Session`, in a sign-in.
    #[must_use]
    pub fn with_session(self, session: Session) -> Self {
        Self { session: Some(session), ..self }
    }

    /// `SecretCode`.
    #[must_use]
    pub const fn secret_code(&self) -> &SecretCode {
        &self.secret_code
    }

    /// `Session`, in a sign-in.
    #[must_use]
    pub const fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }
}

service_names! {
    /// `Status` of [`VerifySoftwareTokenResponse`].
    VerifySoftwareTokenStatus {
        /// The app is set up.
        Success = "SUCCESS",
        /// The code is wrong, such as after clock skew or too many attempts.
        Error = "ERROR",
    }
}

/// The response of [`VerifySoftwareToken`].
///
/// ```
/// use cognito_srp6a::idp::{VerifySoftwareTokenResponse, VerifySoftwareTokenStatus};
///
/// let response = VerifySoftwareTokenResponse::new(VerifySoftwareTokenStatus::Success);
/// assert!(response.session().is_none()); // of a signed-in user
/// ```
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct VerifySoftwareTokenResponse {
    pub(super) status: VerifySoftwareTokenStatus,
    #[cfg_attr(
        feature = "serde",
        serde(skip_serializing_if = "Option::is_none", serialize_with = "super::credentials::serialize_session")
    )]
    pub(super) session: Option<Session>,
}

impl VerifySoftwareTokenResponse {
    /// Takes `Status`. There is no session yet.
    #[must_use]
    pub const fn new(status: VerifySoftwareTokenStatus) -> Self {
        Self { status, session: None }
    }

    /// Sets `Session`, in a sign-in: it answers `MFA_SETUP`.
    #[must_use]
    pub fn with_session(self, session: Session) -> Self {
        Self { session: Some(session), ..self }
    }

    /// `Status`.
    #[must_use]
    pub const fn status(&self) -> &VerifySoftwareTokenStatus {
        &self.status
    }

    /// `Session`, in a sign-in.
    #[must_use]
    pub const fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }
}
