//! `SELECT_CHALLENGE` and `SELECT_MFA_TYPE`.

use alloc::boxed::Box;
use alloc::vec::Vec;

use rand::TryCryptoRng;
#[cfg(feature = "getrandom")]
use rand::rngs::SysRng;

use super::common::challenge_type;
use super::paused::Paused;
use super::web_authn::{check_credential, request_options};
use crate::error::{Error, Parameter};
use crate::idp::names::ChallengeName;
use crate::idp::parameter_map::ParameterMap;
use crate::idp::request::Request;
use crate::idp::sign_in::answer_error::AnswerError;
use crate::idp::sign_in::state::{Asked, SignIn};
use crate::message::check_maximum;

/// A challenge whose answer is one of several choices: `SELECT_CHALLENGE` or `SELECT_MFA_TYPE`.
///
/// ```
/// use cognito_srp6a::idp::ChallengeName;
/// # use cognito_srp6a::idp::{Api, AuthResponse, Challenge, Credentials, SignIn, SignInFlow, Step};
/// # use cognito_srp6a::{AppClient, Timestamp};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
/// # let credentials = Credentials::new("alice".parse()?);
/// # let (sign_in, _) = SignIn::builder(&app, Api::Public, SignInFlow::Custom, credentials).start()?;
/// # let parameters = [("MFAS_CAN_CHOOSE", r#"["SMS_MFA","SOFTWARE_TOKEN_MFA"]"#)];
/// # let response = AuthResponse::challenge(ChallengeName::SelectMfaType, parameters);
/// # let step = sign_in.advance(Ok(response), Timestamp::now()?)?;
/// # let Step::Challenge(Challenge::SelectMfaType(challenge)) = step else { unreachable!() };
/// assert_eq!(challenge.choices(), [ChallengeName::SmsMfa, ChallengeName::SoftwareTokenMfa]);
/// let (sign_in, request) = challenge.answer(&ChallengeName::SoftwareTokenMfa)?;
/// # drop((sign_in, request));
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct ChoiceChallenge(pub(super) Box<Paused>);

challenge_type!(ChoiceChallenge);

impl ChoiceChallenge {
    /// Returns the choices: `AvailableChallenges` of `SELECT_CHALLENGE`, or `MFAS_CAN_CHOOSE` of `SELECT_MFA_TYPE`.
    #[must_use]
    pub fn choices(&self) -> Vec<ChallengeName> {
        match self.0.asked.name {
            ChallengeName::SelectChallenge => self.0.asked.available.clone(),
            _ => self.0.listed().map(ChallengeName::from).collect(),
        }
    }

    /// Answers with a choice. An answer of `PASSWORD` to `SELECT_CHALLENGE` carries the password. An answer of
    /// `PASSWORD_SRP` starts its proof: [`prove_password`](Self::prove_password).
    ///
    /// # Errors
    ///
    /// - [`Error::Malformed`]: there are choices, and this is none of them; or it is `PASSWORD` or `PASSWORD_SRP` in
    ///   `SELECT_MFA_TYPE`.
    /// - [`Error::Missing`]: `PASSWORD` or `PASSWORD_SRP` needs a password, and the credentials have none.
    /// - [`Error::TooLong`]: there are no choices, and this exceeds [`ChallengeName::MAX_CHARS`].
    /// - [`Error::NotInThisCall`]: the flow never sends the password. Only `USER_PASSWORD_AUTH`,
    ///   `ADMIN_USER_PASSWORD_AUTH` and `USER_AUTH` with `PASSWORD` or nothing preferred send it, and only before a
    ///   proof. Or the choice is `PASSWORD_SRP`, which `prove_password` answers.
    pub fn answer(self, choice: &ChallengeName) -> Result<(SignIn, Request), AnswerError<Self>> {
        match self.answers(choice) {
            Ok(answers) => Ok(self.0.answer(answers)),
            Err(error) => Err(AnswerError { error, challenge: self }),
        }
    }

    /// `CREDENTIAL_REQUEST_OPTIONS` of `SELECT_CHALLENGE`, if the service sends them with the choices.
    #[must_use]
    pub fn request_options(&self) -> Option<&str> {
        request_options(&self.0.asked)
    }

    /// Answers `SELECT_CHALLENGE` with `WEB_AUTHN` and the credential at once, so that no `WEB_AUTHN` challenge follows
    /// (service model). [`WebAuthnChallenge`](crate::idp::WebAuthnChallenge) says what the credential is.
    ///
    /// # Errors
    ///
    /// - [`Error::Malformed`]: the challenge is `SELECT_MFA_TYPE`, it has choices without `WEB_AUTHN`, or the
    ///   credential is no JSON object.
    /// - [`Error::Empty`], [`Error::TooLong`]: the credential is empty or exceeds [`ParameterMap::MAX_VALUE_CHARS`].
    pub fn answer_web_authn(self, credential: &str) -> Result<(SignIn, Request), AnswerError<Self>> {
        let choice = ChallengeName::WebAuthn;
        match self.check_first_factor(&choice).and_then(|()| check_credential(credential)) {
            Ok(()) => {
                let answers = [("ANSWER", choice.as_str()), ("CREDENTIAL", credential)];
                Ok(self.0.answer(ParameterMap::of_message(answers)))
            }
            Err(error) => Err(AnswerError { error, challenge: self }),
        }
    }

    /// Refuses a first factor if this is another challenge, or if there are choices without it.
    fn check_first_factor(&self, factor: &ChallengeName) -> Result<(), Error> {
        let Asked { name, available, .. } = &self.0.asked;
        let is_choice = available.is_empty() || available.contains(factor);
        if *name == ChallengeName::SelectChallenge && is_choice {
            Ok(())
        } else {
            Err(Error::Malformed(Parameter::Answer))
        }
    }

    /// Answers `SELECT_CHALLENGE` with `PASSWORD_SRP` and starts the proof of the password, with randomness from the
    /// system.
    ///
    /// A sign-in that has the password when the challenge comes does so by itself, unless the caller preferred another
    /// factor. This is for such a caller, and for a password that came later:
    /// [`TakeUpBuilder::with_password`](crate::idp::TakeUpBuilder::with_password) has an example.
    ///
    /// # Errors
    ///
    /// - [`Error::Malformed`]: the challenge is `SELECT_MFA_TYPE`, or it has choices without `PASSWORD_SRP`.
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
        match self.proof(rng) {
            Ok(answers) => Ok(self.0.answer(answers)),
            Err(error) => Err(AnswerError { error, challenge: self }),
        }
    }

    fn proof<R: TryCryptoRng + ?Sized>(&mut self, rng: &mut R) -> Result<ParameterMap, Error> {
        self.check_first_factor(&ChallengeName::PasswordSrp)?;
        let mut answers = self.0.sign_in.begin_proof(rng)?;
        answers.insert("ANSWER", ChallengeName::PasswordSrp.as_str());
        Ok(answers)
    }

    fn answers(&self, choice: &ChallengeName) -> Result<ParameterMap, Error> {
        let choices = self.choices();
        if !choices.is_empty() && !choices.contains(choice) {
            return Err(Error::Malformed(Parameter::Answer));
        }
        check_maximum(choice.as_str(), ChallengeName::MAX_CHARS, Parameter::Answer)?;
        let mut answers = ParameterMap::of_message([("ANSWER", choice.as_str())]);
        match (&self.0.asked.name, choice) {
            (ChallengeName::SelectChallenge, ChallengeName::Password) => {
                answers.insert("PASSWORD", self.0.sign_in.password_to_send()?.expose());
            }
            (ChallengeName::SelectChallenge, ChallengeName::PasswordSrp) => {
                self.0.sign_in.password()?;
                return Err(Error::NotInThisCall(Parameter::Answer));
            }
            // PASSWORD and PASSWORD_SRP are not MFA types.
            (_, ChallengeName::Password | ChallengeName::PasswordSrp) => {
                return Err(Error::Malformed(Parameter::Answer));
            }
            _ => (),
        }
        Ok(answers)
    }
}
