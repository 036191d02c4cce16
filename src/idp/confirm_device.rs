//! `ConfirmDevice`.

use alloc::string::String;
use core::fmt;

use zeroize::Zeroize;

use super::credentials::check_token;
use crate::error::{Error, Parameter};
use crate::message::{DeviceKey, DeviceVerifier, check_length};

/// `ConfirmDevice`: registers a device that [`SignedIn::new_device`](super::SignedIn::new_device) has announced.
///
/// The access token and the verifier are wiped on drop.
///
/// ```
/// use cognito_srp6a::idp::{ConfirmDevice, Operation, Request};
/// use cognito_srp6a::{Device, DeviceCredentials};
///
/// # fn main() -> Result<(), cognito_srp6a::Error> {
/// let device = Device::new("us-east-1_0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9".parse()?, "-aBcDeFgH")?;
/// let (credentials, verifier) = DeviceCredentials::register(device)?;
/// let access_token = "eyJjdHkiOiJKV1QifQ.e30.c2ln";
/// let request = ConfirmDevice::new(access_token, credentials.device().key(), &verifier, Some("laptop"))?;
/// let request = Request::ConfirmDevice(request);
/// assert_eq!(request.operation(), Operation::ConfirmDevice);
/// # Ok(()) }
/// ```
///
/// Keep the credentials when the call succeeds.
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

    /// Takes the access token of the signed-in user, the key and the verifier of the device, and a name for people to
    /// read. The access token needs the scope `aws.cognito.signin.user.admin` (service model).
    ///
    /// # Errors
    ///
    /// - [`Error::Empty`]: the access token or the device name is empty.
    /// - [`Error::TooLong`]: the access token exceeds [`RefreshToken::MAX_CHARS`](super::RefreshToken::MAX_CHARS), or
    ///   the device name exceeds [`MAX_DEVICE_NAME_CHARS`](Self::MAX_DEVICE_NAME_CHARS).
    /// - [`Error::Malformed`]: the access token does not match the service's pattern, `[A-Za-z0-9-_=.]+`.
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

    /// `DeviceSecretVerifierConfig.PasswordVerifier`: the Base64 of `enc(v)`. Empty if a request that a server has read
    /// has none.
    #[must_use]
    pub fn password_verifier(&self) -> &str {
        &self.device_secret_verifier_config.password_verifier
    }

    /// `DeviceSecretVerifierConfig.Salt`: the Base64 of `enc(salt)`. Empty if a request that a server has read has
    /// none.
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
