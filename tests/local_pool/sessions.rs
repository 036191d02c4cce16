//! Each challenge with its right answer, sent for another challenge, another user and another client, and twice; and the codes
//! of each factor, guessed.

use cognito_srp6a::idp::{Api, AuthResponse, AuthenticationResult, ConfirmDevice, Request, SignIn, SignInFlow, Step};
use cognito_srp6a::{AppClient, DeviceCredentials, Timestamp};
use serde_json::{Value, json};

use crate::client::{Direct, credentials};
use crate::factors::{self, NOW, not, totp};

/// A challenge and its right answer.
struct Pending {
    /// The call that answers it, as JSON.
    body: Value,
    /// Whether its session stays after a right answer.
    stays: bool,
}

fn pool() -> Direct {
    let mallory = "[[user]]\nname = \"mallory\"\npassword = \"Passw0rd!\"\n";
    Direct::of_file(&format!("custom_answer = \"42\"\n{}{mallory}", factors::FILE))
}

fn begin(pool: &Direct, flow: &str, parameters: &Value) -> Value {
    let body = json!({"ClientId": "web", "AuthFlow": flow, "AuthParameters": parameters});
    pool.call_at(NOW, "InitiateAuth", &body).unwrap()
}

fn answer(asked: &Value, user: &str, responses: &Value) -> Value {
    let mut responses = responses.clone();
    responses["USERNAME"] = user.into();
    json!({"ClientId": "web", "ChallengeName": asked["ChallengeName"], "Session": asked["Session"],
        "ChallengeResponses": responses})
}

fn respond(pool: &Direct, body: &Value) -> Result<Value, String> {
    pool.call_at(NOW, "RespondToAuthChallenge", body).map_err(|error| error.name().to_string())
}

/// Goes on with the crate's client until it answers a challenge. Returns that answer.
fn answer_of_client(pool: &Direct, flow: SignInFlow, device: Option<DeviceCredentials>, until: &str) -> Value {
    let app = AppClient::new("us-east-1_LocalPool".parse().unwrap(), "web").unwrap();
    let mut bob = credentials("bob", "Passw0rd!");
    if let Some(device) = device {
        bob = bob.with_device(device);
    }
    let (mut sign_in, mut request) = SignIn::builder(&app, Api::Public, flow, bob).start().unwrap();
    loop {
        let body: Value = serde_json::from_slice(&request.to_json()).unwrap();
        if body["ChallengeName"] == until {
            return body;
        }
        let response = pool.call_at(NOW, request.operation().name(), &body).unwrap();
        let response = Ok(AuthResponse::from_json(response.to_string().as_bytes()).unwrap());
        let now = Timestamp::from_unix_seconds(NOW).unwrap();
        match sign_in.advance(response, now).unwrap() {
            Step::Send(next, due) => (sign_in, request) = (next, due),
            step => panic!("no {until}, but {step:?}"),
        }
    }
}

/// A device that the pool remembers.
fn device(pool: &Direct) -> DeviceCredentials {
    let response = pool.prove(NOW, "bob").to_string();
    let response = AuthResponse::from_json(response.as_bytes()).unwrap();
    let result: &AuthenticationResult = response.authentication_result().unwrap();
    let new_device = result.new_device().unwrap().unwrap();
    let (credentials, verifier) = DeviceCredentials::register(new_device).unwrap();
    let key = credentials.device().key();
    let confirm = ConfirmDevice::new(result.access_token().unwrap(), key, &verifier, None).unwrap();
    let confirm: Value = serde_json::from_slice(&Request::ConfirmDevice(confirm).to_json()).unwrap();
    pool.call_at(NOW, "ConfirmDevice", &confirm).unwrap();
    credentials
}

/// Every challenge of the pool.
fn pending(pool: &Direct) -> Vec<Pending> {
    let prefer =
        |user: &str, factor: &str| begin(pool, "USER_AUTH", &json!({"USERNAME": user, "PREFERRED_CHALLENGE": factor}));
    let code = |name: &str| json!({name: pool.last_code()});
    let mut all = Vec::new();
    let mut add = |body: Value, stays: bool| all.push(Pending { body, stays });

    let password = json!({"ANSWER": "PASSWORD", "PASSWORD": "Passw0rd!"});
    add(answer(&begin(pool, "USER_AUTH", &json!({"USERNAME": "bob"})), "bob", &password), false);
    add(answer(&prefer("bob", "EMAIL_OTP"), "bob", &code("EMAIL_OTP_CODE")), false);
    // `alice` has another second factor than SMS, so a text message may be her first one.
    let sms = prefer("alice", "SMS_OTP");
    add(answer(&sms, "alice", &code("SMS_OTP_CODE")), false);
    add(answer(&begin(pool, "CUSTOM_AUTH", &json!({"USERNAME": "bob"})), "bob", &json!({"ANSWER": "42"})), false);
    add(answer_of_client(pool, SignInFlow::CustomSrp, None, "PASSWORD_VERIFIER"), false);
    let temporary = json!({"USERNAME": "frank", "PASSWORD": "Temp0rary!"});
    let new_password = json!({"NEW_PASSWORD": "Perm4nent!"});
    add(answer(&begin(pool, "USER_PASSWORD_AUTH", &temporary), "frank", &new_password), false);
    add(answer(&pool.prove(NOW, "alice"), "alice", &json!({"ANSWER": "SMS_MFA"})), true);
    let app = json!({"SOFTWARE_TOKEN_MFA_CODE": totp(b"12345678901234567890", NOW)});
    add(answer(&pool.prove(NOW, "dave"), "dave", &app), false);
    let sms = pool.prove(NOW, "carol");
    add(answer(&sms, "carol", &code("SMS_MFA_CODE")), false);
    let email = pool.prove(NOW, "erin");
    add(answer(&email, "erin", &code("EMAIL_OTP_CODE")), false);
    let known = device(pool);
    let key = known.device().key().to_string();
    let with_device = json!({"USERNAME": "bob", "PASSWORD": "Passw0rd!", "DEVICE_KEY": key});
    let start = json!({"DEVICE_KEY": key, "SRP_A": "ff"});
    add(answer(&begin(pool, "USER_PASSWORD_AUTH", &with_device), "bob", &start), false);
    add(answer_of_client(pool, SignInFlow::UserPassword, Some(known), "DEVICE_PASSWORD_VERIFIER"), false);
    all
}

/// The same for a pool in which everybody has a second factor.
fn pending_setup(pool: &Direct) -> Vec<Pending> {
    let asked = pool.prove(NOW, "bob");
    let address = answer(&asked, "bob", &json!({"EMAIL": "bob@example.com"}));
    let email = respond(pool, &address).unwrap();
    let code = answer(&email, "bob", &json!({"EMAIL_OTP_CODE": pool.last_code()}));
    vec![Pending { body: address, stays: true }, Pending { body: code, stays: false }]
}

fn pool_with_setup() -> Direct {
    let file = factors::FILE.replace("\"optional\"", "\"on\"");
    Direct::of_file(&format!("{file}[[user]]\nname = \"mallory\"\npassword = \"Passw0rd!\"\n"))
}

/// A pool, and its challenges.
type Kind = (fn() -> Direct, fn(&Direct) -> Vec<Pending>);
const KINDS: [Kind; 2] = [(pool, pending), (pool_with_setup, pending_setup)];

/// All names of challenges that a client answers.
const NAMES: [&str; 15] = [
    "SELECT_CHALLENGE",
    "PASSWORD",
    "PASSWORD_SRP",
    "PASSWORD_VERIFIER",
    "CUSTOM_CHALLENGE",
    "NEW_PASSWORD_REQUIRED",
    "SELECT_MFA_TYPE",
    "SOFTWARE_TOKEN_MFA",
    "SMS_MFA",
    "EMAIL_OTP",
    "SMS_OTP",
    "MFA_SETUP",
    "DEVICE_SRP_AUTH",
    "DEVICE_PASSWORD_VERIFIER",
    "WEB_AUTHN",
];

/// Whether two names answer the same challenge.
fn are_alike(one: &Value, other: &str) -> bool {
    let first = ["SELECT_CHALLENGE", "PASSWORD", "PASSWORD_SRP"];
    one == other || first.iter().any(|name| one == name) && first.contains(&other)
}

/// The answer to a challenge under another name, with everything that any challenge wants.
fn renamed(pending: &Pending, name: &str) -> Value {
    let mut body = pending.body.clone();
    body["ChallengeName"] = name.into();
    let given = body["ChallengeResponses"].as_object().unwrap().clone();
    let code = given.iter().find(|(name, _)| name.ends_with("_CODE")).map_or("123456".into(), |(_, code)| code.clone());
    let mut responses = json!({"ANSWER": "PASSWORD", "PASSWORD": "Passw0rd!", "SRP_A": "ff", "EMAIL": "m@example.com",
        "NEW_PASSWORD": "Perm4nent!", "DEVICE_KEY": "us-east-1_0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9"});
    for name in ["SOFTWARE_TOKEN_MFA_CODE", "SMS_MFA_CODE", "EMAIL_OTP_CODE", "SMS_OTP_CODE"] {
        responses[name] = code.clone();
    }
    responses.as_object_mut().unwrap().extend(given);
    body["ChallengeResponses"] = responses;
    body
}

#[test]
fn a_session_is_good_for_its_challenge_its_user_and_its_client_and_once() {
    for (make, pending) in KINDS {
        let pool = make();
        for pending in pending(&pool) {
            let name = pending.body["ChallengeName"].clone();
            for other in NAMES.into_iter().filter(|other| !are_alike(&name, other)) {
                let refused = respond(&pool, &renamed(&pending, other)).expect_err(other);
                let refusals = ["NotAuthorizedException", "InvalidParameterException", "ResourceNotFoundException"];
                assert!(refusals.contains(&refused.as_str()), "{name} as {other}: {refused}");
            }
            let changed = |place: &str, to: &str| {
                let mut body = pending.body.clone();
                *body.pointer_mut(place).unwrap() = to.into();
                respond(&pool, &body)
            };
            let refused = Err("NotAuthorizedException".to_owned());
            for other in ["mallory", "nobody"] {
                assert_eq!(changed("/ChallengeResponses/USERNAME", other), refused, "{name} by {other}");
            }
            assert_eq!(changed("/ClientId", "phone"), refused, "{name} at another client");
            let other_session = "x".repeat(128);
            assert_eq!(changed("/Session", &other_session), refused, "{name} without its session");

            respond(&pool, &pending.body).unwrap_or_else(|error| panic!("{name}: {error}"));
            if !pending.stays {
                let again = respond(&pool, &pending.body).expect_err("it was good once");
                assert!(
                    ["NotAuthorizedException", "ExpiredCodeException"].contains(&again.as_str()),
                    "{name}: {again}"
                );
            }
        }
    }
}

#[test]
fn each_code_is_tried_three_times_and_good_for_its_session_alone() {
    for (make, pending) in KINDS {
        let (pool, other) = (make(), make());
        for (pending, of_other) in pending(&pool).into_iter().zip(pending(&other)) {
            let find = |body: &Value| {
                let responses = body["ChallengeResponses"].as_object().unwrap();
                responses
                    .iter()
                    .find(|(name, _)| name.ends_with("_CODE"))
                    .map(|(name, code)| (name.clone(), code.clone()))
            };
            let Some((name, code)) = find(&pending.body) else { continue };
            let mut guess = pending.body.clone();
            let wrong = not(code.as_str().unwrap());
            // The code of the same challenge of another pool, unless it is an app's, which shows the same everywhere.
            let (_, foreign) = find(&of_other.body).unwrap();
            let foreign = if foreign == code { wrong.clone().into() } else { foreign };
            for guessed in [wrong.clone().into(), foreign, wrong.into()] {
                guess["ChallengeResponses"][&name] = guessed;
                assert_eq!(respond(&pool, &guess), Err("CodeMismatchException".to_owned()), "{name}");
            }
            assert_eq!(respond(&pool, &pending.body), Err("NotAuthorizedException".to_owned()), "{name}");
        }
    }
}
