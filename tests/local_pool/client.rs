//! Our own client over HTTP, and a pool to send to.

use std::env;
use std::error::Error;
use std::fs;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use cognito_srp6a::idp::{
    Api, AuthResponse, Challenge, ConfirmDevice, ConfirmDeviceResponse, Credentials, RefreshToken, Request,
    ResponseError, ServiceError, SignIn, SignInError, SignInFlow, SignedIn, Step,
};
use cognito_srp6a::{AppClient, DeviceCredentials, DeviceKey, Timestamp};
use serde_json::{Value, json};
use ureq::http::{HeaderMap, HeaderName, Uri};

use crate::common::{pass, user_name};
use local_pool::lambda::Function;
use local_pool::{Head, Options, Pool, Server};

pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

pub const PASSWORD: &str = "Corr3ct:horse-battery!";

/// The temporary password of `frank`.
pub const TEMPORARY: &str = "Temp0rary!";

/// A pool in this process, and a client of it.
pub struct Site {
    pub app: AppClient,
    pub address: SocketAddr,
    agent: ureq::Agent,
}

impl Site {
    /// Starts a pool with a command line, and with the user `alice` under the alias `alice@example.com`.
    pub fn start(flags: &[&str]) -> Self {
        Self::of(&options(flags))
    }

    /// Starts a pool with a file for `--config`.
    pub fn of_file(text: &str) -> Self {
        Self::of(&options_of_file(text, &[]).unwrap())
    }

    pub fn of(options: &Options) -> Self {
        Self::serve(options, Pool::new(options).unwrap())
    }

    /// Starts a pool with a file and with a function that gets all events of triggers.
    pub fn with_triggers(text: &str, function: Arc<dyn Function>) -> Self {
        let options = options_of_file(text, &[]).unwrap();
        Self::serve(&options, Pool::new(&options).unwrap().with_triggers(function))
    }

    fn serve(options: &Options, pool: Pool) -> Self {
        let server = Server::bind(options.listen, pool, options.patience, options.connections).unwrap();
        let address = server.address().unwrap();
        // It ends with the test's process.
        thread::spawn(move || server.run().unwrap());
        let agent = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().into();
        Self { app: options.clients[0].app.clone(), address, agent }
    }

    /// Signs in as far as tokens.
    pub fn sign_in(&self, api: Api, flow: SignInFlow, credentials: Credentials) -> Result<SignedIn> {
        match self.sign_in_until_asked(api, flow, credentials)? {
            Step::Done(signed_in) => Ok(signed_in),
            other => panic!("no tokens, but {other:?}"),
        }
    }

    /// Signs in as far as tokens or a challenge that only the caller can answer.
    pub fn sign_in_until_asked(&self, api: Api, flow: SignInFlow, credentials: Credentials) -> Result<Step> {
        let (sign_in, request) = SignIn::builder(&self.app, api, flow, credentials).start()?;
        self.go_on(sign_in, request)
    }

    pub fn go_on(&self, sign_in: SignIn, request: Request) -> Result<Step> {
        self.go_on_watched(sign_in, request, |_, _| ())
    }

    /// Goes on with a sign-in, and shows each exchange to `watch` on the way.
    pub fn go_on_watched(
        &self,
        mut sign_in: SignIn,
        mut request: Request,
        mut watch: impl FnMut(&Request, &AuthResponse),
    ) -> Result<Step> {
        loop {
            let response = self.send(&request)?;
            if let Ok(response) = &response {
                watch(&request, response);
            }
            match sign_in.advance(response, Timestamp::now()?)? {
                Step::Send(next, due) => (sign_in, request) = (next, due),
                step => return Ok(step),
            }
        }
    }

    pub fn refresh(&self, token: &str, device: Option<&DeviceKey>) -> Result<SignedIn> {
        let token = RefreshToken::new(token)?;
        let (sign_in, request) =
            SignIn::refresh(&self.app, Api::Public, &token, &user_name("alice")).with_device_key(device).start()?;
        match self.go_on(sign_in, request)? {
            Step::Done(signed_in) => Ok(signed_in),
            other => panic!("no tokens, but {other:?}"),
        }
    }

    /// Registers the device that a sign-in was offered.
    pub fn confirm_device(&self, signed_in: &SignedIn) -> Result<DeviceCredentials> {
        let device = signed_in.new_device()?.expect("a device is offered");
        let (credentials, verifier) = DeviceCredentials::register(device)?;
        let access_token = signed_in.result().access_token().unwrap();
        let key = credentials.device().key();
        let request = Request::ConfirmDevice(ConfirmDevice::new(access_token, key, &verifier, Some("test"))?);
        let (status, body) = self.post(&request)?;
        let response = ConfirmDeviceResponse::from_http(status, &body)?;
        assert!(!response.user_confirmation_necessary);
        Ok(credentials)
    }

    pub fn send(&self, request: &Request) -> Result<std::result::Result<AuthResponse, ResponseError>> {
        let (status, body) = self.post(request)?;
        Ok(AuthResponse::from_http(status, &body))
    }

    pub fn post(&self, request: &Request) -> Result<(u16, Vec<u8>)> {
        let mut http = request.to_http(&format!("http://{}/", self.address))?;
        if request.operation().is_signed() {
            http.headers_mut().insert("authorization", SIGNATURE.parse()?);
        }
        let mut response = self.agent.run(http)?;
        Ok((response.status().as_u16(), response.body_mut().read_to_vec()?))
    }

    /// Makes a call that the crate has no type for.
    pub fn call(&self, operation: &str, body: &Value) -> Result<std::result::Result<Value, ServiceError>> {
        let mut response = self
            .agent
            .post(format!("http://{}/", self.address))
            .header("X-Amz-Target", format!("AWSCognitoIdentityProviderService.{operation}"))
            .header("Authorization", SIGNATURE)
            .send(body.to_string())?;
        let bytes = response.body_mut().read_to_vec()?;
        if response.status() == 200 {
            Ok(Ok(serde_json::from_slice(&bytes)?))
        } else {
            Ok(Err(ServiceError::from_json(&bytes)?))
        }
    }

    /// Starts a pool with `frank`, whose password [`TEMPORARY`] is a temporary one.
    pub fn start_with_frank(flags: &[&str]) -> Self {
        let user = format!("frank:{TEMPORARY}");
        Self::start(&[&["--user", user.as_str(), "--force-new-password", "frank"], flags].concat())
    }

    /// Signs `frank` in by his temporary password. Returns the body that answers `NEW_PASSWORD_REQUIRED`, with a new password and
    /// attributes.
    pub fn new_password_of_frank(&self, new_password: &str, attributes: &[(String, String)]) -> Value {
        let start = json!({"ClientId": "localpoolclient", "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": "frank", "PASSWORD": TEMPORARY}});
        let asked = self.call("InitiateAuth", &start).unwrap().unwrap();
        let mut responses = json!({"USERNAME": "frank", "NEW_PASSWORD": new_password});
        for (name, value) in attributes {
            responses[format!("userAttributes.{name}")] = value.as_str().into();
        }
        json!({"ClientId": "localpoolclient", "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": asked["Session"],
            "ChallengeResponses": responses})
    }

    /// Gets a document, such as `jwks.json`.
    pub fn get(&self, path: &str) -> Result<Value> {
        let text = self.agent.get(format!("http://{}{path}", self.address)).call()?.body_mut().read_to_string()?;
        Ok(serde_json::from_str(&text)?)
    }
}

/// A pool's command line: some flags, and the user `alice` under the alias `alice@example.com`.
fn options(flags: &[&str]) -> Options {
    let user = format!("alice:{PASSWORD}");
    let common = ["--user", user.as_str(), "--alias", "alice@example.com=alice"];
    Options::from_arguments(common.iter().chain(flags)).unwrap().unwrap()
}

/// A command line with a file for `--config`, whose name is `pool.toml`.
pub fn options_of_file(text: &str, flags: &[&str]) -> std::result::Result<Options, String> {
    static FILES: AtomicUsize = AtomicUsize::new(0);
    let number = FILES.fetch_add(1, Ordering::Relaxed);
    let folder = env::temp_dir().join(format!("local_pool-{}-{number}", std::process::id()));
    fs::create_dir(&folder).unwrap();
    let file = folder.join("pool.toml");
    fs::write(&file, text).unwrap();
    let options = Options::from_arguments(["--config", file.to_str().unwrap()].iter().chain(flags));
    fs::remove_dir_all(&folder).unwrap();
    options.map(Option::unwrap).map_err(|error| error.to_string())
}

/// Whether this process runs one test alone. If not, runs the test of this name in a process of its own, because other tests of this
/// process use memory as well.
pub fn is_alone(name: &str) -> bool {
    const ALONE: &str = "COGNITO_SRP6A_MEASURED_ALONE";
    if env::var_os(ALONE).is_some() {
        return true;
    }
    let mut run = Command::new(env::current_exe().unwrap());
    let output = run.args(["--exact", name, "--nocapture"]).env(ALONE, "1").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    print!("{text}");
    assert!(output.status.success() && text.contains("1 passed"), "{}", String::from_utf8_lossy(&output.stderr));
    false
}

/// A pool without a transport.
pub struct Direct(Pool);

impl Direct {
    pub fn new(flags: &[&str]) -> Self {
        Self(Pool::new(&options(flags)).unwrap())
    }

    /// A pool with a file for `--config`.
    pub fn of_file(text: &str) -> Self {
        Self::of_file_with(text, &[])
    }

    /// A pool with a file for `--config`, and flags beside it.
    pub fn of_file_with(text: &str, flags: &[&str]) -> Self {
        Self(Pool::new(&options_of_file(text, flags).unwrap()).unwrap())
    }

    /// A pool with a file and with a function that gets all events of triggers.
    pub fn with_triggers(text: &str, function: Arc<dyn Function>) -> Self {
        Self(Pool::new(&options_of_file(text, &[]).unwrap()).unwrap().with_triggers(function))
    }

    pub fn call(&self, operation: &str, body: &str) -> std::result::Result<Vec<u8>, ServiceError> {
        let headers = headers(operation);
        self.0.call(Head { uri: &Uri::default(), headers: &headers }, body.as_bytes())
    }

    /// Makes a call at a time.
    pub fn call_at(&self, now: i64, operation: &str, body: &Value) -> std::result::Result<Value, ServiceError> {
        let headers = headers(operation);
        self.call_with(now, &headers, body.to_string().as_bytes())
    }

    /// Makes a call with these headers at a time.
    pub fn call_with(&self, now: i64, headers: &HeaderMap, body: &[u8]) -> std::result::Result<Value, ServiceError> {
        let now = Timestamp::from_unix_seconds(now).unwrap();
        let answer = self.0.call_at(Head { uri: &Uri::default(), headers }, body, now)?;
        Ok(serde_json::from_slice(&answer).unwrap())
    }

    /// What the pool would have sent, the newest last.
    pub fn outbox(&self) -> Vec<Value> {
        serde_json::from_str(&self.0.outbox()).unwrap()
    }
}

/// The headers of a call, signed as far as a pool without access keys looks.
fn headers(operation: &str) -> HeaderMap {
    let target = format!("AWSCognitoIdentityProviderService.{operation}");
    [("x-amz-target", target.as_str()), ("authorization", SIGNATURE)]
        .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
        .into_iter()
        .collect()
}

/// The beginning of a signature, which is all that the pool looks at.
pub const SIGNATURE: &str = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/cognito-idp/aws4_request";

/// The user's name or alias with a password.
pub fn credentials(username: &str, password: &str) -> Credentials {
    Credentials::new(user_name(username)).with_password(pass(password))
}

pub fn alice() -> Credentials {
    credentials("alice", PASSWORD)
}

/// The service's refusal in a result that must be one.
pub fn refusal<T>(result: Result<T>) -> ServiceError {
    let error = result.err().expect("it was refused");
    match error.downcast::<SignInError>() {
        Ok(refused) => match *refused {
            SignInError::Service(refused) => refused,
            other => panic!("not refused by the service, but {other}"),
        },
        Err(error) => *error.downcast::<ServiceError>().expect("it was refused by the service"),
    }
}

/// The challenge in a step that must be one.
pub fn challenge(step: Step) -> Challenge {
    match step {
        Step::Challenge(challenge) => challenge,
        other => panic!("no challenge, but {other:?}"),
    }
}
