//! Several clients of one pool: what is issued to one is nothing to another.

use cognito_srp6a::idp::{Api, ServiceErrorName, SignIn, SignInFlow, Step};
use cognito_srp6a::{AppClient, ClientSecret, Timestamp};
use serde_json::{Value, json};

use crate::access_token;
use crate::client::{Direct, Site, credentials, refusal};

const SECRETS: [&str; 2] = ["0first0secret0of0the0client00000000", "0other0secret0of0the0client00000000"];

fn site() -> Site {
    Site::of_file(&format!(
        r#"
custom_answer = "42"
[[client]]
id = "web"
[[client]]
id = "phone"
[[client]]
id = "server"
secrets = {SECRETS:?}
flows = ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
[[user]]
name = "alice"
password = "Passw0rd!"
"#
    ))
}

/// The refusal of a call.
fn refused(site: &Site, operation: &str, body: &Value) -> ServiceErrorName {
    site.call(operation, body).unwrap().expect_err("it was refused").name().clone()
}

#[test]
fn a_session_goes_on_with_the_client_that_began_it() {
    let site = site();
    let begin = json!({"ClientId": "web", "AuthFlow": "CUSTOM_AUTH", "AuthParameters": {"USERNAME": "alice"}});
    let asked = site.call("InitiateAuth", &begin).unwrap().unwrap();
    let mut answer = json!({"ClientId": "phone", "ChallengeName": "CUSTOM_CHALLENGE", "Session": asked["Session"],
        "ChallengeResponses": {"USERNAME": "alice", "ANSWER": "42"}});
    assert_eq!(refused(&site, "RespondToAuthChallenge", &answer), ServiceErrorName::NotAuthorized);
    answer["ClientId"] = "web".into();
    site.call("RespondToAuthChallenge", &answer).unwrap().unwrap();
    // A client that does not exist.
    answer["ClientId"] = "desk".into();
    assert_eq!(refused(&site, "RespondToAuthChallenge", &answer), ServiceErrorName::ResourceNotFound);
}

#[test]
fn a_proof_for_one_client_signs_nobody_in_with_another() {
    let site = site();
    let (sign_in, request) =
        SignIn::builder(&site.app, Api::Public, SignInFlow::UserSrp, credentials("alice", "Passw0rd!"))
            .start()
            .unwrap();
    let response = site.send(&request).unwrap();
    let Ok(Step::Send(_, request)) = sign_in.advance(response, Timestamp::now().unwrap()) else { panic!() };
    let mut body: Value = serde_json::from_slice(&request.to_json()).unwrap();
    body["ClientId"] = "phone".into();
    assert_eq!(refused(&site, "RespondToAuthChallenge", &body), ServiceErrorName::NotAuthorized);
    body["ClientId"] = "web".into();
    site.call("RespondToAuthChallenge", &body).unwrap().unwrap();
}

#[test]
fn tokens_are_refreshed_and_revoked_by_their_client_alone() {
    let site = site();
    let signed_in = site.sign_in(Api::Public, SignInFlow::UserSrp, credentials("alice", "Passw0rd!")).unwrap();
    let token = signed_in.result().refresh_token().unwrap();
    let refresh = |client: &str| {
        let parameters = json!({"REFRESH_TOKEN": token});
        json!({"ClientId": client, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": parameters})
    };
    let get = |client: &str| json!({"ClientId": client, "RefreshToken": token});
    let revoke = |client: &str| json!({"ClientId": client, "Token": token});
    assert_eq!(refused(&site, "InitiateAuth", &refresh("phone")), ServiceErrorName::NotAuthorized);
    assert_eq!(refused(&site, "GetTokensFromRefreshToken", &get("phone")), ServiceErrorName::NotAuthorized);
    // Nothing is revoked.
    assert_eq!(refused(&site, "RevokeToken", &revoke("phone")).as_str(), "UnauthorizedException");
    for (operation, body) in [("InitiateAuth", refresh("web")), ("GetTokensFromRefreshToken", get("web"))] {
        let tokens = site.call(operation, &body).unwrap().unwrap();
        let new = tokens["AuthenticationResult"]["AccessToken"].as_str().unwrap();
        assert_eq!(crate::claims(new)["client_id"], "web");
        site.call("GetUser", &json!({"AccessToken": new})).unwrap().unwrap();
    }
    site.call("RevokeToken", &revoke("web")).unwrap().unwrap();
    assert_eq!(refused(&site, "InitiateAuth", &refresh("web")), ServiceErrorName::NotAuthorized);
    let body = json!({"AccessToken": access_token(&signed_in)});
    assert_eq!(refused(&site, "GetUser", &body), ServiceErrorName::NotAuthorized);
}

#[test]
fn either_of_two_secrets_signs_in_and_refreshes_and_no_third_does() {
    let mut site = site();
    let app = || AppClient::new(site.app.pool_id().clone(), "server").unwrap();
    let with = |secret: &str| app().with_secret(ClientSecret::new(secret).unwrap());
    let (first, other, wrong) = (with(SECRETS[0]), with(SECRETS[1]), with("0wrong0secret0of0the0client00000000"));
    let none = app();
    for app in [first, other] {
        site.app = app;
        for flow in [SignInFlow::UserSrp, SignInFlow::UserPassword] {
            let signed_in = site.sign_in(Api::Public, flow, credentials("alice", "Passw0rd!")).unwrap();
            site.refresh(signed_in.result().refresh_token().unwrap(), None).unwrap();
        }
    }
    for app in [wrong, none] {
        site.app = app;
        let refused = refusal(site.sign_in(Api::Public, SignInFlow::UserSrp, credentials("alice", "Passw0rd!")));
        assert_eq!(*refused.name(), ServiceErrorName::NotAuthorized);
    }
}

#[test]
fn a_client_uses_the_flows_that_it_may_use_and_no_others() {
    let flows = [
        ("ALLOW_USER_SRP_AUTH", "InitiateAuth", "USER_SRP_AUTH"),
        ("ALLOW_USER_AUTH", "InitiateAuth", "USER_AUTH"),
        ("ALLOW_CUSTOM_AUTH", "InitiateAuth", "CUSTOM_AUTH"),
        ("ALLOW_USER_PASSWORD_AUTH", "InitiateAuth", "USER_PASSWORD_AUTH"),
        ("ALLOW_ADMIN_USER_PASSWORD_AUTH", "AdminInitiateAuth", "ADMIN_USER_PASSWORD_AUTH"),
        ("ALLOW_ADMIN_USER_PASSWORD_AUTH", "AdminInitiateAuth", "ADMIN_NO_SRP_AUTH"),
        ("ALLOW_REFRESH_TOKEN_AUTH", "InitiateAuth", "REFRESH_TOKEN_AUTH"),
        ("ALLOW_REFRESH_TOKEN_AUTH", "InitiateAuth", "REFRESH_TOKEN"),
    ];
    let default = ["ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"];
    let lists = flows.iter().map(|(allowed, ..)| vec![*allowed]).chain([vec![]]);
    let lists = lists.map(|list| (format!("flows = {list:?}"), list));
    for (line, allowed) in lists.chain([(String::new(), default.to_vec())]) {
        let user = "[[user]]\nname = \"alice\"\npassword = \"Passw0rd!\"\n";
        let pool = Direct::of_file(&format!("custom_answer = \"42\"\n[[client]]\nid = \"web\"\n{line}\n{user}"));
        for (flow, operation, name) in flows {
            let parameters =
                json!({"USERNAME": "alice", "PASSWORD": "Passw0rd!", "SRP_A": "ff", "REFRESH_TOKEN": "a.0.b"});
            let mut body = json!({"ClientId": "web", "AuthFlow": name, "AuthParameters": parameters});
            if operation.starts_with("Admin") {
                body["UserPoolId"] = "us-east-1_LocalPool".into();
            }
            let error = pool.call_at(1_800_000_000, operation, &body).err().map(|error| error.to_string());
            let expected = if !allowed.contains(&flow) {
                Some(format!("InvalidParameterException: {name} flow not enabled for this client"))
            } else if name.starts_with("REFRESH") {
                Some("NotAuthorizedException: Invalid Refresh Token.".to_owned())
            } else {
                None
            };
            assert_eq!(error, expected, "{line} {name}");
        }
    }
}
