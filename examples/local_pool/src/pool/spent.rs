//! The secret blocks and sessions that a user has spent. Each is accepted once.

use std::collections::VecDeque;

use cognito_srp6a::Timestamp;

/// How many a user can spend within their lifetime.
const MOST: usize = 128;

/// An upper estimate of the memory of a user's marks, in bytes.
pub const BYTES: usize = 64 * MOST;

/// A hash or a tag that stands for one block or session.
pub type Name = [u8; 32];

/// What one user has spent, until it expires. Nobody else's marks take room here.
#[derive(Default)]
pub struct Spent(VecDeque<Mark>);

struct Mark {
    name: Name,
    deadline: i64,
}

impl Spent {
    /// Returns whether one of these is spent.
    pub fn contains_any(&self, names: &[Name]) -> bool {
        self.0.iter().any(|mark| names.contains(&mark.name))
    }

    /// Marks these as spent for a number of seconds. Returns whether there was room; without room it marks nothing.
    #[must_use]
    pub fn insert(&mut self, names: &[Name], lifetime: i64, now: Timestamp) -> bool {
        let now = now.unix_seconds();
        while self.0.front().is_some_and(|mark| mark.deadline < now) {
            self.0.pop_front();
        }
        let has_room = self.0.len() + names.len() <= MOST;
        if has_room {
            let deadline = now.saturating_add(lifetime);
            self.0.extend(names.iter().map(|&name| Mark { name, deadline }));
        }
        has_room
    }

    /// Forgets everything. What was spent must then be refused for another reason.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}
