//! Without the feature `tracing`, nobody sees anything.

use std::time::Duration;

use super::call::{Outcome, Way};

#[derive(Clone, Copy)]
pub(super) enum Detail {
    Typed,
    Lane,
}

impl Detail {
    #[inline]
    pub(super) fn is_seen(self) -> bool {
        false
    }
}

#[inline]
pub(super) fn sees_callbacks() -> bool {
    false
}

pub(super) struct Span;

impl Span {
    pub(super) fn call(_: Detail, _: &str, _: &str, _: &str) -> Self {
        Span
    }

    pub(super) fn callback(_: &str, _: &str, _: &str, _: Way) -> Self {
        Span
    }

    pub(super) fn open(_: &str) -> Self {
        Span
    }

    pub(super) fn reload(_: &str, _: &str, _: &str, _: u64) -> Self {
        Span
    }

    pub(super) fn is_seen(&self) -> bool {
        false
    }

    pub(super) fn batch(&self, _: usize) {}

    pub(super) fn text(&self, _: &'static str, _: &str) {}

    pub(super) fn number(&self, _: &'static str, _: u64) {}

    pub(super) fn end_call(&self, _: Way, _: (Option<usize>, Option<usize>), _: Outcome, _: Duration) {}

    pub(super) fn end_message(&self, _: (Option<usize>, Option<usize>), _: Outcome, _: Duration) {}

    pub(super) fn end(&self, _: &str, _: Duration) {}
}
