//! The client and the server of this crate agree with each other and each with an oracle of the other half; and when any
//! one input differs between the two, the server refuses.

mod common;

use std::collections::BTreeSet;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cognito_srp6a::hazmat::Backend;
use cognito_srp6a::server::{DeviceRecord, ServerChallenge, ServerKey, UnknownUserKey, UserRecord};
use cognito_srp6a::{
    Device, DeviceChallenge, DeviceCredentials, DeviceSignIn, DeviceSrpResponses, DeviceVerifier, Error,
    PasswordChallenge, PasswordClaim, PoolId, SrpA, UserSignIn,
};
use common::{
    Account, Map, ScriptedRng, device_record, device_start, element, fresh_rng, integer, oracle, pass, time, user_name,
};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

/// How long a challenge is good for in these tests.
const MAX_AGE: Duration = Duration::from_secs(300);

/// Where the server keeps its state between challenge and claim.
#[derive(Clone, Copy, Debug)]
enum Mode {
    /// In the secret block.
    Sealed,
    /// In a [`ServerChallenge`].
    Stored,
}

impl Mode {
    const BOTH: [Self; 2] = [Self::Sealed, Self::Stored];
}

/// Something that changes a message on its way.
type Edit = Box<dyn Fn(&mut Map)>;

/// A whole sign-in with everything that can differ between its two ends, or between its steps. As it is made, nothing
/// differs.
struct Scene {
    /// What the client knows.
    client: Account,
    /// What the server was told when the user was made.
    server: Account,
    key: [u8; 32],
    start: Edit,
    challenge: Edit,
    claim: Edit,
    /// What the server knows when the claim comes, when that is something else than before.
    key_at_claim: Option<[u8; 32]>,
    server_at_claim: Option<Account>,
    /// Seconds since 1970 when the claim comes.
    checked_at: i64,
}

impl Scene {
    fn honest(account: &Account) -> Self {
        Self {
            client: account.clone(),
            server: account.clone(),
            key: [7; 32],
            start: Box::new(|_| ()),
            challenge: Box::new(|_| ()),
            claim: Box::new(|_| ()),
            key_at_claim: None,
            server_at_claim: None,
            checked_at: account.now,
        }
    }

    /// Plays the scene; messages cross as maps of strings.
    fn play(&self, mode: Mode, rng: &mut StdRng) -> Result<(), Error> {
        let record = record(&self.server, rng);
        let record_at_claim = self.server_at_claim.as_ref().map(|account| self::record(account, rng));
        let record_at_claim = record_at_claim.as_ref().unwrap_or(&record);
        let issued = self.server.now();

        let (sign_in, start) = UserSignIn::start_with_rng(&self.client.app(), &user_name(&self.client.typed), rng)?;
        let mut start: Map = start.into();
        (self.start)(&mut start);
        let srp_a: SrpA = start["SRP_A"].parse()?;

        let answer = |challenge: PasswordChallenge| {
            let mut challenge: Map = challenge.into();
            (self.challenge)(&mut challenge);
            let challenge = PasswordChallenge::from_parameters(&challenge)?;
            let mut claim: Map = sign_in.answer(challenge, &pass(&self.client.password), self.client.now())?.into();
            (self.claim)(&mut claim);
            PasswordClaim::from_parameters(&claim)
        };
        match mode {
            Mode::Sealed => {
                let challenge = ServerKey::from_bytes(self.key).challenge_with_rng(&record, &srp_a, issued, rng)?;
                let key = ServerKey::from_bytes(self.key_at_claim.unwrap_or(self.key));
                key.verify(record_at_claim, &answer(challenge)?, time(self.checked_at), MAX_AGE)
            }
            Mode::Stored => {
                let (state, challenge) = ServerChallenge::new_with_rng(&record, srp_a, issued, rng)?;
                state.verify(record_at_claim, &answer(challenge)?, time(self.checked_at), MAX_AGE)
            }
        }
    }
}

fn record(account: &Account, rng: &mut StdRng) -> UserRecord {
    UserRecord::from_password_with_rng(&account.pool(), &user_name(&account.user_id), &pass(&account.password), rng)
        .expect("the account is valid")
}

/// A scene in which nothing differs, for tests that change one thing. Its random numbers are always the same.
fn plain_scene() -> (Scene, StdRng) {
    (Scene::honest(&Account::plain()), StdRng::seed_from_u64(1))
}

/// Replaces the last character that is a letter or a digit by another of its kind.
fn alter(text: &mut String) {
    let at = text.rfind(|c: char| c.is_ascii_alphanumeric()).expect("there is a letter or a digit");
    let other = if text.as_bytes()[at] == b'1' { "2" } else { "1" };
    text.replace_range(at..=at, other);
}

/// Takes the last character away, or puts one where there is none.
fn shorten(password: &mut String) {
    if password.pop().is_none() {
        password.push(' ');
    }
}

/// An edit that replaces a parameter by another valid one.
fn altered(name: &'static str) -> Edit {
    Box::new(move |message| alter(message.get_mut(name).expect("the parameter is there")))
}

/// An edit that flips one bit of a parameter in Base64.
fn bit_flipped(name: &'static str, bit: usize) -> Edit {
    Box::new(move |message| {
        let mut bytes = STANDARD.decode(&message[name]).expect("it is Base64");
        bytes[bit / 8] ^= 1 << (bit % 8);
        message.insert(name.into(), STANDARD.encode(bytes));
    })
}

/// An edit that puts another value in a parameter's place.
fn replaced(name: &'static str, value: impl Into<String>) -> Edit {
    let value = value.into();
    Box::new(move |message| drop(message.insert(name.into(), value.clone())))
}

/// Runs one handshake in which everything is random and returns what the server says.
fn random_handshake(mode: Mode, rng: &mut StdRng) -> (Account, Result<(), Error>) {
    let account = Account::random(rng);
    let mut scene = Scene::honest(&account);
    scene.key = rng.random();
    // Both clocks may be wrong, and the claim may take its time.
    scene.checked_at += rng.random_range(-300..=300);
    scene.client.now = scene.checked_at + rng.random_range(-300..=300);
    let outcome = scene.play(mode, rng);
    (account, outcome)
}

/// Runs a thousand handshakes, on each backend in turn.
fn a_thousand_handshakes(mode: Mode) {
    let mut rng = fresh_rng();
    let backends = Backend::all();
    for i in 0..1000 {
        backends[i % backends.len()].use_everywhere();
        let (account, outcome) = random_handshake(mode, &mut rng);
        assert_eq!(outcome, Ok(()), "handshake {i}: {account:?}");
    }
}

#[test]
fn a_thousand_random_handshakes_with_sealed_challenges_succeed() {
    a_thousand_handshakes(Mode::Sealed);
}

#[test]
fn a_thousand_random_handshakes_with_stored_challenges_succeed() {
    a_thousand_handshakes(Mode::Stored);
}

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

        let (state, challenge) = ServerChallenge::new_with_rng(&record, srp_a, account.now(), &mut rng).unwrap();
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
fn a_sealed_block_with_any_byte_changed_is_refused() {
    // The client signs the changed block, so that nothing but the seal can tell.
    let (scene, mut rng) = plain_scene();
    let record = record(&scene.server, &mut rng);
    let key = ServerKey::from_bytes(scene.key);
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
    let server = ServerKey::from_bytes(key);
    let of_user = server.challenge_with_rng(&user, &srp_a, now, &mut ScriptedRng::new(&nonce)).unwrap();
    let start = device_start("user", device.device().key(), &srp_a);
    let of_device = server.device_challenge_with_rng(&device, &start, now, &mut ScriptedRng::new(&nonce)).unwrap();
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

    let nobody = UnknownUserKey::from_bytes(key).record(&account.pool(), &user_name("nobody"));
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
    let one = Account { pool_id: "us_ab".into(), user_id: "c".into(), password: password.into(), ..Account::plain() };
    let other = Account { pool_id: "us_a".into(), user_id: "bc".into(), ..one.clone() };
    let record_of_one = record(&one, &mut rng);
    let verifier = record_of_one.expose_verifier();
    let record_of_other =
        UserRecord::from_parts(&other.pool(), &user_name("bc"), *record_of_one.salt(), &verifier).unwrap();

    let key = ServerKey::from_bytes([7; 32]);
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
    let key = ServerKey::from_bytes(scene.key);
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
    let key = ServerKey::from_bytes(scene.key);
    let now = scene.server.now();
    let start = |rng: &mut StdRng| {
        let (sign_in, start) = UserSignIn::start_with_rng(&scene.client.app(), &user_name("alice"), rng).unwrap();
        (sign_in, start.srp_a().clone())
    };
    let password = &scene.client.password;

    let (sign_in, srp_a) = start(&mut rng);
    let (state, challenge) = ServerChallenge::new(&record, srp_a, now).unwrap();
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
    // As the service has it. A server that wants each block once keeps its state in a `ServerChallenge` and drops it.
    let (scene, mut rng) = plain_scene();
    let record = record(&scene.server, &mut rng);
    let key = ServerKey::from_bytes(scene.key);
    let (sign_in, start) = UserSignIn::start_with_rng(&scene.client.app(), &user_name("alice"), &mut rng).unwrap();
    let challenge = key.challenge(&record, start.srp_a(), scene.server.now()).unwrap();
    let claim = sign_in.answer(challenge, &pass(&scene.client.password), scene.client.now()).unwrap();
    for seconds in [0, 1, 299, 300] {
        let now = time(scene.server.now + seconds);
        assert_eq!(key.verify(&record, &claim, now, MAX_AGE), Ok(()), "after {seconds} s");
        // Another machine with the same key.
        assert_eq!(ServerKey::from_bytes(scene.key).verify(&record, &claim, now, MAX_AGE), Ok(()));
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
fn a_record_that_was_stored_and_read_again_is_the_same() {
    let (scene, mut rng) = plain_scene();
    let record = record(&scene.server, &mut rng);
    let salt = record.salt().to_string().parse().unwrap();
    let again =
        UserRecord::from_parts(&scene.server.pool(), record.user_id(), salt, &record.expose_verifier()).unwrap();
    assert_eq!(again.salt(), record.salt());
    assert_eq!(again.expose_verifier(), record.expose_verifier());

    let key = ServerKey::from_bytes(scene.key);
    let (sign_in, start) = UserSignIn::start_with_rng(&scene.client.app(), &user_name("alice"), &mut rng).unwrap();
    let challenge = key.challenge(&record, start.srp_a(), scene.server.now()).unwrap();
    let claim = sign_in.answer(challenge, &pass(&scene.client.password), scene.client.now()).unwrap();
    assert_eq!(key.verify(&again, &claim, scene.server.now(), MAX_AGE), Ok(()));
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
    let (key, other_key) = (UnknownUserKey::from_bytes([1; 32]), UnknownUserKey::from_bytes([2; 32]));
    let parts = |key: &UnknownUserKey, pool: &PoolId, name: &str| {
        let record = key.record(pool, &user_name(name));
        assert_eq!(record.user_id(), name);
        (record.salt().to_string(), record.expose_verifier())
    };
    let first = parts(&key, &pool, "nobody");
    assert_eq!(parts(&key, &pool, "nobody"), first);
    assert_eq!(parts(&UnknownUserKey::from_bytes(*key.expose_bytes()), &pool, "nobody"), first);
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
    let fakes = UnknownUserKey::from_bytes([7; 32]);
    let known = record(account, &mut rng);
    let unknown = || fakes.record(&account.pool(), &user_name("nobody"));
    // Two flows have a key each, and one of them is rotated.
    let keys = [[1; 32], [2; 32], [3; 32]].map(ServerKey::from_bytes);
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
    let key = ServerKey::from_bytes(scene.key);
    let known = record(account, &mut rng);
    let unknown = UnknownUserKey::from_bytes(scene.key).record(&account.pool(), &user_name(&account.user_id));
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
    let key = ServerKey::from_bytes(scene.key);
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

/// A device with random names and credentials, and what the server keeps of it.
fn random_device(rng: &mut StdRng) -> (DeviceCredentials, DeviceRecord) {
    let id: String = common::hex(&rng.random::<[u8; 20]>())[..rng.random_range(1..=40)].to_owned();
    let group_key = if rng.random() { "-AbCdEfGhI".into() } else { Account::random(rng).user_id };
    let device = Device::new(format!("us-east-1_{id}").parse().unwrap(), group_key).unwrap();
    let (credentials, verifier) = DeviceCredentials::register_with_rng(device.clone(), rng).unwrap();
    let record = device_record(device, &verifier);
    (credentials, record)
}

/// Signs a device in; messages cross as maps of strings.
fn device_sign_in(
    mode: Mode,
    credentials: &DeviceCredentials,
    record: &DeviceRecord,
    claimed: &Edit,
    rng: &mut StdRng,
) -> Result<(), Error> {
    let account = Account::random(rng);
    let (sign_in, start) =
        DeviceSignIn::start_with_rng(&account.app(), &user_name(&account.user_id), credentials, rng)?;
    let start: Map = start.into();
    assert_eq!(start["DEVICE_KEY"], credentials.device().key().as_str());
    let start = DeviceSrpResponses::from_parameters(&start)?;
    let now = account.now();
    let answer = |challenge: DeviceChallenge| {
        let challenge = DeviceChallenge::from_parameters(&Map::from(challenge))?;
        let mut claim: Map = sign_in.answer(challenge, now)?.into();
        assert_eq!(claim["USERNAME"], account.user_id);
        assert_eq!(claim["DEVICE_KEY"], credentials.device().key().as_str());
        claimed(&mut claim);
        PasswordClaim::from_parameters(&claim)
    };
    match mode {
        Mode::Sealed => {
            let key = ServerKey::from_bytes([7; 32]);
            let challenge = key.device_challenge(record, &start, now)?;
            key.verify_device(record, &answer(challenge)?, now, MAX_AGE)
        }
        Mode::Stored => {
            let (state, challenge) = ServerChallenge::new_for_device(record, &start, now)?;
            state.verify_device(record, &answer(challenge)?, now, MAX_AGE)
        }
    }
}

#[test]
fn random_devices_sign_in() {
    let mut rng = fresh_rng();
    let unchanged: Edit = Box::new(|_| ());
    for i in 0..100 {
        let (credentials, record) = random_device(&mut rng);
        for mode in Mode::BOTH {
            let outcome = device_sign_in(mode, &credentials, &record, &unchanged, &mut rng);
            assert_eq!(outcome, Ok(()), "{mode:?} {i}: {:?}", credentials.device());
        }
    }
}

#[test]
fn a_device_that_differs_in_anything_is_refused() {
    let mut rng = fresh_rng();
    let (credentials, record) = random_device(&mut rng);
    let (_, another_record) = random_device(&mut rng);
    let device = credentials.device();
    let key = device.key().clone();
    let with = |device: &Device, password: &str| DeviceCredentials::from_parts(device.clone(), pass(password));
    let password = credentials.expose_password().to_owned();
    let same: Edit = Box::new(|_| ());
    for mode in Mode::BOTH {
        let mut try_with = |credentials: &DeviceCredentials, record: &DeviceRecord, edit: &Edit| {
            device_sign_in(mode, credentials, record, edit, &mut rng)
        };
        assert_eq!(try_with(&with(device, &password), &record, &same), Ok(()));
        let refused = Err(Error::NotAuthorized);
        assert_eq!(try_with(&with(device, &password[1..]), &record, &same), refused);
        let other_key = if key.as_str().ends_with('0') { "us-east-1_1" } else { "us-east-1_0" };
        let other_key = Device::new(other_key.parse().unwrap(), device.group_key()).unwrap();
        assert_eq!(try_with(&with(&other_key, &password), &record, &same), refused);
        let other_group = Device::new(key.clone(), "another group").unwrap();
        assert_eq!(try_with(&with(&other_group, &password), &record, &same), refused);
        assert_eq!(try_with(&credentials, &another_record, &same), refused);
        assert_eq!(try_with(&credentials, &record, &bit_flipped("PASSWORD_CLAIM_SIGNATURE", 0)), refused);
        assert_eq!(try_with(&credentials, &record, &bit_flipped("PASSWORD_CLAIM_SECRET_BLOCK", 100)), refused);
        assert_eq!(try_with(&credentials, &record, &replaced("TIMESTAMP", "Thu Jan 1 00:00:00 UTC 1970")), refused);
    }
}

#[test]
fn a_device_has_the_oracles_verifier_and_satisfies_the_oracles_server() {
    let mut rng = fresh_rng();
    for _ in 0..50 {
        let (credentials, record) = random_device(&mut rng);
        let (realm, name) = (credentials.device().group_key(), credentials.device().key().as_str());
        let password = credentials.expose_password();
        let salt = integer(&record.salt().to_signed_bytes());
        let v = oracle::v(&oracle::x(realm, name, password.as_bytes(), &salt));
        assert_eq!(record.expose_verifier(), element(&v));

        let account = Account::random(&mut rng);
        let (sign_in, start) =
            DeviceSignIn::start_with_rng(&account.app(), &user_name(&account.user_id), &credentials, &mut rng).unwrap();
        let server = oracle::Server::with_verifier(&mut rng, realm, name, salt, v, &start.srp_a().to_string());
        let mut challenge = server.challenge(&mut rng);
        challenge.insert("USERNAME".into(), account.user_id.clone());
        let challenge = DeviceChallenge::from_parameters(&challenge).unwrap();
        let claim = sign_in.answer(challenge, account.now()).unwrap();
        let expected = server.expected_signature(&oracle::timestamp(account.now));
        assert_eq!(claim.password_claim_signature(), expected, "{account:?}");
    }
}

#[test]
fn what_confirm_device_sends_is_the_shortest_signed_form_of_both_integers() {
    // The salt begins with zero bytes or needs a sign byte; the verifier needs one for about half of the passwords.
    let device = Device::new("us-east-1_0a1b".parse().unwrap(), "-group").unwrap();
    for salt in [[0; 16], [0xff; 16], [&[0, 0, 0x80][..], &[1; 13]].concat().try_into().unwrap()] {
        for password in [[1; 40], [2; 40], [3; 40], [4; 40]] {
            let script = [&password[..], &salt].concat();
            let mut rng = ScriptedRng::new(&script);
            let (credentials, verifier) = DeviceCredentials::register_with_rng(device.clone(), &mut rng).unwrap();
            assert_eq!(rng.left(), 0);
            assert_eq!(credentials.expose_password(), STANDARD.encode(password));
            let x = oracle::x("-group", "us-east-1_0a1b", credentials.expose_password().as_bytes(), &integer(&salt));
            assert_eq!(verifier.salt(), STANDARD.encode(oracle::enc(&integer(&salt))));
            assert_eq!(*verifier.password_verifier(), STANDARD.encode(oracle::enc(&oracle::v(&x))));
        }
    }
}

#[test]
fn a_stored_challenge_is_no_challenge_of_another_user_or_of_a_device() {
    let account = Account::plain();
    let (pool, now) = (account.pool(), account.now());
    let alice = UserRecord::from_password(&pool, &user_name("alice"), &pass("Passw0rd!")).unwrap();
    let salt = *alice.salt();
    let bob = UserRecord::from_parts(&pool, &user_name("bob"), salt, &alice.expose_verifier()).unwrap();
    let (sign_in, start) = UserSignIn::start(&account.app(), &user_name("alice")).unwrap();
    let (state, challenge) = ServerChallenge::new(&alice, start.srp_a().clone(), now).unwrap();
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
    let (of_user, challenge) = ServerChallenge::new(&user, start.srp_a().clone(), now).unwrap();
    let claim_of_user = sign_in.answer(challenge, &pass("Passw0rd!"), now).unwrap();
    assert_eq!(of_user.verify(&user, &claim_of_user, now, Duration::ZERO), Ok(()));
    assert_eq!(of_user.verify_device(&device, &claim_of_user, now, Duration::ZERO), Err(Error::NotAuthorized));
    // As at Cognito, the same claim is good until the challenge expires.
    assert_eq!(state.verify(&alice, &claim, now, Duration::ZERO), Ok(()));
}
