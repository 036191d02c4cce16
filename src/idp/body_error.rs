//! The error of a body that cannot be read.

use core::fmt;

/// The error of a body that cannot be read (feature `serde`). It carries nothing of the body, which may hold secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyError {
    /// The body exceeds 1 MiB.
    TooLong,
    /// The body is not JSON.
    NotJson,
    /// The body is a page of HTML: a proxy or a firewall has answered in place of the service.
    Html,
    /// The body is JSON, but does not have the operation's shape, or an object or a list in it has more than 256
    /// entries.
    Malformed,
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the body is too long",
            Self::NotJson => "the body is not JSON",
            Self::Html => "the body is a page of HTML, not an answer of the service",
            Self::Malformed => "the body does not have the operation's shape",
        })
    }
}

impl core::error::Error for BodyError {}
