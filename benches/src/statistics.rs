//! What many turns come down to, and many calls.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;
use wasmtime::Result;

/// Where the middle is, and how far from it the turns are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Half of the turns took less.
    pub median: f64,
    /// A tenth of the turns took less.
    pub p10: f64,
    /// A tenth of the turns took more.
    pub p90: f64,
}

impl Spread {
    /// The spread of these values; of none, it is not a number.
    pub fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |tenths| quantile(&sorted, tenths);
        Spread { median: at(5), p10: at(1), p90: at(9) }
    }
}

/// The value in the middle; of no values, it is not a number.
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    quantile(&sorted, 5)
}

/// The value that so many tenths of the others are below.
fn quantile(sorted: &[f64], tenths: usize) -> f64 {
    let last = sorted.len().saturating_sub(1);
    sorted.get((last * tenths + 5) / 10).copied().unwrap_or(f64::NAN)
}

/// The times of single calls, to three digits: millions of them take no more memory than a few.
pub struct Times(Histogram<u64>);

impl Times {
    /// None so far.
    ///
    /// # Errors
    ///
    /// None that can be.
    pub fn new() -> Result<Self> {
        // Up to 100 seconds; what takes longer counts as that.
        Ok(Times(Histogram::new_with_bounds(1, 100_000_000_000, 3)?))
    }

    /// Counts a call.
    #[inline]
    pub fn add(&mut self, time: Duration) {
        self.0.saturating_record(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
    }

    /// Counts the calls of another thread.
    ///
    /// # Errors
    ///
    /// None that can be.
    pub fn merge(&mut self, others: &Times) -> Result<()> {
        Ok(self.0.add(&others.0)?)
    }

    /// How long the slowest took.
    pub fn tail(&self) -> Tail {
        let at = |quantile| self.0.value_at_quantile(quantile);
        Tail { calls: self.0.len(), p50_ns: at(0.5), p99_ns: at(0.99), p999_ns: at(0.999), max_ns: self.0.max() }
    }
}

/// What the times of single calls come down to, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Tail {
    /// How many calls there were.
    pub calls: u64,
    /// Half of them took longer.
    pub p50_ns: u64,
    /// One of a hundred took longer.
    pub p99_ns: u64,
    /// One of a thousand took longer.
    pub p999_ns: u64,
    /// The slowest.
    pub max_ns: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_that_of_all_threads() {
        let (mut one, mut other) = (Times::new().unwrap(), Times::new().unwrap());
        (1..=900).for_each(|_| one.add(Duration::from_nanos(100)));
        (1..=99).for_each(|_| other.add(Duration::from_nanos(1000)));
        other.add(Duration::from_micros(50));
        one.merge(&other).unwrap();
        let Tail { calls, p50_ns, p99_ns, p999_ns, max_ns } = one.tail();
        assert_eq!((calls, p50_ns, p99_ns, p999_ns), (1000, 100, 1000, 1000));
        assert!((50_000..50_100).contains(&max_ns), "{max_ns}");
        one.add(Duration::from_secs(1000));
        assert!(one.tail().max_ns >= 100_000_000_000);
    }

    #[test]
    fn the_order_of_the_turns_does_not_matter() {
        let values: Vec<f64> = [3, 10, 1, 9, 0, 2, 8, 5, 7, 4, 6].map(f64::from).to_vec();
        assert_eq!(Spread::of(&values), Spread { median: 5.0, p10: 1.0, p90: 9.0 });
        assert_eq!(median(values.into_iter()), 5.0);
    }

    #[test]
    fn few_turns_do_and_none_is_not_a_number() {
        assert_eq!(Spread::of(&[2.0]), Spread { median: 2.0, p10: 2.0, p90: 2.0 });
        assert_eq!(Spread::of(&[1.0, 3.0]), Spread { median: 3.0, p10: 1.0, p90: 3.0 });
        assert!(Spread::of(&[]).median.is_nan());
    }
}
