//! The SRP-6a password proof of [Amazon Cognito user pools], both halves, in constant time and without IO.
//!
//! An application that signs a user in never sends the password. It sends `SRP_A`, gets the challenge
//! `PASSWORD_VERIFIER` (`SALT`, `SRP_B`, `SECRET_BLOCK`), and answers with `PASSWORD_CLAIM_SIGNATURE`. This crate computes
//! both messages, and with the feature `server` it plays the user pool. It opens no connection and reads no clock but the
//! one you point at, so it works with the AWS SDK, any HTTP client, in a Lambda or in a browser.
//!
//! [Amazon Cognito user pools]: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow.html
//!
//! # A whole sign-in
//!
//! The lines under "client" are all that a caller writes. Where it says `send`, the map goes to `InitiateAuth` and
//! `RespondToAuthChallenge`; here it goes to a pool in the same program.
//!
//! ```
//! use std::collections::HashMap;
//! use std::time::Duration;
//!
//! use cognito_srp6a::{AppClient, ClientSecret, PasswordChallenge, Timestamp, UserSignIn};
//! # use cognito_srp6a::{PasswordClaim, SrpA, server::{ServerKey, UserRecord}};
//! # fn main() -> Result<(), cognito_srp6a::Error> {
//! # let pool = "us-east-1_AbCdEfGhI".parse()?;
//! # let record = UserRecord::from_password(&pool, "7f1d2c3b", "Passw0rd!")?;
//! # let key = ServerKey::generate()?;
//! # let initiate_auth = |message: HashMap<String, String>| -> HashMap<String, String> {
//! #     assert!(message.contains_key("USERNAME") && message.contains_key("SECRET_HASH"));
//! #     let srp_a: SrpA = message["SRP_A"].parse().unwrap();
//! #     key.challenge(&record, &srp_a, Timestamp::now().unwrap()).unwrap().into()
//! # };
//! # let respond_to_auth_challenge = |message: HashMap<String, String>| {
//! #     let claim = PasswordClaim::from_parameters(&message).unwrap();
//! #     key.verify(&record, &claim, Timestamp::now().unwrap(), Duration::from_secs(300))
//! # };
//! // client: once
//! let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?
//!     .with_secret(ClientSecret::new("an0example0secret0of0thirty0chars")?);
//!
//! // client: AuthFlow USER_SRP_AUTH. The user typed an alias.
//! let (sign_in, start) = UserSignIn::start(&app, "alice@example.com")?;
//! let challenge_parameters = initiate_auth(start.into()); // send
//!
//! // client: ChallengeName PASSWORD_VERIFIER
//! let challenge = PasswordChallenge::from_parameters(&challenge_parameters)?;
//! let answer = sign_in.answer(challenge, "Passw0rd!", Timestamp::now()?)?;
//! respond_to_auth_challenge(answer.into())?; // send
//! # Ok(()) }
//! ```
//!
//! With the AWS SDK for Rust, `start.into()` is what `set_auth_parameters(Some(..))` takes, `answer.into()` what
//! `set_challenge_responses(Some(..))` takes, and `challenge_parameters()` gives what `from_parameters` reads. Pass the
//! response's `Session` on when there is one; `PASSWORD_VERIFIER` does not depend on it.
//!
//! # Devices
//!
//! A pool that remembers devices sends `NewDeviceMetadata` with the tokens. Make a [`Device`] of its two names,
//! [register](DeviceCredentials::register) it, send the [`DeviceVerifier`] with `ConfirmDevice`, and keep the
//! [`DeviceCredentials`]. From then on put the `DEVICE_KEY` into both messages of the password's proof
//! ([`SrpAuthParameters::with_device_key`], [`PasswordClaim::with_device_key`]), and answer `DEVICE_SRP_AUTH` and
//! `DEVICE_PASSWORD_VERIFIER` with [`DeviceSignIn`]. [`idp::SignIn`] does all of it but the registration.
//!
//! # Without an operating system
//!
//! With `default-features = false` randomness comes from an `rng` of `rand` 0.10's traits (`start_with_rng` and the like), the time
//! from [`Timestamp::from_unix_seconds`], and messages are pairs (`into_pairs`) in place of a `HashMap`.
//!
//! # Features
//!
//! | Feature | Adds |
//! |---|---|
//! | `getrandom` (default) | the system's randomness: the functions that take no `rng` |
//! | `std` (default) | the system's clock ([`Timestamp::now`]) and `HashMap`; without it the crate is `no_std` with `alloc` |
//! | `serde`, `http` | AWS JSON 1.1 bodies and whole requests of the calls in [`idp`] |
//! | `server` | [`server`]: records, challenges, the check of a claim |
//! | `js` | randomness, and with `std` the clock, of a JavaScript host, on `wasm32-unknown-unknown` |
//! | `hazmat` | [`hazmat`]: single equations and chosen ephemerals, for audits and measurements |
//!
//! Features only add; none changes what another part does.
//!
//! # Limits
//!
//! What the protocol, and not this crate, cannot give:
//!
//! - **No proof comes back.** The client proves the password to the server, but the server proves nothing: that it is the
//!   right one rests on TLS.
//! - **No slow hash.** `x` is one salted double SHA-256. Who steals a verifier tests guesses at the speed of one
//!   exponentiation each.
//! - **Every challenge tells one bit.** 2 is a square modulo `N`, so `B − k·v = g^b` is one; for the `v` of a wrong password it
//!   is one half of the time. Who sees a challenge, or asks for one by the name of a user, can cross out half of a dictionary
//!   without a failed sign-in. RFC 5054 has `g = 5` for this `N`; Cognito has 2. A server limits challenges, and not claims
//!   alone.
//! - **The length of `enc(S)` varies** with the leading zero bytes of `S`, and HMAC takes another number of blocks only
//!   when `S < 2^2999`, once in 2^73 exchanges. Each `S` is used once.
//!
//! What this crate does not attempt: secrets are wiped where they are kept, but not the working arrays of one multiplication or one
//! reading of a table, not what the hash crates copy of their states and keys, and not what the compiler has spilled to the
//! stack or to registers; passwords and client secrets that the caller owns are the caller's to wipe.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
// Without a feature there is no page of it to link to.
#![cfg_attr(not(all(feature = "server", feature = "hazmat")), allow(rustdoc::broken_intra_doc_links))]
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
mod device;
mod encoding;
mod error;
mod group;
#[cfg(feature = "hazmat")]
pub mod hazmat;
#[cfg(feature = "idp")]
pub mod idp;
mod message;
mod protocol;
mod secret;
#[cfg(feature = "server")]
pub mod server;

pub use client::{UserSignIn, UserSignInBuilder};
pub use device::{DeviceCredentials, DeviceSignIn};
pub use error::{Error, Parameter};
pub use message::{
    AppClient, ClientSecret, Device, DeviceChallenge, DeviceKey, DeviceSrpResponses, DeviceVerifier, ParameterSource,
    Password, PasswordChallenge, PasswordClaim, PoolId, Salt, SecretBlock, SrpA, SrpAuthParameters, SrpB, Timestamp,
    Username,
};
