//! A scripted second factor in front of the pool, until the pool itself has one.
//!
//! It hands every call to `local_pool`. Where the pool would give tokens, it keeps them and asks `SMS_MFA`; the right code
//! brings them. It is for this example and for tests: codes are printed, and nothing limits how many sign-ins wait.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse as _, Response};
use cognito_srp6a::ParameterSource as _;
use cognito_srp6a::idp::{
    AuthResponse, ChallengeName, Operation, Request, RespondToAuthChallenge, ServiceError, ServiceErrorName, Session,
};
use local_pool::Pool;
use rand::RngExt as _;

use crate::seal::random_id;
use crate::service::blocking;

/// How long the service keeps a session.
const LIFETIME: Duration = Duration::from_secs(180);

/// After so many wrong codes a session ends.
const MAX_CODES: u8 = 3;

type Result<T> = std::result::Result<T, ServiceError>;

/// The pool and the sign-ins that wait for a code.
pub struct ScriptedSecondFactor {
    pool: Pool,
    waiting: Mutex<HashMap<String, Waiting>>,
}

struct Waiting {
    username: String,
    code: String,
    wrong: u8,
    since: Instant,
    /// The pool's response, with the tokens.
    response: Vec<u8>,
}

impl ScriptedSecondFactor {
    /// Stands in front of a pool.
    pub fn new(pool: Pool) -> Self {
        Self { pool, waiting: Mutex::default() }
    }

    /// Returns the service behind HTTP.
    pub fn router(self) -> Router {
        let service = Arc::new(self);
        Router::new().fallback(move |headers: HeaderMap, body: Bytes| {
            let service = Arc::clone(&service);
            // A proof takes the pool some milliseconds.
            blocking(move || respond(service.call(&headers, &body)))
        })
    }

    fn call(&self, headers: &HeaderMap, body: &[u8]) -> Result<Vec<u8>> {
        let text = |name: HeaderName| headers.get(name)?.to_str().ok();
        let (target, authorization) = (text(HeaderName::from_static("x-amz-target")), text(AUTHORIZATION));
        let signed = authorization.is_some_and(|header| header.starts_with("AWS4-HMAC-SHA256 "));
        match code_answer(target, body) {
            Some(answer) if signed => self.take_code(&answer),
            _ => self.ask_after(self.pool.call(target, authorization, body)?),
        }
    }

    /// Asks for a code if the pool's response has tokens.
    fn ask_after(&self, response: Vec<u8>) -> Result<Vec<u8>> {
        let failed = |()| ServiceError::new("InternalErrorException", "The script has failed.");
        let Ok(read) = AuthResponse::from_http(200, &response) else { return Ok(response) };
        let Some(result) = read.authentication_result() else { return Ok(response) };
        let username = result.username().ok_or(()).map_err(failed)?.as_str().to_owned();
        let (id, code) = (random_id().ok_or(()).map_err(failed)?, rand::rng().random_range(0..1_000_000));
        let code = format!("{code:06}");
        eprintln!("text message to {username:?}: {code}");
        let parameters = [
            ("USERNAME", username.as_str()),
            ("CODE_DELIVERY_DELIVERY_MEDIUM", "SMS"),
            ("CODE_DELIVERY_DESTINATION", "+*******0100"),
        ];
        let challenge = AuthResponse::challenge(ChallengeName::SmsMfa, parameters)
            .with_session(Session::new(&*id).map_err(|_| ()).map_err(failed)?);
        let mut waiting = self.waiting();
        waiting.retain(|_, waiting| waiting.since.elapsed() < LIFETIME);
        waiting.insert(id, Waiting { username, code, wrong: 0, since: Instant::now(), response });
        Ok(challenge.to_json().to_vec())
    }

    /// Gives the tokens for the right code, once.
    fn take_code(&self, answer: &RespondToAuthChallenge) -> Result<Vec<u8>> {
        let invalid = || ServiceError::new("NotAuthorizedException", "Invalid session for the user.");
        let mut all = self.waiting();
        let id = answer.session().ok_or_else(invalid)?.expose();
        let waiting = all.get_mut(id).filter(|waiting| waiting.since.elapsed() < LIFETIME).ok_or_else(invalid)?;
        let given = |name| answer.challenge_responses().parameter(name).unwrap_or_default();
        if given("USERNAME") != waiting.username {
            return Err(invalid());
        }
        if given("SMS_MFA_CODE") != waiting.code {
            waiting.wrong += 1;
            if waiting.wrong < MAX_CODES {
                return Err(ServiceError::new("CodeMismatchException", "Invalid code received for user"));
            }
            all.remove(id);
            return Err(invalid());
        }
        all.remove(id).map(|waiting| waiting.response).ok_or_else(invalid)
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<String, Waiting>> {
        self.waiting.lock().expect("nothing panics under the lock")
    }
}

/// Reads an answer to `SMS_MFA`.
fn code_answer(target: Option<&str>, body: &[u8]) -> Option<RespondToAuthChallenge> {
    let operation = Operation::AdminRespondToAuthChallenge;
    if target?.strip_prefix(Operation::TARGET_PREFIX)?.strip_prefix('.')? != operation.name() {
        return None;
    }
    match Request::from_json(operation, body) {
        Ok(Request::RespondToAuthChallenge(answer)) if *answer.challenge_name() == ChallengeName::SmsMfa => {
            Some(answer)
        }
        _ => None,
    }
}

fn respond(answer: Result<Vec<u8>>) -> Response {
    let (status, body) = match answer {
        Ok(body) => (StatusCode::OK, body),
        Err(error) if *error.name() == ServiceErrorName::InternalError => {
            (StatusCode::INTERNAL_SERVER_ERROR, error.to_json())
        }
        Err(error) => (StatusCode::BAD_REQUEST, error.to_json()),
    };
    (status, [(CONTENT_TYPE, "application/x-amz-json-1.1")], body).into_response()
}
