//! The user's credentials, and the texts that the service issues for later calls.

use crate::device::DeviceCredentials;
use crate::error::{Error, Parameter};
use crate::message::{Password, Username, check_length};
use crate::secret::secret_text;
use alloc::string::String;

secret_text! {
    /// `REFRESH_TOKEN`: the token that [`SignIn::refresh`](super::SignIn::refresh) and
    /// [`GetTokensFromRefreshToken`](super::GetTokensFromRefreshToken) send. Wiped on drop; `Debug` hides it.
    ///
    /// ```
    /// use cognito_srp6a::idp::{AuthenticationResult, RefreshToken};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let result = AuthenticationResult::default().with_refresh_token("eyJjdHkiOiJKV1QifQ.e30.c2ln");
    /// // `result` is the AuthenticationResult of a sign-in.
    /// let token = RefreshToken::new(result.refresh_token().ok_or("no refresh token")?)?;
    /// assert_eq!(token.expose(), "eyJjdHkiOiJKV1QifQ.e30.c2ln");
    /// # Ok(()) }
    /// ```
    RefreshToken
}

secret_text! {
    /// `Session`: the service's handle for a sign-in that takes several calls. Wiped on drop; `Debug` hides it.
    ///
    /// [`SignIn`](super::SignIn) returns each session to the service by itself. A caller needs this type for calls that
    /// are not in this crate, such as `ConfirmSignUp`
    /// ([`SignInBuilder::with_session`](super::SignInBuilder::with_session)).
    ///
    /// ```
    /// use cognito_srp6a::idp::Session;
    /// use cognito_srp6a::{Error, Parameter};
    ///
    /// # fn main() -> Result<(), Error> {
    /// let session = Session::new("AYABeIKrFwI0example0session")?;
    /// assert_eq!(format!("{session:?}"), "Session { .. }");
    /// assert_eq!(Session::new("short").unwrap_err(), Error::Malformed(Parameter::Session));
    /// # Ok(()) }
    /// ```
    Session
}

impl RefreshToken {
    /// The longest token, in characters (service model: the longest value of `AuthParameters`).
    pub const MAX_CHARS: usize = 131_072;

    /// Takes a token that the service has issued.
    ///
    /// # Errors
    ///
    /// - [`Error::Empty`]: the text is empty.
    /// - [`Error::TooLong`]: the text exceeds [`MAX_CHARS`](Self::MAX_CHARS).
    /// - [`Error::Malformed`]: the text does not match the service's pattern, `[A-Za-z0-9-_=.]+`.
    pub fn new(token: impl Into<String>) -> Result<Self, Error> {
        let token = Self(token.into());
        check_token(&token.0, Parameter::RefreshToken)?;
        Ok(token)
    }
}

impl Session {
    /// The shortest and the longest session, in characters (service model).
    pub const CHARS: core::ops::RangeInclusive<usize> = 20..=4096;

    /// Takes a session that the service has issued.
    ///
    /// # Errors
    ///
    /// - [`Error::Empty`]: the text is empty.
    /// - [`Error::TooLong`]: the text has more than 4096 characters.
    /// - [`Error::Malformed`]: the text has fewer than 20 characters.
    pub fn new(session: impl Into<String>) -> Result<Self, Error> {
        let session = Self(session.into());
        check_length(&session.0, *Self::CHARS.end(), Parameter::Session)?;
        if session.0.chars().count() < *Self::CHARS.start() {
            return Err(Error::Malformed(Parameter::Session));
        }
        Ok(session)
    }

    /// Copies the session. The copy is kept while the original is sent: the service accepts it again after a wrong
    /// answer.
    pub(super) fn duplicate(&self) -> Self {
        Self(self.0.clone())
    }
}

/// Writes a session into a body. The wiping type itself does not implement `Serialize`.
#[cfg(feature = "serde")]
#[allow(clippy::ref_option, reason = "the signature that serde calls")]
pub(super) fn serialize_session<S: serde::Serializer>(
    session: &Option<Session>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match session {
        Some(session) => serializer.serialize_str(session.expose()),
        None => serializer.serialize_none(),
    }
}

/// Refuses a text that does not match the service's pattern of a token, `[A-Za-z0-9-_=.]+` (service model).
pub(super) fn check_token(token: &str, parameter: Parameter) -> Result<(), Error> {
    check_length(token, RefreshToken::MAX_CHARS, parameter)?;
    let fits = token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_=.".contains(&byte));
    if fits { Ok(()) } else { Err(Error::Malformed(parameter)) }
}

/// The credentials of a sign-in: a user name, and if there are any a password and a remembered device.
///
/// ```
/// use cognito_srp6a::idp::Credentials;
/// use cognito_srp6a::{Device, DeviceCredentials, Password, Username};
///
/// # fn main() -> Result<(), cognito_srp6a::Error> {
/// // Stored when the device was registered.
/// let device = Device::new("us-east-1_0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9".parse()?, "-aBcDeFgH")?;
/// let device_password = Password::new("bGV0IG1lIGluLCBJIGFtIGEgcmVtZW1iZXJlZCBkZXZpY2U")?;
///
/// let credentials = Credentials::new(Username::new("alice@example.com")?)
///     .with_password(Password::new("Passw0rd!")?)
///     .with_device(DeviceCredentials::from_parts(device, device_password));
/// # drop(credentials);
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Credentials {
    pub(super) username: Username,
    pub(super) password: Option<Password>,
    pub(super) device: Option<DeviceCredentials>,
}

impl Credentials {
    /// Takes a user name or an alias. There is no password and no device yet.
    #[must_use]
    pub const fn new(username: Username) -> Self {
        Self { username, password: None, device: None }
    }

    /// Adds the password. [`SignInFlow`](super::SignInFlow) says which flows need it.
    #[must_use]
    pub fn with_password(self, password: Password) -> Self {
        Self { password: Some(password), ..self }
    }

    /// Adds a remembered device. The sign-in sends its key in each request and answers its challenges,
    /// `DEVICE_SRP_AUTH` and `DEVICE_PASSWORD_VERIFIER`.
    #[must_use]
    pub fn with_device(self, device: DeviceCredentials) -> Self {
        Self { device: Some(device), ..self }
    }
}
