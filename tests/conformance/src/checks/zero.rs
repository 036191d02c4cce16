//! Values of `SRP_A` that a server must refuse. With one that is 0 mod N, `S` is 0 whatever the password is.

use cognito_srp6a::hazmat;

use super::{INVALID, all, refuses};
use crate::bench::Bench;
use crate::check::{Finding, Outcome};
use crate::exchange::{Exchange, Shape, claim, hex, key_without_password, now};
use crate::wire::Answer;

pub fn zero(bench: &Bench<'_>) -> Outcome {
    attack(bench, "0", &[0])
}

pub fn n(bench: &Bench<'_>) -> Outcome {
    let n = hazmat::modulus();
    attack(bench, &hex(&n), &n)
}

pub fn two_n(bench: &Bench<'_>) -> Outcome {
    let n = hazmat::modulus();
    // Shifted by one bit, which the first byte takes.
    let mut doubled = vec![n[0] >> 7];
    doubled.extend((0..n.len()).map(|index| n[index] << 1 | n.get(index + 1).map_or(0, |next| next >> 7)));
    attack(bench, hex(&doubled).trim_start_matches('0'), &doubled)
}

/// A parser of signed numbers reads it, and it is 0 mod N.
pub fn minus_n(bench: &Bench<'_>) -> Outcome {
    attack(bench, &format!("-{}", hex(&hazmat::modulus())), &[0])
}

/// Goes on without the password if the server does.
fn attack(bench: &Bench<'_>, srp_a: &str, hashed: &[u8]) -> Outcome {
    let answer = bench.start_as(bench.username(), srp_a);
    let refused = refuses(&answer, INVALID);
    let Answer::Challenge(_) = &answer else { return Ok(refused) };
    // The server hashes what came, or its remainder.
    for hashed in [hashed, &[0]] {
        let start = bench.start(Shape::Plain);
        let answer = bench.start_as(bench.username(), srp_a);
        let Ok(exchange) = Exchange::new(bench, &start, answer, &bench.options.password) else { continue };
        let key = key_without_password(hashed, &exchange.b);
        let timestamp = now();
        let claim = claim(bench, key, &exchange.id, &exchange.block, &timestamp);
        let responses = exchange.responses_as(bench, &exchange.username, &claim, &timestamp);
        if super::signs_in(&bench.respond(&responses, exchange.session())).is_pass() {
            return Ok(Finding::fail("signs in WITHOUT THE PASSWORD"));
        }
    }
    Ok(Finding::fail("sends a challenge; refuses the claim of an impostor"))
}

pub fn n_plus_1(bench: &Bench<'_>) -> Outcome {
    let mut n = hazmat::modulus();
    // N ends in ff bytes, so the carry runs through all of them.
    for byte in n.iter_mut().rev() {
        *byte = byte.wrapping_add(1);
        if *byte != 0 {
            break;
        }
    }
    Ok(refuses(&bench.start_as(bench.username(), &hex(&n)), INVALID))
}

pub fn not_hex(bench: &Bench<'_>) -> Outcome {
    let texts = [("empty", ""), ("xyz", "xyz"), ("-1", "-1"), ("0x12", "0x12"), ("a blank", " 12"), ("12.5", "12.5")];
    Ok(all(texts.map(|(tried, text)| (tried, refuses(&bench.start_as(bench.username(), text), INVALID)))))
}

pub fn long(bench: &Bench<'_>) -> Outcome {
    let start = bench.start(Shape::Plain);
    let text = format!("{:0>771}", start.text());
    Ok(refuses(&bench.start_as(bench.username(), &text), INVALID))
}

/// Within what the service's model lets a parameter be, so that only a rule for `SRP_A` refuses it.
pub fn huge(bench: &Bench<'_>) -> Outcome {
    Ok(refuses(&bench.start_as(bench.username(), &"7".repeat(100_000)), INVALID))
}
