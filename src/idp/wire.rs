//! AWS JSON 1.1 (feature `serde`): the bodies of requests and responses, both ways.

mod members;
mod read;

use alloc::vec::Vec;

use serde::Serialize;
use zeroize::Zeroizing;

use super::body_error::BodyError;
use super::names::Operation;
use super::request::Request;
use super::response::AuthResponse;
use super::response_error::ResponseError;
use super::service_error::{ServiceError, ServiceErrorName};

use members::{Members, Read};

/// The content type of requests and responses.
#[cfg(feature = "http")]
pub(super) const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// The longest body that is read, in bytes: 1 MiB. The service's own are far below.
const MAX_BODY: usize = 1 << 20;

impl Request {
    /// The request's body. It may hold secrets and is wiped on drop.
    #[must_use]
    pub fn to_json(&self) -> Zeroizing<Vec<u8>> {
        match self {
            Self::InitiateAuth(request) => to_json(request),
            Self::RespondToAuthChallenge(request) => to_json(request),
            Self::ConfirmDevice(request) => to_json(request),
        }
    }

    /// Reads a request's body, as a server does. An admin operation must name its pool, and no other may.
    ///
    /// # Errors
    ///
    /// [`BodyError`].
    pub fn from_json(operation: Operation, body: &[u8]) -> Result<Self, BodyError> {
        let request = match operation {
            Operation::InitiateAuth | Operation::AdminInitiateAuth => Self::InitiateAuth(from_json(body)?),
            Operation::RespondToAuthChallenge | Operation::AdminRespondToAuthChallenge => {
                Self::RespondToAuthChallenge(from_json(body)?)
            }
            Operation::ConfirmDevice => Self::ConfirmDevice(from_json(body)?),
        };
        if request.operation() == operation { Ok(request) } else { Err(BodyError::Malformed) }
    }
}

impl AuthResponse {
    /// The response's body, as a server sends it. It may hold tokens and is wiped on drop.
    #[must_use]
    pub fn to_json(&self) -> Zeroizing<Vec<u8>> {
        to_json(self)
    }

    /// Reads the body of a response with status 200.
    ///
    /// # Errors
    ///
    /// [`BodyError`].
    pub fn from_json(body: &[u8]) -> Result<Self, BodyError> {
        from_json(body)
    }

    /// Reads a response by its HTTP status: the result is what [`SignIn::advance`](super::SignIn::advance) takes.
    ///
    /// # Errors
    ///
    /// [`ResponseError::Service`] when the service refused, [`ResponseError::Body`] when the body is neither a response nor an error
    /// of the service.
    pub fn from_http(status: u16, body: &[u8]) -> Result<Self, ResponseError> {
        from_http(status, body)
    }
}

/// What `ConfirmDevice` answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ConfirmDeviceResponse {
    /// `UserConfirmationNecessary`: the user has to agree before the device is remembered (`UpdateDeviceStatus`).
    pub user_confirmation_necessary: bool,
}

impl ConfirmDeviceResponse {
    /// The response's body.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        to_json(self).to_vec()
    }

    /// Reads a response by its HTTP status.
    ///
    /// # Errors
    ///
    /// As for [`AuthResponse::from_http`].
    pub fn from_http(status: u16, body: &[u8]) -> Result<Self, ResponseError> {
        from_http(status, body)
    }
}

impl Read for ConfirmDeviceResponse {
    fn read(members: &Members<'_>) -> Result<Self, BodyError> {
        Ok(Self { user_confirmation_necessary: members.scalar("UserConfirmationNecessary")?.unwrap_or_default() })
    }
}

/// An error on the wire.
#[derive(Serialize)]
struct ErrorBody<'a> {
    #[serde(rename = "__type")]
    name: &'a str,
    message: &'a str,
}

impl ServiceError {
    /// The error's body, as a server sends it with status 400.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        to_json(&ErrorBody { name: self.name().as_str(), message: self.message() }).to_vec()
    }

    /// Reads the body of a response whose status is not 200.
    ///
    /// # Errors
    ///
    /// [`BodyError`].
    pub fn from_json(body: &[u8]) -> Result<Self, BodyError> {
        from_json(body)
    }
}

impl Read for ServiceError {
    /// Both spellings of the message occur, also together.
    fn read(members: &Members<'_>) -> Result<Self, BodyError> {
        let name = members.required_text("__type")?;
        let (message, other_message) = (members.public_text("message")?, members.public_text("Message")?);
        let error = Self::new(&name, message.or(other_message).unwrap_or_default());
        let too_long = error.name().as_str().chars().nth(ServiceErrorName::MAX_CHARS).is_some();
        if too_long { Err(BodyError::Malformed) } else { Ok(error) }
    }
}

/// Writes a body in a buffer of the right size, so that no partial copy of a secret is left behind by growth.
fn to_json<T: Serialize>(value: &T) -> Zeroizing<Vec<u8>> {
    let mut length = Counter(0);
    let counted = serde_json::to_writer(&mut length, value);
    let mut body = Zeroizing::new(Vec::with_capacity(length.0));
    let written = serde_json::to_writer(&mut *body, value);
    // Maps have text keys, and memory takes what is written.
    debug_assert!(counted.is_ok() && written.is_ok());
    body
}

fn from_json<T: Read>(body: &[u8]) -> Result<T, BodyError> {
    if body.len() > MAX_BODY {
        return Err(BodyError::TooLong);
    }
    T::read(&Members::of_body(body)?)
}

fn from_http<T: Read>(status: u16, body: &[u8]) -> Result<T, ResponseError> {
    if status == 200 { Ok(from_json(body)?) } else { Err(ServiceError::from_json(body)?.into()) }
}

/// Counts what is written.
struct Counter(usize);

impl std::io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
