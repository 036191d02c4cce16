//! The flow of a sign-in.

use crate::idp::names::ChallengeName;

/// The flow of a sign-in: what its first request sends.
///
/// `UserSrp`, `CustomSrp`, `UserPassword`, `AdminUserPassword`, and `User` with `PasswordSrp` or `Password` need a
/// password in the [`Credentials`](crate::idp::Credentials).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignInFlow {
    /// `USER_SRP_AUTH`: proves the password. The password itself is never sent.
    UserSrp,
    /// `USER_AUTH`: the user chooses the first factor. It needs the Essentials plan or a higher one.
    ///
    /// With a preferred factor the service asks for that one at once. Without one it offers a list
    /// ([`Challenge::SelectChallenge`](super::Challenge::SelectChallenge)). Without a preferred
    /// factor, or with `PASSWORD_SRP`, the sign-in itself answers a list that has `PASSWORD_SRP`, or an empty one, with
    /// `PASSWORD_SRP` if there is a password. A list after another preferred factor goes to the caller.
    User(Option<FirstFactor>),
    /// `CUSTOM_AUTH`: starts with a challenge of the pool's Lambda triggers. The password is not needed.
    Custom,
    /// `CUSTOM_AUTH` that starts with the proof of the password.
    CustomSrp,
    /// `USER_PASSWORD_AUTH`: sends the password. Only in public calls.
    UserPassword,
    /// `ADMIN_USER_PASSWORD_AUTH`: sends the password. Only in admin calls.
    AdminUserPassword,
}

/// The first factor that a user prefers: `PREFERRED_CHALLENGE` of `USER_AUTH`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FirstFactor {
    /// `PASSWORD_SRP`: proves the password. The first request sends `SRP_A`.
    PasswordSrp,
    /// `PASSWORD`: sends the password in the first request.
    Password,
    /// `EMAIL_OTP`: a one-time password by e-mail.
    EmailOtp,
    /// `SMS_OTP`: a one-time password by text message.
    SmsOtp,
    /// `WEB_AUTHN`: a passkey.
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
