//! Stored challenges: what they hold, what they refuse, and what no stored text brings about, however it is altered.

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognito_srp6a::idp::{
    Api, AuthResponse, Challenge, ChallengeName, Context, ContextData, Credentials, FirstFactor, ServiceError,
    ServiceErrorName, Session, SignIn, SignInError, SignInFlow, Step, StoredChallenge, TakeUpError,
};
use cognito_srp6a::{AppClient, Device, DeviceCredentials, Error, Parameter};
use common::golden::{read_json, vectors};
use common::service::*;
use common::{fresh_rng, hex};
use rand::RngExt as _;
use rand::rngs::StdRng;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

const LABEL: &[u8] = b"cognito-srp6a stored challenge v1\0";

/// The contents of a text that is whole.
fn contents(text: &str) -> Vec<u8> {
    let mut payload = URL_SAFE_NO_PAD.decode(text.strip_prefix("v1.").unwrap()).unwrap();
    payload.truncate(payload.len() - 32);
    payload
}

/// A text of any contents, with the right digest.
fn text_of(contents: &[u8]) -> String {
    let digest = Sha256::digest([LABEL, contents].concat());
    format!("v1.{}", URL_SAFE_NO_PAD.encode([contents, &digest].concat()))
}

/// A code that is asked for after the proof of the password.
fn code(credentials: Credentials) -> Challenge {
    let response = challenge(ChallengeName::SmsMfa, &[("CODE_DELIVERY_DESTINATION", "+*******1234")]);
    asked(go(proved(&Pool::new(), credentials), response.with_session(session(7))))
}

fn take_up(text: &str) -> Result<Challenge, TakeUpError> {
    StoredChallenge::new(text)?.take_up(&app()).build()
}

fn other_device() -> DeviceCredentials {
    let device = Device::new("us-east-1_ffffffff".parse().unwrap(), GROUP_KEY).unwrap();
    DeviceCredentials::from_parts(device, pass("x"))
}

fn cases(kind: &str) -> Vec<Value> {
    let document = read_json(&vectors().join("stored_challenge.json"));
    let cases = document["cases"].as_array().unwrap().iter().filter(|case| case["kind"] == kind).cloned();
    let cases: Vec<_> = cases.collect();
    assert!(!cases.is_empty());
    cases
}

fn stored_vectors() -> Vec<String> {
    cases("stored_challenge").iter().map(|case| case["expected"]["text"].as_str().unwrap().to_owned()).collect()
}

// ---- vectors

#[test]
fn each_vector_is_taken_up_and_put_down_as_the_same_text() {
    let _ = Pool::with_device();
    for case in cases("stored_challenge") {
        let id = &case["tcId"];
        let text = case["expected"]["text"].as_str().unwrap();
        let stored = StoredChallenge::new(text).unwrap();
        let challenge = taken_up(&stored, &app(), None).unwrap();
        assert_eq!(challenge.username().as_str(), case["username"], "{id}");
        assert_eq!(challenge.session().map(Session::expose), case["session"].as_str(), "{id}");
        assert_eq!(challenge.name().as_str(), case["challenge_name"], "{id}");
        assert_eq!(serde_json::to_value(challenge.parameters()).unwrap(), case["challenge_parameters"], "{id}");
        let refusal = challenge.refusal().map(|error| vec![error.name().as_str(), error.message()]);
        assert_eq!(serde_json::to_value(refusal).unwrap(), case["refusal"], "{id}");
        assert_eq!(challenge.put_down().unwrap().expose(), text, "{id}");
    }
}

#[test]
fn each_vector_that_is_no_stored_challenge_is_refused() {
    for case in cases("stored_text") {
        let error = take_up(case["text"].as_str().unwrap()).unwrap_err();
        assert_eq!(format!("{error:?}"), case["expected"]["error"].as_str().unwrap(), "{}", case["comment"]);
    }
}

// ---- what follows

#[test]
fn a_device_proves_itself_after_the_code() {
    let (pool, device) = Pool::with_device();
    let response = challenge(ChallengeName::SmsMfa, &[]).with_session(session(7));
    let sign_in = proved(&pool, credentials().with_device(device));
    let stored = asked(go(sign_in, response)).put_down().unwrap();
    let Ok(Challenge::SmsMfa(code)) = taken_up(&stored, &app(), None) else { panic!("{stored:?}") };
    let (sign_in, request) = code.answer("123456").unwrap();
    assert_eq!(names(&request), ["DEVICE_KEY", "SECRET_HASH", "SMS_MFA_CODE", "USERNAME"]);
    assert_eq!((parameter(&request, "USERNAME"), session_of(&request)), (Some(USERNAME), Some(session(7).expose())));
    let (sign_in, request) = sent(go(sign_in, challenge(ChallengeName::DeviceSrpAuth, &[])));
    let (sign_in, request) = sent(go(sign_in, pool.device_verifier(&request)));
    pool.check_device(&request).unwrap();
    let signed_in = done(go(sign_in, tokens()));
    assert_eq!(signed_in.username(), USERNAME);
    assert!(signed_in.into_parts().1.is_some());
}

#[test]
fn a_mistyped_code_is_asked_for_again_in_each_process() {
    let mut text = code(credentials()).put_down().unwrap().expose().to_owned();
    for _ in 0..3 {
        let Ok(Challenge::SmsMfa(code)) = take_up(&text) else { panic!("{text}") };
        let (sign_in, request) = code.answer("000000").unwrap();
        assert_eq!(session_of(&request), Some(session(7).expose()));
        let refusal = ServiceError::new("CodeMismatchException", "Invalid code received for user");
        let again = asked(sign_in.advance(Err(refusal.into()), now()));
        text = again.put_down().unwrap().expose().to_owned();
        let refusal = take_up(&text).unwrap().refusal().expect("the page says why").clone();
        assert_eq!(refusal.name(), &ServiceErrorName::CodeMismatch);
        assert_eq!(refusal.message(), "Invalid code received for user");
    }
    let Ok(Challenge::SmsMfa(code)) = take_up(&text) else { panic!("{text}") };
    done(go(code.answer("123456").unwrap().0, tokens()));
}

#[test]
fn a_password_that_comes_later_is_proved_or_sent() {
    let pool = Pool::new();
    let ask = |flow| {
        let nobody = Credentials::new(user_name(ALIAS));
        let (sign_in, _) = SignIn::builder(&app(), Api::Admin, flow, nobody).start().unwrap();
        let select = challenge(ChallengeName::SelectChallenge, &[("USERNAME", USERNAME)]).with_session(session(1));
        let select = select.with_available_challenges([ChallengeName::PasswordSrp, ChallengeName::Password]);
        let stored = asked_by(go(sign_in, select), &app(), None).put_down().unwrap();
        move |password: Option<&str>| match taken_up(&stored, &app(), password) {
            Ok(Challenge::SelectChallenge(select)) => select,
            other => panic!("{other:?}"),
        }
    };
    let selected = ask(SignInFlow::User(None));
    let (sign_in, request) = selected(Some(PASSWORD)).prove_password().unwrap();
    assert_eq!(names(&request), ["ANSWER", "SECRET_HASH", "SRP_A", "USERNAME"]);
    assert_eq!(parameter(&request, "ANSWER"), Some("PASSWORD_SRP"));
    assert_eq!(parameter(&request, "USERNAME"), Some(USERNAME));
    assert_eq!(session_of(&request), Some(session(1).expose()));
    let (sign_in, request) = sent(go(sign_in, pool.password_verifier(&request)));
    pool.check_password(&request).unwrap();
    done(go(sign_in, tokens()));

    let (_, request) = selected(Some(PASSWORD)).answer(&ChallengeName::Password).unwrap();
    assert_eq!(parameter(&request, "PASSWORD"), Some(PASSWORD));

    // What the flow allows is in the text.
    let preferred = ask(SignInFlow::User(Some(FirstFactor::EmailOtp)));
    let refused = preferred(Some(PASSWORD)).answer(&ChallengeName::Password).unwrap_err();
    assert_eq!(refused.error(), Error::NotInThisCall(Parameter::Password));
    // Without a password there is nothing to prove or send, and an answer starts no proof.
    assert_eq!(selected(None).prove_password().unwrap_err().error(), Error::Missing(Parameter::Password));
    for choice in [ChallengeName::Password, ChallengeName::PasswordSrp] {
        assert_eq!(selected(None).answer(&choice).unwrap_err().error(), Error::Missing(Parameter::Password));
    }
    let refused = selected(Some(PASSWORD)).answer(&ChallengeName::PasswordSrp).unwrap_err();
    assert_eq!(refused.error(), Error::NotInThisCall(Parameter::Answer));
}

#[test]
fn what_the_caller_preferred_is_kept() {
    for (preferred, proves) in [(None, true), (Some(FirstFactor::EmailOtp), false)] {
        let (app, credentials) = (app(), Credentials::new(user_name(ALIAS)));
        let (sign_in, _) =
            SignIn::builder(&app, Api::Public, SignInFlow::User(preferred), credentials).start().unwrap();
        let response = challenge(ChallengeName::SelectChallenge, &[("USERNAME", USERNAME)]);
        let stored = asked(go(sign_in, response)).put_down().unwrap();
        let again = stored.take_up(&app).with_password(pass(PASSWORD)).build().unwrap();
        let Challenge::SelectChallenge(choice) = again else { panic!("{again:?}") };
        let (sign_in, _) = choice.answer(&ChallengeName::EmailOtp).unwrap();
        let next = go(sign_in, challenge(ChallengeName::PasswordSrp, &[]));
        assert_eq!(matches!(next, Ok(Step::Send(..))), proves, "{preferred:?}: {next:?}");
    }
}

#[test]
fn a_password_is_proved_only_where_the_service_offers_it() {
    for (name, available) in [
        (ChallengeName::SelectChallenge, vec![ChallengeName::EmailOtp]),
        (ChallengeName::SelectMfaType, vec![ChallengeName::PasswordSrp]),
    ] {
        let (sign_in, _) = start(Api::Public, SignInFlow::User(None));
        let response = challenge(name, &[]).with_available_challenges(available);
        let (Challenge::SelectChallenge(select) | Challenge::SelectMfaType(select)) = asked(go(sign_in, response))
        else {
            panic!()
        };
        assert_eq!(select.prove_password().unwrap_err().error(), Error::Malformed(Parameter::Answer));
    }
}

#[test]
fn a_proof_that_had_started_is_lost() {
    let pool = Pool::new();
    let (sign_in, request) = start(Api::Public, SignInFlow::UserSrp);
    let stored = asked(go(sign_in, challenge(ChallengeName::SmsMfa, &[]))).put_down().unwrap();
    let (sign_in, _) = answer(taken_up(&stored, &app(), Some(PASSWORD)).unwrap(), &[]).unwrap();
    let error = failed(go(sign_in, pool.password_verifier(&request)));
    assert_eq!(error, SignInError::UnexpectedChallenge(ChallengeName::PasswordVerifier));
}

#[test]
fn a_password_that_was_proved_is_not_proved_again() {
    let pool = Pool::new();
    let stored = code(credentials()).put_down().unwrap();
    let (sign_in, _) = answer(taken_up(&stored, &app(), Some(PASSWORD)).unwrap(), &[]).unwrap();
    let (sign_in, request) = sent(go(sign_in, challenge(ChallengeName::PasswordSrp, &[])));
    let error = failed(go(sign_in, pool.password_verifier(&request)));
    assert_eq!(error, SignInError::UnexpectedChallenge(ChallengeName::PasswordVerifier));
}

// ---- what agrees

#[test]
fn another_app_client_or_pool_is_foreign() {
    let stored = code(credentials()).put_down().unwrap();
    let foreign = |app: &AppClient| stored.take_up(app).build().unwrap_err();
    assert_eq!(foreign(&AppClient::new(pool(), "another").unwrap()), TakeUpError::Foreign);
    let pool = "us-east-1_another".parse().unwrap();
    assert_eq!(foreign(&AppClient::new(pool, CLIENT).unwrap()), TakeUpError::Foreign);
    // The secret may have been changed meanwhile.
    stored.take_up(&plain_app()).build().unwrap();
}

#[test]
fn the_device_is_the_one_that_the_sign_in_started_with() {
    let (_, device) = Pool::with_device();
    let with = code(credentials().with_device(device)).put_down().unwrap();
    let without = code(credentials()).put_down().unwrap();
    assert_eq!(with.take_up(&app()).build().unwrap_err(), TakeUpError::Device);
    assert_eq!(with.take_up(&app()).with_device(other_device()).build().unwrap_err(), TakeUpError::Device);
    assert_eq!(without.take_up(&app()).with_device(other_device()).build().unwrap_err(), TakeUpError::Device);
    without.take_up(&app()).with_device(None).build().unwrap();
}

// ---- what a text holds

#[test]
fn a_text_holds_no_password_and_no_hash() {
    let (_, device) = Pool::with_device();
    let device_password = device.expose_password().to_owned();
    let stored = code(credentials().with_device(device)).put_down().unwrap();
    let contents = contents(stored.expose());
    let holds = |part: &str| contents.windows(part.len()).any(|window| window == part.as_bytes());
    assert!(holds(USERNAME) && holds(DEVICE_KEY) && holds(session(7).expose()) && holds(USER_ID));
    for secret in [PASSWORD, &device_password, SECRET, &secret_hash(USERNAME), ALIAS] {
        assert!(!holds(secret), "{secret}");
    }
    assert_eq!(format!("{stored:?}"), "StoredChallenge { .. }");
}

#[test]
fn a_text_fits_into_a_cookie_and_has_its_bound() {
    let ask = |parameters: &[(String, String)], session_chars: usize| {
        let (sign_in, _) = start(Api::Public, SignInFlow::Custom);
        let response = AuthResponse::challenge(ChallengeName::CustomChallenge, parameters.iter().cloned());
        asked(go(sign_in, response.with_session(Session::new("s".repeat(session_chars)).unwrap()))).put_down()
    };
    let length = |value: usize| ask(&[("x".into(), "v".repeat(value))], 20).map(|stored| stored.expose().len());
    let empty = contents(ask(&[("x".into(), String::new())], 20).unwrap().expose()).len() + 32;
    let most = (StoredChallenge::MAX_BYTES - 3) / 4 * 3 - empty;
    assert!((StoredChallenge::MAX_BYTES - 3..=StoredChallenge::MAX_BYTES).contains(&length(most).unwrap()));
    let error = length(most + 1).unwrap_err();
    assert!(error.to_string().contains("too long"));
    let challenge = error.into_challenge();
    assert_eq!(challenge.parameters()["x"].len(), most + 1);
    length(1 << 20).unwrap_err();

    let entries = |count: usize| (0..count).map(|number| (number.to_string(), String::new())).collect::<Vec<_>>();
    let most = contents(ask(&entries(256), 20).unwrap().expose());
    take_up(&text_of(&most)).unwrap();
    ask(&entries(257), 20).unwrap_err();
    // One more entry, before the first, with the right digest.
    let from = [1, 0, 0, 1, b'0', 0, 0];
    let at = most.windows(from.len()).position(|window| window == from).unwrap();
    let more = [&most[..at], &[1, 1, 0, 1, b'!', 0, 0], &most[at + 2..]].concat();
    assert_eq!(take_up(&text_of(&more)).unwrap_err(), TakeUpError::Damaged);

    // The documentation states this.
    let ordinary = [
        ("CODE_DELIVERY_DELIVERY_MEDIUM".into(), "SMS".into()),
        ("CODE_DELIVERY_DESTINATION".into(), "+*******0100".into()),
    ];
    for chars in [20, 1000, 2000] {
        let more = ask(&ordinary, chars).unwrap().expose().len() - chars * 4 / 3;
        assert!((250..350).contains(&more), "{more}");
    }
}

#[test]
fn a_long_message_is_cut_where_its_display_is() {
    let Challenge::SmsMfa(code) = code(credentials()) else { panic!() };
    let refusal = ServiceError::new("CodeMismatchException", "\u{e9}".repeat(5000));
    let again = asked(code.answer("123456").unwrap().0.advance(Err(refusal.into()), now()));
    let challenge = take_up(again.put_down().unwrap().expose()).unwrap();
    assert_eq!(challenge.refusal().unwrap().message(), "\u{e9}".repeat(1024));
}

#[test]
fn a_text_that_is_too_long_is_not_parsed() {
    let text = "v2.".to_owned() + &"A".repeat(StoredChallenge::MAX_BYTES - 3);
    assert_eq!(StoredChallenge::new(&*text).unwrap_err(), TakeUpError::Newer);
    assert_eq!(StoredChallenge::new(text + "A").unwrap_err(), TakeUpError::TooLong);
}

#[test]
fn an_error_says_what_is_wrong() {
    for (error, word) in [
        (TakeUpError::Damaged, "damaged"),
        (TakeUpError::Newer, "later version"),
        (TakeUpError::Foreign, "another app client"),
        (TakeUpError::Device, "another device"),
        (TakeUpError::TooLong, "too long"),
    ] {
        assert!(error.to_string().contains(word));
    }
}

// ---- altered texts

/// Replaces a text in the contents of one of the vectors by another and makes the digest right.
fn edited(vector: usize, from: &[u8], to: &[u8]) -> String {
    let contents = contents(&stored_vectors()[vector]);
    let at: Vec<_> = (0..contents.len()).filter(|&at| contents[at..].starts_with(from)).collect();
    let [at] = at[..] else { panic!("{} times {}", at.len(), hex(from)) };
    text_of(&[&contents[..at], to, &contents[at + from.len()..]].concat())
}

#[test]
fn a_right_digest_lets_nothing_through_that_breaks_a_rule() {
    let _ = Pool::with_device();
    let long_name = [&[0, 129][..], &[b'a'; 129]].concat();
    let long_challenge = [&[0, 129][..], &[b'A'; 129]].concat();
    let mut taken = Vec::new();
    let flags = |proved, sends, budget| [proved, 0, sends, budget, 0, 0, 0, 0, 0];
    for (what, text) in [
        ("an API of another number", edited(0, b"456789\0\0", b"456789\x02\0")),
        ("an empty user name", edited(0, b"\0\x11alice@example.com", b"\0\0")),
        ("a long user name", edited(0, b"\0\x11alice@example.com", &long_name)),
        ("a user name that is no UTF-8", edited(0, b"alice@", b"alice\xff")),
        ("a user id without a learned name", edited(1, b"alice\x01\x01", b"alice\0\x01")),
        ("a long user id", edited(1, b"\0\x245789f8e3-0c2b-4b1e-9df1-3a0b1c2d3e4f", &long_name)),
        ("a malformed device key", edited(1, b"us-east-1_0a1b", b"us-east-1_0A1b")),
        ("a short session", edited(2, b"\0\x2aAYABeIKrFwI0example0session0of0the0service", b"\0\x05short")),
        ("a proof of the password", edited(0, b"\0\x09EMAIL_OTP", b"\0\x11PASSWORD_VERIFIER")),
        ("a proof of the device", edited(0, b"\0\x09EMAIL_OTP", b"\0\x0fDEVICE_SRP_AUTH")),
        ("a second proof of the device", edited(0, b"\0\x09EMAIL_OTP", b"\0\x18DEVICE_PASSWORD_VERIFIER")),
        ("a long name of a challenge", edited(0, b"\0\x09EMAIL_OTP", &long_challenge)),
        ("a long name of a choice", edited(3, b"\0\x0aNEW_FACTOR", &long_challenge)),
        ("another user in the parameters", edited(3, b"USERNAME\0\x05alice", b"USERNAME\0\x05mallo")),
        ("an empty user in the parameters", edited(3, b"USERNAME\0\x05alice", b"USERNAME\0\0")),
        ("a user in the parameters who is not learned", edited(3, b"alice\x01\0\0\x01\0", b"alice\0\0\0\x01\0")),
        ("parameters out of order", edited(1, b"CODE_DELIVERY_DESTINATION", b"AODE_DELIVERY_DESTINATION")),
        ("a parameter twice", edited(5, b"\0\x0euserAttributes\0\x02{}", b"\0\x12requiredAttributes\0\x02{}")),
        ("the name of an error with its URI", edited(2, b"CodeMismatchException", b"CodeMismatch:xception")),
        ("a proof and the sending of the password", edited(0, &flags(0, 0, 8), &flags(1, 1, 8))),
        ("a budget above the first one", edited(0, &flags(0, 0, 8), &flags(0, 0, 9))),
        ("a flag that is neither", edited(0, &flags(0, 0, 8), &flags(2, 0, 8))),
        ("a preference that is neither", edited(0, &flags(0, 0, 8), &[0, 2, 0, 8, 0, 0, 0, 0, 0])),
        ("what a public call does not take", edited(5, b"456789\x01", b"456789\0")),
        ("what an admin call does not take", edited(4, b"456789\0\0", b"456789\x01\0")),
        ("a byte at the end", text_of(&[contents(&stored_vectors()[0]), vec![0]].concat())),
        ("nothing", text_of(b"")),
    ] {
        let stored = StoredChallenge::new(text).unwrap();
        if taken_up(&stored, &app(), None).err() != Some(TakeUpError::Damaged) {
            taken.push(what);
        }
    }
    assert!(taken.is_empty(), "taken up: {taken:#?}");
    // The edits by themselves are not what is refused.
    take_up(&edited(0, &flags(0, 0, 8), &flags(1, 0, 0))).unwrap();
}

/// Alters bytes somehow: a bit, a byte, a part taken out, doubled or put in from another text, an end cut off.
fn mutate(bytes: &mut Vec<u8>, other: &[u8], rng: &mut StdRng) {
    for _ in 0..rng.random_range(1..=3) {
        let at = rng.random_range(0..=bytes.len());
        let end = rng.random_range(at..=bytes.len().min(at + 40));
        match rng.random_range(0..7) {
            0 | 1 if at < bytes.len() => bytes[at] ^= 1 << rng.random_range(0..8),
            2 if at < bytes.len() => bytes[at] = [0, 1, 2, 9, 255][rng.random_range(0..5)],
            3 => drop(bytes.drain(at..end)),
            4 => {
                let part = bytes[at..end].to_vec();
                bytes.splice(end..end, part);
            }
            5 => {
                let from = rng.random_range(0..=other.len());
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            _ => bytes.truncate(at),
        }
    }
}

/// What must hold of a challenge that was taken up, whoever has written the text.
///
/// Whoever can make the digest chooses the contents, but not more: all of the text was read, every value keeps the
/// limits of the service, the answer is made for the name that the challenge shows, and no proof goes on.
fn check_accepted(text: &str, again: impl Fn() -> Challenge) {
    assert_eq!(again().put_down().unwrap().expose(), text, "the text has another form of the same contents");
    let challenge = again();
    let username = challenge.username().as_str().to_owned();
    assert!((1..=128).contains(&username.chars().count()));
    let session = challenge.session().map(|session| session.expose().to_owned());
    assert!(session.as_ref().is_none_or(|session| (20..=4096).contains(&session.chars().count())));
    let name = challenge.name().clone();
    assert!(!["PASSWORD_VERIFIER", "DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER"].contains(&name.as_str()));
    let named = challenge.parameters().get("USERNAME").cloned();
    assert!(challenge.refusal().is_none_or(|error| error.message().chars().count() <= 1024));
    let is_setup = matches!(challenge, Challenge::MfaSetup(_));
    let Ok((sign_in, request)) = answer(challenge, &[("x".into(), "y".into())]) else { return };
    assert_eq!(answers(&request), &name);
    assert_eq!(parameter(&request, "USERNAME"), Some(&*username));
    assert!(named.is_none_or(|named| named == username));
    assert_eq!(parameter(&request, "SECRET_HASH"), Some(&*secret_hash(&username)));
    assert_eq!(parameter(&request, "PASSWORD"), None);
    if !is_setup {
        assert_eq!(session_of(&request), session.as_deref());
    }
    let proof =
        [("SALT", "5a17"), ("SRP_B", "b0b"), ("SECRET_BLOCK", "c2VjcmV0IGJsb2Nr"), ("USER_ID_FOR_SRP", &*username)];
    let step = go(sign_in, challenge_of(&proof));
    assert!(matches!(step, Err(SignInError::UnexpectedChallenge(_) | SignInError::UsernameChanged)), "{step:?}");
}

fn challenge_of(parameters: &[(&str, &str)]) -> AuthResponse {
    challenge(ChallengeName::PasswordVerifier, parameters)
}

/// More than the 100,000 that are promised: in each round one text with its old digest, and one with the right one.
const ROUNDS: usize = 60_000;

#[test]
fn no_altered_text_panics_or_is_taken_for_another() {
    let _ = Pool::with_device();
    let texts = stored_vectors();
    let mut rng = fresh_rng();
    let (mut accepted, mut altered) = (0, 0);
    let at = |rng: &mut StdRng| rng.random_range(0..texts.len());
    for _ in 0..ROUNDS {
        // Of the text, the digest included: nothing but the text itself is taken up.
        let text = &texts[at(&mut rng)];
        let mut bytes = text.clone().into_bytes();
        mutate(&mut bytes, texts[at(&mut rng)].as_bytes(), &mut rng);
        let mutant = String::from_utf8_lossy(&bytes).into_owned();
        if !texts.contains(&mutant) {
            altered += 1;
            let error = StoredChallenge::new(mutant).and_then(|stored| taken_up(&stored, &app(), None)).unwrap_err();
            assert!(matches!(error, TakeUpError::Damaged | TakeUpError::Newer), "{error:?}");
        }

        // Of the contents, with the right digest.
        let mut bytes = contents(text);
        mutate(&mut bytes, &contents(&texts[at(&mut rng)]), &mut rng);
        altered += 1;
        let mutant = StoredChallenge::new(text_of(&bytes)).unwrap();
        for device_password in [None, Some("device")] {
            let device = || device_password.map(|password| DeviceCredentials::from_parts(device(), pass(password)));
            let build = || mutant.take_up(&app()).with_device(device()).build();
            if build().is_ok() {
                accepted += 1;
                check_accepted(mutant.expose(), || build().unwrap());
            }
        }
    }
    assert!(altered >= 100_000, "{altered}");
    // The mutants are near enough to what is valid to reach every rule.
    assert!(accepted > ROUNDS / 100, "{accepted} accepted");
    println!("{altered} altered texts, {accepted} of them with a right digest taken up");
}

// ---- contexts

#[test]
fn what_goes_along_goes_along_after_the_wait() {
    let context = Context::default().with_client_metadata("campaign", "summer").unwrap().with_context_data(
        ContextData::new("192.0.2.1", "login.example.com", "/sign-in").with_header("User-Agent", "agent"),
    );
    let (sign_in, _) =
        SignIn::builder(&app(), Api::Admin, SignInFlow::Custom, credentials()).with_context(context).start().unwrap();
    let stored = asked(go(sign_in, challenge(ChallengeName::CustomChallenge, &[]))).put_down().unwrap();
    let (_, request) = answer(take_up(stored.expose()).unwrap(), &[]).unwrap();
    let cognito_srp6a::idp::Request::RespondToAuthChallenge(request) = request else { panic!() };
    assert_eq!(request.context().client_metadata()["campaign"], "summer");
    let data = request.context().context_data().unwrap();
    assert_eq!((&*data.server_name, &*data.http_headers[0].1), ("login.example.com", "agent"));
}
