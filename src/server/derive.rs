//! Values that a server derives from a key of its own.

use alloc::vec::Vec;

use hkdf::Hkdf;
use sha2::Sha256;

use super::record::Kind;
use crate::protocol::Identity;
use crate::secret::Secret;

/// HKDF-Expand under a key (RFC 5869 §2.3): at most 384 bytes for a label and an input. Each use has a label of its own, so that no
/// value of one kind can stand for another. The caller wipes the stack.
pub(super) fn derive(key: &Secret<32>, label: &[u8], input: &[u8], out: &mut [u8]) {
    Hkdf::<Sha256>::from_prk(key.expose())
        .expect("32 bytes are one hash")
        .expand_multi_info(&[b"cognito-srp6a ", label, &[0], input], out)
        .expect("384 bytes are less than HKDF's limit of 255 hashes");
}

/// Kind, realm and name, the names each with its length before it, so that no other record has the same bytes.
pub(super) fn framed(kind: Kind, identity: Identity<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(17 + identity.realm.len() + identity.name.len());
    out.push(match kind {
        Kind::User => 0,
        Kind::Device => 1,
    });
    for part in [identity.realm, identity.name] {
        out.extend_from_slice(&(part.len() as u64).to_be_bytes());
        out.extend_from_slice(part.as_bytes());
    }
    out
}
