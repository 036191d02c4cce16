//! The messages of a user's sign-in.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroizing;

use super::app::AppClient;
use super::block::SecretBlock;
use super::device::DeviceKey;
use super::number::{Salt, SrpA, SrpB};
use super::parameters::{ParameterSource, device_key, into_map, required, secret_hash, secret_hash_pair};
use super::proof::Challenge;
use super::username::Username;
use crate::error::{Error, Parameter};

/// The `AuthParameters` of `USER_SRP_AUTH`: `USERNAME`, `SRP_A`, `SECRET_HASH` when the client has a secret, and `DEVICE_KEY`
/// when the user has a remembered device.
///
/// [`UserSignIn`](crate::UserSignIn) makes them. A server reads them:
///
/// ```
/// use cognito_srp6a::SrpAuthParameters;
///
/// let start = SrpAuthParameters::from_parameters(&[("USERNAME", "alice"), ("SRP_A", "1f3b")])?;
/// assert_eq!(*start.username(), "alice");
/// assert_eq!(start.device_key(), None);
/// # Ok::<(), cognito_srp6a::Error>(())
/// ```
pub struct SrpAuthParameters {
    username: Username,
    srp_a: SrpA,
    secret_hash: Option<Zeroizing<String>>,
    device_key: Option<DeviceKey>,
}

impl SrpAuthParameters {
    /// Puts the message together.
    pub(crate) fn new(app: &AppClient, username: &Username, srp_a: SrpA, device_key: Option<DeviceKey>) -> Self {
        Self { username: username.clone(), srp_a, secret_hash: app.secret_hash(username), device_key }
    }

    /// Reads the message, as a server does. `SECRET_HASH` is not checked.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`], [`Error::Empty`], [`Error::TooLong`], [`Error::NotHex`], [`Error::Malformed`] with the parameter at
    /// fault; [`Error::PublicValueIsZero`] and [`Error::PublicValueOutOfRange`] for an `A` that no honest client sends.
    pub fn from_parameters<P: ParameterSource + ?Sized>(parameters: &P) -> Result<Self, Error> {
        Ok(Self {
            username: required(parameters, Parameter::Username)?.parse()?,
            srp_a: required(parameters, Parameter::SrpA)?.parse()?,
            secret_hash: secret_hash(parameters)?,
            device_key: device_key(parameters)?,
        })
    }

    /// `USERNAME`, the name that the user typed: a user name or an alias.
    #[must_use]
    pub const fn username(&self) -> &Username {
        &self.username
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

    /// `DEVICE_KEY`.
    #[must_use]
    pub const fn device_key(&self) -> Option<&DeviceKey> {
        self.device_key.as_ref()
    }

    /// All parameters by name.
    #[must_use]
    pub fn into_pairs(self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::with_capacity(4);
        pairs.push(("USERNAME", self.username.into_string()));
        pairs.push(("SRP_A", self.srp_a.to_string()));
        pairs.extend(self.secret_hash.map(secret_hash_pair));
        pairs.extend(self.device_key.map(|key| ("DEVICE_KEY", key.to_string())));
        pairs
    }
}

/// The `ChallengeParameters` of `PASSWORD_VERIFIER`.
///
/// Two names come with it and have two uses. `USER_ID_FOR_SRP` goes into the hashes. `USERNAME` (when absent, `USER_ID_FOR_SRP`) goes
/// into the answer and its `SECRET_HASH`.
///
/// ```
/// use cognito_srp6a::PasswordChallenge;
///
/// let challenge = PasswordChallenge::from_parameters(&[
///     ("USER_ID_FOR_SRP", "7f1d2c3b"),
///     ("SALT", "c0ffee"),
///     ("SRP_B", "1f3b"),
///     ("SECRET_BLOCK", "AAECAw=="),
/// ])?;
/// assert_eq!(*challenge.username(), "7f1d2c3b");
/// # Ok::<(), cognito_srp6a::Error>(())
/// ```
#[derive(Debug)]
pub struct PasswordChallenge {
    pub(crate) user_id_for_srp: Username,
    pub(crate) username: Username,
    pub(crate) challenge: Challenge,
}

impl PasswordChallenge {
    /// Reads the challenge.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`], [`Error::Empty`], [`Error::TooLong`], [`Error::NotHex`], [`Error::NotBase64`] with the parameter
    /// at fault; [`Error::PublicValueIsZero`] and [`Error::PublicValueOutOfRange`] for a `B` that no honest server sends.
    pub fn from_parameters<P: ParameterSource + ?Sized>(parameters: &P) -> Result<Self, Error> {
        let user_id_for_srp = required(parameters, Parameter::UserIdForSrp)?;
        let user_id_for_srp = Username::of_parameter(user_id_for_srp, Parameter::UserIdForSrp)?;
        let username = parameters.parameter(Parameter::Username.name()).map(str::parse).transpose()?;
        Ok(Self {
            challenge: Challenge::from_parameters(parameters)?,
            username: username.unwrap_or_else(|| user_id_for_srp.clone()),
            user_id_for_srp,
        })
    }

    /// `USER_ID_FOR_SRP`.
    #[must_use]
    pub const fn user_id_for_srp(&self) -> &Username {
        &self.user_id_for_srp
    }

    /// `USERNAME`, the name to answer with.
    #[must_use]
    pub const fn username(&self) -> &Username {
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

    /// All parameters by name.
    #[must_use]
    pub fn into_pairs(self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::with_capacity(5);
        pairs.push(("USER_ID_FOR_SRP", self.user_id_for_srp.into_string()));
        pairs.push(("USERNAME", self.username.into_string()));
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
