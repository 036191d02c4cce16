//! Mutants: the program with one bit changed, of an instruction that runs or of a constant that is read. The proof must refuse
//! each, or the mutant computes the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use iced_x86::{Decoder, DecoderOptions, Instruction};

use crate::claims::{Claim, Effort};
use crate::image::Image;
use crate::powers::{Functions, Lengths};
use crate::product::Proved;

/// What has become of mutants.
#[derive(Debug, Default)]
pub struct Count {
    pub mutants: usize,
    pub refused: usize,
    /// Bits that the processor ignores, or that choose another encoding of the same instruction.
    pub same_instruction: usize,
    /// The result is made of the digits of the operands in the same way. What changes is another slot of the stack, or a number that
    /// nothing uses.
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

#[derive(Clone, Copy)]
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
    let Ok(outcome) = claim.prove(&mutant, address, functions, effort) else { return Fate::Refused };
    if let Some(original) = instruction_at(&proved.executed, byte)
        && mutant.code(original.ip()).is_some_and(|code| {
            let decoded = Decoder::with_ip(64, code, original.ip(), DecoderOptions::NONE).decode();
            decoded == *original && decoded.len() == original.len()
        })
    {
        return Fate::SameInstruction;
    }
    if outcome.numbers == proved.numbers { Fate::SameResult } else { Fate::Unexplained }
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
