//! What keys do.

use std::rc::Rc;
use std::sync::Arc;

use ratatui::text::Span;
use similar::{ChangeTag, TextDiff};

use super::moving;
use super::{Action, App, Ask, Busy, Check, Editable, Effect, Mode, Pane, Request, Tone, save};
use crate::call::{Fixture, Way};
use crate::tui::app::Scroll;
use crate::tui::record::{Order, Record};
use crate::tui::stats::Statistics;
use crate::tui::text::{self, Row};
use crate::tui::view;

pub(super) fn act(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::Quit => return vec![Effect::Quit],
        Action::Suspend => return vec![Effect::Suspend],
        Action::Call => return call(app),
        Action::Loop => return toggle_loop(app),
        Action::Cancel => return cancel(app),
        Action::Editor => return vec![editor(app)],
        Action::Accept => return accept(app),
        Action::Yes => return yes(app),
        Action::SaveFixture => return save_fixture(app),
        Action::NextPane => app.focus = app.focus.step(1),
        Action::PreviousPane => app.focus = app.focus.step(Pane::ALL.len() - 1),
        Action::Edit => {
            app.focus = Pane::Request;
            app.mode = Mode::Editing;
            moving::follow(app);
        }
        Action::Undo => change(app, |request| request.editor.undo()),
        Action::Redo => change(app, |request| request.editor.redo()),
        Action::Reset => reset(app),
        Action::Pretty => {
            show_next(app);
        }
        Action::Way => {
            app.way = Way::ALL.into_iter().find(|way| *way != app.way).unwrap_or(app.way);
            let way = app.way.name();
            app.say(Tone::Plain, format!("calls are made this way: {way}"));
        }
        Action::StopAtError => {
            app.stop_at_error = !app.stop_at_error;
            let what = if app.stop_at_error { "stop at the first error" } else { "count errors, and go on" };
            app.say(Tone::Plain, format!("loops {what}"));
        }
        Action::Zoom => app.zoom = !app.zoom,
        Action::Help => open(app, Mode::Help),
        Action::History => {
            app.history_cursor = 0;
            open(app, Mode::History);
        }
        Action::Diff => diff(app),
        Action::Choose => choose(app),
        Action::AddAnswer => add_answer(app),
        Action::Save => ask_for_name(app),
        Action::Search => app.mode = Mode::Prompt { ask: Ask::Search, text: String::new() },
        Action::NextMatch => find(app, true),
        Action::PreviousMatch => find(app, false),
        Action::Leave | Action::No => leave(app),
        Action::Up
        | Action::Down
        | Action::Left
        | Action::Right
        | Action::PageUp
        | Action::PageDown
        | Action::Home
        | Action::End => moving::go(app, action),
    }
    Vec::new()
}

/// What a call is made with, or nothing where something is not right yet, which is said.
fn order(app: &mut App) -> Option<Order> {
    if app.is_busy() {
        app.say(Tone::Bad, "a call is running: x cancels it");
        return None;
    }
    if app.is_opening {
        app.say(Tone::Bad, "the plugin is being opened");
        return None;
    }
    if app.answers.fixture().is_err() {
        app.say(Tone::Bad, "the fixture is not right: see Callbacks");
        return None;
    }
    let (method, text, request) = match (app.chosen(), app.request()) {
        (Some(method), Some(Request { editor, check: Check::Right(payload) })) => {
            (method.clone(), editor.text(), payload.clone())
        }
        (Some(_), Some(_)) => {
            app.say(Tone::Bad, "the request is not right: see below it");
            app.focus = Pane::Request;
            return None;
        }
        _ => {
            app.say(Tone::Bad, "the contract has no method");
            return None;
        }
    };
    Some(Order { method, text, request, way: app.way })
}

fn call(app: &mut App) -> Vec<Effect> {
    let Some(order) = order(app) else { return Vec::new() };
    let Ok(fixture) = app.answers.fixture().cloned() else { return Vec::new() };
    app.busy = Busy::Calling { since: app.now, is_cancelled: false };
    app.shows_statistics = false;
    bring_response(app);
    vec![Effect::Call(order, fixture)]
}

fn toggle_loop(app: &mut App) -> Vec<Effect> {
    if let Busy::Looping { is_stopping, .. } = &mut app.busy {
        *is_stopping = true;
        return vec![Effect::StopLoop];
    }
    let Some(order) = order(app) else { return Vec::new() };
    let Ok(fixture) = app.answers.fixture().cloned() else { return Vec::new() };
    app.say(Tone::Plain, "l stops the loop");
    bring_response(app);
    start_loop(app, order, fixture)
}

/// What comes of a call is seen: where there is room for one pane, the response takes that of the request. Who looks at
/// callbacks or at Debug goes on with that.
fn bring_response(app: &mut App) {
    if view::is_narrow(app) && matches!(app.focus, Pane::Methods | Pane::Request) {
        app.focus = Pane::Response;
    }
}

/// Begins a loop, with new statistics.
pub(super) fn start_loop(app: &mut App, order: Order, fixture: Arc<Fixture>) -> Vec<Effect> {
    let was_shown = app.shows_statistics;
    app.busy = Busy::Looping { since: app.now, is_stopping: false };
    (app.statistics, app.looped, app.shows_statistics) = (Some(Statistics::default()), Some(order.clone()), true);
    if !was_shown {
        *app.scroll_mut(Pane::Response) = Scroll::default();
    }
    vec![Effect::Loop(order, fixture, app.stop_at_error)]
}

/// The response as JSON, as bytes, and the statistics of the last loop, one after the other.
fn show_next(app: &mut App) {
    match (app.shows_statistics, app.pretty) {
        (true, _) if app.shown.is_none() => return app.say(Tone::Plain, "there is no call yet to show: c calls"),
        (true, _) => (app.shows_statistics, app.pretty) = (false, true),
        (false, true) => app.pretty = false,
        (false, false) => (app.shows_statistics, app.pretty) = (app.statistics.is_some(), true),
    }
    app.lay_out();
    *app.scroll_mut(Pane::Response) = Scroll::default();
}

fn cancel(app: &mut App) -> Vec<Effect> {
    match &mut app.busy {
        Busy::Idle => {
            app.search = Default::default();
            app.say(Tone::Plain, "");
            Vec::new()
        }
        Busy::Calling { is_cancelled, .. } => {
            *is_cancelled = true;
            vec![Effect::Cancel]
        }
        Busy::Looping { is_stopping, .. } => {
            *is_stopping = true;
            vec![Effect::StopLoop, Effect::Cancel]
        }
    }
}

/// The request, or among the callbacks the fixture.
fn editor(app: &App) -> Effect {
    match (app.focus, app.request()) {
        (Pane::Callbacks, _) | (_, None) => {
            Effect::Edit { what: Editable::Fixture, text: app.answers.text().to_owned() }
        }
        (_, Some(request)) => Effect::Edit { what: Editable::Request, text: request.editor.text() + "\n" },
    }
}

fn change(app: &mut App, edit: impl FnOnce(&mut Request) -> bool) {
    app.edit_request(edit);
    moving::follow(app);
}

fn reset(app: &mut App) {
    let Some(method) = app.chosen() else { return };
    let template = app.contract.request_template(method);
    app.edit_request(|request| {
        request.editor.set(&template);
        true
    });
    app.scroll_mut(Pane::Request).top = 0;
    app.say(Tone::Plain, "the request is the template of the contract again");
}

fn open(app: &mut App, mode: Mode) {
    app.mode = mode;
    app.list_scroll = Scroll::default();
}

fn leave(app: &mut App) {
    app.mode = match &app.mode {
        // From the comparison back to where one chose it.
        Mode::Diff(_) => Mode::History,
        _ => Mode::Panes,
    };
    app.list_scroll = Scroll::default();
    app.is_saving_fixture = false;
}

fn choose(app: &mut App) {
    match (&app.mode, app.focus) {
        (Mode::History, _) => restore(app),
        (_, Pane::Methods) => {
            app.select(app.method_cursor);
            let name = app.chosen().map(|method| text::shown(&method.full_name())).unwrap_or_default();
            app.say(Tone::Plain, format!("selected: {name}"));
        }
        (_, Pane::Callbacks) => {
            let cursor = app.trace_cursor;
            if !app.expanded.remove(&cursor) {
                app.expanded.insert(cursor);
            }
        }
        _ => {}
    }
}

/// Takes a call of the history: its method, request and way, and shows what came of it.
fn restore(app: &mut App) {
    let Some(record) = app.history.get(app.history_cursor).cloned() else { return };
    app.mode = Mode::Panes;
    let name = record.order.method.full_name();
    let Some(index) = app.methods.iter().position(|method| method.full_name() == name) else {
        app.say(Tone::Bad, "the plugin does not have the method any more");
        return;
    };
    app.select(index);
    app.way = record.order.way;
    app.edit_request(|request| {
        let is_new = request.editor.text() != record.order.text;
        if is_new {
            request.editor.set(&record.order.text);
        }
        is_new
    });
    let number = record.number;
    app.show(record);
    app.say(Tone::Plain, format!("restored: call {number}"));
}

/// Compares a response with that of the call before it of the same method.
fn diff(app: &mut App) {
    let mut rest = app.history.iter().skip(app.history_cursor);
    let Some(new) = rest.next() else { return };
    let name = new.order.method.full_name();
    let Some(old) = rest.find(|record| record.order.method.full_name() == name) else {
        app.say(Tone::Bad, "there is no call of the method before this one");
        return;
    };
    let rows = compared(app, old, new);
    open(app, Mode::Diff(rows));
}

fn compared(app: &App, old: &Record, new: &Record) -> Rc<Vec<Row>> {
    let theme = app.theme;
    let head = |sign: &str, record: &Record| {
        format!("{sign} call {}, {}: {}", record.number, record.order.way.name(), record.verdict())
    };
    let mut rows = vec![
        Row::new(Span::styled(head("---", old), theme.removed())),
        Row::new(Span::styled(head("+++", new), theme.added())),
    ];
    let (before, after) = (old.response() + "\n", new.response() + "\n");
    let diff = TextDiff::configure().timeout(std::time::Duration::from_secs(1)).diff_lines(&before, &after);
    if before == after {
        rows.push(Row::prose("The responses are the same."));
    }
    for (index, group) in diff.grouped_ops(3).iter().enumerate() {
        if index > 0 {
            rows.push(Row::new(Span::styled(theme.more(), theme.dim())));
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let line = text::shown(change.value().trim_end_matches('\n'));
            rows.push(Row::new(match change.tag() {
                ChangeTag::Equal => Span::raw(format!("  {line}")),
                ChangeTag::Delete => Span::styled(format!("- {line}"), theme.removed()),
                ChangeTag::Insert => Span::styled(format!("+ {line}"), theme.added()),
            }));
        }
    }
    Rc::new(rows)
}

/// Answers the callback that is selected, or the first that has no answer.
fn add_answer(app: &mut App) {
    let seen = app.shown.as_ref().map(|record| &record.outcome.seen);
    let is_missing = |name: &str| {
        seen.is_some_and(|seen| seen.missing.iter().any(|(service, method)| format!("{service}.{method}") == name))
    };
    let selected = seen.and_then(|seen| seen.trace.get(app.trace_cursor)).map(|exchange| exchange.callback.full_name());
    let selected = selected.filter(|name| is_missing(name));
    // A later contract may have lost the callback.
    let mut known: Vec<_> = app.callbacks.clone();
    known.sort_by_key(|callback| {
        let name = callback.full_name();
        (Some(&name) != selected.as_ref(), !is_missing(&name))
    });
    let contract = app.contract.clone();
    let mut problem = "the contract has no callbacks".to_owned();
    for callback in known {
        match app.answers.add(&contract, &callback) {
            Ok(()) => {
                let name = text::shown(&callback.full_name());
                app.say(Tone::Good, format!("{name} is in the fixture now: e edits it, S writes it"));
                return;
            }
            Err(error) => problem = error,
        }
    }
    let all = "every callback is in the fixture already: e edits it";
    let message =
        if app.answers.fixture().is_ok() && !app.callbacks.is_empty() { all } else { &super::first_line(&problem) };
    app.say(Tone::Bad, message.to_owned());
}

fn ask_for_name(app: &mut App) {
    match &app.shown {
        Some(record) => {
            let text = record.order.method.name.to_lowercase();
            let ask = if record.unanswered().is_some() { Ask::SavePartsAs } else { Ask::SaveAs };
            app.mode = Mode::Prompt { ask, text };
        }
        None => app.say(Tone::Bad, "there is no call yet to save: c calls"),
    }
}

fn save_fixture(app: &mut App) -> Vec<Effect> {
    match &app.answers.path {
        Some(path) => {
            let bundle = save::fixture(path.clone(), app.answers.text());
            app.is_saving_fixture = true;
            vec![Effect::Save { bundle, overwrite: false }]
        }
        None => {
            app.mode = Mode::Prompt { ask: Ask::FixtureAs, text: "fixture.json".to_owned() };
            Vec::new()
        }
    }
}

fn accept(app: &mut App) -> Vec<Effect> {
    let Mode::Prompt { ask, text } = std::mem::replace(&mut app.mode, Mode::Panes) else { return Vec::new() };
    match ask {
        Ask::Search => {
            app.search = crate::tui::search::Search { word: text, at: None };
            if !app.search.word.is_empty() {
                find(app, true);
            }
        }
        Ask::SaveAs | Ask::SavePartsAs => {
            let Some(record) = app.shown.clone() else { return Vec::new() };
            match save::bundle(&record, &text) {
                Ok(bundle) => return vec![Effect::Save { bundle, overwrite: false }],
                Err(error) => app.say(Tone::Bad, error),
            }
        }
        Ask::FixtureAs if !text.is_empty() => {
            let path = std::path::PathBuf::from(text);
            app.answers.path = Some(path);
            return save_fixture(app);
        }
        Ask::FixtureAs => {}
    }
    Vec::new()
}

fn yes(app: &mut App) -> Vec<Effect> {
    match std::mem::replace(&mut app.mode, Mode::Panes) {
        Mode::Question { bundle, .. } => vec![Effect::Save { bundle, overwrite: true }],
        other => {
            app.mode = other;
            Vec::new()
        }
    }
}

fn find(app: &mut App, forward: bool) {
    let rows = view::rows(app, app.focus);
    let width = usize::from(view::text_area(app, app.focus).width);
    match app.search.step(&rows, forward) {
        Some(row) => {
            let above: usize = rows.iter().take(row).map(|row| row.height(width)).sum();
            moving::bring(app, above);
        }
        None if app.search.word.is_empty() => app.say(Tone::Plain, "nothing is searched for: / does"),
        None => {
            let (word, pane) = (text::shown(&app.search.word), app.focus.name());
            app.say(Tone::Bad, format!("{pane} does not have `{word}`"));
        }
    }
}
