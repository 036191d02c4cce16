//! The proof of an exponentiation: which powers its residues are, from call to call.

use iced_x86::{Decoder, DecoderOptions, FlowControl, OpKind, Register};
use num_bigint::BigInt;
use num_traits::One as _;

use crate::Refused;
use crate::bits::{Bit, CLEAR};
use crate::claims::{Claim, Operation};
use crate::contracts::{Contracts, Functions, LIMBS, Source};
use crate::exponents::{BASE, FACTOR, Linear, Power};
use crate::format::Format;
use crate::image::{Function, Image};
use crate::machine::{Machine, Operand, Region, Value, ZERO};
use crate::nodes::digest;
use crate::product::{self, Proved};

/// Limbs of an exponent; the bound of its bits follows them.
pub const CAPACITY: usize = 49;

/// Steps after which an exponentiation is taken not to end.
pub const MOST_STEPS: usize = 20_000_000;

/// The greatest bound of an exponent.
pub const MOST_BITS: usize = 3073;

/// The bounds of exponents in the protocol: of `u` and `x`, of `a` and `b`, and of `a + u·x`. Those of `g` are the first two.
pub const BITS: [usize; 3] = [256, 320, 513];
pub const BITS_OF_G: [usize; 2] = [256, 320];

/// For which lengths of the exponent, which is public, powers are proved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lengths {
    /// One, for mutants.
    One,
    Usual,
    All,
}

/// Proves a claim about the function at an address, for exponents of so many bits.
pub fn prove(
    image: &Image,
    claim: &Claim,
    function: (u64, &Functions),
    lengths: &[usize],
    most_steps: usize,
) -> Result<Proved, Refused> {
    let mut proved = Proved::default();
    for &bits in lengths {
        product::at_each_place(|place| prove_length(image, claim, function, (bits, place), most_steps, &mut proved))?;
    }
    Ok(proved)
}

/// Proves it for one length and one place of the stack. Returns whether the place matters.
fn prove_length(
    image: &Image,
    claim: &Claim,
    (address, functions): (u64, &Functions),
    (bits, place): (usize, i64),
    most_steps: usize,
    proved: &mut Proved,
) -> Result<bool, Refused> {
    let of_limbs = |is_written| Operand { bytes: 8 * LIMBS as i64, alignment: 8, is_written };
    let of_exponent = Operand { bytes: 8 * (CAPACITY as i64 + 1), alignment: 8, is_written: false };
    let has_base = claim.operation == Operation::Power;
    let operands = [of_limbs(true), if has_base { of_limbs(false) } else { of_exponent }, of_exponent];
    let mut machine = Machine::new(image, address, &operands[..2 + usize::from(has_base)], place);
    machine.contracts = Some(Contracts::new(&claim.format, functions));
    machine.pass_operands(&[7, 6, 2][..machine.operands.len()]);
    if has_base {
        put_bits(&mut machine, Region::Operand(1), LIMBS, |bit| Some(BASE + bit as Bit));
    }
    let exponent = Region::Operand(1 + u8::from(has_base));
    put_bits(&mut machine, exponent, CAPACITY, |bit| (bit < bits).then_some(bit as Bit));
    machine.put(exponent, 8 * CAPACITY as i64, 8, Value::Constant(bits as u64));
    machine
        .run(most_steps)
        .map_err(|refused| Refused { reason: format!("{bits} bits: {}", refused.reason), ..refused })?;

    let sum = Linear { bits: (0..bits).map(|bit| (bit as Bit, BigInt::one() << bit)).collect(), ..Linear::default() };
    let expected =
        if has_base { Power { base: sum, ..Power::default() } } else { Power { two: sum, ..Power::default() } };
    let out = (Region::Operand(0), 0);
    machine.check_returned()?;
    if machine.canonical_at(out)? != expected {
        return Err(Refused::new(format!("{bits} bits: the result is another power")));
    }
    if has_base {
        proved.entered_at = machine.entered_at()?;
        if proved.entered_at.is_none() {
            return Err(Refused::new(format!("{bits} bits: no product makes x·R of the base")));
        }
    }
    finish(&mut machine, proved);
    Ok(machine.aligns_stack)
}

/// Proves `mul_repeatedly(out, backend, a, b, 1)`, of the backend with a number: the result is `a·b mod N`, below `N`.
pub fn prove_product(
    image: &Image,
    claim: &Claim,
    (address, functions): (u64, &Functions),
    backend: u64,
    most_steps: usize,
) -> Result<Proved, Refused> {
    let mut proved = Proved::default();
    let of_limbs = |is_written| Operand { bytes: 8 * LIMBS as i64, alignment: 8, is_written };
    product::at_each_place(|place| {
        let mut machine = Machine::new(image, address, &[of_limbs(true), of_limbs(false), of_limbs(false)], place);
        machine.contracts = Some(Contracts::new(&claim.format, functions));
        machine.pass_operands(&[7, 2, 1]);
        machine.general[6] = Value::Constant(backend);
        machine.general[8] = Value::Constant(1);
        for (number, first) in [(1, BASE), (2, FACTOR)] {
            put_bits(&mut machine, Region::Operand(number), LIMBS, |bit| Some(first + bit as Bit));
        }
        machine.run(most_steps)?;
        machine.check_returned()?;
        let one = Linear::constant(1);
        let expected = Power { base: one.clone(), factor: one, ..Power::default() };
        if machine.canonical_at((Region::Operand(0), 0))? != expected {
            return Err(Refused::new("the result is another product"));
        }
        finish(&mut machine, &mut proved);
        Ok(machine.aligns_stack)
    })?;
    Ok(proved)
}

/// Proves `enter(out, x)`, which makes `x·R` of a number below `N`, or `leave(out, t)`, which makes `t/R`, canonical.
pub fn prove_conversion(
    image: &Image,
    claim: &Claim,
    address: u64,
    functions: &Functions,
    most_steps: usize,
) -> Result<Proved, Refused> {
    let format = &claim.format;
    let mut proved = Proved::default();
    let is_leave = claim.operation == Operation::Leave;
    let limbs = Format::limbs();
    product::at_each_place(|place| {
        let (to, from) = if is_leave { (&limbs, format) } else { (format, &limbs) };
        let operand =
            |format: &Format, is_written| Operand { bytes: format.bytes, alignment: format.alignment, is_written };
        let mut machine = Machine::new(image, address, &[operand(to, true), operand(from, is_leave)], place);
        machine.contracts = Some(Contracts::new(format, functions));
        machine.pass_operands(&[7, 6]);
        let base = Linear::constant(1);
        let mut expected = Power { base, ..Power::default() };
        if is_leave {
            for offset in (0..format.bytes).step_by(format.size().into()) {
                machine.put(Region::Operand(1), offset, format.size(), ZERO);
            }
            machine.put_power((Region::Operand(1), 0), (expected.clone().into(), Source::Operand))?;
            machine.operands[1].is_written = false;
        } else {
            put_bits(&mut machine, Region::Operand(1), LIMBS, |bit| Some(BASE + bit as Bit));
        }
        machine.run(most_steps)?;
        machine.check_returned()?;
        let radix = i64::from(format.radix_bits);
        expected.two.constant += if is_leave { -radix } else { radix };
        let out = (Region::Operand(0), 0);
        let found = if is_leave { machine.canonical_at(out)? } else { machine.power_at(out)? };
        if found != expected {
            return Err(Refused::new("the result is another number"));
        }
        finish(&mut machine, &mut proved);
        Ok(machine.aligns_stack)
    })?;
    Ok(proved)
}

/// Puts words of secret bits, or of zeros, into memory.
pub fn put_bits(machine: &mut Machine<'_>, region: Region, words: usize, number: impl Fn(usize) -> Option<Bit>) {
    for word in 0..words {
        let bits = std::array::from_fn(|bit| number(64 * word + bit).unwrap_or(CLEAR));
        let value = machine.word_of_bits(&bits);
        machine.put(region, 8 * word as i64, 8, value);
    }
}

/// Adds what a run has shown.
pub fn finish(machine: &mut Machine<'_>, proved: &mut Proved) {
    proved.steps += machine.steps;
    proved.longest = proved.longest.max(machine.steps);
    proved.nodes = proved.nodes.max(machine.graph.nodes.len());
    proved.executed.extend(machine.executed().map(|instruction| (instruction.ip(), *instruction)));
    proved.read.append(&mut machine.read);
    let traces = (machine.contracts.as_ref().map(|known| known.trace), machine.terms.as_ref().map(|terms| terms.trace));
    proved.numbers = digest((proved.numbers, traces));
}

/// The functions of the program that a function's code calls.
pub fn called(image: &Image, function: &Function) -> Vec<u64> {
    let mut out = Vec::new();
    let mut at = function.address;
    while at < function.address + function.bytes {
        let Some(code) = image.code(at) else { break };
        let instruction = Decoder::with_ip(64, code, at, DecoderOptions::NONE).decode();
        at = if instruction.is_invalid() { at + 1 } else { instruction.next_ip() };
        match (instruction.flow_control(), instruction.op0_kind()) {
            (FlowControl::Call | FlowControl::UnconditionalBranch, OpKind::NearBranch64) => {
                out.push(instruction.near_branch_target());
            }
            _ if instruction.memory_base() == Register::RIP => {
                out.extend(image.pointers.get(&instruction.memory_displacement64()));
            }
            _ => {}
        }
    }
    out
}

/// The functions of the program that call one of some functions.
pub fn callers<'a>(image: &'a Image, of: &[u64]) -> Vec<&'a Function> {
    let calls = |function: &&Function| called(image, function).iter().any(|address| of.contains(address));
    image.functions.iter().filter(calls).collect()
}

#[cfg(test)]
mod tests {
    use iced_x86::{Code, Instruction};

    use super::*;

    #[test]
    fn a_function_of_any_name_is_a_caller() {
        let product = 0x9000;
        let call = |to| Instruction::with_branch(Code::Call_rel32_64, to).unwrap();
        let mut image = Image::of_code(&[call(product), call(0xa000), Instruction::with(Code::Retnq)]);
        let function = |name: &str, at, bytes| Function { name: name.to_owned(), address: Image::CODE + at, bytes };
        image.functions = vec![function("other", 0, 5), function("more", 5, 6)];
        let names: Vec<&str> = callers(&image, &[product]).iter().map(|function| function.name.as_str()).collect();
        assert_eq!(names, ["other"]);
    }
}
