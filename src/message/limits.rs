//! Checks of lengths: in characters where the service's model has the limit, in bytes elsewhere.

use crate::error::{Error, Parameter};

/// Refuses a text that is empty or has more than `max` characters.
pub(crate) fn check_length(text: &str, max: usize, parameter: Parameter) -> Result<(), Error> {
    if text.is_empty() {
        return Err(Error::Empty(parameter));
    }
    check_maximum(text, max, parameter)
}

/// Refuses a text that has more than `max` characters.
///
/// Passwords are counted here. Time depends only on the byte length and on accept or reject.
pub(crate) fn check_maximum(text: &str, max: usize, parameter: Parameter) -> Result<(), Error> {
    // A character has one byte at least and four at most.
    if text.len() <= max {
        return Ok(());
    }
    if text.len() > 4 * max || count_characters(text) > max {
        return Err(Error::TooLong(parameter));
    }
    Ok(())
}

/// Refuses a length in bytes that is zero or above `max`.
pub(super) fn check_bytes(length: usize, max: usize, parameter: Parameter) -> Result<(), Error> {
    match length {
        0 => Err(Error::Empty(parameter)),
        _ if length > max => Err(Error::TooLong(parameter)),
        _ => Ok(()),
    }
}

/// Counts characters: each has one byte that is not `10xxxxxx`. `chars` would branch on the bytes.
fn count_characters(text: &str) -> usize {
    text.bytes().map(|byte| usize::from(byte >> 7 & !(byte >> 6) & 1 ^ 1)).sum()
}
