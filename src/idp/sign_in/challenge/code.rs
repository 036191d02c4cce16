//! Challenges whose answer is a code.

use alloc::boxed::Box;
use alloc::string::String;
use core::ops::RangeInclusive;

use zeroize::Zeroizing;

use super::common::challenge_type;
use super::paused::Paused;
use crate::error::{Error, Parameter};
use crate::idp::names::ChallengeName;
use crate::idp::parameter_map::ParameterMap;
use crate::idp::request::Request;
use crate::idp::sign_in::answer_error::AnswerError;
use crate::idp::sign_in::state::SignIn;

/// A challenge whose answer is a code: of a text message, an e-mail or an authenticator app.
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
pub struct CodeChallenge(pub(super) Box<Paused>);

challenge_type!(CodeChallenge);

impl CodeChallenge {
    /// The shortest and the longest code, in digits. Codes of a second factor have six, one-time passwords eight.
    pub const DIGITS: RangeInclusive<usize> = 6..=8;

    /// `CODE_DELIVERY_DESTINATION`: the phone number or e-mail address that the code was sent to, masked by the
    /// service.
    #[must_use]
    pub fn destination(&self) -> Option<&str> {
        self.0.asked.parameters.get("CODE_DELIVERY_DESTINATION").map(String::as_str)
    }

    /// Answers with the code. White space is removed: people type `123 456`, as some apps show it.
    ///
    /// # Errors
    ///
    /// - [`Error::Empty`]: the code is empty.
    /// - [`Error::Malformed`]: the code is none. A code has as many digits as [`DIGITS`](Self::DIGITS) says, and
    ///   nothing else.
    pub fn answer(self, code: &str) -> Result<(SignIn, Request), AnswerError<Self>> {
        match digits(code) {
            Ok(code) => Ok(self.answer_digits(&code)),
            Err(error) => Err(AnswerError { error, challenge: self }),
        }
    }

    fn answer_digits(self, code: &str) -> (SignIn, Request) {
        let name = match self.0.asked.name {
            ChallengeName::SmsMfa => "SMS_MFA_CODE",
            ChallengeName::EmailMfa => "EMAIL_MFA_CODE",
            ChallengeName::SmsOtp => "SMS_OTP_CODE",
            ChallengeName::EmailOtp => "EMAIL_OTP_CODE",
            // `Challenge::new` makes this type of no other challenge.
            _ => "SOFTWARE_TOKEN_MFA_CODE",
        };
        self.0.answer(ParameterMap::of_message([(name, code)]))
    }
}

/// Returns the digits of a code, without white space.
fn digits(code: &str) -> Result<Zeroizing<String>, Error> {
    // One allocation, so that no unwiped copy remains.
    let mut digits = Zeroizing::new(String::with_capacity(*CodeChallenge::DIGITS.end()));
    for character in code.chars().filter(|character| !character.is_whitespace()) {
        if !character.is_ascii_digit() || digits.len() == *CodeChallenge::DIGITS.end() {
            return Err(Error::Malformed(Parameter::Code));
        }
        digits.push(character);
    }
    match digits.len() {
        0 => Err(Error::Empty(Parameter::Code)),
        length if length < *CodeChallenge::DIGITS.start() => Err(Error::Malformed(Parameter::Code)),
        _ => Ok(digits),
    }
}
