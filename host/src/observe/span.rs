//! Spans of the crate `tracing`.

use std::time::Duration;

use hookr_abi::Printable;
use tracing::field::Empty;
use tracing::level_filters::LevelFilter;
use tracing::span::EnteredSpan;
use tracing::{Level, debug_span, info_span, trace_span};

use super::call::{Outcome, Way};
use crate::engine::nanos;

/// Which calls those are, which says who is interested in them.
#[derive(Clone, Copy)]
pub(super) enum Detail {
    Typed,
    Lane,
}

impl Detail {
    /// Whether anybody may be interested: one load.
    #[inline]
    pub(super) fn is_seen(self) -> bool {
        LevelFilter::current()
            >= match self {
                Detail::Typed => Level::DEBUG,
                Detail::Lane => Level::TRACE,
            }
    }
}

/// Whether anybody may be interested in callbacks.
#[inline]
pub(super) fn sees_callbacks() -> bool {
    LevelFilter::current() >= Level::TRACE
}

/// A span, entered for as long as it lives.
pub(super) struct Span(EnteredSpan);

macro_rules! call {
    ($span:ident, $plugin:ident, $contract:ident, $method:ident) => {
        $span!(
            target: "hookr::call",
            "call",
            plugin = $plugin,
            contract = $contract,
            method = %Printable($method),
            way = Empty,
            batch = Empty,
            request_bytes = Empty,
            response_bytes = Empty,
            outcome = Empty,
            code = Empty,
            duration_ns = Empty,
        )
    };
}

impl Span {
    /// Of a call; `plugin` and `contract` are escaped already.
    pub(super) fn call(detail: Detail, plugin: &str, contract: &str, method: &str) -> Self {
        let span = match detail {
            Detail::Typed => call!(debug_span, plugin, contract, method),
            Detail::Lane => call!(trace_span, plugin, contract, method),
        };
        Span(span.entered())
    }

    pub(super) fn callback(plugin: &str, contract: &str, method: &str, way: Way) -> Self {
        let span = trace_span!(
            target: "hookr::callback",
            "callback",
            plugin = %Printable(plugin),
            contract = %Printable(contract),
            method = %Printable(method),
            way = way.name(),
            request_bytes = Empty,
            response_bytes = Empty,
            outcome = Empty,
            code = Empty,
            duration_ns = Empty,
        );
        Span(span.entered())
    }

    pub(super) fn open(plugin: &str) -> Self {
        let span = info_span!(
            target: "hookr::open",
            "open",
            plugin = %Printable(plugin),
            contract = Empty,
            sha256 = Empty,
            size = Empty,
            origin = Empty,
            outcome = Empty,
            duration_ns = Empty,
        );
        Span(span.entered())
    }

    pub(super) fn reload(plugin: &str, contract: &str, cause: &str, from: u64) -> Self {
        let span = info_span!(
            target: "hookr::reload",
            "reload",
            plugin,
            contract,
            cause,
            from,
            to = Empty,
            sha256 = Empty,
            outcome = Empty,
            duration_ns = Empty,
        );
        Span(span.entered())
    }

    /// Whether anybody is interested.
    pub(super) fn is_seen(&self) -> bool {
        !self.0.is_disabled()
    }

    pub(super) fn batch(&self, count: usize) {
        self.0.record("batch", count);
    }

    pub(super) fn text(&self, field: &'static str, text: &str) {
        self.0.record(field, tracing::field::display(Printable(text)));
    }

    pub(super) fn number(&self, field: &'static str, number: u64) {
        self.0.record(field, number);
    }

    pub(super) fn end_call(&self, way: Way, sizes: (Option<usize>, Option<usize>), outcome: Outcome, time: Duration) {
        self.0.record("way", way.name());
        self.end_message(sizes, outcome, time);
    }

    pub(super) fn end_message(&self, sizes: (Option<usize>, Option<usize>), outcome: Outcome, time: Duration) {
        if let Some(size) = sizes.0 {
            self.0.record("request_bytes", size);
        }
        if let Some(size) = sizes.1 {
            self.0.record("response_bytes", size);
        }
        if let Some(code) = outcome.code {
            self.0.record("code", code.name());
        }
        self.end(outcome.name, time);
    }

    pub(super) fn end(&self, outcome: &str, time: Duration) {
        self.0.record("outcome", outcome);
        self.0.record("duration_ns", nanos(time));
    }
}
