//! From the outputs of the SDK to the responses of `idp`.

use std::collections::HashMap;

use aws_sdk_cognitoidentityprovider::operation as outputs;
use aws_sdk_cognitoidentityprovider::types::{AuthenticationResultType, ChallengeNameType, NewDeviceMetadataType};
use cognito_srp6a::Error;
use cognito_srp6a::idp::{
    AssociateSoftwareTokenResponse, AuthResponse, AuthenticationResult, ChallengeName, ConfirmDeviceResponse,
    NewDeviceMetadata, Operation, SecretCode, Session, SignOutResponse, VerifySoftwareTokenResponse,
    VerifySoftwareTokenStatus,
};

/// A response of any call.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "it is taken apart at once")]
pub enum AnyResponse {
    Auth(AuthResponse),
    ConfirmDevice(ConfirmDeviceResponse),
    SignOut(SignOutResponse),
    Associate(AssociateSoftwareTokenResponse),
    Verify(VerifySoftwareTokenResponse),
}

/// A type that [`send`](crate::send) returns: the response of a call in `idp`.
pub trait Response: Sized + sealed::Sealed {
    /// Returns whether a call brings this type.
    #[doc(hidden)]
    fn answers(operation: Operation) -> bool;

    /// Returns the response if it is of this type.
    #[doc(hidden)]
    fn of(response: AnyResponse) -> Option<Self>;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! responses {
    ($($Type:ident = $Variant:ident of $($Call:ident)|+,)+) => {$(
        impl sealed::Sealed for $Type {}

        impl Response for $Type {
            fn answers(operation: Operation) -> bool {
                matches!(operation, $(Operation::$Call)|+)
            }

            fn of(response: AnyResponse) -> Option<Self> {
                match response {
                    AnyResponse::$Variant(response) => Some(response),
                    _ => None,
                }
            }
        }
    )+};
}

responses! {
    AuthResponse = Auth of InitiateAuth | AdminInitiateAuth | RespondToAuthChallenge | AdminRespondToAuthChallenge
        | GetTokensFromRefreshToken,
    ConfirmDeviceResponse = ConfirmDevice of ConfirmDevice,
    SignOutResponse = SignOut of RevokeToken | GlobalSignOut,
    AssociateSoftwareTokenResponse = Associate of AssociateSoftwareToken,
    VerifySoftwareTokenResponse = Verify of VerifySoftwareToken,
}

/// The common members of the outputs of a sign-in's calls, which have no trait in common.
pub struct AuthOutput {
    pub challenge_name: Option<ChallengeNameType>,
    pub challenge_parameters: Option<HashMap<String, String>>,
    pub session: Option<String>,
    pub result: Option<AuthenticationResultType>,
    pub available: Option<Vec<ChallengeNameType>>,
}

impl AuthOutput {
    pub fn into_response(self) -> Result<AnyResponse, Error> {
        let mut response = match (self.challenge_name, self.result) {
            (Some(name), _) => AuthResponse::challenge(
                ChallengeName::from(name.as_str()),
                self.challenge_parameters.unwrap_or_default(),
            ),
            (None, Some(result)) => AuthResponse::tokens(tokens(result)),
            (None, None) => AuthResponse::default(),
        };
        let available = self.available.unwrap_or_default();
        response = response.with_available_challenges(available.iter().map(|name| ChallengeName::from(name.as_str())));
        if let Some(session) = self.session {
            response = response.with_session(Session::new(session)?);
        }
        Ok(AnyResponse::Auth(response))
    }
}

fn tokens(result: AuthenticationResultType) -> AuthenticationResult {
    let mut tokens = AuthenticationResult::default().with_expires_in(result.expires_in.into());
    if let Some(token) = result.access_token {
        tokens = tokens.with_access_token(token);
    }
    if let Some(token) = result.id_token {
        tokens = tokens.with_id_token(token);
    }
    if let Some(token) = result.refresh_token {
        tokens = tokens.with_refresh_token(token);
    }
    if let Some(kind) = result.token_type {
        tokens = tokens.with_token_type(kind);
    }
    match result.new_device_metadata {
        Some(device) => tokens.with_new_device_metadata(new_device(device)),
        None => tokens,
    }
}

fn new_device(device: NewDeviceMetadataType) -> NewDeviceMetadata {
    let mut metadata = NewDeviceMetadata::default();
    metadata.device_key = device.device_key;
    metadata.device_group_key = device.device_group_key;
    metadata
}

pub const fn confirm_device(output: &outputs::confirm_device::ConfirmDeviceOutput) -> AnyResponse {
    AnyResponse::ConfirmDevice(ConfirmDeviceResponse::new(output.user_confirmation_necessary))
}

pub fn signed_out() -> AnyResponse {
    AnyResponse::SignOut(SignOutResponse::default())
}

pub fn associate(
    output: outputs::associate_software_token::AssociateSoftwareTokenOutput,
) -> Result<AnyResponse, Error> {
    let response = AssociateSoftwareTokenResponse::new(SecretCode::new(output.secret_code.unwrap_or_default())?);
    Ok(AnyResponse::Associate(match output.session {
        Some(session) => response.with_session(Session::new(session)?),
        None => response,
    }))
}

pub fn verify(output: outputs::verify_software_token::VerifySoftwareTokenOutput) -> Result<AnyResponse, Error> {
    let status = output.status.as_ref().map_or("", |status| status.as_str());
    let response = VerifySoftwareTokenResponse::new(VerifySoftwareTokenStatus::from(status));
    Ok(AnyResponse::Verify(match output.session {
        Some(session) => response.with_session(Session::new(session)?),
        None => response,
    }))
}
