//! Errors of the service.

use alloc::string::String;
use core::fmt;

use super::escaped::Escaped;
use super::names::service_names;

service_names! {
    /// The name of an error of the service (`__type`), from the service's model of the calls in
    /// [`Operation`](super::Operation).
    ServiceErrorName {
        AliasExists = "AliasExistsException",
        CodeMismatch = "CodeMismatchException",
        DeviceKeyExists = "DeviceKeyExistsException",
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
        ResourceNotFound = "ResourceNotFoundException",
        SoftwareTokenMfaNotFound = "SoftwareTokenMFANotFoundException",
        TooManyRequests = "TooManyRequestsException",
        UnexpectedLambda = "UnexpectedLambdaException",
        UnsupportedOperation = "UnsupportedOperationException",
        UserLambdaValidation = "UserLambdaValidationException",
        UserNotConfirmed = "UserNotConfirmedException",
        UserNotFound = "UserNotFoundException",
        UsernameExists = "UsernameExistsException",
    }
}

/// An error that the service answered with: a name and a message.
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
        Self { name: name.into(), message: message.into() }
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

    /// Returns whether the service does not know the `DEVICE_KEY` of the request: a `ResourceNotFoundException` whose
    /// message contains `Device does not exist`.
    #[must_use]
    pub fn is_unknown_device(&self) -> bool {
        self.name == ServiceErrorName::ResourceNotFound && self.message.contains("Device does not exist")
    }
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
            .finish()
    }
}

impl core::error::Error for ServiceError {}
