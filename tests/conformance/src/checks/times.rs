//! `TIMESTAMP`: of another time, and of another form. Every claim but one is over the text that is sent.

use super::{ANY, INVALID, NOT_AUTHORIZED, refuses, signs_in};
use crate::bench::Bench;
use crate::check::{Finding, Outcome};
use crate::exchange::{now, seconds_from_now};

const YEAR: i64 = 365 * 24 * 3600;

/// The claim is over one second, and another is sent.
pub fn other(bench: &Bench<'_>) -> Outcome {
    let exchange = bench.exchange()?;
    let changes = [("TIMESTAMP", Some(seconds_from_now(2)))];
    Ok(refuses(&bench.respond(&exchange.responses_with(bench, &changes), exchange.session()), NOT_AUTHORIZED))
}

pub fn year_old(bench: &Bench<'_>) -> Outcome {
    misspelt(bench, NOT_AUTHORIZED, &seconds_from_now(-YEAR))
}

pub fn year_ahead(bench: &Bench<'_>) -> Outcome {
    misspelt(bench, NOT_AUTHORIZED, &seconds_from_now(YEAR))
}

pub fn hour_old(bench: &Bench<'_>) -> Outcome {
    let exchange = bench.exchange()?;
    let responses = exchange.responses_at(bench, &seconds_from_now(-3600));
    Ok(signs_in(&bench.respond(&responses, exchange.session())))
}

pub fn weekday(bench: &Bench<'_>) -> Outcome {
    let now = now();
    let weekday = if now.starts_with("Mon") { "Tue" } else { "Mon" };
    misspelt(bench, NOT_AUTHORIZED, &format!("{weekday}{}", &now[3..]))
}

/// `Sep 05`: only some days show it.
pub fn padded_day(bench: &Bench<'_>) -> Outcome {
    let now = now();
    let mut words: Vec<_> = now.split(' ').map(str::to_owned).collect();
    if words[2].len() == 2 {
        return Ok(Finding::skipped("today has two digits"));
    }
    words[2] = format!("0{}", words[2]);
    misspelt(bench, NOT_AUTHORIZED, &words.join(" "))
}

pub fn two_blanks(bench: &Bench<'_>) -> Outcome {
    misspelt(bench, INVALID, &now().replacen(' ', "  ", 2))
}

pub fn zone(bench: &Bench<'_>) -> Outcome {
    misspelt(bench, INVALID, &now().replace("UTC", "IST"))
}

pub fn missing(bench: &Bench<'_>) -> Outcome {
    let exchange = bench.exchange()?;
    Ok(refuses(&bench.respond(&exchange.responses_with(bench, &[("TIMESTAMP", None)]), exchange.session()), ANY))
}

fn misspelt(bench: &Bench<'_>, expected: &str, timestamp: &str) -> Outcome {
    let exchange = bench.exchange()?;
    Ok(refuses(&bench.respond(&exchange.responses_at(bench, timestamp), exchange.session()), expected))
}
