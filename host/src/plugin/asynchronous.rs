//! Calls off the executor.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::{Duration, Instant};

use async_lock::Semaphore;

use super::{Plugin, this_thread};
use crate::asynchronous::{Impatience, Patience, Work, is_inside};
use crate::engine::nanos;
use crate::instance::Bindings;
use crate::{CallError, CancelToken};

/// Who of those that call as futures may have a worker: one at a time, for the others would wait there for the instance.
pub(super) struct Turns(Arc<Semaphore>);

impl Default for Turns {
    fn default() -> Self {
        Turns(Arc::new(Semaphore::new(1)))
    }
}

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
        let name = method.clone();
        let call = self.clone().off(method, move |mut plugin: Self, begun: Instant| {
            let Some(budget) = budget else { return call(plugin) };
            let left = budget.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return Err(CallError::DeadlineExceeded { method: name.into(), after: budget, crash: None });
            }
            plugin.terms.budget = nanos(left);
            call(plugin)
        });
        async move {
            let mut result = call.await;
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
        let key = Arc::as_ptr(&self.shared).addr();
        if is_inside(key) || self.shared.caller.load(Ordering::Relaxed) == this_thread() {
            return Err(CallError::Reentrant { method: method.into() });
        }
        let budget = self.budget();
        let token = CancelToken::child(self.terms.cancel.as_ref());
        self.terms.cancel = Some(token.clone());
        let mut patience = Patience::new(budget, token.clone());
        let error = |impatience| match impatience {
            Impatience::Cancelled => CallError::Cancelled { method: method.clone().into(), crash: None },
            Impatience::Late => {
                let after = budget.unwrap_or(Duration::MAX);
                CallError::DeadlineExceeded { method: method.clone().into(), after, crash: None }
            }
        };
        let turn = patience.wait_for(self.shared.turns.0.acquire_arc()).await.map_err(error)?;
        let mut work = Work::start(key, token, move || {
            // Until the worker is done, whether anybody waits for it or not.
            let _turn = turn;
            using(self, begun)
        });
        let mut waits = true;
        let poll = |context: &mut std::task::Context<'_>| match Pin::new(&mut work).poll(context) {
            Poll::Ready(result) => Poll::Ready(result),
            Poll::Pending => {
                waits &= !work.has_begun();
                if waits
                    && let Poll::Ready(impatience) = patience.poll(context)
                    && work.give_up()
                {
                    return Poll::Ready(Err(error(impatience)));
                }
                Poll::Pending
            }
        };
        std::future::poll_fn(poll).await
    }
}
