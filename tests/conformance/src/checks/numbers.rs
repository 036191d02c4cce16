//! Numbers that implementations write in another way: with a sign byte, short, with an odd number of digits.
//!
//! The program chooses `A` for these, and waits until chance brings `B`, `u` and `S`.

use super::signs_in;
use crate::bench::Bench;
use crate::check::{Finding, Outcome};
use crate::exchange::{Exchange, Shape, Start, hex};

pub fn sign_a(bench: &Bench<'_>) -> Outcome {
    chosen(bench, &bench.start(Shape::Sign))
}

pub fn sign_b(bench: &Bench<'_>) -> Outcome {
    waited(bench, [Some(Shape::Sign), None, None])
}

pub fn sign_u(bench: &Bench<'_>) -> Outcome {
    waited(bench, [None, Some(Shape::Sign), None])
}

pub fn sign_s(bench: &Bench<'_>) -> Outcome {
    waited(bench, [None, None, Some(Shape::Sign)])
}

pub fn short_a(bench: &Bench<'_>) -> Outcome {
    // The number of digits is even, because an odd one is another trap.
    chosen(bench, &bench.start_where(|public| Shape::of(public) == Shape::Short && public[1] >= 0x10))
}

pub fn short_b(bench: &Bench<'_>) -> Outcome {
    waited(bench, [Some(Shape::Short), None, None])
}

pub fn short_u(bench: &Bench<'_>) -> Outcome {
    waited(bench, [None, Some(Shape::Short), None])
}

pub fn short_s(bench: &Bench<'_>) -> Outcome {
    waited(bench, [None, None, Some(Shape::Short)])
}

pub fn odd_digits_a(bench: &Bench<'_>) -> Outcome {
    chosen(bench, &bench.start_where(|public| (1..0x10).contains(&public[0])))
}

/// As long as the hex text of N's sign byte and magnitude, which is the longest that an honest client sends.
pub fn leading_zeros_a(bench: &Bench<'_>) -> Outcome {
    let start = bench.start(Shape::Plain);
    let exchange = bench.exchange_of(bench.username(), &format!("00{}", hex(&start.public)), &start)?;
    answered(bench, &exchange)
}

pub fn upper_case_a(bench: &Bench<'_>) -> Outcome {
    let start = bench.start(Shape::Plain);
    let exchange = bench.exchange_of(bench.username(), &start.text().to_uppercase(), &start)?;
    answered(bench, &exchange)
}

fn chosen(bench: &Bench<'_>, start: &Start) -> Outcome {
    answered(bench, &bench.exchange_for(start)?)
}

fn waited(bench: &Bench<'_>, wanted: [Option<Shape>; 3]) -> Outcome {
    answered(bench, &bench.wait_for(wanted)?)
}

fn answered(bench: &Bench<'_>, exchange: &Exchange) -> Result<Finding, Finding> {
    Ok(signs_in(&bench.respond(&exchange.responses(bench), exchange.session())))
}
