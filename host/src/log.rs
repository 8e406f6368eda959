//! What plugins say to people, given to the host.
//!
//! A plugin logs messages through `hookr:abi/log`, which every plugin may do, and it writes lines to its standard output or
//! error, if the host grants it that. Each message and each line is a [record](LogRecord). It is given
//! to the function that [`Builder::log`](crate::Builder::log) has set, on the thread of the call and while it lasts. With the
//! feature `tracing`, which is on by default, it is also an event of the crate `tracing`, with the target `hookr::plugin`, the
//! level of the record, the fields `plugin`, `source` and `guest_target`, and the text as its message; texts of the plugin are
//! escaped there, as [`Printable`] does it.
//!
//! A record is bounded in length, and a call in how much it says ([`Limits::log`](crate::Limits::log)); what is beyond is
//! dropped, and a record says how much that was. What nobody listens to is not counted: plugins are told, so that they do not
//! make it.

use std::fmt;

use hookr_abi::Printable;

pub use hookr_abi::log::Level;

mod audience;
mod import;
mod lines;
mod meter;

pub(crate) use audience::Audience;
pub(crate) use import::link;
pub(crate) use meter::Log;

/// The most bytes of a line, or of a message; a longer one becomes several records.
pub const MAX_LINE: usize = 4096;

/// The most bytes of a target; of a longer one, the rest is left out.
pub const MAX_TARGET: usize = 256;

/// One line of text from a plugin, or one message.
///
/// The text is what the plugin wrote. Its `Display` is made for terminals and log files: it says where the text comes from,
/// and what could deceive a reader is escaped.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct LogRecord<'a> {
    /// The name of the plugin.
    pub plugin: &'a str,
    /// Where the text comes from.
    pub source: LogSource,
    /// How much it matters. Of a message, the plugin says so; lines of the standard output are [`Level::Info`], those of the
    /// standard error and what the host says are [`Level::Warn`].
    pub level: Level,
    /// Which part of the plugin has logged the message, as the plugin says: a path of modules, most of the time. Empty
    /// for lines, and for what the host says. Escape it before you print it.
    pub target: &'a str,
    /// The line, without its end, or the message. It may hold anything: escape it before you print it.
    pub text: &'a str,
}

impl fmt::Display for LogRecord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LogRecord { plugin, source, level, target, text } = *self;
        write!(f, "{} ", Printable(plugin))?;
        match source {
            LogSource::Log if target.is_empty() => write!(f, "{level}")?,
            LogSource::Log => write!(f, "{level} {}", Printable(target))?,
            _ => write!(f, "{source}")?,
        }
        write!(f, ": {}", Printable(text))
    }
}

/// Where a record comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum LogSource {
    /// The standard output of the plugin.
    Stdout,
    /// The standard error of the plugin.
    Stderr,
    /// The host: it says how much was dropped.
    Host,
    /// A message that the plugin has logged.
    Log,
}

impl LogSource {
    /// The word for it: `stdout`.
    pub fn name(self) -> &'static str {
        match self {
            LogSource::Stdout => "stdout",
            LogSource::Stderr => "stderr",
            LogSource::Host => "host",
            LogSource::Log => "log",
        }
    }
}

impl fmt::Display for LogSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_record_is_one_line_without_surprises() {
        let line = LogRecord {
            plugin: "a\x1b",
            source: LogSource::Stderr,
            level: Level::Warn,
            target: "",
            text: "red \x1b[31m\u{202e}",
        };
        assert_eq!(line.to_string(), "a\\u{1b} stderr: red \\u{1b}[31m\\u{202e}");
        let message = LogRecord { source: LogSource::Log, target: "b\n", ..line };
        assert_eq!(message.to_string(), "a\\u{1b} warn b\\n: red \\u{1b}[31m\\u{202e}");
        assert_eq!(LogRecord { plugin: "a", target: "", text: "", ..message }.to_string(), "a warn: ");
    }
}
