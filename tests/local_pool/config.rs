//! The file of `--config`.

use cognito_srp6a::idp::{Api, SignInFlow};
use local_pool::{Confirmation, Pool};
use serde_json::json;

use crate::client::{Site, challenge, credentials, options_of_file, refusal};
use crate::{access_token, claims};

const FILE: &str = r#"
pool_id = "eu-west-1_OfAFile"
devices = true
custom_answer = "42"
auto_confirm = true

[[client]]
id = "web"

[[client]]
id = "server"
secrets = ["0test0client0secret0of0forty0letters0"]

[[user]]
name = "alice"
password = "Passw0rd!"
aliases = ["alice@example.com", "al"]
attributes = { email = "alice@example.com", "custom:tier" = "gold" }

[[user]]
name = "bob"
password = "Temp0rary!"
temporary = true
"#;

#[test]
fn a_file_makes_the_pool_its_clients_and_its_users() {
    let site = Site::of_file(FILE);
    assert_eq!((site.app.pool_id().as_str(), site.app.client_id()), ("eu-west-1_OfAFile", "web"));
    for name in ["alice", "alice@example.com", "al"] {
        let signed_in = site.sign_in(Api::Public, SignInFlow::UserSrp, credentials(name, "Passw0rd!")).unwrap();
        assert!(signed_in.new_device().unwrap().is_some());
        let id = claims(signed_in.result().id_token().unwrap());
        assert_eq!((&id["aud"], &id["cognito:username"]), (&"web".into(), &"alice".into()));
        assert_eq!((&id["email_verified"], &id["custom:tier"]), (&true.into(), &"gold".into()));
    }
    site.sign_in_until_asked(Api::Public, SignInFlow::Custom, credentials("al", "Passw0rd!")).unwrap();
    let step = site.sign_in_until_asked(Api::Public, SignInFlow::UserSrp, credentials("bob", "Temp0rary!")).unwrap();
    assert_eq!(challenge(step).name().as_str(), "NEW_PASSWORD_REQUIRED");
}

#[test]
fn what_a_file_leaves_out_is_as_without_a_file() {
    let site = Site::of_file("# nothing\n");
    let signed_in = site.sign_in(Api::Public, SignInFlow::UserSrp, credentials("alice", "Passw0rd!")).unwrap();
    assert_eq!(signed_in.new_device().unwrap(), None);
    assert_eq!(claims(access_token(&signed_in))["client_id"], "localpoolclient");
    refusal(site.sign_in(Api::Public, SignInFlow::Custom, credentials("alice", "Passw0rd!")));
}

#[test]
fn a_flag_wins_over_the_file() {
    let options = |flags: &[&str]| options_of_file(FILE, flags).unwrap();
    assert_eq!(options(&["--pool-id", "us-east-2_Flag"]).pool_id.as_str(), "us-east-2_Flag");
    assert_eq!(options(&[]).issuer, "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_OfAFile");
    assert_eq!(options(&["--custom-answer", "43"]).custom_answer.as_deref(), Some("43"));
    let ids = |flags: &[&str]| {
        options(flags).clients.iter().map(|client| client.app.client_id().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&[]), ["web", "server"]);
    assert_eq!(ids(&["--client-id", "flag"]), ["flag"]);
    assert_eq!(ids(&["--client-secret", "0test0client0secret0of0forty0letters0"]), ["localpoolclient"]);

    let mixed = options(&["--user", "alice:Another1!", "--user", "carol:Passw0rd!", "--force-new-password", "alice"]);
    let users: Vec<_> = mixed.users.iter().map(|user| (user.name.as_str(), user.password.as_str())).collect();
    assert_eq!(users, [("alice", "Another1!"), ("bob", "Temp0rary!"), ("carol", "Passw0rd!")]);
    assert!(mixed.users[0].temporary && mixed.users[0].attributes.contains_key("email"));
    assert_eq!(options(&["--alias", "al=bob"]).aliases["al"], "bob");
}

/// Returns what the pool says of a file that is wrong.
fn said(text: &str) -> String {
    let started = options_of_file(text, &[]).and_then(|options| Pool::new(&options).map(drop));
    started.expect_err(&format!("accepted: {text}"))
}

#[test]
fn an_error_in_a_file_names_the_file_and_the_line() {
    let client = "[[client]]\nid = \"a\"\n";
    let user = "[[user]]\nname = \"a\"\npassword = \"Passw0rd!\"\n";
    let secret = "\"0test0client0secret0of0forty0letters0\"";
    for (text, line, word) in [
        ("\npool_id = \"nonsense\"\n".to_owned(), 2, ""),
        ("\n\npool = \"us-east-1_A\"\n".into(), 3, "unknown field `pool`"),
        ("devices = true\ndevices = true\n".into(), 2, "duplicate"),
        ("devices = \"yes\"\n".into(), 1, "boolean"),
        ("pool_id = [\n".into(), 1, ""),
        ("\ntriggers = \"http://192.0.2.1:9001/\"\n".into(), 2, "loopback"),
        ("triggers = \"http://example.com/127.0.0.1\"\n".into(), 1, "loopback"),
        ("triggers = \"http://localhost:9001/\"\n".into(), 1, "loopback"),
        ("triggers = \"http://127.0.0.1@example.com/\"\n".into(), 1, "loopback"),
        ("triggers = \"http://user@127.0.0.1/\"\n".into(), 1, "loopback"),
        ("triggers = \"http://127.0.0.1.example.com/\"\n".into(), 1, "loopback"),
        ("triggers = \"http://0.0.0.0:9001/\"\n".into(), 1, "loopback"),
        ("triggers = \"https://127.0.0.1/\"\n".into(), 1, "http://"),
        ("triggers = \"127.0.0.1:9001\"\n".into(), 1, "http://"),
        ("triggers = \"\"\n".into(), 1, "no URL"),
        ("triggers = 9001\n".into(), 1, "string"),
        ("\nauto_confirm = \"no\"\n".into(), 2, "boolean"),
        ("\n[access_keys]\n".into(), 2, "access_keys"),
        ("[access_keys]\nA = \"b\"\n\"A B\" = \"c\"\n".into(), 3, "letters"),
        ("[access_keys]\nA = \"b\"\nB = \"\"\n".into(), 3, "empty"),
        ("[access_keys]\nA = \"b\"\nB = 1\n".into(), 3, "string"),
        ("access_keys = \"wJalrXUtnFEMI\"\n".into(), 1, "invalid type: string, expected"),
        (format!("{client}secrets = {secret}\n"), 3, "invalid type: string, expected"),
        ("\nrefresh_rotation_grace_seconds = 61\n".into(), 2, "0 to 60"),
        ("refresh_rotation_grace_seconds = -1\n".into(), 1, "0 to 60"),
        // The tests of the package have a build with passkeys.
        ("\n[passkeys]\n".into(), 2, "no passkeys"),
        ("\nmfa = \"maybe\"\n".into(), 2, "maybe"),
        (format!("{user}mfa = [\"WEB_AUTHN\"]\n"), 4, "WEB_AUTHN"),
        (format!("{user}mfa = [\n\"SMS_MFA\"]\n"), 5, "no phone_number"),
        (format!("{user}mfa = [\"EMAIL_OTP\"]\n"), 4, "no email"),
        (format!("{user}mfa = [\"SOFTWARE_TOKEN_MFA\"]\n"), 4, "no totp_secret"),
        (format!("{user}mfa = [\"EMAIL_OTP\", \"EMAIL_OTP\"]\nattributes = {{ email = \"a@b\" }}\n"), 4, "already"),
        (format!("{user}totp_secret = \"JBSWY3DPEHPK3PX1\"\n"), 4, "Base32"),
        ("\n[[client]]\n".into(), 2, "missing field `id`"),
        ("[[client]]\nid = \"a b\"\n".into(), 2, ""),
        (format!("{client}{client}"), 4, "another client"),
        (format!("{client}secrets = [\"short\"]\n"), 3, ""),
        (format!("{client}secrets = [\n{secret},\n{secret},\n{secret}]\n"), 6, "two secrets"),
        (format!("{client}flows = [\"ALLOW_ALL\"]\n"), 3, "ALLOW_ALL"),
        (format!("{client}name = \"web\"\n"), 3, "unknown field `name`"),
        (format!("{user}{user}"), 5, "another user"),
        (format!("{user}aliases = [\"b\",\n\"b\"]\n"), 5, "this name"),
        (format!("{user}aliases = [\"a\"]\n"), 4, "this name"),
        (format!("{user}email = \"a@example.com\"\n"), 4, "unknown field `email`"),
        (format!("{user}attributes = {{ shoe_size = \"43\" }}\n"), 2, "shoe_size"),
        (format!("{user}aliases = [\"{}\"]\n", "n".repeat(129)), 4, ""),
        ("[[user]]\nname = \"\"\npassword = \"Passw0rd!\"\n".into(), 2, ""),
        (format!("[[user]]\nname = \"a\"\npassword = \"{}\"\n", "p".repeat(257)), 2, ""),
    ] {
        let said = said(&text);
        assert!(said.contains("--config: "), "{said}");
        assert!(said.contains(&format!("pool.toml: line {line}: ")), "{said}, not line {line} of {text}");
        assert!(said.contains(word), "{said}");
    }
    let missing = local_pool::Options::from_arguments(["--config", "nowhere/pool.toml"]).unwrap_err().to_string();
    assert!(missing.starts_with("--config: nowhere/pool.toml: "), "{missing}");
}

#[test]
fn a_build_without_passkeys_refuses_their_calls() {
    let site = Site::start(&[]);
    for operation in [
        "StartWebAuthnRegistration",
        "CompleteWebAuthnRegistration",
        "ListWebAuthnCredentials",
        "DeleteWebAuthnCredential",
    ] {
        let refused = site.call(operation, &json!({"AccessToken": "a.b.c"})).unwrap().unwrap_err();
        assert_eq!(refused.name().as_str(), "WebAuthnNotEnabledException", "{operation}");
    }
}

#[test]
fn triggers_are_at_a_loopback_address() {
    for url in ["http://127.0.0.1:9001/", "http://127.0.0.2/x/y?z", "http://[::1]:9000/"] {
        assert!(options_of_file(&format!("triggers = \"{url}\"\n"), &[]).unwrap().triggers.is_some(), "{url}");
    }
}

#[test]
fn a_file_with_every_key_but_access_keys_starts_a_pool() {
    let file = r#"
pool_id = "us-east-1_LocalPool"
mfa = "optional"
devices = true
custom_answer = "42"
auto_confirm = false
refresh_rotation_grace_seconds = 10
triggers = "http://127.0.0.1:9001/"
[[client]]
id = "web"
secrets = []
flows = ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
[[user]]
name = "alice"
password = "Passw0rd!"
temporary = false
aliases = ["alice@example.com"]
attributes = { email = "alice@example.com", phone_number = "+15550100" }
mfa = ["SOFTWARE_TOKEN_MFA", "SMS_MFA", "EMAIL_OTP"]
totp_secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
"#;
    let options = options_of_file(file, &[]).unwrap();
    assert_eq!(options.confirmation, Confirmation::ByCode);
    assert!(Pool::new(&options).unwrap().has_triggers());
}
