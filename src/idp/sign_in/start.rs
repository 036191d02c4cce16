//! The start of a sign-in.

use alloc::boxed::Box;

use rand::TryCryptoRng;
#[cfg(feature = "getrandom")]
use rand::rngs::SysRng;

use super::flow::{FirstFactor, SignInFlow};
use super::sent::Sent;
use super::state::SignIn;
use crate::error::{Error, Parameter};
use crate::idp::context::Context;
use crate::idp::credentials::{Credentials, Session};
use crate::idp::extra_parameters::ExtraParameters;
use crate::idp::names::{Api, AuthFlow};
use crate::idp::parameter_map::ParameterMap;
use crate::idp::request::{InitiateAuth, Request};
use crate::idp::step_up::StepUp;
use crate::message::AppClient;

/// A sign-in that has not started. [`SignIn::builder`] makes one.
#[derive(Debug)]
#[must_use = "nothing is sent before `start`"]
pub struct SignInBuilder<'a> {
    app: &'a AppClient,
    api: Api,
    flow: SignInFlow,
    credentials: Credentials,
    session: Option<Session>,
    step_up: Option<StepUp>,
    extra: ExtraParameters,
    context: Context,
}

impl SignIn {
    /// Prepares a sign-in. [`SignInBuilder::start`] starts it.
    ///
    /// ```
    /// use cognito_srp6a::idp::{Api, Context, Credentials, Operation, SignIn, SignInFlow};
    /// use cognito_srp6a::{AppClient, Password};
    ///
    /// # fn main() -> Result<(), cognito_srp6a::Error> {
    /// let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
    /// let credentials = Credentials::new("alice".parse()?).with_password(Password::new("Passw0rd!")?);
    /// let (sign_in, request) = SignIn::builder(&app, Api::Admin, SignInFlow::UserSrp, credentials)
    ///     .with_context(Context::default().with_client_metadata("campaign", "spring")?)
    ///     .start()?;
    /// assert_eq!(request.operation(), Operation::AdminInitiateAuth);
    /// # drop(sign_in);
    /// # Ok(()) }
    /// ```
    pub fn builder(app: &AppClient, api: Api, flow: SignInFlow, credentials: Credentials) -> SignInBuilder<'_> {
        let (extra, context) = (ExtraParameters::default(), Context::default());
        SignInBuilder { app, api, flow, credentials, session: None, step_up: None, extra, context }
    }
}

impl SignInBuilder<'_> {
    /// Sets `Session`, which `ConfirmSignUp` has returned. It signs in a new user without another code.
    ///
    /// Only [`SignInFlow::User`] takes it, with the factor by which the code was sent, and it works once.
    ///
    /// ```
    /// use cognito_srp6a::AppClient;
    /// use cognito_srp6a::idp::{Api, Credentials, FirstFactor, Request, Session, SignIn, SignInFlow};
    ///
    /// # fn main() -> Result<(), cognito_srp6a::Error> {
    /// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
    /// let session = Session::new("AYABeIKrFwI0session0of0ConfirmSignUp")?;
    /// let credentials = Credentials::new("alice".parse()?);
    /// let flow = SignInFlow::User(Some(FirstFactor::EmailOtp));
    /// let (sign_in, request) = SignIn::builder(&app, Api::Public, flow, credentials).with_session(session).start()?;
    /// # drop(sign_in);
    /// let Request::InitiateAuth(request) = request else { unreachable!("a sign-in starts with InitiateAuth") };
    /// assert!(request.session().is_some());
    /// # Ok(()) }
    /// ```
    pub fn with_session(self, session: impl Into<Option<Session>>) -> Self {
        Self { session: session.into(), ..self }
    }

    /// Asks for a level of authentication. Only [`SignInFlow::User`] takes it.
    pub fn with_step_up(self, step_up: impl Into<Option<StepUp>>) -> Self {
        Self { step_up: step_up.into(), ..self }
    }

    /// Adds parameters that the crate does not know to `AuthParameters` of the first request.
    /// [`SignIn::with_extra_parameters`] and the method of the same name of each challenge add some to an answer.
    pub fn with_extra_parameters(self, extra: ExtraParameters) -> Self {
        Self { extra, ..self }
    }

    /// Sets the additional data of each request of the sign-in. [`SignIn::with_context`] and the method of the same
    /// name of each challenge replace it for the requests that follow: `ClientMetadata` reaches other Lambda triggers
    /// from the first request than from an answer ([`Context::with_client_metadata`]).
    pub fn with_context(self, context: Context) -> Self {
        Self { context, ..self }
    }

    /// Starts the sign-in with randomness from the system. Send the request and [`advance`](SignIn::advance) the
    /// sign-in with its response.
    ///
    /// # Errors
    ///
    /// - [`Error::Missing`]: the flow needs a password, and the credentials have none.
    /// - [`Error::NotInThisCall`]: the calls of the API do not have the flow or do not take the [`Context`], or there
    ///   is a session or a [`StepUp`] and the flow is not [`SignInFlow::User`].
    /// - [`Error::TooLong`]: a text of the context is too long.
    /// - [`Error::RandomSource`]: the system has no randomness.
    #[cfg(feature = "getrandom")]
    pub fn start(self) -> Result<(SignIn, Request), Error> {
        self.start_with_rng(&mut SysRng)
    }

    /// Does what [`start`](Self::start) does with randomness from `rng`: 40 bytes if the flow sends `SRP_A` at once.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start).
    pub fn start_with_rng<R: TryCryptoRng + ?Sized>(self, rng: &mut R) -> Result<(SignIn, Request), Error> {
        let Self { app, api, flow, credentials, session, step_up, extra, context } = self;
        if !matches!(flow, SignInFlow::User(_)) {
            if session.is_some() {
                return Err(Error::NotInThisCall(Parameter::Session));
            }
            if step_up.is_some() {
                return Err(Error::NotInThisCall(Parameter::TargetAcrValues));
            }
        }
        let mut sign_in = SignIn::new(app, api, credentials, context.clone());
        sign_in.sends_password = match flow {
            SignInFlow::UserSrp | SignInFlow::Custom | SignInFlow::CustomSrp => false,
            SignInFlow::User(preferred) => matches!(preferred, None | Some(FirstFactor::Password)),
            SignInFlow::UserPassword | SignInFlow::AdminUserPassword => true,
        };
        sign_in.prefers_proof = !matches!(flow, SignInFlow::User(Some(factor)) if factor != FirstFactor::PasswordSrp);
        let (auth_flow, mut parameters) = sign_in.first_message(flow, rng)?;
        if let Some(step_up) = step_up {
            step_up.add_to(&mut parameters);
        }
        extra.add_to(&mut parameters);
        let request =
            InitiateAuth::new(app, api, auth_flow, parameters)?.with_session(session).with_context(context)?;
        sign_in.sent = Some(Box::new(Sent::start(&request)));
        Ok((sign_in, Request::InitiateAuth(request)))
    }
}

impl SignIn {
    /// Makes the `AuthFlow` and the `AuthParameters` of the flow's first request.
    fn first_message<R: TryCryptoRng + ?Sized>(
        &mut self,
        flow: SignInFlow,
        rng: &mut R,
    ) -> Result<(AuthFlow, ParameterMap), Error> {
        let (auth_flow, mut parameters) = match flow {
            SignInFlow::UserSrp => (AuthFlow::UserSrpAuth, self.begin_proof(rng)?),
            SignInFlow::CustomSrp => (AuthFlow::CustomAuth, self.begin_proof(rng)?),
            SignInFlow::User(Some(FirstFactor::PasswordSrp)) => (AuthFlow::UserAuth, self.begin_proof(rng)?),
            SignInFlow::User(_) => (AuthFlow::UserAuth, self.common_parameters()),
            SignInFlow::Custom => (AuthFlow::CustomAuth, self.common_parameters()),
            SignInFlow::UserPassword => (AuthFlow::UserPasswordAuth, self.common_parameters()),
            SignInFlow::AdminUserPassword => (AuthFlow::AdminUserPasswordAuth, self.common_parameters()),
        };
        match flow {
            SignInFlow::CustomSrp => parameters.insert("CHALLENGE_NAME", "SRP_A"),
            SignInFlow::User(Some(factor)) => {
                parameters.insert("PREFERRED_CHALLENGE", factor.challenge_name().as_str());
            }
            _ => (),
        }
        if let SignInFlow::UserPassword
        | SignInFlow::AdminUserPassword
        | SignInFlow::User(Some(FirstFactor::Password)) = flow
        {
            parameters.insert("PASSWORD", self.password()?.expose());
        }
        Ok((auth_flow, parameters))
    }
}
