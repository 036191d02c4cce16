//! Requests and responses, read from the members of their bodies.

use super::members::{Members, Read, taken};
use crate::idp::body_error::BodyError;
use crate::idp::confirm_device::{ConfirmDevice, DeviceSecretVerifierConfig};
use crate::idp::context::{AnalyticsMetadata, Context, ContextData, UserContextData};
use crate::idp::get_tokens::GetTokensFromRefreshToken;
use crate::idp::global_sign_out::GlobalSignOut;
use crate::idp::names::{AuthFlow, ChallengeName};
use crate::idp::request::{InitiateAuth, RespondToAuthChallenge, Target};
use crate::idp::response::{AuthResponse, AuthenticationResult, NewDeviceMetadata};
use crate::idp::revoke_token::{RevokeAssociatedSessions, RevokeToken};
use crate::idp::secret_member::SecretMember;
use crate::idp::software_token::{AssociateSoftwareToken, Holder, VerifySoftwareToken};

impl Read for InitiateAuth {
    fn read(members: &Members<'_>) -> Result<Self, BodyError> {
        Ok(Self {
            target: Target::read(members)?,
            auth_flow: members.name("AuthFlow", AuthFlow::MAX_CHARS)?.ok_or(BodyError::Malformed)?,
            auth_parameters: members.texts("AuthParameters")?,
            session: members.session()?,
            context: Context::read(members)?,
        })
    }
}

impl Read for RespondToAuthChallenge {
    fn read(members: &Members<'_>) -> Result<Self, BodyError> {
        Ok(Self {
            target: Target::read(members)?,
            challenge_name: members.name("ChallengeName", ChallengeName::MAX_CHARS)?.ok_or(BodyError::Malformed)?,
            challenge_responses: members.texts("ChallengeResponses")?,
            session: members.session()?,
            context: Context::read(members)?,
        })
    }
}

impl Read for Target {
    fn read(members: &Members<'_>) -> Result<Self, BodyError> {
        Ok(Self { user_pool_id: members.public_text("UserPoolId")?, client_id: members.required_text("ClientId")? })
    }
}

impl Read for Context {
    fn read(members: &Members<'_>) -> Result<Self, BodyError> {
        Ok(Self {
            client_metadata: members.texts("ClientMetadata")?.into_texts(),
            analytics_metadata: members.value("AnalyticsMetadata")?,
            user_context_data: members.value("UserContextData")?,
            context_data: members.value("ContextData")?,
        })
    }
}

impl Read for AnalyticsMetadata {
    fn read(members: &Members<'_>) -> Result<Self, BodyError> {
        Ok(Self { analytics_endpoint_id: members.public_text("AnalyticsEndpointId")? })
    }
}

impl Read for UserContextData {
    fn read(members: &Members<'_>) -> Result<Self, BodyError> {
        Ok(Self { ip_address: members.public_text("IpAddress")?, encoded_data: members.public_text("EncodedData")? })
    }
}

impl Read for ContextData {
    fn read(members: &Members<'_>) -> Result<Self, BodyError> {
        let header =
            |header: Members<'_>| Ok((header.required_text("headerName")?, header.required_text("headerValue")?));
        Ok(Self {
            ip_address: members.required_text("IpAddress")?,
            server_name: members.required_text("ServerName")?,
            server_path: members.required_text("ServerPath")?,
            http_headers: members.objects("HttpHeaders")?.into_iter().map(header).collect::<Result<_, _>>()?,
            encoded_data: members.public_text("EncodedData")?,
        })
    }
}

impl Read for ConfirmDevice {
    fn read(members: &Members<'_>) -> Result<Self, BodyError> {
        let config = members.object("DeviceSecretVerifierConfig")?;
        let text = |name| config.as_ref().map_or(Ok(None), |config| config.text(name));
        let access_token = members.text("AccessToken")?.ok_or(BodyError::Malformed)?;
        let (password_verifier, salt) =
            (text("PasswordVerifier")?.unwrap_or_default(), text("Salt")?.unwrap_or_default());
        let device_key = members.required_text("DeviceKey")?;
        let device_name = members.public_text("DeviceName")?;
        Ok(Self {
            access_token: taken(access_token),
            device_key,
            device_secret_verifier_config: DeviceSecretVerifierConfig {
                password_verifier: taken(password_verifier),
                salt: taken(salt),
            },
            device_name,
        })
    }
}

/// Returns a secret text.
fn secret(members: &Members<'_>, name: &str) -> Result<Option<SecretMember>, BodyError> {
    Ok(members.text(name)?.map(|text| SecretMember::new(taken(text))))
}

/// Returns a required secret text.
fn required_secret(members: &Members<'_>, name: &str) -> Result<SecretMember, BodyError> {
    secret(members, name)?.ok_or(BodyError::Malformed)
}

impl Read for GetTokensFromRefreshToken {
    fn read(members: &Members<'_>) -> Result<Self, BodyError> {
        Ok(Self {
            refresh_token: required_secret(members, "RefreshToken")?,
            client_id: members.required_text("ClientId")?,
            client_secret: secret(members, "ClientSecret")?,
            device_key: members.public_text("DeviceKey")?,
            client_metadata: members.texts("ClientMetadata")?.into_texts(),
        })
    }
}

impl Read for RevokeToken {
    fn read(members: &Members<'_>) -> Result<Self, BodyError> {
        let sessions = members.name("RevokeAssociatedSessions", RevokeAssociatedSessions::MAX_CHARS)?;
        Ok(Self {
            token: required_secret(members, "Token")?,
            client_id: members.required_text("ClientId")?,
            client_secret: secret(members, "ClientSecret")?,
            revoke_associated_sessions: sessions,
        })
    }
}

impl Read for GlobalSignOut {
    fn read(members: &Members<'_>) -> Result<Self, BodyError> {
        Ok(Self { access_token: required_secret(members, "AccessToken")? })
    }
}

impl Read for Holder {
    fn read(members: &Members<'_>) -> Result<Self, BodyError> {
        Ok(Self { access_token: secret(members, "AccessToken")?, session: members.session()? })
    }
}

impl Read for AssociateSoftwareToken {
    fn read(members: &Members<'_>) -> Result<Self, BodyError> {
        Ok(Self { holder: Holder::read(members)? })
    }
}

impl Read for VerifySoftwareToken {
    fn read(members: &Members<'_>) -> Result<Self, BodyError> {
        Ok(Self {
            holder: Holder::read(members)?,
            user_code: required_secret(members, "UserCode")?,
            friendly_device_name: members.public_text("FriendlyDeviceName")?,
        })
    }
}

impl Read for AuthResponse {
    fn read(members: &Members<'_>) -> Result<Self, BodyError> {
        Ok(Self {
            challenge_name: members.name("ChallengeName", ChallengeName::MAX_CHARS)?,
            session: members.session()?,
            challenge_parameters: members.texts("ChallengeParameters")?.into_texts(),
            authentication_result: members.value("AuthenticationResult")?,
            available_challenges: members.names("AvailableChallenges", ChallengeName::MAX_CHARS)?,
        })
    }
}

impl Read for AuthenticationResult {
    fn read(members: &Members<'_>) -> Result<Self, BodyError> {
        let token = |name| members.text(name);
        let (access_token, id_token, refresh_token) =
            (token("AccessToken")?, token("IdToken")?, token("RefreshToken")?);
        let (expires_in, token_type) = (members.scalar("ExpiresIn")?, members.public_text("TokenType")?);
        let new_device_metadata = members.value("NewDeviceMetadata")?;
        Ok(Self {
            access_token: access_token.map(taken),
            id_token: id_token.map(taken),
            refresh_token: refresh_token.map(taken),
            expires_in,
            token_type,
            new_device_metadata,
        })
    }
}

impl Read for NewDeviceMetadata {
    fn read(members: &Members<'_>) -> Result<Self, BodyError> {
        Ok(Self {
            device_key: members.public_text("DeviceKey")?,
            device_group_key: members.public_text("DeviceGroupKey")?,
        })
    }
}
