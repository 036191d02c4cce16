//! How much stack the steps of a sign-in need: less than 64 KiB each, so that they run in small threads and fibres.
//!
//! A step runs in a thread with a stack of a given size, in a process of its own, because an overflow ends the process.
//! The size is of the whole thread: what the system and the standard library need of it counts as ours.
#![cfg(not(any(target_family = "wasm", miri)))]

mod common;

use std::env;
use std::hint::black_box;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use cognito_srp6a::hazmat::Backend;
use cognito_srp6a::server::{PendingSignIn, ServerKey, UserRecord};
use cognito_srp6a::{Device, DeviceCredentials, DeviceSignIn, PasswordChallenge, UserSignIn};
use common::{Account, device_record, pass, user_name};

/// The limit for each step.
const LIMIT_KIB: usize = 64;

const STEPS: [&str; 8] = [
    "nothing",
    "client: start",
    "client: answer",
    "device: register",
    "device: answer",
    "server: record",
    "server: challenge",
    "server: verify",
];

/// Where a process that was started by a test finds what to do: step, backend, KiB.
const TASK: &str = "COGNITO_SRP6A_STACK_TASK";

/// Runs a step in a thread with a small stack. What the step needs is made before, on the stack of the test.
fn run(step: &str, kib: usize) {
    let account = Account::plain();
    let (pool, app, now) = (account.pool(), account.app(), account.now());
    let device = Device::new("us-east-1_0a1b".parse().unwrap(), "-group").unwrap();
    let credentials = DeviceCredentials::from_parts(device.clone(), pass("password"));
    let key = ServerKey::from_bytes([7; 32]).unwrap();
    let record = UserRecord::from_password(&pool, &user_name(&account.user_id), &pass(&account.password)).unwrap();
    let (sign_in, start) = UserSignIn::start(&app, &user_name(&account.typed)).unwrap();
    let srp_a = || start.srp_a().clone();
    let challenge = || key.challenge(&record, &srp_a(), now).unwrap();

    let small = |work: Box<dyn FnOnce() + Send + '_>| {
        thread::scope(|scope| {
            thread::Builder::new().stack_size(kib << 10).spawn_scoped(scope, work).unwrap().join().unwrap();
        });
    };
    match step {
        "nothing" => small(Box::new(|| ())),
        "client: start" => small(Box::new(|| drop(UserSignIn::start(&app, &user_name(&account.typed)).unwrap()))),
        "client: answer" => {
            let challenge: common::Map = challenge().into();
            small(Box::new(|| {
                let challenge = PasswordChallenge::from_parameters(&challenge).unwrap();
                drop(sign_in.answer(challenge, &pass(&account.password), now).unwrap());
            }));
        }
        "device: register" => small(Box::new(|| drop(DeviceCredentials::register(device).unwrap()))),
        "device: answer" => {
            let (_, verifier) = DeviceCredentials::register(device.clone()).unwrap();
            let record = device_record(device, &verifier);
            let (sign_in, start) = DeviceSignIn::start(&app, &user_name("user"), &credentials).unwrap();
            let challenge = key.device_challenge(&record, &start, now).unwrap();
            small(Box::new(|| drop(sign_in.answer(challenge, now).unwrap())));
        }
        "server: record" => {
            small(Box::new(|| drop(UserRecord::from_password(&pool, &user_name("user"), &pass("password")).unwrap())));
        }
        "server: challenge" => small(Box::new(|| {
            drop(challenge());
            drop(PendingSignIn::new(&record, srp_a(), now).unwrap());
        })),
        "server: verify" => {
            let claim = sign_in.answer(challenge(), &pass(&account.password), now).unwrap();
            small(Box::new(|| key.verify(&record, &claim, now, Duration::from_secs(1)).unwrap()));
        }
        // No step of a sign-in, but a test of this test.
        "96 KiB" => small(Box::new(use_96_kib)),
        other => panic!("there is no step {other}"),
    }
}

#[allow(clippy::large_stack_arrays, reason = "it is there to be large")]
fn use_96_kib() {
    let _ = black_box([0u8; 96 << 10]);
}

/// Whether a step does its work with a stack of that size.
fn survives(step: &str, backend: Backend, kib: usize) -> bool {
    let status = Command::new(env::current_exe().unwrap())
        .args(["--exact", "a_child_process_runs_the_step_that_it_was_started_for"])
        .env(TASK, format!("{step}/{}/{kib}", backend.name()))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.unwrap().success()
}

/// The least stack with which a step does its work, in KiB, by trying.
fn need(step: &str, backend: Backend) -> usize {
    let (mut fails, mut works) = (0, 256);
    assert!(survives(step, backend, works), "{step} on {} with {works} KiB", backend.name());
    while works - fails > 4 {
        let kib = fails.midpoint(works);
        if survives(step, backend, kib) { works = kib } else { fails = kib }
    }
    works
}

/// Does nothing unless the tests below have started it, in a process of its own.
#[test]
fn a_child_process_runs_the_step_that_it_was_started_for() {
    let Ok(task) = env::var(TASK) else { return };
    let parts: Vec<&str> = task.split('/').collect();
    let backend = Backend::all().into_iter().find(|backend| backend.name() == parts[1]).unwrap();
    backend.use_everywhere();
    run(parts[0], parts[2].parse().unwrap());
}

/// Prints the table for a reader (`cargo test --test stack -- --nocapture`). The system's own minimum, some 16 to 20 KiB, is
/// given to whoever asks for less, so lower figures than that say no more.
#[test]
fn every_step_needs_less_than_64_kib_of_stack_on_every_backend() {
    for backend in Backend::all() {
        for step in STEPS {
            let kib = need(step, backend);
            println!("{:10}{step:20}{kib:4} KiB", backend.name());
            assert!(kib < LIMIT_KIB, "{step} on {} needs {kib} KiB", backend.name());
        }
    }
}

#[test]
fn a_step_that_needs_more_is_found_out() {
    assert!(!survives("96 KiB", Backend::in_use(), LIMIT_KIB));
    assert!(survives("96 KiB", Backend::in_use(), 128));
}
