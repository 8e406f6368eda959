use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hookr_abi::{CallbackContext, Error};
use parking_lot::Mutex;

use super::alone::block_on;
use super::bridge::{Bridge, Gone, turn};
use crate::CancelToken;
use crate::observe::follow;

/// What a callback that is a future may know of the call that it serves. New facts are added as methods.
#[derive(Clone, Debug)]
pub struct AsyncCallbackContext {
    plugin: Arc<str>,
    /// When the time of the call is over.
    until: Option<Instant>,
    gone: CancelToken,
}

impl AsyncCallbackContext {
    fn of(context: &CallbackContext<'_>) -> Self {
        // A time that no clock will show is as good as none.
        let until = context.remaining().and_then(|remaining| Instant::now().checked_add(remaining));
        AsyncCallbackContext { plugin: context.plugin().into(), until, gone: CancelToken::new() }
    }

    /// The name by which the host knows the plugin that calls: chosen by the host, else the file's name.
    pub fn plugin(&self) -> &str {
        &self.plugin
    }

    /// How much time is left of the call that led to this callback; `None` for as much as it likes. When it is over, the
    /// callback is dropped.
    pub fn remaining(&self) -> Option<Duration> {
        self.until.map(|until| until.saturating_duration_since(Instant::now()))
    }

    /// Whether nobody waits for the answer any more, for work that goes on elsewhere: the callback itself is dropped then.
    pub fn is_cancelled(&self) -> bool {
        self.gone.is_cancelled()
    }
}

/// A callback service whose methods are futures, as one of the contract: generated code implements the service for it. Where
/// its futures are polled is told [above](crate::asynchronous).
#[derive(Debug)]
pub struct FromAsync<S>(Arc<S>);

impl<S> FromAsync<S> {
    /// Out of a service that others use, too.
    pub fn new(service: Arc<S>) -> Self {
        FromAsync(service)
    }

    /// The service.
    pub fn service(&self) -> &Arc<S> {
        &self.0
    }
}

impl<S> Clone for FromAsync<S> {
    fn clone(&self) -> Self {
        FromAsync(self.0.clone())
    }
}

/// A callback service whose methods are futures, as one for the `Callbacks` of a contract. Other services of the same contract
/// may be written without futures.
pub fn from_async<S>(service: S) -> Arc<FromAsync<S>> {
    Arc::new(FromAsync(Arc::new(service)))
}

/// Answers a callback by a future: it is polled by whoever polls the future of the call, or, where there is none, by this
/// thread; for generated code.
///
/// # Errors
///
/// What the plugin gets: what the future says, or that there is no time or nobody left to wait for it.
#[doc(hidden)]
pub fn answer<R, F>(
    context: &CallbackContext<'_>,
    call: impl FnOnce(AsyncCallbackContext) -> F + Send + 'static,
) -> Result<R, Error>
where
    R: Send + 'static,
    F: Future<Output = Result<R, Error>> + Send + 'static,
{
    // A plugin may go on to ask for a moment when its time is over.
    turn(context)?;
    let owned = AsyncCallbackContext::of(context);
    let gone = Gone(owned.gone.clone());
    let Some(bridge) = Bridge::current() else {
        let _gone = gone;
        return block_on(context, call(owned));
    };
    let kept = Arc::new(Mutex::new(None));
    let keep = kept.clone();
    let in_time = Gone(owned.gone.clone());
    let job = follow(async move {
        // Whether it ends or is dropped.
        let _gone = gone;
        let answer = call(owned).await;
        *keep.lock() = Some(answer);
    });
    // Whoever withdraws the job does not wait until it is dropped.
    let posted = bridge.post(context, Box::pin(job));
    drop(in_time);
    posted?;
    let answer = kept.lock().take();
    answer.unwrap_or_else(|| Err(Error::internal("a callback is done and has no answer")))
}
