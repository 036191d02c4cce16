//! The buffer that the host shares with the module, and the fields in it.

use alloc::vec::Vec;
use core::convert::Infallible;
use core::sync::atomic::{AtomicU8, Ordering};

use cognito_srp6a::{Error, Parameter};
use rand::rand_core::utils::next_word_via_fill;
use rand::{TryCryptoRng, TryRng};
use zeroize::Zeroizing;

/// The length of the buffer. Eight fields of 16 KiB, the longest that the crate takes, fit in.
pub(crate) const BUFFER_BYTES: usize = 8 * (16 * 1024 + 4);

/// Atomic, because a static must be, and safe to write through a shared reference. The module has one thread.
static BUFFER: [AtomicU8; BUFFER_BYTES] = [const { AtomicU8::new(0) }; BUFFER_BYTES];

/// Returns the address of the buffer.
pub(crate) const fn buffer() -> *const AtomicU8 {
    BUFFER.as_ptr()
}

/// The length that stands for an absent field.
const ABSENT: usize = u32::MAX as usize;

/// The fields of a call. They are wiped from the buffer when they are taken, and from here on drop.
pub(crate) struct Input {
    bytes: Zeroizing<Vec<u8>>,
    next: usize,
}

impl Input {
    /// Moves so many bytes out of the buffer.
    pub(crate) fn take(length: usize) -> Self {
        let take = |byte: &AtomicU8| byte.swap(0, Ordering::Relaxed);
        Self { bytes: Zeroizing::new(BUFFER[..length].iter().map(take).collect()), next: 0 }
    }

    /// Returns the next field.
    fn field(&mut self) -> Option<&[u8]> {
        let (length, rest) = self.bytes[self.next..].split_first_chunk().expect("the host writes every field");
        let length = u32::from_le_bytes(*length) as usize;
        self.next += 4;
        if length == ABSENT {
            return None;
        }
        self.next += length;
        Some(&rest[..length])
    }

    /// Returns the next field as a text.
    pub(crate) fn text(&mut self, parameter: Parameter) -> Result<Option<&str>, Error> {
        let text = self.field().map(str::from_utf8).transpose();
        text.map_err(|_| Error::Malformed(parameter))
    }

    /// Returns the next field as a text that must be there.
    pub(crate) fn required(&mut self, parameter: Parameter) -> Result<&str, Error> {
        self.text(parameter)?.ok_or(Error::Missing(parameter))
    }

    /// Returns the next field as a random source.
    pub(crate) fn random(&mut self) -> Result<Random, Error> {
        let bytes = self.field().ok_or(Error::RandomSource)?;
        Ok(Random { bytes: Zeroizing::new(bytes.to_vec()), next: 0 })
    }
}

/// Random bytes of the host, each good once.
pub(crate) struct Random {
    bytes: Zeroizing<Vec<u8>>,
    next: usize,
}

impl TryRng for Random {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        next_word_via_fill(self)
    }

    /// Panics when too few bytes are left: the host then broke the rules, and a trap is better than a guess.
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        out.copy_from_slice(&self.bytes[self.next..][..out.len()]);
        self.next += out.len();
        Ok(())
    }
}

impl TryCryptoRng for Random {}

/// The output, from the beginning of the buffer.
pub(crate) struct Output {
    next: usize,
}

impl Output {
    pub(crate) const fn new() -> Self {
        Self { next: 0 }
    }

    /// Writes a field.
    pub(crate) fn put(&mut self, text: &str) {
        self.put_bytes(&(text.len() as u32).to_le_bytes());
        self.put_bytes(text.as_bytes());
        // The end, until another field comes.
        for byte in &BUFFER[self.next..][..4] {
            byte.store(u8::MAX, Ordering::Relaxed);
        }
    }

    fn put_bytes(&mut self, bytes: &[u8]) {
        for (place, byte) in BUFFER[self.next..][..bytes.len()].iter().zip(bytes) {
            place.store(*byte, Ordering::Relaxed);
        }
        self.next += bytes.len();
    }
}
