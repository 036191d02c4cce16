//! Challenges with one text as their answer.

use alloc::boxed::Box;
use alloc::string::String;

use super::common::common_accessors;
use super::paused::Paused;
use crate::error::Parameter;
use crate::idp::parameter_map::ParameterMap;
use crate::idp::request::Request;
use crate::idp::sign_in::answer_error::AnswerError;
use crate::idp::sign_in::state::SignIn;
use crate::message::check_maximum;

/// A challenge with one text as its answer: a code, a one-time password, `AuthenticationResponseJSON`, or the text that
/// the pool's Lambda triggers expect.
///
/// ```
/// use cognito_srp6a::idp::{Challenge, CodeChallenge, Request};
/// # use cognito_srp6a::idp::{Api, AuthResponse, ChallengeName, Credentials, SignIn, SignInFlow, Step};
/// # use cognito_srp6a::{AppClient, ParameterSource as _, Timestamp};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
/// # let credentials = Credentials::new("alice".parse()?);
/// # let (sign_in, _) = SignIn::builder(&app, Api::Public, SignInFlow::Custom, credentials).start()?;
/// # let response = AuthResponse::challenge(ChallengeName::SmsMfa, [("CODE_DELIVERY_DESTINATION", "+*******0100")]);
/// # let step = sign_in.advance(Ok(response), Timestamp::now()?)?;
/// # let Step::Challenge(Challenge::SmsMfa(challenge)) = step else { unreachable!() };
/// // The service chose the text. Escaped, it cannot command a terminal.
/// println!("code sent to {}", challenge.destination().unwrap_or("you").escape_debug());
/// let (sign_in, request) = challenge.answer("123456")?;
/// # drop(sign_in);
/// # let Request::RespondToAuthChallenge(request) = request else { unreachable!() };
/// # assert_eq!(request.challenge_responses().parameter("SMS_MFA_CODE"), Some("123456"));
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct CodeChallenge {
    pub(super) paused: Box<Paused>,
    pub(super) answer_name: &'static str,
}

common_accessors!(CodeChallenge, challenge => &challenge.paused);

impl CodeChallenge {
    /// `CODE_DELIVERY_DESTINATION`: the phone number or e-mail address that the code was sent to, masked by the
    /// service.
    #[must_use]
    pub fn destination(&self) -> Option<&str> {
        self.paused.asked.parameters.get("CODE_DELIVERY_DESTINATION").map(String::as_str)
    }

    /// Answers with the text, unchanged. An empty one is sent as well.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`](crate::Error::TooLong) if the text exceeds [`ParameterMap::MAX_VALUE_CHARS`].
    pub fn answer(self, text: &str) -> Result<(SignIn, Request), AnswerError<Self>> {
        match check_maximum(text, ParameterMap::MAX_VALUE_CHARS, Parameter::Answer) {
            Ok(()) => Ok(self.paused.answer(ParameterMap::of_message([(self.answer_name, text)]))),
            Err(error) => Err(AnswerError { error, challenge: self }),
        }
    }
}
