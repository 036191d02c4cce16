//! `RevokeToken`: what it ends, and what it refuses.

use serde_json::{Value, json};

use crate::client::Direct;
use crate::factors::{NOW, name_of};

const FILE: &str = r#"
[[client]]
id = "web"
flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
[[client]]
id = "server"
secrets = ["0test0client0secret0of0forty0letters0"]
[[user]]
name = "alice"
password = "Passw0rd!"
"#;

const SECRET: &str = "0test0client0secret0of0forty0letters0";

/// The tokens of a new sign-in.
fn tokens(pool: &Direct) -> Value {
    pool.prove(NOW, "alice")["AuthenticationResult"].clone()
}

fn revoke(pool: &Direct, client: &str, token: &Value, secret: Option<&str>) -> Result<Value, String> {
    let body = json!({"ClientId": client, "Token": token, "ClientSecret": secret});
    pool.call_at(NOW, "RevokeToken", &body).map_err(|error| error.name().to_string())
}

fn has_access(pool: &Direct, token: &Value) -> bool {
    pool.call_at(NOW, "GetUser", &json!({"AccessToken": token})).is_ok()
}

#[test]
fn a_revoked_token_ends_the_tokens_that_came_from_it_and_no_others() {
    let pool = Direct::of_file(FILE);
    let (first, other) = (tokens(&pool), tokens(&pool));
    let refresh = |token: &Value| {
        let body =
            json!({"ClientId": "web", "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": token}});
        pool.call_at(NOW, "InitiateAuth", &body)
    };
    let refreshed = refresh(&first["RefreshToken"]).unwrap()["AuthenticationResult"]["AccessToken"].clone();
    assert!(has_access(&pool, &first["AccessToken"]) && has_access(&pool, &refreshed));
    assert_eq!(revoke(&pool, "web", &first["RefreshToken"], None), Ok(json!({})));
    assert!(!has_access(&pool, &first["AccessToken"]) && !has_access(&pool, &refreshed));
    assert_eq!(name_of(refresh(&first["RefreshToken"])), "NotAuthorizedException");
    assert!(has_access(&pool, &other["AccessToken"]));
    refresh(&other["RefreshToken"]).unwrap();
    // As RFC 7009 wants it, a token that is revoked or unknown is no error.
    for token in [first["RefreshToken"].clone(), "unknown".into(), "a.b.c".into(), "".into()] {
        assert_eq!(revoke(&pool, "web", &token, None), Ok(json!({})), "{token}");
    }
}

#[test]
fn only_refresh_tokens_are_revoked_and_only_by_their_client() {
    let pool = Direct::of_file(FILE);
    let tokens = tokens(&pool);
    for token in ["AccessToken", "IdToken"] {
        assert_eq!(revoke(&pool, "web", &tokens[token], None), Err("UnsupportedTokenTypeException".to_owned()));
    }
    let token = &tokens["RefreshToken"];
    for (client, secret) in [
        ("server", Some(SECRET)),
        ("server", None),
        ("server", Some("0test0client0secret0of0other0letters0")),
        ("server", Some("short")),
        ("web", Some(SECRET)),
        ("nobody", None),
    ] {
        let refused = revoke(&pool, client, token, secret);
        assert_eq!(refused, Err("UnauthorizedException".to_owned()), "{client} {secret:?}");
    }
    // A client with a secret has to show it for a token of nobody, too.
    assert_eq!(revoke(&pool, "server", &"unknown".into(), None), Err("UnauthorizedException".to_owned()));
    assert_eq!(revoke(&pool, "server", &"unknown".into(), Some(SECRET)), Ok(json!({})));
    for linked in ["NONE", "LINKED", "ALL"] {
        let body = json!({"ClientId": "web", "Token": "unknown", "RevokeAssociatedSessions": linked});
        assert_eq!(pool.call_at(NOW, "RevokeToken", &body).is_ok(), linked != "ALL");
    }
    for missing in [json!({"ClientId": "web"}), json!({"Token": "unknown"})] {
        assert_eq!(name_of(pool.call_at(NOW, "RevokeToken", &missing)), "InvalidParameterException");
    }
    assert!(has_access(&pool, &tokens["AccessToken"]), "it was revoked all the same");
}
