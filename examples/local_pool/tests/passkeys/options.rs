//! The table `[passkeys]`.

use local_pool::HELP;
use serde_json::json;

use crate::client::{FILE, Site, error, options_of_file};

#[test]
fn without_the_table_nobody_registers_and_nobody_is_offered_a_passkey() {
    let site = Site::of_file(&FILE.replace("[passkeys]\n", ""));
    let token = site.access_token("web", "alice");
    for operation in [
        "StartWebAuthnRegistration",
        "CompleteWebAuthnRegistration",
        "ListWebAuthnCredentials",
        "DeleteWebAuthnCredential",
    ] {
        let body = json!({"AccessToken": token, "Credential": {}, "CredentialId": "AAAA"});
        assert_eq!(error(site.call(operation, &body)), "WebAuthnNotEnabledException", "{operation}");
    }
    let asked = site.ask("alice");
    assert_eq!(asked.name(), "SELECT_CHALLENGE");
    assert_eq!(asked.response["AvailableChallenges"], json!(["PASSWORD_SRP", "PASSWORD"]));
    assert_eq!(asked.response["ChallengeParameters"], json!({"USERNAME": "alice"}));
    assert_eq!(error(site.answer(&asked, &json!({}))), "InvalidParameterException");
}

#[test]
fn an_error_in_the_table_names_its_line() {
    let long = format!("relying_party_id = \"{}\"", "n".repeat(128));
    for (key, word) in [
        ("relying_party_id = \"\"", "domain"),
        ("relying_party_id = \"https://example.com\"", "domain"),
        ("relying_party_id = \"example.com:443\"", "domain"),
        ("relying_party_id = \"example.com/\"", "domain"),
        ("relying_party_id = \"Example.com\"", "domain"),
        ("relying_party_id = \"example..com\"", "domain"),
        ("relying_party_id = \"-example.com\"", "domain"),
        ("relying_party_id = \"127.0.0.1\"", "domain"),
        (&long, "domain"),
        ("user_verification = \"discouraged\"", "discouraged"),
        ("factor_configuration = \"MULTI_FACTOR\"", "MULTI_FACTOR"),
        ("origins = []", "unknown field `origins`"),
    ] {
        let said = options_of_file(&format!("[passkeys]\n{key}\n"), &[]).expect_err(key);
        assert!(said.contains("pool.toml: line 2: ") && said.contains(word), "{said}");
    }
    for id in ["localhost", "example.com", "a-b.example", "xn--bcher-kva.example", &"n".repeat(127)] {
        options_of_file(&format!("[passkeys]\nrelying_party_id = \"{id}\"\n"), &[]).unwrap();
    }
}

#[test]
fn the_help_names_every_key() {
    for key in ["[passkeys]", "relying_party_id", "user_verification", "factor_configuration"] {
        assert!(HELP.contains(&format!("\n  {key}")), "{key}");
    }
}
