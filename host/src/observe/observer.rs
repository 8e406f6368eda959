use std::cell::Cell;
use std::time::{Duration, Instant};

use hookr_abi::{MethodId, Printable};

use super::call::{Observation, Outcome, Way};
use super::histogram::Histogram;
use super::metered::{Meters, Present};
use super::span::{Detail, Span};
use super::stats::Timings;
use crate::Metadata;

/// Who looks at the calls of a plugin.
pub(crate) struct Observer {
    plugin: String,
    contract: String,
    timings: Option<Histogram>,
    meters: Meters,
    /// Whether every call is looked at.
    sees_all: bool,
}

impl Observer {
    /// `timings` says whether calls are timed for statistics, and `is_metered` whether metrics are made of them.
    pub(crate) fn new(metadata: &Metadata, timings: bool, is_metered: bool) -> Self {
        let meters = if is_metered { Meters::new(metadata) } else { Meters::none() };
        Observer {
            plugin: Printable(metadata.name()).to_string(),
            contract: Printable(metadata.package()).to_string(),
            timings: timings.then(Histogram::default),
            sees_all: timings || meters.are_there(),
            meters,
        }
    }

    /// A call begins that an application makes by its handle.
    #[inline]
    pub(crate) fn typed<'p>(&'p self, method: &'p str, id: Option<MethodId>, way: Way) -> Option<Observation<'p>> {
        if self.sees_all || Detail::Typed.is_seen() { self.begin(Detail::Typed, method, id, way) } else { None }
    }

    /// A call begins over a lane that an application has locked.
    #[inline]
    pub(crate) fn lane<'p>(&'p self, method: &'p str, id: MethodId) -> Option<Observation<'p>> {
        if self.sees_all || Detail::Lane.is_seen() {
            self.begin(Detail::Lane, method, Some(id), Way::Lane)
        } else {
            None
        }
    }

    #[cold]
    fn begin<'p>(&'p self, detail: Detail, method: &'p str, id: Option<MethodId>, way: Way) -> Option<Observation<'p>> {
        let span = Span::call(detail, &self.plugin, &self.contract, method);
        if !self.sees_all && !span.is_seen() {
            return None;
        }
        self.meters.begin();
        Some(Observation {
            observer: self,
            span,
            method,
            id,
            begun: Instant::now(),
            way: Cell::new(way),
            request: Cell::new(None),
            response: Cell::new(None),
            is_over: false,
        })
    }

    /// A call that began then was refused before any thread could make it.
    #[cfg(feature = "async")]
    pub(crate) fn refused(&self, method: &str, begun: Instant, error: &crate::CallError) {
        if let Some(mut observation) = self.typed(method, None, Way::Component) {
            observation.begun = begun;
            observation.end(Some(error));
        }
    }

    /// A call is over.
    pub(super) fn count(&self, call: &Observation<'_>, outcome: Outcome, time: Duration) {
        if let Some(timings) = &self.timings {
            timings.add(time);
        }
        self.meters.end(call.id, call.method, call.way.get(), outcome, time);
    }

    /// A call has waited for an instance.
    pub(crate) fn waited(&self, nanos: u64) {
        self.meters.waited(Duration::from_nanos(nanos));
    }

    /// An instance is lost, or could not be made.
    pub(crate) fn lost(&self, reason: &'static str) {
        self.meters.lost(reason);
    }

    /// There is one more instance, for as long as this lives.
    pub(crate) fn present(&self) -> Present {
        self.meters.present()
    }

    /// A reload has put another version in service, or has failed.
    pub(crate) fn reloaded(&self, outcome: &'static str) {
        self.meters.reloaded(outcome);
    }

    /// How long calls took, where they are timed.
    pub(crate) fn timings(&self) -> Option<Timings> {
        self.timings.as_ref().map(Histogram::timings)
    }

    pub(crate) fn plugin(&self) -> &str {
        &self.plugin
    }

    pub(crate) fn contract(&self) -> &str {
        &self.contract
    }
}
