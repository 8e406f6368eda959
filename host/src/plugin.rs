use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hookr_abi::InvalidValue;
use wasmtime::{Store, Trap};

use crate::instance::{Bindings, Factory, Live, StartError, StoreData};
use crate::lane::Lane;
use crate::metadata::MethodSpec;
use crate::{CallError, CallWay, Metadata, OpenError, Source};

/// An opened plugin: what every handle of generated code holds.
pub struct Plugin<B: Bindings> {
    shared: Arc<Shared<B>>,
}

impl<B: Bindings> Clone for Plugin<B> {
    fn clone(&self) -> Self {
        Plugin { shared: self.shared.clone() }
    }
}

struct Shared<B: Bindings> {
    metadata: Metadata,
    /// Whether typed calls that carry much do without the lane: where nobody has asked for the lane.
    weighs: bool,
    factory: Factory<B>,
    slot: Mutex<Option<Box<Live<B>>>>,
    /// The thread that is inside a call, as [`this_thread`] names it; 0 when none is.
    caller: AtomicUsize,
}

impl<B: Bindings> Plugin<B> {
    /// Makes the first instance, so that a plugin that cannot run is noticed when it is opened.
    pub(crate) fn open(mut metadata: Metadata, factory: Factory<B>, calls: CallWay) -> Result<Self, OpenError> {
        let live = factory.start(metadata.section()).map_err(|error| match error {
            StartError::Instantiate(source) => OpenError::Instantiate { source: source.into() },
            StartError::Bind(source) => OpenError::World { source: source.into() },
        })?;
        metadata.lane.clone_from(&live.lane.state);
        metadata.typed_calls = calls.settle(&live.lane.state);
        let (weighs, slot) = (calls == CallWay::Auto, Mutex::new(Some(Box::new(live))));
        Ok(Plugin { shared: Arc::new(Shared { metadata, weighs, factory, slot, caller: AtomicUsize::new(0) }) })
    }

    /// What is known of the plugin.
    pub fn metadata(&self) -> &Metadata {
        &self.shared.metadata
    }

    /// Whether the plugin has this optional method.
    pub fn supports(&self, method: &MethodSpec) -> bool {
        self.shared.metadata.implements(method.id)
    }

    /// Locks the plugin for a typed call of this method over its lane, if that is the way typed calls take.
    #[inline]
    pub fn lane_of_typed_call(&self, method: &MethodSpec) -> Option<Result<Lane<'_, B>, CallError>> {
        if self.shared.metadata.typed_calls != CallWay::Lane {
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
        call: impl FnOnce(
            &B,
            &mut Store<StoreData<B::Callbacks>>,
        ) -> wasmtime::Result<Result<R, super::__private::abi::Error>>,
    ) -> Result<R, CallError> {
        if !self.supports(method) {
            return Err(CallError::Unimplemented { method: method.name.to_owned() });
        }
        self.call(method, call)
    }

    /// Calls a method: waits for the instance, makes a fresh one if the last was lost, and gives it up if the call
    /// leaves it in a state that nobody knows.
    pub fn call<R>(
        &self,
        method: &MethodSpec,
        call: impl FnOnce(
            &B,
            &mut Store<StoreData<B::Callbacks>>,
        ) -> wasmtime::Result<Result<R, super::__private::abi::Error>>,
    ) -> Result<R, CallError> {
        let result = self.run(method.name, |live| call(&live.bindings, &mut live.store))?;
        result.map_err(|error| CallError::Failed { method: method.name.to_owned(), error: error.into() })
    }

    /// The call itself. `run` reports what the plugin answered, or wasmtime's error.
    pub(crate) fn run<R>(
        &self,
        method: &str,
        run: impl FnOnce(&mut Live<B>) -> wasmtime::Result<R>,
    ) -> Result<R, CallError> {
        let (mut slot, _caller) = self.lock(method)?;
        let mut live = match slot.take() {
            Some(live) => live,
            None => self.start(method)?,
        };
        match run(&mut live) {
            Ok(result) => {
                *slot = Some(live);
                Ok(result)
            }
            Err(error) => Err(lost(method, error)),
        }
    }
}

/// The error of a request that cannot be sent; the plugin was not called.
pub fn invalid_request(method: &MethodSpec, error: impl Into<Source>) -> CallError {
    CallError::InvalidRequest { method: method.name.to_owned(), source: error.into() }
}

impl<B: Bindings> Plugin<B> {
    /// Waits for the instance. While the second of the two lives, this thread is inside of a call.
    pub(crate) fn lock(&self, method: &str) -> Result<(Slot<'_, B>, Caller<'_>), CallError> {
        let shared = &*self.shared;
        let this_thread = this_thread();
        // Only this thread can have stored its own name, so a relaxed load cannot mistake another thread's call for it.
        if shared.caller.load(Ordering::Relaxed) == this_thread {
            return Err(CallError::Reentrant { method: method.to_owned() });
        }
        // A panic in a callback poisons the lock; the slot is empty then, because the instance was taken out of it, or it
        // is marked.
        let slot = shared.slot.lock().unwrap_or_else(PoisonError::into_inner);
        Ok((slot, Caller::enter(&shared.caller, this_thread)))
    }

    /// Makes a fresh instance.
    pub(crate) fn start(&self, method: &str) -> Result<Box<Live<B>>, CallError> {
        let started = self.shared.factory.start(self.shared.metadata.section());
        started.map(Box::new).map_err(|error| {
            let (StartError::Instantiate(source) | StartError::Bind(source)) = error;
            CallError::Instantiate { method: method.to_owned(), source: source.into() }
        })
    }
}

/// The place of an instance, locked.
pub(crate) type Slot<'a, B> = MutexGuard<'a, Option<Box<Live<B>>>>;

/// The error of a call that cost the plugin its instance.
pub(crate) fn lost(method: &str, error: wasmtime::Error) -> CallError {
    let method = method.to_owned();
    if error.downcast_ref::<Trap>().is_some() {
        return CallError::Trapped { method, source: error.into() };
    }
    let source = match error.downcast::<InvalidValue>() {
        Ok(invalid) => invalid.into(),
        Err(error) => error.into(),
    };
    CallError::InvalidResponse { method, source }
}

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
