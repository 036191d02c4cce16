#![doc = "placeholder"]
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(clippy::std_instead_of_alloc, clippy::std_instead_of_core, clippy::unwrap_used)]
// Division is not constant time on all machines (KyberSlash), so there is none.
#![warn(clippy::integer_division_remainder_used)]
#![cfg_attr(
    not(all(feature = "server", feature = "hazmat")),
    allow(dead_code, reason = "the equations of both halves stand together, also where only one half is built")
)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod client;
mod encoding;
mod error;
mod group;
#[cfg(feature = "hazmat")]
pub mod hazmat;
mod message;
mod protocol;
mod secret;
#[cfg(feature = "server")]
pub mod server;

pub use client::UserSignIn;
pub use error::{Error, Parameter};
pub use message::{
    AppClient, ClientSecret, Parameters, PasswordChallenge, PasswordClaim, PoolId, Salt, SecretBlock, SrpA,
    SrpAuthParameters, SrpB, Timestamp,
};
