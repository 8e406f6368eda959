//! Builds a plugin whenever its sources change, and tries it.
//!
//! [`sources`] knows what the plugin is built of, and what has changed; [`noticing`] says when to look; [`running`] are the
//! programs that are started meanwhile; [`round`] is what is done after a change. All of it happens on one thread, which
//! gets what the system tells, and the signals that end it, over a channel.

mod noticing;
mod round;
mod running;
mod sources;

use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use hookr_abi::Printable;
use jiff::Zoned;

use crate::args::WatchArgs;
use crate::exit::Exit;
use crate::failure::{Context as _, Failure, Result};
use crate::terminal::{self, Meaning};
use noticing::Noticing;
use round::Session;
use sources::Sources;

/// What comes over the channel.
#[derive(Debug)]
enum Told {
    /// Something has changed somewhere.
    Changed,
    /// A signal that is to end this process.
    Signal(i32),
}

/// Why there is an end to it.
enum End {
    Signal(i32),
    Failure(Failure),
}

impl From<Failure> for End {
    fn from(failure: Failure) -> Self {
        End::Failure(failure)
    }
}

/// How often a program that runs is looked at.
const TICK: Duration = Duration::from_millis(50);

/// Watches until a signal comes.
pub(crate) fn watch(args: &WatchArgs) -> Result<()> {
    let (sender, receiver) = mpsc::channel();
    noticing::signals(sender.clone()).or_fail(Exit::Input, || "signals cannot be caught".to_owned())?;
    let mut noticing = Noticing::new(sender, args.poll);
    let end = match Session::new(args) {
        Ok(mut session) => run(&mut session, &mut noticing, &receiver),
        Err(failure) => End::Failure(failure),
    };
    match end {
        End::Failure(failure) => Err(failure),
        // The session is gone by now, and what it has started with it. This is how shells say that a signal ended something.
        End::Signal(signal) => std::process::exit(128 + signal),
    }
}

fn run(session: &mut Session, noticing: &mut Noticing, receiver: &Receiver<Told>) -> End {
    loop {
        if let Err(end) = session.round(receiver) {
            session.stop();
            return end;
        }
        if let Err(end) = wait(session, noticing, receiver) {
            session.stop();
            return end;
        }
    }
}

/// Waits until there is something else to build.
fn wait(session: &mut Session, noticing: &mut Noticing, receiver: &Receiver<Told>) -> Result<(), End> {
    noticing.watch(&session.sources);
    let mut is_told = false;
    // What has changed since the build began counts, too: the first look is at once.
    loop {
        let changed = session.sources.changes();
        if !changed.is_empty() {
            say(Meaning::Name, "changed:", &format!(" {}", several(&changed)));
            return Ok(());
        }
        if !is_told {
            let what = format!(" for a change of {}; Ctrl-C ends this", session.sources.summary());
            say(Meaning::Plain, "waiting", &what);
            is_told = true;
        }
        noticing.watch(&session.sources);
        until_told(session, noticing, receiver)?;
    }
}

/// Waits until it is time to look again: after something was told and it has been quiet for a moment, or after a while.
fn until_told(session: &mut Session, noticing: &Noticing, receiver: &Receiver<Told>) -> Result<(), End> {
    let mut left = noticing.longest();
    while !left.is_zero() {
        let slice = left.min(TICK);
        match receiver.recv_timeout(slice) {
            Ok(Told::Signal(signal)) => return Err(End::Signal(signal)),
            Ok(Told::Changed) => return quiet(receiver),
            Err(RecvTimeoutError::Timeout) => left -= slice,
            Err(RecvTimeoutError::Disconnected) => return Err(gone()),
        }
        session.look_after_command();
    }
    Ok(())
}

/// Editors write files in several steps.
fn quiet(receiver: &Receiver<Told>) -> Result<(), End> {
    const QUIET: Duration = Duration::from_millis(100);
    const MOST: usize = 20;
    let mut told = 0;
    loop {
        match receiver.recv_timeout(QUIET) {
            Ok(Told::Signal(signal)) => return Err(End::Signal(signal)),
            Ok(Told::Changed) if told < MOST => told += 1,
            Ok(Told::Changed) | Err(RecvTimeoutError::Timeout) => return Ok(()),
            Err(RecvTimeoutError::Disconnected) => return Err(gone()),
        }
    }
}

fn gone() -> End {
    End::Failure(Failure::message(Exit::Input, "nobody tells of changes any more"))
}

/// The first of several paths, and how many more there are.
fn several(paths: &[std::path::PathBuf]) -> String {
    let here = std::env::current_dir().ok();
    let near = |path: &Path| {
        let near = here.as_ref().and_then(|here| path.strip_prefix(here.canonicalize().ok()?).ok());
        Printable(&near.unwrap_or(path).display().to_string()).to_string()
    };
    match paths {
        [] => String::new(),
        [one] => near(one),
        [first, more @ ..] => format!("{} and {} more", near(first), more.len()),
    }
}

/// A line about what is going on, with the time; its beginning has a meaning.
fn say(meaning: Meaning, what: &str, more: &str) {
    let what = terminal::color().stderr().paint(meaning, what);
    terminal::say(&format!("[{}] {what}{more}", Zoned::now().strftime("%H:%M:%S")));
}
