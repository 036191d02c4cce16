//! The state that the server keeps or seals: challenges, records, fake records. Each counts for one key, one user and one time.

mod common;

use std::collections::BTreeSet;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cognito_srp6a::server::{DeviceRecord, PendingSignIn, ServerKey, UnknownUserKey, UserRecord};
use cognito_srp6a::{Device, DeviceVerifier, Error, PasswordChallenge, PasswordClaim, PoolId, SrpA, UserSignIn};
use common::scene::*;
use common::{Account, Map, ScriptedRng, device_start, element, fresh_rng, integer, oracle, pass, user_name};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

#[test]
fn a_sealed_block_with_any_byte_changed_is_refused() {
    // The client signs the changed block, so that nothing but the seal can tell.
    let (scene, mut rng) = plain_scene();
    let record = record(&scene.server, &mut rng);
    let key = ServerKey::from_bytes(scene.key).unwrap();
    let now = scene.server.now();
    let client = oracle::Client::new(&mut rng);
    let srp_a: SrpA = client.srp_a(&mut rng).parse().unwrap();
    let challenge: Map = key.challenge_with_rng(&record, &srp_a, now, &mut rng).unwrap().into();
    let answer = |challenge: &Map| {
        let claim = client.answer(scene.client.realm(), &scene.client.password, challenge, scene.client.now);
        PasswordClaim::from_parameters(&claim).unwrap()
    };
    assert_eq!(key.verify(&record, &answer(&challenge), now, MAX_AGE), Ok(()));

    // All answers are the same but for the block, and the costly part of an answer is of no account here.
    let mut claim: Map = answer(&challenge).into();
    let bytes = STANDARD.decode(&challenge["SECRET_BLOCK"]).unwrap();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= rng.random_range(1..=255);
        claim.insert("PASSWORD_CLAIM_SECRET_BLOCK".into(), STANDARD.encode(&changed));
        let outcome = key.verify(&record, &PasswordClaim::from_parameters(&claim).unwrap(), now, MAX_AGE);
        assert_eq!(outcome, Err(Error::NotAuthorized), "byte {at}");
    }
    for at in [0, 1, 8, 9, 40, 41, 424, 425, 808, 809, 840] {
        let mut edited = challenge.clone();
        bit_flipped("SECRET_BLOCK", 8 * at)(&mut edited);
        assert_eq!(key.verify(&record, &answer(&edited), now, MAX_AGE), Err(Error::NotAuthorized), "byte {at}, signed");
    }
}

#[test]
fn a_sealed_block_of_another_length_is_refused() {
    let (mut scene, mut rng) = plain_scene();
    for length in [1, 31, 32, 33, 840, 842, 12_288] {
        scene.challenge = Box::new(move |challenge| {
            let mut bytes = STANDARD.decode(&challenge["SECRET_BLOCK"]).unwrap();
            bytes.resize(length, 0);
            challenge.insert("SECRET_BLOCK".into(), STANDARD.encode(bytes));
        });
        assert_eq!(scene.play(Mode::Sealed, &mut rng), Err(Error::NotAuthorized), "{length}");
    }
}

/// HKDF-Expand under a server key, with the label of what is derived.
fn derived<const LEN: usize>(key: &[u8; 32], label: &str, input: &[u8]) -> [u8; LEN] {
    let info = [b"cognito-srp6a ", label.as_bytes(), &[0], input].concat();
    // RFC 5869 §2.3
    let mut block = Vec::new();
    let blocks = (1u8..).flat_map(|i| {
        block = oracle::hmac(key, &[&block, &info, &[i]]).to_vec();
        block.clone()
    });
    blocks.take(LEN).collect::<Vec<_>>().try_into().unwrap()
}

/// Whose something is: user or device, then both names with their lengths.
fn framed(kind: u8, realm: &str, name: &str) -> Vec<u8> {
    let part = |text: &str| [&(text.len() as u64).to_be_bytes(), text.as_bytes()].concat();
    [vec![kind], part(realm), part(name)].concat()
}

/// Machines that share a key must read each other's blocks, also after one of them has been brought up to date.
#[test]
fn a_sealed_block_is_laid_out_as_the_documentation_says() {
    let (key, nonce, account) = ([7; 32], [0x5a; 32], Account::plain());
    let now = account.now();
    let mut rng = fresh_rng();
    let user = record(&account, &mut rng);
    let (_, device) = random_device(&mut rng);
    let srp_a: SrpA = "2".parse().unwrap();
    let server = ServerKey::from_bytes(key).unwrap();
    let of_user = server.challenge_with_rng(&user, &srp_a, now, &mut ScriptedRng::new(nonce)).unwrap();
    let start = device_start("user", device.device().key(), &srp_a);
    let of_device = server.device_challenge_with_rng(&device, &start, now, &mut ScriptedRng::new(nonce)).unwrap();
    let names = device.device();
    for (owner, v, challenge) in [
        (framed(0, account.realm(), user.user_id().as_str()), user.expose_verifier(), Map::from(of_user)),
        (framed(1, names.group_key(), names.key().as_str()), device.expose_verifier(), Map::from(of_device)),
    ] {
        let b: [u8; 40] = derived(&key, "ephemeral", &[&owner[..], &nonce].concat());
        let srp_b = oracle::B(&integer(&v), &integer(&b));
        let sealed =
            [&[1][..], &now.unix_seconds().to_be_bytes(), &nonce, &srp_a.to_be_bytes(), &element(&srp_b)].concat();
        let tag = oracle::hmac(&derived::<32>(&key, "secret block", &[]), &[&owner, &sealed]);
        assert_eq!(challenge["SRP_B"], srp_b.to_str_radix(16));
        assert_eq!(STANDARD.decode(&challenge["SECRET_BLOCK"]).unwrap(), [&sealed[..], &tag].concat());
    }

    let nobody = UnknownUserKey::from_bytes(key).unwrap().record(&account.pool(), &user_name("nobody"));
    let owner = framed(0, account.realm(), "nobody");
    let salt = integer(&derived::<16>(&key, "unknown user: salt", &owner));
    assert_eq!(nobody.salt().to_signed_bytes(), oracle::enc(&salt));
    let mut verifier: [u8; 384] = derived(&key, "unknown user: verifier", &owner);
    verifier[0] >>= 1;
    verifier[383] |= 2;
    assert_eq!(nobody.expose_verifier(), verifier);
}

#[test]
fn a_sealed_block_of_another_key_is_refused() {
    let (mut scene, mut rng) = plain_scene();
    for at in 0..32 {
        let mut key = scene.key;
        key[at] ^= 1;
        scene.key_at_claim = Some(key);
        assert_eq!(scene.play(Mode::Sealed, &mut rng), Err(Error::NotAuthorized), "byte {at}");
    }
}

#[test]
fn a_sealed_block_counts_for_one_user_only_even_if_realm_and_name_run_into_the_same_text() {
    // "ab" and "c" are hashed as "a" and "bc" are, so x and the claim are the same. Only the seal tells them apart.
    let mut rng = StdRng::seed_from_u64(1);
    let password = "password";
    let one =
        Account { pool_id: "us-east-1_ab".into(), user_id: "c".into(), password: password.into(), ..Account::plain() };
    let other = Account { pool_id: "us-east-1_a".into(), user_id: "bc".into(), ..one.clone() };
    let record_of_one = record(&one, &mut rng);
    let verifier = record_of_one.expose_verifier();
    let record_of_other =
        UserRecord::from_parts(&other.pool(), &user_name("bc"), *record_of_one.salt(), &verifier).unwrap();

    let key = ServerKey::from_bytes([7; 32]).unwrap();
    let (sign_in, start) = UserSignIn::start_with_rng(&one.app(), &user_name("c"), &mut rng).unwrap();
    let challenge = key.challenge(&record_of_one, start.srp_a(), one.now()).unwrap();
    let claim = sign_in.answer(challenge, &pass(password), one.now()).unwrap();
    assert_eq!(key.verify(&record_of_one, &claim, one.now(), MAX_AGE), Ok(()));
    assert_eq!(key.verify(&record_of_other, &claim, one.now(), MAX_AGE), Err(Error::NotAuthorized));
}

#[test]
fn a_claim_made_for_another_challenge_is_refused() {
    let (scene, mut rng) = plain_scene();
    let record = record(&scene.server, &mut rng);
    let key = ServerKey::from_bytes(scene.key).unwrap();
    let now = scene.server.now();
    let claims: Vec<Map> = (0..2)
        .map(|_| {
            let (sign_in, start) =
                UserSignIn::start_with_rng(&scene.client.app(), &user_name("alice"), &mut rng).unwrap();
            let challenge = key.challenge(&record, start.srp_a(), now).unwrap();
            sign_in.answer(challenge, &pass(&scene.client.password), now).unwrap().into()
        })
        .collect();
    let verify = |claim: &Map| key.verify(&record, &PasswordClaim::from_parameters(claim).unwrap(), now, MAX_AGE);
    assert_eq!((verify(&claims[0]), verify(&claims[1])), (Ok(()), Ok(())));
    for name in ["PASSWORD_CLAIM_SIGNATURE", "PASSWORD_CLAIM_SECRET_BLOCK"] {
        let mut mixed = claims[0].clone();
        mixed.insert(name.into(), claims[1][name].clone());
        assert_eq!(verify(&mixed), Err(Error::NotAuthorized), "{name} of the other claim");
    }
}

#[test]
fn a_stored_block_means_nothing_to_a_server_that_seals_and_the_other_way_round() {
    let (scene, mut rng) = plain_scene();
    let record = record(&scene.server, &mut rng);
    let key = ServerKey::from_bytes(scene.key).unwrap();
    let now = scene.server.now();
    let start = |rng: &mut StdRng| {
        let (sign_in, start) = UserSignIn::start_with_rng(&scene.client.app(), &user_name("alice"), rng).unwrap();
        (sign_in, start.srp_a().clone())
    };
    let password = &scene.client.password;

    let (sign_in, srp_a) = start(&mut rng);
    let (state, challenge) = PendingSignIn::new(&record, srp_a, now).unwrap();
    let stored = sign_in.answer(challenge, &pass(password), now).unwrap();
    assert_eq!(&stored.secret_block().as_bytes(), &state.secret_block().as_bytes());
    let (sign_in, srp_a) = start(&mut rng);
    let sealed = sign_in.answer(key.challenge(&record, &srp_a, now).unwrap(), &pass(password), now).unwrap();

    assert_eq!(state.verify(&record, &stored, now, MAX_AGE), Ok(()));
    assert_eq!(key.verify(&record, &sealed, now, MAX_AGE), Ok(()));
    assert_eq!(key.verify(&record, &stored, now, MAX_AGE), Err(Error::NotAuthorized));
    assert_eq!(state.verify(&record, &sealed, now, MAX_AGE), Err(Error::NotAuthorized));
}

#[test]
fn a_stored_challenge_is_no_challenge_of_another_user_or_of_a_device() {
    let account = Account::plain();
    let (pool, now) = (account.pool(), account.now());
    let alice = UserRecord::from_password(&pool, &user_name("alice"), &pass("Passw0rd!")).unwrap();
    let salt = *alice.salt();
    let bob = UserRecord::from_parts(&pool, &user_name("bob"), salt, &alice.expose_verifier()).unwrap();
    let (sign_in, start) = UserSignIn::start(&account.app(), &user_name("alice")).unwrap();
    let (state, challenge) = PendingSignIn::new(&alice, start.srp_a().clone(), now).unwrap();
    let claim = sign_in.answer(challenge, &pass("Passw0rd!"), now).unwrap();
    assert_eq!(state.verify(&bob, &claim, now, Duration::ZERO), Err(Error::NotAuthorized));
    assert_eq!(state.verify(&alice, &claim, now, Duration::ZERO), Ok(()));

    // One whose names run into the same text makes the same claim, and so does a device of the same names.
    let moved = &pool.name()[..1];
    let other_pool: PoolId = format!("{}_{moved}", pool.region()).parse().unwrap();
    let other_name = format!("{}alice", &pool.name()[1..]);
    let other = UserRecord::from_parts(&other_pool, &user_name(&other_name), salt, &alice.expose_verifier()).unwrap();
    assert_eq!(state.verify(&other, &claim, now, Duration::ZERO), Err(Error::NotAuthorized));
    let device = Device::new("us-east-1_0a1b".parse().unwrap(), pool.name()).unwrap();
    let user = UserRecord::from_password(&pool, &user_name(device.key().as_str()), &pass("Passw0rd!")).unwrap();
    let verifier = STANDARD.encode(oracle::enc(&integer(&user.expose_verifier())));
    let salt = STANDARD.encode(user.salt().to_signed_bytes());
    let device = DeviceRecord::new(device, DeviceVerifier::from_base64(&verifier, &salt).unwrap());
    let (sign_in, start) = UserSignIn::start(&account.app(), user.user_id()).unwrap();
    let (of_user, challenge) = PendingSignIn::new(&user, start.srp_a().clone(), now).unwrap();
    let claim_of_user = sign_in.answer(challenge, &pass("Passw0rd!"), now).unwrap();
    assert_eq!(of_user.verify(&user, &claim_of_user, now, Duration::ZERO), Ok(()));
    assert_eq!(of_user.verify_device(&device, &claim_of_user, now, Duration::ZERO), Err(Error::NotAuthorized));
    // As at Cognito, the same claim is good until the challenge expires.
    assert_eq!(state.verify(&alice, &claim, now, Duration::ZERO), Ok(()));
}

#[test]
fn a_record_that_was_stored_and_read_again_is_the_same() {
    let (scene, mut rng) = plain_scene();
    let record = record(&scene.server, &mut rng);
    let salt = record.salt().to_string().parse().unwrap();
    let again =
        UserRecord::from_parts(&scene.server.pool(), record.user_id(), salt, &record.expose_verifier()).unwrap();
    assert_eq!(again.salt(), record.salt());
    assert_eq!(again.expose_verifier(), record.expose_verifier());

    let key = ServerKey::from_bytes(scene.key).unwrap();
    let (sign_in, start) = UserSignIn::start_with_rng(&scene.client.app(), &user_name("alice"), &mut rng).unwrap();
    let challenge = key.challenge(&record, start.srp_a(), scene.server.now()).unwrap();
    let claim = sign_in.answer(challenge, &pass(&scene.client.password), scene.client.now()).unwrap();
    assert_eq!(key.verify(&again, &claim, scene.server.now(), MAX_AGE), Ok(()));
}

#[test]
fn a_password_that_is_sent_as_it_is_is_checked_against_the_record() {
    let mut rng = fresh_rng();
    for _ in 0..20 {
        let account = Account::random(&mut rng);
        let record = record(&account, &mut rng);
        assert_eq!(record.verify_password(&pass(&account.password)), Ok(()), "{account:?}");
        let mut other = account.password.clone();
        shorten(&mut other);
        assert_eq!(record.verify_password(&pass(&other)), Err(Error::NotAuthorized), "{account:?}");
    }
}

#[test]
fn an_unknown_user_has_a_stable_record_of_its_own() {
    let pool: PoolId = "us-east-1_pool".parse().unwrap();
    let other_pool: PoolId = "us-east-1_loop".parse().unwrap();
    let (key, other_key) = (UnknownUserKey::from_bytes([1; 32]).unwrap(), UnknownUserKey::from_bytes([2; 32]).unwrap());
    let parts = |key: &UnknownUserKey, pool: &PoolId, name: &str| {
        let record = key.record(pool, &user_name(name));
        assert_eq!(record.user_id(), name);
        (record.salt().to_string(), record.expose_verifier())
    };
    let first = parts(&key, &pool, "nobody");
    assert_eq!(parts(&key, &pool, "nobody"), first);
    assert_eq!(parts(&UnknownUserKey::from_bytes(*key.expose_bytes()).unwrap(), &pool, "nobody"), first);
    // Names that run into the same text as realm and name are no exception.
    let others = [
        parts(&key, &pool, "somebody"),
        parts(&key, &other_pool, "nobody"),
        parts(&other_key, &pool, "nobody"),
        parts(&key, &"us-east-1_pooln".parse().unwrap(), "obody"),
    ];
    for other in others {
        assert_ne!(other.0, first.0);
        assert_ne!(other.1, first.1);
    }
}

#[test]
fn an_unknown_user_has_one_salt_under_all_server_keys_as_a_known_user_has() {
    let (scene, mut rng) = plain_scene();
    let account = &scene.server;
    let fakes = UnknownUserKey::from_bytes([7; 32]).unwrap();
    let known = record(account, &mut rng);
    let unknown = || fakes.record(&account.pool(), &user_name("nobody"));
    // Two flows have a key each, and one of them is rotated.
    let keys = [[1; 32], [2; 32], [3; 32]].map(|key| ServerKey::from_bytes(key).unwrap());
    let salts = |record: &UserRecord| -> BTreeSet<String> {
        let salt =
            |key: &ServerKey| key.challenge(record, &"2".parse().unwrap(), account.now()).unwrap().salt().to_string();
        keys.iter().map(salt).collect()
    };
    assert_eq!(salts(&known).len(), 1);
    assert_eq!(salts(&unknown()).len(), 1);
    assert_eq!(salts(&unknown()), salts(&unknown()));
}

#[test]
fn a_challenge_for_an_unknown_user_looks_like_any_other_and_no_password_answers_it() {
    let (scene, mut rng) = plain_scene();
    let account = &scene.server;
    let key = ServerKey::from_bytes(scene.key).unwrap();
    let known = record(account, &mut rng);
    let unknown = UnknownUserKey::from_bytes(scene.key).unwrap().record(&account.pool(), &user_name(&account.user_id));
    for password in ["", "password", &account.password] {
        let (sign_in, start) = UserSignIn::start_with_rng(&account.app(), &user_name("nobody"), &mut rng).unwrap();
        let srp_a = start.srp_a();
        let real: Map = key.challenge(&known, srp_a, account.now()).unwrap().into();
        let fake: Map = key.challenge(&unknown, srp_a, account.now()).unwrap().into();
        for (name, value) in &real {
            // Numbers are printed without leading zeros, so a digit or two may be missing.
            assert!(fake[name].len().abs_diff(value.len()) < 8, "{name}");
        }
        assert_eq!(fake.len(), real.len());
        assert_eq!(fake["SECRET_BLOCK"].len(), real["SECRET_BLOCK"].len());

        let claim = sign_in.answer(PasswordChallenge::from_parameters(&fake).unwrap(), &pass(password), account.now());
        let outcome = key.verify(&unknown, &claim.unwrap(), account.now(), MAX_AGE);
        assert_eq!(outcome, Err(Error::NotAuthorized), "{password:?}");
    }
}

#[test]
fn two_challenges_for_the_same_user_have_nothing_in_common_but_the_user() {
    let (scene, mut rng) = plain_scene();
    let record = record(&scene.server, &mut rng);
    let key = ServerKey::from_bytes(scene.key).unwrap();
    let srp_a: SrpA = "2".parse().unwrap();
    let challenges: Vec<Map> =
        (0..2).map(|_| key.challenge(&record, &srp_a, scene.server.now()).unwrap().into()).collect();
    for name in ["USER_ID_FOR_SRP", "USERNAME", "SALT"] {
        assert_eq!(challenges[0][name], challenges[1][name]);
    }
    for name in ["SRP_B", "SECRET_BLOCK"] {
        assert_ne!(challenges[0][name], challenges[1][name]);
    }
}
