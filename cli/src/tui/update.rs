//! What becomes of the state when something happens, and what is to be done then.

mod act;
mod moving;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::app::{App, Ask, Busy, Mode, Pane, Reload, Tone};
use super::event::{Editable, Effect, Event, SaveError};
use super::keys::{self, Action};
use super::record::{Order, Record};
use super::request::{Check, Request};
use super::save;
use super::stats::shown;
use super::text;

/// Takes something that has happened.
pub(super) fn update(app: &mut App, event: Event) -> Vec<Effect> {
    let effects = match event {
        Event::Key(key) if key.kind == KeyEventKind::Release => Vec::new(),
        Event::Key(key) => press(app, key),
        Event::Paste(text) => {
            paste(app, &text);
            Vec::new()
        }
        Event::Resize(columns, rows) => {
            app.size = (columns, rows);
            Vec::new()
        }
        Event::Tick(now) => {
            app.now = now;
            Vec::new()
        }
        Event::Called { order, outcome, facts } => {
            app.busy = Busy::Idle;
            app.facts = facts;
            app.calls += 1;
            app.note(outcome.seen.notices.iter().cloned());
            let record = app.keep(Record::new(app.calls, order, *outcome, app.contract.clone()));
            called(app, &record)
        }
        Event::Looped { statistics, is_over, facts } => {
            app.statistics = Some(*statistics);
            if let Some(facts) = facts {
                app.facts = facts;
            }
            if is_over {
                looped(app);
            }
            Vec::new()
        }
        Event::Opening => {
            app.is_opening = true;
            app.say(Tone::Plain, "the plugin's file has changed");
            Vec::new()
        }
        Event::Vanished { is_back } => {
            let generation = app.generation;
            let (tone, text) = match is_back {
                true => (Tone::Plain, "the plugin's file is there again, and the same".to_owned()),
                false => (Tone::Bad, format!("the plugin's file is gone; version {generation} stays in service")),
            };
            app.note([format!("hookr: {text}")]);
            app.say(tone, text);
            Vec::new()
        }
        Event::Opened(result) => {
            app.is_opening = false;
            match result {
                Ok(opened) => {
                    let reload = app.opened(*opened);
                    let generation = app.generation;
                    app.note([format!("hookr: version {generation} is in service")]);
                    reloaded(app, &reload);
                    loop_again(app)
                }
                Err(error) => {
                    let goes_on = if matches!(app.busy, Busy::Looping { .. }) { ", and its loop goes on" } else { "" };
                    app.say(Tone::Bad, format!("not reloaded, the old version stays{goes_on}: see Debug"));
                    app.note(["hookr: another version was not put in service".to_owned()]);
                    app.open_error = Some(error);
                    Vec::new()
                }
            }
        }
        Event::Edited { what, result } => {
            edited(app, what, result);
            Vec::new()
        }
        Event::FixtureRead(result) => {
            match result {
                // It is what was written from here.
                Ok(text) if text == app.answers.text() => app.answers.is_changed = false,
                Ok(_) if app.answers.is_changed => {
                    app.say(Tone::Bad, "the fixture's file has changed, and so has the fixture here: S writes it");
                }
                Ok(text) => {
                    let contract = app.contract.clone();
                    app.answers.set(&contract, text, false);
                    app.say(Tone::Plain, "the fixture was read again");
                }
                Err(error) => app.say(Tone::Bad, first_line(&error)),
            }
            Vec::new()
        }
        Event::Saved(result) => {
            saved(app, result);
            Vec::new()
        }
    };
    moving::settle(app);
    effects
}

/// Says what has become of method and request.
fn reloaded(app: &mut App, reload: &Reload) {
    let generation = app.generation;
    let other = format!("reloaded: version {generation}, another contract");
    let is_right = app.request().is_some_and(|request| matches!(request.check, Check::Right(_)));
    let (tone, text) = match reload {
        Reload::Same => (Tone::Good, format!("reloaded: version {generation}; the request is kept")),
        Reload::MethodKept(name) if is_right => {
            (Tone::Good, format!("{other}; {} and its request are kept", text::shown(name)))
        }
        Reload::MethodKept(name) => {
            (Tone::Bad, format!("{other}; {} is kept, its request is not right", text::shown(name)))
        }
        Reload::MethodGone(name) => {
            let now = app.chosen().map_or("none".to_owned(), |method| text::shown(&method.full_name()));
            (Tone::Bad, format!("{other} without {}; selected: {now}", text::shown(name)))
        }
    };
    app.say(tone, text);
}

/// The loop that ran when another version came goes on with that one, if that can still be called like this.
fn loop_again(app: &mut App) -> Vec<Effect> {
    let Busy::Looping { is_stopping, .. } = app.busy else { return Vec::new() };
    app.busy = Busy::Idle;
    let said = std::mem::take(&mut app.status.1);
    if is_stopping {
        looped(app);
        app.status.1 = format!("{said}; {}", app.status.1);
        return Vec::new();
    }
    let name = app.looped.as_ref().map(|order| order.method.full_name());
    let method = app.methods.iter().find(|method| Some(method.full_name()) == name).cloned();
    let order = app.looped.as_ref().zip(method).and_then(|(order, method)| {
        match Request::new(&app.contract, &method, &order.text).check {
            Check::Right(request) => Some(Order { method, request, text: order.text.clone(), way: order.way }),
            Check::Wrong { .. } => None,
        }
    });
    match (order, app.answers.fixture().cloned()) {
        (Some(order), Ok(fixture)) => {
            let effects = act::start_loop(app, order, fixture);
            let text = "the loop goes on, counted anew";
            app.note([format!("hookr: {text}")]);
            app.say(app.status.0, format!("{said}; {text}"));
            effects
        }
        (order, _) => {
            let why = if order.is_none() { "it cannot call like this" } else { "the fixture is not right" };
            app.say(Tone::Bad, format!("{said}; the loop has ended: {why}"));
            Vec::new()
        }
    }
}

fn called(app: &mut App, record: &Record) -> Vec<Effect> {
    let time = shown(record.outcome.elapsed, app.theme.unicode);
    let name = text::shown(&record.order.method.full_name());
    let way = record.order.way.name();
    match record.verdict() {
        "ok" => app.say(Tone::Good, format!("{name}, {way}: ok, {time}")),
        verdict => app.say(Tone::Bad, format!("{name}, {way}: {verdict}, {time}")),
    }
    let Some((folder, first)) = &app.record else { return Vec::new() };
    if let Some(names) = record.unanswered() {
        app.say(Tone::Bad, format!("{name}, {way}: not recorded, as nothing answers {names}"));
        app.note([format!("hookr: call {} was not recorded: nothing answers {names}", record.number)]);
        return Vec::new();
    }
    let number = first + record.number - 1;
    let bundle = save::recording(record, folder, number);
    vec![Effect::Save { bundle, overwrite: false }]
}

fn looped(app: &mut App) {
    app.busy = Busy::Idle;
    let (calls, errors) = app.statistics.as_ref().map_or((0, 0), |found| (found.calls, found.errors));
    match errors {
        0 => app.say(Tone::Good, format!("the loop has ended: {calls} calls")),
        _ => app.say(Tone::Bad, format!("the loop has ended: {calls} calls, {errors} errors")),
    }
}

fn edited(app: &mut App, what: Editable, result: Result<String, String>) {
    let text = match result {
        Ok(text) => text,
        Err(error) => return app.say(Tone::Bad, first_line(&error)),
    };
    match what {
        Editable::Request => {
            app.edit_request(|request| {
                let is_new = request.editor.text() != text.trim_end_matches('\n');
                if is_new {
                    request.editor.set(&text);
                }
                is_new
            });
            let wrong = app.request().is_some_and(|request| !request.wrong_lines().is_empty());
            match wrong {
                true => app.say(Tone::Bad, "the request is not right"),
                false => app.say(Tone::Plain, "the request was edited"),
            }
        }
        Editable::Fixture => {
            let is_changed = app.answers.is_changed || app.answers.text() != text;
            let contract = app.contract.clone();
            app.answers.set(&contract, text, is_changed);
            match app.answers.fixture() {
                Ok(_) => app.say(Tone::Plain, "the fixture was edited; S writes it"),
                Err(_) => app.say(Tone::Bad, "the fixture is not right: see Callbacks"),
            }
        }
    }
}

fn saved(app: &mut App, result: Result<String, SaveError>) {
    let is_fixture = std::mem::take(&mut app.is_saving_fixture);
    match result {
        Ok(what) => {
            if is_fixture {
                app.answers.is_changed = false;
            }
            app.say(Tone::Good, what);
        }
        Err(SaveError::Exists { bundle, paths }) => {
            app.is_saving_fixture = is_fixture;
            app.mode = Mode::Question { bundle, paths };
        }
        Err(SaveError::Other(error)) => app.say(Tone::Bad, first_line(&error)),
    }
}

/// What fits at the bottom of a longer message.
fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    text::shown(line.strip_prefix("error: ").unwrap_or(line))
}

fn press(app: &mut App, key: KeyEvent) -> Vec<Effect> {
    if let Some(action) = keys::action(app.place(), key) {
        return act::act(app, action);
    }
    match &mut app.mode {
        Mode::Editing => {
            app.edit_request(|request| request.editor.press(key));
            moving::follow(app);
        }
        Mode::Prompt { text, .. } => match key.code {
            KeyCode::Char('u') if key.modifiers.contains(KeyModifiers::CONTROL) => text.clear(),
            KeyCode::Char(c) if !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) => text.push(c),
            KeyCode::Backspace => drop(text.pop()),
            _ => {}
        },
        _ => {}
    }
    Vec::new()
}

fn paste(app: &mut App, pasted: &str) {
    match &mut app.mode {
        Mode::Editing => {
            app.edit_request(|request| {
                request.editor.paste(pasted);
                true
            });
            moving::follow(app);
        }
        Mode::Prompt { text, .. } => text.extend(pasted.chars().filter(|c| !c.is_control())),
        // What is pasted elsewhere is no keys: nobody wants it to call or to quit.
        _ => app.say(Tone::Plain, "to paste into the request, edit it first: i"),
    }
}
