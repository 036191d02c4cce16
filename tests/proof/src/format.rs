//! The number formats of the backends, and what each backend promises for its residues.

use std::sync::OnceLock;

use num_bigint::BigInt;
use num_traits::{One as _, Zero as _};

/// `N` of RFC 3526 §4.
pub fn modulus() -> BigInt {
    static N: OnceLock<BigInt> = OnceLock::new();
    // 2^3072 - 2^3008 - 1 + 2^64·(⌊2^2942·π⌋ + 1690314); `pi` returns ⌊2^bits·π⌋.
    let one = BigInt::one();
    N.get_or_init(|| (&one << 3072) - (&one << 3008) - 1 + ((pi(2942) + 1_690_314) << 64)).clone()
}

/// Returns `⌊2^bits·π⌋` by Machin's formula, `π = 16·arctan(1/5) - 4·arctan(1/239)`.
fn pi(bits: u32) -> BigInt {
    let spare = 64;
    let arctan = |x: u32| {
        let mut power: BigInt = (BigInt::one() << (bits + spare)) / x;
        let (mut sum, mut k) = (BigInt::zero(), 0_u32);
        while !power.is_zero() {
            let term = &power / (2 * k + 1);
            if k.is_multiple_of(2) {
                sum += term;
            } else {
                sum -= term;
            }
            power /= x * x;
            k += 1;
        }
        sum
    };
    (16 * arctan(5) - 4 * arctan(239)) >> spare
}

/// How digits lie in memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    /// Words of 32 or 64 bits.
    Words(u8),
    /// The bits of doubles.
    Doubles,
}

/// A format, and the promises. Every bound is the greatest that is allowed, in absolute value.
#[derive(Clone, Debug)]
pub struct Format {
    pub form: Form,
    /// Bytes of a residue, and of its beginning before the first digit, which are zero as those after the last are.
    pub bytes: i64,
    pub first: i64,
    pub alignment: i64,
    /// Digits of an operand, and digits that are written.
    pub digits: usize,
    pub written: usize,
    pub digit_bits: u32,
    pub radix_bits: u32,
    /// Of an operand.
    pub digit: BigInt,
    pub value: BigInt,
    /// Of the result: at most what an operand may have.
    pub digit_of_result: BigInt,
    pub value_of_result: BigInt,
    /// The weight of a high half in units of the next digit, and the bits at which products are cut, for the formats that
    /// leave a carry out.
    pub cut: Option<(i128, u32)>,
}

impl Format {
    /// Whether the digits of both formats lie in memory in the same way, with the same weights.
    pub fn has_digits_of(&self, other: &Self) -> bool {
        let of =
            |format: &Self| (format.form, format.bytes, format.first, format.digits, format.written, format.digit_bits);
        of(self) == of(other)
    }

    pub fn size(&self) -> u8 {
        match self.form {
            Form::Words(size) => size,
            Form::Doubles => 8,
        }
    }

    /// 61 digits of 51 bits for the instructions that multiply 52 bits (`digits51.rs`).
    pub fn digits51() -> Self {
        let digit: BigInt = (BigInt::one() << 51) + (1 << 9) - 1;
        Self {
            form: Form::Words(8),
            bytes: 640,
            first: 64,
            alignment: 64,
            digits: 61,
            written: 64,
            digit_bits: 51,
            radix_bits: 3264,
            digit: digit.clone(),
            value: (BigInt::one() << 3074) - 1,
            digit_of_result: digit,
            value_of_result: 3 * modulus() - 1,
            cut: Some((2, 52)),
        }
    }

    /// 61 signed digits as doubles (`fma.rs`).
    pub fn doubles() -> Self {
        Self {
            form: Form::Doubles,
            digit: (BigInt::one() << 51) - 1,
            digit_of_result: (BigInt::one() << 50) + (1 << 8),
            // Below 1.01·N.
            value_of_result: modulus() * 101 / 100,
            cut: Some((1, 51)),
            ..Self::digits51()
        }
    }

    /// 48 limbs, canonical (`portable.rs`).
    pub fn limbs() -> Self {
        let digit = BigInt::from(u64::MAX);
        Self {
            form: Form::Words(8),
            bytes: 384,
            first: 0,
            alignment: 8,
            digits: 48,
            written: 48,
            digit_bits: 64,
            radix_bits: 3072,
            digit: digit.clone(),
            value: modulus() - 1,
            digit_of_result: digit,
            value_of_result: modulus() - 1,
            cut: None,
        }
    }

    /// 110 digits of 28 bits (`digits28.rs`).
    pub fn digits28() -> Self {
        let digit: BigInt = (BigInt::one() << 28) - 1;
        Self {
            form: Form::Words(4),
            bytes: 440,
            first: 0,
            alignment: 4,
            digits: 110,
            written: 110,
            digit_bits: 28,
            radix_bits: 3080,
            digit: digit.clone(),
            value: (BigInt::one() << 3073) - 1,
            digit_of_result: digit,
            value_of_result: (BigInt::one() << 3073) - 1,
            cut: None,
        }
    }
}
