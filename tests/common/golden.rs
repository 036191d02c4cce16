//! Every request of the table "parameters of each call", made from the numbers of `vectors/`, and its golden file.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use cognito_srp6a::idp::{
    Api, AssociateSoftwareToken, AssociateSoftwareTokenResponse, AuthResponse, Challenge, ChallengeName, ConfirmDevice,
    Context, ContextData, Credentials, FirstFactor, GetTokensFromRefreshToken, GlobalSignOut, MfaSetup, RefreshToken,
    Request, RevokeAssociatedSessions, RevokeToken, SecretCode, Session, SignIn, SignInFlow, Step, StepUp,
    UserContextData, VerifySoftwareToken,
};
use cognito_srp6a::{AppClient, ClientSecret, Device, DeviceCredentials, DeviceKey, Password, Timestamp};
use serde_json::{Value, json};

pub use super::accounts::{ALIAS, TOKEN};
use super::{ScriptedRng, oracle, pass, user_name};

pub const SESSION: &str = "a-session-of-more-than-twenty-characters";
/// The session that `VerifySoftwareToken` gives.
pub const NEXT_SESSION: &str = "the-session-that-VerifySoftwareToken-gave";
/// The session that `AssociateSoftwareToken` gives.
pub const ASSOCIATED_SESSION: &str = "the-session-that-AssociateSoftwareToken-gave";

pub fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

pub fn read_json(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// One case of a vector file.
pub struct Case(Value);

impl Case {
    pub fn load(file: &str, id: u64) -> Self {
        let document = read_json(&vectors().join(file));
        let cases = document["cases"].as_array().expect("cases");
        Self(cases.iter().find(|case| case["tcId"] == id).expect("the case").clone())
    }

    /// A sign-in whose `a` fits into 40 bytes, with a client secret.
    pub fn user() -> &'static Self {
        static CASE: LazyLock<Case> = LazyLock::new(|| Case::load("user_auth.json", 6));
        &CASE
    }

    /// A device's claim whose `a` fits into 40 bytes.
    pub fn device() -> &'static Self {
        static CASE: LazyLock<Case> = LazyLock::new(|| Case::load("device_auth.json", 1));
        &CASE
    }

    /// A device's verifier; its salt begins with a zero byte and a set bit.
    pub fn verifier() -> &'static Self {
        static CASE: LazyLock<Case> = LazyLock::new(|| Case::load("device_auth.json", 15));
        &CASE
    }

    pub fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_else(|| panic!("{name}"))
    }

    pub fn expected(&self, name: &str) -> &str {
        self.0["expected"][name].as_str().unwrap_or_else(|| panic!("{name}"))
    }

    pub fn now(&self) -> Timestamp {
        Timestamp::from_unix_seconds(self.0["unix_seconds"].as_i64().expect("a number")).expect("a time")
    }

    /// Random bytes that are read as the case's `a`.
    pub fn script(&self) -> ScriptedRng {
        ScriptedRng::new(unhex(&format!("{:0>80}", self.text("a"))))
    }

    /// The parameters of the case's challenge.
    pub fn challenge(&self) -> Vec<(&'static str, String)> {
        [("SALT", "salt"), ("SRP_B", "srp_b"), ("SECRET_BLOCK", "secret_block")]
            .map(|(name, field)| (name, self.text(field).to_owned()))
            .to_vec()
    }

    pub fn device_of(&self) -> Device {
        Device::new(self.text("device_key").parse().expect("a key"), self.text("device_group_key")).expect("a device")
    }
}

pub fn unhex(digits: &str) -> Vec<u8> {
    (0..digits.len()).step_by(2).map(|i| u8::from_str_radix(&digits[i..i + 2], 16).expect("hex")).collect()
}

/// The app client of the user's case, which has a secret.
pub fn app() -> AppClient {
    plain_app().with_secret(ClientSecret::new(Case::user().text("client_secret")).unwrap())
}

pub fn plain_app() -> AppClient {
    let case = Case::user();
    AppClient::new(case.text("pool_id").parse().unwrap(), case.text("client_id")).unwrap()
}

/// `SECRET_HASH`, computed without the crate.
pub fn secret_hash(username: &str) -> String {
    let case = Case::user();
    oracle::secret_hash(case.text("client_secret"), username, case.text("client_id"))
}

pub fn session() -> Session {
    Session::new(SESSION).unwrap()
}

pub fn password() -> Password {
    Password::new(Case::user().text("password")).unwrap()
}

pub fn user_credentials() -> Credentials {
    Credentials::new(user_name(ALIAS)).with_password(password())
}

pub fn device_credentials() -> DeviceCredentials {
    let case = Case::device();
    DeviceCredentials::from_parts(case.device_of(), pass(case.text("device_password")))
}

/// Everything that goes along with a request of one family.
pub fn full_context(api: Api) -> Context {
    let context = Context::default()
        .with_client_metadata("campaign", "Sommer \u{2600}")
        .and_then(|context| context.with_analytics_endpoint_id("endpoint-1"))
        .unwrap();
    match api {
        Api::Public => context.with_user_context_data(
            UserContextData::default().with_ip_address("192.0.2.1").with_encoded_data("fingerprint"),
        ),
        Api::Admin => context.with_context_data(
            ContextData::new("192.0.2.1", "login.example.com", "/sign-in")
                .with_header("User-Agent", "agent \"quoted\" \u{e9}")
                .with_header("Accept-Language", "de")
                .with_encoded_data("fingerprint"),
        ),
        other => panic!("a family of calls that this test does not know: {other:?}"),
    }
}

/// Starts with the alias, the password, a secret and a remembered device: the fullest form of a call.
pub fn start(api: Api, flow: SignInFlow, session: Option<Session>, context: Context) -> (SignIn, Request) {
    let credentials = user_credentials().with_device(device_credentials());
    SignIn::builder(&app(), api, flow, credentials)
        .with_session(session)
        .with_context(context)
        .start_with_rng(&mut Case::user().script())
        .unwrap()
}

/// The sign-in after `USER_SRP_AUTH`.
pub fn started(api: Api) -> SignIn {
    start(api, SignInFlow::UserSrp, None, Context::default()).0
}

pub fn challenge(name: ChallengeName, parameters: &[(&str, &str)]) -> AuthResponse {
    AuthResponse::challenge(name, parameters.iter().copied()).with_session(session())
}

/// `PASSWORD_VERIFIER` as the pool of the user's case asks it, with both names.
pub fn password_verifier() -> AuthResponse {
    let case = Case::user();
    let mut parameters = case.challenge();
    parameters.push(("USER_ID_FOR_SRP", case.text("user_id_for_srp").into()));
    parameters.push(("USERNAME", case.text("user_id_for_srp").into()));
    AuthResponse::challenge(ChallengeName::PasswordVerifier, parameters).with_session(session())
}

pub fn sent(step: Step) -> (SignIn, Request) {
    match step {
        Step::Send(sign_in, request) => (sign_in, request),
        other => panic!("nothing to send: {other:?}"),
    }
}

pub fn asked(step: Step) -> Challenge {
    match step {
        Step::Challenge(challenge) => challenge,
        other => panic!("no challenge: {other:?}"),
    }
}

/// The sign-in after the proof of the password, which has taught it the canonical name.
pub fn proved(api: Api) -> (SignIn, Request) {
    sent(started(api).advance_with_rng(Ok(password_verifier()), Case::user().now(), &mut ScriptedRng::new([])).unwrap())
}

/// A challenge for the caller after the proof of the password.
pub fn ask(api: Api, name: ChallengeName, parameters: &[(&str, &str)]) -> Challenge {
    asked(proved(api).0.advance(Ok(challenge(name, parameters)), Case::user().now()).unwrap())
}

pub struct Golden {
    pub name: String,
    pub comment: &'static str,
    pub request: Request,
}

impl Golden {
    pub fn new(suffix: &str, comment: &'static str, request: Request) -> Self {
        Self { name: format!("{}.{suffix}", request.operation().name()), comment, request }
    }

    pub fn path(&self) -> PathBuf {
        vectors().join("api").join(format!("{}.json", self.name))
    }

    pub fn body(&self) -> Value {
        serde_json::from_slice(&self.request.to_json()).expect("a body is JSON")
    }

    pub fn document(&self) -> Value {
        json!({ "comment": self.comment, "operation": self.request.operation().name(), "body": self.body() })
    }
}

/// Writes JSON for reading, in ASCII.
pub fn ascii(value: &Value) -> String {
    let text = serde_json::to_string_pretty(value).expect("JSON can be written");
    text.encode_utf16()
        .map(|unit| match u8::try_from(unit).ok().filter(u8::is_ascii) {
            Some(byte) => char::from(byte).to_string(),
            None => format!("\\u{unit:04x}"),
        })
        .collect()
}

/// Every request of the table, in both families where both have it. Computed once, because some cost an exponentiation.
pub fn goldens() -> &'static [Golden] {
    static ALL: LazyLock<Vec<Golden>> = LazyLock::new(|| {
        let mut all = Vec::new();
        for api in [Api::Public, Api::Admin] {
            all.extend(starts(api));
            all.extend(refreshes(api));
            all.extend(proofs(api));
            all.extend(answers(api));
        }
        all.extend(device_confirmations());
        all.extend(token_calls());
        all.extend(software_tokens());
        all
    });
    &ALL
}

pub fn starts(api: Api) -> Vec<Golden> {
    let with = |suffix, comment, flow| Golden::new(suffix, comment, start(api, flow, None, Context::default()).1);
    let plain = Credentials::new(user_name(ALIAS)).with_password(password());
    let (_, plain) = SignIn::builder(&plain_app(), api, SignInFlow::UserSrp, plain)
        .start_with_rng(&mut Case::user().script())
        .unwrap();
    let by_password = match api {
        Api::Public => with("USER_PASSWORD_AUTH", "the password is sent", SignInFlow::UserPassword),
        Api::Admin => with("ADMIN_USER_PASSWORD_AUTH", "the password is sent", SignInFlow::AdminUserPassword),
        other => panic!("a family of calls that this test does not know: {other:?}"),
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
        Golden::new(
            "USER_AUTH-step_up",
            "levels, an access token and the age of the last authentication",
            step_up(api),
        ),
        with("CUSTOM_AUTH", "the pool's own challenges from the start", SignInFlow::Custom),
        with("CUSTOM_AUTH-SRP_A", "the pool's own challenges after the proof of the password", SignInFlow::CustomSrp),
    ]
}

pub fn refreshes(api: Api) -> Vec<Golden> {
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
pub fn proofs(api: Api) -> Vec<Golden> {
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
pub fn answers(api: Api) -> Vec<Golden> {
    let one = |name: ChallengeName, text: &str| match ask(api, name, &[]) {
        Challenge::SmsMfa(challenge)
        | Challenge::EmailMfa(challenge)
        | Challenge::SoftwareTokenMfa(challenge)
        | Challenge::SmsOtp(challenge)
        | Challenge::EmailOtp(challenge) => challenge.answer(text).unwrap().1,
        Challenge::Custom(challenge) => challenge.answer(text).unwrap().1,
        Challenge::WebAuthn(challenge) => challenge.answer(text).unwrap().1,
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
    let (_, setup) = mfa_setup(api).answer(Session::new(NEXT_SESSION).unwrap());
    let (_, setup_email) = mfa_setup(api).answer_email("alice@example.com").unwrap();
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
        Golden::new("SELECT_CHALLENGE-WEB_AUTHN", "the choice, and CREDENTIAL in the same call", choose_passkey(api)),
        Golden::new("SELECT_CHALLENGE-PASSWORD", "the choice, and PASSWORD in the same call", choose_password(api)),
        Golden::new("SELECT_MFA_TYPE", "a choice", select_mfa),
        Golden::new("MFA_SETUP", "with the session of VerifySoftwareToken", setup),
        Golden::new("MFA_SETUP-EMAIL", "an address, with the session of the challenge", setup_email),
        Golden::new("PASSWORD", "a challenge without a type of its own", by_password),
    ]
}

/// `SELECT_CHALLENGE` of a user who has given no password.
pub fn choose_email(api: Api) -> Request {
    let credentials = Credentials::new(user_name(ALIAS));
    let (sign_in, _) = SignIn::builder(&app(), api, SignInFlow::User(None), credentials).start().unwrap();
    let select = challenge(ChallengeName::SelectChallenge, &[])
        .with_available_challenges([ChallengeName::EmailOtp, ChallengeName::PasswordSrp]);
    let Challenge::SelectChallenge(select) = asked(sign_in.advance(Ok(select), Case::user().now()).unwrap()) else {
        panic!("SELECT_CHALLENGE has its type")
    };
    select.answer(&ChallengeName::EmailOtp).unwrap().1
}

/// `SELECT_CHALLENGE` of a user who has a passkey.
pub fn choose_passkey(api: Api) -> Request {
    let credentials = Credentials::new(user_name(ALIAS));
    let (sign_in, _) = SignIn::builder(&app(), api, SignInFlow::User(None), credentials).start().unwrap();
    let select =
        challenge(ChallengeName::SelectChallenge, &[("CREDENTIAL_REQUEST_OPTIONS", r#"{"challenge":"c2ln"}"#)])
            .with_available_challenges([ChallengeName::WebAuthn, ChallengeName::PasswordSrp]);
    let Challenge::SelectChallenge(select) = asked(sign_in.advance(Ok(select), Case::user().now()).unwrap()) else {
        panic!("SELECT_CHALLENGE has its type")
    };
    select.answer_web_authn(r#"{"id":"x"}"#).unwrap().1
}

/// `USER_AUTH` of a user who is signed in and reaches a higher level.
pub fn step_up(api: Api) -> Request {
    let levels = ["urn:example:acr:phishing-resistant", "urn:example:acr:mfa"];
    let step_up = StepUp::new(&levels).unwrap().with_access_token(TOKEN).unwrap().with_max_age(300);
    SignIn::builder(&app(), api, SignInFlow::User(None), user_credentials()).with_step_up(step_up).start().unwrap().1
}

/// `SELECT_CHALLENGE` of a user who has given a password, in a pool that offers no proof.
pub fn choose_password(api: Api) -> Request {
    let (sign_in, _) = start(api, SignInFlow::User(None), None, Context::default());
    let select = challenge(ChallengeName::SelectChallenge, &[]).with_available_challenges([ChallengeName::Password]);
    let Challenge::SelectChallenge(select) = asked(sign_in.advance(Ok(select), Case::user().now()).unwrap()) else {
        panic!("SELECT_CHALLENGE has its type")
    };
    select.answer(&ChallengeName::Password).unwrap().1
}

pub fn device_confirmations() -> Vec<Golden> {
    let case = Case::verifier();
    let script = [unhex(case.text("random_password")), unhex(case.text("random_salt"))].concat();
    let (_, verifier) = DeviceCredentials::register_with_rng(case.device_of(), &mut ScriptedRng::new(script)).unwrap();
    let confirm = |name| ConfirmDevice::new(TOKEN, case.device_of().key(), &verifier, name).unwrap();
    vec![
        Golden::new("device", "a salt that begins with a zero byte", Request::ConfirmDevice(confirm(None))),
        Golden::new("device-name", "with a name", Request::ConfirmDevice(confirm(Some("Alice's \u{260e}")))),
    ]
}

/// `MFA_SETUP` of a user who can set up an app or e-mail.
pub fn mfa_setup(api: Api) -> MfaSetup {
    let can_set_up = [("MFAS_CAN_SETUP", r#"["SOFTWARE_TOKEN_MFA","EMAIL_OTP"]"#)];
    match ask(api, ChallengeName::MfaSetup, &can_set_up) {
        Challenge::MfaSetup(setup) => setup,
        other => panic!("MFA_SETUP has its type: {other:?}"),
    }
}

/// The calls that bring new tokens and that end them.
pub fn token_calls() -> Vec<Golden> {
    let token = RefreshToken::new(TOKEN).unwrap();
    let full = GetTokensFromRefreshToken::new(&app(), &token)
        .with_device_key(Case::device().device_of().key())
        .with_client_metadata("campaign", "Sommer \u{2600}")
        .unwrap();
    let plain = GetTokensFromRefreshToken::new(&plain_app(), &token);
    let linked = RevokeToken::new(&app(), &token).with_associated_sessions(RevokeAssociatedSessions::Linked);
    vec![
        Golden::new("token", "all that may go along", Request::GetTokensFromRefreshToken(full)),
        Golden::new("token-plain", "neither secret nor device", Request::GetTokensFromRefreshToken(plain)),
        Golden::new("token", "with the secret and the single sign-on session", Request::RevokeToken(linked)),
        Golden::new("token-plain", "no secret", Request::RevokeToken(RevokeToken::new(&plain_app(), &token))),
        Golden::new("token", "of a signed-in user", Request::GlobalSignOut(GlobalSignOut::new(TOKEN).unwrap())),
    ]
}

/// The calls that set up an authenticator app, of a user in a sign-in and of one who is signed in.
pub fn software_tokens() -> Vec<Golden> {
    let mut setup = mfa_setup(Api::Public);
    let associate = setup.associate().unwrap();
    let response = AssociateSoftwareTokenResponse::new(SecretCode::new("JBSWY3DPEHPK3PXP").unwrap());
    let _ = setup.associated(response.with_session(Session::new(ASSOCIATED_SESSION).unwrap()));
    let verify = setup.verify("123456", Some("Alice's \u{260e}")).unwrap();
    let signed_in = AssociateSoftwareToken::with_access_token(TOKEN).unwrap();
    let verified = VerifySoftwareToken::with_access_token(TOKEN, "654321").unwrap();
    vec![
        Golden::new("session", "with the session of MFA_SETUP", associate),
        Golden::new("session", "with the session of AssociateSoftwareToken and a name", verify),
        Golden::new("access-token", "of a signed-in user", Request::AssociateSoftwareToken(signed_in)),
        Golden::new("access-token", "of a signed-in user", Request::VerifySoftwareToken(verified)),
    ]
}
