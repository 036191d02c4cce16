//! AWS JSON 1.1 (feature `serde`): the bodies of requests and responses, both ways.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use zeroize::Zeroizing;

use super::names::Operation;
use super::request::Request;
use super::response::AuthResponse;
use super::service_error::ServiceError;

/// The content type of requests and responses.
#[cfg(feature = "http")]
pub(super) const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// The longest body that is read, in bytes: 1 MiB. The service's own are far below.
const MAX_BODY: usize = 1 << 20;

/// A body that is not what it should be. It says nothing of its content, which may be secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyError {
    /// The body has more than 1 MiB.
    TooLong,
    /// The body is not JSON.
    NotJson,
    /// The body is JSON, but not of the operation's shape.
    Malformed,
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the body is too long",
            Self::NotJson => "the body is not JSON",
            Self::Malformed => "the body does not have the operation's shape",
        })
    }
}

impl core::error::Error for BodyError {}

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

    /// Reads a response by its HTTP status: what [`SignIn::advance`](super::SignIn::advance) takes.
    ///
    /// # Errors
    ///
    /// [`BodyError`] when the body is neither a response nor an error of the service.
    pub fn from_http(status: u16, body: &[u8]) -> Result<Result<Self, ServiceError>, BodyError> {
        if status == 200 { Self::from_json(body).map(Ok) } else { ServiceError::from_json(body).map(Err) }
    }
}

/// What `ConfirmDevice` answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ConfirmDeviceResponse {
    /// `UserConfirmationNecessary`: the user has to agree before the device is remembered (`UpdateDeviceStatus`).
    #[serde(default, deserialize_with = "null_is_default")]
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
    /// [`BodyError`] when the body is neither a response nor an error of the service.
    pub fn from_http(status: u16, body: &[u8]) -> Result<Result<Self, ServiceError>, BodyError> {
        if status == 200 { from_json(body).map(Ok) } else { ServiceError::from_json(body).map(Err) }
    }
}

/// An error on the wire. Both spellings of the message occur, also together.
#[derive(Serialize, Deserialize)]
struct ErrorBody {
    #[serde(rename = "__type")]
    name: String,
    #[serde(default)]
    message: Option<String>,
    #[serde(default, rename = "Message", skip_serializing)]
    other_message: Option<String>,
}

impl ServiceError {
    /// The error's body, as a server sends it with status 400.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let message = Some(self.message().into());
        to_json(&ErrorBody { name: self.name().as_str().into(), message, other_message: None }).to_vec()
    }

    /// Reads the body of a response whose status is not 200.
    ///
    /// # Errors
    ///
    /// [`BodyError`].
    pub fn from_json(body: &[u8]) -> Result<Self, BodyError> {
        let ErrorBody { name, message, other_message } = from_json(body)?;
        Ok(Self::new(&name, message.or(other_message).unwrap_or_default()))
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

fn from_json<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, BodyError> {
    if body.len() > MAX_BODY {
        return Err(BodyError::TooLong);
    }
    serde_json::from_slice(body)
        .map_err(|error| if error.is_data() { BodyError::Malformed } else { BodyError::NotJson })
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

/// Reads `null` as an absent value: other servers send it.
pub(super) fn null_is_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Reads a map of texts, in which `null` stands for an absent value, as it does for an absent map:
/// amazon-cognito-identity-js sends `"DEVICE_KEY": null` when it has no device, or when it has just heard that its device is
/// not known.
pub(super) fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    let texts: BTreeMap<String, Option<String>> = null_is_default(deserializer)?;
    Ok(texts.into_iter().filter_map(|(name, text)| Some((name, text?))).collect())
}

/// `Session`, which is checked when it is read.
pub(super) mod session {
    use alloc::string::String;

    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    use crate::idp::Session;

    #[allow(clippy::ref_option, reason = "the signature that serde calls")]
    pub(crate) fn serialize<S: Serializer>(session: &Option<Session>, serializer: S) -> Result<S::Ok, S::Error> {
        match session {
            Some(session) => serializer.serialize_str(session.expose()),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Session>, D::Error> {
        // An empty one is none: other servers send it.
        let text = Option::<String>::deserialize(deserializer)?.filter(|text| !text.is_empty());
        text.map(Session::new).transpose().map_err(D::Error::custom)
    }
}

/// `HttpHeaders`: a list of pairs.
pub(super) mod headers {
    use alloc::string::String;
    use alloc::vec::Vec;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Header<'a> {
        #[serde(borrow)]
        header_name: alloc::borrow::Cow<'a, str>,
        #[serde(borrow)]
        header_value: alloc::borrow::Cow<'a, str>,
    }

    pub(crate) fn serialize<S: Serializer>(headers: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(
            headers.iter().map(|(name, value)| Header { header_name: name.into(), header_value: value.into() }),
        )
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, String)>, D::Error> {
        let headers = Vec::<Header<'_>>::deserialize(deserializer)?;
        Ok(headers.into_iter().map(|header| (header.header_name.into(), header.header_value.into())).collect())
    }
}
