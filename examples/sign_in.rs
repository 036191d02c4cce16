//! Signs a user in.
//!
//! Without arguments: against a pool that lives in this process, with no network. Every message is shown.
//!
//! ```console
//! $ cargo run --example sign_in
//! ```
//!
//! With arguments: against a real endpoint, over HTTP; that of the pool's region unless `--endpoint` names another, and
//! with `--client-secret` when the app client has one. The password comes from the environment variable
//! `COGNITO_PASSWORD`, or from a prompt that does not echo.
//!
//! ```console
//! $ cargo run --example sign_in -- --region us-east-1 \
//!       --pool-id us-east-1_AbCdEfGhI --client-id 1example23456789 --username alice
//! ```

use std::collections::HashMap;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use cognito_srp6a::idp::{Api, AuthResponse, Credentials, Request, ResponseError, SignIn, SignInFlow, Step};
use cognito_srp6a::server::{ServerKey, UserRecord};
use cognito_srp6a::{
    AppClient, ClientSecret, Password, PasswordChallenge, PasswordClaim, PoolId, SrpA, Timestamp, UserSignIn, Username,
};
use lexopt::ValueExt as _;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let result = match Options::from_arguments() {
        Ok(None) => embedded(),
        Ok(Some(options)) => over_http(&options),
        Err(error) => Err(error),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Signs in to a pool in this process, then tries a wrong password.
fn embedded() -> Result<()> {
    let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
    let app = app.with_secret(ClientSecret::new("an0example0secret0of0thirty0chars")?);
    // What the pool keeps: a record for each user, under the canonical name, and a key of its own.
    let user_id = "7f1d2c3b-4a59-4687-9f00-112233445566".parse()?;
    let record = UserRecord::from_password(app.pool_id(), &user_id, &"Passw0rd!".parse()?)?;
    let key = ServerKey::generate()?;

    println!("Signing in to {} as alice@example.com with the right password.\n", app.pool_id());
    exchange(&app, &key, &record, &"Passw0rd!".parse()?)?;
    println!("The pool has verified the claim: alice@example.com is signed in.\n");

    println!("The same with a wrong password.\n");
    match exchange(&app, &key, &record, &"passw0rd!".parse()?) {
        Ok(()) => Err("the pool took a wrong password".into()),
        Err(error) if error.downcast_ref() == Some(&cognito_srp6a::Error::NotAuthorized) => {
            println!("The pool has refused the claim: {error}.");
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// One whole handshake. Each message crosses from one side to the other as the map of strings that AWS sends.
fn exchange(app: &AppClient, key: &ServerKey, record: &UserRecord, password: &Password) -> Result<()> {
    let (sign_in, start) = UserSignIn::start(app, &"alice@example.com".parse()?)?;
    let start: HashMap<String, String> = start.into();
    show("client → pool   InitiateAuth, USER_SRP_AUTH", &start);

    let srp_a: SrpA = start["SRP_A"].parse()?;
    let challenge: HashMap<String, String> = key.challenge(record, &srp_a, Timestamp::now()?)?.into();
    show("pool → client   PASSWORD_VERIFIER", &challenge);

    let challenge = PasswordChallenge::from_parameters(&challenge)?;
    let answer: HashMap<String, String> = sign_in.answer(challenge, password, Timestamp::now()?)?.into();
    show("client → pool   RespondToAuthChallenge, PASSWORD_VERIFIER", &answer);

    let claim = PasswordClaim::from_parameters(&answer)?;
    key.verify(record, &claim, Timestamp::now()?, Duration::from_secs(300))?;
    Ok(())
}

/// Prints a message, long values abbreviated.
fn show(title: &str, message: &HashMap<String, String>) {
    println!("{title}");
    let mut names: Vec<_> = message.keys().collect();
    names.sort();
    for name in names {
        let value = &message[name];
        match value.char_indices().nth(44) {
            Some((cut, _)) => println!("    {name:<28}{}… ({} characters)", &value[..cut], value.chars().count()),
            None => println!("    {name:<28}{value}"),
        }
    }
    println!();
}

/// Signs in to a real endpoint, as far as tokens or the name of the next challenge.
fn over_http(options: &Options) -> Result<()> {
    let mut app = AppClient::new(options.pool_id.clone(), options.client_id.as_str())?;
    if let Some(secret) = &options.client_secret {
        app = app.with_secret(ClientSecret::new(secret.as_str())?);
    }
    let credentials = Credentials::new(options.username.clone()).with_password(Password::new(password()?)?);
    let agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(30)))
        .build()
        .new_agent();

    let (mut sign_in, mut request) = SignIn::builder(&app, Api::Public, SignInFlow::UserSrp, credentials).start()?;
    let signed_in = loop {
        let response = send(&agent, &options.endpoint, &request)?;
        (sign_in, request) = match sign_in.advance(response, Timestamp::now()?)? {
            Step::Send(sign_in, request) => (sign_in, request),
            Step::Challenge(challenge) => {
                return Err(format!("The pool asks for {} next; this example stops here.", challenge.name()).into());
            }
            Step::Done(signed_in) => break signed_in,
        };
    };

    println!("{} is signed in.", signed_in.username());
    let tokens = signed_in.result();
    let named = [
        ("IdToken", tokens.id_token()),
        ("AccessToken", tokens.access_token()),
        ("RefreshToken", tokens.refresh_token()),
    ];
    for (name, token) in named {
        if let Some(token) = token {
            println!("    {name:<14}{} characters", token.len());
        }
    }
    if let Some(seconds) = tokens.expires_in() {
        println!("    {:<14}{seconds} seconds", "ExpiresIn");
    }
    Ok(())
}

/// Sends one request and reads the response. An error of the service is a response like any other.
fn send(
    agent: &ureq::Agent,
    endpoint: &str,
    request: &Request,
) -> Result<std::result::Result<AuthResponse, ResponseError>> {
    let operation = request.operation().name();
    let mut response = agent
        .run(request.to_http(endpoint)?)
        .map_err(|error| format!("{operation} did not reach {endpoint}: {error}"))?;
    let body = response.body_mut().with_config().limit(1 << 20).read_to_vec()?;
    match AuthResponse::from_http(response.status().as_u16(), &body) {
        Err(ResponseError::Body(error)) => {
            Err(format!("{operation} at {endpoint} was not answered as the service answers: {error}").into())
        }
        response => Ok(response),
    }
}

/// The password, from the environment or from the terminal.
fn password() -> Result<String> {
    match std::env::var("COGNITO_PASSWORD") {
        Ok(password) => Ok(password),
        Err(_) => Ok(rpassword::prompt_password("Password: ")?),
    }
}

/// Where to sign in, and as whom.
struct Options {
    endpoint: String,
    pool_id: PoolId,
    client_id: String,
    client_secret: Option<String>,
    username: Username,
}

impl Options {
    /// Reads the command line; without arguments there are none.
    fn from_arguments() -> Result<Option<Self>> {
        let mut given = HashMap::new();
        let mut parser = lexopt::Parser::from_env();
        while let Some(argument) = parser.next()? {
            match argument {
                lexopt::Arg::Long(
                    name @ ("endpoint" | "region" | "pool-id" | "client-id" | "client-secret" | "username"),
                ) => {
                    let name = name.to_owned();
                    given.insert(name, parser.value()?.string()?);
                }
                other => return Err(other.unexpected().into()),
            }
        }
        if given.is_empty() {
            return Ok(None);
        }
        let client_secret = given.remove("client-secret");
        let (endpoint, region) = (given.remove("endpoint"), given.remove("region"));
        let mut take = |name: &str| given.remove(name).ok_or_else(|| format!("--{name} is missing"));
        let pool_id: PoolId = take("pool-id")?.parse()?;
        if region.is_some_and(|region| region != pool_id.region()) {
            return Err(format!("--region is not that of the pool, {}", pool_id.region()).into());
        }
        Ok(Some(Self {
            endpoint: endpoint.unwrap_or_else(|| pool_id.endpoint()),
            pool_id,
            client_id: take("client-id")?,
            client_secret,
            username: take("username")?.parse()?,
        }))
    }
}
