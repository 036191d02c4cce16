//! Challenges that are put down and taken up.

mod contents;
mod error;
mod layout;
mod put_down;
mod take_up;
mod text;

pub use error::{PutDownError, TakeUpError};
pub use take_up::TakeUpBuilder;
pub use text::StoredChallenge;
