//! What carries the requests: an HTTP client, or the AWS SDK for Rust.

use admin_sign_in::sign_request;
use aws_credential_types::Credentials;
use aws_sdk_cognitoidentityprovider as cognito;
use cognito::config::{BehaviorVersion, Region};
use cognito_srp6a::idp::{
    Api, AssociateSoftwareTokenResponse, AuthResponse, ConfirmDeviceResponse, Request, ResponseError,
    VerifySoftwareTokenResponse,
};
use cognito_srp6a_aws_sdk::Response;
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
            Self::Sdk { .. } => self.call(request),
        }
    }

    /// `AssociateSoftwareToken`.
    pub fn associate(&self, request: &Request) -> Result<AssociateSoftwareTokenResponse> {
        match self {
            Self::Http { .. } => {
                let (status, body) = self.post(request)?;
                Ok(AssociateSoftwareTokenResponse::from_http(status, &body)?)
            }
            Self::Sdk { .. } => Ok(self.call(request)??),
        }
    }

    /// `VerifySoftwareToken`.
    pub fn verify(&self, request: &Request) -> Result<Answer<VerifySoftwareTokenResponse>> {
        match self {
            Self::Http { .. } => {
                let (status, body) = self.post(request)?;
                Ok(VerifySoftwareTokenResponse::from_http(status, &body))
            }
            Self::Sdk { .. } => self.call(request),
        }
    }

    /// `ConfirmDevice`.
    pub fn confirm(&self, request: &Request) -> Result<()> {
        let confirmed: ConfirmDeviceResponse = match self {
            Self::Http { .. } => {
                let (status, body) = self.post(request)?;
                ConfirmDeviceResponse::from_http(status, &body)?
            }
            Self::Sdk { .. } => self.call(request)??,
        };
        if confirmed.user_confirmation_necessary { Err("the user must confirm the device".into()) } else { Ok(()) }
    }

    /// Sends a request through the SDK.
    fn call<R: Response>(&self, request: &Request) -> Result<Answer<R>> {
        let Self::Sdk { client, runtime } = self else { return Err("no SDK".into()) };
        Ok(runtime.block_on(cognito_srp6a_aws_sdk::send(client, request))?)
    }

    /// Sends a request over HTTP, signed if it is an administrator's.
    fn post(&self, request: &Request) -> Result<(u16, Vec<u8>)> {
        let Self::Http { agent, place, identity } = self else { return Err("no call of the SDK".into()) };
        let mut message = request.to_http(&place.endpoint)?;
        if request.operation().is_signed() {
            message = sign_request(message, &place.region, identity)?;
        }
        let mut response = agent.run(message)?;
        Ok((response.status().as_u16(), response.body_mut().read_to_vec()?))
    }
}
