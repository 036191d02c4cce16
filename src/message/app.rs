//! The pool and the app client.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;
use core::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::limits::check_length;
use super::username::Username;
use crate::error::{Error, Parameter};
use crate::protocol;

/// `UserPoolId`: a region, `_`, and the pool's name in it, such as `us-east-1_AbCdEfGhI`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PoolId(String);

impl PoolId {
    /// The longest id, in characters (service model).
    pub const MAX_CHARS: usize = 55;

    /// The whole id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the first `_`: the region.
    #[must_use]
    pub fn region(&self) -> &str {
        self.split().0
    }

    /// The part after the first `_`: the pool's name, which goes into the hashes.
    #[must_use]
    pub fn name(&self) -> &str {
        self.split().1
    }

    /// The service's endpoint in the pool's region, in the partitions `aws`, `aws-us-gov` and `aws-cn`. Others have domains of
    /// their own.
    #[must_use]
    pub fn endpoint(&self) -> String {
        let region = self.region();
        // The partition of China has a domain of its own.
        let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        format!("https://cognito-idp.{region}.{suffix}/")
    }

    fn split(&self) -> (&str, &str) {
        self.0.split_once('_').expect("checked when the id was read")
    }
}

impl FromStr for PoolId {
    type Err = Error;

    /// Reads an id by the service's pattern, `[\w-]+_[0-9a-zA-Z]+`, where `\w` is a letter or digit of ASCII or `_`.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::TooLong`], [`Error::Malformed`].
    fn from_str(text: &str) -> Result<Self, Error> {
        check_length(text, PoolId::MAX_CHARS, Parameter::UserPoolId)?;
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let fits = text.rsplit_once('_').is_some_and(|(region, name)| {
            !region.is_empty()
                && region.chars().all(is_word)
                && !name.is_empty()
                && name.chars().all(|c| c.is_ascii_alphanumeric())
        });
        if fits { Ok(Self(text.into())) } else { Err(Error::Malformed(Parameter::UserPoolId)) }
    }
}

impl fmt::Display for PoolId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The secret of an app client. Wiped on drop, never printed.
pub struct ClientSecret(String);

impl ClientSecret {
    /// The shortest and the longest secret, in characters (service model).
    pub const CHARS: core::ops::RangeInclusive<usize> = 24..=64;

    /// Takes a secret.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::TooLong`]; [`Error::Malformed`] when it is shorter than 24 characters or does not fit
    /// the service's pattern, `[\w+]+`.
    pub fn new(secret: impl Into<String>) -> Result<Self, Error> {
        // Made first, so that the text is wiped when it is refused, too.
        let secret = Self(secret.into());
        check_length(&secret.0, *Self::CHARS.end(), Parameter::ClientSecret)?;
        let fits = secret.0.bytes().fold(1, |fits, byte| fits & is_client_byte(byte));
        if secret.0.len() < *Self::CHARS.start() || fits == 0 {
            return Err(Error::Malformed(Parameter::ClientSecret));
        }
        Ok(secret)
    }
}

impl Drop for ClientSecret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl ZeroizeOnDrop for ClientSecret {}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSecret").finish_non_exhaustive()
    }
}

/// An app client of a user pool: what every call needs to know. Clones share one copy of the secret.
#[derive(Clone, Debug)]
pub struct AppClient {
    names: Arc<Names>,
    secret: Option<Arc<ClientSecret>>,
}

#[derive(Debug)]
struct Names {
    pool_id: PoolId,
    client_id: String,
}

impl AppClient {
    /// The longest client id, in characters (service model).
    pub const MAX_CLIENT_ID_CHARS: usize = 128;

    /// An app client without a secret.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::TooLong`] or [`Error::Malformed`] for a client id that does not fit the service's
    /// pattern, `[\w+]+`.
    pub fn new(pool_id: PoolId, client_id: impl Into<String>) -> Result<Self, Error> {
        let client_id = client_id.into();
        check_length(&client_id, Self::MAX_CLIENT_ID_CHARS, Parameter::ClientId)?;
        if client_id.bytes().any(|byte| is_client_byte(byte) == 0) {
            return Err(Error::Malformed(Parameter::ClientId));
        }
        Ok(Self { names: Arc::new(Names { pool_id, client_id }), secret: None })
    }

    /// The same with its secret. Every message then has the `SECRET_HASH` over the right name.
    #[must_use]
    pub fn with_secret(self, secret: ClientSecret) -> Self {
        Self { secret: Some(Arc::new(secret)), ..self }
    }

    /// The pool.
    #[must_use]
    pub fn pool_id(&self) -> &PoolId {
        &self.names.pool_id
    }

    /// `ClientId`.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.names.client_id
    }

    /// `SECRET_HASH` for a request whose `USERNAME` is given, in Base64; nothing when the client has no secret.
    ///
    /// The hash is over the name that stands in the same request. An answer's name is that of the challenge, which is not
    /// the one that the sign-in began with when that was an alias.
    #[must_use]
    pub fn secret_hash(&self, username: &Username) -> Option<String> {
        let secret = self.secret.as_ref()?;
        Some(STANDARD.encode(protocol::secret_hash(secret.0.as_bytes(), username.as_str(), self.client_id())))
    }
}

/// Returns 1 for a byte of `[\w+]` and 0 for all others. Client secrets are read with it, so it does not branch.
fn is_client_byte(byte: u8) -> u8 {
    let within = |first: u8, last: u8| {
        // Below zero, and so with its top bit set, exactly when the distance from the first is not above that of the last.
        (u16::from(byte.wrapping_sub(first)).wrapping_sub(u16::from(last - first) + 1) >> 15) as u8
    };
    within(b'0', b'9') | within(b'A', b'Z') | within(b'a', b'z') | within(b'_', b'_') | within(b'+', b'+')
}
