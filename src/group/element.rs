//! Integers mod `N`.

use core::fmt;

use subtle::{Choice, ConstantTimeEq, CtOption};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::backend::Backend;
use super::exponent::Exponent;
use super::limbs::{self, Limbs, Mask, ONE};
use super::params::N;

/// An integer mod `N`, always canonical: below `N`, and not in a backend's Montgomery form.
///
/// It is `Clone` for the public keys. No type of a secret that contains it is `Clone`.
#[derive(Clone)]
pub(crate) struct Element(Limbs);

/// The range of a public 3072-bit integer: the three cases that a protocol must distinguish.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "boxing it would put arithmetic on the heap")]
pub(crate) enum Reading {
    /// Between 0 and N, both excluded.
    Unit(Element),
    /// 0 or N, the two multiples of N that fit in 3072 bits.
    ZeroModN,
    /// Above N.
    AboveN,
}

impl Element {
    /// The length of the fixed-width form, in bytes.
    pub(crate) const BYTES: usize = 384;

    /// Reads a public big-endian integer and returns its range.
    pub(crate) fn read_vartime(bytes: &[u8; Self::BYTES]) -> Reading {
        let value = limbs::from_be_bytes(bytes);
        let (above, below_n) = limbs::sub(&value, &N);
        if value == [0; limbs::LIMBS] || above == [0; limbs::LIMBS] {
            Reading::ZeroModN
        } else if below_n == 1 {
            Reading::Unit(Self(value))
        } else {
            Reading::AboveN
        }
    }

    /// Reads a big-endian integer in constant time, or returns none if it is not below `N`.
    pub(crate) fn read(bytes: &[u8; Self::BYTES]) -> CtOption<Self> {
        let value = limbs::from_be_bytes(bytes);
        let (_, below_n) = limbs::sub(&value, &N);
        CtOption::new(Self(value), Choice::from(below_n as u8))
    }

    /// Returns whether this is 1.
    pub(crate) fn is_one(&self) -> Choice {
        self.0.ct_eq(&ONE)
    }

    /// Returns whether this is `N - 1`.
    pub(crate) fn is_minus_one(&self) -> Choice {
        self.0.ct_eq(const { &limbs::sub(&N, &ONE).0 })
    }

    /// Returns whether this is 0.
    pub(crate) fn is_zero(&self) -> Choice {
        self.0.ct_eq(&[0; limbs::LIMBS])
    }

    /// Reads a big-endian integer and reduces it mod `N`.
    pub(crate) fn reduce(bytes: &[u8; Self::BYTES]) -> Self {
        Self(reduce(bytes))
    }

    /// Returns the element of an integer of 256 bits, which is below `N`.
    pub(crate) const fn from_256_bits(bytes: &[u8; 32]) -> Self {
        Self(limbs::from_be_bytes(bytes))
    }

    /// Returns the fixed-width big-endian form.
    pub(crate) fn to_be_bytes(&self) -> [u8; Self::BYTES] {
        limbs::to_be_bytes(&self.0)
    }

    /// Returns `g^exponent`.
    pub(crate) fn pow_g(exponent: &Exponent) -> Self {
        Self(Backend::best().pow_g(exponent))
    }

    /// Returns `self^exponent`.
    pub(crate) fn pow(&self, exponent: &Exponent) -> Self {
        Self(Backend::best().pow(&self.0, exponent))
    }

    /// Returns `self · other`.
    pub(crate) fn mul(&self, other: &Self) -> Self {
        Self(Backend::best().mul(&self.0, &other.0))
    }

    /// Returns `self + other`.
    pub(crate) fn add(&self, other: &Self) -> Self {
        let (mut sum, carry) = limbs::add(&self.0, &other.0);
        let (mut reduced, borrow) = limbs::sub(&sum, &N);
        // The sum is below 2N. Keep it if it is below N: it has no carry, and subtracting N borrows.
        let keep = Mask::from_bit(borrow & (carry ^ 1));
        let out = Self(limbs::select(keep, &sum, &reduced));
        sum.zeroize();
        reduced.zeroize();
        out
    }

    /// Returns `self - other`.
    pub(crate) fn sub(&self, other: &Self) -> Self {
        let (mut difference, borrow) = limbs::sub(&self.0, &other.0);
        let (mut wrapped, _) = limbs::add(&difference, &N);
        let out = Self(limbs::select(Mask::from_bit(borrow), &wrapped, &difference));
        difference.zeroize();
        wrapped.zeroize();
        out
    }
}

/// Reads a big-endian integer and reduces it mod `N`. It is below `2^3072 < 2N`, so one subtraction is enough.
pub(crate) fn reduce(bytes: &[u8; Element::BYTES]) -> Limbs {
    let value: Limbs = limbs::from_be_bytes(bytes);
    let (reduced, borrow) = limbs::sub(&value, &N);
    limbs::select(Mask::from_bit(borrow), &value, &reduced)
}

impl Drop for Element {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl ZeroizeOnDrop for Element {}

impl ConstantTimeEq for Element {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

impl fmt::Debug for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Element").finish_non_exhaustive()
    }
}
