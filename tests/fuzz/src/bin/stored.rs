//! A stored challenge that anybody has written: it is refused with an error, or taken up as exactly what the text says.
//!
//! An input that begins with `v` is a text. Any other is the contents of one, and its digest is made here: no mutation
//! would ever make it.
#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognito_srp6a::ParameterSource as _;
use cognito_srp6a::idp::{
    AuthResponse, Challenge, ChallengeName, Request, Session, SignInError, StoredChallenge, TakeUpError,
};
use fuzz::{answer, app, device, now, password};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest as _, Sha256};

fuzz_target!(|input: &[u8]| {
    let stored = if input.first() == Some(&b'v') {
        StoredChallenge::new(String::from_utf8_lossy(input))
    } else {
        StoredChallenge::new(text_of(input))
    };
    let Ok(stored) = stored else { return };
    let take_up = || match stored.take_up(&app()).with_password(password()).build() {
        Err(TakeUpError::Device) => stored.take_up(&app()).with_device(device()).with_password(password()).build(),
        other => other,
    };
    if let Ok(challenge) = take_up() {
        assert_eq!(challenge.put_down().expect("it was stored").expose(), stored.expose());
        check(take_up().expect("it was taken up"));
    }
});

fn text_of(contents: &[u8]) -> String {
    let digest = Sha256::new().chain_update(b"cognito-srp6a stored challenge v1\0").chain_update(contents).finalize();
    format!("v1.{}", URL_SAFE_NO_PAD.encode([contents, &digest].concat()))
}

/// Whoever forges the digest chooses a name and a session. The answer has these and no others, and no proof goes on.
fn check(challenge: Challenge) {
    let (name, username) = (challenge.name().clone(), challenge.username().clone());
    let session = challenge.session().map(|session| session.expose().to_owned());
    let is_setup = matches!(challenge, Challenge::MfaSetup(_));
    let Ok((sign_in, request)) = answer(challenge) else { return };
    let Request::RespondToAuthChallenge(request) = request else { panic!("another request") };
    let sent = |name| request.challenge_responses().parameter(name);
    assert_eq!(*request.challenge_name(), name);
    assert_eq!(sent("USERNAME"), Some(username.as_str()));
    assert_eq!(sent("SECRET_HASH"), app().secret_hash(&username).as_deref().map(String::as_str));
    assert!(is_setup || request.session().map(Session::expose) == session.as_deref());
    let proof = AuthResponse::challenge::<&str, &str>(ChallengeName::PasswordVerifier, []);
    let step = sign_in.advance(Ok(proof), now());
    assert!(matches!(step, Err(SignInError::UnexpectedChallenge(_))), "a proof that was not started is made");
}
