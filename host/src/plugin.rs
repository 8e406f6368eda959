use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hookr_abi::{MethodId, OutOfRoom, Owned, Room};
use wasmtime::Store;

use crate::builder::Recipe;
use crate::call::{CallOptions, Ending, Terms, cause};
use crate::crash::Crash;
use crate::engine::nanos;
use crate::instance::{Bindings, Live, StoreData, begin};
use crate::lane::Lane;
use crate::limits::{Exceeded, Limit};
use crate::metadata::MethodSpec;
use crate::observe::{Observer, TypedCall, Way};
use crate::pool::Pool;
use crate::reload::{Reloader, Service};
use crate::supervise::{Health, Listener};
use crate::{CallError, CallWay, Engine, Metadata, Source};

#[cfg(feature = "async")]
mod asynchronous;
mod care;
mod generation;
#[cfg(feature = "async")]
mod held;
mod lease;
mod observed;
mod swap;
mod tally;

use care::Care;
pub(crate) use generation::{Begun, Generation, Stage, Version};
pub(crate) use lease::Lease;
pub(crate) use tally::Tally;

/// An opened plugin: what every handle of generated code holds.
pub struct Plugin<B: Bindings> {
    pub(crate) shared: Arc<Shared<B>>,
    /// What calls of this handle are made with.
    terms: Terms,
}

impl<B: Bindings> Clone for Plugin<B> {
    fn clone(&self) -> Self {
        Plugin { shared: self.shared.clone(), terms: self.terms.clone() }
    }
}

/// What all the handles of a plugin share.
pub(crate) struct Shared<B: Bindings> {
    /// What it was opened with, and what other versions are opened with.
    pub(crate) recipe: Arc<Recipe<B>>,
    pub(crate) engine: Engine,
    pub(crate) pool: Pool<Generation<B>, Box<Live<B>>>,
    /// Of a plugin that can be reloaded.
    pub(crate) service: Option<Service>,
    care: Care,
}

impl<B: Bindings> Plugin<B> {
    /// A plugin with its first generation.
    pub(crate) fn new(
        recipe: Arc<Recipe<B>>,
        engine: Engine,
        begun: Begun<B>,
        listener: Option<Listener>,
        service: Option<Service>,
        observer: Observer,
    ) -> Self {
        let (generation, mut instances) = begun;
        let care = Care::new(generation.version().metadata.name(), &recipe, listener, observer);
        care.see(&mut instances);
        care.know(&instances.iter().map(|live| live.tally.clone()).collect::<Vec<_>>());
        let pool = Pool::new(generation, instances, recipe.instances.most, recipe.instances.queue);
        let terms = Terms::new(&recipe.limits);
        Plugin { shared: Arc::new(Shared { recipe, engine, pool, service, care }), terms }
    }

    /// What is known of the plugin, of the version that is in service at the moment.
    pub fn metadata(&self) -> Arc<Metadata> {
        self.shared.pool.current().version().metadata.clone()
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
    pub fn check_size<T: Owned>(
        &self,
        method: &MethodSpec<'_>,
        request: &T,
        call: &TypedCall<'_>,
    ) -> Result<(), CallError> {
        self.check_bytes(method.name, call, |_| size_of::<T>() + request.owned())
    }

    /// The same, for a request whose size is not counted beyond the limit.
    pub(crate) fn check_bytes(
        &self,
        method: &str,
        call: &TypedCall<'_>,
        size: impl FnOnce(usize) -> usize,
    ) -> Result<(), CallError> {
        let limit = self.shared.recipe.limits.request;
        let size = size(limit);
        if let Some(seen) = call.seen() {
            seen.takes(Way::Component, Some(size));
        }
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
        self.shared.care.health(self.shared.pool.current().is_on_last_good())
    }

    /// Forgets what it has lost, so that the next call runs, on the version that was opened. It waits for an instance, as a
    /// call does.
    ///
    /// # Errors
    ///
    /// Those of a call that does not get the plugin.
    pub fn revive(&self) -> Result<(), CallError> {
        let mut lease = self.lock("revive")?;
        if lease.generation().fall_back(false) {
            drop(lease.take());
        }
        self.shared.care.revive();
        Ok(())
    }

    /// What puts other versions of it in service.
    pub fn reloader(&self) -> Reloader {
        Reloader::new(self.shared.clone())
    }

    /// Whether the plugin has this optional method.
    pub fn supports(&self, method: &MethodSpec<'_>) -> bool {
        self.metadata().implements(method.id)
    }

    /// The time, for a call that begins.
    #[inline]
    pub fn now(&self) -> u64 {
        self.shared.engine.clock.now()
    }

    /// Locks the plugin for a typed call of this method over its lane, if that is the way typed calls take.
    #[inline]
    pub fn lane_of_typed_call<'p>(
        &'p self,
        method: &MethodSpec<'_>,
        call: &'p TypedCall<'p>,
    ) -> Option<Result<Lane<'p, B>, CallError>> {
        if self.shared.recipe.calls == CallWay::Component {
            return None;
        }
        Lane::lock_for_typed(self, method, self.shared.recipe.calls == CallWay::Auto, call)
    }

    /// Locks the plugin for calls over its lane, by this thread alone.
    pub fn lane(&self) -> Result<Lane<'_, B>, CallError> {
        Lane::lock(self)
    }

    /// Calls an optional method, or says that the plugin does not have it.
    pub fn call_optional<R>(
        &self,
        method: &MethodSpec<'_>,
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
        method: &MethodSpec<'_>,
        begun: Option<u64>,
        call: impl FnOnce(
            &B,
            &mut Store<StoreData<B::Callbacks>>,
        ) -> wasmtime::Result<Result<R, super::__private::abi::Error>>,
    ) -> Result<R, CallError> {
        let result = self.run(method.name, Some(method.id), begun, |live| {
            let result = call(&live.bindings, &mut live.store)?;
            if result.is_err() {
                live.tally.fail(Some(method.id));
            }
            Ok(result)
        })?;
        result.map_err(|error| CallError::Failed { method: method.name.to_owned(), error: error.into() })
    }

    /// The call itself, of a method that has a number if it is one of the contract. `run` reports what the plugin answered, or wasmtime's error.
    pub(crate) fn run<R>(
        &self,
        method: &str,
        id: Option<MethodId>,
        begun: Option<u64>,
        run: impl FnOnce(&mut Live<B>) -> wasmtime::Result<R>,
    ) -> Result<R, CallError> {
        let mut lease = self.lock(method)?;
        let mut waited = lease.waited;
        // Either time may be behind by the lag of the clock.
        let spent = begun.map_or(0, |begun| self.shared.engine.clock.since(begun));
        if spent > waited {
            if spent >= self.terms.budget {
                let after = Duration::from_nanos(self.terms.budget);
                return Err(CallError::DeadlineExceeded { method: method.to_owned(), after, crash: None });
            }
            waited = spent;
            if let Some(live) = lease.live_mut() {
                live.arm(&self.terms, waited);
            }
        }
        let mut live = match lease.take() {
            Some(live) => live,
            None => self.start(lease.generation(), method, waited)?,
        };
        live.tally.count(id);
        let watch = self.watch(method, false, lease.generation());
        begin(&mut live.store);
        let result = run(&mut live);
        live.end_of_call();
        watch.end();
        match result {
            Ok(result) => {
                lease.put(live);
                Ok(result)
            }
            Err(error) => Err(self.lost(lease.generation(), method, &mut live, error)),
        }
    }
}

/// The error of a request that cannot be sent; the plugin was not called.
pub fn invalid_request(method: &MethodSpec<'_>, error: impl Into<Source>) -> CallError {
    CallError::InvalidRequest { method: method.name.to_owned(), source: error.into() }
}

impl<B: Bindings> Plugin<B> {
    /// What is in service.
    pub(crate) fn current(&self) -> Arc<Generation<B>> {
        self.shared.pool.current()
    }

    /// Says what the next call is made with, of an instance that is nobody's yet.
    pub(crate) fn arm_for(&self, live: &mut Live<B>) {
        live.arm(&Terms::new(&self.shared.recipe.limits), 0);
    }

    /// A handle.
    pub(crate) fn of(shared: &Arc<Shared<B>>) -> Self {
        Plugin { shared: shared.clone(), terms: Terms::new(&shared.recipe.limits) }
    }

    /// Says what calls of this handle are made with.
    pub(crate) fn arm(&self, live: &mut Live<B>) {
        live.arm(&self.terms, 0);
    }

    /// Makes a fresh instance, if the plugin may have one. The call that needs it has waited this long already.
    #[cold]
    pub(crate) fn start(
        &self,
        generation: &Generation<B>,
        method: &str,
        waited: u64,
    ) -> Result<Box<Live<B>>, CallError> {
        let shared = &*self.shared;
        if shared.care.admit(method, generation.can_fall_back())? {
            generation.fall_back(true);
        }
        let begun = Instant::now();
        let watch = self.watch(method, true, generation);
        let result = generation.start(&self.terms, waited);
        watch.end();
        let error = match result {
            Ok(mut live) => {
                shared.care.started(&mut live);
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
        shared.care.lost(&error, true, &generation.stage);
        Err(error)
    }

    /// The error of a call that has cost the plugin its instance.
    #[cold]
    pub(crate) fn lost(
        &self,
        generation: &Generation<B>,
        method: &str,
        live: &mut Live<B>,
        error: wasmtime::Error,
    ) -> CallError {
        let ending = generation.version().factory.ending(&error, live.store.data());
        let error = self.shared.care.ended(method, ending, &mut live.store, error);
        self.shared.care.lost(&error, false, &generation.stage);
        error
    }

    /// Until this ends, a panic of the host costs the plugin its instance.
    #[inline]
    pub(crate) fn watch<'a>(&'a self, method: &'a str, at_start: bool, generation: &'a Generation<B>) -> Watch<'a> {
        Watch { care: &self.shared.care, method, id: None, at_start, stage: &generation.stage, is_counted: true }
    }

    /// The same for a call that has not been counted yet.
    #[inline]
    pub(crate) fn watch_uncounted<'a>(
        &'a self,
        method: &'a MethodSpec<'_>,
        generation: &'a Generation<B>,
    ) -> Watch<'a> {
        let (care, id, stage) = (&self.shared.care, Some(method.id), &generation.stage);
        Watch { care, method: method.name, id, at_start: false, stage, is_counted: false }
    }

    /// Says that the plugin has lost its instance by what it has answered.
    #[cold]
    pub(crate) fn unreadable(&self, generation: &Generation<B>, method: &str, source: Source) -> CallError {
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
        self.shared.care.lost(&error, false, &generation.stage);
        error
    }
}

/// Sees to it that the loss of an instance is known when a callback panics.
pub(crate) struct Watch<'a> {
    care: &'a Care,
    method: &'a str,
    /// Of one that is counted here.
    id: Option<MethodId>,
    at_start: bool,
    /// Of what the instance is one of: it may be replaced meanwhile.
    stage: &'a Stage,
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
            self.care.count(self.id);
        }
        let (method, at_start) = (self.method.to_owned(), self.at_start);
        let lost = || self.care.lost(&CallError::Panicked { method, at_start }, at_start, self.stage);
        // A listener that panics as well would end the process. One panic is on its way already.
        let _ = catch_unwind(AssertUnwindSafe(lost));
    }
}
