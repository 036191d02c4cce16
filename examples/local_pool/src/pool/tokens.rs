//! Access and ID tokens: JWTs signed with RS256, with the service's claims.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognito_srp6a::Timestamp;
use cognito_srp6a::idp::AuthenticationResult;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use ring::hmac;
use ring::signature::{RsaKeyPair, RsaPublicKeyComponents};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::answers::ClaimsOverrideDetails;
use super::attributes::{self, Attributes};
use super::overrides;
use super::random;
use super::refusal::{self, Result};
use super::signing::PROVIDER;
use crate::config::Client;

/// The signing key, PKCS #1. It is in the repository, so anybody can sign tokens of this pool. This is for tests only. In
/// return `jwks.json` is always the same, so an application under test can have it in its configuration.
const SIGNING_KEY: &[u8] = include_bytes!("signing_key.der");

/// `kid` of the only key.
const KEY_ID: &str = "local-pool-for-tests";

/// The lifetime of access and ID tokens, in seconds: the service's default.
const LIFETIME: i64 = 3600;

/// Signs tokens and reads access tokens.
pub struct Tokens {
    signing_key: EncodingKey,
    verifying_key: DecodingKey,
    key_set: Value,
    issuer: String,
    /// The ids of the pool's clients.
    client_ids: Vec<String>,
}

/// A finished sign-in. Its refresh token names it, and all its tokens are made from it.
#[derive(Clone)]
pub struct Grant {
    pub username: String,
    /// The client that the tokens are for.
    pub client: usize,
    /// The epoch in which the user proved a factor.
    pub proved: Option<u64>,
    pub device_key: Option<String>,
    /// Whether the device proved its password or was confirmed. The refresh token then needs the key of this device, and is
    /// refused if the device is forgotten.
    pub bound: bool,
    pub auth_time: i64,
    pub origin_jti: String,
    /// The secret from which the refresh tokens are made.
    pub secret: String,
    /// The number of the current refresh token: how often it was rotated.
    pub generation: u64,
    /// The time of the last rotation.
    pub rotated: i64,
}

impl Grant {
    /// Returns a refresh token. Old ones are made again, not kept, so a reuse is known however often they were rotated.
    pub fn refresh_token(&self, generation: u64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret.as_bytes());
        let tag = hmac::sign(&key, &generation.to_be_bytes());
        format!("{}.{generation}.{}", self.origin_jti, random::to_hex(tag.as_ref()))
    }

    /// Takes a refresh token out of use. Returns the one to use from now on.
    ///
    /// The last one is good for `grace` seconds more and brings the same successor, so two requests that cross go on with
    /// one token. Any older one is a reuse.
    pub fn rotate(&mut self, generation: u64, grace: i64, now: Timestamp) -> Result<String> {
        let now = now.unix_seconds();
        if generation == self.generation {
            (self.generation, self.rotated) = (generation + 1, now);
        } else if generation + 1 != self.generation || now >= self.rotated.saturating_add(grace) {
            return Err(refusal::reused_token());
        }
        Ok(self.refresh_token(self.generation))
    }
}

/// The user of a grant, read when tokens are made.
pub struct Holder {
    pub sub: String,
    pub attributes: Arc<Attributes>,
}

/// The claims of both kinds of token.
#[derive(Serialize)]
struct Common<'a> {
    sub: &'a str,
    iss: &'a str,
    origin_jti: &'a str,
    event_id: String,
    token_use: &'static str,
    auth_time: i64,
    iat: i64,
    exp: i64,
    jti: String,
}

#[derive(Serialize)]
struct AccessToken<'a> {
    #[serde(flatten)]
    common: Common<'a>,
    client_id: &'a str,
    username: &'a str,
    scope: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_key: Option<&'a str>,
}

#[derive(Serialize)]
struct IdToken<'a> {
    #[serde(flatten)]
    common: Common<'a>,
    // No attribute that the pool accepts has the name of another claim.
    #[serde(flatten)]
    attributes: Map<String, Value>,
    aud: &'a str,
    #[serde(rename = "cognito:username")]
    username: &'a str,
}

/// The claims that the pool reads from an access token.
#[derive(Deserialize)]
pub struct Bearer {
    pub username: String,
    pub origin_jti: String,
    pub client_id: String,
    iss: String,
    token_use: String,
    iat: i64,
    #[serde(default)]
    nbf: Option<i64>,
}

impl Tokens {
    pub fn new(issuer: String, clients: &[Client]) -> Self {
        // A process can install one provider. For a second pool it is already installed.
        let _ = PROVIDER.install_default();
        let key = RsaKeyPair::from_der(SIGNING_KEY).expect("the key in the repository is one");
        let RsaPublicKeyComponents::<Vec<u8>> { n, e } = key.public().into();
        let encode = |bytes| URL_SAFE_NO_PAD.encode(bytes);
        let key_set = json!({"keys": [
            {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID, "n": encode(n), "e": encode(e)}
        ]});
        Self {
            signing_key: EncodingKey::from_rsa_der(SIGNING_KEY),
            verifying_key: DecodingKey::from_rsa_der(key.public().as_ref()),
            key_set,
            issuer,
            client_ids: clients.iter().map(|client| client.app.client_id().into()).collect(),
        }
    }

    /// Returns the content of `jwks.json`.
    pub fn key_set(&self) -> &Value {
        &self.key_set
    }

    /// Makes an access token and an ID token.
    pub fn make(
        &self,
        grant: &Grant,
        holder: &Holder,
        details: Option<&ClaimsOverrideDetails>,
        now: Timestamp,
    ) -> Result<AuthenticationResult> {
        let client_id = &self.client_ids[grant.client];
        let access = AccessToken {
            common: self.common(grant, holder, "access", now)?,
            client_id,
            username: &grant.username,
            scope: "aws.cognito.signin.user.admin",
            device_key: grant.device_key.as_deref(),
        };
        let id = IdToken {
            common: self.common(grant, holder, "id", now)?,
            attributes: attributes::claims(&holder.attributes),
            aud: client_id,
            username: &grant.username,
        };
        let (mut access, mut id) = (claims(&access), claims(&id));
        if let Some(details) = details {
            overrides::change_id_token(&mut id, details);
            if let Some(groups) = &details.group_override_details {
                overrides::change_access_token(&mut access, groups);
            }
        }
        Ok(AuthenticationResult::default()
            .with_access_token(self.sign(&access)?)
            .with_id_token(self.sign(&id)?)
            .with_expires_in(LIFETIME)
            .with_token_type("Bearer"))
    }

    /// Reads an access token of this pool.
    pub fn bearer(&self, access_token: &str, now: Timestamp) -> Result<Bearer> {
        // The library checks the signature and `exp`. It also accepts a missing `iss` and a
        // list, so `issued` checks the rest.
        let mut validation = Validation::new(Algorithm::RS256);
        validation.leeway = 0;
        let bearer = jsonwebtoken::decode::<Bearer>(access_token, &self.verifying_key, &validation);
        match bearer {
            Ok(bearer) if self.issued(&bearer.claims, now) => Ok(bearer.claims),
            Err(error) if *error.kind() == ErrorKind::ExpiredSignature => {
                Err(refusal::denied("Access Token has expired"))
            }
            _ => Err(refusal::denied("Invalid Access Token")),
        }
    }

    fn issued(&self, bearer: &Bearer, now: Timestamp) -> bool {
        bearer.token_use == "access"
            && bearer.iss == self.issuer
            && self.client_ids.contains(&bearer.client_id)
            && [Some(bearer.iat), bearer.nbf].into_iter().flatten().all(|time| time <= now.unix_seconds())
    }

    fn common<'a>(
        &'a self,
        grant: &'a Grant,
        holder: &'a Holder,
        token_use: &'static str,
        now: Timestamp,
    ) -> Result<Common<'a>> {
        let iat = now.unix_seconds();
        Ok(Common {
            sub: &holder.sub,
            iss: &self.issuer,
            origin_jti: &grant.origin_jti,
            event_id: random::uuid()?,
            token_use,
            auth_time: grant.auth_time,
            iat,
            exp: iat + LIFETIME,
            jti: random::uuid()?,
        })
    }

    fn sign(&self, claims: &Map<String, Value>) -> Result<String> {
        let header = Header { kid: Some(KEY_ID.into()), ..Header::new(Algorithm::RS256) };
        jsonwebtoken::encode(&header, claims, &self.signing_key).map_err(|_| cognito_srp6a::Error::RandomSource.into())
    }
}

fn claims<T: Serialize>(token: &T) -> Map<String, Value> {
    match serde_json::to_value(token).expect("texts and numbers") {
        Value::Object(claims) => claims,
        _ => Map::new(),
    }
}
