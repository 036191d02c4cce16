//! A hostile server's challenge: it is refused with an error, or answered.
#![no_main]

use cognito_srp6a::{DeviceChallenge, DeviceSignIn, PasswordChallenge, UserSignIn};
use fuzz::{Parameters, app, device, fixed, now, parameters, password, username};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let parameters = parameters(input);
    answer_password_challenge(&parameters);
    answer_device_challenge(&parameters);
});

fn answer_password_challenge(parameters: &Parameters) {
    let Ok(challenge) = PasswordChallenge::from_parameters(parameters) else { return };
    let (id, name) = (challenge.user_id_for_srp().clone(), challenge.username().clone());
    assert_eq!(Some(id.as_str()), parameters.get("USER_ID_FOR_SRP").map(String::as_str));
    assert_eq!(name.as_str(), parameters.get("USERNAME").map_or(id.as_str(), String::as_str));

    let sent = challenge.into_pairs();
    let again = PasswordChallenge::from_parameters(&sent).expect("what is sent is read");
    let (sign_in, _) = UserSignIn::start_with_rng(&app(), &username(), &mut fixed(1)).unwrap();
    let claim = sign_in.answer(again, &password(), now()).expect("the challenge was taken").into_pairs();
    let of_claim = |name: &str| claim.iter().find(|pair| pair.0 == name).map(|pair| pair.1.as_str());
    assert_eq!(of_claim("USERNAME"), Some(name.as_str()));
    assert_eq!(of_claim("SECRET_HASH"), app().secret_hash(&name).as_deref().map(String::as_str));
    assert_eq!(of_claim("PASSWORD_CLAIM_SECRET_BLOCK"), parameters.get("SECRET_BLOCK").map(String::as_str));
}

fn answer_device_challenge(parameters: &Parameters) {
    let Ok(challenge) = DeviceChallenge::from_parameters(parameters) else { return };
    let sent = challenge.into_pairs();
    let again = DeviceChallenge::from_parameters(&sent).expect("what is sent is read");
    let device = device();
    let (sign_in, _) = DeviceSignIn::start_with_rng(&app(), &username(), &device, &mut fixed(1)).unwrap();
    sign_in.answer(again, now()).expect("the challenge was taken");
}
