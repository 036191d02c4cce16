//! Challenges without a type of their own.

use alloc::boxed::Box;

use rand::TryCryptoRng;
#[cfg(feature = "getrandom")]
use rand::rngs::SysRng;

use super::common::challenge_type;
use super::paused::Paused;
use crate::error::{Error, Parameter};
use crate::idp::names::ChallengeName;
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
    /// - [`Error::Empty`]: a name is empty.
    /// - [`Error::TooLong`]: a name or a value exceeds [`ParameterMap::MAX_VALUE_CHARS`], or there
    ///   are more than 128 pairs.
    pub fn answer(self, responses: &[(&str, &str)]) -> Result<(SignIn, Request), AnswerError<Self>> {
        let fits = |(name, value): &(&str, &str)| {
            check_length(name, ParameterMap::MAX_VALUE_CHARS, Parameter::Answer)?;
            check_maximum(value, ParameterMap::MAX_VALUE_CHARS, Parameter::Answer)
        };
        let fits_all = match responses.len() {
            0..=MAX_RESPONSES => responses.iter().try_for_each(fits),
            _ => Err(Error::TooLong(Parameter::Answer)),
        };
        match fits_all {
            Ok(()) => Ok(self.0.answer(ParameterMap::of_message(responses.iter().copied()))),
            Err(error) => Err(AnswerError { error, challenge: self }),
        }
    }

    /// Answers `PASSWORD_SRP`: starts the proof of the password, with randomness from the system.
    ///
    /// A sign-in that has the password does so by itself, unless the caller preferred another factor.
    ///
    /// # Errors
    ///
    /// - [`Error::Malformed`]: the challenge is another one.
    /// - [`Error::Missing`]: there is no password.
    /// - [`Error::RandomSource`]: the system has no randomness.
    #[cfg(feature = "getrandom")]
    pub fn prove_password(self) -> Result<(SignIn, Request), AnswerError<Self>> {
        self.prove_password_with_rng(&mut SysRng)
    }

    /// Does what [`prove_password`](Self::prove_password) does with randomness from `rng`: 40 bytes.
    ///
    /// # Errors
    ///
    /// As for [`prove_password`](Self::prove_password).
    pub fn prove_password_with_rng<R: TryCryptoRng + ?Sized>(
        mut self,
        rng: &mut R,
    ) -> Result<(SignIn, Request), AnswerError<Self>> {
        let proof = match self.0.asked.name {
            ChallengeName::PasswordSrp => self.0.sign_in.begin_proof(rng),
            _ => Err(Error::Malformed(Parameter::Answer)),
        };
        match proof {
            Ok(answers) => Ok(self.0.answer(answers)),
            Err(error) => Err(AnswerError { error, challenge: self }),
        }
    }
}

/// The most pairs of an answer, so that the whole request has no more entries than a server reads.
const MAX_RESPONSES: usize = 128;
