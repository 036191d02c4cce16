//! Second factors.

use cognito_srp6a::idp::ChallengeName;
use serde::Deserialize;

use super::outbox::Medium;

/// Whether the pool asks for second factors: `MfaConfiguration`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mfa {
    #[default]
    Off,
    Optional,
    On,
}

/// A second factor of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Factor {
    #[serde(rename = "SOFTWARE_TOKEN_MFA")]
    App,
    #[serde(rename = "SMS_MFA")]
    Sms,
    #[serde(rename = "EMAIL_OTP")]
    Email,
}

impl Factor {
    /// Returns its challenge.
    #[must_use]
    pub const fn name(self) -> ChallengeName {
        match self {
            Self::App => ChallengeName::SoftwareTokenMfa,
            Self::Sms => ChallengeName::SmsMfa,
            Self::Email => ChallengeName::EmailOtp,
        }
    }

    /// Returns the medium of its code. An app makes its codes by itself.
    #[must_use]
    pub const fn medium(self) -> Option<Medium> {
        match self {
            Self::App => None,
            Self::Sms => Some(Medium::Sms),
            Self::Email => Some(Medium::Email),
        }
    }
}
