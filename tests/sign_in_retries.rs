//! Requests that a sign-in sends again: the service has not processed one, or it refuses the hash by the first of two
//! secrets.

mod common;

use std::time::Duration;

use cognito_srp6a::idp::{
    Api, BodyError, Challenge, ChallengeName, RefreshToken, Request, ResponseError, Retry, ServiceError, SignIn,
    SignInError, SignInFlow, Step,
};
use cognito_srp6a::{AppClient, ClientSecret};
use common::service::*;
use common::{oracle, time};

const OTHER_SECRET: &str = "another0example0secret0of0thirty";

fn retried(step: Result<Step, SignInError>) -> Retry {
    match step {
        Ok(Step::Retry(retry)) => retry,
        other => panic!("not to be sent again: {other:?}"),
    }
}

fn transient() -> [ResponseError; 5] {
    [
        ResponseError::NoResponse,
        ServiceError::new("TooManyRequestsException", "Rate exceeded").into(),
        ServiceError::new("InternalErrorException", "").with_status(500).into(),
        ServiceError::new("ThrottlingException", "Rate exceeded").with_status(429).into(),
        ResponseError::Body { status: 503, error: BodyError::Html },
    ]
}

/// Loses the response to a request, and returns what is sent next.
fn lose(sign_in: SignIn, request: &Request, error: &ResponseError) -> (SignIn, Request) {
    let retry = retried(sign_in.advance(Err(error.clone()), now()));
    assert_eq!((retry.error(), retry.attempts()), (error, 1));
    let (sign_in, again) = retry.send_again();
    assert_eq!(again.operation(), request.operation());
    assert_eq!(*again.to_json(), *request.to_json());
    (sign_in, again)
}

// ---- the same request again

#[test]
fn every_request_of_a_sign_in_is_sent_again_unchanged() {
    for error in &transient() {
        for api in [Api::Public, Api::Admin] {
            let (pool, device) = Pool::with_device();
            let credentials = credentials().with_device(device);
            let (sign_in, request) = SignIn::builder(&app(), api, SignInFlow::UserSrp, credentials).start().unwrap();
            let (sign_in, request) = lose(sign_in, &request, error);
            let (sign_in, request) = sent(go(sign_in, pool.password_verifier(&request)));
            let (sign_in, request) = lose(sign_in, &request, error);
            pool.check_password(&request).unwrap();

            let asked = asked(go(sign_in, challenge(ChallengeName::SmsMfa, &[]).with_session(session(1))));
            let Challenge::SmsMfa(code) = asked else { panic!() };
            let (sign_in, request) = code.answer("123456").unwrap();
            let (sign_in, request) = lose(sign_in, &request, error);
            assert_eq!(session_of(&request), Some(session(1).expose()));

            let (sign_in, request) = sent(go(sign_in, challenge(ChallengeName::DeviceSrpAuth, &[])));
            let (sign_in, request) = lose(sign_in, &request, error);
            let (sign_in, request) = sent(go(sign_in, pool.device_verifier(&request)));
            let (sign_in, request) = lose(sign_in, &request, error);
            pool.check_device(&request).unwrap();
            done(go(sign_in, tokens()));
        }
    }
}

#[test]
fn a_refresh_is_sent_again() {
    let token = RefreshToken::new(TOKEN).unwrap();
    let (sign_in, request) = SignIn::refresh(&app(), Api::Public, &token, &user_name(USERNAME)).start().unwrap();
    let (sign_in, _) = lose(sign_in, &request, &ResponseError::NoResponse);
    done(go(sign_in, tokens()));
}

#[test]
fn a_mistyped_code_is_asked_for_again_also_after_a_lost_response() {
    let sign_in = proved(&Pool::new(), credentials());
    let asked_once = asked(go(sign_in, challenge(ChallengeName::SmsMfa, &[]).with_session(session(1))));
    let Challenge::SmsMfa(code) = asked_once else { panic!() };
    let (sign_in, request) = code.answer("123456").unwrap();
    let (sign_in, _) = lose(sign_in, &request, &ResponseError::NoResponse);
    let refusal = ServiceError::new("CodeMismatchException", "Invalid code.");
    let again = asked(sign_in.advance(Err(refusal.into()), now()));
    assert_eq!(again.name(), &ChallengeName::SmsMfa);
    assert!(again.refusal().is_some());
}

#[test]
fn a_request_is_sent_eight_times_at_most_and_later_each_time() {
    for error in transient() {
        let (mut sign_in, _) = start(Api::Public, SignInFlow::UserSrp);
        let mut delays = Vec::new();
        for attempts in 1..Retry::MAX_ATTEMPTS {
            let retry = retried(sign_in.advance(Err(error.clone()), now()));
            assert_eq!(retry.attempts(), attempts);
            delays.push(retry.delay());
            (sign_in, _) = retry.send_again();
        }
        let ended = failed(sign_in.advance(Err(error.clone()), now()));
        assert!(ended.is_transient());
        assert_eq!(ended, SignInError::from(error));
        assert_eq!(delays[0], Duration::from_millis(200));
        assert!(delays.windows(2).all(|pair| pair[1] == 2 * pair[0]));
    }
}

#[test]
fn each_request_has_its_own_attempts() {
    let pool = Pool::new();
    let (mut sign_in, request) = start(Api::Public, SignInFlow::UserSrp);
    for _ in 1..Retry::MAX_ATTEMPTS {
        (sign_in, _) = retried(sign_in.advance(Err(ResponseError::NoResponse), now())).send_again();
    }
    let (sign_in, request) = sent(go(sign_in, pool.password_verifier(&request)));
    lose(sign_in, &request, &ResponseError::NoResponse);
}

#[test]
fn a_proof_is_sent_again_only_within_its_seconds() {
    let seconds = i64::try_from(Retry::MAX_PROOF_SECONDS).unwrap();
    let pool = Pool::new();
    let proof = || {
        let (sign_in, request) = start(Api::Public, SignInFlow::UserSrp);
        sent(go(sign_in, pool.password_verifier(&request))).0
    };
    let first = time(NOW + seconds - 1);
    let (sign_in, _) = retried(proof().advance(Err(ResponseError::NoResponse), first)).send_again();
    // The delay is within the seconds: 200 ms later they would be over.
    let end = time(NOW + seconds);
    assert_eq!(failed(proof().advance(Err(ResponseError::NoResponse), end)), SignInError::NoResponse);
    // The seconds count from the proof and not from the last attempt.
    let late = time(NOW + seconds + 1);
    assert_eq!(failed(sign_in.advance(Err(ResponseError::NoResponse), late)), SignInError::NoResponse);
    assert_eq!(failed(proof().advance(Err(ResponseError::NoResponse), late)), SignInError::NoResponse);

    // Other requests have no such limit.
    let (sign_in, _) = start(Api::Public, SignInFlow::UserSrp);
    retried(sign_in.advance(Err(ResponseError::NoResponse), late));
}

#[test]
fn an_error_that_does_not_pass_ends_the_sign_in() {
    for error in [
        ResponseError::from(ServiceError::new("NotAuthorizedException", "Incorrect username or password.")),
        ServiceError::new("LimitExceededException", "Attempt limit exceeded").with_status(400).into(),
        ResponseError::Body { status: 403, error: BodyError::Html },
        ResponseError::Body { status: 200, error: BodyError::NotJson },
    ] {
        let (sign_in, _) = start(Api::Public, SignInFlow::UserSrp);
        let ended = failed(sign_in.advance(Err(error.clone()), now()));
        assert_eq!(ended.to_string(), error.to_string());
        assert!(!ended.is_transient());
        assert_eq!(ended, SignInError::from(error));
    }
}

// ---- two live secrets

fn app_with_two() -> AppClient {
    plain_app()
        .with_secret(ClientSecret::new(SECRET).unwrap())
        .with_other_secret(ClientSecret::new(OTHER_SECRET).unwrap())
}

fn refuse_hash(sign_in: SignIn) -> Result<Step, SignInError> {
    refuse_hash_as(sign_in, format!("Unable to verify secret hash for client {CLIENT}"))
}

fn refuse_hash_as(sign_in: SignIn, message: String) -> Result<Step, SignInError> {
    sign_in.advance(Err(ServiceError::new("NotAuthorizedException", message).into()), now())
}

fn hash(request: &Request) -> &str {
    parameter(request, "SECRET_HASH").expect("the client has a secret")
}

#[test]
fn the_other_secret_is_tried_once_when_the_hash_is_refused() {
    let (sign_in, first) =
        SignIn::builder(&app_with_two(), Api::Public, SignInFlow::UserSrp, credentials()).start().unwrap();
    assert_eq!(hash(&first), secret_hash(ALIAS));
    let (sign_in, second) = sent(refuse_hash(sign_in));
    assert_eq!(hash(&second), oracle::secret_hash(OTHER_SECRET, ALIAS, CLIENT));
    for name in names(&first).into_iter().filter(|name| *name != "SECRET_HASH") {
        assert_eq!(parameter(&second, name), parameter(&first, name), "{name}");
    }
    let SignInError::Service(error) = failed(refuse_hash(sign_in)) else { panic!() };
    assert!(error.is_wrong_secret_hash());
}

#[test]
fn the_sign_in_stays_with_the_other_secret() {
    let (pool, device) = Pool::with_device();
    let credentials = credentials().with_device(device);
    let (sign_in, _) = SignIn::builder(&app_with_two(), Api::Public, SignInFlow::UserSrp, credentials).start().unwrap();
    let by_other = |request: &Request| {
        let name = parameter(request, "USERNAME").unwrap();
        assert_eq!(hash(request), oracle::secret_hash(OTHER_SECRET, name, CLIENT), "{name}");
    };
    let (sign_in, request) = sent(refuse_hash(sign_in));
    let (sign_in, request) = sent(go(sign_in, pool.password_verifier(&request)));
    by_other(&request);
    pool.check_password(&request).unwrap();
    let (sign_in, request) = sent(go(sign_in, challenge(ChallengeName::DeviceSrpAuth, &[])));
    by_other(&request);
    let (sign_in, request) = sent(go(sign_in, pool.device_verifier(&request)));
    by_other(&request);
    pool.check_device(&request).unwrap();
    done(go(sign_in, tokens()));
}

#[test]
fn the_secret_may_be_replaced_in_the_middle_of_a_sign_in() {
    let pool = Pool::new();
    let (sign_in, request) =
        SignIn::builder(&app_with_two(), Api::Public, SignInFlow::UserSrp, credentials()).start().unwrap();
    let (sign_in, first) = sent(go(sign_in, pool.password_verifier(&request)));
    let (sign_in, second) = sent(refuse_hash(sign_in));
    assert_eq!(hash(&first), secret_hash(USERNAME));
    assert_eq!(hash(&second), oracle::secret_hash(OTHER_SECRET, USERNAME, CLIENT));
    assert_eq!(parameter(&second, "PASSWORD_CLAIM_SIGNATURE"), parameter(&first, "PASSWORD_CLAIM_SIGNATURE"));
    pool.check_password(&second).unwrap();
    done(go(sign_in, tokens()));
}

#[test]
fn the_secret_may_be_replaced_while_the_device_is_proved() {
    let (pool, device) = Pool::with_device();
    let credentials = credentials().with_device(device);
    let (sign_in, request) =
        SignIn::builder(&app_with_two(), Api::Public, SignInFlow::UserSrp, credentials).start().unwrap();
    let (sign_in, _) = sent(go(sign_in, pool.password_verifier(&request)));
    let (sign_in, first) = sent(go(sign_in, challenge(ChallengeName::DeviceSrpAuth, &[])));
    let (sign_in, second) = sent(refuse_hash(sign_in));
    assert_eq!(parameter(&second, "SRP_A"), parameter(&first, "SRP_A"));
    let (_, answer) = sent(go(sign_in, pool.device_verifier(&second)));
    for request in [&second, &answer] {
        let name = parameter(request, "USERNAME").unwrap();
        assert_eq!(hash(request), oracle::secret_hash(OTHER_SECRET, name, CLIENT));
    }
    pool.check_device(&answer).unwrap();
}

#[test]
fn the_only_secret_may_be_given_as_the_other_one() {
    let app = plain_app().with_other_secret(ClientSecret::new(SECRET).unwrap());
    let (_, request) = SignIn::builder(&app, Api::Public, SignInFlow::UserSrp, credentials()).start().unwrap();
    assert_eq!(hash(&request), secret_hash(ALIAS));
}

#[test]
fn a_refresh_tries_the_other_secret() {
    let token = RefreshToken::new(TOKEN).unwrap();
    let (sign_in, _) = SignIn::refresh(&app_with_two(), Api::Public, &token, &user_name(USERNAME)).start().unwrap();
    // The service's words for this flow.
    let (sign_in, request) =
        sent(refuse_hash_as(sign_in, format!("SecretHash does not match for the client: {CLIENT}")));
    assert_eq!(hash(&request), oracle::secret_hash(OTHER_SECRET, USERNAME, CLIENT));
    done(go(sign_in, tokens()));
}

#[test]
fn no_other_error_changes_the_secret() {
    for message in
        ["Incorrect username or password.", "Client 1 is configured with secret but SECRET_HASH was not received"]
    {
        let (sign_in, _) =
            SignIn::builder(&app_with_two(), Api::Public, SignInFlow::UserSrp, credentials()).start().unwrap();
        let error = ServiceError::new("NotAuthorizedException", message);
        assert_eq!(failed(sign_in.advance(Err(error.clone().into()), now())), SignInError::Service(error));
    }
    // One secret, or none: there is no other to try.
    for app in [app(), plain_app()] {
        let (sign_in, _) = SignIn::builder(&app, Api::Public, SignInFlow::UserSrp, credentials()).start().unwrap();
        assert!(matches!(failed(refuse_hash(sign_in)), SignInError::Service(_)));
    }
}
