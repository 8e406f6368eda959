//! How far a run has come, for whoever sits at a terminal.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// One line on the standard error that is written over again and again. Nothing is written where nobody looks.
pub struct Progress {
    /// When the line was written last; `None` if it never is.
    last: Option<Instant>,
    written: bool,
}

/// How long a line stays.
const PAUSE: Duration = Duration::from_millis(200);

impl Progress {
    /// Writes, if the standard error is a terminal.
    pub fn new() -> Self {
        Progress { last: std::io::stderr().is_terminal().then(Instant::now), written: false }
    }

    /// Writes nothing.
    pub fn none() -> Self {
        Progress { last: None, written: false }
    }

    /// Shows how many turns of a group are over. It takes no time that is measured.
    pub fn show(&mut self, what: &str, turn: u32, turns: u32) {
        if let Some(last) = &mut self.last
            && last.elapsed() >= PAUSE
        {
            let percent = u64::from(turn) * 100 / u64::from(turns.max(1));
            // A terminal that is gone is no reason to stop.
            let _ = write!(std::io::stderr(), "\r\x1b[K{what}: {percent} %");
            *last = Instant::now();
            self.written = true;
        }
    }

    /// Takes the line away.
    pub fn clear(&mut self) {
        if std::mem::take(&mut self.written) {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

impl Default for Progress {
    fn default() -> Self {
        Progress::new()
    }
}
