//! `MFA_SETUP`: the user puts a secret into an authenticator app and shows a code of it.
//!
//! The app becomes the user's second factor with the answer to the challenge. Until then the session keeps it.

use cognito_srp6a::Timestamp;
use cognito_srp6a::idp::{
    AssociateSoftwareToken, AssociateSoftwareTokenResponse, AuthResponse, ChallengeName, RespondToAuthChallenge,
    SecretCode, ServiceError, Session, VerifySoftwareToken, VerifySoftwareTokenResponse, VerifySoftwareTokenStatus,
};

use super::factors::{Factor, Mfa};
use super::progress::{Answering, Progress, Stage};
use super::refusal::{self, Result};
use super::totp::App;
use super::tries::Account;
use super::{Pool, random};

impl Pool {
    /// Sends `MFA_SETUP`.
    pub(super) fn ask_setup(&self, progress: Progress, now: Timestamp) -> Result<AuthResponse> {
        let factors = format!("[\"{}\"]", Factor::App.name());
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
        let progress = self.setting_up(request.session(), now)?;
        let app = App::generate()?;
        let code = SecretCode::new(app.to_base32())?;
        let session = random::hex::<64>()?;
        self.keep(&session, Progress { app: Some(app), ..progress }, now);
        Ok(AssociateSoftwareTokenResponse::new(code).with_session(Session::new(session)?))
    }

    /// `VerifySoftwareToken`.
    pub(super) fn verify(&self, request: &VerifySoftwareToken, now: Timestamp) -> Result<VerifySoftwareTokenResponse> {
        let progress = self.setting_up(request.session(), now)?;
        let session = request.session().map_or("", Session::expose);
        let mut app = progress.app.clone().ok_or_else(refusal::no_app)?;
        let tried = self.count_try(Account::Second, &progress.username, session, now)?;
        app.accept(request.user_code(), now)
            .map_err(|_| ServiceError::new("EnableSoftwareTokenMFAException", "Code mismatch"))?;
        // If two requests race, one of them has taken the session.
        self.state().sessions.remove(session, now).ok_or_else(refusal::invalid_session)?;
        self.forget_tries(Account::Second, &progress.username, &tried, now);
        let session = random::hex::<64>()?;
        self.keep(&session, Progress { stage: Stage::MfaVerified, app: Some(app), ..progress }, now);
        let response = VerifySoftwareTokenResponse::new(VerifySoftwareTokenStatus::Success);
        Ok(response.with_session(Session::new(session)?))
    }

    /// Answers `MFA_SETUP` with the session of a verified app.
    pub(super) fn take_setup(
        &self,
        request: &RespondToAuthChallenge,
        answering: &Answering,
        now: Timestamp,
    ) -> Result<AuthResponse> {
        let paused = self.answered(request, answering, Stage::MfaVerified, now)?;
        let progress = self.end(paused, now)?;
        {
            let mut state = self.state();
            let user = state.user_mut(&progress.username, progress.proved)?;
            // Another sign-in may have set up an app since. Its owner must not lose it to somebody with the password alone.
            if !user.factors.is_empty() {
                return Err(refusal::invalid_session());
            }
            (user.factors, user.app) = (vec![Factor::App], progress.app.clone());
        }
        self.sign_in(&progress, None, now)
    }

    /// Returns the sign-in that sets up an app. Only its session says who it is.
    fn setting_up(&self, session: Option<&Session>, now: Timestamp) -> Result<Progress> {
        // The pool sets up apps within a sign-in alone.
        let session = session.filter(|_| self.mfa == Mfa::On).ok_or_else(refusal::unknown_operation)?;
        let state = self.state();
        let progress = state.sessions.get(session.expose(), now).filter(|kept| kept.stage == Stage::MfaSetup);
        let progress = progress.ok_or_else(refusal::invalid_session)?;
        state.user(&progress.username, progress.proved)?;
        Ok(progress.clone())
    }
}
