//! The name of a user.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use super::limits::check_length;
use crate::error::{Error, Parameter};

/// `USERNAME` or `USER_ID_FOR_SRP`: a user name or an alias, 1 to 128 characters (service model).
///
/// ```
/// use cognito_srp6a::{Error, Parameter, Username};
///
/// let username: Username = "alice@example.com".parse()?;
/// assert_eq!(username.as_str(), "alice@example.com");
/// assert_eq!("".parse::<Username>(), Err(Error::Empty(Parameter::Username)));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Username(String);

impl Username {
    /// The longest name, in characters.
    pub const MAX_CHARS: usize = 128;

    /// Takes a name.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::TooLong`].
    pub fn new(name: impl Into<String>) -> Result<Self, Error> {
        Self::of_parameter(name, Parameter::Username)
    }

    /// Takes the name that stands in a parameter.
    pub(crate) fn of_parameter(name: impl Into<String>, parameter: Parameter) -> Result<Self, Error> {
        let name = name.into();
        check_length(&name, Self::MAX_CHARS, parameter)?;
        Ok(Self(name))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, by value.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl FromStr for Username {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::new(name)
    }
}

impl TryFrom<String> for Username {
    type Error = Error;

    fn try_from(name: String) -> Result<Self, Error> {
        Self::new(name)
    }
}

impl AsRef<str> for Username {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Username {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for Username {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
