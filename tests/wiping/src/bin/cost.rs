//! Times `UserSignIn::answer`. Prints the median in nanoseconds; `tests/wiping/cost` compares two builds of it.

use std::hint::black_box;
use std::time::Instant;

use cognito_srp6a::server::{ServerKey, UserRecord};
use cognito_srp6a::{AppClient, Password, Timestamp, UserSignIn, Username};

const ROUNDS: usize = 401;

fn main() {
    let app = AppClient::new("us-east-1_AbCdEfGhI".parse().unwrap(), "client").unwrap();
    let username: Username = "alice".parse().unwrap();
    let password: Password = "correct horse battery staple".parse().unwrap();
    let record = UserRecord::from_password(app.pool_id(), &username, &password).unwrap();
    let key = ServerKey::generate().unwrap();
    let now = Timestamp::from_unix_seconds(1_700_000_000).unwrap();
    let mut nanoseconds: Vec<_> = (0..ROUNDS)
        .map(|_| {
            let (sign_in, parameters) = UserSignIn::start(&app, &username).unwrap();
            let challenge = key.challenge(&record, parameters.srp_a(), now).unwrap();
            let begun = Instant::now();
            black_box(sign_in.answer(challenge, &password, now).unwrap());
            begun.elapsed().as_nanos()
        })
        .collect();
    nanoseconds.sort_unstable();
    println!("{}", nanoseconds[ROUNDS / 2]);
}
