//! The command line.

use std::ffi::OsString;
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use aws_credential_types::Credentials;
use cognito_srp6a::{AppClient, ClientSecret, Password, PoolId, Username};
use lexopt::Arg::{Long, Short};
use lexopt::ValueExt as _;

use crate::checks;

pub const HELP: &str = "\
Plays a correct client, and every attack, against a server of Amazon Cognito's SRP sign-in.

Usage: cognito-conformance --endpoint URL --pool-id ID --client-id ID --username NAME [OPTION …]

  --endpoint URL         the server under test
  --pool-id ID           the user pool
  --client-id ID         the app client, which may use USER_SRP_AUTH
  --client-secret TEXT   its secret; else of COGNITO_CLIENT_SECRET
  --username NAME        a user
  --password TEXT        the user's password; else of COGNITO_PASSWORD
  --alias NAME           another name of this user
  --other-username NAME  another user, whose password is not needed
  --admin                AdminInitiateAuth and AdminRespondToAuthChallenge, signed with
                         AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
  --single-use           this server takes an answer to a challenge once
  --only NAME,…          these checks alone
  --timeout SECONDS      for one request; 10
  --wait SECONDS         for each value that chance must bring; 30
  --seed NUMBER          makes the program's own numbers from this one
  --json                 a line of JSON for each check, instead of a table
  --list                 the names of all checks and what is expected
  --help                 this text

The server must hide who is a user: of the service's settings, PreventUserExistenceErrors =
ENABLED. The user may have a second factor; a check ends when the password is proved.

Do not run this against Amazon Cognito itself. It locks a user after some wrong answers, and most
answers here are wrong.

The exit code is 0 when all checks pass, 1 when one fails, 2 when the server cannot be reached or
the command is wrong.
";

pub enum Command {
    Help,
    List,
    Run(Box<Options>),
}

pub struct Options {
    pub endpoint: String,
    pub app: AppClient,
    pub client_secret: Option<String>,
    pub username: Username,
    pub password: String,
    pub alias: Option<Username>,
    pub other_username: Option<Username>,
    /// Whether the calls of an administrator are made.
    pub admin: bool,
    /// The keys that sign them.
    pub credentials: Option<Credentials>,
    pub single_use: bool,
    /// The checks to run; empty for all.
    pub only: Vec<String>,
    pub timeout: Duration,
    pub wait: Duration,
    pub seed: Option<u64>,
    pub json: bool,
}

impl Options {
    /// Reads arguments, without the program's name.
    ///
    /// # Errors
    ///
    /// [`lexopt::Error`] names what is wrong or missing.
    pub fn from_arguments<I>(arguments: I) -> Result<Command, lexopt::Error>
    where
        I: IntoIterator,
        I::Item: Into<OsString>,
    {
        let (mut endpoint, mut pool_id, mut client_id) = (None, None, None);
        let (mut username, mut alias, mut other_username) = (None, None, None);
        let (mut client_secret, mut password) = (variable("COGNITO_CLIENT_SECRET"), variable("COGNITO_PASSWORD"));
        let (mut admin, mut single_use, mut json, mut only, mut seed) = (false, false, false, Vec::new(), None);
        let (mut timeout, mut wait) = (Duration::from_secs(10), Duration::from_secs(30));

        let mut parser = lexopt::Parser::from_args(arguments);
        while let Some(argument) = parser.next()? {
            let option = if let Long(name) = argument { format!("--{name}") } else { String::new() };
            match argument {
                Long("help") | Short('h') => return Ok(Command::Help),
                Long("list") => return Ok(Command::List),
                Long("endpoint") => endpoint = Some(parser.value()?.string()?),
                Long("pool-id") => pool_id = Some(parsed::<PoolId>(&option, &mut parser)?),
                Long("client-id") => client_id = Some(parser.value()?.string()?),
                Long("client-secret") => client_secret = Some(parser.value()?.string()?),
                Long("username") => username = Some(name(&option, &mut parser)?),
                Long("password") => password = Some(parser.value()?.string()?),
                Long("alias") => alias = Some(name(&option, &mut parser)?),
                Long("other-username") => other_username = Some(name(&option, &mut parser)?),
                Long("admin") => admin = true,
                Long("single-use") => single_use = true,
                Long("only") => only.extend(parser.value()?.string()?.split(',').map(str::to_owned)),
                Long("timeout") => timeout = parsed(&option, &mut parser).map(Duration::from_secs)?,
                Long("wait") => wait = parsed(&option, &mut parser).map(Duration::from_secs)?,
                Long("seed") => seed = Some(parsed(&option, &mut parser)?),
                Long("json") => json = true,
                other => return Err(other.unexpected()),
            }
        }

        if let Some(name) = only.iter().find(|name| !checks::ALL.iter().any(|check| check.name == **name)) {
            return Err(format!("--only: there is no check {name:?}; --list names all").into());
        }
        let app = AppClient::new(needed("--pool-id", pool_id)?, needed("--client-id", client_id)?);
        let mut app = app.map_err(|error| wrong("--client-id", error))?;
        if let Some(secret) = &client_secret {
            let secret = ClientSecret::new(secret.as_str()).map_err(|error| wrong("--client-secret", error))?;
            app = app.with_secret(secret);
        }
        let password = needed("--password or COGNITO_PASSWORD", password)?;
        Password::new(password.as_str()).map_err(|error| wrong("--password", error))?;
        let credentials = if admin { Some(credentials()?) } else { None };
        Ok(Command::Run(Box::new(Self {
            endpoint: needed("--endpoint", endpoint)?,
            app,
            client_secret,
            username: needed("--username", username)?,
            password,
            alias,
            other_username,
            admin,
            credentials,
            single_use,
            only,
            timeout,
            wait,
            seed,
            json,
        })))
    }

    /// Returns whether a check is to run.
    pub fn runs(&self, check: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| name == check)
    }
}

/// The keys that sign the calls of an administrator. A server that does not look at it takes any.
fn credentials() -> Result<Credentials, lexopt::Error> {
    let id = needed("for --admin, AWS_ACCESS_KEY_ID", variable("AWS_ACCESS_KEY_ID"))?;
    let secret = needed("for --admin, AWS_SECRET_ACCESS_KEY", variable("AWS_SECRET_ACCESS_KEY"))?;
    Ok(Credentials::from_keys(id, secret, variable("AWS_SESSION_TOKEN")))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn needed<T>(what: &str, value: Option<T>) -> Result<T, lexopt::Error> {
    value.ok_or_else(|| format!("missing: {what}").into())
}

fn name(option: &str, parser: &mut lexopt::Parser) -> Result<Username, lexopt::Error> {
    Username::new(parser.value()?.string()?).map_err(|error| wrong(option, error))
}

/// Reads and parses the value of an option.
fn parsed<T: FromStr<Err: Display>>(option: &str, parser: &mut lexopt::Parser) -> Result<T, lexopt::Error> {
    parser.value()?.string()?.parse().map_err(|error| wrong(option, error))
}

fn wrong(option: &str, error: impl Display) -> lexopt::Error {
    format!("{option}: {error}").into()
}
