use std::cell::OnceCell;
use std::marker::PhantomData;
use std::sync::Arc;
use std::task::{Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use super::{Generation, Plugin, Shared};
use crate::CallError;
use crate::engine::nanos;
use crate::instance::{Bindings, Live};
use crate::pool::{Item, Refusal};

/// An item of a plugin's pool.
pub(crate) type InstanceItem<B> = Item<Generation<B>, Box<Live<B>>>;

/// An instance, or the right to make one, that belongs to whoever holds this. It goes back to the pool at the end, also after a
/// panic; then it is empty, for the instance was taken out of it, or the instance is marked.
pub(crate) struct Lease<'p, B: Bindings> {
    shared: &'p Shared<B>,
    /// `None` only while this is dropped.
    item: Option<InstanceItem<B>>,
    who: usize,
    /// How long it took to get it, in nanoseconds.
    pub(crate) waited: u64,
    home: Home,
    /// It belongs to the thread that has taken it: that is how a thread is known to be inside of a call.
    _thread: PhantomData<*const ()>,
}

/// Where an item goes at the end of its lease.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Home {
    Pool,
    /// To the thread that has it for a future, for the next call.
    #[cfg(feature = "async")]
    Worker,
    /// It is back in the pool already.
    Nowhere,
}

impl<'p, B: Bindings> Lease<'p, B> {
    pub(super) fn new(shared: &'p Shared<B>, item: InstanceItem<B>, who: usize, waited: u64) -> Self {
        Lease { shared, item: Some(item), who, waited, home: Home::Pool, _thread: PhantomData }
    }

    /// Says where the item goes at the end.
    #[cfg(feature = "async")]
    pub(super) fn to(mut self, home: Home) -> Self {
        self.home = home;
        self
    }

    fn item(&self) -> &InstanceItem<B> {
        let Some(item) = &self.item else { unreachable!("a lease has its item until it is dropped") };
        item
    }

    fn item_mut(&mut self) -> &mut InstanceItem<B> {
        let Some(item) = &mut self.item else { unreachable!("a lease has its item until it is dropped") };
        item
    }

    /// What it is an instance of.
    #[inline]
    pub(crate) fn generation(&self) -> &Arc<Generation<B>> {
        &self.item().generation
    }

    /// The instance, if there is one.
    #[inline]
    pub(crate) fn live(&self) -> Option<&Live<B>> {
        self.item().instance.as_deref()
    }

    /// The instance, if there is one.
    #[inline]
    pub(crate) fn live_mut(&mut self) -> Option<&mut Live<B>> {
        self.item_mut().instance.as_deref_mut()
    }

    /// The instance, and what it is one of.
    #[inline]
    pub(crate) fn both(&mut self) -> Option<(&mut Live<B>, &Generation<B>)> {
        let InstanceItem { generation, instance } = self.item_mut();
        Some((instance.as_deref_mut()?, generation))
    }

    /// Whether whoever keeps this for several calls has to go over to another one: another version is in service, somebody
    /// waits to take the state, the plugin was stopped, or there was none to be had the last time.
    #[inline]
    pub(crate) fn is_to_be_left(&self) -> bool {
        self.generation().stage.is_wanted_back() || self.home == Home::Nowhere || self.shared.care.is_stopped()
    }

    /// Gives everything back, as the end of the lease does. What is left has no instance, and is good for nothing but to be
    /// replaced.
    pub(crate) fn give_back(&mut self) {
        if self.home == Home::Nowhere {
            return;
        }
        let replacement = InstanceItem { generation: self.generation().clone(), instance: None };
        if let Some(item) = self.item.replace(replacement) {
            self.shared.give_back(self.who, item);
            self.home = Home::Nowhere;
        }
    }

    /// Takes the instance out.
    #[inline]
    pub(crate) fn take(&mut self) -> Option<Box<Live<B>>> {
        self.item_mut().instance.take()
    }

    /// Puts an instance in; what was there before is dropped.
    #[inline]
    pub(crate) fn put(&mut self, live: Box<Live<B>>) {
        self.item_mut().instance = Some(live);
    }
}

impl<B: Bindings> Drop for Lease<'_, B> {
    #[inline]
    fn drop(&mut self) {
        let Some(item) = self.item.take() else { return };
        match self.home {
            Home::Pool => self.shared.give_back(self.who, item),
            #[cfg(feature = "async")]
            Home::Worker => self.shared.keep(self.who, item),
            Home::Nowhere => {}
        }
    }
}

impl<B: Bindings> Shared<B> {
    #[inline]
    pub(super) fn give_back(&self, who: usize, mut item: InstanceItem<B>) {
        self.clear(&mut item);
        self.pool.give_back(who, item);
    }

    /// Drops the instance, if no other call may have it.
    #[inline]
    pub(super) fn clear(&self, item: &mut InstanceItem<B>) {
        if self.recipe.instances.fresh || item.instance.as_ref().is_some_and(|live| live.lane.is_spent()) {
            item.instance = None;
        }
    }
}

impl<B: Bindings> Plugin<B> {
    /// Waits for an instance.
    #[inline]
    pub(crate) fn lock(&self, method: &str) -> Result<Lease<'_, B>, CallError> {
        let shared = &*self.shared;
        let who = this_thread();
        let taken = match shared.pool.take(who) {
            Ok(Some(item)) => Lease::new(shared, item, who, 0),
            Ok(None) => self.wait(method, who, Urgency::None)?,
            #[cfg(feature = "async")]
            Err(Refusal::Reentrant) => self.held(method, who)?,
            Err(refusal) => return Err(self.refused(method, refusal)),
        };
        self.settle(method, taken)
    }

    /// Waits for an instance, before those who wait for their first: for one who has just given one back.
    #[cold]
    pub(crate) fn lock_again(&self, method: &str) -> Result<Lease<'_, B>, CallError> {
        let who = this_thread();
        let taken = match self.shared.pool.take(who) {
            Ok(Some(item)) => Lease::new(&self.shared, item, who, 0),
            Ok(None) => self.wait(method, who, Urgency::Again)?,
            Err(refusal) => return Err(self.refused(method, refusal)),
        };
        self.settle(method, taken)
    }

    /// Looks whether the call may begin with what it has got.
    #[inline]
    fn settle<'p>(&'p self, method: &str, mut lease: Lease<'p, B>) -> Result<Lease<'p, B>, CallError> {
        if self.terms.cancel.as_ref().is_some_and(|token| token.is_cancelled()) {
            return Err(CallError::Cancelled { method: method.to_owned(), crash: None });
        }
        if self.shared.care.is_stopped() {
            // All the instances of a plugin end with the one that was lost.
            drop(lease.take());
        }
        let waited = lease.waited;
        let InstanceItem { generation, instance } = lease.item_mut();
        match instance {
            Some(live) if generation.has(live) => live.arm(&self.terms, waited),
            Some(_) => *instance = None,
            None => {}
        }
        Ok(lease)
    }

    #[cold]
    pub(super) fn refused(&self, method: &str, refusal: Refusal) -> CallError {
        let method = method.to_owned();
        match refusal {
            Refusal::Reentrant => CallError::Reentrant { method },
            Refusal::Full => CallError::Busy { method, waited: None, limit: self.shared.recipe.instances.queue },
            Refusal::Closed => CallError::Closed { method },
        }
    }

    /// Waits for an instance until the time of the call is over.
    #[cold]
    pub(super) fn wait(&self, method: &str, who: usize, urgency: Urgency) -> Result<Lease<'_, B>, CallError> {
        /// How often one who waits looks whether the call was cancelled.
        const LOOK: Duration = Duration::from_millis(5);
        let shared = &*self.shared;
        // The instance is that of a call which waits for a callback, and that for this one.
        #[cfg(feature = "async")]
        if crate::asynchronous::is_inside(shared.key()) {
            return Err(self.refused(method, Refusal::Reentrant));
        }
        let (start, budget) = (Instant::now(), Duration::from_nanos(self.terms.budget));
        let patience = shared.recipe.instances.wait.unwrap_or(Duration::MAX);
        let (is_urgent, most, budget) = match urgency {
            Urgency::None => (false, patience, budget),
            Urgency::Again => (true, patience, budget),
            Urgency::Next { most } => (true, most, Duration::MAX),
        };
        let waker = thread_waker();
        let ticket = shared.pool.stand(who, &waker, is_urgent).map_err(|refusal| self.refused(method, refusal))?;
        let error = loop {
            match shared.pool.ask(&ticket, who, &waker) {
                Poll::Ready(Ok(item)) => {
                    let waited = nanos(start.elapsed());
                    shared.care.waited(waited);
                    return Ok(Lease::new(shared, item, who, waited));
                }
                Poll::Ready(Err(refusal)) => break self.refused(method, refusal),
                Poll::Pending => {}
            }
            if self.terms.cancel.as_ref().is_some_and(|token| token.is_cancelled()) {
                break CallError::Cancelled { method: method.to_owned(), crash: None };
            }
            let waited = start.elapsed();
            if waited >= budget {
                break CallError::DeadlineExceeded { method: method.to_owned(), after: budget, crash: None };
            }
            if waited >= most {
                let limit = shared.recipe.instances.queue;
                break CallError::Busy { method: method.to_owned(), waited: Some(waited), limit };
            }
            let left = budget.min(most).saturating_sub(waited);
            let turn = if self.terms.cancel.is_some() { left.min(LOOK) } else { left };
            thread::park_timeout(turn);
        };
        shared.pool.leave(&ticket);
        shared.care.waited(nanos(start.elapsed()));
        Err(error)
    }
}

/// How urgent it is that somebody gets an instance.
#[derive(Clone, Copy)]
pub(super) enum Urgency {
    /// A call waits for its turn.
    None,
    /// The same for one who has just given an instance back.
    Again,
    /// It is the next one's turn, who waits no longer than this, and not for a call.
    Next { most: Duration },
}

impl<B: Bindings> Plugin<B> {
    /// Gets the instance of a plugin that has one, before all who wait for it; also from those who keep it for several calls.
    pub(crate) fn take_next(&self, method: &str, most: Duration) -> Result<Lease<'_, B>, CallError> {
        let current = self.shared.pool.current();
        current.stage.want(true);
        let lease = self.wait(method, this_thread(), Urgency::Next { most });
        current.stage.want(false);
        let mut lease = lease?;
        // That counts for no call.
        lease.waited = 0;
        self.settle(method, lease)
    }
}

/// A number that no other living thread has, and that is not 0: the address of a thread's own variable.
#[inline]
pub(crate) fn this_thread() -> usize {
    thread_local!(static MARK: u8 = const { 0 });
    MARK.with(|mark| std::ptr::from_ref(mark).addr())
}

/// Wakes this thread.
pub(crate) fn thread_waker() -> Waker {
    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    thread_local!(static WAKER: OnceCell<Waker> = const { OnceCell::new() });
    WAKER.with(|waker| waker.get_or_init(|| Arc::new(Unpark(thread::current())).into()).clone())
}
