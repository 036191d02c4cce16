//! The pool: users, devices and sign-ins, without the transport.
//!
//! What the wire carries and what is proved is the crate's; this is what a service keeps around it. (The file is a `mod.rs`
//! because the tests include it by path, and a file included by path looks for its children beside itself.)

mod accounts;
mod devices;
mod initiate;
mod random;
mod rare;
mod refusal;
mod respond;
mod signing;
mod store;
mod tokens;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use cognito_srp6a::idp::{
    AuthResponse, AuthenticationResult, ChallengeName, NewDeviceMetadata, Operation, Request, ServiceError, Session,
};
use cognito_srp6a::server::{DeviceRecord, ServerKey, UnknownUserKey, UserRecord};
use cognito_srp6a::{AppClient, DeviceKey, Parameters, SrpA, Timestamp};
use serde_json::Value;
use subtle::ConstantTimeEq as _;

use crate::options::Options;
use refusal::Result;
use store::Lapsing;
use tokens::{Grant, Tokens};

/// How long a `Session` lives, in seconds: the service's default.
const SESSION_SECONDS: i64 = 180;

/// How long a refresh token lives, in seconds: the service's default, 30 days.
const REFRESH_SECONDS: i64 = 30 * 24 * 3600;

/// The most users, and the most devices, so that a pool under random requests stays small.
const MAX_ENTRIES: usize = 100_000;

/// A user pool with one app client.
pub struct Pool {
    app: AppClient,
    keys: Keys,
    fakes: UnknownUserKey,
    tokens: Tokens,
    max_age: Duration,
    offers_devices: bool,
    single_use: bool,
    rare: bool,
    custom_answer: Option<String>,
    state: Mutex<State>,
}

/// Three keys, so that a secret block opens only where its flow goes on.
///
/// The answer to `USER_SRP_AUTH` has no `Session`. A block that was made inside a flow with one must not pass there, or the
/// rest of that flow (a custom challenge, say) could be skipped by leaving the `Session` out.
struct Keys {
    alone: ServerKey,
    in_session: ServerKey,
    device: ServerKey,
}

struct State {
    users: HashMap<String, User>,
    aliases: BTreeMap<String, String>,
    devices: HashMap<String, RememberedDevice>,
    sessions: Lapsing<String, Progress>,
    /// Devices that were asked for their proof, for clients that answer `DEVICE_SRP_AUTH` without its `Session`.
    awaited: Lapsing<String, ()>,
    /// Sign-ins by refresh token.
    grants: Lapsing<String, Grant>,
    /// Secret blocks that were answered, where each is good once.
    spent: Lapsing<String, ()>,
}

struct User {
    /// Of the password there is only this, so that the pool is one even where the password itself is sent.
    record: Arc<UserRecord>,
    sub: String,
    device_group_key: String,
    must_change_password: bool,
    attributes: BTreeMap<String, String>,
    changed: Timestamp,
}

struct RememberedDevice {
    owner: String,
    record: Arc<DeviceRecord>,
    name: Option<String>,
    confirmed: Timestamp,
}

/// A sign-in between two calls.
#[derive(Clone)]
struct Progress {
    /// The canonical name, or the name of nobody.
    username: String,
    device_key: Option<DeviceKey>,
    /// Whether it began as `CUSTOM_AUTH`.
    custom: bool,
    stage: Stage,
}

/// What a sign-in waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    FirstFactor,
    PasswordProof,
    NewPassword,
    CustomAnswer,
    DeviceStart,
    DeviceProof,
}

impl Pool {
    /// Makes a pool with the users that the options name.
    ///
    /// # Errors
    ///
    /// [`ServiceError`] for a user that the service could not have, as if it had been made by a call.
    pub fn new(options: &Options) -> Result<Self> {
        let key = || ServerKey::generate().map_err(refusal::of);
        let pool = Self {
            app: options.app.clone(),
            keys: Keys { alone: key()?, in_session: key()?, device: key()? },
            fakes: UnknownUserKey::generate().map_err(refusal::of)?,
            tokens: Tokens::new(options.issuer.clone(), options.app.client_id()),
            max_age: options.max_age,
            offers_devices: options.devices,
            single_use: options.single_use,
            rare: options.rare,
            custom_answer: options.custom_answer.clone(),
            state: Mutex::new(State { aliases: options.aliases.clone(), ..State::new(options.max_age) }),
        };
        // Made and thrown away: a pool whose id is too long for its device keys should not start.
        pool.new_device_key()?;
        let now = now()?;
        for (name, password) in &options.users {
            let must_change = options.force_new_password.contains(name);
            pool.add_user(name, password, must_change, BTreeMap::new(), now)?;
        }
        let unknown = options.aliases.values().chain(&options.force_new_password);
        match unknown.into_iter().find(|name| !pool.state().users.contains_key(*name)) {
            Some(name) => Err(refusal::invalid_parameter(format!("{name:?} is no user of this pool"))),
            None => Ok(pool),
        }
    }

    /// Answers one call. `target` and `authorization` are the headers `X-Amz-Target` and `Authorization`.
    ///
    /// # Errors
    ///
    /// [`ServiceError`], for the client.
    pub fn call(&self, target: Option<&str>, authorization: Option<&str>, body: &[u8]) -> Result<Vec<u8>> {
        let target = target.and_then(|target| target.split_once('.'));
        let Some((Operation::TARGET_PREFIX, name)) = target else { return Err(refusal::unknown_operation()) };
        if name.starts_with("Admin") {
            check_signature(authorization)?;
        }
        let now = now()?;
        match Operation::from_name(name) {
            Some(operation) => match read(operation, body)? {
                Request::InitiateAuth(request) => Ok(self.initiate(&request, now)?.to_json().to_vec()),
                Request::RespondToAuthChallenge(request) => Ok(self.respond(&request, now)?.to_json().to_vec()),
                Request::ConfirmDevice(request) => Ok(self.confirm_device(&request, now)?.to_json()),
                _ => Err(refusal::unknown_operation()),
            },
            None => self.other_call(name, body, now).map(|answer| answer.to_string().into_bytes()),
        }
    }

    /// The path of `jwks.json`, and its content.
    pub fn key_set(&self) -> (String, &Value) {
        (format!("/{}/.well-known/jwks.json", self.app.pool_id()), self.tokens.key_set())
    }

    /// A handle for one answer, for `x-amzn-requestid`.
    pub fn request_id() -> Option<String> {
        random::uuid().ok()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics under the lock")
    }

    /// Refuses another pool or another client.
    fn check_target(&self, pool_id: Option<&str>, client_id: Option<&str>) -> Result<()> {
        let unknown = |message| Err(ServiceError::new("ResourceNotFoundException", message));
        match (pool_id, client_id) {
            (Some(id), _) if id != self.app.pool_id().as_str() => unknown(format!("User pool {id} does not exist.")),
            (_, Some(id)) if id != self.app.client_id() => unknown(format!("User pool client {id} does not exist.")),
            _ => Ok(()),
        }
    }

    /// Checks a `SECRET_HASH` over a name. One that the client does not need is refused when a sign-in begins.
    fn check_secret_hash(&self, given: Option<&str>, username: &str) -> Result<()> {
        let client_id = self.app.client_id();
        let unverified = Err(refusal::denied(format!("Unable to verify secret hash for client {client_id}")));
        match (self.app.secret_hash(username), given) {
            (None, None) => Ok(()),
            (Some(expected), Some(given)) if bool::from(expected.as_bytes().ct_eq(given.as_bytes())) => Ok(()),
            (Some(_), None) => Err(refusal::denied(format!(
                "Client {client_id} is configured with secret but SECRET_HASH was not received"
            ))),
            (Some(_) | None, Some(_)) => unverified,
        }
    }

    /// The canonical name of a user. The name of nobody stays as it is.
    fn canonical(&self, name: &str) -> String {
        self.state().aliases.get(name).map_or(name, String::as_str).to_owned()
    }

    /// A user's record, or the fake that stands for nobody under this name.
    fn record(&self, username: &str) -> Result<Arc<UserRecord>> {
        let known = self.state().users.get(username).map(|user| Arc::clone(&user.record));
        match known {
            Some(record) => Ok(record),
            None => self.fakes.record(self.app.pool_id(), username).map(Arc::new).map_err(refusal::of),
        }
    }

    /// Sends `PASSWORD_VERIFIER`, with a `Session` where the sign-in has a progress to keep.
    fn password_verifier(
        &self,
        username: &str,
        srp_a: &SrpA,
        progress: Option<Progress>,
        now: Timestamp,
    ) -> Result<AuthResponse> {
        let key = if progress.is_some() { &self.keys.in_session } else { &self.keys.alone };
        let record = self.record(username)?;
        let parameters = self.draw_challenge(srp_a, || Ok(key.challenge(&record, srp_a, now)?.into_pairs()))?;
        let response = AuthResponse::challenge(ChallengeName::PasswordVerifier, parameters);
        match progress {
            Some(progress) => self.pause(Progress { stage: Stage::PasswordProof, ..progress }, response, now),
            None => Ok(response),
        }
    }

    /// Adds a `Session` to a challenge, under which the progress is kept.
    fn pause(&self, progress: Progress, challenge: AuthResponse, now: Timestamp) -> Result<AuthResponse> {
        let handle = random::hex::<64>()?;
        let session = Session::new(handle.as_str()).map_err(refusal::of)?;
        self.state().sessions.insert(handle, progress, now);
        Ok(challenge.with_session(session))
    }

    /// Finds the progress of a sign-in that a user goes on with.
    ///
    /// It stays good until its step has succeeded: a client may answer again, without a device that is not known, say.
    fn progress(&self, session: &Session, username: &str, stage: Stage, now: Timestamp) -> Result<Progress> {
        let state = self.state();
        let progress = state.sessions.get(&session.expose().to_owned(), now);
        let fits = |progress: &&Progress| progress.username == username && progress.stage == stage;
        progress.filter(fits).cloned().ok_or_else(refusal::invalid_session)
    }

    /// Ends a session whose step has succeeded. Of two answers at a time one succeeds.
    fn end_session(&self, session: Option<&Session>, now: Timestamp) -> Result<()> {
        let Some(session) = session else { return Ok(()) };
        let ended = self.state().sessions.remove(&session.expose().to_owned(), now);
        ended.map(drop).ok_or_else(refusal::invalid_session)
    }

    /// Says what comes after the password.
    fn after_password(&self, progress: Progress, now: Timestamp) -> Result<AuthResponse> {
        let state = self.state();
        let user = state.users.get(&progress.username).ok_or_else(refusal::not_authorized)?;
        if !user.must_change_password {
            drop(state);
            return self.after_new_password(progress, now);
        }
        let attributes = serde_json::to_string(&user.attributes).expect("a map of texts");
        drop(state);
        let parameters = [
            ("USER_ID_FOR_SRP", progress.username.clone()),
            ("requiredAttributes", "[]".to_owned()),
            ("userAttributes", attributes),
        ];
        let challenge = AuthResponse::challenge(ChallengeName::NewPasswordRequired, parameters);
        self.pause(Progress { stage: Stage::NewPassword, ..progress }, challenge, now)
    }

    /// Says what comes after the password and its change.
    fn after_new_password(&self, progress: Progress, now: Timestamp) -> Result<AuthResponse> {
        if progress.custom && self.custom_answer.is_some() {
            self.ask_custom(progress, now)
        } else {
            self.after_factors(progress, now)
        }
    }

    /// Asks the custom challenge.
    fn ask_custom(&self, progress: Progress, now: Timestamp) -> Result<AuthResponse> {
        let parameters = [("USERNAME", progress.username.clone())];
        let challenge = AuthResponse::challenge(ChallengeName::CustomChallenge, parameters);
        self.pause(Progress { stage: Stage::CustomAnswer, ..progress }, challenge, now)
    }

    /// Says what comes when the user is known: the device's proof, or tokens.
    fn after_factors(&self, progress: Progress, now: Timestamp) -> Result<AuthResponse> {
        let Some(device_key) = progress.device_key.clone() else {
            return self.sign_in(&progress.username, None, now);
        };
        self.state().awaited.insert(device_key.to_string(), (), now);
        let parameters = [("USERNAME", progress.username.clone()), ("DEVICE_KEY", device_key.to_string())];
        let challenge = AuthResponse::challenge(ChallengeName::DeviceSrpAuth, parameters);
        self.pause(Progress { stage: Stage::DeviceStart, ..progress }, challenge, now)
    }

    /// Ends a sign-in with tokens, and offers to remember the device if none is known.
    fn sign_in(&self, username: &str, device_key: Option<&DeviceKey>, now: Timestamp) -> Result<AuthResponse> {
        let new_device = match device_key {
            None if self.offers_devices => Some(self.new_device_key()?),
            _ => None,
        };
        let (grant, device_group_key) = {
            let state = self.state();
            let user = state.users.get(username).ok_or_else(refusal::not_authorized)?;
            let grant = Grant {
                username: username.to_owned(),
                sub: user.sub.clone(),
                attributes: user.attributes.clone(),
                device_key: device_key.or(new_device.as_ref()).map(ToString::to_string),
                auth_time: now.unix_seconds(),
                origin_jti: random::uuid()?,
            };
            (grant, user.device_group_key.clone())
        };
        let refresh_token = random::hex::<64>()?;
        let result = self.tokens.make(&grant, now)?.with_refresh_token(refresh_token.as_str());
        self.state().grants.insert(refresh_token, grant, now);
        Ok(AuthResponse::tokens(with_metadata(result, new_device, device_group_key)))
    }

    fn new_device_key(&self) -> Result<DeviceKey> {
        format!("{}_{}", self.app.pool_id().region(), random::uuid()?).parse().map_err(refusal::of)
    }
}

impl State {
    fn new(max_age: Duration) -> Self {
        let max_age = i64::try_from(max_age.as_secs()).unwrap_or(i64::MAX);
        Self {
            users: HashMap::new(),
            aliases: BTreeMap::new(),
            devices: HashMap::new(),
            sessions: Lapsing::new(SESSION_SECONDS),
            awaited: Lapsing::new(SESSION_SECONDS),
            grants: Lapsing::new(REFRESH_SECONDS),
            spent: Lapsing::new(max_age),
        }
    }
}

fn with_metadata(
    result: AuthenticationResult,
    device_key: Option<DeviceKey>,
    device_group_key: String,
) -> AuthenticationResult {
    let Some(device_key) = device_key else { return result };
    result.with_new_device_metadata(NewDeviceMetadata {
        device_key: Some(device_key.to_string()),
        device_group_key: Some(device_group_key),
    })
}

fn now() -> Result<Timestamp> {
    Timestamp::now().map_err(|_| ServiceError::new("InternalErrorException", "The clock is not right."))
}

/// Looks whether an admin call is signed. By whom is not checked: there is nobody to know the key of.
fn check_signature(authorization: Option<&str>) -> Result<()> {
    match authorization {
        None => Err(ServiceError::new("MissingAuthenticationTokenException", "Missing Authentication Token")),
        Some(header) if header.starts_with("AWS4-HMAC-SHA256") => Ok(()),
        Some(_) => Err(ServiceError::new(
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        )),
    }
}

/// Reads one of the calls that the crate has types for.
fn read(operation: Operation, body: &[u8]) -> Result<Request> {
    let required: &[&str] = match operation {
        Operation::InitiateAuth => &["ClientId", "AuthFlow"],
        Operation::AdminInitiateAuth => &["UserPoolId", "ClientId", "AuthFlow"],
        Operation::RespondToAuthChallenge => &["ClientId", "ChallengeName"],
        Operation::AdminRespondToAuthChallenge => &["UserPoolId", "ClientId", "ChallengeName"],
        Operation::ConfirmDevice => &["AccessToken", "DeviceKey"],
        _ => &[],
    };
    Request::from_json(operation, body).map_err(|error| refusal::of_body(error, body, required))
}

/// A parameter that must be there.
fn required<'a, P: Parameters + ?Sized>(parameters: &'a P, name: &str) -> Result<&'a str> {
    parameters.parameter(name).ok_or_else(|| refusal::missing(name))
}

/// `SRP_A`.
fn srp_a<P: Parameters + ?Sized>(parameters: &P) -> Result<SrpA> {
    required(parameters, "SRP_A")?.parse().map_err(refusal::of)
}

/// `DEVICE_KEY`, where there is one.
fn device_key<P: Parameters + ?Sized>(parameters: &P) -> Result<Option<DeviceKey>> {
    parameters.parameter("DEVICE_KEY").map(str::parse).transpose().map_err(refusal::of)
}
