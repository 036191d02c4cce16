//! What the two examples share: the command line and the end of a sign-in.

use std::collections::HashMap;
use std::error::Error;

use cognito_srp6a::idp::{Api, Challenge, Credentials, FirstFactor, Request, SignIn, SignInFlow, SignedIn};
use cognito_srp6a::{AppClient, ClientSecret, Password, Username};
use lexopt::ValueExt as _;

pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Where to sign in, and as whom. AWS credentials come from the environment, as always with AWS.
pub struct Options {
    /// In place of the endpoint of the pool's region.
    pub endpoint: Option<String>,
    pub app: AppClient,
    pub username: Username,
    /// How to begin: `--flow`, `srp` unless given.
    pub flow: SignInFlow,
    /// The family of calls: `--public` for the unsigned ones, which these examples are otherwise not about.
    pub api: Api,
}

impl Options {
    /// Reads `--pool-id`, `--client-id`, `--username`, and if given `--client-secret`, `--endpoint`, `--public` and `--flow`
    /// (`srp`, `user-auth`, `user-auth-srp`, `custom`, `custom-srp` or `password`).
    ///
    /// # Errors
    ///
    /// A sentence that says what is missing or wrong.
    pub fn from_arguments() -> Result<Self> {
        let mut given = HashMap::new();
        let mut api = Api::Admin;
        let mut parser = lexopt::Parser::from_env();
        while let Some(argument) = parser.next()? {
            match argument {
                lexopt::Arg::Long("public") => api = Api::Public,
                lexopt::Arg::Long(
                    name @ ("endpoint" | "pool-id" | "client-id" | "client-secret" | "username" | "flow"),
                ) => {
                    let name = name.to_owned();
                    given.insert(name, parser.value()?.string()?);
                }
                other => return Err(other.unexpected().into()),
            }
        }
        let (endpoint, secret) = (given.remove("endpoint"), given.remove("client-secret"));
        let flow = match (given.remove("flow").as_deref(), api) {
            (None | Some("srp"), _) => SignInFlow::UserSrp,
            (Some("user-auth"), _) => SignInFlow::User(None),
            (Some("user-auth-srp"), _) => SignInFlow::User(Some(FirstFactor::PasswordSrp)),
            (Some("custom"), _) => SignInFlow::Custom,
            (Some("custom-srp"), _) => SignInFlow::CustomSrp,
            (Some("password"), Api::Admin) => SignInFlow::AdminUserPassword,
            (Some("password"), Api::Public) => SignInFlow::UserPassword,
            (Some(other), _) => return Err(format!("there is no flow {other}").into()),
        };
        let mut take = |name: &str| given.remove(name).ok_or_else(|| format!("--{name} is missing"));
        let mut app = AppClient::new(take("pool-id")?.parse()?, take("client-id")?)?;
        if let Some(secret) = secret {
            app = app.with_secret(ClientSecret::new(secret)?);
        }
        Ok(Self { endpoint, app, username: take("username")?.parse()?, flow, api })
    }

    /// The user, with the password from the environment variable `COGNITO_PASSWORD`.
    ///
    /// # Errors
    ///
    /// A sentence that says what is missing or wrong.
    pub fn credentials(&self) -> Result<Credentials> {
        let password = std::env::var("COGNITO_PASSWORD").map_err(|_| "COGNITO_PASSWORD is not set")?;
        Ok(Credentials::new(self.username.clone()).with_password(Password::new(password)?))
    }
}

/// Says that the user is signed in.
pub fn report(signed_in: &SignedIn) {
    println!("{} is signed in.", signed_in.username());
    if let Some(seconds) = signed_in.result().expires_in() {
        println!("    The access token lasts {seconds} seconds.");
    }
}

/// Answers a challenge of the pool's own with the environment variable `COGNITO_ANSWER`, and names all others.
///
/// # Errors
///
/// A sentence that names the challenge.
pub fn answer(challenge: Challenge) -> Result<(SignIn, Request)> {
    if let Some(refusal) = challenge.refusal() {
        return Err(refusal.clone().into());
    }
    match (challenge, std::env::var("COGNITO_ANSWER")) {
        (Challenge::Custom(challenge), Ok(text)) => Ok(challenge.answer(&text)?),
        (other, _) => Err(format!("The pool asks for {} next; this example stops here.", other.name()).into()),
    }
}
