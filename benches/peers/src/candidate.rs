//! Operations to time.

use std::hint::black_box;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::Result;

/// A peer's operation under a name, checked and ready to run.
pub struct Candidate<'a> {
    pub who: &'static str,
    /// Runs the operation this many times and returns the processor time.
    pub sample: Box<dyn FnMut(u64) -> Result<Duration> + 'a>,
}

impl<'a> Candidate<'a> {
    /// Times calls of an operation, one after the other.
    pub fn repeated<T>(who: &'static str, mut operation: impl FnMut() -> T + 'a) -> Self {
        Self::counted(who, move |times| {
            for _ in 0..times {
                black_box(operation());
            }
        })
    }

    /// Times one call of an operation that takes the number of repetitions.
    pub fn counted<T>(who: &'static str, mut operation: impl FnMut(u64) -> T + 'a) -> Self {
        let sample = move |times| {
            let start = processor_time();
            black_box(operation(black_box(times)));
            Ok(processor_time().saturating_sub(start))
        };
        Self { who, sample: Box::new(sample) }
    }

    /// Times calls of an operation that consumes a state. All states are made before the clock starts.
    pub fn prepared<S, T>(
        who: &'static str,
        mut prepare: impl FnMut() -> S + 'a,
        mut operation: impl FnMut(S) -> T + 'a,
    ) -> Self {
        let sample = move |times| {
            let states: Vec<S> = (0..times).map(|_| prepare()).collect();
            let start = processor_time();
            for state in states {
                black_box(operation(state));
            }
            Ok(processor_time().saturating_sub(start))
        };
        Self { who, sample: Box::new(sample) }
    }
}

/// Returns the processor time of this thread so far.
///
/// The timed code computes and never waits, so on an idle machine this equals wall-clock time. On a busy machine it excludes
/// the time of other processes, which would cause most of the difference between two runs.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("the clock begins at 0")
}
