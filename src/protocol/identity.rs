//! Who proves what: the pair of names that goes into `x` and into the claim.

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
