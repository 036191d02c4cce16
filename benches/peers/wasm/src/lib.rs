//! `cognito-srp6a` for `runners/ours-wasm.js`. A module has only numbers as arguments, so texts and bytes lie in two buffers: the
//! host writes the input where [`input`] says, and reads the output where [`output`] says.
//!
//! Nothing here returns an error. A panic traps, and the host reports it.

#![allow(clippy::missing_panics_doc, reason = "every function panics when the host breaks the rules")]

use std::cell::RefCell;
use std::convert::Infallible;

use cognito_srp6a::hazmat::{Backend, ElementBytes};
use cognito_srp6a::{AppClient, Password, PasswordChallenge, Timestamp, UserSignIn, Username};
use rand::rand_core::utils::next_word_via_fill;
use rand::{TryCryptoRng, TryRng};

#[link(wasm_import_module = "host")]
// SAFETY: The host has both functions. `now` only returns a number.
unsafe extern "C" {
    /// Writes random bytes over so many bytes.
    fn random(start: *mut u8, length: usize);
    /// Seconds since 1970.
    safe fn now() -> f64;
}

#[derive(Default)]
struct Module {
    input: Vec<u8>,
    output: Vec<u8>,
    setup: Option<Setup>,
    /// Started sign-ins. An answer takes its own.
    started: Vec<Option<UserSignIn>>,
}

struct Setup {
    app: AppClient,
    username: Username,
    password: String,
}

thread_local! {
    static MODULE: RefCell<Module> = RefCell::default();
}

fn with<T>(work: impl FnOnce(&mut Module) -> T) -> T {
    MODULE.with_borrow_mut(work)
}

/// Makes room for an input of this length and returns its place.
#[unsafe(no_mangle)]
pub extern "C" fn input(length: usize) -> *mut u8 {
    with(|module| {
        module.input.clear();
        module.input.resize(length, 0);
        module.input.as_mut_ptr()
    })
}

/// Returns the place of the output.
#[unsafe(no_mangle)]
pub extern "C" fn output() -> *const u8 {
    with(|module| module.output.as_ptr())
}

/// Returns the length of the output.
#[unsafe(no_mangle)]
pub extern "C" fn output_length() -> usize {
    with(|module| module.output.len())
}

/// Takes the lines pool id, client id, user name and password. Writes the name of the backend.
#[unsafe(no_mangle)]
pub extern "C" fn setup() {
    with(|module| {
        let [pool_id, client_id, username, password] = lines(&module.input);
        let app = AppClient::new(pool_id.parse().expect("a pool id"), client_id).expect("a client id");
        let username = username.parse().expect("a user name");
        module.setup = Some(Setup { app, username, password: password.into() });
        module.output = Backend::in_use().name().into();
    });
}

/// Starts a sign-in. Writes `SRP_A` and returns the number of the sign-in.
#[unsafe(no_mangle)]
pub extern "C" fn start() -> usize {
    with(|module| {
        let Setup { app, username, .. } = module.setup.as_ref().expect("`setup` comes first");
        let (sign_in, parameters) =
            UserSignIn::start_with_rng(app, username, &mut Host).expect("the host has randomness");
        let srp_a = parameters.into_pairs().into_iter().find(|(name, _)| *name == "SRP_A");
        module.output = srp_a.expect("there is an A").1.into();
        module.started.push(Some(sign_in));
        module.started.len() - 1
    })
}

/// Answers the lines `USERNAME`, `USER_ID_FOR_SRP`, `SALT`, `SRP_B` and `SECRET_BLOCK`. Writes lines of names and values in turn.
#[unsafe(no_mangle)]
pub extern "C" fn answer(number: usize) {
    with(|module| {
        let sign_in = module.started[number].take().expect("a sign-in has one answer");
        if module.started.iter().all(Option::is_none) {
            module.started.clear();
        }
        let names = ["USERNAME", "USER_ID_FOR_SRP", "SALT", "SRP_B", "SECRET_BLOCK"];
        let values: [&str; 5] = lines(&module.input);
        let pairs: Vec<_> = names.into_iter().zip(values).collect();
        let challenge = PasswordChallenge::from_parameters(&pairs).expect("a challenge");
        let setup = module.setup.as_ref().expect("`setup` comes first");
        let password: Password = setup.password.parse().expect("a password");
        let now = Timestamp::from_unix_seconds(seconds()).expect("the host's clock is right");
        let claim = sign_in.answer(challenge, &password, now).expect("u is not 0");
        let words: Vec<_> = claim.into_pairs().into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect();
        module.output = words.join("\n").into();
    });
}

/// Takes a base of 384 bytes and, after it, an exponent of this many bits. Writes the power.
#[unsafe(no_mangle)]
pub extern "C" fn power(bits: usize) {
    with(|module| {
        let (base, exponent) = module.input.split_at(size_of::<ElementBytes>());
        let base = base.try_into().expect("the length is right");
        let power = Backend::in_use().pow_below(&base, exponent, bits).expect("the exponent is as long as it says");
        module.output = power.into();
    });
}

fn lines<const COUNT: usize>(input: &[u8]) -> [&str; COUNT] {
    let text = str::from_utf8(input).expect("the host writes UTF-8");
    let lines: Vec<&str> = text.split('\n').collect();
    lines.try_into().expect("there are as many lines as names")
}

#[allow(clippy::cast_possible_truncation, reason = "seconds since 1970 are far below 2^53")]
fn seconds() -> i64 {
    now() as i64
}

/// The randomness of the host.
struct Host;

impl TryRng for Host {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        // SAFETY: All of these bytes are writable and ours, and the host keeps no pointer.
        unsafe { random(bytes.as_mut_ptr(), bytes.len()) };
        Ok(())
    }
}

impl TryCryptoRng for Host {}
