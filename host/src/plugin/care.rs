use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use hookr_abi::InvalidValue;
use parking_lot::Mutex;
use wasmtime::AsContextMut;

use super::Tally;
use super::tally::{Count, Tallies};
use crate::CallError;
use crate::builder::Recipe;
use crate::call::{Ending, Stop, cause};
use crate::crash::{Backtrace, CoreDumps, Crash};
use crate::instance::Bindings;
use crate::supervise::{Admission, Consequence, Event, Happening, Health, Listener, OnLoss, Supervision, Supervisor};

/// What is done about lost instances, and counted.
pub(super) struct Care {
    plugin: String,
    policy: Supervision,
    supervisor: Mutex<Supervisor>,
    listener: Option<Listener>,
    core_dumps: Option<Arc<CoreDumps>>,
    tallies: Tallies,
    counts: Counts,
    /// Whether the plugin fails fast, and has.
    is_stopped: AtomicBool,
}

#[derive(Default)]
struct Counts {
    trapped: Count,
    invalid: Count,
    limited: Count,
    late: Count,
    cancelled: Count,
    panicked: Count,
    not_started: Count,
    started: Count,
    refused: Count,
    /// Calls that had to wait for an instance, and for how many nanoseconds in all.
    waits: Count,
    waited: Count,
}

impl Care {
    pub(super) fn new<B: Bindings>(plugin: &str, recipe: &Recipe<B>, listener: Option<Listener>) -> Self {
        Care {
            plugin: plugin.to_owned(),
            policy: recipe.supervision.clone(),
            supervisor: Mutex::default(),
            listener,
            core_dumps: recipe.core_dumps.clone(),
            tallies: Tallies::default(),
            counts: Counts::default(),
            is_stopped: AtomicBool::new(false),
        }
    }

    /// There are instances that were made aside, with a generation.
    pub(super) fn know(&self, tallies: &[Arc<Tally>]) {
        for tally in tallies {
            self.tallies.know(tally);
            self.counts.started.add(1);
        }
    }

    /// Says that a call has come to the plugin, whose instance is out of reach.
    #[cold]
    pub(super) fn count(&self) {
        self.tallies.call_without_instance();
    }

    /// Says that a call has waited for an instance, so many nanoseconds.
    #[cold]
    pub(super) fn waited(&self, nanos: u64) {
        self.counts.waits.add(1);
        self.counts.waited.add(nanos);
    }

    /// Whether the plugin is not called until somebody revives it.
    #[inline]
    pub(super) fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }

    fn tell(&self, what: Happening<'_>) {
        if let Some(listener) = &self.listener {
            listener(&Event { plugin: &self.plugin, what });
        }
    }

    /// Whether there may be a fresh instance: true if of the version that is known to work, from now on.
    pub(super) fn admit(&self, method: &str, has_fallback: bool) -> Result<bool, CallError> {
        let mut supervisor = self.supervisor.lock();
        let admission = supervisor.admit(&self.policy, has_fallback, self.tallies.totals().calls, Instant::now());
        let last = supervisor.last.clone();
        drop(supervisor);
        match admission {
            Admission::Start => Ok(false),
            Admission::FallBack => {
                self.tell(Happening::FellBack);
                Ok(true)
            }
            Admission::Refused(retry_in) => {
                self.counts.refused.add(1);
                Err(CallError::Unavailable { method: method.to_owned(), retry_in, last })
            }
        }
    }

    /// There is a fresh instance, which is not the first.
    pub(super) fn started(&self, tally: &Arc<Tally>) {
        self.tallies.know(tally);
        self.counts.started.add(1);
        self.tell(Happening::Restarted { lost: self.lost_so_far() });
    }

    pub(super) fn lost_so_far(&self) -> u64 {
        let Counts { trapped, invalid, limited, late, cancelled, panicked, .. } = &self.counts;
        [trapped, invalid, limited, late, cancelled, panicked].map(Count::get).iter().sum()
    }

    /// An instance is lost, or could not be made. One of a generation that was replaced says nothing about the one in
    /// service.
    pub(super) fn lost(&self, error: &CallError, at_start: bool, is_replaced: bool) {
        let counts = &self.counts;
        let count = match error {
            _ if at_start => &counts.not_started,
            CallError::Trapped { .. } | CallError::Exited { .. } | CallError::Denied { .. } => &counts.trapped,
            CallError::LimitExceeded { .. } => &counts.limited,
            CallError::DeadlineExceeded { .. } => &counts.late,
            CallError::Cancelled { .. } | CallError::Replaced { .. } => &counts.cancelled,
            CallError::Panicked { .. } => &counts.panicked,
            _ => &counts.invalid,
        };
        count.add(1);
        // Whoever cancels a call has made up their mind about that one, not about the plugin; but the state is gone.
        let is_cancelled = matches!(error, CallError::Cancelled { .. });
        let consequence = if is_replaced || is_cancelled && (at_start || self.policy.on_loss != OnLoss::FailFast) {
            Consequence { rest: None, opened: false }
        } else {
            let mut supervisor = self.supervisor.lock();
            let calls = self.tallies.totals().calls;
            let consequence = supervisor.lost(&self.policy, describe(error), calls, Instant::now());
            self.is_stopped.store(supervisor.is_stopped(), Ordering::Relaxed);
            consequence
        };
        let Consequence { rest, opened } = consequence;
        self.tell(if at_start { Happening::NotStarted { error, rest } } else { Happening::Lost { error, rest } });
        if let (true, Some(rest)) = (opened, rest) {
            self.tell(Happening::CircuitOpened { rest });
        }
    }

    pub(super) fn revive(&self) {
        self.forget();
        self.tell(Happening::Revived);
    }

    /// Forgets what was lost.
    pub(super) fn forget(&self) {
        *self.supervisor.lock() = Supervisor::default();
        self.is_stopped.store(false, Ordering::Relaxed);
    }

    pub(super) fn health(&self, on_last_good: bool) -> Health {
        let supervisor = self.supervisor.lock();
        let (state, last) = (supervisor.state(Instant::now()), supervisor.last.clone());
        drop(supervisor);
        let (counts, totals) = (&self.counts, self.tallies.totals());
        Health {
            state,
            calls: totals.calls,
            lost: self.lost_so_far(),
            trapped: counts.trapped.get(),
            invalid: counts.invalid.get(),
            limited: counts.limited.get(),
            late: counts.late.get(),
            cancelled: counts.cancelled.get(),
            panicked: counts.panicked.get(),
            not_started: counts.not_started.get(),
            started: counts.started.get(),
            refused: counts.refused.get(),
            on_last_good,
            last_loss: Some(last).filter(|last| !last.is_empty()),
        }
    }

    /// The error of a call that ended like this in a store.
    pub(super) fn ended(
        &self,
        method: &str,
        ending: Ending,
        store: impl AsContextMut,
        error: wasmtime::Error,
    ) -> CallError {
        let core_dump = self.core_dumps.as_ref().and_then(|dumps| dumps.write(store, &error, &self.plugin));
        let crash = Crash { backtrace: Backtrace::of(&error), core_dump, at_start: false };
        match ending {
            Ending::Stopped(stop) => stopped(method, stop, crash, error),
            Ending::Trapped => {
                CallError::Trapped { method: method.to_owned(), crash: Box::new(crash), source: cause(error) }
            }
            Ending::Unreadable => {
                let source = match error.downcast::<InvalidValue>() {
                    Ok(invalid) => invalid.into(),
                    Err(error) => cause(error),
                };
                CallError::InvalidResponse { method: method.to_owned(), crash: Box::new(crash), source }
            }
        }
    }

    /// The error of a call whose plugin was stopped before it was there.
    pub(super) fn stopped(&self, method: &str, stop: Stop, error: wasmtime::Error) -> CallError {
        stopped(method, stop, *Crash::at_start(&error), error)
    }
}

fn stopped(method: &str, stop: Stop, crash: Crash, error: wasmtime::Error) -> CallError {
    let (method, crash) = (method.to_owned(), Box::new(crash));
    match stop {
        Stop::Deadline { after } => CallError::DeadlineExceeded { method, after, crash: Some(crash) },
        Stop::Cancelled => CallError::Cancelled { method, crash: Some(crash) },
        Stop::Replaced => CallError::Replaced { method, crash },
        Stop::Exited { code } => CallError::Exited { method, code, crash },
        Stop::Denied { function } => CallError::Denied { method, function, crash },
        Stop::Exceeded(exceeded) => CallError::LimitExceeded { method, exceeded, crash, source: cause(error) },
    }
}

/// An error with its causes, in a line.
fn describe(error: &CallError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        // Wasmtime's first cause is the backtrace, of many lines.
        if let Some(line) = error.to_string().lines().next() {
            text.push_str(": ");
            text.push_str(line);
        }
        cause = error.source();
    }
    text
}
