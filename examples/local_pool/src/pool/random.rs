//! Random names and ids from the system's random source.

use std::fmt::Write as _;

use cognito_srp6a::Error;
use rand::TryRng as _;
use rand::rngs::SysRng;

use super::refusal::Result;

/// Returns `N` random bytes in hex.
pub fn hex<const N: usize>() -> Result<String> {
    bytes::<N>().map(|bytes| to_hex(&bytes))
}

pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Returns a random UUID (RFC 9562 §5.4).
pub fn uuid() -> Result<String> {
    let mut bytes = bytes::<16>()?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let number = u128::from_be_bytes(bytes);
    let group = |shift: u32, digits: u32| (number >> shift) & ((1 << (4 * digits)) - 1);
    Ok(format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        group(96, 8),
        group(80, 4),
        group(64, 4),
        group(48, 4),
        group(0, 12)
    ))
}

/// Returns `N` random bytes.
pub fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    SysRng.try_fill_bytes(&mut bytes).map_err(|_| Error::RandomSource)?;
    Ok(bytes)
}
