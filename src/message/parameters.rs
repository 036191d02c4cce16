//! Maps of strings, as AWS calls them: `AuthParameters`, `ChallengeParameters`, `ChallengeResponses`.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
#[cfg(feature = "std")]
use std::collections::HashMap;

use zeroize::Zeroizing;

use super::device::DeviceKey;
use super::limits::check_maximum;
use crate::error::{Error, Parameter};

/// A map of strings that parameters are read from.
///
/// The map of the AWS SDK for Rust (`HashMap`) is one, as are `BTreeMap` and pairs in a slice, an array or a `Vec`.
///
/// ```
/// use cognito_srp6a::ParameterSource;
///
/// let parameters = [("SALT", "0a1b"), ("USERNAME", "alice")];
/// assert_eq!(parameters.parameter("SALT"), Some("0a1b"));
/// assert_eq!(parameters.parameter("SRP_B"), None);
/// ```
pub trait ParameterSource {
    /// Returns the value of a parameter.
    fn parameter(&self, name: &str) -> Option<&str>;
}

#[cfg(feature = "std")]
impl<S: core::hash::BuildHasher> ParameterSource for HashMap<String, String, S> {
    fn parameter(&self, name: &str) -> Option<&str> {
        self.get(name).map(String::as_str)
    }
}

impl ParameterSource for BTreeMap<String, String> {
    fn parameter(&self, name: &str) -> Option<&str> {
        self.get(name).map(String::as_str)
    }
}

impl<K: AsRef<str>, V: AsRef<str>> ParameterSource for [(K, V)] {
    fn parameter(&self, name: &str) -> Option<&str> {
        self.iter().find(|(key, _)| key.as_ref() == name).map(|(_, value)| value.as_ref())
    }
}

impl<K: AsRef<str>, V: AsRef<str>, const LEN: usize> ParameterSource for [(K, V); LEN] {
    fn parameter(&self, name: &str) -> Option<&str> {
        self[..].parameter(name)
    }
}

impl<K: AsRef<str>, V: AsRef<str>> ParameterSource for Vec<(K, V)> {
    fn parameter(&self, name: &str) -> Option<&str> {
        self[..].parameter(name)
    }
}

/// Returns a parameter that must be there.
pub(crate) fn required<P: ParameterSource + ?Sized>(parameters: &P, parameter: Parameter) -> Result<&str, Error> {
    parameters.parameter(parameter.name()).ok_or(Error::Missing(parameter))
}

/// Reads `DEVICE_KEY`, which may be absent.
pub(super) fn device_key<P: ParameterSource + ?Sized>(parameters: &P) -> Result<Option<DeviceKey>, Error> {
    parameters.parameter(Parameter::DeviceKey.name()).map(str::parse).transpose()
}

/// The length of 32 bytes in Base64, which claims and `SECRET_HASH` are.
pub(super) const MAX_HASH: usize = 44;

/// Reads `SECRET_HASH`, which may be absent.
pub(super) fn secret_hash<P: ParameterSource + ?Sized>(parameters: &P) -> Result<Option<Zeroizing<String>>, Error> {
    let Some(hash) = parameters.parameter(Parameter::SecretHash.name()) else { return Ok(None) };
    check_maximum(hash, MAX_HASH, Parameter::SecretHash)?;
    Ok(Some(Zeroizing::new(hash.into())))
}

/// Returns `SECRET_HASH` as a pair of the message, whose caller wipes it.
pub(super) fn secret_hash_pair(mut hash: Zeroizing<String>) -> (&'static str, String) {
    (Parameter::SecretHash.name(), core::mem::take(&mut *hash))
}

/// Messages become the map of strings that the AWS SDK for Rust takes.
macro_rules! into_map {
    ($($message:ty),*) => {$(
        #[cfg(feature = "std")]
        impl<S: core::hash::BuildHasher + Default> From<$message>
            for std::collections::HashMap<alloc::string::String, alloc::string::String, S>
        {
            fn from(message: $message) -> Self {
                message.into_pairs().into_iter().map(|(name, value)| (name.into(), value)).collect()
            }
        }
    )*};
}

pub(super) use into_map;
