//! The program. The documentation of the library describes the pool.

use std::error::Error;
use std::process::ExitCode;

use local_pool::{HELP, Options, Pool, Server};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("local_pool: {}. See --help.", error.to_string().trim_end_matches('.'));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let Some(options) = Options::from_arguments(std::env::args_os().skip(1))? else {
        print!("{HELP}");
        return Ok(());
    };
    let server = Server::bind(options.listen, Pool::new(&options)?, options.patience, options.connections)
        .map_err(|error| format!("--listen: {}: {error}", options.listen))?;
    warn(&options);
    println!("listening on http://{}", server.address()?);
    server.run()?;
    Ok(())
}

/// Prints the warning, and the ids and users of the pool.
fn warn(options: &Options) {
    eprintln!("{}", "*".repeat(74));
    eprintln!("***  FOR TESTS ONLY. Anybody who can reach this pool can make users.   ***");
    eprintln!("***  Anybody at all can forge its tokens: the signing key is public.   ***");
    eprintln!("{}", "*".repeat(74));
    let clients: Vec<_> = options.clients.iter().map(|client| client.app.client_id()).collect();
    eprintln!("pool {}, client {}, issuer {}", options.pool_id, clients.join(" "), options.issuer);
    for user in &options.users {
        eprintln!("user {:?}, password {:?}", user.name, user.password);
    }
}
