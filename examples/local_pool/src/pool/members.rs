//! The members of calls that the pool reads without the crate's types.

use std::collections::BTreeMap;

use cognito_srp6a::idp::ServiceError;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::attributes::Attributes;
use super::check_name;
use super::refusal::{self, Result};
use super::triggers::{self, Metadata};

/// The members of all these calls. Each call checks the members that it needs.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Members {
    pub access_token: Option<String>,
    pub client_id: Option<String>,
    pub client_metadata: Option<BTreeMap<String, String>>,
    pub client_secret: Option<String>,
    pub confirmation_code: Option<String>,
    pub device_key: Option<String>,
    pub limit: Option<usize>,
    pub pagination_token: Option<String>,
    pub password: Option<String>,
    pub permanent: Option<bool>,
    pub refresh_token: Option<String>,
    pub secret_hash: Option<String>,
    pub temporary_password: Option<String>,
    pub user_attributes: Option<Vec<Attribute>>,
    pub user_pool_id: Option<String>,
    pub username: Option<String>,
    pub validation_data: Option<Vec<Attribute>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Attribute {
    pub name: String,
    #[serde(default)]
    pub value: Option<String>,
}

impl Members {
    pub fn access_token(&self) -> Result<&str> {
        member(self.access_token.as_deref(), "AccessToken")
    }

    pub fn client_id(&self) -> Result<&str> {
        member(self.client_id.as_deref(), "ClientId")
    }

    pub fn device_key(&self) -> Result<&str> {
        member(self.device_key.as_deref(), "DeviceKey")
    }

    pub fn user_pool_id(&self) -> Result<&str> {
        member(self.user_pool_id.as_deref(), "UserPoolId")
    }

    pub fn username(&self) -> Result<&str> {
        check_name(member(self.username.as_deref(), "Username")?)
    }

    /// Returns `ClientMetadata` if there is any.
    pub fn metadata(&self) -> Metadata {
        self.client_metadata.as_ref().and_then(triggers::metadata)
    }

    pub fn into_attributes(self) -> Attributes {
        to_map(&self.user_attributes.unwrap_or_default())
    }
}

pub fn to_map(attributes: &[Attribute]) -> Attributes {
    let pair = |attribute: &Attribute| (attribute.name.clone(), attribute.value.clone().unwrap_or_default());
    attributes.iter().map(pair).collect()
}

/// Reads the members of a body.
pub fn members<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    serde_json::from_slice(body)
        .map_err(|_| ServiceError::new("SerializationException", "the body is not of the operation's shape"))
}

pub fn member<'a>(value: Option<&'a str>, name: &str) -> Result<&'a str> {
    value.ok_or_else(|| refusal::null_member(name))
}
