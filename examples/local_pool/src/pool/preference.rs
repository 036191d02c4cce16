//! `SetUserMFAPreference` and `AdminSetUserMFAPreference`: which second factors of a user are on, and which one is asked for.
//!
//! A sign-in that has begun its second factor goes on with it; the next one finds the new preference.

use cognito_srp6a::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::factors::{Factor, Mfa};
use super::members::{member, members};
use super::refusal::{self, Result};
use super::state::User;
use super::{Pool, check_name, codes};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Members {
    access_token: Option<String>,
    user_pool_id: Option<String>,
    username: Option<String>,
    #[serde(rename = "SMSMfaSettings")]
    sms: Option<Settings>,
    #[serde(rename = "SoftwareTokenMfaSettings")]
    app: Option<Settings>,
    #[serde(rename = "EmailMfaSettings")]
    email: Option<Settings>,
    #[serde(rename = "WebAuthnMfaSettings")]
    web_authn: Option<Settings>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Settings {
    enabled: bool,
    preferred_mfa: bool,
}

impl Pool {
    /// `SetUserMFAPreference`.
    pub(super) fn set_mfa_preference(&self, body: &[u8], now: Timestamp) -> Result<Value> {
        let members: Members = members(body)?;
        let bearer = self.bearer(member(members.access_token.as_deref(), "AccessToken")?, now)?;
        self.set_factors(&bearer.username, &members)
    }

    /// `AdminSetUserMFAPreference`.
    pub(super) fn admin_set_mfa_preference(&self, body: &[u8]) -> Result<Value> {
        let members: Members = members(body)?;
        self.check_pool(member(members.user_pool_id.as_deref(), "UserPoolId")?)?;
        let name = check_name(member(members.username.as_deref(), "Username")?)?;
        self.set_factors(&self.canonical(name), &members)
    }

    fn set_factors(&self, username: &str, members: &Members) -> Result<Value> {
        if self.mfa == Mfa::Off {
            return Err(refusal::invalid_parameter("MFA is not enabled for this user pool."));
        }
        if members.web_authn.is_some_and(|settings| settings.enabled) {
            return Err(refusal::invalid_parameter("This pool has no passkey as second factor."));
        }
        let given = [(Factor::App, members.app), (Factor::Sms, members.sms), (Factor::Email, members.email)];
        let mut state = self.state();
        let user = state.users.get_mut(username).ok_or_else(refusal::unknown_user)?;
        let (mut factors, mut preferred) = (user.factors.clone(), user.preferred);
        for (factor, settings) in given.into_iter().filter_map(|(factor, settings)| Some((factor, settings?))) {
            factors.retain(|on| *on != factor);
            preferred = preferred.filter(|preferred| *preferred != factor);
            if settings.enabled {
                check_has(user, factor)?;
                factors.push(factor);
            }
        }
        let mut wanted = given.iter().filter(|(_, settings)| settings.is_some_and(|settings| settings.preferred_mfa));
        if let Some((factor, _)) = wanted.next() {
            if wanted.next().is_some() {
                return Err(refusal::invalid_parameter("Only one MFA method can be preferred."));
            }
            if !factors.contains(factor) {
                return Err(refusal::invalid_parameter("An MFA method that is not enabled cannot be preferred."));
            }
            preferred = Some(*factor);
        }
        (user.factors, user.preferred) = (factors, preferred);
        Ok(json!({}))
    }
}

/// Refuses a factor for which the user has no app or no verified address.
fn check_has(user: &User, factor: Factor) -> Result<()> {
    if codes::has(user, factor) {
        return Ok(());
    }
    Err(refusal::invalid_parameter(format!("User does not have delivery config set to turn on {}", factor.name())))
}
