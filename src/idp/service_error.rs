//! Errors of the service.

use alloc::format;
use alloc::string::String;
use core::fmt;

use super::escaped::Escaped;
use super::names::service_names;
use crate::error::{Error, Parameter};

service_names! {
    /// The name of an error of the service (`__type`), from the service's model of the calls in
    /// [`Operation`](super::Operation).
    ServiceErrorName {
        AliasExists = "AliasExistsException",
        CodeMismatch = "CodeMismatchException",
        ConcurrentModification = "ConcurrentModificationException",
        DeviceKeyExists = "DeviceKeyExistsException",
        EnableSoftwareTokenMfa = "EnableSoftwareTokenMFAException",
        ExpiredCode = "ExpiredCodeException",
        FeatureUnavailableInTier = "FeatureUnavailableInTierException",
        Forbidden = "ForbiddenException",
        InternalError = "InternalErrorException",
        InvalidEmailRoleAccessPolicy = "InvalidEmailRoleAccessPolicyException",
        InvalidLambdaResponse = "InvalidLambdaResponseException",
        InvalidParameter = "InvalidParameterException",
        InvalidPassword = "InvalidPasswordException",
        InvalidSmsRoleAccessPolicy = "InvalidSmsRoleAccessPolicyException",
        InvalidSmsRoleTrustRelationship = "InvalidSmsRoleTrustRelationshipException",
        InvalidUserPoolConfiguration = "InvalidUserPoolConfigurationException",
        MfaMethodNotFound = "MFAMethodNotFoundException",
        NotAuthorized = "NotAuthorizedException",
        OperationNotEnabled = "OperationNotEnabledException",
        PasswordHistoryPolicyViolation = "PasswordHistoryPolicyViolationException",
        PasswordResetRequired = "PasswordResetRequiredException",
        RefreshTokenReuse = "RefreshTokenReuseException",
        ResourceNotFound = "ResourceNotFoundException",
        SoftwareTokenMfaNotFound = "SoftwareTokenMFANotFoundException",
        TooManyRequests = "TooManyRequestsException",
        Unauthorized = "UnauthorizedException",
        UnexpectedLambda = "UnexpectedLambdaException",
        UnsupportedOperation = "UnsupportedOperationException",
        UnsupportedTokenType = "UnsupportedTokenTypeException",
        UserLambdaValidation = "UserLambdaValidationException",
        UserNotConfirmed = "UserNotConfirmedException",
        UserNotFound = "UserNotFoundException",
        UsernameExists = "UsernameExistsException",
    }
}

/// An error that the service answered with: a name, a message, and what else the response had.
///
/// `Display` and `Debug` are safe to log: they escape control characters and cut a text after 1024 characters.
///
/// ```
/// use cognito_srp6a::idp::{ServiceError, ServiceErrorName};
///
/// let error = ServiceError::new("NotAuthorizedException", "Incorrect username or password.");
/// let text = match error.name() {
///     ServiceErrorName::NotAuthorized => "wrong user name or password",
///     ServiceErrorName::UserNotConfirmed => "confirm your sign-up first",
///     ServiceErrorName::PasswordResetRequired => "reset your password first",
///     ServiceErrorName::TooManyRequests => "try again in a minute",
///     _ => "no sign-in at the moment",
/// };
/// assert_eq!(text, "wrong user name or password");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ServiceError {
    name: ServiceErrorName,
    message: String,
    reason_code: Option<String>,
    status: Option<u16>,
}

impl ServiceError {
    /// Takes the name, from `__type` or the error code of an SDK, and the message.
    ///
    /// Some transports add a namespace and `#` in front of the name, or `:` and a URI after it. Both are cut off.
    #[must_use]
    pub fn new(name: &str, message: impl Into<String>) -> Self {
        // The suffix first: its URI may contain a `#`.
        let name = name.split(':').next().unwrap_or(name);
        let name = name.rsplit('#').next().unwrap_or(name);
        Self { name: name.into(), message: message.into(), reason_code: None, status: None }
    }

    /// Sets `reasonCode`.
    #[must_use]
    pub fn with_reason_code(self, code: impl Into<String>) -> Self {
        Self { reason_code: Some(code.into()), ..self }
    }

    /// Sets the HTTP status of the response.
    #[must_use]
    pub fn with_status(self, status: u16) -> Self {
        Self { status: Some(status), ..self }
    }

    /// The name of the error.
    #[must_use]
    pub const fn name(&self) -> &ServiceErrorName {
        &self.name
    }

    /// The message, unchanged: of any length, with any character. It may quote the request. To log it, use `Display`.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// `reasonCode`, which `InvalidParameterException` may carry (service model).
    #[must_use]
    pub fn reason_code(&self) -> Option<&str> {
        self.reason_code.as_deref()
    }

    /// The HTTP status of the response. `AuthResponse::from_http` (feature `serde`) sets it.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        self.status
    }

    /// Returns whether the service has not processed the request, so that the same request may succeed later: it
    /// throttles ([`TooManyRequests`](ServiceErrorName::TooManyRequests), or a name of throttling that all of AWS has), or it has
    /// failed ([`InternalError`](ServiceErrorName::InternalError), status 429 or 5xx).
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self.name, ServiceErrorName::TooManyRequests | ServiceErrorName::InternalError)
            || TRANSIENT_NAMES.contains(&self.name.as_str())
            || self.status.is_some_and(is_transient_status)
    }

    /// Returns whether the service refuses the `SECRET_HASH` of the request: a `NotAuthorizedException` whose message
    /// contains `Unable to verify secret hash`, or for a refresh `SecretHash does not match`.
    #[must_use]
    pub fn is_wrong_secret_hash(&self) -> bool {
        let texts = ["Unable to verify secret hash", "SecretHash does not match"];
        self.name == ServiceErrorName::NotAuthorized && texts.iter().any(|text| self.message.contains(text))
    }

    /// Returns whether the service does not know the `DEVICE_KEY` of the request: a `ResourceNotFoundException` whose
    /// message contains `Device does not exist`.
    #[must_use]
    pub fn is_unknown_device(&self) -> bool {
        self.name == ServiceErrorName::ResourceNotFound && self.message.contains("Device does not exist")
    }
}

/// Errors of AWS that are in no service's model: the front of the service throttles or has failed. An SDK does not always
/// pass the status on.
const TRANSIENT_NAMES: [&str; 9] = [
    "InternalFailure",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestTimeout",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
];

/// Returns whether an HTTP status says that the same request may succeed later.
pub(super) const fn is_transient_status(status: u16) -> bool {
    status == 429 || status >= 500 && status < 600
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, Escaped(&self.message))
    }
}

impl fmt::Debug for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceError")
            .field("name", &format_args!("{}", self.name))
            .field("message", &format_args!("\"{}\"", Escaped(&self.message)))
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl core::error::Error for ServiceError {}

/// What a server answers when a request, or the proof in it, was refused. The messages are the service's where they are known.
///
/// | Error | Name | Message |
/// |---|---|---|
/// | [`NotAuthorized`](Error::NotAuthorized), [`ScramblerIsZero`](Error::ScramblerIsZero) | `NotAuthorizedException` | `Incorrect username or password.` |
/// | [`WrongSecretHash`](Error::WrongSecretHash) | `NotAuthorizedException` | `Unable to verify secret hash for client` |
/// | [`Missing`](Error::Missing), for `SECRET_HASH` | `NotAuthorizedException` | `Client is configured with secret but SECRET_HASH was not received` |
/// | [`Missing`](Error::Missing) | `InvalidParameterException` | `Missing required parameter USERNAME` |
/// | [`Malformed`](Error::Malformed), for `TIMESTAMP` | `InvalidParameterException` | `TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.` |
/// | [`RandomSource`](Error::RandomSource), [`NoSuchEndpoint`](Error::NoSuchEndpoint), and a Region, server key or ephemeral that is refused | `InternalErrorException` | the error's own text |
/// | any other | `InvalidParameterException` | the error's own text |
///
/// The service puts the client id into the two messages about `SECRET_HASH`. An [`Error`] does not have it.
///
/// Convert what a request has caused. A record of the server's own store that is refused is an internal error, whatever it would be in
/// a request.
///
/// ```
/// use cognito_srp6a::SrpA;
/// use cognito_srp6a::idp::{ServiceError, ServiceErrorName};
///
/// fn read(srp_a: &str) -> Result<SrpA, ServiceError> {
///     Ok(srp_a.parse::<SrpA>()?)
/// }
/// let error = read("0").unwrap_err();
/// assert_eq!(*error.name(), ServiceErrorName::InvalidParameter);
/// assert_eq!(error.message(), "SRP_A is 0 mod N.");
/// ```
impl From<Error> for ServiceError {
    fn from(error: Error) -> Self {
        use ServiceErrorName::{InternalError, InvalidParameter, NotAuthorized};
        let (name, message) = match error {
            Error::NotAuthorized | Error::ScramblerIsZero => (NotAuthorized, "Incorrect username or password.".into()),
            Error::WrongSecretHash => (NotAuthorized, "Unable to verify secret hash for client".into()),
            Error::Missing(Parameter::SecretHash) => {
                (NotAuthorized, "Client is configured with secret but SECRET_HASH was not received".into())
            }
            Error::Missing(parameter) => (InvalidParameter, format!("Missing required parameter {parameter}")),
            Error::Malformed(Parameter::Timestamp) => {
                (InvalidParameter, "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.".into())
            }
            other if is_internal(other) => (InternalError, format!("{other}.")),
            other => (InvalidParameter, format!("{other}.")),
        };
        Self { name, message, reason_code: None, status: None }
    }
}

/// Returns whether an error is the server's own: no request brings such a value.
const fn is_internal(error: Error) -> bool {
    match error {
        Error::RandomSource | Error::NoSuchEndpoint => true,
        Error::Empty(parameter) | Error::TooLong(parameter) | Error::Malformed(parameter) => {
            matches!(parameter, Parameter::Region | Parameter::ServerKey | Parameter::Ephemeral)
        }
        _ => false,
    }
}
