//! Responses of the four authentication calls, which have one shape.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::credentials::Session;
use super::names::ChallengeName;

/// What `InitiateAuth`, `RespondToAuthChallenge` and their admin twins answer: tokens or a challenge.
#[derive(Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct AuthResponse {
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(super) challenge_name: Option<ChallengeName>,
    #[cfg_attr(
        feature = "serde",
        serde(skip_serializing_if = "Option::is_none", serialize_with = "super::credentials::serialize_session")
    )]
    pub(super) session: Option<Session>,
    pub(super) challenge_parameters: BTreeMap<String, String>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(super) authentication_result: Option<AuthenticationResult>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub(super) available_challenges: Vec<ChallengeName>,
}

impl AuthResponse {
    /// A challenge: name and parameters.
    #[must_use]
    pub fn challenge<K: Into<String>, V: Into<String>>(
        name: ChallengeName,
        parameters: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let parameters = parameters.into_iter().map(|(name, value)| (name.into(), value.into()));
        Self { challenge_name: Some(name), challenge_parameters: parameters.collect(), ..Self::default() }
    }

    /// Tokens.
    #[must_use]
    pub fn tokens(result: AuthenticationResult) -> Self {
        Self { authentication_result: Some(result), ..Self::default() }
    }

    /// Adds `Session`.
    #[must_use]
    pub fn with_session(self, session: Session) -> Self {
        Self { session: Some(session), ..self }
    }

    /// Adds `AvailableChallenges`.
    #[must_use]
    pub fn with_available_challenges(self, available: impl IntoIterator<Item = ChallengeName>) -> Self {
        Self { available_challenges: available.into_iter().collect(), ..self }
    }

    /// `ChallengeName`.
    #[must_use]
    pub const fn challenge_name(&self) -> Option<&ChallengeName> {
        self.challenge_name.as_ref()
    }

    /// `Session`.
    #[must_use]
    pub const fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// `ChallengeParameters`.
    #[must_use]
    pub const fn challenge_parameters(&self) -> &BTreeMap<String, String> {
        &self.challenge_parameters
    }

    /// `AuthenticationResult`.
    #[must_use]
    pub const fn authentication_result(&self) -> Option<&AuthenticationResult> {
        self.authentication_result.as_ref()
    }

    /// `AvailableChallenges`.
    #[must_use]
    pub fn available_challenges(&self) -> &[ChallengeName] {
        &self.available_challenges
    }
}

impl fmt::Debug for AuthResponse {
    /// Of the parameters only the names: their values may be personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthResponse")
            .field("challenge_name", &self.challenge_name)
            .field("challenge_parameters", &self.challenge_parameters.keys())
            .field("authentication_result", &self.authentication_result)
            .field("available_challenges", &self.available_challenges)
            .finish_non_exhaustive()
    }
}

/// `AuthenticationResult`: the tokens. Wiped on drop, redacted.
#[derive(Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct AuthenticationResult {
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(super) access_token: Option<String>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(super) id_token: Option<String>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(super) refresh_token: Option<String>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(super) expires_in: Option<i64>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(super) token_type: Option<String>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(super) new_device_metadata: Option<NewDeviceMetadata>,
}

/// `NewDeviceMetadata`: a device that the service offers to remember. Make a [`Device`](crate::Device) of it to register it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct NewDeviceMetadata {
    /// `DeviceKey`.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub device_key: Option<String>,
    /// `DeviceGroupKey`.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub device_group_key: Option<String>,
}

/// Defines a reader and a setter for a token.
macro_rules! tokens {
    ($($(#[$meta:meta])* $name:ident, $with:ident;)*) => {
        impl AuthenticationResult {$(
            $(#[$meta])*
            #[must_use]
            pub fn $name(&self) -> Option<&str> {
                self.$name.as_deref()
            }

            /// Sets it.
            #[must_use]
            pub fn $with(mut self, value: impl Into<String>) -> Self {
                self.$name.zeroize();
                self.$name = Some(value.into());
                self
            }
        )*}
    };
}

tokens! {
    /// `AccessToken`: a secret.
    access_token, with_access_token;
    /// `IdToken`: a secret.
    id_token, with_id_token;
    /// `RefreshToken`: a secret. A refresh brings a new one only where refresh tokens rotate.
    refresh_token, with_refresh_token;
    /// `TokenType`.
    token_type, with_token_type;
}

impl AuthenticationResult {
    /// `ExpiresIn`: how long the access token lasts, in seconds.
    #[must_use]
    pub const fn expires_in(&self) -> Option<i64> {
        self.expires_in
    }

    /// Sets `ExpiresIn`.
    #[must_use]
    pub const fn with_expires_in(mut self, seconds: i64) -> Self {
        self.expires_in = Some(seconds);
        self
    }

    /// `NewDeviceMetadata`.
    #[must_use]
    pub const fn new_device_metadata(&self) -> Option<&NewDeviceMetadata> {
        self.new_device_metadata.as_ref()
    }

    /// Sets `NewDeviceMetadata`.
    #[must_use]
    pub fn with_new_device_metadata(mut self, metadata: NewDeviceMetadata) -> Self {
        self.new_device_metadata = Some(metadata);
        self
    }
}

impl Drop for AuthenticationResult {
    fn drop(&mut self) {
        for token in [&mut self.access_token, &mut self.id_token, &mut self.refresh_token] {
            token.zeroize();
        }
    }
}

impl ZeroizeOnDrop for AuthenticationResult {}

impl fmt::Debug for AuthenticationResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthenticationResult")
            .field("expires_in", &self.expires_in)
            .field("token_type", &self.token_type)
            .field("new_device_metadata", &self.new_device_metadata)
            .finish_non_exhaustive()
    }
}
