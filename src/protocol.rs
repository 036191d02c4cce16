//! SRP-6a as Cognito runs it: the equations, the session key, the claim. No texts are parsed here, no clock is read,
//! and the caller passes the random source.
//!
//! # Notation
//!
//! Letters and their case are those of RFC 5054 §2.5: `N`, `g` the group; `s` the salt; `I`, `P` the name and the
//! password; `x` the private key derived from them; `v = g^x` the verifier; `a`, `A` and `b`, `B` the ephemeral keys;
//! `k` the multiplier; `u` the scrambler; `S` the premaster secret; `K` the session key. `‖` concatenates byte
//! strings.
//!
//! # Departures from RFC 5054
//!
//! Cognito has no RFC. This table lists every departure, and the code refers to it (`Departure: u`).
//! `enc(i)` is the shortest big-endian two's complement of a non-negative integer, in place of RFC 5054's `PAD`.
//!
//! | Value | RFC 5054 | Cognito |
//! |---|---|---|
//! | `N`, `g` | Appendix A: `g = 5` | the same `N` (RFC 3526 §4), `g = 2`, of order `(N-1)/2` |
//! | `k` | `SHA1(N ‖ PAD(g))` | `SHA-256(enc(N) ‖ enc(g))` |
//! | `u` | `SHA1(PAD(A) ‖ PAD(B))` | `SHA-256(enc(A) ‖ enc(B))` |
//! | `x` | `SHA1(s ‖ SHA1(I ‖ ":" ‖ P))` | `SHA-256(enc(s) ‖ SHA-256(realm ‖ name ‖ ":" ‖ P))` |
//! | `K` | TLS PRF | `HKDF-SHA256(salt = enc(u), input = enc(S), info = "Caldera Derived Key")`, 16 bytes |
//! | proof | TLS Finished | `HMAC-SHA256(K, realm ‖ name ‖ secret block ‖ timestamp)`, client to server only |
//!
//! `g = 2` leaks one bit per challenge; the crate documentation explains it under "Limits". RFC 5054's `g = 5`
//! generates the whole group and leaks nothing.

mod claim;
mod exchange;
mod inputs;
mod registration;
mod secret_hash;
mod session_key;
mod srp6a;

pub(crate) use claim::Signature;
#[cfg(feature = "server")]
pub(crate) use exchange::ServerExchange;
pub(crate) use exchange::{Challenge, ClientExchange};
pub use inputs::Identity;
pub(crate) use inputs::{Password, Salt, SecretBlock, Timestamp};
#[cfg(feature = "server")]
pub(crate) use registration::copy_of;
pub(crate) use registration::{read_verifier, verifier_of};
pub(crate) use secret_hash::secret_hash;
#[cfg(feature = "hazmat")]
pub(crate) use session_key::SessionKey;
#[cfg(any(feature = "server", feature = "hazmat"))]
pub(crate) use srp6a::Ephemeral;
pub(crate) use srp6a::{ClientPublic, ServerPublic, Verifier};
#[cfg(feature = "hazmat")]
pub(crate) use srp6a::{Premaster, PrivateKey, Scrambler, identity_hash, multiplier};
