//! Challenges are taken up.

use super::contents::{Brought, read};
use super::error::TakeUpError;
use super::layout::Reader;
use super::text::StoredChallenge;
use crate::device::DeviceCredentials;
use crate::idp::sign_in::challenge::Challenge;
use crate::message::{AppClient, Password};

/// A stored challenge that is being taken up. [`StoredChallenge::take_up`] makes one.
#[derive(Debug)]
#[must_use = "nothing is taken up before `build`"]
pub struct TakeUpBuilder<'a> {
    stored: &'a StoredChallenge,
    app: &'a AppClient,
    device: Option<DeviceCredentials>,
    password: Option<Password>,
}

impl StoredChallenge {
    /// Prepares to take the challenge up. [`TakeUpBuilder::build`] returns it.
    ///
    /// The app client is the one that the sign-in started with. Its secret is not in the stored text and may have been
    /// changed since.
    pub const fn take_up<'a>(&'a self, app: &'a AppClient) -> TakeUpBuilder<'a> {
        TakeUpBuilder { stored: self, app, device: None, password: None }
    }
}

impl TakeUpBuilder<'_> {
    /// Sets the credentials of the device that the sign-in started with. The text holds only the device's key.
    pub fn with_device(self, device: impl Into<Option<DeviceCredentials>>) -> Self {
        Self { device: device.into(), ..self }
    }

    /// Sets the password. It is needed only where a flow has not proved or sent it yet: for an answer of `PASSWORD` or
    /// `PASSWORD_SRP` to `SELECT_CHALLENGE`.
    ///
    /// ```
    /// use cognito_srp6a::idp::{Challenge, Request};
    /// use cognito_srp6a::{ParameterSource as _, Password};
    /// # use cognito_srp6a::idp::{Api, AuthResponse, ChallengeName, Credentials, SignIn, SignInFlow, Step};
    /// # use cognito_srp6a::{AppClient, Timestamp};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
    /// # let credentials = Credentials::new("alice".parse()?);
    /// # let (sign_in, _) = SignIn::builder(&app, Api::Admin, SignInFlow::User(None), credentials).start()?;
    /// # let response = AuthResponse::challenge(ChallengeName::SelectChallenge, [("USERNAME", "alice")])
    /// #     .with_available_challenges([ChallengeName::PasswordSrp, ChallengeName::EmailOtp]);
    /// # let Step::Challenge(challenge) = sign_in.advance(Ok(response), Timestamp::now()?)? else { unreachable!() };
    /// // The first page asks for the user name. It puts down SELECT_CHALLENGE.
    /// let stored = challenge.put_down()?;
    ///
    /// // The second page asks for the password.
    /// let password = Password::new("Passw0rd!")?;
    /// let Challenge::SelectChallenge(challenge) = stored.take_up(&app).with_password(password).build()? else {
    ///     return Err("another challenge".into());
    /// };
    /// let (sign_in, request) = challenge.prove_password()?;
    /// # drop(sign_in);
    /// let Request::RespondToAuthChallenge(request) = request else { unreachable!("an answer is sent") };
    /// assert_eq!(request.challenge_responses().parameter("ANSWER"), Some("PASSWORD_SRP"));
    /// # Ok(()) }
    /// ```
    pub fn with_password(self, password: impl Into<Option<Password>>) -> Self {
        Self { password: password.into(), ..self }
    }

    /// Returns the challenge, as it was when it was put down.
    ///
    /// # Errors
    ///
    /// [`TakeUpError::Damaged`], [`TakeUpError::Foreign`] or [`TakeUpError::Device`].
    pub fn build(self) -> Result<Challenge, TakeUpError> {
        let Self { stored, app, device, password } = self;
        let contents = stored.contents()?;
        let mut reader = Reader(&contents);
        let (sign_in, asked, refusal) = read(&mut reader, Brought { app, device, password })?;
        reader.end()?;
        Ok(Challenge::new(sign_in, asked, refusal))
    }
}
