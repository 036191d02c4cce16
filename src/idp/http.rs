//! HTTP requests (feature `http`).

use alloc::format;
use alloc::vec::Vec;

use http::header::CONTENT_TYPE;
use http::{Method, Uri};

use super::names::Operation;
use super::request::Request;
use super::wire;

impl Request {
    /// Returns the HTTP request: `POST` with `Content-Type`, `X-Amz-Target` and the body of [`to_json`](Self::to_json).
    ///
    /// `endpoint` is a URI such as [`PoolId::endpoint`](crate::PoolId::endpoint) returns. The body may hold secrets and
    /// is not wiped.
    ///
    /// ```
    /// use cognito_srp6a::idp::{Api, Credentials, SignIn, SignInFlow};
    /// use cognito_srp6a::{AppClient, Password};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
    /// # let credentials = Credentials::new("alice".parse()?).with_password(Password::new("Passw0rd!")?);
    /// let (sign_in, request) = SignIn::builder(&app, Api::Public, SignInFlow::UserSrp, credentials).start()?;
    /// # drop(sign_in);
    /// let http_request = request.to_http(&app.pool_id().endpoint())?;
    /// assert_eq!(http_request.uri(), "https://cognito-idp.us-east-1.amazonaws.com/");
    /// assert_eq!(http_request.headers()["X-Amz-Target"], "AWSCognitoIdentityProviderService.InitiateAuth");
    /// # Ok(()) }
    /// ```
    ///
    /// The caller signs an admin operation ([`Operation::is_signed`]) with `SigV4` for the service `cognito-idp`:
    ///
    /// ```text
    /// // with the crate aws-sigv4; compiled and run in tests/interop/rust
    /// let signable = SignableRequest::new(method, uri, headers, SignableBody::Bytes(request.body()))?;
    /// let (instructions, _signature) = sign(signable, &params.into())?.into_parts();
    /// instructions.apply_to_request_http1x(&mut request);
    /// ```
    ///
    /// # Errors
    ///
    /// [`http::Error`] if the endpoint is not a URI.
    pub fn to_http(&self, endpoint: &str) -> Result<http::Request<Vec<u8>>, http::Error> {
        http::Request::builder()
            .method(Method::POST)
            .uri(endpoint.parse::<Uri>()?)
            .header(CONTENT_TYPE, wire::CONTENT_TYPE)
            .header("X-Amz-Target", format!("{}.{}", Operation::TARGET_PREFIX, self.operation().name()))
            .body(core::mem::take(&mut *self.to_json()))
    }
}
