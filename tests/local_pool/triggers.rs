//! Triggers: which run, what their events hold, who gets `ClientMetadata`, and what their answers change.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use cognito_srp6a::idp::ServiceError;
use local_pool::lambda::{Answer, Failure, Function};
use serde_json::{Value, json};

use crate::claims;
use crate::client::Direct;
use crate::factors::{NOW, body_of, name_of};

pub const FILE: &str = r#"
mfa = "optional"
[[client]]
id = "web"
flows = ["ALLOW_USER_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH",
  "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
[[user]]
name = "alice"
password = "Passw0rd!"
aliases = ["al"]
attributes = { email = "alice@example.com" }
[[user]]
name = "erin"
password = "Passw0rd!"
attributes = { email = "erin@example.com" }
mfa = ["EMAIL_OTP"]
[[user]]
name = "frank"
password = "Temp0rary!"
temporary = true
"#;

/// The answer of a function, or its failure.
type Returned = Result<Value, Failure>;

/// A function that changes events, and remembers what it got.
pub struct Changing {
    change: Box<dyn Fn(&mut Value) -> Returned + Send + Sync>,
    events: Mutex<Vec<Value>>,
}

impl Changing {
    /// A function that returns each event with a changed `response`.
    pub fn new(change: impl Fn(&str, &Value, &mut Value) + Send + Sync + 'static) -> Arc<Self> {
        Self::returning(move |event| {
            let (source, request) = (event["triggerSource"].as_str().unwrap().to_owned(), event["request"].clone());
            change(&source, &request, &mut event["response"]);
            Ok(event.clone())
        })
    }

    /// A function that returns anything.
    pub fn returning(change: impl Fn(&mut Value) -> Returned + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { change: Box::new(change), events: Mutex::default() })
    }

    pub fn events(&self) -> Vec<Value> {
        self.events.lock().unwrap().clone()
    }

    /// The causes of the events, without those that nobody awaits.
    fn sources(&self) -> Vec<String> {
        let source = |event: &Value| event["triggerSource"].as_str().unwrap().to_owned();
        self.events().iter().map(source).filter(|source| !source.contains("Sender")).collect()
    }

    fn forget(&self) {
        self.events.lock().unwrap().clear();
    }

    /// The event with a cause, which may be on its way.
    fn event(&self, source: &str) -> Value {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(10) {
            if let Some(event) = self.events().into_iter().find(|event| event["triggerSource"] == source) {
                return event;
            }
            std::thread::yield_now();
        }
        panic!("no {source} in {:?}", self.sources())
    }
}

impl Function for Changing {
    fn invoke(&self, event: &[u8]) -> Result<Answer, Failure> {
        let mut event: Value = serde_json::from_slice(event).unwrap();
        self.events.lock().unwrap().push(event.clone());
        (self.change)(&mut event).map(|returned| Answer { is_error: false, body: returned.to_string().into_bytes() })
    }
}

/// The secret of the custom challenge.
const SECRET: &str = "swordfish";

/// The loop of a custom challenge that has three tries, after the password if that comes first.
pub fn custom_auth(source: &str, request: &Value, response: &mut Value) {
    match source {
        "DefineAuthChallenge_Authentication" => {
            let rounds = request["session"].as_array().unwrap();
            let last = rounds.last();
            if last.is_some_and(|last| last["challengeName"] == "SRP_A") {
                response["challengeName"] = "PASSWORD_VERIFIER".into();
            } else if last
                .is_some_and(|last| last["challengeName"] == "CUSTOM_CHALLENGE" && last["challengeResult"] == true)
            {
                response["issueTokens"] = true.into();
            } else if rounds.iter().filter(|round| round["challengeName"] == "CUSTOM_CHALLENGE").count() < 3 {
                response["challengeName"] = "CUSTOM_CHALLENGE".into();
            } else {
                response["failAuthentication"] = true.into();
            }
        }
        "CreateAuthChallenge_Authentication" => {
            response["publicChallengeParameters"] = json!({"question": "who goes there?", "USERNAME": "mallory"});
            response["privateChallengeParameters"] = json!({"answer": SECRET});
            response["challengeMetadata"] = format!("round {}", request["session"].as_array().unwrap().len()).into();
        }
        "VerifyAuthChallengeResponse_Authentication" => {
            let right = &request["privateChallengeParameters"]["answer"];
            response["answerCorrect"] = (request["challengeAnswer"] == *right).into();
        }
        _ => {}
    }
}

impl Direct {
    fn initiate(&self, flow: &str, parameters: &Value, metadata: &Value) -> Result<Value, ServiceError> {
        let body = json!({"ClientId": "web", "AuthFlow": flow, "AuthParameters": parameters,
            "ClientMetadata": metadata});
        self.call_at(NOW, "InitiateAuth", &body)
    }

    fn by_password(&self, user: &str, password: &str) -> Result<Value, ServiceError> {
        self.initiate("USER_PASSWORD_AUTH", &json!({"USERNAME": user, "PASSWORD": password}), &Value::Null)
    }

    pub fn begin_custom(&self, user: &str) -> Result<Value, ServiceError> {
        self.initiate("CUSTOM_AUTH", &json!({"USERNAME": user}), &Value::Null)
    }

    fn respond(
        &self,
        asked: &Value,
        user: &str,
        answer: (&str, &str),
        metadata: &Value,
    ) -> Result<Value, ServiceError> {
        let mut body = body_of(asked, user, answer);
        body["ClientMetadata"] = metadata.clone();
        self.call_at(NOW, "RespondToAuthChallenge", &body)
    }
}

fn id_token(answer: &Value) -> Value {
    claims(answer["AuthenticationResult"]["IdToken"].as_str().unwrap_or_else(|| panic!("no tokens: {answer}")))
}

#[test]
fn events_have_the_services_shape_and_run_in_the_order_of_a_sign_in() {
    let function = Changing::new(|_, _, _| ());
    let pool = Direct::with_triggers(FILE, function.clone());
    let tokens = pool.by_password("al", "Passw0rd!").unwrap();
    let sources =
        ["PreAuthentication_Authentication", "PostAuthentication_Authentication", "TokenGeneration_Authentication"];
    assert_eq!(function.sources(), sources);
    let sub = id_token(&tokens)["sub"].clone();
    let attributes = json!({"sub": sub, "cognito:user_status": "CONFIRMED", "email": "alice@example.com",
        "email_verified": "true"});
    let caller = json!({"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": "web"});
    for (event, request) in function.events().iter().zip([
        json!({"userAttributes": attributes, "validationData": null, "userNotFound": false}),
        json!({"userAttributes": attributes, "newDeviceUsed": false}),
        json!({"userAttributes": attributes, "groupConfiguration":
            {"groupsToOverride": [], "iamRolesToOverride": [], "preferredRole": null}}),
    ]) {
        let expected = json!({"version": "1", "triggerSource": event["triggerSource"], "region": "us-east-1",
            "userPoolId": "us-east-1_LocalPool", "userName": "alice", "callerContext": caller, "request": request,
            "response": event["response"]});
        assert_eq!(*event, expected);
    }

    function.forget();
    let token = tokens["AuthenticationResult"]["RefreshToken"].clone();
    pool.initiate("REFRESH_TOKEN_AUTH", &json!({"REFRESH_TOKEN": token}), &Value::Null).unwrap();
    assert_eq!(function.sources(), ["TokenGeneration_RefreshTokens"]);

    function.forget();
    let asked = pool.by_password("frank", "Temp0rary!").unwrap();
    pool.answer(NOW, &asked, "frank", ("NEW_PASSWORD", "Perm4nent!")).unwrap();
    assert_eq!(function.sources()[2], "TokenGeneration_NewPasswordChallenge");

    // Who is wrong, and who does not exist, gets as far as pre authentication alone.
    for (user, is_unknown) in [("alice", false), ("nobody", true)] {
        function.forget();
        let parameters = json!({"USERNAME": user, "PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": "a wrong one"});
        assert_eq!(name_of(pool.initiate("USER_AUTH", &parameters, &Value::Null)), "NotAuthorizedException");
        assert_eq!(function.sources(), ["PreAuthentication_Authentication"]);
        assert_eq!(function.events()[0]["request"]["userNotFound"], is_unknown);
    }
}

#[test]
fn metadata_goes_to_the_triggers_of_its_call_and_to_no_other() {
    let function = Changing::new(|source, request, response| {
        if source == "UserMigration_Authentication" {
            assert_eq!(request["validationData"], request["clientMetadata"]);
        }
        custom_auth(source, request, response);
    });
    let pool = Direct::with_triggers(FILE, function.clone());
    let (first, second) = (json!({"call": "first"}), json!({"call": "second"}));
    // Which events hold some metadata, anywhere, and which do not.
    let with = |metadata: &Value| -> BTreeSet<String> {
        let text = metadata.to_string();
        let holds = |event: &&Value| event.to_string().contains(&text);
        let events = function.events();
        let source = |event: &Value| event["triggerSource"].as_str().unwrap().split('_').next().unwrap().to_owned();
        events.iter().filter(holds).map(source).collect()
    };
    let all = || -> BTreeSet<String> {
        function.sources().iter().map(|source| source.split('_').next().unwrap().to_owned()).collect()
    };
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();

    // All triggers of one call: it is the first call of a sign-in that needs no second.
    pool.initiate("USER_PASSWORD_AUTH", &json!({"USERNAME": "alice", "PASSWORD": "Passw0rd!"}), &first).unwrap();
    assert_eq!(all(), set(&["PreAuthentication", "PostAuthentication", "TokenGeneration"]));
    assert_eq!(with(&first), set(&["PreAuthentication"]));

    // The calls of an administrator do the same.
    function.forget();
    let mut body = json!({"UserPoolId": "us-east-1_LocalPool", "ClientId": "web", "AuthFlow": "CUSTOM_AUTH",
        "AuthParameters": {"USERNAME": "alice"}, "ClientMetadata": first});
    let asked = pool.call_at(NOW, "AdminInitiateAuth", &body).unwrap();
    assert_eq!(all(), set(&["PreAuthentication", "DefineAuthChallenge", "CreateAuthChallenge"]));
    assert_eq!(with(&first), set(&["PreAuthentication"]));
    body = body_of(&asked, "alice", ("ANSWER", SECRET));
    (body["UserPoolId"], body["ClientMetadata"]) = ("us-east-1_LocalPool".into(), second.clone());
    pool.call_at(NOW, "AdminRespondToAuthChallenge", &body).unwrap();
    assert_eq!(with(&first), set(&["PreAuthentication"]));
    assert_eq!(with(&second).len(), 4);

    function.forget();
    let unknown = json!({"USERNAME": "nobody", "PASSWORD": "Passw0rd!"});
    pool.initiate("USER_PASSWORD_AUTH", &unknown, &first).unwrap_err();
    assert_eq!(with(&first), set(&["PreAuthentication", "UserMigration"]));

    function.forget();
    let asked = pool.initiate("CUSTOM_AUTH", &json!({"USERNAME": "alice"}), &first).unwrap();
    pool.respond(&asked, "alice", ("ANSWER", SECRET), &second).unwrap();
    let of_answer = ["VerifyAuthChallengeResponse", "DefineAuthChallenge", "PostAuthentication", "TokenGeneration"];
    assert_eq!(with(&first), set(&["PreAuthentication"]));
    assert_eq!(with(&second), set(&of_answer));
    let with_second = function.events().iter().filter(|event| event["request"]["clientMetadata"] == second).count();
    assert_eq!(with_second, of_answer.len());

    // A wrong answer makes another challenge: create gets the metadata of that answer, and none of the call before.
    function.forget();
    let asked = pool.initiate("CUSTOM_AUTH", &json!({"USERNAME": "alice"}), &first).unwrap();
    pool.respond(&asked, "alice", ("ANSWER", "herring"), &second).unwrap();
    let of_answer = ["VerifyAuthChallengeResponse", "DefineAuthChallenge", "CreateAuthChallenge"];
    assert_eq!(with(&second), set(&of_answer));

    // A letter of the first call gets none; an answer without metadata brings none back.
    function.forget();
    let parameters = json!({"USERNAME": "erin", "PASSWORD": "Passw0rd!"});
    let asked = pool.initiate("USER_PASSWORD_AUTH", &parameters, &first).unwrap();
    pool.respond(&asked, "erin", ("EMAIL_OTP_CODE", &pool.last_code()), &Value::Null).unwrap();
    function.event("CustomEmailSender_Authentication");
    assert_eq!(with(&first), set(&["PreAuthentication"]));

    // A letter that an answer asks for.
    function.forget();
    let asked = pool.initiate("USER_AUTH", &json!({"USERNAME": "alice"}), &first).unwrap();
    pool.respond(&asked, "alice", ("ANSWER", "EMAIL_OTP"), &second).unwrap();
    function.event("CustomEmailSender_Authentication");
    assert_eq!(with(&first), set(&["PreAuthentication"]));
    assert_eq!(with(&second), set(&["CustomEmailSender", "CustomMessage"]));

    function.forget();
    let tokens = pool.by_password("alice", "Passw0rd!").unwrap();
    let token = &tokens["AuthenticationResult"]["RefreshToken"];
    let body = json!({"ClientId": "web", "RefreshToken": token, "ClientMetadata": second});
    pool.call_at(NOW, "GetTokensFromRefreshToken", &body).unwrap();
    pool.initiate("REFRESH_TOKEN_AUTH", &json!({"REFRESH_TOKEN": token}), &first).unwrap();
    assert_eq!((with(&first), with(&second)), (set(&[]), set(&["TokenGeneration"])));
}

#[test]
fn metadata_of_a_sign_up_goes_to_its_triggers() {
    let function = Changing::new(|_, _, _| ());
    let pool = Direct::with_triggers(FILE, function.clone());
    let metadata = |call: &str| json!({"call": call});
    let body = json!({"ClientId": "web", "Username": "bob", "Password": "Passw0rd!",
        "UserAttributes": [{"Name": "email", "Value": "bob@example.com"}],
        "ValidationData": [{"Name": "captcha", "Value": "17"}], "ClientMetadata": metadata("sign-up")});
    pool.call_at(NOW, "SignUp", &body).unwrap();
    let event = function.event("PreSignUp_SignUp");
    assert_eq!((&event["userName"], &event["callerContext"]["clientId"]), (&"bob".into(), &"web".into()));
    let request = json!({"userAttributes": {"email": "bob@example.com"}, "validationData": {"captcha": "17"},
        "clientMetadata": metadata("sign-up")});
    assert_eq!(event["request"], request);
    for source in ["CustomMessage_SignUp", "CustomEmailSender_SignUp"] {
        assert_eq!(function.event(source)["request"]["clientMetadata"], metadata("sign-up"), "{source}");
    }
    let sender = function.event("CustomEmailSender_SignUp")["request"].clone();
    assert_eq!((&sender["type"], &sender["code"]), (&"customEmailSenderRequestV1".into(), &pool.last_code().into()));
    assert_eq!(sender["userAttributes"]["email"], "bob@example.com");

    let body = json!({"ClientId": "web", "Username": "bob", "ClientMetadata": metadata("resend")});
    pool.call_at(NOW, "ResendConfirmationCode", &body).unwrap();
    for source in ["CustomMessage_ResendCode", "CustomEmailSender_ResendCode"] {
        assert_eq!(function.event(source)["request"]["clientMetadata"], metadata("resend"), "{source}");
    }
    let body = json!({"ClientId": "web", "Username": "bob", "ConfirmationCode": pool.last_code(),
        "ClientMetadata": metadata("confirm")});
    pool.call_at(NOW, "ConfirmSignUp", &body).unwrap();
    let event = function.event("PostConfirmation_ConfirmSignUp");
    assert_eq!(event["request"]["clientMetadata"], metadata("confirm"));
    assert_eq!(event["request"]["userAttributes"]["cognito:user_status"], "CONFIRMED");
    assert_eq!(event["request"]["userAttributes"]["email_verified"], "true");

    function.forget();
    let body = json!({"UserPoolId": "us-east-1_LocalPool", "Username": "grace", "TemporaryPassword": "Temp0rary!",
        "ClientMetadata": metadata("admin")});
    pool.call_at(NOW, "AdminCreateUser", &body).unwrap();
    let event = function.event("PreSignUp_AdminCreateUser");
    assert_eq!(event["callerContext"]["clientId"], "CLIENT_ID_NOT_APPLICABLE");
    assert_eq!(event["request"]["clientMetadata"], metadata("admin"));
    // Nobody gets a code, so no trigger hears of it.
    function.forget();
    pool.call_at(NOW, "ResendConfirmationCode", &json!({"ClientId": "web", "Username": "nobody"})).unwrap();
    assert_eq!(function.events(), [Value::Null; 0]);
}

#[test]
fn pre_sign_up_confirms_verifies_and_refuses() {
    let function = Changing::returning(|event| {
        if event["triggerSource"] == "PreSignUp_SignUp" {
            let name = event["userName"].as_str().unwrap().to_owned();
            match name.as_str() {
                "refused" => return Ok(json!({"errorType": "Error", "errorMessage": "no robots"})),
                "confirmed" => event["response"]["autoConfirmUser"] = true.into(),
                name => event["response"][name] = true.into(),
            }
        }
        Ok(event.clone())
    });
    let pool = Direct::with_triggers(FILE, function.clone());
    let sign_up = |name: &str| {
        let body = json!({"ClientId": "web", "Username": name, "Password": "Passw0rd!",
            "UserAttributes": [{"Name": "email", "Value": "bob@example.com"}]});
        pool.call_at(NOW, "SignUp", &body)
    };
    let refused = sign_up("refused").unwrap_err();
    assert_eq!(refused.name().as_str(), "UserLambdaValidationException");
    assert_eq!(refused.message(), "PreSignUp failed with error no robots.");

    assert_eq!(sign_up("confirmed").unwrap()["UserConfirmed"], true);
    function.event("PostConfirmation_ConfirmSignUp");
    assert_eq!(pool.outbox().len(), 0);
    assert!(pool.by_password("confirmed", "Passw0rd!").unwrap()["AuthenticationResult"].is_object());

    assert_eq!(sign_up("autoVerifyEmail").unwrap()["UserConfirmed"], false);
    let body = json!({"UserPoolId": "us-east-1_LocalPool", "Username": "autoVerifyEmail"});
    let user = pool.call_at(NOW, "AdminGetUser", &body).unwrap();
    assert!(user["UserAttributes"].as_array().unwrap().contains(&json!({"Name": "email_verified", "Value": "true"})));
    // There is no phone to verify, and the user is not made.
    assert_eq!(name_of(sign_up("autoVerifyPhone")), "InvalidLambdaResponseException");
    let body = json!({"UserPoolId": "us-east-1_LocalPool", "Username": "autoVerifyPhone"});
    assert_eq!(name_of(pool.call_at(NOW, "AdminGetUser", &body)), "UserNotFoundException");
}

#[test]
fn custom_message_writes_the_letter_around_the_code() {
    let function = Changing::new(|source, request, response| {
        if source.starts_with("CustomMessage") {
            let code = request["codeParameter"].as_str().unwrap();
            response["emailSubject"] = "Hello".into();
            response["emailMessage"] = format!("<b>{code}</b>").into();
            response["smsMessage"] = "a message for the phone without a code".into();
        }
    });
    let pool = Direct::with_triggers(FILE, function);
    let asked = pool.by_password("erin", "Passw0rd!").unwrap();
    let letter = pool.outbox().pop().unwrap();
    assert_eq!(
        (&letter["subject"], &letter["message"]),
        (&json!("Hello"), &json!(format!("<b>{}</b>", letter["code"].as_str().unwrap())))
    );
    pool.answer(NOW, &asked, "erin", ("EMAIL_OTP_CODE", &pool.last_code())).unwrap();

    let body = json!({"ClientId": "web", "Username": "bob", "Password": "Passw0rd!",
        "UserAttributes": [{"Name": "phone_number", "Value": "+15550123"}]});
    assert_eq!(name_of(pool.call_at(NOW, "SignUp", &body)), "InvalidLambdaResponseException");
}

#[test]
fn pre_token_generation_changes_claims_but_for_those_that_are_the_services() {
    let function = Changing::new(|source, _, response| {
        if source.starts_with("TokenGeneration") {
            response["claimsOverrideDetails"] = json!({
                "claimsToAddOrOverride": {"tier": "gold", "sub": "mallory", "aud": "x", "exp": "9", "iss": "x",
                    "token_use": "access", "cognito:username": "mallory", "email": "other@example.com",
                    "origin_jti": "x", "dev:x": "y"},
                "claimsToSuppress": ["email_verified", "sub", "jti"],
                "groupOverrideDetails": {"groupsToOverride": ["admins"], "iamRolesToOverride": ["r"],
                    "preferredRole": "r"},
            });
        }
    });
    let plain = Direct::of_file(FILE).by_password("alice", "Passw0rd!").unwrap();
    let pool = Direct::with_triggers(FILE, function);
    let tokens = pool.by_password("alice", "Passw0rd!").unwrap();
    let (plain, id) = (id_token(&plain), id_token(&tokens));
    assert_eq!((&id["tier"], &id["email"]), (&"gold".into(), &"other@example.com".into()));
    assert_eq!(id.get("email_verified"), None);
    assert_eq!((&id["cognito:groups"], &id["cognito:roles"]), (&json!(["admins"]), &json!(["r"])));
    assert_eq!(id["cognito:preferred_role"], "r");
    for name in ["aud", "iss", "exp", "token_use", "cognito:username"] {
        assert_eq!(id[name], plain[name], "{name}");
    }
    for name in ["sub", "jti", "origin_jti"] {
        assert_eq!(id[name].as_str().unwrap().len(), plain[name].as_str().unwrap().len(), "{name}");
    }
    assert_eq!(id.get("dev:x"), None);
    let access = claims(tokens["AuthenticationResult"]["AccessToken"].as_str().unwrap());
    assert_eq!(access["cognito:groups"], json!(["admins"]));
    assert_eq!((access.get("tier"), &access["sub"]), (None, &id["sub"]));
    // The pool knows its own token again.
    let body = json!({"AccessToken": tokens["AuthenticationResult"]["AccessToken"]});
    assert_eq!(pool.call_at(NOW, "GetUser", &body).unwrap()["Username"], "alice");
}

#[test]
fn a_migrated_user_is_made_of_the_answer_and_stays() {
    let function = Changing::returning(|event| {
        if event["triggerSource"] != "UserMigration_Authentication" {
            return Ok(event.clone());
        }
        let password = event["request"]["password"].clone();
        match event["userName"].as_str().unwrap() {
            "bob" if password == "0ldPassword" => {
                event["response"] = json!({"userAttributes": {"username": "bob", "email": "bob@example.com",
                    "email_verified": "true"}, "finalUserStatus": "CONFIRMED", "messageAction": "SUPPRESS"});
            }
            "carol" => event["response"] = json!({"userAttributes": {}}),
            "dave" => {
                event["response"] = json!({"userAttributes": {"shoe_size": "43"}, "finalUserStatus": "CONFIRMED"});
            }
            "grace" => event["response"] = json!({"userAttributes": {}, "finalUserStatus": "ADMIN"}),
            "heidi" => {}
            _ => return Ok(json!({"errorMessage": "Bad password"})),
        }
        Ok(event.clone())
    });
    let pool = Direct::with_triggers(FILE, function.clone());
    assert_eq!(pool.by_password("bob", "a wrong one").unwrap_err().message(), "Incorrect username or password.");
    let id = id_token(&pool.by_password("bob", "0ldPassword").unwrap());
    assert_eq!((&id["email"], &id["email_verified"]), (&"bob@example.com".into(), &true.into()));
    function.forget();
    pool.by_password("bob", "0ldPassword").unwrap();
    assert_eq!(pool.by_password("bob", "a wrong one").unwrap_err().message(), "Incorrect username or password.");
    assert!(!function.sources().contains(&"UserMigration_Authentication".to_owned()));

    for _ in 0..2 {
        assert_eq!(name_of(pool.by_password("carol", "0ldPassword")), "PasswordResetRequiredException");
    }
    for name in ["dave", "grace"] {
        assert_eq!(name_of(pool.by_password(name, "0ldPassword")), "InvalidLambdaResponseException", "{name}");
    }
    let unknown = pool.by_password("heidi", "0ldPassword").unwrap_err();
    assert_eq!(unknown.message(), "Incorrect username or password.");
    let admin = json!({"ClientId": "web", "UserPoolId": "us-east-1_LocalPool", "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "bob", "PASSWORD": "0ldPassword"}});
    let pool = Direct::with_triggers(FILE, function);
    id_token(&pool.call_at(NOW, "AdminInitiateAuth", &admin).unwrap());
}

#[test]
fn a_custom_challenge_goes_round_until_the_trigger_decides() {
    let function = Changing::new(custom_auth);
    let pool = Direct::with_triggers(FILE, function.clone());
    // The second answer is right, and the third is one too many.
    for answers in [&["herring", SECRET][..], &["a", "b", "c"]] {
        let mut asked = pool.begin_custom("al").unwrap();
        for (number, answer) in answers.iter().enumerate() {
            assert_eq!(asked["ChallengeName"], "CUSTOM_CHALLENGE");
            let shown = json!({"question": "who goes there?", "USERNAME": "alice"});
            assert_eq!(asked["ChallengeParameters"], shown, "and nothing that is private");
            let answered = pool.answer(NOW, &asked, "alice", ("ANSWER", answer));
            assert_eq!(name_of(pool.answer(NOW, &asked, "alice", ("ANSWER", SECRET))), "NotAuthorizedException");
            match (number + 1 == answers.len(), *answer) {
                (true, SECRET) => assert_eq!(id_token(&answered.unwrap())["cognito:username"], "alice"),
                (true, _) => return assert_eq!(name_of(answered), "NotAuthorizedException"),
                (false, _) => asked = answered.unwrap(),
            }
        }
        let rounds =
            function.events().into_iter().rfind(|event| event["triggerSource"] == "DefineAuthChallenge_Authentication");
        let round = |result: bool, metadata: &str| json!({"challengeName": "CUSTOM_CHALLENGE", "challengeResult": result, "challengeMetadata": metadata});
        let session = json!([round(false, "round 0"), round(true, "round 1")]);
        assert_eq!(rounds.unwrap()["request"]["session"], session);
    }
}

#[test]
fn no_session_shows_what_is_private() {
    use base64::Engine as _;
    let pool = Direct::with_triggers(FILE, Changing::new(custom_auth));
    let asked = pool.begin_custom("alice").unwrap();
    assert!(!asked.to_string().contains(SECRET));
    let session = asked["Session"].as_str().unwrap();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(session).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("alice") && !text.contains(SECRET), "{text}");
    // Nor a part of it, in another code.
    let hidden = text.split("\"rounds\":\"").nth(1).unwrap().split('"').next().unwrap();
    let hidden = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(hidden).unwrap();
    assert!(!String::from_utf8_lossy(&hidden).contains(SECRET));
}

#[test]
fn an_unknown_user_is_asked_alike_and_never_gets_tokens() {
    let function = Changing::new(custom_auth);
    let pool = Direct::with_triggers(FILE, function.clone());
    let known = pool.begin_custom("alice").unwrap();
    let unknown = pool.begin_custom("nobody").unwrap();
    assert!(function.events().iter().any(|event| event["request"]["userNotFound"] == true));
    let keys = |asked: &Value| asked["ChallengeParameters"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&known), keys(&unknown));
    let again = pool.answer(NOW, &unknown, "nobody", ("ANSWER", "herring")).unwrap();
    assert_eq!(again["ChallengeName"], "CUSTOM_CHALLENGE");
    let refused = pool.answer(NOW, &again, "nobody", ("ANSWER", SECRET)).unwrap_err();
    assert_eq!(refused.message(), "Incorrect username or password.");
    // Strangers run out of tries under a name, and of nothing else of its user.
    for user in ["alice", "nobody"] {
        let refused = (0..16).map(|_| {
            let asked = pool.begin_custom(user).unwrap();
            pool.answer(NOW, &asked, user, ("ANSWER", "herring")).map_err(|error| error.name().to_string())
        });
        assert_eq!(refused.last().unwrap().unwrap_err(), "LimitExceededException", "{user}");
    }
    pool.by_password("alice", "Passw0rd!").unwrap();
}
