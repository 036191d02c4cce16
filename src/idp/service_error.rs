//! The service's errors.

use alloc::string::String;
use core::fmt;

use super::escaped::Escaped;
use super::names::service_names;

service_names! {
    /// The name of an error, from the service's model. A name that this version does not know is kept.
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

/// An error that the service has answered with.
///
/// `Display` and `Debug` escape control characters and cut long texts, so that a log may have them.
#[derive(Clone, PartialEq, Eq)]
pub struct ServiceError {
    name: ServiceErrorName,
    message: String,
}

impl ServiceError {
    /// Takes the name (`__type`, or the SDK's error code) and the message. A namespace before `#` and a suffix from `:` on,
    /// as some transports add them, are cut off.
    #[must_use]
    pub fn new(name: &str, message: impl Into<String>) -> Self {
        // The suffix is a URI, in which a `#` may stand.
        let name = name.split(':').next().unwrap_or(name);
        let name = name.rsplit('#').next().unwrap_or(name);
        Self { name: name.into(), message: message.into() }
    }

    /// The error's name.
    #[must_use]
    pub const fn name(&self) -> &ServiceErrorName {
        &self.name
    }

    /// The service's words, as they came: of any length, with any character. They may quote what the request said.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whether the service no longer knows the device that the request was made with.
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
