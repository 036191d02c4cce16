//! Triggers that fail, hang and lie, and those who guess and replay the answers of custom challenges.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::thread;
use std::time::Duration;

use cognito_srp6a::idp::{Api, Challenge, ServiceError, SignInFlow, Step};
use local_pool::lambda::{Answer, Failure, Function};
use serde_json::{Value, json};

use crate::client::{Direct, Site, challenge, credentials, options_of_file, refusal};
use crate::factors::{NOW, body_of, name_of};
use crate::triggers::{Changing, FILE, custom_auth};

const DEFINE: &str = "DefineAuthChallenge_Authentication";
const CREATE: &str = "CreateAuthChallenge_Authentication";
const VERIFY: &str = "VerifyAuthChallengeResponse_Authentication";

/// A function that answers one cause with these bytes, and runs [`custom_auth`] otherwise.
struct Lying {
    source: &'static str,
    answer: Mutex<Result<(bool, Vec<u8>), Failure>>,
    calls: Mutex<usize>,
}

impl Lying {
    fn about(source: &'static str) -> Arc<Self> {
        Arc::new(Self { source, answer: Mutex::new(Ok((false, Vec::new()))), calls: Mutex::new(0) })
    }

    fn says(&self, answer: Result<(bool, &[u8]), Failure>) {
        *self.answer.lock().unwrap() = answer.map(|(is_error, body)| (is_error, body.to_vec()));
        *self.calls.lock().unwrap() = 0;
    }
}

impl Function for Lying {
    fn invoke(&self, event: &[u8]) -> Result<Answer, Failure> {
        let mut event: Value = serde_json::from_slice(event).unwrap();
        if event["triggerSource"] == self.source {
            *self.calls.lock().unwrap() += 1;
            return self.answer.lock().unwrap().clone().map(|(is_error, body)| Answer { is_error, body });
        }
        let (source, request) = (event["triggerSource"].as_str().unwrap().to_owned(), event["request"].clone());
        custom_auth(&source, &request, &mut event["response"]);
        Ok(Answer { is_error: false, body: event.to_string().into_bytes() })
    }
}

fn by_password(pool: &Direct, user: &str) -> Result<Value, ServiceError> {
    let parameters = json!({"USERNAME": user, "PASSWORD": "Passw0rd!"});
    let body = json!({"ClientId": "web", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters});
    pool.call_at(NOW, "InitiateAuth", &body)
}

#[test]
fn what_is_no_answer_is_an_error_of_the_service_at_every_trigger() {
    let deep = format!(r#"{{"response":{{"x":{0}1{1}}}}}"#, "[".repeat(50_000), "]".repeat(50_000));
    let unrecognizable: [&[u8]; 12] = [
        b"",
        b"null",
        b"true",
        b"{}",
        b"[]",
        b"\"response\"",
        b"{\"response\":null}",
        b"{\"response\":[]}",
        b"{\"response\":7}",
        b"{\"response\":{}",
        b"{\"response\":{},\"response\":{}}",
        b"{\"response\":\"\xff\"}",
    ];
    for (source, name) in [
        ("PreAuthentication_Authentication", "PreAuthentication"),
        ("PostAuthentication_Authentication", "PostAuthentication"),
        ("TokenGeneration_Authentication", "PreTokenGeneration"),
    ] {
        let function = Lying::about(source);
        let pool = Direct::with_triggers(FILE, function.clone());
        for body in unrecognizable {
            function.says(Ok((false, body)));
            let error = by_password(&pool, "alice").unwrap_err();
            let said = (error.name().as_str(), error.message());
            let text = String::from_utf8_lossy(body);
            assert_eq!(said, ("InvalidLambdaResponseException", "Unrecognizable lambda output"), "{source}: {text}");
        }
        for (is_error, body, message) in [
            (false, &b"{\"errorMessage\":\"no\",\"response\":{}}"[..], "no"),
            (true, b"{\"errorMessage\":\"no\",\"errorType\":\"Error\"}", "no"),
            (true, b"{\"response\":{}}", "Unhandled"),
            (true, b"\xff", "Unhandled"),
            (false, b"{\"errorMessage\":{\"a\":1}}", "Unhandled"),
        ] {
            function.says(Ok((is_error, body)));
            let error = by_password(&pool, "alice").unwrap_err();
            assert_eq!(error.name().as_str(), "UserLambdaValidationException", "{source}");
            assert_eq!(error.message(), format!("{name} failed with error {message}."));
        }
        let long = format!("{{\"errorMessage\":\"{}\"}}", "x".repeat(100_000));
        function.says(Ok((false, long.as_bytes())));
        assert!(by_password(&pool, "alice").unwrap_err().message().len() < 2000);

        for (failure, calls, message) in [
            (Failure::TimedOut, 3, "Socket timeout while invoking Lambda function."),
            (Failure::Status(500), 1, "HTTP status 500."),
            (Failure::Unreachable, 1, "the function cannot be reached."),
        ] {
            function.says(Err(failure));
            let error = by_password(&pool, "alice").unwrap_err();
            assert_eq!(error.name().as_str(), "UnexpectedLambdaException");
            assert_eq!(error.message(), format!("{name} invocation failed due to error {message}"));
            assert_eq!(*function.calls.lock().unwrap(), calls, "{failure:?}");
        }
        function.says(Err(Failure::TooLong));
        assert_eq!(name_of(by_password(&pool, "alice")), "InvalidLambdaResponseException");
        // Depth in what nobody reads harms nobody.
        function.says(Ok((false, deep.as_bytes())));
        by_password(&pool, "alice").unwrap();
    }
}

fn begin(pool: &Direct, client: &str, user: &str) -> Result<Value, ServiceError> {
    let body = json!({"ClientId": client, "AuthFlow": "CUSTOM_AUTH", "AuthParameters": {"USERNAME": user}});
    pool.call_at(NOW, "InitiateAuth", &body)
}

#[test]
fn a_trigger_that_contradicts_itself_signs_nobody_in() {
    let says = |source: &'static str, response: &Value| {
        let function = Lying::about(source);
        function.says(Ok((false, json!({"response": response}).to_string().as_bytes())));
        let pool = Direct::with_triggers(FILE, function);
        let asked = begin(&pool, "web", "alice")?;
        pool.answer(NOW, &asked, "alice", ("ANSWER", "swordfish"))
    };
    for response in [
        json!({}),
        json!({"challengeName": null, "issueTokens": null, "failAuthentication": null}),
        json!({"issueTokens": true, "failAuthentication": true}),
        json!({"issueTokens": true, "challengeName": "CUSTOM_CHALLENGE"}),
        json!({"issueTokens": "true"}),
        json!({"issueTokens": 1}),
        json!({"issueTokens": [true]}),
        json!({"issue_tokens": true}),
        json!({"issueTokens": false, "failAuthentication": false, "challengeName": ""}),
        json!({"challengeName": "PASSWORD_VERIFIER"}),
        json!({"challengeName": "SMS_MFA"}),
        json!({"challengeName": "custom_challenge"}),
        json!({"challengeName": ["CUSTOM_CHALLENGE"]}),
    ] {
        assert_eq!(name_of(says(DEFINE, &response)), "InvalidLambdaResponseException", "{response}");
    }
    for response in [
        json!({"failAuthentication": true}),
        json!({"failAuthentication": true, "challengeName": "CUSTOM_CHALLENGE"}),
        json!({"failAuthentication": true, "issueTokens": false}),
    ] {
        assert_eq!(name_of(says(DEFINE, &response)), "NotAuthorizedException", "{response}");
    }
    for response in [
        json!({"publicChallengeParameters": {"a": 1}}),
        json!({"publicChallengeParameters": ["a"]}),
        json!({"privateChallengeParameters": {"a": {"b": "c"}}}),
        json!({"privateChallengeParameters": "swordfish"}),
        json!({"challengeMetadata": 1}),
        json!({"privateChallengeParameters": {"a": "x".repeat(2000)}}),
        json!({"challengeMetadata": "x".repeat(2000)}),
    ] {
        assert_eq!(name_of(says(CREATE, &response)), "InvalidLambdaResponseException", "{:.80}", response.to_string());
    }
    for response in
        [json!({}), json!({"answerCorrect": null}), json!({"answerCorrect": "true"}), json!({"answerCorrect": 1})]
    {
        assert_eq!(name_of(says(VERIFY, &response)), "InvalidLambdaResponseException", "{response}");
    }
    let again = says(VERIFY, &json!({"answerCorrect": false})).unwrap();
    assert_eq!(again["ChallengeName"], "CUSTOM_CHALLENGE");
}

#[test]
fn a_trigger_that_never_decides_ends_after_ten_challenges() {
    let function = Changing::new(|source, request, response| {
        custom_auth(source, request, response);
        if source == DEFINE {
            *response = json!({"challengeName": "CUSTOM_CHALLENGE"});
        } else if source == CREATE {
            response["challengeMetadata"] = Value::Null;
        }
    });
    let pool = Direct::with_triggers(FILE, function);
    let mut asked = begin(&pool, "web", "alice").unwrap();
    for _ in 0..9 {
        asked = pool.answer(NOW, &asked, "alice", ("ANSWER", "swordfish")).unwrap();
    }
    let refused = pool.answer(NOW, &asked, "alice", ("ANSWER", "swordfish"));
    assert_eq!(name_of(refused), "NotAuthorizedException");
}

#[test]
fn tokens_for_a_wrong_answer_are_the_triggers_word_but_once() {
    let function = Changing::new(|source, request, response| {
        custom_auth(source, request, response);
        if source == DEFINE && !request["session"].as_array().unwrap().is_empty() {
            *response = json!({"issueTokens": true});
        }
    });
    let pool = Direct::with_triggers(FILE, function);
    for (user, is_known) in [("alice", true), ("nobody", false)] {
        let asked = begin(&pool, "web", user).unwrap();
        let answered = pool.answer(NOW, &asked, user, ("ANSWER", "herring"));
        assert_eq!(answered.is_ok(), is_known, "{user}");
        assert_eq!(name_of(pool.answer(NOW, &asked, user, ("ANSWER", "herring"))), "NotAuthorizedException");
    }
}

#[test]
fn sessions_of_custom_challenges_are_good_for_one_answer_of_their_user_client_and_time() {
    let file = format!("{FILE}[[client]]\nid = \"phone\"\nflows = [\"ALLOW_CUSTOM_AUTH\"]\n");
    let pool = Direct::with_triggers(&file, Changing::new(custom_auth));
    let asked = begin(&pool, "web", "alice").unwrap();
    let answer = ("ANSWER", "swordfish");
    for user in ["erin", "nobody"] {
        assert_eq!(name_of(pool.answer(NOW, &asked, user, answer)), "NotAuthorizedException", "{user}");
    }
    let mut body = body_of(&asked, "alice", answer);
    body["ClientId"] = "phone".into();
    assert_eq!(name_of(pool.call_at(NOW, "RespondToAuthChallenge", &body)), "NotAuthorizedException");
    assert_eq!(name_of(pool.answer(NOW + 181, &asked, "alice", answer)), "NotAuthorizedException");
    pool.answer(NOW, &asked, "alice", answer).unwrap();
    for answer in ["swordfish", "herring"] {
        assert_eq!(name_of(pool.answer(NOW, &asked, "alice", ("ANSWER", answer))), "NotAuthorizedException");
    }
    // A new password ends what was asked before.
    let asked = begin(&pool, "web", "alice").unwrap();
    set_password(&pool, "alice");
    assert_eq!(name_of(pool.answer(NOW, &asked, "alice", answer)), "NotAuthorizedException");
}

#[test]
fn a_session_of_nobody_is_nothing_to_a_user_who_takes_the_name() {
    let pool = Direct::with_triggers(FILE, Changing::new(custom_auth));
    let asked = begin(&pool, "web", "zoe").unwrap();
    let body = json!({"UserPoolId": "us-east-1_LocalPool", "Username": "zoe", "TemporaryPassword": "Passw0rd!"});
    pool.call_at(NOW, "AdminCreateUser", &body).unwrap();
    assert_eq!(name_of(pool.answer(NOW, &asked, "zoe", ("ANSWER", "swordfish"))), "NotAuthorizedException");
    pool.answer(NOW, &begin(&pool, "web", "zoe").unwrap(), "zoe", ("ANSWER", "swordfish")).unwrap();
}

fn set_password(pool: &Direct, user: &str) {
    let body = json!({"UserPoolId": "us-east-1_LocalPool", "Username": user, "Password": "0therPassw0rd",
        "Permanent": true});
    pool.call_at(NOW, "AdminSetUserPassword", &body).unwrap();
}

/// A pool whose function changes the password of the user when one cause comes up for the nth time. It also shows that
/// the pool is not locked then.
fn pool_with_a_change_at(source: &'static str, nth: usize) -> Arc<Direct> {
    let pool = Arc::new(OnceLock::<Arc<Direct>>::new());
    let (seen, inner) = (Mutex::new(0), Arc::clone(&pool));
    let function = Changing::new(move |cause, request, response| {
        custom_auth(cause, request, response);
        if cause == source {
            *seen.lock().unwrap() += 1;
            if *seen.lock().unwrap() == nth {
                set_password(inner.get().unwrap(), "alice");
            }
        }
    });
    let made = Arc::new(Direct::with_triggers(FILE, function));
    assert!(pool.set(Arc::clone(&made)).is_ok());
    made
}

#[test]
fn a_password_that_changes_while_a_trigger_runs_ends_the_sign_in() {
    for source in ["PostAuthentication_Authentication", "TokenGeneration_Authentication"] {
        let pool = pool_with_a_change_at(source, 1);
        assert_eq!(name_of(by_password(&pool, "alice")), "NotAuthorizedException", "{source}");
    }
    // Before the password is looked at: it is the old one.
    let pool = pool_with_a_change_at("PreAuthentication_Authentication", 1);
    assert_eq!(name_of(by_password(&pool, "alice")), "NotAuthorizedException");

    for (source, nth) in [(VERIFY, 1), (DEFINE, 2), ("TokenGeneration_Authentication", 1)] {
        let pool = pool_with_a_change_at(source, nth);
        let asked = begin(&pool, "web", "alice").unwrap();
        let answered = pool.answer(NOW, &asked, "alice", ("ANSWER", "swordfish"));
        assert_eq!(name_of(answered), "NotAuthorizedException", "{source}");
    }
    let pool = pool_with_a_change_at("TokenGeneration_RefreshTokens", 1);
    let tokens = by_password(&pool, "alice").unwrap();
    let token = &tokens["AuthenticationResult"]["RefreshToken"];
    let body = json!({"ClientId": "web", "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": token}});
    assert_eq!(name_of(pool.call_at(NOW, "InitiateAuth", &body)), "NotAuthorizedException");
}

#[test]
fn the_password_comes_first_where_the_client_wants_it_so() {
    let site = Site::with_triggers(FILE, Changing::new(custom_auth));
    for (password, is_right) in [("Passw0rd!", true), ("a wrong one", false)] {
        let step = site.sign_in_until_asked(Api::Public, SignInFlow::CustomSrp, credentials("alice", password));
        if !is_right {
            assert_eq!(refusal(step).name().as_str(), "NotAuthorizedException");
            continue;
        }
        let Challenge::Custom(asked) = challenge(step.unwrap()) else { panic!("another challenge") };
        let (sign_in, request) = asked.answer("herring").unwrap();
        let Challenge::Custom(asked) = challenge(site.go_on(sign_in, request).unwrap()) else {
            panic!("another challenge")
        };
        let (sign_in, request) = asked.answer("swordfish").unwrap();
        assert!(matches!(site.go_on(sign_in, request), Ok(Step::Done(_))));
    }
}

/// A function that lets some events wait until it is told.
#[derive(Default)]
struct Waiting {
    events: Mutex<usize>,
    changed: Condvar,
    released: Mutex<bool>,
}

impl Function for Waiting {
    fn invoke(&self, event: &[u8]) -> Result<Answer, Failure> {
        let event: Value = serde_json::from_slice(event).unwrap();
        if event["userName"] == "erin" {
            *self.events.lock().unwrap() += 1;
            self.changed.notify_all();
            let released = self.released.lock().unwrap();
            drop(self.changed.wait_while(released, |released| !*released).unwrap());
        }
        Ok(Answer { is_error: false, body: event.to_string().into_bytes() })
    }
}

#[test]
fn a_hundred_sign_ins_that_wait_for_a_trigger_hold_up_no_other() {
    const SLOW: usize = 100;
    let function = Arc::new(Waiting::default());
    let site = Arc::new(Site::with_triggers(FILE, function.clone()));
    let threads: Vec<_> = (0..SLOW)
        .map(|_| {
            let site = Arc::clone(&site);
            thread::spawn(move || {
                let parameters = json!({"USERNAME": "erin", "PASSWORD": "Passw0rd!"});
                let body = json!({"ClientId": "web", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters});
                site.call("InitiateAuth", &body).unwrap().is_ok()
            })
        })
        .collect();
    let waiting = function.events.lock().unwrap();
    let (waiting, _) =
        function.changed.wait_timeout_while(waiting, Duration::from_secs(60), |waiting| *waiting < SLOW).unwrap();
    assert_eq!(*waiting, SLOW, "calls that wait for a trigger wait for each other");
    drop(waiting);
    site.sign_in(Api::Public, SignInFlow::UserPassword, credentials("alice", "Passw0rd!")).unwrap();
    *function.released.lock().unwrap() = true;
    function.changed.notify_all();
    assert!(threads.into_iter().all(|thread| thread.join().unwrap()), "and they go on");
}

/// A server that reads one request on each connection and writes these bytes, or nothing. Returns the requests.
fn serve(answer: impl Fn(&str) -> Option<Vec<u8>> + Send + 'static) -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, requests) = channel();
    thread::spawn(move || {
        let mut held = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let request = read_request(&mut stream);
            let answer = answer(&request);
            // Before the answer, so whoever has the answer finds the request.
            let _ = sender.send(request);
            match answer {
                Some(bytes) => drop(stream.write_all(&bytes)),
                None => held.push(stream),
            }
        }
    });
    (address, requests)
}

fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let read = stream.read(&mut chunk).unwrap();
        bytes.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length: usize =
            head.to_lowercase().split("content-length: ").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
        if body.len() == length {
            return text;
        }
    }
}

/// An answer over HTTP. A server may also give none.
#[allow(clippy::unnecessary_wraps, reason = "it is what a server's function returns")]
fn http(status: &str, headers: &str, body: &str) -> Option<Vec<u8>> {
    Some(format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len()).into_bytes())
}

/// Time enough for any function that answers.
const LONG: Duration = Duration::from_secs(60);

/// A pool whose triggers are at a URL and have some time.
fn site_at(url: &str, patience: Duration) -> Site {
    let mut options = options_of_file(&format!("triggers = \"{url}\"\n{FILE}"), &[]).unwrap();
    options.trigger_patience = patience;
    Site::of(&options)
}

fn sign_in_at(url: &str, patience: Duration) -> Result<(), ServiceError> {
    let parameters = json!({"USERNAME": "alice", "PASSWORD": "Passw0rd!"});
    let body = json!({"ClientId": "web", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters});
    site_at(url, patience).call("InitiateAuth", &body).unwrap().map(drop)
}

#[test]
fn an_event_is_the_body_of_one_post_to_exactly_that_url() {
    let (address, requests) = serve(|request| http("200 OK", "", request.split_once("\r\n\r\n").unwrap().1));
    sign_in_at(&format!("http://{address}/2015-03-31/functions/function/invocations?a=b"), LONG).unwrap();
    let request = requests.recv().unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /2015-03-31/functions/function/invocations?a=b HTTP/1.1\r\n"), "{head}");
    assert!(head.to_lowercase().contains("content-type: application/json"), "{head}");
    let event: Value = serde_json::from_str(body).unwrap();
    assert_eq!(event["triggerSource"], "PreAuthentication_Authentication");
    assert_eq!(requests.try_iter().count(), 2, "post authentication and pre token generation, each in one POST");
}

#[test]
fn a_function_behind_http_that_fails_hangs_or_answers_at_length_is_an_error() {
    let within = |patience: Duration, answer: fn(&str) -> Option<Vec<u8>>| {
        let (address, requests) = serve(answer);
        let error = sign_in_at(&format!("http://{address}/"), patience).unwrap_err();
        (error.name().to_string(), error.message().to_owned(), requests)
    };
    let said = |answer| within(LONG, answer);
    let (name, message, _) =
        said(|_| http("200 OK", "X-Amz-Function-Error: Unhandled\r\n", r#"{"errorMessage":"no"}"#));
    assert_eq!((&*name, &*message), ("UserLambdaValidationException", "PreAuthentication failed with error no."));
    let (name, message, _) = said(|_| http("500 Internal Server Error", "", "{\"response\":{}}"));
    assert_eq!(name, "UnexpectedLambdaException");
    assert!(message.ends_with("HTTP status 500."), "{message}");
    // It might point to another machine.
    let (name, _, requests) = said(|_| http("302 Found", "location: /elsewhere\r\n", ""));
    assert_eq!((&*name, requests.try_iter().count()), ("UnexpectedLambdaException", 1));
    let (name, message, requests) = within(Duration::from_millis(300), |_| None);
    assert_eq!((&*name, requests.iter().take(3).count()), ("UnexpectedLambdaException", 3));
    assert!(message.contains("Socket timeout while invoking Lambda function"), "{message}");
    // It begins to answer, and stops.
    let (name, _, _) = said(|_| Some(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{".to_vec()));
    assert_eq!(name, "UnexpectedLambdaException");
    let (name, _, _) = said(|_| http("200 OK", "", &format!("{{\"x\":\"{}\"}}", "x".repeat(300_000))));
    assert_eq!(name, "InvalidLambdaResponseException");
    let (name, _, _) = said(|_| Some(b"no HTTP".to_vec()));
    assert_eq!(name, "UnexpectedLambdaException");
    // Nobody listens there any more.
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(sign_in_at(&format!("http://{gone}/"), LONG).unwrap_err().name().as_str(), "UnexpectedLambdaException");
}
