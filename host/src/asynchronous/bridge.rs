use std::any::Any;
use std::cell::RefCell;
use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use hookr_abi::{CallbackContext, Code, Error};
use parking_lot::{Condvar, Mutex};

use crate::CancelToken;

/// The future of a callback. It keeps its output where the worker finds it.
pub(super) type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What has become of a job, unless somebody has withdrawn it: it is done, or it has panicked.
pub(super) type Outcome = Result<(), Box<dyn Any + Send>>;

/// What the worker of a call and the future of the call have between them.
///
/// The worker posts the future of a callback here and waits; whoever polls the future of the call takes it, polls it as well, and
/// says what has become of it.
#[derive(Default)]
pub(super) struct Bridge {
    state: Mutex<State>,
    /// Tells the worker that there is an outcome, or that there will be none.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    has_begun: bool,
    /// The future of the call is gone.
    is_closed: bool,
    /// The number of the last job.
    last: u64,
    /// The job that the worker waits for, by its number.
    wanted: Option<u64>,
    posted: Option<Job>,
    outcome: Option<Outcome>,
    /// Of the future of the call.
    waker: Option<Waker>,
}

/// What there is to do for whoever polls the future of a call.
pub(super) enum Look {
    /// A new job; others are to be dropped.
    New(u64, Job),
    /// What it was.
    Same,
    /// Nothing: a job that is there is to be dropped.
    Nothing,
}

thread_local! {
    /// The bridge of the worker that this thread is.
    static CURRENT: RefCell<Option<Arc<Bridge>>> = const { RefCell::new(None) };
}

impl Bridge {
    /// The bridge of the worker that this thread is, if it is one.
    pub(super) fn current() -> Option<Arc<Bridge>> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// Says that this thread works from now on: false if nobody waits for it any more.
    pub(super) fn begin(&self) -> bool {
        let mut state = self.state.lock();
        state.has_begun = !state.is_closed;
        state.has_begun
    }

    /// Says that nobody waits for the worker any more, unless it has begun.
    pub(super) fn give_up(&self) -> bool {
        let mut state = self.state.lock();
        state.is_closed |= !state.has_begun;
        state.is_closed
    }

    pub(super) fn has_begun(&self) -> bool {
        self.state.lock().has_begun
    }

    /// Says that nobody polls any more.
    pub(super) fn close(&self) {
        let mut state = self.state.lock();
        state.is_closed = true;
        let _posted = state.posted.take();
        // Its drop is code of the application.
        drop(state);
        self.changed.notify_all();
    }

    /// Asks what to poll, for one who has this job already. The waker is woken when that changes.
    pub(super) fn look(&self, has: Option<u64>, waker: &Waker) -> Look {
        let mut state = self.state.lock();
        match &mut state.waker {
            Some(known) => known.clone_from(waker),
            none => *none = Some(waker.clone()),
        }
        match (state.wanted, state.posted.take()) {
            (Some(wanted), Some(job)) => Look::New(wanted, job),
            (wanted, _) if wanted == has => Look::Same,
            _ => Look::Nothing,
        }
    }

    /// Says what has become of a job. It is given back if nobody waits for it any more.
    pub(super) fn finish(&self, number: u64, outcome: Outcome) -> Option<Outcome> {
        let mut state = self.state.lock();
        if state.wanted != Some(number) {
            return Some(outcome);
        }
        state.outcome = Some(outcome);
        drop(state);
        self.changed.notify_all();
        None
    }

    /// Has a job done by whoever polls the future of the call.
    ///
    /// # Panics
    ///
    /// As the job does.
    pub(super) fn post(&self, context: &CallbackContext<'_>, job: Job) -> Result<(), Error> {
        let mut state = self.state.lock();
        if state.is_closed {
            return Err(cancelled());
        }
        state.last += 1;
        state.wanted = Some(state.last);
        (state.posted, state.outcome) = (Some(job), None);
        if let Some(waker) = state.waker.take() {
            // It is code of the executor.
            parking_lot::MutexGuard::unlocked(&mut state, || waker.wake());
        }
        let refusal = loop {
            if let Some(outcome) = state.outcome.take() {
                state.wanted = None;
                drop(state);
                return outcome.map_err(|payload| resume_unwind(payload));
            }
            if state.is_closed {
                break cancelled();
            }
            match turn(context) {
                Ok(turn) => self.changed.wait_for(&mut state, turn),
                Err(refusal) => break refusal,
            };
        };
        state.wanted = None;
        let posted = state.posted.take();
        let waker = state.waker.take();
        // Both are code of others.
        drop(state);
        drop(posted);
        if let Some(waker) = waker {
            waker.wake();
        }
        Err(refusal)
    }
}

/// Says that this thread is the worker of a call, for as long as it lives.
pub(super) struct Working(Option<Arc<Bridge>>);

impl Working {
    pub(super) fn enter(bridge: Arc<Bridge>) -> Self {
        Working(CURRENT.replace(Some(bridge)))
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

/// How long a thread that is inside of this call may wait before it looks again.
///
/// # Errors
///
/// What the plugin is told of its callback, if nobody waits for that any more.
pub(super) fn turn(context: &CallbackContext<'_>) -> Result<Duration, Error> {
    /// So often it looks whether the call was cancelled.
    const LOOK: Duration = Duration::from_millis(10);
    if context.is_cancelled() {
        return Err(cancelled());
    }
    match context.remaining() {
        Some(Duration::ZERO) => {
            Err(Error::new(Code::DeadlineExceeded, "the time of the call was over before the callback was"))
        }
        Some(remaining) => Ok(remaining.min(LOOK)),
        None => Ok(LOOK),
    }
}

fn cancelled() -> Error {
    Error::new(Code::Cancelled, "the call was cancelled before the callback was over")
}

/// Cancels a token when it is dropped.
pub(super) struct Gone(pub(super) CancelToken);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.cancel();
    }
}
