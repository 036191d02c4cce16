//! The pool: users, devices and sign-ins, without the transport.
//!
//! The crate handles the messages and the proofs. The pool keeps the state around them, as a service does.

mod accounts;
pub mod answers;
mod attributes;
mod codes;
mod custom;
mod devices;
mod factors;
mod head;
mod hooks;
mod initiate;
mod keys;
mod members;
mod messages;
mod migration;
mod outbox;
mod overrides;
mod parameters;
#[cfg(feature = "passkeys")]
mod passkeys;
mod preference;
mod progress;
mod random;
mod rare;
mod refusal;
mod respond;
mod revoke;
mod setup;
mod sign_up;
mod signing;
mod sigv4;
mod spent;
mod state;
mod status;
pub mod store;
mod tokens;
mod totp;
mod tries;
mod triggers;
mod verification;

use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use cognito_srp6a::idp::{Operation, Request, ServiceError};
use cognito_srp6a::server::UserRecord;
use cognito_srp6a::{DeviceKey, Error, PoolId, Timestamp};
use serde_json::Value;

use crate::config::Client;
use crate::lambda::{Function, HttpFunction};
use crate::options::Options;
use attributes::Attributes;
pub use factors::{Factor, Mfa};
pub use head::Head;
use keys::Keys;
use outbox::Outbox;
pub use outbox::{Letter, Medium};
use parameters::{check_name, device_key, name, required, srp_a, username};
use refusal::Result;
pub use sigv4::SecretAccessKey;
use sigv4::Signatures;
use state::{Epoch, State};
pub use status::Confirmation;
use tokens::Tokens;
pub use totp::App;
use triggers::Triggers;

/// A user pool with its app clients.
pub struct Pool {
    id: PoolId,
    /// A client's place in this list stands for it in everything that the pool issues.
    clients: Vec<Client>,
    keys: Keys,
    tokens: Tokens,
    max_age: Duration,
    offers_devices: bool,
    single_use: bool,
    rare: bool,
    custom_answer: Option<String>,
    #[cfg(feature = "passkeys")]
    passkeys: Option<passkeys::Passkeys>,
    confirmation: Confirmation,
    mfa: Mfa,
    rotation: Option<i64>,
    /// The media of codes that anybody may ask for as first factor.
    first_codes: Vec<Medium>,
    /// The keys that sign admin calls. Without them the pool checks no signature.
    signatures: Option<Signatures>,
    /// The attributes that are looked at if there is no user.
    nobody: Arc<Attributes>,
    outbox: Outbox,
    triggers: Option<Triggers>,
    state: Mutex<State>,
}

impl Pool {
    /// Creates a pool with the users of the options.
    ///
    /// # Errors
    ///
    /// A sentence that names the option at fault: for example, a user that a call could not create either.
    pub fn new(options: &Options) -> std::result::Result<Self, String> {
        let failed = |error: ServiceError| error.to_string();
        let mut pool = Self {
            id: options.pool_id.clone(),
            clients: options.clients.clone(),
            keys: Keys::generate(codes::domains_of(&options.users)).map_err(failed)?,
            tokens: Tokens::new(options.issuer.clone(), &options.clients),
            max_age: options.max_age,
            offers_devices: options.devices,
            single_use: options.single_use,
            rare: options.rare,
            custom_answer: options.custom_answer.clone(),
            #[cfg(feature = "passkeys")]
            passkeys: options.passkeys.as_ref().map(passkeys::Passkeys::new).transpose().map_err(failed)?,
            confirmation: options.confirmation,
            mfa: options.mfa,
            rotation: options.rotation,
            first_codes: codes::media_of(&options.users),
            signatures: options.access_keys.clone().map(|keys| Signatures::new(keys, options.pool_id.region())),
            nobody: Arc::new(codes::attributes_of_nobody()),
            outbox: Outbox::new(),
            triggers: None,
            state: Mutex::new(State::new(options)),
        };
        // The key is dropped. This only checks that the pool id is short enough for device keys.
        pool.new_device_key().map_err(|error| format!("--pool-id: {error}"))?;
        let now = now().map_err(failed)?;
        for user in &options.users {
            let option = |error: &ServiceError| if *error == refusal::full() { "--memory" } else { &user.origin };
            let added = pool.add_first_user(user, now);
            added.map_err(|error| format!("{}: {:?}: {error}", option(&error), user.name))?;
        }
        let strange = options.aliases.values().find(|name| !pool.state().users.contains_key(*name));
        if let Some(name) = strange {
            return Err(format!("--alias: {name:?} is no user of this pool"));
        }
        if let Some(url) = &options.triggers {
            pool = pool.with_triggers(Arc::new(HttpFunction::new(url.clone(), options.trigger_patience)));
        }
        Ok(pool)
    }

    /// Sends all events to a function.
    #[must_use]
    pub fn with_triggers(self, function: Arc<dyn Function>) -> Self {
        Self { triggers: Some(Triggers::new(function, &self.id)), ..self }
    }

    /// Returns whether a call may wait for a function.
    #[must_use]
    pub const fn has_triggers(&self) -> bool {
        self.triggers.is_some()
    }

    /// Answers one call.
    ///
    /// # Errors
    ///
    /// [`ServiceError`] for the client.
    pub fn call(&self, head: Head<'_>, body: &[u8]) -> Result<Vec<u8>> {
        self.call_at(head, body, now()?)
    }

    /// Answers one call at a time.
    ///
    /// # Errors
    ///
    /// As for [`call`](Self::call).
    pub fn call_at(&self, head: Head<'_>, body: &[u8], now: Timestamp) -> Result<Vec<u8>> {
        let name = head.operation().ok_or_else(refusal::unknown_operation)?;
        // The service's model marks these calls as signed, and no other of this pool.
        if name.starts_with("Admin") {
            self.check_signature(head, body, now)?;
        }
        match Operation::from_name(name) {
            Some(operation) if is_read_by_the_crate(operation) => match read(operation, body)? {
                Request::InitiateAuth(request) => Ok(self.initiate(&request, now)?.to_json().to_vec()),
                Request::RespondToAuthChallenge(request) => Ok(self.respond(&request, now)?.to_json().to_vec()),
                Request::ConfirmDevice(request) => Ok(self.confirm_device(&request, now)?.to_json()),
                Request::AssociateSoftwareToken(request) => Ok(self.associate(&request, now)?.to_json().to_vec()),
                Request::VerifySoftwareToken(request) => Ok(self.verify(&request, now)?.to_json().to_vec()),
                _ => Err(refusal::unknown_operation()),
            },
            _ => self.other_call(name, body, now).map(|answer| answer.to_string().into_bytes()),
        }
    }

    /// Returns the path of `jwks.json` and its content.
    #[must_use]
    pub fn key_set(&self) -> (String, &Value) {
        (format!("/{}/.well-known/jwks.json", self.id), self.tokens.key_set())
    }

    /// Returns what the pool would have sent, as a JSON list, the newest last.
    #[must_use]
    pub fn outbox(&self) -> String {
        self.outbox.to_json()
    }

    /// Returns letters as they come. Only the first caller gets them.
    pub fn letters(&self) -> Option<Receiver<Letter>> {
        self.outbox.news()
    }

    /// Returns a random id for `x-amzn-requestid`.
    #[must_use]
    pub fn request_id() -> Option<String> {
        random::uuid().ok()
    }

    /// Checks the signature of a call. Without access keys it only has to have one.
    fn check_signature(&self, head: Head<'_>, body: &[u8], now: Timestamp) -> Result<()> {
        match (&self.signatures, head.header("authorization")) {
            (Some(signatures), _) => signatures.check(head, body, now),
            (None, None) => Err(refusal::unsigned()),
            (None, Some(header)) if header.starts_with(sigv4::ALGORITHM) => Ok(()),
            (None, Some(_)) => Err(refusal::unknown_key()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics under the lock")
    }

    /// Refuses the id of another pool.
    fn check_pool(&self, pool_id: &str) -> Result<()> {
        if pool_id == self.id.as_str() { Ok(()) } else { Err(refusal::unknown_pool(pool_id)) }
    }

    /// Returns the place of the client with this id.
    fn client(&self, client_id: &str) -> Result<usize> {
        let found = self.clients.iter().position(|client| client.app.client_id() == client_id);
        found.ok_or_else(|| refusal::unknown_client(client_id))
    }

    /// Checks a `SECRET_HASH` over a name. If the client has no secret, every hash is refused.
    fn check_secret_hash(&self, client: usize, given: Option<&str>, username: &str) -> Result<()> {
        let app = &self.clients[client].app;
        let client_id = app.client_id();
        app.verify_secret_hash(&name(username)?, given).map_err(|error| match error {
            Error::WrongSecretHash => refusal::denied(format!("Unable to verify secret hash for client {client_id}")),
            Error::Missing(_) => refusal::denied(format!(
                "Client {client_id} is configured with secret but SECRET_HASH was not received"
            )),
            other => other.into(),
        })
    }

    /// Returns the canonical name of a user. An unknown name is returned as it is.
    fn canonical(&self, name: &str) -> String {
        self.state().aliases.get(name).map_or(name, String::as_str).to_owned()
    }

    /// Returns a user's record and epoch. An unknown user gets a fake record, after the same work.
    fn record(&self, username: &str) -> Result<(UserRecord, Epoch)> {
        let user = self.state().users.get(username).map(|user| (Arc::clone(&user.record), user.epoch));
        let (record, epoch) = user.unzip();
        let record = self.keys.record_or_fake(&self.id, &name(username)?, record.as_deref());
        // This leaves the salt of a user that exists as it is, because it was drawn so.
        let record = if self.rare { rare::with_rare_salt(&self.id, &record)? } else { record };
        Ok((record, epoch.unwrap_or(Epoch::OF_NOBODY)))
    }

    /// Returns a user's epoch. An unknown user has one that no user ever has.
    fn epoch(&self, username: &str) -> Epoch {
        self.state().users.get(username).map_or(Epoch::OF_NOBODY, |user| user.epoch)
    }

    fn new_device_key(&self) -> Result<DeviceKey> {
        Ok(format!("{}_{}", self.id.region(), random::uuid()?).parse()?)
    }
}

fn now() -> Result<Timestamp> {
    Timestamp::now().map_err(|_| ServiceError::new("InternalErrorException", "The clock is not right."))
}

/// Returns whether the pool reads a call with the crate's types. It reads the others itself ([`Pool::other_call`]).
const fn is_read_by_the_crate(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::InitiateAuth
            | Operation::AdminInitiateAuth
            | Operation::RespondToAuthChallenge
            | Operation::AdminRespondToAuthChallenge
            | Operation::ConfirmDevice
            | Operation::AssociateSoftwareToken
            | Operation::VerifySoftwareToken
    )
}

/// Reads a call with the crate's types.
fn read(operation: Operation, body: &[u8]) -> Result<Request> {
    let required: &[&str] = match operation {
        Operation::InitiateAuth => &["ClientId", "AuthFlow"],
        Operation::AdminInitiateAuth => &["UserPoolId", "ClientId", "AuthFlow"],
        Operation::RespondToAuthChallenge => &["ClientId", "ChallengeName"],
        Operation::AdminRespondToAuthChallenge => &["UserPoolId", "ClientId", "ChallengeName"],
        Operation::VerifySoftwareToken => &["UserCode"],
        Operation::ConfirmDevice => &["AccessToken", "DeviceKey"],
        _ => &[],
    };
    Request::from_json(operation, body).map_err(|error| refusal::of_body(error, body, required))
}
