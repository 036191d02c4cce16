//! The command line.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::num::NonZero;
use std::time::Duration;

use cognito_srp6a::{AppClient, ClientSecret};
use lexopt::Arg::Long;
use lexopt::ValueExt as _;

/// The options of the command line. The documentation of the crate describes each flag.
#[derive(Debug)]
pub struct Options {
    pub listen: SocketAddr,
    /// The time for a head, for a body, and for reading an answer.
    pub patience: Duration,
    /// The maximum number of connections.
    pub connections: usize,
    pub app: AppClient,
    pub issuer: String,
    /// Names and passwords.
    pub users: Vec<(String, String)>,
    /// Aliases and the names of their users.
    pub aliases: BTreeMap<String, String>,
    pub force_new_password: Vec<String>,
    /// The most memory that the pool uses, in bytes.
    pub memory: usize,
    pub devices: bool,
    pub single_use: bool,
    pub rare: bool,
    pub custom_answer: Option<String>,
    /// The maximum age of a challenge, and the maximum distance of a claim's timestamp from the clock.
    pub max_age: Duration,
}

impl Options {
    /// Reads arguments, without the program's name. Every option has a default, so no argument is needed.
    ///
    /// # Errors
    ///
    /// [`lexopt::Error`] names the argument that is wrong.
    pub fn from_arguments<I>(arguments: I) -> Result<Self, lexopt::Error>
    where
        I: IntoIterator,
        I::Item: Into<OsString>,
    {
        let mut listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let (mut patience, mut connections) = (Duration::from_secs(10), 256);
        let (mut pool_id, mut client_id) = ("us-east-1_LocalPool".to_owned(), "localpoolclient".to_owned());
        let (mut client_secret, mut issuer, mut custom_answer) = (None, None, None);
        let (mut users, mut aliases, mut force_new_password) = (Vec::new(), BTreeMap::new(), Vec::new());
        let (mut devices, mut single_use, mut rare) = (false, false, false);
        let mut max_age = Duration::from_secs(300);
        let mut memory = 256 << 20;

        let mut parser = lexopt::Parser::from_args(arguments);
        while let Some(argument) = parser.next()? {
            match argument {
                Long("listen") => listen = parser.value()?.parse()?,
                Long("timeout") => patience = parser.value()?.parse().map(Duration::from_secs)?,
                Long("connections") => connections = parser.value()?.parse().map(NonZero::get)?,
                Long("pool-id") => pool_id = parser.value()?.string()?,
                Long("client-id") => client_id = parser.value()?.string()?,
                Long("client-secret") => client_secret = Some(parser.value()?.string()?),
                Long("issuer") => issuer = Some(parser.value()?.string()?),
                Long("user") => users.push(pair(&parser.value()?.string()?, ':')?),
                Long("alias") => aliases.extend([pair(&parser.value()?.string()?, '=')?]),
                Long("force-new-password") => force_new_password.push(parser.value()?.string()?),
                Long("memory") => memory = parser.value()?.parse()?,
                Long("devices") => devices = true,
                Long("single-use") => single_use = true,
                Long("rare") => rare = true,
                Long("custom-answer") => custom_answer = Some(parser.value()?.string()?),
                Long("max-age") => max_age = parser.value()?.parse().map(Duration::from_secs)?,
                other => return Err(other.unexpected()),
            }
        }

        // Anybody who reaches the pool can make users and forge tokens, so it serves this machine only.
        if !listen.ip().is_loopback() {
            return Err("--listen takes loopback addresses only: this pool is for tests".into());
        }
        if users.is_empty() {
            users.push(("alice".to_owned(), "Passw0rd!".to_owned()));
        }
        let mut app = AppClient::new(pool_id.parse().map_err(crate_error)?, client_id).map_err(crate_error)?;
        if let Some(secret) = client_secret {
            app = app.with_secret(ClientSecret::new(secret).map_err(crate_error)?);
        }
        let issuer = issuer.unwrap_or_else(|| format!("{}{}", app.pool_id().endpoint(), app.pool_id()));
        Ok(Self {
            listen,
            patience,
            connections,
            app,
            issuer,
            users,
            aliases,
            force_new_password,
            memory,
            devices,
            single_use,
            rare,
            custom_answer,
            max_age,
        })
    }
}

/// Splits a value at the first separator.
fn pair(value: &str, separator: char) -> Result<(String, String), lexopt::Error> {
    match value.split_once(separator) {
        Some((left, right)) => Ok((left.to_owned(), right.to_owned())),
        None => Err(format!("{value:?} has no '{separator}'").into()),
    }
}

fn crate_error(error: cognito_srp6a::Error) -> lexopt::Error {
    error.to_string().into()
}
