//! Names of the service: operations, flows and challenges.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

/// The most names in a list, and the most members of an object in a body. Most have about ten; a request with all
/// attributes of a user has about a hundred.
pub(crate) const MAX_ENTRIES: usize = 256;

/// Defines an enumeration of the service's names, with a variant for unknown ones.
macro_rules! service_names {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_meta])* #[doc = concat!("`", $text, "`.")] $variant,)*
            /// A name that this version does not know, as the service spells it.
            Other(String),
        }

        impl $name {
            /// The longest name that is read from a body, in characters. The longest name of the service has 40.
            pub const MAX_CHARS: usize = 128;

            /// Returns the name as the service spells it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Other(name) => name,
                }
            }

            fn known(name: &str) -> Option<Self> {
                Some(match name {
                    $($text => Self::$variant,)*
                    _ => return None,
                })
            }
        }

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                Self::known(name).unwrap_or_else(|| Self::Other(name.into()))
            }
        }

        impl From<String> for $name {
            fn from(name: String) -> Self {
                Self::known(&name).unwrap_or(Self::Other(name))
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl fmt::Display for $name {
            /// Escapes control characters, because the service may send any name.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                crate::idp::escaped::Escaped(self.as_str()).fmt(f)
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

pub(super) use service_names;

service_names! {
    /// `AuthFlow`: the flow that a request starts. [`SignInFlow`](super::SignInFlow) chooses it for a client; a server
    /// reads it.
    ///
    /// ```
    /// use cognito_srp6a::idp::AuthFlow;
    ///
    /// assert_eq!(AuthFlow::from("USER_SRP_AUTH"), AuthFlow::UserSrpAuth);
    /// assert_eq!(AuthFlow::UserSrpAuth.as_str(), "USER_SRP_AUTH");
    /// // A flow of the future is kept.
    /// assert_eq!(AuthFlow::from("NEW_AUTH").as_str(), "NEW_AUTH");
    /// ```
    AuthFlow {
        UserSrpAuth = "USER_SRP_AUTH",
        UserAuth = "USER_AUTH",
        CustomAuth = "CUSTOM_AUTH",
        UserPasswordAuth = "USER_PASSWORD_AUTH",
        AdminUserPasswordAuth = "ADMIN_USER_PASSWORD_AUTH",
        AdminNoSrpAuth = "ADMIN_NO_SRP_AUTH",
        RefreshTokenAuth = "REFRESH_TOKEN_AUTH",
        RefreshToken = "REFRESH_TOKEN",
    }
}

service_names! {
    /// `ChallengeName`: the kind of a challenge, or a choice in a list of kinds.
    ///
    /// ```
    /// use cognito_srp6a::idp::ChallengeName;
    ///
    /// assert_eq!(ChallengeName::from("SMS_MFA"), ChallengeName::SmsMfa);
    /// assert_eq!(ChallengeName::SmsMfa.to_string(), "SMS_MFA");
    /// // A challenge of the future is kept.
    /// assert_eq!(ChallengeName::from("RIDDLE"), ChallengeName::Other("RIDDLE".into()));
    /// ```
    ChallengeName {
        PasswordVerifier = "PASSWORD_VERIFIER",
        DeviceSrpAuth = "DEVICE_SRP_AUTH",
        DevicePasswordVerifier = "DEVICE_PASSWORD_VERIFIER",
        SelectChallenge = "SELECT_CHALLENGE",
        PasswordSrp = "PASSWORD_SRP",
        Password = "PASSWORD",
        NewPasswordRequired = "NEW_PASSWORD_REQUIRED",
        SmsMfa = "SMS_MFA",
        EmailMfa = "EMAIL_MFA",
        SoftwareTokenMfa = "SOFTWARE_TOKEN_MFA",
        SmsOtp = "SMS_OTP",
        EmailOtp = "EMAIL_OTP",
        SelectMfaType = "SELECT_MFA_TYPE",
        MfaSetup = "MFA_SETUP",
        CustomChallenge = "CUSTOM_CHALLENGE",
        WebAuthn = "WEB_AUTHN",
        AdminNoSrpAuth = "ADMIN_NO_SRP_AUTH",
    }
}

/// The family of calls that a sign-in uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Api {
    /// `InitiateAuth` and `RespondToAuthChallenge`: unsigned, for programs on the user's machine.
    Public,
    /// `AdminInitiateAuth` and `AdminRespondToAuthChallenge`: signed with `SigV4`, for servers.
    ///
    /// The caller's AWS credentials need the permission of the call in IAM (`cognito-idp:AdminInitiateAuth` and so on). The
    /// app client must allow the flow (`ExplicitAuthFlows`); if not, the service answers `InvalidParameterException`.
    ///
    /// Both families may send a text message. While the AWS account is in Amazon SNS's sandbox, only verified numbers
    /// get one, and numbers in the USA need a registered origination number (service model).
    Admin,
}

/// An operation of the service.
///
/// ```
/// use cognito_srp6a::idp::Operation;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let target = "AWSCognitoIdentityProviderService.AdminInitiateAuth";
/// let (prefix, name) = target.split_once('.').ok_or("no operation")?;
/// assert_eq!(prefix, Operation::TARGET_PREFIX);
/// let operation: Operation = name.parse()?;
/// assert_eq!(operation, Operation::AdminInitiateAuth);
/// assert!(operation.is_signed());
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// `InitiateAuth`, unsigned.
    InitiateAuth,
    /// `AdminInitiateAuth`, signed with `SigV4`.
    AdminInitiateAuth,
    /// `RespondToAuthChallenge`, unsigned.
    RespondToAuthChallenge,
    /// `AdminRespondToAuthChallenge`, signed with `SigV4`.
    AdminRespondToAuthChallenge,
    /// `ConfirmDevice`, unsigned: the access token authorizes it.
    ConfirmDevice,
    /// `GetTokensFromRefreshToken`, unsigned: the refresh token authorizes it.
    GetTokensFromRefreshToken,
    /// `RevokeToken`, unsigned: the refresh token authorizes it.
    RevokeToken,
    /// `GlobalSignOut`, unsigned: the access token authorizes it.
    GlobalSignOut,
    /// `AssociateSoftwareToken`, unsigned: the access token or the session authorizes it.
    AssociateSoftwareToken,
    /// `VerifySoftwareToken`, unsigned: the access token or the session authorizes it.
    VerifySoftwareToken,
}

impl Operation {
    /// The text before the `.` in the header `X-Amz-Target`. The operation's name follows it.
    pub const TARGET_PREFIX: &'static str = "AWSCognitoIdentityProviderService";

    /// Returns the operation's name, as the service spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InitiateAuth => "InitiateAuth",
            Self::AdminInitiateAuth => "AdminInitiateAuth",
            Self::RespondToAuthChallenge => "RespondToAuthChallenge",
            Self::AdminRespondToAuthChallenge => "AdminRespondToAuthChallenge",
            Self::ConfirmDevice => "ConfirmDevice",
            Self::GetTokensFromRefreshToken => "GetTokensFromRefreshToken",
            Self::RevokeToken => "RevokeToken",
            Self::GlobalSignOut => "GlobalSignOut",
            Self::AssociateSoftwareToken => "AssociateSoftwareToken",
            Self::VerifySoftwareToken => "VerifySoftwareToken",
        }
    }

    /// Finds an operation by its name, without [`TARGET_PREFIX`](Self::TARGET_PREFIX).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::InitiateAuth,
            Self::AdminInitiateAuth,
            Self::RespondToAuthChallenge,
            Self::AdminRespondToAuthChallenge,
            Self::ConfirmDevice,
            Self::GetTokensFromRefreshToken,
            Self::RevokeToken,
            Self::GlobalSignOut,
            Self::AssociateSoftwareToken,
            Self::VerifySoftwareToken,
        ]
        .into_iter()
        .find(|operation| operation.name() == name)
    }

    /// Returns whether the request needs a `SigV4` signature with credentials of AWS.
    #[must_use]
    pub const fn is_signed(self) -> bool {
        matches!(self, Self::AdminInitiateAuth | Self::AdminRespondToAuthChallenge)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Operation {
    type Err = UnknownOperation;

    /// Does what [`from_name`](Self::from_name) does.
    fn from_str(name: &str) -> Result<Self, UnknownOperation> {
        Self::from_name(name).ok_or(UnknownOperation(()))
    }
}

/// The error of a text that names none of the operations in [`Operation`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownOperation(());

impl fmt::Display for UnknownOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the operation is unknown")
    }
}

impl core::error::Error for UnknownOperation {}
