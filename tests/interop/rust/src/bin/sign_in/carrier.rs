//! What carries the requests: an HTTP client, or the AWS SDK for Rust.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sdk_cognitoidentityprovider as cognito;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use cognito::config::{BehaviorVersion, Region};
use cognito::error::{ProvideErrorMetadata, SdkError};
use cognito::types::{AuthFlowType, AuthenticationResultType, ChallengeNameType, DeviceSecretVerifierConfigType};
use cognito_srp6a::idp::{
    Api, AssociateSoftwareTokenResponse, AuthResponse, AuthenticationResult, ChallengeName, ConfirmDeviceResponse,
    NewDeviceMetadata, Request, ResponseError, SecretCode, ServiceError, Session, VerifySoftwareTokenResponse,
    VerifySoftwareTokenStatus,
};
use interop::{Place, Result};
use serde::{Deserialize, Serialize};
use tokio::runtime::Runtime;

/// An answer of the service.
pub type Answer<T> = std::result::Result<T, ResponseError>;

#[derive(Clone, Copy, Serialize, Deserialize)]
pub enum Transport {
    Http,
    Sdk,
}

/// Which pair of operations carries the messages.
#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Calls {
    App,
    Admin,
}

impl Calls {
    pub const fn api(self) -> Api {
        match self {
            Self::App => Api::Public,
            Self::Admin => Api::Admin,
        }
    }
}

pub enum Carrier {
    Http { agent: ureq::Agent, place: Place, identity: Credentials },
    Sdk { client: cognito::Client, runtime: Runtime },
}

impl Carrier {
    pub fn new(transport: Transport, place: Place) -> Result<Self> {
        let identity = place.credentials();
        if matches!(transport, Transport::Http) {
            let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
            return Ok(Self::Http { agent, place, identity });
        }
        let config = cognito::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(place.region))
            .endpoint_url(place.endpoint)
            .credentials_provider(identity)
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self::Sdk { client: cognito::Client::from_conf(config), runtime })
    }

    /// Sends a call that may bring tokens.
    pub fn send(&self, request: &Request) -> Result<Answer<AuthResponse>> {
        match self {
            Self::Http { .. } => {
                let (status, body) = self.post(request)?;
                Ok(AuthResponse::from_http(status, &body))
            }
            Self::Sdk { client, runtime } => runtime.block_on(send(client, request)),
        }
    }

    /// `AssociateSoftwareToken`.
    pub fn associate(&self, request: &Request) -> Result<AssociateSoftwareTokenResponse> {
        match (self, request) {
            (Self::Sdk { client, runtime }, Request::AssociateSoftwareToken(request)) => {
                let session = request.session().map(|session| session.expose().into());
                let call = client.associate_software_token().set_session(session);
                let made = runtime.block_on(call.send())?;
                let code = SecretCode::new(made.secret_code.ok_or("no SecretCode")?)?;
                let session = Session::new(made.session.ok_or("no Session")?)?;
                Ok(AssociateSoftwareTokenResponse::new(code).with_session(session))
            }
            _ => {
                let (status, body) = self.post(request)?;
                Ok(AssociateSoftwareTokenResponse::from_http(status, &body)?)
            }
        }
    }

    /// `VerifySoftwareToken`.
    pub fn verify(&self, request: &Request) -> Result<Answer<VerifySoftwareTokenResponse>> {
        match (self, request) {
            (Self::Sdk { client, runtime }, Request::VerifySoftwareToken(request)) => {
                let call = client
                    .verify_software_token()
                    .set_session(request.session().map(|session| session.expose().into()))
                    .user_code(request.user_code())
                    .set_friendly_device_name(request.friendly_device_name().map(Into::into));
                let verified = match runtime.block_on(call.send()) {
                    Ok(verified) => verified,
                    Err(error) => return Ok(Err(of_service(error)?.into())),
                };
                let status = verified.status.ok_or("no Status")?;
                let response = VerifySoftwareTokenResponse::new(VerifySoftwareTokenStatus::from(status.as_str()));
                Ok(Ok(match verified.session {
                    Some(session) => response.with_session(Session::new(session)?),
                    None => response,
                }))
            }
            _ => {
                let (status, body) = self.post(request)?;
                Ok(VerifySoftwareTokenResponse::from_http(status, &body))
            }
        }
    }

    /// `ConfirmDevice`.
    pub fn confirm(&self, request: &Request) -> Result<()> {
        match (self, request) {
            (Self::Sdk { client, runtime }, Request::ConfirmDevice(request)) => {
                let verifier = DeviceSecretVerifierConfigType::builder()
                    .password_verifier(request.password_verifier())
                    .salt(request.salt())
                    .build();
                let call = client
                    .confirm_device()
                    .access_token(request.access_token())
                    .device_key(request.device_key())
                    .set_device_name(request.device_name().map(Into::into))
                    .device_secret_verifier_config(verifier);
                runtime.block_on(call.send())?;
            }
            _ => {
                let (status, body) = self.post(request)?;
                ConfirmDeviceResponse::from_http(status, &body)?;
            }
        }
        Ok(())
    }

    /// Sends a request over HTTP, signed if it is an administrator's.
    fn post(&self, request: &Request) -> Result<(u16, Vec<u8>)> {
        let Self::Http { agent, place, identity } = self else { return Err("no call of the SDK".into()) };
        let mut message = request.to_http(&place.endpoint)?;
        if request.operation().is_signed() {
            message = signed(message, &place.region, identity)?;
        }
        let mut response = agent.run(message)?;
        Ok((response.status().as_u16(), response.body_mut().read_to_vec()?))
    }
}

/// Adds the headers of a `SigV4` signature.
fn signed(mut request: http::Request<Vec<u8>>, region: &str, identity: &Credentials) -> Result<http::Request<Vec<u8>>> {
    let identity = identity.clone().into();
    let parameters = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("cognito-idp")
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()?;
    let headers = request.headers().iter().map(|(name, value)| Ok((name.as_str(), value.to_str()?)));
    let headers = headers.collect::<std::result::Result<Vec<_>, http::header::ToStrError>>()?;
    let (uri, method) = (request.uri().to_string(), request.method().as_str());
    let signable = SignableRequest::new(method, uri, headers.into_iter(), SignableBody::Bytes(request.body()))?;
    let (instructions, _) = sign(signable, &parameters.into())?.into_parts();
    instructions.apply_to_request_http1x(&mut request);
    Ok(request)
}

/// Takes an SDK output with a challenge or tokens apart. The outputs have the same fields and nothing else in common.
macro_rules! response {
    ($call:expr) => {
        match $call.send().await {
            Ok(out) => {
                let challenge = out.challenge_name.map(|name| ChallengeName::from(name.as_str()));
                let mut response = match (challenge, out.authentication_result) {
                    (Some(name), _) => AuthResponse::challenge(name, out.challenge_parameters.unwrap_or_default()),
                    (None, Some(result)) => AuthResponse::tokens(tokens(result)),
                    (None, None) => AuthResponse::default(),
                };
                let available = out.available_challenges.unwrap_or_default();
                response =
                    response.with_available_challenges(available.iter().map(|name| ChallengeName::from(name.as_str())));
                if let Some(session) = out.session {
                    response = response.with_session(Session::new(session)?);
                }
                Ok(Ok(response))
            }
            Err(error) => Ok(Err(of_service(error)?.into())),
        }
    };
}

async fn send(client: &cognito::Client, request: &Request) -> Result<Answer<AuthResponse>> {
    match request {
        Request::InitiateAuth(request) if request.api() == Api::Public => response!(
            client
                .initiate_auth()
                .client_id(request.client_id())
                .auth_flow(AuthFlowType::from(request.auth_flow().as_str()))
                .set_auth_parameters(Some(request.auth_parameters().to_hash_map()))
                .set_session(request.session().map(|session| session.expose().into()))
        ),
        Request::RespondToAuthChallenge(request) if request.api() == Api::Public => response!(
            client
                .respond_to_auth_challenge()
                .client_id(request.client_id())
                .challenge_name(ChallengeNameType::from(request.challenge_name().as_str()))
                .set_challenge_responses(Some(request.challenge_responses().to_hash_map()))
                .set_session(request.session().map(|session| session.expose().into()))
        ),
        Request::InitiateAuth(request) => response!(
            client
                .admin_initiate_auth()
                .set_user_pool_id(request.user_pool_id().map(Into::into))
                .client_id(request.client_id())
                .auth_flow(AuthFlowType::from(request.auth_flow().as_str()))
                .set_auth_parameters(Some(request.auth_parameters().to_hash_map()))
                .set_session(request.session().map(|session| session.expose().into()))
        ),
        Request::RespondToAuthChallenge(request) => response!(
            client
                .admin_respond_to_auth_challenge()
                .set_user_pool_id(request.user_pool_id().map(Into::into))
                .client_id(request.client_id())
                .challenge_name(ChallengeNameType::from(request.challenge_name().as_str()))
                .set_challenge_responses(Some(request.challenge_responses().to_hash_map()))
                .set_session(request.session().map(|session| session.expose().into()))
        ),
        Request::GetTokensFromRefreshToken(request) => {
            let call = client
                .get_tokens_from_refresh_token()
                .refresh_token(request.refresh_token())
                .client_id(request.client_id())
                .set_client_secret(request.client_secret().map(Into::into));
            match call.send().await {
                Ok(out) => Ok(Ok(AuthResponse::tokens(tokens(out.authentication_result.ok_or("no tokens")?)))),
                Err(error) => Ok(Err(of_service(error)?.into())),
            }
        }
        other => Err(format!("{} brings no tokens", other.operation().name()).into()),
    }
}

/// Takes over the tokens.
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
    if let Some(device) = result.new_device_metadata {
        let mut metadata = NewDeviceMetadata::default();
        (metadata.device_key, metadata.device_group_key) = (device.device_key, device.device_group_key);
        tokens = tokens.with_new_device_metadata(metadata);
    }
    tokens
}

/// The error of the service, under the name that the SDK has parsed. Any other is passed on.
fn of_service<E, R>(error: SdkError<E, R>) -> Result<ServiceError>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    match error.as_service_error() {
        Some(found) => Ok(ServiceError::new(found.code().unwrap_or_default(), found.message().unwrap_or_default())),
        None => Err(error.into()),
    }
}
