//! Fake records for users that do not exist.

use core::fmt;

use rand::TryCryptoRng;
#[cfg(feature = "getrandom")]
use rand::rngs::SysRng;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::derive::{derive, framed};
use super::record::{Kind, UserRecord};
use crate::error::Error;
use crate::message::{PoolId, Salt, Username};
use crate::protocol::Identity;
use crate::secret::Secret;

/// The key that fake records are made with, for a pool that does not tell which users exist. 32 bytes, the same on all machines of
/// the pool.
///
/// # One key a pool, for the life of the pool
///
/// A real user has one salt until the password changes. So must a fake one: it must not depend on the flow, on the machine, or on the
/// [`ServerKey`](super::ServerKey) in use. That is why this is a key of its own. Rotate server keys as you like; store this one beside
/// the records and never rotate it.
///
/// When it leaks, its thief tells fake salts from real ones, so user names are no longer hidden; no password and no sign-in is at
/// risk. A new key then changes every fake salt at once: whoever has asked for a name before and after learns whether it is a user's.
#[allow(clippy::module_name_repetitions, reason = "it is the key of unknown users, as `ServerKey` is that of a server")]
pub struct UnknownUserKey(Secret<32>);

impl UnknownUserKey {
    /// The length of a key.
    pub const BYTES: usize = 32;

    /// Takes a key of 32 random bytes. The caller wipes what it copied it from.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(Secret::new(bytes))
    }

    /// Draws a key from the system's randomness, once in the life of a pool.
    ///
    /// # Errors
    ///
    /// [`Error::RandomSource`].
    #[cfg(feature = "getrandom")]
    pub fn generate() -> Result<Self, Error> {
        Self::generate_with_rng(&mut SysRng)
    }

    /// Draws a key from `rng`: 32 bytes.
    ///
    /// # Errors
    ///
    /// [`Error::RandomSource`].
    pub fn generate_with_rng<R: TryCryptoRng + ?Sized>(rng: &mut R) -> Result<Self, Error> {
        let mut key = Self(Secret::zero());
        key.0.fill(rng)?;
        if key.0.is_zero() { Err(Error::RandomSource) } else { Ok(key) }
    }

    /// The key, to be stored: a secret.
    #[must_use]
    pub const fn expose_bytes(&self) -> &[u8; Self::BYTES] {
        self.0.expose()
    }

    /// The record to use for a user that does not exist, so that the challenge does not show it: the same salt each time, and a
    /// verifier of which nobody knows the password.
    ///
    /// ```
    /// use cognito_srp6a::{Timestamp, Username};
    /// use cognito_srp6a::server::{ServerKey, UnknownUserKey, UserRecord};
    ///
    /// # fn main() -> Result<(), cognito_srp6a::Error> {
    /// let pool = "us-east-1_AbCdEfGhI".parse()?;
    /// let (fakes, key) = (UnknownUserKey::generate()?, ServerKey::generate()?);
    /// let find = |_name: &Username| None::<UserRecord>;
    ///
    /// // Made for every request, so that its time does not tell either.
    /// let name = "mallory".parse()?;
    /// let fake = fakes.record(&pool, &name);
    /// let record = find(&name).unwrap_or(fake);
    /// let challenge = key.challenge(&record, &"2".parse()?, Timestamp::now()?)?;
    /// assert_eq!(*challenge.user_id_for_srp(), name);
    /// # Ok(()) }
    /// ```
    ///
    /// It hides what it can: `user_id` stands in the challenge as it is given, so where real users have ids of another form than the
    /// names they sign in with, derive an id of that form first; real salts must have 16 bytes, as this crate's have.
    ///
    /// # Panics
    ///
    /// Never: the salt has 16 bytes, and the verifier is below 2^3071 and at least 2.
    #[must_use]
    pub fn record(&self, pool_id: &PoolId, user_id: &Username) -> UserRecord {
        let name = framed(Kind::User, Identity { realm: pool_id.name(), name: user_id.as_str() });
        let mut salt = [0; Salt::GENERATED_BYTES];
        derive(&self.0, b"unknown user: salt", &name, &mut salt);
        let mut verifier = [0; UserRecord::VERIFIER_BYTES];
        derive(&self.0, b"unknown user: verifier", &name, &mut verifier);
        // N is within 2^3008 of 2^3072: with a clear top bit the number is below N - 1, with this bit set it is above 1.
        verifier[0] >>= 1;
        verifier[UserRecord::VERIFIER_BYTES - 1] |= 2;
        let salt = Salt::from_be_bytes(&salt).expect("16 bytes are at most 64");
        let record = UserRecord::from_parts(pool_id, user_id, salt, &verifier).expect("it is between 1 and N - 1");
        verifier.zeroize();
        record
    }
}

// `Secret` wipes itself.
impl ZeroizeOnDrop for UnknownUserKey {}

impl fmt::Debug for UnknownUserKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnknownUserKey").finish_non_exhaustive()
    }
}
