//! What opens an account, and until when.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognito_srp6a::idp::{Api, SignInFlow};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

use crate::claims;
use crate::client::{PASSWORD, Site, alice, credentials};

/// The pool's key, which is public, so that a test can sign what the pool would not.
const SIGNING_KEY: &[u8] = include_bytes!("../../examples/local_pool/pool/signing_key.der");

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
    let site = Site::start(&[]);
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
        ("username", vec![Value::Null]),
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
    let site = Site::start(&["--user", "frank:Temp0rary!", "--force-new-password", "frank"]);
    let attributes = |value: &str| {
        json!([{"Name": "email_verified", "Value": value}, {"Name": "phone_number_verified", "Value": "false"},
            {"Name": "name", "Value": "true"}])
    };
    for name in ["email_verified", "phone_number_verified"] {
        let body = json!({"ClientId": "localpoolclient", "Username": "mallory", "Password": PASSWORD,
            "UserAttributes": [{"Name": name, "Value": "true"}]});
        let error = site.call("SignUp", &body).unwrap().unwrap_err();
        assert_eq!(error.name().as_str(), "NotAuthorizedException");

        let start = json!({"ClientId": "localpoolclient", "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": "frank", "PASSWORD": "Temp0rary!"}});
        let asked = site.call("InitiateAuth", &start).unwrap().unwrap();
        let mut responses = json!({"USERNAME": "frank", "NEW_PASSWORD": PASSWORD});
        responses[format!("userAttributes.{name}")] = "true".into();
        let body = json!({"ClientId": "localpoolclient", "ChallengeName": "NEW_PASSWORD_REQUIRED",
            "Session": asked["Session"], "ChallengeResponses": responses});
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
    let permanent = json!({"UserPoolId": "us-east-1_LocalPool", "Username": "grace", "Password": PASSWORD,
        "Permanent": true});
    site.call("AdminSetUserPassword", &permanent).unwrap().unwrap();
    let signed_in = site.sign_in(Api::Public, SignInFlow::UserSrp, credentials("grace", PASSWORD)).unwrap();
    let id = claims(signed_in.result().id_token().unwrap());
    assert_eq!(id["email_verified"], true);
    assert_eq!(id["phone_number_verified"], false);
    assert_eq!(id["name"], "true", "an attribute that is a text stays one");
}
