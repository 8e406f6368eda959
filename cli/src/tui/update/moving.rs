//! What is seen of the panes.

use super::{Action, App, Mode, Pane};
use crate::tui::app::Scroll;
use crate::tui::text::Row;
use crate::tui::view;

/// Moves in whatever has the keys.
pub(super) fn go(app: &mut App, action: Action) {
    match (&app.mode, app.focus) {
        (Mode::History, _) => {
            let page = usize::from(view::list_area(app).height);
            app.history_cursor = stepped(app.history_cursor, app.history.len(), page, action);
            let (top, height) = (app.list_scroll.top, page);
            // Two lines of heading are above the first call.
            app.list_scroll.top = visible(top, app.history_cursor + view::HISTORY_HEAD, height);
            if app.history_cursor == 0 {
                app.list_scroll.top = 0;
            }
        }
        (Mode::Diff(_) | Mode::Help, _) => {
            let page = usize::from(view::list_area(app).height);
            app.list_scroll = scrolled(app.list_scroll, page, action);
        }
        (_, Pane::Methods) => {
            let page = usize::from(view::text_area(app, Pane::Methods).height);
            app.method_cursor = stepped(app.method_cursor, app.methods.len(), page, action);
            show_cursor(app, Pane::Methods);
        }
        (_, Pane::Callbacks) if has_trace(app) && !sideways(action) => {
            let page = usize::from(view::text_area(app, Pane::Callbacks).height);
            let len = app.shown.as_ref().map_or(0, |record| record.outcome.trace().len());
            let before = app.trace_cursor;
            app.trace_cursor = stepped(before, len, page, action);
            if before == app.trace_cursor {
                // What is shown of the last one may be longer than the pane.
                let scroll = scrolled(app.scroll(Pane::Callbacks), page, action);
                *app.scroll_mut(Pane::Callbacks) = scroll;
            } else {
                show_cursor(app, Pane::Callbacks);
            }
        }
        (_, pane) => {
            let page = usize::from(view::text_area(app, pane).height);
            let scroll = scrolled(app.scroll(pane), page, action);
            *app.scroll_mut(pane) = scroll;
        }
    }
}

fn has_trace(app: &App) -> bool {
    app.shown.as_ref().is_some_and(|record| !record.outcome.trace().is_empty())
}

fn sideways(action: Action) -> bool {
    matches!(action, Action::Left | Action::Right)
}

fn stepped(at: usize, len: usize, page: usize, action: Action) -> usize {
    let at = match action {
        Action::Up => at.saturating_sub(1),
        Action::Down => at + 1,
        Action::PageUp => at.saturating_sub(page.max(1)),
        Action::PageDown => at + page.max(1),
        Action::Home => 0,
        Action::End => usize::MAX,
        _ => at,
    };
    at.min(len.saturating_sub(1))
}

fn scrolled(scroll: Scroll, page: usize, action: Action) -> Scroll {
    const SIDEWAYS: usize = 8;
    let Scroll { top, left } = scroll;
    match action {
        Action::Left => Scroll { top, left: left.saturating_sub(SIDEWAYS) },
        Action::Right => Scroll { top, left: left + SIDEWAYS },
        Action::Up => Scroll { top: top.saturating_sub(1), left },
        Action::Down => Scroll { top: top.saturating_add(1), left },
        Action::PageUp => Scroll { top: top.saturating_sub(page.max(1)), left },
        Action::PageDown => Scroll { top: top.saturating_add(page.max(1)), left },
        Action::Home => Scroll::default(),
        Action::End => Scroll { top: usize::MAX, left },
        _ => scroll,
    }
}

/// The first line, so that this one is seen.
fn visible(top: usize, line: usize, height: usize) -> usize {
    if line < top {
        line
    } else if line >= top.saturating_add(height.max(1)) {
        line + 1 - height.max(1)
    } else {
        top
    }
}

/// Brings a line of the focused pane in sight.
pub(super) fn bring(app: &mut App, line: usize) {
    let pane = app.focus;
    let height = usize::from(view::text_area(app, pane).height);
    let scroll = app.scroll_mut(pane);
    scroll.top = visible(scroll.top, line, height);
}

/// Brings the selected line of a pane in sight.
fn show_cursor(app: &mut App, pane: Pane) {
    let Some(row) = view::selected(app, pane) else { return };
    let area = view::text_area(app, pane);
    let rows = view::rows(app, pane);
    let above: usize = rows.iter().take(row).map(|row| row.height(usize::from(area.width))).sum();
    let scroll = app.scroll_mut(pane);
    scroll.top = visible(scroll.top, above, usize::from(area.height));
    if row <= 1 {
        scroll.top = 0;
    }
}

/// Brings the cursor of the editor in sight.
pub(super) fn follow(app: &mut App) {
    let Some(request) = app.request() else { return };
    let (row, column) = request.editor.cursor();
    let area = view::text_area(app, Pane::Request);
    let width = usize::from(area.width).saturating_sub(view::gutter(request.editor.lines().len()));
    let scroll = app.scroll_mut(Pane::Request);
    scroll.top = visible(scroll.top, row, usize::from(area.height));
    scroll.left = visible(scroll.left, column, width);
}

/// No pane is moved beyond what it has.
pub(super) fn settle(app: &mut App) {
    for pane in Pane::ALL {
        let area = view::text_area(app, pane);
        let most = most_top(&view::rows(app, pane), usize::from(area.width), usize::from(area.height));
        let is_editing = matches!(app.mode, Mode::Editing) && pane == Pane::Request;
        let scroll = app.scroll_mut(pane);
        scroll.top = scroll.top.min(most);
        if scroll.left > 0 && !is_editing {
            let widest = view::rows(app, pane).iter().map(|row| row.line.width()).max().unwrap_or(0);
            let scroll = app.scroll_mut(pane);
            scroll.left = scroll.left.min(widest.saturating_sub(1));
        }
        if is_editing {
            follow(app);
        }
    }
    if matches!(app.mode, Mode::History | Mode::Diff(_) | Mode::Help) {
        let area = view::list_area(app);
        let most = most_top(&view::list_rows(app), usize::from(area.width), usize::from(area.height));
        app.list_scroll.top = app.list_scroll.top.min(most);
    }
}

fn most_top(rows: &[Row], width: usize, height: usize) -> usize {
    let lines: usize = rows.iter().map(|row| row.height(width)).sum();
    lines.saturating_sub(height)
}
