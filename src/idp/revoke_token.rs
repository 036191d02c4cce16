//! `RevokeToken`.

use alloc::string::String;
use core::fmt;

use super::credentials::RefreshToken;
use super::names::service_names;
use super::secret_member::SecretMember;
use crate::message::AppClient;

service_names! {
    /// `RevokeAssociatedSessions`: whether `RevokeToken` also revokes the single sign-on session that the tokens came
    /// through.
    RevokeAssociatedSessions {
        /// Only the tokens are revoked. The default.
        None = "NONE",
        /// The session is revoked, too. Tokens of other apps that came through it are not.
        Linked = "LINKED",
    }
}

/// `RevokeToken`: revokes a refresh token and the access tokens that it has brought. It is unsigned.
/// [`SignOutResponse`](super::SignOutResponse) is its response.
///
/// The pool must have token revocation turned on; else the service answers `UnsupportedOperationException`. An access
/// token that is already issued no longer opens calls of the service. A resource server that checks only the
/// signature accepts it until it expires.
///
/// An app client with a secret sends the secret itself. The token and the secret are wiped on drop.
///
/// ```
/// use cognito_srp6a::AppClient;
/// use cognito_srp6a::idp::{Operation, RefreshToken, Request, RevokeToken};
///
/// # fn main() -> Result<(), cognito_srp6a::Error> {
/// let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
/// let token = RefreshToken::new("eyJjdHkiOiJKV1QifQ.e30.c2ln")?;
/// let request = Request::RevokeToken(RevokeToken::new(&app, &token));
/// assert_eq!(request.operation(), Operation::RevokeToken);
/// # Ok(()) }
/// ```
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct RevokeToken {
    pub(super) token: SecretMember,
    pub(super) client_id: String,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(super) client_secret: Option<SecretMember>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(super) revoke_associated_sessions: Option<RevokeAssociatedSessions>,
}

impl RevokeToken {
    /// Takes the app client, with its secret if it has one, and the refresh token.
    #[must_use]
    pub fn new(app: &AppClient, token: &RefreshToken) -> Self {
        Self {
            token: SecretMember::new(token.expose()),
            client_id: app.client_id().into(),
            client_secret: app.secret().map(|secret| SecretMember::new(secret.expose())),
            revoke_associated_sessions: None,
        }
    }

    /// Sets `RevokeAssociatedSessions`.
    #[must_use]
    pub fn with_associated_sessions(self, sessions: RevokeAssociatedSessions) -> Self {
        Self { revoke_associated_sessions: Some(sessions), ..self }
    }

    /// `Token`: a secret.
    #[must_use]
    pub fn token(&self) -> &str {
        self.token.expose()
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

    /// `RevokeAssociatedSessions`.
    #[must_use]
    pub const fn revoke_associated_sessions(&self) -> Option<&RevokeAssociatedSessions> {
        self.revoke_associated_sessions.as_ref()
    }
}

impl fmt::Debug for RevokeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevokeToken")
            .field("client_id", &self.client_id)
            .field("revoke_associated_sessions", &self.revoke_associated_sessions)
            .finish_non_exhaustive()
    }
}
