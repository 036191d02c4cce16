//! What strangers learn of who is a user.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cognito_srp6a::Timestamp;
use serde_json::{Value, json};

use crate::client::Direct;

/// A claim on a block that the pool has not made. It is refused once the record is found and a few hashes are made, so the
/// record's part of the time shows.
fn foreign_claim(username: &str) -> String {
    json!({"ClientId": "localpoolclient", "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": {
        "USERNAME": username,
        "TIMESTAMP": Timestamp::now().unwrap().to_string(),
        "PASSWORD_CLAIM_SECRET_BLOCK": STANDARD.encode([1; 32]),
        "PASSWORD_CLAIM_SIGNATURE": STANDARD.encode([2; 32]),
    }})
    .to_string()
}

/// The time that nine calls in ten exceed: what the work takes when nothing else interrupts it.
fn undisturbed(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 10].as_secs_f64()
}

#[test]
fn users_that_exist_and_users_that_do_not_take_the_pool_the_same_time() {
    const CALLS: usize = 4000;
    let pool = Direct::new(&[]);
    let measured = |body: &str| {
        let started = Instant::now();
        pool.call("RespondToAuthChallenge", body).unwrap_err();
        started.elapsed()
    };
    let (known, unknown) = (foreign_claim("alice"), foreign_claim("alyce"));
    // Another process may disturb one round. None excuses all of them.
    let ratios: Vec<f64> = (0..5)
        .map(|_| {
            let pairs = (0..CALLS).map(|_| (measured(&known), measured(&unknown)));
            let (known, unknown): (Vec<_>, Vec<_>) = pairs.unzip();
            undisturbed(unknown) / undisturbed(known)
        })
        .collect();
    println!("unknown users take {ratios:.3?} times as long");
    assert!(ratios.iter().any(|ratio| (0.95..1.05).contains(ratio)), "{ratios:?}");
}

#[test]
fn a_pool_of_rare_numbers_shows_rare_salts_for_users_that_do_not_exist() {
    let pool = Direct::new(&["--rare"]);
    for name in ["alice", "bob", "carol", "dave"] {
        let salt = || {
            let body = json!({"ClientId": "localpoolclient", "AuthFlow": "USER_SRP_AUTH",
                "AuthParameters": {"USERNAME": name, "SRP_A": "ff"}});
            let answer = pool.call("InitiateAuth", &body.to_string()).unwrap();
            let answer: Value = serde_json::from_slice(&answer).unwrap();
            u128::from_str_radix(answer["ChallengeParameters"]["SALT"].as_str().unwrap(), 16).unwrap()
        };
        assert!(salt().leading_zeros() >= 9, "{name}: {:032x}", salt());
        assert_eq!(salt(), salt(), "{name}");
    }
}
