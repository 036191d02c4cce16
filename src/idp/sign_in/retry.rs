//! A request that the service has not processed, and how it is sent again.

use alloc::boxed::Box;
use alloc::string::String;
use core::time::Duration;

use super::state::SignIn;
use crate::error::Parameter;
use crate::idp::request::{InitiateAuth, Request, RespondToAuthChallenge};
use crate::idp::response_error::ResponseError;
use crate::message::Timestamp;

/// A sign-in whose last request the service has not processed: it throttles, it has failed, or there is no response.
///
/// The same request may be sent again. It is the same proof, so an impostor service learns nothing new from it. If only
/// the response got lost, the service may refuse the second request; it then refuses it as it does any used code or
/// session.
///
/// ```
/// use cognito_srp6a::idp::{Request, Retry, SignIn};
/// # use cognito_srp6a::idp::{Api, Credentials, ResponseError, SignInFlow, Step};
/// # use cognito_srp6a::{AppClient, Timestamp};
///
/// fn send_again(retry: Retry) -> (SignIn, Request) {
///     println!("{}; another try", retry.error());
///     std::thread::sleep(retry.delay());
///     retry.send_again()
/// }
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
/// # let credentials = Credentials::new("alice".parse()?);
/// # let (sign_in, _) = SignIn::builder(&app, Api::Public, SignInFlow::Custom, credentials).start()?;
/// # let Step::Retry(retry) = sign_in.advance(Err(ResponseError::NoResponse), Timestamp::now()?)? else { panic!() };
/// # send_again(retry);
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Retry {
    pub(super) sign_in: SignIn,
    pub(super) sent: Box<Sent>,
    pub(super) error: ResponseError,
}

impl Retry {
    /// How often a request is sent at most. After that the error ends the sign-in.
    pub const MAX_ATTEMPTS: u8 = 8;

    /// How long after the proof the answer to `PASSWORD_VERIFIER` or `DEVICE_PASSWORD_VERIFIER` is sent again, in
    /// seconds. The service takes the answer only for some seconds; it has not published for how many.
    pub const MAX_PROOF_SECONDS: u64 = 30;

    /// What happened to the request.
    #[must_use]
    pub const fn error(&self) -> &ResponseError {
        &self.error
    }

    /// How often the request has been sent: 1 or more.
    #[must_use]
    pub const fn attempts(&self) -> u8 {
        self.sent.attempts
    }

    /// How long to wait before the request is sent again: 200 ms, doubled with each attempt. Where many clients may
    /// fail at once, add a random part.
    #[must_use]
    pub const fn delay(&self) -> Duration {
        Duration::from_millis(200 << (self.sent.attempts - 1))
    }

    /// Returns the sign-in and the same request.
    #[must_use]
    pub fn send_again(self) -> (SignIn, Request) {
        let Self { mut sign_in, mut sent, error: _ } = self;
        sent.attempts += 1;
        let request = sent.request();
        sign_in.sent = Some(sent);
        (sign_in, request)
    }
}

/// The last request of a sign-in, kept until its response.
#[derive(Debug)]
pub(super) struct Sent {
    call: Call,
    attempts: u8,
    /// When the proof in it was made, if there is one.
    proved_at: Option<Timestamp>,
}

#[derive(Debug)]
enum Call {
    InitiateAuth(InitiateAuth),
    RespondToAuthChallenge(RespondToAuthChallenge),
}

impl Sent {
    pub(super) fn start(request: &InitiateAuth) -> Self {
        Self { call: Call::InitiateAuth(request.duplicate()), attempts: 1, proved_at: None }
    }

    pub(super) fn answer(request: &RespondToAuthChallenge, proved_at: Option<Timestamp>) -> Self {
        Self { call: Call::RespondToAuthChallenge(request.duplicate()), attempts: 1, proved_at }
    }

    /// Returns whether the request may be sent once more at this time.
    pub(super) fn may_be_sent_again(&self, now: Timestamp) -> bool {
        let is_fresh = self.proved_at.is_none_or(|then| then.seconds_from(now) <= Retry::MAX_PROOF_SECONDS);
        self.attempts < Retry::MAX_ATTEMPTS && is_fresh
    }

    /// Returns the request again.
    pub(super) fn request(&self) -> Request {
        match &self.call {
            Call::InitiateAuth(request) => Request::InitiateAuth(request.duplicate()),
            Call::RespondToAuthChallenge(request) => Request::RespondToAuthChallenge(request.duplicate()),
        }
    }

    /// Replaces `SECRET_HASH`.
    pub(super) fn set_secret_hash(&mut self, hash: impl Into<String>) {
        let parameters = match &mut self.call {
            Call::InitiateAuth(request) => &mut request.auth_parameters,
            Call::RespondToAuthChallenge(request) => &mut request.challenge_responses,
        };
        parameters.insert(Parameter::SecretHash.name(), hash);
    }
}
