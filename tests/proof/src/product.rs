//! The proof of one product or square.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use num_bigint::BigInt;
use num_integer::Integer as _;
use num_traits::{One as _, Signed as _, Zero as _};

use crate::Refused;
use crate::claims::{Claim, Operation};
use crate::format::{Form, Format, modulus};
use crate::image::Image;
use crate::machine::{Machine, Operand, Region, Value, ZERO};
use crate::nodes::{Graph, Id, Kind, Range, Rest};

/// Cuts that nothing uses of which it is tried at a time whether they leave nothing.
const FEW: usize = 8;

/// Operands with which each proof is checked again.
pub const SAMPLES: u64 = 3;

/// Steps after which a function is taken not to end.
pub const MOST_STEPS: usize = 200_000;

/// Places of the stack pointer, mod 64. It is 8 less than a multiple of 16 when a function begins.
const PLACES: [i64; 4] = [8, 24, 40, 56];

/// Proves a function for each place of the stack, or for one if the proof says that the place does not matter.
pub fn at_each_place(mut prove: impl FnMut(i64) -> Result<bool, Refused>) -> Result<(), Refused> {
    for place in PLACES {
        if !prove(place)? {
            break;
        }
    }
    Ok(())
}

/// What is shown of a function.
#[derive(Debug, Default)]
pub struct Proved {
    pub steps: usize,
    /// Instructions of the longest run.
    pub longest: usize,
    pub nodes: usize,
    /// The greatest absolute value of a result, if any case can occur.
    pub value: Option<BigInt>,
    /// The instructions that have run, and the bytes of constants that they have read.
    pub executed: BTreeMap<u64, iced_x86::Instruction>,
    pub read: BTreeSet<u64>,
    /// A digest of how the results are made of the digits of the operands, by sums, products and cuts.
    pub numbers: u64,
    /// Where `pow` calls the product that makes `x·R` of the base `x`.
    pub entered_at: Option<u64>,
}

/// Proves a claim about the function at an address.
pub fn prove(image: &Image, claim: &Claim, address: u64, most_steps: usize) -> Result<Proved, Refused> {
    let format = &claim.format;
    let operand = |is_written| Operand { bytes: format.bytes, alignment: format.alignment, is_written };
    let operands = [operand(true), operand(false)];
    let mut proved = Proved::default();
    at_each_place(|place| {
        let mut machine =
            Machine::new(image, address, &operands[..2 - usize::from(claim.operation == Operation::Square)], place);
        machine.pass_operands(&[7, 6][..machine.operands.len()]);
        let mut digits = Vec::new();
        for number in 0..machine.operands.len() as u8 {
            digits.push(put_operand(&mut machine, number, format)?);
        }
        let terms = match (claim.operation, &digits[..]) {
            (Operation::Product, [a, b]) => Terms::Product(a, b),
            (Operation::Square, [a]) => Terms::Square(a),
            _ => return Err(Refused::new("this is no product")),
        };
        let outcome = Outcome { format, source: format, terms };
        machine.graph.operands = Some(outcome.operands(&mut machine.graph)?);
        prove_cases(machine, &outcome, most_steps, &mut proved)
    })?;
    proved.of_a_case()
}

impl Proved {
    /// Refuses a proof in which no case can occur.
    pub fn of_a_case(self) -> Result<Self, Refused> {
        if self.value.is_none() { Err(Refused::new("no case can occur")) } else { Ok(self) }
    }
}

/// Runs a machine to the end and proves the outcome, with each value of the numbers that must be supposed. Returns whether the
/// function aligns its stack, so that the place of the stack matters.
pub fn prove_cases(
    mut machine: Machine<'_>,
    outcome: &Outcome<'_>,
    most_steps: usize,
    proved: &mut Proved,
) -> Result<bool, Refused> {
    match machine.run(most_steps) {
        Ok(()) => {}
        Err(Refused { case: Some((id, least, greatest)), .. }) => {
            machine.graph.settle_unused();
            let mut aligns_stack = false;
            for value in least..=greatest {
                let mut machine = machine.clone();
                machine.cases.push((id, value));
                aligns_stack |= prove_cases(machine, outcome, most_steps, proved)?;
            }
            return Ok(aligns_stack);
        }
        Err(refused) => return Err(refused),
    }
    // A product stays where its first operand was. A sum is returned by value.
    if matches!(outcome.terms, Terms::Sum(..)) {
        machine.check_returned()?;
    }
    proved.numbers = outcome.digest(&mut machine, proved.numbers)?;
    let cases = machine.cases.clone();
    let value = outcome.check(&mut machine)?;
    for seed in 1..=SAMPLES {
        outcome.check_sample(&mut machine, &cases, value.is_some(), seed)?;
    }
    proved.steps = proved.steps.max(machine.steps);
    proved.longest = proved.steps;
    proved.nodes = proved.nodes.max(machine.graph.nodes.len());
    proved.executed.extend(machine.executed().map(|instruction| (instruction.ip(), *instruction)));
    proved.read.append(&mut machine.read);
    proved.value = proved.value.take().max(value);
    Ok(machine.aligns_stack)
}

/// Puts the digits of an operand into memory.
pub fn put_operand(machine: &mut Machine<'_>, number: u8, format: &Format) -> Result<Vec<Id>, Refused> {
    let region = Region::Operand(number);
    let size = i64::from(format.size());
    for offset in (0..format.bytes).step_by(format.size().into()) {
        machine.put(region, offset, format.size(), ZERO);
    }
    let least = if format.form == Form::Doubles { -format.digit.clone() } else { BigInt::zero() };
    let mut digits = Vec::new();
    for i in 0..format.written {
        let digit = if i < format.digits {
            machine.graph.input(Range::new(least.clone(), format.digit.clone()))
        } else {
            machine.graph.constant(0)?
        };
        let value = if format.form == Form::Doubles { Value::Double(digit) } else { machine.word(digit) };
        machine.put(region, format.first + size * i as i64, format.size(), value);
        if i < format.digits {
            digits.push(digit);
        }
    }
    Ok(digits)
}

/// What a run has left, to be compared with the claim.
pub struct Outcome<'a> {
    /// Of the result, and the radix that it is multiplied by.
    pub format: &'a Format,
    /// Of the operands.
    pub source: &'a Format,
    pub terms: Terms<'a>,
}

/// What the result must be congruent to, times the radix, made of the digits of operands.
pub enum Terms<'a> {
    Product(&'a [Id], &'a [Id]),
    Square(&'a [Id]),
    /// A sum of numbers, each with its sign, and the range of the sum.
    Sum(Vec<(&'a [Id], i32)>, Range),
}

impl Outcome<'_> {
    /// Returns the greatest absolute value of the result, or nothing if the case cannot occur.
    pub fn check(&self, machine: &mut Machine<'_>) -> Result<Option<BigInt>, Refused> {
        let format = self.format;
        let digits = self.result(machine)?;
        if let Some(&top) = digits.last() {
            machine.graph.settle(top);
        }
        let radix = BigInt::one() << format.radix_bits;
        let mut weights: Vec<(Id, BigInt)> =
            digits.iter().enumerate().map(|(k, &digit)| (digit, &radix << (format.digit_bits as usize * k))).collect();
        let mut stops = HashSet::new();
        let mut constant = BigInt::zero();
        if format.cut.is_some() {
            let lemma = Vanishing::find(&mut machine.graph, format)?.check(&mut machine.graph)?;
            // Three blocks of 16 digits below.
            let factor = BigInt::one() << (3 * BLOCK_BITS);
            weights.extend(lemma.weights.into_iter().map(|(id, weight)| (id, weight * &factor)));
            constant += lemma.constant * factor;
            stops.extend(lemma.quotient);
        }

        let unit = radix << (format.digit_bits as usize * format.digits);
        let cases = std::mem::take(&mut machine.cases);
        let mut tried = BTreeSet::new();
        let (is_congruent, range) = loop {
            let (wrong, range) = self.balance(&machine.graph, &cases, &unit, &weights, &constant, &stops)?;
            if wrong.iter().any(BTreeSet::is_empty) {
                break (true, range);
            }
            if range.least > range.greatest {
                break (false, range);
            }
            // A carry that the code drops leaves a cut whose weight stays, and those of the digits below it. Where the code does
            // not even compute the carry, the cut is unused; otherwise it is the last one.
            let unused: BTreeSet<Id> =
                wrong.iter().flatten().copied().filter(|&id| machine.graph.is_unused_cut(id)).collect();
            let last: BTreeSet<Id> = wrong.iter().filter_map(|wrong| wrong.last().copied()).collect();
            let before = machine.graph.settled;
            for id in unused.into_iter().take(FEW).chain(last.into_iter().rev()) {
                if machine.graph.settled == before && tried.insert(id) {
                    machine.graph.settle(id);
                }
            }
            if machine.graph.settled == before {
                break (false, range);
            }
        };
        if range.least > range.greatest {
            return Ok(None);
        }
        if !is_congruent {
            return Err(Refused::new("the result is not congruent to the product"));
        }
        self.check_bounds(&machine.graph, &digits, &range)?;
        Ok(Some(range.greatest.abs().max(range.least.abs())))
    }

    /// Pushes the weights of the result back. Returns for each way to use the cases the nodes whose weights are not those of the
    /// product, and the range of the result's value.
    ///
    /// A case says what a number is, so multiples of the difference may be added: none, or as many as make a carry out of the
    /// digits.
    fn balance(
        &self,
        graph: &Graph,
        cases: &[(Id, i128)],
        unit: &BigInt,
        weights: &[(Id, BigInt)],
        constant: &BigInt,
        stops: &HashSet<Id>,
    ) -> Result<(Vec<BTreeSet<Id>>, Range), Refused> {
        let quotients = graph.factors_of_constants();
        let mut wrong = Vec::new();
        let mut range: Option<Range> = None;
        for choice in 0..3_u32.pow(u32::try_from(cases.len()).expect("there are few")) {
            let (mut weights, mut constant) = (weights.to_vec(), constant.clone());
            for (i, (id, value)) in cases.iter().enumerate() {
                let factor = unit * (i64::from(choice / 3_u32.pow(i as u32) % 3) - 1);
                constant -= &factor * value;
                weights.push((*id, factor));
            }
            let mut rest =
                graph.push(
                    &weights,
                    stops,
                    |id, weight| {
                        if quotients.contains(&id) { multiple_kept(weight) } else { None }
                    },
                )?;
            rest.constant += constant;
            wrong.push(Self::wrong(graph, &rest));
            let more = self.range(graph, &rest);
            range = Some(match range {
                None => more,
                Some(range) => Range::new(range.least.max(more.least), range.greatest.min(more.greatest)),
            });
            let is_right = wrong.iter().any(BTreeSet::is_empty);
            if range.as_ref().is_some_and(|range| range.least > range.greatest || is_right && self.is_bounded(range)) {
                break;
            }
        }
        Ok((wrong, range.expect("there is at least one way")))
    }

    /// Checks with numbers what the proof says: each node is within its range, a cut that leaves nothing does so, and the result is the
    /// product. The proof does not need this; an error in the prover may show here.
    pub fn check_sample(
        &self,
        machine: &mut Machine<'_>,
        cases: &[(Id, i128)],
        is_possible: bool,
        seed: u64,
    ) -> Result<(), Refused> {
        let format = self.source;
        let mut state = seed;
        // The top digit is so small that the value is within its bound; one digit in four is the greatest.
        let top: BigInt = (&format.value >> (format.digit_bits as usize * (format.digits - 1))) - 2;
        let is_signed = format.form == Form::Doubles;
        let mut place = 0;
        let values = machine.graph.evaluate(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            place += 1;
            let most =
                if place % format.digits == 0 { top.clone().min(format.digit.clone()) } else { format.digit.clone() };
            let digit = if state >> 62 == 0 { most } else { BigInt::from(state >> 1) % (most + 1) };
            if is_signed && state >> 32 & 1 == 1 { -digit } else { digit }
        });
        // Another case.
        if cases.iter().any(|&(id, value)| values[id as usize] != BigInt::from(value)) {
            return Ok(());
        }
        let wrong = |what: &str| Err(Refused::new(format!("the prover is wrong: {what}")));
        if !is_possible {
            return wrong("a case occurs that cannot");
        }
        if !machine.graph.is_consistent(&values) {
            return wrong("a number is not what it is shown to be");
        }
        let sum_of = |digits: &[Id], bits: u32| {
            digits.iter().rev().fold(BigInt::zero(), |sum, &digit| (sum << bits) + &values[digit as usize])
        };
        let sum = |digits: &[Id]| sum_of(digits, format.digit_bits);
        let expected = match &self.terms {
            Terms::Product(a, b) => sum(a) * sum(b),
            Terms::Square(a) => sum(a) * sum(a),
            Terms::Sum(terms, _) => terms.iter().map(|(digits, sign)| sum(digits) * *sign).sum(),
        };
        let digits = self.result(machine)?;
        if digits.iter().any(|&digit| digit as usize >= values.len()) {
            return wrong("the result has new digits");
        }
        let n = modulus();
        let found = sum_of(&digits, self.format.digit_bits) << self.format.radix_bits;
        if !(found - expected).mod_floor(&n).is_zero() {
            return wrong("the result is not the product");
        }
        Ok(())
    }

    /// A digest of how the result of a run is made of the digits of the operands, and of another digest.
    pub fn digest(&self, machine: &mut Machine<'_>, before: u64) -> Result<u64, Refused> {
        let digits = self.result(machine)?;
        Ok(machine.graph.digest(&digits, before))
    }

    /// The digits that the function has left in the place of the first operand.
    pub fn result(&self, machine: &mut Machine<'_>) -> Result<Vec<Id>, Refused> {
        let format = self.format;
        let size = i64::from(format.size());
        let end = format.first + size * format.written as i64;
        let mut digits = Vec::new();
        for offset in (0..format.bytes).step_by(format.size().into()) {
            let value = machine.load((Region::Operand(0), offset), format.size())?;
            if !(format.first..end).contains(&offset) {
                if value != ZERO {
                    return Err(Refused::new("the zeros beside the digits are changed"));
                }
                continue;
            }
            let digit = match (format.form, value) {
                (Form::Doubles, Value::Double(id)) => id,
                (Form::Doubles, Value::Constant(0)) => machine.graph.constant(0)?,
                (Form::Words(_), value) => machine.exact(value)?,
                _ => return Err(Refused::new("a digit is no integer")),
            };
            digits.push(digit);
        }
        Ok(digits)
    }

    /// The nodes that keep the value of the result times `R` from being the product, up to a multiple of `N`.
    fn wrong(graph: &Graph, rest: &Rest) -> BTreeSet<Id> {
        let n = modulus();
        let (products, _) = graph.operands.as_ref().expect("they are set");
        let is_multiple = |number: &BigInt| number.mod_floor(&n).is_zero();
        let mut wrong: BTreeSet<Id> = BTreeSet::new();
        for (&id, weight) in &rest.free {
            let is_right = match products.get(&id) {
                Some(expected) => is_multiple(&(weight - expected)),
                None => is_multiple(weight),
            };
            if !is_right {
                wrong.insert(id);
            }
        }
        wrong.extend(
            products
                .iter()
                .filter(|(id, expected)| !rest.free.contains_key(id) && !is_multiple(expected))
                .map(|(&id, _)| id),
        );
        if !is_multiple(&rest.constant) {
            // A number that no node has.
            wrong.insert(Id::MAX);
        }
        wrong
    }

    /// The weights of `a_i·b_j` in `a·b`, and the range of `a·b`; or those of digits in a sum.
    pub fn operands(&self, graph: &mut Graph) -> Result<(HashMap<Id, BigInt>, Range), Refused> {
        let mut weights: HashMap<Id, BigInt> = HashMap::new();
        let place = |k: usize| BigInt::one() << (self.source.digit_bits as usize * k);
        let (a, b) = match &self.terms {
            Terms::Product(a, b) => (a, b),
            Terms::Square(a) => (a, a),
            Terms::Sum(terms, range) => {
                for (digits, sign) in terms {
                    for (k, &digit) in digits.iter().enumerate() {
                        weights.insert(digit, place(k) * *sign);
                    }
                }
                return Ok((weights, range.clone()));
            }
        };
        for (i, &x) in a.iter().enumerate() {
            for (j, &y) in b.iter().enumerate() {
                *weights.entry(graph.product(x, y)?).or_default() += place(i + j);
            }
        }
        let most = &self.source.value * &self.source.value;
        let is_signed = self.source.form == Form::Doubles && !matches!(self.terms, Terms::Square(_));
        let least = if is_signed { -most.clone() } else { BigInt::zero() };
        Ok((weights, Range::new(least, most)))
    }

    /// The range of the value of the result.
    fn range(&self, graph: &Graph, rest: &Rest) -> Range {
        let mut range = graph.range_of(rest.free.iter().map(|(id, weight)| (*id, weight)));
        range.least += &rest.constant;
        range.greatest += &rest.constant;
        let bits = self.format.radix_bits;
        Range::new(-(-range.least >> bits), range.greatest >> bits)
    }

    /// Whether the value of the result is as promised.
    fn is_bounded(&self, range: &Range) -> bool {
        let bound = &self.format.value_of_result;
        let least = if self.format.form == Form::Doubles { -bound.clone() } else { BigInt::zero() };
        range.is_within(&least, bound)
    }

    fn check_bounds(&self, graph: &Graph, digits: &[Id], range: &Range) -> Result<(), Refused> {
        let format = self.format;
        let is_signed = format.form == Form::Doubles;
        let least = |bound: &BigInt| if is_signed { -bound.clone() } else { BigInt::zero() };
        let bound = &format.digit_of_result;
        if !digits.iter().all(|&digit| graph.range(digit).is_within(&least(bound), bound)) {
            return Err(Refused::new("a digit of the result may be too large"));
        }
        if !self.is_bounded(range) {
            return Err(Refused::new("the result may be too large"));
        }
        // What an operand may have, the result has.
        if format.digit_of_result > format.digit || format.value_of_result > format.value {
            return Err(Refused::new("a result is no operand"));
        }
        // The digits above the last one are zero. Their sum is a multiple of the weight of the lowest of them, and smaller: so it
        // is zero. Then the lowest of them that is not would be a multiple of the next weight.
        if format.written > format.digits {
            let weight = BigInt::one() << (format.digit_bits as usize * format.digits);
            let mut below = Range::new(0, 0);
            for (k, &digit) in digits[..format.digits].iter().enumerate() {
                let range = graph.range(digit);
                let unit = BigInt::one() << (format.digit_bits as usize * k);
                below = Range::new(below.least + &range.least * &unit, below.greatest + &range.greatest * &unit);
            }
            let (least, greatest) = (&range.least - below.greatest, &range.greatest - below.least);
            // Digits that are not negative are zero when their sum is.
            let are_small = !is_signed
                || digits[format.digits..].iter().all(|&digit| {
                    let most: BigInt = (BigInt::one() << format.digit_bits) - 1;
                    graph.range(digit).is_within(&-most.clone(), &most)
                });
            if !(Range::new(least, greatest).is_within(&(1 - &weight), &(weight - 1)) && are_small) {
                return Err(Refused::new("the digits above the last one may not be zero"));
            }
        }
        Ok(())
    }
}

/// The multiple of `N` that stays at a digit of a quotient, if the rest of its weight is that of a digit. So the products that
/// the digit is made of keep the weights that they have in the product of the operands.
fn multiple_kept(weight: &BigInt) -> Option<BigInt> {
    let is_power = |x: &BigInt| x.is_positive() && x.magnitude().count_ones() == 1;
    let rest = weight.mod_floor(&modulus());
    (!is_power(weight) && is_power(&rest)).then(|| weight - rest)
}

/// Digits of a block, and their bits.
const BLOCK: usize = 16;
const BLOCK_BITS: usize = 51 * BLOCK;

/// The block that becomes zero: `u + q·N` for 16 digits `q` of a quotient, of which only the carry out is needed.
struct Vanishing<'a> {
    format: &'a Format,
    /// The digits of `N` as the code has them.
    n: Vec<i128>,
    /// The digits of the quotient and of `u`.
    quotient: Vec<Id>,
    u: Vec<Id>,
    /// The sums that the digits of the quotient are cut from.
    sums: Vec<Id>,
    /// The constants in the digits of the quotient.
    constants: Vec<BigInt>,
    /// The sum of the last column as it is cut, and the constant in it.
    top: Id,
    round: i128,
}

/// Numbers whose sum with these weights and this constant is zero.
struct Lemma {
    weights: Vec<(Id, BigInt)>,
    constant: BigInt,
    /// Digits that may have any value.
    quotient: Vec<Id>,
}

/// Writes a sum out as multiples of nodes that are no sums.
fn leaves(graph: &Graph, id: Id) -> (BTreeMap<Id, BigInt>, BigInt) {
    let (mut open, mut out, mut constant) = (BTreeMap::from([(id, BigInt::one())]), BTreeMap::new(), BigInt::zero());
    while let Some((id, weight)) = open.pop_last() {
        if let Kind::Sum(terms, more) = graph.kind(id) {
            constant += &weight * more;
            for &(id, factor) in terms {
                *open.entry(id).or_default() += &weight * factor;
            }
        } else if !weight.is_zero() {
            out.insert(id, weight);
        }
    }
    (out, constant)
}

/// The factors of products by constants in a sum, by constant.
fn factors(graph: &Graph, id: Id) -> HashMap<i128, Vec<Id>> {
    let mut out: HashMap<i128, Vec<Id>> = HashMap::new();
    for (leaf, weight) in leaves(graph, id).0 {
        if let Kind::Scaled(x, constant) = *graph.kind(leaf)
            && weight.is_one()
        {
            out.entry(constant).or_default().push(x);
        }
    }
    out
}

/// The one factor that is multiplied by each of the constants, which come last to first.
fn factors_by(graph: &Graph, id: Id, constants: &[i128]) -> Option<Vec<Id>> {
    let factors = factors(graph, id);
    constants
        .iter()
        .rev()
        .map(|constant| match factors.get(constant).map(Vec::as_slice) {
            Some(&[x]) => Some(x),
            _ => None,
        })
        .collect()
}

/// The digits of a number: signed ones, all but the top one, if it is kept as doubles.
fn digits_of(number: &BigInt, count: usize, format: &Format) -> Vec<i128> {
    let mut rest = number.clone();
    let mut digits = Vec::new();
    for i in 0..count {
        let mut digit = rest.mod_floor(&(BigInt::one() << 51));
        if format.form == Form::Doubles && i + 1 < count && digit >= BigInt::one() << 50 {
            digit -= BigInt::one() << 51;
        }
        rest = (rest - &digit) >> 51;
        digits.push(i128::try_from(digit).expect("a digit has 51 bits"));
    }
    digits
}

impl<'a> Vanishing<'a> {
    /// Looks for the block in the graph. What is found is only a guess; `check` proves what is needed.
    fn find(graph: &mut Graph, format: &'a Format) -> Result<Self, Refused> {
        let unknown = || Refused::new("the block that becomes zero is not found");
        let block = BigInt::one() << BLOCK_BITS;
        let modulus = modulus();
        let inverse = modulus.modinv(&block).ok_or_else(unknown)?;
        let n = digits_of(&modulus, 61, format);
        let m = digits_of(&(&block - inverse), BLOCK, format);
        // The last column: each digit of the quotient by the digit of N that belongs to it.
        let (top, quotient) = (0..graph.nodes.len() as Id)
            .find_map(|id| match *graph.kind(id) {
                Kind::Low { of, bits: 51 } => Some((of, factors_by(graph, of, &n[..BLOCK])?)),
                _ => None,
            })
            .ok_or_else(unknown)?;
        // What each digit of the quotient is cut from: its own column, and the one below.
        let mut sums = Vec::new();
        let mut constants = Vec::new();
        for &digit in &quotient {
            let (leaves, constant) = leaves(graph, digit);
            let sum = leaves.keys().find_map(|&leaf| match *graph.kind(leaf) {
                Kind::Low { of, bits: 51 } => Some(of),
                _ => None,
            });
            sums.push(sum.ok_or_else(unknown)?);
            constants.push(constant);
        }
        let u = factors_by(graph, sums[BLOCK - 1], &m).ok_or_else(unknown)?;
        let round = if format.form == Form::Doubles { (1 << 62) + (1 << 50) } else { 0 };
        Ok(Self { format, n, quotient, u, sums, constants, top, round })
    }

    /// Column `k` of `u + q·N`, in which high halves belong to the next column.
    fn column(&self, graph: &mut Graph, k: usize) -> Result<Id, Refused> {
        let products = self.products(graph, k)?;
        graph.sum(&[(self.u[k], 1), (products, 1)], 0)
    }

    /// Column `k` of `q·N`.
    fn products(&self, graph: &mut Graph, k: usize) -> Result<Id, Refused> {
        let (weight, bits) = self.format.cut.expect("the format is one of those");
        let rounded = self.format.form == Form::Doubles;
        let mut terms = Vec::new();
        for (i, &digit) in self.quotient.iter().enumerate() {
            for (is_high, j) in [(false, k.checked_sub(i)), (true, k.checked_sub(i + 1))] {
                let Some(j) = j else { continue };
                let factor = graph.constant(self.n[j])?;
                let product = graph.product(digit, factor)?;
                let (low, high) = graph.halves(product, bits, rounded)?;
                terms.push(if is_high { (high, weight) } else { (low, 1) });
            }
        }
        graph.sum(&terms, 0)
    }

    /// Proves that the sum `S` of the block's columns is `B` times the carry that the code computes.
    fn check(&self, graph: &mut Graph) -> Result<Lemma, Refused> {
        let wrong = |what: &str| Refused::new(format!("the block that becomes zero: {what}"));
        let place = |k: usize| BigInt::one() << (51 * k);
        let block = BigInt::one() << BLOCK_BITS;
        let columns = (0..BLOCK).map(|k| self.column(graph, k)).collect::<Result<Vec<Id>, _>>()?;
        let sum: Vec<(Id, BigInt)> = columns.iter().enumerate().map(|(k, &column)| (column, place(k))).collect();
        self.check_multiple(graph)?;

        // The column that is cut is the last one, and a constant that makes it positive and rounds it.
        let (expected, constant) = leaves(graph, columns[BLOCK - 1]);
        let (found, more) = leaves(graph, self.top);
        if found != expected || more != constant + self.round {
            return Err(wrong("its last column is another"));
        }
        let high = graph.high(self.top, 51)?;
        let low = graph.low(self.top, 51)?;
        let mut weights = sum;
        weights.push((high, -block.clone()));
        let range_below = |graph: &Graph, count: usize| {
            columns[..count].iter().enumerate().fold(Range::new(0, 0), |range, (k, &column)| {
                let more = graph.range(column);
                Range::new(range.least + &more.least * place(k), range.greatest + &more.greatest * place(k))
            })
        };
        if self.format.form == Form::Doubles {
            // S - B·(high - ROUND/2^51) is a multiple of B, and is the columns below and what the cut leaves, less half a unit:
            // smaller than B.
            let carry = self.round >> 51;
            let below = range_below(graph, BLOCK - 1);
            let (half, unit) = (BigInt::from(self.round - (carry << 51)), place(BLOCK - 1));
            let most = graph.range(low).greatest.clone() - &half;
            let range = Range::new(below.least - half * &unit, below.greatest + most * unit);
            if !range.is_within(&(1 - &block), &(&block - 1)) {
                return Err(wrong("it may not be zero"));
            }
            return Ok(Lemma { weights, constant: block * carry, quotient: self.quotient.clone() });
        }

        // S - B·high is a multiple of B. The digit d of the last column tells which: it is the cut and the carry out of the column
        // below.
        let (digit, below, one_more) = (0..graph.nodes.len() as Id)
            .find_map(|id| {
                let Kind::High { of, bits: 51, .. } = *graph.kind(id) else { return None };
                let Kind::Sum(terms, 1) = graph.kind(of) else { return None };
                let [(x, 1), (y, 1)] = terms[..] else { return None };
                let (carry, part) = if x == low { (y, x) } else { (x, y) };
                match *graph.kind(carry) {
                    Kind::High { of, bits: 51, .. } if part == low => Some((carry, of, id)),
                    _ => None,
                }
            })
            .ok_or_else(|| wrong("the carry out of its last digit is not found"))?;
        if leaves(graph, below) != leaves(graph, columns[BLOCK - 2]) {
            return Err(wrong("the column below its last one is another"));
        }
        // S - B·high = d·2^765 + rest, where the rest is the columns below, and what the cut of the last of them leaves.
        let mut rest = range_below(graph, BLOCK - 2);
        rest.greatest += ((BigInt::one() << 51) - 1) * place(BLOCK - 2);
        let unit = place(BLOCK - 1);
        let carry = graph.range(digit);
        let most: BigInt = &graph.range(low).greatest + &carry.greatest;
        // Less than two units, so that d is 0 for 0, and 2^51 - 1 or more for B. And less than 2·B, and d + 1 below 2^52.
        let is_small = !rest.least.is_negative()
            && !carry.least.is_negative()
            && rest.greatest < 2 * &unit
            && &most * &unit + &rest.greatest < 2 * &block
            && most + 1 < BigInt::one() << 52;
        if !is_small {
            return Err(wrong("its last digit does not tell its carry"));
        }
        weights.push((one_more, -block));
        Ok(Lemma { weights, constant: BigInt::zero(), quotient: self.quotient.clone() })
    }

    /// Proves that the sum of the block's columns is a multiple of `B`.
    fn check_multiple(&self, graph: &mut Graph) -> Result<(), Refused> {
        let wrong = |what: &str| Refused::new(format!("the block that becomes zero is no multiple of B: {what}"));
        let block = BigInt::one() << BLOCK_BITS;
        let is_multiple = |weight: &BigInt| weight.mod_floor(&block).is_zero();
        let stops: HashSet<Id> = self.quotient.iter().chain(&self.u).copied().collect();
        let mut sum = Vec::new();
        for k in 0..BLOCK {
            sum.push((self.u[k], BigInt::one() << (51 * k)));
            sum.push((self.products(graph, k)?, BigInt::one() << (51 * k)));
        }
        let mut rest = graph.push(&sum, &stops, |_, _| None)?;
        let mut constant = rest.constant;

        // Digit k of the quotient is `sum_k - 2^51·high_k + high_(k-1) + constant`, with free high parts.
        let mut sums: Vec<(Id, BigInt)> = Vec::new();
        let mut highs: BTreeMap<Id, BigInt> = BTreeMap::new();
        for (k, &digit) in self.quotient.iter().enumerate() {
            let (found, more) = leaves(graph, digit);
            let mut expected = BTreeMap::from([(graph.low(self.sums[k], 51)?, BigInt::one())]);
            let weight = rest.free.remove(&digit).unwrap_or_default();
            let high = graph.high(self.sums[k], 51)?;
            *highs.entry(high).or_default() -= &weight << 51;
            if k > 0 {
                let high = graph.high(self.sums[k - 1], 51)?;
                *highs.entry(high).or_default() += &weight;
                expected.insert(high, BigInt::one());
            }
            if found != expected || more != self.constants[k] {
                return Err(wrong("a digit of the quotient is another"));
            }
            constant += &weight * more;
            sums.push((self.sums[k], weight));
        }
        let more = graph.push(&sums, &stops, |_, _| None)?;
        constant += more.constant;
        for (id, weight) in more.free.into_iter().chain(highs) {
            *rest.free.entry(id).or_default() += weight;
        }
        if !rest.free.values().all(is_multiple) || !is_multiple(&constant) {
            return Err(wrong("a free number remains"));
        }
        Ok(())
    }
}
