//! The refresh of tokens.

use alloc::boxed::Box;

use super::sent::Sent;
use super::state::SignIn;
use crate::error::Error;
use crate::idp::context::Context;
use crate::idp::credentials::{Credentials, RefreshToken};
use crate::idp::extra_parameters::ExtraParameters;
use crate::idp::names::{Api, AuthFlow};
use crate::idp::parameter_map::ParameterMap;
use crate::idp::request::{InitiateAuth, Request};
use crate::message::{AppClient, DeviceKey, Username};

/// A refresh that has not started. [`SignIn::refresh`] makes one.
#[derive(Debug)]
#[must_use = "nothing is sent before `start`"]
pub struct RefreshBuilder<'a> {
    app: &'a AppClient,
    api: Api,
    token: &'a RefreshToken,
    username: &'a Username,
    device_key: Option<&'a DeviceKey>,
    extra: ExtraParameters,
    context: Context,
}

impl SignIn {
    /// Prepares a refresh (`REFRESH_TOKEN_AUTH`): new tokens for a refresh token. [`RefreshBuilder::start`] starts it.
    ///
    /// `username` is the canonical name ([`SignedIn::username`](super::SignedIn::username)): if the app
    /// client has a secret, the service requires a `SECRET_HASH` over this name.
    ///
    /// The service accepts `REFRESH_TOKEN` as another name of the flow. A server reads both
    /// ([`AuthFlow::RefreshToken`]). A pool that rotates refresh tokens refuses the flow:
    /// [`GetTokensFromRefreshToken`](crate::idp::GetTokensFromRefreshToken) works there, and in every other pool.
    ///
    /// ```
    /// use cognito_srp6a::idp::{Api, AuthFlow, RefreshToken, Request, SignIn};
    /// use cognito_srp6a::{AppClient, DeviceKey};
    ///
    /// # fn main() -> Result<(), cognito_srp6a::Error> {
    /// let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
    /// let token = RefreshToken::new("eyJjdHkiOiJKV1QifQ.e30.c2ln")?;
    /// let device_key: DeviceKey = "us-east-1_0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9".parse()?;
    /// let (sign_in, request) =
    ///     SignIn::refresh(&app, Api::Public, &token, &"alice".parse()?).with_device_key(&device_key).start()?;
    /// # drop(sign_in);
    /// let Request::InitiateAuth(request) = request else { unreachable!("a refresh is an InitiateAuth") };
    /// assert_eq!(*request.auth_flow(), AuthFlow::RefreshTokenAuth);
    /// # Ok(()) }
    /// ```
    pub fn refresh<'a>(
        app: &'a AppClient,
        api: Api,
        token: &'a RefreshToken,
        username: &'a Username,
    ) -> RefreshBuilder<'a> {
        let (extra, context) = (ExtraParameters::default(), Context::default());
        RefreshBuilder { app, api, token, username, device_key: None, extra, context }
    }
}

impl<'a> RefreshBuilder<'a> {
    /// Sets the `DEVICE_KEY` of the device that the token was issued to. The service refuses a token of a device
    /// without it.
    pub fn with_device_key(self, device_key: impl Into<Option<&'a DeviceKey>>) -> Self {
        Self { device_key: device_key.into(), ..self }
    }

    /// Adds parameters that the crate does not know to `AuthParameters`.
    pub fn with_extra_parameters(self, extra: ExtraParameters) -> Self {
        Self { extra, ..self }
    }

    /// Sets the additional data of the request.
    pub fn with_context(self, context: Context) -> Self {
        Self { context, ..self }
    }

    /// Starts the refresh. Send the request and [`advance`](SignIn::advance) the sign-in with its response.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] or [`Error::NotInThisCall`] for the [`Context`].
    pub fn start(self) -> Result<(SignIn, Request), Error> {
        let Self { app, api, token, username, device_key, extra, context } = self;
        let mut sign_in = SignIn::new(app, api, Credentials::new(username.clone()), context.clone());
        sign_in.has_device = device_key.is_some();
        // An impostor's challenge would get an answer with a SECRET_HASH over a name that the impostor chose.
        sign_in.budget = None;
        let mut parameters = ParameterMap::default();
        parameters.insert("REFRESH_TOKEN", token.expose());
        if let Some(hash) = app.secret_hash(username) {
            parameters.insert("SECRET_HASH", hash.as_str());
        }
        if let Some(key) = device_key {
            parameters.insert("DEVICE_KEY", key.as_str());
        }
        extra.add_to(&mut parameters);
        let request = InitiateAuth::new(app, api, AuthFlow::RefreshTokenAuth, parameters)?.with_context(context)?;
        sign_in.sent = Some(Box::new(Sent::start(&request)));
        Ok((sign_in, Request::InitiateAuth(request)))
    }
}
