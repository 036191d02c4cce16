//! Fake records for users that do not exist.

use zeroize::Zeroize;

use super::derive::{derive, framed};
use super::key::key;
use super::record::{Kind, UserRecord};
use crate::error::Error;
use crate::message::{PoolId, Salt, Username};
use crate::protocol::Identity;
use crate::stack::with_wiped_stack;

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
    /// Returns a copy of the user's record, or the record of a fake if there is none, after the same work.
    ///
    /// Challenge and claim then take the same work as well, and no password answers the challenge of a fake.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use cognito_srp6a::server::{ServerKey, UnknownUserKey, UserRecord};
    /// # use cognito_srp6a::{AppClient, Error, Password, Timestamp, Username, UserSignIn};
    ///
    /// # fn main() -> Result<(), Error> {
    /// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
    /// # let pool = app.pool_id();
    /// # let (sign_in, start) = UserSignIn::start(&app, &"mallory".parse()?)?;
    /// # let (now, max_age) = (Timestamp::now()?, Duration::from_secs(300));
    /// let (fakes, key) = (UnknownUserKey::generate()?, ServerKey::generate()?);
    /// let find = |_name: &Username| None::<&UserRecord>;
    ///
    /// // InitiateAuth
    /// let name = "mallory".parse()?;
    /// let record = fakes.record_or_fake(pool, &name, find(&name));
    /// let challenge = key.challenge(&record, start.srp_a(), now)?;
    /// assert_eq!(*challenge.user_id_for_srp(), name);
    /// # let claim = sign_in.answer(challenge, &Password::new("Passw0rd!")?, now)?;
    ///
    /// // RespondToAuthChallenge
    /// let record = fakes.record_or_fake(pool, &name, find(&name));
    /// assert_eq!(key.verify(&record, &claim, now, max_age), Err(Error::NotAuthorized));
    /// # Ok(()) }
    /// ```
    ///
    /// # What may still tell
    ///
    /// - The caller's search, and all that the caller does after the proof.
    /// - The cache: the record of a user is read from memory that the caller has, a fake from memory that was just written.
    /// - The form of ids: the challenge of a fake carries `user_id` as given. If real users have ids of another form than the names they
    ///   sign in with, derive an id of that form first.
    /// - The length of salts: real ones must have 16 bytes, as those of this crate do.
    #[must_use]
    pub fn record_or_fake(&self, pool_id: &PoolId, user_id: &Username, record: Option<&UserRecord>) -> UserRecord {
        // Made for users that exist, too.
        let fake = self.record(pool_id, user_id);
        record.unwrap_or(&fake).copy()
    }

    /// Makes the record of a user that does not exist. The salt is the same each time. Nobody knows a password for the verifier.
    ///
    /// A server that makes it only when it has not found a user tells so by its time:
    /// [`record_or_fake`](Self::record_or_fake) does not.
    ///
    /// # Panics
    ///
    /// Never: the salt has 16 bytes, and the verifier is below 2^3071 and at least 2.
    #[must_use]
    pub fn record(&self, pool_id: &PoolId, user_id: &Username) -> UserRecord {
        let name = framed(Kind::User, Identity { realm: pool_id.name(), name: user_id.as_str() });
        let mut salt = [0; Salt::GENERATED_BYTES];
        let mut verifier = [0; UserRecord::VERIFIER_BYTES];
        with_wiped_stack(|| {
            derive(&self.0, b"unknown user: salt", &name, &mut salt);
            derive(&self.0, b"unknown user: verifier", &name, &mut verifier);
        });
        // N is within 2^3008 of 2^3072: with a clear top bit the number is below N - 1, with this bit set it is above 1.
        verifier[0] >>= 1;
        verifier[UserRecord::VERIFIER_BYTES - 1] |= 2;
        let salt = Salt::from_be_bytes(&salt).expect("16 bytes are at most 64");
        let record = UserRecord::from_parts(pool_id, user_id, salt, &verifier).expect("it is between 1 and N - 1");
        verifier.zeroize();
        record
    }
}
