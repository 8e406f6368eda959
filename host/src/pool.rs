//! Who gets which instance, and in which order.
//!
//! A pool holds the idle instances of the *generation* that is in service: a version of a plugin, from the swap that brought
//! it in to the swap that takes it out. An instance is taken out for a call, belongs to the caller meanwhile, and is given
//! back. All of the pool's state is behind one mutex, which is held for a few instructions at a time: never while a plugin
//! runs, and never while an instance is made or dropped. That is why a swap takes microseconds, however busy a plugin is.
//!
//! Those who find nothing wait in one queue, threads and futures alike: both are a [`Waker`] to it. Whoever comes along while
//! an instance is idle may take it before those who wait are awake, for waking them up takes longer than most calls; but the
//! first of the queue, once it has waited for half a millisecond, is handed the next instance directly. So nobody is
//! overtaken for longer than that.
//!
//! A swap leaves those alone who are inside of a call: they finish on the generation that they began with, and what they give
//! back is dropped.
//!
//! Nothing here knows what an instance is. The test `model` runs this very file through the schedules of a model checker.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Poll, Waker};

use super::sync::{Moment, Mutex, lock};

/// See above.
pub(crate) struct Pool<G, T> {
    state: Mutex<State<G, T>>,
    /// How many instances of a generation there are at a time, those that are made at the moment included.
    most: usize,
    /// How many may wait.
    queue: usize,
}

/// What is taken out: the right to one instance of a generation, and mostly that instance, too.
pub(crate) struct Item<G, T> {
    pub(crate) generation: Arc<G>,
    /// Without one, whoever has the item makes one, or gives the item back as it is.
    pub(crate) instance: Option<T>,
}

/// Why nothing is taken, and nobody may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The one who asks is inside of a call already, so that the wait might have no end.
    Reentrant,
    /// As many wait as may.
    Full,
    /// Nobody gets anything any more.
    Closed,
}

/// A place in the queue. It has to be [left](Pool::leave), unless it was [served](Pool::ask).
#[derive(Debug)]
pub(crate) struct Ticket(u64);

/// How many there are of what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Census {
    pub(crate) idle: usize,
    /// Taken out, of the generation in service.
    pub(crate) busy: usize,
    pub(crate) waiting: usize,
    /// Taken out, of generations that were replaced.
    pub(crate) draining: usize,
}

struct State<G, T> {
    current: Arc<G>,
    /// Of the current generation, each with its instance.
    idle: Vec<Item<G, T>>,
    /// How many of the current generation are taken out.
    out: usize,
    /// Who has taken something out, of whichever generation.
    busy: Vec<usize>,
    /// In the order of their tickets, but for those who were let in at the front.
    queue: VecDeque<Entry>,
    /// What waits for its new owner to wake up.
    handed: Vec<(u64, Item<G, T>)>,
    next_ticket: u64,
    /// The generations that were replaced and are not given back yet.
    old: Vec<Old<G>>,
    is_closed: bool,
}

struct Entry {
    ticket: u64,
    waker: Waker,
    since: Moment,
    /// Whether it was woken and has not been here since.
    is_told: bool,
    /// Whether it gets the next item, however long it has waited.
    is_urgent: bool,
}

struct Old<G> {
    generation: Arc<G>,
    out: usize,
    wakers: Vec<Waker>,
}

impl<G, T> Pool<G, T> {
    /// With instances that are there already.
    pub(crate) fn new(generation: Arc<G>, instances: Vec<T>, most: usize, queue: usize) -> Self {
        let state = State {
            idle: items(&generation, instances),
            current: generation,
            out: 0,
            busy: Vec::new(),
            queue: VecDeque::new(),
            handed: Vec::new(),
            next_ticket: 0,
            old: Vec::new(),
            is_closed: false,
        };
        Pool { state: Mutex::new(state), most: most.max(1), queue }
    }

    /// The generation in service.
    pub(crate) fn current(&self) -> Arc<G> {
        lock(&self.state).current.clone()
    }

    /// What can be had at once. `who` is the number of the thread that asks, 0 for nobody in particular.
    #[inline]
    pub(crate) fn take(&self, who: usize) -> Result<Option<Item<G, T>>, Refusal> {
        let mut state = lock(&self.state);
        state.admit(who)?;
        Ok(state.take(self.most, who))
    }

    /// Stands in the queue. The waker is called when it is worth to [ask](Self::ask), as it is once at once: what was given back
    /// since [`take`](Self::take) found nothing lies there.
    pub(crate) fn stand(&self, who: usize, waker: &Waker, is_urgent: bool) -> Result<Ticket, Refusal> {
        let mut state = lock(&self.state);
        state.admit(who)?;
        if state.queue.len() >= self.queue && !is_urgent {
            return Err(Refusal::Full);
        }
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        let entry = Entry { ticket, waker: waker.clone(), since: Moment::now(), is_told: false, is_urgent };
        if is_urgent {
            state.queue.push_front(entry);
        } else {
            state.queue.push_back(entry);
        }
        Ok(Ticket(ticket))
    }

    /// Asks whether it is one's turn. After an item or a refusal, the ticket is used up; else the waker is called when it is
    /// worth to ask again.
    pub(crate) fn ask(&self, ticket: &Ticket, who: usize, waker: &Waker) -> Poll<Result<Item<G, T>, Refusal>> {
        let mut state = lock(&self.state);
        if let Some(item) = state.handed_to(ticket) {
            state.busy.push(who);
            return Poll::Ready(Ok(item));
        }
        let Some(place) = state.place(ticket) else { return Poll::Ready(Err(Refusal::Closed)) };
        if place < self.most.saturating_sub(state.out)
            && let Some(item) = state.take(self.most, who)
        {
            state.queue.remove(place);
            let next = state.tell(self.most);
            drop(state);
            wake(next);
            return Poll::Ready(Ok(item));
        }
        if let Some(entry) = state.queue.get_mut(place) {
            entry.is_told = false;
            entry.waker.clone_from(waker);
        }
        Poll::Pending
    }

    /// Leaves the queue. What was handed over meanwhile goes to the next.
    pub(crate) fn leave(&self, ticket: &Ticket) {
        let mut state = lock(&self.state);
        if let Some(item) = state.handed_to(ticket) {
            let (next, rest) = state.give(item, self.most);
            drop(state);
            wake(next);
            drop(rest);
            return;
        }
        if let Some(place) = state.place(ticket) {
            state.queue.remove(place);
        }
        let next = state.tell(self.most);
        drop(state);
        wake(next);
    }

    /// Gives back what was taken out. What is not needed any more is dropped here, without the mutex.
    #[inline]
    pub(crate) fn give_back(&self, who: usize, item: Item<G, T>) {
        let mut state = lock(&self.state);
        state.forget(who);
        // Nearly always: nobody waits, and everything stays as it is.
        let is_plain = !state.is_closed && state.queue.is_empty() && item.instance.is_some();
        if is_plain && Arc::ptr_eq(&item.generation, &state.current) {
            state.out -= 1;
            state.idle.push(item);
            return;
        }
        let (next, rest) = state.give(item, self.most);
        drop(state);
        wake(next);
        drop(rest);
    }

    /// Says that another thread has what this one took out.
    #[cfg(feature = "async")]
    pub(crate) fn hand_over(&self, from: usize, to: usize) {
        let mut state = lock(&self.state);
        state.forget(from);
        state.busy.push(to);
    }

    /// Puts another generation in service, with the instances that it has. Gives back the last one with its idle instances,
    /// for the caller to drop. `None`, and nothing happens, if that is not in service any more that the caller means to
    /// replace.
    pub(crate) fn swap(&self, last: &Arc<G>, next: Arc<G>, instances: Vec<T>) -> Option<Vec<Item<G, T>>> {
        // Whatever takes memory is done before the others are held up.
        let mut idle = items(&next, instances);
        let mut old = Some(Old { generation: last.clone(), out: 0, wakers: Vec::new() });
        let mut state = lock(&self.state);
        if state.is_closed || !Arc::ptr_eq(&state.current, last) {
            return None;
        }
        std::mem::swap(&mut state.idle, &mut idle);
        let replaced = std::mem::replace(&mut state.current, next);
        let out = std::mem::take(&mut state.out);
        if out > 0
            && let Some(mut old) = old.take()
        {
            old.out = out;
            state.old.push(old);
        }
        let wakers = state.tell_all(self.most);
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
        drop(replaced);
        Some(idle)
    }

    /// Whether nobody has anything any more of a generation that was replaced.
    pub(crate) fn is_drained(&self, generation: &Arc<G>) -> bool {
        !lock(&self.state).old.iter().any(|old| Arc::ptr_eq(&old.generation, generation))
    }

    /// Whether nobody has anything any more of a generation that was replaced. Else the waker is called when nobody has.
    pub(crate) fn drained(&self, generation: &Arc<G>, waker: &Waker) -> bool {
        let mut state = lock(&self.state);
        let Some(old) = state.old.iter_mut().find(|old| Arc::ptr_eq(&old.generation, generation)) else { return true };
        if !old.wakers.iter().any(|known| known.will_wake(waker)) {
            old.wakers.push(waker.clone());
        }
        false
    }

    /// Ends the service: from now on, everybody is refused. Gives back what was idle.
    pub(crate) fn close(&self) -> Vec<Item<G, T>> {
        let mut state = lock(&self.state);
        state.is_closed = true;
        let idle = std::mem::take(&mut state.idle);
        let queue = std::mem::take(&mut state.queue);
        drop(state);
        queue.into_iter().for_each(|entry| entry.waker.wake());
        idle
    }

    /// How many there are of what.
    pub(crate) fn census(&self) -> Census {
        let state = lock(&self.state);
        Census {
            idle: state.idle.len(),
            busy: state.out,
            waiting: state.queue.len(),
            draining: state.old.iter().map(|old| old.out).sum(),
        }
    }
}

impl<G, T> State<G, T> {
    #[inline]
    fn admit(&self, who: usize) -> Result<(), Refusal> {
        if self.is_closed {
            return Err(Refusal::Closed);
        }
        if who != 0 && self.busy.contains(&who) {
            return Err(Refusal::Reentrant);
        }
        Ok(())
    }

    /// An idle instance, or the right to make one.
    #[inline]
    fn take(&mut self, most: usize, who: usize) -> Option<Item<G, T>> {
        let item = match self.idle.pop() {
            Some(item) => item,
            None if self.out < most => Item { generation: self.current.clone(), instance: None },
            None => return None,
        };
        self.out += 1;
        self.busy.push(who);
        Some(item)
    }

    #[inline]
    fn forget(&mut self, who: usize) {
        if let Some(place) = self.busy.iter().position(|&busy| busy == who) {
            self.busy.swap_remove(place);
        }
    }

    /// Takes an item back: who is to be woken, and what is to be dropped.
    #[inline(never)]
    fn give(&mut self, item: Item<G, T>, most: usize) -> (Wake, Option<Item<G, T>>) {
        if self.is_closed || !Arc::ptr_eq(&item.generation, &self.current) {
            return self.give_old(item);
        }
        if let Some(first) = self.queue.front()
            && (first.is_urgent || first.since.is_long_ago())
            && let Some(first) = self.queue.pop_front()
        {
            // It stays taken out; only its owner changes.
            self.handed.push((first.ticket, item));
            return (Wake::One(first.waker), None);
        }
        self.out -= 1;
        let rest = if item.instance.is_some() {
            self.idle.push(item);
            None
        } else {
            Some(item)
        };
        (self.tell(most), rest)
    }

    #[cold]
    fn give_old(&mut self, item: Item<G, T>) -> (Wake, Option<Item<G, T>>) {
        if Arc::ptr_eq(&item.generation, &self.current) {
            self.out -= 1;
            return (Wake::Nobody, Some(item));
        }
        let place = self.old.iter().position(|old| Arc::ptr_eq(&old.generation, &item.generation));
        let Some(place) = place else { return (Wake::Nobody, Some(item)) };
        if let Some(old) = self.old.get_mut(place) {
            old.out -= 1;
            if old.out > 0 {
                return (Wake::Nobody, Some(item));
            }
        }
        (Wake::All(self.old.swap_remove(place).wakers), Some(item))
    }

    fn handed_to(&mut self, ticket: &Ticket) -> Option<Item<G, T>> {
        let place = self.handed.iter().position(|(owner, _)| *owner == ticket.0)?;
        Some(self.handed.swap_remove(place).1)
    }

    fn place(&self, ticket: &Ticket) -> Option<usize> {
        self.queue.iter().position(|entry| entry.ticket == ticket.0)
    }

    /// Who is to be woken, when one more can be served.
    fn tell(&mut self, most: usize) -> Wake {
        if self.queue.is_empty() { Wake::Nobody } else { self.tell_first(most) }
    }

    #[cold]
    fn tell_first(&mut self, most: usize) -> Wake {
        let served = most.saturating_sub(self.out);
        match self.queue.iter_mut().take(served).find(|entry| !entry.is_told) {
            Some(entry) => {
                entry.is_told = true;
                Wake::One(entry.waker.clone())
            }
            None => Wake::Nobody,
        }
    }

    /// Who is to be woken, when many can be served.
    fn tell_all(&mut self, most: usize) -> Vec<Waker> {
        let served = most.saturating_sub(self.out);
        let first = self.queue.iter_mut().take(served).filter(|entry| !entry.is_told);
        let tell = |entry: &mut Entry| {
            entry.is_told = true;
            entry.waker.clone()
        };
        first.map(tell).collect()
    }
}

fn items<G, T>(generation: &Arc<G>, instances: Vec<T>) -> Vec<Item<G, T>> {
    let item = |instance| Item { generation: generation.clone(), instance: Some(instance) };
    instances.into_iter().map(item).collect()
}

enum Wake {
    Nobody,
    One(Waker),
    All(Vec<Waker>),
}

fn wake(wake: Wake) {
    match wake {
        Wake::Nobody => {}
        Wake::One(waker) => waker.wake(),
        Wake::All(wakers) => wakers.into_iter().for_each(Waker::wake),
    }
}
