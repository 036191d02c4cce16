//! FMA: products of digits as doubles, four pairs at once, for CPUs with AVX2 and without IFMA.
//!
//! The number format is that of [`digits51`], 61 digits of 51 bits and `R = 2^3264`, and so are the four steps of the
//! reduction and its constants. The digits differ: they are signed, and kept as doubles. This page proves what that
//! changes. Every statement is about integers and holds in all four rounding modes.
//!
//! # Halves
//!
//! Let `HIGH = 1.5·2^103` and `LOW = 1.5·2^52`, and let `x` and `y` be integers below `2^51` in absolute value. Then
//!
//! ```text
//! high = fma(x, y, HIGH)                  has the bits of HIGH plus h
//! low  = fma(x, y, (HIGH + LOW) - high)   has the bits of LOW plus l
//! ```
//!
//! for integers `h` and `l` with `x·y = 2^51·h + l`, both below `2^51` in absolute value.
//!
//! Proof: `|x·y| <= (2^51 - 1)^2 < 2^102 - 2^51`, so `HIGH + x·y` is between `2^103 + 2^51` and `2^104 - 2^51`. The
//! doubles there are the multiples of `2^51`, and the next double has the next bits. An FMA rounds once, to one of the
//! two doubles around the exact sum. So `high = HIGH + 2^51·h` with `|x·y - 2^51·h| < 2^51`, and `high` is within the
//! same bounds, because they are doubles; hence `|h| < 2^51`. `HIGH + LOW` is a multiple of `2^51` between `2^103` and
//! `2^104`, so it is a double. `(HIGH + LOW) - high = 2^51·(3 - h)` is a double, because `|3 - h| < 2^53`. Finally,
//! `LOW + l` is an integer between `2^52` and `2^53`, where every integer is a double, and the next one has the next
//! bits. An FMA whose exact result is a double returns it.
//!
//! Rounding to nearest makes `|l| <= 2^50`; nothing below relies on it. Another rounding mode splits `x·y` into other
//! halves. The digits of a result may then differ, and its value by a multiple of `N`.
//!
//! Every double that occurs is an integer below `2^104` in absolute value: a digit, one of the values above, or a
//! value on the way from integers to doubles or back. So none is subnormal, infinite or NaN, and it makes no
//! difference whether subnormal numbers are flushed to zero. A zero may be negative, which changes no sum.
//!
//! # Columns
//!
//! The bits of `high` and `low` are summed as integers mod `2^64`. A high half weighs `2^51` and belongs to the next
//! column as it is. High halves are summed separately, one column below their own, and moved up by one place once, at
//! the end. With each product, the bits of `HIGH` and `LOW` enter the sums. How many products a sum receives depends
//! on its place alone, so the sums begin with a constant that cancels all of these bits.
//!
//! The columns are computed a block of 16 at a time, four vectors of low and four of high halves, which stay in
//! registers. All products that reach the block are added, then its digits are computed. A square sums each product of
//! two different digits once and doubles the sums.
//!
//! # Digits
//!
//! A complete column `c` keeps `c - 2^51·k` for `k = ⌊(c + 2^50) / 2^51⌋`, which is at least `-2^50` and below `2^50`,
//! and passes `k` to the next column; all columns do so at the same time. Columns are below `2^59` in absolute value
//! (see below), so `|k| <= 2^8`, and the resulting digits are at most `2^50 + 2^8` in absolute value.
//!
//! AVX2 cannot shift signed words, so the sums contain `ROUND = 2^62 + 2^50`. It makes a column positive, `k` too large
//! by `2^11`, and the digit by `2^50`. A digit, the carry into it and both excesses are an integer of at least 0 and
//! below `2^51 + 2^12`. As the mantissa of `2^52` it becomes a double, from which `2^52 + 2^50 + 2^11` is subtracted.
//!
//! Operands may have any digits below `2^51` in absolute value. So the unsigned digits of a canonical number are an
//! operand as they are.
//!
//! # The block that becomes zero
//!
//! In step 4, the columns of block 3 sum to `c·B`, and only the carry `c` is needed. As in `digits51`, the last vector
//! is completed, and what every vector passes on is passed on, which amounts to some `c'·B`. What remains of `c·B` is
//! the top digit `d`, in units of its weight, plus the digits below it in the same vector, plus the columns of the
//! lower vectors with the high halves that column 11 passes on. The digits below `d` are worth less than 0.6 units,
//! because they are at most `2^50 + 2^8`. The rest weighs at most `2^-153` units and is below `2^60`. So what remains
//! is below `2^50 + 2^8 + 1` units in absolute value, which is less than `B`. It is a multiple of `B`, so it is 0, and
//! `c = c'`.
//!
//! # Bounds
//!
//! An operand is below `2^3074` in absolute value, with 61 digits below `2^51`. For such `x` and `y` the result is
//! below `1.01·N` in absolute value, and its 61 digits are at most `2^50 + 2^8`.
//!
//! The value: a block of digits, each at most `2^50 + 2^8`, is below `(1/2 + 2^-42)·B`. So the multiples of `N` that the
//! steps add are below `(1/2 + 2^-42)·(B^2 + B^3 + B^4 + B^4)·N`, and the result is below
//! `2^6148/R + (1 + 2^-40)·N < 1.01·N`.
//!
//! The digits 61 to 63: the digits up to 60 sum to less than `0.6·2^3111`, and the value is below `2^3073`, so what the
//! others sum to is below `2^3111`. It is a multiple of `2^3111`, so it is 0. The lowest digit of them that is not 0
//! would be a multiple of `2^51`, and none is that large.
//!
//! The columns: a column sums the halves of at most 61 products of operands, and of at most 64 products in the four
//! steps, of a digit by a digit of `M` or `N`, which is at most `2^50`. The high halves of the latter are below
//! `2^49 + 2^8`. So a column is below `61·2^52 + 64·(2^51 + 2^49 + 2^8) < 203·2^51 < 2^59` in absolute value.
//!
//! Column 0 of block 4 receives two carries, from the columns of `u` and from the block that becomes zero. These columns
//! are together one column in the count above, plus a digit of `u`. So the carries are together at most
//! `203 + 1/2 + 2^-43 + 1 < 2^8`.
//!
//! [`digits51`]: super::digits51

#![allow(clippy::cast_precision_loss, reason = "the integers that become doubles are doubles")]

mod beginnings;
mod digits;
#[macro_use]
mod rows;
#[cfg(test)]
mod tests;

use core::arch::x86_64::{_mm256_add_pd, _mm256_and_si256, _mm256_set1_pd};
use core::hint::black_box;

use self::beginnings::{BLOCKS, PRODUCT, QUOTIENT, SQUARE, ZEROS};
use self::digits::{BLOCK, INVERSE, LOW, M, N, ONE, ROUND_CARRY, Residue, canonical, to_doubles};
use self::rows::{Carries, bits, complete, doubles, halves};
use super::avx2::{self, ABOVE, LANES, Lanes, WIDTH, broadcast, interleaved, lanes, plus, vector};
use super::digits51::{RADIX_BITS, from_limbs, rolled};
use crate::group::arithmetic::Arithmetic;
use crate::group::limbs::Limbs;

// The detection includes the support of the operating system.
cpufeatures::new!(cpuid_fma, "avx2", "fma");

/// The proof that this CPU has AVX2 and FMA, and that the operating system saves its registers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fma(());

impl Fma {
    /// Returns the backend if this CPU has AVX2 and FMA.
    pub(crate) fn detect() -> Option<Self> {
        cpuid_fma::get().then_some(Self(()))
    }
}

#[allow(unsafe_code, reason = "functions that need a CPU feature are called where the feature is known")]
impl Arithmetic for Fma {
    type Residue = Residue;

    const RADIX_BITS: i32 = RADIX_BITS;

    fn load(self, x: &Limbs) -> Residue {
        to_doubles(from_limbs(x))
    }

    fn leave(self, t: &Residue) -> Limbs {
        // T·R · 1 / R = T
        let mut out = *t;
        self.mul(&mut out, &ONE);
        let limbs = canonical(&out);
        self.wipe(&mut out);
        limbs
    }

    fn mul(self, a: &mut Residue, b: &Residue) {
        // SAFETY: `self` exists, so `detect` found every feature that `multiply` requires.
        unsafe { multiply(a, b) };
    }

    fn square(self, a: &mut Residue) {
        // SAFETY: `self` exists, so `detect` found every feature that `square` requires.
        unsafe { square(a) };
    }

    fn select(self, out: &mut Residue, table: &[Residue], index: u64) {
        // SAFETY: `self` exists, so `detect` found the only feature that `select` requires.
        unsafe { select(out, table, index) };
    }

    fn select_plain(self, out: &mut Residue, table: &[Limbs], index: u64) {
        // SAFETY: `self` exists, so `detect` found the only feature that `select_plain` requires.
        unsafe { select_plain(out, table, index) };
    }

    fn wipe(self, t: &mut Residue) {
        t.0.wipe();
    }
}
// Products.

/// Replaces `a` by `a·b/R mod N`.
#[target_feature(enable = "avx2,fma")]
fn multiply(a: &mut Residue, b: &Residue) {
    montgomery::<false>(a, Some(b));
}

/// Replaces `a` by `a²/R mod N`.
#[target_feature(enable = "avx2,fma")]
fn square(a: &mut Residue) {
    montgomery::<true>(a, None);
}

/// Replaces `a` by `a·b/R mod N`, or by `a²/R mod N` if `IS_SQUARE`.
///
/// [`digits51`] describes the steps. A block of digits replaces 16 digits of `a` as soon as it is complete, because the
/// blocks above it do not reach them. So the next product waits for the last block only.
///
/// [`digits51`]: super::digits51
#[inline]
#[target_feature(enable = "avx2,fma")]
fn montgomery<const IS_SQUARE: bool>(a: &mut Residue, b: Option<&Residue>) {
    let (m, n, inverse) = black_box((&M, &N, &INVERSE));
    let four = black_box(LANES);
    // The last vector of a residue has one digit. No other digits here have a vector of that number.
    let rows = |i: usize| if i == WIDTH - 1 { 1 } else { four };

    let mut below = Carries::none();
    // The digits of steps 1 to 3, and the quotient of step 4.
    let mut q = [[0; LANES]; WIDTH];
    let mut last = [[0; LANES]; BLOCK];
    for block in rolled::<BLOCKS>(0..BLOCKS) {
        let (beginnings, factor) = (if IS_SQUARE { &SQUARE } else { &PRODUCT }, &*a);
        begin!(low, high, beginnings[block]);
        let digits = b.unwrap_or(factor).0.fours();
        if IS_SQUARE {
            add_square!(low, high, rows, block, digits, factor);
            double_and_add_squares!(low, high, block, digits);
        } else {
            add_product!(low, high, rows, block, WIDTH, digits, factor);
        }
        if block > 0 {
            add_product!(low, high, rows, block - 1, (BLOCK * block).min(WIDTH - BLOCK), q, m);
        }
        if block < BLOCK {
            let (blocks, _) = q.as_chunks_mut();
            let out: &mut [Lanes; BLOCK] = &mut blocks[block];
            complete!(low, high, below, out);
        } else {
            add_product!(low, high, rows, block - 3, BLOCK, last, n);
            let out = a.block_mut(block - BLOCK);
            complete!(low, high, below, out);
        }
        if block == BLOCK - 1 {
            let u: &[Lanes; BLOCK] = q.last_chunk().expect("it is the last block");
            begin!(low, high, QUOTIENT);
            add_product!(low, high, rows, 0, BLOCK, u, inverse);
            let mut carries = Carries::none();
            complete!(low, high, carries, last);

            // The carry out of the block that becomes zero follows from the columns of its last vector.
            let top = _mm256_add_pd(doubles(vector(&u[BLOCK - 1])), _mm256_set1_pd(LOW));
            let mut low = [plus(bits(top), broadcast(ZEROS[0]))];
            let mut high = [broadcast(ZEROS[1])];
            for i in rolled::<BLOCK>(0..BLOCK) {
                add_rows!(low, high, four, last[i], n, BLOCK - 1 - i, 0, 1);
            }
            (_, carries) = complete(low[0], high[0], Carries::none());
            below.high = plus(below.high, carries.high);
            below.above = plus(below.above, plus(carries.above, broadcast(ROUND_CARRY.wrapping_neg())));
        }
    }
}

// Tables.

/// Sets `out` to `table[index]`. Reads every entry.
#[target_feature(enable = "avx2")]
fn select(out: &mut Residue, table: &[Residue], index: u64) {
    avx2::select(&mut out.0, &table.iter().map(|entry| &entry.0), index);
}

/// Sets `out` to `table[index]`, unconverted. Reads every entry.
#[target_feature(enable = "avx2")]
fn select_plain(out: &mut Residue, table: &[Limbs], index: u64) {
    *out = to_doubles(from_limbs(&avx2::select_limbs(table, index)));
}
