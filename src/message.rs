//! Cognito's text forms, parsed once and printed once.
//!
//! Every type here is valid by construction: its parser checks length before it looks at content, and content
//! before anything is computed. Nothing is allocated in proportion to a length that was not checked.

mod app;
mod block;
mod device;
mod number;
mod parameters;
mod proof;
mod timestamp;
mod user;

pub use app::{AppClient, ClientSecret, PoolId};
pub use block::SecretBlock;
pub use device::{Device, DeviceChallenge, DeviceKey, DeviceSrpParameters};
pub use number::{Salt, SrpA, SrpB};
pub use parameters::Parameters;
pub use timestamp::Timestamp;
pub use user::{PasswordChallenge, PasswordClaim, SrpAuthParameters};

pub(crate) use app::{check_length, check_maximum};
#[cfg(feature = "server")]
pub(crate) use proof::Challenge;
pub(crate) use user::{check_password, check_user_id};
