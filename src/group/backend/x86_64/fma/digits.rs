//! Signed digits as doubles, and the constants.

use super::super::avx2::{LANES, Lanes, WIDTH};
use super::super::digits51::{self, DIGIT_BITS, DIGIT_MAX, DIGITS, LARGE_M, N_DIGITS, SMALL_M};
use crate::group::limbs::Limbs;

/// Vectors of a block.
pub(super) const BLOCK: usize = 4;

/// A number of 61 signed digits. The words are the bits of doubles.
#[derive(Clone, Copy)]
pub(crate) struct Residue(pub(super) digits51::Residue);
/// The doubles around it are the multiples of `2^51`.
pub(super) const HIGH: f64 = (3_u128 << 102) as f64;

/// The doubles around it are the integers.
pub(super) const LOW: f64 = (3_u64 << 51) as f64;

/// The double whose bits have an empty mantissa, and integers around it.
pub(super) const EMPTY: f64 = (1_u64 << 52) as f64;

/// Rounds a column to its digit and makes it positive.
pub(super) const ROUND: u64 = (1 << 62) + (1 << (DIGIT_BITS - 1));

/// The part of `ROUND` that enters the carry.
pub(super) const ROUND_CARRY: u64 = ROUND >> DIGIT_BITS;

/// The part of `ROUND` that enters the digit.
pub(super) const ROUND_DIGIT: u64 = ROUND & DIGIT_MAX;

/// Replaces unsigned digits by doubles.
pub(super) fn to_doubles(mut x: digits51::Residue) -> Residue {
    for digit in x.vectors_mut().as_flattened_mut() {
        *digit = (f64::from_bits(*digit | EMPTY.to_bits()) - EMPTY).to_bits();
    }
    Residue(x)
}

/// Returns the integer that a digit is.
pub(super) const fn integer(digit: u64) -> i64 {
    (f64::from_bits(digit) + LOW).to_bits().wrapping_sub(LOW.to_bits()).cast_signed()
}

/// Returns the number below `N` that the result of a product is congruent to.
pub(super) fn canonical(t: &Residue) -> Limbs {
    // Two times N makes it positive and below 4·N.
    let digits = t.0.vectors().as_flattened()[..DIGITS].iter().zip(&N_DIGITS);
    digits51::canonical(digits.map(|(&digit, n)| integer(digit) + 2 * n.cast_signed()))
}

impl Residue {
    /// Returns a constant. All digits but the top one become signed, at most `2^50` in absolute value.
    pub(super) const fn new<const D: usize>(digits: &[u64; D]) -> Self {
        let mut out = [0; D];
        let mut carry = 0;
        let mut i = 0;
        while i < D {
            let sum = digits[i] + carry;
            carry = if i + 1 < D { (sum + (1 << (DIGIT_BITS - 1))) >> DIGIT_BITS } else { 0 };
            out[i] = ((sum.cast_signed() - (carry << DIGIT_BITS).cast_signed()) as f64).to_bits();
            i += 1;
        }
        Self(digits51::Residue::new(&out))
    }

    /// Returns vector `vector` of the digits moved up by `places`, 0 to 3.
    #[inline(always)]
    pub(super) fn moved_up(&self, places: usize, vector: usize) -> &Lanes {
        &self.0.moved_up_fours(places)[vector]
    }

    /// Block `block` of four: 16 digits, for writing.
    #[inline(always)]
    pub(super) fn block_mut(&mut self, block: usize) -> &mut [Lanes; BLOCK] {
        let (vectors, _) = self.0.vectors_mut().as_flattened_mut().as_chunks_mut();
        let (blocks, _) = vectors.as_chunks_mut();
        &mut blocks[block & 3]
    }
}

/// A constant factor: `.0[s]` is its digits moved up by `s` places. A load that straddles two cache lines takes two
/// accesses, and these do not.
#[repr(align(64))]
pub(super) struct Moved(pub(super) [[Lanes; WIDTH]; LANES]);

impl Moved {
    pub(super) const fn new<const D: usize>(digits: &[u64; D]) -> Self {
        let digits = Residue::new(digits);
        let mut out = [[[0; LANES]; WIDTH]; LANES];
        let mut i = 0;
        while i < LANES * WIDTH * LANES {
            let (places, digit) = (i >> 6, i & 63);
            out[places][digit >> 2][digit & 3] = digits.0.moved_up(places)[digit];
            i += 1;
        }
        Self(out)
    }

    /// Returns vector `vector` of the digits moved up by `places`, 0 to 3.
    #[inline(always)]
    pub(super) fn moved_up(&self, places: usize, vector: usize) -> &Lanes {
        &self.0[places][vector]
    }
}

/// The number 1, unconverted: not the Montgomery form of 1.
pub(super) static ONE: Residue = Residue::new(&[1]);

/// `N`
pub(super) static N: Moved = Moved::new(&N_DIGITS);

/// `M = (N·m + 1)/B`
pub(super) static M: Moved = Moved::new(&LARGE_M);

/// `m = -1/N mod B`
pub(super) static INVERSE: Moved = Moved::new(&SMALL_M);
