//! Peers in other languages. Each runs a program that answers requests, one JSON object a line.
//!
//! The program measures itself, so the result excludes the pipe. This side decides when and how often.

use std::cell::RefCell;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use num_bigint::BigUint;
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
    /// A path that exists if `setup.sh` has installed the peer. The empty path is the package itself.
    installed: &'static str,
    /// The interpreter: a command, or a path below the package.
    interpreter: &'static str,
    /// The script below `runners`, and its arguments.
    script: &'static str,
    arguments: &'static [&'static str],
    constant_time: bool,
}

const NODE: Language =
    Language { who: "", installed: "", interpreter: "node", script: "", arguments: &[], constant_time: false };

const PYTHON: Language =
    Language { interpreter: ".venv/bin/python", installed: ".venv/bin/python", script: "pycognito_runner.py", ..NODE };

pub const LANGUAGES: [Language; 7] = [
    // The source has no branch on a secret. What the engine makes of the module is not checked.
    Language {
        who: "ours-wasm",
        installed: ".wasm/peers_wasm.wasm",
        script: "ours-wasm.js",
        constant_time: true,
        ..NODE
    },
    // The arithmetic is that of the crate; what CPython does around it is not checked.
    Language {
        who: "ours-python",
        installed: ".venv/made-ours",
        script: "ours_python_runner.py",
        constant_time: true,
        ..PYTHON
    },
    Language { who: "bigint", script: "bigint.js", ..NODE },
    Language {
        who: "amazon-cognito-identity-js",
        installed: "node_modules/amazon-cognito-identity-js",
        script: "amazon-cognito-identity-js.js",
        ..NODE
    },
    Language { who: "aws-amplify", installed: "node_modules/@aws-amplify/auth", script: "aws-amplify.js", ..NODE },
    Language { who: "pycognito", ..PYTHON },
    Language { who: "pycognito-gmpy2", arguments: &["--gmpy2"], ..PYTHON },
];

/// A running program.
pub struct Runner {
    who: &'static str,
    constant_time: bool,
    version: String,
    /// What it can do: a name, or `modexp` for those of any length.
    operations: Vec<String>,
    child: Child,
    /// Its input and output. `None` only while it is being ended.
    pipes: RefCell<Option<(ChildStdin, BufReader<ChildStdout>)>>,
}

/// A runner's answer. Each request has its own fields; `error` replaces all others.
#[derive(Deserialize)]
struct Answer {
    error: Option<String>,
    version: Option<String>,
    operations: Option<Vec<String>>,
    srp_a: Option<String>,
    claim: Option<inputs::Parameters>,
    registration: Option<DeviceAnswer>,
    power: Option<String>,
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
            .arg(package.join("runners").join(language.script))
            .args(language.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{} does not start: {error}", language.interpreter))?;
        let pipes = child.stdin.take().zip(child.stdout.take().map(BufReader::new));
        let mut runner = Self {
            who: language.who,
            constant_time: language.constant_time,
            version: String::new(),
            operations: Vec::new(),
            child,
            pipes: RefCell::new(pipes),
        };
        let answer = runner.ask(&json!({
            "do": "setup",
            "pool_id": inputs::POOL_ID,
            "client_id": inputs::CLIENT_ID,
            "username": inputs::USERNAME,
            "password": inputs::PASSWORD,
            "device_group_key": inputs::DEVICE_GROUP_KEY,
            "device_key": inputs::DEVICE_KEY,
            "challenge": inputs.challenge,
            "n": inputs::hex(&inputs.n),
        }))?;
        runner.version = answer.version.ok_or("the runner does not tell its version")?;
        runner.operations = answer.operations.ok_or("the runner does not tell its operations")?;
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

    /// Gives the runner the operands, which it keeps, and checks its power.
    fn check_power(&self, name: Name, inputs: &Inputs, bits: usize) -> Result<()> {
        let [base, _] = &inputs.factors;
        let answer = self.ask(&json!({
            "do": "modexp",
            "base": inputs::hex(base),
            "exponent": inputs::hex(inputs.exponent(bits)),
        }))?;
        let power = BigUint::parse_bytes(answer.power.ok_or("no power")?.as_bytes(), 16).ok_or("no number")?;
        inputs::expect_equal(&power.to_bytes_be(), &BigUint::from_bytes_be(&inputs.expected(name)?).to_bytes_be())
    }
}

impl Peer for Runner {
    fn who(&self) -> &'static str {
        self.who
    }

    fn version(&self) -> String {
        self.version.clone()
    }

    fn constant_time(&self) -> bool {
        self.constant_time
    }

    fn candidate<'a>(&'a self, name: Name, inputs: &'a Inputs) -> Result<Option<Candidate<'a>>> {
        let operation = if matches!(name, Name::Modexp(_)) { "modexp".into() } else { name.to_string() };
        if !self.operations.contains(&operation) {
            return Ok(None);
        }
        match name {
            Name::Modexp(bits) => self.check_power(name, inputs, bits)?,
            Name::DeviceRegistration => self.check_device()?,
            _ => self.check_sign_in(inputs)?,
        }
        let sample = move |times| {
            let answer = self.ask(&json!({ "do": "time", "operation": operation, "times": times }))?;
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
