//! Wrong passwords, and other users than the one who answers.

use super::{NOT_AUTHORIZED, all, refuses};
use crate::bench::Bench;
use crate::check::{Finding, Outcome};
use crate::exchange::{Exchange, Shape, claim, hex, now};
use crate::wire::{Answer, Challenge, Refusal};

pub fn wrong_password(bench: &Bench<'_>) -> Outcome {
    let longer = format!("{}x", bench.options.password);
    let shorter: String = bench.options.password.chars().skip(1).collect();
    let other_case: String = bench.options.password.chars().map(swapped).collect();
    let passwords = [("one character more", longer), ("the first one less", shorter), ("another case", other_case)];
    let mut findings = Vec::new();
    for (tried, password) in passwords.into_iter().filter(|(_, password)| *password != bench.options.password) {
        findings.push((tried, refuses(&answer_as(bench, bench.username(), &password)?, NOT_AUTHORIZED)));
    }
    Ok(all(findings))
}

fn swapped(character: char) -> char {
    if character.is_ascii_lowercase() { character.to_ascii_uppercase() } else { character.to_ascii_lowercase() }
}

/// A whole sign-in under a name with a password.
fn answer_as(bench: &Bench<'_>, username: &str, password: &str) -> Result<Answer, Finding> {
    let start = bench.start(Shape::Plain);
    let answer = bench.start_as(username, &start.text());
    let exchange = Exchange::new(bench, &start, answer, password)?;
    Ok(bench.respond(&exchange.responses(bench), exchange.session()))
}

pub fn unknown(bench: &Bench<'_>) -> Outcome {
    let unknown = answer_as(bench, &nobody(bench), &bench.options.password)?;
    let refused = refuses(&unknown, NOT_AUTHORIZED);
    if !refused.is_pass() {
        return Ok(refused);
    }
    let known = answer_as(bench, bench.username(), &format!("{}x", bench.options.password))?;
    Ok(match (refusal(known), refusal(unknown)) {
        (Some(known), Some(unknown)) if known == unknown => Finding::pass("a challenge, then the same error"),
        _ => Finding::fail(format!("{}, in other words than for a wrong password", refused.did)),
    })
}

fn refusal(answer: Answer) -> Option<Refusal> {
    if let Answer::Refused(refusal) = answer { Some(refusal) } else { None }
}

pub fn stable(bench: &Bench<'_>) -> Outcome {
    let nobody = nobody(bench);
    let (one, other) = (challenge_for(bench, &nobody)?, challenge_for(bench, &nobody)?);
    let same = |name: &str| one.parameters.get(name) == other.parameters.get(name);
    Ok(all(["SALT", "USER_ID_FOR_SRP"].map(|name| (name, Finding::holds(same(name), "another one"))))
        .with_did_if_passed("the same again"))
}

pub fn form(bench: &Bench<'_>) -> Outcome {
    let nobody = nobody(bench);
    let (known, unknown) = (challenge_for(bench, bench.username())?, challenge_for(bench, &nobody)?);
    let names = |challenge: &Challenge| challenge.parameters.keys().cloned().collect::<Vec<_>>();
    let digits = |challenge: &Challenge, name: &str| challenge.parameters.get(name).map_or(0, String::len);
    let alike = |name: &str| digits(&known, name).abs_diff(digits(&unknown, name)) <= 6;
    let echoes =
        |challenge: &Challenge, name: &str| challenge.parameters.get("USER_ID_FOR_SRP").is_some_and(|id| id == name);
    // A name that is not echoed has the usual length, as a UUID does.
    let id = if echoes(&known, bench.username()) { echoes(&unknown, &nobody) } else { alike("USER_ID_FOR_SRP") };
    Ok(all([
        ("parameters", Finding::holds(names(&known) == names(&unknown), "others than for a user")),
        ("Session", Finding::holds(known.session.is_some() == unknown.session.is_some(), "not as for a user")),
        ("SALT", Finding::holds(alike("SALT"), "of another length than a user's")),
        ("SRP_B", Finding::holds(alike("SRP_B"), "of another length than a user's")),
        ("USER_ID_FOR_SRP", Finding::holds(id, "of another form than a user's")),
    ])
    .with_did_if_passed("as for a user"))
}

fn challenge_for(bench: &Bench<'_>, username: &str) -> Result<Challenge, Finding> {
    match bench.start_as(username, &bench.start(Shape::Plain).text()) {
        Answer::Challenge(challenge) if challenge.name == "PASSWORD_VERIFIER" => Ok(challenge),
        other => Err(Finding::fail(other.describe())),
    }
}

/// A name that nobody has.
pub fn nobody(bench: &Bench<'_>) -> String {
    format!("nobody-{}", hex(&bench.random::<8>()))
}

/// The user's own right answer, under a name that nobody has.
pub fn for_unknown(bench: &Bench<'_>) -> Outcome {
    taken_over(bench, &nobody(bench))
}

/// The user's own right answer, under the name of another user.
pub fn for_another(bench: &Bench<'_>) -> Outcome {
    match &bench.options.other_username {
        Some(name) => taken_over(bench, name.as_str()),
        None => Ok(Finding::skipped("no --other-username")),
    }
}

/// The other name stands in the answer alone, or in the claim, too.
fn taken_over(bench: &Bench<'_>, other: &str) -> Outcome {
    let answered = |claims_it: bool| {
        let exchange = bench.exchange()?;
        let timestamp = now();
        let claimed = if claims_it { other } else { &exchange.id };
        let claim = claim(bench, exchange.key, claimed, &exchange.block, &timestamp);
        Ok(bench.respond(&exchange.responses_as(bench, other, &claim, &timestamp), exchange.session()))
    };
    let (in_answer, in_claim) = (answered(false)?, answered(true)?);
    let judged = |answer: &Answer| match answer {
        Answer::Tokens(Some(user)) if user == other => Finding::fail("signs in AS THE OTHER USER"),
        Answer::Tokens(Some(_)) => Finding::fail("signs in as the user of the challenge"),
        answer => refuses(answer, NOT_AUTHORIZED),
    };
    Ok(all([("USERNAME of the answer", judged(&in_answer)), ("and of the claim", judged(&in_claim))]))
}
