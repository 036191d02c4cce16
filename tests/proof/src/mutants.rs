//! Mutants: the program with one bit changed, of an instruction that runs or of a constant that is read. The proof must refuse
//! each, or the mutant computes the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use iced_x86::{Decoder, DecoderOptions, Instruction};

use crate::claims::{Claim, Effort, Operation};
use crate::contracts::Functions;
use crate::image::Image;
use crate::powers::Lengths;
use crate::product::Proved;
use crate::select;

/// What has become of mutants.
#[derive(Debug, Default)]
pub struct Count {
    pub mutants: usize,
    pub refused: usize,
    /// Bits that the processor ignores, or that choose another encoding of the same instruction.
    pub same_instruction: usize,
    /// The result is made of the digits of the operands in the same way, or of the same entries as runs with numbers show. What
    /// changes is another slot of the stack, or a number that nothing uses.
    pub same_result: usize,
    /// Neither: places that nothing explains.
    pub unexplained: Vec<String>,
}

/// Instructions that a mutant may run beyond those of the function.
const MORE_STEPS: usize = 5000;

/// A bit of the program.
type Bit = (u64, u32);

/// Makes mutants of a proved function: all of them, or so many in an order that the seed chooses.
pub fn run(image: &Image, claim: &Claim, (address, functions): (u64, &Functions), most: usize, seed: u64) -> Count {
    let effort = Effort { lengths: Lengths::One, most_steps: None };
    let proved = &match claim.prove(image, address, functions, effort) {
        Ok(proved) => proved,
        Err(refused) => return Count { unexplained: vec![refused.to_string()], ..Count::default() },
    };
    let mut bytes: BTreeSet<u64> = proved.read.clone();
    for instruction in proved.executed.values() {
        bytes.extend(instruction.ip()..instruction.next_ip());
    }
    let mut bits: Vec<Bit> = bytes.into_iter().flat_map(|byte| (0..8).map(move |bit| (byte, bit))).collect();
    shuffle(&mut bits, seed);
    bits.truncate(most);

    let (next, count) = (AtomicUsize::new(0), Mutex::new(Count::default()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(&bit) = bits.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let fate = try_one(image, claim, (address, functions), proved, bit);
                    count.lock().expect("no thread panics").add(bit, fate);
                }
            });
        }
    });
    count.into_inner().expect("no thread panics")
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Refused,
    SameInstruction,
    SameResult,
    Unexplained,
}

impl Count {
    fn add(&mut self, (address, bit): Bit, fate: Fate) {
        self.mutants += 1;
        match fate {
            Fate::Refused => self.refused += 1,
            Fate::SameInstruction => self.same_instruction += 1,
            Fate::SameResult => self.same_result += 1,
            Fate::Unexplained => self.unexplained.push(format!("bit {bit} of {address:#x}")),
        }
    }
}

fn try_one(
    image: &Image,
    claim: &Claim,
    (address, functions): (u64, &Functions),
    proved: &Proved,
    (byte, bit): Bit,
) -> Fate {
    let mut mutant = image.clone();
    mutant.flip(byte, bit);
    let effort = Effort { lengths: Lengths::One, most_steps: Some(proved.longest + MORE_STEPS) };
    match claim.prove(&mutant, address, functions, effort) {
        Ok(outcome) => fate_of_accepted(claim, (image, &mutant), address, (proved, &outcome), byte),
        Err(_) => Fate::Refused,
    }
}

/// Says why a mutant is proved although it differs from the program in a byte.
fn fate_of_accepted(
    claim: &Claim,
    (image, mutant): (&Image, &Image),
    address: u64,
    (proved, outcome): (&Proved, &Proved),
    byte: u64,
) -> Fate {
    if let Some(original) = instruction_at(&proved.executed, byte)
        && mutant.code(original.ip()).is_some_and(|code| {
            let decoded = Decoder::with_ip(64, code, original.ip(), DecoderOptions::NONE).decode();
            decoded == *original && decoded.len() == original.len()
        })
    {
        return Fate::SameInstruction;
    }
    let most_steps = proved.longest + MORE_STEPS;
    if outcome.numbers == proved.numbers && computes_the_same(claim, (image, mutant), address, most_steps) {
        Fate::SameResult
    } else {
        Fate::Unexplained
    }
}

/// Whether an accepted mutant computes what the program does, where the digest of a proof does not tell.
fn computes_the_same(claim: &Claim, programs: (&Image, &Image), address: u64, most_steps: usize) -> bool {
    match claim.operation {
        Operation::Select | Operation::SelectPlain => {
            let is_plain = claim.operation == Operation::SelectPlain;
            select::agree(programs, &claim.format, address, is_plain, most_steps)
        }
        _ => true,
    }
}

fn instruction_at(executed: &BTreeMap<u64, Instruction>, address: u64) -> Option<&Instruction> {
    executed.range(..=address).next_back().map(|entry| entry.1).filter(|instruction| address < instruction.next_ip())
}

/// Fisher and Yates, with numbers of Marsaglia's xorshift.
fn shuffle(bits: &mut [Bit], seed: u64) {
    let mut state = seed | 1;
    for i in (1..bits.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bits.swap(i, (state % (i as u64 + 1)) as usize);
    }
}

impl std::ops::AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.mutants += other.mutants;
        self.refused += other.refused;
        self.same_instruction += other.same_instruction;
        self.same_result += other.same_result;
        self.unexplained.extend(other.unexplained);
    }
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} mutants: {} refused, {} are the same instruction, {} compute the same result, {} are not explained",
            self.mutants,
            self.refused,
            self.same_instruction,
            self.same_result,
            self.unexplained.len()
        )?;
        for place in &self.unexplained {
            write!(f, "\n    not explained: {place}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use iced_x86::{Code, Instruction, MemoryOperand, Register as R};

    use super::*;
    use crate::format::Format;

    /// A `select` that copies the entry, and sets a register that nothing uses.
    fn select() -> Image {
        let at = |base| MemoryOperand::with_base_index(base, R::RAX);
        let mut code = vec![
            Instruction::with2(Code::Mov_r32_imm32, R::R8D, 5).unwrap(),
            Instruction::with2(Code::And_rm32_imm8, R::ECX, 31).unwrap(),
            Instruction::with3(Code::Imul_r64_rm64_imm32, R::RCX, R::RCX, 640).unwrap(),
            Instruction::with2(Code::Add_rm64_r64, R::RSI, R::RCX).unwrap(),
            Instruction::with2(Code::Mov_r32_imm32, R::EAX, 64).unwrap(),
        ];
        let again = Image::of_code(&code).end();
        code.extend([
            Instruction::with2(Code::Mov_r64_rm64, R::RDX, at(R::RSI)).unwrap(),
            Instruction::with2(Code::Mov_rm64_r64, at(R::RDI), R::RDX).unwrap(),
            Instruction::with2(Code::Add_rm64_imm8, R::RAX, 8).unwrap(),
            Instruction::with2(Code::Cmp_rm64_imm32, R::RAX, 64 + 8 * 64).unwrap(),
            Instruction::with_branch(Code::Jb_rel8_64, again).unwrap(),
            Instruction::with(Code::Retnq),
        ]);
        Image::of_code(&code)
    }

    /// The bits of constants of its first two instructions.
    const UNUSED: Bit = (Image::CODE + 2, 1);
    const INDEX: Bit = (Image::CODE + 8, 4);

    #[test]
    fn a_mutant_of_select_computes_the_same_only_if_runs_show_it() {
        let image = select();
        let format = Format::digits51();
        let claim = Claim { backend: "ifma", operation: Operation::Select, function: "select", format };
        let functions = Functions::default();
        let effort = Effort { lengths: Lengths::One, most_steps: None };
        let proved = claim.prove(&image, Image::CODE, &functions, effort).unwrap();
        assert_eq!(try_one(&image, &claim, (Image::CODE, &functions), &proved, UNUSED), Fate::SameResult);
        assert_eq!(try_one(&image, &claim, (Image::CODE, &functions), &proved, INDEX), Fate::Refused);
        // If the prover accepted a mutant that writes other entries for half of the indices, the runs would show it.
        let mut mutant = image.clone();
        mutant.flip(INDEX.0, INDEX.1);
        assert_eq!(
            fate_of_accepted(&claim, (&image, &mutant), Image::CODE, (&proved, &proved), INDEX.0),
            Fate::Unexplained
        );
    }
}
