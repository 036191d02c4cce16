//! The outcome of `GetTokensFromRefreshToken`.

use super::response::{AuthResponse, AuthenticationResult};
use super::response_error::ResponseError;
use super::service_error::ServiceErrorName;
use super::sign_in::SignInError;

/// The outcome of [`GetTokensFromRefreshToken`](super::GetTokensFromRefreshToken), which has the whole example.
///
/// The enum is exhaustive on purpose: a caller must handle both.
#[derive(Debug)]
pub enum RefreshOutcome {
    /// The new tokens. If there is a refresh token, store it in place of the old one: the pool rotates refresh tokens,
    /// and the old one ends after its grace period. If there is none, the old one stays.
    Refreshed(AuthenticationResult),
    /// `RefreshTokenReuseException`: the refresh token was used before and its grace period is over. Somebody else may
    /// have it. Forget all tokens of the user, who signs in again.
    Reused,
}

impl RefreshOutcome {
    /// Takes the response, which has the members of an [`AuthResponse`].
    ///
    /// ```
    /// use cognito_srp6a::idp::{AuthResponse, AuthenticationResult, RefreshOutcome, ServiceError, SignInError};
    ///
    /// # fn main() -> Result<(), SignInError> {
    /// let tokens = AuthenticationResult::default().with_access_token("eyJhbGciOiJSUzI1NiJ9.e30.c2ln");
    /// let outcome = RefreshOutcome::new(Ok(AuthResponse::tokens(tokens)))?;
    /// assert!(matches!(outcome, RefreshOutcome::Refreshed(_)));
    ///
    /// let reuse = ServiceError::new("RefreshTokenReuseException", "Refresh token has been reused");
    /// assert!(matches!(RefreshOutcome::new(Err(reuse.into()))?, RefreshOutcome::Reused));
    ///
    /// let expired = ServiceError::new("NotAuthorizedException", "Refresh Token has expired");
    /// assert_eq!(RefreshOutcome::new(Err(expired.clone().into())).unwrap_err(), SignInError::Service(expired));
    /// # Ok(()) }
    /// ```
    ///
    /// The same request may be sent again after an error that is transient ([`SignInError::is_transient`]).
    ///
    /// # Errors
    ///
    /// - [`SignInError::Service`]: another error of the service. After `NotAuthorizedException` the user signs in again.
    /// - [`SignInError::UnknownDevice`]: the service does not know the `DeviceKey`.
    /// - [`SignInError::NoResponse`]: there is no response.
    /// - [`SignInError::Body`]: the body is neither a response nor an error of the service.
    /// - [`SignInError::UnexpectedChallenge`], [`SignInError::EmptyResponse`]: there is no access token.
    pub fn new(response: Result<AuthResponse, ResponseError>) -> Result<Self, SignInError> {
        let mut response = match response {
            Ok(response) => response,
            Err(ResponseError::Service(error)) => {
                return match error.name() {
                    ServiceErrorName::RefreshTokenReuse => Ok(Self::Reused),
                    _ if error.is_unknown_device() => Err(SignInError::UnknownDevice),
                    _ => Err(SignInError::Service(error)),
                };
            }
            Err(error) => return Err(error.into()),
        };
        match (response.authentication_result.take(), response.challenge_name.take()) {
            (Some(tokens), _) if tokens.has_access_token() => Ok(Self::Refreshed(tokens)),
            (_, Some(name)) => Err(SignInError::UnexpectedChallenge(name)),
            (_, None) => Err(SignInError::EmptyResponse),
        }
    }
}
