//! The state of a sign-in between two requests.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use rand::TryCryptoRng;

use super::sent::Sent;
use super::user_names::Names;
use crate::client::UserSignIn;
use crate::device::{DeviceCredentials, DeviceSignIn};
use crate::error::{Error, Parameter};
use crate::idp::context::Context;
use crate::idp::credentials::{Credentials, Session};
use crate::idp::extra_parameters::ExtraParameters;
use crate::idp::names::{Api, ChallengeName};
use crate::idp::parameter_map::ParameterMap;
use crate::idp::request::{Request, RespondToAuthChallenge, Target};
use crate::idp::service_error::{ServiceError, ServiceErrorName};
use crate::message::{AppClient, Password, Timestamp};

/// A sign-in that waits for the response to its last request.
///
/// [`builder`](Self::builder) and [`refresh`](Self::refresh) make one. [`advance`](Self::advance) takes the response
/// and returns the next [`Step`](super::Step). Each step consumes the state, whose secrets are wiped on drop.
///
/// ```
/// use cognito_srp6a::idp::{Api, Credentials, SignIn, SignInFlow, Step};
/// # use cognito_srp6a::idp::{AuthResponse, AuthenticationResult};
/// use cognito_srp6a::{AppClient, Password, Timestamp};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let response = AuthenticationResult::default().with_access_token("eyJhbGciOiJSUzI1NiJ9.e30.c2ln");
/// # let send = |_request| Ok(AuthResponse::tokens(response));
/// let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
/// let credentials = Credentials::new("alice".parse()?).with_password(Password::new("Passw0rd!")?);
/// let (sign_in, request) = SignIn::builder(&app, Api::Public, SignInFlow::UserSrp, credentials).start()?;
/// match sign_in.advance(send(request), Timestamp::now()?)? {
///     Step::Send(sign_in, request) => drop((sign_in, request)), // send the request and advance
///     Step::Challenge(challenge) => drop(challenge),            // answer it, send the answer and advance
///     Step::Retry(retry) => drop(retry),                        // wait, send the request again and advance
///     Step::Done(signed_in) => println!("{} is signed in", signed_in.username().as_str().escape_debug()),
/// }
/// # Ok(()) }
/// ```
#[allow(clippy::struct_excessive_bools, reason = "each answers a question of its own")]
#[derive(Debug)]
pub struct SignIn {
    pub(super) app: AppClient,
    pub(super) api: Api,
    pub(super) context: Context,
    /// Parameters of the caller for the next answer.
    pub(super) extra: ExtraParameters,
    pub(super) names: Names,
    pub(super) password: Option<Password>,
    pub(super) device: Option<DeviceCredentials>,
    /// Whether a request carried a `DEVICE_KEY`, so that the service may refuse it as unknown.
    pub(super) has_device: bool,
    pub(super) session: Option<Session>,
    /// The challenge that the last request answers, and its session, if the caller gave the answer.
    pub(super) answered: Option<Box<(Option<Session>, Asked)>>,
    /// The last request, until its response.
    pub(super) sent: Option<Box<Sent>>,
    pub(super) proof: Proof,
    /// Whether the password has been proved. An impostor service learns one password guess per proof, so there is at
    /// most one.
    pub(super) proved: bool,
    /// Whether the sign-in starts a proof when the service lets it choose. It does not if the caller preferred another
    /// factor.
    pub(super) prefers_proof: bool,
    /// Whether the flow may send the password. It may not once a proof has started.
    pub(super) sends_password: bool,
    /// How many challenges the sign-in still answers by itself. `None` if no challenge may come, as in a refresh.
    pub(super) budget: Option<u8>,
}

/// The proof that has started.
#[derive(Debug)]
pub(super) enum Proof {
    None,
    Password(Box<UserSignIn>),
    Device(Box<DeviceSignIn>),
}

/// A challenge for the caller, as the service sent it.
pub(crate) struct Asked {
    pub(super) name: ChallengeName,
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) available: Vec<ChallengeName>,
}

impl fmt::Debug for Asked {
    /// Omits the parameters: their values may be personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Asked {
    /// Returns whether the same session accepts another answer after this error.
    ///
    /// AWS's clients answer again with the same session after a wrong code and after a new password that the pool's
    /// policy refuses. Other challenges end with the refusal, or bring a new session.
    pub(super) fn may_be_answered_again_after(&self, error: &ServiceError) -> bool {
        match self.name {
            ChallengeName::NewPasswordRequired => matches!(
                error.name(),
                ServiceErrorName::InvalidPassword | ServiceErrorName::PasswordHistoryPolicyViolation
            ),
            ChallengeName::SmsMfa
            | ChallengeName::EmailMfa
            | ChallengeName::SoftwareTokenMfa
            | ChallengeName::SmsOtp
            | ChallengeName::EmailOtp => *error.name() == ServiceErrorName::CodeMismatch,
            _ => false,
        }
    }
}

impl SignIn {
    /// How many challenges a sign-in answers by itself. The limit ends the loop of a caller whom a hostile service
    /// keeps busy.
    ///
    /// An honest service needs four: `SELECT_CHALLENGE`, `PASSWORD_VERIFIER`, `DEVICE_SRP_AUTH`,
    /// `DEVICE_PASSWORD_VERIFIER`.
    pub(super) const BUDGET: u8 = 8;

    /// Makes the state before the first request.
    pub(super) fn new(app: &AppClient, api: Api, credentials: Credentials, context: Context) -> Self {
        let Credentials { username, password, device } = credentials;
        Self {
            app: app.clone(),
            api,
            context,
            extra: ExtraParameters::default(),
            names: Names::typed(username),
            password,
            has_device: device.is_some(),
            device,
            session: None,
            answered: None,
            sent: None,
            proof: Proof::None,
            proved: false,
            prefers_proof: true,
            sends_password: false,
            budget: Some(Self::BUDGET),
        }
    }

    /// Replaces the additional data of the requests that follow.
    ///
    /// ```
    /// use cognito_srp6a::idp::{Api, Context, Credentials, SignIn, SignInFlow};
    /// use cognito_srp6a::{AppClient, Password};
    ///
    /// # fn main() -> Result<(), cognito_srp6a::Error> {
    /// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
    /// # let credentials = Credentials::new("alice".parse()?).with_password(Password::new("Passw0rd!")?);
    /// // The trigger for pre authentication gets `campaign`, those of the proof get `step`.
    /// let (sign_in, request) = SignIn::builder(&app, Api::Public, SignInFlow::UserSrp, credentials)
    ///     .with_context(Context::default().with_client_metadata("campaign", "spring")?)
    ///     .start()?;
    /// let sign_in = sign_in.with_context(Context::default().with_client_metadata("step", "proof")?)?;
    /// # drop((sign_in, request));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`Error::NotInThisCall`]: the calls of the API do not take the data.
    /// - [`Error::TooLong`]: a text of the context is too long.
    pub fn with_context(self, context: Context) -> Result<Self, Error> {
        context.check(self.api)?;
        Ok(Self { context, ..self })
    }

    /// Adds parameters that the crate does not know to the next answer, and to that one alone.
    #[must_use]
    pub fn with_extra_parameters(self, extra: ExtraParameters) -> Self {
        Self { extra, ..self }
    }

    /// Returns the password for an answer that sends it. After the start of a proof it is never sent, whatever the
    /// service offers.
    pub(super) fn password_to_send(&self) -> Result<&Password, Error> {
        if self.sends_password { self.password() } else { Err(Error::NotInThisCall(Parameter::Password)) }
    }

    /// Returns the password, which must be there.
    pub(super) fn password(&self) -> Result<&Password, Error> {
        self.password.as_ref().ok_or(Error::Missing(Parameter::Password))
    }

    /// Starts the proof of the password and makes its first message: the common parameters and `SRP_A`.
    pub(super) fn begin_proof<R: TryCryptoRng + ?Sized>(&mut self, rng: &mut R) -> Result<ParameterMap, Error> {
        self.password()?;
        let device_key = self.device.as_ref().map(|device| device.device().key());
        let start = UserSignIn::builder(&self.app, &self.names.username).with_device_key(device_key);
        let (proof, parameters) = start.start_with_rng(rng)?;
        self.sends_password = false;
        self.proof = Proof::Password(Box::new(proof));
        Ok(ParameterMap::of_message(parameters.into_pairs()))
    }

    /// Makes the common parameters of all requests: `USERNAME`, `SECRET_HASH` over it if the client has a secret, and
    /// `DEVICE_KEY` if there is a device. The messages of a proof have them already.
    pub(super) fn common_parameters(&self) -> ParameterMap {
        let mut parameters = ParameterMap::default();
        parameters.insert("USERNAME", self.names.username.as_str());
        if let Some(hash) = self.app.secret_hash(&self.names.username) {
            parameters.insert("SECRET_HASH", hash.as_str());
        }
        if let Some(device) = &self.device {
            parameters.insert("DEVICE_KEY", device.device().key().as_str());
        }
        parameters
    }

    /// Keeps a challenge that the caller answers, in case the service refuses the answer.
    pub(super) fn remember(&mut self, asked: Asked) {
        let session = self.session.as_ref().map(Session::duplicate);
        self.answered = Some(Box::new((session, asked)));
    }

    /// Makes the answer to a challenge. `proved_at` is the time of the proof in it, if there is one.
    pub(super) fn respond(
        &mut self,
        name: ChallengeName,
        mut responses: ParameterMap,
        proved_at: Option<Timestamp>,
    ) -> Request {
        core::mem::take(&mut self.extra).add_to(&mut responses);
        let request = RespondToAuthChallenge {
            target: Target::new(&self.app, self.api),
            challenge_name: name,
            challenge_responses: responses,
            session: self.session.take(),
            context: self.context.clone(),
        };
        self.sent = Some(Box::new(Sent::answer(&request, proved_at)));
        Request::RespondToAuthChallenge(request)
    }

    /// Goes on with the app client's other secret after the service has refused a hash by the first, and returns the
    /// last request with the new hash. Returns `None` if there is no other secret.
    pub(super) fn change_secret(&mut self) -> Option<Request> {
        let app = self.app.other_secret()?;
        let mut sent = self.sent.take()?;
        if let Some(hash) = app.secret_hash(&self.names.username) {
            sent.set_secret_hash(hash.as_str());
        }
        match &mut self.proof {
            Proof::Password(proof) => proof.use_app(&app),
            Proof::Device(proof) => proof.use_app(&app),
            Proof::None => (),
        }
        self.app = app;
        let request = sent.again();
        self.sent = Some(sent);
        Some(request)
    }
}
