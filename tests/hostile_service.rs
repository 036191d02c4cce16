//! A service that is an impostor's: what it must not get from a sign-in, whatever it answers.

mod common;

use std::collections::BTreeSet;

use cognito_srp6a::idp::{
    Api, AuthResponse, BodyError, Challenge, ChallengeName, Credentials, FirstFactor, Operation, RefreshToken, Request,
    ServiceError, ServiceErrorName, SignIn, SignInError, SignInFlow, Step,
};
use cognito_srp6a::{Error, Parameter};

use common::messages::cases;
use common::service::*;
use common::user_name;
use proptest::prelude::*;

/// Flows that need no response before they send `SRP_A`, and those that send none.
const FLOWS: [SignInFlow; 6] = [
    SignInFlow::UserSrp,
    SignInFlow::User(None),
    SignInFlow::User(Some(FirstFactor::PasswordSrp)),
    SignInFlow::Custom,
    SignInFlow::CustomSrp,
    SignInFlow::UserPassword,
];

/// Answers any challenge as a user does who trusts the service.
fn trusting(challenge: Challenge) -> Result<(SignIn, Request), Error> {
    answer(challenge, &[("ANSWER".to_owned(), "123456".to_owned())])
}

/// Plays the responses to a caller who answers everything; returns the requests and how the sign-in ended.
fn play(flow: SignInFlow, responses: impl IntoIterator<Item = AuthResponse>) -> (Vec<Request>, Option<SignInError>) {
    let (mut sign_in, request) = start(Api::Public, flow);
    let mut sent = vec![request];
    for response in responses {
        let next = match go(sign_in, response) {
            Ok(Step::Send(sign_in, request)) => (sign_in, request),
            Ok(Step::Challenge(challenge)) => match trusting(challenge) {
                Ok(next) => next,
                Err(_) => return (sent, None),
            },
            Ok(Step::Retry(retry)) => retry.send_again(),
            Ok(Step::Done(_)) => return (sent, None),
            Err(error) => return (sent, Some(error)),
        };
        sign_in = next.0;
        sent.push(next.1);
    }
    (sent, None)
}

/// The names over which the service has got a `SECRET_HASH`, each checked against the hash.
fn hashed_names(requests: &[Request]) -> BTreeSet<&str> {
    requests
        .iter()
        .map(|request| {
            let name = parameter(request, "USERNAME").unwrap();
            assert_eq!(parameter(request, "SECRET_HASH"), Some(&*secret_hash(name)));
            name
        })
        .collect()
}

// ---- SECRET_HASH

#[test]
fn a_service_that_changes_the_name_ends_the_sign_in() {
    for parameter in ["USERNAME", "USER_ID_FOR_SRP"] {
        let names = ["victim-1", "victim-2", "victim-3"];
        let asks = names.map(|name| challenge(ChallengeName::CustomChallenge, &[(parameter, name)]));
        let (sent, error) = play(SignInFlow::Custom, asks);
        assert_eq!(error, Some(SignInError::UsernameChanged));
        assert_eq!(hashed_names(&sent), BTreeSet::from([ALIAS, "victim-1"]));
    }
}

#[test]
fn challenges_that_need_no_caller_do_not_collect_hashes() {
    let asks = (0..8).map(|number| {
        let name = format!("victim-{number}");
        challenge(ChallengeName::PasswordSrp, &[("USERNAME", name.as_str())])
    });
    let (sent, error) = play(SignInFlow::User(None), asks);
    assert_eq!(error, Some(SignInError::UsernameChanged));
    assert_eq!(hashed_names(&sent), BTreeSet::from([ALIAS, "victim-0"]));
}

#[test]
fn the_name_that_was_learned_stays_where_a_challenge_gives_none() {
    let asks = [
        challenge(ChallengeName::SmsMfa, &[("USERNAME", USERNAME)]),
        challenge(ChallengeName::CustomChallenge, &[]),
        challenge(ChallengeName::CustomChallenge, &[("USERNAME", USERNAME)]),
    ];
    let (sent, error) = play(SignInFlow::Custom, asks);
    assert_eq!(error, None);
    assert_eq!(
        sent[1..].iter().map(|request| parameter(request, "USERNAME").unwrap()).collect::<Vec<_>>(),
        [USERNAME; 3]
    );
}

#[test]
fn the_user_id_of_the_first_challenge_may_come_back_and_the_answer_keeps_the_name() {
    let pool = Pool::new();
    let (sign_in, request) = start(Api::Public, SignInFlow::UserSrp);
    let (sign_in, request) = sent(go(sign_in, pool.password_verifier(&request)));
    assert_eq!(parameter(&request, "USERNAME"), Some(USERNAME));
    let asked_for_password = challenge(ChallengeName::NewPasswordRequired, &[("USER_ID_FOR_SRP", USER_ID)]);
    let (_, request) = trusting(asked(go(sign_in, asked_for_password))).unwrap();
    assert_eq!(parameter(&request, "USERNAME"), Some(USERNAME));
}

#[test]
fn a_proof_under_another_name_than_the_learned_one_is_not_made() {
    let pool = Pool::new();
    let (sign_in, _) = start(Api::Public, SignInFlow::User(None));
    let learned = challenge(ChallengeName::PasswordSrp, &[("USERNAME", "somebody")]);
    let (sign_in, request) = sent(go(sign_in, learned));
    assert_eq!(failed(go(sign_in, pool.password_verifier(&request))), SignInError::UsernameChanged);
}

#[test]
fn a_proof_that_names_only_the_user_id_is_answered_under_the_learned_name() {
    let pool = Pool::new();
    let (sign_in, _) = start(Api::Public, SignInFlow::User(None));
    let learned = challenge(ChallengeName::PasswordSrp, &[("USERNAME", USERNAME), ("USER_ID_FOR_SRP", USER_ID)]);
    let (sign_in, request) = sent(go(sign_in, learned));
    let verifier = pool.password_verifier(&request);
    let unnamed = verifier.challenge_parameters().iter().filter(|(name, _)| *name != "USERNAME");
    let (_, request) = sent(go(sign_in, AuthResponse::challenge(ChallengeName::PasswordVerifier, unnamed)));
    assert_eq!(hashed_names(&[request]), BTreeSet::from([USERNAME]));
}

#[test]
fn a_service_that_changes_the_user_id_beside_the_name_ends_the_sign_in() {
    let ids = ["one", "another"];
    let asks = ids.map(|id| challenge(ChallengeName::SmsMfa, &[("USERNAME", USERNAME), ("USER_ID_FOR_SRP", id)]));
    assert_eq!(play(SignInFlow::Custom, asks).1, Some(SignInError::UsernameChanged));
}

#[test]
fn a_user_id_is_no_user_name_nor_the_other_way_round() {
    for names in [
        [&[("USERNAME", USERNAME)][..], &[("USER_ID_FOR_SRP", "another")]],
        [&[("USERNAME", USERNAME), ("USER_ID_FOR_SRP", USER_ID)], &[("USERNAME", USER_ID)]],
    ] {
        let asks = names.map(|names| challenge(ChallengeName::SmsMfa, names));
        assert_eq!(play(SignInFlow::Custom, asks).1, Some(SignInError::UsernameChanged));
    }
}

#[test]
fn a_refresh_takes_no_challenge_and_makes_no_hash_over_another_name() {
    for name in ["CUSTOM_CHALLENGE", "SMS_MFA", "NEW_PASSWORD_REQUIRED", "PASSWORD_SRP", "A_NEW_ONE"] {
        let token = RefreshToken::new(TOKEN).unwrap();
        let (sign_in, _) = SignIn::refresh(&app(), Api::Public, &token, &user_name(USERNAME)).start().unwrap();
        let error = failed(go(sign_in, challenge(name.into(), &[("USERNAME", "victim")])));
        assert_eq!(error, SignInError::UnexpectedChallenge(name.into()));
    }
}

#[test]
fn a_device_challenge_under_another_name_is_not_answered() {
    let (pool, device) = Pool::with_device();
    let sign_in = proved(&pool, credentials().with_device(device));
    let renamed = challenge(ChallengeName::DeviceSrpAuth, &[("USERNAME", "somebody")]);
    assert_eq!(failed(go(sign_in, renamed)), SignInError::UsernameChanged);
}

/// Challenges that an impostor may send, each with one of a few names or none.
fn any_ask() -> impl Strategy<Value = AuthResponse> {
    let name = proptest::sample::select(vec![
        "SELECT_CHALLENGE",
        "PASSWORD_SRP",
        "PASSWORD_VERIFIER",
        "CUSTOM_CHALLENGE",
        "SMS_MFA",
        "NEW_PASSWORD_REQUIRED",
        "SELECT_MFA_TYPE",
        "MFA_SETUP",
        "A_NEW_ONE",
    ]);
    let user = proptest::sample::select(vec!["a", "b", "c", "d", ALIAS]);
    let parameters =
        proptest::collection::vec((proptest::sample::select(vec!["USERNAME", "USER_ID_FOR_SRP"]), user), 0..3);
    let listed = proptest::sample::select(vec!["PASSWORD", "PASSWORD_SRP", "EMAIL_OTP"]);
    (name, parameters, proptest::collection::vec(listed, 0..3)).prop_map(|(name, parameters, listed)| {
        AuthResponse::challenge(name.into(), parameters).with_available_challenges(listed.into_iter().map(Into::into))
    })
}

/// Replaces a challenge of the proof by a real one, so that sign-ins go on behind it.
fn with_proof(pool: &Pool, ask: AuthResponse, last: &Request) -> AuthResponse {
    let wants_proof = ask.challenge_name() == Some(&ChallengeName::PasswordVerifier);
    if wants_proof && parameter(last, "SRP_A").is_some() { pool.password_verifier(last) } else { ask }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_sign_in_gives_hashes_over_two_names_at_most_and_no_password_after_a_proof(
        asks in proptest::collection::vec(any_ask(), 1..12), flow in proptest::sample::select(FLOWS.to_vec()),
    ) {
        let pool = Pool::new();
        let (mut sign_in, request) = start(Api::Public, flow);
        let mut requests = vec![request];
        for ask in asks {
            let ask = with_proof(&pool, ask, requests.last().unwrap());
            let next = match go(sign_in, ask) {
                Ok(Step::Send(sign_in, request)) => (sign_in, request),
                Ok(Step::Challenge(challenge) ) => match trusting(challenge) {
                    Ok(next) => next,
                    Err(_) => break,
                },
                Ok(Step::Retry(retry)) => retry.send_again(),
                Ok(Step::Done(_)) | Err(_) => break,
            };
            sign_in = next.0;
            requests.push(next.1);
        }
        prop_assert!(hashed_names(&requests).len() <= 2, "{:?}", hashed_names(&requests));
        let begun = requests.iter().position(|request| parameter(request, "SRP_A").is_some()).unwrap_or(requests.len());
        for request in &requests[begun..] {
            prop_assert_eq!(parameter(request, "PASSWORD"), None);
        }
    }
}

// ---- the password

#[test]
fn a_sign_in_that_chose_the_proof_by_itself_does_not_send_the_password_afterwards() {
    let both = [ChallengeName::PasswordSrp, ChallengeName::Password];
    let (sign_in, _) = start(Api::Public, SignInFlow::User(None));
    let select = challenge(ChallengeName::SelectChallenge, &[]).with_available_challenges(both);
    let (sign_in, request) = sent(go(sign_in, select));
    assert!(parameter(&request, "SRP_A").is_some(), "the proof has begun");
    let again = challenge(ChallengeName::SelectChallenge, &[]).with_available_challenges([ChallengeName::Password]);
    let Challenge::SelectChallenge(select) = asked(go(sign_in, again)) else { panic!() };
    assert_eq!(select.answer(&ChallengeName::Password).unwrap_err().error(), Error::NotInThisCall(Parameter::Password));
}

// ---- what reaches a log

/// Texts that forge or hide a line of a log, or move its reader's cursor.
const FORGERIES: [&str; 6] = ["\n", "\r\n", "\u{1b}[2J", "\u{85}", "\u{2028}", "\u{202e}"];

#[test]
fn no_error_of_the_service_prints_a_control_character() {
    for forgery in FORGERIES {
        let text = format!("x{forgery}INFO alice has signed in");
        let by_message = ServiceError::new("NotAuthorizedException", text.as_str());
        let by_name = ServiceError::new(&text, "denied");
        let unexpected = SignInError::UnexpectedChallenge(text.as_str().into());
        let name = ChallengeName::from(text.as_str());
        let in_sign_in = SignInError::Service(by_message.clone());
        let shown = [
            by_message.to_string(),
            by_name.to_string(),
            format!("{by_message:?}"),
            format!("{by_name:?}"),
            unexpected.to_string(),
            format!("{unexpected:?}"),
            in_sign_in.to_string(),
            name.to_string(),
            format!("{name:?}"),
        ];
        for shown in shown {
            assert!(!shown.contains(forgery), "{shown:?}");
            assert!(!shown.chars().any(char::is_control), "{shown:?}");
        }
        // Only what is displayed is escaped.
        assert_eq!(by_message.message(), text);
    }
}

#[test]
fn an_error_of_the_service_is_displayed_in_bounded_length() {
    let long = "é\n".repeat(1_000_000);
    let error = ServiceError::new("NotAuthorizedException", long.as_str());
    assert!(error.to_string().chars().count() <= 2_000);
    assert!(format!("{error:?}").chars().count() <= 2_000);
    let error = ServiceError::new(&long, "");
    assert!(error.to_string().chars().count() <= 2_000);
    assert!(SignInError::UnexpectedChallenge(long.as_str().into()).to_string().chars().count() <= 2_000);
}

#[test]
fn a_plain_message_is_displayed_as_it_is() {
    let message = "1 validation error detected: Value 'é' at 'userName' failed (it's \"too long\")";
    let error = ServiceError::new("InvalidParameterException", message);
    assert_eq!(*error.name(), ServiceErrorName::InvalidParameter);
    assert_eq!(error.to_string(), format!("InvalidParameterException: {message}"));
}

// ---- lengths

#[test]
fn a_challenge_name_of_any_length_does_not_reach_the_caller() {
    let long = "X".repeat(1_000_000);
    for flow in FLOWS {
        let (sign_in, _) = start(Api::Public, flow);
        let error = failed(go(sign_in, AuthResponse::challenge::<&str, &str>(long.as_str().into(), [])));
        assert_eq!(error, SignInError::Input(Error::TooLong(Parameter::ChallengeName)));
    }
    let (sign_in, _) = start(Api::Public, SignInFlow::User(None));
    let listed = challenge(ChallengeName::SelectChallenge, &[]).with_available_challenges([long.as_str().into()]);
    assert_eq!(failed(go(sign_in, listed)), SignInError::Input(Error::TooLong(Parameter::ChallengeName)));
}

#[test]
fn a_list_of_any_length_does_not_reach_the_caller() {
    let long_name = format!(r#"["{}"]"#, "X".repeat(129));
    let long_list = format!("[{}]", vec![r#""SMS_MFA""#; 257].join(","));
    for (name, parameter, error) in [
        (ChallengeName::SelectMfaType, "MFAS_CAN_CHOOSE", Parameter::ChallengeName),
        (ChallengeName::MfaSetup, "MFAS_CAN_SETUP", Parameter::ChallengeName),
        (ChallengeName::NewPasswordRequired, "requiredAttributes", Parameter::UserAttributes),
    ] {
        for list in [&long_name, &long_list] {
            let (sign_in, _) = start(Api::Public, SignInFlow::Custom);
            let response = challenge(name.clone(), &[(parameter, list.as_str())]);
            assert_eq!(failed(go(sign_in, response)), SignInError::Input(Error::TooLong(error)), "{name}");
        }
        // A list of another challenge is the pool's own text.
        let (sign_in, _) = start(Api::Public, SignInFlow::Custom);
        asked(go(sign_in, challenge(ChallengeName::CustomChallenge, &[(parameter, long_name.as_str())])));
    }
    let (sign_in, _) = start(Api::Public, SignInFlow::User(None));
    let listed = challenge(ChallengeName::SelectChallenge, &[]);
    let listed = listed.with_available_challenges(vec![ChallengeName::EmailOtp; 257]);
    assert_eq!(failed(go(sign_in, listed)), SignInError::Input(Error::TooLong(Parameter::ChallengeName)));
}

#[test]
fn a_choice_comes_from_the_list_of_its_own_challenge() {
    let credentials = Credentials::new(user_name(ALIAS));
    let (sign_in, _) = SignIn::builder(&app(), Api::Public, SignInFlow::User(None), credentials).start().unwrap();
    let parameters = [("MFAS_CAN_CHOOSE", r#"["SMS_MFA"]"#)];
    let asked = asked(go(sign_in, challenge(ChallengeName::SelectChallenge, &parameters)));
    let Challenge::SelectChallenge(choice) = asked else { panic!("{asked:?}") };
    assert!(choice.choices().is_empty());
    let error = choice.answer(&"X".repeat(129).as_str().into()).unwrap_err();
    assert_eq!(Error::from(error), Error::TooLong(Parameter::Answer));
}

#[test]
fn a_challenge_name_of_the_longest_kind_is_taken() {
    let name = "X".repeat(128);
    let (sign_in, _) = start(Api::Public, SignInFlow::Custom);
    let challenge = asked(go(sign_in, AuthResponse::challenge::<&str, &str>(name.as_str().into(), [])));
    assert_eq!(challenge.name().as_str(), name);
}

#[test]
fn a_body_with_a_name_that_is_too_long_is_malformed() {
    let long = "X".repeat(129);
    for body in [
        format!(r#"{{"ChallengeName":"{long}","ChallengeParameters":{{}}}}"#),
        format!(r#"{{"ChallengeName":"SELECT_CHALLENGE","AvailableChallenges":["{long}"]}}"#),
    ] {
        assert_eq!(AuthResponse::from_json(body.as_bytes()).unwrap_err(), BodyError::Malformed);
    }
    for (operation, body) in [
        (Operation::InitiateAuth, format!(r#"{{"ClientId":"c","AuthFlow":"{long}"}}"#)),
        (Operation::RespondToAuthChallenge, format!(r#"{{"ClientId":"c","ChallengeName":"{long}"}}"#)),
    ] {
        assert_eq!(Request::from_json(operation, body.as_bytes()).unwrap_err(), BodyError::Malformed);
    }
    let body = format!(r#"{{"__type":"{long}","message":"x"}}"#);
    assert_eq!(ServiceError::from_json(body.as_bytes()).unwrap_err(), BodyError::Malformed);
}
