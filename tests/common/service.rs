//! A scripted service: one user pool on the server's half of this crate, and readers of requests and steps.
//!
//! In `tests/sign_in_stored.rs` every challenge is put down and taken up before its test has it.

use std::cell::RefCell;
use std::time::Duration;

use cognito_srp6a::idp::{
    Api, AuthResponse, AuthenticationResult, Challenge, ChallengeName, ConfirmDevice, Credentials, ParameterMap,
    Request, Session, SignIn, SignInError, SignInFlow, SignedIn, Step, StoredChallenge, TakeUpError,
};
use cognito_srp6a::server::{DeviceRecord, ServerKey, UserRecord};
use cognito_srp6a::{
    AppClient, DeviceCredentials, DeviceSrpResponses, DeviceVerifier, Error, ParameterSource as _, Password,
    PasswordClaim, SrpA,
};

pub use super::accounts::*;

pub fn session(number: usize) -> Session {
    Session::new(format!("a-session-of-twenty-characters-{number}")).unwrap()
}

thread_local! {
    /// The password of the device that a pool of this thread remembers.
    static REMEMBERED: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The challenge after its user has been waited for: put down and taken up in `tests/sign_in_stored.rs`, and the same
/// everywhere else. A challenge that is too long to be stored stays what it is.
pub fn waited(challenge: Challenge, app: &AppClient, password: Option<&str>) -> Challenge {
    if !module_path!().starts_with("sign_in_stored::") {
        return challenge;
    }
    let shown = format!("{challenge:?} {:?} {:?}", challenge.username(), challenge.parameters());
    let session = challenge.session().map(|session| session.expose().to_owned());
    let stored = match challenge.put_down() {
        Ok(stored) => StoredChallenge::new(stored.expose()).unwrap(),
        Err(error) => return error.into_challenge(),
    };
    let again = taken_up(&stored, app, password).unwrap();
    assert_eq!(format!("{again:?} {:?} {:?}", again.username(), again.parameters()), shown);
    assert_eq!(again.session().map(Session::expose), session.as_deref());
    // The text has one form, so nothing that it holds was lost.
    assert_eq!(again.put_down().unwrap().expose(), stored.expose());
    taken_up(&stored, app, password).unwrap()
}

/// Takes a challenge up, with the remembered device if it has one.
pub fn taken_up(stored: &StoredChallenge, app: &AppClient, password: Option<&str>) -> Result<Challenge, TakeUpError> {
    match stored.take_up(app).with_password(password.map(pass)).build() {
        Err(TakeUpError::Device) => {
            let remembered = REMEMBERED.with_borrow(Clone::clone).expect("a device is remembered");
            let device = DeviceCredentials::from_parts(device(), pass(remembered));
            stored.take_up(app).with_device(device).with_password(password.map(pass)).build()
        }
        other => other,
    }
}

pub fn credentials() -> Credentials {
    Credentials::new(user_name(ALIAS)).with_password(pass(PASSWORD))
}

/// A user pool: one user, and a device when one is registered.
pub struct Pool {
    pub key: ServerKey,
    pub user: UserRecord,
    pub device: Option<DeviceRecord>,
}

impl Pool {
    pub fn new() -> Self {
        let user = UserRecord::from_password(&pool(), &user_name(USER_ID), &pass(PASSWORD)).unwrap();
        Self { key: ServerKey::generate().unwrap(), user, device: None }
    }

    /// A pool that remembers a device, and what the device keeps.
    pub fn with_device() -> (Self, DeviceCredentials) {
        let (credentials, verifier) = DeviceCredentials::register(device()).unwrap();
        let request = ConfirmDevice::new(TOKEN, credentials.device().key(), &verifier, None).unwrap();
        let sent = DeviceVerifier::from_base64(request.password_verifier(), request.salt()).unwrap();
        let record = DeviceRecord::new(device(), sent);
        REMEMBERED.set(Some(credentials.expose_password().to_owned()));
        (Self { device: Some(record), ..Self::new() }, credentials)
    }

    /// Makes the challenge `PASSWORD_VERIFIER` for the `SRP_A` of a request.
    pub fn password_verifier(&self, request: &Request) -> AuthResponse {
        let srp_a: SrpA = parameter(request, "SRP_A").expect("SRP_A was sent").parse().unwrap();
        let pairs = self.key.challenge(&self.user, &srp_a, now()).unwrap().into_pairs();
        // The pool's USERNAME differs here from USER_ID_FOR_SRP, so that a confusion of the two shows.
        let rename = |(name, value)| if name == "USERNAME" { (name, USERNAME.to_owned()) } else { (name, value) };
        AuthResponse::challenge(ChallengeName::PasswordVerifier, pairs.into_iter().map(rename))
    }

    /// Makes the challenge `DEVICE_PASSWORD_VERIFIER`.
    pub fn device_verifier(&self, request: &Request) -> AuthResponse {
        let start = DeviceSrpResponses::from_parameters(map(request)).expect("a device has begun");
        let record = self.device.as_ref().expect("a device");
        let challenge = self.key.device_challenge(record, &start.with_username(user_name(USERNAME)), now()).unwrap();
        AuthResponse::challenge(ChallengeName::DevicePasswordVerifier, challenge.into_pairs())
    }

    pub fn check_password(&self, request: &Request) -> Result<(), Error> {
        let claim = PasswordClaim::from_parameters(map(request))?;
        self.key.verify(&self.user, &claim, now(), Duration::from_secs(300))
    }

    pub fn check_device(&self, request: &Request) -> Result<(), Error> {
        let claim = PasswordClaim::from_parameters(map(request))?;
        let record = self.device.as_ref().expect("a device");
        self.key.verify_device(record, &claim, now(), Duration::from_secs(300))
    }
}

/// `AuthParameters` or `ChallengeResponses`.
pub fn map(request: &Request) -> &ParameterMap {
    match request {
        Request::InitiateAuth(request) => request.auth_parameters(),
        Request::RespondToAuthChallenge(request) => request.challenge_responses(),
        other => panic!("no map in {other:?}"),
    }
}

pub fn parameter<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    map(request).parameter(name)
}

pub fn session_of(request: &Request) -> Option<&str> {
    match request {
        Request::InitiateAuth(request) => request.session(),
        Request::RespondToAuthChallenge(request) => request.session(),
        other => panic!("no session in {other:?}"),
    }
    .map(Session::expose)
}

/// Returns the name of the challenge that a request answers.
pub fn answers(request: &Request) -> &ChallengeName {
    match request {
        Request::RespondToAuthChallenge(request) => request.challenge_name(),
        other => panic!("no answer: {other:?}"),
    }
}

pub fn names(request: &Request) -> Vec<&str> {
    map(request).iter().map(|(name, _)| name).collect()
}

pub fn sent(step: Result<Step, SignInError>) -> (SignIn, Request) {
    match step {
        Ok(Step::Send(sign_in, request)) => (sign_in, request),
        other => panic!("nothing to send: {other:?}"),
    }
}

pub fn asked(step: Result<Step, SignInError>) -> Challenge {
    asked_by(step, &app(), Some(PASSWORD))
}

/// As [`asked`], with another app client or without a password.
pub fn asked_by(step: Result<Step, SignInError>, app: &AppClient, password: Option<&str>) -> Challenge {
    match step {
        Ok(Step::Challenge(challenge)) => waited(challenge, app, password),
        other => panic!("no challenge: {other:?}"),
    }
}

pub fn done(step: Result<Step, SignInError>) -> SignedIn {
    match step {
        Ok(Step::Done(signed_in)) => signed_in,
        other => panic!("not signed in: {other:?}"),
    }
}

pub fn failed(step: Result<Step, SignInError>) -> SignInError {
    match step {
        Err(error) => error,
        other => panic!("not refused: {other:?}"),
    }
}

pub fn tokens() -> AuthResponse {
    AuthResponse::tokens(AuthenticationResult::default().with_access_token(TOKEN).with_refresh_token(TOKEN))
}

pub fn challenge(name: ChallengeName, parameters: &[(&str, &str)]) -> AuthResponse {
    AuthResponse::challenge(name, parameters.iter().copied())
}

pub fn start(api: Api, flow: SignInFlow) -> (SignIn, Request) {
    SignIn::builder(&app(), api, flow, credentials()).start().unwrap()
}

/// Goes on with a response and the fixed time.
pub fn go(sign_in: SignIn, response: AuthResponse) -> Result<Step, SignInError> {
    sign_in.advance(Ok(response), now())
}

/// A sign-in after the proof of the password, in front of what the service asks next.
pub fn proved(pool: &Pool, credentials: Credentials) -> SignIn {
    let (sign_in, request) = SignIn::builder(&app(), Api::Public, SignInFlow::UserSrp, credentials).start().unwrap();
    let (sign_in, request) = sent(go(sign_in, pool.password_verifier(&request)));
    pool.check_password(&request).unwrap();
    sign_in
}

/// Answers a challenge somehow.
pub fn answer(challenge: Challenge, texts: &[(String, String)]) -> Result<(SignIn, Request), Error> {
    let text = texts.first().map_or("", |(_, value)| value);
    let pairs: Vec<(&str, &str)> = texts.iter().map(|(name, value)| (&**name, &**value)).collect();
    let _ = (challenge.name().to_string(), challenge.parameters().len(), format!("{challenge:?}"));
    match challenge {
        Challenge::NewPasswordRequired(challenge) => {
            let mut pairs = pairs;
            let required = challenge.required_attributes();
            pairs.extend(required.iter().map(|name| (name.as_str(), text)));
            challenge.answer(&Password::new("N3w-Passw0rd!").unwrap(), &pairs).map_err(Error::from)
        }
        Challenge::SmsMfa(challenge)
        | Challenge::EmailMfa(challenge)
        | Challenge::SoftwareTokenMfa(challenge)
        | Challenge::SmsOtp(challenge)
        | Challenge::EmailOtp(challenge) => challenge.answer("123456").map_err(Error::from),
        Challenge::Custom(challenge) => challenge.answer(text).map_err(Error::from),
        Challenge::WebAuthn(challenge) => challenge.answer(&format!("{{{text}}}")).map_err(Error::from),
        Challenge::SelectMfaType(challenge) | Challenge::SelectChallenge(challenge) => {
            let choice = challenge.choices().into_iter().next().unwrap_or_else(|| text.into());
            challenge.answer(&choice).map_err(Error::from)
        }
        Challenge::MfaSetup(challenge) => {
            let _ = (challenge.associate(), challenge.verify(text, None));
            Ok(challenge.answer(session(99)))
        }
        Challenge::Other(challenge) => challenge.answer(&pairs).map_err(Error::from),
        other => panic!("a kind of challenge that this test does not know: {other:?}"),
    }
}
