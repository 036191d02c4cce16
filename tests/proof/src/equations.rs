//! The proofs of the choice of a backend and of the client's equation. Both handle numbers below `N`, and no residues.
//!
//! A number below `N` and an exponent are terms: an argument, a constant, or the result of a call. Only the range of their words is known.
//! So only a call makes another term, and only a copy makes the same term again.

use std::collections::{BTreeMap, HashSet};

use num_bigint::{BigInt, Sign};
use num_traits::Zero as _;
use sha2::{Digest as _, Sha256};

use crate::Refused;
use crate::bits::{Bit, CLEAR};
use crate::claims::{BACKENDS, Operation};
use crate::contracts::{Functions, LIMBS};
use crate::format::modulus;
use crate::image::Image;
use crate::machine::{Machine, Operand, Region, Value};
use crate::nodes::{Id, Range, digest};
use crate::powers::{self, BITS, BITS_OF_G, CAPACITY};
use crate::product::{self, Proved};

/// Bytes of `u` and of `x`.
const BYTES: usize = 32;

/// Bits of the exponents that a power of any base has here: of `u` and `x`, of `a` and `b`, and of `a + u·x`.
const OF_HASH: usize = 256;
const OF_EPHEMERAL: usize = 320;

/// The contract of a function that handles numbers below `N` and exponents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NumberContract {
    /// Returns a backend.
    Best,
    /// `out = base^exponent`, of one backend, and of the one that an argument says.
    Power,
    ChosenPower,
    /// `out = g^exponent`
    PowerOfG,
    /// `out = a·b`, by the backend that an argument says.
    Product,
    /// `out = a - b`
    Difference,
    /// `out = a + u·x`, of exponents.
    PlusProduct,
}

/// The meaning of a number below `N`, of an exponent, or of a string of bytes.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Term {
    /// An argument of the function, by its number.
    Argument(u8),
    Constant(BigInt),
    /// The exponent of big-endian bytes.
    OfBytes(Box<Self>),
    Power(Box<Self>, Box<Self>),
    PowerOfG(Box<Self>),
    Product(Box<Self>, Box<Self>),
    Difference(Box<Self>, Box<Self>),
    /// `a + u·x`
    PlusProduct(Box<Self>, Box<Self>, Box<Self>),
}

/// The layout of a term in memory.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// A number below `N`.
    Number,
    /// Limbs, and the bound of its bits.
    Exponent,
    Bytes,
}

impl Kind {
    /// The bytes of a cell: of a word, or one.
    const fn cell(self) -> u8 {
        if let Self::Bytes = self { 1 } else { 8 }
    }

    const fn bytes(self) -> i64 {
        match self {
            Self::Number => 8 * LIMBS as i64,
            Self::Exponent => 8 * (CAPACITY as i64 + 1),
            Self::Bytes => BYTES as i64,
        }
    }

    /// The offsets of the cells.
    fn offsets(self) -> impl Iterator<Item = i64> {
        (0..self.bytes()).step_by(self.cell().into())
    }
}

/// A term, and the words by which it is known.
#[derive(Clone)]
struct Object {
    kind: Kind,
    term: Term,
    cells: Vec<Value>,
}

#[derive(Clone, Default)]
pub struct Terms {
    functions: BTreeMap<u64, NumberContract>,
    objects: Vec<Object>,
    /// The backend that `Backend::best` returns; without one it may be any.
    best: Option<u64>,
    /// Numbers that are a backend.
    backends: HashSet<Id>,
    /// A digest of all calls.
    pub trace: u64,
}

/// A call whose arguments are being read.
struct Call {
    pointer: i64,
    /// The places that the function reads, and their bytes.
    read: Vec<((Region, i64), i64)>,
}

impl Machine<'_> {
    fn terms(&mut self) -> Result<&mut Terms, Refused> {
        self.terms.as_mut().ok_or_else(|| Refused::new("no function is known"))
    }

    /// If a function that is known begins at an address, does what it does, and returns.
    pub fn apply_to_terms(&mut self, address: u64) -> Result<bool, Refused> {
        let Some(&contract) = self.terms.as_ref().and_then(|terms| terms.functions.get(&address)) else {
            return Ok(false);
        };
        let (pointer, to) = self.called()?;
        let result = self.compute(contract, pointer)?;
        self.end_call((pointer, to), result);
        Ok(true)
    }

    /// Writes the term that a function computes, and returns its place; or returns the backend that it chooses.
    fn compute(&mut self, contract: NumberContract, pointer: i64) -> Result<Value, Refused> {
        let mut call = Call { pointer, read: Vec::new() };
        let (mut kind, mut bits) = (Kind::Number, 0);
        let term = match contract {
            NumberContract::Best => return self.any_backend(),
            NumberContract::Power => Term::Power(self.number_of(6, &mut call)?, self.exponent(2, &BITS, &mut call)?.0),
            NumberContract::ChosenPower => {
                self.check_backend()?;
                Term::Power(self.number_of(2, &mut call)?, self.exponent(1, &BITS, &mut call)?.0)
            }
            NumberContract::PowerOfG => Term::PowerOfG(self.exponent(6, &BITS_OF_G, &mut call)?.0),
            NumberContract::Product => {
                self.check_backend()?;
                if self.general[8] != Value::Constant(1) {
                    return Err(Refused::new("another number of products than 1"));
                }
                Term::Product(self.number_of(2, &mut call)?, self.number_of(1, &mut call)?)
            }
            NumberContract::Difference => {
                Term::Difference(self.number_of(6, &mut call)?, self.number_of(2, &mut call)?)
            }
            NumberContract::PlusProduct => {
                let (a, bits_of_a) = self.exponent(6, &[OF_EPHEMERAL], &mut call)?;
                // `group.rs` proves this bound.
                (kind, bits) = (Kind::Exponent, bits_of_a.max(16 * BYTES) + 1);
                let [u, x] = [2, 1].map(|register| self.argument_of(register, Kind::Bytes, &mut call));
                Term::PlusProduct(a, u?, x?)
            }
        };
        let out = self.argument(7, pointer)?;
        for (place, bytes) in call.read {
            Self::check_apart(out, place, kind.bytes(), bytes)?;
        }
        let terms = self.terms()?;
        terms.trace = digest((terms.trace, contract, &term));
        self.put_term(out, kind, term, bits)?;
        Ok(self.general[7])
    }

    fn number_of(&mut self, register: usize, call: &mut Call) -> Result<Box<Term>, Refused> {
        self.argument_of(register, Kind::Number, call)
    }

    /// A backend, as `Backend::best` returns it: its type has these values.
    fn any_backend(&mut self) -> Result<Value, Refused> {
        if let Some(backend) = self.terms()?.best {
            return Ok(Value::Constant(backend));
        }
        let id = self.graph.input(Range::new(0, BACKENDS.len() - 1));
        self.terms()?.backends.insert(id);
        Ok(Value::Word(id))
    }

    /// Checks that the second argument is a backend.
    fn check_backend(&mut self) -> Result<(), Refused> {
        let is_backend = match self.low(self.general[6], 8)? {
            Value::Constant(backend) => backend < BACKENDS.len() as u64,
            Value::Word(id) => self.terms()?.backends.contains(&id),
            _ => false,
        };
        if is_backend { Ok(()) } else { Err(Refused::new("an argument that is no backend")) }
    }

    /// The exponent that an argument is, and the bound of its bits, for which powers are proved.
    fn exponent(&mut self, register: usize, proved: &[usize], call: &mut Call) -> Result<(Box<Term>, usize), Refused> {
        let term = self.argument_of(register, Kind::Exponent, call)?;
        let (region, offset) = self.argument(register, call.pointer)?;
        match self.load((region, offset + 8 * CAPACITY as i64), 8)? {
            Value::Constant(bits) if proved.contains(&(bits as usize)) => Ok((term, bits as usize)),
            _ => Err(Refused::new("a length of an exponent for which nothing is proved")),
        }
    }

    /// The term that an argument points to.
    fn argument_of(&mut self, register: usize, kind: Kind, call: &mut Call) -> Result<Box<Term>, Refused> {
        let place = self.argument(register, call.pointer)?;
        call.read.push((place, kind.bytes()));
        self.term_at(place, kind).map(Box::new)
    }

    /// The term at a place.
    fn term_at(&mut self, (region, offset): (Region, i64), kind: Kind) -> Result<Term, Refused> {
        self.check_alignment((region, offset), kind.cell().into())?;
        let mut cells = Vec::new();
        for at in kind.offsets() {
            cells.push(self.load((region, offset + at), kind.cell())?);
        }
        let constants: Option<Vec<u64>> =
            cells.iter().map(|&cell| if let Value::Constant(word) = cell { Some(word) } else { None }).collect();
        if let (Some(limbs), Kind::Number) = (constants, kind) {
            let number = limbs.iter().rev().fold(BigInt::zero(), |sum, &limb| (sum << 64) + limb);
            return if number < modulus() {
                Ok(Term::Constant(number))
            } else {
                Err(Refused::new("a constant that is not below N"))
            };
        }
        let objects = &self.terms()?.objects;
        let object = objects.iter().find(|object| object.kind == kind && object.cells == cells);
        object.map(|object| object.term.clone()).ok_or_else(|| Refused::new("an argument that is no term"))
    }

    /// Writes a term in fresh words.
    fn put_term(
        &mut self,
        (region, offset): (Region, i64),
        kind: Kind,
        term: Term,
        bits: usize,
    ) -> Result<(), Refused> {
        self.check_alignment((region, offset), kind.cell().into())?;
        let cells = self.fresh(kind, term, bits)?;
        for (at, cell) in kind.offsets().zip(cells) {
            self.store((region, offset + at), kind.cell(), cell)?;
        }
        Ok(())
    }

    /// The words of a new term. Those of bytes are words of secret bits, by which the exponent that they are is known.
    fn fresh(&mut self, kind: Kind, term: Term, bits: usize) -> Result<Vec<Value>, Refused> {
        let mut cells = Vec::new();
        match kind {
            Kind::Number | Kind::Exponent => {
                let limbs = if kind == Kind::Number { LIMBS } else { CAPACITY };
                cells.extend((0..limbs).map(|_| Value::Word(self.graph.input(Range::new(0, u64::MAX)))));
                cells.extend((kind == Kind::Exponent).then_some(Value::Constant(bits as u64)));
            }
            Kind::Bytes => {
                let first = (8 * BYTES * self.terms()?.objects.len()) as Bit;
                let mut words =
                    |of_word: usize, at: usize| {
                        let bits = std::array::from_fn(|bit| {
                            if bit < of_word { first + (of_word * at + bit) as Bit } else { CLEAR }
                        });
                        self.word_of_bits(&bits)
                    };
                cells.extend((0..BYTES).rev().map(|byte| words(8, byte)));
                let mut limbs: Vec<Value> = (0..BYTES / 8).map(|limb| words(64, limb)).collect();
                limbs.resize(CAPACITY, Value::Constant(0));
                limbs.push(Value::Constant(OF_HASH as u64));
                let exponent = Object { kind: Kind::Exponent, term: Term::OfBytes(term.clone().into()), cells: limbs };
                self.terms()?.objects.push(exponent);
            }
        }
        self.terms()?.objects.push(Object { kind, term, cells: cells.clone() });
        Ok(cells)
    }
}

/// The register of an argument, and what it points to.
type Argument = (usize, Kind);

/// Runs a function with a result and arguments, and checks what it returns.
struct Run<'a> {
    image: &'a Image,
    address: u64,
    functions: &'a Functions,
    most_steps: usize,
    arguments: &'a [Argument],
    expected: Term,
}

impl Run<'_> {
    /// Proves it for exponents of so many bits, with this backend as an argument, and this one as the best.
    fn prove(
        &self,
        bits: usize,
        (backend, best): (Option<u64>, Option<u64>),
        proved: &mut Proved,
    ) -> Result<(), Refused> {
        product::at_each_place(|place| {
            let operand =
                |kind: Kind, is_written| Operand { bytes: kind.bytes(), alignment: kind.cell().into(), is_written };
            let mut operands = vec![operand(Kind::Number, true)];
            operands.extend(self.arguments.iter().map(|&(_, kind)| operand(kind, false)));
            let mut machine = Machine::new(self.image, self.address, &operands, place);
            machine.terms = Some(Terms { functions: self.functions.of_numbers.clone(), best, ..Terms::default() });
            let registers: Vec<usize> =
                [7].into_iter().chain(self.arguments.iter().map(|argument| argument.0)).collect();
            machine.pass_operands(&registers);
            for (number, &(_, kind)) in (1..).zip(self.arguments) {
                for (at, value) in kind.offsets().zip(machine.fresh(kind, Term::Argument(number), bits)?) {
                    machine.put(Region::Operand(number), at, kind.cell(), value);
                }
            }
            if let Some(backend) = backend {
                machine.general[6] = Value::Constant(backend);
            }
            machine.run(self.most_steps)?;
            machine.check_returned()?;
            if machine.term_at((Region::Operand(0), 0), Kind::Number)? != self.expected {
                return Err(Refused::new("the result is another number"));
            }
            powers::finish(&mut machine, proved);
            Ok(machine.aligns_stack)
        })
    }
}

/// Proves a claim about the function at an address.
pub fn prove(
    image: &Image,
    operation: Operation,
    (address, functions): (u64, &Functions),
    most_steps: usize,
) -> Result<Proved, Refused> {
    let mut proved = Proved::default();
    let argument = |number| Box::new(Term::Argument(number));
    let backends = (0..BACKENDS.len() as u64).map(Some);
    let run = |arguments, expected| Run { image, address, functions, most_steps, arguments, expected };
    match operation {
        // `pow(out, backend, base, exponent)`
        Operation::ChosenPower => {
            let run = run(&[(2, Kind::Number), (1, Kind::Exponent)], Term::Power(argument(1), argument(2)));
            for backend in backends {
                for bits in BITS {
                    run.prove(bits, (backend, None), &mut proved)?;
                }
            }
        }
        // `pow_g(out, exponent)`, of the best backend
        Operation::BestPowerOfG => {
            let run = run(&[(6, Kind::Exponent)], Term::PowerOfG(argument(1)));
            for backend in backends {
                for bits in BITS_OF_G {
                    run.prove(bits, (None, backend), &mut proved)?;
                }
            }
        }
        // `of_client(out, a, B, x, u)`
        _ => {
            let g_x = Term::PowerOfG(Term::OfBytes(argument(3)).into());
            let base =
                Term::Difference(argument(2), Term::Product(Term::Constant(multiplier()).into(), g_x.into()).into());
            let exponent = Term::PlusProduct(argument(1), argument(4), argument(3));
            let arguments = [(6, Kind::Exponent), (2, Kind::Number), (1, Kind::Bytes), (8, Kind::Bytes)];
            run(&arguments, Term::Power(base.into(), exponent.into())).prove(
                OF_EPHEMERAL,
                (None, None),
                &mut proved,
            )?;
        }
    }
    Ok(proved)
}

/// `k = SHA-256(enc(N) ‖ enc(g))`. `N` begins with a set bit, so that a byte of zeros stands before it.
fn multiplier() -> BigInt {
    let (_, n) = modulus().to_bytes_be();
    let hash = Sha256::new().chain_update([0]).chain_update(n).chain_update([2]).finalize();
    BigInt::from_bytes_be(Sign::Plus, &hash)
}

#[cfg(test)]
mod tests {
    use iced_x86::{Code, Instruction, MemoryOperand, Register as R};

    use super::*;

    /// Where functions are that are known.
    const POWER: u64 = 0x9000;
    const POWER_OF_G: u64 = 0xa000;
    const PRODUCT: u64 = 0xb000;

    fn functions() -> Functions {
        let of_numbers = BTreeMap::from([
            (POWER, NumberContract::Power),
            (POWER_OF_G, NumberContract::PowerOfG),
            (PRODUCT, NumberContract::Product),
        ]);
        Functions { of_numbers, ..Functions::default() }
    }

    fn to(to: R, from: R) -> Instruction {
        Instruction::with2(Code::Mov_r64_rm64, to, from).unwrap()
    }

    /// A `pow(out, backend, base, exponent)` that calls a function with these arguments, and does something to the result.
    fn caller(arguments: &[Instruction], called: u64, after: &[Instruction]) -> Image {
        let mut code = vec![Instruction::with1(Code::Push_r64, R::RBX).unwrap(), to(R::RBX, R::RDI)];
        code.extend(arguments);
        code.push(Instruction::with_branch(Code::Call_rel32_64, called).unwrap());
        code.extend(after);
        code.extend([
            to(R::RAX, R::RBX),
            Instruction::with1(Code::Pop_r64, R::RBX).unwrap(),
            Instruction::with(Code::Retnq),
        ]);
        Image::of_code(&code)
    }

    fn outcome(image: &Image) -> Result<(), String> {
        let proved = prove(image, Operation::ChosenPower, (Image::CODE, &functions()), 100);
        proved.map(|_| ()).map_err(|refused| refused.reason)
    }

    /// The base and the exponent, where `POWER` has them.
    fn arguments() -> [Instruction; 2] {
        [to(R::RSI, R::RDX), to(R::RDX, R::RCX)]
    }

    #[test]
    fn a_choice_passes_its_arguments_on() {
        assert_eq!(outcome(&caller(&arguments(), POWER, &[])), Ok(()));
        // The exponent as the base.
        let twice = [to(R::RSI, R::RCX), to(R::RDX, R::RCX)];
        assert_eq!(outcome(&caller(&twice, POWER, &[])), Err("an argument that is no term".to_owned()));
        // The base as the result.
        let into = [to(R::RSI, R::RDX), to(R::RDI, R::RDX), to(R::RDX, R::RCX)];
        assert_eq!(outcome(&caller(&into, POWER, &[])), Err("arguments that overlap".to_owned()));
    }

    #[test]
    fn a_choice_calls_the_power() {
        let of_g = [to(R::RSI, R::RCX)];
        assert_eq!(outcome(&caller(&of_g, POWER_OF_G, &[])), Err("the result is another number".to_owned()));
        assert_eq!(outcome(&caller(&arguments(), 0xc000, &[])), Err("there is no code".to_owned()));
        // The base by the base.
        let product = [to(R::RCX, R::RDX), Instruction::with2(Code::Mov_r32_imm32, R::R8D, 1).unwrap()];
        assert_eq!(outcome(&caller(&product, PRODUCT, &[])), Err("the result is another number".to_owned()));
        let products = [to(R::RCX, R::RDX), Instruction::with2(Code::Mov_r32_imm32, R::R8D, 2).unwrap()];
        assert_eq!(outcome(&caller(&products, PRODUCT, &[])), Err("another number of products than 1".to_owned()));
    }

    #[test]
    fn a_choice_leaves_the_result_as_it_is() {
        let limb = MemoryOperand::with_base_displ(R::RBX, 8);
        let change = Instruction::with2(Code::Add_rm64_imm8, limb, 1).unwrap();
        assert_eq!(outcome(&caller(&arguments(), POWER, &[change])), Err("an argument that is no term".to_owned()));
        // Nothing is added.
        let same = Instruction::with2(Code::Add_rm64_imm8, limb, 0).unwrap();
        assert_eq!(outcome(&caller(&arguments(), POWER, &[same])), Ok(()));
    }

    #[test]
    fn what_is_pushed_before_it_is_written_is_not_read() {
        // RAX is undefined. The stack pointer stays aligned for the call.
        let push = Instruction::with1(Code::Push_r64, R::RAX).unwrap();
        let drop = Instruction::with2(Code::Add_rm64_imm8, R::RSP, 16).unwrap();
        let [base, exponent] = arguments();
        assert_eq!(outcome(&caller(&[push, push, base, exponent], POWER, &[drop])), Ok(()));
        let pop = Instruction::with1(Code::Pop_r64, R::R8).unwrap();
        let refused = outcome(&caller(&[push, pop, base, exponent], POWER, &[])).unwrap_err();
        assert!(refused.starts_with("memory that is not written"), "{refused}");
    }

    #[test]
    fn the_multiplier_is_that_of_the_service() {
        let digits: String = multiplier().to_str_radix(16).chars().take(16).collect();
        assert_eq!(digits, "538282c4354742d7");
    }
}
