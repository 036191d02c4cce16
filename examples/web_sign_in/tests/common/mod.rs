//! The program as a process, a browser, and a service with prepared responses.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);

/// A running program. It ends with its value.
pub struct Program {
    child: Child,
    pub address: String,
    /// The arguments that bring another program to this one's pool, if it has one of its own.
    pub endpoint: Vec<String>,
    lines: Receiver<String>,
}

impl Program {
    /// Starts the program with a key, or without one if it is empty.
    pub fn start(key: &str, arguments: &[&str]) -> Self {
        let mut child = Self::command(key, arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.strip_prefix("listening on ").expect("the program starts").trim_end().to_owned();
        let (sender, lines) = channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let mut program = Self { child, address, endpoint: Vec::new(), lines };
        if !arguments.contains(&"--endpoint") {
            program.endpoint = program.line("--endpoint ").split(' ').map(str::to_owned).collect();
        }
        program
    }

    /// Runs the program to its end, which must come at once. Returns whether it succeeded, and both outputs.
    pub fn run(key: &str, arguments: &[&str]) -> (bool, String, String) {
        let mut child = Self::command(key, arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let start = Instant::now();
        while child.try_wait().unwrap().is_none() {
            if start.elapsed() > PATIENCE {
                child.kill().unwrap();
            }
            thread::sleep(Duration::from_millis(5));
        }
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        (status.success(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
    }

    /// Returns the next code that the pool "sends".
    pub fn code(&self) -> String {
        // As in `SMS to "+15550100": 123456 (SMS_MFA, user "alice")`.
        let line = self.line("SMS to ");
        line.split_once(": ").unwrap().1.split(' ').next().unwrap().to_owned()
    }

    fn line(&self, beginning: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).expect("the program prints the line");
            if line.starts_with(beginning) {
                return line;
            }
        }
    }

    fn command(key: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_web_sign_in"));
        command.args(arguments).env("NO_PROXY", "127.0.0.1").env_remove("WEB_SIGN_IN_KEY");
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
            command.env_remove(name);
        }
        if !key.is_empty() {
            command.env("WEB_SIGN_IN_KEY", key);
        }
        command
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A browser: it keeps cookies, follows redirects, and has the form's token of the last page.
#[derive(Clone)]
pub struct Browser {
    pub address: String,
    pub cookies: BTreeMap<String, String>,
    pub token: String,
    pub status: u16,
    /// Of the last response.
    pub headers: http::HeaderMap,
    /// Every `Set-Cookie` so far.
    pub set: Vec<String>,
    pub agent: ureq::Agent,
}

impl Browser {
    pub fn at(address: &str) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(PATIENCE))
            .build()
            .new_agent();
        let (address, token) = (address.to_owned(), String::new());
        Self {
            address,
            cookies: BTreeMap::new(),
            token,
            status: 0,
            headers: http::HeaderMap::new(),
            set: Vec::new(),
            agent,
        }
    }

    /// The value of a cookie that must be there.
    pub fn cookie(&self, name: &str) -> String {
        self.cookies.get(name).unwrap_or_else(|| panic!("no cookie {name}")).clone()
    }

    /// Opens the first page and sends its form.
    pub fn sign_in(&mut self, username: &str, password: &str) -> String {
        let page = self.get("/");
        assert!(page.contains("<h1>Sign in</h1>"), "{page}");
        self.submit("/sign-in", &[("username", username), ("password", password)])
    }

    pub fn get(&mut self, path: &str) -> String {
        let request = self.agent.get(format!("{}{path}", self.address)).header("Cookie", self.all_cookies());
        let response = request.call().unwrap();
        self.take(response)
    }

    /// Sends a form with the token of the last page.
    pub fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> String {
        let request = self.agent.post(format!("{}{path}", self.address)).header("Cookie", self.all_cookies());
        let token = self.token.clone();
        let response = request.send_form([&[("token", token.as_str())], fields].concat()).unwrap();
        self.take(response)
    }

    fn all_cookies(&self) -> String {
        let pairs: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    fn take(&mut self, mut response: http::Response<ureq::Body>) -> String {
        self.status = response.status().as_u16();
        self.headers = response.headers().clone();
        for set in response.headers().get_all("set-cookie") {
            let set = set.to_str().unwrap();
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            if set.contains("; Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.into(), value.into());
            }
            self.set.push(set.to_owned());
        }
        if self.status == 303 {
            let location = response.headers()["location"].to_str().unwrap().to_owned();
            return self.get(&location);
        }
        let page = response.body_mut().read_to_string().unwrap();
        if let Some((_, rest)) = page.split_once(r#"name="token" value=""#) {
            rest.split('"').next().unwrap().clone_into(&mut self.token);
        }
        page
    }
}

/// A status and a body.
type Prepared = (u16, String);

/// A service that gives prepared responses, one for each request, and keeps the requests.
pub struct CannedService {
    endpoint: String,
    /// The heads in lower case.
    pub heads: Arc<Mutex<Vec<String>>>,
    /// The bodies.
    pub sent: Arc<Mutex<Vec<String>>>,
}

impl CannedService {
    pub fn start(responses: Vec<Prepared>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}/", listener.local_addr().unwrap());
        let (heads, sent) = (Arc::default(), Arc::default());
        let service = Self { endpoint, heads: Arc::clone(&heads), sent: Arc::clone(&sent) };
        thread::spawn(move || {
            for (status, body) in responses {
                let (mut stream, _) = listener.accept().unwrap();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") {
                    assert_ne!(reader.read_line(&mut head).unwrap(), 0, "a request broke off");
                }
                let head = head.to_lowercase();
                let length = head.split("content-length: ").nth(1).unwrap().split('\r').next().unwrap();
                let mut request = vec![0; length.parse().unwrap()];
                reader.read_exact(&mut request).unwrap();
                heads.lock().unwrap().push(head);
                sent.lock().unwrap().push(String::from_utf8(request).unwrap());
                let length = body.len();
                write!(stream, "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")
                    .unwrap();
            }
        });
        service
    }

    /// The arguments that bring a program here.
    pub fn arguments(&self) -> Vec<&str> {
        vec!["--endpoint", &self.endpoint, "--pool-id", "us-east-1_Example01", "--client-id", "client"]
    }
}

/// The challenge of a password's proof, to a user of this name. The client cannot check it, so any numbers do.
pub fn proof(username: &str) -> Prepared {
    let numbers = [("SALT", "5a17"), ("SRP_B", "b0b"), ("SECRET_BLOCK", "c2VjcmV0IGJsb2Nr")];
    let names = [("USER_ID_FOR_SRP", username), ("USERNAME", username)];
    asks("PASSWORD_VERIFIER", &[&names[..], &numbers].concat())
}

pub fn asks(name: &str, parameters: &[(&str, &str)]) -> Prepared {
    let parameters: Vec<_> = parameters.iter().map(|(name, value)| format!("{name:?}:{value:?}")).collect();
    let session = "a-session-of-twenty-characters";
    let parameters = parameters.join(",");
    (200, format!(r#"{{"ChallengeName":{name:?},"Session":"{session}","ChallengeParameters":{{{parameters}}}}}"#))
}

/// An error of the service.
pub fn refuses(name: &str, message: &str) -> Prepared {
    (400, format!(r#"{{"__type":{name:?},"message":{message:?}}}"#))
}

/// Tokens whose access token cannot be read, as those of some emulators.
pub fn tokens() -> Prepared {
    (200, r#"{"AuthenticationResult":{"AccessToken":"eyJhbGciOiJSUzI1NiJ9.e30.c2ln","ExpiresIn":3600}}"#.to_owned())
}
