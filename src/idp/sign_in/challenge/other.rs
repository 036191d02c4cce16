//! Challenges without a type of their own.

use alloc::boxed::Box;

use super::common::challenge_type;
use super::paused::Paused;
use crate::error::Parameter;
use crate::idp::parameter_map::ParameterMap;
use crate::idp::request::Request;
use crate::idp::sign_in::answer_error::AnswerError;
use crate::idp::sign_in::state::SignIn;
use crate::message::{check_length, check_maximum};

/// A challenge without a type of its own. The caller gives the parameters of the answer.
///
/// ```
/// # use cognito_srp6a::idp::{Api, AuthResponse, Challenge, ChallengeName, Credentials, SignIn, SignInFlow, Step};
/// # use cognito_srp6a::{AppClient, Timestamp};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
/// # let credentials = Credentials::new("alice".parse()?);
/// # let (sign_in, _) = SignIn::builder(&app, Api::Public, SignInFlow::Custom, credentials).start()?;
/// # let response = AuthResponse::challenge("RIDDLE".into(), [("QUESTION", "What walks on four legs?")]);
/// # let step = sign_in.advance(Ok(response), Timestamp::now()?)?;
/// # let Step::Challenge(Challenge::Other(challenge)) = step else { unreachable!() };
/// assert_eq!(challenge.name().as_str(), "RIDDLE");
/// let (sign_in, request) = challenge.answer(&[("RIDDLE_ANSWER", "a table")])?;
/// # drop((sign_in, request));
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct OtherChallenge(pub(super) Box<Paused>);

challenge_type!(OtherChallenge);

impl OtherChallenge {
    /// Answers with pairs of name and value. The crate adds `USERNAME`, `SECRET_HASH` and `DEVICE_KEY`, which replace
    /// pairs of the same name.
    ///
    /// # Errors
    ///
    /// - [`Error::Empty`](crate::Error::Empty): a name is empty.
    /// - [`Error::TooLong`](crate::Error::TooLong): a name or a value exceeds [`ParameterMap::MAX_VALUE_CHARS`].
    pub fn answer(self, responses: &[(&str, &str)]) -> Result<(SignIn, Request), AnswerError<Self>> {
        let fits = |(name, value): &(&str, &str)| {
            check_length(name, ParameterMap::MAX_VALUE_CHARS, Parameter::Answer)?;
            check_maximum(value, ParameterMap::MAX_VALUE_CHARS, Parameter::Answer)
        };
        match responses.iter().try_for_each(fits) {
            Ok(()) => Ok(self.0.answer(ParameterMap::of_message(responses.iter().copied()))),
            Err(error) => Err(AnswerError { error, challenge: self }),
        }
    }
}
