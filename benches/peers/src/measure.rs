//! Interleaved timing.

use std::time::Duration;

use crate::Result;
use crate::candidate::Candidate;
use crate::name::Name;
use crate::progress::Progress;

/// A sample takes at least this much processor time, or one operation.
const SAMPLE: Duration = Duration::from_millis(2);

/// A result.
pub struct Row {
    pub name: Name,
    pub who: &'static str,
    pub median_ns: f64,
    pub ratio_to_ours: f64,
}

/// Times all candidates in turn, round by round, and returns the median of each.
///
/// A long disturbance of the machine affects all candidates, and a short one affects single samples, which do not move a
/// median. The first candidate is ours.
pub fn interleaved(
    name: Name,
    mut candidates: Vec<Candidate<'_>>,
    rounds: usize,
    progress: &Progress,
) -> Result<Vec<Row>> {
    let mut counts = Vec::with_capacity(candidates.len());
    for candidate in &mut candidates {
        progress.show(name, candidate.who);
        counts.push(calibrate(candidate)?);
    }

    let mut samples = vec![Vec::with_capacity(rounds); candidates.len()];
    for _ in 0..rounds {
        for ((candidate, &count), samples) in candidates.iter_mut().zip(&counts).zip(&mut samples) {
            progress.show(name, candidate.who);
            samples.push((candidate.sample)(count)?.as_nanos() as f64 / count as f64);
        }
    }

    let medians: Vec<f64> = samples.into_iter().map(median).collect();
    let rows = candidates.iter().zip(&medians).map(|(candidate, &median_ns)| Row {
        name,
        who: candidate.who,
        median_ns,
        ratio_to_ours: median_ns / medians[0],
    });
    Ok(rows.collect())
}

/// Returns the number of operations in a sample. This also warms the code, the caches and the compilers.
fn calibrate(candidate: &mut Candidate<'_>) -> Result<u64> {
    // The first run includes lazy constants and cold code.
    (candidate.sample)(1)?;
    let mut count = 1;
    loop {
        let elapsed = (candidate.sample)(count)?;
        if elapsed >= SAMPLE {
            return Ok(count);
        }
        // Add a tenth, so that the next attempt is likely the last. Never grow more than a hundredfold, because the time of
        // a single short operation is not reliable.
        let factor = 1.1 * SAMPLE.as_secs_f64() / elapsed.as_secs_f64().max(1e-9);
        count = (count as f64 * factor.clamp(1.1, 100.0)).ceil() as u64;
    }
}

/// Returns the middle value, or the mean of the two.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len().is_multiple_of(2) { f64::midpoint(values[middle - 1], values[middle]) } else { values[middle] }
}
