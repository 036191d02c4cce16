//! Fake records for users that do not exist.

use zeroize::Zeroize;

use super::derive::{derive, framed};
use super::key::key;
use super::record::{Kind, UserRecord};
use crate::error::Error;
use crate::message::{PoolId, Salt, Username};
use crate::protocol::Identity;

key! {
    /// The key of fake records, for a pool that hides which users exist. All machines of the pool share it.
    ///
    /// # One key for the life of the pool
    ///
    /// A real user has one salt until the password changes. A fake user must have one as well, so it must not depend on the flow, on the
    /// machine, or on the [`ServerKey`](super::ServerKey) in use. Rotate server keys as you like. Store this key beside the records and
    /// never rotate it.
    ///
    /// If the key leaks, its thief can tell fake salts from real ones: user names are no longer hidden, but no password and no sign-in
    /// is at risk. A new key then changes every fake salt at once, so whoever has asked for a name before and after learns whether it
    /// is a user's.
    UnknownUserKey
}

impl UnknownUserKey {
    /// Makes the record of a user that does not exist, so that the challenge does not show it. The salt is the same each time. Nobody
    /// knows a password for the verifier.
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
    /// // Make the fake for every request, so that time does not leak which users exist.
    /// let name = "mallory".parse()?;
    /// let fake = fakes.record(&pool, &name);
    /// let record = find(&name).unwrap_or(fake);
    /// let challenge = key.challenge(&record, &"2".parse()?, Timestamp::now()?)?;
    /// assert_eq!(*challenge.user_id_for_srp(), name);
    /// # Ok(()) }
    /// ```
    ///
    /// The challenge carries `user_id` as given. If real users have ids of another form than the names they sign in with, derive an id
    /// of that form first. Real salts must have 16 bytes, as those of this crate do.
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
