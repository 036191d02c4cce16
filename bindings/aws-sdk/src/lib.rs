//! Sends the calls of [`cognito_srp6a::idp`] through the AWS SDK for Rust.
//!
//! [`sign_in`] goes through a whole sign-in; the caller answers its challenges in one closure. [`send`] sends one call of any kind. All that a
//! request of `idp` carries arrives, and all that a response has comes back.
//!
//! ```no_run
//! use aws_sdk_cognitoidentityprovider::Client;
//! use cognito_srp6a::idp::{Api, Challenge, Credentials, Request, SignIn, SignInFlow, SignedIn};
//! use cognito_srp6a::{AppClient, Password};
//!
//! type Error = Box<dyn std::error::Error + Send + Sync>;
//!
//! # fn ask(prompt: &str) -> String { prompt.to_owned() }
//! async fn run(client: &Client) -> Result<SignedIn, Error> {
//!     let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
//!     let credentials = Credentials::new(ask("User name").parse()?).with_password(Password::new(ask("Password"))?);
//!     let started = SignIn::builder(&app, Api::Admin, SignInFlow::UserSrp, credentials).start()?;
//!     Ok(cognito_srp6a_aws_sdk::sign_in(client, started, answer).await?)
//! }
//!
//! async fn answer(challenge: Challenge) -> Result<(SignIn, Request), Error> {
//!     match challenge {
//!         Challenge::SoftwareTokenMfa(challenge) => Ok(challenge.answer(&ask("Code of your app"))?),
//!         Challenge::SmsMfa(challenge) => Ok(challenge.answer(&ask("Code from the message"))?),
//!         other => Err(format!("cannot answer {}", other.name()).into()),
//!     }
//! }
//! ```
#![forbid(unsafe_code)]

mod driver;
mod error;
mod request;
mod response;

pub use driver::sign_in;
pub use error::{CallError, DriverError, TransportError};
pub use response::Response;

use aws_sdk_cognitoidentityprovider::Client;
use cognito_srp6a::idp::{Request, ResponseError};

/// Sends one call, and returns its response.
///
/// An error of the service is a response like any other, and [`SignIn::advance`](cognito_srp6a::idp::SignIn::advance) takes it.
/// `Api::Admin` needs a client with AWS credentials; the other calls are unsigned.
///
/// ```no_run
/// use aws_sdk_cognitoidentityprovider::Client;
/// use cognito_srp6a::idp::{GlobalSignOut, Request, SignOutResponse};
///
/// # async fn run(client: &Client, access_token: &str) -> Result<(), Box<dyn std::error::Error>> {
/// let request = Request::GlobalSignOut(GlobalSignOut::new(access_token)?);
/// let _: SignOutResponse = cognito_srp6a_aws_sdk::send(client, &request).await??;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// [`CallError`]: there is no response, or the SDK cannot carry the request.
pub async fn send<R: Response>(client: &Client, request: &Request) -> Result<Result<R, ResponseError>, CallError> {
    // Before anything is sent: a code or a token may be used by the call.
    if !R::answers(request.operation()) {
        return Err(CallError::OtherResponse);
    }
    match request::call(client, request).await? {
        Ok(response) => R::of(response).map(Ok).ok_or(CallError::OtherResponse),
        Err(error) => Ok(Err(error)),
    }
}
