//! Everything that a caller may print is safe to print.

mod common;

use std::fmt::Debug;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use cognito_srp6a::idp::{
    Api, AssociateSoftwareToken, AssociateSoftwareTokenResponse, AuthResponse, AuthenticationResult, Challenge,
    ChallengeName, ConfirmDevice, Context, Credentials, FirstFactor, GetTokensFromRefreshToken, GlobalSignOut,
    ParameterMap, RefreshOutcome, RefreshToken, Request, RevokeToken, SecretCode, Session, SignIn, SignInFlow, Step,
    VerifySoftwareToken, VerifySoftwareTokenResponse, VerifySoftwareTokenStatus,
};
use cognito_srp6a::server::{PendingSignIn, ServerKey, UnknownUserKey, UserRecord};
use cognito_srp6a::{
    AppClient, ClientSecret, Device, DeviceCredentials, DeviceSignIn, Password, PoolId, Salt, SrpA, SrpB, Timestamp,
    UserSignIn, Username,
};
use common::accounts::{GROUP_KEY, SECRET, TOKEN, USERNAME, app, device, now};
use common::{Account, ScriptedRng, device_record, integer, oracle, pass, time, user_name};

/// Pieces of a secret of bytes as programs print them: hex, Base64 at each alignment, and lists of bytes and of words.
fn traces_of_bytes(secret: &[u8]) -> Vec<String> {
    let mut traces = Vec::new();
    for piece in secret.windows(4) {
        let hex = common::hex(piece);
        traces.extend([hex.to_uppercase(), hex]);
        let list = |print: fn(&u8) -> String| piece.iter().map(print).collect::<Vec<_>>().concat();
        traces.push(list(|byte| format!("{byte},")));
        traces.push(list(|byte| format!("{byte:x},")));
        traces.push(list(|byte| format!("{byte:X},")));
        traces.push(list(|byte| format!("0x{byte:02x},")));
        traces.push(list(|byte| format!("{byte:02x}:")));
    }
    for piece in secret.windows(6) {
        traces.extend([STANDARD.encode(piece), URL_SAFE.encode(piece)]);
    }
    for piece in secret.windows(8) {
        let word = u64::from_be_bytes(piece.try_into().expect("the window has 8 bytes"));
        for word in [word, word.swap_bytes()] {
            traces.extend([format!("{word}"), format!("{word:016x}"), format!("{word:016X}")]);
        }
    }
    traces
}

/// Pieces of a secret text, as it stands and as bytes.
fn traces_of_text(secret: &str) -> Vec<String> {
    let pieces = secret.as_bytes().windows(6).map(|piece| String::from_utf8_lossy(piece).into_owned());
    pieces.chain(traces_of_bytes(secret.as_bytes())).collect()
}

/// The secrets of a test, by what they are.
#[derive(Default)]
struct Secrets(Vec<(&'static str, Vec<String>)>);

impl Secrets {
    fn bytes(mut self, what: &'static str, secret: &[u8]) -> Self {
        self.0.push((what, traces_of_bytes(secret)));
        self
    }

    fn text(mut self, what: &'static str, secret: &str) -> Self {
        self.0.push((what, traces_of_text(secret)));
        self
    }

    /// Returns a form of a secret that the printed value shows.
    fn shown_by(&self, value: &dyn Debug) -> Option<&'static str> {
        let texts = [format!("{value:?}"), format!("{value:#?}"), format!("{value:x?}"), format!("{value:X?}")];
        // Line breaks and blanks are where a list is broken, and no secret here has any.
        let texts = texts.map(|text| text.chars().filter(|c| !c.is_whitespace()).collect::<String>());
        let shows = |trace: &String| texts.iter().any(|text| text.contains(trace));
        self.0.iter().find(|(_, traces)| traces.iter().any(shows)).map(|(what, _)| *what)
    }

    #[track_caller]
    fn are_not_shown_by(&self, value: &dyn Debug) {
        assert_eq!(self.shown_by(value), None, "{value:#?}");
    }
}

/// Bytes without any regularity that a printed text could have by chance.
fn noise(label: &str, length: usize) -> Vec<u8> {
    let blocks = (0u8..).flat_map(|i| oracle::sha256(&[label.as_bytes(), &[i]]));
    blocks.take(length).collect()
}

/// An account whose secrets are noise, too.
fn account() -> Account {
    let password = STANDARD.encode(noise("password", 30));
    let client_secret = common::hex(&noise("client secret", 32));
    Account { password, client_secret: Some(client_secret), ..Account::plain() }
}

/// Its record. Random numbers are drawn from a script in all of these tests: a few bytes of a secret would be found by chance in
/// one of some thousands of random blocks.
fn record(account: &Account) -> UserRecord {
    let salt = noise("salt", 16);
    let rng = &mut ScriptedRng::new(&salt);
    UserRecord::from_password_with_rng(&account.pool(), &user_name(&account.user_id), &pass(&account.password), rng)
        .unwrap()
}

fn credentials() -> DeviceCredentials {
    let device = Device::new("us-east-1_0a1b".parse().unwrap(), "-group").unwrap();
    DeviceCredentials::from_parts(device, pass(STANDARD.encode(noise("device password", 40))))
}

#[test]
fn the_search_finds_a_secret_in_every_form_it_could_be_printed_in() {
    let secret = noise("secret", 40);
    let secrets = Secrets::default().bytes("bytes", &secret);
    let words: Vec<u64> =
        secret.chunks_exact(8).map(|chunk| u64::from_be_bytes(chunk.try_into().expect("8 bytes"))).collect();
    let little: Vec<u64> = words.iter().rev().copied().collect();
    let texts: [&dyn Debug; 10] = [
        &secret,
        &&secret[3..9],
        &words,
        &little,
        &common::hex(&secret),
        &common::hex(&secret).to_uppercase(),
        &STANDARD.encode(&secret),
        &STANDARD.encode([&[0][..], &secret].concat()),
        &STANDARD.encode([&[0, 0][..], &secret].concat()),
        &URL_SAFE.encode(&secret),
    ];
    for text in texts {
        assert_eq!(secrets.shown_by(text), Some("bytes"), "{text:?}");
    }
    assert_eq!(secrets.shown_by(&noise("other", 400)), None);

    let secrets = Secrets::default().text("text", "Passw0rd!");
    for text in ["Passw0rd!", "xPassw0", "sw0rd!x"] {
        assert_eq!(secrets.shown_by(&text), Some("text"));
    }
    assert_eq!(secrets.shown_by(&"Passw0rd!".as_bytes()), Some("text"));
    assert_eq!(secrets.shown_by(&"pass word"), None);
}

#[test]
fn a_client_shows_neither_its_ephemeral_nor_the_client_secret_nor_the_password() {
    let account = account();
    let a = noise("a", 40);
    let app = account.app();
    let secret = account.client_secret.as_deref().unwrap();
    let hash = |name: &str| app.secret_hash(&user_name(name)).unwrap();
    let secrets = Secrets::default()
        .bytes("a", &a)
        .text("client secret", secret)
        .text("SECRET_HASH", &hash(&account.typed))
        .text("SECRET_HASH", &hash(&account.user_id))
        .text("password", &account.password);

    secrets.are_not_shown_by(&app);
    secrets.are_not_shown_by(&ClientSecret::new(secret).unwrap());
    let (sign_in, start) =
        UserSignIn::start_with_rng(&app, &user_name(&account.typed), &mut ScriptedRng::new(&a)).unwrap();
    secrets.are_not_shown_by(&sign_in);
    secrets.are_not_shown_by(&start);

    let record = record(&account);
    let srp_a: SrpA = start.srp_a().clone();
    let challenge = ServerKey::from_bytes([7; 32])
        .unwrap()
        .challenge_with_rng(&record, &srp_a, account.now(), &mut ScriptedRng::new(noise("nonce", 32)))
        .unwrap();
    secrets.are_not_shown_by(&challenge);

    // The parts of the claim.
    let (big_a, big_b) = (srp_a.to_be_bytes(), challenge.srp_b().to_be_bytes());
    let salt = integer(&challenge.salt().to_signed_bytes());
    let x = oracle::x(account.realm(), &account.user_id, account.password.as_bytes(), &salt);
    let u = oracle::u(&integer(&big_a), &integer(&big_b));
    let premaster = oracle::client_premaster(&integer(&a), &integer(&big_b), &x, &u);
    let secrets = secrets
        .bytes("x", &x.to_bytes_be())
        .bytes("v", &oracle::v(&x).to_bytes_be())
        .bytes("S", &premaster.to_bytes_be())
        .bytes("K", &oracle::session_key(&u, &premaster))
        .bytes("a + u·x", &(integer(&a) + u * x).to_bytes_be());
    let claim = sign_in.answer(challenge, &pass(&account.password), account.now()).unwrap();
    secrets.are_not_shown_by(&claim);
}

#[test]
fn what_holds_a_secret_is_printed_as_its_type_and_what_is_public() {
    let account = account();
    let rng = || ScriptedRng::new(noise("random", 104));
    let (app, name, now) = (account.app(), user_name("user"), time(1_704_164_645));
    let (user, start) = UserSignIn::start_with_rng(&app, &name, &mut rng()).unwrap();
    let key = ServerKey::from_bytes([7; 32]).unwrap();
    let asked = key.challenge_with_rng(&record(&account), start.srp_a(), now, &mut rng()).unwrap();
    let (credentials, verifier) =
        DeviceCredentials::register_with_rng(credentials().device().clone(), &mut rng()).unwrap();
    let (device, device_start) = DeviceSignIn::start_with_rng(&app, &name, &credentials, &mut rng()).unwrap();
    let secret = SecretCode::new("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567").unwrap();
    let shown = format!("{user:?}");
    let claim = user.answer(asked, &pass(&account.password), now).unwrap();
    let printed: [(&dyn Debug, &str); 10] = [
        (&pass("a password"), "Password { .. }"),
        (&key, "ServerKey { .. }"),
        (&verifier, "DeviceVerifier { .. }"),
        (&start, "SrpAuthParameters { username: Username(\"user\"), .. }"),
        (&device_start, "DeviceSrpResponses { username: Username(\"user\"), device_key: DeviceKey("),
        (&format_args!("{shown}"), "secret: Some(ClientSecret { .. })"),
        (&device, "{ a: Ephemeral(Exponent { bits: 320, .. }), A: ClientPublic(Element { .. }) }"),
        (&secret, "SecretCode { .. }"),
        (&record(&account), "verifier: Verifier(Element { .. })"),
        (&claim, "timestamp: Timestamp(2024-01-02T03:04:05Z), .. }"),
    ];
    for (value, text) in printed {
        assert!(format!("{value:?}").contains(text), "{value:?}");
    }
}

#[test]
fn a_server_shows_neither_a_verifier_nor_its_ephemeral_nor_its_key() {
    let account = account();
    let (b, key) = (noise("b", 72), noise("key", 32));
    let record = record(&account);
    let secrets = Secrets::default()
        .text("password", &account.password)
        .bytes("v", &record.expose_verifier())
        .bytes("b", &b[..40])
        .bytes("key", &key);
    secrets.are_not_shown_by(&record);

    let srp_a = || "2".parse::<SrpA>().unwrap();
    let rng = &mut ScriptedRng::new(&b);
    let (state, challenge) = PendingSignIn::new_with_rng(&record, srp_a(), account.now(), rng).unwrap();
    secrets.are_not_shown_by(&state);
    secrets.are_not_shown_by(&challenge);

    let key = ServerKey::from_bytes(key.try_into().unwrap()).unwrap();
    secrets.are_not_shown_by(&key);
    secrets.are_not_shown_by(
        &key.challenge_with_rng(&record, &srp_a(), account.now(), &mut ScriptedRng::new(noise("nonce", 32))).unwrap(),
    );
    let fakes = UnknownUserKey::from_bytes(noise("fakes", 32).try_into().unwrap()).unwrap();
    Secrets::default().bytes("the key of fakes", fakes.expose_bytes()).are_not_shown_by(&fakes);
    let unknown = fakes.record(&account.pool(), &user_name("nobody"));
    Secrets::default().bytes("v", &unknown.expose_verifier()).are_not_shown_by(&unknown);
}

#[test]
fn a_device_shows_neither_its_password_nor_its_ephemeral_nor_its_verifier() {
    let account = account();
    let script = noise("device", 56);
    let device = credentials().device().clone();
    let rng = &mut ScriptedRng::new(&script);
    let (credentials, verifier) = DeviceCredentials::register_with_rng(device.clone(), rng).unwrap();
    let record = device_record(device, &verifier);
    let a = noise("a", 40);
    let secrets = Secrets::default()
        .bytes("device password", &script[..40])
        .text("device password", credentials.expose_password())
        .bytes("v", &record.expose_verifier())
        .text("client secret", account.client_secret.as_deref().unwrap())
        .text("SECRET_HASH", &account.app().secret_hash(&user_name("user")).unwrap())
        .bytes("a", &a);
    secrets.are_not_shown_by(&credentials);
    secrets.are_not_shown_by(&record);

    let rng = &mut ScriptedRng::new(&a);
    let (sign_in, start) = DeviceSignIn::start_with_rng(&account.app(), &user_name("user"), &credentials, rng).unwrap();
    secrets.are_not_shown_by(&sign_in);
    let key = ServerKey::from_bytes([7; 32]).unwrap();
    let challenge = key
        .device_challenge_with_rng(&record, &start, account.now(), &mut ScriptedRng::new(noise("nonce", 32)))
        .unwrap();
    secrets.are_not_shown_by(&start);
    secrets.are_not_shown_by(&challenge);
    secrets.are_not_shown_by(&sign_in.answer(challenge, account.now()).unwrap());
}

#[test]
fn a_whole_sign_in_shows_no_password_no_session_and_no_token() {
    let account = account();
    let text = |label: &str| common::hex(&noise(label, 40));
    let a = noise("a", 40);
    let device = credentials();
    let new_password = text("new password");
    let secrets = Secrets::default()
        .bytes("a", &a)
        .text("password", &account.password)
        .text("client secret", account.client_secret.as_deref().unwrap())
        .text("device password", device.expose_password())
        .text("session", &text("session"))
        .text("new password", &new_password)
        .text("access token", &text("access"))
        .text("id token", &text("id"))
        .text("refresh token", &text("refresh"));
    let session = || Session::new(text("session")).unwrap();
    let password = || Password::new(&*account.password).unwrap();
    let give = || Credentials::new(user_name("alice")).with_password(password()).with_device(credentials());
    secrets.are_not_shown_by(&(session(), password(), give()));

    // The password goes in the request as it is.
    let plain = SignIn::builder(&account.app(), Api::Admin, SignInFlow::AdminUserPassword, give()).start().unwrap();
    secrets.are_not_shown_by(&plain);

    // The proof, then a new password, then tokens.
    let (sign_in, request) = SignIn::builder(&account.app(), Api::Public, SignInFlow::UserSrp, give())
        .with_context(Context::default())
        .start_with_rng(&mut ScriptedRng::new(&a))
        .unwrap();
    secrets.are_not_shown_by(&(&sign_in, &request));
    let asked = AuthResponse::challenge(
        ChallengeName::PasswordVerifier,
        [("USER_ID_FOR_SRP", "user"), ("SALT", "1234"), ("SRP_B", "2"), ("SECRET_BLOCK", "c2VjcmV0")],
    )
    .with_session(session());
    secrets.are_not_shown_by(&asked);
    let step = sign_in.advance(Ok(asked), account.now()).unwrap();
    secrets.are_not_shown_by(&step);
    let Step::Send(sign_in, _) = step else { panic!("the proof is answered: {step:?}") };
    let asked = AuthResponse::challenge::<&str, &str>(ChallengeName::NewPasswordRequired, []);
    let step = sign_in.advance(Ok(asked.with_session(session())), account.now()).unwrap();
    secrets.are_not_shown_by(&step);
    let Step::Challenge(Challenge::NewPasswordRequired(challenge)) = step else {
        panic!("the caller is asked: {step:?}")
    };
    assert!(format!("{challenge:?}").contains("Paused { name: NewPasswordRequired, parameters: []"), "{challenge:?}");
    let (sign_in, request) = challenge.answer(&Password::new(&*new_password).unwrap(), &[]).unwrap();
    assert!(format!("{sign_in:?}").contains("Asked { name: NewPasswordRequired, .. }"), "{sign_in:?}");
    secrets.are_not_shown_by(&(&sign_in, &request));
    let tokens = || {
        AuthenticationResult::default()
            .with_access_token(text("access"))
            .with_id_token(text("id"))
            .with_refresh_token(text("refresh"))
    };
    secrets.are_not_shown_by(&tokens());
    let answer = AuthResponse::tokens(tokens());
    secrets.are_not_shown_by(&answer);
    secrets.are_not_shown_by(&sign_in.advance(Ok(answer), account.now()).unwrap());

    // The steps after that.
    let token = RefreshToken::new(text("refresh")).unwrap();
    let app = account.app();
    let name = user_name("user");
    let refresh = SignIn::refresh(&app, Api::Public, &token, &name);
    secrets.are_not_shown_by(&refresh);
    let refresh = refresh.start().unwrap();
    secrets.are_not_shown_by(&(token, refresh));
    let device = device.device().clone();
    let script = noise("device", 56);
    let (_, verifier) = DeviceCredentials::register_with_rng(device.clone(), &mut ScriptedRng::new(&script)).unwrap();
    let secrets = secrets.text("v", &verifier.password_verifier());
    secrets.are_not_shown_by(&ConfirmDevice::new(text("access"), device.key(), &verifier, None).unwrap());
}

#[test]
fn the_calls_around_a_sign_in_show_no_token_no_client_secret_and_no_code() {
    let account = account();
    let text = |label: &str| common::hex(&noise(label, 40));
    let code = "918273";
    let secrets = Secrets::default()
        .text("client secret", account.client_secret.as_deref().unwrap())
        .text("session", &text("session"))
        .text("access token", &text("access"))
        .text("refresh token", &text("refresh"))
        .text("secret code", &text("code"))
        .text("user code", code);
    let session = || Session::new(text("session")).unwrap();
    let (app, token) = (account.app(), RefreshToken::new(text("refresh")).unwrap());
    let requests = [
        Request::GetTokensFromRefreshToken(GetTokensFromRefreshToken::new(&app, &token)),
        Request::RevokeToken(RevokeToken::new(&app, &token)),
        Request::GlobalSignOut(GlobalSignOut::new(text("access")).unwrap()),
        Request::AssociateSoftwareToken(AssociateSoftwareToken::with_access_token(text("access")).unwrap()),
        Request::AssociateSoftwareToken(AssociateSoftwareToken::with_session(session())),
        Request::VerifySoftwareToken(VerifySoftwareToken::with_access_token(text("access"), code).unwrap()),
        Request::VerifySoftwareToken(VerifySoftwareToken::with_session(session(), code).unwrap()),
    ];
    for request in &requests {
        secrets.are_not_shown_by(request);
    }
    let secret_code = || SecretCode::new(text("code")).unwrap();
    secrets.are_not_shown_by(&secret_code());
    secrets.are_not_shown_by(&AssociateSoftwareTokenResponse::new(secret_code()).with_session(session()));
    let status = VerifySoftwareTokenStatus::Success;
    secrets.are_not_shown_by(&VerifySoftwareTokenResponse::new(status).with_session(session()));
    let tokens = AuthenticationResult::default().with_access_token(text("access")).with_refresh_token(text("refresh"));
    secrets.are_not_shown_by(&RefreshOutcome::new(Ok(AuthResponse::tokens(tokens))).unwrap());
}

#[test]
fn a_refused_input_is_not_repeated_by_the_error() {
    let secret = STANDARD.encode(noise("input", 300));
    let secrets = Secrets::default().text("input", &secret);
    let errors = [
        ClientSecret::new(&*secret).map(drop).unwrap_err(),
        GlobalSignOut::new(format!("{secret}/")).map(drop).unwrap_err(),
        SecretCode::new(format!("{secret}/")).map(drop).unwrap_err(),
        VerifySoftwareToken::with_access_token(TOKEN, &secret).map(drop).unwrap_err(),
        AppClient::new(Account::plain().pool(), &*secret).map(drop).unwrap_err(),
        Password::new(&*secret).map(drop).unwrap_err(),
        Username::new(&*secret).map(drop).unwrap_err(),
        secret.parse::<PoolId>().unwrap_err(),
        secret.parse::<Salt>().unwrap_err(),
        secret.parse::<SrpB>().unwrap_err(),
        secret.parse::<Timestamp>().unwrap_err(),
    ];
    for error in errors {
        secrets.are_not_shown_by(&error);
        secrets.are_not_shown_by(&error.to_string());
    }
}

// ---- a whole sign-in of a device

const PASSWORD: &str = "Pa55word-Of-Alice";
const DEVICE_PASSWORD: &str = "D3vice-Pa55word";
const SESSION: &str = "S3ssion-S3ssion-S3ssion";
const REFRESH: &str = "R3fresh-R3fresh";
/// Every byte of `a`, in each of its spellings.
const A: u8 = 0xc7;

#[track_caller]
fn shows_no_secret(value: &impl Debug) {
    for text in [format!("{value:?}"), format!("{value:#?}")] {
        for secret in [PASSWORD, DEVICE_PASSWORD, SESSION, REFRESH, TOKEN, SECRET, "c7c7c7", "C7C7C7", "199, 199"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        assert!(!text.contains("199,\n"), "a in {text}");
    }
}

#[test]
fn debug_shows_no_secret_of_a_device() {
    let credentials = DeviceCredentials::from_parts(device(), pass(DEVICE_PASSWORD));
    shows_no_secret(&credentials);
    assert!(format!("{credentials:?}").contains(GROUP_KEY), "the names are no secrets");
    let (sign_in, parameters) =
        DeviceSignIn::start_with_rng(&app(), &user_name(USERNAME), &credentials, &mut ScriptedRng::new([A; 40]))
            .unwrap();
    shows_no_secret(&sign_in);
    shows_no_secret(&parameters);
    let verifier = DeviceCredentials::register(device()).unwrap().1;
    shows_no_secret(&ConfirmDevice::new(TOKEN, device().key(), &verifier, Some("phone")).unwrap());
    shows_no_secret(&Request::ConfirmDevice(ConfirmDevice::new(TOKEN, device().key(), &verifier, None).unwrap()));
    // v is the server's secret.
    let record = device_record(device(), &verifier);
    let shown = format!("{record:?}");
    let v = record.expose_verifier();
    let bytes = &v[100..104];
    let hex = format!("{:08x}", u32::from_be_bytes(bytes.try_into().unwrap()));
    let list = format!("{bytes:?}");
    assert!(!shown.contains(&hex) && !shown.contains(list.trim_matches(['[', ']'])));
}

#[test]
fn debug_shows_no_secret_of_a_sign_in() {
    let credentials = || {
        let credentials = Credentials::new(user_name(USERNAME)).with_password(pass(PASSWORD));
        credentials.with_device(DeviceCredentials::from_parts(device(), pass(DEVICE_PASSWORD)))
    };
    shows_no_secret(&credentials());
    shows_no_secret(&pass(PASSWORD));
    shows_no_secret(&RefreshToken::new(REFRESH).unwrap());
    let session = || Session::new(SESSION).unwrap();
    shows_no_secret(&session());
    shows_no_secret(&app());

    let (app, api, none) = (app(), Api::Public, Context::default);
    for (flow, given) in [
        (SignInFlow::UserSrp, None),
        (SignInFlow::UserPassword, None),
        (SignInFlow::User(Some(FirstFactor::PasswordSrp)), Some(session())),
    ] {
        let rng = &mut ScriptedRng::new([A; 40]);
        let started = SignIn::builder(&app, api, flow, credentials())
            .with_session(given)
            .with_context(none())
            .start_with_rng(rng);
        let (sign_in, request) = started.unwrap();
        shows_no_secret(&sign_in);
        shows_no_secret(&request);
        let Request::InitiateAuth(request) = request else { panic!() };
        let parameters: &ParameterMap = request.auth_parameters();
        shows_no_secret(parameters);
        assert!(format!("{parameters:?}").contains("USERNAME"), "names of parameters are shown");

        let response = AuthResponse::challenge(ChallengeName::SmsMfa, [("a", "b")]).with_session(session());
        shows_no_secret(&response);
        let step = sign_in.advance(Ok(response), now()).unwrap();
        shows_no_secret(&step);
        let Step::Challenge(challenge) = step else { panic!() };
        shows_no_secret(&challenge);
        let Challenge::SmsMfa(code) = challenge else { panic!() };
        shows_no_secret(&code);
        let (sign_in, request) = code.answer("123456").unwrap();
        shows_no_secret(&request);
        assert!(!format!("{request:?}").contains("123456"));
        let result = AuthenticationResult::default()
            .with_access_token(TOKEN)
            .with_id_token(TOKEN)
            .with_refresh_token(REFRESH)
            .with_token_type("Bearer");
        shows_no_secret(&result);
        let response = AuthResponse::tokens(result);
        shows_no_secret(&response);
        let step = sign_in.advance(Ok(response), now()).unwrap();
        shows_no_secret(&step);
        let Step::Done(signed_in) = step else { panic!() };
        shows_no_secret(&signed_in);
    }
    let (token, key) = (RefreshToken::new(REFRESH).unwrap(), device().key().clone());
    let name = user_name(USERNAME);
    let refresh = SignIn::refresh(&app, api, &token, &name).with_device_key(&key).with_context(none()).start();
    shows_no_secret(&refresh.unwrap());
}

#[test]
fn no_error_carries_text_of_the_input() {
    let malformed = [
        Session::new(&SESSION[..10]).map(|_| ()).unwrap_err(),
        RefreshToken::new(format!("{REFRESH} ")).map(|_| ()).unwrap_err(),
        Password::new(PASSWORD.repeat(20)).map(|_| ()).unwrap_err(),
        DEVICE_PASSWORD.repeat(20).parse::<Password>().map(|_| ()).unwrap_err(),
    ];
    for error in malformed {
        shows_no_secret(&error);
        assert!(!error.to_string().contains("S3ss"));
    }
    let body = format!("{{\"Session\":\"{SESSION}\",\"AuthenticationResult\":\"{TOKEN}\"}}");
    let error = AuthResponse::from_json(body.as_bytes()).unwrap_err();
    shows_no_secret(&error);
    assert!(!error.to_string().contains(TOKEN));
}
