//! `RespondToAuthChallenge` and `AdminRespondToAuthChallenge`.

use cognito_srp6a::idp::{AuthResponse, ChallengeName, ParameterMap, RespondToAuthChallenge};
use cognito_srp6a::{DeviceKey, Parameters as _, PasswordClaim, Timestamp};
use subtle::ConstantTimeEq as _;

use super::attributes::{self, Writer};
use super::progress::{Progress, Stage};
use super::refusal::{self, Result};
use super::{Pool, device_key, required, srp_a};

impl Pool {
    pub(super) fn respond(&self, request: &RespondToAuthChallenge, now: Timestamp) -> Result<AuthResponse> {
        self.check_target(request.user_pool_id(), Some(request.client_id()))?;
        let username = self.answering_user(request.challenge_responses())?;
        match request.challenge_name() {
            ChallengeName::PasswordVerifier => self.take_claim(request, username, now),
            ChallengeName::SelectChallenge | ChallengeName::PasswordSrp | ChallengeName::Password => {
                self.take_first_factor(request, &username, now)
            }
            ChallengeName::NewPasswordRequired => self.take_new_password(request, &username, now),
            ChallengeName::CustomChallenge => self.take_custom_answer(request, &username, now),
            ChallengeName::DeviceSrpAuth => self.take_device_start(request, username, now),
            ChallengeName::DevicePasswordVerifier => self.take_device_claim(request, &username, now),
            name => Err(refusal::invalid_parameter(format!("This pool does not ask for {name}."))),
        }
    }

    /// Returns the canonical name of who answers.
    ///
    /// The hash is over that name, whatever name was sent: the challenge has told the client. A hash that the client does
    /// not need is not looked at here.
    fn answering_user(&self, responses: &ParameterMap) -> Result<String> {
        let username = self.canonical(super::username(responses)?);
        if self.app.secret_hash(&username).is_some() {
            self.check_secret_hash(responses.parameter("SECRET_HASH"), &username)?;
        }
        Ok(username)
    }

    /// `PASSWORD_VERIFIER`.
    fn take_claim(&self, request: &RespondToAuthChallenge, username: String, now: Timestamp) -> Result<AuthResponse> {
        let claim = read_claim(request.challenge_responses())?;
        let (key, progress) = match request.session() {
            None => {
                let stage = Stage::PasswordProof;
                (&self.keys.alone, Progress { username, device_key: None, custom: false, stage })
            }
            Some(session) => (&self.keys.in_session, self.progress(session, &username, Stage::PasswordProof, now)?),
        };
        key.verify(&*self.record(&progress.username)?, &claim, now, self.max_age).map_err(refusal::of)?;
        // Before the block is spent: a client that hears of an unknown device answers again without it.
        self.check_device(&progress.username, claim.device_key(), now)?;
        self.spend_block(&progress.username, &claim, now)?;
        self.end_session(request.session(), now)?;
        self.after_password(Progress { device_key: claim.device_key().cloned(), ..progress }, now)
    }

    /// `DEVICE_SRP_AUTH`.
    fn take_device_start(
        &self,
        request: &RespondToAuthChallenge,
        username: String,
        now: Timestamp,
    ) -> Result<AuthResponse> {
        let responses = request.challenge_responses();
        let (key, srp_a) = (required_device_key(responses)?, srp_a(responses)?);
        let record = self.device_record(&username, &key, now)?;
        let progress = match request.session() {
            Some(session) => self.progress(session, &username, Stage::DeviceStart, now)?,
            None => Progress { username, device_key: Some(key.clone()), custom: false, stage: Stage::DeviceStart },
        };
        if progress.device_key.as_ref() != Some(&key) {
            return Err(refusal::invalid_session());
        }
        // Without a session this alone says that the password was shown; pycognito sends none.
        let awaited = self.state().awaited.remove(key.as_str(), now);
        if request.session().is_none() && awaited.is_none() {
            return Err(refusal::not_authorized());
        }
        self.end_session(request.session(), now)?;
        let key = &self.keys.device;
        let draw = || Ok(key.device_challenge(&record, &progress.username, &srp_a, now)?.into_pairs());
        let parameters = self.draw_challenge(&srp_a, draw)?;
        let challenge = AuthResponse::challenge(ChallengeName::DevicePasswordVerifier, parameters);
        self.pause(Progress { stage: Stage::DeviceProof, ..progress }, challenge, now)
    }

    /// `DEVICE_PASSWORD_VERIFIER`. Its block is made only after the password, so it is good without a session, too.
    fn take_device_claim(
        &self,
        request: &RespondToAuthChallenge,
        username: &str,
        now: Timestamp,
    ) -> Result<AuthResponse> {
        let responses = request.challenge_responses();
        let (key, claim) = (required_device_key(responses)?, read_claim(responses)?);
        let record = self.device_record(username, &key, now)?;
        if let Some(session) = request.session() {
            self.progress(session, username, Stage::DeviceProof, now)?;
        }
        self.keys.device.verify_device(&record, &claim, now, self.max_age).map_err(refusal::of)?;
        self.spend_block(username, &claim, now)?;
        self.end_session(request.session(), now)?;
        self.sign_in(username, Some(&key), now)
    }

    /// `SELECT_CHALLENGE`, `PASSWORD_SRP` and `PASSWORD`: the beginning of the proof, or the password itself.
    fn take_first_factor(
        &self,
        request: &RespondToAuthChallenge,
        username: &str,
        now: Timestamp,
    ) -> Result<AuthResponse> {
        let responses = request.challenge_responses();
        let session = request.session().ok_or_else(|| refusal::missing("Session"))?;
        let progress = self.progress(session, username, Stage::FirstFactor, now)?;
        let progress = Progress { device_key: device_key(responses)?.or(progress.device_key), ..progress };
        let chosen = match request.challenge_name() {
            ChallengeName::SelectChallenge => required(responses, "ANSWER")?.into(),
            name => name.clone(),
        };
        let response = match chosen {
            ChallengeName::PasswordSrp => self.begin_proof(progress, responses, now)?,
            ChallengeName::Password => self.take_password(progress, responses, now)?,
            other => return Err(refusal::invalid_parameter(format!("{other} is not available to this user."))),
        };
        self.end_session(Some(session), now)?;
        Ok(response)
    }

    /// `NEW_PASSWORD_REQUIRED`.
    fn take_new_password(
        &self,
        request: &RespondToAuthChallenge,
        username: &str,
        now: Timestamp,
    ) -> Result<AuthResponse> {
        let responses = request.challenge_responses();
        let session = request.session().ok_or_else(|| refusal::missing("Session"))?;
        let progress = self.progress(session, username, Stage::NewPassword, now)?;
        let new_password = required(responses, "NEW_PASSWORD")?;
        let named = responses.iter().filter_map(|(name, value)| Some((name.strip_prefix("userAttributes.")?, value)));
        let attributes = named.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        attributes::check(&attributes, Writer::User)?;
        self.set_password(username, new_password, false, attributes, now)?;
        self.end_session(Some(session), now)?;
        self.after_new_password(progress, now)
    }

    /// `CUSTOM_CHALLENGE`.
    fn take_custom_answer(
        &self,
        request: &RespondToAuthChallenge,
        username: &str,
        now: Timestamp,
    ) -> Result<AuthResponse> {
        let responses = request.challenge_responses();
        let session = request.session().ok_or_else(|| refusal::missing("Session"))?;
        let progress = self.progress(session, username, Stage::CustomAnswer, now)?;
        let (answer, right) = (required(responses, "ANSWER")?, self.custom_answer.as_deref().unwrap_or_default());
        if !bool::from(answer.as_bytes().ct_eq(right.as_bytes())) {
            return Err(refusal::not_authorized());
        }
        self.check_device(username, progress.device_key.as_ref(), now)?;
        self.end_session(Some(session), now)?;
        self.after_factors(progress, now)
    }

    /// Notes that a block was answered, where each is good once.
    fn spend_block(&self, username: &str, claim: &PasswordClaim, now: Timestamp) -> Result<()> {
        if !self.single_use {
            return Ok(());
        }
        let (spent, block) = (&mut self.state().spent, claim.secret_block().to_string());
        if spent.get(&block, now).is_some() {
            return Err(refusal::not_authorized());
        }
        spent.insert(username, &block, (), 0, now);
        Ok(())
    }
}

fn read_claim(responses: &ParameterMap) -> Result<PasswordClaim> {
    PasswordClaim::from_parameters(responses)
        .map_err(|error| refusal::of_claim(error, responses.parameter("TIMESTAMP")))
}

fn required_device_key(responses: &ParameterMap) -> Result<DeviceKey> {
    device_key(responses)?.ok_or_else(|| refusal::missing("DEVICE_KEY"))
}
