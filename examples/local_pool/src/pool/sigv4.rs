//! AWS Signature Version 4 (`SigV4`): whether a holder of an access key has made a call.
//!
//! `aws-sigv4`, AWS's library, makes signatures and does not check them. To make one again it wants a clock in place of the
//! date that came, it decides which headers it signs, and it brings more crates than this pool has. What is left to do here
//! is one text and five HMACs. They are of the `hmac` of the crate, which wipes its keys; `ring` does not.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime};
use cognito_srp6a::Timestamp;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::head::Head;
use super::random::to_hex;
use super::refusal::{self, Result};

pub const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const SERVICE: &str = "cognito-idp";
const TERMINATOR: &str = "aws4_request";

/// The headers that a signature must cover. Without the date it is good forever, without the target for every call.
const COVERED: [&str; 3] = ["host", "x-amz-date", "x-amz-target"];

/// How far the date of a call may be from the clock, in seconds.
const TOLERANCE: i64 = 5 * 60;

/// ISO 8601 in its basic format.
const DATE: &str = "%Y%m%dT%H%M%SZ";

/// The secret of an access key. Its copies share it.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub struct SecretAccessKey(Arc<Zeroizing<String>>);

/// Checks the signatures of one pool.
pub struct Signatures {
    /// Access keys: ids and secrets.
    keys: BTreeMap<String, SecretAccessKey>,
    region: String,
    service: &'static str,
}

/// `Authorization`, in parts.
struct Authorization<'a> {
    algorithm: &'a str,
    credential: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

impl Signatures {
    pub fn new(keys: BTreeMap<String, SecretAccessKey>, region: &str) -> Self {
        Self { keys, region: region.to_owned(), service: SERVICE }
    }

    /// Refuses a call that no holder of an access key has made in this form a short time ago.
    ///
    /// The order of the checks is that of AWS's services.
    pub fn check(&self, head: Head<'_>, body: &[u8], now: Timestamp) -> Result<()> {
        let header = head.header("authorization").filter(|header| header.starts_with("AWS4-"));
        let header = header.ok_or_else(refusal::unsigned)?;
        let date = head.header("x-amz-date");
        let authorization = Authorization::read(header, date.is_some())?;
        let date = date.unwrap_or_default();
        check_date(date, now)?;
        let names: Vec<_> = authorization.signed_headers.split(';').collect();
        if let Some(missing) = COVERED.iter().find(|name| !names.contains(*name)) {
            return Err(refusal::bad_signature(format!(
                "'{missing}' must be a 'SignedHeader' in the AWS Authorization."
            )));
        }
        if authorization.algorithm != ALGORITHM {
            return Err(refusal::incomplete_signature(format!(
                "Unsupported AWS 'algorithm' (only {ALGORITHM} for now)."
            )));
        }
        let [id, day, region, service, terminator] = authorization.credential.split('/').collect::<Vec<_>>()[..] else {
            let message =
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.";
            return Err(refusal::incomplete_signature(message));
        };
        self.check_scope([day, region, service, terminator], date)?;
        let secret = self.keys.get(id).ok_or_else(refusal::unknown_key)?;
        let canonical = canonical_request("POST", head, &names, body);
        let canonical = canonical.ok_or_else(refusal::wrong_signature)?;
        let right = self.signature(secret, date, &canonical);
        if !bool::from(right.as_bytes().ct_eq(authorization.signature.as_bytes())) {
            return Err(refusal::wrong_signature());
        }
        // The pool issues no temporary credentials.
        if head.headers.contains_key("x-amz-security-token") { Err(refusal::unknown_key()) } else { Ok(()) }
    }

    fn check_scope(&self, [day, region, service, terminator]: [&str; 4], date: &str) -> Result<()> {
        let scoped = "Credential should be scoped";
        let wrong = [
            (region != self.region, format!("{scoped} to a valid region, '{}'.", self.region)),
            (service != self.service, format!("{scoped} to correct service: '{}'.", self.service)),
            (terminator != TERMINATOR, format!("{scoped} with a valid terminator: '{TERMINATOR}'.")),
            (day != day_of(date), "Date in Credential scope does not match YYYYMMDD of the date from HTTP.".to_owned()),
        ];
        let wrong: Vec<_> = wrong.into_iter().filter_map(|(is_wrong, message)| is_wrong.then_some(message)).collect();
        if wrong.is_empty() { Ok(()) } else { Err(refusal::bad_signature(wrong.join(" "))) }
    }

    /// Returns the signature of a canonical request, in hex.
    fn signature(&self, secret: &SecretAccessKey, date: &str, canonical_request: &[u8]) -> String {
        let scope = [day_of(date), &self.region, self.service, TERMINATOR];
        let hash = to_hex(&Sha256::digest(canonical_request));
        let string_to_sign = format!("{ALGORITHM}\n{date}\n{}\n{hash}", scope.join("/"));
        let first = Zeroizing::new(["AWS4", &secret.0].concat().into_bytes());
        let signing_key = scope.iter().fold(first, |key, part| hmac(&key, part.as_bytes()));
        to_hex(&hmac(&signing_key, string_to_sign.as_bytes()))
    }
}

impl<'a> Authorization<'a> {
    /// Reads the header: an algorithm, and three parameters in any order.
    fn read(header: &'a str, has_date: bool) -> Result<Self> {
        let (algorithm, parameters) = header.split_once(' ').unwrap_or((header, ""));
        let mut read = [("Credential", None), ("Signature", None), ("SignedHeaders", None)];
        for parameter in parameters.split(',').map(str::trim).filter(|parameter| !parameter.is_empty()) {
            let named = parameter.split_once('=');
            let place =
                named.and_then(|(name, _)| read.iter_mut().find(|(known, value)| *known == name && value.is_none()));
            let unknown =
                || refusal::incomplete_signature("A parameter of the Authorization header is unknown or repeated.");
            place.ok_or_else(unknown)?.1 = named.map(|(_, value)| value);
        }
        let missing = read.iter().filter(|(_, value)| value.is_none_or(str::is_empty));
        let mut wrong: Vec<_> =
            missing.map(|(name, _)| format!("Authorization header requires '{name}' parameter.")).collect();
        if !has_date {
            wrong.push(
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.".to_owned(),
            );
        }
        if !wrong.is_empty() {
            return Err(refusal::incomplete_signature(wrong.join(" ")));
        }
        let [credential, signature, signed_headers] = read.map(|(_, value)| value.unwrap_or_default());
        Ok(Self { algorithm, credential, signed_headers, signature })
    }
}

/// Refuses the date of a call that is not of now.
fn check_date(date: &str, now: Timestamp) -> Result<()> {
    let read = NaiveDateTime::parse_from_str(date, DATE).ok().filter(|read| read.format(DATE).to_string() == date);
    let Some(read) = read else {
        return Err(refusal::incomplete_signature("Date must be in ISO-8601 'basic format'."));
    };
    let (read, now) = (read.and_utc().timestamp(), now.unix_seconds());
    let text = |seconds| DateTime::from_timestamp(seconds, 0).unwrap_or_default().format(DATE);
    let (earliest, latest) = (now - TOLERANCE, now + TOLERANCE);
    if read < earliest {
        let limit = format!("{} ({} - 5 min.)", text(earliest), text(now));
        return Err(refusal::bad_signature(format!("Signature expired: {} is now earlier than {limit}", text(read))));
    }
    if read > latest {
        let limit = format!("{} ({} + 5 min.)", text(latest), text(now));
        return Err(refusal::bad_signature(format!(
            "Signature not yet current: {} is still later than {limit}",
            text(read)
        )));
    }
    Ok(())
}

/// Returns the day of a date.
fn day_of(date: &str) -> &str {
    date.split_once('T').map_or(date, |(day, _)| day)
}

// <HTTPMethod>\n<CanonicalURI>\n<CanonicalQueryString>\n<CanonicalHeaders>\n<SignedHeaders>\n<HashedPayload>

/// Returns the request as it is signed, or nothing if a signed header did not come, or if their names are not in lower case or not
/// sorted.
///
/// The path and the query stand as they came: the calls of the service have the path `/` and no query. A name that could
/// stand twice, in another case too, would make a long text of a short head.
fn canonical_request(method: &str, head: Head<'_>, names: &[&str], body: &[u8]) -> Option<Vec<u8>> {
    let is_lower = |name: &&str| !name.bytes().any(|byte| byte.is_ascii_uppercase());
    if !names.iter().all(is_lower) || !names.is_sorted_by(|one, next| one < next) {
        return None;
    }
    let (path, query) = (head.uri.path(), head.uri.query().unwrap_or_default());
    let mut text = format!("{method}\n{path}\n{query}\n").into_bytes();
    for name in names {
        let mut values = head.headers.get_all(*name).iter().peekable();
        values.peek()?;
        text.extend_from_slice(name.as_bytes());
        let mut before = b':';
        for value in values {
            text.push(before);
            push_trimmed(&mut text, value.as_bytes());
            before = b',';
        }
        text.push(b'\n');
    }
    text.extend_from_slice(format!("\n{}\n{}", names.join(";"), to_hex(&Sha256::digest(body))).as_bytes());
    Some(text)
}

/// Adds a value without the spaces around it. Several spaces in a row become one.
fn push_trimmed(text: &mut Vec<u8>, value: &[u8]) {
    let words = value.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    for (place, word) in words.enumerate() {
        text.extend_from_slice(if place == 0 { b"" } else { b" " });
        text.extend_from_slice(word);
    }
}

fn hmac(key: &[u8], message: &[u8]) -> Zeroizing<Vec<u8>> {
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    Zeroizing::new(mac.chain_update(message).finalize().into_bytes().to_vec())
}

impl From<String> for SecretAccessKey {
    fn from(secret: String) -> Self {
        Self(Arc::new(Zeroizing::new(secret)))
    }
}

impl SecretAccessKey {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for SecretAccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretAccessKey").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
