//! A whole sign-in with everything that can differ between its two ends, or between its steps.

use std::time::Duration;

use super::{Account, Map, device_record, pass, time, user_name};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cognito_srp6a::server::{DeviceRecord, PendingSignIn, ServerKey, UserRecord};
use cognito_srp6a::{Device, DeviceCredentials, Error, PasswordChallenge, PasswordClaim, SrpA, UserSignIn};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

/// How long a challenge is good for in these tests.
pub const MAX_AGE: Duration = Duration::from_secs(300);

/// Where the server keeps its state between challenge and claim.
#[derive(Clone, Copy, Debug)]
pub enum Mode {
    /// In the secret block.
    Sealed,
    /// In a [`PendingSignIn`].
    Stored,
}

impl Mode {
    pub const BOTH: [Self; 2] = [Self::Sealed, Self::Stored];
}

/// Something that changes a message on its way.
pub type Edit = Box<dyn Fn(&mut Map)>;

/// A whole sign-in with everything that can differ between its two ends, or between its steps. As it is made, nothing
/// differs.
pub struct Scene {
    /// The client's knowledge.
    pub client: Account,
    /// The server's knowledge since the user was made.
    pub server: Account,
    pub key: [u8; 32],
    pub start: Edit,
    pub challenge: Edit,
    pub claim: Edit,
    /// The server's knowledge when the claim comes, if it has changed.
    pub key_at_claim: Option<[u8; 32]>,
    pub server_at_claim: Option<Account>,
    /// Seconds since 1970 when the claim comes.
    pub checked_at: i64,
}

impl Scene {
    pub fn honest(account: &Account) -> Self {
        Self {
            client: account.clone(),
            server: account.clone(),
            key: [7; 32],
            start: Box::new(|_| ()),
            challenge: Box::new(|_| ()),
            claim: Box::new(|_| ()),
            key_at_claim: None,
            server_at_claim: None,
            checked_at: account.now,
        }
    }

    /// Plays the scene; messages cross as maps of strings.
    pub fn play(&self, mode: Mode, rng: &mut StdRng) -> Result<(), Error> {
        let record = record(&self.server, rng);
        let record_at_claim = self.server_at_claim.as_ref().map(|account| self::record(account, rng));
        let record_at_claim = record_at_claim.as_ref().unwrap_or(&record);
        let issued = self.server.now();

        let (sign_in, start) = UserSignIn::start_with_rng(&self.client.app(), &user_name(&self.client.typed), rng)?;
        let mut start: Map = start.into();
        (self.start)(&mut start);
        let srp_a: SrpA = start["SRP_A"].parse()?;

        let answer = |challenge: PasswordChallenge| {
            let mut challenge: Map = challenge.into();
            (self.challenge)(&mut challenge);
            let challenge = PasswordChallenge::from_parameters(&challenge)?;
            let mut claim: Map = sign_in.answer(challenge, &pass(&self.client.password), self.client.now())?.into();
            (self.claim)(&mut claim);
            PasswordClaim::from_parameters(&claim)
        };
        match mode {
            Mode::Sealed => {
                let challenge =
                    ServerKey::from_bytes(self.key).unwrap().challenge_with_rng(&record, &srp_a, issued, rng)?;
                let key = ServerKey::from_bytes(self.key_at_claim.unwrap_or(self.key)).unwrap();
                key.verify(record_at_claim, &answer(challenge)?, time(self.checked_at), MAX_AGE)
            }
            Mode::Stored => {
                let (state, challenge) = PendingSignIn::new_with_rng(&record, srp_a, issued, rng)?;
                state.verify(record_at_claim, &answer(challenge)?, time(self.checked_at), MAX_AGE)
            }
        }
    }
}

pub fn record(account: &Account, rng: &mut StdRng) -> UserRecord {
    UserRecord::from_password_with_rng(&account.pool(), &user_name(&account.user_id), &pass(&account.password), rng)
        .expect("the account is valid")
}

/// A scene in which nothing differs, for tests that change one thing. Its random numbers are always the same.
pub fn plain_scene() -> (Scene, StdRng) {
    (Scene::honest(&Account::plain()), StdRng::seed_from_u64(1))
}

/// Replaces the last character that is a letter or a digit by another of its kind.
pub fn alter(text: &mut String) {
    let at = text.rfind(|c: char| c.is_ascii_alphanumeric()).expect("there is a letter or a digit");
    let other = if text.as_bytes()[at] == b'1' { "2" } else { "1" };
    text.replace_range(at..=at, other);
}

/// Takes the last character away, or puts one where there is none.
pub fn shorten(password: &mut String) {
    if password.pop().is_none() {
        password.push(' ');
    }
}

/// An edit that replaces a parameter by another valid one.
pub fn altered(name: &'static str) -> Edit {
    Box::new(move |message| alter(message.get_mut(name).expect("the parameter is there")))
}

/// An edit that flips one bit of a parameter in Base64.
pub fn bit_flipped(name: &'static str, bit: usize) -> Edit {
    Box::new(move |message| {
        let mut bytes = STANDARD.decode(&message[name]).expect("it is Base64");
        bytes[bit / 8] ^= 1 << (bit % 8);
        message.insert(name.into(), STANDARD.encode(bytes));
    })
}

/// An edit that puts another value in a parameter's place.
pub fn replaced(name: &'static str, value: impl Into<String>) -> Edit {
    let value = value.into();
    Box::new(move |message| drop(message.insert(name.into(), value.clone())))
}

/// A device with random names and credentials, and what the server keeps of it.
pub fn random_device(rng: &mut StdRng) -> (DeviceCredentials, DeviceRecord) {
    let id: String = super::hex(&rng.random::<[u8; 20]>())[..rng.random_range(1..=40)].to_owned();
    let group_key = if rng.random() { "-AbCdEfGhI".into() } else { Account::random(rng).user_id };
    let device = Device::new(format!("us-east-1_{id}").parse().unwrap(), group_key).unwrap();
    let (credentials, verifier) = DeviceCredentials::register_with_rng(device.clone(), rng).unwrap();
    let record = device_record(device, &verifier);
    (credentials, record)
}
