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

#![allow(clippy::cast_precision_loss, reason = "the integers that become doubles are doubles")]

use core::arch::x86_64::{
    __m256d, __m256i, _mm256_add_pd, _mm256_and_si256, _mm256_castpd_si256, _mm256_castsi256_pd, _mm256_fmadd_pd,
    _mm256_or_si256, _mm256_set1_pd, _mm256_sub_pd,
};
use core::hint::black_box;

use super::avx2::{
    self, ABOVE, LANES, Lanes, WIDTH, above_digits, broadcast, interleaved, lanes, moved_up_one, plus, vector,
};
use super::digits51::{
    self, DIGIT_BITS, DIGIT_MAX, DIGITS, LARGE_M, N_DIGITS, RADIX_BITS, SMALL_M, STEP, from_limbs, rolled,
};
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

/// A number of 61 signed digits. The words are the bits of doubles.
#[derive(Clone, Copy)]
pub(crate) struct Residue(digits51::Residue);

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

// Digits.

/// The doubles around it are the multiples of `2^51`.
const HIGH: f64 = (3_u128 << 102) as f64;

/// The doubles around it are the integers.
const LOW: f64 = (3_u64 << 51) as f64;

/// The double whose bits have an empty mantissa, and integers around it.
const EMPTY: f64 = (1_u64 << 52) as f64;

/// Rounds a column to its digit and makes it positive.
const ROUND: u64 = (1 << 62) + (1 << (DIGIT_BITS - 1));

/// The part of `ROUND` that enters the carry.
const ROUND_CARRY: u64 = ROUND >> DIGIT_BITS;

/// The part of `ROUND` that enters the digit.
const ROUND_DIGIT: u64 = ROUND & DIGIT_MAX;

/// Replaces unsigned digits by doubles.
fn to_doubles(mut x: digits51::Residue) -> Residue {
    for digit in x.vectors_mut().as_flattened_mut() {
        *digit = (f64::from_bits(*digit | EMPTY.to_bits()) - EMPTY).to_bits();
    }
    Residue(x)
}

/// Returns the integer that a digit is.
const fn integer(digit: u64) -> i64 {
    (f64::from_bits(digit) + LOW).to_bits().wrapping_sub(LOW.to_bits()).cast_signed()
}

/// Returns the number below `N` that the result of a product is congruent to.
fn canonical(t: &Residue) -> Limbs {
    // Two times N makes it positive and below 4·N.
    let digits = t.0.vectors().as_flattened()[..DIGITS].iter().zip(&N_DIGITS);
    digits51::canonical(digits.map(|(&digit, n)| integer(digit) + 2 * n.cast_signed()))
}

// Constants.

impl Residue {
    /// Returns a constant. All digits but the top one become signed, at most `2^50` in absolute value.
    const fn new<const D: usize>(digits: &[u64; D]) -> Self {
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
    fn moved_up(&self, places: usize, vector: usize) -> &Lanes {
        &self.0.moved_up_fours(places)[vector]
    }

    /// Block `block` of four: 16 digits, for writing.
    #[inline(always)]
    fn block_mut(&mut self, block: usize) -> &mut [Lanes; BLOCK] {
        let (vectors, _) = self.0.vectors_mut().as_flattened_mut().as_chunks_mut();
        let (blocks, _) = vectors.as_chunks_mut();
        &mut blocks[block & 3]
    }
}

/// A constant factor: `.0[s]` is its digits moved up by `s` places. A load that straddles two cache lines takes two
/// accesses, and these do not.
#[repr(align(64))]
struct Moved([[Lanes; WIDTH]; LANES]);

impl Moved {
    const fn new<const D: usize>(digits: &[u64; D]) -> Self {
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
    fn moved_up(&self, places: usize, vector: usize) -> &Lanes {
        &self.0[places][vector]
    }
}

/// The number 1, unconverted: not the Montgomery form of 1.
static ONE: Residue = Residue::new(&[1]);

/// `N`
static N: Moved = Moved::new(&N_DIGITS);

/// `M = (N·m + 1)/B`
static M: Moved = Moved::new(&LARGE_M);

/// `m = -1/N mod B`
static INVERSE: Moved = Moved::new(&SMALL_M);

// Beginnings of sums.

/// Vectors of a block.
const BLOCK: usize = 4;

/// Blocks of a product.
const BLOCKS: usize = 8;

const _: () = assert!(BLOCK * LANES == STEP);

/// Vectors of a block's low and high halves.
type Sums = [[Lanes; BLOCK]; 2];

/// Returns how many rows the sums of vector `vector` receive of a product by a number of `rows` digits. Vectors count
/// from the lowest of the product.
const fn rows_of_product(vector: usize, rows: usize) -> u64 {
    // Row t reaches from column t to column t + 60.
    let first = (LANES * vector).saturating_sub(DIGITS - 1);
    let end = if LANES * (vector + 1) < rows { LANES * (vector + 1) } else { rows };
    end.saturating_sub(first) as u64
}

/// Returns how many rows the sums of vector `vector` receive of a square.
const fn rows_of_square(vector: usize) -> u64 {
    // Row t reaches from column 2·t + 1 to column t + 60. That of the last digit is empty.
    let first = (LANES * vector).saturating_sub(DIGITS - 1);
    let end = if 2 * vector + 2 < DIGITS - 1 { 2 * vector + 2 } else { DIGITS - 1 };
    end.saturating_sub(first) as u64
}

/// Returns how many rows the sums of vector `vector` receive in the steps of the reduction.
const fn rows_of_reduction(vector: usize) -> u64 {
    let block = vector >> 2;
    if block == 0 {
        0
    } else if block < BLOCK {
        // The digits that exist so far.
        rows_of_product(vector - BLOCK, STEP * block)
    } else {
        rows_of_product(vector - BLOCK, 3 * STEP) + rows_of_product(vector - 3 * BLOCK, STEP)
    }
}

/// Returns `0 - x·times`, the beginning of sums that the bits of `x` are added to.
const fn minus(x: u64, times: u64) -> u64 {
    x.wrapping_mul(times).wrapping_neg()
}

/// The beginnings of the sums of a product.
static PRODUCT: [Sums; BLOCKS] = {
    let mut out = [[[[0; LANES]; BLOCK]; 2]; BLOCKS];
    let mut i = 0;
    while i < BLOCKS * BLOCK {
        let rows = rows_of_product(i, DIGITS) + rows_of_reduction(i);
        out[i >> 2][0][i & 3] = [minus(LOW.to_bits(), rows).wrapping_add(ROUND); LANES];
        out[i >> 2][1][i & 3] = [minus(HIGH.to_bits(), rows); LANES];
        i += 1;
    }
    out
};

/// The beginnings of the sums of a square. What is added after these sums are doubled counts half here.
static SQUARE: [Sums; BLOCKS] = {
    let mut out = [[[[0; LANES]; BLOCK]; 2]; BLOCKS];
    let mut i = 0;
    while i < BLOCKS * BLOCK {
        let (rows, later) = (rows_of_square(i), rows_of_reduction(i));
        // The squares of the digits are low and high halves in turn.
        let low = minus(LOW.to_bits(), rows).wrapping_add(minus(LOW.to_bits() >> 1, later)).wrapping_add(ROUND >> 1);
        let (even, odd) = (low.wrapping_sub(LOW.to_bits() >> 1), low.wrapping_sub(HIGH.to_bits() >> 1));
        out[i >> 2][0][i & 3] = [even, odd, even, odd];
        out[i >> 2][1][i & 3] = [minus(HIGH.to_bits(), rows).wrapping_add(minus(HIGH.to_bits() >> 1, later)); LANES];
        i += 1;
    }
    out
};

/// The beginnings of the sums of the quotient.
static QUOTIENT: Sums = {
    let mut out = [[[0; LANES]; BLOCK]; 2];
    let mut i = 0;
    while i < BLOCK {
        let rows = rows_of_product(i, STEP);
        out[0][i] = [minus(LOW.to_bits(), rows).wrapping_add(ROUND); LANES];
        out[1][i] = [minus(HIGH.to_bits(), rows); LANES];
        i += 1;
    }
    out
};

/// The beginnings of the sums of the last vector of the block that becomes zero. They also cancel the bits of `LOW` in
/// the digit of `u`.
const ZEROS: [u64; 2] = [minus(LOW.to_bits(), STEP as u64 + 1).wrapping_add(ROUND), minus(HIGH.to_bits(), STEP as u64)];

// Vectors.

/// Returns the digits in a vector's lanes.
#[inline]
#[target_feature(enable = "avx2")]
fn doubles(digits: __m256i) -> __m256d {
    _mm256_castsi256_pd(digits)
}

/// Returns the bits of doubles.
#[inline]
#[target_feature(enable = "avx2")]
fn bits(x: __m256d) -> __m256i {
    _mm256_castpd_si256(x)
}

/// Returns the bits of the high and the low halves of `x·y`.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn halves(x: __m256d, y: __m256d) -> (__m256i, __m256i) {
    let high = _mm256_fmadd_pd(x, y, _mm256_set1_pd(HIGH));
    let low = _mm256_fmadd_pd(x, y, _mm256_sub_pd(_mm256_set1_pd(HIGH + LOW), high));
    (bits(high), bits(low))
}

/// The carry of a complete vector to the vector above it. Only the top lanes matter.
#[derive(Clone, Copy)]
struct Carries {
    /// High halves, which belong one column higher.
    high: __m256i,
    /// The bits above the digits, too large by `ROUND_CARRY`.
    above: __m256i,
}

impl Carries {
    #[inline]
    #[target_feature(enable = "avx2")]
    fn none() -> Self {
        Self { high: broadcast(0), above: broadcast(ROUND_CARRY) }
    }
}

/// Returns the digits of a vector, whose sums are complete, and its carry.
#[inline]
#[target_feature(enable = "avx2")]
fn complete(low: __m256i, high: __m256i, below: Carries) -> (__m256i, Carries) {
    let sum = plus(low, moved_up_one(high, below.high));
    let above = above_digits(sum);
    let digits = plus(_mm256_and_si256(sum, broadcast(DIGIT_MAX)), moved_up_one(above, below.above));
    let digits = doubles(_mm256_or_si256(digits, broadcast(EMPTY.to_bits())));
    let excess = _mm256_set1_pd(EMPTY + (ROUND_DIGIT + ROUND_CARRY) as f64);
    (bits(_mm256_sub_pd(digits, excess)), Carries { high, above })
}

/// Loads the beginnings of a block's sums.
macro_rules! begin {
    ($low:ident, $high:ident, $sums:expr) => {
        let [low, high] = &$sums;
        let mut $low = [vector(&low[0]), vector(&low[1]), vector(&low[2]), vector(&low[3])];
        let mut $high = [vector(&high[0]), vector(&high[1]), vector(&high[2]), vector(&high[3])];
    };
}

// Rows. Macros over local arrays, because methods of a struct of sums are not inlined, and then the sums are copied.
//
// The compiler must neither reorder the additions to a sum nor load many vectors ahead: both spill the sums to memory,
// and a product takes longer (`cargo bench --bench group -- square`). So no basic block has two additions to the
// same sum, which `rows`, a count hidden from the compiler, provides for; and `black_box(())` orders the loads.

/// Adds the products `x·y` to vector `k` of the sums.
macro_rules! add {
    ($low:ident, $high:ident, $k:expr, $x:expr, $y:expr) => {
        let (high, low) = halves($x, doubles($y));
        $high[$k] = plus($high[$k], high);
        $low[$k] = plus($low[$k], low);
        black_box(());
    };
}

/// Adds a row to vectors `$first..$end` of the sums: digit `$s` of a vector of digits, times the number moved up by
/// `$s` places, from its vector `$begin`.
macro_rules! add_row {
    ($low:ident, $high:ident, $digits:ident, $number:ident, $begin:expr, $s:literal, $first:expr, $end:expr) => {
        let x = doubles(broadcast($digits[$s]));
        for k in $first..$end {
            add!($low, $high, k, x, vector($number.moved_up($s, $begin + k - $first)));
        }
    };
}

/// Adds the products of a row by digits above the row's own, which is in lane 0 or 1 of the first vector.
macro_rules! add_row_above {
    ($low:ident, $high:ident, $digits:ident, $number:ident, $begin:expr, $s:literal, $first:expr, $end:expr) => {
        let x = doubles(broadcast($digits[$s]));
        for k in $first..$end {
            let y = vector($number.moved_up($s, $begin + k - $first));
            add!($low, $high, k, x, if k == $first { _mm256_and_si256(y, vector(&ABOVE[$s & 1])) } else { y });
        }
    };
}

/// Adds the rows of a vector of digits to vectors `$first..$end` of the sums, from vector `$begin` of the number.
macro_rules! add_rows {
    ($low:ident, $high:ident, $rows:expr, $digits:expr, $number:ident, $begin:expr, $first:expr, $end:expr) => {
        let (rows, digits, begin) = ($rows, &$digits, $begin);
        'rows: {
            add_row!($low, $high, digits, $number, begin, 0, $first, $end);
            if rows == 1 {
                break 'rows;
            }
            add_row!($low, $high, digits, $number, begin, 1, $first, $end);
            if rows == 2 {
                break 'rows;
            }
            add_row!($low, $high, digits, $number, begin, 2, $first, $end);
            if rows == 3 {
                break 'rows;
            }
            add_row!($low, $high, digits, $number, begin, 3, $first, $end);
        }
    };
}

/// Adds the products of the digits of vector `$i` by the digits above each. Those above the first begin in vector
/// `$first` of the sums. The squares of the third and the fourth are one vector higher.
macro_rules! add_rows_above {
    ($low:ident, $high:ident, $rows:ident, $number:ident, $i:expr, $first:expr, $end:expr) => {
        let i: usize = $i;
        let (rows, digits) = ($rows(i), $number.moved_up(0, i));
        'rows: {
            add_row_above!($low, $high, digits, $number, i, 0, $first, $end);
            if rows == 1 {
                break 'rows;
            }
            add_row_above!($low, $high, digits, $number, i, 1, $first, $end);
            if rows == 2 {
                break 'rows;
            }
            add_row_above!($low, $high, digits, $number, i + 1, 2, $first + 1, $end);
            if rows == 3 {
                break 'rows;
            }
            add_row_above!($low, $high, digits, $number, i + 1, 3, $first + 1, $end);
        }
    };
}

/// Adds to block `$block` of a product of digits by a number what its rows reach.
///
/// Vector `i` of the digits times vector `j` of the number is in vector `i + j`, so in vector `k` of the block for
/// `i + j = 4·$block + k`. The number has 16 vectors.
macro_rules! add_product {
    ($low:ident, $high:ident, $rows:ident, $block:expr, $vectors:expr, $digits:ident, $number:ident) => {
        let (block, vectors): (usize, usize) = ($block, $vectors);
        let last = $digits.len() - 1;
        if block >= BLOCK {
            // Rows that end in this block.
            let i = BLOCK * block - WIDTH;
            add_rows!($low, $high, $rows(i + 1), $digits[(i + 1) & last], $number, WIDTH - 1, 0, 1);
            add_rows!($low, $high, $rows(i + 2), $digits[(i + 2) & last], $number, WIDTH - 2, 0, 2);
            add_rows!($low, $high, $rows(i + 3), $digits[(i + 3) & last], $number, WIDTH - 3, 0, 3);
        }
        for i in rolled::<WIDTH>((BLOCK * block).saturating_sub(WIDTH - BLOCK)..vectors.min(BLOCK * block + 1)) {
            let begin = (BLOCK * block - i).min(WIDTH - BLOCK);
            add_rows!($low, $high, $rows(i), $digits[i & last], $number, begin, 0, BLOCK);
        }
        if BLOCK * (block + 1) <= vectors {
            // Rows that begin in this block.
            let i = BLOCK * block;
            add_rows!($low, $high, $rows(i + 1), $digits[(i + 1) & last], $number, 0, 1, BLOCK);
            add_rows!($low, $high, $rows(i + 2), $digits[(i + 2) & last], $number, 0, 2, BLOCK);
            add_rows!($low, $high, $rows(i + 3), $digits[(i + 3) & last], $number, 0, 3, BLOCK);
        }
    };
}

/// Adds to block `$block` of a square the products of two different digits, each once.
macro_rules! add_square {
    ($low:ident, $high:ident, $rows:ident, $block:expr, $digits:ident, $number:ident) => {
        let block: usize = $block;
        if block >= BLOCK {
            // Rows that end in this block.
            let i = BLOCK * block - WIDTH;
            add_rows!($low, $high, $rows(i + 1), $digits[(i + 1) & (WIDTH - 1)], $number, WIDTH - 1, 0, 1);
            if block < BLOCKS - 1 {
                add_rows!($low, $high, $rows(i + 2), $digits[(i + 2) & (WIDTH - 1)], $number, WIDTH - 2, 0, 2);
                add_rows!($low, $high, $rows(i + 3), $digits[(i + 3) & (WIDTH - 1)], $number, WIDTH - 3, 0, 3);
            }
        }
        for i in rolled::<WIDTH>((BLOCK * block).saturating_sub(WIDTH - BLOCK)..2 * block) {
            let begin = (BLOCK * block - i).min(WIDTH - BLOCK);
            add_rows!($low, $high, $rows(i), $digits[i], $number, begin, 0, BLOCK);
        }
        // Rows that begin in this block. The number ends in its last vector.
        if block < BLOCKS - 1 {
            add_rows_above!($low, $high, $rows, $number, (2 * block).min(WIDTH - BLOCK), 0, BLOCK);
            add_rows_above!($low, $high, $rows, $number, (2 * block).min(WIDTH - BLOCK) + 1, 2, BLOCK);
        } else {
            add_rows_above!($low, $high, $rows, $number, WIDTH - 2, 0, 2);
        }
    };
}

/// Completes a square: doubles the sums and adds the squares of the digits.
macro_rules! double_and_add_squares {
    ($low:ident, $high:ident, $block:expr, $digits:ident) => {
        for k in 0..BLOCK {
            let digits = doubles(vector(&$digits[(2 * $block + (k >> 1)) & (WIDTH - 1)]));
            let (high, low) = halves(digits, digits);
            $low[k] = plus(plus($low[k], $low[k]), interleaved(k & 1, low, high));
            $high[k] = plus($high[k], $high[k]);
        }
    };
}

/// Completes a block: its digits become `$out`.
macro_rules! complete {
    ($low:ident, $high:ident, $below:ident, $out:expr) => {
        for k in 0..BLOCK {
            let digits;
            (digits, $below) = complete($low[k], $high[k], $below);
            $out[k] = lanes(digits);
        }
    };
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

#[cfg(test)]
mod tests {
    //! Residues that no caller can choose: digits and values up to their bounds. `tests/rounding` runs this in every
    //! rounding mode.

    use alloc::vec::Vec;

    use num_bigint::{BigInt, Sign};
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::group::limbs;
    use crate::group::params;

    /// The digits of an operand are at most this in absolute value.
    const OPERAND: i64 = (1 << 51) - 1;

    /// The digits of a result are at most this in absolute value.
    const RESULT: i64 = (1 << 50) + (1 << 8);

    /// The top digit begins at bit 3060, and the digits below it are worth less than two of its units. So an operand
    /// with this top digit is below `2^3074` in absolute value.
    const TOP: i64 = (1 << 14) - 2;

    fn residue(digits: &[i64; DIGITS]) -> Residue {
        Residue(digits51::Residue::new(&digits.map(|digit| (digit as f64).to_bits())))
    }

    fn value(x: &Residue) -> BigInt {
        let digits = x.0.vectors().as_flattened();
        digits.iter().rev().fold(BigInt::ZERO, |sum, &digit| (sum << DIGIT_BITS) + integer(digit))
    }

    fn big(x: &Limbs) -> BigInt {
        BigInt::from_bytes_be(Sign::Plus, &limbs::to_be_bytes(x))
    }

    /// Whether two integers are congruent mod `N`.
    fn congruent(x: &BigInt, y: &BigInt) -> bool {
        (x - y) % big(&params::N) == BigInt::ZERO
    }

    fn check(backend: Fma, a: &Residue, b: &Residue) -> Result<(), TestCaseError> {
        let n = big(&params::N);
        let (mut product, mut square) = (*a, *a);
        backend.mul(&mut product, b);
        backend.square(&mut square);
        for (result, expected) in [(product, value(a) * value(b)), (square, value(a) * value(a))] {
            prop_assert!(congruent(&(value(&result) << RADIX_BITS), &expected));
            prop_assert!(100 * BigInt::from(value(&result).magnitude().clone()) < 101 * &n);
            let digits = result.0.vectors().as_flattened();
            prop_assert!(digits.iter().all(|&digit| f64::from_bits(digit).abs() <= RESULT as f64));
            prop_assert!(digits[DIGITS..].iter().all(|&digit| integer(digit) == 0));
            // The vectors of zeros on both sides are untouched.
            prop_assert!(result.0.moved_up(7)[..7].iter().all(|&digit| digit == 0));
            prop_assert!(result.0.moved_up(0)[digits.len()..].iter().all(|&digit| digit == 0));
            let canonical = big(&canonical(&result));
            prop_assert!(canonical < n && congruent(&canonical, &value(&result)));
        }
        prop_assert!(congruent(&(big(&backend.leave(a)) << RADIX_BITS), &value(a)));
        Ok(())
    }

    /// Digits at both ends of the range of operands and of results, and around zero.
    fn digit() -> impl Strategy<Value = i64> {
        let magnitude = prop_oneof![0..3_i64, OPERAND - 2..=OPERAND, RESULT - 2..=RESULT, 0..=OPERAND];
        (magnitude, any::<bool>()).prop_map(|(digit, negative)| if negative { -digit } else { digit })
    }

    fn digits() -> impl Strategy<Value = [i64; DIGITS]> {
        let many = vec(digit(), DIGITS).prop_map(|digits| digits.try_into().expect("there are as many"));
        let digits = prop_oneof![many, digit().prop_map(|digit| [digit; DIGITS])];
        (digits, prop_oneof![Just(0), Just(TOP), Just(-TOP), -TOP..TOP]).prop_map(|(mut digits, top)| {
            digits[DIGITS - 1] = top;
            digits
        })
    }

    #[test]
    fn products_of_the_largest_digits_are_right() {
        let Some(backend) = Fma::detect() else { return };
        let mut extremes = Vec::new();
        for digit in [OPERAND, -OPERAND, RESULT, -RESULT, 0] {
            for sign in [1, -1] {
                for top in [TOP, -TOP, 0] {
                    // All digits alike, and their signs in turn.
                    let mut digits: [i64; DIGITS] =
                        core::array::from_fn(|i| if i & 1 == 0 { digit } else { sign * digit });
                    digits[DIGITS - 1] = top;
                    extremes.push(residue(&digits));
                }
            }
        }
        for a in &extremes {
            assert!(value(a).bits() <= 3074);
            for b in &extremes {
                check(backend, a, b).expect("the product is right");
            }
        }
    }

    #[test]
    fn products_of_single_digits_are_right() {
        let Some(backend) = Fma::detect() else { return };
        for i in 0..DIGITS {
            for j in i..DIGITS {
                for sign in [1, -1] {
                    let mut factors = [[0; DIGITS]; 2];
                    factors[0][i] = 1;
                    factors[1][j] = sign;
                    check(backend, &residue(&factors[0]), &residue(&factors[1])).expect("the product is right");
                }
            }
        }
    }

    #[test]
    fn the_largest_digits_of_the_block_that_becomes_zero_are_right() {
        // The product of `a` and this power of 2^51 has block 3 and no lower one. So the digits of `u` are those of `a`,
        // the top one 2^50 or more in absolute value when the carry into it is added.
        let Some(backend) = Fma::detect() else { return };
        for factor in [1, 255, -255] {
            let mut b = [0; DIGITS];
            b[18] = factor;
            for top in (1 << 50) - 3..=(1 << 50) + 3 {
                for below in [0, 1 << 50, OPERAND, -OPERAND] {
                    for sign in [1, -1] {
                        let mut a = [0; DIGITS];
                        (a[45], a[44]) = (sign * top, below);
                        check(backend, &residue(&a), &residue(&b)).expect("the product is right");
                    }
                }
            }
        }
    }

    #[test]
    fn a_result_at_its_bounds_becomes_canonical() {
        let n = big(&params::N);
        for sign in [1, -1] {
            for (place, more) in [(0, 0), (0, -1), (1, 1), (60, 1), (60, 40)] {
                let mut digits = N_DIGITS.map(u64::cast_signed);
                digits[place] += more;
                let x = residue(&digits.map(|digit| sign * digit));
                assert!(100 * BigInt::from(value(&x).magnitude().clone()) < 101 * &n);
                let canonical = big(&canonical(&x));
                assert!(canonical < n && congruent(&canonical, &value(&x)));
            }
        }
    }

    #[test]
    fn constants_are_the_same_numbers_with_signed_digits() {
        let unsigned = |digits: &[u64]| {
            digits.iter().rev().fold(BigInt::ZERO, |sum, &digit| (sum << DIGIT_BITS) + BigInt::from(digit))
        };
        for (signed, digits) in [(&N, &N_DIGITS[..]), (&M, &LARGE_M), (&INVERSE, &SMALL_M)] {
            let words = signed.0[0].as_flattened();
            let sum = words.iter().rev().fold(BigInt::ZERO, |sum, &digit| (sum << DIGIT_BITS) + integer(digit));
            assert_eq!(sum, unsigned(digits));
            assert!(words[..digits.len() - 1].iter().all(|&digit| integer(digit).abs() <= 1 << 50));
            for (places, moved) in signed.0.iter().enumerate() {
                assert!(moved.as_flattened()[..places].iter().all(|&digit| digit == 0));
                assert_eq!(moved.as_flattened()[places..], words[..words.len() - places]);
            }
        }
        // The top digits of N and M are below 2^50. The bounds of the columns need that.
        assert!([&N, &M].iter().all(|signed| integer(signed.0[0].as_flattened()[DIGITS - 1]) < 1 << 50));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

        #[test]
        fn products_of_residues_at_their_bounds_are_right_and_within_them(a in digits(), b in digits()) {
            let (a, b) = (residue(&a), residue(&b));
            if let Some(backend) = Fma::detect() {
                check(backend, &a, &b)?;
            }
        }

        #[test]
        fn the_digits_of_a_canonical_number_enter_as_they_are(words in vec(any::<u64>(), limbs::LIMBS)) {
            let mut x: Limbs = words.try_into().expect("there are as many");
            // Below N, whose top word is all ones.
            x[limbs::LIMBS - 1] >>= 1;
            let Some(backend) = Fma::detect() else { return Ok(()) };
            prop_assert_eq!(value(&backend.load(&x)), big(&x));
            let (table, mut out) = ([x, [0; limbs::LIMBS]], backend.load(&limbs::ONE));
            backend.select_plain(&mut out, &table, 0);
            prop_assert_eq!(value(&out), big(&x));
            prop_assert!(out.0.vectors().as_flattened().iter().all(|&digit| integer(digit).abs() <= OPERAND));
        }
    }
}
