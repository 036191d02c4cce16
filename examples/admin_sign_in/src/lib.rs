//! The common part of the two examples: the command line, the AWS credentials, the signature, and the end of a sign-in.

use std::collections::HashMap;
use std::env::VarError;
use std::error::Error;
use std::process::ExitCode;
use std::time::SystemTime;

use aws_credential_types::Credentials as AwsCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use cognito_srp6a::idp::{Api, Challenge, Credentials, FirstFactor, Request, SignIn, SignInFlow, SignedIn};
use cognito_srp6a::{AppClient, ClientSecret, Password, PoolId, Username};
use lexopt::ValueExt as _;

pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The text of `--help` after the program's own first line.
const HELP: &str = "
  --pool-id ID             the user pool, such as us-east-1_AbCdEfGhI
  --client-id ID           the app client
  --client-secret SECRET   the app client's secret, if it has one
  --username NAME          the user's name or alias
  --endpoint URL           another endpoint than that of the pool's region, such as
                           http://127.0.0.1:9229 for `cargo run -p local_pool`
  --region REGION          checked against the pool's region
  --flow FLOW              srp (the default), user-auth, user-auth-srp, custom,
                           custom-srp or password
  --public                 the unsigned calls (InitiateAuth) instead; only `sdk` has them
  --help                   prints this text

Environment
  COGNITO_PASSWORD         the user's password
  COGNITO_ANSWER           the answer to CUSTOM_CHALLENGE, if the pool asks for one
  AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
                           the credentials that sign the calls. For an endpoint on this
                           machine they may be missing: then the program signs with test
                           credentials, and looks for no others.
";

/// Where to sign in, and as whom.
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
    /// Reads the command line. `--help` prints `title` and all arguments, and gives nothing.
    ///
    /// # Errors
    ///
    /// A sentence that says what is missing or wrong.
    pub fn from_arguments(title: &str) -> Result<Option<Self>> {
        let mut given = HashMap::new();
        let mut api = Api::Admin;
        let mut parser = lexopt::Parser::from_env();
        while let Some(argument) = parser.next()? {
            match argument {
                lexopt::Arg::Long("help") | lexopt::Arg::Short('h') => {
                    print!("{title}\n{HELP}");
                    return Ok(None);
                }
                lexopt::Arg::Long("public") => api = Api::Public,
                lexopt::Arg::Long(
                    name @ ("endpoint" | "region" | "pool-id" | "client-id" | "client-secret" | "username" | "flow"),
                ) => {
                    let name = name.to_owned();
                    given.insert(name, parser.value()?.string()?);
                }
                other => return Err(format!("{}. See --help.", other.unexpected()).into()),
            }
        }
        Self::new(given, api).map(Some)
    }

    fn new(mut given: HashMap<String, String>, api: Api) -> Result<Self> {
        let (endpoint, region, secret) =
            (given.remove("endpoint"), given.remove("region"), given.remove("client-secret"));
        let flow = match (given.remove("flow").as_deref(), api) {
            (None | Some("srp"), _) => SignInFlow::UserSrp,
            (Some("user-auth"), _) => SignInFlow::User(None),
            (Some("user-auth-srp"), _) => SignInFlow::User(Some(FirstFactor::PasswordSrp)),
            (Some("custom"), _) => SignInFlow::Custom,
            (Some("custom-srp"), _) => SignInFlow::CustomSrp,
            (Some("password"), Api::Admin) => SignInFlow::AdminUserPassword,
            (Some("password"), Api::Public) => SignInFlow::UserPassword,
            (Some(other), _) => return Err(format!("There is no flow {other}. See --help.").into()),
        };
        let mut take = |name: &str| given.remove(name).ok_or_else(|| format!("--{name} is missing. See --help."));
        let wrong = |name: &'static str| move |error| format!("--{name}: {error}. See --help.");
        let pool_id: PoolId = take("pool-id")?.parse().map_err(wrong("pool-id"))?;
        if region.is_some_and(|region| region != pool_id.region()) {
            return Err(format!("--region is not that of the pool, {}. See --help.", pool_id.region()).into());
        }
        if let Some(endpoint) = &endpoint {
            check_endpoint(endpoint)?;
        }
        let mut app = AppClient::new(pool_id, take("client-id")?).map_err(wrong("client-id"))?;
        if let Some(secret) = secret {
            app = app.with_secret(ClientSecret::new(secret).map_err(wrong("client-secret"))?);
        }
        Ok(Self { endpoint, app, username: take("username")?.parse().map_err(wrong("username"))?, flow, api })
    }

    /// The user, with the password from the environment variable `COGNITO_PASSWORD`.
    ///
    /// # Errors
    ///
    /// A sentence that says what is missing or wrong.
    pub fn credentials(&self) -> Result<Credentials> {
        let password = match std::env::var("COGNITO_PASSWORD") {
            Ok(password) if password.is_empty() => return Err("COGNITO_PASSWORD is empty.".into()),
            Ok(password) => Password::new(password).map_err(|error| format!("COGNITO_PASSWORD: {error}."))?,
            Err(VarError::NotUnicode(_)) => return Err("COGNITO_PASSWORD is not UTF-8.".into()),
            Err(VarError::NotPresent) => return Err("COGNITO_PASSWORD is not set.".into()),
        };
        Ok(Credentials::new(self.username.clone()).with_password(password))
    }

    /// The AWS credentials of the environment; without them, test credentials for an endpoint on this machine. None for
    /// another endpoint.
    #[must_use]
    pub fn aws_credentials(&self) -> Option<AwsCredentials> {
        let variable = |name: &str| std::env::var(name).ok();
        match (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")) {
            (Some(id), Some(secret)) => Some(AwsCredentials::from_keys(id, secret, variable("AWS_SESSION_TOKEN"))),
            _ if self.is_local() => Some(AwsCredentials::from_keys("test", "test", None)),
            _ => None,
        }
    }

    /// Whether the endpoint is on this machine, where nobody has real credentials.
    fn is_local(&self) -> bool {
        let uri = self.endpoint.as_ref().and_then(|endpoint| endpoint.parse::<http::Uri>().ok());
        let host = uri.as_ref().and_then(http::Uri::host).unwrap_or_default();
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
        host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }
}

/// Refuses a text that is no URL of a server, before anything is sent.
fn check_endpoint(endpoint: &str) -> Result<()> {
    let fits = endpoint.parse::<http::Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty())
    });
    if fits { Ok(()) } else { Err(format!("--endpoint: {endpoint:?} is no http or https URL. See --help.").into()) }
}

/// Prints an error with what caused it, and says how the program ends.
#[must_use]
pub fn exit(result: Result<()>) -> ExitCode {
    let Err(error) = result else { return ExitCode::SUCCESS };
    eprint!("{error}");
    let mut source = error.source();
    while let Some(error) = source {
        eprint!(": {error}");
        source = error.source();
    }
    eprintln!();
    ExitCode::FAILURE
}

/// Says that the user is signed in.
pub fn report(signed_in: &SignedIn) {
    println!("{} is signed in.", signed_in.username().as_str().escape_debug());
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
        (other, _) => Err(format!("The pool asks for {} next. This example stops here.", other.name()).into()),
    }
}

/// Adds the headers of a `SigV4` signature to a request of an administrator.
///
/// # Errors
///
/// What `aws-sigv4` says of a request that cannot be signed.
pub fn sign_request(
    mut request: http::Request<Vec<u8>>,
    region: &str,
    identity: &AwsCredentials,
) -> Result<http::Request<Vec<u8>>> {
    let identity = identity.clone().into();
    let parameters = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("cognito-idp")
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()?;
    let headers = request.headers().iter().map(|(name, value)| Ok((name.as_str(), value.to_str()?)));
    let headers = headers.collect::<std::result::Result<Vec<_>, http::header::ToStrError>>()?;
    let uri = request.uri().to_string();
    let signable =
        SignableRequest::new(request.method().as_str(), uri, headers.into_iter(), SignableBody::Bytes(request.body()))?;
    let (instructions, _) = sign(signable, &parameters.into())?.into_parts();
    instructions.apply_to_request_http1x(&mut request);
    Ok(request)
}
