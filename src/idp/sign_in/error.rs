//! Why a sign-in ends without tokens.

use core::fmt;

use crate::error::Error;
#[cfg(feature = "serde")]
use crate::idp::body_error::BodyError;
use crate::idp::names::ChallengeName;
use crate::idp::service_error::ServiceError;

/// Why a sign-in has ended without tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignInError {
    /// Something that was to be sent, or that the service sent, breaks a rule.
    Input(Error),
    /// The service refused.
    Service(ServiceError),
    /// The body is neither a response nor an error of the service (feature `serde`).
    #[cfg(feature = "serde")]
    Body(BodyError),
    /// The service no longer knows the device. Forget it and sign in without it.
    UnknownDevice,
    /// A challenge came that does not follow from what was sent: a proof without its beginning, a device challenge without
    /// a device, or one more than any honest server asks for.
    UnexpectedChallenge(ChallengeName),
    /// A challenge names another user than a challenge before it. Each answer has a `SECRET_HASH` over the name in it, so this
    /// is how an impostor service collects them.
    UsernameChanged,
    /// The response has neither tokens nor a challenge.
    EmptyResponse,
}

impl From<Error> for SignInError {
    fn from(error: Error) -> Self {
        Self::Input(error)
    }
}

impl fmt::Display for SignInError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(error) => error.fmt(f),
            Self::Service(error) => error.fmt(f),
            #[cfg(feature = "serde")]
            Self::Body(error) => error.fmt(f),
            Self::UnknownDevice => f.write_str("the service does not know the device"),
            Self::UnexpectedChallenge(name) => write!(f, "the challenge {name} was not to be expected"),
            Self::UsernameChanged => f.write_str("the service changed the user name within a sign-in"),
            Self::EmptyResponse => f.write_str("the response has neither tokens nor a challenge"),
        }
    }
}

// The text is that of the inner error, so there is no source to repeat it.
impl core::error::Error for SignInError {}
