//! The claim, which users and devices make in the same form.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::app::AppClient;
use super::block::SecretBlock;
use super::device::DeviceKey;
use super::limits::{check_maximum, check_user_id};
use super::parameters::{Parameters, into_map, required};
use super::timestamp::Timestamp;
use crate::encoding::base64_wiped;
use crate::error::{Error, Parameter};
use crate::protocol::Signature;

/// The length of 32 bytes in Base64, which claims and `SECRET_HASH` are.
const MAX_HASH: usize = 44;

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

into_map!(PasswordClaim);
