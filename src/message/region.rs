//! Regions.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use super::limits::check_bytes;
use crate::error::{Error, Parameter};

/// A Region, such as `us-east-1` or `us-gov-west-1`; or `local`, the word that the emulator cognito-local writes in its place.
///
/// A Region's code is two or more words and a number, joined by `-`. A word has lower-case letters, and after its first letter
/// digits; the number has digits alone.
///
/// ```
/// use cognito_srp6a::{Error, Parameter, Region};
///
/// let region: Region = "eusc-de-east-1".parse()?;
/// assert_eq!(region.as_str(), "eusc-de-east-1");
/// for text in ["us_east_1", "us", "US-EAST-1", "us-east", "east-1", "us-east-1."] {
///     assert_eq!(text.parse::<Region>(), Err(Error::Malformed(Parameter::Region)), "{text}");
/// }
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Region(String);

/// The word in place of a Region that the emulator cognito-local writes.
const LOCAL: &str = "local";

impl Region {
    /// The longest code, in bytes: as many as a pool id has room for beside `_` and one letter.
    pub const MAX_BYTES: usize = 53;

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Takes the Region of a pool id, whose form the id's parser has checked.
    pub(super) fn of_pool(region: &str) -> Self {
        Self(region.into())
    }

    /// Returns whether a text is a Region's code or `local`.
    pub(super) fn has_form(text: &str) -> bool {
        let Some((words, number)) = text.rsplit_once('-') else { return text == LOCAL };
        is_number(number) && words.contains('-') && words.split('-').all(is_word)
    }
}

impl FromStr for Region {
    type Err = Error;

    /// Reads a Region's code.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::TooLong`], [`Error::Malformed`].
    fn from_str(text: &str) -> Result<Self, Error> {
        check_bytes(text.len(), Self::MAX_BYTES, Parameter::Region)?;
        if Self::has_form(text) { Ok(Self(text.into())) } else { Err(Error::Malformed(Parameter::Region)) }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
