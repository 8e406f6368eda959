//! Tokens as text, much as rustfmt would have them.
//!
//! Nothing is parsed: what is a statement, a list or a body shows in the tokens themselves, in their brackets, commas and
//! semicolons. That takes a small part of the time that a syntax tree takes, and what macros hold is laid out like
//! everything else. White space and commas at the end of lists are all that is decided here: a guess that is wrong looks
//! odd, and means the same.

mod lines;
mod literal;
mod reading;
#[cfg(test)]
mod tests;
mod words;

use proc_macro2::TokenStream;

use lines::{Before, Lines};
use words::Words;

pub(super) use lines::{INDENT, WIDTH};

/// The text of a file, which grows item by item.
#[derive(Default)]
pub(super) struct Layout {
    text: String,
    before: Before,
    /// Empty between calls; kept for its memory.
    words: Words,
}

impl Layout {
    /// A file that begins with a text.
    pub(super) fn new(head: String) -> Self {
        Layout { text: head, ..Layout::default() }
    }

    /// Adds items, with a blank line before those that want one.
    ///
    /// Tokens have no comments: a statement `safety!("…");` becomes a line `// SAFETY: …`.
    pub(super) fn items(&mut self, tokens: TokenStream) {
        self.words.read(tokens);
        self.before = Lines::new(&self.words, &mut self.text).items(0, self.before);
        self.words.clear();
    }

    /// Adds items that are lines already.
    pub(super) fn lines(&mut self, lines: &str) {
        if self.before != Before::Start {
            self.text.push('\n');
        }
        self.text.push_str(lines);
        self.before = Before::Block;
    }

    /// The text.
    pub(super) fn finish(self) -> String {
        self.text
    }
}

/// Adds lines that are indented.
pub(super) fn indented(tokens: TokenStream, indent: usize, out: &mut String) {
    let mut words = Words::default();
    words.read(tokens);
    Lines::new(&words, out).items(indent, Before::Start);
}

/// The tokens on one line.
pub(super) fn line(tokens: TokenStream) -> String {
    let mut words = Words::default();
    words.read(tokens);
    let mut out = String::new();
    Lines::new(&words, &mut out).one();
    out
}
