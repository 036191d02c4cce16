//! The pool's memory.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use cognito_srp6a::Timestamp;
use cognito_srp6a::server::{DeviceRecord, UserRecord};
use subtle::ConstantTimeEq as _;

use super::attributes::{self, Attributes};
use super::factors::Factor;
#[cfg(feature = "passkeys")]
use super::passkeys::Kept;
use super::progress::Progress;
use super::refusal::{self, Result};
use super::spent::{self, Spent};
use super::status::Status;
use super::store::Lapsing;
use super::tokens::{Grant, Holder};
use super::totp::{self, App};
use super::tries::{self, Tries};
use super::verification::Verification;
use crate::options::Options;

/// How long a `Session` lives, in seconds: the service's default.
pub const SESSION_SECONDS: i64 = 180;

/// How long a refresh token lives, in seconds: the service's default, 30 days.
const REFRESH_SECONDS: i64 = 30 * 24 * 3600;

/// An upper estimate of the memory of an address that is being verified, in bytes. An address is an attribute.
const VERIFICATION_BYTES: usize = 256 + 4 * attributes::MAX_VALUE_CHARS;

/// An upper estimate of the memory of a user without names and attributes, in bytes. Each user has room for spent blocks.
const USER_BYTES: usize =
    2048 + tries::Account::COUNT * tries::BYTES + spent::BYTES + 2 * totp::BYTES + VERIFICATION_BYTES;

/// The pool's memory. Each kind of data has its share, so no kind can evict another.
pub(super) struct State {
    pub users: HashMap<String, User>,
    user_bytes: usize,
    user_capacity: usize,
    pub aliases: BTreeMap<String, String>,
    pub devices: Lapsing<RememberedDevice>,
    /// Unfinished sign-ins that have proved a factor. The others carry their own state.
    pub sessions: Lapsing<Progress>,
    /// The sessions of challenged devices, for clients that answer `DEVICE_SRP_AUTH` without a session.
    pub awaited: Lapsing<String>,
    /// Finished sign-ins, by `origin_jti`.
    pub grants: Lapsing<Grant>,
    /// Tries of codes, by account. What counts for a user is in the user.
    pub tries: Lapsing<Tries>,
    #[cfg(feature = "passkeys")]
    pub passkeys: Kept,
    /// How long a spent block or session is remembered, in seconds.
    spent_seconds: i64,
}

pub(super) struct User {
    pub epoch: Epoch,
    /// The salt and the verifier. The pool does not keep the password, even in flows that send it.
    pub record: Arc<UserRecord>,
    pub sub: String,
    pub device_group_key: String,
    pub status: Status,
    pub attributes: Arc<Attributes>,
    /// The second factors that are on.
    pub factors: Vec<Factor>,
    /// The second factor that is asked for where several are on.
    pub preferred: Option<Factor>,
    pub app: Option<App>,
    /// An app that has not shown a code yet.
    pub new_app: Option<App>,
    /// An address that is being verified.
    pub verification: Option<Verification>,
    pub changed: Timestamp,
    pub spent: Spent,
    pub tries: tries::OfUser,
}

/// A version of everything issued to a user. If it increases, the pool refuses what it issued before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Epoch {
    /// Increases if the password changes, and if the user signs out everywhere.
    pub credentials: u64,
    /// The version of secret blocks and of sessions that carry their state. Increases if the user's spent ones are forgotten
    /// before they expire.
    pub blocks: u64,
}

impl Epoch {
    /// That of a name without a user. What was issued for it is worth nothing to a user who takes the name later.
    pub const OF_NOBODY: Self = Self { credentials: u64::MAX, blocks: u64::MAX };
}

pub(super) struct RememberedDevice {
    pub owner: String,
    pub record: Arc<DeviceRecord>,
    pub name: Option<String>,
    pub confirmed: Timestamp,
}

impl State {
    pub fn new(options: &Options) -> Self {
        let max_age = i64::try_from(options.max_age.as_secs()).unwrap_or(i64::MAX);
        let [half, quarter, sixteenth, thirty_second] = [2, 4, 16, 32].map(|part| options.memory / part);
        Self {
            users: HashMap::new(),
            user_bytes: 0,
            user_capacity: half,
            aliases: options.aliases.clone(),
            devices: Lapsing::new(i64::MAX, sixteenth),
            #[cfg(feature = "passkeys")]
            passkeys: Kept::new(sixteenth),
            sessions: Lapsing::new(SESSION_SECONDS, sixteenth),
            awaited: Lapsing::new(SESSION_SECONDS, thirty_second),
            tries: Lapsing::new(SESSION_SECONDS, thirty_second),
            grants: Lapsing::new(REFRESH_SECONDS, quarter),
            spent_seconds: max_age.max(SESSION_SECONDS),
        }
    }

    /// Spends what was issued to a user in an epoch: a block, a session, or both. Returns whether this is the first use of each.
    ///
    /// A forgotten spent block could be replayed. A user who has no room for another mark loses all of them, so all of that
    /// user's open blocks and sessions are revoked, those in hand included. Other users lose nothing.
    pub fn spend(&mut self, username: &str, epoch: Epoch, names: &[spent::Name], now: Timestamp) -> bool {
        let Some(user) = self.users.get_mut(username).filter(|user| user.epoch == epoch) else { return false };
        if user.spent.contains_any(names) {
            return false;
        }
        if !user.spent.insert(names, self.spent_seconds, now) {
            user.spent.clear();
            user.epoch.blocks += 1;
        }
        true
    }

    /// Returns a user, if a factor was proved in the current epoch.
    pub fn user(&self, name: &str, proved: Option<u64>) -> Result<&User> {
        let user = self.users.get(name).filter(|user| Some(user.epoch.credentials) == proved);
        user.ok_or_else(refusal::invalid_session)
    }

    /// Returns the same user, to change.
    pub fn user_mut(&mut self, name: &str, proved: Option<u64>) -> Result<&mut User> {
        let user = self.users.get_mut(name).filter(|user| Some(user.epoch.credentials) == proved);
        user.ok_or_else(refusal::invalid_session)
    }

    /// Returns a finished sign-in that has not been revoked, and its user.
    pub fn grant(&self, origin_jti: &str, now: Timestamp) -> Option<(&Grant, &User)> {
        let grant = self.grants.get(origin_jti, now)?;
        Some((grant, self.user(&grant.username, grant.proved).ok()?))
    }

    /// Returns the same for a refresh token of a client, with the token's number.
    pub fn refreshed(&self, token: &str, client: usize, now: Timestamp) -> Option<(&Grant, &User, u64)> {
        self.genuine(token, now).filter(|(grant, _, _)| grant.client == client)
    }

    /// Returns the same for a refresh token of any client.
    pub fn genuine(&self, token: &str, now: Timestamp) -> Option<(&Grant, &User, u64)> {
        let (origin_jti, rest) = token.split_once('.')?;
        let generation = rest.split_once('.')?.0.parse().ok()?;
        let (grant, user) = self.grant(origin_jti, now)?;
        let is_genuine = grant.refresh_token(generation).as_bytes().ct_eq(token.as_bytes());
        (generation <= grant.generation && is_genuine.into()).then_some((grant, user, generation))
    }

    /// Revokes everything issued to a user. Returns the new epoch.
    pub fn enter_next_epoch(&mut self, name: &str) -> Option<u64> {
        let user = self.users.get_mut(name)?;
        user.epoch.credentials += 1;
        user.spent.clear();
        (user.new_app, user.verification) = (None, None);
        self.sessions.remove_all_of(name);
        self.awaited.remove_all_of(name);
        #[cfg(feature = "passkeys")]
        self.passkeys.end_registrations(name);
        self.grants.remove_all_of(name);
        Some(user.epoch.credentials)
    }

    /// Adds a user, if memory is free.
    pub fn add_user(&mut self, name: &str, user: User) -> Result<()> {
        self.resize_users(0, USER_BYTES + 2 * name.len() + user.attributes_bytes())?;
        self.users.insert(name.to_owned(), user);
        Ok(())
    }

    /// Changes a user's attributes, if memory is free.
    pub fn change_attributes(&mut self, name: &str, attributes: Attributes) -> Result<&mut User> {
        let user = self.users.get(name).ok_or_else(refusal::unknown_user)?;
        let mut all = Attributes::clone(&user.attributes);
        all.extend(attributes);
        attributes::check_count(&all)?;
        self.resize_users(user.attributes_bytes(), attributes::bytes(&all))?;
        let user = self.users.get_mut(name).ok_or_else(refusal::unknown_user)?;
        user.attributes = Arc::new(all);
        Ok(user)
    }

    fn resize_users(&mut self, old: usize, new: usize) -> Result<()> {
        let bytes = self.user_bytes - old + new;
        if bytes > self.user_capacity {
            return Err(refusal::full());
        }
        self.user_bytes = bytes;
        Ok(())
    }
}

impl User {
    fn attributes_bytes(&self) -> usize {
        attributes::bytes(&self.attributes)
    }

    /// Returns the facts about the user that tokens contain.
    pub fn holder(&self) -> Holder {
        Holder { sub: self.sub.clone(), attributes: Arc::clone(&self.attributes) }
    }
}

impl RememberedDevice {
    /// Returns an upper estimate of its memory without its owner's name and its key, in bytes.
    pub fn bytes(&self) -> usize {
        1024 + self.name.as_ref().map_or(0, String::len)
    }
}
