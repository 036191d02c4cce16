//! A process that signs in once, as a command line tool or a cold Lambda does, so that one sign-in bears the whole start-up.
//!
//! `cargo run --release -p peers --bin once` starts each peer 31 times in turn, in a new process each time. It prints three
//! medians: the time from the beginning of `main` to the claim, the time of the whole process as its parent sees it, and the
//! number of pages touched for the first time (minor faults). Node and Python appear only if `setup.sh` has installed them,
//! and have no first column.

use std::collections::HashMap;
use std::error::Error;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cognito_srp6a::server::{ServerKey, UserRecord};
use cognito_srp6a::{AppClient, PasswordChallenge, Timestamp, UserSignIn};
use serde_json::json;

type Result<T> = std::result::Result<T, Box<dyn Error>>;
type Parameters = HashMap<String, String>;

const POOL_ID: &str = "us-east-1_Peers1234";
const CLIENT_ID: &str = "peers";
const USERNAME: &str = "alice";
const PASSWORD: &str = "correct horse battery staple";
const ROUNDS: usize = 31;

fn main() -> Result<()> {
    let started = Instant::now();
    match std::env::args().nth(1).as_deref() {
        None => compare(),
        Some(who) => {
            let challenge = std::env::args().nth(2).ok_or("no challenge")?;
            let challenge: Parameters = serde_json::from_str(&challenge)?;
            // Reading the challenge from the command line is not part of a sign-in.
            let read = started.elapsed();
            sign_in(who, &challenge)?;
            let time = started.elapsed().saturating_sub(read);
            println!("{} {}", time.as_nanos(), minor_faults("self")?);
            Ok(())
        }
    }
}

/// Does the work of one process: starts a sign-in and answers the challenge.
fn sign_in(who: &str, challenge: &Parameters) -> Result<()> {
    match who {
        "ours" => {
            let app = AppClient::new(POOL_ID.parse()?, CLIENT_ID)?;
            let (sign_in, start) = UserSignIn::start(&app, &USERNAME.parse()?)?;
            std::hint::black_box(start);
            let challenge = PasswordChallenge::from_parameters(challenge)?;
            std::hint::black_box(sign_in.answer(challenge, &PASSWORD.parse()?, Timestamp::now()?)?);
        }
        "cognito_srp" => {
            let client = cognito_srp::SrpClient::new(USERNAME, PASSWORD, POOL_ID, CLIENT_ID, None);
            std::hint::black_box(client.get_auth_params()?);
            std::hint::black_box(client.process_challenge(challenge.clone())?);
        }
        "aws-cognito-srp" => {
            let user = aws_cognito_srp::User::new(POOL_ID, USERNAME, PASSWORD);
            let client = aws_cognito_srp::SrpClient::new(user, CLIENT_ID, None);
            let _ = std::hint::black_box(client.get_auth_parameters());
            let [block, user_id, salt, b] =
                ["SECRET_BLOCK", "USER_ID_FOR_SRP", "SALT", "SRP_B"].map(|key| &*challenge[key]);
            let _ = std::hint::black_box(client.verify(block, user_id, salt, b)?);
        }
        // A process that does nothing has the cost that all others share.
        "nothing" => (),
        other => return Err(format!("nobody is called {other}").into()),
    }
    Ok(())
}

/// Returns the number of a process's page faults that needed no disk, from the tenth field of its statistics.
fn minor_faults(process: &str) -> Result<u64> {
    let statistics = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The second field is a name in brackets, which may contain spaces.
    let fields = statistics.rsplit_once(')').ok_or("no statistics")?.1;
    Ok(fields.split_whitespace().nth(7).ok_or("no statistics")?.parse()?)
}

/// One run of one peer.
struct Run {
    to_claim: Option<Duration>,
    process: Duration,
    faults: u64,
}

fn compare() -> Result<()> {
    let challenge = serde_json::to_string(&challenge()?)?;
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut peers = vec!["nothing", "ours", "aws-cognito-srp", "cognito_srp"];
    if package.join("node_modules/amazon-cognito-identity-js").exists() {
        peers.push("amazon-cognito-identity-js");
    }
    if package.join(".venv/bin/python").exists() {
        peers.push("pycognito");
    }
    let mut runs: HashMap<&str, Vec<Run>> = HashMap::new();
    for _ in 0..ROUNDS {
        for &who in &peers {
            let run = match who {
                "amazon-cognito-identity-js" => runner("node", package, "amazon-cognito-identity-js.js", &challenge)?,
                "pycognito" => runner(".venv/bin/python", package, "pycognito_runner.py", &challenge)?,
                _ => ourselves(who, &challenge)?,
            };
            runs.entry(who).or_default().push(run);
        }
    }
    println!(
        "{:<28}{:>16}{:>16}{:>16}",
        "a process that signs in once", "main to claim", "whole process", "minor faults"
    );
    for who in peers {
        let runs = &runs[who];
        let to_claim = median(runs.iter().filter_map(|run| run.to_claim).collect());
        let process = median(runs.iter().map(|run| run.process).collect()).unwrap_or_default();
        let faults = median(runs.iter().map(|run| run.faults).collect()).unwrap_or_default();
        let to_claim = to_claim.map_or_else(|| "-".into(), |time| format!("{:.2} ms", 1e3 * time.as_secs_f64()));
        println!("{who:<28}{to_claim:>16}{:>13.2} ms{faults:>16}", 1e3 * process.as_secs_f64());
    }
    println!(
        "\nthe table of powers of g in our binary: {} bytes, constant; nothing is computed at the start",
        4 * 32 * 384
    );
    Ok(())
}

/// Runs this program again, as one of the peers in Rust.
fn ourselves(who: &str, challenge: &str) -> Result<Run> {
    let started = Instant::now();
    let output = Command::new(std::env::current_exe()?).args([who, challenge]).output()?;
    let process = started.elapsed();
    let text = String::from_utf8(output.stdout)?;
    let mut numbers = text.split_whitespace().map(str::parse::<u64>);
    let (Some(Ok(nanoseconds)), Some(Ok(faults))) = (numbers.next(), numbers.next()) else {
        return Err(format!("{who}: {}", String::from_utf8_lossy(&output.stderr)).into());
    };
    Ok(Run { to_claim: Some(Duration::from_nanos(nanoseconds)), process, faults })
}

/// Runs a peer in another language through its runner (`src/peer/runner.rs`).
fn runner(interpreter: &str, package: &Path, script: &str, challenge: &str) -> Result<Run> {
    let inside = package.join(interpreter);
    let started = Instant::now();
    let mut child = Command::new(if inside.exists() { inside.as_os_str() } else { interpreter.as_ref() })
        .arg(package.join("runners").join(script))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err("no pipes".into());
    };
    let challenge: serde_json::Value = serde_json::from_str(challenge)?;
    let setup = json!({
        "do": "setup", "pool_id": POOL_ID, "client_id": CLIENT_ID, "username": USERNAME, "password": PASSWORD,
        "device_group_key": "", "device_key": "", "challenge": challenge,
    });
    let mut answers = BufReader::new(output).lines();
    for request in [setup, json!({ "do": "start" }), json!({ "do": "answer", "challenge": challenge })] {
        writeln!(input, "{request}")?;
        let answer = answers.next().ok_or("the runner broke off")??;
        if answer.contains("\"error\":\"") {
            return Err(answer.into());
        }
    }
    let faults = minor_faults(&child.id().to_string())?;
    drop(input);
    child.wait()?;
    Ok(Run { to_claim: None, process: started.elapsed(), faults })
}

/// A challenge of a pool with this user. Its `B` was made for another `A`, which a client cannot detect.
fn challenge() -> Result<Parameters> {
    let app = AppClient::new(POOL_ID.parse()?, CLIENT_ID)?;
    let record = UserRecord::from_password(app.pool_id(), &USERNAME.parse()?, &PASSWORD.parse()?)?;
    let (_, start) = UserSignIn::start(&app, &USERNAME.parse()?)?;
    Ok(ServerKey::generate()?.challenge(&record, start.srp_a(), Timestamp::now()?)?.into())
}

fn median<T: Ord + Copy>(mut values: Vec<T>) -> Option<T> {
    values.sort_unstable();
    values.get(values.len() >> 1).copied()
}
