//! Requests of `idp` on the wire: golden files, the service's model, HTTP, and what must not be sent.
//!
//! `vectors/api/` has one file for every request of the table "parameters of each call", made from numbers of other vector
//! files. `UPDATE_GOLDEN=1 cargo test --test idp_requests` writes the files anew; without the variable they are only read.

mod common;

use std::collections::BTreeSet;
use std::fs;

use cognito_srp6a::idp::{
    Api, AssociateSoftwareToken, AuthFlow, BodyError, ChallengeName, ConfirmDevice, Context, ContextData, Credentials,
    FirstFactor, GetTokensFromRefreshToken, GlobalSignOut, Operation, ParameterMap, RefreshToken, Request,
    RevokeAssociatedSessions, SecretCode, Session, SignIn, SignInFlow, UserContextData, VerifySoftwareToken,
};
use cognito_srp6a::{DeviceCredentials, Error, Parameter, ParameterSource as _, Password, PoolId, Username};
use common::golden::*;
use common::model;
use common::{ScriptedRng, user_name};
use serde_json::{Value, json};

// ---- golden files

#[test]
fn every_request_of_the_table_is_as_its_golden_file_says() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1");
    for golden in goldens() {
        if update {
            fs::write(golden.path(), ascii(&golden.document()) + "\n").unwrap();
        }
        assert_eq!(golden.document(), read_json(&golden.path()), "{}", golden.name);
    }
}

#[test]
fn every_golden_file_is_some_requests() {
    let made: BTreeSet<String> = goldens().iter().map(|golden| format!("{}.json", golden.name)).collect();
    let stored = fs::read_dir(vectors().join("api")).unwrap();
    let stored: BTreeSet<String> = stored.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(made, stored);
}

#[test]
fn the_numbers_in_the_golden_files_are_those_of_other_vectors() {
    let golden = |name: &str| read_json(&vectors().join("api").join(format!("{name}.json")))["body"].clone();
    let (user, device, verifier) = (Case::user(), Case::device(), Case::verifier());
    for admin in ["", "Admin"] {
        for name in ["USER_SRP_AUTH", "USER_AUTH-PASSWORD_SRP", "CUSTOM_AUTH-SRP_A"] {
            let body = golden(&format!("{admin}InitiateAuth.{name}"));
            assert_eq!(body["AuthParameters"]["SRP_A"], user.expected("A"), "{name}");
            assert_eq!(body["AuthParameters"]["SECRET_HASH"], secret_hash(ALIAS), "{name}");
        }
        let respond = |name| golden(&format!("{admin}RespondToAuthChallenge.{name}"))["ChallengeResponses"].clone();
        for name in ["PASSWORD_SRP", "SELECT_CHALLENGE-PASSWORD_SRP"] {
            assert_eq!(respond(name)["SRP_A"], user.expected("A"), "{name}");
        }
        for name in ["PASSWORD_VERIFIER", "PASSWORD_VERIFIER-plain"] {
            let body = respond(name);
            assert_eq!(body["PASSWORD_CLAIM_SIGNATURE"], user.expected("signature"), "{name}");
            assert_eq!(body["PASSWORD_CLAIM_SECRET_BLOCK"], user.text("secret_block"), "{name}");
            assert_eq!(body["TIMESTAMP"], user.text("timestamp"), "{name}");
        }
        assert_eq!(respond("PASSWORD_VERIFIER")["SECRET_HASH"], user.expected("secret_hash_respond"));
        assert_eq!(respond("DEVICE_SRP_AUTH")["SRP_A"], device.expected("A"));
        let body = respond("DEVICE_PASSWORD_VERIFIER");
        assert_eq!(body["PASSWORD_CLAIM_SIGNATURE"], device.expected("signature"));
        assert_eq!(body["TIMESTAMP"], device.text("timestamp"));
        let refresh = golden(&format!("{admin}InitiateAuth.REFRESH_TOKEN_AUTH"));
        assert_eq!(refresh["AuthParameters"]["SECRET_HASH"], user.expected("secret_hash_respond"));
    }
    let body = golden("ConfirmDevice.device");
    let config = &body["DeviceSecretVerifierConfig"];
    assert_eq!(config["PasswordVerifier"], verifier.expected("password_verifier_base64"));
    assert_eq!(config["Salt"], verifier.expected("salt_base64"));
}

#[test]
fn every_body_fits_the_services_model() {
    for golden in goldens() {
        assert_eq!(model::check(golden.request.operation(), &golden.body()), Ok(()), "{}", golden.name);
    }
}

#[test]
fn the_check_against_the_model_notices_what_does_not_fit() {
    let fits = json!({ "UserPoolId": "us-east-1_a", "ClientId": "a", "AuthFlow": "USER_AUTH" });
    assert_eq!(model::check(Operation::AdminInitiateAuth, &fits), Ok(()));
    for (member, value) in [
        ("UserPoolId", Value::Null),
        ("UserPoolId", json!("us-east-1")),
        ("ClientId", json!("a-b")),
        ("ClientId", json!("a".repeat(129))),
        ("AuthFlow", json!("user_auth")),
        ("Session", json!("a".repeat(19))),
        ("Session", json!("a".repeat(4097))),
        ("AuthParameters", json!({ "USERNAME": 1 })),
        ("UserContextData", json!({})),
        ("ContextData", json!({ "IpAddress": "" })),
        ("AnalyticsMetadata", json!({ "AnalyticsEndpointId": "a".repeat(131_073) })),
    ] {
        let mut body = fits.clone();
        body[member] = value;
        assert!(model::check(Operation::AdminInitiateAuth, &body).is_err(), "{member}");
    }
    assert!(model::check(Operation::InitiateAuth, &fits).is_err(), "UserPoolId is no member of InitiateAuth");
}

#[test]
fn every_request_has_the_keys_of_the_table_and_no_others() {
    for golden in goldens() {
        let body = golden.body();
        let name = body.get("AuthFlow").or_else(|| body.get("ChallengeName")).and_then(Value::as_str);
        // The others have no map of parameters.
        let Some(name) = name else { continue };
        let map = body.get("AuthParameters").or_else(|| body.get("ChallengeResponses")).unwrap().as_object().unwrap();
        let keys: BTreeSet<&str> = map.keys().map(String::as_str).collect();
        let (required, optional) = model::keys(name);
        assert!(required.iter().all(|key| keys.contains(key)), "{}: {keys:?}", golden.name);
        let known = |key: &&str| {
            required.contains(key) || optional.contains(key) || ["SECRET_HASH", "DEVICE_KEY"].contains(key)
        };
        assert!(keys.iter().all(known), "{}: {keys:?}", golden.name);
        let plain = golden.name.ends_with("-plain");
        assert_eq!(keys.contains("SECRET_HASH"), !plain, "{}", golden.name);
        let device_less = ["SELECT_CHALLENGE-EMAIL_OTP", "SELECT_CHALLENGE-WEB_AUTHN", "USER_AUTH-step_up"];
        let without_device = plain || device_less.iter().any(|name| golden.name.ends_with(name));
        assert_eq!(keys.contains("DEVICE_KEY"), !without_device, "{}", golden.name);
    }
}

#[test]
fn every_secret_hash_is_over_the_name_in_the_same_request() {
    for golden in goldens() {
        let body = golden.body();
        let map = body.get("AuthParameters").or_else(|| body.get("ChallengeResponses")).unwrap_or(&Value::Null);
        if let (Some(name), Some(hash)) = (map["USERNAME"].as_str(), map["SECRET_HASH"].as_str()) {
            assert_eq!(hash, secret_hash(name), "{}", golden.name);
        }
    }
}

// ---- both ways

#[test]
fn every_body_reads_back_as_the_same_request() {
    for golden in goldens() {
        let operation = golden.request.operation();
        let read = Request::from_json(operation, &golden.request.to_json()).unwrap();
        assert_eq!(read.operation(), operation);
        assert_eq!(serde_json::from_slice::<Value>(&read.to_json()).unwrap(), golden.body(), "{}", golden.name);
        // Spaced out, in another order and with every non-ASCII character escaped, it is the same body.
        let read = Request::from_json(operation, ascii(&golden.body()).as_bytes()).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&read.to_json()).unwrap(), golden.body(), "{}", golden.name);
    }
}

#[test]
fn a_request_tells_what_its_body_says() {
    let (_, request) = start(Api::Admin, SignInFlow::User(None), Some(session()), full_context(Api::Admin));
    let read = Request::from_json(Operation::AdminInitiateAuth, &request.to_json()).unwrap();
    for request in [request, read] {
        let Request::InitiateAuth(request) = request else { panic!("{request:?}") };
        assert_eq!(request.api(), Api::Admin);
        assert_eq!(request.user_pool_id(), Some(app().pool_id().as_str()));
        assert_eq!(request.client_id(), app().client_id());
        assert_eq!(request.auth_flow(), &AuthFlow::UserAuth);
        assert_eq!(request.auth_parameters().parameter("USERNAME"), Some(ALIAS));
        assert_eq!(request.auth_parameters().to_hash_map()["USERNAME"], ALIAS);
        assert_eq!(request.session().map(Session::expose), Some(SESSION));
        assert_eq!(request.context().client_metadata()["campaign"], "Sommer \u{2600}");
        assert_eq!(request.context().analytics_endpoint_id(), Some("endpoint-1"));
        assert!(request.context().user_context_data().is_none());
        let data = request.context().context_data().unwrap();
        assert_eq!(data.http_headers[0], ("User-Agent".to_owned(), "agent \"quoted\" \u{e9}".to_owned()));
    }
    let (_, request) = proved(Api::Public);
    let Request::RespondToAuthChallenge(request) = request else { panic!("{request:?}") };
    assert_eq!((request.api(), request.user_pool_id()), (Api::Public, None));
    assert_eq!(request.client_id(), app().client_id());
    assert_eq!(request.challenge_name(), &ChallengeName::PasswordVerifier);
    assert!(request.challenge_responses().iter().any(|(name, _)| name == "TIMESTAMP"));
    assert_eq!(request.session().map(Session::expose), Some(SESSION));
    assert!(request.context().client_metadata().is_empty());
}

#[test]
fn a_body_of_the_other_family_is_refused() {
    for golden in goldens() {
        let other = match golden.request.operation() {
            Operation::InitiateAuth => Operation::AdminInitiateAuth,
            Operation::RespondToAuthChallenge => Operation::AdminRespondToAuthChallenge,
            Operation::AdminRespondToAuthChallenge => Operation::RespondToAuthChallenge,
            _ => Operation::InitiateAuth,
        };
        let read = Request::from_json(other, &golden.request.to_json());
        assert_eq!(read.unwrap_err(), BodyError::Malformed, "{}", golden.name);
    }
}

#[test]
fn null_stands_for_an_absent_member_in_a_request() {
    let body = json!({
        "ClientId": "a", "AuthFlow": "CUSTOM_AUTH", "UserPoolId": null, "AuthParameters": null, "Session": null,
        "ClientMetadata": null, "AnalyticsMetadata": null, "UserContextData": null, "ContextData": null,
    });
    let read = Request::from_json(Operation::InitiateAuth, body.to_string().as_bytes()).unwrap();
    let written: Value = serde_json::from_slice(&read.to_json()).unwrap();
    assert_eq!(written, json!({ "ClientId": "a", "AuthFlow": "CUSTOM_AUTH", "AuthParameters": {} }));
}

#[test]
fn a_request_with_a_name_given_twice_is_malformed() {
    let initiate = |rest: &str| (Operation::InitiateAuth, format!(r#"{{"ClientId":"c","AuthFlow":"X",{rest}}}"#));
    let respond =
        |rest: &str| (Operation::RespondToAuthChallenge, format!(r#"{{"ClientId":"c","ChallengeName":"X",{rest}}}"#));
    let read = |(operation, body): (Operation, String)| Request::from_json(operation, body.as_bytes()).map(drop);
    assert_eq!(read(initiate(r#""AuthParameters":{"USERNAME":"a"}"#)), Ok(()));
    assert_eq!(read(respond(r#""ChallengeResponses":{"USERNAME":"a"}"#)), Ok(()));
    for body in [
        initiate(r#""AuthParameters":{"USERNAME":"a","USERNAME":"b"}"#),
        initiate(r#""AuthParameters":{"USERNAME":"a","USERNAME":"a"}"#),
        initiate(r#""AuthParameters":{"USERNAME":null,"X":"","USERNAME":"b"}"#),
        initiate(r#""AuthParameters":{"USERNAME":"a","USER\u004eAME":"b"}"#),
        initiate(r#""AuthParameters":{},"AuthParameters":{}"#),
        initiate(r#""ClientMetadata":{"a":"1","a":"2"}"#),
        initiate(r#""ClientId":"d""#),
        respond(r#""ChallengeResponses":{"USERNAME":"a","USERNAME":"b"}"#),
        respond(r#""Session":null,"Session":null"#),
    ] {
        assert_eq!(read(body.clone()), Err(BodyError::Malformed), "{}", body.1);
    }
}

#[test]
fn a_request_without_its_required_members_is_malformed() {
    for golden in goldens() {
        let operation = golden.request.operation();
        let required: &[&str] = match operation {
            Operation::InitiateAuth => &["ClientId", "AuthFlow"],
            Operation::AdminInitiateAuth => &["UserPoolId", "ClientId", "AuthFlow"],
            Operation::RespondToAuthChallenge => &["ClientId", "ChallengeName"],
            Operation::AdminRespondToAuthChallenge => &["UserPoolId", "ClientId", "ChallengeName"],
            Operation::ConfirmDevice => &["AccessToken", "DeviceKey"],
            Operation::GetTokensFromRefreshToken => &["RefreshToken", "ClientId"],
            Operation::RevokeToken => &["Token", "ClientId"],
            Operation::GlobalSignOut => &["AccessToken"],
            Operation::AssociateSoftwareToken => &[],
            Operation::VerifySoftwareToken => &["UserCode"],
            other => panic!("an operation that this test does not know: {other}"),
        };
        for member in required {
            for absent in [true, false] {
                let mut body = golden.body();
                if absent {
                    body.as_object_mut().unwrap().remove(*member);
                } else {
                    body[*member] = Value::Null;
                }
                let read = Request::from_json(operation, body.to_string().as_bytes());
                assert_eq!(read.unwrap_err(), BodyError::Malformed, "{} without {member}", golden.name);
            }
        }
    }
}

// ---- HTTP

#[test]
fn a_request_becomes_a_whole_http_request() {
    for golden in goldens() {
        let endpoint = app().pool_id().endpoint();
        let http = golden.request.to_http(&endpoint).unwrap();
        assert_eq!(http.method(), http::Method::POST);
        assert_eq!(http.uri().to_string(), endpoint);
        assert_eq!(http.uri().path(), "/");
        assert_eq!(http.headers().len(), 2);
        assert_eq!(http.headers()["content-type"], "application/x-amz-json-1.1");
        let target = format!("AWSCognitoIdentityProviderService.{}", golden.request.operation().name());
        assert_eq!(http.headers()["x-amz-target"], target.as_str());
        assert_eq!(http.body().as_slice(), golden.request.to_json().as_slice());
    }
}

#[test]
fn the_endpoint_is_that_of_the_pools_region() {
    for (pool, endpoint) in [
        ("us-east-1_AbCdEfGhI", "https://cognito-idp.us-east-1.amazonaws.com/"),
        ("eu-central-1_a", "https://cognito-idp.eu-central-1.amazonaws.com/"),
        ("us-gov-west-1_kLmNoPqRs", "https://cognito-idp.us-gov-west-1.amazonaws.com/"),
        ("cn-north-1_1", "https://cognito-idp.cn-north-1.amazonaws.com.cn/"),
        ("cn-northwest-1_1", "https://cognito-idp.cn-northwest-1.amazonaws.com.cn/"),
    ] {
        assert_eq!(pool.parse::<PoolId>().unwrap().endpoint(), endpoint);
    }
}

#[test]
fn an_endpoint_of_the_callers_is_taken_and_one_that_is_no_uri_is_refused() {
    let (_, request) = proved(Api::Public);
    let http = request.to_http("http://localhost:9229/").unwrap();
    assert_eq!(http.uri().to_string(), "http://localhost:9229/");
    for endpoint in ["", "http://", "http://a b/", "\u{0}"] {
        assert!(request.to_http(endpoint).is_err(), "{endpoint:?}");
    }
}

#[test]
fn only_admin_operations_are_signed_and_each_is_found_by_its_name() {
    for (operation, name, signed) in [
        (Operation::InitiateAuth, "InitiateAuth", false),
        (Operation::AdminInitiateAuth, "AdminInitiateAuth", true),
        (Operation::RespondToAuthChallenge, "RespondToAuthChallenge", false),
        (Operation::AdminRespondToAuthChallenge, "AdminRespondToAuthChallenge", true),
        (Operation::ConfirmDevice, "ConfirmDevice", false),
        (Operation::GetTokensFromRefreshToken, "GetTokensFromRefreshToken", false),
        (Operation::RevokeToken, "RevokeToken", false),
        (Operation::GlobalSignOut, "GlobalSignOut", false),
        (Operation::AssociateSoftwareToken, "AssociateSoftwareToken", false),
        (Operation::VerifySoftwareToken, "VerifySoftwareToken", false),
    ] {
        assert_eq!((operation.name(), operation.is_signed()), (name, signed));
        assert_eq!(Operation::from_name(name), Some(operation));
    }
    for name in ["", "initiateauth", "SignUp", "AWSCognitoIdentityProviderService.InitiateAuth"] {
        assert_eq!(Operation::from_name(name), None);
    }
}

// ---- what must not be sent

fn refused(api: Api, flow: SignInFlow, credentials: Credentials, context: Context) -> Error {
    SignIn::builder(&app(), api, flow, credentials).with_context(context).start().unwrap_err()
}

#[test]
fn user_password_auth_is_not_sent_with_the_admin_call() {
    let error = refused(Api::Admin, SignInFlow::UserPassword, user_credentials(), Context::default());
    assert_eq!(error, Error::NotInThisCall(Parameter::AuthFlow));
}

#[test]
fn admin_user_password_auth_is_not_sent_with_the_public_call() {
    let error = refused(Api::Public, SignInFlow::AdminUserPassword, user_credentials(), Context::default());
    assert_eq!(error, Error::NotInThisCall(Parameter::AuthFlow));
}

#[test]
fn a_flow_that_needs_a_password_is_not_sent_without_one() {
    let preferred = |factor| SignInFlow::User(Some(factor));
    for (api, flow) in [
        (Api::Public, SignInFlow::UserSrp),
        (Api::Admin, SignInFlow::UserSrp),
        (Api::Public, SignInFlow::CustomSrp),
        (Api::Public, SignInFlow::UserPassword),
        (Api::Admin, SignInFlow::AdminUserPassword),
        (Api::Public, preferred(FirstFactor::PasswordSrp)),
        (Api::Public, preferred(FirstFactor::Password)),
    ] {
        let error = refused(api, flow, Credentials::new(user_name(ALIAS)), Context::default());
        assert_eq!(error, Error::Missing(Parameter::Password), "{flow:?}");
    }
    for flow in [SignInFlow::Custom, SignInFlow::User(None), preferred(FirstFactor::WebAuthn)] {
        assert!(
            SignIn::builder(&app(), Api::Public, flow, Credentials::new(user_name(ALIAS))).start().is_ok(),
            "{flow:?}"
        );
    }
}

#[test]
fn context_of_the_other_family_is_not_sent() {
    let error = refused(Api::Admin, SignInFlow::Custom, user_credentials(), full_context(Api::Public));
    assert_eq!(error, Error::NotInThisCall(Parameter::UserContextData));
    let error = refused(Api::Public, SignInFlow::Custom, user_credentials(), full_context(Api::Admin));
    assert_eq!(error, Error::NotInThisCall(Parameter::ContextData));
    let token = RefreshToken::new(TOKEN).unwrap();
    let context = full_context(Api::Admin);
    let refresh = SignIn::refresh(&app(), Api::Public, &token, &user_name("alice")).with_context(context).start();
    assert_eq!(refresh.unwrap_err(), Error::NotInThisCall(Parameter::ContextData));
}

#[test]
fn context_that_is_too_long_for_the_model_is_not_sent() {
    let long = "\u{e9}".repeat(131_073);
    let fitting = "\u{e9}".repeat(131_072);
    assert!(Context::default().with_client_metadata("name", fitting.as_str()).is_ok());
    let metadata = [("name", long.as_str()), (long.as_str(), "value")];
    for (name, value) in metadata {
        let error = Context::default().with_client_metadata(name, value).unwrap_err();
        assert_eq!(error, Error::TooLong(Parameter::ClientMetadata));
    }
    let error = Context::default().with_analytics_endpoint_id(long.as_str()).unwrap_err();
    assert_eq!(error, Error::TooLong(Parameter::AnalyticsMetadata));
    // Read from JSON it has passed no builder.
    for (metadata, parameter) in [
        (json!({"ClientMetadata": {"name": long}}), Parameter::ClientMetadata),
        (json!({"ClientMetadata": {&long: "value"}}), Parameter::ClientMetadata),
        (json!({"AnalyticsMetadata": {"AnalyticsEndpointId": long}}), Parameter::AnalyticsMetadata),
    ] {
        let mut body = json!({"ClientId": "a", "AuthFlow": "CUSTOM_AUTH"});
        body.as_object_mut().unwrap().extend(metadata.as_object().unwrap().clone());
        let read = Request::from_json(Operation::InitiateAuth, body.to_string().as_bytes()).unwrap();
        let Request::InitiateAuth(read) = read else { panic!() };
        let error = refused(Api::Public, SignInFlow::Custom, user_credentials(), read.context().clone());
        assert_eq!(error, Error::TooLong(parameter));
    }

    for member in 0..2 {
        let mut data = UserContextData::default().with_ip_address(&*fitting).with_encoded_data(&*fitting);
        *[&mut data.ip_address, &mut data.encoded_data][member] = Some(long.clone());
        let context = Context::default().with_user_context_data(data);
        let error = refused(Api::Public, SignInFlow::Custom, user_credentials(), context);
        assert_eq!(error, Error::TooLong(Parameter::UserContextData));
    }
    for member in 0..6 {
        let mut data = ContextData::new(&*fitting, &*fitting, &*fitting).with_header(&*fitting, &*fitting);
        match member {
            0 => data.ip_address.clone_from(&long),
            1 => data.server_name.clone_from(&long),
            2 => data.server_path.clone_from(&long),
            3 => data.http_headers[0].0.clone_from(&long),
            4 => data.http_headers[0].1.clone_from(&long),
            _ => data.encoded_data = Some(long.clone()),
        }
        let context = Context::default().with_context_data(data);
        let error = refused(Api::Admin, SignInFlow::Custom, user_credentials(), context);
        assert_eq!(error, Error::TooLong(Parameter::ContextData), "member {member}");
    }
}

#[test]
fn texts_outside_the_limits_of_the_model_are_refused_when_they_are_made() {
    use Error::{Empty, Malformed, TooLong};
    let repeat = |text: &str, count| text.repeat(count);

    assert!(Username::new("a").is_ok() && Username::new(repeat("\u{e9}", 128)).is_ok());
    assert_eq!(Username::new("").unwrap_err(), Empty(Parameter::Username));
    assert_eq!(Username::new(repeat("a", 129)).unwrap_err(), TooLong(Parameter::Username));

    assert!(Password::new("").is_ok() && Password::new(repeat("\u{1f511}", 256)).is_ok());
    assert_eq!(Password::new(repeat("a", 257)).unwrap_err(), TooLong(Parameter::Password));

    assert!(Session::new(repeat("a", 20)).is_ok() && Session::new(repeat("\u{e9}", 4096)).is_ok());
    assert_eq!(Session::new("").unwrap_err(), Empty(Parameter::Session));
    assert_eq!(Session::new(repeat("\u{e9}", 19)).unwrap_err(), Malformed(Parameter::Session));
    assert_eq!(Session::new(repeat("a", 4097)).unwrap_err(), TooLong(Parameter::Session));

    assert!(RefreshToken::new("aZ09-_=.").is_ok());
    assert_eq!(RefreshToken::new("").unwrap_err(), Empty(Parameter::RefreshToken));
    assert_eq!(RefreshToken::new(repeat("a", 131_073)).unwrap_err(), TooLong(Parameter::RefreshToken));
    for token in ["a b", "a+b", "a/b", "a\n", "\u{e9}", "Bearer:a"] {
        assert_eq!(RefreshToken::new(token).unwrap_err(), Malformed(Parameter::RefreshToken), "{token:?}");
    }
}

#[test]
fn confirm_device_sends_the_devices_key_and_the_texts_of_the_verifier() {
    for _ in 0..10 {
        let (credentials, verifier) = DeviceCredentials::register(Case::verifier().device_of()).unwrap();
        let request = ConfirmDevice::new(TOKEN, credentials.device().key(), &verifier, None).unwrap();
        assert_eq!(request.device_key(), credentials.device().key().as_str());
        assert_eq!(request.password_verifier(), *verifier.password_verifier());
        assert_eq!(request.salt(), verifier.salt());
    }
}

#[test]
fn confirm_device_refuses_what_the_service_could_not_take() {
    let case = Case::verifier();
    let (device, key) = (case.device_of(), case.device_of().key().clone());
    let (_, verifier) = DeviceCredentials::register(device).unwrap();
    let confirm = |token: &str, name: Option<&str>| ConfirmDevice::new(token, &key, &verifier, name).map(|_| ());
    assert_eq!(confirm(TOKEN, Some(&"\u{e9}".repeat(1024))), Ok(()));
    assert_eq!(confirm("", None), Err(Error::Empty(Parameter::AccessToken)));
    assert_eq!(confirm("Bearer a", None), Err(Error::Malformed(Parameter::AccessToken)));
    assert_eq!(confirm(TOKEN, Some("")), Err(Error::Empty(Parameter::DeviceName)));
    assert_eq!(confirm(TOKEN, Some(&"a".repeat(1025))), Err(Error::TooLong(Parameter::DeviceName)));
}

#[test]
fn the_calls_of_tokens_tell_what_their_bodies_say() {
    for golden in token_calls() {
        let plain = golden.name.ends_with("-plain");
        let secret = (!plain).then(|| Case::user().text("client_secret"));
        let read = Request::from_json(golden.request.operation(), &golden.request.to_json()).unwrap();
        for request in [golden.request, read] {
            match request {
                Request::GetTokensFromRefreshToken(request) => {
                    assert_eq!((request.refresh_token(), request.client_id()), (TOKEN, app().client_id()));
                    assert_eq!(request.client_secret(), secret);
                    let device = Case::device().device_of();
                    assert_eq!(request.device_key(), (!plain).then(|| device.key().as_str()));
                    assert_eq!(request.client_metadata().len(), usize::from(!plain));
                }
                Request::RevokeToken(request) => {
                    assert_eq!((request.token(), request.client_id()), (TOKEN, app().client_id()));
                    assert_eq!(request.client_secret(), secret);
                    let linked = Some(&RevokeAssociatedSessions::Linked).filter(|_| !plain);
                    assert_eq!(request.revoke_associated_sessions(), linked);
                }
                Request::GlobalSignOut(request) => assert_eq!(request.access_token(), TOKEN),
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn the_calls_of_an_app_tell_what_their_bodies_say() {
    for golden in software_tokens() {
        let in_sign_in = golden.name.ends_with("session");
        let token = (!in_sign_in).then_some(TOKEN);
        let read = Request::from_json(golden.request.operation(), &golden.request.to_json()).unwrap();
        for request in [golden.request, read] {
            match request {
                Request::AssociateSoftwareToken(request) => {
                    assert_eq!(request.access_token(), token);
                    assert_eq!(request.session().map(Session::expose), in_sign_in.then_some(SESSION));
                }
                Request::VerifySoftwareToken(request) => {
                    assert_eq!(request.access_token(), token);
                    assert_eq!(request.session().map(Session::expose), in_sign_in.then_some(ASSOCIATED_SESSION));
                    assert_eq!(request.user_code(), if in_sign_in { "123456" } else { "654321" });
                    assert_eq!(request.friendly_device_name().is_some(), in_sign_in);
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn the_calls_around_a_sign_in_refuse_what_the_service_could_not_take() {
    use Error::{Empty, Malformed, TooLong};
    let long_token = "a".repeat(RefreshToken::MAX_CHARS + 1);
    for (token, error) in [
        ("", Empty(Parameter::AccessToken)),
        ("Bearer a", Malformed(Parameter::AccessToken)),
        (&long_token, TooLong(Parameter::AccessToken)),
    ] {
        assert_eq!(GlobalSignOut::new(token).unwrap_err(), error);
        assert_eq!(AssociateSoftwareToken::with_access_token(token).unwrap_err(), error);
        assert_eq!(VerifySoftwareToken::with_access_token(token, "123456").unwrap_err(), error);
    }
    for code in ["", "12345", "1234567", "12345a", "12 456", "\u{661}23456", "\u{661}\u{662}\u{663}"] {
        let error = VerifySoftwareToken::with_access_token(TOKEN, code).unwrap_err();
        assert_eq!(error, Malformed(Parameter::UserCode), "{code}");
        assert_eq!(VerifySoftwareToken::with_session(session(), code).unwrap_err(), error);
    }
    let long = "\u{e9}".repeat(ParameterMap::MAX_VALUE_CHARS + 1);
    let verify = || VerifySoftwareToken::with_session(session(), "123456").unwrap();
    assert_eq!(verify().with_friendly_device_name(&long).unwrap_err(), TooLong(Parameter::FriendlyDeviceName));
    assert!(verify().with_friendly_device_name(&long[2..]).is_ok() && verify().with_friendly_device_name("").is_ok());

    let token = RefreshToken::new(TOKEN).unwrap();
    for (name, value) in [("name", long.as_str()), (&long, "value")] {
        let error = GetTokensFromRefreshToken::new(&app(), &token).with_client_metadata(name, value).unwrap_err();
        assert_eq!(error, TooLong(Parameter::ClientMetadata));
    }
}

#[test]
fn a_secret_code_is_of_the_services_form() {
    use Error::{Empty, Malformed, TooLong};
    for code in ["0123456789abcdef", &"Z".repeat(SecretCode::MAX_CHARS)] {
        assert_eq!(SecretCode::new(code).unwrap().expose(), code);
    }
    for (code, error) in [
        ("", Empty(Parameter::SecretCode)),
        ("0123456789abcde", Malformed(Parameter::SecretCode)),
        ("0123456789abcdef&", Malformed(Parameter::SecretCode)),
        ("0123456789 abcdef", Malformed(Parameter::SecretCode)),
        ("0123456789abcd\u{e9}f", Malformed(Parameter::SecretCode)),
        (&"Z".repeat(SecretCode::MAX_CHARS + 1), TooLong(Parameter::SecretCode)),
    ] {
        assert_eq!(SecretCode::new(code).unwrap_err(), error, "{code}");
    }
}

/// The parts of an `otpauth` URI, read by another reader: the label and the query.
fn parts_of(uri: &str) -> (String, Vec<(String, String)>) {
    let decode = |text: &str| {
        let bytes = text.as_bytes();
        let mut out = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            if bytes[at] == b'%' {
                out.push(u8::from_str_radix(&text[at + 1..at + 3], 16).unwrap());
                at += 3;
            } else {
                out.push(bytes[at]);
                at += 1;
            }
        }
        String::from_utf8(out).unwrap()
    };
    let (label, query) = uri.strip_prefix("otpauth://totp/").unwrap().split_once('?').unwrap();
    let pair = |pair: &str| pair.split_once('=').map(|(name, value)| (name.to_owned(), decode(value))).unwrap();
    (decode(label), query.split('&').map(pair).collect())
}

#[test]
fn an_otpauth_uri_says_what_was_given_whatever_characters_it_has() {
    let code = SecretCode::new("JBSWY3DPEHPK3PXP").unwrap();
    let printable: String = (' '..='~').filter(|character| *character != ':').collect();
    let long = "\u{1f511}".repeat(SecretCode::MAX_LABEL_CHARS);
    for (issuer, account) in [
        ("Example", "alice"),
        ("a/b?c=d&e#f%20g+h", "x&secret=AAAA"),
        ("M\u{fc}ller & S\u{f6}hne", "\u{1f511}"),
        (&printable, "\0\n\u{7f}"),
        (&long, &long),
    ] {
        let uri = code.otpauth_uri(issuer, account).unwrap();
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%:/?&=".contains(&byte);
        assert!(uri.bytes().all(allowed), "{}", *uri);
        let query = [("secret", "JBSWY3DPEHPK3PXP"), ("issuer", issuer)];
        let query = query.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(parts_of(&uri), (format!("{issuer}:{account}"), query.to_vec()));
    }
    let too_long = "a".repeat(SecretCode::MAX_LABEL_CHARS + 1);
    for (text, error) in [
        ("", Error::Empty(Parameter::OtpauthLabel)),
        ("a:b", Error::Malformed(Parameter::OtpauthLabel)),
        (&too_long, Error::TooLong(Parameter::OtpauthLabel)),
    ] {
        assert_eq!(code.otpauth_uri(text, "alice").unwrap_err(), error);
        assert_eq!(code.otpauth_uri("Example", text).unwrap_err(), error);
    }
}

#[test]
fn a_random_source_that_fails_sends_nothing() {
    for flow in [SignInFlow::UserSrp, SignInFlow::CustomSrp, SignInFlow::User(Some(FirstFactor::PasswordSrp))] {
        let start = SignIn::builder(&app(), Api::Public, flow, user_credentials())
            .start_with_rng(&mut ScriptedRng::new([1; 39]));
        assert_eq!(start.unwrap_err(), Error::RandomSource);
    }
}
