//! Where a plugin was when its call ended, for whoever has to mend it.

use std::fmt::{self, Write};
use std::path::PathBuf;

use hookr_abi::Printable;
use wasmtime::WasmBacktrace;

mod dump;

pub(crate) use dump::CoreDumps;

/// What is known of a plugin that trapped or was stopped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Crash {
    /// The functions that it was in.
    pub backtrace: Backtrace,
    /// The file that its memory was written to.
    pub core_dump: Option<PathBuf>,
    /// Whether it was being started: it had no state yet.
    pub at_start: bool,
}

/// The functions of a plugin that were running, the innermost first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backtrace {
    frames: Vec<Frame>,
}

/// A function of a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Frame {
    /// Its name, if the plugin has names in it. It is the word of whoever made the plugin, and not escaped; its first
    /// [`Backtrace::MAX_NAME`] bytes are kept.
    pub function: Option<String>,
    /// Its number in its module.
    pub index: u32,
    /// The place in it: bytes from the start of the module.
    pub offset: Option<usize>,
}

impl Crash {
    /// What an error of wasmtime's says of a plugin that was being started.
    pub(crate) fn at_start(error: &wasmtime::Error) -> Box<Self> {
        Box::new(Crash { backtrace: Backtrace::of(error), core_dump: None, at_start: true })
    }
}

impl Backtrace {
    /// So many frames are kept of a deep stack.
    pub const MAX_FRAMES: usize = 64;

    /// So many bytes are kept of a function's name. A name of Rust's can be a hundred characters in the file, and a million
    /// when it is written out.
    pub const MAX_NAME: usize = 1_000;

    /// The functions, the innermost first.
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// That in an error of wasmtime's.
    pub(crate) fn of(error: &wasmtime::Error) -> Self {
        let frames = error.downcast_ref::<WasmBacktrace>().map(WasmBacktrace::frames).unwrap_or_default();
        let frames = frames.iter().take(Self::MAX_FRAMES).map(|frame| Frame {
            function: frame.func_name().map(demangled),
            index: frame.func_index(),
            offset: frame.module_offset(),
        });
        Backtrace { frames: frames.collect() }
    }
}

/// As it is in the source, if it is a name of Rust's.
fn demangled(name: &str) -> String {
    let mut start = Start(String::new());
    // The error is that there is no more room.
    let _ = write!(start, "{:#}", rustc_demangle::demangle(name));
    start.0
}

/// The start of a text; what is beyond it is not even made.
struct Start(String);

impl Write for Start {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = Backtrace::MAX_NAME - self.0.len();
        let kept = text.floor_char_boundary(room);
        self.0.push_str(&text[..kept]);
        if kept < text.len() { Err(fmt::Error) } else { Ok(()) }
    }
}

/// A line for each function, escaped.
impl fmt::Display for Backtrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, frame) in self.frames.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{i:>4}: {frame}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.function {
            Some(name) => write!(f, "{}", Printable(name))?,
            None => write!(f, "function {}", self.index)?,
        }
        self.offset.map_or(Ok(()), |offset| write!(f, " at {offset:#x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_functions_are_demangled_and_cut_off() {
        assert_eq!(demangled("_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE"), "core::fmt::Write::write_fmt");
        assert_eq!(demangled("spin"), "spin");
        let long = format!("{}\u{e9}\u{e9}", "n".repeat(Backtrace::MAX_NAME - 1));
        assert_eq!(demangled(&long), "n".repeat(Backtrace::MAX_NAME - 1));
    }
}
