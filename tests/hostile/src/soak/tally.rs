//! What is counted.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::memory;

/// Calls, by plugin and by what they came to.
#[derive(Debug, Default)]
pub struct Tally {
    plugins: BTreeMap<&'static str, Plugin>,
    failures: BTreeMap<String, u64>,
    wrong: BTreeMap<String, u64>,
    lost: u64,
    opened: u64,
    overshoot: Duration,
}

#[derive(Debug, Default)]
struct Plugin {
    calls: u64,
    longest: Duration,
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Tally {
    /// Counts a call, and the kind of its failure.
    pub(super) fn add(&mut self, plugin: &'static str, time: Duration, result: Result<(), String>) {
        let plugin = self.plugins.entry(plugin).or_default();
        plugin.calls += 1;
        plugin.longest = plugin.longest.max(time);
        if let Err(kind) = result {
            *self.failures.entry(kind).or_default() += 1;
        }
    }

    /// Counts an instance that was lost.
    pub(super) fn add_lost(&mut self) {
        self.lost += 1;
    }

    /// Counts a plugin that was opened.
    pub(super) fn add_opened(&mut self) {
        self.opened += 1;
    }

    /// Counts what must not be.
    pub(super) fn add_wrong(&mut self, what: String) {
        *self.wrong.entry(what).or_default() += 1;
    }

    /// Notes how much later than its deadline a call ended.
    pub(super) fn add_overshoot(&mut self, time: Duration) {
        self.overshoot = self.overshoot.max(time);
    }

    pub(super) fn merge(&mut self, other: Tally) {
        for (name, plugin) in other.plugins {
            let sum = self.plugins.entry(name).or_default();
            sum.calls += plugin.calls;
            sum.longest = sum.longest.max(plugin.longest);
        }
        for (sums, counts) in [(&mut self.failures, other.failures), (&mut self.wrong, other.wrong)] {
            for (kind, count) in counts {
                *sums.entry(kind).or_default() += count;
            }
        }
        self.lost += other.lost;
        self.opened += other.opened;
        self.overshoot = self.overshoot.max(other.overshoot);
    }

    /// How many calls there were.
    pub fn calls(&self) -> u64 {
        self.plugins.values().map(|plugin| plugin.calls).sum()
    }

    /// How many failed, by kind.
    pub fn failures(&self) -> impl Iterator<Item = (&str, u64)> {
        self.failures.iter().map(|(kind, count)| (kind.as_str(), *count))
    }

    /// What must not be.
    pub(super) fn wrong(&self) -> impl Iterator<Item = (&str, u64)> {
        self.wrong.iter().map(|(kind, count)| (kind.as_str(), *count))
    }

    /// By how much a call was longer than it may be, at the most.
    pub fn overshoot(&self) -> Duration {
        self.overshoot
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, Plugin { calls, longest }) in &self.plugins {
            writeln!(f, "  {name:<24} {calls:>9} calls, the longest {:>8.1} ms", longest.as_secs_f64() * 1e3)?;
        }
        for (kind, count) in &self.failures {
            writeln!(f, "  {count:>9} {kind}")?;
        }
        if self.opened > 0 {
            let overshoot = self.overshoot.as_secs_f64() * 1e3;
            writeln!(f, "  {:>9} plugins opened, {} instances lost", self.opened, self.lost)?;
            writeln!(f, "  {overshoot:>9.1} ms behind a deadline, at the most")?;
        }
        Ok(())
    }
}

/// The memory of the process over time.
#[derive(Debug, Default)]
pub(super) struct Curve(Vec<u64>);

impl Curve {
    /// How often it is looked at.
    const STEP: Duration = Duration::from_millis(100);

    #[cfg(test)]
    pub(super) fn of(bytes: Vec<u64>) -> Self {
        Curve(bytes)
    }

    /// Looks at it for so long.
    pub(super) fn record(&mut self, time: Duration) {
        let started = Instant::now();
        while started.elapsed() < time {
            self.0.extend(memory::resident());
            thread::sleep(Self::STEP.min(time));
        }
    }

    /// The medians of the second quarter and of the last. The first is what a process needs to begin with.
    pub(super) fn medians(&self) -> Option<(u64, u64)> {
        let quarter = self.0.len() / 4;
        let median = |part: &[u64]| {
            let mut sorted = part.to_vec();
            sorted.sort_unstable();
            sorted.get(sorted.len() / 2).copied()
        };
        Some((median(self.0.get(quarter..quarter * 2)?)?, median(self.0.get(quarter * 3..)?)?))
    }

    /// Twenty points of it, in mebibytes.
    pub(super) fn summary(&self) -> Vec<u64> {
        let step = self.0.len().div_ceil(20).max(1);
        self.0.iter().step_by(step).map(|bytes| bytes >> 20).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_that_rises_is_seen() {
        assert_eq!(Curve((0..100).collect()).medians(), Some((37, 87)));
        assert_eq!(Curve([9, 1, 5].repeat(40)).medians(), Some((5, 5)), "up and down is no growth");
        assert_eq!(Curve(vec![]).medians(), None);
        assert_eq!(Curve(vec![5 << 20; 1000]).summary(), [5; 20]);
    }

    #[test]
    fn tallies_add_up() {
        let mut one = Tally::default();
        one.add("a", Duration::from_millis(2), Ok(()));
        let mut other = Tally::default();
        other.add("a", Duration::from_millis(3), Err("CallError::Trapped".into()));
        other.add_overshoot(Duration::from_millis(1));
        one.merge(other);
        assert_eq!((one.calls(), one.overshoot()), (2, Duration::from_millis(1)));
        assert_eq!(one.failures().collect::<Vec<_>>(), [("CallError::Trapped", 1)]);
    }
}
