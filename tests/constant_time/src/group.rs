//! The group on each backend, and the hashes, reached one by one through `hazmat`.

use cognito_srp6a::hazmat::{self, Backend, ElementBytes, Identity};

use crate::valgrind::{has_secret, public};
use crate::{bytes, secret_bytes};

/// Asserts that a result is right and that it was secret to the end: a mark that gets lost on the way proves nothing.
fn assert_secret<const LEN: usize>(mut result: [u8; LEN], expected: &[u8; LEN]) {
    assert!(has_secret(&result, LEN), "the result depends on secrets");
    public(&mut result);
    assert_eq!(result, *expected);
}

pub fn products(backend: Backend) {
    let (a, b): (ElementBytes, ElementBytes) = (bytes(1), bytes(2));
    let (secret_a, secret_b) = (secret_bytes(&a), secret_bytes(&b));
    assert_secret(backend.mul_repeatedly(&secret_a, &secret_b, 3), &backend.mul_repeatedly(&a, &b, 3));
    assert_secret(backend.square_repeatedly(&secret_a, 3), &backend.square_repeatedly(&a, 3));
    assert_secret(hazmat::add(&secret_a, &secret_b), &hazmat::add(&a, &b));
    assert_secret(hazmat::sub(&secret_a, &secret_b), &hazmat::sub(&a, &b));
}

pub fn powers(backend: Backend) {
    let base: ElementBytes = bytes(1);
    let exponent: [u8; 65] = bytes(2);
    let expected = backend.pow(&base, &exponent).unwrap();
    assert_secret(backend.pow(&base, &secret_bytes(&exponent)).unwrap(), &expected);
    assert_secret(backend.pow(&secret_bytes(&base), &exponent).unwrap(), &expected);
    assert_secret(backend.pow(&secret_bytes(&base), &secret_bytes(&exponent)).unwrap(), &expected);
}

pub fn powers_of_g(backend: Backend) {
    // `x`, `a`, and one that is too long for the comb.
    power_of_g::<32>(backend);
    power_of_g::<40>(backend);
    power_of_g::<48>(backend);
}

fn power_of_g<const LEN: usize>(backend: Backend) {
    let exponent: [u8; LEN] = bytes(1);
    assert_secret(backend.pow_g(&secret_bytes(&exponent)).unwrap(), &backend.pow_g(&exponent).unwrap());
}

/// The hashes at lengths that are public. In the whole flows the length of `enc(S)` is secret, and the reports that it causes
/// are allowed in everything that reads `enc(S)`; here nothing is, so that those reports cannot hide others.
pub fn hashes(_: Backend) {
    let (salt, input): ([u8; 33], [u8; 385]) = (bytes(1), bytes(2));
    assert_secret(hazmat::derive_key(&salt, &secret_bytes(&input)), &hazmat::derive_key(&salt, &input));
    let identity = Identity { realm: "realm", name: "name" };
    let password: [u8; 20] = bytes(3);
    let expected = hazmat::identity_hash(identity, &password);
    assert_secret(hazmat::identity_hash(identity, &secret_bytes(&password)), &expected);
    let expected = hazmat::private_key(identity, &password, &salt).unwrap();
    assert_secret(hazmat::private_key(identity, &secret_bytes(&password), &salt).unwrap(), &expected);
    let key: [u8; 16] = bytes(4);
    let expected = hazmat::claim(key, identity, &input, "now");
    assert_secret(hazmat::claim(secret_bytes(&key), identity, &input, "now"), &expected);
}
