//! The integers of the exchange, as hex text.

use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use rand::TryCryptoRng;

use crate::encoding::{Enc, fixed_width_vartime, hex_integer_vartime, write_hex_integer_vartime};
use crate::error::{Error, Parameter};
use crate::protocol::{self, ClientPublic, ServerPublic};

/// `SRP_A`: `A`, the client's public key, an integer between 0 and N, both excluded.
///
/// Text form: lower-case hex without leading zeros, at most 768 digits. The parser also takes upper case and leading zeros, up to
/// 770 digits in all.
///
/// ```
/// use cognito_srp6a::{Error, Parameter, SrpA};
///
/// let srp_a: SrpA = "00FF".parse()?;
/// assert_eq!(srp_a.to_string(), "ff");
/// assert_eq!("0".parse::<SrpA>(), Err(Error::PublicValueIsZero(Parameter::SrpA)));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct SrpA(pub(crate) ClientPublic);

/// `SRP_B`: `B`, the server's public key, an integer between 0 and N, both excluded.
///
/// Its text form is that of [`SrpA`].
#[derive(Clone, Debug)]
pub struct SrpB(pub(crate) ServerPublic);

/// `SALT`: `s`, a non-negative integer of at most 64 bytes.
///
/// The service treats the salt as an integer, so leading zeros make no difference. Text form: lower-case hex without leading zeros;
/// the parser also takes upper case, leading zeros and an odd number of digits.
///
/// ```
/// use cognito_srp6a::Salt;
///
/// let salt: Salt = "0a1b2".parse()?;
/// assert_eq!(salt, Salt::from_be_bytes(&[0, 0, 0xa1, 0xb2])?);
/// // enc(s) has a sign byte in front when the top bit is set.
/// assert_eq!(salt.to_signed_bytes(), [0, 0xa1, 0xb2]);
/// # Ok::<(), cognito_srp6a::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Salt([u8; Salt::MAX_BYTES]);

impl Salt {
    /// The longest salt, in bytes.
    pub const MAX_BYTES: usize = 64;

    /// The length of a generated salt, in bytes. The service's own salts have it.
    pub const GENERATED_BYTES: usize = 16;

    /// Reads a big-endian integer.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] when more than 64 bytes remain after leading zeros.
    pub fn from_be_bytes(bytes: &[u8]) -> Result<Self, Error> {
        fixed_width_vartime(bytes).map(Self).ok_or(Error::TooLong(Parameter::Salt))
    }

    /// Draws a salt of 16 bytes from the system's randomness.
    ///
    /// # Errors
    ///
    /// [`Error::RandomSource`].
    #[cfg(feature = "getrandom")]
    pub fn generate() -> Result<Self, Error> {
        Self::generate_with_rng(&mut rand::rngs::SysRng)
    }

    /// Draws a salt from `rng`: 16 bytes, read as a big-endian integer.
    ///
    /// # Errors
    ///
    /// [`Error::RandomSource`] when the source fails.
    pub fn generate_with_rng<R: TryCryptoRng + ?Sized>(rng: &mut R) -> Result<Self, Error> {
        let mut bytes = [0; Self::GENERATED_BYTES];
        rng.try_fill_bytes(&mut bytes).map_err(|_| Error::RandomSource)?;
        Self::from_be_bytes(&bytes)
    }

    /// The salt as the equations take it.
    pub(crate) const fn for_proof(&self) -> protocol::Salt<'_> {
        protocol::Salt(&self.0)
    }

    /// `enc(s)`: the shortest big-endian two's complement, as it is hashed and sent with `ConfirmDevice`.
    #[must_use]
    pub fn to_signed_bytes(&self) -> Vec<u8> {
        Enc::new(&self.0).as_bytes().to_vec()
    }
}

impl SrpA {
    /// `A`, big-endian, in 384 bytes.
    #[must_use]
    pub fn to_be_bytes(&self) -> [u8; 384] {
        self.0.to_be_bytes()
    }
}

impl SrpB {
    /// `B`, big-endian, in 384 bytes.
    #[must_use]
    pub fn to_be_bytes(&self) -> [u8; 384] {
        self.0.to_be_bytes()
    }
}

/// Public keys are equal when they are the same integer.
macro_rules! compare_bytes {
    ($($name:ident),*) => {$(
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.to_be_bytes() == other.to_be_bytes()
            }
        }

        impl Eq for $name {}
    )*};
}

compare_bytes!(SrpA, SrpB);

impl FromStr for SrpA {
    type Err = Error;

    /// Reads and checks a public key that a client has sent.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::TooLong`], [`Error::NotHex`]; [`Error::PublicValueIsZero`] for 0 mod N and
    /// [`Error::PublicValueOutOfRange`] above N.
    fn from_str(text: &str) -> Result<Self, Error> {
        let bytes = hex_integer_vartime(text, Parameter::SrpA)?;
        ClientPublic::from_be_bytes_vartime(&bytes).map(Self)
    }
}

impl FromStr for SrpB {
    type Err = Error;

    /// Reads and checks a public key that a server has sent.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::TooLong`], [`Error::NotHex`]; [`Error::PublicValueIsZero`] for 0 mod N and
    /// [`Error::PublicValueOutOfRange`] above N.
    fn from_str(text: &str) -> Result<Self, Error> {
        let bytes = hex_integer_vartime(text, Parameter::SrpB)?;
        ServerPublic::from_be_bytes_vartime(&bytes).map(Self)
    }
}

impl FromStr for Salt {
    type Err = Error;

    /// Reads a salt that a server has sent or a store has kept.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::TooLong`], [`Error::NotHex`]. A negative number is not hex; the service sent some for unknown users
    /// until about 2021.
    fn from_str(text: &str) -> Result<Self, Error> {
        hex_integer_vartime(text, Parameter::Salt).map(Self)
    }
}

impl fmt::Display for SrpA {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex_integer_vartime(f, &self.0.to_be_bytes())
    }
}

impl fmt::Display for SrpB {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex_integer_vartime(f, &self.0.to_be_bytes())
    }
}

impl fmt::Display for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex_integer_vartime(f, &self.0)
    }
}
