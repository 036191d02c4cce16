//! Maps of strings, as AWS calls them: `AuthParameters`, `ChallengeParameters`, `ChallengeResponses`.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
#[cfg(feature = "std")]
use std::collections::HashMap;

use crate::error::{Error, Parameter};

/// A map of strings to read parameters from.
///
/// Implemented for the map that the AWS SDK for Rust uses, for `BTreeMap`, and for pairs in a slice, an array or a `Vec`.
pub trait Parameters {
    /// Returns the value that stands under a name.
    fn parameter(&self, name: &str) -> Option<&str>;
}

#[cfg(feature = "std")]
impl<S: core::hash::BuildHasher> Parameters for HashMap<String, String, S> {
    fn parameter(&self, name: &str) -> Option<&str> {
        self.get(name).map(String::as_str)
    }
}

impl Parameters for BTreeMap<String, String> {
    fn parameter(&self, name: &str) -> Option<&str> {
        self.get(name).map(String::as_str)
    }
}

impl<K: AsRef<str>, V: AsRef<str>> Parameters for [(K, V)] {
    fn parameter(&self, name: &str) -> Option<&str> {
        self.iter().find(|(key, _)| key.as_ref() == name).map(|(_, value)| value.as_ref())
    }
}

impl<K: AsRef<str>, V: AsRef<str>, const LEN: usize> Parameters for [(K, V); LEN] {
    fn parameter(&self, name: &str) -> Option<&str> {
        self[..].parameter(name)
    }
}

impl<K: AsRef<str>, V: AsRef<str>> Parameters for Vec<(K, V)> {
    fn parameter(&self, name: &str) -> Option<&str> {
        self[..].parameter(name)
    }
}

/// Returns a parameter that must be there.
pub(crate) fn required<P: Parameters + ?Sized>(parameters: &P, parameter: Parameter) -> Result<&str, Error> {
    parameters.parameter(parameter.name()).ok_or(Error::Missing(parameter))
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
