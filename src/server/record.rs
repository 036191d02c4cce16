//! What a server keeps of a password.

use alloc::string::String;
use alloc::vec::Vec;

use rand::TryCryptoRng;
#[cfg(feature = "getrandom")]
use rand::rngs::SysRng;
use zeroize::Zeroizing;

use crate::encoding::{base64_wiped, fixed_width_vartime};
use crate::error::{Error, Parameter};
use crate::message::{Device, PoolId, Salt, check_password, check_user_id};
use crate::protocol::{Identity, Password, PrivateKey, Verifier};

/// A user's salt `s` and verifier `v`, and the names they were made for.
///
/// A stolen verifier lets its thief test guesses of the password offline, at the price of two hashes and one
/// exponentiation each: SRP-6a in this form has no slow hash. Keep it as you would keep a password hash.
#[derive(Debug)]
pub struct UserRecord(pub(super) Record);

/// A device's salt and verifier, as `ConfirmDevice` brought them, and its names. To store it, keep the two texts that came, as
/// secrets: [`from_confirm_device`](Self::from_confirm_device) reads them again.
#[derive(Debug)]
pub struct DeviceRecord {
    pub(super) record: Record,
    pub(super) device: Device,
}

/// What users and devices have in common.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) kind: Kind,
    realm: String,
    name: String,
    pub(super) salt: Salt,
    pub(super) verifier: Verifier,
}

/// Whose record it is. A server key keeps the two apart, also where their names are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    User,
    Device,
}

/// The names of a record, for a challenge to remember.
pub(super) type Owner = (Kind, String, String);

impl Record {
    pub(super) fn owner(&self) -> Owner {
        (self.kind, self.realm.clone(), self.name.clone())
    }

    fn new(kind: Kind, identity: Identity<'_>, salt: Salt, verifier: Verifier) -> Self {
        Self { kind, realm: identity.realm.into(), name: identity.name.into(), salt, verifier }
    }

    pub(super) fn identity(&self) -> Identity<'_> {
        Identity { realm: &self.realm, name: &self.name }
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
    /// [`Error::Empty`] or [`Error::TooLong`] for the name, [`Error::TooLong`] for the password, [`Error::RandomSource`].
    #[cfg(feature = "getrandom")]
    pub fn from_password(pool_id: &PoolId, user_id: &str, password: &str) -> Result<Self, Error> {
        Self::from_password_with_rng(pool_id, user_id, password, &mut SysRng)
    }

    /// Does what [`from_password`](Self::from_password) does with randomness from `rng`: 16 bytes, the salt.
    ///
    /// # Errors
    ///
    /// As for [`from_password`](Self::from_password).
    pub fn from_password_with_rng<R: TryCryptoRng + ?Sized>(
        pool_id: &PoolId,
        user_id: &str,
        password: &str,
        rng: &mut R,
    ) -> Result<Self, Error> {
        check_user_id(user_id, Parameter::UserIdForSrp)?;
        check_password(password)?;
        let salt = Salt::generate_with_rng(rng)?;
        let identity = Identity { realm: pool_id.name(), name: user_id };
        let verifier = Verifier::new(&PrivateKey::new(identity, Password(password.as_bytes()), salt.for_proof()));
        Ok(Self(Record::new(Kind::User, identity, salt, verifier)))
    }

    /// Puts a stored record together again.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] or [`Error::TooLong`] for the name. [`Error::PublicValueIsZero`] for a verifier of 0, 1 or N - 1, with
    /// which anybody could sign in, and [`Error::PublicValueOutOfRange`] for one that is not below N.
    pub fn from_parts(
        pool_id: &PoolId,
        user_id: &str,
        salt: Salt,
        verifier: &[u8; Self::VERIFIER_BYTES],
    ) -> Result<Self, Error> {
        check_user_id(user_id, Parameter::UserIdForSrp)?;
        let identity = Identity { realm: pool_id.name(), name: user_id };
        Ok(Self(Record::new(Kind::User, identity, salt, Verifier::read(verifier)?)))
    }

    /// Checks a password that was sent as it is, as the flows `USER_PASSWORD_AUTH` and `ADMIN_USER_PASSWORD_AUTH` do, in
    /// constant time.
    ///
    /// # Errors
    ///
    /// [`Error::NotAuthorized`] for a wrong password, [`Error::TooLong`] for one that none can be.
    pub fn verify_password(&self, password: &str) -> Result<(), Error> {
        check_password(password)?;
        let x = PrivateKey::new(self.0.identity(), Password(password.as_bytes()), self.0.salt.for_proof());
        if Verifier::new(&x).matches(&self.0.verifier) { Ok(()) } else { Err(Error::NotAuthorized) }
    }

    /// The name that the record is for.
    #[must_use]
    pub fn user_id(&self) -> &str {
        &self.0.name
    }

    /// The salt, to be stored.
    #[must_use]
    pub const fn salt(&self) -> &Salt {
        &self.0.salt
    }

    /// The verifier, to be stored: a big-endian integer below N. It is a secret of the server's.
    #[must_use]
    pub fn expose_verifier(&self) -> [u8; Self::VERIFIER_BYTES] {
        self.0.verifier.to_be_bytes()
    }
}

impl DeviceRecord {
    /// Reads what a client has sent with `ConfirmDevice`: `PasswordVerifier` and `Salt`, the Base64 of `enc(v)` and of
    /// `enc(s)`.
    ///
    /// The service reads both as signed integers, so a value whose sign byte is missing is negative and refused.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::TooLong`], [`Error::NotBase64`], [`Error::Malformed`] with the parameter at fault;
    /// [`Error::PublicValueIsZero`] and [`Error::PublicValueOutOfRange`] for a verifier that is not between 1 and N - 1.
    pub fn from_confirm_device(device: Device, password_verifier: &str, salt: &str) -> Result<Self, Error> {
        let parameter = Parameter::PasswordVerifier;
        let verifier = signed_integer(password_verifier, UserRecord::VERIFIER_BYTES, parameter)?;
        let verifier = fixed_width_vartime(&verifier).map(Zeroizing::new).ok_or(Error::TooLong(parameter))?;
        let salt = Salt::from_be_bytes(&signed_integer(salt, Salt::MAX_BYTES, Parameter::Salt)?)?;
        let verifier = Verifier::read(&verifier)?;
        Ok(Self { record: Record::new(Kind::Device, device.identity(), salt, verifier), device })
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

    /// The verifier: a big-endian integer below N. It is a secret of the server's.
    #[must_use]
    pub fn expose_verifier(&self) -> [u8; UserRecord::VERIFIER_BYTES] {
        self.record.verifier.to_be_bytes()
    }
}

/// Reads the Base64 of a signed big-endian integer that is not negative, of about so many bytes at most.
fn signed_integer(text: &str, max_bytes: usize, parameter: Parameter) -> Result<Zeroizing<Vec<u8>>, Error> {
    if text.is_empty() {
        return Err(Error::Empty(parameter));
    }
    // Three bytes in four characters; the longest has a sign byte in front.
    if text.len() > 4 * (max_bytes + 1).div_ceil(3) {
        return Err(Error::TooLong(parameter));
    }
    let bytes = base64_wiped(text).ok_or(Error::NotBase64(parameter))?;
    if bytes.first().is_some_and(|first| first >> 7 == 1) {
        return Err(Error::Malformed(parameter));
    }
    Ok(bytes)
}
