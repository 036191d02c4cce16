//! The server's half (feature `server`): the user pool, for tests, emulators and your own servers.
//!
//! - [`UserRecord`], [`DeviceRecord`]: the salt and the verifier of a password.
//! - [`ServerKey`]: seals the state of a sign-in into its secret block, so that the server stores nothing between the two requests.
//! - [`PendingSignIn`]: the same with state that the caller stores under the secret block.
//! - [`UnknownUserKey`]: makes stable fake records for users that do not exist.
//! - [`AppClient::verify_secret_hash`](crate::AppClient::verify_secret_hash): checks `SECRET_HASH`.
//!
//! Limit the challenges for each user name, and not only the wrong claims: each challenge leaks one bit about the password ("Limits"
//! in the crate documentation).
//!
//! `idp::ServiceError::from` turns an [`Error`](crate::Error) into what the service answers.
//!
//! A wrong password, an altered claim, a stale timestamp, an old or foreign secret block: all are
//! [`Error::NotAuthorized`](crate::Error::NotAuthorized), after the same work wherever the work could tell them apart.

mod derive;
mod key;
mod record;
mod sealed;
mod secret_hash;
mod stored;
mod unknown;
mod verify;

pub use record::{DeviceRecord, UserRecord};
pub use sealed::ServerKey;
pub use stored::PendingSignIn;
pub use unknown::UnknownUserKey;
