//! The records that a server stores in place of passwords.

use alloc::boxed::Box;
use alloc::string::String;

use rand::TryCryptoRng;
#[cfg(feature = "getrandom")]
use rand::rngs::SysRng;

use crate::error::Error;
use crate::message::{Device, DeviceVerifier, Password, PoolId, Salt, Username};
use crate::protocol::{self, Identity, Verifier};

/// A user's salt `s` and verifier `v`, and the names they were made for.
///
/// Keep it as you keep a password hash. Whoever steals a verifier tests guesses of the password offline, at the cost of two hashes and
/// one exponentiation each: SRP-6a in this form has no slow hash.
///
/// ```
/// use cognito_srp6a::server::UserRecord;
/// use cognito_srp6a::Password;
///
/// # fn main() -> Result<(), cognito_srp6a::Error> {
/// let (pool, user_id) = ("us-east-1_AbCdEfGhI".parse()?, "alice".parse()?);
/// let record = UserRecord::from_password(&pool, &user_id, &Password::new("Passw0rd!")?)?;
/// // Store both, the verifier as a secret.
/// let (salt, verifier) = (record.salt().to_string(), record.expose_verifier());
///
/// let record = UserRecord::from_parts(&pool, &user_id, salt.parse()?, &verifier)?;
/// assert!(record.verify_password(&Password::new("Passw0rd!")?).is_ok());
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct UserRecord {
    pub(super) record: Record,
    user_id: Username,
}

/// A device's salt and verifier, as `ConfirmDevice` has brought them, and its names.
///
/// To store it, keep the two texts of `ConfirmDevice` as secrets. [`DeviceVerifier::from_base64`] reads them again.
#[derive(Debug)]
pub struct DeviceRecord {
    pub(super) record: Record,
    pub(super) device: Device,
}

/// The part that users and devices share.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) owner: Owner,
    pub(super) salt: Salt,
    /// On the heap, so that a move leaves no copy behind.
    pub(super) verifier: Box<Verifier>,
}

/// The kind of a record. A server key separates the two kinds even when their names are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    User,
    Device,
}

/// The kind and the names of a record, which a pending sign-in remembers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) kind: Kind,
    realm: String,
    name: String,
}

impl Record {
    fn new(kind: Kind, identity: Identity<'_>, salt: Salt, verifier: Box<Verifier>) -> Self {
        let owner = Owner { kind, realm: identity.realm.into(), name: identity.name.into() };
        Self { owner, salt, verifier }
    }

    fn copy(&self) -> Self {
        Self { owner: self.owner.clone(), salt: self.salt, verifier: protocol::copy_of(&self.verifier) }
    }

    pub(super) fn identity(&self) -> Identity<'_> {
        Identity { realm: &self.owner.realm, name: &self.owner.name }
    }
}

impl UserRecord {
    /// The length of a stored verifier: a big-endian integer below N.
    pub const VERIFIER_BYTES: usize = 384;

    /// Makes a record with a salt from the system's randomness.
    ///
    /// `user_id` is what the pool sends as `USER_ID_FOR_SRP`: the canonical user name, never an alias.
    ///
    /// # Errors
    ///
    /// [`Error::RandomSource`].
    #[cfg(feature = "getrandom")]
    pub fn from_password(pool_id: &PoolId, user_id: &Username, password: &Password) -> Result<Self, Error> {
        Self::from_password_with_rng(pool_id, user_id, password, &mut SysRng)
    }

    /// Does what [`from_password`](Self::from_password) does with randomness from `rng`: 16 bytes, the salt.
    ///
    /// # Errors
    ///
    /// As for [`from_password`](Self::from_password).
    pub fn from_password_with_rng<R: TryCryptoRng + ?Sized>(
        pool_id: &PoolId,
        user_id: &Username,
        password: &Password,
        rng: &mut R,
    ) -> Result<Self, Error> {
        let salt = Salt::generate_with_rng(rng)?;
        let identity = Identity { realm: pool_id.name(), name: user_id.as_str() };
        let verifier = protocol::verifier_of(identity, password.for_proof(), salt.for_proof());
        Ok(Self { record: Record::new(Kind::User, identity, salt, verifier), user_id: user_id.clone() })
    }

    /// Restores a stored record.
    ///
    /// # Errors
    ///
    /// [`Error::VerifierIsTrivial`] for a verifier of 0, 1 or N - 1, with which anybody could sign in, and
    /// [`Error::VerifierOutOfRange`] for one that is not below N.
    pub fn from_parts(
        pool_id: &PoolId,
        user_id: &Username,
        salt: Salt,
        verifier: &[u8; Self::VERIFIER_BYTES],
    ) -> Result<Self, Error> {
        let identity = Identity { realm: pool_id.name(), name: user_id.as_str() };
        let verifier = protocol::read_verifier(verifier)?;
        Ok(Self { record: Record::new(Kind::User, identity, salt, verifier), user_id: user_id.clone() })
    }

    /// Copies the record, secrets included: for this module alone.
    pub(super) fn copy(&self) -> Self {
        Self { record: self.record.copy(), user_id: self.user_id.clone() }
    }

    /// Checks a password that the client has sent, in the flows `USER_PASSWORD_AUTH` and `ADMIN_USER_PASSWORD_AUTH`, in constant
    /// time.
    ///
    /// # Errors
    ///
    /// [`Error::NotAuthorized`] for a wrong password.
    pub fn verify_password(&self, password: &Password) -> Result<(), Error> {
        let (identity, salt) = (self.record.identity(), self.record.salt.for_proof());
        if protocol::verifier_of(identity, password.for_proof(), salt).matches(&self.record.verifier) {
            Ok(())
        } else {
            Err(Error::NotAuthorized)
        }
    }

    /// The user's name: `USER_ID_FOR_SRP`.
    #[must_use]
    pub const fn user_id(&self) -> &Username {
        &self.user_id
    }

    /// The salt, to be stored.
    #[must_use]
    pub const fn salt(&self) -> &Salt {
        &self.record.salt
    }

    /// The verifier, to be stored: a big-endian integer below N, and a secret of the server.
    #[must_use]
    pub fn expose_verifier(&self) -> [u8; Self::VERIFIER_BYTES] {
        self.record.verifier.to_be_bytes()
    }
}

impl DeviceRecord {
    /// Makes the record of a device that a client registers with `ConfirmDevice`.
    ///
    /// ```
    /// use cognito_srp6a::server::DeviceRecord;
    /// use cognito_srp6a::{Device, DeviceVerifier};
    /// # use cognito_srp6a::DeviceCredentials;
    ///
    /// # fn main() -> Result<(), cognito_srp6a::Error> {
    /// let device = Device::new("us-east-1_0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9".parse()?, "-aBcDeFgH")?;
    /// # let sent = DeviceCredentials::register(device.clone())?.1;
    /// # let (password_verifier, salt) = (sent.password_verifier(), sent.salt());
    /// let record = DeviceRecord::new(device, DeviceVerifier::from_base64(&password_verifier, &salt)?);
    /// # drop(record);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn new(device: Device, verifier: DeviceVerifier) -> Self {
        let (salt, verifier) = verifier.into_parts();
        Self { record: Record::new(Kind::Device, device.identity(), salt, verifier), device }
    }

    /// The names of the device.
    #[must_use]
    pub const fn device(&self) -> &Device {
        &self.device
    }

    /// The salt.
    #[must_use]
    pub const fn salt(&self) -> &Salt {
        &self.record.salt
    }

    /// The verifier: a big-endian integer below N, and a secret of the server.
    #[must_use]
    pub fn expose_verifier(&self) -> [u8; UserRecord::VERIFIER_BYTES] {
        self.record.verifier.to_be_bytes()
    }
}
