//! The secret block.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::error::{Error, Parameter};
use crate::protocol;

/// `SECRET_BLOCK`: the server's handle for the exchange. The client signs its bytes and sends its text back.
///
/// Despite its name it is no secret of the client's: it travels in clear inside TLS both ways.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretBlock {
    text: String,
    bytes: Vec<u8>,
}

impl SecretBlock {
    /// The longest text, in characters of Base64: 16 KiB. The service's own blocks have about 1,700.
    pub const MAX_TEXT: usize = 16 * 1024;

    /// The bytes that fit into the longest text: three for every four characters.
    pub const MAX_BYTES: usize = 3 * (Self::MAX_TEXT >> 2);

    /// Encodes bytes.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], or [`Error::TooLong`] when the text would have more than 16,384 characters.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.is_empty() {
            return Err(Error::Empty(Parameter::SecretBlock));
        }
        if bytes.len() > Self::MAX_BYTES {
            return Err(Error::TooLong(Parameter::SecretBlock));
        }
        Ok(Self { text: STANDARD.encode(bytes), bytes: bytes.to_vec() })
    }

    /// The text, as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The bytes, as they are signed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The block as the equations take it.
    pub(crate) fn for_proof(&self) -> protocol::SecretBlock<'_> {
        protocol::SecretBlock(&self.bytes)
    }

    /// The text, as it came.
    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

impl FromStr for SecretBlock {
    type Err = Error;

    /// Reads standard Base64 with padding, without line breaks, in its one canonical spelling.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::TooLong`], [`Error::NotBase64`].
    fn from_str(text: &str) -> Result<Self, Error> {
        if text.is_empty() {
            return Err(Error::Empty(Parameter::SecretBlock));
        }
        if text.len() > Self::MAX_TEXT {
            return Err(Error::TooLong(Parameter::SecretBlock));
        }
        let bytes = STANDARD.decode(text).map_err(|_| Error::NotBase64(Parameter::SecretBlock))?;
        Ok(Self { text: text.into(), bytes })
    }
}

impl fmt::Display for SecretBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
