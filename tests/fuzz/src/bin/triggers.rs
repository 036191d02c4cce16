//! What triggers answer the local pool: the first byte chooses a call, and each line after it is one answer. `!` in front of
//! a line says that the function has failed.
#![no_main]

use std::cell::RefCell;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognito_srp6a::Timestamp;
use http::{HeaderMap, Uri};
use libfuzzer_sys::fuzz_target;
use local_pool::lambda::{Answer, Failure, Function};
use local_pool::{Head, Options, Pool};
use serde_json::{Value, json};

const PASSWORD: &str = "Passw0rd!";

/// How many inputs share a pool. Some of them make users.
const INPUTS: i64 = 500;

/// Longer than anything in the pool counts or keeps, so no input sees what another has tried.
const SECONDS_APART: i64 = 400;

/// A function that answers one line after the other.
#[derive(Default)]
struct Lines(Mutex<(Vec<Vec<u8>>, Vec<Said>)>);

/// The cause of an event, and the line that answered it.
type Said = (String, Vec<u8>);

impl Function for Lines {
    fn invoke(&self, event: &[u8]) -> Result<Answer, Failure> {
        let event: Value = serde_json::from_slice(event).expect("events are JSON");
        let source = event["triggerSource"].as_str().expect("events name their cause");
        // Nobody awaits these, so they have no place in the order.
        if source.contains("Sender") {
            return Err(Failure::Unreachable);
        }
        let (lines, said) = &mut *self.0.lock().expect("one thread");
        let line = lines.pop().unwrap_or_else(|| b"{\"response\":{}}".to_vec());
        let (is_error, body) = line.strip_prefix(b"!").map_or((false, &line[..]), |rest| (true, rest));
        said.push((source.to_owned(), line.clone()));
        Ok(Answer { is_error, body: body.to_vec() })
    }
}

struct Site {
    pool: Pool,
    lines: Arc<Lines>,
    inputs: i64,
}

impl Site {
    fn new() -> Self {
        let options = Options::from_arguments(["--user", "alice:Passw0rd!"]).expect("good options").expect("no --help");
        let lines = Arc::new(Lines::default());
        let pool = Pool::new(&options).expect("a pool").with_triggers(lines.clone());
        Self { pool, lines, inputs: 0 }
    }

    fn call(&self, operation: &str, body: &Value) -> Option<Value> {
        let now = Timestamp::from_unix_seconds(1_800_000_000 + SECONDS_APART * self.inputs).expect("a time");
        let target = format!("AWSCognitoIdentityProviderService.{operation}");
        let mut headers = HeaderMap::new();
        headers.insert("x-amz-target", target.parse().expect("a header"));
        let head = Head { uri: &Uri::default(), headers: &headers };
        match self.pool.call_at(head, body.to_string().as_bytes(), now) {
            Ok(answer) => Some(serde_json::from_slice(&answer).expect("answers are JSON")),
            Err(error) => {
                assert!(error.name().as_str() != "InternalErrorException", "{error}");
                None
            }
        }
    }

    fn initiate(&self, flow: &str, user: &str) -> Option<Value> {
        let parameters = json!({"USERNAME": user, "PASSWORD": PASSWORD});
        let body = json!({"ClientId": "localpoolclient", "AuthFlow": flow, "AuthParameters": parameters});
        self.call("InitiateAuth", &body)
    }

    /// Answers custom challenges until the sign-in ends. Returns the tokens.
    fn custom(&self, user: &str) -> Option<Value> {
        let mut asked = self.initiate("CUSTOM_AUTH", user)?;
        for _ in 0..20 {
            if asked["AuthenticationResult"].is_object() {
                return Some(asked);
            }
            assert_eq!(asked["ChallengeName"], "CUSTOM_CHALLENGE");
            assert_eq!(asked["ChallengeParameters"]["USERNAME"], user);
            let body = json!({"ClientId": "localpoolclient", "ChallengeName": "CUSTOM_CHALLENGE",
                "Session": asked["Session"], "ChallengeResponses": {"USERNAME": user, "ANSWER": "42"}});
            let next = self.call("RespondToAuthChallenge", &body);
            assert_eq!(self.call("RespondToAuthChallenge", &body), None, "a session takes one answer");
            asked = next?;
        }
        panic!("a sign-in that does not end")
    }

    /// Returns the `response` that was said last to a cause, as another reader finds it.
    ///
    /// The other reader also looks at members that are not the pool's, and may find fault with them.
    fn last(&self, prefix: &str) -> Option<Value> {
        let said = &self.lines.0.lock().expect("one thread").1;
        let (_, line) = said.iter().rfind(|(source, _)| source.starts_with(prefix)).expect("the trigger was asked");
        let event: Value = serde_json::from_slice(line).ok()?;
        Some(event["response"].clone())
    }
}

thread_local! {
    static SITE: RefCell<Site> = RefCell::new(Site::new());
}

fuzz_target!(|input: &[u8]| {
    let Some((&first, input)) = input.split_first() else { return };
    SITE.with_borrow_mut(|site| {
        if site.inputs == INPUTS {
            *site = Site::new();
        }
        site.inputs += 1;
        let mut lines: Vec<_> = input.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
        lines.reverse();
        *site.lines.0.lock().expect("one thread") = (lines, Vec::new());
        run(site, first);
    });
});

fn run(site: &Site, first: u8) {
    let stranger = format!("stranger{}", site.inputs);
    match first % 4 {
        0 => {
            let Some(tokens) = site.custom("alice") else { return };
            if let Some(said) = site.last("DefineAuthChallenge") {
                assert!(said["issueTokens"] == true && said["failAuthentication"] != true);
            }
            check(&tokens, "alice");
        }
        1 => assert_eq!(site.custom("nobody"), None),
        2 => {
            let Some(tokens) = site.initiate("USER_PASSWORD_AUTH", &stranger) else { return };
            if let Some(said) = site.last("UserMigration") {
                assert_eq!(said["finalUserStatus"], "CONFIRMED");
            }
            check(&tokens, &stranger);
        }
        _ => {
            let body = json!({"ClientId": "localpoolclient", "Username": stranger, "Password": PASSWORD,
                "UserAttributes": [{"Name": "email", "Value": "a@example.com"}]});
            if let Some(signed_up) = site.call("SignUp", &body) {
                assert_eq!(signed_up["UserConfirmed"], true);
            }
        }
    }
}

/// The claims that no trigger changes are those of the pool.
fn check(answer: &Value, user: &str) {
    let claims = |name: &str| -> Value {
        let token = answer["AuthenticationResult"][name].as_str().expect("a token");
        let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).expect("a payload")).expect("Base64");
        serde_json::from_slice(&payload).expect("claims are JSON")
    };
    let (id, access) = (claims("IdToken"), claims("AccessToken"));
    assert_eq!((&id["token_use"], &access["token_use"]), (&json!("id"), &json!("access")));
    assert_eq!((&id["cognito:username"], &access["username"]), (&json!(user), &json!(user)));
    assert_eq!((&id["aud"], &access["client_id"]), (&json!("localpoolclient"), &json!("localpoolclient")));
    for name in ["sub", "iss", "origin_jti", "auth_time", "exp"] {
        assert_eq!(id[name], access[name], "{name}");
    }
}
