//! The names of a remembered device.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use super::limits::check_length;
use crate::error::{Error, Parameter};
use crate::protocol::Identity;

/// `DEVICE_KEY`: the name of a remembered device, such as `us-east-1_0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DeviceKey(String);

impl DeviceKey {
    /// The longest key, in characters (service model).
    pub const MAX_CHARS: usize = 55;

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DeviceKey {
    type Err = Error;

    /// Reads a key of the service's pattern, `[\w-]+_[0-9a-f-]+`.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::TooLong`], [`Error::Malformed`].
    fn from_str(text: &str) -> Result<Self, Error> {
        check_length(text, Self::MAX_CHARS, Parameter::DeviceKey)?;
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let is_id = |c: char| matches!(c, '0'..='9' | 'a'..='f' | '-');
        let fits = text.rsplit_once('_').is_some_and(|(region, id)| {
            !region.is_empty() && region.chars().all(is_word) && !id.is_empty() && id.chars().all(is_id)
        });
        if fits { Ok(Self(text.into())) } else { Err(Error::Malformed(Parameter::DeviceKey)) }
    }
}

impl fmt::Display for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The two names of a device, as `NewDeviceMetadata` has them: `DeviceKey` and `DeviceGroupKey`.
///
/// ```
/// use cognito_srp6a::Device;
///
/// let key = "us-east-1_0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9".parse()?;
/// let device = Device::new(key, "-aBcDeFgH")?;
/// assert_eq!(device.group_key(), "-aBcDeFgH");
/// # Ok::<(), cognito_srp6a::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Device {
    key: DeviceKey,
    group_key: String,
}

impl Device {
    /// The longest group key, in characters. The service's model sets no limit; its own group keys have about ten.
    pub const MAX_GROUP_KEY_CHARS: usize = 128;

    /// Makes a device of its names.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] or [`Error::TooLong`] for the group key.
    pub fn new(key: DeviceKey, group_key: impl Into<String>) -> Result<Self, Error> {
        let group_key = group_key.into();
        check_length(&group_key, Self::MAX_GROUP_KEY_CHARS, Parameter::DeviceGroupKey)?;
        Ok(Self { key, group_key })
    }

    /// `DeviceKey`.
    #[must_use]
    pub const fn key(&self) -> &DeviceKey {
        &self.key
    }

    /// `DeviceGroupKey`.
    #[must_use]
    pub fn group_key(&self) -> &str {
        &self.group_key
    }

    /// The names as the equations take them.
    pub(crate) fn identity(&self) -> Identity<'_> {
        Identity { realm: &self.group_key, name: &self.key.0 }
    }
}
