//! Second factors: codes right, wrong, replayed, expired, and of somebody else.

use cognito_srp6a::idp::{Api, Challenge, ServiceError, ServiceErrorName, SignInFlow, Step};
use ring::hmac;
use serde_json::{Value, json};

use crate::client::{Direct, Site, challenge, credentials, refusal};
use crate::{BOTH, access_token, claims, password_flow};

/// A pool in which each factor has a user. The secrets are Base32 of [`SECRET`].
pub const FILE: &str = r#"
mfa = "optional"
devices = true
[[client]]
id = "web"
flows = ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"]
[[client]]
id = "phone"
[[user]]
name = "alice"
password = "Passw0rd!"
aliases = ["al"]
attributes = { email = "alice@example.com", phone_number = "+15550100" }
mfa = ["SOFTWARE_TOKEN_MFA", "SMS_MFA", "EMAIL_OTP"]
totp_secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
[[user]]
name = "bob"
password = "Passw0rd!"
attributes = { email = "bob@example.com" }
[[user]]
name = "carol"
password = "Passw0rd!"
attributes = { phone_number = "+15550101" }
mfa = ["SMS_MFA"]
[[user]]
name = "dave"
password = "Passw0rd!"
mfa = ["SOFTWARE_TOKEN_MFA"]
totp_secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
[[user]]
name = "erin"
password = "Passw0rd!"
attributes = { email = "erin@example.com" }
mfa = ["EMAIL_OTP"]
[[user]]
name = "frank"
password = "Temp0rary!"
temporary = true
attributes = { email = "frank@example.com" }
mfa = ["EMAIL_OTP"]
"#;

const SECRET: &[u8] = b"12345678901234567890";

/// Some time, in the middle of a step of 30 seconds.
pub const NOW: i64 = 1_800_000_015;

/// The code that an app with a secret shows at a time.
pub fn totp(secret: &[u8], now: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &(now / 30).to_be_bytes());
    let start = usize::from(tag.as_ref()[19] % 16);
    let number = tag.as_ref()[start..start + 4].iter().fold(0u32, |number, byte| number << 8 | u32::from(*byte));
    format!("{:06}", number % (1 << 31) % 1_000_000)
}

/// A code that is wrong.
pub fn not(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

impl Direct {
    /// Proves a user's password.
    pub fn prove(&self, now: i64, user: &str) -> Value {
        let parameters = json!({"USERNAME": user, "PASSWORD": "Passw0rd!"});
        let body = json!({"ClientId": "web", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters});
        self.call_at(now, "InitiateAuth", &body).unwrap()
    }

    /// Answers a challenge with one parameter beside the name.
    pub fn answer(&self, now: i64, asked: &Value, user: &str, answer: (&str, &str)) -> Result<Value, ServiceError> {
        self.call_at(now, "RespondToAuthChallenge", &body_of(asked, user, answer))
    }

    pub fn last_code(&self) -> String {
        self.outbox().last().expect("a letter")["code"].as_str().unwrap().to_owned()
    }
}

pub fn body_of(asked: &Value, user: &str, (name, value): (&str, &str)) -> Value {
    json!({"ClientId": "web", "ChallengeName": asked["ChallengeName"], "Session": asked["Session"],
        "ChallengeResponses": {"USERNAME": user, name: value}})
}

pub fn name_of(result: Result<Value, ServiceError>) -> String {
    result.expect_err("it was refused").name().to_string()
}

fn last_letter(site: &Site) -> Value {
    site.get("/outbox").unwrap().as_array().unwrap().last().expect("a letter").clone()
}

/// Answers a challenge for a code of the outbox.
fn answer_letter(site: &Site, step: Step, medium: &str, purpose: &str) -> Step {
    let asked = challenge(step);
    assert_eq!(asked.name().as_str(), purpose);
    let (Challenge::SmsMfa(code) | Challenge::EmailOtp(code)) = asked else { panic!("no code") };
    let letter = last_letter(site);
    assert_eq!((&letter["medium"], &letter["purpose"]), (&medium.into(), &purpose.into()));
    assert_eq!(code.destination().map(|shown| shown.contains("***")), Some(true));
    let (sign_in, request) = code.answer(letter["code"].as_str().unwrap()).unwrap();
    site.go_on(sign_in, request).unwrap()
}

#[test]
fn each_second_factor_follows_the_password_in_every_flow() {
    let site = Site::of_file(FILE);
    for api in BOTH {
        for flow in [SignInFlow::UserSrp, SignInFlow::User(None), password_flow(api)] {
            for (user, medium, purpose) in [("carol", "SMS", "SMS_MFA"), ("erin", "EMAIL", "EMAIL_OTP")] {
                let step = site.sign_in_until_asked(api, flow, credentials(user, "Passw0rd!")).unwrap();
                let Step::Done(signed_in) = answer_letter(&site, step, medium, purpose) else { panic!("no tokens") };
                assert_eq!(claims(access_token(&signed_in))["username"], user);
                assert_eq!(last_letter(&site)["username"], user);
            }
            // Where none is on, none is asked for.
            site.sign_in(api, flow, credentials("bob", "Passw0rd!")).unwrap();
            refusal(site.sign_in(api, flow, credentials("carol", "wrong")));
        }
    }
}

#[test]
fn a_user_with_several_factors_chooses_one() {
    let site = Site::of_file(FILE);
    let choose = |choice: &str| {
        let step = site.sign_in_until_asked(Api::Public, SignInFlow::UserSrp, credentials("al", "Passw0rd!")).unwrap();
        let Challenge::SelectMfaType(asked) = challenge(step) else { panic!("no choice") };
        let names: Vec<_> = asked.choices().iter().map(ToString::to_string).collect();
        assert_eq!(names, ["SOFTWARE_TOKEN_MFA", "SMS_MFA", "EMAIL_OTP"]);
        let (sign_in, request) = asked.answer(&choice.into()).unwrap();
        site.go_on(sign_in, request).unwrap()
    };
    for (medium, purpose, to) in [("SMS", "SMS_MFA", "+15550100"), ("EMAIL", "EMAIL_OTP", "alice@example.com")] {
        let step = answer_letter(&site, choose(purpose), medium, purpose);
        assert!(matches!(step, Step::Done(_)));
        assert_eq!(last_letter(&site)["to"], to);
    }
    let Challenge::SoftwareTokenMfa(asked) = challenge(choose("SOFTWARE_TOKEN_MFA")) else { panic!("another") };
    let now = cognito_srp6a::Timestamp::now().unwrap().unix_seconds();
    let (sign_in, request) = asked.answer(&totp(SECRET, now)).unwrap();
    assert!(matches!(site.go_on(sign_in, request).unwrap(), Step::Done(_)));
}

#[test]
fn a_factor_that_a_user_does_not_have_cannot_be_chosen() {
    let pool = Direct::of_file(FILE);
    let asked = pool.prove(NOW, "alice");
    assert_eq!(asked["ChallengeName"], "SELECT_MFA_TYPE");
    for choice in ["WEB_AUTHN", "PASSWORD", "", "SMS_OTP"] {
        assert_eq!(name_of(pool.answer(NOW, &asked, "alice", ("ANSWER", choice))), "InvalidParameterException");
    }
    // A factor that was not chosen is not answered, with however right a code.
    let mut unchosen = asked;
    unchosen["ChallengeName"] = "SOFTWARE_TOKEN_MFA".into();
    let answer = ("SOFTWARE_TOKEN_MFA_CODE", totp(SECRET, NOW));
    assert_eq!(name_of(pool.answer(NOW, &unchosen, "alice", (answer.0, &answer.1))), "NotAuthorizedException");
}

#[test]
fn a_wrong_code_may_be_corrected_twice_and_a_right_one_works_once() {
    let pool = Direct::of_file(FILE);
    for (user, parameter) in
        [("carol", "SMS_MFA_CODE"), ("erin", "EMAIL_OTP_CODE"), ("dave", "SOFTWARE_TOKEN_MFA_CODE")]
    {
        let code = |now| if user == "dave" { totp(SECRET, now) } else { pool.last_code() };
        let asked = pool.prove(NOW, user);
        let answer = |now, asked: &Value, code: &str| pool.answer(now, asked, user, (parameter, code));
        for wrong in [not(&code(NOW)), String::new(), "12345".into(), "1234567".into()].iter().take(2) {
            assert_eq!(name_of(answer(NOW, &asked, wrong)), "CodeMismatchException", "{user} {wrong}");
        }
        let right = code(NOW);
        assert!(answer(NOW, &asked, &right).unwrap()["AuthenticationResult"]["AccessToken"].is_string());
        assert_eq!(name_of(answer(NOW, &asked, &right)), "NotAuthorizedException");

        let asked = pool.prove(NOW, user);
        for _ in 0..3 {
            assert_eq!(name_of(answer(NOW, &asked, &not(&code(NOW)))), "CodeMismatchException");
        }
        assert_eq!(name_of(answer(NOW, &asked, &code(NOW))), "NotAuthorizedException", "{user}");
    }
}

#[test]
fn a_code_lives_as_long_as_its_session_and_the_code_of_another_session_is_wrong() {
    let pool = Direct::of_file(FILE);
    let answer = |now, asked: &Value, code: &str| pool.answer(now, asked, "carol", ("SMS_MFA_CODE", code));
    let (asked, code) = (pool.prove(NOW, "carol"), pool.last_code());
    assert_eq!(name_of(answer(NOW + 181, &asked, &code)), "NotAuthorizedException");
    let (other, other_code) = (pool.prove(NOW, "carol"), pool.last_code());
    assert_ne!(code, other_code, "once in a million runs they are the same");
    assert_eq!(name_of(answer(NOW, &other, &code)), "CodeMismatchException");
    answer(NOW + 180, &asked, &code).unwrap();
    answer(NOW, &other, &other_code).unwrap();
}

#[test]
fn a_code_is_nothing_to_another_user_another_client_and_another_challenge() {
    let pool = Direct::of_file(FILE);
    let (asked, code) = (pool.prove(NOW, "erin"), pool.last_code());
    let respond = |body: &Value| pool.call_at(NOW, "RespondToAuthChallenge", body);
    for user in ["carol", "alice", "bob", "nobody"] {
        assert_eq!(name_of(pool.answer(NOW, &asked, user, ("EMAIL_OTP_CODE", &code))), "NotAuthorizedException");
    }
    let mut of_client = body_of(&asked, "erin", ("EMAIL_OTP_CODE", &code));
    of_client["ClientId"] = "phone".into();
    assert_eq!(name_of(respond(&of_client)), "NotAuthorizedException");
    for (name, parameter) in [("SMS_MFA", "SMS_MFA_CODE"), ("SMS_OTP", "SMS_OTP_CODE")] {
        let mut other = body_of(&asked, "erin", (parameter, &code));
        other["ChallengeName"] = name.into();
        assert_eq!(name_of(respond(&other)), "NotAuthorizedException");
    }
    let mut sessionless = body_of(&asked, "erin", ("EMAIL_OTP_CODE", &code));
    sessionless["Session"] = Value::Null;
    assert_eq!(name_of(respond(&sessionless)), "InvalidParameterException");
    pool.answer(NOW, &asked, "erin", ("EMAIL_OTP_CODE", &code)).unwrap();
}

#[test]
fn an_app_may_be_a_step_early_or_late_and_each_of_its_codes_works_once() {
    let answer = |pool: &Direct, now, of| {
        let asked = pool.prove(now, "dave");
        pool.answer(now, &asked, "dave", ("SOFTWARE_TOKEN_MFA_CODE", &totp(SECRET, of)))
    };
    for off in [-30, 0, 30] {
        let pool = Direct::of_file(FILE);
        answer(&pool, NOW, NOW + off).unwrap();
        assert_eq!(name_of(answer(&pool, NOW, NOW + off)), "ExpiredCodeException", "{off}");
        // One that was shown before the last one is used up with it.
        if off > -30 {
            assert_eq!(name_of(answer(&pool, NOW, NOW + off - 30)), "ExpiredCodeException", "{off}");
        }
        answer(&pool, NOW + off + 30, NOW + off + 30).unwrap();
    }
    let pool = Direct::of_file(FILE);
    for off in [-60, 60, 86_400] {
        assert_eq!(name_of(answer(&pool, NOW, NOW + off)), "CodeMismatchException", "{off}");
    }
    // The code of one user's app is not used up by another's.
    answer(&pool, NOW, NOW).unwrap();
    let asked = pool.prove(NOW, "alice");
    let asked = pool.answer(NOW, &asked, "alice", ("ANSWER", "SOFTWARE_TOKEN_MFA")).unwrap();
    pool.answer(NOW, &asked, "alice", ("SOFTWARE_TOKEN_MFA_CODE", &totp(SECRET, NOW))).unwrap();
}

#[test]
fn guesses_in_many_sessions_end_for_a_while() {
    let pool = Direct::of_file(FILE);
    let guess = |now, user: &str, parameter| {
        let asked = pool.prove(now, user);
        name_of(pool.answer(now, &asked, user, (parameter, &not(&pool.last_code()))))
    };
    for _ in 0..15 {
        assert_eq!(guess(NOW, "carol", "SMS_MFA_CODE"), "CodeMismatchException");
    }
    let asked = pool.prove(NOW, "carol");
    let right = pool.last_code();
    assert_eq!(name_of(pool.answer(NOW, &asked, "carol", ("SMS_MFA_CODE", &right))), "LimitExceededException");
    // Nobody else is kept out, and carol not for long.
    let asked = pool.prove(NOW, "erin");
    pool.answer(NOW, &asked, "erin", ("EMAIL_OTP_CODE", &pool.last_code())).unwrap();
    let later = NOW + 181;
    let asked = pool.prove(later, "carol");
    pool.answer(later, &asked, "carol", ("SMS_MFA_CODE", &pool.last_code())).unwrap();
    // Right codes do not count.
    for _ in 0..20 {
        let asked = pool.prove(later, "carol");
        pool.answer(later, &asked, "carol", ("SMS_MFA_CODE", &pool.last_code())).unwrap();
    }
}

#[test]
fn a_remembered_device_stands_for_the_second_factor() {
    let site = Site::of_file(FILE);
    let start =
        || site.sign_in_until_asked(Api::Public, SignInFlow::UserSrp, credentials("carol", "Passw0rd!")).unwrap();
    let Step::Done(signed_in) = answer_letter(&site, start(), "SMS", "SMS_MFA") else { panic!("no tokens") };
    let device = site.confirm_device(&signed_in).unwrap();
    let carol = credentials("carol", "Passw0rd!").with_device(device);
    site.sign_in(Api::Public, SignInFlow::UserSrp, carol).unwrap();
    assert_eq!(challenge(start()).name().as_str(), "SMS_MFA", "without the device it is asked for");
}

#[test]
fn a_new_password_does_not_replace_the_second_factor_and_a_claimed_address_gets_no_code() {
    let pool = Direct::of_file(FILE);
    let start = |password: &str| {
        let parameters = json!({"USERNAME": "frank", "PASSWORD": password});
        let body = json!({"ClientId": "web", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters});
        pool.call_at(NOW, "InitiateAuth", &body)
    };
    let asked = start("Temp0rary!").unwrap();
    let mut body = body_of(&asked, "frank", ("NEW_PASSWORD", "Perm4nent!"));
    body["ChallengeResponses"]["userAttributes.email"] = "mallory@example.com".into();
    assert_eq!(name_of(pool.call_at(NOW, "RespondToAuthChallenge", &body)), "MFAMethodNotFoundException");
    assert!(pool.outbox().is_empty());
    assert_eq!(name_of(start("Perm4nent!")), "MFAMethodNotFoundException");

    let pool = Direct::of_file(FILE);
    let asked = pool
        .call_at(
            NOW,
            "InitiateAuth",
            &json!({"ClientId": "web", "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "frank", "PASSWORD": "Temp0rary!"}}),
        )
        .unwrap();
    let asked = pool.answer(NOW, &asked, "frank", ("NEW_PASSWORD", "Perm4nent!")).unwrap();
    assert_eq!(asked["ChallengeName"], "EMAIL_OTP");
    pool.answer(NOW, &asked, "frank", ("EMAIL_OTP_CODE", &pool.last_code())).unwrap();
}

#[test]
fn a_pool_without_second_factors_asks_for_none() {
    let site = Site::of_file(&FILE.replace("\"optional\"", "\"off\""));
    site.sign_in(Api::Public, SignInFlow::UserSrp, credentials("alice", "Passw0rd!")).unwrap();
}

#[test]
fn a_custom_answer_does_not_replace_the_second_factor() {
    let site = Site::of_file(&format!("custom_answer = \"42\"\n{FILE}"));
    for flow in [SignInFlow::Custom, SignInFlow::CustomSrp] {
        let step = site.sign_in_until_asked(Api::Public, flow, credentials("carol", "Passw0rd!")).unwrap();
        let Challenge::Custom(asked) = challenge(step) else { panic!("another challenge") };
        let (sign_in, request) = asked.answer("42").unwrap();
        let step = site.go_on(sign_in, request).unwrap();
        assert!(matches!(answer_letter(&site, step, "SMS", "SMS_MFA"), Step::Done(_)));
    }
}

#[test]
fn the_outbox_keeps_the_last_letters_and_no_page_of_another_origin_reads_them() {
    let site = Site::of_file(FILE);
    assert_eq!(site.get("/outbox").unwrap(), json!([]));
    let pool = Direct::of_file(FILE);
    for _ in 0..300 {
        pool.prove(NOW, "carol");
    }
    pool.prove(NOW, "erin");
    let letters = pool.outbox();
    assert_eq!(letters.len(), 256);
    assert_eq!(letters[254]["to"], "+15550101");
    let last = &letters[255];
    let expected = json!({"medium": "EMAIL", "to": "erin@example.com", "code": last["code"], "purpose": "EMAIL_OTP",
        "username": "erin"});
    assert_eq!(*last, expected);
    let head = "GET /outbox HTTP/1.1\r\nHost: localhost\r\nOrigin: http://example.com\r\n\r\n";
    let answer = crate::wire::Wire::connect(site.address).send(head, b"").unwrap();
    assert!(!answer.head.to_lowercase().contains("access-control-"), "{}", answer.head);
    let refused = refusal(site.sign_in(Api::Public, SignInFlow::UserSrp, credentials("carol", "wrong")));
    assert_eq!(*refused.name(), ServiceErrorName::NotAuthorized);
}
