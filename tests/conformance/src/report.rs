//! The table.

use std::fmt;

use serde_json::{Value, json};

use crate::check::{Check, Finding, Verdict};

/// A check and what it found.
pub struct Line {
    pub check: &'static Check,
    pub finding: Finding,
    /// The seed of the run.
    pub seed: u64,
}

pub struct Report {
    /// The seed of the program's own numbers.
    pub seed: u64,
    pub lines: Vec<Line>,
}

impl Line {
    pub fn to_json(&self) -> Value {
        json!({
            "check": self.check.name,
            "expected": self.check.expected(),
            "did": self.finding.did,
            "verdict": self.finding.verdict.name().to_lowercase(),
            "read": self.check.read,
            "seed": self.seed,
        })
    }

    fn failed(&self) -> bool {
        self.finding.verdict == Verdict::Fail
    }
}

impl Report {
    pub fn failures(&self) -> usize {
        self.count(Verdict::Fail)
    }

    pub fn count(&self, verdict: Verdict) -> usize {
        self.lines.iter().filter(|line| line.finding.verdict == verdict).count()
    }
}

/// Prints the table in Markdown, and for each failure what to read.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["check", "expected", "the server", "verdict"].map(str::to_owned);
        let rows = self.lines.iter().map(|line| {
            let Line { check, finding, .. } = line;
            [check.name.to_owned(), check.expected(), finding.did.clone(), finding.verdict.to_string()]
        });
        let rows: Vec<_> = [head].into_iter().chain(rows).collect();
        let widths =
            [0, 1, 2, 3].map(|column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0));
        for (index, row) in rows.iter().enumerate() {
            for (cell, width) in row.iter().zip(widths) {
                write!(f, "| {cell:width$} ")?;
            }
            writeln!(f, "|")?;
            if index == 0 {
                widths.iter().try_for_each(|width| write!(f, "|{}", "-".repeat(width + 2)))?;
                writeln!(f, "|")?;
            }
        }
        writeln!(f)?;
        for line in self.lines.iter().filter(|line| line.failed()) {
            writeln!(f, "{}: read vectors/SPECIFICATION.md, section {}", line.check.name, line.check.read)?;
        }
        let [passed, failed, known, skipped] =
            [Verdict::Pass, Verdict::Fail, Verdict::Information, Verdict::Skipped].map(|verdict| self.count(verdict));
        writeln!(f, "{passed} passed, {failed} failed, {known} for information, {skipped} skipped")?;
        writeln!(f, "repeat with --seed {}", self.seed)
    }
}
