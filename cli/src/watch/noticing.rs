//! When to look at the sources again: when the system tells of a change, and after a while anyway.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::Sender;
use std::time::Duration;

use hookr_abi::Printable;
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::{Sources, Told};
use crate::terminal;

/// How often sources are looked at where the system tells of nothing.
const POLL: Duration = Duration::from_secs(1);

/// How often they are looked at beside.
const ANYWAY: Duration = Duration::from_secs(5);

/// What the system is asked to tell of.
pub(super) struct Noticing {
    /// `None` where the sources are only looked at.
    watcher: Option<RecommendedWatcher>,
    watched: BTreeSet<PathBuf>,
}

impl Noticing {
    pub(super) fn new(sender: Sender<Told>, poll: bool) -> Self {
        let handler = move |event: notify::Result<Event>| {
            // That somebody reads a file is no change. An error may mean that a change was missed.
            if !event.is_ok_and(|event| event.kind.is_access()) {
                // Nobody listens where all of it is over.
                let _ = sender.send(Told::Changed);
            }
        };
        let watcher =
            if poll { None } else { notify::recommended_watcher(handler).map_err(|error| polls(&error)).ok() };
        Noticing { watcher, watched: BTreeSet::new() }
    }

    /// Has the system tell of the folders of sources, and of no others.
    pub(super) fn watch(&mut self, sources: &Sources) {
        let Some(watcher) = &mut self.watcher else { return };
        let wanted = sources.to_watch();
        for gone in self.watched.difference(&wanted) {
            // It may be gone itself, and the watch with it.
            let _ = watcher.unwatch(gone);
        }
        let mut watched: BTreeSet<PathBuf> = self.watched.intersection(&wanted).cloned().collect();
        for folder in wanted.difference(&self.watched) {
            match watcher.watch(folder, RecursiveMode::NonRecursive) {
                Ok(()) => drop(watched.insert(folder.clone())),
                // A folder that has gone meanwhile is no reason to do without.
                Err(_) if !folder.is_dir() => {}
                Err(error) => {
                    polls(&error);
                    self.watcher = None;
                    return;
                }
            }
        }
        self.watched = watched;
    }

    /// How long to wait for news before looking again.
    pub(super) fn longest(&self) -> Duration {
        if self.watcher.is_some() { ANYWAY } else { POLL }
    }
}

fn polls(error: &notify::Error) {
    let why = error.to_string();
    let text = "the system does not tell of changes, so that sources are looked at every second";
    terminal::warn(&format!("{text}: {}", Printable(&why)), None);
}

/// Has the signals that end a program sent over the channel. Where there are none, the program ends as usual.
pub(super) fn signals(sender: Sender<Told>) -> io::Result<()> {
    #[cfg(unix)]
    {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

        let mut signals = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM])?;
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for signal in signals.forever() {
                if sender.send(Told::Signal(signal)).is_err() {
                    return;
                }
            }
        })?;
    }
    #[cfg(not(unix))]
    drop(sender);
    Ok(())
}
