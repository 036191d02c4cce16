//! Single texts. Numbers are taken if and only if another reader finds one within the limits, for the same value; all texts are
//! printed such that they are read again.
#![no_main]

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cognito_srp6a::{DeviceKey, PoolId, Salt, SecretBlock, SrpA, SrpB, Timestamp};
use fuzz::check_text;
use libfuzzer_sys::fuzz_target;
use num_bigint::{BigInt, BigUint, Sign};
use num_traits::Zero as _;

static N: LazyLock<BigUint> = LazyLock::new(|| BigUint::from_bytes_be(&cognito_srp6a::hazmat::modulus()));

fuzz_target!(|input: &[u8]| {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let in_range = |value: &BigUint| !value.is_zero() && *value < *N;
    let public = integer(text, 770).filter(in_range);
    assert_eq!(check_text::<SrpA>(text).map(|a| BigUint::from_bytes_be(&a.to_be_bytes())), public);
    assert_eq!(check_text::<SrpB>(text).map(|b| BigUint::from_bytes_be(&b.to_be_bytes())), public);

    let salt = integer(text, 130).filter(|salt| salt.bits() <= 512);
    let enc = salt.map(|salt| BigInt::from_biguint(Sign::Plus, salt).to_signed_bytes_be());
    assert_eq!(check_text::<Salt>(text).map(|salt| salt.to_signed_bytes()), enc);

    let block = if text.is_empty() || text.len() > 16 * 1024 { None } else { STANDARD.decode(text).ok() };
    assert_eq!(check_text::<SecretBlock>(text).map(|block| block.as_bytes().to_vec()), block);

    // The format prints a moment in one way, and only that way is read.
    if let Some(timestamp) = check_text::<Timestamp>(text) {
        assert_eq!(timestamp.to_string(), text);
        assert_eq!(Timestamp::from_unix_seconds(timestamp.unix_seconds()), Ok(timestamp));
    }
    let _ = check_text::<PoolId>(text);
    let _ = check_text::<DeviceKey>(text);
});

/// The reader of integers in hex, of at most so many characters.
fn integer(text: &str, longest: usize) -> Option<BigUint> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    (digits && text.len() <= longest).then(|| BigUint::parse_bytes(text.as_bytes(), 16).expect("hex digits"))
}
