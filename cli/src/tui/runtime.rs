//! The workbench at work: what happens outside becomes events, and what is to be done is done.

use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::TryRecvError;
use std::time::{Duration, Instant};

use crossterm::event as input;

use super::app::{App, Start};
use super::event::{Editable, Effect, Event};
use super::external;
use super::save;
use super::screen::Screen;
use super::theme::Theme;
use super::update::update;
use super::view;
use super::watch::Watch;
use super::worker::{self, Worker};
use crate::args::TuiArgs;
use crate::exit::Exit;
use crate::failure::{Context as _, Failure, Result};
use crate::files::{self, shown};
use crate::hint::Hint;
use crate::terminal::{Progress, Style};

/// How long the keyboard is waited for before anything else is looked at.
const WAIT: Duration = Duration::from_millis(50);

/// How often files are looked at, and the time is told.
const TICK: Duration = Duration::from_millis(100);

/// Runs the workbench until somebody quits it.
pub(crate) fn run(args: &TuiArgs, style: Style) -> Result<()> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        let text = "`hookr tui` needs a terminal, and standard input or standard output is none";
        return Err(Failure::message(Exit::Usage, text).hint(Hint::NoTerminal));
    }
    if [&args.input, &args.host_fixture].into_iter().flatten().any(|path| path == Path::new("-")) {
        let text = "standard input is the keyboard: `--input` and `--host-fixture` need a file";
        return Err(Failure::message(Exit::Usage, text));
    }
    let request = args.input.as_deref().map(files::read_text).transpose()?;
    // What changes from here on is noticed.
    let fixture_watch = args.host_fixture.as_deref().map(Watch::new);
    let fixture = args.host_fixture.as_deref().map(files::read_text).transpose()?;
    let plugin_watch = Watch::new(&args.plugin.plugin);
    let opening = Progress::start(format!("opening {}", shown(&args.plugin.plugin)));
    let session = worker::open(&args.plugin)?;
    drop(opening);
    let method = args.method.as_deref().map(|name| session.contract().find(name)).transpose()?;
    let record = args.record.as_deref().map(folder).transpose()?;
    let opened = worker::opened(&session);
    let worker = Worker::start(session, args.plugin.clone())?;

    let signals = Signals::new().or_fail(Exit::Call, || "signals cannot be handled".to_owned())?;
    let theme = Theme::new(style.is_colored(), |name| std::env::var_os(name));
    if theme.colors {
        // The decision is made; the library has one of its own.
        crossterm::style::force_color_output(true);
    }
    let size = crossterm::terminal::size().or_fail(Exit::Call, unusable)?;
    let fixture = (args.host_fixture.clone(), fixture);
    let app = App::new(Start { theme, size, opened, method, request, fixture, way: args.way, record });
    let screen = Screen::enter().or_fail(Exit::Call, unusable)?;
    let began = Instant::now();
    let (ticked, is_dirty, is_over) = (began, true, false);
    let mut workbench =
        Workbench { app, screen, worker, signals, plugin_watch, fixture_watch, began, ticked, is_dirty, is_over };
    workbench.run()
}

fn unusable() -> String {
    "the terminal cannot be used".to_owned()
}

/// The folder of recordings, and the number of the next one.
fn folder(path: &Path) -> Result<(std::path::PathBuf, u64)> {
    std::fs::create_dir_all(path).or_fail(Exit::Input, || format!("cannot make the folder {}", shown(path)))?;
    Ok((path.to_owned(), save::next_number(path)))
}

struct Workbench {
    app: App,
    screen: Screen,
    worker: Worker,
    signals: Signals,
    plugin_watch: Watch,
    fixture_watch: Option<Watch>,
    began: Instant,
    ticked: Instant,
    is_dirty: bool,
    is_over: bool,
}

impl Workbench {
    fn run(&mut self) -> Result<()> {
        while !self.is_over {
            if std::mem::take(&mut self.is_dirty) {
                let app = &self.app;
                self.screen.terminal.draw(|frame| view::draw(app, frame)).or_fail(Exit::Call, unusable)?;
            }
            // Asked before each wait for keys: without a terminal, that wait does not end.
            if self.signals.wants_end() {
                return Ok(());
            }
            if input::poll(WAIT).or_fail(Exit::Call, unusable)? {
                self.read_keys()?;
            }
            self.look_at_worker()?;
            if self.ticked.elapsed() >= TICK {
                self.tick()?;
            }
            if self.signals.wants_stop() {
                self.suspend()?;
            }
        }
        Ok(())
    }

    /// All that is there: what is pasted is drawn once.
    fn read_keys(&mut self) -> Result<()> {
        loop {
            let event = match input::read().or_fail(Exit::Call, unusable)? {
                input::Event::Key(key) => Some(Event::Key(key)),
                input::Event::Paste(text) => Some(Event::Paste(text)),
                input::Event::Resize(columns, rows) => Some(Event::Resize(columns, rows)),
                _ => None,
            };
            if let Some(event) = event {
                self.take(event)?;
            }
            if self.is_over || !input::poll(Duration::ZERO).or_fail(Exit::Call, unusable)? {
                return Ok(());
            }
        }
    }

    fn look_at_worker(&mut self) -> Result<()> {
        loop {
            match self.worker.events.try_recv() {
                Ok(event) => self.take(event)?,
                Err(TryRecvError::Empty) => return Ok(()),
                Err(TryRecvError::Disconnected) => {
                    return Err(Failure::message(Exit::Call, "the thread that calls the plugin has ended"));
                }
            }
        }
    }

    fn tick(&mut self) -> Result<()> {
        let now = Instant::now();
        self.ticked = now;
        if self.app.is_busy() {
            self.take(Event::Tick(self.began.elapsed()))?;
        } else {
            // Nothing that is seen depends on it.
            self.app.now = self.began.elapsed();
        }
        if !self.app.is_opening && self.plugin_watch.has_changed(now) {
            self.take(Event::Opening)?;
            self.worker.open();
        }
        let path = self.app.answers.path.as_deref();
        if path != self.fixture_watch.as_ref().map(Watch::path) {
            self.fixture_watch = path.map(Watch::new);
        }
        if let Some(watch) = &mut self.fixture_watch
            && watch.has_changed(now)
        {
            let text = files::read_text(watch.path()).map_err(|failure| failure.render(Style::PLAIN));
            self.take(Event::FixtureRead(text))?;
        }
        Ok(())
    }

    fn take(&mut self, event: Event) -> Result<()> {
        self.is_dirty = true;
        for effect in update(&mut self.app, event) {
            self.follow(effect)?;
        }
        Ok(())
    }

    fn follow(&mut self, effect: Effect) -> Result<()> {
        match effect {
            Effect::Quit => self.is_over = true,
            Effect::Suspend => self.suspend()?,
            Effect::Call(order, fixture) => self.worker.call(order, fixture),
            Effect::Loop(order, fixture, stop_at_error) => self.worker.repeat(order, fixture, stop_at_error),
            Effect::StopLoop => self.worker.stop(),
            Effect::Cancel => self.worker.cancel(),
            Effect::Edit { what, text } => {
                let name = match what {
                    Editable::Request => "request.json",
                    Editable::Fixture => "fixture.json",
                };
                self.signals.waits_for_keys(false);
                let result = self.lend(|| external::edit(&text, name));
                self.signals.waits_for_keys(true);
                let result = result?;
                // What was meant for the editor is not for us.
                self.signals.forget_interrupts();
                self.take(Event::Edited { what, result })?;
            }
            Effect::Save { bundle, overwrite } => {
                let result = save::write(bundle, overwrite);
                self.take(Event::Saved(result))?;
            }
        }
        Ok(())
    }

    fn suspend(&mut self) -> Result<()> {
        let stopped = self.lend(Signals::stop)?;
        stopped.or_fail(Exit::Call, || "the program cannot be suspended".to_owned())
    }

    /// The terminal may have another size when it comes back.
    fn lend<T>(&mut self, to: impl FnOnce() -> T) -> Result<T> {
        let result = self.screen.lend(to).or_fail(Exit::Call, unusable)?;
        let (columns, rows) = crossterm::terminal::size().or_fail(Exit::Call, unusable)?;
        self.take(Event::Resize(columns, rows))?;
        Ok(result)
    }
}

/// What the system wants of the program.
struct Signals {
    end: Arc<AtomicBool>,
    interrupt: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
    waits: Arc<AtomicBool>,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGTSTP};
        let signals = Signals::unset();
        for (signal, flag) in
            [(SIGTERM, &signals.end), (SIGHUP, &signals.end), (SIGINT, &signals.interrupt), (SIGTSTP, &signals.stop)]
        {
            signal_hook::flag::register(signal, flag.clone())?;
        }
        // The terminal is gone, so nothing has to be put back; and the library that reads keys goes on reading nothing, for ever
        // and without a pause. An editor that has the terminal is left to end by itself.
        signal_hook::flag::register_conditional_shutdown(SIGHUP, 128 + SIGHUP, signals.waits.clone())?;
        Ok(signals)
    }

    /// Stops the program as the shell would, until the shell lets it go on.
    fn stop() -> io::Result<()> {
        signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)
    }
}

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Signals::unset())
    }

    fn stop() -> io::Result<()> {
        Ok(())
    }
}

impl Signals {
    fn unset() -> Self {
        let (end, interrupt, stop) = Default::default();
        Signals { end, interrupt, stop, waits: Arc::new(AtomicBool::new(true)) }
    }

    /// Whether it is this program that reads the keys.
    fn waits_for_keys(&self, waits: bool) {
        self.waits.store(waits, std::sync::atomic::Ordering::Relaxed);
    }

    fn wants_end(&self) -> bool {
        use std::sync::atomic::Ordering::Relaxed;
        self.end.load(Relaxed) || self.interrupt.load(Relaxed)
    }

    fn wants_stop(&self) -> bool {
        self.stop.swap(false, std::sync::atomic::Ordering::Relaxed)
    }

    fn forget_interrupts(&self) {
        self.interrupt.store(false, std::sync::atomic::Ordering::Relaxed);
    }
}
