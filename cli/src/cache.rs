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
    if let Some((problem, hint)) = problem(event) {
        terminal::warn(&problem, hint.as_ref());
    }
}

/// What is wrong with the cache, as lines for people; none for what else happens.
pub(crate) fn warning(event: &Event<'_>) -> Vec<String> {
    let problem = problem(event);
    problem.iter().map(|(problem, _)| format!("warning: {problem}")).collect()
}

fn problem(event: &Event<'_>) -> Option<(String, Option<Hint>)> {
    let Happening::Uncached { problem } = event.what else { return None };
    Some((with_causes(problem), hint(problem)))
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
