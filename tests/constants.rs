//! The constants, each made again in another way.

mod common;

use cognito_srp6a::hazmat::{self, Backend};
use common::{element, fresh_rng, integer, oracle};
use num_bigint::BigUint;
use num_traits::One as _;
use rand::RngExt as _;

/// Random bases for a primality test, new ones in each run: a composite number passes one run in 4^12 at most.
const ROUNDS: usize = 12;

/// The Miller-Rabin test.
fn is_probably_prime(n: &BigUint) -> bool {
    let (one, minus_one) = (BigUint::one(), n - 1u32);
    let twos = minus_one.trailing_zeros().expect("n is odd and above 1");
    let odd = &minus_one >> twos;
    let mut rng = fresh_rng();
    (0..ROUNDS).all(|_| {
        let base = BigUint::from_bytes_be(&rng.random::<[u8; 376]>()) + 2u32;
        let mut power = base.modpow(&odd, n);
        if power == one {
            return true;
        }
        for _ in 0..twos {
            if power == minus_one {
                return true;
            }
            power = &power * &power % n;
        }
        false
    })
}

/// Returns the exponent that has this digit at the lowest position of a block of the comb, and nothing elsewhere.
fn comb_exponent(block: usize, digit: usize) -> BigUint {
    (0..5).filter(|tooth| digit >> tooth & 1 == 1).map(|tooth| BigUint::one() << (64 * tooth + 16 * block)).sum()
}

#[test]
fn n_is_what_its_formula_with_pi_gives() {
    assert_eq!(hazmat::modulus(), element(&oracle::N));
}

#[test]
fn n_has_3072_bits_of_which_the_highest_and_the_lowest_64_are_ones() {
    assert_eq!(oracle::N.bits(), 3072);
    let limbs = oracle::N.to_u64_digits();
    assert_eq!((limbs[0], limbs[47]), (u64::MAX, u64::MAX));
}

#[test]
fn n_passes_a_primality_test() {
    assert!(is_probably_prime(&oracle::N));
}

#[test]
fn half_of_n_minus_one_passes_a_primality_test() {
    assert!(is_probably_prime(&oracle::Q));
}

#[test]
fn n_is_prime_if_half_of_n_minus_one_is() {
    // Pocklington: let N - 1 = 2q with q prime and q > √N - 1. If 2^(N-1) = 1 mod N and 2^2 - 1 has no factor in
    // common with N, then N is prime.
    let two = oracle::g();
    assert_eq!(two.modpow(&(&*oracle::N - 1u32), &oracle::N), BigUint::one());
    assert_ne!(&*oracle::N % 3u32, BigUint::ZERO);
}

#[test]
fn the_primality_test_knows_a_composite_number() {
    let composite = &*oracle::N - 2u32;
    assert!(!is_probably_prime(&composite));
}

#[test]
fn g_generates_the_subgroup_of_order_half_of_n_minus_one() {
    // The order divides the prime q and is not 1.
    let q = &*oracle::Q;
    assert_eq!(oracle::g().modpow(q, &oracle::N), BigUint::one());
    for backend in Backend::all() {
        let power = backend.pow_g(&q.to_bytes_be()).expect("q has 384 bytes");
        assert_eq!(power, element(&BigUint::one()), "{}", backend.name());
    }
}

#[test]
fn each_challenge_rules_out_about_half_of_the_wrong_passwords_as_the_documentation_says() {
    const GUESSES: u8 = 200;
    let is_square = |value: &BigUint| value.modpow(&oracle::Q, &oracle::N) == BigUint::one();
    assert!(is_square(&oracle::g()));
    assert!(!is_square(&BigUint::from(5u8)), "5, the generator of RFC 5054, is no square");

    let verifier = |guess: u8| hazmat::verifier([guess; 32]);
    let (v, b) = (verifier(GUESSES), [0x5a; 40]);
    let srp_b = integer(&hazmat::server_public(&v, &b).unwrap());
    let remains = |guess: &u8| {
        let kv = &*oracle::K * integer(&verifier(*guess)) % &*oracle::N;
        is_square(&((&srp_b + &*oracle::N - kv) % &*oracle::N))
    };
    assert!(remains(&GUESSES));
    let wrong = (0..GUESSES).filter(remains).count();
    assert!((70..130).contains(&wrong), "{wrong} of {GUESSES}");
}

#[test]
fn k_is_the_hash_of_n_and_g() {
    assert_eq!(hazmat::multiplier(), element(&oracle::K));
    let published = "538282c4354742d7cbbde2359fcf67f9f5b3a6b08791e5011b43b8a5b66d9ee6";
    assert_eq!(oracle::K.to_str_radix(16), published);
}

#[test]
fn every_entry_of_the_comb_is_the_power_of_g_that_it_stands_for() {
    // With one digit at the lowest position of one block, the product of the comb is that entry alone, times entries
    // 0 of all tables. An exponent of `limbs` words reads the part of the table that has as many teeth.
    for limbs in 1..=5 {
        for block in 0..4 {
            for digit in 0..1 << limbs {
                let exponent = comb_exponent(block, digit);
                let expected = element(&oracle::g().modpow(&exponent, &oracle::N));
                let bytes = element(&exponent);
                for backend in Backend::all() {
                    let power = backend.pow_g(&bytes[384 - 8 * limbs..]).expect("it is short enough");
                    assert_eq!(power, expected, "{} limbs {limbs} block {block} digit {digit}", backend.name());
                }
            }
        }
    }
}

#[test]
fn every_column_of_the_comb_is_read_where_its_bit_is() {
    for bit in 0..320u32 {
        let exponent = BigUint::one() << bit;
        let expected = element(&oracle::g().modpow(&exponent, &oracle::N));
        let bytes = element(&exponent);
        for backend in Backend::all() {
            let power = backend.pow_g(&bytes[384 - 40..]).expect("it is short enough");
            assert_eq!(power, expected, "{} bit {bit}", backend.name());
        }
    }
}

#[test]
fn the_way_into_a_backends_form_and_out_of_it_changes_nothing() {
    // It uses the backend's constant R², and with no multiplication nothing else happens in between.
    let mut rng = fresh_rng();
    for backend in Backend::all() {
        for _ in 0..50 {
            let value = element(&(BigUint::from_bytes_be(&rng.random::<[u8; 384]>()) % &*oracle::N));
            assert_eq!(backend.mul_repeatedly(&value, &value, 0), value, "{}", backend.name());
            assert_eq!(backend.square_repeatedly(&value, 0), value, "{}", backend.name());
        }
    }
}
