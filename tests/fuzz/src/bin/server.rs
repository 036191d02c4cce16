//! A hostile client's `SRP_A`, claim and device: refused with an error, and never signed in.
#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use cognito_srp6a::server::{DeviceRecord, ServerKey, UserRecord};
use cognito_srp6a::{DeviceSrpResponses, DeviceVerifier, PasswordClaim, SrpA};
use fuzz::{Parameters, app, device, fixed, now, parameters, username};
use libfuzzer_sys::fuzz_target;

const BLOCK: &str = "PASSWORD_CLAIM_SECRET_BLOCK";

static KEY: LazyLock<ServerKey> = LazyLock::new(|| ServerKey::from_bytes([7; 32]).unwrap());
static RECORD: LazyLock<UserRecord> = LazyLock::new(|| {
    let password = "a password that no input has".parse().unwrap();
    UserRecord::from_password_with_rng(app().pool_id(), &username(), &password, &mut fixed(2)).unwrap()
});

fuzz_target!(|input: &[u8]| {
    let mut parameters = parameters(input);
    let max_age = Duration::from_secs(u64::from(u32::MAX));
    let Ok(srp_a) = parameter(&parameters, "SRP_A").parse::<SrpA>() else { return };
    let challenge = KEY.challenge_with_rng(&RECORD, &srp_a, now(), &mut fixed(3)).expect("A was taken");
    // No mutation seals a block, so this word stands for the one that the client has been sent.
    if parameter(&parameters, BLOCK) == "sent" {
        parameters.insert(BLOCK.to_owned(), challenge.secret_block().to_string());
    }
    let claim = PasswordClaim::from_parameters(&parameters);
    if let Ok(claim) = &claim {
        KEY.verify(&RECORD, claim, now(), max_age).expect_err("nobody knows the password");
    }

    let (verifier, salt) = (parameter(&parameters, "PasswordVerifier"), parameter(&parameters, "Salt"));
    let Ok(verifier) = DeviceVerifier::from_base64(verifier, salt) else { return };
    let record = DeviceRecord::new(device().device().clone(), verifier);
    parameters.insert("USERNAME".to_owned(), username().into_string());
    parameters.insert("DEVICE_KEY".to_owned(), record.device().key().to_string());
    parameters.remove("SECRET_HASH");
    let start = DeviceSrpResponses::from_parameters(&parameters).expect("A was taken");
    KEY.device_challenge_with_rng(&record, &start, now(), &mut fixed(3)).expect("A was taken");
    if let Ok(claim) = &claim {
        KEY.verify_device(&record, claim, now(), max_age).expect_err("the block is not this device's");
    }
});

fn parameter<'a>(parameters: &'a Parameters, name: &str) -> &'a str {
    parameters.get(name).map_or("", String::as_str)
}
