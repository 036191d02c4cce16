//! What a server keeps of a password.

use alloc::string::String;

use rand::TryCryptoRng;
use rand::rngs::SysRng;

use crate::error::{Error, Parameter};
use crate::message::{PoolId, Salt, check_password, check_user_id};
use crate::protocol::{Identity, PrivateKey, Verifier};

/// A user's salt `s` and verifier `v`, and the names they were made for.
///
/// A stolen verifier lets its thief test guesses of the password offline, at the price of two hashes and one
/// exponentiation each: SRP-6a in this form has no slow hash. Keep it as you would keep a password hash.
#[derive(Debug)]
pub struct UserRecord {
    pub(super) realm: String,
    pub(super) user_id: String,
    pub(super) salt: Salt,
    pub(super) verifier: Verifier,
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
    /// [`Error::Empty`] or [`Error::TooLong`] for the name or the password, [`Error::RandomSource`].
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
        let verifier = Verifier::new(&PrivateKey::new(identity, password.as_bytes(), salt.magnitude()));
        Ok(Self { realm: pool_id.name().into(), user_id: user_id.into(), salt, verifier })
    }

    /// Puts a stored record together again.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] or [`Error::TooLong`] for the name.
    pub fn from_parts(
        pool_id: &PoolId,
        user_id: &str,
        salt: Salt,
        verifier: &[u8; Self::VERIFIER_BYTES],
    ) -> Result<Self, Error> {
        check_user_id(user_id, Parameter::UserIdForSrp)?;
        let verifier = Verifier::from_be_bytes(verifier);
        Ok(Self { realm: pool_id.name().into(), user_id: user_id.into(), salt, verifier })
    }

    /// The name that the record is for.
    #[must_use]
    pub fn user_id(&self) -> &str {
        &self.user_id
    }

    /// The salt, to be stored.
    #[must_use]
    pub const fn salt(&self) -> &Salt {
        &self.salt
    }

    /// The verifier, to be stored: a big-endian integer below N. It is a secret of the server's.
    #[must_use]
    pub fn expose_verifier(&self) -> [u8; Self::VERIFIER_BYTES] {
        self.verifier.to_be_bytes()
    }

    pub(super) fn identity(&self) -> Identity<'_> {
        Identity { realm: &self.realm, name: &self.user_id }
    }
}
