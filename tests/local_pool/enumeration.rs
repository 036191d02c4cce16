//! What strangers learn of who is a user.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cognito_srp6a::Timestamp;
use serde_json::{Value, json};

use crate::client::Direct;

/// A call that a stranger can make under any name.
struct Probe {
    operation: &'static str,
    /// The bodies for a user that exists and one that does not.
    bodies: [String; 2],
    /// Calls in a round under each name.
    calls: usize,
}

/// Calls whose work is hashes, and calls with exponentiations.
const QUICK: usize = 600;
const SLOW: usize = 60;

const NAMES: [&str; 2] = ["alice", "alyce"];

fn initiate(flow: &str, name: &str) -> Value {
    json!({"ClientId": "localpoolclient", "AuthFlow": flow,
        "AuthParameters": {"USERNAME": name, "SRP_A": "ff", "PASSWORD": "a wrong one"}})
}

fn respond(challenge: &str, session: &Value, responses: &Value) -> Value {
    json!({"ClientId": "localpoolclient", "ChallengeName": challenge,
        "Session": session, "ChallengeResponses": responses})
}

/// A wrong claim on a block.
fn claim(name: &str, block: &str) -> Value {
    json!({"USERNAME": name, "TIMESTAMP": Timestamp::now().unwrap().to_string(),
        "PASSWORD_CLAIM_SECRET_BLOCK": block, "PASSWORD_CLAIM_SIGNATURE": STANDARD.encode([2; 32])})
}

fn ask(pool: &Direct, flow: &str, name: &str) -> Value {
    serde_json::from_slice(&pool.call("InitiateAuth", &initiate(flow, name).to_string()).unwrap()).unwrap()
}

/// Each way to send a name to the pool before anything is proved.
fn probes(pool: &Direct) -> Vec<Probe> {
    let probe = |operation: &'static str, calls, body: &dyn Fn(&str) -> Value| {
        let bodies = NAMES.map(|name| {
            let mut body = body(name);
            if operation.starts_with("Admin") {
                body["UserPoolId"] = "us-east-1_LocalPool".into();
            }
            body.to_string()
        });
        Probe { operation, bodies, calls }
    };
    // The block is not the pool's, so a few hashes after the look-up are all the work.
    let foreign = |name: &str| respond("PASSWORD_VERIFIER", &Value::Null, &claim(name, &STANDARD.encode([1; 32])));
    let wrong = |name: &str| {
        let asked = ask(pool, "USER_SRP_AUTH", name);
        let block = asked["ChallengeParameters"]["SECRET_BLOCK"].as_str().unwrap();
        respond("PASSWORD_VERIFIER", &Value::Null, &claim(name, block))
    };
    let chosen = |name: &str| {
        let asked = ask(pool, "USER_AUTH", name);
        let password = json!({"USERNAME": name, "ANSWER": "PASSWORD", "PASSWORD": "a wrong one"});
        respond("SELECT_CHALLENGE", &asked["Session"], &password)
    };
    let begun = |name: &str| {
        let asked = ask(pool, "USER_AUTH", name);
        respond("PASSWORD_SRP", &asked["Session"], &json!({"USERNAME": name, "SRP_A": "ff"}))
    };
    vec![
        probe("InitiateAuth", SLOW, &|name| initiate("USER_SRP_AUTH", name)),
        probe("InitiateAuth", SLOW, &|name| initiate("USER_PASSWORD_AUTH", name)),
        probe("InitiateAuth", QUICK, &|name| initiate("USER_AUTH", name)),
        probe("AdminInitiateAuth", SLOW, &|name| initiate("USER_SRP_AUTH", name)),
        probe("AdminInitiateAuth", SLOW, &|name| initiate("ADMIN_USER_PASSWORD_AUTH", name)),
        probe("RespondToAuthChallenge", QUICK, &foreign),
        probe("RespondToAuthChallenge", SLOW, &wrong),
        probe("RespondToAuthChallenge", SLOW, &chosen),
        probe("RespondToAuthChallenge", SLOW, &begun),
        probe("AdminRespondToAuthChallenge", QUICK, &foreign),
        probe("AdminRespondToAuthChallenge", SLOW, &wrong),
    ]
}

/// The user whom everybody can ask for a code.
const FILE: &str = r#"
mfa = "optional"
[[user]]
name = "alice"
password = "Passw0rd!"
attributes = { email = "alice@example.com", phone_number = "+15550100" }
"#;

/// The ways to send a name to a pool with codes.
fn probes_of_codes(pool: &Direct) -> Vec<Probe> {
    let begin = |name: &str, factor: &str| {
        let mut body = initiate("USER_AUTH", name);
        body["AuthParameters"]["PREFERRED_CHALLENGE"] = factor.into();
        body
    };
    let guess = |name: &str| {
        let asked = pool.call("InitiateAuth", &begin(name, "EMAIL_OTP").to_string()).unwrap();
        let asked: Value = serde_json::from_slice(&asked).unwrap();
        respond("EMAIL_OTP", &asked["Session"], &json!({"USERNAME": name, "EMAIL_OTP_CODE": "1"}))
    };
    let probe = |operation, body: &dyn Fn(&str) -> Value| Probe {
        operation,
        bodies: NAMES.map(|name| body(name).to_string()),
        calls: QUICK,
    };
    vec![
        probe("InitiateAuth", &|name| begin(name, "EMAIL_OTP")),
        probe("InitiateAuth", &|name| begin(name, "SMS_OTP")),
        probe("RespondToAuthChallenge", &guess),
    ]
}

/// The time that nine calls in ten exceed: what the work takes when nothing else interrupts it.
fn undisturbed(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    times[times.len() / 10].as_secs_f64()
}

/// How many times as long the calls for the unknown user take, in one round. The two names take turns, and in who is first.
fn ratio(pool: &Direct, probe: &Probe) -> f64 {
    let mut times = [const { Vec::new() }; 2];
    for call in 0..2 * probe.calls {
        let who = [0, 1, 1, 0][call % 4];
        let started = Instant::now();
        let _ = pool.call(probe.operation, &probe.bodies[who]);
        times[who].push(started.elapsed());
    }
    let [known, unknown] = &mut times;
    undisturbed(unknown) / undisturbed(known)
}

/// Returns the ratios of the times if their median is more than 2 % from 1: other processes may disturb some rounds.
fn far_apart(pool: &Direct, probe: &Probe) -> Option<String> {
    const ROUNDS: usize = 7;
    const MOST: f64 = 1.02;
    let mut ratios: Vec<_> = (0..ROUNDS).map(|_| ratio(pool, probe)).collect();
    ratios.sort_by(f64::total_cmp);
    let median = ratios[ROUNDS / 2];
    let line = format!("{} {:.60}: {median:.3} of {ratios:.3?}", probe.operation, probe.bodies[1]);
    println!("{line}");
    (!(1.0 / MOST..MOST).contains(&median)).then_some(line)
}

#[test]
fn users_that_exist_and_users_that_do_not_take_the_pool_the_same_time() {
    const TRIES: usize = 3;
    let (pool, of_codes) = (Direct::new(&[]), Direct::of_file(FILE));
    let mut apart = Vec::new();
    let probes = probes(&pool).into_iter().map(|probe| (&pool, probe));
    let probes_of_codes = probes_of_codes(&of_codes).into_iter().map(|probe| (&of_codes, probe));
    for (pool, probe) in probes.chain(probes_of_codes) {
        // A busy machine puts them apart once. A difference of the pool's own is there each time.
        let lines: Vec<_> = (0..TRIES).map_while(|_| far_apart(pool, &probe)).collect();
        if lines.len() == TRIES {
            apart.extend(lines);
        }
    }
    assert!(apart.is_empty(), "{apart:#?}");
}

#[test]
fn users_that_exist_and_users_that_do_not_get_the_same_kind_of_answer() {
    let (pool, of_codes) = (Direct::new(&[]), Direct::of_file(FILE));
    let probes = probes(&pool).into_iter().map(|probe| (&pool, probe));
    let probes_of_codes = probes_of_codes(&of_codes).into_iter().map(|probe| (&of_codes, probe));
    for (pool, probe) in probes.chain(probes_of_codes) {
        let answers = probe.bodies.map(|body| match pool.call(probe.operation, &body) {
            Ok(answer) => {
                let answer: Value = serde_json::from_slice(&answer).unwrap();
                let parameters = answer["ChallengeParameters"].as_object().unwrap().keys().cloned().collect();
                (answer["ChallengeName"].to_string(), parameters)
            }
            Err(error) => (error.name().to_string(), vec![error.message().to_owned()]),
        });
        assert_eq!(answers[0], answers[1], "{}", probe.operation);
    }
}

#[test]
fn a_pool_of_rare_numbers_shows_rare_salts_for_users_that_do_not_exist() {
    let pool = Direct::new(&["--rare"]);
    for name in ["alice", "bob", "carol", "dave"] {
        let salt = || {
            let answer = ask(&pool, "USER_SRP_AUTH", name);
            u128::from_str_radix(answer["ChallengeParameters"]["SALT"].as_str().unwrap(), 16).unwrap()
        };
        assert!(salt().leading_zeros() >= 9, "{name}: {:032x}", salt());
        assert_eq!(salt(), salt(), "{name}");
    }
}
