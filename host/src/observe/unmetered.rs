//! Without the feature `metrics`, nothing is counted but statistics.

use std::time::Duration;

use hookr_abi::MethodId;

use super::call::{Outcome, Way};
use crate::Metadata;

pub(super) struct Meters;

#[derive(Default)]
pub(crate) struct Present();

impl Meters {
    pub(super) fn new(_: &Metadata) -> Self {
        Meters
    }

    pub(super) fn none() -> Self {
        Meters
    }

    pub(super) fn are_there(&self) -> bool {
        false
    }

    pub(super) fn begin(&self) {}

    pub(super) fn end(&self, _: Option<MethodId>, _: &str, _: Way, _: Outcome, _: Duration) {}

    pub(super) fn waited(&self, _: Duration) {}

    pub(super) fn lost(&self, _: &'static str) {}

    pub(super) fn reloaded(&self, _: &'static str) {}

    pub(super) fn present(&self) -> Present {
        Present()
    }
}
