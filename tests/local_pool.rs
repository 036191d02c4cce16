//! The crate's own client signs in to the package `local_pool` over HTTP, in every flow; then the pool gets what no client sends.
//!
//! Each pool runs in a thread of this test.

#[path = "local_pool/bounds.rs"]
mod bounds;
#[path = "local_pool/client.rs"]
mod client;
#[path = "local_pool/clients.rs"]
mod clients;
mod common;
#[path = "local_pool/config.rs"]
mod config;
#[path = "local_pool/credentials.rs"]
mod credentials;
#[path = "local_pool/enumeration.rs"]
mod enumeration;
#[path = "local_pool/factors.rs"]
mod factors;
#[path = "local_pool/first_codes.rs"]
mod first_codes;
#[path = "local_pool/hostile.rs"]
mod hostile;
#[path = "local_pool/lying_triggers.rs"]
mod lying_triggers;
#[path = "local_pool/memory.rs"]
mod memory;
#[path = "local_pool/options.rs"]
mod options;
#[path = "local_pool/rotation.rs"]
mod rotation;
#[path = "local_pool/setup.rs"]
mod setup;
#[path = "local_pool/sign_up.rs"]
mod sign_up;
#[path = "local_pool/signatures.rs"]
mod signatures;
#[path = "local_pool/triggers.rs"]
mod triggers;
#[path = "local_pool/wire.rs"]
mod wire;

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognito_srp6a::idp::{
    Api, AssociateSoftwareToken, AssociateSoftwareTokenResponse, Challenge, ChallengeName, FirstFactor,
    GetTokensFromRefreshToken, GlobalSignOut, RefreshOutcome, RefreshToken, Request, ResponseError, RevokeToken,
    ServiceErrorName, SignIn, SignInError, SignInFlow, SignOutResponse, SignedIn, Step,
};
use cognito_srp6a::server::{ServerKey, UserRecord};
use cognito_srp6a::{Device, DeviceCredentials, ParameterSource as _, Timestamp, UserSignIn, Username};
use num_bigint::{BigInt, Sign};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use client::{PASSWORD, Site, alice, challenge, credentials, refusal};
use common::{pass, user_name};

const BOTH: [Api; 2] = [Api::Public, Api::Admin];
const SECRET: &str = "0test0client0secret0of0forty0letters0";

/// The flows that end with tokens after the password alone.
const PROOF_FLOWS: [SignInFlow; 4] = [
    SignInFlow::UserSrp,
    SignInFlow::User(Some(FirstFactor::PasswordSrp)),
    SignInFlow::User(None),
    SignInFlow::CustomSrp,
];

fn password_flow(api: Api) -> SignInFlow {
    match api {
        Api::Public => SignInFlow::UserPassword,
        Api::Admin => SignInFlow::AdminUserPassword,
        other => panic!("a family of calls that this test does not know: {other:?}"),
    }
}

/// The claims of a token, whose signature the caller has to trust.
fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

fn access_token(signed_in: &SignedIn) -> &str {
    signed_in.result().access_token().unwrap()
}

#[test]
fn every_flow_signs_in_by_name_and_by_alias_with_and_without_a_client_secret() {
    for flags in [&[][..], &["--client-secret", SECRET]] {
        let site = Site::start(flags);
        for api in BOTH {
            let flows =
                PROOF_FLOWS.into_iter().chain([password_flow(api), SignInFlow::User(Some(FirstFactor::Password))]);
            for (flow, name) in flows.flat_map(|flow| [(flow, "alice"), (flow, "alice@example.com")]) {
                let signed_in = site.sign_in(api, flow, credentials(name, PASSWORD)).unwrap();
                assert_eq!(claims(access_token(&signed_in))["username"], "alice", "{api:?} {flow:?} {name}");
                assert_eq!(signed_in.new_device().unwrap(), None);
            }
        }
    }
}

#[test]
fn a_wrong_password_and_an_unknown_user_are_refused_alike() {
    let site = Site::start(&[]);
    for api in BOTH {
        for flow in PROOF_FLOWS.into_iter().chain([password_flow(api)]) {
            for credentials in [credentials("alice", "wrong"), credentials("nobody", PASSWORD)] {
                let refused = refusal(site.sign_in(api, flow, credentials));
                assert_eq!(*refused.name(), ServiceErrorName::NotAuthorized, "{api:?} {flow:?}");
                assert_eq!(refused.message(), "Incorrect username or password.");
            }
        }
    }
}

#[test]
fn tokens_are_signed_by_the_published_key_and_carry_the_claims_of_the_service() {
    let site = Site::start(&[]);
    let signed_in = site.sign_in(Api::Public, SignInFlow::UserSrp, alice()).unwrap();
    let (access, id) = (claims(access_token(&signed_in)), claims(signed_in.result().id_token().unwrap()));
    for token in [&access, &id] {
        for name in ["sub", "iss", "origin_jti", "event_id", "jti"] {
            assert!(token[name].is_string(), "{name} in {token}");
        }
        assert_eq!(token["iss"], "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_LocalPool");
        assert_eq!(token["exp"].as_i64().unwrap() - token["iat"].as_i64().unwrap(), 3600);
        assert_eq!(token["auth_time"], token["iat"]);
    }
    assert_eq!((&access["token_use"], &access["client_id"]), (&json!("access"), &json!("localpoolclient")));
    assert_eq!((&id["token_use"], &id["aud"]), (&json!("id"), &json!("localpoolclient")));
    assert_eq!((&access["username"], &id["cognito:username"]), (&json!("alice"), &json!("alice")));
    assert_eq!(access["sub"], id["sub"]);

    let key_set = site.get("/us-east-1_LocalPool/.well-known/jwks.json").unwrap();
    let part = |name: &str| URL_SAFE_NO_PAD.decode(key_set["keys"][0][name].as_str().unwrap()).unwrap();
    let key = ring::signature::RsaPublicKeyComponents { n: part("n"), e: part("e") };
    let (message, signature) = access_token(&signed_in).rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    key.verify(&ring::signature::RSA_PKCS1_2048_8192_SHA256, message.as_bytes(), &signature).unwrap();

    let user = site.call("GetUser", &json!({"AccessToken": access_token(&signed_in)})).unwrap().unwrap();
    assert_eq!(user["Username"], "alice");
    assert_eq!(user["UserAttributes"][0], json!({"Name": "sub", "Value": access["sub"]}));
    // An id token is as genuine, but opens nothing here.
    let id_token = signed_in.result().id_token();
    let refused = site.call("GetUser", &json!({"AccessToken": id_token})).unwrap().unwrap_err();
    assert_eq!(*refused.name(), ServiceErrorName::NotAuthorized);
}

#[test]
fn both_refresh_flows_bring_new_tokens_until_the_token_is_revoked() {
    for flags in [&[][..], &["--client-secret", SECRET]] {
        let site = Site::start(flags);
        let signed_in =
            site.sign_in(Api::Public, SignInFlow::UserSrp, credentials("alice@example.com", PASSWORD)).unwrap();
        let token = signed_in.result().refresh_token().unwrap();
        let refreshed = site.refresh(token, None).unwrap();
        let (old, new) = (claims(access_token(&signed_in)), claims(access_token(&refreshed)));
        assert_eq!(old["origin_jti"], new["origin_jti"]);
        assert_ne!(old["jti"], new["jti"]);
        assert_eq!(refreshed.result().refresh_token(), None);
        let parameters =
            json!({"REFRESH_TOKEN": token, "SECRET_HASH": site.app.secret_hash(&user_name("alice")).as_deref()});
        let body = json!({"ClientId": "localpoolclient", "AuthFlow": "REFRESH_TOKEN", "AuthParameters": parameters});
        let tokens = site.call("InitiateAuth", &body).unwrap().unwrap();
        assert!(tokens["AuthenticationResult"]["AccessToken"].is_string());
        let secret = flags.get(1);
        let body = json!({"ClientId": "localpoolclient", "RefreshToken": token, "ClientSecret": secret});
        let tokens = site.call("GetTokensFromRefreshToken", &body).unwrap().unwrap();
        assert!(tokens["AuthenticationResult"]["AccessToken"].is_string());

        let body = json!({"ClientId": "localpoolclient", "Token": token, "ClientSecret": secret});
        site.call("RevokeToken", &body).unwrap().unwrap();
        let refused = refusal(site.refresh(token, None));
        assert_eq!(refused.message(), "Invalid Refresh Token.");
    }
}

#[test]
fn a_refresh_after_a_password_under_an_alias_has_the_canonical_name() {
    let site = Site::start(&["--client-secret", SECRET]);
    let signed_in =
        site.sign_in(Api::Public, SignInFlow::UserPassword, credentials("alice@example.com", PASSWORD)).unwrap();
    assert_eq!(signed_in.username(), "alice");
    let token = RefreshToken::new(signed_in.result().refresh_token().unwrap()).unwrap();
    let refresh = |name: &Username| {
        let (sign_in, request) = SignIn::refresh(&site.app, Api::Public, &token, name).start().unwrap();
        site.go_on(sign_in, request)
    };
    assert!(matches!(refresh(signed_in.username()), Ok(Step::Done(_))));
    // The hash over the alias is refused, as by the service.
    let refused = refusal(refresh(&"alice@example.com".parse().unwrap()));
    assert_eq!(*refused.name(), ServiceErrorName::NotAuthorized);
}

#[test]
fn the_calls_of_tokens_bring_new_tokens_and_end_them() {
    for flags in [&[][..], &["--client-secret", SECRET]] {
        let site = Site::start(flags);
        let tokens = |token: &RefreshToken| {
            let request = Request::GetTokensFromRefreshToken(GetTokensFromRefreshToken::new(&site.app, token));
            RefreshOutcome::new(site.send(&request).unwrap())
        };
        for everywhere in [false, true] {
            let signed_in = site.sign_in(Api::Public, SignInFlow::UserSrp, alice()).unwrap();
            let token = RefreshToken::new(signed_in.result().refresh_token().unwrap()).unwrap();
            let Ok(RefreshOutcome::Refreshed(new)) = tokens(&token) else { panic!("no tokens") };
            assert_eq!(new.username(), Some("alice".parse().unwrap()));
            let end = match new.access_token().filter(|_| everywhere) {
                Some(access_token) => Request::GlobalSignOut(GlobalSignOut::new(access_token).unwrap()),
                None => Request::RevokeToken(RevokeToken::new(&site.app, &token)),
            };
            let (status, body) = site.post(&end).unwrap();
            assert!(SignOutResponse::from_http(status, &body).is_ok());
            let Err(SignInError::Service(refused)) = tokens(&token) else { panic!("the token still works") };
            assert_eq!(*refused.name(), ServiceErrorName::NotAuthorized);
        }
        let associate = AssociateSoftwareToken::with_access_token("a.b.c").unwrap();
        let (status, body) = site.post(&Request::AssociateSoftwareToken(associate)).unwrap();
        let read = AssociateSoftwareTokenResponse::from_http(status, &body);
        let Err(ResponseError::Service(unknown)) = read else { panic!("the pool has no such call") };
        assert_eq!(unknown.name().as_str(), "UnknownOperationException");
    }
}

#[test]
fn a_device_is_registered_used_bound_to_its_tokens_and_forgotten() {
    for flags in [&["--devices"][..], &["--devices", "--single-use", "--client-secret", SECRET]] {
        let site = Site::start(flags);
        for api in BOTH {
            let first = site.sign_in(api, SignInFlow::UserSrp, alice()).unwrap();
            let mut device = site.confirm_device(&first).unwrap();
            // The tokens of the sign-in that the device was offered in are bound to it from now on.
            let (token, key) = (first.result().refresh_token().unwrap(), device.device().key().clone());
            site.refresh(token, Some(&key)).unwrap();
            let refused = refusal(site.refresh(token, None));
            assert_eq!(refused.message(), "Invalid Refresh Token.");

            for flow in PROOF_FLOWS.into_iter().chain([password_flow(api)]) {
                let signed_in = site.sign_in(api, flow, alice().with_device(device)).unwrap();
                assert_eq!(claims(access_token(&signed_in))["device_key"], key.as_str(), "{flow:?}");
                assert_eq!(signed_in.new_device().unwrap(), None, "a known device is not offered again");
                device = signed_in.into_parts().1.unwrap();
            }

            let names = json!({"AccessToken": access_token(&first), "DeviceKey": key.as_str()});
            let devices = site.call("ListDevices", &names).unwrap().unwrap();
            let listed = |device: &Value| device["DeviceKey"] == key.as_str();
            assert!(devices["Devices"].as_array().unwrap().iter().any(listed));
            site.call("UpdateDeviceStatus", &names).unwrap().unwrap();
            site.call("ForgetDevice", &names).unwrap().unwrap();
            let error = site.sign_in(api, SignInFlow::UserSrp, alice().with_device(device)).unwrap_err();
            assert_eq!(error.downcast_ref(), Some(&SignInError::UnknownDevice));
        }
    }
}

#[test]
fn a_device_with_another_password_and_a_device_of_another_user_are_refused() {
    let site = Site::start(&["--devices", "--user", "bob:Passw0rd!"]);
    let signed_in = site.sign_in(Api::Public, SignInFlow::UserSrp, alice()).unwrap();
    let device = site.confirm_device(&signed_in).unwrap();
    let (key, group_key) = (device.device().key().clone(), device.device().group_key().to_owned());

    let bob = credentials("bob", "Passw0rd!").with_device(device);
    let error = site.sign_in(Api::Public, SignInFlow::UserSrp, bob).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&SignInError::UnknownDevice));

    let device = DeviceCredentials::from_parts(Device::new(key, group_key).unwrap(), pass("wrong"));
    let refused = refusal(site.sign_in(Api::Public, SignInFlow::UserSrp, alice().with_device(device)));
    assert_eq!(*refused.name(), ServiceErrorName::NotAuthorized);
}

#[test]
fn a_pool_of_rare_numbers_shows_no_others() {
    // The same rule by another way: num-bigint's form of a signed number is `enc`.
    let enc = |number: &BigInt| number.to_signed_bytes_be();
    let number = |text: &str| BigInt::parse_bytes(text.as_bytes(), 16).unwrap();
    let site = Site::start(&["--rare", "--devices"]);
    let signed_in = site.sign_in(Api::Public, SignInFlow::UserSrp, alice()).unwrap();
    let device = site.confirm_device(&signed_in).unwrap();

    let (mut short_b, mut short_u, mut of_devices) = (0, 0, 0);
    for flow in PROOF_FLOWS.into_iter().cycle().take(24) {
        let copy = DeviceCredentials::from_parts(device.device().clone(), pass(device.expose_password()));
        let (sign_in, request) =
            SignIn::builder(&site.app, Api::Public, flow, alice().with_device(copy)).start().unwrap();
        let step = site.go_on_watched(sign_in, request, |request, response| {
            let Some(srp_b) = response.challenge_parameters().get("SRP_B") else { return };
            let srp_a = match request {
                Request::InitiateAuth(request) => request.auth_parameters().parameter("SRP_A"),
                Request::RespondToAuthChallenge(request) => request.challenge_responses().parameter("SRP_A"),
                _ => None,
            };
            let (srp_a, srp_b) = (number(srp_a.unwrap()), number(srp_b));
            let u = Sha256::new().chain_update(enc(&srp_a)).chain_update(enc(&srp_b)).finalize();
            let (b, u) = (enc(&srp_b).len() < 384, enc(&BigInt::from_bytes_be(Sign::Plus, &u)).len() < 32);
            assert!(b || u);
            short_b += u32::from(b);
            short_u += u32::from(u);
            match response.challenge_name().unwrap() {
                ChallengeName::DevicePasswordVerifier => of_devices += 1,
                _ => assert!(enc(&number(&response.challenge_parameters()["SALT"])).len() < 16),
            }
        });
        assert!(matches!(step, Ok(Step::Done(_))), "{step:?}");
    }
    // Of 48 challenges either kind is left out once in 2^48 times.
    assert!(short_b > 0 && short_u > 0, "{short_b} and {short_u}");
    assert_eq!(of_devices, 24);
}

#[test]
fn a_temporary_password_is_replaced_before_there_are_tokens() {
    let site = Site::start_with_frank(&["--client-secret", SECRET]);
    let body = json!({"UserPoolId": "us-east-1_LocalPool", "Username": "grace", "TemporaryPassword": "Temp0rary!",
        "UserAttributes": [{"Name": "email", "Value": "grace@example.com"}]});
    let created = site.call("AdminCreateUser", &body).unwrap().unwrap();
    assert_eq!(created["User"]["UserStatus"], "FORCE_CHANGE_PASSWORD");
    for (api, name) in [(Api::Public, "frank"), (Api::Admin, "grace")] {
        let step = site.sign_in_until_asked(api, SignInFlow::UserSrp, credentials(name, "Temp0rary!")).unwrap();
        let Challenge::NewPasswordRequired(asked) = challenge(step) else { panic!("another challenge") };
        assert_eq!(asked.required_attributes(), [""; 0]);
        let (sign_in, request) = asked.answer(&pass("short"), &[("name", "F.")]).unwrap();
        let again = challenge(site.go_on(sign_in, request).unwrap());
        assert_eq!(*again.refusal().unwrap().name(), ServiceErrorName::InvalidPassword);
        let Challenge::NewPasswordRequired(asked) = again else { panic!("another challenge") };
        let (sign_in, request) = asked.answer(&pass("Perm4nent!"), &[("name", "F.")]).unwrap();
        site.go_on(sign_in, request).unwrap();

        let signed_in = site.sign_in(api, SignInFlow::UserSrp, credentials(name, "Perm4nent!")).unwrap();
        assert_eq!(claims(signed_in.result().id_token().unwrap())["name"], "F.");
        refusal(site.sign_in(api, SignInFlow::UserSrp, credentials(name, "Temp0rary!")));
    }
}

#[test]
fn users_are_made_and_their_passwords_set_by_calls() {
    let site = Site::start(&[]);
    let body = json!({"ClientId": "localpoolclient", "Username": "heidi", "Password": "Passw0rd!"});
    assert_eq!(site.call("SignUp", &body).unwrap().unwrap()["UserConfirmed"], true);
    site.sign_in(Api::Public, SignInFlow::UserSrp, credentials("heidi", "Passw0rd!")).unwrap();
    let refused = site.call("SignUp", &body).unwrap().unwrap_err();
    assert_eq!(*refused.name(), ServiceErrorName::UsernameExists);

    let body = json!({"UserPoolId": "us-east-1_LocalPool", "Username": "heidi", "Password": "0therPassw0rd",
        "Permanent": true});
    site.call("AdminSetUserPassword", &body).unwrap().unwrap();
    site.sign_in(Api::Public, SignInFlow::UserSrp, credentials("heidi", "0therPassw0rd")).unwrap();
    let user = site.call("AdminGetUser", &body).unwrap().unwrap();
    assert_eq!(user["UserStatus"], "CONFIRMED");
}

#[test]
fn a_custom_challenge_follows_the_proof_and_wants_its_answer() {
    let site = Site::start(&["--custom-answer", "swordfish", "--devices"]);
    for (api, flow) in [(Api::Public, SignInFlow::CustomSrp), (Api::Admin, SignInFlow::Custom)] {
        let asked = |answer: &str| {
            let step = site.sign_in_until_asked(api, flow, alice()).unwrap();
            let Challenge::Custom(asked) = challenge(step) else { panic!("another challenge") };
            let (sign_in, request) = asked.answer(answer).unwrap();
            site.go_on(sign_in, request)
        };
        asked("swordfish").unwrap();
        assert_eq!(*refusal(asked("herring")).name(), ServiceErrorName::NotAuthorized);
    }
    // Where no answer is set there is nothing to ask, and a sign-in without a proof must not come for free.
    let site = Site::start(&[]);
    let refused = refusal(site.sign_in(Api::Public, SignInFlow::Custom, alice()));
    assert_eq!(*refused.name(), ServiceErrorName::InvalidParameter);
}

/// Checks that a hundred sign-ins in a row succeed, and prints how long they took. To measure, run it alone, on one core,
/// optimised: `taskset -c 0 cargo test --release --test local_pool -- --nocapture a_hundred`.
#[test]
fn a_hundred_sign_ins_in_a_row_succeed_and_say_what_share_is_the_proof() {
    const SIGN_INS: u32 = 100;
    let site = Site::start(&[]);
    let started = Instant::now();
    for _ in 0..SIGN_INS {
        site.sign_in(Api::Public, SignInFlow::UserSrp, alice()).unwrap();
    }
    let over_http = started.elapsed();

    // The same proofs, both sides, with nothing around them.
    let record = UserRecord::from_password(site.app.pool_id(), &user_name("alice"), &pass(PASSWORD)).unwrap();
    let (key, now) = (ServerKey::generate().unwrap(), Timestamp::now().unwrap());
    let [mut client, mut server] = [Duration::ZERO; 2];
    for _ in 0..SIGN_INS {
        let (sign_in, start) = timed(&mut client, || UserSignIn::start(&site.app, &user_name("alice")).unwrap());
        let srp_a = start.srp_a();
        let challenge = timed(&mut server, || key.challenge(&record, srp_a, now).unwrap());
        let claim = timed(&mut client, || sign_in.answer(challenge, &pass(PASSWORD), now).unwrap());
        timed(&mut server, || key.verify(&record, &claim, now, Duration::from_secs(300)).unwrap());
    }
    let seconds = |time: Duration| time.as_secs_f64() / f64::from(SIGN_INS);
    println!("{:.0} sign-ins a second, {:.2} ms each", 1.0 / seconds(over_http), 1000.0 * seconds(over_http));
    let share = |time: Duration| 100.0 * seconds(time) / seconds(over_http);
    for (side, time) in [("client", client), ("server", server)] {
        println!("{side}: {:.2} ms of the proof, {:.0} % of a sign-in", 1000.0 * seconds(time), share(time));
    }
}

/// Adds the time that some work takes.
fn timed<T>(sum: &mut Duration, work: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let result = work();
    *sum += started.elapsed();
    result
}
