//! `ConfirmDevice`.

use alloc::string::String;
use core::fmt;

use zeroize::Zeroize;

use super::credentials::check_token;
use crate::error::{Error, Parameter};
use crate::message::{DeviceKey, DeviceVerifier, check_length};

/// `ConfirmDevice`: registers a device that a sign-in has announced.
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct ConfirmDevice {
    pub(super) access_token: String,
    pub(super) device_key: String,
    pub(super) device_secret_verifier_config: DeviceSecretVerifierConfig,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(super) device_name: Option<String>,
}

/// `DeviceSecretVerifierConfig`.
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub(super) struct DeviceSecretVerifierConfig {
    pub(super) password_verifier: String,
    pub(super) salt: String,
}

impl ConfirmDevice {
    /// The longest device name, in characters (service model).
    pub const MAX_DEVICE_NAME_CHARS: usize = 1024;

    /// Puts the call together.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::TooLong`], [`Error::Malformed`] for an access token or a device name that the service
    /// could not take.
    pub fn new(
        access_token: impl Into<String>,
        device_key: &DeviceKey,
        verifier: &DeviceVerifier,
        device_name: Option<&str>,
    ) -> Result<Self, Error> {
        let request = Self {
            access_token: access_token.into(),
            device_key: device_key.as_str().into(),
            device_secret_verifier_config: DeviceSecretVerifierConfig {
                password_verifier: core::mem::take(&mut *verifier.password_verifier()),
                salt: verifier.salt(),
            },
            device_name: device_name.map(Into::into),
        };
        check_token(&request.access_token, Parameter::AccessToken)?;
        if let Some(name) = device_name {
            check_length(name, Self::MAX_DEVICE_NAME_CHARS, Parameter::DeviceName)?;
        }
        Ok(request)
    }

    /// `AccessToken`: a secret.
    #[must_use]
    pub fn access_token(&self) -> &str {
        &self.access_token
    }

    /// `DeviceKey`.
    #[must_use]
    pub fn device_key(&self) -> &str {
        &self.device_key
    }

    /// `DeviceSecretVerifierConfig.PasswordVerifier`, in Base64.
    #[must_use]
    pub fn password_verifier(&self) -> &str {
        &self.device_secret_verifier_config.password_verifier
    }

    /// `DeviceSecretVerifierConfig.Salt`, in Base64.
    #[must_use]
    pub fn salt(&self) -> &str {
        &self.device_secret_verifier_config.salt
    }

    /// `DeviceName`.
    #[must_use]
    pub fn device_name(&self) -> Option<&str> {
        self.device_name.as_deref()
    }
}

impl Drop for ConfirmDevice {
    fn drop(&mut self) {
        self.access_token.zeroize();
        self.device_secret_verifier_config.password_verifier.zeroize();
    }
}

impl fmt::Debug for ConfirmDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfirmDevice").field("device_key", &self.device_key).finish_non_exhaustive()
    }
}
