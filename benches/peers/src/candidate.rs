//! What can be timed.

use std::hint::black_box;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::Result;

/// Somebody's way to do what a name stands for, checked and ready to run.
pub struct Candidate<'a> {
    pub who: &'static str,
    /// Does it that many times and returns how much processor time that took.
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

    /// Times one call of an operation that repeats itself as often as it is told.
    pub fn counted<T>(who: &'static str, mut operation: impl FnMut(u64) -> T + 'a) -> Self {
        let sample = move |times| {
            let start = processor_time();
            black_box(operation(black_box(times)));
            Ok(processor_time().saturating_sub(start))
        };
        Self { who, sample: Box::new(sample) }
    }

    /// Times calls of an operation that consumes a state. The states are all made before the clock starts.
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

/// Returns the time that this thread has spent on a processor so far.
///
/// All that is timed here computes and waits for nothing, so on an idle machine this is the time on the wall. On a busy
/// one it leaves out the turns of others, which would otherwise be most of what differs between two runs.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("the clock begins at 0")
}
