//! A pool in this process, with the calls of its clients.

use std::fs;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use cognito_srp6a::idp::{
    AuthResponse, ChallengeName, Credentials, Request, ResponseError, ServiceError, SignIn, SignInError, Step,
};
use cognito_srp6a::{AppClient, Timestamp};
use local_pool::{Options, Pool};
use serde_json::{Value, json};

use crate::authenticator::Authenticator;

/// The time of all calls of a test that do not need another. It is about the real one, because the library that reads access
/// tokens has no other clock.
pub fn now() -> i64 {
    static START: LazyLock<i64> = LazyLock::new(|| Timestamp::now().unwrap().unix_seconds());
    *START
}

const SIGNATURE: &str = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/cognito-idp/aws4_request";

/// Users without second factors, and the clients `web` and `phone`.
pub const FILE: &str = r#"
[passkeys]
[[client]]
id = "web"
flows = ["ALLOW_USER_AUTH", "ALLOW_USER_PASSWORD_AUTH"]
[[client]]
id = "phone"
flows = ["ALLOW_USER_AUTH", "ALLOW_USER_PASSWORD_AUTH"]
[[user]]
name = "alice"
password = "Passw0rd!"
aliases = ["alice@example.com"]
[[user]]
name = "bob"
password = "Passw0rd!"
"#;

pub type Result<T> = std::result::Result<T, ServiceError>;

pub struct Site {
    pool: Pool,
    pub app: AppClient,
}

impl Site {
    pub fn new() -> Self {
        Self::of_file(FILE)
    }

    pub fn of_file(text: &str) -> Self {
        Self::with_flags(text, &[])
    }

    pub fn with_flags(text: &str, flags: &[&str]) -> Self {
        let options = options_of_file(text, flags).unwrap();
        Self { pool: Pool::new(&options).unwrap(), app: options.clients[0].app.clone() }
    }

    /// Makes a call at a time.
    pub fn call_at(&self, now: i64, operation: &str, body: &Value) -> Result<Value> {
        let answer = self.call_raw(now, operation, body.to_string().as_bytes())?;
        Ok(serde_json::from_slice(&answer).unwrap())
    }

    pub fn call(&self, operation: &str, body: &Value) -> Result<Value> {
        self.call_at(now(), operation, body)
    }

    pub fn call_raw(&self, now: i64, operation: &str, body: &[u8]) -> Result<Vec<u8>> {
        let target = format!("AWSCognitoIdentityProviderService.{operation}");
        self.pool.call_at(Some(&target), Some(SIGNATURE), body, Timestamp::from_unix_seconds(now).unwrap())
    }

    /// What the pool would have sent.
    pub fn outbox(&self) -> String {
        self.pool.outbox()
    }

    /// Goes on with a sign-in of the crate's client, as far as tokens or a challenge.
    pub fn go_on(&self, mut sign_in: SignIn, mut request: Request) -> std::result::Result<Step, SignInError> {
        loop {
            let answer = self.call_raw(now(), request.operation().name(), &request.to_json());
            let response = match answer {
                Ok(body) => AuthResponse::from_http(200, &body),
                Err(error) => Err(ResponseError::from(error)),
            };
            match sign_in.advance(response, Timestamp::from_unix_seconds(now()).unwrap())? {
                Step::Send(next, due) => (sign_in, request) = (next, due),
                step => return Ok(step),
            }
        }
    }

    /// Signs a user in by the password, and returns the access token.
    pub fn access_token(&self, client: &str, user: &str) -> String {
        let body = json!({"ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": user, "PASSWORD": "Passw0rd!"}});
        let answer = self.call("InitiateAuth", &body).unwrap();
        answer["AuthenticationResult"]["AccessToken"].as_str().unwrap().to_owned()
    }

    /// Starts a registration and returns its options.
    pub fn start(&self, token: &str) -> Value {
        let answer = self.call("StartWebAuthnRegistration", &json!({"AccessToken": token})).unwrap();
        answer["CredentialCreationOptions"].clone()
    }

    pub fn complete(&self, token: &str, credential: &Value) -> Result<Value> {
        self.call("CompleteWebAuthnRegistration", &json!({"AccessToken": token, "Credential": credential}))
    }

    /// Registers a passkey.
    pub fn register(&self, token: &str, authenticator: &Authenticator) {
        self.complete(token, &authenticator.create(&self.start(token))).unwrap();
    }

    /// Registers a passkey of a user with ES256.
    pub fn passkey(&self, user: &str) -> Authenticator {
        let authenticator = Authenticator::es256();
        self.register(&self.access_token("web", user), &authenticator);
        authenticator
    }

    /// Asks for a passkey.
    pub fn ask(&self, user: &str) -> Asked {
        self.ask_for(user, "WEB_AUTHN")
    }

    /// Begins `USER_AUTH` with a preferred challenge.
    pub fn ask_for(&self, user: &str, preferred: &str) -> Asked {
        let body = json!({"ClientId": "web", "AuthFlow": "USER_AUTH",
            "AuthParameters": {"USERNAME": user, "PREFERRED_CHALLENGE": preferred}});
        Asked::new(self.call("InitiateAuth", &body).unwrap(), user)
    }

    pub fn answer(&self, asked: &Asked, credential: &Value) -> Result<Value> {
        self.call("RespondToAuthChallenge", &asked.body(credential))
    }
}

/// A challenge.
pub struct Asked {
    pub response: Value,
    pub user: String,
}

impl Asked {
    pub fn new(response: Value, user: &str) -> Self {
        Self { response, user: user.to_owned() }
    }

    pub fn name(&self) -> &str {
        self.response["ChallengeName"].as_str().unwrap()
    }

    /// `CREDENTIAL_REQUEST_OPTIONS`.
    pub fn options(&self) -> Value {
        let options = &self.response["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"];
        serde_json::from_str(options.as_str().unwrap()).unwrap()
    }

    /// The body of the answer.
    pub fn body(&self, credential: &Value) -> Value {
        json!({"ClientId": "web", "ChallengeName": "WEB_AUTHN", "Session": self.response["Session"],
            "ChallengeResponses": {"USERNAME": self.user, "CREDENTIAL": credential.to_string()}})
    }
}

/// A command line with a file for `--config`.
pub fn options_of_file(text: &str, flags: &[&str]) -> std::result::Result<Options, String> {
    static FILES: AtomicUsize = AtomicUsize::new(0);
    let number = FILES.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("local_pool-passkeys-{}-{number}", std::process::id()));
    fs::create_dir(&folder).unwrap();
    let file = folder.join("pool.toml");
    fs::write(&file, text).unwrap();
    let options = Options::from_arguments(["--config", file.to_str().unwrap()].iter().chain(flags));
    fs::remove_dir_all(&folder).unwrap();
    options.map(Option::unwrap).map_err(|error| error.to_string())
}

/// The name of a user, and no password.
pub fn only(username: &str) -> Credentials {
    Credentials::new(username.parse().unwrap())
}

/// The name of the error in a result that must be one.
pub fn error<T>(result: Result<T>) -> String {
    result.err().expect("it is accepted").name().to_string()
}

/// Whether a response has tokens.
pub fn has_tokens(answer: &Result<Value>) -> bool {
    answer.as_ref().is_ok_and(|answer| answer["AuthenticationResult"]["AccessToken"].is_string())
}

pub const WEB_AUTHN: ChallengeName = ChallengeName::WebAuthn;
