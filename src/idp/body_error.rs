//! Why a body was not read.

use core::fmt;

/// A body that is not what it should be. It says nothing of its content, which may be secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyError {
    /// The body has more than 1 MiB.
    TooLong,
    /// The body is not JSON.
    NotJson,
    /// The body is JSON, but not of the operation's shape, or an object or a list in it has more than 256 entries.
    Malformed,
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the body is too long",
            Self::NotJson => "the body is not JSON",
            Self::Malformed => "the body does not have the operation's shape",
        })
    }
}

impl core::error::Error for BodyError {}
