//! Strips by rows: within a strip, the eight products by one limb of the other factor are added first.
//!
//! The eight limbs of the strip and the eight limbs of a running sum stay in registers. A row adds the high halves of its
//! products in one chain of carries and the low halves in another. This suits a machine whose multiplications leave the
//! carry alone and which has some thirty registers, such as aarch64.

use crate::group::limbs::{LIMBS, Limbs};

/// Limbs in a strip.
pub(super) const STRIP: usize = 8;

/// Adds `x·y` to `t`. The sum must fit in as many limbs as `x·y` has, and the highest eight of them must be zero in `t`.
#[inline(always)]
pub(super) fn add_strip(t: &mut [u64], x: &[u64; STRIP], y: &[u64]) {
    let (t, highest) = t.split_at_mut(y.len());
    let mut above = [0; STRIP];
    for (t, &y) in t.iter_mut().zip(y) {
        *t = add_row(&mut above, x, y, *t);
    }
    highest[..STRIP].copy_from_slice(&above);
}

/// Doubles `t` and adds the square of each strip of `x` in the place that it has in `x²`.
#[inline(always)]
pub(super) fn double_and_add_squares(t: &mut [u64; 2 * LIMBS], x: &Limbs) {
    let (mut carry, mut below, mut carry_of_double) = (false, 0, false);
    for (t, x) in t.as_chunks_mut::<{ 2 * STRIP }>().0.iter_mut().zip(x.as_chunks().0) {
        let products = products_of_pairs(x);
        for i in 0..2 * STRIP {
            (t[i], carry) = add(t[i], products[i], carry);
        }
        for i in 0..STRIP {
            let square = u128::from(x[i]) * u128::from(x[i]);
            let (low, high) = (t[2 * i], t[2 * i + 1]);
            (t[2 * i], carry_of_double) = add(low << 1 | below >> 63, square as u64, carry_of_double);
            (t[2 * i + 1], carry_of_double) = add(high << 1 | low >> 63, (square >> 64) as u64, carry_of_double);
            below = high;
        }
    }
}

/// Returns the sum of the products of each limb by the limbs above it. The lowest limb and the highest are zero.
#[inline(always)]
fn products_of_pairs(x: &[u64; STRIP]) -> [u64; 2 * STRIP] {
    let mut out = [0; 2 * STRIP];
    let mut above = [0; STRIP - 1];
    // Compilers do not unroll a loop around loops whose lengths differ.
    add_pairs(&mut out, &mut above, x, 0);
    add_pairs(&mut out, &mut above, x, 1);
    add_pairs(&mut out, &mut above, x, 2);
    add_pairs(&mut out, &mut above, x, 3);
    add_pairs(&mut out, &mut above, x, 4);
    add_pairs(&mut out, &mut above, x, 5);
    add_pairs(&mut out, &mut above, x, 6);
    out
}

/// Adds the products of limb `i` by the limbs above it. The next row begins two limbs higher.
#[inline(always)]
fn add_pairs(out: &mut [u64; 2 * STRIP], above: &mut [u64; STRIP - 1], x: &[u64; STRIP], i: usize) {
    out[2 * i + 1] = add_row(&mut above[i..], &x[i + 1..], x[i], 0);
    out[2 * i + 2] = above[i];
}

/// Adds to `t` the multiple `q·N` that makes its lowest strip zero. The zeros themselves are not written.
///
/// The incoming carry belongs to limb 48, the outgoing one to limb 56, which is limb 48 of the next strip. Both are 0
/// or 1, because `t < 2^3584` and `q·N + 2^3072 <= 2^3584`.
#[inline(always)]
pub(super) fn reduce_strip(t: &mut [u64], n: &[u64; LIMBS - 1], carry_in: u64) -> u64 {
    // q·N = q·2^64·N_UP - q. Subtracting q clears the lowest strip, so each limb of q equals the limb that it clears:
    // this takes no multiplication and leaves no carry. The rest, q·N_UP, is added one limb higher.
    let (n_low, n_high) = n.split_at(STRIP);
    let mut above = [0; STRIP];
    let mut q = [0; STRIP];
    q[0] = t[0];
    for i in 1..STRIP {
        q[i] = add_row(&mut above, n_low, q[i - 1], t[i]);
    }
    t[STRIP] = add_row(&mut above, n_low, q[STRIP - 1], t[STRIP]);
    for (t, &n) in t[STRIP + 1..].iter_mut().zip(n_high) {
        *t = add_row(&mut above, &q, n, *t);
    }
    let mut carry = carry_in != 0;
    for (t, above) in t[LIMBS..].iter_mut().zip(above) {
        (*t, carry) = add(*t, above, carry);
    }
    u64::from(carry)
}

/// Returns the lowest limb of `above + x·y + t`, and replaces `above` by the limbs over it.
///
/// The sum has one limb more than `x`: `(B - 1) + (B - 1)(b - 1) + (b - 1) = B·b - 1` for `x, above < B` and `y, t < b`.
#[inline(always)]
fn add_row(above: &mut [u64], x: &[u64], y: u64, t: u64) -> u64 {
    let top = x.len() - 1;
    let mut carry;
    (above[0], carry) = add(above[0], t, false);
    for i in 0..top {
        (above[i + 1], carry) = add(above[i + 1], high(x[i], y), carry);
    }
    let highest = high(x[top], y) + u64::from(carry);
    let lowest;
    (lowest, carry) = add(above[0], x[0].wrapping_mul(y), false);
    for i in 0..top {
        (above[i], carry) = add(above[i + 1], x[i + 1].wrapping_mul(y), carry);
    }
    above[top] = highest + u64::from(carry);
    lowest
}

/// Returns the high word of `a·b`.
#[inline(always)]
fn high(a: u64, b: u64) -> u64 {
    ((u128::from(a) * u128::from(b)) >> 64) as u64
}

/// Returns `a + b + carry` and its carry. In this form compilers keep the carries of a chain in the flags.
#[inline(always)]
fn add(a: u64, b: u64, carry: bool) -> (u64, bool) {
    let (sum, one) = a.overflowing_add(b);
    let (sum, other) = sum.overflowing_add(u64::from(carry));
    // At most one of them.
    (sum, one | other)
}
