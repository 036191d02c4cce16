//! A sign-in as a state machine without IO.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use rand::TryCryptoRng;
#[cfg(feature = "getrandom")]
use rand::rngs::SysRng;

use super::challenge::Challenge;
use super::credentials::{Credentials, Password, RefreshToken, Session};
use super::names::{AuthFlow, ChallengeName};
use super::request::{Api, Context, InitiateAuth, ParameterMap, Request, RespondToAuthChallenge, Target};
use super::response::{AuthResponse, AuthenticationResult};
use super::service_error::{ServiceError, ServiceErrorName};
use crate::client::UserSignIn;
use crate::device::{DeviceCredentials, DeviceSignIn};
use crate::error::{Error, Parameter};
use crate::message::{
    AppClient, Device, DeviceChallenge, DeviceKey, Parameters as _, PasswordChallenge, Timestamp, check_maximum,
    check_user_id,
};

/// How a sign-in begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignInFlow {
    /// `USER_SRP_AUTH`: the password is proved, once, and never sent.
    UserSrp,
    /// `USER_AUTH`: choice-based. With a preferred first factor the service goes straight to it; without, it lists what the
    /// user may choose from, and the sign-in chooses `PASSWORD_SRP` by itself when that is there and a password was given.
    User(Option<FirstFactor>),
    /// `CUSTOM_AUTH`, the pool's own challenges from the start.
    Custom,
    /// `CUSTOM_AUTH` that begins with the proof of the password.
    CustomSrp,
    /// `USER_PASSWORD_AUTH`: the password is sent. Public calls only.
    UserPassword,
    /// `ADMIN_USER_PASSWORD_AUTH`: the password is sent. Admin calls only.
    AdminUserPassword,
}

/// `PREFERRED_CHALLENGE` of `USER_AUTH`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FirstFactor {
    /// `PASSWORD_SRP`: the password is proved. `SRP_A` goes along in the same call.
    PasswordSrp,
    /// `PASSWORD`: the password is sent, in the same call.
    Password,
    /// `EMAIL_OTP`.
    EmailOtp,
    /// `SMS_OTP`.
    SmsOtp,
    /// `WEB_AUTHN`.
    WebAuthn,
}

/// How tokens are refreshed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefreshFlow {
    /// `REFRESH_TOKEN_AUTH`.
    RefreshTokenAuth,
    /// `REFRESH_TOKEN`, the other name of the same.
    RefreshToken,
}

impl FirstFactor {
    const fn challenge_name(self) -> ChallengeName {
        match self {
            Self::PasswordSrp => ChallengeName::PasswordSrp,
            Self::Password => ChallengeName::Password,
            Self::EmailOtp => ChallengeName::EmailOtp,
            Self::SmsOtp => ChallengeName::SmsOtp,
            Self::WebAuthn => ChallengeName::WebAuthn,
        }
    }
}

/// A sign-in that waits for the response to its last request.
///
/// Each step consumes it. What it holds of secrets is wiped when it is dropped.
#[derive(Debug)]
pub struct SignIn {
    app: AppClient,
    api: Api,
    context: Context,
    names: Names,
    password: Option<Password>,
    device: Option<DeviceCredentials>,
    /// Whether a `DEVICE_KEY` was sent, so that the service may answer that it does not know it.
    has_device: bool,
    session: Option<Session>,
    /// The challenge that the last request answers, where the caller gave the answer.
    asked: Option<Box<Asked>>,
    proof: Proof,
    /// Whether the password has been proved. It is proved once: each proof is a guess for who poses as the service.
    proved: bool,
    /// Whether the flow may still send the password as it is. It may not once a proof has begun.
    sends_password: bool,
    /// Challenges that may still be answered without the caller. An honest server needs three; a hostile one cannot keep a
    /// caller's loop busy for ever.
    budget: u8,
}

/// The names of the user. Each is learned once: every request has a `SECRET_HASH` over the name in it, and a service that could
/// choose many names would collect the hashes of many users.
#[derive(Debug)]
struct Names {
    /// The name to answer with: what the user typed, until a challenge gives the service's own.
    username: String,
    learned: bool,
    /// `USER_ID_FOR_SRP`, which stands for `USERNAME` in a challenge without it.
    user_id: Option<String>,
}

impl Names {
    const fn typed(username: String) -> Self {
        Self { username, learned: false, user_id: None }
    }

    /// Learns the names of a challenge, or checks them against those known.
    fn learn(&mut self, parameters: &BTreeMap<String, String>) -> Result<(), SignInError> {
        let read = |parameter: Parameter| {
            let name = parameters.parameter(parameter.name());
            name.map(|name| check_user_id(name, parameter).map(|()| name)).transpose()
        };
        let (username, user_id) = (read(Parameter::Username)?, read(Parameter::UserIdForSrp)?);
        let Some(name) = username.or(user_id) else { return Ok(()) };
        if !self.learned {
            self.username = name.into();
            self.learned = true;
        }
        let known_id = self.user_id.as_deref();
        let is_known = name == self.username || (username.is_none() && known_id == Some(name));
        let is_same_id = user_id.is_none() || known_id.is_none() || known_id == user_id;
        if !(is_known && is_same_id) {
            return Err(SignInError::UsernameChanged);
        }
        if known_id.is_none() {
            self.user_id = user_id.map(Into::into);
        }
        Ok(())
    }
}

/// The proof that is under way.
#[derive(Debug)]
enum Proof {
    None,
    Password(Box<UserSignIn>),
    Device(Box<DeviceSignIn>),
}

/// A challenge that the caller has answered.
struct Asked {
    session: Option<Session>,
    name: ChallengeName,
    parameters: BTreeMap<String, String>,
    available: Vec<ChallengeName>,
}

impl fmt::Debug for Asked {
    /// Without the parameters, whose values may be personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Asked {
    /// Whether the service has only refused the answer, so that the session waits for another one. For a code and for a new
    /// password the clients of AWS go on with the session that they have; the other kinds end or bring a session of their own.
    fn may_be_answered_again_after(&self, error: &ServiceError) -> bool {
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

/// What to do next.
#[derive(Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "a step is taken apart where it is made; boxes would be the caller's burden"
)]
pub enum Step {
    /// Send this and come back with the response.
    Send(SignIn, Request),
    /// Only the caller can answer this.
    Challenge(Challenge),
    /// The service has refused the caller's answer and waits for another: a mistyped code (`CodeMismatchException`), or a new
    /// password that the pool's policy does not allow. This is the challenge again, in the same session, and why.
    Again(Challenge, ServiceError),
    /// The user is signed in.
    Done(SignedIn),
}

/// A sign-in that has ended with tokens.
#[derive(Debug)]
pub struct SignedIn {
    username: String,
    result: AuthenticationResult,
    device: Option<DeviceCredentials>,
}

impl SignedIn {
    /// The canonical user name, as far as the service has said it; for refreshes. When tokens come at once, as after
    /// `USER_PASSWORD_AUTH`, that is the name which was sent: after a sign-in by alias, take `username` out of the access
    /// token. Nothing but TLS vouches for it here: who the user is stands in the ID token.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The tokens.
    #[must_use]
    pub const fn result(&self) -> &AuthenticationResult {
        &self.result
    }

    /// The device that the service offers to remember, when it does. Register it with
    /// [`DeviceCredentials::register`](crate::DeviceCredentials::register) and [`ConfirmDevice`](super::ConfirmDevice).
    ///
    /// # Errors
    ///
    /// As for [`DeviceKey`]'s parser and [`Device::new`].
    pub fn new_device(&self) -> Result<Option<Device>, Error> {
        let Some(metadata) = self.result.new_device_metadata() else { return Ok(None) };
        let key = metadata.device_key.as_deref().ok_or(Error::Missing(Parameter::DeviceKey))?;
        let group_key = metadata.device_group_key.as_deref().ok_or(Error::Missing(Parameter::DeviceGroupKey))?;
        Device::new(key.parse()?, group_key).map(Some)
    }

    /// Gives the tokens, and the device that the sign-in was made with.
    #[must_use]
    pub fn into_parts(self) -> (AuthenticationResult, Option<DeviceCredentials>) {
        (self.result, self.device)
    }
}

/// Why a sign-in has ended without tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignInError {
    /// Something that was to be sent, or that the service sent, breaks a rule.
    Input(Error),
    /// The service has refused.
    Service(ServiceError),
    /// The service no longer knows the device. Forget it and sign in without it.
    UnknownDevice,
    /// A challenge came that does not follow from what was sent: a proof without its beginning, a device challenge without
    /// a device, or one more than any honest server asks for.
    UnexpectedChallenge(ChallengeName),
    /// A challenge names another user than a challenge before it. Each answer has a `SECRET_HASH` over the name in it, so this
    /// is how an impostor service collects them.
    UsernameChanged,
    /// The response has neither tokens nor a challenge.
    EmptyResponse,
}

impl From<Error> for SignInError {
    fn from(error: Error) -> Self {
        Self::Input(error)
    }
}

impl fmt::Display for SignInError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(error) => error.fmt(f),
            Self::Service(error) => error.fmt(f),
            Self::UnknownDevice => f.write_str("the service does not know the device"),
            Self::UnexpectedChallenge(name) => write!(f, "the challenge {name} was not to be expected"),
            Self::UsernameChanged => f.write_str("the service changed the user name within a sign-in"),
            Self::EmptyResponse => f.write_str("the response has neither tokens nor a challenge"),
        }
    }
}

impl core::error::Error for SignInError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Input(error) => Some(error),
            Self::Service(error) => Some(error),
            Self::UnknownDevice | Self::UnexpectedChallenge(_) | Self::UsernameChanged | Self::EmptyResponse => None,
        }
    }
}

impl SignIn {
    /// How many challenges are answered without the caller. An honest server needs four: `SELECT_CHALLENGE`, the proof of the
    /// password, the beginning and the proof of the device; as many again are spare.
    const BUDGET: u8 = 8;

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

    /// Starts a refresh: new tokens for a refresh token.
    ///
    /// `username` is the canonical name ([`SignedIn::username`]), over which the service wants the `SECRET_HASH`.
    /// `device_key` is the key of the device that the token was made with; a refresh without it fails when there was one.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] or [`Error::TooLong`] for the name; [`Error::TooLong`] or [`Error::NotInThisCall`] for the context.
    pub fn refresh(
        app: &AppClient,
        api: Api,
        flow: RefreshFlow,
        token: &RefreshToken,
        username: &str,
        device_key: Option<&DeviceKey>,
        context: Context,
    ) -> Result<(Self, Request), Error> {
        check_user_id(username, Parameter::Username)?;
        let auth_flow = match flow {
            RefreshFlow::RefreshTokenAuth => AuthFlow::RefreshTokenAuth,
            RefreshFlow::RefreshToken => AuthFlow::RefreshToken,
        };
        let request = InitiateAuth::refresh(app, api, auth_flow, token, username, device_key, context.clone())?;
        let sign_in = Self {
            app: app.clone(),
            api,
            context,
            names: Names::typed(username.into()),
            password: None,
            device: None,
            has_device: device_key.is_some(),
            session: None,
            asked: None,
            proof: Proof::None,
            proved: false,
            sends_password: false,
            budget: 0,
        };
        Ok((sign_in, Request::InitiateAuth(request)))
    }

    /// Takes the response to the last request and says what to do next. `now` is the time of the answer, if one is due.
    ///
    /// # Errors
    ///
    /// [`SignInError`]; the sign-in is over.
    #[cfg(feature = "getrandom")]
    pub fn advance(self, response: Result<AuthResponse, ServiceError>, now: Timestamp) -> Result<Step, SignInError> {
        self.advance_with_rng(response, now, &mut SysRng)
    }

    /// Does what [`advance`](Self::advance) does with randomness from `rng`: 40 bytes whenever `SRP_A` is sent.
    ///
    /// # Errors
    ///
    /// As for [`advance`](Self::advance).
    pub fn advance_with_rng<R: TryCryptoRng + ?Sized>(
        mut self,
        response: Result<AuthResponse, ServiceError>,
        now: Timestamp,
        rng: &mut R,
    ) -> Result<Step, SignInError> {
        let asked = self.asked.take();
        let mut response = match (response, asked) {
            (Ok(response), _) => response,
            (Err(error), Some(asked)) if asked.may_be_answered_again_after(&error) => {
                let Asked { session, name, parameters, available } = *asked;
                self.session = session;
                return Ok(Step::Again(Challenge::new(self, &name, parameters, available), error));
            }
            (Err(error), _) if self.has_device && error.is_unknown_device() => return Err(SignInError::UnknownDevice),
            (Err(error), _) => return Err(SignInError::Service(error)),
        };
        // A result without an access token is none: a server that is not Cognito may send an empty one beside a challenge.
        let has_token = |result: &AuthenticationResult| result.access_token().is_some_and(|token| !token.is_empty());
        if let Some(result) = response.authentication_result.take().filter(has_token) {
            return Ok(Step::Done(SignedIn { username: self.names.username, result, device: self.device }));
        }
        self.session = response.session.take();
        let Some(name) = response.challenge_name.take() else { return Err(SignInError::EmptyResponse) };
        for name in core::iter::once(&name).chain(&response.available_challenges) {
            check_maximum(name.as_str(), ChallengeName::MAX_CHARS, Parameter::ChallengeName)?;
        }
        self.names.learn(&response.challenge_parameters)?;
        if let Some(responses) = self.own_responses(&name, &response, now, rng)? {
            self.budget = self.budget.checked_sub(1).ok_or_else(|| SignInError::UnexpectedChallenge(name.clone()))?;
            let request = self.respond(name, responses);
            return Ok(Step::Send(self, request));
        }
        let AuthResponse { challenge_parameters, available_challenges, .. } = response;
        Ok(Step::Challenge(Challenge::new(self, &name, challenge_parameters, available_challenges)))
    }

    /// Answers a challenge that needs nothing of the caller, or returns `None` for the others.
    fn own_responses<R: TryCryptoRng + ?Sized>(
        &mut self,
        name: &ChallengeName,
        response: &AuthResponse,
        now: Timestamp,
        rng: &mut R,
    ) -> Result<Option<ParameterMap>, SignInError> {
        let unexpected = || SignInError::UnexpectedChallenge(name.clone());
        let mut responses = self.common_parameters();
        match name {
            ChallengeName::PasswordVerifier => {
                let Proof::Password(proof) = core::mem::replace(&mut self.proof, Proof::None) else {
                    return Err(unexpected());
                };
                if core::mem::replace(&mut self.proved, true) {
                    return Err(unexpected());
                }
                let mut challenge = PasswordChallenge::from_parameters(&response.challenge_parameters)?;
                challenge.username.clone_from(&self.names.username);
                responses.extend(proof.answer(challenge, self.password()?.expose(), now)?.into_pairs());
            }
            ChallengeName::PasswordSrp if self.password.is_some() => self.begin_proof(&mut responses, rng)?,
            ChallengeName::SelectChallenge if self.can_select_srp(response) => {
                self.begin_proof(&mut responses, rng)?;
                responses.insert("ANSWER", ChallengeName::PasswordSrp.as_str());
            }
            ChallengeName::DeviceSrpAuth => {
                let device = self.device.as_ref().ok_or_else(unexpected)?;
                let (proof, parameters) = DeviceSignIn::start_with_rng(&self.app, &self.names.username, device, rng)?;
                self.proof = Proof::Device(Box::new(proof));
                responses.extend(parameters.into_pairs());
            }
            ChallengeName::DevicePasswordVerifier => {
                let proof = core::mem::replace(&mut self.proof, Proof::None);
                let (Proof::Device(proof), Some(device)) = (proof, &self.device) else {
                    return Err(unexpected());
                };
                let challenge = self.device_challenge(response)?;
                responses.extend(proof.answer(device, challenge, now)?.into_pairs());
            }
            _ => return Ok(None),
        }
        Ok(Some(responses))
    }

    /// Reads a device's challenge. Where it names no user, the name is the one known so far.
    fn device_challenge(&self, response: &AuthResponse) -> Result<DeviceChallenge, Error> {
        DeviceChallenge::from_parameters_or(&response.challenge_parameters, &self.names.username)
    }

    /// Whether to choose the proof of the password. An empty list says nothing.
    fn can_select_srp(&self, response: &AuthResponse) -> bool {
        let available = response.available_challenges();
        self.password.is_some() && (available.is_empty() || available.contains(&ChallengeName::PasswordSrp))
    }

    /// The password for a challenge that sends it as it is. A sign-in that has begun a proof never does, whatever the service
    /// offers.
    pub(super) fn password_to_send(&self) -> Result<&Password, Error> {
        if self.sends_password { self.password() } else { Err(Error::NotInThisCall(Parameter::Password)) }
    }

    /// The password, which the flow needs.
    fn password(&self) -> Result<&Password, Error> {
        self.password.as_ref().ok_or(Error::Missing(Parameter::Password))
    }

    /// Draws an `a` and adds `SRP_A`.
    fn begin_proof<R: TryCryptoRng + ?Sized>(&mut self, to: &mut ParameterMap, rng: &mut R) -> Result<(), Error> {
        self.password()?;
        let (proof, parameters) = UserSignIn::start_with_rng(&self.app, &self.names.username, rng)?;
        self.sends_password = false;
        self.proof = Proof::Password(Box::new(proof));
        to.extend(parameters.into_pairs());
        Ok(())
    }

    /// What every request to a user has: `USERNAME`, `SECRET_HASH` over that name, `DEVICE_KEY`.
    pub(super) fn common_parameters(&self) -> ParameterMap {
        let mut parameters = ParameterMap::default();
        parameters.insert("USERNAME", self.names.username.as_str());
        if let Some(hash) = self.app.secret_hash(&self.names.username) {
            parameters.insert("SECRET_HASH", hash);
        }
        if let Some(device) = &self.device {
            parameters.insert("DEVICE_KEY", device.device().key().as_str());
        }
        parameters
    }

    /// Keeps a challenge that the caller answers, in case that the answer is refused.
    pub(super) fn remember(
        &mut self,
        name: ChallengeName,
        parameters: BTreeMap<String, String>,
        available: Vec<ChallengeName>,
    ) {
        let session = self.session.as_ref().map(Session::duplicate);
        self.asked = Some(Box::new(Asked { session, name, parameters, available }));
    }

    /// Makes the answer to a challenge.
    pub(super) fn respond(&mut self, name: ChallengeName, responses: ParameterMap) -> Request {
        Request::RespondToAuthChallenge(RespondToAuthChallenge {
            target: Target::new(&self.app, self.api),
            challenge_name: name,
            challenge_responses: responses,
            session: self.session.take(),
            context: self.context.clone(),
        })
    }

    /// Replaces the session, where another call has brought a newer one.
    pub(super) fn set_session(&mut self, session: Session) {
        self.session = Some(session);
    }

    /// The session, for calls that the caller makes between.
    pub(super) const fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }
}
