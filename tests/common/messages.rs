//! Messages that are valid, numbers that are not, and texts of any kind.

use super::oracle::N;
use super::{Map, number_from};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use num_bigint::BigUint;
use proptest::prelude::*;

/// The parameters of a challenge. All but `USERNAME` are required.
pub const CHALLENGE: [&str; 5] = ["USER_ID_FOR_SRP", "USERNAME", "SALT", "SRP_B", "SECRET_BLOCK"];

/// The required parameters of a claim.
pub const CLAIM: [&str; 4] = ["USERNAME", "PASSWORD_CLAIM_SIGNATURE", "PASSWORD_CLAIM_SECRET_BLOCK", "TIMESTAMP"];

pub fn hex_of(value: &BigUint) -> String {
    value.to_str_radix(16)
}

/// A challenge that is valid.
pub fn challenge() -> Map {
    let values = ["user", "user", "0a1b2c3d4e5f60718293a4b5c6d7e8f9", "2", "c2VjcmV0"];
    CHALLENGE.into_iter().map(String::from).zip(values.map(String::from)).collect()
}

/// A claim that is valid in its form.
pub fn claim() -> Map {
    let signature = STANDARD.encode([0; 32]);
    let values = ["user", &signature, "c2VjcmV0", "Tue Jan 2 03:04:05 UTC 2024"];
    CLAIM.into_iter().map(String::from).zip(values.map(String::from)).collect()
}

pub fn with(mut message: Map, name: &str, value: impl Into<String>) -> Map {
    message.insert(name.into(), value.into());
    message
}

pub fn without(mut message: Map, name: &str) -> Map {
    message.remove(name).expect("the parameter is there");
    message
}

/// Zero and N as one implementation or another may write them.
pub fn zero_mod_n() -> Vec<String> {
    let n = hex_of(&N);
    vec!["0".into(), "00".into(), "0".repeat(768), "0".repeat(770), n.to_uppercase(), format!("00{n}"), n]
}

/// Multiples of N that have more than 3072 bits.
pub fn higher_multiples_of_n() -> Vec<String> {
    [2u32, 3, 4, 7, 256].iter().map(|times| hex_of(&(&*N * *times))).chain([hex_of(&(&*N * &*N))]).collect()
}

pub fn above_n() -> Vec<String> {
    vec![hex_of(&(&*N + 1u32)), hex_of(&(&*N + 2u32)), "f".repeat(768), format!("00{}", "f".repeat(768))]
}

pub fn no_hex() -> Vec<String> {
    ["-1", "+1", "0x1", " 1", "1 ", "1\n", "g", "1_0", "1.0", "\u{ff11}", "\0", "É"].map(String::from).into()
}

pub fn over_long() -> Vec<String> {
    // Length comes first, so what the text consists of makes no difference.
    vec![format!("1{}", "0".repeat(768)), "0".repeat(771), "z".repeat(771), "f".repeat(1 << 20)]
}

pub fn public_values_that_are_fine() -> Vec<String> {
    let greatest = hex_of(&(&*N - 1u32));
    vec!["1".into(), "02".into(), "abc".into(), "ABC".into(), format!("{}1", "0".repeat(769)), greatest]
}

/// A text that is arbitrary, or nearly right, or hostile.
pub fn text() -> impl Strategy<Value = String> {
    let nearly = prop::sample::select(
        challenge().into_values().chain(claim().into_values()).chain(zero_mod_n()).chain(above_n()).collect::<Vec<_>>(),
    );
    prop_oneof![
        3 => any::<String>(),
        2 => "[0-9a-fA-F]{0,772}",
        2 => "[A-Za-z0-9+/]{0,80}={0,3}",
        2 => "[A-Z][a-z]{2} [A-Z][a-z]{2} [0-9]{1,2} [0-9]{2}:[0-9]{2}:[0-9]{2} UTC [0-9]{1,5}",
        3 => nearly.clone(),
        2 => (nearly, any::<prop::sample::Index>(), any::<char>()).prop_map(|(text, at, c)| {
            let mut characters: Vec<char> = text.chars().collect();
            let at = at.index(characters.len());
            characters[at] = c;
            characters.into_iter().collect()
        }),
    ]
}

/// A message of which each parameter may be absent or arbitrary.
pub fn message(valid: &Map, names: &'static [&'static str]) -> impl Strategy<Value = Map> {
    let parameters: Vec<_> = names
        .iter()
        .map(|&name| {
            let right = valid.get(name).cloned();
            prop_oneof![3 => Just(right), 2 => text().prop_map(Some), 1 => Just(None)]
        })
        .collect();
    parameters.prop_map(move |values| {
        let there = names.iter().zip(values).filter_map(|(name, value)| Some(((*name).to_owned(), value?)));
        there.collect()
    })
}

/// A number of cases, or the one of `PROPTEST_CASES` if that is lower.
pub fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases: cases.min(number_from("PROPTEST_CASES", cases)),
        failure_persistence: None,
        max_shrink_iters: 300,
        ..ProptestConfig::default()
    }
}
