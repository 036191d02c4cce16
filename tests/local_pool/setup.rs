//! `MFA_SETUP`: a user of a pool with `mfa = "on"` sets up an authenticator app.

use cognito_srp6a::Timestamp;
use cognito_srp6a::idp::{
    Api, AssociateSoftwareTokenResponse, Challenge, MfaSetup, SignInFlow, Step, VerifySoftwareTokenResponse,
};
use serde_json::{Value, json};

use crate::client::{Direct, Site, challenge, credentials, refusal};
use crate::factors::{NOW, body_of, name_of, not, totp};
use crate::{BOTH, access_token, claims};

const FILE: &str = r#"
mfa = "on"
[[client]]
id = "web"
flows = ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"]
[[client]]
id = "phone"
[[user]]
name = "alice"
password = "Passw0rd!"
attributes = { email = "alice@example.com" }
[[user]]
name = "bob"
password = "Passw0rd!"
[[user]]
name = "carol"
password = "Passw0rd!"
attributes = { phone_number = "+15550101" }
mfa = ["SMS_MFA"]
"#;

/// Reads Base32 by bits, in another way than the pool.
pub fn base32(text: &str) -> Vec<u8> {
    let digit = |letter| "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).unwrap();
    let bits: Vec<_> = text.chars().map(|letter| format!("{:05b}", digit(letter))).collect();
    let bits = bits.concat();
    let whole = bits.as_bytes().chunks_exact(8);
    whole.map(|bits| u8::from_str_radix(std::str::from_utf8(bits).unwrap(), 2).unwrap()).collect()
}

fn set_up(site: &Site, user: &str, api: Api) -> MfaSetup {
    let step = site.sign_in_until_asked(api, SignInFlow::UserSrp, credentials(user, "Passw0rd!")).unwrap();
    let Challenge::MfaSetup(setup) = challenge(step) else { panic!("another challenge") };
    assert_eq!(
        setup.choices().iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"]
    );
    setup
}

#[test]
fn the_crates_client_sets_up_an_app_and_signs_in_with_it_from_then_on() {
    let site = Site::of_file(FILE);
    for (user, api) in ["alice", "bob"].into_iter().zip(BOTH) {
        let mut setup = set_up(&site, user, api);
        let mut secret = Vec::new();
        // A lost response is asked for again: the last secret counts.
        for _ in 0..2 {
            let (status, body) = site.post(&setup.associate().unwrap()).unwrap();
            let response = AssociateSoftwareTokenResponse::from_http(status, &body).unwrap();
            secret = base32(setup.associated(response).expose());
            assert_eq!(secret.len(), 20);
        }
        let verify = |setup: MfaSetup, code: &str| {
            let (status, body) = site.post(&setup.verify(code, Some("phone")).unwrap()).unwrap();
            setup.verified(VerifySoftwareTokenResponse::from_http(status, &body)).unwrap()
        };
        let now = Timestamp::now().unwrap().unix_seconds();
        let again = challenge(verify(setup, &not(&totp(&secret, now))));
        assert_eq!(again.refusal().unwrap().name().as_str(), "EnableSoftwareTokenMFAException");
        let Challenge::MfaSetup(setup) = again else { panic!("another challenge") };
        let Step::Send(sign_in, request) = verify(setup, &totp(&secret, now)) else { panic!("not verified") };
        let Step::Done(signed_in) = site.go_on(sign_in, request).unwrap() else { panic!("no tokens") };
        assert_eq!(claims(access_token(&signed_in))["username"], user);

        let step = site.sign_in_until_asked(api, SignInFlow::UserSrp, credentials(user, "Passw0rd!")).unwrap();
        let Challenge::SoftwareTokenMfa(asked) = challenge(step) else { panic!("another challenge") };
        let (sign_in, request) = asked.answer(&totp(&secret, now + 30)).unwrap();
        assert!(matches!(site.go_on(sign_in, request).unwrap(), Step::Done(_)));
    }
    let step = site.sign_in_until_asked(Api::Public, SignInFlow::UserSrp, credentials("carol", "Passw0rd!")).unwrap();
    assert_eq!(challenge(step).name().as_str(), "SMS_MFA", "who has a factor sets up none");
    refusal(site.sign_in(Api::Public, SignInFlow::UserSrp, credentials("bob", "wrong")));
}

/// Asks for a secret. Returns it with the session.
fn associate(pool: &Direct, session: &Value) -> (Vec<u8>, Value) {
    let response = pool.call_at(NOW, "AssociateSoftwareToken", &json!({"Session": session})).unwrap();
    (base32(response["SecretCode"].as_str().unwrap()), response["Session"].clone())
}

fn verify(session: &Value, code: &str) -> Value {
    json!({"Session": session, "UserCode": code})
}

/// Sets up an app as far as the answer to the challenge. Returns the challenge with the session of the answer.
fn verified(pool: &Direct, user: &str) -> Value {
    let mut asked = pool.prove(NOW, user);
    assert_eq!(asked["ChallengeName"], "MFA_SETUP");
    let (secret, session) = associate(pool, &asked["Session"]);
    let response = pool.call_at(NOW, "VerifySoftwareToken", &verify(&session, &totp(&secret, NOW))).unwrap();
    assert_eq!(response["Status"], "SUCCESS");
    asked["Session"] = response["Session"].clone();
    asked
}

#[test]
fn no_step_of_the_setup_can_be_left_out_or_done_twice() {
    let pool = Direct::of_file(FILE);
    let answer = |asked: &Value| pool.answer(NOW, asked, "alice", ("FRIENDLY_DEVICE_NAME", "phone"));
    let asked = pool.prove(NOW, "alice");
    assert_eq!(name_of(answer(&asked)), "NotAuthorizedException");
    let unasked = pool.call_at(NOW, "VerifySoftwareToken", &verify(&asked["Session"], "123456"));
    assert_eq!(name_of(unasked), "SoftwareTokenMFANotFoundException");
    let (secret, session) = associate(&pool, &asked["Session"]);
    let mut unverified = asked.clone();
    unverified["Session"] = session.clone();
    assert_eq!(name_of(answer(&unverified)), "NotAuthorizedException");
    let code = verify(&session, &totp(&secret, NOW));
    pool.call_at(NOW, "VerifySoftwareToken", &code).unwrap();
    assert_eq!(name_of(pool.call_at(NOW, "VerifySoftwareToken", &code)), "NotAuthorizedException");

    let verified = verified(&pool, "alice");
    for call in ["AssociateSoftwareToken", "VerifySoftwareToken"] {
        let body = verify(&verified["Session"], "123456");
        assert_eq!(name_of(pool.call_at(NOW, call, &body)), "NotAuthorizedException");
    }
    answer(&verified).unwrap();
    assert_eq!(name_of(answer(&verified)), "NotAuthorizedException");
}

#[test]
fn a_setup_belongs_to_its_user_its_client_and_its_time() {
    let pool = Direct::of_file(FILE);
    let verified = verified(&pool, "alice");
    let mut body = body_of(&verified, "alice", ("FRIENDLY_DEVICE_NAME", "phone"));
    let respond = |now, body: &Value| pool.call_at(now, "RespondToAuthChallenge", body);
    body["ChallengeResponses"]["USERNAME"] = "bob".into();
    assert_eq!(name_of(respond(NOW, &body)), "NotAuthorizedException");
    body["ChallengeResponses"]["USERNAME"] = "alice".into();
    body["ClientId"] = "phone".into();
    assert_eq!(name_of(respond(NOW, &body)), "NotAuthorizedException");
    body["ClientId"] = "web".into();
    assert_eq!(name_of(respond(NOW + 181, &body)), "NotAuthorizedException");
    respond(NOW, &body).unwrap();
}

#[test]
fn whoever_sets_up_an_app_first_keeps_it() {
    let pool = Direct::of_file(FILE);
    let (first, second) = (verified(&pool, "alice"), verified(&pool, "alice"));
    pool.answer(NOW, &first, "alice", ("FRIENDLY_DEVICE_NAME", "phone")).unwrap();
    let late = pool.answer(NOW, &second, "alice", ("FRIENDLY_DEVICE_NAME", "phone"));
    assert_eq!(name_of(late), "NotAuthorizedException");
    assert_eq!(pool.prove(NOW, "alice")["ChallengeName"], "SOFTWARE_TOKEN_MFA");
}

#[test]
fn codes_of_a_setup_are_tried_three_times_and_the_code_that_verified_is_used_up() {
    let pool = Direct::of_file(FILE);
    let asked = pool.prove(NOW, "bob");
    let (secret, session) = associate(&pool, &asked["Session"]);
    let tried = |code: &str| pool.call_at(NOW, "VerifySoftwareToken", &verify(&session, code));
    for _ in 0..3 {
        assert_eq!(name_of(tried(&not(&totp(&secret, NOW)))), "EnableSoftwareTokenMFAException");
    }
    assert_eq!(name_of(tried(&totp(&secret, NOW))), "NotAuthorizedException");

    let mut asked = pool.prove(NOW, "bob");
    let (secret, session) = associate(&pool, &asked["Session"]);
    let code = totp(&secret, NOW);
    let done = pool.call_at(NOW, "VerifySoftwareToken", &verify(&session, &code)).unwrap();
    asked["Session"] = done["Session"].clone();
    pool.answer(NOW, &asked, "bob", ("FRIENDLY_DEVICE_NAME", "phone")).unwrap();
    let asked = pool.prove(NOW, "bob");
    let replayed = pool.answer(NOW, &asked, "bob", ("SOFTWARE_TOKEN_MFA_CODE", &code));
    assert_eq!(name_of(replayed), "ExpiredCodeException");
}

#[test]
fn a_code_by_mail_begins_no_setup_and_a_pool_without_second_factors_has_none() {
    let pool = Direct::of_file(FILE);
    let parameters = json!({"USERNAME": "alice", "PREFERRED_CHALLENGE": "EMAIL_OTP"});
    let body = json!({"ClientId": "web", "AuthFlow": "USER_AUTH", "AuthParameters": parameters});
    assert_eq!(pool.call_at(NOW, "InitiateAuth", &body).unwrap()["ChallengeName"], "EMAIL_OTP");
    assert!(pool.outbox().is_empty());
    let session = || json!({"Session": "a".repeat(128), "UserCode": "123456"});
    let mut both = session();
    both["AccessToken"] = "a.b.c".into();
    for (pool, body, name) in [
        (&pool, json!({"AccessToken": "a.b.c", "UserCode": "123456"}), "NotAuthorizedException"),
        (&pool, session(), "NotAuthorizedException"),
        (&pool, json!({"UserCode": "123456"}), "InvalidParameterException"),
        (&pool, both, "InvalidParameterException"),
        (&Direct::new(&[]), session(), "SoftwareTokenMFANotFoundException"),
    ] {
        for call in ["AssociateSoftwareToken", "VerifySoftwareToken"] {
            assert_eq!(name_of(pool.call_at(NOW, call, &body)), name, "{call} {body}");
        }
    }
}

#[test]
fn the_crates_client_sets_up_an_address_and_signs_in_with_its_codes_from_then_on() {
    let site = Site::of_file(FILE);
    let code = || {
        let letters = site.get("/outbox").unwrap();
        let last = letters.as_array().unwrap().last().unwrap().clone();
        assert_eq!((&last["to"], &last["purpose"]), (&"bob@example.com".into(), &"EMAIL_OTP".into()));
        last["code"].as_str().unwrap().to_owned()
    };
    let show = |step: Step| {
        let Challenge::EmailOtp(asked) = challenge(step) else { panic!("another challenge") };
        assert_eq!(asked.destination(), Some("b***@e***"));
        let (sign_in, request) = asked.answer(&code()).unwrap();
        let Step::Done(signed_in) = site.go_on(sign_in, request).unwrap() else { panic!("no tokens") };
        let id = claims(signed_in.result().id_token().unwrap());
        assert_eq!((&id["email"], &id["email_verified"]), (&"bob@example.com".into(), &true.into()));
    };
    let (sign_in, request) = set_up(&site, "bob", Api::Public).answer_email("bob@example.com").unwrap();
    show(site.go_on(sign_in, request).unwrap());
    show(site.sign_in_until_asked(Api::Public, SignInFlow::UserSrp, credentials("bob", "Passw0rd!")).unwrap());
}

#[test]
fn an_address_becomes_a_factor_by_its_code_alone_and_never_in_place_of_another_factor() {
    let pool = Direct::of_file(FILE);
    let asked = pool.prove(NOW, "bob");
    for wrong in ["", "bob", "@example.com", "bob@"] {
        assert_eq!(name_of(pool.answer(NOW, &asked, "bob", ("EMAIL", wrong))), "InvalidParameterException", "{wrong}");
    }
    let long = format!("bob@{}", "e".repeat(2048));
    assert_eq!(name_of(pool.answer(NOW, &asked, "bob", ("EMAIL", &long))), "InvalidParameterException");
    assert!(pool.outbox().is_empty());
    // A wrong address may be corrected. Each code is good for its own address.
    let first = pool.answer(NOW, &asked, "bob", ("EMAIL", "bob@example.com")).unwrap();
    let of_first = pool.last_code();
    let second = pool.answer(NOW, &asked, "bob", ("EMAIL", "bob@example.org")).unwrap();
    assert_eq!(second["ChallengeName"], "EMAIL_OTP");
    assert_eq!(name_of(pool.answer(NOW, &second, "bob", ("EMAIL_OTP_CODE", &of_first))), "CodeMismatchException");
    assert_eq!(pool.prove(NOW, "bob")["ChallengeName"], "MFA_SETUP", "nothing is set up yet");
    pool.answer(NOW, &second, "bob", ("EMAIL_OTP_CODE", &pool.last_code())).unwrap();
    assert_eq!(name_of(pool.answer(NOW, &first, "bob", ("EMAIL_OTP_CODE", &of_first))), "NotAuthorizedException");
    let asked = pool.prove(NOW, "bob");
    assert_eq!(
        (&asked["ChallengeName"], pool.outbox().last().unwrap()["to"].as_str()),
        (&"EMAIL_OTP".into(), Some("bob@example.org"))
    );
}
