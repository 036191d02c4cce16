//! Claims that are not the right one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cognito_srp6a::hazmat::{self, Identity};

use super::{ANY, NOT_AUTHORIZED, refuses};
use crate::bench::Bench;
use crate::check::{Finding, Outcome};
use crate::exchange::{Exchange, now};

pub fn random(bench: &Bench<'_>) -> Outcome {
    changed(bench, NOT_AUTHORIZED, |_| Some(STANDARD.encode(bench.random::<32>())))
}

pub fn empty(bench: &Bench<'_>) -> Outcome {
    changed(bench, ANY, |_| Some(String::new()))
}

pub fn missing(bench: &Bench<'_>) -> Outcome {
    changed(bench, ANY, |_| None)
}

/// The first half of the right claim.
pub fn short(bench: &Bench<'_>) -> Outcome {
    changed(bench, ANY, |claim| Some(STANDARD.encode(&claim[..16])))
}

/// The right claim, and more.
pub fn long(bench: &Bench<'_>) -> Outcome {
    changed(bench, ANY, |claim| Some(STANDARD.encode([claim, &[0; 16]].concat())))
}

/// The pool's id in place of its name.
pub fn other_realm(bench: &Bench<'_>) -> Outcome {
    let exchange = bench.exchange()?;
    let timestamp = now();
    let identity = Identity { realm: bench.options.app.pool_id().as_str(), name: &exchange.id };
    let claim = STANDARD.encode(hazmat::claim(exchange.key, identity, &exchange.block, &timestamp));
    answer(bench, &exchange, NOT_AUTHORIZED, Some(claim), timestamp)
}

pub fn block_as_text(bench: &Bench<'_>) -> Outcome {
    let exchange = bench.exchange()?;
    let timestamp = now();
    let text = exchange.block_text().as_bytes();
    if exchange.block == text {
        return Ok(Finding::skipped("SECRET_BLOCK is not Base64"));
    }
    let claim = exchange.claim(bench, text, &timestamp);
    answer(bench, &exchange, NOT_AUTHORIZED, Some(claim), timestamp)
}

/// Sends what is made of the right claim's bytes.
fn changed(bench: &Bench<'_>, expected: &str, change: impl Fn(&[u8]) -> Option<String>) -> Outcome {
    let exchange = bench.exchange()?;
    let timestamp = now();
    let identity = Identity { realm: bench.realm(), name: &exchange.id };
    let claim = change(&hazmat::claim(exchange.key, identity, &exchange.block, &timestamp));
    answer(bench, &exchange, expected, claim, timestamp)
}

fn answer(bench: &Bench<'_>, exchange: &Exchange, expected: &str, claim: Option<String>, timestamp: String) -> Outcome {
    let changes = [("PASSWORD_CLAIM_SIGNATURE", claim), ("TIMESTAMP", Some(timestamp))];
    Ok(refuses(&bench.respond(&exchange.responses_with(bench, &changes), exchange.session()), expected))
}
