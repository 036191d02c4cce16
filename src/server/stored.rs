//! Sign-ins whose state the caller stores.

use core::time::Duration;

use rand::TryCryptoRng;
#[cfg(feature = "getrandom")]
use rand::rngs::SysRng;

use super::record::{DeviceRecord, Owner, Record, UserRecord};
use super::verify::{challenge, check, device_message, user_message};
use crate::error::Error;
use crate::message::{
    Challenge, DeviceChallenge, DeviceSrpResponses, PasswordChallenge, PasswordClaim, SecretBlock, SrpA, Timestamp,
};
use crate::protocol::ServerExchange;
use crate::secret::Secret;

/// The server's side of a pending sign-in, between the challenge and the claim.
///
/// Store it under the text of its secret block; the claim brings that text back. Cognito accepts a block again until it expires, and so
/// does [`verify`](Self::verify), which does not change the state. Drop the state after the first claim, right or wrong, to accept
/// each block once.
///
/// ```
/// use std::collections::HashMap;
/// use std::time::Duration;
///
/// use cognito_srp6a::server::{PendingSignIn, UserRecord};
/// use cognito_srp6a::{AppClient, Password, PasswordClaim, Timestamp, UserSignIn};
///
/// # fn main() -> Result<(), cognito_srp6a::Error> {
/// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
/// # let password = Password::new("Passw0rd!")?;
/// # let (sign_in, start) = UserSignIn::start(&app, &"alice".parse()?)?;
/// let record = UserRecord::from_password(app.pool_id(), &"alice".parse()?, &password)?;
/// let mut pending = HashMap::new();
///
/// // InitiateAuth
/// let (state, challenge) = PendingSignIn::new(&record, start.srp_a().clone(), Timestamp::now()?)?;
/// pending.insert(state.secret_block().to_string(), state);
/// # let claim = sign_in.answer(challenge, &password, Timestamp::now()?)?;
///
/// // RespondToAuthChallenge: one claim for each block.
/// let state = pending.remove(claim.secret_block().as_str()).expect("the block is known");
/// state.verify(&record, &claim, Timestamp::now()?, Duration::from_secs(300))?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct PendingSignIn {
    exchange: ServerExchange,
    secret_block: SecretBlock,
    issued: Timestamp,
    /// The record that the challenge was made for.
    owner: Owner,
}

impl PendingSignIn {
    /// Makes a challenge for a client's `SRP_A`, with a random secret block of 32 bytes, and the state to keep.
    ///
    /// # Errors
    ///
    /// [`Error::RandomSource`].
    #[cfg(feature = "getrandom")]
    pub fn new(record: &UserRecord, srp_a: SrpA, now: Timestamp) -> Result<(Self, PasswordChallenge), Error> {
        Self::new_with_rng(record, srp_a, now, &mut SysRng)
    }

    /// Does what [`new`](Self::new) does with randomness from `rng`: 40 bytes for `b`, then 32 for the secret block.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new).
    pub fn new_with_rng<R: TryCryptoRng + ?Sized>(
        record: &UserRecord,
        srp_a: SrpA,
        now: Timestamp,
        rng: &mut R,
    ) -> Result<(Self, PasswordChallenge), Error> {
        let (state, challenge) = Self::begin(&record.record, srp_a, now, rng)?;
        Ok((state, user_message(record, challenge)))
    }

    /// Makes a challenge for a device's `SRP_A`. The challenge carries the `USERNAME` of `start`
    /// ([`DeviceSrpResponses::with_username`] replaces an alias).
    ///
    /// # Errors
    ///
    /// [`Error::RandomSource`].
    #[cfg(feature = "getrandom")]
    pub fn new_for_device(
        record: &DeviceRecord,
        start: &DeviceSrpResponses,
        now: Timestamp,
    ) -> Result<(Self, DeviceChallenge), Error> {
        Self::new_for_device_with_rng(record, start, now, &mut SysRng)
    }

    /// Does what [`new_for_device`](Self::new_for_device) does with randomness from `rng`, as
    /// [`new_with_rng`](Self::new_with_rng) reads it.
    ///
    /// # Errors
    ///
    /// As for [`new_for_device`](Self::new_for_device).
    pub fn new_for_device_with_rng<R: TryCryptoRng + ?Sized>(
        record: &DeviceRecord,
        start: &DeviceSrpResponses,
        now: Timestamp,
        rng: &mut R,
    ) -> Result<(Self, DeviceChallenge), Error> {
        let (state, challenge) = Self::begin(&record.record, start.srp_a().clone(), now, rng)?;
        Ok((state, device_message(record, start.username(), challenge)))
    }

    fn begin<R: TryCryptoRng + ?Sized>(
        record: &Record,
        srp_a: SrpA,
        now: Timestamp,
        rng: &mut R,
    ) -> Result<(Self, Challenge), Error> {
        let exchange = ServerExchange::begin(&record.verifier, srp_a.0, rng)?;
        let mut block = Secret::<32>::zero();
        block.fill(rng)?;
        let secret_block = SecretBlock::from_bytes(block.expose())?;
        let challenge = challenge(record, exchange.public(), secret_block.clone());
        Ok((Self { exchange, secret_block, issued: now, owner: record.owner.clone() }, challenge))
    }

    /// The secret block that this state belongs to.
    #[must_use]
    pub const fn secret_block(&self) -> &SecretBlock {
        &self.secret_block
    }

    /// Checks a user's claim. `max_age` bounds both the age of the challenge and the difference between the claim's
    /// timestamp and `now`, in either direction, in whole seconds.
    ///
    /// It leaves to you what [`ServerKey::verify`](super::ServerKey::verify) does, and accepts the same claim again until the challenge
    /// is too old.
    ///
    /// # Errors
    ///
    /// [`Error::NotAuthorized`], whatever is wrong with the claim.
    pub fn verify(
        &self,
        record: &UserRecord,
        claim: &PasswordClaim,
        now: Timestamp,
        max_age: Duration,
    ) -> Result<(), Error> {
        self.check(&record.record, claim, now, max_age)
    }

    /// Like [`verify`](Self::verify), for devices; see [`ServerKey::verify_device`](super::ServerKey::verify_device) for what this does
    /// not prove.
    ///
    /// # Errors
    ///
    /// [`Error::NotAuthorized`], whatever is wrong with the claim.
    pub fn verify_device(
        &self,
        record: &DeviceRecord,
        claim: &PasswordClaim,
        now: Timestamp,
        max_age: Duration,
    ) -> Result<(), Error> {
        self.check(&record.record, claim, now, max_age)
    }

    fn check(&self, record: &Record, claim: &PasswordClaim, now: Timestamp, max_age: Duration) -> Result<(), Error> {
        if claim.proof.secret_block != self.secret_block || record.owner != self.owner {
            return Err(Error::NotAuthorized);
        }
        check(&self.exchange, record, claim, self.issued, now, max_age)
    }
}
