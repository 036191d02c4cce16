//! The server's half (feature `server`): what a user pool does, for tests, emulators and servers of one's own.
//!
//! - [`UserRecord`], [`DeviceRecord`]: the salt and the verifier that stand for a password.
//! - [`ServerKey`]: makes challenges whose secret block carries their state, sealed, so that nothing is stored between
//!   the two requests.
//! - [`UnknownUserKey`]: makes stable fake records for users that do not exist.
//! - [`ServerChallenge`]: the same with the state kept by the caller and the secret block as the key to look it up by.
//!
//! Limit how many challenges a user name gets, and not only how many wrong claims: each one tells whoever asks for it a bit
//! about the password ("Limits" in the crate documentation).
//!
//! A wrong password, an altered claim, a stale timestamp, an old or foreign secret block: all are
//! [`Error::NotAuthorized`](crate::Error::NotAuthorized), after the same work wherever that work could tell.

mod challenge;
mod derive;
mod key;
mod record;
mod unknown;

pub use challenge::ServerChallenge;
pub use key::ServerKey;
pub use record::{DeviceRecord, UserRecord};
pub use unknown::UnknownUserKey;
