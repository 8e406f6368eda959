//! A call that was made, and what its response looks like.

use std::rc::Rc;
use std::sync::Arc;

use fbs2wit::json::WriteOptions;
use ratatui::text::Span;

use super::text::{self, Row};
use super::theme::Theme;
use crate::call::{MethodRef, Outcome, Payload, Way};
use crate::contract::LoadedContract;
use crate::data::dump;
use crate::terminal::Style;

/// What a call was made with.
#[derive(Clone, Debug)]
pub(super) struct Order {
    pub(super) method: MethodRef,
    /// As a person has written it.
    pub(super) text: String,
    pub(super) request: Arc<Payload>,
    pub(super) way: Way,
}

/// A call in the history.
#[derive(Debug)]
pub(super) struct Record {
    /// Counted from 1.
    pub(super) number: u64,
    pub(super) order: Order,
    pub(super) outcome: Outcome,
    /// The contract that it was made with: the plugin may have another one by now.
    pub(super) contract: Arc<LoadedContract>,
    /// The error, as `hookr call` prints it.
    pub(super) error: Option<String>,
}

impl Record {
    pub(super) fn new(number: u64, order: Order, outcome: Outcome, contract: Arc<LoadedContract>) -> Self {
        let error = outcome.result.as_ref().err().map(|error| error.failure().render(Style::PLAIN));
        Record { number, order, outcome, contract, error }
    }

    /// In a word or two: `ok`, or the code of the plugin's error.
    pub(super) fn verdict(&self) -> &'static str {
        match &self.outcome.result {
            Ok(_) if !self.outcome.seen.missing.is_empty() => "callbacks missing",
            Ok(_) => "ok",
            Err(error) => error.answered().map_or("failed", |error| error.code.name()),
        }
    }

    /// The callbacks that nobody answered, in a line; `None` if there are none. What came of such a call says nothing of the
    /// plugin, so that it is no case.
    pub(super) fn unanswered(&self) -> Option<String> {
        let missing = &self.outcome.seen.missing;
        let names: Vec<String> = missing.iter().map(|(service, method)| format!("{service}.{method}")).collect();
        (!names.is_empty()).then(|| text::shown(&names.join(", ")))
    }

    /// The response as text, or the error, for comparisons and for files.
    pub(super) fn response(&self) -> String {
        match &self.outcome.result {
            Ok(response) => json(response),
            Err(_) => self.error.clone().unwrap_or_default(),
        }
    }
}

/// A payload as a person reads it, or why there is no such text.
pub(super) fn json(payload: &Payload) -> String {
    payload.json(&WriteOptions::default()).unwrap_or_else(|error| format!("unreadable: {error}"))
}

/// So many lines of a response are shown.
const MOST_ROWS: usize = 50_000;

/// So many bytes of a response are shown as bytes.
const MOST_BYTES: usize = 64 << 10;

/// The rows of the response pane, for a call.
pub(super) fn rows(record: &Record, pretty: bool, theme: Theme) -> Rc<Vec<Row>> {
    let mut rows = Vec::new();
    if let Some(names) = record.unanswered() {
        rows.push(Row::prose(vec![
            Span::styled("error:", theme.bad()),
            Span::raw(format!(" the plugin called {names}, which the fixture does not answer; see the callbacks")),
        ]));
        rows.push(Row::new(""));
    }
    match &record.outcome.result {
        Err(error) => {
            if let Some(error) = error.answered() {
                let message = text::shown(&error.message);
                rows.push(Row::prose(vec![
                    Span::styled(error.code.name(), theme.bad()),
                    Span::raw(if message.is_empty() { String::new() } else { format!(": {message}") }),
                ]));
                rows.push(Row::new(""));
            }
            rows.extend(text::message(record.error.as_deref().unwrap_or_default(), theme));
        }
        Ok(response) if pretty => {
            let response = json(response);
            rows.extend(text::lines(&response).iter().take(MOST_ROWS).map(|line| Row::new(text::json(line, theme))));
        }
        Ok(response) => raw(record, response, theme, &mut rows),
    }
    if rows.len() >= MOST_ROWS {
        rows.truncate(MOST_ROWS);
        rows.push(Row::prose(Span::styled("there is more; `s` saves all of it", theme.warning())));
    }
    Rc::new(rows)
}

fn raw(record: &Record, response: &Payload, theme: Theme, rows: &mut Vec<Row>) {
    let bytes = match response.bytes() {
        Ok(bytes) => bytes,
        Err(error) => {
            rows.extend(text::message(&format!("error: the response has no form as a FlatBuffer: {error}"), theme));
            return;
        }
    };
    let whose = match record.order.way {
        Way::Lane => "as they came over the lane",
        Way::Typed => "encoded by hookr: a typed call has none of its own",
    };
    rows.push(Row::prose(Span::styled(format!("{} bytes, {whose}", bytes.len()), theme.dim())));
    let shown = bytes.get(..bytes.len().min(MOST_BYTES)).unwrap_or_default();
    let annotations = fbs2wit::annotate(&record.contract.schema, response.table().object, bytes);
    let near: Vec<_> = annotations.into_iter().filter(|found| found.range.end <= shown.len()).collect();
    for line in dump::lines(shown, &near) {
        let width = 10 + 3 * dump::WIDTH;
        let (address, digits) = line.bytes.split_at_checked(8).unwrap_or((&line.bytes, ""));
        rows.push(Row::new(vec![
            Span::styled(address.to_owned(), theme.dim()),
            Span::raw(format!("{digits:pad$}", pad = width - 8)),
            Span::styled(text::shown(&line.note), theme.name()),
        ]));
    }
    if shown.len() < bytes.len() {
        rows.push(Row::prose(Span::styled(
            "there is more; `hookr decode --annotate` shows all of a file",
            theme.warning(),
        )));
    }
}
