//! All checks, in the order in which they run.

#![allow(clippy::unnecessary_wraps, reason = "all checks have one type")]

mod blocks;
mod bodies;
mod claims;
mod flows;
mod hashes;
mod numbers;
mod right;
mod times;
mod users;
mod zero;

use crate::check::Kind::{Information, Must, Refuses, SignsIn};
use crate::check::{Check, Finding};
use crate::wire::{Answer, Refusal, printable};

const NOT_AUTHORIZED: &str = "NotAuthorizedException";
const INVALID: &str = "InvalidParameterException";
/// Any error that blames the client.
const ANY: &str = "";

const SIGNS_IN: &str = "signs in";
const REFUSES: &str = "refuses it";

/// Each check depends on those before it in two ways: `right` says whether refusals mean anything, and the `sign-byte` checks
/// which challenges are ordinary.
pub static ALL: &[Check] = &[
    Check::new("challenge-form", Must, "a challenge that a client can read", "5, message 2", right::form),
    Check::new(
        "challenge-fresh",
        Must,
        "the same SALT, another SRP_B and SECRET_BLOCK each time",
        "10.2",
        right::fresh,
    ),
    Check::new("right", Must, SIGNS_IN, "4 and 5", right::right),
    Check::new("sign-byte-a", SignsIn, SIGNS_IN, "8, the sign byte of A", numbers::sign_a),
    Check::new("sign-byte-b", SignsIn, SIGNS_IN, "8, the sign byte of B", numbers::sign_b),
    Check::new("sign-byte-u", SignsIn, SIGNS_IN, "8, the sign byte of u", numbers::sign_u),
    Check::new("sign-byte-s", SignsIn, SIGNS_IN, "8, the sign byte of S", numbers::sign_s),
    Check::new("short-a", SignsIn, SIGNS_IN, "8, A at fixed width", numbers::short_a),
    Check::new("short-b", SignsIn, SIGNS_IN, "8, B at fixed width", numbers::short_b),
    Check::new("short-u", SignsIn, SIGNS_IN, "8, leading zero bytes of u", numbers::short_u),
    Check::new("short-s", SignsIn, SIGNS_IN, "8, S at fixed width", numbers::short_s),
    Check::new("odd-digits-a", SignsIn, SIGNS_IN, "8, an odd number of digits", numbers::odd_digits_a),
    Check::new("leading-zeros-a", SignsIn, SIGNS_IN, "1, hex(i)", numbers::leading_zeros_a),
    Check::new("upper-case-a", SignsIn, SIGNS_IN, "1, hex(i)", numbers::upper_case_a),
    Check::new("alias", SignsIn, SIGNS_IN, "3 and 8, the alias", right::alias),
    Check::new(
        "alias-in-answer",
        Information,
        "USERNAME of the answer is the alias",
        "5, message 3",
        right::alias_in_answer,
    ),
    Check::new("session", Information, "a Session in the challenge", "5, message 2", flows::session),
    Check::new(
        "session-invented",
        Information,
        "the right answer with a Session of one's own",
        "5, message 2",
        flows::invented,
    ),
    Check::new("user-auth", SignsIn, "signs in, if it has USER_AUTH", "5, the last paragraph", flows::user_auth),
    Check::new(
        "select-challenge",
        SignsIn,
        "signs in, if it has USER_AUTH",
        "5, the last paragraph",
        flows::select_challenge,
    ),
    Check::new(
        "custom-auth",
        SignsIn,
        "sends the next challenge, if it has CUSTOM_AUTH",
        "5, the last paragraph",
        flows::custom_auth,
    ),
    Check::new("second-answer", Must, "takes it until it expires, or once", "10.4", blocks::second_answer),
    Check::new(
        "second-try",
        Information,
        "the right answer after a wrong one to the same challenge",
        "10.4",
        blocks::second_try,
    ),
    Check::new("wrong-password", Refuses, NOT_AUTHORIZED, "10.3", users::wrong_password),
    Check::new(
        "unknown-user",
        Must,
        "a challenge, then the same error as for a wrong password",
        "10.1",
        users::unknown,
    ),
    Check::new("unknown-user-stable", Must, "the same SALT and USER_ID_FOR_SRP each time", "10.1", users::stable),
    Check::new("unknown-user-form", Must, "a challenge of the usual form", "10.1", users::form),
    Check::new("for-unknown", Refuses, NOT_AUTHORIZED, "10.3", users::for_unknown),
    Check::new("for-another", Refuses, NOT_AUTHORIZED, "10.3", users::for_another),
    Check::new("a-zero", Must, INVALID, "9, A mod N = 0", zero::zero),
    Check::new("a-n", Must, INVALID, "9, A mod N = 0", zero::n),
    Check::new("a-2n", Must, INVALID, "9, A mod N = 0", zero::two_n),
    Check::new("a-minus-n", Must, INVALID, "9, another character than a hex digit", zero::minus_n),
    Check::new("a-n-plus-1", Information, "SRP_A is N + 1", "9 and 11", zero::n_plus_1),
    Check::new("a-not-hex", Must, INVALID, "9, another character than a hex digit", zero::not_hex),
    Check::new(
        "a-771-digits",
        Information,
        "SRP_A with leading zeros, 771 digits",
        "9, more than 770 characters",
        zero::long,
    ),
    Check::new("a-huge", Must, INVALID, "9, bounded work", zero::huge),
    Check::new("claim-random", Refuses, NOT_AUTHORIZED, "10.3", claims::random),
    Check::new("claim-empty", Refuses, REFUSES, "10.3", claims::empty),
    Check::new("claim-missing", Refuses, REFUSES, "10.3", claims::missing),
    Check::new("claim-short", Refuses, REFUSES, "10.3", claims::short),
    Check::new("claim-long", Refuses, REFUSES, "10.3", claims::long),
    Check::new("claim-other-realm", Refuses, NOT_AUTHORIZED, "3, realm", claims::other_realm),
    Check::new("claim-block-as-text", Refuses, NOT_AUTHORIZED, "8, SECRET_BLOCK signed as text", claims::block_as_text),
    Check::new("block-altered", Refuses, NOT_AUTHORIZED, "10.2 and 10.3", blocks::altered),
    Check::new("block-foreign", Refuses, NOT_AUTHORIZED, "10.2 and 10.3", blocks::foreign),
    Check::new("block-of-unknown", Refuses, NOT_AUTHORIZED, "10.3", blocks::of_unknown),
    Check::new("block-invented", Refuses, NOT_AUTHORIZED, "10.2 and 10.3", blocks::invented),
    Check::new("block-missing", Refuses, REFUSES, "10.3", blocks::missing),
    Check::new("block-huge", Refuses, REFUSES, "9, bounded work", blocks::huge),
    Check::new("timestamp-other", Refuses, NOT_AUTHORIZED, "4, claim", times::other),
    Check::new("timestamp-year-old", Refuses, NOT_AUTHORIZED, "10.3", times::year_old),
    Check::new("timestamp-year-ahead", Refuses, NOT_AUTHORIZED, "10.3", times::year_ahead),
    Check::new("timestamp-hour-old", Information, "a timestamp of an hour ago", "11", times::hour_old),
    Check::new("timestamp-weekday", Refuses, NOT_AUTHORIZED, "6", times::weekday),
    Check::new("timestamp-padded-day", Refuses, NOT_AUTHORIZED, "6", times::padded_day),
    Check::new("timestamp-two-blanks", Refuses, INVALID, "6", times::two_blanks),
    Check::new("timestamp-zone", Refuses, INVALID, "6", times::zone),
    Check::new("timestamp-missing", Refuses, REFUSES, "5, message 3", times::missing),
    Check::new("hash-missing-at-start", Must, NOT_AUTHORIZED, "10.6", hashes::missing_at_start),
    Check::new("hash-wrong-at-start", Must, NOT_AUTHORIZED, "10.6", hashes::wrong_at_start),
    Check::new("hash-other-name-at-start", Must, NOT_AUTHORIZED, "5, message 1", hashes::other_name_at_start),
    Check::new("hash-missing-in-answer", Refuses, NOT_AUTHORIZED, "10.6", hashes::missing_in_answer),
    Check::new("hash-wrong-in-answer", Refuses, NOT_AUTHORIZED, "10.6", hashes::wrong_in_answer),
    Check::new("hash-other-name-in-answer", Refuses, NOT_AUTHORIZED, "5, message 3", hashes::other_name_in_answer),
    Check::new("hash-needless-at-start", Must, REFUSES, "10.6", hashes::needless_at_start),
    Check::new("hash-needless-in-answer", SignsIn, "ignores it", "10.6", hashes::needless_in_answer),
    Check::new("username-long", Must, INVALID, "9, a name of more than 128 characters", bodies::username_long),
    Check::new("client-unknown", Must, "ResourceNotFoundException", "10.7", bodies::client_unknown),
    Check::new("body-half", Must, REFUSES, "10.7", bodies::half),
    Check::new("body-huge", Must, "refuses it or breaks off", "9, bounded work", bodies::huge),
    Check::new("admin-unsigned", Must, REFUSES, "5", bodies::admin_unsigned),
    Check::new("right-at-the-end", SignsIn, SIGNS_IN, "4 and 5", right::at_the_end),
];

/// Judges an answer that must sign in, or ask for a second factor.
fn signs_in(answer: &Answer) -> Finding {
    let signed_in = match answer {
        Answer::Tokens(_) => true,
        Answer::Challenge(challenge) => challenge.name != "PASSWORD_VERIFIER",
        _ => false,
    };
    Finding::holds(signed_in, answer.describe())
}

/// Judges an answer that must be an error of this name.
fn refuses(answer: &Answer, expected: &str) -> Finding {
    match answer {
        Answer::Refused(Refusal { status: 400..=499, name, .. }) => {
            let did = if name.is_empty() { answer.describe() } else { printable(name) };
            Finding::holds(expected == ANY || name == expected, did)
        }
        _ => Finding::fail(answer.describe()),
    }
}

/// Passes if all do. Else the first one that fails, with what was tried.
fn all(findings: impl IntoIterator<Item = (&'static str, Finding)>) -> Finding {
    let mut did: Vec<String> = Vec::new();
    for (tried, finding) in findings {
        if !finding.is_pass() {
            return Finding { did: format!("{tried}: {}", finding.did), ..finding };
        }
        if !did.contains(&finding.did) {
            did.push(finding.did);
        }
    }
    Finding::pass(did.join(", "))
}
