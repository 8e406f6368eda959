use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread;

use blocking::Task;

use super::bridge::{Bridge, Job, Look, Working};
use super::inside::Inside;
use crate::CancelToken;

/// Something that a worker does, as a future of its result. Whoever polls it polls the callbacks that are futures, too.
///
/// Dropped before it is ready, it cancels the token.
pub(crate) struct Work<R> {
    task: Task<thread::Result<Option<R>>>,
    bridge: Arc<Bridge>,
    job: Option<(u64, Job)>,
    plugin: usize,
    token: CancelToken,
    is_over: bool,
}

impl<R: Send + 'static> Work<R> {
    /// Has a worker do it. The callbacks that are polled meanwhile cannot call this plugin.
    pub(crate) fn start(plugin: usize, token: CancelToken, work: impl FnOnce() -> R + Send + 'static) -> Self {
        let bridge = Arc::new(Bridge::default());
        let theirs = bridge.clone();
        let task = blocking::unblock(move || {
            let _working = Working::enter(theirs.clone());
            // A panic goes on where the future is polled.
            catch_unwind(AssertUnwindSafe(|| theirs.begin().then(work)))
        });
        Work { task, bridge, job: None, plugin, token, is_over: false }
    }

    /// Whether a worker has begun.
    pub(crate) fn has_begun(&self) -> bool {
        self.bridge.has_begun()
    }

    /// Ends it, unless a worker has begun: then it never does.
    pub(crate) fn give_up(&mut self) -> bool {
        self.is_over = self.bridge.give_up();
        self.is_over
    }
}

impl<R> Future for Work<R> {
    type Output = R;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<R> {
        let this = &mut *self;
        match Pin::new(&mut this.task).poll(context) {
            Poll::Ready(Ok(Some(result))) => {
                this.is_over = true;
                return Poll::Ready(result);
            }
            Poll::Ready(Err(payload)) => {
                this.is_over = true;
                resume_unwind(payload)
            }
            // It was given up, and whoever did so does not ask any more.
            Poll::Ready(Ok(None)) => return Poll::Pending,
            Poll::Pending => {}
        }
        match this.bridge.look(this.job.as_ref().map(|(number, _)| *number), context.waker()) {
            Look::New(number, job) => this.job = Some((number, job)),
            Look::Nothing => this.job = None,
            Look::Same => {}
        }
        if let Some((number, job)) = &mut this.job {
            let _inside = Inside::enter(this.plugin);
            // A panic passes through the plugin first, on the thread of the worker.
            let outcome = match catch_unwind(AssertUnwindSafe(|| job.as_mut().poll(context))) {
                Ok(Poll::Pending) => return Poll::Pending,
                Ok(Poll::Ready(())) => Ok(()),
                Err(payload) => Err(payload),
            };
            let number = *number;
            this.job = None;
            if let Some(Err(payload)) = this.bridge.finish(number, outcome) {
                // The worker has not waited for it.
                resume_unwind(payload)
            }
        }
        Poll::Pending
    }
}

impl<R> Drop for Work<R> {
    fn drop(&mut self) {
        if !self.is_over {
            self.token.cancel();
            self.bridge.close();
        }
    }
}
