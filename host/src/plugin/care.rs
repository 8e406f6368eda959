use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use hookr_abi::{InvalidValue, MethodId};
use parking_lot::Mutex;
use wasmtime::AsContextMut;

use super::tally::{Count, Tallies, Totals};
use super::{Stage, Tally};
use crate::CallError;
use crate::builder::Recipe;
use crate::call::{Ending, Stop, cause};
use crate::crash::{Backtrace, CoreDumps, Crash};
use crate::instance::{Bindings, Live};
use crate::observe::Observer;
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
    pub(super) observer: Observer,
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
    /// Instances that took the place of a lost one.
    restarted: Count,
    /// Calls that had to wait for an instance, and for how many nanoseconds in all.
    waits: Count,
    waited: Count,
    /// Versions that were put in service after the first, and those that were not.
    reloads: Count,
    failed_reloads: Count,
}

/// What is counted beside the [`Health`].
pub(super) struct Counted {
    pub(super) totals: Totals,
    pub(super) waits: u64,
    pub(super) waited: u64,
    pub(super) reloads: u64,
    pub(super) failed_reloads: u64,
}

impl Care {
    pub(super) fn new<B: Bindings>(
        plugin: &str,
        recipe: &Recipe<B>,
        listener: Option<Listener>,
        observer: Observer,
    ) -> Self {
        Care {
            plugin: plugin.to_owned(),
            policy: recipe.supervision.clone(),
            supervisor: Mutex::default(),
            listener,
            core_dumps: recipe.core_dumps.clone(),
            tallies: Tallies::default(),
            counts: Counts::default(),
            observer,
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

    /// These instances are there as long as they live.
    pub(super) fn see<B: Bindings>(&self, instances: &mut [Box<Live<B>>]) {
        instances.iter_mut().for_each(|live| live.present = self.observer.present());
    }

    /// Says that a call has come to the plugin, whose instance is out of reach.
    #[cold]
    pub(super) fn count(&self, method: Option<MethodId>) {
        self.tallies.call_without_instance(method);
    }

    /// Says that a call has waited for an instance, so many nanoseconds.
    #[cold]
    pub(super) fn waited(&self, nanos: u64) {
        self.counts.waits.add(1);
        self.counts.waited.add(nanos);
        self.observer.waited(nanos);
    }

    /// Whether the plugin is not called until somebody revives it.
    #[inline]
    pub(super) fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }

    pub(super) fn tell(&self, what: Happening<'_>) {
        if let Some(listener) = &self.listener {
            listener(&Event { plugin: &self.plugin, what });
        }
    }

    /// Whether there may be a fresh instance: true if of the version that is known to work, from now on.
    pub(super) fn admit(&self, method: &str, has_fallback: bool) -> Result<bool, CallError> {
        let mut supervisor = self.supervisor.lock();
        let admission = supervisor.admit(&self.policy, has_fallback, self.tallies.calls(), Instant::now());
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
    pub(super) fn started<B: Bindings>(&self, live: &mut Live<B>) {
        self.tallies.know(&live.tally);
        live.present = self.observer.present();
        self.counts.started.add(1);
        // The others of a pool, and fresh ones, take nobody's place.
        let (lost, restarted) = (self.lost_so_far(), &self.counts.restarted);
        if restarted.get() < lost {
            restarted.add(1);
            self.tell(Happening::Restarted { lost });
        }
    }

    /// Whether no instance was lost, and each that was needed could be made.
    pub(super) fn is_unhurt(&self) -> bool {
        self.lost_so_far() == 0 && self.counts.not_started.get() == 0
    }

    /// What was lost last, for people.
    pub(super) fn last_loss(&self) -> String {
        self.supervisor.lock().last.clone()
    }

    pub(super) fn lost_so_far(&self) -> u64 {
        let Counts { trapped, invalid, limited, late, cancelled, panicked, .. } = &self.counts;
        [trapped, invalid, limited, late, cancelled, panicked].map(Count::get).iter().sum()
    }

    /// Says that another version was put in service, or was not.
    pub(super) fn reloaded(&self, is_done: bool) {
        if is_done { self.counts.reloads.add(1) } else { self.counts.failed_reloads.add(1) }
    }

    /// An instance is lost, or could not be made. One of a generation that was replaced says nothing about the one in
    /// service.
    pub(super) fn lost(&self, error: &CallError, at_start: bool, stage: &Stage) {
        let counts = &self.counts;
        let (count, reason) = match error {
            _ if at_start => (&counts.not_started, "not_started"),
            CallError::Trapped { .. } | CallError::Exited { .. } | CallError::Denied { .. } => {
                (&counts.trapped, "trapped")
            }
            CallError::LimitExceeded { .. } => (&counts.limited, "limited"),
            CallError::DeadlineExceeded { .. } => (&counts.late, "late"),
            CallError::Cancelled { .. } | CallError::Replaced { .. } => (&counts.cancelled, "cancelled"),
            CallError::Panicked { .. } => (&counts.panicked, "panicked"),
            _ => (&counts.invalid, "invalid"),
        };
        count.add(1);
        self.observer.lost(reason);
        // Whoever cancels a call has made up their mind about that one, not about the plugin; but the state is gone.
        let is_cancelled = matches!(error, CallError::Cancelled { .. });
        let is_without = is_cancelled && (at_start || self.policy.on_loss != OnLoss::FailFast);
        let mut supervisor = self.supervisor.lock();
        // Looked at behind the lock: whoever swaps says first that this one is replaced, and then forgets what was lost.
        let consequence = if is_without || stage.is_replaced() {
            Consequence { rest: None, opened: false }
        } else {
            let calls = self.tallies.calls();
            let consequence = supervisor.lost(&self.policy, describe(error), calls, Instant::now());
            self.is_stopped.store(supervisor.is_stopped(), Ordering::Relaxed);
            consequence
        };
        drop(supervisor);
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
        self.health_with(on_last_good, self.tallies.calls())
    }

    /// The same, and what else is counted.
    pub(super) fn counted(&self, on_last_good: bool) -> (Health, Counted) {
        let (counts, totals) = (&self.counts, self.tallies.totals());
        let health = self.health_with(on_last_good, totals.calls);
        let (waits, waited) = (counts.waits.get(), counts.waited.get());
        let (reloads, failed_reloads) = (counts.reloads.get(), counts.failed_reloads.get());
        (health, Counted { totals, waits, waited, reloads, failed_reloads })
    }

    fn health_with(&self, on_last_good: bool, calls: u64) -> Health {
        let supervisor = self.supervisor.lock();
        let (state, last) = (supervisor.state(Instant::now()), supervisor.last.clone());
        drop(supervisor);
        let counts = &self.counts;
        Health {
            state,
            calls,
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
