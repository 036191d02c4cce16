//! `WEB_AUTHN`: as preferred challenge, as choice, and with the choice.

use std::sync::Barrier;
use std::thread;

use cognito_srp6a::idp::{Api, Challenge, Credentials, FirstFactor, SignIn, SignInFlow, Step};
use cognito_srp6a::{AppClient, DeviceCredentials};
use serde_json::{Value, json};

use crate::authenticator::{Authenticator, BACKUP_ELIGIBLE, Change, Said, USER_PRESENT, USER_VERIFIED, decode, encode};
use crate::client::{Asked, FILE, Site, WEB_AUTHN, error, has_tokens, now, only};

const BOTH: [Api; 2] = [Api::Public, Api::Admin];

/// Begins a sign-in of the crate's client.
fn begin(site: &Site, app: &AppClient, api: Api, first: Option<FirstFactor>, credentials: Credentials) -> Challenge {
    let (sign_in, request) = SignIn::builder(app, api, SignInFlow::User(first), credentials).start().unwrap();
    challenge(site.go_on(sign_in, request).unwrap())
}

fn challenge(step: Step) -> Challenge {
    let Step::Challenge(challenge) = step else { panic!("no challenge, but {step:?}") };
    challenge
}

fn parsed(options: Option<&str>) -> Value {
    serde_json::from_str(options.unwrap()).unwrap()
}

/// A file with these lines first.
fn with(lines: &str) -> String {
    format!("{lines}{FILE}")
}

#[test]
fn the_crates_client_signs_in_by_a_passkey_in_every_way() {
    let secret = "secrets = [\"0test0client0secret0of0forty0letters0\"]\n";
    for (file, of) in
        [(FILE.to_owned(), "web"), (FILE.replacen("id = \"web\"\n", &format!("id = \"web\"\n{secret}"), 1), "phone")]
    {
        let site = Site::of_file(&file);
        let token = site.access_token(of, "alice");
        let authenticators = [Authenticator::es256(), Authenticator::rs256()];
        for authenticator in &authenticators {
            site.register(&token, authenticator);
        }
        for (api, name) in BOTH.into_iter().flat_map(|api| [(api, "alice"), (api, "alice@example.com")]) {
            for (authenticator, way) in authenticators.iter().flat_map(|one| [(one, 0), (one, 1), (one, 2)]) {
                let first = (way == 0).then_some(FirstFactor::WebAuthn);
                let (sign_in, request) = match begin(&site, &site.app, api, first, only(name)) {
                    Challenge::WebAuthn(asked) => {
                        let credential = authenticator.get(&parsed(asked.request_options()));
                        asked.answer(&credential.to_string()).unwrap()
                    }
                    Challenge::SelectChallenge(asked) if way == 1 => {
                        let (sign_in, request) = asked.answer(&WEB_AUTHN).unwrap();
                        let next = challenge(site.go_on(sign_in, request).unwrap());
                        let Challenge::WebAuthn(asked) = next else { panic!("not WEB_AUTHN, but {next:?}") };
                        let credential = authenticator.get(&parsed(asked.request_options()));
                        asked.answer(&credential.to_string()).unwrap()
                    }
                    Challenge::SelectChallenge(asked) => {
                        let choices: Vec<_> = asked.choices().iter().map(ToString::to_string).collect();
                        assert_eq!(choices, ["PASSWORD_SRP", "PASSWORD", "WEB_AUTHN"]);
                        let credential = authenticator.get(&parsed(asked.request_options()));
                        asked.answer_web_authn(&credential.to_string()).unwrap()
                    }
                    other => panic!("another challenge: {other:?}"),
                };
                let step = site.go_on(sign_in, request).unwrap();
                let Step::Done(signed_in) = step else { panic!("no tokens, but {step:?}") };
                assert_eq!(signed_in.username(), "alice", "{api:?} {name} {way}");
            }
        }
    }
}

#[test]
fn the_options_name_the_passkeys_of_the_user() {
    let site = Site::new();
    let (first, second) = (site.passkey("alice"), site.passkey("alice"));
    let options = site.ask("alice").options();
    assert_eq!((&options["rpId"], &options["userVerification"]), (&json!("localhost"), &json!("preferred")));
    assert_eq!(options["timeout"], 180_000);
    let ids = [&first, &second].map(|one| json!({"type": "public-key", "id": encode(&one.id)}));
    assert_eq!(options["allowCredentials"], json!(ids));
    assert_eq!(decode(&options["challenge"]).len(), 32);
    assert_ne!(options["challenge"], site.ask("alice").options()["challenge"]);
}

#[test]
fn what_the_browser_and_the_authenticator_say_is_checked() {
    let site = Site::new();
    let passkey = site.passkey("alice");
    let (own, other) = (sub(&site, "alice"), sub(&site, "bob"));
    let refused: [(&str, Change<'_>); 13] = [
        ("another domain", &|said| said.origin = "https://example.com".into()),
        ("a domain that ends alike", &|said| said.origin = "https://evil-localhost".into()),
        ("a scheme", &|said| said.origin = "ws://localhost".into()),
        ("an app", &|said| said.origin = "android:apk-key-hash:c2ln".into()),
        ("a frame of another page", &|said| said.cross_origin = true.into()),
        ("another relying party", &|said| said.rp_id = "example.com".into()),
        ("a registration", &|said| said.kind = "webauthn.create"),
        ("another challenge", &|said| said.challenge = encode(&[7; 32])),
        ("no challenge", &|said| said.challenge = String::new()),
        ("nobody there", &|said| said.flags &= !USER_PRESENT),
        ("another kind of passkey", &|said| said.flags |= BACKUP_ELIGIBLE),
        ("another user", &|said| said.user_handle = Some(other.clone())),
        ("no user", &|said| said.user_handle = Some(Vec::new())),
    ];
    let asked = site.ask("alice");
    for (what, change) in refused {
        let answer = site.answer(&asked, &passkey.get_but(&asked.options(), change));
        assert_eq!(error(answer), "NotAuthorizedException", "{what}");
    }
    // The session survives what is refused, and ends with what is right.
    assert!(has_tokens(&site.answer(&asked, &passkey.get(&asked.options()))));
    let accepted: [Change<'_>; 4] = [
        &|said| said.origin = "https://app.localhost:8443".into(),
        &|said| said.cross_origin = Value::Null,
        &|said| said.flags &= !USER_VERIFIED,
        &|said| said.user_handle = Some(own.clone()),
    ];
    for (number, change) in accepted.into_iter().enumerate() {
        let asked = site.ask("alice");
        assert!(has_tokens(&site.answer(&asked, &passkey.get_but(&asked.options(), change))), "case {number}");
    }
}

#[test]
fn a_domain_of_the_file_has_its_own_origins() {
    let site = Site::of_file(&FILE.replace("[passkeys]", "[passkeys]\nrelying_party_id = \"auth.example.com\""));
    let passkey = Authenticator::es256();
    let token = site.access_token("web", "alice");
    let at = |origin: &'static str| move |said: &mut Said| said.origin = origin.to_owned();
    let options = site.start(&token);
    assert_eq!(options["rp"]["id"], "auth.example.com");
    site.complete(&token, &passkey.create_but(&options, at("https://auth.example.com"))).unwrap();
    for (origin, may) in [
        ("https://auth.example.com", true),
        ("https://a.auth.example.com:8443", true),
        ("http://auth.example.com", false),
        ("https://example.com", false),
        ("https://auth.example.com.evil.example", false),
        ("http://localhost:3000", false),
    ] {
        let asked = site.ask("alice");
        let answer = site.answer(&asked, &passkey.get_but(&asked.options(), at(origin)));
        assert_eq!(has_tokens(&answer), may, "{origin}");
    }
}

#[test]
fn no_bit_of_an_assertion_can_be_flipped() {
    let site = Site::new();
    let token = site.access_token("web", "alice");
    // A signature of RSA is long, and slow where nothing is optimised.
    for (authenticator, step) in [(Authenticator::es256(), 1), (Authenticator::rs256(), 16)] {
        site.register(&token, &authenticator);
        let asked = site.ask("alice");
        let good = authenticator.get(&asked.options());
        for member in ["clientDataJSON", "authenticatorData", "signature"] {
            let bytes = decode(&good["response"][member]);
            for place in (0..bytes.len()).step_by(step) {
                let (mut flipped, mut credential) = (bytes.clone(), good.clone());
                flipped[place] ^= 1 << (place % 8);
                credential["response"][member] = encode(&flipped).into();
                let name = error(site.answer(&asked, &credential));
                let malformed = member == "clientDataJSON" && name == "InvalidParameterException";
                assert!(malformed || name == "NotAuthorizedException", "{member} {place}: {name}");
            }
        }
        assert!(has_tokens(&site.answer(&asked, &good)));
    }
}

#[test]
fn a_counter_must_rise_unless_there_is_none() {
    let site = Site::new();
    let passkey = site.passkey("alice");
    let sign_in = |counter: u32| {
        let asked = site.ask("alice");
        has_tokens(&site.answer(&asked, &passkey.get_but(&asked.options(), |said| said.counter = counter)))
    };
    let steps = [(0, true), (0, true), (5, true), (5, false), (4, false), (0, false), (6, true), (u32::MAX, true)];
    for (counter, may) in steps {
        assert_eq!(sign_in(counter), may, "{counter}");
    }
    assert!(!sign_in(u32::MAX) && !sign_in(0) && !sign_in(7));
}

#[test]
fn of_two_answers_at_the_same_time_one_signs_in() {
    let site = Site::new();
    let passkey = site.passkey("alice");
    let race = |asked: [&Asked; 2], counter: u32| {
        let answers = asked.map(|asked| passkey.get_but(&asked.options(), |said| said.counter = counter));
        let start = Barrier::new(2);
        let answer = |place: usize| {
            start.wait();
            usize::from(has_tokens(&site.answer(asked[place], &answers[place])))
        };
        thread::scope(|scope| {
            let other = scope.spawn(|| answer(1));
            answer(0) + other.join().unwrap()
        })
    };
    for _ in 0..20 {
        let asked = site.ask("alice");
        assert_eq!(race([&asked, &asked], 0), 1, "the same session");
    }
    for counter in 1..20 {
        let (asked, other) = (site.ask("alice"), site.ask("alice"));
        assert_eq!(race([&asked, &other], counter), 1, "the same counter");
    }
}

#[test]
fn an_assertion_is_good_once_for_its_session_its_user_its_client_and_its_time() {
    let site = Site::new();
    let (passkey, of_bob) = (site.passkey("alice"), site.passkey("bob"));
    let (asked, other) = (site.ask("alice"), site.ask("alice"));
    let credential = passkey.get(&asked.options());
    let refused = "NotAuthorizedException";
    assert_eq!(error(site.answer(&other, &credential)), refused, "another session");
    assert_eq!(error(site.answer(&site.ask("bob"), &credential)), refused, "another user's session");
    let as_bob = Asked::new(asked.response.clone(), "bob");
    assert_eq!(error(site.answer(&as_bob, &credential)), refused, "another user");
    assert_eq!(error(site.answer(&as_bob, &of_bob.get(&asked.options()))), refused, "another user's passkey too");
    assert_eq!(error(site.answer(&asked, &of_bob.get(&asked.options()))), refused, "a foreign passkey");
    let mut body = asked.body(&credential);
    body["ClientId"] = "phone".into();
    assert_eq!(error(site.call("RespondToAuthChallenge", &body)), refused, "another client");
    let late = site.call_at(now() + 181, "RespondToAuthChallenge", &asked.body(&credential));
    assert_eq!(error(late), refused, "too late");
    for name in ["PASSWORD_SRP", "SELECT_CHALLENGE", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA"] {
        let mut body = asked.body(&credential);
        body["ChallengeName"] = name.into();
        body["ChallengeResponses"]["ANSWER"] = "WEB_AUTHN".into();
        body["ChallengeResponses"]["EMAIL_OTP_CODE"] = "000000".into();
        body["ChallengeResponses"]["SOFTWARE_TOKEN_MFA_CODE"] = "000000".into();
        assert!(site.call("RespondToAuthChallenge", &body).is_err(), "as answer to {name}");
    }
    assert!(has_tokens(&site.answer(&asked, &credential)));
    assert_eq!(error(site.answer(&asked, &credential)), refused, "a replay");

    // The same for the credential that comes with the choice.
    let asked = site.ask_for("alice", "");
    assert_eq!(asked.name(), "SELECT_CHALLENGE");
    let credential = passkey.get(&asked.options());
    assert_eq!(error(site.answer(&asked, &credential)), refused, "WEB_AUTHN was not asked");
    let mut body = asked.body(&credential);
    body["ChallengeName"] = "SELECT_CHALLENGE".into();
    body["ChallengeResponses"]["ANSWER"] = "WEB_AUTHN".into();
    assert!(has_tokens(&site.call("RespondToAuthChallenge", &body)));
    assert_eq!(error(site.call("RespondToAuthChallenge", &body)), refused, "a replay");

    // What began before a new password or `GlobalSignOut` is over.
    let asked = site.ask("alice");
    site.call("GlobalSignOut", &json!({"AccessToken": site.access_token("web", "alice")})).unwrap();
    assert_eq!(error(site.answer(&asked, &passkey.get(&asked.options()))), refused, "signed out");
    let asked = site.ask("alice");
    assert!(has_tokens(&site.answer(&asked, &passkey.get(&asked.options()))));
}

#[test]
fn a_deleted_passkey_signs_nobody_in() {
    let site = Site::new();
    let passkey = site.passkey("alice");
    let asked = site.ask("alice");
    let body = json!({"AccessToken": site.access_token("web", "alice"), "CredentialId": encode(&passkey.id)});
    site.call("DeleteWebAuthnCredential", &body).unwrap();
    assert_eq!(error(site.answer(&asked, &passkey.get(&asked.options()))), "NotAuthorizedException");
    // It may be registered again.
    site.register(&site.access_token("web", "alice"), &passkey);
    assert!(has_tokens(&site.answer(&asked, &passkey.get(&asked.options()))));
}

#[test]
fn an_answer_that_is_no_credential_is_refused() {
    let site = Site::new();
    let passkey = site.passkey("alice");
    let asked = site.ask("alice");
    let with = |path: &str, value: Value| {
        let mut credential = passkey.get(&asked.options());
        *credential.pointer_mut(path).unwrap() = value;
        credential
    };
    for (number, credential) in [
        json!({}),
        json!([]),
        json!("text"),
        with("/type", "password".into()),
        with("/id", encode(&[1; 32]).into()),
        with("/rawId", encode(&[1; 32]).into()),
        with("/response", Value::Null),
        with("/response/clientDataJSON", encode(b"{}").into()),
        with("/response/signature", encode(&vec![1; 40_000]).into()),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(error(site.answer(&asked, &credential)), "InvalidParameterException", "case {number}");
    }
    // Extensions of lists in lists, deeper than any stack.
    let mut nested = decode(&passkey.get(&asked.options())["response"]["authenticatorData"]);
    nested[32] |= 1 << 7;
    nested.extend(vec![0x81; 20_000]);
    for data in ["", "AAAA", &encode(&nested), &encode(&[0xff; 37]), &encode(&vec![0xff; 20_000])] {
        let name = error(site.answer(&asked, &with("/response/authenticatorData", data.into())));
        assert_eq!(name, "NotAuthorizedException", "{} letters", data.len());
    }
    let mut body = asked.body(&Value::Null);
    body["ChallengeResponses"].as_object_mut().unwrap().remove("CREDENTIAL");
    assert_eq!(error(site.call("RespondToAuthChallenge", &body)), "InvalidParameterException");
    let mut body = asked.body(&passkey.get(&asked.options()));
    body.as_object_mut().unwrap().remove("Session");
    assert_eq!(error(site.call("RespondToAuthChallenge", &body)), "InvalidParameterException");
}

#[test]
fn user_verification_is_required_where_the_file_says_so() {
    let site = Site::of_file(&FILE.replace("[passkeys]", "[passkeys]\nuser_verification = \"required\""));
    let token = site.access_token("web", "alice");
    let unverified = |said: &mut Said| said.flags &= !USER_VERIFIED;
    let passkey = Authenticator::es256();
    let options = site.start(&token);
    assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
    let refused = site.complete(&token, &passkey.create_but(&options, unverified));
    assert_eq!(error(refused), "WebAuthnCredentialNotSupportedException");
    site.register(&token, &passkey);
    let asked = site.ask("alice");
    assert_eq!(asked.options()["userVerification"], "required");
    let answer = site.answer(&asked, &passkey.get_but(&asked.options(), unverified));
    assert_eq!(error(answer), "NotAuthorizedException");
    assert!(has_tokens(&site.answer(&asked, &passkey.get(&asked.options()))));
}

#[test]
fn a_device_that_is_not_the_users_is_refused_and_the_session_stays() {
    let site = Site::new();
    let passkey = site.passkey("alice");
    let asked = site.ask("alice");
    let credential = passkey.get(&asked.options());
    let mut body = asked.body(&credential);
    body["ChallengeResponses"]["DEVICE_KEY"] = "us-east-1_0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9".into();
    assert_eq!(error(site.call("RespondToAuthChallenge", &body)), "ResourceNotFoundException");
    assert!(has_tokens(&site.answer(&asked, &credential)));
}

#[test]
fn a_remembered_device_is_proved_after_the_passkey() {
    let site = Site::of_file(&with("devices = true\n"));
    let passkey = site.passkey("alice");
    let sign_in = |credentials: Credentials| {
        let asked = begin(&site, &site.app, Api::Public, Some(FirstFactor::WebAuthn), credentials);
        let Challenge::WebAuthn(asked) = asked else { panic!("not WEB_AUTHN, but {asked:?}") };
        let credential = passkey.get(&parsed(asked.request_options()));
        let (sign_in, request) = asked.answer(&credential.to_string()).unwrap();
        let step = site.go_on(sign_in, request).unwrap();
        let Step::Done(signed_in) = step else { panic!("no tokens, but {step:?}") };
        signed_in
    };
    let first = sign_in(only("alice"));
    let (device, verifier) = DeviceCredentials::register(first.new_device().unwrap().unwrap()).unwrap();
    let body = json!({"AccessToken": first.result().access_token().unwrap(),
        "DeviceKey": device.device().key().as_str(), "DeviceSecretVerifierConfig":
        {"PasswordVerifier": verifier.password_verifier(), "Salt": verifier.salt()}});
    site.call("ConfirmDevice", &body).unwrap();
    let second = sign_in(only("alice").with_device(device));
    assert_eq!(second.new_device().unwrap(), None, "a known device is not offered again");
}

fn sub(site: &Site, user: &str) -> Vec<u8> {
    let options = site.start(&site.access_token("web", user));
    decode(&options["user"]["id"])
}
