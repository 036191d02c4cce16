//! Checks and their findings.

use std::fmt;

use crate::bench::Bench;

/// One question to the server.
pub struct Check {
    pub name: &'static str,
    pub kind: Kind,
    /// A right server does this.
    expected: &'static str,
    /// The section of `vectors/SPECIFICATION.md` to read.
    pub read: &'static str,
    run: fn(&Bench<'_>) -> Outcome,
}

/// How a finding is judged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The server must do what is expected.
    Must,
    /// The server must sign the user in, as it does in `right`.
    SignsIn,
    /// The server must refuse an answer that would be right but for one thing.
    Refuses,
    /// Nobody knows what the service does.
    Information,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Pass,
    Fail,
    Information,
    Skipped,
}

/// The server's act, and the verdict on it.
#[derive(Clone, Debug)]
pub struct Finding {
    pub did: String,
    pub verdict: Verdict,
}

/// A check ends early with a finding, too.
pub type Outcome = Result<Finding, Finding>;

impl Check {
    pub const fn new(
        name: &'static str,
        kind: Kind,
        expected: &'static str,
        read: &'static str,
        run: fn(&Bench<'_>) -> Outcome,
    ) -> Self {
        Self { name, kind, expected, read, run }
    }

    pub fn expected(&self) -> String {
        match self.kind {
            Kind::Information => format!("not known; {}", self.expected),
            _ => self.expected.to_owned(),
        }
    }

    /// Whether the finding means something only beside that of `right`.
    pub(crate) const fn rests_on_right(&self) -> bool {
        matches!(self.kind, Kind::SignsIn | Kind::Refuses)
    }

    /// Runs the check.
    ///
    /// A server that refuses the right answer, too, has not shown why it refuses another.
    pub(crate) fn judge(&self, bench: &Bench<'_>) -> Finding {
        let found = (self.run)(bench).unwrap_or_else(|early| early);
        match (self.kind, found.verdict) {
            (Kind::Information, Verdict::Pass | Verdict::Fail) => found.with(Verdict::Information),
            (Kind::SignsIn, Verdict::Fail) | (Kind::Refuses, Verdict::Pass) if bench.refuses_right() => {
                Finding::skipped(format!("{}, as in `right`", found.did))
            }
            _ => found,
        }
    }
}

impl Finding {
    pub fn pass(did: impl Into<String>) -> Self {
        Self { did: did.into(), verdict: Verdict::Pass }
    }

    pub fn fail(did: impl Into<String>) -> Self {
        Self { did: did.into(), verdict: Verdict::Fail }
    }

    pub fn skipped(did: impl Into<String>) -> Self {
        Self { did: did.into(), verdict: Verdict::Skipped }
    }

    /// Passes if a condition holds.
    pub fn holds(condition: bool, did: impl Into<String>) -> Self {
        if condition { Self::pass(did) } else { Self::fail(did) }
    }

    pub fn is_pass(&self) -> bool {
        self.verdict == Verdict::Pass
    }

    /// Says it in other words if it passes.
    #[must_use]
    pub fn with_did_if_passed(self, did: &str) -> Self {
        if self.is_pass() { Self::pass(did) } else { self }
    }

    #[must_use]
    pub fn with(self, verdict: Verdict) -> Self {
        Self { verdict, ..self }
    }
}

impl Verdict {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "FAIL",
            Self::Information => "info",
            Self::Skipped => "skipped",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
