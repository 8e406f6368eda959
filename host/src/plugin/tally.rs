use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hookr_abi::MethodId;
use hookr_abi::section::{MethodKind, Section};
use parking_lot::Mutex;

/// A number that is read by anybody.
#[derive(Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    /// Counts what one has for itself: as fast as a number that is not shared, as there is one writer at a time.
    #[inline]
    pub(crate) fn add_alone(&self) {
        self.set(self.get().wrapping_add(1));
    }

    /// Counts what others may count at the same time.
    pub(crate) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    /// Says what it is now, of what one has for itself.
    #[inline]
    pub(crate) fn set(&self, number: u64) {
        self.0.store(number, Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What an instance counts, for itself alone, so that threads with an instance each do not wait for each other's memory.
pub(crate) struct Tally {
    /// Calls that have come to the plugin.
    calls: Count,
    /// Those that it has answered with an error.
    failed: Count,
    /// Bytes of linear memory, as of the end of the last call.
    pub(crate) memory: Count,
    /// Instructions that calls have taken, where they are counted.
    pub(crate) fuel: Count,
    /// The same by method, each in the first place from that of its number on that is free. A power of two, half of which is
    /// free, so that one is found as quickly as in a table.
    methods: Box<[Slot]>,
}

#[derive(Default)]
struct Slot {
    method: Option<MethodId>,
    calls: Count,
    failed: Count,
}

impl Tally {
    /// For the methods that the plugin may have.
    pub(crate) fn new(section: &Section) -> Self {
        Self::of(section.methods.iter().filter(|method| method.kind != MethodKind::Callback).map(|method| method.id))
    }

    fn of(ids: impl Iterator<Item = MethodId> + Clone) -> Self {
        let len = ids.clone().count().saturating_mul(2).next_power_of_two();
        let mut methods: Box<[Slot]> = (0..len).map(|_| Slot::default()).collect();
        for id in ids {
            let mut places = places(id, len);
            let free = places.find(|place| methods.get(*place).is_some_and(|slot| slot.method.is_none()));
            if let Some(slot) = free.and_then(|place| methods.get_mut(place)) {
                slot.method = Some(id);
            }
        }
        let (calls, failed, memory, fuel) = Default::default();
        Tally { calls, failed, memory, fuel, methods }
    }

    /// Counts a call; `None` is for what is no method of the contract.
    #[inline]
    pub(crate) fn count(&self, method: Option<MethodId>) {
        self.calls.add_alone();
        if let Some(slot) = method.and_then(|method| self.find(method)) {
            slot.calls.add_alone();
        }
    }

    /// Says that a call was answered with an error.
    #[cold]
    pub(crate) fn fail(&self, method: Option<MethodId>) {
        self.failed.add_alone();
        if let Some(slot) = method.and_then(|method| self.find(method)) {
            slot.failed.add_alone();
        }
    }

    #[inline]
    fn find(&self, method: MethodId) -> Option<&Slot> {
        for place in places(method, self.methods.len()) {
            let slot = self.methods.get(place)?;
            if slot.method == Some(method) {
                return Some(slot);
            }
            slot.method?;
        }
        None
    }
}

/// Where a method may be, in a table of this length, which is a power of two.
#[inline]
fn places(method: MethodId, len: usize) -> impl Iterator<Item = usize> {
    let first = method.0 as usize;
    (0..len).map(move |next| first.wrapping_add(next) & len.wrapping_sub(1))
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) calls: u64,
    pub(super) failed: u64,
    /// Of the instances that are there.
    pub(super) memory: u64,
    /// Instructions, where they are counted.
    pub(super) fuel: u64,
    /// Calls and failures of those that were called.
    pub(super) methods: BTreeMap<MethodId, (u64, u64)>,
}

impl Totals {
    fn add(&mut self, tally: &Tally) {
        self.calls = self.calls.wrapping_add(tally.calls.get());
        self.failed = self.failed.wrapping_add(tally.failed.get());
        self.fuel = self.fuel.wrapping_add(tally.fuel.get());
        for slot in &tally.methods {
            if let Some(method) = slot.method {
                self.add_method(method, (slot.calls.get(), slot.failed.get()));
            }
        }
    }

    fn add_method(&mut self, method: MethodId, (calls, failed): (u64, u64)) {
        if (calls, failed) != (0, 0) {
            let of_method = self.methods.entry(method).or_default();
            *of_method = (of_method.0.wrapping_add(calls), of_method.1.wrapping_add(failed));
        }
    }
}

impl Tallies {
    /// Counts an instance's from now on.
    pub(super) fn know(&self, tally: &Arc<Tally>) {
        let mut counted = self.0.lock();
        let Counted { known, gone } = &mut *counted;
        known.retain(|tally| {
            let is_there = is_there(tally);
            if !is_there {
                gone.add(tally);
            }
            is_there
        });
        known.push(tally.clone());
    }

    /// Counts a call that has no instance any more.
    pub(super) fn call_without_instance(&self, method: Option<MethodId>) {
        let gone = &mut self.0.lock().gone;
        gone.calls = gone.calls.wrapping_add(1);
        if let Some(method) = method {
            gone.add_method(method, (1, 0));
        }
    }

    /// How many calls there were.
    pub(super) fn calls(&self) -> u64 {
        let counted = self.0.lock();
        counted.known.iter().fold(counted.gone.calls, |calls, tally| calls.wrapping_add(tally.calls.get()))
    }

    pub(super) fn totals(&self) -> Totals {
        let counted = self.0.lock();
        let mut totals = counted.gone.clone();
        for tally in &counted.known {
            totals.add(tally);
            if is_there(tally) {
                totals.memory = totals.memory.saturating_add(tally.memory.get());
            }
        }
        totals
    }
}

/// Whether the instance is there that counts with it.
fn is_there(tally: &Arc<Tally>) -> bool {
    Arc::strong_count(tally) > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_found_wherever_their_numbers_lead() {
        // All of them begin in the same place, the last one of the table.
        let ids = [7, 15, 23, 31].map(MethodId);
        let tally = Tally::of(ids.into_iter());
        assert_eq!(tally.methods.len(), 8);
        for (times, id) in (1..).zip(ids) {
            (0..times).for_each(|_| tally.count(Some(id)));
        }
        tally.fail(Some(ids[2]));
        tally.count(None);
        tally.count(Some(MethodId(39)));
        let mut totals = Totals::default();
        totals.add(&tally);
        assert_eq!((totals.calls, totals.failed), (12, 1));
        assert_eq!(
            totals.methods.into_iter().collect::<Vec<_>>(),
            [(ids[0], (1, 0)), (ids[1], (2, 0)), (ids[2], (3, 1)), (ids[3], (4, 0)),]
        );
        let none = Tally::of([].into_iter());
        none.count(Some(ids[0]));
        assert_eq!(none.calls.get(), 1);
    }

    #[test]
    fn what_an_instance_has_counted_stays_and_its_memory_does_not() {
        let tallies = Tallies::default();
        let (first, second) = (Arc::new(Tally::of([MethodId(1)].into_iter())), Arc::new(Tally::of([].into_iter())));
        tallies.know(&first);
        first.count(Some(MethodId(1)));
        first.memory.set(100);
        first.fuel.set(7);
        assert_eq!(tallies.totals().memory, 100);
        drop(first);
        second.fuel.set(4);
        assert_eq!((tallies.totals().memory, tallies.calls()), (0, 1));
        tallies.know(&second);
        tallies.call_without_instance(Some(MethodId(1)));
        let totals = tallies.totals();
        assert_eq!((totals.calls, totals.fuel, totals.methods.get(&MethodId(1))), (2, 11, Some(&(2, 0))));
    }
}
