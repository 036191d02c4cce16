//! The state of a sign-in between two calls.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use rand::TryCryptoRng;

use super::user_names::Names;
use crate::client::UserSignIn;
use crate::device::{DeviceCredentials, DeviceSignIn};
use crate::error::{Error, Parameter};
use crate::idp::context::Context;
use crate::idp::credentials::{Credentials, Session};
use crate::idp::names::{Api, ChallengeName};
use crate::idp::parameter_map::ParameterMap;
use crate::idp::request::{Request, RespondToAuthChallenge, Target};
use crate::idp::service_error::{ServiceError, ServiceErrorName};
use crate::message::{AppClient, Password};

/// A sign-in that waits for the response to its last request.
///
/// Each step consumes it. What it holds of secrets is wiped when it is dropped.
#[derive(Debug)]
pub struct SignIn {
    pub(super) app: AppClient,
    pub(super) api: Api,
    pub(super) context: Context,
    pub(super) names: Names,
    pub(super) password: Option<Password>,
    pub(super) device: Option<DeviceCredentials>,
    /// Whether a `DEVICE_KEY` was sent, so that the service may answer that it does not know it.
    pub(super) has_device: bool,
    pub(super) session: Option<Session>,
    /// The challenge that the last request answers and its session, where the caller gave the answer.
    pub(super) answered: Option<Box<(Option<Session>, Asked)>>,
    pub(super) proof: Proof,
    /// Whether the password has been proved. It is proved once: each proof is a guess for who poses as the service.
    pub(super) proved: bool,
    /// Whether the flow may still send the password as it is. It may not once a proof has begun.
    pub(super) sends_password: bool,
    /// Challenges that may still be answered without the caller. An honest server needs three; a hostile one cannot keep a
    /// caller's loop busy for ever.
    pub(super) budget: u8,
}

/// The proof that is under way.
#[derive(Debug)]
pub(super) enum Proof {
    None,
    Password(Box<UserSignIn>),
    Device(Box<DeviceSignIn>),
}

/// A challenge that only the caller can answer, as the service asks it.
pub(super) struct Asked {
    pub(super) name: ChallengeName,
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) available: Vec<ChallengeName>,
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
    /// How many challenges are answered without the caller. An honest server needs four: `SELECT_CHALLENGE`, the proof of the
    /// password, the beginning and the proof of the device; as many again are spare.
    const BUDGET: u8 = 8;

    /// The state before the first request.
    pub(super) fn new(app: &AppClient, api: Api, credentials: Credentials, context: Context) -> Self {
        let Credentials { username, password, device } = credentials;
        Self {
            app: app.clone(),
            api,
            context,
            names: Names::typed(username),
            password,
            has_device: device.is_some(),
            device,
            session: None,
            answered: None,
            proof: Proof::None,
            proved: false,
            sends_password: false,
            budget: Self::BUDGET,
        }
    }

    /// The password for a challenge that sends it as it is. A sign-in that has begun a proof never does, whatever the service
    /// offers.
    pub(super) fn password_to_send(&self) -> Result<&Password, Error> {
        if self.sends_password { self.password() } else { Err(Error::NotInThisCall(Parameter::Password)) }
    }

    /// The password, which the flow needs.
    pub(super) fn password(&self) -> Result<&Password, Error> {
        self.password.as_ref().ok_or(Error::Missing(Parameter::Password))
    }

    /// Draws an `a` and adds `SRP_A`.
    pub(super) fn begin_proof<R: TryCryptoRng + ?Sized>(
        &mut self,
        to: &mut ParameterMap,
        rng: &mut R,
    ) -> Result<(), Error> {
        self.password()?;
        let device_key = self.device.as_ref().map(|device| device.device().key());
        let start = UserSignIn::builder(&self.app, &self.names.username).with_device_key(device_key);
        let (proof, parameters) = start.start_with_rng(rng)?;
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

    /// Keeps a challenge that the caller answers, in case the service refuses the answer.
    pub(super) fn remember(&mut self, asked: Asked) {
        let session = self.session.as_ref().map(Session::duplicate);
        self.answered = Some(Box::new((session, asked)));
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
