//! The instructions on doubles, of which all are integers.
//!
//! A sum or a product that is added to a sum is rounded once, to one of the two doubles around the exact value. A double
//! is returned as it is. This holds in all four rounding modes, and so do the proofs.

use iced_x86::{Instruction, Mnemonic, OpKind};
use num_bigint::BigInt;
use num_traits::{One as _, Signed as _, ToPrimitive as _, Zero as _};

use crate::Refused;
use crate::bits::{CLEAR, SET};
use crate::machine::{Machine, Value};
use crate::nodes::Id;

/// Bits of the mantissa behind the point.
const MANTISSA: u32 = 52;

/// The bits of `2^exponent`.
const fn bits_of_power(exponent: u32) -> u64 {
    (1023 + exponent as u64) << MANTISSA
}

fn power(exponent: u32) -> BigInt {
    BigInt::one() << exponent
}

impl Machine<'_> {
    pub fn doubles(&mut self, i: &Instruction) -> Result<(), Refused> {
        use Mnemonic as M;
        if i.op_count() == 2 {
            return self.old_sum(i);
        }
        let count = Self::lanes(i)?;
        let [first, second, third] = [0, 1, 2].map(|operand| self.source(i, operand, count));
        let (second, third) = (second?, third?);
        let mut out = [Value::Undefined; 8];
        for lane in 0..count {
            let (y, z) = (self.integer(second[lane])?, self.integer(third[lane])?);
            let exact = match i.mnemonic() {
                M::Vaddpd => self.graph.sum(&[(y, 1), (z, 1)], 0)?,
                M::Vsubpd => self.graph.sum(&[(y, 1), (z, -1)], 0)?,
                mnemonic => {
                    let x = self.integer(first.clone()?[lane])?;
                    let (a, b, c) = match mnemonic {
                        M::Vfmadd213pd => (y, x, z),
                        _ => (y, z, x),
                    };
                    let product = self.graph.product(a, b)?;
                    let exact = self.graph.sum(&[(product, 1), (c, 1)], 0)?;
                    out[lane] = match self.double(exact) {
                        Ok(value) => value,
                        Err(_) => {
                            self.rounded(product, c, exact).map_err(|_| Refused::of("a sum that is rounded", i))?
                        }
                    };
                    continue;
                }
            };
            out[lane] = self.double(exact).map_err(|_| Refused::of("a sum that may be rounded", i))?;
        }
        self.set_vector(i, out)
    }

    /// `addpd` and `addsd`, of which the latter leaves the lane above.
    fn old_sum(&mut self, i: &Instruction) -> Result<(), Refused> {
        let count = if i.mnemonic() == Mnemonic::Addsd { 1 } else { 2 };
        let mut out = self.source(i, 0, 2)?;
        let other = if i.op1_kind() == OpKind::Memory && count == 1 {
            let place = self.place(i)?;
            [self.load(place, 8)?; 8]
        } else {
            self.source(i, 1, 2)?
        };
        for lane in 0..count {
            let (y, z) = (self.integer(out[lane])?, self.integer(other[lane])?);
            let exact = self.graph.sum(&[(y, 1), (z, 1)], 0)?;
            out[lane] = self.double(exact).map_err(|_| Refused::of("a sum that may be rounded", i))?;
        }
        self.set_vector(i, out)
    }

    /// The integer that a double is.
    fn integer(&mut self, value: Value) -> Result<Id, Refused> {
        let unknown = || Refused::new("a double that is not known");
        match value {
            Value::Double(id) => Ok(id),
            Value::Constant(bits) => {
                let double = f64::from_bits(bits);
                if !double.is_finite() || double.fract() != 0.0 {
                    return Err(unknown());
                }
                self.graph.constant(double.to_i128().ok_or_else(unknown)?)
            }
            Value::Bits(_) => {
                // 2^52 and a mantissa.
                let mut bits = self.bits_of(value).ok_or_else(unknown)?;
                let exponent = bits[MANTISSA as usize..].iter().rev().try_fold(0_u64, |word, &bit| match bit {
                    SET => Some(word << 1 | 1),
                    CLEAR => Some(word << 1),
                    _ => None,
                });
                if exponent != Some(bits_of_power(MANTISSA) >> MANTISSA) {
                    return Err(unknown());
                }
                bits[MANTISSA as usize..].fill(CLEAR);
                let mantissa = self.word_of_bits(&bits);
                let mantissa = self.node_of_bits(mantissa)?;
                self.graph.sum(&[(mantissa, 1)], 1 << MANTISSA)
            }
            Value::Word(id) => {
                // Within the doubles of one exponent, the next double has the next bits.
                let least = self.graph.range(id).least.to_u64().ok_or_else(unknown)?;
                let exponent =
                    (least >> MANTISSA).checked_sub(1023).and_then(|x| u32::try_from(x).ok()).ok_or_else(unknown)?;
                let begin = bits_of_power(exponent);
                let is_within = self.graph.range(id).greatest < BigInt::from(begin + (1 << MANTISSA));
                if !is_within || !(MANTISSA..126).contains(&exponent) {
                    return Err(unknown());
                }
                let unit = 1_i128 << (exponent - MANTISSA);
                self.graph.sum(&[(id, unit)], (1 << exponent) - unit * i128::from(begin))
            }
            _ => Err(unknown()),
        }
    }

    /// An integer that is a double, as its bits.
    fn double(&mut self, id: Id) -> Result<Value, Refused> {
        if let Some(value) = self.graph.as_constant(id)
            && value != 0
        {
            let double = value as f64;
            if double as i128 == value {
                return Ok(Value::Constant(double.to_bits()));
            }
        }
        let range = self.graph.range(id);
        if range.is_within(&power(MANTISSA), &(power(MANTISSA + 1) - 1)) {
            let bits = i128::from(bits_of_power(MANTISSA)) - (1 << MANTISSA);
            let word = self.graph.sum(&[(id, 1)], bits)?;
            return Ok(self.word(word));
        }
        let most = power(MANTISSA + 1) << self.graph.twos(id);
        if range.is_within(&-most.clone(), &most) {
            return Ok(Value::Double(id));
        }
        Err(Refused::new("no double"))
    }

    /// `product + c`, rounded, where `c` is a constant whose neighbours are multiples of `unit`. There is an integer `h` with
    /// `product = unit·h + l`, where `l` is between `-unit` and `unit`, and the result is `c + unit·h`.
    fn rounded(&mut self, product: Id, c: Id, exact: Id) -> Result<Value, Refused> {
        let unknown = || Refused::new("a sum that is rounded");
        let c = self.graph.as_constant(c).filter(|c| *c > 0).ok_or_else(unknown)?;
        let exponent = 127 - c.leading_zeros();
        let bits = exponent.checked_sub(MANTISSA).filter(|bits| (1..63).contains(bits)).ok_or_else(unknown)?;
        let unit = power(bits);
        let range = self.graph.range(exact);
        let is_within = range.is_within(&(power(exponent) + &unit), &(power(exponent + 1) - &unit));
        // A tie goes to the even neighbour. The constants have the same parity, so that a product has one `h`.
        let is_odd = c >> bits & 1 != 0;
        if is_odd || !is_within || c & ((1 << bits) - 1) != 0 || range.least.is_negative() || unit.is_zero() {
            return Err(unknown());
        }
        let (_, high) = self.graph.halves(product, bits, true)?;
        let begin = i128::from(bits_of_power(exponent)) + ((c - (1 << exponent)) >> bits);
        let word = self.graph.sum(&[(high, 1)], begin)?;
        Ok(self.word(word))
    }
}
