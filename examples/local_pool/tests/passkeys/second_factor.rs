//! Passkeys of users who need a second factor: `FactorConfiguration`.

use serde_json::json;

use crate::authenticator::{Authenticator, Said, USER_VERIFIED};
use crate::client::{FILE, Site, error, has_tokens};

const BOTH_FACTORS: &str = "[passkeys]\nfactor_configuration = \"MULTI_FACTOR_WITH_USER_VERIFICATION\"";

/// The file, with a second factor of alice by SMS.
fn file(mfa: &str, passkeys: &str) -> String {
    let alice = "name = \"alice\"\nattributes = { phone_number = \"+15550100\" }\nmfa = [\"SMS_MFA\"]";
    format!("mfa = \"{mfa}\"\n{}", FILE.replace("name = \"alice\"", alice).replace("[passkeys]", passkeys))
}

impl Site {
    /// The access token of a user with a second factor.
    fn both_factors(&self, user: &str) -> String {
        let body = json!({"ClientId": "web", "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": user, "PASSWORD": "Passw0rd!"}});
        let asked = self.call("InitiateAuth", &body).unwrap();
        assert_eq!(asked["ChallengeName"], "SMS_MFA");
        let outbox: serde_json::Value = serde_json::from_str(&self.outbox()).unwrap();
        let code = outbox.as_array().unwrap().last().unwrap()["code"].clone();
        let body = json!({"ClientId": "web", "ChallengeName": "SMS_MFA", "Session": asked["Session"],
            "ChallengeResponses": {"USERNAME": user, "SMS_MFA_CODE": code}});
        let answer = self.call("RespondToAuthChallenge", &body).unwrap();
        answer["AuthenticationResult"]["AccessToken"].as_str().unwrap().to_owned()
    }
}

#[test]
fn a_passkey_with_user_verification_stands_for_both_factors_where_the_file_says_so() {
    for mfa in ["optional", "on"] {
        let site = Site::of_file(&file(mfa, BOTH_FACTORS));
        let passkey = Authenticator::es256();
        site.register(&site.both_factors("alice"), &passkey);
        let asked = site.ask("alice");
        let unverified = |said: &mut Said| said.flags &= !USER_VERIFIED;
        let answer = site.answer(&asked, &passkey.get_but(&asked.options(), unverified));
        assert_eq!(error(answer), "NotAuthorizedException", "{mfa}");
        assert!(has_tokens(&site.answer(&asked, &passkey.get(&asked.options()))), "{mfa}");
    }
    // Who needs no second factor needs no user verification.
    let site = Site::of_file(&file("optional", BOTH_FACTORS));
    let (passkey, asked) = (site.passkey("bob"), site.ask("bob"));
    let unverified = passkey.get_but(&asked.options(), |said| said.flags &= !USER_VERIFIED);
    assert!(has_tokens(&site.answer(&asked, &unverified)));
}

#[test]
fn a_passkey_as_single_factor_signs_nobody_in_who_needs_two() {
    let site = Site::of_file(&file("optional", "[passkeys]"));
    let passkey = Authenticator::es256();
    site.register(&site.both_factors("alice"), &passkey);
    let asked = site.ask("alice");
    assert!(!asked.options().to_string().contains(&crate::authenticator::encode(&passkey.id)));
    let answer = site.answer(&asked, &passkey.get(&asked.options()));
    assert_eq!(error(answer), "NotAuthorizedException");
    let bobs = site.passkey("bob");
    let asked = site.ask("bob");
    assert!(has_tokens(&site.answer(&asked, &bobs.get(&asked.options()))));
}
