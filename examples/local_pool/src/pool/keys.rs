//! Values that the pool issues without storing them: secret blocks, and sessions of sign-ins that have proved nothing.
//!
//! Anybody can begin a sign-in under any name. Such a sign-in carries its own state, so strangers use no memory and cannot
//! evict the sign-ins of users. Its key depends on the user's epoch, so a new epoch revokes it.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognito_srp6a::idp::ServiceError;
use cognito_srp6a::server::{ServerKey, UnknownUserKey, UserRecord};
use cognito_srp6a::{Error, PoolId, Timestamp, Username};
use ring::{aead, hmac};
use serde::{Deserialize, Serialize};

use super::custom::Rounds;
use super::outbox::Medium;
use super::progress::{Progress, Stage};
use super::random;
use super::refusal::Result;
use super::spent;
use super::state::{Epoch, SESSION_SECONDS};

/// The length of HMAC-SHA256.
const TAG: usize = 32;

/// The pool's keys.
pub struct Keys {
    /// Seals secret blocks, under a label for each purpose and epoch.
    blocks: ServerKey,
    /// Seals sessions.
    sessions: hmac::Key,
    fakes: UnknownUserKey,
    /// Makes the codes of sessions.
    codes: hmac::Key,
    /// Makes the addresses of users who do not exist.
    addresses: hmac::Key,
    /// The domains of such e-mail addresses.
    domains: Vec<String>,
    /// Enciphers what sessions hide from those who hold them.
    hidden: aead::LessSafeKey,
}

/// The label of a secret block. A secret block opens only in the kind of flow that issued it.
///
/// The answer in `USER_SRP_AUTH` has no `Session`. If a block from a flow with a `Session` were accepted there, a client
/// could leave the `Session` out and skip the rest of that flow, for example a custom challenge.
#[derive(Clone, Copy)]
pub enum Purpose {
    Alone = 1,
    InSession = 2,
    Device = 3,
}

/// A sign-in in the form that its session carries.
#[derive(Deserialize, Serialize)]
struct Sealed {
    username: String,
    client: usize,
    device_key: Option<String>,
    custom: bool,
    stage: Stage,
    issued: i64,
    /// Makes each session unique.
    nonce: String,
    /// [`Rounds`], enciphered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rounds: Option<String>,
}

impl Keys {
    /// Draws keys. The e-mail addresses of users who do not exist have one of these domains.
    pub fn generate(domains: Vec<String>) -> Result<Self> {
        let key = || Ok::<_, ServiceError>(hmac::Key::new(hmac::HMAC_SHA256, &random::bytes::<32>()?));
        let (sessions, codes, addresses) = (key()?, key()?, key()?);
        let (blocks, fakes) = (ServerKey::generate()?, UnknownUserKey::generate()?);
        let hidden = aead::UnboundKey::new(&aead::AES_256_GCM, &random::bytes::<32>()?).expect("a key has 32 bytes");
        let hidden = aead::LessSafeKey::new(hidden);
        Ok(Self { blocks, sessions, fakes, codes, addresses, domains, hidden })
    }

    /// Returns the six digits that a session wants.
    pub fn code(&self, session: &str) -> String {
        format!("{:06}", number(&hmac::sign(&self.codes, session.as_bytes())) % 1_000_000)
    }

    /// Returns an address, or an invented one if there is none, after the same work. A user has always the same one.
    pub fn address_or_fake(&self, medium: Medium, username: &str, address: Option<String>) -> String {
        let number = number(&hmac::sign(&self.addresses, username.as_bytes()));
        let fake = match medium {
            Medium::Email => {
                let domain = self.domains.get(number as usize % self.domains.len().max(1));
                format!("{username}@{}", domain.map_or("", String::as_str))
            }
            Medium::Sms => format!("+1{:010}", number % 10_000_000_000),
        };
        address.unwrap_or(fake)
    }

    /// Returns the record of a user, or of a fake if there is none, after the same work.
    pub fn record_or_fake(&self, pool_id: &PoolId, username: &Username, record: Option<&UserRecord>) -> UserRecord {
        self.fakes.record_or_fake(pool_id, username, record)
    }

    /// Returns the key of the secret blocks of a purpose, a client and an epoch. Each block is bound to its user as well.
    pub fn server(&self, purpose: Purpose, client: usize, epoch: Epoch) -> ServerKey {
        let purpose = [&[purpose as u8], &(client as u64).to_be_bytes()[..]].concat();
        self.blocks.labelled(purpose).labelled(numbers(epoch))
    }

    /// Writes a sign-in into a session, with a tag.
    pub fn seal(&self, progress: &Progress, epoch: Epoch, now: Timestamp) -> Result<String> {
        let sealed = Sealed {
            username: progress.username.clone(),
            client: progress.client,
            device_key: progress.device_key.as_ref().map(ToString::to_string),
            custom: progress.custom,
            stage: progress.stage,
            issued: now.unix_seconds(),
            nonce: random::hex::<16>()?,
            rounds: progress.rounds.as_ref().map(|rounds| self.hide(rounds.to_bytes())).transpose()?,
        };
        let content = serde_json::to_vec(&sealed).expect("texts and numbers");
        let tag = hmac::sign(&self.sessions, &framed(&progress.username, epoch, &content));
        Ok(URL_SAFE_NO_PAD.encode([tag.as_ref(), &content].concat()))
    }

    /// Reads a session that was sealed for a user within its lifetime. Also returns the name under which it is spent.
    pub fn open(&self, session: &str, username: &str, epoch: Epoch, now: Timestamp) -> Option<(Progress, spent::Name)> {
        let bytes = URL_SAFE_NO_PAD.decode(session).ok()?;
        let (tag, content) = bytes.split_first_chunk::<TAG>()?;
        hmac::verify(&self.sessions, &framed(username, epoch, content), tag).ok()?;
        let sealed: Sealed = serde_json::from_slice(content).ok()?;
        if sealed.issued.saturating_add(SESSION_SECONDS) < now.unix_seconds() {
            return None;
        }
        let device_key = sealed.device_key.map(|key| key.parse()).transpose().ok()?;
        let rounds = match sealed.rounds {
            Some(hidden) => Some(Arc::new(self.reveal(&hidden)?)),
            None => None,
        };
        let begun = Progress::begin(sealed.username, sealed.client, device_key, sealed.custom);
        Some((Progress { stage: sealed.stage, rounds, ..begun }, *tag))
    }

    fn hide(&self, mut bytes: Vec<u8>) -> Result<String> {
        let nonce = random::bytes::<{ aead::NONCE_LEN }>()?;
        let at = aead::Nonce::assume_unique_for_key(nonce);
        self.hidden.seal_in_place_append_tag(at, aead::Aad::empty(), &mut bytes).map_err(|_| Error::RandomSource)?;
        Ok(URL_SAFE_NO_PAD.encode([&nonce[..], &bytes].concat()))
    }

    fn reveal(&self, text: &str) -> Option<Rounds> {
        let mut bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (nonce, content) = bytes.split_first_chunk_mut()?;
        let at = aead::Nonce::assume_unique_for_key(*nonce);
        Rounds::from_bytes(self.hidden.open_in_place(at, aead::Aad::empty(), content).ok()?)
    }
}

/// Encodes the parts with their lengths, so different parts never give the same bytes.
fn framed(username: &str, epoch: Epoch, content: &[u8]) -> Vec<u8> {
    let length = (username.len() as u64).to_be_bytes();
    [&numbers(epoch)[..], &length, username.as_bytes(), content].concat()
}

/// Returns a number from a tag.
fn number(tag: &hmac::Tag) -> u64 {
    u64::from_be_bytes(tag.as_ref()[..8].try_into().expect("a tag has 32 bytes"))
}

fn numbers(epoch: Epoch) -> [u8; 16] {
    (u128::from(epoch.credentials) << 64 | u128::from(epoch.blocks)).to_be_bytes()
}
