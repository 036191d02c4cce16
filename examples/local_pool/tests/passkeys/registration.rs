//! `StartWebAuthnRegistration`, `CompleteWebAuthnRegistration`, `ListWebAuthnCredentials`, `DeleteWebAuthnCredential`.

use serde_json::{Value, json};

use crate::authenticator::{Authenticator, BACKUP_ELIGIBLE, Change, USER_PRESENT, USER_VERIFIED, decode, encode};
use crate::client::{Site, error, has_tokens, now};

/// `sub` of the user of an access token.
fn sub(site: &Site, token: &str) -> String {
    let user = site.call("GetUser", &json!({"AccessToken": token})).unwrap();
    user["UserAttributes"][0]["Value"].as_str().unwrap().to_owned()
}

fn list(site: &Site, token: &str) -> Vec<Value> {
    let answer = site.call("ListWebAuthnCredentials", &json!({"AccessToken": token})).unwrap();
    answer["Credentials"].as_array().unwrap().clone()
}

#[test]
fn the_options_are_those_of_the_service() {
    let site = Site::new();
    let token = site.access_token("web", "alice");
    let options = site.start(&token);
    assert_eq!(options["rp"], json!({"id": "localhost", "name": "localhost"}));
    assert_eq!(options["user"]["name"], "alice");
    assert_eq!(options["user"]["displayName"], "alice");
    // The handle is `sub`: authenticators show it to other pages of the domain.
    assert_eq!(decode(&options["user"]["id"]), sub(&site, &token).as_bytes());
    let algorithms = json!([{"type": "public-key", "alg": -7}, {"type": "public-key", "alg": -257}]);
    assert_eq!(options["pubKeyCredParams"], algorithms);
    assert_eq!((&options["timeout"], &options["attestation"]), (&json!(60000), &json!("none")));
    let selection = json!({"requireResidentKey": true, "residentKey": "required", "userVerification": "preferred"});
    assert_eq!(options["authenticatorSelection"], selection);
    assert_eq!(options["excludeCredentials"], json!([]));
    assert_eq!(decode(&options["challenge"]).len(), 32);
    assert_ne!(options["challenge"], site.start(&token)["challenge"]);

    let authenticator = site.passkey("alice");
    let excluded = json!([{"type": "public-key", "id": encode(&authenticator.id)}]);
    assert_eq!(site.start(&token)["excludeCredentials"], excluded);
}

#[test]
fn a_passkey_is_listed_until_it_is_deleted() {
    let site = Site::new();
    let (alice, bob) = (site.access_token("web", "alice"), site.access_token("web", "bob"));
    let (first, second) = (site.passkey("alice"), Authenticator::rs256());
    site.register(&alice, &second);
    let [one, two] = &list(&site, &alice)[..] else { panic!("not two passkeys") };
    let expected = json!({"CredentialId": encode(&first.id), "FriendlyCredentialName": "Passkey",
        "RelyingPartyId": "localhost", "AuthenticatorAttachment": "platform",
        "AuthenticatorTransports": ["internal", "hybrid"], "CreatedAt": now()});
    assert_eq!(*one, expected);
    assert_eq!(two["CredentialId"], encode(&second.id));
    assert!(list(&site, &bob).is_empty());

    let named = |token: &str| json!({"AccessToken": token, "CredentialId": encode(&first.id)});
    assert_eq!(error(site.call("DeleteWebAuthnCredential", &named(&bob))), "ResourceNotFoundException");
    site.call("DeleteWebAuthnCredential", &named(&alice)).unwrap();
    assert_eq!(error(site.call("DeleteWebAuthnCredential", &named(&alice))), "ResourceNotFoundException");
    assert_eq!(list(&site, &alice), std::slice::from_ref(two));
}

#[test]
fn a_user_has_at_most_20_passkeys_which_come_in_pages() {
    let site = Site::new();
    let token = site.access_token("web", "alice");
    let (spare, late) = (site.start(&token), Authenticator::es256());
    let ids: Vec<_> = (0..20).map(|_| encode(&site.passkey("alice").id)).collect();
    let start = site.call("StartWebAuthnRegistration", &json!({"AccessToken": token}));
    assert_eq!(error(start), "LimitExceededException");
    assert_eq!(error(site.complete(&token, &late.create(&spare))), "LimitExceededException");

    for (size, pages) in [(Value::Null, 1), (json!(0), 1), (json!(20), 1), (json!(7), 3), (json!(10), 2)] {
        let (mut listed, mut after) = (Vec::new(), Value::Null);
        for _ in 0..pages {
            let body = json!({"AccessToken": token, "MaxResults": size, "NextToken": after});
            let page = site.call("ListWebAuthnCredentials", &body).unwrap();
            let named = page["Credentials"].as_array().unwrap().iter();
            listed.extend(named.map(|passkey| passkey["CredentialId"].as_str().unwrap().to_owned()));
            after = page["NextToken"].clone();
        }
        assert_eq!((&listed, after), (&ids, Value::Null), "{size}");
    }
    let body = json!({"AccessToken": token, "MaxResults": 21});
    assert_eq!(error(site.call("ListWebAuthnCredentials", &body)), "InvalidParameterException");
    site.call("DeleteWebAuthnCredential", &json!({"AccessToken": token, "CredentialId": ids[0]})).unwrap();
    site.register(&token, &late);
}

#[test]
fn what_the_browser_and_the_authenticator_say_is_checked() {
    let site = Site::new();
    let token = site.access_token("web", "alice");
    let registered =
        |change: Change<'_>| site.complete(&token, &Authenticator::es256().create_but(&site.start(&token), change));
    let no_origin = "WebAuthnOriginNotAllowedException";
    let (unsupported, malformed) = ("WebAuthnCredentialNotSupportedException", "InvalidParameterException");
    let cases: [(&str, Change<'_>); 15] = [
        (no_origin, &|said| said.origin = "http://example.com".into()),
        (no_origin, &|said| said.origin = "https://localhost.example.com".into()),
        (no_origin, &|said| said.origin = "https://evil-localhost".into()),
        (no_origin, &|said| said.origin = "ftp://localhost".into()),
        (no_origin, &|said| said.origin = "http://127.0.0.1:3000".into()),
        (no_origin, &|said| said.origin = "android:apk-key-hash:c2ln".into()),
        (no_origin, &|said| said.cross_origin = true.into()),
        (malformed, &|said| said.origin = "nonsense".into()),
        (malformed, &|said| said.cross_origin = "yes".into()),
        ("WebAuthnRelyingPartyMismatchException", &|said| said.rp_id = "example.com".into()),
        (malformed, &|said| said.kind = "webauthn.get"),
        ("WebAuthnChallengeNotFoundException", &|said| said.challenge = encode(&[7; 32])),
        (unsupported, &|said| said.flags &= !USER_PRESENT),
        (unsupported, &|said| said.format = "unheard-of"),
        // Backed up, but not eligible for it.
        (unsupported, &|said| said.flags |= 1 << 4),
    ];
    for (number, (expected, change)) in cases.into_iter().enumerate() {
        assert_eq!(error(registered(change)), expected, "case {number}");
    }
    let cases: [Change<'_>; 5] = [
        &|said| said.origin = "https://localhost".into(),
        &|said| said.origin = "https://app.localhost:8443".into(),
        &|said| said.cross_origin = Value::Null,
        &|said| said.flags &= !USER_VERIFIED,
        &|said| said.flags |= BACKUP_ELIGIBLE,
    ];
    for (number, change) in cases.into_iter().enumerate() {
        registered(change).unwrap_or_else(|error| panic!("case {number}: {error}"));
    }
    // An algorithm that was not offered.
    let refused = site.complete(&token, &Authenticator::ed25519().create(&site.start(&token)));
    assert_eq!(error(refused), unsupported);
}

#[test]
fn a_challenge_is_good_once_for_its_user_its_client_and_its_time() {
    let site = Site::new();
    let token = site.access_token("web", "alice");
    let authenticator = Authenticator::es256();
    let complete = |at: i64, token: &str, credential: &Value| {
        let body = json!({"AccessToken": token, "Credential": credential});
        site.call_at(at, "CompleteWebAuthnRegistration", &body)
    };
    let gone = "WebAuthnChallengeNotFoundException";
    let credential = authenticator.create(&site.start(&token));
    let bob = site.access_token("web", "bob");
    assert_eq!(error(complete(now(), &bob, &credential)), gone);
    let on_phone = site.access_token("phone", "alice");
    assert_eq!(error(complete(now(), &on_phone, &credential)), "WebAuthnClientMismatchException");
    // Neither has used it up. Its own time ends.
    assert_eq!(error(complete(now() + 181, &token, &credential)), gone);
    complete(now() + 180, &token, &credential).unwrap();
    assert_eq!(error(complete(now(), &token, &credential)), gone);

    // A try that fails uses it up, too.
    let options = site.start(&token);
    let other = Authenticator::es256();
    complete(now(), &token, &other.create_but(&options, |said| said.rp_id = "example.com".into())).unwrap_err();
    assert_eq!(error(complete(now(), &token, &other.create(&options))), gone);

    // What a user has begun ends when he signs out everywhere, and with it the access token.
    let options = site.start(&token);
    site.call("GlobalSignOut", &json!({"AccessToken": token})).unwrap();
    assert_eq!(error(complete(now(), &token, &other.create(&options))), "NotAuthorizedException");
    let token = site.access_token("web", "alice");
    assert_eq!(error(complete(now(), &token, &other.create(&options))), gone);
}

#[test]
fn a_passkey_is_registered_once_for_one_user() {
    let site = Site::new();
    let authenticator = site.passkey("alice");
    for user in ["alice", "bob"] {
        let token = site.access_token("web", user);
        let refused = site.complete(&token, &authenticator.create(&site.start(&token)));
        let expected =
            if user == "alice" { "WebAuthnCredentialNotSupportedException" } else { "InvalidParameterException" };
        assert_eq!(error(refused), expected, "{user}");
    }
    // The first owner still signs in by it.
    let asked = site.ask("alice");
    assert!(has_tokens(&site.answer(&asked, &authenticator.get(&asked.options()))));
}

#[test]
fn a_body_that_is_no_registration_is_refused() {
    let site = Site::new();
    let token = site.access_token("web", "alice");
    let good = |authenticator: &Authenticator| authenticator.create(&site.start(&token));
    let with = |path: &str, value: Value| {
        let mut credential = good(&Authenticator::es256());
        *credential.pointer_mut(path).unwrap() = value;
        credential
    };
    let cut = good(&Authenticator::es256())["response"]["attestationObject"].as_str().unwrap()[..60].to_owned();
    // Lists in lists, deeper than any stack.
    let nested = encode(&[&b"\xa3\x63fmt\x64none\x67attStmt"[..], &vec![0x81; 20_000]].concat());
    // Lengths that no memory has.
    let long = |head: u8| encode(&[&[head][..], &[0x7f; 8], b"\x63fmt\x64none"].concat());
    for (number, credential) in [
        json!("text"),
        json!([]),
        json!({}),
        with("/response/attestationObject", long(0xbb).into()),
        with("/response/attestationObject", long(0x9b).into()),
        with("/response/attestationObject", long(0x5b).into()),
        with("/type", "password".into()),
        with("/id", "AAAA".into()),
        with("/rawId", "AAAA".into()),
        with("/rawId", "not Base64!".into()),
        with("/response", Value::Null),
        with("/response/clientDataJSON", encode(b"nonsense").into()),
        with("/response/attestationObject", "".into()),
        with("/response/attestationObject", cut.into()),
        with("/response/attestationObject", nested.into()),
        with("/response/attestationObject", encode(&vec![0; 30_000]).into()),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(error(site.complete(&token, &credential)), "InvalidParameterException", "case {number}");
    }
    // The id that the authenticator signs for is the one that counts.
    let (mut credential, other) = (good(&Authenticator::es256()), encode(&[3; 32]));
    (credential["id"], credential["rawId"]) = (other.clone().into(), other.into());
    assert_eq!(error(site.complete(&token, &credential)), "InvalidParameterException");
    for length in [1024, 60_000] {
        let mut authenticator = Authenticator::es256();
        authenticator.id = vec![1; length];
        let expected =
            if length == 1024 { "WebAuthnCredentialNotSupportedException" } else { "InvalidParameterException" };
        assert_eq!(error(site.complete(&token, &good(&authenticator))), expected, "an id of {length} bytes");
    }
    for operation in [
        "StartWebAuthnRegistration",
        "CompleteWebAuthnRegistration",
        "ListWebAuthnCredentials",
        "DeleteWebAuthnCredential",
    ] {
        for (body, expected) in [
            ("{}", "InvalidParameterException"),
            ("nonsense", "SerializationException"),
            (r#"{"AccessToken":7}"#, "SerializationException"),
            (r#"{"AccessToken":"a.b.c","Credential":{},"CredentialId":"x"}"#, "NotAuthorizedException"),
        ] {
            assert_eq!(error(site.call_raw(now(), operation, body.as_bytes())), expected, "{operation} {body}");
        }
    }
}

#[test]
fn a_registration_with_a_flipped_bit_is_refused_or_has_the_id_that_it_says() {
    let site = Site::new();
    let token = site.access_token("web", "alice");
    let mut refused = 0;
    for (member, length) in [("clientDataJSON", 120), ("attestationObject", 200)] {
        for place in 0..length {
            let authenticator = Authenticator::es256();
            let mut credential = authenticator.create(&site.start(&token));
            let mut bytes = decode(&credential["response"][member]);
            let place = place % bytes.len();
            bytes[place] ^= 1;
            credential["response"][member] = encode(&bytes).into();
            match site.complete(&token, &credential) {
                Ok(_) => {
                    let body = json!({"AccessToken": token, "CredentialId": encode(&authenticator.id)});
                    site.call("DeleteWebAuthnCredential", &body).unwrap();
                }
                Err(_) => refused += 1,
            }
        }
    }
    assert!(list(&site, &token).is_empty());
    // Without an attestation nobody signs it: the counter, the AAGUID and a port may be others.
    assert!(refused > 200, "{refused} of 320");
}
