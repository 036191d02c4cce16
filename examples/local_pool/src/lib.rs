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
//!
//! | Flag | |
//! |---|---|
//! | `--listen ADDRESS:PORT` | the address; the default is `127.0.0.1:0`, a free port |
//! | `--pool-id ID` | the default is `us-east-1_LocalPool` |
//! | `--client-id ID` | the default is `localpoolclient` |
//! | `--client-secret SECRET` | gives the app client a secret; the pool then checks `SECRET_HASH` |
//! | `--user NAME:PASSWORD` | adds a user; may be repeated; the default is `alice:Passw0rd!` |
//! | `--alias ALIAS=NAME` | another name of a user; may be repeated |
//! | `--force-new-password NAME` | makes that user's password a temporary one; may be repeated |
//! | `--devices` | offers to remember devices, and asks remembered ones for their proof |
//! | `--custom-answer TEXT` | `CUSTOM_AUTH` asks a `CUSTOM_CHALLENGE` with this answer |
//! | `--single-use` | accepts each `SECRET_BLOCK` once; the service accepts it again until it expires |
//! | `--rare` | always draws what chance gives once in 512 sign-ins: salts, and `B` or `u`, that start with nine zero bits |
//! | `--max-age SECONDS` | the maximum age of a challenge, and the maximum error of a client's clock; the default is 300 |
//! | `--memory BYTES` | the most memory that the pool uses: a quarter each for users, refresh tokens and spent blocks and sessions, the rest for devices and unfinished sign-ins; the default is 256 MiB |
//! | `--issuer URL` | `iss` of the tokens; the default is the service's own form |
//! | `--timeout SECONDS` | the time for a request's head, for its body, and for reading its answer; the default is 10 |
//! | `--connections N` | the maximum number of connections; the default is 256. While all are in use, each connection closes after its next answer |
//!
//! The pool speaks AWS JSON 1.1: `InitiateAuth`, `RespondToAuthChallenge`, `AdminInitiateAuth`,
//! `AdminRespondToAuthChallenge`, `ConfirmDevice`, `UpdateDeviceStatus`, `ForgetDevice`, `ListDevices`,
//! `GetTokensFromRefreshToken`, `RevokeToken`, `GlobalSignOut`, `GetUser`, `SignUp`, `AdminCreateUser`,
//! `AdminSetUserPassword`, `AdminGetUser`. It serves `jwks.json`.
//!
//! A new password and `GlobalSignOut` revoke everything issued to the user before: secret blocks, sessions, refresh
//! tokens, and access tokens in calls to the pool. `ForgetDevice` revokes the refresh tokens that are bound to the device.
//!
//! The package's `README.md` lists the differences from the service, the refusals and the limits.

#![allow(
    missing_docs,
    missing_debug_implementations,
    reason = "only the program in this package and the tests use this library, so its items need no docs"
)]

mod deadline;
mod options;
mod pool;
mod server;

pub use options::Options;
pub use pool::Pool;
pub use pool::store;
pub use server::Server;
