//! The requests of all calls.

use alloc::string::String;

use super::confirm_device::ConfirmDevice;
use super::context::Context;
use super::credentials::Session;
use super::names::{Api, AuthFlow, ChallengeName, Operation};
use super::parameter_map::ParameterMap;
use crate::error::{Error, Parameter};
use crate::message::AppClient;

/// A request: one call of the service.
///
/// The parameters of a request that a [`SignIn`](super::SignIn) has made are checked against the service's model. A
/// request that a server has read (`Request::from_json`, feature `serde`) is parsed, but its values are not checked.
///
/// With an SDK, each variant becomes a call:
///
/// ```
/// use cognito_srp6a::idp::{Api, Credentials, Request, SignIn, SignInFlow};
/// use cognito_srp6a::{AppClient, Password};
///
/// # fn main() -> Result<(), cognito_srp6a::Error> {
/// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
/// # let credentials = Credentials::new("alice".parse()?).with_password(Password::new("Passw0rd!")?);
/// let (sign_in, request) = SignIn::builder(&app, Api::Public, SignInFlow::UserSrp, credentials).start()?;
/// # drop(sign_in);
/// match request {
///     Request::InitiateAuth(call) => {
///         // sdk.initiate_auth().set_auth_parameters(Some(parameters))
///         let parameters = call.auth_parameters().to_hash_map();
///         assert_eq!(parameters["USERNAME"], "alice");
///     }
///     Request::RespondToAuthChallenge(call) => {
///         // sdk.respond_to_auth_challenge().set_challenge_responses(Some(responses))
///         let responses = call.challenge_responses().to_hash_map();
///         # drop(responses);
///     }
///     other => unreachable!("a sign-in does not send {}", other.operation()),
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Request {
    /// `InitiateAuth` or `AdminInitiateAuth`.
    InitiateAuth(InitiateAuth),
    /// `RespondToAuthChallenge` or `AdminRespondToAuthChallenge`.
    RespondToAuthChallenge(RespondToAuthChallenge),
    /// `ConfirmDevice`.
    ConfirmDevice(ConfirmDevice),
}

impl Request {
    /// Returns the operation.
    #[must_use]
    pub const fn operation(&self) -> Operation {
        match self {
            Self::InitiateAuth(request) => match request.target.api() {
                Api::Public => Operation::InitiateAuth,
                Api::Admin => Operation::AdminInitiateAuth,
            },
            Self::RespondToAuthChallenge(request) => match request.target.api() {
                Api::Public => Operation::RespondToAuthChallenge,
                Api::Admin => Operation::AdminRespondToAuthChallenge,
            },
            Self::ConfirmDevice(_) => Operation::ConfirmDevice,
        }
    }
}

impl InitiateAuth {
    /// Copies the request, so that it can be sent again. The copy's secrets are wiped on drop as well.
    pub(super) fn duplicate(&self) -> Self {
        Self {
            target: self.target.clone(),
            auth_flow: self.auth_flow.clone(),
            auth_parameters: self.auth_parameters.duplicate(),
            session: self.session.as_ref().map(Session::duplicate),
            context: self.context.clone(),
        }
    }
}

impl RespondToAuthChallenge {
    /// Copies the request, so that it can be sent again. The copy's secrets are wiped on drop as well.
    pub(super) fn duplicate(&self) -> Self {
        Self {
            target: self.target.clone(),
            challenge_name: self.challenge_name.clone(),
            challenge_responses: self.challenge_responses.duplicate(),
            session: self.session.as_ref().map(Session::duplicate),
            context: self.context.clone(),
        }
    }
}

/// The pool and the app client of a request.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub(super) struct Target {
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(super) user_pool_id: Option<String>,
    pub(super) client_id: String,
}

impl Target {
    pub(super) fn new(app: &AppClient, api: Api) -> Self {
        let user_pool_id = match api {
            Api::Public => None,
            Api::Admin => Some(app.pool_id().as_str().into()),
        };
        Self { user_pool_id, client_id: app.client_id().into() }
    }

    const fn api(&self) -> Api {
        if self.user_pool_id.is_some() { Api::Admin } else { Api::Public }
    }
}

/// `InitiateAuth`, or `AdminInitiateAuth` when it names a pool.
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct InitiateAuth {
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub(super) target: Target,
    pub(super) auth_flow: AuthFlow,
    pub(super) auth_parameters: ParameterMap,
    #[cfg_attr(
        feature = "serde",
        serde(skip_serializing_if = "Option::is_none", serialize_with = "super::credentials::serialize_session")
    )]
    pub(super) session: Option<Session>,
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub(super) context: Context,
}

impl InitiateAuth {
    /// Checks that `api` has the flow and takes the context. The parameters were checked when they were made.
    pub(super) fn new(
        app: &AppClient,
        api: Api,
        auth_flow: AuthFlow,
        auth_parameters: ParameterMap,
        session: Option<Session>,
        context: Context,
    ) -> Result<Self, Error> {
        let allowed = match auth_flow {
            AuthFlow::UserPasswordAuth => api == Api::Public,
            AuthFlow::AdminUserPasswordAuth | AuthFlow::AdminNoSrpAuth => api == Api::Admin,
            _ => true,
        };
        if !allowed {
            return Err(Error::NotInThisCall(Parameter::AuthFlow));
        }
        context.check(api)?;
        Ok(Self { target: Target::new(app, api), auth_flow, auth_parameters, session, context })
    }

    /// `AuthFlow`.
    #[must_use]
    pub const fn auth_flow(&self) -> &AuthFlow {
        &self.auth_flow
    }

    /// `AuthParameters`.
    #[must_use]
    pub const fn auth_parameters(&self) -> &ParameterMap {
        &self.auth_parameters
    }
}

/// `RespondToAuthChallenge`, or `AdminRespondToAuthChallenge` when it names a pool.
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct RespondToAuthChallenge {
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub(super) target: Target,
    pub(super) challenge_name: ChallengeName,
    pub(super) challenge_responses: ParameterMap,
    #[cfg_attr(
        feature = "serde",
        serde(skip_serializing_if = "Option::is_none", serialize_with = "super::credentials::serialize_session")
    )]
    pub(super) session: Option<Session>,
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub(super) context: Context,
}

impl RespondToAuthChallenge {
    /// `ChallengeName`.
    #[must_use]
    pub const fn challenge_name(&self) -> &ChallengeName {
        &self.challenge_name
    }

    /// `ChallengeResponses`.
    #[must_use]
    pub const fn challenge_responses(&self) -> &ParameterMap {
        &self.challenge_responses
    }
}

/// Implements the accessors that both authentication calls have.
macro_rules! common_accessors {
    ($($name:ident),*) => {$(
        impl $name {
            /// The family of calls that this one belongs to.
            #[must_use]
            pub const fn api(&self) -> Api {
                self.target.api()
            }

            /// `UserPoolId`, in admin calls.
            #[must_use]
            pub fn user_pool_id(&self) -> Option<&str> {
                self.target.user_pool_id.as_deref()
            }

            /// `ClientId`.
            #[must_use]
            pub fn client_id(&self) -> &str {
                &self.target.client_id
            }

            /// `Session`.
            #[must_use]
            pub const fn session(&self) -> Option<&Session> {
                self.session.as_ref()
            }

            /// `ClientMetadata` and the other data that a request carries beside the sign-in.
            #[must_use]
            pub const fn context(&self) -> &Context {
                &self.context
            }
        }
    )*};
}

common_accessors!(InitiateAuth, RespondToAuthChallenge);
