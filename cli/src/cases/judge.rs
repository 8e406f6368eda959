//! Whether what came of a call is what its case expects.

use fbs2wit::json::Path;
use fbs2wit::source::Span;

use super::case::{CallsForm, Case, Expected, ExpectedError, Step};
use super::record::told;
use crate::call::{Fixture, NoResponse, Outcome};
use crate::pattern::{Found, Json, Mismatch};

/// How a call can fail without an answer of the plugin, as cases name it.
pub(crate) const FAILURES: [&str; 9] = [
    "trapped",
    "invalid-response",
    "limit-exceeded",
    "deadline-exceeded",
    "exited",
    "denied",
    "unimplemented",
    "request-too-large",
    "no-instance",
];

/// The name of what went wrong: one of [`FAILURES`].
pub(crate) fn failure_name(error: &NoResponse) -> String {
    let name = match error {
        NoResponse::Call(error) => error.kind().replace('_', "-"),
        NoResponse::Unreadable(_) => "invalid-response".to_owned(),
        NoResponse::Late => "deadline-exceeded".to_owned(),
        NoResponse::Request(_) => "invalid-request".to_owned(),
    };
    if FAILURES.contains(&name.as_str()) { name } else { "no-instance".to_owned() }
}

/// Something that is not what a case expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The place in the response, `$.nodes[1].name`; or what else is meant.
    pub(crate) subject: String,
    /// The place of the expectation.
    pub(crate) span: Span,
    pub(crate) expected: String,
    pub(crate) found: String,
    pub(crate) kind: ProblemKind,
}

/// What `--update` can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProblemKind {
    /// Something else can be expected.
    Result,
    /// Other callbacks can be expected.
    Calls,
    /// The callbacks are to blame, not the expectation.
    Callbacks,
    /// The plugin did not answer, or nobody can tell.
    Failure,
    /// The two ways disagree: one gave what stands as expected, the other what stands as found.
    Disagreement,
}

impl Problem {
    /// What should be there and what is, or what each of the ways gave.
    pub(crate) fn difference(&self) -> String {
        match self.kind {
            ProblemKind::Disagreement => format!("typed {}, over the lane {}", self.expected, self.found),
            _ => format!("expected {}, found {}", self.expected, self.found),
        }
    }
}

impl From<Mismatch> for Problem {
    fn from(mismatch: Mismatch) -> Self {
        let Mismatch { path, span, expected, found } = mismatch;
        Problem { subject: path, span, expected, found, kind: ProblemKind::Result }
    }
}

/// What is wrong with a step, and the two texts that a diff shows.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) problems: Vec<Problem>,
    /// What was expected and what was found, if both are values.
    pub(crate) values: Option<(Json, Json)>,
}

impl Verdict {
    fn problem(&mut self, kind: ProblemKind, subject: &str, span: Span, expected: String, found: String) {
        self.problems.push(Problem { subject: subject.to_owned(), span, expected, found, kind });
    }

    /// The result is of another kind than it should be.
    fn instead(&mut self, span: Span, expected: String, outcome: &Outcome) {
        let (kind, found) = match &outcome.result {
            Ok(response) => (ProblemKind::Result, format!("the response {}", brief(response))),
            Err(error) => {
                let kind = if error.answered().is_some() { ProblemKind::Result } else { ProblemKind::Failure };
                (kind, sentence(error))
            }
        };
        self.problem(kind, "result", span, expected, found);
    }
}

fn brief(response: &crate::call::Payload) -> String {
    Found::of(response).map_or_else(|error| error.to_string(), |found| found.shown.brief())
}

fn sentence(error: &NoResponse) -> String {
    match error.answered() {
        Some(error) => format!("the error {}: {}", error.code.name(), error.message),
        None => format!("the failure {}", failure_name(error)),
    }
}

/// Compares what came of a step with what is expected.
pub(crate) fn judge(case: &Case, step: &Step, fixture: &Fixture, outcome: &Outcome) -> Verdict {
    let mut verdict = Verdict::default();
    if case.strict {
        unanswered(step, outcome, &mut verdict);
        unmet(fixture, &mut verdict);
    }
    match &step.expect {
        // What a step in between gives need not be said.
        None if case.has_steps => {
            if outcome.result.is_err() {
                verdict.instead(step.method_span, "a response".to_owned(), outcome);
            }
        }
        None => {
            let expected = "an `expect`, which `--update` writes".to_owned();
            verdict.instead(step.method_span, expected, outcome);
        }
        Some(expect) => {
            result(&expect.result, expect.span, outcome, &mut verdict);
            if let Some(calls) = &expect.calls {
                made(&calls.form, calls.span, outcome, &mut verdict);
            }
        }
    }
    verdict
}

/// The rules that have answered less often than they say.
pub(crate) fn unmet(fixture: &Fixture, verdict: &mut Verdict) {
    for unmet in fixture.unmet() {
        let (expected, found) = (times(unmet.expected), times(unmet.found));
        let subject = format!("callback {}", unmet.callback);
        verdict.problem(ProblemKind::Callbacks, &subject, unmet.span, expected, found);
    }
}

fn times(count: u64) -> String {
    if count == 1 { "1 call".to_owned() } else { format!("{count} calls") }
}

fn unanswered(step: &Step, outcome: &Outcome, verdict: &mut Verdict) {
    for (service, method) in &outcome.seen.missing {
        let made =
            outcome.trace().iter().find(|made| made.callback.service == *service && made.callback.name == *method);
        let request = made.and_then(|made| Found::of(&made.request).ok()).map(|found| found.shown.brief());
        let found = format!("a call that the case does not answer, with {}", request.unwrap_or_default());
        let subject = format!("callback {service}.{method}");
        verdict.problem(ProblemKind::Callbacks, &subject, step.method_span, "no such call".to_owned(), found);
    }
}

fn result(expected: &Expected, span: Span, outcome: &Outcome, verdict: &mut Verdict) {
    match (expected, &outcome.result) {
        (Expected::Anything, Ok(_)) => {}
        (Expected::Anything, Err(_)) => verdict.instead(span, "a response".to_owned(), outcome),
        (Expected::Response(pattern), Ok(response)) => match Found::of(response) {
            Ok(found) => {
                let mismatches = pattern.mismatches(Some(&found.full), &Path::Root);
                if !mismatches.is_empty() {
                    verdict.problems.extend(mismatches.into_iter().map(Problem::from));
                    verdict.values = Some((pattern.view(&found), found.shown));
                }
            }
            Err(error) => {
                let expected = "a response".to_owned();
                verdict.problem(ProblemKind::Failure, "result", pattern.span(), expected, error.to_string());
            }
        },
        (Expected::Response(pattern), Err(_)) => {
            verdict.instead(pattern.span(), "a response".to_owned(), outcome);
        }
        (Expected::Error(expected), result) => match result.as_ref().err().and_then(NoResponse::answered) {
            Some(error) => compare_errors(expected, error, verdict),
            None => {
                let name = expected
                    .code
                    .map_or_else(|| "an error".to_owned(), |(code, _)| format!("the error {}", code.name()));
                verdict.instead(expected.span, name, outcome);
            }
        },
        (Expected::Failure { kind, span }, Err(error)) if error.answered().is_none() => {
            let found = failure_name(error);
            if found != *kind {
                let found = format!("{found}: {}", told(error));
                verdict.problem(ProblemKind::Failure, "failure", *span, kind.clone(), found);
            }
        }
        (Expected::Failure { kind, span }, _) => verdict.instead(*span, format!("the failure {kind}"), outcome),
    }
}

fn compare_errors(expected: &ExpectedError, error: &hookr::Error, verdict: &mut Verdict) {
    if let Some((code, span)) = expected.code
        && code != error.code
    {
        let found = format!("{}: {}", error.code.name(), error.message);
        verdict.problem(ProblemKind::Result, "error.code", span, code.name().to_owned(), found);
    }
    if let Some(pattern) = &expected.message {
        let path = Path::Key(&Path::Root, "message");
        let mismatches = pattern.mismatches(Some(&Json::text(&error.message)), &path);
        verdict.problems.extend(
            mismatches
                .into_iter()
                .map(|mismatch| Problem { subject: "error.message".to_owned(), ..Problem::from(mismatch) }),
        );
    }
}

fn made(form: &CallsForm, span: Span, outcome: &Outcome, verdict: &mut Verdict) {
    let made: Vec<String> = outcome.trace().iter().map(|made| made.callback.full_name()).collect();
    match form {
        CallsForm::Order(expected) if *expected != made => {
            verdict.problem(ProblemKind::Calls, "calls", span, listed(expected), listed(&made));
        }
        CallsForm::Order(_) => {}
        CallsForm::Counts(counts) => {
            for (name, expected, span) in counts {
                let found = made.iter().filter(|made| *made == name).count() as u64;
                if found != *expected {
                    verdict.problem(
                        ProblemKind::Calls,
                        &format!("calls of {name}"),
                        *span,
                        times(*expected),
                        times(found),
                    );
                }
            }
        }
    }
}

fn listed(names: &[String]) -> String {
    const MOST: usize = 20;
    match names.len() {
        0 => "no callbacks".to_owned(),
        n if n > MOST => {
            format!("{}, and {} more", names.iter().take(MOST).cloned().collect::<Vec<_>>().join(", "), n - MOST)
        }
        _ => names.join(", "),
    }
}

/// Where the two ways of a call disagree.
pub(crate) fn disagreement(step: &Step, typed: &Outcome, lane: &Outcome) -> Vec<Problem> {
    let differ = |subject: &str, expected: String, found: String| Problem {
        subject: format!("{subject} differs"),
        span: step.method_span,
        expected,
        found,
        kind: ProblemKind::Disagreement,
    };
    let mut problems = Vec::new();
    match (as_json(typed), as_json(lane)) {
        ((Some(typed), _), (Some(lane), _)) => {
            let mismatches = typed.differences(&lane, step.method_span);
            problems.extend(mismatches.into_iter().map(|m| differ(&m.path, m.expected, m.found)));
        }
        ((_, typed), (_, lane)) if typed != lane => problems.push(differ("result", typed, lane)),
        _ => {}
    }
    let asked = |outcome: &Outcome| -> Vec<(String, Option<Json>)> {
        let all = outcome.trace().iter();
        all.map(|made| (made.callback.full_name(), Found::of(&made.request).ok().map(|found| found.full))).collect()
    };
    let (a, b) = (asked(typed), asked(lane));
    if a.len() != b.len() {
        problems.push(differ("callbacks", times(a.len() as u64), times(b.len() as u64)));
    }
    let same = |a: &(String, Option<Json>), b: &(String, Option<Json>)| {
        a.0 == b.0
            && match (&a.1, &b.1) {
                (Some(a), Some(b)) => a.differences(b, step.method_span).is_empty(),
                (a, b) => a.is_none() && b.is_none(),
            }
    };
    if let Some((at, (a, b))) = a.iter().zip(&b).enumerate().find(|(_, (a, b))| !same(a, b)) {
        let show = |made: &(String, Option<Json>)| {
            format!("{} {}", made.0, made.1.as_ref().map(Json::brief).unwrap_or_default())
        };
        problems.push(differ(&format!("callback {}", at + 1), show(a), show(b)));
    }
    problems
}

/// A response with all its defaults, or the words for what there is instead.
fn as_json(outcome: &Outcome) -> (Option<Json>, String) {
    match &outcome.result {
        Ok(response) => match Found::of(response) {
            Ok(found) => {
                let text = found.shown.brief();
                (Some(found.full), text)
            }
            Err(error) => (None, error.to_string()),
        },
        Err(error) => match error.answered() {
            Some(_) => (None, sentence(error)),
            // Where the plugin was differs from way to way.
            None => (None, sentence(error)),
        },
    }
}
