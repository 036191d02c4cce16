//! The proofs of what no backend does: the sum and the difference of elements.

use num_bigint::BigInt;
use num_traits::Zero as _;

use crate::Refused;
use crate::canonical;
use crate::format::{Format, modulus};
use crate::image::Image;
use crate::machine::{Machine, Operand, Region, Value};
use crate::nodes::Range;
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
        let depends_on_place = if is_difference {
            canonical::prove_cases(machine, &outcome, &BigInt::zero(), most_steps, &mut proved)?
        } else {
            product::prove_cases(machine, &outcome, most_steps, &mut proved)?
        };
        if !depends_on_place {
            break;
        }
    }
    proved.of_a_case()
}
