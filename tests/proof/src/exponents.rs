//! What residues are: powers whose exponents are sums of multiples of secret bits.
//!
//! A residue is `base^x · factor^y · 2^z mod N`. `g` is 2, and so are the powers of `R`.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use num_bigint::BigInt;
use num_traits::{One as _, Zero as _};

use crate::Refused;
use crate::bits::Bit;
use crate::format::modulus;

/// The numbers of the bits of the base, and of the factor: those of an exponent are below.
pub const BASE: Bit = 1 << 12;
pub const FACTOR: Bit = 1 << 13;

/// A sum of multiples of secret bits and a constant.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Linear {
    pub bits: BTreeMap<Bit, BigInt>,
    pub constant: BigInt,
}

impl Linear {
    pub fn constant(number: impl Into<BigInt>) -> Self {
        Self { constant: number.into(), ..Self::default() }
    }

    fn plus(mut self, other: &Self, times: &BigInt) -> Self {
        self.add(other, times);
        self
    }

    pub fn add(&mut self, other: &Self, times: &BigInt) {
        for (&bit, factor) in &other.bits {
            let sum = self.bits.entry(bit).or_default();
            *sum += factor * times;
            if sum.is_zero() {
                self.bits.remove(&bit);
            }
        }
        self.constant += &other.constant * times;
    }
}

/// The residue `base^base · factor^factor · 2^two`. A power has no factor; a product has a base and a factor.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Power {
    pub base: Linear,
    pub factor: Linear,
    pub two: Linear,
}

impl Power {
    /// The exponents, in an order that is always the same.
    fn exponents(&self) -> [&Linear; 3] {
        [&self.base, &self.factor, &self.two]
    }

    fn exponents_mut(&mut self) -> [&mut Linear; 3] {
        [&mut self.base, &mut self.factor, &mut self.two]
    }

    /// Multiplies by another, so many times.
    pub fn multiply(&mut self, other: &Self, times: &BigInt) {
        for (exponent, other) in self.exponents_mut().into_iter().zip(other.exponents()) {
            exponent.add(other, times);
        }
    }
}

/// A product of residues and a power.
#[derive(Clone, Debug, Default, Hash)]
pub struct Meaning {
    /// Numbers of residues, each with its exponent.
    pub residues: Vec<(usize, u8)>,
    pub power: Power,
}

impl Meaning {
    /// The product with another, times `2^two`.
    pub fn times(mut self, other: &Self, two: i64) -> Self {
        for &(number, times) in &other.residues {
            match self.residues.iter_mut().find(|residue| residue.0 == number) {
                Some(residue) => residue.1 += times,
                None => self.residues.push((number, times)),
            }
        }
        self.power.multiply(&other.power, &BigInt::one());
        self.power.two.constant += two;
        self
    }
}

impl From<Power> for Meaning {
    fn from(power: Power) -> Self {
        Self { residues: Vec::new(), power }
    }
}

/// The logarithms of the powers of `R` and of the comb's numbers: products of `2^(64·t + 16·j)` for one `j`.
pub fn logarithms(radix_bits: u32) -> Rc<HashMap<BigInt, BigInt>> {
    thread_local! {
        static KNOWN: RefCell<HashMap<u32, Rc<HashMap<BigInt, BigInt>>>> = RefCell::default();
    }
    if let Some(known) = KNOWN.with_borrow(|known| known.get(&radix_bits).cloned()) {
        return known;
    }
    let n = modulus();
    let half: BigInt = (&n + 1) >> 1;
    let mut out = HashMap::from([(BigInt::from(2), BigInt::one())]);
    for k in -8_i64..=16 {
        let e = k * i64::from(radix_bits);
        let base = if e < 0 { half.clone() } else { BigInt::from(2) };
        out.insert(base.modpow(&BigInt::from(e.abs()), &n), BigInt::from(e));
    }
    // 2^(2^i)
    let mut squares = vec![BigInt::from(2)];
    for i in 0..64 * 5 {
        squares.push((&squares[i] * &squares[i]) % &n);
    }
    for block in 0..4 {
        for digit in 0..32_u32 {
            let teeth = (0..5).filter(|tooth| digit >> tooth & 1 == 1).map(|tooth| 64 * tooth + 16 * block);
            let (mut number, mut exponent) = (BigInt::one(), BigInt::zero());
            for place in teeth {
                number = (number * &squares[place]) % &n;
                exponent += BigInt::one() << place;
            }
            out.entry(number).or_insert(exponent);
        }
    }
    let out = Rc::new(out);
    KNOWN.with_borrow_mut(|known| known.insert(radix_bits, out.clone()));
    out
}

/// The power that is each of some powers for the values of some bits.
pub fn affine(bits: &[Bit], powers: &[Power]) -> Result<Power, Refused> {
    let mut out = powers[0].clone();
    for (place, &bit) in bits.iter().enumerate() {
        let with = &powers[1 << place];
        for ((out, with), without) in out.exponents_mut().into_iter().zip(with.exponents()).zip(powers[0].exponents()) {
            let difference = with.clone().plus(without, &BigInt::from(-1));
            if !difference.bits.is_empty() {
                return Err(Refused::new("a product of secret bits"));
            }
            if !difference.constant.is_zero() {
                *out.bits.entry(bit).or_default() += difference.constant;
            }
        }
    }
    for (case, power) in powers.iter().enumerate() {
        let value = |sum: &Linear, first: &Linear| {
            let mut out = first.clone();
            for (_, bit) in bits.iter().enumerate().filter(|(place, _)| case >> place & 1 == 1) {
                out.constant +=
                    sum.bits.get(bit).cloned().unwrap_or_default() - first.bits.get(bit).cloned().unwrap_or_default();
            }
            out
        };
        let of_bits = out.exponents().into_iter().zip(powers[0].exponents());
        if of_bits.zip(power.exponents()).any(|((sum, first), exponent)| value(sum, first) != *exponent) {
            return Err(Refused::new("entries of a table that are not the powers of one number"));
        }
    }
    Ok(out)
}
