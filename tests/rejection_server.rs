//! The inputs that a server must refuse, and the values that need randomness: one test for each rule.
//!
//! Neighbour of `tests/rejection.rs`, which has what clients and parsers refuse.

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cognito_srp6a::server::{DeviceRecord, PendingSignIn, ServerKey, UnknownUserKey, UserRecord};
use cognito_srp6a::{
    DeviceCredentials, DeviceSignIn, DeviceSrpResponses, DeviceVerifier, Error, Parameter, Password, PasswordClaim,
    Salt, SrpA, UserSignIn, Username,
};
use common::accounts::{app, device, now, pool};
use common::messages::*;
use common::scene::MAX_AGE;
use common::{Map, ScriptedRng, device_start, element, integer, oracle, pass, time, user_name};
use num_bigint::BigUint;
use oracle::N;
use proptest::prelude::*;

fn read_claim(message: &Map) -> Result<(), Error> {
    PasswordClaim::from_parameters(message).map(drop)
}

// The claim, at the server.

#[test]
fn server_rejects_a_claim_that_lacks_a_parameter() {
    for (name, parameter) in [
        ("USERNAME", Parameter::Username),
        ("PASSWORD_CLAIM_SIGNATURE", Parameter::PasswordClaimSignature),
        ("PASSWORD_CLAIM_SECRET_BLOCK", Parameter::SecretBlock),
        ("TIMESTAMP", Parameter::Timestamp),
    ] {
        assert_eq!(read_claim(&without(claim(), name)), Err(Error::Missing(parameter)));
    }
    assert_eq!(read_claim(&claim()), Ok(()));
}

#[test]
fn server_rejects_a_signature_that_is_not_the_base64_of_32_bytes() {
    let parameter = Parameter::PasswordClaimSignature;
    for (text, error) in [
        ("A".repeat(45), Error::TooLong(parameter)),
        ("A".repeat(1 << 24), Error::TooLong(parameter)),
        (STANDARD.encode([0; 34]), Error::TooLong(parameter)),
        (STANDARD.encode([0; 33]), Error::Malformed(parameter)),
        (STANDARD.encode([0; 31]), Error::Malformed(parameter)),
        ("no Base64".into(), Error::NotBase64(parameter)),
        (STANDARD.encode([0xff; 32]).replace('/', "_"), Error::NotBase64(parameter)),
    ] {
        assert_eq!(read_claim(&with(claim(), "PASSWORD_CLAIM_SIGNATURE", text)), Err(error));
    }
}

#[test]
fn server_rejects_a_claim_with_other_malformed_parameters() {
    for (name, text, error) in [
        ("USERNAME", String::new(), Error::Empty(Parameter::Username)),
        ("USERNAME", "é".repeat(129), Error::TooLong(Parameter::Username)),
        ("PASSWORD_CLAIM_SECRET_BLOCK", String::new(), Error::Empty(Parameter::SecretBlock)),
        ("PASSWORD_CLAIM_SECRET_BLOCK", "A".repeat(1 << 24), Error::TooLong(Parameter::SecretBlock)),
        ("PASSWORD_CLAIM_SECRET_BLOCK", "?".into(), Error::NotBase64(Parameter::SecretBlock)),
        ("TIMESTAMP", "Tue Jan 02 03:04:05 UTC 2024".into(), Error::Malformed(Parameter::Timestamp)),
        ("TIMESTAMP", "x".repeat(1 << 24), Error::Malformed(Parameter::Timestamp)),
        ("DEVICE_KEY", "no device key".into(), Error::Malformed(Parameter::DeviceKey)),
        ("SECRET_HASH", "A".repeat(45), Error::TooLong(Parameter::SecretHash)),
    ] {
        assert_eq!(read_claim(&with(claim(), name, text)), Err(error), "{name}");
    }
    assert_eq!(read_claim(&with(claim(), "SECRET_HASH", "A".repeat(44))), Ok(()));
}

#[test]
fn server_answers_a_foreign_block_and_a_wrong_signature_with_the_same_error() {
    let record = UserRecord::from_password(&pool(), &user_name("user"), &pass("password")).unwrap();
    let key = ServerKey::from_bytes([1; 32]).unwrap();
    let now = now();
    let challenge: Map = key.challenge(&record, &"2".parse().unwrap(), now).unwrap().into();
    let foreign = PasswordClaim::from_parameters(&claim()).unwrap();
    let wrong = with(claim(), "PASSWORD_CLAIM_SECRET_BLOCK", &challenge["SECRET_BLOCK"]);
    let wrong = PasswordClaim::from_parameters(&wrong).unwrap();
    for claim in [foreign, wrong] {
        assert_eq!(key.verify(&record, &claim, now, MAX_AGE), Err(Error::NotAuthorized));
    }
}

#[test]
fn server_rejects_a_record_for_a_name_or_a_password_that_the_service_could_not_have() {
    // Records take a `Username` and a `Password`, so the service's limits are kept where these are made.
    let salt = Salt::from_be_bytes(&[1]).unwrap();
    let verifier = element(&BigUint::from(4u32));
    let parameter = Parameter::Username;
    for (name, error) in [(String::new(), Error::Empty(parameter)), ("é".repeat(129), Error::TooLong(parameter))] {
        assert_eq!(Username::new(name), Err(error));
    }
    assert_eq!(Password::new("é".repeat(257)).map(drop), Err(Error::TooLong(Parameter::Password)));
    let (name, password) = (user_name("é".repeat(128)), pass("é".repeat(256)));
    assert_eq!(UserRecord::from_password(&pool(), &name, &password).map(drop), Ok(()));
    assert_eq!(UserRecord::from_parts(&pool(), &name, salt, &verifier).map(drop), Ok(()));
    assert_eq!(*UnknownUserKey::from_bytes([1; 32]).unwrap().record(&pool(), &name).user_id(), name);

    let record = UserRecord::from_password(&pool(), &user_name("user"), &pass("password")).unwrap();
    assert_eq!(record.verify_password(&pass("passwore")), Err(Error::NotAuthorized));
    assert_eq!(record.verify_password(&pass("password")), Ok(()));
}

// Records.

#[test]
fn a_record_is_not_made_of_a_verifier_with_which_anybody_could_sign_in() {
    let salt: Salt = "5".parse().unwrap();
    let read = |verifier: &[u8; 384]| UserRecord::from_parts(&pool(), &user_name("alice"), salt, verifier).map(drop);
    let small = |value: u8| {
        let mut bytes = [0; 384];
        bytes[383] = value;
        bytes
    };
    let zero = Err(Error::VerifierIsTrivial);
    let above = Err(Error::VerifierOutOfRange);
    let minus_one = element(&(&*N - 1u32));
    for trivial in [small(0), small(1), minus_one] {
        assert_eq!(read(&trivial), zero);
    }
    for too_large in [element(&N), [0xff; 384]] {
        assert_eq!(read(&too_large), above);
    }
    for good in [small(2), element(&(&*N - 2u32))] {
        assert_eq!(read(&good), Ok(()));
    }
}

// Devices.

#[test]
fn server_rejects_a_device_verifier_that_is_no_element() {
    let salt = STANDARD.encode([1; 16]);
    let parameter = Parameter::PasswordVerifier;
    let encoded = |value: &BigUint| STANDARD.encode(oracle::enc(value));
    let read = |verifier: &str| DeviceVerifier::from_base64(verifier, &salt).map(drop);
    for (verifier, error) in [
        (String::new(), Error::Empty(parameter)),
        ("A".repeat(1 << 24), Error::TooLong(parameter)),
        ("AQ".into(), Error::NotBase64(parameter)),
        // Without its sign byte this is a negative integer.
        (STANDARD.encode((&*N - 1u32).to_bytes_be()), Error::Malformed(parameter)),
        (STANDARD.encode([0x80]), Error::Malformed(parameter)),
        (encoded(&BigUint::ZERO), Error::VerifierIsTrivial),
        (encoded(&BigUint::from(1u32)), Error::VerifierIsTrivial),
        (encoded(&(&*N - 1u32)), Error::VerifierIsTrivial),
        (encoded(&N), Error::VerifierOutOfRange),
        (encoded(&(&*N + 1u32)), Error::VerifierOutOfRange),
        (encoded(&(&*N * 2u32)), Error::TooLong(parameter)),
    ] {
        assert_eq!(read(&verifier), Err(error), "{verifier:.20}");
    }
    assert_eq!(read(&encoded(&(&*N - 2u32))), Ok(()));
}

#[test]
fn server_rejects_a_device_salt_that_is_no_salt() {
    let verifier = STANDARD.encode([2]);
    let parameter = Parameter::Salt;
    let read = |salt: &str| DeviceVerifier::from_base64(&verifier, salt).map(drop);
    for (salt, error) in [
        (String::new(), Error::Empty(parameter)),
        ("A".repeat(1 << 24), Error::TooLong(parameter)),
        (STANDARD.encode([1; 65]), Error::TooLong(parameter)),
        ("AQ".into(), Error::NotBase64(parameter)),
        (STANDARD.encode([0xff; 16]), Error::Malformed(parameter)),
    ] {
        assert_eq!(read(&salt), Err(error), "{salt:.20}");
    }
    assert_eq!(read(&STANDARD.encode([1; 64])), Ok(()));
}

#[test]
fn a_device_challenge_needs_a_user_name_that_the_service_could_have() {
    let record = DeviceRecord::new(device(), DeviceVerifier::from_base64(&STANDARD.encode([2]), "AQ==").unwrap());
    let key = ServerKey::from_bytes([1; 32]).unwrap();
    let start = device_start("user", device().key(), &"2".parse().unwrap());
    assert_eq!(key.device_challenge(&record, &start, time(0)).map(drop), Ok(()));
    assert_eq!(PendingSignIn::new_for_device(&record, &start, time(0)).map(drop), Ok(()));
    // The name is in the message that the challenge answers, and that is not read.
    let parameter = Parameter::Username;
    let start = Map::from(start);
    for (name, error) in [(String::new(), Error::Empty(parameter)), ("é".repeat(129), Error::TooLong(parameter))] {
        assert_eq!(DeviceSrpResponses::from_parameters(&with(start.clone(), "USERNAME", name)).unwrap_err(), error);
    }
}

// Randomness.

#[test]
fn a_random_source_that_fails_stops_everything_that_needs_it() {
    let record = UserRecord::from_password(&pool(), &user_name("user"), &pass("password")).unwrap();
    let key = ServerKey::from_bytes([1; 32]).unwrap();
    let credentials = DeviceCredentials::from_parts(device(), pass("password"));
    let failed = Err(Error::RandomSource);
    for length in 0..72 {
        let script = vec![0x5a; length];
        let rng = || ScriptedRng::new(&script);
        let srp_a = || "2".parse::<SrpA>().unwrap();
        // Each with the number of bytes that its documentation says it draws. One byte less is a failure.
        let outcomes = [
            (40, "a", UserSignIn::start_with_rng(&app(), &user_name("user"), &mut rng()).map(drop)),
            (
                40,
                "a of a device",
                DeviceSignIn::start_with_rng(&app(), &user_name("user"), &credentials, &mut rng()).map(drop),
            ),
            (56, "device", DeviceCredentials::register_with_rng(device(), &mut rng()).map(drop)),
            (16, "salt", Salt::generate_with_rng(&mut rng()).map(drop)),
            (
                16,
                "record",
                UserRecord::from_password_with_rng(&pool(), &user_name("user"), &pass("password"), &mut rng())
                    .map(drop),
            ),
            (32, "key", ServerKey::generate_with_rng(&mut rng()).map(drop)),
            (32, "nonce", key.challenge_with_rng(&record, &srp_a(), time(0), &mut rng()).map(drop)),
            (72, "b and block", PendingSignIn::new_with_rng(&record, srp_a(), time(0), &mut rng()).map(drop)),
        ];
        for (needed, what, outcome) in outcomes {
            assert_eq!(outcome, if length < needed { failed } else { Ok(()) }, "{what} with {length} bytes");
        }
    }
}

#[test]
fn the_ephemeral_of_a_client_is_all_of_40_bytes_from_the_random_source() {
    // RFC 7919 asks for 275 bits in a group of this size. A shorter one would pass all other tests.
    let script: Vec<u8> = (100..150).collect();
    let mut rng = ScriptedRng::new(&script);
    let (_, parameters) = UserSignIn::start_with_rng(&app(), &user_name("user"), &mut rng).unwrap();
    assert_eq!(rng.left(), 10);
    assert_eq!(parameters.srp_a().to_string(), hex_of(&oracle::A(&integer(&script[..40]))));
    for at in 0..40 {
        let mut other = script.clone();
        other[at] ^= 1;
        let (_, parameters) =
            UserSignIn::start_with_rng(&app(), &user_name("user"), &mut ScriptedRng::new(&other)).unwrap();
        assert_eq!(parameters.srp_a().to_string(), hex_of(&oracle::A(&integer(&other[..40]))), "byte {at}");
    }
}

#[test]
fn the_ephemeral_of_a_server_is_all_of_40_bytes_from_the_random_source() {
    let record = UserRecord::from_password(&pool(), &user_name("user"), &pass("password")).unwrap();
    let script: Vec<u8> = (100..172).collect();
    let mut rng = ScriptedRng::new(&script);
    let (_, challenge) = PendingSignIn::new_with_rng(&record, "2".parse().unwrap(), time(0), &mut rng).unwrap();
    assert_eq!(rng.left(), 0);
    let expected = oracle::B(&integer(&record.expose_verifier()), &integer(&script[..40]));
    assert_eq!(integer(&challenge.srp_b().to_be_bytes()), expected);
    assert_eq!(challenge.secret_block().as_bytes(), &script[40..]);
}

#[test]
fn the_systems_random_source_never_gives_the_same_twice() {
    let starts: Vec<_> =
        (0..20).map(|_| UserSignIn::start(&app(), &user_name("user")).unwrap().1.srp_a().clone()).collect();
    for (i, srp_a) in starts.iter().enumerate() {
        assert!(!starts[..i].contains(srp_a));
    }
}

#[test]
fn a_random_source_that_gives_only_zeros_is_refused() {
    let record = UserRecord::from_password(&pool(), &user_name("user"), &pass("password")).unwrap();
    let key = ServerKey::from_bytes([1; 32]).unwrap();
    let credentials = DeviceCredentials::from_parts(device(), pass("password"));
    let srp_a = || "2".parse::<SrpA>().unwrap();
    // Zeros where the secret is drawn, or all of it; the last bit is enough.
    for last in [0, 1] {
        let script = |length: usize| [&vec![0; length - 1][..], &[last], &[1; 40]].concat();
        let drawn = [
            ("a", UserSignIn::start_with_rng(&app(), &user_name("user"), &mut ScriptedRng::new(script(40))).map(drop)),
            (
                "a of a device",
                DeviceSignIn::start_with_rng(
                    &app(),
                    &user_name("user"),
                    &credentials,
                    &mut ScriptedRng::new(script(40)),
                )
                .map(drop),
            ),
            (
                "password of a device",
                DeviceCredentials::register_with_rng(device(), &mut ScriptedRng::new(script(40))).map(drop),
            ),
            ("server key", ServerKey::generate_with_rng(&mut ScriptedRng::new(script(32))).map(drop)),
            ("nonce", key.challenge_with_rng(&record, &srp_a(), time(0), &mut ScriptedRng::new(script(32))).map(drop)),
            ("b", PendingSignIn::new_with_rng(&record, srp_a(), time(0), &mut ScriptedRng::new(script(40))).map(drop)),
        ];
        for (what, outcome) in drawn {
            assert_eq!(outcome, if last == 0 { Err(Error::RandomSource) } else { Ok(()) }, "{what}");
        }
    }
}

// Whatever comes in, nothing panics.

proptest! {
    #![proptest_config(cases(1_500))]

    #[test]
    fn no_claim_makes_the_server_panic_or_give_in(
        message in message(&claim(), &["USERNAME", "PASSWORD_CLAIM_SIGNATURE", "PASSWORD_CLAIM_SECRET_BLOCK", "TIMESTAMP", "SECRET_HASH", "DEVICE_KEY"]),
        sealed: bool,
    ) {
        let key = ServerKey::from_bytes([1; 32]).unwrap();
        let record = UnknownUserKey::from_bytes([1; 32]).unwrap().record(&pool(), &user_name("user"));
        let (srp_a, now) = ("2".parse::<SrpA>().unwrap(), now());
        if let Ok(claim) = PasswordClaim::from_parameters(&message) {
            let _ = format!("{claim:?}");
            // Half of the claims come with a block that the server has made.
            let (state, made) = PendingSignIn::new(&record, "2".parse().unwrap(), now).unwrap();
            let made = if sealed { key.challenge(&record, &srp_a, now).unwrap() } else { made };
            let with_block = with(claim.into_pairs().into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
                "PASSWORD_CLAIM_SECRET_BLOCK", made.secret_block().as_str());
            for message in [message, with_block] {
                let claim = PasswordClaim::from_parameters(&message).unwrap();
                prop_assert_eq!(key.verify(&record, &claim, now, MAX_AGE), Err(Error::NotAuthorized));
                prop_assert_eq!(state.verify(&record, &claim, now, MAX_AGE), Err(Error::NotAuthorized));
            }
        }
    }

    #[test]
    fn a_record_is_made_of_any_name_and_password_that_are_read(text in text()) {
        if let (Ok(name), Ok(password)) = (text.parse(), text.parse()) {
            prop_assert!(UserRecord::from_password(&pool(), &name, &password).is_ok());
        }
    }
}
