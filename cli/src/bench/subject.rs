//! A plugin in one of the ways, called over and over.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hookr::CallError;
use hookr::dynamic::{DynamicLane, DynamicPlugin, Value};

use super::allocations::{self, Allocated};
use super::clock::Clock;
use super::sample::Sample;
use crate::call::{MethodRef, Payload, Session, Way};
use crate::contract::LoadedContract;
use crate::exit::Exit;
use crate::failure::{Context as _, Failure, Result};
use crate::interrupt::Interrupt;

/// The failure of callbacks that nobody answers.
type Missing = fn(&BTreeSet<(String, String)>, &Arc<LoadedContract>) -> Failure;

/// What is measured.
pub(crate) struct Subject<'a> {
    session: &'a Session,
    method: &'a MethodRef,
    request: &'a Payload,
    way: Way,
    name: String,
    missing: Missing,
    /// How many lines the plugin has logged.
    logged: Cell<u64>,
}

/// What calls took, apart from time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Counted {
    /// How many calls were counted.
    pub(crate) calls: u64,
    /// What the host has allocated, all together.
    pub(crate) allocated: Allocated,
    /// Instructions, if they are counted.
    pub(crate) instructions: Option<Instructions>,
}

/// Instructions of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Instructions {
    pub(crate) min: u64,
    pub(crate) max: u64,
    pub(crate) sum: u64,
}

impl<'a> Subject<'a> {
    /// Calls of this request; its forms have to be there.
    pub(crate) fn new(
        session: &'a Session,
        (method, request, way): (&'a MethodRef, &'a Payload, Way),
        name: String,
        missing: Missing,
    ) -> Self {
        Subject { session, method, request, way, name, missing, logged: Cell::new(0) }
    }

    /// What it is, for people.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Bytes of linear memory.
    pub(crate) fn memory(&self) -> u64 {
        self.session.plugin().stats().memory
    }

    /// How many lines the plugin has logged so far.
    pub(crate) fn logged(&self) -> u64 {
        self.logged.get()
    }

    /// Calls for a while, and says how long a call takes in the end.
    pub(crate) fn warm_up(&self, time: Duration, interrupt: &Interrupt) -> Result<Duration> {
        /// How long it is looked at how long a call takes, and how many calls are enough for that.
        const LOOK: (Duration, u32) = (Duration::from_millis(10), 100);
        self.with_caller(|caller| {
            let start = Instant::now();
            let mut once = Duration::MAX;
            let mut calls = 0_u32;
            while !interrupt.has_come() && (start.elapsed() < time || calls < 3) {
                once = once.min(caller.time(1)?);
                calls = calls.saturating_add(1);
            }
            if interrupt.has_come() {
                return Ok(once);
            }
            // Several at once: of one that is timed alone, the clock may take the most.
            let few = u32::try_from(LOOK.0.as_nanos() / once.as_nanos().max(1)).unwrap_or(u32::MAX).clamp(1, LOOK.1);
            Ok(caller.time(few)? / few)
        })
    }

    /// Calls so often, some at a time.
    pub(crate) fn turn(
        &self,
        calls: u64,
        batch: u32,
        clock: &Clock,
        sample: &mut Sample,
        interrupt: &Interrupt,
    ) -> Result<()> {
        sample.turn();
        let done = self.with_caller(|caller| {
            let mut left = calls;
            while left > 0 && !interrupt.has_come() {
                let now = u32::try_from(left.min(batch.into())).unwrap_or(batch);
                sample.add(now, clock.net(caller.time(now)?));
                left = left.saturating_sub(now.into());
            }
            Ok(())
        });
        done.map_err(|failure| failure.note(format!("{} calls of {} were measured before", sample.calls(), self.name)))
    }

    /// Calls so often at the most, and counts what is not time.
    pub(crate) fn count(&self, most: u64, interrupt: &Interrupt) -> Result<Counted> {
        /// Enough, if calls are slow.
        const ENOUGH: Duration = Duration::from_secs(1);
        let plugin = self.session.plugin();
        let mut counted = Counted { calls: 0, allocated: Allocated::default(), instructions: None };
        self.with_caller(|caller| {
            let start = Instant::now();
            while counted.calls < most && start.elapsed() < ENOUGH && !interrupt.has_come() {
                let before = plugin.stats().fuel;
                caller.prepare(1);
                let (result, allocated) = allocations::count(|| caller.call_prepared());
                result?;
                if let Some((after, before)) = plugin.stats().fuel.zip(before) {
                    let instructions = counted.instructions.unwrap_or(Instructions { min: u64::MAX, max: 0, sum: 0 });
                    counted.instructions = Some(instructions.and(after.wrapping_sub(before)));
                }
                counted.calls = counted.calls.saturating_add(1);
                counted.allocated.count = counted.allocated.count.saturating_add(allocated.count);
                counted.allocated.bytes = counted.allocated.bytes.saturating_add(allocated.bytes);
            }
            Ok(())
        })?;
        Ok(counted)
    }

    /// Runs something that calls. What a callback lacked is a failure, whatever the plugin made of it.
    fn with_caller<R>(&self, run: impl FnOnce(&mut Caller<'_>) -> Result<R>) -> Result<R> {
        let result = self.caller().and_then(|mut caller| run(&mut caller));
        let seen = self.session.host().take();
        self.logged.set(self.logged.get().saturating_add(seen.notices.len() as u64));
        if seen.missing.is_empty() { result } else { Err((self.missing)(&seen.missing, self.session.contract())) }
    }

    fn caller(&self) -> Result<Caller<'a>> {
        let (plugin, method) = (self.session.plugin(), self.method.name.as_str());
        Ok(match self.way {
            Way::Typed => {
                let request = self.request.value().or_exit(Exit::Input)?;
                Caller::Typed { plugin, method, request, prepared: Vec::new() }
            }
            Way::Lane => {
                let request = self.request.bytes().or_exit(Exit::Input)?;
                Caller::Lane { lane: plugin.lane()?, method, request, times: 0 }
            }
        })
    }
}

impl Instructions {
    fn and(self, more: u64) -> Self {
        Instructions { min: self.min.min(more), max: self.max.max(more), sum: self.sum.saturating_add(more) }
    }
}

/// What makes the calls. The lane is locked for all of them.
enum Caller<'a> {
    /// A request is used up by each call, so that it is copied before the clock runs.
    Typed {
        plugin: &'a DynamicPlugin,
        method: &'a str,
        request: &'a Value,
        prepared: Vec<Value>,
    },
    Lane {
        lane: DynamicLane<'a>,
        method: &'a str,
        request: &'a [u8],
        times: u32,
    },
}

impl Caller<'_> {
    /// Gets so many calls ready.
    fn prepare(&mut self, calls: u32) {
        match self {
            Caller::Typed { request, prepared, .. } => {
                prepared.clear();
                prepared.extend((0..calls).map(|_| (*request).clone()));
            }
            Caller::Lane { times, .. } => *times = calls,
        }
    }

    /// Makes the calls that are ready. Responses are dropped unread.
    #[inline]
    fn call_prepared(&mut self) -> Result<(), CallError> {
        match self {
            Caller::Typed { plugin, method, prepared, .. } => {
                for request in prepared.drain(..) {
                    drop(black_box(plugin.call(method, request)?));
                }
            }
            Caller::Lane { lane, method, request, times } => {
                for _ in 0..*times {
                    lane.call(method, request, |response| {
                        black_box(response);
                        Ok::<_, CallError>(())
                    })?;
                }
            }
        }
        Ok(())
    }

    /// How long so many calls take.
    fn time(&mut self, calls: u32) -> Result<Duration> {
        self.prepare(calls);
        let start = Instant::now();
        let result = self.call_prepared();
        let elapsed = start.elapsed();
        result?;
        Ok(elapsed)
    }
}
