//! A line for people who wait: it shows up where something takes longer than a second, and is gone when that is done.
//!
//! The line is the last one of the terminal. Whatever else is written, by [`print`](super::print), [`say`](super::say) and the
//! like, takes it away first; the next tick puts it back below.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use unicode_width::UnicodeWidthStr as _;

use super::style::is_dumb;
use super::table::cut;
use super::units::time;

/// What takes less than this long has no line.
const PATIENCE: Duration = Duration::from_secs(1);

/// The time between two pictures of the line.
const TICK: Duration = Duration::from_millis(100);

const FRAMES: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// Whether the line is on the screen. Who writes to the terminal holds this.
static SHOWN: Mutex<bool> = Mutex::new(false);

fn shown() -> MutexGuard<'static, bool> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Something is going on, until this is dropped.
///
/// ```ignore
/// let compiling = Progress::start("compiling calc.wasm");
/// let code = compile()?;
/// drop(compiling);
/// ```
///
/// Nothing is shown with `--quiet`, and where stderr is no terminal or a dumb one. A program that writes to the terminal on its
/// own, cargo for instance, is started without one. Of several at a time, each would write over the others: start one.
#[derive(Debug)]
#[must_use = "it is over as soon as it is dropped"]
pub(crate) struct Progress(Option<(Sender<()>, JoinHandle<()>)>);

/// Whether there is anybody to see what goes on: stderr is a terminal, not a dumb one, and nobody has said `--quiet`.
pub(crate) fn is_wanted() -> bool {
    !super::is_quiet() && io::stderr().is_terminal() && !is_dumb()
}

impl Progress {
    /// Starts; the text says what is going on, escaped, on one line: `compiling calc.wasm`.
    pub(crate) fn start(text: impl Into<String>) -> Self {
        if !is_wanted() {
            return Progress(None);
        }
        let (text, start) = (text.into(), Instant::now());
        let (done, waiting) = mpsc::channel();
        let thread = std::thread::Builder::new().spawn(move || {
            let mut wait = PATIENCE;
            let mut frames = FRAMES.iter().cycle();
            while let (Err(RecvTimeoutError::Timeout), Some(frame)) = (waiting.recv_timeout(wait), frames.next()) {
                wait = TICK;
                let columns = terminal_size::terminal_size_of(io::stderr()).map(|(width, _)| usize::from(width.0));
                let line = line(frame, &text, start.elapsed(), columns.unwrap_or(80));
                let mut shown = shown();
                *shown = true;
                let _ = write!(io::stderr().lock(), "\r{line}\x1b[K");
            }
        });
        // Without a thread, nobody is told what is going on, and it goes on.
        Progress(thread.ok().map(|thread| (done, thread)))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((done, thread)) = self.0.take() {
            let _ = done.send(());
            let _ = thread.join();
            aside(|| ());
        }
    }
}

/// Does something with the line out of the way: everything that writes to the terminal.
pub(super) fn aside<T>(write: impl FnOnce() -> T) -> T {
    let mut shown = shown();
    if std::mem::take(&mut *shown) {
        let _ = write!(io::stderr().lock(), "\r\x1b[K");
    }
    write()
}

/// The line, shorter than the terminal is wide: a longer one would go on in the next, and stay there.
fn line(frame: &str, text: &str, elapsed: Duration, columns: usize) -> String {
    let elapsed = time(Duration::from_secs(elapsed.as_secs()).max(PATIENCE)).replace(".0 s", " s");
    let text = cut(text, columns.saturating_sub(elapsed.width() + 5));
    cut(&format!("{frame} {text}  {elapsed}"), columns.saturating_sub(1)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_takes_how_long_and_fits() {
        let of =
            |seconds: u64, columns| line("⠋", "compiling a.wasm", Duration::from_millis(seconds * 1000 + 700), columns);
        assert_eq!(of(3, 80), "⠋ compiling a.wasm  3 s");
        assert_eq!(of(75, 80), "⠋ compiling a.wasm  1 min 15 s");
        assert_eq!(of(3, 20), "⠋ compiling a…  3 s");
        for columns in 0..40 {
            assert!(of(75, columns).width() < columns.max(1), "{columns}");
        }
    }
}
