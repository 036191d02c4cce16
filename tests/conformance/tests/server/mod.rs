//! A server on the crate's equations, each of whose rules can be broken alone.

mod http;
mod numbers;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cognito_srp6a::hazmat::{self, Identity};
use cognito_srp6a::{SecretBlock, Timestamp};
use rand::TryRng as _;
use rand::rngs::SysRng;
use serde_json::{Value, json};

use numbers::{Numbers, is_zero_mod_n};

pub const POOL: &str = "us-east-1_Faulty";
pub const REALM: &str = "Faulty";
pub const CLIENT: &str = "faultyclient";
pub const SECRET: &str = "0the0secret0of0the0faulty0client0";
pub const NAME: &str = "alice";
pub const ALIAS: &str = "alice@example.com";
pub const OTHER: &str = "bob";
pub const PASSWORD: &str = "Passw0rd!";
const SALT: &str = "c7886f05c0f06ceaa8d5f43be359fc51";

/// The rule that is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    NoChallenge,
    SmallB,
    OtherRealm,
    SameBlock,
    BlockIsNoBase64,
    NoSignByteOfA,
    NoSignByteOfB,
    NoSignByteOfU,
    NoSignByteOfS,
    NoSignByte,
    FixedWidthOfAAndB,
    FixedWidthOfS,
    ZerosOfUKept,
    OddDigitLost,
    LeadingZerosRefused,
    LowerCaseOnly,
    AliasInX,
    OtherFlowsRefused,
    UnknownRevealed,
    UnknownInOtherWords,
    UnknownSaltAnew,
    UnknownSaltShort,
    OthersBlockTaken,
    ZeroTaken,
    SignedHexTaken,
    HugeATaken,
    AnyClaim,
    PrefixOfClaim,
    MissingIsRight,
    BlockFoundByItsHead,
    LatestChallenge,
    CrashOnHugeBlock,
    StaleTaken,
    AnyTimestamp,
    OneErrorForTimestamps,
    OwnTimeSigned,
    NoHashAtStart,
    NoHashInAnswer,
    HashOfAliasTaken,
    NeedlessHashTaken,
    NeedlessHashRefused,
    LongNamesTaken,
    AnyClient,
    CrashOnHalf,
    HugeBodyTaken,
    HugeBodyLocks,
    UnsignedTaken,
    AnswersTwice,
}

/// What one server is.
#[derive(Clone, Copy)]
pub struct Rules {
    pub fault: Fault,
    pub has_secret: bool,
    pub single_use: bool,
}

/// A running server. It ends with the test's process.
pub struct Server {
    rules: Rules,
    pending: Mutex<HashMap<String, Pending>>,
    /// The block of the latest challenge.
    latest: Mutex<String>,
    locked: Mutex<bool>,
    /// How often each `A` came.
    seen: Mutex<HashMap<Vec<u8>, usize>>,
}

/// A challenge that waits for its answer.
#[derive(Clone)]
struct Pending {
    user: String,
    /// The name in the hashes.
    id: String,
    numbers: Numbers,
    in_session: bool,
    taken: bool,
}

/// An error's name and message; no name breaks the connection off.
#[derive(PartialEq)]
struct Refusal(&'static str, &'static str);

type Result<T> = std::result::Result<T, Refusal>;

const NOT_AUTHORIZED: Refusal = Refusal("NotAuthorizedException", "Incorrect username or password.");
const INVALID: Refusal = Refusal("InvalidParameterException", "");
const CRASH: Refusal = Refusal("", "");

pub fn start(rules: Rules) -> SocketAddr {
    let server = Server {
        rules,
        pending: Mutex::default(),
        latest: Mutex::default(),
        locked: Mutex::default(),
        seen: Mutex::default(),
    };
    http::serve(Arc::new(server))
}

impl Server {
    fn has(&self, fault: Fault) -> bool {
        self.rules.fault == fault
    }

    /// Answers a call; nothing breaks the connection off.
    fn call(&self, operation: &str, is_signed: bool, body: &[u8]) -> Option<(u16, Value)> {
        match self.answer(operation, is_signed, body) {
            Ok(answer) => Some((200, answer)),
            Err(CRASH) => None,
            Err(Refusal(name, message)) => Some((400, json!({"__type": name, "message": message}))),
        }
    }

    fn answer(&self, operation: &str, is_signed: bool, body: &[u8]) -> Result<Value> {
        let operation = match operation.strip_prefix("Admin") {
            Some(_) if !is_signed && !self.has(Fault::UnsignedTaken) => {
                return Err(Refusal("MissingAuthenticationTokenException", ""));
            }
            rest => rest.unwrap_or(operation),
        };
        if body.len() > 1 << 20 && !self.has(Fault::HugeBodyTaken) {
            *self.locked.lock().unwrap() = self.has(Fault::HugeBodyLocks);
            return Err(Refusal("RequestEntityTooLargeException", ""));
        }
        let body: Value = match serde_json::from_slice(body) {
            Ok(body) => body,
            Err(_) if self.has(Fault::CrashOnHalf) => return Err(CRASH),
            Err(_) => return Err(Refusal("SerializationException", "")),
        };
        if body["ClientId"] != CLIENT && !self.has(Fault::AnyClient) {
            return Err(Refusal("ResourceNotFoundException", ""));
        }
        match operation {
            "InitiateAuth" => self.initiate(text(&body, "AuthFlow")?, &body["AuthParameters"]),
            _ if body["ChallengeName"] == "SELECT_CHALLENGE" => self.challenge(&body["ChallengeResponses"], true),
            _ => self.respond(&body["ChallengeResponses"]),
        }
    }

    fn initiate(&self, flow: &str, parameters: &Value) -> Result<Value> {
        if self.has(Fault::NoChallenge) {
            return Err(INVALID);
        }
        self.check_hash_at_start(parameters)?;
        let chooses = flow == "USER_AUTH" && parameters["SRP_A"].is_null();
        if chooses {
            return Ok(
                json!({"ChallengeName": "SELECT_CHALLENGE", "Session": "session".repeat(4), "ChallengeParameters": {}}),
            );
        }
        self.challenge(parameters, flow != "USER_SRP_AUTH")
    }

    fn check_hash_at_start(&self, parameters: &Value) -> Result<()> {
        let presented = parameters["SECRET_HASH"].as_str();
        let right = match (self.rules.has_secret, presented) {
            (false, None) => true,
            (false, Some(_)) => self.has(Fault::NeedlessHashTaken),
            (true, presented) => {
                self.has(Fault::NoHashAtStart) || presented == Some(&hash(text(parameters, "USERNAME")?))
            }
        };
        if right { Ok(()) } else { Err(NOT_AUTHORIZED) }
    }

    /// `PASSWORD_VERIFIER`.
    fn challenge(&self, parameters: &Value, in_session: bool) -> Result<Value> {
        let typed = text(parameters, "USERNAME")?;
        if typed.len() > 128 && !self.has(Fault::LongNamesTaken) {
            return Err(INVALID);
        }
        let user = if typed == ALIAS { NAME } else { typed };
        let is_known = [NAME, OTHER].contains(&user);
        if !is_known && self.has(Fault::UnknownRevealed) {
            return Err(Refusal("UserNotFoundException", ""));
        }
        let a = self.srp_a(text(parameters, "SRP_A")?)?;
        let count = {
            let mut seen = self.seen.lock().unwrap();
            let count = seen.entry(a.clone()).or_default();
            *count += 1;
            *count
        };
        // Bob's password and those of unknown users are nobody's.
        let password = if user == NAME { PASSWORD.to_owned() } else { format!("{user}, {SECRET}") };
        let id = if self.has(Fault::AliasInX) { typed } else { user };
        let salt = self.salt_of(is_known);
        let salt_bytes = hazmat::parse_ephemeral(&salt).unwrap();
        let x = hazmat::private_key(Identity { realm: REALM, name: id }, password.as_bytes(), &salt_bytes).unwrap();
        let numbers = Numbers::new(a, &hazmat::verifier(x), count);
        let (block, key) = self.block();
        let b = if self.has(Fault::SmallB) { hex(&random::<128>()) } else { hex(&numbers.b_public) };
        let challenge = json!({
            "ChallengeName": "PASSWORD_VERIFIER",
            "ChallengeParameters": {
                "USERNAME": user, "USER_ID_FOR_SRP": user, "SALT": salt, "SRP_B": b, "SECRET_BLOCK": block,
            },
        });
        let pending = Pending { user: user.to_owned(), id: id.to_owned(), numbers, in_session, taken: false };
        self.pending.lock().unwrap().insert(key.clone(), pending);
        *self.latest.lock().unwrap() = key;
        Ok(challenge)
    }

    fn salt_of(&self, is_known: bool) -> String {
        match self.rules.fault {
            Fault::UnknownSaltAnew if !is_known => hex(&random::<16>()),
            Fault::UnknownSaltShort if !is_known => SALT[..8].to_owned(),
            _ => SALT.to_owned(),
        }
    }

    /// A new block, and the name under which its challenge waits.
    fn block(&self) -> (String, String) {
        let bytes = if self.has(Fault::SameBlock) { [7; 48] } else { random::<48>() };
        let text = if self.has(Fault::BlockIsNoBase64) {
            format!("{}-{}", hex(&bytes[..8]), hex(&bytes[8..]))
        } else {
            STANDARD.encode(bytes)
        };
        let name = self.name_of(&text);
        (text, name)
    }

    fn name_of(&self, block: &str) -> String {
        if self.has(Fault::BlockFoundByItsHead) { block.chars().take(16).collect() } else { block.to_owned() }
    }

    /// Reads `SRP_A`: its bytes as they are hashed.
    fn srp_a(&self, text: &str) -> Result<Vec<u8>> {
        if self.has(Fault::SignedHexTaken) && text.starts_with('-') {
            return Ok(vec![0; 384]);
        }
        if text.is_empty() || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(INVALID);
        }
        let refused = match self.rules.fault {
            Fault::LeadingZerosRefused => text.starts_with("00"),
            Fault::LowerCaseOnly => text.bytes().any(|digit| digit.is_ascii_uppercase()),
            _ => false,
        };
        if refused || text.len() > 770 && !self.has(Fault::HugeATaken) {
            return Err(INVALID);
        }
        let text = &text[..if self.has(Fault::OddDigitLost) { text.len() / 2 * 2 } else { text.len() }];
        let text = if text.len() > 770 { "2" } else { text };
        let digits = format!("{text:0>770}");
        let bytes: Vec<_> =
            (0..385).map(|index| u8::from_str_radix(&digits[2 * index..2 * index + 2], 16).unwrap()).collect();
        if is_zero_mod_n(&bytes) {
            return if self.has(Fault::ZeroTaken) { Ok(bytes) } else { Err(INVALID) };
        }
        if bytes[0] != 0 || bytes[1..] >= hazmat::modulus()[..] {
            return Err(INVALID);
        }
        Ok(bytes[1..].to_vec())
    }

    fn respond(&self, responses: &Value) -> Result<Value> {
        let claims = STANDARD.encode(json!({"username": responses["USERNAME"]}).to_string()).replace('=', "");
        let tokens = json!({"AuthenticationResult": {"AccessToken": format!("head.{claims}.signature")}});
        let names = ["PASSWORD_CLAIM_SECRET_BLOCK", "PASSWORD_CLAIM_SIGNATURE", "TIMESTAMP"];
        if self.has(Fault::MissingIsRight) && names.iter().any(|name| responses[name].is_null()) {
            return Ok(tokens);
        }
        let typed = text(responses, "USERNAME")?;
        let user = if typed == ALIAS { NAME } else { typed };
        self.check_hash_in_answer(responses, user)?;
        let [block, signature, timestamp] = names.map(|name| text(responses, name));
        let (block, signature, timestamp) = (block?, signature?, timestamp?);
        if block.len() > 100_000 {
            return Err(if self.has(Fault::CrashOnHugeBlock) { CRASH } else { INVALID });
        }
        self.check_timestamp(timestamp)?;
        let pending = self.take(block, user)?;
        if *self.locked.lock().unwrap() || self.has(Fault::OtherFlowsRefused) && pending.in_session {
            return Err(NOT_AUTHORIZED);
        }
        let block =
            block.parse::<SecretBlock>().map_or_else(|_| block.as_bytes().to_vec(), |block| block.as_bytes().to_vec());
        if self.fits(&pending, &block, signature, timestamp) {
            return Ok(tokens);
        }
        let is_known = [NAME, OTHER].contains(&user);
        let other_words = self.has(Fault::UnknownInOtherWords) && !is_known;
        Err(if other_words { Refusal("NotAuthorizedException", "No such user.") } else { NOT_AUTHORIZED })
    }

    fn check_hash_in_answer(&self, responses: &Value, user: &str) -> Result<()> {
        let presented = responses["SECRET_HASH"].as_str();
        let right = match (self.rules.has_secret, presented) {
            (false, presented) => presented.is_none() || !self.has(Fault::NeedlessHashRefused),
            (true, presented) => {
                let of_alias = self.has(Fault::HashOfAliasTaken) && presented == Some(&hash(ALIAS));
                self.has(Fault::NoHashInAnswer) || of_alias || presented == Some(&hash(user))
            }
        };
        if right { Ok(()) } else { Err(NOT_AUTHORIZED) }
    }

    /// A timestamp must be of the exact form and near the clock.
    fn check_timestamp(&self, text: &str) -> Result<()> {
        let Ok(timestamp) = text.parse::<Timestamp>() else {
            return match self.rules.fault {
                Fault::AnyTimestamp => Ok(()),
                Fault::OneErrorForTimestamps => Err(NOT_AUTHORIZED),
                // A wrong weekday or a padded day can be read.
                _ if text.contains("UTC") && !text.contains("  ") => Err(NOT_AUTHORIZED),
                _ => Err(INVALID),
            };
        };
        let distance = Timestamp::now().unwrap().unix_seconds().abs_diff(timestamp.unix_seconds());
        if distance < 300 || self.has(Fault::StaleTaken) { Ok(()) } else { Err(NOT_AUTHORIZED) }
    }

    /// Finds the challenge of a block for a user.
    fn take(&self, block: &str, user: &str) -> Result<Pending> {
        let name =
            if self.has(Fault::LatestChallenge) { self.latest.lock().unwrap().clone() } else { self.name_of(block) };
        let mut all = self.pending.lock().unwrap();
        let pending = all.get_mut(&name).ok_or(NOT_AUTHORIZED)?;
        let is_unknown = ![NAME, OTHER].contains(&user);
        if is_unknown && self.has(Fault::UnknownRevealed) {
            return Err(Refusal("UserNotFoundException", ""));
        }
        if pending.user != user && !self.has(Fault::OthersBlockTaken) {
            return Err(NOT_AUTHORIZED);
        }
        let again = std::mem::replace(&mut pending.taken, true);
        if again && self.rules.single_use && !self.has(Fault::AnswersTwice) {
            return Err(NOT_AUTHORIZED);
        }
        Ok(pending.clone())
    }

    /// Returns whether a claim is right.
    fn fits(&self, pending: &Pending, block: &[u8], signature: &str, timestamp: &str) -> bool {
        if self.has(Fault::AnyClaim) {
            return true;
        }
        let Ok(signature) = STANDARD.decode(signature) else { return false };
        let key = pending.numbers.key(self.rules.fault);
        let realm = if self.has(Fault::OtherRealm) { POOL } else { REALM };
        let claim = |timestamp: &str| hazmat::claim(key, Identity { realm, name: &pending.id }, block, timestamp);
        match self.rules.fault {
            Fault::PrefixOfClaim => signature.iter().zip(claim(timestamp)).all(|(one, other)| *one == other),
            Fault::OwnTimeSigned => around(timestamp).iter().any(|timestamp| claim(timestamp)[..] == signature[..]),
            _ => claim(timestamp)[..] == signature[..],
        }
    }
}

/// The seconds around a time.
fn around(timestamp: &str) -> Vec<String> {
    let Ok(time) = timestamp.parse::<Timestamp>() else { return Vec::new() };
    (-5..=5).map(|seconds| Timestamp::from_unix_seconds(time.unix_seconds() + seconds).unwrap().to_string()).collect()
}

fn hash(username: &str) -> String {
    STANDARD.encode(hazmat::secret_hash(SECRET.as_bytes(), username, CLIENT))
}

fn text<'a>(map: &'a Value, name: &str) -> Result<&'a str> {
    map[name].as_str().ok_or(INVALID)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn random<const LEN: usize>() -> [u8; LEN] {
    let mut bytes = [0; LEN];
    SysRng.try_fill_bytes(&mut bytes).unwrap();
    bytes
}
