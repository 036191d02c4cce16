//! The errors of putting down and taking up.

use core::fmt;

/// The error of a challenge that is too long to be stored, with the challenge, so that the caller can answer it at
/// once.
///
/// The text would exceed [`StoredChallenge::MAX_BYTES`](super::StoredChallenge::MAX_BYTES), or there are more than 256
/// challenge parameters, headers or entries of `ClientMetadata`.
///
/// ```
/// use cognito_srp6a::idp::{CodeChallenge, StoredChallenge};
///
/// fn store(challenge: CodeChallenge) -> Result<StoredChallenge, CodeChallenge> {
///     challenge.put_down().map_err(|error| {
///         println!("{error}");
///         error.into_challenge()
///     })
/// }
/// ```
#[derive(Debug)]
pub struct PutDownError<C> {
    pub(super) challenge: C,
}

impl<C> PutDownError<C> {
    /// Returns the challenge.
    #[must_use]
    pub fn into_challenge(self) -> C {
        self.challenge
    }
}

impl<C> fmt::Display for PutDownError<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the challenge is too long to be stored")
    }
}

impl<C: fmt::Debug> core::error::Error for PutDownError<C> {}

/// Why a [`StoredChallenge`](super::StoredChallenge) cannot be taken up.
///
/// After each of them, start a new sign-in.
///
/// ```
/// use cognito_srp6a::idp::{StoredChallenge, TakeUpError};
///
/// assert_eq!(StoredChallenge::new("v2.AAAA").unwrap_err(), TakeUpError::Newer);
/// assert_eq!(StoredChallenge::new("a cookie").unwrap_err(), TakeUpError::Damaged);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TakeUpError {
    /// The text is not what [`put_down`](crate::idp::Challenge::put_down) has returned: it is altered, cut, or no stored
    /// challenge at all.
    Damaged,
    /// A later version of this crate has made the text, in a format that this version does not read.
    Newer,
    /// The challenge belongs to another user pool or app client.
    Foreign,
    /// The credentials are not those of the device that the sign-in started with: they are missing, are another
    /// device's, or the sign-in has none.
    Device,
    /// The text exceeds [`StoredChallenge::MAX_BYTES`](super::StoredChallenge::MAX_BYTES). It was not parsed.
    TooLong,
}

impl fmt::Display for TakeUpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Damaged => "the stored challenge is damaged",
            Self::Newer => "the stored challenge has the format of a later version",
            Self::Foreign => "the stored challenge belongs to another app client",
            Self::Device => "the stored challenge belongs to another device",
            Self::TooLong => "the stored challenge is too long",
        })
    }
}

impl core::error::Error for TakeUpError {}
