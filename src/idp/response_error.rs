//! Why a call brought no response.

use core::fmt;

#[cfg(feature = "serde")]
use super::body_error::BodyError;
use super::service_error::ServiceError;

/// What a call came to when it brought no response of the operation's shape.
///
/// A transport error, such as a connection that broke, is not in it: it is the caller's HTTP client's.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponseError {
    /// The service refused.
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

// The text is that of the inner error, so there is no source to repeat it.
impl core::error::Error for ResponseError {}
