//! Measuring calls: `hookr bench`.
//!
//! [`Subject`] is a plugin in one of the ways, and calls it; [`measure()`] lets the subjects take turns; a [`Sample`](sample::Sample)
//! is what was measured of one; [`compare`] compares two. [`Report`] shows it, to people and as JSON.

mod allocations;
mod clock;
mod histogram;
mod json;
mod measure;
mod report;
mod sample;
mod subject;
mod units;
mod verdict;

pub(crate) use clock::Clock;
pub(crate) use histogram::{Bucket, draw, spread};
pub(crate) use measure::{Budget, measure};
pub(crate) use report::{About, Report, Role, Row, Versus};
pub(crate) use subject::Subject;
pub(crate) use verdict::compare;
