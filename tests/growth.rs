//! The cost of many sign-ins: memory stays flat, and threads do not wait for each other.
//!
//! `cargo test` runs some hundred handshakes a thread. `.ci/run growth` runs more, and this runs 100,000 in all, optimised:
//! `HANDSHAKES=100000 cargo test --release --test growth -- --nocapture`.

mod common;

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use cognito_srp6a::server::{ServerKey, UserRecord};
use cognito_srp6a::{AppClient, Timestamp, UserSignIn};
use common::accounts::{PASSWORD, plain_app};
use common::{number_from, pass, time, user_name};

/// A pool and its user, shared by all threads.
struct Pool {
    app: AppClient,
    record: UserRecord,
    key: ServerKey,
    now: Timestamp,
}

impl Pool {
    fn new() -> Self {
        let app = plain_app();
        let record = UserRecord::from_password(app.pool_id(), &user_name("alice"), &pass(PASSWORD)).unwrap();
        Self { app, record, key: ServerKey::generate().unwrap(), now: time(0) }
    }

    /// One whole sign-in, both sides.
    fn handshake(&self) {
        let (sign_in, start) = UserSignIn::start(&self.app, &user_name("alice")).unwrap();
        let challenge = self.key.challenge(&self.record, start.srp_a(), self.now).unwrap();
        let claim = sign_in.answer(challenge, &pass(PASSWORD), self.now).unwrap();
        self.key.verify(&self.record, &claim, self.now, Duration::ZERO).unwrap();
    }

    /// Runs that many handshakes on each of some threads and returns how long it took.
    fn run(&self, threads: usize, each: usize) -> Duration {
        let started = Instant::now();
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| (0..each).for_each(|_| self.handshake()));
            }
        });
        started.elapsed()
    }
}

/// Handshakes in all.
fn handshakes() -> usize {
    number_from("HANDSHAKES", 400)
}

/// The process's resident memory in KiB, where the system tells it.
fn resident_kib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.trim().trim_end_matches(" kB").parse().ok()
}

#[test]
fn memory_does_not_grow_with_the_number_of_handshakes() {
    let pool = Pool::new();
    let threads = thread::available_parallelism().map_or(1, Into::into).min(8);
    let each = handshakes() / (2 * threads);
    // The system's allocator fills its memory for each thread before the comparison begins.
    pool.run(threads, each.min(100));
    let before = resident_kib();
    let first = pool.run(threads, each);
    let after_half = resident_kib();
    pool.run(threads, each);
    let after = resident_kib();

    let alone = pool.run(1, each.min(2000));
    let rate = |count: usize, time: Duration| f64::from(u32::try_from(count).unwrap()) / time.as_secs_f64();
    println!("{} handshakes on {threads} threads", 2 * each * threads);
    println!("resident memory: {before:?}, {after_half:?}, {after:?} KiB");
    let (many, one) = (rate(threads * each, first), rate(each.min(2000), alone));
    println!("handshakes a second: {one:.0} on one thread, {many:.0} on {threads}: {:.2} times", many / one);

    if let (Some(before), Some(after)) = (before, after) {
        // One handshake that were kept would be at least 2 KiB. Pages come and go in the allocator; 1 MiB is room for that.
        assert!(after < before + 1024, "{before} KiB have become {after} KiB");
    }
}
