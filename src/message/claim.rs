//! The claim, which has one form for users and devices.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::app::AppClient;
use super::block::SecretBlock;
use super::device::DeviceKey;
use super::limits::check_bytes;
use super::parameters::{MAX_HASH, ParameterSource, device_key, into_map, required, secret_hash, secret_hash_pair};
use super::timestamp::Timestamp;
use super::username::Username;
use crate::encoding::base64_wiped;
use crate::error::{Error, Parameter};
use crate::protocol::Signature;

/// The `ChallengeResponses` of `PASSWORD_VERIFIER` and `DEVICE_PASSWORD_VERIFIER`: the proof.
///
/// Keep it secret until its challenge expires: whoever has it can sign in with it. `Debug` does not print it.
///
/// [`UserSignIn::answer`](crate::UserSignIn::answer) and [`DeviceSignIn::answer`](crate::DeviceSignIn::answer) make it. A server reads
/// it:
///
/// ```
/// use cognito_srp6a::PasswordClaim;
///
/// let claim = PasswordClaim::from_parameters(&[
///     ("USERNAME", "alice"),
///     ("PASSWORD_CLAIM_SIGNATURE", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
///     ("PASSWORD_CLAIM_SECRET_BLOCK", "AAECAw=="),
///     ("TIMESTAMP", "Tue Jan 2 03:04:05 UTC 2024"),
/// ])?;
/// assert_eq!(claim.timestamp().unix_seconds(), 1_704_164_645);
/// # Ok::<(), cognito_srp6a::Error>(())
/// ```
pub struct PasswordClaim {
    username: Username,
    pub(crate) proof: Proof,
    secret_hash: Option<Zeroizing<String>>,
    device_key: Option<DeviceKey>,
}

/// The signature, and what it signs besides the names.
pub(crate) struct Proof {
    pub(crate) signature: Signature,
    pub(crate) secret_block: SecretBlock,
    pub(crate) timestamp: Timestamp,
}

impl PasswordClaim {
    /// Puts the message together.
    pub(crate) fn new(app: &AppClient, username: Username, device_key: Option<DeviceKey>, proof: Proof) -> Self {
        let secret_hash = app.secret_hash(&username);
        Self { username, proof, secret_hash, device_key }
    }

    /// Reads a claim that a client has sent. `SECRET_HASH` and `DEVICE_KEY` are not checked: that is the server's task.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`], [`Error::Empty`], [`Error::TooLong`], [`Error::NotBase64`], [`Error::Malformed`] with the
    /// parameter at fault.
    pub fn from_parameters<P: ParameterSource + ?Sized>(parameters: &P) -> Result<Self, Error> {
        let username = required(parameters, Parameter::Username)?.parse()?;
        let secret_hash = secret_hash(parameters)?;
        let secret_block = parameters
            .parameter("PASSWORD_CLAIM_SECRET_BLOCK")
            .ok_or(Error::Missing(Parameter::SecretBlock))?
            .parse()?;
        let proof = Proof {
            signature: parse_signature(required(parameters, Parameter::PasswordClaimSignature)?)?,
            secret_block,
            timestamp: required(parameters, Parameter::Timestamp)?.parse()?,
        };
        Ok(Self { username, proof, secret_hash, device_key: device_key(parameters)? })
    }

    /// `USERNAME`.
    #[must_use]
    pub const fn username(&self) -> &Username {
        &self.username
    }

    /// `PASSWORD_CLAIM_SIGNATURE`, in Base64.
    #[must_use]
    pub fn password_claim_signature(&self) -> String {
        STANDARD.encode(self.proof.signature.expose())
    }

    /// `PASSWORD_CLAIM_SECRET_BLOCK`.
    #[must_use]
    pub const fn secret_block(&self) -> &SecretBlock {
        &self.proof.secret_block
    }

    /// `TIMESTAMP`.
    #[must_use]
    pub const fn timestamp(&self) -> Timestamp {
        self.proof.timestamp
    }

    /// `SECRET_HASH`, in Base64: a credential of the app client.
    #[must_use]
    pub fn secret_hash(&self) -> Option<&str> {
        self.secret_hash.as_deref().map(String::as_str)
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
        pairs.push(("PASSWORD_CLAIM_SECRET_BLOCK", self.proof.secret_block.into_text()));
        pairs.push(("TIMESTAMP", self.proof.timestamp.to_string()));
        pairs.push(("USERNAME", self.username.into_string()));
        pairs.extend(self.secret_hash.map(secret_hash_pair));
        pairs.extend(self.device_key.map(|key| ("DEVICE_KEY", key.to_string())));
        pairs
    }
}

impl fmt::Debug for PasswordClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordClaim")
            .field("username", &self.username)
            .field("timestamp", &self.proof.timestamp)
            .finish_non_exhaustive()
    }
}

/// Reads the Base64 of 32 bytes.
fn parse_signature(text: &str) -> Result<Signature, Error> {
    let parameter = Parameter::PasswordClaimSignature;
    check_bytes(text.len(), MAX_HASH, parameter)?;
    let bytes = base64_wiped(text).ok_or(Error::NotBase64(parameter))?;
    bytes.as_slice().try_into().map(Signature::from_bytes).map_err(|_| Error::Malformed(parameter))
}

into_map!(PasswordClaim);
