//! The numbers of a challenge. Values for which a client would wait long come after a while, and the rules about their
//! bytes can be broken.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use cognito_srp6a::hazmat::{self, ElementBytes};
use sha2::{Digest as _, Sha256};

use super::{Fault, random};

/// A client that has had so many challenges for the same `A` waits for a rare value.
const PATIENCE: usize = 32;

/// How many `b` there are among which a rare value is looked for. Each is rare in one of 2,048, with nothing else special.
const CHOICES: u16 = 16_000;

/// The rare `b` of an `A`, by the value that is to be short.
type Found = HashMap<(Vec<u8>, usize), Option<u16>>;

#[derive(Clone)]
pub struct Numbers {
    /// As it is hashed: 384 bytes, or more for 2N.
    a_public: Vec<u8>,
    v: ElementBytes,
    b: Vec<u8>,
    pub b_public: ElementBytes,
}

static FOUND: LazyLock<Mutex<Found>> = LazyLock::new(Mutex::default);
/// The `B` of each choice, for the first verifier that needs them: only one user waits.
static CHOSEN: LazyLock<Mutex<Vec<ElementBytes>>> = LazyLock::new(Mutex::default);

impl Numbers {
    /// The numbers of the challenge that is the `count`th for this `A`.
    pub fn new(a_public: Vec<u8>, v: &ElementBytes, count: usize) -> Self {
        // Others in between, for a client that does not wait for these.
        let is_rare = count > PATIENCE && count.is_multiple_of(2);
        let rare = if is_rare { rare(&a_public, v, count / 2 % 3) } else { None };
        let b = rare.map_or_else(|| random::<32>().to_vec(), |b| b.to_be_bytes().to_vec());
        let b_public = hazmat::server_public(v, &b).unwrap();
        Self { a_public, v: *v, b, b_public }
    }

    /// `K`, with the rule about its bytes that is broken.
    pub fn key(&self, fault: Fault) -> [u8; 16] {
        let a = encoded(&self.a_public, fault, Fault::NoSignByteOfA, Fault::FixedWidthOfAAndB);
        let b = encoded(&self.b_public, fault, Fault::NoSignByteOfB, Fault::FixedWidthOfAAndB);
        let u: [u8; 32] = Sha256::digest([a, b].concat()).into();
        let premaster = if is_zero_mod_n(&self.a_public) {
            [0; 384]
        } else {
            let a_public = self.a_public[self.a_public.len() - 384..].try_into().unwrap();
            hazmat::server_premaster(&a_public, &self.v, u, &self.b).unwrap()
        };
        let u = encoded(&u, fault, Fault::NoSignByteOfU, Fault::ZerosOfUKept);
        let premaster = encoded(&premaster, fault, Fault::NoSignByteOfS, Fault::FixedWidthOfS);
        hazmat::derive_key(&u, &premaster)
    }
}

/// `enc`, unless one of the rules for this value is broken.
fn encoded(value: &[u8], fault: Fault, no_sign_byte: Fault, fixed_width: Fault) -> Vec<u8> {
    let first = value.iter().position(|&byte| byte != 0).unwrap_or(value.len());
    let magnitude = if fault == fixed_width { value } else { &value[first..] };
    let sign = magnitude.first().is_none_or(|&byte| byte >= 0x80);
    let sign = sign && fault != no_sign_byte && fault != Fault::NoSignByte;
    [if sign { &[0][..] } else { &[] }, magnitude].concat()
}

/// Looks for a `b` with which `B`, `u` or `S` is short and nothing else is special.
fn rare(a_public: &[u8], v: &ElementBytes, which: usize) -> Option<u16> {
    let key = (a_public.to_vec(), which);
    // The lock is held while it looks, so that no other test looks for the same.
    let mut found = FOUND.lock().unwrap();
    if let Some(b) = found.get(&key) {
        return *b;
    }
    let mut chosen = CHOSEN.lock().unwrap();
    if chosen.is_empty() {
        chosen.extend((0..CHOICES).map(|b| hazmat::server_public(v, &number(b).to_be_bytes()).unwrap()));
    }
    let public: ElementBytes = a_public.try_into().ok()?;
    let is_rare = |&(b, b_public): &(u16, &ElementBytes)| {
        let wanted = |index, value: &[u8]| if index == which { is_short(value) } else { is_plain(value) };
        let Ok(u) = hazmat::scrambler(&public, b_public) else { return false };
        wanted(0, b_public)
            && wanted(1, &u)
            && wanted(2, &hazmat::server_premaster(&public, v, u, &number(b).to_be_bytes()).unwrap())
    };
    let b = (0..CHOICES).zip(chosen.iter()).find(is_rare).map(|(b, _)| number(b));
    found.insert(key, b);
    b
}

/// Below 3,072 a power of 2 is not reduced.
const fn number(choice: u16) -> u16 {
    4_000 + choice
}

fn is_short(value: &[u8]) -> bool {
    value[0] == 0 && (1..0x80).contains(&value[1])
}

/// Bytes that are written as they are, without a zero byte that is a sign.
fn is_plain(value: &[u8]) -> bool {
    (1..0x80).contains(&value[0])
}

/// Returns whether bytes are 0, N or 2N.
pub fn is_zero_mod_n(bytes: &[u8]) -> bool {
    let n = hazmat::modulus();
    let first = bytes.iter().position(|&byte| byte != 0).unwrap_or(bytes.len());
    let magnitude = &bytes[first..];
    let doubled: Vec<_> =
        [1].into_iter().chain((0..384).map(|i| n[i] << 1 | n.get(i + 1).map_or(0, |next| next >> 7))).collect();
    magnitude.is_empty() || magnitude == n || magnitude == doubled
}
