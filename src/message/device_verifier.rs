//! The salt and the verifier that register a device.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::{Zeroize as _, ZeroizeOnDrop, Zeroizing};

use super::limits::check_bytes;
use super::number::Salt;
use crate::encoding::{Enc, base64_wiped, fixed_width_vartime};
use crate::error::{Error, Parameter};
use crate::protocol::{self, Verifier};
use crate::stack::with_wiped_stack;

/// `DeviceSecretVerifierConfig`: the salt and the verifier of a device's password, as `ConfirmDevice` sends them.
pub struct DeviceVerifier {
    /// On the heap, so that a move leaves no copy behind.
    verifier: Box<Verifier>,
    salt: Salt,
}

impl DeviceVerifier {
    /// The length of a verifier: a big-endian integer below N.
    const VERIFIER_BYTES: usize = 384;

    pub(crate) const fn new(verifier: Box<Verifier>, salt: Salt) -> Self {
        Self { verifier, salt }
    }

    /// Reads what a client has sent: the Base64 of `enc(v)` and of `enc(s)`. The time taken depends on both.
    ///
    /// The service reads both as signed integers, so a value whose sign byte is missing is negative and refused.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::TooLong`], [`Error::NotBase64`], [`Error::Malformed`] with the parameter at fault;
    /// [`Error::VerifierIsTrivial`] for a verifier of 0, 1 or N - 1; [`Error::VerifierOutOfRange`] for one of N or more.
    pub fn from_base64(password_verifier: &str, salt: &str) -> Result<Self, Error> {
        let parameter = Parameter::PasswordVerifier;
        with_wiped_stack(|| {
            let verifier = signed_integer(password_verifier, Self::VERIFIER_BYTES, parameter)?;
            let mut verifier = fixed_width_vartime(&verifier).ok_or(Error::TooLong(parameter))?;
            let read = signed_integer(salt, Salt::MAX_BYTES, Parameter::Salt)
                .and_then(|salt| Ok(Self::new(protocol::read_verifier(&verifier)?, Salt::from_be_bytes(&salt)?)));
            verifier.zeroize();
            read
        })
    }

    /// `PasswordVerifier`: the Base64 of `enc(v)`, a secret.
    #[must_use]
    pub fn password_verifier(&self) -> Zeroizing<String> {
        with_wiped_stack(|| {
            let verifier = Enc::new(&self.verifier.to_be_bytes());
            Zeroizing::new(STANDARD.encode(verifier.as_bytes()))
        })
    }

    /// `Salt`: the Base64 of `enc(s)`.
    #[must_use]
    pub fn salt(&self) -> String {
        STANDARD.encode(self.salt.to_signed_bytes())
    }

    /// The salt and the verifier, for a record.
    #[cfg(feature = "server")]
    pub(crate) fn into_parts(self) -> (Salt, Box<Verifier>) {
        (self.salt, self.verifier)
    }
}

// The verifier wipes itself.
impl ZeroizeOnDrop for DeviceVerifier {}

impl fmt::Debug for DeviceVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceVerifier").finish_non_exhaustive()
    }
}

/// Reads the Base64 of a signed big-endian integer. It is not negative, and has at most `max_bytes` bytes besides its sign byte.
fn signed_integer(text: &str, max_bytes: usize, parameter: Parameter) -> Result<Zeroizing<Vec<u8>>, Error> {
    // Four characters stand for three bytes. The longest integer has a sign byte in front.
    check_bytes(text.len(), 4 * (max_bytes + 1).div_ceil(3), parameter)?;
    let bytes = base64_wiped(text).ok_or(Error::NotBase64(parameter))?;
    if bytes.first().is_some_and(|first| first >> 7 == 1) {
        return Err(Error::Malformed(parameter));
    }
    Ok(bytes)
}
