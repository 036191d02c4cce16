//! Why an answer was not sent.

use core::fmt;

use super::error::SignInError;
use crate::error::Error;

/// An answer that breaks a rule, and the challenge, to be answered otherwise. Nothing was sent.
///
/// ```
/// use cognito_srp6a::idp::{CodeChallenge, Request, SignIn};
///
/// fn answer(mut challenge: CodeChallenge, mut ask: impl FnMut() -> String) -> (SignIn, Request) {
///     loop {
///         match challenge.answer(&ask()) {
///             Ok(next) => return next,
///             Err(refused) => challenge = refused.into_challenge(),
///         }
///     }
/// }
/// ```
#[derive(Debug)]
pub struct AnswerError<C> {
    pub(super) error: Error,
    pub(super) challenge: C,
}

impl<C> AnswerError<C> {
    /// Which rule was broken.
    #[must_use]
    pub const fn error(&self) -> Error {
        self.error
    }

    /// The challenge.
    #[must_use]
    pub fn into_challenge(self) -> C {
        self.challenge
    }
}

impl<C> fmt::Display for AnswerError<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<C: fmt::Debug> core::error::Error for AnswerError<C> {}

impl<C> From<AnswerError<C>> for Error {
    fn from(refused: AnswerError<C>) -> Self {
        refused.error
    }
}

impl<C> From<AnswerError<C>> for SignInError {
    fn from(refused: AnswerError<C>) -> Self {
        Self::Input(refused.error)
    }
}
