//! `RespondToAuthChallenge` and `AdminRespondToAuthChallenge`.

use cognito_srp6a::idp::{AuthResponse, ChallengeName, Context, ParameterMap, RespondToAuthChallenge, Session};
use cognito_srp6a::{DeviceKey, DeviceSrpResponses, ParameterSource as _, PasswordClaim, SecretBlock, Timestamp};
use subtle::ConstantTimeEq as _;

use super::attributes::{self, Writer};
use super::keys::Purpose;
use super::outbox::Medium;
use super::progress::{Answering, Paused, Progress, Stage};
use super::refusal::{self, Result};
use super::state::Epoch;
use super::triggers::{self, Metadata};
use super::{Pool, device_key, name, random, required, spent};

impl Pool {
    pub(super) fn respond(&self, request: &RespondToAuthChallenge, now: Timestamp) -> Result<AuthResponse> {
        request.user_pool_id().map_or(Ok(()), |id| self.check_pool(id))?;
        let client = self.client(request.client_id())?;
        let metadata = metadata_of(request.context());
        let answering = Answering { metadata, ..self.answering(client, request.challenge_responses())? };
        match request.challenge_name() {
            ChallengeName::PasswordVerifier => self.take_claim(request, answering, now),
            ChallengeName::SelectChallenge | ChallengeName::PasswordSrp | ChallengeName::Password => {
                self.take_first_factor(request, &answering, now)
            }
            ChallengeName::MfaSetup => self.take_setup(request, &answering, now),
            ChallengeName::SelectMfaType => self.take_mfa_type(request, &answering, now),
            ChallengeName::EmailOtp
            | ChallengeName::SmsOtp
            | ChallengeName::SmsMfa
            | ChallengeName::SoftwareTokenMfa => self.take_code(request, &answering, now),
            #[cfg(feature = "passkeys")]
            ChallengeName::WebAuthn if self.passkeys.is_some() => self.take_passkey(request, &answering, now),
            ChallengeName::NewPasswordRequired => self.take_new_password(request, &answering, now),
            ChallengeName::CustomChallenge if self.triggers.is_some() => self.verify_custom(request, &answering, now),
            ChallengeName::CustomChallenge => self.take_custom_answer(request, &answering, now),
            ChallengeName::DeviceSrpAuth => self.take_device_start(request, &answering, now),
            ChallengeName::DevicePasswordVerifier => self.take_device_claim(request, &answering, now),
            name => Err(refusal::invalid_parameter(format!("This pool does not ask for {name}."))),
        }
    }

    /// Returns who answers.
    ///
    /// The hash must be over the canonical name, which the client knows from the challenge. If the client has no secret, the
    /// hash is ignored here.
    fn answering(&self, client: usize, responses: &ParameterMap) -> Result<Answering> {
        let username = self.canonical(super::username(responses)?);
        if self.clients[client].app.has_secret() {
            self.check_secret_hash(client, responses.parameter("SECRET_HASH"), &username)?;
        }
        Ok(Answering { username, client, metadata: None })
    }

    /// `PASSWORD_VERIFIER`.
    fn take_claim(
        &self,
        request: &RespondToAuthChallenge,
        answering: Answering,
        now: Timestamp,
    ) -> Result<AuthResponse> {
        let claim = read_claim(request.challenge_responses())?;
        let (record, epoch) = self.record(&answering.username)?;
        let (purpose, paused) = match request.session() {
            None => (Purpose::Alone, None),
            Some(session) => {
                let paused = self.paused(session.expose(), &answering, Stage::PasswordProof, now)?;
                (Purpose::InSession, Some(paused))
            }
        };
        let key = self.keys.server(purpose, answering.client, epoch);
        key.verify(&record, &claim, now, self.max_age)?;
        // Check the device before the block is spent: after this error a client answers again without the device.
        self.check_device(&answering.username, claim.device_key(), now)?;
        // Both at once: if the block's mark filled the user's room, the session would be revoked.
        let block = self.single_use.then(|| digest_of(claim.secret_block()));
        let session = paused.as_ref().and_then(|paused| paused.sealed);
        let names: Vec<_> = block.into_iter().chain(session).collect();
        if !self.state().spend(&answering.username, epoch, &names, now) {
            return Err(if paused.is_some() { refusal::invalid_session() } else { refusal::not_authorized() });
        }
        let custom = paused.is_some_and(|paused| paused.progress.custom);
        let Answering { username, client, metadata } = answering;
        let (device_key, proved) = (claim.device_key().cloned(), Some(epoch.credentials));
        let begun = Progress::begin(username, client, device_key, custom);
        let progress = Progress { stage: Stage::PasswordProof, proved, metadata, ..begun };
        self.after_password(progress, now)
    }

    /// `DEVICE_SRP_AUTH`.
    fn take_device_start(
        &self,
        request: &RespondToAuthChallenge,
        answering: &Answering,
        now: Timestamp,
    ) -> Result<AuthResponse> {
        let responses = request.challenge_responses();
        let start = DeviceSrpResponses::from_parameters(responses)?.with_username(name(&answering.username)?);
        let key = start.device_key().clone();
        // pycognito sends no session. An awaited device shows that the password was proved.
        let awaited = self.state().awaited.get(key.as_str(), now).cloned();
        let session = match request.session() {
            Some(session) => session.expose(),
            None => awaited.as_deref().ok_or_else(refusal::not_authorized)?,
        };
        let paused = self.paused(session, answering, Stage::DeviceStart, now)?;
        if paused.progress.device_key.as_ref() != Some(&key) {
            return Err(refusal::invalid_session());
        }
        let record = self.device_record(&answering.username, &key, now)?;
        let progress = self.end(paused, now)?;
        let server_key = self.keys.server(Purpose::Device, answering.client, Epoch::default());
        let draw = || Ok(server_key.device_challenge(&record, &start, now)?.into_pairs());
        let parameters = self.draw_challenge(start.srp_a(), draw)?;
        let block = required(&parameters, "SECRET_BLOCK")?.parse()?;
        let session = name_of(&block);
        self.keep(&session, Progress { stage: Stage::DeviceProof, ..progress }, now);
        let challenge = AuthResponse::challenge(ChallengeName::DevicePasswordVerifier, parameters);
        Ok(challenge.with_session(Session::new(session)?))
    }

    /// `DEVICE_PASSWORD_VERIFIER`. The block identifies the sign-in, with or without a session, and is accepted once.
    fn take_device_claim(
        &self,
        request: &RespondToAuthChallenge,
        answering: &Answering,
        now: Timestamp,
    ) -> Result<AuthResponse> {
        let responses = request.challenge_responses();
        let (key, claim) = (required_device_key(responses)?, read_claim(responses)?);
        let session = name_of(claim.secret_block());
        let paused = match request.session() {
            Some(given) if given.expose() != session => Err(refusal::invalid_session()),
            Some(_) => self.paused(&session, answering, Stage::DeviceProof, now),
            None => self.paused(&session, answering, Stage::DeviceProof, now).map_err(|_| refusal::not_authorized()),
        }?;
        if paused.progress.device_key.as_ref() != Some(&key) {
            return Err(refusal::invalid_session());
        }
        let record = self.device_record(&answering.username, &key, now)?;
        let server_key = self.keys.server(Purpose::Device, answering.client, Epoch::default());
        server_key.verify_device(&record, &claim, now, self.max_age)?;
        let progress = self.end(paused, now)?;
        self.sign_in(&progress, Some(&key), now)
    }

    /// `SELECT_CHALLENGE`, `PASSWORD_SRP` and `PASSWORD`: the beginning of the proof, or the password itself.
    fn take_first_factor(
        &self,
        request: &RespondToAuthChallenge,
        answering: &Answering,
        now: Timestamp,
    ) -> Result<AuthResponse> {
        let responses = request.challenge_responses();
        let paused = self.answered(request, answering, Stage::FirstFactor, now)?;
        let device_key = device_key(responses)?.or(paused.progress.device_key.clone());
        let progress = Progress { device_key, ..paused.progress.clone() };
        let chosen = match request.challenge_name() {
            ChallengeName::SelectChallenge => required(responses, "ANSWER")?.into(),
            name => name.clone(),
        };
        match chosen {
            // Nothing is proved yet, so the session may begin any number of proofs.
            ChallengeName::PasswordSrp => self.begin_proof(progress, responses, now),
            ChallengeName::Password => {
                let progress = self.take_password(progress, responses, now)?;
                self.end(paused, now)?;
                self.after_password(progress, now)
            }
            // The session stays, so the user may begin otherwise.
            ChallengeName::EmailOtp if self.first_codes.contains(&Medium::Email) => {
                self.ask_first_code(Medium::Email, progress, now)
            }
            ChallengeName::SmsOtp if self.first_codes.contains(&Medium::Sms) => {
                self.ask_first_code(Medium::Sms, progress, now)
            }
            #[cfg(feature = "passkeys")]
            ChallengeName::WebAuthn if self.passkeys.is_some() => match responses.parameter("CREDENTIAL") {
                Some(credential) => self.take_assertion(paused, progress.device_key, credential, now),
                None => self.ask_passkey(progress, now),
            },
            other => Err(refusal::invalid_parameter(format!("{other} is not available to this user."))),
        }
    }

    /// `NEW_PASSWORD_REQUIRED`.
    fn take_new_password(
        &self,
        request: &RespondToAuthChallenge,
        answering: &Answering,
        now: Timestamp,
    ) -> Result<AuthResponse> {
        let responses = request.challenge_responses();
        let paused = self.answered(request, answering, Stage::NewPassword, now)?;
        let new_password = required(responses, "NEW_PASSWORD")?;
        let named = responses.iter().filter_map(|(name, value)| Some((name.strip_prefix("userAttributes.")?, value)));
        let mut attributes = named.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        attributes::check(&attributes, Writer::User)?;
        self.doubt_addresses(&answering.username, &mut attributes);
        let proved = paused.progress.proved.ok_or_else(refusal::invalid_session)?;
        // This also ends the session.
        let proved = self.set_password(&answering.username, new_password, false, attributes, Some(proved), now)?;
        self.after_new_password(Progress { proved, has_new_password: true, ..paused.progress }, now)
    }

    /// `CUSTOM_CHALLENGE`.
    fn take_custom_answer(
        &self,
        request: &RespondToAuthChallenge,
        answering: &Answering,
        now: Timestamp,
    ) -> Result<AuthResponse> {
        let responses = request.challenge_responses();
        let paused = self.answered(request, answering, Stage::CustomAnswer, now)?;
        let (answer, right) = (required(responses, "ANSWER")?, self.custom_answer.as_deref().unwrap_or_default());
        if !bool::from(answer.as_bytes().ct_eq(right.as_bytes())) {
            return Err(refusal::not_authorized());
        }
        self.check_device(&answering.username, paused.progress.device_key.as_ref(), now)?;
        let proved = Some(paused.epoch.credentials);
        let progress = self.end(paused, now)?;
        self.after_factors(Progress { proved, ..progress }, now)
    }

    /// Returns the sign-in that a request answers at a stage that always has a session.
    pub(super) fn answered(
        &self,
        request: &RespondToAuthChallenge,
        answering: &Answering,
        stage: Stage,
        now: Timestamp,
    ) -> Result<Paused> {
        let session = request.session().ok_or_else(|| refusal::missing("Session"))?;
        self.paused(session.expose(), answering, stage, now)
    }
}

/// Returns a short name for a block. Only a holder of the block can compute it.
fn name_of(block: &SecretBlock) -> String {
    random::to_hex(&digest_of(block))
}

fn digest_of(block: &SecretBlock) -> spent::Name {
    digest(block.as_bytes())
}

pub(super) fn digest(bytes: &[u8]) -> spent::Name {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    digest.as_ref().try_into().expect("SHA-256 has 32 bytes")
}

fn read_claim(responses: &ParameterMap) -> Result<PasswordClaim> {
    PasswordClaim::from_parameters(responses)
        .map_err(|error| refusal::of_claim(error, responses.parameter("TIMESTAMP")))
}

/// Returns `ClientMetadata` if there is any.
pub(super) fn metadata_of(context: &Context) -> Metadata {
    triggers::metadata(context.client_metadata())
}

fn required_device_key(responses: &ParameterMap) -> Result<DeviceKey> {
    device_key(responses)?.ok_or_else(|| refusal::missing("DEVICE_KEY"))
}
