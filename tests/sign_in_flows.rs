//! `SignIn` in every flow, with and without a device, against the server's half of this crate.

mod common;

use cognito_srp6a::idp::{
    Api, AuthFlow, AuthResponse, AuthenticationResult, Challenge, ChallengeName, ConfirmDevice, Context, Credentials,
    FirstFactor, NewDeviceMetadata, Operation, RefreshToken, Request, ServiceError, SignIn, SignInError, SignInFlow,
};
use cognito_srp6a::server::DeviceRecord;
use cognito_srp6a::{DeviceCredentials, DeviceVerifier, Error, Parameter};
use common::service::*;

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
    let step = go(sign_in, challenge(ChallengeName::EmailOtp, &[]));
    let Challenge::EmailOtp(code) = asked_by(step, &plain_app(), None) else { panic!() };
    assert_eq!(names(&code.answer("123456").unwrap().1), ["EMAIL_OTP_CODE", "USERNAME"]);
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
    let metadata = NewDeviceMetadata::new(DEVICE_KEY, GROUP_KEY);
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
        let mut metadata = NewDeviceMetadata::default();
        metadata.device_key = key.map(Into::into);
        metadata.device_group_key = group_key.map(Into::into);
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
        assert_eq!(parameter(&code.answer("123456").unwrap().1, "DEVICE_KEY"), Some(DEVICE_KEY), "{flow:?}");
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
    let (sign_in, request) = code.answer("123456").unwrap();
    assert_eq!(session_of(&request), Some(session(2).expose()));
    // A response without a session is answered without one.
    let Challenge::SmsMfa(code) = asked(go(sign_in, challenge(ChallengeName::SmsMfa, &[]))) else { panic!() };
    assert_eq!(session_of(&code.answer("123456").unwrap().1), None);
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
    assert_eq!(metadata(&code.answer("123456").unwrap().1), "summer");
}
