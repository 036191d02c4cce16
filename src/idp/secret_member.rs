//! Secret texts in the bodies of requests.

use alloc::string::String;

use crate::secret::secret_text;

secret_text! {
    /// A secret member of a request: wiped on drop; `Debug` hides it.
    SecretMember
}

impl SecretMember {
    /// Takes a text without a check. A server reads what a client has sent.
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// Writes the text into a body.
#[cfg(feature = "serde")]
impl serde::Serialize for SecretMember {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}
