//! The response of the four authentication calls.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::access_token;
use super::credentials::Session;
use super::names::ChallengeName;
use crate::error::{Error, Parameter};
use crate::message::{Device, Username};

/// The response of `InitiateAuth`, `RespondToAuthChallenge` and their admin counterparts: tokens or a challenge.
///
/// A client gets it from the body (`AuthResponse::from_http`, feature `serde`), or builds it from the response of an
/// SDK. An emulator builds it to answer a client:
///
/// ```
/// use cognito_srp6a::idp::{AuthResponse, AuthenticationResult, ChallengeName, Session};
///
/// # fn main() -> Result<(), cognito_srp6a::Error> {
/// let challenge = AuthResponse::challenge(ChallengeName::SmsMfa, [("CODE_DELIVERY_DESTINATION", "+*******0100")])
///     .with_session(Session::new("AYABeIKrFwI0example0session")?);
/// assert_eq!(challenge.challenge_name(), Some(&ChallengeName::SmsMfa));
///
/// let tokens = AuthResponse::tokens(
///     AuthenticationResult::default()
///         .with_access_token("eyJhbGciOiJSUzI1NiJ9.e30.c2ln")
///         .with_expires_in(3600)
///         .with_token_type("Bearer"),
/// );
/// assert!(tokens.challenge_name().is_none());
/// # Ok(()) }
/// ```
#[derive(Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct AuthResponse {
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(super) challenge_name: Option<ChallengeName>,
    #[cfg_attr(
        feature = "serde",
        serde(skip_serializing_if = "Option::is_none", serialize_with = "super::credentials::serialize_session")
    )]
    pub(super) session: Option<Session>,
    pub(super) challenge_parameters: BTreeMap<String, String>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(super) authentication_result: Option<AuthenticationResult>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub(super) available_challenges: Vec<ChallengeName>,
}

impl AuthResponse {
    /// Makes a response with `ChallengeName` and `ChallengeParameters`.
    #[must_use]
    pub fn challenge<K: Into<String>, V: Into<String>>(
        name: ChallengeName,
        parameters: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let parameters = parameters.into_iter().map(|(name, value)| (name.into(), value.into()));
        Self { challenge_name: Some(name), challenge_parameters: parameters.collect(), ..Self::default() }
    }

    /// Makes a response with `AuthenticationResult`.
    #[must_use]
    pub fn tokens(result: AuthenticationResult) -> Self {
        Self { authentication_result: Some(result), ..Self::default() }
    }

    /// Sets `Session`.
    #[must_use]
    pub fn with_session(self, session: Session) -> Self {
        Self { session: Some(session), ..self }
    }

    /// Sets `AvailableChallenges`: the first factors to choose from in `SELECT_CHALLENGE`.
    #[must_use]
    pub fn with_available_challenges(self, available: impl IntoIterator<Item = ChallengeName>) -> Self {
        Self { available_challenges: available.into_iter().collect(), ..self }
    }

    /// `ChallengeName`.
    #[must_use]
    pub const fn challenge_name(&self) -> Option<&ChallengeName> {
        self.challenge_name.as_ref()
    }

    /// `Session`.
    #[must_use]
    pub const fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// `ChallengeParameters`. Empty if the response has none.
    #[must_use]
    pub const fn challenge_parameters(&self) -> &BTreeMap<String, String> {
        &self.challenge_parameters
    }

    /// `AuthenticationResult`.
    #[must_use]
    pub const fn authentication_result(&self) -> Option<&AuthenticationResult> {
        self.authentication_result.as_ref()
    }

    /// `AvailableChallenges`. Empty if the response has none.
    #[must_use]
    pub fn available_challenges(&self) -> &[ChallengeName] {
        &self.available_challenges
    }
}

impl fmt::Debug for AuthResponse {
    /// Shows only the names of the parameters: their values may be personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthResponse")
            .field("challenge_name", &self.challenge_name)
            .field("challenge_parameters", &self.challenge_parameters.keys())
            .field("authentication_result", &self.authentication_result)
            .field("available_challenges", &self.available_challenges)
            .finish_non_exhaustive()
    }
}

/// `AuthenticationResult`: the tokens and their lifetime. The tokens are wiped on drop; `Debug` hides them.
#[derive(Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct AuthenticationResult {
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(super) access_token: Option<String>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(super) id_token: Option<String>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(super) refresh_token: Option<String>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(super) expires_in: Option<i64>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(super) token_type: Option<String>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(super) new_device_metadata: Option<NewDeviceMetadata>,
}

/// `NewDeviceMetadata`: the names of a device that the service offers to remember.
/// [`SignedIn::new_device`](super::SignedIn::new_device) makes a [`Device`] of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
#[non_exhaustive]
pub struct NewDeviceMetadata {
    /// `DeviceKey`.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub device_key: Option<String>,
    /// `DeviceGroupKey`.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub device_group_key: Option<String>,
}

impl NewDeviceMetadata {
    /// Takes `DeviceKey` and `DeviceGroupKey`. Neither is checked.
    #[must_use]
    pub fn new(device_key: impl Into<String>, device_group_key: impl Into<String>) -> Self {
        Self { device_key: Some(device_key.into()), device_group_key: Some(device_group_key.into()) }
    }
}

/// Defines the accessor and the setter of a text.
macro_rules! tokens {
    ($($(#[$meta:meta])* $name:ident, $with:ident;)*) => {
        impl AuthenticationResult {$(
            $(#[$meta])*
            #[must_use]
            pub fn $name(&self) -> Option<&str> {
                self.$name.as_deref()
            }

            #[doc = concat!("Sets the text that [`", stringify!($name), "`](Self::", stringify!($name), ") returns.")]
            #[must_use]
            pub fn $with(mut self, value: impl Into<String>) -> Self {
                self.$name.zeroize();
                self.$name = Some(value.into());
                self
            }
        )*}
    };
}

tokens! {
    /// `AccessToken`: a secret.
    access_token, with_access_token;
    /// `IdToken`: a secret.
    id_token, with_id_token;
    /// `RefreshToken`: a secret. A refresh brings a new one only if the pool rotates refresh tokens.
    refresh_token, with_refresh_token;
    /// `TokenType`: `Bearer`.
    token_type, with_token_type;
}

impl AuthenticationResult {
    /// Returns the user's canonical name: the claim `username` of the access token. `None` if there is no access token,
    /// or if the token is not a JWT with such a claim, as with some emulators.
    ///
    /// The claim is read and not verified: whoever made the response chose it, and only TLS vouches for that. It serves
    /// to refresh tokens. To identify the user, verify a token's signature.
    ///
    /// ```
    /// use cognito_srp6a::idp::AuthenticationResult;
    ///
    /// // The payload is {"sub":"7f1d2c3b","username":"alice"}.
    /// let token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiI3ZjFkMmMzYiIsInVzZXJuYW1lIjoiYWxpY2UifQ.c2ln";
    /// let tokens = AuthenticationResult::default().with_access_token(token);
    /// assert_eq!(tokens.username(), Some("alice".parse()?));
    /// # Ok::<(), cognito_srp6a::Error>(())
    /// ```
    #[must_use]
    pub fn username(&self) -> Option<Username> {
        access_token::username(self.access_token()?)
    }

    /// Returns the device that the service offers to remember, or `None` if it offers none.
    /// [`DeviceCredentials::register`](crate::DeviceCredentials::register) and
    /// [`ConfirmDevice`](super::ConfirmDevice) register it.
    ///
    /// # Errors
    ///
    /// - [`Error::Missing`]: `NewDeviceMetadata` has only one of `DeviceKey` and `DeviceGroupKey`.
    /// - [`Error::Empty`], [`Error::TooLong`] or [`Error::Malformed`]: one of them breaks the rules of
    ///   [`DeviceKey`](crate::DeviceKey) or [`Device::new`].
    pub fn new_device(&self) -> Result<Option<Device>, Error> {
        let Some(metadata) = self.new_device_metadata() else { return Ok(None) };
        let key = metadata.device_key.as_deref().ok_or(Error::Missing(Parameter::DeviceKey))?;
        let group_key = metadata.device_group_key.as_deref().ok_or(Error::Missing(Parameter::DeviceGroupKey))?;
        Device::new(key.parse()?, group_key).map(Some)
    }

    /// Returns whether there is an access token. An emulator may send an empty one beside a challenge.
    pub(super) fn has_access_token(&self) -> bool {
        self.access_token().is_some_and(|token| !token.is_empty())
    }

    /// `ExpiresIn`: the lifetime of the access token, in seconds.
    #[must_use]
    pub const fn expires_in(&self) -> Option<i64> {
        self.expires_in
    }

    /// Sets `ExpiresIn`.
    #[must_use]
    pub const fn with_expires_in(mut self, seconds: i64) -> Self {
        self.expires_in = Some(seconds);
        self
    }

    /// `NewDeviceMetadata`.
    #[must_use]
    pub const fn new_device_metadata(&self) -> Option<&NewDeviceMetadata> {
        self.new_device_metadata.as_ref()
    }

    /// Sets `NewDeviceMetadata`.
    #[must_use]
    pub fn with_new_device_metadata(mut self, metadata: NewDeviceMetadata) -> Self {
        self.new_device_metadata = Some(metadata);
        self
    }
}

impl Drop for AuthenticationResult {
    fn drop(&mut self) {
        for token in [&mut self.access_token, &mut self.id_token, &mut self.refresh_token] {
            token.zeroize();
        }
    }
}

impl ZeroizeOnDrop for AuthenticationResult {}

impl fmt::Debug for AuthenticationResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthenticationResult")
            .field("expires_in", &self.expires_in)
            .field("token_type", &self.token_type)
            .field("new_device_metadata", &self.new_device_metadata)
            .finish_non_exhaustive()
    }
}
