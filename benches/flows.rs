//! The time of each step of a sign-in, on the backend that this machine uses: `cargo bench --bench flows`.
//!
//! `benches/peers` compares these times with those of other clients.

use std::hint::black_box;
use std::time::Duration;

use cognito_srp6a::server::{ServerKey, UnknownUserKey, UserRecord};
use cognito_srp6a::{
    AppClient, Password, PasswordChallenge, PasswordClaim, SrpA, Timestamp, UserSignIn, Username, hazmat,
};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use rand::SeedableRng;
use rand::rngs::StdRng;

const PASSWORD: &str = "correct horse battery staple";

/// One user of one pool, with everything that both sides know before the first message.
struct Scene {
    app: AppClient,
    username: Username,
    password: Password,
    record: UserRecord,
    key: ServerKey,
    now: Timestamp,
    rng: StdRng,
}

impl Scene {
    fn new() -> Self {
        let mut rng = StdRng::seed_from_u64(6);
        let app = AppClient::new("us-east-1_AbCdEfGhI".parse().unwrap(), "client").unwrap();
        let (username, password) = ("alice".parse().unwrap(), PASSWORD.parse().unwrap());
        let record = UserRecord::from_password_with_rng(app.pool_id(), &username, &password, &mut rng).unwrap();
        let key = ServerKey::generate_with_rng(&mut rng).unwrap();
        Self { app, username, password, record, key, now: Timestamp::from_unix_seconds(1_700_000_000).unwrap(), rng }
    }

    fn start(&mut self) -> (UserSignIn, SrpA) {
        let (sign_in, parameters) = UserSignIn::start_with_rng(&self.app, &self.username, &mut self.rng).unwrap();
        (sign_in, parameters.srp_a().clone())
    }

    fn challenge(&mut self, srp_a: &SrpA) -> PasswordChallenge {
        self.key.challenge_with_rng(&self.record, srp_a, self.now, &mut self.rng).unwrap()
    }

    fn answer(&self, sign_in: UserSignIn, challenge: PasswordChallenge) -> PasswordClaim {
        sign_in.answer(challenge, &self.password, self.now).unwrap()
    }

    fn verify(&self, claim: &PasswordClaim) {
        self.key.verify(&self.record, claim, self.now, Duration::from_secs(60)).unwrap();
    }
}

fn flows(c: &mut Criterion) {
    let mut scene = Scene::new();
    println!("backend: {}", hazmat::Backend::in_use().name());

    // Measure only a sign-in that succeeds.
    let (sign_in, srp_a) = scene.start();
    let challenge = scene.challenge(&srp_a);
    let claim = scene.answer(sign_in, challenge);
    scene.verify(&claim);

    c.bench_function("client/start", |b| b.iter(|| black_box(scene.start())));
    let (password, now) = (PASSWORD.parse().unwrap(), scene.now);
    c.bench_function("client/respond", |b| {
        let challenged = || {
            let (sign_in, srp_a) = scene.start();
            (sign_in, scene.challenge(&srp_a))
        };
        let respond = |(sign_in, challenge): (UserSignIn, _)| sign_in.answer(challenge, &password, now).unwrap();
        b.iter_batched(challenged, respond, BatchSize::SmallInput);
    });
    c.bench_function("server/record", |b| {
        b.iter(|| UserRecord::from_password(scene.app.pool_id(), &scene.username, &scene.password).unwrap());
    });
    c.bench_function("server/challenge", |b| b.iter(|| black_box(scene.challenge(&srp_a))));
    c.bench_function("server/verify", |b| b.iter(|| scene.verify(black_box(&claim))));
    let (fakes, nobody) = (UnknownUserKey::generate().unwrap(), "nobody".parse().unwrap());
    c.bench_function("server/unknown_user", |b| {
        b.iter(|| fakes.record(scene.app.pool_id(), black_box(&nobody)));
    });
}

criterion_group!(benches, flows);
criterion_main!(benches);
