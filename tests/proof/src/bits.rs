//! Secret bits: words whose bits are known or are single bits of a secret, and values that depend on a few of these.
//!
//! Shifts, masks and unions only move bits. What does more, such as a comparison with a digit of an exponent, is computed for each
//! value of the few bits that it depends on.

use std::collections::{BTreeSet, HashMap};

use crate::Refused;
use crate::machine::{Machine, Value};
use crate::nodes::{Id, Range};

/// The number of a secret bit, or a bit that is known.
pub type Bit = u16;
pub const CLEAR: Bit = Bit::MAX - 1;
pub const SET: Bit = Bit::MAX;

/// A word, lowest bit first.
pub type Bits = [Bit; 64];

/// Bits that a value may depend on, unless it is a word of single bits.
const MOST: usize = 6;

/// Values in tables before those that nothing uses are forgotten.
const MANY: usize = 1 << 22;

/// A value for each value of some bits: bit `j` of an index is the value of `bits[j]`.
#[derive(Clone, Debug)]
pub struct Table {
    pub bits: Vec<Bit>,
    pub values: Vec<Value>,
}

#[derive(Clone, Default)]
pub struct Secrets {
    words: Vec<Bits>,
    places: HashMap<Bits, u32>,
    tables: Vec<Table>,
    held: usize,
    /// Words as numbers, and back.
    nodes: HashMap<u32, Id>,
    numbers: HashMap<Id, u32>,
}

/// What two values are combined by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Operation {
    Plus,
    Minus,
    And,
    Or,
    Xor,
    Times,
}

pub const fn is_known(bit: Bit) -> bool {
    bit >= CLEAR
}

pub const fn is_secret(value: Value) -> bool {
    matches!(value, Value::Bits(_) | Value::Table(_))
}

/// Combines words bit by bit, if that only moves bits.
fn combined(operation: Operation, x: &Bits, y: &Bits) -> Option<Bits> {
    let mut out = [CLEAR; 64];
    for ((out, &x), &y) in out.iter_mut().zip(x).zip(y) {
        *out = match (operation, x, y) {
            (Operation::And, CLEAR, _) | (Operation::And, _, CLEAR) => CLEAR,
            (Operation::And, SET, other)
            | (Operation::And, other, SET)
            | (Operation::Or | Operation::Xor | Operation::Plus, CLEAR, other)
            | (Operation::Or | Operation::Xor | Operation::Plus | Operation::Minus, other, CLEAR) => other,
            (Operation::Or, SET, _) | (Operation::Or, _, SET) => SET,
            (Operation::Xor, ..) if x == y => CLEAR,
            (Operation::And | Operation::Or, ..) if x == y => x,
            _ => return None,
        };
    }
    Some(out)
}

impl Machine<'_> {
    /// The bits of a constant or of a word of bits.
    pub fn bits_of(&self, value: Value) -> Option<Bits> {
        match value {
            Value::Constant(word) => {
                Some(std::array::from_fn(|place| if word >> place & 1 == 1 { SET } else { CLEAR }))
            }
            Value::Bits(number) => Some(self.secrets.words[number as usize]),
            Value::Word(id) => self.bits_of_number(id),
            // The word of a double is another than that of the integer.
            _ => None,
        }
    }

    /// The bits of a number that a word of bits has become.
    pub fn bits_of_number(&self, id: Id) -> Option<Bits> {
        self.secrets.numbers.get(&id).map(|&number| self.secrets.words[number as usize])
    }

    pub fn word_of_bits(&mut self, bits: &Bits) -> Value {
        if bits.iter().all(|&bit| is_known(bit)) {
            return Value::Constant(bits.iter().rev().fold(0, |word, &bit| word << 1 | u64::from(bit == SET)));
        }
        let secrets = &mut self.secrets;
        let number = *secrets.places.entry(*bits).or_insert_with(|| {
            secrets.words.push(*bits);
            (secrets.words.len() - 1) as u32
        });
        Value::Bits(number)
    }

    /// The number that a word of bits is, as a free node.
    pub fn node_of_bits(&mut self, value: Value) -> Result<Id, Refused> {
        let Value::Bits(number) = value else { return self.node(value) };
        if let Some(&id) = self.secrets.nodes.get(&number) {
            return Ok(id);
        }
        let greatest = self.secrets.words[number as usize]
            .iter()
            .rev()
            .fold(0_u64, |word, &bit| word << 1 | u64::from(bit != CLEAR));
        let id = self.graph.input(Range::new(0, greatest));
        self.secrets.nodes.insert(number, id);
        self.secrets.numbers.insert(id, number);
        Ok(id)
    }

    /// Combines two values of which at least one is secret.
    pub fn combine(&mut self, operation: Operation, a: Value, b: Value) -> Result<Value, Refused> {
        if a == b && operation == Operation::Plus {
            return self.moved(a, 1);
        }
        if let (Some(x), Some(y)) = (self.bits_of(a), self.bits_of(b))
            && let Some(out) = combined(operation, &x, &y)
        {
            return Ok(self.word_of_bits(&out));
        }
        self.lift(&[a, b], |machine, values| match operation {
            Operation::Plus => machine.plus(values[0], values[1]),
            Operation::Minus => machine.minus(values[0], values[1]),
            Operation::And => machine.and(values[0], values[1]),
            Operation::Or => machine.or(values[0], values[1]),
            Operation::Xor => machine.xor(values[0], values[1]),
            Operation::Times => match (values[0], values[1]) {
                (Value::Constant(a), Value::Constant(b)) => Ok(Value::Constant(a.wrapping_mul(b))),
                _ => Err(Refused::new("a product of a secret bit")),
            },
        })
    }

    /// Moves the bits of a word up, or down if `by` is negative.
    pub fn moved(&mut self, value: Value, by: i32) -> Result<Value, Refused> {
        if let Some(bits) = self.bits_of(value) {
            let bits: Bits = std::array::from_fn(|place| {
                usize::try_from(place as i32 - by).ok().and_then(|place| bits.get(place)).copied().unwrap_or(CLEAR)
            });
            return Ok(self.word_of_bits(&bits));
        }
        self.lift(&[value], |machine, values| match (values[0], by) {
            (Value::Constant(value), 0..) => Ok(Value::Constant(value << by)),
            (Value::Constant(value), _) => Ok(Value::Constant(value >> -by)),
            (value, 0..) => machine.shifted_left(value, by.unsigned_abs()),
            (value, _) => machine.shifted_right(value, by.unsigned_abs()),
        })
    }

    /// The low bits of a secret value.
    pub fn low_of_secret(&mut self, value: Value, count: u32) -> Result<Value, Refused> {
        if let Some(mut bits) = self.bits_of(value) {
            bits[count as usize..].fill(CLEAR);
            return Ok(self.word_of_bits(&bits));
        }
        self.lift(&[value], |machine, values| machine.low(values[0], count))
    }

    /// The secret bits that values depend on.
    pub fn dependence(&self, values: impl Iterator<Item = Value>) -> BTreeSet<Bit> {
        let mut bits = BTreeSet::new();
        for value in values {
            match value {
                Value::Bits(number) => {
                    bits.extend(self.secrets.words[number as usize].iter().filter(|bit| !is_known(**bit)));
                }
                Value::Table(number) => bits.extend(&self.secrets.tables[number as usize].bits),
                _ => {}
            }
        }
        bits
    }

    /// Computes a value for each value of the secret bits that others depend on.
    pub fn lift(
        &mut self,
        values: &[Value],
        mut compute: impl FnMut(&mut Self, &[Value]) -> Result<Value, Refused>,
    ) -> Result<Value, Refused> {
        let bits: Vec<Bit> = self.dependence(values.iter().copied()).into_iter().collect();
        if bits.len() > MOST {
            return Err(Refused::new("a number that depends on many secret bits"));
        }
        let mut given = values.to_vec();
        let mut out = Vec::with_capacity(1 << bits.len());
        for index in 0..1 << bits.len() {
            for (given, &value) in given.iter_mut().zip(values) {
                *given = self.given(value, &bits, index);
            }
            out.push(compute(self, &given)?);
        }
        Ok(self.tabulate(bits, out))
    }

    /// What a value is if some bits, all that it depends on, have the values that an index says.
    pub fn given(&self, value: Value, bits: &[Bit], index: usize) -> Value {
        let bit_of = |bit| bits.iter().position(|&other| other == bit).is_some_and(|place| index >> place & 1 == 1);
        match value {
            Value::Bits(number) => {
                let word = &self.secrets.words[number as usize];
                Value::Constant(
                    word.iter()
                        .rev()
                        .fold(0, |out, &bit| out << 1 | u64::from(bit == SET || !is_known(bit) && bit_of(bit))),
                )
            }
            Value::Table(number) => {
                let table = &self.secrets.tables[number as usize];
                if table.bits == bits {
                    return table.values[index];
                }
                table.values[table.bits.iter().rev().fold(0, |out, &bit| out << 1 | usize::from(bit_of(bit)))]
            }
            _ => value,
        }
    }

    fn tabulate(&mut self, bits: Vec<Bit>, values: Vec<Value>) -> Value {
        if values.iter().all(|value| *value == values[0]) {
            return values[0];
        }
        self.secrets.held += values.len();
        self.secrets.tables.push(Table { bits, values });
        Value::Table((self.secrets.tables.len() - 1) as u32)
    }

    /// Forgets the tables that no register and no memory holds, once there are many.
    pub fn forget_tables(&mut self) {
        if self.secrets.held < MANY {
            return;
        }
        let old = std::mem::take(&mut self.secrets.tables);
        let mut numbers: HashMap<u32, u32> = HashMap::new();
        let mut kept = Vec::new();
        self.each_value(|value| {
            if let Value::Table(number) = value {
                *number = *numbers.entry(*number).or_insert_with(|| {
                    kept.push(old[*number as usize].clone());
                    (kept.len() - 1) as u32
                });
            }
        });
        self.secrets.held = kept.iter().map(|table| table.values.len()).sum();
        self.secrets.tables = kept;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Image;

    #[test]
    fn the_word_of_a_double_is_not_that_of_its_integer() {
        let image = Image::of_code(&[]);
        let mut machine = Machine::new(&image, Image::CODE, &[], 8);
        let word = |machine: &mut Machine<'_>, bits: [Bit; 4]| {
            let mut word = [CLEAR; 64];
            word[..4].copy_from_slice(&bits);
            machine.word_of_bits(&word)
        };
        let (number, mask) = (word(&mut machine, [0, 1, SET, CLEAR]), word(&mut machine, [SET, CLEAR, CLEAR, CLEAR]));
        let one = word(&mut machine, [0, CLEAR, CLEAR, CLEAR]);
        let id = machine.node_of_bits(number).unwrap();
        // A number of bits keeps them when it is joined with a word. A double has other bits than the integer.
        assert_eq!(machine.combine(Operation::And, Value::Word(id), mask).unwrap(), one);
        for operation in [Operation::And, Operation::Or] {
            for mask in [mask, number] {
                assert!(machine.combine(operation, Value::Double(id), mask).is_err(), "{operation:?}");
            }
        }
        assert_eq!(machine.bits_of(Value::Double(id)), None);
    }
}
