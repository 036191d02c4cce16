//! `SignIn` in a process of its own for each step: every challenge is put down, and taken up by another process.
//!
//! ```console
//! $ sign_in http|sdk app|admin CONFIG
//! ```
//!
//! This process asks the suite for the answers, and starts `sign_in step` for each of them. A step reads a [`Task`] from
//! standard input and writes an [`Outcome`] to standard output. Nothing else connects them.

mod carrier;
mod step;

use std::io::Write as _;
use std::process::{Command, Stdio};

use interop::{Asked, Client, Config, Pool, Refused, Result, Start, expect};

use carrier::{Calls, Transport};
use step::{Job, Known, Outcome, Task};

fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let (transport, calls) = match arguments[..] {
        ["step"] => return step::run(),
        ["http", calls, _] => (Transport::Http, calls),
        ["sdk", calls, _] => (Transport::Sdk, calls),
        _ => return Err("sign_in http|sdk app|admin CONFIG".into()),
    };
    let calls = match calls {
        "app" => Calls::App,
        "admin" => Calls::Admin,
        _ => return Err("whose calls?".into()),
    };
    let mut config = Config::from_arguments()?;
    // A process costs more than a proof. Each transport and each pair of calls has all rounds once.
    if matches!((transport, calls), (Transport::Http, Calls::Admin) | (Transport::Sdk, Calls::App)) {
        config.count = (config.count / 10).max(1);
    }
    interop::run(&SignIn { transport, calls }, &config);
    Ok(())
}

struct SignIn {
    transport: Transport,
    calls: Calls,
}

impl Client for SignIn {
    fn name(&self) -> String {
        let transport = match self.transport {
            Transport::Http => "HTTP",
            Transport::Sdk => "AWS SDK",
        };
        let calls = match self.calls {
            Calls::App => "",
            Calls::Admin => ", Admin calls",
        };
        format!("ours, a process a step, {transport}{calls}")
    }

    fn lacks(&self, flow: &str) -> Option<&'static str> {
        (flow == "wrong_key" && self.calls == Calls::App).then_some(interop::UNSIGNED)
    }

    fn sign_in(&self, pool: &Pool, username: &str, password: &str) -> Result<String> {
        let start = Start { username, password: Some(password), flow: "USER_SRP_AUTH" };
        self.sign_in_by(pool, &start, None, &mut no_challenge)
    }

    fn sign_in_with_new_password(&self, pool: &Pool, username: &str, password: &str, new: &str) -> Result<String> {
        let start = Start { username, password: Some(password), flow: "USER_SRP_AUTH" };
        self.sign_in_by(pool, &start, None, &mut |asked| {
            expect(asked.name == "NEW_PASSWORD_REQUIRED", || format!("{} in place of a new password", asked.name))?;
            Ok(new.into())
        })
    }

    fn sign_in_with_new_device(&self, pool: &Pool, username: &str, password: &str) -> Result<String> {
        let start = Start { username, password: Some(password), flow: "USER_SRP_AUTH" };
        let first = self.signed_in(pool, &start, None, None, &mut no_challenge)?;
        let device = first.device.ok_or("a sign-in without a device got no NewDeviceMetadata")?;
        let task = Job::Register { access_token: first.access_token, device };
        let Outcome::Registered(known) = self.step(pool, task)? else { return Err("no device".into()) };
        let second = self.signed_in(pool, &start, None, Some(known), &mut no_challenge)?;
        expect(second.device.is_none(), || "a known device was announced as new".into())?;
        expect(second.by_device, || "the second sign-in did not prove the device".into())?;
        Ok(second.access_token)
    }

    fn sign_in_by(
        &self,
        pool: &Pool,
        start: &Start<'_>,
        later: Option<&str>,
        answer: &mut dyn FnMut(&Asked) -> Result<String>,
    ) -> Result<String> {
        Ok(self.signed_in(pool, start, later, None, answer)?.access_token)
    }

    fn refresh(&self, pool: &Pool, username: &str, password: &str) -> Result<String> {
        let start = Start { username, password: Some(password), flow: "USER_SRP_AUTH" };
        let first = self.signed_in(pool, &start, None, None, &mut no_challenge)?;
        let refresh_token = first.refresh_token.ok_or("no RefreshToken")?;
        match self.step(pool, Job::Refresh { username: first.username, refresh_token })? {
            Outcome::SignedIn(renewed) => Ok(renewed.access_token),
            _ => Err("a refresh asks for something".into()),
        }
    }

    fn rotate(&self, pool: &Pool, username: &str, password: &str, count: u32) -> Result<Vec<(String, String)>> {
        let start = Start { username, password: Some(password), flow: "USER_SRP_AUTH" };
        let first = self.signed_in(pool, &start, None, None, &mut no_challenge)?;
        let mut refresh_token = first.refresh_token.ok_or("no RefreshToken")?;
        let mut tokens = Vec::new();
        for _ in 0..count {
            let Outcome::SignedIn(renewed) = self.step(pool, Job::Rotate { refresh_token })? else {
                return Err("a refresh asks for something".into());
            };
            refresh_token = renewed.refresh_token.ok_or("no new RefreshToken")?;
            tokens.push((renewed.access_token, refresh_token.clone()));
        }
        Ok(tokens)
    }
}

fn no_challenge(asked: &Asked) -> Result<String> {
    Err(format!("no tokens, but {}", asked.name).into())
}

impl SignIn {
    /// Goes on until there are tokens. `answer` gets each challenge.
    fn signed_in(
        &self,
        pool: &Pool,
        start: &Start<'_>,
        later: Option<&str>,
        device: Option<Known>,
        answer: &mut dyn FnMut(&Asked) -> Result<String>,
    ) -> Result<step::SignedIn> {
        let Start { username, password, flow } = *start;
        let mut job =
            Job::Start { username: username.into(), password: password.map(Into::into), flow: flow.into(), device };
        loop {
            job = match self.step(pool, job)? {
                Outcome::SignedIn(signed_in) => return Ok(signed_in),
                Outcome::Asked { asked, stored } if asked.name == "MFA_SETUP" && asked.secret_code.is_none() => {
                    Job::Associate { stored }
                }
                Outcome::Asked { asked, stored } if asked.name == "MFA_SETUP" => {
                    Job::Verify { code: answer(&asked)?, stored }
                }
                Outcome::Asked { asked, stored } => {
                    Job::Answer { answer: answer(&asked)?, stored, password: later.map(Into::into) }
                }
                Outcome::Registered(_) => return Err("nothing was to be registered".into()),
                Outcome::Refused(name) => return Err(Refused(name).into()),
            };
        }
    }

    /// Runs one step in a new process.
    fn step(&self, pool: &Pool, job: Job) -> Result<Outcome> {
        let task = Task { transport: self.transport, calls: self.calls, pool: pool.place.clone(), job };
        let mut child =
            Command::new(std::env::current_exe()?).arg("step").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        // It reads everything before it writes anything.
        child.stdin.take().ok_or("no standard input")?.write_all(&serde_json::to_vec(&task)?)?;
        let output = child.wait_with_output()?;
        expect(output.status.success(), || format!("a step ended with {}", output.status))?;
        match serde_json::from_slice(&output.stdout)? {
            Outcome::Refused(name) => Err(Refused(name).into()),
            outcome => Ok(outcome),
        }
    }
}
