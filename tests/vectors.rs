//! Every case of every file in `vectors/`. A failing case prints file, id and comment.
//!
//! Where a case is a whole flow, it goes through the crate's ordinary entry points as well as step by step.

mod common;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cognito_srp6a::hazmat::{self, Backend, ElementBytes, Identity};
use cognito_srp6a::server::UserRecord;
use cognito_srp6a::{
    AppClient, ClientSecret, Device, DeviceChallenge, DeviceCredentials, Error, Password, PasswordChallenge, PoolId,
    Salt, SrpA, Timestamp, UserSignIn, Username,
};
use common::{hex, pass, user_name};
use num_bigint::BigUint;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

/// Held while a backend is in use for the whole process.
static BACKEND: Mutex<()> = Mutex::new(());

/// Runs `check` on every case of a file, on every backend of this machine, and reports all that fail.
fn for_each_case(file: &str, check: impl Fn(Case<'_>)) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(file);
    let text = fs::read_to_string(path).expect("the vector file is part of the repository");
    let document: Value = serde_json::from_str(&text).expect("the vector file is JSON");
    let cases = document["cases"].as_array().expect("a vector file has cases");
    assert!(!cases.is_empty(), "{file} has no cases");
    let mut failed = 0;
    let turn = BACKEND.lock().unwrap_or_else(PoisonError::into_inner);
    for backend in Backend::all() {
        backend.use_everywhere();
        for fields in cases {
            let case = Case(fields.as_object().expect("a case is an object"));
            if catch_unwind(AssertUnwindSafe(|| check(case))).is_err() {
                failed += 1;
                let (name, id, comment) = (backend.name(), &fields["tcId"], case.text("comment"));
                println!("FAILED on {name}: {file} tcId {id} ({}): {comment}", case.kind());
            }
        }
    }
    drop(turn);
    assert_eq!(failed, 0, "{failed} runs of {} cases of {file} failed", cases.len());
}

/// One case, or a part of one.
#[derive(Clone, Copy)]
struct Case<'a>(&'a Map<String, Value>);

impl<'a> Case<'a> {
    fn kind(self) -> &'a str {
        self.text("kind")
    }

    fn is_valid(self) -> bool {
        self.text("result") == "valid"
    }

    fn part(self, name: &str) -> Case<'a> {
        Case(self.0[name].as_object().unwrap_or_else(|| panic!("{name} is not an object")))
    }

    fn expected(self) -> Case<'a> {
        self.part("expected")
    }

    fn find(self, name: &str) -> Option<&'a str> {
        self.0.get(name).and_then(Value::as_str)
    }

    fn text(self, name: &str) -> &'a str {
        self.find(name).unwrap_or_else(|| panic!("the case has no {name}"))
    }

    fn number(self, name: &str) -> i64 {
        self.0[name].as_i64().unwrap_or_else(|| panic!("{name} is not a number"))
    }

    /// The text as it is to be sent, where that matters, or else the integer's plain hex.
    fn sent(self, name: &str) -> &'a str {
        self.find(&format!("{name}_text")).unwrap_or_else(|| self.text(name))
    }

    fn integer(self, name: &str) -> BigUint {
        integer(self.text(name))
    }

    fn magnitude(self, name: &str) -> Vec<u8> {
        self.integer(name).to_bytes_be()
    }

    fn element(self, name: &str) -> ElementBytes {
        fixed(&self.magnitude(name))
    }

    fn hash(self, name: &str) -> [u8; 32] {
        fixed(&self.magnitude(name))
    }

    fn bytes(self, name: &str) -> Vec<u8> {
        let digits = self.text(name);
        assert!(digits.len().is_multiple_of(2), "{name} is bytes, two digits each");
        (0..digits.len()).step_by(2).map(|i| u8::from_str_radix(&digits[i..i + 2], 16).expect("hex")).collect()
    }

    /// Compares an integer with the expected one of that name, if there is one.
    fn check_integer(self, name: &str, actual: &[u8]) {
        if let Some(expected) = self.find(name) {
            assert_eq!(format!("{:x}", BigUint::from_bytes_be(actual)), expected, "{name}");
        }
    }

    /// Compares a text with the expected one of that name, if there is one.
    fn check_text(self, name: &str, actual: &str) {
        if let Some(expected) = self.find(name) {
            assert_eq!(actual, expected, "{name}");
        }
    }
}

fn integer(hex: &str) -> BigUint {
    BigUint::parse_bytes(hex.as_bytes(), 16).unwrap_or_else(|| panic!("{hex} is not hex"))
}

/// Widens big-endian bytes.
fn fixed<const WIDTH: usize>(magnitude: &[u8]) -> [u8; WIDTH] {
    let mut out = [0; WIDTH];
    out[WIDTH - magnitude.len()..].copy_from_slice(magnitude);
    out
}

/// Who proves what: a user or a device.
struct Party<'a> {
    realm: &'a str,
    name: &'a str,
    password: &'a str,
}

/// Computes a whole exchange step by step and compares every step that the case knows.
fn check_steps(case: Case<'_>, party: &Party<'_>) {
    let (expected, Party { realm, name, password }) = (case.expected(), party);
    let identity = Identity { realm, name };
    let a = case.magnitude("a");
    let srp_a = hazmat::client_public(&a).unwrap();
    let srp_b = case.element("srp_b");
    let u = hazmat::scrambler(&srp_a, &srp_b).unwrap();
    let x = hazmat::private_key(identity, password.as_bytes(), &case.magnitude("salt")).unwrap();
    let s = hazmat::client_premaster(&a, &srp_b, x, u).unwrap();
    let key = hazmat::session_key(u, &s).unwrap();
    let secret_block = STANDARD.decode(case.text("secret_block")).unwrap();
    let claim = hazmat::claim(key, identity, &secret_block, case.text("timestamp"));

    expected.check_integer("A", &srp_a);
    expected.check_integer("u", &u);
    expected.check_integer("x", &x);
    expected.check_integer("S", &s);
    expected.check_text("key", &hex(&key));
    expected.check_text("signature", &STANDARD.encode(claim));

    let verifier = hazmat::verifier(x);
    case.check_integer("verifier", &verifier);
    expected.check_integer("verifier", &verifier);
    if case.find("b").is_some() {
        let b = case.magnitude("b");
        assert_eq!(hazmat::server_public(&verifier, &b).unwrap(), srp_b, "B from b");
        assert_eq!(hazmat::server_premaster(&srp_a, &verifier, u, &b).unwrap(), s, "S of the server");
    }
    for (what, value) in [("A", &srp_a), ("B", &srp_b), ("verifier", &verifier)] {
        let text = format!("{:x}", BigUint::from_bytes_be(value));
        expected.check_text(&format!("sha256_of_{what}_text"), &hex(&Sha256::digest(text)));
    }
}

/// The challenge that a server of this case sends.
fn challenge(case: Case<'_>) -> Result<PasswordChallenge, Error> {
    PasswordChallenge::from_parameters(
        &[
            ("USER_ID_FOR_SRP", case.text("user_id_for_srp")),
            ("SALT", case.sent("salt")),
            ("SRP_B", case.sent("srp_b")),
            ("SECRET_BLOCK", case.text("secret_block")),
        ][..],
    )
}

/// Signs a user in by the crate's ordinary entry points, apart from the choice of `a`, and compares both messages.
fn check_flow(case: Case<'_>) {
    let expected = case.expected();
    let pool_id: PoolId = case.text("pool_id").parse().unwrap();
    assert_eq!(pool_id.name(), case.text("pool_name"));
    let mut app = AppClient::new(pool_id, case.find("client_id").unwrap_or("client")).unwrap();
    if let Some(secret) = case.find("client_secret") {
        app = app.with_secret(ClientSecret::new(secret).unwrap());
    }
    let username = case.find("username").unwrap_or_else(|| case.text("user_id_for_srp"));

    let (sign_in, start) = hazmat::start_user_sign_in(&app, &user_name(username), &case.magnitude("a")).unwrap();
    expected.check_text("A", &start.srp_a().to_string());
    expected.check_text("secret_hash_initiate", start.secret_hash().unwrap_or_default());

    let now = Timestamp::from_unix_seconds(case.number("unix_seconds")).unwrap();
    assert_eq!(now.to_string(), case.text("timestamp"));
    let claim = sign_in.answer(challenge(case).unwrap(), &pass(case.text("password")), now).unwrap();
    expected.check_text("signature", &claim.password_claim_signature());
    expected.check_text("secret_hash_respond", claim.secret_hash().unwrap_or_default());
    assert_eq!(claim.username().as_str(), case.text("user_id_for_srp"));
    assert_eq!(claim.secret_block().as_str(), case.text("secret_block"));
}

fn user(case: Case<'_>) {
    let realm = case.text("pool_name");
    let party = Party { realm, name: case.text("user_id_for_srp"), password: case.text("password") };
    check_steps(case, &party);
    check_flow(case);
}

fn device(case: Case<'_>) {
    let (realm, name) = (case.text("device_group_key"), case.text("device_key"));
    match case.kind() {
        "device_signature" => {
            check_steps(case, &Party { realm, name, password: case.text("device_password") });
            check_device_flow(case);
        }
        "device_verifier" => check_device_verifier(case, case.expected()),
        kind => panic!("unknown kind {kind}"),
    }
}

/// Signs a device in by the crate's ordinary entry points, apart from the choice of `a`, and compares both messages.
fn check_device_flow(case: Case<'_>) {
    let expected = case.expected();
    let mut app = AppClient::new("us-east-1_abc".parse().unwrap(), case.find("client_id").unwrap_or("client")).unwrap();
    if let Some(secret) = case.find("client_secret") {
        app = app.with_secret(ClientSecret::new(secret).unwrap());
    }
    let device = Device::new(case.text("device_key").parse().unwrap(), case.text("device_group_key")).unwrap();
    let credentials = DeviceCredentials::from_parts(device, pass(case.text("device_password")));
    let username = case.find("username").unwrap_or("user");

    let (sign_in, start) =
        hazmat::start_device_sign_in(&app, &user_name(username), &credentials, &case.magnitude("a")).unwrap();
    expected.check_text("A", &start.srp_a().to_string());
    expected.check_text("secret_hash_respond", start.secret_hash().unwrap_or_default());

    let parameters = [
        ("USERNAME", username),
        ("SALT", case.sent("salt")),
        ("SRP_B", case.sent("srp_b")),
        ("SECRET_BLOCK", case.text("secret_block")),
    ];
    let now = Timestamp::from_unix_seconds(case.number("unix_seconds")).unwrap();
    let claim = sign_in.answer(DeviceChallenge::from_parameters(&parameters).unwrap(), now).unwrap();
    expected.check_text("signature", &claim.password_claim_signature());
    expected.check_text("secret_hash_respond", claim.secret_hash().unwrap_or_default());
}

fn check_device_verifier(case: Case<'_>, expected: Case<'_>) {
    let (realm, name) = (case.text("device_group_key"), case.text("device_key"));
    let password = case
        .find("random_password")
        .map_or_else(|| case.text("device_password").to_owned(), |_| STANDARD.encode(case.bytes("random_password")));
    expected.check_text("device_password", &password);
    let salt = match case.find("random_salt") {
        Some(_) => Salt::from_be_bytes(&case.bytes("random_salt")).unwrap(),
        None => case.text("salt").parse().unwrap(),
    };
    let salt = salt.to_signed_bytes();
    let x = hazmat::private_key(Identity { realm, name }, password.as_bytes(), &salt).unwrap();
    let verifier = hazmat::verifier(x);
    expected.check_integer("x", &x);
    expected.check_integer("verifier", &verifier);
    expected.check_text("salt_base64", &STANDARD.encode(&salt));
    expected.check_text("password_verifier_base64", &STANDARD.encode(hazmat::enc(&verifier).unwrap()));
}

#[test]
fn encoding() {
    for_each_case("encoding.json", |case| match case.kind() {
        "enc" => {
            let magnitude = integer(case.text("input_text")).to_bytes_be();
            assert_eq!(hex(&hazmat::enc(&magnitude).unwrap()), case.expected().text("enc"));
        }
        "enc_table" => {
            let table = case.expected().part("enc_by_integer");
            for (integer, enc) in table.0.iter().filter(|(integer, _)| !integer.starts_with('-')) {
                let magnitude = integer.parse::<u32>().unwrap().to_be_bytes();
                assert_eq!(hex(&hazmat::enc(&magnitude).unwrap()), enc.as_str().unwrap(), "{integer}");
            }
        }
        // Negative integers do not occur: a salt with a sign is refused (rejection.json).
        "enc_signed" => {
            let integer = case.number("integer");
            if let Ok(integer) = u64::try_from(integer) {
                assert_eq!(hex(&hazmat::enc(&integer.to_be_bytes()).unwrap()), case.expected().text("enc"));
            }
        }
        kind => panic!("unknown kind {kind}"),
    });
}

#[test]
fn timestamps() {
    for_each_case("timestamp.json", |case| match case.kind() {
        "timestamp" => {
            let timestamp = Timestamp::from_unix_seconds(case.number("unix_seconds")).unwrap();
            assert_eq!(timestamp.to_string(), case.expected().text("timestamp"));
        }
        "timestamp_text" => {
            let parsed = case.text("timestamp_text").parse::<Timestamp>();
            assert_eq!(parsed.is_ok(), case.is_valid());
            if let Ok(timestamp) = parsed {
                assert_eq!(timestamp.unix_seconds(), case.expected().number("unix_seconds"));
            }
        }
        kind => panic!("unknown kind {kind}"),
    });
}

#[test]
fn secret_hashes() {
    for_each_case("secret_hash.json", |case| {
        let secret = case.text("client_secret");
        let hash =
            STANDARD.encode(hazmat::secret_hash(secret.as_bytes(), case.text("username"), case.text("client_id")));
        assert_eq!(hash, case.expected().text("secret_hash"));
    });
}

#[test]
fn single_steps() {
    for_each_case("srp6a.json", |case| {
        let expected = case.expected();
        match case.kind() {
            "k" => expected.check_integer("k", &hazmat::multiplier()),
            "sha256" => assert_eq!(hex(&Sha256::digest(case.bytes("input_bytes"))), expected.text("sha256")),
            "identity_hash" => {
                let hash = hazmat::identity_hash(identity(case), case.text("password").as_bytes());
                assert_eq!(hex(&hash), expected.text("identity_hash"));
            }
            "A" => {
                expected.check_integer("A", &hazmat::client_public(&case.magnitude("a")).unwrap());
                expected.check_integer("k", &hazmat::multiplier());
            }
            "B" => {
                let public = hazmat::server_public(&case.element("verifier"), &case.magnitude("b")).unwrap();
                assert_eq!(public, expected.element("B"));
            }
            "u" => {
                let u = hazmat::scrambler(&case.element("A"), &case.element("B")).unwrap();
                assert_eq!(u, expected.hash("u"));
            }
            "x" | "verifier" | "key" => check_password_steps(case, expected),
            "S" => {
                let (x, u) = (case.hash("x"), case.hash("u"));
                let s = hazmat::client_premaster(&case.magnitude("a"), &case.element("B"), x, u).unwrap();
                assert_eq!(s, expected.element("S"));
                expected.check_text("key", &hex(&hazmat::session_key(u, &s).unwrap()));
            }
            "hkdf" => {
                let key = hazmat::derive_key(&case.bytes("hkdf_salt"), &case.bytes("ikm"));
                assert_eq!(hex(&key), expected.text("key"));
            }
            "claim" => {
                let key = case.bytes("key").try_into().unwrap();
                let block = case.bytes("secret_block_hex");
                let claim = hazmat::claim(key, identity(case), &block, case.text("timestamp"));
                assert_eq!(STANDARD.encode(claim), expected.text("signature"));
            }
            "server_key" => {
                let (public, u) = (case.element("A"), expected.hash("u"));
                assert_eq!(hazmat::scrambler(&public, &case.element("B")).unwrap(), u);
                let s = hazmat::server_premaster(&public, &case.element("verifier"), u, &case.magnitude("b")).unwrap();
                assert_eq!(s, expected.element("S"));
                assert_eq!(hex(&hazmat::session_key(u, &s).unwrap()), expected.text("key"));
            }
            kind => panic!("unknown kind {kind}"),
        }
    });
}

fn identity(case: Case<'_>) -> Identity<'_> {
    Identity { realm: case.text("realm"), name: case.text("name") }
}

/// The steps from the password on, as far as the case goes.
fn check_password_steps(case: Case<'_>, expected: Case<'_>) {
    let password = case.text("password").as_bytes();
    let x = hazmat::private_key(identity(case), password, &case.magnitude("salt")).unwrap();
    expected.check_integer("x", &x);
    expected.check_integer("verifier", &hazmat::verifier(x));
    if case.find("a").is_some() {
        let a = case.magnitude("a");
        let (srp_a, srp_b) = (hazmat::client_public(&a).unwrap(), case.element("B"));
        assert_eq!(srp_a, case.element("A"));
        expected.check_integer("A", &srp_a);
        let u = hazmat::scrambler(&srp_a, &srp_b).unwrap();
        let s = hazmat::client_premaster(&a, &srp_b, x, u).unwrap();
        expected.check_integer("u", &u);
        expected.check_integer("S", &s);
        expected.check_text("key", &hex(&hazmat::session_key(u, &s).unwrap()));
    }
}

#[test]
fn user_sign_ins() {
    for_each_case("user_auth.json", user);
}

#[test]
fn devices() {
    for_each_case("device_auth.json", device);
}

#[test]
fn both_sides_of_a_sign_in() {
    for_each_case("server.json", |case| {
        user(case);
        let pool_id = case.text("pool_id").parse().unwrap();
        let salt = case.text("salt").parse().unwrap();
        let verifier = case.expected().element("verifier");
        let record =
            UserRecord::from_parts(&pool_id, &user_name(case.text("user_id_for_srp")), salt, &verifier).unwrap();
        assert_eq!(record.expose_verifier(), verifier);
        assert_eq!(case.expected().text("B"), case.text("srp_b"));
    });
}

#[test]
fn group_operations_on_every_backend() {
    for_each_case("group.json", |case| {
        let expected = case.expected().element("result");
        for backend in Backend::all() {
            let result = match case.kind() {
                "add" => hazmat::add(&case.element("x"), &case.element("y")),
                "sub" => hazmat::sub(&case.element("x"), &case.element("y")),
                "mul" => backend.mul_repeatedly(&case.element("x"), &case.element("y"), 1),
                "square" => backend.square_repeatedly(&case.element("x"), 1),
                "pow" => backend.pow(&case.element("base"), &case.magnitude("exponent")).unwrap(),
                "g_pow" => backend.pow_g(&case.magnitude("exponent")).unwrap(),
                kind => panic!("unknown kind {kind}"),
            };
            assert_eq!(result, expected, "on {}", backend.name());
        }
    });
}

/// Reads the input of a rejection case in the way that its kind asks for.
fn read_input(case: Case<'_>) -> Result<(), Error> {
    let app = || AppClient::new("us-east-1_abc".parse()?, "client");
    match case.kind() {
        "challenge" => {
            let parameters = case.part("parameters");
            let pairs: Vec<(&str, &str)> =
                parameters.0.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
            PasswordChallenge::from_parameters(&pairs[..]).map(drop)
        }
        "server_srp_a" => case.text("srp_a_text").parse::<SrpA>().map(drop),
        "pool_id" => {
            let pool_id: PoolId = case.text("pool_id").parse()?;
            case.expected().check_text("pool_name", pool_id.name());
            Ok(())
        }
        "username" => UserSignIn::start(&app()?, &Username::new(case.text("username"))?).map(drop),
        "password" => {
            let password = Password::new(case.text("password"))?;
            UserRecord::from_password(app()?.pool_id(), &user_name("user"), &password).map(drop)
        }
        "client_id" => AppClient::new("us-east-1_abc".parse()?, case.text("client_id")).map(drop),
        "client_secret" => ClientSecret::new(case.text("client_secret")).map(drop),
        "a" => {
            let a = hazmat::parse_ephemeral(case.text("a_text"))?;
            hazmat::start_user_sign_in(&app()?, &user_name("user"), &a).map(drop)
        }
        kind => panic!("unknown kind {kind}"),
    }
}

/// Compares an error with the variant and the parameter that a case names.
fn check_error(error: Error, expected: Case<'_>) {
    let variant = format!("{error:?}");
    assert_eq!(variant.split('(').next().unwrap(), expected.text("error"));
    assert!(error.to_string().starts_with(expected.text("parameter")), "{error} speaks of another parameter");
}

#[test]
fn rejections() {
    for_each_case("rejection.json", |case| match read_input(case) {
        Ok(()) => assert!(case.is_valid(), "it was accepted"),
        Err(error) => {
            assert!(!case.is_valid(), "it was refused: {error}");
            check_error(error, case.expected());
        }
    });
}

#[test]
fn disagreements() {
    for_each_case("disagreements.json", |case| {
        let ours = case.part("ours");
        assert!(!ours.text("does").is_empty() && !ours.text("why").is_empty());
        if case.text("result") == "unchecked" {
            assert!(ours.0["expect"].is_null());
            return;
        }
        let (inputs, expect) = (case.part("inputs"), ours.part("expect"));
        match case.kind() {
            "user" => check_disputed_user(inputs, expect),
            "device_verifier" => check_device_verifier(inputs, expect),
            "verifier" => expect.check_integer("verifier", &hazmat::verifier(inputs.hash("x"))),
            "k" => expect.check_integer("k", &hazmat::multiplier()),
            "key" => check_disputed_key(inputs, expect),
            "timestamp" => {
                let timestamp = Timestamp::from_unix_seconds(inputs.number("unix_seconds")).unwrap();
                assert_eq!(timestamp.to_string(), expect.text("timestamp"));
            }
            "secret_hash" => {
                let app = AppClient::new("us-east-1_abc".parse().unwrap(), inputs.text("client_id")).unwrap();
                let app = app.with_secret(ClientSecret::new(inputs.text("client_secret")).unwrap());
                let hash = |name| app.secret_hash(&user_name(inputs.text(name))).unwrap();
                assert_eq!(*hash("username"), expect.text("secret_hash_initiate"));
                assert_eq!(*hash("user_id_for_srp"), expect.text("secret_hash_respond"));
            }
            "srp_a" => {
                let app = AppClient::new("us-east-1_abc".parse().unwrap(), "client").unwrap();
                let (_, start) = hazmat::start_user_sign_in(&app, &user_name("user"), &inputs.magnitude("a")).unwrap();
                assert_eq!(start.srp_a().to_string(), expect.text("srp_a_text"));
            }
            kind => panic!("unknown kind {kind}"),
        }
    });
}

/// Our result of a sign-in that other clients handle differently: an error, or another value.
fn check_disputed_user(inputs: Case<'_>, expect: Case<'_>) {
    let challenge = match challenge(inputs) {
        Ok(challenge) => challenge,
        Err(error) => return check_error(error, expect),
    };
    let pool_id: PoolId = inputs.text("pool_id").parse().unwrap();
    let a = inputs.magnitude("a");
    let srp_a = hazmat::client_public(&a).unwrap();
    let srp_b = challenge.srp_b().to_be_bytes();
    let u = hazmat::scrambler(&srp_a, &srp_b).unwrap();
    let (name, password) = (inputs.text("user_id_for_srp"), inputs.text("password").as_bytes());
    let salt = challenge.salt().to_signed_bytes();
    let x = hazmat::private_key(Identity { realm: pool_id.name(), name }, password, &salt).unwrap();
    let s = hazmat::client_premaster(&a, &srp_b, x, u).unwrap();
    expect.check_text("key", &hex(&hazmat::session_key(u, &s).unwrap()));

    let app = AppClient::new(pool_id, "client").unwrap();
    let (sign_in, _) =
        hazmat::start_user_sign_in(&app, &user_name(inputs.find("username").unwrap_or(name)), &a).unwrap();
    let now = Timestamp::from_unix_seconds(inputs.number("unix_seconds")).unwrap();
    let claim = sign_in.answer(challenge, &pass(inputs.text("password")), now).unwrap();
    assert_eq!(claim.password_claim_signature(), expect.text("signature"));
}

/// The published `u`, `S` and key that nobody can reproduce: ours are those of the reference.
fn check_disputed_key(inputs: Case<'_>, expect: Case<'_>) {
    let password = inputs.text("password").as_bytes();
    let salt = inputs.magnitude("salt");
    let x = hazmat::private_key(identity(inputs), password, &salt).unwrap();
    let srp_b = inputs.element("B");
    let u = hazmat::scrambler(&inputs.element("A"), &srp_b).unwrap();
    let s = hazmat::client_premaster(&inputs.magnitude("a"), &srp_b, x, u).unwrap();
    assert_eq!(u, expect.hash("u"));
    assert_eq!(s, expect.element("S"));
    assert_eq!(hex(&hazmat::session_key(u, &s).unwrap()), expect.text("key"));
    let u_of_u_test = hazmat::scrambler(&inputs.element("A_of_u_test"), &srp_b).unwrap();
    assert_eq!(u_of_u_test, expect.hash("u_of_u_test"));
}
