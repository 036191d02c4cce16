//! What the tests share: an independent oracle, a scripted service, random sources that can be replayed, and random accounts.

#![allow(dead_code, reason = "every file of tests is a crate of its own and uses a part of this")]

pub mod oracle;
pub mod service;

use std::collections::HashMap;
use std::fmt;

use cognito_srp6a::hazmat::ElementBytes;
use cognito_srp6a::server::DeviceRecord;
use cognito_srp6a::{
    AppClient, ClientSecret, Device, DeviceKey, DeviceSrpResponses, DeviceVerifier, Password, PoolId, SrpA, Timestamp,
    Username,
};
use num_bigint::BigUint;
use rand::rngs::{StdRng, SysRng};
use rand::{RngExt as _, SeedableRng as _, TryCryptoRng, TryRng};

/// A message as it crosses the wire: what the AWS SDK for Rust calls parameters or responses.
pub type Map = HashMap<String, String>;

/// Writes an integer in the fixed width of a group element.
pub fn element(value: &BigUint) -> ElementBytes {
    let bytes = value.to_bytes_be();
    let mut out = [0; 384];
    out[384 - bytes.len()..].copy_from_slice(&bytes);
    out
}

/// Reads a big-endian integer.
pub fn integer(bytes: &[u8]) -> BigUint {
    BigUint::from_bytes_be(bytes)
}

/// Writes bytes as lower-case hex, two digits each.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// A random source that is different in each run. A failing test prints its seed, and the same seed in the
/// environment variable `COGNITO_SRP6A_SEED` repeats the run.
pub fn fresh_rng() -> StdRng {
    let seed = match std::env::var("COGNITO_SRP6A_SEED") {
        Ok(seed) => seed.parse().expect("the seed is a decimal number"),
        Err(_) => SysRng.try_next_u64().expect("the system has randomness"),
    };
    println!("repeat with COGNITO_SRP6A_SEED={seed}");
    StdRng::seed_from_u64(seed)
}

/// A random source that plays the given bytes and fails when they are used up.
pub struct ScriptedRng<'a>(&'a [u8]);

impl<'a> ScriptedRng<'a> {
    pub fn new(script: &'a [u8]) -> Self {
        Self(script)
    }

    /// How many bytes have not been played.
    pub fn left(&self) -> usize {
        self.0.len()
    }
}

/// The script of a [`ScriptedRng`] is over.
#[derive(Debug)]
pub struct EndOfScript;

impl fmt::Display for EndOfScript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the script is over")
    }
}

impl std::error::Error for EndOfScript {}

impl TryRng for ScriptedRng<'_> {
    type Error = EndOfScript;

    fn try_next_u32(&mut self) -> Result<u32, EndOfScript> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes).map(|()| u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, EndOfScript> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes).map(|()| u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), EndOfScript> {
        let (now, later) = self.0.split_at_checked(out.len()).ok_or(EndOfScript)?;
        out.copy_from_slice(now);
        self.0 = later;
        Ok(())
    }
}

impl TryCryptoRng for ScriptedRng<'_> {}

/// Everything that a sign-in depends on besides its random numbers.
#[derive(Clone, Debug)]
pub struct Account {
    pub pool_id: String,
    pub client_id: String,
    pub client_secret: Option<String>,
    pub user_id: String,
    /// The name that is typed: the user id or an alias.
    pub typed: String,
    pub password: String,
    /// Seconds since 1970, far enough from both ends of the calendar for a test to add and subtract.
    pub now: i64,
}

impl Account {
    /// An account in which everything is random, within the limits of the service.
    pub fn random(rng: &mut StdRng) -> Self {
        let name = random_text(rng, 1, 55 - 32, ALPHANUMERIC);
        // An underscore in the region moves the border: the name begins after the first one.
        let region = random_text(rng, 1, 15, ALPHANUMERIC) + &random_text(rng, 0, 16, &[ALPHANUMERIC, b"-_"].concat());
        let client_characters = [ALPHANUMERIC, b"_+"].concat();
        let user_id = random_unicode(rng, 1, 128);
        Self {
            pool_id: format!("{region}_{name}"),
            client_id: random_text(rng, 1, 128, &client_characters),
            client_secret: rng.random::<bool>().then(|| random_text(rng, 24, 64, &client_characters)),
            typed: if rng.random() { user_id.clone() } else { random_unicode(rng, 1, 128) },
            user_id,
            password: random_unicode(rng, 0, 256),
            now: rng.random_range(100_000..253_402_200_000),
        }
    }

    /// An account like those in Cognito's documentation.
    pub fn plain() -> Self {
        Self {
            pool_id: "us-east-1_AbCdEfGhI".into(),
            client_id: "1example23456789".into(),
            client_secret: Some("9example87654321abcdefghij".into()),
            user_id: "5789f8e3-0c2b-4b1e-9df1-3a0b1c2d3e4f".into(),
            typed: "alice@example.com".into(),
            password: "correct horse battery staple".into(),
            now: 1_704_164_645,
        }
    }

    pub fn app(&self) -> AppClient {
        let app = AppClient::new(self.pool(), &*self.client_id).expect("the client id is valid");
        match &self.client_secret {
            Some(secret) => app.with_secret(ClientSecret::new(&**secret).expect("the secret is valid")),
            None => app,
        }
    }

    pub fn pool(&self) -> PoolId {
        self.pool_id.parse().expect("the pool id is valid")
    }

    /// The pool's name as the oracle takes it.
    pub fn realm(&self) -> &str {
        self.pool_id.split_once('_').expect("a pool id has an underscore").1
    }

    pub fn now(&self) -> Timestamp {
        time(self.now)
    }
}

/// A timestamp from seconds.
pub fn time(unix_seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(unix_seconds).expect("the time is in the calendar")
}

const ALPHANUMERIC: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A length between two limits: often short, and often one of the limits.
fn random_length(rng: &mut StdRng, min: usize, max: usize) -> usize {
    match rng.random_range(0..8) {
        0 => min,
        1 => max,
        2 => rng.random_range(min..=max),
        _ => rng.random_range(min..=max.min(min + 24)),
    }
}

fn random_text(rng: &mut StdRng, min: usize, max: usize, alphabet: &[u8]) -> String {
    let length = random_length(rng, min, max);
    (0..length).map(|_| char::from(alphabet[rng.random_range(0..alphabet.len())])).collect()
}

/// Text of printable ASCII, other scripts, emoji, combining marks, control characters and anything else.
fn random_unicode(rng: &mut StdRng, min: usize, max: usize) -> String {
    let length = random_length(rng, min, max);
    (0..length)
        .map(|_| {
            let range = match rng.random_range(0..12) {
                0 => 0x00..=0x1f,
                1 => 0xa0..=0x17f,
                2 => 0x300..=0x36f,
                3 => 0x4e00..=0x9fff,
                4 => 0x1_f300..=0x1_f6ff,
                5 => 0x80..=0x10_ffff,
                _ => 0x20..=0x7e,
            };
            // Only the last range but one holds values that are no characters: the surrogates.
            char::from_u32(rng.random_range(range)).unwrap_or(char::REPLACEMENT_CHARACTER)
        })
        .collect()
}

/// A user name that the service could have.
pub fn user_name(text: impl Into<String>) -> Username {
    Username::new(text).expect("the name is valid")
}

/// A password that the service could have.
pub fn pass(text: impl Into<String>) -> Password {
    Password::new(text).expect("the password is valid")
}

/// What a device sends to start its sign-in.
pub fn device_start(username: &str, key: &DeviceKey, srp_a: &SrpA) -> DeviceSrpResponses {
    let srp_a = srp_a.to_string();
    let parameters = [("USERNAME", username), ("DEVICE_KEY", key.as_str()), ("SRP_A", srp_a.as_str())];
    DeviceSrpResponses::from_parameters(&parameters).expect("the message is valid")
}

/// What a server keeps of a device: the two texts of `ConfirmDevice`, read.
pub fn device_record(device: Device, verifier: &DeviceVerifier) -> DeviceRecord {
    let sent = DeviceVerifier::from_base64(&verifier.password_verifier(), &verifier.salt());
    DeviceRecord::new(device, sent.expect("what is sent is read"))
}
