//! Checks the crate against another implementation without writing Rust.
//!
//! Reads one JSON object a line on standard input and prints one JSON object a line. `--help` lists the objects.
//!
//! ```console
//! $ echo '{"kind":"timestamp","unix_seconds":1704164645}' | cargo run -q --example vector
//! {"timestamp":"Tue Jan 2 03:04:05 UTC 2024"}
//! ```

use std::env;
use std::io::{self, BufRead as _, Write as _};
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cognito_srp6a::hazmat::{self, Identity};
use cognito_srp6a::{Error, Parameter, PasswordChallenge, PoolId, Salt, Timestamp};
use num_bigint::BigUint;
use serde::{Deserialize, Serialize};

const HELP: &str = "\
Checks cognito-srp6a against another implementation without writing Rust.

  cargo run -q --example vector < FILE

Reads one JSON object a line on standard input and prints one JSON object a line.

\"kind\"         other members                          answer
  user           pool_id, user_id_for_srp, password,    srp_a, u, x, s, key, signature
                 and those of an exchange
  device         device_group_key, device_key,          the same
                 device_password, and those of an
                 exchange
  verifier       device_group_key, device_key,          verifier, salt, verifier_hex
                 device_password, salt
  secret_hash    username, client_id, client_secret     secret_hash
  timestamp      unix_seconds                           timestamp

An exchange is a, srp_b, salt, secret_block, timestamp. Other members are ignored.
a, srp_a, srp_b, u, x, s, key and verifier_hex are hex, and so is a salt that is read.
secret_block, secret_hash, signature and verifier are Base64, and so is a salt that is
printed. unix_seconds is a number; every other value is a text. timestamp is signed as
it is given.

An object that breaks a rule gives {\"error\":\"NAME\"} with the name of the variant of
`Error`. A line that is no such object gives {\"error\":\"BadLine\"}. Empty lines give
nothing.

Option
  --help, -h     prints this text
";

/// The question of a line.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Request {
    User {
        pool_id: String,
        user_id_for_srp: String,
        password: String,
        #[serde(flatten)]
        exchange: Exchange,
    },
    Device {
        device_group_key: String,
        device_key: String,
        device_password: String,
        #[serde(flatten)]
        exchange: Exchange,
    },
    Verifier {
        device_group_key: String,
        device_key: String,
        device_password: String,
        salt: String,
    },
    SecretHash {
        username: String,
        client_id: String,
        client_secret: String,
    },
    Timestamp {
        unix_seconds: i64,
    },
}

/// The numbers and texts of one exchange.
#[derive(Deserialize)]
struct Exchange {
    a: String,
    srp_b: String,
    salt: String,
    secret_block: String,
    timestamp: String,
}

/// The answer to a line.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Response {
    Proof { srp_a: String, u: String, x: String, s: String, key: String, signature: String },
    Verifier { verifier: String, salt: String, verifier_hex: String },
    SecretHash { secret_hash: String },
    Timestamp { timestamp: String },
    Error { error: String },
}

fn main() -> io::Result<ExitCode> {
    match env::args_os().nth(1) {
        None => answer_lines().map(|()| ExitCode::SUCCESS),
        Some(argument) if argument == "--help" || argument == "-h" => {
            print!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        Some(argument) => {
            eprintln!("{} is no option. See --help.", argument.display());
            Ok(ExitCode::FAILURE)
        }
    }
}

fn answer_lines() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().split(b'\n') {
        let line = line?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        serde_json::to_writer(&mut out, &respond(&line))?;
        writeln!(out)?;
        out.flush()?;
    }
    Ok(())
}

pub(crate) fn respond(line: &[u8]) -> Response {
    let Ok(request) = serde_json::from_slice(line) else {
        return Response::Error { error: "BadLine".into() };
    };
    work(request).unwrap_or_else(|error| Response::Error { error: variant_name(error) })
}

fn work(request: Request) -> Result<Response, Error> {
    match request {
        Request::User { pool_id, user_id_for_srp, password, exchange } => {
            let pool_id: PoolId = pool_id.parse()?;
            prove(Identity { realm: pool_id.name(), name: &user_id_for_srp }, &password, &exchange)
        }
        Request::Device { device_group_key, device_key, device_password, exchange } => {
            prove(Identity { realm: &device_group_key, name: &device_key }, &device_password, &exchange)
        }
        Request::Verifier { device_group_key, device_key, device_password, salt } => {
            let salt: Salt = salt.parse()?;
            let salt = salt.to_signed_bytes();
            let identity = Identity { realm: &device_group_key, name: &device_key };
            let x = hazmat::private_key(identity, device_password.as_bytes(), &salt)?;
            let verifier = hazmat::verifier(x);
            Ok(Response::Verifier {
                verifier: STANDARD.encode(hazmat::enc(&verifier)?),
                salt: STANDARD.encode(salt),
                verifier_hex: hex(&verifier),
            })
        }
        Request::SecretHash { username, client_id, client_secret } => {
            let hash = hazmat::secret_hash(client_secret.as_bytes(), &username, &client_id);
            Ok(Response::SecretHash { secret_hash: STANDARD.encode(hash) })
        }
        Request::Timestamp { unix_seconds } => {
            Ok(Response::Timestamp { timestamp: Timestamp::from_unix_seconds(unix_seconds)?.to_string() })
        }
    }
}

/// Makes the proof of a user or a device, step by step. The challenge passes the same checks as in a sign-in; the
/// timestamp is signed as it is given.
fn prove(identity: Identity<'_>, password: &str, exchange: &Exchange) -> Result<Response, Error> {
    let challenge = PasswordChallenge::from_parameters(
        &[
            ("USER_ID_FOR_SRP", identity.name),
            ("SALT", &exchange.salt),
            ("SRP_B", &exchange.srp_b),
            ("SECRET_BLOCK", &exchange.secret_block),
        ][..],
    )?;
    if password.chars().nth(256).is_some() {
        return Err(Error::TooLong(Parameter::Password));
    }
    let a = hazmat::parse_ephemeral(&exchange.a)?;
    let srp_a = hazmat::client_public(&a)?;
    let srp_b = challenge.srp_b().to_be_bytes();
    let u = hazmat::scrambler(&srp_a, &srp_b)?;
    let x = hazmat::private_key(identity, password.as_bytes(), &challenge.salt().to_signed_bytes())?;
    let s = hazmat::client_premaster(&a, &srp_b, x, u)?;
    let key = hazmat::session_key(u, &s)?;
    let signature = hazmat::claim(key, identity, challenge.secret_block().as_bytes(), &exchange.timestamp);
    Ok(Response::Proof {
        srp_a: hex(&srp_a),
        u: hex(&u),
        x: hex(&x),
        s: hex(&s),
        key: hex(&key),
        signature: STANDARD.encode(signature),
    })
}

/// Lower case, without leading zeros; zero is `0`.
fn hex(bytes: &[u8]) -> String {
    format!("{:x}", BigUint::from_bytes_be(bytes))
}

/// The name of an error's variant, without the parameter that it speaks of.
fn variant_name(error: Error) -> String {
    let text = format!("{error:?}");
    text.split('(').next().unwrap_or(&text).to_owned()
}
