//! `InitiateAuth` and `AdminInitiateAuth`.

use cognito_srp6a::idp::{Api, AuthFlow, AuthResponse, ChallengeName, InitiateAuth, ParameterMap, Session};
use cognito_srp6a::{ParameterSource as _, Timestamp};

use super::keys::Purpose;
use super::outbox::Medium;
use super::progress::Progress;
use super::refusal::{self, Result};
use super::respond::metadata_of;
use super::triggers::{Metadata, Subject, Trigger};
use super::{Pool, device_key, required, srp_a, username};
use crate::config::Flow;

/// What a call of `USER_AUTH` carries to step up.
const STEP_UP: [&str; 3] = ["ACCESS_TOKEN", "MAX_AGE", "TARGET_ACR_VALUES"];

impl Pool {
    pub(super) fn initiate(&self, request: &InitiateAuth, now: Timestamp) -> Result<AuthResponse> {
        request.user_pool_id().map_or(Ok(()), |id| self.check_pool(id))?;
        let client = self.client(request.client_id())?;
        check_flow(request)?;
        if !self.allows(client, request.auth_flow()) {
            return Err(refusal::disabled_flow(request.auth_flow()));
        }
        let parameters = request.auth_parameters();
        let secret_hash = parameters.parameter("SECRET_HASH");
        if matches!(request.auth_flow(), AuthFlow::RefreshToken | AuthFlow::RefreshTokenAuth) {
            let token = required(parameters, "REFRESH_TOKEN")?;
            let device_key = parameters.parameter("DEVICE_KEY");
            let check = |username: &str| self.check_secret_hash(client, secret_hash, username);
            return self.refresh(client, (token, device_key), &None, now, check);
        }

        // The hash is over the name in the request. Everything below uses the canonical name.
        let name = username(parameters)?;
        self.check_secret_hash(client, secret_hash, name)?;
        let is_custom = *request.auth_flow() == AuthFlow::CustomAuth;
        let progress = Progress::begin(self.canonical(name), client, device_key(parameters)?, is_custom);
        // Of this call only these triggers get the metadata, so the sign-in does not keep it.
        let metadata = metadata_of(request.context());
        if sends_password(request.auth_flow()) {
            self.migrate(&progress, parameters, &metadata, now)?;
        }
        self.before_authentication(&progress, &metadata)?;
        match request.auth_flow() {
            AuthFlow::UserSrpAuth => self.password_verifier(progress, Purpose::Alone, &srp_a(parameters)?, now),
            AuthFlow::CustomAuth if self.triggers.is_some() => self.begin_custom(progress, parameters, now),
            AuthFlow::CustomAuth if parameters.parameter("CHALLENGE_NAME") == Some("SRP_A") => {
                self.begin_proof(progress, parameters, now)
            }
            AuthFlow::CustomAuth if self.custom_answer.is_some() => self.ask_custom(progress, now),
            AuthFlow::CustomAuth => {
                Err(refusal::invalid_parameter("Custom auth lambda trigger is not configured for the user pool."))
            }
            AuthFlow::UserAuth if STEP_UP.iter().any(|name| parameters.parameter(name).is_some()) => {
                Err(refusal::no_step_up())
            }
            AuthFlow::UserAuth if request.session().is_some() => {
                let session = request.session().map_or("", Session::expose);
                self.sign_in_confirmed(session, progress, parameters, now)
            }
            AuthFlow::UserAuth => match parameters.parameter("PREFERRED_CHALLENGE") {
                Some("PASSWORD_SRP") if parameters.parameter("SRP_A").is_some() => {
                    self.begin_proof(progress, parameters, now)
                }
                Some("PASSWORD") if parameters.parameter("PASSWORD").is_some() => {
                    self.after_password(self.take_password(progress, parameters, now)?, now)
                }
                Some("PASSWORD_SRP") => self.ask_first_factor(ChallengeName::PasswordSrp, progress, now),
                Some("PASSWORD") => self.ask_first_factor(ChallengeName::Password, progress, now),
                Some("EMAIL_OTP") if self.first_codes.contains(&Medium::Email) => {
                    self.ask_first_code(Medium::Email, progress, now)
                }
                Some("SMS_OTP") if self.first_codes.contains(&Medium::Sms) => {
                    self.ask_first_code(Medium::Sms, progress, now)
                }
                #[cfg(feature = "passkeys")]
                Some("WEB_AUTHN") if self.passkeys.is_some() => self.ask_passkey(progress, now),
                // No preference, or one that this pool does not have.
                _ => self.ask_first_factor(ChallengeName::SelectChallenge, progress, now),
            },
            // `check_flow` leaves only the flows that send the password.
            _ => self.after_password(self.take_password(progress, parameters, now)?, now),
        }
    }

    /// Returns whether a client may use a flow.
    fn allows(&self, client: usize, flow: &AuthFlow) -> bool {
        let flow = match flow {
            AuthFlow::UserSrpAuth => Flow::UserSrp,
            AuthFlow::UserAuth => Flow::User,
            AuthFlow::CustomAuth => Flow::Custom,
            AuthFlow::UserPasswordAuth => Flow::UserPassword,
            AuthFlow::AdminUserPasswordAuth | AuthFlow::AdminNoSrpAuth => Flow::AdminUserPassword,
            // A rotated token is refreshed by `GetTokensFromRefreshToken` alone.
            AuthFlow::RefreshToken | AuthFlow::RefreshTokenAuth if self.rotation.is_none() => Flow::RefreshToken,
            _ => return false,
        };
        self.clients[client].flows.contains(&flow)
    }

    /// Starts the proof of the password in a flow that has a `Session`.
    pub(super) fn begin_proof(
        &self,
        progress: Progress,
        parameters: &ParameterMap,
        now: Timestamp,
    ) -> Result<AuthResponse> {
        self.password_verifier(progress, Purpose::InSession, &srp_a(parameters)?, now)
    }

    /// Verifies a password that the client sent.
    pub(super) fn take_password(
        &self,
        progress: Progress,
        parameters: &ParameterMap,
        now: Timestamp,
    ) -> Result<Progress> {
        let (record, epoch) = self.record(&progress.username)?;
        let password = required(parameters, "PASSWORD")?.parse()?;
        record.verify_password(&password)?;
        self.check_device(&progress.username, progress.device_key.as_ref(), now)?;
        Ok(Progress { proved: Some(epoch.credentials), ..progress })
    }

    /// Sends the challenge for a first factor, or for the choice of one.
    fn ask_first_factor(&self, name: ChallengeName, progress: Progress, now: Timestamp) -> Result<AuthResponse> {
        // The same list for everybody: it tells nobody who is a user, or what a user has.
        let codes = self.first_codes.iter().map(|medium| match medium {
            Medium::Email => ChallengeName::EmailOtp,
            Medium::Sms => ChallengeName::SmsOtp,
        });
        let choices: Vec<_> = [ChallengeName::PasswordSrp, ChallengeName::Password].into_iter().chain(codes).collect();
        let parameters = vec![("USERNAME", progress.username.clone())];
        let session = self.begin_session(progress, now)?;
        #[cfg(feature = "passkeys")]
        let (choices, parameters) = self.with_passkey(&name, choices, parameters, &session);
        let challenge = AuthResponse::challenge(name, parameters).with_available_challenges(choices);
        Ok(challenge.with_session(Session::new(session)?))
    }

    /// Makes new tokens for a refresh token and the key of its device. `check_client` checks the client for the name in the
    /// token.
    pub(super) fn refresh(
        &self,
        client: usize,
        (token, device_key): (&str, Option<&str>),
        metadata: &Metadata,
        now: Timestamp,
        check_client: impl FnOnce(&str) -> Result<()>,
    ) -> Result<AuthResponse> {
        let invalid = || refusal::denied("Invalid Refresh Token.");
        let (grant, holder, generation) = {
            let state = self.state();
            let (grant, user, generation) = state.refreshed(token, client, now).ok_or_else(invalid)?;
            (grant.clone(), user.holder(), generation)
        };
        check_client(&grant.username)?;
        // A device that the pool offered and the client never confirmed does not bind the token.
        let bound = grant.device_key.as_deref().filter(|_| grant.bound);
        if (bound.is_some() || device_key.is_some()) && bound != device_key {
            return Err(invalid());
        }
        let check_device = || {
            let is_forgotten = bound.is_some_and(|key| self.state().devices.get(key, now).is_none());
            if is_forgotten { Err(invalid()) } else { Ok(()) }
        };
        check_device()?;
        let subject = Subject { username: &grant.username, client: Some(client), metadata };
        let overrides = self.overrides(Trigger::TOKENS_OF_REFRESH, &subject)?;
        let result = self.tokens.make(&grant, &holder, overrides.as_ref(), now)?;
        // Check again: the lock was free while the trigger ran.
        check_device()?;
        let mut state = self.state();
        state.refreshed(token, client, now).ok_or_else(invalid)?;
        let Some(grace) = self.rotation else { return Ok(AuthResponse::tokens(result)) };
        let grant = state.grants.get_mut(&grant.origin_jti, now).ok_or_else(invalid)?;
        Ok(AuthResponse::tokens(result.with_refresh_token(grant.rotate(generation, grace, now)?)))
    }
}

/// Returns whether a flow begins with the password itself.
const fn sends_password(flow: &AuthFlow) -> bool {
    matches!(flow, AuthFlow::UserPasswordAuth | AuthFlow::AdminUserPasswordAuth | AuthFlow::AdminNoSrpAuth)
}

/// Refuses an unknown flow, or one that the call does not have.
fn check_flow(request: &InitiateAuth) -> Result<()> {
    let here = match request.auth_flow() {
        AuthFlow::UserSrpAuth
        | AuthFlow::UserAuth
        | AuthFlow::CustomAuth
        | AuthFlow::RefreshToken
        | AuthFlow::RefreshTokenAuth => true,
        AuthFlow::UserPasswordAuth => request.api() == Api::Public,
        AuthFlow::AdminUserPasswordAuth | AuthFlow::AdminNoSrpAuth => request.api() == Api::Admin,
        flow => {
            return Err(refusal::invalid_parameter(format!(
                "1 validation error detected: Value '{flow}' at 'authFlow' failed to satisfy constraint: Member must \
                 satisfy enum value set"
            )));
        }
    };
    if here { Ok(()) } else { Err(refusal::invalid_parameter("Initiate Auth method not supported.")) }
}
