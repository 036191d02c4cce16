//! `cognito-srp6a` for the npm package: what `../src/index.js` calls.
//!
//! A function of a module has only numbers as arguments, so texts and bytes lie in one buffer. The host finds it by [`buffer`], writes
//! the input, calls a function, and reads the output in the same place. Both are fields in a row: a length of four bytes,
//! little-endian, and that many bytes. A length of `u32::MAX` stands for a field that is absent. The module imports nothing: the host
//! puts randomness into the input, and time into an argument.
//!
//! A function returns 0, or [`REFUSED`] with a code, a sentence and, where one is at fault, a parameter as output. A panic is a trap,
//! after which the host gives up the module and its memory.
//!
//! The only `unsafe` here is that a function keeps its name. It is sound as long as no other function of the program has one of these names,
//! and the linker would refuse two. No address comes in, and the one that goes out is not used here.

#![no_std]

extern crate alloc;
// Only the linter builds this package for another machine.
#[cfg(not(target_arch = "wasm32"))]
extern crate std;

mod fields;
mod sign_in;

use alloc::borrow::ToOwned;
use alloc::string::ToString;
use alloc::vec::Vec;
use alloc::{format, vec};
use core::mem;
use core::sync::atomic::AtomicU8;

use cognito_srp6a::{AppClient, ClientSecret, Device, DeviceCredentials, Error, Parameter, Timestamp};
use spin::Mutex;

use fields::{Input, Output};
use sign_in::{Pairs, Started};

/// A function returns this when it refuses its input.
const REFUSED: i32 = -1;

/// Started sign-ins by their number. An answer takes its own. Nobody waits for the lock, because the module has one thread.
static STARTED: Mutex<Vec<Option<Started>>> = Mutex::new(Vec::new());

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// Returns the address of the buffer.
#[allow(unsafe_code, reason = "a host finds a function by its name")]
#[unsafe(no_mangle)]
pub extern "C" fn buffer() -> *const AtomicU8 {
    fields::buffer()
}

/// Returns the length of the buffer.
#[allow(unsafe_code, reason = "a host finds a function by its name")]
#[unsafe(no_mangle)]
pub extern "C" fn buffer_length() -> usize {
    fields::BUFFER_BYTES
}

/// Starts the sign-in of a user: 40 random bytes, pool id, client id, client secret or none, user name, device key or none. Writes the
/// `AuthParameters` and returns the number of the sign-in.
#[allow(unsafe_code, reason = "a host finds a function by its name")]
#[unsafe(no_mangle)]
pub extern "C" fn start_user(length: usize) -> i32 {
    keep(length, Started::user)
}

/// Starts the sign-in of a remembered device: as [`start_user`], where the device key is not optional, then the device's group key and
/// password. Writes the `ChallengeResponses` of `DEVICE_SRP_AUTH` and returns the number of the sign-in.
#[allow(unsafe_code, reason = "a host finds a function by its name")]
#[unsafe(no_mangle)]
pub extern "C" fn start_device(length: usize) -> i32 {
    keep(length, Started::device)
}

/// Answers a challenge at a time in seconds since 1970: the user's password or none for a device, then `USERNAME`, `USER_ID_FOR_SRP`,
/// `DEVICE_KEY`, `SALT`, `SRP_B` and `SECRET_BLOCK`. Writes the `ChallengeResponses`. The sign-in is over in any case.
///
/// # Panics
///
/// For a number that no sign-in has.
#[allow(unsafe_code, reason = "a host finds a function by its name")]
#[unsafe(no_mangle)]
pub extern "C" fn answer(number: usize, length: usize, now: f64) -> i32 {
    respond(length, |input| taken(number).expect("a sign-in has one answer").answer(input, timestamp(now)?))
}

/// Forgets a sign-in that has not been answered.
#[allow(unsafe_code, reason = "a host finds a function by its name")]
#[unsafe(no_mangle)]
pub extern "C" fn forget(number: usize) {
    drop(taken(number));
}

/// Registers a device: 56 random bytes, device key, group key. Writes `DevicePassword`, `PasswordVerifier` and `Salt`.
#[allow(unsafe_code, reason = "a host finds a function by its name")]
#[unsafe(no_mangle)]
pub extern "C" fn register_device(length: usize) -> i32 {
    respond(length, |input| {
        let mut random = input.random()?;
        let key = input.required(Parameter::DeviceKey)?.parse()?;
        let device = Device::new(key, input.required(Parameter::DeviceGroupKey)?)?;
        let (credentials, verifier) = DeviceCredentials::register_with_rng(device, &mut random)?;
        Ok(Pairs::new(vec![
            ("DevicePassword", credentials.expose_password().to_owned()),
            ("PasswordVerifier", (*verifier.password_verifier()).clone()),
            ("Salt", verifier.salt()),
        ]))
    })
}

/// Computes a `SECRET_HASH`: client id, client secret, user name.
#[allow(unsafe_code, reason = "a host finds a function by its name")]
#[unsafe(no_mangle)]
pub extern "C" fn secret_hash(length: usize) -> i32 {
    respond(length, |input| {
        // The hash is not over the pool.
        let app = AppClient::new("us-east-1_x".parse()?, input.required(Parameter::ClientId)?)?;
        let app = app.with_secret(ClientSecret::new(input.required(Parameter::ClientSecret)?)?);
        let mut hash = app.secret_hash(&input.required(Parameter::Username)?.parse()?).ok_or(Error::WrongSecretHash)?;
        Ok(Pairs::new(vec![("SECRET_HASH", mem::take(&mut *hash))]))
    })
}

/// Reads the input, runs a function on it, and writes what it returns.
fn respond(length: usize, work: impl FnOnce(&mut Input) -> Result<Pairs, Error>) -> i32 {
    match work(&mut Input::take(length)) {
        Ok(pairs) => {
            pairs.write(Output::new());
            0
        }
        Err(error) => refuse(error),
    }
}

/// Does what [`respond`] does for a function that starts a sign-in, and returns the number of the sign-in.
fn keep(length: usize, start: impl FnOnce(&mut Input) -> Result<(Started, Pairs), Error>) -> i32 {
    let mut number = 0;
    let status = respond(length, |input| {
        let (started, pairs) = start(input)?;
        number = put(started);
        Ok(pairs)
    });
    if status == REFUSED { REFUSED } else { number }
}

/// Puts a sign-in into the first free place.
fn put(started: Started) -> i32 {
    let mut all = STARTED.lock();
    let number = all.iter().position(Option::is_none).unwrap_or_else(|| {
        all.push(None);
        all.len() - 1
    });
    all[number] = Some(started);
    i32::try_from(number).expect("memory ends before")
}

/// Takes a sign-in out of its place.
fn taken(number: usize) -> Option<Started> {
    STARTED.lock().get_mut(number).and_then(Option::take)
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "the range is checked by `Timestamp`, which no number outside of i64 passes"
)]
fn timestamp(seconds: f64) -> Result<Timestamp, Error> {
    // `as` makes 0 of what is no number.
    if seconds.is_nan() {
        Err(Error::Malformed(Parameter::Timestamp))
    } else {
        Timestamp::from_unix_seconds(seconds as i64)
    }
}

/// Writes an error.
fn refuse(error: Error) -> i32 {
    // The name of a variant, without its parameter.
    let name = format!("{error:?}");
    let mut output = Output::new();
    output.put(name.split('(').next().unwrap_or_default());
    output.put(&error.to_string());
    if let Some(parameter) = error.parameter() {
        output.put(parameter.name());
    }
    REFUSED
}
