//! The messages of a user's sign-in.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::app::AppClient;
use super::block::SecretBlock;
use super::device::DeviceKey;
use super::limits::check_user_id;
use super::number::{Salt, SrpA, SrpB};
use super::parameters::{Parameters, into_map, required};
use super::proof::Challenge;
use crate::error::{Error, Parameter};

/// The `AuthParameters` of `USER_SRP_AUTH`: `USERNAME`, `SRP_A`, `SECRET_HASH` when the client has a secret, and `DEVICE_KEY`
/// when the user has a remembered device.
pub struct SrpAuthParameters {
    username: String,
    srp_a: String,
    secret_hash: Option<String>,
    device_key: Option<DeviceKey>,
}

impl SrpAuthParameters {
    /// Puts the message together.
    pub(crate) fn new(app: &AppClient, username: &str, srp_a: &SrpA) -> Self {
        Self {
            username: username.into(),
            srp_a: srp_a.to_string(),
            secret_hash: app.secret_hash(username),
            device_key: None,
        }
    }

    /// Adds the `DEVICE_KEY` of a remembered device. The same key belongs into the answer.
    #[must_use]
    pub fn with_device_key(self, device_key: DeviceKey) -> Self {
        Self { device_key: Some(device_key), ..self }
    }

    /// `USERNAME`, as the caller gave it; it may be an alias.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.username
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
        pairs.push(("SRP_A", self.srp_a));
        pairs.extend(self.secret_hash.map(|hash| ("SECRET_HASH", hash)));
        pairs.extend(self.device_key.map(|key| ("DEVICE_KEY", key.to_string())));
        pairs
    }
}

/// The `ChallengeParameters` of `PASSWORD_VERIFIER`.
#[derive(Debug)]
pub struct PasswordChallenge {
    pub(crate) user_id_for_srp: String,
    pub(crate) username: String,
    pub(crate) challenge: Challenge,
}

impl PasswordChallenge {
    /// Reads the challenge. Two names come with it and have two uses: `USER_ID_FOR_SRP` goes into the hashes, `USERNAME`
    /// (when absent, `USER_ID_FOR_SRP`) into the answer and its `SECRET_HASH`.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`], [`Error::Empty`], [`Error::TooLong`], [`Error::NotHex`], [`Error::NotBase64`] with the parameter
    /// at fault; [`Error::PublicValueIsZero`] and [`Error::PublicValueOutOfRange`] for a `B` that no honest server sends.
    pub fn from_parameters<P: Parameters + ?Sized>(parameters: &P) -> Result<Self, Error> {
        let user_id_for_srp = required(parameters, Parameter::UserIdForSrp)?;
        check_user_id(user_id_for_srp, Parameter::UserIdForSrp)?;
        let username = parameters.parameter(Parameter::Username.name()).unwrap_or(user_id_for_srp);
        check_user_id(username, Parameter::Username)?;
        Ok(Self {
            challenge: Challenge::from_parameters(parameters)?,
            user_id_for_srp: user_id_for_srp.into(),
            username: username.into(),
        })
    }

    /// `USER_ID_FOR_SRP`.
    #[must_use]
    pub fn user_id_for_srp(&self) -> &str {
        &self.user_id_for_srp
    }

    /// `USERNAME`, the name to answer with.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.username
    }

    /// `SALT`.
    #[must_use]
    pub const fn salt(&self) -> &Salt {
        &self.challenge.salt
    }

    /// `SRP_B`.
    #[must_use]
    pub const fn srp_b(&self) -> &SrpB {
        &self.challenge.srp_b
    }

    /// `SECRET_BLOCK`.
    #[must_use]
    pub const fn secret_block(&self) -> &SecretBlock {
        &self.challenge.secret_block
    }

    /// All parameters by name, as a server sends them.
    #[must_use]
    pub fn into_pairs(self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::with_capacity(5);
        pairs.push(("USER_ID_FOR_SRP", self.user_id_for_srp));
        pairs.push(("USERNAME", self.username));
        self.challenge.push_pairs(&mut pairs);
        pairs
    }
}

impl fmt::Debug for SrpAuthParameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SrpAuthParameters").field("username", &self.username).finish_non_exhaustive()
    }
}

into_map!(SrpAuthParameters, PasswordChallenge);
