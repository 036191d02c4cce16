//! `GlobalSignOut`.

use alloc::string::String;
use core::fmt;

use super::credentials::check_token;
use super::secret_member::SecretMember;
use crate::error::{Error, Parameter};

/// `GlobalSignOut`: revokes all tokens of a signed-in user, on all devices. The access token authorizes it.
/// [`SignOutResponse`] is its response.
///
/// An access or ID token that is already issued no longer opens calls of the service. A resource server that checks
/// only the signature accepts it until it expires. The access token is wiped on drop.
///
/// ```
/// use cognito_srp6a::idp::{GlobalSignOut, Operation, Request};
///
/// # fn main() -> Result<(), cognito_srp6a::Error> {
/// let access_token = "eyJhbGciOiJSUzI1NiJ9.e30.c2ln";
/// let request = Request::GlobalSignOut(GlobalSignOut::new(access_token)?);
/// assert_eq!(request.operation(), Operation::GlobalSignOut);
/// # Ok(()) }
/// ```
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct GlobalSignOut {
    pub(super) access_token: SecretMember,
}

impl GlobalSignOut {
    /// Takes the access token of the signed-in user. It needs the scope `aws.cognito.signin.user.admin` (service
    /// model).
    ///
    /// # Errors
    ///
    /// - [`Error::Empty`]: the access token is empty.
    /// - [`Error::TooLong`]: the access token exceeds [`RefreshToken::MAX_CHARS`](super::RefreshToken::MAX_CHARS).
    /// - [`Error::Malformed`]: the access token does not match the service's pattern, `[A-Za-z0-9-_=.]+`.
    pub fn new(access_token: impl Into<String>) -> Result<Self, Error> {
        let access_token = SecretMember::new(access_token);
        check_token(access_token.expose(), Parameter::AccessToken)?;
        Ok(Self { access_token })
    }

    /// `AccessToken`: a secret.
    #[must_use]
    pub fn access_token(&self) -> &str {
        self.access_token.expose()
    }
}

impl fmt::Debug for GlobalSignOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GlobalSignOut").finish_non_exhaustive()
    }
}

/// The response of [`RevokeToken`](super::RevokeToken) and [`GlobalSignOut`]. It says that the call succeeded, and
/// nothing else.
///
#[cfg_attr(feature = "serde", doc = "```")]
#[cfg_attr(not(feature = "serde"), doc = "```ignore")]
/// use cognito_srp6a::idp::{ResponseError, ServiceErrorName, SignOutResponse};
///
/// // The service sends an empty body.
/// assert!(SignOutResponse::from_http(200, b"").is_ok());
///
/// let body = br#"{"__type": "NotAuthorizedException", "message": "Access Token has been revoked"}"#;
/// let Err(ResponseError::Service(error)) = SignOutResponse::from_http(400, body) else { unreachable!() };
/// assert_eq!(*error.name(), ServiceErrorName::NotAuthorized);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct SignOutResponse {}
