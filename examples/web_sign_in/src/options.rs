//! The command line and the environment.

use std::collections::HashMap;
use std::env::VarError;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use aws_credential_types::Credentials as AwsCredentials;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cognito_srp6a::{AppClient, ClientSecret, PoolId};
use lexopt::ValueExt as _;
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use crate::Result;
use crate::seal::{KEY_BYTES, random_id};

/// The text of `--help`.
pub const HELP: &str = "\
A web server that signs browsers in to an Amazon Cognito user pool, with a second factor.

  cargo run -p web_sign_in
      Starts a user pool of its own. The code of the second factor is printed to
      standard error, where a phone would get a text message.

  cargo run -p web_sign_in -- --endpoint URL --pool-id ID --client-id ID [OPTION …]
      Signs in to the user pool at an endpoint.

Prints `listening on http://ADDRESS:PORT` to standard output when it is ready.

Options
  --listen ADDRESS:PORT    default 127.0.0.1:0, a free port. The server speaks no TLS: put
                           a proxy that does in front of any other address
  --behind-tls             cookies are `Secure`, as they always are if the address is not
                           loopback
  --endpoint URL           the endpoint of the service, such as http://127.0.0.1:9229 for
                           `cargo run -p local_pool`; https unless it is on this machine
  --pool-id ID             the user pool, such as us-east-1_AbCdEfGhI
  --client-id ID           the app client
  --client-secret SECRET   the app client's secret, if it has one
  --lifetime SECONDS       how long a challenge waits for its user; default 180, as the
                           service's sessions
  --folder PATH            where challenges wait that are too long for a cookie; default a
                           new one for temporary files
  --help                   prints this text

Environment
  WEB_SIGN_IN_KEY          32 bytes in Base64, such as `openssl rand -base64 32` prints: the
                           key that seals cookies. Processes with the same key take up
                           each other's sign-ins. Default a random one
  AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
                           the credentials that sign the calls. For an endpoint on this
                           machine they may be missing: then the program signs with test
                           credentials
";

/// The options of the command line. [`HELP`] describes each of them.
pub struct Options {
    pub listen: SocketAddr,
    pub secure: bool,
    /// The user pool, unless the program starts one.
    pub target: Option<Target>,
    pub lifetime: Duration,
    pub folder: PathBuf,
    pub key: Zeroizing<[u8; KEY_BYTES]>,
}

/// A user pool at an endpoint.
pub struct Target {
    pub endpoint: String,
    pub app: AppClient,
    pub identity: AwsCredentials,
}

impl Options {
    /// Reads the command line. `--help` gives nothing.
    pub fn from_arguments() -> Result<Option<Self>> {
        let mut given = HashMap::new();
        let mut secure = false;
        let mut parser = lexopt::Parser::from_env();
        while let Some(argument) = parser.next()? {
            match argument {
                lexopt::Arg::Long("help") | lexopt::Arg::Short('h') => return Ok(None),
                lexopt::Arg::Long("behind-tls") => secure = true,
                lexopt::Arg::Long(
                    name @ ("listen" | "endpoint" | "pool-id" | "client-id" | "client-secret" | "lifetime" | "folder"),
                ) => {
                    let name = name.to_owned();
                    given.insert(name, parser.value()?.string()?);
                }
                other => return Err(other.unexpected().into()),
            }
        }
        Self::new(given, secure).map(Some)
    }

    fn new(mut given: HashMap<String, String>, secure: bool) -> Result<Self> {
        let listen = given.remove("listen").unwrap_or_else(|| "127.0.0.1:0".into());
        let listen: SocketAddr = listen.parse().map_err(|error| format!("--listen: {error}"))?;
        let lifetime = given.remove("lifetime").unwrap_or_else(|| "180".into());
        let lifetime = lifetime.parse().map_err(|error| format!("--lifetime: {error}"))?;
        let folder = match given.remove("folder") {
            Some(folder) => folder.into(),
            None => std::env::temp_dir().join(format!("web_sign_in-{}", random_id().ok_or("no randomness")?)),
        };
        let target = if given.is_empty() { None } else { Some(Target::new(given)?) };
        let (secure, lifetime) = (secure || !listen.ip().is_loopback(), Duration::from_secs(lifetime));
        Ok(Self { listen, secure, target, lifetime, folder, key: key()? })
    }
}

impl Target {
    fn new(mut given: HashMap<String, String>) -> Result<Self> {
        let secret = given.remove("client-secret");
        let mut take = |name: &str| given.remove(name).ok_or_else(|| format!("--{name} is missing"));
        let wrong = |name: &'static str| move |error| format!("--{name}: {error}");
        let endpoint = take("endpoint")?;
        let is_local = check_endpoint(&endpoint)?;
        let pool_id: PoolId = take("pool-id")?.parse().map_err(wrong("pool-id"))?;
        let mut app = AppClient::new(pool_id, take("client-id")?).map_err(wrong("client-id"))?;
        if let Some(secret) = secret {
            app = app.with_secret(ClientSecret::new(secret).map_err(wrong("client-secret"))?);
        }
        let variable = |name: &str| std::env::var(name).ok();
        let identity = match (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")) {
            (Some(id), Some(secret)) => AwsCredentials::from_keys(id, secret, variable("AWS_SESSION_TOKEN")),
            _ if is_local => test_credentials(),
            _ => return Err("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set".into()),
        };
        Ok(Self { endpoint, app, identity })
    }
}

/// Credentials for a pool on this machine, where nobody has real ones.
pub fn test_credentials() -> AwsCredentials {
    AwsCredentials::from_keys("test", "test", None)
}

/// Refuses a text that is no URL of a server, or one to which a new password would travel in the clear. Returns whether the
/// server is on this machine.
fn check_endpoint(endpoint: &str) -> Result<bool> {
    let uri = endpoint.parse::<http::Uri>().ok();
    let host = uri.as_ref().and_then(http::Uri::host).unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let is_local = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
    match uri.as_ref().and_then(http::Uri::scheme_str) {
        Some("https") if !host.is_empty() => Ok(is_local),
        Some("http") if is_local => Ok(is_local),
        _ => Err(format!("--endpoint: {endpoint:?} is no https URL, and no http URL on this machine").into()),
    }
}

/// Returns the key of the environment, or a random one.
fn key() -> Result<Zeroizing<[u8; KEY_BYTES]>> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    match std::env::var("WEB_SIGN_IN_KEY").map(Zeroizing::new) {
        Ok(text) => {
            let bytes = Zeroizing::new(STANDARD.decode(text.trim()).unwrap_or_default());
            *key = bytes[..].try_into().map_err(|_| "WEB_SIGN_IN_KEY has not 32 bytes in Base64")?;
        }
        Err(VarError::NotPresent) => SystemRandom::new().fill(&mut *key).map_err(|_| "no randomness")?,
        Err(VarError::NotUnicode(_)) => return Err("WEB_SIGN_IN_KEY is not UTF-8".into()),
    }
    Ok(key)
}
