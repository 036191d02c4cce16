//! Sign-ins with all their calls, typed and without IO (feature `idp`).
//!
//! The module has three levels. Most callers need only the first.
//!
//! - [`SignIn`] is a whole sign-in as a state machine. It makes the requests, takes the responses and answers the
//!   challenges of the proof by itself. The other challenges go to the caller, each as a typed [`Challenge`].
//! - [`Request`] is one call. Those of a sign-in are [`InitiateAuth`], [`RespondToAuthChallenge`] and the admin
//!   counterparts of both. [`AuthResponse`] is their response. Those around it are [`ConfirmDevice`],
//!   [`GetTokensFromRefreshToken`], [`RevokeToken`], [`GlobalSignOut`], [`AssociateSoftwareToken`] and
//!   [`VerifySoftwareToken`]; each names its response.
//! - The feature `serde` writes and reads the bodies of both in AWS JSON 1.1. The feature `http` makes an
//!   `http::Request`.
//!
//! The module has no arithmetic: [`UserSignIn`](crate::UserSignIn) and [`DeviceSignIn`](crate::DeviceSignIn) make the
//! proofs. An auditor of the arithmetic can skip it.
//!
//! A web application answers a challenge in another request than the one that brought it, and often in another process.
//! [`StoredChallenge`] is a challenge that waits so long.
//!
//! # A sign-in over any transport
//!
//! The function `send` is the caller's: an SDK or an HTTP client, as in [`Request::to_http`] (feature `http`). Its outer error is one of
//! the transport and ends the loop. Its inner error is an answer of the service, which the sign-in takes: after a wrong code it asks
//! again. A caller who wants to send again after a broken connection gives the sign-in
//! [`NoResponse`](ResponseError::NoResponse) as the inner error.
//!
//! ```
//! use cognito_srp6a::idp::{
//!     Api, AuthResponse, Challenge, Credentials, Request, ResponseError, SignIn, SignInFlow, SignedIn, Step,
//! };
//! use cognito_srp6a::{AppClient, Password, Timestamp};
//! # use cognito_srp6a::idp::{AuthenticationResult, ChallengeName, ServiceError};
//!
//! # fn ask_for_code() -> String { "123456".into() }
//! type Error = Box<dyn std::error::Error>;
//!
//! fn sign_in(
//!     app: &AppClient,
//!     credentials: Credentials,
//!     mut send: impl FnMut(&Request) -> Result<Result<AuthResponse, ResponseError>, Error>,
//! ) -> Result<SignedIn, Error> {
//!     let (mut sign_in, mut request) = SignIn::builder(app, Api::Public, SignInFlow::UserSrp, credentials).start()?;
//!     loop {
//!         let response = send(&request)?;
//!         (sign_in, request) = match sign_in.advance(response, Timestamp::now()?)? {
//!             Step::Send(sign_in, request) => (sign_in, request),
//!             Step::Challenge(Challenge::SoftwareTokenMfa(challenge)) => {
//!                 if let Some(refusal) = challenge.refusal() {
//!                     println!("{refusal}");
//!                 }
//!                 challenge.answer(&ask_for_code())?
//!             }
//!             Step::Challenge(other) => return Err(format!("no answer to {}", other.name()).into()),
//!             Step::Retry(retry) => {
//!                 std::thread::sleep(retry.delay());
//!                 retry.send_again()
//!             }
//!             Step::Done(signed_in) => return Ok(signed_in),
//!         };
//!     }
//! }
//! # fn main() -> Result<(), Error> {
//! # let proof =
//! #     [("USER_ID_FOR_SRP", "alice"), ("SALT", "5a17"), ("SRP_B", "b0b"), ("SECRET_BLOCK", "c2VjcmV0IGJsb2Nr")];
//! # let mut responses = [
//! #     Ok(AuthResponse::challenge(ChallengeName::PasswordVerifier, proof)),
//! #     Ok(AuthResponse::challenge(ChallengeName::SoftwareTokenMfa, [("FRIENDLY_DEVICE_NAME", "phone")])),
//! #     Err(ServiceError::new("CodeMismatchException", "Code mismatch").into()),
//! #     Ok(AuthResponse::tokens(AuthenticationResult::default().with_access_token("eyJhbGciOiJSUzI1NiJ9.e30.c2ln"))),
//! # ]
//! # .into_iter();
//! # let send = |_: &Request| Ok(responses.next().unwrap());
//!
//! let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
//! let credentials = Credentials::new("alice".parse()?).with_password(Password::new("Passw0rd!")?);
//! let signed_in = sign_in(&app, credentials, send)?;
//! println!("{} is signed in", signed_in.username().as_str().escape_debug());
//! # assert!(responses.next().is_none());
//! # Ok(()) }
//! ```

mod access_token;
#[cfg(feature = "serde")]
mod body_error;
mod claims;
mod confirm_device;
mod context;
mod credentials;
mod escaped;
mod extra_parameters;
mod get_tokens;
mod global_sign_out;
#[cfg(feature = "http")]
mod http;
mod json_string;
mod names;
mod parameter_map;
mod refresh_outcome;
mod request;
mod response;
mod response_error;
mod revoke_token;
mod secret_code;
mod secret_member;
mod service_error;
mod sign_in;
mod software_token;
mod step_up;
#[cfg(feature = "serde")]
mod wire;

#[cfg(feature = "serde")]
pub use body_error::BodyError;
pub use confirm_device::ConfirmDevice;
pub use context::{Context, ContextData, UserContextData};
pub use credentials::{Credentials, RefreshToken, Session};
pub use extra_parameters::ExtraParameters;
pub use get_tokens::GetTokensFromRefreshToken;
pub use global_sign_out::{GlobalSignOut, SignOutResponse};
pub use names::{Api, AuthFlow, ChallengeName, Operation, UnknownOperation};
pub use parameter_map::ParameterMap;
pub use refresh_outcome::RefreshOutcome;
pub use request::{InitiateAuth, Request, RespondToAuthChallenge};
pub use response::{AuthResponse, AuthenticationResult, NewDeviceMetadata};
pub use response_error::ResponseError;
pub use revoke_token::{RevokeAssociatedSessions, RevokeToken};
pub use secret_code::SecretCode;
pub use service_error::{ServiceError, ServiceErrorName};
pub use sign_in::{
    AnswerError, Challenge, ChoiceChallenge, CodeChallenge, CustomChallenge, FirstFactor, MfaSetup,
    NewPasswordRequired, OtherChallenge, PutDownError, RefreshBuilder, Retry, SignIn, SignInBuilder, SignInError,
    SignInFlow, SignedIn, Step, StoredChallenge, TakeUpBuilder, TakeUpError, WebAuthnChallenge,
};
pub use software_token::{
    AssociateSoftwareToken, AssociateSoftwareTokenResponse, VerifySoftwareToken, VerifySoftwareTokenResponse,
    VerifySoftwareTokenStatus,
};
pub use step_up::StepUp;
#[cfg(feature = "serde")]
pub use wire::ConfirmDeviceResponse;
