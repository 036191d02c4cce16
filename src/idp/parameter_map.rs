//! `AuthParameters` and `ChallengeResponses`.

use alloc::collections::BTreeMap;
use alloc::string::String;
use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::names::MAX_ENTRIES;
use crate::error::{Error, Parameter};
use crate::message::{ParameterSource, check_maximum};

/// `AuthParameters` or `ChallengeResponses`: texts by name, which may be secrets.
///
/// The values are wiped on drop, and `Debug` shows only names. [`parameter`](ParameterSource::parameter) finds one
/// value.
#[derive(Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct ParameterMap(BTreeMap<String, String>);

impl ParameterMap {
    /// The longest value, in characters (service model, `StringType`).
    pub const MAX_VALUE_CHARS: usize = 131_072;

    /// The names and values, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Returns a copy for the AWS SDK for Rust. The copy is not wiped.
    #[cfg(feature = "std")]
    #[must_use]
    pub fn to_hash_map(&self) -> std::collections::HashMap<String, String> {
        self.0.clone().into_iter().collect()
    }

    /// Sets a value. A value of the same name is wiped and replaced.
    pub(super) fn insert(&mut self, name: impl Into<String>, value: impl Into<String>) {
        if let Some(mut old) = self.0.insert(name.into(), value.into()) {
            old.zeroize();
        }
    }

    /// Copies the map. The copy's values are wiped on drop as well.
    pub(super) fn duplicate(&self) -> Self {
        Self(self.0.clone())
    }

    /// Returns the map by value. Its values are no longer wiped.
    #[cfg(feature = "serde")]
    pub(super) fn into_texts(mut self) -> BTreeMap<String, String> {
        core::mem::take(&mut self.0)
    }

    /// Takes the parameters of a message.
    pub(super) fn of_message<K: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        pairs.into_iter().collect()
    }

    /// Refuses a map that exceeds a limit, as an error of the parameter that the map is.
    pub(super) fn check(&self, parameter: Parameter) -> Result<(), Error> {
        if self.0.len() > MAX_ENTRIES {
            return Err(Error::TooLong(parameter));
        }
        let texts = self.0.iter().flat_map(|(name, value)| [name, value]);
        texts.into_iter().try_for_each(|text| check_maximum(text, Self::MAX_VALUE_CHARS, parameter))
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for ParameterMap {
    /// Takes names and values. The last of several values of one name stays.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut parameters = Self::default();
        for (name, value) in pairs {
            parameters.insert(name, value);
        }
        parameters
    }
}

impl ParameterSource for ParameterMap {
    fn parameter(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

impl Drop for ParameterMap {
    fn drop(&mut self) {
        self.0.values_mut().for_each(Zeroize::zeroize);
    }
}

impl ZeroizeOnDrop for ParameterMap {}

impl fmt::Debug for ParameterMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
