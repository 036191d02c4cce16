//! `SignUp` and its confirmation: codes right, wrong, replayed and expired, and the session that signs in.

use cognito_srp6a::idp::{Api, ServiceError, SignInFlow};
use cognito_srp6a::{AppClient, ClientSecret};
use serde_json::{Value, json};

use crate::client::{Direct, Site, credentials, refusal};
use crate::common::user_name;
use crate::factors::{NOW, name_of, not};
use crate::{SECRET, claims};

const FILE: &str = r#"
[[client]]
id = "web"
flows = ["ALLOW_USER_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH"]
[[client]]
id = "phone"
flows = ["ALLOW_USER_AUTH"]
[[user]]
name = "alice"
password = "Passw0rd!"
aliases = ["al"]
attributes = { email = "alice@example.com" }
"#;

/// Seconds for which a code is good.
const DAY: i64 = 24 * 3600;

impl Direct {
    fn sign_up(&self, name: &str, attributes: &[(&str, &str)]) -> Value {
        let attributes: Vec<_> = attributes.iter().map(|(name, value)| json!({"Name": name, "Value": value})).collect();
        let body = json!({"ClientId": "web", "Username": name, "Password": "Passw0rd!", "UserAttributes": attributes});
        self.call_at(NOW, "SignUp", &body).unwrap()
    }

    fn confirm(&self, now: i64, name: &str, code: &str) -> Result<Value, ServiceError> {
        self.call_at(now, "ConfirmSignUp", &json!({"ClientId": "web", "Username": name, "ConfirmationCode": code}))
    }

    fn resend(&self, now: i64, name: &str) -> Result<Value, ServiceError> {
        self.call_at(now, "ResendConfirmationCode", &json!({"ClientId": "web", "Username": name}))
    }

    fn user(&self, name: &str) -> Value {
        self.call_at(NOW, "AdminGetUser", &json!({"UserPoolId": "us-east-1_LocalPool", "Username": name})).unwrap()
    }

    fn attribute(&self, name: &str, attribute: &str) -> Option<String> {
        let user = self.user(name);
        let mut attributes = user["UserAttributes"].as_array().unwrap().iter();
        Some(attributes.find(|listed| listed["Name"] == attribute)?["Value"].as_str().unwrap().to_owned())
    }

    /// Signs in with the session of a confirmation.
    fn go_on(&self, now: i64, client: &str, user: &str, session: &Value) -> Result<Value, ServiceError> {
        let parameters = json!({"USERNAME": user});
        let body =
            json!({"ClientId": client, "AuthFlow": "USER_AUTH", "Session": session, "AuthParameters": parameters});
        self.call_at(now, "InitiateAuth", &body)
    }
}

const MAIL: (&str, &str) = ("email", "bob@example.com");
const PHONE: (&str, &str) = ("phone_number", "+15550123");

#[test]
fn a_code_confirms_its_user_once_and_verifies_the_address() {
    let pool = Direct::of_file(FILE);
    for (name, attributes, medium, shown) in [
        ("bob", &[MAIL][..], "EMAIL", "b***@e***"),
        ("carol", &[PHONE], "SMS", "+*******0123"),
        ("dave", &[MAIL, PHONE], "SMS", "+*******0123"),
    ] {
        let signed_up = pool.sign_up(name, attributes);
        let attribute = if medium == "SMS" { "phone_number" } else { "email" };
        let details = json!({"Destination": shown, "DeliveryMedium": medium, "AttributeName": attribute});
        assert_eq!((&signed_up["UserConfirmed"], &signed_up["CodeDeliveryDetails"]), (&json!(false), &details));
        let letter = pool.outbox().pop().unwrap();
        assert_eq!((&letter["purpose"], &letter["username"]), (&"ConfirmSignUp".into(), &name.into()));
        assert_eq!(letter["medium"], medium);
        assert_eq!(pool.user(name)["UserStatus"], "UNCONFIRMED");
        assert_eq!(pool.attribute(name, &format!("{attribute}_verified")), None);

        let code = pool.last_code();
        assert_eq!(name_of(pool.confirm(NOW, name, &not(&code))), "CodeMismatchException");
        assert_eq!(name_of(pool.confirm(NOW, "alice", &code)), "NotAuthorizedException");
        pool.confirm(NOW, name, &code).unwrap();
        assert_eq!(pool.user(name)["UserStatus"], "CONFIRMED");
        assert_eq!(pool.attribute(name, &format!("{attribute}_verified")).as_deref(), Some("true"));
        let again = pool.confirm(NOW, name, &code).unwrap_err();
        assert_eq!(again.message(), "User cannot be confirmed. Current status is CONFIRMED");
    }
    assert_eq!(pool.attribute("dave", "email_verified"), None, "only the address that got the code");
}

#[test]
fn who_has_not_confirmed_does_not_sign_in_and_only_the_right_password_says_why() {
    let site = Site::of_file(&format!("custom_answer = \"42\"\n{FILE}"));
    let body = json!({"ClientId": "web", "Username": "bob", "Password": "Passw0rd!",
        "UserAttributes": [{"Name": "email", "Value": "bob@example.com"}]});
    site.call("SignUp", &body).unwrap().unwrap();
    let flows = [SignInFlow::UserSrp, SignInFlow::UserPassword, SignInFlow::User(None), SignInFlow::CustomSrp];
    for flow in flows {
        let refused = refusal(site.sign_in_until_asked(Api::Public, flow, credentials("bob", "Passw0rd!")));
        assert_eq!(refused.name().as_str(), "UserNotConfirmedException", "{flow:?}");
        let refused = refusal(site.sign_in_until_asked(Api::Public, flow, credentials("bob", "a wrong one")));
        assert_eq!(refused.name().as_str(), "NotAuthorizedException", "{flow:?}");
    }
    // A right answer proves nothing about the address either.
    let start = json!({"ClientId": "web", "AuthFlow": "CUSTOM_AUTH", "AuthParameters": {"USERNAME": "bob"}});
    let asked = site.call("InitiateAuth", &start).unwrap().unwrap();
    let answer = crate::factors::body_of(&asked, "bob", ("ANSWER", "42"));
    let refused = site.call("RespondToAuthChallenge", &answer).unwrap().unwrap_err();
    assert_eq!(refused.name().as_str(), "UserNotConfirmedException");

    let code = site.get("/outbox").unwrap().as_array().unwrap().last().unwrap()["code"].clone();
    let body = json!({"ClientId": "web", "Username": "bob", "ConfirmationCode": code});
    site.call("ConfirmSignUp", &body).unwrap().unwrap();
    site.sign_in(Api::Public, SignInFlow::UserSrp, credentials("bob", "Passw0rd!")).unwrap();
}

#[test]
fn the_session_of_a_confirmation_signs_in_once_its_user_alone_and_in_time() {
    let pool = Direct::of_file(FILE);
    let confirmed = |name: &str| {
        pool.sign_up(name, &[MAIL]);
        pool.confirm(NOW, name, &pool.last_code()).unwrap()["Session"].clone()
    };
    let (bob, carol) = (confirmed("bob"), confirmed("carol"));
    for (client, user, session) in [("web", "carol", &bob), ("web", "alice", &bob), ("phone", "bob", &bob)] {
        assert_eq!(name_of(pool.go_on(NOW, client, user, session)), "NotAuthorizedException", "{client} {user}");
    }
    assert_eq!(name_of(pool.go_on(NOW + 181, "web", "bob", &bob)), "NotAuthorizedException");
    let tokens = pool.go_on(NOW + 180, "web", "bob", &bob).unwrap();
    let access = claims(tokens["AuthenticationResult"]["AccessToken"].as_str().unwrap());
    assert_eq!(access["username"], "bob");
    assert_eq!(name_of(pool.go_on(NOW + 180, "web", "bob", &bob)), "NotAuthorizedException");

    // A new password ends it, as it ends all that was issued before. It answers no challenge, and names one factor.
    let asked = json!({"ChallengeName": "EMAIL_OTP", "Session": carol});
    let answered = pool.answer(NOW, &asked, "carol", ("EMAIL_OTP_CODE", "000000"));
    assert_eq!(name_of(answered), "NotAuthorizedException");
    let parameters = |preferred: &str| json!({"USERNAME": "carol", "PREFERRED_CHALLENGE": preferred});
    let begin = |preferred: &str| {
        let body = json!({"ClientId": "web", "AuthFlow": "USER_AUTH", "Session": carol,
            "AuthParameters": parameters(preferred)});
        pool.call_at(NOW, "InitiateAuth", &body)
    };
    assert_eq!(name_of(begin("SMS_OTP")), "InvalidParameterException");
    let password = json!({"UserPoolId": "us-east-1_LocalPool", "Username": "carol", "Password": "Passw0rd!2",
        "Permanent": true});
    pool.call_at(NOW, "AdminSetUserPassword", &password).unwrap();
    assert_eq!(name_of(begin("EMAIL_OTP")), "NotAuthorizedException");
}

#[test]
fn a_code_is_good_for_a_day_for_three_tries_and_until_the_next_one() {
    let pool = Direct::of_file(FILE);
    pool.sign_up("bob", &[MAIL]);
    let code = pool.last_code();
    assert_eq!(name_of(pool.confirm(NOW + DAY + 1, "bob", &code)), "ExpiredCodeException");

    // The tries of a code come back with no time.
    for later in [0, 200] {
        assert_eq!(name_of(pool.confirm(NOW + later, "bob", &not(&code))), "CodeMismatchException");
    }
    for later in [400, 600] {
        assert_eq!(name_of(pool.confirm(NOW + later, "bob", &code)), "TooManyFailedAttemptsException");
    }
    let details = pool.resend(NOW + 600, "bob").unwrap()["CodeDeliveryDetails"].clone();
    assert_eq!(details["Destination"], "b***@e***");
    assert_ne!(code, pool.last_code(), "by chance once in a million runs");
    assert_eq!(name_of(pool.confirm(NOW + 600, "bob", &code)), "CodeMismatchException");
    pool.confirm(NOW + 600, "bob", &pool.last_code()).unwrap();
    assert_eq!(name_of(pool.resend(NOW + 600, "bob")), "InvalidParameterException");

    // New codes bring no endless tries.
    pool.sign_up("carol", &[MAIL]);
    for tried in 0..17 {
        if tried % 3 == 0 {
            pool.resend(NOW, "carol").unwrap();
        }
        let refused = name_of(pool.confirm(NOW, "carol", &not(&pool.last_code())));
        assert_eq!(refused, if tried < 15 { "CodeMismatchException" } else { "LimitExceededException" });
    }
}

#[test]
fn an_unknown_user_is_like_one_whose_code_is_another() {
    let pool = Direct::of_file(FILE);
    pool.sign_up("bob", &[MAIL]);
    let letters = pool.outbox().len();
    let shape = |sent: &Value| {
        let details = sent["CodeDeliveryDetails"].as_object().unwrap();
        (details.keys().cloned().collect::<Vec<_>>(), details["Destination"].as_str().unwrap().len())
    };
    let (known, unknown) = (pool.resend(NOW, "bob").unwrap(), pool.resend(NOW, "nobody").unwrap());
    assert_eq!(shape(&known), shape(&unknown));
    assert_eq!(unknown, pool.resend(NOW, "nobody").unwrap());
    assert_eq!(pool.outbox().len(), letters + 1, "nobody gets no code");
    for name in ["bob", "nobody"] {
        for tried in 0..4 {
            let error = pool.confirm(NOW, name, "1").unwrap_err();
            let expected = if tried < 3 { "CodeMismatchException" } else { "TooManyFailedAttemptsException" };
            assert_eq!(error.name().as_str(), expected, "{name}");
        }
    }
}

#[test]
fn an_administrator_confirms_who_has_no_address_too() {
    let pool = Direct::of_file(FILE);
    let signed_up = pool.sign_up("bob", &[]);
    assert_eq!((&signed_up["UserConfirmed"], signed_up.get("CodeDeliveryDetails")), (&json!(false), None));
    assert_eq!(name_of(pool.resend(NOW, "bob")), "InvalidParameterException");
    assert_eq!(name_of(pool.confirm(NOW, "bob", "000000")), "CodeMismatchException");
    let confirm = |name: &str| {
        let body = json!({"UserPoolId": "us-east-1_LocalPool", "Username": name});
        pool.call_at(NOW, "AdminConfirmSignUp", &body)
    };
    confirm("bob").unwrap();
    assert!(pool.prove(NOW, "bob")["AuthenticationResult"].is_object());
    for (name, error) in
        [("bob", "NotAuthorizedException"), ("al", "NotAuthorizedException"), ("nobody", "UserNotFoundException")]
    {
        assert_eq!(name_of(confirm(name)), error, "{name}");
    }
}

#[test]
fn where_everybody_needs_a_second_factor_a_confirmation_brings_no_session() {
    let pool = Direct::of_file(&format!("mfa = \"on\"\n{FILE}"));
    pool.sign_up("bob", &[MAIL]);
    assert_eq!(pool.confirm(NOW, "bob", &pool.last_code()).unwrap(), json!({}));
    assert_eq!(pool.prove(NOW, "bob")["ChallengeName"], "MFA_SETUP");
}

#[test]
fn a_client_with_a_secret_sends_its_hash_with_every_call() {
    let file = format!("[[client]]\nid = \"web\"\nsecrets = [\"{SECRET}\"]\nflows = [\"ALLOW_USER_AUTH\"]\n");
    let pool = Direct::of_file(&file);
    let app = AppClient::new("us-east-1_LocalPool".parse().unwrap(), "web").unwrap();
    let app = app.with_secret(ClientSecret::new(SECRET).unwrap());
    let hash = app.secret_hash(&user_name("bob")).unwrap();
    let body = json!({"ClientId": "web", "Username": "bob", "Password": "Passw0rd!", "ConfirmationCode": "000000",
        "UserAttributes": [{"Name": "email", "Value": "bob@example.com"}]});
    for operation in ["SignUp", "ResendConfirmationCode", "ConfirmSignUp"] {
        let mut body = body.clone();
        assert_eq!(name_of(pool.call_at(NOW, operation, &body)), "NotAuthorizedException", "{operation}");
        if operation == "ConfirmSignUp" {
            body["ConfirmationCode"] = pool.last_code().into();
        }
        body["SecretHash"] = hash.as_str().into();
        pool.call_at(NOW, operation, &body).unwrap();
    }
}

#[test]
fn without_a_file_and_where_the_file_says_so_a_user_is_confirmed_at_once() {
    for site in [Site::start(&[]), Site::of_file("auto_confirm = true\n")] {
        let body = json!({"ClientId": "localpoolclient", "Username": "bob", "Password": "Passw0rd!",
            "UserAttributes": [{"Name": "email", "Value": "bob@example.com"}]});
        let signed_up = site.call("SignUp", &body).unwrap().unwrap();
        assert_eq!((&signed_up["UserConfirmed"], signed_up.get("CodeDeliveryDetails")), (&json!(true), None));
        site.sign_in(Api::Public, SignInFlow::UserSrp, credentials("bob", "Passw0rd!")).unwrap();
        assert_eq!(site.get("/outbox").unwrap(), json!([]));
    }
}
