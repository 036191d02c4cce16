//! What the pool issues without remembering it: secret blocks, and sessions of sign-ins in which nothing is proved.
//!
//! Anybody can begin a sign-in under any name. So that strangers take no memory here, and cannot push out what users have
//! proved, such a sign-in carries its own state. What ends it is that its key depends on the user's epoch.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognito_srp6a::server::{ServerKey, UnknownUserKey, UserRecord};
use cognito_srp6a::{PoolId, Timestamp, Username};
use ring::hmac;
use serde::{Deserialize, Serialize};

use super::progress::{Progress, Stage};
use super::random;
use super::refusal::{self, Result};
use super::state::{Epoch, SESSION_SECONDS};

/// The length of HMAC-SHA256.
const TAG: usize = 32;

/// The pool's keys.
pub struct Keys {
    master: hmac::Key,
    fakes: UnknownUserKey,
}

/// What a key is for. A secret block opens only where its flow goes on.
///
/// The answer to `USER_SRP_AUTH` has no `Session`. A block that was made inside a flow with one must not pass there, or the
/// rest of that flow (a custom challenge, say) could be skipped by leaving the `Session` out.
#[derive(Clone, Copy)]
pub enum Purpose {
    Alone = 1,
    InSession = 2,
    Device = 3,
    Session = 4,
}

/// A sign-in as its session carries it.
#[derive(Deserialize, Serialize)]
struct Sealed {
    username: String,
    device_key: Option<String>,
    custom: bool,
    stage: Stage,
    issued: i64,
    /// Makes each session its own.
    nonce: String,
}

impl Keys {
    pub fn generate() -> Result<Self> {
        let master = hmac::Key::new(hmac::HMAC_SHA256, &random::bytes::<32>()?);
        Ok(Self { master, fakes: UnknownUserKey::generate().map_err(refusal::of)? })
    }

    /// The record that stands for nobody under a name.
    pub fn fake(&self, pool_id: &PoolId, username: &Username) -> UserRecord {
        self.fakes.record(pool_id, username)
    }

    /// The key of a user's secret blocks.
    pub fn server(&self, purpose: Purpose, username: &str, epoch: Epoch) -> ServerKey {
        ServerKey::from_bytes(self.tag(purpose, username, epoch, &[]))
    }

    /// Writes a sign-in into a session.
    pub fn seal(&self, progress: &Progress, epoch: Epoch, now: Timestamp) -> Result<String> {
        let sealed = Sealed {
            username: progress.username.clone(),
            device_key: progress.device_key.as_ref().map(ToString::to_string),
            custom: progress.custom,
            stage: progress.stage,
            issued: now.unix_seconds(),
            nonce: random::hex::<16>()?,
        };
        let content = serde_json::to_vec(&sealed).expect("texts and numbers");
        let tag = self.tag(Purpose::Session, &progress.username, epoch, &content);
        Ok(URL_SAFE_NO_PAD.encode([&tag[..], &content].concat()))
    }

    /// Reads a session that was sealed for a user within its lifetime. Returns a name for it, too.
    pub fn open(&self, session: &str, username: &str, epoch: Epoch, now: Timestamp) -> Option<(Progress, String)> {
        let bytes = URL_SAFE_NO_PAD.decode(session).ok()?;
        let (tag, content) = bytes.split_first_chunk::<TAG>()?;
        hmac::verify(&self.master, &framed(Purpose::Session, username, epoch, content), tag).ok()?;
        let sealed: Sealed = serde_json::from_slice(content).ok()?;
        if sealed.issued.saturating_add(SESSION_SECONDS) < now.unix_seconds() {
            return None;
        }
        let device_key = sealed.device_key.map(|key| key.parse()).transpose().ok()?;
        let Sealed { username, custom, stage, .. } = sealed;
        Some((Progress { username, device_key, custom, stage, proved: None }, URL_SAFE_NO_PAD.encode(tag)))
    }

    fn tag(&self, purpose: Purpose, username: &str, epoch: Epoch, content: &[u8]) -> [u8; TAG] {
        let tag = hmac::sign(&self.master, &framed(purpose, username, epoch, content));
        tag.as_ref().try_into().expect("HMAC-SHA256 has 32 bytes")
    }
}

/// The parts with their lengths, so that no others have the same bytes.
fn framed(purpose: Purpose, username: &str, epoch: Epoch, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![purpose as u8];
    for number in [epoch.credentials, epoch.blocks, username.len() as u64] {
        bytes.extend_from_slice(&number.to_be_bytes());
    }
    bytes.extend_from_slice(username.as_bytes());
    bytes.extend_from_slice(content);
    bytes
}
