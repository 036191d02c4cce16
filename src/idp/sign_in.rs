//! The sign-in: a state machine without IO.

mod advance;
mod answer_error;
mod challenge;
mod error;
mod flow;
mod outcome;
mod refresh;
mod retry;
mod sent;
mod start;
mod state;
mod stored;
mod user_names;
mod verified;

pub use answer_error::AnswerError;
pub use challenge::{
    Challenge, ChoiceChallenge, CodeChallenge, CustomChallenge, MfaSetup, NewPasswordRequired, OtherChallenge,
    WebAuthnChallenge,
};
pub use error::SignInError;
pub use flow::{FirstFactor, SignInFlow};
pub use outcome::{SignedIn, Step};
pub use refresh::RefreshBuilder;
pub use retry::Retry;
pub use start::SignInBuilder;
pub use state::SignIn;
pub use stored::{PutDownError, StoredChallenge, TakeUpBuilder, TakeUpError};
