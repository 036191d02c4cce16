//! 110 digits of 28 bits, `R = 2^3080`, safe Rust: for machines without a product of two 64-bit words.
//!
//! wasm32 and 32-bit machines multiply words of 32 bits into 64. The product of two limbs is four of these and many
//! carries there, or a call of a library. The product of two digits of 28 bits has 56, and a 64-bit column takes all
//! that a multiplication and its reduction sum up in it. No carry is computed before a column is complete.
//!
//! The full product is computed first and reduced afterwards, by strips and columns, as in
//! [`portable`](super::portable).
//!
//! # Reduction
//!
//! The reduction is Montgomery's. `N = -1 mod 2^28`, so the quotient digit that clears a digit is this digit itself.
//! Let `t` be the product and `q` the quotient, which has 110 digits and is below `R`. Then `q·N = q·2^28·N_UP - q` for
//! `N_UP = (N + 1) / 2^28`: subtracting `q` clears the lower half of `t`, digit by digit, and `q·N_UP` is added one
//! digit higher. What a column has above its digit is the carry to the next one.
//!
//! # Bounds
//!
//! A residue has 110 digits below `2^28` and is below `2^3073`; only `leave` reduces it below `N`.
//!
//! The value: for `x, y < 2^3073` the result is `(x·y + q·N) / R < 2^6146/2^3080 + N = 2^3066 + N < 2^3073`. For `y = 1`,
//! which is `leave`, it is at most `(2^3073 + (R - 1)·N) / R < N + 1`. So it is at most `N`, and one subtraction of
//! `N` makes it canonical.
//!
//! The columns: a column sums at most 110 products of digits of `x` and `y`, at most 109 products of digits of `q` and
//! `N_UP`, which has 109 digits, and one carry from the column below, which is below `2^64 / 2^28 = 2^36`. A square
//! sums each product of two different digits once, by a doubled digit, which counts as two products. So a column is
//! below `219·(2^28 - 1)^2 + 2^36 < 220·2^56 < 2^64`.
//!
//! The top column, 219, has no product but the carry of column 218. It needs no digit above it, because the result is
//! below `2^3080`.

#[cfg(test)]
mod tests;

use zeroize::Zeroize;

use super::portable::scan;
use crate::group::arithmetic::Arithmetic;
use crate::group::limbs::{self, LIMBS, Limbs, Mask};
use crate::group::params::N;

/// The backend for narrow words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Digits28;

impl Digits28 {
    /// Returns the backend, which every machine can run.
    #[allow(clippy::unnecessary_wraps, reason = "the other backends return an option")]
    pub(crate) const fn detect() -> Option<Self> {
        Some(Self)
    }
}

/// Bits of a digit.
const DIGIT_BITS: usize = 28;

/// The largest digit.
const DIGIT_MAX: u32 = (1 << DIGIT_BITS) - 1;

/// Digits of `N` and of every residue, 28 · 110 = 3080.
const DIGITS: usize = 110;

/// Digits in a strip.
const STRIP: usize = 5;

const _: () = assert!(DIGITS.is_multiple_of(STRIP));

/// A number below `2^3073`, least significant digit first.
#[derive(Clone, Copy)]
pub(crate) struct Residue([u32; DIGITS]);

impl Residue {
    const ZERO: Self = Self([0; DIGITS]);
}

impl Arithmetic for Digits28 {
    type Residue = Residue;

    const RADIX_BITS: i32 = 28 * 110;

    fn load(self, x: &Limbs) -> Residue {
        from_limbs(x)
    }

    fn leave(self, t: &Residue) -> Limbs {
        // T·R · 1 / R = T
        let mut out = *t;
        multiply(&mut out, &ONE);
        let limbs = canonical(&out);
        self.wipe(&mut out);
        limbs
    }

    fn mul(self, a: &mut Residue, b: &Residue) {
        multiply(a, b);
    }

    fn square(self, a: &mut Residue) {
        square(a);
    }

    fn select(self, out: &mut Residue, table: &[Residue], index: u64) {
        *out = Residue::ZERO;
        for (i, entry) in table.iter().enumerate() {
            let hit = Mask::equal(i as u64, index).word() as u32;
            for (o, e) in out.0.iter_mut().zip(&entry.0) {
                *o |= hit & e;
            }
        }
    }

    fn select_plain(self, out: &mut Residue, table: &[Limbs], index: u64) {
        *out = from_limbs(&scan(table, index));
    }

    fn wipe(self, t: &mut Residue) {
        t.0.zeroize();
    }
}

// Conversions.

/// The number 1, unconverted: not the Montgomery form of 1.
static ONE: Residue = {
    let mut out = Residue::ZERO;
    out.0[0] = 1;
    out
};

/// `N_UP = (N + 1) / 2^28`
static N_UP: [u32; DIGITS - 1] = {
    let (n_plus_one, carry) = limbs::add(&N, &limbs::ONE);
    assert!(carry == 0 && digit_of(&n_plus_one, 0) == 0);
    let mut out = [0; DIGITS - 1];
    let mut i = 1;
    while i < DIGITS {
        out[i - 1] = digit_of(&n_plus_one, i);
        i += 1;
    }
    out
};

/// Returns the limb and the bit at which digit `i` begins.
const fn place_of(i: usize) -> (usize, usize) {
    ((DIGIT_BITS * i) >> 6, (DIGIT_BITS * i) & 63)
}

/// Returns digit `i` of a number.
const fn digit_of(x: &Limbs, i: usize) -> u32 {
    let (limb, bit) = place_of(i);
    let above = if limb + 1 < LIMBS { x[limb + 1] } else { 0 };
    // Two shifts, because one by 64 is none.
    (x[limb] >> bit | above << 1 << (63 - bit)) as u32 & DIGIT_MAX
}

/// Returns `x` itself as a residue, unconverted.
fn from_limbs(x: &Limbs) -> Residue {
    let mut out = Residue::ZERO;
    for (i, digit) in out.0.iter_mut().enumerate() {
        *digit = digit_of(x, i);
    }
    out
}

/// Returns a number, which is at most `N`, reduced mod `N`.
fn canonical(x: &Residue) -> Limbs {
    let mut words = [0; LIMBS + 1];
    for (i, &digit) in x.0.iter().enumerate() {
        let (limb, bit) = place_of(i);
        words[limb] |= u64::from(digit) << bit;
        words[limb + 1] |= u64::from(digit) >> 1 >> (63 - bit);
    }
    let [low @ .., _] = words;
    let (reduced, below_n) = limbs::sub(&low, &N);
    limbs::select(Mask::from_bit(below_n), &low, &reduced)
}

// Products.

/// Replaces `a` by `a·b/R`, up to a multiple of `N`.
fn multiply(a: &mut Residue, b: &Residue) {
    let mut t = [0; 2 * DIGITS];
    for (i, x) in a.0.as_chunks().0.iter().enumerate() {
        add_strip(&mut t[STRIP * i..], x, &b.0);
    }
    reduce(a, &mut t);
}

/// Replaces `a` by `a²/R`, up to a multiple of `N`.
fn square(a: &mut Residue) {
    let mut t = [0; 2 * DIGITS];
    let twice = a.0.map(|digit| digit << 1);
    for (i, x) in a.0.as_chunks().0.iter().enumerate() {
        // The square of each strip, and the strip times all digits above it, twice.
        add_square(&mut t[2 * STRIP * i..], x);
        let above = STRIP * (i + 1);
        if above < DIGITS {
            add_strip(&mut t[STRIP * i + above..], x, &twice[above..]);
        }
    }
    reduce(a, &mut t);
}

/// Adds `x·y` to the columns of `t`.
#[inline(always)]
fn add_strip(t: &mut [u64], x: &[u32; STRIP], y: &[u32]) {
    // The products form a parallelogram: the first columns have 1, 2, .. products, ...
    for i in 0..STRIP - 1 {
        t[i] += products(&x[..=i], &y[..=i]);
    }
    // ... the middle ones have one for each digit of the strip, ...
    for (t, y) in t[STRIP - 1..].iter_mut().zip(y.windows(STRIP)) {
        *t += products(x, y);
    }
    // ... and the last columns have .. 2, 1.
    let (t, y) = (&mut t[y.len()..][..STRIP - 1], &y[y.len() - STRIP..]);
    for i in 1..STRIP {
        t[i - 1] += products(&x[i..], &y[i..]);
    }
}

/// Adds `x²` to the columns of `t`.
#[inline(always)]
fn add_square(t: &mut [u64], x: &[u32; STRIP]) {
    let twice = x.map(|digit| digit << 1);
    for i in 0..STRIP {
        t[2 * i] += product(x[i], x[i]);
        for j in i + 1..STRIP {
            t[i + j] += product(x[i], twice[j]);
        }
    }
}

/// Returns the sum of the products of the digits of `x`, first to last, by the digits of `y`, last to first.
#[inline(always)]
fn products(x: &[u32], y: &[u32]) -> u64 {
    x.iter().zip(y.iter().rev()).map(|(&a, &b)| product(a, b)).sum()
}

/// Returns `a·b`.
#[inline(always)]
fn product(a: u32, b: u32) -> u64 {
    u64::from(a) * u64::from(b)
}

/// Sets `out` to `t/R`, up to a multiple of `N`. Overwrites `t`.
#[inline(always)]
fn reduce(out: &mut Residue, t: &mut [u64; 2 * DIGITS]) {
    for i in (0..DIGITS).step_by(STRIP) {
        reduce_strip(&mut t[i..]);
    }
    let mut carry = 0;
    for (digit, column) in out.0.iter_mut().zip(&t[DIGITS..]) {
        let sum = column + carry;
        *digit = sum as u32 & DIGIT_MAX;
        carry = sum >> DIGIT_BITS;
    }
}

/// Adds to `t` the multiple `q·N` that makes its lowest strip zero. The zeros themselves are not written.
#[inline(always)]
fn reduce_strip(t: &mut [u64]) {
    let mut q = [0; STRIP];
    let mut carry = 0;
    for i in 0..STRIP {
        // The lowest digit of N_UP is 0, so a quotient digit does not wait for the one before it.
        let sum = t[i] + products(&q[..i], &N_UP[..i]) + carry;
        q[i] = sum as u32 & DIGIT_MAX;
        carry = sum >> DIGIT_BITS;
    }
    t[STRIP] += carry;
    for (t, n) in t[STRIP..].iter_mut().zip(N_UP.windows(STRIP)) {
        *t += products(&q, n);
    }
    let (t, n) = (&mut t[DIGITS..][..STRIP - 1], &N_UP[DIGITS - 1 - STRIP..]);
    for i in 1..STRIP {
        t[i - 1] += products(&q[i..], &n[i..]);
    }
}
