//! 48 limbs of 64 bits, `R = 2^3072`, safe Rust: runs on every machine and is the one to read first.
//!
//! Residues are fully reduced after every operation, so each function can be read alone.
//!
//! Multiplication and squaring are Montgomery multiplication by columns (product scanning; Koç, Acar
//! and Kaliski, "Analyzing and Comparing Montgomery Multiplication Algorithms", 1996, method FIPS). A
//! column is summed in three words and gives one limb, so no intermediate limb is ever stored and loaded.

use zeroize::Zeroize;

use super::Backend;
use crate::group::limbs::{self, LIMBS, Limbs, Mask};
use crate::group::params::N;

/// The backend without requirements.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Portable;

impl Backend for Portable {
    type Residue = Limbs;

    const RADIX_BITS: i32 = 3072;

    fn load(self, x: &Limbs) -> Limbs {
        *x
    }

    fn leave(self, t: &Limbs) -> Limbs {
        let mut one = [0; LIMBS];
        one[0] = 1;
        // T·R · 1 / R = T
        self.mul(t, &one)
    }

    fn mul(self, a: &Limbs, b: &Limbs) -> Limbs {
        multiply(a, b)
    }

    fn square(self, a: &Limbs) -> Limbs {
        square(a)
    }

    fn select(self, table: &[Limbs], index: u64) -> Limbs {
        scan(table, index)
    }

    fn select_plain(self, table: &[Limbs], index: u64) -> Limbs {
        scan(table, index)
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

/// The running sum of a column: three words, enough for 2^64 products.
#[derive(Clone, Copy)]
struct Column(u64, u64, u64);

impl Column {
    /// Adds `a·b`.
    #[inline(always)]
    fn add_product(&mut self, a: u64, b: u64) {
        let product = u128::from(a) * u128::from(b);
        let (low, carry) = limbs::adc(self.0, product as u64, 0);
        let (mid, carry) = limbs::adc(self.1, (product >> 64) as u64, carry);
        *self = Self(low, mid, self.2 + carry);
    }

    /// Adds another column.
    #[inline(always)]
    fn add(&mut self, other: Self) {
        let (low, carry) = limbs::adc(self.0, other.0, 0);
        let (mid, carry) = limbs::adc(self.1, other.1, carry);
        *self = Self(low, mid, self.2 + other.2 + carry);
    }

    /// Doubles the sum.
    #[inline(always)]
    fn double(self) -> Self {
        Self(self.0 << 1, self.1 << 1 | self.0 >> 63, self.2 << 1 | self.1 >> 63)
    }

    /// Adds `q·(2^64 - 1)` where `q` is the low word, which clears that word, and moves one column up.
    ///
    /// This is the quotient digit times the lowest limb of `N`: `q·2^64 - q` leaves no borrow.
    #[inline(always)]
    fn reduce(&mut self) -> u64 {
        let q = self.0;
        let (low, carry) = limbs::adc(self.1, q, 0);
        *self = Self(low, self.2 + carry, 0);
        q
    }

    /// Takes the finished low word and moves one column up.
    #[inline(always)]
    fn take(&mut self) -> u64 {
        let low = self.0;
        *self = Self(self.1, self.2, 0);
        low
    }
}

/// Returns `a·b/R mod N`.
fn multiply(a: &Limbs, b: &Limbs) -> Limbs {
    by_columns(|i| {
        let mut column = Column(0, 0, 0);
        let (low, high) = (i.saturating_sub(LIMBS - 1), i.min(LIMBS - 1));
        for (&x, &y) in a[low..=high].iter().zip(b[i - high..=i - low].iter().rev()) {
            column.add_product(x, y);
        }
        column
    })
}

/// Returns `a²/R mod N`. Each product of two different limbs is formed once and doubled.
fn square(a: &Limbs) -> Limbs {
    by_columns(|i| {
        let mut column = Column(0, 0, 0);
        let low = i.saturating_sub(LIMBS - 1);
        for (&x, &y) in a[low..i.div_ceil(2)].iter().zip(a[..=i - low].iter().rev()) {
            column.add_product(x, y);
        }
        column = column.double();
        if i.is_multiple_of(2) {
            column.add_product(a[i >> 1], a[i >> 1]);
        }
        column
    })
}

/// Montgomery reduction of a product that comes column by column, `i` from 0 to 2·48 - 2.
#[inline(always)]
fn by_columns(product: impl Fn(usize) -> Column) -> Limbs {
    let mut q = [0; LIMBS];
    let mut out = [0; LIMBS];
    let mut column = Column(0, 0, 0);
    for i in 0..LIMBS {
        column.add(product(i));
        for (&x, &y) in q[..i].iter().zip(N[1..=i].iter().rev()) {
            column.add_product(x, y);
        }
        q[i] = column.reduce();
    }
    for i in LIMBS..2 * LIMBS - 1 {
        column.add(product(i));
        let low = i - (LIMBS - 1);
        for (&x, &y) in q[low..].iter().zip(N[low..].iter().rev()) {
            column.add_product(x, y);
        }
        out[i - LIMBS] = column.take();
    }
    out[LIMBS - 1] = column.0;
    subtract_n(&out, column.1)
}

/// Returns the value `carry·2^3072 + t`, which is below 2N, reduced below `N`.
fn subtract_n(t: &Limbs, carry: u64) -> Limbs {
    let (reduced, borrow) = limbs::sub(t, &N);
    // The difference is right unless it went below zero, that is borrowed without a carry to pay for it.
    let keep = Mask::from_bit(borrow & (carry ^ 1));
    limbs::select(keep, t, &reduced)
}
