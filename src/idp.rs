//! `AdminInitiateAuth`, and every call around the proof: typed, checked, without IO.
//!
//! Three levels, of which most callers need only the first:
//!
//! - [`SignIn`] is a whole sign-in as a state machine. It says what to send, takes what came back, answers the challenges
//!   of the proof by itself, and hands the others to the caller as a typed [`Challenge`].
//! - [`Request`] is one call: [`InitiateAuth`] (also `AdminInitiateAuth`), [`RespondToAuthChallenge`] (also its admin
//!   twin), [`ConfirmDevice`]. The parameters of a request that was made here have been checked against the service's model. A
//!   request that a server reads with `from_json` has only been parsed: its values are still to be checked.
//! - With the feature `serde` a request is AWS JSON 1.1 both ways, with `http` a whole `http::Request`.
//!
//! Nothing here touches the group or the protocol: the proof is made by [`UserSignIn`](crate::UserSignIn) and
//! [`DeviceSignIn`](crate::DeviceSignIn), and an auditor of the arithmetic can leave this module unread.
//!
//! # A sign-in over any transport
//!
//! ```
//! use cognito_srp6a::idp::{Api, AuthResponse, Challenge, Credentials, Request, ResponseError, SignIn, SignInFlow, Step};
//! use cognito_srp6a::{AppClient, Timestamp};
//!
//! # fn ask_for_code() -> String { "123456".into() }
//! fn run(
//!     app: &AppClient,
//!     credentials: Credentials,
//!     mut send: impl FnMut(&Request) -> Result<AuthResponse, ResponseError>,
//! ) -> Result<(), Box<dyn core::error::Error>> {
//!     let (mut sign_in, mut request) = SignIn::builder(app, Api::Public, SignInFlow::UserSrp, credentials).start()?;
//!     let signed_in = loop {
//!         (sign_in, request) = match sign_in.advance(send(&request), Timestamp::now()?)? {
//!             Step::Send(sign_in, request) => (sign_in, request),
//!             // After a mistyped code the same challenge comes again.
//!             Step::Challenge(Challenge::SoftwareTokenMfa(challenge)) => challenge.answer(&ask_for_code())?,
//!             Step::Challenge(other) => return Err(format!("cannot answer {}", other.name()).into()),
//!             Step::Done(signed_in) => break signed_in,
//!         };
//!     };
//!     println!("{} is signed in", signed_in.username());
//!     Ok(())
//! }
//! ```

#[cfg(feature = "serde")]
mod body_error;
mod confirm_device;
mod context;
mod credentials;
mod escaped;
#[cfg(feature = "http")]
mod http;
mod names;
mod parameter_map;
mod request;
mod response;
mod response_error;
mod service_error;
mod sign_in;
#[cfg(feature = "serde")]
mod wire;

#[cfg(feature = "serde")]
pub use body_error::BodyError;
pub use confirm_device::ConfirmDevice;
pub use context::{Context, ContextData, UserContextData};
pub use credentials::{Credentials, RefreshToken, Session};
pub use names::{Api, AuthFlow, ChallengeName, Operation, UnknownOperation};
pub use parameter_map::ParameterMap;
pub use request::{InitiateAuth, Request, RespondToAuthChallenge};
pub use response::{AuthResponse, AuthenticationResult, NewDeviceMetadata};
pub use response_error::ResponseError;
pub use service_error::{ServiceError, ServiceErrorName};
pub use sign_in::{
    AnswerError, Challenge, ChoiceChallenge, CodeChallenge, FirstFactor, MfaSetup, NewPasswordRequired, OtherChallenge,
    RefreshBuilder, SignIn, SignInBuilder, SignInError, SignInFlow, SignedIn, Step,
};
#[cfg(feature = "serde")]
pub use wire::ConfirmDeviceResponse;
