//! Signs a user in.
//!
//! Without arguments: against a pool that lives in this process, with no network. Every message is shown.
//!
//! ```console
//! $ cargo run --example sign_in
//! ```
//!
//! With arguments: against a real endpoint, over HTTP. `--help` lists the arguments. When the pool asks for a new password or for
//! a code, the program asks at the terminal.
//!
//! ```console
//! $ cargo run --example sign_in -- --pool-id us-east-1_AbCdEfGhI --client-id 1example23456789 --username alice
//! ```

use std::collections::HashMap;
use std::env::VarError;
use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use cognito_srp6a::idp::{
    AnswerError, Api, AuthResponse, Challenge, ChoiceChallenge, CodeChallenge, Credentials, NewPasswordRequired,
    Request, ResponseError, SignIn, SignInFlow, SignedIn, Step,
};
use cognito_srp6a::server::{ServerKey, UserRecord};
use cognito_srp6a::{
    AppClient, ClientSecret, Password, PasswordChallenge, PasswordClaim, PoolId, SrpA, Timestamp, UserSignIn, Username,
};
use lexopt::ValueExt as _;

const HELP: &str = "\
Signs a user in to an Amazon Cognito user pool. The password is proved and never sent.

  cargo run --example sign_in
      Signs in to a pool in this process, without a network, and shows every message.

  cargo run --example sign_in -- --pool-id ID --client-id ID --username NAME [OPTION …]
      Signs in over HTTP. When the pool asks for a new password or for a code, the
      program asks at the terminal.

Options
  --pool-id ID             the user pool, such as us-east-1_AbCdEfGhI
  --client-id ID           the app client
  --client-secret SECRET   the app client's secret, if it has one
  --username NAME          the user's name or alias
  --endpoint URL           another endpoint than that of the pool's region, such as
                           http://127.0.0.1:9229 for `cargo run -p local_pool`
  --region REGION          checked against the pool's region
  --help                   prints this text

Environment
  COGNITO_PASSWORD         the user's password. If it is not set, the program asks for it
                           at the terminal and does not echo it
";

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let result = match Options::from_arguments() {
        Ok(Options::Help) => {
            print!("{HELP}");
            Ok(())
        }
        Ok(Options::Embedded) => embedded(),
        Ok(Options::Http(site)) => over_http(&site),
        Err(error) => Err(format!("{error}. See --help.").into()),
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
    // The pool keeps a record for each user, under the canonical name, and a key of its own.
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

/// Signs in to a real endpoint.
fn over_http(site: &Site) -> Result<()> {
    let password = match std::env::var("COGNITO_PASSWORD") {
        Ok(password) if password.is_empty() => return Err("COGNITO_PASSWORD is empty.".into()),
        Ok(password) => Password::new(password).map_err(|error| format!("COGNITO_PASSWORD: {error}."))?,
        Err(VarError::NotUnicode(_)) => return Err("COGNITO_PASSWORD is not UTF-8.".into()),
        Err(VarError::NotPresent) => Password::new(ask_secret("Password: ", "Set COGNITO_PASSWORD.")?)?,
    };
    let credentials = Credentials::new(site.username.clone()).with_password(password);
    let agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(30)))
        .build()
        .new_agent();

    let (mut sign_in, mut request) =
        SignIn::builder(&site.app, Api::Public, SignInFlow::UserSrp, credentials).start()?;
    let signed_in = loop {
        let response = send(&agent, &site.endpoint, &request)?;
        (sign_in, request) = match sign_in.advance(response, Timestamp::now()?)? {
            Step::Send(sign_in, request) => (sign_in, request),
            Step::Challenge(challenge) => answer(challenge)?,
            Step::Retry(retry) => {
                println!("{} Another try.", retry.error());
                std::thread::sleep(retry.delay());
                retry.send_again()
            }
            Step::Done(signed_in) => break signed_in,
        };
    };
    report(&signed_in);
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
        Err(ResponseError::Body { error, .. }) => {
            Err(format!("{operation} at {endpoint} was not answered as the service answers: {error}").into())
        }
        response => Ok(response),
    }
}

/// Answers a challenge with what the user types. After a refused answer the same challenge comes again.
fn answer(challenge: Challenge) -> Result<(SignIn, Request)> {
    if let Some(refusal) = challenge.refusal() {
        println!("The pool has refused that. {refusal}");
    }
    match challenge {
        Challenge::NewPasswordRequired(challenge) => new_password(challenge),
        Challenge::SelectMfaType(challenge) | Challenge::SelectChallenge(challenge) => choice(challenge),
        Challenge::SmsMfa(challenge) | Challenge::SmsOtp(challenge) => code(challenge, "the text message"),
        Challenge::EmailMfa(challenge) | Challenge::EmailOtp(challenge) => code(challenge, "the e-mail"),
        Challenge::SoftwareTokenMfa(challenge) => code(challenge, "the authenticator app"),
        other => Err(format!("The pool asks for {} next. This example stops here.", other.name()).into()),
    }
}

/// Asks for a code and answers with it. What the service says of the destination is escaped, so that it cannot command the terminal.
fn code(challenge: CodeChallenge, place: &str) -> Result<(SignIn, Request)> {
    let prompt = match challenge.destination() {
        Some(destination) => format!("Code from {place} to {}: ", destination.escape_debug()),
        None => format!("Code from {place}: "),
    };
    until_sent(challenge, |challenge| Ok(challenge.answer(&ask(&prompt)?)))
}

/// Asks which of several factors to use.
fn choice(challenge: ChoiceChallenge) -> Result<(SignIn, Request)> {
    let choices = challenge.choices();
    println!("The pool offers:");
    for (number, choice) in choices.iter().enumerate() {
        println!("    {} {choice}", number + 1);
    }
    until_sent(challenge, |challenge| {
        loop {
            let number = ask("Number: ")?.parse::<usize>().ok();
            if let Some(choice) = number.and_then(|number| choices.get(number.checked_sub(1)?)) {
                return Ok(challenge.answer(choice));
            }
        }
    })
}

/// Asks for a new password and the attributes that the pool requires.
fn new_password(challenge: NewPasswordRequired) -> Result<(SignIn, Request)> {
    println!("The pool wants a new password.");
    let required = challenge.required_attributes();
    until_sent(challenge, |challenge| {
        let password = Password::new(ask_new_password()?)?;
        let values =
            required.iter().map(|name| ask(&format!("{}: ", name.escape_debug()))).collect::<Result<Vec<_>>>()?;
        let attributes: Vec<_> = required.iter().zip(&values).map(|(name, value)| (&name[..], &value[..])).collect();
        Ok(challenge.answer(&password, &attributes))
    })
}

/// Repeats an answer until it breaks no rule of the crate, and can be sent.
fn until_sent<C>(
    mut challenge: C,
    mut answer: impl FnMut(C) -> Result<std::result::Result<(SignIn, Request), AnswerError<C>>>,
) -> Result<(SignIn, Request)> {
    loop {
        match answer(challenge)? {
            Ok(next) => return Ok(next),
            Err(refused) => {
                println!("That cannot be sent: {}.", refused.error());
                challenge = refused.into_challenge();
            }
        }
    }
}

/// Asks for a line, and again while it is empty.
fn ask(prompt: &str) -> Result<String> {
    let mut line = String::new();
    while line.trim().is_empty() {
        print!("{prompt}");
        std::io::stdout().flush()?;
        line.clear();
        if std::io::stdin().read_line(&mut line)? == 0 {
            return Err(format!("\nStandard input ended at \"{}\".", prompt.trim()).into());
        }
    }
    Ok(line.trim().to_owned())
}

/// Asks for a password at the terminal and does not echo it. `advice` says what to do where there is no terminal.
fn ask_secret(prompt: &str, advice: &str) -> Result<String> {
    rpassword::prompt_password(prompt)
        .map_err(|error| format!("There is no terminal to ask for the password ({error}). {advice}").into())
}

/// Asks for a new password twice, until both are the same.
fn ask_new_password() -> Result<String> {
    let advice = "Run the program in a terminal.";
    loop {
        let password = ask_secret("New password: ", advice)?;
        if ask_secret("The same again: ", advice)? == password {
            return Ok(password);
        }
        println!("These were two different passwords.");
    }
}

/// Says which tokens came.
fn report(signed_in: &SignedIn) {
    println!("{} is signed in.", signed_in.username().as_str().escape_debug());
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
}

/// The task that the command line sets.
enum Options {
    Help,
    Embedded,
    Http(Site),
}

/// Where to sign in, and as whom.
struct Site {
    endpoint: String,
    app: AppClient,
    username: Username,
}

impl Options {
    /// Reads the command line.
    fn from_arguments() -> Result<Self> {
        let mut given = HashMap::new();
        let mut parser = lexopt::Parser::from_env();
        while let Some(argument) = parser.next()? {
            match argument {
                lexopt::Arg::Long("help") | lexopt::Arg::Short('h') => return Ok(Self::Help),
                lexopt::Arg::Long(
                    name @ ("endpoint" | "region" | "pool-id" | "client-id" | "client-secret" | "username"),
                ) => {
                    let name = name.to_owned();
                    given.insert(name, parser.value()?.string()?);
                }
                other => return Err(other.unexpected().into()),
            }
        }
        if given.is_empty() { Ok(Self::Embedded) } else { Site::new(given).map(Self::Http) }
    }
}

impl Site {
    fn new(mut given: HashMap<String, String>) -> Result<Self> {
        let (endpoint, region, secret) =
            (given.remove("endpoint"), given.remove("region"), given.remove("client-secret"));
        let mut take = |name: &str| given.remove(name).ok_or_else(|| format!("--{name} is missing"));
        let wrong = |name: &'static str| move |error| format!("--{name}: {error}");
        let pool_id: PoolId = take("pool-id")?.parse().map_err(wrong("pool-id"))?;
        if region.is_some_and(|region| region != pool_id.region()) {
            return Err(format!("--region is not that of the pool, {}", pool_id.region()).into());
        }
        let endpoint = endpoint.unwrap_or_else(|| pool_id.endpoint());
        check_endpoint(&endpoint)?;
        let mut app = AppClient::new(pool_id, take("client-id")?).map_err(wrong("client-id"))?;
        if let Some(secret) = secret {
            app = app.with_secret(ClientSecret::new(secret).map_err(wrong("client-secret"))?);
        }
        Ok(Self { endpoint, app, username: take("username")?.parse().map_err(wrong("username"))? })
    }
}

/// Refuses a text that is no URL of a server, before anything is sent.
fn check_endpoint(endpoint: &str) -> Result<()> {
    let fits = endpoint.parse::<http::Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty())
    });
    if fits { Ok(()) } else { Err(format!("--endpoint: {endpoint:?} is no http or https URL").into()) }
}
