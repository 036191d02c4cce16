//! Passkeys: a software authenticator registers at the pool and signs in, and then does what none should.

#![cfg(feature = "passkeys")]

#[path = "passkeys/authenticator.rs"]
mod authenticator;
#[path = "passkeys/client.rs"]
mod client;
#[path = "passkeys/options.rs"]
mod options;
#[path = "passkeys/registration.rs"]
mod registration;
#[path = "passkeys/second_factor.rs"]
mod second_factor;
#[path = "passkeys/sign_in.rs"]
mod sign_in;
#[path = "passkeys/strangers.rs"]
mod strangers;
