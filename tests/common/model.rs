//! The service's model: service-2.json of 2016-04-18, as botocore 1.44.8 has it.

use cognito_srp6a::idp::Operation;
use serde_json::Value;

/// The shape of a member.
pub enum Shape {
    /// Shortest and longest length in characters, and whether the pattern fits.
    Text(usize, usize, fn(&str) -> bool),
    /// A map of strings.
    Map,
    /// Name, whether it must be there, and its shape.
    Structure(&'static [(&'static str, bool, Shape)]),
    /// A list of structures.
    List(&'static Shape),
}

use Shape::{List, Map, Structure, Text};

fn any(_: &str) -> bool {
    true
}

fn word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// `[\w+]+`
fn client_id(text: &str) -> bool {
    text.chars().all(|c| word(c) || c == '+')
}

/// `[\w-]+_[0-9a-zA-Z]+`, or the same with another alphabet at the end.
fn two_parts(text: &str, last: fn(char) -> bool) -> bool {
    text.rsplit_once('_').is_some_and(|(first, rest)| {
        !first.is_empty() && first.chars().all(|c| word(c) || c == '-') && !rest.is_empty() && rest.chars().all(last)
    })
}

fn pool_id(text: &str) -> bool {
    two_parts(text, |c| c.is_ascii_alphanumeric())
}

/// `[\w-]+_[0-9a-f-]+`
fn device_key(text: &str) -> bool {
    two_parts(text, |c| matches!(c, '0'..='9' | 'a'..='f' | '-'))
}

/// `[A-Za-z0-9-_=.]+`
fn token(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_=.".contains(c))
}

fn auth_flow(text: &str) -> bool {
    AUTH_FLOWS.contains(&text)
}

pub const AUTH_FLOWS: [&str; 8] = [
    "USER_SRP_AUTH",
    "REFRESH_TOKEN_AUTH",
    "REFRESH_TOKEN",
    "CUSTOM_AUTH",
    "ADMIN_NO_SRP_AUTH",
    "USER_PASSWORD_AUTH",
    "ADMIN_USER_PASSWORD_AUTH",
    "USER_AUTH",
];

pub const CHALLENGE_NAMES: [&str; 16] = [
    "SMS_MFA",
    "EMAIL_OTP",
    "SOFTWARE_TOKEN_MFA",
    "SELECT_MFA_TYPE",
    "MFA_SETUP",
    "PASSWORD_VERIFIER",
    "CUSTOM_CHALLENGE",
    "SELECT_CHALLENGE",
    "DEVICE_SRP_AUTH",
    "DEVICE_PASSWORD_VERIFIER",
    "ADMIN_NO_SRP_AUTH",
    "NEW_PASSWORD_REQUIRED",
    "SMS_OTP",
    "PASSWORD",
    "WEB_AUTHN",
    "PASSWORD_SRP",
];

/// The enumeration lacks `EMAIL_MFA`, which the documentation of the same model describes.
fn challenge_name(text: &str) -> bool {
    text == "EMAIL_MFA" || CHALLENGE_NAMES.contains(&text)
}

/// The errors of all operations of the crate.
pub const ERRORS: [&str; 33] = [
    "AliasExistsException",
    "CodeMismatchException",
    "ConcurrentModificationException",
    "DeviceKeyExistsException",
    "EnableSoftwareTokenMFAException",
    "ExpiredCodeException",
    "FeatureUnavailableInTierException",
    "ForbiddenException",
    "InternalErrorException",
    "InvalidEmailRoleAccessPolicyException",
    "InvalidLambdaResponseException",
    "InvalidParameterException",
    "InvalidPasswordException",
    "InvalidSmsRoleAccessPolicyException",
    "InvalidSmsRoleTrustRelationshipException",
    "InvalidUserPoolConfigurationException",
    "MFAMethodNotFoundException",
    "NotAuthorizedException",
    "OperationNotEnabledException",
    "PasswordHistoryPolicyViolationException",
    "PasswordResetRequiredException",
    "RefreshTokenReuseException",
    "ResourceNotFoundException",
    "SoftwareTokenMFANotFoundException",
    "TooManyRequestsException",
    "UnauthorizedException",
    "UnexpectedLambdaException",
    "UnsupportedOperationException",
    "UnsupportedTokenTypeException",
    "UserLambdaValidationException",
    "UserNotConfirmedException",
    "UserNotFoundException",
    "UsernameExistsException",
];

const STRING: Shape = Text(0, 131_072, any);
const POOL_ID: Shape = Text(1, 55, pool_id);
const CLIENT_ID: Shape = Text(1, 128, client_id);
const SESSION: Shape = Text(20, 4096, any);
const AUTH_FLOW: Shape = Text(0, usize::MAX, auth_flow);
const CHALLENGE_NAME: Shape = Text(0, usize::MAX, challenge_name);
const ANALYTICS: Shape = Structure(&[("AnalyticsEndpointId", false, STRING)]);
const USER_CONTEXT: Shape = Structure(&[("IpAddress", false, STRING), ("EncodedData", false, STRING)]);
const HEADER: Shape = Structure(&[("headerName", false, STRING), ("headerValue", false, STRING)]);
const CONTEXT: Shape = Structure(&[
    ("IpAddress", true, STRING),
    ("ServerName", true, STRING),
    ("ServerPath", true, STRING),
    ("HttpHeaders", true, List(&HEADER)),
    ("EncodedData", false, STRING),
]);

const INITIATE: Shape = Structure(&[
    ("ClientId", true, CLIENT_ID),
    ("AuthFlow", true, AUTH_FLOW),
    ("AuthParameters", false, Map),
    ("ClientMetadata", false, Map),
    ("AnalyticsMetadata", false, ANALYTICS),
    ("UserContextData", false, USER_CONTEXT),
    ("Session", false, SESSION),
]);
const ADMIN_INITIATE: Shape = Structure(&[
    ("UserPoolId", true, POOL_ID),
    ("ClientId", true, CLIENT_ID),
    ("AuthFlow", true, AUTH_FLOW),
    ("AuthParameters", false, Map),
    ("ClientMetadata", false, Map),
    ("AnalyticsMetadata", false, ANALYTICS),
    ("ContextData", false, CONTEXT),
    ("Session", false, SESSION),
]);
const RESPOND: Shape = Structure(&[
    ("ClientId", true, CLIENT_ID),
    ("ChallengeName", true, CHALLENGE_NAME),
    ("Session", false, SESSION),
    ("ChallengeResponses", false, Map),
    ("AnalyticsMetadata", false, ANALYTICS),
    ("UserContextData", false, USER_CONTEXT),
    ("ClientMetadata", false, Map),
]);
const ADMIN_RESPOND: Shape = Structure(&[
    ("UserPoolId", true, POOL_ID),
    ("ClientId", true, CLIENT_ID),
    ("ChallengeName", true, CHALLENGE_NAME),
    ("ChallengeResponses", false, Map),
    ("Session", false, SESSION),
    ("AnalyticsMetadata", false, ANALYTICS),
    ("ContextData", false, CONTEXT),
    ("ClientMetadata", false, Map),
]);
const CONFIRM: Shape = Structure(&[
    ("AccessToken", true, TOKEN),
    ("DeviceKey", true, Text(1, 55, device_key)),
    ("DeviceSecretVerifierConfig", false, Structure(&[("PasswordVerifier", false, STRING), ("Salt", false, STRING)])),
    ("DeviceName", false, Text(1, 1024, any)),
]);

const TOKEN: Shape = Text(0, usize::MAX, token);
const CLIENT_SECRET: Shape = Text(24, 64, client_id);
const GET_TOKENS: Shape = Structure(&[
    ("RefreshToken", true, TOKEN),
    ("ClientId", true, CLIENT_ID),
    ("ClientSecret", false, CLIENT_SECRET),
    ("DeviceKey", false, Text(1, 55, device_key)),
    ("ClientMetadata", false, Map),
]);
const REVOKE: Shape = Structure(&[
    ("Token", true, TOKEN),
    ("ClientId", true, CLIENT_ID),
    ("ClientSecret", false, CLIENT_SECRET),
    ("RevokeAssociatedSessions", false, Text(0, usize::MAX, |text| ["NONE", "LINKED"].contains(&text))),
]);
const SIGN_OUT: Shape = Structure(&[("AccessToken", true, TOKEN)]);
const ASSOCIATE: Shape = Structure(&[("AccessToken", false, TOKEN), ("Session", false, SESSION)]);
const VERIFY: Shape = Structure(&[
    ("AccessToken", false, TOKEN),
    ("Session", false, SESSION),
    ("UserCode", true, Text(6, 6, |code| code.bytes().all(|digit| digit.is_ascii_digit()))),
    ("FriendlyDeviceName", false, STRING),
]);

/// Says where a body does not fit an operation.
pub fn check(operation: Operation, body: &Value) -> Result<(), String> {
    let shape = match operation {
        Operation::InitiateAuth => &INITIATE,
        Operation::AdminInitiateAuth => &ADMIN_INITIATE,
        Operation::RespondToAuthChallenge => &RESPOND,
        Operation::AdminRespondToAuthChallenge => &ADMIN_RESPOND,
        Operation::ConfirmDevice => &CONFIRM,
        Operation::GetTokensFromRefreshToken => &GET_TOKENS,
        Operation::RevokeToken => &REVOKE,
        Operation::GlobalSignOut => &SIGN_OUT,
        Operation::AssociateSoftwareToken => &ASSOCIATE,
        Operation::VerifySoftwareToken => &VERIFY,
        _ => return Err(format!("no model of {operation:?}")),
    };
    fits(shape, body, "body")
}

fn fits(shape: &Shape, value: &Value, at: &str) -> Result<(), String> {
    let wrong = |what: &str| Err(format!("{at}: {what}"));
    match shape {
        Text(min, max, pattern) => {
            let Some(text) = value.as_str() else { return wrong("not a text") };
            if !(*min..=*max).contains(&text.chars().count()) {
                return wrong("length");
            }
            if pattern(text) { Ok(()) } else { wrong("pattern") }
        }
        Map => {
            let Some(map) = value.as_object() else { return wrong("not a map") };
            for (name, value) in map {
                fits(&STRING, &Value::from(name.as_str()), at)?;
                fits(&STRING, value, &format!("{at}.{name}"))?;
            }
            Ok(())
        }
        List(member) => {
            let Some(list) = value.as_array() else { return wrong("not a list") };
            list.iter().try_for_each(|value| fits(member, value, at))
        }
        Structure(members) => {
            let Some(object) = value.as_object() else { return wrong("not a structure") };
            if let Some(name) = object.keys().find(|name| members.iter().all(|(known, ..)| known != name)) {
                return Err(format!("{at}: unknown member {name}"));
            }
            for (name, required, shape) in *members {
                match object.get(*name) {
                    Some(value) => fits(shape, value, &format!("{at}.{name}"))?,
                    None if *required => return Err(format!("{at}: no {name}")),
                    None => (),
                }
            }
            Ok(())
        }
    }
}

/// The parameters of each flow and each challenge besides `SECRET_HASH` and `DEVICE_KEY`: required, optional.
pub fn keys(name: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match name {
        "USER_SRP_AUTH" | "PASSWORD_SRP" => (&["USERNAME", "SRP_A"], &[]),
        "USER_AUTH" => (
            &["USERNAME"],
            &["PREFERRED_CHALLENGE", "SRP_A", "PASSWORD", "TARGET_ACR_VALUES", "ACCESS_TOKEN", "MAX_AGE"],
        ),
        "CUSTOM_AUTH" => (&["USERNAME"], &["CHALLENGE_NAME", "SRP_A"]),
        "USER_PASSWORD_AUTH" | "ADMIN_USER_PASSWORD_AUTH" | "PASSWORD" => (&["USERNAME", "PASSWORD"], &[]),
        "REFRESH_TOKEN_AUTH" | "REFRESH_TOKEN" => (&["REFRESH_TOKEN"], &[]),
        "SELECT_CHALLENGE" => (&["USERNAME", "ANSWER"], &["SRP_A", "PASSWORD", "CREDENTIAL"]),
        "PASSWORD_VERIFIER" | "DEVICE_PASSWORD_VERIFIER" => {
            (&["USERNAME", "PASSWORD_CLAIM_SIGNATURE", "PASSWORD_CLAIM_SECRET_BLOCK", "TIMESTAMP"], &[])
        }
        "DEVICE_SRP_AUTH" => (&["USERNAME", "DEVICE_KEY", "SRP_A"], &[]),
        "NEW_PASSWORD_REQUIRED" => {
            (&["USERNAME", "NEW_PASSWORD"], &["userAttributes.given_name", "userAttributes.custom:team"])
        }
        "SMS_MFA" => (&["USERNAME", "SMS_MFA_CODE"], &[]),
        "EMAIL_MFA" => (&["USERNAME", "EMAIL_MFA_CODE"], &[]),
        "SOFTWARE_TOKEN_MFA" => (&["USERNAME", "SOFTWARE_TOKEN_MFA_CODE"], &[]),
        "SMS_OTP" => (&["USERNAME", "SMS_OTP_CODE"], &[]),
        "EMAIL_OTP" => (&["USERNAME", "EMAIL_OTP_CODE"], &[]),
        "CUSTOM_CHALLENGE" | "SELECT_MFA_TYPE" => (&["USERNAME", "ANSWER"], &[]),
        "WEB_AUTHN" => (&["USERNAME", "CREDENTIAL"], &[]),
        "MFA_SETUP" => (&["USERNAME"], &["EMAIL"]),
        other => panic!("{other} is not in the table"),
    }
}
