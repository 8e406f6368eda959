//! Calls off the executor.

use std::borrow::Cow;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::Plugin;
use super::held::{NOBODY, Reserved};
use super::lease::{InstanceItem, this_thread};
use crate::asynchronous::{Impatience, Patience, Work, is_inside};
use crate::engine::nanos;
use crate::instance::{Bindings, Live};
use crate::observe::Carried;
use crate::plugin::Generation;
use crate::pool::{Pool, Refusal, Ticket};
use crate::{CallError, CancelToken};

impl<B: Bindings> Plugin<B> {
    /// Has a worker make one call, of this method. What it takes to get there counts.
    pub fn call_async<R, C>(
        &self,
        method: Cow<'static, str>,
        call: C,
    ) -> impl Future<Output = Result<R, CallError>> + Send + 'static + use<B, R, C>
    where
        R: Send + 'static,
        C: FnOnce(Self) -> Result<R, CallError> + Send + 'static,
    {
        let budget = self.budget();
        let (name, shared) = (method.clone(), self.shared.clone());
        let call = self.clone().off(method.clone(), move |mut plugin: Self, begun: Instant| {
            let Some(budget) = budget else { return Ok(call(plugin)) };
            let left = budget.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return Err(CallError::DeadlineExceeded { method: name.into(), after: budget, crash: None });
            }
            plugin.terms.budget = nanos(left);
            Ok(call(plugin))
        });
        async move {
            let begun = Instant::now();
            let mut result = call.await.unwrap_or_else(|error| {
                // No thread has come to make it.
                shared.observer().refused(&method, begun, &error);
                Err(error)
            });
            // The plugin was told what was left of its time.
            if let (Err(CallError::DeadlineExceeded { after, .. }), Some(budget)) = (&mut result, budget) {
                *after = budget;
            }
            result
        }
    }

    /// Has a worker use the plugin. What it takes to get there counts for none of its calls, and has an end.
    pub fn use_async<R, U>(
        &self,
        using: U,
    ) -> impl Future<Output = Result<R, CallError>> + Send + 'static + use<B, R, U>
    where
        R: Send + 'static,
        U: FnOnce(Self) -> Result<R, CallError> + Send + 'static,
    {
        self.clone().off(Cow::Borrowed("call_async"), |plugin, _| using(plugin))
    }

    fn budget(&self) -> Option<Duration> {
        (self.terms.budget != u64::MAX).then(|| Duration::from_nanos(self.terms.budget))
    }

    async fn off<R: Send + 'static>(
        mut self,
        method: Cow<'static, str>,
        using: impl FnOnce(Self, Instant) -> Result<R, CallError> + Send + 'static,
    ) -> Result<R, CallError> {
        let begun = Instant::now();
        let budget = self.budget();
        let token = CancelToken::child(self.terms.cancel.as_ref());
        self.terms.cancel = Some(token.clone());
        let reserved = Handover::new(self.reserve(&method, begun, &token).await?);
        // Whoever gives up does not wait for a thread to give the instance back.
        let _back = Back(reserved.clone());
        let left = budget.map(|budget| budget.saturating_sub(begun.elapsed()));
        let mut patience = Patience::new(left, token.clone());
        let key = self.shared.key();
        let carried = Carried::here();
        let mut work = Work::start(key, token, move || {
            // Until the worker is done, whether anybody waits for it or not.
            let _held = reserved.take().map(Reserved::hold);
            carried.within(|| using(self, begun))
        });
        let mut waits = true;
        let poll = |context: &mut Context<'_>| {
            if let Poll::Ready(result) = Pin::new(&mut work).poll(context) {
                return Poll::Ready(result);
            }
            waits &= !work.has_begun();
            if waits
                && let Poll::Ready(impatience) = patience.poll(context)
                && work.give_up()
            {
                return Poll::Ready(Err(impatient(&method, impatience, budget)));
            }
            Poll::Pending
        };
        poll_fn(poll).await
    }

    /// Waits for an instance, in the same queue as threads do.
    async fn reserve(&self, method: &str, begun: Instant, token: &CancelToken) -> Result<Reserved<B>, CallError> {
        let shared = &self.shared;
        let this_thread = this_thread();
        if is_inside(shared.key()) {
            return Err(self.refused(method, Refusal::Reentrant));
        }
        let refused = |refusal| self.refused(method, refusal);
        // A future that is polled inside of a call is a call of its thread.
        if let Some(item) = shared.pool.take(this_thread).map_err(refused)? {
            shared.pool.hand_over(this_thread, NOBODY);
            return Ok(Reserved::new(shared.clone(), item));
        }
        let (budget, most) = (self.budget(), shared.recipe.instances.wait);
        let time = [budget, most].into_iter().flatten().min();
        let mut turn = Turn { pool: &shared.pool, ticket: None };
        let asked = Patience::new(time, token.clone()).wait_for(poll_fn(|context| turn.poll(context))).await;
        let waited = begun.elapsed();
        shared.care.waited(nanos(waited));
        match asked {
            Ok(item) => Ok(Reserved::new(shared.clone(), item.map_err(refused)?)),
            Err(Impatience::Late) if time != budget => Err(CallError::Busy {
                method: method.to_owned(),
                waited: Some(waited),
                limit: shared.recipe.instances.queue,
            }),
            Err(impatience) => Err(impatient(method, impatience, budget)),
        }
    }
}

/// What a future has got, until a worker takes it.
struct Handover<B: Bindings>(Arc<Mutex<Option<Reserved<B>>>>);

impl<B: Bindings> Handover<B> {
    fn new(reserved: Reserved<B>) -> Self {
        Handover(Arc::new(Mutex::new(Some(reserved))))
    }

    fn take(&self) -> Option<Reserved<B>> {
        self.0.lock().take()
    }
}

impl<B: Bindings> Clone for Handover<B> {
    fn clone(&self) -> Self {
        Handover(self.0.clone())
    }
}

/// Gives back what no worker has taken.
struct Back<B: Bindings>(Handover<B>);

impl<B: Bindings> Drop for Back<B> {
    fn drop(&mut self) {
        drop(self.0.take());
    }
}

/// The error of a call that has not begun.
fn impatient(method: &str, impatience: Impatience, budget: Option<Duration>) -> CallError {
    let method = method.to_owned();
    match impatience {
        Impatience::Cancelled => CallError::Cancelled { method, crash: None },
        Impatience::Late => CallError::DeadlineExceeded { method, after: budget.unwrap_or(Duration::MAX), crash: None },
    }
}

/// A place in the queue of a pool, from the first time that it is asked.
struct Turn<'p, B: Bindings> {
    pool: &'p Pool<Generation<B>, Box<Live<B>>>,
    ticket: Option<Ticket>,
}

impl<B: Bindings> Turn<'_, B> {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<InstanceItem<B>, Refusal>> {
        let ticket = match &mut self.ticket {
            Some(ticket) => ticket,
            none => match self.pool.stand(NOBODY, context.waker(), false) {
                Ok(ticket) => none.insert(ticket),
                Err(refusal) => return Poll::Ready(Err(refusal)),
            },
        };
        let asked = self.pool.ask(ticket, NOBODY, context.waker());
        if asked.is_ready() {
            // It is used up.
            self.ticket = None;
        }
        asked
    }
}

impl<B: Bindings> Drop for Turn<'_, B> {
    fn drop(&mut self) {
        if let Some(ticket) = &self.ticket {
            self.pool.leave(ticket);
        }
    }
}
