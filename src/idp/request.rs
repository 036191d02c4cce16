//! Requests. What stands in one that was made here has been checked against the service's model.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::credentials::{RefreshToken, Session, check_token};
use super::names::{AuthFlow, ChallengeName, Operation};
use crate::device::DeviceVerifier;
use crate::error::{Error, Parameter};
use crate::message::{AppClient, DeviceKey, Parameters, check_length, check_maximum};

/// The two families of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Api {
    /// `InitiateAuth` and `RespondToAuthChallenge`: unsigned, for applications on the user's side.
    Public,
    /// `AdminInitiateAuth` and `AdminRespondToAuthChallenge`: signed with `SigV4`, for applications with a server side.
    Admin,
}

/// One call.
#[derive(Debug)]
#[non_exhaustive]
pub enum Request {
    /// `InitiateAuth` or `AdminInitiateAuth`.
    InitiateAuth(InitiateAuth),
    /// `RespondToAuthChallenge` or `AdminRespondToAuthChallenge`.
    RespondToAuthChallenge(RespondToAuthChallenge),
    /// `ConfirmDevice`.
    ConfirmDevice(ConfirmDevice),
}

impl Request {
    /// The operation to call.
    #[must_use]
    pub const fn operation(&self) -> Operation {
        match self {
            Self::InitiateAuth(request) => match request.target.api() {
                Api::Public => Operation::InitiateAuth,
                Api::Admin => Operation::AdminInitiateAuth,
            },
            Self::RespondToAuthChallenge(request) => match request.target.api() {
                Api::Public => Operation::RespondToAuthChallenge,
                Api::Admin => Operation::AdminRespondToAuthChallenge,
            },
            Self::ConfirmDevice(_) => Operation::ConfirmDevice,
        }
    }
}

/// A map of strings that may hold secrets: wiped on drop; `Debug` shows names only.
#[derive(Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct ParameterMap(BTreeMap<String, String>);

impl ParameterMap {
    /// The longest value, in characters (service model).
    pub const MAX_VALUE_CHARS: usize = 131_072;

    /// The parameters by name, in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A copy as the AWS SDK for Rust takes it. The copy is not wiped.
    #[cfg(feature = "std")]
    #[must_use]
    pub fn to_hash_map(&self) -> std::collections::HashMap<String, String> {
        self.0.clone().into_iter().collect()
    }

    /// Sets a parameter.
    pub(super) fn insert(&mut self, name: impl Into<String>, value: impl Into<String>) {
        if let Some(mut old) = self.0.insert(name.into(), value.into()) {
            old.zeroize();
        }
    }

    /// Gives the texts, which are not wiped from then on.
    #[cfg(feature = "serde")]
    pub(super) fn into_texts(mut self) -> BTreeMap<String, String> {
        core::mem::take(&mut self.0)
    }

    /// Takes the parameters of a message.
    pub(super) fn extend(&mut self, pairs: Vec<(&'static str, String)>) {
        for (name, value) in pairs {
            self.insert(name, value);
        }
    }
}

impl Parameters for ParameterMap {
    fn parameter(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

impl Drop for ParameterMap {
    fn drop(&mut self) {
        self.0.values_mut().for_each(Zeroize::zeroize);
    }
}

impl ZeroizeOnDrop for ParameterMap {}

impl fmt::Debug for ParameterMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Which pool and app client a request is for.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub(super) struct Target {
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(super) user_pool_id: Option<String>,
    pub(super) client_id: String,
}

impl Target {
    pub(super) fn new(app: &AppClient, api: Api) -> Self {
        let user_pool_id = match api {
            Api::Public => None,
            Api::Admin => Some(app.pool_id().as_str().into()),
        };
        Self { user_pool_id, client_id: app.client_id().into() }
    }

    const fn api(&self) -> Api {
        if self.user_pool_id.is_some() { Api::Admin } else { Api::Public }
    }
}

/// What goes along with every request of a sign-in, besides the sign-in itself.
#[allow(clippy::struct_field_names, reason = "the fields have the names of the service's model")]
#[derive(Clone, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct Context {
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "BTreeMap::is_empty"))]
    pub(super) client_metadata: BTreeMap<String, String>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(super) analytics_metadata: Option<AnalyticsMetadata>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(super) user_context_data: Option<UserContextData>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(super) context_data: Option<ContextData>,
}

/// `AnalyticsMetadata`.
#[derive(Clone)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub(super) struct AnalyticsMetadata {
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(super) analytics_endpoint_id: Option<String>,
}

/// `UserContextData`, for threat protection on the public calls.
#[derive(Clone, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct UserContextData {
    /// `IpAddress`: the user's address.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub ip_address: Option<String>,
    /// `EncodedData`: the fingerprint that the context library made.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub encoded_data: Option<String>,
}

/// `ContextData`, for threat protection on the admin calls.
#[derive(Clone)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct ContextData {
    /// `IpAddress`: the user's address.
    pub ip_address: String,
    /// `ServerName`: the endpoint that the user called.
    pub server_name: String,
    /// `ServerPath`: the path that the user called.
    pub server_path: String,
    /// `HttpHeaders`: name and value of each header that the user sent.
    #[cfg_attr(feature = "serde", serde(serialize_with = "super::wire::headers::serialize"))]
    pub http_headers: Vec<(String, String)>,
    /// `EncodedData`: the fingerprint that the context library made.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub encoded_data: Option<String>,
}

/// The service's model calls what is in these sensitive, so `Debug` shows only that they are there.
macro_rules! redacted {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )*};
}

redacted!(Context, UserContextData, ContextData);

impl Context {
    /// Adds an entry to `ClientMetadata`, which the pool's Lambda triggers read. It is neither validated nor encrypted by the
    /// service: no place for secrets.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`].
    pub fn with_client_metadata(mut self, name: impl Into<String>, value: impl Into<String>) -> Result<Self, Error> {
        let (name, value) = (name.into(), value.into());
        for text in [&name, &value] {
            check_maximum(text, ParameterMap::MAX_VALUE_CHARS, Parameter::ClientMetadata)?;
        }
        self.client_metadata.insert(name, value);
        Ok(self)
    }

    /// Sets `AnalyticsMetadata.AnalyticsEndpointId`.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`].
    pub fn with_analytics_endpoint_id(self, id: impl Into<String>) -> Result<Self, Error> {
        let id = id.into();
        check_maximum(&id, ParameterMap::MAX_VALUE_CHARS, Parameter::AnalyticsMetadata)?;
        Ok(Self { analytics_metadata: Some(AnalyticsMetadata { analytics_endpoint_id: Some(id) }), ..self })
    }

    /// Sets `UserContextData`, which only the public calls have.
    #[must_use]
    pub fn with_user_context_data(self, data: UserContextData) -> Self {
        Self { user_context_data: Some(data), ..self }
    }

    /// Sets `ContextData`, which only the admin calls have.
    #[must_use]
    pub fn with_context_data(self, data: ContextData) -> Self {
        Self { context_data: Some(data), ..self }
    }

    /// `ClientMetadata`.
    #[must_use]
    pub const fn client_metadata(&self) -> &BTreeMap<String, String> {
        &self.client_metadata
    }

    /// `AnalyticsMetadata.AnalyticsEndpointId`.
    #[must_use]
    pub fn analytics_endpoint_id(&self) -> Option<&str> {
        self.analytics_metadata.as_ref()?.analytics_endpoint_id.as_deref()
    }

    /// `UserContextData`.
    #[must_use]
    pub const fn user_context_data(&self) -> Option<&UserContextData> {
        self.user_context_data.as_ref()
    }

    /// `ContextData`.
    #[must_use]
    pub const fn context_data(&self) -> Option<&ContextData> {
        self.context_data.as_ref()
    }

    /// Refuses what the calls of `api` do not have, and what is too long for the model.
    pub(super) fn check(&self, api: Api) -> Result<(), Error> {
        let foreign = match api {
            Api::Public => self.context_data.as_ref().map(|_| Parameter::ContextData),
            Api::Admin => self.user_context_data.as_ref().map(|_| Parameter::UserContextData),
        };
        if let Some(parameter) = foreign {
            return Err(Error::NotInThisCall(parameter));
        }
        for text in self.client_metadata.iter().flat_map(|(name, value)| [name, value]) {
            check_maximum(text, ParameterMap::MAX_VALUE_CHARS, Parameter::ClientMetadata)?;
        }
        if let Some(id) = self.analytics_endpoint_id() {
            check_maximum(id, ParameterMap::MAX_VALUE_CHARS, Parameter::AnalyticsMetadata)?;
        }
        let user = self.user_context_data.iter().flat_map(|data| [&data.ip_address, &data.encoded_data]).flatten();
        for text in user {
            check_maximum(text, ParameterMap::MAX_VALUE_CHARS, Parameter::UserContextData)?;
        }
        if let Some(data) = &self.context_data {
            let texts = [&data.ip_address, &data.server_name, &data.server_path].into_iter();
            let headers = data.http_headers.iter().flat_map(|(name, value)| [name, value]);
            for text in texts.chain(headers).chain(&data.encoded_data) {
                check_maximum(text, ParameterMap::MAX_VALUE_CHARS, Parameter::ContextData)?;
            }
        }
        Ok(())
    }
}

/// `InitiateAuth`, or `AdminInitiateAuth` when it names a pool.
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct InitiateAuth {
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub(super) target: Target,
    pub(super) auth_flow: AuthFlow,
    pub(super) auth_parameters: ParameterMap,
    #[cfg_attr(
        feature = "serde",
        serde(skip_serializing_if = "Option::is_none", serialize_with = "super::wire::session::serialize")
    )]
    pub(super) session: Option<Session>,
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub(super) context: Context,
}

impl InitiateAuth {
    /// Checks what does not follow from how the parts were made.
    pub(super) fn new(
        app: &AppClient,
        api: Api,
        auth_flow: AuthFlow,
        auth_parameters: ParameterMap,
        session: Option<Session>,
        context: Context,
    ) -> Result<Self, Error> {
        let allowed = match auth_flow {
            AuthFlow::UserPasswordAuth => api == Api::Public,
            AuthFlow::AdminUserPasswordAuth | AuthFlow::AdminNoSrpAuth => api == Api::Admin,
            _ => true,
        };
        if !allowed {
            return Err(Error::NotInThisCall(Parameter::AuthFlow));
        }
        context.check(api)?;
        Ok(Self { target: Target::new(app, api), auth_flow, auth_parameters, session, context })
    }

    /// A refresh: new tokens for a refresh token, by `REFRESH_TOKEN_AUTH` or its other name, `REFRESH_TOKEN`.
    pub(super) fn refresh(
        app: &AppClient,
        api: Api,
        auth_flow: AuthFlow,
        token: &RefreshToken,
        username: &str,
        device_key: Option<&DeviceKey>,
        context: Context,
    ) -> Result<Self, Error> {
        let mut parameters = ParameterMap::default();
        parameters.insert("REFRESH_TOKEN", token.expose());
        if let Some(hash) = app.secret_hash(username) {
            parameters.insert("SECRET_HASH", hash);
        }
        if let Some(key) = device_key {
            parameters.insert("DEVICE_KEY", key.as_str());
        }
        Self::new(app, api, auth_flow, parameters, None, context)
    }

    /// Which family of calls this is one of.
    #[must_use]
    pub const fn api(&self) -> Api {
        self.target.api()
    }

    /// `UserPoolId`, in admin calls.
    #[must_use]
    pub fn user_pool_id(&self) -> Option<&str> {
        self.target.user_pool_id.as_deref()
    }

    /// `ClientId`.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.target.client_id
    }

    /// `AuthFlow`.
    #[must_use]
    pub const fn auth_flow(&self) -> &AuthFlow {
        &self.auth_flow
    }

    /// `AuthParameters`.
    #[must_use]
    pub const fn auth_parameters(&self) -> &ParameterMap {
        &self.auth_parameters
    }

    /// `Session`.
    #[must_use]
    pub const fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// What goes along.
    #[must_use]
    pub const fn context(&self) -> &Context {
        &self.context
    }
}

/// `RespondToAuthChallenge`, or `AdminRespondToAuthChallenge` when it names a pool.
#[derive(Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct RespondToAuthChallenge {
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub(super) target: Target,
    pub(super) challenge_name: ChallengeName,
    pub(super) challenge_responses: ParameterMap,
    #[cfg_attr(
        feature = "serde",
        serde(skip_serializing_if = "Option::is_none", serialize_with = "super::wire::session::serialize")
    )]
    pub(super) session: Option<Session>,
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub(super) context: Context,
}

impl RespondToAuthChallenge {
    /// Which family of calls this is one of.
    #[must_use]
    pub const fn api(&self) -> Api {
        self.target.api()
    }

    /// `UserPoolId`, in admin calls.
    #[must_use]
    pub fn user_pool_id(&self) -> Option<&str> {
        self.target.user_pool_id.as_deref()
    }

    /// `ClientId`.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.target.client_id
    }

    /// `ChallengeName`.
    #[must_use]
    pub const fn challenge_name(&self) -> &ChallengeName {
        &self.challenge_name
    }

    /// `ChallengeResponses`.
    #[must_use]
    pub const fn challenge_responses(&self) -> &ParameterMap {
        &self.challenge_responses
    }

    /// `Session`.
    #[must_use]
    pub const fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// What goes along.
    #[must_use]
    pub const fn context(&self) -> &Context {
        &self.context
    }
}

/// `ConfirmDevice`: registers a device that a sign-in has announced.
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct ConfirmDevice {
    pub(super) access_token: String,
    pub(super) device_key: String,
    pub(super) device_secret_verifier_config: DeviceSecretVerifierConfig,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(super) device_name: Option<String>,
}

/// `DeviceSecretVerifierConfig`.
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub(super) struct DeviceSecretVerifierConfig {
    pub(super) password_verifier: String,
    pub(super) salt: String,
}

impl ConfirmDevice {
    /// The longest device name, in characters (service model).
    pub const MAX_DEVICE_NAME_CHARS: usize = 1024;

    /// Puts the call together.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::TooLong`], [`Error::Malformed`] for an access token or a device name that the service
    /// could not take.
    pub fn new(
        access_token: impl Into<String>,
        device_key: &DeviceKey,
        verifier: &DeviceVerifier,
        device_name: Option<&str>,
    ) -> Result<Self, Error> {
        let request = Self {
            access_token: access_token.into(),
            device_key: device_key.as_str().into(),
            device_secret_verifier_config: DeviceSecretVerifierConfig {
                password_verifier: verifier.password_verifier().into(),
                salt: verifier.salt().into(),
            },
            device_name: device_name.map(Into::into),
        };
        check_token(&request.access_token, Parameter::AccessToken)?;
        if let Some(name) = device_name {
            check_length(name, Self::MAX_DEVICE_NAME_CHARS, Parameter::DeviceName)?;
        }
        Ok(request)
    }

    /// `AccessToken`: a secret.
    #[must_use]
    pub fn access_token(&self) -> &str {
        &self.access_token
    }

    /// `DeviceKey`.
    #[must_use]
    pub fn device_key(&self) -> &str {
        &self.device_key
    }

    /// `DeviceSecretVerifierConfig.PasswordVerifier`, in Base64.
    #[must_use]
    pub fn password_verifier(&self) -> &str {
        &self.device_secret_verifier_config.password_verifier
    }

    /// `DeviceSecretVerifierConfig.Salt`, in Base64.
    #[must_use]
    pub fn salt(&self) -> &str {
        &self.device_secret_verifier_config.salt
    }

    /// `DeviceName`.
    #[must_use]
    pub fn device_name(&self) -> Option<&str> {
        self.device_name.as_deref()
    }
}

impl Drop for ConfirmDevice {
    fn drop(&mut self) {
        self.access_token.zeroize();
        self.device_secret_verifier_config.password_verifier.zeroize();
    }
}

impl fmt::Debug for ConfirmDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfirmDevice").field("device_key", &self.device_key).finish_non_exhaustive()
    }
}
