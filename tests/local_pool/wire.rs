//! HTTP by hand, for requests that no client would send.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use cognito_srp6a::idp::AuthResponse;
use cognito_srp6a::{PasswordChallenge, Timestamp, UserSignIn};
use serde_json::{Value, json};

use crate::client::{SIGNATURE, Site};
use crate::common::{pass, user_name};

/// One connection that is kept.
pub struct Wire {
    stream: TcpStream,
    /// What has been read beyond the last answer.
    ahead: Vec<u8>,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    /// The error's name and message. An answer that is not of the service's shape fails the test.
    pub fn error(&self) -> (String, String) {
        let body = self.json();
        let name = body["__type"].as_str().unwrap_or_else(|| panic!("no name in {self:?}"));
        let message = body["message"].as_str().unwrap_or_else(|| panic!("no message in {self:?}"));
        assert!(self.head.to_lowercase().contains(&format!("x-amzn-errortype: {}\r\n", name.to_lowercase())));
        (name.into(), message.into())
    }

    pub fn json(&self) -> Value {
        assert!(self.head.to_lowercase().contains("content-type: application/x-amz-json-1.1\r\n"), "{}", self.head);
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }
}

impl Wire {
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        Self { stream, ahead: Vec::new() }
    }

    /// Sends a call and reads the answer; the connection must survive it.
    pub fn call(&mut self, operation: &str, body: &[u8]) -> Answer {
        let answer =
            self.send(&head(operation, body.len()), body).unwrap_or_else(|error| panic!("{error}, after {body:?}"));
        assert!(!answer.head.to_lowercase().contains("connection: close"), "the pool hangs up after {body:?}");
        answer
    }

    /// Returns the right answer to a challenge of `USER_SRP_AUTH`, made at a time.
    pub fn claim(&mut self, site: &Site, name: &str, password: &str, now: Timestamp) -> Value {
        let (sign_in, start) = UserSignIn::start(&site.app, &user_name(name)).unwrap();
        let answer = self.call("InitiateAuth", &initiate(&object(start.into_pairs())));
        let response = AuthResponse::from_json(&answer.body).unwrap();
        assert!(response.session().is_none(), "USER_SRP_AUTH has none");
        let challenge = PasswordChallenge::from_parameters(response.challenge_parameters()).unwrap();
        object(sign_in.answer(challenge, &pass(password), now).unwrap().into_pairs())
    }

    pub fn send(&mut self, head: &str, body: &[u8]) -> io::Result<Answer> {
        let mut request = head.as_bytes().to_vec();
        request.extend_from_slice(body);
        self.stream.write_all(&request)?;
        self.answer()
    }

    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    pub fn answer(&mut self) -> io::Result<Answer> {
        let end = loop {
            if let Some(end) = self.ahead.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            self.read_more()?;
        };
        let head = String::from_utf8(self.ahead.drain(..end).collect()).unwrap();
        let lower = head.to_lowercase();
        let length = lower.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
        let length: usize = length.expect("an answer says its length").parse().unwrap();
        while self.ahead.len() < length {
            self.read_more()?;
        }
        let body = self.ahead.drain(..length).collect();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Ok(Answer { status, head, body })
    }

    fn read_more(&mut self) -> io::Result<()> {
        let mut buffer = [0; 16 * 1024];
        match self.stream.read(&mut buffer)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                self.ahead.extend_from_slice(&buffer[..read]);
                Ok(())
            }
        }
    }
}

/// A request's head, signed as far as the pool looks.
pub fn head(operation: &str, length: usize) -> String {
    format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\n\
         X-Amz-Target: AWSCognitoIdentityProviderService.{operation}\r\nAuthorization: {SIGNATURE}\r\n\
         Content-Length: {length}\r\n\r\n"
    )
}

/// The body that starts `USER_SRP_AUTH`.
pub fn initiate(parameters: &Value) -> Vec<u8> {
    json!({"ClientId": "localpoolclient", "AuthFlow": "USER_SRP_AUTH", "AuthParameters": parameters}).to_string().into()
}

/// The body that answers `PASSWORD_VERIFIER`.
pub fn respond(responses: &Value) -> Vec<u8> {
    let name = "PASSWORD_VERIFIER";
    json!({"ClientId": "localpoolclient", "ChallengeName": name, "ChallengeResponses": responses}).to_string().into()
}

/// The JSON object of a message.
fn object(pairs: Vec<(&'static str, String)>) -> Value {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect()
}
