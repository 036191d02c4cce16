//! The claim: the client's proof of knowledge of `K`.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::inputs::{Identity, SecretBlock, Timestamp};
use super::session_key::SessionKey;
use crate::secret::Secret;

/// `PASSWORD_CLAIM_SIGNATURE`, before Base64. It is sent, and it can be replayed until its challenge expires.
pub(crate) struct Signature(Secret<32>);

impl Signature {
    // Departure: proof
    //   HMAC-SHA256(K, realm ‖ name ‖ secret block ‖ timestamp)

    /// Returns the claim of an identity on a secret block and a timestamp.
    #[allow(non_snake_case, reason = "SRP's letter for the session key")]
    pub(crate) fn new(
        K: &SessionKey,
        identity: Identity<'_>,
        secret_block: SecretBlock<'_>,
        timestamp: Timestamp<'_>,
    ) -> Self {
        let mut mac = Hmac::<Sha256>::new_from_slice(K.expose()).expect("HMAC takes keys of any length");
        mac.update(identity.realm.as_bytes());
        mac.update(identity.name.as_bytes());
        mac.update(secret_block.0);
        mac.update(timestamp.0.as_bytes());
        Self::from_bytes(mac.finalize().into_bytes().into())
    }

    /// Returns a claim that was received.
    pub(crate) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Secret::new(bytes))
    }

    /// Returns the bytes.
    pub(crate) const fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    /// Returns whether two claims are equal, in constant time.
    pub(crate) fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}
