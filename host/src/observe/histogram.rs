use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::stats::Timings;
use crate::engine::nanos;

/// How many times were how long: a bucket for each power of two of nanoseconds.
pub(super) struct Histogram {
    total: AtomicU64,
    max: AtomicU64,
    buckets: [AtomicU64; BUCKETS],
}

/// Of the last, 63 bits, nothing is longer.
const BUCKETS: usize = 64;

impl Default for Histogram {
    fn default() -> Self {
        Histogram { total: AtomicU64::new(0), max: AtomicU64::new(0), buckets: [const { AtomicU64::new(0) }; BUCKETS] }
    }
}

impl Histogram {
    pub(super) fn add(&self, time: Duration) {
        let nanos = nanos(time);
        self.total.fetch_add(nanos, Ordering::Relaxed);
        self.max.fetch_max(nanos, Ordering::Relaxed);
        if let Some(bucket) = self.buckets.get(bucket_of(nanos)) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn timings(&self) -> Timings {
        let counts: Vec<u64> = self.buckets.iter().map(|bucket| bucket.load(Ordering::Relaxed)).collect();
        let max = self.max.load(Ordering::Relaxed);
        let calls = counts.iter().sum();
        let quantile = |percent: u64| {
            // The place of the one that so many are not longer than.
            let place = (u128::from(calls) * u128::from(percent)).div_ceil(100);
            let mut seen = 0;
            let found = counts.iter().position(|count| {
                seen += u128::from(*count);
                seen >= place
            });
            Duration::from_nanos(found.map_or(max, |bucket| end_of(bucket).min(max)))
        };
        Timings {
            calls,
            total: Duration::from_nanos(self.total.load(Ordering::Relaxed)),
            p50: quantile(50),
            p99: quantile(99),
            max: Duration::from_nanos(max),
        }
    }
}

/// The number of its bits, but that the last bucket takes what is longer.
fn bucket_of(nanos: u64) -> usize {
    let bits = (u64::BITS - nanos.leading_zeros()) as usize;
    bits.min(BUCKETS - 1)
}

/// The longest time of a bucket.
fn end_of(bucket: usize) -> u64 {
    u32::try_from(bucket).ok().and_then(|bits| 1_u64.checked_shl(bits)).map_or(u64::MAX, |end| end - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_the_ends_of_their_buckets() {
        let histogram = Histogram::default();
        let none = histogram.timings();
        assert_eq!((none.calls, none.p50, none.p99, none.max), (0, Duration::ZERO, Duration::ZERO, Duration::ZERO));
        for nanos in (1..=98).map(|_| 1000).chain([3000, 1_000_000]) {
            histogram.add(Duration::from_nanos(nanos));
        }
        let timings = histogram.timings();
        assert_eq!(timings.calls, 100);
        assert_eq!(timings.total, Duration::from_nanos(98_000 + 3000 + 1_000_000));
        assert_eq!(timings.p50, Duration::from_nanos(1023));
        assert_eq!(timings.p99, Duration::from_nanos(4095));
        assert_eq!(timings.max, Duration::from_nanos(1_000_000));
    }

    #[test]
    fn every_time_has_a_bucket() {
        for (nanos, bucket) in [(0, 0), (1, 1), (2, 2), (3, 2), (4, 3), (u64::MAX >> 1, 63), (u64::MAX, 63)] {
            assert_eq!(bucket_of(nanos), bucket, "{nanos}");
        }
        assert_eq!([0, 1, 2, 63].map(end_of), [0, 1, 3, u64::MAX >> 1]);
        let histogram = Histogram::default();
        histogram.add(Duration::MAX);
        assert_eq!(histogram.timings().p50, Duration::from_nanos(end_of(63)));
    }
}
