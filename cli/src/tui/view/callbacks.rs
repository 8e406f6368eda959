//! The callbacks that the plugin made in a call, and what they are answered with.

use ratatui::text::Span;

use super::super::app::App;
use super::super::fixture;
use super::super::record;
use super::super::text::{self, Row};
use crate::call::Exchange;
use crate::files::shown;

/// The rows, with the entry of the trace that is on one.
pub(super) fn rows(app: &App) -> Vec<(Option<usize>, Row)> {
    let mut rows: Vec<(Option<usize>, Row)> = head(app).into_iter().map(|row| (None, row)).collect();
    let theme = app.theme;
    let Some(record) = &app.shown else { return rows };
    let trace = record.outcome.trace();
    if trace.is_empty() {
        rows.push((None, Row::prose(Span::styled("The call made no callbacks.", theme.dim()))));
    }
    for (index, exchange) in trace.iter().enumerate() {
        let missing = &record.outcome.seen.missing;
        let callback = &exchange.callback;
        let is_missing = missing.contains(&(callback.service.clone(), callback.name.clone()));
        let is_expanded = app.expanded.contains(&index);
        let verdict = match &exchange.answer {
            _ if is_missing => Span::styled("not answered", theme.bad()),
            Ok(_) => Span::styled("ok", theme.good()),
            Err(error) => Span::styled(error.code.name(), theme.bad()),
        };
        let line = vec![
            Span::raw(if is_expanded { "- " } else { "+ " }),
            Span::styled(format!("{:>8} ", super::time(app, exchange.at)), theme.dim()),
            Span::raw(text::shown(&callback.full_name())),
            Span::raw("  "),
            verdict,
        ];
        rows.push((Some(index), Row::new(line)));
        if is_missing {
            let line = fixture::line(&app.contract, callback);
            let hint = vec![Span::styled("    add: ", theme.hint()), Span::raw(text::shown(&line))];
            rows.push((None, Row::prose(hint)));
        }
        if is_expanded {
            rows.extend(details(app, exchange).into_iter().map(|row| (None, row)));
        }
    }
    rows
}

fn head(app: &App) -> Vec<Row> {
    let theme = app.theme;
    let name = app.answers.path.as_deref().map_or("no file".to_owned(), shown);
    let changed = if app.answers.is_changed { ", changed" } else { "" };
    match app.answers.fixture() {
        Ok(_) => vec![Row::prose(Span::styled(format!("fixture: {name}{changed}"), theme.dim()))],
        Err(report) => {
            let mut rows = vec![Row::prose(Span::styled(format!("fixture: {name}{changed}, not right"), theme.bad()))];
            rows.extend(text::message(report, theme));
            rows
        }
    }
}

fn details(app: &App, exchange: &Exchange) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut part = |name: &str, text: String, is_json: bool| {
        rows.push(Row::new(Span::styled(format!("    {name}"), app.theme.strong())));
        for line in text::lines(&text) {
            let mut spans = vec![Span::raw("    ")];
            match is_json {
                true => spans.extend(text::json(&line, app.theme)),
                false => spans.push(Span::raw(line)),
            }
            rows.push(Row::new(spans));
        }
    };
    let took = super::time(app, exchange.elapsed);
    part("request", record::json(&exchange.request), true);
    match &exchange.answer {
        Ok(answer) => part(&format!("answer, after {took}"), record::json(answer), true),
        Err(error) => part(&format!("error, after {took}"), format!("{}: {}", error.code.name(), error.message), false),
    }
    rows
}
