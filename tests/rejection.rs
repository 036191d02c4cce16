//! Everything that must be refused: one test for each rule, and for each the error that names it.
//!
//! The many ways to spell a wrong input are in `vectors/rejection.json`. Here stands what each rule is for.

mod common;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::str::FromStr;

use cognito_srp6a::{
    AppClient, ClientSecret, Device, DeviceChallenge, DeviceCredentials, DeviceKey, DeviceSignIn, DeviceVerifier,
    Error, Parameter, Password, PasswordChallenge, PoolId, Region, Salt, SecretBlock, SrpA, SrpB, Timestamp,
    UserSignIn, Username,
};
use common::accounts::{app, device, now, pool};
use common::messages::*;
use common::{Map, ScriptedRng, integer, pass, time, user_name};
use num_bigint::BigUint;
use proptest::prelude::*;

fn read_challenge(message: &Map) -> Result<(), Error> {
    PasswordChallenge::from_parameters(message).map(drop)
}

fn read_device_challenge(message: &Map) -> Result<(), Error> {
    DeviceChallenge::from_parameters(message).map(drop)
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
        &[
            "_",
            "us-east-1",
            "_a",
            "us-east-1_",
            "us-east-1_a-b",
            "us east-1_a",
            "us-east-1_é",
            "é-us-1_a",
            "us-east-1_a\n",
        ],
        Error::Malformed(parameter),
    );
    accepts::<PoolId>(&["us-east-1_AbCdEfGhI", "us-east-1__a", &format!("us-east-1_{}", "a".repeat(45))]);
    accepts::<PoolId>(&["us-east-1_a_b_c", "us-east-1_a-b_c"]);
}

#[test]
fn a_pool_id_whose_region_is_none_is_rejected() {
    let regions = [
        "us_east_1",
        "us",
        "us-east",
        "us-east-",
        "us-east-1a",
        "us--1",
        "-east-1",
        "us-east-1-",
        "1-east-1",
        "US-EAST-1",
        "east-1",
        "locale",
        "localhost",
        "Local",
        "local-1",
        "aws-global",
    ];
    for region in regions {
        rejects::<PoolId>(&[&format!("{region}_abc")], Error::Malformed(Parameter::UserPoolId));
        rejects::<Region>(&[region], Error::Malformed(Parameter::Region));
    }
    rejects::<Region>(&[""], Error::Empty(Parameter::Region));
    rejects::<Region>(&[&format!("us-{}-1", "a".repeat(49)), &"-".repeat(1 << 20)], Error::TooLong(Parameter::Region));
    accepts::<Region>(&[&format!("us-{}-1", "a".repeat(48))]);
    // The last is the emulator cognito-local's.
    let regions =
        ["us-east-1", "us-gov-west-1", "eusc-de-east-1", "us-isof-south-1", "ap-southeast-12", "me2-x-1", "local"];
    for region in regions {
        accepts::<Region>(&[region]);
        let pool_id: PoolId = format!("{region}_abc").parse().unwrap();
        assert_eq!((pool_id.region(), Region::from(&pool_id).as_str()), (region, region));
    }
}

#[test]
fn the_name_of_a_pool_is_what_comes_after_the_first_underscore() {
    let id: PoolId = "us-east-1_a_b".parse().unwrap();
    assert_eq!((id.region(), id.name(), id.as_str()), ("us-east-1", "a_b", "us-east-1_a_b"));
    assert_eq!(id.to_string(), "us-east-1_a_b");
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

// The names of a device.

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
    assert!(Timestamp::now().unwrap() > now());
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

proptest! {
    #![proptest_config(cases(1_500))]

    #[test]
    fn no_challenge_makes_the_client_panic(
        message in message(&challenge(), &["USER_ID_FOR_SRP", "USERNAME", "SALT", "SRP_B", "SECRET_BLOCK", "DEVICE_KEY"]),
        password: String,
    ) {
        if let Ok(challenge) = PasswordChallenge::from_parameters(&message) {
            let _ = format!("{challenge:?}");
            let (sign_in, _) =
                UserSignIn::start_with_rng(&app(), &user_name("user"), &mut ScriptedRng::new([3; 40])).unwrap();
            prop_assert!(sign_in.answer(challenge, &pass(&password), time(0)).is_ok());
        }
        if let Ok(challenge) = DeviceChallenge::from_parameters(&message) {
            let _ = format!("{challenge:?}");
            prop_assert!(challenge.into_pairs().len() >= 4);
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
        let _ = (text.parse::<Username>(), text.parse::<Password>(), DeviceVerifier::from_base64(&text, &text));
    }
}
