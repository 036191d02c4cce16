//! `CUSTOM_CHALLENGE`.

use alloc::boxed::Box;

use super::common::challenge_type;
use super::paused::Paused;
use crate::error::Parameter;
use crate::idp::parameter_map::ParameterMap;
use crate::idp::request::Request;
use crate::idp::sign_in::answer_error::AnswerError;
use crate::idp::sign_in::state::SignIn;
use crate::message::check_maximum;

/// `CUSTOM_CHALLENGE`: the answer is the text that the pool's Lambda triggers expect. The parameters are theirs as well.
///
/// ```
/// # use cognito_srp6a::idp::{Api, AuthResponse, Challenge, ChallengeName, Credentials, SignIn, SignInFlow, Step};
/// # use cognito_srp6a::{AppClient, Timestamp};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
/// # let credentials = Credentials::new("alice".parse()?);
/// # let (sign_in, _) = SignIn::builder(&app, Api::Public, SignInFlow::Custom, credentials).start()?;
/// # let response = AuthResponse::challenge(ChallengeName::CustomChallenge, [("QUESTION", "6 times 9?")]);
/// # let step = sign_in.advance(Ok(response), Timestamp::now()?)?;
/// # let Step::Challenge(Challenge::Custom(challenge)) = step else { unreachable!() };
/// assert_eq!(challenge.parameters()["QUESTION"], "6 times 9?");
/// let (sign_in, request) = challenge.answer("42")?;
/// # drop((sign_in, request));
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct CustomChallenge(pub(super) Box<Paused>);

challenge_type!(CustomChallenge);

impl CustomChallenge {
    /// Answers with the text, unchanged. An empty one is sent as well.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`](crate::Error::TooLong) if the text exceeds [`ParameterMap::MAX_VALUE_CHARS`].
    pub fn answer(self, text: &str) -> Result<(SignIn, Request), AnswerError<Self>> {
        match check_maximum(text, ParameterMap::MAX_VALUE_CHARS, Parameter::Answer) {
            Ok(()) => Ok(self.0.answer(ParameterMap::of_message([("ANSWER", text)]))),
            Err(error) => Err(AnswerError { error, challenge: self }),
        }
    }
}
