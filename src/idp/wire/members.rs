//! A reader of JSON objects that leaves no copy of a secret in memory and needs little more memory than the body.
//!
//! `serde_json` unescapes strings in a buffer that it does not wipe, and its errors quote values of the wrong type. So
//! it only finds the members here, as [`RawValue`]s that borrow from the body. [`unescape`] reads the strings, into memory
//! that is wiped on drop.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::idp::body_error::BodyError;
use crate::idp::credentials::Session;
use crate::idp::json_string::unescape;
use crate::idp::names::MAX_ENTRIES;
use crate::idp::parameter_map::ParameterMap;

/// A type that is read from the members of an object.
pub(super) trait Read: Sized {
    fn read(members: &Members<'_>) -> Result<Self, BodyError>;
}

/// The members of an object. No two have the same name.
pub(super) struct Members<'a>(Vec<(Zeroizing<String>, &'a RawValue)>);

impl<'a> Members<'a> {
    /// Finds the members of a body, which must be an object.
    pub(super) fn of_body(body: &'a [u8]) -> Result<Self, BodyError> {
        let body = serde_json::from_slice::<&RawValue>(body).map_err(|_| BodyError::NotJson)?;
        Self::of_value(body)
    }

    /// Finds the members of an object. A name that occurs twice is an error: two readers of the body might take one value each.
    fn of_value(value: &'a RawValue) -> Result<Self, BodyError> {
        let Pairs(pairs) = entries(value, '{')?;
        let named = pairs.into_iter().map(|(name, value)| Ok((string(name)?.ok_or(BodyError::Malformed)?, value)));
        let members = named.collect::<Result<Vec<_>, _>>()?;
        let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(BodyError::Malformed);
        }
        Ok(Self(members))
    }

    /// Returns the member of a name. `null` counts as absent, because other servers send it.
    fn get(&self, name: &str) -> Option<&'a RawValue> {
        let found = self.0.iter().find(|(key, _)| key.as_str() == name).map(|(_, value)| *value);
        found.filter(|value| value.get() != "null")
    }

    /// Returns a text.
    pub(super) fn text(&self, name: &str) -> Result<Option<Zeroizing<String>>, BodyError> {
        self.get(name).map_or(Ok(None), string)
    }

    /// Returns a text that need not be wiped.
    pub(super) fn public_text(&self, name: &str) -> Result<Option<String>, BodyError> {
        Ok(self.text(name)?.map(taken))
    }

    /// Returns a required text that need not be wiped.
    pub(super) fn required_text(&self, name: &str) -> Result<String, BodyError> {
        self.public_text(name)?.ok_or(BodyError::Malformed)
    }

    /// Returns a name of the service of at most `max` characters.
    pub(super) fn name<N: for<'n> From<&'n str>>(&self, name: &str, max: usize) -> Result<Option<N>, BodyError> {
        self.text(name)?.map(|text| service_name(&text, max)).transpose()
    }

    /// Returns a list of names of the service of at most `max` characters each.
    pub(super) fn names<N: for<'n> From<&'n str>>(&self, name: &str, max: usize) -> Result<Vec<N>, BodyError> {
        let entries = self.list(name)?.into_iter();
        entries.map(|entry| service_name(&string(entry)?.ok_or(BodyError::Malformed)?, max)).collect()
    }

    /// Returns a map of texts. A `null` counts as absent: amazon-cognito-identity-js sends `"DEVICE_KEY": null` when it
    /// has no device.
    pub(super) fn texts(&self, name: &str) -> Result<ParameterMap, BodyError> {
        let mut texts = ParameterMap::default();
        for (name, value) in self.object(name)?.into_iter().flat_map(|members| members.0) {
            if let Some(value) = string(value)? {
                texts.insert(taken(name), taken(value));
            }
        }
        Ok(texts)
    }

    /// Returns a value that is read from an object.
    pub(super) fn value<T: Read>(&self, name: &str) -> Result<Option<T>, BodyError> {
        self.object(name)?.map(|members| T::read(&members)).transpose()
    }

    /// Returns an object.
    pub(super) fn object(&self, name: &str) -> Result<Option<Self>, BodyError> {
        self.get(name).map(Self::of_value).transpose()
    }

    /// Returns a list of objects.
    pub(super) fn objects(&self, name: &str) -> Result<Vec<Self>, BodyError> {
        self.list(name)?.into_iter().map(Self::of_value).collect()
    }

    fn list(&self, name: &str) -> Result<Vec<&'a RawValue>, BodyError> {
        let Some(value) = self.get(name) else { return Ok(Vec::new()) };
        let List(entries) = entries(value, '[')?;
        Ok(entries)
    }

    /// Returns a number or a truth value.
    pub(super) fn scalar<T: Deserialize<'a>>(&self, name: &str) -> Result<Option<T>, BodyError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        // The text may be a secret, and an error of `serde_json` would quote it.
        if value.get().starts_with('"') {
            return Err(BodyError::Malformed);
        }
        serde_json::from_str(value.get()).map(Some).map_err(|_| BodyError::Malformed)
    }

    /// Returns `Session`. An empty one counts as absent, because other servers send it.
    pub(super) fn session(&self) -> Result<Option<Session>, BodyError> {
        let text = self.text("Session")?.filter(|text| !text.is_empty());
        text.map(|text| Session::new(taken(text))).transpose().map_err(|_| BodyError::Malformed)
    }
}

/// Returns a text by value. The caller wipes it, unless it is no secret.
pub(super) fn taken(mut text: Zeroizing<String>) -> String {
    core::mem::take(&mut *text)
}

fn service_name<N: for<'n> From<&'n str>>(text: &str, max: usize) -> Result<N, BodyError> {
    if text.chars().nth(max).is_some() { Err(BodyError::Malformed) } else { Ok(N::from(text)) }
}

/// Reads the entries of a value, which must begin with the bracket.
fn entries<'a, T: Deserialize<'a>>(value: &'a RawValue, bracket: char) -> Result<T, BodyError> {
    if !value.get().starts_with(bracket) {
        return Err(BodyError::Malformed);
    }
    serde_json::from_str(value.get()).map_err(|_| BodyError::Malformed)
}

/// Reads a text, or `None` for `null`.
fn string(value: &RawValue) -> Result<Option<Zeroizing<String>>, BodyError> {
    let text = value.get();
    if text == "null" {
        return Ok(None);
    }
    let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).ok_or(BodyError::Malformed)?;
    unescape(quoted).map(Some).ok_or(BodyError::Malformed)
}

/// The members of an object, unread.
struct Pairs<'a>(Vec<(&'a RawValue, &'a RawValue)>);

/// The entries of a list, unread.
struct List<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for List<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ListVisitor)
    }
}

struct PairsVisitor;

impl<'de> Visitor<'de> for PairsVisitor {
    type Value = Pairs<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            push(&mut entries, entry)?;
        }
        Ok(Pairs(entries))
    }
}

struct ListVisitor;

impl<'de> Visitor<'de> for ListVisitor {
    type Value = List<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = list.next_element()? {
            push(&mut entries, entry)?;
        }
        Ok(List(entries))
    }
}

fn push<T, E: serde::de::Error>(entries: &mut Vec<T>, entry: T) -> Result<(), E> {
    if entries.len() == MAX_ENTRIES {
        return Err(E::custom("too many entries"));
    }
    entries.push(entry);
    Ok(())
}
