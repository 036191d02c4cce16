//! A request that the service has not processed, and how it is sent again.

use alloc::boxed::Box;
use core::time::Duration;

use super::sent::Sent;
use super::state::SignIn;
use crate::idp::request::Request;
use crate::idp::response_error::ResponseError;

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
    pub const MAX_ATTEMPTS: u8 = Sent::MAX_ATTEMPTS;

    /// How long after the proof the answer to `PASSWORD_VERIFIER` or `DEVICE_PASSWORD_VERIFIER` is sent again, in
    /// seconds, the delay included. The service takes the answer only for some seconds; it has not published for how many.
    pub const MAX_PROOF_SECONDS: u64 = Sent::MAX_PROOF_SECONDS;

    /// What happened to the request.
    #[must_use]
    pub const fn error(&self) -> &ResponseError {
        &self.error
    }

    /// How often the request has been sent: 1 or more.
    #[must_use]
    pub const fn attempts(&self) -> u8 {
        self.sent.attempts()
    }

    /// How long to wait before the request is sent again: 200 ms, doubled with each attempt. Where many clients may
    /// fail at once, add a random part.
    #[must_use]
    pub const fn delay(&self) -> Duration {
        self.sent.delay()
    }

    /// Returns the sign-in and the same request.
    #[must_use]
    pub fn send_again(self) -> (SignIn, Request) {
        let Self { mut sign_in, mut sent, error: _ } = self;
        let request = sent.again();
        sign_in.sent = Some(sent);
        (sign_in, request)
    }
}
