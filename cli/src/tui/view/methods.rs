//! The methods of the plugin, and the callbacks of its host.

use ratatui::text::Span;

use super::super::app::App;
use super::super::text::{Row, shown};

/// The row of a method.
pub(super) fn row_of(method: usize) -> usize {
    method
}

pub(super) fn rows(app: &App) -> Vec<Row> {
    let theme = app.theme;
    let mut rows = Vec::new();
    for (index, method) in app.methods.iter().enumerate() {
        let mark = if index == app.method { "> " } else { "  " };
        let name = shown(&method.name);
        let lacks = app.lacking.contains(&method.full_name());
        rows.push(Row::new(match (lacks, method.optional) {
            (true, _) => vec![Span::raw(mark), Span::styled(format!("{name} (not there)"), theme.dim())],
            (false, true) => vec![Span::raw(mark), Span::raw(name), Span::styled(" (optional)", theme.dim())],
            (false, false) => vec![Span::raw(mark), Span::raw(name)],
        }));
    }
    if app.methods.is_empty() {
        rows.push(Row::prose(Span::styled("The contract has no methods.", theme.dim())));
    }
    if !app.callbacks.is_empty() {
        rows.push(Row::new(""));
        rows.push(Row::new(Span::styled("Callbacks", theme.strong())));
        let counts = app.counts();
        for callback in &app.callbacks {
            let name = callback.full_name();
            let count = counts.get(&name).map_or(String::new(), |count| format!(" x{count}"));
            rows.push(Row::new(vec![Span::raw(format!("  {}", shown(&name))), Span::styled(count, theme.strong())]));
        }
    }
    rows
}
