//! Tokens after a sign-in: the canonical name that is read from them, and what a refresh comes to.

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use cognito_srp6a::idp::{
    Api, AuthResponse, AuthenticationResult, BodyError, ChallengeName, NewDeviceMetadata, RefreshOutcome, RefreshToken,
    ResponseError, ServiceError, SignIn, SignInError, SignInFlow, Step,
};
use cognito_srp6a::{Device, Error, Parameter};
use common::messages::cases;
use common::service::*;
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::json;

// ---- the canonical name

/// A token with a payload.
fn token(payload: &str) -> String {
    format!("{}.{}.c2ln", URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256"}"#), URL_SAFE_NO_PAD.encode(payload))
}

/// The name that is read from a token.
fn name_in(token: &str) -> Option<String> {
    let result = AuthenticationResult::default().with_access_token(token);
    result.username().map(|name| name.as_str().to_owned())
}

fn tokens_of(username: &str) -> AuthResponse {
    let payload = json!({ "sub": "1", "username": username, "exp": 1 }).to_string();
    AuthResponse::tokens(AuthenticationResult::default().with_access_token(token(&payload)))
}

#[test]
fn a_refresh_after_an_alias_and_a_password_has_the_name_of_the_token() {
    for (api, flow) in [
        (Api::Public, SignInFlow::UserPassword),
        (Api::Admin, SignInFlow::AdminUserPassword),
        (Api::Public, SignInFlow::Custom),
    ] {
        let (sign_in, request) = start(api, flow);
        assert_eq!(parameter(&request, "USERNAME"), Some(ALIAS));
        let signed_in = done(go(sign_in, tokens_of(USERNAME)));
        assert_eq!(signed_in.username(), USERNAME);
        let token = RefreshToken::new(TOKEN).unwrap();
        let (sign_in, request) = SignIn::refresh(&app(), api, &token, signed_in.username()).start().unwrap();
        assert_eq!(parameter(&request, "SECRET_HASH"), Some(&*secret_hash(USERNAME)));
        assert_eq!(done(go(sign_in, tokens_of(USERNAME))).username(), USERNAME);
    }
}

#[test]
fn the_name_of_the_token_wins_over_the_name_of_the_challenge() {
    let pool = Pool::new();
    assert_eq!(done(go(proved(&pool, credentials()), tokens_of("somebody"))).username(), "somebody");
    // A token that cannot be read leaves the name as it was.
    assert_eq!(done(go(proved(&pool, credentials()), tokens())).username(), USERNAME);
    for name in ["", &"a".repeat(129)] {
        assert_eq!(done(go(proved(&pool, credentials()), tokens_of(name))).username(), USERNAME);
    }
}

#[test]
fn a_name_is_read_from_every_spelling_of_json() {
    for payload in [
        r#"{"username":"alice"}"#,
        "\t{ \r\n\"username\" : \"alice\" } ",
        r#"{"\u0075sernam\u0065":"\u0061lice"}"#,
        r#"{"a":{"username":"mallory"},"username":"alice","b":[{"username":"mallory"}]}"#,
        r#"{"a":"\"username\":\"mallory\"","username":"alice"}"#,
        r#"{"a":[],"b":{},"c":-0.1e+9,"d":[1,2E3,null,true,false,"\ud800"],"username":"alice"}"#,
        r#"{"usernam":"x","usernames":"x","Username":"x","username":"alice"}"#,
    ] {
        assert_eq!(name_in(&token(payload)).as_deref(), Some("alice"), "{payload}");
    }
    let odd = "\u{1f511} \\ \" / \u{e9} \u{0}";
    assert_eq!(name_in(&token(&json!({ "username": odd }).to_string())).as_deref(), Some(odd));
    assert_eq!(name_in(&token(r#"{"username":"\ud83d\udd11"}"#)).as_deref(), Some("\u{1f511}"));
}

#[test]
fn no_name_is_read_from_what_is_no_object_with_one_name() {
    let deep = |levels: usize| format!(r#"{{"a":{}{},"username":"alice"}}"#, "[".repeat(levels), "]".repeat(levels));
    assert_eq!(name_in(&token(&deep(16))).as_deref(), Some("alice"));
    for payload in [
        "",
        "{}",
        "null",
        r#""alice""#,
        r#"["alice"]"#,
        r#"["username","alice"]"#,
        r#"{"username":1}"#,
        r#"{"username":null}"#,
        r#"{"username":["alice"]}"#,
        r#"{"username":{"username":"alice"}}"#,
        r#"{"username":""}"#,
        r#"{"username":"alice","username":"mallory"}"#,
        r#"{"username":"alice","username":null}"#,
        r#"{"username":"alice","\u0075sername":"mallory"}"#,
        r#"{"username":"alice"}}"#,
        r#"{"username":"alice"} x"#,
        r#"{"username":"alice""#,
        r#"{"username":"alice"#,
        r#"{"username":"alice",}"#,
        r#"{,"username":"alice"}"#,
        r#"{"username":"alice" "a":1}"#,
        r#"{"username" "alice"}"#,
        r#"{"a":01,"username":"alice"}"#,
        r#"{"a":1.,"username":"alice"}"#,
        r#"{"a":.5,"username":"alice"}"#,
        r#"{"a":+1,"username":"alice"}"#,
        r#"{"a":1e,"username":"alice"}"#,
        r#"{"a":-,"username":"alice"}"#,
        r#"{"a":nul,"username":"alice"}"#,
        r#"{"a":[1,],"username":"alice"}"#,
        r#"{"a":[1}],"username":"alice"}"#,
        r#"{"a":"\x","username":"alice"}"#,
        r#"{"a":"\u+123","username":"alice"}"#,
        "{\"a\":\"\n\",\"username\":\"alice\"}",
        r#"{"username":"\ud800"}"#,
        r#"{"username":"\ud800\ud800"}"#,
        "{'username':'alice'}",
        &deep(17),
        &deep(10_000),
        &"[".repeat(50_000),
        &json!({ "username": "a".repeat(129) }).to_string(),
    ] {
        assert_eq!(name_in(&token(payload)), None, "{}", &payload[..payload.len().min(60)]);
    }
}

#[test]
fn a_name_is_read_with_each_escape_of_json() {
    for (escape, character) in [
        ("\\b", "\u{8}"),
        ("\\f", "\u{c}"),
        ("\\n", "\n"),
        ("\\r", "\r"),
        ("\\t", "\t"),
        ("\\/", "/"),
        ("\\\"", "\""),
        ("\\\\", "\\"),
    ] {
        let payload = format!("{{\"username\":\"a{escape}b\"}}");
        assert_eq!(name_in(&token(&payload)), Some(format!("a{character}b")), "{payload}");
    }
    for escape in ["\\x", "\\0", "\\'", "\\B", "\\u00g0"] {
        let payload = format!("{{\"username\":\"a{escape}b\"}}");
        assert_eq!(name_in(&token(&payload)), None, "{payload}");
    }
}

#[test]
fn a_name_is_read_only_from_a_token_of_three_parts_in_base64url() {
    let payload = r#"{"username":"alice","a":"\u00ff\u00ff?>"}"#.replace("\\u00ff", "\u{ff}");
    let encoded = URL_SAFE_NO_PAD.encode(&payload);
    assert_eq!(name_in(&format!("a.{encoded}.b")).as_deref(), Some("alice"));
    // No part but the payload is read.
    assert_eq!(name_in(&format!(".{encoded}.")).as_deref(), Some("alice"));
    assert!(STANDARD.encode(&payload) != URL_SAFE.encode(&payload), "the alphabets differ in this payload");
    for token in [
        String::new(),
        "..".into(),
        encoded.clone(),
        format!("a.{encoded}"),
        format!("{encoded}.a.b"),
        format!("a.{encoded}.b.c"),
        format!("a.{encoded}.b.c.d"),
        format!("a. {encoded}.b"),
        format!("a.{}.b", STANDARD.encode(&payload)),
        format!("a.{}.b", URL_SAFE_NO_PAD.encode(b"{\"username\":\"\xff\"}")),
        format!("a.{encoded}.{}", "b".repeat(RefreshToken::MAX_CHARS)),
        "\u{1f511}.\u{1f511}.\u{1f511}".into(),
    ] {
        assert_eq!(name_in(&token), None, "{}", token.chars().take(60).collect::<String>());
    }
    assert_eq!(AuthenticationResult::default().username(), None);
}

/// The other reader: `serde_json`.
#[derive(Deserialize)]
struct Claims {
    username: Option<String>,
}

fn name_by_serde(payload: &str) -> Option<String> {
    // `serde_json` reads a list as a structure, too.
    let object = payload.trim_start_matches([' ', '\t', '\n', '\r']).starts_with('{');
    let name = serde_json::from_str::<Claims>(payload).ok().filter(|_| object)?.username?;
    (1..=128).contains(&name.chars().count()).then_some(name)
}

fn any_claims() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => proptest::sample::select(vec![
            "{", "}", "[", "]", ":", ",", "\"", "\\", " ", "username", "\"username\"", "\"username\":\"alice\"",
            "\"a\":", "null", "true", "0", "1", "-", ".", "e5", "\\u0041", "\\ud83d\\udd11", "\\ud800", "\n",
        ])
        .prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    proptest::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(cases(4000))]

    #[test]
    fn both_readers_find_the_same_name_in_any_text(inner in any_claims(), wrapped: bool) {
        let payload = if wrapped { format!(r#"{{{inner},"username":"alice"}}"#) } else { inner };
        prop_assert_eq!(name_in(&token(&payload)), name_by_serde(&payload), "{}", payload);
    }

    #[test]
    fn no_token_at_all_makes_the_reader_panic(token in any::<String>(), parts in any::<[String; 3]>()) {
        let _ = (name_in(&token), name_in(&parts.join(".")));
    }
}

// ---- refreshes

#[test]
fn new_tokens_are_one_outcome_and_a_reused_token_is_the_other() {
    let result = AuthenticationResult::default().with_access_token(TOKEN).with_refresh_token("new.refresh-token");
    let device = NewDeviceMetadata::new(DEVICE_KEY, GROUP_KEY);
    let response = AuthResponse::tokens(result.with_new_device_metadata(device));
    let Ok(RefreshOutcome::Refreshed(tokens)) = RefreshOutcome::new(Ok(response)) else { panic!("no tokens") };
    assert_eq!((tokens.access_token(), tokens.refresh_token()), (Some(TOKEN), Some("new.refresh-token")));
    // A pool that remembers devices offers one to a client that did not name its own.
    let device = Device::new(DEVICE_KEY.parse().unwrap(), GROUP_KEY).unwrap();
    assert_eq!(tokens.new_device(), Ok(Some(device)));
    let half = AuthenticationResult::default().with_new_device_metadata(NewDeviceMetadata::default());
    assert_eq!(half.new_device(), Err(Error::Missing(Parameter::DeviceKey)));

    let reuse = ServiceError::new("RefreshTokenReuseException", "words");
    assert!(matches!(RefreshOutcome::new(Err(reuse.into())), Ok(RefreshOutcome::Reused)));
}

#[test]
fn every_other_end_of_a_refresh_is_an_error() {
    let refuse = |error: ResponseError| RefreshOutcome::new(Err(error)).unwrap_err();
    for name in ["NotAuthorizedException", "TooManyRequestsException", "RefreshTokenReuse", "A_NEW_ONE"] {
        let error = ServiceError::new(name, "words");
        assert_eq!(refuse(error.clone().into()), SignInError::Service(error));
    }
    let unknown = ServiceError::new("ResourceNotFoundException", "Device does not exist.");
    assert_eq!(refuse(unknown.into()), SignInError::UnknownDevice);
    let unreadable = ResponseError::Body { status: 400, error: BodyError::NotJson };
    assert_eq!(refuse(unreadable.clone()), SignInError::from(unreadable));

    let empty = AuthenticationResult::default().with_access_token("").with_refresh_token(TOKEN);
    for response in [AuthResponse::default(), AuthResponse::tokens(empty)] {
        assert_eq!(RefreshOutcome::new(Ok(response)).unwrap_err(), SignInError::EmptyResponse);
    }
    let asked = challenge(ChallengeName::SmsMfa, &[]);
    assert_eq!(RefreshOutcome::new(Ok(asked)).unwrap_err(), SignInError::UnexpectedChallenge(ChallengeName::SmsMfa));
    // The flow of InitiateAuth has no outcome of its own for a reuse.
    let token = RefreshToken::new(TOKEN).unwrap();
    let (sign_in, _) = SignIn::refresh(&app(), Api::Public, &token, &user_name(USERNAME)).start().unwrap();
    let reuse = ServiceError::new("RefreshTokenReuseException", "");
    let step: Result<Step, SignInError> = sign_in.advance(Err(reuse.clone().into()), now());
    assert_eq!(failed(step), SignInError::Service(reuse));
}
