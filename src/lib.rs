//! The SRP-6a password proof of [Amazon Cognito user pools]: client and server, in constant time, without IO.
//!
//! An application that proves the password never sends it. It sends `SRP_A`, gets the challenge `PASSWORD_VERIFIER`
//! (`SALT`, `SRP_B`, `SECRET_BLOCK`), and answers with `PASSWORD_CLAIM_SIGNATURE`. This crate computes both messages. With the feature
//! `server` it plays the user pool. It opens no connection and reads no clock but the one you choose, so it works with the AWS SDK, with
//! any HTTP client, in a Lambda and in a browser.
//!
//! [Amazon Cognito user pools]: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow.html
//!
//! # A whole sign-in
//!
//! The shortest way is [`idp::SignIn`]: it makes all requests and answers the challenges of the proof by itself. [Its
//! walk-through](idp#a-sign-in-over-any-transport) has the whole loop, and [`to_http`](idp::Request::to_http) a complete `send` for it.
//!
//! # The two messages alone
//!
//! A caller with a flow of their own writes the lines under "client". Send the map where it says `send`: to `InitiateAuth`, then to `RespondToAuthChallenge`. In
//! this example both go to a pool in the same program.
//!
#![cfg_attr(feature = "server", doc = "```")]
#![cfg_attr(not(feature = "server"), doc = "```ignore")]
//! use std::collections::HashMap;
//! use std::time::Duration;
//!
//! use cognito_srp6a::{AppClient, ClientSecret, Password, PasswordChallenge, Timestamp, UserSignIn};
//! # use cognito_srp6a::{PasswordClaim, SrpAuthParameters, server::{ServerKey, UserRecord}};
//! # fn main() -> Result<(), cognito_srp6a::Error> {
//! # let pool = "us-east-1_AbCdEfGhI".parse()?;
//! # let record = UserRecord::from_password(&pool, &"7f1d2c3b".parse()?, &"Passw0rd!".parse()?)?;
//! # let key = ServerKey::generate()?;
//! # let initiate_auth = |message: HashMap<String, String>| -> HashMap<String, String> {
//! #     assert!(message.contains_key("SECRET_HASH"));
//! #     let start = SrpAuthParameters::from_parameters(&message).unwrap();
//! #     key.challenge(&record, start.srp_a(), Timestamp::now().unwrap()).unwrap().into()
//! # };
//! # let respond_to_auth_challenge = |message: HashMap<String, String>| {
//! #     let claim = PasswordClaim::from_parameters(&message).unwrap();
//! #     key.verify(&record, &claim, Timestamp::now().unwrap(), Duration::from_secs(300))
//! # };
//! // client: once
//! let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?
//!     .with_secret(ClientSecret::new("an0example0secret0of0thirty0chars")?);
//!
//! // client: AuthFlow USER_SRP_AUTH. The user has typed an alias.
//! let (sign_in, start) = UserSignIn::start(&app, &"alice@example.com".parse()?)?;
//! let challenge_parameters = initiate_auth(start.into()); // send
//!
//! // client: ChallengeName PASSWORD_VERIFIER
//! let challenge = PasswordChallenge::from_parameters(&challenge_parameters)?;
//! let answer = sign_in.answer(challenge, &Password::new("Passw0rd!")?, Timestamp::now()?)?;
//! respond_to_auth_challenge(answer.into())?; // send
//! # Ok(()) }
//! ```
//!
//! With the AWS SDK for Rust, pass `start.into()` to `set_auth_parameters(Some(..))` and `answer.into()` to
//! `set_challenge_responses(Some(..))`; `from_parameters` reads `challenge_parameters()`. Pass the `Session` of a response on when there
//! is one; `PASSWORD_VERIFIER` does not depend on it.
//!
//! # Levels
//!
//! | You have | Use |
//! |---|---|
//! | the AWS SDK or any HTTP client, and want a whole sign-in with its challenges | [`idp::SignIn`] |
//! | your own flow, and want the two messages of the proof | [`UserSignIn`], [`DeviceSignIn`] |
//! | a test or an emulator | [`server`] |
//! | a replica to call, or need FIPS or dual stack | [`Endpoint`] |
//! | an audit or a measurement | [`hazmat`], and the crate without its feature `idp` |
//!
//! # Devices
//!
//! A pool that remembers devices sends `NewDeviceMetadata` with the tokens.
//!
//! 1. Make a [`Device`] of its two names, register it, send the [`DeviceVerifier`] with `ConfirmDevice`, and store the credentials.
//!    [`DeviceCredentials`] shows it, and [`idp::SignedIn`] shows it after a sign-in with [`idp::SignIn`].
//! 2. From then on give the device's key to [`UserSignIn::builder`], and answer `DEVICE_SRP_AUTH` and `DEVICE_PASSWORD_VERIFIER` with
//!    [`DeviceSignIn`]. [`DeviceSignIn::start`] shows it. [`idp::SignIn`] does it by itself for
//!    [credentials with a device](idp::Credentials::with_device).
//!
//! # Without an operating system
//!
//! With `default-features = false` the crate is `no_std` with `alloc`. Randomness comes from an `rng` of `rand` 0.10's traits, the time
//! from [`Timestamp::from_unix_seconds`], and messages are pairs:
//!
//! ```
//! use cognito_srp6a::{AppClient, Error, Username, UserSignIn};
//! use rand::TryCryptoRng;
//!
//! fn start(rng: &mut impl TryCryptoRng, username: &Username) -> Result<Vec<(&'static str, String)>, Error> {
//!     let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
//!     let (_sign_in, start) = UserSignIn::start_with_rng(&app, username, rng)?;
//!     Ok(start.into_pairs())
//! }
//! # let pairs = start(&mut rand::rngs::SysRng, &"alice".parse()?)?;
//! # assert_eq!(pairs[0], ("USERNAME", "alice".to_owned()));
//! # Ok::<(), Error>(())
//! ```
//!
//! # Features
//!
//! | Feature | Adds |
//! |---|---|
//! | `getrandom` (default) | the system's randomness: the functions that take no `rng` |
//! | `idp` (default) | `idp`: every flow and challenge of `InitiateAuth` and `AdminInitiateAuth` around the proof |
//! | `std` (default) | the system's clock ([`Timestamp::now`]) and `HashMap`; without it the crate is `no_std` with `alloc` |
//! | `serde`, `http` | AWS JSON 1.1 bodies and whole requests of the calls in `idp` |
//! | `server` | `server`: records, challenges, the check of a claim |
//! | `js` | randomness, and with `std` the clock, of a JavaScript host, on `wasm32-unknown-unknown` |
//! | `hazmat` | `hazmat`: single equations and chosen ephemerals, for audits and measurements |
//!
//! Features only add; none changes what another part does.
//!
//! # Coming from `cognito_srp` or `aws-cognito-srp`
//!
//! | `cognito_srp` 0.1 | here |
//! |---|---|
//! | `SrpClient::new(username, password, pool_id, client_id, client_secret)` | [`AppClient::new`] and [`with_secret`](AppClient::with_secret), once; [`UserSignIn::start`] for each sign-in |
//! | `get_auth_params()` | the second value of `start`, `.into()` |
//! | `process_challenge(challenge_params)` | [`PasswordChallenge::from_parameters`], then [`UserSignIn::answer`] with the password and the time, `.into()` |
//! | one client answers many challenges with one `a` | each start draws an `a`, and its answer consumes it |
//!
//! | `aws-cognito-srp` 0.2 | here |
//! |---|---|
//! | `User::new(pool_id, username, password)`, `SrpClient::new(user, client_id, client_secret)` | [`AppClient::new`] and [`with_secret`](AppClient::with_secret); [`UserSignIn::start`] |
//! | `get_auth_parameters()`, `get_secret_hash()` | the second value of `start`: all parameters, `SECRET_HASH` included |
//! | `verify(secret_block, user_id, salt, srp_b)` | [`PasswordChallenge::from_parameters`], then [`UserSignIn::answer`]; the map has the names, the hash and the timestamp |
//! | `TrackedDevice`, `SrpClient::new(device, …)` | [`DeviceCredentials`], [`DeviceSignIn::start`] |
//! | `UntrackedDevice`, `get_password_verifier()` | [`DeviceCredentials::register`] |
//!
//! # Limits
//!
//! The protocol, and not this crate, has these limits:
//!
//! - **No proof comes back.** The client proves the password to the server; the server proves nothing. That it is the right server rests
//!   on TLS.
//! - **No slow hash.** `x` is one salted double SHA-256. Whoever steals a verifier tests guesses at the cost of one exponentiation each.
//! - **Every challenge leaks one bit.** 2 is a square mod `N`, so `B − k·v = g^b` is always a square; for a wrong guess of `v` it is a
//!   square only half the time, so each challenge rules out half the guesses. Whoever sees a challenge, or asks for one under a user's
//!   name, learns this bit without a failed sign-in, and with m challenges all but one of 2^m guesses. RFC 5054 has `g = 5` for this `N`;
//!   Cognito has 2. A server can only limit challenges as it limits claims.
//! - **The length of `enc(S)` varies** with the leading zero bytes of `S`. HMAC takes another number of blocks only when
//!   `S < 2^2999`, once in 2^73 exchanges. Each `S` is used once.
//!
//! This crate does not attempt:
//!
//! - to wipe registers, nor what the system writes to a disk. Secrets are wiped where they are kept, and each call with secrets overwrites
//!   the stack that it has used: working arrays, states of hashes, what the compiler spills.
//! - to wipe what the caller owns, such as the body of an HTTP request, or the pairs and the map that a message becomes.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
// A feature that is off has no page to link to.
#![cfg_attr(not(all(feature = "server", feature = "hazmat", feature = "http")), allow(rustdoc::broken_intra_doc_links))]
#![warn(clippy::std_instead_of_alloc, clippy::std_instead_of_core, clippy::unwrap_used)]
// Division is not constant time on all machines (KyberSlash), so there is none.
#![warn(clippy::integer_division_remainder_used)]
#![cfg_attr(
    not(all(feature = "server", feature = "hazmat", feature = "idp")),
    allow(dead_code, reason = "the equations of both halves are together, also when only one half is built")
)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

/// The code of the README, compiled with the examples.
#[cfg(all(doctest, feature = "idp", feature = "std"))]
#[doc = include_str!("../README.md")]
struct Readme;

mod client;
mod device;
mod encoding;
mod error;
mod group;
#[cfg(feature = "hazmat")]
pub mod hazmat;
#[cfg(feature = "idp")]
pub mod idp;
mod message;
#[cfg(all(doctest, feature = "idp", feature = "server"))]
mod misuse;
mod protocol;
mod secret;
#[cfg(feature = "server")]
pub mod server;
mod stack;

pub use client::{UserSignIn, UserSignInBuilder};
pub use device::{DeviceCredentials, DeviceSignIn};
pub use error::{Error, Parameter};
pub use message::{
    AppClient, ClientSecret, Device, DeviceChallenge, DeviceKey, DeviceSrpResponses, DeviceVerifier, Endpoint,
    ParameterSource, Password, PasswordChallenge, PasswordClaim, PoolId, Region, Salt, SecretBlock, SrpA,
    SrpAuthParameters, SrpB, Timestamp, Username,
};
