//! Exponentiation for all backends: a fixed window for any base, a comb for `g`.
//!
//! Both execute the same multiplications for all exponents of the same bound, and read the whole table at every step,
//! so the digits leak neither through time nor through the cache. PARASITE (CCS 2021) found this leak in SRP
//! implementations that take shortcuts for `g = 2`.

use super::arithmetic::Arithmetic;
use super::exponent::Exponent;
use super::limbs::{LIMBS, Limbs};
use super::params::{G, power_of_two};
use super::table::{BLOCKS, COLUMNS, COMB, TEETH};

/// Bits of a window. Five is the cheapest for 513 bits: 30 multiplications for the table, 102 for the digits.
const WINDOW: usize = 5;

/// `BLOCKS`, as a factor of binary logarithms.
#[allow(clippy::cast_possible_wrap, reason = "it is 4")]
const BLOCKS_I32: i32 = BLOCKS as i32;

/// Returns `base^exponent mod N` for `base < N`.
///
/// The method is Algorithm 14.82 of the Handbook of Applied Cryptography (Menezes, van Oorschot and Vanstone): left
/// to right, with windows of five bits. It multiplies by every digit after the first, also by zero digits.
pub(crate) fn pow<B: Arithmetic>(backend: B, base: &Limbs, exponent: &Exponent) -> Limbs {
    // table[i] is the Montgomery form of base^i; that of base^0 = 1 is R.
    let mut table = [backend.load(const { &power_of_two(B::RADIX_BITS) }); 1 << WINDOW];
    table[1] = backend.enter(base);
    for i in 2..table.len() {
        if i.is_multiple_of(2) {
            table[i] = table[i >> 1];
            backend.square(&mut table[i]);
        } else {
            table[i] = table[1];
            let (below, entry) = table.split_at_mut(i);
            backend.mul(&mut entry[0], &below[i - 1]);
        }
    }

    let mut digits = (0..exponent.bits().div_ceil(WINDOW)).rev().map(|digit| exponent.window(WINDOW * digit, WINDOW));
    let mut acc = table[0];
    let mut factor = table[0];
    if let Some(first) = digits.next() {
        backend.select(&mut acc, &table, first);
    }
    for digit in digits {
        for _ in 0..WINDOW {
            backend.square(&mut acc);
        }
        backend.select(&mut factor, &table, digit);
        backend.mul(&mut acc, &factor);
    }

    let out = backend.leave(&acc);
    backend.wipe(&mut acc);
    backend.wipe(&mut factor);
    for entry in &mut table {
        backend.wipe(entry);
    }
    out
}

/// Returns `g^exponent mod N`.
///
/// The method is a comb (Lim and Lee, CRYPTO 1994) with one tooth per limb: the digit at position `p` consists of bit
/// `p` of each of the exponent's five limbs. The 64 positions are divided into blocks that share the squarings.
/// Exponents longer than the comb use [`pow`].
pub(crate) fn pow_g<B: Arithmetic>(backend: B, exponent: &Exponent) -> Limbs {
    let teeth = exponent.bits().div_ceil(64);
    if teeth > TEETH {
        let mut g = [0; LIMBS];
        g[0] = G;
        return pow(backend, &g, exponent);
    }

    // The table holds canonical numbers, so that one table serves all backends, and each product by an entry loses a
    // factor R. Let the accumulator be T·R^k. A square makes it T²·R^(2k-1), and BLOCKS products make that
    // T'·R^(2k-1-BLOCKS), which is R^k again for k = BLOCKS + 1. The first column has no square, so it begins with k
    // = 2·BLOCKS + 1.
    let mut acc = backend.load(const { &power_of_two(B::RADIX_BITS * (2 * BLOCKS_I32 + 1)) });
    let mut factor = acc;
    for column in (0..COLUMNS).rev() {
        if column != COLUMNS - 1 {
            backend.square(&mut acc);
        }
        for (block, entries) in COMB.iter().enumerate() {
            let digit = digit(exponent, teeth, COLUMNS * block + column);
            backend.select_plain(&mut factor, &entries.0[..1 << teeth], digit);
            backend.mul(&mut acc, &factor);
        }
    }
    // T·R^(BLOCKS+1) · R^(1-BLOCKS) / R = T·R, the Montgomery form of T.
    let end = backend.load(const { &power_of_two(B::RADIX_BITS * (1 - BLOCKS_I32)) });
    backend.mul(&mut acc, &end);
    let out = backend.leave(&acc);
    backend.wipe(&mut acc);
    backend.wipe(&mut factor);
    out
}

/// Returns the comb's digit at a public position: that bit of each limb, the lowest limb's bit lowest.
fn digit(exponent: &Exponent, teeth: usize, position: usize) -> u64 {
    (0..teeth).fold(0, |digit, tooth| digit | (exponent.limb(tooth) >> position & 1) << tooth)
}
