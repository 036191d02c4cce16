//! A refresh: new tokens for a refresh token.

use super::flow::RefreshFlow;
use super::state::{Proof, SignIn};
use super::user_names::Names;
use crate::error::{Error, Parameter};
use crate::idp::context::Context;
use crate::idp::credentials::RefreshToken;
use crate::idp::names::{Api, AuthFlow};
use crate::idp::request::{InitiateAuth, Request};
use crate::message::{AppClient, DeviceKey, check_user_id};

impl SignIn {
    /// Starts a refresh: new tokens for a refresh token.
    ///
    /// `username` is the canonical name ([`SignedIn::username`]), over which the service wants the `SECRET_HASH`.
    /// `device_key` is the key of the device that the token was made with; a refresh without it fails when there was one.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] or [`Error::TooLong`] for the name; [`Error::TooLong`] or [`Error::NotInThisCall`] for the context.
    pub fn refresh(
        app: &AppClient,
        api: Api,
        flow: RefreshFlow,
        token: &RefreshToken,
        username: &str,
        device_key: Option<&DeviceKey>,
        context: Context,
    ) -> Result<(Self, Request), Error> {
        check_user_id(username, Parameter::Username)?;
        let auth_flow = match flow {
            RefreshFlow::RefreshTokenAuth => AuthFlow::RefreshTokenAuth,
            RefreshFlow::RefreshToken => AuthFlow::RefreshToken,
        };
        let request = InitiateAuth::refresh(app, api, auth_flow, token, username, device_key, context.clone())?;
        let sign_in = Self {
            app: app.clone(),
            api,
            context,
            names: Names::typed(username.into()),
            password: None,
            device: None,
            has_device: device_key.is_some(),
            session: None,
            asked: None,
            proof: Proof::None,
            proved: false,
            sends_password: false,
            budget: 0,
        };
        Ok((sign_in, Request::InitiateAuth(request)))
    }
}
