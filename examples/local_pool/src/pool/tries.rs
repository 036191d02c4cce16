//! Tries of codes. A code has six digits, so the number of tries is what protects it.

use std::collections::VecDeque;

use cognito_srp6a::Timestamp;

use super::respond::digest;
use super::spent::Name;
use super::state::SESSION_SECONDS;
use super::{Pool, refusal};

/// The most tries of a code in one session.
pub const OF_SESSION: usize = 3;

/// The most unsuccessful tries under one name, in all sessions of [`SESSION_SECONDS`].
const OF_NAME: usize = 15;

/// An upper estimate of the memory of the tries under one name, in bytes.
pub const BYTES: usize = 64 * OF_NAME;

/// The tries of a user, by [`Account`]. They are the user's own, so no stranger can push them out of the pool's memory.
pub type OfUser = [Tries; Account::COUNT];

/// The tries under one name that still count.
#[derive(Default)]
pub struct Tries(VecDeque<Try>);

/// The bound that a try exceeds.
pub enum TooMany {
    OfSession,
    OfName,
}

struct Try {
    session: Name,
    deadline: i64,
}

impl Tries {
    /// Counts a try, before the code is compared.
    pub fn count(&mut self, session: Name, of_session: usize, now: Timestamp) -> Result<(), TooMany> {
        let now = now.unix_seconds();
        while self.0.front().is_some_and(|tried| tried.deadline < now) {
            self.0.pop_front();
        }
        if self.0.iter().filter(|tried| tried.session == session).count() >= of_session {
            return Err(TooMany::OfSession);
        }
        if self.0.len() >= OF_NAME {
            return Err(TooMany::OfName);
        }
        self.0.push_back(Try { session, deadline: now.saturating_add(SESSION_SECONDS) });
        Ok(())
    }

    /// Forgets the tries of a session whose code was right.
    pub fn forget(&mut self, session: &Name) {
        self.0.retain(|tried| tried.session != *session);
    }
}

impl Pool {
    /// Counts a try in a session before it is looked at, so tries that race count as well.
    pub(super) fn count_try(
        &self,
        account: Account,
        username: &str,
        session: &str,
        now: Timestamp,
    ) -> refusal::Result<Name> {
        let name = digest(session.as_bytes());
        let most = if matches!(account, Account::Custom) { 1 } else { OF_SESSION };
        let mut state = self.state();
        // Strangers can fill the pool's memory and have these forgotten. They are kept for users too, so that the time tells nobody
        // who is one.
        let key = account.key(username);
        let mut tries = state.tries.remove(&key, now).unwrap_or_default();
        let of_nobody = tries.count(name, most, now);
        // Inserted again, the account lives as long as its last try counts.
        state.tries.insert(username, &key, tries, BYTES, now);
        // Those of a user are the user's own.
        let user = state.users.get_mut(username);
        let counted = user.map_or(of_nobody, |user| user.tries[account as usize].count(name, most, now));
        counted.map(|()| name).map_err(|too_many| match (too_many, account) {
            (TooMany::OfSession, Account::SignUp) => refusal::too_many_failures(),
            (TooMany::OfSession, _) => refusal::invalid_session(),
            (TooMany::OfName, _) => refusal::too_many_tries(),
        })
    }

    pub(super) fn forget_tries(&self, account: Account, username: &str, session: &Name, now: Timestamp) {
        let mut state = self.state();
        if let Some(user) = state.users.get_mut(username) {
            user.tries[account as usize].forget(session);
        }
        if let Some(tries) = state.tries.get_mut(&account.key(username), now) {
            tries.forget(session);
        }
    }
}

/// Which tries are counted together. Strangers can spend the tries of first factors under any name, so they do not count
/// for those who have proved the first factor.
#[derive(Clone, Copy)]
pub(super) enum Account {
    First,
    Second,
    SignUp,
    Custom,
}

impl Account {
    pub const COUNT: usize = 4;

    fn key(self, username: &str) -> String {
        let account = match self {
            Self::First => "first",
            Self::Second => "second",
            Self::SignUp => "sign-up",
            Self::Custom => "custom",
        };
        format!("{account} {username}")
    }
}
