//! Looks for secrets in the memory of the heap that the crate gives back.
//!
//! A type wipes its memory on the heap before it frees it, and itself before it is gone. Each value stands on the heap here, so both
//! are seen. Copies on the stack are not; the crate's documentation names them under "Limits".

mod allocator;

use std::convert::Infallible;
use std::process::ExitCode;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use allocator::{Secrets, Watching, left_behind, look_for, peak_of};
use cognito_srp6a::idp::{
    Api, AssociateSoftwareToken, AssociateSoftwareTokenResponse, AuthResponse, AuthenticationResult, BodyError,
    Challenge, ChallengeName, ConfirmDevice, Credentials, GetTokensFromRefreshToken, GlobalSignOut, MfaSetup,
    Operation, RefreshToken, Request, RevokeToken, SecretCode, ServiceError, Session, SignIn, SignInFlow, Step,
    StoredChallenge, TakeUpError, VerifySoftwareToken,
};
use cognito_srp6a::server::{DeviceRecord, PendingSignIn, ServerKey, UnknownUserKey, UserRecord};
use cognito_srp6a::{
    AppClient, ClientSecret, Device, DeviceCredentials, DeviceSignIn, DeviceSrpResponses, DeviceVerifier, Password,
    PasswordClaim, SrpA, SrpAuthParameters, Timestamp, UserSignIn, Username,
};
use rand::{TryCryptoRng, TryRng};

#[global_allocator]
static ALLOCATOR: Watching = Watching;

const PASSWORD: &str = "a password that is found nowhere else";
const NEW_PASSWORD: &str = "a new password, found nowhere else";
const CLIENT_SECRET: &str = "0client0secret0that0is0found0nowhere0else0";
/// The names that `SECRET_HASH` is over.
const NAMES: [&str; 2] = ["alice", "user"];
const SESSION: &str = "a session that is found nowhere else";
const TOKEN: &str = "a.token.that-is-found-nowhere-else";
/// The payload of an access token, with an escape in its name.
const PAYLOAD: &str = r#"{"jti":"a claim, found nowhere else","username":"a\u0020name that is found nowhere else"}"#;
const SECRET_CODE: &str = "0secret0code0that0is0found0nowhere0else0";
const KEY: [u8; 32] = *b"a server key, found nowhere else";
/// The bytes of all random numbers, and so of `a`, `b` and a device's password.
const DRAWN: &[u8; 40] = b"random bytes that are found nowhere else";

/// Random numbers that are known.
struct Known;

impl TryRng for Known {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("the crate draws bytes")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        unreachable!("the crate draws bytes")
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        out.copy_from_slice(&DRAWN[..out.len()]);
        Ok(())
    }
}

impl TryCryptoRng for Known {}

fn app() -> AppClient {
    AppClient::new("us-east-1_AbCdEfGhI".parse().unwrap(), "client").unwrap()
}

fn app_with_secret() -> AppClient {
    app().with_secret(ClientSecret::new(CLIENT_SECRET).unwrap())
}

fn now() -> Timestamp {
    Timestamp::from_unix_seconds(1_704_164_645).unwrap()
}

fn name(text: &str) -> Username {
    text.parse().unwrap()
}

fn password() -> Password {
    PASSWORD.parse().unwrap()
}

fn user() -> UserRecord {
    UserRecord::from_password_with_rng(app().pool_id(), &name("user"), &password(), &mut Known).unwrap()
}

fn device() -> Device {
    Device::new("us-east-1_0a1b".parse().unwrap(), "-group").unwrap()
}

fn registered() -> (DeviceCredentials, DeviceRecord) {
    let (credentials, verifier) = DeviceCredentials::register_with_rng(device(), &mut Known).unwrap();
    let sent = DeviceVerifier::from_base64(&verifier.password_verifier(), &verifier.salt()).unwrap();
    (credentials, DeviceRecord::new(device(), sent))
}

fn credentials() -> Credentials {
    let device = registered().0;
    Credentials::new(name("alice")).with_password(password()).with_device(device)
}

fn start() -> (UserSignIn, SrpA) {
    let (sign_in, start) = UserSignIn::start_with_rng(&app_with_secret(), &name("alice"), &mut Known).unwrap();
    (sign_in, start.srp_a().clone())
}

fn claim() -> PasswordClaim {
    let (sign_in, srp_a) = start();
    let challenge = ServerKey::from_bytes(KEY).unwrap().challenge_with_rng(&user(), &srp_a, now(), &mut Known).unwrap();
    sign_in.answer(challenge, &password(), now()).unwrap()
}

fn sign_in(flow: SignInFlow) -> (SignIn, Request) {
    let (app, session) =
        (app_with_secret(), matches!(flow, SignInFlow::User(_)).then(|| Session::new(SESSION).unwrap()));
    SignIn::builder(&app, Api::Public, flow, credentials()).with_session(session).start_with_rng(&mut Known).unwrap()
}

fn tokens() -> AuthResponse {
    AuthResponse::tokens(tokens_of(AuthenticationResult::default()))
}

fn tokens_of(result: AuthenticationResult) -> AuthenticationResult {
    result.with_access_token(TOKEN).with_id_token(TOKEN).with_refresh_token(TOKEN)
}

/// A number in both orders of its bytes: as it is sent, and as limbs keep it.
fn number(bytes: &[u8]) -> Vec<Vec<u8>> {
    let part = &bytes[8..40.min(bytes.len())];
    vec![part.to_vec(), part.iter().rev().copied().collect()]
}

fn text(text: &str) -> Vec<Vec<u8>> {
    vec![text.as_bytes().to_vec()]
}

/// `SECRET_HASH` over a name, as it is computed and as it is sent.
fn secret_hash(typed: &str) -> Vec<Vec<u8>> {
    let hash = app_with_secret().secret_hash(&name(typed)).unwrap();
    vec![STANDARD.decode(&*hash).unwrap(), hash.as_bytes().to_vec()]
}

/// A claim's parameters, which are their caller's and stay.
static CLAIM: LazyLock<Vec<(&str, String)>> = LazyLock::new(|| claim().into_pairs());

/// The parameters of the starts of sign-ins, likewise.
static START: LazyLock<Vec<(&str, String)>> = LazyLock::new(|| {
    let (_, start) = UserSignIn::start_with_rng(&app_with_secret(), &name(NAMES[0]), &mut Known).unwrap();
    start.into_pairs()
});
static DEVICE_START: LazyLock<Vec<(&str, String)>> = LazyLock::new(|| {
    let (credentials, _) = registered();
    let started = DeviceSignIn::start_with_rng(&app_with_secret(), &name(NAMES[1]), &credentials, &mut Known);
    started.unwrap().1.into_pairs()
});

/// The part of a stored challenge's Base64 that holds the session, without the letters at its ends.
fn session_in(encoded: &str) -> Vec<Vec<u8>> {
    let contents = URL_SAFE_NO_PAD.decode(encoded).unwrap();
    let at = contents.windows(SESSION.len()).position(|window| window == SESSION.as_bytes()).unwrap();
    text(&encoded[at.div_ceil(3) * 4..(at + SESSION.len()) / 3 * 4])
}

/// A challenge with a session that waits for its user.
fn waiting() -> Challenge {
    let (sign_in, _) = sign_in(SignInFlow::UserPassword);
    let asked = AuthResponse::challenge(ChallengeName::SmsMfa, [("CODE_DELIVERY_DESTINATION", "+*******0100")]);
    let asked = asked.with_session(Session::new(SESSION).unwrap());
    match sign_in.advance_with_rng(Ok(asked), now(), &mut Known) {
        Ok(Step::Challenge(challenge)) => challenge,
        other => panic!("not asked: {other:?}"),
    }
}

/// Takes a text up with the right credentials.
fn take_up(text: &str) -> Result<Challenge, TakeUpError> {
    StoredChallenge::new(text)?
        .take_up(&app_with_secret())
        .with_device(registered().0)
        .with_password(password())
        .build()
}

fn secrets() -> Secrets {
    let (credentials, verifier) = DeviceCredentials::register_with_rng(device(), &mut Known).unwrap();
    let (_, device) = registered();
    let stored = BODIES.stored.strip_prefix("v1.").unwrap();
    let signature = claim().password_claim_signature();
    vec![
        ("the password", text(PASSWORD)),
        ("the new password", text(NEW_PASSWORD)),
        ("the client secret", text(CLIENT_SECRET)),
        ("a SECRET_HASH", NAMES.iter().flat_map(|typed| secret_hash(typed)).collect()),
        ("the session", text(SESSION)),
        ("the session in a stored text", session_in(stored)),
        ("a token", text(TOKEN)),
        ("a token's payload", text(&PAYLOAD[..40])),
        ("the secret of an app", text(SECRET_CODE)),
        ("the server key", vec![KEY.to_vec()]),
        ("random bytes", number(DRAWN)),
        ("the device's password", text(credentials.expose_password())),
        ("the user's verifier", number(&user().expose_verifier())),
        ("the device's verifier", [number(&device.expose_verifier()), text(&verifier.password_verifier())].concat()),
        ("the claim", vec![STANDARD.decode(signature).unwrap()]),
    ]
}

/// Bodies and texts, made before anything is watched.
struct Bodies {
    jwt: String,
    refresh: String,
    revoke: String,
    bad_token: String,
    sign_out: String,
    verify: String,
    secret_code: String,
    bad_secret_code: String,
    plain: String,
    escaped: String,
    twice: String,
    malformed: String,
    misplaced: String,
    bare: String,
    sibling: String,
    bad_salt: String,
    tokens: String,
    lifetime: String,
    token_as_lifetime: String,
    verifier: String,
    broken_verifier: String,
    broken_claim: Vec<(&'static str, String)>,
    stored: String,
    stored_damaged: String,
}

static BODIES: LazyLock<Bodies> = LazyLock::new(|| {
    let initiate = |rest: &str| format!(r#"{{"ClientId":"c","AuthFlow":"X",{rest}}}"#);
    let escaped = PASSWORD.replace(' ', "\\u0020");
    let verifier =
        DeviceCredentials::register_with_rng(device(), &mut Known).unwrap().1.password_verifier().to_string();
    let confirm = format!(r#""AccessToken":"{TOKEN}","DeviceKey":"us-east-1_0a1b""#);
    let broken = |text: &str| format!("{}!!!!", &text[..text.len() - 4]);
    let breaks_off = |(name, value): (&'static str, String)| {
        (name, if name == "PASSWORD_CLAIM_SIGNATURE" { broken(&value) } else { value })
    };
    let stored = waiting().put_down().unwrap().expose().to_owned();
    Bodies {
        jwt: format!("a.{}.b", URL_SAFE_NO_PAD.encode(PAYLOAD)),
        refresh: format!(
            r#"{{"RefreshToken":"{TOKEN}","ClientId":"c","ClientSecret":"{CLIENT_SECRET}","DeviceKey":5}}"#
        ),
        revoke: format!(r#"{{"Token":"{TOKEN}","ClientSecret":"{CLIENT_SECRET}"}}"#),
        bad_token: format!("{TOKEN}/"),
        sign_out: format!(r#"{{"AccessToken":"{TOKEN}","AccessToken":"{TOKEN}"}}"#),
        verify: format!(r#"{{"AccessToken":"{TOKEN}","Session":"{SESSION}","FriendlyDeviceName":"x"}}"#),
        secret_code: format!(r#"{{"SecretCode":"{SECRET_CODE}","Session":"{SESSION}"}}"#),
        bad_secret_code: format!(r#"{{"SecretCode":"{SECRET_CODE}/","Session":"{SESSION}"}}"#),
        plain: initiate(&format!(r#""AuthParameters":{{"PASSWORD":"{PASSWORD}"}}"#)),
        escaped: initiate(&format!(r#""AuthParameters":{{"PASSWORD":"{escaped}"}}"#)),
        twice: initiate(&format!(r#""AuthParameters":{{"PASSWORD":"{PASSWORD}","PASSWORD":"x"}}"#)),
        malformed: initiate(&format!(r#""AuthParameters":{{"PASSWORD":"{PASSWORD}"}},"ClientMetadata":5"#)),
        misplaced: initiate(&format!(r#""AuthParameters":"{PASSWORD}""#)),
        bare: format!(r#""{PASSWORD}""#),
        sibling: format!(
            r#"{{"ClientId":"c","ChallengeName":"X","ChallengeResponses":{{"NEW_PASSWORD":"{NEW_PASSWORD}","A":5}}}}"#
        ),
        bad_salt: format!(r#"{{{confirm},"DeviceSecretVerifierConfig":{{"PasswordVerifier":"{verifier}","Salt":5}}}}"#),
        tokens: format!(r#"{{"AuthenticationResult":{{"AccessToken":"{TOKEN}","IdToken":"{TOKEN}","ExpiresIn":5}}}}"#),
        lifetime: format!(r#"{{"AuthenticationResult":{{"AccessToken":"{TOKEN}","ExpiresIn":"3600"}}}}"#),
        token_as_lifetime: format!(r#"{{"AuthenticationResult":{{"ExpiresIn":"{TOKEN}"}}}}"#),
        broken_verifier: broken(&verifier),
        verifier,
        broken_claim: claim().into_pairs().into_iter().map(breaks_off).collect(),
        stored_damaged: broken(&stored).replace('!', "A"),
        stored,
    }
});

fn read(operation: Operation, body: &str) -> Result<Request, BodyError> {
    Request::from_json(operation, body.as_bytes())
}

fn refuse(operation: Operation, body: &str) {
    assert!(read(operation, body).is_err());
}

/// Puts a value on the heap and drops it there.
fn drop_boxed<T>(value: T) {
    drop(std::hint::black_box(Box::new(value)));
}

/// `MFA_SETUP` in a sign-in.
fn mfa_setup() -> MfaSetup {
    let (sign_in, _) = sign_in(SignInFlow::UserPassword);
    let asked = AuthResponse::challenge::<&str, &str>(ChallengeName::MfaSetup, []);
    let step = sign_in.advance_with_rng(Ok(asked.with_session(Session::new(SESSION).unwrap())), now(), &mut Known);
    let Ok(Step::Challenge(Challenge::MfaSetup(setup))) = step else { panic!("not asked") };
    setup
}

/// Writes a request, reads it again, and drops all of it.
fn there_and_back(request: Request) {
    let body = request.to_json();
    drop_boxed(Request::from_json(request.operation(), &body).unwrap());
    drop_boxed(body);
    drop_boxed(request);
}

type Case = (&'static str, fn());

const CASES: &[Case] = &[
    ("a client secret", || drop_boxed(app_with_secret())),
    ("a SECRET_HASH", || drop_boxed(app_with_secret().secret_hash(&name(NAMES[0])))),
    ("the start of a sign-in", || {
        let (_, start) = UserSignIn::start_with_rng(&app_with_secret(), &name(NAMES[0]), &mut Known).unwrap();
        drop_boxed(start);
    }),
    ("the start of a sign-in that came", || drop_boxed(SrpAuthParameters::from_parameters(&*START).unwrap())),
    ("the start of a sign-in that came with a bad device", || {
        let sent: Vec<_> =
            START.iter().map(|(name, value)| (*name, value.as_str())).chain([("DEVICE_KEY", "bad")]).collect();
        assert!(SrpAuthParameters::from_parameters(&sent).is_err());
    }),
    ("the start of a device's sign-in", || {
        let (credentials, _) = registered();
        drop_boxed(
            DeviceSignIn::start_with_rng(&app_with_secret(), &name(NAMES[1]), &credentials, &mut Known).unwrap().1,
        );
    }),
    ("the start of a device's sign-in that came", || {
        drop_boxed(DeviceSrpResponses::from_parameters(&*DEVICE_START).unwrap());
    }),
    ("a sign-in that was started", || drop_boxed(start().0)),
    ("a claim", || drop_boxed(claim())),
    ("a claim that came", || drop_boxed(PasswordClaim::from_parameters(&*CLAIM).unwrap())),
    ("a server key", || drop_boxed(ServerKey::from_bytes(KEY).unwrap())),
    ("the key of fake records", || drop_boxed(UnknownUserKey::from_bytes(KEY).unwrap())),
    ("a user's record", || drop_boxed(user())),
    ("a device's record", || drop_boxed(registered().1)),
    ("a challenge that is kept", || {
        drop_boxed(PendingSignIn::new_with_rng(&user(), start().1, now(), &mut Known).unwrap().0);
    }),
    ("a device's credentials", || drop_boxed(registered().0)),
    ("a device's sign-in", || {
        let (credentials, _) = registered();
        drop_boxed(
            DeviceSignIn::start_with_rng(&app_with_secret(), &name("user"), &credentials, &mut Known).unwrap().0,
        );
    }),
    ("credentials", || drop_boxed(credentials())),
    ("a session and a token", || drop_boxed((Session::new(SESSION).unwrap(), RefreshToken::new(TOKEN).unwrap()))),
    ("a password that is too long", || {
        assert!(Password::new(PASSWORD.repeat(20)).is_err());
    }),
    ("a proof's beginning", || drop_boxed(sign_in(SignInFlow::UserSrp))),
    ("a password that is sent, and its body", || {
        let (sign_in, request) = sign_in(SignInFlow::UserPassword);
        drop_boxed(request.to_json());
        drop_boxed((sign_in, request));
    }),
    ("a session that is sent, and its body", || {
        let (sign_in, request) = sign_in(SignInFlow::User(None));
        drop_boxed(request.to_json());
        drop_boxed((sign_in, request));
    }),
    ("a new password, refused once", || {
        let (sign_in, _) = sign_in(SignInFlow::UserPassword);
        let asked = AuthResponse::challenge::<&str, &str>(ChallengeName::NewPasswordRequired, []);
        let step = sign_in.advance_with_rng(Ok(asked.with_session(Session::new(SESSION).unwrap())), now(), &mut Known);
        let Ok(Step::Challenge(Challenge::NewPasswordRequired(asked))) = step else { panic!("not asked") };
        let (sign_in, request) = asked.answer(&Password::new(NEW_PASSWORD).unwrap(), &[]).unwrap();
        drop_boxed(request.to_json());
        drop_boxed(request);
        let refused = ServiceError::new("InvalidPasswordException", "");
        drop_boxed(sign_in.advance_with_rng(Err(refused.into()), now(), &mut Known).unwrap());
    }),
    ("a challenge that is put down", || drop_boxed(waiting().put_down().unwrap())),
    ("a challenge that is taken up and answered", || {
        let Ok(Challenge::SmsMfa(challenge)) = take_up(&BODIES.stored) else { panic!("not taken up") };
        drop_boxed(challenge.answer("123456").unwrap());
    }),
    ("a stored challenge that is damaged", || {
        assert_eq!(take_up(&BODIES.stored_damaged).unwrap_err(), TakeUpError::Damaged);
    }),
    ("a stored challenge of another app client", || {
        let stored = StoredChallenge::new(BODIES.stored.as_str()).unwrap();
        let foreign = AppClient::new("us-east-1_AbCdEfGhI".parse().unwrap(), "another").unwrap();
        assert_eq!(stored.take_up(&foreign).build().unwrap_err(), TakeUpError::Foreign);
    }),
    ("a stored challenge that is too long", || {
        assert_eq!(StoredChallenge::new(BODIES.stored.repeat(400)).unwrap_err(), TakeUpError::TooLong);
    }),
    ("a challenge that is too long to be put down", || {
        let (sign_in, _) = sign_in(SignInFlow::UserPassword);
        let asked = AuthResponse::challenge(ChallengeName::SmsMfa, [("X", "x".repeat(StoredChallenge::MAX_BYTES))]);
        let asked = asked.with_session(Session::new(SESSION).unwrap());
        let step = sign_in.advance_with_rng(Ok(asked), now(), &mut Known);
        let Ok(Step::Challenge(challenge)) = step else { panic!("not asked") };
        drop_boxed(challenge.put_down().unwrap_err());
    }),
    ("an answer that is given twice", || {
        let (sign_in, _) = sign_in(SignInFlow::UserPassword);
        let asked = AuthResponse::challenge::<&str, &str>("NEW_KIND".into(), []);
        let step = sign_in.advance_with_rng(Ok(asked), now(), &mut Known);
        let Ok(Step::Challenge(Challenge::Other(asked))) = step else { panic!("not asked") };
        drop_boxed(asked.answer(&[("ANSWER", NEW_PASSWORD), ("ANSWER", "another")]).unwrap());
    }),
    ("tokens, and their body", || {
        drop_boxed(tokens().to_json());
        let (sign_in, _) = sign_in(SignInFlow::UserPassword);
        drop_boxed(sign_in.advance_with_rng(Ok(tokens()), now(), &mut Known).unwrap());
    }),
    ("a refresh", || {
        let token = RefreshToken::new(TOKEN).unwrap();
        drop_boxed(SignIn::refresh(&app_with_secret(), Api::Public, &token, &name("alice")).start().unwrap());
    }),
    ("a token that is set twice", || {
        let result = tokens_of(AuthenticationResult::default());
        drop_boxed(result.with_access_token("b").with_id_token("b").with_refresh_token("b"));
    }),
    ("a password in a body", || drop_boxed(read(Operation::InitiateAuth, &BODIES.plain).unwrap())),
    ("a password with an escape", || drop_boxed(read(Operation::InitiateAuth, &BODIES.escaped).unwrap())),
    ("a password given twice", || refuse(Operation::InitiateAuth, &BODIES.twice)),
    ("a malformed member after the password", || refuse(Operation::InitiateAuth, &BODIES.malformed)),
    ("a password in the place of a map", || refuse(Operation::InitiateAuth, &BODIES.misplaced)),
    ("a password in the place of a body", || refuse(Operation::InitiateAuth, &BODIES.bare)),
    ("a new password whose sibling is no text", || refuse(Operation::RespondToAuthChallenge, &BODIES.sibling)),
    ("a device's confirmation with a bad salt", || refuse(Operation::ConfirmDevice, &BODIES.bad_salt)),
    ("tokens in a body", || drop_boxed(AuthResponse::from_json(BODIES.tokens.as_bytes()).unwrap())),
    ("tokens beside a lifetime that is a text", || {
        assert!(AuthResponse::from_json(BODIES.lifetime.as_bytes()).is_err());
    }),
    ("a token in the place of a lifetime", || {
        assert!(AuthResponse::from_json(BODIES.token_as_lifetime.as_bytes()).is_err());
    }),
    ("a device's verifier that breaks off", || {
        assert!(DeviceVerifier::from_base64(&BODIES.broken_verifier, "AQ==").is_err());
    }),
    ("a device's verifier beside a bad salt", || {
        assert!(DeviceVerifier::from_base64(&BODIES.verifier, "no salt").is_err());
    }),
    ("a claim that breaks off", || {
        assert!(PasswordClaim::from_parameters(&BODIES.broken_claim).is_err());
    }),
    ("a device's confirmation", || {
        let (credentials, verifier) = DeviceCredentials::register_with_rng(device(), &mut Known).unwrap();
        let request = ConfirmDevice::new(TOKEN, credentials.device().key(), &verifier, None).unwrap();
        drop_boxed(Request::ConfirmDevice(request).to_json());
    }),
    ("the name in a token", || {
        let result = AuthenticationResult::default().with_access_token(&*BODIES.jwt);
        assert!(result.username().is_some());
    }),
    ("new tokens for a refresh token", || {
        let token = RefreshToken::new(TOKEN).unwrap();
        there_and_back(Request::GetTokensFromRefreshToken(GetTokensFromRefreshToken::new(&app_with_secret(), &token)));
    }),
    ("a token that is revoked", || {
        let token = RefreshToken::new(TOKEN).unwrap();
        there_and_back(Request::RevokeToken(RevokeToken::new(&app_with_secret(), &token)));
    }),
    ("a sign-out everywhere", || there_and_back(Request::GlobalSignOut(GlobalSignOut::new(TOKEN).unwrap()))),
    ("a sign-out with a token that is refused", || {
        assert!(GlobalSignOut::new(BODIES.bad_token.as_str()).is_err());
    }),
    ("an app that a signed-in user sets up", || {
        there_and_back(Request::AssociateSoftwareToken(AssociateSoftwareToken::with_access_token(TOKEN).unwrap()));
        there_and_back(Request::VerifySoftwareToken(VerifySoftwareToken::with_access_token(TOKEN, "123456").unwrap()));
    }),
    ("an app that is set up in a sign-in, and the code for it", || {
        let mut setup = mfa_setup();
        there_and_back(setup.associate().unwrap());
        let secret = SecretCode::new(SECRET_CODE).unwrap();
        let response = AssociateSoftwareTokenResponse::new(secret).with_session(Session::new(SESSION).unwrap());
        drop_boxed(response.to_json());
        let secret = setup.associated(response);
        drop_boxed(secret.otpauth_uri("an issuer with blanks", "an account & more").unwrap());
        drop_boxed(secret);
        there_and_back(setup.verify("123456", None).unwrap());
        let refused = ServiceError::new("EnableSoftwareTokenMFAException", "");
        drop_boxed(setup.verified(Err(refused.into())).unwrap());
    }),
    ("the secret of an app in a body", || {
        drop_boxed(AssociateSoftwareTokenResponse::from_http(200, BODIES.secret_code.as_bytes()).unwrap());
        assert!(AssociateSoftwareTokenResponse::from_http(200, BODIES.bad_secret_code.as_bytes()).is_err());
    }),
    ("tokens in bodies that are refused", || {
        refuse(Operation::GetTokensFromRefreshToken, &BODIES.refresh);
        refuse(Operation::RevokeToken, &BODIES.revoke);
        refuse(Operation::GlobalSignOut, &BODIES.sign_out);
        refuse(Operation::VerifySoftwareToken, &BODIES.verify);
    }),
];

/// The longest body that is read, and how much memory reading one may take.
const MAX_BODY: usize = 1 << 20;
const MAX_PEAK: usize = 3 * MAX_BODY;

/// A body of the longest length whose middle repeats.
fn filled(start: &str, middle: &str, end: &str) -> String {
    let times = (MAX_BODY - start.len() - end.len()) / middle.len();
    format!("{start}{}{end}", middle.repeat(times))
}

/// A body of the longest length with small members, each of another name.
fn crowded(start: &str, end: &str) -> String {
    let members = (0..).map(|number| format!(r#""{number:x}":"","#));
    let mut body = String::from(start);
    body.extend(members.take(MAX_BODY >> 3));
    body.truncate(MAX_BODY - end.len() - 20);
    body.truncate(body.rfind(',').unwrap());
    body + end
}

/// Bodies that cost more than they should: small members, small entries, deep and wide values of unknown names.
fn costly_bodies() -> Vec<(&'static str, String)> {
    const REQUEST: &str = r#"{"ClientId":"c","AuthFlow":"X","ChallengeName":"X","AccessToken":"x","DeviceKey":"x""#;
    let with = |member: &str| format!("{REQUEST},{member}");
    vec![
        ("small parameters", crowded(&with(r#""AuthParameters":{"#), "}}")),
        ("small responses", crowded(&with(r#""ChallengeResponses":{"#), "}}")),
        ("small metadata", crowded(&with(r#""ClientMetadata":{"#), "}}")),
        ("small members", crowded(&with(r#""x":1,"#), "}")),
        ("headers", filled(&with(r#""ContextData":{"HttpHeaders":["#), "{},", "{}]}}")),
        ("a wide list", filled(&with(r#""x":["#), "[],", "[]]}")),
        ("a wide list of numbers", filled(&with(r#""x":["#), "1,", "1]}")),
        ("a deep list", filled(&with(r#""x":"#), "[", "")),
        ("small challenges", filled(r#"{"AvailableChallenges":["#, r#""","#, r#"""]}"#)),
        ("small challenge parameters", crowded(r#"{"ChallengeParameters":{"#, "}}")),
        ("one long text", filled(&with(r#""AuthParameters":{"x":""#), "a", r#""}}"#)),
        ("one long escaped text", filled(&with(r#""AuthParameters":{"x":""#), r"\n", r#""}}"#)),
    ]
}

/// A stored challenge of the longest length whose contents cost the most: as many entries as there may be, and one long
/// text.
fn costly_stored() -> StoredChallenge {
    let entries = (0..255).map(|number| (format!("{number:x}"), String::new()));
    let long = [("long".to_owned(), "x".repeat(44_000))];
    let asked = AuthResponse::challenge(ChallengeName::CustomChallenge, entries.chain(long));
    let (sign_in, _) = sign_in(SignInFlow::UserPassword);
    match sign_in.advance_with_rng(Ok(asked), now(), &mut Known) {
        Ok(Step::Challenge(challenge)) => challenge.put_down().unwrap(),
        other => panic!("not asked: {other:?}"),
    }
}

fn read_as_everything(body: &[u8]) {
    for operation in [
        Operation::InitiateAuth,
        Operation::RespondToAuthChallenge,
        Operation::ConfirmDevice,
        Operation::GetTokensFromRefreshToken,
        Operation::RevokeToken,
        Operation::GlobalSignOut,
        Operation::AssociateSoftwareToken,
        Operation::VerifySoftwareToken,
    ] {
        drop(Request::from_json(operation, body));
    }
    drop(AssociateSoftwareTokenResponse::from_http(200, body));
    drop(AuthResponse::from_http(200, body));
    drop(AuthResponse::from_http(400, body));
}

fn main() -> ExitCode {
    for sent in [&CLAIM, &START, &DEVICE_START] {
        LazyLock::force(sent);
    }
    LazyLock::force(&BODIES);
    look_for(secrets());
    // Memory that is not wiped must be found, or nothing would be.
    assert_eq!(left_behind(|| drop_boxed(String::from(PASSWORD))), Some("the password"));
    assert_eq!(left_behind(|| drop_boxed(KEY)), Some("the server key"));

    let mut failed = 0;
    for (what, run) in CASES {
        match left_behind(run) {
            None => println!("{what}: wiped"),
            Some(secret) => {
                println!("FAILED {what}: left in memory: {secret}");
                failed += 1;
            }
        }
    }
    let costly = costly_bodies();
    for (what, body) in &costly {
        assert!((MAX_BODY - 4096..=MAX_BODY).contains(&body.len()), "{what}: {} bytes", body.len());
        let peak = peak_of(|| read_as_everything(body.as_bytes()));
        println!("{what}: a body of {} KiB is read in {} KiB", body.len() >> 10, peak >> 10);
        if peak > MAX_PEAK {
            println!("FAILED {what}: more than {} KiB", MAX_PEAK >> 10);
            failed += 1;
        }
    }
    let stored = costly_stored();
    let peak = peak_of(|| drop(take_up(stored.expose()).unwrap()));
    println!("a stored challenge of {} KiB is taken up in {} KiB", stored.expose().len() >> 10, peak >> 10);
    if peak > 4 * StoredChallenge::MAX_BYTES {
        println!("FAILED: more than {} KiB", (4 * StoredChallenge::MAX_BYTES) >> 10);
        failed += 1;
    }
    println!("{} passed, {failed} failed", CASES.len() + costly.len() + 1 - failed);
    ExitCode::from(u8::from(failed > 0))
}
