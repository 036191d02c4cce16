//! 48 limbs of 64 bits, `R = 2^3072`, safe Rust. It runs on every machine. Read this backend first.
//!
//! Every operation returns a canonical residue, so each function can be read alone.
//!
//! The full product is computed first and reduced afterwards (Koç, Acar and Kaliski, "Analyzing and Comparing
//! Montgomery Multiplication Algorithms", 1996, method SOS). Both steps work by strips: eight limbs of one factor
//! times all limbs of the other. Within a strip they work by columns: the products of one weight. So eight products
//! share one load and one store of a limb, and compilers unroll loops of eight.

use core::hint::black_box;

use zeroize::Zeroize;

use crate::group::arithmetic::Arithmetic;
use crate::group::limbs::{self, LIMBS, Limbs, Mask};
use crate::group::params::N;

/// The backend that needs no CPU features.
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

/// Returns `table[index]`, or zero for an index past the end. Reads every entry.
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

/// `N / 2^64` rounded up. The lowest limb of `N` is all ones, so this is `(N + 1) / 2^64`.
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
    // Each strip times all limbs above it, ...
    for (i, x) in strips[..STRIPS - 1].iter().enumerate() {
        add_strip(&mut t[STRIP * (2 * i + 1)..], x, &a[STRIP * (i + 1)..]);
    }
    // ... doubled, plus the square of each strip.
    let mut carry = 0;
    for (t, x) in t.as_chunks_mut().0.iter_mut().zip(strips) {
        double_and_add_square(t, x, &mut carry);
    }
    reduce(&mut t)
}

/// Adds `x·y` to `t`. The sum must fit in as many limbs as `x·y` has, and the highest of them must be zero in `t`.
#[inline(always)]
fn add_strip(t: &mut [u64], x: &[u64; STRIP], y: &[u64]) {
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

/// Returns `t/R mod N` for `t < R·N`. Overwrites `t`.
#[inline(always)]
fn reduce(t: &mut [u64; 2 * LIMBS]) -> Limbs {
    let mut carry = 0;
    // Without the barrier, compilers recompute the address of N_UP for every limb.
    let n = black_box(&N_UP);
    for i in 0..STRIPS {
        carry = reduce_strip(&mut t[STRIP * i..][..STRIP + LIMBS], n, carry);
    }
    let (halves, _) = t.as_chunks();
    subtract_n(&halves[1], carry)
}

/// Adds to `t` the multiple `q·N` that makes its lowest strip zero. The zeros themselves are not written.
///
/// The incoming carry belongs to limb 48, the outgoing one to limb 56, which is limb 48 of the next strip. Both are 0
/// or 1, because `t < 2^3584` and `q·N + 2^3072 <= 2^3584`.
#[inline(always)]
fn reduce_strip(t: &mut [u64], n: &[u64; LIMBS - 1], carry_in: u64) -> u64 {
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

/// Returns `carry·2^3072 + t`, which is below 2N, reduced mod `N`.
#[inline(always)]
fn subtract_n(t: &Limbs, carry: u64) -> Limbs {
    let (reduced, borrow) = limbs::sub(t, &N);
    // Keep `t` if the subtraction borrows and there is no carry to absorb the borrow: then `t < N`.
    let keep = Mask::from_bit(borrow & (carry ^ 1));
    limbs::select(keep, t, &reduced)
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
