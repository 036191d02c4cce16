//! num-bigint: `modpow`, and for single products the product and its remainder. Not constant time.

use cognito_srp6a::hazmat::{self, ElementBytes};
use num_bigint::BigUint;

use super::arithmetic::{Arithmetic, Library};

pub struct NumBigint {
    n: BigUint,
}

pub fn peer() -> Library<NumBigint> {
    Library(NumBigint { n: BigUint::from_bytes_be(&hazmat::modulus()) })
}

impl Arithmetic for NumBigint {
    const WHO: &'static str = "num-bigint";

    type Number = BigUint;
    type Exponent = BigUint;

    fn version(&self) -> String {
        "0.5.1".into()
    }

    fn number(&self, bytes: &[u8]) -> BigUint {
        BigUint::from_bytes_be(bytes)
    }

    fn bytes(&self, number: &BigUint) -> ElementBytes {
        let bytes = number.to_bytes_be();
        let mut out = [0; size_of::<ElementBytes>()];
        let start = out.len() - bytes.len();
        out[start..].copy_from_slice(&bytes);
        out
    }

    fn exponent(&self, bytes: &[u8]) -> BigUint {
        BigUint::from_bytes_be(bytes)
    }

    fn pow(&self, base: &BigUint, exponent: &BigUint) -> BigUint {
        base.modpow(exponent, &self.n)
    }

    fn mul_repeatedly(&self, a: &BigUint, b: &BigUint, times: u64) -> BigUint {
        (0..times).fold(a.clone(), |product, _| product * b % &self.n)
    }

    fn square_repeatedly(&self, a: &BigUint, times: u64) -> BigUint {
        (0..times).fold(a.clone(), |square, _| &square * &square % &self.n)
    }

    fn add(&self, a: &BigUint, b: &BigUint) -> BigUint {
        (a + b) % &self.n
    }

    fn sub(&self, a: &BigUint, b: &BigUint) -> BigUint {
        (a + &self.n - b) % &self.n
    }
}
