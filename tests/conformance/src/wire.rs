//! AWS JSON 1.1 over HTTP: any body out, an answer in.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// The longest answer that is read, in bytes.
const MAX_ANSWER: u64 = 1 << 20;

/// What a server says.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Tokens, and the user whom the access token names.
    Tokens(Option<String>),
    Challenge(Challenge),
    Refused(Refusal),
    /// Nothing that a client of Cognito can read.
    Unreadable(String),
    /// No answer within the time limit, or a connection that broke off.
    Silent(String),
}

#[derive(Clone, Debug)]
pub struct Challenge {
    pub name: String,
    pub parameters: BTreeMap<String, String>,
    pub session: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    pub name: String,
    pub message: String,
}

/// A client of one server.
pub struct Wire {
    agent: ureq::Agent,
    endpoint: String,
    region: String,
    credentials: Option<Credentials>,
}

impl Wire {
    pub fn new(endpoint: &str, region: &str, credentials: Option<Credentials>, limit: Duration) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(limit))
            // A connection for each request: one that the server has closed is then no answer to the next.
            .max_idle_connections(0)
            .max_redirects(0)
            .max_redirects_will_error(false);
        let (endpoint, region) = (endpoint.to_owned(), region.to_owned());
        Self { agent: config.build().into(), endpoint, region, credentials }
    }

    /// Makes a call, signed if there are credentials.
    pub fn call(&self, operation: &str, body: &[u8]) -> Answer {
        self.send(operation, body, self.credentials.as_ref())
    }

    /// Makes a call that nobody has signed.
    pub fn call_unsigned(&self, operation: &str, body: &[u8]) -> Answer {
        self.send(operation, body, None)
    }

    fn send(&self, operation: &str, body: &[u8], credentials: Option<&Credentials>) -> Answer {
        let received = self.request(operation, body, credentials).and_then(|request| {
            let mut response = self.agent.run(request)?;
            let kind =
                response.headers().get("x-amzn-errortype").and_then(|kind| kind.to_str().ok()).map(str::to_owned);
            let body = response.body_mut().with_config().limit(MAX_ANSWER).read_to_vec()?;
            Ok((response.status().as_u16(), kind, body))
        });
        match received {
            Ok((status, kind, body)) => read(status, kind, &body),
            Err(error) => Answer::Silent(error.to_string()),
        }
    }

    fn request(
        &self,
        operation: &str,
        body: &[u8],
        credentials: Option<&Credentials>,
    ) -> Result<http::Request<Vec<u8>>> {
        let request = http::Request::post(&self.endpoint)
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("AWSCognitoIdentityProviderService.{operation}"))
            .body(body.to_vec())?;
        match credentials {
            Some(credentials) => self.signed(request, credentials),
            None => Ok(request),
        }
    }

    /// Adds the headers of a `SigV4` signature.
    fn signed(&self, mut request: http::Request<Vec<u8>>, credentials: &Credentials) -> Result<http::Request<Vec<u8>>> {
        let identity = credentials.clone().into();
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("cognito-idp")
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()?;
        let headers = request.headers().iter().map(|(name, value)| Ok((name.as_str(), value.to_str()?)));
        let headers = headers.collect::<std::result::Result<Vec<_>, http::header::ToStrError>>()?;
        let uri = request.uri().to_string();
        let body = SignableBody::Bytes(request.body());
        let signable = SignableRequest::new(request.method().as_str(), uri, headers.into_iter(), body)?;
        let (instructions, _) = sign(signable, &parameters.into())?.into_parts();
        instructions.apply_to_request_http1x(&mut request);
        Ok(request)
    }
}

fn read(status: u16, kind: Option<String>, body: &[u8]) -> Answer {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    if status != 200 {
        let name = text(&body["__type"]).or(kind).unwrap_or_default();
        // `com.amazonaws.cognitoidentityprovider#NotAuthorizedException` in the body, `NotAuthorizedException:http…` in the header.
        let name = name.split(':').next().and_then(|name| name.rsplit('#').next()).unwrap_or_default().to_owned();
        let message = text(&body["message"]).or_else(|| text(&body["Message"])).unwrap_or_default();
        return Answer::Refused(Refusal { status, name, message });
    }
    if body["AuthenticationResult"].is_object() {
        return Answer::Tokens(text(&body["AuthenticationResult"]["AccessToken"]).and_then(|token| user_of(&token)));
    }
    let Some(name) = text(&body["ChallengeName"]) else {
        return Answer::Unreadable("200 without tokens and without a challenge".to_owned());
    };
    let parameters = body["ChallengeParameters"].as_object().into_iter().flatten();
    let parameters = parameters.filter_map(|(name, value)| Some((name.clone(), text(value)?))).collect();
    Answer::Challenge(Challenge { name, parameters, session: text(&body["Session"]) })
}

/// Reads `username` from an access token, if it is a JWT.
fn user_of(token: &str) -> Option<String> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    claims["username"].as_str().map(str::to_owned)
}

impl Answer {
    /// Says what the server did, in a cell of the table.
    pub fn describe(&self) -> String {
        match self {
            Self::Tokens(_) => "signs in".to_owned(),
            Self::Challenge(challenge) if challenge.name == "PASSWORD_VERIFIER" => "sends a challenge".to_owned(),
            Self::Challenge(challenge) => format!("asks for {}", printable(&challenge.name)),
            Self::Refused(Refusal { status, name, .. }) if *status >= 500 || name.is_empty() => {
                format!("status {status} {}", printable(name)).trim_end().to_owned()
            }
            Self::Refused(refusal) => printable(&refusal.name),
            Self::Unreadable(what) => what.clone(),
            Self::Silent(error) => format!("no answer: {}", printable(error)),
        }
    }
}

/// Returns the head of a text of the server's, in characters that disturb no terminal and no table.
pub fn printable(text: &str) -> String {
    let shown = |character: char| if character.is_ascii_graphic() && character != '|' { character } else { ' ' };
    text.chars().take(100).map(shown).collect()
}
