//! The secret block.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::limits::check_bytes;
use crate::error::{Error, Parameter};
use crate::protocol;

/// `SECRET_BLOCK`: the server's handle for the exchange. The client signs its bytes and sends its text back.
///
/// It is no secret of the client: it crosses the wire in clear, inside TLS, in both directions.
///
/// ```
/// use cognito_srp6a::SecretBlock;
///
/// let block: SecretBlock = "AAECAw==".parse()?;
/// assert_eq!(block.as_bytes(), [0, 1, 2, 3]);
/// assert!("AAECAw".parse::<SecretBlock>().is_err(), "the padding is missing");
/// # Ok::<(), cognito_srp6a::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretBlock {
    text: String,
    bytes: Vec<u8>,
}

impl SecretBlock {
    /// The longest text, in characters of Base64: 16,384. The service's own blocks have about 1,700.
    pub const MAX_TEXT: usize = 16 * 1024;

    /// The most bytes: three for four characters of the longest text.
    pub const MAX_BYTES: usize = 3 * (Self::MAX_TEXT >> 2);

    /// Encodes bytes.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], or [`Error::TooLong`] when the text would have more than 16,384 characters.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        check_bytes(bytes.len(), Self::MAX_BYTES, Parameter::SecretBlock)?;
        Ok(Self { text: STANDARD.encode(bytes), bytes: bytes.to_vec() })
    }

    /// The text, exactly as it was read.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The bytes that the client signs.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The block as the equations take it.
    pub(crate) fn for_proof(&self) -> protocol::SecretBlock<'_> {
        protocol::SecretBlock(&self.bytes)
    }

    /// The text, by value.
    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

impl FromStr for SecretBlock {
    type Err = Error;

    /// Reads standard Base64 with padding and without line breaks. Only the canonical spelling is taken.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::TooLong`], [`Error::NotBase64`].
    fn from_str(text: &str) -> Result<Self, Error> {
        check_bytes(text.len(), Self::MAX_TEXT, Parameter::SecretBlock)?;
        let bytes = STANDARD.decode(text).map_err(|_| Error::NotBase64(Parameter::SecretBlock))?;
        Ok(Self { text: text.into(), bytes })
    }
}

impl fmt::Display for SecretBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
