//! The form of a server's keys: 32 random bytes, drawn, stored and wiped in the same way.

/// Defines a key.
macro_rules! key {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        pub struct $name(
            /// On the heap, so that a move leaves no copy behind.
            alloc::boxed::Box<crate::secret::Secret<32>>,
        );

        impl $name {
            /// The length of a key, in bytes.
            pub const BYTES: usize = 32;

            /// Takes a key of 32 random bytes, such as [`expose_bytes`](Self::expose_bytes) has given. The caller wipes the original.
            ///
            /// # Errors
            ///
            /// [`Error::Malformed`] for 32 zeros: the key of a store that has lost its content, and known to everybody.
            pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Result<Self, Error> {
                let key = Self(alloc::boxed::Box::new(crate::secret::Secret::new(bytes)));
                if key.0.is_zero() { Err(Error::Malformed(crate::error::Parameter::ServerKey)) } else { Ok(key) }
            }

            /// Draws a key from the system's randomness.
            ///
            /// # Errors
            ///
            /// [`Error::RandomSource`].
            #[cfg(feature = "getrandom")]
            pub fn generate() -> Result<Self, Error> {
                Self::generate_with_rng(&mut rand::rngs::SysRng)
            }

            /// Draws a key from `rng`: 32 bytes.
            ///
            /// # Errors
            ///
            /// [`Error::RandomSource`].
            pub fn generate_with_rng<R: rand::TryCryptoRng + ?Sized>(rng: &mut R) -> Result<Self, Error> {
                let mut key = Self(alloc::boxed::Box::new(crate::secret::Secret::zero()));
                key.0.fill(rng)?;
                if key.0.is_zero() { Err(Error::RandomSource) } else { Ok(key) }
            }

            /// The key, to be stored as a secret and to be shared with the server's other machines.
            #[must_use]
            pub const fn expose_bytes(&self) -> &[u8; Self::BYTES] {
                self.0.expose()
            }
        }

        // `Secret` wipes itself.
        impl zeroize::ZeroizeOnDrop for $name {}

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}

pub(super) use key;
