//! The table and the JSON lines.

use std::io::{Write as _, stdout};

use serde::Serialize;

use crate::Result;
use crate::measure::Row;

/// A line of `--json`. The keys have the order of the fields.
#[derive(Serialize)]
struct Line {
    name: String,
    who: &'static str,
    median_ns: f64,
    ratio_to_ours: f64,
}

/// Prints the rows of one name. The table marks those who are not constant time.
pub fn print(rows: &[Row], variable_time: &[&str], json: bool) -> Result<()> {
    // One lock for all lines, and an error instead of a panic if the reader is gone.
    let mut out = stdout().lock();
    if !json && let Some(row) = rows.first() {
        writeln!(out, "{}: {}", row.name, row.name.meaning())?;
    }
    for row in rows {
        if json {
            let line = Line {
                name: row.name.to_string(),
                who: row.who,
                median_ns: rounded(row.median_ns, 10.0),
                ratio_to_ours: rounded(row.ratio_to_ours, 1000.0),
            };
            writeln!(out, "{}", serde_json::to_string(&line)?)?;
        } else {
            let time = duration(row.median_ns);
            let mark = if variable_time.contains(&row.who) { "  not constant time" } else { "" };
            writeln!(out, "  {:<27} {time:>10} {:>8.2}{mark}", row.who, row.ratio_to_ours)?;
        }
    }
    if !json {
        writeln!(out)?;
    }
    Ok(out.flush()?)
}

/// Writes a time with three significant digits and its unit.
pub fn duration(nanoseconds: f64) -> String {
    let (value, unit) = match nanoseconds {
        ns if ns < 1e3 => (ns, "ns"),
        ns if ns < 1e6 => (ns / 1e3, "µs"),
        ns if ns < 1e9 => (ns / 1e6, "ms"),
        ns => (ns / 1e9, "s"),
    };
    let decimals = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    format!("{value:.decimals$} {unit}")
}

fn rounded(value: f64, steps: f64) -> f64 {
    (value * steps).round() / steps
}
