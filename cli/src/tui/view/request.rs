//! The request: its text with numbered lines, and what is wrong with it below.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::text::{Line, Span};

use super::super::app::{App, Mode, Pane, Scroll};
use super::super::request::{Check, Request};
use super::super::search::Search;
use super::super::text::{self, Row};

/// The columns of the numbers before the lines.
pub(in crate::tui) fn gutter(lines: usize) -> usize {
    lines.to_string().len().max(2) + 2
}

/// Where the text is, and where what is wrong with it.
pub(super) fn areas(app: &App, area: Rect) -> (Rect, Rect) {
    let width = usize::from(area.width);
    let needed: usize = report(app).iter().map(|row| row.height(width)).sum();
    if needed == 0 {
        return (area, Rect::ZERO);
    }
    // A line between them.
    let height = u16::try_from(needed + 1).unwrap_or(u16::MAX).min(area.height / 2);
    let [text, report] = Layout::vertical([Constraint::Min(0), Constraint::Length(height)]).areas(area);
    (text, report)
}

fn report(app: &App) -> Vec<Row> {
    match app.request() {
        Some(Request { check: Check::Wrong { report, .. }, .. }) => text::message(report, app.theme),
        _ => Vec::new(),
    }
}

/// The lines of the text, without their numbers.
pub(super) fn rows(app: &App) -> Vec<Row> {
    let Some(request) = app.request() else { return vec![Row::prose("There is nothing to call.")] };
    let row = |(index, line): (usize, &String)| {
        let spans = text::json(&visible(line), app.theme);
        let is_wrong = request.wrong_lines().binary_search(&index).is_ok();
        let line = Line::from(spans);
        Row::new(if is_wrong { line.patch_style(app.theme.wrong_line()) } else { line })
    };
    request.editor.lines().iter().enumerate().map(row).collect()
}

/// A line with the same columns: what could deceive is a question mark, so that the cursor is where it seems to be.
fn visible(line: &str) -> String {
    let safe = |c: char| if hookr_abi::Printable::escapes(c) || c == '\t' { '?' } else { c };
    line.chars().map(safe).collect()
}

pub(super) fn draw(app: &App, frame: &mut Frame<'_>, area: Rect, rows: &[Row], search: Option<&Search>) {
    let (above, below) = areas(app, area);
    let Some(request) = app.request() else {
        super::draw_rows(app, frame, above, rows, Scroll::default(), None, None);
        return;
    };
    let scroll = app.scroll(Pane::Request);
    let gutter = u16::try_from(gutter(rows.len())).unwrap_or(u16::MAX);
    let [numbers, lines] = Layout::horizontal([Constraint::Length(gutter), Constraint::Min(0)]).areas(above);
    let shown = scroll.top..rows.len().min(scroll.top + usize::from(above.height));
    let digits = usize::from(gutter) - 2;
    let number = |index: usize| {
        let is_wrong = request.wrong_lines().binary_search(&index).is_ok();
        let (mark, style) = if is_wrong { ("!", app.theme.bad()) } else { (" ", app.theme.dim()) };
        Row::new(Span::styled(format!("{:>digits$}{mark} ", index + 1), style))
    };
    let gutter_rows: Vec<Row> = shown.map(number).collect();
    super::draw_rows(app, frame, numbers, &gutter_rows, Scroll::default(), None, None);
    super::draw_rows(app, frame, lines, rows, scroll, None, search);
    if below.height > 0 {
        let line: String = std::iter::repeat_n(app.theme.border().horizontal_top, usize::from(below.width)).collect();
        let [edge, below] = Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(below);
        super::draw_rows(
            app,
            frame,
            edge,
            &[Row::new(Span::styled(line, app.theme.dim()))],
            Scroll::default(),
            None,
            None,
        );
        let report = report(app);
        // Where there is no room for all, the place of the first error says most.
        let up_to = report.iter().position(Row::has_carets).map_or(0, |at| at + 1);
        let needed: usize = report.iter().take(up_to).map(|row| row.height(usize::from(below.width))).sum();
        let scroll = Scroll { top: needed.saturating_sub(usize::from(below.height)), left: 0 };
        super::draw_rows(app, frame, below, &report, scroll, None, None);
    }
    if matches!(app.mode, Mode::Editing) {
        let (row, column) = request.editor.cursor();
        let place = |at: usize, first: usize| u16::try_from(at.saturating_sub(first)).unwrap_or(u16::MAX);
        let (x, y) = (place(column, scroll.left), place(row, scroll.top));
        if lines.width > 0 && y < lines.height {
            frame.set_cursor_position(Position::new(lines.x + x.min(lines.width - 1), lines.y + y));
        }
    }
}
