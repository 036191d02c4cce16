//! How a sign-in begins.

use crate::idp::names::ChallengeName;

/// How a sign-in begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignInFlow {
    /// `USER_SRP_AUTH`: the password is proved, once, and never sent.
    UserSrp,
    /// `USER_AUTH`: choice-based. With a preferred first factor the service goes straight to it; without, it lists what the
    /// user may choose from, and the sign-in chooses `PASSWORD_SRP` by itself when that is there and a password was given.
    User(Option<FirstFactor>),
    /// `CUSTOM_AUTH`, the pool's own challenges from the start.
    Custom,
    /// `CUSTOM_AUTH` that begins with the proof of the password.
    CustomSrp,
    /// `USER_PASSWORD_AUTH`: the password is sent. Public calls only.
    UserPassword,
    /// `ADMIN_USER_PASSWORD_AUTH`: the password is sent. Admin calls only.
    AdminUserPassword,
}

/// `PREFERRED_CHALLENGE` of `USER_AUTH`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FirstFactor {
    /// `PASSWORD_SRP`: the password is proved. `SRP_A` goes along in the same call.
    PasswordSrp,
    /// `PASSWORD`: the password is sent, in the same call.
    Password,
    /// `EMAIL_OTP`.
    EmailOtp,
    /// `SMS_OTP`.
    SmsOtp,
    /// `WEB_AUTHN`.
    WebAuthn,
}

impl FirstFactor {
    pub(super) const fn challenge_name(self) -> ChallengeName {
        match self {
            Self::PasswordSrp => ChallengeName::PasswordSrp,
            Self::Password => ChallengeName::Password,
            Self::EmailOtp => ChallengeName::EmailOtp,
            Self::SmsOtp => ChallengeName::SmsOtp,
            Self::WebAuthn => ChallengeName::WebAuthn,
        }
    }
}
