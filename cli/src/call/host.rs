//! The host of a called plugin: callbacks are answered by a [`Responder`], a fixture for instance, and written down.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use hookr::dynamic::{Callbacks, Value};
use hookr::lane::Refusal;
use hookr::supervise::Event;
use hookr::{CallbackContext, Error, LogRecord, MethodId};

use super::method::MethodRef;
use super::payload::Payload;
use crate::cache::{self, warn};
use crate::contract::LoadedContract;
use crate::terminal::{self, Progress};

/// What a callback is answered with.
pub(crate) type Answer = Result<Arc<Payload>, Error>;

/// Who answers callbacks.
pub(crate) trait Responder: Send + Sync + 'static {
    /// The answer of a callback; `None` if there is none for it. The request is what the plugin sent, which nobody has
    /// checked.
    fn answer(&self, context: &CallbackContext<'_>, callback: &MethodRef, request: &Payload) -> Option<Answer>;
}

/// Nobody: every callback goes without an answer.
impl Responder for () {
    fn answer(&self, _: &CallbackContext<'_>, _: &MethodRef, _: &Payload) -> Option<Answer> {
        None
    }
}

/// A callback that a plugin made, and what it got.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    /// Which callback.
    pub(crate) callback: MethodRef,
    /// What the plugin asked.
    pub(crate) request: Arc<Payload>,
    /// What it was answered.
    pub(crate) answer: Answer,
    /// When it began, after the call did.
    pub(crate) at: Duration,
    /// How long the answer took.
    pub(crate) elapsed: Duration,
}

/// Where goes what a plugin logs, and what happens to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notices {
    /// To stderr, as it comes.
    Say,
    /// To whoever [takes](Host::take) it.
    Keep,
}

/// A host without an application: what `call` and everything else that calls a plugin has.
///
/// A builder takes its callbacks before the plugin is trusted, and what answers them can only be read once the contract is
/// known; so the contract and the answers come later.
#[derive(Clone)]
pub(crate) struct Host(Arc<Shared>);

struct Shared {
    notices: Notices,
    contract: OnceLock<Arc<LoadedContract>>,
    state: Mutex<State>,
}

struct State {
    responder: Arc<dyn Responder>,
    /// Whether callbacks are written down.
    traced: bool,
    began: Instant,
    seen: Seen,
}

/// What the host has seen of a call.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// The callbacks, in their order; none if they are not [traced](Host::trace).
    pub(crate) trace: Vec<Exchange>,
    /// The callbacks that nobody answers, as service and method.
    pub(crate) missing: BTreeSet<(String, String)>,
    /// What the plugin logged, and what happened to it, as lines that are fit for a terminal.
    pub(crate) notices: Vec<String>,
}

impl Host {
    /// A host that answers nothing yet, and writes callbacks down.
    pub(crate) fn new(notices: Notices) -> Self {
        let state = State { responder: Arc::new(()), traced: true, began: Instant::now(), seen: Seen::default() };
        Host(Arc::new(Shared { notices, contract: OnceLock::new(), state: Mutex::new(state) }))
    }

    /// Says which contract the plugin has; the first one counts.
    pub(super) fn bind(&self, contract: &Arc<LoadedContract>) {
        let _ = self.0.contract.set(contract.clone());
    }

    /// Says who answers callbacks from now on.
    pub(crate) fn respond(&self, responder: impl Responder) {
        self.state().responder = Arc::new(responder);
    }

    /// Says whether callbacks are written down, which takes time and memory with each. They are, unless somebody says no.
    pub(crate) fn trace(&self, traced: bool) {
        self.state().traced = traced;
    }

    /// A call begins: what was seen before is forgotten, except for what has been logged since.
    pub(super) fn begin(&self) {
        let mut state = self.state();
        state.began = Instant::now();
        state.seen.trace.clear();
        state.seen.missing.clear();
    }

    /// What was seen since the last time.
    pub(crate) fn take(&self) -> Seen {
        std::mem::take(&mut self.state().seen)
    }

    /// What the plugin logs.
    pub(super) fn log(&self, record: &LogRecord<'_>) {
        match self.0.notices {
            Notices::Say => terminal::log(record),
            // A record escapes what it shows.
            Notices::Keep => self.state().seen.notices.push(record.to_string()),
        }
    }

    /// What happens to the plugin.
    pub(super) fn event(&self, event: &Event<'_>) {
        match self.0.notices {
            Notices::Say => warn(event),
            Notices::Keep => self.state().seen.notices.extend(cache::warning(event)),
        }
    }

    /// Says what is going on, to people who wait, unless everything is kept.
    pub(super) fn progress(&self, text: String) -> Option<Progress> {
        (self.0.notices == Notices::Say).then(|| Progress::start(text))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers a callback. The lock is not held while somebody else's code runs.
    fn answer(
        &self,
        context: &CallbackContext<'_>,
        callback: MethodRef,
        request: Payload,
    ) -> Result<Arc<Payload>, Error> {
        let (responder, traced, began) = {
            let state = self.state();
            (state.responder.clone(), state.traced, state.began)
        };
        let start = Instant::now();
        let answer = responder.answer(context, &callback, &request);
        let elapsed = start.elapsed();
        let is_missing = answer.is_none();
        let answer = answer.unwrap_or_else(|| {
            Err(Error::unimplemented(format!("the host fixture has no response for {}", callback.full_name())))
        });
        if traced || is_missing {
            let mut state = self.state();
            if is_missing {
                state.seen.missing.insert((callback.service.clone(), callback.name.clone()));
            }
            if traced {
                let at = start.saturating_duration_since(began);
                let (request, answer) = (Arc::new(request), answer.clone());
                state.seen.trace.push(Exchange { callback, request, answer, at, elapsed });
            }
        }
        answer
    }

    fn is_traced(&self) -> bool {
        self.state().traced
    }

    fn find(&self, id: MethodId) -> Option<(&Arc<LoadedContract>, MethodRef)> {
        let contract = self.0.contract.get()?;
        Some((contract, contract.callback(id)?))
    }
}

/// Answers are checked when they are read, so this is a fault of this program.
fn unusable(error: impl std::fmt::Display) -> Error {
    Error::internal(format!("the answer cannot be given: {error}"))
}

impl Callbacks for Host {
    fn call(&self, context: &CallbackContext<'_>, service: &str, method: &str, request: Value) -> Result<Value, Error> {
        let Some((contract, callback)) = self.find(MethodId::of(service, method)) else {
            return Err(Error::unimplemented(format!("the contract has no callback {service}.{method}")));
        };
        let request = Payload::of_value(contract, callback.request, request);
        let answer = self.answer(context, callback, request)?;
        answer.value().cloned().map_err(unusable)
    }

    fn call_encoded(
        &self,
        context: &CallbackContext<'_>,
        method: MethodId,
        request: &[u8],
    ) -> Result<Vec<u8>, Refusal> {
        let (contract, callback) = self.find(method).ok_or_else(|| Refusal::unknown(method))?;
        let request = Payload::of_bytes(contract, callback.request, request.to_vec());
        // Nobody has verified it. Where nobody looks at it either, that is not needed.
        if self.is_traced() {
            request.record().map_err(Refusal::unreadable)?;
        }
        let answer = self.answer(context, callback, request)?;
        Ok(answer.bytes().map_err(unusable)?.to_vec())
    }
}
