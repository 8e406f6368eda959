//! What an instance keeps for calls over the lane.

use hookr_abi::MethodId;
use hookr_abi::lane::MAX_BATCH;
use wasmtime::component::Instance;
use wasmtime::{Store, format_err};

use super::engine::{Answer, Chosen, Engine as _, Fault, MAX_REQUEST, Request, choose, padding};
use super::messages::{Built, Messages, Part, RequestBuilder};
use super::weight::{HEAVY, Heavy};
use super::{LaneChoice, LaneState};
use crate::Limits;
use crate::instance::{StoreData, begin};

/// See above. Every function takes the store of the instance.
pub(crate) struct LiveLane {
    engine: Option<Chosen>,
    pub(crate) state: LaneState,
    messages: Messages,
    /// The size of the last request, or batch.
    used: usize,
    /// The size of the last response.
    answered: usize,
    heavy: Heavy,
    /// The largest request, in bytes.
    max_request: usize,
    /// The requests of a batch.
    parts: Vec<Part>,
    /// Whether the instance must not be used again. It is set while the plugin is called, so that it is found to be set
    /// after a panic, which leaves an instance that nobody knows.
    spent: bool,
}

impl LiveLane {
    /// Looks for the lane of an instance. An error costs the instance.
    pub(crate) fn open<C: 'static>(
        store: &mut Store<StoreData<C>>,
        instance: &Instance,
        choice: LaneChoice,
        limits: &Limits,
    ) -> wasmtime::Result<Self> {
        let (engine, state) = choose(store, instance, choice)?;
        Ok(LiveLane {
            engine,
            state,
            messages: Messages::new(),
            used: 0,
            answered: 0,
            heavy: Heavy::default(),
            max_request: limits.request.min(MAX_REQUEST),
            parts: Vec::new(),
            spent: false,
        })
    }

    /// Whether there can be calls.
    #[inline]
    pub(super) fn is_ready(&self) -> bool {
        self.engine.is_some() && !self.spent
    }

    /// Whether the instance must not be used again.
    pub(crate) fn is_spent(&self) -> bool {
        self.spent
    }

    /// Says that the instance must not be used again.
    pub(crate) fn spend(&mut self) {
        self.spent = true;
    }

    /// Says that the instance can be used again: what failed last was refused by the host.
    pub(crate) fn keep(&mut self) {
        self.spent = false;
    }

    /// Whether the next typed call of this method does without the lane, because the last ones carried much.
    #[inline]
    pub(super) fn does_without(&mut self, method: MethodId) -> bool {
        self.heavy.next(method)
    }

    /// Says that a typed call of this method has just been made.
    #[inline]
    pub(super) fn weigh(&mut self, method: MethodId) {
        if self.used + self.answered > HEAVY {
            self.heavy.add(method);
        }
    }

    /// A call begins: before anything is built. Code of the plugin may run, to make room.
    #[inline(always)]
    pub(super) fn begin<C: 'static>(&mut self, store: &mut Store<StoreData<C>>) -> Result<(), Fault> {
        begin(store);
        self.settle(store)
    }

    /// Builds a request; `build` has to finish it.
    #[inline(always)]
    pub(super) fn build<C: 'static>(
        &mut self,
        store: &mut Store<StoreData<C>>,
        build: impl for<'b> FnOnce(&mut RequestBuilder<'b>),
    ) -> Result<Built, Fault> {
        let memory = engine(&mut self.engine)?.memory(store);
        Ok(self.messages.build(memory, build))
    }

    /// Calls with the request that was built last.
    #[inline(always)]
    pub(super) fn send<'s, C: 'static>(
        &mut self,
        store: &'s mut Store<StoreData<C>>,
        method: MethodId,
        built: Built,
    ) -> Result<Answer<'s>, Fault> {
        let LiveLane { engine: chosen, messages, used, answered, spent, max_request, .. } = self;
        let engine = engine(chosen)?;
        *used = built.len();
        fits(*used, *max_request)?;
        *spent = true;
        let request = match built {
            Built::InPlace(len) => Request::InPlace(len),
            Built::Aside(len) => take_over_built(engine, store, messages, len)?,
        };
        let bound = store.data().meter.bound();
        let answer = engine.call(store, method.0, request)?;
        *answered = answer.bytes.len();
        bound.check(*answered)?;
        *spent = false;
        Ok(answer)
    }

    /// Calls with a request that is finished already.
    #[inline(always)]
    pub(super) fn send_encoded<'s, C: 'static>(
        &mut self,
        store: &'s mut Store<StoreData<C>>,
        method: MethodId,
        request: &[u8],
    ) -> Result<Answer<'s>, Fault> {
        begin(store);
        self.settle(store)?;
        let LiveLane { engine: chosen, messages, used, spent, max_request, .. } = self;
        let engine = engine(chosen)?;
        *used = request.len();
        fits(*used, *max_request)?;
        *spent = true;
        let request = match engine.place(store, request) {
            Some(len) => {
                messages.overwritten(len);
                Request::InPlace(len)
            }
            None => take_over(engine, store, messages, request, padding(request.len()))?,
        };
        let bound = store.data().meter.bound();
        let answer = engine.call(store, method.0, request)?;
        bound.check(answer.bytes.len())?;
        *spent = false;
        Ok(answer)
    }

    /// Builds several requests; `build` has to finish each.
    #[inline]
    pub(super) fn build_all<C: 'static>(
        &mut self,
        store: &mut Store<StoreData<C>>,
        count: usize,
        build: impl for<'b> FnMut(usize, &mut RequestBuilder<'b>),
    ) -> Result<Built, Fault> {
        if count > MAX_BATCH {
            return Err(Fault::TooMany { count, limit: MAX_BATCH });
        }
        let memory = engine(&mut self.engine)?.memory(store);
        Ok(self.messages.build_all(memory, count, &mut self.parts, build))
    }

    /// Calls with the requests that were built last.
    pub(super) fn send_all<C: 'static>(
        &mut self,
        store: &mut Store<StoreData<C>>,
        method: MethodId,
        built: Built,
    ) -> Result<(), Fault> {
        let LiveLane { engine: chosen, messages, parts, used, spent, max_request, .. } = self;
        let engine = engine(chosen)?;
        *used = built.len();
        fits(*used, *max_request)?;
        *spent = true;
        let request = match built {
            Built::InPlace(len) => Request::InPlace(len),
            Built::Aside(len) => take_over_built(engine, store, messages, len)?,
        };
        engine.call_all(store, method.0, parts, request)?;
        *spent = false;
        Ok(())
    }

    /// What the plugin answered to one of the requests of the last batch.
    #[inline(always)]
    pub(super) fn answer<'s, C: 'static>(
        &'s self,
        store: &'s Store<StoreData<C>>,
        i: usize,
    ) -> Result<Answer<'s>, Fault> {
        let answer = self.engine.as_ref().ok_or_else(no_engine)?.answer(store, i)?;
        store.data().meter.bound().check(answer.bytes.len())?;
        Ok(answer)
    }

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

/// A request that is too large is refused before anything is called.
#[inline]
fn fits(size: usize, limit: usize) -> Result<(), Fault> {
    if size <= limit { Ok(()) } else { Err(Fault::TooLarge { size, limit }) }
}

/// Hands over a message that was built aside.
#[cold]
fn take_over_built<'m, C: 'static>(
    engine: &mut Chosen,
    store: &mut Store<StoreData<C>>,
    messages: &'m mut Messages,
    len: usize,
) -> Result<Request<'m>, Fault> {
    let taken = engine.take_over(store, messages.aside(len), 0);
    changed(messages, &taken);
    Ok(taken?.map_or(Request::Aside(messages.aside(len)), Request::InPlace))
}

/// Hands over a message of somebody else's.
#[cold]
fn take_over<'m, C: 'static>(
    engine: &mut Chosen,
    store: &mut Store<StoreData<C>>,
    messages: &mut Messages,
    bytes: &'m [u8],
    padding: usize,
) -> Result<Request<'m>, Fault> {
    let taken = engine.take_over(store, bytes, padding);
    changed(messages, &taken);
    Ok(taken?.map_or(Request::Aside(bytes), Request::InPlace))
}

/// The memory for requests may have become another one, also where the message does not fit: a plugin may say that it is
/// smaller than it was.
fn changed(messages: &mut Messages, taken: &Result<Option<usize>, Fault>) {
    match taken {
        Ok(Some(len)) => messages.memory_changed(*len),
        Ok(None) => {}
        Err(_) => messages.memory_changed(0),
    }
}

#[inline]
fn engine(chosen: &mut Option<Chosen>) -> Result<&mut Chosen, Fault> {
    chosen.as_mut().ok_or_else(no_engine)
}

#[cold]
fn no_engine() -> Fault {
    Fault::Lost(format_err!("the instance has no lane"))
}

#[cfg(test)]
mod tests;
