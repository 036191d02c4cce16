//! Products of digits, and the rows that add them to the sums of a block.
//!
//! The rows are macros over local arrays, because methods of a struct of sums are not inlined, and then the sums are
//! copied.
//!
//! The compiler must neither reorder the additions to a sum nor load many vectors ahead: both spill the sums to memory,
//! and a product takes longer (`cargo bench --bench group -- square`). So no basic block has two additions to the
//! same sum, which `rows`, a count hidden from the compiler, provides for; and `black_box(())` orders the loads.

use core::arch::x86_64::{
    __m256d, __m256i, _mm256_and_si256, _mm256_castpd_si256, _mm256_castsi256_pd, _mm256_fmadd_pd, _mm256_or_si256,
    _mm256_set1_pd, _mm256_sub_pd,
};

use super::super::avx2::{above_digits, broadcast, moved_up_one, plus};
use super::super::digits51::DIGIT_MAX;
use super::digits::{EMPTY, HIGH, LOW, ROUND_CARRY, ROUND_DIGIT};

/// Returns the digits in a vector's lanes.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn doubles(digits: __m256i) -> __m256d {
    _mm256_castsi256_pd(digits)
}

/// Returns the bits of doubles.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn bits(x: __m256d) -> __m256i {
    _mm256_castpd_si256(x)
}

/// Returns the bits of the high and the low halves of `x·y`.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn halves(x: __m256d, y: __m256d) -> (__m256i, __m256i) {
    let high = _mm256_fmadd_pd(x, y, _mm256_set1_pd(HIGH));
    let low = _mm256_fmadd_pd(x, y, _mm256_sub_pd(_mm256_set1_pd(HIGH + LOW), high));
    (bits(high), bits(low))
}

/// The carry of a complete vector to the vector above it. Only the top lanes matter.
#[derive(Clone, Copy)]
pub(super) struct Carries {
    /// High halves, which belong one column higher.
    pub(super) high: __m256i,
    /// The bits above the digits, too large by `ROUND_CARRY`.
    pub(super) above: __m256i,
}

impl Carries {
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn none() -> Self {
        Self { high: broadcast(0), above: broadcast(ROUND_CARRY) }
    }
}

/// Returns the digits of a vector, whose sums are complete, and its carry.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn complete(low: __m256i, high: __m256i, below: Carries) -> (__m256i, Carries) {
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
