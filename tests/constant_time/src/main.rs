//! Runs cognito-srp6a with its secrets marked, for Valgrind to see where they go. `run` starts it; see `README.md`.
//!
//! `constant_time CASE [BACKEND]` runs one case on one backend; `--list` prints the cases and
//! the backends that this machine (under Valgrind: Valgrind's) has.

mod control;
mod device;
mod group;
mod server;
mod user;
mod valgrind;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Duration;

use cognito_srp6a::hazmat::Backend;
use cognito_srp6a::{AppClient, Error, Timestamp, Username};
use rand::{TryCryptoRng, TryRng};

/// The name and the body of a case.
type Case = (&'static str, fn(Backend));

/// The cases. They run without a report, except for those that `allowed.toml` explains.
const CASES: [Case; 14] = [
    ("products", group::products),
    ("powers", group::powers),
    ("powers_of_g", group::powers_of_g),
    ("hashes", group::hashes),
    ("user_sign_in", user::sign_in),
    ("user_sign_in_with_client_secret", user::sign_in_with_client_secret),
    ("user_sign_in_with_long_password", user::sign_in_with_long_password),
    ("device_registration", device::registration),
    ("device_sign_in", device::sign_in),
    ("user_record", server::user_record),
    ("server_key", server::key),
    ("server_key_unknown_user", server::key_with_unknown_user),
    ("server_challenge", server::challenge),
    ("server_secret_hash", server::secret_hash),
];

/// Cases that leak on purpose: each must be reported.
const CONTROLS: [Case; 2] = [("control_branch", control::branch), ("control_address", control::address)];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["--list"] => list(),
        [name, backend] => return run(name, backend),
        _ => {
            eprintln!("usage: constant_time --list | CASE BACKEND");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn list() {
    for (name, _) in CASES {
        println!("case {name}");
    }
    for (name, _) in CONTROLS {
        println!("control {name}");
    }
    for backend in Backend::all() {
        println!("backend {}", backend.name());
    }
}

fn run(name: &str, backend: &str) -> ExitCode {
    let case = CASES.iter().chain(&CONTROLS).find(|case| case.0 == name);
    let backend = Backend::all().into_iter().find(|candidate| candidate.name() == backend);
    let (Some((_, case)), Some(backend)) = (case, backend) else {
        eprintln!("there is no such case or no such backend here; --list names them");
        return ExitCode::FAILURE;
    };
    if !valgrind::is_running() {
        eprintln!("without Valgrind nothing is checked");
        return ExitCode::FAILURE;
    }
    backend.use_everywhere();
    case(backend);
    ExitCode::SUCCESS
}

/// A random source of predictable bytes, for which each draw is secret or public.
struct Source {
    state: u64,
    secrecy: Vec<Secrecy>,
}

#[derive(Clone, Copy, PartialEq)]
enum Secrecy {
    Secret,
    Public,
}

impl Source {
    /// A source that can be drawn from as often as there are entries.
    fn new(seed: u64, secrecy: &[Secrecy]) -> Self {
        Self { state: seed, secrecy: secrecy.iter().rev().copied().collect() }
    }
}

impl TryRng for Source {
    type Error = core::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        unreachable!("the crate draws bytes")
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        unreachable!("the crate draws bytes")
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
        for byte in &mut *out {
            // Knuth's multiplier; what the bytes are does not matter.
            self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            *byte = self.state.to_be_bytes()[0];
        }
        if self.secrecy.pop().expect("the crate draws as often as it says") == Secrecy::Secret {
            valgrind::secret(out);
        }
        Ok(())
    }
}

impl TryCryptoRng for Source {}

/// Bytes that are not marked.
fn bytes<const LEN: usize>(seed: u64) -> [u8; LEN] {
    let mut out = [0; LEN];
    let Ok(()) = Source::new(seed, &[Secrecy::Public]).try_fill_bytes(&mut out);
    out
}

/// Copies of the bytes, marked as secret. Compilers must not know that both have the same content.
fn secret_bytes<const LEN: usize>(bytes: &[u8; LEN]) -> [u8; LEN] {
    let mut out = black_box(*bytes);
    valgrind::secret(&mut out);
    black_box(out)
}

/// Text marked as secret.
fn secret_text(text: &str) -> String {
    let mut out = black_box(String::from(text));
    valgrind::secret_text(&mut out);
    black_box(out)
}

const POOL: &str = "us-east-1_AbCdEfGhI";
const CLIENT: &str = "1example23456789";
const CLIENT_SECRET: &str = "an0example0secret0of0thirty0chars";
const OTHER_CLIENT_SECRET: &str = "another0example0secret0of0thirty0";
const USER: &str = "7f1d2c3b";
const PASSWORD: &str = "Pässw0rd! of ordinary length";
const MAX_AGE: Duration = Duration::from_secs(300);

/// The user's name.
fn user() -> Username {
    USER.parse().unwrap()
}

/// The app client, without a secret.
fn app() -> AppClient {
    AppClient::new(POOL.parse().unwrap(), CLIENT).unwrap()
}

fn now() -> Timestamp {
    Timestamp::from_unix_seconds(1_704_164_645).unwrap()
}

/// Checks a server's answers to a genuine claim and to a wrong one. An answer is public.
fn assert_answers(mut genuine: Result<(), Error>, mut wrong: Result<(), Error>) {
    valgrind::public(&mut genuine);
    valgrind::public(&mut wrong);
    assert_eq!(genuine, Ok(()));
    assert_eq!(wrong, Err(Error::NotAuthorized));
}
