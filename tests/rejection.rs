//! Everything that must be refused: one test for each rule, and for each the error that names it.
//!
//! The many ways to spell a wrong input are in `vectors/rejection.json`. Here stands what each rule is for.

mod common;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::str::FromStr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cognito_srp6a::hazmat::{self, Backend, ElementBytes};
use cognito_srp6a::server::{DeviceRecord, ServerChallenge, ServerKey, UnknownUserKey, UserRecord};
use cognito_srp6a::{
    AppClient, ClientSecret, Device, DeviceChallenge, DeviceCredentials, DeviceKey, DeviceSignIn, DeviceSrpResponses,
    DeviceVerifier, Error, Parameter, Password, PasswordChallenge, PasswordClaim, PoolId, Salt, SecretBlock, SrpA,
    SrpB, Timestamp, UserSignIn, Username,
};
use common::{Account, Map, ScriptedRng, device_start, element, hex, integer, oracle, pass, time, user_name};
use num_bigint::BigUint;
use oracle::N;
use proptest::prelude::*;

/// What a challenge may have; all must be there but `USERNAME`.
const CHALLENGE: [&str; 5] = ["USER_ID_FOR_SRP", "USERNAME", "SALT", "SRP_B", "SECRET_BLOCK"];

/// What a claim must have.
const CLAIM: [&str; 4] = ["USERNAME", "PASSWORD_CLAIM_SIGNATURE", "PASSWORD_CLAIM_SECRET_BLOCK", "TIMESTAMP"];

const MAX_AGE: Duration = Duration::from_secs(300);

fn hex_of(value: &BigUint) -> String {
    value.to_str_radix(16)
}

/// A challenge that is valid.
fn challenge() -> Map {
    let values = ["user", "user", "0a1b2c3d4e5f60718293a4b5c6d7e8f9", "2", "c2VjcmV0"];
    CHALLENGE.into_iter().map(String::from).zip(values.map(String::from)).collect()
}

/// A claim that is valid in its form.
fn claim() -> Map {
    let signature = STANDARD.encode([0; 32]);
    let values = ["user", &signature, "c2VjcmV0", "Tue Jan 2 03:04:05 UTC 2024"];
    CLAIM.into_iter().map(String::from).zip(values.map(String::from)).collect()
}

fn with(mut message: Map, name: &str, value: impl Into<String>) -> Map {
    message.insert(name.into(), value.into());
    message
}

fn without(mut message: Map, name: &str) -> Map {
    message.remove(name).expect("the parameter is there");
    message
}

fn read_challenge(message: &Map) -> Result<(), Error> {
    PasswordChallenge::from_parameters(message).map(drop)
}

fn read_device_challenge(message: &Map) -> Result<(), Error> {
    DeviceChallenge::from_parameters(message).map(drop)
}

fn read_claim(message: &Map) -> Result<(), Error> {
    PasswordClaim::from_parameters(message).map(drop)
}

fn pool() -> PoolId {
    "us-east-1_AbCdEfGhI".parse().unwrap()
}

fn app() -> AppClient {
    Account::plain().app()
}

fn device() -> Device {
    Device::new("us-east-1_0a1b".parse().unwrap(), "-group").unwrap()
}

/// Checks that `B` is refused by the challenge of a user, by that of a device, and as a number.
#[track_caller]
fn client_rejects_b(texts: &[String], error: Error) {
    for text in texts {
        assert_eq!(text.parse::<SrpB>().map(drop), Err(error), "{text}");
        let message = with(challenge(), "SRP_B", text);
        assert_eq!(read_challenge(&message), Err(error), "{text}");
        assert_eq!(read_device_challenge(&message), Err(error), "{text}");
    }
}

#[track_caller]
fn server_rejects_a(texts: &[String], error: Error) {
    for text in texts {
        assert_eq!(text.parse::<SrpA>().map(drop), Err(error), "{text}");
    }
}

#[track_caller]
fn rejects<T: FromStr<Err = Error> + Debug>(texts: &[&str], error: Error) {
    for text in texts {
        assert_eq!(text.parse::<T>().err(), Some(error), "{text:?}");
    }
}

#[track_caller]
fn accepts<T: FromStr<Err = Error> + Debug>(texts: &[&str]) {
    for text in texts {
        assert_eq!(text.parse::<T>().err(), None, "{text:?}");
    }
}

/// Zero and N as one implementation or another may write them.
fn zero_mod_n() -> Vec<String> {
    let n = hex_of(&N);
    vec!["0".into(), "00".into(), "0".repeat(768), "0".repeat(770), n.to_uppercase(), format!("00{n}"), n]
}

/// Multiples of N that have more than 3072 bits.
fn higher_multiples_of_n() -> Vec<String> {
    [2u32, 3, 4, 7, 256].iter().map(|times| hex_of(&(&*N * *times))).chain([hex_of(&(&*N * &*N))]).collect()
}

fn above_n() -> Vec<String> {
    vec![hex_of(&(&*N + 1u32)), hex_of(&(&*N + 2u32)), "f".repeat(768), format!("00{}", "f".repeat(768))]
}

fn no_hex() -> Vec<String> {
    ["-1", "+1", "0x1", " 1", "1 ", "1\n", "g", "1_0", "1.0", "\u{ff11}", "\0", "É"].map(String::from).into()
}

fn over_long() -> Vec<String> {
    // Length comes first, so what the text consists of makes no difference.
    vec![format!("1{}", "0".repeat(768)), "0".repeat(771), "z".repeat(771), "f".repeat(1 << 20)]
}

fn public_values_that_are_fine() -> Vec<String> {
    let greatest = hex_of(&(&*N - 1u32));
    vec!["1".into(), "02".into(), "abc".into(), "ABC".into(), format!("{}1", "0".repeat(769)), greatest]
}

// B, at the client.

#[test]
fn client_rejects_b_that_is_zero_mod_n() {
    client_rejects_b(&zero_mod_n(), Error::PublicValueIsZero(Parameter::SrpB));
}

#[test]
fn client_rejects_b_that_is_a_higher_multiple_of_n() {
    client_rejects_b(&higher_multiples_of_n(), Error::TooLong(Parameter::SrpB));
}

#[test]
fn client_rejects_b_above_n() {
    client_rejects_b(&above_n(), Error::PublicValueOutOfRange(Parameter::SrpB));
}

#[test]
fn client_rejects_b_that_is_not_hex() {
    client_rejects_b(&no_hex(), Error::NotHex(Parameter::SrpB));
}

#[test]
fn client_rejects_b_that_is_empty() {
    client_rejects_b(&[String::new()], Error::Empty(Parameter::SrpB));
}

#[test]
fn client_rejects_b_that_is_over_long_by_its_length_alone() {
    client_rejects_b(&over_long(), Error::TooLong(Parameter::SrpB));
}

#[test]
fn client_accepts_b_from_one_to_n_minus_one_in_any_spelling() {
    for text in public_values_that_are_fine() {
        assert_eq!(read_challenge(&with(challenge(), "SRP_B", text)), Ok(()));
    }
}

// A, at the server.

#[test]
fn server_rejects_a_that_is_zero_mod_n() {
    server_rejects_a(&zero_mod_n(), Error::PublicValueIsZero(Parameter::SrpA));
}

#[test]
fn server_rejects_a_that_is_a_higher_multiple_of_n() {
    server_rejects_a(&higher_multiples_of_n(), Error::TooLong(Parameter::SrpA));
}

#[test]
fn server_rejects_a_above_n() {
    server_rejects_a(&above_n(), Error::PublicValueOutOfRange(Parameter::SrpA));
}

#[test]
fn server_rejects_a_that_is_not_hex() {
    server_rejects_a(&no_hex(), Error::NotHex(Parameter::SrpA));
}

#[test]
fn server_rejects_a_that_is_empty() {
    server_rejects_a(&[String::new()], Error::Empty(Parameter::SrpA));
}

#[test]
fn server_rejects_a_that_is_over_long_by_its_length_alone() {
    server_rejects_a(&over_long(), Error::TooLong(Parameter::SrpA));
}

#[test]
fn server_accepts_a_from_one_to_n_minus_one_in_any_spelling() {
    for text in public_values_that_are_fine() {
        assert_eq!(
            text.parse::<SrpA>().map(|a| integer(&a.to_be_bytes())).ok(),
            BigUint::parse_bytes(text.as_bytes(), 16)
        );
    }
}

/// How a value is refused, wherever it stands.
type Refusal = fn(Parameter) -> Error;

#[test]
fn the_equations_reject_public_values_of_zero_mod_n_and_above_n() {
    let (fine, u) = (element(&BigUint::from(2u32)), [1; 32]);
    let cases: [(BigUint, Refusal); 4] = [
        (BigUint::ZERO, Error::PublicValueIsZero),
        (N.clone(), Error::PublicValueIsZero),
        (&*N + 1u32, Error::PublicValueOutOfRange),
        (BigUint::from(2u32).pow(3072) - 1u32, Error::PublicValueOutOfRange),
    ];
    for (value, error) in cases {
        let value = element(&value);
        let (bad_a, bad_b) = (error(Parameter::SrpA), error(Parameter::SrpB));
        assert_eq!(hazmat::scrambler(&value, &fine), Err(bad_a));
        assert_eq!(hazmat::scrambler(&fine, &value), Err(bad_b));
        assert_eq!(hazmat::client_premaster(&[1], &value, [1; 32], u), Err(bad_b));
        assert_eq!(hazmat::server_premaster(&value, &fine, u, &[1]), Err(bad_a));
    }
}

#[test]
fn a_server_public_key_of_zero_mod_n_is_never_sent() {
    // v = -g^b / k makes B = 0.
    let b = BigUint::from(5u32);
    let inverse = oracle::K.modinv(&N).expect("N is prime");
    let v = (&*N - oracle::A(&b)) * inverse % &*N;
    assert_eq!(oracle::B(&v, &b), BigUint::ZERO);
    assert_eq!(hazmat::server_public(&element(&v), &[5]), Err(Error::PublicValueIsZero(Parameter::SrpB)));
}

// u.

#[test]
fn a_scrambler_of_zero_is_rejected_by_both_halves() {
    let (fine, zero) = (element(&BigUint::from(2u32)), [0; 32]);
    let error = Error::ScramblerIsZero;
    assert_eq!(hazmat::client_premaster(&[1], &fine, [1; 32], zero), Err(error));
    assert_eq!(hazmat::server_premaster(&fine, &fine, zero, &[1]), Err(error));
    assert_eq!(hazmat::session_key(zero, &fine), Err(error));
    // The last bit is enough.
    let mut one = zero;
    one[31] = 1;
    assert!(hazmat::session_key(one, &fine).is_ok());
}

// SALT.

#[test]
fn client_rejects_a_salt_that_is_not_hex() {
    for text in no_hex() {
        let message = with(challenge(), "SALT", text);
        assert_eq!(read_challenge(&message), Err(Error::NotHex(Parameter::Salt)));
        assert_eq!(read_device_challenge(&message), Err(Error::NotHex(Parameter::Salt)));
    }
}

#[test]
fn client_rejects_a_negative_salt_as_the_service_once_sent_for_unknown_users() {
    rejects::<Salt>(&["-5ca1ab1e", "-00", "-"], Error::NotHex(Parameter::Salt));
}

#[test]
fn client_rejects_a_salt_that_is_empty() {
    rejects::<Salt>(&[""], Error::Empty(Parameter::Salt));
}

#[test]
fn client_rejects_a_salt_of_more_than_64_bytes() {
    let texts = [format!("1{}", "0".repeat(128)), "0".repeat(131), "z".repeat(131), "f".repeat(1 << 20)];
    rejects::<Salt>(&texts.each_ref().map(String::as_str), Error::TooLong(Parameter::Salt));
    assert_eq!(Salt::from_be_bytes(&[1; 65]), Err(Error::TooLong(Parameter::Salt)));
    accepts::<Salt>(&[&"f".repeat(128), &format!("00{}", "f".repeat(128))]);
    assert!(Salt::from_be_bytes(&[&[0; 100][..], &[1; 64]].concat()).is_ok());
}

#[test]
fn leading_zeros_of_a_salt_make_no_difference() {
    let salts = ["ab", "0ab", "00AB", "000000000000000000000000000000ab"].map(|text| text.parse::<Salt>().unwrap());
    for salt in salts {
        assert_eq!(salt, Salt::from_be_bytes(&[0, 0xab]).unwrap());
        assert_eq!(salt.to_string(), "ab");
        assert_eq!(salt.to_signed_bytes(), [0, 0xab]);
    }
    assert_eq!(Salt::from_be_bytes(&[]).unwrap().to_signed_bytes(), [0]);
}

// SECRET_BLOCK.

#[test]
fn client_rejects_a_secret_block_that_is_not_standard_base64() {
    let texts = ["c2Vj cmV0", "c2VjcmV", "c2VjcmV0\n", "_-8=", "====", "c2VjcmV0=", "YQ", "YR==", "c2Vj\0mV0", "é==="];
    rejects::<SecretBlock>(&texts, Error::NotBase64(Parameter::SecretBlock));
    for text in texts {
        assert_eq!(
            read_challenge(&with(challenge(), "SECRET_BLOCK", text)),
            Err(Error::NotBase64(Parameter::SecretBlock))
        );
    }
}

#[test]
fn client_rejects_a_secret_block_that_is_empty() {
    rejects::<SecretBlock>(&[""], Error::Empty(Parameter::SecretBlock));
    assert_eq!(SecretBlock::from_bytes(&[]), Err(Error::Empty(Parameter::SecretBlock)));
}

#[test]
fn client_rejects_a_secret_block_over_16_kib_by_its_length_alone() {
    let texts = ["A".repeat(16_388), "\0".repeat(16_385), "A".repeat(1 << 24)];
    rejects::<SecretBlock>(&texts.each_ref().map(String::as_str), Error::TooLong(Parameter::SecretBlock));
    assert_eq!(SecretBlock::from_bytes(&[0; 12_289]), Err(Error::TooLong(Parameter::SecretBlock)));
    accepts::<SecretBlock>(&[&"A".repeat(16_384)]);
    assert_eq!(SecretBlock::from_bytes(&[0; 12_288]).unwrap().as_str().len(), 16_384);
}

// The challenge as a whole, and its names.

#[test]
fn client_rejects_a_challenge_that_lacks_a_parameter() {
    let needed = [
        ("USER_ID_FOR_SRP", Parameter::UserIdForSrp),
        ("SALT", Parameter::Salt),
        ("SRP_B", Parameter::SrpB),
        ("SECRET_BLOCK", Parameter::SecretBlock),
    ];
    for (name, parameter) in needed {
        assert_eq!(read_challenge(&without(challenge(), name)), Err(Error::Missing(parameter)));
    }
    assert_eq!(read_challenge(&without(challenge(), "USERNAME")), Ok(()));
    for (name, parameter) in [("USERNAME", Parameter::Username)].iter().chain(&needed[1..]) {
        assert_eq!(read_device_challenge(&without(challenge(), name)), Err(Error::Missing(*parameter)));
    }
}

#[test]
fn client_rejects_names_in_a_challenge_that_the_service_could_not_have() {
    for (name, parameter) in [("USER_ID_FOR_SRP", Parameter::UserIdForSrp), ("USERNAME", Parameter::Username)] {
        for (text, error) in [(String::new(), Error::Empty(parameter)), ("é".repeat(129), Error::TooLong(parameter))] {
            assert_eq!(read_challenge(&with(challenge(), name, text)), Err(error));
        }
        assert_eq!(read_challenge(&with(challenge(), name, "🦀".repeat(128))), Ok(()));
    }
    let message = with(challenge(), "DEVICE_KEY", "no device key");
    assert_eq!(read_device_challenge(&message), Err(Error::Malformed(Parameter::DeviceKey)));
}

#[test]
fn client_rejects_a_user_name_that_the_service_could_not_have() {
    let credentials = DeviceCredentials::from_parts(device(), pass("password"));
    for (name, error) in [
        (String::new(), Error::Empty(Parameter::Username)),
        ("é".repeat(129), Error::TooLong(Parameter::Username)),
        ("x".repeat(1 << 24), Error::TooLong(Parameter::Username)),
    ] {
        assert_eq!(name.parse::<Username>(), Err(error));
        assert_eq!(Username::new(&*name), Err(error));
        assert_eq!(Username::try_from(name), Err(error));
    }
    let longest = user_name("🦀".repeat(128));
    assert!(UserSignIn::start(&app(), &longest).is_ok());
    assert!(DeviceSignIn::start(&app(), &longest, &credentials).is_ok());
}

#[test]
fn client_rejects_a_password_of_more_than_256_characters() {
    let answer = |password: &str| {
        let password: Password = password.parse()?;
        let (sign_in, _) = UserSignIn::start(&app(), &user_name("user"))?;
        sign_in.answer(PasswordChallenge::from_parameters(&challenge())?, &password, time(0)).map(drop)
    };
    let too_long = Err(Error::TooLong(Parameter::Password));
    assert_eq!(answer(&"é".repeat(257)), too_long);
    assert_eq!(answer(&"x".repeat(1 << 24)), too_long);
    assert_eq!(answer(&"🦀".repeat(256)), Ok(()));
    assert_eq!(answer(""), Ok(()));
    assert_eq!(Password::new("é".repeat(257)).map(drop), too_long);
}

// The pool and the app client.

#[test]
fn a_pool_id_that_does_not_fit_the_services_pattern_is_rejected() {
    let parameter = Parameter::UserPoolId;
    rejects::<PoolId>(&[""], Error::Empty(parameter));
    rejects::<PoolId>(&[&format!("us-east-1_{}", "a".repeat(46)), &"_".repeat(1 << 20)], Error::TooLong(parameter));
    rejects::<PoolId>(
        &["_", "a", "_a", "a_", "us-east-1_a-b", "us east_a", "us_é", "é_us", "us_a\n"],
        Error::Malformed(parameter),
    );
    // The pattern's region may be an underscore.
    accepts::<PoolId>(&["a_b", "__a", "us-east-1_AbCdEfGhI", &format!("us-east-1_{}", "a".repeat(45))]);
}

#[test]
fn the_name_of_a_pool_is_what_comes_after_the_first_underscore() {
    let id: PoolId = "us-east-1_a_b".parse().unwrap();
    assert_eq!((id.region(), id.name(), id.as_str()), ("us-east-1", "a_b", "us-east-1_a_b"));
}

#[test]
fn a_client_id_that_does_not_fit_the_services_pattern_is_rejected() {
    let new = |id: &str| AppClient::new(pool(), id).map(drop);
    assert_eq!(new(""), Err(Error::Empty(Parameter::ClientId)));
    assert_eq!(new(&"a".repeat(129)), Err(Error::TooLong(Parameter::ClientId)));
    for id in ["a-b", "a b", "é", "a\n"] {
        assert_eq!(new(id), Err(Error::Malformed(Parameter::ClientId)));
    }
    assert_eq!(new(&"aZ09_+".repeat(21)), Ok(()));
}

#[test]
fn a_client_secret_that_does_not_fit_the_services_pattern_is_rejected() {
    let new = |secret: String| ClientSecret::new(secret).map(drop);
    assert_eq!(new(String::new()), Err(Error::Empty(Parameter::ClientSecret)));
    assert_eq!(new("a".repeat(65)), Err(Error::TooLong(Parameter::ClientSecret)));
    assert_eq!(new("a".repeat(23)), Err(Error::Malformed(Parameter::ClientSecret)));
    assert_eq!(new("a-".repeat(16)), Err(Error::Malformed(Parameter::ClientSecret)));
    // 24 bytes, but 12 characters and none of them allowed.
    assert_eq!(new("é".repeat(12)), Err(Error::Malformed(Parameter::ClientSecret)));
    assert_eq!((new("aZ09_+".repeat(4)), new("a".repeat(64))), (Ok(()), Ok(())));
}

// The timestamp.

#[test]
fn a_timestamp_in_any_other_form_than_the_services_is_rejected() {
    accepts::<Timestamp>(&["Tue Jan 2 03:04:05 UTC 2024", "Thu Feb 29 23:59:59 UTC 2024"]);
    let others = [
        "",
        "Tue Jan 02 03:04:05 UTC 2024",
        "Tue Jan  2 03:04:05 UTC 2024",
        "Tue Jan 2 3:04:05 UTC 2024",
        "Wed Jan 2 03:04:05 UTC 2024",
        "tue jan 2 03:04:05 utc 2024",
        "Tuesday Jan 2 03:04:05 UTC 2024",
        "Tue January 2 03:04:05 UTC 2024",
        "Di Jan 2 03:04:05 UTC 2024",
        "Tue Jan 2 03:04:05 GMT 2024",
        "Tue Jan 2 03:04:05 +00:00 2024",
        "Tue Jan 2 03:04:05 UTC 24",
        "Tue Jan 2 03:04:05 UTC 02024",
        "Tue Jan 2 03:04:05 UTC +2024",
        "Tue Jan 2 03:04 UTC 2024",
        "Tue Jan 2 03:04:05 AM UTC 2024",
        "Tue Jan 2 03:04:05.0 UTC 2024",
        "Tue Jan 2 24:00:00 UTC 2024",
        "Tue Jan 2 03:04:60 UTC 2024",
        "Thu Feb 30 03:04:05 UTC 2023",
        "Wed Feb 29 03:04:05 UTC 2023",
        " Tue Jan 2 03:04:05 UTC 2024",
        "Tue Jan 2 03:04:05 UTC 2024 ",
        "Tue Jan 2 03:04:05 UTC 2024\n",
        "2024-01-02T03:04:05Z",
        "1704164645",
    ];
    rejects::<Timestamp>(&others, Error::Malformed(Parameter::Timestamp));
}

#[test]
fn a_time_before_1970_or_after_9999_is_rejected() {
    let malformed = Err(Error::Malformed(Parameter::Timestamp));
    for seconds in [-1, i64::MIN, 253_402_300_800, i64::MAX] {
        assert_eq!(Timestamp::from_unix_seconds(seconds), malformed);
    }
    assert_eq!(time(0).to_string(), "Thu Jan 1 00:00:00 UTC 1970");
    assert_eq!(time(253_402_300_799).to_string(), "Fri Dec 31 23:59:59 UTC 9999");
    assert_eq!("Wed Dec 31 23:59:59 UTC 1969".parse::<Timestamp>(), malformed);
    assert_eq!("Sat Jan 1 00:00:00 UTC 10000".parse::<Timestamp>(), malformed);
}

#[test]
fn the_systems_clock_is_between_the_year_of_this_test_and_9999() {
    assert!(Timestamp::now().unwrap() > time(1_704_164_645));
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
    let key = ServerKey::from_bytes([1; 32]);
    let now = time(1_704_164_645);
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
    assert_eq!(*UnknownUserKey::from_bytes([1; 32]).record(&pool(), &name).user_id(), name);

    let record = UserRecord::from_password(&pool(), &user_name("user"), &pass("password")).unwrap();
    assert_eq!(record.verify_password(&pass("passwore")), Err(Error::NotAuthorized));
    assert_eq!(record.verify_password(&pass("password")), Ok(()));
}

// Devices.

#[test]
fn a_device_key_that_does_not_fit_the_services_pattern_is_rejected() {
    let parameter = Parameter::DeviceKey;
    rejects::<DeviceKey>(&[""], Error::Empty(parameter));
    rejects::<DeviceKey>(&[&format!("us-east-1_{}", "a".repeat(46))], Error::TooLong(parameter));
    rejects::<DeviceKey>(
        &["_", "a", "_a", "a_", "us_A", "us_g", "us east_a", "é_a", "us_a\n"],
        Error::Malformed(parameter),
    );
    accepts::<DeviceKey>(&["us-east-1_0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9", "a_-"]);
}

#[test]
fn a_device_group_key_that_is_empty_or_over_long_is_rejected() {
    let new = |group_key: String| Device::new("us-east-1_0a1b".parse().unwrap(), group_key).map(drop);
    assert_eq!(new(String::new()), Err(Error::Empty(Parameter::DeviceGroupKey)));
    assert_eq!(new("é".repeat(129)), Err(Error::TooLong(Parameter::DeviceGroupKey)));
    assert_eq!(new("é".repeat(128)), Ok(()));
}

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
    let key = ServerKey::from_bytes([1; 32]);
    let start = device_start("user", device().key(), &"2".parse().unwrap());
    assert_eq!(key.device_challenge(&record, &start, time(0)).map(drop), Ok(()));
    assert_eq!(ServerChallenge::new_for_device(&record, &start, time(0)).map(drop), Ok(()));
    // The name is in the message that the challenge answers, and that is not read.
    let parameter = Parameter::Username;
    let start = Map::from(start);
    for (name, error) in [(String::new(), Error::Empty(parameter)), ("é".repeat(129), Error::TooLong(parameter))] {
        assert_eq!(DeviceSrpResponses::from_parameters(&with(start.clone(), "USERNAME", name)), Err(error));
    }
}

// Randomness.

#[test]
fn a_random_source_that_fails_stops_everything_that_needs_it() {
    let record = UserRecord::from_password(&pool(), &user_name("user"), &pass("password")).unwrap();
    let key = ServerKey::from_bytes([1; 32]);
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
            (72, "b and block", ServerChallenge::new_with_rng(&record, srp_a(), time(0), &mut rng()).map(drop)),
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
    let (_, challenge) = ServerChallenge::new_with_rng(&record, "2".parse().unwrap(), time(0), &mut rng).unwrap();
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

// What a caller may choose under `hazmat`.

#[test]
fn a_chosen_ephemeral_that_is_empty_zero_or_over_long_is_rejected() {
    let fine = element(&BigUint::from(2u32));
    let parameter = Parameter::Ephemeral;
    for (bytes, error) in [
        (vec![], Error::Empty(parameter)),
        (vec![0], Error::Malformed(parameter)),
        (vec![0; 384], Error::Malformed(parameter)),
        (vec![0; 385], Error::TooLong(parameter)),
        (vec![1; 385], Error::TooLong(parameter)),
        (vec![1; 1 << 20], Error::TooLong(parameter)),
    ] {
        assert_eq!(hazmat::start_user_sign_in(&app(), &user_name("user"), &bytes).map(drop), Err(error));
        assert_eq!(hazmat::client_public(&bytes), Err(error));
        assert_eq!(hazmat::server_public(&fine, &bytes), Err(error));
        assert_eq!(hazmat::client_premaster(&bytes, &fine, [1; 32], [1; 32]), Err(error));
        assert_eq!(hazmat::server_premaster(&fine, &fine, [1; 32], &bytes), Err(error));
    }
}

#[test]
fn a_chosen_ephemeral_in_hex_that_is_empty_no_hex_or_over_long_is_rejected() {
    let parameter = Parameter::Ephemeral;
    assert_eq!(hazmat::parse_ephemeral(""), Err(Error::Empty(parameter)));
    assert_eq!(hazmat::parse_ephemeral("-1"), Err(Error::NotHex(parameter)));
    assert_eq!(hazmat::parse_ephemeral(&format!("1{}", "0".repeat(768))), Err(Error::TooLong(parameter)));
    assert_eq!(hazmat::parse_ephemeral(&"f".repeat(768)), Ok(vec![0xff; 384]));
}

#[test]
fn equations_reject_integers_that_are_wider_than_n() {
    let (wide, fits) = ([0; 385], [0; 384]);
    assert_eq!(hazmat::enc(&wide), Err(Error::TooLong(Parameter::Ephemeral)));
    assert_eq!(hazmat::private_key("r", "n", b"p", &wide), Err(Error::TooLong(Parameter::Salt)));
    assert!(hazmat::enc(&fits).is_ok() && hazmat::private_key("r", "n", b"p", &fits).is_ok());
    assert_eq!(hazmat::enc(&[]), Ok(vec![0]));
}

// Errors, and maps.

#[test]
fn an_error_says_which_rule_was_broken_in_which_parameter_and_nothing_of_the_input() {
    let secret = "a secret that must not be repeated";
    let error = read_challenge(&with(challenge(), "SRP_B", secret)).unwrap_err();
    assert_eq!(error.to_string(), "SRP_B is not hex");
    for text in [error.to_string(), format!("{error:?}"), format!("{error:#?}")] {
        assert!(!text.contains("secret"), "{text}");
    }
    // An error is a few bytes and cannot hold text.
    static_assertions::assert_impl_all!(Error: Copy, Send, Sync, std::error::Error);
    assert!(size_of::<Error>() <= 4);
}

#[test]
fn parameters_come_from_hash_maps_b_tree_maps_and_slices_of_pairs() {
    let map = challenge();
    let tree: BTreeMap<String, String> = map.clone().into_iter().collect();
    let pairs: Vec<(&str, &str)> = map.iter().map(|(name, value)| (&**name, &**value)).collect();
    let expected = PasswordChallenge::from_parameters(&map).unwrap().into_pairs();
    assert_eq!(PasswordChallenge::from_parameters(&tree).unwrap().into_pairs(), expected);
    assert_eq!(PasswordChallenge::from_parameters(&pairs[..]).unwrap().into_pairs(), expected);
    assert_eq!(
        PasswordChallenge::from_parameters::<[(&str, &str)]>(&[]).err(),
        Some(Error::Missing(Parameter::UserIdForSrp))
    );
}

// Whatever comes in, nothing panics.

/// A text that is arbitrary, or nearly right, or hostile.
fn text() -> impl Strategy<Value = String> {
    let nearly = prop::sample::select(
        challenge().into_values().chain(claim().into_values()).chain(zero_mod_n()).chain(above_n()).collect::<Vec<_>>(),
    );
    prop_oneof![
        3 => any::<String>(),
        2 => "[0-9a-fA-F]{0,772}",
        2 => "[A-Za-z0-9+/]{0,80}={0,3}",
        2 => "[A-Z][a-z]{2} [A-Z][a-z]{2} [0-9]{1,2} [0-9]{2}:[0-9]{2}:[0-9]{2} UTC [0-9]{1,5}",
        3 => nearly.clone(),
        2 => (nearly, any::<prop::sample::Index>(), any::<char>()).prop_map(|(text, at, c)| {
            let mut characters: Vec<char> = text.chars().collect();
            let at = at.index(characters.len());
            characters[at] = c;
            characters.into_iter().collect()
        }),
    ]
}

/// A message of which each parameter may be absent or arbitrary.
fn message(valid: &Map, names: &'static [&'static str]) -> impl Strategy<Value = Map> {
    let parameters: Vec<_> = names
        .iter()
        .map(|&name| {
            let right = valid.get(name).cloned();
            prop_oneof![3 => Just(right), 2 => text().prop_map(Some), 1 => Just(None)]
        })
        .collect();
    parameters.prop_map(move |values| {
        let there = names.iter().zip(values).filter_map(|(name, value)| Some(((*name).to_owned(), value?)));
        there.collect()
    })
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 300, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(1_500))]

    #[test]
    fn no_challenge_makes_the_client_panic(
        message in message(&challenge(), &["USER_ID_FOR_SRP", "USERNAME", "SALT", "SRP_B", "SECRET_BLOCK", "DEVICE_KEY"]),
        password: String,
    ) {
        if let Ok(challenge) = PasswordChallenge::from_parameters(&message) {
            let _ = format!("{challenge:?}");
            let (sign_in, _) = hazmat::start_user_sign_in(&app(), &user_name("user"), &[3]).unwrap();
            prop_assert!(sign_in.answer(challenge, &pass(&password), time(0)).is_ok());
        }
        if let Ok(challenge) = DeviceChallenge::from_parameters(&message) {
            let _ = format!("{challenge:?}");
            prop_assert!(challenge.into_pairs().len() >= 4);
        }
    }

    #[test]
    fn no_claim_makes_the_server_panic_or_give_in(
        message in message(&claim(), &["USERNAME", "PASSWORD_CLAIM_SIGNATURE", "PASSWORD_CLAIM_SECRET_BLOCK", "TIMESTAMP", "SECRET_HASH", "DEVICE_KEY"]),
        sealed: bool,
    ) {
        let key = ServerKey::from_bytes([1; 32]);
        let record = UnknownUserKey::from_bytes([1; 32]).record(&pool(), &user_name("user"));
        let (srp_a, now) = ("2".parse::<SrpA>().unwrap(), time(1_704_164_645));
        if let Ok(claim) = PasswordClaim::from_parameters(&message) {
            let _ = format!("{claim:?}");
            // Half of the claims come with a block that the server has made.
            let (state, made) = ServerChallenge::new(&record, "2".parse().unwrap(), now).unwrap();
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
    fn no_text_makes_a_parser_panic_and_what_is_read_is_printed_again(text in text()) {
        if let Ok(pool_id) = text.parse::<PoolId>() {
            prop_assert_eq!(pool_id.to_string(), &*text);
            prop_assert_eq!(format!("{}_{}", pool_id.region(), pool_id.name()), &*text);
        }
        if let Ok(timestamp) = text.parse::<Timestamp>() {
            prop_assert_eq!(timestamp.to_string(), &*text);
        }
        if let Ok(block) = text.parse::<SecretBlock>() {
            prop_assert_eq!(block.to_string(), &*text);
            prop_assert_eq!(SecretBlock::from_bytes(block.as_bytes()), Ok(block));
        }
        if let Ok(salt) = text.parse::<Salt>() {
            prop_assert_eq!(salt.to_string().parse(), Ok(salt));
        }
        if let Ok(b) = text.parse::<SrpB>() {
            prop_assert_eq!(b.to_string().parse::<SrpB>().map(|b| b.to_be_bytes()), Ok(b.to_be_bytes()));
            prop_assert_eq!(Some(integer(&b.to_be_bytes())), BigUint::parse_bytes(text.as_bytes(), 16));
        }
        prop_assert_eq!(text.parse::<SrpA>().is_ok(), text.parse::<SrpB>().is_ok());
        let _ = (text.parse::<DeviceKey>(), ClientSecret::new(&*text), AppClient::new(pool(), &*text));
        let _ = (hazmat::parse_ephemeral(&text), DeviceVerifier::from_base64(&text, &text));
        if let (Ok(name), Ok(password)) = (text.parse(), text.parse()) {
            prop_assert!(UserRecord::from_password(&pool(), &name, &password).is_ok());
        }
    }

    #[test]
    fn no_bytes_make_an_equation_panic(short in prop::collection::vec(any::<u8>(), 0..400), wide in any::<[u8; 32]>()) {
        let mut element = [0xff; 384];
        element[..32].copy_from_slice(&wide);
        let _ = (hazmat::enc(&short), hazmat::private_key("r", "n", &short, &short), hazmat::parse_ephemeral(&hex(&short)));
        let _ = (hazmat::scrambler(&element, &element), hazmat::session_key(wide, &element));
        let _ = (hazmat::add(&element, &element), hazmat::sub(&[0; 384], &element), Salt::from_be_bytes(&short));
        for backend in Backend::all() {
            let _ = (backend.mul_repeatedly(&element, &element, 3), backend.square_repeatedly(&element, 3));
        }
    }
}

#[test]
fn a_record_is_not_made_of_a_verifier_with_which_anybody_could_sign_in() {
    let pool_id: PoolId = "us-east-1_abc".parse().unwrap();
    let salt: Salt = "5".parse().unwrap();
    let read =
        |verifier: &ElementBytes| UserRecord::from_parts(&pool_id, &user_name("alice"), salt, verifier).map(drop);
    let small = |value: u8| {
        let mut bytes = [0; 384];
        bytes[383] = value;
        bytes
    };
    let zero = Err(Error::VerifierIsTrivial);
    let above = Err(Error::VerifierOutOfRange);
    let minus_one = hazmat::sub(&small(0), &small(1));
    for trivial in [small(0), small(1), minus_one] {
        assert_eq!(read(&trivial), zero);
    }
    for too_large in [hazmat::modulus(), [0xff; 384]] {
        assert_eq!(read(&too_large), above);
    }
    for good in [small(2), hazmat::sub(&minus_one, &small(1))] {
        assert_eq!(read(&good), Ok(()));
    }
}

#[test]
fn a_random_source_that_gives_only_zeros_is_refused() {
    let record = UserRecord::from_password(&pool(), &user_name("user"), &pass("password")).unwrap();
    let key = ServerKey::from_bytes([1; 32]);
    let credentials = DeviceCredentials::from_parts(device(), pass("password"));
    let srp_a = || "2".parse::<SrpA>().unwrap();
    // Zeros where the secret is drawn, or all of it; the last bit is enough.
    for last in [0, 1] {
        let script = |length: usize| [&vec![0; length - 1][..], &[last], &[1; 40]].concat();
        let drawn = [
            ("a", UserSignIn::start_with_rng(&app(), &user_name("user"), &mut ScriptedRng::new(&script(40))).map(drop)),
            (
                "a of a device",
                DeviceSignIn::start_with_rng(
                    &app(),
                    &user_name("user"),
                    &credentials,
                    &mut ScriptedRng::new(&script(40)),
                )
                .map(drop),
            ),
            (
                "password of a device",
                DeviceCredentials::register_with_rng(device(), &mut ScriptedRng::new(&script(40))).map(drop),
            ),
            ("server key", ServerKey::generate_with_rng(&mut ScriptedRng::new(&script(32))).map(drop)),
            ("nonce", key.challenge_with_rng(&record, &srp_a(), time(0), &mut ScriptedRng::new(&script(32))).map(drop)),
            (
                "b",
                ServerChallenge::new_with_rng(&record, srp_a(), time(0), &mut ScriptedRng::new(&script(40))).map(drop),
            ),
        ];
        for (what, outcome) in drawn {
            assert_eq!(outcome, if last == 0 { Err(Error::RandomSource) } else { Ok(()) }, "{what}");
        }
    }
}
