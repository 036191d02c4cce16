//! What the pool keeps, and whose things go when it is full.

use std::collections::HashMap;
use std::ops::Range;
use std::time::Instant;
use std::{fs, thread};

use cognito_srp6a::Timestamp;
use cognito_srp6a::idp::{Api, SignInFlow};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::client::{Direct, PASSWORD, Site, alice, credentials, is_alone, refusal};
use crate::common::number_from;
use crate::factors::{self, NOW, totp};
use crate::wire::{Wire, respond};
use local_pool::store::Lapsing;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds).unwrap()
}

#[test]
fn a_store_loses_the_oldest_entries_of_who_holds_the_most_and_nothing_else() {
    let mut rng = StdRng::seed_from_u64(0x5eed);
    let mut store = Lapsing::new(50, 20_000);
    // What is there, by a plain list: owner, key, deadline.
    let mut expected: Vec<(String, String, i64)> = Vec::new();
    let mut evictions = 0;
    for step in 0..20_000 {
        let now = step / 10;
        let (owner, key) =
            (format!("user{}", rng.random_range(0..5_u32).pow(2)), format!("key{}", rng.random_range(0..90)));
        expected.retain(|(_, _, deadline)| *deadline >= now);
        match rng.random_range(0..20) {
            0 => {
                let removed = store.remove(&key, at(now)).is_some();
                assert_eq!(removed, expected.iter().any(|(_, there, _)| *there == key));
                expected.retain(|(_, there, _)| *there != key);
            }
            1 if rng.random_bool(0.1) => {
                store.remove_all_of(&owner);
                expected.retain(|(there, _, _)| *there != owner);
            }
            _ => {
                let bytes = rng.random_range(0..600);
                let held: HashMap<_, usize> = expected.iter().fold(HashMap::new(), |mut held, (owner, _, _)| {
                    *held.entry(owner.clone()).or_default() += 1;
                    held
                });
                let evicted = store.insert(&owner, &key, (), bytes, at(now));
                expected.retain(|(_, there, _)| *there != key);
                expected.push((owner.clone(), key.clone(), now + 50));
                for loser in evicted {
                    let oldest = expected.iter().position(|(there, _, _)| **there == *loser).unwrap();
                    expected.remove(oldest);
                    evictions += 1;
                    // An entry takes from 400 to about 1,000 bytes, so who loses one has at least a third of the most entries.
                    let most = held.values().max().copied().unwrap_or(0);
                    let had = held.get(&*loser).copied().unwrap_or(0) + usize::from(*loser == *owner);
                    assert!(3 * had >= most, "{loser} had {had} of at most {most}");
                }
                assert!(expected.len() <= 50, "400 bytes each are within 20,000");
            }
        }
        for (_, key, _) in &expected {
            assert!(store.get(key, at(now)).is_some(), "{key} is lost in step {step}");
        }
        let count = |owner: &str| expected.iter().filter(|(there, _, _)| there == owner).count();
        assert_eq!(store.all_of(&owner).count(), count(&owner), "step {step}");
    }
    assert!(evictions > 1000, "{evictions}");
}

#[test]
fn users_and_their_attributes_fill_no_more_than_their_share() {
    // Half is theirs: 1 MiB, which ten users of 100,000 bytes do not exceed.
    let site = Site::start(&["--memory", "2097152"]);
    let attributes: Vec<_> =
        (0..50).map(|n| json!({"Name": format!("custom:{n}"), "Value": "v".repeat(2000)})).collect();
    let sign_up = |number: usize| {
        let body = json!({"ClientId": "localpoolclient", "Username": format!("user{number}"), "Password": PASSWORD,
            "UserAttributes": attributes});
        site.call("SignUp", &body).unwrap().map_err(|error| error.name().to_string())
    };
    let made = (0..20).map(sign_up).take_while(Result::is_ok).count();
    assert!((5..=10).contains(&made), "{made} users");
    assert_eq!(sign_up(100).unwrap_err(), "LimitExceededException");
    site.sign_in(Api::Public, SignInFlow::UserSrp, alice()).unwrap();
    site.sign_in(Api::Public, SignInFlow::UserSrp, credentials("user0", PASSWORD)).unwrap();
}

#[test]
fn a_user_with_many_sign_ins_loses_his_own_oldest_and_nobody_elses() {
    // A quarter is for refresh tokens: about a hundred.
    let site = Site::start(&["--memory", "400000", "--user", "mallory:Passw0rd!"]);
    let sign_in = |credentials| {
        let signed_in = site.sign_in(Api::Public, SignInFlow::UserPassword, credentials).unwrap();
        signed_in.result().refresh_token().unwrap().to_owned()
    };
    let of_alice = sign_in(alice());
    let of_mallory: Vec<_> = (0..150).map(|_| sign_in(credentials("mallory", "Passw0rd!"))).collect();
    site.refresh(&of_alice, None).unwrap();
    site.refresh(of_mallory.last().unwrap(), None).unwrap();
    let refused = refusal(site.refresh(&of_mallory[0], None));
    assert_eq!(refused.message(), "Invalid Refresh Token.");
}

#[test]
fn devices_are_listed_in_pages_of_at_most_60() {
    let site = Site::start(&["--devices"]);
    let mut token = String::new();
    for _ in 0..70 {
        let signed_in = site.sign_in(Api::Public, SignInFlow::UserPassword, alice()).unwrap();
        site.confirm_device(&signed_in).unwrap();
        token = signed_in.result().access_token().unwrap().to_owned();
    }
    for (limit, sizes) in [(Value::Null, vec![60, 10]), (json!(0), vec![60, 10]), (json!(35), vec![35, 35])] {
        let mut keys = Vec::new();
        let mut after = Value::Null;
        for size in sizes {
            let body = json!({"AccessToken": token, "Limit": limit, "PaginationToken": after});
            let page = site.call("ListDevices", &body).unwrap().unwrap();
            let devices = page["Devices"].as_array().unwrap();
            assert_eq!(devices.len(), size);
            keys.extend(devices.iter().map(|device| device["DeviceKey"].to_string()));
            after = page["PaginationToken"].clone();
        }
        assert_eq!(after, Value::Null, "the last page has no token");
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), 70);
    }
}

#[test]
fn what_strangers_begin_pushes_out_nobody() {
    let flags = ["--custom-answer", "swordfish", "--user", "frank:Temp0rary!", "--force-new-password", "frank"];
    let pool = Direct::new(&flags);
    let call = |operation: &str, body: &Value| -> Value {
        serde_json::from_slice(&pool.call(operation, &body.to_string()).unwrap()).unwrap()
    };
    let begin = |flow: &str, parameters: Value| {
        call("InitiateAuth", &json!({"ClientId": "localpoolclient", "AuthFlow": flow, "AuthParameters": parameters}))
    };
    let answer = |asked: &Value, responses: Value| {
        let body = json!({"ClientId": "localpoolclient", "ChallengeName": asked["ChallengeName"],
            "Session": asked["Session"], "ChallengeResponses": responses});
        call("RespondToAuthChallenge", &body)
    };
    // A sign-in with its password proved, two with nothing proved, and one that has ended.
    let new_password = begin("USER_PASSWORD_AUTH", json!({"USERNAME": "frank", "PASSWORD": "Temp0rary!"}));
    let select = begin("USER_AUTH", json!({"USERNAME": "alice"}));
    let custom = begin("CUSTOM_AUTH", json!({"USERNAME": "alice"}));
    let signed_in = begin("USER_PASSWORD_AUTH", json!({"USERNAME": "alice", "PASSWORD": PASSWORD}));

    let stranger = ["alice", "nobody"].map(|name| {
        json!({"ClientId": "localpoolclient", "AuthFlow": "USER_AUTH", "AuthParameters": {"USERNAME": name}})
            .to_string()
    });
    for round in 0..101_000 {
        pool.call("InitiateAuth", &stranger[round % 2]).unwrap();
    }

    let password = json!({"USERNAME": "alice", "ANSWER": "PASSWORD", "PASSWORD": PASSWORD});
    for tokens in [
        answer(&new_password, json!({"USERNAME": "frank", "NEW_PASSWORD": "Perm4nent!"})),
        answer(&select, password),
        answer(&custom, json!({"USERNAME": "alice", "ANSWER": "swordfish"})),
        begin("REFRESH_TOKEN_AUTH", json!({"REFRESH_TOKEN": signed_in["AuthenticationResult"]["RefreshToken"]})),
    ] {
        assert!(tokens["AuthenticationResult"]["AccessToken"].is_string(), "{tokens}");
    }
}

#[test]
fn a_session_that_carries_its_state_is_taken_as_it_was_issued_or_not_at_all() {
    let pool = Direct::new(&["--user", "bob:Passw0rd!"]);
    let begin = |name: &str| -> Value {
        let body =
            json!({"ClientId": "localpoolclient", "AuthFlow": "USER_AUTH", "AuthParameters": {"USERNAME": name}});
        serde_json::from_slice(&pool.call("InitiateAuth", &body.to_string()).unwrap()).unwrap()
    };
    let answer = |session: &str, challenge: &str, name: &str, password: &str| {
        let body = json!({"ClientId": "localpoolclient", "ChallengeName": challenge, "Session": session,
            "ChallengeResponses": {"USERNAME": name, "ANSWER": "PASSWORD", "PASSWORD": password}});
        pool.call("RespondToAuthChallenge", &body.to_string()).map(drop).map_err(|error| error.message().to_owned())
    };
    let invalid = "Invalid session for the user, session is expired.";
    let session = begin("alice")["Session"].as_str().unwrap().to_owned();
    for place in 0..session.len() {
        let mut changed = session.clone().into_bytes();
        changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert_eq!(answer(&changed, "SELECT_CHALLENGE", "alice", PASSWORD).unwrap_err(), invalid, "{place}");
    }
    for shorter in (20..session.len()).map(|length| &session[..length]) {
        assert_eq!(answer(shorter, "SELECT_CHALLENGE", "alice", PASSWORD).unwrap_err(), invalid);
    }
    assert_eq!(answer(&session, "SELECT_CHALLENGE", "bob", "Passw0rd!").unwrap_err(), invalid, "another user's");
    assert_eq!(answer(&session, "CUSTOM_CHALLENGE", "alice", PASSWORD).unwrap_err(), invalid, "another stage");
    let other = Direct::new(&[]);
    let body = json!({"ClientId": "localpoolclient", "ChallengeName": "SELECT_CHALLENGE", "Session": session,
        "ChallengeResponses": {"USERNAME": "alice", "ANSWER": "PASSWORD", "PASSWORD": PASSWORD}});
    assert_eq!(
        other.call("RespondToAuthChallenge", &body.to_string()).unwrap_err().message(),
        invalid,
        "another pool's"
    );
    // A wrong password leaves it, and the right one ends it.
    let wrong = answer(&session, "SELECT_CHALLENGE", "alice", "wrong").unwrap_err();
    assert_eq!(wrong, "Incorrect username or password.");
    answer(&session, "SELECT_CHALLENGE", "alice", PASSWORD).unwrap();
    assert_eq!(answer(&session, "SELECT_CHALLENGE", "alice", PASSWORD).unwrap_err(), invalid, "it is good once");
}

/// The process's resident memory in KiB, where the system tells it.
fn resident_kib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.trim().trim_end_matches(" kB").parse().ok()
}

/// Signs a user in again and again, by the password and the code of an app.
///
/// `cargo test` does it some hundred times. `.ci/run growth` does it more often, and this 100,000 times:
/// `SIGN_INS=100000 cargo test --test local_pool many_sign_ins -- --nocapture`.
#[test]
fn memory_stays_flat_over_many_sign_ins_with_a_second_factor() {
    const NAME: &str = "memory::memory_stays_flat_over_many_sign_ins_with_a_second_factor";
    if !is_alone(NAME) {
        return;
    }
    let sign_ins: i64 = number_from("SIGN_INS", 800);
    // With little memory the stores are full, and drop what is old, from the first hundreds on. Each core has its own pool.
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let pools: Vec<_> = (0..cores).map(|_| Direct::of_file_with(factors::FILE, &["--memory", "600000"])).collect();
    let sign_ins = sign_ins / i64::try_from(cores).unwrap();
    let started = Instant::now();
    let sign_in = |pool: &Direct, number: i64| {
        // Each code of an app is good once.
        let now = NOW + 30 * number;
        let asked = pool.prove(now, "dave");
        let code = totp(b"12345678901234567890", now);
        let tokens = pool.answer(now, &asked, "dave", ("SOFTWARE_TOKEN_MFA_CODE", &code)).unwrap();
        assert!(tokens["AuthenticationResult"]["AccessToken"].is_string());
    };
    let run = |numbers: Range<i64>| {
        thread::scope(|scope| {
            for pool in &pools {
                let numbers = numbers.clone();
                scope.spawn(move || numbers.for_each(|number| sign_in(pool, number)));
            }
        });
        resident_kib()
    };
    let before = run(0..sign_ins / 2);
    let after = run(sign_ins / 2..sign_ins);
    println!("{sign_ins} sign-ins on each of {cores} cores in {:?}: {before:?} and {after:?} KiB", started.elapsed());
    if let (Some(before), Some(after)) = (before, after) {
        // One kept grant of each of 50,000 sign-ins would be 25 MiB. Pages come and go in the allocator.
        assert!(after < before + 1024, "{before} KiB have become {after} KiB");
    }
}

/// How many blocks a user can spend before his open ones are revoked.
const ROOM: usize = 128;

#[test]
fn a_spent_block_is_never_taken_again_however_many_are_spent_after_it() {
    let site = Site::start(&["--single-use", "--user", "mallory:Passw0rd!"]);
    let mut wire = Wire::connect(site.address);
    let of_mallory = claim(&site, &mut wire, "mallory", "Passw0rd!");
    let open = claim(&site, &mut wire, "alice", PASSWORD);
    let mut claims = Vec::new();
    for spent in 1..=ROOM + 10 {
        let claim = claim(&site, &mut wire, "alice", PASSWORD);
        assert_eq!(wire.call("RespondToAuthChallenge", &claim).status, 200);
        claims.push(claim);
        if (ROOM..ROOM + 3).contains(&spent) {
            for claim in &claims {
                assert_eq!(wire.call("RespondToAuthChallenge", claim).status, 400, "a replay after {spent}");
            }
        }
    }
    // The marks that are gone have taken this one with them. Another user loses nothing by it.
    assert_eq!(wire.call("RespondToAuthChallenge", &open).status, 400);
    assert_eq!(wire.call("RespondToAuthChallenge", &of_mallory).status, 200);
}

#[test]
fn whatever_other_users_spend_a_right_proof_is_accepted_and_a_replay_is_not() {
    // Just enough for these users. All of them together spend as much as they can.
    let others: Vec<_> = (0..4).map(|number| format!("user{number}:{PASSWORD}")).collect();
    let users: Vec<_> = others.iter().flat_map(|user| ["--user", user]).collect();
    let pool = Direct::new(&[&["--single-use", "--memory", "260000"], &users[..]].concat());
    let begin = |name: &str| -> Value {
        let body =
            json!({"ClientId": "localpoolclient", "AuthFlow": "USER_AUTH", "AuthParameters": {"USERNAME": name}});
        serde_json::from_slice(&pool.call("InitiateAuth", &body.to_string()).unwrap()).unwrap()
    };
    let answer = |asked: &Value, name: &str| {
        let body = json!({"ClientId": "localpoolclient", "ChallengeName": "SELECT_CHALLENGE",
            "Session": asked["Session"],
            "ChallengeResponses": {"USERNAME": name, "ANSWER": "PASSWORD", "PASSWORD": PASSWORD}});
        pool.call("RespondToAuthChallenge", &body.to_string()).is_ok()
    };
    let open = begin("alice");
    let spent: Vec<_> = (1..ROOM).map(|_| begin("alice")).collect();
    assert!(spent.iter().all(|asked| answer(asked, "alice")));
    for number in 0..4 {
        let name = format!("user{number}");
        assert!((0..=ROOM).all(|_| answer(&begin(&name), &name)));
    }
    assert!(!spent.iter().any(|asked| answer(asked, "alice")), "a replay");
    assert!(answer(&open, "alice"));
}

/// The right answer to a challenge of `USER_SRP_AUTH`, as a body.
fn claim(site: &Site, wire: &mut Wire, name: &str, password: &str) -> Vec<u8> {
    respond(&wire.claim(site, name, password, Timestamp::now().unwrap()))
}
