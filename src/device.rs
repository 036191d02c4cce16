//! A remembered device, client side: registration for `ConfirmDevice`, then `DEVICE_SRP_AUTH` and
//! `DEVICE_PASSWORD_VERIFIER`.

use alloc::string::ToString;
use alloc::sync::Arc;

use rand::TryCryptoRng;
#[cfg(feature = "getrandom")]
use rand::rngs::SysRng;

use crate::encoding::base64_of_secret;
use crate::error::Error;
use crate::message::{
    AppClient, Device, DeviceChallenge, DeviceSrpResponses, DeviceVerifier, Password, PasswordClaim, Proof, Salt, SrpA,
    Timestamp, Username,
};
use crate::protocol::{self, ClientExchange};
use crate::secret::Secret;
use crate::stack::with_wiped_stack;

/// The credentials of a remembered device: two names and a password. Its client keeps them.
///
/// The password is as good as a second factor. Keep it where you would keep a refresh token; write it down with
/// [`expose_password`](Self::expose_password) and read it back with [`from_parts`](Self::from_parts). A sign-in shares it with its
/// credentials. It is wiped when the last of them is dropped.
///
#[cfg_attr(feature = "idp", doc = "```")]
#[cfg_attr(not(feature = "idp"), doc = "```ignore")]
/// use cognito_srp6a::idp::ConfirmDevice;
/// use cognito_srp6a::{Device, DeviceCredentials, Password};
///
/// # fn main() -> Result<(), cognito_srp6a::Error> {
/// // NewDeviceMetadata came with the tokens.
/// let device = Device::new("us-east-1_0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9".parse()?, "-aBcDeFgH")?;
/// let (credentials, verifier) = DeviceCredentials::register(device)?;
/// let access_token = "eyJjdHkiOiJKV1QifQ.e30.c2ln";
/// let request = ConfirmDevice::new(access_token, credentials.device().key(), &verifier, Some("laptop"))?;
/// // Send it. When it succeeds, store the credentials:
/// let stored = credentials.expose_password().to_owned();
///
/// let credentials = DeviceCredentials::from_parts(credentials.device().clone(), Password::new(stored)?);
/// # drop((request, credentials));
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct DeviceCredentials(Arc<Kept>);

/// What credentials share with the sign-ins that they make.
#[derive(Debug)]
struct Kept {
    device: Device,
    password: Password,
}

impl DeviceCredentials {
    /// The length of a generated password, before its Base64.
    const PASSWORD_BYTES: usize = 40;

    /// Makes a password and its verifier for a device that `NewDeviceMetadata` has announced, with randomness from the
    /// system. Send the verifier with `ConfirmDevice`; keep the credentials when that succeeds.
    ///
    /// # Errors
    ///
    /// [`Error::RandomSource`].
    #[cfg(feature = "getrandom")]
    pub fn register(device: Device) -> Result<(Self, DeviceVerifier), Error> {
        Self::register_with_rng(device, &mut SysRng)
    }

    /// Does what [`register`](Self::register) does with randomness from `rng`: 40 bytes, whose Base64 is the password, then
    /// 16 bytes, the salt.
    ///
    /// # Errors
    ///
    /// As for [`register`](Self::register).
    pub fn register_with_rng<R: TryCryptoRng + ?Sized>(
        device: Device,
        rng: &mut R,
    ) -> Result<(Self, DeviceVerifier), Error> {
        let password = with_wiped_stack(|| {
            let mut bytes = Secret::<{ Self::PASSWORD_BYTES }>::zero();
            bytes.fill(rng)?;
            if bytes.is_zero() { Err(Error::RandomSource) } else { Password::new(base64_of_secret(bytes.expose())) }
        })?;
        // The salt is an integer from here on: the service drops leading zero bytes, so hashing them would not match.
        let salt = Salt::generate_with_rng(rng)?;
        let verifier = protocol::verifier_of(device.identity(), password.for_proof(), salt.for_proof());
        let verifier = DeviceVerifier::new(verifier, salt);
        Ok((Self::from_parts(device, password), verifier))
    }

    /// Puts stored credentials together again.
    #[must_use]
    pub fn from_parts(device: Device, password: Password) -> Self {
        Self(Arc::new(Kept { device, password }))
    }

    /// The names of the device, to be stored.
    #[must_use]
    pub fn device(&self) -> &Device {
        &self.0.device
    }

    /// The password, to be stored: a secret.
    #[must_use]
    pub fn expose_password(&self) -> &str {
        self.0.password.expose()
    }
}

/// A device's sign-in that has been started and waits for its challenge. It carries the credentials; answering consumes it:
///
/// ```compile_fail,E0382
/// # use cognito_srp6a::{DeviceChallenge, DeviceSignIn, Error, Timestamp};
/// # fn twice(sign_in: DeviceSignIn, one: DeviceChallenge, two: DeviceChallenge, now: Timestamp) -> Result<(), Error> {
/// sign_in.answer(one, now)?;
/// sign_in.answer(two, now)?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct DeviceSignIn {
    app: AppClient,
    credentials: Arc<Kept>,
    exchange: ClientExchange,
}

impl DeviceSignIn {
    /// Replaces the app client, whose secret makes the `SECRET_HASH` of the answer.
    #[cfg(feature = "idp")]
    pub(crate) fn use_app(&mut self, app: &AppClient) {
        self.app = app.clone();
    }

    /// Answers the challenge `DEVICE_SRP_AUTH` with randomness from the system. The second value is what to send: the
    /// `ChallengeResponses` of `RespondToAuthChallenge` or `AdminRespondToAuthChallenge`.
    ///
    /// `username` is the name in the challenge `PASSWORD_VERIFIER` that came before: its `USERNAME`, or else its
    /// `USER_ID_FOR_SRP`.
    ///
    #[cfg_attr(feature = "server", doc = "```")]
    #[cfg_attr(not(feature = "server"), doc = "```ignore")]
    /// use cognito_srp6a::{AppClient, Device, DeviceChallenge, DeviceCredentials, DeviceSignIn, Timestamp};
    /// # use cognito_srp6a::server::{DeviceRecord, ServerKey};
    ///
    /// # fn main() -> Result<(), cognito_srp6a::Error> {
    /// # let device = Device::new("us-east-1_0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9".parse()?, "-aBcDeFgH")?;
    /// # let (credentials, verifier) = DeviceCredentials::register(device.clone())?;
    /// # let (record, key) = (DeviceRecord::new(device, verifier), ServerKey::generate()?);
    /// let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
    /// let (sign_in, start) = DeviceSignIn::start(&app, &"alice".parse()?, &credentials)?;
    /// # let challenge_parameters = key.device_challenge(&record, &start, Timestamp::now()?)?.into_pairs();
    /// // start.into_pairs() answer DEVICE_SRP_AUTH; the response has the parameters of DEVICE_PASSWORD_VERIFIER.
    /// let challenge = DeviceChallenge::from_parameters(&challenge_parameters)?;
    /// let answer = sign_in.answer(challenge, Timestamp::now()?)?;
    /// assert_eq!(answer.device_key(), Some(credentials.device().key()));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::RandomSource`].
    #[cfg(feature = "getrandom")]
    pub fn start(
        app: &AppClient,
        username: &Username,
        credentials: &DeviceCredentials,
    ) -> Result<(Self, DeviceSrpResponses), Error> {
        Self::start_with_rng(app, username, credentials, &mut SysRng)
    }

    /// Does what [`start`](Self::start) does with randomness from `rng`: 40 bytes, read as the big-endian integer `a`.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start).
    pub fn start_with_rng<R: TryCryptoRng + ?Sized>(
        app: &AppClient,
        username: &Username,
        credentials: &DeviceCredentials,
        rng: &mut R,
    ) -> Result<(Self, DeviceSrpResponses), Error> {
        Ok(Self::start_with_exchange(app, username, credentials, ClientExchange::begin(rng)?))
    }

    /// The part of a start that follows the choice of `a`.
    pub(crate) fn start_with_exchange(
        app: &AppClient,
        username: &Username,
        credentials: &DeviceCredentials,
        exchange: ClientExchange,
    ) -> (Self, DeviceSrpResponses) {
        let srp_a = SrpA(exchange.public().clone());
        let responses = DeviceSrpResponses::new(app, username, credentials.device().key(), srp_a);
        (Self { app: app.clone(), credentials: Arc::clone(&credentials.0), exchange }, responses)
    }

    /// Answers the challenge `DEVICE_PASSWORD_VERIFIER`. The claim signs the device's names. The user's name is
    /// sent beside it, unsigned.
    ///
    /// # Errors
    ///
    /// [`Error::ScramblerIsZero`], which no honest server causes.
    pub fn answer(self, challenge: DeviceChallenge, now: Timestamp) -> Result<PasswordClaim, Error> {
        let Self { app, credentials, exchange } = self;
        let DeviceChallenge { username, challenge, .. } = challenge;
        let (identity, password) = (credentials.device.identity(), credentials.password.for_proof());
        let timestamp = now.to_string();
        let signature = exchange.claim(identity, password, challenge.for_proof(), protocol::Timestamp(&timestamp))?;
        let proof = Proof { signature, secret_block: challenge.secret_block, timestamp: now };
        Ok(PasswordClaim::new(&app, username, Some(credentials.device.key().clone()), proof))
    }
}
