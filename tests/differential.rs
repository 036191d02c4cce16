//! Arithmetic and equations against `num-bigint`, on every backend of this machine.
//!
//! Numbers are weighted to the places where carries, borrows and reductions happen.

mod common;

use std::sync::LazyLock;

use cognito_srp6a::hazmat::{self, Backend, ElementBytes, Identity};
use cognito_srp6a::{Error, Parameter, Salt};
use common::accounts::app;
use common::messages::{cases, text};
use common::scene::*;
use common::{Account, element, fresh_rng, hex, integer, number_from, oracle, user_name};
use num_bigint::BigUint;
use num_traits::{One as _, Zero as _};
use oracle::N;
use proptest::collection::vec;
use proptest::prelude::*;
use rand::rngs::StdRng;

fn one() -> BigUint {
    BigUint::one()
}

/// A word, mostly one of those that make or pass on carries.
fn word() -> impl Strategy<Value = u64> {
    prop_oneof![
        4 => Just(0),
        4 => Just(u64::MAX),
        1 => Just(1),
        1 => Just(u64::MAX - 1),
        1 => Just(1 << 63),
        1 => (0u32..64).prop_map(|bit| 1 << bit),
        1 => (0u32..64).prop_map(|bit| u64::MAX << bit),
        3 => any::<u64>(),
    ]
}

/// Any integer of 3072 bits.
fn integer_below_2_to_3072() -> impl Strategy<Value = BigUint> {
    let words = vec(word(), 48).prop_map(|words| {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        integer(&bytes)
    });
    // The same in digits of 51 bits.
    let digits = vec(word(), 61).prop_map(|words| {
        let sum = words.iter().fold(BigUint::zero(), |sum, word| (sum << 51u32) + (word >> 13));
        sum % (one() << 3072u32)
    });
    let uniform = vec(any::<u8>(), 384).prop_map(|bytes| integer(&bytes));
    let short = (0usize..384).prop_flat_map(|length| vec(any::<u8>(), length)).prop_map(|bytes| integer(&bytes));
    prop_oneof![
        2 => Just(BigUint::zero()),
        2 => Just(one()),
        2 => Just(&*N - 1u32),
        2 => Just(N.clone()),
        1 => Just(&*N + 1u32),
        1 => Just(&*N - 2u32),
        1 => Just(oracle::Q.clone()),
        // All ones, and R mod N for the radix 2^3072.
        1 => Just((one() << 3072u32) - 1u32),
        1 => Just((one() << 3072u32) - &*N),
        2 => (0u32..3072).prop_map(|bit| one() << bit),
        2 => (0u32..=3072).prop_map(|bit| (one() << bit) - 1u32),
        2 => any::<u64>().prop_map(|less| &*N - less),
        8 => words,
        8 => digits,
        6 => uniform,
        // Leading zero bytes.
        4 => short,
    ]
}

/// The factor of an integer whose Montgomery form, in one backend or another, is the integer itself.
static OUT_OF_MONTGOMERY_FORM: LazyLock<[BigUint; 2]> =
    LazyLock::new(|| [3072u32, 3264].map(|radix_bits| (one() << radix_bits).modinv(&N).expect("N is odd")));

/// An element in fixed width, sometimes one that is still to be reduced, and what it stands for.
///
/// Half of them are made such that the backend's own form of them is the weighted number, and not a product of it
/// that is as good as random: it is there that a backend adds and carries.
fn number() -> impl Strategy<Value = (ElementBytes, BigUint)> {
    (integer_below_2_to_3072(), 0usize..4).prop_map(|(value, form)| {
        let value = match OUT_OF_MONTGOMERY_FORM.get(form) {
            Some(factor) => value * factor % &*N,
            None => value,
        };
        (element(&value), value % &*N)
    })
}

/// A residue as a backend may hold it, from 0 to 3N, in weighted digits of 64 or of 51 bits; and the number that has it
/// as its Montgomery form.
///
/// A carry that runs through words which are just full happens once in 2^64 products of random numbers. It happens all
/// the time where the product has words that are 0.
fn outcome() -> impl Strategy<Value = BigUint> {
    let digits = (prop::sample::select(vec![51u32, 64]), vec(word(), 61), 0u32..3);
    (digits, 0usize..2).prop_map(|((width, words, top), form)| {
        let sum = words.iter().fold(BigUint::zero(), |sum, word| (sum << width) + (word >> (64 - width)));
        let residue = sum % (one() << 3072u32) + (BigUint::from(top) << 3072u32);
        residue * &OUT_OF_MONTGOMERY_FORM[form] % &*N
    })
}

/// A number of bits for an exponent: around the words, the comb's end, the lengths of the protocol, or any.
fn exponent_bits(max: u32) -> impl Strategy<Value = u32> {
    let edges: Vec<u32> =
        [1, 2, 5, 63, 64, 65, 128, 192, 255, 256, 257, 319, 320, 321, 384, 511, 512, 513, 1023, 1024, 2048, 3070, 3071]
            .into_iter()
            .filter(|&bits| bits <= max)
            .collect();
    prop_oneof![
        4 => prop::sample::select(edges),
        2 => 1..=max.min(330),
        1 => 1..=max,
    ]
}

/// An exponent of 1 to `max` bits in as many bytes as it needs, or with some zero bytes in front.
fn exponent(max: u32) -> impl Strategy<Value = (Vec<u8>, BigUint)> {
    let words = exponent_bits(max).prop_flat_map(|bits| {
        let count = bits.div_ceil(64) as usize;
        prop_oneof![
            1 => vec(any::<u64>(), count),
            1 => vec(word(), count),
            1 => Just(vec![u64::MAX; count]),
            1 => Just(vec![0; count]),
        ]
        .prop_map(move |words| {
            let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
            let top = one() << (bits - 1);
            (integer(&bytes) % &top) + top
        })
    });
    (words, 0usize..12).prop_map(|(value, zeros)| {
        let bytes = value.to_bytes_be();
        let zeros = zeros.saturating_sub(4).min(384 - bytes.len());
        ([vec![0; zeros], bytes].concat(), value)
    })
}

/// 32 bytes: a hash, or a number where carries happen.
fn hash() -> impl Strategy<Value = [u8; 32]> {
    prop_oneof![
        3 => any::<[u8; 32]>(),
        1 => Just([0xff; 32]),
        1 => (0usize..32).prop_map(|at| {
            let mut bytes = [0; 32];
            bytes[at] = 1;
            bytes
        }),
        1 => vec(word(), 4).prop_map(|words| {
            let mut bytes = [0; 32];
            for (chunk, word) in bytes.chunks_exact_mut(8).zip(words) {
                chunk.copy_from_slice(&word.to_be_bytes());
            }
            bytes[31] |= 1;
            bytes
        }),
    ]
}

/// A public key: between 0 and N.
fn public_key() -> impl Strategy<Value = (ElementBytes, BigUint)> {
    number().prop_filter_map("0 is no public key", |(_, value)| (!value.is_zero()).then(|| (element(&value), value)))
}

/// Compares a result of every backend with the one of `num-bigint`, which compares them with each other, too.
fn on_every_backend(
    expected: &BigUint,
    compute: impl Fn(Backend) -> Result<ElementBytes, Error>,
) -> Result<(), TestCaseError> {
    for backend in Backend::all() {
        prop_assert_eq!(compute(backend), Ok(element(expected)), "{}", backend.name());
    }
    Ok(())
}

/// Compares what an equation gives on every backend.
fn whichever_backend_is_in_use<T: PartialEq + std::fmt::Debug>(
    expected: &T,
    compute: impl Fn() -> T,
) -> Result<(), TestCaseError> {
    // The choice is the whole process's. Another test may change it here and there; what is computed is the same.
    for backend in Backend::all() {
        backend.use_everywhere();
        prop_assert_eq!(&compute(), expected, "{}", backend.name());
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(10_000))]

    #[test]
    fn addition_is_that_of_integers_mod_n((a, x) in number(), (b, y) in number()) {
        prop_assert_eq!(hazmat::add(&a, &b), element(&((x + y) % &*N)));
    }

    #[test]
    fn subtraction_is_that_of_integers_mod_n((a, x) in number(), (b, y) in number()) {
        prop_assert_eq!(hazmat::sub(&a, &b), element(&((x + &*N - y) % &*N)));
    }

    #[test]
    fn enc_is_the_shortest_twos_complement(value in integer_below_2_to_3072(), zeros in 0usize..4) {
        let bytes = value.to_bytes_be();
        let magnitude = [vec![0; zeros.min(384 - bytes.len())], bytes].concat();
        prop_assert_eq!(hazmat::enc(&magnitude), Ok(oracle::enc(&value)));
    }
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn multiplication_is_that_of_integers_mod_n((a, x) in number(), (b, y) in number()) {
        on_every_backend(&(x * y % &*N), |backend| Ok(backend.mul_repeatedly(&a, &b, 1)))?;
    }

    #[test]
    fn squaring_is_that_of_integers_mod_n((a, x) in number()) {
        on_every_backend(&(&x * &x % &*N), |backend| Ok(backend.square_repeatedly(&a, 1)))?;
    }

    #[test]
    fn a_product_is_right_whatever_digits_it_comes_out_with((a, x) in number(), product in outcome()) {
        if let Some(inverse) = x.modinv(&N) {
            let b = element(&(&product * inverse % &*N));
            on_every_backend(&product, |backend| Ok(backend.mul_repeatedly(&a, &b, 1)))?;
        }
    }

    #[test]
    fn a_chain_of_multiplications_stays_right((a, x) in number(), (b, y) in number(), times in 0usize..20) {
        let expected = (0..times).fold(x, |product, _| product * &y % &*N);
        on_every_backend(&expected, |backend| Ok(backend.mul_repeatedly(&a, &b, times)))?;
    }

    #[test]
    fn a_chain_of_squarings_stays_right((a, x) in number(), times in 0usize..20) {
        let expected = (0..times).fold(x, |square, _| &square * &square % &*N);
        on_every_backend(&expected, |backend| Ok(backend.square_repeatedly(&a, times)))?;
    }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn a_square_is_right_whatever_digits_it_comes_out_with(square in outcome()) {
        // N = 3 mod 4, so this is a root of every number that has one. About half have.
        let root = square.modpow(&((&*N + 1u32) >> 2u32), &N);
        if &root * &root % &*N == square {
            on_every_backend(&square, |backend| Ok(backend.square_repeatedly(&element(&root), 1)))?;
        }
    }

    #[test]
    fn a_power_is_that_of_integers_mod_n((base, x) in number(), (bytes, e) in exponent(3071)) {
        on_every_backend(&x.modpow(&e, &N), |backend| backend.pow(&base, &bytes))?;
    }

    #[test]
    fn a_power_of_g_is_that_of_integers_mod_n((bytes, e) in exponent(3071)) {
        on_every_backend(&oracle::g().modpow(&e, &N), |backend| backend.pow_g(&bytes))?;
    }
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn a_power_of_g_that_the_comb_makes_is_that_of_integers_mod_n((bytes, e) in exponent(320)) {
        on_every_backend(&oracle::g().modpow(&e, &N), |backend| backend.pow_g(&bytes))?;
    }
}

proptest! {
    #![proptest_config(cases(120))]

    #[test]
    fn both_ways_to_a_power_of_g_agree((bytes, _) in exponent(3071)) {
        let g = element(&oracle::g());
        for backend in Backend::all() {
            prop_assert_eq!(backend.pow_g(&bytes), backend.pow(&g, &bytes), "{}", backend.name());
        }
    }

    #[test]
    fn an_exponents_bound_is_of_no_matter_while_it_holds((base, _) in number(), (bytes, value) in exponent(520), more in 0..70_usize) {
        let bits = value.bits() as usize;
        for backend in Backend::all() {
            let expected = backend.pow(&base, &bytes);
            prop_assert_eq!(backend.pow_below(&base, &bytes, bits + more), expected, "{}", backend.name());
        }
        // One bit less, and bits that are far too few.
        for fewer in [bits.saturating_sub(1), bits >> 1].into_iter().filter(|&fewer| fewer < bits) {
            let refused = Err(Error::TooLong(Parameter::Ephemeral));
            prop_assert_eq!(Backend::in_use().pow_below(&base, &bytes, fewer), refused);
        }
    }

    #[test]
    fn x_is_the_oracles(realm: String, name: String, password: Vec<u8>, salt in integer_below_2_to_3072()) {
        let expected = oracle::x(&realm, &name, &password, &salt);
        let identity = Identity { realm: &realm, name: &name };
        prop_assert_eq!(hazmat::identity_hash(identity, &password), oracle::identity_hash(&realm, &name, &password));
        // The salt is an integer, so any width gives the same.
        for salt in [salt.to_bytes_be(), element(&salt).to_vec()] {
            prop_assert_eq!(hazmat::private_key(identity, &password, &salt).map(|x| integer(&x)), Ok(expected.clone()));
        }
    }

    #[test]
    fn v_is_the_oracles(x in hash()) {
        whichever_backend_is_in_use(&element(&oracle::v(&integer(&x))), || hazmat::verifier(x))?;
    }

    #[test]
    fn a_gives_the_oracles_public_key((bytes, a) in exponent(3071)) {
        whichever_backend_is_in_use(&Ok(element(&oracle::A(&a))), || hazmat::client_public(&bytes))?;
    }

    #[test]
    fn b_gives_the_oracles_public_key((v, verifier) in number(), (bytes, b) in exponent(512)) {
        whichever_backend_is_in_use(&Ok(element(&oracle::B(&verifier, &b))), || hazmat::server_public(&v, &bytes))?;
    }

    #[test]
    fn u_is_the_oracles((a, client_public) in public_key(), (b, server_public) in public_key()) {
        let expected = oracle::u(&client_public, &server_public);
        prop_assert_eq!(hazmat::scrambler(&a, &b).map(|u| integer(&u)), Ok(expected));
    }

    #[test]
    fn s_of_the_client_is_the_oracles(
        (a, ephemeral) in exponent(1024), (b, server_public) in public_key(), x in hash(), u in hash(),
    ) {
        let expected = oracle::client_premaster(&ephemeral, &server_public, &integer(&x), &integer(&u));
        whichever_backend_is_in_use(&Ok(element(&expected)), || hazmat::client_premaster(&a, &b, x, u))?;
    }

    #[test]
    fn s_of_the_server_is_the_oracles(
        (a, client_public) in public_key(), (v, verifier) in number(), u in hash(), (b, ephemeral) in exponent(1024),
    ) {
        let expected = oracle::server_premaster(&client_public, &verifier, &integer(&u), &ephemeral);
        whichever_backend_is_in_use(&Ok(element(&expected)), || hazmat::server_premaster(&a, &v, u, &b))?;
    }

    #[test]
    fn k_of_the_session_is_the_oracles(u in hash(), (premaster, value) in number()) {
        prop_assert_eq!(hazmat::session_key(u, &premaster), Ok(oracle::session_key(&integer(&u), &value)));
    }

    #[test]
    fn the_key_derivation_is_hkdf(salt: Vec<u8>, input: Vec<u8>) {
        prop_assert_eq!(hazmat::derive_key(&salt, &input), oracle::derive_key(&salt, &input));
    }

    #[test]
    fn the_claim_is_the_oracles(key: [u8; 16], realm: String, name: String, block: Vec<u8>, timestamp: String) {
        let expected = oracle::claim(key, &realm, &name, &block, &timestamp);
        let identity = Identity { realm: &realm, name: &name };
        prop_assert_eq!(hazmat::claim(key, identity, &block, &timestamp), expected);
    }

    #[test]
    fn the_secret_hash_is_the_oracles(secret: Vec<u8>, username: String, client_id: String) {
        let expected = oracle::hmac(&secret, &[username.as_bytes(), client_id.as_bytes()]);
        prop_assert_eq!(hazmat::secret_hash(&secret, &username, &client_id), expected);
    }

    #[test]
    fn an_ephemeral_in_hex_is_read_as_an_integer((_, e) in exponent(3071), upper: bool, zero: bool) {
        let mut text = format!("{}{}", if zero { "0" } else { "" }, e.to_str_radix(16));
        if upper {
            text = text.to_uppercase();
        }
        prop_assert_eq!(hazmat::parse_ephemeral(&text), Ok(e.to_bytes_be()));
    }
}

#[test]
fn an_exponent_without_bytes_is_zero() {
    let base = element(&BigUint::from(3u32));
    for backend in Backend::all() {
        assert_eq!(backend.pow(&base, &[]), Ok(element(&one())), "{}", backend.name());
        assert_eq!(backend.pow_g(&[]), Ok(element(&one())), "{}", backend.name());
    }
}

#[test]
fn an_exponent_of_zero_bytes_gives_one_at_any_length() {
    let base = element(&BigUint::from(3u32));
    for backend in Backend::all() {
        for length in [1, 7, 8, 9, 32, 39, 40, 41, 384] {
            let zeros = vec![0; length];
            assert_eq!(backend.pow(&base, &zeros), Ok(element(&one())), "{} {length}", backend.name());
            assert_eq!(backend.pow_g(&zeros), Ok(element(&one())), "{} {length}", backend.name());
        }
    }
}

#[test]
fn the_longest_exponent_has_384_bytes() {
    let ones = (one() << 3072u32) - 1u32;
    let expected = element(&oracle::g().modpow(&ones, &N));
    for backend in Backend::all() {
        assert_eq!(backend.pow_g(&[0xff; 384]), Ok(expected), "{}", backend.name());
        assert_eq!(backend.pow_g(&[0xff; 385]), Err(Error::TooLong(Parameter::Ephemeral)), "{}", backend.name());
        assert_eq!(backend.pow(&expected, &[0; 385]), Err(Error::TooLong(Parameter::Ephemeral)), "{}", backend.name());
    }
}

#[test]
fn the_client_adds_a_and_u_times_x_without_losing_a_carry() {
    // All ones everywhere, so that the sum has a bit more than its longer term: in a window of five bits that is there
    // anyway, or, for lengths that are a multiple of five, in one of its own.
    let hash = [0xff; 32];
    let server_public = BigUint::from(7u32);
    for length in [1, 32, 40, 64, 65, 70, 128, 380, 384] {
        let a = vec![0xff; length];
        let expected = oracle::client_premaster(&integer(&a), &server_public, &integer(&hash), &integer(&hash));
        for backend in Backend::all() {
            backend.use_everywhere();
            let premaster = hazmat::client_premaster(&a, &element(&server_public), hash, hash);
            assert_eq!(premaster, Ok(element(&expected)), "{} {length}", backend.name());
        }
    }
}

#[test]
fn a_premaster_secret_of_zero_is_hashed_as_one_zero_byte() {
    // A server that knows v can send B = k·v. The client's S is then 0, and its enc is not empty.
    let (x, u) = ([0x5a; 32], [0xa5; 32]);
    let server_public = &*oracle::K * oracle::v(&integer(&x)) % &*N;
    let premaster = hazmat::client_premaster(&[1; 40], &element(&server_public), x, u).expect("the input is valid");
    assert_eq!(premaster, [0; 384]);
    assert_eq!(hazmat::session_key(u, &premaster), Ok(oracle::derive_key(&oracle::enc(&integer(&u)), &[0])));
}

#[test]
fn every_backend_has_a_name_of_its_own_and_two_are_everywhere() {
    let names: Vec<_> = Backend::all().into_iter().map(Backend::name).collect();
    assert!(names.contains(&"portable") && names.contains(&"digits28"), "{names:?}");
    for (i, name) in names.iter().enumerate() {
        assert!(!names[..i].contains(name), "{name} is there twice");
    }
}

#[test]
fn a_sign_in_with_a_chosen_ephemeral_sends_the_oracles_public_key() {
    let account = Account::plain();
    let app = account.app();
    for a in [&[1][..], &[0, 0, 3], &[0xff; 40], &[0x80; 128], &[0x7f; 384]] {
        let (_, parameters) =
            hazmat::start_user_sign_in(&app, &user_name(&account.typed), a).expect("the ephemeral is valid");
        assert_eq!(parameters.srp_a().to_string(), oracle::A(&integer(a)).to_str_radix(16));
    }
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
    for i in 0..number_from("HANDSHAKES", 1000) {
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

// The equations refuse these.

/// How a value is refused, wherever it stands.
type Refusal = fn(Parameter) -> Error;

#[test]
fn the_equations_reject_public_values_of_zero_mod_n_and_above_n() {
    let (fine, u) = (element(&BigUint::from(2u32)), [1; 32]);
    let cases: [(BigUint, Refusal); 4] = [
        (BigUint::ZERO, Error::PublicValueIsZero),
        (N.clone(), Error::PublicValueIsZero),
        (&*N + 1u32, Error::PublicValueOutOfRange),
        (BigUint::from(2u32).pow(3072) - 1u32, Error::PublicValueOutOfRange),
    ];
    for (value, error) in cases {
        let value = element(&value);
        let (bad_a, bad_b) = (error(Parameter::SrpA), error(Parameter::SrpB));
        assert_eq!(hazmat::scrambler(&value, &fine), Err(bad_a));
        assert_eq!(hazmat::scrambler(&fine, &value), Err(bad_b));
        assert_eq!(hazmat::client_premaster(&[1], &value, [1; 32], u), Err(bad_b));
        assert_eq!(hazmat::server_premaster(&value, &fine, u, &[1]), Err(bad_a));
    }
}

#[test]
fn a_server_public_key_of_zero_mod_n_is_never_sent() {
    // v = -g^b / k makes B = 0.
    let b = BigUint::from(5u32);
    let inverse = oracle::K.modinv(&N).expect("N is prime");
    let v = (&*N - oracle::A(&b)) * inverse % &*N;
    assert_eq!(oracle::B(&v, &b), BigUint::ZERO);
    assert_eq!(hazmat::server_public(&element(&v), &[5]), Err(Error::PublicValueIsZero(Parameter::SrpB)));
}

#[test]
fn a_scrambler_of_zero_is_rejected_by_both_halves() {
    let (fine, zero) = (element(&BigUint::from(2u32)), [0; 32]);
    let error = Error::ScramblerIsZero;
    assert_eq!(hazmat::client_premaster(&[1], &fine, [1; 32], zero), Err(error));
    assert_eq!(hazmat::server_premaster(&fine, &fine, zero, &[1]), Err(error));
    assert_eq!(hazmat::session_key(zero, &fine), Err(error));
    // The last bit is enough.
    let mut one = zero;
    one[31] = 1;
    assert!(hazmat::session_key(one, &fine).is_ok());
}

// Under `hazmat` a caller may choose these.

#[test]
fn a_chosen_ephemeral_that_is_empty_zero_or_over_long_is_rejected() {
    let fine = element(&BigUint::from(2u32));
    let parameter = Parameter::Ephemeral;
    for (bytes, error) in [
        (vec![], Error::Empty(parameter)),
        (vec![0], Error::Malformed(parameter)),
        (vec![0; 384], Error::Malformed(parameter)),
        (vec![0; 385], Error::TooLong(parameter)),
        (vec![1; 385], Error::TooLong(parameter)),
        (vec![1; 1 << 20], Error::TooLong(parameter)),
    ] {
        assert_eq!(hazmat::start_user_sign_in(&app(), &user_name("user"), &bytes).map(drop), Err(error));
        assert_eq!(hazmat::client_public(&bytes), Err(error));
        assert_eq!(hazmat::server_public(&fine, &bytes), Err(error));
        assert_eq!(hazmat::client_premaster(&bytes, &fine, [1; 32], [1; 32]), Err(error));
        assert_eq!(hazmat::server_premaster(&fine, &fine, [1; 32], &bytes), Err(error));
    }
}

#[test]
fn a_chosen_ephemeral_in_hex_that_is_empty_no_hex_or_over_long_is_rejected() {
    let parameter = Parameter::Ephemeral;
    assert_eq!(hazmat::parse_ephemeral(""), Err(Error::Empty(parameter)));
    assert_eq!(hazmat::parse_ephemeral("-1"), Err(Error::NotHex(parameter)));
    assert_eq!(hazmat::parse_ephemeral(&format!("1{}", "0".repeat(768))), Err(Error::TooLong(parameter)));
    assert_eq!(hazmat::parse_ephemeral(&"f".repeat(768)), Ok(vec![0xff; 384]));
}

#[test]
fn equations_reject_integers_that_are_wider_than_n() {
    let (wide, fits) = ([0; 385], [0; 384]);
    let identity = Identity { realm: "r", name: "n" };
    assert_eq!(hazmat::enc(&wide), Err(Error::TooLong(Parameter::Ephemeral)));
    assert_eq!(hazmat::private_key(identity, b"p", &wide), Err(Error::TooLong(Parameter::Salt)));
    assert!(hazmat::enc(&fits).is_ok() && hazmat::private_key(identity, b"p", &fits).is_ok());
    assert_eq!(hazmat::enc(&[]), Ok(vec![0]));
}

proptest! {
    #![proptest_config(cases(1_500))]

    #[test]
    fn no_bytes_make_an_equation_panic(short in vec(any::<u8>(), 0..400), wide in any::<[u8; 32]>()) {
        let mut element = [0xff; 384];
        element[..32].copy_from_slice(&wide);
        let _ = (hazmat::enc(&short), hazmat::private_key(Identity { realm: "r", name: "n" }, &short, &short), hazmat::parse_ephemeral(&hex(&short)));
        let _ = (hazmat::scrambler(&element, &element), hazmat::session_key(wide, &element));
        let _ = (hazmat::add(&element, &element), hazmat::sub(&[0; 384], &element), Salt::from_be_bytes(&short));
        for backend in Backend::all() {
            let _ = (backend.mul_repeatedly(&element, &element, 3), backend.square_repeatedly(&element, 3));
        }
    }

    #[test]
    fn no_text_makes_the_reader_of_an_ephemeral_panic(text in text()) {
        let _ = hazmat::parse_ephemeral(&text);
    }
}
