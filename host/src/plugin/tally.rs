use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

/// A number that is read by anybody.
#[derive(Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    /// Counts what one has for itself: as fast as a number that is not shared, as there is one writer at a time.
    #[inline]
    pub(crate) fn add_alone(&self) {
        self.0.store(self.get().wrapping_add(1), Ordering::Relaxed);
    }

    /// Counts what others may count at the same time.
    pub(crate) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What an instance counts, for itself alone, so that threads with an instance each do not wait for each other's memory.
#[derive(Default)]
pub(crate) struct Tally {
    /// Calls that have come to the plugin.
    pub(crate) calls: Count,
    /// Those that it has answered with an error.
    pub(crate) failed: Count,
}

/// What all the instances of a plugin have counted.
#[derive(Default)]
pub(super) struct Tallies(Mutex<Counted>);

#[derive(Default)]
struct Counted {
    /// Of instances that are there, and maybe some that are not any more.
    known: Vec<Arc<Tally>>,
    /// Of those that are gone.
    gone: Totals,
}

/// The sums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) calls: u64,
    pub(super) failed: u64,
}

impl Totals {
    fn add(&mut self, tally: &Tally) {
        self.calls = self.calls.wrapping_add(tally.calls.get());
        self.failed = self.failed.wrapping_add(tally.failed.get());
    }
}

impl Tallies {
    /// Counts an instance's from now on.
    pub(super) fn know(&self, tally: &Arc<Tally>) {
        let mut counted = self.0.lock();
        let Counted { known, gone } = &mut *counted;
        known.retain(|tally| {
            let is_there = Arc::strong_count(tally) > 1;
            if !is_there {
                gone.add(tally);
            }
            is_there
        });
        known.push(tally.clone());
    }

    /// Counts a call that has no instance any more.
    pub(super) fn call_without_instance(&self) {
        let mut counted = self.0.lock();
        counted.gone.calls = counted.gone.calls.wrapping_add(1);
    }

    pub(super) fn totals(&self) -> Totals {
        let counted = self.0.lock();
        let mut totals = counted.gone;
        counted.known.iter().for_each(|tally| totals.add(tally));
        totals
    }
}
