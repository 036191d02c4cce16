//! Tries of codes. A code has six digits, so the number of tries is what protects it.

use std::collections::VecDeque;

use cognito_srp6a::Timestamp;

use super::spent::Name;
use super::state::SESSION_SECONDS;

/// The most tries in one session.
const OF_SESSION: usize = 3;

/// The most unsuccessful tries under one name, in all sessions of [`SESSION_SECONDS`].
const OF_NAME: usize = 15;

/// An upper estimate of the memory of the tries under one name, in bytes.
pub const BYTES: usize = 64 * OF_NAME;

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
    pub fn count(&mut self, session: Name, now: Timestamp) -> Result<(), TooMany> {
        let now = now.unix_seconds();
        while self.0.front().is_some_and(|tried| tried.deadline < now) {
            self.0.pop_front();
        }
        if self.0.iter().filter(|tried| tried.session == session).count() >= OF_SESSION {
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
