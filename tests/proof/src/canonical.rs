//! The proof that a residue becomes canonical: the digits of a number, of which `N` is subtracted while that leaves no negative number.
//!
//! Let `S` be the number that the digits are. Each subtraction has a case: whether the top of `S - i·N` is negative. That bounds `S`,
//! and the cases leave `k·N <= S < (k + 1)·N` for some `k`. The result is shown to be congruent to `S - k·N` mod `2^3072`. Both are at
//! least 0 and below `2^3072`, so they are equal.

use std::collections::HashSet;

use num_bigint::BigInt;
use num_integer::Integer as _;
use num_traits::{One as _, Zero as _};

use crate::Refused;
use crate::contracts::LIMBS;
use crate::format::{Form, Format, modulus};
use crate::image::Image;
use crate::machine::{Machine, Operand, Region, Value};
use crate::nodes::{Graph, Id, Kind, Range, Rest};
use crate::powers;
use crate::product::{self, Outcome, Proved, Terms};

/// Cuts that a result may have above its limbs.
const CUTS: usize = 200;

/// Proves `canonical(out, begin, end)`, which takes an iterator over digits, or `canonical(out, t)`.
pub fn prove(image: &Image, format: &Format, address: u64, most_steps: usize) -> Result<Proved, Refused> {
    let mut proved = Proved::default();
    // What the result of a product may have.
    let source =
        Format { digit: format.digit_of_result.clone(), value: format.value_of_result.clone(), ..format.clone() };
    let result = Format { radix_bits: 0, ..Format::limbs() };
    let is_signed = format.form == Form::Doubles;
    // Two times N makes it positive.
    let more = if is_signed { 2 * modulus() } else { BigInt::zero() };
    product::at_each_place(|place| {
        let operands = [
            Operand { bytes: 8 * LIMBS as i64, alignment: 8, is_written: true },
            Operand { bytes: format.bytes, alignment: format.alignment, is_written: false },
        ];
        let mut machine = Machine::new(image, address, &operands, place);
        let digits = product::put_operand(&mut machine, 1, &source)?;
        machine.general[7] = Value::Address(Region::Operand(0), 0);
        machine.general[6] = Value::Address(Region::Operand(1), if is_signed { 0 } else { format.first });
        machine.general[2] =
            Value::Address(Region::Operand(1), format.first + i64::from(format.size()) * format.digits as i64);
        let least = if is_signed { -source.value.clone() } else { BigInt::zero() };
        let range = Range::new(least, source.value.clone());
        let terms = Terms::Sum(vec![(&digits, 1)], range);
        let outcome = Outcome { format: &result, source: &source, terms };
        machine.graph.operands = Some(outcome.operands(&mut machine.graph)?);
        prove_cases(machine, &outcome, &more, most_steps, &mut proved)
    })?;
    proved.of_a_case()
}

/// Proves a `leave(out, t)` that calls nothing: the result is canonical, and times `R` it is the residue.
pub fn prove_leave(image: &Image, format: &Format, address: u64, most_steps: usize) -> Result<Proved, Refused> {
    let mut proved = Proved::default();
    let result = Format { radix_bits: format.radix_bits, ..Format::limbs() };
    product::at_each_place(|place| {
        let operands = [
            Operand { bytes: 8 * LIMBS as i64, alignment: 8, is_written: true },
            Operand { bytes: format.bytes, alignment: format.alignment, is_written: false },
        ];
        let mut machine = Machine::new(image, address, &operands, place);
        let digits = product::put_operand(&mut machine, 1, format)?;
        machine.pass_operands(&[7, 6]);
        let terms = Terms::Sum(vec![(&digits, 1)], Range::new(0, format.value.clone()));
        let outcome = Outcome { format: &result, source: format, terms };
        machine.graph.operands = Some(outcome.operands(&mut machine.graph)?);
        product::prove_cases(machine, &outcome, most_steps, &mut proved)
    })?;
    proved.of_a_case()
}

/// Runs a machine to the end in each case, and checks the result, which is made of `more` and the operands. Returns whether the place
/// of the stack matters.
pub fn prove_cases(
    mut machine: Machine<'_>,
    outcome: &Outcome<'_>,
    more: &BigInt,
    most_steps: usize,
    proved: &mut Proved,
) -> Result<bool, Refused> {
    match machine.run(most_steps) {
        Ok(()) => {}
        Err(Refused { case: Some((id, least, greatest)), .. }) => {
            let mut aligns_stack = false;
            for value in least..=greatest {
                let mut machine = machine.clone();
                machine.cases.push((id, value));
                machine.graph.suppose(id, &value.into());
                aligns_stack |= prove_cases(machine, outcome, more, most_steps, proved)?;
            }
            return Ok(aligns_stack);
        }
        Err(refused) => return Err(refused),
    }
    machine.check_returned()?;
    proved.numbers = outcome.digest(&mut machine, proved.numbers)?;
    let is_possible = check(&mut machine, outcome, more)?;
    let cases = machine.cases.clone();
    for seed in 1..=product::SAMPLES {
        outcome.check_sample(&mut machine, &cases, is_possible, seed)?;
    }
    if is_possible {
        proved.value = Some(modulus() - 1);
    }
    powers::finish(&mut machine, proved);
    Ok(machine.aligns_stack)
}

/// Checks the result, and returns whether the case can occur.
fn check(machine: &mut Machine<'_>, outcome: &Outcome<'_>, more: &BigInt) -> Result<bool, Refused> {
    let limbs = outcome.result(machine)?;
    let graph = &mut machine.graph;
    let unit = BigInt::one() << (64 * LIMBS);
    let n = modulus();

    // What the cases say of S.
    let (_, mut range) = graph.operands.clone().ok_or_else(|| Refused::new("no operands"))?;
    range = Range::new(range.least + more, range.greatest + more);
    for &(id, value) in &machine.cases {
        // The case is that of a sign: either of the difference itself, or of the word above its limbs.
        let found = match bounds(graph, id, &Range::new(value, value), &unit) {
            Err(_) if let Kind::High { of, bits: 64, .. } = *graph.kind(id) => {
                let range = graph.range(of).clone();
                bounds(graph, of, &range, &unit)?
            }
            found => found?,
        };
        range = Range::new(range.least.max(found.least + more), range.greatest.min(found.greatest + more));
    }
    if range.least > range.greatest {
        return Ok(false);
    }
    let taken = range.least.div_floor(&n);
    if range.greatest.div_floor(&n) != taken {
        return Err(Refused::new("the result may not be below N"));
    }

    let constant = remainder(graph, &limbs, &unit)?;
    if (constant + taken * n - more).mod_floor(&unit).is_zero() {
        return Ok(true);
    }
    Err(Refused::new("the result is less by another number"))
}

/// What the range of a node says of the number that the operands are: times the unit, the node is that number and others.
fn bounds(graph: &mut Graph, node: Id, of_node: &Range, unit: &BigInt) -> Result<Range, Refused> {
    let rest = whole(graph, &[(node, unit.clone())])?;
    let others = others(graph, &rest)?;
    Ok(Range::new(&of_node.least * unit - others.greatest, &of_node.greatest * unit - others.least))
}

/// What limbs are more than the number that the operands are, mod a unit.
pub fn remainder(graph: &mut Graph, limbs: &[Id], unit: &BigInt) -> Result<BigInt, Refused> {
    let mut weights: Vec<(Id, BigInt)> =
        limbs.iter().enumerate().map(|(k, &limb)| (limb, BigInt::one() << (64 * k))).collect();
    for _ in 0..CUTS {
        let rest = graph.push(&weights, &HashSet::new(), |_, _| None)?;
        let Some((cut, weight)) = wrong(graph, &rest)?.pop() else { return Ok(rest.constant) };
        // What is above a cut is a multiple of the unit.
        let Kind::Low { of, bits } = *graph.kind(cut) else {
            return Err(Refused::new("the result is made of something else"));
        };
        let weight = weight << bits;
        if !weight.mod_floor(unit).is_zero() {
            // Or there is nothing above it.
            if graph.settle(cut) {
                continue;
            }
            return Err(Refused::new("a carry is lost"));
        }
        weights.push((graph.high(of, bits)?, weight));
    }
    Err(Refused::new("the result has many cuts"))
}

/// Pushes weights, after the cut of the top digit is shown to leave nothing.
fn whole(graph: &mut Graph, weights: &[(Id, BigInt)]) -> Result<Rest, Refused> {
    let rest = graph.push(weights, &HashSet::new(), |_, _| None)?;
    let cuts: Vec<Id> = wrong(graph, &rest)?
        .into_iter()
        .map(|cut| cut.0)
        .filter(|&id| matches!(graph.kind(id), Kind::Low { bits: 51, .. }))
        .collect();
    let mut settled = false;
    for cut in cuts {
        settled |= graph.settle(cut);
    }
    if settled { graph.push(weights, &HashSet::new(), |_, _| None) } else { Ok(rest) }
}

/// The weights beside those of the digits, which must be as they are in the number.
fn wrong(graph: &Graph, rest: &Rest) -> Result<Vec<(Id, BigInt)>, Refused> {
    let (digits, _) = graph.operands.as_ref().ok_or_else(|| Refused::new("no operands"))?;
    let mut wrong = Vec::new();
    for (&id, weight) in rest.free.iter().filter(|term| !term.1.is_zero()) {
        match digits.get(&id) {
            Some(_) => {}
            None => wrong.push((id, weight.clone())),
        }
    }
    if wrong.is_empty() && !digits.iter().all(|(id, weight)| rest.free.get(id) == Some(weight)) {
        return Err(Refused::new("the result is made of other digits"));
    }
    Ok(wrong)
}

/// The range of what is left beside the digits.
fn others(graph: &Graph, rest: &Rest) -> Result<Range, Refused> {
    let (digits, _) = graph.operands.as_ref().ok_or_else(|| Refused::new("no operands"))?;
    if !digits.iter().all(|(id, weight)| rest.free.get(id) == Some(weight)) {
        return Err(Refused::new("a sign of another number"));
    }
    let mut range = Range::new(rest.constant.clone(), rest.constant.clone());
    for (id, weight) in rest.free.iter().filter(|term| !digits.contains_key(term.0)) {
        let of = graph.range(*id);
        let (x, y) = (&of.least * weight, &of.greatest * weight);
        range = Range::new(range.least + (&x).min(&y), range.greatest + x.max(y));
    }
    Ok(range)
}
