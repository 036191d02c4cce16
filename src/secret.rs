//! Secret bytes of a fixed size, and secret texts.

use core::fmt;

use rand::TryCryptoRng;
use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::error::Error;

/// Secret bytes: wiped on drop, never printed, never copied, compared in constant time.
pub(crate) struct Secret<const LEN: usize>([u8; LEN]);

impl<const LEN: usize> Secret<LEN> {
    /// Returns a secret of the given bytes. The caller wipes the original.
    pub(crate) const fn new(bytes: [u8; LEN]) -> Self {
        Self(bytes)
    }

    /// Returns zeros, for [`fill`](Self::fill) or [`expose_mut`](Self::expose_mut).
    pub(crate) const fn zero() -> Self {
        Self([0; LEN])
    }

    /// Fills the bytes from a random source, in place.
    pub(crate) fn fill<R: TryCryptoRng + ?Sized>(&mut self, rng: &mut R) -> Result<(), Error> {
        rng.try_fill_bytes(&mut self.0).map_err(|_| Error::RandomSource)
    }

    /// Returns whether all bytes are zero: once in `2^(8·LEN)` draws, or if the random source is stuck.
    ///
    /// Kept out of [`fill`](Self::fill): when inlined there, LLVM merges both results and Valgrind reports false
    /// positives.
    pub(crate) fn is_zero(&self) -> bool {
        self.ct_eq(&Self::zero()).into()
    }

    /// Returns the bytes, for the next computation.
    pub(crate) const fn expose(&self) -> &[u8; LEN] {
        &self.0
    }

    /// Returns the bytes for writing in place, so that no copy remains.
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

/// Defines a secret text: wiped on drop, redacted, not `Clone`.
macro_rules! secret_text {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        pub struct $name(alloc::string::String);

        impl $name {
            /// The text. It is a secret: do not print or copy it.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                zeroize::Zeroize::zeroize(&mut self.0);
            }
        }

        impl zeroize::ZeroizeOnDrop for $name {}

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}

pub(crate) use secret_text;
