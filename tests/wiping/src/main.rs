//! Looks for secrets in the memory of the heap that the crate gives back.
//!
//! What a type keeps on the heap it must wipe before it lets go of it, and what it keeps in itself before it is gone, for which
//! it is put on the heap here. Copies on the stack cannot be seen in this way; the crate's documentation names them under "Limits".

mod allocator;

use std::convert::Infallible;
use std::process::ExitCode;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use allocator::{Secrets, Watching, left_behind, look_for};
use cognito_srp6a::idp::{
    Api, AuthResponse, AuthenticationResult, Challenge, ChallengeName, ConfirmDevice, Context, Credentials, Password,
    RefreshFlow, RefreshToken, Request, ServiceError, Session, SignIn, SignInFlow, Step,
};
use cognito_srp6a::server::{DeviceRecord, ServerChallenge, ServerKey, UserRecord};
use cognito_srp6a::{
    AppClient, ClientSecret, Device, DeviceCredentials, DeviceSignIn, PasswordClaim, SrpA, Timestamp, UserSignIn,
};
use rand::{TryCryptoRng, TryRng};

#[global_allocator]
static ALLOCATOR: Watching = Watching;

const PASSWORD: &str = "a password that is found nowhere else";
const NEW_PASSWORD: &str = "a new password, found nowhere else";
const CLIENT_SECRET: &str = "0client0secret0that0is0found0nowhere0else0";
const SESSION: &str = "a session that is found nowhere else";
const TOKEN: &str = "a.token.that-is-found-nowhere-else";
const KEY: [u8; 32] = *b"a server key, found nowhere else";
/// What random numbers are made of, and so `a`, `b` and a device's password.
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

fn user() -> UserRecord {
    UserRecord::from_password_with_rng(app().pool_id(), "user", PASSWORD, &mut Known).unwrap()
}

fn device() -> Device {
    Device::new("us-east-1_0a1b".parse().unwrap(), "-group").unwrap()
}

fn registered() -> (DeviceCredentials, DeviceRecord) {
    let (credentials, verifier) = DeviceCredentials::register_with_rng(device(), &mut Known).unwrap();
    let record = DeviceRecord::from_confirm_device(device(), verifier.password_verifier(), verifier.salt());
    (credentials, record.unwrap())
}

fn credentials() -> Credentials {
    Credentials::new("alice").unwrap().with_password(Password::new(PASSWORD).unwrap()).with_device(registered().0)
}

fn start() -> (UserSignIn, SrpA) {
    let (sign_in, start) = UserSignIn::start_with_rng(&app_with_secret(), "alice", &mut Known).unwrap();
    (sign_in, start.srp_a().parse().unwrap())
}

fn claim() -> PasswordClaim {
    let (sign_in, srp_a) = start();
    let challenge = ServerKey::from_bytes(KEY).challenge_with_rng(&user(), &srp_a, now(), &mut Known).unwrap();
    sign_in.answer(challenge, PASSWORD, now()).unwrap()
}

fn sign_in(flow: SignInFlow) -> (SignIn, Request) {
    let (app, session) =
        (app_with_secret(), matches!(flow, SignInFlow::User(_)).then(|| Session::new(SESSION).unwrap()));
    SignIn::start_with_rng(&app, Api::Public, flow, credentials(), session, Context::default(), &mut Known).unwrap()
}

fn tokens() -> AuthResponse {
    let result =
        AuthenticationResult::default().with_access_token(TOKEN).with_id_token(TOKEN).with_refresh_token(TOKEN);
    AuthResponse::tokens(result)
}

/// A number in both orders of its bytes: as it is sent, and as limbs keep it.
fn number(bytes: &[u8]) -> Vec<Vec<u8>> {
    let part = &bytes[8..40.min(bytes.len())];
    vec![part.to_vec(), part.iter().rev().copied().collect()]
}

fn text(text: &str) -> Vec<Vec<u8>> {
    vec![text.as_bytes().to_vec()]
}

/// A claim's parameters, which are their caller's and stay.
static CLAIM: LazyLock<Vec<(&str, String)>> = LazyLock::new(|| claim().into_pairs());

fn secrets() -> Secrets {
    let (credentials, verifier) = DeviceCredentials::register_with_rng(device(), &mut Known).unwrap();
    let (_, device) = registered();
    let signature = claim().password_claim_signature();
    vec![
        ("the password", text(PASSWORD)),
        ("the new password", text(NEW_PASSWORD)),
        ("the client secret", text(CLIENT_SECRET)),
        ("the session", text(SESSION)),
        ("a token", text(TOKEN)),
        ("the server key", vec![KEY.to_vec()]),
        ("random bytes", number(DRAWN)),
        ("the device's password", text(credentials.expose_password())),
        ("the user's verifier", number(&user().expose_verifier())),
        ("the device's verifier", [number(&device.expose_verifier()), text(verifier.password_verifier())].concat()),
        ("the claim", vec![STANDARD.decode(signature).unwrap()]),
    ]
}

/// Puts a value on the heap and drops it there.
fn drop_boxed<T>(value: T) {
    drop(std::hint::black_box(Box::new(value)));
}

type Case = (&'static str, fn());

const CASES: &[Case] = &[
    ("a client secret", || drop_boxed(app_with_secret())),
    ("a sign-in that was started", || drop_boxed(start().0)),
    ("a claim", || drop_boxed(claim())),
    ("a claim that came", || drop_boxed(PasswordClaim::from_parameters(&*CLAIM).unwrap())),
    ("a server key", || drop_boxed(ServerKey::from_bytes(KEY))),
    ("a user's record", || drop_boxed(user())),
    ("a device's record", || drop_boxed(registered().1)),
    ("a challenge that is kept", || {
        drop_boxed(ServerChallenge::new_with_rng(&user(), start().1, now(), &mut Known).unwrap().0);
    }),
    ("a device's credentials", || drop_boxed(registered().0)),
    ("a device's sign-in", || {
        let (credentials, _) = registered();
        drop_boxed(DeviceSignIn::start_with_rng(&app_with_secret(), "user", &credentials, &mut Known).unwrap().0);
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
        drop_boxed(sign_in.advance_with_rng(Err(refused), now(), &mut Known).unwrap());
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
        let (api, flow, context) = (Api::Public, RefreshFlow::RefreshTokenAuth, Context::default());
        drop_boxed(SignIn::refresh(&app_with_secret(), api, flow, &token, "alice", None, context).unwrap());
    }),
    ("a device's confirmation", || {
        let (credentials, verifier) = DeviceCredentials::register_with_rng(device(), &mut Known).unwrap();
        let request = ConfirmDevice::new(TOKEN, credentials.device().key(), &verifier, None).unwrap();
        drop_boxed(Request::ConfirmDevice(request).to_json());
    }),
];

fn main() -> ExitCode {
    LazyLock::force(&CLAIM);
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
    println!("{} passed, {failed} failed", CASES.len() - failed);
    ExitCode::from(u8::from(failed > 0))
}
