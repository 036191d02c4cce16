//! `ClientMetadata`, `AnalyticsMetadata`, `UserContextData` and `ContextData` of a request.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::names::Api;
use super::parameter_map::ParameterMap;
use crate::error::{Error, Parameter};
use crate::message::check_maximum;

/// Additional data that a sign-in sends with each of its requests: metadata for Lambda triggers and Amazon Pinpoint,
/// and data about the user's device for threat protection.
///
/// The default is empty. Each text has at most [`ParameterMap::MAX_VALUE_CHARS`] characters; a longer one is refused
/// when the sign-in starts, if not before.
///
/// ```
/// use cognito_srp6a::idp::{Api, Context, Credentials, SignIn, SignInFlow, UserContextData};
/// use cognito_srp6a::{AppClient, Password};
///
/// # fn main() -> Result<(), cognito_srp6a::Error> {
/// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
/// # let credentials = Credentials::new("alice".parse()?).with_password(Password::new("Passw0rd!")?);
/// let context = Context::default()
///     .with_client_metadata("campaign", "spring")?
///     .with_user_context_data(UserContextData::default().with_ip_address("203.0.113.7"));
/// let (sign_in, request) =
///     SignIn::builder(&app, Api::Public, SignInFlow::UserSrp, credentials).with_context(context).start()?;
/// # drop((sign_in, request));
/// # Ok(()) }
/// ```
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

/// `UserContextData`: data about the user's device for threat protection, in public calls. `Debug` hides it.
///
/// ```
/// use cognito_srp6a::idp::UserContextData;
///
/// let data = UserContextData::default()
///     .with_ip_address("203.0.113.7")
///     .with_encoded_data("the text of the context data collection library");
/// assert_eq!(data.ip_address.as_deref(), Some("203.0.113.7"));
/// ```
#[derive(Clone, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
#[non_exhaustive]
pub struct UserContextData {
    /// `IpAddress`: the IP address of the user's device.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub ip_address: Option<String>,
    /// `EncodedData`: the device fingerprint that AWS's context data collection library has made.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub encoded_data: Option<String>,
}

impl UserContextData {
    /// Sets `IpAddress`.
    #[must_use]
    pub fn with_ip_address(self, ip_address: impl Into<String>) -> Self {
        Self { ip_address: Some(ip_address.into()), ..self }
    }

    /// Sets `EncodedData`.
    #[must_use]
    pub fn with_encoded_data(self, encoded_data: impl Into<String>) -> Self {
        Self { encoded_data: Some(encoded_data.into()), ..self }
    }
}

/// `ContextData`: data about the user's request for threat protection, in admin calls. `Debug` hides it.
///
/// The values come from the request that the user sent to the caller's server.
///
/// ```
/// use cognito_srp6a::idp::{Context, ContextData};
///
/// let data = ContextData::new("203.0.113.7", "shop.example.com", "/sign-in").with_header("User-Agent", "Mozilla/5.0");
/// let context = Context::default().with_context_data(data);
/// assert!(context.context_data().is_some());
/// ```
#[derive(Clone)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
#[non_exhaustive]
pub struct ContextData {
    /// `IpAddress`: the IP address of the user's device.
    pub ip_address: String,
    /// `ServerName`: the host name of the caller's server.
    pub server_name: String,
    /// `ServerPath`: the path of the user's request.
    pub server_path: String,
    /// `HttpHeaders`: the name and the value of each header of the user's request.
    #[cfg_attr(feature = "serde", serde(serialize_with = "serialize_headers"))]
    pub http_headers: Vec<(String, String)>,
    /// `EncodedData`: the device fingerprint that AWS's context data collection library has made.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub encoded_data: Option<String>,
}

impl ContextData {
    /// Takes `IpAddress`, `ServerName` and `ServerPath`. There are no headers and no `EncodedData` yet.
    #[must_use]
    pub fn new(ip_address: impl Into<String>, server_name: impl Into<String>, server_path: impl Into<String>) -> Self {
        Self {
            ip_address: ip_address.into(),
            server_name: server_name.into(),
            server_path: server_path.into(),
            http_headers: Vec::new(),
            encoded_data: None,
        }
    }

    /// Adds an entry to `HttpHeaders`.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.http_headers.push((name.into(), value.into()));
        self
    }

    /// Sets `EncodedData`.
    #[must_use]
    pub fn with_encoded_data(self, encoded_data: impl Into<String>) -> Self {
        Self { encoded_data: Some(encoded_data.into()), ..self }
    }
}

/// Implements a `Debug` that shows no field: the service's model marks the user's data as sensitive.
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
    /// Adds an entry to `ClientMetadata`. An entry of the same name is replaced.
    ///
    /// The pool's Lambda triggers read it (service model):
    ///
    /// - With `InitiateAuth` and `AdminInitiateAuth`, the triggers for pre sign-up, pre authentication and user
    ///   migration get it, and no others.
    /// - With the answer to a challenge, the triggers that the answer runs get it, among them post authentication, pre
    ///   token generation, custom message, define, create and verify auth challenge, and the custom senders of e-mails
    ///   and text messages.
    ///
    /// It belongs to one call: the service does not store it. The service neither validates nor encrypts it, so put no
    /// secret in it.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] for the name or the value.
    pub fn with_client_metadata(mut self, name: impl Into<String>, value: impl Into<String>) -> Result<Self, Error> {
        let (name, value) = (name.into(), value.into());
        for text in [&name, &value] {
            check_maximum(text, ParameterMap::MAX_VALUE_CHARS, Parameter::ClientMetadata)?;
        }
        self.client_metadata.insert(name, value);
        Ok(self)
    }

    /// Sets `AnalyticsMetadata.AnalyticsEndpointId`, the endpoint of Amazon Pinpoint.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`].
    pub fn with_analytics_endpoint_id(self, id: impl Into<String>) -> Result<Self, Error> {
        let id = id.into();
        check_maximum(&id, ParameterMap::MAX_VALUE_CHARS, Parameter::AnalyticsMetadata)?;
        Ok(Self { analytics_metadata: Some(AnalyticsMetadata { analytics_endpoint_id: Some(id) }), ..self })
    }

    /// Sets `UserContextData`. A sign-in over [`Api::Admin`] refuses it.
    #[must_use]
    pub fn with_user_context_data(self, data: UserContextData) -> Self {
        Self { user_context_data: Some(data), ..self }
    }

    /// Sets `ContextData`. A sign-in over [`Api::Public`] refuses it.
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

    /// Refuses data that the calls of `api` do not take, and texts that exceed the model's limit.
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

/// Writes `HttpHeaders` as a list of objects with `headerName` and `headerValue`.
#[cfg(feature = "serde")]
fn serialize_headers<S: serde::Serializer>(headers: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(serde::Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Header<'a> {
        header_name: &'a str,
        header_value: &'a str,
    }

    serializer.collect_seq(headers.iter().map(|(header_name, header_value)| Header { header_name, header_value }))
}
