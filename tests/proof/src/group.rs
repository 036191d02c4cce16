//! The proofs of what no backend does: the sum and the difference of elements, and the exponent of the client.

use std::collections::HashMap;

use num_bigint::BigInt;
use num_integer::Integer as _;
use num_traits::{One as _, Zero as _};

use crate::Refused;
use crate::bits::{Bit, CLEAR};
use crate::canonical;
use crate::format::{Format, modulus};
use crate::image::Image;
use crate::machine::{Machine, Operand, Region, Value};
use crate::nodes::{Id, Range};
use crate::powers::{self, CAPACITY};
use crate::product::{self, Outcome, Proved, Terms};

/// Proves `add(out, a, b)` or `sub(out, a, b)` of canonical numbers: the result is canonical.
pub fn prove_sum(image: &Image, is_difference: bool, address: u64, most_steps: usize) -> Result<Proved, Refused> {
    let mut proved = Proved::default();
    let source = Format::limbs();
    let result = Format { radix_bits: 0, ..Format::limbs() };
    let operand = |is_written| Operand { bytes: source.bytes, alignment: source.alignment, is_written };
    for place in [8, 24, 40, 56] {
        let mut machine = Machine::new(image, address, &[operand(true), operand(false), operand(false)], place);
        for (number, register) in [7, 6, 2].into_iter().enumerate() {
            machine.general[register] = Value::Address(Region::Operand(number as u8), 0);
        }
        let a = product::put_operand(&mut machine, 1, &source)?;
        let b = product::put_operand(&mut machine, 2, &source)?;
        let most: BigInt = modulus() - 1;
        let range = if is_difference { Range::new(-most.clone(), most) } else { Range::new(0, 2 * most) };
        let terms = Terms::Sum(vec![(&a, 1), (&b, if is_difference { -1 } else { 1 })], range);
        let outcome = Outcome { format: &result, source: &source, terms };
        machine.graph.operands = Some(outcome.operands(&mut machine.graph)?);
        if !product::prove_cases(machine, &outcome, most_steps, &mut proved)? {
            break;
        }
    }
    Ok(proved)
}

/// Bytes of `u` and of `x`.
const BYTES: usize = 32;

/// Proves `plus_product(out, exponent, u, x)` for exponents of each length that is given: the result is `exponent + u·x`, and its
/// bound is one bit above that of the longer term.
pub fn prove_plus_product(
    image: &Image,
    address: u64,
    lengths: &[usize],
    most_steps: usize,
) -> Result<Proved, Refused> {
    let mut proved = Proved::default();
    for &bits in lengths {
        for place in [8, 24, 40, 56] {
            if !prove_length(image, address, (bits, place), most_steps, &mut proved)? {
                break;
            }
        }
    }
    Ok(proved)
}

fn prove_length(
    image: &Image,
    address: u64,
    (bits, place): (usize, i64),
    most_steps: usize,
    proved: &mut Proved,
) -> Result<bool, Refused> {
    let exponent = |is_written| Operand { bytes: 8 * (CAPACITY as i64 + 1), alignment: 8, is_written };
    let bytes = Operand { bytes: BYTES as i64, alignment: 1, is_written: false };
    let mut machine = Machine::new(image, address, &[exponent(true), exponent(false), bytes, bytes], place);
    for (number, register) in [7, 6, 2, 1].into_iter().enumerate() {
        machine.general[register] = Value::Address(Region::Operand(number as u8), 0);
    }
    let mut weights: HashMap<Id, BigInt> = HashMap::new();
    for limb in 0..CAPACITY {
        let bits = bits.saturating_sub(64 * limb).min(64) as u32;
        let mut value = Value::Constant(0);
        if bits > 0 {
            let id = machine.graph.input(Range::new(0, (BigInt::one() << bits) - 1));
            weights.insert(id, BigInt::one() << (64 * limb));
            value = Value::Word(id);
        }
        machine.put(Region::Operand(1), 8 * limb as i64, 8, value);
    }
    machine.put(Region::Operand(1), 8 * CAPACITY as i64, 8, Value::Constant(bits as u64));
    // Big-endian bytes of secret bits, and the words that they are.
    let mut words = Vec::new();
    for (number, first) in [(2, 0), (3, 8 * BYTES)] {
        for byte in 0..BYTES {
            let lowest = first + 8 * (BYTES - 1 - byte);
            let bits = std::array::from_fn(|bit| if bit < 8 { (lowest + bit) as Bit } else { CLEAR });
            let value = machine.word_of_bits(&bits);
            machine.put(Region::Operand(number), byte as i64, 1, value);
        }
        for word in 0..BYTES / 8 {
            let bits = std::array::from_fn(|bit| (first + 64 * word + bit) as Bit);
            let value = machine.word_of_bits(&bits);
            words.push(machine.node_of_bits(value)?);
        }
    }
    let (u, x) = words.split_at(BYTES / 8);
    for (i, &u) in u.iter().enumerate() {
        for (j, &x) in x.iter().enumerate() {
            weights.insert(machine.graph.product(u, x)?, BigInt::one() << (64 * (i + j)));
        }
    }
    let most: BigInt = (BigInt::one() << bits) + (BigInt::one() << 512);
    machine.graph.operands = Some((weights, Range::new(0, most)));
    machine.run(most_steps)?;

    let bound = machine.load((Region::Operand(0), 8 * CAPACITY as i64), 8)?;
    if bound != Value::Constant(bits.max(512) as u64 + 1) {
        return Err(Refused::new("another bound"));
    }
    if machine.general[0] != Value::Address(Region::Operand(0), 0) {
        return Err(Refused::new("the address of the result is not returned"));
    }
    let mut limbs = Vec::new();
    for limb in 0..CAPACITY {
        let value = machine.load((Region::Operand(0), 8 * limb as i64), 8)?;
        limbs.push(machine.exact(value)?);
    }
    // Both are at least 0 and below 2^3136.
    let unit = BigInt::one() << (64 * CAPACITY);
    let constant = canonical::remainder(&mut machine.graph, &limbs, &unit)?;
    if !constant.mod_floor(&unit).is_zero() {
        return Err(Refused::new("the result is another number"));
    }
    powers::finish(&mut machine, proved);
    Ok(machine.aligns_stack)
}
