//! Instances that were waited for by a future, and that a worker has for its calls.

use std::any::Any;
use std::cell::Cell;
use std::ptr::from_ref;
use std::sync::Arc;

use super::lease::{Home, InstanceItem, Lease, Urgency, this_thread};
use super::{Plugin, Shared};
use crate::CallError;
use crate::instance::Bindings;
use crate::pool::Refusal;

/// Nobody in particular: a future is on no thread.
pub(super) const NOBODY: usize = 0;

thread_local! {
    /// What this thread has for its calls of a plugin: the plugin's key, and an `Option<InstanceItem<B>>`, which is `None` while
    /// a call has the item.
    static HELD: Cell<Option<(usize, Box<dyn Any>)>> = const { Cell::new(None) };
}

/// An item of a plugin's pool that belongs to a future. At the end it goes back.
pub(super) struct Reserved<B: Bindings> {
    shared: Arc<Shared<B>>,
    item: Option<InstanceItem<B>>,
}

impl<B: Bindings> Reserved<B> {
    pub(super) fn new(shared: Arc<Shared<B>>, item: InstanceItem<B>) -> Self {
        Reserved { shared, item: Some(item) }
    }

    /// Gives it to this thread: its calls of the plugin find it.
    pub(super) fn hold(mut self) -> Held<B> {
        let shared = self.shared.clone();
        if self.item.is_some() {
            shared.pool.hand_over(NOBODY, this_thread());
        }
        HELD.set(Some((shared.key(), Box::new(self.item.take()))));
        Held(shared)
    }
}

impl<B: Bindings> Drop for Reserved<B> {
    fn drop(&mut self) {
        if let Some(item) = self.item.take() {
            self.shared.give_back(NOBODY, item);
        }
    }
}

/// Says that this thread has something for its calls, which goes back to the pool at the end.
pub(super) struct Held<B: Bindings>(Arc<Shared<B>>);

impl<B: Bindings> Drop for Held<B> {
    fn drop(&mut self) {
        if let Some((_, mut held)) = HELD.take()
            && let Some(item) = held.downcast_mut::<Option<InstanceItem<B>>>().and_then(Option::take)
        {
            self.0.give_back(this_thread(), item);
        }
    }
}

impl<B: Bindings> Shared<B> {
    /// A number that no other plugin has.
    pub(crate) fn key(&self) -> usize {
        from_ref(self).addr()
    }

    /// Does something with the place of what this thread has, if it has something for this plugin.
    fn with_held<R>(&self, work: impl FnOnce(&mut Option<InstanceItem<B>>) -> R) -> Option<R> {
        let mut held = HELD.take();
        let place = match &mut held {
            Some((key, held)) if *key == self.key() => held.downcast_mut(),
            _ => None,
        };
        let result = place.map(work);
        HELD.set(held);
        result
    }

    /// Keeps an item for the next call of this thread.
    #[cold]
    pub(super) fn keep(&self, who: usize, mut item: InstanceItem<B>) {
        self.clear(&mut item);
        let mut item = Some(item);
        self.with_held(|place| *place = item.take());
        if let Some(item) = item {
            self.give_back(who, item);
        }
    }
}

impl<B: Bindings> Plugin<B> {
    /// What this thread has, for a call: it is refused unless that is there.
    #[cold]
    pub(super) fn held(&self, method: &str, who: usize) -> Result<Lease<'_, B>, CallError> {
        let shared = &*self.shared;
        let refused = |refusal| Err(self.refused(method, refusal));
        let Some(item) = shared.with_held(Option::take).flatten() else { return refused(Refusal::Reentrant) };
        if !item.generation.stage.is_wanted_back() {
            return Ok(Lease::new(shared, item, who, 0).to(Home::Worker));
        }
        // A call begins on the version that is in service. The place on the old one is given back first: a thread cannot have
        // two.
        shared.give_back(who, item);
        let lease = match shared.pool.take(who) {
            Ok(Some(item)) => Lease::new(shared, item, who, 0),
            Ok(None) => self.wait(method, who, Urgency::Again)?,
            Err(refusal) => return refused(refusal),
        };
        Ok(lease.to(Home::Worker))
    }
}
