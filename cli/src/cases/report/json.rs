//! The report for programs. docs/src/reference/cases.md describes it; what is there stays.

use serde_json::{Value, json};

use super::{Ran, Summary};
use crate::call::{Exchange, Outcome};
use crate::cases::case::Case;
use crate::cases::judge::{Problem, failure_name};
use crate::cases::record::told;
use crate::cases::run::{Report, WayRun};
use crate::pattern::{Found, Json};

impl Ran<'_> {
    /// All of it.
    pub(crate) fn json(&self) -> Value {
        let summary = Summary::of(self.reports);
        let cases = self.cases.iter().zip(self.reports).map(|(case, report)| case_json(case, report));
        json!({
            "plugin": self.plugin.plugin.display().to_string(),
            "sha256": self.sha256.to_string(),
            "way": self.way,
            "summary": {
                "total": summary.total(), "passed": summary.passed, "failed": summary.failed,
                "updated": summary.updated, "skipped": summary.skipped, "not_run": summary.not_run,
            },
            "elapsed_micros": micros(self.elapsed),
            "interrupted": self.interrupted,
            "cases": cases.collect::<Vec<_>>(),
            "coverage": self.coverage.json(),
        })
    }
}

fn micros(elapsed: std::time::Duration) -> u64 {
    u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX)
}

fn case_json(case: &Case, report: &Report) -> Value {
    json!({
        "name": case.name,
        "file": case.path.display().to_string(),
        "description": case.description,
        "status": report.status.name(),
        "skip": case.skip,
        "elapsed_micros": micros(report.elapsed),
        "runs": report.runs.iter().map(|run| run_json(case, run)).collect::<Vec<_>>(),
        "disagreement": problems(case, &report.disagreement),
        "updated": report.update.as_ref().and_then(|update| update.as_ref().ok()),
        "not_updated": report.update.as_ref().and_then(|update| update.as_ref().err()),
    })
}

fn run_json(case: &Case, run: &WayRun) -> Value {
    let steps = case.steps.iter().zip(&run.steps).map(|(step, ran)| {
        json!({
            "method": step.method.full_name(),
            "line": case.line(step.method_span),
            "elapsed_micros": micros(ran.outcome.elapsed),
            "result": result(&ran.outcome),
            "callbacks": ran.outcome.trace().iter().map(exchange).collect::<Vec<_>>(),
            "log": ran.outcome.seen.notices,
            "problems": problems(case, &ran.verdict.problems),
        })
    });
    json!({
        "way": run.way.name(),
        "steps": steps.collect::<Vec<_>>(),
        "problems": problems(case, &run.problems),
        "unopened": run.unopened,
    })
}

fn problems(case: &Case, problems: &[Problem]) -> Vec<Value> {
    let problem = |problem: &Problem| {
        json!({
            "subject": problem.subject, "line": case.line(problem.span),
            "expected": problem.expected, "found": problem.found,
        })
    };
    problems.iter().map(problem).collect()
}

fn result(outcome: &Outcome) -> Value {
    match &outcome.result {
        Ok(response) => json!({ "response": payload(Found::of(response).ok()) }),
        Err(error) => match error.answered() {
            Some(error) => json!({ "error": error_json(error) }),
            None => json!({ "failure": failure_name(error), "message": told(error) }),
        },
    }
}

fn exchange(made: &Exchange) -> Value {
    let mut out = json!({ "callback": made.callback.full_name(), "request": payload(Found::of(&made.request).ok()) });
    let (name, value) = match &made.answer {
        Ok(response) => ("response", payload(Found::of(response).ok())),
        Err(error) => ("error", error_json(error)),
    };
    if let Some(members) = out.as_object_mut() {
        members.insert(name.to_owned(), value);
        members.insert("at_micros".to_owned(), micros(made.at).into());
        members.insert("elapsed_micros".to_owned(), micros(made.elapsed).into());
    }
    out
}

fn error_json(error: &hookr::Error) -> Value {
    json!({ "code": error.code.name(), "message": error.message })
}

fn payload(found: Option<Found>) -> Value {
    found.map_or(Value::Null, |found| value(&found.shown))
}

/// Numbers that JSON has no words for are text.
fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => (*value).into(),
        Json::Number(text) => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone())),
        Json::Text(text) | Json::Raw(text) => text.as_str().into(),
        Json::Array(values) => values.iter().map(value).collect::<Vec<_>>().into(),
        Json::Object(members) => {
            Value::Object(members.iter().map(|(name, member)| (name.clone(), value(member))).collect())
        }
    }
}
