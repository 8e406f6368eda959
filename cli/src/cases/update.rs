//! `--update`: what was found becomes what is expected. All else in a file stays as it is.

mod children;

use std::fs;
use std::ops::Range;
use std::sync::Arc;

use fbs2wit::json::{Document, JsonOptions, Node};
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
use crate::pattern::{Change, Children, Found, Json, New};

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
    if case.source().contains("\r\n") {
        edits.iter_mut().for_each(|(_, new)| *new = new.replace('\n', "\r\n"));
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

/// Edits of the same place are applied in their order, and before those of what follows it.
fn applied(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (range, new) in edits {
        if let Some(kept) = text.get(done..range.start).filter(|_| text.get(range.clone()).is_some()) {
            out.push_str(kept);
            out.push_str(&new);
            done = range.end;
        }
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

/// A place of a case, with the tree that its text is.
struct Place<'a> {
    text: &'a str,
    root: &'a Node<'a>,
}

impl Place<'_> {
    fn edits(&self, change: &Change) -> Result<Vec<Edit>, String> {
        match change {
            Change::Value(span, value) => Ok(vec![(range(*span), laid_out(self.text, range(*span), value))]),
            Change::Children(change) => {
                let node = node_at(self.root, change.at);
                let edits = node.and_then(|node| children::edits(self.text, node, change));
                edits.ok_or_else(|| "it has no place for what was found".to_owned())
            }
        }
    }
}

fn edits_of(case: &Case, step: &Step, ran: &StepRun) -> Result<Vec<Edit>, String> {
    let text = case.source();
    let document = Document::parse(&case.text.sources, case.text.file, &JsonOptions::default());
    let document = document.map_err(|_| "it cannot be read again".to_owned())?;
    let place = Place { text, root: document.root() };
    let Some(expect) = &step.expect else {
        let new = New { behind: last_of(&place, step.span), ..member("expect", object([expected(&ran.outcome)])) };
        return place.edits(&Change::Children(Children { new: vec![new], ..Children::of(step.span) }));
    };
    let of_kind = |kind| ran.verdict.problems.iter().any(|problem| problem.kind == kind);
    let mut edits = Vec::new();
    if of_kind(ProblemKind::Result) {
        match (&expect.result, &ran.outcome.result) {
            (Expected::Response(pattern), Ok(response)) => {
                let found = Found::of(response).map_err(|error| error.to_string())?;
                for change in pattern.edits(&found) {
                    edits.extend(place.edits(&change)?);
                }
            }
            (Expected::Error(wanted), Err(error)) if error.answered().is_some() => {
                let error = error.answered().ok_or("there is no error")?;
                if let Some((_, span)) = wanted.code.filter(|(code, _)| *code != error.code) {
                    edits.push((range(span), Json::text(error.code.name()).compact()));
                }
                let message = Json::text(&error.message);
                if let Some(pattern) = wanted.message.as_ref().filter(|pattern| !pattern.fits(Some(&message))) {
                    edits.push((range(pattern.span()), message.compact()));
                }
            }
            _ => edits.extend(place.edits(&Change::Children(of_another_kind(&place, expect, ran)))?),
        }
    }
    if let Some(calls) = expect.calls.as_ref().filter(|_| of_kind(ProblemKind::Calls)) {
        let at = range(calls.span);
        edits.push((at.clone(), laid_out(text, at, &calls_json(&calls.form, ran))));
    }
    Ok(edits)
}

fn member(name: &str, value: Json) -> New {
    New { behind: None, name: Some(name.to_owned()), value }
}

/// The last value in the object at a place.
fn last_of(place: &Place<'_>, span: Span) -> Option<Span> {
    node_at(place.root, span)?.members()?.last().map(|member| member.value.span())
}

/// An expectation of another kind, in the place of the one there is; what else is expected stays.
fn of_another_kind(place: &Place<'_>, expect: &Expect, ran: &StepRun) -> Children {
    let gone = match &expect.result {
        Expected::Anything => None,
        Expected::Response(pattern) => Some(pattern.span()),
        Expected::Error(wanted) => Some(wanted.span),
        Expected::Failure { span, .. } => Some(*span),
    };
    let (name, value) = expected(&ran.outcome);
    let mut behind = None;
    for member in node_at(place.root, expect.span).and_then(Node::members).unwrap_or_default() {
        if Some(member.value.span()) == gone {
            break;
        }
        behind = Some(member.value.span());
    }
    let new = vec![New { behind, ..member(name, value) }];
    Children { new, gone: gone.into_iter().collect(), ..Children::of(expect.span) }
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

/// The object or array at a place.
fn node_at<'n, 'a>(root: &'n Node<'a>, span: Span) -> Option<&'n Node<'a>> {
    let own = root.span();
    if own == span {
        return Some(root);
    }
    if span.start < own.start || own.end < span.end {
        return None;
    }
    let members = root.members().unwrap_or_default().iter().map(|member| &member.value);
    members.chain(root.elements().unwrap_or_default()).find_map(|node| node_at(node, span))
}

#[cfg(test)]
mod tests;
