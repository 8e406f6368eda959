//! How well the clock of this machine tells short times.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// What reading the clock takes, and the shortest time that it tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clock {
    /// What is measured of nothing: the median of many readings. It is in every time that is measured.
    pub(crate) overhead: Duration,
    /// The shortest time that is not zero.
    pub(crate) resolution: Duration,
}

impl Clock {
    /// Measures the clock.
    pub(crate) fn measure() -> Self {
        const READINGS: usize = 10_001;
        let mut times: Vec<Duration> = (0..READINGS).map(|_| black_box(Instant::now()).elapsed()).collect();
        times.sort_unstable();
        let overhead = times.get(READINGS / 2).copied().unwrap_or_default();
        let steps = times.iter().zip(times.iter().skip(1)).map(|(one, next)| next.saturating_sub(*one));
        let least = times.iter().copied().chain(steps).filter(|time| !time.is_zero()).min();
        Clock { overhead, resolution: least.unwrap_or(Duration::from_nanos(1)) }
    }

    /// How many calls are timed at once so that the clock does not spoil it: a reading, and the shortest time that there is, are
    /// a twentieth of what is measured at the most.
    pub(crate) fn batch(&self, call: Duration) -> u32 {
        let least = self.overhead.max(self.resolution).as_nanos().saturating_mul(20);
        let batch = least.div_ceil(call.as_nanos().max(1));
        u32::try_from(batch).unwrap_or(u32::MAX).clamp(1, 1000)
    }

    /// What was measured, without what the clock takes.
    pub(crate) fn net(&self, measured: Duration) -> Duration {
        measured.saturating_sub(self.overhead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_calls_are_timed_together() {
        let nanos = Duration::from_nanos;
        let clock = Clock { overhead: nanos(25), resolution: nanos(1) };
        assert_eq!([nanos(500), nanos(499), nanos(100), nanos(0)].map(|call| clock.batch(call)), [1, 2, 5, 500]);
        assert_eq!(clock.net(nanos(30)), nanos(5));
        assert_eq!(clock.net(nanos(20)), nanos(0));
        let coarse = Clock { resolution: Duration::from_micros(1), ..clock };
        assert_eq!(coarse.batch(Duration::from_micros(2)), 10);
    }

    #[test]
    fn this_machine_has_a_clock() {
        let clock = Clock::measure();
        assert!(clock.overhead < Duration::from_millis(1) && !clock.resolution.is_zero(), "{clock:?}");
    }
}
