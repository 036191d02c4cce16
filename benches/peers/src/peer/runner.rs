//! Peers in other languages. Each runs a program that answers requests, one JSON object a line.
//!
//! The program measures itself, so the result excludes the pipe. This side decides when and how often.

use std::cell::RefCell;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::Peer;
use crate::Result;
use crate::candidate::Candidate;
use crate::inputs::{self, Inputs, Registration};
use crate::name::Name;

/// How to start a runner. All paths are below this package.
pub struct Language {
    pub who: &'static str,
    /// A path that exists if `setup.sh` has installed the peer.
    installed: &'static str,
    /// The interpreter: a command, or a path below the package.
    interpreter: &'static str,
    script: &'static str,
}

pub const JAVASCRIPT: Language = Language {
    who: "amazon-cognito-identity-js",
    installed: "node_modules/amazon-cognito-identity-js",
    interpreter: "node",
    script: "runners/amazon-cognito-identity-js.js",
};

pub const PYTHON: Language = Language {
    who: "pycognito",
    installed: ".venv/bin/python",
    interpreter: ".venv/bin/python",
    script: "runners/pycognito_runner.py",
};

/// A running program.
pub struct Runner {
    who: &'static str,
    version: String,
    child: Child,
    /// Its input and output. `None` only while it is being ended.
    pipes: RefCell<Option<(ChildStdin, BufReader<ChildStdout>)>>,
}

/// A runner's answer. Each request has its own fields; `error` replaces all others.
#[derive(Deserialize)]
struct Answer {
    error: Option<String>,
    version: Option<String>,
    srp_a: Option<String>,
    claim: Option<inputs::Parameters>,
    registration: Option<DeviceAnswer>,
    nanoseconds: Option<u64>,
}

#[derive(Deserialize)]
struct DeviceAnswer {
    password: String,
    salt: String,
    verifier: String,
}

impl Runner {
    /// Starts the program and sends it the sign-in to work on.
    pub fn launch(language: &Language, inputs: &Inputs) -> Result<Self> {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        if !package.join(language.installed).exists() {
            return Err("not installed: run benches/peers/setup.sh".into());
        }
        let inside = package.join(language.interpreter);
        let interpreter = if inside.exists() { inside } else { PathBuf::from(language.interpreter) };
        let mut child = Command::new(interpreter)
            .arg(package.join(language.script))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{} does not start: {error}", language.interpreter))?;
        let pipes = child.stdin.take().zip(child.stdout.take().map(BufReader::new));
        let mut runner = Self { who: language.who, version: String::new(), child, pipes: RefCell::new(pipes) };
        let answer = runner.ask(&json!({
            "do": "setup",
            "pool_id": inputs::POOL_ID,
            "client_id": inputs::CLIENT_ID,
            "username": inputs::USERNAME,
            "password": inputs::PASSWORD,
            "device_group_key": inputs::DEVICE_GROUP_KEY,
            "device_key": inputs::DEVICE_KEY,
            "challenge": inputs.challenge,
        }))?;
        runner.version = answer.version.ok_or("the runner does not tell its version")?;
        Ok(runner)
    }

    /// Sends a request and waits for its answer.
    fn ask(&self, request: &Value) -> Result<Answer> {
        let mut pipes = self.pipes.borrow_mut();
        let (input, output) = pipes.as_mut().ok_or("the runner has been ended")?;
        writeln!(input, "{request}")?;
        input.flush()?;
        let mut line = String::new();
        output.read_line(&mut line)?;
        let answer: Answer = serde_json::from_str(&line).map_err(|_| "the runner broke off")?;
        answer.error.map_or(Ok(()), Err)?;
        Ok(Answer { error: None, ..answer })
    }

    fn check_sign_in(&self, inputs: &Inputs) -> Result<()> {
        inputs.check_sign_in(
            || Ok(((), self.ask(&json!({ "do": "start" }))?.srp_a.ok_or("no SRP_A")?)),
            |(), challenge| {
                let answer = self.ask(&json!({ "do": "answer", "challenge": challenge }))?;
                Ok(answer.claim.ok_or("no claim")?)
            },
        )
    }

    fn check_device(&self) -> Result<()> {
        let answer = self.ask(&json!({ "do": "register_device" }))?;
        let DeviceAnswer { password, salt, verifier } = answer.registration.ok_or("no registration")?;
        inputs::check_device(&Registration { password, salt, verifier })
    }
}

impl Peer for Runner {
    fn who(&self) -> &'static str {
        self.who
    }

    fn version(&self) -> String {
        self.version.clone()
    }

    fn candidate<'a>(&'a self, name: Name, inputs: &'a Inputs) -> Result<Option<Candidate<'a>>> {
        match name {
            Name::SrpA | Name::PasswordVerifier | Name::SignIn => self.check_sign_in(inputs)?,
            Name::DeviceRegistration => self.check_device()?,
            _ => return Ok(None),
        }
        let sample = move |times| {
            let answer = self.ask(&json!({ "do": "time", "name": name.to_string(), "times": times }))?;
            Ok(Duration::from_nanos(answer.nanoseconds.ok_or("no time")?))
        };
        Ok(Some(Candidate { who: self.who, sample: Box::new(sample) }))
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        // A runner ends when its input ends. `drop` cannot report an error.
        self.pipes.take();
        let _ = self.child.wait();
    }
}
