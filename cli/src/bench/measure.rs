//! Subjects take turns, over and over, until the time is over or all calls are made.

use std::io::Write as _;
use std::time::{Duration, Instant};

use super::clock::Clock;
use super::sample::Sample;
use super::subject::Subject;
use crate::failure::Result;
use crate::interrupt::Interrupt;
use crate::terminal::shows_progress;

/// How much is measured of each subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Budget {
    /// So long.
    Time(Duration),
    /// So many calls.
    Calls(u64),
}

/// What was measured of a subject.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) sample: Sample,
    /// How many calls were timed at once.
    pub(crate) batch: u32,
    /// Linear memory of the plugin before and after, in bytes.
    pub(crate) memory: (u64, u64),
}

/// How the calls of a subject are cut into turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pace {
    /// How many calls a turn has.
    calls: u64,
    /// How many calls are timed at once.
    batch: u32,
}

impl Pace {
    /// For calls that take this long.
    fn new(budget: Budget, call: Duration, clock: &Clock) -> Self {
        /// A turn is short, so that most are over before the system lets another program run.
        const SHORT: Duration = Duration::from_millis(1);
        const LONG: Duration = Duration::from_millis(10);
        /// This many turns are enough to compare, and as many as are wanted if calls are few.
        const TURNS: (u64, u64) = (40, 500);
        let in_turn =
            |time: Duration| u64::try_from(time.as_nanos() / call.as_nanos().max(1)).unwrap_or(u64::MAX).max(1);
        let calls = match budget {
            Budget::Time(time) => in_turn((time / 500).clamp(SHORT, LONG)),
            Budget::Calls(calls) => in_turn(SHORT).min(calls / TURNS.0).max(calls.div_ceil(TURNS.1)).max(1),
        };
        Pace { calls, batch: clock.batch(call) }
    }
}

/// Warms the subjects up, and measures them. When somebody interrupts it, what was measured is returned.
///
/// # Errors
///
/// The first call that fails.
pub(crate) fn measure(
    subjects: &[&Subject<'_>],
    warm_up: Duration,
    budget: Budget,
    clock: &Clock,
    interrupt: &Interrupt,
) -> Result<Vec<Measured>> {
    let mut progress = Progress::new();
    let mut paces = Vec::new();
    for subject in subjects {
        progress.show(|| format!("warming up: {}", subject.name()));
        let call = subject.warm_up(warm_up, interrupt)?;
        paces.push(Pace::new(budget, call, clock));
    }
    let mut samples: Vec<Sample> = subjects.iter().map(|_| Sample::new()).collect();
    let before: Vec<u64> = subjects.iter().map(|subject| subject.memory()).collect();
    let order: Vec<usize> = (0..subjects.len()).collect();
    let start = Instant::now();
    // Reversed every other block, so that none is always the first.
    let mut is_reversed = false;
    while !interrupt.has_come() && is_unfinished(budget, start, &samples) {
        progress.show(|| share(budget, start, &samples));
        let forth: Vec<usize> = if is_reversed { order.iter().rev().copied().collect() } else { order.clone() };
        for at in forth.iter().chain(forth.iter().rev()) {
            let (Some(subject), Some(pace), Some(sample)) = (subjects.get(*at), paces.get(*at), samples.get_mut(*at))
            else {
                continue;
            };
            let calls = match budget {
                Budget::Calls(all) => pace.calls.min(all.saturating_sub(sample.calls())),
                Budget::Time(_) => pace.calls,
            };
            subject.turn(calls, pace.batch, clock, sample, interrupt)?;
        }
        is_reversed = !is_reversed;
    }
    progress.clear();
    let rows = samples.into_iter().zip(&paces).zip(subjects.iter().zip(before));
    Ok(rows
        .map(|((sample, pace), (subject, before))| Measured {
            sample,
            batch: pace.batch,
            memory: (before, subject.memory()),
        })
        .collect())
}

fn is_unfinished(budget: Budget, start: Instant, samples: &[Sample]) -> bool {
    match budget {
        Budget::Time(time) => start.elapsed() < time.saturating_mul(u32::try_from(samples.len()).unwrap_or(u32::MAX)),
        Budget::Calls(all) => samples.iter().any(|sample| sample.calls() < all),
    }
}

fn share(budget: Budget, start: Instant, samples: &[Sample]) -> String {
    let done = match budget {
        Budget::Time(time) => start.elapsed().as_secs_f64() / (time.as_secs_f64() * samples.len().max(1) as f64),
        Budget::Calls(all) => {
            let calls: u64 = samples.iter().map(Sample::calls).sum();
            calls as f64 / (all as f64 * samples.len().max(1) as f64)
        }
    };
    format!("measuring: {:.0} %, Ctrl-C ends it early", done.min(1.0) * 100.0)
}

/// One line on stderr that is written over again and again, by this thread alone: another one would be in the way of what is
/// measured.
struct Progress {
    last: Option<Instant>,
    written: bool,
}

impl Progress {
    fn new() -> Self {
        Progress { last: None, written: false }
    }

    fn show(&mut self, line: impl FnOnce() -> String) {
        const PAUSE: Duration = Duration::from_millis(200);
        if !shows_progress() || self.last.is_some_and(|last| last.elapsed() < PAUSE) {
            return;
        }
        // A terminal that is gone is no reason to stop.
        let _ = write!(std::io::stderr(), "\r\x1b[K{}", line());
        (self.last, self.written) = (Some(Instant::now()), true);
    }

    fn clear(&mut self) {
        if std::mem::take(&mut self.written) {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_short_and_many() {
        let clock = Clock { overhead: Duration::from_nanos(20), resolution: Duration::from_nanos(1) };
        let pace = |budget, nanos| Pace::new(budget, Duration::from_nanos(nanos), &clock);
        let seconds = |seconds| Budget::Time(Duration::from_secs(seconds));
        assert_eq!(pace(seconds(5), 1000), Pace { calls: 10_000, batch: 1 });
        assert_eq!(pace(seconds(5), 100), Pace { calls: 100_000, batch: 4 });
        assert_eq!(pace(seconds(5), 1_000_000_000).calls, 1);
        assert_eq!(pace(Budget::Calls(1), 1000).calls, 1);
        assert_eq!(pace(Budget::Calls(1000), 1000).calls, 25, "enough turns to compare");
        assert_eq!(pace(Budget::Calls(1_000_000), 1000).calls, 2000, "no more turns than are needed");
        assert_eq!(pace(Budget::Calls(1000), 1_000_000_000).calls, 2);
    }
}
