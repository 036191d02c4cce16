//! `MFA_SETUP`: an authenticator app or e-mail is set up within a sign-in.

mod common;

use cognito_srp6a::idp::{
    AssociateSoftwareTokenResponse, BodyError, Challenge, ChallengeName, MfaSetup, Operation, ParameterMap, Request,
    ResponseError, SecretCode, ServiceError, ServiceErrorName, Session, SignInError, Step, VerifySoftwareTokenResponse,
    VerifySoftwareTokenStatus,
};
use cognito_srp6a::{Error, Parameter};
use common::service::*;

const SECRET_CODE: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// The challenge with a list of factors, in session 1.
fn setup_of(factors: &str) -> MfaSetup {
    let asked_for = challenge(ChallengeName::MfaSetup, &[("MFAS_CAN_SETUP", factors)]).with_session(session(1));
    match asked(go(proved(&Pool::new(), credentials()), asked_for)) {
        Challenge::MfaSetup(setup) => setup,
        other => panic!("{other:?}"),
    }
}

fn setup() -> MfaSetup {
    setup_of(r#"["SMS_MFA","SOFTWARE_TOKEN_MFA"]"#)
}

fn secret(number: usize) -> AssociateSoftwareTokenResponse {
    AssociateSoftwareTokenResponse::new(SecretCode::new(SECRET_CODE).unwrap()).with_session(session(number))
}

fn status(status: VerifySoftwareTokenStatus) -> VerifySoftwareTokenResponse {
    VerifySoftwareTokenResponse::new(status)
}

/// The session, the code and the name in `VerifySoftwareToken`.
fn verified_by(request: &Request) -> (Option<&str>, &str, Option<&str>) {
    let Request::VerifySoftwareToken(request) = request else { panic!("{request:?}") };
    assert_eq!(request.access_token(), None);
    (request.session().map(Session::expose), request.user_code(), request.friendly_device_name())
}

#[test]
fn an_app_is_set_up_with_each_session_passed_on() {
    let mut setup = setup();
    for _ in 0..2 {
        // A request whose response was lost is made again.
        let request = setup.associate().unwrap();
        assert_eq!(request.operation(), Operation::AssociateSoftwareToken);
        let Request::AssociateSoftwareToken(request) = request else { panic!() };
        assert_eq!(request.session().map(Session::expose), Some(session(1).expose()));
        assert_eq!(request.access_token(), None);
    }
    assert_eq!(setup.associated(secret(2)).expose(), SECRET_CODE);
    assert_eq!(setup.session().map(Session::expose), Some(session(2).expose()));
    for name in [Some("phone"), None] {
        let request = setup.verify("123456", name).unwrap();
        assert_eq!(verified_by(&request), (Some(session(2).expose()), "123456", name));
    }
    let success = status(VerifySoftwareTokenStatus::Success).with_session(session(3));
    let (sign_in, request) = sent(setup.verified(Ok(success)));
    assert_eq!(answers(&request), &ChallengeName::MfaSetup);
    assert_eq!(names(&request), ["SECRET_HASH", "USERNAME"]);
    assert_eq!(parameter(&request, "USERNAME"), Some(USERNAME));
    assert_eq!(session_of(&request), Some(session(3).expose()));
    done(go(sign_in, tokens()));
}

#[test]
fn a_response_without_a_session_leaves_the_one_that_is_there() {
    let mut setup = setup();
    let _ = setup.associated(AssociateSoftwareTokenResponse::new(SecretCode::new(SECRET_CODE).unwrap()));
    assert_eq!(verified_by(&setup.verify("123456", None).unwrap()).0, Some(session(1).expose()));
}

#[test]
fn a_wrong_code_gives_the_challenge_back_with_the_reason() {
    let refused = |name: &str| Err(ResponseError::from(ServiceError::new(name, "words")));
    let failed_with = |status: VerifySoftwareTokenStatus| VerifySoftwareTokenResponse::new(status);
    for (response, name, next) in [
        (refused("EnableSoftwareTokenMFAException"), ServiceErrorName::EnableSoftwareTokenMfa, 2),
        (refused("CodeMismatchException"), ServiceErrorName::CodeMismatch, 2),
        (Ok(failed_with(VerifySoftwareTokenStatus::Error)), ServiceErrorName::EnableSoftwareTokenMfa, 2),
        (
            Ok(failed_with(VerifySoftwareTokenStatus::Error).with_session(session(5))),
            ServiceErrorName::EnableSoftwareTokenMfa,
            5,
        ),
        (Ok(failed_with("NEW".into())), ServiceErrorName::EnableSoftwareTokenMfa, 2),
    ] {
        let mut setup = setup();
        let _ = setup.associated(secret(2));
        let again = asked(setup.verified(response));
        assert_eq!(again.refusal().unwrap().name(), &name);
        assert_eq!(again.name(), &ChallengeName::MfaSetup);
        let Challenge::MfaSetup(setup) = again else { panic!("{again:?}") };
        assert_eq!(setup.choices(), [ChallengeName::SmsMfa, ChallengeName::SoftwareTokenMfa]);
        let request = setup.verify("654321", None).unwrap();
        assert_eq!(verified_by(&request), (Some(session(next).expose()), "654321", None));
        let success = status(VerifySoftwareTokenStatus::Success).with_session(session(3));
        let (sign_in, request) = sent(setup.verified(Ok(success)));
        assert_eq!(session_of(&request), Some(session(3).expose()));
        done(go(sign_in, tokens()));
    }
}

#[test]
fn a_code_that_the_service_has_not_processed_is_asked_for_again() {
    let busy = ServiceError::new("TooManyRequestsException", "Rate exceeded");
    for (error, refusal) in [
        (busy.clone().into(), Some(busy)),
        (ResponseError::NoResponse, None),
        (ResponseError::Body { status: 503, error: BodyError::Html }, None),
    ] {
        let again = asked(setup().verified(Err(error)));
        assert_eq!(again.refusal(), refusal.as_ref());
        let Challenge::MfaSetup(setup) = again else { panic!("{again:?}") };
        assert_eq!(verified_by(&setup.verify("654321", None).unwrap()).0, Some(session(1).expose()));
    }
}

#[test]
fn every_other_response_ends_the_sign_in() {
    for name in ["NotAuthorizedException", "SoftwareTokenMFANotFoundException"] {
        let error = ServiceError::new(name, "words");
        assert_eq!(failed(setup().verified(Err(error.clone().into()))), SignInError::Service(error));
    }
    let step: Result<Step, SignInError> =
        setup().verified(Err(ResponseError::Body { status: 400, error: BodyError::NotJson }));
    assert_eq!(failed(step), SignInError::Body { status: 400, error: BodyError::NotJson });
    let sessionless = status(VerifySoftwareTokenStatus::Success);
    assert_eq!(failed(setup().verified(Ok(sessionless))), SignInError::Input(Error::Missing(Parameter::Session)));
}

#[test]
fn a_request_for_an_app_that_breaks_a_rule_is_not_made() {
    let setup = setup();
    for code in ["", "12345", "1234567", "12345 ", "abcdef"] {
        assert_eq!(setup.verify(code, None).unwrap_err(), Error::Malformed(Parameter::UserCode), "{code}");
    }
    let long = "a".repeat(ParameterMap::MAX_VALUE_CHARS + 1);
    let error = setup.verify("123456", Some(&long)).unwrap_err();
    assert_eq!(error, Error::TooLong(Parameter::FriendlyDeviceName));

    let email_only = setup_of(r#"["EMAIL_OTP"]"#);
    assert_eq!(email_only.associate().unwrap_err(), Error::Malformed(Parameter::Answer));
    assert_eq!(email_only.verify("123456", None).unwrap_err(), Error::Malformed(Parameter::Answer));

    let sessionless = challenge(ChallengeName::MfaSetup, &[]);
    let Challenge::MfaSetup(setup) = asked(go(proved(&Pool::new(), credentials()), sessionless)) else { panic!() };
    assert_eq!(setup.associate().unwrap_err(), Error::Missing(Parameter::Session));
    assert_eq!(setup.verify("123456", None).unwrap_err(), Error::Missing(Parameter::Session));
}

#[test]
fn e_mail_is_set_up_with_an_address_in_the_current_session() {
    for factors in [r#"["SOFTWARE_TOKEN_MFA","EMAIL_OTP"]"#, "[]", ""] {
        let (sign_in, request) = setup_of(factors).answer_email("alice@example.com").unwrap();
        assert_eq!(answers(&request), &ChallengeName::MfaSetup);
        assert_eq!(names(&request), ["EMAIL", "SECRET_HASH", "USERNAME"]);
        assert_eq!(parameter(&request, "EMAIL"), Some("alice@example.com"));
        assert_eq!(parameter(&request, "USERNAME"), Some(USERNAME));
        assert_eq!(session_of(&request), Some(session(1).expose()));
        // The service asks for the code that it has sent to the address.
        let Challenge::EmailOtp(code) = asked(go(sign_in, challenge(ChallengeName::EmailOtp, &[]))) else { panic!() };
        done(go(code.answer("12345678").unwrap().0, tokens()));
    }
}

#[test]
fn an_address_is_sent_only_where_it_can_be_set_up() {
    let refused = setup().answer_email("alice@example.com").unwrap_err();
    assert_eq!(refused.error(), Error::Malformed(Parameter::Answer));
    // The challenge comes back, and an app can be set up with it.
    assert!(refused.into_challenge().associate().is_ok());
    let long = "a".repeat(ParameterMap::MAX_VALUE_CHARS + 1);
    for (address, error) in [("", Error::Empty(Parameter::Answer)), (&long, Error::TooLong(Parameter::Answer))] {
        assert_eq!(setup_of("").answer_email(address).unwrap_err().error(), error);
    }
}
