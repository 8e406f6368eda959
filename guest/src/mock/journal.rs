//! What has happened to a host, across its services.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use super::listening::{Listening, Logs};
use super::{Callback, lock};
use crate::log::Level;

/// So many lines of one kind are shown.
const SHOWN: usize = 20;

/// A call of a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// What was called, by its names in the schema: `Rng.Int`.
    pub method: &'static str,
    /// The request, for people: a long one is cut.
    pub request: String,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.method, self.request)
    }
}

/// Something that a plugin has logged.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Log {
    /// How much it matters.
    pub level: Level,
    /// Where it comes from: a path of a module, if the plugin says nothing else.
    pub target: String,
    /// The text.
    pub message: String,
}

/// What a host remembers. Generated code has one in each host.
#[doc(hidden)]
pub struct Recorder {
    shared: Arc<Shared>,
    callbacks: Vec<Arc<dyn Unmet>>,
    logs: Logs,
    /// One report is enough.
    has_failed: AtomicBool,
}

/// What callbacks add to.
pub(super) struct Shared {
    is_strict: bool,
    calls: Mutex<Vec<Call>>,
    unexpected: Mutex<Vec<String>>,
}

/// What may have been called too seldom.
pub(super) trait Unmet: Send + Sync + UnwindSafe + RefUnwindSafe {
    /// In words, each.
    fn unmet(&self) -> Vec<String>;
}

impl Shared {
    pub(super) fn called(&self, call: Call) {
        lock(&self.calls).push(call);
    }

    pub(super) fn unexpected(&self, text: String) {
        if self.is_strict {
            lock(&self.unexpected).push(text);
        }
    }
}

impl Recorder {
    /// Of a host for which a call that nobody expects is a failure.
    pub fn strict() -> Self {
        Recorder::new(true)
    }

    /// Of a host that answers such a call with an error, and leaves it at that.
    pub fn lenient() -> Self {
        Recorder::new(false)
    }

    fn new(is_strict: bool) -> Self {
        let shared = Shared { is_strict, calls: Mutex::default(), unexpected: Mutex::default() };
        Recorder {
            shared: Arc::new(shared),
            callbacks: Vec::new(),
            logs: Logs::default(),
            has_failed: AtomicBool::new(false),
        }
    }

    /// A callback of the host.
    pub fn callback<Q: Send + 'static, A: Send + 'static>(&mut self, method: &'static str) -> Callback<Q, A> {
        let (callback, all) = Callback::new(method, Arc::clone(&self.shared));
        self.callbacks.push(all);
        callback
    }

    /// Calls the plugin, and hears what it logs meanwhile.
    pub fn call<R>(&self, call: impl FnOnce() -> R) -> R {
        crate::log::begin_call();
        let _listening = Listening::start(&self.logs);
        call()
    }

    /// Every call of the plugin, in order.
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.shared.calls).clone()
    }

    /// The names of what was called, in order.
    pub fn called(&self) -> Vec<&'static str> {
        lock(&self.shared.calls).iter().map(|call| call.method).collect()
    }

    /// What was logged, in order.
    pub fn logs(&self) -> Vec<Log> {
        lock(&self.logs).clone()
    }

    /// Fails the test if something was called that nobody expects, or too seldom.
    #[track_caller]
    pub fn verify(&self) {
        if let Some(report) = self.report() {
            self.has_failed.store(true, Ordering::Relaxed);
            panic!("{report}");
        }
    }

    /// What is not as it should be.
    fn report(&self) -> Option<String> {
        let mut failures = lock(&self.shared.unexpected).clone();
        failures.extend(self.callbacks.iter().flat_map(|callback| callback.unmet()));
        if failures.is_empty() {
            return None;
        }
        let calls = lock(&self.shared.calls);
        let head = if calls.is_empty() { "the plugin has called nothing" } else { "the plugin has called, in order" };
        Some(format!(
            "the plugin does not call its host as the test expects:{}\n  {head}{}",
            lines("    - ", &failures),
            lines("      ", &calls)
        ))
    }
}

/// A line for each, as far as people read them.
fn lines<T: fmt::Display>(indent: &str, all: &[T]) -> String {
    let mut text: String = all.iter().take(SHOWN).map(|one| format!("\n{indent}{one}")).collect();
    if all.len() > SHOWN {
        text.push_str(&format!("\n{indent}… and {} more", all.len() - SHOWN));
    }
    text
}

impl Drop for Recorder {
    fn drop(&mut self) {
        // A test that fails already has a reason that is told.
        if !std::thread::panicking() && !*self.has_failed.get_mut() {
            self.verify();
        }
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("calls", &self.calls()).finish_non_exhaustive()
    }
}
