//! Errors on the way to the service.

use std::error::Error;
use std::fmt;

use aws_sdk_cognitoidentityprovider as cognito;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use cognito_srp6a::idp::SignInError;

/// The SDK's own error of a call that has brought no answer of the service.
pub type TransportError = SdkError<cognito::Error, HttpResponse>;

/// Why a call has brought no response.
#[non_exhaustive]
pub enum CallError {
    /// The SDK's error: no connection, a timeout, no credentials. `Debug` leaves out the body that it may hold.
    Transport(Box<TransportError>),
    /// Nothing was sent: this version of the SDK does not know a member of the request. It is named as AWS writes it.
    UnknownMember(&'static str),
    /// Nothing was sent: the call brings a response of another type than asked for.
    OtherResponse,
    /// Nothing was sent: this crate does not know the call.
    UnknownCall,
    /// The response breaks a rule of the service's model.
    Malformed(cognito_srp6a::Error),
}

// The SDK's own `Debug` prints the response, which may have tokens.
impl fmt::Debug for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport(error) => write!(f, "Transport({error})"),
            Self::UnknownMember(name) => f.debug_tuple("UnknownMember").field(name).finish(),
            Self::OtherResponse => f.write_str("OtherResponse"),
            Self::UnknownCall => f.write_str("UnknownCall"),
            Self::Malformed(error) => f.debug_tuple("Malformed").field(error).finish(),
        }
    }
}

/// Why a whole sign-in has ended without tokens.
#[derive(Debug)]
#[non_exhaustive]
pub enum DriverError<E> {
    /// The sign-in ended, as the service or a rule of the crate wanted it.
    SignIn(SignInError),
    /// A call brought no response. It was sent again before, where that helps.
    Call(CallError),
    /// The caller's error, from the answer to a challenge.
    Answer(E),
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport(_) => f.write_str("the call has brought no response"),
            Self::UnknownMember(name) => write!(f, "this version of the AWS SDK cannot send {name}"),
            Self::OtherResponse => f.write_str("the call brings another type of response than asked for"),
            Self::UnknownCall => f.write_str("the call is not known"),
            Self::Malformed(_) => f.write_str("the response breaks a rule of the service"),
        }
    }
}

impl Error for CallError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Transport(error) => Some(error.as_ref()),
            Self::Malformed(error) => Some(error),
            Self::UnknownMember(_) | Self::OtherResponse | Self::UnknownCall => None,
        }
    }
}

impl From<cognito_srp6a::Error> for CallError {
    fn from(error: cognito_srp6a::Error) -> Self {
        Self::Malformed(error)
    }
}

impl<E: fmt::Display> fmt::Display for DriverError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignIn(error) => error.fmt(f),
            Self::Call(error) => error.fmt(f),
            Self::Answer(error) => error.fmt(f),
        }
    }
}

// `Display` prints the inner error, so its source is the next one. The caller's error is printed alone: it need not be an `Error`.
impl<E: fmt::Debug + fmt::Display> Error for DriverError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::SignIn(error) => error.source(),
            Self::Call(error) => error.source(),
            Self::Answer(_) => None,
        }
    }
}

impl<E> From<SignInError> for DriverError<E> {
    fn from(error: SignInError) -> Self {
        Self::SignIn(error)
    }
}
