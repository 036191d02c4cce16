//! The beginning of a sign-in.

use rand::TryCryptoRng;
#[cfg(feature = "getrandom")]
use rand::rngs::SysRng;

use super::flow::{FirstFactor, SignInFlow};
use super::state::{Proof, SignIn};
use super::user_names::Names;
use crate::error::{Error, Parameter};
use crate::idp::context::Context;
use crate::idp::credentials::{Credentials, Session};
use crate::idp::names::{Api, AuthFlow};
use crate::idp::request::{InitiateAuth, Request};
use crate::message::AppClient;

impl SignIn {
    /// Starts a sign-in with randomness from the system. The second value is what to send.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`] when the flow needs a password and there is none, [`Error::NotInThisCall`] for a flow that the
    /// calls of `api` do not have, [`Error::RandomSource`].
    #[cfg(feature = "getrandom")]
    pub fn start(
        app: &AppClient,
        api: Api,
        flow: SignInFlow,
        credentials: Credentials,
    ) -> Result<(Self, Request), Error> {
        Self::start_with(app, api, flow, credentials, None, Context::default())
    }

    /// Does what [`start`](Self::start) does, with the `Session` of a `ConfirmSignUp` (flow `USER_AUTH`), and with
    /// what is to go along with every request.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start), and [`Error::TooLong`] or [`Error::NotInThisCall`] for the context, or for a session in
    /// another flow than `USER_AUTH`.
    #[cfg(feature = "getrandom")]
    pub fn start_with(
        app: &AppClient,
        api: Api,
        flow: SignInFlow,
        credentials: Credentials,
        session: Option<Session>,
        context: Context,
    ) -> Result<(Self, Request), Error> {
        Self::start_with_rng(app, api, flow, credentials, session, context, &mut SysRng)
    }

    /// Does what [`start_with`](Self::start_with) does with randomness from `rng`: 40 bytes in flows that send `SRP_A`.
    ///
    /// # Errors
    ///
    /// As for [`start_with`](Self::start_with).
    pub fn start_with_rng<R: TryCryptoRng + ?Sized>(
        app: &AppClient,
        api: Api,
        flow: SignInFlow,
        credentials: Credentials,
        session: Option<Session>,
        context: Context,
        rng: &mut R,
    ) -> Result<(Self, Request), Error> {
        let Credentials { username, password, device } = credentials;
        let mut sign_in = Self {
            app: app.clone(),
            api,
            context,
            names: Names::typed(username),
            password,
            has_device: device.is_some(),
            device,
            session: None,
            asked: None,
            proof: Proof::None,
            proved: false,
            sends_password: match flow {
                SignInFlow::UserSrp | SignInFlow::Custom | SignInFlow::CustomSrp => false,
                SignInFlow::User(preferred) => matches!(preferred, None | Some(FirstFactor::Password)),
                SignInFlow::UserPassword | SignInFlow::AdminUserPassword => true,
            },
            budget: Self::BUDGET,
        };
        if session.is_some() && !matches!(flow, SignInFlow::User(_)) {
            return Err(Error::NotInThisCall(Parameter::Session));
        }
        let mut parameters = sign_in.common_parameters();
        let auth_flow = match flow {
            SignInFlow::UserSrp => {
                sign_in.begin_proof(&mut parameters, rng)?;
                AuthFlow::UserSrpAuth
            }
            SignInFlow::CustomSrp => {
                sign_in.begin_proof(&mut parameters, rng)?;
                parameters.insert("CHALLENGE_NAME", "SRP_A");
                AuthFlow::CustomAuth
            }
            SignInFlow::Custom => AuthFlow::CustomAuth,
            SignInFlow::User(preferred) => {
                if let Some(factor) = preferred {
                    parameters.insert("PREFERRED_CHALLENGE", factor.challenge_name().as_str());
                }
                match preferred {
                    Some(FirstFactor::PasswordSrp) => sign_in.begin_proof(&mut parameters, rng)?,
                    Some(FirstFactor::Password) => parameters.insert("PASSWORD", sign_in.password()?.expose()),
                    Some(FirstFactor::EmailOtp | FirstFactor::SmsOtp | FirstFactor::WebAuthn) | None => (),
                }
                AuthFlow::UserAuth
            }
            SignInFlow::UserPassword | SignInFlow::AdminUserPassword => {
                parameters.insert("PASSWORD", sign_in.password()?.expose());
                if flow == SignInFlow::UserPassword {
                    AuthFlow::UserPasswordAuth
                } else {
                    AuthFlow::AdminUserPasswordAuth
                }
            }
        };
        let context = sign_in.context.clone();
        let request = InitiateAuth::new(&sign_in.app, api, auth_flow, parameters, session, context)?;
        Ok((sign_in, Request::InitiateAuth(request)))
    }
}
