//! Verifiers, on the heap, so that a move leaves no copy behind.

use alloc::boxed::Box;

use super::inputs::{Identity, Password, Salt};
use super::srp6a::{PrivateKey, Verifier};
use crate::error::Error;
use crate::stack::with_wiped_stack;

/// Returns the verifier of a password.
pub(crate) fn verifier_of(identity: Identity<'_>, password: Password<'_>, salt: Salt<'_>) -> Box<Verifier> {
    with_wiped_stack(|| Box::new(Verifier::new(&PrivateKey::new(identity, password, salt))))
}

/// Reads a verifier, as [`Verifier::read`] does.
pub(crate) fn read_verifier(bytes: &[u8; 384]) -> Result<Box<Verifier>, Error> {
    with_wiped_stack(|| Verifier::read(bytes).map(Box::new))
}

/// Copies a verifier. The copy is wiped as well.
#[cfg(feature = "server")]
pub(crate) fn copy_of(verifier: &Verifier) -> Box<Verifier> {
    with_wiped_stack(|| Box::new(verifier.copy()))
}
