//! What an account waits for, and the code that confirms a sign-up.

use cognito_srp6a::Timestamp;

use super::outbox::Medium;
use super::random;
use super::refusal::Result;

/// How long the code of a sign-up is good, in seconds: the service's 24 hours.
const SECONDS: i64 = 24 * 3600;

/// The most answers to one code, however long they take.
const TRIES: u8 = 3;

/// How a user who signs up is confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmation {
    AtOnce,
    ByCode,
}

/// `UserStatus`.
pub enum Status {
    Confirmed,
    /// The user has signed up. Without an address nothing was sent, and only an administrator can confirm.
    Unconfirmed(Option<Code>),
    /// The password is temporary.
    ForceChangePassword,
    /// A trigger has brought the user and not vouched for the password.
    ResetRequired,
}

impl Status {
    /// Returns the status of a user whose password was set by somebody else.
    pub const fn of(is_temporary: bool) -> Self {
        if is_temporary { Self::ForceChangePassword } else { Self::Confirmed }
    }

    /// Returns the status as the service spells it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Confirmed => "CONFIRMED",
            Self::Unconfirmed(_) => "UNCONFIRMED",
            Self::ForceChangePassword => "FORCE_CHANGE_PASSWORD",
            Self::ResetRequired => "RESET_REQUIRED",
        }
    }

    /// Returns whether the account waits for the code with this name.
    pub fn waits_for(&self, name: &str) -> bool {
        matches!(self, Self::Unconfirmed(Some(code)) if code.name == name)
    }
}

/// A code that was sent to a user who has signed up.
#[derive(Clone)]
pub struct Code {
    pub medium: Medium,
    /// The digits are made from this name.
    pub name: String,
    sent: i64,
    tries: u8,
}

impl Code {
    pub fn new(medium: Medium, now: Timestamp) -> Result<Self> {
        Ok(Self { medium, name: random::hex::<16>()?, sent: now.unix_seconds(), tries: 0 })
    }

    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.sent.saturating_add(SECONDS) < now.unix_seconds()
    }

    /// Counts a try, before the code is compared. Returns whether one was left.
    pub fn count(&mut self) -> bool {
        let is_left = self.tries < TRIES;
        self.tries += u8::from(is_left);
        is_left
    }
}
