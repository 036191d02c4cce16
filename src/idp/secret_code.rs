//! `SecretCode`, and the URI that an authenticator app reads.

use alloc::string::String;
use core::fmt::Write as _;

use zeroize::Zeroizing;

use crate::error::{Error, Parameter};
use crate::message::check_length;
use crate::secret::secret_text;

secret_text! {
    /// `SecretCode`: the secret that the user's authenticator app and the service share. Wiped on drop; `Debug` hides
    /// it.
    ///
    /// The user types [`expose`](Self::expose) into the app, or scans a QR code of
    /// [`otpauth_uri`](Self::otpauth_uri). Show it once and keep no copy.
    SecretCode
}

impl SecretCode {
    /// The shortest code, in characters (service model).
    pub const MIN_CHARS: usize = 16;

    /// The longest code, in characters. The service's model sets no limit; its own codes have 52.
    pub const MAX_CHARS: usize = 1024;

    /// The longest issuer and the longest account of [`otpauth_uri`](Self::otpauth_uri), in characters.
    pub const MAX_LABEL_CHARS: usize = 256;

    /// Takes a code that the service has issued.
    ///
    /// # Errors
    ///
    /// - [`Error::Empty`]: the text is empty.
    /// - [`Error::TooLong`]: the text exceeds [`MAX_CHARS`](Self::MAX_CHARS).
    /// - [`Error::Malformed`]: the text has fewer than [`MIN_CHARS`](Self::MIN_CHARS) characters or does not match the
    ///   service's pattern, `[A-Za-z0-9]+`.
    pub fn new(code: impl Into<String>) -> Result<Self, Error> {
        // Made first, so that the text is wiped also if it is refused.
        let code = Self(code.into());
        check_length(&code.0, Self::MAX_CHARS, Parameter::SecretCode)?;
        // No branch depends on a single character.
        let fits = code.0.bytes().fold(true, |fits, byte| fits & byte.is_ascii_alphanumeric());
        if code.0.len() < Self::MIN_CHARS || !fits {
            return Err(Error::Malformed(Parameter::SecretCode));
        }
        Ok(code)
    }

    /// Returns the URI for a QR code, in the Key URI format of authenticator apps. It is a secret, wiped on drop.
    ///
    /// `issuer` is the name of the caller's service and `account` the user's name in it. The app shows both.
    ///
    /// ```
    /// use cognito_srp6a::idp::SecretCode;
    ///
    /// # fn main() -> Result<(), cognito_srp6a::Error> {
    /// let code = SecretCode::new("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")?;
    /// assert_eq!(
    ///     *code.otpauth_uri("Example & Co", "alice@example.com")?,
    ///     "otpauth://totp/Example%20%26%20Co:alice%40example.com\
    ///      ?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Example%20%26%20Co",
    /// );
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`Error::Empty`]: `issuer` or `account` is empty.
    /// - [`Error::TooLong`]: one of them exceeds [`MAX_LABEL_CHARS`](Self::MAX_LABEL_CHARS).
    /// - [`Error::Malformed`]: one of them has a colon, which separates both in the format.
    pub fn otpauth_uri(&self, issuer: &str, account: &str) -> Result<Zeroizing<String>, Error> {
        for text in [issuer, account] {
            check_length(text, Self::MAX_LABEL_CHARS, Parameter::OtpauthLabel)?;
            if text.contains(':') {
                return Err(Error::Malformed(Parameter::OtpauthLabel));
            }
        }
        // Each byte becomes three characters at most. A buffer that grew would leave copies in freed memory.
        let capacity = URI_PARTS_CHARS + 6 * issuer.len() + 3 * account.len() + self.0.len();
        let mut uri = Zeroizing::new(String::with_capacity(capacity));
        uri.push_str("otpauth://totp/");
        push_encoded(&mut uri, issuer);
        uri.push(':');
        push_encoded(&mut uri, account);
        uri.push_str("?secret=");
        uri.push_str(&self.0);
        uri.push_str("&issuer=");
        push_encoded(&mut uri, issuer);
        debug_assert!(uri.len() <= capacity);
        Ok(uri)
    }
}

/// At least as many characters as the fixed parts of the URI have.
const URI_PARTS_CHARS: usize = 40;

/// Adds a text in percent-encoding. RFC 3986 §2.3: only unreserved characters stand for themselves.
fn push_encoded(uri: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a `String` does not fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
}

/// Writes a code into a body, as a server does. The wiping type itself does not implement `Serialize`.
#[cfg(feature = "serde")]
pub(super) fn serialize<S: serde::Serializer>(code: &SecretCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(code.expose())
}
