use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use hookr_abi::InvalidValue;
use parking_lot::Mutex;
use wasmtime::AsContextMut;

use super::Opening;
use crate::CallError;
use crate::call::{Ending, Stop, cause};
use crate::crash::{Backtrace, CoreDumps, Crash};
use crate::supervise::{Admission, Consequence, Event, Happening, Health, Listener, OnLoss, Supervision, Supervisor};

/// What is done about lost instances, and counted.
pub(super) struct Care {
    plugin: String,
    policy: Supervision,
    supervisor: Mutex<Supervisor>,
    listener: Option<Listener>,
    core_dumps: Option<Arc<CoreDumps>>,
    pub(super) calls: Count,
    counts: Counts,
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
}

/// A number that is counted by whoever has locked the plugin, and read by anybody.
#[derive(Default)]
pub(super) struct Count(AtomicU64);

impl Count {
    /// As fast as a number that is not shared: there is one writer at a time.
    #[inline]
    pub(super) fn add(&self) {
        self.0.store(self.0.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Care {
    /// For a plugin that has its first instance.
    pub(super) fn new(plugin: &str, opening: Opening) -> Self {
        let Opening { supervision, listener, core_dumps, .. } = opening;
        let care = Care {
            plugin: plugin.to_owned(),
            policy: supervision,
            supervisor: Mutex::default(),
            listener,
            core_dumps,
            calls: Count::default(),
            counts: Counts::default(),
        };
        care.counts.started.add();
        care
    }

    fn tell(&self, what: Happening<'_>) {
        if let Some(listener) = &self.listener {
            listener(&Event { plugin: &self.plugin, what });
        }
    }

    /// Whether there may be a fresh instance: true if of the version that is known to work, from now on.
    pub(super) fn admit(&self, method: &str, has_fallback: bool) -> Result<bool, CallError> {
        let mut supervisor = self.supervisor.lock();
        let admission = supervisor.admit(&self.policy, has_fallback, self.calls.get(), Instant::now());
        let last = supervisor.last.clone();
        drop(supervisor);
        match admission {
            Admission::Start => Ok(false),
            Admission::FallBack => {
                self.tell(Happening::FellBack);
                Ok(true)
            }
            Admission::Refused(retry_in) => {
                self.counts.refused.add();
                Err(CallError::Unavailable { method: method.to_owned(), retry_in, last })
            }
        }
    }

    /// There is a fresh instance, which is not the first.
    pub(super) fn started(&self) {
        self.counts.started.add();
        self.tell(Happening::Restarted { lost: self.lost_so_far() });
    }

    fn lost_so_far(&self) -> u64 {
        let Counts { trapped, invalid, limited, late, cancelled, panicked, .. } = &self.counts;
        [trapped, invalid, limited, late, cancelled, panicked].map(Count::get).iter().sum()
    }

    /// An instance is lost, or could not be made.
    pub(super) fn lost(&self, error: &CallError, at_start: bool) {
        let counts = &self.counts;
        let count = match error {
            _ if at_start => &counts.not_started,
            CallError::Trapped { .. } | CallError::Exited { .. } | CallError::Denied { .. } => &counts.trapped,
            CallError::LimitExceeded { .. } => &counts.limited,
            CallError::DeadlineExceeded { .. } => &counts.late,
            CallError::Cancelled { .. } => &counts.cancelled,
            CallError::Panicked { .. } => &counts.panicked,
            _ => &counts.invalid,
        };
        count.add();
        // Whoever cancels a call has made up their mind about that one, not about the plugin; but the state is gone.
        let is_cancelled = matches!(error, CallError::Cancelled { .. });
        let consequence = if is_cancelled && (at_start || self.policy.on_loss != OnLoss::FailFast) {
            Consequence { rest: None, opened: false }
        } else {
            self.supervisor.lock().lost(&self.policy, describe(error), self.calls.get(), Instant::now())
        };
        let Consequence { rest, opened } = consequence;
        self.tell(if at_start { Happening::NotStarted { error, rest } } else { Happening::Lost { error, rest } });
        if let (true, Some(rest)) = (opened, rest) {
            self.tell(Happening::CircuitOpened { rest });
        }
    }

    pub(super) fn revive(&self) {
        *self.supervisor.lock() = Supervisor::default();
        self.tell(Happening::Revived);
    }

    pub(super) fn health(&self, on_last_good: bool) -> Health {
        let supervisor = self.supervisor.lock();
        let (state, last) = (supervisor.state(Instant::now()), supervisor.last.clone());
        drop(supervisor);
        let counts = &self.counts;
        Health {
            state,
            calls: self.calls.get(),
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
