//! What is seen of the state.

mod callbacks;
mod debug;
mod lists;
mod methods;
mod request;
mod statistics;

use std::rc::Rc;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph};

use super::app::{App, Ask, Busy, Mode, Pane, Scroll, Tone};
use super::keys;
use super::search::Search;
use super::stats::shown;
use super::text::{self, Row};

pub(super) use lists::{HISTORY_HEAD, list_rows};
pub(super) use request::gutter;

/// From this size on, all panes are on the screen.
const WIDE: u16 = 80;
const HIGH: u16 = 20;

/// Where things are on the screen.
struct Places {
    /// All panes, or the focused one.
    panes: Vec<(Pane, Rect)>,
    /// The names of the panes, where one of them is on the screen.
    tabs: Option<Rect>,
    /// Everything above the last two lines.
    body: Rect,
    status: Rect,
    bar: Rect,
}

fn places(app: &App) -> Places {
    let (width, height) = app.size;
    let [body, status, bar] = Layout::vertical([Constraint::Min(0), Constraint::Length(1), Constraint::Length(1)])
        .areas(Rect::new(0, 0, width, height));
    if is_narrow(app) {
        let [tabs, pane] = Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(body);
        return Places { panes: vec![(app.focus, pane)], tabs: Some(tabs), body, status, bar };
    }
    let [above, below] = Layout::vertical([Constraint::Percentage(62), Constraint::Percentage(38)]).areas(body);
    let methods = (width / 5).clamp(18, 32);
    let [methods, request, response] =
        Layout::horizontal([Constraint::Length(methods), Constraint::Fill(1), Constraint::Fill(1)]).areas(above);
    let [callbacks, debug] = Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).areas(below);
    let panes = Pane::ALL.into_iter().zip([methods, request, response, callbacks, debug]).collect();
    Places { panes, tabs: None, body, status, bar }
}

/// Whether there is one pane on the screen.
pub(super) fn is_narrow(app: &App) -> bool {
    app.zoom || app.size.0 < WIDE || app.size.1 < HIGH
}

/// Where the text of a pane is; a pane that is not on the screen has the place of the one that is.
pub(super) fn text_area(app: &App, pane: Pane) -> Rect {
    let area = inner(app, pane);
    if pane == Pane::Request { request::areas(app, area).0 } else { area }
}

/// The inside of a pane.
fn inner(app: &App, pane: Pane) -> Rect {
    let places = places(app);
    let found = places.panes.iter().find(|(known, _)| *known == pane).or(places.panes.first());
    let area = found.map_or(Rect::ZERO, |(_, area)| *area);
    if places.tabs.is_some() { area } else { inside(area) }
}

/// Where the text of the history, of a comparison or of the help is.
pub(super) fn list_area(app: &App) -> Rect {
    inside(places(app).body)
}

fn inside(area: Rect) -> Rect {
    Rect::new(area.x + 1, area.y + 1, area.width.saturating_sub(2), area.height.saturating_sub(2)).intersection(area)
}

/// The rows of a pane.
pub(super) fn rows(app: &App, pane: Pane) -> Rc<Vec<Row>> {
    match pane {
        Pane::Methods => Rc::new(methods::rows(app)),
        Pane::Request => Rc::new(request::rows(app)),
        Pane::Response => match app.statistics_shown() {
            Some(statistics) => Rc::new(statistics::rows(app, statistics, usize::from(inner(app, pane).width))),
            None => response(app),
        },
        Pane::Callbacks => Rc::new(callbacks::rows(app).into_iter().map(|(_, row)| row).collect()),
        Pane::Debug => Rc::new(debug::rows(app)),
    }
}

fn response(app: &App) -> Rc<Vec<Row>> {
    match &app.shown {
        Some(_) => app.response.clone(),
        None => Rc::new(vec![Row::prose(Span::styled("No call yet. c calls.", app.theme.dim()))]),
    }
}

/// The row of a pane that is selected.
pub(super) fn selected(app: &App, pane: Pane) -> Option<usize> {
    match pane {
        Pane::Methods => Some(methods::row_of(app.method_cursor)),
        Pane::Callbacks => callbacks::rows(app).iter().position(|(entry, _)| *entry == Some(app.trace_cursor)),
        Pane::Request | Pane::Response | Pane::Debug => None,
    }
}

/// Draws everything.
pub(super) fn draw(app: &App, frame: &mut Frame<'_>) {
    let places = places(app);
    if let Some(area) = places.tabs {
        tabs(app, frame, area);
    }
    for (pane, area) in &places.panes {
        draw_pane(app, frame, *pane, *area, places.tabs.is_some());
    }
    if matches!(app.mode, Mode::History | Mode::Diff(_) | Mode::Help) {
        draw_list(app, frame, places.body);
    }
    status(app, frame, places.status);
    bar(app, frame, places.bar);
}

fn tabs(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let names: usize = Pane::ALL.into_iter().map(|pane| pane.name().len() + 1).sum();
    let room = usize::from(area.width);
    let about = about(app, app.focus).unwrap_or_default();
    // The name of the service is what can be done without.
    let (_, short) = about.split_once('.').unwrap_or(("", &about));
    // The blank behind the last one is no matter if nothing follows.
    let is_short = names + text::width(short) > room + usize::from(short.is_empty());
    let most = if is_short { 3 } else { usize::MAX };
    let mut spans = Vec::new();
    let mut used = 0;
    for pane in Pane::ALL {
        let most = if pane == app.focus { usize::MAX } else { most };
        let name: String = pane.name().chars().take(most).collect();
        used += name.len() + 1;
        spans.push(Span::styled(name, app.theme.title(pane == app.focus)));
        spans.push(Span::raw(" "));
    }
    let about = if used + text::width(&about) <= room { &about } else { short };
    spans.push(Span::styled(about.to_owned(), app.theme.strong()));
    frame.render_widget(Paragraph::new(Line::from(spans)), area);
}

fn block<'t>(app: &App, title: impl Into<Line<'t>>, is_focused: bool) -> Block<'t> {
    let theme = app.theme;
    Block::bordered().border_set(theme.border()).border_style(theme.border_style(is_focused)).title(title)
}

/// What a pane is about: the method of the request, the call of the response.
fn about(app: &App, pane: Pane) -> Option<String> {
    match pane {
        Pane::Request => app.chosen().map(|method| text::shown(&method.full_name())),
        Pane::Response if app.statistics_shown().is_some() => Some("loop".to_owned()),
        Pane::Response => app.shown.as_ref().map(|record| {
            let form = if app.pretty { "" } else { ", raw" };
            format!("call {}, {}{form}", record.number, record.order.way.name())
        }),
        Pane::Callbacks => app.shown.as_ref().map(|record| format!("call {}", record.number)),
        Pane::Methods | Pane::Debug => None,
    }
}

fn title(app: &App, pane: Pane) -> Line<'static> {
    let is_focused = app.focus == pane;
    let more = about(app, pane);
    let mut spans = vec![Span::styled(format!(" {} ", pane.name()), app.theme.title(is_focused))];
    if let Some(more) = more {
        spans.push(Span::raw(format!(" {more} ")));
    }
    Line::from(spans)
}

fn draw_pane(app: &App, frame: &mut Frame<'_>, pane: Pane, area: Rect, is_alone: bool) {
    let inner = if is_alone {
        area
    } else {
        frame.render_widget(block(app, title(app, pane), app.focus == pane), area);
        inside(area)
    };
    let search = (app.focus == pane).then_some(&app.search);
    let rows = rows(app, pane);
    if pane == Pane::Request {
        request::draw(app, frame, inner, &rows, search);
        return;
    }
    let selected = selected(app, pane).filter(|_| app.focus == pane && matches!(app.mode, Mode::Panes));
    draw_rows(app, frame, inner, &rows, app.scroll(pane), selected, search);
}

fn draw_list(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let title = match app.mode {
        Mode::History => " History ",
        Mode::Diff(_) => " Difference ",
        _ => " Help ",
    };
    frame.render_widget(Clear, area);
    frame.render_widget(block(app, Span::styled(title, app.theme.title(true)), true), area);
    let selected = matches!(app.mode, Mode::History).then_some(app.history_cursor + HISTORY_HEAD);
    draw_rows(app, frame, inside(area), &list_rows(app), app.list_scroll, selected, None);
}

/// Draws the rows of which something is seen.
fn draw_rows(
    app: &App,
    frame: &mut Frame<'_>,
    area: Rect,
    rows: &[Row],
    scroll: Scroll,
    selected: Option<usize>,
    search: Option<&Search>,
) {
    let (width, height) = (usize::from(area.width), usize::from(area.height));
    let mut lines = Vec::with_capacity(height);
    let mut skip = scroll.top;
    for (index, row) in rows.iter().enumerate() {
        if lines.len() >= height {
            break;
        }
        let tall = row.height(width);
        if tall <= skip {
            skip -= tall;
            continue;
        }
        let line = search.map_or_else(|| row.line.clone(), |search| search.mark(&row.line, app.theme));
        let style = if selected == Some(index) { app.theme.selected() } else { Style::new() };
        for ranges in row.parts(width, scroll.left).iter().skip(skip) {
            let mut shown = Line::default().style(line.style);
            shown.spans = ranges.iter().flat_map(|range| text::part(&line, range).spans).collect();
            lines.push(shown.patch_style(style));
        }
        skip = 0;
    }
    lines.truncate(height);
    frame.render_widget(Paragraph::new(lines), area);
}

fn status(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let theme = app.theme;
    match &app.mode {
        Mode::Prompt { ask, text } => {
            let is_short = area.width < WIDE;
            let label = match ask {
                Ask::SaveAs => "save as: ",
                Ask::SavePartsAs if is_short => "no case; files as: ",
                Ask::SavePartsAs => "no case, as callbacks are missing; save request and fixture as: ",
                Ask::Search => "search: ",
                Ask::FixtureAs => "write the fixture to: ",
            };
            let text = text::shown(text);
            // The end of a long text is what is typed at.
            let room = usize::from(area.width).saturating_sub(label.len() + 1);
            let beyond = text::width(&text).saturating_sub(room);
            let text = text.get(text::skip_columns(&text, beyond)..).unwrap_or_default().to_owned();
            let column = label.len() + text::width(&text);
            frame.render_widget(Line::from(vec![Span::styled(label, theme.strong()), Span::raw(text)]), area);
            if let Ok(column) = u16::try_from(column) {
                frame.set_cursor_position(Position::new(area.x + column.min(area.width.saturating_sub(1)), area.y));
            }
            return;
        }
        Mode::Question { paths, .. } => {
            let names: Vec<String> = paths.iter().map(|path| crate::files::shown(path)).collect();
            let question = format!("replace {}?", names.join(", "));
            frame.render_widget(Span::styled(question, theme.warning()), area);
            return;
        }
        _ => {}
    }
    let right = doing(app);
    let [left, place] =
        Layout::horizontal([Constraint::Fill(1), Constraint::Length(u16::try_from(text::width(&right)).unwrap_or(0))])
            .areas(area);
    let (tone, message) = &app.status;
    let style = match tone {
        Tone::Plain => Style::new(),
        Tone::Good => theme.good(),
        Tone::Bad => theme.bad(),
    };
    frame.render_widget(Span::styled(message.clone(), style), left);
    frame.render_widget(Span::styled(right, theme.strong()), place);
}

/// What goes on, and the way of calls.
fn doing(app: &App) -> String {
    let time = |since| {
        let elapsed = app.now.saturating_sub(since);
        format!("{}.{} s", elapsed.as_secs(), elapsed.subsec_millis() / 100)
    };
    let doing = match app.busy {
        Busy::Calling { since, is_cancelled: false } => format!(" calling {}", time(since)),
        Busy::Calling { since, is_cancelled: true } => format!(" cancelling {}", time(since)),
        Busy::Looping { since, is_stopping: false } => format!(" looping {}", time(since)),
        Busy::Looping { since, is_stopping: true } => format!(" stopping {}", time(since)),
        Busy::Idle if app.is_opening => " opening".to_owned(),
        Busy::Idle => String::new(),
    };
    format!("{doing} [{}]", app.way.name())
}

fn bar(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let entries = keys::bar(app.place(), app.is_busy(), !app.search.word.is_empty(), usize::from(area.width));
    let mut spans = Vec::new();
    for (key, word) in entries {
        if !spans.is_empty() {
            spans.push(Span::raw("  "));
        }
        spans.push(Span::styled(key, app.theme.hint()));
        spans.push(Span::raw(format!(" {word}")));
    }
    frame.render_widget(Line::from(spans), area);
}

/// A name and a value, with the values below each other.
fn fact(app: &App, name: &str, value: &str) -> Row {
    const NAMES: usize = 11;
    Row::prose(vec![Span::styled(format!("{name:NAMES$} "), app.theme.dim()), Span::raw(text::shown(value))])
}

/// A time, with the characters that there are.
fn time(app: &App, time: std::time::Duration) -> String {
    shown(time, app.theme.unicode)
}
