//! What the pool would have sent by e-mail and text message.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use serde_json::{Value, json};

/// The most letters that the outbox keeps, and that wait to be shown. Each has at most a few thousand bytes without the text of
/// a trigger, and 80 KiB with it.
const MOST: usize = 256;

/// The way of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Medium {
    Email,
    Sms,
}

/// A code on its way to a user.
#[derive(Clone, Serialize)]
pub struct Letter {
    pub medium: Medium,
    pub to: String,
    pub code: String,
    /// The challenge or the call that wants the code.
    pub purpose: &'static str,
    pub username: String,
    /// The text of custom message, and its subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Whether nobody gets it: the user does not exist, or has no such address. It only takes the time of a real one.
    #[serde(skip)]
    pub is_decoy: bool,
}

impl Letter {
    /// A letter to an address. It has no text, and as yet no code.
    pub const fn new(medium: Medium, to: String, purpose: &'static str, username: String) -> Self {
        Self { medium, to, code: String::new(), purpose, username, message: None, subject: None, is_decoy: false }
    }
}

/// The last letters.
pub struct Outbox {
    kept: Mutex<Kept>,
    news: SyncSender<Letter>,
    shown: Mutex<Option<Receiver<Letter>>>,
}

/// Decoys have a place of their own, so strangers' names push out nothing.
#[derive(Default)]
struct Kept {
    letters: VecDeque<Letter>,
    decoys: VecDeque<Letter>,
}

impl Outbox {
    pub fn new() -> Self {
        let (news, shown) = sync_channel(MOST);
        Self { kept: Mutex::default(), news, shown: Mutex::new(Some(shown)) }
    }

    /// Takes a letter. If the outbox is full, the oldest one goes.
    pub fn post(&self, letter: Letter) {
        // If nobody shows letters, or not fast enough, the outbox still has them.
        let _ = self.news.try_send(letter.clone());
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = if letter.is_decoy { &mut kept.decoys } else { &mut kept.letters };
        if queue.len() == MOST {
            queue.pop_front();
        }
        queue.push_back(letter);
    }

    /// Returns the letters as JSON, the newest last.
    pub fn to_json(&self) -> String {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        serde_json::to_string(&kept.letters).expect("texts")
    }

    /// Returns the letters as they come, decoys too. Only the first caller gets them.
    pub fn news(&self) -> Option<Receiver<Letter>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Medium {
    /// Returns an address as challenges show it. All addresses of a medium look alike but for a few characters.
    pub fn mask(self, address: &str) -> String {
        let first = |text: &str| text.chars().next().unwrap_or('*');
        match self {
            Self::Email => {
                let (user, domain) = address.split_once('@').unwrap_or((address, ""));
                format!("{}***@{}***", first(user), first(domain))
            }
            Self::Sms => {
                let digits: Vec<_> = address.chars().filter(char::is_ascii_digit).collect();
                format!("+*******{}", digits[digits.len().saturating_sub(4)..].iter().collect::<String>())
            }
        }
    }

    /// Returns `CodeDeliveryDetails` for an address.
    pub fn delivery(self, address: &str) -> Value {
        json!({"Destination": self.mask(address), "DeliveryMedium": self.name(), "AttributeName": self.attribute()})
    }

    /// Returns the medium as the service spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Email => "EMAIL",
            Self::Sms => "SMS",
        }
    }

    /// Returns the attribute with a user's address.
    pub const fn attribute(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "phone_number",
        }
    }
}
