//! The session key.

use core::fmt;

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::srp6a::{Premaster, Scrambler};
use crate::encoding::Enc;
use crate::secret::Secret;

/// The session key `K`, 16 bytes. It signs one claim and is dropped.
pub(crate) struct SessionKey(Secret<16>);

impl SessionKey {
    // RFC 5869 §2.2, §2.3
    //   PRK = HKDF-Extract(salt, IKM), OKM = HKDF-Expand(PRK, info, L)
    // Departure: K

    /// Returns `K`. The length of `enc(S)` leaks; see [`Enc::new`].
    #[allow(non_snake_case, reason = "SRP's letter for the premaster secret")]
    pub(crate) fn new(u: &Scrambler, S: &Premaster) -> Self {
        let mut fixed_width = S.to_be_bytes();
        let key = Self::derive(Enc::new(u.as_bytes()).as_bytes(), Enc::new(&fixed_width).as_bytes());
        fixed_width.zeroize();
        key
    }

    /// Returns the key that HKDF derives from a salt and an input.
    pub(crate) fn derive(salt: &[u8], input: &[u8]) -> Self {
        let mut key = Secret::zero();
        Hkdf::<Sha256>::new(Some(salt), input)
            .expand(b"Caldera Derived Key", key.expose_mut())
            .expect("16 bytes are less than HKDF's limit of 255 hashes");
        Self(key)
    }

    /// Returns a key that the caller chose.
    #[cfg(feature = "hazmat")]
    pub(crate) const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Secret::new(bytes))
    }

    pub(crate) const fn expose(&self) -> &[u8; 16] {
        self.0.expose()
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionKey").finish_non_exhaustive()
    }
}

impl ZeroizeOnDrop for SessionKey {}
