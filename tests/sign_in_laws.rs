//! The laws of every `SignIn`, whatever the service does: nothing is proved twice, nothing panics, nothing goes on for ever.

mod common;

use cognito_srp6a::idp::{
    Api, AuthResponse, Challenge, ChallengeName, Credentials, FirstFactor, Request, ServiceError, SignIn, SignInError,
    SignInFlow, Step,
};
use cognito_srp6a::{DeviceCredentials, Error, Parameter};
use common::messages::cases;
use common::service::*;
use proptest::prelude::*;

/// How many challenges in a row are answered without the caller, at most.
const MOST_SENDS: usize = 8;

// ---- what an honest server does not do

#[test]
fn a_proof_without_its_beginning_is_unexpected() {
    let pool = Pool::new();
    let (_, request) = start(Api::Public, SignInFlow::UserSrp);
    for flow in [SignInFlow::Custom, SignInFlow::User(None), SignInFlow::UserPassword] {
        let (sign_in, _) = start(Api::Public, flow);
        let error = failed(go(sign_in, pool.password_verifier(&request)));
        assert_eq!(error, SignInError::UnexpectedChallenge(ChallengeName::PasswordVerifier), "{flow:?}");
    }
}

#[test]
fn the_same_proof_is_not_made_twice() {
    let pool = Pool::new();
    let (sign_in, request) = start(Api::Public, SignInFlow::UserSrp);
    let (sign_in, _) = sent(go(sign_in, pool.password_verifier(&request)));
    let error = failed(go(sign_in, pool.password_verifier(&request)));
    assert_eq!(error, SignInError::UnexpectedChallenge(ChallengeName::PasswordVerifier));
}

#[test]
fn a_device_challenge_without_a_device_is_unexpected() {
    let (pool, _) = Pool::with_device();
    for name in [ChallengeName::DeviceSrpAuth, ChallengeName::DevicePasswordVerifier] {
        let sign_in = proved(&pool, credentials());
        assert_eq!(failed(go(sign_in, challenge(name.clone(), &[]))), SignInError::UnexpectedChallenge(name));
    }
}

#[test]
fn proofs_of_password_and_device_do_not_stand_for_each_other() {
    let (pool, device) = Pool::with_device();
    let (sign_in, request) =
        SignIn::builder(&app(), Api::Public, SignInFlow::UserSrp, credentials().with_device(device)).start().unwrap();
    let error = failed(go(sign_in, pool.device_verifier(&request)));
    assert_eq!(error, SignInError::UnexpectedChallenge(ChallengeName::DevicePasswordVerifier));

    let (pool, device) = Pool::with_device();
    let sign_in = proved(&pool, credentials().with_device(device));
    let (sign_in, request) = sent(go(sign_in, challenge(ChallengeName::DeviceSrpAuth, &[])));
    let error = failed(go(sign_in, pool.password_verifier(&request)));
    assert_eq!(error, SignInError::UnexpectedChallenge(ChallengeName::PasswordVerifier));
}

#[test]
fn a_response_with_neither_tokens_nor_a_challenge_is_an_error() {
    let (sign_in, _) = start(Api::Public, SignInFlow::UserSrp);
    assert_eq!(failed(go(sign_in, AuthResponse::default())), SignInError::EmptyResponse);
}

#[test]
fn a_result_without_an_access_token_signs_nobody_in() {
    for empty in [r#"{"ExpiresIn":3600}"#, r#"{"AccessToken":""}"#] {
        let (sign_in, _) = start(Api::Public, SignInFlow::UserSrp);
        let response = AuthResponse::from_json(format!(r#"{{"AuthenticationResult":{empty}}}"#).as_bytes()).unwrap();
        assert_eq!(failed(go(sign_in, response)), SignInError::EmptyResponse);
    }

    let (sign_in, _) = start(Api::Public, SignInFlow::UserSrp);
    let beside = AuthResponse::from_json(br#"{"ChallengeName":"SMS_MFA","AuthenticationResult":{}}"#).unwrap();
    assert!(matches!(go(sign_in, beside), Ok(Step::Challenge(Challenge::SmsMfa(_)))));
}

#[test]
fn tokens_end_a_sign_in_whatever_else_the_response_says() {
    for flow in [SignInFlow::UserSrp, SignInFlow::Custom] {
        let (sign_in, _) = start(Api::Public, flow);
        let response = tokens().with_session(session(1)).with_available_challenges([ChallengeName::SmsMfa]);
        assert_eq!(done(go(sign_in, response)).username(), ALIAS);
    }
}

#[test]
fn a_parameter_of_the_challenge_that_breaks_a_rule_is_named() {
    let pool = Pool::new();
    let zeros = "0".repeat(2 * 385);
    let n_like = "f".repeat(768);
    let long_name = "a".repeat(129);
    let long_block = "A".repeat(16 * 1024 + 4);
    for (name, value, error) in [
        ("SRP_B", "", Error::Empty(Parameter::SrpB)),
        ("SRP_B", "0", Error::PublicValueIsZero(Parameter::SrpB)),
        ("SRP_B", &zeros, Error::PublicValueIsZero(Parameter::SrpB)),
        ("SRP_B", &n_like, Error::PublicValueOutOfRange(Parameter::SrpB)),
        ("SRP_B", "0x1", Error::NotHex(Parameter::SrpB)),
        ("SALT", "-1", Error::NotHex(Parameter::Salt)),
        ("SECRET_BLOCK", "not base64", Error::NotBase64(Parameter::SecretBlock)),
        ("SECRET_BLOCK", &long_block, Error::TooLong(Parameter::SecretBlock)),
        ("USERNAME", "", Error::Empty(Parameter::Username)),
        ("USERNAME", &long_name, Error::TooLong(Parameter::Username)),
        ("USER_ID_FOR_SRP", &long_name, Error::TooLong(Parameter::UserIdForSrp)),
    ] {
        let (sign_in, request) = start(Api::Public, SignInFlow::UserSrp);
        let mut parameters = pool.password_verifier(&request).challenge_parameters().clone();
        parameters.insert(name.into(), value.into());
        let response = AuthResponse::challenge(ChallengeName::PasswordVerifier, parameters);
        assert_eq!(failed(go(sign_in, response)), SignInError::Input(error), "{name}");
    }
    for name in ["SRP_B", "SALT", "SECRET_BLOCK", "USER_ID_FOR_SRP"] {
        let (sign_in, request) = start(Api::Public, SignInFlow::UserSrp);
        let mut parameters = pool.password_verifier(&request).challenge_parameters().clone();
        parameters.remove(name);
        let response = AuthResponse::challenge(ChallengeName::PasswordVerifier, parameters);
        let SignInError::Input(Error::Missing(parameter)) = failed(go(sign_in, response)) else { panic!("{name}") };
        assert_eq!(parameter.name(), name);
    }
}

#[test]
fn a_server_that_asks_for_ever_is_given_up() {
    let (mut sign_in, _) = start(Api::Public, SignInFlow::User(None));
    for _ in 0..MOST_SENDS {
        (sign_in, _) = sent(go(sign_in, challenge(ChallengeName::PasswordSrp, &[])));
    }
    let error = failed(go(sign_in, challenge(ChallengeName::PasswordSrp, &[])));
    assert_eq!(error, SignInError::UnexpectedChallenge(ChallengeName::PasswordSrp));
}

#[test]
fn a_sign_in_error_says_what_happened() {
    let service = ServiceError::new("NotAuthorizedException", "Incorrect username or password.");
    for (error, text) in [
        (SignInError::from(Error::RandomSource), "the random source failed"),
        (SignInError::Service(service), "NotAuthorizedException: Incorrect username or password."),
        (SignInError::UnknownDevice, "the service does not know the device"),
        (SignInError::UnexpectedChallenge(ChallengeName::SmsMfa), "unexpected challenge SMS_MFA"),
        (SignInError::EmptyResponse, "the response has neither tokens nor a challenge"),
    ] {
        assert_eq!(error.to_string(), text);
        // A source would make reports print the same text twice.
        assert!(std::error::Error::source(&error).is_none());
    }
}

// ---- anything at all

/// The next response of the other side.
#[derive(Clone, Debug)]
enum Move {
    /// Asks what an honest server may ask after the last request, with a proof where one is due.
    Honest(u8),
    /// Asks anything, with anything.
    Any { name: ChallengeName, parameters: Vec<(String, String)>, available: Vec<ChallengeName> },
    /// Refuses.
    Refuse(String, String),
    /// Gives tokens.
    Tokens,
    /// Says nothing.
    Nothing,
}

/// One exchange: what the server does, with or without a session, and what the caller answers if asked.
type Turn = (Move, bool, Vec<(String, String)>);

fn any_name() -> impl Strategy<Value = ChallengeName> {
    let known = proptest::sample::select(vec![
        "PASSWORD_VERIFIER",
        "DEVICE_SRP_AUTH",
        "DEVICE_PASSWORD_VERIFIER",
        "SELECT_CHALLENGE",
        "PASSWORD_SRP",
        "PASSWORD",
        "NEW_PASSWORD_REQUIRED",
        "SMS_MFA",
        "EMAIL_MFA",
        "SOFTWARE_TOKEN_MFA",
        "SMS_OTP",
        "EMAIL_OTP",
        "SELECT_MFA_TYPE",
        "MFA_SETUP",
        "CUSTOM_CHALLENGE",
        "WEB_AUTHN",
        "ADMIN_NO_SRP_AUTH",
    ]);
    prop_oneof![8 => known.prop_map(ChallengeName::from), 1 => any::<String>().prop_map(|name| (&*name).into())]
}

fn any_parameter() -> impl Strategy<Value = (String, String)> {
    let name = prop_oneof![
        8 => proptest::sample::select(vec![
            "USERNAME", "USER_ID_FOR_SRP", "SALT", "SRP_B", "SECRET_BLOCK", "DEVICE_KEY", "requiredAttributes",
            "userAttributes", "MFAS_CAN_CHOOSE", "MFAS_CAN_SETUP", "CODE_DELIVERY_DESTINATION",
        ])
        .prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    let value = prop_oneof![
        3 => proptest::sample::select(vec![
            "", "0", "1", "00", "ff", "-1", "AAAA", "alice", DEVICE_KEY, "[\"SMS_MFA\",\"X\"]", "[\"", "\"\"\"",
            "[\"userAttributes.name\"]",
        ])
        .prop_map(str::to_owned),
        1 => any::<String>(),
        1 => "[0-9a-f]{1,768}",
        1 => (1_usize..20_000).prop_map(|length| "f".repeat(length)),
    ];
    (name, value)
}

fn any_move() -> impl Strategy<Value = Move> {
    let anything =
        (any_name(), proptest::collection::vec(any_parameter(), 0..8), proptest::collection::vec(any_name(), 0..4));
    prop_oneof![
        6 => any::<u8>().prop_map(Move::Honest),
        4 => anything.prop_map(|(name, parameters, available)| Move::Any { name, parameters, available }),
        1 => ("[A-Za-z#:]{0,40}", any::<String>()).prop_map(|(name, message)| Move::Refuse(name, message)),
        1 => Just(Move::Refuse("ResourceNotFoundException".into(), "Device does not exist.".into())),
        1 => Just(Move::Refuse("CodeMismatchException".into(), "Invalid code.".into())),
        1 => Just(Move::Refuse("TooManyRequestsException".into(), "Rate exceeded".into())),
        1 => Just(Move::Tokens),
        1 => Just(Move::Nothing),
    ]
}

fn any_turns() -> impl Strategy<Value = Vec<Turn>> {
    let answer = proptest::collection::vec((any::<String>(), any::<String>()), 0..4);
    proptest::collection::vec((any_move(), any::<bool>(), answer), 1..=50)
}

fn any_flow() -> impl Strategy<Value = SignInFlow> {
    proptest::sample::select(vec![
        SignInFlow::UserSrp,
        SignInFlow::User(None),
        SignInFlow::User(Some(FirstFactor::PasswordSrp)),
        SignInFlow::User(Some(FirstFactor::EmailOtp)),
        SignInFlow::Custom,
        SignInFlow::CustomSrp,
        SignInFlow::UserPassword,
    ])
}

/// Returns the server's response to the last request.
fn response(pool: &Pool, turn: &Turn, number: usize, last: &Request) -> Result<AuthResponse, ServiceError> {
    let response = match &turn.0 {
        Move::Refuse(name, message) => return Err(ServiceError::new(name, message.as_str())),
        Move::Tokens => tokens(),
        Move::Nothing => AuthResponse::default(),
        Move::Any { name, parameters, available } => AuthResponse::challenge(name.clone(), parameters.iter().cloned())
            .with_available_challenges(available.iter().cloned()),
        Move::Honest(choice) => {
            let device = matches!(last, Request::RespondToAuthChallenge(answer)
                if answer.challenge_name() == &ChallengeName::DeviceSrpAuth);
            match parameter(last, "SRP_A") {
                Some(_) if device => pool.device_verifier(last),
                Some(_) => pool.password_verifier(last),
                None => {
                    let next = ["DEVICE_SRP_AUTH", "SELECT_CHALLENGE", "PASSWORD_SRP", "SMS_MFA", "CUSTOM_CHALLENGE"];
                    challenge(next[usize::from(*choice) % next.len()].into(), &[("USERNAME", USERNAME)])
                }
            }
        }
    };
    Ok(if turn.1 { response.with_session(session(number)) } else { response })
}

/// Checks the laws of every request, whatever the server has said before.
fn check_request(request: &Request, expects_device: bool, last_session: Option<&str>) {
    let username = parameter(request, "USERNAME").expect("every request has a name");
    assert!((1..=128).contains(&username.chars().count()));
    assert_eq!(parameter(request, "SECRET_HASH"), Some(&*secret_hash(username)), "over the name in the same request");
    assert_eq!(parameter(request, "DEVICE_KEY").is_some(), expects_device);
    assert_eq!(session_of(request), last_session);
    let read = Request::from_json(request.operation(), &request.to_json()).unwrap();
    assert_eq!(*read.to_json(), *request.to_json());
    let shown = format!("{request:?}");
    assert!(!shown.contains(PASSWORD) && !last_session.is_some_and(|session| shown.contains(session)));
}

/// Plays the turns, starting anew whenever a sign-in has ended.
fn play(
    pool: &Pool,
    api: Api,
    flow: SignInFlow,
    password: Option<&str>,
    device_password: Option<&str>,
    turns: &[Turn],
) {
    let begin = || {
        let mut credentials = Credentials::new(user_name(ALIAS));
        if let Some(password) = password {
            credentials = credentials.with_password(pass(password));
        }
        if let Some(password) = device_password {
            credentials = credentials.with_device(DeviceCredentials::from_parts(device(), pass(password)));
        }
        SignIn::builder(&app(), api, flow, credentials).start()
    };
    let mut state = None;
    let mut sends = 0;
    for (number, turn) in turns.iter().enumerate() {
        let (sign_in, request) = match state.take() {
            Some(state) => state,
            None => match begin() {
                Ok(state) => {
                    sends = 0;
                    state
                }
                // A flow that this combination does not have; other tests say which.
                Err(_) => return,
            },
        };
        let response = response(pool, turn, number, &request);
        let last_session = response.as_ref().ok().and_then(|response| response.session());
        let last_session = last_session.map(|session| session.expose().to_owned());
        match sign_in.advance(response.map_err(Into::into), now()) {
            Ok(Step::Send(sign_in, request)) => {
                sends += 1;
                assert!(sends <= MOST_SENDS, "a server keeps a caller's loop busy");
                check_request(&request, device_password.is_some(), last_session.as_deref());
                state = Some((sign_in, request));
            }
            Ok(Step::Challenge(challenge)) if challenge.refusal().is_some() => {
                let challenge = waited(challenge, &app(), password);
                if let Ok((sign_in, request)) = answer(challenge, &turn.2) {
                    assert!(session_of(&request).is_none_or(|session| session.len() >= 20));
                    state = Some((sign_in, request));
                }
            }
            Ok(Step::Challenge(challenge)) => {
                let challenge = waited(challenge, &app(), password);
                let is_setup = matches!(challenge, Challenge::MfaSetup(_));
                if let Ok((sign_in, request)) = answer(challenge, &turn.2) {
                    let own = session(99);
                    let expected = if is_setup { Some(own.expose()) } else { last_session.as_deref() };
                    check_request(&request, device_password.is_some(), expected);
                    state = Some((sign_in, request));
                }
            }
            Ok(Step::Retry(retry)) => {
                let (sign_in, again) = retry.send_again();
                assert_eq!(*again.to_json(), *request.to_json());
                state = Some((sign_in, again));
            }
            Ok(Step::Done(signed_in)) => {
                let _ = (format!("{signed_in:?}"), signed_in.new_device());
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}

thread_local! {
    /// One pool for all cases: its records are not what varies.
    static POOL_AND_DEVICE: (Pool, DeviceCredentials) = Pool::with_device();
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn no_sequence_of_responses_panics_or_loops(
        turns in any_turns(), flow in any_flow(), admin: bool, has_password: bool, has_device: bool,
    ) {
        POOL_AND_DEVICE.with(|(pool, device)| {
            let api = if admin { Api::Admin } else { Api::Public };
            let password = has_password.then_some(PASSWORD);
            let device_password = has_device.then(|| device.expose_password());
            play(pool, api, flow, password, device_password, &turns);
        });
    }

    #[test]
    fn a_server_that_only_asks_for_proofs_is_given_up(turns in any_turns(), flow in any_flow()) {
        // All turns honest or of the kinds that are answered without the caller.
        let proofs = ["SELECT_CHALLENGE", "PASSWORD_SRP", "DEVICE_SRP_AUTH"];
        let turns: Vec<Turn> = turns
            .into_iter()
            .enumerate()
            .map(|(number, (_, session, answer))| {
                let name = ChallengeName::from(proofs[number % proofs.len()]);
                let ask = Move::Any { name, parameters: vec![], available: vec![] };
                (if number % 2 == 0 { ask } else { Move::Honest(2) }, session, answer)
            })
            .collect();
        POOL_AND_DEVICE.with(|(pool, device)| {
            play(pool, Api::Public, flow, Some(PASSWORD), Some(device.expose_password()), &turns);
        });
    }
}
