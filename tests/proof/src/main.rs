//! Proves the products of cognito-srp6a from the machine code of a program. `README.md` says what that means.

mod bits;
mod canonical;
mod claims;
mod contracts;
mod cpu;
mod doubles;
mod evaluate;
mod format;
mod image;
mod machine;
mod mutants;
mod nodes;
mod powers;
mod product;
mod scalar;
mod select;
mod semantics;
mod vector;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

use iced_x86::Instruction;

use crate::claims::claims;
use crate::format::modulus;
use crate::image::Image;
use crate::mutants::Count;
use crate::nodes::Id;
use crate::powers::Functions;

/// What the arithmetic consists of besides its products.
const NOT_PROVED: [&str; 11] = [
    "select of bmi2, portable and digits28",
    "load",
    "enter",
    "leave",
    "canonical",
    "select_plain",
    "add",
    "sub",
    "plus_product",
    "pow",
    "pow_g",
];

/// Why something is not proved.
#[derive(Clone, Debug)]
struct Refused {
    reason: String,
    at: Option<u64>,
    // A number that the proof must suppose a value for, and its range.
    case: Option<(Id, i128, i128)>,
}

impl Refused {
    fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), at: None, case: None }
    }

    fn of(reason: &str, instruction: &Instruction) -> Self {
        Self::new(format!("{reason}: {:?}", instruction.code()))
    }

    fn case(id: Id, least: i128, greatest: i128) -> Self {
        Self { case: Some((id, least, greatest)), ..Self::new("a case") }
    }

    fn at(mut self, address: u64) -> Self {
        self.at.get_or_insert(address);
        self
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.at {
            Some(address) => write!(f, "{} (at {address:#x})", self.reason),
            None => f.write_str(&self.reason),
        }
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// What the command line asks for.
struct Options {
    program: String,
    /// Mutants of each function, for every function in proportion.
    mutants: Option<usize>,
    seed: u64,
    /// Compares the instructions with the CPU.
    instructions: bool,
    /// Only this backend.
    only: Option<String>,
}

fn options() -> Result<Options, String> {
    let usage = "usage: proof [--only BACKEND] [--instructions] [--mutants NUMBER|all] [--seed NUMBER] PROGRAM";
    let mut options = Options { program: String::new(), mutants: None, seed: 1, instructions: false, only: None };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--only" {
            options.only = Some(arguments.next().ok_or(usage)?);
            continue;
        }
        let mut number =
            || arguments.next().and_then(|number| if number == "all" { Some(usize::MAX) } else { number.parse().ok() });
        match argument.as_str() {
            "--mutants" => options.mutants = Some(number().ok_or(usage)?),
            "--instructions" => options.instructions = true,
            "--seed" => options.seed = number().ok_or(usage)? as u64,
            _ if argument.starts_with('-') || !options.program.is_empty() => return Err(usage.to_owned()),
            _ => options.program = argument,
        }
    }
    if options.program.is_empty() { Err(usage.to_owned()) } else { Ok(options) }
}

/// Returns whether all is proved, and every mutant is refused or explained.
fn run() -> Result<bool, String> {
    let options = options()?;
    let data = std::fs::read(&options.program).map_err(|error| format!("{}: {error}", options.program))?;
    let image = Image::read(&data).map_err(|error| format!("{}: {error}", options.program))?;
    let mut failed = 0;
    let mut total = Count::default();
    let mut executed: BTreeMap<u64, Instruction> = BTreeMap::new();
    let mut known: BTreeMap<&str, Functions> = BTreeMap::new();
    for claim in claims() {
        if options.only.as_ref().is_some_and(|only| only != claim.backend) {
            continue;
        }
        let what = format!("{} {}", claim.backend, claim.operation);
        let functions = known.entry(claim.backend).or_default();
        let start = Instant::now();
        let outcome = claim.find(&image, functions).and_then(|function| {
            let Some(function) = function else { return Ok(None) };
            Ok(Some((function.address, claim.prove(&image, function.address, functions, product::MOST_STEPS)?)))
        });
        let (address, proved) = match outcome {
            Ok(Some(proved)) => proved,
            Ok(None) => {
                println!("{what:<18} is no function of this program: it is proved in its callers");
                continue;
            }
            Err(refused) => {
                println!("NOT PROVED: {what}: {refused}");
                failed += 1;
                continue;
            }
        };
        let shown = if let Some(value) = &proved.value {
            // Rounded up.
            let thousandths = value * 1000_u32 / modulus() + 1_u32;
            format!("result < {}.{:03} N", &thousandths / 1000_u32, &thousandths % 1000_u32)
        } else {
            "the entry that the index names".to_owned()
        };
        println!(
            "{what:<18} {:>6} instructions, {:>6} values, {shown}, {:.2} s",
            proved.steps,
            proved.nodes,
            start.elapsed().as_secs_f64()
        );
        executed.extend(&proved.executed);
        if let Some(mutants) = options.mutants {
            let start = Instant::now();
            // Those with cases take longer.
            let mutants =
                if claim.format.cut.is_none() && claim.format.size() == 8 { mutants.div_ceil(4) } else { mutants };
            let count = mutants::run(&image, &claim, (address, functions), &proved, mutants, options.seed);
            println!("{:<18} {count}, {:.0} s", "", start.elapsed().as_secs_f64());
            total += count;
        }
        claim.add_to(functions, address);
    }
    println!("not proved yet, only tested: {}", NOT_PROVED.join(", "));
    if options.mutants.is_some() {
        println!("{total}");
    }
    let is_read_right = !options.instructions || compare_instructions(&image, &executed, options.seed)?;
    Ok(failed == 0 && total.unexplained.is_empty() && is_read_right)
}

/// Compares the machine's reading of the instructions with the CPU, and returns whether they agree.
fn compare_instructions(image: &Image, executed: &BTreeMap<u64, Instruction>, seed: u64) -> Result<bool, String> {
    let report = semantics::compare(image, executed.values(), seed).ok_or("no memory that can be run, or no AVX2")?;
    println!("{} forms of instructions are read as this CPU runs them, in {} runs", report.forms.len(), report.runs);
    for (form, why_not) in &report.not_run {
        println!("    not run: {form}: {why_not}");
    }
    for wrong in &report.wrong {
        println!("    WRONG: {wrong}");
    }
    Ok(report.wrong.is_empty())
}
