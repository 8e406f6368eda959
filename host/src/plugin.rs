use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hookr_abi::{OutOfRoom, Owned, Room};
use parking_lot::{Mutex, MutexGuard};
use wasmtime::Store;

use crate::call::{CallOptions, Ending, Stop, Terms, cause};
use crate::crash::Crash;
use crate::engine::nanos;
use crate::instance::{Bindings, Factory, Live, StartError, StartStep, StoreData, begin};
use crate::lane::Lane;
use crate::limits::{Exceeded, Limit};
use crate::metadata::MethodSpec;
use crate::supervise::{Health, Listener, Supervision};
use crate::{CallError, CallWay, Metadata, OpenError, Source};

#[cfg(feature = "async")]
mod asynchronous;
mod care;

use care::Care;

/// An opened plugin: what every handle of generated code holds.
pub struct Plugin<B: Bindings> {
    shared: Arc<Shared<B>>,
    /// What calls of this handle are made with.
    terms: Terms,
}

impl<B: Bindings> Clone for Plugin<B> {
    fn clone(&self) -> Self {
        Plugin { shared: self.shared.clone(), terms: self.terms.clone() }
    }
}

struct Shared<B: Bindings> {
    version: Version<B>,
    /// One that is known to work, for when this one does not.
    last_good: Option<Version<B>>,
    is_on_last_good: AtomicBool,
    /// Whether typed calls that carry much do without the lane: where nobody has asked for the lane.
    weighs: bool,
    slot: Mutex<Option<Box<Live<B>>>>,
    /// The thread that is inside a call, as [`this_thread`] names it; 0 when none is.
    caller: AtomicUsize,
    care: Care,
    #[cfg(feature = "async")]
    turns: asynchronous::Turns,
}

/// A file that was compiled for the contract.
pub(crate) struct Version<B: Bindings> {
    pub(crate) metadata: Metadata,
    pub(crate) factory: Factory<B>,
}

/// What a plugin is opened with, beside its versions.
pub(crate) struct Opening {
    pub(crate) calls: CallWay,
    pub(crate) supervision: Supervision,
    pub(crate) listener: Option<Listener>,
    pub(crate) core_dumps: Option<Arc<crate::crash::CoreDumps>>,
}

impl<B: Bindings> Version<B> {
    /// Makes the first instance, so that a version that cannot run is noticed when it is opened.
    fn try_out(&mut self, calls: CallWay) -> Result<Live<B>, OpenError> {
        let terms = Terms::new(self.factory.limits());
        let live = self.factory.start(self.metadata.section(), &terms, 0).map_err(not_opened)?;
        self.metadata.lane.clone_from(&live.lane.state);
        self.metadata.typed_calls = calls.settle(&live.lane.state);
        Ok(live)
    }
}

fn not_opened(StartError { step, ending, error }: StartError) -> OpenError {
    match (ending, step) {
        (Ending::Stopped(Stop::Deadline { after }), _) => OpenError::DeadlineExceeded { after },
        (Ending::Stopped(Stop::Exceeded(exceeded)), _) => OpenError::LimitExceeded(exceeded),
        // Code of the plugin runs in either step.
        (Ending::Trapped, _) | (_, StartStep::Instantiate) => {
            OpenError::Instantiate { crash: Crash::at_start(&error), source: cause(error) }
        }
        (_, StartStep::Bind) => OpenError::World { source: cause(error) },
    }
}

impl<B: Bindings> Plugin<B> {
    /// Tries the versions out.
    pub(crate) fn open(
        mut version: Version<B>,
        mut last_good: Option<Version<B>>,
        opening: Opening,
    ) -> Result<Self, OpenError> {
        let calls = opening.calls;
        let live = version.try_out(calls)?;
        if let Some(last_good) = &mut last_good {
            last_good.try_out(calls).map_err(|error| OpenError::LastGood { source: error.into() })?;
        }
        let terms = Terms::new(version.factory.limits());
        let shared = Shared {
            care: Care::new(version.metadata.name(), opening),
            version,
            last_good,
            is_on_last_good: AtomicBool::new(false),
            weighs: calls == CallWay::Auto,
            slot: Mutex::new(Some(Box::new(live))),
            caller: AtomicUsize::new(0),
            #[cfg(feature = "async")]
            turns: asynchronous::Turns::default(),
        };
        Ok(Plugin { shared: Arc::new(shared), terms })
    }

    /// What is known of the plugin.
    pub fn metadata(&self) -> &Metadata {
        &self.version().metadata
    }

    /// The same plugin, called otherwise.
    #[must_use]
    pub fn with(&self, options: &CallOptions) -> Self {
        Plugin { shared: self.shared.clone(), terms: self.terms.with(options) }
    }

    /// Whether a request is as small as it has to be, where it does not come over the lane.
    ///
    /// # Errors
    ///
    /// [`CallError::RequestTooLarge`].
    #[inline]
    pub fn check_size<T: Owned>(&self, method: &MethodSpec, request: &T) -> Result<(), CallError> {
        self.check_bytes(method.name, |_| size_of::<T>() + request.owned())
    }

    /// The same, for a request whose size is not counted beyond the limit.
    pub(crate) fn check_bytes(&self, method: &str, size: impl FnOnce(usize) -> usize) -> Result<(), CallError> {
        let limit = self.version().factory.limits().request;
        let size = size(limit);
        if size <= limit {
            return Ok(());
        }
        Err(CallError::RequestTooLarge { method: method.to_owned(), size, limit })
    }

    /// How much memory a message of the plugin may take.
    pub(crate) fn room(&self) -> Room {
        Room::new(self.terms.host_memory)
    }

    /// How it is.
    pub fn health(&self) -> Health {
        self.shared.care.health(self.shared.is_on_last_good.load(Ordering::Relaxed))
    }

    /// Forgets what it has lost, so that the next call runs, on the version that was opened. It waits for the call that runs.
    ///
    /// # Errors
    ///
    /// Those of a call that does not get the plugin.
    pub fn revive(&self) -> Result<(), CallError> {
        let (mut slot, _caller, _) = self.lock("revive")?;
        if self.shared.is_on_last_good.swap(false, Ordering::Relaxed) {
            *slot = None;
        }
        self.shared.care.revive();
        Ok(())
    }

    /// Whether the plugin has this optional method.
    pub fn supports(&self, method: &MethodSpec) -> bool {
        self.metadata().implements(method.id)
    }

    /// The time, for a call that begins.
    #[inline]
    pub fn now(&self) -> u64 {
        self.version().factory.now()
    }

    /// Locks the plugin for a typed call of this method over its lane, if that is the way typed calls take.
    #[inline]
    pub fn lane_of_typed_call(&self, method: &MethodSpec) -> Option<Result<Lane<'_, B>, CallError>> {
        if self.metadata().typed_calls != CallWay::Lane {
            return None;
        }
        Lane::lock_for_typed(self, method, self.shared.weighs)
    }

    /// Locks the plugin for calls over its lane, by this thread alone.
    pub fn lane(&self) -> Result<Lane<'_, B>, CallError> {
        Lane::lock(self)
    }

    /// Calls an optional method, or says that the plugin does not have it.
    pub fn call_optional<R>(
        &self,
        method: &MethodSpec,
        begun: Option<u64>,
        call: impl FnOnce(
            &B,
            &mut Store<StoreData<B::Callbacks>>,
        ) -> wasmtime::Result<Result<R, super::__private::abi::Error>>,
    ) -> Result<R, CallError> {
        if !self.supports(method) {
            return Err(CallError::Unimplemented { method: method.name.to_owned() });
        }
        self.call(method, begun, call)
    }

    /// Calls a method: waits for the instance, makes a fresh one if the last was lost, and gives it up if the call
    /// leaves it in a state that nobody knows. A call that has tried another way first says when it has begun.
    pub fn call<R>(
        &self,
        method: &MethodSpec,
        begun: Option<u64>,
        call: impl FnOnce(
            &B,
            &mut Store<StoreData<B::Callbacks>>,
        ) -> wasmtime::Result<Result<R, super::__private::abi::Error>>,
    ) -> Result<R, CallError> {
        let result = self.run(method.name, begun, |live| call(&live.bindings, &mut live.store))?;
        result.map_err(|error| CallError::Failed { method: method.name.to_owned(), error: error.into() })
    }

    /// The call itself. `run` reports what the plugin answered, or wasmtime's error.
    pub(crate) fn run<R>(
        &self,
        method: &str,
        begun: Option<u64>,
        run: impl FnOnce(&mut Live<B>) -> wasmtime::Result<R>,
    ) -> Result<R, CallError> {
        let (mut slot, _caller, mut waited) = self.lock(method)?;
        // Either time may be behind by the lag of the clock.
        let spent = begun.map_or(0, |begun| self.version().factory.since(begun));
        if spent > waited {
            if spent >= self.terms.budget {
                let after = Duration::from_nanos(self.terms.budget);
                return Err(CallError::DeadlineExceeded { method: method.to_owned(), after, crash: None });
            }
            waited = spent;
            if let Some(live) = &mut *slot {
                live.arm(&self.terms, waited);
            }
        }
        let mut live = match slot.take() {
            Some(live) => live,
            None => self.start(method, waited)?,
        };
        self.count();
        let watch = self.watch(method, false);
        begin(&mut live.store);
        let result = run(&mut live);
        live.end_of_call();
        watch.end();
        match result {
            Ok(result) => {
                *slot = Some(live);
                Ok(result)
            }
            Err(error) => Err(self.lost(method, &mut live, error)),
        }
    }
}

/// The error of a request that cannot be sent; the plugin was not called.
pub fn invalid_request(method: &MethodSpec, error: impl Into<Source>) -> CallError {
    CallError::InvalidRequest { method: method.name.to_owned(), source: error.into() }
}

impl<B: Bindings> Plugin<B> {
    #[inline]
    fn version(&self) -> &Version<B> {
        let shared = &*self.shared;
        match &shared.last_good {
            Some(last_good) if shared.is_on_last_good.load(Ordering::Relaxed) => last_good,
            _ => &shared.version,
        }
    }

    /// Says that a call has come to the plugin. It is locked.
    #[inline]
    pub(crate) fn count(&self) {
        self.shared.care.calls.add();
    }

    /// The same, unless the host itself has refused the call.
    #[inline]
    pub(crate) fn count_unless(&self, refused: bool) {
        if !refused {
            self.count();
        }
    }

    /// Waits for the instance, and says for how long it has waited, in nanoseconds. While the caller lives, this thread is
    /// inside of a call.
    pub(crate) fn lock(&self, method: &str) -> Result<(Slot<'_, B>, Caller<'_>, u64), CallError> {
        let shared = &*self.shared;
        let this_thread = this_thread();
        // Only this thread can have stored its own name, so a relaxed load cannot mistake another thread's call for it.
        if shared.caller.load(Ordering::Relaxed) == this_thread {
            return Err(CallError::Reentrant { method: method.to_owned() });
        }
        if self.terms.cancel.as_ref().is_some_and(|token| token.is_cancelled()) {
            return Err(CallError::Cancelled { method: method.to_owned(), crash: None });
        }
        // After a panic in a callback, the slot is empty, because the instance was taken out of it, or it is marked.
        let (mut slot, waited) = match shared.slot.try_lock() {
            Some(slot) => (slot, 0),
            None => self.wait(method)?,
        };
        if let Some(live) = &mut *slot {
            live.arm(&self.terms, waited);
        }
        Ok((slot, Caller::enter(&shared.caller, this_thread), waited))
    }

    /// Says what calls of this handle are made with.
    pub(crate) fn arm(&self, live: &mut Live<B>) {
        live.arm(&self.terms, 0);
    }

    /// Waits for the instance until the time of the call is over.
    #[cold]
    fn wait(&self, method: &str) -> Result<(Slot<'_, B>, u64), CallError> {
        /// How often one who waits looks whether the call was cancelled.
        const LOOK: Duration = Duration::from_millis(5);
        let (start, budget) = (Instant::now(), Duration::from_nanos(self.terms.budget));
        loop {
            let left = match self.terms.budget {
                u64::MAX => LOOK,
                _ => budget.saturating_sub(start.elapsed()),
            };
            let turn = if self.terms.cancel.is_some() { left.min(LOOK) } else { left };
            if let Some(slot) = self.shared.slot.try_lock_for(turn) {
                return Ok((slot, nanos(start.elapsed())));
            }
            if self.terms.cancel.as_ref().is_some_and(|token| token.is_cancelled()) {
                return Err(CallError::Cancelled { method: method.to_owned(), crash: None });
            }
            if start.elapsed() >= budget {
                return Err(CallError::DeadlineExceeded { method: method.to_owned(), after: budget, crash: None });
            }
        }
    }

    /// Makes a fresh instance, if the plugin may have one. The call that needs it has waited this long already.
    #[cold]
    pub(crate) fn start(&self, method: &str, waited: u64) -> Result<Box<Live<B>>, CallError> {
        let shared = &*self.shared;
        let has_fallback = shared.last_good.is_some() && !shared.is_on_last_good.load(Ordering::Relaxed);
        if shared.care.admit(method, has_fallback)? {
            shared.is_on_last_good.store(true, Ordering::Relaxed);
        }
        let Version { metadata, factory } = self.version();
        let begun = Instant::now();
        let watch = self.watch(method, true);
        let result = factory.start(metadata.section(), &self.terms, waited);
        watch.end();
        let error = match result {
            Ok(mut live) => {
                shared.care.started();
                // What it took to start counts, too.
                live.arm(&self.terms, waited.saturating_add(nanos(begun.elapsed())));
                return Ok(Box::new(live));
            }
            Err(error) => error,
        };
        let error = match error.ending {
            Ending::Stopped(stop) => shared.care.stopped(method, stop, error.error),
            Ending::Trapped | Ending::Unreadable => {
                let (crash, source) = (Crash::at_start(&error.error), cause(error.error));
                CallError::Instantiate { method: method.to_owned(), crash, source }
            }
        };
        shared.care.lost(&error, true);
        Err(error)
    }

    /// The error of a call that has cost the plugin its instance.
    #[cold]
    pub(crate) fn lost(&self, method: &str, live: &mut Live<B>, error: wasmtime::Error) -> CallError {
        let ending = self.version().factory.ending(&error, live.store.data());
        let error = self.shared.care.ended(method, ending, &mut live.store, error);
        self.shared.care.lost(&error, false);
        error
    }

    /// Until this ends, a panic of the host costs the plugin its instance.
    #[inline]
    pub(crate) fn watch<'a>(&'a self, method: &'a str, at_start: bool) -> Watch<'a> {
        Watch { care: &self.shared.care, method, at_start, is_counted: true }
    }

    /// The same for a call that has not been counted yet.
    #[inline]
    pub(crate) fn watch_uncounted<'a>(&'a self, method: &'a str) -> Watch<'a> {
        Watch { care: &self.shared.care, method, at_start: false, is_counted: false }
    }

    /// Says that the plugin has lost its instance by what it has answered.
    #[cold]
    pub(crate) fn unreadable(&self, method: &str, source: Source) -> CallError {
        let method = method.to_owned();
        let error = match source.downcast::<OutOfRoom>() {
            Ok(source) => CallError::LimitExceeded {
                method,
                exceeded: Exceeded::new(Limit::HostMemory, None, source.bytes as u64),
                crash: Box::default(),
                source,
            },
            Err(source) => CallError::InvalidResponse { method, crash: Box::default(), source },
        };
        self.shared.care.lost(&error, false);
        error
    }
}

/// Sees to it that the loss of an instance is known when a callback panics.
pub(crate) struct Watch<'a> {
    care: &'a Care,
    method: &'a str,
    at_start: bool,
    is_counted: bool,
}

impl Watch<'_> {
    /// Nobody has panicked.
    #[inline]
    pub(crate) fn end(self) {
        std::mem::forget(self);
    }
}

impl Drop for Watch<'_> {
    #[cold]
    fn drop(&mut self) {
        if !self.is_counted {
            self.care.calls.add();
        }
        let (method, at_start) = (self.method.to_owned(), self.at_start);
        let lost = || self.care.lost(&CallError::Panicked { method, at_start }, at_start);
        // A listener that panics as well would end the process. One panic is on its way already.
        let _ = catch_unwind(AssertUnwindSafe(lost));
    }
}

/// The place of an instance, locked.
pub(crate) type Slot<'a, B> = MutexGuard<'a, Option<Box<Live<B>>>>;

/// Says who is inside a call, for as long as it lives.
pub(crate) struct Caller<'a>(&'a AtomicUsize);

impl<'a> Caller<'a> {
    fn enter(caller: &'a AtomicUsize, thread: usize) -> Self {
        caller.store(thread, Ordering::Relaxed);
        Caller(caller)
    }
}

impl Drop for Caller<'_> {
    fn drop(&mut self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

/// A number that no other living thread has, and that is not 0: the address of a thread's own variable.
fn this_thread() -> usize {
    thread_local!(static MARK: u8 = const { 0 });
    MARK.with(|mark| std::ptr::from_ref(mark).addr())
}
