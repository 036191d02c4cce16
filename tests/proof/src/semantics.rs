//! The machine's reading of each instruction, compared with what the CPU does.
//!
//! Every instruction that has run in a proof is run alone, on random values and on values at the ends of ranges: each form with each
//! immediate, and what reads the carry with each carry. The machine gets them as constants, as free numbers within a range, or as secret
//! bits, as in a proof. What it says of registers, flags and memory is then evaluated and
//! must be what the CPU has left.

use std::collections::{BTreeMap, BTreeSet};

use iced_x86::{Decoder, DecoderOptions, FlowControl, Instruction, Mnemonic, OpKind, Register, RflagsBits};
use num_bigint::BigInt;
use num_traits::{One as _, ToPrimitive as _, Zero as _};

use crate::Refused;
use crate::bits::{Bit, CLEAR, Operation, SET};
use crate::cpu::{self, Cpu, State};
use crate::image::Image;
use crate::machine::{Carry, Flags, Machine, Operand, Region, Value};
use crate::nodes::{Id, Kind, Range};

/// Times that an instruction is to run, and attempts: most combinations of values are ones that the machine refuses.
const RUNS: usize = 40;
const ATTEMPTS: usize = 4000;

/// Places in the program at which one form of an instruction is tried, and times that it runs with each further immediate.
const PLACES: usize = 3;
const MORE_RUNS: usize = 10;

/// What has been compared.
#[derive(Debug, Default)]
pub struct Report {
    /// Forms of instructions, by name, and how often each has run.
    pub forms: BTreeMap<String, usize>,
    /// Immediates that forms have run with.
    pub immediates: BTreeSet<(String, Vec<u64>)>,
    /// Carries that instructions have read.
    pub carries: BTreeSet<(Mnemonic, CarryKind, bool)>,
    pub runs: usize,
    /// Names of those that this CPU lacks, or that cannot run alone.
    pub not_run: BTreeMap<String, &'static str>,
    pub wrong: Vec<String>,
}

/// Compares the instructions that have run in proofs.
pub fn compare<'a>(image: &Image, instructions: impl Iterator<Item = &'a Instruction>, seed: u64) -> Option<Report> {
    let mut cpu = Cpu::new()?;
    let mut random = Random::new(seed);
    let mut report = Report::default();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for instruction in instructions {
        let form = form_of(instruction);
        let immediates = immediates_of(instruction);
        let is_new = !immediates.is_empty() && report.immediates.insert((form.clone(), immediates));
        let place = places.entry(form.clone()).or_default();
        if *place >= PLACES && !is_new {
            continue;
        }
        *place += 1;
        let why_not = match instruction.flow_control() {
            FlowControl::Next if !has(instruction) => Some("this CPU lacks it"),
            FlowControl::Next => None,
            _ => Some("it jumps"),
        };
        if let Some(why_not) = why_not {
            report.not_run.insert(form, why_not);
            continue;
        }
        let most = if *place <= PLACES { RUNS } else { MORE_RUNS };
        run_place(image, &mut cpu, (instruction, form), most, &mut random, &mut report);
    }
    report.not_run.retain(|form, _| !report.forms.contains_key(form));
    report.immediates.retain(|(form, _)| report.forms.contains_key(form));
    Some(report)
}

/// Runs an instruction so often, and until it has read each carry that it must.
fn run_place(
    image: &Image,
    cpu: &mut Cpu,
    (instruction, form): (&Instruction, String),
    most: usize,
    random: &mut Random,
    report: &mut Report,
) {
    let mut missing = carries_of(instruction);
    let (mut runs, mut last) = (0, String::new());
    for attempt in 0..ATTEMPTS {
        if runs >= most && missing.is_empty() {
            break;
        }
        let carry = match missing.first() {
            Some(&carry) if attempt % 2 == 0 => carry,
            _ => (CARRY_KINDS[random.below(3) as usize], random.below(2) == 1),
        };
        match try_once(image, cpu, instruction, carry, random) {
            Ok(()) => {
                runs += 1;
                missing.remove(&carry);
                if reads_carry(instruction) {
                    report.carries.insert((instruction.mnemonic(), carry.0, carry.1));
                }
            }
            Err(Trial::Refused(reason)) => last = reason,
            Err(Trial::Wrong(what)) => {
                report.wrong.push(format!("{form} at {:#x}: {what}", instruction.ip()));
                break;
            }
        }
    }
    if report.wrong.is_empty() {
        if runs == 0 {
            report.wrong.push(format!("{form} at {:#x} was never run: {last}", instruction.ip()));
        } else if let Some((kind, carry)) = missing.first() {
            let carry = u8::from(*carry);
            report
                .wrong
                .push(format!("{form} at {:#x} was never run with a carry {carry}, {kind:?}", instruction.ip()));
        }
    }
    report.runs += runs;
    *report.forms.entry(form).or_default() += runs;
}

/// How the machine has the carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CarryKind {
    Known,
    /// The carry or the borrow of numbers that are not known.
    Number,
    Secret,
}

const CARRY_KINDS: [CarryKind; 3] = [CarryKind::Known, CarryKind::Number, CarryKind::Secret];

fn reads_carry(instruction: &Instruction) -> bool {
    instruction.rflags_read() & RflagsBits::CF != 0
}

/// The carries that an instruction must have read: both, in each way that the machine can add them.
fn carries_of(instruction: &Instruction) -> BTreeSet<(CarryKind, bool)> {
    let kinds: &[CarryKind] = match instruction.mnemonic() {
        Mnemonic::Adc | Mnemonic::Sbb | Mnemonic::Setb => &CARRY_KINDS,
        // A condition must be known.
        _ if reads_carry(instruction) => &CARRY_KINDS[..1],
        _ => &[],
    };
    kinds.iter().flat_map(|&kind| [(kind, false), (kind, true)]).collect()
}

fn immediates_of(instruction: &Instruction) -> Vec<u64> {
    (0..instruction.op_count()).filter_map(|operand| instruction.try_immediate(operand).ok()).collect()
}

/// The instruction without its registers and numbers.
fn form_of(instruction: &Instruction) -> String {
    let mut form = format!("{:?}", instruction.code());
    if instruction.has_op_mask() {
        form += " under a mask";
    }
    if instruction.is_broadcast() {
        form += " of one number";
    }
    if (0..instruction.op_count()).any(|operand| instruction.op_kind(operand) == OpKind::Memory) {
        form += " in memory";
    }
    form
}

/// Whether this CPU has an instruction.
fn has(instruction: &Instruction) -> bool {
    use iced_x86::CpuidFeature as F;
    instruction.cpuid_features().iter().all(|feature| match feature {
        F::INTEL8086
        | F::INTEL186
        | F::INTEL286
        | F::INTEL386
        | F::INTEL486
        | F::X64
        | F::CMOV
        | F::MULTIBYTENOP
        | F::SSE
        | F::SSE2 => true,
        F::AVX => std::is_x86_feature_detected!("avx"),
        F::AVX2 => std::is_x86_feature_detected!("avx2"),
        F::FMA => std::is_x86_feature_detected!("fma"),
        F::BMI2 => std::is_x86_feature_detected!("bmi2"),
        F::AVX512F => std::is_x86_feature_detected!("avx512f"),
        F::AVX512BW => std::is_x86_feature_detected!("avx512bw"),
        F::AVX512DQ => std::is_x86_feature_detected!("avx512dq"),
        F::AVX512VL => std::is_x86_feature_detected!("avx512vl"),
        F::AVX512_VBMI => std::is_x86_feature_detected!("avx512vbmi"),
        F::AVX512_IFMA => std::is_x86_feature_detected!("avx512ifma"),
        F::AVX_IFMA => std::is_x86_feature_detected!("avxifma"),
        _ => false,
    })
}

enum Trial {
    Refused(String),
    Wrong(String),
}

impl From<Refused> for Trial {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused.to_string())
    }
}

/// Marsaglia's xorshift.
pub struct Random {
    state: u64,
    /// The values of the secret bits.
    secret: usize,
}

/// Secret bits, by number. The values that they have in a run are those of the bits of an index.
const SECRET: [Bit; 6] = [0, 1, 2, 3, 4, 5];

impl Random {
    pub const fn new(seed: u64) -> Self {
        Self { state: seed | 1, secret: 0 }
    }

    fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// A word, often at the end of a range.
    pub fn word(&mut self) -> u64 {
        let power = 1_u64 << self.below(64);
        match self.below(6) {
            0 => 0,
            1 => u64::MAX,
            2 => power,
            3 => power - 1,
            _ => self.next(),
        }
    }
}

/// What a register or a word of memory holds.
#[derive(Clone, Copy)]
enum Fill {
    Constant,
    Same(u64),
    Free(u32),
    Double(u32),
    Binade,
    /// Known bits and secret ones.
    Secret,
    /// A double of 2^52 and a mantissa of such bits.
    SecretMantissa,
}

const HIGH: u64 = 0x4668_0000_0000_0000;

impl Fill {
    fn any(random: &mut Random, of_doubles: bool) -> Self {
        if of_doubles {
            return match random.below(7) {
                0 => Self::Same(HIGH),
                1 => Self::Binade,
                2 | 3 => Self::Double(51),
                4 => Self::Double(25),
                5 => Self::SecretMantissa,
                _ => Self::Same((3.0 * 2_f64.powi(51)).to_bits()),
            };
        }
        match random.below(14) {
            12 | 13 => Self::Secret,
            0 => Self::Constant,
            1 => Self::Same([0, u64::MAX, (1 << 51) - 1, (1 << 28) - 1, 1][random.below(5) as usize]),
            2 => Self::Same(random.below(16)),
            3 | 4 => Self::Free(64),
            5 | 6 => Self::Free(52),
            7 => Self::Free(51),
            8 => Self::Free(32),
            9 => Self::Free(28),
            10 => Self::Free(8),
            _ => Self::Free(1),
        }
    }

    /// A value for the machine and the word that it is. `inputs` gets the free numbers.
    fn value(self, machine: &mut Machine<'_>, random: &mut Random, inputs: &mut Vec<BigInt>) -> (Value, u64) {
        let (least, greatest) = match self {
            Self::Constant => {
                let word = random.word();
                return (Value::Constant(word), word);
            }
            Self::Same(word) => return (Value::Constant(word), word),
            Self::Secret | Self::SecretMantissa => {
                // Few bits, or a secret one anywhere.
                let (mut known, mut mask) = (random.word(), random.word());
                if let Self::SecretMantissa = self {
                    let mantissa = (1 << 52) - 1;
                    (known, mask) = (known & mantissa | 2_f64.powi(52).to_bits(), mask & mantissa);
                }
                let bits = std::array::from_fn(|place| match (mask >> place & 1, known >> place & 1) {
                    (1, _) => SECRET[random.below(6) as usize],
                    (_, 1) => SET,
                    _ => CLEAR,
                });
                let value = machine.word_of_bits(&bits);
                let Value::Constant(word) = machine.given(value, &SECRET, random.secret) else { unreachable!() };
                return (value, word);
            }
            Self::Free(bits) => (BigInt::zero(), (BigInt::one() << bits) - 1),
            Self::Double(bits) => (1 - (BigInt::one() << bits), (BigInt::one() << bits) - 1),
            Self::Binade => (BigInt::from(0x4330_0000_0000_0000_u64), BigInt::from(0x433f_ffff_ffff_ffff_u64)),
        };
        let number = match (random.below(5), self) {
            (0, _) => least.clone(),
            (1, _) => greatest.clone(),
            (2, Self::Double(_)) => BigInt::zero(),
            _ => &least + BigInt::from(random.word()) % (&greatest - &least + 1),
        };
        let word = match self {
            // A zero has either sign.
            Self::Double(_) if number.is_zero() => random.below(2) << 63,
            Self::Double(_) => number.to_f64().unwrap_or_default().to_bits(),
            _ => number.to_u64().unwrap_or_default(),
        };
        inputs.push(number);
        let id = machine.graph.input(Range::new(least, greatest));
        (if let Self::Double(_) = self { Value::Double(id) } else { Value::Word(id) }, word)
    }
}

/// Runs an instruction once, in the machine and on the CPU.
#[allow(clippy::too_many_lines, reason = "one state, set up from beginning to end")]
fn try_once(
    image: &Image,
    cpu: &mut Cpu,
    instruction: &Instruction,
    carry: (CarryKind, bool),
    random: &mut Random,
) -> Result<(), Trial> {
    let operand = Operand { bytes: cpu::BUFFER as i64, alignment: 64, is_written: true };
    let mut machine = Machine::new(image, instruction.ip(), &[operand], 0);
    let mut before =
        State { operand: vec![0; cpu::BUFFER], stack: vec![0; cpu::BUFFER], flags: 0x202, ..State::default() };
    let mut inputs = Vec::new();
    random.secret = random.below(64) as usize;
    set_flags(&mut machine, &mut before, carry, random, &mut inputs)?;
    let of_doubles = matches!(
        instruction.mnemonic(),
        Mnemonic::Vfmadd213pd
            | Mnemonic::Vfmadd231pd
            | Mnemonic::Vaddpd
            | Mnemonic::Vsubpd
            | Mnemonic::Addpd
            | Mnemonic::Addsd
    );

    for number in 0..16 {
        let fill = Fill::any(random, false);
        (machine.general[number], before.general[number]) = fill.value(&mut machine, random, &mut inputs);
    }
    for number in 0..32 {
        let fill = Fill::any(random, of_doubles);
        for lane in 0..8 {
            (machine.vectors[number][lane], before.vectors[number][lane]) =
                fill.value(&mut machine, random, &mut inputs);
        }
    }
    for number in 0..8 {
        let mask = random.below(256);
        (machine.masks[number], before.masks[number]) = (Some((mask, 8)), mask);
    }

    let (pointer, place) = (-0x3000_i64, -0x2000 - 64 * random.below(32) as i64);
    set_address(cpu, &mut machine, &mut before, 4, (Region::Stack, pointer));
    let mut code =
        image.code(instruction.ip()).ok_or_else(|| Trial::Refused("no code".to_owned()))?[..instruction.len()].to_vec();
    // These touch no memory.
    let has_memory = !matches!(instruction.mnemonic(), Mnemonic::Nop | Mnemonic::Lea)
        && (0..instruction.op_count()).any(|operand| instruction.op_kind(operand) == OpKind::Memory);
    if has_memory {
        let size = if instruction.is_broadcast() { 8 } else { instruction.memory_size().size().max(1) };
        let (base, index) = (instruction.memory_base(), instruction.memory_index());
        if base == Register::RIP {
            // The same constants, within reach.
            let address = instruction.memory_displacement64();
            if let Some(bytes) = image.constant(address, size) {
                before.operand[0x1000..0x1000 + size].copy_from_slice(bytes);
            }
            let target = cpu.address(cpu::OPERAND + 0x1000);
            let from = cpu.place_of(&code).ok_or_else(|| Trial::Refused("no place".to_owned()))? + code.len() as u64;
            let mut decoder = Decoder::with_ip(64, &code, instruction.ip(), DecoderOptions::NONE);
            let decoded = decoder.decode();
            let at = decoder.get_constant_offsets(&decoded).displacement_offset();
            let distance = target.wrapping_sub(from) as u32;
            code[at..at + 4].copy_from_slice(&distance.to_le_bytes());
        } else {
            if base == index || base == Register::None || index == Register::RSP {
                return Err(Trial::Refused("an address of one register twice".to_owned()));
            }
            let mut offset = instruction.memory_displacement64().cast_signed();
            if index != Register::None {
                let (number, _) = Machine::number(index)?;
                let times = random.below(16);
                (machine.general[number], before.general[number]) = (Value::Constant(times), times);
                offset = offset.wrapping_add(times as i64 * i64::from(instruction.memory_index_scale()));
            }
            let (number, _) = Machine::number(base)?;
            let target = if number == 4 {
                (Region::Stack, place)
            } else {
                (Region::Operand(0), 0x2000 + 64 * random.below(32) as i64)
            };
            set_address(cpu, &mut machine, &mut before, number, (target.0, target.1.wrapping_sub(offset)));
            let fill = Fill::any(random, of_doubles);
            let cell = size.min(8);
            for at in (0..size).step_by(cell) {
                let fill = if let (Fill::Free(bits), true) = (fill, cell < 8) {
                    Fill::Free(bits.min(8 * cell as u32))
                } else {
                    fill
                };
                let (mut value, mut word) = fill.value(&mut machine, random, &mut inputs);
                if cell < 8 {
                    word &= (1 << (8 * cell)) - 1;
                    value = match value {
                        Value::Constant(_) => Value::Constant(word),
                        Value::Bits(_) => machine.low(value, 8 * cell as u32)?,
                        _ => value,
                    };
                }
                machine.put(target.0, target.1 + at as i64, cell as u8, value);
                let (buffer, start) = if number == 4 {
                    (&mut before.stack, cpu::BUFFER as i64 + target.1)
                } else {
                    (&mut before.operand, target.1)
                };
                let start = start as usize + at;
                buffer[start..start + cell].copy_from_slice(&word.to_le_bytes()[..cell]);
            }
        }
    } else if instruction.mnemonic() == Mnemonic::Pop {
        let (value, word) = Fill::Free(64).value(&mut machine, random, &mut inputs);
        machine.put(Region::Stack, pointer, 8, value);
        let start = (cpu::BUFFER as i64 + pointer) as usize;
        before.stack[start..start + 8].copy_from_slice(&word.to_le_bytes());
    }

    // A case is what the numbers are.
    while let Err(refused) = machine.step(instruction) {
        let Some((id, ..)) = refused.case else { return Err(refused.into()) };
        let values = evaluate(&machine, &inputs, random.secret);
        machine.cases.push((id, values[id as usize].to_i128().unwrap_or_default()));
    }
    let after = cpu.run(&code, &before).ok_or_else(|| Trial::Refused("no code around it".to_owned()))?;
    compare_states(cpu, &mut machine, instruction, (&inputs, random.secret), (&before, &after))
        .map_err(|what| Trial::Wrong(format!("{what}; before: {:x?}", before.general)))
}

/// Sets the carry as it is wanted, and the zero flag.
fn set_flags(
    machine: &mut Machine<'_>,
    before: &mut State,
    (kind, carry): (CarryKind, bool),
    random: &mut Random,
    inputs: &mut Vec<BigInt>,
) -> Result<(), Refused> {
    machine.flags.carry = match kind {
        CarryKind::Known => Carry::Known(carry),
        CarryKind::Number => {
            let (bits, is_sum) = ([32, 64][random.below(2) as usize], random.below(2) == 1);
            let (a, b) = loop {
                let (a, b) = (random.word(), random.word());
                let (x, y) = (a << (64 - bits), b << (64 - bits));
                if carry == if is_sum { x.checked_add(y).is_none() } else { x < y } {
                    break (a, b);
                }
            };
            let [a, b] = [a, b].map(|word| {
                inputs.push(word.into());
                Value::Word(machine.graph.input(Range::new(0, u64::MAX)))
            });
            if is_sum { Carry::OfSum(a, b, None, bits) } else { Carry::OfDifference(a, b, None, bits) }
        }
        CarryKind::Secret => loop {
            random.secret = random.below(64) as usize;
            let (value, bit) = secret_flag(machine, random)?;
            if bit == carry {
                break Carry::Secret(value);
            }
        },
    };
    before.flags |= u64::from(carry);
    let zero = if random.below(4) == 0 {
        let (value, bit) = secret_flag(machine, random)?;
        machine.flags.secret_zero = Some(value);
        bit
    } else {
        let zero = random.below(2) == 1;
        machine.flags.zero = Some(zero);
        zero
    };
    before.flags |= u64::from(zero) << 6;
    Ok(())
}

/// A flag that is a secret bit, or depends on two, and what it is.
fn secret_flag(machine: &mut Machine<'_>, random: &mut Random) -> Result<(Value, bool), Refused> {
    let [one, other] = [0, 1].map(|_| {
        let mut bits = [CLEAR; 64];
        bits[0] = SECRET[random.below(6) as usize];
        machine.word_of_bits(&bits)
    });
    let value = if random.below(2) == 0 { one } else { machine.combine(Operation::And, one, other)? };
    Ok((value, machine.given(value, &SECRET, random.secret) == Value::Constant(1)))
}

/// Sets a register to a place in a buffer.
fn set_address(
    cpu: &Cpu,
    machine: &mut Machine<'_>,
    state: &mut State,
    number: usize,
    (region, offset): (Region, i64),
) {
    machine.general[number] = Value::Address(region, offset);
    state.general[number] = address_of(cpu, region, offset);
}

fn address_of(cpu: &Cpu, region: Region, offset: i64) -> u64 {
    let start = match region {
        Region::Stack => cpu::STACK + cpu::BUFFER,
        _ => cpu::OPERAND,
    };
    cpu.address(start).wrapping_add_signed(offset)
}

/// The values of the nodes. Words of secret bits that have become numbers follow the inputs.
fn evaluate(machine: &Machine<'_>, inputs: &[BigInt], secret: usize) -> Vec<BigInt> {
    let all = (0..machine.graph.nodes.len() as Id).filter(|&id| *machine.graph.kind(id) == Kind::Input);
    let more: Vec<BigInt> = all
        .skip(inputs.len())
        .map(|id| {
            let bits = machine.bits_of(Value::Word(id)).unwrap_or([CLEAR; 64]);
            let is_set = |bit: Bit| bit == SET || SECRET.contains(&bit) && secret >> bit & 1 == 1;
            bits.iter().rev().fold(BigInt::zero(), |word, &bit| (word << 1) + i32::from(is_set(bit)))
        })
        .collect();
    let mut inputs = inputs.iter().chain(&more);
    machine.graph.evaluate(|| inputs.next().cloned().unwrap_or_default())
}

/// Compares what the machine says with what the CPU has left.
fn compare_states(
    cpu: &Cpu,
    machine: &mut Machine<'_>,
    instruction: &Instruction,
    (inputs, secret): (&[BigInt], usize),
    (before, after): (&State, &State),
) -> Result<(), String> {
    let known = |machine: &Machine<'_>, value| match machine.given(value, &SECRET, secret) {
        Value::Constant(value) => Some(value),
        _ => None,
    };
    let (secret_carry, secret_zero) = match machine.flags {
        Flags { carry: Carry::Secret(carry), secret_zero, .. } => (known(machine, carry), secret_zero),
        Flags { secret_zero, .. } => (None, secret_zero),
    };
    let secret_zero = secret_zero.and_then(|zero| known(machine, zero));
    let carry = if let Carry::Undefined = machine.flags.carry { None } else { machine.carry().ok() };
    let values = evaluate(machine, inputs, secret);
    for (id, node) in machine.graph.nodes.iter().enumerate() {
        if values[id] < node.range.least || node.range.greatest < values[id] {
            return Err(format!("a number is outside its range: {:?}", node.kind));
        }
    }
    let word = |id: u32| (&values[id as usize] & BigInt::from(u64::MAX)).to_u64().unwrap_or_default();
    // Whether a word is what the machine says.
    #[allow(clippy::float_cmp, reason = "both are the same integer, or the machine is wrong")]
    let is_right = |value: Value, found: u64| match machine.given(value, &SECRET, secret) {
        Value::Undefined | Value::Saved(_) | Value::Return(_) | Value::Import(_) => true,
        // They are given.
        Value::Bits(_) | Value::Table(_) => false,
        Value::Different(x, y) => found == word(x) ^ word(y),
        Value::Constant(expected) => found == expected,
        Value::Word(id) => found == word(id),
        Value::Halves(low, high) => found == word(low) | word(high) << 32,
        Value::Byte(id) => found & 0xff == word(id),
        Value::Double(id) => f64::from_bits(found) == values[id as usize].to_f64().unwrap_or(f64::NAN),
        // The program is elsewhere, and only `lea` makes its addresses.
        Value::Address(Region::Image, _) => instruction.mnemonic() == Mnemonic::Lea,
        Value::Address(region, offset) => found == address_of(cpu, region, offset),
    };
    for number in 0..16 {
        if !is_right(machine.general[number], after.general[number]) {
            return Err(format!(
                "general register {number}: {:?} is {:#x}",
                machine.general[number], after.general[number]
            ));
        }
    }
    let vectors = if std::is_x86_feature_detected!("avx512f") { (32, 8) } else { (16, 4) };
    for number in 0..vectors.0 {
        for lane in 0..vectors.1 {
            let (value, found) = (machine.vectors[number][lane], after.vectors[number][lane]);
            if !is_right(value, found) {
                return Err(format!("lane {lane} of vector {number}: {value:?} is {found:#x}"));
            }
        }
    }
    for number in 0..8 {
        if let Some((mask, bits)) = machine.masks[number]
            && vectors.0 == 32
            && (mask ^ after.masks[number]) << (64 - bits) != 0
        {
            return Err(format!("mask {number}"));
        }
    }
    let flag = |bit: u32| after.flags >> bit & 1;
    if carry.is_some_and(|carry| word(carry) != flag(0)) {
        return Err("the carry".to_owned());
    }
    if secret_carry.is_some_and(|carry| carry != flag(0)) || secret_zero.is_some_and(|zero| zero != flag(6)) {
        return Err("a flag that depends on secret bits".to_owned());
    }
    if machine.flags.zero.is_some_and(|zero| u64::from(zero) != flag(6)) {
        return Err("the zero flag".to_owned());
    }
    for (region, found, start, original) in [
        (Region::Operand(0), &after.operand, 0, &before.operand),
        (Region::Stack, &after.stack, cpu::BUFFER as i64, &before.stack),
    ] {
        // Where the machine says nothing, nothing has changed.
        let mut expected = original.clone();
        for (offset, size, value) in machine.cells(region) {
            let Ok(at) = usize::try_from(start + offset) else { continue };
            let size = usize::from(size);
            if at + size > found.len() {
                continue;
            }
            let mut bytes = [0; 8];
            bytes[..size].copy_from_slice(&found[at..at + size]);
            if !is_right(value, u64::from_le_bytes(bytes)) {
                return Err(format!("memory: {value:?} is {:#x}", u64::from_le_bytes(bytes)));
            }
            expected[at..at + size].copy_from_slice(&found[at..at + size]);
        }
        if expected != *found {
            return Err("memory that the machine does not write".to_owned());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use iced_x86::Code;

    use super::*;

    fn decoded(image: &Image) -> Vec<Instruction> {
        let mut out = Vec::new();
        let mut at = Image::CODE;
        while at < image.end() {
            let code = image.code(at).unwrap();
            out.push(Decoder::with_ip(64, code, at, DecoderOptions::NONE).decode());
            at = out[out.len() - 1].next_ip();
        }
        out
    }

    #[test]
    fn each_immediate_and_each_carry_is_compared() {
        let shifts = (1..8).map(|by| Instruction::with2(Code::Shr_rm64_imm8, Register::RAX, by).unwrap());
        let sum = Instruction::with2(Code::Adc_r64_rm64, Register::RAX, Register::RBX).unwrap();
        let image = Image::of_code(&shifts.chain([sum]).collect::<Vec<_>>());
        let report = compare(&image, decoded(&image).iter(), 1).expect("a CPU with AVX2");
        assert_eq!(report.wrong, [""; 0]);
        let form = "Shr_rm64_imm8".to_owned();
        let all = (1..8).map(|by| (form.clone(), vec![by]));
        assert_eq!(report.immediates, all.collect());
        assert_eq!(report.forms[&form], PLACES * RUNS + 4 * MORE_RUNS);
        let carries = CARRY_KINDS.iter().flat_map(|&kind| [false, true].map(|carry| (Mnemonic::Adc, kind, carry)));
        assert_eq!(report.carries, carries.collect());
    }
}
