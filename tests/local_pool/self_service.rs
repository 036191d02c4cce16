//! What signed-in users do for themselves: a new app, the factors that are on, a verified address.

use cognito_srp6a::idp::ServiceError;
use serde_json::{Value, json};

use crate::client::Direct;
use crate::factors::{FILE, NOW, name_of, not, totp};
use crate::setup::base32;

/// Signs `bob` in, who has no second factor. Returns the access token.
fn bob(pool: &Direct, now: i64) -> Value {
    pool.prove(now, "bob")["AuthenticationResult"]["AccessToken"].clone()
}

fn associate(pool: &Direct, token: &Value) -> Vec<u8> {
    let response = pool.call_at(NOW, "AssociateSoftwareToken", &json!({"AccessToken": token})).unwrap();
    assert!(response["Session"].is_null());
    base32(response["SecretCode"].as_str().unwrap())
}

fn verify(pool: &Direct, token: &Value, code: &str) -> Result<Value, ServiceError> {
    pool.call_at(NOW, "VerifySoftwareToken", &json!({"AccessToken": token, "UserCode": code}))
}

fn prefer(pool: &Direct, token: &Value, mut settings: Value) -> Result<Value, ServiceError> {
    settings["AccessToken"] = token.clone();
    pool.call_at(NOW, "SetUserMFAPreference", &settings)
}

#[test]
fn a_signed_in_user_sets_up_an_app_and_turns_it_on_and_off() {
    let pool = Direct::of_file(FILE);
    let token = bob(&pool, NOW);
    assert_eq!(name_of(verify(&pool, &token, "123456")), "SoftwareTokenMFANotFoundException");
    let on = || json!({"SoftwareTokenMfaSettings": {"Enabled": true, "PreferredMfa": true}});
    let (replaced, secret) = (associate(&pool, &token), associate(&pool, &token));
    assert_eq!(name_of(verify(&pool, &token, &totp(&replaced, NOW))), "EnableSoftwareTokenMFAException");
    assert_eq!(name_of(prefer(&pool, &token, on())), "InvalidParameterException", "it is not verified yet");
    assert_eq!(verify(&pool, &token, &totp(&secret, NOW)).unwrap(), json!({"Status": "SUCCESS"}));
    assert_eq!(name_of(verify(&pool, &token, &totp(&secret, NOW + 30))), "SoftwareTokenMFANotFoundException");
    bob(&pool, NOW);

    prefer(&pool, &token, on()).unwrap();
    let user = pool.call_at(NOW, "GetUser", &json!({"AccessToken": token})).unwrap();
    assert_eq!(user["UserMFASettingList"], json!(["SOFTWARE_TOKEN_MFA"]));
    assert_eq!(user["PreferredMfaSetting"], "SOFTWARE_TOKEN_MFA");
    let asked = pool.prove(NOW, "bob");
    assert_eq!(asked["ChallengeName"], "SOFTWARE_TOKEN_MFA");
    let used = pool.answer(NOW, &asked, "bob", ("SOFTWARE_TOKEN_MFA_CODE", &totp(&secret, NOW)));
    assert_eq!(name_of(used), "ExpiredCodeException");
    pool.answer(NOW, &asked, "bob", ("SOFTWARE_TOKEN_MFA_CODE", &totp(&secret, NOW + 30))).unwrap();

    prefer(&pool, &token, json!({"SoftwareTokenMfaSettings": {"Enabled": false}})).unwrap();
    let user = pool.call_at(NOW, "GetUser", &json!({"AccessToken": bob(&pool, NOW)})).unwrap();
    assert!(user["UserMFASettingList"].is_null() && user["PreferredMfaSetting"].is_null(), "{user}");
}

#[test]
fn codes_of_a_new_app_are_tried_three_times_and_a_sign_out_forgets_the_app() {
    let pool = Direct::of_file(FILE);
    let token = bob(&pool, NOW);
    let secret = associate(&pool, &token);
    for _ in 0..3 {
        let wrong = verify(&pool, &token, &not(&totp(&secret, NOW)));
        assert_eq!(name_of(wrong), "EnableSoftwareTokenMFAException");
    }
    assert_eq!(name_of(verify(&pool, &token, &totp(&secret, NOW))), "NotAuthorizedException");
    for _ in 0..4 {
        let secret = associate(&pool, &token);
        for _ in 0..3 {
            verify(&pool, &token, &not(&totp(&secret, NOW))).unwrap_err();
        }
    }
    let secret = associate(&pool, &token);
    assert_eq!(name_of(verify(&pool, &token, &totp(&secret, NOW))), "LimitExceededException");

    let pool = Direct::of_file(FILE);
    let token = bob(&pool, NOW);
    let secret = associate(&pool, &token);
    pool.call_at(NOW, "GlobalSignOut", &json!({"AccessToken": token})).unwrap();
    assert_eq!(name_of(verify(&pool, &token, &totp(&secret, NOW))), "NotAuthorizedException");
    let refused = verify(&pool, &bob(&pool, NOW), &totp(&secret, NOW));
    assert_eq!(name_of(refused), "SoftwareTokenMFANotFoundException");
}

#[test]
fn a_preference_takes_effect_at_the_next_sign_in_and_names_what_the_user_has() {
    let pool = Direct::of_file(FILE);
    let set = |settings: Value| {
        let mut body = settings;
        (body["UserPoolId"], body["Username"]) = ("us-east-1_LocalPool".into(), "al".into());
        pool.call_at(NOW, "AdminSetUserMFAPreference", &body)
    };
    let on = |preferred: bool| json!({"Enabled": true, "PreferredMfa": preferred});
    let begun = pool.prove(NOW, "alice");
    assert_eq!(begun["ChallengeName"], "SELECT_MFA_TYPE");
    set(json!({"SMSMfaSettings": on(true)})).unwrap();
    let asked = pool.answer(NOW, &begun, "alice", ("ANSWER", "EMAIL_OTP")).unwrap();
    pool.answer(NOW, &asked, "alice", ("EMAIL_OTP_CODE", &pool.last_code())).unwrap();
    assert_eq!(pool.prove(NOW, "alice")["ChallengeName"], "SMS_MFA");
    // Another preference takes its place; the same factor without one ends it.
    set(json!({"EmailMfaSettings": on(true)})).unwrap();
    assert_eq!(pool.prove(NOW, "alice")["ChallengeName"], "EMAIL_OTP");
    set(json!({"EmailMfaSettings": on(false)})).unwrap();
    assert_eq!(pool.prove(NOW, "alice")["ChallengeName"], "SELECT_MFA_TYPE");
    set(json!({"EmailMfaSettings": {"Enabled": false}, "SMSMfaSettings": {}})).unwrap();
    assert_eq!(pool.prove(NOW, "alice")["ChallengeName"], "SOFTWARE_TOKEN_MFA");
    let user = json!({"UserPoolId": "us-east-1_LocalPool", "Username": "alice"});
    let user = pool.call_at(NOW, "AdminGetUser", &user).unwrap();
    assert_eq!(user["UserMFASettingList"], json!(["SOFTWARE_TOKEN_MFA"]));

    let token = bob(&pool, NOW);
    for wrong in [
        json!({"SMSMfaSettings": on(false)}),
        json!({"SoftwareTokenMfaSettings": on(false)}),
        json!({"EmailMfaSettings": {"Enabled": false, "PreferredMfa": true}}),
        json!({"EmailMfaSettings": on(true), "SMSMfaSettings": {"PreferredMfa": true}}),
        json!({"WebAuthnMfaSettings": {"Enabled": true}}),
    ] {
        assert_eq!(name_of(prefer(&pool, &token, wrong.clone())), "InvalidParameterException", "{wrong}");
    }
    assert_eq!(pool.prove(NOW, "bob")["ChallengeName"], Value::Null, "a refused preference changes nothing");
    assert_eq!(name_of(prefer(&pool, &"a.b.c".into(), json!({}))), "NotAuthorizedException");
    let unknown = json!({"UserPoolId": "us-east-1_LocalPool", "Username": "nobody"});
    assert_eq!(name_of(pool.call_at(NOW, "AdminSetUserMFAPreference", &unknown)), "UserNotFoundException");
    let off = Direct::of_file(&FILE.replace("\"optional\"", "\"off\""));
    let refused = prefer(&off, &bob(&off, NOW), json!({"EmailMfaSettings": on(true)}));
    assert_eq!(name_of(refused), "InvalidParameterException");
}

/// `frank` with another address, which nobody has verified. Returns the access token.
fn frank_moves(pool: &Direct) -> Value {
    let parameters = json!({"USERNAME": "frank", "PASSWORD": "Temp0rary!"});
    let body = json!({"ClientId": "web", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters});
    let asked = pool.call_at(NOW, "InitiateAuth", &body).unwrap();
    let responses =
        json!({"USERNAME": "frank", "NEW_PASSWORD": "Perm4nent!", "userAttributes.email": "frank@example.org"});
    let body = json!({"ClientId": "web", "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": asked["Session"],
        "ChallengeResponses": responses});
    pool.call_at(NOW, "RespondToAuthChallenge", &body).unwrap()["AuthenticationResult"]["AccessToken"].clone()
}

#[test]
fn an_address_that_a_user_changes_is_verified_by_a_code() {
    // Without a second factor, so that the sign-in ends with the new address.
    let file = FILE.replace("mfa = [\"EMAIL_OTP\"]", "");
    let ask = |pool: &Direct, now, token: &Value, name: &str| {
        pool.call_at(now, "GetUserAttributeVerificationCode", &json!({"AccessToken": token, "AttributeName": name}))
    };
    let show = |pool: &Direct, now, token: &Value, code: &str| {
        let body = json!({"AccessToken": token, "AttributeName": "email", "Code": code});
        pool.call_at(now, "VerifyUserAttribute", &body)
    };
    let is_verified = |pool: &Direct, token: &Value| {
        let user = pool.call_at(NOW, "GetUser", &json!({"AccessToken": token})).unwrap();
        user["UserAttributes"].as_array().unwrap().contains(&json!({"Name": "email_verified", "Value": "true"}))
    };
    let pool = Direct::of_file(&file);
    let token = frank_moves(&pool);
    assert!(!is_verified(&pool, &token));
    assert_eq!(name_of(show(&pool, NOW, &token, "123456")), "ExpiredCodeException");
    for name in ["phone_number", "name", ""] {
        assert_eq!(name_of(ask(&pool, NOW, &token, name)), "InvalidParameterException", "{name}");
    }
    let sent = ask(&pool, NOW, &token, "email").unwrap();
    let details = json!({"AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": "f***@e***"});
    assert_eq!(sent["CodeDeliveryDetails"], details);
    let (letter, code) = (pool.outbox().pop().unwrap(), pool.last_code());
    assert_eq!((&letter["to"], &letter["purpose"]), (&"frank@example.org".into(), &"VerifyUserAttribute".into()));
    assert_eq!(name_of(show(&pool, NOW + 181, &token, &code)), "ExpiredCodeException");
    assert_eq!(name_of(show(&pool, NOW, &bob(&pool, NOW), &code)), "ExpiredCodeException", "another user's");
    assert_eq!(name_of(show(&pool, NOW, &token, &not(&code))), "CodeMismatchException");
    show(&pool, NOW, &token, &code).unwrap();
    assert!(is_verified(&pool, &token));
    assert_eq!(name_of(show(&pool, NOW, &token, &code)), "ExpiredCodeException", "a code is good once");

    let pool = Direct::of_file(&file);
    let token = frank_moves(&pool);
    ask(&pool, NOW, &token, "email").unwrap();
    let replaced = pool.last_code();
    ask(&pool, NOW, &token, "email").unwrap();
    let code = pool.last_code();
    for wrong in [&replaced, &not(&code), &not(&code)] {
        assert_eq!(name_of(show(&pool, NOW, &token, wrong)), "CodeMismatchException");
    }
    assert_eq!(name_of(show(&pool, NOW, &token, &code)), "NotAuthorizedException");
    assert!(!is_verified(&pool, &token));
}
