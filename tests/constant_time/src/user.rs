//! A user's sign-in, client side, through the functions that applications call.

use cognito_srp6a::hazmat::Backend;
use cognito_srp6a::server::{ServerKey, UserRecord};
use cognito_srp6a::{AppClient, ClientSecret, PasswordChallenge, PasswordClaim, SrpAuthParameters, UserSignIn};

use crate::Secrecy::{Public, Secret};
use crate::valgrind::{has_secret, public, public_key_in, public_text};
use crate::{CLIENT_SECRET, PASSWORD, POOL, Source, app, bytes, now, secret_text, user};

/// `a` and the password are secret.
pub fn sign_in(_: Backend) {
    answer(&app(), PASSWORD);
}

/// A password with more bytes than it may have characters has its characters counted.
pub fn sign_in_with_long_password(_: Backend) {
    answer(&app(), &"ä".repeat(200));
}

/// The secret of the app client is the only one.
pub fn sign_in_with_client_secret(_: Backend) {
    let app = app().with_secret(ClientSecret::new(secret_text(CLIENT_SECRET)).unwrap());
    let (sign_in, start) = UserSignIn::start_with_rng(&app, &user(), &mut Source::new(1, &[Public])).unwrap();
    let (key, record) = (ServerKey::from_bytes(bytes(2)).unwrap(), record(PASSWORD));
    let claim = sign_in.answer(challenge(&key, &record, &start), &PASSWORD.parse().unwrap(), now()).unwrap();
    assert_eq!(key.verify(&record, &sent(claim), now(), crate::MAX_AGE), Ok(()));
}

fn answer(app: &AppClient, password: &str) {
    let (mut sign_in, start) = UserSignIn::start_with_rng(app, &user(), &mut Source::new(1, &[Secret])).unwrap();
    let start = SrpAuthParameters::from_parameters(&on_the_wire(start.into_pairs())).unwrap();
    public_key_in(&mut sign_in);

    let key = ServerKey::from_bytes(bytes(2)).unwrap();
    let record = record(password);
    let password = secret_text(password).parse().unwrap();
    let mut claim = sign_in.answer(challenge(&key, &record, &start), &password, now()).unwrap();
    assert!(has_secret(&claim, 32), "the signature depends on secrets");
    public(&mut claim);
    assert_eq!(key.verify(&record, &sent(claim), now(), crate::MAX_AGE), Ok(()));
}

/// The user's record, of which nothing is marked.
pub fn record(password: &str) -> UserRecord {
    let (pool_id, password) = (POOL.parse().unwrap(), password.parse().unwrap());
    UserRecord::from_password_with_rng(&pool_id, &user(), &password, &mut Source::new(3, &[Public])).unwrap()
}

/// The challenge of a server that marks nothing.
fn challenge(key: &ServerKey, record: &UserRecord, start: &SrpAuthParameters) -> PasswordChallenge {
    let challenge = key.challenge_with_rng(record, start.srp_a(), now(), &mut Source::new(4, &[Public])).unwrap();
    PasswordChallenge::from_parameters(&challenge.into_pairs()[..]).unwrap()
}

/// A message that is sent: all of it is public from here on.
pub fn on_the_wire(message: Vec<(&'static str, String)>) -> Vec<(&'static str, String)> {
    for (_, text) in &message {
        public_text(text);
    }
    message
}

/// A claim as it arrives at a server.
pub fn sent(claim: PasswordClaim) -> PasswordClaim {
    PasswordClaim::from_parameters(&claim.into_pairs()[..]).unwrap()
}
