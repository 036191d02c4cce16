//! A remembered device, client side: registration for `ConfirmDevice`, then `DEVICE_SRP_AUTH` and
//! `DEVICE_PASSWORD_VERIFIER`.

use alloc::string::{String, ToString};
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand::TryCryptoRng;
#[cfg(feature = "getrandom")]
use rand::rngs::SysRng;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::encoding::{Enc, base64_of_secret};
use crate::error::{Error, Parameter};
use crate::message::{
    AppClient, Device, DeviceChallenge, DeviceSrpParameters, DeviceVerifier, PasswordClaim, Salt, SrpA, Timestamp,
    check_password, check_user_id,
};
use crate::protocol::{self, ClientExchange, Password, PrivateKey, Verifier};
use crate::secret::Secret;

/// What a client keeps of a remembered device: its two names and its password.
///
/// The password is as good as a second factor. Keep it where you would keep a refresh token; the ways to write it down and
/// to read it back are [`expose_password`](Self::expose_password) and [`from_parts`](Self::from_parts).
pub struct DeviceCredentials {
    device: Device,
    password: String,
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
        let mut bytes = Secret::<{ Self::PASSWORD_BYTES }>::zero();
        bytes.fill(rng)?;
        if bytes.is_zero() {
            return Err(Error::RandomSource);
        }
        let credentials = Self { device, password: base64_of_secret(bytes.expose()) };
        // An integer from here on: a salt whose leading zero bytes were hashed would not match what comes back.
        let salt = Salt::generate_with_rng(rng)?;
        let x = PrivateKey::new(credentials.device.identity(), credentials.for_proof(), salt.for_proof());
        let verifier = Enc::new(&Verifier::new(&x).to_be_bytes());
        let verifier = DeviceVerifier {
            password_verifier: STANDARD.encode(verifier.as_bytes()),
            salt: salt.with_encoding(|bytes| STANDARD.encode(bytes)),
        };
        Ok((credentials, verifier))
    }

    /// Puts stored credentials together again.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] for a password of more than 256 characters.
    pub fn from_parts(device: Device, password: impl Into<String>) -> Result<Self, Error> {
        // Made first, so that the text is wiped when it is refused, too.
        let credentials = Self { device, password: password.into() };
        check_password(&credentials.password)?;
        Ok(credentials)
    }

    /// The names of the device, to be stored.
    #[must_use]
    pub const fn device(&self) -> &Device {
        &self.device
    }

    /// The password, to be stored: a secret.
    #[must_use]
    pub fn expose_password(&self) -> &str {
        &self.password
    }

    /// The password as the equations take it.
    fn for_proof(&self) -> Password<'_> {
        Password(self.password.as_bytes())
    }
}

impl Drop for DeviceCredentials {
    fn drop(&mut self) {
        self.password.zeroize();
    }
}

impl ZeroizeOnDrop for DeviceCredentials {}

impl fmt::Debug for DeviceCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceCredentials").field("device", &self.device).finish_non_exhaustive()
    }
}

/// A device's sign-in that has been started and waits for its challenge. Answering consumes it.
#[derive(Debug)]
pub struct DeviceSignIn {
    app: AppClient,
    exchange: ClientExchange,
}

impl DeviceSignIn {
    /// Answers the challenge `DEVICE_SRP_AUTH` with randomness from the system. The second value is what to send: the
    /// `ChallengeResponses` of `RespondToAuthChallenge` or `AdminRespondToAuthChallenge`.
    ///
    /// `username` is the name of the challenge that came before: `USERNAME`, or `USER_ID_FOR_SRP`, of `PASSWORD_VERIFIER`.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] or [`Error::TooLong`] for the user name, [`Error::RandomSource`].
    #[cfg(feature = "getrandom")]
    pub fn start(
        app: &AppClient,
        username: &str,
        credentials: &DeviceCredentials,
    ) -> Result<(Self, DeviceSrpParameters), Error> {
        Self::start_with_rng(app, username, credentials, &mut SysRng)
    }

    /// Does what [`start`](Self::start) does with randomness from `rng`: 40 bytes, read as the big-endian integer `a`.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start).
    pub fn start_with_rng<R: TryCryptoRng + ?Sized>(
        app: &AppClient,
        username: &str,
        credentials: &DeviceCredentials,
        rng: &mut R,
    ) -> Result<(Self, DeviceSrpParameters), Error> {
        check_user_id(username, Parameter::Username)?;
        let exchange = ClientExchange::begin(rng)?;
        let srp_a = SrpA(exchange.public().clone());
        let parameters = DeviceSrpParameters::new(app, username, credentials.device.key(), &srp_a);
        Ok((Self { app: app.clone(), exchange }, parameters))
    }

    /// Answers the challenge `DEVICE_PASSWORD_VERIFIER`, with the credentials of the start. The claim is over the device's
    /// names; the user's appears only beside it.
    ///
    /// # Errors
    ///
    /// [`Error::ScramblerIsZero`], which no honest server causes.
    pub fn answer(
        self,
        credentials: &DeviceCredentials,
        challenge: DeviceChallenge,
        now: Timestamp,
    ) -> Result<PasswordClaim, Error> {
        let DeviceChallenge { username, challenge, .. } = challenge;
        let signature = self.exchange.claim(
            credentials.device.identity(),
            credentials.for_proof(),
            challenge.for_proof(),
            protocol::Timestamp(&now.to_string()),
        )?;
        let claim = PasswordClaim::new(&self.app, username, signature, challenge.secret_block, now);
        Ok(claim.with_device_key(credentials.device.key().clone()))
    }
}
