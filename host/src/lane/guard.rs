//! Exclusive use of a plugin over its lane.
#![allow(unsafe_code)]

use std::ptr::NonNull;

use hookr_abi::lane::{MAX_BATCH, MAX_MESSAGE, STATUS_OK};
use hookr_abi::{Code, Error};
use wasmtime::component::Instance;
use wasmtime::{Store, format_err};

use super::engine::{Answer, Chosen, Engine as _, Fault, Request, choose, padding};
use super::messages::{Built, Messages, Part, RequestBuilder};
use super::{LaneChoice, LaneState};
use crate::instance::{Bindings, Live, StoreData};
use crate::metadata::MethodSpec;
use crate::plugin::{Caller, Plugin, Slot};
use crate::{CallError, Source};

/// What an instance keeps for calls over the lane.
pub(crate) struct LiveLane {
    engine: Option<Chosen>,
    pub(crate) state: LaneState,
    messages: Messages,
    /// The size of the last request, or batch.
    used: usize,
    /// The requests of a batch.
    parts: Vec<Part>,
    /// Whether the instance must not be used again. It is set while a call runs, so that it is found to be set after a
    /// panic, which leaves an instance that nobody knows.
    spent: bool,
}

impl LiveLane {
    /// Looks for the lane of an instance. An error costs the instance.
    pub(crate) fn open<C: 'static>(
        store: &mut Store<StoreData<C>>,
        instance: &Instance,
        choice: LaneChoice,
    ) -> wasmtime::Result<Self> {
        let (engine, state) = choose(store, instance, choice)?;
        Ok(LiveLane { engine, state, messages: Messages::new(), used: 0, parts: Vec::new(), spent: false })
    }
}

/// A plugin that is locked for calls over its lane; what every guard of generated code holds.
///
/// It belongs to one thread. While it lives, other threads that call the plugin wait, and this one is refused.
pub struct Lane<'p, B: Bindings> {
    plugin: &'p Plugin<B>,
    // Before the slot, since fields are dropped in this order: whoever gets the slot next says that it is the caller.
    _caller: Caller<'p>,
    slot: Slot<'p, B>,
}

impl<'p, B: Bindings> Lane<'p, B> {
    /// Locks a plugin that has a lane.
    pub(crate) fn lock(plugin: &'p Plugin<B>) -> Result<Self, CallError> {
        let mut lane = Self::lock_for(plugin, "the lane")?;
        lane.live("the lane")?;
        Ok(lane)
    }

    /// Locks a plugin for one call of this method: whether there is a lane is found out by the call.
    pub(crate) fn lock_for(plugin: &'p Plugin<B>, method: &str) -> Result<Self, CallError> {
        let (slot, caller) = plugin.lock(method)?;
        Ok(Lane { plugin, _caller: caller, slot })
    }

    /// Which way calls take.
    pub fn state(&self) -> &LaneState {
        self.plugin.metadata().lane()
    }

    /// Calls a method: `build` writes and finishes the request in place, `read` verifies the response and borrows from it.
    #[inline]
    pub fn call<'g, R, E: Into<Source>>(
        &'g mut self,
        method: &MethodSpec,
        build: impl for<'b> FnOnce(&mut RequestBuilder<'b>),
        read: impl FnOnce(&'g [u8]) -> Result<R, E>,
    ) -> Result<R, CallError> {
        let answer = one(self.live(method.name)?, method, build).map(Detached::from);
        // SAFETY: nothing has happened since.
        unsafe { self.finish(method, answer, read) }
    }

    /// Calls an optional method, or says that the plugin does not have it.
    #[inline]
    pub fn call_optional<'g, R, E: Into<Source>>(
        &'g mut self,
        method: &MethodSpec,
        build: impl for<'b> FnOnce(&mut RequestBuilder<'b>),
        read: impl FnOnce(&'g [u8]) -> Result<R, E>,
    ) -> Result<R, CallError> {
        self.check(method)?;
        self.call(method, build, read)
    }

    /// As [`call`](Self::call), with a request that is a finished FlatBuffer already.
    ///
    /// The host vouches for its requests, so whoever has it from somebody else verifies it first.
    #[inline]
    pub fn call_encoded<'g, R, E: Into<Source>>(
        &'g mut self,
        method: &MethodSpec,
        request: &[u8],
        read: impl FnOnce(&'g [u8]) -> Result<R, E>,
    ) -> Result<R, CallError> {
        let answer = encoded(self.live(method.name)?, method, request).map(Detached::from);
        // SAFETY: nothing has happened since.
        unsafe { self.finish(method, answer, read) }
    }

    /// As [`call_encoded`](Self::call_encoded), of a method that the plugin need not have.
    #[inline]
    pub fn call_encoded_optional<'g, R, E: Into<Source>>(
        &'g mut self,
        method: &MethodSpec,
        request: &[u8],
        read: impl FnOnce(&'g [u8]) -> Result<R, E>,
    ) -> Result<R, CallError> {
        self.check(method)?;
        self.call_encoded(method, request, read)
    }

    /// Calls a method with several requests at once. `build` writes and finishes each; `read` gets what the plugin answered
    /// to each, in their order, after all of them are answered.
    ///
    /// An error is that of the whole batch: none of it is known to have happened, and none not to.
    pub fn batch<E: Into<Source>>(
        &mut self,
        method: &MethodSpec,
        count: usize,
        build: impl for<'b> FnMut(usize, &mut RequestBuilder<'b>),
        mut read: impl FnMut(usize, Result<&[u8], Error>) -> Result<(), E>,
    ) -> Result<(), CallError> {
        let live = self.live(method.name)?;
        if let Err(fault) = many(live, method, count, build) {
            return Err(self.fault(method, fault));
        }
        let Live { store, lane, .. } = self.live(method.name)?;
        let mut read_all = || {
            let engine = engine(&mut lane.engine)?;
            for i in 0..count {
                let answer = engine.answer(store, i)?;
                let answer = status(answer).map_err(Unread::Unreadable)?;
                read(i, answer).map_err(|error| Unread::Unreadable(error.into()))?;
            }
            Ok(())
        };
        match read_all() {
            Ok(()) => Ok(()),
            Err(Unread::Fault(fault)) => Err(self.fault(method, fault)),
            Err(Unread::Unreadable(source)) => Err(self.unreadable(method, source)),
        }
    }

    /// As [`batch`](Self::batch), of a method that the plugin need not have.
    pub fn batch_optional<E: Into<Source>>(
        &mut self,
        method: &MethodSpec,
        count: usize,
        build: impl for<'b> FnMut(usize, &mut RequestBuilder<'b>),
        read: impl FnMut(usize, Result<&[u8], Error>) -> Result<(), E>,
    ) -> Result<(), CallError> {
        self.check(method)?;
        self.batch(method, count, build, read)
    }

    fn check(&self, method: &MethodSpec) -> Result<(), CallError> {
        if self.plugin.supports(method) {
            return Ok(());
        }
        Err(CallError::Unimplemented { method: method.name.to_owned() })
    }

    /// Gives the answer to `read`, or says why there is none.
    ///
    /// # Safety
    ///
    /// The answer is one that this guard's instance has just given.
    #[inline]
    unsafe fn finish<'g, R, E: Into<Source>>(
        &'g mut self,
        method: &MethodSpec,
        answer: Result<Detached, Fault>,
        read: impl FnOnce(&'g [u8]) -> Result<R, E>,
    ) -> Result<R, CallError> {
        let answer = match answer {
            Ok(answer) => answer,
            Err(fault) => return Err(self.fault(method, fault)),
        };
        // SAFETY: the bytes are linear memory of the plugin, borrowed from the store that this guard has exclusive use
        // of. For `'g` the guard itself is borrowed mutably, so that nobody calls the plugin or drops its store. All that
        // this function does with the guard from here on is to mark the instance as spent; it is discarded when the guard
        // is used again, or dropped, after `'g`.
        let bytes: &'g [u8] = unsafe { answer.bytes.as_ref() };
        if answer.status != STATUS_OK {
            return Err(self.failed(method, Answer { status: answer.status, bytes }));
        }
        match read(bytes) {
            Ok(response) => Ok(response),
            Err(error) => Err(self.unreadable(method, error.into())),
        }
    }

    /// The instance: a fresh one, if the last was lost.
    #[inline]
    fn live(&mut self, method: &str) -> Result<&mut Live<B>, CallError> {
        match &mut *self.slot {
            Some(live) if live.lane.engine.is_some() && !live.lane.spent => {}
            _ => self.start(method)?,
        }
        let missing = || CallError::NoLane { state: LaneState::Absent };
        self.slot.as_deref_mut().ok_or_else(missing)
    }

    /// Makes a fresh instance, if the last was lost, and sees whether it has a lane.
    #[cold]
    fn start(&mut self, method: &str) -> Result<(), CallError> {
        if self.slot.as_ref().is_none_or(|live| live.lane.spent) {
            *self.slot = None;
            *self.slot = Some(self.plugin.start(method)?);
        }
        match self.slot.as_deref() {
            Some(live) if live.lane.engine.is_none() => Err(CallError::NoLane { state: live.lane.state.clone() }),
            _ => Ok(()),
        }
    }

    #[cold]
    fn fault(&mut self, method: &MethodSpec, fault: Fault) -> CallError {
        if let Some(live) = &mut *self.slot {
            live.lane.spent = false;
        }
        let method = method.name;
        match fault {
            Fault::TooLarge { size, limit } => CallError::RequestTooLarge { method: method.to_owned(), size, limit },
            Fault::TooMany { count, limit } => CallError::BatchTooLarge { method: method.to_owned(), count, limit },
            Fault::Lost(error) => {
                *self.slot = None;
                crate::plugin::lost(method, error)
            }
        }
    }

    #[cold]
    fn failed(&mut self, method: &MethodSpec, answer: Answer<'_>) -> CallError {
        match error_of(answer) {
            Ok(error) => CallError::Failed { method: method.name.to_owned(), error },
            Err(source) => self.unreadable(method, source),
        }
    }

    /// The instance is only marked: `read` may have kept something of the response, though it failed.
    #[cold]
    fn unreadable(&mut self, method: &MethodSpec, source: Source) -> CallError {
        if let Some(live) = &mut *self.slot {
            live.lane.spent = true;
        }
        CallError::InvalidResponse { method: method.name.to_owned(), source }
    }
}

impl<B: Bindings> Drop for Lane<'_, B> {
    fn drop(&mut self) {
        if self.slot.as_ref().is_some_and(|live| live.lane.spent) {
            *self.slot = None;
        }
    }
}

/// An answer that does not say how long its bytes stay.
struct Detached {
    status: u32,
    bytes: NonNull<[u8]>,
}

impl From<Answer<'_>> for Detached {
    #[inline]
    fn from(Answer { status, bytes }: Answer<'_>) -> Self {
        Detached { status, bytes: bytes.into() }
    }
}

/// Why an answer of a batch is not read.
enum Unread {
    Fault(Fault),
    Unreadable(Source),
}

impl From<Fault> for Unread {
    fn from(fault: Fault) -> Self {
        Unread::Fault(fault)
    }
}

/// Calls with one request.
#[inline]
fn one<'s, B: Bindings>(
    live: &'s mut Live<B>,
    method: &MethodSpec,
    build: impl for<'b> FnOnce(&mut RequestBuilder<'b>),
) -> Result<Answer<'s>, Fault> {
    let Live { store, lane, .. } = live;
    lane.settle(store)?;
    let LiveLane { engine: chosen, messages, used, spent, .. } = lane;
    let engine = engine(chosen)?;
    let built = messages.build(engine.memory(store), build);
    *used = built.len();
    *spent = true;
    let request = match built {
        Built::InPlace(len) => Request::InPlace(len),
        Built::Aside(len) => take_over(engine, store, messages, len)?,
    };
    let answer = engine.call(store, method.id.0, request)?;
    *spent = false;
    Ok(answer)
}

/// Calls with one request that is finished already.
#[inline]
fn encoded<'s, B: Bindings>(live: &'s mut Live<B>, method: &MethodSpec, request: &[u8]) -> Result<Answer<'s>, Fault> {
    let Live { store, lane, .. } = live;
    lane.settle(store)?;
    let LiveLane { engine: chosen, messages, used, spent, .. } = lane;
    let engine = engine(chosen)?;
    *used = request.len();
    *spent = true;
    let request = match engine.place(store, request) {
        Some(len) => {
            messages.overwritten(len);
            Request::InPlace(len)
        }
        None => match engine.take_over(store, request, padding(request.len()))? {
            Some(len) => {
                messages.memory_changed(len);
                Request::InPlace(len)
            }
            None => Request::Aside(request),
        },
    };
    let answer = engine.call(store, method.id.0, request)?;
    *spent = false;
    Ok(answer)
}

/// Calls with several requests; their answers can be had from the engine then.
fn many<B: Bindings>(
    live: &mut Live<B>,
    method: &MethodSpec,
    count: usize,
    build: impl for<'b> FnMut(usize, &mut RequestBuilder<'b>),
) -> Result<(), Fault> {
    let Live { store, lane, .. } = live;
    if count > MAX_BATCH {
        return Err(Fault::TooMany { count, limit: MAX_BATCH });
    }
    lane.settle(store)?;
    let LiveLane { engine: chosen, messages, parts, used, spent, .. } = lane;
    let engine = engine(chosen)?;
    let built = messages.build_all(engine.memory(store), count, parts, build);
    *used = built.len();
    *spent = true;
    let request = match built {
        Built::InPlace(len) => Request::InPlace(len),
        Built::Aside(len) => take_over(engine, store, messages, len)?,
    };
    engine.call_all(store, method.id.0, parts, request)?;
    *spent = false;
    Ok(())
}

impl LiveLane {
    /// Lets the engine and the builder change what they have too much or too little of, before anything is built there.
    #[inline]
    fn settle<C: 'static>(&mut self, store: &mut Store<StoreData<C>>) -> Result<(), Fault> {
        if engine(&mut self.engine)?.is_settled(store) && self.messages.is_settled() {
            return Ok(());
        }
        self.settle_now(store)
    }

    #[cold]
    fn settle_now<C: 'static>(&mut self, store: &mut Store<StoreData<C>>) -> Result<(), Fault> {
        let LiveLane { engine: chosen, messages, used, spent, .. } = self;
        *spent = true;
        if engine(chosen)?.settle(store, *used)? {
            messages.memory_changed(0);
        }
        *spent = false;
        messages.settle(*used);
        Ok(())
    }
}

/// Hands over a message that was built aside.
#[cold]
fn take_over<'m, C: 'static>(
    engine: &mut Chosen,
    store: &mut Store<StoreData<C>>,
    messages: &'m mut Messages,
    len: usize,
) -> Result<Request<'m>, Fault> {
    match engine.take_over(store, messages.aside(len), 0)? {
        Some(len) => {
            messages.memory_changed(len);
            Ok(Request::InPlace(len))
        }
        None => Ok(Request::Aside(messages.aside(len))),
    }
}

#[inline]
fn engine(chosen: &mut Option<Chosen>) -> Result<&mut Chosen, Fault> {
    chosen.as_mut().ok_or_else(|| Fault::Lost(format_err!("the instance has no lane")))
}

/// What the plugin answered: a response, or its error.
#[inline]
fn status(answer: Answer<'_>) -> Result<Result<&[u8], Error>, Source> {
    if answer.status == STATUS_OK { Ok(Ok(answer.bytes)) } else { error_of(answer).map(Err) }
}

#[cold]
fn error_of(Answer { status, bytes }: Answer<'_>) -> Result<Error, Source> {
    let code = u8::try_from(status).ok().and_then(Code::from_number);
    let code = code.ok_or_else(|| format!("{status} is not the number of a code"))?;
    if bytes.len() > MAX_MESSAGE {
        return Err(format!("the message of an error has {} bytes, {MAX_MESSAGE} at the most", bytes.len()).into());
    }
    Ok(Error::new(code, std::str::from_utf8(bytes)?))
}

#[cfg(test)]
mod tests;
