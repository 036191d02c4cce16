//! The promises of every public type: threads may share it, a secret has one owner and no text form and is wiped.

use std::collections::BTreeSet;
use std::fmt::{Debug, Display};
use std::fs;
use std::path::Path;

use cognito_srp6a::server::{DeviceRecord, PendingSignIn, ServerKey, UnknownUserKey, UserRecord};
use cognito_srp6a::{
    AppClient, ClientSecret, Device, DeviceChallenge, DeviceCredentials, DeviceKey, DeviceSignIn, DeviceSrpResponses,
    DeviceVerifier, Endpoint, Error, Parameter, Password, PasswordChallenge, PasswordClaim, PoolId, Region, Salt,
    SecretBlock, SrpA, SrpAuthParameters, SrpB, Timestamp, UserSignIn, UserSignInBuilder, Username, hazmat, idp,
};
use static_assertions::{assert_impl_all, assert_not_impl_any};
use zeroize::ZeroizeOnDrop;

/// Asserts something of every public type, and lists their names for the test below.
macro_rules! public_types {
    ($($type:ty),* $(,)?) => {
        const PUBLIC_TYPES: &[&str] = &[$(stringify!($type)),*];
        $(assert_impl_all!($type: Send, Sync, Debug, Unpin);)*
    };
}

public_types![
    AppClient,
    ClientSecret,
    Device,
    DeviceChallenge,
    DeviceCredentials,
    DeviceKey,
    DeviceRecord,
    DeviceSignIn,
    DeviceSrpResponses,
    DeviceVerifier,
    Endpoint,
    Error,
    Parameter,
    Password,
    PasswordChallenge,
    PasswordClaim,
    PoolId,
    Region,
    Salt,
    SecretBlock,
    PendingSignIn,
    ServerKey,
    UnknownUserKey,
    SrpA,
    SrpAuthParameters,
    SrpB,
    Timestamp,
    UserRecord,
    UserSignIn,
    UserSignInBuilder<'_>,
    Username,
    hazmat::Backend,
    hazmat::Identity<'_>,
    idp::AnswerError<idp::CodeChallenge>,
    idp::Api,
    idp::AssociateSoftwareToken,
    idp::AssociateSoftwareTokenResponse,
    idp::AuthFlow,
    idp::AuthResponse,
    idp::AuthenticationResult,
    idp::BodyError,
    idp::Challenge,
    idp::ChallengeName,
    idp::ChoiceChallenge,
    idp::CodeChallenge,
    idp::ConfirmDevice,
    idp::ConfirmDeviceResponse,
    idp::Context,
    idp::ContextData,
    idp::Credentials,
    idp::CustomChallenge,
    idp::ExtraParameters,
    idp::FirstFactor,
    idp::GetTokensFromRefreshToken,
    idp::GlobalSignOut,
    idp::InitiateAuth,
    idp::MfaSetup,
    idp::NewDeviceMetadata,
    idp::NewPasswordRequired,
    idp::Operation,
    idp::OtherChallenge,
    idp::ParameterMap,
    idp::PutDownError<idp::Challenge>,
    idp::RefreshBuilder<'_>,
    idp::RefreshOutcome,
    idp::RefreshToken,
    idp::Request,
    idp::RespondToAuthChallenge,
    idp::ResponseError,
    idp::RevokeAssociatedSessions,
    idp::RevokeToken,
    idp::SecretCode,
    idp::Retry,
    idp::ServiceError,
    idp::ServiceErrorName,
    idp::Session,
    idp::SignIn,
    idp::SignInBuilder<'_>,
    idp::SignInError,
    idp::SignInFlow,
    idp::SignOutResponse,
    idp::SignedIn,
    idp::Step,
    idp::StepUp,
    idp::StoredChallenge,
    idp::TakeUpBuilder<'_>,
    idp::TakeUpError,
    idp::UnknownOperation,
    idp::UserContextData,
    idp::VerifySoftwareToken,
    idp::VerifySoftwareTokenResponse,
    idp::VerifySoftwareTokenStatus,
    idp::WebAuthnChallenge,
];

/// Types that hold a secret: no copy is made by accident, and no text.
macro_rules! secret_types {
    ($($type:ty),* $(,)?) => {
        $(assert_not_impl_any!($type: Clone, Copy, Display, PartialEq, std::hash::Hash);)*
    };
}

secret_types![
    ClientSecret,
    DeviceCredentials,
    DeviceRecord,
    DeviceSignIn,
    DeviceSrpResponses,
    DeviceVerifier,
    Password,
    PasswordClaim,
    PendingSignIn,
    ServerKey,
    SrpAuthParameters,
    UnknownUserKey,
    UserRecord,
    UserSignIn,
    idp::AssociateSoftwareToken,
    idp::AssociateSoftwareTokenResponse,
    idp::AuthResponse,
    idp::AuthenticationResult,
    idp::Challenge,
    idp::ConfirmDevice,
    idp::Credentials,
    idp::GetTokensFromRefreshToken,
    idp::GlobalSignOut,
    idp::InitiateAuth,
    idp::MfaSetup,
    idp::ParameterMap,
    idp::RefreshOutcome,
    idp::RefreshToken,
    idp::Request,
    idp::RespondToAuthChallenge,
    idp::RevokeToken,
    idp::SecretCode,
    idp::Session,
    idp::SignIn,
    idp::SignInBuilder<'_>,
    idp::SignedIn,
    idp::Step,
    idp::StepUp,
    idp::ExtraParameters,
    idp::Retry,
    idp::CustomChallenge,
    idp::WebAuthnChallenge,
    idp::StoredChallenge,
    idp::TakeUpBuilder<'_>,
    idp::VerifySoftwareToken,
    idp::VerifySoftwareTokenResponse,
];

assert_not_impl_any!(Password: AsRef<str>);
assert_not_impl_any!(idp::RefreshToken: AsRef<str>);
assert_not_impl_any!(idp::Session: AsRef<str>);
assert_not_impl_any!(idp::StoredChallenge: AsRef<str>);

// An error can be boxed and sent.
assert_impl_all!(Error: std::error::Error);
assert_impl_all!(idp::BodyError: std::error::Error);
assert_impl_all!(idp::ServiceError: std::error::Error);
assert_impl_all!(idp::SignInError: std::error::Error);
assert_impl_all!(idp::PutDownError<idp::Challenge>: std::error::Error);
assert_impl_all!(idp::TakeUpError: std::error::Error, Copy, Eq);

// The state of a proof is not even to be written down.
assert_not_impl_any!(UserSignIn: serde::Serialize);
assert_not_impl_any!(DeviceSignIn: serde::Serialize);
assert_not_impl_any!(PendingSignIn: serde::Serialize);
assert_not_impl_any!(ServerKey: serde::Serialize);
assert_not_impl_any!(UnknownUserKey: serde::Serialize);
assert_not_impl_any!(ClientSecret: serde::Serialize);
assert_not_impl_any!(idp::StoredChallenge: serde::Serialize, serde::Deserialize<'static>);
assert_not_impl_any!(idp::SecretCode: serde::Serialize);

assert_impl_all!(ClientSecret: ZeroizeOnDrop);
assert_impl_all!(DeviceVerifier: ZeroizeOnDrop);
assert_impl_all!(ServerKey: ZeroizeOnDrop);
assert_impl_all!(UnknownUserKey: ZeroizeOnDrop);
assert_impl_all!(idp::AuthenticationResult: ZeroizeOnDrop);
assert_impl_all!(idp::ParameterMap: ZeroizeOnDrop);
assert_impl_all!(Password: ZeroizeOnDrop);
assert_impl_all!(idp::RefreshToken: ZeroizeOnDrop);
assert_impl_all!(idp::SecretCode: ZeroizeOnDrop);
assert_impl_all!(idp::Session: ZeroizeOnDrop);
assert_impl_all!(idp::StoredChallenge: ZeroizeOnDrop);
// A sign-in that goes on keeps the password that it shares with them.
assert_not_impl_any!(DeviceCredentials: ZeroizeOnDrop);

#[test]
fn no_public_type_is_missing_from_the_list_above() {
    let source = |file: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file);
        fs::read_to_string(path).expect("the sources are part of the package")
    };
    let mut exported = BTreeSet::new();
    for text in ["lib.rs", "server.rs", "idp.rs", "hazmat.rs"].map(source) {
        for list in text.split("pub use ").skip(1) {
            let (list, _) = list.split_once(';').expect("a statement ends");
            let names = list.split(|c: char| !c.is_ascii_alphanumeric());
            exported.extend(names.filter(|name| name.starts_with(char::is_uppercase)).map(str::to_owned));
        }
    }
    for definition in source("hazmat.rs").split("\npub struct ").skip(1) {
        exported.extend(definition.split(|c: char| !c.is_ascii_alphanumeric()).next().map(str::to_owned));
    }
    // The one trait.
    assert!(exported.remove("ParameterSource"));

    let listed = PUBLIC_TYPES.iter().map(|name| {
        let path = name.split('<').next().unwrap_or(name);
        path.rsplit("::").next().unwrap_or(path).trim().to_owned()
    });
    assert_eq!(listed.collect::<BTreeSet<_>>(), exported);
}
