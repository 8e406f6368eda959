//! What came of the cases: for people, for programs, and for what shows JUnit's reports.

mod json;
mod junit;
mod text;

use std::time::Duration;

use hookr::Digest;
use hookr_abi::Printable;

use super::case::Case;
use super::coverage::Coverage;
use super::judge::Problem;
use super::run::{Report, Status};
use crate::args::PluginArgs;

/// A run of cases.
pub(crate) struct Ran<'a> {
    pub(crate) plugin: &'a PluginArgs,
    pub(crate) sha256: Digest,
    pub(crate) way: &'static str,
    pub(crate) cases: &'a [Case],
    pub(crate) reports: &'a [Report],
    pub(crate) coverage: &'a Coverage,
    pub(crate) elapsed: Duration,
    /// Whether Ctrl-C ended it.
    pub(crate) interrupted: bool,
}

/// How many cases came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) updated: usize,
    pub(crate) skipped: usize,
    pub(crate) not_run: usize,
}

impl Summary {
    /// Of these.
    pub(crate) fn of(reports: &[Report]) -> Self {
        let mut summary = Summary::default();
        for report in reports {
            *match report.status {
                Status::Passed => &mut summary.passed,
                Status::Failed => &mut summary.failed,
                Status::Updated => &mut summary.updated,
                Status::Skipped => &mut summary.skipped,
                Status::NotRun => &mut summary.not_run,
            } += 1;
        }
        summary
    }

    /// All of them.
    pub(crate) fn total(&self) -> usize {
        self.passed + self.failed + self.updated + self.skipped + self.not_run
    }

    /// `3 passed, 1 failed`.
    pub(crate) fn sentence(&self) -> String {
        let counts =
            [(self.failed, "failed"), (self.updated, "updated"), (self.skipped, "skipped"), (self.not_run, "not run")];
        let more = counts.iter().filter(|(count, _)| *count > 0).map(|(count, name)| format!(", {count} {name}"));
        format!("{} passed{}", self.passed, more.collect::<String>())
    }
}

/// Something that is wrong, with the way, the step and what belongs to it.
struct Finding<'a> {
    /// Which way it was, if that is worth saying; or both.
    way: Option<&'static str>,
    /// The step, from 1, in cases that have steps.
    step: Option<usize>,
    problem: &'a Problem,
}

/// Everything that is wrong with a case, in order.
fn findings<'a>(case: &Case, report: &'a Report) -> Vec<Finding<'a>> {
    let several = report.runs.len() > 1;
    let mut all = Vec::new();
    for run in &report.runs {
        let way = several.then_some(run.way.name());
        for (index, step) in run.steps.iter().enumerate() {
            let step_number = case.has_steps.then_some(index + 1);
            step.verdict.problems.iter().for_each(|problem| add(&mut all, Finding { way, step: step_number, problem }));
        }
        run.problems.iter().for_each(|problem| add(&mut all, Finding { way, step: None, problem }));
    }
    all.extend(report.disagreement.iter().map(|problem| Finding { way: None, step: None, problem }));
    all
}

/// What is the same in both ways is there once.
fn add<'a>(all: &mut Vec<Finding<'a>>, new: Finding<'a>) {
    let is_same =
        |known: &&mut Finding<'_>| known.way != new.way && known.step == new.step && known.problem == new.problem;
    match all.iter_mut().find(is_same) {
        Some(known) => known.way = Some("both ways"),
        None => all.push(new),
    }
}

/// A sentence about a problem, fit for a terminal.
fn sentence(case: &Case, finding: &Finding<'_>) -> String {
    let Problem { subject, span, .. } = finding.problem;
    let line = case.line(*span);
    let step = finding.step.map(|step| format!("step {step}: ")).unwrap_or_default();
    let way = finding.way.map(|way| format!(" ({way})")).unwrap_or_default();
    let text = format!("{step}{subject}{way}: {}", finding.problem.difference());
    format!("{} ({}:{line})", Printable(&text), crate::files::shown(&case.path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::judge::ProblemKind;

    #[test]
    fn what_is_wrong_in_both_ways_is_told_once() {
        let mut sources = fbs2wit::source::SourceMap::default();
        let file = sources.add("x.json", "{}");
        let span = fbs2wit::source::Span { file, start: 0, end: 2 };
        let problem = |found: &str| Problem {
            subject: "$.n".to_owned(),
            span,
            expected: "1".to_owned(),
            found: found.to_owned(),
            kind: ProblemKind::Result,
        };
        let (typed, lane, other) = (problem("2"), problem("2"), problem("3"));
        let mut all = Vec::new();
        for (way, step, problem) in [
            (Some("typed"), None, &typed),
            (Some("typed"), Some(1), &typed),
            (Some("lane"), None, &lane),
            (Some("lane"), None, &other),
        ] {
            add(&mut all, Finding { way, step, problem });
        }
        let told: Vec<_> = all.iter().map(|f| (f.way, f.step, f.problem.found.as_str())).collect();
        let expected = [(Some("both ways"), None, "2"), (Some("typed"), Some(1), "2"), (Some("lane"), None, "3")];
        assert_eq!(told, expected);
        let differs = Problem { kind: ProblemKind::Disagreement, ..problem("the failure trapped") };
        assert_eq!(differs.difference(), "typed 1, over the lane the failure trapped");
    }
}
