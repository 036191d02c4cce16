//! The messages of a device's sign-in.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::app::AppClient;
use super::device::DeviceKey;
use super::limits::check_user_id;
use super::number::SrpA;
use super::parameters::{Parameters, into_map, required};
use super::proof::Challenge;
use crate::error::{Error, Parameter};

/// The `ChallengeResponses` of `DEVICE_SRP_AUTH`: `USERNAME`, `DEVICE_KEY`, `SRP_A`, and `SECRET_HASH` when the client has a
/// secret.
pub struct DeviceSrpParameters {
    username: String,
    device_key: DeviceKey,
    srp_a: String,
    secret_hash: Option<String>,
}

impl DeviceSrpParameters {
    /// Puts the message together.
    pub(crate) fn new(app: &AppClient, username: &str, device_key: &DeviceKey, srp_a: &SrpA) -> Self {
        Self {
            username: username.into(),
            device_key: device_key.clone(),
            srp_a: srp_a.to_string(),
            secret_hash: app.secret_hash(username),
        }
    }

    /// `USERNAME`.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.username
    }

    /// `DEVICE_KEY`.
    #[must_use]
    pub const fn device_key(&self) -> &DeviceKey {
        &self.device_key
    }

    /// `SRP_A`, in hex.
    #[must_use]
    pub fn srp_a(&self) -> &str {
        &self.srp_a
    }

    /// `SECRET_HASH`, in Base64.
    #[must_use]
    pub fn secret_hash(&self) -> Option<&str> {
        self.secret_hash.as_deref()
    }

    /// All parameters by name.
    #[must_use]
    pub fn into_pairs(self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::with_capacity(4);
        pairs.push(("USERNAME", self.username));
        pairs.push(("DEVICE_KEY", self.device_key.0));
        pairs.push(("SRP_A", self.srp_a));
        pairs.extend(self.secret_hash.map(|hash| ("SECRET_HASH", hash)));
        pairs
    }
}

impl fmt::Debug for DeviceSrpParameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceSrpParameters")
            .field("username", &self.username)
            .field("device_key", &self.device_key)
            .finish_non_exhaustive()
    }
}

/// The `ChallengeParameters` of `DEVICE_PASSWORD_VERIFIER`.
#[derive(Debug)]
pub struct DeviceChallenge {
    pub(crate) username: String,
    pub(crate) device_key: Option<DeviceKey>,
    pub(crate) challenge: Challenge,
}

impl DeviceChallenge {
    /// Reads the challenge.
    ///
    /// # Errors
    ///
    /// As for [`PasswordChallenge::from_parameters`](super::PasswordChallenge::from_parameters), and [`Error::Malformed`] for
    /// `DEVICE_KEY`. `DEVICE_KEY` may be absent, `USERNAME` may not.
    pub fn from_parameters<P: Parameters + ?Sized>(parameters: &P) -> Result<Self, Error> {
        Self::from_parameters_or(parameters, required(parameters, Parameter::Username)?)
    }

    /// Reads the challenge, with a name for the case that it has none.
    pub(crate) fn from_parameters_or<P: Parameters + ?Sized>(parameters: &P, username: &str) -> Result<Self, Error> {
        let username = parameters.parameter(Parameter::Username.name()).unwrap_or(username);
        check_user_id(username, Parameter::Username)?;
        Ok(Self {
            device_key: parameters.parameter(Parameter::DeviceKey.name()).map(str::parse).transpose()?,
            challenge: Challenge::from_parameters(parameters)?,
            username: username.into(),
        })
    }

    /// `USERNAME`, the name to answer with.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.username
    }

    /// `DEVICE_KEY`, when the server sent it.
    #[must_use]
    pub const fn device_key(&self) -> Option<&DeviceKey> {
        self.device_key.as_ref()
    }

    /// All parameters by name, as a server sends them.
    #[must_use]
    pub fn into_pairs(self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::with_capacity(5);
        pairs.push(("USERNAME", self.username));
        pairs.extend(self.device_key.map(|key| ("DEVICE_KEY", key.0)));
        self.challenge.push_pairs(&mut pairs);
        pairs
    }
}

into_map!(DeviceSrpParameters, DeviceChallenge);
