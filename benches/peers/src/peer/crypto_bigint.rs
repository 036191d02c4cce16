//! crypto-bigint: Montgomery form with parameters made once. It uses the faster of its two constant-time exponentiations
//! (almost-Montgomery multiplication), with a bound on the exponent's bits.

use cognito_srp6a::hazmat::{self, ElementBytes};
use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, U3072};

use super::arithmetic::{Arithmetic, Library};

pub struct CryptoBigint {
    params: FixedMontyParams<{ U3072::LIMBS }>,
}

pub fn peer() -> Library<CryptoBigint> {
    let n = Odd::new(U3072::from_be_slice(&hazmat::modulus())).expect("N is odd");
    Library(CryptoBigint { params: FixedMontyParams::new_vartime(n) })
}

impl CryptoBigint {
    fn enter(&self, number: &U3072) -> FixedMontyForm<{ U3072::LIMBS }> {
        FixedMontyForm::new(number, &self.params)
    }
}

impl Arithmetic for CryptoBigint {
    const WHO: &'static str = "crypto-bigint";
    const CONSTANT_TIME: bool = true;

    type Number = U3072;
    /// The exponent and the bound on its bits.
    type Exponent = (U3072, u32);

    fn version(&self) -> String {
        "0.7.10".into()
    }

    fn number(&self, bytes: &[u8]) -> U3072 {
        let mut wide = [0; size_of::<ElementBytes>()];
        let start = wide.len() - bytes.len();
        wide[start..].copy_from_slice(bytes);
        U3072::from_be_slice(&wide)
    }

    fn bytes(&self, number: &U3072) -> ElementBytes {
        number.to_be_bytes().into()
    }

    fn exponent(&self, bytes: &[u8]) -> (U3072, u32) {
        let exponent = self.number(bytes);
        (exponent, exponent.bits())
    }

    fn pow(&self, base: &U3072, (exponent, bits): &(U3072, u32)) -> U3072 {
        self.enter(base).pow_amm_bounded_exp(exponent, *bits).retrieve()
    }

    fn mul_repeatedly(&self, a: &U3072, b: &U3072, times: u64) -> U3072 {
        let factor = self.enter(b);
        (0..times).fold(self.enter(a), |product, _| product.mul(&factor)).retrieve()
    }

    fn square_repeatedly(&self, a: &U3072, times: u64) -> U3072 {
        (0..times).fold(self.enter(a), |square, _| square.square()).retrieve()
    }

    fn add(&self, a: &U3072, b: &U3072) -> U3072 {
        a.add_mod(b, self.params.modulus().as_nz_ref())
    }

    fn sub(&self, a: &U3072, b: &U3072) -> U3072 {
        a.sub_mod(b, self.params.modulus().as_nz_ref())
    }
}
