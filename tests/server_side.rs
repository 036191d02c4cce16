//! What the application around the server's half uses: stored and rotated keys, labels, the check of `SECRET_HASH`, users who do not
//! exist.

mod common;

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cognito_srp6a::server::{ServerKey, UnknownUserKey, UserRecord};
use cognito_srp6a::{
    ClientSecret, DeviceKey, Error, Parameter, PasswordClaim, SrpA, SrpAuthParameters, Timestamp, UserSignIn, Username,
};
use common::accounts::{CLIENT, DEVICE_KEY, SECRET, app, now, plain_app, pool, secret_hash};
use common::scene::MAX_AGE;
use common::{Map, ScriptedRng, oracle, pass, user_name};

const PASSWORD: &str = "Passw0rd!";

fn key(byte: u8) -> ServerKey {
    ServerKey::from_bytes([byte; 32]).unwrap()
}

fn alice() -> UserRecord {
    UserRecord::from_password(&pool(), &user_name("alice"), &pass(PASSWORD)).unwrap()
}

/// The claim of a user who has the right password, on a challenge that the key has sealed.
fn claim(key: &ServerKey, record: &UserRecord) -> PasswordClaim {
    let (sign_in, start) = UserSignIn::start(&plain_app(), record.user_id()).unwrap();
    let challenge = key.challenge(record, start.srp_a(), now()).unwrap();
    sign_in.answer(challenge, &pass(PASSWORD), now()).unwrap()
}

fn verify(key: &ServerKey, record: &UserRecord, claim: &PasswordClaim) -> Result<(), Error> {
    key.verify(record, claim, now(), MAX_AGE)
}

// Messages that the server reads.

#[test]
fn a_message_is_read_from_pairs_with_its_hash_and_its_device_or_without() {
    let hash = secret_hash("alice");
    let optional = [("SECRET_HASH".to_owned(), hash.clone()), ("DEVICE_KEY".to_owned(), DEVICE_KEY.to_owned())];
    let start: Vec<(String, String)> =
        [("USERNAME", "alice"), ("SRP_A", "2")].map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let (key, record) = (key(1), alice());
    let claim: Vec<(String, String)> =
        claim(&key, &record).into_pairs().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    for with in [&optional[..0], &optional[..1], &optional[1..], &optional[..]] {
        let expected = |name: &str| with.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
        let read = SrpAuthParameters::from_parameters(&[&start[..], with].concat()).unwrap();
        assert_eq!((read.username().as_str(), read.srp_a().to_string()), ("alice", "2".to_owned()));
        assert_eq!(read.secret_hash(), expected("SECRET_HASH"));
        assert_eq!(read.device_key().map(DeviceKey::as_str), expected("DEVICE_KEY"));
        let read = PasswordClaim::from_parameters(&[&claim[..], with].concat()).unwrap();
        assert_eq!((read.username().as_str(), read.timestamp()), ("alice", now()));
        assert_eq!(read.secret_hash(), expected("SECRET_HASH"));
        assert_eq!(read.device_key().map(DeviceKey::as_str), expected("DEVICE_KEY"));
        assert_eq!(verify(&key, &record, &read), Ok(()));
    }
}

#[test]
fn a_user_name_is_compared_printed_and_lent_as_its_text() {
    let name = user_name("alice");
    for (text, is_the_same) in [("alice", true), ("Alice", false), ("alice ", false), ("", false)] {
        assert_eq!((name == *text, name == text), (is_the_same, is_the_same));
    }
    assert_eq!((name.to_string(), name.as_ref()), ("alice".to_owned(), "alice"));
}

// Keys.

#[test]
fn a_key_that_was_exported_and_read_again_opens_old_blocks_until_it_is_rotated_away() {
    let record = alice();
    let previous = ServerKey::generate().unwrap();
    let stored = *previous.expose_bytes();
    let old = claim(&previous, &record);
    drop(previous);

    let (current, previous) = (ServerKey::generate().unwrap(), ServerKey::from_bytes(stored).unwrap());
    let fresh = claim(&current, &record);
    let verify = |keys: &[&ServerKey], claim| keys.iter().any(|key| verify(key, &record, claim).is_ok());
    assert!(verify(&[&current, &previous], &old));
    assert!(verify(&[&current, &previous], &fresh));
    assert!(!verify(&[&current], &old));
    assert!(!verify(&[&previous], &fresh));
}

#[test]
fn a_key_of_zeros_is_refused() {
    let refused = Error::Malformed(Parameter::ServerKey);
    assert_eq!(ServerKey::from_bytes([0; 32]).err(), Some(refused));
    assert_eq!(UnknownUserKey::from_bytes([0; 32]).err(), Some(refused));
    assert_eq!(refused.to_string(), "the server's key is all zeros");
    for at in 0..32 {
        let mut bytes = [0; 32];
        bytes[at] = 1;
        assert_eq!(ServerKey::from_bytes(bytes).unwrap().expose_bytes(), &bytes);
    }
}

// Labels.

#[test]
fn a_block_of_one_label_is_refused_under_every_other() {
    let (key, record) = (key(7), alice());
    let keys = [
        key.labelled(""),
        key.labelled("CUSTOM_AUTH"),
        key.labelled("USER_SRP_AUTH"),
        key.labelled("USER_SRP_AUTH\0"),
        // Labels that follow each other are no label that has both texts, and their order counts.
        key.labelled("client").labelled("USER_SRP_AUTH"),
        key.labelled("USER_SRP_AUTH").labelled("client"),
        key.labelled("clientUSER_SRP_AUTH"),
        key.labelled([0xff; 1000]),
        // Labels of the crate's own.
        key.labelled("ephemeral"),
        key.labelled("secret block"),
        key,
    ];
    for (i, sealer) in keys.iter().enumerate() {
        let claim = claim(sealer, &record);
        for (j, opener) in keys.iter().enumerate() {
            let expected = if i == j { Ok(()) } else { Err(Error::NotAuthorized) };
            assert_eq!(verify(opener, &record, &claim), expected, "{i} {j}");
        }
    }
}

/// Machines that share a key must derive the same from a label. Without a label the layout is that of
/// `a_sealed_block_is_laid_out_as_the_documentation_says`.
#[test]
fn the_key_of_a_label_is_hkdf_expand_under_the_key() {
    // RFC 5869 §2.3, with one block.
    let expected = oracle::hmac(&[7; 32], &[b"cognito-srp6a label\0", b"USER_SRP_AUTH", &[1]]);
    let labelled = key(7).labelled("USER_SRP_AUTH");
    assert_eq!(labelled.expose_bytes(), &expected);
    assert_eq!(key(7).labelled(*b"USER_SRP_AUTH").expose_bytes(), &expected);

    let (record, srp_a) = (alice(), "2".parse::<SrpA>().unwrap());
    let seal = |key: &ServerKey| -> Map {
        key.challenge_with_rng(&record, &srp_a, now(), &mut ScriptedRng::new([0x5a; 32])).unwrap().into()
    };
    assert_eq!(seal(&labelled), seal(&ServerKey::from_bytes(expected).unwrap()));
}

// SECRET_HASH.

#[test]
fn a_secret_hash_is_that_of_the_client_and_the_name_or_it_is_refused() {
    let (app, name) = (app(), user_name("alice"));
    let hash = secret_hash("alice");
    assert_eq!(app.verify_secret_hash(&name, Some(&hash)), Ok(()));
    assert_eq!(app.verify_secret_hash(&name, None), Err(Error::Missing(Parameter::SecretHash)));

    let bytes = STANDARD.decode(&hash).unwrap();
    let flipped = (0..256).map(|bit| {
        let mut bytes = bytes.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        STANDARD.encode(bytes)
    });
    let others = [
        String::new(),
        secret_hash("bob"),
        secret_hash("Alice"),
        oracle::secret_hash("another0secret0of0thirty0chars", "alice", plain_app().client_id()),
        STANDARD.encode(&bytes[..31]),
        STANDARD.encode([&bytes[..], &[0]].concat()),
        // Other spellings of the same bytes.
        hash.trim_end_matches('=').to_owned(),
        format!("{hash}\n"),
        format!("{}\n", hash.trim_end_matches('=')),
        hash.replace('=', "A"),
        "é".repeat(22),
        "=".repeat(44),
        hash.repeat(1 << 16),
    ];
    for other in flipped.chain(others) {
        assert_eq!(app.verify_secret_hash(&name, Some(&other)), Err(Error::WrongSecretHash), "{other:.50}");
    }
}

#[test]
fn a_client_without_a_secret_has_no_right_secret_hash() {
    let (app, name) = (plain_app(), user_name("alice"));
    assert_eq!(app.verify_secret_hash(&name, None), Ok(()));
    for hash in ["", &secret_hash("alice")] {
        assert_eq!(app.verify_secret_hash(&name, Some(hash)), Err(Error::WrongSecretHash));
    }
    assert_eq!(app.client_id(), CLIENT);
    assert!(!app.has_secret());
    let app = common::accounts::app();
    assert!(app.has_secret());
    assert_eq!(app.secret_hash(&name).as_deref(), Some(&secret_hash("alice")));
}

// Users who do not exist.

#[test]
fn a_record_or_a_fake_is_the_record_where_there_is_one() {
    let (fakes, key, record) = (UnknownUserKey::from_bytes([9; 32]).unwrap(), key(7), alice());
    let parts = |record: &UserRecord| (record.user_id().clone(), *record.salt(), record.expose_verifier());
    // Found through an alias.
    let found = fakes.record_or_fake(&pool(), &user_name("alias"), Some(&record));
    assert_eq!(parts(&found), parts(&record));
    assert_eq!(verify(&key, &found, &claim(&key, &record)), Ok(()));
    assert_eq!(verify(&key, &record, &claim(&key, &found)), Ok(()));

    let name = user_name("nobody");
    let fake = fakes.record_or_fake(&pool(), &name, None);
    assert_eq!(parts(&fake), parts(&fakes.record(&pool(), &name)));
    assert_eq!(verify(&key, &fake, &claim(&key, &fake)), Err(Error::NotAuthorized));
}

/// The time that nine calls in ten exceed: what the work takes when nothing else interrupts it.
fn undisturbed(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 10].as_secs_f64()
}

/// Measures both calls by turns. Another process may disturb one round. None excuses all of them.
fn take_the_same_time(calls: usize, known: impl Fn(), unknown: impl Fn()) {
    let measured = |call: &dyn Fn()| {
        let started = Instant::now();
        call();
        started.elapsed()
    };
    let ratios: Vec<f64> = (0..5)
        .map(|_| {
            let pairs = (0..calls).map(|_| (measured(&known), measured(&unknown)));
            let (known, unknown): (Vec<_>, Vec<_>) = pairs.unzip();
            undisturbed(unknown) / undisturbed(known)
        })
        .collect();
    println!("unknown users take {ratios:.3?} times as long");
    assert!(ratios.iter().any(|ratio| (0.95..1.05).contains(ratio)), "{ratios:?}");
}

#[test]
fn users_who_exist_and_users_who_do_not_take_the_same_time() {
    let (fakes, key, record) = (UnknownUserKey::from_bytes([9; 32]).unwrap(), key(7), alice());
    let (pool, srp_a) = (pool(), "2".parse::<SrpA>().unwrap());
    let find = |name: &Username| (*name == *record.user_id()).then_some(&record);
    let [known, unknown] = ["alice", "alyce"].map(user_name);
    let found = |name: &Username| fakes.record_or_fake(&pool, name, find(name));
    // The search alone, in which the work of making a fake is most of the time.
    take_the_same_time(4000, || drop(found(&known)), || drop(found(&unknown)));

    let challenge = |name: &Username| drop(key.challenge(&found(name), &srp_a, now()).unwrap());
    take_the_same_time(300, || challenge(&known), || challenge(&unknown));

    let refused = |name: &Username, claim: &PasswordClaim, time: Timestamp| {
        key.verify(&found(name), claim, time, Duration::ZERO).unwrap_err();
    };
    let late = common::time(common::accounts::NOW + 1);
    let [of_known, of_unknown] = [&known, &unknown].map(|name| claim(&key, &found(name)));
    take_the_same_time(300, || refused(&known, &of_known, late), || refused(&unknown, &of_unknown, late));
}

#[test]
fn a_hash_by_either_of_two_live_secrets_is_right() {
    const OTHER: &str = "another0example0secret0of0thirty";
    let name = user_name("alice");
    let both = app().with_other_secret(ClientSecret::new(OTHER).unwrap());
    let by_other = oracle::secret_hash(OTHER, "alice", both.client_id());
    both.verify_secret_hash(&name, Some(&secret_hash("alice"))).unwrap();
    both.verify_secret_hash(&name, Some(&by_other)).unwrap();
    let twice = app().with_other_secret(ClientSecret::new(SECRET).unwrap());
    twice.verify_secret_hash(&name, Some(&secret_hash("alice"))).unwrap();
    assert_eq!(app().verify_secret_hash(&name, Some(&by_other)), Err(Error::WrongSecretHash));
    let of_bob = oracle::secret_hash(OTHER, "bob", both.client_id());
    assert_eq!(both.verify_secret_hash(&name, Some(&of_bob)), Err(Error::WrongSecretHash));
}
