//! 48 limbs of 64 bits, `R = 2^3072`, safe Rust. It runs on every machine. Read this backend first.
//!
//! Every operation returns a canonical residue, so each function can be read alone.
//!
//! The full product is computed first and reduced afterwards (Koç, Acar and Kaliski, "Analyzing and Comparing
//! Montgomery Multiplication Algorithms", 1996, method SOS). Both steps work by strips: eight limbs of one factor
//! times all limbs of the other. So eight products share one load and one store of a limb, and compilers unroll loops of
//! eight. The order within a strip is the target's: by columns, or by rows.

mod columns;
mod rows;

use core::hint::black_box;

use columns::STRIP;
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
pub(super) fn scan(table: &[Limbs], index: u64) -> Limbs {
    let mut out = [0; LIMBS];
    for (i, entry) in table.iter().enumerate() {
        let hit = Mask::equal(i as u64, index).word();
        for (o, e) in out.iter_mut().zip(entry) {
            *o |= hit & e;
        }
    }
    out
}

/// Whether strips go by rows. This takes fewer instructions on aarch64 and makes squares slower on x86-64. A build may
/// ask for either (`--cfg cognito_srp6a_strips="rows"` or `"columns"`), to test and count it.
const BY_ROWS: bool =
    cfg!(any(cognito_srp6a_strips = "rows", all(target_arch = "aarch64", not(cognito_srp6a_strips = "columns"))));

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
    double_and_add_squares(&mut t, a);
    reduce(&mut t)
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

/// See [`rows::add_strip`].
#[inline(always)]
fn add_strip(t: &mut [u64], x: &[u64; STRIP], y: &[u64]) {
    if BY_ROWS { rows::add_strip(t, x, y) } else { columns::add_strip(t, x, y) }
}

/// See [`rows::double_and_add_squares`].
#[inline(always)]
fn double_and_add_squares(t: &mut [u64; 2 * LIMBS], x: &Limbs) {
    if BY_ROWS { rows::double_and_add_squares(t, x) } else { columns::double_and_add_squares(t, x) }
}

/// See [`rows::reduce_strip`].
#[inline(always)]
fn reduce_strip(t: &mut [u64], n: &[u64; LIMBS - 1], carry_in: u64) -> u64 {
    if BY_ROWS { rows::reduce_strip(t, n, carry_in) } else { columns::reduce_strip(t, n, carry_in) }
}

/// Returns `carry·2^3072 + t`, which is below 2N, reduced mod `N`.
#[inline(always)]
fn subtract_n(t: &Limbs, carry: u64) -> Limbs {
    let (reduced, borrow) = limbs::sub(t, &N);
    // Keep `t` if the subtraction borrows and there is no carry to absorb the borrow: then `t < N`.
    let keep = Mask::from_bit(borrow & (carry ^ 1));
    limbs::select(keep, t, &reduced)
}

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;
    use num_traits::One as _;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// A limb, mostly one of those that make or pass on carries.
    fn limb() -> impl Strategy<Value = u64> {
        prop_oneof![
            3 => Just(0),
            4 => Just(u64::MAX),
            1 => Just(1),
            1 => Just(u64::MAX - 1),
            1 => Just(1 << 63),
            2 => any::<u64>(),
        ]
    }

    fn limbs<const COUNT: usize>() -> impl Strategy<Value = [u64; COUNT]> {
        prop_oneof![
            8 => vec(limb(), COUNT).prop_map(|limbs| limbs.try_into().expect("there are as many")),
            1 => Just([u64::MAX; COUNT]),
            1 => Just([0; COUNT]),
        ]
    }

    fn integer(limbs: &[u64]) -> BigUint {
        limbs.iter().rev().fold(BigUint::ZERO, |sum, &limb| (sum << 64u32) + limb)
    }

    fn power(limbs: usize) -> BigUint {
        BigUint::one() << (64 * limbs)
    }

    /// Adds a strip in both orders and compares each with integers.
    fn check_add_strip(t: &[u64], x: &[u64; STRIP], y: &[u64]) -> Result<(), TestCaseError> {
        let mut t = t[..y.len() + STRIP].to_vec();
        t[y.len()..].fill(0);
        let expected = integer(&t) + integer(x) * integer(y);
        for add_strip in [columns::add_strip, rows::add_strip] {
            let mut sum = t.clone();
            add_strip(&mut sum, x, y);
            prop_assert_eq!(integer(&sum), expected.clone());
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

        #[test]
        fn a_strip_is_added_by_columns_as_by_rows(t in limbs::<{ LIMBS + STRIP }>(), x in limbs(), y in limbs::<LIMBS>()) {
            for strips in 1..=STRIPS {
                check_add_strip(&t, &x, &y[..STRIP * strips])?;
            }
        }

        #[test]
        fn squares_are_added_by_columns_as_by_rows(t in limbs::<{ 2 * LIMBS }>(), x in limbs::<LIMBS>()) {
            let mut expected = integer(&t) << 1u32;
            for (i, x) in x.chunks(STRIP).enumerate() {
                expected += integer(x).pow(2) << (128 * STRIP * i);
            }
            expected %= power(2 * LIMBS);
            for double_and_add_squares in [columns::double_and_add_squares, rows::double_and_add_squares] {
                let mut sum = t;
                double_and_add_squares(&mut sum, &x);
                prop_assert_eq!(integer(&sum), expected.clone());
            }
        }

        #[test]
        fn a_strip_is_reduced_by_columns_as_by_rows(t in limbs::<{ STRIP + LIMBS }>(), q in limbs::<STRIP>(), pick in 0..3, carry in 0..=1u64) {
            let (n, strip) = (integer(&N), power(STRIP));
            let inverse = n.modinv(&strip).expect("N is odd");
            let mut t = t;
            // Also strips that make q the weighted number.
            if pick == 0 {
                let low = (&strip - integer(&q) * &n % &strip) % &strip;
                let digits = low.to_u64_digits();
                t[..STRIP].fill(0);
                t[..digits.len()].copy_from_slice(&digits);
            }
            let q = (&strip - integer(&t[..STRIP])) * inverse % &strip;
            let sum = integer(&t) + q * n + (power(LIMBS) * carry);
            prop_assert_eq!(&sum % &strip, BigUint::ZERO);
            for reduce_strip in [columns::reduce_strip, rows::reduce_strip] {
                let mut out = t;
                let carry = reduce_strip(&mut out, &N_UP, carry);
                prop_assert_eq!(integer(&out[STRIP..]) + power(LIMBS) * carry, &sum >> (64 * STRIP));
            }
        }
    }
}
