//! IFMA: 61 digits of 51 bits in vectors, `R = 2^3264`. What the machines with such instructions share.
//!
//! `vpmadd52luq` and `vpmadd52huq` multiply pairs of 52-bit digits and add the low or the high 52 bits of
//! the products to sums of 64 bits, eight at once with [AVX-512](super::ifma) and four with [AVX-IFMA](super::avxifma). A product of two
//! numbers is summed by columns, column `k` for the weight `2^(51·k)`. What is above bit 51 of a column waits until the
//! sum is complete, which the 12 spare bits allow.
//!
//! # Digits
//!
//! The instructions take 52 bits and the digits have 51. So a complete column `c` needs no carry that ripples: it keeps
//! `c mod 2^51` and hands `⌊c / 2^51⌋`, below `2^9`, to the next, all columns at the same time. The digits that
//! come of this are below `2^51 + 2^9`. They are not unique, and nothing below needs them to be.
//!
//! A low half belongs to the column of its product. A high half counts 2^52, twice the weight of the next column. High
//! halves have sums of their own, which are doubled and moved up by one place once, at the end.
//!
//! # Product
//!
//! Rows, as on paper: digit `i` of one factor times all digits of the other, moved up by `i` places. By whole
//! vectors it moves for free, as a vector of columns is named by its number. The remaining places are made by reading
//! the factor from memory at an address that many digits lower, so a residue keeps zeros on either side. A square sums
//! each product of two different digits once, and doubles.
//!
//! # Reduction
//!
//! Montgomery's, 16 digits at a time. Let `B = 2^816` be their weight, `m = -1/N mod B`, and `M = (N·m + 1)/B`, which has
//! 61 digits as `N` has. Then `q·m·N = q·M·B - q`: to add this multiple of `N` takes the digits `q` away and adds
//! `q·M` from 16 digits higher up. There is no quotient to compute, and `q` need not be below `B`. For the
//! product `T`, in blocks of 16 digits that count from 0:
//!
//! 1. `q` is block 0; add `q·M` from block 1.
//! 2. `q` is block 1; add `q·M` from block 2.
//! 3. `q` is block 2; add `q·M` from block 3.
//! 4. `u` is block 3; add `q·N` from block 3 for `q = u·m mod B`, which makes it zero mod `B`.
//!
//! The result is blocks 4 to 7. The last step is Montgomery's own, because the size of the multiples stays in the
//! result: `q·m·N` at block `j` is below `(1 + 2^-41)·B^(j + 2)·N`, and `q·N` at block 3 below
//! `(1 + 2^-41)·B^4·N = (1 + 2^-41)·R·N`.
//!
//! Of this block only the carry is of interest: the sum of its columns is `c·B`, and `c` goes on. It is enough to
//! complete the last vector and to hand on what every vector does, which is worth some `c'·B`: what is above its top
//! digit `d`, and the high half that belongs above, twice. Of `c·B` there remain `d` in units of the top digit's
//! weight, the digits below it in the same vector, and the columns of the vectors below with their carries. All but `d`
//! is less than two units, as a digit is below `2^51 + 2^9`. So the rest is below `2^51 + 2^9 + 2` units, less than
//! `2·B`: it is 0, and `d` is 0, or it is `B`, and `d` is above `2^51 - 2`. Either way `c = c' + ⌊(d + 1) / 2^51⌋`.
//!
//! # Bounds
//!
//! A residue is below `2^3074`, and only [`canonical`] reduces it below `N`. For `x, y < 2^3074` the result is below
//! `2^6148/R + (B^2 + B^3 + B^4 + B^4)·(1 + 2^-41)·N/R < 3·N < 2^3074`.
//!
//! A column of the product sums at most 61 low halves, below `2^52` each, and as many doubled high ones, below `2^51.1`.
//! Each of the four steps adds at most 16 and 16 to a column. With `u` and what comes from below, a column stays below
//! `(61 + 64 + 1)·2^52 + (61 + 64)·2^51.1 + 2^9 < 2^60`.
//!
//! Column 0 of block 4 is handed the carries of two vectors, of `u` and of what becomes zero, and one more. What they were cut
//! from, `u`'s column and the products by `N`, is one column in the count above, so `⌊x / 2^51⌋ + ⌊y / 2^51⌋ + 1` for
//! `x + y < 2^59.6` is below `2^9` as well.

use core::hint::black_box;
use core::ops::Range;

use zeroize::Zeroize;

use crate::group::arithmetic::Arithmetic;
use crate::group::limbs::{self, LIMBS, Limbs, Mask};
use crate::group::params::N;

/// Digits in a vector of AVX-512. AVX-IFMA has half.
pub(super) const LANES: usize = 8;

/// Eight digits or columns in memory.
pub(super) type Lanes = [u64; LANES];

/// Bits of a digit.
pub(super) const DIGIT_BITS: usize = 51;

/// The largest digit in normal form.
pub(super) const DIGIT_MAX: u64 = (1 << DIGIT_BITS) - 1;

/// Digits that `N`, `M` and all residues fit in.
const DIGITS: usize = 61;

/// Vectors of eight that those digits fill, the last one by five.
pub(super) const VECTORS: usize = 8;

/// Digits that one step of the reduction takes.
pub(super) const STEP: usize = 16;

/// The binary logarithm of `R`.
pub(super) const RADIX_BITS: i32 = 51 * 64;

/// A number below `2^3074`: eight vectors of digits between two vectors of zeros.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(crate) struct Residue([Lanes; VECTORS + 2]);

impl Residue {
    const ZERO: Self = Self([[0; LANES]; VECTORS + 2]);

    /// Places digits.
    pub(super) const fn new(digits: &[u64]) -> Self {
        let mut out = Self::ZERO;
        let mut i = 0;
        while i < digits.len() {
            out.0[1 + (i >> 3)][i & 7] = digits[i];
            i += 1;
        }
        out
    }

    /// The digits.
    #[inline(always)]
    pub(super) fn vectors(&self) -> &[Lanes; VECTORS] {
        let [_, vectors @ .., _] = &self.0;
        vectors
    }

    /// The digits, to be written.
    #[inline(always)]
    pub(super) fn vectors_mut(&mut self) -> &mut [Lanes; VECTORS] {
        let [_, vectors @ .., _] = &mut self.0;
        vectors
    }

    /// The digits moved up by `places`, 0 to 7, and the zeros above them.
    #[inline(always)]
    pub(super) fn moved_up(&self, places: usize) -> &[u64] {
        &self.0.as_flattened()[LANES - places..]
    }

    /// Overwrites the digits.
    pub(super) fn wipe(&mut self) {
        self.0.zeroize();
    }
}

/// Returns the residue whose bits are those of `x`.
pub(super) fn from_limbs(x: &Limbs) -> Residue {
    let mut out = Residue::ZERO;
    for (i, digit) in out.vectors_mut().as_flattened_mut()[..DIGITS].iter_mut().enumerate() {
        *digit = digit_of(x, i);
    }
    out
}

/// Returns digit `i` of a number.
const fn digit_of(x: &Limbs, i: usize) -> u64 {
    let (word, bit) = ((DIGIT_BITS * i) >> 6, (DIGIT_BITS * i) & 63);
    let above = if word + 1 < LIMBS { x[word + 1] } else { 0 };
    ((x[word] as u128 | (above as u128) << 64) >> bit) as u64 & DIGIT_MAX
}

/// Returns the number of which a residue is the Montgomery form.
pub(super) fn leave(backend: impl Arithmetic<Residue = Residue>, t: &Residue) -> Limbs {
    // T·R · 1 / R = T
    let mut out = *t;
    backend.mul(&mut out, &ONE);
    let limbs = canonical(&out);
    out.wipe();
    limbs
}

/// Returns the number below `N` that a residue is congruent to.
fn canonical(t: &Residue) -> Limbs {
    let mut words = [0; LIMBS + 1];
    let mut carry = 0;
    for (i, &digit) in t.vectors().as_flattened()[..DIGITS].iter().enumerate() {
        let sum = digit + carry;
        carry = sum >> DIGIT_BITS;
        let (word, bit) = ((DIGIT_BITS * i) >> 6, (DIGIT_BITS * i) & 63);
        let wide = u128::from(sum & DIGIT_MAX) << bit;
        words[word] |= wide as u64;
        words[word + 1] |= (wide >> 64) as u64;
    }
    let [mut low @ .., mut top] = words;
    // A residue is below 2^3074 < 5·N, so N goes into it at most four times.
    for _ in 0..4 {
        let (difference, borrow) = limbs::sub(&low, &N);
        let (difference_top, negative) = limbs::sbb(top, 0, borrow);
        let keep = Mask::from_bit(negative);
        low = limbs::select(keep, &low, &difference);
        top = difference_top ^ (keep.word() & (top ^ difference_top));
    }
    low
}

/// Counts through rows of a vector, in a loop that stays a loop.
///
/// Unrolled, rows are put into another order, and a product takes longer (`cargo bench --bench group -- square`). The
/// barrier keeps the end from the compiler, and the mask then says what it no longer knows: a row is below the number of lanes.
#[inline(always)]
pub(super) fn rolled<const LANES: usize>(rows: Range<usize>) -> impl Iterator<Item = usize> {
    (rows.start..black_box(rows.end)).map(|row| row & (LANES - 1))
}

// Constants.

/// The residue 1, which is not the Montgomery form of 1.
static ONE: Residue = Residue::new(&[1]);

/// The digits of `N`.
pub(super) const N_DIGITS: [u64; DIGITS] = {
    let mut out = [0; DIGITS];
    let mut i = 0;
    while i < DIGITS {
        out[i] = digit_of(&N, i);
        i += 1;
    }
    out
};

/// The digits of `m = -1/N mod B`.
pub(super) const SMALL_M: [u64; STEP] = reduced_one().0;

/// The digits of `M = (N·m + 1)/B`.
pub(super) const LARGE_M: [u64; DIGITS] = reduced_one().1;

/// Montgomery reduction of the number 1 by 16 digits: the quotient `-1/N mod B`, and the quotient times `N`, plus 1, without
/// the digits that have become zero.
const fn reduced_one() -> ([u64; STEP], [u64; DIGITS]) {
    let mut quotient = [0; STEP];
    let mut t = [0; DIGITS];
    t[0] = 1;
    let mut i = 0;
    while i < STEP {
        // N = -1 mod 2^51, so the quotient digit is the lowest digit itself.
        quotient[i] = t[0];
        let mut carry = 0;
        let mut j = 0;
        while j < DIGITS {
            let sum = quotient[i] as u128 * N_DIGITS[j] as u128 + t[j] as u128 + carry;
            if j > 0 {
                t[j - 1] = sum as u64 & DIGIT_MAX;
            }
            carry = sum >> DIGIT_BITS;
            j += 1;
        }
        t[DIGITS - 1] = carry as u64;
        i += 1;
    }
    (quotient, t)
}

#[cfg(test)]
mod tests {
    //! Residues that no caller can choose: digits and values up to their bounds, on every backend that has this form.

    use num_bigint::BigUint;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::avxifma::AvxIfma;
    use super::super::ifma::Ifma;
    use super::*;

    /// No digit is as large.
    const DIGIT_BOUND: u64 = (1 << DIGIT_BITS) + (1 << 9);

    fn value(x: &Residue) -> BigUint {
        let digits = x.vectors().as_flattened();
        digits.iter().rev().fold(BigUint::ZERO, |sum, digit| (sum << DIGIT_BITS) + digit)
    }

    fn integer(x: &Limbs) -> BigUint {
        BigUint::from_bytes_be(&limbs::to_be_bytes(x))
    }

    /// Digits at both ends of their range and around the place where they stop being normal.
    fn digit() -> impl Strategy<Value = u64> {
        let near = DIGIT_MAX - 2..DIGIT_MAX + 3;
        prop_oneof![0..3_u64, near, DIGIT_BOUND - 3..DIGIT_BOUND, 0..DIGIT_BOUND]
    }

    fn digits() -> impl Strategy<Value = [u64; DIGITS]> {
        let many = vec(digit(), DIGITS).prop_map(|digits| digits.try_into().expect("there are as many"));
        let digits = prop_oneof![many, digit().prop_map(|digit| [digit; DIGITS])];
        // The top digit begins at bit 3060, and what is below it is less than two of its units.
        (digits, prop_oneof![Just(0), Just((1 << 14) - 2), 0..(1_u64 << 14) - 2]).prop_map(|(mut digits, top)| {
            digits[DIGITS - 1] = top;
            digits
        })
    }

    fn check(backend: impl Arithmetic<Residue = Residue>, a: &Residue, b: &Residue) -> Result<(), TestCaseError> {
        let n = integer(&N);
        let (mut product, mut square) = (*a, *a);
        backend.mul(&mut product, b);
        backend.square(&mut square);
        for (result, expected) in [(product, value(a) * value(b)), (square, value(a) * value(a))] {
            prop_assert_eq!((value(&result) << RADIX_BITS) % &n, expected % &n);
            prop_assert!(value(&result) < BigUint::from(3_u8) * &n);
            prop_assert!(result.vectors().as_flattened().iter().all(|&digit| digit < DIGIT_BOUND));
            prop_assert_eq!(integer(&canonical(&result)), value(&result) % &n);
        }
        prop_assert_eq!((integer(&backend.leave(a)) << RADIX_BITS) % &n, value(a) % &n);
        Ok(())
    }

    /// All backends that are here.
    fn check_all(a: &Residue, b: &Residue) -> Result<(), TestCaseError> {
        if let Some(backend) = Ifma::detect() {
            check(backend, a, b)?;
        }
        if let Some(backend) = AvxIfma::detect() {
            check(backend, a, b)?;
        }
        Ok(())
    }

    #[test]
    fn products_of_single_digits_are_right() {
        // In the block that becomes zero these leave every digit that the carry may be read from: 0, the largest normal
        // one, and the one after it.
        for i in 0..DIGITS {
            for j in i..DIGITS {
                let mut factors = [[0; DIGITS]; 2];
                factors[0][i] = 1;
                factors[1][j] = 1;
                check_all(&Residue::new(&factors[0]), &Residue::new(&factors[1])).expect("the product is right");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

        #[test]
        fn products_of_residues_at_their_bounds_are_right_and_within_them(a in digits(), b in digits()) {
            let (a, b) = (Residue::new(&a), Residue::new(&b));
            prop_assert_eq!(integer(&canonical(&a)), value(&a) % integer(&N));
            check_all(&a, &b)?;
        }
    }
}
