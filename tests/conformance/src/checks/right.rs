//! A correct client.

use cognito_srp6a::{Password, PasswordChallenge, Timestamp, hazmat};

use super::{all, signs_in};
use crate::bench::Bench;
use crate::check::{Finding, Outcome};
use crate::exchange::Shape;
use crate::wire::Answer;

/// The crate's own client reads it.
pub fn form(bench: &Bench<'_>) -> Outcome {
    let exchange = bench.exchange()?;
    if bench.never_ordinary() {
        return Ok(Finding::fail(
            "its numbers are no random ones: SRP_B, u or S is short or has a sign byte in each challenge",
        ));
    }
    Ok(match PasswordChallenge::from_parameters(&pairs(&exchange.challenge.parameters)[..]) {
        Ok(_) => Finding::pass("a challenge"),
        Err(error) => Finding::fail(format!("a client stops: {error}")),
    })
}

pub fn fresh(bench: &Bench<'_>) -> Outcome {
    let start = bench.start(Shape::Plain);
    let (one, other) = (bench.exchange_for(&start)?, bench.exchange_for(&start)?);
    let same = |name: &str| one.challenge.parameters.get(name) == other.challenge.parameters.get(name);
    Ok(all([
        ("SALT", Finding::holds(same("SALT"), "another one")),
        ("SRP_B", Finding::holds(!same("SRP_B"), "the same again")),
        ("SECRET_BLOCK", Finding::holds(!same("SECRET_BLOCK"), "the same again")),
    ])
    .with_did_if_passed("as expected"))
}

/// The whole sign-in by the crate's client, in whose numbers nothing is special.
pub fn right(bench: &Bench<'_>) -> Outcome {
    let start = bench.start(Shape::Plain);
    let stopped = |error| Finding::fail(format!("a client stops: {error}"));
    // Another sign-in may have numbers in which nothing is special; what the client makes of them is its own matter.
    let exchange = bench.exchange_for(&start)?;
    let (client, _) =
        hazmat::start_user_sign_in(&bench.options.app, &bench.options.username, &start.a).map_err(stopped)?;
    let challenge = PasswordChallenge::from_parameters(&pairs(&exchange.challenge.parameters)[..]).map_err(stopped)?;
    let password = Password::new(bench.options.password.as_str()).map_err(stopped)?;
    let claim = client.answer(challenge, &password, Timestamp::now().map_err(stopped)?).map_err(stopped)?;
    let responses = claim.into_pairs().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    Ok(signs_in(&bench.respond(&responses, exchange.session())))
}

pub fn at_the_end(bench: &Bench<'_>) -> Outcome {
    right(bench)
}

/// The alias stands in the first message alone.
pub fn alias(bench: &Bench<'_>) -> Outcome {
    Ok(signs_in(&by_alias(bench, false)?))
}

pub fn alias_in_answer(bench: &Bench<'_>) -> Outcome {
    Ok(signs_in(&by_alias(bench, true)?))
}

fn by_alias(bench: &Bench<'_>, also_in_answer: bool) -> Result<Answer, Finding> {
    let Some(alias) = &bench.options.alias else { return Err(Finding::skipped("no --alias")) };
    let start = bench.start(Shape::Plain);
    let mut exchange = bench.exchange_of(alias.as_str(), &start.text(), &start)?;
    if also_in_answer {
        alias.as_str().clone_into(&mut exchange.username);
    }
    Ok(bench.respond(&exchange.responses(bench), exchange.session()))
}

fn pairs(parameters: &std::collections::BTreeMap<String, String>) -> Vec<(&str, &str)> {
    parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}
