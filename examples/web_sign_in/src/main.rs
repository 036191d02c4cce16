//! A web server that signs browsers in to an Amazon Cognito user pool: the password's proof in one request, the code of the
//! second factor in another, perhaps in another process. `README.md` describes it, and `--help` lists the options.

mod options;
mod page;
mod seal;
mod service;
mod waiting;
mod web;

use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use local_pool::{Factor, Mfa, Pool, Server};
use tokio::net::TcpListener;

use options::{HELP, Options, Target, test_credentials};
use seal::Keys;
use service::Service;
use waiting::Waiting;
use web::Site;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("web_sign_in: {}. See --help.", error.to_string().trim_end_matches('.'));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let Some(options) = Options::from_arguments()? else {
        print!("{HELP}");
        return Ok(());
    };
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(options))
}

/// Serves until the process ends.
async fn serve(options: Options) -> Result<()> {
    let Options { listen, secure, target, lifetime, folder, key } = options;
    let target = match target {
        Some(target) => target,
        None => start_pool()?,
    };
    let keys = Arc::new(Keys::new(&key));
    let waiting = Waiting { keys: Arc::clone(&keys), app: target.app.clone(), folder, lifetime };
    let service = Arc::new(Service::new(target.endpoint, target.app, target.identity));
    let listener = TcpListener::bind(listen).await.map_err(|error| format!("--listen: {listen}: {error}"))?;
    println!("listening on http://{}", listener.local_addr()?);
    std::io::stdout().flush()?;
    Ok(axum::serve(listener, web::router(Site { keys, service, waiting, secure })).await?)
}

/// Starts a pool with two users, who get a code by text message as their second factor. The pool prints the codes.
fn start_pool() -> Result<Target> {
    let users = ["--user", "alice:Passw0rd!", "--user", "bob:Temp0rary!", "--force-new-password", "bob"];
    let mut options = local_pool::Options::from_arguments(users)?.ok_or("these are no arguments of --help")?;
    options.mfa = Mfa::Optional;
    for user in &mut options.users {
        let attributes = [("phone_number", "+15550100"), ("phone_number_verified", "true")];
        user.attributes.extend(attributes.map(|(name, value)| (name.into(), value.into())));
        user.factors.push(Factor::Sms);
    }
    let server = Server::bind(options.listen, Pool::new(&options)?, options.patience, options.connections)?;
    let endpoint = format!("http://{}/", server.address()?);
    // It ends with the process. It has a runtime of its own.
    std::thread::spawn(move || server.run());
    // Without a file, the options describe one client.
    let app = options.clients.into_iter().next().ok_or("the pool has no client")?.app;
    eprintln!("FOR TESTS ONLY: the pool's key is public, and codes are printed here.");
    eprintln!("--endpoint {endpoint} --pool-id {} --client-id {}", app.pool_id(), app.client_id());
    eprintln!("user \"alice\", password \"Passw0rd!\"; user \"bob\", temporary password \"Temp0rary!\"");
    Ok(Target { endpoint, app, identity: test_credentials() })
}
