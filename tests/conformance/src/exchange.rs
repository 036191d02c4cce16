//! One challenge, and the numbers of a client that answers it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cognito_srp6a::hazmat::{self, ElementBytes, Identity};
use cognito_srp6a::{Error, SecretBlock, Timestamp};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::bench::Bench;
use crate::check::Finding;
use crate::wire::{Answer, Challenge};

/// The client's `A`: the exponent and its power.
#[derive(Clone)]
pub struct Start {
    pub a: Vec<u8>,
    pub public: ElementBytes,
}

/// A challenge, and what it takes no power to know.
pub struct Opening {
    challenge: Challenge,
    pub b: ElementBytes,
    pub u: [u8; 32],
}

/// A challenge, and all but the claim of its answer.
pub struct Exchange {
    pub challenge: Challenge,
    /// The name for the hashes.
    pub id: String,
    /// The name for the answer.
    pub username: String,
    /// The bytes of the block.
    pub block: Vec<u8>,
    pub b: ElementBytes,
    pub premaster: ElementBytes,
    pub key: [u8; 16],
}

/// The way in which `enc` writes an integer that fills its bytes when it is long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// All bytes are written.
    Plain,
    /// The top bit is set, so a zero byte goes in front.
    Sign,
    /// The first byte is zero and not needed as a sign: bytes are left out.
    Short,
    /// The first byte is zero, and the value that begins behind it needs a sign byte. Two mistakes meet in it, so no check
    /// waits for it.
    ShortSign,
}

impl Shape {
    pub fn of(bytes: &[u8]) -> Self {
        let first = bytes.iter().position(|&byte| byte != 0).unwrap_or(bytes.len());
        let has_sign = bytes.get(first).is_some_and(|&byte| byte >= 0x80);
        match (first, has_sign) {
            (0, false) => Self::Plain,
            (0, true) => Self::Sign,
            (_, false) => Self::Short,
            (_, true) => Self::ShortSign,
        }
    }
}

impl Start {
    pub fn new(a: Vec<u8>) -> Self {
        let public = hazmat::client_public(&a).expect("32 bytes, not all zero");
        Self { a, public }
    }

    /// The same with `a + 1`, which costs an addition: `g` is 2.
    pub fn next(self) -> Self {
        let mut a = self.a;
        for byte in a.iter_mut().rev() {
            *byte = byte.wrapping_add(1);
            if *byte != 0 {
                break;
            }
        }
        Self { a, public: hazmat::add(&self.public, &self.public) }
    }

    /// `SRP_A` as clients send it.
    pub fn text(&self) -> String {
        hex(&self.public).trim_start_matches('0').to_owned()
    }
}

impl Opening {
    /// Reads a challenge. The answer must be one that a client can read.
    pub fn new(start: &Start, answer: Answer) -> Result<Self, Finding> {
        let challenge = match answer {
            Answer::Challenge(challenge) if challenge.name == "PASSWORD_VERIFIER" => challenge,
            other => return Err(Finding::fail(format!("{} in place of a challenge", other.describe()))),
        };
        let b = element(&integer(&challenge, "SRP_B")?);
        let u = hazmat::scrambler(&start.public, &b).map_err(refused)?;
        Ok(Self { challenge, b, u })
    }
}

impl Exchange {
    /// Computes what a client with this password computes.
    pub fn new(bench: &Bench<'_>, start: &Start, answer: Answer, password: &str) -> Result<Self, Finding> {
        Self::of_opening(bench, start, Opening::new(start, answer)?, password)
    }

    pub fn of_opening(bench: &Bench<'_>, start: &Start, opening: Opening, password: &str) -> Result<Self, Finding> {
        let Opening { challenge, b, u } = opening;
        let id = parameter(&challenge, "USER_ID_FOR_SRP")?.to_owned();
        let username = challenge.parameters.get("USERNAME").unwrap_or(&id).clone();
        let text = parameter(&challenge, "SECRET_BLOCK")?;
        // A text that is no Base64 is the block itself.
        let decoded = text.parse::<SecretBlock>();
        let block = decoded.map_or_else(|_| text.as_bytes().to_vec(), |block| block.as_bytes().to_vec());
        let identity = Identity { realm: bench.realm(), name: &id };
        let x = hazmat::private_key(identity, password.as_bytes(), &integer(&challenge, "SALT")?).map_err(refused)?;
        let premaster = hazmat::client_premaster(&start.a, &b, x, u).map_err(refused)?;
        let key = hazmat::session_key(u, &premaster).map_err(refused)?;
        Ok(Self { challenge, id, username, block, b, premaster, key })
    }

    /// The claim of this time's text over any block.
    pub fn claim(&self, bench: &Bench<'_>, block: &[u8], timestamp: &str) -> String {
        claim(bench, self.key, &self.id, block, timestamp)
    }

    /// The right answer with this text as timestamp.
    pub fn responses_at(&self, bench: &Bench<'_>, timestamp: &str) -> Map<String, Value> {
        self.responses_as(bench, &self.username, &self.claim(bench, &self.block, timestamp), timestamp)
    }

    /// An answer with the block of the challenge and the right `SECRET_HASH`, and any name and claim.
    pub fn responses_as(&self, bench: &Bench<'_>, username: &str, claim: &str, timestamp: &str) -> Map<String, Value> {
        let more = [
            ("PASSWORD_CLAIM_SECRET_BLOCK", self.block_text()),
            ("PASSWORD_CLAIM_SIGNATURE", claim),
            ("TIMESTAMP", timestamp),
        ];
        bench.parameters(username, &more)
    }

    /// The block as it came.
    pub fn block_text(&self) -> &str {
        &self.challenge.parameters["SECRET_BLOCK"]
    }

    /// The right answer.
    pub fn responses(&self, bench: &Bench<'_>) -> Map<String, Value> {
        self.responses_at(bench, &now())
    }

    /// The right answer but for some parameters.
    pub fn responses_with(&self, bench: &Bench<'_>, changes: &[(&str, Option<String>)]) -> Map<String, Value> {
        let mut responses = self.responses(bench);
        for (name, value) in changes {
            match value {
                Some(value) => responses.insert((*name).to_owned(), value.as_str().into()),
                None => responses.remove(*name),
            };
        }
        responses
    }

    pub fn session(&self) -> Option<&str> {
        self.challenge.session.as_deref()
    }
}

fn parameter<'a>(challenge: &'a Challenge, name: &str) -> Result<&'a str, Finding> {
    let found = challenge.parameters.get(name);
    found.map(String::as_str).ok_or_else(|| Finding::fail(format!("sends a challenge without {name}")))
}

fn integer(challenge: &Challenge, name: &str) -> Result<Vec<u8>, Finding> {
    hazmat::parse_ephemeral(parameter(challenge, name)?)
        .map_err(|error| Finding::fail(format!("sends a challenge that cannot be read: {name}, {error}")))
}

fn refused(error: Error) -> Finding {
    Finding::fail(format!("sends a challenge that a client must refuse: {error}"))
}

pub fn claim(bench: &Bench<'_>, key: [u8; 16], id: &str, block: &[u8], timestamp: &str) -> String {
    STANDARD.encode(hazmat::claim(key, Identity { realm: bench.realm(), name: id }, block, timestamp))
}

/// The key of an impostor whose `A` is 0 mod N, so that `S` is 0 on the server. `a` are the bytes that the server hashes.
pub fn key_without_password(a: &[u8], b: &ElementBytes) -> [u8; 16] {
    let u = Sha256::digest([enc(a), enc(b)].concat());
    hazmat::derive_key(&enc(&u), &enc(&[0]))
}

/// Returns `enc` of an integer of any length.
fn enc(magnitude: &[u8]) -> Vec<u8> {
    let first = magnitude.iter().position(|&byte| byte != 0).unwrap_or(magnitude.len());
    let magnitude = &magnitude[first..];
    let sign = magnitude.first().is_none_or(|&byte| byte >= 0x80);
    [if sign { &[0][..] } else { &[] }, magnitude].concat()
}

pub fn now() -> String {
    seconds_from_now(0)
}

/// A timestamp before or after this moment.
pub fn seconds_from_now(seconds: i64) -> String {
    let now = Timestamp::now().expect("a clock between the years 1000 and 9999");
    Timestamp::from_unix_seconds(now.unix_seconds() + seconds).expect("the same").to_string()
}

/// Widens an integer of at most 384 bytes.
pub fn element(bytes: &[u8]) -> ElementBytes {
    let mut element = [0; 384];
    element[384 - bytes.len()..].copy_from_slice(bytes);
    element
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::Shape;

    #[test]
    fn a_zero_byte_that_is_a_sign_is_not_plain() {
        for (bytes, shape) in [
            ([0x01, 0xff, 0xff], Shape::Plain),
            ([0x7f, 0x00, 0x00], Shape::Plain),
            ([0x80, 0x00, 0x00], Shape::Sign),
            ([0x00, 0x7f, 0x00], Shape::Short),
            ([0x00, 0x00, 0x7f], Shape::Short),
            ([0x00, 0x80, 0x00], Shape::ShortSign),
            ([0x00, 0x00, 0x80], Shape::ShortSign),
        ] {
            assert_eq!(Shape::of(&bytes), shape, "{bytes:x?}");
        }
    }
}
