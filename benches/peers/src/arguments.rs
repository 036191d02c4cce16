//! The command line.

use std::path::PathBuf;

use cognito_srp6a::hazmat::Backend;
use lexopt::prelude::*;

use crate::Result;
use crate::name::Name;

const USAGE: &str = "\
Usage: cargo run --release -p peers -- [OPTIONS]

  --backend NAME   our backend: auto (the default), or one that this machine has, such as portable or ifma
  --only NAME,...  measure only these
  --rounds N       samples for each peer, of which the median counts (default 15)
  --json           one object a line instead of the table
  --svg FILE       also write the chart";

/// The median of fewer samples is not reliable.
const MIN_ROUNDS: usize = 15;

pub struct Arguments {
    /// `None` lets the crate choose the backend.
    pub backend: Option<Backend>,
    pub names: Vec<Name>,
    pub rounds: usize,
    pub json: bool,
    pub svg: Option<PathBuf>,
}

impl Arguments {
    /// Returns the command that reproduces the same rows.
    pub fn command(&self) -> String {
        let backend = self.backend.map_or("auto", Backend::name);
        let features = [
            ("aws-lc", cfg!(feature = "aws-lc")),
            ("gmp-6-3", cfg!(feature = "gmp-6-3")),
            ("wolfssl", cfg!(feature = "wolfssl")),
        ];
        let features: Vec<_> = features.iter().filter(|(_, is_on)| *is_on).map(|(name, _)| *name).collect();
        let features = match features[..] {
            [] => String::new(),
            [_, _, _] => " --features anchors".into(),
            _ => format!(" --features {}", features.join(",")),
        };
        let mut command = format!("cargo run --release -p peers{features} -- --backend {backend}");
        if self.names != Name::ALL {
            let names: Vec<_> = self.names.iter().map(ToString::to_string).collect();
            command = format!("{command} --only {}", names.join(","));
        }
        if self.rounds != MIN_ROUNDS {
            command = format!("{command} --rounds {}", self.rounds);
        }
        command
    }
}

/// Reads the command line. For `--help` it prints the usage and returns `None`.
pub fn parse() -> Result<Option<Arguments>> {
    let mut arguments =
        Arguments { backend: None, names: Name::ALL.to_vec(), rounds: MIN_ROUNDS, json: false, svg: None };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("backend") => arguments.backend = parse_backend(&parser.value()?.string()?)?,
            Long("only") => arguments.names = parse_names(&parser.value()?.string()?)?,
            Long("rounds") => arguments.rounds = parser.value()?.parse::<usize>()?,
            Long("json") => arguments.json = true,
            Long("svg") => arguments.svg = Some(parser.value()?.into()),
            Short('h') | Long("help") => {
                println!("{USAGE}");
                return Ok(None);
            }
            other => return Err(format!("{}\n\n{USAGE}", other.unexpected()).into()),
        }
    }
    if arguments.rounds < MIN_ROUNDS {
        return Err(format!("--rounds must be at least {MIN_ROUNDS}").into());
    }
    Ok(Some(arguments))
}

/// Finds a backend by name among those that this machine can run.
fn parse_backend(wanted: &str) -> Result<Option<Backend>> {
    if wanted == "auto" {
        return Ok(None);
    }
    let all = Backend::all();
    let found = all.iter().find(|backend| backend.name() == wanted);
    found.copied().map(Some).ok_or_else(|| {
        let names: Vec<_> = all.iter().map(|backend| backend.name()).collect();
        format!("this machine has no backend `{wanted}`; it has auto, {}", names.join(", ")).into()
    })
}

/// Reads a list of names and sorts it in the order of measurement.
fn parse_names(list: &str) -> Result<Vec<Name>> {
    let wanted = list.split(',').map(str::parse).collect::<std::result::Result<Vec<Name>, _>>()?;
    Ok(Name::ALL.into_iter().filter(|name| wanted.contains(name)).collect())
}
