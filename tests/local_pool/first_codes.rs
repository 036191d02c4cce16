//! Codes as first factor: `EMAIL_OTP` and `SMS_OTP` of `USER_AUTH`.

use cognito_srp6a::idp::{Api, Challenge, Credentials, FirstFactor, SignInFlow, Step};
use serde_json::{Value, json};

use crate::client::{Direct, Site, challenge};
use crate::common::user_name;
use crate::factors::{FILE, NOW, name_of, not};
use crate::{BOTH, access_token, claims};

impl Direct {
    /// Asks for a code as first factor.
    fn ask_first(&self, now: i64, user: &str, factor: &str) -> Value {
        let parameters = json!({"USERNAME": user, "PREFERRED_CHALLENGE": factor});
        let body = json!({"ClientId": "web", "AuthFlow": "USER_AUTH", "AuthParameters": parameters});
        self.call_at(now, "InitiateAuth", &body).unwrap()
    }
}

fn last_code(site: &Site) -> String {
    site.get("/outbox").unwrap().as_array().unwrap().last().unwrap()["code"].as_str().unwrap().to_owned()
}

#[test]
fn a_code_by_mail_signs_in_whether_it_is_preferred_or_chosen() {
    let site = Site::of_file(FILE);
    for api in BOTH {
        for first in [Some(FirstFactor::EmailOtp), None] {
            let bob = Credentials::new(user_name("bob"));
            let mut step = site.sign_in_until_asked(api, SignInFlow::User(first), bob).unwrap();
            if first.is_none() {
                let Challenge::SelectChallenge(asked) = challenge(step) else { panic!("no choice") };
                let names: Vec<_> = asked.choices().iter().map(ToString::to_string).collect();
                assert_eq!(names, ["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP", "SMS_OTP"]);
                let (sign_in, request) = asked.answer(&"EMAIL_OTP".into()).unwrap();
                step = site.go_on(sign_in, request).unwrap();
            }
            let Challenge::EmailOtp(asked) = challenge(step) else { panic!("another challenge") };
            assert_eq!(asked.destination(), Some("b***@e***"));
            let (sign_in, request) = asked.answer(&not(&last_code(&site))).unwrap();
            let Challenge::EmailOtp(again) = challenge(site.go_on(sign_in, request).unwrap()) else {
                panic!("another")
            };
            let (sign_in, request) = again.answer(&last_code(&site)).unwrap();
            let Step::Done(signed_in) = site.go_on(sign_in, request).unwrap() else { panic!("no tokens") };
            assert_eq!(claims(access_token(&signed_in))["username"], "bob");
        }
    }
}

#[test]
fn a_first_code_works_once_for_three_tries_and_for_its_user_and_client() {
    let pool = Direct::of_file(FILE);
    let code_of = |asked: &Value, user: &str, code: &str| pool.answer(NOW, asked, user, ("EMAIL_OTP_CODE", code));
    let (asked, code) = (pool.ask_first(NOW, "bob", "EMAIL_OTP"), pool.last_code());
    assert_eq!(name_of(code_of(&asked, "alice", &code)), "NotAuthorizedException");
    let mut body = crate::factors::body_of(&asked, "bob", ("EMAIL_OTP_CODE", &code));
    body["ClientId"] = "phone".into();
    assert_eq!(name_of(pool.call_at(NOW, "RespondToAuthChallenge", &body)), "NotAuthorizedException");
    let late = pool.answer(NOW + 181, &asked, "bob", ("EMAIL_OTP_CODE", &code));
    assert_eq!(name_of(late), "NotAuthorizedException");
    code_of(&asked, "bob", &code).unwrap();
    assert_eq!(name_of(code_of(&asked, "bob", &code)), "NotAuthorizedException");

    let (asked, code) = (pool.ask_first(NOW, "bob", "EMAIL_OTP"), pool.last_code());
    for _ in 0..3 {
        assert_eq!(name_of(code_of(&asked, "bob", &not(&code))), "CodeMismatchException");
    }
    assert_eq!(name_of(code_of(&asked, "bob", &code)), "NotAuthorizedException");
}

#[test]
fn strangers_who_guess_first_codes_spend_no_tries_of_the_second_factor() {
    let pool = Direct::of_file(FILE);
    for tried in 0..20 {
        let asked = pool.ask_first(NOW, "alice", "SMS_OTP");
        let refused = name_of(pool.answer(NOW, &asked, "alice", ("SMS_OTP_CODE", &not(&pool.last_code()))));
        assert_eq!(refused, if tried < 15 { "CodeMismatchException" } else { "LimitExceededException" });
    }
    let asked = pool.prove(NOW, "alice");
    let asked = pool.answer(NOW, &asked, "alice", ("ANSWER", "SMS_MFA")).unwrap();
    pool.answer(NOW, &asked, "alice", ("SMS_MFA_CODE", &pool.last_code())).unwrap();
}

#[test]
fn a_second_factor_after_a_code_goes_another_way() {
    let pool = Direct::of_file(FILE);
    for (factor, parameter, rest) in [
        ("EMAIL_OTP", "EMAIL_OTP_CODE", r#"["SOFTWARE_TOKEN_MFA","SMS_MFA"]"#),
        ("SMS_OTP", "SMS_OTP_CODE", r#"["SOFTWARE_TOKEN_MFA","EMAIL_OTP"]"#),
    ] {
        let asked = pool.ask_first(NOW, "alice", factor);
        let asked = pool.answer(NOW, &asked, "alice", (parameter, &pool.last_code())).unwrap();
        assert_eq!(asked["ChallengeParameters"]["MFAS_CAN_CHOOSE"], rest);
        let same = if factor == "EMAIL_OTP" { "EMAIL_OTP" } else { "SMS_MFA" };
        assert_eq!(name_of(pool.answer(NOW, &asked, "alice", ("ANSWER", same))), "InvalidParameterException");
    }
    // Who has no other way than that of the first code gets no first code.
    let letters = pool.outbox().len();
    for (user, factor) in [("erin", "EMAIL_OTP"), ("carol", "SMS_OTP"), ("bob", "SMS_OTP"), ("nobody", "EMAIL_OTP")] {
        let asked = pool.ask_first(NOW, user, factor);
        assert_eq!(asked["ChallengeName"], factor, "everybody is asked alike");
        let parameter = format!("{factor}_CODE");
        assert_eq!(name_of(pool.answer(NOW, &asked, user, (&parameter, "000000"))), "CodeMismatchException");
    }
    assert_eq!(pool.outbox().len(), letters);
}

#[test]
fn an_unknown_user_is_asked_for_the_same_address_each_time_and_runs_out_of_tries_too() {
    let pool = Direct::of_file(FILE);
    for factor in ["EMAIL_OTP", "SMS_OTP"] {
        let ask = || pool.ask_first(NOW, "nobody", factor);
        let known = pool.ask_first(NOW, "alice", factor);
        let shape =
            |asked: &Value| asked["ChallengeParameters"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        let shown = |asked: &Value| asked["ChallengeParameters"]["CODE_DELIVERY_DESTINATION"].to_string();
        let asked = ask();
        assert_eq!(shape(&asked), shape(&known));
        assert_eq!(shown(&asked).len(), shown(&known).len());
        assert_eq!(shown(&asked), shown(&ask()));
        let parameter = format!("{factor}_CODE");
        let mut names: Vec<_> =
            (0..4).map(|_| name_of(pool.answer(NOW, &asked, "nobody", (&parameter, "000000")))).collect();
        assert_eq!(names.pop().unwrap(), "NotAuthorizedException");
        assert_eq!(names, ["CodeMismatchException"; 3]);
    }
}

#[test]
fn a_pool_whose_users_have_no_addresses_offers_no_codes() {
    let site = Site::start(&[]);
    for first in [None, Some(FirstFactor::EmailOtp), Some(FirstFactor::SmsOtp)] {
        let alice = Credentials::new(user_name("alice"));
        let step = site.sign_in_until_asked(Api::Public, SignInFlow::User(first), alice).unwrap();
        let Challenge::SelectChallenge(asked) = challenge(step) else { panic!("no choice") };
        let names: Vec<_> = asked.choices().iter().map(ToString::to_string).collect();
        assert_eq!(names, ["PASSWORD_SRP", "PASSWORD"]);
    }
}

#[test]
fn no_stranger_has_the_tries_of_a_user_forgotten() {
    // The tries of strangers have room for some twenty names.
    let pool = Direct::of_file_with(FILE, &["--memory", "700000"]);
    let (asked, code) = (pool.ask_first(NOW, "bob", "EMAIL_OTP"), pool.last_code());
    for _ in 0..3 {
        let wrong = pool.answer(NOW, &asked, "bob", ("EMAIL_OTP_CODE", &not(&code)));
        assert_eq!(name_of(wrong), "CodeMismatchException");
        for number in 0..200 {
            let body = json!({"ClientId": "web", "Username": format!("{number}"), "ConfirmationCode": "123456"});
            assert_eq!(name_of(pool.call_at(NOW, "ConfirmSignUp", &body)), "CodeMismatchException");
        }
    }
    assert_eq!(name_of(pool.answer(NOW, &asked, "bob", ("EMAIL_OTP_CODE", &code))), "NotAuthorizedException");
}

#[test]
fn a_step_up_is_refused_and_not_ignored() {
    let pool = Direct::of_file(FILE);
    for (name, value) in [("TARGET_ACR_VALUES", "urn:a"), ("MAX_AGE", "60"), ("ACCESS_TOKEN", "a.b.c")] {
        let parameters = json!({"USERNAME": "bob", "PREFERRED_CHALLENGE": "EMAIL_OTP", name: value});
        let body = json!({"ClientId": "web", "AuthFlow": "USER_AUTH", "AuthParameters": parameters});
        let refused = name_of(pool.call_at(NOW, "InitiateAuth", &body));
        assert_eq!(refused, "FeatureUnavailableInTierException", "{name}");
    }
}
