//! What plugins write: lines of text, given to the host.
//!
//! A plugin writes to its standard output or error, if the host [grants](crate::Grants::output) it that. What it writes is
//! taken apart into lines, and each is given to the function that [`Builder::log`](crate::Builder::log) has set, on the
//! thread of the call and while it lasts. A line is bounded in length, and a call in how much it writes
//! ([`Limits::log`](crate::Limits::log)); what is beyond is dropped, and a record says how much that was.

use std::fmt;

use hookr_abi::Printable;

/// The most bytes of a line; a longer one becomes several records.
pub const MAX_LINE: usize = 4096;

/// One line of text from a plugin.
///
/// The text is what the plugin wrote. Its `Display` is made for terminals and log files: it says where the line comes from,
/// and what could deceive a reader is escaped.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct LogRecord<'a> {
    /// The name of the plugin.
    pub plugin: &'a str,
    /// Where the line comes from.
    pub source: LogSource,
    /// The line, without its end. It may hold anything: escape it before you print it.
    pub text: &'a str,
}

impl fmt::Display for LogRecord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", Printable(self.plugin), self.source, Printable(self.text))
    }
}

/// Where a line comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum LogSource {
    /// The standard output of the plugin.
    Stdout,
    /// The standard error of the plugin.
    Stderr,
    /// The host: it says how much was dropped.
    Host,
}

impl fmt::Display for LogSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LogSource::Stdout => "stdout",
            LogSource::Stderr => "stderr",
            LogSource::Host => "host",
        })
    }
}

/// What gets the records.
pub(crate) type Sink = std::sync::Arc<dyn Fn(&LogRecord<'_>) + Send + Sync>;

pub(crate) use lines::Log;

mod lines;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_record_is_one_line_without_surprises() {
        let record = LogRecord { plugin: "a\x1b", source: LogSource::Stderr, text: "red \x1b[31m\u{202e}" };
        assert_eq!(record.to_string(), "a\\u{1b} stderr: red \\u{1b}[31m\\u{202e}");
    }
}
