//! All cases, by when they strike.

mod callbacks;
mod calls;
mod code;
mod files;
mod flatbuffers;
mod imports;
mod instances;
mod lane;
mod log;
mod post_return;
mod realloc;
mod results;
mod sections;
mod start;
mod state;
mod trees;
mod wasi;

use crate::case::Case;

/// The phases, in the order in which a plugin goes through them. Every case has one of these.
pub const PHASES: &[&str] = &[
    "file",
    "section",
    "imports",
    "code",
    "instances",
    "start",
    "lane-open",
    "call",
    "realloc",
    "callback",
    "post-return",
    "result",
    "tree",
    "lane",
    "flatbuffer",
    "log",
    "state",
    "wasi",
];

/// Every case, for a program that looks after each access of memory if it is `sanitized`.
pub fn of(sanitized: bool) -> Vec<Case> {
    let cases = all();
    if sanitized { cases.into_iter().map(Case::sanitized).collect() } else { cases }
}

/// Every case, in the order of [`PHASES`].
pub fn all() -> Vec<Case> {
    let mut cases = [
        files::cases(),
        sections::cases(),
        imports::cases(),
        code::cases(),
        instances::cases(),
        start::cases(),
        calls::cases(),
        realloc::cases(),
        callbacks::cases(),
        post_return::cases(),
        results::cases(),
        trees::cases(),
        lane::cases(),
        flatbuffers::cases(),
        log::cases(),
        state::cases(),
        wasi::cases(),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>();
    cases.sort_by_key(|case| PHASES.iter().position(|phase| *phase == case.phase()));
    cases
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_case_has_a_phase_and_a_name_of_its_own() {
        let cases = all();
        let names: BTreeSet<_> = cases.iter().map(|case| case.name.as_str()).collect();
        assert_eq!(names.len(), cases.len(), "two cases have one name");
        assert!(cases.len() >= 100, "{} cases", cases.len());
        for case in &cases {
            assert!(PHASES.contains(&case.phase()), "{} is of no phase", case.name);
            assert!(!case.about.is_empty() && !case.about.ends_with('.'), "{}: {:?}", case.name, case.about);
            assert!(case.name.bytes().all(|byte| byte.is_ascii_lowercase() || b"-/0123456789".contains(&byte)));
        }
        for phase in PHASES {
            assert!(cases.iter().any(|case| case.phase() == *phase), "{phase} has no case");
        }
    }
}
