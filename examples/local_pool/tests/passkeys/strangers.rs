//! What strangers learn of users and passkeys, and what they can fill.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::authenticator::{Authenticator, BACKUP_ELIGIBLE, USER_PRESENT, USER_VERIFIED, decode};
use crate::client::{Asked, FILE, Site, error, has_tokens};

#[test]
fn a_user_who_does_not_exist_is_asked_as_one_with_a_passkey() {
    let site = Site::new();
    site.passkey("alice");
    // The same but for random values and names, whether preferred or chosen.
    let shape = |asked: &Asked| {
        let mut options = asked.options();
        for member in ["/challenge", "/allowCredentials/0/id"] {
            let text = options.pointer_mut(member).unwrap();
            *text = text.as_str().unwrap().len().into();
        }
        let names = asked.response["AvailableChallenges"].clone();
        (asked.name().to_owned(), options, names, asked.response["Session"].as_str().unwrap().len() - asked.user.len())
    };
    for preferred in ["WEB_AUTHN", ""] {
        let [alice, bob, nobody] = ["alice", "bob45", "nobdy"].map(|user| site.ask_for(user, preferred));
        assert_eq!(shape(&alice), shape(&bob));
        assert_eq!(shape(&alice), shape(&nobody));
    }
    let shown = |user: &str| site.ask(user).options()["allowCredentials"].clone();
    assert_eq!(shown("nobody"), shown("nobody"), "always the same");
    assert_ne!(shown("nobody"), shown("nobodyelse"));
}

#[test]
fn whatever_is_answered_for_a_user_without_passkeys_is_refused_alike() {
    let site = Site::new();
    let (of_alice, unknown) = (site.passkey("alice"), Authenticator::es256());
    let mut answers = Vec::new();
    for user in ["alice", "bob", "nobody"] {
        let asked = site.ask(user);
        let mut pretended = Authenticator::es256();
        // The id that the pool shows, which is a real one for alice.
        pretended.id = decode(&asked.options()["allowCredentials"][0]["id"]);
        let mut credentials = vec![unknown.get(&asked.options()), pretended.get(&asked.options())];
        if user != "alice" {
            credentials.push(of_alice.get(&asked.options()));
        }
        answers.extend(credentials.iter().map(|credential| site.answer(&asked, credential).unwrap_err()));
    }
    assert_eq!(answers.len(), 8);
    assert!(answers.iter().all(|error| *error == answers[0]), "{answers:?}");
    assert_eq!(answers[0].name().as_str(), "NotAuthorizedException");
}

#[test]
fn an_answer_takes_the_same_work_for_everybody() {
    let app = "name = \"bob\"\nmfa = [\"SOFTWARE_TOKEN_MFA\"]\ntotp_secret = \"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP\"";
    let site = Site::of_file(&format!("mfa = \"optional\"\n{}", FILE.replace("name = \"bob\"", app)));
    site.passkey("alice");
    // Each answers for the id that is shown, with another key: alice has it, bob needs a second factor, nobody is nobody.
    let users = ["alice", "bob", "nobody"];
    let asked = users.map(|user| site.ask(user));
    let mut pretended = Authenticator::es256();
    for flags in [USER_PRESENT | USER_VERIFIED, USER_PRESENT, USER_PRESENT | BACKUP_ELIGIBLE, 0] {
        let answers = asked.each_ref().map(|asked| {
            pretended.id = decode(&asked.options()["allowCredentials"][0]["id"]);
            pretended.get_but(&asked.options(), |said| said.flags = flags)
        });
        // On a busy machine the shortest times come late.
        let mut shortest = [Duration::MAX; 3];
        let is_same = (0..50).any(|_| {
            for place in (0..3).cycle().take(60) {
                let started = Instant::now();
                site.answer(&asked[place], &answers[place]).unwrap_err();
                shortest[place] = shortest[place].min(started.elapsed());
            }
            shortest.iter().max().unwrap() < &(2 * *shortest.iter().min().unwrap())
        });
        assert!(is_same, "flags {flags}: {shortest:?} for {users:?}");
    }
}

#[test]
fn users_who_begin_without_end_push_out_nothing_of_others() {
    let site = Site::with_flags(FILE, &["--memory", "2097152"]);
    let (alice, bob) = (site.access_token("web", "alice"), site.access_token("web", "bob"));
    let passkey = site.passkey("alice");
    let (begun, second) = (site.start(&alice), Authenticator::es256());
    let lost = site.start(&bob);
    for _ in 0..1000 {
        site.start(&bob);
    }
    site.complete(&alice, &second.create(&begun)).unwrap();
    let refused = site.complete(&bob, &Authenticator::es256().create(&lost));
    assert_eq!(error(refused), "WebAuthnChallengeNotFoundException", "his own oldest is gone");
    for passkey in [passkey, second] {
        let asked = site.ask("alice");
        assert!(has_tokens(&site.answer(&asked, &passkey.get(&asked.options()))));
    }
}

#[test]
fn a_pool_without_memory_for_a_passkey_says_so() {
    // Just enough for one user.
    let (alone, _) = FILE.split_once("[[user]]\nname = \"bob\"").unwrap();
    let site = Site::with_flags(alone, &["--memory", "48000"]);
    let token = site.access_token("web", "alice");
    let begun = site.call("StartWebAuthnRegistration", &json!({"AccessToken": token})).unwrap();
    let refused = site.complete(&token, &Authenticator::es256().create(&begun["CredentialCreationOptions"]));
    assert_eq!(error(refused), "LimitExceededException");
    let listed = site.call("ListWebAuthnCredentials", &json!({"AccessToken": token})).unwrap();
    assert_eq!(listed["Credentials"], json!([]));
}
