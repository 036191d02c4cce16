//! `Session`, and the other flows that have the proof in them.

use super::signs_in;
use crate::bench::Bench;
use crate::check::{Finding, Outcome};
use crate::exchange::{Shape, Start};
use crate::wire::{Answer, Challenge};

/// A real pool was seen to send none.
pub fn session(bench: &Bench<'_>) -> Outcome {
    let exchange = bench.exchange()?;
    if exchange.session().is_none() {
        return Ok(Finding::pass("none"));
    }
    let without = bench.respond(&exchange.responses(bench), None);
    Ok(Finding::pass(format!("one; without it: {}", without.describe())))
}

pub fn invented(bench: &Bench<'_>) -> Outcome {
    let exchange = bench.exchange()?;
    Ok(signs_in(&bench.respond(&exchange.responses(bench), Some(&"session".repeat(8)))))
}

/// The proof is preferred, and begins at once.
pub fn user_auth(bench: &Bench<'_>) -> Outcome {
    proved(bench, |start| {
        let more = [("PREFERRED_CHALLENGE", "PASSWORD_SRP"), ("SRP_A", &start.text())];
        let answer = bench.initiate("USER_AUTH", &bench.parameters(bench.username(), &more));
        if matches!(answer, Answer::Challenge(_)) { Ok(answer) } else { Err(not_offered(&answer)) }
    })
}

/// The proof is chosen.
pub fn select_challenge(bench: &Bench<'_>) -> Outcome {
    proved(bench, |start| {
        let asked = bench.initiate("USER_AUTH", &bench.parameters(bench.username(), &[]));
        let Answer::Challenge(Challenge { name, parameters, session }) = &asked else {
            return Err(not_offered(&asked));
        };
        if name != "SELECT_CHALLENGE" {
            return Err(not_offered(&asked));
        }
        let username = parameters.get("USERNAME").map_or(bench.username(), String::as_str);
        let responses = bench.parameters(username, &[("ANSWER", "PASSWORD_SRP"), ("SRP_A", &start.text())]);
        Ok(bench.respond_to("SELECT_CHALLENGE", &responses, session.as_deref()))
    })
}

/// The proof comes before a pool's own challenges.
pub fn custom_auth(bench: &Bench<'_>) -> Outcome {
    proved(bench, |start| {
        let more = [("CHALLENGE_NAME", "SRP_A"), ("SRP_A", &start.text())];
        let answer = bench.initiate("CUSTOM_AUTH", &bench.parameters(bench.username(), &more));
        let offered = matches!(&answer, Answer::Challenge(challenge) if challenge.name == "PASSWORD_VERIFIER");
        if offered { Ok(answer) } else { Err(not_offered(&answer)) }
    })
}

/// Begins again until nothing is special, and answers.
fn proved(bench: &Bench<'_>, begin: impl Fn(&Start) -> Result<Answer, Finding>) -> Outcome {
    let start = bench.start(Shape::Plain);
    let exchange = bench.wait([None; 3], &start, || begin(&start))?;
    Ok(signs_in(&bench.respond(&exchange.responses(bench), exchange.session())))
}

fn not_offered(answer: &Answer) -> Finding {
    Finding::skipped(format!("not offered: {}", answer.describe()))
}
