use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hookr_abi::log::Level;
use parking_lot::Mutex;

use super::lines::Line;
use super::{Audience, LogRecord, LogSource, MAX_LINE, MAX_TARGET};

/// Makes records of what one instance says. Its clones are the same log: the streams of WASI hold some.
#[derive(Clone)]
pub(crate) struct Log(Arc<Shared>);

struct Shared {
    audience: Audience,
    plugin: Arc<str>,
    /// How many bytes a call may say.
    limit: usize,
    /// Whether there is something to do when the call is over.
    is_used: AtomicBool,
    said: Mutex<Said>,
}

/// What the call that runs has said.
#[derive(Default)]
struct Said {
    /// How many bytes that is.
    used: usize,
    /// How many bytes were dropped.
    dropped: u64,
    stdout: Line,
    stderr: Line,
}

impl Log {
    pub(crate) fn new(audience: Audience, plugin: Arc<str>, limit: usize) -> Self {
        let said = Mutex::default();
        Log(Arc::new(Shared { audience, plugin, limit, is_used: AtomicBool::new(false), said }))
    }

    /// Takes what a plugin writes to one of its two streams.
    #[cfg_attr(not(feature = "wasi"), allow(dead_code))]
    pub(crate) fn write(&self, source: LogSource, bytes: &[u8]) {
        let level = stream_level(source);
        if !self.listens_to(level) {
            return;
        }
        let mut said = self.use_it();
        let kept = said.room(self.0.limit).min(bytes.len());
        said.count(kept, bytes.len());
        let (kept, _) = bytes.split_at(kept);
        let line = if source == LogSource::Stderr { &mut said.stderr } else { &mut said.stdout };
        line.push(kept, |text| self.0.tell(source, level, "", text));
    }

    /// Takes a message. It counts as a line does that has the target in it.
    pub(super) fn message(&self, level: Level, target: &str, text: &str) {
        if !self.listens_to(level) {
            return;
        }
        let (target, _) = target.split_at(target.floor_char_boundary(MAX_TARGET));
        let before = target.len() + 1;
        let mut said = self.use_it();
        let kept = said.room(self.0.limit).checked_sub(before).map(|room| text.floor_char_boundary(room));
        said.count(kept.map_or(0, |kept| before + kept), before + text.len());
        drop(said);
        // What there is room for is given out.
        let mut rest = kept.map(|kept| text.split_at(kept).0);
        while let Some(text) = rest {
            let (record, later) = text.split_at(text.floor_char_boundary(MAX_LINE));
            self.0.tell(LogSource::Log, level, target, record);
            rest = Some(later).filter(|later| !later.is_empty());
        }
    }

    /// Whether anybody listens to what matters so much.
    pub(super) fn listens_to(&self, level: Level) -> bool {
        self.0.audience.listens_to(level)
    }

    /// WIT's `verbosity`, as a number.
    pub(super) fn verbosity(&self) -> u8 {
        self.0.audience.verbosity()
    }

    /// Says that a call is over: lines without an end are given out, and the next call may say as much again.
    #[inline]
    pub(crate) fn end_of_call(&self) {
        if self.0.is_used.load(Ordering::Relaxed) {
            self.0.end_of_call();
        }
    }

    fn use_it(&self) -> parking_lot::MutexGuard<'_, Said> {
        self.0.is_used.store(true, Ordering::Relaxed);
        self.0.said.lock()
    }
}

impl Said {
    /// How many bytes the call may say yet.
    fn room(&self, limit: usize) -> usize {
        limit.saturating_sub(self.used)
    }

    /// Of so many bytes, so many were kept.
    fn count(&mut self, kept: usize, all: usize) {
        self.used += kept;
        self.dropped = self.dropped.saturating_add((all - kept) as u64);
    }
}

impl Shared {
    fn tell(&self, source: LogSource, level: Level, target: &str, text: &str) {
        self.audience.tell(&LogRecord { plugin: &self.plugin, source, level, target, text });
    }

    #[cold]
    fn end_of_call(&self) {
        self.is_used.store(false, Ordering::Relaxed);
        let mut said = self.said.lock();
        let dropped = std::mem::take(&mut said.dropped);
        said.used = 0;
        for source in [LogSource::Stdout, LogSource::Stderr] {
            let line = if source == LogSource::Stderr { &mut said.stderr } else { &mut said.stdout };
            line.end(|text| self.tell(source, stream_level(source), "", text));
        }
        if dropped > 0 {
            let limit = self.limit;
            let text = &format!("{dropped} bytes were dropped: a call may write {limit} bytes (limit `log`)");
            self.tell(LogSource::Host, Level::Warn, "", text);
        }
    }
}

/// How much a line matters.
fn stream_level(source: LogSource) -> Level {
    if source == LogSource::Stdout { Level::Info } else { Level::Warn }
}

/// An instance that is lost may have said something, a last message for instance.
impl Drop for Shared {
    fn drop(&mut self) {
        // A second panic, out of the sink, would end the process.
        if !std::thread::panicking() && *self.is_used.get_mut() {
            self.end_of_call();
        }
    }
}

#[cfg(test)]
mod tests;
