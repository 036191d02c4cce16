//! Codes of an authenticator app: TOTP (RFC 6238) with HMAC-SHA1, steps of 30 seconds and six digits.

use std::fmt;

use cognito_srp6a::Timestamp;
use ring::hmac;
use subtle::ConstantTimeEq as _;

use super::random;
use super::refusal::{self, Result};

/// RFC 6238 §4.1: the time step `X`, in seconds.
const STEP_SECONDS: i64 = 30;

/// RFC 6238 §5.2: how many steps a code may be early or late.
const TOLERANCE: i64 = 1;

/// The alphabet of RFC 4648 §6.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The bits of a letter of Base32.
const LETTER_BITS: u32 = 5;

/// The shortest secret, in bytes.
const MIN_SECRET: usize = 10;

/// The longest secret, in bytes: a block of SHA-1.
const MAX_SECRET: usize = 64;

/// The length of a new secret, in bytes. RFC 4226 §4 recommends 160 bits.
const NEW_SECRET: usize = 20;

/// An upper estimate of the memory of an app, in bytes.
pub const BYTES: usize = 64 + MAX_SECRET;

/// An authenticator app of a user.
#[derive(Clone)]
pub struct App {
    secret: Vec<u8>,
    /// The step of the last code. RFC 6238 §5.2: a code is accepted once.
    last: Option<i64>,
}

impl App {
    /// Draws a secret.
    pub fn generate() -> Result<Self> {
        Ok(Self { secret: random::bytes::<NEW_SECRET>()?.to_vec(), last: None })
    }

    /// Reads a secret in Base32.
    pub fn from_base32(text: &str) -> Option<Self> {
        let (mut secret, mut bits, mut held) = (Vec::new(), 0u32, 0u32);
        for letter in text.trim_end_matches('=').bytes() {
            let digit = BASE32.iter().position(|known| *known == letter.to_ascii_uppercase())?;
            bits = bits << LETTER_BITS | digit as u32;
            held += LETTER_BITS;
            if held >= u8::BITS {
                held -= u8::BITS;
                secret.push((bits >> held) as u8);
                bits &= (1 << held) - 1;
            }
        }
        ((MIN_SECRET..=MAX_SECRET).contains(&secret.len()) && bits == 0).then_some(Self { secret, last: None })
    }

    /// Returns the secret in Base32, without padding.
    pub fn to_base32(&self) -> String {
        let (mut text, mut bits, mut held) = (String::new(), 0u32, 0u32);
        for byte in &self.secret {
            bits = bits << u8::BITS | u32::from(*byte);
            held += u8::BITS;
            while held >= LETTER_BITS {
                held -= LETTER_BITS;
                text.push(BASE32[(bits >> held) as usize & 31] as char);
            }
            bits &= (1 << held) - 1;
        }
        if held > 0 {
            text.push(BASE32[(bits << (LETTER_BITS - held)) as usize & 31] as char);
        }
        text
    }

    /// Takes a code. Each step's code is accepted once, and none before the last one that was accepted.
    pub fn accept(&mut self, code: &str, now: Timestamp) -> Result<()> {
        let step = now.unix_seconds().div_euclid(STEP_SECONDS);
        // All steps are compared, whichever has the code.
        let right: Vec<_> = (step - TOLERANCE..=step + TOLERANCE)
            .filter(|step| self.code(*step).as_bytes().ct_eq(code.as_bytes()).into())
            .collect();
        match right.iter().copied().find(|step| self.last.is_none_or(|last| last < *step)) {
            Some(step) => {
                self.last = Some(step);
                Ok(())
            }
            None if right.is_empty() => Err(refusal::wrong_code()),
            None => Err(refusal::used_code()),
        }
    }

    /// RFC 4226 §5.3 and §5.4: the code of a counter.
    fn code(&self, counter: i64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.secret);
        let tag = hmac::sign(&key, &counter.to_be_bytes());
        let tag = tag.as_ref();
        let offset = usize::from(tag[19] & 0xf);
        let bytes = tag[offset..offset + 4].try_into().expect("four bytes");
        format!("{:06}", (u32::from_be_bytes(bytes) & 0x7fff_ffff) % 1_000_000)
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238 Appendix B, the rows of SHA-1, of which six digits are used here.
    #[test]
    fn the_codes_are_those_of_the_rfc() {
        let app = App::from_base32("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap();
        assert_eq!(app.secret, b"12345678901234567890");
        for (seconds, code) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(app.code(seconds / STEP_SECONDS), code[2..], "{seconds}");
        }
    }

    #[test]
    fn base32_is_read_as_it_is_written_and_nothing_else_is() {
        for length in 10..30 {
            let app = App {
                secret: (0..length).map(|byte: u8| byte.wrapping_mul(37).wrapping_add(200)).collect(),
                last: None,
            };
            let text = app.to_base32();
            assert_eq!(App::from_base32(&text).unwrap().secret, app.secret);
            assert_eq!(App::from_base32(&text.to_lowercase()).unwrap().secret, app.secret);
        }
        for wrong in ["", "JBSWY3DP", "JBSWY3DPEHPK3PX1", "JBSWY3DP EHPK3PXP", "JBSWY3DPEHPK3PXPB"] {
            assert!(App::from_base32(wrong).is_none(), "{wrong}");
        }
    }
}
