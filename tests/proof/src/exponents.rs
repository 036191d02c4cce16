//! What residues are: powers whose exponents are sums of multiples of secret bits.
//!
//! A residue is `base^x · 2^y mod N`. `g` is 2, and so are the powers of `R`.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use num_bigint::BigInt;
use num_traits::{One as _, Zero as _};

use crate::Refused;
use crate::bits::Bit;
use crate::format::modulus;

/// The numbers of the bits of the base: those of an exponent are below.
pub const BASE: Bit = 1 << 12;

/// A sum of multiples of secret bits and a constant.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Linear {
    pub bits: BTreeMap<Bit, BigInt>,
    pub constant: BigInt,
}

impl Linear {
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

/// The residue `base^base · 2^two`.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Power {
    pub base: Linear,
    pub two: Linear,
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
        let one = BigInt::one();
        let mut two = Linear { constant: two.into(), ..Linear::default() };
        two = two.plus(&self.power.two, &one).plus(&other.power.two, &one);
        self.power = Power { base: self.power.base.plus(&other.power.base, &one), two };
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
        for (out, with, without) in
            [(&mut out.base, &with.base, &powers[0].base), (&mut out.two, &with.two, &powers[0].two)]
        {
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
        if value(&out.base, &powers[0].base) != power.base || value(&out.two, &powers[0].two) != power.two {
            return Err(Refused::new("entries of a table that are not the powers of one number"));
        }
    }
    Ok(out)
}
