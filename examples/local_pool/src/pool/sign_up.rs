//! `SignUp`, its confirmation by a code, and the session that signs the confirmed user in.

use cognito_srp6a::idp::{AuthResponse, ServiceError};
use cognito_srp6a::{ParameterSource, Timestamp};
use serde_json::{Value, json};
use subtle::{Choice, ConstantTimeEq as _};

use super::accounts::check_length;
use super::attributes::{self, Attributes, Writer};
use super::codes::Need;
use super::members::{Members, member, to_map};
use super::messages::Occasion;
use super::outbox::{Letter, Medium};
use super::progress::{Answering, Progress, Stage};
use super::refusal::{self, Result};
use super::status::{Code, Confirmation, Status};
use super::tries::Account;
use super::triggers::{Subject, Trigger};
use super::{Pool, random};

/// The call that wants the code.
const PURPOSE: &str = "ConfirmSignUp";

impl Pool {
    /// `SignUp`.
    pub(super) fn sign_up(&self, members: Members, now: Timestamp) -> Result<Value> {
        let (client_id, name) = (members.client_id()?, members.username()?);
        let client = self.client(client_id)?;
        self.check_secret_hash(client, members.secret_hash.as_deref(), name)?;
        let password = member(members.password.as_deref(), "Password")?;
        check_length(password)?;
        let (name, password) = (name.to_owned(), password.to_owned());
        let (metadata, validation) = (members.metadata(), members.validation_data.as_deref().map(to_map));
        let mut attributes = members.into_attributes();
        attributes::check(&attributes, Writer::User)?;
        let subject = Subject { username: &name, client: Some(client), metadata: &metadata };
        let is_confirmed = self.before_sign_up(Trigger::PRE_SIGN_UP, &subject, &mut attributes, validation.as_ref())?;
        let (status, to) = if is_confirmed || self.confirmation == Confirmation::AtOnce {
            (Status::Confirmed, None)
        } else {
            let to = address(&attributes);
            let code = to.as_ref().map(|(medium, _)| Code::new(*medium, now)).transpose()?;
            (Status::Unconfirmed(code.clone()), to.zip(code))
        };
        let is_confirmed = matches!(status, Status::Confirmed);
        let sub = self.add_user(&name, &password, status, attributes, now)?;
        let mut answer = json!({"UserConfirmed": is_confirmed, "UserSub": sub});
        if let Some(((medium, to), code)) = to {
            answer["CodeDeliveryDetails"] = medium.delivery(&to);
            let letter = self.letter(medium, to, &code.name, name.clone());
            self.send(Occasion::SignUp, letter, client, &metadata)?;
        }
        if is_confirmed {
            self.after_confirmation(&subject)?;
        }
        Ok(answer)
    }

    /// `ConfirmSignUp`. An unknown user is like one to whom no code was sent.
    pub(super) fn confirm_sign_up(&self, members: &Members, now: Timestamp) -> Result<Value> {
        let (client, username) = self.signing_up(members)?;
        let given = member(members.confirmation_code.as_deref(), "ConfirmationCode")?;
        let code = self.try_code(&username, now)?;
        let right = self.keys.code(code.as_ref().map_or("", |code| &code.name));
        let is_right = right.as_bytes().ct_eq(given.as_bytes()) & Choice::from(u8::from(code.is_some()));
        let Some(code) = code.filter(|_| is_right.into()) else { return Err(refusal::wrong_confirmation()) };

        let (epoch, needs_nothing) = {
            let mut state = self.state();
            // Another request may have used or replaced the code.
            let waits = state.users.get(&username).is_some_and(|user| user.status.waits_for(&code.name));
            if !waits {
                return Err(refusal::wrong_confirmation());
            }
            let verified = (format!("{}_verified", code.medium.attribute()), "true".to_owned());
            let user = state.change_attributes(&username, Attributes::from([verified]))?;
            (user.status, user.changed) = (Status::Confirmed, now);
            (user.epoch, matches!(self.need(user, Some(code.medium)), Need::Nothing))
        };
        let metadata = members.metadata();
        self.after_confirmation(&Subject { username: &username, client: Some(client), metadata: &metadata })?;
        if !needs_nothing {
            return Ok(json!({}));
        }
        let session = random::hex::<64>()?;
        let (proved, first) = (Some(epoch.credentials), Some(code.medium));
        let begun = Progress::begin(username, client, None, false);
        let progress = Progress { stage: Stage::SignedUp, proved, first, ..begun };
        self.keep(&session, progress, now);
        Ok(json!({"Session": session}))
    }

    /// `ResendConfirmationCode`. The last code is good no more. For an unknown user it seems that a code is sent.
    pub(super) fn resend_confirmation_code(&self, members: &Members, now: Timestamp) -> Result<Value> {
        let (client, username) = self.signing_up(members)?;
        let to = {
            let mut state = self.state();
            match state.users.get_mut(&username) {
                None => None,
                Some(user) => match (&mut user.status, address(&user.attributes)) {
                    (Status::Unconfirmed(code), Some((medium, to))) => {
                        Some((medium, to, code.insert(Code::new(medium, now)?).name.clone()))
                    }
                    (Status::Unconfirmed(_), None) => return Err(refusal::no_address()),
                    _ => return Err(refusal::invalid_parameter("User is already confirmed.")),
                },
            }
        };
        let is_decoy = to.is_none();
        let (medium, address, code) = match to {
            Some((medium, to, code)) => (medium, Some(to), code),
            None => (Medium::Email, None, random::hex::<16>()?),
        };
        let to = self.keys.address_or_fake(medium, &username, address);
        let details = medium.delivery(&to);
        let letter = Letter { is_decoy, ..self.letter(medium, to, &code, username) };
        self.send(Occasion::Resend, letter, client, &members.metadata())?;
        Ok(json!({"CodeDeliveryDetails": details}))
    }

    /// `AdminConfirmSignUp`. It verifies no address.
    pub(super) fn admin_confirm_sign_up(&self, members: &Members, now: Timestamp) -> Result<Value> {
        self.check_pool(members.user_pool_id()?)?;
        let username = self.canonical(members.username()?);
        {
            let mut state = self.state();
            let user = state.users.get_mut(&username).ok_or_else(refusal::unknown_user)?;
            if !matches!(user.status, Status::Unconfirmed(_)) {
                return Err(not_to_confirm(&user.status));
            }
            (user.status, user.changed) = (Status::Confirmed, now);
        }
        let metadata = members.metadata();
        self.after_confirmation(&Subject { username: &username, client: None, metadata: &metadata })?;
        Ok(json!({}))
    }

    /// Goes on with the session of `ConfirmSignUp`: the code was the first factor.
    pub(super) fn sign_in_confirmed<P: ParameterSource + ?Sized>(
        &self,
        session: &str,
        begun: Progress,
        parameters: &P,
        now: Timestamp,
    ) -> Result<AuthResponse> {
        let answering = Answering { username: begun.username, client: begun.client, metadata: None };
        let paused = self.paused(session, &answering, Stage::SignedUp, now)?;
        let first = match paused.progress.first {
            Some(Medium::Sms) => "SMS_OTP",
            _ => "EMAIL_OTP",
        };
        if parameters.parameter("PREFERRED_CHALLENGE").is_some_and(|preferred| preferred != first) {
            return Err(refusal::invalid_parameter(format!("The session stands for {first}.")));
        }
        self.check_device(&answering.username, begun.device_key.as_ref(), now)?;
        let progress = self.end(paused, now)?;
        self.after_factors(Progress { device_key: begun.device_key, ..progress }, now)
    }

    /// Refuses a user who has not confirmed the sign-up. Only callers who have proved a factor learn it.
    pub(super) fn check_confirmed(&self, progress: &Progress) -> Result<()> {
        let state = self.state();
        match state.user(&progress.username, progress.proved)?.status {
            Status::Unconfirmed(_) => Err(refusal::not_confirmed()),
            Status::ResetRequired => Err(refusal::reset_required()),
            Status::Confirmed | Status::ForceChangePassword => Ok(()),
        }
    }

    /// Returns the client and the canonical name of a request about a sign-up.
    fn signing_up(&self, members: &Members) -> Result<(usize, String)> {
        let (client, name) = (self.client(members.client_id()?)?, members.username()?);
        self.check_secret_hash(client, members.secret_hash.as_deref(), name)?;
        Ok((client, self.canonical(name)))
    }

    /// Counts a try, and returns the code that was sent, if one was.
    fn try_code(&self, username: &str, now: Timestamp) -> Result<Option<Code>> {
        let name = match self.state().users.get(username).map(|user| &user.status) {
            Some(Status::Unconfirmed(Some(code))) => code.name.clone(),
            Some(Status::Unconfirmed(None)) | None => username.to_owned(),
            Some(other) => return Err(not_to_confirm(other)),
        };
        self.count_try(Account::SignUp, username, &name, now)?;
        let mut state = self.state();
        let status = state.users.get_mut(username).map(|user| &mut user.status);
        let Some(Status::Unconfirmed(Some(code))) = status else { return Ok(None) };
        if !code.count() {
            return Err(refusal::too_many_failures());
        }
        if code.is_expired(now) {
            return Err(refusal::expired_confirmation());
        }
        Ok(Some(code.clone()))
    }

    fn letter(&self, medium: Medium, to: String, code: &str, username: String) -> Letter {
        Letter { code: self.keys.code(code), ..Letter::new(medium, to, PURPOSE, username) }
    }
}

/// Returns the address to which the code goes. The service prefers the phone.
fn address(attributes: &Attributes) -> Option<(Medium, String)> {
    let mut media = [Medium::Sms, Medium::Email].into_iter();
    media.find_map(|medium| Some((medium, attributes.get(medium.attribute())?.clone())))
}

fn not_to_confirm(status: &Status) -> ServiceError {
    refusal::denied(format!("User cannot be confirmed. Current status is {}", status.name()))
}
