//! Times `cognito-srp6a` against everything else that does the same work. See the package's README.

mod arguments;
mod candidate;
mod chart;
mod inputs;
mod machine;
mod measure;
mod name;
mod ours;
mod peer;
mod progress;
mod report;

use std::error::Error;
use std::process::ExitCode;

use arguments::Arguments;
use inputs::Inputs;
use peer::Peer;
use progress::Progress;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    match arguments::parse().and_then(|arguments| arguments.map_or(Ok(()), |arguments| run(&arguments))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("peers: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Checks and measures every peer under every requested name.
fn run(arguments: &Arguments) -> Result<()> {
    if let Some(backend) = arguments.backend {
        backend.use_everywhere();
    }
    let inputs = Inputs::new()?;
    let peers = peers(&inputs);
    let machine = machine::describe();
    // With `--json`, standard output carries only the objects, so text for the reader goes to standard error.
    eprintln!("{machine}");
    for peer in &peers {
        eprintln!("{}: {}", peer.who(), peer.version());
    }
    eprintln!();

    let variable_time: Vec<_> = peers.iter().filter(|peer| !peer.constant_time()).map(|peer| peer.who()).collect();
    let progress = Progress::new();
    let mut rows = Vec::new();
    for &name in &arguments.names {
        let mut candidates = Vec::new();
        for peer in &peers {
            progress.show(name, peer.who());
            let checked = peer.candidate(name, &inputs);
            candidates.extend(checked.map_err(|error| format!("{name}, {}: {error}", peer.who()))?);
        }
        let measured = measure::interleaved(name, candidates, arguments.rounds, &progress)?;
        progress.clear();
        report::print(&measured, &variable_time, arguments.json)?;
        rows.extend(measured);
    }
    if let Some(path) = &arguments.svg {
        std::fs::write(path, chart::draw(&rows, &machine, &peers[0].version(), &arguments.command()))?;
    }
    Ok(())
}

/// Returns all available peers, ours first, and reports the others.
fn peers(inputs: &Inputs) -> Vec<Box<dyn Peer>> {
    let mut peers: Vec<Box<dyn Peer>> = vec![Box::new(ours::Ours), Box::new(peer::openssl::peer())];
    #[cfg(feature = "aws-lc")]
    peers.push(Box::new(peer::aws_lc::peer()));
    #[cfg(feature = "wolfssl")]
    peers.push(Box::new(peer::wolfssl::peer()));
    for (who, built) in [("aws-lc", cfg!(feature = "aws-lc")), ("wolfssl", cfg!(feature = "wolfssl"))] {
        if !built {
            eprintln!("{who}: left out, built without the feature `{who}`");
        }
    }
    peers.extend::<[Box<dyn Peer>; 7]>([
        Box::new(peer::gmp::peer::<true>()),
        Box::new(peer::gmp::peer::<false>()),
        Box::new(peer::crypto_bigint::peer()),
        Box::new(peer::num_bigint::peer()),
        Box::new(peer::cognito_srp::CognitoSrp),
        Box::new(peer::aws_cognito_srp::AwsCognitoSrp),
        Box::new(peer::srp::Srp::new(inputs)),
    ]);
    for language in &peer::runner::LANGUAGES {
        match peer::runner::Runner::launch(language, inputs) {
            Ok(runner) => peers.push(Box::new(runner)),
            Err(error) => eprintln!("{}: left out, {error}", language.who),
        }
    }
    peers
}
