//! `GetTokensFromRefreshToken`.

use alloc::collections::BTreeMap;
use alloc::string::String;
use core::fmt;

use super::credentials::RefreshToken;
use super::parameter_map::ParameterMap;
use super::secret_member::SecretMember;
use crate::error::{Error, Parameter};
use crate::message::{AppClient, DeviceKey, check_maximum};

/// `GetTokensFromRefreshToken`: new tokens for a refresh token. It works in every pool and is unsigned.
/// [`RefreshOutcome`](super::RefreshOutcome) reads its response.
///
/// The request has no user name and no `SECRET_HASH`. An app client with a secret sends the secret itself, so only TLS
/// protects it. The refresh token and the client secret are wiped on drop.
///
/// # Rotation
///
/// A pool can rotate the refresh tokens of an app client. Then each response has a new refresh token, and the service
/// refuses [`SignIn::refresh`](super::SignIn::refresh), which is `REFRESH_TOKEN_AUTH`.
///
/// The old token works for a grace period of 0 to 60 seconds, which the pool sets. Within it a client that lost the
/// response can send the old token again. After it the service answers `RefreshTokenReuseException`: either a response
/// was lost or somebody else used the token. In both cases the user signs in again.
///
/// So store a new refresh token before anything else, and let one request at a time use it.
///
/// ```
/// use cognito_srp6a::AppClient;
/// use cognito_srp6a::idp::{
///     AuthResponse, GetTokensFromRefreshToken, RefreshOutcome, RefreshToken, Request, ResponseError, SignInError,
/// };
/// # use cognito_srp6a::idp::{AuthenticationResult, ServiceError};
///
/// /// Returns a new access token, or `None` if the user must sign in again.
/// fn refresh(
///     app: &AppClient,
///     store: &mut Option<RefreshToken>,
///     send: impl FnOnce(&Request) -> Result<AuthResponse, ResponseError>,
/// ) -> Result<Option<String>, SignInError> {
///     let Some(token) = &store else { return Ok(None) };
///     let request = Request::GetTokensFromRefreshToken(GetTokensFromRefreshToken::new(app, token));
///     match RefreshOutcome::new(send(&request))? {
///         RefreshOutcome::Refreshed(tokens) => {
///             // With rotation there is a new refresh token, and the old one is about to end.
///             if let Some(token) = tokens.refresh_token() {
///                 *store = Some(RefreshToken::new(token)?);
///             }
///             Ok(tokens.access_token().map(str::to_owned))
///         }
///         RefreshOutcome::Reused => {
///             *store = None;
///             Ok(None)
///         }
///     }
/// }
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
/// # let mut store = Some(RefreshToken::new("eyJjdHkiOiJKV1QifQ.e30.c2ln")?);
/// # let tokens = AuthenticationResult::default().with_access_token("eyJ.e30.c2ln").with_refresh_token("new.e30.c2ln");
/// # let tokens = AuthResponse::tokens(tokens);
/// # assert_eq!(refresh(&app, &mut store, |_| Ok(tokens))?.as_deref(), Some("eyJ.e30.c2ln"));
/// # assert_eq!(store.as_ref().map(RefreshToken::expose), Some("new.e30.c2ln"));
/// # let reuse = ServiceError::new("RefreshTokenReuseException", "Refresh token has been reused");
/// # assert!(refresh(&app, &mut store, |_| Err(reuse.into()))?.is_none() && store.is_none());
/// # Ok(()) }
/// ```
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct GetTokensFromRefreshToken {
    pub(super) refresh_token: SecretMember,
    pub(super) client_id: String,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(super) client_secret: Option<SecretMember>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(super) device_key: Option<String>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "BTreeMap::is_empty"))]
    pub(super) client_metadata: BTreeMap<String, String>,
}

impl GetTokensFromRefreshToken {
    /// Takes the app client, with its secret if it has one, and the refresh token. If the service refuses the secret while
    /// two are live, make the call again for [`AppClient::other_secret`].
    #[must_use]
    pub fn new(app: &AppClient, token: &RefreshToken) -> Self {
        Self {
            refresh_token: SecretMember::new(token.expose()),
            client_id: app.client_id().into(),
            client_secret: app.secret().map(|secret| SecretMember::new(secret.expose())),
            device_key: None,
            client_metadata: BTreeMap::new(),
        }
    }

    /// Sets `DeviceKey`, the key of the device that signed in. Without it, a pool that remembers devices offers a new
    /// device ([`NewDeviceMetadata`](super::NewDeviceMetadata)).
    #[must_use]
    pub fn with_device_key<'a>(self, device_key: impl Into<Option<&'a DeviceKey>>) -> Self {
        Self { device_key: device_key.into().map(|key| key.as_str().into()), ..self }
    }

    /// Adds an entry to `ClientMetadata`, for the pool's Lambda triggers. An entry of the same name is replaced. The
    /// service neither validates nor encrypts it, so put no secret in it.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] if the name or the value exceeds [`ParameterMap::MAX_VALUE_CHARS`].
    pub fn with_client_metadata(mut self, name: impl Into<String>, value: impl Into<String>) -> Result<Self, Error> {
        let (name, value) = (name.into(), value.into());
        for text in [&name, &value] {
            check_maximum(text, ParameterMap::MAX_VALUE_CHARS, Parameter::ClientMetadata)?;
        }
        self.client_metadata.insert(name, value);
        Ok(self)
    }

    /// `RefreshToken`: a secret.
    #[must_use]
    pub fn refresh_token(&self) -> &str {
        self.refresh_token.expose()
    }

    /// `ClientId`.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// `ClientSecret`: a secret.
    #[must_use]
    pub fn client_secret(&self) -> Option<&str> {
        self.client_secret.as_ref().map(SecretMember::expose)
    }

    /// `DeviceKey`.
    #[must_use]
    pub fn device_key(&self) -> Option<&str> {
        self.device_key.as_deref()
    }

    /// `ClientMetadata`.
    #[must_use]
    pub const fn client_metadata(&self) -> &BTreeMap<String, String> {
        &self.client_metadata
    }
}

impl fmt::Debug for GetTokensFromRefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GetTokensFromRefreshToken").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}
