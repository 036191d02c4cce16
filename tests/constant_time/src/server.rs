//! The server's half.

use cognito_srp6a::hazmat::Backend;
use cognito_srp6a::server::{PendingSignIn, ServerKey, UnknownUserKey, UserRecord};
use cognito_srp6a::{ClientSecret, Error, PasswordChallenge, PasswordClaim, SrpA, UserSignIn};

use crate::Secrecy::{Public, Secret};
use crate::user::{record, sent};
use crate::valgrind::{has_secret, public, public_key_in, public_text};
use crate::{
    CLIENT_SECRET, MAX_AGE, OTHER_CLIENT_SECRET, PASSWORD, POOL, Source, app, assert_answers, bytes, now, secret_bytes,
    secret_text, user,
};

/// The password is secret, and so is `v`, of which the record consists.
pub fn user_record(_: Backend) {
    let random = &mut Source::new(3, &[Public]);
    let (pool_id, password) = (POOL.parse().unwrap(), secret_text(PASSWORD).parse().unwrap());
    let made = UserRecord::from_password_with_rng(&pool_id, &user(), &password, random).unwrap();
    let mut verifier = made.expose_verifier();
    assert!(has_secret(&verifier, 384), "the verifier depends on the password");
    public(&mut verifier);
    assert_eq!(verifier, record(PASSWORD).expose_verifier());
}

/// A record whose verifier is secret.
fn secret_record() -> UserRecord {
    let record = record(PASSWORD);
    let verifier = secret_bytes(&record.expose_verifier());
    UserRecord::from_parts(&POOL.parse().unwrap(), &user(), *record.salt(), &verifier).unwrap()
}

/// A client of which nothing is marked.
fn client() -> (UserSignIn, SrpA) {
    let (sign_in, start) = UserSignIn::start_with_rng(&app(), &user(), &mut Source::new(1, &[Public])).unwrap();
    (sign_in, start.srp_a().clone())
}

/// A challenge as it leaves the server: all of it is public.
fn send(mut challenge: PasswordChallenge) -> PasswordChallenge {
    assert!(has_secret(&challenge, 384), "B depends on secrets");
    public(&mut challenge);
    public_text(challenge.secret_block().as_str());
    PasswordChallenge::from_parameters(&challenge.into_pairs()[..]).unwrap()
}

/// The claims of a client that knows the password, and of another that does not.
fn claims(sign_in: UserSignIn, challenge: PasswordChallenge) -> [PasswordClaim; 2] {
    let message = challenge.into_pairs();
    let claim = |sign_in: UserSignIn, password: &str| {
        let challenge = PasswordChallenge::from_parameters(&message[..]).unwrap();
        sent(sign_in.answer(challenge, &password.parse().unwrap(), now()).unwrap())
    };
    [claim(sign_in, PASSWORD), claim(client().0, "another password")]
}

/// The key, `v`, and with the key `b` are secret; the nonce and the label are not.
pub fn key(_: Backend) {
    let key = ServerKey::from_bytes(secret_bytes(&bytes(5))).unwrap().labelled("USER_SRP_AUTH");
    assert!(has_secret(key.expose_bytes(), ServerKey::BYTES), "the key of a label depends on the key");
    let record = secret_record();
    let (sign_in, srp_a) = client();
    let challenge = key.challenge_with_rng(&record, &srp_a, now(), &mut Source::new(6, &[Public])).unwrap();
    let [genuine, wrong] = claims(sign_in, send(challenge));
    assert_answers(key.verify(&record, &genuine, now(), MAX_AGE), key.verify(&record, &wrong, now(), MAX_AGE));
}

/// Salt and verifier of a user that does not exist come from the key, which is secret.
pub fn key_with_unknown_user(_: Backend) {
    let key = ServerKey::from_bytes(secret_bytes(&bytes(5))).unwrap();
    let fakes = UnknownUserKey::from_bytes(secret_bytes(&bytes(7))).unwrap();
    let record = fakes.record_or_fake(&POOL.parse().unwrap(), &"nobody".parse().unwrap(), None);
    assert!(has_secret(&record.expose_verifier(), 384), "the verifier depends on the key");
    let (sign_in, srp_a) = client();
    let challenge = key.challenge_with_rng(&record, &srp_a, now(), &mut Source::new(6, &[Public])).unwrap();
    let [claim, _] = claims(sign_in, send(challenge));
    let mut answer = key.verify(&record, &claim, now(), MAX_AGE);
    public(&mut answer);
    assert_eq!(answer, Err(Error::NotAuthorized));
}

/// `v` and `b` are secret; the random secret block is not.
pub fn challenge(_: Backend) {
    let record = secret_record();
    let (sign_in, srp_a) = client();
    let random = &mut Source::new(6, &[Secret, Public]);
    let (mut state, challenge) = PendingSignIn::new_with_rng(&record, srp_a, now(), random).unwrap();
    public_key_in(&mut state);
    let [genuine, wrong] = claims(sign_in, send(challenge));
    assert_answers(state.verify(&record, &genuine, now(), MAX_AGE), state.verify(&record, &wrong, now(), MAX_AGE));
}

/// The secret of the app client is secret, and so is the right hash; the hash in the request is not.
pub fn secret_hash(_: Backend) {
    let sent = app().with_secret(ClientSecret::new(CLIENT_SECRET).unwrap()).secret_hash(&user()).unwrap();
    // The right one of two live secrets comes second.
    let app = app()
        .with_secret(ClientSecret::new(secret_text(OTHER_CLIENT_SECRET)).unwrap())
        .with_other_secret(ClientSecret::new(secret_text(CLIENT_SECRET)).unwrap());
    let mut genuine = app.verify_secret_hash(&user(), Some(&sent));
    let mut wrong = app.verify_secret_hash(&"nobody".parse().unwrap(), Some(&sent));
    public(&mut genuine);
    public(&mut wrong);
    assert_eq!((genuine, wrong), (Ok(()), Err(Error::WrongSecretHash)));
}
