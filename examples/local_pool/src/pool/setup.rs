//! An authenticator app or an e-mail address becomes a second factor.
//!
//! In a sign-in, `MFA_SETUP` asks for one. It is on with the last answer, and until then the session keeps it. A signed-in user
//! shows an access token instead, and turns the verified app on with `SetUserMFAPreference`.

use cognito_srp6a::idp::{
    AssociateSoftwareToken, AssociateSoftwareTokenResponse, AuthResponse, ChallengeName, RespondToAuthChallenge,
    SecretCode, ServiceError, Session, VerifySoftwareToken, VerifySoftwareTokenResponse, VerifySoftwareTokenStatus,
};
use cognito_srp6a::{ParameterSource as _, Timestamp};

use super::attributes::{self, Attributes, Writer};
use super::factors::{Factor, Mfa};
use super::outbox::{Letter, Medium};
use super::progress::{Answering, Paused, Progress, Stage};
use super::refusal::{self, Result};
use super::totp::App;
use super::tries::Account;
use super::{Pool, random};

impl Pool {
    /// Sends `MFA_SETUP`.
    pub(super) fn ask_setup(&self, progress: Progress, now: Timestamp) -> Result<AuthResponse> {
        let factors = [Factor::App, Factor::Email].map(|factor| factor.name().to_string());
        let factors = serde_json::to_string(&factors).expect("texts");
        let parameters = [("MFAS_CAN_SETUP", factors), ("USER_ID_FOR_SRP", progress.username.clone())];
        let challenge = AuthResponse::challenge(ChallengeName::MfaSetup, parameters);
        self.pause(Progress { stage: Stage::MfaSetup, ..progress }, challenge, now)
    }

    /// `AssociateSoftwareToken`. The old session stays, because the response may be lost.
    pub(super) fn associate(
        &self,
        request: &AssociateSoftwareToken,
        now: Timestamp,
    ) -> Result<AssociateSoftwareTokenResponse> {
        match self.holder(request.access_token(), request.session())? {
            Holder::Bearer(access_token) => {
                let bearer = self.bearer(access_token, now)?;
                let app = App::generate()?;
                let code = SecretCode::new(app.to_base32())?;
                self.state().user_mut(&bearer.username, bearer.proved)?.new_app = Some(app);
                Ok(AssociateSoftwareTokenResponse::new(code))
            }
            Holder::SignIn(session) => {
                let progress = self.setting_up(session, now)?;
                let app = App::generate()?;
                let code = SecretCode::new(app.to_base32())?;
                let session = random::hex::<64>()?;
                self.keep(&session, Progress { app: Some(app), ..progress }, now);
                Ok(AssociateSoftwareTokenResponse::new(code).with_session(Session::new(session)?))
            }
        }
    }

    /// `VerifySoftwareToken`.
    pub(super) fn verify(&self, request: &VerifySoftwareToken, now: Timestamp) -> Result<VerifySoftwareTokenResponse> {
        let response = VerifySoftwareTokenResponse::new(VerifySoftwareTokenStatus::Success);
        match self.holder(request.access_token(), request.session())? {
            Holder::Bearer(access_token) => {
                self.verify_new_app(access_token, request.user_code(), now)?;
                Ok(response)
            }
            Holder::SignIn(session) => {
                let progress = self.setting_up(session, now)?;
                let session = session.expose();
                let mut app = progress.app.clone().ok_or_else(refusal::no_app)?;
                let tried = self.count_try(Account::Second, &progress.username, session, now)?;
                app.accept(request.user_code(), now).map_err(|_| not_enabled())?;
                // If two requests race, one of them has taken the session.
                self.state().sessions.remove(session, now).ok_or_else(refusal::invalid_session)?;
                self.forget_tries(Account::Second, &progress.username, &tried, now);
                let session = random::hex::<64>()?;
                self.keep(&session, Progress { stage: Stage::MfaVerified, app: Some(app), ..progress }, now);
                Ok(response.with_session(Session::new(session)?))
            }
        }
    }

    /// Replaces the app of a signed-in user by the new one, if it shows the right code.
    fn verify_new_app(&self, access_token: &str, code: &str, now: Timestamp) -> Result<()> {
        let bearer = self.bearer(access_token, now)?;
        let new_app = {
            let state = self.state();
            state.user(&bearer.username, bearer.proved)?.new_app.clone()
        };
        let mut app = new_app.ok_or_else(refusal::no_app)?;
        // A new secret has new tries. All of them together are those of the name.
        let secret = app.to_base32();
        let tried = self.count_try(Account::Second, &bearer.username, &secret, now)?;
        app.accept(code, now).map_err(|_| not_enabled())?;
        let mut state = self.state();
        let user = state.user_mut(&bearer.username, bearer.proved)?;
        user.new_app.take_if(|new| new.to_base32() == secret).ok_or_else(refusal::no_app)?;
        user.app = Some(app);
        drop(state);
        self.forget_tries(Account::Second, &bearer.username, &tried, now);
        Ok(())
    }

    /// Answers `MFA_SETUP`: with the session of a verified app, or with an e-mail address, to which a code goes.
    pub(super) fn take_setup(
        &self,
        request: &RespondToAuthChallenge,
        answering: &Answering,
        now: Timestamp,
    ) -> Result<AuthResponse> {
        if let Some(address) = request.challenge_responses().parameter("EMAIL") {
            let paused = self.answered(request, answering, Stage::MfaSetup, now)?;
            return self.ask_address(paused, address, now);
        }
        let paused = self.answered(request, answering, Stage::MfaVerified, now)?;
        let progress = self.end(paused, now)?;
        {
            let mut state = self.state();
            let user = state.user_mut(&progress.username, progress.proved)?;
            // Another sign-in may have set up a factor since. Its owner must not lose it to somebody with the password alone.
            if !user.factors.is_empty() {
                return Err(refusal::invalid_session());
            }
            (user.factors, user.app) = (vec![Factor::App], progress.app.clone());
        }
        self.sign_in(&progress, None, now)
    }

    /// Sends a code to the address that is to become a factor. The session stays, so the user may correct the address.
    fn ask_address(&self, paused: Paused, address: &str, now: Timestamp) -> Result<AuthResponse> {
        let address = address.to_owned();
        attributes::check(&Attributes::from([("email".to_owned(), address.clone())]), Writer::User)?;
        if address.split_once('@').is_none_or(|(user, domain)| user.is_empty() || domain.is_empty()) {
            return Err(refusal::invalid_parameter("Invalid email address format."));
        }
        let username = paused.progress.username.clone();
        let named = ("USER_ID_FOR_SRP", username.clone());
        let progress = Progress { stage: Stage::SetupEmail, address: Some(address.clone()), ..paused.progress };
        let letter = Letter::new(Medium::Email, address, "EMAIL_OTP", username);
        self.ask_for_letter(progress, (ChallengeName::EmailOtp, named), letter, now)
    }

    /// Turns the address of a setup on, whose code was right.
    pub(super) fn set_up_email(&self, progress: &Progress) -> Result<()> {
        let address = progress.address.clone().ok_or_else(refusal::invalid_session)?;
        let email = [("email", address), ("email_verified", "true".to_owned())];
        let mut state = self.state();
        if !state.user(&progress.username, progress.proved)?.factors.is_empty() {
            return Err(refusal::invalid_session());
        }
        let email = email.map(|(name, value)| (name.to_owned(), value));
        state.change_attributes(&progress.username, Attributes::from(email))?.factors = vec![Factor::Email];
        Ok(())
    }

    /// Returns who sets up an app.
    fn holder<'a>(&self, access_token: Option<&'a str>, session: Option<&'a Session>) -> Result<Holder<'a>> {
        if self.mfa == Mfa::Off {
            return Err(refusal::no_apps_here());
        }
        match (access_token, session) {
            (Some(access_token), None) => Ok(Holder::Bearer(access_token)),
            (None, Some(session)) => Ok(Holder::SignIn(session)),
            _ => Err(refusal::invalid_parameter("Either AccessToken or Session must be given.")),
        }
    }

    /// Returns the sign-in that sets up an app. Only its session says who it is.
    fn setting_up(&self, session: &Session, now: Timestamp) -> Result<Progress> {
        let state = self.state();
        let progress = state.sessions.get(session.expose(), now).filter(|kept| kept.stage == Stage::MfaSetup);
        let progress = progress.ok_or_else(refusal::invalid_session)?;
        state.user(&progress.username, progress.proved)?;
        Ok(progress.clone())
    }
}

/// Who sets up an app: a signed-in user, or a user in a sign-in.
enum Holder<'a> {
    Bearer(&'a str),
    SignIn(&'a Session),
}

fn not_enabled() -> ServiceError {
    ServiceError::new("EnableSoftwareTokenMFAException", "Code mismatch")
}
