//! `SECRET_BLOCK`: altered, of another challenge, invented, and a second time.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{ANY, NOT_AUTHORIZED, all, refuses, signs_in, users};
use crate::bench::Bench;
use crate::check::{Finding, Outcome, Verdict};
use crate::exchange::{Exchange, Shape, now};

const BLOCK: &str = "PASSWORD_CLAIM_SECRET_BLOCK";

/// The same right answer twice. A server may take it once only, if it says so.
pub fn second_answer(bench: &Bench<'_>) -> Outcome {
    let exchange = bench.exchange()?;
    let responses = exchange.responses(bench);
    let first = signs_in(&bench.respond(&responses, exchange.session()));
    if !first.is_pass() {
        return Ok(Finding::skipped(format!("the first: {}", first.did)));
    }
    let second = bench.respond(&responses, exchange.session());
    if bench.options.single_use {
        return Ok(refuses(&second, NOT_AUTHORIZED));
    }
    let did = signs_in(&second);
    let known = did.is_pass() || refuses(&second, ANY).is_pass();
    Ok(if known { did.with(Verdict::Information) } else { did })
}

pub fn second_try(bench: &Bench<'_>) -> Outcome {
    let exchange = bench.exchange()?;
    let claim = STANDARD.encode(bench.random::<32>());
    let wrong = exchange.responses_with(bench, &[("PASSWORD_CLAIM_SIGNATURE", Some(claim))]);
    bench.respond(&wrong, exchange.session());
    Ok(signs_in(&bench.respond(&exchange.responses(bench), exchange.session())))
}

/// One bit, at both ends and in the middle. The claim is over what is sent.
pub fn altered(bench: &Bench<'_>) -> Outcome {
    let mut findings = Vec::new();
    for (tried, numerator) in [("the first byte", 0), ("the middle", 1), ("the last byte", 2)] {
        let exchange = bench.exchange()?;
        let mut block = exchange.block.clone();
        let index = (block.len().saturating_sub(1)) * numerator / 2;
        if let Some(byte) = block.get_mut(index) {
            *byte ^= 1;
        }
        findings.push((tried, with_block(bench, &exchange, &block)?));
    }
    Ok(all(findings))
}

/// The block of another challenge of the same user, which has another `A`.
pub fn foreign(bench: &Bench<'_>) -> Outcome {
    let (earlier, later) = (bench.exchange()?, bench.exchange()?);
    let of_later = with_block(bench, &earlier, &later.block)?;
    Ok(all([("a later one", of_later), ("an earlier one", with_block(bench, &later, &earlier.block)?)]))
}

/// The block of a challenge for somebody who does not exist.
pub fn of_unknown(bench: &Bench<'_>) -> Outcome {
    let start = bench.start(Shape::Plain);
    let answer = bench.start_as(&users::nobody(bench), &start.text());
    let Ok(other) = Exchange::new(bench, &start, answer, &bench.options.password) else {
        return Ok(Finding::skipped("no challenge for an unknown user"));
    };
    with_block(bench, &bench.exchange_for(&start)?, &other.block)
}

pub fn invented(bench: &Bench<'_>) -> Outcome {
    with_block(bench, &bench.exchange()?, &bench.random::<64>())
}

pub fn missing(bench: &Bench<'_>) -> Outcome {
    let exchange = bench.exchange()?;
    Ok(refuses(&bench.respond(&exchange.responses_with(bench, &[(BLOCK, None)]), exchange.session()), ANY))
}

/// As long as the service's model lets a parameter be.
pub fn huge(bench: &Bench<'_>) -> Outcome {
    let exchange = bench.exchange()?;
    let changes = [(BLOCK, Some("A".repeat(131_072)))];
    Ok(refuses(&bench.respond(&exchange.responses_with(bench, &changes), exchange.session()), ANY))
}

/// Answers with another block, and a claim that is right for it.
fn with_block(bench: &Bench<'_>, exchange: &Exchange, block: &[u8]) -> Outcome {
    let timestamp = now();
    let claim = exchange.claim(bench, block, &timestamp);
    // A text that is no Base64 is the block itself.
    let is_text = exchange.block == exchange.block_text().as_bytes();
    let text = if is_text { String::from_utf8_lossy(block).into_owned() } else { STANDARD.encode(block) };
    let changes = [(BLOCK, Some(text)), ("PASSWORD_CLAIM_SIGNATURE", Some(claim)), ("TIMESTAMP", Some(timestamp))];
    let answer = bench.respond(&exchange.responses_with(bench, &changes), exchange.session());
    Ok(refuses(&answer, NOT_AUTHORIZED))
}
