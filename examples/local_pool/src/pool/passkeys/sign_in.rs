//! `WEB_AUTHN`: a passkey as first factor.

use cognito_srp6a::idp::{AuthResponse, ChallengeName, RespondToAuthChallenge, Session};
use cognito_srp6a::{DeviceKey, ParameterSource as _, Timestamp};
use ring::hmac;

use super::relying_party::Asserted;
use super::{Kept, Passkeys};
use crate::pool::progress::{Answering, Paused, Progress, Stage};
use crate::pool::refusal::{self, Result};
use crate::pool::{Pool, device_key, required};

/// `CREDENTIAL_REQUEST_OPTIONS` with its name.
type Options = (&'static str, String);

impl Passkeys {
    /// Returns what a session wants signed. The session is good for one success, and so is this.
    fn challenge(&self, session: &str) -> hmac::Tag {
        hmac::sign(&self.challenges, session.as_bytes())
    }
}

impl Kept {
    /// Takes over the counter of a passkey. A counter that another sign-in has reached meanwhile is refused.
    fn count(&mut self, id: &str, counter: u32, now: Timestamp) -> Result<()> {
        let passkey = self.passkeys.get_mut(id, now).ok_or_else(refusal::not_authorized)?;
        let last = &mut passkey.credential.counter;
        if counter <= *last && (counter, *last) != (0, 0) {
            return Err(refusal::not_authorized());
        }
        *last = counter;
        Ok(())
    }
}

impl Pool {
    /// Adds the choice of a passkey to those of a challenge, and the options to `SELECT_CHALLENGE`, whose answer may have the
    /// credential in it.
    pub(in crate::pool) fn with_passkey(
        &self,
        name: &ChallengeName,
        mut choices: Vec<ChallengeName>,
        mut parameters: Vec<(&'static str, String)>,
        session: &str,
    ) -> (Vec<ChallengeName>, Vec<(&'static str, String)>) {
        if let Some(passkeys) = &self.passkeys {
            choices.push(ChallengeName::WebAuthn);
            let username = parameters.parameter("USERNAME").unwrap_or_default().to_owned();
            if *name == ChallengeName::SelectChallenge {
                parameters.push(self.request_options(passkeys, &username, session));
            }
        }
        (choices, parameters)
    }

    /// Asks for a passkey. A user who does not exist or has none is asked as well, after the same work.
    pub(in crate::pool) fn ask_passkey(&self, progress: Progress, now: Timestamp) -> Result<AuthResponse> {
        let passkeys = self.passkeys()?;
        let username = progress.username.clone();
        let session = self.begin_session(Progress { stage: Stage::FirstPasskey, ..progress }, now)?;
        let options = self.request_options(passkeys, &username, &session);
        let challenge = AuthResponse::challenge(ChallengeName::WebAuthn, [("USERNAME", username), options]);
        Ok(challenge.with_session(Session::new(session)?))
    }

    /// `WEB_AUTHN`.
    pub(in crate::pool) fn take_passkey(
        &self,
        request: &RespondToAuthChallenge,
        answering: &Answering,
        now: Timestamp,
    ) -> Result<AuthResponse> {
        let responses = request.challenge_responses();
        let paused = self.answered(request, answering, Stage::FirstPasskey, now)?;
        let device_key = device_key(responses)?.or_else(|| paused.progress.device_key.clone());
        self.take_assertion(paused, device_key, required(responses, "CREDENTIAL")?, now)
    }

    /// Verifies the `CREDENTIAL` for a session.
    pub(in crate::pool) fn take_assertion(
        &self,
        paused: Paused,
        device_key: Option<DeviceKey>,
        credential: &str,
        now: Timestamp,
    ) -> Result<AuthResponse> {
        let (passkeys, asserted) = (self.passkeys()?, Asserted::read(credential)?);
        let username = paused.progress.username.clone();
        let (found, needs_more) = {
            let state = self.state();
            let user = state.users.get(&username);
            let needs_more = user.is_some_and(|user| self.needs_second_factor(user));
            let is_sub = |handle: &[u8]| user.is_some_and(|user| user.sub.as_bytes() == handle);
            let is_of_user = asserted.user_handle().is_none_or(is_sub) && (passkeys.stands_for_both || !needs_more);
            let found = state.passkeys.passkeys.get(asserted.id(), now);
            let found = found.filter(|passkey| is_of_user && passkey.owner == username);
            (found.map(|passkey| passkey.credential.clone()), needs_more)
        };
        let challenge = passkeys.challenge(paused.session());
        let verified = passkeys.relying_party.verify(&asserted, challenge.as_ref(), found.as_ref());
        // After the signature: sooner, the time would tell who needs a second factor.
        let verified = verified.filter(|verified| verified.user_verified() || !needs_more);
        let counter = verified.ok_or_else(refusal::not_authorized)?.counter();
        self.check_device(&username, device_key.as_ref(), now)?;
        self.state().passkeys.count(asserted.id(), counter, now)?;
        let proved = Some(paused.epoch.credentials);
        let progress = Progress { device_key, proved, ..self.end(paused, now)? };
        if needs_more && progress.device_key.is_none() {
            self.check_confirmed(&progress)?;
            return self.sign_in(&progress, None, now);
        }
        self.after_factors(progress, now)
    }

    /// Returns the options for a session. A user who cannot sign in by a passkey is shown one that does not exist, always the
    /// same.
    fn request_options(&self, passkeys: &Passkeys, username: &str, session: &str) -> Options {
        let decoy = hmac::sign(&passkeys.decoys, username.as_bytes()).as_ref().to_vec();
        let ids = {
            let state = self.state();
            let user = state.users.get(username);
            let may = user.is_some_and(|user| passkeys.stands_for_both || !self.needs_second_factor(user));
            Some(state.passkey_ids(username)).filter(|ids| may && !ids.is_empty())
        };
        let ids = ids.unwrap_or_else(|| vec![decoy]);
        let options = passkeys.relying_party.request_options(passkeys.challenge(session).as_ref(), ids);
        ("CREDENTIAL_REQUEST_OPTIONS", options)
    }
}
