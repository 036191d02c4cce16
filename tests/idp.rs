//! Requests and responses of `idp` on the wire: golden files, the service's model, HTTP, and what must not be sent.
//!
//! `vectors/api/` has one file for every request of the table "parameters of each call", made from numbers of other vector
//! files. `UPDATE_GOLDEN=1 cargo test --test idp` writes the files anew; without the variable they are only read.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cognito_srp6a::idp::{
    Api, AuthFlow, AuthResponse, AuthenticationResult, BodyError, Challenge, ChallengeName, ConfirmDevice,
    ConfirmDeviceResponse, Context, ContextData, Credentials, FirstFactor, NewDeviceMetadata, Operation, ParameterMap,
    RefreshToken, Request, ResponseError, ServiceError, ServiceErrorName, Session, SignIn, SignInFlow, Step,
    UserContextData,
};
use cognito_srp6a::{
    AppClient, ClientSecret, Device, DeviceCredentials, DeviceKey, Error, Parameter, ParameterSource as _, Password,
    PoolId, Timestamp, Username,
};
use common::{pass, user_name};
use hmac::{Hmac, KeyInit as _, Mac as _};
use proptest::prelude::*;
use rand::{TryCryptoRng, TryRng};
use serde_json::{Value, json};
use sha2::Sha256;

// ---- what the requests are made of

/// What the user types: not the name that the pool answers with.
const ALIAS: &str = "alice@example.com";
const SESSION: &str = "a-session-of-more-than-twenty-characters";
/// The session that `VerifySoftwareToken` gives.
const NEXT_SESSION: &str = "the-session-that-VerifySoftwareToken-gave";
const TOKEN: &str = "eyJjdHkiOiJKV1QifQ.e30.c2lnbmF0dXJl-_=";

/// A random source that plays given bytes and fails when they are used up.
struct Scripted(Vec<u8>);

impl TryRng for Scripted {
    type Error = std::fmt::Error;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Err(std::fmt::Error)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Err(std::fmt::Error)
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
        if self.0.len() < out.len() {
            return Err(std::fmt::Error);
        }
        out.copy_from_slice(&self.0[..out.len()]);
        self.0.drain(..out.len());
        Ok(())
    }
}

impl TryCryptoRng for Scripted {}

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

fn read_json(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// One case of a vector file.
struct Case(Value);

impl Case {
    fn load(file: &str, id: u64) -> Self {
        let document = read_json(&vectors().join(file));
        let cases = document["cases"].as_array().expect("cases");
        Self(cases.iter().find(|case| case["tcId"] == id).expect("the case").clone())
    }

    /// A sign-in whose `a` fits into 40 bytes, with a client secret.
    fn user() -> Self {
        Self::load("user_auth.json", 6)
    }

    /// A device's claim whose `a` fits into 40 bytes.
    fn device() -> Self {
        Self::load("device_auth.json", 1)
    }

    /// A device's verifier; its salt begins with a zero byte and a set bit.
    fn verifier() -> Self {
        Self::load("device_auth.json", 15)
    }

    fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_else(|| panic!("{name}"))
    }

    fn expected(&self, name: &str) -> &str {
        self.0["expected"][name].as_str().unwrap_or_else(|| panic!("{name}"))
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_unix_seconds(self.0["unix_seconds"].as_i64().expect("a number")).expect("a time")
    }

    /// Random bytes that are read as the case's `a`.
    fn script(&self) -> Scripted {
        Scripted(unhex(&format!("{:0>80}", self.text("a"))))
    }

    /// The parameters of the case's challenge.
    fn challenge(&self) -> Vec<(&'static str, String)> {
        [("SALT", "salt"), ("SRP_B", "srp_b"), ("SECRET_BLOCK", "secret_block")]
            .map(|(name, field)| (name, self.text(field).to_owned()))
            .to_vec()
    }

    fn device_of(&self) -> Device {
        Device::new(self.text("device_key").parse().expect("a key"), self.text("device_group_key")).expect("a device")
    }
}

fn unhex(digits: &str) -> Vec<u8> {
    (0..digits.len()).step_by(2).map(|i| u8::from_str_radix(&digits[i..i + 2], 16).expect("hex")).collect()
}

/// The app client of the user's case, which has a secret.
fn app() -> AppClient {
    plain_app().with_secret(ClientSecret::new(Case::user().text("client_secret")).unwrap())
}

fn plain_app() -> AppClient {
    let case = Case::user();
    AppClient::new(case.text("pool_id").parse().unwrap(), case.text("client_id")).unwrap()
}

/// `SECRET_HASH`, computed without the crate.
fn secret_hash(username: &str) -> String {
    let case = Case::user();
    let mut mac = Hmac::<Sha256>::new_from_slice(case.text("client_secret").as_bytes()).unwrap();
    mac.update(username.as_bytes());
    mac.update(case.text("client_id").as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

fn session() -> Session {
    Session::new(SESSION).unwrap()
}

fn password() -> Password {
    Password::new(Case::user().text("password")).unwrap()
}

fn user_credentials() -> Credentials {
    Credentials::new(user_name(ALIAS)).with_password(password())
}

fn device_credentials() -> DeviceCredentials {
    let case = Case::device();
    DeviceCredentials::from_parts(case.device_of(), pass(case.text("device_password")))
}

/// Everything that goes along with a request of one family.
fn full_context(api: Api) -> Context {
    let context = Context::default()
        .with_client_metadata("campaign", "Sommer \u{2600}")
        .and_then(|context| context.with_analytics_endpoint_id("endpoint-1"))
        .unwrap();
    match api {
        Api::Public => context.with_user_context_data(UserContextData {
            ip_address: Some("192.0.2.1".into()),
            encoded_data: Some("fingerprint".into()),
        }),
        Api::Admin => context.with_context_data(ContextData {
            ip_address: "192.0.2.1".into(),
            server_name: "login.example.com".into(),
            server_path: "/sign-in".into(),
            http_headers: vec![
                ("User-Agent".into(), "agent \"quoted\" \u{e9}".into()),
                ("Accept-Language".into(), "de".into()),
            ],
            encoded_data: Some("fingerprint".into()),
        }),
    }
}

/// Starts with the alias, the password, a secret and a remembered device: the fullest form of a call.
fn start(api: Api, flow: SignInFlow, session: Option<Session>, context: Context) -> (SignIn, Request) {
    let credentials = user_credentials().with_device(device_credentials());
    SignIn::builder(&app(), api, flow, credentials)
        .with_session(session)
        .with_context(context)
        .start_with_rng(&mut Case::user().script())
        .unwrap()
}

/// The sign-in after `USER_SRP_AUTH`.
fn started(api: Api) -> SignIn {
    start(api, SignInFlow::UserSrp, None, Context::default()).0
}

fn challenge(name: ChallengeName, parameters: &[(&str, &str)]) -> AuthResponse {
    AuthResponse::challenge(name, parameters.iter().copied()).with_session(session())
}

/// `PASSWORD_VERIFIER` as the pool of the user's case asks it, with both names.
fn password_verifier() -> AuthResponse {
    let case = Case::user();
    let mut parameters = case.challenge();
    parameters.push(("USER_ID_FOR_SRP", case.text("user_id_for_srp").into()));
    parameters.push(("USERNAME", case.text("user_id_for_srp").into()));
    AuthResponse::challenge(ChallengeName::PasswordVerifier, parameters).with_session(session())
}

fn sent(step: Step) -> (SignIn, Request) {
    match step {
        Step::Send(sign_in, request) => (sign_in, request),
        other => panic!("nothing to send: {other:?}"),
    }
}

fn asked(step: Step) -> Challenge {
    match step {
        Step::Challenge(challenge) => challenge,
        other => panic!("no challenge: {other:?}"),
    }
}

/// The sign-in after the proof of the password, which has taught it the canonical name.
fn proved(api: Api) -> (SignIn, Request) {
    sent(started(api).advance_with_rng(Ok(password_verifier()), Case::user().now(), &mut Scripted(vec![])).unwrap())
}

/// A challenge for the caller after the proof of the password.
fn ask(api: Api, name: ChallengeName, parameters: &[(&str, &str)]) -> Challenge {
    asked(proved(api).0.advance(Ok(challenge(name, parameters)), Case::user().now()).unwrap())
}

// ---- golden files

struct Golden {
    name: String,
    comment: &'static str,
    request: Request,
}

impl Golden {
    fn new(suffix: &str, comment: &'static str, request: Request) -> Self {
        Self { name: format!("{}.{suffix}", request.operation().name()), comment, request }
    }

    fn path(&self) -> PathBuf {
        vectors().join("api").join(format!("{}.json", self.name))
    }

    fn body(&self) -> Value {
        serde_json::from_slice(&self.request.to_json()).expect("a body is JSON")
    }

    fn document(&self) -> Value {
        json!({ "comment": self.comment, "operation": self.request.operation().name(), "body": self.body() })
    }
}

/// Writes JSON for reading, in ASCII.
fn ascii(value: &Value) -> String {
    let text = serde_json::to_string_pretty(value).expect("JSON can be written");
    text.encode_utf16()
        .map(|unit| match u8::try_from(unit).ok().filter(u8::is_ascii) {
            Some(byte) => char::from(byte).to_string(),
            None => format!("\\u{unit:04x}"),
        })
        .collect()
}

/// Every request of the table, in both families where both have it.
fn goldens() -> Vec<Golden> {
    let mut all = Vec::new();
    for api in [Api::Public, Api::Admin] {
        all.extend(starts(api));
        all.extend(refreshes(api));
        all.extend(proofs(api));
        all.extend(answers(api));
    }
    all.extend(device_confirmations());
    all
}

fn starts(api: Api) -> Vec<Golden> {
    let with = |suffix, comment, flow| Golden::new(suffix, comment, start(api, flow, None, Context::default()).1);
    let plain = Credentials::new(user_name(ALIAS)).with_password(password());
    let (_, plain) = SignIn::builder(&plain_app(), api, SignInFlow::UserSrp, plain)
        .start_with_rng(&mut Case::user().script())
        .unwrap();
    let by_password = match api {
        Api::Public => with("USER_PASSWORD_AUTH", "the password is sent", SignInFlow::UserPassword),
        Api::Admin => with("ADMIN_USER_PASSWORD_AUTH", "the password is sent", SignInFlow::AdminUserPassword),
    };
    let prefer = |factor| SignInFlow::User(Some(factor));
    vec![
        with("USER_SRP_AUTH", "the proof of the password, with an alias, a secret and a device", SignInFlow::UserSrp),
        Golden::new("USER_SRP_AUTH-plain", "neither secret nor device", plain),
        Golden::new(
            "USER_SRP_AUTH-context",
            "all that may go along",
            start(api, SignInFlow::UserSrp, None, full_context(api)).1,
        ),
        by_password,
        with("USER_AUTH", "choice-based, no preference", SignInFlow::User(None)),
        Golden::new(
            "USER_AUTH-session",
            "choice-based, with the session of ConfirmSignUp",
            start(api, SignInFlow::User(None), Some(session()), Context::default()).1,
        ),
        with("USER_AUTH-PASSWORD_SRP", "SRP_A goes along in the same call", prefer(FirstFactor::PasswordSrp)),
        with("USER_AUTH-PASSWORD", "PASSWORD goes along in the same call", prefer(FirstFactor::Password)),
        with("USER_AUTH-EMAIL_OTP", "choice-based, preferring a code by e-mail", prefer(FirstFactor::EmailOtp)),
        with("USER_AUTH-SMS_OTP", "choice-based, preferring a code by text message", prefer(FirstFactor::SmsOtp)),
        with("USER_AUTH-WEB_AUTHN", "choice-based, preferring a passkey", prefer(FirstFactor::WebAuthn)),
        with("CUSTOM_AUTH", "the pool's own challenges from the start", SignInFlow::Custom),
        with("CUSTOM_AUTH-SRP_A", "the pool's own challenges after the proof of the password", SignInFlow::CustomSrp),
    ]
}

fn refreshes(api: Api) -> Vec<Golden> {
    let (token, name) = (RefreshToken::new(TOKEN).unwrap(), user_name(Case::user().text("user_id_for_srp")));
    let key = Case::device().device_of().key().clone();
    let refresh = |app: &AppClient, key: Option<&DeviceKey>| {
        SignIn::refresh(app, api, &token, &name).with_device_key(key).start().unwrap().1
    };
    // The crate does not send this name of the flow, and a server reads it.
    let sent = refresh(&app(), Some(&key));
    let body = String::from_utf8(sent.to_json().to_vec()).unwrap().replace("REFRESH_TOKEN_AUTH", "REFRESH_TOKEN");
    let other_name = Request::from_json(sent.operation(), body.as_bytes()).unwrap();
    vec![
        Golden::new("REFRESH_TOKEN_AUTH", "SECRET_HASH is over the canonical name, which is not sent", sent),
        Golden::new("REFRESH_TOKEN_AUTH-plain", "neither secret nor device", refresh(&plain_app(), None)),
        Golden::new("REFRESH_TOKEN", "the other name of the flow", other_name),
    ]
}

/// The challenges that a sign-in answers by itself.
fn proofs(api: Api) -> Vec<Golden> {
    let (user, device) = (Case::user(), Case::device());
    let chosen = |response| {
        let (sign_in, _) = start(api, SignInFlow::User(None), None, Context::default());
        sent(sign_in.advance_with_rng(Ok(response), user.now(), &mut user.script()).unwrap()).1
    };
    let select = challenge(ChallengeName::SelectChallenge, &[("USERNAME", user.text("user_id_for_srp"))])
        .with_available_challenges([ChallengeName::EmailOtp, ChallengeName::PasswordSrp]);
    let password_srp = challenge(ChallengeName::PasswordSrp, &[("USERNAME", user.text("user_id_for_srp"))]);

    let (sign_in, _) = SignIn::builder(&plain_app(), api, SignInFlow::UserSrp, user_credentials())
        .start_with_rng(&mut user.script())
        .unwrap();
    let mut unnamed = user.challenge();
    unnamed.push(("USER_ID_FOR_SRP", user.text("user_id_for_srp").into()));
    let unnamed = AuthResponse::challenge(ChallengeName::PasswordVerifier, unnamed);
    let (_, plain) = sent(sign_in.advance(Ok(unnamed), user.now()).unwrap());

    let (sign_in, verifier) = proved(api);
    let begin = challenge(ChallengeName::DeviceSrpAuth, &[]);
    let (sign_in, device_srp) = sent(sign_in.advance_with_rng(Ok(begin), user.now(), &mut device.script()).unwrap());
    let proof = AuthResponse::challenge(ChallengeName::DevicePasswordVerifier, device.challenge());
    let (_, device_verifier) = sent(sign_in.advance(Ok(proof.with_session(session())), device.now()).unwrap());
    vec![
        Golden::new("SELECT_CHALLENGE-PASSWORD_SRP", "the choice, and SRP_A in the same call", chosen(select)),
        Golden::new("PASSWORD_SRP", "SRP_A after the service has chosen", chosen(password_srp)),
        Golden::new("PASSWORD_VERIFIER", "names of the challenge, not the alias that was typed", verifier),
        Golden::new("PASSWORD_VERIFIER-plain", "neither secret, device, session nor USERNAME in the challenge", plain),
        Golden::new("DEVICE_SRP_AUTH", "the beginning of the device's proof", device_srp),
        Golden::new("DEVICE_PASSWORD_VERIFIER", "the device's proof, with the user's name beside it", device_verifier),
    ]
}

/// The challenges that the caller answers.
fn answers(api: Api) -> Vec<Golden> {
    let one = |name: ChallengeName, text: &str| match ask(api, name, &[]) {
        Challenge::SmsMfa(challenge)
        | Challenge::EmailMfa(challenge)
        | Challenge::SoftwareTokenMfa(challenge)
        | Challenge::SmsOtp(challenge)
        | Challenge::EmailOtp(challenge)
        | Challenge::Custom(challenge)
        | Challenge::WebAuthn(challenge) => challenge.answer(text).unwrap().1,
        other => panic!("{other:?}"),
    };
    let Challenge::NewPasswordRequired(new_password) = ask(
        api,
        ChallengeName::NewPasswordRequired,
        &[("requiredAttributes", r#"["userAttributes.given_name"]"#), ("userAttributes", "{}")],
    ) else {
        panic!("NEW_PASSWORD_REQUIRED has its type")
    };
    let attributes = [("given_name", "Alice"), ("custom:team", "blue")];
    let (_, new_password) = new_password.answer(&Password::new("N3w-Passw0rd!").unwrap(), &attributes).unwrap();
    let choose = [("MFAS_CAN_CHOOSE", r#"["SMS_MFA","SOFTWARE_TOKEN_MFA"]"#)];
    let Challenge::SelectMfaType(select_mfa) = ask(api, ChallengeName::SelectMfaType, &choose) else {
        panic!("SELECT_MFA_TYPE has its type")
    };
    let (_, select_mfa) = select_mfa.answer(&ChallengeName::SoftwareTokenMfa).unwrap();
    let setup = [("MFAS_CAN_SETUP", r#"["SOFTWARE_TOKEN_MFA"]"#)];
    let Challenge::MfaSetup(setup) = ask(api, ChallengeName::MfaSetup, &setup) else {
        panic!("MFA_SETUP has its type")
    };
    let (_, setup) = setup.answer(Session::new(NEXT_SESSION).unwrap());
    let Challenge::Other(by_password) = ask(api, ChallengeName::Password, &[]) else { panic!("PASSWORD has no type") };
    let (_, by_password) = by_password.answer(&[("PASSWORD", Case::user().text("password"))]).unwrap();
    vec![
        Golden::new("NEW_PASSWORD_REQUIRED", "a required attribute and another", new_password),
        Golden::new("SMS_MFA", "a code", one(ChallengeName::SmsMfa, "123456")),
        Golden::new("EMAIL_MFA", "a code", one(ChallengeName::EmailMfa, "123456")),
        Golden::new("SOFTWARE_TOKEN_MFA", "a code", one(ChallengeName::SoftwareTokenMfa, "123456")),
        Golden::new("SMS_OTP", "a code", one(ChallengeName::SmsOtp, "12345678")),
        Golden::new("EMAIL_OTP", "a code", one(ChallengeName::EmailOtp, "12345678")),
        Golden::new("CUSTOM_CHALLENGE", "the pool's own", one(ChallengeName::CustomChallenge, "forty-two")),
        Golden::new("WEB_AUTHN", "the authenticator's JSON", one(ChallengeName::WebAuthn, r#"{"id":"x"}"#)),
        Golden::new("SELECT_CHALLENGE-EMAIL_OTP", "a choice without a password", choose_email(api)),
        Golden::new("SELECT_CHALLENGE-PASSWORD", "the choice, and PASSWORD in the same call", choose_password(api)),
        Golden::new("SELECT_MFA_TYPE", "a choice", select_mfa),
        Golden::new("MFA_SETUP", "with the session of VerifySoftwareToken", setup),
        Golden::new("PASSWORD", "a challenge without a type of its own", by_password),
    ]
}

/// `SELECT_CHALLENGE` of a user who has given no password.
fn choose_email(api: Api) -> Request {
    let credentials = Credentials::new(user_name(ALIAS));
    let (sign_in, _) = SignIn::builder(&app(), api, SignInFlow::User(None), credentials).start().unwrap();
    let select = challenge(ChallengeName::SelectChallenge, &[])
        .with_available_challenges([ChallengeName::EmailOtp, ChallengeName::PasswordSrp]);
    let Challenge::SelectChallenge(select) = asked(sign_in.advance(Ok(select), Case::user().now()).unwrap()) else {
        panic!("SELECT_CHALLENGE has its type")
    };
    select.answer(&ChallengeName::EmailOtp).unwrap().1
}

/// `SELECT_CHALLENGE` of a user who has given a password, in a pool that offers no proof.
fn choose_password(api: Api) -> Request {
    let (sign_in, _) = start(api, SignInFlow::User(None), None, Context::default());
    let select = challenge(ChallengeName::SelectChallenge, &[]).with_available_challenges([ChallengeName::Password]);
    let Challenge::SelectChallenge(select) = asked(sign_in.advance(Ok(select), Case::user().now()).unwrap()) else {
        panic!("SELECT_CHALLENGE has its type")
    };
    select.answer(&ChallengeName::Password).unwrap().1
}

fn device_confirmations() -> Vec<Golden> {
    let case = Case::verifier();
    let script = [unhex(case.text("random_password")), unhex(case.text("random_salt"))].concat();
    let (_, verifier) = DeviceCredentials::register_with_rng(case.device_of(), &mut Scripted(script)).unwrap();
    let confirm = |name| ConfirmDevice::new(TOKEN, case.device_of().key(), &verifier, name).unwrap();
    vec![
        Golden::new("device", "a salt that begins with a zero byte", Request::ConfirmDevice(confirm(None))),
        Golden::new("device-name", "with a name", Request::ConfirmDevice(confirm(Some("Alice's \u{260e}")))),
    ]
}

#[test]
fn every_request_of_the_table_is_as_its_golden_file_says() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1");
    for golden in goldens() {
        if update {
            fs::write(golden.path(), ascii(&golden.document()) + "\n").unwrap();
        }
        assert_eq!(golden.document(), read_json(&golden.path()), "{}", golden.name);
    }
}

#[test]
fn every_golden_file_is_some_requests() {
    let made: BTreeSet<String> = goldens().into_iter().map(|golden| golden.name + ".json").collect();
    let stored = fs::read_dir(vectors().join("api")).unwrap();
    let stored: BTreeSet<String> = stored.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(made, stored);
}

#[test]
fn the_numbers_in_the_golden_files_are_those_of_other_vectors() {
    let golden = |name: &str| read_json(&vectors().join("api").join(format!("{name}.json")))["body"].clone();
    let (user, device, verifier) = (Case::user(), Case::device(), Case::verifier());
    for admin in ["", "Admin"] {
        for name in ["USER_SRP_AUTH", "USER_AUTH-PASSWORD_SRP", "CUSTOM_AUTH-SRP_A"] {
            let body = golden(&format!("{admin}InitiateAuth.{name}"));
            assert_eq!(body["AuthParameters"]["SRP_A"], user.expected("A"), "{name}");
            assert_eq!(body["AuthParameters"]["SECRET_HASH"], secret_hash(ALIAS), "{name}");
        }
        let respond = |name| golden(&format!("{admin}RespondToAuthChallenge.{name}"))["ChallengeResponses"].clone();
        for name in ["PASSWORD_SRP", "SELECT_CHALLENGE-PASSWORD_SRP"] {
            assert_eq!(respond(name)["SRP_A"], user.expected("A"), "{name}");
        }
        for name in ["PASSWORD_VERIFIER", "PASSWORD_VERIFIER-plain"] {
            let body = respond(name);
            assert_eq!(body["PASSWORD_CLAIM_SIGNATURE"], user.expected("signature"), "{name}");
            assert_eq!(body["PASSWORD_CLAIM_SECRET_BLOCK"], user.text("secret_block"), "{name}");
            assert_eq!(body["TIMESTAMP"], user.text("timestamp"), "{name}");
        }
        assert_eq!(respond("PASSWORD_VERIFIER")["SECRET_HASH"], user.expected("secret_hash_respond"));
        assert_eq!(respond("DEVICE_SRP_AUTH")["SRP_A"], device.expected("A"));
        let body = respond("DEVICE_PASSWORD_VERIFIER");
        assert_eq!(body["PASSWORD_CLAIM_SIGNATURE"], device.expected("signature"));
        assert_eq!(body["TIMESTAMP"], device.text("timestamp"));
        let refresh = golden(&format!("{admin}InitiateAuth.REFRESH_TOKEN_AUTH"));
        assert_eq!(refresh["AuthParameters"]["SECRET_HASH"], user.expected("secret_hash_respond"));
    }
    let body = golden("ConfirmDevice.device");
    let config = &body["DeviceSecretVerifierConfig"];
    assert_eq!(config["PasswordVerifier"], verifier.expected("password_verifier_base64"));
    assert_eq!(config["Salt"], verifier.expected("salt_base64"));
}

// ---- the service's model: service-2.json of 2016-04-18, as botocore 1.44.5 has it

mod model {
    use super::{Operation, Value};

    /// What a member must be.
    pub enum Shape {
        /// Shortest and longest length in characters, and whether the pattern fits.
        Text(usize, usize, fn(&str) -> bool),
        /// A map of strings.
        Map,
        /// Name, whether it must be there, and its shape.
        Structure(&'static [(&'static str, bool, Shape)]),
        /// A list of structures.
        List(&'static Shape),
    }

    use Shape::{List, Map, Structure, Text};

    fn any(_: &str) -> bool {
        true
    }

    fn word(c: char) -> bool {
        c.is_ascii_alphanumeric() || c == '_'
    }

    /// `[\w+]+`
    fn client_id(text: &str) -> bool {
        text.chars().all(|c| word(c) || c == '+')
    }

    /// `[\w-]+_[0-9a-zA-Z]+`, or the same with another alphabet at the end.
    fn two_parts(text: &str, last: fn(char) -> bool) -> bool {
        text.rsplit_once('_').is_some_and(|(first, rest)| {
            !first.is_empty()
                && first.chars().all(|c| word(c) || c == '-')
                && !rest.is_empty()
                && rest.chars().all(last)
        })
    }

    fn pool_id(text: &str) -> bool {
        two_parts(text, |c| c.is_ascii_alphanumeric())
    }

    /// `[\w-]+_[0-9a-f-]+`
    fn device_key(text: &str) -> bool {
        two_parts(text, |c| matches!(c, '0'..='9' | 'a'..='f' | '-'))
    }

    /// `[A-Za-z0-9-_=.]+`
    fn token(text: &str) -> bool {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_=.".contains(c))
    }

    fn auth_flow(text: &str) -> bool {
        [
            "USER_SRP_AUTH",
            "REFRESH_TOKEN_AUTH",
            "REFRESH_TOKEN",
            "CUSTOM_AUTH",
            "ADMIN_NO_SRP_AUTH",
            "USER_PASSWORD_AUTH",
            "ADMIN_USER_PASSWORD_AUTH",
            "USER_AUTH",
        ]
        .contains(&text)
    }

    pub const CHALLENGE_NAMES: [&str; 16] = [
        "SMS_MFA",
        "EMAIL_OTP",
        "SOFTWARE_TOKEN_MFA",
        "SELECT_MFA_TYPE",
        "MFA_SETUP",
        "PASSWORD_VERIFIER",
        "CUSTOM_CHALLENGE",
        "SELECT_CHALLENGE",
        "DEVICE_SRP_AUTH",
        "DEVICE_PASSWORD_VERIFIER",
        "ADMIN_NO_SRP_AUTH",
        "NEW_PASSWORD_REQUIRED",
        "SMS_OTP",
        "PASSWORD",
        "WEB_AUTHN",
        "PASSWORD_SRP",
    ];

    /// The enumeration lacks `EMAIL_MFA`, which the documentation of the same model describes.
    fn challenge_name(text: &str) -> bool {
        text == "EMAIL_MFA" || CHALLENGE_NAMES.contains(&text)
    }

    /// The errors of the five operations.
    pub const ERRORS: [&str; 28] = [
        "AliasExistsException",
        "CodeMismatchException",
        "DeviceKeyExistsException",
        "ExpiredCodeException",
        "FeatureUnavailableInTierException",
        "ForbiddenException",
        "InternalErrorException",
        "InvalidEmailRoleAccessPolicyException",
        "InvalidLambdaResponseException",
        "InvalidParameterException",
        "InvalidPasswordException",
        "InvalidSmsRoleAccessPolicyException",
        "InvalidSmsRoleTrustRelationshipException",
        "InvalidUserPoolConfigurationException",
        "MFAMethodNotFoundException",
        "NotAuthorizedException",
        "OperationNotEnabledException",
        "PasswordHistoryPolicyViolationException",
        "PasswordResetRequiredException",
        "ResourceNotFoundException",
        "SoftwareTokenMFANotFoundException",
        "TooManyRequestsException",
        "UnexpectedLambdaException",
        "UnsupportedOperationException",
        "UserLambdaValidationException",
        "UserNotConfirmedException",
        "UserNotFoundException",
        "UsernameExistsException",
    ];

    const STRING: Shape = Text(0, 131_072, any);
    const POOL_ID: Shape = Text(1, 55, pool_id);
    const CLIENT_ID: Shape = Text(1, 128, client_id);
    const SESSION: Shape = Text(20, 4096, any);
    const AUTH_FLOW: Shape = Text(0, usize::MAX, auth_flow);
    const CHALLENGE_NAME: Shape = Text(0, usize::MAX, challenge_name);
    const ANALYTICS: Shape = Structure(&[("AnalyticsEndpointId", false, STRING)]);
    const USER_CONTEXT: Shape = Structure(&[("IpAddress", false, STRING), ("EncodedData", false, STRING)]);
    const HEADER: Shape = Structure(&[("headerName", false, STRING), ("headerValue", false, STRING)]);
    const CONTEXT: Shape = Structure(&[
        ("IpAddress", true, STRING),
        ("ServerName", true, STRING),
        ("ServerPath", true, STRING),
        ("HttpHeaders", true, List(&HEADER)),
        ("EncodedData", false, STRING),
    ]);

    const INITIATE: Shape = Structure(&[
        ("ClientId", true, CLIENT_ID),
        ("AuthFlow", true, AUTH_FLOW),
        ("AuthParameters", false, Map),
        ("ClientMetadata", false, Map),
        ("AnalyticsMetadata", false, ANALYTICS),
        ("UserContextData", false, USER_CONTEXT),
        ("Session", false, SESSION),
    ]);
    const ADMIN_INITIATE: Shape = Structure(&[
        ("UserPoolId", true, POOL_ID),
        ("ClientId", true, CLIENT_ID),
        ("AuthFlow", true, AUTH_FLOW),
        ("AuthParameters", false, Map),
        ("ClientMetadata", false, Map),
        ("AnalyticsMetadata", false, ANALYTICS),
        ("ContextData", false, CONTEXT),
        ("Session", false, SESSION),
    ]);
    const RESPOND: Shape = Structure(&[
        ("ClientId", true, CLIENT_ID),
        ("ChallengeName", true, CHALLENGE_NAME),
        ("Session", false, SESSION),
        ("ChallengeResponses", false, Map),
        ("AnalyticsMetadata", false, ANALYTICS),
        ("UserContextData", false, USER_CONTEXT),
        ("ClientMetadata", false, Map),
    ]);
    const ADMIN_RESPOND: Shape = Structure(&[
        ("UserPoolId", true, POOL_ID),
        ("ClientId", true, CLIENT_ID),
        ("ChallengeName", true, CHALLENGE_NAME),
        ("ChallengeResponses", false, Map),
        ("Session", false, SESSION),
        ("AnalyticsMetadata", false, ANALYTICS),
        ("ContextData", false, CONTEXT),
        ("ClientMetadata", false, Map),
    ]);
    const CONFIRM: Shape = Structure(&[
        ("AccessToken", true, Text(0, usize::MAX, token)),
        ("DeviceKey", true, Text(1, 55, device_key)),
        (
            "DeviceSecretVerifierConfig",
            false,
            Structure(&[("PasswordVerifier", false, STRING), ("Salt", false, STRING)]),
        ),
        ("DeviceName", false, Text(1, 1024, any)),
    ]);

    /// Says where a body does not fit an operation.
    pub fn check(operation: Operation, body: &Value) -> Result<(), String> {
        let shape = match operation {
            Operation::InitiateAuth => &INITIATE,
            Operation::AdminInitiateAuth => &ADMIN_INITIATE,
            Operation::RespondToAuthChallenge => &RESPOND,
            Operation::AdminRespondToAuthChallenge => &ADMIN_RESPOND,
            Operation::ConfirmDevice => &CONFIRM,
            _ => return Err(format!("no model of {operation:?}")),
        };
        fits(shape, body, "body")
    }

    fn fits(shape: &Shape, value: &Value, at: &str) -> Result<(), String> {
        let wrong = |what: &str| Err(format!("{at}: {what}"));
        match shape {
            Text(min, max, pattern) => {
                let Some(text) = value.as_str() else { return wrong("not a text") };
                if !(*min..=*max).contains(&text.chars().count()) {
                    return wrong("length");
                }
                if pattern(text) { Ok(()) } else { wrong("pattern") }
            }
            Map => {
                let Some(map) = value.as_object() else { return wrong("not a map") };
                for (name, value) in map {
                    fits(&STRING, &Value::from(name.as_str()), at)?;
                    fits(&STRING, value, &format!("{at}.{name}"))?;
                }
                Ok(())
            }
            List(member) => {
                let Some(list) = value.as_array() else { return wrong("not a list") };
                list.iter().try_for_each(|value| fits(member, value, at))
            }
            Structure(members) => {
                let Some(object) = value.as_object() else { return wrong("not a structure") };
                if let Some(name) = object.keys().find(|name| members.iter().all(|(known, ..)| known != name)) {
                    return Err(format!("{at}: unknown member {name}"));
                }
                for (name, required, shape) in *members {
                    match object.get(*name) {
                        Some(value) => fits(shape, value, &format!("{at}.{name}"))?,
                        None if *required => return Err(format!("{at}: no {name}")),
                        None => (),
                    }
                }
                Ok(())
            }
        }
    }

    /// What each flow and each challenge has besides `SECRET_HASH` and `DEVICE_KEY`: required, optional.
    pub fn keys(name: &str) -> (&'static [&'static str], &'static [&'static str]) {
        match name {
            "USER_SRP_AUTH" | "PASSWORD_SRP" => (&["USERNAME", "SRP_A"], &[]),
            "USER_AUTH" => (&["USERNAME"], &["PREFERRED_CHALLENGE", "SRP_A", "PASSWORD"]),
            "CUSTOM_AUTH" => (&["USERNAME"], &["CHALLENGE_NAME", "SRP_A"]),
            "USER_PASSWORD_AUTH" | "ADMIN_USER_PASSWORD_AUTH" | "PASSWORD" => (&["USERNAME", "PASSWORD"], &[]),
            "REFRESH_TOKEN_AUTH" | "REFRESH_TOKEN" => (&["REFRESH_TOKEN"], &[]),
            "SELECT_CHALLENGE" => (&["USERNAME", "ANSWER"], &["SRP_A", "PASSWORD"]),
            "PASSWORD_VERIFIER" | "DEVICE_PASSWORD_VERIFIER" => {
                (&["USERNAME", "PASSWORD_CLAIM_SIGNATURE", "PASSWORD_CLAIM_SECRET_BLOCK", "TIMESTAMP"], &[])
            }
            "DEVICE_SRP_AUTH" => (&["USERNAME", "DEVICE_KEY", "SRP_A"], &[]),
            "NEW_PASSWORD_REQUIRED" => {
                (&["USERNAME", "NEW_PASSWORD"], &["userAttributes.given_name", "userAttributes.custom:team"])
            }
            "SMS_MFA" => (&["USERNAME", "SMS_MFA_CODE"], &[]),
            "EMAIL_MFA" => (&["USERNAME", "EMAIL_MFA_CODE"], &[]),
            "SOFTWARE_TOKEN_MFA" => (&["USERNAME", "SOFTWARE_TOKEN_MFA_CODE"], &[]),
            "SMS_OTP" => (&["USERNAME", "SMS_OTP_CODE"], &[]),
            "EMAIL_OTP" => (&["USERNAME", "EMAIL_OTP_CODE"], &[]),
            "CUSTOM_CHALLENGE" | "SELECT_MFA_TYPE" => (&["USERNAME", "ANSWER"], &[]),
            "WEB_AUTHN" => (&["USERNAME", "CREDENTIAL"], &[]),
            "MFA_SETUP" => (&["USERNAME"], &[]),
            other => panic!("{other} is not in the table"),
        }
    }
}

#[test]
fn every_body_fits_the_services_model() {
    for golden in goldens() {
        assert_eq!(model::check(golden.request.operation(), &golden.body()), Ok(()), "{}", golden.name);
    }
}

#[test]
fn the_check_against_the_model_notices_what_does_not_fit() {
    let fits = json!({ "UserPoolId": "us-east-1_a", "ClientId": "a", "AuthFlow": "USER_AUTH" });
    assert_eq!(model::check(Operation::AdminInitiateAuth, &fits), Ok(()));
    for (member, value) in [
        ("UserPoolId", Value::Null),
        ("UserPoolId", json!("us-east-1")),
        ("ClientId", json!("a-b")),
        ("ClientId", json!("a".repeat(129))),
        ("AuthFlow", json!("user_auth")),
        ("Session", json!("a".repeat(19))),
        ("Session", json!("a".repeat(4097))),
        ("AuthParameters", json!({ "USERNAME": 1 })),
        ("UserContextData", json!({})),
        ("ContextData", json!({ "IpAddress": "" })),
        ("AnalyticsMetadata", json!({ "AnalyticsEndpointId": "a".repeat(131_073) })),
    ] {
        let mut body = fits.clone();
        body[member] = value;
        assert!(model::check(Operation::AdminInitiateAuth, &body).is_err(), "{member}");
    }
    assert!(model::check(Operation::InitiateAuth, &fits).is_err(), "UserPoolId is no member of InitiateAuth");
}

#[test]
fn every_request_has_the_keys_of_the_table_and_no_others() {
    for golden in goldens().iter().filter(|golden| golden.request.operation() != Operation::ConfirmDevice) {
        let body = golden.body();
        let name = body.get("AuthFlow").or_else(|| body.get("ChallengeName")).and_then(Value::as_str).unwrap();
        let map = body.get("AuthParameters").or_else(|| body.get("ChallengeResponses")).unwrap().as_object().unwrap();
        let keys: BTreeSet<&str> = map.keys().map(String::as_str).collect();
        let (required, optional) = model::keys(name);
        assert!(required.iter().all(|key| keys.contains(key)), "{}: {keys:?}", golden.name);
        let known = |key: &&str| {
            required.contains(key) || optional.contains(key) || ["SECRET_HASH", "DEVICE_KEY"].contains(key)
        };
        assert!(keys.iter().all(known), "{}: {keys:?}", golden.name);
        let plain = golden.name.ends_with("-plain");
        assert_eq!(keys.contains("SECRET_HASH"), !plain, "{}", golden.name);
        let without_device = plain || golden.name.ends_with("SELECT_CHALLENGE-EMAIL_OTP");
        assert_eq!(keys.contains("DEVICE_KEY"), !without_device, "{}", golden.name);
    }
}

#[test]
fn every_secret_hash_is_over_the_name_in_the_same_request() {
    for golden in goldens() {
        let body = golden.body();
        let map = body.get("AuthParameters").or_else(|| body.get("ChallengeResponses")).unwrap_or(&Value::Null);
        if let (Some(name), Some(hash)) = (map["USERNAME"].as_str(), map["SECRET_HASH"].as_str()) {
            assert_eq!(hash, secret_hash(name), "{}", golden.name);
        }
    }
}

// ---- both ways

#[test]
fn every_body_reads_back_as_the_same_request() {
    for golden in goldens() {
        let operation = golden.request.operation();
        let read = Request::from_json(operation, &golden.request.to_json()).unwrap();
        assert_eq!(read.operation(), operation);
        assert_eq!(serde_json::from_slice::<Value>(&read.to_json()).unwrap(), golden.body(), "{}", golden.name);
        // Spaced out, in another order and with every non-ASCII character escaped, it is the same body.
        let read = Request::from_json(operation, ascii(&golden.body()).as_bytes()).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&read.to_json()).unwrap(), golden.body(), "{}", golden.name);
    }
}

#[test]
fn a_request_tells_what_its_body_says() {
    let (_, request) = start(Api::Admin, SignInFlow::User(None), Some(session()), full_context(Api::Admin));
    let read = Request::from_json(Operation::AdminInitiateAuth, &request.to_json()).unwrap();
    for request in [request, read] {
        let Request::InitiateAuth(request) = request else { panic!("{request:?}") };
        assert_eq!(request.api(), Api::Admin);
        assert_eq!(request.user_pool_id(), Some(app().pool_id().as_str()));
        assert_eq!(request.client_id(), app().client_id());
        assert_eq!(request.auth_flow(), &AuthFlow::UserAuth);
        assert_eq!(request.auth_parameters().parameter("USERNAME"), Some(ALIAS));
        assert_eq!(request.auth_parameters().to_hash_map()["USERNAME"], ALIAS);
        assert_eq!(request.session().map(Session::expose), Some(SESSION));
        assert_eq!(request.context().client_metadata()["campaign"], "Sommer \u{2600}");
        assert_eq!(request.context().analytics_endpoint_id(), Some("endpoint-1"));
        assert!(request.context().user_context_data().is_none());
        let data = request.context().context_data().unwrap();
        assert_eq!(data.http_headers[0], ("User-Agent".to_owned(), "agent \"quoted\" \u{e9}".to_owned()));
    }
    let (_, request) = proved(Api::Public);
    let Request::RespondToAuthChallenge(request) = request else { panic!("{request:?}") };
    assert_eq!((request.api(), request.user_pool_id()), (Api::Public, None));
    assert_eq!(request.client_id(), app().client_id());
    assert_eq!(request.challenge_name(), &ChallengeName::PasswordVerifier);
    assert!(request.challenge_responses().iter().any(|(name, _)| name == "TIMESTAMP"));
    assert_eq!(request.session().map(Session::expose), Some(SESSION));
    assert!(request.context().client_metadata().is_empty());
}

#[test]
fn a_body_of_the_other_family_is_refused() {
    for golden in goldens() {
        let other = match golden.request.operation() {
            Operation::InitiateAuth => Operation::AdminInitiateAuth,
            Operation::RespondToAuthChallenge => Operation::AdminRespondToAuthChallenge,
            Operation::AdminRespondToAuthChallenge => Operation::RespondToAuthChallenge,
            _ => Operation::InitiateAuth,
        };
        let read = Request::from_json(other, &golden.request.to_json());
        assert_eq!(read.unwrap_err(), BodyError::Malformed, "{}", golden.name);
    }
}

#[test]
fn null_stands_for_an_absent_member_in_a_request() {
    let body = json!({
        "ClientId": "a", "AuthFlow": "CUSTOM_AUTH", "UserPoolId": null, "AuthParameters": null, "Session": null,
        "ClientMetadata": null, "AnalyticsMetadata": null, "UserContextData": null, "ContextData": null,
    });
    let read = Request::from_json(Operation::InitiateAuth, body.to_string().as_bytes()).unwrap();
    let written: Value = serde_json::from_slice(&read.to_json()).unwrap();
    assert_eq!(written, json!({ "ClientId": "a", "AuthFlow": "CUSTOM_AUTH", "AuthParameters": {} }));
}

#[test]
fn a_request_without_its_required_members_is_malformed() {
    for golden in goldens() {
        let operation = golden.request.operation();
        let required: &[&str] = match operation {
            Operation::InitiateAuth => &["ClientId", "AuthFlow"],
            Operation::AdminInitiateAuth => &["UserPoolId", "ClientId", "AuthFlow"],
            Operation::RespondToAuthChallenge => &["ClientId", "ChallengeName"],
            Operation::AdminRespondToAuthChallenge => &["UserPoolId", "ClientId", "ChallengeName"],
            _ => &["AccessToken", "DeviceKey"],
        };
        for member in required {
            for absent in [true, false] {
                let mut body = golden.body();
                if absent {
                    body.as_object_mut().unwrap().remove(*member);
                } else {
                    body[*member] = Value::Null;
                }
                let read = Request::from_json(operation, body.to_string().as_bytes());
                assert_eq!(read.unwrap_err(), BodyError::Malformed, "{} without {member}", golden.name);
            }
        }
    }
}

// ---- HTTP

#[test]
fn a_request_becomes_a_whole_http_request() {
    for golden in goldens() {
        let endpoint = app().pool_id().endpoint();
        let http = golden.request.to_http(&endpoint).unwrap();
        assert_eq!(http.method(), http::Method::POST);
        assert_eq!(http.uri().to_string(), endpoint);
        assert_eq!(http.uri().path(), "/");
        assert_eq!(http.headers().len(), 2);
        assert_eq!(http.headers()["content-type"], "application/x-amz-json-1.1");
        let target = format!("AWSCognitoIdentityProviderService.{}", golden.request.operation().name());
        assert_eq!(http.headers()["x-amz-target"], target.as_str());
        assert_eq!(http.body().as_slice(), golden.request.to_json().as_slice());
    }
}

#[test]
fn the_endpoint_is_that_of_the_pools_region() {
    for (pool, endpoint) in [
        ("us-east-1_AbCdEfGhI", "https://cognito-idp.us-east-1.amazonaws.com/"),
        ("eu-central-1_a", "https://cognito-idp.eu-central-1.amazonaws.com/"),
        ("us-gov-west-1_kLmNoPqRs", "https://cognito-idp.us-gov-west-1.amazonaws.com/"),
        ("cn-north-1_1", "https://cognito-idp.cn-north-1.amazonaws.com.cn/"),
        ("cn-northwest-1_1", "https://cognito-idp.cn-northwest-1.amazonaws.com.cn/"),
    ] {
        assert_eq!(pool.parse::<PoolId>().unwrap().endpoint(), endpoint);
    }
}

#[test]
fn an_endpoint_of_the_callers_is_taken_and_one_that_is_no_uri_is_refused() {
    let (_, request) = proved(Api::Public);
    let http = request.to_http("http://localhost:9229/").unwrap();
    assert_eq!(http.uri().to_string(), "http://localhost:9229/");
    for endpoint in ["", "http://", "http://a b/", "\u{0}"] {
        assert!(request.to_http(endpoint).is_err(), "{endpoint:?}");
    }
}

#[test]
fn only_admin_operations_are_signed_and_each_is_found_by_its_name() {
    for (operation, name, signed) in [
        (Operation::InitiateAuth, "InitiateAuth", false),
        (Operation::AdminInitiateAuth, "AdminInitiateAuth", true),
        (Operation::RespondToAuthChallenge, "RespondToAuthChallenge", false),
        (Operation::AdminRespondToAuthChallenge, "AdminRespondToAuthChallenge", true),
        (Operation::ConfirmDevice, "ConfirmDevice", false),
    ] {
        assert_eq!((operation.name(), operation.is_signed()), (name, signed));
        assert_eq!(Operation::from_name(name), Some(operation));
    }
    for name in ["", "initiateauth", "SignUp", "AWSCognitoIdentityProviderService.InitiateAuth"] {
        assert_eq!(Operation::from_name(name), None);
    }
}

// ---- what must not be sent

fn refused(api: Api, flow: SignInFlow, credentials: Credentials, context: Context) -> Error {
    SignIn::builder(&app(), api, flow, credentials).with_context(context).start().unwrap_err()
}

#[test]
fn user_password_auth_is_not_sent_with_the_admin_call() {
    let error = refused(Api::Admin, SignInFlow::UserPassword, user_credentials(), Context::default());
    assert_eq!(error, Error::NotInThisCall(Parameter::AuthFlow));
}

#[test]
fn admin_user_password_auth_is_not_sent_with_the_public_call() {
    let error = refused(Api::Public, SignInFlow::AdminUserPassword, user_credentials(), Context::default());
    assert_eq!(error, Error::NotInThisCall(Parameter::AuthFlow));
}

#[test]
fn a_flow_that_needs_a_password_is_not_sent_without_one() {
    let preferred = |factor| SignInFlow::User(Some(factor));
    for (api, flow) in [
        (Api::Public, SignInFlow::UserSrp),
        (Api::Admin, SignInFlow::UserSrp),
        (Api::Public, SignInFlow::CustomSrp),
        (Api::Public, SignInFlow::UserPassword),
        (Api::Admin, SignInFlow::AdminUserPassword),
        (Api::Public, preferred(FirstFactor::PasswordSrp)),
        (Api::Public, preferred(FirstFactor::Password)),
    ] {
        let error = refused(api, flow, Credentials::new(user_name(ALIAS)), Context::default());
        assert_eq!(error, Error::Missing(Parameter::Password), "{flow:?}");
    }
    for flow in [SignInFlow::Custom, SignInFlow::User(None), preferred(FirstFactor::WebAuthn)] {
        assert!(
            SignIn::builder(&app(), Api::Public, flow, Credentials::new(user_name(ALIAS))).start().is_ok(),
            "{flow:?}"
        );
    }
}

#[test]
fn context_of_the_other_family_is_not_sent() {
    let error = refused(Api::Admin, SignInFlow::Custom, user_credentials(), full_context(Api::Public));
    assert_eq!(error, Error::NotInThisCall(Parameter::UserContextData));
    let error = refused(Api::Public, SignInFlow::Custom, user_credentials(), full_context(Api::Admin));
    assert_eq!(error, Error::NotInThisCall(Parameter::ContextData));
    let token = RefreshToken::new(TOKEN).unwrap();
    let context = full_context(Api::Admin);
    let refresh = SignIn::refresh(&app(), Api::Public, &token, &user_name("alice")).with_context(context).start();
    assert_eq!(refresh.unwrap_err(), Error::NotInThisCall(Parameter::ContextData));
}

#[test]
fn context_that_is_too_long_for_the_model_is_not_sent() {
    let long = "\u{e9}".repeat(131_073);
    let fitting = "\u{e9}".repeat(131_072);
    assert!(Context::default().with_client_metadata("name", fitting.as_str()).is_ok());
    let metadata = [("name", long.as_str()), (long.as_str(), "value")];
    for (name, value) in metadata {
        let error = Context::default().with_client_metadata(name, value).unwrap_err();
        assert_eq!(error, Error::TooLong(Parameter::ClientMetadata));
    }
    let error = Context::default().with_analytics_endpoint_id(long.as_str()).unwrap_err();
    assert_eq!(error, Error::TooLong(Parameter::AnalyticsMetadata));
    // Read from JSON it has passed no builder.
    for (metadata, parameter) in [
        (json!({"ClientMetadata": {"name": long}}), Parameter::ClientMetadata),
        (json!({"ClientMetadata": {&long: "value"}}), Parameter::ClientMetadata),
        (json!({"AnalyticsMetadata": {"AnalyticsEndpointId": long}}), Parameter::AnalyticsMetadata),
    ] {
        let mut body = json!({"ClientId": "a", "AuthFlow": "CUSTOM_AUTH"});
        body.as_object_mut().unwrap().extend(metadata.as_object().unwrap().clone());
        let read = Request::from_json(Operation::InitiateAuth, body.to_string().as_bytes()).unwrap();
        let Request::InitiateAuth(read) = read else { panic!() };
        let error = refused(Api::Public, SignInFlow::Custom, user_credentials(), read.context().clone());
        assert_eq!(error, Error::TooLong(parameter));
    }

    for member in 0..2 {
        let mut data = UserContextData { ip_address: Some(fitting.clone()), encoded_data: Some(fitting.clone()) };
        *[&mut data.ip_address, &mut data.encoded_data][member] = Some(long.clone());
        let context = Context::default().with_user_context_data(data);
        let error = refused(Api::Public, SignInFlow::Custom, user_credentials(), context);
        assert_eq!(error, Error::TooLong(Parameter::UserContextData));
    }
    for member in 0..6 {
        let mut data = ContextData {
            ip_address: fitting.clone(),
            server_name: fitting.clone(),
            server_path: fitting.clone(),
            http_headers: vec![(fitting.clone(), fitting.clone())],
            encoded_data: None,
        };
        match member {
            0 => data.ip_address.clone_from(&long),
            1 => data.server_name.clone_from(&long),
            2 => data.server_path.clone_from(&long),
            3 => data.http_headers[0].0.clone_from(&long),
            4 => data.http_headers[0].1.clone_from(&long),
            _ => data.encoded_data = Some(long.clone()),
        }
        let context = Context::default().with_context_data(data);
        let error = refused(Api::Admin, SignInFlow::Custom, user_credentials(), context);
        assert_eq!(error, Error::TooLong(Parameter::ContextData), "member {member}");
    }
}

#[test]
fn texts_outside_the_limits_of_the_model_are_refused_when_they_are_made() {
    use Error::{Empty, Malformed, TooLong};
    let repeat = |text: &str, count| text.repeat(count);

    assert!(Username::new("a").is_ok() && Username::new(repeat("\u{e9}", 128)).is_ok());
    assert_eq!(Username::new("").unwrap_err(), Empty(Parameter::Username));
    assert_eq!(Username::new(repeat("a", 129)).unwrap_err(), TooLong(Parameter::Username));

    assert!(Password::new("").is_ok() && Password::new(repeat("\u{1f511}", 256)).is_ok());
    assert_eq!(Password::new(repeat("a", 257)).unwrap_err(), TooLong(Parameter::Password));

    assert!(Session::new(repeat("a", 20)).is_ok() && Session::new(repeat("\u{e9}", 4096)).is_ok());
    assert_eq!(Session::new("").unwrap_err(), Empty(Parameter::Session));
    assert_eq!(Session::new(repeat("\u{e9}", 19)).unwrap_err(), Malformed(Parameter::Session));
    assert_eq!(Session::new(repeat("a", 4097)).unwrap_err(), TooLong(Parameter::Session));

    assert!(RefreshToken::new("aZ09-_=.").is_ok());
    assert_eq!(RefreshToken::new("").unwrap_err(), Empty(Parameter::RefreshToken));
    assert_eq!(RefreshToken::new(repeat("a", 131_073)).unwrap_err(), TooLong(Parameter::RefreshToken));
    for token in ["a b", "a+b", "a/b", "a\n", "\u{e9}", "Bearer:a"] {
        assert_eq!(RefreshToken::new(token).unwrap_err(), Malformed(Parameter::RefreshToken), "{token:?}");
    }
}

#[test]
fn confirm_device_refuses_what_the_service_could_not_take() {
    let case = Case::verifier();
    let (device, key) = (case.device_of(), case.device_of().key().clone());
    let (_, verifier) = DeviceCredentials::register(device).unwrap();
    let confirm = |token: &str, name: Option<&str>| ConfirmDevice::new(token, &key, &verifier, name).map(|_| ());
    assert_eq!(confirm(TOKEN, Some(&"\u{e9}".repeat(1024))), Ok(()));
    assert_eq!(confirm("", None), Err(Error::Empty(Parameter::AccessToken)));
    assert_eq!(confirm("Bearer a", None), Err(Error::Malformed(Parameter::AccessToken)));
    assert_eq!(confirm(TOKEN, Some("")), Err(Error::Empty(Parameter::DeviceName)));
    assert_eq!(confirm(TOKEN, Some(&"a".repeat(1025))), Err(Error::TooLong(Parameter::DeviceName)));
}

#[test]
fn a_random_source_that_fails_sends_nothing() {
    for flow in [SignInFlow::UserSrp, SignInFlow::CustomSrp, SignInFlow::User(Some(FirstFactor::PasswordSrp))] {
        let start =
            SignIn::builder(&app(), Api::Public, flow, user_credentials()).start_with_rng(&mut Scripted(vec![1; 39]));
        assert_eq!(start.unwrap_err(), Error::RandomSource);
    }
}

// ---- responses

fn response(body: &Value) -> AuthResponse {
    AuthResponse::from_json(body.to_string().as_bytes()).unwrap()
}

#[test]
fn a_challenge_is_read_as_the_service_sends_it() {
    let read = response(&json!({
        "ChallengeName": "SELECT_CHALLENGE",
        "ChallengeParameters": { "USERNAME": "alice" },
        "Session": SESSION,
        "AvailableChallenges": ["PASSWORD_SRP", "EMAIL_OTP", "VOICE_OTP"],
    }));
    assert_eq!(read.challenge_name(), Some(&ChallengeName::SelectChallenge));
    assert_eq!(read.challenge_parameters()["USERNAME"], "alice");
    assert_eq!(read.session().map(Session::expose), Some(SESSION));
    let voice = ChallengeName::Other("VOICE_OTP".into());
    assert_eq!(read.available_challenges(), [ChallengeName::PasswordSrp, ChallengeName::EmailOtp, voice]);
    assert!(read.authentication_result().is_none());
}

#[test]
fn tokens_are_read_as_the_service_sends_them() {
    let read = response(&json!({
        "ChallengeParameters": {},
        "AuthenticationResult": {
            "AccessToken": "access", "IdToken": "id", "RefreshToken": "refresh", "ExpiresIn": 3600, "TokenType": "Bearer",
            "NewDeviceMetadata": { "DeviceKey": "us-east-1_0a", "DeviceGroupKey": "-group" },
        },
    }));
    assert!(read.challenge_name().is_none() && read.session().is_none());
    let result = read.authentication_result().unwrap();
    assert_eq!(result.access_token(), Some("access"));
    assert_eq!(result.id_token(), Some("id"));
    assert_eq!(result.refresh_token(), Some("refresh"));
    assert_eq!((result.expires_in(), result.token_type()), (Some(3600), Some("Bearer")));
    let metadata =
        NewDeviceMetadata { device_key: Some("us-east-1_0a".into()), device_group_key: Some("-group".into()) };
    assert_eq!(result.new_device_metadata(), Some(&metadata));
}

#[test]
fn a_response_that_a_server_makes_reads_back_the_same() {
    let result = AuthenticationResult::default()
        .with_access_token("access")
        .with_id_token("id")
        .with_refresh_token("refresh")
        .with_token_type("Bearer")
        .with_expires_in(3600)
        .with_new_device_metadata(NewDeviceMetadata {
            device_key: Some("us-east-1_0a".into()),
            device_group_key: None,
        });
    let challenge = challenge(ChallengeName::Other("NEW_ONE".into()), &[("a", "\u{2600}"), ("b", "\"\\\u{0}")])
        .with_available_challenges([ChallengeName::SmsOtp]);
    for sent in [AuthResponse::tokens(result), challenge, AuthResponse::default()] {
        let body: Value = serde_json::from_slice(&sent.to_json()).unwrap();
        let read = response(&body);
        assert_eq!(serde_json::from_slice::<Value>(&read.to_json()).unwrap(), body);
    }
}

#[test]
fn null_and_an_empty_session_stand_for_absent_members_in_a_response() {
    let read = response(&json!({
        "ChallengeName": null, "ChallengeParameters": null, "Session": null, "AvailableChallenges": null,
        "AuthenticationResult": null,
    }));
    assert!(read.challenge_name().is_none() && read.session().is_none() && read.authentication_result().is_none());
    assert!(read.challenge_parameters().is_empty() && read.available_challenges().is_empty());
    assert!(response(&json!({ "Session": "" })).session().is_none());
    let tokens = response(&json!({ "AuthenticationResult": {
        "AccessToken": null, "IdToken": null, "RefreshToken": null, "ExpiresIn": null, "TokenType": null,
        "NewDeviceMetadata": null,
    } }));
    assert!(tokens.authentication_result().is_some_and(|result| result.access_token().is_none()));
}

#[test]
fn members_that_a_response_does_not_have_yet_are_passed_over() {
    let read = response(&json!({ "ChallengeName": "SMS_MFA", "Brand": { "new": [1, 2.5, null] } }));
    assert_eq!(read.challenge_name(), Some(&ChallengeName::SmsMfa));
}

#[test]
fn a_session_outside_the_limits_makes_a_response_malformed() {
    for length in [1, 19, 4097] {
        let body = json!({ "Session": "a".repeat(length) }).to_string();
        assert_eq!(AuthResponse::from_json(body.as_bytes()).unwrap_err(), BodyError::Malformed, "{length}");
    }
    for length in [20, 4096] {
        assert!(AuthResponse::from_json(json!({ "Session": "a".repeat(length) }).to_string().as_bytes()).is_ok());
    }
}

#[test]
fn a_body_over_one_mebibyte_is_not_read() {
    let padded = |length: usize| {
        let mut body = br#"{"ChallengeName":"SMS_MFA"}"#.to_vec();
        body.resize(length, b' ');
        body
    };
    assert!(AuthResponse::from_json(&padded(1 << 20)).is_ok());
    let long = padded((1 << 20) + 1);
    assert_eq!(AuthResponse::from_json(&long).unwrap_err(), BodyError::TooLong);
    assert_eq!(AuthResponse::from_http(200, &long).unwrap_err(), BodyError::TooLong.into());
    assert_eq!(AuthResponse::from_http(400, &long).unwrap_err(), BodyError::TooLong.into());
    assert_eq!(ConfirmDeviceResponse::from_http(200, &long).unwrap_err(), BodyError::TooLong.into());
    assert_eq!(ServiceError::from_json(&long).unwrap_err(), BodyError::TooLong);
    assert_eq!(Request::from_json(Operation::InitiateAuth, &long).unwrap_err(), BodyError::TooLong);
}

#[test]
fn a_body_that_is_not_json_or_not_of_the_shape_is_refused() {
    let deep = "[".repeat(100_000);
    let closed = format!("{deep}{}", "]".repeat(100_000));
    let bodies: [&[u8]; 16] = [
        b"",
        b"null",
        b"1",
        b"\"text\"",
        b"{",
        b"{}{}",
        b"{} x",
        b"\xff",
        b"{\"Session\":\"\xff\"}",
        b"{\"Session\":1}",
        b"{\"ChallengeParameters\":[]}",
        b"{\"ChallengeParameters\":{\"a\":1}}",
        b"{\"AvailableChallenges\":{}}",
        b"{\"AuthenticationResult\":{\"ExpiresIn\":\"3600\"}}",
        deep.as_bytes(),
        closed.as_bytes(),
    ];
    for body in bodies {
        let text = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        let error = AuthResponse::from_json(body).unwrap_err();
        // The other reader gives up on deep nesting.
        let is_json = serde_json::from_slice::<Value>(body).is_ok() || body == closed.as_bytes();
        assert_eq!(error, if is_json { BodyError::Malformed } else { BodyError::NotJson }, "{text}");
    }
    for body in ["null", "[]", "{}", r#"{"message":"a"}"#, r#"{"__type":1}"#] {
        assert_eq!(ServiceError::from_json(body.as_bytes()).unwrap_err(), BodyError::Malformed, "{body}");
    }
    for body in ["", "<html></html>"] {
        assert_eq!(ServiceError::from_json(body.as_bytes()).unwrap_err(), BodyError::NotJson, "{body}");
    }
    assert!(!format!("{} {}", BodyError::Malformed, BodyError::TooLong).is_empty());
}

#[test]
fn every_error_of_the_model_has_its_name() {
    for name in model::ERRORS {
        let error = ServiceError::from_json(json!({ "__type": name, "message": "words" }).to_string().as_bytes());
        let error = error.unwrap();
        assert!(!matches!(error.name(), ServiceErrorName::Other(_)), "{name}");
        assert_eq!((error.name().as_str(), error.message()), (name, "words"));
        assert_eq!(error.to_string(), format!("{name}: words"));
        let read: Value = serde_json::from_slice(&error.to_json()).unwrap();
        assert_eq!(read, json!({ "__type": name, "message": "words" }));
    }
}

#[test]
fn an_errors_name_is_read_in_every_spelling_of_the_protocol() {
    for text in [
        "NotAuthorizedException",
        "com.amazonaws.cognito.identity.idp.model#NotAuthorizedException",
        "NotAuthorizedException:http://internal.amazon.com/coral/com.amazon.coral.validate/",
        "aws.protocoltests.restjson#NotAuthorizedException:http://internal.amazon.com/coral/com.amazon.coral.validate/",
        "NotAuthorizedException:",
    ] {
        let error = ServiceError::from_json(json!({ "__type": text }).to_string().as_bytes()).unwrap();
        assert_eq!(error.name(), &ServiceErrorName::NotAuthorized, "{text}");
        assert_eq!(ServiceError::new(text, "").name(), &ServiceErrorName::NotAuthorized, "{text}");
    }
}

#[test]
fn an_error_of_an_unknown_name_keeps_it() {
    for name in ["BrandNewException", "", "notauthorizedexception"] {
        let error = ServiceError::new(name, "words");
        assert_eq!(error.name(), &ServiceErrorName::Other(name.into()));
        assert_eq!(error.name().as_str(), name);
    }
}

#[test]
fn an_errors_message_is_read_in_both_spellings_or_absent() {
    for (body, message) in [
        (json!({ "__type": "A", "message": "words" }), "words"),
        (json!({ "__type": "A", "Message": "words" }), "words"),
        (json!({ "__type": "A", "message": null }), ""),
        (json!({ "__type": "A" }), ""),
        (json!({ "__type": "A", "message": "words", "reasonCode": "x" }), "words"),
    ] {
        assert_eq!(ServiceError::from_json(body.to_string().as_bytes()).unwrap().message(), message, "{body}");
    }
}

#[test]
fn the_status_says_whether_a_body_is_a_response_or_an_error() {
    let error = json!({ "__type": "NotAuthorizedException", "message": "Incorrect username or password." }).to_string();
    for status in [400, 401, 403, 429, 500, 503] {
        let Err(ResponseError::Service(read)) = AuthResponse::from_http(status, error.as_bytes()) else { panic!() };
        assert_eq!(read.name(), &ServiceErrorName::NotAuthorized);
        let Err(ResponseError::Service(read)) = ConfirmDeviceResponse::from_http(status, error.as_bytes()) else {
            panic!()
        };
        assert_eq!(read.message(), "Incorrect username or password.");
    }
    let read = AuthResponse::from_http(200, br#"{"ChallengeName":"SMS_MFA"}"#).unwrap();
    assert_eq!(read.challenge_name(), Some(&ChallengeName::SmsMfa));
}

#[test]
fn confirm_device_says_whether_the_user_must_confirm() {
    for necessary in [true, false] {
        let sent = ConfirmDeviceResponse { user_confirmation_necessary: necessary };
        let body: Value = serde_json::from_slice(&sent.to_json()).unwrap();
        assert_eq!(body, json!({ "UserConfirmationNecessary": necessary }));
        assert_eq!(ConfirmDeviceResponse::from_http(200, &sent.to_json()), Ok(sent));
    }
    let absent = ConfirmDeviceResponse::from_http(200, b"{}").unwrap();
    assert!(!absent.user_confirmation_necessary);
}

#[test]
fn an_unknown_device_is_told_from_other_missing_things() {
    let unknown = |name: &str, message: &str| ServiceError::new(name, message).is_unknown_device();
    assert!(unknown("ResourceNotFoundException", "Device does not exist."));
    assert!(!unknown("ResourceNotFoundException", "User pool us-east-1_a does not exist."));
    assert!(!unknown("NotAuthorizedException", "Incorrect username or password."));
    assert!(!unknown("NotAuthorizedException", "Device does not exist."));
}

#[test]
fn names_of_the_model_are_known_and_others_are_kept() {
    for name in model::CHALLENGE_NAMES {
        let read = ChallengeName::from(name);
        assert!(!matches!(read, ChallengeName::Other(_)), "{name}");
        assert_eq!(read.to_string(), name);
    }
    for name in [
        "USER_SRP_AUTH",
        "REFRESH_TOKEN_AUTH",
        "REFRESH_TOKEN",
        "CUSTOM_AUTH",
        "ADMIN_NO_SRP_AUTH",
        "USER_PASSWORD_AUTH",
        "ADMIN_USER_PASSWORD_AUTH",
        "USER_AUTH",
    ] {
        let read = AuthFlow::from(name);
        assert!(!matches!(read, AuthFlow::Other(_)), "{name}");
        assert_eq!(read.as_str(), name);
    }
    assert_eq!(AuthFlow::from("user_auth"), AuthFlow::Other("user_auth".into()));
    assert_eq!(ChallengeName::from(""), ChallengeName::Other(String::new()));
}

#[test]
fn null_stands_for_an_absent_member_of_confirm_device() {
    let read = ConfirmDeviceResponse::from_http(200, br#"{"UserConfirmationNecessary":null}"#);
    assert_eq!(read, Ok(ConfirmDeviceResponse::default()));
    let body = br#"{"AccessToken":"a","DeviceKey":"a_0","DeviceSecretVerifierConfig":null,"DeviceName":null}"#;
    assert!(Request::from_json(Operation::ConfirmDevice, body).is_ok());
}

#[test]
fn an_error_with_both_spellings_of_its_message_is_read() {
    let body = json!({ "__type": "NotAuthorizedException", "message": "words", "Message": "words" }).to_string();
    assert_eq!(ServiceError::from_json(body.as_bytes()).map(|error| error.message().to_owned()), Ok("words".into()));
}

#[test]
fn a_number_sign_after_the_colon_is_not_a_namespaces() {
    let error = ServiceError::new("NotAuthorizedException:http://internal.amazon.com/#coral", "");
    assert_eq!(error.name(), &ServiceErrorName::NotAuthorized);
}

#[test]
fn debug_does_not_show_what_the_model_calls_sensitive_nor_the_users_headers() {
    for api in [Api::Public, Api::Admin] {
        let (_, request) = start(api, SignInFlow::Custom, None, full_context(api));
        let shown = format!("{request:?}");
        for text in ["192.0.2.1", "fingerprint", "quoted"] {
            assert!(!shown.contains(text), "{text} in {shown}");
        }
    }
}

// ---- anything at all

/// JSON in which the names of the shapes occur.
fn any_json() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        proptest::sample::select(vec![
            "ClientId",
            "UserPoolId",
            "AuthFlow",
            "AuthParameters",
            "ChallengeName",
            "ChallengeParameters",
            "ChallengeResponses",
            "Session",
            "ContextData",
            "HttpHeaders",
            "headerName",
            "headerValue",
            "UserContextData",
            "ClientMetadata",
            "AuthenticationResult",
            "AvailableChallenges",
            "NewDeviceMetadata",
            "AccessToken",
            "DeviceKey",
            "DeviceSecretVerifierConfig",
            "__type",
            "message",
            "Message",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(Value::from(SESSION)),
    ];
    leaf.prop_recursive(3, 24, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(name.clone(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Reads a body as everything that can be read. What is read must be written and read again.
fn read_as_everything(body: &[u8]) {
    if let Ok(read) = AuthResponse::from_json(body) {
        assert!(AuthResponse::from_json(&read.to_json()).is_ok());
    }
    if let Ok(read) = ServiceError::from_json(body) {
        assert!(ServiceError::from_json(&read.to_json()).is_ok());
    }
    for status in [0, 200, 400, u16::MAX] {
        let _ = AuthResponse::from_http(status, body);
        let _ = ConfirmDeviceResponse::from_http(status, body);
    }
    for operation in [
        Operation::InitiateAuth,
        Operation::AdminInitiateAuth,
        Operation::RespondToAuthChallenge,
        Operation::AdminRespondToAuthChallenge,
        Operation::ConfirmDevice,
    ] {
        if let Ok(read) = Request::from_json(operation, body) {
            assert!(Request::from_json(operation, &read.to_json()).is_ok());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_at_all_make_the_readers_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        read_as_everything(&body);
    }

    #[test]
    fn no_json_at_all_makes_the_readers_panic(body in any_json()) {
        read_as_everything(body.to_string().as_bytes());
    }

    #[test]
    fn a_golden_body_with_a_byte_changed_makes_no_reader_panic(
        golden in 0..1000_usize, position in any::<proptest::sample::Index>(), byte in any::<u8>(),
    ) {
        let mut body = BODIES.with(|bodies| bodies[golden % bodies.len()].clone());
        let position = position.index(body.len());
        body[position] = byte;
        read_as_everything(&body);
    }

    #[test]
    fn a_map_of_parameters_survives_the_wire(
        map in proptest::collection::btree_map(any::<String>(), any::<String>(), 0..8),
    ) {
        let body = json!({ "ClientId": "a", "ChallengeName": "CUSTOM_CHALLENGE", "ChallengeResponses": map });
        let read = Request::from_json(Operation::RespondToAuthChallenge, body.to_string().as_bytes()).unwrap();
        let Request::RespondToAuthChallenge(read) = read else { panic!() };
        let parameters: &ParameterMap = read.challenge_responses();
        let read: BTreeMap<String, String> =
            parameters.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        prop_assert_eq!(read, map);
    }
}

thread_local! {
    /// Computed once, since some of the bodies cost an exponentiation.
    static BODIES: Vec<Vec<u8>> = goldens().iter().map(|golden| golden.request.to_json().to_vec()).collect();
}
