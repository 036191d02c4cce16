//! What a caller brings to a sign-in, and what the service hands out to be brought back.

use crate::device::DeviceCredentials;
use crate::error::{Error, Parameter};
use crate::message::{Password, Username, check_length};
use crate::secret::secret_text;
use alloc::string::String;

secret_text! {
    /// `REFRESH_TOKEN`.
    RefreshToken
}

secret_text! {
    /// `Session`: the service's handle for a sign-in that goes on over several calls.
    Session
}

impl RefreshToken {
    /// The longest token, in characters (service model: the longest string in a map).
    pub const MAX_CHARS: usize = 131_072;

    /// Takes a token as the service gave it out.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::TooLong`], or [`Error::Malformed`] for a character that no token has.
    pub fn new(token: impl Into<String>) -> Result<Self, Error> {
        let token = Self(token.into());
        check_token(&token.0, Parameter::RefreshToken)?;
        Ok(token)
    }
}

impl Session {
    /// The shortest and the longest session, in characters (service model).
    pub const CHARS: core::ops::RangeInclusive<usize> = 20..=4096;

    /// Takes a session as the service gave it out.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::TooLong`], or [`Error::Malformed`] for less than 20 characters.
    pub fn new(session: impl Into<String>) -> Result<Self, Error> {
        let session = Self(session.into());
        check_length(&session.0, *Self::CHARS.end(), Parameter::Session)?;
        if session.0.chars().count() < *Self::CHARS.start() {
            return Err(Error::Malformed(Parameter::Session));
        }
        Ok(session)
    }

    /// A second handle for the same sign-in, kept while the first is sent: the service takes it again after a wrong answer.
    pub(super) fn duplicate(&self) -> Self {
        Self(self.0.clone())
    }
}

/// Writes a session into a body.
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

/// Refuses a text that is no token: the service's pattern is `[A-Za-z0-9-_=.]+`.
pub(super) fn check_token(token: &str, parameter: Parameter) -> Result<(), Error> {
    check_length(token, RefreshToken::MAX_CHARS, parameter)?;
    let fits = token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_=.".contains(&byte));
    if fits { Ok(()) } else { Err(Error::Malformed(parameter)) }
}

/// Who signs in, and with what.
#[derive(Debug)]
pub struct Credentials {
    pub(super) username: Username,
    pub(super) password: Option<Password>,
    pub(super) device: Option<DeviceCredentials>,
}

impl Credentials {
    /// The credentials of a user who has typed a user name or an alias.
    #[must_use]
    pub const fn new(username: Username) -> Self {
        Self { username, password: None, device: None }
    }

    /// Adds the password, which flows with a proof or a password need.
    #[must_use]
    pub fn with_password(self, password: Password) -> Self {
        Self { password: Some(password), ..self }
    }

    /// Adds a remembered device. Its key goes into every request, and its challenges are answered.
    #[must_use]
    pub fn with_device(self, device: DeviceCredentials) -> Self {
        Self { device: Some(device), ..self }
    }
}
