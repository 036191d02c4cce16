//! Residues that no caller can choose: digits and values up to their bounds. Overflow of a column panics here.

use alloc::vec::Vec;

use num_bigint::BigUint;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::group::backend::portable::Portable;

/// The top digit begins at bit 3052, so a residue with this top digit is below `2^3073`.
const TOP: u32 = (1 << 21) - 1;

/// The largest residue: every digit, and so every column of a product before its reduction, is as large as it can be.
const LARGEST: [u32; DIGITS] = {
    let mut out = [DIGIT_MAX; DIGITS];
    out[DIGITS - 1] = TOP;
    out
};

fn value(x: &Residue) -> BigUint {
    x.0.iter().rev().fold(BigUint::ZERO, |sum, &digit| (sum << DIGIT_BITS) + digit)
}

fn integer(x: &Limbs) -> BigUint {
    BigUint::from_bytes_be(&limbs::to_be_bytes(x))
}

/// Returns a number below `2^3080` as digits.
fn residue(x: &BigUint) -> Residue {
    let mut out = Residue::ZERO;
    for (i, digit) in out.0.iter_mut().enumerate() {
        *digit = ((x >> (DIGIT_BITS * i)) & BigUint::from(DIGIT_MAX)).try_into().expect("it has 28 bits");
    }
    out
}

/// Digits at both ends of their range.
fn digit() -> impl Strategy<Value = u32> {
    prop_oneof![0..3_u32, DIGIT_MAX - 2..=DIGIT_MAX, 0..=DIGIT_MAX]
}

fn digits() -> impl Strategy<Value = [u32; DIGITS]> {
    let many = vec(digit(), DIGITS).prop_map(|digits| digits.try_into().expect("there are as many"));
    let digits = prop_oneof![many, digit().prop_map(|digit| [digit; DIGITS])];
    (digits, prop_oneof![Just(0), Just(TOP), 0..=TOP]).prop_map(|(mut digits, top)| {
        digits[DIGITS - 1] = top;
        digits
    })
}

fn check(a: &Residue, b: &Residue) -> Result<(), TestCaseError> {
    let n = integer(&N);
    let (mut product, mut square) = (*a, *a);
    Digits28.mul(&mut product, b);
    Digits28.square(&mut square);
    for (result, expected) in [(product, value(a) * value(b)), (square, value(a) * value(a))] {
        prop_assert_eq!((value(&result) << Digits28::RADIX_BITS) % &n, expected % &n);
        prop_assert!(value(&result) < &n + (BigUint::from(1_u8) << 3066));
        prop_assert!(result.0.iter().all(|&digit| digit <= DIGIT_MAX));
    }
    let left = Digits28.leave(a);
    prop_assert!(integer(&left) < n);
    prop_assert_eq!((integer(&left) << Digits28::RADIX_BITS) % &n, value(a) % &n);
    Ok(())
}

#[test]
fn products_of_the_largest_residues_are_right() {
    let n = integer(&N);
    let one = BigUint::from(1_u8);
    let edges = [BigUint::ZERO, one.clone(), &n - &one, n.clone(), &n + &one, (one << 3073_u32) - 1_u8];
    let mut residues: Vec<_> = edges.iter().map(residue).collect();
    residues.push(Residue(LARGEST));
    for a in &residues {
        for b in &residues {
            check(a, b).expect("the product is right");
        }
    }
}

#[test]
fn a_multiple_of_n_leaves_as_zero() {
    assert_eq!(Digits28.leave(&residue(&integer(&N))), [0; LIMBS]);
    assert_eq!(Digits28.leave(&Residue::ZERO), [0; LIMBS]);
}

#[test]
fn products_of_single_digits_are_right() {
    for i in 0..DIGITS {
        for j in i..DIGITS {
            let mut factors = [Residue::ZERO; 2];
            factors[0].0[i] = 1;
            factors[1].0[j] = 1;
            check(&factors[0], &factors[1]).expect("the product is right");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn products_of_residues_at_their_bounds_are_right_and_within_them(a in digits(), b in digits()) {
        check(&Residue(a), &Residue(b))?;
    }

    #[test]
    fn canonical_numbers_enter_and_leave_as_in_the_portable_backend(words in vec(any::<u64>(), LIMBS)) {
        let mut x: Limbs = words.try_into().expect("there are as many");
        // Below N, whose top word is all ones.
        x[LIMBS - 1] >>= 1;
        prop_assert_eq!(value(&Digits28.load(&x)), integer(&x));
        prop_assert_eq!(Digits28.leave(&Digits28.enter(&x)), x);
        let (table, mut out) = ([[0; LIMBS], x, [u64::MAX; LIMBS]], Residue::ZERO);
        Digits28.select_plain(&mut out, &table, 1);
        prop_assert_eq!(value(&out), integer(&x));
        let entries = [Residue::ZERO, out, Residue(LARGEST)];
        Digits28.select(&mut out, &entries, 2);
        prop_assert_eq!(out.0, LARGEST);
        let mut square = Portable.enter(&x);
        Portable.square(&mut square);
        let mut ours = Digits28.enter(&x);
        Digits28.square(&mut ours);
        prop_assert_eq!(Digits28.leave(&ours), Portable.leave(&square));
    }
}
