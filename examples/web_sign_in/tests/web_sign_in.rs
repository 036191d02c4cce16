//! The program, driven over HTTP as a browser does it.

mod common;

use std::time::Duration;

use common::{Browser, CannedService, Program, asks, proof, refuses, tokens};

const PASSWORD: &str = "Passw0rd!";

/// A program with a pool of its own, and a browser in front of the form for the code.
fn asked_for_code(key: &str, arguments: &[&str]) -> (Program, Browser, String) {
    let program = Program::start(key, arguments);
    let mut browser = Browser::at(&program.address);
    let page = browser.sign_in("alice", PASSWORD);
    assert!(page.contains("<h1>Enter your code</h1>") && page.contains("sent to +*******0100"), "{page}");
    let code = program.code();
    (program, browser, code)
}

/// A code that is not this one.
fn other_than(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

fn is_signed_in(page: &str) -> bool {
    page.contains("<p>alice is signed in.</p>")
}

#[test]
fn the_right_password_and_the_right_code_sign_in_until_the_user_signs_out() {
    let (_program, mut browser, code) = asked_for_code("", &[]);
    let stranger = browser.cookie("browser");
    let page = browser.submit("/challenge", &[("code", &code)]);
    assert!(is_signed_in(&page) && browser.status == 200, "{page}");
    assert_ne!(browser.cookie("browser"), stranger, "the id of before the sign-in is in use");
    assert!(!browser.cookies.contains_key("challenge"));
    assert!(is_signed_in(&browser.get("/")));

    let session = browser.cookie("session");
    let page = browser.submit("/sign-out", &[]);
    assert!(page.contains("<h1>Sign in</h1>"), "{page}");
    // The cookie of the old session is no good in the browser of the new one.
    browser.cookies.insert("session".into(), session);
    assert!(!is_signed_in(&browser.get("/")));
}

#[test]
fn a_mistyped_code_is_refused_and_the_right_one_then_signs_in() {
    let (_program, mut browser, code) = asked_for_code("", &[]);
    let page = browser.submit("/challenge", &[("code", other_than(&code))]);
    assert!(page.contains("Invalid code received for user") && page.contains("<h1>Enter your code</h1>"), "{page}");
    assert!(is_signed_in(&browser.submit("/challenge", &[("code", &code)])));
}

#[test]
fn the_service_ends_a_sign_in_after_three_wrong_codes() {
    let (_program, mut browser, code) = asked_for_code("", &[]);
    for _ in 0..3 {
        browser.submit("/challenge", &[("code", other_than(&code))]);
    }
    let page = browser.submit("/challenge", &[("code", other_than(&code))]);
    assert!(page.contains("The service has ended the sign-in.") && browser.status == 403, "{page}");
    assert!(!browser.cookies.contains_key("challenge"));
}

#[test]
fn a_wrong_password_and_an_unknown_user_look_the_same() {
    let program = Program::start("", &[]);
    let mut pages = Vec::new();
    for (username, password) in [("alice", "passw0rd!"), ("nobody", PASSWORD)] {
        let mut browser = Browser::at(&program.address);
        let page = browser.sign_in(username, password);
        assert!(page.contains("Incorrect user name or password.") && browser.status == 403, "{page}");
        assert!(!browser.cookies.contains_key("challenge") && !page.contains(password));
        let token = browser.token.clone();
        pages.push(page.replace(username, "NAME").replace(&token, "TOKEN"));
    }
    assert_eq!(pages[0], pages[1]);
}

#[test]
fn a_temporary_password_is_replaced_before_the_code_is_asked() {
    let program = Program::start("", &[]);
    let mut browser = Browser::at(&program.address);
    let page = browser.sign_in("bob", "Temp0rary!");
    assert!(page.contains("<h1>Choose a new password</h1>"), "{page}");
    let page = browser.submit("/challenge", &[("new_password", "short")]);
    assert!(page.contains("role=\"alert\"") && page.contains("<h1>Choose a new password</h1>"), "{page}");
    let page = browser.submit("/challenge", &[("new_password", "N3w-Passw0rd!")]);
    assert!(page.contains("<h1>Enter your code</h1>"), "{page}");
    let page = browser.submit("/challenge", &[("code", &program.code())]);
    assert!(page.contains("<p>bob is signed in.</p>"), "{page}");
}

#[test]
fn another_process_with_the_key_takes_the_challenge_up() {
    let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let (first, mut browser, code) = asked_for_code(key, &[]);
    let arguments: Vec<_> = first.endpoint.iter().map(String::as_str).collect();
    let (second, stranger) = (Program::start(key, &arguments), Program::start("", &arguments));

    // A process with another key takes nothing up. It does not even take the form.
    let mut elsewhere = browser.clone();
    elsewhere.address.clone_from(&stranger.address);
    assert!(!is_signed_in(&elsewhere.submit("/challenge", &[("code", &code)])) && elsewhere.status == 403);
    assert!(elsewhere.get("/challenge").contains("The sign-in has expired.") && elsewhere.status == 403);

    // A mistyped code goes from the first process to the second, and the right one back.
    browser.address.clone_from(&second.address);
    let page = browser.submit("/challenge", &[("code", other_than(&code))]);
    assert!(page.contains("Invalid code received for user"), "{page}");
    browser.address.clone_from(&first.address);
    assert!(is_signed_in(&browser.submit("/challenge", &[("code", &code)])));
    browser.address.clone_from(&second.address);
    assert!(is_signed_in(&browser.get("/")));
}

#[test]
fn an_altered_cookie_ends_the_sign_in() {
    let (_program, browser, code) = asked_for_code("", &[]);
    let cookie = browser.cookie("challenge");
    let middle = cookie.len() / 2;
    let other = if &cookie[middle..=middle] == "A" { "B" } else { "A" };
    let altered = [&cookie[..middle], other, &cookie[middle + 1..]].concat();
    for altered in [altered.as_str(), &cookie[..middle], "v1.AAAA", "%3Cscript%3E"] {
        let mut browser = browser.clone();
        browser.cookies.insert("challenge".into(), altered.into());
        let page = browser.submit("/challenge", &[("code", &code)]);
        assert!(page.contains("The sign-in has expired.") && browser.status == 403, "{page}");
        assert!(!browser.cookies.contains_key("challenge"));
    }
    // None of these has used the code up.
    assert!(is_signed_in(&browser.clone().submit("/challenge", &[("code", &code)])));
}

#[test]
fn a_challenge_does_not_work_in_another_browser() {
    let (program, mut victim, code) = asked_for_code("", &[]);
    let mut thief = Browser::at(&program.address);
    thief.get("/");
    thief.cookies.insert("challenge".into(), victim.cookie("challenge"));
    assert!(thief.get("/challenge").contains("The sign-in has expired.") && thief.status == 403);
    thief.cookies.insert("challenge".into(), victim.cookie("challenge"));
    assert!(!is_signed_in(&thief.submit("/challenge", &[("code", &code)])));

    assert!(is_signed_in(&victim.submit("/challenge", &[("code", &code)])));
    thief.cookies.insert("session".into(), victim.cookie("session"));
    assert!(!is_signed_in(&thief.get("/")), "a session works in another browser");
}

#[test]
fn a_challenge_is_good_for_its_time() {
    let (_program, mut browser, code) = asked_for_code("", &["--lifetime", "3"]);
    std::thread::sleep(Duration::from_millis(3100));
    // A browser deletes the cookie. This one is asked to send it all the same.
    let page = browser.submit("/challenge", &[("code", &code)]);
    assert!(page.contains("The sign-in has expired.") && browser.status == 403, "{page}");

    // A mistyped code does not lengthen the time.
    let (_program, mut browser, code) = asked_for_code("", &[]);
    std::thread::sleep(Duration::from_millis(2100));
    browser.submit("/challenge", &[("code", other_than(&code))]);
    let ages = browser.set.iter().filter(|set| set.starts_with("challenge=")).map(|set| {
        let age = set.split("Max-Age=").nth(1).expect("the cookie ends");
        age.parse::<u64>().expect("the age is a number")
    });
    assert!(matches!(ages.collect::<Vec<_>>()[..], [178..=180, 100..=178]), "{:?}", browser.set);
}

#[test]
fn a_challenge_is_good_once() {
    let (_program, mut browser, code) = asked_for_code("", &[]);
    let mut again = browser.clone();
    assert!(is_signed_in(&browser.submit("/challenge", &[("code", &code)])));
    let page = again.submit("/challenge", &[("code", &code)]);
    assert!(page.contains("The service has ended the sign-in."), "{page}");
}

#[test]
fn a_form_of_another_site_does_nothing() {
    let (program, browser, code) = asked_for_code("", &[]);
    let mut other = Browser::at(&program.address);
    other.get("/");
    for token in ["", other.token.as_str()] {
        let mut browser = Browser { token: token.into(), ..browser.clone() };
        for (path, field) in [("/challenge", ("code", code.as_str())), ("/sign-in", ("username", "alice"))] {
            let page = browser.submit(path, &[field, ("password", PASSWORD)]);
            assert!(page.contains("not from this site") && browser.status == 403, "{page}");
        }
        browser.submit("/sign-out", &[]);
        assert_eq!(browser.status, 403);
    }
    assert!(is_signed_in(&browser.clone().submit("/challenge", &[("code", &code)])));
}

#[test]
fn every_response_is_protected_and_every_cookie_is_bounded() {
    let (program, mut browser, code) = asked_for_code("", &[]);
    browser.submit("/challenge", &[("code", &code)]);
    for set in &browser.set {
        assert!(set.contains("; HttpOnly; SameSite=Strict") && set.len() <= 4096 && !set.contains("Secure"), "{set}");
    }
    let headers = ["cache-control", "content-security-policy", "referrer-policy", "x-content-type-options"];
    for path in ["/", "/challenge", "/sign-in", "/nowhere"] {
        browser.get(path);
        assert!(headers.iter().all(|name| browser.headers.contains_key(*name)), "{path}: {:?}", browser.headers);
    }
    drop(program);

    let program = Program::start("", &["--behind-tls"]);
    let mut browser = Browser::at(&program.address);
    browser.get("/");
    assert!(browser.set[0].starts_with("__Host-browser=") && browser.set[0].ends_with("; Secure"), "{:?}", browser.set);
}

#[test]
fn hostile_texts_are_shown_and_do_nothing() {
    let hostile = "<script>'\"&</script>";
    let shown = "&lt;script&gt;&#39;&quot;&amp;&lt;/script&gt;";
    // In a list that the service sends as text, names have no quotes.
    let (name, shown_name) = ("<script>'&</script>", "&lt;script&gt;&#39;&amp;&lt;/script&gt;");
    let service = CannedService::start(vec![
        proof(hostile),
        asks("NEW_PASSWORD_REQUIRED", &[("requiredAttributes", &format!("[{name:?}]"))]),
        asks("SELECT_MFA_TYPE", &[("MFAS_CAN_CHOOSE", &format!("[{name:?}]"))]),
        asks("SMS_MFA", &[("CODE_DELIVERY_DESTINATION", hostile)]),
        refuses("CodeMismatchException", hostile),
        tokens(),
        proof(hostile),
        asks(hostile, &[]),
    ]);
    let program = Program::start("", &service.arguments());
    let mut browser = Browser::at(&program.address);
    let attribute = format!("attribute.{name}");
    let answers: [(&str, &[(&str, &str)]); 4] = [
        ("Choose a second factor", &[("new_password", "N3w-Passw0rd!"), (&attribute, "Alice")]),
        ("Enter your code", &[("choice", name)]),
        ("Enter your code", &[("code", "123456")]),
        ("Signed in", &[("code", "123456")]),
    ];
    let mut pages = vec![browser.sign_in(hostile, PASSWORD)];
    for (title, fields) in answers {
        let page = browser.submit("/challenge", fields);
        assert!(page.contains(&format!("<h1>{title}</h1>")), "{page}");
        pages.push(page);
    }
    browser.submit("/sign-out", &[]);
    pages.push(browser.sign_in(hostile, PASSWORD));
    for page in pages {
        assert!((page.contains(shown) || page.contains(shown_name)) && !page.contains("<script"), "{page}");
    }
    let sent = service.sent.lock().unwrap();
    assert!(sent[2].contains(r#""userAttributes.<script>'&</script>":"Alice""#), "{}", sent[2]);

    // What the user typed comes back as well.
    let mut browser = Browser::at(&program.address);
    let page = browser.sign_in(&hostile.repeat(10), PASSWORD);
    assert!(page.contains(shown) && !page.contains("<script") && browser.status == 400, "{page}");
}

#[test]
fn a_request_that_was_not_processed_is_sent_again_and_a_busy_service_ends_nothing() {
    let throttled = || refuses("TooManyRequestsException", "Rate exceeded");
    let mut responses = vec![throttled(), proof("alice"), (503, "<html>".into()), asks("SOFTWARE_TOKEN_MFA", &[])];
    responses.extend((0..4).map(|_| throttled()));
    responses.push(tokens());
    let service = CannedService::start(responses);
    let program = Program::start("", &service.arguments());
    let mut browser = Browser::at(&program.address);
    let page = browser.sign_in("alice", PASSWORD);
    assert!(page.contains("your authenticator app"), "{page}");
    let page = browser.submit("/challenge", &[("code", "123456")]);
    assert!(page.contains("The service is busy.") && browser.status == 503, "{page}");
    assert!(is_signed_in(&browser.submit("/challenge", &[("code", "123456")])));
    let sent = service.sent.lock().unwrap();
    assert_eq!((sent.len(), &sent[0], &sent[2]), (9, &sent[1], &sent[3]), "each request is sent again as it was");
    assert!(sent[4..].iter().all(|request| *request == sent[4] && request.contains("SOFTWARE_TOKEN_MFA_CODE")));
}

#[test]
fn an_error_of_the_service_becomes_a_sentence_of_the_site() {
    let errors = [
        ("UserNotFoundException", 403, "Incorrect user name or password."),
        ("PasswordResetRequiredException", 403, "Reset your password first."),
        ("UserNotConfirmedException", 403, "Confirm your sign-up first."),
        ("ResourceNotFoundException", 502, "The sign-in does not work at the moment."),
    ];
    // Each error comes once after the password and once after the code.
    let twice = |name| [refuses(name, "a text"), proof("alice"), asks("SMS_MFA", &[]), refuses(name, "a text")];
    let service = CannedService::start(errors.iter().flat_map(|(name, ..)| twice(name)).collect());
    let program = Program::start("", &service.arguments());
    for (name, status, sentence) in errors {
        let mut browser = Browser::at(&program.address);
        let page = browser.sign_in("alice", PASSWORD);
        assert!(page.contains(sentence) && !page.contains("a text") && browser.status == status, "{name}: {page}");
        browser.sign_in("alice", PASSWORD);
        let page = browser.submit("/challenge", &[("code", "123456")]);
        let sentence = if name == "UserNotFoundException" { "has ended the sign-in" } else { sentence };
        assert!(page.contains(sentence) && !page.contains("a text") && browser.status == status, "{name}: {page}");
    }

    // Now nobody listens: the service has given all its responses.
    let page = Browser::at(&program.address).sign_in("alice", PASSWORD);
    assert!(page.contains("The service is busy."), "{page}");
}

#[test]
fn a_challenge_that_is_too_long_for_a_cookie_waits_in_the_folder_for_every_process() {
    let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let attributes = "a".repeat(4000);
    let asked = || asks("SMS_MFA", &[("userAttributes", &attributes)]);
    let service = CannedService::start(vec![proof("alice"), asked(), tokens(), proof("alice"), asked()]);
    let folder = std::env::temp_dir().join(format!("web_sign_in-test-{}", std::process::id()));
    let arguments = [&service.arguments()[..], &["--folder", folder.to_str().unwrap()]].concat();
    let (first, second) = (Program::start(key, &arguments), Program::start(key, &arguments));
    let mut browser = Browser::at(&first.address);
    browser.sign_in("alice", PASSWORD);
    assert!(browser.set.iter().all(|set| set.len() < 1000), "{:?}", browser.set);
    let mut thief = Browser::at(&first.address);
    thief.get("/");
    thief.cookies.insert("challenge".into(), browser.cookie("challenge"));
    assert!(thief.get("/challenge").contains("The sign-in has expired."));
    browser.address.clone_from(&second.address);
    assert!(is_signed_in(&browser.submit("/challenge", &[("code", "123456")])));

    // What is in the folder is sealed, and without it the sign-in ends.
    browser.submit("/sign-out", &[]);
    browser.sign_in("alice", PASSWORD);
    for file in std::fs::read_dir(&folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        assert!(text.len() > attributes.len() && !text.contains("v1.") && !text.contains("aaaa"));
    }
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(browser.submit("/challenge", &[("code", "123456")]).contains("The sign-in has expired."));
}

#[test]
fn every_call_is_an_admin_call_with_a_signature_and_sends_no_password() {
    let service = CannedService::start(vec![proof("alice"), tokens()]);
    let program = Program::start("", &service.arguments());
    let mut browser = Browser::at(&program.address);
    assert!(is_signed_in(&browser.sign_in("alice", PASSWORD)));
    let heads = service.heads.lock().unwrap();
    let operations = ["AdminInitiateAuth", "AdminRespondToAuthChallenge"];
    assert_eq!(heads.len(), operations.len());
    for (head, operation) in heads.iter().zip(operations) {
        assert!(
            head.contains(&format!("x-amz-target: awscognitoidentityproviderservice.{operation}\r\n").to_lowercase())
        );
        assert!(head.contains("authorization: aws4-hmac-sha256 credential=test/"), "{head}");
    }
    assert!(service.sent.lock().unwrap().iter().all(|request| !request.contains(PASSWORD)));
}

#[test]
fn the_command_line_is_described_and_checked() {
    let (status, out, _) = Program::run("", &["--help"]);
    assert!(status && ["--endpoint URL", "WEB_SIGN_IN_KEY", "--folder PATH"].iter().all(|text| out.contains(text)));
    let pool = ["--pool-id", "us-east-1_LocalPool", "--client-id", "client"];
    let refused: [(&[&str], &str, &str); 6] = [
        (&pool, "", "--endpoint is missing"),
        (&["--endpoint", "http://127.0.0.1:1/"], "", "--pool-id is missing"),
        (&["--endpoint", "http://cognito.invalid/"], "", "--endpoint: \"http://cognito.invalid/\" is no https URL"),
        (&["--nonsense"], "", "invalid option '--nonsense'"),
        (&["--listen", "nonsense"], "", "--listen: "),
        (&[], "c2hvcnQ=", "WEB_SIGN_IN_KEY has not 32 bytes"),
    ];
    for (arguments, key, message) in refused {
        let (status, out, error) = Program::run(key, arguments);
        assert!(!status && out.is_empty() && error.contains(message) && error.contains("See --help."), "{error}");
    }
    let elsewhere = [&["--endpoint", "https://cognito.invalid/"][..], &pool].concat();
    assert!(Program::run("", &elsewhere).2.contains("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set"));
}
