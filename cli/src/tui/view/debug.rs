//! What is known of the plugin, and of the last call.

use ratatui::text::Span;

use super::super::app::App;
use super::super::text::{self, Row};

pub(super) fn rows(app: &App) -> Vec<Row> {
    let theme = app.theme;
    let mut rows = Vec::new();
    if let Some(error) = &app.open_error {
        rows.push(Row::prose(Span::styled("The new version is not in service:", theme.bad())));
        rows.extend(text::message(error, theme));
        rows.push(Row::new(""));
    }
    if let Some(record) = &app.shown {
        let (name, way) = (record.order.method.full_name(), record.order.way.name());
        let elapsed = super::time(app, record.outcome.elapsed);
        rows.push(super::fact(
            app,
            "call",
            &format!("{}: {name}, {way}, {}, {elapsed}", record.number, record.verdict()),
        ));
    }
    rows.push(super::fact(app, "version", &format!("{} since the start", app.generation)));
    for (name, value) in app.facts.health.iter().chain(&app.facts.plugin) {
        rows.push(super::fact(app, name, value));
    }
    if !app.notices.is_empty() {
        rows.push(Row::new(""));
        rows.push(Row::new(Span::styled("Log", theme.strong())));
        // The latest first: it is what one looks for.
        rows.extend(app.notices.iter().rev().flat_map(|notice| text::message(notice, theme)));
    }
    rows
}
