//! What the command says and how: one voice for all commands.
//!
//! **Streams.** [`print()`] and [`print_json`] write the payload, which is all that stdout ever gets; with `--json`, that is one
//! JSON document. Everything else goes to stderr:
//!
//! | what                                      | by                              | with `--quiet` |
//! |-------------------------------------------|---------------------------------|----------------|
//! | an error, with causes, notes and hints    | `main`, from what `run` returns | shown          |
//! | a warning: it goes on, but look at it     | [`warn`]                        | shown          |
//! | a line that a plugin logs                 | [`log`]                         | from `warn` on |
//! | what was done, what comes next            | [`say`]                         | silent         |
//! | what takes its time                       | [`Progress`]                    | silent         |
//!
//! **Sentences.** What was done starts with a verb in the past tense and a small letter, and has no full stop: `wrote a.wasm
//! (20.1 KiB)`. Sizes are those of [`size`], times those of [`time`]; a report of one file has exact numbers of bytes.
//!
//! **Colours.** Each has one meaning, [`Meaning`], and nothing is said by a colour alone. There are none where the stream is
//! no terminal, where NO_COLOR is set, or where TERM is `dumb`, unless `--color always` asks for them.
//!
//! **Tables.** [`Table`] aligns columns, as wide as a terminal shows the text.

mod progress;
mod style;
mod table;
mod units;

use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::sync::OnceLock;

use hookr::log::LogRecord;
use hookr_abi::Printable;

use crate::exit::Exit;
use crate::failure::{Context as _, Result};
use crate::hint::Hint;

pub(crate) use progress::{Progress, is_wanted as shows_progress};
pub(crate) use style::{ColorChoice, Meaning, Style};
pub(crate) use table::{Cell, Table};
pub(crate) use units::{size, time};

/// How this run talks. `main` sets it once, before any command runs.
static VOICE: OnceLock<Voice> = OnceLock::new();

#[derive(Clone, Copy, Debug)]
struct Voice {
    color: ColorChoice,
    quiet: bool,
}

/// Sets how this run talks; what was set first counts.
pub(crate) fn init(color: ColorChoice, quiet: bool) {
    let _ = VOICE.set(Voice { color, quiet });
}

fn voice() -> Voice {
    VOICE.get().copied().unwrap_or(Voice { color: ColorChoice::Auto, quiet: false })
}

/// Whether there is to be no information and no progress.
pub(crate) fn is_quiet() -> bool {
    voice().quiet
}

/// When this run has colours, for programs that it starts.
pub(crate) fn color() -> ColorChoice {
    voice().color
}

/// How many columns the terminal has that stdout is; `None` where it is none, so that nothing is cut there.
pub(crate) fn width() -> Option<usize> {
    let size = io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
    size.map(|(width, _)| usize::from(width.0))
}

/// Writes the payload of a command: all that stdout ever gets.
///
/// A reader that has gone (`hookr inspect … | head -1`) has what it wanted; that is no error.
pub(crate) fn print(text: &str) -> Result<()> {
    progress::aside(|| {
        let mut stdout = io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(error).or_fail(Exit::Input, || "cannot write to standard output".to_owned())
            }
            _ => Ok(()),
        }
    })
}

/// Writes JSON as the payload of a command. Characters that could deceive a reader or a terminal become escapes of JSON,
/// so that programs read the same values.
pub(crate) fn print_json(json: &serde_json::Value) -> Result<()> {
    print(&(escaped(&format!("{json:#}")) + "\n"))
}

/// Outside of strings, JSON has no character that is escaped.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if Printable::escapes(c) {
            out.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
    }
    out
}

/// Writes a line about what was done to stderr; nothing with `--quiet`.
pub(crate) fn say(line: &str) {
    if !is_quiet() {
        tell(line);
    }
}

/// Writes a warning to stderr, with what to do about it. The text comes without `warning:`.
pub(crate) fn warn(text: &str, hint: Option<&Hint>) {
    let style = voice().color.stderr();
    tell(&format!("{} {text}", style.paint(Meaning::Warning, "warning:")));
    if let Some(hint) = hint {
        tell(&format!("  {} {hint}", style.paint(Meaning::Hint, "hint:")));
    }
}

/// Writes what a plugin logs to stderr; with `--quiet`, only warnings and errors.
pub(crate) fn log(record: &LogRecord<'_>) {
    if !is_quiet() || record.level >= hookr::log::Level::Warn {
        // A record escapes what it shows.
        tell(&record.to_string());
    }
}

/// Writes lines to stderr, whatever was asked for: for errors, and for what [`say`], [`warn`] and [`log`] let through.
pub(crate) fn tell(lines: &str) {
    // Where nobody can read it, there is nobody to tell either.
    progress::aside(|| {
        let _ = writeln!(io::stderr().lock(), "{lines}");
    });
}
