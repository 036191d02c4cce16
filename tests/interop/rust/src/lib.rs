//! The checks that every Rust client goes through: those of `clients/suite.py`, which says what they are for.

#[path = "../../../../examples/local_pool/tests/passkeys/authenticator.rs"]
#[allow(dead_code, unreachable_pub, reason = "the pool's own tests need more of it")]
mod authenticator;
mod factors;

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::fmt;

use aws_credential_types::Credentials;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;
pub type Map = HashMap<String, String>;

/// The server has refused, under this name.
#[derive(Debug)]
pub struct Refused(pub String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused with {}", self.0)
    }
}

impl Error for Refused {}

#[derive(Deserialize)]
pub struct Config {
    pub count: u32,
    pub server: String,
    pub pools: BTreeMap<String, Pool>,
}

#[derive(Clone, Deserialize)]
pub struct Pool {
    #[serde(flatten)]
    pub place: Place,
    pub alias: String,
    pub user: User,
    pub non_ascii: User,
    pub forced: User,
    /// Users with an app each, of the pool `factors`. Those below are of this pool, too.
    #[serde(default)]
    pub apps: Vec<User>,
    pub sms: Option<User>,
    pub email: Option<User>,
    /// A user who has all three.
    pub choice: Option<User>,
    pub custom_answer: Option<String>,
    /// Users who must set up an app, of the pool `setup`.
    #[serde(default)]
    pub new: Vec<User>,
}

/// Where a pool is, and its app client.
#[derive(Clone, Serialize, Deserialize)]
pub struct Place {
    pub endpoint: String,
    pub region: String,
    pub pool_id: String,
    pub client_id: String,
    pub client_secret: Option<String>,
    /// The key that signs the calls of an administrator, if it is not the right one.
    #[serde(default)]
    pub secret_access_key: Option<String>,
}

impl Place {
    /// Returns the keys that sign the calls of an administrator.
    pub fn credentials(&self) -> Credentials {
        Credentials::from_keys("test", self.secret_access_key.as_deref().unwrap_or("test"), None)
    }
}

#[derive(Clone, Deserialize)]
pub struct User {
    pub username: String,
    pub password: String,
    #[serde(default)]
    pub new_password: String,
    #[serde(default)]
    pub totp_secret: String,
}

impl Config {
    /// Reads the file that the last argument names.
    pub fn from_arguments() -> Result<Self> {
        let path = std::env::args().skip(1).last().ok_or("the path of a configuration file is missing")?;
        Ok(serde_json::from_str(&std::fs::read_to_string(path)?)?)
    }
}

/// What a driver does with its client. Each method ends with an access token.
pub trait Client {
    fn name(&self) -> String;

    fn sign_in(&self, pool: &Pool, username: &str, password: &str) -> Result<String>;

    /// Why the client has nothing for a column, if it has nothing.
    fn lacks(&self, flow: &str) -> Option<&'static str>;

    fn sign_in_with_new_password(&self, _: &Pool, _: &str, _: &str, _: &str) -> Result<String> {
        Err("NEW_PASSWORD_REQUIRED".into())
    }

    /// Signs in, confirms the device that the server announces, and signs in again with it.
    fn sign_in_with_new_device(&self, _: &Pool, _: &str, _: &str) -> Result<String> {
        Err("devices".into())
    }

    /// Signs in by any flow. `answer` gives what each challenge wants; `later` is a password for the proof that one begins.
    fn sign_in_by(
        &self,
        _: &Pool,
        start: &Start<'_>,
        _later: Option<&str>,
        _: &mut dyn FnMut(&Asked) -> Result<String>,
    ) -> Result<String> {
        Err(start.flow.into())
    }

    /// Signs in, and refreshes the tokens once.
    fn refresh(&self, _: &Pool, _: &str, _: &str) -> Result<String> {
        Err("a refresh".into())
    }

    /// Signs in, and refreshes the tokens in a chain. Returns the access tokens and refresh tokens.
    fn rotate(&self, _: &Pool, _: &str, _: &str, _: u32) -> Result<Vec<(String, String)>> {
        Err("a refresh".into())
    }

    /// Why the server must refuse an alias under a client secret, for a client that is known to hash the wrong name.
    fn alias_with_secret_is_refused(&self) -> Option<&'static str> {
        None
    }
}

/// How a sign-in begins: `flow` is the name of a flow, with what its first call names.
pub struct Start<'a> {
    pub username: &'a str,
    pub password: Option<&'a str>,
    pub flow: &'a str,
}

/// A challenge for the user.
#[derive(Debug, Serialize, Deserialize)]
pub struct Asked {
    pub name: String,
    pub parameters: Map,
    pub choices: Vec<String>,
    /// The service's error, if it has refused the last answer.
    pub refusal: Option<String>,
    /// The secret of an app that is set up.
    pub secret_code: Option<String>,
}

/// What one flow has come to.
#[derive(Default)]
struct Tally {
    sign_ins: u32,
    refused: u32,
    failures: u32,
    note: String,
    expected: &'static str,
}

/// The columns that want a password and its proof, and nothing else.
pub const PROOFS: [&str; 7] = ["right", "wrong", "alias", "alias_secret", "non_ascii", "row", "rare"];

/// Why a client has no wrong signature.
pub const UNSIGNED: &str = "makes the calls of an app, which nobody signs";

type Check = fn(&dyn Client, &Pool, u32) -> Result<Tally>;

const FLOWS: [(&str, &str, Check); 24] = [
    ("right", "plain", right),
    ("wrong", "plain", wrong),
    ("alias", "plain", alias),
    ("alias_secret", "secret", alias),
    ("non_ascii", "plain", non_ascii),
    ("new_password", "plain", new_password),
    ("device", "devices", device),
    ("row", "plain", row),
    ("rare", "rare", rare),
    ("user_auth", "user_auth", factors::user_auth),
    ("refresh", "plain", factors::refresh),
    ("password", "plain", factors::password),
    ("totp", "factors", factors::totp),
    ("wrong_code", "factors", factors::wrong_code),
    ("sms", "factors", factors::sms),
    ("email", "factors", factors::email),
    ("choice", "factors", factors::choice),
    ("setup", "setup", factors::setup),
    ("otp", "factors", factors::otp),
    ("custom_auth", "custom", factors::custom_auth),
    ("custom", "custom", factors::custom),
    ("rotation", "factors", factors::rotation),
    ("passkey", "passkeys", factors::passkey),
    ("wrong_key", "signed", wrong_key),
];

/// Runs every flow that the server has a pool for, and prints one JSON object a line.
pub fn run(client: &dyn Client, config: &Config) {
    for (flow, kind, check) in FLOWS {
        let Some(pool) = config.pools.get(kind) else {
            skip(client, flow, &format!("the server offers no pool of the kind '{kind}'"));
            continue;
        };
        if let Some(reason) = client.lacks(flow) {
            skip(client, flow, reason);
            continue;
        }
        match check(client, pool, config.count) {
            Ok(tally) => report(client, flow, &tally),
            Err(error) => report(client, flow, &Tally { failures: 1, note: error.to_string(), ..Tally::default() }),
        }
    }
}

/// Against a server whose challenge is malformed: the client must stop with its own error, and send no claim.
pub fn stops(client: &dyn Client, config: &Config, error: &str) {
    let pool = &config.pools["plain"];
    let tally = match client.sign_in(pool, &pool.user.username, &pool.user.password) {
        Err(found) if found.to_string() == error => Tally {
            refused: 1,
            note: error.into(),
            expected: "our client stops at the SECRET_BLOCK: not Base64",
            ..Tally::default()
        },
        Err(found) => Tally { failures: 1, note: found.to_string(), ..Tally::default() },
        Ok(_) => Tally { failures: 1, note: "signed in".into(), ..Tally::default() },
    };
    report(client, "right", &tally);
}

fn report(client: &dyn Client, flow: &str, tally: &Tally) {
    let Tally { sign_ins, refused, failures, note, expected } = tally;
    println!(
        "{}",
        json!({"client": client.name(), "flow": flow, "sign_ins": sign_ins, "refused": refused, "failures": failures,
            "note": note, "expected": expected, "skipped": ""})
    );
}

fn skip(client: &dyn Client, flow: &str, reason: &str) {
    println!(
        "{}",
        json!({"client": client.name(), "flow": flow, "sign_ins": 0, "refused": 0, "failures": 0, "note": "",
            "expected": "", "skipped": reason})
    );
}

fn right(client: &dyn Client, pool: &Pool, _: u32) -> Result<Tally> {
    sign_in_as(client, pool, &pool.user)
}

fn wrong(client: &dyn Client, pool: &Pool, _: u32) -> Result<Tally> {
    // One character off, so that everything but the proof is as in a good sign-in.
    let password = format!("{}x", pool.user.password);
    let name =
        refusal_of(client.sign_in(pool, &pool.user.username, &password))?.ok_or("a wrong password has signed in")?;
    expect(name == "NotAuthorizedException", || format!("refused with {name}"))?;
    Ok(Tally { refused: 1, note: name, ..Tally::default() })
}

fn wrong_key(client: &dyn Client, pool: &Pool, _: u32) -> Result<Tally> {
    let mut other = pool.clone();
    other.place.secret_access_key = Some("other".into());
    let name = refusal_of(client.sign_in(&other, &pool.user.username, &pool.user.password))?;
    let note = name.ok_or("a call with a wrong signature is accepted")?;
    expect(note == "InvalidSignatureException", || format!("refused with {note}"))?;
    Ok(Tally { refused: 1, note, ..Tally::default() })
}

fn alias(client: &dyn Client, pool: &Pool, _: u32) -> Result<Tally> {
    let expected = client.alias_with_secret_is_refused().filter(|_| pool.place.client_secret.is_some());
    let attempt = client.sign_in(pool, &pool.alias, &pool.user.password);
    match expected {
        None => {
            signed_in(&attempt?, &pool.user)?;
            Ok(Tally { sign_ins: 1, ..Tally::default() })
        }
        Some(reason) => {
            let note = refusal_of(attempt)?.ok_or_else(|| format!("signed in, although {reason}"))?;
            Ok(Tally { refused: 1, note, expected: reason, ..Tally::default() })
        }
    }
}

fn non_ascii(client: &dyn Client, pool: &Pool, _: u32) -> Result<Tally> {
    sign_in_as(client, pool, &pool.non_ascii)
}

fn new_password(client: &dyn Client, pool: &Pool, _: u32) -> Result<Tally> {
    let User { username, password, new_password, .. } = &pool.forced;
    signed_in(&client.sign_in_with_new_password(pool, username, password, new_password)?, &pool.forced)?;
    // The new password must be what the server now holds.
    signed_in(&client.sign_in(pool, username, new_password)?, &pool.forced)?;
    Ok(Tally { sign_ins: 2, ..Tally::default() })
}

fn device(client: &dyn Client, pool: &Pool, count: u32) -> Result<Tally> {
    let User { username, password, .. } = &pool.user;
    // Each device has a salt and a verifier of its own, so a few devices show what one would hide.
    in_a_row((count / 10).max(1), || signed_in(&client.sign_in_with_new_device(pool, username, password)?, &pool.user))
}

fn row(client: &dyn Client, pool: &Pool, count: u32) -> Result<Tally> {
    in_a_row(count, || sign_in_as(client, pool, &pool.user).map(drop))
}

fn rare(client: &dyn Client, pool: &Pool, count: u32) -> Result<Tally> {
    // The pool draws what `row` may not meet: salts, and B or u, that begin with a zero byte which `enc` leaves out.
    row(client, pool, (count / 10).max(1))
}

fn in_a_row(count: u32, mut attempt: impl FnMut() -> Result<()>) -> Result<Tally> {
    let mut tally = Tally::default();
    for _ in 0..count {
        match attempt() {
            Ok(()) => tally.sign_ins += 1,
            Err(error) => {
                tally.failures += 1;
                tally.note = error.to_string();
            }
        }
    }
    Ok(tally)
}

fn sign_in_as(client: &dyn Client, pool: &Pool, user: &User) -> Result<Tally> {
    signed_in(&client.sign_in(pool, &user.username, &user.password)?, user)?;
    Ok(Tally { sign_ins: 1, ..Tally::default() })
}

/// The name under which the server refuses, or none when the client signs in. Anything else is passed on.
fn refusal_of(attempt: Result<String>) -> Result<Option<String>> {
    match attempt {
        Ok(_) => Ok(None),
        Err(error) => match error.downcast::<Refused>() {
            Ok(refused) => Ok(Some(refused.0)),
            Err(error) => Err(error),
        },
    }
}

/// An access token names its user; a server that signs in somebody else is caught here.
fn signed_in(access_token: &str, user: &User) -> Result<()> {
    let [_, payload, signature] = access_token.split('.').collect::<Vec<_>>()[..] else {
        return Err("the access token is not a JWT".into());
    };
    expect(!signature.is_empty(), || "the access token is not signed".into())?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload)?)?;
    expect(claims["username"] == user.username.as_str(), || format!("the access token is for {}", claims["username"]))
}

/// Sends one AWS JSON 1.1 request.
pub fn call(place: &Place, operation: &str, body: &Value) -> Result<Value> {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut response = agent
        .post(&place.endpoint)
        .header("X-Amz-Target", format!("AWSCognitoIdentityProviderService.{operation}"))
        .header("Content-Type", "application/x-amz-json-1.1")
        .send(body.to_string())?;
    let answer: Value = serde_json::from_str(&response.body_mut().read_to_string()?)?;
    if response.status().is_success() {
        return Ok(answer);
    }
    let name = answer["__type"].as_str().unwrap_or("an error without a name");
    Err(Refused(name.rsplit('#').next().unwrap_or(name).into()).into())
}

/// Turns a condition into an error with a reason.
pub fn expect(condition: bool, otherwise: impl FnOnce() -> String) -> Result<()> {
    if condition { Ok(()) } else { Err(otherwise().into()) }
}
