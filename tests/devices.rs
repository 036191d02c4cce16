//! Remembered devices, both halves: registration, `DEVICE_SRP_AUTH`, `DEVICE_PASSWORD_VERIFIER`.

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cognito_srp6a::server::{DeviceRecord, PendingSignIn, ServerKey, UserRecord};
use cognito_srp6a::{
    Device, DeviceChallenge, DeviceCredentials, DeviceKey, DeviceSignIn, DeviceSrpResponses, DeviceVerifier, Error,
    Parameter, Password, PasswordClaim, Salt, Timestamp, Username,
};
use common::accounts::{NOW, POOL, USERNAME, app, now};
use common::scene::*;
use common::{Account, Map, ScriptedRng, device_record, element, fresh_rng, integer, oracle, pass, time, user_name};
use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};

/// A variant of [`Error`] that names a parameter.
type Rule = fn(Parameter) -> Error;

/// Seconds after the time of the tests.
fn at(seconds: i64) -> Timestamp {
    time(NOW + seconds)
}

fn device(number: u32) -> Device {
    let key = format!("us-east-1_{number:08x}-4e5f-4071-8293-a4b5c6d7e8f9");
    Device::new(key.parse().unwrap(), format!("-group{number}")).unwrap()
}

/// A device as the client and as the server keep it.
fn registered(number: u32) -> (DeviceCredentials, DeviceRecord) {
    let (credentials, verifier) = DeviceCredentials::register(device(number)).unwrap();
    let record = device_record(device(number), &verifier);
    (credentials, record)
}

/// The same device with a password of the caller's.
fn with_password(device: &Device, password: &str) -> DeviceCredentials {
    DeviceCredentials::from_parts(device.clone(), pass(password))
}

/// Does what a sign-in does between the two challenges: everything crosses the wire as a map of strings.
fn claim(server: &ServerKey, record: &DeviceRecord, credentials: &DeviceCredentials) -> Map {
    let (sign_in, parameters) = DeviceSignIn::start(&app(), &user_name(USERNAME), credentials).unwrap();
    let start = DeviceSrpResponses::from_parameters(&Map::from(parameters)).unwrap();
    let challenge = Map::from(server.device_challenge(record, &start, now()).unwrap());
    sign_in.answer(DeviceChallenge::from_parameters(&challenge).unwrap(), now()).unwrap().into()
}

fn verify(server: &ServerKey, record: &DeviceRecord, claim: &Map) -> Result<(), Error> {
    server.verify_device(record, &PasswordClaim::from_parameters(claim)?, now(), MAX_AGE)
}

// ---- registration

#[test]
fn a_hundred_devices_register_and_sign_in() {
    let mut rng = StdRng::seed_from_u64(0x0de7_1ce5);
    let server = ServerKey::generate_with_rng(&mut rng).unwrap();
    for number in 0..100 {
        // 0 to 16 leading zero bytes in the salt, and the next byte with its top bit set or clear.
        let mut script = [0; 56];
        rng.fill_bytes(&mut script);
        let zeros = number as usize % 17;
        script[40..40 + zeros].fill(0);
        if let Some(byte) = script.get_mut(40 + zeros) {
            *byte = if number % 2 == 0 { *byte | 0x80 } else { *byte & 0x7f | 1 };
        }
        let mut played = ScriptedRng::new(script);
        let (credentials, verifier) = DeviceCredentials::register_with_rng(device(number), &mut played).unwrap();
        assert!(played.left() == 0, "56 bytes are drawn");
        assert_eq!(credentials.expose_password(), STANDARD.encode(&script[..40]));

        check_is_shortest(&verifier.salt());
        check_is_shortest(&verifier.password_verifier());
        let record = device_record(device(number), &verifier);
        assert_eq!(record.salt(), &Salt::from_be_bytes(&script[40..]).unwrap());

        // Stored and read back, on both sides.
        let credentials = with_password(credentials.device(), credentials.expose_password());
        let claim = claim(&server, &record, &credentials);
        assert_eq!(verify(&server, &record, &claim), Ok(()), "device {number}");
        sign_in_with_kept_state(&record, &credentials);
    }
}

/// The Base64 of the shortest big-endian two's complement.
fn check_is_shortest(text: &str) {
    let bytes = STANDARD.decode(text).unwrap();
    assert!(bytes[0] < 0x80, "it would be read as a negative number");
    assert!(bytes.len() == 1 || bytes[0] != 0 || bytes[1] >= 0x80, "a zero byte too many");
}

/// The same against the server that keeps its state.
fn sign_in_with_kept_state(record: &DeviceRecord, credentials: &DeviceCredentials) {
    let (sign_in, parameters) = DeviceSignIn::start(&app(), &user_name(USERNAME), credentials).unwrap();
    let (state, challenge) = PendingSignIn::new_for_device(record, &parameters, now()).unwrap();
    let claim = sign_in.answer(challenge, now()).unwrap();
    assert_eq!(state.verify_device(record, &claim, now(), MAX_AGE), Ok(()));
}

#[test]
fn the_verifier_is_that_of_the_canonical_salt() {
    let mut script = [0x5a; 56];
    script[40..43].fill(0);
    script[43] = 0x9c;
    let (credentials, verifier) =
        DeviceCredentials::register_with_rng(device(1), &mut ScriptedRng::new(script)).unwrap();
    let salt = STANDARD.decode(verifier.salt()).unwrap();
    assert_eq!(salt, [&[0], &script[43..]].concat(), "three zero bytes go, one comes back as the sign byte");
    let password = credentials.expose_password().as_bytes();
    let x = oracle::x("-group1", device(1).key().as_str(), password, &integer(&script[43..]));
    let expected = oracle::enc(&oracle::v(&x));
    assert_eq!(STANDARD.decode(&*verifier.password_verifier()).unwrap(), expected);
}

#[test]
fn a_random_source_that_fails_registers_nothing() {
    for length in [0, 39, 40, 55] {
        let script = vec![7; length];
        let failed = DeviceCredentials::register_with_rng(device(1), &mut ScriptedRng::new(script));
        assert_eq!(failed.unwrap_err(), Error::RandomSource, "{length}");
    }
    let (credentials, _) = registered(1);
    let failed =
        DeviceSignIn::start_with_rng(&app(), &user_name(USERNAME), &credentials, &mut ScriptedRng::new([7; 39]));
    assert_eq!(failed.unwrap_err(), Error::RandomSource);
}

#[test]
fn every_registration_has_its_own_password_and_salt() {
    let (one, one_verifier) = DeviceCredentials::register(device(1)).unwrap();
    let (two, two_verifier) = DeviceCredentials::register(device(1)).unwrap();
    assert_ne!(one.expose_password(), two.expose_password());
    assert_ne!(one_verifier.salt(), two_verifier.salt());
    assert_ne!(one_verifier.password_verifier(), two_verifier.password_verifier());
}

// ---- the server's reading of ConfirmDevice

fn read(password_verifier: &str, salt: &str) -> Result<DeviceRecord, Error> {
    DeviceVerifier::from_base64(password_verifier, salt).map(|verifier| DeviceRecord::new(device(1), verifier))
}

#[test]
fn a_value_whose_sign_byte_is_missing_is_refused() {
    let value = STANDARD.encode([0, 0x80, 1, 2]);
    let without = STANDARD.encode([0x80, 1, 2]);
    assert!(read(&value, &value).is_ok());
    assert_eq!(read(&without, &value).unwrap_err(), Error::Malformed(Parameter::PasswordVerifier));
    assert_eq!(read(&value, &without).unwrap_err(), Error::Malformed(Parameter::Salt));

    // And of a real registration, at full width.
    let (verifier, salt) = (0..1000)
        .map(|_| DeviceCredentials::register(device(1)).unwrap().1)
        .map(|verifier| (STANDARD.decode(&*verifier.password_verifier()).unwrap(), verifier.salt()))
        .find(|(verifier, _)| verifier.len() == 385)
        .unwrap();
    assert!(read(&STANDARD.encode(&verifier), &salt).is_ok());
    let without = STANDARD.encode(&verifier[1..]);
    assert_eq!(read(&without, &salt).unwrap_err(), Error::Malformed(Parameter::PasswordVerifier));
}

#[test]
fn a_verifier_that_is_not_between_1_and_n_minus_1_is_refused() {
    let small = STANDARD.encode([1]);
    let n = element(&oracle::N);
    let less = |by: u8| {
        let mut below = n;
        below[383] -= by;
        below
    };
    let text = |bytes: &[u8]| STANDARD.encode([&[0], bytes].concat());
    for trivial in [STANDARD.encode([0]), STANDARD.encode([1]), text(&less(1))] {
        assert_eq!(read(&trivial, &small).unwrap_err(), Error::VerifierIsTrivial);
    }
    for good in [STANDARD.encode([2]), text(&less(2))] {
        assert!(read(&good, &small).is_ok());
    }
    assert_eq!(read(&text(&n), &small).unwrap_err(), Error::VerifierOutOfRange);
    let mut above = n;
    above[8] += 1;
    assert_eq!(read(&text(&above), &small).unwrap_err(), Error::VerifierOutOfRange);
    assert_eq!(read(&text(&[0xff; 384]), &small).unwrap_err(), Error::VerifierOutOfRange);
}

#[test]
fn what_confirm_device_cannot_carry_is_refused() {
    let small = STANDARD.encode([2]);
    let cases: [(String, Rule); 7] = [
        (String::new(), Error::Empty),
        ("AQ".into(), Error::NotBase64),
        ("A-_=".into(), Error::NotBase64),
        ("AB==".into(), Error::NotBase64),
        (" AQ==".into(), Error::NotBase64),
        (STANDARD.encode([1; 1000]), Error::TooLong),
        ("A".repeat(1 << 20), Error::TooLong),
    ];
    for (text, error) in cases {
        assert_eq!(read(&text, &small).unwrap_err(), error(Parameter::PasswordVerifier), "{text:.20}");
        assert_eq!(read(&small, &text).unwrap_err(), error(Parameter::Salt), "{text:.20}");
    }
    assert!(read(&small, &STANDARD.encode([1; 64])).is_ok());
    assert_eq!(read(&small, &STANDARD.encode([1; 65])).unwrap_err(), Error::TooLong(Parameter::Salt));
}

#[test]
fn zero_bytes_in_front_of_a_stored_salt_make_no_difference() {
    let (credentials, verifier) = DeviceCredentials::register(device(1)).unwrap();
    let salt = STANDARD.decode(verifier.salt()).unwrap();
    let padded = STANDARD.encode([&[0; 3], &*salt].concat());
    let record = read(&verifier.password_verifier(), &padded).unwrap();
    let server = ServerKey::generate().unwrap();
    let claim = claim(&server, &record, &credentials);
    assert_eq!(verify(&server, &record, &claim), Ok(()));
}

#[test]
fn a_server_that_has_found_an_alias_replaces_the_name_and_nothing_else() {
    let (credentials, _) = registered(1);
    let sent = || {
        let start = [("USERNAME", "alias"), ("DEVICE_KEY", credentials.device().key().as_str()), ("SRP_A", "2")];
        DeviceSrpResponses::from_parameters(&start).unwrap()
    };
    let replaced = sent().with_username(user_name(USERNAME));
    assert_eq!((sent().username().as_str(), replaced.username().as_str()), ("alias", USERNAME));
    assert_eq!((replaced.device_key(), replaced.srp_a().to_string()), (device(1).key(), "2".into()));
}

#[test]
fn a_device_has_the_parts_that_it_is_made_of() {
    let device = Device::new("us-east-1_0a1b".parse().unwrap(), "-group").unwrap();
    assert_eq!((device.key().as_str(), device.group_key()), ("us-east-1_0a1b", "-group"));
}

// ---- the claim

#[test]
fn the_device_key_is_in_both_answers() {
    let (credentials, record) = registered(1);
    let (_, parameters) = DeviceSignIn::start(&app(), &user_name(USERNAME), &credentials).unwrap();
    assert_eq!(parameters.device_key(), device(1).key());
    assert_eq!(parameters.secret_hash(), app().secret_hash(&user_name(USERNAME)).as_deref().map(String::as_str));
    let mut names: Vec<_> = Map::from(parameters).into_keys().collect();
    names.sort();
    assert_eq!(names, ["DEVICE_KEY", "SECRET_HASH", "SRP_A", "USERNAME"]);

    let claim = claim(&ServerKey::generate().unwrap(), &record, &credentials);
    let mut names: Vec<_> = claim.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "DEVICE_KEY",
            "PASSWORD_CLAIM_SECRET_BLOCK",
            "PASSWORD_CLAIM_SIGNATURE",
            "SECRET_HASH",
            "TIMESTAMP",
            "USERNAME"
        ]
    );
    assert_eq!(claim["DEVICE_KEY"], device(1).key().as_str());
    assert_eq!(Some(&claim["SECRET_HASH"]), app().secret_hash(&user_name(USERNAME)).as_deref());
}

#[test]
fn the_claim_of_another_devices_credentials_is_refused() {
    let server = ServerKey::generate().unwrap();
    let ((mine, record), (other, other_record)) = (registered(1), registered(2));
    assert_eq!(verify(&server, &record, &claim(&server, &record, &mine)), Ok(()));
    // To begin with one device's credentials and to answer with another's is ruled out by `DeviceSignIn`.
    assert_eq!(verify(&server, &record, &claim(&server, &record, &other)), Err(Error::NotAuthorized));
    // A claim for one record is refused for another.
    let claim = claim(&server, &record, &mine);
    assert_eq!(verify(&server, &other_record, &claim), Err(Error::NotAuthorized));
}

#[test]
fn an_altered_name_or_password_is_refused() {
    let server = ServerKey::generate().unwrap();
    let (mine, record) = registered(1);
    let password = mine.expose_password();
    let (key, group_key) = (device(1).key().clone(), device(1).group_key().to_owned());
    let altered = [
        with_password(&Device::new(key.clone(), format!("{group_key}x")).unwrap(), password),
        with_password(&Device::new(key.clone(), group_key.to_uppercase()).unwrap(), password),
        with_password(&Device::new(device(2).key().clone(), &*group_key).unwrap(), password),
        with_password(&device(1), &password[1..]),
        with_password(&device(1), ""),
        with_password(&device(1), &password.to_lowercase()),
    ];
    for credentials in &altered {
        let claim = claim(&server, &record, credentials);
        assert_eq!(verify(&server, &record, &claim), Err(Error::NotAuthorized), "{credentials:?}");
    }
    // The same on the server's side: a record under another group key is another record.
    let (credentials, verifier) = DeviceCredentials::register(device(1)).unwrap();
    let moved = Device::new(key, "-another").unwrap();
    let moved = device_record(moved, &verifier);
    let claim = claim(&server, &moved, &credentials);
    assert_eq!(verify(&server, &moved, &claim), Err(Error::NotAuthorized));
}

#[test]
fn names_that_only_join_to_the_same_text_are_different_devices() {
    // Realm and name are hashed one after the other, so the claim alone cannot tell these two; the sealed block can.
    let device = |key: &str, group_key: &str| Device::new(key.parse().unwrap(), group_key).unwrap();
    let (one, two) = (device("a_a_1", "-group"), device("a_1", "-groupa_"));
    let (credentials, verifier) = DeviceCredentials::register(one.clone()).unwrap();
    let record = |device| device_record(device, &verifier);
    let server = ServerKey::generate().unwrap();
    let claim = claim(&server, &record(one.clone()), &credentials);
    assert_eq!(verify(&server, &record(one), &claim), Ok(()));
    assert_eq!(verify(&server, &record(two), &claim), Err(Error::NotAuthorized));
}

#[test]
fn the_users_name_does_not_enter_the_claim() {
    let server = ServerKey::generate().unwrap();
    let (credentials, record) = registered(1);
    let a = [0x77; 40];
    let started = |name: &str| {
        DeviceSignIn::start_with_rng(&app(), &user_name(name), &credentials, &mut ScriptedRng::new(a)).unwrap()
    };
    let (sign_in, parameters) = started(USERNAME);
    let challenge = Map::from(server.device_challenge(&record, &parameters, now()).unwrap());
    let first = sign_in.answer(DeviceChallenge::from_parameters(&challenge).unwrap(), now()).unwrap();
    for (begun_as, asked_as) in [("bob", USERNAME), (USERNAME, "bob"), ("bob", "\u{2600}")] {
        let (sign_in, parameters) = started(begun_as);
        assert_eq!(parameters.username(), begun_as);
        let mut challenge = challenge.clone();
        challenge.insert("USERNAME".into(), asked_as.into());
        let challenge = DeviceChallenge::from_parameters(&challenge).unwrap();
        let claim = sign_in.answer(challenge, now()).unwrap();
        assert_eq!(claim.username(), asked_as);
        assert_eq!(claim.secret_hash(), app().secret_hash(&user_name(asked_as)).as_deref().map(String::as_str));
        assert_eq!(claim.password_claim_signature(), first.password_claim_signature());
        assert_eq!(server.verify_device(&record, &claim, now(), MAX_AGE), Ok(()));
    }
}

#[test]
fn a_devices_claim_does_not_stand_for_a_users() {
    let (credentials, record) = registered(1);
    let server = ServerKey::generate().unwrap();
    let claim = PasswordClaim::from_parameters(&claim(&server, &record, &credentials)).unwrap();
    assert_eq!(server.verify_device(&record, &claim, now(), MAX_AGE), Ok(()));
    let pool = POOL.parse().unwrap();
    let key = device(1).key().clone();
    for name in [USERNAME, key.as_str()] {
        let user = UserRecord::from_password(&pool, &user_name(name), &pass(credentials.expose_password())).unwrap();
        assert_eq!(server.verify(&user, &claim, now(), MAX_AGE), Err(Error::NotAuthorized));
        let user = UserRecord::from_parts(&pool, &user_name(name), *record.salt(), &record.expose_verifier()).unwrap();
        assert_eq!(server.verify(&user, &claim, now(), MAX_AGE), Err(Error::NotAuthorized));
    }
}

#[test]
fn a_stale_challenge_or_timestamp_is_refused() {
    let server = ServerKey::generate().unwrap();
    let (credentials, record) = registered(1);
    let (sign_in, parameters) = DeviceSignIn::start(&app(), &user_name(USERNAME), &credentials).unwrap();
    let challenge = server.device_challenge(&record, &parameters, now()).unwrap();
    let claim = sign_in.answer(challenge, at(10)).unwrap();
    for (seconds, fresh) in [(-291, false), (-290, true), (0, true), (300, true), (301, false), (1_000_000, false)] {
        let expected = if fresh { Ok(()) } else { Err(Error::NotAuthorized) };
        assert_eq!(server.verify_device(&record, &claim, at(seconds), MAX_AGE), expected, "{seconds}");
    }
}

#[test]
fn a_change_of_one_bit_anywhere_in_a_claim_is_refused() {
    let server = ServerKey::generate().unwrap();
    let (credentials, record) = registered(1);
    let genuine = claim(&server, &record, &credentials);
    let mut rng = StdRng::seed_from_u64(7);
    for name in ["PASSWORD_CLAIM_SIGNATURE", "PASSWORD_CLAIM_SECRET_BLOCK"] {
        for _ in 0..20 {
            let mut bytes = STANDARD.decode(&genuine[name]).unwrap();
            let position = rng.random_range(0..bytes.len());
            bytes[position] ^= 1 << rng.random_range(0..8);
            let mut altered = genuine.clone();
            altered.insert(name.into(), STANDARD.encode(bytes));
            assert_eq!(verify(&server, &record, &altered), Err(Error::NotAuthorized), "{name} {position}");
        }
    }
    let mut later = genuine.clone();
    later.insert("TIMESTAMP".into(), at(1).to_string());
    assert_eq!(verify(&server, &record, &later), Err(Error::NotAuthorized));
    assert_eq!(verify(&ServerKey::generate().unwrap(), &record, &genuine), Err(Error::NotAuthorized));
    assert_eq!(verify(&server, &record, &genuine), Ok(()));
}

#[test]
fn a_devices_challenge_is_read_with_or_without_its_key() {
    let server = ServerKey::generate().unwrap();
    let (credentials, record) = registered(1);
    let (_, parameters) = DeviceSignIn::start(&app(), &user_name(USERNAME), &credentials).unwrap();
    let challenge = Map::from(server.device_challenge(&record, &parameters, now()).unwrap());
    let read = DeviceChallenge::from_parameters(&challenge).unwrap();
    assert_eq!((read.username().as_str(), read.device_key()), (USERNAME, Some(device(1).key())));
    let changed = |name: &str, value: Option<&str>| {
        let mut challenge = challenge.clone();
        match value {
            Some(value) => challenge.insert(name.into(), value.into()),
            None => challenge.remove(name),
        };
        DeviceChallenge::from_parameters(&challenge).map(|challenge| challenge.device_key().is_some())
    };
    assert_eq!(changed("DEVICE_KEY", None), Ok(false));
    assert_eq!(changed("DEVICE_KEY", Some("no key")), Err(Error::Malformed(Parameter::DeviceKey)));
    assert_eq!(changed("USERNAME", None), Err(Error::Missing(Parameter::Username)));
    assert_eq!(changed("USERNAME", Some("")), Err(Error::Empty(Parameter::Username)));
    assert_eq!(changed("SALT", None), Err(Error::Missing(Parameter::Salt)));
    assert_eq!(changed("SRP_B", Some("0")), Err(Error::PublicValueIsZero(Parameter::SrpB)));
    assert_eq!(changed("SECRET_BLOCK", Some("*")), Err(Error::NotBase64(Parameter::SecretBlock)));
    // Nor can the beginning have such a name, on either side.
    let begun = Map::from(parameters);
    for (name, error) in
        [("", Error::Empty(Parameter::Username)), (&*"a".repeat(129), Error::TooLong(Parameter::Username))]
    {
        assert_eq!(Username::new(name), Err(error));
        let mut begun = begun.clone();
        begun.insert("USERNAME".into(), name.into());
        assert_eq!(DeviceSrpResponses::from_parameters(&begun).unwrap_err(), error);
    }
}

#[test]
fn the_names_of_a_device_have_the_models_form() {
    for key in
        ["a_0", "us-east-1_0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9", "_-_-", "a_b_c", &format!("{}_0", "a".repeat(53))]
    {
        assert_eq!(key.parse::<DeviceKey>().unwrap().to_string(), key);
    }
    let long = format!("{}_0", "a".repeat(54));
    let cases: [(&str, Rule); 10] = [
        ("", Error::Empty),
        ("_0", Error::Malformed),
        ("a_", Error::Malformed),
        ("a0", Error::Malformed),
        ("a_0A", Error::Malformed),
        ("a_g", Error::Malformed),
        ("a.b_0", Error::Malformed),
        ("\u{e9}_0", Error::Malformed),
        ("a_0\n", Error::Malformed),
        (&long, Error::TooLong),
    ];
    for (key, error) in cases {
        assert_eq!(key.parse::<DeviceKey>(), Err(error(Parameter::DeviceKey)), "{key:?}");
    }
    let key: DeviceKey = "a_0".parse().unwrap();
    assert_eq!(Device::new(key.clone(), "").unwrap_err(), Error::Empty(Parameter::DeviceGroupKey));
    assert!(Device::new(key.clone(), "\u{e9}".repeat(128)).is_ok());
    assert_eq!(Device::new(key, "a".repeat(129)).unwrap_err(), Error::TooLong(Parameter::DeviceGroupKey));
    assert!(Password::new("\u{e9}".repeat(256)).is_ok());
    assert_eq!(Password::new("a".repeat(257)).unwrap_err(), Error::TooLong(Parameter::Password));
}

// ---- random devices, and an oracle

/// Signs a device in; messages cross as maps of strings.
fn device_sign_in(
    mode: Mode,
    credentials: &DeviceCredentials,
    record: &DeviceRecord,
    claimed: &Edit,
    rng: &mut StdRng,
) -> Result<(), Error> {
    let account = Account::random(rng);
    let (sign_in, start) =
        DeviceSignIn::start_with_rng(&account.app(), &user_name(&account.user_id), credentials, rng)?;
    let start: Map = start.into();
    assert_eq!(start["DEVICE_KEY"], credentials.device().key().as_str());
    let start = DeviceSrpResponses::from_parameters(&start)?;
    let now = account.now();
    let answer = |challenge: DeviceChallenge| {
        let challenge = DeviceChallenge::from_parameters(&Map::from(challenge))?;
        let mut claim: Map = sign_in.answer(challenge, now)?.into();
        assert_eq!(claim["USERNAME"], account.user_id);
        assert_eq!(claim["DEVICE_KEY"], credentials.device().key().as_str());
        claimed(&mut claim);
        PasswordClaim::from_parameters(&claim)
    };
    match mode {
        Mode::Sealed => {
            let key = ServerKey::from_bytes([7; 32]).unwrap();
            let challenge = key.device_challenge(record, &start, now)?;
            key.verify_device(record, &answer(challenge)?, now, MAX_AGE)
        }
        Mode::Stored => {
            let (state, challenge) = PendingSignIn::new_for_device(record, &start, now)?;
            state.verify_device(record, &answer(challenge)?, now, MAX_AGE)
        }
    }
}

#[test]
fn random_devices_sign_in() {
    let mut rng = fresh_rng();
    let unchanged: Edit = Box::new(|_| ());
    for i in 0..100 {
        let (credentials, record) = random_device(&mut rng);
        for mode in Mode::BOTH {
            let outcome = device_sign_in(mode, &credentials, &record, &unchanged, &mut rng);
            assert_eq!(outcome, Ok(()), "{mode:?} {i}: {:?}", credentials.device());
        }
    }
}

#[test]
fn a_device_that_differs_in_anything_is_refused() {
    let mut rng = fresh_rng();
    let (credentials, record) = random_device(&mut rng);
    let (_, another_record) = random_device(&mut rng);
    let device = credentials.device();
    let key = device.key().clone();
    let password = credentials.expose_password().to_owned();
    let same: Edit = Box::new(|_| ());
    for mode in Mode::BOTH {
        let mut try_with = |credentials: &DeviceCredentials, record: &DeviceRecord, edit: &Edit| {
            device_sign_in(mode, credentials, record, edit, &mut rng)
        };
        assert_eq!(try_with(&with_password(device, &password), &record, &same), Ok(()));
        let refused = Err(Error::NotAuthorized);
        assert_eq!(try_with(&with_password(device, &password[1..]), &record, &same), refused);
        let other_key = if key.as_str().ends_with('0') { "us-east-1_1" } else { "us-east-1_0" };
        let other_key = Device::new(other_key.parse().unwrap(), device.group_key()).unwrap();
        assert_eq!(try_with(&with_password(&other_key, &password), &record, &same), refused);
        let other_group = Device::new(key.clone(), "another group").unwrap();
        assert_eq!(try_with(&with_password(&other_group, &password), &record, &same), refused);
        assert_eq!(try_with(&credentials, &another_record, &same), refused);
        assert_eq!(try_with(&credentials, &record, &bit_flipped("PASSWORD_CLAIM_SIGNATURE", 0)), refused);
        assert_eq!(try_with(&credentials, &record, &bit_flipped("PASSWORD_CLAIM_SECRET_BLOCK", 100)), refused);
        assert_eq!(try_with(&credentials, &record, &replaced("TIMESTAMP", "Thu Jan 1 00:00:00 UTC 1970")), refused);
    }
}

#[test]
fn a_device_has_the_oracles_verifier_and_satisfies_the_oracles_server() {
    let mut rng = fresh_rng();
    for _ in 0..50 {
        let (credentials, record) = random_device(&mut rng);
        let (realm, name) = (credentials.device().group_key(), credentials.device().key().as_str());
        let password = credentials.expose_password();
        let salt = integer(&record.salt().to_signed_bytes());
        let v = oracle::v(&oracle::x(realm, name, password.as_bytes(), &salt));
        assert_eq!(record.expose_verifier(), element(&v));

        let account = Account::random(&mut rng);
        let (sign_in, start) =
            DeviceSignIn::start_with_rng(&account.app(), &user_name(&account.user_id), &credentials, &mut rng).unwrap();
        let server = oracle::Server::with_verifier(&mut rng, realm, name, salt, v, &start.srp_a().to_string());
        let mut challenge = server.challenge(&mut rng);
        challenge.insert("USERNAME".into(), account.user_id.clone());
        let challenge = DeviceChallenge::from_parameters(&challenge).unwrap();
        let claim = sign_in.answer(challenge, account.now()).unwrap();
        let expected = server.expected_signature(&oracle::timestamp(account.now));
        assert_eq!(claim.password_claim_signature(), expected, "{account:?}");
    }
}

#[test]
fn what_confirm_device_sends_is_the_shortest_signed_form_of_both_integers() {
    // The salt begins with zero bytes or needs a sign byte; the verifier needs one for about half of the passwords.
    let device = Device::new("us-east-1_0a1b".parse().unwrap(), "-group").unwrap();
    for salt in [[0; 16], [0xff; 16], [&[0, 0, 0x80][..], &[1; 13]].concat().try_into().unwrap()] {
        for password in [[1; 40], [2; 40], [3; 40], [4; 40]] {
            let script = [&password[..], &salt].concat();
            let mut rng = ScriptedRng::new(&script);
            let (credentials, verifier) = DeviceCredentials::register_with_rng(device.clone(), &mut rng).unwrap();
            assert_eq!(rng.left(), 0);
            assert_eq!(credentials.expose_password(), STANDARD.encode(password));
            let x = oracle::x("-group", "us-east-1_0a1b", credentials.expose_password().as_bytes(), &integer(&salt));
            assert_eq!(verifier.salt(), STANDARD.encode(oracle::enc(&integer(&salt))));
            assert_eq!(*verifier.password_verifier(), STANDARD.encode(oracle::enc(&oracle::v(&x))));
        }
    }
}
