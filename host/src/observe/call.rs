use std::cell::Cell;
use std::time::Instant;

use hookr_abi::MethodId;

use super::observer::Observer;
use super::span::Span;
use crate::{CallError, Code};

/// Which way a call takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Through the Component Model.
    Component,
    /// Over the lane.
    Lane,
    /// To the functions that hand the state over.
    State,
}

impl Way {
    #[cfg(any(feature = "metrics", feature = "tracing"))]
    pub(super) fn name(self) -> &'static str {
        match self {
            Way::Component => "component",
            Way::Lane => "lane",
            Way::State => "state",
        }
    }
}

/// What became of something: its name, and the code of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) name: &'static str,
    pub(super) code: Option<Code>,
}

impl Outcome {
    pub(super) const OK: Outcome = Outcome { name: "ok", code: None };
    pub(super) const PANICKED: Outcome = Outcome { name: "panicked", code: Some(Code::Internal) };

    pub(super) fn of_call(error: Option<&CallError>) -> Self {
        error.map_or(Outcome::OK, |error| Outcome { name: error.kind(), code: Some(error.code()) })
    }
}

/// A call that somebody looks at. One that is dropped before its [end](Self::end) has panicked.
pub(crate) struct Observation<'p> {
    pub(super) observer: &'p Observer,
    pub(super) span: Span,
    pub(super) method: &'p str,
    pub(super) id: Option<MethodId>,
    pub(super) begun: Instant,
    pub(super) way: Cell<Way>,
    pub(super) request: Cell<Option<usize>>,
    pub(super) response: Cell<Option<usize>>,
    pub(super) is_over: bool,
}

impl Observation<'_> {
    /// Says which way the call takes, and how large its request is. What was said before is forgotten.
    pub(crate) fn takes(&self, way: Way, request: Option<usize>) {
        self.way.set(way);
        self.request.set(request);
        self.response.set(None);
    }

    /// Says how large the response is.
    pub(crate) fn answered(&self, size: usize) {
        self.response.set(Some(size));
    }

    /// Says how many requests there are.
    pub(crate) fn batch(&self, count: usize) {
        self.span.batch(count);
    }

    #[cold]
    pub(crate) fn end(mut self, error: Option<&CallError>) {
        self.is_over = true;
        self.finish(Outcome::of_call(error));
    }

    fn finish(&self, outcome: Outcome) {
        let time = self.begun.elapsed();
        self.span.end_call(self.way.get(), (self.request.get(), self.response.get()), outcome, time);
        self.observer.count(self, outcome, time);
    }
}

impl Drop for Observation<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.finish(Outcome::PANICKED);
        }
    }
}

/// A call of a handle, while it lasts; for generated code.
pub struct TypedCall<'p>(Option<Observation<'p>>);

impl<'p> TypedCall<'p> {
    #[inline]
    pub(crate) fn new(observation: Option<Observation<'p>>) -> Self {
        TypedCall(observation)
    }

    /// What there is to see of it, if anybody looks.
    #[inline]
    pub(crate) fn seen(&self) -> Option<&Observation<'p>> {
        self.0.as_ref()
    }

    #[inline]
    pub(crate) fn end(self, error: Option<&CallError>) {
        if let Some(observation) = self.0 {
            observation.end(error);
        }
    }
}

/// A call over a lane: it is looked at by itself, or as a part of a typed call.
pub(crate) struct Observed<'p> {
    own: Option<Observation<'p>>,
    typed: Option<&'p Observation<'p>>,
}

impl<'p> Observed<'p> {
    #[inline]
    pub(crate) fn own(own: Option<Observation<'p>>) -> Self {
        Observed { own, typed: None }
    }

    #[inline]
    pub(crate) fn typed(typed: &'p TypedCall<'p>) -> Self {
        Observed { own: None, typed: typed.seen() }
    }

    #[inline]
    pub(crate) fn seen(&self) -> Option<&Observation<'p>> {
        self.own.as_ref().or(self.typed)
    }

    /// Says how large the request is.
    #[inline]
    pub(crate) fn sends(&self, size: usize) {
        if let Some(seen) = self.seen() {
            seen.takes(Way::Lane, Some(size));
        }
    }

    /// Says how large the response is.
    #[inline]
    pub(crate) fn answered(&self, size: usize) {
        if let Some(seen) = self.seen() {
            seen.answered(size);
        }
    }

    /// Gives back the result of the call, whose end this is.
    #[inline]
    pub(crate) fn end<R>(self, result: Result<R, CallError>) -> Result<R, CallError> {
        if let Some(own) = self.own {
            own.end(result.as_ref().err());
        }
        result
    }
}
