//! What no client sends: bad values, bad bodies, bad senders, and ten thousand mutations of what one does send.

use std::thread::sleep;
use std::time::Duration;

use cognito_srp6a::idp::{Api, ConfirmDevice, ConfirmDeviceResponse, Request, SignIn, SignInFlow, Step};
use cognito_srp6a::{DeviceCredentials, Timestamp, hazmat};
use num_bigint::BigUint;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::client::{PASSWORD, Site, alice, challenge};
use crate::common::user_name;
use crate::wire::{Answer, Wire, head, initiate, respond};

const NOT_AUTHORIZED: (&str, &str) = ("NotAuthorizedException", "Incorrect username or password.");

/// Alice's right answer to a challenge, made at a time.
fn claim(site: &Site, wire: &mut Wire, now: Timestamp) -> Value {
    wire.claim(site, "alice", PASSWORD, now)
}

fn now() -> Timestamp {
    Timestamp::now().unwrap()
}

fn with(value: &Value, name: &str, to: impl Into<Value>) -> Value {
    let mut changed = value.clone();
    changed[name] = to.into();
    changed
}

#[track_caller]
fn assert_refused(answer: &Answer, (name, message): (&str, &str)) {
    assert_eq!(answer.status, 400);
    let (given_name, given_message) = answer.error();
    assert_eq!(given_name, name, "{given_message}");
    assert!(given_message.contains(message), "{given_message:?} has no {message:?}");
}

#[test]
fn srp_a_must_be_hex_between_0_and_n() {
    let site = Site::start(&[]);
    let mut wire = Wire::connect(site.address);
    let n = BigUint::from_bytes_be(&hazmat::modulus());
    let bad = ["", "0", "00", "-1", "xyz", " 1", "0x12", &"0".repeat(768), &"1".repeat(769), &"f".repeat(100_000)];
    let multiples = [n.clone(), &n + 1u32, &n * 2u32, &n * 3u32].map(|a| a.to_str_radix(16));
    for srp_a in bad.into_iter().chain(multiples.iter().map(String::as_str)) {
        let answer = wire.call("InitiateAuth", &initiate(&json!({"USERNAME": "alice", "SRP_A": srp_a})));
        assert_refused(&answer, ("InvalidParameterException", "SRP_A"));
    }
    let greatest = (n - 1u32).to_str_radix(16);
    for srp_a in ["1", "F", "00ff", &greatest, &greatest.to_uppercase(), &format!("00{greatest}")] {
        let answer = wire.call("InitiateAuth", &initiate(&json!({"USERNAME": "alice", "SRP_A": srp_a})));
        assert_eq!(answer.status, 200);
    }
}

#[test]
fn a_bad_body_is_told_from_a_missing_member_and_a_missing_parameter() {
    let site = Site::start(&[]);
    let mut wire = Wire::connect(site.address);
    let good = initiate(&json!({"USERNAME": "alice", "SRP_A": "ff"}));
    for length in 0..good.len() {
        assert_refused(&wire.call("InitiateAuth", &good[..length]), ("SerializationException", ""));
    }
    for text in ["[]", "null", "1", "\"\"", "{}{}", "\u{feff}{}", &"[".repeat(10_000), "{\"ClientId\":\"\\ud800\"}"] {
        assert_refused(&wire.call("InitiateAuth", text.as_bytes()), ("SerializationException", ""));
    }
    assert_refused(&wire.call("InitiateAuth", b"\xff\xfe{}"), ("SerializationException", ""));
    for member in ["ClientId", "AuthFlow", "AuthParameters"] {
        let good: Value = serde_json::from_slice(&good).unwrap();
        for wrong in [json!(1), json!([]), json!(true), json!({"USERNAME": 1})] {
            let answer = wire.call("InitiateAuth", with(&good, member, wrong).to_string().as_bytes());
            assert_refused(&answer, ("SerializationException", ""));
        }
        let answer = wire.call("InitiateAuth", with(&good, member, Value::Null).to_string().as_bytes());
        assert_refused(&answer, ("InvalidParameterException", ""));
    }
    assert_refused(&wire.call("InitiateAuth", b"{}"), ("InvalidParameterException", "'clientId'"));
    for parameters in [json!({}), json!({"USERNAME": "alice"}), json!({"SRP_A": "ff"})] {
        let answer = wire.call("InitiateAuth", &initiate(&parameters));
        assert_refused(&answer, ("InvalidParameterException", "Missing required parameter"));
    }
    for name in ["", &"n".repeat(129)] {
        let answer = wire.call("InitiateAuth", &initiate(&json!({"USERNAME": name, "SRP_A": "ff"})));
        assert_refused(&answer, ("InvalidParameterException", ""));
    }

    let claim = claim(&site, &mut wire, now());
    for name in claim.as_object().unwrap().keys() {
        let mut without = claim.clone();
        without.as_object_mut().unwrap().remove(name);
        let answer = wire.call("RespondToAuthChallenge", &respond(&without));
        assert_refused(&answer, ("InvalidParameterException", "Missing required parameter"));
    }
    assert_eq!(wire.call("RespondToAuthChallenge", &respond(&claim)).status, 200);
}

#[test]
fn other_clients_pools_flows_operations_and_unsigned_admin_calls_are_refused() {
    let site = Site::start(&[]);
    let mut wire = Wire::connect(site.address);
    let good: Value = serde_json::from_slice(&initiate(&json!({"USERNAME": "alice", "SRP_A": "ff"}))).unwrap();
    let mut call = |operation: &str, body: &Value| wire.call(operation, body.to_string().as_bytes());

    let not_found = "ResourceNotFoundException";
    let client = call("InitiateAuth", &with(&good, "ClientId", "other"));
    assert_refused(&client, (not_found, "User pool client other does not exist."));
    let pool = call("AdminInitiateAuth", &with(&good, "UserPoolId", "us-east-1_Other"));
    assert_refused(&pool, (not_found, "User pool us-east-1_Other does not exist."));
    for flow in ["ADMIN_USER_PASSWORD_AUTH", "NO_SUCH_FLOW", ""] {
        assert_refused(&call("InitiateAuth", &with(&good, "AuthFlow", flow)), ("InvalidParameterException", ""));
    }
    let admin = with(&good, "UserPoolId", "us-east-1_LocalPool");
    let password = with(&admin, "AuthFlow", "USER_PASSWORD_AUTH");
    assert_refused(&call("AdminInitiateAuth", &password), ("InvalidParameterException", "not supported"));
    for operation in ["NoSuchOperation", "", "AdminNoSuchOperation"] {
        assert_refused(&call(operation, &good), ("UnknownOperationException", ""));
    }

    let body = admin.to_string();
    let signed = head("AdminInitiateAuth", body.len());
    let (before, after) = signed.split_once("Authorization:").unwrap();
    let unsigned = format!("{before}{}", after.split_once("\r\n").unwrap().1);
    let missing = wire.send(&unsigned, body.as_bytes()).unwrap();
    assert_refused(&missing, ("MissingAuthenticationTokenException", ""));
    let foreign = wire.send(&signed.replace("AWS4-HMAC-SHA256", "Bearer"), body.as_bytes()).unwrap();
    assert_refused(&foreign, ("UnrecognizedClientException", ""));
    // Neither the target nor the method is right here, and the connection goes on.
    let untargeted = wire.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", b"").unwrap();
    assert_refused(&untargeted, ("UnknownOperationException", ""));
    assert_refused(&wire.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"").unwrap(), ("UnknownOperationException", ""));
    let preflight = wire.send("OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n", b"").unwrap();
    assert!(preflight.status == 200 && preflight.head.contains("access-control-allow-origin: *"));
    assert_eq!(wire.call("InitiateAuth", good.to_string().as_bytes()).status, 200);
}

#[test]
fn secret_hashes_are_over_the_name_sent_and_then_over_the_canonical_name() {
    let secret = "0test0client0secret0of0forty0letters0";
    let site = Site::start(&["--client-secret", secret]);
    let mut wire = Wire::connect(site.address);
    let hash = |name: &str| site.app.secret_hash(&user_name(name)).unwrap().to_string();
    let unverified = ("NotAuthorizedException", "Unable to verify secret hash for client localpoolclient");
    let alias = json!({"USERNAME": "alice@example.com", "SRP_A": "ff"});
    let missing = "Client localpoolclient is configured with secret but SECRET_HASH was not received";
    assert_refused(&wire.call("InitiateAuth", &initiate(&alias)), ("NotAuthorizedException", missing));
    let canonical = with(&alias, "SECRET_HASH", hash("alice"));
    assert_refused(&wire.call("InitiateAuth", &initiate(&canonical)), unverified);

    let claim = claim(&site, &mut wire, now());
    let over_alias = with(&claim, "SECRET_HASH", hash("alice@example.com"));
    assert_refused(&wire.call("RespondToAuthChallenge", &respond(&over_alias)), unverified);
    let with_alias = with(&over_alias, "USERNAME", "alice@example.com");
    assert_refused(&wire.call("RespondToAuthChallenge", &respond(&with_alias)), unverified);
    assert_eq!(wire.call("RespondToAuthChallenge", &respond(&claim)).status, 200);

    // A client without a secret: refused at the beginning, and not looked at in an answer.
    let site = Site::start(&[]);
    let mut wire = Wire::connect(site.address);
    let needless = json!({"USERNAME": "alice", "SRP_A": "ff", "SECRET_HASH": "needless"});
    assert_refused(&wire.call("InitiateAuth", &initiate(&needless)), unverified);
    let claim = self::claim(&site, &mut wire, now());
    let needless = with(&claim, "SECRET_HASH", "needless");
    assert_eq!(wire.call("RespondToAuthChallenge", &respond(&needless)).status, 200);
}

#[test]
fn a_claim_is_taken_again_until_it_expires_unless_each_is_good_once() {
    let site = Site::start(&[]);
    let mut wire = Wire::connect(site.address);
    let claim = claim(&site, &mut wire, now());
    for _ in 0..3 {
        assert_eq!(wire.call("RespondToAuthChallenge", &respond(&claim)).status, 200);
    }

    let other = Site::start(&["--single-use"]);
    let mut wire = Wire::connect(other.address);
    // A block of another pool's, though the password and the user are the same.
    assert_refused(&wire.call("RespondToAuthChallenge", &respond(&claim)), NOT_AUTHORIZED);
    let claim = self::claim(&other, &mut wire, now());
    let altered = with(&claim, "PASSWORD_CLAIM_SIGNATURE", format!("{}=", "A".repeat(43)));
    assert_refused(&wire.call("RespondToAuthChallenge", &respond(&altered)), NOT_AUTHORIZED);
    assert_eq!(wire.call("RespondToAuthChallenge", &respond(&claim)).status, 200);
    assert_refused(&wire.call("RespondToAuthChallenge", &respond(&claim)), NOT_AUTHORIZED);
}

#[test]
fn a_client_that_hears_of_an_unknown_device_answers_again_without_it() {
    let site = Site::start(&["--devices", "--single-use"]);
    let mut wire = Wire::connect(site.address);
    let claim = claim(&site, &mut wire, now());
    let with_device = with(&claim, "DEVICE_KEY", "us-east-1_0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9");
    let unknown = ("ResourceNotFoundException", "Device does not exist.");
    assert_refused(&wire.call("RespondToAuthChallenge", &respond(&with_device)), unknown);
    // So does amazon-cognito-identity-js, which leaves the name in.
    let without = with(&claim, "DEVICE_KEY", Value::Null);
    assert_eq!(wire.call("RespondToAuthChallenge", &respond(&without)).status, 200);
}

#[test]
fn an_old_challenge_a_wrong_clock_and_a_bad_timestamp_are_refused() {
    let site = Site::start(&["--max-age", "1"]);
    let mut wire = Wire::connect(site.address);
    let claim = claim(&site, &mut wire, now());
    sleep(Duration::from_millis(3100));
    assert_refused(&wire.call("RespondToAuthChallenge", &respond(&claim)), NOT_AUTHORIZED);

    let site = Site::start(&[]);
    let mut wire = Wire::connect(site.address);
    for off in [-400, 400] {
        let wrong = Timestamp::from_unix_seconds(now().unix_seconds() + off).unwrap();
        let claim = self::claim(&site, &mut wire, wrong);
        assert_refused(&wire.call("RespondToAuthChallenge", &respond(&claim)), NOT_AUTHORIZED);
    }
    let claim = self::claim(&site, &mut wire, now());
    let mut answer = |text: &str| wire.call("RespondToAuthChallenge", &respond(&with(&claim, "TIMESTAMP", text)));
    for text in ["Thu Sep 05 12:00:00 UTC 2024", "Fri Sep 5 12:00:00 UTC 2024"] {
        assert_refused(&answer(text), NOT_AUTHORIZED);
    }
    let format = "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.";
    for text in
        ["Thu Sep  5 12:00:00 UTC 2024", "Thu Sep 5 12:00:00 +05:30 2024", "Thu Sep 5 12:00:00 IST 2024", "now", ""]
    {
        assert_refused(&answer(text), ("InvalidParameterException", format));
    }
}

#[test]
fn a_flow_with_a_session_goes_on_with_that_session_alone() {
    let site = Site::start(&["--custom-answer", "swordfish"]);
    let mut wire = Wire::connect(site.address);
    let (sign_in, request) = SignIn::builder(&site.app, Api::Public, SignInFlow::CustomSrp, alice()).start().unwrap();
    let response = site.send(&request).unwrap();
    let Step::Send(_, answer) = sign_in.advance(response, now()).unwrap() else { panic!("no answer is due") };
    let answer: Value = serde_json::from_slice(&answer.to_json()).unwrap();

    // Without its session the block would sign in past the custom challenge.
    let mut without = answer.clone();
    without.as_object_mut().unwrap().remove("Session");
    assert_refused(&wire.call("RespondToAuthChallenge", without.to_string().as_bytes()), NOT_AUTHORIZED);
    let expired = ("NotAuthorizedException", "Invalid session");
    let mut respond = |body: &Value| wire.call("RespondToAuthChallenge", body.to_string().as_bytes());
    assert_refused(&respond(&with(&answer, "Session", "x".repeat(128))), expired);
    assert_refused(&respond(&with(&answer, "Session", "short")), ("InvalidParameterException", "session"));
    let next = respond(&answer);
    assert_eq!(next.json()["ChallengeName"], "CUSTOM_CHALLENGE");
    assert_refused(&respond(&answer), expired);
    let other_stage = with(&answer, "Session", next.json()["Session"].clone());
    assert_refused(&respond(&other_stage), expired);
}

#[test]
fn a_long_body_and_a_slow_sender_are_refused() {
    let site = Site::start(&["--timeout", "1"]);
    for length in [(1 << 20) + 1, 8 << 20] {
        let answer = Wire::connect(site.address).send(&head("InitiateAuth", length), &vec![b' '; length]).unwrap();
        assert_eq!((answer.status, answer.error().0.as_str()), (413, "RequestEntityTooLargeException"));
    }
    // One that only says it is long.
    let answer = Wire::connect(site.address).send(&head("InitiateAuth", 1 << 30), b"").unwrap();
    assert_eq!(answer.status, 413);
    // As long as may be, and read to its end: what is wrong with it is its content.
    let answer = Wire::connect(site.address).call("InitiateAuth", &vec![b' '; 1 << 20]);
    assert_refused(&answer, ("SerializationException", ""));

    let mut wire = Wire::connect(site.address);
    let answer = wire.send(&head("InitiateAuth", 100), b"{").unwrap();
    assert_eq!((answer.status, answer.error().0.as_str()), (408, "RequestTimeoutException"));
    assert!(wire.answer().is_err(), "nothing more is read of it");
    let mut wire = Wire::connect(site.address);
    wire.write(b"POST / HTTP/1.1\r\nHost: ").unwrap();
    assert!(wire.answer().is_err(), "a head that does not end has no answer");
}

/// Each kind of request that a client sends, valid at this moment.
fn valid_requests(site: &Site, wire: &mut Wire) -> Vec<(&'static str, Value)> {
    let parse = |request: &Request| serde_json::from_slice::<Value>(&request.to_json()).unwrap();
    let start = |api, flow| parse(&SignIn::builder(&site.app, api, flow, alice()).start().unwrap().1);
    let signed_in = site.sign_in(Api::Public, SignInFlow::UserSrp, alice()).unwrap();
    let tokens = signed_in.result();
    let (credentials, verifier) = DeviceCredentials::register(signed_in.new_device().unwrap().unwrap()).unwrap();
    let key = credentials.device().key();
    let access_token = tokens.access_token().unwrap();
    let confirm = ConfirmDevice::new(access_token, key, &verifier, Some("test")).unwrap();
    let confirm = parse(&Request::ConfirmDevice(confirm));
    let confirmed = wire.call("ConfirmDevice", confirm.to_string().as_bytes());
    ConfirmDeviceResponse::from_http(confirmed.status, &confirmed.body).unwrap();
    let device_start = {
        let body: Value =
            serde_json::from_slice(&respond(&with(&claim(site, wire, now()), "DEVICE_KEY", key.as_str()))).unwrap();
        let asked = wire.call("RespondToAuthChallenge", body.to_string().as_bytes()).json();
        assert_eq!(asked["ChallengeName"], "DEVICE_SRP_AUTH");
        json!({"ClientId": "localpoolclient", "ChallengeName": "DEVICE_SRP_AUTH", "Session": asked["Session"],
            "ChallengeResponses": {"USERNAME": "alice", "DEVICE_KEY": key.as_str(), "SRP_A": "ff"}})
    };
    let custom = site.sign_in_until_asked(Api::Public, SignInFlow::Custom, alice()).unwrap();
    let custom = match challenge(custom) {
        cognito_srp6a::idp::Challenge::Custom(asked) => parse(&asked.answer("swordfish").unwrap().1),
        other => panic!("another challenge: {}", other.name()),
    };
    let claim = serde_json::from_slice(&respond(&claim(site, wire, now()))).unwrap();
    let bearer = json!({"AccessToken": access_token, "DeviceKey": key.as_str()});
    let client = |body: Value| with(&body, "ClientId", "localpoolclient");
    let pool = |body: Value| with(&body, "UserPoolId", "us-east-1_LocalPool");
    let refresh = json!({"AuthFlow": "REFRESH_TOKEN_AUTH",
        "AuthParameters": {"REFRESH_TOKEN": tokens.refresh_token(), "DEVICE_KEY": key.as_str()}});
    let user = json!({"Username": "mallory", "Password": "Passw0rd!", "TemporaryPassword": "Passw0rd!",
        "UserAttributes": [{"Name": "email", "Value": "m@example.com"}]});
    vec![
        ("InitiateAuth", start(Api::Public, SignInFlow::UserSrp)),
        ("InitiateAuth", start(Api::Public, SignInFlow::User(None))),
        ("InitiateAuth", start(Api::Public, SignInFlow::CustomSrp)),
        ("InitiateAuth", start(Api::Public, SignInFlow::UserPassword)),
        ("AdminInitiateAuth", start(Api::Admin, SignInFlow::UserSrp)),
        ("InitiateAuth", client(refresh)),
        ("RespondToAuthChallenge", claim),
        ("RespondToAuthChallenge", device_start),
        ("RespondToAuthChallenge", custom),
        ("ConfirmDevice", confirm),
        ("GetUser", bearer.clone()),
        ("ListDevices", bearer.clone()),
        ("UpdateDeviceStatus", bearer),
        ("SignUp", client(user.clone())),
        ("ResendConfirmationCode", client(json!({"Username": "nobody"}))),
        ("ConfirmSignUp", client(json!({"Username": "nobody", "ConfirmationCode": "000000"}))),
        ("AdminCreateUser", pool(user.clone())),
        ("AdminSetUserPassword", pool(with(&user, "Permanent", true))),
        (
            "GetTokensFromRefreshToken",
            client(json!({"RefreshToken": tokens.refresh_token(), "DeviceKey": key.as_str()})),
        ),
    ]
}

#[test]
fn ten_thousand_mutations_are_answered_on_one_connection() {
    let site = Site::start(&["--devices", "--custom-answer", "swordfish"]);
    let mut wire = Wire::connect(site.address);
    let requests = valid_requests(&site, &mut wire);
    for (operation, body) in &requests {
        let answer = wire.call(operation, body.to_string().as_bytes());
        let (name, _) = if answer.status == 200 { Default::default() } else { answer.error() };
        // Done already, in the course of making the others.
        let repeated = ["", "DeviceKeyExistsException", "UsernameExistsException"];
        // Nobody waits for a code in this pool.
        let repeated = if *operation == "ConfirmSignUp" { &["CodeMismatchException"][..] } else { &repeated };
        assert!(repeated.contains(&name.as_str()), "{operation}: {name}");
    }
    let mut rng = StdRng::seed_from_u64(0x5eed);
    let mut refused = 0;
    for _ in 0..10_000 {
        let (operation, body) = &requests[rng.random_range(0..requests.len())];
        let body = mutated(body, &mut rng);
        let answer = wire.call(operation, &body);
        match answer.status {
            200 => drop(answer.json()),
            400 => {
                answer.error();
                refused += 1;
            }
            status => panic!("{status} to {operation} with {:?}", String::from_utf8_lossy(&body)),
        }
    }
    // Much of a request is not looked at, or is a number that may as well be another.
    assert!(refused > 5_000, "only {refused} of 10,000 were refused");
    // The pool is as good as before, but for what was asked of it.
    site.sign_in(Api::Public, SignInFlow::UserPassword, alice()).unwrap();
}

/// Changes a request in one to three places: in its values, or in its text.
fn mutated(body: &Value, rng: &mut StdRng) -> Vec<u8> {
    let mut body = body.clone();
    if rng.random_bool(0.5) {
        for _ in 0..rng.random_range(1..=2) {
            mutate_value(&mut body, rng);
        }
        return body.to_string().into();
    }
    let mut text = body.to_string().into_bytes();
    for _ in 0..rng.random_range(1..=3) {
        mutate_text(&mut text, rng);
    }
    text
}

/// Replaces, removes or renames something at a random depth.
fn mutate_value(value: &mut Value, rng: &mut StdRng) {
    let descend = rng.random_bool(0.7);
    match value {
        Value::Object(members) if descend && !members.is_empty() => {
            let place = rng.random_range(0..members.len());
            let name = members.keys().nth(place).expect("it is within").clone();
            match rng.random_range(0..10) {
                0 => drop(members.remove(&name)),
                1 => {
                    let value = members.remove(&name).expect("it is there");
                    members.insert(name.to_lowercase(), value);
                }
                _ => mutate_value(&mut members[&name], rng),
            }
        }
        Value::Array(items) if descend && !items.is_empty() => {
            let place = rng.random_range(0..items.len());
            mutate_value(&mut items[place], rng);
        }
        Value::String(text) if descend => {
            let mut characters: Vec<char> = text.chars().collect();
            let place = rng.random_range(0..=characters.len());
            match rng.random_range(0..4) {
                0 => characters.truncate(place),
                1 => characters.insert(place, ['0', 'f', '\0', 'é', '🔑', '"'][rng.random_range(0..6)]),
                2 => characters.extend_from_within(place..),
                _ => {
                    if let Some(character) = characters.get_mut(place) {
                        *character = char::from(rng.random_range(b' '..=b'~'));
                    }
                }
            }
            *text = characters.into_iter().collect();
        }
        value => *value = odd_value(rng),
    }
}

fn odd_value(rng: &mut StdRng) -> Value {
    match rng.random_range(0..12) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-1),
        3 => json!(1e300),
        4 => json!([]),
        5 => json!({}),
        6 => json!(""),
        7 => json!("0"),
        8 => json!("f".repeat(768)),
        9 => json!("A".repeat(20_000)),
        10 => json!([["alice"]]),
        _ => json!({"USERNAME": null}),
    }
}

/// Flips, removes, repeats or inserts bytes.
fn mutate_text(text: &mut Vec<u8>, rng: &mut StdRng) {
    let place = rng.random_range(0..=text.len());
    let end = (place + rng.random_range(1..=16)).min(text.len());
    match rng.random_range(0..5) {
        0 => text.truncate(place),
        1 => drop(text.drain(place..end)),
        2 => text.extend_from_within(place..end),
        3 => text.insert(place, rng.random()),
        _ => {
            if let Some(byte) = text.get_mut(place) {
                *byte ^= 1 << rng.random_range(0..8);
            }
        }
    }
}
