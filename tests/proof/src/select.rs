//! The proof of `select`: it writes the entry that the index names, for every index of a table as `pow` has it.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};

use num_bigint::BigInt;
use num_traits::{One as _, Zero as _};

use crate::Refused;
use crate::format::{Form, Format};
use crate::image::Image;
use crate::machine::{Machine, Operand, Region, Value, ZERO};
use crate::nodes::{Id, Range};
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
        machine.put(Region::Operand(0), offset, format.size(), ZERO);
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
    proved.steps = proved.steps.max(machine.steps);
    proved.nodes = proved.nodes.max(machine.graph.nodes.len());
    proved.executed.extend(machine.executed().map(|instruction| (instruction.ip(), *instruction)));
    proved.read.append(&mut machine.read);
    let mut hasher = DefaultHasher::new();
    (proved.numbers, index, place).hash(&mut hasher);
    proved.numbers = hasher.finish();
    Ok(machine.aligns_stack)
}
