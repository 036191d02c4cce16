//! Challenges whose secret block carries the server's state.

use core::time::Duration;

use alloc::boxed::Box;
use alloc::vec::Vec;

use hmac::{Hmac, KeyInit, Mac};
use rand::TryCryptoRng;
#[cfg(feature = "getrandom")]
use rand::rngs::SysRng;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::derive::{derive, framed};
use super::key::key;
use super::record::{DeviceRecord, Record, UserRecord};
use super::verify::{challenge, check, device_message, user_message};
use crate::error::Error;
use crate::message::{
    Challenge, DeviceChallenge, DeviceSrpResponses, PasswordChallenge, PasswordClaim, SecretBlock, SrpA, Timestamp,
};
use crate::protocol::{ClientPublic, Ephemeral, ServerExchange, ServerPublic};
use crate::secret::Secret;
use crate::stack::with_wiped_stack;

key! {
    /// The key of a server that stores nothing between challenge and claim. All machines of the server share it.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use cognito_srp6a::server::{ServerKey, UserRecord};
    /// use cognito_srp6a::{AppClient, Password, PasswordClaim, SrpAuthParameters, Timestamp, UserSignIn};
    ///
    /// # fn main() -> Result<(), cognito_srp6a::Error> {
    /// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
    /// # let password = Password::new("Passw0rd!")?;
    /// # let (sign_in, start) = UserSignIn::start(&app, &"alice".parse()?)?;
    /// # let auth_parameters = start.into_pairs();
    /// let record = UserRecord::from_password(app.pool_id(), &"alice".parse()?, &password)?;
    /// let key = ServerKey::generate()?;
    ///
    /// // InitiateAuth
    /// let start = SrpAuthParameters::from_parameters(&auth_parameters)?;
    /// let challenge = key.challenge(&record, start.srp_a(), Timestamp::now()?)?;
    /// # let challenge_responses = sign_in.answer(challenge, &password, Timestamp::now()?)?.into_pairs();
    ///
    /// // RespondToAuthChallenge
    /// let claim = PasswordClaim::from_parameters(&challenge_responses)?;
    /// key.verify(&record, &claim, Timestamp::now()?, Duration::from_secs(300))?;
    /// # Ok(()) }
    /// ```
    ///
    /// Keep it as you keep the verifiers. Whoever has the key can compute `b`, and with it the verifier, from any challenge, and sign in
    /// as anybody.
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
    /// `b` is not in the block: HKDF derives it from the nonce under this key. Everything that is derived or authenticated has a label
    /// of its own, so no value of one kind can replace another.
    ///
    /// # What a block is bound to
    ///
    /// A block is bound to this key, to the kind and names of its record, and to its time; not to a flow, a session or an app client.
    /// Label the key with those: a block of one label is refused under another. [`labelled`](Self::labelled) shows how. Fake records come
    /// from [`UnknownUserKey`](super::UnknownUserKey) and not from this key, so they are the same under all labels.
    ///
    /// # Export and rotation
    ///
    /// [`expose_bytes`](Self::expose_bytes) exports the key for the store, and [`from_bytes`](Self::from_bytes) reads it again.
    ///
    /// To rotate, issue challenges with a new key. While challenges of the previous key live, verify with the current key first and
    /// then with the previous one. A foreign block costs one hash, so trying two keys is cheap. Unknown users keep their salts, as real
    /// users do.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use cognito_srp6a::server::{ServerKey, UserRecord};
    /// # use cognito_srp6a::{AppClient, Error, Password, PasswordClaim, Timestamp, UserSignIn};
    /// const MAX_AGE: Duration = Duration::from_secs(300);
    ///
    /// /// The current key, and the previous one until `MAX_AGE` after the rotation.
    /// fn verify(keys: &[ServerKey], record: &UserRecord, claim: &PasswordClaim, now: Timestamp) -> Result<(), Error> {
    ///     let verified = keys.iter().any(|key| key.verify(record, claim, now, MAX_AGE).is_ok());
    ///     if verified { Ok(()) } else { Err(Error::NotAuthorized) }
    /// }
    /// # fn main() -> Result<(), Error> {
    /// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
    /// # let password = Password::new("Passw0rd!")?;
    /// # let record = UserRecord::from_password(app.pool_id(), &"alice".parse()?, &password)?;
    /// # let (sign_in, start) = UserSignIn::start(&app, &"alice".parse()?)?;
    /// # let now = Timestamp::now()?;
    /// let previous = ServerKey::generate()?;
    /// let stored: [u8; ServerKey::BYTES] = *previous.expose_bytes();
    /// let challenge = previous.challenge(&record, start.srp_a(), now)?;
    /// # let claim = sign_in.answer(challenge, &password, now)?;
    ///
    /// // Another machine, after the rotation.
    /// let keys = [ServerKey::generate()?, ServerKey::from_bytes(stored)?];
    /// verify(&keys, &record, &claim, now)?;
    /// assert_eq!(verify(&keys[..1], &record, &claim, now), Err(Error::NotAuthorized));
    /// # Ok(()) }
    /// ```
    ServerKey
}

const VERSION: u8 = 1;
const NONCE: usize = 32;
const ELEMENT: usize = UserRecord::VERIFIER_BYTES;
const TAG: usize = 32;
const BLOCK: usize = 1 + 8 + NONCE + 2 * ELEMENT + TAG;

impl ServerKey {
    /// Derives the key of a label, such as a flow or a client id: any text or bytes. A block that is sealed under one label is refused
    /// under another, and under the key without a label. Labels may follow each other; their order counts.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use cognito_srp6a::server::{ServerKey, UserRecord};
    /// # use cognito_srp6a::{AppClient, Error, Password, Timestamp, UserSignIn};
    /// # fn main() -> Result<(), Error> {
    /// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
    /// # let password = Password::new("Passw0rd!")?;
    /// # let record = UserRecord::from_password(app.pool_id(), &"alice".parse()?, &password)?;
    /// # let (sign_in, start) = UserSignIn::start(&app, &"alice".parse()?)?;
    /// # let (now, max_age) = (Timestamp::now()?, Duration::from_secs(300));
    /// let key = ServerKey::generate()?;
    /// let of_client = key.labelled(app.client_id());
    ///
    /// let challenge = of_client.labelled("CUSTOM_AUTH").challenge(&record, start.srp_a(), now)?;
    /// # let claim = sign_in.answer(challenge, &password, now)?;
    /// // A client that leaves the rest of CUSTOM_AUTH out gets nowhere with the block.
    /// let verified = of_client.labelled("USER_SRP_AUTH").verify(&record, &claim, now, max_age);
    /// assert_eq!(verified, Err(Error::NotAuthorized));
    /// of_client.labelled("CUSTOM_AUTH").verify(&record, &claim, now, max_age)?;
    /// # Ok(()) }
    /// ```
    ///
    /// The key of a label opens no block of another label, so a machine that serves one flow needs no more than that flow's key.
    #[must_use]
    pub fn labelled(&self, label: impl AsRef<[u8]>) -> Self {
        let mut key = Box::new(Secret::zero());
        with_wiped_stack(|| derive(&self.0, b"label", label.as_ref(), key.expose_mut()));
        Self(key)
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
    /// It does not check `USERNAME`, `SECRET_HASH` and `DEVICE_KEY`: find the record by the name, and check the hash. It accepts the
    /// same claim again until the challenge is too old, as Cognito does. To accept each challenge once, remember the answered secret
    /// blocks for that long.
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

    /// Like [`verify`](Self::verify), for devices. The claim proves the device and nothing about the user. The caller checks that the
    /// user whose device it is has proved the password before.
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
        let (exchange, issued) = self.open(record, claim.proof.secret_block.as_bytes())?;
        check(&exchange, record, claim, issued, now, max_age)
    }

    /// Makes a challenge whose secret block carries its state.
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
        let srp_b = with_wiped_stack(|| ServerPublic::new(&record.verifier, &self.ephemeral(record, nonce.expose())))
            .ok_or(Error::RandomSource)?;

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

    /// Opens a secret block that this key has sealed for a record.
    fn open(&self, record: &Record, block: &[u8]) -> Result<(ServerExchange, Timestamp), Error> {
        let foreign = Error::NotAuthorized;
        let (sealed, tag) = block.split_last_chunk::<TAG>().ok_or(foreign)?;
        if block.len() != BLOCK || !bool::from(self.tag(record, sealed).ct_eq(tag)) {
            return Err(foreign);
        }
        // The tag authenticates the rest, so each of these reads what `seal` has written.
        let (version, rest) = sealed.split_first_chunk::<1>().ok_or(foreign)?;
        let (issued, rest) = rest.split_first_chunk::<8>().ok_or(foreign)?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE>().ok_or(foreign)?;
        let (srp_a, rest) = rest.split_first_chunk::<ELEMENT>().ok_or(foreign)?;
        let (srp_b, _) = rest.split_first_chunk::<ELEMENT>().ok_or(foreign)?;
        if *version != [VERSION] {
            return Err(foreign);
        }
        let exchange = ServerExchange::resume(
            with_wiped_stack(|| Box::new(self.ephemeral(record, nonce))),
            ClientPublic::from_be_bytes_vartime(srp_a).map_err(|_| foreign)?,
            ServerPublic::from_be_bytes_vartime(srp_b).map_err(|_| foreign)?,
        );
        Ok((exchange, Timestamp::from_unix_seconds(i64::from_be_bytes(*issued)).map_err(|_| foreign)?))
    }

    /// Returns `b` for a nonce.
    fn ephemeral(&self, record: &Record, nonce: &[u8; NONCE]) -> Ephemeral {
        let mut input = framed(record.owner.kind, record.identity());
        input.extend_from_slice(nonce);
        let mut bytes = Secret::<{ Ephemeral::BYTES }>::zero();
        derive(&self.0, b"ephemeral", &input, bytes.expose_mut());
        Ephemeral::from_be_bytes(bytes.expose())
    }

    /// Returns the tag of a secret block.
    fn tag(&self, record: &Record, sealed: &[u8]) -> [u8; TAG] {
        with_wiped_stack(|| {
            let mut key = Secret::<32>::zero();
            derive(&self.0, b"secret block", &[], key.expose_mut());
            let mut mac = Hmac::<Sha256>::new_from_slice(key.expose()).expect("HMAC takes keys of any length");
            mac.update(&framed(record.owner.kind, record.identity()));
            mac.update(sealed);
            mac.finalize().into_bytes().into()
        })
    }
}
