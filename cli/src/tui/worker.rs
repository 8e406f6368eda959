//! Calls the plugin, and opens other versions of it, on a thread of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use hookr::cache::Origin;
use hookr::supervise::State;
use hookr::{CallOptions, CancelToken};

use super::event::{Event, Facts, Opened};
use super::record::Order;
use super::stats::Recorder;
use crate::args::PluginArgs;
use crate::call::{Candidate, Fixture, Host, MethodRef, Notices, Session};
use crate::exit::Exit;
use crate::failure::{Context as _, Result};
use crate::terminal::Style;

/// How often a loop tells how it goes.
const REPORT: Duration = Duration::from_millis(100);

/// Something to do.
enum Task {
    Call(Order, Arc<Fixture>, CancelToken),
    Loop(Box<Repeat>),
    /// Another version was opened, or could not be, for people.
    Opened(Box<std::result::Result<Session, String>>),
}

/// A call that is made again and again.
struct Repeat {
    order: Order,
    fixture: Arc<Fixture>,
    stop_at_error: bool,
    stop: Arc<AtomicBool>,
    token: CancelToken,
}

/// The thread, as the workbench sees it. It ends when this is gone and what it does is done.
pub(super) struct Worker {
    tasks: Sender<Task>,
    args: PluginArgs,
    pub(super) events: Receiver<Event>,
    /// Of what runs.
    token: CancelToken,
    stop: Arc<AtomicBool>,
}

impl Worker {
    pub(super) fn start(session: Session, args: PluginArgs) -> Result<Self> {
        let (tasks, todo) = channel();
        let (done, events) = channel();
        let thread = thread::Builder::new().name("calls".to_owned());
        let run = move || work(session, &todo, &done);
        thread.spawn(run).or_fail(Exit::Call, || "cannot start a thread".to_owned())?;
        Ok(Worker { tasks, args, events, token: CancelToken::new(), stop: Arc::default() })
    }

    pub(super) fn call(&mut self, order: Order, fixture: Arc<Fixture>) {
        self.token = CancelToken::new();
        self.give(Task::Call(order, fixture, self.token.clone()));
    }

    pub(super) fn repeat(&mut self, order: Order, fixture: Arc<Fixture>, stop_at_error: bool) {
        (self.token, self.stop) = (CancelToken::new(), Arc::default());
        let (stop, token) = (self.stop.clone(), self.token.clone());
        self.give(Task::Loop(Box::new(Repeat { order, fixture, stop_at_error, stop, token })));
    }

    /// Opens the plugin's file on a thread of its own: what runs goes on until the new version is known to be good.
    pub(super) fn open(&self) {
        let (args, tasks) = (self.args.clone(), self.tasks.clone());
        let run = move || {
            let result = open(&args).map_err(|failure| failure.render(Style::PLAIN));
            let _ = tasks.send(Task::Opened(Box::new(result)));
        };
        if let Err(error) = thread::Builder::new().name("opening".to_owned()).spawn(run) {
            self.give(Task::Opened(Box::new(Err(format!("error: cannot start a thread: {error}")))));
        }
    }

    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    pub(super) fn cancel(&self) {
        self.token.cancel();
    }

    fn give(&self, task: Task) {
        // A thread that has ended is noticed where its events are waited for.
        let _ = self.tasks.send(task);
    }
}

impl Drop for Worker {
    /// Nobody waits for a plugin that goes on for ever.
    fn drop(&mut self) {
        self.stop();
        self.cancel();
    }
}

fn work(mut session: Session, todo: &Receiver<Task>, done: &Sender<Event>) {
    for task in todo {
        let event = match task {
            Task::Call(order, fixture, token) => {
                fixture.rewind();
                session.host().respond(fixture);
                let called = session.with(&CallOptions::default().cancel(&token));
                let outcome = Box::new(called.call(&order.method, &order.request, order.way));
                Event::Called { order, outcome, facts: facts(&session) }
            }
            Task::Loop(repeat) => match repeated(&session, *repeat, todo, done) {
                Ended::Over(event) => event,
                Ended::Replaced(new) => {
                    session = *new;
                    Event::Opened(Ok(Box::new(opened(&session))))
                }
            },
            Task::Opened(result) => match *result {
                Ok(new) => {
                    session = new;
                    Event::Opened(Ok(Box::new(opened(&session))))
                }
                Err(error) => Event::Opened(Err(error)),
            },
        };
        if done.send(event).is_err() {
            return;
        }
    }
}

/// Reads a plugin, decides about it, and opens it: as it is done at the start, and each time that its file changes.
pub(super) fn open(args: &PluginArgs) -> Result<Session> {
    Candidate::read(args, &Host::new(Notices::Keep))?.open()
}

/// Why a loop has ended.
enum Ended {
    /// Somebody wanted it, or there was an error.
    Over(Event),
    /// Another version takes the place of the one that was called.
    Replaced(Box<Session>),
}

/// Calls until somebody says stop, or another version is there. Nothing is kept of a call but how long it took.
fn repeated(session: &Session, repeat: Repeat, todo: &Receiver<Task>, done: &Sender<Event>) -> Ended {
    let Repeat { order, fixture, stop_at_error, stop, token } = repeat;
    let host = session.host();
    host.respond(fixture.clone());
    host.trace(false);
    let session = session.with(&CallOptions::default().cancel(&token));
    let mut recorder = Recorder::new();
    let began = Instant::now();
    let mut last = began;
    let mut replaced = None;
    while !stop.load(Ordering::Relaxed) {
        fixture.rewind();
        let outcome = session.call(&order.method, &order.request, order.way);
        let missing = outcome.seen.missing.first();
        let error = match (&outcome.result, missing) {
            (Err(error), _) => Some(error.failure().render(Style::PLAIN)),
            (Ok(_), Some((service, method))) => Some(format!("error: the fixture does not answer {service}.{method}")),
            (Ok(_), None) => None,
        };
        let failed = error.is_some();
        recorder.add(began.elapsed(), outcome.elapsed, error.map(|error| || error));
        if failed && (stop_at_error || token.is_cancelled()) {
            break;
        }
        // Nothing else is wanted while a loop runs.
        if let Ok(Task::Opened(result)) = todo.try_recv() {
            match *result {
                Ok(new) => {
                    replaced = Some(Box::new(new));
                    break;
                }
                Err(error) => drop(done.send(Event::Opened(Err(error)))),
            }
        }
        if last.elapsed() >= REPORT {
            last = Instant::now();
            let statistics = Box::new(recorder.statistics(began.elapsed()));
            if done.send(Event::Looped { statistics, is_over: false, facts: Some(facts(&session)) }).is_err() {
                break;
            }
        }
    }
    host.trace(true);
    let statistics = Box::new(recorder.statistics(began.elapsed()));
    let facts = Some(facts(&session));
    match replaced {
        Some(new) => {
            let _ = done.send(Event::Looped { statistics, is_over: false, facts });
            Ended::Replaced(new)
        }
        None => Ended::Over(Event::Looped { statistics, is_over: true, facts }),
    }
}

/// What the workbench wants to know of a plugin that was opened.
pub(super) fn opened(session: &Session) -> Opened {
    let (contract, metadata) = (session.contract().clone(), session.plugin().metadata());
    let methods = contract.methods();
    let lacking = methods.iter().filter(|method| !metadata.implements(method.id)).map(MethodRef::full_name).collect();
    let notices = session.host().take().notices;
    Opened { contract, lacking, facts: facts(session), notices }
}

fn facts(session: &Session) -> Facts {
    let (plugin, contract) = (session.plugin(), session.contract());
    let (metadata, stats) = (plugin.metadata(), plugin.stats());
    let health = &stats.health;
    let state = match health.state {
        State::Ready => "ready".to_owned(),
        State::Resting { retry_in } => format!("resting, for {} ms", retry_in.as_millis()),
        State::Stopped => "stopped".to_owned(),
        other => format!("{other:?}"),
    };
    let losses = [
        (health.trapped, "trapped"),
        (health.invalid, "invalid"),
        (health.limited, "beyond a limit"),
        (health.late, "late"),
        (health.cancelled, "cancelled"),
        (health.panicked, "by a panic of the host"),
    ];
    let code = match metadata.code().origin() {
        Origin::Cached => "from the cache",
        Origin::Stored => "compiled, and in the cache now",
        Origin::Shared => "shared with another plugin",
        _ => "compiled, and not cached",
    };
    let mut known = vec![
        ("file", metadata.name().to_owned()),
        ("sha256", metadata.sha256().to_string()),
        ("size", format!("{} bytes", metadata.size())),
        ("contract", contract.contract.package.to_string()),
        ("contract ID", contract.contract.id.to_string()),
        ("code", code.to_owned()),
    ];
    if !metadata.plugin_name().is_empty() {
        known.insert(1, ("name", format!("{} {}", metadata.plugin_name(), metadata.plugin_version())));
    }
    Facts {
        plugin: known,
        health: vec![
            ("state", state),
            ("lane", metadata.lane().to_string()),
            ("calls", calls(health.calls, stats.failed, health.lost)),
            ("memory", format!("{} KiB", stats.memory / 1024)),
            ("instances", format!("{} started", health.started)),
            ("lost", lost(health.lost, &losses, health.last_loss.as_deref())),
        ],
    }
}

/// How many calls there were, and how many of them had no response: the plugin has answered with an error, or was lost.
fn calls(all: u64, failed: u64, lost: u64) -> String {
    format!("{all}, {failed} answered with an error, {lost} lost")
}

/// What was lost, by what it was lost to.
fn lost(all: u64, losses: &[(u64, &str)], last: Option<&str>) -> String {
    let parts: Vec<String> =
        losses.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let parts = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
    let last = last.map_or(String::new(), |last| format!("; the last one: {last}"));
    format!("{all}{parts}{last}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_without_a_response_are_told_by_why() {
        assert_eq!(calls(9, 4, 3), "9, 4 answered with an error, 3 lost");
        let losses = [(2, "trapped"), (0, "invalid"), (1, "late")];
        assert_eq!(lost(3, &losses, Some("unreachable")), "3: 2 trapped, 1 late; the last one: unreachable");
        assert_eq!(lost(0, &[(0, "trapped")], None), "0");
    }
}
