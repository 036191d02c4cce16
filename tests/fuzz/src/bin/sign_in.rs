//! A hostile server, over a whole sign-in: one body after the other, each a line of the input.
#![no_main]

use cognito_srp6a::ParameterSource as _;
use cognito_srp6a::idp::{
    Api, AuthResponse, ChallengeName, FirstFactor, Request, ResponseError, SignIn, SignInFlow, Step,
};
use fuzz::{alice, answer, app, fixed, now};
use libfuzzer_sys::fuzz_target;

/// The flows that never send the password.
const FLOWS: [SignInFlow; 4] =
    [SignInFlow::UserSrp, SignInFlow::CustomSrp, SignInFlow::Custom, SignInFlow::User(Some(FirstFactor::PasswordSrp))];

fuzz_target!(|input: &[u8]| {
    let Some((&first, input)) = input.split_first() else { return };
    let flow = FLOWS[usize::from(first) % FLOWS.len()];
    let mut rng = fixed(u64::from(first));
    let start = SignIn::builder(&app(), Api::Public, flow, alice()).start_with_rng(&mut rng);
    let (mut sign_in, request) = start.unwrap();
    let (mut proofs, mut echoes) = (0, false);
    look_at(&request, &mut proofs, echoes);
    for line in input.split(|&byte| byte == b'\n') {
        // A body that begins like an error comes with the status of one.
        let status = if line.starts_with(b"{\"__type\"") { 400 } else { 200 };
        let response = AuthResponse::from_http(status, line);
        if matches!(response, Err(ResponseError::Body { .. })) {
            return;
        }
        // A server that says the word itself, as a user's name, say, is told it again.
        echoes |= response.as_ref().is_ok_and(|response| has_password(&response.to_json()));
        let Ok(step) = sign_in.advance_with_rng(response, now(), &mut rng) else { return };
        let next = match step {
            Step::Send(sign_in, request) => Ok((sign_in, request)),
            Step::Challenge(challenge) => answer(challenge),
            // The same request once more, which may be the same proof.
            Step::Retry(retry) => {
                sign_in = retry.send_again().0;
                continue;
            }
            Step::Done(signed_in) => {
                // The caller acts on it.
                let _ = (signed_in.new_device(), signed_in.username());
                return;
            }
        };
        let Ok((next, request)) = next else { return };
        look_at(&request, &mut proofs, echoes);
        sign_in = next;
    }
});

/// Whoever poses as the service has one guess at the password, and is not told it.
fn look_at(request: &Request, proofs: &mut u32, echoes: bool) {
    if let Request::RespondToAuthChallenge(request) = request {
        let proof = *request.challenge_name() == ChallengeName::PasswordVerifier;
        *proofs += u32::from(proof);
        assert!(*proofs <= 1, "a second proof of the password");
        assert_eq!(request.challenge_responses().parameter("PASSWORD"), None);
    }
    assert!(echoes || !has_password(&request.to_json()), "the password is sent");
}

fn has_password(body: &[u8]) -> bool {
    String::from_utf8_lossy(body).contains("Passw0rd!")
}
