//! The cache of compiled plugins, as people see it.

use hookr::Cache;
use hookr::supervise::{Event, Happening};

use crate::exit::Exit;
use crate::failure::{Failure, with_causes};
use crate::hint::Hint;
use crate::terminal;

/// Says what is wrong with the cache: the plugin runs all the same.
pub(crate) fn warn(event: &Event<'_>) {
    if let Happening::Uncached { problem } = event.what {
        terminal::say(&format!("warning: {}", with_causes(problem)));
    }
}

/// Nobody has said where the cache is, or it is off.
pub(crate) fn no_cache() -> Failure {
    let text = format!("there is no cache: {} says `off`, or the user has no home", Cache::VARIABLE);
    Failure::message(Exit::Input, text).hint(Hint::CacheDir)
}
