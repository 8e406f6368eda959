//! How long the calls of a loop took.

use std::collections::VecDeque;
use std::time::Duration;

use hdrhistogram::Histogram;

use crate::bench::{Bucket, spread};

/// What a loop has come to.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Statistics {
    pub(super) calls: u64,
    pub(super) errors: u64,
    pub(super) elapsed: Duration,
    pub(super) min: Duration,
    pub(super) mean: Duration,
    pub(super) p50: Duration,
    pub(super) p90: Duration,
    pub(super) p99: Duration,
    pub(super) p999: Duration,
    pub(super) max: Duration,
    /// The mean of each slice of time, the latest last.
    pub(super) trend: Vec<Duration>,
    /// How many calls took how long, as `hookr bench` has it.
    pub(super) buckets: Vec<Bucket>,
    /// The last error, as `hookr call` prints it.
    pub(super) last_error: Option<String>,
}

impl Statistics {
    /// Calls a second.
    pub(super) fn rate(&self) -> f64 {
        let seconds = self.elapsed.as_secs_f64();
        if seconds > 0.0 { self.calls as f64 / seconds } else { 0.0 }
    }
}

/// In nanoseconds.
const HOUR: u64 = 3_600_000_000_000;

/// How many slices of time are kept.
const SLICES: usize = 240;

/// How long a slice is.
const SLICE: Duration = Duration::from_millis(100);

/// What makes statistics of calls. It takes the same memory however many there are.
pub(super) struct Recorder {
    times: Histogram<u64>,
    errors: u64,
    last_error: Option<String>,
    trend: VecDeque<Duration>,
    /// The slice that is not over yet: when it began, the sum, and how many.
    slice: (Duration, u128, u32),
}

impl Recorder {
    pub(super) fn new() -> Self {
        // Three digits of times up to an hour: some 300 KiB. What takes longer counts as an hour.
        let times =
            Histogram::new_with_bounds(1, HOUR, 3).expect("the bounds are in order, and the digits at most five");
        Recorder { times, errors: 0, last_error: None, trend: VecDeque::new(), slice: Default::default() }
    }

    /// A call that ended so long after the loop began.
    pub(super) fn add(&mut self, at: Duration, took: Duration, error: Option<impl FnOnce() -> String>) {
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX).max(1);
        self.times.saturating_record(nanos);
        if let Some(error) = error {
            self.errors += 1;
            self.last_error = Some(error());
        }
        let (began, sum, count) = &mut self.slice;
        (*sum, *count) = (*sum + took.as_nanos(), *count + 1);
        if at.saturating_sub(*began) >= SLICE {
            let mean = *sum / u128::from(*count);
            self.trend.push_back(Duration::from_nanos(u64::try_from(mean).unwrap_or(u64::MAX)));
            if self.trend.len() > SLICES {
                self.trend.pop_front();
            }
            self.slice = (at, 0, 0);
        }
    }

    pub(super) fn statistics(&self, elapsed: Duration) -> Statistics {
        let times = &self.times;
        let at = |quantile| Duration::from_nanos(times.value_at_quantile(quantile));
        Statistics {
            calls: times.len(),
            errors: self.errors,
            elapsed,
            min: Duration::from_nanos(if times.is_empty() { 0 } else { times.min() }),
            mean: Duration::from_nanos(times.mean() as u64),
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: Duration::from_nanos(times.max()),
            trend: self.trend.iter().copied().collect(),
            buckets: self.buckets(),
            last_error: self.last_error.clone(),
        }
    }

    fn buckets(&self) -> Vec<Bucket> {
        let times = &self.times;
        if times.is_empty() {
            return Vec::new();
        }
        let distribution =
            times.iter_recorded().map(|step| (step.value_iterated_to(), step.count_since_last_iteration()));
        spread(times.min() as f64, times.value_at_quantile(0.999) as f64, times.max() as f64, distribution)
    }
}

/// A time with three digits.
pub(super) fn shown(time: Duration, unicode: bool) -> String {
    let nanos = time.as_nanos();
    let micro = if unicode { "µs" } else { "us" };
    let (value, unit) = match nanos {
        0..1_000 => return format!("{nanos} ns"),
        1_000..1_000_000 => (nanos as f64 / 1e3, micro),
        1_000_000..1_000_000_000 => (nanos as f64 / 1e6, "ms"),
        _ => (nanos as f64 / 1e9, "s"),
    };
    match value {
        ..9.995 => format!("{value:.2} {unit}"),
        ..99.95 => format!("{value:.1} {unit}"),
        _ => format!("{value:.0} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_ERROR: Option<fn() -> String> = None;

    #[test]
    fn what_was_recorded_is_counted() {
        let mut recorder = Recorder::new();
        for i in 1..=1000_u64 {
            recorder.add(Duration::from_millis(i), Duration::from_micros(i), NO_ERROR);
        }
        recorder.add(Duration::from_millis(1001), Duration::from_micros(1), Some(|| "no".to_owned()));
        let found = recorder.statistics(Duration::from_secs(2));
        assert_eq!((found.calls, found.errors, found.last_error.as_deref()), (1001, 1, Some("no")));
        assert!((found.rate() - 500.5).abs() < 1e-9);
        let near = |found: Duration, micros: u64| {
            let (found, wanted) = (found.as_nanos() as f64, micros as f64 * 1e3);
            assert!((found - wanted).abs() / wanted < 0.01, "{found} {wanted}");
        };
        near(found.min, 1);
        near(found.p50, 500);
        near(found.p90, 900);
        near(found.p99, 990);
        near(found.max, 1000);
        near(found.mean, 500);
        assert_eq!(found.buckets.iter().map(|bucket| bucket.calls).sum::<u64>(), 1001);
        assert_eq!(found.trend.len(), 10);
    }

    #[test]
    fn calls_that_all_take_the_same_are_counted_once() {
        let mut recorder = Recorder::new();
        for nanos in [0, 1, u64::MAX] {
            recorder.add(Duration::ZERO, Duration::from_nanos(nanos), NO_ERROR);
        }
        let found = recorder.statistics(Duration::ZERO);
        assert_eq!(found.buckets.iter().map(|bucket| bucket.calls).sum::<u64>(), 3);
        assert_eq!(found.rate(), 0.0);
        assert_eq!(Recorder::new().statistics(Duration::ZERO), Statistics::default());
    }

    #[test]
    fn times_have_three_digits() {
        for (nanos, expected) in [
            (0, "0 ns"),
            (999, "999 ns"),
            (1_234, "1.23 us"),
            (12_345, "12.3 us"),
            (123_456, "123 us"),
            (9_996_000, "10.0 ms"),
            (2_500_000_000, "2.50 s"),
        ] {
            assert_eq!(shown(Duration::from_nanos(nanos), false), expected);
        }
    }
}
