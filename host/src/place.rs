use std::fmt;

/// A place in a text, from 1. A column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Place {
    /// The place of a byte.
    pub(crate) fn of(text: &str, byte: usize) -> Self {
        let before: String = text.char_indices().take_while(|(at, _)| *at < byte).map(|(_, c)| c).collect();
        let last = before.rsplit('\n').next().unwrap_or("");
        Place { line: before.matches('\n').count() + 1, column: last.chars().count() + 1 }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}
