//! The equations of SRP-6a, one function each, in the order of RFC 5054.

#![allow(non_snake_case, reason = "SRP distinguishes A from a and B from b by case")]

use core::fmt;

use rand::TryCryptoRng;
use sha2::{Digest, Sha256};
#[cfg(feature = "server")]
use subtle::ConstantTimeEq;
use zeroize::ZeroizeOnDrop;

use super::inputs::{Identity, Password, Salt};
use crate::encoding::Enc;
use crate::error::{Error, Parameter};
use crate::group::{Element, Exponent, Reading};
use crate::secret::Secret;

// RFC 5054 §2.5.3
//   k = SHA1(N | PAD(g))
// Departure: k

/// `SHA-256(enc(N) ‖ enc(g))`
const MULTIPLIER: [u8; 32] = [
    0x53, 0x82, 0x82, 0xc4, 0x35, 0x47, 0x42, 0xd7, 0xcb, 0xbd, 0xe2, 0x35, 0x9f, 0xcf, 0x67, 0xf9, //
    0xf5, 0xb3, 0xa6, 0xb0, 0x87, 0x91, 0xe5, 0x01, 0x1b, 0x43, 0xb8, 0xa5, 0xb6, 0x6d, 0x9e, 0xe6,
];

/// Returns `k`, the multiplier.
pub(crate) const fn multiplier() -> Element {
    Element::from_256_bits(&MULTIPLIER)
}

/// A secret ephemeral exponent: `a` of the client or `b` of the server. It is used once.
#[derive(Debug)]
pub(crate) struct Ephemeral(Exponent);

impl Ephemeral {
    /// 320 bits. RFC 5054 §2.5.4 requires at least 256. RFC 7919 §5.2 and appendix A.2 give 275 as the least that
    /// does not weaken a group of this size. 320 is the next whole number of words.
    pub(crate) const BYTES: usize = 40;

    /// Draws 40 bytes, read as a big-endian integer. A random source that returns zeros fails.
    pub(crate) fn generate<R: TryCryptoRng + ?Sized>(rng: &mut R) -> Result<Self, Error> {
        // With an exponent of 0, the claim or `B` would reveal the password or the verifier.
        let mut bytes = Secret::<{ Self::BYTES }>::zero();
        bytes.fill(rng)?;
        if bytes.is_zero() {
            return Err(Error::RandomSource);
        }
        Ok(Self::from_be_bytes(bytes.expose()))
    }

    /// Reads 40 big-endian bytes.
    pub(crate) fn from_be_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        Self(Exponent::from_be_bytes(bytes))
    }

    /// Reads an exponent that the caller chose, at most 384 big-endian bytes. Their number is public.
    #[cfg(feature = "hazmat")]
    pub(crate) fn from_be_slice(bytes: &[u8]) -> Result<Self, Error> {
        Exponent::from_be_slice(bytes).map(Self).ok_or(Error::TooLong(Parameter::Ephemeral))
    }
}

/// The client's public key `A`, never 0 mod N.
#[derive(Clone, Debug)]
pub(crate) struct ClientPublic(Element);

/// The server's public key `B`, never 0 mod N.
#[derive(Clone, Debug)]
pub(crate) struct ServerPublic(Element);

impl ClientPublic {
    // RFC 5054 §2.6 (client)
    //   A = g^a % N

    /// Returns `A`.
    pub(crate) fn new(a: &Ephemeral) -> Self {
        Self(Element::pow_g(&a.0))
    }

    // RFC 5054 §2.5.4
    //   The server MUST abort [...] if A % N = 0.

    /// Reads the `A` of a peer. It must be between 0 and N, both excluded.
    pub(crate) fn from_be_bytes_vartime(bytes: &[u8; Element::BYTES]) -> Result<Self, Error> {
        public_value_vartime(bytes, Parameter::SrpA).map(Self)
    }

    pub(crate) fn to_be_bytes(&self) -> [u8; Element::BYTES] {
        self.0.to_be_bytes()
    }
}

impl ServerPublic {
    // RFC 5054 §2.6 (server)
    //   B = k*v + g^b % N

    /// Returns `B`, or `None` if it is 0 mod N: then the server must draw another `b`.
    pub(crate) fn new(v: &Verifier, b: &Ephemeral) -> Option<Self> {
        let B = multiplier().mul(&v.0).add(&Element::pow_g(&b.0));
        // Elements are canonical, so 0 mod N is 0. The branch leaks only whether B is 0.
        if B.is_zero().into() { None } else { Some(Self(B)) }
    }

    // RFC 5054 §2.5.3
    //   The client MUST abort [...] if B % N = 0.

    /// Reads the `B` of a peer. It must be between 0 and N, both excluded.
    pub(crate) fn from_be_bytes_vartime(bytes: &[u8; Element::BYTES]) -> Result<Self, Error> {
        public_value_vartime(bytes, Parameter::SrpB).map(Self)
    }

    pub(crate) fn to_be_bytes(&self) -> [u8; Element::BYTES] {
        self.0.to_be_bytes()
    }
}

/// Reads a public key, or returns why it is not one.
fn public_value_vartime(bytes: &[u8; Element::BYTES], parameter: Parameter) -> Result<Element, Error> {
    match Element::read_vartime(bytes) {
        Reading::Unit(value) => Ok(value),
        Reading::ZeroModN => Err(Error::PublicValueIsZero(parameter)),
        Reading::AboveN => Err(Error::PublicValueOutOfRange(parameter)),
    }
}

/// The scrambler `u`, public and never 0.
pub(crate) struct Scrambler([u8; 32]);

impl Scrambler {
    // RFC 5054 §2.6
    //   u = SHA1(PAD(A) | PAD(B))
    // Departure: u

    /// Returns `u`, or an error if it is 0 (SRP-6a: the client aborts).
    pub(crate) fn new(A: &ClientPublic, B: &ServerPublic) -> Result<Self, Error> {
        let hash = Sha256::new()
            .chain_update(Enc::new(&A.to_be_bytes()).as_bytes())
            .chain_update(Enc::new(&B.to_be_bytes()).as_bytes());
        Self::from_be_bytes(hash.finalize().into())
    }

    /// Returns `u` from its hash.
    pub(crate) fn from_be_bytes(bytes: [u8; 32]) -> Result<Self, Error> {
        if bytes == [0; 32] { Err(Error::ScramblerIsZero) } else { Ok(Self(bytes)) }
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The private key `x`. It is equivalent to the password.
#[derive(Debug)]
pub(crate) struct PrivateKey(Secret<32>);

impl PrivateKey {
    // RFC 5054 §2.4
    //   x = SHA1(s | SHA1(I | ":" | P))
    // Departure: x

    /// Returns `x`.
    pub(crate) fn new(identity: Identity<'_>, password: Password<'_>, salt: Salt<'_>) -> Self {
        let inner = identity_hash(identity, password);
        let mut x = Secret::zero();
        Sha256::new()
            .chain_update(Enc::new(salt.0).as_bytes())
            .chain_update(inner.expose())
            .finalize_into(x.expose_mut().into());
        Self(x)
    }

    /// Returns an `x` that the caller chose.
    #[cfg(feature = "hazmat")]
    pub(crate) const fn from_be_bytes(bytes: [u8; 32]) -> Self {
        Self(Secret::new(bytes))
    }

    #[cfg(feature = "hazmat")]
    pub(crate) const fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    fn exponent(&self) -> Exponent {
        Exponent::from_be_bytes(self.0.expose())
    }
}

/// Returns `SHA-256(realm ‖ name ‖ ":" ‖ P)`.
pub(crate) fn identity_hash(identity: Identity<'_>, password: Password<'_>) -> Secret<32> {
    let mut out = Secret::zero();
    Sha256::new()
        .chain_update(identity.realm)
        .chain_update(identity.name)
        .chain_update(b":")
        .chain_update(password.0)
        .finalize_into(out.expose_mut().into());
    out
}

/// The password verifier `v`, which the server stores. A thief of it can test guesses of the password offline.
#[derive(Debug)]
pub(crate) struct Verifier(Element);

impl Verifier {
    // RFC 5054 §2.4
    //   v = g^x % N

    /// Returns `v`.
    pub(crate) fn new(x: &PrivateKey) -> Self {
        Self(Element::pow_g(&x.exponent()))
    }

    /// Reads a verifier that a client sent or that was stored. It must be between 1 and N - 1, both excluded.
    ///
    /// If `v` is 0, 1 or N - 1, a client can compute `S` without the password. A store that lost its content and
    /// returns zeros must not let anybody in. The time leaks why a verifier is refused; it leaks nothing about a
    /// valid one.
    pub(crate) fn read(bytes: &[u8; Element::BYTES]) -> Result<Self, Error> {
        let v = Element::read(bytes).into_option().ok_or(Error::VerifierOutOfRange)?;
        let trivial = v.is_zero() | v.is_one() | v.is_minus_one();
        if trivial.into() { Err(Error::VerifierIsTrivial) } else { Ok(Self(v)) }
    }

    /// Copies a verifier. The copy is wiped as well.
    #[cfg(feature = "server")]
    pub(crate) fn copy(&self) -> Self {
        Self(self.0.clone())
    }

    /// Returns whether two verifiers are equal, in constant time.
    #[cfg(feature = "server")]
    pub(crate) fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }

    /// Returns a verifier that the caller chose, reduced mod `N`.
    #[cfg(feature = "hazmat")]
    pub(crate) fn from_be_bytes(bytes: &[u8; Element::BYTES]) -> Self {
        Self(Element::reduce(bytes))
    }

    pub(crate) fn to_be_bytes(&self) -> [u8; Element::BYTES] {
        self.0.to_be_bytes()
    }
}

/// The premaster secret `S`.
#[derive(Debug)]
pub(crate) struct Premaster(Element);

impl Premaster {
    // RFC 5054 §2.6 (client)
    //   <premaster secret> = (B - (k * g^x)) ^ (a + (u * x)) % N

    /// Returns `S` as the client computes it. `a` and `x` are secret and do not influence the time.
    pub(crate) fn of_client(a: &Ephemeral, B: &ServerPublic, x: &PrivateKey, u: &Scrambler) -> Self {
        let g_x = Element::pow_g(&x.exponent());
        let base = B.0.sub(&multiplier().mul(&g_x));
        let exponent = a.0.plus_product(u.as_bytes(), x.0.expose());
        Self(base.pow(&exponent))
    }

    // RFC 5054 §2.6 (server)
    //   <premaster secret> = (A * v^u) ^ b % N

    /// Returns `S` as the server computes it. `v` and `b` are secret and do not influence the time.
    pub(crate) fn of_server(A: &ClientPublic, v: &Verifier, u: &Scrambler, b: &Ephemeral) -> Self {
        let u = Exponent::from_be_bytes(u.as_bytes());
        Self(A.0.mul(&v.0.pow(&u)).pow(&b.0))
    }

    /// Returns an `S` that the caller chose, reduced mod `N`.
    #[cfg(feature = "hazmat")]
    pub(crate) fn from_be_bytes(bytes: &[u8; Element::BYTES]) -> Self {
        Self(Element::reduce(bytes))
    }

    /// Returns the fixed-width form. The caller wipes it.
    pub(crate) fn to_be_bytes(&self) -> [u8; Element::BYTES] {
        self.0.to_be_bytes()
    }
}

impl fmt::Debug for Scrambler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scrambler").finish_non_exhaustive()
    }
}

// These types consist of an `Element`, an `Exponent` or a `Secret`, which wipe themselves.
impl ZeroizeOnDrop for Ephemeral {}
impl ZeroizeOnDrop for PrivateKey {}
impl ZeroizeOnDrop for Verifier {}
impl ZeroizeOnDrop for Premaster {}
