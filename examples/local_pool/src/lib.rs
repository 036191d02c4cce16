//! A user pool on this machine, for tests. It signs users in over HTTP as Amazon Cognito does.
//!
//! **For tests only.** Anybody who can reach it can make users, and the key that signs its tokens is public. The pool
//! listens on loopback addresses only and loses everything when it stops.
//!
//! ```console
//! $ cargo run -p local_pool
//! listening on http://127.0.0.1:40123
//! ```
//!
//! The pool prints only that line to standard output. Point a client's endpoint at the address; `--listen` fixes the port.
//! `--config` reads the pool, its clients and its users from a file. `--help` lists all flags.
//!
//! The pool speaks AWS JSON 1.1: `InitiateAuth`, `RespondToAuthChallenge`, `AdminInitiateAuth`,
//! `AdminRespondToAuthChallenge`, `ConfirmDevice`, `UpdateDeviceStatus`, `ForgetDevice`, `ListDevices`,
//! `GetTokensFromRefreshToken`, `RevokeToken`, `GlobalSignOut`, `GetUser`, `SignUp`, `ConfirmSignUp`,
//! `ResendConfirmationCode`, `AdminConfirmSignUp`, `AdminCreateUser`, `AdminSetUserPassword`, `AdminGetUser`,
//! `AssociateSoftwareToken`, `VerifySoftwareToken`, `SetUserMFAPreference`, `AdminSetUserMFAPreference`,
//! `GetUserAttributeVerificationCode`, `VerifyUserAttribute`. It serves `jwks.json`. With the feature `passkeys`, which is on by
//! default, also `StartWebAuthnRegistration`, `CompleteWebAuthnRegistration`, `ListWebAuthnCredentials` and
//! `DeleteWebAuthnCredential`.
//!
//! With access keys in the file, the signature of every `Admin` call is verified.
//!
//! A new password and `GlobalSignOut` revoke everything issued to the user before: secret blocks, sessions, refresh
//! tokens, and access tokens in calls to the pool. `ForgetDevice` revokes the refresh tokens that are bound to the device.
//!
//! With `triggers` in the file, a function on this machine gets the events of the Lambda triggers and changes what the pool
//! does.
//!
//! The package's `README.md` lists the differences from the service, the refusals and the limits.

#![allow(
    missing_docs,
    missing_debug_implementations,
    reason = "only the program in this package and the tests use this library, so its items need no docs"
)]

mod config;
mod deadline;
pub mod lambda;
mod options;
mod pool;
mod server;

pub use options::{HELP, Options};
pub use pool::answers;
pub use pool::store;
pub use pool::{Confirmation, Factor, Head, Mfa, Pool};
pub use server::Server;
