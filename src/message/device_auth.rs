//! The messages of a device's sign-in.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroizing;

use super::app::AppClient;
use super::device::DeviceKey;
use super::number::SrpA;
use super::parameters::{ParameterSource, device_key, into_map, required, secret_hash, secret_hash_pair};
use super::proof::Challenge;
use super::username::Username;
use crate::error::{Error, Parameter};

/// The `ChallengeResponses` of `DEVICE_SRP_AUTH`: `USERNAME`, `DEVICE_KEY`, `SRP_A`, and `SECRET_HASH` when the client has a
/// secret.
pub struct DeviceSrpResponses {
    username: Username,
    device_key: DeviceKey,
    srp_a: SrpA,
    secret_hash: Option<Zeroizing<String>>,
}

impl DeviceSrpResponses {
    /// Puts the message together.
    pub(crate) fn new(app: &AppClient, username: &Username, device_key: &DeviceKey, srp_a: SrpA) -> Self {
        let secret_hash = app.secret_hash(username);
        Self { username: username.clone(), device_key: device_key.clone(), srp_a, secret_hash }
    }

    /// Reads the message, as a server does. `SECRET_HASH` is not checked.
    ///
    /// # Errors
    ///
    /// As for [`SrpAuthParameters::from_parameters`](super::SrpAuthParameters::from_parameters), and [`Error::Missing`] for
    /// `DEVICE_KEY`.
    pub fn from_parameters<P: ParameterSource + ?Sized>(parameters: &P) -> Result<Self, Error> {
        Ok(Self {
            username: required(parameters, Parameter::Username)?.parse()?,
            device_key: device_key(parameters)?.ok_or(Error::Missing(Parameter::DeviceKey))?,
            srp_a: required(parameters, Parameter::SrpA)?.parse()?,
            secret_hash: secret_hash(parameters)?,
        })
    }

    /// Replaces `USERNAME`, where a server has found that it is an alias.
    #[must_use]
    pub fn with_username(self, username: Username) -> Self {
        Self { username, ..self }
    }

    /// `USERNAME`.
    #[must_use]
    pub const fn username(&self) -> &Username {
        &self.username
    }

    /// `DEVICE_KEY`.
    #[must_use]
    pub const fn device_key(&self) -> &DeviceKey {
        &self.device_key
    }

    /// `SRP_A`.
    #[must_use]
    pub const fn srp_a(&self) -> &SrpA {
        &self.srp_a
    }

    /// `SECRET_HASH`, in Base64: a credential of the app client.
    #[must_use]
    pub fn secret_hash(&self) -> Option<&str> {
        self.secret_hash.as_deref().map(String::as_str)
    }

    /// All parameters by name.
    #[must_use]
    pub fn into_pairs(self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::with_capacity(4);
        pairs.push(("USERNAME", self.username.into_string()));
        pairs.push(("DEVICE_KEY", self.device_key.to_string()));
        pairs.push(("SRP_A", self.srp_a.to_string()));
        pairs.extend(self.secret_hash.map(secret_hash_pair));
        pairs
    }
}

impl fmt::Debug for DeviceSrpResponses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceSrpResponses")
            .field("username", &self.username)
            .field("device_key", &self.device_key)
            .finish_non_exhaustive()
    }
}

/// The `ChallengeParameters` of `DEVICE_PASSWORD_VERIFIER`.
#[derive(Debug)]
pub struct DeviceChallenge {
    pub(crate) username: Username,
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
    pub fn from_parameters<P: ParameterSource + ?Sized>(parameters: &P) -> Result<Self, Error> {
        let username = required(parameters, Parameter::Username)?.parse()?;
        Self::under_name(parameters, username)
    }

    /// Reads a challenge that is answered under a name that is known.
    pub(crate) fn under_name<P: ParameterSource + ?Sized>(parameters: &P, username: Username) -> Result<Self, Error> {
        let device_key = device_key(parameters)?;
        Ok(Self { challenge: Challenge::from_parameters(parameters)?, username, device_key })
    }

    /// `USERNAME`, the name to answer with.
    #[must_use]
    pub const fn username(&self) -> &Username {
        &self.username
    }

    /// `DEVICE_KEY`, when the server sent it.
    #[must_use]
    pub const fn device_key(&self) -> Option<&DeviceKey> {
        self.device_key.as_ref()
    }

    /// All parameters by name.
    #[must_use]
    pub fn into_pairs(self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::with_capacity(5);
        pairs.push(("USERNAME", self.username.into_string()));
        pairs.extend(self.device_key.map(|key| ("DEVICE_KEY", key.to_string())));
        self.challenge.push_pairs(&mut pairs);
        pairs
    }
}

into_map!(DeviceSrpResponses, DeviceChallenge);
