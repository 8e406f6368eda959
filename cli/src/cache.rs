//! The cache of compiled plugins, as people see it.

use hookr::Cache;
use hookr::cache::{CacheProblem, Unfit};
use hookr::supervise::{Event, Happening};

use crate::exit::Exit;
use crate::failure::{Failure, with_causes};
use crate::hint::Hint;
use crate::terminal;

/// Says what is wrong with the cache: the plugin runs all the same.
pub(crate) fn warn(event: &Event<'_>) {
    if let Happening::Uncached { problem } = event.what {
        terminal::warn(&with_causes(problem), hint(problem).as_ref());
    }
}

/// The failure where a command is about the cache, which cannot be used.
pub(crate) fn unusable(problem: CacheProblem) -> Failure {
    let hint = hint(&problem);
    Failure::new(Exit::Input, problem).maybe_hint(hint)
}

fn hint(problem: &CacheProblem) -> Option<Hint> {
    match problem {
        CacheProblem::Folder { path, reason: Unfit::Mode { .. } } => Some(Hint::ChmodFolder(path.clone())),
        _ => None,
    }
}

/// Nobody has said where the cache is, or it is off.
pub(crate) fn no_cache() -> Failure {
    let text = format!("there is no cache: {} says `off`, or the user has no home", Cache::VARIABLE);
    Failure::message(Exit::Input, text).hint(Hint::CacheDir)
}
