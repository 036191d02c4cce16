//! A user's sign-in, client side: `USER_SRP_AUTH`, then `PASSWORD_VERIFIER`.

use alloc::string::ToString;

use rand::TryCryptoRng;
#[cfg(feature = "getrandom")]
use rand::rngs::SysRng;

use crate::error::{Error, Parameter};
use crate::message::{
    AppClient, PasswordChallenge, PasswordClaim, SrpA, SrpAuthParameters, Timestamp, check_password, check_user_id,
};
use crate::protocol::{self, ClientExchange, Identity, Password};

/// A sign-in that has been started and waits for its challenge.
///
/// It holds the secret exponent `a`. Answering consumes it, so `a` cannot be used for a second proof:
///
/// ```compile_fail,E0382
/// # use cognito_srp6a::{Error, PasswordChallenge, Timestamp, UserSignIn};
/// # fn twice(sign_in: UserSignIn, one: PasswordChallenge, two: PasswordChallenge, now: Timestamp) -> Result<(), Error> {
/// sign_in.answer(one, "password", now)?;
/// sign_in.answer(two, "password", now)?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct UserSignIn {
    app: AppClient,
    exchange: ClientExchange,
}

impl UserSignIn {
    /// Starts a sign-in with randomness from the system. The second value is what to send: the `AuthParameters` of
    /// `InitiateAuth` or `AdminInitiateAuth` with the flow `USER_SRP_AUTH`.
    ///
    /// `username` is the name the user typed: a user name or an alias, 1 to 128 characters. Have the password before you start:
    /// the service wants the answer to its challenge within seconds, and says of a late one what it says of a wrong password.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] or [`Error::TooLong`] for the user name, [`Error::RandomSource`] when the system has no randomness.
    #[cfg(feature = "getrandom")]
    pub fn start(app: &AppClient, username: &str) -> Result<(Self, SrpAuthParameters), Error> {
        Self::start_with_rng(app, username, &mut SysRng)
    }

    /// Does what [`start`](Self::start) does with randomness from `rng`: 40 bytes, read as the big-endian integer `a`.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start).
    pub fn start_with_rng<R: TryCryptoRng + ?Sized>(
        app: &AppClient,
        username: &str,
        rng: &mut R,
    ) -> Result<(Self, SrpAuthParameters), Error> {
        check_user_id(username, Parameter::Username)?;
        Ok(Self::from_exchange(app, username, ClientExchange::begin(rng)?))
    }

    /// The part of a start that comes after the choice of `a`.
    pub(crate) fn from_exchange(
        app: &AppClient,
        username: &str,
        exchange: ClientExchange,
    ) -> (Self, SrpAuthParameters) {
        let parameters = SrpAuthParameters::new(app, username, &SrpA(exchange.public().clone()));
        (Self { app: app.clone(), exchange }, parameters)
    }

    /// Answers the challenge: makes the `ChallengeResponses` of `RespondToAuthChallenge` or `AdminRespondToAuthChallenge`.
    ///
    /// `password` has at most 256 characters; it is hashed as UTF-8 as it stands, without normalisation. `now` is the time
    /// of the answer. How far it may be from the service's clock is not published.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] for the password; [`Error::ScramblerIsZero`], which no honest server causes.
    pub fn answer(self, challenge: PasswordChallenge, password: &str, now: Timestamp) -> Result<PasswordClaim, Error> {
        check_password(password)?;
        let PasswordChallenge { user_id_for_srp, username, challenge: proof } = challenge;
        let identity = Identity { realm: self.app.pool_id().name(), name: &user_id_for_srp };
        let signature = self.exchange.claim(
            identity,
            Password(password.as_bytes()),
            proof.for_proof(),
            protocol::Timestamp(&now.to_string()),
        )?;
        Ok(PasswordClaim::new(&self.app, username, signature, proof.secret_block, now))
    }
}
