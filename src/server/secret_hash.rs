//! The server's check of `SECRET_HASH`.

use subtle::{Choice, ConstantTimeEq};

use crate::encoding::base64_wiped;
use crate::error::{Error, Parameter};
use crate::message::{AppClient, Username};

/// The Base64 of 32 bytes.
const CHARACTERS: usize = 44;

impl AppClient {
    /// Checks the `SECRET_HASH` of a request with the given `USERNAME`. The time does not depend on the client secret.
    ///
    /// ```
    /// use cognito_srp6a::{AppClient, ClientSecret, Error, Parameter};
    ///
    /// let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?
    ///     .with_secret(ClientSecret::new("an0example0secret0of0thirty0chars")?);
    /// let hash = app.secret_hash(&"alice".parse()?).expect("the client has a secret");
    ///
    /// app.verify_secret_hash(&"alice".parse()?, Some(&hash))?;
    /// assert_eq!(app.verify_secret_hash(&"bob".parse()?, Some(&hash)), Err(Error::WrongSecretHash));
    /// assert_eq!(app.verify_secret_hash(&"alice".parse()?, None), Err(Error::Missing(Parameter::SecretHash)));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// `InitiateAuth` has the hash over the name that the user typed, an answer the hash over the canonical name. While a client has two
    /// secrets ([`with_other_secret`](AppClient::with_other_secret)), a hash by either is right.
    ///
    /// A client without a secret has no right hash. The service refuses any at `InitiateAuth` and ignores one in answers: skip the check
    /// there unless the client [has a secret](AppClient::has_secret).
    ///
    /// # Errors
    ///
    /// [`Error::Missing`] without a hash, if the client has a secret. [`Error::WrongSecretHash`] for any other text than the hash, and
    /// for a hash if the client has no secret.
    pub fn verify_secret_hash(&self, username: &Username, presented: Option<&str>) -> Result<(), Error> {
        if !self.has_secret() {
            return if presented.is_none() { Ok(()) } else { Err(Error::WrongSecretHash) };
        }
        let text = presented.ok_or(Error::Missing(Parameter::SecretHash))?;
        if text.len() != CHARACTERS {
            return Err(Error::WrongSecretHash);
        }
        // Bytes are compared and not texts: Base64 of the expected hash would look its digits up in a table.
        let bytes = base64_wiped(text).ok_or(Error::WrongSecretHash)?;
        let hashes = self.secret_hashes(username);
        let is_right = hashes.fold(Choice::from(0), |right, hash| right | hash.expose().ct_eq(&bytes[..]));
        if bool::from(is_right) { Ok(()) } else { Err(Error::WrongSecretHash) }
    }
}
