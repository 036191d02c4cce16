//! A user's sign-in, client side: `USER_SRP_AUTH`, then `PASSWORD_VERIFIER`.

use alloc::string::ToString;

use rand::TryCryptoRng;
#[cfg(feature = "getrandom")]
use rand::rngs::SysRng;

use crate::error::Error;
use crate::message::{
    AppClient, DeviceKey, Password, PasswordChallenge, PasswordClaim, Proof, SrpA, SrpAuthParameters, Timestamp,
    Username,
};
use crate::protocol::{self, ClientExchange, Identity};

/// A sign-in that has been started and waits for its challenge.
///
#[cfg_attr(feature = "server", doc = "```")]
#[cfg_attr(not(feature = "server"), doc = "```ignore")]
/// use cognito_srp6a::{AppClient, Password, PasswordChallenge, Timestamp, UserSignIn};
/// # use cognito_srp6a::server::{ServerKey, UserRecord};
///
/// # fn main() -> Result<(), cognito_srp6a::Error> {
/// # let pool = "us-east-1_AbCdEfGhI".parse()?;
/// # let record = UserRecord::from_password(&pool, &"alice".parse()?, &"Passw0rd!".parse()?)?;
/// # let key = ServerKey::generate()?;
/// let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
/// let (sign_in, start) = UserSignIn::start(&app, &"alice".parse()?)?;
/// # let challenge_parameters = key.challenge(&record, start.srp_a(), Timestamp::now()?)?.into_pairs();
/// // start.into_pairs() are AuthParameters; the response has ChallengeParameters.
/// let challenge = PasswordChallenge::from_parameters(&challenge_parameters)?;
/// let answer = sign_in.answer(challenge, &Password::new("Passw0rd!")?, Timestamp::now()?)?;
/// assert!(answer.into_pairs().iter().any(|(name, _)| *name == "PASSWORD_CLAIM_SIGNATURE"));
/// # Ok(()) }
/// ```
///
/// It holds the secret exponent `a`. Answering consumes it, so `a` cannot be used for a second proof:
///
/// ```compile_fail,E0382
/// # use cognito_srp6a::{Error, Password, PasswordChallenge, Timestamp, UserSignIn};
/// # fn twice(
/// #     sign_in: UserSignIn, one: PasswordChallenge, two: PasswordChallenge, password: &Password, now: Timestamp,
/// # ) -> Result<(), Error> {
/// sign_in.answer(one, password, now)?;
/// sign_in.answer(two, password, now)?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct UserSignIn {
    app: AppClient,
    device_key: Option<DeviceKey>,
    exchange: ClientExchange,
}

/// A sign-in before its start. [`UserSignIn::builder`] makes one.
#[derive(Clone, Debug)]
#[must_use = "nothing is drawn before `start`"]
pub struct UserSignInBuilder<'a> {
    app: &'a AppClient,
    username: &'a Username,
    device_key: Option<&'a DeviceKey>,
}

impl UserSignIn {
    /// Prepares the sign-in of a user who may have a remembered device. [`UserSignInBuilder::start`] starts it.
    ///
    /// ```
    /// use cognito_srp6a::{AppClient, UserSignIn};
    ///
    /// # fn main() -> Result<(), cognito_srp6a::Error> {
    /// let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
    /// let device_key = "us-east-1_0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9".parse()?;
    /// let (sign_in, start) = UserSignIn::builder(&app, &"alice".parse()?).with_device_key(&device_key).start()?;
    /// assert_eq!(start.device_key(), Some(&device_key));
    /// # drop(sign_in);
    /// # Ok(()) }
    /// ```
    pub const fn builder<'a>(app: &'a AppClient, username: &'a Username) -> UserSignInBuilder<'a> {
        UserSignInBuilder { app, username, device_key: None }
    }

    /// Starts the sign-in of a user without a remembered device: [`builder`](Self::builder) and
    /// [`start`](UserSignInBuilder::start) in one.
    ///
    /// # Errors
    ///
    /// [`Error::RandomSource`] when the system has no randomness.
    #[cfg(feature = "getrandom")]
    pub fn start(app: &AppClient, username: &Username) -> Result<(Self, SrpAuthParameters), Error> {
        Self::builder(app, username).start()
    }

    /// Does what [`start`](Self::start) does with randomness from `rng`: 40 bytes, read as the big-endian integer `a`.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start).
    pub fn start_with_rng<R: TryCryptoRng + ?Sized>(
        app: &AppClient,
        username: &Username,
        rng: &mut R,
    ) -> Result<(Self, SrpAuthParameters), Error> {
        Self::builder(app, username).start_with_rng(rng)
    }

    /// Replaces the app client, whose secret makes the `SECRET_HASH` of the answer.
    #[cfg(feature = "idp")]
    pub(crate) fn use_app(&mut self, app: &AppClient) {
        self.app = app.clone();
    }

    /// Answers the challenge: makes the `ChallengeResponses` of `RespondToAuthChallenge` or `AdminRespondToAuthChallenge`.
    ///
    /// `now` is the time of the answer. How far it may be from the service's clock is not published. The service wants the answer
    /// within seconds of its challenge.
    ///
    /// # Errors
    ///
    /// [`Error::ScramblerIsZero`], which no honest server causes.
    pub fn answer(
        self,
        challenge: PasswordChallenge,
        password: &Password,
        now: Timestamp,
    ) -> Result<PasswordClaim, Error> {
        let Self { app, device_key, exchange } = self;
        let PasswordChallenge { user_id_for_srp, username, challenge } = challenge;
        let identity = Identity { realm: app.pool_id().name(), name: user_id_for_srp.as_str() };
        let timestamp = now.to_string();
        let signature =
            exchange.claim(identity, password.for_proof(), challenge.for_proof(), protocol::Timestamp(&timestamp))?;
        let proof = Proof { signature, secret_block: challenge.secret_block, timestamp: now };
        Ok(PasswordClaim::new(&app, username, device_key, proof))
    }
}

impl<'a> UserSignInBuilder<'a> {
    /// Adds the `DEVICE_KEY` of a remembered device to both messages.
    pub fn with_device_key(self, device_key: impl Into<Option<&'a DeviceKey>>) -> Self {
        Self { device_key: device_key.into(), ..self }
    }

    /// Starts the sign-in with randomness from the system. The second value is what to send: the `AuthParameters` of `InitiateAuth`
    /// or `AdminInitiateAuth` with the flow `USER_SRP_AUTH`.
    ///
    /// Have the password before you start: the service wants the answer to its challenge within seconds, and says of a late one what
    /// it says of a wrong password.
    ///
    /// # Errors
    ///
    /// [`Error::RandomSource`] when the system has no randomness.
    #[cfg(feature = "getrandom")]
    pub fn start(self) -> Result<(UserSignIn, SrpAuthParameters), Error> {
        self.start_with_rng(&mut SysRng)
    }

    /// Does what [`start`](Self::start) does with randomness from `rng`: 40 bytes, read as the big-endian integer `a`.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start).
    pub fn start_with_rng<R: TryCryptoRng + ?Sized>(
        self,
        rng: &mut R,
    ) -> Result<(UserSignIn, SrpAuthParameters), Error> {
        Ok(self.start_with_exchange(ClientExchange::begin(rng)?))
    }

    /// The part of a start that follows the choice of `a`.
    pub(crate) fn start_with_exchange(self, exchange: ClientExchange) -> (UserSignIn, SrpAuthParameters) {
        let Self { app, username, device_key } = self;
        let srp_a = SrpA(exchange.public().clone());
        let parameters = SrpAuthParameters::new(app, username, srp_a, device_key.cloned());
        (UserSignIn { app: app.clone(), device_key: device_key.cloned(), exchange }, parameters)
    }
}
