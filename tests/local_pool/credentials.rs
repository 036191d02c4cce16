//! What opens an account, and until when.

use cognito_srp6a::idp::{Api, SignInFlow};
use serde_json::json;

use crate::claims;
use crate::client::{PASSWORD, Site, credentials};

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
