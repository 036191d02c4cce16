//! The beginnings of sums, which cancel the bits of `HIGH` and `LOW`.

use super::super::avx2::{LANES, Lanes};
use super::super::digits51::{DIGITS, STEP};
use super::digits::{BLOCK, HIGH, LOW, ROUND};

/// Blocks of a product.
pub(super) const BLOCKS: usize = 8;

const _: () = assert!(BLOCK * LANES == STEP);

/// Vectors of a block's low and high halves.
pub(super) type Sums = [[Lanes; BLOCK]; 2];

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
pub(super) static PRODUCT: [Sums; BLOCKS] = {
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
pub(super) static SQUARE: [Sums; BLOCKS] = {
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
pub(super) static QUOTIENT: Sums = {
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
pub(super) const ZEROS: [u64; 2] =
    [minus(LOW.to_bits(), STEP as u64 + 1).wrapping_add(ROUND), minus(HIGH.to_bits(), STEP as u64)];
