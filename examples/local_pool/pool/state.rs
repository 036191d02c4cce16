//! What the pool keeps.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use cognito_srp6a::Timestamp;
use cognito_srp6a::server::{DeviceRecord, UserRecord};

use super::attributes::Attributes;
use super::progress::Progress;
use super::store::Lapsing;
use super::tokens::Grant;

/// How long a `Session` lives, in seconds: the service's default.
const SESSION_SECONDS: i64 = 180;

/// How long a refresh token lives, in seconds: the service's default, 30 days.
const REFRESH_SECONDS: i64 = 30 * 24 * 3600;

pub(super) struct State {
    pub users: HashMap<String, User>,
    pub aliases: BTreeMap<String, String>,
    pub devices: HashMap<String, RememberedDevice>,
    pub sessions: Lapsing<String, Progress>,
    /// Devices that were asked for their proof, for clients that answer `DEVICE_SRP_AUTH` without its `Session`.
    pub awaited: Lapsing<String, ()>,
    /// Sign-ins by refresh token.
    pub grants: Lapsing<String, Grant>,
    /// Secret blocks that were answered, where each is good once.
    pub spent: Lapsing<String, ()>,
}

pub(super) struct User {
    /// Of the password there is only this, so that the pool is one even where the password itself is sent.
    pub record: Arc<UserRecord>,
    pub sub: String,
    pub device_group_key: String,
    pub must_change_password: bool,
    pub attributes: Attributes,
    pub changed: Timestamp,
}

pub(super) struct RememberedDevice {
    pub owner: String,
    pub record: Arc<DeviceRecord>,
    pub name: Option<String>,
    pub confirmed: Timestamp,
}

impl State {
    pub fn new(max_age: Duration) -> Self {
        let max_age = i64::try_from(max_age.as_secs()).unwrap_or(i64::MAX);
        Self {
            users: HashMap::new(),
            aliases: BTreeMap::new(),
            devices: HashMap::new(),
            sessions: Lapsing::new(SESSION_SECONDS),
            awaited: Lapsing::new(SESSION_SECONDS),
            grants: Lapsing::new(REFRESH_SECONDS),
            spent: Lapsing::new(max_age),
        }
    }
}
