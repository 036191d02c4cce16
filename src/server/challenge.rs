//! Challenges whose state the caller keeps.

use core::time::Duration;

use alloc::string::ToString;

use rand::TryCryptoRng;
#[cfg(feature = "getrandom")]
use rand::rngs::SysRng;

use super::record::{DeviceRecord, Owner, Record, UserRecord};
use crate::error::Error;
use crate::message::{
    Challenge, DeviceChallenge, DeviceSrpResponses, PasswordChallenge, PasswordClaim, SecretBlock, SrpA, SrpB,
    Timestamp, Username,
};
use crate::protocol::{self, ServerExchange, ServerPublic};
use crate::secret::Secret;

/// The server's side of one sign-in, between the challenge and the claim.
///
/// Keep it under the text of its secret block; that text comes back in the claim. Cognito takes a block again until it
/// expires, and so does [`verify`](Self::verify), which leaves the state as it is. Drop the state after a claim to allow each
/// block one, be it right or wrong.
#[derive(Debug)]
pub struct ServerChallenge {
    exchange: ServerExchange,
    secret_block: SecretBlock,
    issued: Timestamp,
    /// Whom the challenge was made for.
    owner: Owner,
}

impl ServerChallenge {
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
        Ok((Self { exchange, secret_block, issued: now, owner: record.owner() }, challenge))
    }

    /// The secret block that this state belongs to.
    #[must_use]
    pub const fn secret_block(&self) -> &SecretBlock {
        &self.secret_block
    }

    /// Checks a user's claim. `max_age` bounds both the age of the challenge and the difference between the claim's
    /// timestamp and `now`, in either direction, in whole seconds.
    ///
    /// `USERNAME`, `SECRET_HASH` and `DEVICE_KEY` of the claim are not looked at: find the record by the name, check the hash.
    /// The same claim is accepted again until the challenge is too old.
    ///
    /// # Errors
    ///
    /// [`Error::NotAuthorized`] for everything that is wrong with the claim.
    pub fn verify(
        &self,
        record: &UserRecord,
        claim: &PasswordClaim,
        now: Timestamp,
        max_age: Duration,
    ) -> Result<(), Error> {
        self.check(&record.record, claim, now, max_age)
    }

    /// Checks a device's claim likewise, of which [`ServerKey::verify_device`](super::ServerKey::verify_device) says what it proves.
    ///
    /// # Errors
    ///
    /// [`Error::NotAuthorized`] for everything that is wrong with the claim.
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
        if claim.proof.secret_block != self.secret_block || record.owner() != self.owner {
            return Err(Error::NotAuthorized);
        }
        check(&self.exchange, record, claim, self.issued, now, max_age)
    }
}

/// The part of a challenge that users and devices share.
pub(super) fn challenge(record: &Record, srp_b: &ServerPublic, secret_block: SecretBlock) -> Challenge {
    Challenge { salt: record.salt, srp_b: SrpB(srp_b.clone()), secret_block }
}

/// A user's challenge.
pub(super) fn user_message(record: &UserRecord, challenge: Challenge) -> PasswordChallenge {
    PasswordChallenge { user_id_for_srp: record.user_id().clone(), username: record.user_id().clone(), challenge }
}

/// A device's challenge.
pub(super) fn device_message(record: &DeviceRecord, username: &Username, challenge: Challenge) -> DeviceChallenge {
    DeviceChallenge { username: username.clone(), device_key: Some(record.device.key().clone()), challenge }
}

/// Compares a claim with the one that the right password makes, then looks at the clock.
///
/// The claim is computed in any case, so that a stale one takes as long as a wrong one. `USERNAME` is not signed and not
/// looked at: the caller has found the record by it, through an alias or not, and the record's own names are signed.
pub(super) fn check(
    exchange: &ServerExchange,
    record: &Record,
    claim: &PasswordClaim,
    issued: Timestamp,
    now: Timestamp,
    max_age: Duration,
) -> Result<(), Error> {
    let expected = exchange
        .expected_claim(
            &record.verifier,
            record.identity(),
            claim.proof.secret_block.for_proof(),
            protocol::Timestamp(&claim.proof.timestamp.to_string()),
        )
        .map_err(|_| Error::NotAuthorized)?;
    let genuine = expected.matches(&claim.proof.signature);
    let fresh = [issued, claim.proof.timestamp].iter().all(|time| time.seconds_from(now) <= max_age.as_secs());
    if genuine && fresh { Ok(()) } else { Err(Error::NotAuthorized) }
}
