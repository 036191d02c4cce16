//! The instructions on general registers.

use iced_x86::{ConditionCode, Instruction, Mnemonic, OpKind, Register};
use num_bigint::BigInt;
use num_traits::{One as _, Zero as _};

use crate::Refused;
use crate::bits::{Operation, is_secret};
use crate::machine::{Carry, Flags, Machine, NO_FLAGS, Region, Value, ZERO};
use crate::nodes::{Id, Kind};

impl Machine<'_> {
    /// Runs an instruction on general registers. Returns whether it is one.
    #[allow(clippy::too_many_lines, reason = "one arm for each instruction")]
    pub fn scalar(&mut self, i: &Instruction) -> Result<bool, Refused> {
        use Mnemonic as M;
        match i.mnemonic() {
            M::Nop => {}
            M::Mov => {
                if i.op0_kind() == OpKind::Register && !i.op0_register().is_gpr() {
                    return Err(Refused::of("a register that is not known", i));
                }
                let value = self.operand(i, 1)?;
                self.set_operand(i, 0, value)?;
            }
            M::Movzx => {
                if Self::bits(i, 1)? != 8 {
                    return Err(Refused::of("a width that is not known", i));
                }
                let value = self.operand(i, 1)?;
                self.set_operand(i, 0, value)?;
            }
            M::Movsxd => {
                let Value::Constant(word) = self.operand(i, 1)? else {
                    return Err(Refused::of("a word that is not known", i));
                };
                self.set_operand(i, 0, Value::Constant(i64::from(word as i32).cast_unsigned()))?;
            }
            M::Lea => {
                let value = self.address(i)?;
                self.set_operand(i, 0, value)?;
            }
            M::Push => {
                let value = self.whole_operand(i)?;
                self.push(value)?;
            }
            M::Pop => {
                if i.op0_kind() != OpKind::Register || Self::bits(i, 0)? != 64 {
                    return Err(Refused::of("a width that is not known", i));
                }
                let value = self.pop()?;
                self.set_operand(i, 0, value)?;
            }
            M::Call | M::Jmp => self.go(i)?,
            M::Ret => {
                if i.op_count() != 0 {
                    return Err(Refused::of("a return that drops arguments", i));
                }
                let Value::Return(to) = self.pop()? else { return Err(Refused::new("a return to no caller")) };
                self.next = to;
            }
            M::Add | M::Adc | M::Sub | M::Sbb | M::Cmp | M::Inc | M::Dec | M::Neg => self.sum_or_difference(i)?,
            M::And | M::Or | M::Xor | M::Test | M::Not => self.bitwise(i)?,
            M::Shl | M::Shr | M::Sar | M::Shld | M::Shrd => self.shift(i)?,
            M::Imul => self.low_product(i)?,
            M::Mul | M::Mulx => self.whole_product(i)?,
            _ if i.is_jcc_short_or_near() => {
                if self.holds(i.condition_code())? {
                    self.next = Some(i.near_branch_target());
                }
            }
            M::Setb => {
                let carry = self.carry_value()?;
                self.set_operand(i, 0, carry)?;
            }
            M::Sete => {
                let zero = match self.flags.secret_zero {
                    Some(zero) => zero,
                    None => Value::Constant(self.holds(ConditionCode::e)?.into()),
                };
                self.set_operand(i, 0, zero)?;
            }
            M::Seta => {
                let above = self.holds(ConditionCode::a)?;
                self.set_operand(i, 0, Value::Constant(above.into()))?;
            }
            M::Bt => self.test_bit(i)?,
            M::Cmovb | M::Cmovae => {
                // A move of 32 bits clears the upper half either way.
                let from = u32::from(self.holds(i.condition_code())?);
                let value = self.operand(i, from)?;
                self.set_operand(i, 0, value)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn whole_operand(&mut self, i: &Instruction) -> Result<Value, Refused> {
        if i.op0_kind() != OpKind::Register || Self::bits(i, 0)? != 64 {
            return Err(Refused::of("a width that is not known", i));
        }
        self.operand(i, 0)
    }

    fn move_stack(&mut self, by: i64) -> Result<(Region, i64), Refused> {
        let pointer = self.minus(self.general[4], Value::Constant(by.wrapping_neg().cast_unsigned()))?;
        self.general[4] = pointer;
        match pointer {
            Value::Address(Region::Stack, offset) => Ok((Region::Stack, offset)),
            _ => Err(Refused::new("the stack pointer is no place of the stack")),
        }
    }

    fn push(&mut self, value: Value) -> Result<(), Refused> {
        let place = self.move_stack(-8)?;
        self.store_any(place, 8, value)
    }

    fn pop(&mut self) -> Result<Value, Refused> {
        let place = self.move_stack(0)?;
        let value = self.load(place, 8)?;
        self.move_stack(8)?;
        Ok(value)
    }

    /// A call or a jump.
    fn go(&mut self, i: &Instruction) -> Result<(), Refused> {
        let is_call = i.mnemonic() == Mnemonic::Call;
        let to = match i.op0_kind() {
            OpKind::NearBranch64 => i.near_branch_target(),
            OpKind::Memory => {
                let place = self.place(i)?;
                match self.load(place, 8)? {
                    Value::Address(Region::Image, to) => to.cast_unsigned(),
                    Value::Import(place) if is_call => return self.library(place),
                    _ => return Err(Refused::of("a target that is not known", i)),
                }
            }
            OpKind::Register => match self.operand(i, 0)? {
                Value::Address(Region::Image, to) => to.cast_unsigned(),
                Value::Import(place) if is_call => return self.library(place),
                _ => return Err(Refused::of("a target that is not known", i)),
            },
            _ => return Err(Refused::of("a target that is not known", i)),
        };
        if is_call {
            self.push(Value::Return(Some(i.next_ip())))?;
        }
        self.next = Some(to);
        Ok(())
    }

    /// The C library's function whose address is in this word.
    fn library(&mut self, place: u64) -> Result<(), Refused> {
        let name = self.image.imports.get(&place).ok_or_else(|| Refused::new("a function that is not known"))?.as_str();
        let Value::Address(Region::Stack, pointer) = self.general[4] else {
            return Err(Refused::new("the stack pointer is no place of the stack"));
        };
        // The call writes its place to return to.
        let pointer = pointer - 8;
        self.check_stack_aligned(pointer)?;
        let (region, offset) = self.argument(7, pointer)?;
        let [to, from, length] = [7, 6, 2].map(|register| self.general[register]);
        let Value::Constant(length) = length else {
            return Err(Refused::new(format!("arguments of {name}")));
        };
        if !length.is_multiple_of(8) || length > 1 << 16 {
            return Err(Refused::new(format!("the length of {name}")));
        }
        for at in (0..length.cast_signed()).step_by(8) {
            let value = match (name, from) {
                ("memset", Value::Constant(0)) => ZERO,
                // The parts do not overlap: they are in different regions, or far from each other.
                ("memcpy" | "memmove", Value::Address(other, start))
                    if other != region || (start - offset).unsigned_abs() >= length =>
                {
                    self.argument(6, pointer)?;
                    self.load((other, start + at), 8)?
                }
                _ => return Err(Refused::new(format!("a call of {name}"))),
            };
            self.store((region, offset + at), 8, value)?;
        }
        self.clobber();
        self.general[0] = to;
        Ok(())
    }

    /// The carry flag as a number.
    pub fn carry(&mut self) -> Result<Id, Refused> {
        let (a, b, c, bits, sign) = match self.flags.carry {
            Carry::Undefined => return Err(Refused::new("a flag that is undefined")),
            Carry::Known(carry) => return self.graph.constant(carry.into()),
            Carry::Secret(_) => return Err(Refused::new("a carry that depends on secret bits")),
            Carry::OfSum(a, b, c, bits) => (a, b, c, bits, 1),
            Carry::OfDifference(a, b, c, bits) => (a, b, c, bits, -1),
        };
        let (a, b) = if bits == 64 { (a, b) } else { (self.low(a, bits)?, self.low(b, bits)?) };
        let mut terms = vec![(self.exact(a)?, 1), (self.exact(b)?, sign)];
        terms.extend(c.map(|c| (c, sign)));
        let sum = self.graph.sum(&terms, 0)?;
        let high = self.graph.high(sum, bits)?;
        self.graph.sum(&[(high, sign)], 0)
    }

    /// The carry flag as a value.
    fn carry_value(&mut self) -> Result<Value, Refused> {
        if let Carry::Secret(carry) = self.flags.carry {
            return Ok(carry);
        }
        let carry = self.carry()?;
        Ok(self.word(carry))
    }

    /// A sum or a difference that depends on secret bits: the result, and each flag, for each value of the bits.
    fn secret_sum(
        &mut self,
        a: Value,
        b: Value,
        carry: Value,
        bits: u32,
        is_sum: bool,
    ) -> Result<(Value, Flags), Refused> {
        let low = |x: u64| x & (u64::MAX >> (64 - bits));
        let mut part = |which: fn(u64, u64) -> u64| {
            self.lift(&[a, b, carry], |_, values| {
                let [Value::Constant(a), Value::Constant(b), Value::Constant(carry)] = *values else {
                    return Err(Refused::new("a sum of a number and secret bits"));
                };
                let (a, b) = (low(a), low(b));
                let result =
                    if is_sum { a.wrapping_add(b).wrapping_add(carry) } else { a.wrapping_sub(b).wrapping_sub(carry) };
                let out = if is_sum {
                    (u128::from(a) + u128::from(b) + u128::from(carry)) >> bits != 0
                } else {
                    u128::from(a) < u128::from(b) + u128::from(carry)
                };
                Ok(Value::Constant(which(low(result), out.into())))
            })
        };
        let (result, carry, zero) = (part(|x, _| x)?, part(|_, carry| carry)?, part(|x, _| u64::from(x == 0))?);
        Ok((result, Flags { carry: Carry::Secret(carry), zero: None, secret_zero: Some(zero) }))
    }

    /// `bt`: a bit into the carry flag.
    fn test_bit(&mut self, i: &Instruction) -> Result<(), Refused> {
        let bits = Self::bits(i, 0)?;
        let (value, place) = (self.operand(i, 0)?, self.operand(i, 1)?);
        let (true, Value::Constant(place)) = (i.op0_kind() == OpKind::Register && bits >= 32, place) else {
            return Err(Refused::of("a bit that is not known", i));
        };
        let place = place as u32 & (bits - 1);
        let moved = self.shifted_right(value, place)?;
        let carry = match self.low(moved, 1)? {
            Value::Constant(bit) => Carry::Known(bit == 1),
            bit if is_secret(bit) => Carry::Secret(bit),
            _ => return Err(Refused::of("a bit that is not known", i)),
        };
        self.flags = Flags { carry, zero: self.flags.zero, secret_zero: self.flags.secret_zero };
        Ok(())
    }

    /// Whether a condition holds, which must be known.
    fn holds(&mut self, condition: ConditionCode) -> Result<bool, Refused> {
        use ConditionCode as C;
        let undefined = || Refused::new("a condition that is not known");
        let zero = self.flags.zero;
        let carry = match condition {
            C::b | C::ae | C::be | C::a => {
                let carry = self.carry()?;
                Some(self.graph.as_constant(carry).ok_or_else(undefined)? != 0)
            }
            _ => None,
        };
        let holds = match condition {
            C::b => carry,
            C::ae => carry.map(|carry| !carry),
            C::be => carry.and_then(|carry| Some(carry || zero?)),
            C::a => carry.and_then(|carry| Some(!carry && !zero?)),
            C::e => zero,
            C::ne => zero.map(|zero| !zero),
            _ => None,
        };
        holds.ok_or_else(undefined)
    }

    fn sum_or_difference(&mut self, i: &Instruction) -> Result<(), Refused> {
        use Mnemonic as M;
        let bits = Self::bits(i, 0)?;
        if bits == 16 {
            return Err(Refused::of("a width that is not known", i));
        }
        let first = self.operand(i, 0)?;
        let (a, b) = match i.mnemonic() {
            M::Inc | M::Dec => (first, Value::Constant(1)),
            M::Neg => (ZERO, first),
            _ => (first, self.operand(i, 1)?),
        };
        let b = if bits == 64 { b } else { self.low(b, bits)? };
        let is_sum = matches!(i.mnemonic(), M::Add | M::Adc | M::Inc);
        let same = i.op_count() == 2
            && i.op0_kind() == OpKind::Register
            && i.op1_kind() == OpKind::Register
            && i.op0_register() == i.op1_register();
        if same && i.mnemonic() == M::Sbb && !matches!(a, Value::Constant(_)) {
            return Err(Refused::of("a mask of the carry", i));
        }
        let takes_carry = matches!(i.mnemonic(), M::Adc | M::Sbb);
        let is_address = |value| matches!(value, Value::Address(..));
        let secret_carry = takes_carry && matches!(self.flags.carry, Carry::Secret(_));
        if (is_secret(a) || is_secret(b) || secret_carry) && !is_address(a) && !is_address(b) {
            return self.secret_sum_or_difference(i, (a, b), (bits, is_sum, takes_carry));
        }
        let carry = if takes_carry { Some(self.carry()?) } else { None };
        let mut result = if is_sum { self.plus(a, b)? } else { self.minus(a, b)? };
        if let Some(carry) = carry {
            let carry = self.word(carry);
            result = if is_sum { self.plus(result, carry)? } else { self.minus(result, carry)? };
        }
        if bits != 64 {
            result = self.low(result, bits)?;
        }
        let known = carry.map_or(Some(0), |carry| self.graph.as_constant(carry)).map(|carry| carry != 0);
        let mut flags = match (a, b, result, known) {
            (Value::Constant(a), Value::Constant(b), Value::Constant(result), Some(carry)) => {
                let low = |x: u64| x & (u64::MAX >> (64 - bits));
                let (a, b) = (low(a), low(b));
                let carry = if is_sum {
                    (u128::from(a) + u128::from(b) + u128::from(carry)) >> bits != 0
                } else {
                    u128::from(a) < u128::from(b) + u128::from(carry)
                };
                Flags { carry: Carry::Known(carry), zero: Some(result == 0), ..NO_FLAGS }
            }
            // Places of one region, as a loop compares them with its end.
            (Value::Address(region, a), Value::Address(other, b), ..) if region == other && !is_sum && bits == 64 => {
                Flags { carry: Carry::Known(a < b), zero: Some(a == b), ..NO_FLAGS }
            }
            (Value::Address(..), ..) | (_, Value::Address(..), ..) => NO_FLAGS,
            _ if is_sum => Flags { carry: Carry::OfSum(a, b, carry, bits), ..NO_FLAGS },
            _ => Flags { carry: Carry::OfDifference(a, b, carry, bits), ..NO_FLAGS },
        };
        if matches!(i.mnemonic(), M::Inc | M::Dec) {
            flags.carry = self.flags.carry;
        }
        if i.mnemonic() != M::Cmp {
            self.set_operand(i, 0, result)?;
        }
        self.flags = flags;
        Ok(())
    }

    fn secret_sum_or_difference(
        &mut self,
        i: &Instruction,
        (a, b): (Value, Value),
        (bits, is_sum, takes_carry): (u32, bool, bool),
    ) -> Result<(), Refused> {
        if matches!(i.mnemonic(), Mnemonic::Inc | Mnemonic::Dec) {
            return Err(Refused::of("a count of secret bits", i));
        }
        let carry = if takes_carry { self.carry_value()? } else { ZERO };
        let (mut result, mut flags) = match self.secret_sum(a, b, carry, bits, is_sum) {
            Ok(outcome) => outcome,
            // Bits that only move, so many that no table has them.
            Err(_) if is_sum && carry == ZERO => (self.plus(a, b)?, NO_FLAGS),
            Err(refused) => return Err(refused),
        };
        // Words of single bits stay such words.
        if is_sum
            && carry == ZERO
            && let Value::Table(_) = result
            && let Ok(sum @ Value::Bits(_)) = self.plus(a, b)
        {
            result = if bits == 64 { sum } else { self.low(sum, bits)? };
            flags.secret_zero = None;
        }
        if i.mnemonic() != Mnemonic::Cmp {
            self.set_operand(i, 0, result)?;
        }
        self.flags = flags;
        Ok(())
    }

    fn bitwise(&mut self, i: &Instruction) -> Result<(), Refused> {
        use Mnemonic as M;
        let bits = Self::bits(i, 0)?;
        if bits == 16 {
            return Err(Refused::of("a width that is not known", i));
        }
        let is_same = i.op_count() == 2
            && i.op1_kind() == OpKind::Register
            && i.op0_kind() == OpKind::Register
            && i.op0_register() == i.op1_register();
        let result = if i.mnemonic() == M::Xor && is_same {
            ZERO
        } else if i.mnemonic() == M::Not {
            let value = self.operand(i, 0)?;
            let value = self.minus(Value::Constant(u64::MAX), value)?;
            if bits == 64 { value } else { self.low(value, bits)? }
        } else {
            let mut b = self.operand(i, 1)?;
            if bits != 64 {
                b = self.low(b, bits)?;
            }
            // A constant cuts the upper half off, so that it need not be cut off before.
            let is_mask = i.mnemonic() == M::And && matches!(b, Value::Constant(_)) && i.op0_kind() == OpKind::Register;
            let a = if is_mask { self.general[Self::number(i.op0_register())?.0] } else { self.operand(i, 0)? };
            match i.mnemonic() {
                M::And | M::Test if is_same => a,
                M::And | M::Test => self.and(a, b)?,
                M::Or => self.or(a, b)?,
                _ => self.xor(a, b)?,
            }
        };
        // `not` leaves the flags.
        if i.mnemonic() != M::Not {
            let zero = if let Value::Constant(value) = result { Some(value == 0) } else { None };
            self.flags = Flags { carry: Carry::Known(false), zero, ..NO_FLAGS };
        }
        if i.mnemonic() != M::Test {
            self.set_operand(i, 0, result)?;
        }
        Ok(())
    }

    /// `a or b`, bit by bit.
    pub fn or(&mut self, a: Value, b: Value) -> Result<Value, Refused> {
        match (a, b) {
            (Value::Constant(a), Value::Constant(b)) => Ok(Value::Constant(a | b)),
            (Value::Undefined, _) | (_, Value::Undefined) => Err(Refused::new("something undefined is read")),
            (value, Value::Constant(0)) | (Value::Constant(0), value) => Ok(value),
            _ if is_secret(a) || is_secret(b) => self.combine(Operation::Or, a, b),
            (Value::Word(a), Value::Word(b)) => {
                // Bits that do not meet are added.
                for (above, below) in [(a, b), (b, a)] {
                    let (above, below) = (self.exact(self.word(above))?, self.exact(self.word(below))?);
                    if self.graph.range(below).has_bits(self.graph.twos(above)) {
                        let sum = self.graph.sum(&[(above, 1), (below, 1)], 0)?;
                        return Ok(self.word(sum));
                    }
                }
                Err(Refused::new("an or of numbers that may have common bits"))
            }
            (Value::Word(id), Value::Constant(bits)) | (Value::Constant(bits), Value::Word(id)) => {
                // Bits that do not meet are added.
                let id = self.exact(Value::Word(id))?;
                if self.graph.range(id).has_bits(bits.trailing_zeros()) {
                    let sum = self.graph.sum(&[(id, 1)], bits.into())?;
                    return Ok(self.word(sum));
                }
                Err(Refused::new(format!(
                    "an or of numbers that may have common bits {:?} {:?} {bits:x}",
                    self.graph.range(id),
                    self.graph.kind(id)
                )))
            }
            _ => Err(Refused::new(format!("{a:?} or {b:?}"))),
        }
    }

    /// `a xor b`, bit by bit.
    pub fn xor(&mut self, a: Value, b: Value) -> Result<Value, Refused> {
        match (a, b) {
            (Value::Constant(a), Value::Constant(b)) => Ok(Value::Constant(a ^ b)),
            (Value::Undefined, _) | (_, Value::Undefined) => Err(Refused::new("something undefined is read")),
            (value, Value::Constant(0)) | (Value::Constant(0), value) => Ok(value),
            _ if is_secret(a) || is_secret(b) => self.combine(Operation::Xor, a, b),
            (Value::Word(a), Value::Word(b)) => Ok(if a == b { ZERO } else { Value::Different(a, b) }),
            (Value::Different(a, b), Value::Word(c)) | (Value::Word(c), Value::Different(a, b)) if a == c || b == c => {
                Ok(self.word(if a == c { b } else { a }))
            }
            (Value::Word(id), Value::Constant(1)) | (Value::Constant(1), Value::Word(id))
                if self.graph.narrow(id, &BigInt::zero(), &BigInt::one()) =>
            {
                let other = self.graph.sum(&[(id, -1)], 1)?;
                Ok(self.word(other))
            }
            _ => Err(Refused::new(format!("{a:?} xor {b:?}"))),
        }
    }

    fn shift(&mut self, i: &Instruction) -> Result<(), Refused> {
        let bits = Self::bits(i, 0)?;
        let count = i.op_count() - 1;
        let by = match i.op_kind(count) {
            OpKind::Immediate8 => u32::from(i.immediate8()),
            _ => match self.operand(i, count)? {
                Value::Constant(by) => by as u32 & if bits == 64 { 63 } else { 31 },
                _ => return Err(Refused::of("a shift that is not known", i)),
            },
        };
        let value = self.operand(i, 0)?;
        if bits == 16 || by >= bits {
            return Err(Refused::of("a shift that is not known", i));
        }
        if by == 0 {
            // The flags stay as they are.
            return self.set_operand(i, 0, value);
        }
        let result = match i.mnemonic() {
            Mnemonic::Shl => {
                let value = self.shifted_left(value, by)?;
                if bits == 64 { value } else { self.low(value, bits)? }
            }
            Mnemonic::Shr => self.shifted_right(value, by)?,
            Mnemonic::Sar => self.shifted_signed(value, by, bits)?,
            Mnemonic::Shrd if bits == 64 => {
                let above = self.operand(i, 1)?;
                let (value, above) = (self.shifted_right(value, by)?, self.shifted_left(above, 64 - by)?);
                self.plus(value, above)?
            }
            Mnemonic::Shld if bits == 64 => {
                let below = self.operand(i, 1)?;
                let (value, below) = (self.shifted_left(value, by)?, self.shifted_right(below, 64 - by)?);
                self.plus(value, below)?
            }
            _ => return Err(Refused::of("a shift that is not known", i)),
        };
        self.set_operand(i, 0, result)?;
        self.flags = NO_FLAGS;
        if let Value::Constant(value) = result {
            self.flags.zero = Some(value == 0);
        }
        Ok(())
    }

    /// `⌊x / 2^bits⌋`
    pub fn shifted_right(&mut self, value: Value, bits: u32) -> Result<Value, Refused> {
        if let Value::Constant(value) = value {
            return Ok(Value::Constant(value >> bits));
        }
        if is_secret(value) {
            return self.moved(value, -(bits as i32));
        }
        if let (Value::Halves(_, high), 32) = (value, bits) {
            return Ok(self.word(high));
        }
        let id = self.exact(value)?;
        let (id, bits, again) = self.shifted_before(id, bits);
        let high = if bits >= 60 || again {
            // The bits that a shift to the left by the rest drops: the same cut as that of the shifted number.
            let moved = self.graph.sum(&[(id, 1 << (64 - bits))], 0)?;
            self.graph.high(moved, 64)?
        } else {
            self.graph.high(id, bits)?
        };
        Ok(self.word(high))
    }

    /// What a number was shifted from, if it was, and by how many bits in all.
    fn shifted_before(&self, id: Id, bits: u32) -> (Id, u32, bool) {
        if let Kind::High { of, bits: before, .. } = *self.graph.kind(id) {
            if before + bits < 64 && self.graph.range(of).has_bits(64) {
                return (of, before + bits, true);
            }
            if let (64, Kind::Sum(terms, 0)) = (before, self.graph.kind(of))
                && let [(of, factor)] = terms[..]
                && factor.count_ones() == 1
                && self.graph.range(of).has_bits(64)
                && let Some(before) = 64_u32.checked_sub(factor.trailing_zeros())
                && before + bits < 64
            {
                return (of, before + bits, true);
            }
        }
        (id, bits, false)
    }

    /// `⌊x / 2^bits⌋` of a signed word.
    fn shifted_signed(&mut self, value: Value, bits: u32, width: u32) -> Result<Value, Refused> {
        if width != 64 {
            return Err(Refused::new("a signed shift of less than 64 bits"));
        }
        if let Value::Constant(value) = value {
            return Ok(Value::Constant((value.cast_signed() >> bits).cast_unsigned()));
        }
        let id = self.node(value)?;
        let id = self.signed(id)?;
        let high = self.graph.high(id, bits)?;
        Ok(self.word(high))
    }

    /// The low half of a product.
    fn low_product(&mut self, i: &Instruction) -> Result<(), Refused> {
        let bits = Self::bits(i, 0)?;
        let (a, b) = match i.op_count() {
            2 => (self.operand(i, 0)?, self.operand(i, 1)?),
            3 => (self.operand(i, 1)?, self.operand(i, 2)?),
            _ => return Err(Refused::of("a product that is not known", i)),
        };
        let result = match (a, b) {
            (Value::Constant(a), Value::Constant(b)) => {
                let product = Value::Constant(a.wrapping_mul(b));
                if bits == 64 { product } else { self.low(product, bits)? }
            }
            _ if is_secret(a) || is_secret(b) => {
                let product = self.combine(Operation::Times, a, b)?;
                if bits == 64 { product } else { self.low(product, bits)? }
            }
            _ if bits == 64 => {
                let (a, b) = (self.exact(a)?, self.exact(b)?);
                let product = self.graph.product(a, b)?;
                self.word(product)
            }
            _ => return Err(Refused::of("a product that is not known", i)),
        };
        self.set_operand(i, 0, result)?;
        self.flags = NO_FLAGS;
        Ok(())
    }

    /// Both halves of a product.
    fn whole_product(&mut self, i: &Instruction) -> Result<(), Refused> {
        let is_mulx = i.mnemonic() == Mnemonic::Mulx;
        let source = if is_mulx { 2 } else { 0 };
        if Self::bits(i, source)? != 64 {
            return Err(Refused::of("a width that is not known", i));
        }
        let (a, b) = (self.general[if is_mulx { 2 } else { 0 }], self.operand(i, source)?);
        let (a, b) = (self.exact(a)?, self.exact(b)?);
        let product = self.graph.product(a, b)?;
        let (low, high) = self.graph.halves(product, 64, false)?;
        let (low, high) = (self.word(low), self.word(high));
        if is_mulx {
            // If both halves go to one register, it is the high one that stays.
            self.set_register(i.op1_register(), low)?;
            self.set_register(i.op0_register(), high)?;
        } else {
            self.set_register(Register::RAX, low)?;
            self.set_register(Register::RDX, high)?;
            self.flags = NO_FLAGS;
        }
        Ok(())
    }
}
