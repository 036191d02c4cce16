//! A sign-in as a state machine without IO.

mod advance;
mod challenge;
mod error;
mod flow;
mod outcome;
mod refresh;
mod start;
mod state;
mod user_names;

pub use challenge::{Challenge, ChoiceChallenge, CodeChallenge, MfaSetup, NewPasswordRequired, OtherChallenge};
pub use error::SignInError;
pub use flow::{FirstFactor, RefreshFlow, SignInFlow};
pub use outcome::{SignedIn, Step};
pub use state::SignIn;
