//! The client and the server of this crate agree with each other and each with an oracle of the other half; and when any
//! one input differs between the two, the server refuses.

mod common;

use cognito_srp6a::server::{PendingSignIn, ServerKey};
use cognito_srp6a::{Error, PasswordChallenge, PasswordClaim, SrpA, UserSignIn};
use common::scene::*;
use common::{Account, Map, fresh_rng, oracle, pass, time, user_name};
use rand::RngExt as _;

#[test]
fn our_client_satisfies_an_oracle_of_the_server() {
    let mut rng = fresh_rng();
    for i in 0..150 {
        let account = Account::random(&mut rng);
        let (sign_in, start) =
            UserSignIn::start_with_rng(&account.app(), &user_name(&account.typed), &mut rng).unwrap();
        let start: Map = start.into();
        let server =
            oracle::Server::new(&mut rng, account.realm(), &account.user_id, &account.password, &start["SRP_A"]);
        let challenge = PasswordChallenge::from_parameters(&server.challenge(&mut rng)).unwrap();
        let claim: Map = sign_in.answer(challenge, &pass(&account.password), account.now()).unwrap().into();

        assert_eq!(claim["TIMESTAMP"], oracle::timestamp(account.now), "handshake {i}: {account:?}");
        assert_eq!(
            claim["PASSWORD_CLAIM_SIGNATURE"],
            server.expected_signature(&claim["TIMESTAMP"]),
            "handshake {i}: {account:?}"
        );
    }
}

#[test]
fn an_oracle_of_the_client_satisfies_our_server() {
    let mut rng = fresh_rng();
    for i in 0..120 {
        let account = Account::random(&mut rng);
        let client = oracle::Client::new(&mut rng);
        let record = record(&account, &mut rng);
        let srp_a: SrpA = client.srp_a(&mut rng).parse().unwrap();
        let answer = |challenge: PasswordChallenge| {
            let claim = client.answer(account.realm(), &account.password, &challenge.into(), account.now);
            PasswordClaim::from_parameters(&claim).unwrap()
        };

        let key = ServerKey::generate_with_rng(&mut rng).unwrap();
        let claim = answer(key.challenge_with_rng(&record, &srp_a, account.now(), &mut rng).unwrap());
        assert_eq!(key.verify(&record, &claim, account.now(), MAX_AGE), Ok(()), "sealed, {i}: {account:?}");

        let (state, challenge) = PendingSignIn::new_with_rng(&record, srp_a, account.now(), &mut rng).unwrap();
        let claim = answer(challenge);
        assert_eq!(state.verify(&record, &claim, account.now(), MAX_AGE), Ok(()), "stored, {i}: {account:?}");
    }
}

type Change = fn(&mut Scene);

/// Every input of the proof, each with a change to it that leaves it valid in itself.
fn changes() -> Vec<(&'static str, Change)> {
    vec![
        ("the password that is typed", |scene| shorten(&mut scene.client.password)),
        ("the password in the record", |scene| shorten(&mut scene.server.password)),
        ("the pool's name at the client", |scene| alter(&mut scene.client.pool_id)),
        ("the pool's name at the server", |scene| alter(&mut scene.server.pool_id)),
        ("SRP_A", |scene| scene.start = altered("SRP_A")),
        ("SRP_B", |scene| scene.challenge = altered("SRP_B")),
        ("SALT", |scene| scene.challenge = altered("SALT")),
        ("USER_ID_FOR_SRP", |scene| scene.challenge = replaced("USER_ID_FOR_SRP", "mallory")),
        ("SECRET_BLOCK", |scene| scene.challenge = bit_flipped("SECRET_BLOCK", 0)),
        ("PASSWORD_CLAIM_SIGNATURE", |scene| scene.claim = bit_flipped("PASSWORD_CLAIM_SIGNATURE", 255)),
        ("PASSWORD_CLAIM_SECRET_BLOCK", |scene| scene.claim = bit_flipped("PASSWORD_CLAIM_SECRET_BLOCK", 255)),
        ("TIMESTAMP", |scene| {
            let other = oracle::timestamp(scene.client.now + 1);
            scene.claim = replaced("TIMESTAMP", other);
        }),
        ("the clock of the client", |scene| scene.client.now += 301),
        ("the clock of the server", |scene| scene.checked_at += 301),
        ("the record at the time of the claim: its password", |scene| {
            let mut account = scene.server.clone();
            shorten(&mut account.password);
            scene.server_at_claim = Some(account);
        }),
        // The same password gives another salt and another verifier.
        ("the record at the time of the claim: its salt", |scene| scene.server_at_claim = Some(scene.server.clone())),
        ("the record at the time of the claim: its user id", |scene| {
            scene.server_at_claim = Some(Account { user_id: "mallory".into(), ..scene.server.clone() });
        }),
        ("the record at the time of the claim: its pool", |scene| {
            let mut account = scene.server.clone();
            alter(&mut account.pool_id);
            scene.server_at_claim = Some(account);
        }),
    ]
}

fn any_single_change_is_refused(mode: Mode) {
    let mut rng = fresh_rng();
    let random: Vec<_> = (0..8).map(|_| Account::random(&mut rng)).collect();
    for account in [Account::plain()].iter().chain(&random) {
        assert_eq!(Scene::honest(account).play(mode, &mut rng), Ok(()), "nothing is changed: {account:?}");
        for (what, change) in changes() {
            let mut scene = Scene::honest(account);
            change(&mut scene);
            assert_eq!(scene.play(mode, &mut rng), Err(Error::NotAuthorized), "{what} is changed: {account:?}");
        }
    }
}

#[test]
fn any_single_changed_input_is_refused_with_a_sealed_challenge() {
    any_single_change_is_refused(Mode::Sealed);
}

#[test]
fn any_single_changed_input_is_refused_with_a_stored_challenge() {
    any_single_change_is_refused(Mode::Stored);
}

#[test]
fn a_password_that_is_nearly_right_is_refused() {
    let right = "Pässwörd 1";
    let nearly = [
        "",
        "P",
        "pässwörd 1",
        "PÄSSWÖRD 1",
        "Pässwörd 1 ",
        " Pässwörd 1",
        "Pässwörd  1",
        "Pässwörd 1\0",
        "Pässwörd\u{a0}1",
        "Passwörd 1",
        "Pässwörd",
        "Pässwörd 2",
        ":Pässwörd 1",
        // The same to the eye, in another normal form. The service hashes what it gets.
        "Pa\u{308}sswo\u{308}rd 1",
    ];
    let (mut scene, mut rng) = plain_scene();
    scene.server.password = right.into();
    scene.client.password = right.into();
    assert_eq!(scene.play(Mode::Sealed, &mut rng), Ok(()));
    for password in nearly {
        scene.client.password = password.into();
        for mode in Mode::BOTH {
            assert_eq!(scene.play(mode, &mut rng), Err(Error::NotAuthorized), "{mode:?} {password:?}");
        }
    }
}

#[test]
fn a_signature_with_any_bit_flipped_is_refused() {
    let (mut scene, mut rng) = plain_scene();
    for bit in 0..256 {
        scene.claim = bit_flipped("PASSWORD_CLAIM_SIGNATURE", bit);
        assert_eq!(scene.play(Mode::Stored, &mut rng), Err(Error::NotAuthorized), "bit {bit}");
    }
}

#[test]
fn a_claim_is_good_until_its_challenge_or_its_timestamp_is_too_old_and_not_a_second_longer() {
    // Seconds after the challenge: of the client's clock when it answers, of the server's when it checks.
    let good = [(0, 0), (0, 300), (300, 300), (300, 0), (-300, 0), (0, -300), (600, 300), (150, -150)];
    let bad = [(0, 301), (301, 301), (301, 0), (-301, 0), (0, -301), (601, 300), (1000, 1000), (-150, 151)];
    let (mut scene, mut rng) = plain_scene();
    for (times, expected) in [(good, Ok(())), (bad, Err(Error::NotAuthorized))] {
        for (answered, checked) in times {
            scene.client.now = scene.server.now + answered;
            scene.checked_at = scene.server.now + checked;
            for mode in Mode::BOTH {
                let outcome = scene.play(mode, &mut rng);
                assert_eq!(outcome, expected, "{mode:?}: answered after {answered} s, checked after {checked} s");
            }
        }
    }
}

#[test]
fn a_claim_may_be_sent_again_until_it_expires() {
    // As the service has it. A server that wants each block once keeps its state in a `PendingSignIn` and drops it.
    let (scene, mut rng) = plain_scene();
    let record = record(&scene.server, &mut rng);
    let key = ServerKey::from_bytes(scene.key).unwrap();
    let (sign_in, start) = UserSignIn::start_with_rng(&scene.client.app(), &user_name("alice"), &mut rng).unwrap();
    let challenge = key.challenge(&record, start.srp_a(), scene.server.now()).unwrap();
    let claim = sign_in.answer(challenge, &pass(&scene.client.password), scene.client.now()).unwrap();
    for seconds in [0, 1, 299, 300] {
        let now = time(scene.server.now + seconds);
        assert_eq!(key.verify(&record, &claim, now, MAX_AGE), Ok(()), "after {seconds} s");
        // Another machine with the same key.
        assert_eq!(ServerKey::from_bytes(scene.key).unwrap().verify(&record, &claim, now, MAX_AGE), Ok(()));
    }
    for seconds in [301, 302, 86_400] {
        let now = time(scene.server.now + seconds);
        assert_eq!(key.verify(&record, &claim, now, MAX_AGE), Err(Error::NotAuthorized), "after {seconds} s");
    }
}

#[test]
fn another_spelling_of_the_same_numbers_changes_nothing() {
    let spellings: [fn(&str) -> String; 3] =
        [str::to_uppercase, |text| format!("0{text}"), |text| text.to_uppercase().replacen('A', "a", 1)];
    let (mut scene, mut rng) = plain_scene();
    for spell in spellings {
        let edit = move |message: &mut Map, name: &str| {
            let other = spell(&message[name]);
            message.insert(name.into(), other);
        };
        for mode in Mode::BOTH {
            scene.start = Box::new(move |start| edit(start, "SRP_A"));
            scene.challenge = Box::new(move |challenge| {
                edit(challenge, "SRP_B");
                edit(challenge, "SALT");
            });
            assert_eq!(scene.play(mode, &mut rng), Ok(()), "{mode:?}");
        }
    }
}

#[test]
fn the_region_and_the_app_client_are_no_part_of_the_proof() {
    let (mut scene, mut rng) = plain_scene();
    scene.server.pool_id = "eu-central-1_AbCdEfGhI".into();
    scene.client.client_id = "another".into();
    scene.client.client_secret = None;
    for mode in Mode::BOTH {
        assert_eq!(scene.play(mode, &mut rng), Ok(()), "{mode:?}");
    }
}

#[test]
fn the_user_name_beside_a_claim_is_no_part_of_the_proof() {
    // The caller finds the record by it, through an alias or not. What is signed is USER_ID_FOR_SRP.
    let (mut scene, mut rng) = plain_scene();
    for mode in Mode::BOTH {
        scene.challenge = replaced("USERNAME", "an alias");
        scene.claim = replaced("USERNAME", "another alias");
        assert_eq!(scene.play(mode, &mut rng), Ok(()), "{mode:?}");
    }
}

#[test]
fn each_message_has_the_name_and_the_secret_hash_that_belong_to_it() {
    let mut rng = fresh_rng();
    for _ in 0..20 {
        let account = Account { user_id: "canonical".into(), ..Account::random(&mut rng) };
        let hash = |name: &str| {
            let secret = account.client_secret.as_ref()?;
            Some(oracle::secret_hash(secret, name, &account.client_id))
        };
        let (sign_in, start) =
            UserSignIn::start_with_rng(&account.app(), &user_name(&account.typed), &mut rng).unwrap();
        assert_eq!(start.username().as_str(), account.typed);
        assert_eq!(start.secret_hash(), hash(&account.typed).as_deref());
        let start: Map = start.into();
        assert_eq!(start.get("SECRET_HASH").cloned(), hash(&account.typed));
        assert_eq!(start.len(), 2 + usize::from(account.client_secret.is_some()));

        // The service may send two names. One goes into the proof, the other into the answer.
        let server =
            oracle::Server::new(&mut rng, account.realm(), "for the proof", &account.password, &start["SRP_A"]);
        let mut challenge = server.challenge(&mut rng);
        challenge.insert("USERNAME".into(), "for the answer".into());
        let challenge = PasswordChallenge::from_parameters(&challenge).unwrap();
        let claim = sign_in.answer(challenge, &pass(&account.password), account.now()).unwrap();
        assert_eq!(claim.username(), "for the answer");
        assert_eq!(claim.secret_hash(), hash("for the answer").as_deref());
        assert_eq!(
            claim.password_claim_signature(),
            server.expected_signature(&claim.timestamp().to_string()),
            "{account:?}"
        );
        let claim: Map = claim.into();
        assert_eq!(claim.get("SECRET_HASH").cloned(), hash("for the answer"));
        assert_eq!(claim.len(), 4 + usize::from(account.client_secret.is_some()));
    }
}

#[test]
fn a_challenge_without_username_is_answered_with_the_user_id() {
    let (mut scene, mut rng) = plain_scene();
    scene.challenge = Box::new(|challenge| drop(challenge.remove("USERNAME")));
    for mode in Mode::BOTH {
        assert_eq!(scene.play(mode, &mut rng), Ok(()), "{mode:?}");
    }
}

#[test]
fn every_timestamp_is_printed_as_the_oracle_prints_it_and_read_back() {
    let mut rng = fresh_rng();
    let edges = [0, 86_399, 86_400, 951_782_400, 951_868_800, 1_709_164_800, 4_107_542_400, 253_402_300_799];
    let random = (0..2000).map(|_| rng.random_range(0..=253_402_300_799));
    for seconds in edges.into_iter().chain(random) {
        let text = time(seconds).to_string();
        assert_eq!(text, oracle::timestamp(seconds));
        assert_eq!(text.parse(), Ok(time(seconds)));
    }
}
