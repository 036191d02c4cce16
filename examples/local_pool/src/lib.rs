//! A user pool on this machine, for tests: signs users in over HTTP as Amazon Cognito does.
//!
//! **For tests only.** Anybody who can reach it can make users, the key that signs its tokens is public, and what it keeps is
//! gone when it ends. It listens on loopback addresses only.
//!
//! ```console
//! $ cargo run -p local_pool
//! listening on http://127.0.0.1:40123
//! ```
//!
//! That line is all that goes to standard output. Point a client's endpoint at the address; `--listen` fixes the port.
//!
//! | Flag | |
//! |---|---|
//! | `--listen ADDRESS:PORT` | where; `127.0.0.1:0`, a free port, when absent |
//! | `--pool-id ID` | `us-east-1_LocalPool` when absent |
//! | `--client-id ID` | `localpoolclient` when absent |
//! | `--client-secret SECRET` | gives the app client a secret; `SECRET_HASH` is then checked |
//! | `--user NAME:PASSWORD` | adds a user; may be repeated; `alice:Passw0rd!` when absent |
//! | `--alias ALIAS=NAME` | another name of a user's; may be repeated |
//! | `--force-new-password NAME` | that user's password is a temporary one; may be repeated |
//! | `--devices` | offers to remember devices, and asks remembered ones for their proof |
//! | `--custom-answer TEXT` | `CUSTOM_AUTH` asks a `CUSTOM_CHALLENGE` with this answer |
//! | `--single-use` | takes each `SECRET_BLOCK` once; the service takes it again until it expires |
//! | `--rare` | draws what chance shows once in 512 sign-ins: salts, and `B` or `u`, that begin with nine zero bits |
//! | `--max-age SECONDS` | age of a challenge, and error of a client's clock; 300 when absent |
//! | `--memory BYTES` | the most that it keeps: a quarter each for users, refresh tokens and what is spent, the rest for devices and sign-ins on their way; 256 MiB when absent |
//! | `--issuer URL` | `iss` of the tokens; the service's own form when absent |
//! | `--timeout SECONDS` | for a request's head, for its body, and for reading its answer; 10 when absent |
//! | `--connections N` | the most connections at a time; 256 when absent. While all places are taken, each answer is the last of its connection |
//!
//! It speaks AWS JSON 1.1: `InitiateAuth`, `RespondToAuthChallenge` and their admin twins, `ConfirmDevice`,
//! `UpdateDeviceStatus`, `ForgetDevice`, `ListDevices`, `GetTokensFromRefreshToken`, `RevokeToken`, `GlobalSignOut`, `GetUser`,
//! `SignUp`, `AdminCreateUser`, `AdminSetUserPassword`, `AdminGetUser`; and it serves `jwks.json`. An admin call must carry an
//! `Authorization` header that begins as `SigV4` does, and the signature is not checked. There are no second factors, no codes
//! by mail and no triggers, and a user who signs up is confirmed at once.
//!
//! A new password and `GlobalSignOut` end whatever was issued to the user before: secret blocks, sessions, refresh tokens, and
//! access tokens as far as the pool is asked. `ForgetDevice` ends the refresh tokens that are bound to the device.
//!
//! The limits are those of the service's model: 128 characters for a user's name, 32 and 2,048 for an attribute's name and
//! value, 50 custom attributes, 1,024 characters for a device's name, 60 devices in a page of `ListDevices`. What a stranger
//! begins takes no memory. Of users' things each kind has its share of `--memory`; where it is full, the user who holds the
//! most loses his oldest, and new users are refused. Of spent blocks and sessions none is forgotten before it lapses, unless all that
//! its user has begun and not ended is refused with it.

#![allow(
    missing_docs,
    missing_debug_implementations,
    reason = "the library is for the program beside it and for tests; nobody else builds on it"
)]

mod deadline;
mod options;
mod pool;
mod server;

pub use options::Options;
pub use pool::Pool;
pub use pool::store;
pub use server::Server;
