//! Bodies of requests and responses in AWS JSON 1.1, written and read (feature `serde`).

mod members;
mod more_responses;
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

/// `Content-Type` of requests and responses.
#[cfg(feature = "http")]
pub(super) const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// The longest body that is read, in bytes: 1 MiB. Bodies of the service are far shorter.
const MAX_BODY: usize = 1 << 20;

impl Request {
    /// Writes the body of the request. It may hold secrets and is wiped on drop.
    #[must_use]
    pub fn to_json(&self) -> Zeroizing<Vec<u8>> {
        match self {
            Self::InitiateAuth(request) => to_json(request),
            Self::RespondToAuthChallenge(request) => to_json(request),
            Self::ConfirmDevice(request) => to_json(request),
            Self::GetTokensFromRefreshToken(request) => to_json(request),
            Self::RevokeToken(request) => to_json(request),
            Self::GlobalSignOut(request) => to_json(request),
            Self::AssociateSoftwareToken(request) => to_json(request),
            Self::VerifySoftwareToken(request) => to_json(request),
        }
    }

    /// Reads the body of a request, as a server does. The values in it are not checked against the service's model.
    ///
    /// ```
    /// use cognito_srp6a::idp::{BodyError, Operation, Request};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// // From `X-Amz-Target: AWSCognitoIdentityProviderService.InitiateAuth`.
    /// let operation: Operation = "InitiateAuth".parse()?;
    /// let body = br#"{
    ///     "ClientId": "1example23456789", "AuthFlow": "USER_SRP_AUTH", "AuthParameters": {"USERNAME": "alice"}
    /// }"#;
    /// let Request::InitiateAuth(request) = Request::from_json(operation, body)? else { unreachable!() };
    /// assert_eq!(request.client_id(), "1example23456789");
    /// // An admin operation must name its pool; the others must not.
    /// assert_eq!(Request::from_json(Operation::AdminInitiateAuth, body).unwrap_err(), BodyError::Malformed);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`BodyError`] if the body cannot be read as one of `operation`, or if it names a pool in a public operation or
    /// none in an admin operation.
    pub fn from_json(operation: Operation, body: &[u8]) -> Result<Self, BodyError> {
        let request = match operation {
            Operation::InitiateAuth | Operation::AdminInitiateAuth => Self::InitiateAuth(from_json(body)?),
            Operation::RespondToAuthChallenge | Operation::AdminRespondToAuthChallenge => {
                Self::RespondToAuthChallenge(from_json(body)?)
            }
            Operation::ConfirmDevice => Self::ConfirmDevice(from_json(body)?),
            Operation::GetTokensFromRefreshToken => Self::GetTokensFromRefreshToken(from_json(body)?),
            Operation::RevokeToken => Self::RevokeToken(from_json(body)?),
            Operation::GlobalSignOut => Self::GlobalSignOut(from_json(body)?),
            Operation::AssociateSoftwareToken => Self::AssociateSoftwareToken(from_json(body)?),
            Operation::VerifySoftwareToken => Self::VerifySoftwareToken(from_json(body)?),
        };
        if request.operation() == operation { Ok(request) } else { Err(BodyError::Malformed) }
    }
}

impl AuthResponse {
    /// Writes the body, as a server does. It may hold tokens and is wiped on drop.
    #[must_use]
    pub fn to_json(&self) -> Zeroizing<Vec<u8>> {
        to_json(self)
    }

    /// Reads the body of a response with status 200.
    ///
    /// # Errors
    ///
    /// [`BodyError`] if the body cannot be read as a response.
    pub fn from_json(body: &[u8]) -> Result<Self, BodyError> {
        from_json(body)
    }

    /// Reads an HTTP response: its status and its body. [`SignIn::advance`](super::SignIn::advance) takes the result.
    ///
    /// ```
    /// use cognito_srp6a::idp::{AuthResponse, ChallengeName, ResponseError, ServiceErrorName};
    ///
    /// # fn main() -> Result<(), ResponseError> {
    /// let body = br#"{"ChallengeName": "SMS_MFA", "Session": "AYABeIKrFwI0example0session"}"#;
    /// let response = AuthResponse::from_http(200, body)?;
    /// assert_eq!(response.challenge_name(), Some(&ChallengeName::SmsMfa));
    ///
    /// let body = br#"{"__type": "NotAuthorizedException", "message": "Incorrect username or password."}"#;
    /// let Err(ResponseError::Service(error)) = AuthResponse::from_http(400, body) else { unreachable!() };
    /// assert_eq!(*error.name(), ServiceErrorName::NotAuthorized);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`ResponseError::Service`]: the status is not 200, and the body is an error of the service.
    /// - [`ResponseError::Body`]: the body is neither a response nor an error of the service.
    pub fn from_http(status: u16, body: &[u8]) -> Result<Self, ResponseError> {
        from_http(status, body)
    }
}

/// The response of `ConfirmDevice` (feature `serde`).
///
/// ```
/// use cognito_srp6a::idp::ConfirmDeviceResponse;
///
/// # fn main() -> Result<(), cognito_srp6a::idp::ResponseError> {
/// let response = ConfirmDeviceResponse::from_http(200, br#"{"UserConfirmationNecessary": true}"#)?;
/// assert!(response.user_confirmation_necessary);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ConfirmDeviceResponse {
    /// `UserConfirmationNecessary`: the service remembers the device only after the caller has asked the user and
    /// called `UpdateDeviceStatus`.
    pub user_confirmation_necessary: bool,
}

impl ConfirmDeviceResponse {
    /// Makes a response with `UserConfirmationNecessary`.
    #[must_use]
    pub const fn new(user_confirmation_necessary: bool) -> Self {
        Self { user_confirmation_necessary }
    }

    /// Writes the body, as a server does.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        to_json(self).to_vec()
    }

    /// Reads an HTTP response: its status and its body.
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

/// The body of an error.
#[derive(Serialize)]
struct ErrorBody<'a> {
    #[serde(rename = "__type")]
    name: &'a str,
    message: &'a str,
    #[serde(rename = "reasonCode", skip_serializing_if = "Option::is_none")]
    reason_code: Option<&'a str>,
}

impl ServiceError {
    /// Writes the body, as a server does. Its status is 400.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let (name, message, reason_code) = (self.name().as_str(), self.message(), self.reason_code());
        to_json(&ErrorBody { name, message, reason_code }).to_vec()
    }

    /// Reads the body of a response whose status is not 200.
    ///
    /// # Errors
    ///
    /// [`BodyError`] if the body cannot be read as an error of the service.
    pub fn from_json(body: &[u8]) -> Result<Self, BodyError> {
        from_json(body)
    }
}

impl Read for ServiceError {
    /// The message occurs as `message`, as `Message` and as both.
    fn read(members: &Members<'_>) -> Result<Self, BodyError> {
        let name = members.required_text("__type")?;
        let (message, other_message) = (members.public_text("message")?, members.public_text("Message")?);
        let mut error = Self::new(&name, message.or(other_message).unwrap_or_default());
        if let Some(code) = members.public_text("reasonCode")? {
            error = error.with_reason_code(code);
        }
        let is_too_long = |text: &str| text.chars().nth(ServiceErrorName::MAX_CHARS).is_some();
        let too_long = is_too_long(error.name().as_str()) || error.reason_code().is_some_and(is_too_long);
        if too_long { Err(BodyError::Malformed) } else { Ok(error) }
    }
}

/// Writes a body into a buffer of its exact size. A buffer that grew would leave copies of secrets in freed memory.
fn to_json<T: Serialize>(value: &T) -> Zeroizing<Vec<u8>> {
    let mut length = Counter(0);
    let counted = serde_json::to_writer(&mut length, value);
    let mut body = Zeroizing::new(Vec::with_capacity(length.0));
    let written = serde_json::to_writer(&mut *body, value);
    // Map keys are texts and a `Vec` accepts every byte, so neither call fails.
    debug_assert!(counted.is_ok() && written.is_ok());
    body
}

fn from_json<T: Read>(body: &[u8]) -> Result<T, BodyError> {
    if body.len() > MAX_BODY {
        return Err(BodyError::TooLong);
    }
    // After white space and a byte order mark, a document of HTML begins with a tag, a comment or a declaration.
    let body_start = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
    if body_start.starts_with(b"<") {
        return Err(BodyError::Html);
    }
    T::read(&Members::of_body(body)?)
}

fn from_http<T: Read>(status: u16, body: &[u8]) -> Result<T, ResponseError> {
    let unreadable = |error| ResponseError::Body { status, error };
    if status == 200 {
        return from_json(body).map_err(unreadable);
    }
    let error = ServiceError::from_json(body).map_err(unreadable)?;
    Err(error.with_status(status).into())
}

/// Counts the bytes that are written.
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
