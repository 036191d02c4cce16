//! Functions that are known by what is proved of them, and what the residues are that they make.
//!
//! A residue is a power: its value is `base^x · factor^y · 2^z mod N`, where `x`, `y` and `z` are sums of multiples of secret bits. `g`
//! is 2, and so are the powers of `R`. A product adds the exponents and takes `log R` off `z`.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use num_bigint::BigInt;
use num_integer::Integer as _;
use num_traits::{Signed as _, Zero};

use crate::Refused;
use crate::bits::{Bit, CLEAR};
use crate::equations::NumberContract;
use crate::exponents::{BASE, FACTOR, Linear, Meaning, Power, affine, logarithms};
use crate::format::{Form, Format, modulus};
use crate::machine::{Machine, Region, Value, ZERO};
use crate::nodes::{Id, Range, digest};

/// Limbs of a canonical number.
pub const LIMBS: usize = 48;

/// What a function does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Contract {
    /// `a = a·b/R`
    Product,
    /// `a = a²/R`
    Square,
    /// `out = table[index]`
    Select,
    /// `out = load(table[index])`
    SelectPlain,
    /// Returns `t`, a result of a product, canonical.
    Canonical,
    /// Returns `t/R`, canonical.
    Leave,
}

impl Contract {
    pub const fn is_product(self) -> bool {
        matches!(self, Self::Product | Self::Square)
    }
}

/// The functions that a claim may rest on, by address: those of residues, and those of numbers below `N`.
#[derive(Clone, Debug, Default)]
pub struct Functions {
    pub of_residues: BTreeMap<u64, Contract>,
    pub of_numbers: BTreeMap<u64, NumberContract>,
}

impl Functions {
    pub fn extend(&mut self, other: Self) {
        self.of_residues.extend(other.of_residues);
        self.of_numbers.extend(other.of_numbers);
    }
}

/// Where a number comes from, which says what bounds it has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Source {
    Operand,
    Product,
    /// Below `N`.
    Canonical,
}

/// A number that a function has left in memory.
#[derive(Clone)]
struct Residue {
    meaning: Meaning,
    source: Source,
    /// In which its digits are written, and the only one in which they are that number.
    format: Format,
    /// Where the call returns to that has made it.
    made_at: Option<u64>,
}

#[derive(Clone)]
pub struct Contracts {
    pub format: Format,
    functions: BTreeMap<u64, Contract>,
    /// The binary logarithms, mod the order, of numbers that a program has as constants.
    logarithms: Rc<HashMap<BigInt, BigInt>>,
    residues: Vec<Residue>,
    /// The powers that residues of tables are.
    resolved: HashMap<usize, Power>,
    /// The residue and the place in it of a digit.
    digits: HashMap<Id, (usize, usize)>,
    /// A digest of all calls.
    pub trace: u64,
}

impl Contracts {
    pub fn new(format: &Format, functions: &Functions) -> Self {
        Self {
            format: format.clone(),
            functions: functions.of_residues.clone(),
            logarithms: logarithms(format.radix_bits),
            residues: Vec::new(),
            resolved: HashMap::new(),
            digits: HashMap::new(),
            trace: 0,
        }
    }
}

impl Machine<'_> {
    fn known(&self) -> Result<&Contracts, Refused> {
        self.contracts.as_ref().ok_or_else(|| Refused::new("no function is known"))
    }

    /// If a function that is known begins at an address, does what it does, and returns.
    pub fn apply_contract(&mut self, address: u64) -> Result<bool, Refused> {
        let Some(&contract) = self.contracts.as_ref().and_then(|known| known.functions.get(&address)) else {
            return self.apply_to_terms(address);
        };
        let (pointer, to) = self.called()?;
        let format = self.known()?.format.clone();
        let radix = i64::from(format.radix_bits);
        let first = self.argument(7, pointer)?;
        let mut result = Value::Undefined;
        match contract {
            Contract::Product => {
                let second = self.argument(6, pointer)?;
                Self::check_apart(first, second, format.bytes, format.bytes)?;
                let power = self.meaning_at(first)?.times(&self.meaning_at(second)?, -radix);
                self.put_power(first, (power, Source::Product))?;
            }
            Contract::Square => {
                let power = self.meaning_at(first)?;
                self.put_power(first, (power.clone().times(&power, -radix), Source::Product))?;
            }
            Contract::Select => {
                let table = self.argument(6, pointer)?;
                let power = self.selected(first, table, (&format, false))?;
                self.check_zeros_beside(first)?;
                self.put_power(first, (power.into(), Source::Operand))?;
            }
            Contract::SelectPlain => {
                let table = self.argument(6, pointer)?;
                let power = self.selected(first, table, (&Format::limbs(), true))?;
                self.check_zeros_beside(first)?;
                self.put_power(first, (power.into(), Source::Operand))?;
            }
            Contract::Canonical => {
                let (place, is_ended) = self.canonical_argument(&format, pointer)?;
                Self::check_apart(first, place, 8 * LIMBS as i64, format.bytes)?;
                let power = self.meaning_at(place)?;
                if !is_ended || self.source_at(place, &format)? != Some(Source::Product) {
                    return Err(Refused::new("a number that may be too large to become canonical"));
                }
                self.put_digits(first, &Format::limbs(), (power, Source::Canonical))?;
                result = self.general[7];
            }
            Contract::Leave => {
                let second = self.argument(6, pointer)?;
                Self::check_apart(first, second, 8 * LIMBS as i64, format.bytes)?;
                let power = self.meaning_at(second)?.times(&Meaning::default(), -radix);
                self.put_digits(first, &Format::limbs(), (power, Source::Canonical))?;
                result = self.general[7];
            }
        }
        self.end_call((pointer, to), result);
        self.forget_tables();
        if let Some(known) = &mut self.contracts {
            known.trace = digest((known.trace, contract, known.residues.last().map(|residue| &residue.meaning)));
            if let Some(residue) = known.residues.last_mut() {
                residue.made_at = to;
            }
        }
        if to.is_none() {
            return Err(Refused::new("a function that ends in a call"));
        }
        Ok(true)
    }

    /// Where the stack of a called function begins, and where it returns to.
    pub fn called(&mut self) -> Result<(i64, Option<u64>), Refused> {
        let Value::Address(Region::Stack, pointer) = self.general[4] else {
            return Err(Refused::new("the stack pointer is no place of the stack"));
        };
        self.check_stack_aligned(pointer)?;
        let Value::Return(to) = self.load((Region::Stack, pointer), 8)? else {
            return Err(Refused::new("a call without a place to return to"));
        };
        Ok((pointer, to))
    }

    /// Returns from a called function.
    pub fn end_call(&mut self, (pointer, to): (i64, Option<u64>), result: Value) {
        self.clobber();
        self.general[0] = result;
        self.general[4] = Value::Address(Region::Stack, pointer + 8);
        self.next = to;
    }

    /// The place that a register points to, which must not be in the stack of the called function.
    pub fn argument(&self, register: usize, pointer: i64) -> Result<(Region, i64), Refused> {
        match self.general[register] {
            Value::Address(Region::Stack, offset) if offset < pointer + 8 => {
                Err(Refused::new("an argument in the stack of the called function"))
            }
            Value::Address(region, offset) => Ok((region, offset)),
            value => Err(Refused::new(format!("an argument that is no place: {value:?}"))),
        }
    }

    pub fn check_apart(a: (Region, i64), b: (Region, i64), of_a: i64, of_b: i64) -> Result<(), Refused> {
        if a.0 == b.0 && a.1 < b.1 + of_b && b.1 < a.1 + of_a {
            return Err(Refused::new("arguments that overlap"));
        }
        Ok(())
    }

    /// The entry of a table that an index, which depends on secret bits, names.
    fn selected(
        &mut self,
        out: (Region, i64),
        table: (Region, i64),
        (format, is_plain): (&Format, bool),
    ) -> Result<Power, Refused> {
        let Value::Constant(entries) = self.general[2] else { return Err(Refused::new("a table of unknown length")) };
        // As they are proved.
        let is_known = if is_plain { entries <= 32 && entries.is_power_of_two() } else { entries == 32 };
        if !is_known {
            return Err(Refused::new("a table of another length"));
        }
        let bytes = self.known()?.format.bytes;
        Self::check_apart(out, table, bytes, entries as i64 * format.bytes)?;
        let mut powers = Vec::new();
        for entry in 0..entries as i64 {
            let meaning = self.meaning_in((table.0, table.1 + entry * format.bytes), format)?;
            powers.push(self.resolved(&meaning)?);
        }
        let index = self.general[1];
        let bits: Vec<Bit> = self.dependence([index].into_iter()).into_iter().collect();
        if bits.len() > 5 {
            return Err(Refused::new("an index that depends on many bits"));
        }
        let mut named = Vec::new();
        for case in 0..1 << bits.len() {
            let Value::Constant(index) = self.given(index, &bits, case) else {
                return Err(Refused::new("an index that is not known"));
            };
            let power = usize::try_from(index).ok().and_then(|index| powers.get(index));
            named.push(power.ok_or_else(|| Refused::new("an index past the end of a table"))?.clone());
        }
        affine(&bits, &named)
    }

    /// The power that the residue at a place is.
    pub fn power_at(&mut self, place: (Region, i64)) -> Result<Power, Refused> {
        let meaning = self.meaning_at(place)?;
        self.resolve(&meaning)
    }

    /// Where the product has been called that makes `x·R` of the base `x`.
    pub fn entered_at(&self) -> Result<Option<u64>, Refused> {
        let known = self.known()?;
        let [base, two] = [1, known.format.radix_bits].map(Linear::constant);
        let entered = Power { base, two, ..Power::default() };
        for (number, residue) in
            known.residues.iter().enumerate().filter(|(_, residue)| residue.source == Source::Product)
        {
            if self.resolve(&Meaning { residues: vec![(number, 1)], ..Meaning::default() })? == entered {
                return Ok(residue.made_at);
            }
        }
        Ok(None)
    }

    /// The power that something is: the exponents are pushed back through the calls.
    fn resolve(&self, meaning: &Meaning) -> Result<Power, Refused> {
        let known = self.known()?;
        let mut out = meaning.power.clone();
        let mut open: BTreeMap<usize, BigInt> = BTreeMap::new();
        for &(number, times) in &meaning.residues {
            *open.entry(number).or_default() += times;
        }
        while let Some((number, times)) = open.pop_last() {
            let of = &known.residues[number].meaning;
            out.multiply(&of.power, &times);
            for &(number, inner) in &of.residues {
                *open.entry(number).or_default() += &times * inner;
            }
        }
        Ok(out)
    }

    /// As above, for what is needed again and again.
    fn resolved(&mut self, meaning: &Meaning) -> Result<Power, Refused> {
        let [(number, 1)] = meaning.residues[..] else { return self.resolve(meaning) };
        if let Some(power) = self.known()?.resolved.get(&number) {
            return Ok(power.clone());
        }
        let power = self.resolve(meaning)?;
        if let Some(known) = &mut self.contracts {
            known.resolved.insert(number, power.clone());
        }
        Ok(power)
    }

    fn meaning_at(&mut self, place: (Region, i64)) -> Result<Meaning, Refused> {
        let format = self.known()?.format.clone();
        self.meaning_in(place, &format)
    }

    /// The number of a format at a place: a residue, or a number that is not converted.
    fn meaning_in(&mut self, (region, offset): (Region, i64), format: &Format) -> Result<Meaning, Refused> {
        self.check_alignment((region, offset), format.alignment)?;
        let size = i64::from(format.size());
        let end = format.first + size * format.written as i64;
        let mut digits = Vec::new();
        for at in (0..format.bytes).step_by(size as usize) {
            let value = self.load((region, offset + at), format.size())?;
            if (format.first..end).contains(&at) {
                digits.push(value);
            } else if value != ZERO {
                return Err(Refused::new("the zeros beside the digits are changed"));
            }
        }
        let tables = digits.iter().copied().filter(|value| matches!(value, Value::Table(_)));
        let bits: Vec<Bit> = self.dependence(tables).into_iter().collect();
        if bits.len() > 5 {
            return Err(Refused::new("a residue that depends on many bits"));
        }
        if bits.is_empty() {
            return self.meaning_of(&digits, format);
        }
        let mut powers = Vec::new();
        for case in 0..1 << bits.len() {
            let digits: Vec<Value> = digits
                .iter()
                .map(|&digit| if let Value::Table(_) = digit { self.given(digit, &bits, case) } else { digit })
                .collect();
            let meaning = self.meaning_of(&digits, format)?;
            powers.push(self.resolved(&meaning)?);
        }
        affine(&bits, &powers).map(Meaning::from)
    }

    /// What some digits are together.
    fn meaning_of(&self, digits: &[Value], format: &Format) -> Result<Meaning, Refused> {
        let unknown = || Refused::new("an operand that is no residue");
        // A result of a product, or of another function.
        if let Value::Word(id) | Value::Double(id) = digits[0]
            && let Some(&(number, 0)) = self.known()?.digits.get(&id)
        {
            if !self.known()?.residues[number].format.has_digits_of(format) {
                return Err(Refused::new("a residue that is read in another format"));
            }
            for (place, &digit) in digits.iter().enumerate() {
                let is_right = match digit {
                    Value::Word(id) if matches!(format.form, Form::Words(_)) => {
                        self.known()?.digits.get(&id) == Some(&(number, place))
                    }
                    Value::Double(id) if format.form == Form::Doubles && place < format.digits => {
                        self.known()?.digits.get(&id) == Some(&(number, place))
                    }
                    Value::Constant(_) | Value::Double(_) => {
                        place >= format.digits
                            && self.constant_digit(digit, format).is_some_and(|digit| digit.is_zero())
                    }
                    _ => false,
                };
                if !is_right {
                    return Err(unknown());
                }
            }
            return Ok(Meaning { residues: vec![(number, 1)], ..Meaning::default() });
        }
        // A constant.
        let constants: Option<Vec<BigInt>> = digits.iter().map(|&digit| self.constant_digit(digit, format)).collect();
        if let Some(digits) = constants {
            let least = if format.form == Form::Doubles { -format.digit.clone() } else { BigInt::zero() };
            let value = digits.iter().rev().fold(BigInt::zero(), |sum, digit| (sum << format.digit_bits) + digit);
            let is_bounded = digits[..format.digits].iter().all(|digit| least <= *digit && *digit <= format.digit)
                && digits[format.digits..].iter().all(Zero::is_zero)
                && value.abs() <= format.value;
            let logarithm = self.known()?.logarithms.get(&value.mod_floor(&modulus()));
            let logarithm =
                logarithm.filter(|_| is_bounded).ok_or_else(|| Refused::new("a constant that is no residue"))?;
            let two = Linear::constant(logarithm.clone());
            return Ok(Power { two, ..Power::default() }.into());
        }
        // The base or the factor, which are below N, cut into digits.
        let mut words = Vec::new();
        for &digit in digits {
            let bits = match self.constant_digit(digit, format).and_then(|digit| u64::try_from(digit).ok()) {
                Some(digit) => self.bits_of(Value::Constant(digit)),
                None => match (digit, format.form) {
                    (Value::Double(id), Form::Doubles) => self.bits_of_number(id),
                    (_, Form::Words(_)) => self.bits_of(digit),
                    _ => None,
                },
            };
            words.push(bits.ok_or_else(unknown)?);
        }
        let is_argument = |first: Bit| {
            words.iter().enumerate().all(|(place, word)| {
                word.iter().enumerate().all(|(bit, &found)| {
                    let at = format.digit_bits as usize * place + bit;
                    let is_in_digit = bit < format.digit_bits as usize && at < 64 * LIMBS;
                    found == if is_in_digit { first + at as Bit } else { CLEAR }
                })
            })
        };
        let one = Linear::constant(1);
        if is_argument(BASE) {
            Ok(Power { base: one, ..Power::default() }.into())
        } else if is_argument(FACTOR) {
            Ok(Power { factor: one, ..Power::default() }.into())
        } else {
            Err(unknown())
        }
    }

    /// A digit that is a constant.
    fn constant_digit(&self, digit: Value, format: &Format) -> Option<BigInt> {
        match (digit, format.form) {
            (Value::Constant(bits), Form::Doubles) => {
                let double = f64::from_bits(bits);
                (double.fract() == 0.0 && double.abs() < 2_f64.powi(53)).then(|| BigInt::from(double as i64))
            }
            (Value::Constant(word), Form::Words(_)) => Some(BigInt::from(word)),
            (Value::Double(id), Form::Doubles) => self.graph.as_constant(id).map(BigInt::from),
            _ => None,
        }
    }

    pub fn put_power(&mut self, place: (Region, i64), power: (Meaning, Source)) -> Result<(), Refused> {
        let format = self.known()?.format.clone();
        self.put_digits(place, &format, power)
    }

    /// The residue that is to become canonical, and whether the iterator over its digits, if it is one, ends where they do.
    fn canonical_argument(&self, format: &Format, pointer: i64) -> Result<((Region, i64), bool), Refused> {
        let place = self.argument(6, pointer)?;
        if format.form == Form::Doubles {
            return Ok((place, true));
        }
        let end = self.argument(2, pointer)?;
        let bytes = i64::from(format.size()) * format.digits as i64;
        Ok(((place.0, place.1 - format.first), end == (place.0, place.1 + bytes)))
    }

    /// Writes fresh digits of a number.
    fn put_digits(
        &mut self,
        (region, offset): (Region, i64),
        format: &Format,
        (meaning, source): (Meaning, Source),
    ) -> Result<(), Refused> {
        self.check_alignment((region, offset), format.alignment)?;
        let most = if source == Source::Operand { &format.digit } else { &format.digit_of_result };
        let least = if format.form == Form::Doubles { -most.clone() } else { BigInt::zero() };
        let number = self.known()?.residues.len();
        for place in 0..format.written {
            let mut id = self.graph.constant(0)?;
            if place < format.digits {
                id = self.graph.input(Range::new(least.clone(), most.clone()));
                if let Some(known) = &mut self.contracts {
                    known.digits.insert(id, (number, place));
                }
            }
            // A zero that is a double has either sign, also above the digits.
            let value = if format.form == Form::Doubles { Value::Double(id) } else { self.word(id) };
            let at = offset + format.first + i64::from(format.size()) * place as i64;
            self.store((region, at), format.size(), value)?;
        }
        if let Some(known) = &mut self.contracts {
            known.residues.push(Residue { meaning, source, format: format.clone(), made_at: None });
        }
        Ok(())
    }

    /// The offsets of the zeros beside the digits.
    fn beside(&self) -> Result<Vec<i64>, Refused> {
        let format = &self.known()?.format;
        let end = format.first + i64::from(format.size()) * format.written as i64;
        let all = (0..format.bytes).step_by(format.size().into());
        Ok(all.filter(|at| !(format.first..end).contains(at)).collect())
    }

    fn check_zeros_beside(&mut self, (region, offset): (Region, i64)) -> Result<(), Refused> {
        let size = self.known()?.format.size();
        for at in self.beside()? {
            if self.load((region, offset + at), size)? != ZERO {
                return Err(Refused::new("the zeros beside the digits are changed"));
            }
        }
        Ok(())
    }

    /// The canonical number at a place, which a function has returned.
    pub fn canonical_at(&mut self, place: (Region, i64)) -> Result<Power, Refused> {
        let meaning = self.meaning_in(place, &Format::limbs())?;
        let power = self.resolve(&meaning)?;
        match self.source_at(place, &Format::limbs())? {
            Some(Source::Canonical) => Ok(power),
            _ => Err(Refused::new("a result that may not be canonical")),
        }
    }

    /// Where the number at a place comes from, if a function has made it.
    fn source_at(&mut self, (region, offset): (Region, i64), format: &Format) -> Result<Option<Source>, Refused> {
        let (Value::Word(id) | Value::Double(id)) = self.load((region, offset + format.first), format.size())? else {
            return Ok(None);
        };
        let known = self.known()?;
        Ok(known.digits.get(&id).map(|&(number, _)| known.residues[number].source))
    }
}

#[cfg(test)]
mod tests {
    use iced_x86::{Code, Instruction, MemoryOperand, Register};

    use super::*;
    use crate::image::Image;
    use crate::machine::Operand;

    /// Where functions are that are known.
    const SELECT_PLAIN: u64 = 0x9000;
    const PRODUCT: u64 = 0xa000;

    /// A function that does something and calls another.
    fn caller(before: &[Instruction], called: u64) -> Image {
        let (stack, aligned) = (Register::RSP, 8);
        let mut code = vec![Instruction::with2(Code::Sub_rm64_imm8, stack, aligned).unwrap()];
        code.extend(before);
        code.push(Instruction::with_branch(Code::Call_rel32_64, called).unwrap());
        code.push(Instruction::with2(Code::Add_rm64_imm8, stack, aligned).unwrap());
        code.push(Instruction::with(Code::Retnq));
        Image::of_code(&code)
    }

    /// Runs it with a result and a residue of a product, and the numbers of entries and of the entry, as arguments.
    fn run<'a>(image: &'a Image, format: &Format, residue: &Format) -> Result<Machine<'a>, Refused> {
        let mut machine = machine(image, format, residue)?;
        machine.run(100)?;
        Ok(machine)
    }

    fn machine<'a>(image: &'a Image, format: &Format, residue: &Format) -> Result<Machine<'a>, Refused> {
        let operand = |format: &Format| Operand { bytes: format.bytes, alignment: format.alignment, is_written: true };
        let mut machine = Machine::new(image, Image::CODE, &[operand(format), operand(residue)], 8);
        let of_residues = BTreeMap::from([(SELECT_PLAIN, Contract::SelectPlain), (PRODUCT, Contract::Product)]);
        let functions = Functions { of_residues, ..Functions::default() };
        machine.contracts = Some(Contracts::new(format, &functions));
        for (number, format) in [(0, format), (1, residue)] {
            let region = Region::Operand(number);
            for offset in (0..format.bytes).step_by(format.size().into()) {
                machine.put(region, offset, format.size(), ZERO);
            }
            let base = Linear::constant(1);
            let meaning = Power { base, ..Power::default() }.into();
            machine.put_digits((region, 0), format, (meaning, Source::Product))?;
        }
        machine.pass_operands(&[7, 6]);
        machine.general[2] = Value::Constant(1);
        machine.general[1] = Value::Constant(0);
        Ok(machine)
    }

    #[test]
    fn a_table_of_one_entry_is_read_in_its_own_format() {
        run(&caller(&[], SELECT_PLAIN), &Format::digits51(), &Format::limbs()).unwrap();
    }

    #[test]
    fn a_zero_above_the_digits_of_doubles_may_be_negative() {
        // It is the index of the entry.
        let above = MemoryOperand::with_base_displ(Register::RDI, 64 + 8 * 61);
        let index = Instruction::with2(Code::Mov_r64_rm64, Register::RCX, above).unwrap();
        let image = caller(&[index], SELECT_PLAIN);
        run(&image, &Format::digits51(), &Format::limbs()).unwrap();
        let refused = run(&image, &Format::doubles(), &Format::limbs()).err().unwrap();
        assert_eq!(refused.reason, "an index that is not known");
        run(&caller(&[], PRODUCT), &Format::doubles(), &Format::doubles()).unwrap();
    }

    #[test]
    fn a_product_by_another_power_of_the_radix_enters_nothing() {
        let format = Format::digits51();
        for (factor, is_entered) in [(2, true), (3, false)] {
            let image = caller(&[], PRODUCT);
            let mut machine = machine(&image, &format, &format).unwrap();
            let power_of_two = Linear::constant(factor * format.radix_bits);
            let power = Power { two: power_of_two, ..Power::default() };
            machine.put_power((Region::Operand(1), 0), (power.into(), Source::Product)).unwrap();
            machine.run(100).unwrap();
            // The call is the second instruction, and has five bytes.
            assert_eq!(machine.entered_at().unwrap(), is_entered.then_some(Image::CODE + 4 + 5));
        }
    }

    #[test]
    fn digits_of_51_bits_are_no_limbs() {
        let digits = MemoryOperand::with_base_displ(Register::RSI, 64);
        let to_digits = Instruction::with2(Code::Lea_r64_m, Register::RSI, digits).unwrap();
        let refused = run(&caller(&[to_digits], SELECT_PLAIN), &Format::digits51(), &Format::digits51()).err().unwrap();
        assert_eq!(refused.reason, "a residue that is read in another format");
    }
}
