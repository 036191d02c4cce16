//! Fixed-size secret bytes.

use core::fmt;

use rand::TryCryptoRng;
use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::error::Error;

/// Secret bytes: wiped on drop, never printed, never copied, compared in constant time.
pub(crate) struct Secret<const LEN: usize>([u8; LEN]);

impl<const LEN: usize> Secret<LEN> {
    /// Takes the bytes. The caller wipes what it copied them from.
    pub(crate) const fn new(bytes: [u8; LEN]) -> Self {
        Self(bytes)
    }

    /// All zeros, to be filled through [`expose_mut`](Self::expose_mut).
    pub(crate) const fn zero() -> Self {
        Self([0; LEN])
    }

    /// Draws the bytes in place.
    pub(crate) fn fill<R: TryCryptoRng + ?Sized>(&mut self, rng: &mut R) -> Result<(), Error> {
        rng.try_fill_bytes(&mut self.0).map_err(|_| Error::RandomSource)
    }

    /// Whether they are zeros alone. That comes once in `2^(8·LEN)` draws, or from a source that is stuck.
    ///
    /// Asked where the bytes are drawn and not by [`fill`](Self::fill): there the compiler would mix the answer with `fill`'s own and
    /// compute what follows from it, and Valgrind report all of that.
    pub(crate) fn is_zero(&self) -> bool {
        self.ct_eq(&Self::zero()).into()
    }

    /// The bytes, for the next computation.
    pub(crate) const fn expose(&self) -> &[u8; LEN] {
        &self.0
    }

    /// The bytes, to be filled in place, so that no copy stays behind.
    pub(crate) const fn expose_mut(&mut self) -> &mut [u8; LEN] {
        &mut self.0
    }
}

impl<const LEN: usize> Drop for Secret<LEN> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<const LEN: usize> ZeroizeOnDrop for Secret<LEN> {}

impl<const LEN: usize> ConstantTimeEq for Secret<LEN> {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

impl<const LEN: usize> fmt::Debug for Secret<LEN> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").finish_non_exhaustive()
    }
}
