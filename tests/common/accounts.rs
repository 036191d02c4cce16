//! Pools, app clients, users and devices: the one that most tests use, and random ones.

use cognito_srp6a::{AppClient, ClientSecret, Device, Password, PoolId, Timestamp, Username};
use rand::RngExt as _;
use rand::rngs::StdRng;

use super::{oracle, time};

pub const POOL: &str = "us-east-1_AbCdEfGhI";
pub const CLIENT: &str = "1example23456789";
pub const SECRET: &str = "9example87654321abcdefghij";
pub const ALIAS: &str = "alice@example.com";
pub const USER_ID: &str = "5789f8e3-0c2b-4b1e-9df1-3a0b1c2d3e4f";
/// The name to answer with, where the pool sends one of its own.
pub const USERNAME: &str = "alice";
pub const PASSWORD: &str = "correct horse battery staple";
pub const GROUP_KEY: &str = "-aBcDeFgH";
pub const DEVICE_KEY: &str = "us-east-1_0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9";
pub const TOKEN: &str = "eyJjdHkiOiJKV1QifQ.e30.c2lnbmF0dXJl-_=";

/// The time of all sign-ins that do not need another.
pub const NOW: i64 = 1_704_164_645;

pub fn now() -> Timestamp {
    time(NOW)
}

pub fn pool() -> PoolId {
    POOL.parse().unwrap()
}

pub fn app() -> AppClient {
    plain_app().with_secret(ClientSecret::new(SECRET).unwrap())
}

pub fn plain_app() -> AppClient {
    AppClient::new(pool(), CLIENT).unwrap()
}

/// `SECRET_HASH` of the app client, computed without the crate.
pub fn secret_hash(username: &str) -> String {
    oracle::secret_hash(SECRET, username, CLIENT)
}

pub fn device() -> Device {
    Device::new(DEVICE_KEY.parse().unwrap(), GROUP_KEY).unwrap()
}

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
        // The name begins after the first underscore, and may have others.
        let front =
            if rng.random() { random_text(rng, 0, 11, &[ALPHANUMERIC, b"-_"].concat()) + "_" } else { String::new() };
        let name = front + &random_text(rng, 1, 19, ALPHANUMERIC);
        let lower_case = &ALPHANUMERIC.to_ascii_lowercase()[..];
        let region = format!(
            "r{}-s{}-{}",
            random_text(rng, 0, 8, lower_case),
            random_text(rng, 0, 8, lower_case),
            rng.random_range(0..100)
        );
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
            pool_id: POOL.into(),
            client_id: CLIENT.into(),
            client_secret: Some(SECRET.into()),
            user_id: USER_ID.into(),
            typed: ALIAS.into(),
            password: PASSWORD.into(),
            now: NOW,
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

/// A user name that the service could have.
pub fn user_name(text: impl Into<String>) -> Username {
    Username::new(text).expect("the name is valid")
}

/// A password that the service could have.
pub fn pass(text: impl Into<String>) -> Password {
    Password::new(text).expect("the password is valid")
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
