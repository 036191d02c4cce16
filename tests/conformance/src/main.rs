//! The program. The documentation of the library describes it.

#![forbid(unsafe_code)]

use std::io::{self, Write as _};
use std::process::ExitCode;

use conformance::{Command, HELP, Options, list, run};

fn main() -> ExitCode {
    match Options::from_arguments(std::env::args_os().skip(1)) {
        Ok(Command::Help) => print(HELP),
        Ok(Command::List) => print(&list()),
        Ok(Command::Run(options)) => check(&options),
        Err(error) => usage(&format!("{}. See --help.", error.to_string().trim_end_matches('.'))),
    }
}

/// Runs the checks and prints the report.
fn check(options: &Options) -> ExitCode {
    let json = options.json;
    let each = |line: &conformance::Line| {
        if json {
            print(&format!("{}\n", line.to_json()));
        } else {
            eprintln!("{}: {}", line.check.name, line.finding.verdict);
        }
    };
    match run(options, each) {
        Ok(report) => {
            if !json {
                print(&report.to_string());
            }
            ExitCode::from(u8::from(report.failures() != 0))
        }
        Err(error) => usage(&error),
    }
}

fn usage(error: &str) -> ExitCode {
    eprintln!("cognito-conformance: {error}");
    ExitCode::from(2)
}

/// Prints a text. A reader that has gone is no error of ours.
fn print(text: &str) -> ExitCode {
    let _ = io::stdout().write_all(text.as_bytes());
    ExitCode::SUCCESS
}
