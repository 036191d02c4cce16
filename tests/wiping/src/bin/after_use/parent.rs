//! The other side, which knows every secret and reads the child's memory.

use std::collections::BTreeMap;
use std::env;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::process::{Child, Command, ExitCode, Stdio};

use cognito_srp6a::hazmat::{self, Backend, ElementBytes, Identity};
use cognito_srp6a::idp::{AuthResponse, AuthenticationResult, ChallengeName, Operation, Request};
use cognito_srp6a::server::{DeviceRecord, ServerKey, UserRecord};
use cognito_srp6a::{
    DeviceSrpResponses, DeviceVerifier, Password, PasswordChallenge, SrpAuthParameters, UserSignIn, Username,
};
use rand::rngs::SysRng;
use rand::{TryCryptoRng, TryRng};

use crate::child::{FLOWS, LEAKS, THREADS, app, the_device};
use crate::memory::Secrets;
use crate::pipe::{Pipe, now};

type Map = Vec<(String, String)>;

/// Runs every flow on every backend in every kind of thread.
pub fn run() -> ExitCode {
    let mut failed = 0;
    for (leak, _) in LEAKS {
        let found = search(leak, Backend::in_use(), THREADS[0]);
        println!("{leak}: {}", if found.is_empty() { "FAILED: not found" } else { "found" });
        failed += usize::from(found.is_empty());
    }
    for backend in Backend::all() {
        for (flow, _) in FLOWS {
            for thread in THREADS {
                let found = search(flow, backend, thread);
                if found.is_empty() {
                    println!("{flow}, {}, {thread}: nothing is left", backend.name());
                }
                for ((secret, part), times) in &found {
                    println!("FAILED {flow}, {}, {thread}: {secret} in {part}: {times} windows", backend.name());
                }
                failed += usize::from(!found.is_empty());
            }
        }
    }
    println!("{failed} failed");
    ExitCode::from(u8::from(failed > 0))
}

/// Runs a child to the end of its task and searches its memory.
fn search(flow: &str, backend: Backend, thread: &str) -> BTreeMap<(&'static str, String), usize> {
    let mut child = Command::new(env::current_exe().unwrap())
        .arg(format!("{flow}/{}/{thread}", backend.name()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = pipe_to(&mut child);
    let secrets = match flow {
        "user" => with_user(&mut pipe),
        "device" => with_device(&mut pipe),
        "sign-in" => with_sign_in(&mut pipe),
        "server" => with_server(&mut pipe),
        _ => with_leak(&mut pipe),
    };
    assert_eq!(pipe.receive(), b"everything is dropped");
    let found = secrets.find_in(child.id()).unwrap();
    pipe.send(b"end");
    assert!(child.wait().unwrap().success());
    found
}

fn pipe_to(child: &mut Child) -> Pipe {
    Pipe {
        input: File::from(OwnedFd::from(child.stdout.take().unwrap())),
        output: File::from(OwnedFd::from(child.stdin.take().unwrap())),
    }
}

fn random<const LEN: usize>() -> [u8; LEN] {
    let mut bytes = [0; LEN];
    SysRng.try_fill_bytes(&mut bytes).unwrap();
    bytes
}

/// Sends random bytes for the child to draw.
fn send_random<const LEN: usize>(pipe: &mut Pipe) -> [u8; LEN] {
    let bytes = random();
    pipe.send(&bytes);
    bytes
}

/// Makes a random text of 48 letters, which may be a password or a client secret.
fn random_text() -> String {
    random::<48>().iter().map(|byte| char::from(b'a' + byte % 26)).collect()
}

/// Sends such a text.
fn send_text(pipe: &mut Pipe, secrets: &mut Secrets, name: &'static str) -> String {
    let text = random_text();
    pipe.send(text.as_bytes());
    secrets.add(name, text.as_bytes());
    text
}

fn password(text: &str) -> Password {
    Password::new(text).unwrap()
}

fn name(text: &str) -> Username {
    text.parse().unwrap()
}

fn of_user() -> (cognito_srp6a::AppClient, Username) {
    (app(), name("user"))
}

/// Reads an integer of a message.
fn integer(map: &Map, parameter: &str) -> Vec<u8> {
    let text = &map.iter().find(|(name, _)| name == parameter).unwrap().1;
    hazmat::parse_ephemeral(text).unwrap()
}

fn element(map: &Map, parameter: &str) -> ElementBytes {
    let bytes = integer(map, parameter);
    let mut element = [0; 384];
    element[384 - bytes.len()..].copy_from_slice(&bytes);
    element
}

/// Adds what both sides of a proof compute on the way.
fn add_proof(
    secrets: &mut Secrets,
    identity: Identity<'_>,
    password: &str,
    (start, challenge): (&Map, &Map),
    a: &[u8; 40],
) {
    let (public, server_public) = (element(start, "SRP_A"), element(challenge, "SRP_B"));
    let x = hazmat::private_key(identity, password.as_bytes(), &integer(challenge, "SALT")).unwrap();
    let u = hazmat::scrambler(&public, &server_public).unwrap();
    let premaster = hazmat::client_premaster(a, &server_public, x, u).unwrap();
    secrets.add("a", a);
    secrets.add("x", &x);
    secrets.add("v", &hazmat::verifier(x));
    secrets.add("S", &premaster);
    secrets.add("K", &hazmat::session_key(u, &premaster).unwrap());
}

fn add_users_proof(secrets: &mut Secrets, password: &str, messages: (&Map, &Map), a: &[u8; 40]) {
    let app = app();
    add_proof(secrets, Identity { realm: app.pool_id().name(), name: "user" }, password, messages, a);
}

fn add_devices_proof(secrets: &mut Secrets, password: &str, messages: (&Map, &Map), a: &[u8; 40]) {
    let device = the_device();
    add_proof(secrets, Identity { realm: device.group_key(), name: device.key().as_str() }, password, messages, a);
}

fn to_map(pairs: Vec<(&str, String)>) -> Map {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn with_user(pipe: &mut Pipe) -> Secrets {
    let mut secrets = Secrets::default();
    send_text(pipe, &mut secrets, "the client secret");
    let a = send_random(pipe);
    let start = pipe.receive_map();
    let (app, user_id) = of_user();
    let srp_a = SrpAuthParameters::from_parameters(&start).unwrap().srp_a().clone();
    // The password comes after the challenge, so that `start` is over before.
    let text = random_text();
    let record = UserRecord::from_password(app.pool_id(), &user_id, &password(&text)).unwrap();
    let challenge = ServerKey::generate().unwrap().challenge(&record, &srp_a, now()).unwrap().into_pairs();
    let challenge = to_map(challenge);
    pipe.send_map(&challenge);
    pipe.send(text.as_bytes());
    pipe.receive_map();
    secrets.add("the password", text.as_bytes());
    add_users_proof(&mut secrets, &text, (&start, &challenge), &a);
    secrets
}

fn with_device(pipe: &mut Pipe) -> Secrets {
    let mut secrets = Secrets::default();
    send_text(pipe, &mut secrets, "the client secret");
    let drawn: [u8; 40] = send_random(pipe);
    send_random::<16>(pipe);
    let (verifier, salt) = (pipe.receive_text(), pipe.receive_text());
    let a = send_random(pipe);
    let start = pipe.receive_map();
    let record = DeviceRecord::new(the_device(), DeviceVerifier::from_base64(&verifier, &salt).unwrap());
    let responses = DeviceSrpResponses::from_parameters(&start).unwrap();
    let challenge = ServerKey::generate().unwrap().device_challenge(&record, &responses, now()).unwrap();
    let challenge = to_map(challenge.into_pairs());
    pipe.send_map(&challenge);
    pipe.receive_map();
    let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, drawn);
    secrets.add("the device's password", text.as_bytes());
    secrets.add("the bytes of the device's password", &drawn);
    secrets.add("the text of v", verifier.as_bytes());
    add_devices_proof(&mut secrets, &text, (&start, &challenge), &a);
    secrets
}

fn with_sign_in(pipe: &mut Pipe) -> Secrets {
    let mut secrets = Secrets::default();
    send_text(pipe, &mut secrets, "the client secret");
    let text = send_text(pipe, &mut secrets, "the password");
    let device_text = send_text(pipe, &mut secrets, "the device's password");
    let (app, user_id) = of_user();
    let key = ServerKey::generate().unwrap();
    let user = UserRecord::from_password(app.pool_id(), &user_id, &password(&text)).unwrap();
    let parameters = |body: &[u8], operation| -> Map {
        let pairs = |map: &cognito_srp6a::idp::ParameterMap| {
            map.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
        };
        match Request::from_json(operation, body).unwrap() {
            Request::InitiateAuth(request) => pairs(request.auth_parameters()),
            Request::RespondToAuthChallenge(request) => pairs(request.challenge_responses()),
            other => panic!("no such call: {other:?}"),
        }
    };
    let asked = |name, pairs: &Map| AuthResponse::challenge(name, pairs.clone()).to_json().to_vec();

    let a = send_random(pipe);
    let start = parameters(&pipe.receive(), Operation::InitiateAuth);
    let srp_a = SrpAuthParameters::from_parameters(&start).unwrap().srp_a().clone();
    let challenge = to_map(key.challenge(&user, &srp_a, now()).unwrap().into_pairs());
    pipe.send(&asked(ChallengeName::PasswordVerifier, &challenge));
    pipe.receive();
    add_users_proof(&mut secrets, &text, (&start, &challenge), &a);

    pipe.send(&asked(ChallengeName::DeviceSrpAuth, &Map::new()));
    let a = send_random(pipe);
    let start = parameters(&pipe.receive(), Operation::RespondToAuthChallenge);
    let device = the_device();
    let identity = Identity { realm: device.group_key(), name: device.key().as_str() };
    let salt: [u8; 16] = random();
    let x = hazmat::private_key(identity, device_text.as_bytes(), &salt[1..]).unwrap();
    let encode = |bytes: &[u8]| {
        let signed = hazmat::enc(bytes).unwrap();
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, signed)
    };
    let verifier = DeviceVerifier::from_base64(&encode(&hazmat::verifier(x)), &encode(&salt[1..])).unwrap();
    let responses = DeviceSrpResponses::from_parameters(&start).unwrap();
    let record = DeviceRecord::new(device, verifier);
    let challenge = to_map(key.device_challenge(&record, &responses, now()).unwrap().into_pairs());
    pipe.send(&asked(ChallengeName::DevicePasswordVerifier, &challenge));
    pipe.receive();
    add_devices_proof(&mut secrets, &device_text, (&start, &challenge), &a);

    pipe.send(&AuthResponse::tokens(AuthenticationResult::default().with_access_token("a.b.c")).to_json());
    secrets
}

fn with_server(pipe: &mut Pipe) -> Secrets {
    let mut secrets = Secrets::default();
    let text = send_text(pipe, &mut secrets, "the password");
    send_random::<16>(pipe);
    let (app, user_id) = of_user();
    for stores in [true, false] {
        let a: [u8; 40] = random();
        let (sign_in, start) = UserSignIn::start_with_rng(&app, &user_id, &mut Played(a)).unwrap();
        let start = to_map(start.into_pairs());
        pipe.send_map(&start);
        if stores {
            secrets.add("b", &send_random::<40>(pipe));
            send_random::<32>(pipe);
        } else {
            // The key, then the nonce, which is sent.
            secrets.add("the server key", &send_random::<32>(pipe));
            send_random::<32>(pipe);
        }
        let challenge = pipe.receive_map();
        add_users_proof(&mut secrets, &text, (&start, &challenge), &a);
        let message = PasswordChallenge::from_parameters(&challenge).unwrap();
        pipe.send_map(&sign_in.answer(message, &password(&text), now()).unwrap().into_pairs());
    }
    secrets
}

fn with_leak(pipe: &mut Pipe) -> Secrets {
    let mut secrets = Secrets::default();
    send_text(pipe, &mut secrets, "the password");
    secrets
}

/// Random bytes that are known before.
struct Played([u8; 40]);

impl TryRng for Played {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        unreachable!("the crate draws bytes")
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        unreachable!("the crate draws bytes")
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
        out.copy_from_slice(&self.0);
        Ok(())
    }
}

impl TryCryptoRng for Played {}
