//! Proves the arithmetic of cognito-srp6a from the machine code of a program. `README.md` says what that means.

mod bits;
mod canonical;
mod claims;
mod contracts;
mod cpu;
mod doubles;
mod equations;
mod evaluate;
mod exponents;
mod format;
mod group;
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

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use iced_x86::Instruction;

use crate::claims::{Effort, claims};
use crate::contracts::Functions;
use crate::image::Image;
use crate::mutants::Count;
use crate::nodes::Id;
use crate::powers::Lengths;

/// What is only tested. `README.md` says why.
const NOT_PROVED: [&str; 3] = [
    "powers of other lengths (--all-lengths proves all)",
    "the server's equations (B, S), and that A and v are g^a and g^x: parts of functions that do more",
    "Element::reduce and read, and bytes to and from numbers and exponents, but for the x of the client's S",
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
    lengths: Lengths,
}

fn options() -> Result<Options, String> {
    let usage = "usage: proof [--only BACKEND] [--one-length|--all-lengths] [--instructions] [--mutants NUMBER|all] [--seed NUMBER] PROGRAM";
    let mut options = Options {
        program: String::new(),
        mutants: None,
        seed: 1,
        instructions: false,
        only: None,
        lengths: Lengths::Usual,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number =
            || arguments.next().and_then(|number| if number == "all" { Some(usize::MAX) } else { number.parse().ok() });
        match argument.as_str() {
            "--mutants" => options.mutants = Some(number().ok_or(usage)?),
            "--instructions" => options.instructions = true,
            "--one-length" => options.lengths = Lengths::One,
            "--all-lengths" => options.lengths = Lengths::All,
            "--seed" => options.seed = number().ok_or(usage)? as u64,
            "--only" => options.only = Some(arguments.next().ok_or(usage)?),
            _ if argument.starts_with('-') || !options.program.is_empty() => return Err(usage.to_owned()),
            _ => options.program = argument,
        }
    }
    if options.program.is_empty() { Err(usage.to_owned()) } else { Ok(options) }
}

/// What has been shown, of one backend or of all.
#[derive(Default)]
struct Report {
    failed: usize,
    total: Count,
    executed: BTreeMap<u64, Instruction>,
    /// The functions on which later claims rest.
    functions: Functions,
    /// The addresses of all functions that have a proved claim.
    addresses: BTreeSet<u64>,
}

impl Report {
    fn add(&mut self, other: Self) {
        self.failed += other.failed;
        self.total += other.total;
        self.executed.extend(other.executed);
        self.functions.extend(other.functions);
        self.addresses.extend(other.addresses);
    }
}

/// Returns whether all is proved, and every mutant is refused or explained.
fn run() -> Result<bool, String> {
    let options = options()?;
    let data = std::fs::read(&options.program).map_err(|error| format!("{}: {error}", options.program))?;
    let image = Image::read(&data).map_err(|error| format!("{}: {error}", options.program))?;
    let is_wanted = |name: &&str| options.only.as_ref().is_none_or(|only| only == name);
    // Those that take long first.
    let names: Vec<&str> = claims::names().rev().filter(is_wanted).collect();
    let (next, report) = (AtomicUsize::new(0), Mutex::new(Report::default()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let of_one = prove_claims(&image, name, &options, Functions::default());
                    print_unproved_callers(&image, name, &of_one);
                    report.lock().expect("no thread panics").add(of_one);
                }
            });
        }
    });
    let mut report = report.into_inner().expect("no thread panics");
    if options.only.is_some() || report.failed != 0 {
        println!("{}: not tried, because they rest on all others", claims::EQUATIONS);
    } else {
        let functions = claims::for_equations(&image, report.functions.clone());
        report.add(prove_claims(&image, claims::EQUATIONS, &options, functions));
    }
    let Report { failed, total, executed, .. } = report;
    println!("not proved yet, only tested: {}", NOT_PROVED.join("; "));
    if options.mutants.is_some() {
        println!("{total}");
    }
    let is_read_right = !options.instructions || compare_instructions(&image, &executed, options.seed)?;
    Ok(!names.is_empty() && failed == 0 && total.unexplained.is_empty() && is_read_right)
}

/// Proves the claims about one backend, each of which may rest on those before it.
fn prove_claims(image: &Image, name: &str, options: &Options, mut functions: Functions) -> Report {
    let mut report = Report::default();
    let mut has_enter = true;
    for claim in claims().into_iter().filter(|claim| claim.backend == name) {
        let what = format!("{} {}", claim.backend, claim.operation);
        let start = Instant::now();
        let effort = Effort { lengths: options.lengths, most_steps: None };
        let outcome = claim.find(image, &functions).and_then(|function| {
            let Some(function) = function else { return Ok(None) };
            Ok(Some((function.address, claim.prove(image, function.address, &functions, effort)?)))
        });
        let (address, proved) = match outcome {
            Ok(Some(proved)) => proved,
            Ok(None) => {
                has_enter = false;
                continue;
            }
            Err(refused) => {
                println!("NOT PROVED: {what}: {refused}");
                report.failed += 1;
                continue;
            }
        };
        println!(
            "{what:<20} {:>8} instructions, {:>6} values, {}, {:.2} s",
            proved.steps,
            proved.nodes,
            claim.shown(&proved, options.lengths),
            start.elapsed().as_secs_f64()
        );
        if let (Some(at), false) = (proved.entered_at, has_enter) {
            let inside = image.function_at(at).map_or("code without a name", |function| function.name.as_str());
            println!(
                "{name} enter: no function has its name. x·R is proved where pow makes it: in {inside}, before {at:#x}"
            );
        }
        report.addresses.insert(address);
        report.executed.extend(&proved.executed);
        if let Some(mutants) = options.mutants {
            let start = Instant::now();
            // Those with cases, and those that look up a table themselves, take longer.
            let is_slow = claim.format.cut.is_none() && (claim.format.size() == 8 || claim.is_power());
            let mutants = if is_slow { mutants.div_ceil(4) } else { mutants };
            let count = mutants::run(image, &claim, (address, &functions), mutants, options.seed);
            println!("    mutants of {what}: {count}, {:.0} s", start.elapsed().as_secs_f64());
            report.total += count;
        }
        claim.add_to(&mut functions, address);
    }
    report.functions = functions;
    report
}

/// Names the functions that call a product and are not proved.
fn print_unproved_callers(image: &Image, name: &str, report: &Report) {
    let products: Vec<u64> = report
        .functions
        .of_residues
        .iter()
        .filter(|function| function.1.is_product())
        .map(|function| *function.0)
        .collect();
    let names: BTreeSet<&str> = powers::callers(image, &products)
        .into_iter()
        .filter(|caller| !report.addresses.contains(&caller.address))
        .map(|caller| caller.name.as_str())
        .collect();
    if !names.is_empty() {
        println!("{name}: only tested are the products that are called by {}", Vec::from_iter(names).join(", "));
    }
}

/// Compares the machine's reading of the instructions with the CPU, and returns whether they agree.
fn compare_instructions(image: &Image, executed: &BTreeMap<u64, Instruction>, seed: u64) -> Result<bool, String> {
    let report = semantics::compare(image, executed.values(), seed).ok_or("no memory that can be run, or no AVX2")?;
    println!(
        "{} forms of instructions, with {} immediates, are read as this CPU runs them, in {} runs",
        report.forms.len(),
        report.immediates.len(),
        report.runs
    );
    for (form, why_not) in &report.not_run {
        println!("    not run: {form}: {why_not}");
    }
    for wrong in &report.wrong {
        println!("    WRONG: {wrong}");
    }
    Ok(report.wrong.is_empty())
}
