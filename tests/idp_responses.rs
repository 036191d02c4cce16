//! Responses of `idp` on the wire: what the service sends, its errors, and anything at all.

mod common;

use std::collections::BTreeMap;

use cognito_srp6a::idp::{
    Api, AssociateSoftwareTokenResponse, AuthFlow, AuthResponse, AuthenticationResult, BodyError, ChallengeName,
    ConfirmDeviceResponse, NewDeviceMetadata, Operation, ParameterMap, Request, ResponseError, SecretCode,
    ServiceError, ServiceErrorName, Session, SignInFlow, SignOutResponse, VerifySoftwareTokenResponse,
    VerifySoftwareTokenStatus,
};
use common::golden::*;
use common::messages::cases;
use common::model;
use proptest::prelude::*;
use serde_json::{Value, json};

const OPERATIONS: [Operation; 10] = [
    Operation::InitiateAuth,
    Operation::AdminInitiateAuth,
    Operation::RespondToAuthChallenge,
    Operation::AdminRespondToAuthChallenge,
    Operation::ConfirmDevice,
    Operation::GetTokensFromRefreshToken,
    Operation::RevokeToken,
    Operation::GlobalSignOut,
    Operation::AssociateSoftwareToken,
    Operation::VerifySoftwareToken,
];

// ---- responses and errors

fn response(body: &Value) -> AuthResponse {
    AuthResponse::from_json(body.to_string().as_bytes()).unwrap()
}

#[test]
fn a_challenge_is_read_as_the_service_sends_it() {
    let read = response(&json!({
        "ChallengeName": "SELECT_CHALLENGE",
        "ChallengeParameters": { "USERNAME": "alice" },
        "Session": SESSION,
        "AvailableChallenges": ["PASSWORD_SRP", "EMAIL_OTP", "VOICE_OTP"],
    }));
    assert_eq!(read.challenge_name(), Some(&ChallengeName::SelectChallenge));
    assert_eq!(read.challenge_parameters()["USERNAME"], "alice");
    assert_eq!(read.session().map(Session::expose), Some(SESSION));
    let voice = ChallengeName::Other("VOICE_OTP".into());
    assert_eq!(read.available_challenges(), [ChallengeName::PasswordSrp, ChallengeName::EmailOtp, voice]);
    assert!(read.authentication_result().is_none());
}

#[test]
fn tokens_are_read_as_the_service_sends_them() {
    let read = response(&json!({
        "ChallengeParameters": {},
        "AuthenticationResult": {
            "AccessToken": "access", "IdToken": "id", "RefreshToken": "refresh", "ExpiresIn": 3600, "TokenType": "Bearer",
            "NewDeviceMetadata": { "DeviceKey": "us-east-1_0a", "DeviceGroupKey": "-group" },
        },
    }));
    assert!(read.challenge_name().is_none() && read.session().is_none());
    let result = read.authentication_result().unwrap();
    assert_eq!(result.access_token(), Some("access"));
    assert_eq!(result.id_token(), Some("id"));
    assert_eq!(result.refresh_token(), Some("refresh"));
    assert_eq!((result.expires_in(), result.token_type()), (Some(3600), Some("Bearer")));
    let metadata = NewDeviceMetadata::new("us-east-1_0a", "-group");
    assert_eq!(result.new_device_metadata(), Some(&metadata));
}

#[test]
fn a_response_that_a_server_makes_reads_back_the_same() {
    let result = AuthenticationResult::default()
        .with_access_token("access")
        .with_id_token("id")
        .with_refresh_token("refresh")
        .with_token_type("Bearer")
        .with_expires_in(3600)
        .with_new_device_metadata({
            let mut half = NewDeviceMetadata::default();
            half.device_key = Some("us-east-1_0a".into());
            half
        });
    let challenge = challenge(ChallengeName::Other("NEW_ONE".into()), &[("a", "\u{2600}"), ("b", "\"\\\u{0}")])
        .with_available_challenges([ChallengeName::SmsOtp]);
    for sent in [AuthResponse::tokens(result), challenge, AuthResponse::default()] {
        let body: Value = serde_json::from_slice(&sent.to_json()).unwrap();
        let read = response(&body);
        assert_eq!(serde_json::from_slice::<Value>(&read.to_json()).unwrap(), body);
    }
}

#[test]
fn an_operation_is_read_as_it_is_printed() {
    for operation in OPERATIONS {
        assert_eq!(operation.to_string(), operation.name());
        assert_eq!(operation.name().parse(), Ok(operation));
    }
    assert_eq!("SignUp".parse::<Operation>().unwrap_err().to_string(), "the operation is unknown");
}

#[test]
fn a_parameter_of_null_is_absent_and_256_are_read() {
    let read = response(&json!({ "ChallengeName": "SMS_MFA", "ChallengeParameters": { "DEVICE_KEY": null, "X": "" } }));
    assert_eq!(*read.challenge_parameters(), BTreeMap::from([("X".to_owned(), String::new())]));
    let read = |count: usize| {
        let parameters: BTreeMap<_, _> = (0..count).map(|number| (number.to_string(), "")).collect();
        let body = json!({ "ChallengeName": "SMS_MFA", "ChallengeParameters": parameters });
        AuthResponse::from_json(body.to_string().as_bytes()).map(|read| read.challenge_parameters().len())
    };
    assert_eq!(read(256), Ok(256));
    assert_eq!(read(257), Err(BodyError::Malformed));
}

#[test]
fn null_and_an_empty_session_stand_for_absent_members_in_a_response() {
    let read = response(&json!({
        "ChallengeName": null, "ChallengeParameters": null, "Session": null, "AvailableChallenges": null,
        "AuthenticationResult": null,
    }));
    assert!(read.challenge_name().is_none() && read.session().is_none() && read.authentication_result().is_none());
    assert!(read.challenge_parameters().is_empty() && read.available_challenges().is_empty());
    assert!(response(&json!({ "Session": "" })).session().is_none());
    let tokens = response(&json!({ "AuthenticationResult": {
        "AccessToken": null, "IdToken": null, "RefreshToken": null, "ExpiresIn": null, "TokenType": null,
        "NewDeviceMetadata": null,
    } }));
    assert!(tokens.authentication_result().is_some_and(|result| result.access_token().is_none()));
}

#[test]
fn members_that_a_response_does_not_have_yet_are_passed_over() {
    let read = response(&json!({ "ChallengeName": "SMS_MFA", "Brand": { "new": [1, 2.5, null] } }));
    assert_eq!(read.challenge_name(), Some(&ChallengeName::SmsMfa));
}

#[test]
fn a_session_outside_the_limits_makes_a_response_malformed() {
    for length in [1, 19, 4097] {
        let body = json!({ "Session": "a".repeat(length) }).to_string();
        assert_eq!(AuthResponse::from_json(body.as_bytes()).unwrap_err(), BodyError::Malformed, "{length}");
    }
    for length in [20, 4096] {
        assert!(AuthResponse::from_json(json!({ "Session": "a".repeat(length) }).to_string().as_bytes()).is_ok());
    }
}

#[test]
fn a_body_over_one_mebibyte_is_not_read() {
    let padded = |length: usize| {
        let mut body = br#"{"ChallengeName":"SMS_MFA"}"#.to_vec();
        body.resize(length, b' ');
        body
    };
    assert!(AuthResponse::from_json(&padded(1 << 20)).is_ok());
    let long = padded((1 << 20) + 1);
    assert_eq!(AuthResponse::from_json(&long).unwrap_err(), BodyError::TooLong);
    for status in [200, 400] {
        let too_long = ResponseError::Body { status, error: BodyError::TooLong };
        assert_eq!(AuthResponse::from_http(status, &long).unwrap_err(), too_long);
        assert_eq!(ConfirmDeviceResponse::from_http(status, &long).unwrap_err(), too_long);
    }
    assert_eq!(ServiceError::from_json(&long).unwrap_err(), BodyError::TooLong);
    assert_eq!(Request::from_json(Operation::InitiateAuth, &long).unwrap_err(), BodyError::TooLong);
}

#[test]
fn a_body_that_is_not_json_or_not_of_the_shape_is_refused() {
    let deep = "[".repeat(100_000);
    let closed = format!("{deep}{}", "]".repeat(100_000));
    let bodies: [&[u8]; 20] = [
        b"",
        b"null",
        b"1",
        b"\"text\"",
        b"{",
        b"{}{}",
        b"{} x",
        b"\xff",
        b"{\"Session\":\"\xff\"}",
        b"{\"Session\":1}",
        b"{\"ChallengeParameters\":[]}",
        b"{\"ChallengeParameters\":{\"a\":1}}",
        b"{\"ChallengeParameters\":{\"a\":\"1\",\"b\":\"\",\"a\":\"2\"}}",
        b"{\"ChallengeParameters\":{\"a\":null,\"\\u0061\":\"2\"}}",
        b"{\"ChallengeName\":\"SMS_MFA\",\"ChallengeName\":\"EMAIL_MFA\"}",
        b"{\"AuthenticationResult\":{\"AccessToken\":\"a\",\"AccessToken\":\"b\"}}",
        b"{\"AvailableChallenges\":{}}",
        b"{\"AuthenticationResult\":{\"ExpiresIn\":\"3600\"}}",
        deep.as_bytes(),
        closed.as_bytes(),
    ];
    for body in bodies {
        let text = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        let error = AuthResponse::from_json(body).unwrap_err();
        // The other reader gives up on deep nesting.
        let is_json = serde_json::from_slice::<Value>(body).is_ok() || body == closed.as_bytes();
        assert_eq!(error, if is_json { BodyError::Malformed } else { BodyError::NotJson }, "{text}");
    }
    for body in ["null", "[]", "{}", r#"{"message":"a"}"#, r#"{"__type":1}"#, r#"{"__type":"a","__type":"b"}"#] {
        assert_eq!(ServiceError::from_json(body.as_bytes()).unwrap_err(), BodyError::Malformed, "{body}");
    }
    assert_eq!(ServiceError::from_json(b"").unwrap_err(), BodyError::NotJson);
    assert!(!format!("{} {}", BodyError::Malformed, BodyError::TooLong).is_empty());
}

#[test]
fn every_error_of_the_model_has_its_name() {
    for name in model::ERRORS {
        let error = ServiceError::from_json(json!({ "__type": name, "message": "words" }).to_string().as_bytes());
        let error = error.unwrap();
        assert!(!matches!(error.name(), ServiceErrorName::Other(_)), "{name}");
        assert_eq!((error.name().as_str(), error.message()), (name, "words"));
        assert_eq!(error.to_string(), format!("{name}: words"));
        let read: Value = serde_json::from_slice(&error.to_json()).unwrap();
        assert_eq!(read, json!({ "__type": name, "message": "words" }));
    }
}

#[test]
fn an_errors_name_is_read_in_every_spelling_of_the_protocol() {
    for text in [
        "NotAuthorizedException",
        "com.amazonaws.cognito.identity.idp.model#NotAuthorizedException",
        "NotAuthorizedException:http://internal.amazon.com/coral/com.amazon.coral.validate/",
        "aws.protocoltests.restjson#NotAuthorizedException:http://internal.amazon.com/coral/com.amazon.coral.validate/",
        "NotAuthorizedException:",
    ] {
        let error = ServiceError::from_json(json!({ "__type": text }).to_string().as_bytes()).unwrap();
        assert_eq!(error.name(), &ServiceErrorName::NotAuthorized, "{text}");
        assert_eq!(ServiceError::new(text, "").name(), &ServiceErrorName::NotAuthorized, "{text}");
    }
}

#[test]
fn an_error_of_an_unknown_name_keeps_it() {
    for name in ["BrandNewException", "", "notauthorizedexception"] {
        let error = ServiceError::new(name, "words");
        assert_eq!(error.name(), &ServiceErrorName::Other(name.into()));
        assert_eq!(error.name().as_str(), name);
    }
}

#[test]
fn an_errors_message_is_read_in_both_spellings_or_absent() {
    for (body, message) in [
        (json!({ "__type": "A", "message": "words" }), "words"),
        (json!({ "__type": "A", "Message": "words" }), "words"),
        (json!({ "__type": "A", "message": null }), ""),
        (json!({ "__type": "A" }), ""),
        (json!({ "__type": "A", "message": "words", "reasonCode": "x" }), "words"),
    ] {
        assert_eq!(ServiceError::from_json(body.to_string().as_bytes()).unwrap().message(), message, "{body}");
    }
}

#[test]
fn a_page_of_a_firewall_is_told_from_json() {
    for page in [
        "<html></html>",
        "\r\n  <!DOCTYPE html><title>403 Forbidden</title>",
        "<!-- blocked -->",
        "<",
        "\u{feff}<html>",
    ] {
        for status in [200, 403, 503] {
            let error = AuthResponse::from_http(status, page.as_bytes()).unwrap_err();
            assert_eq!(error, ResponseError::Body { status, error: BodyError::Html }, "{page}");
            assert_eq!(error.is_transient(), status == 503);
            assert!(error.to_string().ends_with(&format!("(HTTP status {status})")));
        }
    }
    let error = AuthResponse::from_http(503, b"upstream connect error").unwrap_err();
    assert_eq!(error, ResponseError::Body { status: 503, error: BodyError::NotJson });
}

#[test]
fn an_error_keeps_its_status_and_its_reason_code() {
    let body = json!({ "__type": "InvalidParameterException", "message": "words", "reasonCode": "A_CODE" });
    let read = AuthResponse::from_http(400, body.to_string().as_bytes());
    let Err(ResponseError::Service(error)) = read else { panic!("{read:?}") };
    assert_eq!((error.status(), error.reason_code()), (Some(400), Some("A_CODE")));
    assert_eq!(serde_json::from_slice::<Value>(&error.to_json()).unwrap(), body);
    let made = ServiceError::new("InvalidParameterException", "words").with_reason_code("A_CODE").with_status(400);
    assert_eq!(made, error);

    for code in [json!(1), json!("x".repeat(ServiceErrorName::MAX_CHARS + 1)), json!(["A_CODE"])] {
        let body = json!({ "__type": "A", "reasonCode": code });
        assert_eq!(ServiceError::from_json(body.to_string().as_bytes()).unwrap_err(), BodyError::Malformed, "{body}");
    }
}

#[test]
fn only_an_error_that_may_pass_is_transient() {
    for (name, status, transient) in [
        ("TooManyRequestsException", 400, true),
        ("InternalErrorException", 500, true),
        ("ThrottlingException", 400, true),
        ("Throttling", 400, true),
        ("BrandNewException", 429, true),
        ("ServiceUnavailableException", 503, true),
        ("NotAuthorizedException", 400, false),
        ("CodeMismatchException", 400, false),
        ("LimitExceededException", 400, false),
        ("ForbiddenException", 403, false),
        ("A", 600, false),
    ] {
        assert_eq!(ServiceError::new(name, "").with_status(status).is_transient(), transient, "{name}");
    }
    assert!(!ServiceError::new("NotAuthorizedException", "").is_transient(), "without a status");
    for name in ["TooManyRequestsException", "ThrottlingException", "ServiceUnavailable"] {
        assert!(ServiceError::new(name, "").is_transient(), "{name} without a status");
    }
    assert!(ResponseError::NoResponse.is_transient());
}

#[test]
fn the_status_says_whether_a_body_is_a_response_or_an_error() {
    let error = json!({ "__type": "NotAuthorizedException", "message": "Incorrect username or password." }).to_string();
    for status in [400, 401, 403, 429, 500, 503] {
        let Err(ResponseError::Service(read)) = AuthResponse::from_http(status, error.as_bytes()) else { panic!() };
        assert_eq!(read.name(), &ServiceErrorName::NotAuthorized);
        let Err(ResponseError::Service(read)) = ConfirmDeviceResponse::from_http(status, error.as_bytes()) else {
            panic!()
        };
        assert_eq!(read.message(), "Incorrect username or password.");
    }
    let read = AuthResponse::from_http(200, br#"{"ChallengeName":"SMS_MFA"}"#).unwrap();
    assert_eq!(read.challenge_name(), Some(&ChallengeName::SmsMfa));
}

#[test]
fn confirm_device_says_whether_the_user_must_confirm() {
    for necessary in [true, false] {
        let sent = ConfirmDeviceResponse::new(necessary);
        let body: Value = serde_json::from_slice(&sent.to_json()).unwrap();
        assert_eq!(body, json!({ "UserConfirmationNecessary": necessary }));
        assert_eq!(ConfirmDeviceResponse::from_http(200, &sent.to_json()), Ok(sent));
    }
    let absent = ConfirmDeviceResponse::from_http(200, b"{}").unwrap();
    assert!(!absent.user_confirmation_necessary);
}

#[test]
fn a_sign_out_has_an_empty_response() {
    for body in ["", "{}", r#"{"new": 1}"#] {
        assert_eq!(SignOutResponse::from_http(200, body.as_bytes()), Ok(SignOutResponse::default()), "{body}");
    }
    assert_eq!(SignOutResponse::default().to_json(), b"{}");
    for body in [" ", "[]", "text"] {
        let read = SignOutResponse::from_http(200, body.as_bytes());
        assert!(matches!(read, Err(ResponseError::Body { .. })), "{body}");
    }
    assert!(matches!(
        SignOutResponse::from_http(400, b""),
        Err(ResponseError::Body { status: 400, error: BodyError::NotJson })
    ));
    let refused = br#"{"__type":"UnsupportedTokenTypeException","message":"words"}"#;
    let Err(ResponseError::Service(error)) = SignOutResponse::from_http(400, refused) else { panic!() };
    assert_eq!(error.name(), &ServiceErrorName::UnsupportedTokenType);
}

#[test]
fn the_secret_of_an_app_is_read_as_the_service_sends_it() {
    for session in [None, Some(SESSION)] {
        let mut sent = json!({ "SecretCode": "JBSWY3DPEHPK3PXP" });
        if let Some(session) = session {
            sent["Session"] = session.into();
        }
        let read = AssociateSoftwareTokenResponse::from_http(200, sent.to_string().as_bytes()).unwrap();
        assert_eq!(read.secret_code().expose(), "JBSWY3DPEHPK3PXP");
        assert_eq!(read.session().map(Session::expose), session);
        assert_eq!(serde_json::from_slice::<Value>(&read.to_json()).unwrap(), sent);
    }
    for body in [
        json!({}),
        json!({ "SecretCode": null }),
        json!({ "SecretCode": "short" }),
        json!({ "SecretCode": "JBSWY3DPEHPK3PXP&issuer=other" }),
        json!({ "SecretCode": "Z".repeat(SecretCode::MAX_CHARS + 1) }),
        json!({ "SecretCode": "JBSWY3DPEHPK3PXP", "Session": "short" }),
    ] {
        let read = AssociateSoftwareTokenResponse::from_http(200, body.to_string().as_bytes());
        assert_eq!(read.unwrap_err(), ResponseError::Body { status: 200, error: BodyError::Malformed }, "{body}");
    }
    let refused = br#"{"__type":"ConcurrentModificationException"}"#;
    let read = AssociateSoftwareTokenResponse::from_http(400, refused);
    assert_eq!(read.unwrap_err(), ServiceError::new("ConcurrentModificationException", "").with_status(400).into());
}

#[test]
fn the_status_of_an_app_is_read_as_the_service_sends_it() {
    for (text, status) in [
        ("SUCCESS", VerifySoftwareTokenStatus::Success),
        ("ERROR", VerifySoftwareTokenStatus::Error),
        ("LATER", VerifySoftwareTokenStatus::Other("LATER".into())),
    ] {
        let sent = json!({ "Status": text, "Session": SESSION });
        let read = VerifySoftwareTokenResponse::from_http(200, sent.to_string().as_bytes()).unwrap();
        assert_eq!(read.status(), &status);
        assert_eq!(read.session().map(Session::expose), Some(SESSION));
        assert_eq!(serde_json::from_slice::<Value>(&read.to_json()).unwrap(), sent);
    }
    for body in [json!({}), json!({ "Status": null }), json!({ "Status": "a".repeat(129) })] {
        let read = VerifySoftwareTokenResponse::from_http(200, body.to_string().as_bytes());
        assert_eq!(read.unwrap_err(), ResponseError::Body { status: 200, error: BodyError::Malformed }, "{body}");
    }
}

#[test]
fn an_unknown_device_is_told_from_other_missing_things() {
    let unknown = |name: &str, message: &str| ServiceError::new(name, message).is_unknown_device();
    assert!(unknown("ResourceNotFoundException", "Device does not exist."));
    assert!(!unknown("ResourceNotFoundException", "User pool us-east-1_a does not exist."));
    assert!(!unknown("NotAuthorizedException", "Incorrect username or password."));
    assert!(!unknown("NotAuthorizedException", "Device does not exist."));
}

#[test]
fn names_of_the_model_are_known_and_others_are_kept() {
    for name in model::CHALLENGE_NAMES {
        let read = ChallengeName::from(name);
        assert!(!matches!(read, ChallengeName::Other(_)), "{name}");
        assert_eq!(read.to_string(), name);
    }
    for name in model::AUTH_FLOWS {
        let read = AuthFlow::from(name);
        assert!(!matches!(read, AuthFlow::Other(_)), "{name}");
        assert_eq!(read.as_str(), name);
    }
    assert_eq!(AuthFlow::from("user_auth"), AuthFlow::Other("user_auth".into()));
    assert_eq!(ChallengeName::from(""), ChallengeName::Other(String::new()));
}

#[test]
fn null_stands_for_an_absent_member_of_confirm_device() {
    let read = ConfirmDeviceResponse::from_http(200, br#"{"UserConfirmationNecessary":null}"#);
    assert_eq!(read, Ok(ConfirmDeviceResponse::default()));
    let body = br#"{"AccessToken":"a","DeviceKey":"a_0","DeviceSecretVerifierConfig":null,"DeviceName":null}"#;
    assert!(Request::from_json(Operation::ConfirmDevice, body).is_ok());
}

#[test]
fn an_error_with_both_spellings_of_its_message_is_read() {
    let body = json!({ "__type": "NotAuthorizedException", "message": "words", "Message": "words" }).to_string();
    assert_eq!(ServiceError::from_json(body.as_bytes()).map(|error| error.message().to_owned()), Ok("words".into()));
}

#[test]
fn a_number_sign_after_the_colon_is_not_a_namespaces() {
    let error = ServiceError::new("NotAuthorizedException:http://internal.amazon.com/#coral", "");
    assert_eq!(error.name(), &ServiceErrorName::NotAuthorized);
}

#[test]
fn debug_does_not_show_what_the_model_calls_sensitive_nor_the_users_headers() {
    for api in [Api::Public, Api::Admin] {
        let (_, request) = start(api, SignInFlow::Custom, None, full_context(api));
        let shown = format!("{request:?}");
        for text in ["192.0.2.1", "fingerprint", "quoted"] {
            assert!(!shown.contains(text), "{text} in {shown}");
        }
    }
}

// ---- anything at all

/// JSON in which the names of the shapes occur.
fn any_json() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        proptest::sample::select(vec![
            "ClientId",
            "UserPoolId",
            "AuthFlow",
            "AuthParameters",
            "ChallengeName",
            "ChallengeParameters",
            "ChallengeResponses",
            "Session",
            "ContextData",
            "HttpHeaders",
            "headerName",
            "headerValue",
            "UserContextData",
            "ClientMetadata",
            "AuthenticationResult",
            "AvailableChallenges",
            "NewDeviceMetadata",
            "AccessToken",
            "DeviceKey",
            "DeviceSecretVerifierConfig",
            "RefreshToken",
            "Token",
            "ClientSecret",
            "RevokeAssociatedSessions",
            "SecretCode",
            "UserCode",
            "Status",
            "__type",
            "message",
            "Message",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(Value::from(SESSION)),
    ];
    leaf.prop_recursive(3, 24, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(name.clone(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Reads a body as everything that can be read. What is read must be written and read again.
fn read_as_everything(body: &[u8]) {
    if let Ok(read) = AuthResponse::from_json(body) {
        assert!(AuthResponse::from_json(&read.to_json()).is_ok());
    }
    if let Ok(read) = ServiceError::from_json(body) {
        assert!(ServiceError::from_json(&read.to_json()).is_ok());
    }
    for status in [0, 200, 400, u16::MAX] {
        let _ = AuthResponse::from_http(status, body);
        let _ = ConfirmDeviceResponse::from_http(status, body);
        let _ = SignOutResponse::from_http(status, body);
        if let Ok(read) = AssociateSoftwareTokenResponse::from_http(status, body) {
            assert!(AssociateSoftwareTokenResponse::from_http(status, &read.to_json()).is_ok());
        }
        if let Ok(read) = VerifySoftwareTokenResponse::from_http(status, body) {
            assert!(VerifySoftwareTokenResponse::from_http(status, &read.to_json()).is_ok());
        }
    }
    for operation in OPERATIONS {
        if let Ok(read) = Request::from_json(operation, body) {
            assert!(Request::from_json(operation, &read.to_json()).is_ok());
        }
    }
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn no_bytes_at_all_make_the_readers_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        read_as_everything(&body);
    }

    #[test]
    fn no_json_at_all_makes_the_readers_panic(body in any_json()) {
        read_as_everything(body.to_string().as_bytes());
    }

    #[test]
    fn a_golden_body_with_a_byte_changed_makes_no_reader_panic(
        golden in 0..1000_usize, position in any::<proptest::sample::Index>(), byte in any::<u8>(),
    ) {
        let goldens = goldens();
        let mut body = goldens[golden % goldens.len()].request.to_json().to_vec();
        let position = position.index(body.len());
        body[position] = byte;
        read_as_everything(&body);
    }

    #[test]
    fn a_map_of_parameters_survives_the_wire(
        map in proptest::collection::btree_map(any::<String>(), any::<String>(), 0..8),
    ) {
        let body = json!({ "ClientId": "a", "ChallengeName": "CUSTOM_CHALLENGE", "ChallengeResponses": map });
        let read = Request::from_json(Operation::RespondToAuthChallenge, body.to_string().as_bytes()).unwrap();
        let Request::RespondToAuthChallenge(read) = read else { panic!() };
        let parameters: &ParameterMap = read.challenge_responses();
        let read: BTreeMap<String, String> =
            parameters.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        prop_assert_eq!(read, map);
    }
}
