//! Encodings: Cognito's byte form of integers, integers as hex, secrets as Base64.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::error::{Error, Parameter};

/// The longest integer, in bytes: 3072 bits.
const MAX_MAGNITUDE: usize = 384;

/// `enc(i)`: the shortest big-endian two's complement of a non-negative integer.
///
/// This is Java's `BigInteger.toByteArray`, called "padHex" in other clients: no leading zero bytes, except one if
/// the top bit is set. Zero is one zero byte. Fixed-width padding (RFC 5054's PAD) is wrong here.
pub(crate) struct Enc {
    bytes: [u8; 1 + MAX_MAGNITUDE],
    start: usize,
}

impl Enc {
    /// Encodes a big-endian integer of at most 384 bytes.
    ///
    /// The time is the same for all values of one width. The length of the result depends on the value, and it leaks to
    /// whoever observes how many bytes of [`as_bytes`](Self::as_bytes) are read. For the secret `S` this is the number
    /// of leading zero bytes (see "Limits" in the crate documentation).
    pub(crate) fn new(magnitude: &[u8]) -> Self {
        let mut bytes = [0; 1 + MAX_MAGNITUDE];
        bytes[1 + MAX_MAGNITUDE - magnitude.len()..].copy_from_slice(magnitude);
        // Skip each leading zero byte that is followed by a byte with a clear top bit.
        let mut start = 0;
        let mut still_zero = 1;
        for pair in bytes.windows(2) {
            still_zero &= is_zero(pair[0]) & (pair[1] >> 7 ^ 1);
            start += usize::from(still_zero);
        }
        Self { bytes, start }
    }

    /// Returns the encoding.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }
}

impl Drop for Enc {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl ZeroizeOnDrop for Enc {}

impl fmt::Debug for Enc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enc").finish_non_exhaustive()
    }
}

/// Returns 1 for the zero byte and 0 for any other.
fn is_zero(byte: u8) -> u8 {
    (u16::from(byte).wrapping_sub(1) >> 15) as u8
}

/// Returns the Base64 of a secret in constant time. The crate `base64` reads digits from a table, at addresses that
/// depend on the secret.
pub(crate) fn base64_of_secret(bytes: &[u8]) -> String {
    let mut text = Vec::with_capacity(4 * bytes.len().div_ceil(3));
    for group in bytes.chunks(3) {
        let mut word = [0; 4];
        word[1..=group.len()].copy_from_slice(group);
        let word = u32::from_be_bytes(word);
        for i in 0..4 {
            let digit = base64_digit((word >> (18 - 6 * i)) as u8 & 0x3f);
            text.push(if i <= group.len() { digit } else { b'=' });
        }
    }
    String::from_utf8(text).expect("Base64 is ASCII")
}

/// Returns the Base64 digit of a value below 64.
fn base64_digit(value: u8) -> u8 {
    let value = i16::from(value);
    // Shifted right by eight, a negative difference is all ones and any other is zero.
    let digit = value + i16::from(b'A') + ((25 - value) >> 8 & i16::from(b'a' - b'Z' - 1))
        - ((51 - value) >> 8 & i16::from(b'z' - b'0' + 1))
        - ((61 - value) >> 8 & i16::from(b'9' - b'+' + 1))
        + ((62 - value) >> 8 & i16::from(b'/' - b'+' - 1));
    // The top bit of a digit is always clear. The mask makes that known where the check for UTF-8 branches on it.
    digit.to_le_bytes()[0] & 0x7f
}

/// Reads standard Base64 with padding into memory that is wiped on drop, also when the text breaks off.
pub(crate) fn base64_wiped(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; base64::decoded_len_estimate(text.len())]);
    let length = STANDARD.decode_slice(text, &mut bytes).ok()?;
    bytes.truncate(length);
    Some(bytes)
}

/// Reads a public integer from hex text into fixed width, big-endian. The time depends on the text.
///
/// The text is an integer, so it may have an odd length and leading zeros. A text of more than `2·(WIDTH + 1)`
/// digits, the width and one sign byte (`00`), is refused before anything is parsed.
pub(crate) fn hex_integer_vartime<const WIDTH: usize>(text: &str, parameter: Parameter) -> Result<[u8; WIDTH], Error> {
    if text.is_empty() {
        return Err(Error::Empty(parameter));
    }
    if text.len() > 2 * (WIDTH + 1) {
        return Err(Error::TooLong(parameter));
    }
    if !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(Error::NotHex(parameter));
    }
    let significant = text.trim_start_matches('0').as_bytes();
    if significant.len() > 2 * WIDTH {
        return Err(Error::TooLong(parameter));
    }
    let mut out = [0; WIDTH];
    for (byte, pair) in out.iter_mut().rev().zip(significant.rchunks(2)) {
        *byte = pair.iter().fold(0, |byte, &digit| byte << 4 | nibble(digit));
    }
    Ok(out)
}

/// Returns a big-endian integer in fixed width, or `None` if it does not fit. Leading zero bytes change only the time.
pub(crate) fn fixed_width_vartime<const WIDTH: usize>(bytes: &[u8]) -> Option<[u8; WIDTH]> {
    let first = bytes.iter().position(|&byte| byte != 0).unwrap_or(bytes.len());
    let significant = &bytes[first..];
    let start = WIDTH.checked_sub(significant.len())?;
    let mut out = [0; WIDTH];
    out[start..].copy_from_slice(significant);
    Some(out)
}

/// Returns the value of a hex digit.
const fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}

/// Writes a public big-endian integer of at most 384 bytes as lower-case hex without leading zeros. Zero is `0`.
pub(crate) fn write_hex_integer_vartime(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    let mut digits = [b'0'; 2 * MAX_MAGNITUDE];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&[hex_digit(byte >> 4), hex_digit(byte & 0xf)]);
    }
    let digits = &digits[..2 * bytes.len()];
    let first = digits.iter().position(|&digit| digit != b'0').unwrap_or(digits.len() - 1);
    f.write_str(core::str::from_utf8(&digits[first..]).expect("hex is ASCII"))
}

/// Returns the hex digit of a value below 16.
fn hex_digit(value: u8) -> u8 {
    // The top bit of 9 - value is set for 10 and above. The letters begin 39 characters after the one that follows '9'.
    let letter = (9_u8.wrapping_sub(value) >> 7) * (b'a' - b'9' - 1);
    value + b'0' + letter
}
