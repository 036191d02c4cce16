//! A Lambda function behind HTTP: one POST with the event as body, as Lambda's runtime interface emulator takes it.

use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use hyper::Uri;

/// The longest answer that is read, in bytes: 256 KiB.
const MAX_BODY: u64 = 256 << 10;

/// The header of a function that has failed.
const FUNCTION_ERROR: &str = "x-amz-function-error";

/// Where a function is called: a URL on this machine.
#[derive(Clone, Debug)]
pub struct FunctionUrl(String);

impl FromStr for FunctionUrl {
    type Err = &'static str;

    /// Events hold passwords and codes, so they go to this machine only. A name might lead elsewhere.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url: Uri = text.parse().map_err(|_| "this is no URL")?;
        let host = url.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        let is_loopback = host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
        let has_user = url.authority().is_some_and(|authority| authority.as_str().contains('@'));
        match url.scheme_str() {
            Some("http") if is_loopback && !has_user => Ok(Self(text.to_owned())),
            Some("http") => Err("the URL's host must be a loopback address, such as 127.0.0.1"),
            _ => Err("the URL must start with http://"),
        }
    }
}

/// Something that takes an event and gives an answer.
pub trait Function: Send + Sync {
    /// # Errors
    ///
    /// [`Failure`] if there is no answer.
    fn invoke(&self, event: &[u8]) -> Result<Answer, Failure>;
}

/// The answer of a function.
pub struct Answer {
    /// Whether the function says that it has failed.
    pub is_error: bool,
    pub body: Vec<u8>,
}

/// The reason why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    TimedOut,
    Unreachable,
    /// Something else than HTTP 200 came back.
    Status(u16),
    TooLong,
}

/// A function behind HTTP.
pub struct HttpFunction {
    agent: ureq::Agent,
    url: FunctionUrl,
}

impl HttpFunction {
    /// `patience` limits the time of a call, from the connection to the last byte of the answer.
    #[must_use]
    pub fn new(url: FunctionUrl, patience: Duration) -> Self {
        let config = ureq::Agent::config_builder();
        let config = config.timeout_global(Some(patience)).proxy(None).max_redirects(0).http_status_as_error(false);
        // The emulator ends its connections when it likes.
        let config = config.max_idle_connections(0).user_agent("local_pool");
        Self { agent: config.build().into(), url }
    }
}

impl Function for HttpFunction {
    fn invoke(&self, event: &[u8]) -> Result<Answer, Failure> {
        let call = self.agent.post(&self.url.0).header("content-type", "application/json");
        let mut response = call.send(event).map_err(|error| failure(&error))?;
        if response.status() != 200 {
            return Err(Failure::Status(response.status().as_u16()));
        }
        let is_error = response.headers().contains_key(FUNCTION_ERROR);
        let body = response.body_mut().with_config().limit(MAX_BODY).read_to_vec();
        Ok(Answer { is_error, body: body.map_err(|error| failure(&error))? })
    }
}

fn failure(error: &ureq::Error) -> Failure {
    match error {
        ureq::Error::Timeout(_) => Failure::TimedOut,
        ureq::Error::BodyExceedsLimit(_) => Failure::TooLong,
        _ => Failure::Unreachable,
    }
}
