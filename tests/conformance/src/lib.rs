//! Plays a correct client, and every attack that `vectors/SPECIFICATION.md` names, against a server of Amazon Cognito's SRP
//! sign-in.
//!
//! ```console
//! $ COGNITO_PASSWORD='Passw0rd!' cargo run -p conformance -- --endpoint http://127.0.0.1:9229/ \
//!     --pool-id us-east-1_LocalPool --client-id localpoolclient --username alice
//! ```
//!
//! [`checks`](list) names all checks. Each has what is expected, a section of the page to read, and a function that talks to
//! the server and says what it did. Where nobody knows what the service does, the check is information and fails no run.

#![forbid(unsafe_code)]
#![allow(
    missing_docs,
    missing_debug_implementations,
    clippy::missing_errors_doc,
    clippy::must_use_candidate,
    reason = "only the program in this package and the tests use this library"
)]

mod bench;
mod check;
mod checks;
mod exchange;
mod options;
mod report;
mod wire;

pub use check::{Check, Finding, Kind, Verdict};
pub use options::{Command, HELP, Options};
pub use report::{Line, Report};

use bench::{Bench, RIGHT};

/// Runs the chosen checks in their order, and shows each line as it comes.
///
/// # Errors
///
/// A text, if the server cannot be reached or has no such check.
pub fn run(options: &Options, mut each: impl FnMut(&Line)) -> Result<Report, String> {
    let bench = Bench::new(options)?;
    let mut reached = bench.reach()?;
    let mut report = Report { seed: bench.seed, lines: Vec::new() };
    let chosen: Vec<_> = checks::ALL.iter().filter(|check| options.runs(check.name)).collect();
    // Without `right` among them it comes first, and is a line of the report only if it fails.
    let is_needed = chosen.iter().any(|check| check.rests_on_right()) && !options.runs(RIGHT);
    let unasked = checks::ALL.iter().filter(|check| is_needed && check.name == RIGHT);
    for check in unasked.chain(chosen) {
        bench.begin(check.name);
        let finding = match &mut reached {
            Ok(()) => check.judge(&bench),
            // Without a challenge there is nothing to check.
            Err(first) => std::mem::replace(first, Finding::skipped("no challenge for the user")),
        };
        bench.remember(check.name, &finding);
        if !options.runs(check.name) && finding.verdict != Verdict::Fail {
            continue;
        }
        let line = Line { check, finding, seed: bench.seed };
        each(&line);
        report.lines.push(line);
    }
    Ok(report)
}

/// Returns a line for each check: its name and what is expected.
pub fn list() -> String {
    let width = checks::ALL.iter().map(|check| check.name.len()).max().unwrap_or(0);
    let line = |check: &Check| format!("{:width$}  {}\n", check.name, check.expected());
    checks::ALL.iter().fold(String::new(), |text, check| text + &line(check))
}
