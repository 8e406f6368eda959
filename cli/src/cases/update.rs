//! `--update`: what was found becomes what is expected. All else in a file stays as it is.

use std::fs;
use std::ops::Range;
use std::sync::Arc;

use fbs2wit::json::{Document, JsonOptions, Member, Node};
use fbs2wit::source::Span;

use super::case::{CallsForm, Case, Expect, Expected, Step};
use super::find::CaseFile;
use super::judge::{Problem, ProblemKind, judge};
use super::read;
use super::record::{expected, object};
use super::run::{Report, StepRun};
use crate::call::Text;
use crate::contract::LoadedContract;
use crate::files;
use crate::pattern::{Found, Json, Match};

/// Brings a case that has failed up to date. Gives the places that have changed.
///
/// # Errors
///
/// Why the case is left alone, in a sentence. So are cases whose callbacks are not as they say: what a plugin makes of an answer
/// that it did not get is nothing to expect. The same goes for calls that ended without an answer of the plugin.
pub(crate) fn update(case: &Case, report: &Report, contract: &Arc<LoadedContract>) -> Result<Vec<String>, String> {
    let Some(run) = report.runs.first().filter(|run| run.unopened.is_none()) else {
        return Err("there is no instance".to_owned());
    };
    if !report.disagreement.is_empty() {
        return Err("the typed way and the lane disagree".to_owned());
    }
    let problems = || run.steps.iter().flat_map(|step| &step.verdict.problems).chain(&run.problems);
    if problems().any(|problem| problem.kind == ProblemKind::Callbacks) {
        return Err("its callbacks are not as it says".to_owned());
    }
    if problems().any(|problem| problem.kind == ProblemKind::Failure) {
        return Err("a call ended without an answer of the plugin".to_owned());
    }
    let mut edits = Vec::new();
    for (step, ran) in case.steps.iter().zip(&run.steps).filter(|(_, ran)| !ran.verdict.problems.is_empty()) {
        edits.extend(edits_of(case, step, ran)?);
    }
    let text = applied(case.source(), edits);
    check(case, &run.steps, &text, contract)?;
    // A file that is replaced does not mind that nobody may write to it; its owner does.
    if fs::metadata(&case.path).is_ok_and(|file| file.permissions().readonly()) {
        return Err(format!("{} is read-only", files::shown(&case.path)));
    }
    let now = files::read_regular_text(&case.path).map_err(|failure| failure.causes().join(": "))?;
    if now != case.source() {
        return Err("the file has changed meanwhile".to_owned());
    }
    files::write(&case.path, text.as_bytes()).map_err(|failure| failure.causes().join(": "))?;
    Ok(problems().map(|problem: &Problem| problem.subject.clone()).collect())
}

/// The new text is a case that what came of the calls would pass.
fn check(case: &Case, ran: &[StepRun], text: &str, contract: &Arc<LoadedContract>) -> Result<(), String> {
    let file = CaseFile { name: case.name.clone(), path: case.path.clone() };
    let unreadable = |_| "the new text would be no case".to_owned();
    let new = read::read(&file, Text::new(&case.path, text), contract).map_err(unreadable)?;
    for (step, ran) in new.steps.iter().zip(ran) {
        let verdict = judge(&new, step, &step.fixture, &ran.outcome);
        // Nothing has been answered by the new fixture.
        if let Some(problem) = verdict.problems.iter().find(|problem| problem.kind != ProblemKind::Callbacks) {
            return Err(format!("the new text would expect something else: {}", problem.subject));
        }
    }
    Ok(())
}

/// A part of a text, and what takes its place.
type Edit = (Range<usize>, String);

fn applied(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut out = text.to_owned();
    for (range, new) in edits {
        if out.get(range.clone()).is_some() {
            out.replace_range(range, &new);
        }
    }
    out
}

fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

fn edits_of(case: &Case, step: &Step, ran: &StepRun) -> Result<Vec<Edit>, String> {
    let text = case.source();
    let Some(expect) = &step.expect else {
        let new = object([expected(&ran.outcome)]);
        return Ok(vec![inserted(case, step, &new).ok_or("it has no place for an `expect`")?]);
    };
    let of_kind = |kind| ran.verdict.problems.iter().any(|problem| problem.kind == kind);
    let calls = expect
        .calls
        .as_ref()
        .filter(|_| of_kind(ProblemKind::Calls))
        .map(|calls| (range(calls.span), calls_json(&calls.form, ran)));
    let mut edits = Vec::new();
    if of_kind(ProblemKind::Result) {
        match (&expect.result, &ran.outcome.result) {
            (Expected::Response(pattern), Ok(response)) => {
                let found = Found::of(response).map_err(|error| error.to_string())?;
                let new = pattern.edits(&found).into_iter();
                edits.extend(new.map(|(span, value)| (range(span), laid_out(text, range(span), &value))));
            }
            (Expected::Error(wanted), Err(error)) if error.answered().is_some() => {
                let error = error.answered().ok_or("there is no error")?;
                if let Some((code, span)) = wanted.code.filter(|(code, _)| *code != error.code) {
                    debug_assert_ne!(code, error.code);
                    edits.push((range(span), Json::text(error.code.name()).compact()));
                }
                let message = Json::text(&error.message);
                if let Some(pattern) = wanted.message.as_ref().filter(|pattern| !pattern.fits(Some(&message))) {
                    edits.push((range(pattern.span()), message.compact()));
                }
            }
            _ => return Ok(vec![rewritten(case, expect, ran, calls.map(|(_, calls)| calls))]),
        }
    }
    edits.extend(calls.map(|(at, calls)| (at.clone(), laid_out(text, at, &calls))));
    Ok(edits)
}

/// An expectation of another kind: `match` and `calls` are kept.
fn rewritten(case: &Case, expect: &Expect, ran: &StepRun, calls: Option<Json>) -> Edit {
    let mut members = vec![expected(&ran.outcome)];
    if expect.matching == Match::Subset {
        members.push(("match", Json::text("subset")));
    }
    if let Some(kept) = &expect.calls {
        let source = || Json::Raw(case.source().get(range(kept.span)).unwrap_or_default().to_owned());
        members.push(("calls", calls.unwrap_or_else(source)));
    }
    let at = range(expect.span);
    (at.clone(), laid_out(case.source(), at, &object(members)))
}

/// The callbacks that were made, in the form in which they were expected.
fn calls_json(form: &CallsForm, ran: &StepRun) -> Json {
    let made: Vec<String> = ran.outcome.trace().iter().map(|made| made.callback.full_name()).collect();
    match form {
        CallsForm::Order(_) => Json::Array(made.into_iter().map(Json::Text).collect()),
        CallsForm::Counts(counts) => {
            let count = |name: &str| Json::number(made.iter().filter(|made| *made == name).count());
            Json::Object(counts.iter().map(|(name, _, _)| (name.clone(), count(name))).collect())
        }
    }
}

/// A value as it stands best in the place of another: on one line if that was and it is short, else with the indentation of the
/// line that it starts on.
fn laid_out(text: &str, at: Range<usize>, value: &Json) -> String {
    const LONGEST: usize = 100;
    let old = text.get(at.clone()).unwrap_or_default();
    let compact = value.compact();
    let is_empty = matches!(value, Json::Object(members) if members.is_empty());
    if (!old.contains('\n') && compact.len() <= LONGEST && old.len() > 2) || is_empty {
        let is_spaced = old.starts_with("{ ") && compact.starts_with('{') && !is_empty;
        return match compact.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).filter(|_| is_spaced) {
            Some(inner) => format!("{{ {inner} }}"),
            None => compact,
        };
    }
    value.pretty(0).replace('\n', &format!("\n{}", indentation(text, at.start)))
}

/// The blanks at the start of the line of a place.
fn indentation(text: &str, at: usize) -> &str {
    let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |line| line + 1);
    let line = text.get(start..).unwrap_or_default();
    let end = line.find(|c: char| c != ' ' && c != '\t').unwrap_or(0);
    line.get(..end).unwrap_or_default()
}

/// An `expect` behind the last member of a step.
fn inserted(case: &Case, step: &Step, expect: &Json) -> Option<Edit> {
    let document = Document::parse(&case.text.sources, case.text.file, &JsonOptions::default()).ok()?;
    let node = node_at(document.root(), step.span)?;
    let last: &Member<'_> = node.members()?.last()?;
    let text = case.source();
    let at = last.value.span().end as usize;
    let name_at = last.span.start as usize;
    let indent = indentation(text, name_at);
    let starts_line = text.get(..name_at)?.ends_with(&format!("\n{indent}"));
    let new = match starts_line {
        true => format!(",\n{indent}\"expect\": {}", expect.pretty(0).replace('\n', &format!("\n{indent}"))),
        false => format!(", \"expect\": {}", expect.compact()),
    };
    Some((at..at, new))
}

/// The object at a place: a case, or a step of it.
fn node_at<'n, 'a>(root: &'n Node<'a>, span: Span) -> Option<&'n Node<'a>> {
    if root.span() == span {
        return Some(root);
    }
    let steps = root.members()?.iter().find(|member| member.name == "steps")?;
    steps.value.elements()?.iter().find(|node| node.span() == span)
}

#[cfg(test)]
mod tests;
