//! Triggers: the events that the pool sends to a function, and the service's errors if the function fails.
//!
//! No trigger runs under the pool's lock.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use cognito_srp6a::PoolId;
use cognito_srp6a::idp::ServiceError;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::Pool;
use super::answers::{self, Fault};
use super::refusal::{self, Result};
use crate::lambda::{Failure, Function};

/// How often the service calls a function that does not answer in time.
const CALLS: usize = 3;

/// The most events on their way whose answer nobody awaits.
const MOST_UNAWAITED: usize = 64;

/// `clientId` of calls by an administrator that name no client.
const NO_CLIENT: &str = "CLIENT_ID_NOT_APPLICABLE";

/// `ClientMetadata`. It belongs to one call.
pub type Metadata = Option<Arc<BTreeMap<String, String>>>;

/// Returns the metadata of a call, if there is any.
pub fn metadata(data: &BTreeMap<String, String>) -> Metadata {
    (!data.is_empty()).then(|| Arc::new(data.clone()))
}

/// A trigger: its name in errors, and the cause that its event names.
#[derive(Clone, Copy)]
pub struct Trigger {
    name: &'static str,
    source: &'static str,
}

macro_rules! triggers {
    ($($constant:ident = $name:literal, $source:literal;)*) => {
        impl Trigger {
            $(pub const $constant: Self = Self { name: $name, source: $source };)*
        }
    };
}

triggers! {
    PRE_SIGN_UP = "PreSignUp", "PreSignUp_SignUp";
    PRE_SIGN_UP_BY_ADMIN = "PreSignUp", "PreSignUp_AdminCreateUser";
    POST_CONFIRMATION = "PostConfirmation", "PostConfirmation_ConfirmSignUp";
    PRE_AUTHENTICATION = "PreAuthentication", "PreAuthentication_Authentication";
    POST_AUTHENTICATION = "PostAuthentication", "PostAuthentication_Authentication";
    USER_MIGRATION = "UserMigration", "UserMigration_Authentication";
    TOKENS = "PreTokenGeneration", "TokenGeneration_Authentication";
    TOKENS_AFTER_NEW_PASSWORD = "PreTokenGeneration", "TokenGeneration_NewPasswordChallenge";
    TOKENS_OF_DEVICE = "PreTokenGeneration", "TokenGeneration_AuthenticateDevice";
    TOKENS_OF_REFRESH = "PreTokenGeneration", "TokenGeneration_RefreshTokens";
    DEFINE_AUTH_CHALLENGE = "DefineAuthChallenge", "DefineAuthChallenge_Authentication";
    CREATE_AUTH_CHALLENGE = "CreateAuthChallenge", "CreateAuthChallenge_Authentication";
    VERIFY_AUTH_CHALLENGE = "VerifyAuthChallengeResponse", "VerifyAuthChallengeResponse_Authentication";
    MESSAGE_OF_SIGN_UP = "CustomMessage", "CustomMessage_SignUp";
    MESSAGE_OF_RESEND = "CustomMessage", "CustomMessage_ResendCode";
    MESSAGE_OF_VERIFICATION = "CustomMessage", "CustomMessage_VerifyUserAttribute";
    MESSAGE_OF_SIGN_IN = "CustomMessage", "CustomMessage_Authentication";
    EMAIL_OF_SIGN_UP = "CustomEmailSender", "CustomEmailSender_SignUp";
    EMAIL_OF_RESEND = "CustomEmailSender", "CustomEmailSender_ResendCode";
    EMAIL_OF_VERIFICATION = "CustomEmailSender", "CustomEmailSender_VerifyUserAttribute";
    EMAIL_OF_SIGN_IN = "CustomEmailSender", "CustomEmailSender_Authentication";
    SMS_OF_SIGN_UP = "CustomSMSSender", "CustomSMSSender_SignUp";
    SMS_OF_RESEND = "CustomSMSSender", "CustomSMSSender_ResendCode";
    SMS_OF_VERIFICATION = "CustomSMSSender", "CustomSMSSender_VerifyUserAttribute";
    SMS_OF_SIGN_IN = "CustomSMSSender", "CustomSMSSender_Authentication";
}

/// Whom an event is about.
pub struct Subject<'a> {
    pub username: &'a str,
    /// The place of the client that calls.
    pub client: Option<usize>,
    pub metadata: &'a Metadata,
}

/// The function that gets all events.
pub struct Triggers {
    function: Arc<dyn Function>,
    region: String,
    pool_id: String,
    unawaited: Arc<AtomicUsize>,
}

impl Triggers {
    pub fn new(function: Arc<dyn Function>, pool_id: &PoolId) -> Self {
        let (region, pool_id) = (pool_id.region().to_string(), pool_id.to_string());
        Self { function, region, pool_id, unawaited: Arc::default() }
    }

    fn event(&self, trigger: Trigger, client_id: &str, username: &str, request: &Value, response: &Value) -> Vec<u8> {
        let event = json!({
            "version": "1",
            "triggerSource": trigger.source,
            "region": self.region,
            "userPoolId": self.pool_id,
            "userName": username,
            "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": client_id},
            "request": request,
            "response": response,
        });
        event.to_string().into_bytes()
    }
}

impl Pool {
    /// Sends an event and reads the answer. Without triggers the answer is the default one.
    pub(super) fn trigger<T: DeserializeOwned + Default>(
        &self,
        trigger: Trigger,
        subject: &Subject<'_>,
        request: Value,
        response: &Value,
    ) -> Result<T> {
        let Some(triggers) = &self.triggers else { return Ok(T::default()) };
        let answer = match call(&*triggers.function, &self.event(triggers, trigger, subject, request, response)) {
            Ok(answer) => answers::read(answer.is_error, &answer.body),
            Err(Failure::TooLong) => Err(Fault::Unrecognizable),
            Err(failure) => return Err(unexpected(trigger, failure)),
        };
        answer.map_err(|fault| of_fault(trigger, fault))
    }

    /// Sends an event whose answer nobody awaits.
    pub(super) fn notify(&self, trigger: Trigger, subject: &Subject<'_>, request: Value) {
        let Some(triggers) = &self.triggers else { return };
        let event = self.event(triggers, trigger, subject, request, &json!({}));
        let (function, unawaited) = (Arc::clone(&triggers.function), Arc::clone(&triggers.unawaited));
        if unawaited.fetch_add(1, Ordering::AcqRel) >= MOST_UNAWAITED {
            unawaited.fetch_sub(1, Ordering::AcqRel);
            eprintln!("local_pool: {}: too many events wait for an answer", trigger.name);
            return;
        }
        let count = Arc::clone(&unawaited);
        let started = thread::Builder::new().spawn(move || {
            if call(&*function, &event).is_err() {
                eprintln!("local_pool: {}: no answer", trigger.name);
            }
            count.fetch_sub(1, Ordering::AcqRel);
        });
        if started.is_err() {
            unawaited.fetch_sub(1, Ordering::AcqRel);
        }
    }

    /// Returns the user's attributes as events have them, or nothing if there is no such user.
    pub(super) fn attributes_for_event(&self, username: &str) -> Option<Value> {
        let state = self.state();
        let user = state.users.get(username)?;
        let (sub, status) = (("sub", user.sub.as_str()), ("cognito:user_status", user.status.name()));
        let named = user.attributes.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let all = [sub, status].into_iter().chain(named).map(|(name, value)| (name.to_owned(), value.into()));
        Some(Value::Object(all.collect()))
    }

    /// Writes an event, with the attributes and the metadata that its request has in common with others.
    fn event(
        &self,
        triggers: &Triggers,
        trigger: Trigger,
        subject: &Subject<'_>,
        mut request: Value,
        response: &Value,
    ) -> Vec<u8> {
        if request["userAttributes"].is_null() && trigger.name != Trigger::USER_MIGRATION.name {
            request["userAttributes"] =
                self.attributes_for_event(subject.username).unwrap_or_else(|| Value::Object(Map::new()));
        }
        if let Some(metadata) = subject.metadata {
            request["clientMetadata"] = json!(&**metadata);
        }
        let client_id = subject.client.map_or(NO_CLIENT, |client| self.clients[client].app.client_id());
        triggers.event(trigger, client_id, subject.username, &request, response)
    }
}

/// Calls a function, again if it does not answer in time.
fn call(function: &dyn Function, event: &[u8]) -> std::result::Result<crate::lambda::Answer, Failure> {
    let mut answer = function.invoke(event);
    for _ in 1..CALLS {
        if !matches!(answer, Err(Failure::TimedOut)) {
            break;
        }
        answer = function.invoke(event);
    }
    answer
}

fn unexpected(trigger: Trigger, failure: Failure) -> ServiceError {
    let name = trigger.name;
    let cause = match failure {
        Failure::TimedOut => "Socket timeout while invoking Lambda function".to_owned(),
        Failure::Status(status) => format!("HTTP status {status}"),
        Failure::Unreachable | Failure::TooLong => "the function cannot be reached".to_owned(),
    };
    ServiceError::new("UnexpectedLambdaException", format!("{name} invocation failed due to error {cause}."))
}

fn of_fault(trigger: Trigger, fault: Fault) -> ServiceError {
    match fault {
        Fault::Failed(message) => {
            let message = format!("{} failed with error {message}.", trigger.name);
            ServiceError::new("UserLambdaValidationException", message)
        }
        Fault::Unrecognizable => refusal::unrecognizable(),
    }
}
