//! A machine that runs a function on values that are only partly known.
//!
//! Registers and memory begin undefined. Counters and addresses are plain numbers; digits are nodes of a graph. What the
//! machine does not know, it refuses.

use std::collections::{BTreeSet, HashMap};

use iced_x86::{Code, Decoder, DecoderOptions, Instruction, MemorySize, OpKind, Register};
use num_bigint::BigInt;
use num_traits::{One as _, Zero as _};

use crate::Refused;
use crate::bits::{Operation, Secrets, is_secret};
use crate::contracts::Contracts;
use crate::equations::Terms;
use crate::image::Image;
use crate::nodes::{Graph, Id};

/// A part of memory whose place is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Region {
    /// The program, at the addresses of its file.
    Image,
    /// Counted from the stack pointer at the function's first instruction. The return address is at 0.
    Stack,
    /// An argument's target.
    Operand(u8),
}

/// A value of 64 bits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    Undefined,
    Constant(u64),
    Address(Region, i64),
    /// A node, mod `2^64`.
    Word(Id),
    /// The double that a node is. If the node is 0, the double has either sign.
    Double(Id),
    /// Two nodes of 32 bits, the lower half first.
    Halves(Id, Id),
    /// A node of 8 bits below bits that are not known.
    Byte(Id),
    /// What a register of the caller holds.
    Saved(u8),
    /// Where a call returns to; nothing for the function's own caller.
    Return(Option<u64>),
    /// A word whose bits are known or are single secret bits, by number.
    Bits(u32),
    /// A value for each value of a few secret bits, by number.
    Table(u32),
    /// Two nodes whose bits are combined by exclusive or.
    Different(Id, Id),
    /// The address of a library function, by the address of the word that holds it.
    Import(u64),
}

pub const ZERO: Value = Value::Constant(0);

/// A vector register.
pub type Lanes = [Value; 8];

/// The carry flag.
#[derive(Clone, Copy, Debug)]
pub enum Carry {
    Undefined,
    Known(bool),
    /// The carry of `a + b + c` of that many bits.
    OfSum(Value, Value, Option<Id>, u32),
    /// The borrow of `a - b - c`.
    OfDifference(Value, Value, Option<Id>, u32),
    /// One that depends on secret bits.
    Secret(Value),
}

#[derive(Clone, Copy, Debug)]
pub struct Flags {
    pub carry: Carry,
    pub zero: Option<bool>,
    /// A zero flag that depends on secret bits, as a number.
    pub secret_zero: Option<Value>,
}

pub const NO_FLAGS: Flags = Flags { carry: Carry::Undefined, zero: None, secret_zero: None };

/// An argument: a pointer to so many bytes at an address that is a multiple of `alignment`.
#[derive(Clone, Copy, Debug)]
pub struct Operand {
    pub bytes: i64,
    pub alignment: i64,
    pub is_written: bool,
}

#[derive(Clone)]
pub struct Machine<'a> {
    pub image: &'a Image,
    pub graph: Graph,
    pub general: [Value; 16],
    pub vectors: [Lanes; 32],
    /// The bits of a mask that are known, and how many.
    pub masks: [Option<(u64, usize)>; 8],
    pub flags: Flags,
    memory: HashMap<(Region, i64), (u8, Value)>,
    pub operands: Vec<Operand>,
    /// The stack pointer at the first instruction, mod 64.
    stack_place: i64,
    /// Numbers that are supposed to have a value: a case of the proof.
    pub cases: Vec<(Id, i128)>,
    decoded: HashMap<u64, Instruction>,
    pub next: Option<u64>,
    pub steps: usize,
    /// Bytes of the constant memory that are read.
    pub read: BTreeSet<u64>,
    /// Whether the code depends on where the stack is.
    pub aligns_stack: bool,
    pub secrets: Secrets,
    /// Functions that are known by what is proved of them: those of residues, and those of numbers below `N`.
    pub contracts: Option<Contracts>,
    pub terms: Option<Terms>,
}

/// What a function must leave as it was, by number.
const KEPT: [usize; 6] = [3, 5, 12, 13, 14, 15];

const STACK_POINTER: usize = 4;

/// Bytes below the stack pointer that are the function's own (System V ABI, "red zone").
const RED_ZONE: i64 = 128;

impl<'a> Machine<'a> {
    /// A machine before the first instruction of a function.
    pub fn new(image: &'a Image, function: u64, operands: &[Operand], stack_place: i64) -> Self {
        let mut general = [Value::Undefined; 16];
        for register in KEPT {
            general[register] = Value::Saved(register as u8);
        }
        general[STACK_POINTER] = Value::Address(Region::Stack, 0);
        let memory = HashMap::from([((Region::Stack, 0), (8, Value::Return(None)))]);
        Self {
            image,
            graph: Graph::default(),
            general,
            vectors: [[Value::Undefined; 8]; 32],
            masks: [None; 8],
            flags: NO_FLAGS,
            memory,
            operands: operands.to_vec(),
            stack_place,
            cases: Vec::new(),
            decoded: HashMap::new(),
            next: Some(function),
            steps: 0,
            read: BTreeSet::new(),
            aligns_stack: false,
            secrets: Secrets::default(),
            contracts: None,
            terms: None,
        }
    }

    /// Passes the addresses of the operands, in their order, in these registers.
    pub fn pass_operands(&mut self, registers: &[usize]) {
        for (number, &register) in (0..).zip(registers) {
            self.general[register] = Value::Address(Region::Operand(number), 0);
        }
    }

    /// Sets memory before the run.
    pub fn put(&mut self, region: Region, offset: i64, size: u8, value: Value) {
        self.memory.insert((region, offset), (size, value));
    }

    /// Checks that a function that has ended returns the address of its result.
    pub fn check_returned(&self) -> Result<(), Refused> {
        if self.general[0] == Value::Address(Region::Operand(0), 0) {
            Ok(())
        } else {
            Err(Refused::new("the address of the result is not returned"))
        }
    }

    /// Runs to the return of the function.
    pub fn run(&mut self, most: usize) -> Result<(), Refused> {
        while let Some(address) = self.next {
            if self.steps > 0 && self.apply_contract(address).map_err(|refused| refused.at(address))? {
                continue;
            }
            let instruction = self.decode(address)?;
            self.next = Some(instruction.next_ip());
            self.steps += 1;
            if self.steps > most {
                return Err(Refused::new("the function does not end").at(address));
            }
            let pointer = self.general[STACK_POINTER];
            let outcome = self.step(&instruction);
            if let (Value::Address(_, before), Value::Address(_, after)) = (pointer, self.general[STACK_POINTER])
                && before < after
            {
                // A signal's handler may overwrite it from now on.
                self.forget_stack_below(after - RED_ZONE);
            }
            if let Err(refused) = outcome {
                // It is run again with a case.
                self.next = Some(address);
                self.steps -= 1;
                return Err(refused.at(address));
            }
        }
        for register in KEPT {
            if self.general[register] != Value::Saved(register as u8) {
                return Err(Refused::new("a register of the caller is changed"));
            }
        }
        if self.general[STACK_POINTER] != Value::Address(Region::Stack, 8) {
            return Err(Refused::new("the stack pointer is changed"));
        }
        Ok(())
    }

    /// The addresses of the instructions that have run.
    pub fn executed(&self) -> impl Iterator<Item = &Instruction> {
        self.decoded.values()
    }

    fn decode(&mut self, address: u64) -> Result<Instruction, Refused> {
        if let Some(instruction) = self.decoded.get(&address) {
            return Ok(*instruction);
        }
        let code = self.image.code(address).ok_or_else(|| Refused::new("there is no code").at(address))?;
        let instruction = Decoder::with_ip(64, code, address, DecoderOptions::NONE).decode();
        if instruction.is_invalid() {
            return Err(Refused::new("no instruction").at(address));
        }
        self.decoded.insert(address, instruction);
        Ok(instruction)
    }

    /// Runs one instruction.
    pub fn step(&mut self, instruction: &Instruction) -> Result<(), Refused> {
        let is_padding = instruction.mnemonic() == iced_x86::Mnemonic::Nop;
        let has_prefix = instruction.has_lock_prefix()
            || instruction.has_rep_prefix()
            || instruction.has_repne_prefix()
            || instruction.segment_prefix() != Register::None
            || instruction.is_broadcast() && instruction.code() == Code::INVALID;
        if has_prefix && !is_padding {
            return Err(Refused::of("a prefix that is not known", instruction));
        }
        if self.scalar(instruction)? || self.vector(instruction)? {
            return Ok(());
        }
        Err(Refused::of("an instruction that is not known", instruction))
    }

    // Registers.

    /// The number and the bits of a general register.
    pub fn number(register: Register) -> Result<(usize, u32), Refused> {
        let number = register.full_register() as usize;
        let first = Register::RAX as usize;
        if !register.is_gpr() || matches!(register, Register::AH | Register::BH | Register::CH | Register::DH) {
            return Err(Refused::new(format!("the register {register:?}")));
        }
        Ok((number - first, 8 * register.size() as u32))
    }

    /// The value of a general register. That of 32 bits is a number below `2^32`.
    pub fn register(&mut self, register: Register) -> Result<Value, Refused> {
        let (number, bits) = Self::number(register)?;
        let value = self.general[number];
        match bits {
            64 => Ok(value),
            32 | 8 => self.low(value, bits),
            _ => Err(Refused::new("a register of 16 bits")),
        }
    }

    pub fn set_register(&mut self, register: Register, value: Value) -> Result<(), Refused> {
        let (number, bits) = Self::number(register)?;
        let value = match bits {
            64 => value,
            32 | 8 => self.low(value, bits)?,
            _ => return Err(Refused::new("a register of 16 bits")),
        };
        self.general[number] = match (bits, self.general[number], value) {
            // A byte leaves what is above it.
            (8, Value::Constant(old), Value::Constant(new)) => Value::Constant(old & !0xff | new),
            (8, Value::Constant(0..256), _) => value,
            (8, ..) => Value::Byte(self.node(value)?),
            _ => value,
        };
        Ok(())
    }

    // Values.

    /// A number as a value.
    pub fn word(&self, id: Id) -> Value {
        match self.graph.as_constant(id) {
            Some(value) => Value::Constant(value as u64),
            None => Value::Word(id),
        }
    }

    /// A node that is the value mod `2^64`.
    pub fn node(&mut self, value: Value) -> Result<Id, Refused> {
        match value {
            Value::Constant(value) => self.graph.constant(value.into()),
            Value::Word(id) => Ok(id),
            Value::Halves(low, high) => self.graph.sum(&[(low, 1), (high, 1 << 32)], 0),
            Value::Undefined => Err(Refused::new("something undefined is read")),
            _ => Err(Refused::new(format!("{value:?} as a number"))),
        }
    }

    /// A node that is the value, at least 0 and below `2^64`.
    pub fn exact(&mut self, value: Value) -> Result<Id, Refused> {
        let id = self.node(value)?;
        self.graph.low(id, 64)
    }

    /// The low bits of a value.
    pub fn low(&mut self, value: Value, bits: u32) -> Result<Value, Refused> {
        match value {
            Value::Constant(value) => Ok(Value::Constant(value & (u64::MAX >> (64 - bits)))),
            Value::Halves(low, _) if bits == 32 => Ok(self.word(low)),
            Value::Bits(_) | Value::Table(_) => self.low_of_secret(value, bits),
            Value::Byte(id) if bits == 8 => Ok(self.word(id)),
            Value::Word(id) => {
                let low = self.graph.low(id, bits)?;
                Ok(self.word(low))
            }
            Value::Undefined => Err(Refused::new("something undefined is read")),
            _ => Err(Refused::new(format!("{bits} bits of {value:?}"))),
        }
    }

    /// The two halves of a value, as numbers.
    pub fn halves(&mut self, value: Value) -> Result<(Id, Id), Refused> {
        match value {
            Value::Halves(low, high) => Ok((low, high)),
            Value::Constant(value) => {
                Ok((self.graph.constant((value & 0xffff_ffff).into())?, self.graph.constant((value >> 32).into())?))
            }
            _ => {
                let id = self.exact(value)?;
                let high = self.graph.high(id, 32)?;
                Ok((self.graph.low(id, 32)?, high))
            }
        }
    }

    /// A value of two halves.
    pub fn joined(&mut self, low: Id, high: Id) -> Value {
        match (self.graph.as_constant(low), self.graph.as_constant(high)) {
            (Some(low), Some(high)) => Value::Constant(low as u64 | (high as u64) << 32),
            (_, Some(0)) => Value::Word(low),
            _ => Value::Halves(low, high),
        }
    }

    /// `a + b`, mod `2^64`.
    pub fn plus(&mut self, a: Value, b: Value) -> Result<Value, Refused> {
        match (a, b) {
            (Value::Constant(a), Value::Constant(b)) => Ok(Value::Constant(a.wrapping_add(b))),
            (Value::Address(region, offset), Value::Constant(by))
            | (Value::Constant(by), Value::Address(region, offset)) => {
                Ok(Value::Address(region, offset.wrapping_add(by.cast_signed())))
            }
            _ if is_secret(a) || is_secret(b) => self.combine(Operation::Plus, a, b),
            _ => {
                let (a, b) = (self.node(a)?, self.node(b)?);
                let sum = self.graph.sum(&[(a, 1), (b, 1)], 0)?;
                Ok(self.word(sum))
            }
        }
    }

    /// `a - b`, mod `2^64`.
    pub fn minus(&mut self, a: Value, b: Value) -> Result<Value, Refused> {
        match (a, b) {
            (Value::Constant(a), Value::Constant(b)) => Ok(Value::Constant(a.wrapping_sub(b))),
            (Value::Address(region, offset), Value::Constant(by)) => {
                Ok(Value::Address(region, offset.wrapping_sub(by.cast_signed())))
            }
            (Value::Address(region, a), Value::Address(other, b)) if region == other => {
                Ok(Value::Constant(a.wrapping_sub(b).cast_unsigned()))
            }
            _ if is_secret(a) || is_secret(b) => self.combine(Operation::Minus, a, b),
            _ => {
                let (a, b) = (self.node(a)?, self.node(b)?);
                let difference = self.graph.sum(&[(a, 1), (b, -1)], 0)?;
                Ok(self.word(difference))
            }
        }
    }

    /// The value that a case of the proof supposes for a number. If there is none yet, the run ends and is repeated once for
    /// each value in the number's range.
    fn supposed(&mut self, id: Id) -> Result<i128, Refused> {
        if let Some(value) = self.graph.as_constant(id) {
            return Ok(value);
        }
        if let Some(&(_, value)) = self.cases.iter().find(|case| case.0 == id) {
            return Ok(value);
        }
        let range = self.graph.range(id);
        match (i128::try_from(&range.least), i128::try_from(&range.greatest)) {
            (Ok(least), Ok(greatest)) if greatest - least < 4 => Err(Refused::case(id, least, greatest)),
            _ => Err(Refused::new("bits of a number that is not a bit")),
        }
    }

    /// `a and b`, bit by bit.
    pub fn and(&mut self, a: Value, b: Value) -> Result<Value, Refused> {
        match (a, b) {
            (Value::Constant(a), Value::Constant(b)) => Ok(Value::Constant(a & b)),
            (Value::Undefined, _) | (_, Value::Undefined) => Err(Refused::new("something undefined is read")),
            (_, Value::Constant(0)) | (Value::Constant(0), _) => Ok(ZERO),
            (value, Value::Constant(u64::MAX)) | (Value::Constant(u64::MAX), value) => Ok(value),
            _ if is_secret(a) || is_secret(b) => self.combine(Operation::And, a, b),
            (Value::Address(Region::Stack, offset), Value::Constant(mask)) => self.align_stack(offset, mask),
            (value, Value::Constant(mask)) | (Value::Constant(mask), value) => self.and_mask(value, mask),
            (Value::Word(a), Value::Word(b)) => {
                // One of them is a bit or a mask made of one, and the proof has a case for each.
                for (bit, other) in [(b, a), (a, b)] {
                    if self.graph.range(bit).is_within(&BigInt::from(-1), &BigInt::one()) {
                        let value = self.supposed(bit)?;
                        // For both bits, so that each case says what it supposes.
                        if self.graph.range(other).is_within(&BigInt::from(-1), &BigInt::one()) {
                            let other = self.supposed(other)?;
                            return Ok(Value::Constant((value & other) as u64));
                        }
                        return self.and(Value::Constant(value as u64), Value::Word(other));
                    }
                }
                Err(Refused::new("an and of two numbers"))
            }
            (Value::Word(mask), value @ (Value::Halves(..) | Value::Double(_) | Value::Different(..)))
            | (value @ (Value::Halves(..) | Value::Double(_) | Value::Different(..)), Value::Word(mask)) => {
                let mask = self.supposed(mask)?;
                self.and(Value::Constant(mask as u64), value)
            }
            _ => Err(Refused::new(format!("{a:?} and {b:?}"))),
        }
    }

    /// A mask that the compiler sees as a number: 0 or all ones.
    pub fn mask_of(&mut self, value: Value) -> Result<Value, Refused> {
        if let Value::Word(id) = value
            && self.graph.range(id).is_within(&BigInt::from(-1), &BigInt::zero())
        {
            return Ok(Value::Constant(self.supposed(id)? as u64));
        }
        Ok(value)
    }

    fn and_mask(&mut self, value: Value, mask: u64) -> Result<Value, Refused> {
        if !mask.wrapping_add(1).is_power_of_two() {
            return Err(Refused::new("a mask that does not keep the low bits"));
        }
        let bits = mask.count_ones();
        if let Value::Word(id) = value {
            if self.graph.range(id).has_bits(bits) {
                return Ok(value);
            }
            // The low bits of 0 or of -1.
            let (least, greatest) = (BigInt::from(-1), BigInt::zero());
            if self.graph.range(id).is_within(&BigInt::from(-3), &greatest) && self.graph.narrow(id, &least, &greatest)
            {
                let low = self.graph.sum(&[(id, -i128::from(mask))], 0)?;
                return Ok(self.word(low));
            }
        }
        if let Value::Word(id) = value
            && let Ok(signed) = self.signed(id)
        {
            return self.low(Value::Word(signed), bits);
        }
        self.low(value, bits)
    }

    /// A number that is congruent to another mod `2^64` and at least `-2^63` and below `2^63`, if that is known to be so.
    pub fn signed(&mut self, id: Id) -> Result<Id, Refused> {
        let half: BigInt = BigInt::one() << 63;
        let times = (&self.graph.range(id).least + &half) >> 64;
        let less = i128::try_from(times << 64).map_err(|_| Refused::new("a sum is too large"))?;
        let signed = self.graph.sum(&[(id, 1)], -less)?;
        if self.graph.range(signed).is_within(&-half.clone(), &(half - 1)) {
            return Ok(signed);
        }
        Err(Refused::new("a number with an unknown sign"))
    }

    fn align_stack(&mut self, offset: i64, mask: u64) -> Result<Value, Refused> {
        let alignment = (!mask).wrapping_add(1);
        if !alignment.is_power_of_two() || alignment > 64 {
            return Err(Refused::new("a mask for an address"));
        }
        self.aligns_stack = true;
        let over = (offset + self.stack_place).rem_euclid(alignment.cast_signed());
        Ok(Value::Address(Region::Stack, offset - over))
    }

    // Memory.

    /// The address of a memory operand.
    pub fn address(&mut self, instruction: &Instruction) -> Result<Value, Refused> {
        let displacement = Value::Constant(instruction.memory_displacement64());
        if instruction.memory_base() == Register::RIP {
            return Ok(Value::Address(Region::Image, instruction.memory_displacement64().cast_signed()));
        }
        let mut address = displacement;
        for (register, scale) in
            [(instruction.memory_base(), 1), (instruction.memory_index(), instruction.memory_index_scale())]
        {
            if register == Register::None {
                continue;
            }
            let (number, bits) = Self::number(register)?;
            if bits != 64 {
                return Err(Refused::new("an address of 32 bits"));
            }
            let mut value = self.general[number];
            if scale != 1 {
                value = self.shifted_left(value, scale.trailing_zeros())?;
            }
            address = self.plus(address, value)?;
        }
        Ok(address)
    }

    /// `x·2^bits`, mod `2^64`.
    pub fn shifted_left(&mut self, value: Value, bits: u32) -> Result<Value, Refused> {
        if let Value::Constant(value) = value {
            return Ok(Value::Constant(value << bits));
        }
        if is_secret(value) {
            return self.moved(value, bits as i32);
        }
        let id = self.node(value)?;
        if self.graph.is_cut(id, 64 - bits) {
            // Beside what a shift to the right has kept.
            let low = self.graph.low(id, 64 - bits)?;
            let shifted = self.graph.sum(&[(low, 1 << bits)], 0)?;
            return Ok(self.word(shifted));
        }
        let shifted = self.graph.sum(&[(id, 1 << bits)], 0)?;
        // Cut here, so that a bit that is added later meets the zeros.
        self.exact(self.word(shifted)).map(|id| self.word(id))
    }

    /// The place of a memory operand, which must be a known one.
    pub fn place(&mut self, instruction: &Instruction) -> Result<(Region, i64), Refused> {
        match self.address(instruction)? {
            Value::Address(region, offset) => Ok((region, offset)),
            value => Err(Refused::new(format!("an address that is not known: {value:?}"))),
        }
    }

    /// Checks the stack of a call, whose place to return to is at the pointer.
    pub fn check_stack_aligned(&self, pointer: i64) -> Result<(), Refused> {
        if (pointer + self.stack_place + 8) % 16 == 0 {
            Ok(())
        } else {
            Err(Refused::new("a call with a stack that is not aligned"))
        }
    }

    pub fn check_alignment(&mut self, (region, offset): (Region, i64), alignment: i64) -> Result<(), Refused> {
        self.aligns_stack |= region == Region::Stack;
        let place = match region {
            Region::Image => offset,
            Region::Stack => offset + self.stack_place,
            Region::Operand(number) if self.operands[usize::from(number)].alignment % alignment == 0 => offset,
            Region::Operand(_) => 1,
        };
        if place % alignment == 0 { Ok(()) } else { Err(Refused::new("an address that may not be aligned")) }
    }

    /// Whether the bytes may be touched.
    fn check_place(&self, region: Region, offset: i64, size: i64, is_write: bool) -> Result<(), Refused> {
        let is_allowed = match region {
            Region::Image => !is_write,
            Region::Stack => {
                let Value::Address(Region::Stack, pointer) = self.general[STACK_POINTER] else {
                    return Err(Refused::new("the stack pointer is no place of the stack"));
                };
                let end = if is_write { 0 } else { 8 };
                pointer - RED_ZONE <= offset && offset + size <= end
            }
            Region::Operand(number) => {
                let operand = self.operands[usize::from(number)];
                0 <= offset && offset + size <= operand.bytes && (operand.is_written || !is_write)
            }
        };
        if is_allowed { Ok(()) } else { Err(Refused::new(format!("memory outside: {region:?} {offset}"))) }
    }

    /// Reads 1, 4 or 8 bytes.
    pub fn load(&mut self, (region, offset): (Region, i64), size: u8) -> Result<Value, Refused> {
        self.check_place(region, offset, size.into(), false)?;
        if region == Region::Image {
            let address = offset.cast_unsigned();
            if let (Some(&target), 8) = (self.image.pointers.get(&address), size) {
                return Ok(Value::Address(Region::Image, target.cast_signed()));
            }
            if self.image.imports.contains_key(&address) && size == 8 {
                return Ok(Value::Import(address));
            }
            let bytes = self.image.constant(address, size.into()).ok_or_else(|| Refused::new("no constant memory"))?;
            let mut word = [0; 8];
            word[..size.into()].copy_from_slice(bytes);
            self.read.extend(address..address + u64::from(size));
            return Ok(Value::Constant(u64::from_le_bytes(word)));
        }
        match self.memory.get(&(region, offset)) {
            Some(&(held, value)) if held == size => return Ok(value),
            Some(&(4, low)) if size == 8 => {
                if let Some(&(4, high)) = self.memory.get(&(region, offset + 4)) {
                    if is_secret(low) || is_secret(high) {
                        return self.join_secrets(low, high);
                    }
                    let (low, high) = (self.node(low)?, self.node(high)?);
                    return Ok(self.joined(low, high));
                }
            }
            Some(&(8, value)) if size == 4 => return self.low(value, 32),
            None if size == 4 => {
                if let Some(&(8, value)) = self.memory.get(&(region, offset - 4)) {
                    if is_secret(value) {
                        return self.shifted_right(value, 32);
                    }
                    let (_, high) = self.halves(value)?;
                    return Ok(self.word(high));
                }
            }
            _ => {}
        }
        Err(Refused::new(format!("memory that is not written in this form: {region:?} {offset}")))
    }

    /// Writes 1, 4 or 8 bytes. What they cover in part becomes undefined.
    pub fn store(&mut self, (region, offset): (Region, i64), size: u8, value: Value) -> Result<(), Refused> {
        self.check_place(region, offset, size.into(), true)?;
        if value == Value::Undefined {
            return Err(Refused::new("something undefined is written"));
        }
        // Cells do not overlap.
        if let Some(cell) = self.memory.get_mut(&(region, offset))
            && cell.0 == size
            && !matches!(value, Value::Halves(..))
        {
            cell.1 = value;
            return Ok(());
        }
        self.forget((region, offset), size);
        if let (Value::Halves(low, high), 8) = (value, size) {
            let (low, high) = (self.word(low), self.word(high));
            self.memory.insert((region, offset), (4, low));
            self.memory.insert((region, offset + 4), (4, high));
        } else {
            self.memory.insert((region, offset), (size, value));
        }
        Ok(())
    }

    /// Makes bytes undefined, with the cells that they are a part of.
    fn forget(&mut self, (region, offset): (Region, i64), size: u8) {
        for place in offset - 7..offset + i64::from(size) {
            if let Some(&(held, _)) = self.memory.get(&(region, place))
                && place + i64::from(held) > offset
            {
                self.memory.remove(&(region, place));
            }
        }
    }

    /// Writes a value that may be undefined: a compiler pushes one to move the stack pointer. A load refuses its place.
    pub fn store_any(&mut self, (region, offset): (Region, i64), size: u8, value: Value) -> Result<(), Refused> {
        if value != Value::Undefined {
            return self.store((region, offset), size, value);
        }
        self.check_place(region, offset, size.into(), true)?;
        self.forget((region, offset), size);
        Ok(())
    }

    /// A word of two halves that depend on secret bits.
    fn join_secrets(&mut self, low: Value, high: Value) -> Result<Value, Refused> {
        if let (Some(mut bits), Some(upper)) = (self.bits_of(low), self.bits_of(high)) {
            bits[32..].copy_from_slice(&upper[..32]);
            return Ok(self.word_of_bits(&bits));
        }
        self.lift(&[low, high], |machine, values| {
            let (low, high) = (machine.node(values[0])?, machine.node(values[1])?);
            Ok(machine.joined(low, high))
        })
    }

    /// Changes each value that registers, flags and memory hold.
    pub fn each_value(&mut self, mut change: impl FnMut(&mut Value)) {
        self.general.iter_mut().for_each(&mut change);
        self.vectors.iter_mut().flatten().for_each(&mut change);
        self.memory.values_mut().for_each(|cell| change(&mut cell.1));
        if let Carry::Secret(value) | Carry::OfSum(value, ..) | Carry::OfDifference(value, ..) = &mut self.flags.carry {
            change(value);
        }
        self.flags.secret_zero.iter_mut().for_each(change);
    }

    /// What memory of a region holds: offsets, sizes and values.
    pub fn cells(&self, region: Region) -> impl Iterator<Item = (i64, u8, Value)> {
        self.memory.iter().filter(move |cell| cell.0.0 == region).map(|(place, cell)| (place.1, cell.0, cell.1))
    }

    // Operands.

    /// The bits of an operand.
    pub fn bits(instruction: &Instruction, operand: u32) -> Result<u32, Refused> {
        match instruction.op_kind(operand) {
            OpKind::Register => Ok(8 * instruction.op_register(operand).size() as u32),
            OpKind::Memory => match instruction.memory_size() {
                MemorySize::UInt64 | MemorySize::Int64 | MemorySize::QwordOffset => Ok(64),
                MemorySize::UInt32 | MemorySize::Int32 => Ok(32),
                MemorySize::UInt8 | MemorySize::Int8 => Ok(8),
                size => Err(Refused::new(format!("an operand of {size:?}"))),
            },
            _ => Err(Refused::new("the size of an operand")),
        }
    }

    /// The value of an operand of a scalar instruction.
    pub fn operand(&mut self, instruction: &Instruction, operand: u32) -> Result<Value, Refused> {
        match instruction.op_kind(operand) {
            OpKind::Register => self.register(instruction.op_register(operand)),
            OpKind::Memory => {
                let bits = Self::bits(instruction, operand)?;
                let place = self.place(instruction)?;
                self.load(place, (bits / 8) as u8)
            }
            _ => Ok(Value::Constant(instruction.immediate(operand))),
        }
    }

    pub fn set_operand(&mut self, instruction: &Instruction, operand: u32, value: Value) -> Result<(), Refused> {
        match instruction.op_kind(operand) {
            OpKind::Register => self.set_register(instruction.op_register(operand), value),
            OpKind::Memory => {
                let bits = Self::bits(instruction, operand)?;
                let value = if bits == 64 { value } else { self.low(value, bits)? };
                let place = self.place(instruction)?;
                self.store(place, (bits / 8) as u8, value)
            }
            _ => Err(Refused::new("a result in a constant")),
        }
    }

    fn forget_stack_below(&mut self, end: i64) {
        self.memory.retain(|place, _| place.0 != Region::Stack || place.1 >= end);
    }

    /// Forgets what a called function may change.
    pub fn clobber(&mut self) {
        if let Value::Address(Region::Stack, pointer) = self.general[STACK_POINTER] {
            self.forget_stack_below(pointer);
        }
        for register in [0, 1, 2, 6, 7, 8, 9, 10, 11] {
            self.general[register] = Value::Undefined;
        }
        self.vectors = [[Value::Undefined; 8]; 32];
        self.masks = [None; 8];
        self.flags = NO_FLAGS;
    }
}
