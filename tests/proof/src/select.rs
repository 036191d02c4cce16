//! The proof of `select`: it writes the entry that the index names, for every index of a table as `pow` has it. And of
//! `select_plain`, which also cuts the entry into digits, for the tables of `pow_g`.

use num_bigint::BigInt;
use num_traits::{One as _, Zero as _};

use crate::Refused;
use crate::bits::Bit;
use crate::contracts::{Contracts, Functions, LIMBS};
use crate::exponents::{BASE, Linear, Power};
use crate::format::{Form, Format};
use crate::image::Image;
use crate::machine::{Machine, Operand, Region, Value, ZERO};
use crate::nodes::{Id, Range};
use crate::powers;
use crate::product::{self, Proved};
use crate::semantics::Random;

/// Entries of the table, one for each value of a window of five bits.
const ENTRIES: u64 = 32;

/// Proves the function at an address: `select(out, table, entries, index)`.
pub fn prove(image: &Image, format: &Format, address: u64, most_steps: usize) -> Result<Proved, Refused> {
    let mut proved = Proved::default();
    product::at_each_place(|place| {
        let mut aligns_stack = false;
        for index in 0..ENTRIES {
            aligns_stack |= prove_index(image, format, address, (index, place), most_steps, &mut proved)?;
        }
        Ok(aligns_stack)
    })?;
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
    machine.pass_operands(&[7, 6]);
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
    product::at_each_place(|place| {
        let mut aligns_stack = false;
        for entries in (0..=5).map(|teeth| 1 << teeth) {
            for index in 0..entries {
                aligns_stack |=
                    prove_plain_index(image, format, address, (entries, index, place), most_steps, &mut proved)?;
            }
        }
        Ok(aligns_stack)
    })?;
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
    machine.contracts = Some(Contracts::new(format, &Functions::default()));
    machine.pass_operands(&[7, 6]);
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
    let base = Linear::constant(1);
    if machine.power_at((Region::Operand(0), 0))? != (Power { base, ..Power::default() }) {
        return Err(Refused::new(format!("not the entry {index} of {entries}")));
    }
    powers::finish(&mut machine, proved);
    Ok(machine.aligns_stack)
}

/// Tables with which two programs are compared.
const TABLES: u64 = 4;

/// Whether two programs leave the same when they run with numbers: for each index of the longest table and for shorter tables of
/// `select_plain`, with digits at random and at the ends of their range.
pub fn agree(programs: (&Image, &Image), format: &Format, address: u64, is_plain: bool, most_steps: usize) -> bool {
    let of_table = if is_plain { Format::limbs() } else { format.clone() };
    let mut random = Random::new(1);
    let mut runs: Vec<(u64, u64)> = (0..ENTRIES).map(|index| (ENTRIES, index)).collect();
    if is_plain {
        runs.extend((0..5).map(|teeth| (1 << teeth, random.below(1 << teeth))));
    }
    (0..TABLES).all(|table| {
        let words: Vec<u64> =
            (0..ENTRIES * of_table.written as u64).map(|_| any_digit(&of_table, &mut random)).collect();
        let place = 8 + 16 * table as i64;
        runs.iter().all(|&run| {
            let [one, other] = [programs.0, programs.1]
                .map(|image| entry_of(image, format, (&of_table, &words), address, (run, place), most_steps));
            matches!((one, other), (Ok(one), Ok(other)) if one == other)
        })
    })
}

/// A digit as a word, often at an end of its range. A zero that is a double has either sign.
fn any_digit(format: &Format, random: &mut Random) -> u64 {
    let digit = match random.below(8) {
        0 => BigInt::zero(),
        1 => format.digit.clone(),
        _ => BigInt::from(random.word()) % (&format.digit + 1),
    };
    let digit = u64::try_from(digit).expect("a digit has a word");
    if format.form == Form::Doubles { (digit as f64).to_bits() | random.below(2) << 63 } else { digit }
}

/// The words that a program writes for an index of a table of numbers.
fn entry_of(
    image: &Image,
    format: &Format,
    (of_table, words): (&Format, &[u64]),
    address: u64,
    ((entries, index), place): ((u64, u64), i64),
    most_steps: usize,
) -> Result<Vec<u64>, Refused> {
    let operand = |entries: i64, format: &Format, is_written| Operand {
        bytes: entries * format.bytes,
        alignment: format.alignment,
        is_written,
    };
    let operands = [operand(1, format, true), operand(entries as i64, of_table, false)];
    let mut machine = Machine::new(image, address, &operands, place);
    machine.pass_operands(&[7, 6]);
    machine.general[2] = Value::Constant(entries);
    machine.general[1] = Value::Constant(index);
    let is_digit = |format: &Format, offset: i64| {
        let at = offset - format.first;
        (0..i64::from(format.size()) * format.written as i64).contains(&at)
    };
    let offsets = |format: &Format| (0..format.bytes).step_by(format.size().into());
    for offset in offsets(format).filter(|&offset| !is_digit(format, offset)) {
        machine.put(Region::Operand(0), offset, format.size(), ZERO);
    }
    let mut words = words.iter();
    for entry in 0..entries as i64 {
        for offset in offsets(of_table) {
            let word = if is_digit(of_table, offset) { words.next().copied().unwrap_or_default() } else { 0 };
            let at = entry * of_table.bytes + offset;
            machine.put(Region::Operand(1), at, of_table.size(), Value::Constant(word));
        }
    }
    machine.run(most_steps)?;
    let mut out = Vec::new();
    for offset in offsets(format) {
        out.push(match machine.load((Region::Operand(0), offset), format.size())? {
            Value::Constant(word) => word,
            // The sign of a zero is not known.
            Value::Double(id) if machine.graph.as_constant(id) == Some(0) => 0,
            _ => return Err(Refused::new("a run with numbers that leaves no number")),
        });
    }
    Ok(out)
}
