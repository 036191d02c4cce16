//! The proofs of what no backend does: the sum and the difference of elements, and `a + u·x` of exponents.

use std::collections::HashMap;

use num_bigint::BigInt;
use num_traits::{One as _, Zero as _};

use crate::Refused;
use crate::canonical;
use crate::format::{Format, modulus};
use crate::image::Image;
use crate::machine::{Machine, Operand, Region, Value};
use crate::nodes::{Id, Range};
use crate::powers::{self, CAPACITY};
use crate::product::{self, Outcome, Proved, Terms};
use crate::semantics::Random;

/// Proves `add(out, a, b)` or `sub(out, a, b)` of canonical numbers: the result is canonical.
pub fn prove_sum(image: &Image, is_difference: bool, address: u64, most_steps: usize) -> Result<Proved, Refused> {
    let mut proved = Proved::default();
    let source = Format::limbs();
    let result = Format { radix_bits: 0, ..Format::limbs() };
    let operand = |is_written| Operand { bytes: source.bytes, alignment: source.alignment, is_written };
    product::at_each_place(|place| {
        let mut machine = Machine::new(image, address, &[operand(true), operand(false), operand(false)], place);
        machine.pass_operands(&[7, 6, 2]);
        let a = product::put_operand(&mut machine, 1, &source)?;
        let b = product::put_operand(&mut machine, 2, &source)?;
        let most: BigInt = modulus() - 1;
        let range = if is_difference { Range::new(-most.clone(), most) } else { Range::new(0, 2 * most) };
        let terms = Terms::Sum(vec![(&a, 1), (&b, if is_difference { -1 } else { 1 })], range);
        let outcome = Outcome { format: &result, source: &source, terms };
        machine.graph.operands = Some(outcome.operands(&mut machine.graph)?);
        if is_difference {
            canonical::prove_cases(machine, &outcome, &BigInt::zero(), most_steps, &mut proved)
        } else {
            product::prove_cases(machine, &outcome, most_steps, &mut proved)
        }
    })?;
    proved.of_a_case()
}

/// Bytes of `u` and of `x`.
const FACTOR: usize = 32;

/// The most bits of `a`.
const MOST_BITS: usize = 3072;

/// Bounds of `a`, which are public: those around the bound of `u·x`, and the ends.
const BOUNDS: [usize; 8] = [0, 256, 320, 511, 512, 513, 1024, MOST_BITS];

/// Proves `plus_product(out, a, u, x)`: the result is `a + u·x`, and its bound is the greater of `a`'s and 512, and one more.
///
/// The limbs may be those of any number of 3072 bits, whatever the bound is. They are shown to be congruent to `a + u·x` mod `2^3136`.
/// Both are at least 0 and below it, so they are equal.
pub fn prove_plus_product(image: &Image, address: u64, most_steps: usize) -> Result<Proved, Refused> {
    let mut proved = Proved::default();
    for bound in BOUNDS {
        product::at_each_place(|place| prove_bound(image, address, (bound, place), most_steps, &mut proved))?;
    }
    Ok(proved)
}

/// Proves it for one bound and one place of the stack. Returns whether the place matters.
fn prove_bound(
    image: &Image,
    address: u64,
    (bound, place): (usize, i64),
    most_steps: usize,
    proved: &mut Proved,
) -> Result<bool, Refused> {
    let exponent = |is_written| Operand { bytes: 8 * (CAPACITY as i64 + 1), alignment: 8, is_written };
    let factor = Operand { bytes: FACTOR as i64, alignment: 1, is_written: false };
    let mut machine = Machine::new(image, address, &[exponent(true), exponent(false), factor, factor], place);
    machine.pass_operands(&[7, 6, 2, 1]);
    let mut digits: HashMap<Id, BigInt> = HashMap::new();
    let mut ends: Vec<u64> = Vec::new();
    for limb in 0..CAPACITY {
        let mut value = Value::Constant(0);
        if 64 * limb < MOST_BITS {
            let id = machine.graph.input(Range::new(0, u64::MAX));
            digits.insert(id, BigInt::one() << (64 * limb));
            ends.push(u64::MAX);
            value = Value::Word(id);
        }
        machine.put(Region::Operand(1), 8 * limb as i64, 8, value);
    }
    machine.put(Region::Operand(1), 8 * CAPACITY as i64, 8, Value::Constant(bound as u64));
    let [u, x] = [2, 3].map(|number| {
        // Big-endian bytes, and the limbs that they are, the lowest first.
        let bytes: Vec<Id> = (0..FACTOR).map(|_| machine.graph.input(Range::new(0, u8::MAX))).collect();
        ends.extend([u64::from(u8::MAX); FACTOR]);
        for (at, &byte) in bytes.iter().enumerate() {
            machine.put(Region::Operand(number), at as i64, 1, Value::Word(byte));
        }
        let limb = |bytes: &[Id]| {
            let terms: Vec<(Id, i128)> =
                bytes.iter().rev().enumerate().map(|(k, &byte)| (byte, 1 << (8 * k))).collect();
            machine.graph.sum(&terms, 0)
        };
        bytes.rchunks(8).map(limb).collect::<Result<Vec<Id>, Refused>>()
    });
    let (u, x) = (u?, x?);
    for (i, &u) in u.iter().enumerate() {
        for (j, &x) in x.iter().enumerate() {
            *digits.entry(machine.graph.product(u, x)?).or_default() += BigInt::one() << (64 * (i + j));
        }
    }
    let factor: BigInt = (BigInt::one() << (8 * FACTOR)) - 1;
    let most = (BigInt::one() << MOST_BITS) - 1 + &factor * &factor;
    machine.graph.operands = Some((digits.clone(), Range::new(0, most)));
    machine.run(most_steps)?;
    machine.check_returned()?;

    let out = Region::Operand(0);
    let mut limbs = Vec::new();
    for limb in 0..CAPACITY {
        let value = machine.load((out, 8 * limb as i64), 8)?;
        limbs.push(machine.exact(value)?);
    }
    let numbers = machine.graph.digest(&limbs, proved.numbers);
    let unit = BigInt::one() << (64 * CAPACITY);
    if !canonical::remainder(&mut machine.graph, &limbs, &unit)?.is_zero() {
        return Err(Refused::new("the result is not the sum"));
    }
    // The greatest sum has at most so many bits.
    let expected = bound.max(16 * FACTOR) + 1;
    let greatest: BigInt = (BigInt::one() << bound) - 1 + &factor * &factor;
    if machine.load((out, 8 * CAPACITY as i64), 8)? != Value::Constant(expected as u64)
        || greatest.bits() > expected as u64
    {
        return Err(Refused::new("the bound of the result is another"));
    }
    check_samples(&machine, &digits, &limbs, &ends)?;
    powers::finish(&mut machine, proved);
    proved.numbers = numbers;
    Ok(machine.aligns_stack)
}

/// Checks with numbers what the proof says, as that of a product does.
fn check_samples(
    machine: &Machine<'_>,
    digits: &HashMap<Id, BigInt>,
    limbs: &[Id],
    ends: &[u64],
) -> Result<(), Refused> {
    for seed in 1..=product::SAMPLES {
        let mut random = Random::new(seed);
        let mut ends = ends.iter();
        let values = machine.graph.evaluate(|| {
            // No word is greater than the end of its range.
            ends.next().map_or(BigInt::zero(), |end| BigInt::from(random.word() & end))
        });
        let sum: BigInt = digits.iter().map(|(&id, weight)| &values[id as usize] * weight).sum();
        let found = limbs.iter().rev().fold(BigInt::zero(), |sum, &limb| (sum << 64) + &values[limb as usize]);
        if found != sum || !machine.graph.is_consistent(&values) {
            return Err(Refused::new("the prover is wrong: the result is not the sum"));
        }
    }
    Ok(())
}
