//! The inputs of the equations' hashes. Each input has its own type, so swapped arguments do not compile.

/// A realm and a name in it. The protocol distinguishes users from devices by these two alone.
///
/// | | realm | name |
/// |---|---|---|
/// | user | the pool id after its first `_` | `USER_ID_FOR_SRP` |
/// | device | `DeviceGroupKey` | `DeviceKey` |
#[derive(Clone, Copy, Debug)]
pub struct Identity<'a> {
    /// The realm.
    pub realm: &'a str,
    /// The name in it.
    pub name: &'a str,
}

/// `P`, the password. It is secret, so the type has no `Debug`.
#[derive(Clone, Copy)]
pub(crate) struct Password<'a>(pub(crate) &'a [u8]);

/// `s`, the salt: a big-endian integer of at most 384 bytes. Leading zero bytes change nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Salt<'a>(pub(crate) &'a [u8]);

/// The secret block, decoded from Base64.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SecretBlock<'a>(pub(crate) &'a [u8]);

/// The text of the timestamp, exactly as it is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timestamp<'a>(pub(crate) &'a str);
