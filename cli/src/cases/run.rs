//! Cases are run: each on an instance of its own, several at a time.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hookr::CallOptions;

use super::case::Case;
use super::judge::{Problem, Verdict, disagreement, judge, unmet};
use crate::args::PluginArgs;
use crate::call::{Candidate, Host, Layers, NoResponse, Notices, Outcome, Way};
use crate::interrupt::Interrupt;

/// How cases are run.
pub(crate) struct Plan<'a> {
    pub(crate) args: &'a PluginArgs,
    /// The plugin, which has been opened once so that its code is there.
    pub(crate) candidate: &'a Candidate,
    pub(crate) ways: &'a [Way],
    pub(crate) jobs: usize,
    pub(crate) fail_fast: bool,
    /// No case begins once it has come.
    pub(crate) interrupt: &'a Interrupt,
}

/// What became of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Passed,
    Failed,
    /// It has failed, and expects now what was found.
    Updated,
    /// It says that it is not to be run.
    Skipped,
    /// Another one has failed before, or Ctrl-C came.
    NotRun,
}

impl Status {
    /// The word for it in JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Status::Passed => "passed",
            Status::Failed => "failed",
            Status::Updated => "updated",
            Status::Skipped => "skipped",
            Status::NotRun => "not_run",
        }
    }
}

/// A case that was run, or was not.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) status: Status,
    pub(crate) elapsed: Duration,
    /// Each way that it was run.
    pub(crate) runs: Vec<WayRun>,
    /// Where the ways disagree.
    pub(crate) disagreement: Vec<Problem>,
    /// The places that expect something else now; or why `--update` left the case alone.
    pub(crate) update: Option<Result<Vec<String>, String>>,
}

/// A case over one way.
#[derive(Debug)]
pub(crate) struct WayRun {
    pub(crate) way: Way,
    pub(crate) steps: Vec<StepRun>,
    /// What is wrong with the case as a whole.
    pub(crate) problems: Vec<Problem>,
    /// Why there is no instance.
    pub(crate) unopened: Option<String>,
}

/// A call of a case.
#[derive(Debug)]
pub(crate) struct StepRun {
    pub(crate) outcome: Outcome,
    pub(crate) verdict: Verdict,
}

impl WayRun {
    fn is_good(&self) -> bool {
        self.unopened.is_none() && self.problems.is_empty() && self.steps.iter().all(|s| s.verdict.problems.is_empty())
    }
}

impl Report {
    pub(super) fn without(status: Status) -> Self {
        Report { status, elapsed: Duration::ZERO, runs: Vec::new(), disagreement: Vec::new(), update: None }
    }
}

/// Runs cases, and tells of each in their order as soon as it and all before it are over.
pub(crate) fn run(plan: &Plan<'_>, cases: &[Case], told: impl FnMut(&Case, &mut Report) + Send) -> Vec<Report> {
    let next = AtomicUsize::new(0);
    let is_over = AtomicBool::new(false);
    let telling = Mutex::new(Telling { waiting: BTreeMap::new(), done: Vec::new(), failed: false, told });
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(case) = cases.get(index) else { return };
            let report = match is_over.load(Ordering::Relaxed) || plan.interrupt.has_come() {
                true => Report::without(Status::NotRun),
                false => run_case(plan, case),
            };
            // What stands before the first that failed has been started already, as cases are taken in their order.
            if plan.fail_fast && report.status == Status::Failed {
                is_over.store(true, Ordering::Relaxed);
            }
            let mut telling = telling.lock().unwrap_or_else(PoisonError::into_inner);
            telling.take(index, report, cases, plan.fail_fast);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..plan.jobs.min(cases.len()) {
            scope.spawn(work);
        }
        work();
    });
    telling.into_inner().unwrap_or_else(PoisonError::into_inner).done
}

/// Reports are told in the order of the cases.
struct Telling<F> {
    waiting: BTreeMap<usize, Report>,
    done: Vec<Report>,
    failed: bool,
    told: F,
}

impl<F: FnMut(&Case, &mut Report)> Telling<F> {
    fn take(&mut self, index: usize, report: Report, cases: &[Case], fail_fast: bool) {
        self.waiting.insert(index, report);
        while let Some(mut report) = self.waiting.remove(&self.done.len()) {
            // What ran at the same time as the first that failed counts as not run, whatever came of it: so the report does not
            // depend on how many there are at a time.
            if fail_fast && self.failed && report.status != Status::Skipped {
                report = Report::without(Status::NotRun);
            }
            if let Some(case) = cases.get(self.done.len()) {
                (self.told)(case, &mut report);
            }
            self.failed |= report.status == Status::Failed;
            self.done.push(report);
        }
    }
}

fn run_case(plan: &Plan<'_>, case: &Case) -> Report {
    if case.skip.is_some() {
        return Report::without(Status::Skipped);
    }
    let start = Instant::now();
    let runs: Vec<WayRun> = plan.ways.iter().map(|way| run_way(plan, case, *way)).collect();
    let elapsed = start.elapsed();
    let disagreement = match runs.as_slice() {
        [typed, lane] => {
            let steps = case.steps.iter().zip(typed.steps.iter().zip(&lane.steps));
            steps.flat_map(|(step, (typed, lane))| disagreement(step, &typed.outcome, &lane.outcome)).collect()
        }
        _ => Vec::new(),
    };
    let is_good = runs.iter().all(WayRun::is_good) && disagreement.is_empty();
    Report { status: if is_good { Status::Passed } else { Status::Failed }, elapsed, runs, disagreement, update: None }
}

fn run_way(plan: &Plan<'_>, case: &Case, way: Way) -> WayRun {
    let mut run = WayRun { way, steps: Vec::new(), problems: Vec::new(), unopened: None };
    let host = Host::new(Notices::Keep);
    let session = match plan.candidate.again(plan.args, &host).and_then(Candidate::open_quietly) {
        Ok(session) => session,
        Err(failure) => {
            run.unopened = Some(failure.causes().join(": "));
            return run;
        }
    };
    let shared = case.fixture.anew();
    for step in &case.steps {
        let own = step.fixture.anew();
        host.respond(Layers(vec![own.clone(), shared.clone()]));
        let mut outcome = match step.deadline {
            Some(deadline) => {
                let options = CallOptions::default().deadline(deadline);
                session.with(&options).call(&step.method, &step.request, way)
            }
            None => session.call(&step.method, &step.request, way),
        };
        // Both are asked, so that neither tells the next step.
        let was_late = own.was_late() | shared.was_late();
        if was_late && outcome.result.as_ref().err().is_none_or(|error| error.answered().is_some()) {
            outcome.result = Err(NoResponse::Late);
        }
        let verdict = judge(case, step, &own, &outcome);
        run.steps.push(StepRun { outcome, verdict });
    }
    if case.strict {
        let mut verdict = Verdict::default();
        unmet(&shared, &mut verdict);
        run.problems = verdict.problems;
    }
    run
}
