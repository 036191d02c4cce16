//! 48 limbs of 64 bits, `R = 2^3072`, safe Rust: runs on every machine and is the one to read first.
//!
//! Residues are fully reduced after every operation, so each function can be read alone.
//!
//! A product is formed whole and then reduced (Koç, Acar and Kaliski, "Analyzing and Comparing Montgomery
//! Multiplication Algorithms", 1996, method SOS). Both steps go by strips, eight limbs of one factor
//! times all limbs of the other, and within a strip by columns, the products of one weight. Eight
//! products share the load and the store of a limb, and loops of eight are what compilers unroll.

use core::hint::black_box;

use zeroize::Zeroize;

use crate::group::arithmetic::Arithmetic;
use crate::group::limbs::{self, LIMBS, Limbs, Mask};
use crate::group::params::N;

/// The backend without requirements.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Portable;

impl Portable {
    /// Returns the backend, which every machine can run.
    #[allow(clippy::unnecessary_wraps, reason = "the other backends return an option")]
    pub(crate) const fn detect() -> Option<Self> {
        Some(Self)
    }
}

impl Arithmetic for Portable {
    type Residue = Limbs;

    const RADIX_BITS: i32 = 3072;

    fn load(self, x: &Limbs) -> Limbs {
        *x
    }

    fn leave(self, t: &Limbs) -> Limbs {
        // T·R · 1 / R = T
        multiply(t, &limbs::ONE)
    }

    fn mul(self, a: &mut Limbs, b: &Limbs) {
        *a = multiply(a, b);
    }

    fn square(self, a: &mut Limbs) {
        *a = square(a);
    }

    fn select(self, out: &mut Limbs, table: &[Limbs], index: u64) {
        *out = scan(table, index);
    }

    fn select_plain(self, out: &mut Limbs, table: &[Limbs], index: u64) {
        *out = scan(table, index);
    }

    fn wipe(self, t: &mut Limbs) {
        t.zeroize();
    }
}

/// Returns `table[index]`, or zero when there is no such entry, having read every entry.
fn scan(table: &[Limbs], index: u64) -> Limbs {
    let mut out = [0; LIMBS];
    for (i, entry) in table.iter().enumerate() {
        let hit = Mask::equal(i as u64, index).word();
        for (o, e) in out.iter_mut().zip(entry) {
            *o |= hit & e;
        }
    }
    out
}

/// Limbs in a strip.
const STRIP: usize = 8;

/// Strips in a number.
const STRIPS: usize = 6;

const _: () = assert!(STRIPS * STRIP == LIMBS);

/// `N / 2^64` rounded up, which is `(N + 1) / 2^64` because the lowest limb of `N` is all ones.
const N_UP: [u64; LIMBS - 1] = {
    let mut out = [0; LIMBS - 1];
    let mut carry = 1;
    let mut i = 0;
    while i < LIMBS - 1 {
        (out[i], carry) = limbs::adc(N[i + 1], 0, carry);
        i += 1;
    }
    assert!(carry == 0);
    out
};

/// Returns `a·b/R mod N`.
#[inline(always)]
pub(super) fn multiply(a: &Limbs, b: &Limbs) -> Limbs {
    let mut t = [0; 2 * LIMBS];
    let (strips, _) = a.as_chunks();
    for (i, x) in strips.iter().enumerate() {
        add_strip(&mut t[STRIP * i..], x, b);
    }
    reduce(&mut t)
}

/// Returns `a²/R mod N`.
#[inline(always)]
pub(super) fn square(a: &Limbs) -> Limbs {
    let mut t = [0; 2 * LIMBS];
    let (strips, _) = a.as_chunks();
    // Each strip times all the limbs above it, ...
    for (i, x) in strips[..STRIPS - 1].iter().enumerate() {
        add_strip(&mut t[STRIP * (2 * i + 1)..], x, &a[STRIP * (i + 1)..]);
    }
    // ... twice, and each strip squared.
    let mut carry = 0;
    for (t, x) in t.as_chunks_mut().0.iter_mut().zip(strips) {
        double_and_add_square(t, x, &mut carry);
    }
    reduce(&mut t)
}

/// Adds `x·y` to `t`. The sum must fit in the limbs of `x·y`, the highest of which is still zero in `t`.
#[inline(always)]
fn add_strip(t: &mut [u64], x: &[u64; STRIP], y: &[u64]) {
    let mut carry = 0;
    // The product is a parallelogram: the first columns hold 1, 2, .. 7 products, ...
    for i in 0..STRIP - 1 {
        t[i] = Column::new(t[i]).add_products(&x[..=i], &y[..=i]).finish(&mut carry);
    }
    // ... then there is one for each limb of the strip, ...
    for (t, y) in t[STRIP - 1..].iter_mut().zip(y.windows(STRIP)) {
        *t = Column::new(*t).add_products(x, y).finish(&mut carry);
    }
    // ... and the last columns hold 7, 6, .. 1.
    let (t, y) = (&mut t[y.len()..][..STRIP], &y[y.len() - STRIP..]);
    for i in 1..STRIP {
        t[i - 1] = Column::new(t[i - 1]).add_products(&x[i..], &y[i..]).finish(&mut carry);
    }
    t[STRIP - 1] = carry as u64;
}

/// Replaces `t` by `2·t + x² + carry`, and `carry` by what goes beyond `t`.
#[inline(always)]
fn double_and_add_square(t: &mut [u64; 2 * STRIP], x: &[u64; STRIP], carry: &mut u128) {
    // Two loops because one of sixteen steps is not unrolled.
    for i in 0..STRIP {
        t[i] = square_column(t[i], x, i, 0).finish(carry);
    }
    for i in STRIP..2 * STRIP {
        t[i] = square_column(t[i], x, i, i - STRIP + 1).finish(carry);
    }
}

/// Returns `2·t` plus column `i` of `x²`, in which `low` is the least index of a limb.
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

/// Returns `t/R mod N` for `t < R·N`, using up `t`.
#[inline(always)]
fn reduce(t: &mut [u64; 2 * LIMBS]) -> Limbs {
    let mut carry = 0;
    // Without the barrier, compilers form the address of N_UP again for every limb of it.
    let n = black_box(&N_UP);
    for i in 0..STRIPS {
        carry = reduce_strip(&mut t[STRIP * i..][..STRIP + LIMBS], n, carry);
    }
    let (halves, _) = t.as_chunks();
    subtract_n(&halves[1], carry)
}

/// Adds to `t` the multiple `q·N` that clears its lowest strip, which is left as it was.
///
/// The carry that comes in belongs to limb 48 and the one that goes out to limb 56, which is limb 48 of
/// the next strip. Both are 0 or 1, since `t < 2^3584` and `q·N + 2^3072 <= 2^3584`.
#[inline(always)]
fn reduce_strip(t: &mut [u64], n: &[u64; LIMBS - 1], carry_in: u64) -> u64 {
    let mut carry = 0;
    // q·N = q·2^64·N_UP - q: a digit of q is the limb that it clears, without a multiplication and
    // without a carry, and what remains to be added begins one limb higher.
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

/// Returns the value `carry·2^3072 + t`, which is below 2N, reduced below `N`.
#[inline(always)]
fn subtract_n(t: &Limbs, carry: u64) -> Limbs {
    let (reduced, borrow) = limbs::sub(t, &N);
    // The difference is right unless it went below zero, that is borrowed without a carry to pay for it.
    let keep = Mask::from_bit(borrow & (carry ^ 1));
    limbs::select(keep, t, &reduced)
}

/// A sum of products of one weight: `low + 2^64·high`.
#[derive(Clone, Copy)]
struct Column {
    low: u64,
    high: u128,
}

impl Column {
    /// A sum that starts with one limb.
    #[inline(always)]
    fn new(limb: u64) -> Self {
        Self { low: limb, high: 0 }
    }

    /// Adds `a·b`. Compilers see through the two halves: it is one addition of three words.
    #[inline(always)]
    fn add_product(&mut self, a: u64, b: u64) {
        // (2^64 - 1)² + 2^64 - 1 < 2^128
        let sum = u128::from(a) * u128::from(b) + u128::from(self.low);
        self.low = sum as u64;
        self.high += sum >> 64;
    }

    /// Adds the products of the limbs of `x`, from the first up, by the limbs of `y`, from the last down.
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

    /// Adds the carry from the columns below, returns the finished limb, and leaves the carry to those above.
    ///
    /// The carry comes last so that the products of a column need not wait for the column below.
    #[inline(always)]
    fn finish(self, carry: &mut u128) -> u64 {
        let sum = u128::from(self.low) + u128::from(*carry as u64);
        *carry = self.high + (*carry >> 64) + (sum >> 64);
        sum as u64
    }
}
