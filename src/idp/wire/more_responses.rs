//! The responses of the calls beside the four authentication calls.

use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::members::{Members, Read, taken};
use super::{from_http, to_json};
use crate::idp::body_error::BodyError;
use crate::idp::global_sign_out::SignOutResponse;
use crate::idp::response_error::ResponseError;
use crate::idp::secret_code::SecretCode;
use crate::idp::software_token::{
    AssociateSoftwareTokenResponse, VerifySoftwareTokenResponse, VerifySoftwareTokenStatus,
};

impl SignOutResponse {
    /// Writes the body, as a server does: an empty object.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        to_json(self).to_vec()
    }

    /// Reads an HTTP response: its status and its body. A body of status 200 is an object, or empty.
    ///
    /// # Errors
    ///
    /// As for [`AuthResponse::from_http`](crate::idp::AuthResponse::from_http).
    pub fn from_http(status: u16, body: &[u8]) -> Result<Self, ResponseError> {
        if status == 200 && body.is_empty() { Ok(Self::default()) } else { from_http(status, body) }
    }
}

impl Read for SignOutResponse {
    fn read(_members: &Members<'_>) -> Result<Self, BodyError> {
        Ok(Self::default())
    }
}

impl AssociateSoftwareTokenResponse {
    /// Writes the body, as a server does. It holds secrets and is wiped on drop.
    #[must_use]
    pub fn to_json(&self) -> Zeroizing<Vec<u8>> {
        to_json(self)
    }

    /// Reads an HTTP response: its status and its body.
    ///
    /// # Errors
    ///
    /// As for [`AuthResponse::from_http`](crate::idp::AuthResponse::from_http).
    pub fn from_http(status: u16, body: &[u8]) -> Result<Self, ResponseError> {
        from_http(status, body)
    }
}

impl Read for AssociateSoftwareTokenResponse {
    fn read(members: &Members<'_>) -> Result<Self, BodyError> {
        let code = members.text("SecretCode")?.ok_or(BodyError::Malformed)?;
        let secret_code = SecretCode::new(taken(code)).map_err(|_| BodyError::Malformed)?;
        Ok(Self { secret_code, session: members.session()? })
    }
}

impl VerifySoftwareTokenResponse {
    /// Writes the body, as a server does. It may hold a session and is wiped on drop.
    #[must_use]
    pub fn to_json(&self) -> Zeroizing<Vec<u8>> {
        to_json(self)
    }

    /// Reads an HTTP response: its status and its body. [`MfaSetup::verified`](crate::idp::MfaSetup::verified) takes the
    /// result.
    ///
    /// # Errors
    ///
    /// As for [`AuthResponse::from_http`](crate::idp::AuthResponse::from_http).
    pub fn from_http(status: u16, body: &[u8]) -> Result<Self, ResponseError> {
        from_http(status, body)
    }
}

impl Read for VerifySoftwareTokenResponse {
    fn read(members: &Members<'_>) -> Result<Self, BodyError> {
        let status = members.name("Status", VerifySoftwareTokenStatus::MAX_CHARS)?.ok_or(BodyError::Malformed)?;
        Ok(Self { status, session: members.session()? })
    }
}
