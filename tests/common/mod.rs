//! The common part of the tests.
//!
//! | Room | What it has |
//! |---|---|
//! | [`rng`] | a random source that is different in each run, and one that plays a script |
//! | [`accounts`] | the pool, the app client, the user and the device of most tests, and random ones |
//! | [`messages`] | messages that are valid, numbers that are not, texts of any kind |
//! | [`oracle`] | the protocol written a second time |
//! | `scene` | a whole sign-in with everything that can differ between its two ends |
//! | `service` | a scripted service for `SignIn` |
//! | `golden`, `model` | every request of `idp` with its golden file, and the service's model |

#![allow(dead_code, reason = "every file of tests is a crate of its own and uses a part of this")]

pub mod accounts;
#[cfg(feature = "http")]
pub mod golden;
pub mod messages;
#[cfg(feature = "http")]
pub mod model;
pub mod oracle;
pub mod rng;
#[cfg(feature = "server")]
pub mod scene;
#[cfg(all(feature = "server", feature = "idp"))]
pub mod service;

use std::collections::HashMap;
use std::env;
use std::str::FromStr;

#[cfg(feature = "server")]
use cognito_srp6a::{Device, DeviceVerifier, server::DeviceRecord};
use cognito_srp6a::{DeviceKey, DeviceSrpResponses, SrpA, Timestamp};
use num_bigint::BigUint;

#[allow(unused_imports, reason = "not every file of tests uses them")]
pub use accounts::{Account, pass, user_name};
#[allow(unused_imports, reason = "not every file of tests uses them")]
pub use rng::{ScriptedRng, fresh_rng};

/// A message as it crosses the wire: what the AWS SDK for Rust calls parameters or responses.
pub type Map = HashMap<String, String>;

/// Returns the number that an environment variable has, or the usual one.
pub fn number_from<T: FromStr>(variable: &str, usual: T) -> T {
    env::var(variable).map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{variable} is a number")))
}

/// Writes an integer in the fixed width of a group element.
pub fn element(value: &BigUint) -> [u8; 384] {
    let bytes = value.to_bytes_be();
    let mut out = [0; 384];
    out[384 - bytes.len()..].copy_from_slice(&bytes);
    out
}

/// Reads a big-endian integer.
pub fn integer(bytes: &[u8]) -> BigUint {
    BigUint::from_bytes_be(bytes)
}

/// Writes bytes as lower-case hex, two digits each.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// A timestamp from seconds.
pub fn time(unix_seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(unix_seconds).expect("the time is in the calendar")
}

/// Returns the message that starts a device's sign-in.
pub fn device_start(username: &str, key: &DeviceKey, srp_a: &SrpA) -> DeviceSrpResponses {
    let srp_a = srp_a.to_string();
    let parameters = [("USERNAME", username), ("DEVICE_KEY", key.as_str()), ("SRP_A", srp_a.as_str())];
    DeviceSrpResponses::from_parameters(&parameters).expect("the message is valid")
}

/// Returns the record of a device from the two texts of `ConfirmDevice`.
#[cfg(feature = "server")]
pub fn device_record(device: Device, verifier: &DeviceVerifier) -> DeviceRecord {
    let sent = DeviceVerifier::from_base64(&verifier.password_verifier(), &verifier.salt());
    DeviceRecord::new(device, sent.expect("what is sent is read"))
}
