//! The one error type.

use core::fmt;

/// Why an input was refused or a step could not be done.
///
/// It carries no text from the input and no secret, so it may be logged. Each variant says which rule
/// was broken, and where a parameter broke it, which one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Error {
    /// A parameter that must be there is not.
    Missing(Parameter),
    /// A parameter is there but empty.
    Empty(Parameter),
    /// A parameter is longer than the service or the protocol allows. Nothing of it was parsed.
    TooLong(Parameter),
    /// A number is not plain hex: digits `0-9`, `a-f`, `A-F` and nothing else.
    NotHex(Parameter),
    /// A text is not standard Base64 with padding.
    NotBase64(Parameter),
    /// A parameter does not have the form that the service's model gives it.
    Malformed(Parameter),
    /// `A` or `B` is 0 mod N. RFC 5054 §2.5.3 and §2.5.4: abort. The sender is broken or hostile.
    PublicValueIsZero(Parameter),
    /// `A` or `B` is above N. No honest sender sends an integer that is not reduced.
    PublicValueOutOfRange(Parameter),
    /// A verifier is 0, 1 or N - 1. Anybody could sign in with it.
    VerifierIsTrivial,
    /// A verifier is not below N.
    VerifierOutOfRange,
    /// A flow or a parameter that the chosen call does not have, such as `USER_PASSWORD_AUTH` on `AdminInitiateAuth`.
    NotInThisCall(Parameter),
    /// The scrambler `u` is 0, so the password would not be part of the proof. Start over.
    ScramblerIsZero,
    /// The random source failed. No weaker source was used instead.
    RandomSource,
    /// The server's answer to a wrong password, an altered or stale claim, and an old or foreign secret
    /// block alike, so that it does not tell which. Only the feature `server` gives it: a client gets the service's
    /// `NotAuthorizedException`, a [`ServiceError`](crate::idp::ServiceError).
    NotAuthorized,
}

/// A parameter that an [`Error`] speaks of, under the name that AWS gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Parameter {
    /// `UserPoolId`.
    UserPoolId,
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
    /// The answer to a challenge: `ANSWER`, a code, or a parameter of the caller's.
    Answer,
    /// `userAttributes.*` in the answer to `NEW_PASSWORD_REQUIRED`.
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
    /// The secret exponent `a` (or `b`), where a caller may choose it (feature `hazmat`).
    Ephemeral,
}

impl Parameter {
    /// The name as AWS writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UserPoolId => "UserPoolId",
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
            Self::Answer => "ANSWER",
            Self::UserAttributes => "userAttributes",
            Self::ClientMetadata => "ClientMetadata",
            Self::AnalyticsMetadata => "AnalyticsMetadata",
            Self::UserContextData => "UserContextData",
            Self::ContextData => "ContextData",
            Self::PasswordVerifier => "PasswordVerifier",
            Self::Ephemeral => "a",
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
            Self::Malformed(parameter) => write!(f, "{parameter} does not have the service's form"),
            Self::PublicValueIsZero(parameter) => write!(f, "{parameter} is 0 mod N"),
            Self::PublicValueOutOfRange(parameter) => write!(f, "{parameter} is not below N"),
            Self::VerifierIsTrivial => f.write_str("the verifier is 0, 1 or N - 1"),
            Self::VerifierOutOfRange => f.write_str("the verifier is not below N"),
            Self::NotInThisCall(parameter) => write!(f, "{parameter} does not belong to this call"),
            Self::ScramblerIsZero => f.write_str("the scrambler u is 0"),
            Self::RandomSource => f.write_str("the random source failed"),
            Self::NotAuthorized => f.write_str("not authorized"),
        }
    }
}

impl core::error::Error for Error {}
