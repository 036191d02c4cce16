//! The password.

use alloc::string::String;
use core::str::FromStr;

use super::limits::check_maximum;
use crate::error::{Error, Parameter};
use crate::protocol;
use crate::secret::secret_text;

secret_text! {
    /// A password of at most 256 characters (service model), of a user or of a device.
    ///
    /// It is hashed as UTF-8 as it stands, without normalisation. An empty one is taken, because the proof of one is as good as any
    /// other.
    ///
    /// ```
    /// use cognito_srp6a::{Error, Parameter, Password};
    ///
    /// let password = Password::new("Passw0rd!")?;
    /// assert_eq!(format!("{password:?}"), "Password { .. }");
    /// assert_eq!(Password::new("x".repeat(257)).unwrap_err(), Error::TooLong(Parameter::Password));
    /// # Ok::<(), Error>(())
    /// ```
    Password
}

impl Password {
    /// The longest password, in characters.
    pub const MAX_CHARS: usize = 256;

    /// Takes a password. Of a `String` no copy is made.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`].
    pub fn new(password: impl Into<String>) -> Result<Self, Error> {
        // Made first, so that the text is wiped also when it is refused.
        let password = Self(password.into());
        check_maximum(&password.0, Self::MAX_CHARS, Parameter::Password)?;
        Ok(password)
    }

    /// The password as the equations take it.
    pub(crate) fn for_proof(&self) -> protocol::Password<'_> {
        protocol::Password(self.0.as_bytes())
    }
}

impl FromStr for Password {
    type Err = Error;

    /// Copies a password. The caller wipes the original.
    fn from_str(password: &str) -> Result<Self, Error> {
        Self::new(password)
    }
}
