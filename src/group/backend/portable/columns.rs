//! Strips by columns: within a strip, the products of one weight are added first.
//!
//! A column is a sum of three words, and one limb is loaded and stored for its eight products. This suits machines on
//! which a carry is lost by the next multiplication, such as x86-64.

use crate::group::limbs::{LIMBS, Limbs};

/// Limbs in a strip. Compilers unroll loops of eight.
pub(super) const STRIP: usize = 8;

/// Adds `x·y` to `t`. The sum must fit in as many limbs as `x·y` has, and the highest eight of them must be zero in `t`.
#[inline(always)]
pub(super) fn add_strip(t: &mut [u64], x: &[u64; STRIP], y: &[u64]) {
    let mut carry = 0;
    // The products form a parallelogram: the first columns have 1, 2, .. 7 products, ...
    for i in 0..STRIP - 1 {
        t[i] = Column::new(t[i]).add_products(&x[..=i], &y[..=i]).finish(&mut carry);
    }
    // ... the middle ones have 8, one for each limb of the strip, ...
    for (t, y) in t[STRIP - 1..].iter_mut().zip(y.windows(STRIP)) {
        *t = Column::new(*t).add_products(x, y).finish(&mut carry);
    }
    // ... and the last columns have 7, 6, .. 1.
    let (t, y) = (&mut t[y.len()..][..STRIP], &y[y.len() - STRIP..]);
    for i in 1..STRIP {
        t[i - 1] = Column::new(t[i - 1]).add_products(&x[i..], &y[i..]).finish(&mut carry);
    }
    t[STRIP - 1] = carry as u64;
}

/// Doubles `t` and adds the square of each strip of `x` in the place that it has in `x²`.
#[inline(always)]
pub(super) fn double_and_add_squares(t: &mut [u64; 2 * LIMBS], x: &Limbs) {
    let mut carry = 0;
    for (t, x) in t.as_chunks_mut().0.iter_mut().zip(x.as_chunks().0) {
        double_and_add_square(t, x, &mut carry);
    }
}

/// Replaces `t` by the low limbs of `2·t + x² + carry`, and `carry` by the limbs above them.
#[inline(always)]
fn double_and_add_square(t: &mut [u64; 2 * STRIP], x: &[u64; STRIP], carry: &mut u128) {
    // Two loops of eight, because compilers do not unroll one of sixteen.
    for i in 0..STRIP {
        t[i] = square_column(t[i], x, i, 0).finish(carry);
    }
    for i in STRIP..2 * STRIP {
        t[i] = square_column(t[i], x, i, i - STRIP + 1).finish(carry);
    }
}

/// Returns `2·t` plus column `i` of `x²`. `low` is the lowest index of a limb in this column.
#[inline(always)]
fn square_column(t: u64, x: &[u64; STRIP], i: usize, low: usize) -> Column {
    let mut column = Column::new(t);
    for j in low..i.div_ceil(2) {
        column.add_product(x[j], x[i - j]);
    }
    column = column.double();
    if i.is_multiple_of(2) {
        column.add_product(x[i >> 1], x[i >> 1]);
    }
    column
}

/// Adds to `t` the multiple `q·N` that makes its lowest strip zero. The zeros themselves are not written.
///
/// The incoming carry belongs to limb 48, the outgoing one to limb 56, which is limb 48 of the next strip. Both are 0
/// or 1, because `t < 2^3584` and `q·N + 2^3072 <= 2^3584`.
#[inline(always)]
pub(super) fn reduce_strip(t: &mut [u64], n: &[u64; LIMBS - 1], carry_in: u64) -> u64 {
    let mut carry = 0;
    // q·N = q·2^64·N_UP - q. Subtracting q clears the lowest strip, so each limb of q equals the limb that it clears:
    // this takes no multiplication and leaves no carry. The rest, q·N_UP, is added one limb higher.
    let mut q = [0; STRIP];
    for i in 0..STRIP {
        q[i] = Column::new(t[i]).add_products(&q[..i], &n[..i]).finish(&mut carry);
    }
    for (t, n) in t[STRIP..].iter_mut().zip(n.windows(STRIP)) {
        *t = Column::new(*t).add_products(&q, n).finish(&mut carry);
    }
    carry += u128::from(carry_in);
    let (t, n) = (&mut t[LIMBS..], &n[n.len() - STRIP..]);
    for i in 1..STRIP {
        t[i - 1] = Column::new(t[i - 1]).add_products(&q[i..], &n[i..]).finish(&mut carry);
    }
    t[STRIP - 1] = Column::new(t[STRIP - 1]).finish(&mut carry);
    carry as u64
}

/// A sum of products of one weight, `low + 2^64·high`.
#[derive(Clone, Copy)]
struct Column {
    low: u64,
    high: u128,
}

impl Column {
    /// Returns a sum that begins with one limb.
    #[inline(always)]
    fn new(limb: u64) -> Self {
        Self { low: limb, high: 0 }
    }

    /// Adds `a·b`. Compilers merge the two halves into one addition of three words.
    #[inline(always)]
    fn add_product(&mut self, a: u64, b: u64) {
        // (2^64 - 1)² + 2^64 - 1 < 2^128
        let sum = u128::from(a) * u128::from(b) + u128::from(self.low);
        self.low = sum as u64;
        self.high += sum >> 64;
    }

    /// Adds the products of the limbs of `x`, first to last, by the limbs of `y`, last to first.
    #[inline(always)]
    fn add_products(mut self, x: &[u64], y: &[u64]) -> Self {
        for (&a, &b) in x.iter().zip(y.iter().rev()) {
            self.add_product(a, b);
        }
        self
    }

    /// Doubles the sum.
    #[inline(always)]
    fn double(self) -> Self {
        Self { low: self.low << 1, high: self.high << 1 | u128::from(self.low >> 63) }
    }

    /// Adds the carry of the columns below and returns the finished limb. Replaces `carry` by the carry to the
    /// columns above.
    ///
    /// The carry is added last, so the products of a column do not wait for the column below.
    #[inline(always)]
    fn finish(self, carry: &mut u128) -> u64 {
        let sum = u128::from(self.low) + u128::from(*carry as u64);
        *carry = self.high + (*carry >> 64) + (sum >> 64);
        sum as u64
    }
}
