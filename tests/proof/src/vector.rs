//! The instructions on vectors of integers.

use iced_x86::{EncodingKind, Instruction, Mnemonic, OpKind, Register};
use num_bigint::BigInt;

use crate::Refused;
use crate::bits::{Bits, CLEAR, is_secret};
use crate::machine::{Lanes, Machine, Value, ZERO};

/// The number of a vector register, and its lanes of 64 bits.
fn vector_number(register: Register) -> Result<(usize, usize), Refused> {
    if !register.is_vector_register() {
        return Err(Refused::new(format!("the register {register:?}")));
    }
    Ok((register.full_register() as usize - Register::ZMM0 as usize, register.size() / 8))
}

impl Machine<'_> {
    /// Runs an instruction on vectors. Returns whether it is one.
    #[allow(clippy::too_many_lines, reason = "one arm for each instruction")]
    pub fn vector(&mut self, i: &Instruction) -> Result<bool, Refused> {
        use Mnemonic as M;
        let is_multiply_add = matches!(i.mnemonic(), M::Vpmadd52luq | M::Vpmadd52huq);
        let is_masked_and = i.mnemonic() == M::Vpandq && i.zeroing_masking();
        if i.has_op_mask() && !is_multiply_add && !is_masked_and
            || i.zeroing_masking() && !is_masked_and
            || i.rounding_control() != iced_x86::RoundingControl::None
        {
            return Err(Refused::of("a mask", i));
        }
        match i.mnemonic() {
            M::Movdqu | M::Movups | M::Vmovdqu | M::Vmovups | M::Vmovupd | M::Vmovdqu64 => {
                self.move_vector(i, false)?;
            }
            M::Movdqa | M::Movaps | M::Movapd | M::Vmovdqa | M::Vmovaps | M::Vmovapd | M::Vmovdqa64 => {
                self.move_vector(i, true)?;
            }
            M::Movq | M::Vmovq | M::Movd => self.move_one(i)?,
            M::Movsd => self.move_low(i)?,
            M::Vpbroadcastq | M::Vbroadcastsd => {
                let value = match i.op1_kind() {
                    OpKind::Register if i.op1_register().is_gpr() => self.register(i.op1_register())?,
                    OpKind::Register => self.vectors[vector_number(i.op1_register())?.0][0],
                    _ => {
                        let place = self.place(i)?;
                        self.load(place, 8)?
                    }
                };
                self.set_vector(i, [value; 8])?;
            }
            M::Kmovw => {
                if !i.op0_register().is_k() || i.op1_kind() != OpKind::Register || !i.op1_register().is_gpr() {
                    return Err(Refused::of("a mask", i));
                }
                // The upper part of a register of which only a byte is written is not known.
                self.masks[i.op0_register().number()] = match self.general[Self::number(i.op1_register())?.0] {
                    Value::Constant(mask) => Some((mask, 16)),
                    Value::Byte(mask) => self.graph.as_constant(mask).map(|mask| (mask as u64, 8)),
                    _ => return Err(Refused::of("a mask", i)),
                };
            }
            M::Vpcmpuq | M::Vpcmpq => self.compare(i)?,
            M::Vpandq if is_masked_and => self.masked_and(i)?,
            M::Vpmadd52luq | M::Vpmadd52huq => self.multiply_add(i)?,
            M::Vzeroupper => {
                for vector in &mut self.vectors[..16] {
                    vector[2..].fill(ZERO);
                }
            }
            M::Vpaddq | M::Paddq => self.each(i, Self::plus)?,
            M::Vpsubq => self.each(i, Self::minus)?,
            M::Vpand | M::Vpandq | M::Pand | M::Vandps => self.each(i, |machine, a, b| {
                let (a, b) = (machine.mask_of(a)?, machine.mask_of(b)?);
                machine.and(a, b)
            })?,
            M::Pandn => self.each(i, |machine, a, b| {
                let Value::Constant(mask) = machine.mask_of(a)? else {
                    return Err(Refused::new("a mask that is not known"));
                };
                machine.and(Value::Constant(!mask), b)
            })?,
            M::Vpor | M::Por | M::Vorps | M::Vorpd | M::Orpd | M::Orps => self.each(i, Self::or)?,
            M::Vpxor | M::Vpxord | M::Vxorpd | M::Vxorps | M::Pxor | M::Xorpd | M::Xorps => {
                let last = i.op_count() - 1;
                let first = last - 1;
                if i.op_kind(last) == OpKind::Register && i.op_register(first) == i.op_register(last) {
                    self.set_vector(i, [ZERO; 8])?;
                } else {
                    return Err(Refused::of("an xor of two numbers", i));
                }
            }
            M::Paddd => self.each(i, |machine, a, b| {
                let ((a0, a1), (b0, b1)) = (machine.halves(a)?, machine.halves(b)?);
                let mut sum = |a, b| {
                    let sum = machine.graph.sum(&[(a, 1), (b, 1)], 0)?;
                    machine.graph.low(sum, 32)
                };
                let (low, high) = (sum(a0, b0)?, sum(a1, b1)?);
                Ok(machine.joined(low, high))
            })?,
            M::Pmuludq => self.each(i, |machine, a, b| {
                let (a, b) = (machine.low(a, 32)?, machine.low(b, 32)?);
                let (a, b) = (machine.node(a)?, machine.node(b)?);
                let product = machine.graph.product(a, b)?;
                Ok(machine.word(product))
            })?,
            M::Vpcmpeqd
                if i.op1_kind() == OpKind::Register
                    && i.op2_kind() == OpKind::Register
                    && i.op1_register() == i.op2_register() =>
            {
                self.set_vector(i, [Value::Constant(u64::MAX); 8])?;
            }
            // a or (b and c)
            M::Vpternlogd if i.immediate8() == 0xf8 => {
                let count = Self::lanes(i)?;
                let [a, b, c] = [0, 1, 2].map(|operand| self.source(i, operand, count));
                let (a, b, c) = (a?, b?, c?);
                let mut out = [Value::Undefined; 8];
                for lane in 0..count {
                    let (b, c) = (self.mask_of(b[lane])?, self.mask_of(c[lane])?);
                    let masked = self.and(b, c)?;
                    out[lane] = self.or(a[lane], masked)?;
                }
                self.set_vector(i, out)?;
            }
            M::Vpternlogd if i.immediate8() == 0xff => self.set_vector(i, [Value::Constant(u64::MAX); 8])?,
            M::Vpsrlq if i.op_kind(i.op_count() - 1) == OpKind::Immediate8 => self.shift_vector(i)?,
            M::Psrlq | M::Psllq | M::Vpsrlvq => self.shift_lanes(i)?,
            M::Vpermi2b => self.permute_bytes(i)?,
            M::Vpblendd
            | M::Vblendpd
            | M::Vpermq
            | M::Vpermpd
            | M::Vshufpd
            | M::Valignq
            | M::Vpermt2q
            | M::Vpermi2q
            | M::Pshufd
            | M::Punpcklqdq
            | M::Vextracti32x4 => self.permute(i)?,
            M::Vfmadd213pd | M::Vfmadd231pd | M::Vaddpd | M::Vsubpd | M::Addpd | M::Addsd => self.doubles(i)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The lanes of an operand that has as many as the result.
    pub fn source(&mut self, i: &Instruction, operand: u32, count: usize) -> Result<Lanes, Refused> {
        match i.op_kind(operand) {
            OpKind::Register => {
                let (number, lanes) = vector_number(i.op_register(operand))?;
                if lanes < count {
                    return Err(Refused::of("a narrow operand", i));
                }
                Ok(self.vectors[number])
            }
            OpKind::Memory => {
                let place = self.place(i)?;
                let mut out = [Value::Undefined; 8];
                if i.is_broadcast() {
                    if i.memory_size().element_size() != 8 {
                        return Err(Refused::of("a broadcast that is not known", i));
                    }
                    out[..count].fill(self.load(place, 8)?);
                    return Ok(out);
                }
                if i.memory_size().size() != 8 * count {
                    return Err(Refused::of("a narrow operand", i));
                }
                let is_move = matches!(i.mnemonic(), Mnemonic::Movdqu | Mnemonic::Movups);
                if i.code().encoding() == EncodingKind::Legacy && !is_move {
                    self.check_alignment(place, 16)?;
                }
                for (lane, out) in out[..count].iter_mut().enumerate() {
                    *out = self.load((place.0, place.1 + 8 * lane as i64), 8)?;
                }
                Ok(out)
            }
            _ => Err(Refused::of("an operand that is not known", i)),
        }
    }

    /// Lanes of the result.
    pub fn lanes(i: &Instruction) -> Result<usize, Refused> {
        Ok(vector_number(i.op0_register())?.1)
    }

    /// Writes the result, a register. The lanes above it become zero, except after the old instructions, which leave them.
    pub fn set_vector(&mut self, i: &Instruction, lanes: Lanes) -> Result<(), Refused> {
        if i.op0_kind() != OpKind::Register {
            return Err(Refused::of("a result that is not known", i));
        }
        let (number, count) = vector_number(i.op0_register())?;
        let vector = &mut self.vectors[number];
        vector[..count].copy_from_slice(&lanes[..count]);
        if i.code().encoding() != EncodingKind::Legacy {
            vector[count..].fill(ZERO);
        }
        Ok(())
    }

    /// Computes each lane of the result from those of the last two operands.
    fn each(
        &mut self,
        i: &Instruction,
        mut operation: impl FnMut(&mut Self, Value, Value) -> Result<Value, Refused>,
    ) -> Result<(), Refused> {
        let count = Self::lanes(i)?;
        let (a, b) = (self.source(i, i.op_count() - 2, count)?, self.source(i, i.op_count() - 1, count)?);
        let mut out = [Value::Undefined; 8];
        for lane in 0..count {
            out[lane] = operation(self, a[lane], b[lane])?;
        }
        self.set_vector(i, out)
    }

    fn move_vector(&mut self, i: &Instruction, is_aligned: bool) -> Result<(), Refused> {
        let register = if i.op0_kind() == OpKind::Register { i.op0_register() } else { i.op1_register() };
        let (number, count) = vector_number(register)?;
        if is_aligned && (i.op0_kind() == OpKind::Memory || i.op1_kind() == OpKind::Memory) {
            let place = self.place(i)?;
            self.check_alignment(place, 8 * count as i64)?;
        }
        if i.op0_kind() == OpKind::Register {
            let lanes = self.source(i, 1, count)?;
            return self.set_vector(i, lanes);
        }
        let place = self.place(i)?;
        for lane in 0..count {
            self.store((place.0, place.1 + 8 * lane as i64), 8, self.vectors[number][lane])?;
        }
        Ok(())
    }

    /// `movq` and `movd`.
    fn move_one(&mut self, i: &Instruction) -> Result<(), Refused> {
        let size = if i.mnemonic() == Mnemonic::Movd { 4 } else { 8 };
        if i.op0_kind() == OpKind::Register && i.op0_register().is_vector_register() {
            let value = match i.op1_kind() {
                OpKind::Register if i.op1_register().is_gpr() => self.register(i.op1_register())?,
                OpKind::Register => self.vectors[vector_number(i.op1_register())?.0][0],
                _ => {
                    let place = self.place(i)?;
                    self.load(place, size)?
                }
            };
            let mut lanes = [ZERO; 8];
            lanes[0] = if size == 4 { self.low(value, 32)? } else { value };
            return self.set_vector(i, lanes);
        }
        let mut value = self.vectors[vector_number(i.op1_register())?.0][0];
        if size == 4 {
            value = self.low(value, 32)?;
        }
        if i.op0_kind() == OpKind::Register {
            return self.set_register(i.op0_register(), value);
        }
        let place = self.place(i)?;
        self.store(place, size, value)
    }

    /// `movsd`: the low lane. From a register it leaves the lane above.
    fn move_low(&mut self, i: &Instruction) -> Result<(), Refused> {
        if i.op0_kind() != OpKind::Register {
            let value = self.vectors[vector_number(i.op1_register())?.0][0];
            let place = self.place(i)?;
            return self.store(place, 8, value);
        }
        let number = vector_number(i.op0_register())?.0;
        if i.op1_kind() == OpKind::Register {
            self.vectors[number][0] = self.vectors[vector_number(i.op1_register())?.0][0];
            return Ok(());
        }
        let place = self.place(i)?;
        let value = self.load(place, 8)?;
        self.vectors[number][..2].copy_from_slice(&[value, ZERO]);
        Ok(())
    }

    /// Shifts of each lane by a number of bits, which is known: one number for all lanes, or one for each.
    fn shift_lanes(&mut self, i: &Instruction) -> Result<(), Refused> {
        let count = Self::lanes(i)?;
        let last = i.op_count() - 1;
        let x = self.source(i, last - 1, count)?;
        let by = if i.op_kind(last) == OpKind::Immediate8 {
            [Value::Constant(i.immediate8().into()); 8]
        } else {
            self.source(i, last, count)?
        };
        let mut out = [Value::Undefined; 8];
        for lane in 0..count {
            let is_for_each = i.mnemonic() == Mnemonic::Vpsrlvq;
            let Value::Constant(by) = by[if is_for_each { lane } else { 0 }] else {
                return Err(Refused::of("a shift that is not known", i));
            };
            out[lane] = match (by, i.mnemonic()) {
                (64.., _) => ZERO,
                (0, _) => x[lane],
                (_, Mnemonic::Psllq) => self.shifted_left(x[lane], by as u32)?,
                _ => self.shifted_right(x[lane], by as u32)?,
            };
        }
        self.set_vector(i, out)
    }

    /// Bytes of two vectors, by their numbers, which are known.
    fn permute_bytes(&mut self, i: &Instruction) -> Result<(), Refused> {
        let count = Self::lanes(i)?;
        let [indices, first, second] = [0, 1, 2].map(|operand| self.source(i, operand, count));
        let (indices, first, second) = (indices?, first?, second?);
        let mut out = [Value::Undefined; 8];
        for lane in 0..count {
            let Value::Constant(indices) = indices[lane] else {
                return Err(Refused::of("an index that is not known", i));
            };
            let mut word: Bits = [CLEAR; 64];
            for (byte, index) in indices.to_le_bytes().into_iter().enumerate() {
                let index = usize::from(index) & (16 * count - 1);
                let from = if index < 8 * count { first[index / 8] } else { second[index / 8 - count] };
                let bits = self.bits_of(from).ok_or_else(|| Refused::of("bytes of a number", i))?;
                word[8 * byte..][..8].copy_from_slice(&bits[8 * (index % 8)..][..8]);
            }
            out[lane] = self.word_of_bits(&word);
        }
        self.set_vector(i, out)
    }

    /// Compares lanes, which are known, into a mask.
    fn compare(&mut self, i: &Instruction) -> Result<(), Refused> {
        const LESS: u8 = 1;
        if i.mnemonic() != Mnemonic::Vpcmpuq || i.immediate8() != LESS || i.has_op_mask() {
            return Err(Refused::of("a comparison that is not known", i));
        }
        let count = vector_number(i.op1_register())?.1;
        let (x, y) = (self.source(i, 1, count)?, self.source(i, 2, count)?);
        let mut mask = 0;
        for lane in 0..count {
            let (Value::Constant(x), Value::Constant(y)) = (x[lane], y[lane]) else {
                return Err(Refused::of("a comparison of numbers", i));
            };
            mask |= u64::from(x < y) << lane;
        }
        self.masks[i.op0_register().number()] = Some((mask, 16));
        Ok(())
    }

    /// `vpandq` that clears the lanes that a mask does not name.
    fn masked_and(&mut self, i: &Instruction) -> Result<(), Refused> {
        let count = Self::lanes(i)?;
        let (a, b) = (self.source(i, 1, count)?, self.source(i, 2, count)?);
        let mask = match self.masks[i.op_mask().number()] {
            Some((mask, bits)) if bits >= count => mask,
            _ => return Err(Refused::of("an undefined mask", i)),
        };
        let mut out = [ZERO; 8];
        for lane in (0..count).filter(|lane| mask >> lane & 1 == 1) {
            out[lane] = self.and(a[lane], b[lane])?;
        }
        self.set_vector(i, out)
    }

    /// Adds the low or the high halves of products of 52 bits.
    fn multiply_add(&mut self, i: &Instruction) -> Result<(), Refused> {
        let count = Self::lanes(i)?;
        let mask = match i.op_mask() {
            Register::None => u64::MAX,
            register => match self.masks[register.number()] {
                Some((mask, bits)) if bits >= count => mask,
                _ => return Err(Refused::of("an undefined mask", i)),
            },
        };
        let (mut sums, x, y) = (self.source(i, 0, count)?, self.source(i, 1, count)?, self.source(i, 2, count)?);
        for lane in (0..count).filter(|lane| mask >> lane & 1 == 1) {
            let (x, y) = (self.node(x[lane])?, self.node(y[lane])?);
            if !self.graph.range(x).has_bits(52) || !self.graph.range(y).has_bits(52) {
                return Err(Refused::of("a factor of more than 52 bits", i));
            }
            let product = self.graph.product(x, y)?;
            let (low, high) = self.graph.halves(product, 52, false)?;
            let half = self.word(if i.mnemonic() == Mnemonic::Vpmadd52luq { low } else { high });
            sums[lane] = self.plus(sums[lane], half)?;
            // Refused here, where it happens, and not where it would matter.
            let sum = self.node(sums[lane])?;
            if self.graph.range(sum).greatest.bits() > 64 || self.graph.range(sum).least < BigInt::ZERO {
                return Err(Refused::of("a sum that may overflow", i));
            }
        }
        self.set_vector(i, sums)
    }

    fn shift_vector(&mut self, i: &Instruction) -> Result<(), Refused> {
        let count = Self::lanes(i)?;
        let last = i.op_count() - 1;
        if i.op_kind(last) != OpKind::Immediate8 || !(1..64).contains(&i.immediate8()) {
            return Err(Refused::of("a shift that is not known", i));
        }
        let x = self.source(i, last - 1, count)?;
        let mut out = [Value::Undefined; 8];
        for lane in 0..count {
            let id = match x[lane] {
                Value::Constant(value) => {
                    out[lane] = Value::Constant(value >> i.immediate8());
                    continue;
                }
                value => self.exact(value)?,
            };
            let high = self.graph.high(id, i.immediate8().into())?;
            out[lane] = self.word(high);
        }
        self.set_vector(i, out)
    }

    /// Two quarters of a pair of lanes that depend on secret bits, by the lowest four bits of a number.
    fn shuffled(&mut self, below: Value, above: Value, by: usize) -> Result<Value, Refused> {
        let mut quarter = |number: usize| {
            let lane = if number & 2 == 0 { below } else { above };
            if number & 1 == 0 { self.low(lane, 32) } else { self.shifted_right(lane, 32) }
        };
        let (low, high) = (quarter(by)?, quarter(by >> 2)?);
        let high = self.shifted_left(high, 32)?;
        self.or(low, high)
    }

    /// Instructions that move lanes.
    #[allow(clippy::too_many_lines, reason = "one arm for each instruction")]
    fn permute(&mut self, i: &Instruction) -> Result<(), Refused> {
        use Mnemonic as M;
        let mut out = [Value::Undefined; 8];
        let bits = usize::from(if i.op_kind(i.op_count() - 1) == OpKind::Immediate8 { i.immediate8() } else { 0 });
        if i.mnemonic() == M::Vextracti32x4 {
            let (number, lanes) = vector_number(i.op1_register())?;
            let first = bits % (lanes / 2) * 2;
            out[..2].copy_from_slice(&self.vectors[number][first..first + 2]);
            return self.set_vector(i, out);
        }
        let count = Self::lanes(i)?;
        match i.mnemonic() {
            M::Vpermq | M::Vpermpd => {
                if i.op_count() != 3 || i.op_kind(2) != OpKind::Immediate8 {
                    return Err(Refused::of("a permutation that is not known", i));
                }
                let x = self.source(i, 1, count)?;
                for lane in 0..count {
                    out[lane] = x[(lane & !3) + (bits >> (2 * (lane & 3)) & 3)];
                }
            }
            M::Pshufd => {
                let x = self.source(i, 1, count)?;
                for lane in 0..count {
                    if is_secret(x[lane & !1]) || is_secret(x[lane | 1]) {
                        out[lane] = self.shuffled(x[lane & !1], x[lane | 1], bits >> (4 * (lane & 1)))?;
                        continue;
                    }
                    let mut half = |place: usize| {
                        let from = bits >> (2 * place) & 3;
                        let (low, high) = self.halves(x[(lane & !1) + (from >> 1)])?;
                        Ok(if from & 1 == 0 { low } else { high })
                    };
                    let place = 2 * (lane & 1);
                    let (from, next) = (bits >> (2 * place) & 3, bits >> (2 * place + 2) & 3);
                    if from & 1 == 0 && next == from + 1 {
                        out[lane] = x[(lane & !1) + (from >> 1)];
                    } else {
                        let (low, high) = (half(place)?, half(place + 1)?);
                        out[lane] = self.joined(low, high);
                    }
                }
            }
            M::Vpermt2q | M::Vpermi2q => {
                let (first, second, third) =
                    (self.source(i, 0, count)?, self.source(i, 1, count)?, self.source(i, 2, count)?);
                let (table, indices) = if i.mnemonic() == M::Vpermt2q { (first, second) } else { (second, first) };
                for lane in 0..count {
                    let Value::Constant(index) = indices[lane] else {
                        return Err(Refused::of("an index that is not known", i));
                    };
                    let index = index as usize & (2 * count - 1);
                    out[lane] = if index < count { table[index] } else { third[index - count] };
                }
            }
            mnemonic => {
                let (x, y) = if i.op_count() - u32::from(i.op_kind(i.op_count() - 1) == OpKind::Immediate8) == 2 {
                    (self.source(i, 0, count)?, self.source(i, 1, count)?)
                } else {
                    (self.source(i, 1, count)?, self.source(i, 2, count)?)
                };
                for lane in 0..count {
                    let pair = lane & !1;
                    out[lane] = match mnemonic {
                        M::Vpblendd => match bits >> (2 * lane) & 3 {
                            0 => x[lane],
                            3 => y[lane],
                            _ => return Err(Refused::of("a blend of halves", i)),
                        },
                        M::Vblendpd => {
                            if bits >> lane & 1 == 1 {
                                y[lane]
                            } else {
                                x[lane]
                            }
                        }
                        M::Vshufpd => {
                            if lane & 1 == 0 {
                                x[pair + (bits >> lane & 1)]
                            } else {
                                y[pair + (bits >> lane & 1)]
                            }
                        }
                        M::Punpcklqdq => {
                            if lane & 1 == 0 {
                                x[pair]
                            } else {
                                y[pair]
                            }
                        }
                        M::Valignq => {
                            let from = lane + (bits & (count - 1));
                            if from < count { y[from] } else { x[from - count] }
                        }
                        _ => return Err(Refused::of("a permutation that is not known", i)),
                    };
                }
            }
        }
        self.set_vector(i, out)
    }
}
