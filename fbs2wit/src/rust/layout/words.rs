//! Rust as words.

use std::fmt::{Display, Write as _};

use proc_macro2::Delimiter;

/// A text as words, groups included, in their order.
#[derive(Default)]
pub(super) struct Words {
    text: String,
    list: Vec<Word>,
}

/// An identifier, a literal, an operator, a bracket, or a comment as a whole.
#[derive(Clone, Copy)]
pub(super) struct Word {
    start: usize,
    end: usize,
    /// Where it ends if everything is on one line.
    column: usize,
    /// Whether a space stands before it on a line.
    pub(super) space: bool,
    pub(super) kind: Kind,
}

/// What a word does to lines.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// Nothing.
    Plain,
    /// Begins a group.
    Open(Open),
    /// Ends a group, and maybe a line.
    Close { ends_line: bool },
    /// Ends an element of a list. One behind the last element is there only where each element has a line of its own.
    Comma { last: bool },
    /// Ends a statement.
    Semicolon,
    /// Has a line of its own, and may be the documentation of what follows.
    Comment { documents: bool },
    /// The `.` before a method that is called.
    Call,
}

/// A bracket that opens, or a `<`, which has no delimiter.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Open {
    pub(super) delimiter: Delimiter,
    /// The word that closes it.
    pub(super) close: usize,
    /// Whether what is inside cannot be on one line.
    pub(super) broken: bool,
    /// Whether a comma goes behind the last element if each has a line of its own.
    pub(super) comma: bool,
}

impl Words {
    /// Forgets the words.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.list.clear();
    }

    /// How many words there are.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// A word.
    pub(super) fn get(&self, at: usize) -> Word {
        self.list[at]
    }

    /// The text of a word; empty where there is none.
    pub(super) fn text(&self, at: usize) -> &str {
        self.list.get(at).map_or("", |word| &self.text[word.start..word.end])
    }

    /// The text of a word counted from the end, whose last is 1.
    pub(super) fn last_text(&self, back: usize) -> &str {
        self.len().checked_sub(back).map_or("", |at| self.text(at))
    }

    /// How wide some words are on one line, without the space before them.
    pub(super) fn width(&self, from: usize, to: usize) -> usize {
        match to.checked_sub(1) {
            Some(last) if from <= last => {
                let first = self.list[from];
                self.list[last].column + (first.end - first.start) - first.column
            }
            _ => 0,
        }
    }

    /// The words that are in no group, and the brackets of groups.
    pub(super) fn outermost(&self, from: usize, to: usize) -> impl Iterator<Item = usize> {
        let next = |at: usize| match self.list[at].kind {
            Kind::Open(open) => open.close,
            _ => at + 1,
        };
        std::iter::successors(Some(from), move |at| Some(next(*at)).filter(|next| *next < to)).take(to - from)
    }

    /// The groups that are in no other.
    pub(super) fn groups(&self, from: usize, to: usize) -> impl Iterator<Item = (usize, Open)> {
        self.outermost(from, to).filter_map(|at| match self.list[at].kind {
            Kind::Open(open) => Some((at, open)),
            _ => None,
        })
    }

    /// Whether a word ends an element of a list.
    pub(super) fn is_comma(&self, at: usize) -> bool {
        matches!(self.list[at].kind, Kind::Comma { .. })
    }

    /// Whether it is a comma that is there only where each element has a line of its own.
    pub(super) fn is_last_comma(&self, at: usize) -> bool {
        self.list[at].kind == Kind::Comma { last: true }
    }

    /// Whether it has a space on both sides.
    pub(super) fn is_infix(&self, at: usize) -> bool {
        self.list[at].space && self.list.get(at + 1).is_some_and(|next| next.space)
    }

    /// Adds a word.
    pub(super) fn push(&mut self, text: impl Display, space: bool, kind: Kind) {
        let start = self.text.len();
        // Writing to a string does not fail.
        let _ = write!(self.text, "{text}");
        let end = self.text.len();
        let width = if kind == (Kind::Comma { last: true }) { 0 } else { end - start + usize::from(space) };
        let column = self.list.last().map_or(0, |word| word.column) + width;
        self.list.push(Word { start, end, column, space, kind });
    }

    /// Says that a word begins a group.
    pub(super) fn open(&mut self, at: usize, open: Open) {
        self.list[at].kind = Kind::Open(open);
    }

    /// Takes the last word back.
    pub(super) fn pop(&mut self) {
        if let Some(word) = self.list.pop() {
            self.text.truncate(word.start);
        }
    }
}
