//! The number format of [`ifma`](super::ifma) and [`avxifma`](super::avxifma): 61 digits of 51 bits in vectors,
//! `R = 2^3264`. Both backends compute what this page describes and proves. [`fma`](super::fma) shares the layout, the
//! constants and the steps, with other digits.
//!
//! `vpmadd52luq` and `vpmadd52huq` multiply pairs of 52-bit digits and add the low or the high 52 bits of the
//! products to 64-bit sums: eight pairs at once with AVX-512, four with AVX-IFMA. A product of two numbers is summed
//! by columns; column `k` has the weight `2^(51·k)`. The 12 spare bits of a sum hold the carries until the column is
//! complete.
//!
//! # Digits
//!
//! The instructions take 52 bits and the digits have 51, so no carry ripples. A complete column `c` keeps
//! `c mod 2^51` and passes `⌊c / 2^51⌋`, which is below `2^9`, to the next column; all columns do so at the same
//! time. The resulting digits are below `2^51 + 2^9`. They are not unique, and nothing below needs them to be.
//!
//! A low half belongs to the column of its product. A high half has the weight 2^52, twice the weight of the next
//! column. High halves are summed separately. Their sums are doubled and moved up by one place once, at the end.
//!
//! # Product
//!
//! A product is computed by rows, as on paper: digit `i` of one factor times all digits of the other, moved up by `i`
//! places. Moving by whole vectors is free, because it only changes the number of the vector that a row is added to.
//! Moving by the remaining places is a load from an address that many digits lower, so a residue has zeros on both
//! sides. A square sums each product of two different digits once and doubles the sums.
//!
//! # Reduction
//!
//! The reduction is Montgomery's, 16 digits at a time. Let `B = 2^816` be their weight, `m = -1/N mod B`, and
//! `M = (N·m + 1)/B`, which has 61 digits like `N`. Then `q·m·N = q·M·B - q`: adding this multiple of `N` removes the
//! digits `q` and adds `q·M` 16 digits higher. No quotient is computed, and `q` need not be below `B`. The product
//! `T` is reduced in four steps, in blocks of 16 digits that count from 0:
//!
//! 1. `q` is block 0; add `q·M` from block 1.
//! 2. `q` is block 1; add `q·M` from block 2.
//! 3. `q` is block 2; add `q·M` from block 3.
//! 4. `u` is block 3; add `q·N` from block 3 for `q = u·m mod B`, which makes it zero mod `B`.
//!
//! The result is blocks 4 to 7. Step 4 is the ordinary Montgomery step, because the size of the added multiples
//! remains in the result: `q·m·N` at block `j` is below `(1 + 2^-41)·B^(j + 2)·N`, and `q·N` at block 3 is below
//! `(1 + 2^-41)·B^4·N = (1 + 2^-41)·R·N`.
//!
//! Step 4 needs only the carry out of block 3. The sum of the block's columns is `c·B`, and `c` is the carry. It
//! suffices to complete the last vector and to pass on what every vector passes on, which amounts to some `c'·B`: the
//! bits above its top digit `d`, and twice the high half that belongs above. What remains of `c·B` is `d`, in units
//! of the top digit's weight, plus the digits below it in the same vector, plus the columns of the lower vectors with
//! their carries. All but `d` is less than two units, because a digit is below `2^51 + 2^9`. So the remainder is
//! below `2^51 + 2^9 + 2` units, which is less than `2·B`. It is a multiple of `B`. Either it is 0, and then `d` is
//! 0; or it is `B`, and then `d` is above `2^51 - 2`. In both cases `c = c' + ⌊(d + 1) / 2^51⌋`.
//!
//! # Bounds
//!
//! A residue is below `2^3074`; only [`canonical`] reduces it below `N`. For `x, y < 2^3074` the result is below
//! `2^6148/R + (B^2 + B^3 + B^4 + B^4)·(1 + 2^-41)·N/R < 3·N < 2^3074`.
//!
//! A column of the product sums at most 61 low halves, each below `2^52`, and as many doubled high halves, each below
//! `2^51.1`. Each of the four steps adds at most 16 of both to a column. With `u` and the carry from below, a column
//! stays below `(61 + 64 + 1)·2^52 + (61 + 64)·2^51.1 + 2^9 < 2^60`.
//!
//! Column 0 of block 4 receives the carries of two vectors, `u` and the one that becomes zero, and one more if `d` is
//! not 0. The columns that these carries come from, that of `u` and that of the products by `N`, are together one
//! column in the count above. So the sum of the carries is at most `⌊x / 2^51⌋ + ⌊y / 2^51⌋ + 1` for
//! `x + y < 2^59.6`, which is below `2^9` as well.

use core::hint::black_box;
use core::ops::Range;

use zeroize::Zeroize;

use crate::group::arithmetic::Arithmetic;
use crate::group::limbs::{self, LIMBS, Limbs, Mask};
use crate::group::params::N;

/// Digits in a vector of AVX-512. A vector of AVX-IFMA has half as many.
pub(super) const LANES: usize = 8;

/// Eight digits or columns in memory.
pub(super) type Lanes = [u64; LANES];

/// Bits of a digit.
pub(super) const DIGIT_BITS: usize = 51;

/// The largest digit in normal form.
pub(super) const DIGIT_MAX: u64 = (1 << DIGIT_BITS) - 1;

/// Digits of `N`, of `M` and of every residue.
pub(super) const DIGITS: usize = 61;

/// Vectors of eight for these digits; the last one holds five.
pub(super) const VECTORS: usize = 8;

/// Digits that one step of the reduction clears.
pub(super) const STEP: usize = 16;

/// The binary logarithm of `R`.
pub(super) const RADIX_BITS: i32 = 51 * 64;

/// A number below `2^3074`: eight vectors of digits between two vectors of zeros.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(crate) struct Residue([Lanes; VECTORS + 2]);

impl Residue {
    const ZERO: Self = Self([[0; LANES]; VECTORS + 2]);

    /// Returns the residue with the given digits.
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

    /// The digits, for writing.
    #[inline(always)]
    pub(super) fn vectors_mut(&mut self) -> &mut [Lanes; VECTORS] {
        let [_, vectors @ .., _] = &mut self.0;
        vectors
    }

    /// The digits, which are below `2^63`.
    #[inline(always)]
    fn signed_digits(&self) -> impl Iterator<Item = i64> {
        self.vectors().as_flattened()[..DIGITS].iter().map(|digit| digit.cast_signed())
    }

    /// The digits moved up by `places`, 0 to 7, with the zeros above them.
    #[inline(always)]
    pub(super) const fn moved_up(&self, places: usize) -> &[u64] {
        self.0.as_flattened().split_at(LANES - places).1
    }

    /// Wipes the digits.
    pub(super) fn wipe(&mut self) {
        self.0.zeroize();
    }
}

/// Returns `x` itself as a residue, unconverted.
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

/// Returns the canonical value of a Montgomery form.
pub(super) fn leave(backend: impl Arithmetic<Residue = Residue>, t: &Residue) -> Limbs {
    // T·R · 1 / R = T
    let mut out = *t;
    backend.mul(&mut out, &ONE);
    let limbs = canonical(out.signed_digits());
    out.wipe();
    limbs
}

/// Returns the number below `N` that a number is congruent to. It has 61 signed digits and is at least 0 and below
/// `2^3074`.
#[inline]
pub(super) fn canonical(digits: impl Iterator<Item = i64>) -> Limbs {
    let mut words = [0; LIMBS + 1];
    let mut carry = 0;
    for (i, digit) in digits.enumerate() {
        let sum = digit + carry;
        carry = sum >> DIGIT_BITS;
        let (word, bit) = ((DIGIT_BITS * i) >> 6, (DIGIT_BITS * i) & 63);
        let wide = u128::from(sum.cast_unsigned() & DIGIT_MAX) << bit;
        words[word] |= wide as u64;
        words[word + 1] |= (wide >> 64) as u64;
    }
    let [mut low @ .., mut top] = words;
    // 2^3074 < 5·N, so at most four subtractions of N are needed.
    for _ in 0..4 {
        let (difference, borrow) = limbs::sub(&low, &N);
        let (difference_top, negative) = limbs::sbb(top, 0, borrow);
        let keep = Mask::from_bit(negative);
        low = limbs::select(keep, &low, &difference);
        top = difference_top ^ (keep.word() & (top ^ difference_top));
    }
    low
}

/// Iterates over rows of a vector, in a loop that the compiler does not unroll.
///
/// When it unrolls the loop, it reorders the rows, and a product takes longer
/// (`cargo bench --bench group -- square`). The barrier hides the end of the range. The mask restores the one fact
/// the compiler needs: a row is below `LANES`.
#[inline(always)]
pub(super) fn rolled<const LANES: usize>(rows: Range<usize>) -> impl Iterator<Item = usize> {
    (rows.start..black_box(rows.end)).map(|row| row & (LANES - 1))
}

// Constants.

/// The number 1, unconverted: not the Montgomery form of 1.
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

/// Reduces the number 1 by 16 digits, as Montgomery does. Returns the quotient `m = -1/N mod B`, and `(N·m + 1)/B`.
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
    //! Residues that no caller can choose: digits and values up to their bounds, on every backend with this format.

    use num_bigint::BigUint;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::avxifma::AvxIfma;
    use super::super::ifma::Ifma;
    use super::*;

    /// Every digit is below this.
    const DIGIT_BOUND: u64 = (1 << DIGIT_BITS) + (1 << 9);

    fn value(x: &Residue) -> BigUint {
        let digits = x.vectors().as_flattened();
        digits.iter().rev().fold(BigUint::ZERO, |sum, digit| (sum << DIGIT_BITS) + digit)
    }

    fn integer(x: &Limbs) -> BigUint {
        BigUint::from_bytes_be(&limbs::to_be_bytes(x))
    }

    /// Digits at both ends of their range and around the largest normal digit.
    fn digit() -> impl Strategy<Value = u64> {
        let near = DIGIT_MAX - 2..DIGIT_MAX + 3;
        prop_oneof![0..3_u64, near, DIGIT_BOUND - 3..DIGIT_BOUND, 0..DIGIT_BOUND]
    }

    fn digits() -> impl Strategy<Value = [u64; DIGITS]> {
        let many = vec(digit(), DIGITS).prop_map(|digits| digits.try_into().expect("there are as many"));
        let digits = prop_oneof![many, digit().prop_map(|digit| [digit; DIGITS])];
        // The top digit begins at bit 3060, and the digits below it are worth less than two of its units.
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
            prop_assert_eq!(integer(&canonical(result.signed_digits())), value(&result) % &n);
        }
        prop_assert_eq!((integer(&backend.leave(a)) << RADIX_BITS) % &n, value(a) % &n);
        Ok(())
    }

    /// Checks every backend that this CPU has.
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
        // In the block that becomes zero, these products leave every possible digit that the carry is computed from:
        // 0, the largest normal digit, and the digit after it.
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
            prop_assert_eq!(integer(&canonical(a.signed_digits())), value(&a) % integer(&N));
            check_all(&a, &b)?;
        }
    }
}
