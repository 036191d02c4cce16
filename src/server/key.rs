//! Challenges that carry their own state.

use core::fmt;
use core::time::Duration;

use alloc::vec::Vec;

use hmac::{Hmac, KeyInit, Mac};
use rand::TryCryptoRng;
#[cfg(feature = "getrandom")]
use rand::rngs::SysRng;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::ZeroizeOnDrop;

use super::challenge::{challenge, check, device_message, user_message};
use super::derive::{derive, framed};
use super::record::{DeviceRecord, Record, UserRecord};
use crate::error::Error;
use crate::message::{
    Challenge, DeviceChallenge, DeviceSrpResponses, PasswordChallenge, PasswordClaim, SecretBlock, SrpA, Timestamp,
};
use crate::protocol::{ClientPublic, Ephemeral, ServerExchange, ServerPublic};
use crate::secret::Secret;

/// The key of a server that keeps no state between challenge and claim. 32 bytes, the same on all its machines.
///
/// # The secret block
///
/// | bytes | content |
/// |---|---|
/// | 1 | version, 1 |
/// | 8 | time of issue, seconds since 1970, big-endian |
/// | 32 | nonce |
/// | 384 | `A` |
/// | 384 | `B` |
/// | 32 | HMAC-SHA256 over the kind (user or device), realm and name, each with its length before it, and all of the above |
///
/// `b` is not in it: it is derived from the nonce with HKDF under this key. Everything that is derived or authenticated
/// has a label of its own, so that no value of one kind can stand for another.
///
/// # What a key is for
///
/// A block is bound to this key, to the kind and names of its record, and to its time: not to a flow, a session or an app
/// client. Use one key per auth flow where what follows the proof depends on the flow; otherwise a block issued in one flow is
/// accepted in another. Fake records do not come from this key but from [`UnknownUserKey`](super::UnknownUserKey), so they are the
/// same under all of them.
///
/// # Rotation
///
/// Issue challenges with the new key, and for as long as a challenge lives verify with the new key first and then with the old one.
/// A foreign block costs one hash, so trying two keys is cheap. Unknown users keep their salts, as real ones do.
///
/// Whoever has the key can compute `b`, and with it the verifier, from any challenge, and sign in as anybody. Keep it as you
/// would keep the verifiers themselves.
pub struct ServerKey(Secret<32>);

const VERSION: u8 = 1;
const NONCE: usize = 32;
const ELEMENT: usize = UserRecord::VERIFIER_BYTES;
const TAG: usize = 32;
const BLOCK: usize = 1 + 8 + NONCE + 2 * ELEMENT + TAG;

impl ServerKey {
    /// The length of a key.
    pub const BYTES: usize = 32;

    /// Takes a key of 32 random bytes. The caller wipes what it copied it from.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(Secret::new(bytes))
    }

    /// Draws a key from the system's randomness.
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

    /// Makes a challenge for a client's `SRP_A`.
    ///
    /// # Errors
    ///
    /// [`Error::RandomSource`].
    #[cfg(feature = "getrandom")]
    pub fn challenge(&self, record: &UserRecord, srp_a: &SrpA, now: Timestamp) -> Result<PasswordChallenge, Error> {
        self.challenge_with_rng(record, srp_a, now, &mut SysRng)
    }

    /// Does what [`challenge`](Self::challenge) does with randomness from `rng`: 32 bytes, the nonce.
    ///
    /// # Errors
    ///
    /// As for [`challenge`](Self::challenge).
    pub fn challenge_with_rng<R: TryCryptoRng + ?Sized>(
        &self,
        record: &UserRecord,
        srp_a: &SrpA,
        now: Timestamp,
        rng: &mut R,
    ) -> Result<PasswordChallenge, Error> {
        Ok(user_message(record, self.seal(&record.record, srp_a, now, rng)?))
    }

    /// Makes a challenge for a device's `SRP_A`. The challenge carries the `USERNAME` of `start`
    /// ([`DeviceSrpResponses::with_username`] replaces an alias).
    ///
    /// # Errors
    ///
    /// [`Error::RandomSource`].
    #[cfg(feature = "getrandom")]
    pub fn device_challenge(
        &self,
        record: &DeviceRecord,
        start: &DeviceSrpResponses,
        now: Timestamp,
    ) -> Result<DeviceChallenge, Error> {
        self.device_challenge_with_rng(record, start, now, &mut SysRng)
    }

    /// Does what [`device_challenge`](Self::device_challenge) does with randomness from `rng`: 32 bytes, the nonce.
    ///
    /// # Errors
    ///
    /// As for [`device_challenge`](Self::device_challenge).
    pub fn device_challenge_with_rng<R: TryCryptoRng + ?Sized>(
        &self,
        record: &DeviceRecord,
        start: &DeviceSrpResponses,
        now: Timestamp,
        rng: &mut R,
    ) -> Result<DeviceChallenge, Error> {
        Ok(device_message(record, start.username(), self.seal(&record.record, start.srp_a(), now, rng)?))
    }

    /// Checks a claim on a challenge that was made with this key for this record. `max_age` bounds both the age of the
    /// challenge and the difference between the claim's timestamp and `now`, in either direction, in whole seconds.
    ///
    /// `USERNAME`, `SECRET_HASH` and `DEVICE_KEY` of the claim are not looked at: find the record by the name, check the hash.
    /// The same claim is accepted again until the challenge is too old, as Cognito does; to allow each challenge one, remember
    /// the secret blocks that were answered for that long.
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

    /// Checks a device's claim likewise. It proves the device and nothing of the user: that the password was proved before, and by
    /// the user whose device it is, is the caller's to know.
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
        let (exchange, issued) = self.open(record, claim.proof.secret_block.as_bytes())?;
        check(&exchange, record, claim, issued, now, max_age)
    }

    /// Makes a challenge whose secret block holds its state.
    fn seal<R: TryCryptoRng + ?Sized>(
        &self,
        record: &Record,
        srp_a: &SrpA,
        now: Timestamp,
        rng: &mut R,
    ) -> Result<Challenge, Error> {
        let mut nonce = Secret::<NONCE>::zero();
        nonce.fill(rng)?;
        if nonce.is_zero() {
            return Err(Error::RandomSource);
        }
        let b = self.ephemeral(record, nonce.expose());
        let srp_b = ServerPublic::new(&record.verifier, &b).ok_or(Error::RandomSource)?;

        let mut block = Vec::with_capacity(BLOCK);
        block.push(VERSION);
        block.extend_from_slice(&now.unix_seconds().to_be_bytes());
        block.extend_from_slice(nonce.expose());
        block.extend_from_slice(&srp_a.0.to_be_bytes());
        block.extend_from_slice(&srp_b.to_be_bytes());
        let tag = self.tag(record, &block);
        block.extend_from_slice(&tag);
        Ok(challenge(record, &srp_b, SecretBlock::from_bytes(&block)?))
    }

    /// Opens a secret block that this key sealed for a record.
    fn open(&self, record: &Record, block: &[u8]) -> Result<(ServerExchange, Timestamp), Error> {
        let foreign = Error::NotAuthorized;
        let (sealed, tag) = block.split_last_chunk::<TAG>().ok_or(foreign)?;
        if block.len() != BLOCK || !bool::from(self.tag(record, sealed).ct_eq(tag)) {
            return Err(foreign);
        }
        // The tag vouches for the rest, so each of these reads what `challenge` wrote.
        let (version, rest) = sealed.split_first_chunk::<1>().ok_or(foreign)?;
        let (issued, rest) = rest.split_first_chunk::<8>().ok_or(foreign)?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE>().ok_or(foreign)?;
        let (srp_a, rest) = rest.split_first_chunk::<ELEMENT>().ok_or(foreign)?;
        let (srp_b, _) = rest.split_first_chunk::<ELEMENT>().ok_or(foreign)?;
        if *version != [VERSION] {
            return Err(foreign);
        }
        let exchange = ServerExchange::resume(
            self.ephemeral(record, nonce),
            ClientPublic::from_be_bytes_vartime(srp_a).map_err(|_| foreign)?,
            ServerPublic::from_be_bytes_vartime(srp_b).map_err(|_| foreign)?,
        );
        Ok((exchange, Timestamp::from_unix_seconds(i64::from_be_bytes(*issued)).map_err(|_| foreign)?))
    }

    /// Returns `b` for a nonce.
    fn ephemeral(&self, record: &Record, nonce: &[u8; NONCE]) -> Ephemeral {
        let mut input = framed(record.kind, record.identity());
        input.extend_from_slice(nonce);
        let mut bytes = Secret::<{ Ephemeral::BYTES }>::zero();
        derive(&self.0, b"ephemeral", &input, bytes.expose_mut());
        Ephemeral::from_be_bytes(bytes.expose())
    }

    /// Returns the tag of a secret block without its tag.
    fn tag(&self, record: &Record, sealed: &[u8]) -> [u8; TAG] {
        let mut key = Secret::<32>::zero();
        derive(&self.0, b"secret block", &[], key.expose_mut());
        let mut mac = Hmac::<Sha256>::new_from_slice(key.expose()).expect("HMAC takes keys of any length");
        mac.update(&framed(record.kind, record.identity()));
        mac.update(sealed);
        mac.finalize().into_bytes().into()
    }
}

// `Secret` wipes itself.
impl ZeroizeOnDrop for ServerKey {}

impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerKey").finish_non_exhaustive()
    }
}
