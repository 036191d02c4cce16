//! One step of a sign-in: a response in, a request, a challenge or tokens out.

use alloc::boxed::Box;

use rand::TryCryptoRng;
#[cfg(feature = "getrandom")]
use rand::rngs::SysRng;

use super::challenge::{Challenge, lists};
use super::error::SignInError;
use super::outcome::{SignedIn, Step};
use super::retry::Retry;
use super::state::{Asked, Proof, SignIn};
use crate::device::DeviceSignIn;
use crate::error::Parameter;
use crate::idp::names::ChallengeName;
use crate::idp::parameter_map::ParameterMap;
use crate::idp::response::{AuthResponse, AuthenticationResult};
use crate::idp::response_error::ResponseError;
use crate::idp::service_error::ServiceError;
use crate::message::{DeviceChallenge, PasswordChallenge, Timestamp, check_maximum};

impl SignIn {
    /// Takes the response to the last request and returns the next step. `now` is the `TIMESTAMP` of a proof, so take
    /// it right before the call.
    ///
    /// Send a request at once: the service accepts the answer to `PASSWORD_VERIFIER` only for some seconds.
    ///
    /// ```
    /// use cognito_srp6a::idp::{AuthResponse, ChallengeName, Request, Step};
    /// use cognito_srp6a::Timestamp;
    /// # use cognito_srp6a::idp::{Api, Credentials, SignIn, SignInFlow};
    /// # use cognito_srp6a::{AppClient, Password};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
    /// # let credentials = Credentials::new("alice".parse()?).with_password(Password::new("Passw0rd!")?);
    /// # let (sign_in, _) = SignIn::builder(&app, Api::Public, SignInFlow::UserSrp, credentials).start()?;
    /// # let parameters =
    /// #     [("USER_ID_FOR_SRP", "alice"), ("SALT", "5a17"), ("SRP_B", "b0b"), ("SECRET_BLOCK", "c2VjcmV0IGJsb2Nr")];
    /// # let response = AuthResponse::challenge(ChallengeName::PasswordVerifier, parameters);
    /// // The response to InitiateAuth has the challenge PASSWORD_VERIFIER.
    /// let Step::Send(sign_in, request) = sign_in.advance(Ok(response), Timestamp::now()?)? else { unreachable!() };
    /// # drop(sign_in);
    /// let Request::RespondToAuthChallenge(request) = request else { unreachable!() };
    /// assert_eq!(*request.challenge_name(), ChallengeName::PasswordVerifier);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`SignInError`]. The sign-in is over.
    #[cfg(feature = "getrandom")]
    pub fn advance(self, response: Result<AuthResponse, ResponseError>, now: Timestamp) -> Result<Step, SignInError> {
        self.advance_with_rng(response, now, &mut SysRng)
    }

    /// Does what [`advance`](Self::advance) does with randomness from `rng`: 40 bytes if the step sends `SRP_A`.
    ///
    /// # Errors
    ///
    /// As for [`advance`](Self::advance).
    pub fn advance_with_rng<R: TryCryptoRng + ?Sized>(
        mut self,
        response: Result<AuthResponse, ResponseError>,
        now: Timestamp,
        rng: &mut R,
    ) -> Result<Step, SignInError> {
        let mut response = match response {
            Ok(response) => response,
            Err(error) => return self.failed(error, now),
        };
        (self.answered, self.sent) = (None, None);
        if let Some(result) = response.authentication_result.take().filter(AuthenticationResult::has_access_token) {
            let username = result.username().unwrap_or(self.names.username);
            return Ok(Step::Done(SignedIn { username, result, device: self.device }));
        }
        self.session = response.session.take();
        let AuthResponse { challenge_name, challenge_parameters: parameters, available_challenges: available, .. } =
            response;
        let Some(name) = challenge_name else { return Err(SignInError::EmptyResponse) };
        let asked = Asked { name, parameters, available };
        check_maximum(asked.name.as_str(), ChallengeName::MAX_CHARS, Parameter::ChallengeName)?;
        lists::check(&asked)?;
        let Some(budget) = self.budget else { return Err(SignInError::UnexpectedChallenge(asked.name)) };
        self.names.learn(&asked.parameters)?;
        if let Some(responses) = self.own_responses(&asked, now, rng)? {
            let Some(left) = budget.checked_sub(1) else { return Err(SignInError::UnexpectedChallenge(asked.name)) };
            self.budget = Some(left);
            let is_proof =
                matches!(asked.name, ChallengeName::PasswordVerifier | ChallengeName::DevicePasswordVerifier);
            let request = self.respond(asked.name, responses, is_proof.then_some(now));
            return Ok(Step::Send(self, request));
        }
        Ok(Step::Challenge(Challenge::new(self, asked, None)))
    }

    /// Goes on after an error, or ends the sign-in.
    fn failed(mut self, error: ResponseError, now: Timestamp) -> Result<Step, SignInError> {
        match error {
            error if error.is_transient() => match self.sent.take() {
                Some(sent) if sent.may_be_sent_again(now) => Ok(Step::Retry(Retry { sign_in: self, sent, error })),
                _ => Err(error.into()),
            },
            ResponseError::Service(error) => self.refused(error),
            error => Err(error.into()),
        }
    }

    /// Sends the request again with the other secret, returns the challenge again if it can be answered again, or ends
    /// the sign-in.
    fn refused(mut self, error: ServiceError) -> Result<Step, SignInError> {
        if error.is_wrong_secret_hash()
            && let Some(request) = self.change_secret()
        {
            return Ok(Step::Send(self, request));
        }
        match self.answered.take().map(|answered| *answered) {
            Some((session, asked)) if asked.may_be_answered_again_after(&error) => {
                self.session = session;
                Ok(Step::Challenge(Challenge::new(self, asked, Some(error))))
            }
            _ if self.has_device && error.is_unknown_device() => Err(SignInError::UnknownDevice),
            _ => Err(SignInError::Service(error)),
        }
    }

    /// Answers a challenge that the sign-in can answer by itself. Returns `None` for the others.
    fn own_responses<R: TryCryptoRng + ?Sized>(
        &mut self,
        asked: &Asked,
        now: Timestamp,
        rng: &mut R,
    ) -> Result<Option<ParameterMap>, SignInError> {
        let unexpected = || SignInError::UnexpectedChallenge(asked.name.clone());
        let responses = match asked.name {
            ChallengeName::PasswordVerifier => {
                let Proof::Password(proof) = core::mem::replace(&mut self.proof, Proof::None) else {
                    return Err(unexpected());
                };
                if core::mem::replace(&mut self.proved, true) {
                    return Err(unexpected());
                }
                let mut challenge = PasswordChallenge::from_parameters(&asked.parameters)?;
                challenge.username.clone_from(&self.names.username);
                ParameterMap::of_message(proof.answer(challenge, self.password()?, now)?.into_pairs())
            }
            ChallengeName::PasswordSrp if self.prefers_proof && self.password.is_some() => self.begin_proof(rng)?,
            ChallengeName::SelectChallenge if self.can_select_srp(asked) => {
                let mut responses = self.begin_proof(rng)?;
                responses.insert("ANSWER", ChallengeName::PasswordSrp.as_str());
                responses
            }
            ChallengeName::DeviceSrpAuth => {
                let device = self.device.as_ref().ok_or_else(unexpected)?;
                let (proof, start) = DeviceSignIn::start_with_rng(&self.app, &self.names.username, device, rng)?;
                self.proof = Proof::Device(Box::new(proof));
                ParameterMap::of_message(start.into_pairs())
            }
            ChallengeName::DevicePasswordVerifier => {
                let Proof::Device(proof) = core::mem::replace(&mut self.proof, Proof::None) else {
                    return Err(unexpected());
                };
                let username = self.names.username.clone();
                let challenge = DeviceChallenge::under_name(&asked.parameters, username)?;
                ParameterMap::of_message(proof.answer(challenge, now)?.into_pairs())
            }
            _ => return Ok(None),
        };
        Ok(Some(responses))
    }

    /// Returns whether the sign-in answers `SELECT_CHALLENGE` with `PASSWORD_SRP`. An empty list does not rule it out.
    fn can_select_srp(&self, asked: &Asked) -> bool {
        let available = &asked.available;
        self.prefers_proof
            && self.password.is_some()
            && (available.is_empty() || available.contains(&ChallengeName::PasswordSrp))
    }
}
