//! What every plugin does, whatever carries the call: the same source files as those of Hookr's examples.
//!
//! The files are included and not depended on: as a dependency, an example would bring the exports of its component along
//! into the modules for Extism.
#![forbid(unsafe_code)]

pub mod json;

#[path = "../../../../examples/textfilter/plugin/src/filter.rs"]
mod filter;
#[path = "../../../../examples/tickloop/plugin/src/run.rs"]
mod run;
#[path = "../../../../examples/textfilter/plugin/src/terms.rs"]
mod terms;

// The files above name the contracts; so do the users of this crate, through it.
pub use {textfilter, tickloop};

pub use filter::filter;
pub use run::{MAX_JITTER, Run};
