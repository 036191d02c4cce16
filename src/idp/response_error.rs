//! The error of a call without a response.

use core::fmt;

#[cfg(feature = "serde")]
use super::body_error::BodyError;
use super::service_error::ServiceError;

/// The error of a call that the service has answered, but not with the operation's response.
///
/// A transport error, such as a broken connection, is not among the variants: the caller's HTTP client reports it, and
/// no answer of the service is there to pass on.
///
/// ```
/// use cognito_srp6a::idp::{ResponseError, ServiceError, ServiceErrorName};
///
/// let error = ResponseError::from(ServiceError::new("TooManyRequestsException", "Rate exceeded"));
/// let retry = match &error {
///     ResponseError::Service(error) => *error.name() == ServiceErrorName::TooManyRequests,
///     _ => false,
/// };
/// assert!(retry);
/// assert_eq!(error.to_string(), "TooManyRequestsException: Rate exceeded");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponseError {
    /// The service answered with an error.
    Service(ServiceError),
    /// The body is neither a response nor an error of the service (feature `serde`).
    #[cfg(feature = "serde")]
    Body(BodyError),
}

impl From<ServiceError> for ResponseError {
    fn from(error: ServiceError) -> Self {
        Self::Service(error)
    }
}

#[cfg(feature = "serde")]
impl From<BodyError> for ResponseError {
    fn from(error: BodyError) -> Self {
        Self::Body(error)
    }
}

impl fmt::Display for ResponseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(error) => error.fmt(f),
            #[cfg(feature = "serde")]
            Self::Body(error) => error.fmt(f),
        }
    }
}

// `Display` prints the inner error. As a source it would appear twice in a report.
impl core::error::Error for ResponseError {}
