//! The pool and the app client.

use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;
use core::str::FromStr;

use zeroize::Zeroizing;

use super::endpoint::plain_url;
use super::limits::check_length;
use super::region::Region;
use super::username::Username;
use crate::encoding::base64_of_secret;
use crate::error::{Error, Parameter};
use crate::protocol;
#[cfg(feature = "server")]
use crate::secret::Secret;
use crate::secret::secret_text;

/// `UserPoolId`: a region, `_`, and the pool's name, such as `us-east-1_AbCdEfGhI`.
///
/// ```
/// use cognito_srp6a::PoolId;
///
/// let pool_id: PoolId = "eu-central-1_AbCdEfGhI".parse()?;
/// assert_eq!(pool_id.region(), "eu-central-1");
/// assert_eq!(pool_id.endpoint(), "https://cognito-idp.eu-central-1.amazonaws.com/");
/// # Ok::<(), cognito_srp6a::Error>(())
/// ```
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

    /// The region: the part before the first `_`.
    #[must_use]
    pub fn region(&self) -> &str {
        self.split().0
    }

    /// The pool's name: the part after the first `_`. The proof hashes it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.split().1
    }

    /// The URL of the service's plain endpoint in the pool's region. [`Endpoint`](crate::Endpoint) has those for FIPS, for dual stack
    /// and of replicas.
    #[must_use]
    pub fn endpoint(&self) -> String {
        plain_url(self.region())
    }

    fn split(&self) -> (&str, &str) {
        self.0.split_once('_').expect("the parser has found a `_`")
    }
}

impl FromStr for PoolId {
    type Err = Error;

    /// Reads an id of the service's pattern, `[\w-]+_[0-9a-zA-Z]+`, where `\w` is an ASCII letter or digit or `_`. The part before the
    /// first `_` must also be a [`Region`], so `us_east_1_x` is refused.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::TooLong`], [`Error::Malformed`].
    fn from_str(text: &str) -> Result<Self, Error> {
        check_length(text, PoolId::MAX_CHARS, Parameter::UserPoolId)?;
        let fits = text.split_once('_').is_some_and(|(region, name)| Region::has_form(region) && is_pool_name(name));
        if fits { Ok(Self(text.into())) } else { Err(Error::Malformed(Parameter::UserPoolId)) }
    }
}

/// Returns whether a text is `([\w-]*_)?[0-9a-zA-Z]+`: by the pattern a name may have a `_`, but not at its end.
fn is_pool_name(text: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let (front, end) = text.rsplit_once('_').unwrap_or(("", text));
    front.chars().all(is_word) && !end.is_empty() && end.chars().all(|c| c.is_ascii_alphanumeric())
}

impl From<&PoolId> for Region {
    /// The pool's own Region.
    fn from(pool_id: &PoolId) -> Self {
        Self::of_pool(pool_id.region())
    }
}

impl fmt::Display for PoolId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

secret_text! {
    /// The secret of an app client: 24 to 64 characters of `[\w+]` (service model).
    ClientSecret
}

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
        // Made first, so that the text is wiped also when it is refused.
        let secret = Self(secret.into());
        check_length(&secret.0, *Self::CHARS.end(), Parameter::ClientSecret)?;
        let fits = secret.0.bytes().fold(1, |fits, byte| fits & is_client_byte(byte));
        if secret.0.len() < *Self::CHARS.start() || fits == 0 {
            return Err(Error::Malformed(Parameter::ClientSecret));
        }
        Ok(secret)
    }
}

/// An app client of a user pool: the pool, the client id and the secret, if it has one. Clones share one copy of the secret.
///
/// ```
/// use cognito_srp6a::{AppClient, ClientSecret};
///
/// let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?
///     .with_secret(ClientSecret::new("an0example0secret0of0thirty0chars")?);
/// // SECRET_HASH: 32 bytes in Base64, over the name in the same request.
/// assert_eq!(app.secret_hash(&"alice".parse()?).map(|hash| hash.len()), Some(44));
/// # Ok::<(), cognito_srp6a::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct AppClient {
    names: Arc<Names>,
    secret: Option<Arc<ClientSecret>>,
    other_secret: Option<Arc<ClientSecret>>,
}

#[derive(Debug)]
struct Names {
    pool_id: PoolId,
    client_id: String,
}

impl AppClient {
    /// The longest client id, in characters (service model).
    pub const MAX_CLIENT_ID_CHARS: usize = 128;

    /// Makes an app client without a secret.
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
        Ok(Self { names: Arc::new(Names { pool_id, client_id }), secret: None, other_secret: None })
    }

    /// Adds the secret. Every message then has a `SECRET_HASH` over the right name.
    #[must_use]
    pub fn with_secret(self, secret: ClientSecret) -> Self {
        Self { secret: Some(Arc::new(secret)), ..self }
    }

    /// Adds the second of two live secrets, while the app client's secret is being replaced.
    ///
    /// Messages have the hash by the secret of [`with_secret`](Self::with_secret). If the service refuses that hash, a
    /// sign-in (`idp::SignIn`) sends the same request once more with the hash by this secret, and stays with it in this
    /// process; a challenge that is put down does not keep the change. The calls that send a secret itself
    /// (`idp::GetTokensFromRefreshToken`, `idp::RevokeToken`) have the first one: after a refusal make them again for
    /// [`other_secret`](Self::other_secret).
    #[must_use]
    pub fn with_other_secret(self, secret: ClientSecret) -> Self {
        match self.secret {
            Some(_) => Self { other_secret: Some(Arc::new(secret)), ..self },
            None => self.with_secret(secret),
        }
    }

    /// Returns the app client with its other secret alone, or `None` if it has no other.
    #[must_use]
    pub fn other_secret(&self) -> Option<Self> {
        let secret = self.other_secret.clone()?;
        Some(Self { names: self.names.clone(), secret: Some(secret), other_secret: None })
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

    /// Whether the client has a secret, and its requests a `SECRET_HASH`.
    #[must_use]
    pub const fn has_secret(&self) -> bool {
        self.secret.is_some()
    }

    /// The secret, for the calls that send it.
    #[cfg(feature = "idp")]
    pub(crate) fn secret(&self) -> Option<&ClientSecret> {
        self.secret.as_deref()
    }

    /// `SECRET_HASH` for a request with the given `USERNAME`, in Base64: a credential of the app client, wiped on drop. `None` when the
    /// client has no secret.
    ///
    /// The hash is over the name in the same request. `InitiateAuth` sends the name that the user typed; an answer sends the name of
    /// the challenge, which differs when the user typed an alias.
    #[must_use]
    pub fn secret_hash(&self, username: &Username) -> Option<Zeroizing<String>> {
        let secret = self.secret.as_ref()?;
        let hash = protocol::secret_hash(secret.0.as_bytes(), username.as_str(), self.client_id());
        Some(Zeroizing::new(base64_of_secret(hash.expose())))
    }
}

#[cfg(feature = "server")]
impl AppClient {
    /// The bytes of `SECRET_HASH` by each live secret.
    pub(crate) fn secret_hashes(&self, username: &Username) -> impl Iterator<Item = Secret<32>> {
        let secrets = [&self.secret, &self.other_secret].into_iter().flatten();
        secrets.map(|secret| protocol::secret_hash(secret.0.as_bytes(), username.as_str(), self.client_id()))
    }
}

/// Returns 1 for a byte of `[\w+]` and 0 for all others. It reads client secrets, so it does not branch.
fn is_client_byte(byte: u8) -> u8 {
    let within = |first: u8, last: u8| {
        // The difference is negative, so its top bit is set, exactly when the byte is between the first and the last.
        (u16::from(byte.wrapping_sub(first)).wrapping_sub(u16::from(last - first) + 1) >> 15) as u8
    };
    within(b'0', b'9') | within(b'A', b'Z') | within(b'a', b'z') | within(b'_', b'_') | within(b'+', b'+')
}
