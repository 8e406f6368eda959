//! Exclusive use of a plugin over its lane.
#![allow(unsafe_code)]

use std::ptr::NonNull;

use hookr_abi::lane::{MAX_MESSAGE, STATUS_OK};
use hookr_abi::{Code, Error};

use super::LaneState;
use super::engine::{Answer, Fault};
use super::messages::{Built, RequestBuilder};
use crate::instance::{Bindings, Live};
use crate::metadata::MethodSpec;
use crate::observe::{Observed, TypedCall};
use crate::plugin::{Generation, Lease, Plugin};
use crate::{CallError, CallWay, Source};

/// A plugin that is locked for calls over its lane; what every guard of generated code holds.
///
/// It belongs to one thread. While it lives, other threads that call the plugin wait, where it has one instance, and this one
/// is refused. When another version of the plugin is put in service, the guard goes over to it with its next call.
pub struct Lane<'p, B: Bindings> {
    plugin: &'p Plugin<B>,
    /// What it waited for counts for the first call.
    lease: Lease<'p, B>,
    /// The typed call that it is for, and nothing else.
    typed: Option<&'p TypedCall<'p>>,
}

impl<'p, B: Bindings> Lane<'p, B> {
    /// Locks a plugin that has a lane.
    pub(crate) fn lock(plugin: &'p Plugin<B>) -> Result<Self, CallError> {
        let mut lane = Self::lock_for(plugin, "the lane")?;
        // That is over, and counts for no call.
        lane.lease.waited = 0;
        if let Some(live) = lane.lease.live_mut() {
            plugin.arm(live);
        }
        lane.live("the lane")?;
        Ok(lane)
    }

    /// Locks a plugin for one call of this method: whether there is a lane is found out by the call.
    pub(crate) fn lock_for(plugin: &'p Plugin<B>, method: &str) -> Result<Self, CallError> {
        Ok(Lane { plugin, lease: plugin.lock(method)?, typed: None })
    }

    /// Locks a plugin for a typed call of this method: `None` if that does without the lane, because the plugin has none that
    /// is good for it, or because the last ones carried much and the plugin weighs them.
    pub(crate) fn lock_for_typed(
        plugin: &'p Plugin<B>,
        method: &MethodSpec<'_>,
        weighs: bool,
        call: &'p TypedCall<'p>,
    ) -> Option<Result<Self, CallError>> {
        let mut lane = match Self::lock_for(plugin, method.name) {
            Ok(lane) => Lane { typed: Some(call), ..lane },
            Err(error) => return Some(Err(error)),
        };
        if lane.lease.generation().version().metadata.typed_calls != CallWay::Lane {
            return None;
        }
        let does_without = weighs && lane.lease.live_mut().is_some_and(|live| live.lane.does_without(method.id));
        (!does_without).then_some(Ok(lane))
    }

    /// Says that a typed call has come over the lane, and was answered.
    #[inline]
    pub fn weigh(&mut self, method: &MethodSpec<'_>) {
        if let Some(live) = self.lease.live_mut() {
            live.lane.weigh(method.id);
        }
    }

    /// How much memory a response may take, as values of the host's own.
    pub fn room(&self) -> hookr_abi::Room {
        self.plugin.room()
    }

    /// Which way calls take.
    pub fn state(&self) -> &LaneState {
        self.lease.generation().version().metadata.lane()
    }

    /// Calls a method: `build` writes and finishes the request in place, `read` verifies the response and borrows from it.
    #[inline]
    pub fn call<'g, R, E: Into<Source>>(
        &'g mut self,
        method: &MethodSpec<'_>,
        build: impl for<'b> FnOnce(&mut RequestBuilder<'b>),
        read: impl FnOnce(&'g [u8]) -> Result<R, E>,
    ) -> Result<R, CallError> {
        let observed = self.observe(method);
        let result = match self.build_and_send(method, build, &observed) {
            // SAFETY: nothing has happened since.
            Ok(response) => unsafe { self.finish(method, response, read) },
            Err(error) => Err(error),
        };
        observed.end(result)
    }

    #[inline]
    fn build_and_send(
        &mut self,
        method: &MethodSpec<'_>,
        build: impl for<'b> FnOnce(&mut RequestBuilder<'b>),
        observed: &Observed<'_>,
    ) -> Result<NonNull<[u8]>, CallError> {
        self.begin(method)?;
        let (Live { store, lane, .. }, _) = self.live(method.name)?;
        let built = match lane.build(store, build) {
            Ok(built) => built,
            Err(fault) => return Err(self.fault(method, fault)),
        };
        self.send(method, built, observed)
    }

    /// Calls an optional method, or says that the plugin does not have it.
    #[inline]
    pub fn call_optional<'g, R, E: Into<Source>>(
        &'g mut self,
        method: &MethodSpec<'_>,
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
        method: &MethodSpec<'_>,
        request: &[u8],
        read: impl FnOnce(&'g [u8]) -> Result<R, E>,
    ) -> Result<R, CallError> {
        let observed = self.observe(method);
        let result = match self.send_encoded(method, request, &observed) {
            // SAFETY: nothing has happened since.
            Ok(response) => unsafe { self.finish(method, response, read) },
            Err(error) => Err(error),
        };
        observed.end(result)
    }

    /// As [`call_encoded`](Self::call_encoded), of a method that the plugin need not have.
    #[inline]
    pub fn call_encoded_optional<'g, R, E: Into<Source>>(
        &'g mut self,
        method: &MethodSpec<'_>,
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
        method: &MethodSpec<'_>,
        count: usize,
        build: impl for<'b> FnMut(usize, &mut RequestBuilder<'b>),
        read: impl FnMut(usize, Result<&[u8], Error>) -> Result<(), E>,
    ) -> Result<(), CallError> {
        let observed = self.observe(method);
        if let Some(seen) = observed.seen() {
            seen.batch(count);
        }
        let result = self.batch_observed(method, count, build, read, &observed);
        observed.end(result)
    }

    fn batch_observed<E: Into<Source>>(
        &mut self,
        method: &MethodSpec<'_>,
        count: usize,
        build: impl for<'b> FnMut(usize, &mut RequestBuilder<'b>),
        mut read: impl FnMut(usize, Result<&[u8], Error>) -> Result<(), E>,
        observed: &Observed<'_>,
    ) -> Result<(), CallError> {
        self.begin(method)?;
        let plugin = self.plugin;
        let (Live { store, lane, .. }, _) = self.live(method.name)?;
        let built = match lane.build_all(store, count, build) {
            Ok(built) => built,
            Err(fault) => return Err(self.fault(method, fault)),
        };
        observed.sends(built.len());
        let (live, generation) = self.live(method.name)?;
        let watch = plugin.watch_uncounted(method, generation);
        let sent = live.lane.send_all(&mut live.store, method.id, built);
        live.end_of_lane_call();
        watch.end();
        live.count_unless(sent.as_ref().is_err_and(Fault::is_refusal), method.id);
        if let Err(fault) = sent {
            return Err(self.fault(method, fault));
        }
        let (Live { store, lane, tally, .. }, _) = self.live(method.name)?;
        let mut has_failed = false;
        let mut read_all = || {
            // Answers may share their bytes, and each is verified.
            let mut bytes = 0_usize;
            for i in 0..count {
                let answer = lane.answer(store, i)?;
                bytes = bytes.saturating_add(answer.bytes.len());
                store.data().meter.bound().check(bytes).map_err(Fault::Lost)?;
                let answer = match answer.status() {
                    STATUS_OK => Ok(answer.bytes),
                    _ => {
                        has_failed = true;
                        Err(error_of(answer).map_err(Failure::Unreadable)?)
                    }
                };
                read(i, answer).map_err(|error| Failure::Unreadable(error.into()))?;
            }
            Ok(())
        };
        let result = read_all();
        if has_failed {
            tally.fail(Some(method.id));
        }
        result.map_err(|failure| self.failed(method, failure))
    }

    /// As [`batch`](Self::batch), of a method that the plugin need not have.
    pub fn batch_optional<E: Into<Source>>(
        &mut self,
        method: &MethodSpec<'_>,
        count: usize,
        build: impl for<'b> FnMut(usize, &mut RequestBuilder<'b>),
        read: impl FnMut(usize, Result<&[u8], Error>) -> Result<(), E>,
    ) -> Result<(), CallError> {
        self.check(method)?;
        self.batch(method, count, build, read)
    }

    fn check(&mut self, method: &MethodSpec<'_>) -> Result<(), CallError> {
        self.follow(method.name)?;
        if self.lease.generation().version().metadata.implements(method.id) {
            return Ok(());
        }
        Err(CallError::Unimplemented { method: method.name.to_owned() })
    }

    /// A call begins that somebody may look at, or a part of a typed one.
    #[inline]
    fn observe<'o>(&self, method: &MethodSpec<'o>) -> Observed<'o>
    where
        'p: 'o,
    {
        match self.typed {
            Some(typed) => Observed::typed(typed),
            None => {
                let plugin: &'p Plugin<B> = self.plugin;
                Observed::own(plugin.shared.observer().lane(method.name, method.id))
            }
        }
    }

    // What follows is compiled once for a contract, and not once for a method.

    /// A call begins, before its request is built: what the host builds is its own, and what the plugin does for it is not.
    #[inline]
    fn begin(&mut self, method: &MethodSpec<'_>) -> Result<(), CallError> {
        self.follow(method.name)?;
        let plugin = self.plugin;
        let (live, generation) = self.live(method.name)?;
        let watch = plugin.watch_uncounted(method, generation);
        let begun = live.lane.begin(&mut live.store);
        watch.end();
        match begun {
            Ok(()) => Ok(()),
            Err(fault) => {
                live.count_unless(fault.is_refusal(), method.id);
                Err(self.fault(method, fault))
            }
        }
    }

    /// Goes over to the version in service, if that is another one by now, or lets somebody else in who is to take the state:
    /// between two calls.
    #[inline]
    fn follow(&mut self, method: &str) -> Result<(), CallError> {
        if self.lease.is_to_be_left() { self.go_over(method) } else { Ok(()) }
    }

    #[cold]
    fn go_over(&mut self, method: &str) -> Result<(), CallError> {
        // The place on the old version is given back first: a thread cannot have two. If there is none to be had in its stead,
        // the next call tries again.
        self.lease.give_back();
        self.lease = self.plugin.lock_again(method)?;
        Ok(())
    }

    /// The response stays until the guard is used again.
    #[inline(never)]
    fn send(
        &mut self,
        method: &MethodSpec<'_>,
        built: Built,
        observed: &Observed<'_>,
    ) -> Result<NonNull<[u8]>, CallError> {
        observed.sends(built.len());
        let plugin = self.plugin;
        let (live, generation) = self.live(method.name)?;
        let watch = plugin.watch_uncounted(method, generation);
        let Live { store, lane, .. } = live;
        let response = response(lane.send(store, method.id, built));
        live.end_of_lane_call();
        watch.end();
        live.count_unless(response.as_ref().is_err_and(Failure::is_refusal), method.id);
        if let Ok(response) = &response {
            observed.answered(response.len());
        }
        response.map_err(|failure| self.failed(method, failure))
    }

    /// The response stays until the guard is used again.
    #[inline(never)]
    fn send_encoded(
        &mut self,
        method: &MethodSpec<'_>,
        request: &[u8],
        observed: &Observed<'_>,
    ) -> Result<NonNull<[u8]>, CallError> {
        observed.sends(request.len());
        self.follow(method.name)?;
        let plugin = self.plugin;
        let (live, generation) = self.live(method.name)?;
        let watch = plugin.watch_uncounted(method, generation);
        let Live { store, lane, .. } = live;
        let response = response(lane.send_encoded(store, method.id, request));
        live.end_of_lane_call();
        watch.end();
        live.count_unless(response.as_ref().is_err_and(Failure::is_refusal), method.id);
        if let Ok(response) = &response {
            observed.answered(response.len());
        }
        response.map_err(|failure| self.failed(method, failure))
    }

    /// Gives a response to `read`.
    ///
    /// # Safety
    ///
    /// The response is what this guard's instance has just answered.
    #[inline]
    unsafe fn finish<'g, R, E: Into<Source>>(
        &'g mut self,
        method: &MethodSpec<'_>,
        response: NonNull<[u8]>,
        read: impl FnOnce(&'g [u8]) -> Result<R, E>,
    ) -> Result<R, CallError> {
        // SAFETY: the bytes are linear memory of the plugin, borrowed from the store that this guard has exclusive use
        // of. For `'g` the guard itself is borrowed mutably, so that nobody calls the plugin or drops its store. All that
        // this function does with the guard from here on is to mark the instance as spent; it is discarded when the guard
        // is used again, or dropped, after `'g`.
        match read(unsafe { response.as_ref() }) {
            Ok(response) => Ok(response),
            Err(error) => Err(self.unreadable(method, error.into())),
        }
    }

    /// The instance: a fresh one, if the last was lost.
    #[inline]
    fn live(&mut self, method: &str) -> Result<(&mut Live<B>, &Generation<B>), CallError> {
        if !self.lease.live().is_some_and(|live| live.lane.is_ready()) {
            self.start(method)?;
        }
        let missing = || CallError::NoLane { state: LaneState::Absent };
        self.lease.both().ok_or_else(missing)
    }

    /// Makes a fresh instance, if the last was lost, and sees whether it has a lane.
    #[cold]
    fn start(&mut self, method: &str) -> Result<(), CallError> {
        if self.lease.live().is_none_or(|live| live.lane.is_spent()) {
            drop(self.lease.take());
            let waited = std::mem::take(&mut self.lease.waited);
            let live = self.plugin.start(self.lease.generation(), method, waited)?;
            self.lease.put(live);
        }
        match self.lease.live() {
            Some(live) if !live.lane.is_ready() => Err(CallError::NoLane { state: live.lane.state.clone() }),
            _ => Ok(()),
        }
    }

    #[cold]
    fn fault(&mut self, method: &MethodSpec<'_>, fault: Fault) -> CallError {
        if let Some(live) = self.lease.live_mut() {
            live.lane.keep();
        }
        let method = method.name;
        match fault {
            Fault::TooLarge { size, limit } => CallError::RequestTooLarge { method: method.to_owned(), size, limit },
            Fault::TooMany { count, limit } => CallError::BatchTooLarge { method: method.to_owned(), count, limit },
            Fault::Lost(error) => match self.lease.take() {
                Some(mut live) => {
                    live.end_of_call();
                    self.plugin.lost(self.lease.generation(), method, &mut live, error)
                }
                // It was there, or there were no fault.
                None => self.plugin.unreadable(self.lease.generation(), method, error.into()),
            },
        }
    }

    #[cold]
    fn failed(&mut self, method: &MethodSpec<'_>, failure: Failure) -> CallError {
        match failure {
            Failure::Fault(fault) => self.fault(method, fault),
            Failure::Answered(error) => {
                if let Some(live) = self.lease.live() {
                    live.tally.fail(Some(method.id));
                }
                CallError::Failed { method: method.name.to_owned(), error }
            }
            Failure::Unreadable(source) => self.unreadable(method, source),
        }
    }

    /// The instance is only marked: `read` may have kept something of the response, though it failed.
    #[cold]
    fn unreadable(&mut self, method: &MethodSpec<'_>, source: Source) -> CallError {
        if let Some(live) = self.lease.live_mut() {
            live.lane.spend();
        }
        self.plugin.unreadable(self.lease.generation(), method.name, source)
    }
}

/// Why there is no response.
enum Failure {
    Fault(Fault),
    /// The plugin answers with an error.
    Answered(Error),
    /// The plugin answers with what is none.
    Unreadable(Source),
}

impl Failure {
    /// Whether the plugin was not called.
    fn is_refusal(&self) -> bool {
        matches!(self, Failure::Fault(fault) if fault.is_refusal())
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Failure::Fault(fault)
    }
}

/// The response in an answer, by a pointer that does not say how long it stays.
#[inline(always)]
fn response(answer: Result<Answer<'_>, Fault>) -> Result<NonNull<[u8]>, Failure> {
    let answer = answer?;
    if answer.status() == STATUS_OK {
        return Ok(answer.bytes.into());
    }
    Err(error_of(answer).map_or_else(Failure::Unreadable, Failure::Answered))
}

#[cold]
fn error_of(answer: Answer<'_>) -> Result<Error, Source> {
    let (status, bytes) = (answer.status(), answer.bytes);
    let code = u8::try_from(status).ok().and_then(Code::from_number);
    let code = code.ok_or_else(|| format!("{status} is not the number of a code"))?;
    if bytes.len() > MAX_MESSAGE {
        return Err(format!("the message of an error has {} bytes, {MAX_MESSAGE} at the most", bytes.len()).into());
    }
    Ok(Error::new(code, std::str::from_utf8(bytes)?))
}
