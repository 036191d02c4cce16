//! `GetUserAttributeVerificationCode` and `VerifyUserAttribute`: a user shows that an address is theirs.

use std::collections::BTreeMap;

use cognito_srp6a::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::attributes::Attributes;
use super::members::{member, members};
use super::messages::Occasion;
use super::outbox::{Letter, Medium};
use super::refusal::{self, Result};
use super::state::SESSION_SECONDS;
use super::tries::Account;
use super::{Pool, random, triggers};

/// A code that is on its way to an address.
pub struct Verification {
    medium: Medium,
    /// The address. If the user changes it, the code is worth nothing.
    address: String,
    /// The text that the code is made of.
    nonce: String,
    deadline: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Members {
    access_token: Option<String>,
    attribute_name: Option<String>,
    #[serde(default)]
    client_metadata: BTreeMap<String, String>,
    code: Option<String>,
}

impl Pool {
    /// `GetUserAttributeVerificationCode`. A new code replaces the one before.
    pub(super) fn ask_verification(&self, body: &[u8], now: Timestamp) -> Result<Value> {
        let members: Members = members(body)?;
        let bearer = self.bearer(member(members.access_token.as_deref(), "AccessToken")?, now)?;
        let medium = medium(member(members.attribute_name.as_deref(), "AttributeName")?)?;
        let (nonce, deadline) = (random::hex::<32>()?, now.unix_seconds() + SESSION_SECONDS);
        let code = self.keys.code(&nonce);
        let to = {
            let mut state = self.state();
            let user = state.user_mut(&bearer.username, bearer.proved)?;
            let address = user.attributes.get(medium.attribute()).ok_or_else(no_address)?.clone();
            user.verification = Some(Verification { medium, address: address.clone(), nonce, deadline });
            address
        };
        let details = medium.delivery(&to);
        let letter = Letter { code, ..Letter::new(medium, to, "VerifyUserAttribute", bearer.username) };
        let metadata = triggers::metadata(&members.client_metadata);
        self.send(Occasion::Verification, letter, bearer.client, &metadata)?;
        Ok(json!({"CodeDeliveryDetails": details}))
    }

    /// `VerifyUserAttribute`.
    pub(super) fn verify_attribute(&self, body: &[u8], now: Timestamp) -> Result<Value> {
        let members: Members = members(body)?;
        let bearer = self.bearer(member(members.access_token.as_deref(), "AccessToken")?, now)?;
        let medium = medium(member(members.attribute_name.as_deref(), "AttributeName")?)?;
        let code = member(members.code.as_deref(), "Code")?;
        let nonce = {
            let mut state = self.state();
            let user = state.user_mut(&bearer.username, bearer.proved)?;
            let pending = user.verification.as_ref().filter(|pending| {
                pending.medium == medium
                    && pending.deadline >= now.unix_seconds()
                    && user.attributes.get(medium.attribute()) == Some(&pending.address)
            });
            pending.ok_or_else(refusal::expired_code)?.nonce.clone()
        };
        let tried = self.count_try(Account::Second, &bearer.username, &nonce, now)?;
        if !bool::from(self.is_code(&nonce, code)) {
            return Err(refusal::wrong_code());
        }
        {
            let mut state = self.state();
            let user = state.user_mut(&bearer.username, bearer.proved)?;
            // If two requests race, one of them has taken the code.
            let taken = user.verification.take_if(|pending| pending.nonce == nonce);
            let Verification { address, .. } = taken.ok_or_else(refusal::expired_code)?;
            if user.attributes.get(medium.attribute()) != Some(&address) {
                return Err(refusal::expired_code());
            }
            let verified = (format!("{}_verified", medium.attribute()), "true".to_owned());
            state.change_attributes(&bearer.username, Attributes::from([verified]))?;
        }
        self.forget_tries(Account::Second, &bearer.username, &tried, now);
        Ok(json!({}))
    }
}

/// Returns the medium of an attribute that has an address.
fn medium(attribute: &str) -> Result<Medium> {
    let media = [Medium::Email, Medium::Sms].into_iter();
    media.into_iter().find(|medium| medium.attribute() == attribute).ok_or_else(no_address)
}

fn no_address() -> super::ServiceError {
    refusal::invalid_parameter("The user has no such attribute that could be verified.")
}
