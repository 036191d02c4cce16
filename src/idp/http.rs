//! Whole HTTP requests (feature `http`).

use alloc::format;
use alloc::vec::Vec;

use http::header::CONTENT_TYPE;
use http::{Method, Uri};

use super::names::Operation;
use super::request::Request;
use super::wire;

impl Request {
    /// The whole request, for an endpoint such as [`PoolId::endpoint`](crate::PoolId::endpoint) gives. An admin operation
    /// ([`Operation::is_signed`]) is still to be signed with `SigV4`, service name `cognito-idp`:
    ///
    /// ```text
    /// // with the crate aws-sigv4; compiled and run in tests/interop/rust
    /// let signable = SignableRequest::new(method, uri, headers, SignableBody::Bytes(request.body()))?;
    /// let (instructions, _signature) = sign(signable, &params.into())?.into_parts();
    /// instructions.apply_to_request_http1x(&mut request);
    /// ```
    ///
    /// The body may hold secrets. It is the caller's, who wipes it or lets it go.
    ///
    /// # Errors
    ///
    /// [`http::Error`] for an endpoint that is no URI.
    pub fn to_http(&self, endpoint: &str) -> Result<http::Request<Vec<u8>>, http::Error> {
        http::Request::builder()
            .method(Method::POST)
            .uri(endpoint.parse::<Uri>()?)
            .header(CONTENT_TYPE, wire::CONTENT_TYPE)
            .header("X-Amz-Target", format!("{}.{}", Operation::TARGET_PREFIX, self.operation().name()))
            .body(core::mem::take(&mut *self.to_json()))
    }
}
