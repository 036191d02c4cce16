//! `SECRET_HASH`: of an app client with a secret it is checked twice, of one without it is refused and then ignored.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{ANY, NOT_AUTHORIZED, refuses, signs_in, users};
use crate::bench::Bench;
use crate::check::{Finding, Outcome};

const HASH: &str = "SECRET_HASH";

pub fn missing_at_start(bench: &Bench<'_>) -> Outcome {
    with_secret(bench)?;
    at_start(bench, None, NOT_AUTHORIZED)
}

pub fn wrong_at_start(bench: &Bench<'_>) -> Outcome {
    with_secret(bench)?;
    at_start(bench, Some(random(bench)), NOT_AUTHORIZED)
}

/// Right for another name.
pub fn other_name_at_start(bench: &Bench<'_>) -> Outcome {
    with_secret(bench)?;
    at_start(bench, bench.secret_hash(&users::nobody(bench)), NOT_AUTHORIZED)
}

pub fn missing_in_answer(bench: &Bench<'_>) -> Outcome {
    with_secret(bench)?;
    in_answer(bench, None)
}

pub fn wrong_in_answer(bench: &Bench<'_>) -> Outcome {
    with_secret(bench)?;
    in_answer(bench, Some(random(bench)))
}

/// Right for another name: the alias that the user typed, if there is one.
pub fn other_name_in_answer(bench: &Bench<'_>) -> Outcome {
    with_secret(bench)?;
    let nobody = users::nobody(bench);
    let name = bench.options.alias.as_ref().map_or(nobody.as_str(), |alias| alias.as_str());
    in_answer(bench, bench.secret_hash(name))
}

pub fn needless_at_start(bench: &Bench<'_>) -> Outcome {
    without_secret(bench)?;
    at_start(bench, Some(needless(bench, bench.username())), ANY)
}

pub fn needless_in_answer(bench: &Bench<'_>) -> Outcome {
    without_secret(bench)?;
    let exchange = bench.exchange()?;
    let hash = needless(bench, &exchange.username);
    let responses = exchange.responses_with(bench, &[(HASH, Some(hash))]);
    Ok(signs_in(&bench.respond(&responses, exchange.session())))
}

fn at_start(bench: &Bench<'_>, hash: Option<String>, expected: &str) -> Outcome {
    let mut parameters = bench.start_parameters();
    parameters.remove(HASH);
    parameters.extend(hash.map(|hash| (HASH.to_owned(), hash.into())));
    Ok(refuses(&bench.initiate("USER_SRP_AUTH", &parameters), expected))
}

fn in_answer(bench: &Bench<'_>, hash: Option<String>) -> Outcome {
    let exchange = bench.exchange()?;
    let answer = bench.respond(&exchange.responses_with(bench, &[(HASH, hash)]), exchange.session());
    Ok(refuses(&answer, NOT_AUTHORIZED))
}

fn random(bench: &Bench<'_>) -> String {
    STANDARD.encode(bench.random::<32>())
}

/// A hash by a secret that the app client does not have.
fn needless(bench: &Bench<'_>, username: &str) -> String {
    bench.secret_hash_by("no0secret0of0this0client", username)
}

fn with_secret(bench: &Bench<'_>) -> Result<(), Finding> {
    bench.options.client_secret.as_ref().map(|_| ()).ok_or_else(|| Finding::skipped("no --client-secret"))
}

fn without_secret(bench: &Bench<'_>) -> Result<(), Finding> {
    let has_none = bench.options.client_secret.is_none();
    if has_none { Ok(()) } else { Err(Finding::skipped("the app client has a secret")) }
}
