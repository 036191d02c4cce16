//! The texts and bytes that the equations hash, each in a type of its own, so that no two can be swapped.

/// A realm and a name in it. Users and devices differ in nothing else.
///
/// | | realm | name |
/// |---|---|---|
/// | user | the pool id after its first `_` | `USER_ID_FOR_SRP` |
/// | device | `DeviceGroupKey` | `DeviceKey` |
#[derive(Clone, Copy, Debug)]
pub(crate) struct Identity<'a> {
    pub(crate) realm: &'a str,
    pub(crate) name: &'a str,
}

/// `P`, the password. A secret, so it has no `Debug`.
#[derive(Clone, Copy)]
pub(crate) struct Password<'a>(pub(crate) &'a [u8]);

/// `s`, the salt: the magnitude of an integer, big-endian, at most 384 bytes. Leading zero bytes make no difference.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Salt<'a>(pub(crate) &'a [u8]);

/// The secret block, decoded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SecretBlock<'a>(pub(crate) &'a [u8]);

/// The timestamp's text, as it is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timestamp<'a>(pub(crate) &'a str);
