//! The challenges that `SignIn` hands to its caller: what each answer sends, and which answers may be given again.

mod common;

use cognito_srp6a::idp::{
    Api, Challenge, ChallengeName, CodeChallenge, Context, ContextData, Credentials, ExtraParameters, FirstFactor,
    Operation, ParameterMap, Request, ServiceError, Session, SignIn, SignInError, SignInFlow, Step,
};
use cognito_srp6a::{Error, Parameter, Password};
use common::service::*;

#[test]
fn each_kind_of_code_is_answered_under_its_own_name() {
    let pool = Pool::new();
    for (name, key) in [
        (ChallengeName::SmsMfa, "SMS_MFA_CODE"),
        (ChallengeName::EmailMfa, "EMAIL_MFA_CODE"),
        (ChallengeName::SoftwareTokenMfa, "SOFTWARE_TOKEN_MFA_CODE"),
        (ChallengeName::SmsOtp, "SMS_OTP_CODE"),
        (ChallengeName::EmailOtp, "EMAIL_OTP_CODE"),
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
            | (Challenge::EmailOtp(code), ChallengeName::EmailOtp) => code,
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

/// Asks for the code of a text message.
fn sms() -> CodeChallenge {
    let response = challenge(ChallengeName::SmsMfa, &[]).with_session(session(7));
    match asked(go(proved(&Pool::new(), credentials()), response)) {
        Challenge::SmsMfa(code) => code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_code_is_sent_without_white_space() {
    for typed in ["123456", " 123456", "123456\r\n", "123 456", "\t1 2 3 4 5 6\u{a0}", "\u{2003}123456"] {
        let (_, request) = sms().answer(typed).unwrap();
        assert_eq!(parameter(&request, "SMS_MFA_CODE"), Some("123456"), "{typed:?}");
    }
    for typed in ["123456", "1234567", "12345678"] {
        let (_, request) = sms().answer(typed).unwrap();
        assert_eq!(parameter(&request, "SMS_MFA_CODE"), Some(typed));
    }
}

#[test]
fn a_text_that_is_no_code_is_refused_and_the_challenge_given_back() {
    let mut code = sms();
    let long = "1".repeat(9);
    for (typed, error) in [
        ("", Error::Empty(Parameter::Code)),
        (" \t\n", Error::Empty(Parameter::Code)),
        ("12345", Error::Malformed(Parameter::Code)),
        (&*long, Error::Malformed(Parameter::Code)),
        ("12345a", Error::Malformed(Parameter::Code)),
        ("123-456", Error::Malformed(Parameter::Code)),
        ("+123456", Error::Malformed(Parameter::Code)),
        ("\u{661}\u{662}\u{663}\u{664}\u{665}\u{666}", Error::Malformed(Parameter::Code)),
        ("123456\0", Error::Malformed(Parameter::Code)),
    ] {
        let refused = code.answer(typed).unwrap_err();
        assert_eq!(refused.error(), error, "{typed:?}");
        code = refused.into_challenge();
    }
    let (_, request) = code.answer("123456").unwrap();
    assert_eq!(session_of(&request), Some(session(7).expose()));
}

#[test]
fn the_answer_to_a_custom_challenge_is_sent_unchanged() {
    for text in ["", " forty two ", "42", "\u{1f511}"] {
        let response = challenge(ChallengeName::CustomChallenge, &[("QUESTION", "6 times 9?")]);
        let asked = asked(go(proved(&Pool::new(), credentials()), response));
        let Challenge::Custom(question) = asked else { panic!("{asked:?}") };
        assert_eq!(question.parameters()["QUESTION"], "6 times 9?");
        let (_, request) = question.answer(text).unwrap();
        assert_eq!(parameter(&request, "ANSWER"), Some(text));
    }
}

// ---- passkeys

const OPTIONS: &str = r#"{"challenge":"c2ln","rpId":"example.com"}"#;
const CREDENTIAL: &str = r#"{"id":"AbCd","type":"public-key"}"#;

#[test]
fn a_passkey_answers_with_its_credential() {
    let response = challenge(ChallengeName::WebAuthn, &[("CREDENTIAL_REQUEST_OPTIONS", OPTIONS)]);
    let (sign_in, _) = start(Api::Public, SignInFlow::User(Some(FirstFactor::WebAuthn)));
    let asked = asked(go(sign_in, response.with_session(session(7))));
    let Challenge::WebAuthn(mut passkey) = asked else { panic!("{asked:?}") };
    assert_eq!(passkey.request_options(), Some(OPTIONS));
    for (text, error) in [
        ("", Error::Empty(Parameter::Credential)),
        ("123456", Error::Malformed(Parameter::Credential)),
        ("{", Error::Malformed(Parameter::Credential)),
        ("[{}]", Error::Malformed(Parameter::Credential)),
    ] {
        let refused = passkey.answer(text).unwrap_err();
        assert_eq!(refused.error(), error, "{text}");
        passkey = refused.into_challenge();
    }
    let (sign_in, request) = passkey.answer(CREDENTIAL).unwrap();
    assert_eq!(names(&request), ["CREDENTIAL", "SECRET_HASH", "USERNAME"]);
    assert_eq!(parameter(&request, "CREDENTIAL"), Some(CREDENTIAL));
    done(go(sign_in, tokens()));
}

#[test]
fn a_passkey_answers_a_choice_at_once() {
    let choose = |available: &[ChallengeName]| {
        let response = challenge(ChallengeName::SelectChallenge, &[("CREDENTIAL_REQUEST_OPTIONS", OPTIONS)]);
        let response = response.with_available_challenges(available.iter().cloned());
        let (sign_in, _) = start(Api::Public, SignInFlow::User(Some(FirstFactor::WebAuthn)));
        match asked(go(sign_in, response)) {
            Challenge::SelectChallenge(choice) => choice,
            other => panic!("{other:?}"),
        }
    };
    for available in [vec![], vec![ChallengeName::PasswordSrp, ChallengeName::WebAuthn]] {
        let choice = choose(&available);
        assert_eq!(choice.request_options(), Some(OPTIONS));
        let (_, request) = choice.answer_web_authn(CREDENTIAL).unwrap();
        assert_eq!(parameter(&request, "ANSWER"), Some("WEB_AUTHN"));
        assert_eq!(parameter(&request, "CREDENTIAL"), Some(CREDENTIAL));
    }
    let refused = choose(&[ChallengeName::EmailOtp]).answer_web_authn(CREDENTIAL).unwrap_err();
    assert_eq!(refused.error(), Error::Malformed(Parameter::Answer));
    let refused = refused.into_challenge().answer_web_authn("no JSON").unwrap_err();
    assert_eq!(refused.error(), Error::Malformed(Parameter::Answer));

    let mfa = challenge(ChallengeName::SelectMfaType, &[("MFAS_CAN_CHOOSE", r#"["WEB_AUTHN"]"#)]);
    let Challenge::SelectMfaType(choice) = asked(go(proved(&Pool::new(), credentials()), mfa)) else { panic!() };
    assert_eq!(choice.answer_web_authn(CREDENTIAL).unwrap_err().error(), Error::Malformed(Parameter::Answer));
}

// ---- what the caller preferred

#[test]
fn a_preferred_factor_is_not_replaced_by_a_proof() {
    let others = [FirstFactor::Password, FirstFactor::EmailOtp, FirstFactor::SmsOtp, FirstFactor::WebAuthn];
    for preferred in others {
        let pool = Pool::new();
        for available in [vec![], vec![ChallengeName::PasswordSrp, ChallengeName::Password, ChallengeName::EmailOtp]] {
            let (sign_in, _) = start(Api::Public, SignInFlow::User(Some(preferred)));
            let response = challenge(ChallengeName::SelectChallenge, &[("USERNAME", USERNAME)]);
            let asked = asked(go(sign_in, response.with_available_challenges(available)));
            let Challenge::SelectChallenge(choice) = asked else { panic!("{preferred:?}: {asked:?}") };
            // The caller may choose the proof after all.
            let (sign_in, request) = choice.prove_password().unwrap();
            assert_eq!(parameter(&request, "ANSWER"), Some("PASSWORD_SRP"));
            let (sign_in, request) = sent(go(sign_in, pool.password_verifier(&request)));
            pool.check_password(&request).unwrap();
            done(go(sign_in, tokens()));
        }
        let (sign_in, _) = start(Api::Public, SignInFlow::User(Some(preferred)));
        let asked = asked(go(sign_in, challenge(ChallengeName::PasswordSrp, &[])));
        let Challenge::Other(other) = asked else { panic!("{preferred:?}: {asked:?}") };
        let (sign_in, request) = other.prove_password().unwrap();
        assert_eq!(answers(&request), &ChallengeName::PasswordSrp);
        let (sign_in, request) = sent(go(sign_in, pool.password_verifier(&request)));
        pool.check_password(&request).unwrap();
        done(go(sign_in, tokens()));
    }
    for preferred in [None, Some(FirstFactor::PasswordSrp)] {
        let (sign_in, _) = start(Api::Public, SignInFlow::User(preferred));
        let (_, request) = sent(go(sign_in, challenge(ChallengeName::SelectChallenge, &[])));
        assert_eq!(parameter(&request, "ANSWER"), Some("PASSWORD_SRP"), "{preferred:?}");
    }
}

// ---- the context of an answer

#[test]
fn a_challenge_takes_a_context_and_parameters_for_its_answer() {
    let context = || Context::default().with_client_metadata("step", "code").unwrap();
    let extra = ExtraParameters::default().with("NEW_PARAMETER", "value").unwrap();
    let (sign_in, request) =
        sms().with_context(context()).unwrap().with_extra_parameters(extra).answer("123456").unwrap();
    assert_eq!(parameter(&request, "NEW_PARAMETER"), Some("value"));
    let Request::RespondToAuthChallenge(call) = &request else { panic!() };
    assert_eq!(call.context().client_metadata()["step"], "code");

    // The same challenge again has the context, and the parameters no more.
    let refusal = ServiceError::new("CodeMismatchException", "Invalid code.");
    let again = asked(sign_in.advance(Err(refusal.into()), now()));
    let data = ContextData::new("203.0.113.7", "shop.example.com", "/sign-in");
    let refused = again.with_context(Context::default().with_context_data(data)).unwrap_err();
    assert_eq!(refused.error(), Error::NotInThisCall(Parameter::ContextData));
    let Challenge::SmsMfa(code) = refused.into_challenge() else { panic!() };
    let (_, request) = code.answer("123456").unwrap();
    assert_eq!(parameter(&request, "NEW_PARAMETER"), None);
    let Request::RespondToAuthChallenge(call) = &request else { panic!() };
    assert_eq!(call.context().client_metadata()["step"], "code");
}

/// The challenge that is asked again, and why.
fn asked_again(step: Result<Step, SignInError>) -> (Challenge, ServiceError) {
    let challenge = asked(step);
    let refusal = challenge.refusal().expect("an answer was refused").clone();
    (challenge, refusal)
}

#[test]
fn a_mistyped_code_is_asked_for_again_in_the_same_session() {
    let pool = Pool::new();
    let response = challenge(ChallengeName::SmsMfa, &[("CODE_DELIVERY_DESTINATION", "+*******1234")]);
    let mut question = asked(go(proved(&pool, credentials()), response.with_session(session(7))));
    let refusal = ServiceError::new("CodeMismatchException", "Invalid code received for user");
    for attempt in 0..3 {
        let Challenge::SmsMfa(code) = question else { panic!("{question:?}") };
        assert_eq!(code.refusal(), (attempt > 0).then_some(&refusal));
        assert_eq!(code.destination(), Some("+*******1234"));
        let (sign_in, request) = code.answer("000000").unwrap();
        assert_eq!(session_of(&request), Some(session(7).expose()));
        assert_eq!(parameter(&request, "USERNAME"), Some(USERNAME));
        let (challenge, error) = asked_again(sign_in.advance(Err(refusal.clone().into()), now()));
        assert_eq!(error, refusal);
        question = challenge;
    }
    let Challenge::SmsMfa(code) = question else { panic!("{question:?}") };
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
        assert_eq!(question.refusal(), None);
        let (sign_in, _) = question.answer(&Password::new("short").unwrap(), &[("name", "A.")]).unwrap();
        let (again, _) = asked_again(sign_in.advance(Err(ServiceError::new(name, "too short").into()), now()));
        let Challenge::NewPasswordRequired(question) = again else { panic!("{again:?}") };
        assert_eq!(question.refusal(), Some(&ServiceError::new(name, "too short")));
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

    let attributes: Vec<_> = (0..130).map(|number| (format!("custom:{number}"), "")).collect();
    let attributes: Vec<_> = attributes.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let (_, request) = ask("").answer(&new_password(), &attributes[..128]).unwrap();
    assert_eq!(parameter(&request, "userAttributes.custom:127"), Some(""));
    for too_many in [129, 130] {
        let error = ask("").answer(&new_password(), &attributes[..too_many]).unwrap_err();
        assert_eq!(error.error(), Error::TooLong(Parameter::UserAttributes));
    }
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
        let Challenge::SelectChallenge(select) = asked_by(go(sign_in, select), &app(), None) else { panic!() };
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
    let pairs: Vec<_> = (0..129).map(|number| number.to_string()).collect();
    let pairs: Vec<_> = pairs.iter().map(|name| (name.as_str(), "")).collect();
    ask().answer(&pairs[..128]).unwrap();
    assert_eq!(ask().answer(&pairs).unwrap_err().error(), Error::TooLong(Parameter::Answer));
}

#[test]
fn a_password_is_proved_for_password_srp_alone_and_if_there_is_one() {
    let ask = |name: ChallengeName| {
        let credentials = Credentials::new(user_name(ALIAS));
        let (sign_in, _) = SignIn::builder(&app(), Api::Public, SignInFlow::User(None), credentials).start().unwrap();
        match asked_by(go(sign_in, challenge(name, &[])), &app(), None) {
            Challenge::Other(challenge) => challenge.prove_password().unwrap_err().error(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(ask("VOICE_OTP".into()), Error::Malformed(Parameter::Answer));
    assert_eq!(ask(ChallengeName::PasswordSrp), Error::Missing(Parameter::Password));
}

#[test]
fn a_challenge_of_any_kind_takes_parameters_for_its_answer() {
    for name in [
        "NEW_PASSWORD_REQUIRED",
        "SMS_MFA",
        "EMAIL_MFA",
        "SOFTWARE_TOKEN_MFA",
        "SMS_OTP",
        "EMAIL_OTP",
        "SELECT_MFA_TYPE",
        "SELECT_CHALLENGE",
        "MFA_SETUP",
        "CUSTOM_CHALLENGE",
        "WEB_AUTHN",
        "A_NEW_ONE",
    ] {
        let (sign_in, _) = start(Api::Public, SignInFlow::Custom);
        let parameters = [("MFAS_CAN_CHOOSE", r#"["SMS_MFA"]"#), ("CREDENTIAL_REQUEST_OPTIONS", "{}")];
        let response = challenge(name.into(), &parameters).with_available_challenges([ChallengeName::EmailOtp]);
        let extra = ExtraParameters::default().with("EXTRA", "1").unwrap();
        let challenge = asked(go(sign_in, response.with_session(session(1)))).with_extra_parameters(extra);
        let texts = [("ANSWER".to_owned(), "123456".to_owned())];
        let (_, request) = answer(challenge, &texts).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(parameter(&request, "EXTRA"), Some("1"), "{name}");
    }
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
