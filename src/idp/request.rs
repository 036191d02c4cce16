//! The requests of all calls.

use alloc::string::String;

use super::confirm_device::ConfirmDevice;
use super::context::Context;
use super::credentials::Session;
use super::get_tokens::GetTokensFromRefreshToken;
use super::global_sign_out::GlobalSignOut;
use super::names::{Api, AuthFlow, ChallengeName, Operation};
use super::parameter_map::ParameterMap;
use super::revoke_token::RevokeToken;
use super::software_token::{AssociateSoftwareToken, VerifySoftwareToken};
use crate::error::{Error, Parameter};
use crate::message::{AppClient, check_maximum};

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
    /// `GetTokensFromRefreshToken`.
    GetTokensFromRefreshToken(GetTokensFromRefreshToken),
    /// `RevokeToken`.
    RevokeToken(RevokeToken),
    /// `GlobalSignOut`.
    GlobalSignOut(GlobalSignOut),
    /// `AssociateSoftwareToken`.
    AssociateSoftwareToken(AssociateSoftwareToken),
    /// `VerifySoftwareToken`.
    VerifySoftwareToken(VerifySoftwareToken),
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
            Self::GetTokensFromRefreshToken(_) => Operation::GetTokensFromRefreshToken,
            Self::RevokeToken(_) => Operation::RevokeToken,
            Self::GlobalSignOut(_) => Operation::GlobalSignOut,
            Self::AssociateSoftwareToken(_) => Operation::AssociateSoftwareToken,
            Self::VerifySoftwareToken(_) => Operation::VerifySoftwareToken,
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
    /// Takes `AuthFlow` and `AuthParameters`, for a caller who makes the messages by hand. A [`SignIn`](super::SignIn)
    /// makes the call by itself.
    ///
    /// ```
    /// use cognito_srp6a::idp::{Api, AuthFlow, InitiateAuth, Request};
    /// use cognito_srp6a::{AppClient, UserSignIn};
    ///
    /// # fn main() -> Result<(), cognito_srp6a::Error> {
    /// let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
    /// let (sign_in, start) = UserSignIn::start(&app, &"alice".parse()?)?;
    /// let parameters = start.into_pairs().into_iter().collect();
    /// let request = Request::InitiateAuth(InitiateAuth::new(&app, Api::Admin, AuthFlow::UserSrpAuth, parameters)?);
    /// # drop((sign_in, request));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`Error::NotInThisCall`]: the calls of `api` do not have the flow.
    /// - [`Error::TooLong`]: there are more than 256 parameters, or a name or a value exceeds
    ///   [`ParameterMap::MAX_VALUE_CHARS`].
    pub fn new(app: &AppClient, api: Api, auth_flow: AuthFlow, auth_parameters: ParameterMap) -> Result<Self, Error> {
        let allowed = match auth_flow {
            AuthFlow::UserPasswordAuth => api == Api::Public,
            AuthFlow::AdminUserPasswordAuth | AuthFlow::AdminNoSrpAuth => api == Api::Admin,
            _ => true,
        };
        if !allowed {
            return Err(Error::NotInThisCall(Parameter::AuthFlow));
        }
        auth_parameters.check(Parameter::AuthParameters)?;
        let context = Context::default();
        Ok(Self { target: Target::new(app, api), auth_flow, auth_parameters, session: None, context })
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
    /// Takes `ChallengeName` and `ChallengeResponses`, for a caller who makes the messages by hand.
    ///
    /// ```
    /// use cognito_srp6a::AppClient;
    /// use cognito_srp6a::idp::{Api, ChallengeName, RespondToAuthChallenge, Session};
    ///
    /// # fn main() -> Result<(), cognito_srp6a::Error> {
    /// let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
    /// let responses = [("USERNAME", "alice"), ("SMS_MFA_CODE", "123456")].into_iter().collect();
    /// let call = RespondToAuthChallenge::new(&app, Api::Admin, ChallengeName::SmsMfa, responses)?
    ///     .with_session(Session::new("AYABeIKrFwI0example0session")?);
    /// assert_eq!(call.user_pool_id(), Some("us-east-1_AbCdEfGhI"));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`]: the challenge's name exceeds [`ChallengeName::MAX_CHARS`], there are more than 256 responses,
    /// or the name or the value of one exceeds [`ParameterMap::MAX_VALUE_CHARS`].
    pub fn new(
        app: &AppClient,
        api: Api,
        challenge_name: ChallengeName,
        challenge_responses: ParameterMap,
    ) -> Result<Self, Error> {
        check_maximum(challenge_name.as_str(), ChallengeName::MAX_CHARS, Parameter::ChallengeName)?;
        challenge_responses.check(Parameter::ChallengeResponses)?;
        let context = Context::default();
        Ok(Self { target: Target::new(app, api), challenge_name, challenge_responses, session: None, context })
    }

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

/// Implements the methods that both authentication calls have.
macro_rules! common_methods {
    ($($name:ident),*) => {$(
        impl $name {
            /// Sets `Session`.
            #[must_use]
            pub fn with_session(self, session: impl Into<Option<Session>>) -> Self {
                Self { session: session.into(), ..self }
            }

            /// Sets the data that the call carries beside the sign-in.
            ///
            /// # Errors
            ///
            /// - [`Error::NotInThisCall`]: the calls of this API do not take the data.
            /// - [`Error::TooLong`]: a text of the context is too long.
            pub fn with_context(self, context: Context) -> Result<Self, Error> {
                context.check(self.api())?;
                Ok(Self { context, ..self })
            }

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

common_methods!(InitiateAuth, RespondToAuthChallenge);
