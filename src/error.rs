//! The error type of the whole crate.

use core::fmt;

/// Why an input was refused or a step failed.
///
/// It carries no input text and no secret, so a log may have it. Each variant names the rule that was broken and, where a parameter
/// broke it, the parameter.
///
/// ```
/// use cognito_srp6a::{Error, Parameter, PoolId};
///
/// match "us-east-1".parse::<PoolId>() {
///     Err(error @ Error::Malformed(Parameter::UserPoolId)) => {
///         assert_eq!(error.to_string(), "UserPoolId does not have the form REGION_NAME, as in us-east-1_AbCdEfGhI");
///     }
///     other => panic!("{other:?}"),
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Error {
    /// A required parameter is absent.
    Missing(Parameter),
    /// A parameter is empty.
    Empty(Parameter),
    /// A parameter is longer than the service or the protocol allows. It was not parsed.
    TooLong(Parameter),
    /// A number has a character other than the hex digits `0-9`, `a-f` and `A-F`.
    NotHex(Parameter),
    /// A text is not standard Base64 with padding.
    NotBase64(Parameter),
    /// A parameter does not have the form of the service's model. The text of the error states the form.
    Malformed(Parameter),
    /// `A` or `B` is 0 mod N. RFC 5054 §2.5.3 and §2.5.4: abort. The sender is broken or hostile.
    PublicValueIsZero(Parameter),
    /// `A` or `B` is above N. An honest sender sends a reduced integer.
    PublicValueOutOfRange(Parameter),
    /// A verifier is 0, 1 or N - 1. Anybody could sign in with it.
    VerifierIsTrivial,
    /// A verifier is not below N.
    VerifierOutOfRange,
    /// The call does not have this flow or parameter, such as `USER_PASSWORD_AUTH` in `AdminInitiateAuth`.
    NotInThisCall(Parameter),
    /// FIPS or dual stack is asked for in a Region of no known partition.
    NoSuchEndpoint,
    /// The scrambler `u` is 0, so the proof would not depend on the password. Start over.
    ScramblerIsZero,
    /// The random source failed. No other source is used instead.
    RandomSource,
    /// `SECRET_HASH` is not the app client's hash over the name in the request, or the client has no secret.
    WrongSecretHash,
    /// The password is wrong, the claim is altered or stale, or the secret block is old or foreign. The server's half does not tell
    /// which. A client gets the service's `NotAuthorizedException` instead, as an `idp::ServiceError`.
    NotAuthorized,
}

impl Error {
    /// The parameter that broke the rule, where the rule is about one.
    ///
    /// ```
    /// use cognito_srp6a::{Error, Parameter};
    ///
    /// assert_eq!(Error::Missing(Parameter::Salt).parameter(), Some(Parameter::Salt));
    /// assert_eq!(Error::VerifierIsTrivial.parameter(), Some(Parameter::PasswordVerifier));
    /// assert_eq!(Error::RandomSource.parameter(), None);
    /// ```
    #[must_use]
    pub const fn parameter(self) -> Option<Parameter> {
        match self {
            Self::Missing(parameter)
            | Self::Empty(parameter)
            | Self::TooLong(parameter)
            | Self::NotHex(parameter)
            | Self::NotBase64(parameter)
            | Self::Malformed(parameter)
            | Self::PublicValueIsZero(parameter)
            | Self::PublicValueOutOfRange(parameter)
            | Self::NotInThisCall(parameter) => Some(parameter),
            Self::VerifierIsTrivial | Self::VerifierOutOfRange => Some(Parameter::PasswordVerifier),
            Self::NoSuchEndpoint
            | Self::ScramblerIsZero
            | Self::RandomSource
            | Self::WrongSecretHash
            | Self::NotAuthorized => None,
        }
    }
}

/// The parameter of an [`Error`], under its AWS name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Parameter {
    /// `UserPoolId`.
    UserPoolId,
    /// A Region's code, such as `us-east-1`.
    Region,
    /// `ClientId`.
    ClientId,
    /// The app client's secret (`ClientSecret`).
    ClientSecret,
    /// `USERNAME`.
    Username,
    /// `PASSWORD`.
    Password,
    /// `SRP_A`.
    SrpA,
    /// `SRP_B`.
    SrpB,
    /// `SALT`.
    Salt,
    /// `SECRET_BLOCK`, or `PASSWORD_CLAIM_SECRET_BLOCK` in an answer.
    SecretBlock,
    /// `USER_ID_FOR_SRP`.
    UserIdForSrp,
    /// `PASSWORD_CLAIM_SIGNATURE`.
    PasswordClaimSignature,
    /// `SECRET_HASH`.
    SecretHash,
    /// `DEVICE_KEY`, or `DeviceKey` in `NewDeviceMetadata`.
    DeviceKey,
    /// `DeviceGroupKey`.
    DeviceGroupKey,
    /// `TIMESTAMP`.
    Timestamp,
    /// `AuthFlow`.
    AuthFlow,
    /// `ChallengeName`, or an entry of `AvailableChallenges`.
    ChallengeName,
    /// `Session`.
    Session,
    /// `REFRESH_TOKEN`.
    RefreshToken,
    /// `AccessToken`.
    AccessToken,
    /// `DeviceName`.
    DeviceName,
    /// `TARGET_ACR_VALUES`.
    TargetAcrValues,
    /// `AuthParameters`.
    AuthParameters,
    /// `ChallengeResponses`.
    ChallengeResponses,
    /// A parameter that the crate does not know (`idp::ExtraParameters`).
    ExtraParameter,
    /// `SecretCode`, the secret of an authenticator app.
    SecretCode,
    /// `UserCode`, a code of an authenticator app.
    UserCode,
    /// `FriendlyDeviceName`.
    FriendlyDeviceName,
    /// The issuer or the account of an `otpauth` URI.
    OtpauthLabel,
    /// The code that answers a challenge, such as `SMS_MFA_CODE`.
    Code,
    /// `CREDENTIAL`, the answer to `WEB_AUTHN`.
    Credential,
    /// The answer to a challenge: `ANSWER`, or a parameter that the caller has added.
    Answer,
    /// `userAttributes.NAME` in the answer to `NEW_PASSWORD_REQUIRED`.
    UserAttributes,
    /// `ClientMetadata`.
    ClientMetadata,
    /// `AnalyticsMetadata`.
    AnalyticsMetadata,
    /// `UserContextData`.
    UserContextData,
    /// `ContextData`.
    ContextData,
    /// A stored password verifier, `v`; `PasswordVerifier` in `ConfirmDevice`.
    PasswordVerifier,
    /// A key of the server's half: `ServerKey` or `UnknownUserKey`.
    ServerKey,
    /// The secret exponent `a` or `b`, which a caller chooses (feature `hazmat`).
    Ephemeral,
}

impl Parameter {
    /// The name as AWS writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UserPoolId => "UserPoolId",
            Self::Region => "Region",
            Self::ClientId => "ClientId",
            Self::ClientSecret => "ClientSecret",
            Self::Username => "USERNAME",
            Self::Password => "PASSWORD",
            Self::SrpA => "SRP_A",
            Self::SrpB => "SRP_B",
            Self::Salt => "SALT",
            Self::SecretBlock => "SECRET_BLOCK",
            Self::UserIdForSrp => "USER_ID_FOR_SRP",
            Self::PasswordClaimSignature => "PASSWORD_CLAIM_SIGNATURE",
            Self::SecretHash => "SECRET_HASH",
            Self::DeviceKey => "DEVICE_KEY",
            Self::DeviceGroupKey => "DeviceGroupKey",
            Self::Timestamp => "TIMESTAMP",
            Self::AuthFlow => "AuthFlow",
            Self::ChallengeName => "ChallengeName",
            Self::Session => "Session",
            Self::RefreshToken => "REFRESH_TOKEN",
            Self::AccessToken => "AccessToken",
            Self::DeviceName => "DeviceName",
            Self::TargetAcrValues => "TARGET_ACR_VALUES",
            Self::AuthParameters => "AuthParameters",
            Self::ChallengeResponses => "ChallengeResponses",
            Self::ExtraParameter => "extra parameter",
            Self::SecretCode => "SecretCode",
            Self::UserCode => "UserCode",
            Self::FriendlyDeviceName => "FriendlyDeviceName",
            Self::OtpauthLabel => "label",
            Self::Code => "code",
            Self::Credential => "CREDENTIAL",
            Self::Answer => "ANSWER",
            Self::UserAttributes => "userAttributes",
            Self::ClientMetadata => "ClientMetadata",
            Self::AnalyticsMetadata => "AnalyticsMetadata",
            Self::UserContextData => "UserContextData",
            Self::ContextData => "ContextData",
            Self::PasswordVerifier => "PasswordVerifier",
            Self::ServerKey => "the server's key",
            Self::Ephemeral => "a",
        }
    }
}

impl Parameter {
    /// Returns the end of a sentence about a malformed parameter: the rule that it breaks.
    const fn form(self) -> &'static str {
        match self {
            Self::UserPoolId => "does not have the form REGION_NAME, as in us-east-1_AbCdEfGhI",
            Self::Region => "does not have the form of us-east-1 or us-gov-west-1",
            Self::ClientId => "has a character other than letters, digits, _ and +",
            Self::ClientSecret => "does not have 24 to 64 letters, digits, _ and +",
            Self::DeviceKey => "does not have the form REGION_ID, with an id of 0-9, a-f and -",
            Self::Timestamp => "is not a second from 1970 to 9999 as in Tue Jan 2 03:04:05 UTC 2024",
            Self::Session => "has less than 20 characters",
            Self::RefreshToken | Self::AccessToken => "has a character other than letters, digits, -, _, = and .",
            Self::PasswordClaimSignature => "is not the Base64 of 32 bytes",
            Self::PasswordVerifier | Self::Salt => "is a negative integer: the sign byte is missing",
            Self::TargetAcrValues => "has a level that is no URI",
            Self::ExtraParameter => "has a name that the crate itself sets",
            Self::Code => "does not have 6 to 8 digits, or has something else",
            Self::Credential => "is no JSON object",
            Self::Answer => "is not among the choices",
            Self::ServerKey => "is all zeros",
            Self::SecretCode => "does not have 16 or more letters and digits",
            Self::UserCode => "does not have exactly 6 digits",
            Self::OtpauthLabel => "has a colon",
            _ => "does not have the service's form",
        }
    }
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(parameter) => write!(f, "{parameter} is missing"),
            Self::Empty(parameter) => write!(f, "{parameter} is empty"),
            Self::TooLong(parameter) => write!(f, "{parameter} is too long"),
            Self::NotHex(parameter) => write!(f, "{parameter} is not hex"),
            Self::NotBase64(parameter) => write!(f, "{parameter} is not standard Base64"),
            Self::Malformed(parameter) => write!(f, "{parameter} {}", parameter.form()),
            Self::PublicValueIsZero(parameter) => write!(f, "{parameter} is 0 mod N"),
            Self::PublicValueOutOfRange(parameter) => write!(f, "{parameter} is not below N"),
            Self::VerifierIsTrivial => f.write_str("the verifier is 0, 1 or N - 1"),
            Self::VerifierOutOfRange => f.write_str("the verifier is not below N"),
            Self::NotInThisCall(parameter) => write!(f, "{parameter} does not belong to this call"),
            Self::NoSuchEndpoint => f.write_str("the Region has no known endpoint for FIPS or dual stack"),
            Self::ScramblerIsZero => f.write_str("the scrambler u is 0"),
            Self::RandomSource => f.write_str("the random source failed"),
            Self::WrongSecretHash => f.write_str("SECRET_HASH is not that of the app client and the user name"),
            Self::NotAuthorized => f.write_str("not authorized"),
        }
    }
}

impl core::error::Error for Error {}
