//! Passkeys: the calls that register, list and delete them. With `sign_in` a user signs in by one.

mod relying_party;
mod sign_in;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognito_srp6a::Timestamp;
use cognito_srp6a::idp::ServiceError;
use ring::hmac;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use webauthn_rs_core::proto::{Credential, RegistrationState};

use super::refusal::{self, Result};
use super::state::{SESSION_SECONDS, State};
use super::store::Lapsing;
use super::{Pool, random};
use crate::config;
use relying_party::{Registered, RelyingParty};

/// The most passkeys of a user, as the service's quota, and the longest page of their list.
const MOST: usize = 20;

/// The longest credential that is read, in bytes. Authenticators send a few thousand, even with a chain of certificates.
const MAX_CREDENTIAL: usize = 32 << 10;

/// An upper estimate of the memory of a passkey without its owner's name and its id, in bytes.
const PASSKEY_BYTES: usize = 2048;

/// The same of a registration without the ids that it excludes.
const REGISTRATION_BYTES: usize = 1024;

/// How the pool uses passkeys.
pub struct Passkeys {
    relying_party: RelyingParty,
    /// Makes the challenges of sessions.
    challenges: hmac::Key,
    /// Makes the ids that are shown for users without passkeys.
    decoys: hmac::Key,
    /// Whether a passkey with user verification stands for the second factor too.
    stands_for_both: bool,
}

/// The passkeys of all users, and the registrations that have begun.
pub struct Kept {
    passkeys: Lapsing<Passkey>,
    /// By their challenge.
    registrations: Lapsing<Registration>,
}

struct Passkey {
    owner: String,
    credential: Credential,
    transports: Vec<Value>,
    attachment: Option<&'static str>,
    created: Timestamp,
}

#[derive(Clone)]
struct Registration {
    owner: String,
    client: usize,
    state: RegistrationState,
}

/// The members of these calls.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Members<'a> {
    access_token: Option<String>,
    #[serde(borrow, default)]
    credential: Option<&'a RawValue>,
    credential_id: Option<String>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

impl Passkeys {
    pub fn new(options: &config::Passkeys) -> Result<Self> {
        let key = || Ok::<_, ServiceError>(hmac::Key::new(hmac::HMAC_SHA256, &random::bytes::<32>()?));
        Ok(Self {
            relying_party: RelyingParty::new(options)?,
            challenges: key()?,
            decoys: key()?,
            stands_for_both: options.factor_configuration
                == config::FactorConfiguration::MultiFactorWithUserVerification,
        })
    }
}

impl Kept {
    /// Creates the stores, with a capacity in bytes.
    pub fn new(capacity: usize) -> Self {
        Self {
            passkeys: Lapsing::new(i64::MAX, capacity / 2),
            registrations: Lapsing::new(SESSION_SECONDS, capacity / 2),
        }
    }

    /// Forgets what a user has begun.
    pub fn end_registrations(&mut self, owner: &str) {
        self.registrations.remove_all_of(owner);
    }

    /// Adds a passkey, unless the user has enough or anybody has this one already.
    fn add(&mut self, passkey: Passkey, now: Timestamp) -> Result<()> {
        let (owner, id) = (passkey.owner.clone(), passkey.id());
        if self.passkeys.get(&id, now).is_some() {
            return Err(refusal::invalid_parameter("This passkey is registered already."));
        }
        self.check_room(&owner)?;
        self.passkeys.insert(&owner, &id, passkey, PASSKEY_BYTES, now);
        // In a pool of little memory it may be the one that was evicted.
        self.passkeys.get(&id, now).map(drop).ok_or_else(refusal::full)
    }

    fn check_room(&self, owner: &str) -> Result<()> {
        if self.passkeys.all_of(owner).count() < MOST {
            return Ok(());
        }
        Err(ServiceError::new("LimitExceededException", format!("A user has at most {MOST} passkeys.")))
    }
}

impl Passkey {
    /// Returns the id in the form that the calls have.
    fn id(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.credential.cred_id)
    }

    fn describe(&self, relying_party_id: &str) -> Value {
        let mut described = json!({
            "CredentialId": self.id(),
            "FriendlyCredentialName": "Passkey",
            "RelyingPartyId": relying_party_id,
            "AuthenticatorTransports": self.transports,
            "CreatedAt": self.created.unix_seconds(),
        });
        if let Some(attachment) = self.attachment {
            described["AuthenticatorAttachment"] = attachment.into();
        }
        described
    }
}

impl Pool {
    /// Answers a call of passkeys.
    pub(super) fn passkey_call(&self, name: &str, body: &[u8], now: Timestamp) -> Result<Value> {
        let passkeys = self.passkeys()?;
        let members: Members<'_> = serde_json::from_slice(body)
            .map_err(|_| ServiceError::new("SerializationException", "the body is not of the operation's shape"))?;
        let token = members.access_token.as_deref().ok_or_else(|| refusal::null_member("AccessToken"))?;
        match name {
            "StartWebAuthnRegistration" => self.start_registration(passkeys, token, now),
            "CompleteWebAuthnRegistration" => {
                let credential = members.credential.ok_or_else(|| refusal::null_member("Credential"))?;
                self.complete_registration(passkeys, token, credential.get(), now)
            }
            "ListWebAuthnCredentials" => self.list_passkeys(passkeys, token, &members, now),
            _ => {
                let id = members.credential_id.as_deref().ok_or_else(|| refusal::null_member("CredentialId"))?;
                self.delete_passkey(token, id, now)
            }
        }
    }

    fn passkeys(&self) -> Result<&Passkeys> {
        self.passkeys.as_ref().ok_or_else(refusal::no_passkeys)
    }

    fn start_registration(&self, passkeys: &Passkeys, access_token: &str, now: Timestamp) -> Result<Value> {
        let bearer = self.bearer(access_token, now)?;
        let (sub, ids) = {
            let state = self.state();
            let sub = state.user(&bearer.username, bearer.proved)?.sub.clone();
            state.passkeys.check_room(&bearer.username)?;
            (sub, state.passkey_ids(&bearer.username))
        };
        let bytes = REGISTRATION_BYTES + ids.iter().map(Vec::len).sum::<usize>();
        let (options, state) = passkeys.relying_party.creation_options(&sub, &bearer.username, ids)?;
        let challenge = options["challenge"].as_str().unwrap_or_default().to_owned();
        let registration = Registration { owner: bearer.username.clone(), client: bearer.client, state };
        self.state().passkeys.registrations.insert(&bearer.username, &challenge, registration, bytes, now);
        Ok(json!({"CredentialCreationOptions": options}))
    }

    /// Its challenge is good for one try.
    fn complete_registration(
        &self,
        passkeys: &Passkeys,
        access_token: &str,
        credential: &str,
        now: Timestamp,
    ) -> Result<Value> {
        let bearer = self.bearer(access_token, now)?;
        let credential = Registered::read(credential)?;
        let challenge = credential.challenge();
        let registration = {
            let registrations = &mut self.state().passkeys.registrations;
            let begun = registrations.get(challenge, now).filter(|begun| begun.owner == bearer.username);
            if begun.is_some_and(|begun| begun.client != bearer.client) {
                let message = "The registration was started for another app client.";
                return Err(ServiceError::new("WebAuthnClientMismatchException", message));
            }
            let begun = begun.cloned().ok_or_else(|| {
                ServiceError::new("WebAuthnChallengeNotFoundException", "The challenge is unknown, used or expired.")
            })?;
            registrations.remove(challenge, now);
            begun
        };
        let passkey = Passkey {
            owner: bearer.username.clone(),
            credential: passkeys.relying_party.register(&credential, &registration.state)?,
            transports: credential.transports(),
            attachment: credential.attachment(),
            created: now,
        };
        let mut state = self.state();
        state.user(&bearer.username, bearer.proved)?;
        state.passkeys.add(passkey, now)?;
        Ok(json!({}))
    }

    /// The oldest first, from the end of the page before.
    fn list_passkeys(
        &self,
        passkeys: &Passkeys,
        access_token: &str,
        members: &Members<'_>,
        now: Timestamp,
    ) -> Result<Value> {
        let bearer = self.bearer(access_token, now)?;
        let size = match members.max_results {
            None | Some(0) => MOST,
            Some(size @ 1..=MOST) => size,
            Some(_) => return Err(refusal::invalid_parameter(format!("MaxResults is at most {MOST}."))),
        };
        let state = self.state();
        let own: Vec<_> = state.passkeys.passkeys.all_of(&bearer.username).collect();
        let rest = match &members.next_token {
            Some(after) => own.iter().position(|own| own.id() == *after).map_or(&[][..], |last| &own[last + 1..]),
            None => &own,
        };
        let page = &rest[..size.min(rest.len())];
        let described: Vec<_> = page.iter().map(|passkey| passkey.describe(passkeys.relying_party.id())).collect();
        let mut answer = json!({"Credentials": described});
        if let Some(last) = page.last().filter(|_| page.len() < rest.len()) {
            answer["NextToken"] = last.id().into();
        }
        Ok(answer)
    }

    fn delete_passkey(&self, access_token: &str, id: &str, now: Timestamp) -> Result<Value> {
        let bearer = self.bearer(access_token, now)?;
        let passkeys = &mut self.state().passkeys.passkeys;
        if passkeys.get(id, now).is_none_or(|passkey| passkey.owner != bearer.username) {
            return Err(ServiceError::new("ResourceNotFoundException", "The passkey does not exist."));
        }
        passkeys.remove(id, now);
        Ok(json!({}))
    }
}

impl State {
    /// Returns the ids of a user's passkeys.
    fn passkey_ids(&self, owner: &str) -> Vec<Vec<u8>> {
        self.passkeys.passkeys.all_of(owner).map(|passkey| passkey.credential.cred_id.clone()).collect()
    }
}
