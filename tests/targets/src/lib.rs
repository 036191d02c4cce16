//! What a host calls on another machine: one line of the example `vector`, and exponentiations on a chosen backend.
//!
//! node calls the exported functions of the module for wasm32.

use std::sync::atomic::{AtomicU8, Ordering};

use cognito_srp6a::hazmat::Backend;

#[allow(dead_code, reason = "`main` is for machines with a standard input")]
#[path = "../../../examples/vector.rs"]
mod vector;

/// Where the host writes a line, and finds the answer.
static BUFFER: [AtomicU8; 1 << 16] = [const { AtomicU8::new(0) }; 1 << 16];

/// Returns the address of the buffer.
#[allow(unsafe_code, reason = "a host finds a function by its name")]
#[unsafe(no_mangle)]
pub extern "C" fn buffer() -> *const AtomicU8 {
    BUFFER.as_ptr()
}

/// Answers the line of `length` bytes in the buffer, and returns the length of the answer there.
///
/// # Panics
///
/// For a line or an answer that the buffer is too small for.
#[allow(unsafe_code, reason = "a host finds a function by its name")]
#[unsafe(no_mangle)]
pub extern "C" fn answer(length: usize) -> usize {
    let line: Vec<u8> = BUFFER[..length].iter().map(|byte| byte.load(Ordering::Relaxed)).collect();
    let answer = serde_json::to_vec(&vector::respond(&line)).expect("an answer is JSON");
    for (place, byte) in BUFFER[..answer.len()].iter().zip(&answer) {
        place.store(*byte, Ordering::Relaxed);
    }
    answer.len()
}

/// Returns whether the crate uses `digits28` here, as it must where words are narrow.
#[allow(unsafe_code, reason = "a host finds a function by its name")]
#[unsafe(no_mangle)]
pub extern "C" fn uses_digits28() -> bool {
    Backend::in_use().name() == "digits28"
}

/// The backends to compare, by their number in [`powers`].
pub const BACKENDS: [&str; 2] = ["portable", "digits28"];

/// The powers to compute, by their number in [`powers`]: the client's `S`, and `A`.
pub const NAMES: [&str; 2] = ["modexp-513", "comb-320"];

/// Computes some powers on a backend and returns 64 bits that depend on all of the last one.
///
/// # Panics
///
/// For numbers that name nothing.
#[allow(unsafe_code, reason = "a host finds a function by its name")]
#[unsafe(no_mangle)]
pub extern "C" fn powers(backend: usize, name: usize, times: usize) -> u64 {
    let backend = Backend::all().into_iter().find(|found| found.name() == BACKENDS[backend]).expect("it is built in");
    let mut power = core::array::from_fn(|i| i as u8);
    for _ in 0..times {
        let computed = match NAMES[name] {
            "modexp-513" => backend.pow_below(&power, &[&[1][..], &[0xa5; 64]].concat(), 513),
            "comb-320" => backend.pow_g(&power[..40]),
            other => panic!("there is no power {other}"),
        };
        power = computed.expect("the exponent is short enough");
    }
    power.as_chunks().0.iter().fold(0, |sum, bytes| sum.rotate_left(1) ^ u64::from_be_bytes(*bytes))
}
