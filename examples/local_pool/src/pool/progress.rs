//! Unfinished sign-ins: the state between two calls, and the next step.

use std::sync::Arc;

use cognito_srp6a::idp::{AuthResponse, AuthenticationResult, ChallengeName, NewDeviceMetadata, Session};
use cognito_srp6a::{DeviceKey, SrpA, Timestamp};
use serde::{Deserialize, Serialize};

use super::custom::Rounds;
use super::keys::Purpose;
use super::outbox::Medium;
use super::refusal::{self, Result};
use super::state::Epoch;
use super::status::Status;
use super::tokens::Grant;
use super::totp::{self, App};
use super::triggers::{Metadata, Trigger};
use super::{Pool, custom, random, spent};

/// An upper estimate of the memory of a grant without its user's name, in bytes.
const GRANT_BYTES: usize = 512;

/// A sign-in between two calls.
#[derive(Clone)]
pub(super) struct Progress {
    /// The canonical name, or the name of an unknown user.
    pub username: String,
    /// The client that began the sign-in. No other may continue it.
    pub client: usize,
    pub device_key: Option<DeviceKey>,
    /// Whether the flow is `CUSTOM_AUTH`.
    pub custom: bool,
    pub stage: Stage,
    /// The epoch in which the user proved a factor.
    pub proved: Option<u64>,
    /// The medium of the code that was the first factor.
    pub first: Option<Medium>,
    /// The app that is set up.
    pub app: Option<App>,
    /// Whether the user has replaced a temporary password.
    pub has_new_password: bool,
    /// What the triggers of `CUSTOM_AUTH` know of it.
    pub rounds: Option<Arc<Rounds>>,
    /// `ClientMetadata` of the call in hand, for triggers. No call gets that of another.
    pub metadata: Metadata,
}

impl Progress {
    /// A sign-in that has proved nothing.
    pub const fn begin(username: String, client: usize, device_key: Option<DeviceKey>, custom: bool) -> Self {
        Self {
            username,
            client,
            device_key,
            custom,
            stage: Stage::FirstFactor,
            proved: None,
            first: None,
            app: None,
            has_new_password: false,
            rounds: None,
            metadata: None,
        }
    }
}

/// The step that a sign-in waits for.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub(super) enum Stage {
    FirstFactor,
    PasswordProof,
    NewPassword,
    CustomAnswer,
    DeviceStart,
    DeviceProof,
    FirstEmail,
    FirstSms,
    FirstPasskey,
    SelectMfa,
    SecondApp,
    SecondEmail,
    SecondSms,
    MfaSetup,
    MfaVerified,
    SignedUp,
}

/// The user who answers, by the canonical name, and the client that sends the answer.
pub(super) struct Answering {
    pub username: String,
    pub client: usize,
    pub metadata: Metadata,
}

/// A sign-in found by its session.
pub(super) struct Paused {
    pub progress: Progress,
    pub epoch: Epoch,
    /// The name under which a sealed session is spent.
    pub sealed: Option<spent::Name>,
    session: String,
}

impl Paused {
    pub fn session(&self) -> &str {
        &self.session
    }
}

impl Pool {
    /// Sends `PASSWORD_VERIFIER`, with a `Session` if the flow has one.
    pub(super) fn password_verifier(
        &self,
        progress: Progress,
        purpose: Purpose,
        srp_a: &SrpA,
        now: Timestamp,
    ) -> Result<AuthResponse> {
        let (record, epoch) = self.record(&progress.username)?;
        let key = self.keys.server(purpose, progress.client, epoch);
        let parameters = self.draw_challenge(srp_a, || Ok(key.challenge(&record, srp_a, now)?.into_pairs()))?;
        let response = AuthResponse::challenge(ChallengeName::PasswordVerifier, parameters);
        match purpose {
            Purpose::InSession => self.pause(Progress { stage: Stage::PasswordProof, ..progress }, response, now),
            Purpose::Alone | Purpose::Device => Ok(response),
        }
    }

    /// Adds a `Session` to a challenge.
    pub(super) fn pause(&self, progress: Progress, challenge: AuthResponse, now: Timestamp) -> Result<AuthResponse> {
        Ok(challenge.with_session(Session::new(self.begin_session(progress, now)?)?))
    }

    /// Makes a `Session`. It carries the state of a sign-in that has proved nothing; the pool stores any other.
    pub(super) fn begin_session(&self, progress: Progress, now: Timestamp) -> Result<String> {
        if progress.proved.is_none() {
            return self.keys.seal(&progress, self.epoch(&progress.username), now);
        }
        let session = random::hex::<64>()?;
        self.keep(&session, progress, now);
        Ok(session)
    }

    /// Stores a sign-in under a session.
    pub(super) fn keep(&self, session: &str, progress: Progress, now: Timestamp) {
        let owner = progress.username.clone();
        let progress = Progress { metadata: None, ..progress };
        let rounds = progress.rounds.as_ref().map_or(0, |_| custom::MAX_BYTES * 2);
        let bytes =
            owner.len() + progress.device_key.as_ref().map_or(0, |key| key.as_str().len()) + totp::BYTES + rounds;
        self.state().sessions.insert(&owner, session, progress, bytes, now);
    }

    /// Finds the sign-in that a user continues.
    ///
    /// It stays valid until its step succeeds, so a client may answer again, for example without an unknown device.
    pub(super) fn paused(&self, session: &str, answering: &Answering, stage: Stage, now: Timestamp) -> Result<Paused> {
        self.paused_at(session, answering, &[stage], now)
    }

    /// Does the same for a step that may be one of several.
    pub(super) fn paused_at(
        &self,
        session: &str,
        answering: &Answering,
        stages: &[Stage],
        now: Timestamp,
    ) -> Result<Paused> {
        let Answering { username, client, metadata } = answering;
        let epoch = self.epoch(username);
        let kept = self.state().sessions.get(session, now).cloned();
        let found = match kept {
            Some(progress) => Some((progress, None)).filter(|(kept, _)| kept.proved == Some(epoch.credentials)),
            None => self.keys.open(session, username, epoch, now).map(|(progress, name)| (progress, Some(name))),
        };
        let found = found.filter(|(progress, _)| {
            progress.username == *username && progress.client == *client && stages.contains(&progress.stage)
        });
        let (progress, sealed) = found.ok_or_else(refusal::invalid_session)?;
        let progress = Progress { metadata: metadata.clone(), ..progress };
        Ok(Paused { progress, epoch, sealed, session: session.to_owned() })
    }

    /// Ends a session whose step has succeeded. If two answers race, only one succeeds.
    pub(super) fn end(&self, paused: Paused, now: Timestamp) -> Result<Progress> {
        let mut state = self.state();
        let ended = match paused.sealed {
            Some(name) => state.spend(&paused.progress.username, paused.epoch, &[name], now),
            None => state.sessions.remove(&paused.session, now).is_some(),
        };
        if ended { Ok(paused.progress) } else { Err(refusal::invalid_session()) }
    }

    /// Returns the next step after the password.
    pub(super) fn after_password(&self, progress: Progress, now: Timestamp) -> Result<AuthResponse> {
        self.check_confirmed(&progress)?;
        let attributes = {
            let state = self.state();
            let user = state.user(&progress.username, progress.proved)?;
            matches!(user.status, Status::ForceChangePassword).then(|| Arc::clone(&user.attributes))
        };
        let Some(attributes) = attributes else { return self.after_new_password(progress, now) };
        let parameters = [
            ("USER_ID_FOR_SRP", progress.username.clone()),
            ("requiredAttributes", "[]".to_owned()),
            ("userAttributes", serde_json::to_string(&*attributes).expect("a map of texts")),
        ];
        let challenge = AuthResponse::challenge(ChallengeName::NewPasswordRequired, parameters);
        self.pause(Progress { stage: Stage::NewPassword, ..progress }, challenge, now)
    }

    /// Returns the next step after the password and its change.
    pub(super) fn after_new_password(&self, progress: Progress, now: Timestamp) -> Result<AuthResponse> {
        match &self.custom_answer {
            _ if !progress.custom => self.after_factors(progress, now),
            _ if self.triggers.is_some() => self.go_on_with_custom(progress, now),
            Some(_) => self.ask_custom(progress, now),
            None => self.after_factors(progress, now),
        }
    }

    /// Sends the custom challenge.
    pub(super) fn ask_custom(&self, progress: Progress, now: Timestamp) -> Result<AuthResponse> {
        let parameters = [("USERNAME", progress.username.clone())];
        let challenge = AuthResponse::challenge(ChallengeName::CustomChallenge, parameters);
        self.pause(Progress { stage: Stage::CustomAnswer, ..progress }, challenge, now)
    }

    /// Returns the next step after the first factor: the device's proof, or the second factor. A remembered device stands for
    /// the second factor.
    pub(super) fn after_factors(&self, progress: Progress, now: Timestamp) -> Result<AuthResponse> {
        self.check_confirmed(&progress)?;
        let Some(device_key) = progress.device_key.clone() else {
            return self.ask_second_factor(progress, now);
        };
        let username = progress.username.clone();
        let parameters = [("USERNAME", username.clone()), ("DEVICE_KEY", device_key.to_string())];
        let challenge = AuthResponse::challenge(ChallengeName::DeviceSrpAuth, parameters);
        let challenge = self.pause(Progress { stage: Stage::DeviceStart, ..progress }, challenge, now)?;
        if let Some(session) = challenge.session() {
            let session = session.expose().to_owned();
            let bytes = session.len();
            self.state().awaited.insert(&username, device_key.as_str(), session, bytes, now);
        }
        Ok(challenge)
    }

    /// Ends a sign-in with tokens, and offers to remember the device if the sign-in has none.
    pub(super) fn sign_in(
        &self,
        progress: &Progress,
        device_key: Option<&DeviceKey>,
        now: Timestamp,
    ) -> Result<AuthResponse> {
        let new_device = match device_key {
            None if self.offers_devices => Some(self.new_device_key()?),
            _ => None,
        };
        let username = &progress.username;
        let grant = Grant {
            username: username.clone(),
            client: progress.client,
            proved: progress.proved,
            device_key: device_key.or(new_device.as_ref()).map(ToString::to_string),
            bound: device_key.is_some(),
            auth_time: now.unix_seconds(),
            origin_jti: random::uuid()?,
            secret: random::hex::<32>()?,
            generation: 0,
            rotated: 0,
        };
        self.after_authentication(progress, new_device.is_some())?;
        let overrides = self.overrides(token_trigger(progress, device_key), &progress.subject())?;
        let (holder, device_group_key) = {
            let state = self.state();
            let user = state.user(username, progress.proved)?;
            (user.holder(), user.device_group_key.clone())
        };
        let result = self.tokens.make(&grant, &holder, overrides.as_ref(), now)?;
        let result = result.with_refresh_token(grant.refresh_token(0));
        self.state().grants.insert(username, &grant.origin_jti.clone(), grant, GRANT_BYTES, now);
        Ok(AuthResponse::tokens(with_metadata(result, new_device, device_group_key)))
    }
}

/// Returns the cause for which pre token generation runs.
const fn token_trigger(progress: &Progress, device_key: Option<&DeviceKey>) -> Trigger {
    match device_key {
        Some(_) => Trigger::TOKENS_OF_DEVICE,
        None if progress.has_new_password => Trigger::TOKENS_AFTER_NEW_PASSWORD,
        None => Trigger::TOKENS,
    }
}

fn with_metadata(
    result: AuthenticationResult,
    device_key: Option<DeviceKey>,
    device_group_key: String,
) -> AuthenticationResult {
    let Some(device_key) = device_key else { return result };
    result.with_new_device_metadata(NewDeviceMetadata::new(device_key.to_string(), device_group_key))
}
