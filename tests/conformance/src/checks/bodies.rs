//! What is wrong around the proof.

use serde_json::json;

use super::{ANY, INVALID, refuses};
use crate::bench::Bench;
use crate::check::{Finding, Outcome};
use crate::exchange::Shape;
use crate::wire::Answer;

pub fn username_long(bench: &Bench<'_>) -> Outcome {
    Ok(refuses(&bench.start_as(&"n".repeat(129), &bench.start(Shape::Plain).text()), INVALID))
}

pub fn client_unknown(bench: &Bench<'_>) -> Outcome {
    let parameters = bench.start_parameters();
    let body = json!({"ClientId": "no0client0of0this0pool", "AuthFlow": "USER_SRP_AUTH", "AuthParameters": parameters});
    Ok(refuses(&bench.call("InitiateAuth", &body), "ResourceNotFoundException"))
}

/// The first half of a body.
pub fn half(bench: &Bench<'_>) -> Outcome {
    let parameters = bench.start_parameters();
    let body = bench.whole(&json!({"AuthFlow": "USER_SRP_AUTH", "AuthParameters": parameters})).to_string();
    Ok(refuses(&bench.send("InitiateAuth", &body.as_bytes()[..body.len() / 2]), ANY))
}

/// 2 MiB in a member that the service's model bounds at 131,072 characters. The server may hang up.
pub fn huge(bench: &Bench<'_>) -> Outcome {
    let parameters = bench.start_parameters();
    let body = json!({
        "AuthFlow": "USER_SRP_AUTH",
        "AuthParameters": parameters,
        "ClientMetadata": {"padding": "p".repeat(2 << 20)},
    });
    let answer = bench.call("InitiateAuth", &body);
    let broken_off = matches!(answer, Answer::Silent(_));
    let still_serves = matches!(bench.start_with(&bench.start(Shape::Plain)), Answer::Challenge(_));
    Ok(match broken_off {
        _ if !still_serves => Finding::fail(format!("{}, and then serves nobody", answer.describe())),
        true => Finding::pass("breaks off"),
        false => refuses(&answer, ANY),
    })
}

pub fn admin_unsigned(bench: &Bench<'_>) -> Outcome {
    if !bench.options.admin {
        return Ok(Finding::skipped("no --admin"));
    }
    let parameters = bench.start_parameters();
    let body = json!({"AuthFlow": "USER_SRP_AUTH", "AuthParameters": parameters});
    Ok(refuses(&bench.call_unsigned("InitiateAuth", &body), ANY))
}
