//! Where there is no cache.

use std::path::Path;
use std::time::Duration;

use wasmtime::component::Component;

use super::footer::Footer;
use super::{CacheEntry, CacheProblem, Key, Removed};
use crate::{Engine, Shape};

/// What is never there.
pub(crate) enum Loaded {}

impl Loaded {
    pub(crate) fn shape(&self) -> &Shape {
        match *self {}
    }

    pub(crate) fn component(&self, _: &Engine) -> Result<Component, CacheProblem> {
        match *self {}
    }
}

pub(crate) fn load(_: &Path, _: Key) -> Result<Option<Loaded>, CacheProblem> {
    Err(CacheProblem::Unsupported)
}

pub(crate) fn store(
    _: &Path,
    _: &Footer,
    _: impl FnOnce() -> wasmtime::Result<Vec<u8>>,
    _: u64,
    _: Duration,
) -> Result<(), CacheProblem> {
    Err(CacheProblem::Unsupported)
}

pub(crate) fn entries(_: &Path) -> Result<Vec<CacheEntry>, CacheProblem> {
    Err(CacheProblem::Unsupported)
}

pub(crate) fn clear(_: &Path) -> Result<Removed, CacheProblem> {
    Err(CacheProblem::Unsupported)
}

pub(crate) fn evict(_: &Path, _: u64, _: Duration) -> Result<Removed, CacheProblem> {
    Err(CacheProblem::Unsupported)
}
