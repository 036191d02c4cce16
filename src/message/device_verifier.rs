//! What registers a device.

use alloc::string::String;
use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// `DeviceSecretVerifierConfig`: what `ConfirmDevice` tells the service of a device's password.
pub struct DeviceVerifier {
    pub(crate) password_verifier: String,
    pub(crate) salt: String,
}

impl Drop for DeviceVerifier {
    fn drop(&mut self) {
        self.password_verifier.zeroize();
    }
}

impl ZeroizeOnDrop for DeviceVerifier {}

impl fmt::Debug for DeviceVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceVerifier").finish_non_exhaustive()
    }
}

impl DeviceVerifier {
    /// `PasswordVerifier`: the Base64 of `enc(v)`.
    #[must_use]
    pub fn password_verifier(&self) -> &str {
        &self.password_verifier
    }

    /// `Salt`: the Base64 of `enc(s)`.
    #[must_use]
    pub fn salt(&self) -> &str {
        &self.salt
    }
}
