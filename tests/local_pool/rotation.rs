//! Refresh tokens that are rotated: `GetTokensFromRefreshToken` brings a new one each time.

use cognito_srp6a::idp::{
    Api, GetTokensFromRefreshToken, RefreshOutcome, RefreshToken, Request, ServiceErrorName, SignInFlow,
};
use serde_json::{Value, json};

use crate::client::{Direct, Site, credentials, refusal};
use crate::factors::{NOW, name_of};

fn file(grace: u32) -> String {
    format!(
        "refresh_rotation_grace_seconds = {grace}\n[[client]]\nid = \"web\"\n\
         flows = [\"ALLOW_USER_SRP_AUTH\", \"ALLOW_USER_PASSWORD_AUTH\", \"ALLOW_REFRESH_TOKEN_AUTH\"]\n\
         [[user]]\nname = \"alice\"\npassword = \"Passw0rd!\"\n"
    )
}

/// Signs in and returns the first refresh token.
fn first(pool: &Direct) -> String {
    pool.prove(NOW, "alice")["AuthenticationResult"]["RefreshToken"].as_str().unwrap().to_owned()
}

fn body(token: &str) -> Value {
    json!({"ClientId": "web", "RefreshToken": token})
}

/// The next refresh token.
fn next(pool: &Direct, now: i64, token: &str) -> String {
    let tokens = pool.call_at(now, "GetTokensFromRefreshToken", &body(token)).unwrap();
    assert!(tokens["AuthenticationResult"]["AccessToken"].is_string());
    tokens["AuthenticationResult"]["RefreshToken"].as_str().expect("a new refresh token").to_owned()
}

fn refused(pool: &Direct, now: i64, token: &str) -> String {
    name_of(pool.call_at(now, "GetTokensFromRefreshToken", &body(token)))
}

#[test]
fn the_crates_client_gets_a_new_token_each_time_and_sees_a_reuse() {
    let site = Site::of_file(&file(0));
    let signed_in = site.sign_in(Api::Public, SignInFlow::UserSrp, credentials("alice", "Passw0rd!")).unwrap();
    let refresh = |token: &RefreshToken| {
        let request = Request::GetTokensFromRefreshToken(GetTokensFromRefreshToken::new(&site.app, token));
        RefreshOutcome::new(site.send(&request).unwrap()).unwrap()
    };
    let first = RefreshToken::new(signed_in.result().refresh_token().unwrap()).unwrap();
    let RefreshOutcome::Refreshed(result) = refresh(&first) else { panic!("no tokens") };
    let second = RefreshToken::new(result.refresh_token().expect("a new refresh token")).unwrap();
    assert!(matches!(refresh(&second), RefreshOutcome::Refreshed(_)));
    for old in [&first, &second] {
        assert!(matches!(refresh(old), RefreshOutcome::Reused));
    }
    let refused = refusal(site.refresh(result.refresh_token().unwrap(), None));
    assert_eq!(*refused.name(), ServiceErrorName::InvalidParameter, "REFRESH_TOKEN_AUTH is off");
}

#[test]
fn an_old_token_is_good_for_the_grace_period_and_brings_the_same_successor() {
    let pool = Direct::of_file(&file(10));
    let first = first(&pool);
    let second = next(&pool, NOW, &first);
    assert_ne!(first, second);
    assert_eq!(next(&pool, NOW + 9, &first), second);
    assert_eq!(refused(&pool, NOW + 10, &first), "RefreshTokenReuseException");
    // The family lives on, and only the last token but one has a grace period.
    let third = next(&pool, NOW + 20, &second);
    assert_eq!(refused(&pool, NOW + 20, &first), "RefreshTokenReuseException");
    assert_eq!(next(&pool, NOW + 29, &second), third);
    next(&pool, NOW + 40, &third);
}

#[test]
fn tokens_that_nobody_issued_are_no_reuse() {
    let pool = Direct::of_file(&file(60));
    let first = first(&pool);
    let second = next(&pool, NOW, &first);
    let mut parts: Vec<_> = second.split('.').collect();
    assert_eq!((parts.len(), parts[1]), (3, "1"));
    for number in ["0", "2", "01", "+1", "18446744073709551615", "-1", ""] {
        parts[1] = number;
        assert_eq!(refused(&pool, NOW, &parts.join(".")), "NotAuthorizedException", "{number}");
    }
    let mac = first.split('.').next_back().unwrap();
    parts[1] = "1";
    parts[2] = mac;
    assert_eq!(refused(&pool, NOW, &parts.join(".")), "NotAuthorizedException");
}

#[test]
fn any_token_of_a_family_revokes_it() {
    let pool = Direct::of_file(&file(60));
    let first = first(&pool);
    let second = next(&pool, NOW, &first);
    pool.call_at(NOW, "RevokeToken", &json!({"ClientId": "web", "Token": first})).unwrap();
    for token in [&first, &second] {
        assert_eq!(refused(&pool, NOW, token), "NotAuthorizedException");
    }
}

#[test]
fn a_rotated_token_lives_no_longer_than_the_first_one() {
    let pool = Direct::of_file(&file(10));
    let (mut token, month) = (first(&pool), 30 * 24 * 3600);
    token = next(&pool, NOW + month, &token);
    assert_eq!(refused(&pool, NOW + month + 1, &token), "NotAuthorizedException");
}
