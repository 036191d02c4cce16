//! What opens an account, and until when.

use std::sync::Barrier;
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognito_srp6a::idp::{Api, Challenge, Credentials, Request, SignIn, SignInFlow, SignedIn, Step};
use cognito_srp6a::{DeviceCredentials, Timestamp};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

use crate::claims;
use crate::client::{Direct, PASSWORD, Site, TEMPORARY, alice, challenge, credentials, refusal};
use crate::common::pass;

/// The pool's key, which is public, so that a test can sign what the pool would not.
const SIGNING_KEY: &[u8] = include_bytes!("../../examples/local_pool/src/pool/signing_key.der");

/// Signs claims as the pool does.
fn token(claims: &Value) -> String {
    let header = json!({"alg": "RS256", "kid": "local-pool-for-tests"});
    let message = [&header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
    let key = RsaKeyPair::from_der(SIGNING_KEY).unwrap();
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[test]
fn an_access_token_is_of_this_pool_this_client_and_this_time() {
    let site = Site::start(&["--user", "bob:Passw0rd!"]);
    let signed_in = site.sign_in(Api::Public, SignInFlow::UserSrp, alice()).unwrap();
    let good = claims(signed_in.result().access_token().unwrap());
    let user = |claims: &Value| site.call("GetUser", &json!({"AccessToken": token(claims)})).unwrap();
    assert_eq!(user(&good).unwrap()["Username"], "alice");
    let now = good["iat"].as_i64().unwrap();
    let issuer = &good["iss"];
    let bad = [
        ("iss", vec![Value::Null, json!("https://other.example"), json!([issuer]), json!([])]),
        ("client_id", vec![Value::Null, json!("other"), json!(["localpoolclient"])]),
        ("token_use", vec![Value::Null, json!("id"), json!(["access"])]),
        ("nbf", vec![json!(now + 100), json!("soon")]),
        ("iat", vec![Value::Null, json!(now + 100)]),
        ("exp", vec![Value::Null, json!(now - 1), json!("never")]),
        ("origin_jti", vec![Value::Null, json!("00000000-0000-4000-8000-000000000000")]),
        ("username", vec![Value::Null, json!("nobody"), json!("bob")]),
    ];
    for (name, value) in bad.into_iter().flat_map(|(name, values)| values.into_iter().map(move |value| (name, value))) {
        let mut claims = good.clone();
        match &value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value.clone(),
        }
        let error = user(&claims).expect_err(&format!("{name} as {value} is accepted"));
        assert_eq!(error.name().as_str(), "NotAuthorizedException", "{name} as {value}");
    }
}

#[test]
fn only_an_administrator_says_that_an_address_is_verified() {
    let site = Site::start_with_frank(&[]);
    let attributes = |value: &str| {
        json!([{"Name": "email_verified", "Value": value}, {"Name": "phone_number_verified", "Value": "false"},
            {"Name": "name", "Value": "true"}])
    };
    for name in ["email_verified", "phone_number_verified"] {
        let body = json!({"ClientId": "localpoolclient", "Username": "mallory", "Password": PASSWORD,
            "UserAttributes": [{"Name": name, "Value": "true"}]});
        let error = site.call("SignUp", &body).unwrap().unwrap_err();
        assert_eq!(error.name().as_str(), "NotAuthorizedException");

        let body = site.new_password_of_frank(PASSWORD, &[(name.to_owned(), "true".to_owned())]);
        let error = site.call("RespondToAuthChallenge", &body).unwrap().unwrap_err();
        assert_eq!(error.name().as_str(), "NotAuthorizedException");
    }

    let create = |value: &str| {
        site.call(
            "AdminCreateUser",
            &json!({"UserPoolId": "us-east-1_LocalPool", "Username": "grace", "TemporaryPassword": PASSWORD,
                "UserAttributes": attributes(value)}),
        )
    };
    assert_eq!(create("perhaps").unwrap().unwrap_err().name().as_str(), "InvalidParameterException");
    create("True").unwrap().unwrap();
    reset(&site, "grace", PASSWORD, true);
    let signed_in = site.sign_in(Api::Public, SignInFlow::UserSrp, credentials("grace", PASSWORD)).unwrap();
    let id = claims(signed_in.result().id_token().unwrap());
    assert_eq!(id["email_verified"], true);
    assert_eq!(id["phone_number_verified"], false);
    assert_eq!(id["name"], "true", "an attribute that is a text stays one");
}

fn body(request: &Request) -> Value {
    serde_json::from_slice(&request.to_json()).unwrap()
}

fn without_session(body: &Value) -> Value {
    let mut body = body.clone();
    body.as_object_mut().unwrap().remove("Session").expect("it had one");
    body
}

/// The request that is due after some answers of the pool's.
fn due(site: &Site, flow: SignInFlow, credentials: Credentials, answers: usize) -> Value {
    let (mut sign_in, mut request) = SignIn::builder(&site.app, Api::Public, flow, credentials).start().unwrap();
    for _ in 0..answers {
        let response = site.send(&request).unwrap();
        let Step::Send(next, due) = sign_in.advance(response, Timestamp::now().unwrap()).unwrap() else {
            panic!("nothing is due")
        };
        (sign_in, request) = (next, due);
    }
    body(&request)
}

fn answer(site: &Site, body: &Value) -> Result<Value, String> {
    site.call("RespondToAuthChallenge", body).unwrap().map_err(|error| error.name().to_string())
}

/// A sign-in, and the device that it has confirmed.
fn with_device(site: &Site) -> (SignedIn, DeviceCredentials) {
    let signed_in = site.sign_in(Api::Public, SignInFlow::UserSrp, alice()).unwrap();
    let device = site.confirm_device(&signed_in).unwrap();
    (signed_in, device)
}

fn reset(site: &Site, name: &str, password: &str, permanent: bool) {
    let body = json!({"UserPoolId": "us-east-1_LocalPool", "Username": name, "Password": password,
        "Permanent": permanent});
    site.call("AdminSetUserPassword", &body).unwrap().unwrap();
}

#[test]
fn a_reset_and_a_sign_out_everywhere_end_whatever_was_issued_before() {
    for sign_out in [false, true] {
        let site = Site::start(&["--devices", "--custom-answer", "swordfish", "--user", "bob:Passw0rd!"]);
        let of_bob = site.sign_in(Api::Public, SignInFlow::UserSrp, credentials("bob", "Passw0rd!")).unwrap();
        // Each with a device of its own, so that one does not take the place of another.
        let device = |flow, answers| due(&site, flow, alice().with_device(with_device(&site).1), answers);
        let claim = device(SignInFlow::UserSrp, 1);
        let kept = [
            claim.clone(),
            device(SignInFlow::User(None), 2),
            device(SignInFlow::UserPassword, 1),
            without_session(&device(SignInFlow::UserSrp, 2)),
            device(SignInFlow::UserSrp, 3),
            without_session(&device(SignInFlow::UserSrp, 3)),
        ];
        let custom = |flow| {
            let step = site.sign_in_until_asked(Api::Public, flow, alice()).unwrap();
            let Challenge::Custom(asked) = challenge(step) else { panic!("another challenge") };
            body(&asked.answer("swordfish").unwrap().1)
        };
        let kept = kept.into_iter().chain([custom(SignInFlow::CustomSrp), custom(SignInFlow::Custom)]);
        let (bound, device) = with_device(&site);
        let unbound = site.sign_in(Api::Public, SignInFlow::UserSrp, alice()).unwrap();
        let access_token = unbound.result().access_token().unwrap();

        let password = if sign_out {
            site.call("GlobalSignOut", &json!({"AccessToken": access_token})).unwrap().unwrap();
            PASSWORD
        } else {
            reset(&site, "alice", "An0ther:one", true);
            "An0ther:one"
        };
        for body in kept {
            let refused = answer(&site, &body).expect_err(&format!("{} is accepted", body["ChallengeName"]));
            assert_eq!(refused, "NotAuthorizedException");
        }
        for (signed_in, key) in [(&bound, Some(device.device().key())), (&unbound, None)] {
            let token = signed_in.result().refresh_token().unwrap();
            let refused = refusal(site.refresh(token, key));
            assert_eq!(refused.message(), "Invalid Refresh Token.");
        }
        for operation in ["GetUser", "ListDevices", "GlobalSignOut"] {
            let refused = site.call(operation, &json!({"AccessToken": access_token})).unwrap().unwrap_err();
            assert_eq!(refused.message(), "Access Token has been revoked", "{operation}");
        }
        let confirmed = site.confirm_device(&unbound);
        assert!(confirmed.is_err(), "a device is confirmed");

        // Whoever proves the password goes on, with a device of before; and nobody else has lost anything.
        let signed_in =
            site.sign_in(Api::Public, SignInFlow::UserSrp, credentials("alice", password).with_device(device));
        site.call("GetUser", &json!({"AccessToken": signed_in.unwrap().result().access_token()})).unwrap().unwrap();
        site.refresh(of_bob.result().refresh_token().unwrap(), None).unwrap();
    }
}

#[test]
fn a_temporary_password_that_was_replaced_sets_no_password() {
    let site = Site::start_with_frank(&[]);
    let asked = |password: &str, new: &str| {
        let frank = credentials("frank", password);
        let step = site.sign_in_until_asked(Api::Public, SignInFlow::UserSrp, frank).unwrap();
        let Challenge::NewPasswordRequired(asked) = challenge(step) else { panic!("another challenge") };
        body(&asked.answer(&pass(new), &[]).unwrap().1)
    };
    for permanent in [true, false] {
        let before = asked(TEMPORARY, "Mall0rys!");
        reset(&site, "frank", "Fr4nks:own", permanent);
        assert_eq!(answer(&site, &before).unwrap_err(), "NotAuthorizedException");
        refusal(site.sign_in_until_asked(Api::Public, SignInFlow::UserSrp, credentials("frank", "Mall0rys!")));
        reset(&site, "frank", TEMPORARY, false);
    }
}

#[test]
fn a_reset_has_the_last_word_when_the_user_sets_a_password_at_the_same_time() {
    let pool = Direct::new(&["--user", "frank:Temp0rary!", "--force-new-password", "frank"]);
    let sign_in = |password: &str| {
        let body = json!({"ClientId": "localpoolclient", "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": "frank", "PASSWORD": password}});
        pool.call("InitiateAuth", &body.to_string()).map(|answer| serde_json::from_slice::<Value>(&answer).unwrap())
    };
    let mut temporary = "Temp0rary!".to_owned();
    for round in 0..60 {
        let asked = sign_in(&temporary).unwrap();
        let answer = json!({"ClientId": "localpoolclient", "ChallengeName": "NEW_PASSWORD_REQUIRED",
            "Session": asked["Session"], "ChallengeResponses": {"USERNAME": "frank", "NEW_PASSWORD": "Mall0rys!"}});
        temporary = format!("Temp0rary!{round}");
        let reset = json!({"UserPoolId": "us-east-1_LocalPool", "Username": "frank", "Password": temporary});
        let together = Barrier::new(2);
        thread::scope(|scope| {
            scope.spawn(|| {
                together.wait();
                pool.call("RespondToAuthChallenge", &answer.to_string()).is_ok()
            });
            together.wait();
            pool.call("AdminSetUserPassword", &reset.to_string()).unwrap();
        });
        assert!(sign_in("Mall0rys!").is_err(), "round {round}");
        sign_in(&temporary).unwrap();
    }
}

#[test]
fn a_proved_password_is_good_for_one_proof_of_the_device() {
    let site = Site::start(&["--devices"]);
    let device = with_device(&site).1;
    let copy = || DeviceCredentials::from_parts(device.device().clone(), pass(device.expose_password()));
    let proof = due(&site, SignInFlow::UserSrp, alice().with_device(copy()), 3);
    for bodies in [[without_session(&proof), proof.clone()], {
        let proof = due(&site, SignInFlow::UserSrp, alice().with_device(copy()), 3);
        [proof.clone(), without_session(&proof)]
    }] {
        answer(&site, &bodies[0]).unwrap();
        for body in &bodies {
            assert_eq!(answer(&site, body).unwrap_err(), "NotAuthorizedException", "a second time");
        }
    }
    // Nor does it begin two.
    let start = due(&site, SignInFlow::UserSrp, alice().with_device(copy()), 2);
    answer(&site, &without_session(&start)).unwrap();
    for body in [&start, &without_session(&start)] {
        assert_eq!(answer(&site, body).unwrap_err(), "NotAuthorizedException", "a second beginning");
    }
    // Of many answers at a time one succeeds.
    let proof = due(&site, SignInFlow::UserSrp, alice().with_device(copy()), 3);
    let good = thread::scope(|scope| {
        let answers: Vec<_> = (0..8).map(|_| scope.spawn(|| answer(&site, &proof).is_ok())).collect();
        answers.into_iter().map(|answer| u32::from(answer.join().unwrap())).sum::<u32>()
    });
    assert_eq!(good, 1);
}

#[test]
fn a_refresh_token_goes_with_the_device_that_it_is_bound_to() {
    let site = Site::start(&["--devices"]);
    let (first, device) = with_device(&site);
    let key = device.device().key().clone();
    let later = site.sign_in(Api::Public, SignInFlow::UserSrp, alice().with_device(device)).unwrap();
    let bodies = json!({"AccessToken": first.result().access_token(), "DeviceKey": key.as_str()});
    site.call("ForgetDevice", &bodies).unwrap().unwrap();
    let gone = |signed_in: &SignedIn| {
        let token = signed_in.result().refresh_token().unwrap();
        for key in [None, Some(&key)] {
            let refused = refusal(site.refresh(token, key));
            assert_eq!(refused.message(), "Invalid Refresh Token.", "with {key:?}");
        }
    };
    gone(&first);
    gone(&later);
    // Nor does the device come back by the token that it was offered with.
    assert!(site.confirm_device(&first).is_err());
    gone(&first);
}

#[test]
fn an_access_token_ends_with_the_refresh_token_that_is_revoked() {
    let site = Site::start(&[]);
    let signed_in = site.sign_in(Api::Public, SignInFlow::UserSrp, alice()).unwrap();
    let body = json!({"AccessToken": signed_in.result().access_token()});
    let revoke = |token: &str| {
        site.call("RevokeToken", &json!({"ClientId": "localpoolclient", "Token": token})).unwrap().unwrap();
    };
    let token = signed_in.result().refresh_token().unwrap();
    let (name, _) = token.split_once('.').unwrap();
    revoke(&format!("{name}.{}", "0".repeat(64)));
    site.call("GetUser", &body).unwrap().unwrap();
    revoke(token);
    let refused = site.call("GetUser", &body).unwrap().unwrap_err();
    assert_eq!(refused.message(), "Access Token has been revoked");
}
