//! What a call carries beside the sign-in: the caller's context and parameters, levels of authentication, and calls that
//! are made by hand.

mod common;

use cognito_srp6a::idp::{
    Api, AuthFlow, Challenge, ChallengeName, Context, ContextData, ExtraParameters, FirstFactor, InitiateAuth,
    ParameterMap, RefreshToken, Request, RespondToAuthChallenge, ResponseError, SignIn, SignInFlow, Step, StepUp,
    UserContextData,
};
use cognito_srp6a::{Error, Parameter, UserSignIn};
use common::service::*;
use common::{ScriptedRng, model};

fn extra(name: &str, value: &str) -> ExtraParameters {
    ExtraParameters::default().with(name, value).unwrap()
}

fn metadata(value: &str) -> Context {
    Context::default().with_client_metadata("step", value).unwrap()
}

/// Returns the `ClientMetadata` that a request carries.
fn step_of(request: &Request) -> Option<&str> {
    let context = match request {
        Request::InitiateAuth(call) => call.context(),
        Request::RespondToAuthChallenge(call) => call.context(),
        other => panic!("no context in {other:?}"),
    };
    context.client_metadata().get("step").map(String::as_str)
}

// ---- parameters that the crate does not know

#[test]
fn an_extra_parameter_goes_with_one_request() {
    let pool = Pool::new();
    let (sign_in, request) = SignIn::builder(&app(), Api::Public, SignInFlow::UserSrp, credentials())
        .with_extra_parameters(extra("FIRST", "1"))
        .start()
        .unwrap();
    assert_eq!(parameter(&request, "FIRST"), Some("1"));
    let sign_in = sign_in.with_extra_parameters(extra("SECOND", "2"));
    let (sign_in, request) = sent(go(sign_in, pool.password_verifier(&request)));
    assert_eq!((parameter(&request, "FIRST"), parameter(&request, "SECOND")), (None, Some("2")));
    pool.check_password(&request).unwrap();

    // Sent again, it is the same request.
    let Ok(Step::Retry(retry)) = sign_in.advance(Err(ResponseError::NoResponse), now()) else { panic!() };
    let (sign_in, request) = retry.send_again();
    assert_eq!(parameter(&request, "SECOND"), Some("2"));

    let Challenge::SmsMfa(code) = asked(go(sign_in, challenge(ChallengeName::SmsMfa, &[]))) else { panic!() };
    let (_, request) = code.answer("123456").unwrap();
    assert_eq!((parameter(&request, "FIRST"), parameter(&request, "SECOND")), (None, None));
}

#[test]
fn a_refresh_takes_extra_parameters() {
    let token = RefreshToken::new(TOKEN).unwrap();
    let (_, request) = SignIn::refresh(&app(), Api::Public, &token, &user_name(USERNAME))
        .with_extra_parameters(extra("FIRST", "1"))
        .start()
        .unwrap();
    assert_eq!(names(&request), ["FIRST", "REFRESH_TOKEN", "SECRET_HASH"]);
}

#[test]
fn an_extra_parameter_has_none_of_the_crates_names() {
    let flows = model::AUTH_FLOWS.into_iter().filter(|name| *name != "ADMIN_NO_SRP_AUTH");
    let challenges = model::CHALLENGE_NAMES.into_iter().filter(|name| *name != "ADMIN_NO_SRP_AUTH");
    let names = flows.chain(challenges).flat_map(|name| {
        let (required, optional) = model::keys(name);
        required.iter().chain(optional)
    });
    for name in names.chain(&["SECRET_HASH", "DEVICE_KEY", "EMAIL", "USER_ID_FOR_SRP"]) {
        let refused = ExtraParameters::default().with(name, "value").unwrap_err();
        assert_eq!(refused, Error::Malformed(Parameter::ExtraParameter), "{name}");
    }
    // The service's names have one spelling, so these are others.
    for name in ["username", "USERNAME2", "userAttributes", "USERATTRIBUTES.name"] {
        extra(name, "value");
    }
}

#[test]
fn an_extra_parameter_is_bounded_and_hidden() {
    let long = "x".repeat(ParameterMap::MAX_VALUE_CHARS + 1);
    let too_long = Error::TooLong(Parameter::ExtraParameter);
    assert_eq!(ExtraParameters::default().with("NAME", long.as_str()).unwrap_err(), too_long);
    assert_eq!(ExtraParameters::default().with(&long, "").unwrap_err(), too_long);
    assert_eq!(ExtraParameters::default().with("", "value").unwrap_err(), Error::Empty(Parameter::ExtraParameter));
    let shown = format!("{:?}", extra("NAME", "the value"));
    assert!(shown.contains("NAME") && !shown.contains("the value"), "{shown}");

    let names = (0..ExtraParameters::MAX_ENTRIES).map(|number| format!("N{number}"));
    let many = names.fold(ExtraParameters::default(), |extra, name| extra.with(&name, "").unwrap());
    assert_eq!(many.with("ONE_MORE", "").unwrap_err(), too_long);
}

// ---- step-up

const LEVELS: [&str; 2] = ["urn:example:acr:phishing-resistant", "urn:example:acr:mfa"];

#[test]
fn a_step_up_sends_levels_token_and_age() {
    for flow in [None, Some(FirstFactor::PasswordSrp), Some(FirstFactor::EmailOtp)].map(SignInFlow::User) {
        for api in [Api::Public, Api::Admin] {
            let step_up = StepUp::new(&LEVELS).unwrap().with_access_token(TOKEN).unwrap().with_max_age(300);
            let (_, request) = SignIn::builder(&app(), api, flow, credentials()).with_step_up(step_up).start().unwrap();
            assert_eq!(parameter(&request, "TARGET_ACR_VALUES"), Some(&*LEVELS.join(" ")));
            assert_eq!(parameter(&request, "ACCESS_TOKEN"), Some(TOKEN));
            assert_eq!(parameter(&request, "MAX_AGE"), Some("300"));
            assert_eq!(parameter(&request, "USERNAME"), Some(ALIAS));
            assert!(!format!("{request:?}").contains(TOKEN));
        }
    }
    let (_, request) = SignIn::builder(&app(), Api::Admin, SignInFlow::User(None), credentials())
        .with_step_up(StepUp::new(&LEVELS[..1]).unwrap())
        .start()
        .unwrap();
    let names = names(&request);
    assert!(!names.contains(&"ACCESS_TOKEN") && !names.contains(&"MAX_AGE"));
}

#[test]
fn only_user_auth_takes_a_step_up() {
    for flow in [SignInFlow::UserSrp, SignInFlow::Custom, SignInFlow::CustomSrp, SignInFlow::UserPassword] {
        let error = SignIn::builder(&app(), Api::Public, flow, credentials())
            .with_step_up(StepUp::new(&LEVELS).unwrap())
            .start()
            .unwrap_err();
        assert_eq!(error, Error::NotInThisCall(Parameter::TargetAcrValues), "{flow:?}");
    }
}

#[test]
fn a_level_is_a_uri() {
    let parameter = Parameter::TargetAcrValues;
    assert_eq!(StepUp::new(&[]).unwrap_err(), Error::Missing(parameter));
    assert_eq!(StepUp::new(&["urn:a", ""]).unwrap_err(), Error::Empty(parameter));
    for level in ["urn:a urn:b", "urn:a\t", "mfa", "urn:\u{2003}a"] {
        assert_eq!(StepUp::new(&[level]).unwrap_err(), Error::Malformed(parameter), "{level}");
    }
    let long = format!("urn:{}", "x".repeat(ParameterMap::MAX_VALUE_CHARS));
    assert_eq!(StepUp::new(&[&long]).unwrap_err(), Error::TooLong(parameter));
    let half = format!("urn:{}", "x".repeat(ParameterMap::MAX_VALUE_CHARS / 2));
    assert_eq!(StepUp::new(&[&half, &half]).unwrap_err(), Error::TooLong(parameter));
    let token = StepUp::new(&LEVELS).unwrap().with_access_token("not a token").unwrap_err();
    assert_eq!(token, Error::Malformed(Parameter::AccessToken));
}

// ---- the context of each call

#[test]
fn each_request_may_have_a_context_of_its_own() {
    let pool = Pool::new();
    let (sign_in, request) = SignIn::builder(&app(), Api::Public, SignInFlow::UserSrp, credentials())
        .with_context(metadata("start"))
        .start()
        .unwrap();
    assert_eq!(step_of(&request), Some("start"));
    let sign_in = sign_in.with_context(metadata("proof")).unwrap();
    let (sign_in, request) = sent(go(sign_in, pool.password_verifier(&request)));
    assert_eq!(step_of(&request), Some("proof"));
    // Without another, the last one stays.
    let Challenge::SmsMfa(code) = asked(go(sign_in, challenge(ChallengeName::SmsMfa, &[]))) else { panic!() };
    let (_, request) = code.answer("123456").unwrap();
    assert_eq!(step_of(&request), Some("proof"));
}

#[test]
fn a_later_context_is_checked_as_the_first() {
    let (sign_in, _) = start(Api::Public, SignInFlow::UserSrp);
    let data = ContextData::new("203.0.113.7", "shop.example.com", "/sign-in");
    let error = sign_in.with_context(Context::default().with_context_data(data)).unwrap_err();
    assert_eq!(error, Error::NotInThisCall(Parameter::ContextData));
}

// ---- calls by hand

#[test]
fn a_call_by_hand_has_the_bytes_of_the_sign_ins_call() {
    for api in [Api::Public, Api::Admin] {
        let mut rng = ScriptedRng::new([7; 40]);
        let (_, start) = UserSignIn::start_with_rng(&app(), &user_name(ALIAS), &mut rng).unwrap();
        let parameters = start.into_pairs().into_iter().collect();
        let call = InitiateAuth::new(&app(), api, AuthFlow::UserSrpAuth, parameters).unwrap();
        let by_hand = Request::InitiateAuth(call.with_context(metadata("start")).unwrap());
        let mut rng = ScriptedRng::new([7; 40]);
        let (_, request) = SignIn::builder(&app(), api, SignInFlow::UserSrp, credentials())
            .with_context(metadata("start"))
            .start_with_rng(&mut rng)
            .unwrap();
        assert_eq!(*by_hand.to_json(), *request.to_json());
        assert_eq!(by_hand.operation(), request.operation());

        let (sign_in, _) = SignIn::builder(&app(), api, SignInFlow::Custom, credentials()).start().unwrap();
        let response = challenge(ChallengeName::SmsMfa, &[]).with_session(session(3));
        let Challenge::SmsMfa(code) = asked(go(sign_in, response)) else { panic!() };
        let (_, request) = code.answer("123456").unwrap();
        let hash = secret_hash(ALIAS);
        let responses = [("USERNAME", ALIAS), ("SECRET_HASH", &*hash), ("SMS_MFA_CODE", "123456")];
        let call = RespondToAuthChallenge::new(&app(), api, ChallengeName::SmsMfa, responses.into_iter().collect());
        let by_hand = Request::RespondToAuthChallenge(call.unwrap().with_session(session(3)));
        assert_eq!(*by_hand.to_json(), *request.to_json());
    }
}

#[test]
fn a_call_by_hand_keeps_to_the_services_model() {
    let call = |api, flow| InitiateAuth::new(&app(), api, flow, ParameterMap::default());
    let not_in_this_call = Error::NotInThisCall(Parameter::AuthFlow);
    assert_eq!(call(Api::Admin, AuthFlow::UserPasswordAuth).unwrap_err(), not_in_this_call);
    assert_eq!(call(Api::Public, AuthFlow::AdminUserPasswordAuth).unwrap_err(), not_in_this_call);

    let admin = call(Api::Admin, AuthFlow::CustomAuth).unwrap();
    let context = Context::default().with_user_context_data(UserContextData::default());
    let error = admin.with_context(context).unwrap_err();
    assert_eq!(error, Error::NotInThisCall(Parameter::UserContextData));

    let long = "x".repeat(ParameterMap::MAX_VALUE_CHARS + 1);
    let parameters = || [("NAME", long.as_str())].into_iter().collect();
    let error = InitiateAuth::new(&app(), Api::Public, AuthFlow::CustomAuth, parameters()).unwrap_err();
    assert_eq!(error, Error::TooLong(Parameter::AuthParameters));
    let pairs = |count: usize| (0..count).map(|number| (number.to_string(), String::new())).collect::<ParameterMap>();
    let new = |pairs| InitiateAuth::new(&app(), Api::Public, AuthFlow::CustomAuth, pairs);
    new(pairs(256)).unwrap();
    assert_eq!(new(pairs(257)).unwrap_err(), Error::TooLong(Parameter::AuthParameters));
    let error = RespondToAuthChallenge::new(&app(), Api::Public, ChallengeName::SmsMfa, parameters()).unwrap_err();
    assert_eq!(error, Error::TooLong(Parameter::ChallengeResponses));
    let name = ChallengeName::from(&*"x".repeat(ChallengeName::MAX_CHARS + 1));
    let error = RespondToAuthChallenge::new(&app(), Api::Public, name, ParameterMap::default()).unwrap_err();
    assert_eq!(error, Error::TooLong(Parameter::ChallengeName));
}
