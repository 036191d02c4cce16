//! Residues that no caller can choose: digits and values up to their bounds. `tests/rounding` runs this in every
//! rounding mode.

use alloc::vec::Vec;

use num_bigint::{BigInt, Sign};
use proptest::collection::vec;
use proptest::prelude::*;

use super::super::digits51::{self, DIGIT_BITS, DIGITS, LARGE_M, N_DIGITS, SMALL_M};
use super::digits::integer;
use super::*;
use crate::group::limbs;
use crate::group::params;

/// The digits of an operand are at most this in absolute value.
const OPERAND: i64 = (1 << 51) - 1;

/// The digits of a result are at most this in absolute value.
const RESULT: i64 = (1 << 50) + (1 << 8);

/// The top digit begins at bit 3060, and the digits below it are worth less than two of its units. So an operand
/// with this top digit is below `2^3074` in absolute value.
const TOP: i64 = (1 << 14) - 2;

fn residue(digits: &[i64; DIGITS]) -> Residue {
    Residue(digits51::Residue::new(&digits.map(|digit| (digit as f64).to_bits())))
}

fn value(x: &Residue) -> BigInt {
    let digits = x.0.vectors().as_flattened();
    digits.iter().rev().fold(BigInt::ZERO, |sum, &digit| (sum << DIGIT_BITS) + integer(digit))
}

fn big(x: &Limbs) -> BigInt {
    BigInt::from_bytes_be(Sign::Plus, &limbs::to_be_bytes(x))
}

/// Whether two integers are congruent mod `N`.
fn congruent(x: &BigInt, y: &BigInt) -> bool {
    (x - y) % big(&params::N) == BigInt::ZERO
}

fn check(backend: Fma, a: &Residue, b: &Residue) -> Result<(), TestCaseError> {
    let n = big(&params::N);
    let (mut product, mut square) = (*a, *a);
    backend.mul(&mut product, b);
    backend.square(&mut square);
    for (result, expected) in [(product, value(a) * value(b)), (square, value(a) * value(a))] {
        prop_assert!(congruent(&(value(&result) << RADIX_BITS), &expected));
        prop_assert!(100 * BigInt::from(value(&result).magnitude().clone()) < 101 * &n);
        let digits = result.0.vectors().as_flattened();
        prop_assert!(digits.iter().all(|&digit| f64::from_bits(digit).abs() <= RESULT as f64));
        prop_assert!(digits[DIGITS..].iter().all(|&digit| integer(digit) == 0));
        // The vectors of zeros on both sides are untouched.
        prop_assert!(result.0.moved_up(7)[..7].iter().all(|&digit| digit == 0));
        prop_assert!(result.0.moved_up(0)[digits.len()..].iter().all(|&digit| digit == 0));
        let canonical = big(&canonical(&result));
        prop_assert!(canonical < n && congruent(&canonical, &value(&result)));
    }
    prop_assert!(congruent(&(big(&backend.leave(a)) << RADIX_BITS), &value(a)));
    Ok(())
}

/// Digits at both ends of the range of operands and of results, and around zero.
fn digit() -> impl Strategy<Value = i64> {
    let magnitude = prop_oneof![0..3_i64, OPERAND - 2..=OPERAND, RESULT - 2..=RESULT, 0..=OPERAND];
    (magnitude, any::<bool>()).prop_map(|(digit, negative)| if negative { -digit } else { digit })
}

fn digits() -> impl Strategy<Value = [i64; DIGITS]> {
    let many = vec(digit(), DIGITS).prop_map(|digits| digits.try_into().expect("there are as many"));
    let digits = prop_oneof![many, digit().prop_map(|digit| [digit; DIGITS])];
    (digits, prop_oneof![Just(0), Just(TOP), Just(-TOP), -TOP..TOP]).prop_map(|(mut digits, top)| {
        digits[DIGITS - 1] = top;
        digits
    })
}

#[test]
fn products_of_the_largest_digits_are_right() {
    let Some(backend) = Fma::detect() else { return };
    let mut extremes = Vec::new();
    for digit in [OPERAND, -OPERAND, RESULT, -RESULT, 0] {
        for sign in [1, -1] {
            for top in [TOP, -TOP, 0] {
                // All digits alike, and their signs in turn.
                let mut digits: [i64; DIGITS] = core::array::from_fn(|i| if i & 1 == 0 { digit } else { sign * digit });
                digits[DIGITS - 1] = top;
                extremes.push(residue(&digits));
            }
        }
    }
    for a in &extremes {
        assert!(value(a).bits() <= 3074);
        for b in &extremes {
            check(backend, a, b).expect("the product is right");
        }
    }
}

#[test]
fn products_of_single_digits_are_right() {
    let Some(backend) = Fma::detect() else { return };
    for i in 0..DIGITS {
        for j in i..DIGITS {
            for sign in [1, -1] {
                let mut factors = [[0; DIGITS]; 2];
                factors[0][i] = 1;
                factors[1][j] = sign;
                check(backend, &residue(&factors[0]), &residue(&factors[1])).expect("the product is right");
            }
        }
    }
}

#[test]
fn the_largest_digits_of_the_block_that_becomes_zero_are_right() {
    // The product of `a` and this power of 2^51 has block 3 and no lower one. So the digits of `u` are those of `a`,
    // the top one 2^50 or more in absolute value when the carry into it is added.
    let Some(backend) = Fma::detect() else { return };
    for factor in [1, 255, -255] {
        let mut b = [0; DIGITS];
        b[18] = factor;
        for top in (1 << 50) - 3..=(1 << 50) + 3 {
            for below in [0, 1 << 50, OPERAND, -OPERAND] {
                for sign in [1, -1] {
                    let mut a = [0; DIGITS];
                    (a[45], a[44]) = (sign * top, below);
                    check(backend, &residue(&a), &residue(&b)).expect("the product is right");
                }
            }
        }
    }
}

#[test]
fn a_result_at_its_bounds_becomes_canonical() {
    let n = big(&params::N);
    for sign in [1, -1] {
        for (place, more) in [(0, 0), (0, -1), (1, 1), (60, 1), (60, 40)] {
            let mut digits = N_DIGITS.map(u64::cast_signed);
            digits[place] += more;
            let x = residue(&digits.map(|digit| sign * digit));
            assert!(100 * BigInt::from(value(&x).magnitude().clone()) < 101 * &n);
            let canonical = big(&canonical(&x));
            assert!(canonical < n && congruent(&canonical, &value(&x)));
        }
    }
}

#[test]
fn constants_are_the_same_numbers_with_signed_digits() {
    let unsigned = |digits: &[u64]| {
        digits.iter().rev().fold(BigInt::ZERO, |sum, &digit| (sum << DIGIT_BITS) + BigInt::from(digit))
    };
    for (signed, digits) in [(&N, &N_DIGITS[..]), (&M, &LARGE_M), (&INVERSE, &SMALL_M)] {
        let words = signed.0[0].as_flattened();
        let sum = words.iter().rev().fold(BigInt::ZERO, |sum, &digit| (sum << DIGIT_BITS) + integer(digit));
        assert_eq!(sum, unsigned(digits));
        assert!(words[..digits.len() - 1].iter().all(|&digit| integer(digit).abs() <= 1 << 50));
        for (places, moved) in signed.0.iter().enumerate() {
            assert!(moved.as_flattened()[..places].iter().all(|&digit| digit == 0));
            assert_eq!(moved.as_flattened()[places..], words[..words.len() - places]);
        }
    }
    // The top digits of N and M are below 2^50. The bounds of the columns need that.
    assert!([&N, &M].iter().all(|signed| integer(signed.0[0].as_flattened()[DIGITS - 1]) < 1 << 50));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn products_of_residues_at_their_bounds_are_right_and_within_them(a in digits(), b in digits()) {
        let (a, b) = (residue(&a), residue(&b));
        if let Some(backend) = Fma::detect() {
            check(backend, &a, &b)?;
        }
    }

    #[test]
    fn the_digits_of_a_canonical_number_enter_as_they_are(words in vec(any::<u64>(), limbs::LIMBS)) {
        let mut x: Limbs = words.try_into().expect("there are as many");
        // Below N, whose top word is all ones.
        x[limbs::LIMBS - 1] >>= 1;
        let Some(backend) = Fma::detect() else { return Ok(()) };
        prop_assert_eq!(value(&backend.load(&x)), big(&x));
        let (table, mut out) = ([x, [0; limbs::LIMBS]], backend.load(&limbs::ONE));
        backend.select_plain(&mut out, &table, 0);
        prop_assert_eq!(value(&out), big(&x));
        prop_assert!(out.0.vectors().as_flattened().iter().all(|&digit| integer(digit).abs() <= OPERAND));
    }
}
