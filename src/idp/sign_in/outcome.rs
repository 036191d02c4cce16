//! What a step of a sign-in comes to.

use super::challenge::Challenge;
use super::state::SignIn;
use crate::device::DeviceCredentials;
use crate::error::{Error, Parameter};
use crate::idp::request::Request;
use crate::idp::response::AuthenticationResult;
use crate::message::{Device, Username};

/// What to do next.
///
/// It is exhaustive on purpose: a caller's loop must handle each kind of step, so a new kind would be a breaking change anyway.
#[derive(Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "a step is taken apart where it is made; boxes would be the caller's burden"
)]
pub enum Step {
    /// Send this and come back with the response.
    Send(SignIn, Request),
    /// Only the caller can answer this. The service may have refused an answer before ([`Challenge::refusal`]).
    Challenge(Challenge),
    /// The user is signed in.
    Done(SignedIn),
}

/// A sign-in that has ended with tokens.
#[derive(Debug)]
pub struct SignedIn {
    pub(super) username: Username,
    pub(super) result: AuthenticationResult,
    pub(super) device: Option<DeviceCredentials>,
}

impl SignedIn {
    /// The canonical user name, as far as the service has said it; for refreshes. When tokens come at once, as after
    /// `USER_PASSWORD_AUTH`, that is the name which was sent: after a sign-in by alias, take `username` out of the access
    /// token. Nothing but TLS vouches for it here: who the user is stands in the ID token.
    #[must_use]
    pub const fn username(&self) -> &Username {
        &self.username
    }

    /// The tokens.
    #[must_use]
    pub const fn result(&self) -> &AuthenticationResult {
        &self.result
    }

    /// The device that the service offers to remember, when it does. Register it with
    /// [`DeviceCredentials::register`](crate::DeviceCredentials::register) and [`ConfirmDevice`](super::ConfirmDevice).
    ///
    /// # Errors
    ///
    /// As for [`DeviceKey`]'s parser and [`Device::new`].
    pub fn new_device(&self) -> Result<Option<Device>, Error> {
        let Some(metadata) = self.result.new_device_metadata() else { return Ok(None) };
        let key = metadata.device_key.as_deref().ok_or(Error::Missing(Parameter::DeviceKey))?;
        let group_key = metadata.device_group_key.as_deref().ok_or(Error::Missing(Parameter::DeviceGroupKey))?;
        Device::new(key.parse()?, group_key).map(Some)
    }

    /// Gives the tokens, and the device that the sign-in was made with.
    #[must_use]
    pub fn into_parts(self) -> (AuthenticationResult, Option<DeviceCredentials>) {
        (self.result, self.device)
    }
}
