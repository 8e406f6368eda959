//! Standard output and standard error: who gets colours, and what happens when nobody reads any more.

use std::io::{self, ErrorKind, IsTerminal, Write as _};

use clap::ValueEnum;
use hookr_abi::Printable;

use crate::exit::Exit;
use crate::failure::{Context as _, Result};

/// When text gets colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless the environment variable NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl ColorChoice {
    /// The style of what is written to stderr.
    pub(crate) fn stderr(self) -> Style {
        self.style(&io::stderr())
    }

    /// The style of what is written to stdout.
    pub(crate) fn stdout(self) -> Style {
        self.style(&io::stdout())
    }

    fn style(self, stream: &impl IsTerminal) -> Style {
        let colored = match self {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
                let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
                stream.is_terminal() && !refused && !dumb
            }
        };
        Style { colored }
    }
}

/// How words are marked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    colored: bool,
}

impl Style {
    /// Without colours.
    pub(crate) const PLAIN: Style = Style { colored: false };

    /// Whether there are colours at all.
    pub(crate) fn is_colored(self) -> bool {
        self.colored
    }

    pub(crate) fn error(self, text: &str) -> String {
        self.paint("1;31", text)
    }

    pub(crate) fn hint(self, text: &str) -> String {
        self.paint("1;36", text)
    }

    pub(crate) fn strong(self, text: &str) -> String {
        self.paint("1", text)
    }

    pub(crate) fn warning(self, text: &str) -> String {
        self.paint("1;33", text)
    }

    pub(crate) fn added(self, text: &str) -> String {
        self.paint("32", text)
    }

    pub(crate) fn removed(self, text: &str) -> String {
        self.paint("31", text)
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.colored { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// Writes the payload of a command: all that stdout ever gets.
///
/// A reader that has gone (`hookr inspect … | head -1`) has what it wanted; that is no error.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).or_fail(Exit::Input, || "cannot write to standard output".to_owned())
        }
        _ => Ok(()),
    }
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

/// Writes a line about the result to stderr.
pub(crate) fn say(line: &str) {
    // Where nobody can read it, there is nobody to tell either.
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Writes a line about what is going on, for people who wait: only where stderr is a terminal.
pub(crate) fn progress(line: &str) {
    if io::stderr().is_terminal() {
        say(line);
    }
}
