//! What the nodes are for given inputs.

use num_bigint::BigInt;
use num_integer::Integer as _;
use num_traits::One as _;

use crate::nodes::{Graph, Kind};

impl Graph {
    /// Returns the value of each node. `input` gives those of the inputs, in their order.
    pub fn evaluate(&self, mut input: impl FnMut() -> BigInt) -> Vec<BigInt> {
        let mut values: Vec<BigInt> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let value = match &node.kind {
                Kind::Input => input(),
                Kind::Sum(terms, constant) => {
                    terms.iter().fold(BigInt::from(*constant), |sum, &(id, factor)| sum + &values[id as usize] * factor)
                }
                Kind::Scaled(id, factor) => &values[*id as usize] * factor,
                Kind::Product(x, y) => &values[*x as usize] * &values[*y as usize],
                Kind::HighHalf { product, bits, rounded } => {
                    let value = &values[*product as usize];
                    if *rounded { round(value, *bits) } else { value >> bits }
                }
                Kind::Low { of, bits } => values[*of as usize].mod_floor(&(BigInt::one() << bits)),
                Kind::High { of, low, bits } => (&values[*of as usize] - &values[*low as usize]) >> bits,
            };
            values.push(value);
        }
        values
    }
}

/// `x / 2^bits`, rounded to the nearest integer, and to the nearest even one between two.
fn round(x: &BigInt, bits: u32) -> BigInt {
    let half = BigInt::one() << (bits - 1);
    let (quotient, rest) = (x + &half).div_mod_floor(&(BigInt::one() << bits));
    if rest == BigInt::ZERO && quotient.is_odd() { quotient - 1 } else { quotient }
}
