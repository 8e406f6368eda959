//! Waiting, within the time that a call has.

use std::future::Future;
use std::pin::pin;
use std::time::{Duration, Instant};

use hookr_abi::CallControl as _;
use wasmtime_wasi::runtime;

use crate::CancelToken;
use crate::call::Stop;
use crate::instance::StoreData;
use crate::plugin::Stage;

/// How long a call may wait.
pub(super) struct Wait {
    /// When the time of the call is over.
    until: Option<Instant>,
    /// How much time it had.
    budget: Duration,
    cancel: Option<CancelToken>,
    stage: Stage,
}

/// So often a wait looks whether the call was cancelled.
const LOOK: Duration = Duration::from_millis(10);

impl Wait {
    /// What the call that is going on may wait.
    pub(super) fn of<C>(data: &StoreData<C>) -> Self {
        let running = &data.running;
        // A time that no clock will show is as good as none.
        let until = running.remaining().and_then(|remaining| Instant::now().checked_add(remaining));
        Wait { until, budget: running.budget(), cancel: running.cancel(), stage: running.stage() }
    }

    /// Waits for what will be ready at once most of the time: nothing of it may look at a clock of the runtime.
    pub(super) fn briefly<F>(&self, future: F) -> wasmtime::Result<F::Output>
    where
        F: Future + Send,
        F::Output: Send,
    {
        let mut future = pin!(future);
        match runtime::with_ambient_tokio_runtime(|| runtime::poll_noop(future.as_mut())) {
            Some(output) => Ok(output),
            None => self.run(future),
        }
    }

    /// Waits until it is ready, or the time of the call is over.
    pub(super) fn run<F>(&self, future: F) -> wasmtime::Result<F::Output>
    where
        F: Future + Send,
        F::Output: Send,
    {
        let limited = self.limit(future);
        if tokio::runtime::Handle::try_current().is_err() {
            return runtime::in_tokio(limited);
        }
        // The thread belongs to a runtime of the host. That may have no timers, and may not let its threads wait.
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().name("hookr-wait".to_owned());
            let waiting = thread.spawn_scoped(scope, || runtime::in_tokio(limited));
            let waiting =
                waiting.map_err(|error| wasmtime::Error::from(error).context("there is no thread to wait on"))?;
            waiting.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    async fn limit<F: Future>(&self, future: F) -> wasmtime::Result<F::Output> {
        let mut future = pin!(future);
        loop {
            let slice = self.left()?;
            if let Ok(output) = tokio::time::timeout(slice, future.as_mut()).await {
                return Ok(output);
            }
        }
    }

    /// How long to wait before looking again.
    fn left(&self) -> wasmtime::Result<Duration> {
        if self.stage.is_over() {
            return Err(Stop::Replaced.into());
        }
        if self.cancel.as_ref().is_some_and(CancelToken::is_cancelled) {
            return Err(Stop::Cancelled.into());
        }
        let Some(until) = self.until else { return Ok(LOOK) };
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(Stop::Deadline { after: self.budget }.into()) } else { Ok(left.min(LOOK)) }
    }
}
