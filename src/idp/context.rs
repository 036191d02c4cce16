//! What goes along with a request besides the sign-in itself.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::names::Api;
use super::parameter_map::ParameterMap;
use crate::error::{Error, Parameter};
use crate::message::check_maximum;

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
    #[cfg_attr(feature = "serde", serde(serialize_with = "serialize_headers"))]
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

/// Writes `HttpHeaders` as the service's list of objects.
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
