//! The messages of a user's sign-in, and the claim, which a device makes in the same form.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
#[cfg(feature = "std")]
use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::app::{AppClient, check_length, check_maximum};
use super::block::SecretBlock;
use super::device::DeviceKey;
use super::number::{Salt, SrpA, SrpB};
use super::parameters::{Parameters, required};
use super::proof::Challenge;
use super::timestamp::Timestamp;
use crate::encoding::base64_wiped;
use crate::error::{Error, Parameter};
use crate::protocol::Signature;

/// The longest user name, in characters (service model).
const MAX_USERNAME: usize = 128;

/// The length of 32 bytes in Base64, which claims and `SECRET_HASH` are.
const MAX_HASH: usize = 44;

/// The longest password, in characters (service model).
const MAX_PASSWORD: usize = 256;

/// Refuses a user name that the service could not have.
pub(crate) fn check_user_id(name: &str, parameter: Parameter) -> Result<(), Error> {
    check_length(name, MAX_USERNAME, parameter)
}

/// Refuses a password that the service could not have. Its length is not secret in this.
pub(crate) fn check_password(password: &str) -> Result<(), Error> {
    check_maximum(password, MAX_PASSWORD, Parameter::Password)
}

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

/// The `ChallengeResponses` of `PASSWORD_VERIFIER` and `DEVICE_PASSWORD_VERIFIER`: the proof.
///
/// Until its challenge expires, who has it can sign in with it. `Debug` does not show it.
pub struct PasswordClaim {
    pub(crate) username: String,
    pub(crate) signature: Signature,
    pub(crate) secret_block: SecretBlock,
    pub(crate) timestamp: Timestamp,
    secret_hash: Option<String>,
    device_key: Option<DeviceKey>,
}

impl PasswordClaim {
    /// Puts the message together.
    pub(crate) fn new(
        app: &AppClient,
        username: String,
        signature: Signature,
        secret_block: SecretBlock,
        timestamp: Timestamp,
    ) -> Self {
        let secret_hash = app.secret_hash(&username);
        Self { username, signature, secret_block, timestamp, secret_hash, device_key: None }
    }

    /// Reads a claim that came from a client. `SECRET_HASH` and `DEVICE_KEY` are read and not checked: that is the server's.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`], [`Error::Empty`], [`Error::TooLong`], [`Error::NotBase64`], [`Error::Malformed`] with the
    /// parameter at fault.
    pub fn from_parameters<P: Parameters + ?Sized>(parameters: &P) -> Result<Self, Error> {
        let username = required(parameters, Parameter::Username)?;
        check_user_id(username, Parameter::Username)?;
        let secret_hash = parameters.parameter(Parameter::SecretHash.name());
        if let Some(hash) = secret_hash {
            check_maximum(hash, MAX_HASH, Parameter::SecretHash)?;
        }
        let secret_block = parameters
            .parameter("PASSWORD_CLAIM_SECRET_BLOCK")
            .ok_or(Error::Missing(Parameter::SecretBlock))?
            .parse()?;
        Ok(Self {
            signature: parse_signature(required(parameters, Parameter::PasswordClaimSignature)?)?,
            secret_block,
            timestamp: required(parameters, Parameter::Timestamp)?.parse()?,
            username: username.into(),
            secret_hash: secret_hash.map(Into::into),
            device_key: parameters.parameter(Parameter::DeviceKey.name()).map(str::parse).transpose()?,
        })
    }

    /// Adds the `DEVICE_KEY` of a remembered device.
    #[must_use]
    pub fn with_device_key(self, device_key: DeviceKey) -> Self {
        Self { device_key: Some(device_key), ..self }
    }

    /// `USERNAME`.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.username
    }

    /// `PASSWORD_CLAIM_SIGNATURE`, in Base64.
    #[must_use]
    pub fn password_claim_signature(&self) -> String {
        STANDARD.encode(self.signature.expose())
    }

    /// `PASSWORD_CLAIM_SECRET_BLOCK`.
    #[must_use]
    pub const fn secret_block(&self) -> &SecretBlock {
        &self.secret_block
    }

    /// `TIMESTAMP`.
    #[must_use]
    pub const fn timestamp(&self) -> Timestamp {
        self.timestamp
    }

    /// `SECRET_HASH`, in Base64.
    #[must_use]
    pub fn secret_hash(&self) -> Option<&str> {
        self.secret_hash.as_deref()
    }

    /// `DEVICE_KEY`.
    #[must_use]
    pub const fn device_key(&self) -> Option<&DeviceKey> {
        self.device_key.as_ref()
    }

    /// All parameters by name.
    #[must_use]
    pub fn into_pairs(self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::with_capacity(6);
        pairs.push(("PASSWORD_CLAIM_SIGNATURE", self.password_claim_signature()));
        pairs.push(("PASSWORD_CLAIM_SECRET_BLOCK", self.secret_block.into_text()));
        pairs.push(("TIMESTAMP", self.timestamp.to_string()));
        pairs.push(("USERNAME", self.username));
        pairs.extend(self.secret_hash.map(|hash| ("SECRET_HASH", hash)));
        pairs.extend(self.device_key.map(|key| ("DEVICE_KEY", key.to_string())));
        pairs
    }
}

impl fmt::Debug for SrpAuthParameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SrpAuthParameters").field("username", &self.username).finish_non_exhaustive()
    }
}

impl fmt::Debug for PasswordClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordClaim")
            .field("username", &self.username)
            .field("timestamp", &self.timestamp)
            .finish_non_exhaustive()
    }
}

/// Reads the Base64 of 32 bytes.
fn parse_signature(text: &str) -> Result<Signature, Error> {
    let parameter = Parameter::PasswordClaimSignature;
    if text.is_empty() {
        return Err(Error::Empty(parameter));
    }
    if text.len() > MAX_HASH {
        return Err(Error::TooLong(parameter));
    }
    let bytes = base64_wiped(text).ok_or(Error::NotBase64(parameter))?;
    bytes.as_slice().try_into().map(Signature::from_bytes).map_err(|_| Error::Malformed(parameter))
}

/// Messages become the map of strings that the AWS SDK for Rust takes.
macro_rules! into_map {
    ($($message:ty),*) => {$(
        #[cfg(feature = "std")]
        impl<S: core::hash::BuildHasher + Default> From<$message> for HashMap<String, String, S> {
            fn from(message: $message) -> Self {
                message.into_pairs().into_iter().map(|(name, value)| (name.into(), value)).collect()
            }
        }
    )*};
}

into_map!(SrpAuthParameters, PasswordChallenge, PasswordClaim);
into_map!(super::device::DeviceSrpParameters, super::device::DeviceChallenge);
