//! The protocol written a second time, for comparison, on `num-bigint` and the hash functions alone.
//!
//! It shares no arithmetic, no constant and no text form with the library: `N` comes from its formula in RFC 3526,
//! HKDF is put together from its HMACs, and the calendar is counted out. It is not constant time.

#![allow(non_snake_case, reason = "SRP tells A from a and B from b by their case")]

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use num_bigint::{BigInt, BigUint};
use num_traits::{One as _, Zero as _};
use rand::RngExt as _;
use rand::rngs::StdRng;
use sha2::{Digest as _, Sha256};

use super::{Map, integer};

// RFC 3526 §4
//   The prime is: 2^3072 - 2^3008 - 1 + 2^64 * { [2^2942 pi] + 1690314 }

/// `N`, from its formula.
pub static N: LazyLock<BigUint> = LazyLock::new(|| {
    let one = BigUint::one;
    (one() << 3072u32) - (one() << 3008u32) - one() + ((floor_of_pi_shifted_by(2942) + 1_690_314u32) << 64u32)
});

/// `q = (N-1)/2`, the order of the subgroup that `g` generates.
pub static Q: LazyLock<BigUint> = LazyLock::new(|| &*N >> 1u32);

/// `k`.
pub static K: LazyLock<BigUint> = LazyLock::new(|| integer(&sha256(&[&enc(&N), &enc(&g())])));

/// `g`.
pub fn g() -> BigUint {
    BigUint::from(2u32)
}

/// Returns `⌊2^bits · π⌋` by Machin's formula, `π = 16·atan(1/5) - 4·atan(1/239)`.
fn floor_of_pi_shifted_by(bits: u32) -> BigUint {
    // Each of the some 1,500 terms is cut off by less than one unit, so 64 bits more are plenty.
    const GUARD: u32 = 64;
    let unit = BigUint::one() << (bits + GUARD);
    let pi = arctangent_of_inverse(5, &unit) * 16u32 - arctangent_of_inverse(239, &unit) * 4u32;
    pi >> GUARD
}

/// Returns `unit · atan(1/n) = unit · (1/n - 1/(3·n³) + 1/(5·n⁵) - …)`.
fn arctangent_of_inverse(n: u32, unit: &BigUint) -> BigUint {
    let (mut plus, mut minus) = (BigUint::zero(), BigUint::zero());
    let mut power = unit / n;
    for i in 0u32.. {
        if power.is_zero() {
            break;
        }
        let term = &power / (2 * i + 1);
        if i.is_multiple_of(2) {
            plus += term;
        } else {
            minus += term;
        }
        power /= n * n;
    }
    plus - minus
}

/// `enc(i)`, Java's `BigInteger.toByteArray`.
pub fn enc(i: &BigUint) -> Vec<u8> {
    BigInt::from(i.clone()).to_signed_bytes_be()
}

pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    Sha256::digest(parts.concat()).into()
}

pub fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.chain_update(parts.concat()).finalize().into_bytes().into()
}

pub fn identity_hash(realm: &str, name: &str, password: &[u8]) -> [u8; 32] {
    sha256(&[realm.as_bytes(), name.as_bytes(), b":", password])
}

pub fn x(realm: &str, name: &str, password: &[u8], salt: &BigUint) -> BigUint {
    integer(&sha256(&[&enc(salt), &identity_hash(realm, name, password)]))
}

pub fn v(x: &BigUint) -> BigUint {
    g().modpow(x, &N)
}

pub fn A(a: &BigUint) -> BigUint {
    g().modpow(a, &N)
}

pub fn B(v: &BigUint, b: &BigUint) -> BigUint {
    (&*K * v + g().modpow(b, &N)) % &*N
}

pub fn u(A: &BigUint, B: &BigUint) -> BigUint {
    integer(&sha256(&[&enc(A), &enc(B)]))
}

/// `S` of the client, over the signed integers: `B - k·g^x` is negative in nearly every exchange.
pub fn client_premaster(a: &BigUint, B: &BigUint, x: &BigUint, u: &BigUint) -> BigUint {
    let base = BigInt::from(B.clone()) - BigInt::from(&*K * v(x));
    let S = base.modpow(&BigInt::from(a + u * x), &BigInt::from(N.clone()));
    S.to_biguint().expect("the remainder of a positive modulus is not negative")
}

pub fn server_premaster(A: &BigUint, v: &BigUint, u: &BigUint, b: &BigUint) -> BigUint {
    (A * v.modpow(u, &N)).modpow(b, &N)
}

// RFC 5869 §2.2, §2.3
//   PRK = HMAC-Hash(salt, IKM)
//   T(1) = HMAC-Hash(PRK, T(0) | info | 0x01)

pub fn derive_key(salt: &[u8], input: &[u8]) -> [u8; 16] {
    let okm = hmac(&hmac(salt, &[input]), &[b"Caldera Derived Key", &[1]]);
    *okm.first_chunk().expect("a hash is longer than a key")
}

pub fn session_key(u: &BigUint, S: &BigUint) -> [u8; 16] {
    derive_key(&enc(u), &enc(S))
}

pub fn claim(key: [u8; 16], realm: &str, name: &str, secret_block: &[u8], timestamp: &str) -> [u8; 32] {
    hmac(&key, &[realm.as_bytes(), name.as_bytes(), secret_block, timestamp.as_bytes()])
}

pub fn secret_hash(client_secret: &str, username: &str, client_id: &str) -> String {
    STANDARD.encode(hmac(client_secret.as_bytes(), &[username.as_bytes(), client_id.as_bytes()]))
}

/// `EEE MMM d HH:mm:ss 'UTC' yyyy`, counted out day by day from Thursday, 1 January 1970.
pub fn timestamp(unix_seconds: i64) -> String {
    const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [(&str, i64); 12] = [
        ("Jan", 31),
        ("Feb", 28),
        ("Mar", 31),
        ("Apr", 30),
        ("May", 31),
        ("Jun", 30),
        ("Jul", 31),
        ("Aug", 31),
        ("Sep", 30),
        ("Oct", 31),
        ("Nov", 30),
        ("Dec", 31),
    ];
    let (days, second) = (unix_seconds / 86_400, unix_seconds % 86_400);
    let leap = |year: i64| i64::from(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));

    let (mut year, mut day) = (1970, days);
    while day >= 365 + leap(year) {
        day -= 365 + leap(year);
        year += 1;
    }
    let mut month = 0;
    let length = |month: usize| MONTHS[month].1 + if month == 1 { leap(year) } else { 0 };
    while day >= length(month) {
        day -= length(month);
        month += 1;
    }
    format!(
        "{} {} {} {:02}:{:02}:{:02} UTC {year:04}",
        WEEKDAYS[usize::try_from(days % 7).expect("0 to 6")],
        MONTHS[month].0,
        day + 1,
        second / 3600,
        second / 60 % 60,
        second % 60,
    )
}

/// The client's half.
pub struct Client {
    a: BigUint,
}

impl Client {
    pub fn new(rng: &mut StdRng) -> Self {
        Self { a: random_ephemeral(rng) }
    }

    /// `SRP_A`, in one of the spellings that clients use.
    pub fn srp_a(&self, rng: &mut StdRng) -> String {
        any_spelling(rng, &A(&self.a))
    }

    /// Answers a challenge as the service wants it.
    pub fn answer(&self, realm: &str, password: &str, challenge: &Map, unix_seconds: i64) -> Map {
        let number = |name: &str| parse(&challenge[name]);
        let (name, block) = (&challenge["USER_ID_FOR_SRP"], &challenge["SECRET_BLOCK"]);
        let u = u(&A(&self.a), &number("SRP_B"));
        let x = x(realm, name, password.as_bytes(), &number("SALT"));
        let key = session_key(&u, &client_premaster(&self.a, &number("SRP_B"), &x, &u));
        let bytes = STANDARD.decode(block).expect("the server sends Base64");
        let timestamp = timestamp(unix_seconds);
        let signature = claim(key, realm, name, &bytes, &timestamp);
        [
            ("USERNAME", challenge["USERNAME"].clone()),
            ("PASSWORD_CLAIM_SIGNATURE", STANDARD.encode(signature)),
            ("PASSWORD_CLAIM_SECRET_BLOCK", block.clone()),
            ("TIMESTAMP", timestamp),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }
}

/// The server's half: one user, one exchange.
pub struct Server {
    realm: String,
    name: String,
    salt: BigUint,
    v: BigUint,
    b: BigUint,
    A: BigUint,
    block: Vec<u8>,
}

impl Server {
    pub fn new(rng: &mut StdRng, realm: &str, name: &str, password: &str, srp_a: &str) -> Self {
        // One salt in four is short, as an integer that begins with zero bytes is.
        let salt_bits = if rng.random_ratio(1, 4) { rng.random_range(0..128) } else { 128 };
        let salt = integer(&rng.random::<[u8; 16]>()) >> (128 - salt_bits);
        let v = v(&x(realm, name, password.as_bytes(), &salt));
        Self::with_verifier(rng, realm, name, salt, v, srp_a)
    }

    pub fn with_verifier(rng: &mut StdRng, realm: &str, name: &str, salt: BigUint, v: BigUint, srp_a: &str) -> Self {
        let b = random_ephemeral(rng);
        let mut block = vec![0; rng.random_range(1..2000)];
        rng.fill(&mut block[..]);
        Self { realm: realm.into(), name: name.into(), salt, v, b, A: parse(srp_a), block }
    }

    pub fn challenge(&self, rng: &mut StdRng) -> Map {
        [
            ("USER_ID_FOR_SRP", self.name.clone()),
            ("USERNAME", self.name.clone()),
            ("SALT", any_spelling(rng, &self.salt)),
            ("SRP_B", any_spelling(rng, &B(&self.v, &self.b))),
            ("SECRET_BLOCK", STANDARD.encode(&self.block)),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// The signature that the right password makes at the time of the claim.
    pub fn expected_signature(&self, timestamp: &str) -> String {
        let u = u(&self.A, &B(&self.v, &self.b));
        let key = session_key(&u, &server_premaster(&self.A, &self.v, &u, &self.b));
        STANDARD.encode(claim(key, &self.realm, &self.name, &self.block, timestamp))
    }
}

/// An exponent of 256 bits, as in RFC 5054, or of 1024, as the official clients have it.
fn random_ephemeral(rng: &mut StdRng) -> BigUint {
    let mut bytes = vec![0; if rng.random() { 32 } else { 128 }];
    rng.fill(&mut bytes[..]);
    integer(&bytes)
}

/// The hex of an integer as one implementation or another writes it: odd or even in length, with a sign byte or not,
/// in lower or upper case.
fn any_spelling(rng: &mut StdRng, value: &BigUint) -> String {
    let text = match rng.random_range(0..3) {
        0 => value.to_str_radix(16),
        1 => super::hex(&value.to_bytes_be()),
        _ => super::hex(&enc(value)),
    };
    if rng.random_ratio(1, 4) { text.to_uppercase() } else { text }
}

fn parse(text: &str) -> BigUint {
    BigUint::parse_bytes(text.as_bytes(), 16).expect("the peer sends hex")
}
