//! The outcome of a step.

use super::challenge::Challenge;
use super::retry::Retry;
use super::state::SignIn;
use crate::device::DeviceCredentials;
use crate::error::Error;
use crate::idp::request::Request;
use crate::idp::response::AuthenticationResult;
use crate::message::{Device, Username};

/// The next step of a sign-in. [The module's example](crate::idp) has the loop over all steps.
///
/// The enum is exhaustive on purpose: a caller's loop must handle each kind of step, so a new kind would be a breaking
/// change anyway.
#[derive(Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "a caller matches a step at once and moves its parts out; boxes would be in the way"
)]
pub enum Step {
    /// Send the request and [`advance`](SignIn::advance) with its response.
    Send(SignIn, Request),
    /// Answer the challenge. It comes again if the service refused the last answer ([`Challenge::refusal`]).
    Challenge(Challenge),
    /// Wait and send the same request again, or give up: the service has not processed it.
    Retry(Retry),
    /// The user is signed in.
    Done(SignedIn),
}

/// A sign-in that has ended with tokens.
///
/// ```
/// use cognito_srp6a::DeviceCredentials;
/// use cognito_srp6a::idp::{ConfirmDevice, RefreshToken, Request, SignedIn};
/// # use cognito_srp6a::idp::{
/// #     Api, AuthResponse, AuthenticationResult, Credentials, NewDeviceMetadata, SignIn, SignInFlow, Step,
/// # };
/// # use cognito_srp6a::{AppClient, Timestamp};
///
/// fn finish(signed_in: SignedIn) -> Result<Option<Request>, Box<dyn std::error::Error>> {
///     let tokens = signed_in.result();
///     let access_token = tokens.access_token().ok_or("no access token")?;
///     let refresh_token = tokens.refresh_token().map(RefreshToken::new).transpose()?;
///     // Store the refresh token and signed_in.username(): a refresh needs both.
///     # drop(refresh_token);
///
///     let Some(device) = signed_in.new_device()? else { return Ok(None) };
///     let (credentials, verifier) = DeviceCredentials::register(device)?;
///     let request = ConfirmDevice::new(access_token, credentials.device().key(), &verifier, Some("laptop"))?;
///     // Send it, and store the credentials when it succeeds.
///     Ok(Some(Request::ConfirmDevice(request)))
/// }
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
/// # let credentials = Credentials::new("alice".parse()?);
/// # let (sign_in, _) = SignIn::builder(&app, Api::Public, SignInFlow::Custom, credentials).start()?;
/// # let device = NewDeviceMetadata::new("us-east-1_0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9", "-aBcDeFgH");
/// # let result = AuthenticationResult::default()
/// #     .with_access_token("eyJhbGciOiJSUzI1NiJ9.e30.c2ln")
/// #     .with_refresh_token("eyJjdHkiOiJKV1QifQ.e30.c2ln")
/// #     .with_new_device_metadata(device);
/// # let step = sign_in.advance(Ok(AuthResponse::tokens(result)), Timestamp::now()?)?;
/// # let Step::Done(signed_in) = step else { unreachable!() };
/// # assert!(finish(signed_in)?.is_some());
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct SignedIn {
    pub(super) username: Username,
    pub(super) result: AuthenticationResult,
    pub(super) device: Option<DeviceCredentials>,
}

impl SignedIn {
    /// The user name for [`SignIn::refresh`]: the canonical one, after every flow.
    ///
    /// It is the claim `username` of the access token ([`AuthenticationResult::username`]), also if a challenge gave
    /// another name: a refresh sends its `SECRET_HASH` over the name that the service puts into tokens. If the
    /// token cannot be read, as with some emulators, it is the name of the challenges, or else the one that was sent,
    /// which may be an alias.
    ///
    /// The claim is read and not verified, and only TLS vouches for the name. To identify the user, verify the ID
    /// token.
    #[must_use]
    pub const fn username(&self) -> &Username {
        &self.username
    }

    /// `AuthenticationResult`: the tokens.
    #[must_use]
    pub const fn result(&self) -> &AuthenticationResult {
        &self.result
    }

    /// Returns the device that the service offers to remember, or `None` if it offers none.
    /// [`DeviceCredentials::register`](crate::DeviceCredentials::register) and
    /// [`ConfirmDevice`](crate::idp::ConfirmDevice) register it.
    ///
    /// # Errors
    ///
    /// As for [`AuthenticationResult::new_device`].
    pub fn new_device(&self) -> Result<Option<Device>, Error> {
        self.result.new_device()
    }

    /// Returns the tokens and the credentials of the device that signed in, by value.
    #[must_use]
    pub fn into_parts(self) -> (AuthenticationResult, Option<DeviceCredentials>) {
        (self.result, self.device)
    }
}
