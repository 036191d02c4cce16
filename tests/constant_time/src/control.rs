//! Leaks on purpose. That they are reported shows that marks are set and followed.

use std::hint::black_box;

use cognito_srp6a::hazmat::Backend;

use crate::{bytes, secret_bytes};

/// Branches on a bit of a power whose exponent is secret: the mark has come through a whole exponentiation.
pub fn branch(backend: Backend) {
    let power = backend.pow_g(&secret_bytes(&bytes::<40>(1))).unwrap();
    if power[383] & 1 == 1 {
        black_box(&power);
    }
}

/// Reads memory at an address that a secret chooses.
pub fn address(_: Backend) {
    let table = black_box([0_u8; 256]);
    let secret = secret_bytes(&bytes::<1>(1));
    black_box(table[usize::from(secret[0])]);
}
