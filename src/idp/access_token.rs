//! The user's name in an access token.

use core::str;

use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::claims;
use super::credentials::RefreshToken;
use crate::message::Username;

/// Returns the claim `username` of an access token. `None` if the token is not a JWT or has no such claim, as the tokens
/// of some emulators.
///
/// The signature is not verified. Time depends on the payload, which is no secret: a token without its signature
/// opens nothing, and the signature is not read.
pub(super) fn username(token: &str) -> Option<Username> {
    if token.len() > RefreshToken::MAX_CHARS {
        return None;
    }
    // RFC 7519 §3, RFC 7515 §7.1: three parts, `BASE64URL(header) . BASE64URL(payload) . BASE64URL(signature)`
    let mut parts = token.split('.');
    let (Some(_), Some(payload), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return None;
    };
    // One allocation, so that no unwiped copy remains.
    let mut json = Zeroizing::new(Vec::with_capacity(base64::decoded_len_estimate(payload.len())));
    URL_SAFE_NO_PAD.decode_vec(payload, &mut json).ok()?;
    let name = claims::text(str::from_utf8(&json).ok()?, "username")?;
    Username::new(name.as_str()).ok()
}
