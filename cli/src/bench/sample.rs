//! What was measured of one way of one plugin.

use std::time::Duration;

use hdrhistogram::Histogram;

/// Times of calls: their distribution, and the sums of the turns in which they were made.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    histogram: Histogram<u64>,
    /// Turns with their calls.
    turns: Vec<Turn>,
    min: f64,
    max: f64,
    /// Mean and sum of squared distances from it, as Welford keeps them.
    mean: f64,
    squares: f64,
    calls: u64,
    time: Duration,
}

/// Calls in a row.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Turn {
    pub(crate) calls: u64,
    pub(crate) time: Duration,
}

impl Turn {
    /// Nanoseconds a call; `None` of a turn without any.
    pub(crate) fn mean(&self) -> Option<f64> {
        (self.calls > 0 && !self.time.is_zero()).then(|| self.time.as_nanos() as f64 / self.calls as f64)
    }
}

/// What the times come down to, in nanoseconds a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Statistics {
    pub(crate) min: f64,
    pub(crate) mean: f64,
    pub(crate) stddev: f64,
    pub(crate) p50: f64,
    pub(crate) p90: f64,
    pub(crate) p99: f64,
    pub(crate) p999: f64,
    pub(crate) max: f64,
}

/// The longest time that is told apart.
const LONGEST: u64 = 3_600_000_000_000;

impl Sample {
    /// Nothing so far.
    pub(crate) fn new() -> Self {
        let histogram = Histogram::new_with_bounds(1, LONGEST, 3);
        let histogram = histogram.unwrap_or_else(|_| unreachable!("the bounds are right"));
        let (mean, squares, calls, time) = Default::default();
        Sample { histogram, turns: Vec::new(), min: f64::INFINITY, max: 0.0, mean, squares, calls, time }
    }

    /// A turn begins.
    pub(crate) fn turn(&mut self) {
        self.turns.push(Turn::default());
    }

    /// Calls that were timed together. Their mean counts for each of them.
    pub(crate) fn add(&mut self, calls: u32, time: Duration) {
        let each = time.as_nanos() as f64 / f64::from(calls.max(1));
        self.histogram.saturating_record_n(each.round() as u64, u64::from(calls));
        if let Some(turn) = self.turns.last_mut() {
            turn.calls = turn.calls.saturating_add(u64::from(calls));
            turn.time = turn.time.saturating_add(time);
        }
        self.calls = self.calls.saturating_add(u64::from(calls));
        self.time = self.time.saturating_add(time);
        let distance = each - self.mean;
        self.mean += distance * f64::from(calls) / self.calls.max(1) as f64;
        self.squares += f64::from(calls) * distance * (each - self.mean);
        self.min = self.min.min(each);
        self.max = self.max.max(each);
    }

    /// How many calls there were.
    pub(crate) fn calls(&self) -> u64 {
        self.calls
    }

    /// How long they took, all together.
    pub(crate) fn time(&self) -> Duration {
        self.time
    }

    /// The turns, in their order.
    pub(crate) fn turns(&self) -> &[Turn] {
        &self.turns
    }

    /// How many calls there were in a second.
    pub(crate) fn throughput(&self) -> f64 {
        let seconds = self.time.as_secs_f64();
        if seconds > 0.0 { self.calls as f64 / seconds } else { 0.0 }
    }

    /// What they come down to; `None` of no calls.
    pub(crate) fn statistics(&self) -> Option<Statistics> {
        if self.calls == 0 {
            return None;
        }
        // The histogram knows the bucket, whose edge may lie beyond what was measured.
        let at = |quantile| (self.histogram.value_at_quantile(quantile) as f64).clamp(self.min, self.max);
        Some(Statistics {
            min: self.min,
            mean: self.mean,
            stddev: (self.squares.max(0.0) / self.calls as f64).sqrt(),
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: self.max,
        })
    }

    /// How many calls took how many nanoseconds, in ascending order.
    pub(crate) fn distribution(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.histogram.iter_recorded().map(|step| (step.value_iterated_to(), step.count_since_last_iteration()))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A sample of turns with these means, in nanoseconds, of a thousand calls each.
    pub(in super::super) fn of_turns(means: impl IntoIterator<Item = f64>) -> Sample {
        let mut sample = Sample::new();
        for mean in means {
            sample.turn();
            sample.add(1000, Duration::from_nanos((mean * 1000.0).round() as u64));
        }
        sample
    }

    #[test]
    fn known_times_have_known_statistics() {
        let mut sample = Sample::new();
        sample.turn();
        (1..=1000).rev().for_each(|micros| sample.add(1, Duration::from_micros(micros)));
        let found = sample.statistics().unwrap();
        assert_eq!((found.min, found.max, sample.calls()), (1000.0, 1_000_000.0, 1000));
        assert!((found.mean - 500_500.0).abs() < 1e-3, "{found:?}");
        // The deviation of 1..=n is the root of (n² - 1) / 12.
        assert!((found.stddev - (999_999.0_f64 / 12.0).sqrt() * 1000.0).abs() < 1e-3, "{found:?}");
        for (found, expected) in
            [(found.p50, 500_000.0), (found.p90, 900_000.0), (found.p99, 990_000.0), (found.p999, 999_000.0)]
        {
            assert!((found - expected).abs() <= expected / 1000.0, "{found} is not {expected}");
        }
        assert_eq!(sample.time(), Duration::from_micros(500_500));
        assert!((sample.throughput() - 1000.0 / 0.5005).abs() < 1e-6);
        assert_eq!(sample.distribution().map(|(_, count)| count).sum::<u64>(), 1000);
    }

    #[test]
    fn calls_that_are_timed_together_have_one_time() {
        let mut sample = Sample::new();
        sample.turn();
        sample.add(10, Duration::from_nanos(1000));
        sample.turn();
        sample.add(30, Duration::from_nanos(6000));
        let found = sample.statistics().unwrap();
        assert_eq!((found.min, found.max, found.mean, found.p50), (100.0, 200.0, 175.0, 200.0));
        assert!((found.stddev - 1875.0_f64.sqrt()).abs() < 1e-9, "{found:?}");
        assert_eq!(sample.turns().iter().filter_map(Turn::mean).collect::<Vec<_>>(), [100.0, 200.0]);
        assert_eq!(sample.calls(), 40);
    }

    #[test]
    fn no_percentile_is_beyond_what_was_measured() {
        // All between two edges of the histogram's buckets.
        for nanos in [41_502, 100_287_873, 200_575_746, 12_284_505] {
            let mut sample = Sample::new();
            sample.turn();
            (0..3).for_each(|_| sample.add(1, Duration::from_nanos(nanos)));
            let found = sample.statistics().unwrap();
            let order = [found.min, found.p50, found.p90, found.p99, found.p999, found.max];
            assert!(order.is_sorted(), "{found:?}");
        }
    }

    #[test]
    fn of_nothing_there_are_no_statistics() {
        let sample = Sample::new();
        assert_eq!((sample.statistics(), sample.throughput()), (None, 0.0));
        assert_eq!(Turn::default().mean(), None);
    }
}
