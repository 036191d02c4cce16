//! Refusals, with the service's error names and messages.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use cognito_srp6a::idp::{AuthFlow, BodyError, ServiceError};
use cognito_srp6a::{Error, Parameter, Timestamp};
use serde::Deserializer as _;
use serde::de::{self, MapAccess, Visitor};
use serde_json::value::RawValue;

pub type Result<T> = std::result::Result<T, ServiceError>;

/// The same error for a wrong password, an unknown user and a bad claim.
pub fn not_authorized() -> ServiceError {
    Error::NotAuthorized.into()
}

/// `NotAuthorizedException` for another reason.
pub fn denied(message: impl Into<String>) -> ServiceError {
    ServiceError::new("NotAuthorizedException", message)
}

pub fn invalid_session() -> ServiceError {
    denied("Invalid session for the user, session is expired.")
}

pub fn invalid_parameter(message: impl Into<String>) -> ServiceError {
    ServiceError::new("InvalidParameterException", message)
}

pub fn too_long(member: &str, most: usize) -> ServiceError {
    invalid_parameter(format!(
        "1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must have length less than \
         or equal to {most}"
    ))
}

pub fn missing(parameter: &str) -> ServiceError {
    invalid_parameter(format!("Missing required parameter {parameter}"))
}

pub fn unknown_device() -> ServiceError {
    ServiceError::new("ResourceNotFoundException", "Device does not exist.")
}

pub fn unknown_pool(id: &str) -> ServiceError {
    ServiceError::new("ResourceNotFoundException", format!("User pool {id} does not exist."))
}

pub fn unknown_client(id: &str) -> ServiceError {
    ServiceError::new("ResourceNotFoundException", format!("User pool client {id} does not exist."))
}

pub fn unknown_user() -> ServiceError {
    ServiceError::new("UserNotFoundException", "User does not exist.")
}

pub fn unknown_operation() -> ServiceError {
    ServiceError::new("UnknownOperationException", "")
}

pub fn unsigned() -> ServiceError {
    ServiceError::new("MissingAuthenticationTokenException", "Missing Authentication Token")
}

pub fn incomplete_signature(message: impl Into<String>) -> ServiceError {
    ServiceError::new("IncompleteSignatureException", message)
}

/// `InvalidSignatureException` for another reason than a wrong signature.
pub fn bad_signature(message: impl Into<String>) -> ServiceError {
    ServiceError::new("InvalidSignatureException", message)
}

pub fn wrong_signature() -> ServiceError {
    bad_signature(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key \
         and signing method. Consult the service documentation for details.",
    )
}

pub fn unknown_key() -> ServiceError {
    ServiceError::new("UnrecognizedClientException", "The security token included in the request is invalid.")
}

pub fn wrong_code() -> ServiceError {
    ServiceError::new("CodeMismatchException", "Invalid code received for user")
}

/// A wrong code of a sign-up, and any code of a user who has none.
pub fn wrong_confirmation() -> ServiceError {
    ServiceError::new("CodeMismatchException", "Invalid verification code provided, please try again.")
}

pub fn expired_confirmation() -> ServiceError {
    ServiceError::new("ExpiredCodeException", "Invalid code provided, please request a code again.")
}

pub fn too_many_failures() -> ServiceError {
    ServiceError::new("TooManyFailedAttemptsException", "Too many failed attempts, please request a code again.")
}

/// An answer of a trigger that cannot be read, or that makes no sense.
pub fn unrecognizable() -> ServiceError {
    ServiceError::new("InvalidLambdaResponseException", "Unrecognizable lambda output")
}

pub fn reset_required() -> ServiceError {
    ServiceError::new("PasswordResetRequiredException", "Password reset required for the user")
}

pub fn no_step_up() -> ServiceError {
    ServiceError::new("FeatureUnavailableInTierException", "Step-up authentication is not available in this pool.")
}

pub fn not_confirmed() -> ServiceError {
    ServiceError::new("UserNotConfirmedException", "User is not confirmed.")
}

pub fn no_address() -> ServiceError {
    invalid_parameter("The user has no address for a code.")
}

pub fn used_code() -> ServiceError {
    ServiceError::new("ExpiredCodeException", "Your software token has already been used once.")
}

pub fn too_many_tries() -> ServiceError {
    ServiceError::new("LimitExceededException", "Attempt limit exceeded, please try after some time.")
}

pub fn expired_code() -> ServiceError {
    ServiceError::new("ExpiredCodeException", "Invalid code provided, please request a code again.")
}

pub fn unauthorized() -> ServiceError {
    ServiceError::new("UnauthorizedException", "The request is not authorized for this client.")
}

pub fn unsupported_token() -> ServiceError {
    ServiceError::new("UnsupportedTokenTypeException", "Unsupported token type.")
}

pub fn no_apps_here() -> ServiceError {
    ServiceError::new("SoftwareTokenMFANotFoundException", "Software token MFA not enabled by the userPool.")
}

pub fn no_second_factor() -> ServiceError {
    ServiceError::new("MFAMethodNotFoundException", "The user has no second factor that can be used.")
}

pub fn no_app() -> ServiceError {
    ServiceError::new(
        "SoftwareTokenMFANotFoundException",
        "Software token TOTP multi-factor authentication is not set up.",
    )
}

pub fn no_passkeys() -> ServiceError {
    ServiceError::new("WebAuthnNotEnabledException", "WebAuthn is not enabled for the user pool.")
}

pub fn reused_token() -> ServiceError {
    ServiceError::new("RefreshTokenReuseException", "The refresh token has been replaced by another one.")
}

pub fn disabled_flow(flow: &AuthFlow) -> ServiceError {
    invalid_parameter(format!("{flow} flow not enabled for this client"))
}

pub fn full() -> ServiceError {
    ServiceError::new("LimitExceededException", "This pool is for tests and is full.")
}

/// Converts an error in reading a claim with this `TIMESTAMP`.
///
/// The service reads the timestamp with a lenient parser and then checks the claim over its own spelling. If the parser
/// accepts a text but spells it differently, the claim is unauthorized. Only a text that it cannot read is a bad parameter.
pub fn of_claim(error: Error, timestamp: Option<&str>) -> ServiceError {
    if error == Error::Malformed(Parameter::Timestamp) && timestamp.is_some_and(is_readable) {
        return not_authorized();
    }
    error.into()
}

/// Returns whether a timestamp is valid with any weekday, and without a zero before the day.
fn is_readable(text: &str) -> bool {
    const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let Some((weekday, rest)) = text.split_once(' ') else { return false };
    let Some((month, rest)) = rest.split_once(' ') else { return false };
    let rest = rest.strip_prefix('0').unwrap_or(rest);
    WEEKDAYS.contains(&weekday)
        && WEEKDAYS.iter().any(|weekday| format!("{weekday} {month} {rest}").parse::<Timestamp>().is_ok())
}

/// Converts an error in reading a body with these required members.
///
/// The service has one error for a body that it cannot read, and another if a member is missing or too short.
pub fn of_body(error: BodyError, body: &[u8], required: &[&str]) -> ServiceError {
    let unreadable = || ServiceError::new("SerializationException", error.to_string());
    let mut reader = serde_json::Deserializer::from_slice(body);
    let Ok(members) = reader.deserialize_map(Named(required)) else { return unreadable() };
    if reader.end().is_err() {
        return unreadable();
    }
    if let Some(name) = required.iter().find(|name| members.get(**name).is_none_or(|value| value.get() == "null")) {
        return null_member(name);
    }
    match members.get("Session") {
        Some(session) if session.get().starts_with('"') => {
            invalid_parameter("Value at 'session' failed to satisfy constraint.")
        }
        _ => unreadable(),
    }
}

/// Reads the members with these names, and `Session`.
///
/// The values stay in the body, and other members are only looked at: a tree of values or a map of all members needs many
/// times the memory of the body.
struct Named<'a>(&'a [&'a str]);

impl<'de> Visitor<'de> for Named<'_> {
    type Value = HashMap<String, &'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut members: M) -> std::result::Result<Self::Value, M::Error> {
        let mut named = HashMap::new();
        while let Some((name, value)) = members.next_entry::<String, &'de RawValue>()? {
            let text = value.get();
            // An escape may be half of a character.
            if text.starts_with('"') && serde_json::from_str::<Cow<'_, str>>(text).is_err() {
                return Err(de::Error::custom("half of a character"));
            }
            if name == "Session" || self.0.contains(&name.as_str()) {
                named.insert(name, value);
            }
        }
        Ok(named)
    }
}

/// The error for a required member that is missing.
pub fn null_member(name: &str) -> ServiceError {
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    let name: String = first.into_iter().chain(letters).collect();
    invalid_parameter(format!(
        "1 validation error detected: Value null at '{name}' failed to satisfy constraint: Member must not be null"
    ))
}
