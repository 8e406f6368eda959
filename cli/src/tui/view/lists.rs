//! What covers the panes: the history, a comparison, the help.

use std::rc::Rc;

use ratatui::text::Span;

use super::super::app::{App, Mode};
use super::super::keys::{self, HelpLine};
use super::super::text::{self, Row};

/// The rows above the first call of the history.
pub(in crate::tui) const HISTORY_HEAD: usize = 2;

pub(in crate::tui) fn list_rows(app: &App) -> Rc<Vec<Row>> {
    match &app.mode {
        Mode::History => Rc::new(history(app)),
        Mode::Diff(rows) => rows.clone(),
        _ => Rc::new(help(app)),
    }
}

fn history(app: &App) -> Vec<Row> {
    let theme = app.theme;
    // In a narrow list, what came of a call goes before what it was.
    let is_short = usize::from(super::list_area(app).width) < 66;
    let longest = app.history.iter().map(|record| short(record.verdict()).len()).max().unwrap_or(0).max(6);
    let head = match is_short {
        true => format!("{:>4} {:>8} {:<longest$} {}", "call", "time", "result", "method"),
        false => format!("{:>5}  {:<24} {:<6} {:>9}  {}", "call", "method", "way", "time", "result"),
    };
    let mut rows = vec![Row::new(Span::styled(head, theme.strong()))];
    rows.push(Row::new(match app.history.is_empty() {
        true => Span::styled("There is no call yet.", theme.dim()),
        false => Span::raw(""),
    }));
    for record in &app.history {
        let (method, way) = (text::shown(&record.order.method.full_name()), record.order.way.name());
        let elapsed = super::time(app, record.outcome.elapsed);
        let verdict = record.verdict();
        let style = if verdict == "ok" { theme.good() } else { theme.bad() };
        let (before, verdict, behind) = match is_short {
            true => {
                let method = text::shown(&record.order.method.name);
                (
                    format!("{:>4} {elapsed:>8} ", record.number),
                    format!("{:<longest$}", short(verdict)),
                    format!(" {method}, {way}"),
                )
            }
            false => {
                let line = format!("{:>5}  {method:<24} {way:<6} {elapsed:>9}  ", record.number);
                (line, verdict.to_owned(), String::new())
            }
        };
        rows.push(Row::new(vec![Span::raw(before), Span::styled(verdict, style), Span::raw(behind)]));
    }
    rows
}

/// A verdict in as few columns as will do.
fn short(verdict: &str) -> &str {
    verdict.strip_prefix("callbacks ").unwrap_or(verdict)
}

fn help(app: &App) -> Vec<Row> {
    let mut rows = Vec::new();
    for line in keys::help() {
        match line {
            HelpLine::Heading(heading) => {
                if !rows.is_empty() {
                    rows.push(Row::new(""));
                }
                rows.push(Row::new(Span::styled(heading, app.theme.strong())));
            }
            HelpLine::Keys(keys, what) => {
                rows.push(Row::prose(vec![Span::styled(format!("  {keys:<14} "), app.theme.hint()), Span::raw(what)]));
            }
        }
    }
    rows
}
