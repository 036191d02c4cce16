//! `RevokeToken`: ends the sign-in of a refresh token, and with it the access tokens that came from it.

use cognito_srp6a::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::members::{member, members};
use super::refusal::{self, Result};
use super::{Pool, tokens};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Members {
    client_id: Option<String>,
    client_secret: Option<String>,
    token: Option<String>,
    /// Checked and not used: no token of this pool belongs to a session of a sign-in page.
    #[serde(rename = "RevokeAssociatedSessions")]
    _linked: Option<Linked>,
}

/// `RevokeAssociatedSessionsType`.
#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Linked {
    None,
    Linked,
}

impl Pool {
    /// `RevokeToken`. RFC 7009 §2.2: an unknown token, or one that is revoked already, is no error.
    pub(super) fn revoke_token(&self, body: &[u8], now: Timestamp) -> Result<Value> {
        let members: Members = members(body)?;
        let client = self.client(member(members.client_id.as_deref(), "ClientId")?);
        let token = member(members.token.as_deref(), "Token")?;
        // The model of this call has no error for an unknown client or a wrong secret but this one.
        let unauthorized = |_| refusal::unauthorized();
        let client = client.map_err(unauthorized)?;
        self.check_secret(client, members.client_secret.as_deref()).map_err(unauthorized)?;
        if tokens::is_jwt(token) {
            return Err(refusal::unsupported_token());
        }
        let mut state = self.state();
        let Some((grant, _, _)) = state.genuine(token, now) else { return Ok(json!({})) };
        if grant.client != client {
            return Err(refusal::unauthorized());
        }
        let origin_jti = grant.origin_jti.clone();
        state.grants.remove(&origin_jti, now);
        Ok(json!({}))
    }
}
