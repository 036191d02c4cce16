//! `SignIn`, state by state, against the server's half of this crate; then against anything at all.

mod common;

use cognito_srp6a::idp::{
    Api, AuthFlow, AuthResponse, AuthenticationResult, Challenge, ChallengeName, ConfirmDevice, Context, Credentials,
    FirstFactor, NewDeviceMetadata, Operation, ParameterMap, RefreshToken, Request, ServiceError, Session, SignIn,
    SignInError, SignInFlow, Step,
};
use cognito_srp6a::server::DeviceRecord;
use cognito_srp6a::{DeviceCredentials, DeviceVerifier, Error, Parameter, Password};
use common::service::*;
use proptest::prelude::*;

/// How many challenges in a row are answered without the caller, at most.
const MOST_SENDS: usize = 8;

// ---- flows

#[test]
fn user_srp_auth_signs_in_on_both_apis() {
    for (api, initiate, respond) in [
        (Api::Public, Operation::InitiateAuth, Operation::RespondToAuthChallenge),
        (Api::Admin, Operation::AdminInitiateAuth, Operation::AdminRespondToAuthChallenge),
    ] {
        let pool = Pool::new();
        let (sign_in, request) = start(api, SignInFlow::UserSrp);
        assert_eq!(request.operation(), initiate);
        assert_eq!(names(&request), ["SECRET_HASH", "SRP_A", "USERNAME"]);
        let (sign_in, request) = sent(go(sign_in, pool.password_verifier(&request)));
        assert_eq!(request.operation(), respond);
        assert_eq!(answers(&request), &ChallengeName::PasswordVerifier);
        pool.check_password(&request).unwrap();
        assert_eq!(parameter(&request, "TIMESTAMP"), Some("Tue Jan 2 03:04:05 UTC 2024"));
        assert_eq!(done(go(sign_in, tokens())).result().access_token(), Some(TOKEN));
    }
}

#[test]
fn the_secret_hash_is_over_the_alias_first_and_over_the_challenges_username_then() {
    let pool = Pool::new();
    let (sign_in, request) = start(Api::Public, SignInFlow::UserSrp);
    assert_eq!(parameter(&request, "USERNAME"), Some(ALIAS));
    assert_eq!(parameter(&request, "SECRET_HASH"), Some(&*secret_hash(ALIAS)));
    let (sign_in, request) = sent(go(sign_in, pool.password_verifier(&request)));
    assert_eq!(parameter(&request, "USERNAME"), Some(USERNAME));
    assert_eq!(parameter(&request, "SECRET_HASH"), Some(&*secret_hash(USERNAME)));
    // The name stays for challenges that do not repeat it, and for refreshes.
    let Challenge::SmsMfa(code) = asked(go(sign_in, challenge(ChallengeName::SmsMfa, &[]))) else { panic!() };
    let (sign_in, request) = code.answer("123456").unwrap();
    assert_eq!(parameter(&request, "USERNAME"), Some(USERNAME));
    assert_eq!(parameter(&request, "SECRET_HASH"), Some(&*secret_hash(USERNAME)));
    assert_eq!(done(go(sign_in, tokens())).username(), USERNAME);
}

#[test]
fn without_username_the_answer_has_user_id_for_srp() {
    let pool = Pool::new();
    let (sign_in, request) = start(Api::Public, SignInFlow::UserSrp);
    let response = pool.password_verifier(&request);
    let nameless = response.challenge_parameters().iter().filter(|(name, _)| *name != "USERNAME");
    let nameless = AuthResponse::challenge(ChallengeName::PasswordVerifier, nameless);
    let (sign_in, request) = sent(go(sign_in, nameless));
    assert_eq!(parameter(&request, "USERNAME"), Some(USER_ID));
    assert_eq!(parameter(&request, "SECRET_HASH"), Some(&*secret_hash(USER_ID)));
    pool.check_password(&request).unwrap();
    assert_eq!(done(go(sign_in, tokens())).username(), USER_ID);
}

#[test]
fn a_client_without_a_secret_never_sends_a_secret_hash() {
    let pool = Pool::new();
    let (sign_in, request) =
        SignIn::builder(&plain_app(), Api::Public, SignInFlow::UserSrp, credentials()).start().unwrap();
    assert_eq!(names(&request), ["SRP_A", "USERNAME"]);
    let (sign_in, request) = sent(go(sign_in, pool.password_verifier(&request)));
    assert_eq!(parameter(&request, "SECRET_HASH"), None);
    pool.check_password(&request).unwrap();
    let Challenge::EmailOtp(code) = asked(go(sign_in, challenge(ChallengeName::EmailOtp, &[]))) else { panic!() };
    assert_eq!(names(&code.answer("1").unwrap().1), ["EMAIL_OTP_CODE", "USERNAME"]);
}

#[test]
fn a_wrong_password_is_refused_by_the_pool() {
    let pool = Pool::new();
    let wrong = Credentials::new(user_name(ALIAS)).with_password(pass("Correct horse"));
    let (sign_in, request) = SignIn::builder(&app(), Api::Public, SignInFlow::UserSrp, wrong).start().unwrap();
    let (sign_in, request) = sent(go(sign_in, pool.password_verifier(&request)));
    assert_eq!(pool.check_password(&request), Err(Error::NotAuthorized));
    let refusal = ServiceError::new("NotAuthorizedException", "Incorrect username or password.");
    assert_eq!(failed(sign_in.advance(Err(refusal.clone().into()), now())), SignInError::Service(refusal));
}

#[test]
fn user_auth_with_password_srp_sends_srp_a_in_the_same_call() {
    let pool = Pool::new();
    for api in [Api::Public, Api::Admin] {
        let (sign_in, request) = start(api, SignInFlow::User(Some(FirstFactor::PasswordSrp)));
        assert_eq!(parameter(&request, "PREFERRED_CHALLENGE"), Some("PASSWORD_SRP"));
        let (sign_in, request) = sent(go(sign_in, pool.password_verifier(&request)));
        pool.check_password(&request).unwrap();
        done(go(sign_in, tokens()));
    }
}

#[test]
fn user_auth_without_preference_chooses_password_srp_by_itself() {
    let pool = Pool::new();
    for available in [vec![ChallengeName::EmailOtp, ChallengeName::PasswordSrp], vec![]] {
        let (sign_in, request) = start(Api::Public, SignInFlow::User(None));
        assert_eq!(names(&request), ["SECRET_HASH", "USERNAME"]);
        let select = challenge(ChallengeName::SelectChallenge, &[("USERNAME", USERNAME)])
            .with_available_challenges(available)
            .with_session(session(1));
        let (sign_in, request) = sent(go(sign_in, select));
        assert_eq!(answers(&request), &ChallengeName::SelectChallenge);
        assert_eq!(names(&request), ["ANSWER", "SECRET_HASH", "SRP_A", "USERNAME"]);
        assert_eq!(parameter(&request, "ANSWER"), Some("PASSWORD_SRP"));
        assert_eq!(parameter(&request, "SECRET_HASH"), Some(&*secret_hash(USERNAME)));
        let (sign_in, request) = sent(go(sign_in, pool.password_verifier(&request)));
        pool.check_password(&request).unwrap();
        done(go(sign_in, tokens()));
    }
}

#[test]
fn a_challenge_password_srp_is_answered_with_srp_a() {
    let pool = Pool::new();
    let (sign_in, _) = start(Api::Public, SignInFlow::User(None));
    let (sign_in, request) = sent(go(sign_in, challenge(ChallengeName::PasswordSrp, &[])));
    assert_eq!(answers(&request), &ChallengeName::PasswordSrp);
    assert_eq!(names(&request), ["SECRET_HASH", "SRP_A", "USERNAME"]);
    let (_, request) = sent(go(sign_in, pool.password_verifier(&request)));
    pool.check_password(&request).unwrap();
}

#[test]
fn a_choice_that_needs_the_caller_is_handed_over() {
    // No password was given, or the proof is not on offer.
    let nobody = Credentials::new(user_name(ALIAS));
    for (credentials, available) in [
        (nobody, vec![ChallengeName::EmailOtp, ChallengeName::PasswordSrp]),
        (credentials(), vec![ChallengeName::EmailOtp, ChallengeName::WebAuthn]),
    ] {
        let (sign_in, _) = SignIn::builder(&app(), Api::Public, SignInFlow::User(None), credentials).start().unwrap();
        let select = challenge(ChallengeName::SelectChallenge, &[]).with_available_challenges(available.clone());
        let Challenge::SelectChallenge(select) = asked(go(sign_in, select)) else { panic!() };
        assert_eq!(select.choices(), available);
        let (_, request) = select.answer(&ChallengeName::EmailOtp).unwrap();
        assert_eq!(answers(&request), &ChallengeName::SelectChallenge);
        assert_eq!(parameter(&request, "ANSWER"), Some("EMAIL_OTP"));
    }
}

#[test]
fn password_srp_without_a_password_is_handed_over() {
    let nobody = Credentials::new(user_name(ALIAS));
    let (sign_in, _) = SignIn::builder(&app(), Api::Public, SignInFlow::User(None), nobody).start().unwrap();
    let Challenge::Other(other) = asked(go(sign_in, challenge(ChallengeName::PasswordSrp, &[]))) else { panic!() };
    assert_eq!(other.name(), &ChallengeName::PasswordSrp);
}

#[test]
fn custom_auth_asks_the_pools_own_questions() {
    let (mut sign_in, request) = start(Api::Public, SignInFlow::Custom);
    assert_eq!(names(&request), ["SECRET_HASH", "USERNAME"]);
    for number in 0..20 {
        let question = challenge(ChallengeName::CustomChallenge, &[("question", "6 x 7"), ("USERNAME", USERNAME)]);
        let Challenge::Custom(question) = asked(go(sign_in, question.with_session(session(number)))) else { panic!() };
        assert_eq!(question.parameters()["question"], "6 x 7");
        let request;
        (sign_in, request) = question.answer("42").unwrap();
        assert_eq!(answers(&request), &ChallengeName::CustomChallenge);
        assert_eq!(parameter(&request, "ANSWER"), Some("42"));
        assert_eq!(session_of(&request), Some(session(number).expose()));
    }
    done(go(sign_in, tokens()));
}

#[test]
fn custom_auth_may_begin_with_the_proof() {
    let pool = Pool::new();
    let (sign_in, request) = start(Api::Public, SignInFlow::CustomSrp);
    let Request::InitiateAuth(initiate) = &request else { panic!() };
    assert_eq!(initiate.auth_flow(), &AuthFlow::CustomAuth);
    assert_eq!(parameter(&request, "CHALLENGE_NAME"), Some("SRP_A"));
    let (sign_in, request) = sent(go(sign_in, pool.password_verifier(&request)));
    pool.check_password(&request).unwrap();
    let Challenge::Custom(question) = asked(go(sign_in, challenge(ChallengeName::CustomChallenge, &[]))) else {
        panic!()
    };
    done(go(question.answer("42").unwrap().0, tokens()));
}

#[test]
fn flows_that_send_the_password_send_it() {
    for (api, flow) in [
        (Api::Public, SignInFlow::UserPassword),
        (Api::Admin, SignInFlow::AdminUserPassword),
        (Api::Public, SignInFlow::User(Some(FirstFactor::Password))),
    ] {
        let (sign_in, request) = start(api, flow);
        assert_eq!(parameter(&request, "PASSWORD"), Some(PASSWORD));
        assert_eq!(parameter(&request, "SRP_A"), None);
        done(go(sign_in, tokens()));
    }
}

#[test]
fn a_refresh_brings_tokens() {
    {
        let token = RefreshToken::new(TOKEN).unwrap();
        let key = device().key().clone();
        let context = Context::default().with_client_metadata("a", "b").unwrap();
        let (sign_in, request) = SignIn::refresh(&app(), Api::Public, &token, &user_name(USERNAME))
            .with_device_key(&key)
            .with_context(context)
            .start()
            .unwrap();
        let Request::InitiateAuth(initiate) = &request else { panic!() };
        assert_eq!(initiate.auth_flow(), &AuthFlow::RefreshTokenAuth);
        assert_eq!(initiate.context().client_metadata()["a"], "b");
        assert_eq!(names(&request), ["DEVICE_KEY", "REFRESH_TOKEN", "SECRET_HASH"]);
        assert_eq!(parameter(&request, "SECRET_HASH"), Some(&*secret_hash(USERNAME)));
        assert_eq!(parameter(&request, "DEVICE_KEY"), Some(DEVICE_KEY));
        let signed_in = done(go(sign_in, tokens()));
        assert_eq!(signed_in.username(), USERNAME);
        assert!(signed_in.into_parts().1.is_none());
    }
}

#[test]
fn a_refresh_answers_no_proof() {
    let token = RefreshToken::new(TOKEN).unwrap();
    for name in [ChallengeName::PasswordVerifier, ChallengeName::DeviceSrpAuth, ChallengeName::DevicePasswordVerifier] {
        let refresh = SignIn::refresh(&app(), Api::Public, &token, &user_name(USERNAME)).start();
        let error = failed(go(refresh.unwrap().0, challenge(name.clone(), &[])));
        assert_eq!(error, SignInError::UnexpectedChallenge(name));
    }
}

// ---- devices

#[test]
fn a_device_is_offered_confirmed_and_signs_in_next_time() {
    // The first sign-in announces the device.
    let mut pool = Pool::new();
    let sign_in = proved(&pool, credentials());
    let metadata = NewDeviceMetadata { device_key: Some(DEVICE_KEY.into()), device_group_key: Some(GROUP_KEY.into()) };
    let result = AuthenticationResult::default().with_access_token(TOKEN).with_new_device_metadata(metadata);
    let signed_in = done(go(sign_in, AuthResponse::tokens(result)));
    let (device_credentials, verifier) =
        DeviceCredentials::register(signed_in.new_device().unwrap().expect("a device")).unwrap();
    let access_token = signed_in.result().access_token().unwrap();
    let request =
        ConfirmDevice::new(access_token, device_credentials.device().key(), &verifier, Some("phone")).unwrap();
    assert_eq!((request.access_token(), request.device_key()), (TOKEN, DEVICE_KEY));
    assert_eq!(request.device_name(), Some("phone"));
    let verifier = DeviceVerifier::from_base64(request.password_verifier(), request.salt()).unwrap();
    pool.device = Some(DeviceRecord::new(device(), verifier));

    // The second is made with it.
    let credentials = credentials().with_device(device_credentials);
    let (sign_in, request) = SignIn::builder(&app(), Api::Public, SignInFlow::UserSrp, credentials).start().unwrap();
    assert_eq!(names(&request), ["DEVICE_KEY", "SECRET_HASH", "SRP_A", "USERNAME"]);
    let (sign_in, request) = sent(go(sign_in, pool.password_verifier(&request)));
    pool.check_password(&request).unwrap();
    assert_eq!(parameter(&request, "DEVICE_KEY"), Some(DEVICE_KEY));
    let begin = challenge(ChallengeName::DeviceSrpAuth, &[]).with_session(session(2));
    let (sign_in, request) = sent(go(sign_in, begin));
    assert_eq!(answers(&request), &ChallengeName::DeviceSrpAuth);
    assert_eq!(names(&request), ["DEVICE_KEY", "SECRET_HASH", "SRP_A", "USERNAME"]);
    assert_eq!(parameter(&request, "USERNAME"), Some(USERNAME));
    assert_eq!(session_of(&request), Some(session(2).expose()));
    let (sign_in, request) = sent(go(sign_in, pool.device_verifier(&request).with_session(session(3))));
    assert_eq!(answers(&request), &ChallengeName::DevicePasswordVerifier);
    assert_eq!(parameter(&request, "DEVICE_KEY"), Some(DEVICE_KEY));
    assert_eq!(parameter(&request, "SECRET_HASH"), Some(&*secret_hash(USERNAME)));
    assert_eq!(session_of(&request), Some(session(3).expose()));
    pool.check_device(&request).unwrap();
    assert_eq!(pool.check_password(&request), Err(Error::NotAuthorized));
    let signed_in = done(go(sign_in, tokens()));
    assert!(matches!(signed_in.new_device(), Ok(None)));
    assert_eq!(signed_in.into_parts().1.expect("the device comes back").device(), &device());
}

#[test]
fn device_metadata_that_lacks_a_name_is_an_error() {
    for (key, group_key, error) in [
        (None, Some(GROUP_KEY), Error::Missing(Parameter::DeviceKey)),
        (Some(DEVICE_KEY), None, Error::Missing(Parameter::DeviceGroupKey)),
        (Some("no key"), Some(GROUP_KEY), Error::Malformed(Parameter::DeviceKey)),
        (Some(DEVICE_KEY), Some(""), Error::Empty(Parameter::DeviceGroupKey)),
    ] {
        let metadata =
            NewDeviceMetadata { device_key: key.map(Into::into), device_group_key: group_key.map(Into::into) };
        let result = AuthenticationResult::default().with_access_token(TOKEN).with_new_device_metadata(metadata);
        let signed_in = done(go(start(Api::Public, SignInFlow::UserPassword).0, AuthResponse::tokens(result)));
        assert_eq!(signed_in.new_device().unwrap_err(), error);
    }
}

#[test]
fn the_device_key_is_in_every_request_of_a_user_who_has_a_device() {
    let (_, device) = Pool::with_device();
    let (password, device_password) = (PASSWORD, device.expose_password().to_owned());
    let credentials = || {
        let device = DeviceCredentials::from_parts(self::device(), pass(&*device_password));
        Credentials::new(user_name(ALIAS)).with_password(pass(password)).with_device(device)
    };
    for flow in [
        SignInFlow::UserSrp,
        SignInFlow::User(None),
        SignInFlow::User(Some(FirstFactor::EmailOtp)),
        SignInFlow::Custom,
        SignInFlow::CustomSrp,
        SignInFlow::UserPassword,
    ] {
        let (sign_in, request) = SignIn::builder(&app(), Api::Public, flow, credentials()).start().unwrap();
        assert_eq!(parameter(&request, "DEVICE_KEY"), Some(DEVICE_KEY), "{flow:?}");
        let Challenge::SmsMfa(code) = asked(go(sign_in, challenge(ChallengeName::SmsMfa, &[]))) else { panic!() };
        assert_eq!(parameter(&code.answer("1").unwrap().1, "DEVICE_KEY"), Some(DEVICE_KEY), "{flow:?}");
    }
}

#[test]
fn a_device_that_the_service_no_longer_knows_is_reported_as_such() {
    let gone = ServiceError::new("ResourceNotFoundException", "Device does not exist.");
    let (pool, device) = Pool::with_device();
    let (sign_in, _) =
        SignIn::builder(&app(), Api::Public, SignInFlow::UserSrp, credentials().with_device(device)).start().unwrap();
    assert_eq!(failed(sign_in.advance(Err(gone.clone().into()), now())), SignInError::UnknownDevice);

    let (_, device) = Pool::with_device();
    let sign_in = proved(&pool, credentials().with_device(device));
    let (sign_in, _) = sent(go(sign_in, challenge(ChallengeName::DeviceSrpAuth, &[])));
    assert_eq!(failed(sign_in.advance(Err(gone.clone().into()), now())), SignInError::UnknownDevice);

    // Without a device it is the service's error as it is, and so is another resource that does not exist.
    let (sign_in, _) = start(Api::Public, SignInFlow::UserSrp);
    assert_eq!(failed(sign_in.advance(Err(gone.clone().into()), now())), SignInError::Service(gone));
    let (_, device) = Pool::with_device();
    let (sign_in, _) =
        SignIn::builder(&app(), Api::Public, SignInFlow::UserSrp, credentials().with_device(device)).start().unwrap();
    let other = ServiceError::new("ResourceNotFoundException", "User pool client x does not exist.");
    assert_eq!(failed(sign_in.advance(Err(other.clone().into()), now())), SignInError::Service(other));
}

#[test]
fn a_device_that_a_refresh_finds_gone_is_reported_as_such() {
    let token = RefreshToken::new(TOKEN).unwrap();
    let key = device().key().clone();
    let (sign_in, _) =
        SignIn::refresh(&app(), Api::Public, &token, &user_name(USERNAME)).with_device_key(&key).start().unwrap();
    let gone = ServiceError::new("ResourceNotFoundException", "Device does not exist.");
    assert_eq!(failed(sign_in.advance(Err(gone.into()), now())), SignInError::UnknownDevice);
}

// ---- challenges for the caller

#[test]
fn each_kind_of_code_is_answered_under_its_own_name() {
    let pool = Pool::new();
    for (name, key) in [
        (ChallengeName::SmsMfa, "SMS_MFA_CODE"),
        (ChallengeName::EmailMfa, "EMAIL_MFA_CODE"),
        (ChallengeName::SoftwareTokenMfa, "SOFTWARE_TOKEN_MFA_CODE"),
        (ChallengeName::SmsOtp, "SMS_OTP_CODE"),
        (ChallengeName::EmailOtp, "EMAIL_OTP_CODE"),
        (ChallengeName::CustomChallenge, "ANSWER"),
        (ChallengeName::WebAuthn, "CREDENTIAL"),
    ] {
        let parameters = [("CODE_DELIVERY_DESTINATION", "+*******1234")];
        let response = challenge(name.clone(), &parameters).with_session(session(7));
        let asked = asked(go(proved(&pool, credentials()), response));
        assert_eq!(asked.name(), &name);
        assert_eq!(asked.parameters()["CODE_DELIVERY_DESTINATION"], "+*******1234");
        let code = match (asked, &name) {
            (Challenge::SmsMfa(code), ChallengeName::SmsMfa)
            | (Challenge::EmailMfa(code), ChallengeName::EmailMfa)
            | (Challenge::SoftwareTokenMfa(code), ChallengeName::SoftwareTokenMfa)
            | (Challenge::SmsOtp(code), ChallengeName::SmsOtp)
            | (Challenge::EmailOtp(code), ChallengeName::EmailOtp)
            | (Challenge::Custom(code), ChallengeName::CustomChallenge)
            | (Challenge::WebAuthn(code), ChallengeName::WebAuthn) => code,
            (other, _) => panic!("{name} is not {other:?}"),
        };
        assert_eq!(code.destination(), Some("+*******1234"));
        let (sign_in, request) = code.answer("123456").unwrap();
        assert_eq!(answers(&request), &name);
        let mut expected = [key, "SECRET_HASH", "USERNAME"];
        expected.sort_unstable();
        assert_eq!(names(&request), expected);
        assert_eq!(parameter(&request, key), Some("123456"));
        assert_eq!(session_of(&request), Some(session(7).expose()));
        done(go(sign_in, tokens()));
    }
}

/// The challenge that is asked again, and why.
fn asked_again(step: Result<Step, SignInError>) -> (Challenge, ServiceError) {
    match step {
        Ok(Step::Challenge(challenge)) => {
            let refusal = challenge.refusal().expect("an answer was refused").clone();
            (challenge, refusal)
        }
        other => panic!("not asked again, but {other:?}"),
    }
}

#[test]
fn a_mistyped_code_is_asked_for_again_in_the_same_session() {
    let pool = Pool::new();
    let response = challenge(ChallengeName::SmsMfa, &[("CODE_DELIVERY_DESTINATION", "+*******1234")]);
    let mut step = go(proved(&pool, credentials()), response.with_session(session(7))).map(|step| match step {
        Step::Challenge(challenge) => challenge,
        other => panic!("no challenge, but {other:?}"),
    });
    for _ in 0..3 {
        let Ok(Challenge::SmsMfa(code)) = step else { panic!("{step:?}") };
        assert_eq!(code.destination(), Some("+*******1234"));
        let (sign_in, request) = code.answer("000000").unwrap();
        assert_eq!(session_of(&request), Some(session(7).expose()));
        assert_eq!(parameter(&request, "USERNAME"), Some(USERNAME));
        let refusal = ServiceError::new("CodeMismatchException", "Invalid code received for user");
        let (challenge, error) = asked_again(sign_in.advance(Err(refusal.clone().into()), now()));
        assert_eq!(error, refusal);
        step = Ok(challenge);
    }
    let Ok(Challenge::SmsMfa(code)) = step else { panic!("{step:?}") };
    let (sign_in, request) = code.answer("123456").unwrap();
    assert_eq!(session_of(&request), Some(session(7).expose()));
    done(go(sign_in, tokens()));
}

#[test]
fn a_new_password_against_the_policy_is_asked_for_again() {
    for name in ["InvalidPasswordException", "PasswordHistoryPolicyViolationException"] {
        let (sign_in, _) = start(Api::Public, SignInFlow::UserPassword);
        let parameters = [("requiredAttributes", r#"["userAttributes.name"]"#)];
        let response = challenge(ChallengeName::NewPasswordRequired, &parameters).with_session(session(1));
        let Challenge::NewPasswordRequired(question) = asked(go(sign_in, response)) else { panic!() };
        let (sign_in, _) = question.answer(&Password::new("short").unwrap(), &[("name", "A.")]).unwrap();
        let (again, _) = asked_again(sign_in.advance(Err(ServiceError::new(name, "too short").into()), now()));
        let Challenge::NewPasswordRequired(question) = again else { panic!("{again:?}") };
        assert_eq!(question.required_attributes(), ["name"]);
        let (sign_in, request) = question.answer(&Password::new("N3w-Passw0rd!").unwrap(), &[("name", "A.")]).unwrap();
        assert_eq!(session_of(&request), Some(session(1).expose()));
        assert_eq!(parameter(&request, "NEW_PASSWORD"), Some("N3w-Passw0rd!"));
        done(go(sign_in, tokens()));
    }
}

#[test]
fn what_ends_a_session_ends_the_sign_in() {
    let pool = Pool::new();
    let refuse = |name: ChallengeName, error: &str| {
        let question = asked(go(proved(&pool, credentials()), challenge(name, &[]).with_session(session(7))));
        let (sign_in, _) = answer(question, &[]).unwrap();
        failed(sign_in.advance(Err(ServiceError::new(error, "").into()), now()))
    };
    for (name, error) in [
        (ChallengeName::SmsMfa, "NotAuthorizedException"),
        (ChallengeName::SmsMfa, "ExpiredCodeException"),
        (ChallengeName::SmsMfa, "InvalidPasswordException"),
        (ChallengeName::CustomChallenge, "NotAuthorizedException"),
        (ChallengeName::CustomChallenge, "CodeMismatchException"),
        (ChallengeName::MfaSetup, "CodeMismatchException"),
        (ChallengeName::SelectMfaType, "CodeMismatchException"),
        (ChallengeName::NewPasswordRequired, "CodeMismatchException"),
        (ChallengeName::NewPasswordRequired, "InvalidParameterException"),
    ] {
        assert!(matches!(refuse(name.clone(), error), SignInError::Service(_)), "{name} {error}");
    }
    // Nobody was asked: the request before was the sign-in's own.
    let mismatch = || Err(ServiceError::new("CodeMismatchException", ""));
    let error = failed(proved(&pool, credentials()).advance(mismatch().map_err(Into::into), now()));
    assert!(matches!(error, SignInError::Service(_)));
    // An answer that was taken is not asked for again.
    let question = asked(go(proved(&pool, credentials()), challenge(ChallengeName::SmsMfa, &[])));
    let (sign_in, _) = answer(question, &[]).unwrap();
    let (sign_in, _) = sent(go(sign_in, challenge(ChallengeName::PasswordSrp, &[])));
    assert!(matches!(failed(sign_in.advance(mismatch().map_err(Into::into), now())), SignInError::Service(_)));
}

#[test]
fn an_answer_over_the_models_limit_is_refused() {
    let (sign_in, _) = start(Api::Public, SignInFlow::Custom);
    let Challenge::Custom(question) = asked(go(sign_in, challenge(ChallengeName::CustomChallenge, &[]))) else {
        panic!()
    };
    let error = question.answer(&"a".repeat(ParameterMap::MAX_VALUE_CHARS + 1)).unwrap_err();
    assert_eq!(error.error(), Error::TooLong(Parameter::Answer));
    let (sign_in, _) = start(Api::Public, SignInFlow::Custom);
    let Challenge::Custom(question) = asked(go(sign_in, challenge(ChallengeName::CustomChallenge, &[]))) else {
        panic!()
    };
    assert!(question.answer(&"\u{e9}".repeat(ParameterMap::MAX_VALUE_CHARS)).is_ok());
}

#[test]
fn an_answer_that_breaks_a_rule_gives_the_challenge_back() {
    let long = "x".repeat(ParameterMap::MAX_VALUE_CHARS + 1);
    let ask = |name: ChallengeName| {
        let (sign_in, _) = start(Api::Public, SignInFlow::UserPassword);
        let parameters = [("requiredAttributes", r#"["name"]"#), ("MFAS_CAN_CHOOSE", r#"["SMS_MFA"]"#)];
        asked(go(sign_in, challenge(name, &parameters).with_session(session(4))))
    };
    let goes_on = |next: Result<(SignIn, Request), Error>| {
        let (sign_in, request) = next.unwrap();
        assert_eq!(session_of(&request), Some(session(4).expose()));
        assert_eq!(parameter(&request, "USERNAME"), Some(ALIAS));
        done(go(sign_in, tokens()));
    };
    let Challenge::SmsMfa(code) = ask(ChallengeName::SmsMfa) else { panic!() };
    let code = code.answer(&long).unwrap_err().into_challenge();
    goes_on(code.answer("123456").map_err(Error::from));

    let Challenge::SelectMfaType(choice) = ask(ChallengeName::SelectMfaType) else { panic!() };
    let choice = choice.answer(&ChallengeName::EmailOtp).unwrap_err().into_challenge();
    goes_on(choice.answer(&ChallengeName::SmsMfa).map_err(Error::from));

    let Challenge::NewPasswordRequired(asked) = ask(ChallengeName::NewPasswordRequired) else { panic!() };
    let new_password = Password::new("N3w-Passw0rd!").unwrap();
    let asked = asked.answer(&new_password, &[]).unwrap_err().into_challenge();
    goes_on(asked.answer(&new_password, &[("name", "A.")]).map_err(Error::from));

    let Challenge::Other(other) = ask("A_NEW_KIND".into()) else { panic!() };
    let refused = other.answer(&[("", "x")]).unwrap_err();
    assert_eq!(refused.to_string(), Error::Empty(Parameter::Answer).to_string());
    goes_on(refused.into_challenge().answer(&[("A", "x")]).map_err(Error::from));
}

#[test]
fn a_new_password_comes_with_the_required_attributes() {
    let new_password = || Password::new("N3w-Passw0rd!").unwrap();
    let ask = |required: &str| {
        let parameters = [
            ("requiredAttributes", required),
            ("userAttributes", "{\"email\":\"a@b\"}"),
            ("USER_ID_FOR_SRP", USERNAME),
        ];
        let (sign_in, _) = start(Api::Public, SignInFlow::UserPassword);
        match asked(go(sign_in, challenge(ChallengeName::NewPasswordRequired, &parameters))) {
            Challenge::NewPasswordRequired(challenge) => challenge,
            other => panic!("{other:?}"),
        }
    };
    for list in [r#"["userAttributes.name","userAttributes.custom:a"]"#, r#"["name", "custom:a"]"#] {
        assert_eq!(ask(list).required_attributes(), ["name", "custom:a"]);
        assert_eq!(ask(list).parameters()["userAttributes"], "{\"email\":\"a@b\"}");
        let (_, request) = ask(list).answer(&new_password(), &[("custom:a", "1"), ("name", "Alice")]).unwrap();
        assert_eq!(
            names(&request),
            ["NEW_PASSWORD", "SECRET_HASH", "USERNAME", "userAttributes.custom:a", "userAttributes.name"]
        );
        assert_eq!(parameter(&request, "USERNAME"), Some(USERNAME));
        assert_eq!(parameter(&request, "userAttributes.name"), Some("Alice"));
        let error = ask(list).answer(&new_password(), &[("name", "Alice")]).unwrap_err();
        assert_eq!(error.error(), Error::Missing(Parameter::UserAttributes));
    }
    for list in ["", "[]", "null"] {
        assert!(ask(list).required_attributes().is_empty());
        assert!(ask(list).answer(&new_password(), &[]).is_ok());
    }
    let long = "a".repeat(ParameterMap::MAX_VALUE_CHARS + 1);
    let error = ask("").answer(&new_password(), &[("name", &long)]).unwrap_err();
    assert_eq!(error.error(), Error::TooLong(Parameter::UserAttributes));
}

#[test]
fn an_attributes_name_is_measured_with_its_prefix() {
    let (sign_in, _) = start(Api::Public, SignInFlow::UserPassword);
    let Challenge::NewPasswordRequired(asked) = asked(go(sign_in, challenge(ChallengeName::NewPasswordRequired, &[])))
    else {
        panic!()
    };
    let name = "a".repeat(ParameterMap::MAX_VALUE_CHARS);
    let answer = asked.answer(&Password::new("N3w-Passw0rd!").unwrap(), &[(&name, "")]);
    assert_eq!(answer.unwrap_err().error(), Error::TooLong(Parameter::UserAttributes));
}

#[test]
fn a_type_of_mfa_is_chosen_from_the_list() {
    let ask = || {
        let parameters = [("MFAS_CAN_CHOOSE", r#"["SMS_MFA","SOFTWARE_TOKEN_MFA","NEW_MFA"]"#)];
        let (sign_in, _) = start(Api::Public, SignInFlow::UserPassword);
        match asked(go(sign_in, challenge(ChallengeName::SelectMfaType, &parameters))) {
            Challenge::SelectMfaType(challenge) => challenge,
            other => panic!("{other:?}"),
        }
    };
    let new = ChallengeName::Other("NEW_MFA".into());
    assert_eq!(ask().choices(), [ChallengeName::SmsMfa, ChallengeName::SoftwareTokenMfa, new.clone()]);
    for choice in [ChallengeName::SmsMfa, new] {
        let (_, request) = ask().answer(&choice).unwrap();
        assert_eq!(names(&request), ["ANSWER", "SECRET_HASH", "USERNAME"]);
        assert_eq!(parameter(&request, "ANSWER"), Some(choice.as_str()));
    }
    assert_eq!(ask().answer(&ChallengeName::EmailMfa).unwrap_err().error(), Error::Malformed(Parameter::Answer));
    // No type of MFA is a password, whatever the list says.
    for choice in [ChallengeName::Password, ChallengeName::PasswordSrp] {
        let list = format!("[\"{choice}\"]");
        let (sign_in, _) = start(Api::Public, SignInFlow::UserPassword);
        let select = challenge(ChallengeName::SelectMfaType, &[("MFAS_CAN_CHOOSE", &list)]);
        let Challenge::SelectMfaType(select) = asked(go(sign_in, select)) else { panic!() };
        assert_eq!(select.answer(&choice).unwrap_err().error(), Error::Malformed(Parameter::Answer));
    }
}

#[test]
fn a_choice_that_takes_a_password_is_not_sent_without_one() {
    for choice in [ChallengeName::Password, ChallengeName::PasswordSrp] {
        let nobody = Credentials::new(user_name(ALIAS));
        let (sign_in, _) = SignIn::builder(&app(), Api::Public, SignInFlow::User(None), nobody).start().unwrap();
        let select = challenge(ChallengeName::SelectChallenge, &[]).with_available_challenges([choice.clone()]);
        let Challenge::SelectChallenge(select) = asked(go(sign_in, select)) else { panic!() };
        assert_eq!(select.answer(&choice).unwrap_err().error(), Error::Missing(Parameter::Password));
    }
}

#[test]
fn the_choice_of_password_sends_the_password_that_was_given() {
    let (sign_in, _) = start(Api::Public, SignInFlow::User(None));
    let select = challenge(ChallengeName::SelectChallenge, &[]).with_available_challenges([ChallengeName::Password]);
    let Challenge::SelectChallenge(select) = asked(go(sign_in, select)) else { panic!() };
    let (_, request) = select.answer(&ChallengeName::Password).unwrap();
    assert_eq!(names(&request), ["ANSWER", "PASSWORD", "SECRET_HASH", "USERNAME"]);
    assert_eq!(parameter(&request, "ANSWER"), Some("PASSWORD"));
    assert_eq!(parameter(&request, "PASSWORD"), Some(PASSWORD));
}

#[test]
fn a_flow_that_began_with_a_proof_never_sends_the_password_whatever_the_server_offers() {
    for flow in [SignInFlow::UserSrp, SignInFlow::CustomSrp, SignInFlow::User(Some(FirstFactor::PasswordSrp))] {
        let (sign_in, _) = start(Api::Public, flow);
        let offer = [ChallengeName::Password];
        let select = challenge(ChallengeName::SelectChallenge, &[]).with_available_challenges(offer.clone());
        let Challenge::SelectChallenge(select) = asked(go(sign_in, select)) else { panic!() };
        assert_eq!(select.answer(&offer[0]).unwrap_err().error(), Error::NotInThisCall(Parameter::Password));
    }
}

#[test]
fn a_password_is_proved_once_however_often_the_server_asks() {
    let pool = Pool::new();
    let (sign_in, request) = start(Api::Public, SignInFlow::UserSrp);
    let (sign_in, _) = sent(go(sign_in, pool.password_verifier(&request)));
    let (sign_in, request) = sent(go(sign_in, challenge(ChallengeName::PasswordSrp, &[])));
    let error = failed(go(sign_in, pool.password_verifier(&request)));
    assert_eq!(error, SignInError::UnexpectedChallenge(ChallengeName::PasswordVerifier));
}

#[test]
fn a_session_belongs_to_user_auth_alone() {
    for (flow, allowed) in [(SignInFlow::UserSrp, false), (SignInFlow::Custom, false), (SignInFlow::User(None), true)] {
        let started = SignIn::builder(&app(), Api::Public, flow, credentials()).with_session(session(1)).start();
        assert_eq!(started.is_ok(), allowed);
        if let Err(error) = started {
            assert_eq!(error, Error::NotInThisCall(Parameter::Session));
        }
    }
}

#[test]
fn a_choice_of_anything_else_does_not_send_the_password() {
    // A hostile server lists what is no type of MFA, or nothing.
    for (list, choice) in [
        (r#"["PASSWORD_SRP"]"#, ChallengeName::PasswordSrp),
        (r#"["PASSWORD"]"#, ChallengeName::Password),
        ("", ChallengeName::PasswordSrp),
    ] {
        let (sign_in, _) = start(Api::Public, SignInFlow::UserSrp);
        let select = challenge(ChallengeName::SelectMfaType, &[("MFAS_CAN_CHOOSE", list)]);
        let Challenge::SelectMfaType(select) = asked(go(sign_in, select)) else { panic!() };
        if let Ok((_, request)) = select.answer(&choice) {
            assert_eq!(parameter(&request, "PASSWORD"), None, "{list}");
        }
    }
}

#[test]
fn mfa_setup_goes_on_with_the_session_of_verify_software_token() {
    let parameters = [("MFAS_CAN_SETUP", r#"["SOFTWARE_TOKEN_MFA"]"#)];
    let response = challenge(ChallengeName::MfaSetup, &parameters).with_session(session(1));
    let (sign_in, _) = start(Api::Public, SignInFlow::UserPassword);
    let Challenge::MfaSetup(setup) = asked(go(sign_in, response)) else { panic!() };
    assert_eq!(setup.choices(), [ChallengeName::SoftwareTokenMfa]);
    assert_eq!(setup.session().map(Session::expose), Some(session(1).expose()));
    let (sign_in, request) = setup.answer(session(2));
    assert_eq!(answers(&request), &ChallengeName::MfaSetup);
    assert_eq!(names(&request), ["SECRET_HASH", "USERNAME"]);
    assert_eq!(session_of(&request), Some(session(2).expose()));
    done(go(sign_in, tokens()));
}

#[test]
fn a_challenge_of_an_unknown_name_is_answered_with_the_callers_parameters() {
    let name = ChallengeName::Other("VOICE_OTP".into());
    let ask = || {
        let (sign_in, _) = start(Api::Admin, SignInFlow::User(None));
        match asked(go(sign_in, challenge(name.clone(), &[("hint", "h")]).with_session(session(1)))) {
            Challenge::Other(challenge) => challenge,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((ask().name(), ask().parameters()["hint"].as_str()), (&name, "h"));
    let (_, request) = ask().answer(&[("VOICE_OTP_CODE", "123"), ("EMPTY", "")]).unwrap();
    assert_eq!(request.operation(), Operation::AdminRespondToAuthChallenge);
    assert_eq!(answers(&request), &name);
    assert_eq!(names(&request), ["EMPTY", "SECRET_HASH", "USERNAME", "VOICE_OTP_CODE"]);
    assert_eq!(session_of(&request), Some(session(1).expose()));
    assert_eq!(ask().answer(&[("", "x")]).unwrap_err().error(), Error::Empty(Parameter::Answer));
    let long = "a".repeat(ParameterMap::MAX_VALUE_CHARS + 1);
    assert_eq!(ask().answer(&[("x", &long)]).unwrap_err().error(), Error::TooLong(Parameter::Answer));
}

#[test]
fn the_callers_parameters_do_not_replace_the_names_and_the_secret_hash() {
    let (sign_in, _) = start(Api::Public, SignInFlow::User(None));
    let Challenge::Other(other) = asked(go(sign_in, challenge(ChallengeName::Other("X".into()), &[]))) else {
        panic!()
    };
    let (_, request) = other.answer(&[("USERNAME", "mallory"), ("SECRET_HASH", "none")]).unwrap();
    assert_eq!(parameter(&request, "USERNAME"), Some(ALIAS));
    assert_eq!(parameter(&request, "SECRET_HASH"), Some(&*secret_hash(ALIAS)));
}

// ---- sessions and what goes along

#[test]
fn each_request_has_the_session_of_the_response_before_it() {
    let pool = Pool::new();
    let (sign_in, request) =
        SignIn::builder(&app(), Api::Public, SignInFlow::User(Some(FirstFactor::PasswordSrp)), credentials())
            .with_session(session(0))
            .start()
            .unwrap();
    assert_eq!(session_of(&request), Some(session(0).expose()));
    let (sign_in, request) = sent(go(sign_in, pool.password_verifier(&request).with_session(session(1))));
    assert_eq!(session_of(&request), Some(session(1).expose()));
    let response = challenge(ChallengeName::SmsMfa, &[]).with_session(session(2));
    let Challenge::SmsMfa(code) = asked(go(sign_in, response)) else { panic!() };
    let (sign_in, request) = code.answer("1").unwrap();
    assert_eq!(session_of(&request), Some(session(2).expose()));
    // A response without a session is answered without one.
    let Challenge::SmsMfa(code) = asked(go(sign_in, challenge(ChallengeName::SmsMfa, &[]))) else { panic!() };
    assert_eq!(session_of(&code.answer("1").unwrap().1), None);
}

#[test]
fn what_goes_along_goes_along_with_every_request() {
    let pool = Pool::new();
    let context = Context::default().with_client_metadata("campaign", "summer").unwrap();
    let flow = SignInFlow::UserSrp;
    let (sign_in, request) =
        SignIn::builder(&app(), Api::Public, flow, credentials()).with_context(context).start().unwrap();
    let metadata = |request: &Request| match request {
        Request::InitiateAuth(request) => request.context().client_metadata()["campaign"].clone(),
        Request::RespondToAuthChallenge(request) => request.context().client_metadata()["campaign"].clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(metadata(&request), "summer");
    let (sign_in, request) = sent(go(sign_in, pool.password_verifier(&request)));
    assert_eq!(metadata(&request), "summer");
    let Challenge::SmsMfa(code) = asked(go(sign_in, challenge(ChallengeName::SmsMfa, &[]))) else { panic!() };
    assert_eq!(metadata(&code.answer("1").unwrap().1), "summer");
}

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
        (SignInError::UnexpectedChallenge(ChallengeName::SmsMfa), "the challenge SMS_MFA was not to be expected"),
        (SignInError::EmptyResponse, "the response has neither tokens nor a challenge"),
    ] {
        assert_eq!(error.to_string(), text);
        // A source would make reports print the same text twice.
        assert!(std::error::Error::source(&error).is_none());
    }
}

// ---- anything at all

/// What the other side does next.
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

/// What a server says, given the last request.
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

/// Answers a challenge somehow.
fn answer(challenge: Challenge, texts: &[(String, String)]) -> Result<(SignIn, Request), Error> {
    let text = texts.first().map_or("", |(_, value)| value);
    let pairs: Vec<(&str, &str)> = texts.iter().map(|(name, value)| (&**name, &**value)).collect();
    let _ = (challenge.name().to_string(), challenge.parameters().len(), format!("{challenge:?}"));
    match challenge {
        Challenge::NewPasswordRequired(challenge) => {
            let mut pairs = pairs;
            let required = challenge.required_attributes();
            pairs.extend(required.iter().map(|name| (name.as_str(), text)));
            challenge.answer(&Password::new("N3w-Passw0rd!").unwrap(), &pairs).map_err(Error::from)
        }
        Challenge::SmsMfa(challenge)
        | Challenge::EmailMfa(challenge)
        | Challenge::SoftwareTokenMfa(challenge)
        | Challenge::SmsOtp(challenge)
        | Challenge::EmailOtp(challenge)
        | Challenge::Custom(challenge)
        | Challenge::WebAuthn(challenge) => challenge.answer(text).map_err(Error::from),
        Challenge::SelectMfaType(challenge) | Challenge::SelectChallenge(challenge) => {
            let choice = challenge.choices().into_iter().next().unwrap_or_else(|| text.into());
            challenge.answer(&choice).map_err(Error::from)
        }
        Challenge::MfaSetup(challenge) => Ok(challenge.answer(session(99))),
        Challenge::Other(challenge) => challenge.answer(&pairs).map_err(Error::from),
        other => panic!("a kind of challenge that this test does not know: {other:?}"),
    }
}

/// What holds for every request, whatever the server has said before.
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
                if let Ok((sign_in, request)) = answer(challenge, &turn.2) {
                    assert!(session_of(&request).is_none_or(|session| session.len() >= 20));
                    state = Some((sign_in, request));
                }
            }
            Ok(Step::Challenge(challenge)) => {
                let is_setup = matches!(challenge, Challenge::MfaSetup(_));
                if let Ok((sign_in, request)) = answer(challenge, &turn.2) {
                    let own = session(99);
                    let expected = if is_setup { Some(own.expose()) } else { last_session.as_deref() };
                    check_request(&request, device_password.is_some(), expected);
                    state = Some((sign_in, request));
                }
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
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

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
