//! The error of an answer that was not sent.

use core::fmt;

use super::error::SignInError;
use crate::error::Error;

/// The error of an answer that breaks a rule, with the challenge, so that the caller can answer again. Nothing was
/// sent.
///
/// ```
/// use cognito_srp6a::idp::{ChoiceChallenge, ChallengeName, Request, SignIn};
/// # use cognito_srp6a::idp::{Api, AuthResponse, Challenge, Credentials, SignInFlow, Step};
/// # use cognito_srp6a::{AppClient, Timestamp};
///
/// fn answer(mut challenge: ChoiceChallenge, mut ask: impl FnMut() -> String) -> (SignIn, Request) {
///     loop {
///         match challenge.answer(&ChallengeName::from(ask())) {
///             Ok(next) => return next,
///             Err(refused) => {
///                 println!("{refused}");
///                 challenge = refused.into_challenge();
///             }
///         }
///     }
/// }
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
/// # let credentials = Credentials::new("alice".parse()?);
/// # let (sign_in, _) = SignIn::builder(&app, Api::Public, SignInFlow::Custom, credentials).start()?;
/// # let parameters = [("MFAS_CAN_CHOOSE", r#"["SMS_MFA","SOFTWARE_TOKEN_MFA"]"#)];
/// # let response = AuthResponse::challenge(ChallengeName::SelectMfaType, parameters);
/// # let step = sign_in.advance(Ok(response), Timestamp::now()?)?;
/// # let Step::Challenge(Challenge::SelectMfaType(challenge)) = step else { unreachable!() };
/// # let mut typed = ["sms", "SMS_MFA"].map(String::from).into_iter();
/// # answer(challenge, || typed.next().unwrap());
/// # assert!(typed.next().is_none());
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct AnswerError<C> {
    pub(super) error: Error,
    pub(super) challenge: C,
}

impl<C> AnswerError<C> {
    /// Returns the rule that the answer breaks.
    #[must_use]
    pub const fn error(&self) -> Error {
        self.error
    }

    /// Returns the challenge.
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
