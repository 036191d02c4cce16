//! The binary form of a stored challenge: how single values are written and read.
//!
//! A flag and a small number are one byte each. A text is its length in bytes (two bytes, big-endian) and its UTF-8. An
//! optional value is a flag and, if that is 1, the value. A list or a map is the number of its entries (two bytes,
//! big-endian) and the entries; a map is sorted by name. So each value has one form only.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::error::TakeUpError;
use crate::idp::names::MAX_ENTRIES;

/// Where values are written to. A function returns `None` if the value does not fit.
pub(super) trait Sink {
    fn put(&mut self, bytes: &[u8]) -> Option<()>;

    fn byte(&mut self, byte: u8) -> Option<()> {
        self.put(&[byte])
    }

    fn flag(&mut self, flag: bool) -> Option<()> {
        self.byte(flag.into())
    }

    fn text(&mut self, text: &str) -> Option<()> {
        self.put(&u16::try_from(text.len()).ok()?.to_be_bytes())?;
        self.put(text.as_bytes())
    }

    fn optional<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T) -> Option<()>) -> Option<()> {
        self.flag(value.is_some())?;
        value.map_or(Some(()), |value| write(self, value))
    }

    fn optional_text(&mut self, text: Option<&str>) -> Option<()> {
        self.optional(text, Self::text)
    }

    fn list<T>(
        &mut self,
        entries: impl ExactSizeIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T) -> Option<()>,
    ) -> Option<()> {
        if entries.len() > MAX_ENTRIES {
            return None;
        }
        self.put(&u16::try_from(entries.len()).ok()?.to_be_bytes())?;
        for entry in entries {
            write(self, entry)?;
        }
        Some(())
    }

    fn pair(&mut self, name: &str, value: &str) -> Option<()> {
        self.text(name)?;
        self.text(value)
    }

    fn map(&mut self, map: &BTreeMap<String, String>) -> Option<()> {
        self.list(map.iter(), |sink, (name, value)| sink.pair(name, value))
    }
}

/// Counts bytes, so that they can then be written into one allocation: a vector that grows leaves copies behind.
pub(super) struct Length(pub(super) usize);

impl Sink for Length {
    fn put(&mut self, bytes: &[u8]) -> Option<()> {
        self.0 = self.0.checked_add(bytes.len())?;
        Some(())
    }
}

/// Keeps the bytes, and wipes them on drop. It never grows.
pub(super) struct Filled(pub(super) Zeroizing<Vec<u8>>);

impl Sink for Filled {
    fn put(&mut self, bytes: &[u8]) -> Option<()> {
        if self.0.capacity() - self.0.len() < bytes.len() {
            return None;
        }
        self.0.extend_from_slice(bytes);
        Some(())
    }
}

/// Reads what a [`Sink`] has written. Anything else is [`TakeUpError::Damaged`].
///
/// A text is borrowed. A list or a map has at most [`MAX_ENTRIES`] entries, so that memory stays in proportion.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], TakeUpError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(TakeUpError::Damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8, TakeUpError> {
        Ok(self.take(1)?[0])
    }

    pub(super) fn flag(&mut self) -> Result<bool, TakeUpError> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(TakeUpError::Damaged),
        }
    }

    fn length(&mut self) -> Result<usize, TakeUpError> {
        let bytes = self.take(2)?;
        Ok(usize::from(u16::from_be_bytes([bytes[0], bytes[1]])))
    }

    pub(super) fn text(&mut self) -> Result<&'a str, TakeUpError> {
        let length = self.length()?;
        core::str::from_utf8(self.take(length)?).map_err(|_| TakeUpError::Damaged)
    }

    pub(super) fn optional<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, TakeUpError>,
    ) -> Result<Option<T>, TakeUpError> {
        self.flag()?.then(|| read(self)).transpose()
    }

    pub(super) fn optional_text(&mut self) -> Result<Option<String>, TakeUpError> {
        self.optional(|reader| Ok(reader.text()?.into()))
    }

    pub(super) fn list<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Result<T, TakeUpError>,
    ) -> Result<Vec<T>, TakeUpError> {
        let entries = self.length()?;
        if entries > MAX_ENTRIES {
            return Err(TakeUpError::Damaged);
        }
        (0..entries).map(|_| read(self)).collect()
    }

    pub(super) fn pair(&mut self) -> Result<(String, String), TakeUpError> {
        Ok((self.text()?.into(), self.text()?.into()))
    }

    pub(super) fn map(&mut self) -> Result<BTreeMap<String, String>, TakeUpError> {
        let pairs = self.list(Self::pair)?;
        if pairs.windows(2).any(|pair| pair[0].0 >= pair[1].0) {
            return Err(TakeUpError::Damaged);
        }
        Ok(pairs.into_iter().collect())
    }

    /// Refuses bytes after the last value.
    pub(super) fn end(self) -> Result<(), TakeUpError> {
        if self.0.is_empty() { Ok(()) } else { Err(TakeUpError::Damaged) }
    }
}
