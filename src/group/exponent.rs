//! Exponents: secret integers of public length.

use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::limbs;

/// The limbs of the longest exponent, `a + u·x` with an `a` of 3072 bits.
const CAPACITY: usize = 49;

/// A non-negative integer below `2^bits`. The value is secret, the bound `bits` is public.
///
/// The exponent is never reduced. Reduction mod `N` would be wrong, and reduction mod `(N-1)/2` is not needed.
pub(crate) struct Exponent {
    limbs: [u64; CAPACITY],
    bits: usize,
}

impl Exponent {
    /// The length of the longest exponent that can be read, in bytes.
    pub(crate) const MAX_BYTES: usize = 384;

    /// Reads a big-endian integer. The number of bytes is public and sets the bound.
    pub(crate) fn from_be_bytes<const LEN: usize>(bytes: &[u8; LEN]) -> Self {
        const { assert!(LEN <= Self::MAX_BYTES) };
        Self::read(bytes)
    }

    /// Reads a big-endian integer, or returns `None` for more than [`MAX_BYTES`](Self::MAX_BYTES) bytes. The number
    /// of bytes is public and sets the bound.
    #[cfg(feature = "hazmat")]
    pub(crate) fn from_be_slice(bytes: &[u8]) -> Option<Self> {
        (bytes.len() <= Self::MAX_BYTES).then(|| Self::read(bytes))
    }

    /// Reads a big-endian integer of at most [`MAX_BYTES`](Self::MAX_BYTES) bytes.
    fn read(bytes: &[u8]) -> Self {
        let mut out = Self { limbs: [0; CAPACITY], bits: 8 * bytes.len() };
        limbs::read_be_bytes(&mut out.limbs, bytes);
        out
    }

    /// Lowers the bound, or returns `None` if the value is not below `2^bits`. Only which of the two happens leaks.
    #[cfg(feature = "hazmat")]
    pub(crate) fn below(mut self, bits: usize) -> Option<Self> {
        let mut above = 0;
        for start in (bits..self.bits).step_by(64) {
            above |= self.window(start, 64.min(self.bits - start));
        }
        if above != 0 {
            return None;
        }
        self.bits = self.bits.min(bits);
        Some(self)
    }

    /// Returns the public bound: the value is below `2^bits`.
    pub(crate) const fn bits(&self) -> usize {
        self.bits
    }

    /// Returns the limb at a public position, or zero past the end.
    pub(crate) fn limb(&self, index: usize) -> u64 {
        self.limbs.get(index).copied().unwrap_or(0)
    }

    /// Returns the `width` bits from bit `start` on. Bits past the end are zero. `start` and `width`, 1 to 64, are
    /// public.
    pub(crate) fn window(&self, start: usize, width: usize) -> u64 {
        let (index, shift) = (start >> 6, start & 63);
        let pair = u128::from(self.limb(index)) | u128::from(self.limb(index + 1)) << 64;
        (pair >> shift) as u64 & (u64::MAX >> (64 - width))
    }

    /// Returns `self + u·x`. Its bound is one bit above that of the longer term. `u` is public, `x` is secret.
    pub(crate) fn plus_product(&self, u: &[u8; 32], x: &[u8; 32]) -> Self {
        let u: [u64; 4] = limbs::from_be_bytes(u);
        let mut x: [u64; 4] = limbs::from_be_bytes(x);
        let mut out = Self { limbs: self.limbs, bits: self.bits.max(512) + 1 };
        for i in 0..4 {
            let mut carry = 0;
            for j in 0..4 {
                (out.limbs[i + j], carry) = limbs::mac(out.limbs[i + j], u[i], x[j], carry);
            }
            for limb in &mut out.limbs[i + 4..] {
                (*limb, carry) = limbs::adc(*limb, carry, 0);
            }
        }
        x.zeroize();
        out
    }
}

impl Drop for Exponent {
    fn drop(&mut self) {
        self.limbs.zeroize();
    }
}

impl ZeroizeOnDrop for Exponent {}

impl fmt::Debug for Exponent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exponent").field("bits", &self.bits).finish_non_exhaustive()
    }
}
