//! A user's sign-in, client side, through the functions that applications call.

use cognito_srp6a::hazmat::Backend;
use cognito_srp6a::server::{ServerKey, UserRecord};
use cognito_srp6a::{AppClient, ClientSecret, PasswordChallenge, PasswordClaim, SrpAuthParameters, UserSignIn};

use crate::Secrecy::{Public, Secret};
use crate::valgrind::{has_secret, public, public_key_in, public_text};
use crate::{CLIENT_SECRET, PASSWORD, POOL, Source, USER, app, bytes, now, secret_text};

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
    let (sign_in, start) = UserSignIn::start_with_rng(&app, USER, &mut Source::new(1, &[Public])).unwrap();
    let (key, record) = (ServerKey::from_bytes(bytes(2)), record(PASSWORD));
    let claim = sign_in.answer(challenge(&key, &record, &start), PASSWORD, now()).unwrap();
    assert_eq!(key.verify(&record, &sent(claim), now(), crate::MAX_AGE), Ok(()));
}

fn answer(app: &AppClient, password: &str) {
    let (mut sign_in, start) = UserSignIn::start_with_rng(app, USER, &mut Source::new(1, &[Secret])).unwrap();
    public_text(start.srp_a());
    public_key_in(&mut sign_in);

    let key = ServerKey::from_bytes(bytes(2));
    let record = record(password);
    let mut claim = sign_in.answer(challenge(&key, &record, &start), &secret_text(password), now()).unwrap();
    assert!(has_secret(&claim, 32), "the signature depends on secrets");
    public(&mut claim);
    assert_eq!(key.verify(&record, &sent(claim), now(), crate::MAX_AGE), Ok(()));
}

/// The user's record, of which nothing is marked.
pub fn record(password: &str) -> UserRecord {
    UserRecord::from_password_with_rng(&POOL.parse().unwrap(), USER, password, &mut Source::new(3, &[Public])).unwrap()
}

/// The challenge of a server that marks nothing.
fn challenge(key: &ServerKey, record: &UserRecord, start: &SrpAuthParameters) -> PasswordChallenge {
    let srp_a = start.srp_a().parse().unwrap();
    let challenge = key.challenge_with_rng(record, &srp_a, now(), &mut Source::new(4, &[Public])).unwrap();
    PasswordChallenge::from_parameters(&challenge.into_pairs()[..]).unwrap()
}

/// A claim as it arrives at a server.
pub fn sent(claim: PasswordClaim) -> PasswordClaim {
    PasswordClaim::from_parameters(&claim.into_pairs()[..]).unwrap()
}
