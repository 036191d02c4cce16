//! The test of the program: before a right server all checks pass, and each broken rule makes exactly the named ones fail.

mod server;

use std::collections::BTreeSet;
use std::time::Duration;

use aws_credential_types::Credentials;
use cognito_srp6a::{AppClient, ClientSecret, Timestamp};
use conformance::{Kind, Options, Report, Verdict, run};

use server::{ALIAS, CLIENT, Fault, NAME, OTHER, PASSWORD, POOL, Rules, SECRET};

/// The checks that fail before a server with one broken rule.
type Broken = (Fault, &'static [&'static str]);

const BROKEN: &[Broken] = &[
    (Fault::NoChallenge, &["challenge-form"]),
    (Fault::SmallB, &["challenge-form", "right"]),
    (Fault::OtherRealm, &["right", "claim-other-realm"]),
    (Fault::SameBlock, &["challenge-fresh", "block-foreign", "block-of-unknown"]),
    (Fault::BlockIsNoBase64, &["challenge-form", "right"]),
    (Fault::NoSignByteOfA, &["sign-byte-a"]),
    (Fault::NoSignByteOfB, &["sign-byte-b"]),
    (Fault::NoSignByteOfU, &["sign-byte-u"]),
    (Fault::NoSignByteOfS, &["sign-byte-s"]),
    (Fault::NoSignByte, &["sign-byte-a", "sign-byte-b", "sign-byte-u", "sign-byte-s"]),
    (Fault::FixedWidthOfAAndB, &["short-a", "short-b"]),
    (Fault::FixedWidthOfS, &["short-s"]),
    (Fault::ZerosOfUKept, &["short-u"]),
    // 2N has an odd number of digits, too, and what is left of it is not 0.
    (Fault::OddDigitLost, &["odd-digits-a", "a-2n"]),
    (Fault::LeadingZerosRefused, &["leading-zeros-a"]),
    (Fault::LowerCaseOnly, &["upper-case-a"]),
    (Fault::AliasInX, &["alias"]),
    (Fault::OtherFlowsRefused, &["user-auth", "select-challenge", "custom-auth"]),
    (Fault::UnknownRevealed, &["unknown-user", "unknown-user-stable", "unknown-user-form", "for-unknown"]),
    (Fault::UnknownInOtherWords, &["unknown-user"]),
    (Fault::UnknownSaltAnew, &["unknown-user-stable"]),
    (Fault::UnknownSaltShort, &["unknown-user-form"]),
    (Fault::OthersBlockTaken, &["for-unknown", "for-another"]),
    (Fault::ZeroTaken, &["a-zero", "a-n", "a-2n"]),
    (Fault::SignedHexTaken, &["a-minus-n", "a-not-hex"]),
    (Fault::HugeATaken, &["a-huge"]),
    (
        Fault::AnyClaim,
        &[
            "wrong-password",
            "unknown-user",
            "claim-random",
            "claim-empty",
            "claim-short",
            "claim-long",
            "claim-other-realm",
            "claim-block-as-text",
            "block-foreign",
            "timestamp-other",
        ],
    ),
    (Fault::PrefixOfClaim, &["claim-empty", "claim-short", "claim-long"]),
    (Fault::MissingIsRight, &["claim-missing", "block-missing", "timestamp-missing"]),
    (Fault::BlockFoundByItsHead, &["block-altered"]),
    (Fault::LatestChallenge, &["block-altered", "block-foreign", "block-of-unknown", "block-invented"]),
    (Fault::CrashOnHugeBlock, &["block-huge"]),
    (Fault::StaleTaken, &["timestamp-year-old", "timestamp-year-ahead"]),
    (Fault::AnyTimestamp, &["timestamp-weekday", "timestamp-padded-day", "timestamp-two-blanks", "timestamp-zone"]),
    (Fault::OneErrorForTimestamps, &["timestamp-two-blanks", "timestamp-zone"]),
    (Fault::OwnTimeSigned, &["timestamp-other"]),
    (Fault::NeedlessHashTaken, &["hash-needless-at-start"]),
    (Fault::NeedlessHashRefused, &["hash-needless-in-answer"]),
    (Fault::LongNamesTaken, &["username-long"]),
    (Fault::AnyClient, &["client-unknown"]),
    (Fault::CrashOnHalf, &["body-half"]),
    (Fault::HugeBodyTaken, &["body-huge"]),
    (Fault::HugeBodyLocks, &["right-at-the-end"]),
    (Fault::UnsignedTaken, &["admin-unsigned"]),
    (Fault::AnswersTwice, &["second-answer"]),
];

/// The same before an app client with a secret.
const BROKEN_WITH_SECRET: &[Broken] = &[
    (Fault::NoHashAtStart, &["hash-missing-at-start", "hash-wrong-at-start", "hash-other-name-at-start"]),
    (Fault::NoHashInAnswer, &["hash-missing-in-answer", "hash-wrong-in-answer", "hash-other-name-in-answer"]),
    (Fault::HashOfAliasTaken, &["hash-other-name-in-answer"]),
];

/// Runs all checks against a server with a fault.
fn report(fault: Fault, has_secret: bool, single_use: bool) -> Report {
    report_of(&[], fault, has_secret, single_use)
}

/// Runs some checks.
fn report_of(only: &[&str], fault: Fault, has_secret: bool, single_use: bool) -> Report {
    let address = server::start(Rules { fault, has_secret, single_use });
    let app = AppClient::new(POOL.parse().unwrap(), CLIENT).unwrap();
    let secret = || ClientSecret::new(SECRET).unwrap();
    let options = Options {
        endpoint: format!("http://{address}/"),
        app: if has_secret { app.with_secret(secret()) } else { app },
        client_secret: has_secret.then(|| SECRET.to_owned()),
        username: NAME.parse().unwrap(),
        password: PASSWORD.to_owned(),
        alias: Some(ALIAS.parse().unwrap()),
        other_username: Some(OTHER.parse().unwrap()),
        admin: true,
        credentials: Some(Credentials::from_keys("id", "secret", None)),
        single_use,
        only: only.iter().copied().map(str::to_owned).collect(),
        timeout: Duration::from_secs(60),
        wait: Duration::from_secs(60),
        // The same numbers each time, so that the server looks for rare ones once.
        seed: Some(7),
        json: false,
    };
    run(&options, |_| ()).unwrap()
}

fn names(report: &Report, verdict: Verdict) -> BTreeSet<&str> {
    report.lines.iter().filter(|line| line.finding.verdict == verdict).map(|line| line.check.name).collect()
}

#[track_caller]
fn assert_fails(broken: &[Broken], has_secret: bool) {
    for (fault, expected) in broken {
        let single_use = *fault == Fault::AnswersTwice;
        let report = report(*fault, has_secret, single_use);
        let expected = expected.iter().copied().filter(|name| can_fail_today(name)).collect();
        assert_eq!(names(&report, Verdict::Fail), expected, "{fault:?}\n{report}");
    }
}

/// A padded day is another text only in the first nine days of a month.
fn can_fail_today(check: &str) -> bool {
    let now = Timestamp::now().unwrap().to_string();
    check != "timestamp-padded-day" || now.split(' ').nth(2).unwrap().len() == 1
}

#[test]
fn a_right_server_passes() {
    for (has_secret, single_use) in [(false, false), (true, true)] {
        let report = report(Fault::None, has_secret, single_use);
        assert_eq!(report.failures(), 0, "{report}");
        // Only what is about the other kind of app client is skipped.
        let skipped = names(&report, Verdict::Skipped);
        assert!(skipped.iter().all(|name| name.starts_with("hash-") || !can_fail_today(name)), "{report}");
    }
}

#[test]
fn each_broken_rule_fails_exactly_its_checks() {
    let (one, other) = BROKEN.split_at(BROKEN.len() / 2);
    std::thread::scope(|scope| {
        scope.spawn(|| assert_fails(one, false));
        scope.spawn(|| assert_fails(other, false));
    });
}

#[test]
fn each_broken_rule_about_the_secret_fails_exactly_its_checks() {
    assert_fails(BROKEN_WITH_SECRET, true);
}

#[test]
fn every_check_is_failed_by_a_broken_rule() {
    let failed: BTreeSet<_> =
        BROKEN.iter().chain(BROKEN_WITH_SECRET).flat_map(|(_, names)| names.iter().copied()).collect();
    let report = report(Fault::None, false, false);
    let judged = report.lines.iter().filter(|line| line.check.kind != Kind::Information);
    let judged: BTreeSet<_> = judged.map(|line| line.check.name).collect();
    assert_eq!(failed, judged);
}

/// Where it matters most the program says what an attacker gets.
#[test]
fn the_worst_is_said() {
    for (fault, checks, said) in [
        (Fault::ZeroTaken, ["a-zero", "a-n", "a-2n"], "WITHOUT THE PASSWORD"),
        (Fault::OthersBlockTaken, ["for-unknown", "for-another", "for-another"], "AS THE OTHER USER"),
    ] {
        let report = report(fault, false, false);
        for check in checks {
            let line = report.lines.iter().find(|line| line.check.name == check).unwrap();
            assert!(line.finding.did.contains(said), "{report}");
        }
    }
}

/// A server that refuses whatever comes does not pass by that.
#[test]
fn refusals_count_only_where_the_right_answer_signs_in() {
    let report = report(Fault::OtherRealm, false, false);
    let skipped = names(&report, Verdict::Skipped);
    for name in ["wrong-password", "claim-random", "block-altered", "timestamp-year-old", "short-a"] {
        assert!(skipped.contains(name), "{name}\n{report}");
    }
}

/// The same where `right` is not among the chosen checks. Before a right server it is no line of the report.
#[test]
fn refusals_count_only_where_the_right_answer_signs_in_though_nobody_asks_for_it() {
    let chosen = ["wrong-password", "claim-random"];
    let refused = report_of(&chosen, Fault::OtherRealm, false, false);
    assert_eq!(names(&refused, Verdict::Skipped), BTreeSet::from(chosen), "{refused}");
    assert_eq!(names(&refused, Verdict::Fail), BTreeSet::from(["right"]), "{refused}");
    let signed_in = report_of(&chosen, Fault::None, false, false);
    assert_eq!((signed_in.lines.len(), signed_in.count(Verdict::Pass)), (2, 2), "{signed_in}");
}

/// The exit code, and the seed that repeats the run.
#[test]
fn the_program_ends_with_1_and_says_its_seed() {
    let rules = Rules { fault: Fault::OtherRealm, has_secret: false, single_use: false };
    let endpoint = format!("http://{}/", server::start(rules));
    let program = |more: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cognito-conformance"));
        command.args(["--endpoint", &endpoint, "--pool-id", POOL, "--client-id", CLIENT, "--username", NAME]);
        command.args(["--password", PASSWORD, "--only", "claim-random,wrong-password"]).args(more);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let table = program(&[]);
    let seed = table.lines().find_map(|line| line.strip_prefix("repeat with --seed ")).expect(&table);
    let lines = program(&["--json", "--seed", seed]);
    assert_eq!(lines.lines().count(), 3, "{lines}");
    for line in lines.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["seed"].to_string(), seed, "{lines}");
    }
}
