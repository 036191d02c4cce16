//! JSON objects, read without leaving a copy of a secret behind and without much more memory than the body has.
//!
//! `serde_json` unescapes a string in a buffer that it does not wipe, and its errors quote a value of the wrong type. Here it only
//! finds the members ([`RawValue`] borrows them from the body); strings are unescaped below, into memory that is wiped on drop.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::idp::body_error::BodyError;
use crate::idp::credentials::Session;
use crate::idp::parameter_map::ParameterMap;

/// A type that is read from the members of a body.
pub(super) trait Read: Sized {
    fn read(members: &Members<'_>) -> Result<Self, BodyError>;
}

/// The most members of an object and entries of a list. The service's own have about ten, a request with all attributes of a
/// user about a hundred.
const MAX_ENTRIES: usize = 256;

/// The members of an object, in the order of the body.
pub(super) struct Members<'a>(Vec<(Zeroizing<String>, &'a RawValue)>);

impl<'a> Members<'a> {
    /// Finds the members of a body that is an object.
    pub(super) fn of_body(body: &'a [u8]) -> Result<Self, BodyError> {
        let body = serde_json::from_slice::<&RawValue>(body).map_err(|_| BodyError::NotJson)?;
        Self::of_value(body)
    }

    fn of_value(value: &'a RawValue) -> Result<Self, BodyError> {
        let Pairs(pairs) = entries(value, '{')?;
        let named = pairs.into_iter().map(|(name, value)| Ok((string(name)?.ok_or(BodyError::Malformed)?, value)));
        named.collect::<Result<_, _>>().map(Self)
    }

    /// The member of a name. `null` stands for an absent one: other servers send it.
    fn get(&self, name: &str) -> Result<Option<&'a RawValue>, BodyError> {
        let mut found = self.0.iter().filter(|(key, _)| key.as_str() == name).map(|(_, value)| *value);
        let value = found.next();
        if found.next().is_some() {
            return Err(BodyError::Malformed);
        }
        Ok(value.filter(|value| value.get() != "null"))
    }

    /// A text.
    pub(super) fn text(&self, name: &str) -> Result<Option<Zeroizing<String>>, BodyError> {
        self.get(name)?.map_or(Ok(None), string)
    }

    /// A text that may stay in memory.
    pub(super) fn public_text(&self, name: &str) -> Result<Option<String>, BodyError> {
        Ok(self.text(name)?.map(taken))
    }

    /// A text that must be there and may stay in memory.
    pub(super) fn required_text(&self, name: &str) -> Result<String, BodyError> {
        self.public_text(name)?.ok_or(BodyError::Malformed)
    }

    /// One of the service's names, of at most `max` characters.
    pub(super) fn name<N: for<'n> From<&'n str>>(&self, name: &str, max: usize) -> Result<Option<N>, BodyError> {
        self.text(name)?.map(|text| service_name(&text, max)).transpose()
    }

    /// A list of the service's names, each of at most `max` characters.
    pub(super) fn names<N: for<'n> From<&'n str>>(&self, name: &str, max: usize) -> Result<Vec<N>, BodyError> {
        let entries = self.list(name)?.into_iter();
        entries.map(|entry| service_name(&string(entry)?.ok_or(BodyError::Malformed)?, max)).collect()
    }

    /// A map of texts, in which `null` stands for an absent value: amazon-cognito-identity-js sends `"DEVICE_KEY": null` when it
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

    /// An object.
    pub(super) fn object(&self, name: &str) -> Result<Option<Self>, BodyError> {
        self.get(name)?.map(Self::of_value).transpose()
    }

    /// The objects of a list.
    pub(super) fn objects(&self, name: &str) -> Result<Vec<Self>, BodyError> {
        self.list(name)?.into_iter().map(Self::of_value).collect()
    }

    fn list(&self, name: &str) -> Result<Vec<&'a RawValue>, BodyError> {
        let Some(value) = self.get(name)? else { return Ok(Vec::new()) };
        let List(entries) = entries(value, '[')?;
        Ok(entries)
    }

    /// A number or a truth value.
    pub(super) fn scalar<T: Deserialize<'a>>(&self, name: &str) -> Result<Option<T>, BodyError> {
        let Some(value) = self.get(name)? else { return Ok(None) };
        // An error of `serde_json` would quote a text.
        if value.get().starts_with('"') {
            return Err(BodyError::Malformed);
        }
        serde_json::from_str(value.get()).map(Some).map_err(|_| BodyError::Malformed)
    }

    /// `Session`. An empty one is none: other servers send it.
    pub(super) fn session(&self) -> Result<Option<Session>, BodyError> {
        let text = self.text("Session")?.filter(|text| !text.is_empty());
        text.map(|text| Session::new(taken(text))).transpose().map_err(|_| BodyError::Malformed)
    }
}

/// Takes the text out of its wiping shell. The type that it goes into wipes it, or it is no secret.
pub(super) fn taken(mut text: Zeroizing<String>) -> String {
    core::mem::take(&mut *text)
}

fn service_name<N: for<'n> From<&'n str>>(text: &str, max: usize) -> Result<N, BodyError> {
    if text.chars().nth(max).is_some() { Err(BodyError::Malformed) } else { Ok(N::from(text)) }
}

/// Reads the entries of a value that begins with a bracket.
fn entries<'a, T: Deserialize<'a>>(value: &'a RawValue, bracket: char) -> Result<T, BodyError> {
    if !value.get().starts_with(bracket) {
        return Err(BodyError::Malformed);
    }
    serde_json::from_str(value.get()).map_err(|_| BodyError::Malformed)
}

/// A text, or `None` for `null`.
fn string(value: &RawValue) -> Result<Option<Zeroizing<String>>, BodyError> {
    let text = value.get();
    if text == "null" {
        return Ok(None);
    }
    let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).ok_or(BodyError::Malformed)?;
    unescape(quoted).map(Some).ok_or(BodyError::Malformed)
}

/// The content of a JSON string (RFC 8259 §7), which `serde_json` has found to be one.
fn unescape(mut text: &str) -> Option<Zeroizing<String>> {
    // No escape is shorter than the character that it stands for, so the text never grows.
    let mut out = Zeroizing::new(String::with_capacity(text.len()));
    while let Some((plain, escape)) = text.split_once('\\') {
        out.push_str(plain);
        let (character, rest) = character(escape)?;
        out.push(character);
        text = rest;
    }
    out.push_str(text);
    Some(out)
}

/// The character of an escape, without its backslash, and what follows it.
fn character(escape: &str) -> Option<(char, &str)> {
    let mut rest = escape.chars();
    let character = match rest.next()? {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return utf16(rest.as_str()),
        itself @ ('"' | '\\' | '/') => itself,
        _ => return None,
    };
    Some((character, rest.as_str()))
}

/// The character of one unit of UTF-16 or, where that is a high surrogate, of two.
fn utf16(text: &str) -> Option<(char, &str)> {
    let unit = |text: &str| Some((u16::from_str_radix(text.get(..4)?, 16).ok()?, text.get(4..)?.len()));
    let (first, left) = unit(text)?;
    let rest = &text[text.len() - left..];
    if let Some(Ok(character)) = char::decode_utf16([first]).next() {
        return Some((character, rest));
    }
    let (second, left) = unit(rest.strip_prefix("\\u")?)?;
    let character = char::decode_utf16([first, second]).next()?.ok()?;
    Some((character, &rest[rest.len() - left..]))
}

/// The members of an object, found and not read.
struct Pairs<'a>(Vec<(&'a RawValue, &'a RawValue)>);

/// The entries of a list, found and not read.
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
