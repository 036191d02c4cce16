//! The error of a call without a response.

use core::fmt;

#[cfg(feature = "serde")]
use super::body_error::BodyError;
use super::service_error::ServiceError;
#[cfg(feature = "serde")]
use super::service_error::is_transient_status;

/// The error of a call that has not brought the operation's response.
///
/// ```
/// use cognito_srp6a::idp::{ResponseError, ServiceError};
///
/// let error = ResponseError::from(ServiceError::new("TooManyRequestsException", "Rate exceeded"));
/// assert!(error.is_transient());
/// assert_eq!(error.to_string(), "TooManyRequestsException: Rate exceeded");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponseError {
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
    /// There is no response: the connection failed or broke off. The caller's HTTP client has the details.
    NoResponse,
}

impl ResponseError {
    /// Returns whether the same request may succeed later: there is no response, the service throttles or has failed
    /// ([`ServiceError::is_transient`]), or the status is 429 or 5xx.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Service(error) => error.is_transient(),
            #[cfg(feature = "serde")]
            Self::Body { status, .. } => is_transient_status(*status),
            Self::NoResponse => true,
        }
    }
}

impl From<ServiceError> for ResponseError {
    fn from(error: ServiceError) -> Self {
        Self::Service(error)
    }
}

impl fmt::Display for ResponseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(error) => error.fmt(f),
            #[cfg(feature = "serde")]
            Self::Body { status, error } => write!(f, "{error} (HTTP status {status})"),
            Self::NoResponse => f.write_str("there is no response"),
        }
    }
}

// `Display` prints the inner error. As a source it would appear twice in a report.
impl core::error::Error for ResponseError {}
