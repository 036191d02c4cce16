//! Cognito's text forms, parsed once and printed once.
//!
//! Every type here is valid by construction: its parser checks length before it looks at content, and content
//! before anything is computed. Nothing is allocated in proportion to a length that was not checked.

mod app;
mod block;
mod claim;
mod device;
mod device_auth;
mod device_verifier;
mod endpoint;
mod limits;
mod number;
mod parameters;
mod password;
mod proof;
mod region;
mod timestamp;
mod user;
mod username;

pub use app::{AppClient, ClientSecret, PoolId};
pub use block::SecretBlock;
pub use claim::PasswordClaim;
pub use device::{Device, DeviceKey};
pub use device_auth::{DeviceChallenge, DeviceSrpResponses};
pub use device_verifier::DeviceVerifier;
pub use endpoint::Endpoint;
pub use number::{Salt, SrpA, SrpB};
pub use parameters::ParameterSource;
pub use password::Password;
pub use region::Region;
pub use timestamp::Timestamp;
pub use user::{PasswordChallenge, SrpAuthParameters};
pub use username::Username;

pub(crate) use claim::Proof;
#[cfg(feature = "idp")]
pub(crate) use limits::{check_length, check_maximum};
#[cfg(feature = "server")]
pub(crate) use proof::Challenge;
