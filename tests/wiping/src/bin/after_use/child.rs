//! The process with the secrets.

use std::fs::File;
use std::hint::black_box;
use std::os::fd::AsFd;
use std::thread;
use std::time::Duration;

use cognito_srp6a::hazmat::Backend;
use cognito_srp6a::idp::{Api, AuthResponse, Credentials, SignIn, SignInFlow, Step};
use cognito_srp6a::server::{PendingSignIn, ServerKey, UserRecord};
use cognito_srp6a::{
    AppClient, ClientSecret, Device, DeviceChallenge, DeviceCredentials, DeviceSignIn, Password, PasswordChallenge,
    PasswordClaim, SrpAuthParameters, UserSignIn, Username,
};

use crate::pipe::{Pipe, now};

const MAX_AGE: Duration = Duration::from_secs(60);

/// What a child does with the crate.
type Flow = fn(&mut Pipe);

pub const FLOWS: [(&str, Flow); 4] = [("user", user), ("device", device), ("sign-in", sign_in), ("server", server)];

/// Leaves a secret where the search must find it.
pub const LEAKS: [(&str, Flow); 2] = [("leak on the heap", leak_on_heap), ("leak on the stack", leak_on_stack)];

/// Where a flow runs: its thread has ended, waits, or is the first one of the process.
pub const THREADS: [&str; 3] = ["first thread", "ended thread", "waiting thread"];

/// Runs a task: flow, backend, thread. Then it waits until the parent has read its memory.
pub fn run(task: &str) {
    let words: Vec<_> = task.split('/').collect();
    Backend::all().into_iter().find(|backend| backend.name() == words[1]).unwrap().use_everywhere();
    let flow = FLOWS.iter().chain(&LEAKS).find(|(name, _)| *name == words[0]).unwrap().1;
    let (input, output) = (std::io::stdin(), std::io::stdout());
    let mut pipe = Pipe {
        input: File::from(input.as_fd().try_clone_to_owned().unwrap()),
        output: File::from(output.as_fd().try_clone_to_owned().unwrap()),
    };
    match words[2] {
        "first thread" => {
            flow(&mut pipe);
            wait(&mut pipe);
        }
        "ended thread" => {
            thread::scope(|scope| scope.spawn(|| flow(&mut pipe)).join().unwrap());
            wait(&mut pipe);
        }
        _ => thread::scope(|scope| {
            let work = || {
                flow(&mut pipe);
                wait(&mut pipe);
            };
            scope.spawn(work).join().unwrap();
        }),
    }
}

fn wait(pipe: &mut Pipe) {
    pipe.send(b"everything is dropped");
    assert_eq!(pipe.receive(), b"end");
}

pub fn app() -> AppClient {
    AppClient::new("us-east-1_AbCdEfGhI".parse().unwrap(), "client").unwrap()
}

pub fn the_device() -> Device {
    Device::new("us-east-1_0a1b".parse().unwrap(), "-group").unwrap()
}

fn app_with_secret(pipe: &mut Pipe) -> AppClient {
    app().with_secret(ClientSecret::new(pipe.receive_text()).unwrap())
}

fn password(pipe: &mut Pipe) -> Password {
    Password::new(pipe.receive_text()).unwrap()
}

fn name(text: &str) -> Username {
    text.parse().unwrap()
}

fn user(pipe: &mut Pipe) {
    let app = app_with_secret(pipe);
    let (sign_in, start) = UserSignIn::start_with_rng(&app, &name("alice"), pipe).unwrap();
    pipe.send_map(&start.into_pairs());
    let challenge = PasswordChallenge::from_parameters(&pipe.receive_map()).unwrap();
    let claim = sign_in.answer(challenge, &password(pipe), now()).unwrap();
    pipe.send_map(&claim.into_pairs());
}

fn device(pipe: &mut Pipe) {
    let app = app_with_secret(pipe);
    let (credentials, verifier) = DeviceCredentials::register_with_rng(the_device(), pipe).unwrap();
    pipe.send(verifier.password_verifier().as_bytes());
    pipe.send(verifier.salt().as_bytes());
    let (sign_in, start) = DeviceSignIn::start_with_rng(&app, &name("user"), &credentials, pipe).unwrap();
    pipe.send_map(&start.into_pairs());
    let challenge = DeviceChallenge::from_parameters(&pipe.receive_map()).unwrap();
    let claim = sign_in.answer(challenge, now()).unwrap();
    pipe.send_map(&claim.into_pairs());
}

/// The state machine: the proof of a user, then that of a device.
fn sign_in(pipe: &mut Pipe) {
    let app = app_with_secret(pipe);
    let credentials = Credentials::new(name("alice"))
        .with_password(password(pipe))
        .with_device(DeviceCredentials::from_parts(the_device(), password(pipe)));
    let builder = SignIn::builder(&app, Api::Public, SignInFlow::UserSrp, credentials);
    let (mut sign_in, mut request) = builder.start_with_rng(pipe).unwrap();
    loop {
        pipe.send(&request.to_json());
        let response = AuthResponse::from_http(200, &pipe.receive());
        match sign_in.advance_with_rng(response, now(), pipe).unwrap() {
            Step::Send(next, to_send) => (sign_in, request) = (next, to_send),
            Step::Done(_) => return,
            other => panic!("no such step: {other:?}"),
        }
    }
}

fn server(pipe: &mut Pipe) {
    let app = app();
    let password = password(pipe);
    let record = UserRecord::from_password_with_rng(app.pool_id(), &name("user"), &password, pipe).unwrap();
    record.verify_password(&password).unwrap();
    drop(password);

    let start = SrpAuthParameters::from_parameters(&pipe.receive_map()).unwrap();
    let (pending, challenge) = PendingSignIn::new_with_rng(&record, start.srp_a().clone(), now(), pipe).unwrap();
    pipe.send_map(&challenge.into_pairs());
    let claim = PasswordClaim::from_parameters(&pipe.receive_map()).unwrap();
    pending.verify(&record, &claim, now(), MAX_AGE).unwrap();

    let start = SrpAuthParameters::from_parameters(&pipe.receive_map()).unwrap();
    let key = ServerKey::generate_with_rng(pipe).unwrap();
    let challenge = key.challenge_with_rng(&record, start.srp_a(), now(), pipe).unwrap();
    pipe.send_map(&challenge.into_pairs());
    let claim = PasswordClaim::from_parameters(&pipe.receive_map()).unwrap();
    key.verify(&record, &claim, now(), MAX_AGE).unwrap();
}

fn leak_on_heap(pipe: &mut Pipe) {
    drop(black_box(pipe.receive()));
}

fn leak_on_stack(pipe: &mut Pipe) {
    #[inline(never)]
    fn copy(bytes: &[u8]) {
        // Deep enough that later calls do not write over it.
        let mut area = [0; 4096];
        area[..bytes.len()].copy_from_slice(bytes);
        black_box(&area);
    }

    let mut secret = pipe.receive();
    copy(&secret);
    secret.fill(0);
    black_box(&secret);
}
