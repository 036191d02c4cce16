//! The calls to the user pool: signed, sent, and sent again if the service has not processed them.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials as AwsCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use cognito_srp6a::idp::{
    Api, AuthResponse, Challenge, Credentials, Request, ResponseError, ServiceErrorName, SignIn, SignInError,
    SignInFlow, SignedIn, Step,
};
use cognito_srp6a::{AppClient, Timestamp};
use rand::RngExt as _;

use crate::Result;

/// How often a request is sent. A browser waits for the answer, so this is less than the crate allows.
const MAX_ATTEMPTS: u8 = 4;

/// The user pool, and how to call it.
pub struct Service {
    pub endpoint: String,
    pub app: AppClient,
    pub identity: AwsCredentials,
    pub agent: ureq::Agent,
}

/// Where a sign-in has come to.
pub enum Outcome {
    Asks(Challenge),
    SignedIn(SignedIn),
}

/// Why a sign-in does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A wrong name, password or session: the service does not say which.
    Denied,
    /// The user must do something else first.
    Elsewhere(&'static str),
    /// The service has not processed the request, also not when it was sent again. The same answer may be given later.
    Busy,
    /// Anything else. The log has it.
    Broken,
}

impl Service {
    /// Makes the client.
    pub fn new(endpoint: String, app: AppClient, identity: AwsCredentials) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(10)))
            .build()
            .new_agent();
        Self { endpoint, app, identity, agent }
    }

    /// Begins a sign-in with the proof of the password.
    pub async fn begin(self: &Arc<Self>, credentials: Credentials) -> std::result::Result<Outcome, Failure> {
        let service = Arc::clone(self);
        let start = move || SignIn::builder(&service.app, Api::Admin, SignInFlow::UserSrp, credentials).start();
        let (sign_in, request) = blocking(start).await.map_err(|error| failure(&error.into()))?;
        self.go_on(sign_in, request).await
    }

    /// Sends requests until the user must answer or is signed in.
    ///
    /// A call blocks, and a step computes for some milliseconds: both happen on the threads that are made for blocking. The
    /// pause before another attempt holds no thread.
    pub async fn go_on(
        self: &Arc<Self>,
        mut sign_in: SignIn,
        mut request: Request,
    ) -> std::result::Result<Outcome, Failure> {
        loop {
            let service = Arc::clone(self);
            let step = blocking(move || {
                let response = service.send(&request);
                sign_in.advance(response, Timestamp::now()?)
            });
            (sign_in, request) = match step.await.map_err(|error| failure(&error))? {
                Step::Send(sign_in, request) => (sign_in, request),
                Step::Challenge(challenge) => return Ok(Outcome::Asks(challenge)),
                Step::Retry(retry) if retry.attempts() >= MAX_ATTEMPTS => {
                    eprintln!("web_sign_in: {}", retry.error());
                    return Err(Failure::Busy);
                }
                Step::Retry(retry) => {
                    // The random part keeps many browsers from coming back at once.
                    let pause = retry.delay().mul_f64(rand::rng().random_range(1.0..1.5));
                    tokio::time::sleep(pause).await;
                    retry.send_again()
                }
                Step::Done(signed_in) => return Ok(Outcome::SignedIn(signed_in)),
            };
        }
    }

    /// Sends one request. An error of the transport is no response.
    fn send(&self, request: &Request) -> std::result::Result<AuthResponse, ResponseError> {
        let sent = self.signed(request).and_then(|request| {
            let mut response = self.agent.run(request)?;
            let body = response.body_mut().with_config().limit(1 << 20).read_to_vec()?;
            Ok((response.status().as_u16(), body))
        });
        match sent {
            Ok((status, body)) => AuthResponse::from_http(status, &body),
            Err(error) => {
                eprintln!("web_sign_in: {} at {}: {error}", request.operation().name(), self.endpoint);
                Err(ResponseError::NoResponse)
            }
        }
    }

    /// Makes the HTTP request and adds the headers of a `SigV4` signature.
    fn signed(&self, request: &Request) -> Result<http::Request<Vec<u8>>> {
        let mut request = request.to_http(&self.endpoint)?;
        let identity = self.identity.clone().into();
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region(self.app.pool_id().region())
            .name("cognito-idp")
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()?;
        let headers = request.headers().iter().map(|(name, value)| Ok((name.as_str(), value.to_str()?)));
        let headers = headers.collect::<std::result::Result<Vec<_>, http::header::ToStrError>>()?;
        let body = SignableBody::Bytes(request.body());
        let uri = request.uri().to_string();
        let signable = SignableRequest::new(request.method().as_str(), uri, headers.into_iter(), body)?;
        let (instructions, _) = sign(signable, &parameters.into())?.into_parts();
        instructions.apply_to_request_http1x(&mut request);
        Ok(request)
    }
}

/// Runs work that blocks or computes on the threads that are made for it.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| resume_unwind(error.into_panic()))
}

/// Sorts the errors of a sign-in. What the user is not told goes to the log, where the texts are safe to print.
fn failure(error: &SignInError) -> Failure {
    if let SignInError::Service(error) = error {
        match error.name() {
            ServiceErrorName::NotAuthorized
            | ServiceErrorName::UserNotFound
            | ServiceErrorName::CodeMismatch
            | ServiceErrorName::ExpiredCode => return Failure::Denied,
            ServiceErrorName::PasswordResetRequired => return Failure::Elsewhere("Reset your password first."),
            ServiceErrorName::UserNotConfirmed => return Failure::Elsewhere("Confirm your sign-up first."),
            name if *name == ServiceErrorName::TooManyRequests || error.is_transient() => return Failure::Busy,
            _ => (),
        }
    }
    eprintln!("web_sign_in: {error}");
    if *error == SignInError::NoResponse { Failure::Busy } else { Failure::Broken }
}
