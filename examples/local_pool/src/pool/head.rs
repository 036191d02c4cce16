//! The head of a request, as far as the pool reads it.

use cognito_srp6a::idp::Operation;
use hyper::{HeaderMap, Uri};

/// What a call says beside its body.
#[derive(Clone, Copy)]
pub struct Head<'a> {
    pub uri: &'a Uri,
    pub headers: &'a HeaderMap,
}

impl<'a> Head<'a> {
    /// Returns the name of the call: `X-Amz-Target` without the service's prefix.
    pub(super) fn operation(self) -> Option<&'a str> {
        let (prefix, name) = self.header("x-amz-target")?.split_once('.')?;
        (prefix == Operation::TARGET_PREFIX).then_some(name)
    }

    /// Returns the first header of a name, if it is text.
    pub(super) fn header(self, name: &str) -> Option<&'a str> {
        self.headers.get(name)?.to_str().ok()
    }
}
