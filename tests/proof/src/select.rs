//! The proof of `select`: it writes the entry that the index names, for every index of a table as `pow` has it. And of
//! `select_plain`, which also cuts the entry into digits, for the tables of `pow_g`.

use num_bigint::BigInt;
use num_traits::{One as _, Zero as _};

use crate::Refused;
use crate::bits::Bit;
use crate::contracts::{Contracts, LIMBS};
use crate::exponents::{BASE, Linear, Power};
use crate::format::{Form, Format};
use crate::image::Image;
use crate::machine::{Machine, Operand, Region, Value, ZERO};
use crate::nodes::{Id, Range};
use crate::powers::{self, Functions};
use crate::product::Proved;

/// Entries of the table, one for each value of a window of five bits.
const ENTRIES: u64 = 32;

/// Proves the function at an address: `select(out, table, entries, index)`.
pub fn prove(image: &Image, format: &Format, address: u64, most_steps: usize) -> Result<Proved, Refused> {
    let mut proved = Proved::default();
    for place in [8, 24, 40, 56] {
        let mut aligns_stack = false;
        for index in 0..ENTRIES {
            aligns_stack |= prove_index(image, format, address, (index, place), most_steps, &mut proved)?;
        }
        if !aligns_stack {
            break;
        }
    }
    Ok(proved)
}

/// Proves it for one index and one place of the stack. Returns whether the place matters.
fn prove_index(
    image: &Image,
    format: &Format,
    address: u64,
    (index, place): (u64, i64),
    most_steps: usize,
    proved: &mut Proved,
) -> Result<bool, Refused> {
    let operand =
        |entries: i64, is_written| Operand { bytes: entries * format.bytes, alignment: format.alignment, is_written };
    let mut machine = Machine::new(image, address, &[operand(1, true), operand(ENTRIES as i64, false)], place);
    machine.general[7] = Value::Address(Region::Operand(0), 0);
    machine.general[6] = Value::Address(Region::Operand(1), 0);
    machine.general[2] = Value::Constant(ENTRIES);
    machine.general[1] = Value::Constant(index);

    let size = i64::from(format.size());
    let end = format.first + size * format.written as i64;
    let least = if format.form == Form::Doubles { -format.digit.clone() } else { BigInt::zero() };
    let value_of = |id| if format.form == Form::Doubles { Value::Double(id) } else { Value::Word(id) };
    let mut named: Vec<Id> = Vec::new();
    for offset in (0..format.bytes).step_by(size as usize) {
        // What is written is undefined before.
        if !(format.first..end).contains(&offset) {
            machine.put(Region::Operand(0), offset, format.size(), ZERO);
        }
        for entry in 0..ENTRIES {
            let mut value = ZERO;
            // All digits that are written, also those that are zero in a residue.
            if (format.first..end).contains(&offset) {
                let digit = machine.graph.input(Range::new(least.clone(), format.digit.clone().max(BigInt::one())));
                value = value_of(digit);
                if entry == index {
                    named.push(digit);
                }
            }
            machine.put(Region::Operand(1), entry as i64 * format.bytes + offset, format.size(), value);
        }
    }
    machine.run(most_steps)?;

    let mut named = named.into_iter();
    for offset in (0..format.bytes).step_by(size as usize) {
        let value = machine.load((Region::Operand(0), offset), format.size())?;
        let expected = if (format.first..end).contains(&offset) { named.next().map_or(ZERO, value_of) } else { ZERO };
        if value != expected {
            return Err(Refused::new(format!("not the entry {index}")));
        }
    }
    powers::finish(&mut machine, proved);
    Ok(machine.aligns_stack)
}

/// Proves `select_plain(out, table, entries, index)`.
pub fn prove_plain(image: &Image, format: &Format, address: u64, most_steps: usize) -> Result<Proved, Refused> {
    let mut proved = Proved::default();
    for place in [8, 24, 40, 56] {
        let mut aligns_stack = false;
        for entries in (0..=5).map(|teeth| 1 << teeth) {
            for index in 0..entries {
                aligns_stack |=
                    prove_plain_index(image, format, address, (entries, index, place), most_steps, &mut proved)?;
            }
        }
        if !aligns_stack {
            break;
        }
    }
    Ok(proved)
}

fn prove_plain_index(
    image: &Image,
    format: &Format,
    address: u64,
    (entries, index, place): (u64, u64, i64),
    most_steps: usize,
    proved: &mut Proved,
) -> Result<bool, Refused> {
    let limbs = Format::limbs();
    let out = Operand { bytes: format.bytes, alignment: format.alignment, is_written: true };
    let table = Operand { bytes: entries as i64 * limbs.bytes, alignment: limbs.alignment, is_written: false };
    let mut machine = Machine::new(image, address, &[out, table], place);
    machine.contracts = Some(Contracts::new(format, &Functions::new()));
    machine.general[7] = Value::Address(Region::Operand(0), 0);
    machine.general[6] = Value::Address(Region::Operand(1), 0);
    machine.general[2] = Value::Constant(entries);
    machine.general[1] = Value::Constant(index);
    let end = format.first + i64::from(format.size()) * format.written as i64;
    for offset in (0..format.bytes).step_by(format.size().into()).filter(|at| !(format.first..end).contains(at)) {
        machine.put(Region::Operand(0), offset, format.size(), ZERO);
    }
    for entry in 0..entries {
        for limb in 0..LIMBS {
            // The bits of the base for the entry that is named, any number for the others.
            let value = if entry == index {
                let bits = std::array::from_fn(|bit| BASE + (64 * limb + bit) as Bit);
                machine.word_of_bits(&bits)
            } else {
                Value::Word(machine.graph.input(Range::new(0, u64::MAX)))
            };
            machine.put(Region::Operand(1), entry as i64 * limbs.bytes + 8 * limb as i64, 8, value);
        }
    }
    machine.run(most_steps)?;
    let base = Linear { constant: BigInt::one(), ..Linear::default() };
    if machine.power_at((Region::Operand(0), 0))? != (Power { base, ..Power::default() }) {
        return Err(Refused::new(format!("not the entry {index} of {entries}")));
    }
    powers::finish(&mut machine, proved);
    Ok(machine.aligns_stack)
}
