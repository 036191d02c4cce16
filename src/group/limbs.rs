//! Words and carries: the constant-time primitives of the group. Nothing here depends on `N`.
//!
//! A number is an array of 64-bit limbs, the least significant first. Every function executes the same instructions
//! for all values of its arguments; lengths are public.

use core::hint::black_box;

/// The limbs of a 3072-bit number, 48 · 64 = 3072.
pub(crate) const LIMBS: usize = 48;

/// A 3072-bit number, least significant limb first.
pub(crate) type Limbs = [u64; LIMBS];

/// The number 1.
pub(crate) const ONE: Limbs = {
    let mut out = [0; LIMBS];
    out[0] = 1;
    out
};

/// Returns `a + b + carry` as (low word, carry). Both carries are 0 or 1.
#[inline(always)]
pub(crate) const fn adc(a: u64, b: u64, carry: u64) -> (u64, u64) {
    let sum = a as u128 + b as u128 + carry as u128;
    (sum as u64, (sum >> 64) as u64)
}

/// Returns `a - b - borrow` as (low word, borrow). Both borrows are 0 or 1.
#[inline(always)]
pub(crate) const fn sbb(a: u64, b: u64, borrow: u64) -> (u64, u64) {
    let difference = (a as u128).wrapping_sub(b as u128 + borrow as u128);
    (difference as u64, (difference >> 64) as u64 & 1)
}

/// Returns `a + b·c + carry` as (low word, high word). The sum cannot overflow two words.
#[inline(always)]
pub(crate) const fn mac(a: u64, b: u64, c: u64, carry: u64) -> (u64, u64) {
    let sum = a as u128 + b as u128 * c as u128 + carry as u128;
    (sum as u64, (sum >> 64) as u64)
}

/// A word that is all ones (yes) or all zeros (no), hidden from the optimiser.
///
/// Compilers have turned masked selection back into branches (RUSTSEC-2024-0344), so every mask passes a barrier when
/// it is made. `black_box` is documented as best effort; `tests/constant_time` checks that the built binary has no
/// such branch.
#[derive(Clone, Copy)]
pub(crate) struct Mask(u64);

impl Mask {
    /// Returns the mask of a bit: 0 is no, 1 is yes. The caller passes no other value.
    #[inline(always)]
    pub(crate) fn from_bit(bit: u64) -> Self {
        Self(black_box(bit.wrapping_neg()))
    }

    /// Returns yes if `a == b`.
    #[inline(always)]
    pub(crate) fn equal(a: u64, b: u64) -> Self {
        let difference = a ^ b;
        // The top bit of (d | -d) is set if and only if d is not zero.
        let differs = (difference | difference.wrapping_neg()) >> 63;
        Self::from_bit(differs ^ 1)
    }

    /// Returns the word: all ones or all zeros.
    #[inline(always)]
    pub(crate) const fn word(self) -> u64 {
        self.0
    }
}

/// Returns `a` if the mask is yes and `b` if it is no.
#[inline(always)]
pub(crate) fn select(mask: Mask, a: &Limbs, b: &Limbs) -> Limbs {
    let mut out = [0; LIMBS];
    for i in 0..LIMBS {
        out[i] = b[i] ^ (mask.word() & (a[i] ^ b[i]));
    }
    out
}

/// Returns `a + b` and the carry out of the top limb.
pub(crate) const fn add(a: &Limbs, b: &Limbs) -> (Limbs, u64) {
    let mut out = [0; LIMBS];
    let mut carry = 0;
    let mut i = 0;
    while i < LIMBS {
        (out[i], carry) = adc(a[i], b[i], carry);
        i += 1;
    }
    (out, carry)
}

/// Returns `a - b` and the borrow out of the top limb, which is 1 if and only if `a < b`.
pub(crate) const fn sub(a: &Limbs, b: &Limbs) -> (Limbs, u64) {
    let mut out = [0; LIMBS];
    let mut borrow = 0;
    let mut i = 0;
    while i < LIMBS {
        (out[i], borrow) = sbb(a[i], b[i], borrow);
        i += 1;
    }
    (out, borrow)
}

/// Reads a big-endian integer into `out`, in place. `out` is zero on entry. There are at most `8·out.len()` bytes;
/// their number is public.
pub(crate) const fn read_be_bytes(out: &mut [u64], bytes: &[u8]) {
    let mut i = 0;
    while i < bytes.len() {
        let limb = (bytes.len() - 1 - i) >> 3;
        out[limb] = out[limb] << 8 | bytes[i] as u64;
        i += 1;
    }
}

/// Returns a big-endian integer as limbs.
pub(crate) const fn from_be_bytes<const BYTES: usize, const LEN: usize>(bytes: &[u8; BYTES]) -> [u64; LEN] {
    const { assert!(BYTES <= 8 * LEN) };
    let mut out = [0; LEN];
    read_be_bytes(&mut out, bytes);
    out
}

/// Returns a number as big-endian bytes.
pub(crate) fn to_be_bytes(limbs: &Limbs) -> [u8; 8 * LIMBS] {
    let mut out = [0; 8 * LIMBS];
    for (bytes, limb) in out.chunks_exact_mut(8).zip(limbs.iter().rev()) {
        bytes.copy_from_slice(&limb.to_be_bytes());
    }
    out
}
