//! The error of a sign-in.

use core::fmt;

use crate::error::Error;
#[cfg(feature = "serde")]
use crate::idp::body_error::BodyError;
use crate::idp::names::ChallengeName;
use crate::idp::response_error::ResponseError;
use crate::idp::service_error::ServiceError;
#[cfg(feature = "serde")]
use crate::idp::service_error::is_transient_status;

/// The error of a sign-in that has ended without tokens.
///
/// ```
/// use cognito_srp6a::idp::{ServiceErrorName, SignInError};
///
/// fn advice(error: &SignInError) -> &'static str {
///     match error {
///         SignInError::Service(error) => match error.name() {
///             ServiceErrorName::NotAuthorized | ServiceErrorName::UserNotFound => "wrong user name or password",
///             ServiceErrorName::PasswordResetRequired => "reset your password first",
///             _ => "the service refused",
///         },
///         SignInError::UnknownDevice => "delete the stored device and sign in without it",
///         SignInError::Input(_) => "the request or the response breaks a rule",
///         _ => "the service does not behave like Cognito",
///     }
/// }
/// # assert_eq!(advice(&SignInError::UnknownDevice), "delete the stored device and sign in without it");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignInError {
    /// A value of the caller or of the service breaks a rule.
    Input(Error),
    /// The service answered with an error.
    Service(ServiceError),
    /// The body is neither a response nor an error of the service (feature `serde`).
    #[cfg(feature = "serde")]
    Body {
        /// The HTTP status.
        status: u16,
        /// What is wrong with the body.
        error: BodyError,
    },
    /// There is no response, and the request was sent too often or its proof is too old to send it again.
    NoResponse,
    /// The service does not know the device. Delete its credentials and sign in without it.
    UnknownDevice,
    /// The service asked for something that no honest service asks for at this point: a proof that was not started or
    /// was already given, a device challenge without a device, or too many challenges in a row.
    UnexpectedChallenge(ChallengeName),
    /// A challenge names another user than an earlier one. Each answer carries a `SECRET_HASH` over the user name in
    /// it, so an impostor service could collect hashes of many users this way.
    UsernameChanged,
    /// The response has neither tokens nor a challenge.
    EmptyResponse,
}

impl SignInError {
    /// Returns whether the same request may succeed later ([`ResponseError::is_transient`]).
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Service(error) => error.is_transient(),
            #[cfg(feature = "serde")]
            Self::Body { status, .. } => is_transient_status(*status),
            Self::NoResponse => true,
            _ => false,
        }
    }
}

impl From<Error> for SignInError {
    fn from(error: Error) -> Self {
        Self::Input(error)
    }
}

impl From<ResponseError> for SignInError {
    fn from(error: ResponseError) -> Self {
        match error {
            ResponseError::Service(error) => Self::Service(error),
            #[cfg(feature = "serde")]
            ResponseError::Body { status, error } => Self::Body { status, error },
            ResponseError::NoResponse => Self::NoResponse,
        }
    }
}

impl fmt::Display for SignInError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(error) => error.fmt(f),
            Self::Service(error) => error.fmt(f),
            #[cfg(feature = "serde")]
            Self::Body { status, error } => write!(f, "{error} (HTTP status {status})"),
            Self::NoResponse => f.write_str("there is no response"),
            Self::UnknownDevice => f.write_str("the service does not know the device"),
            Self::UnexpectedChallenge(name) => write!(f, "unexpected challenge {name}"),
            Self::UsernameChanged => f.write_str("the service changed the user name during the sign-in"),
            Self::EmptyResponse => f.write_str("the response has neither tokens nor a challenge"),
        }
    }
}

// `Display` prints the inner error. As a source it would appear twice in a report.
impl core::error::Error for SignInError {}
