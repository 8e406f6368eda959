//! Tokens of schemas and of flatc's JSON, which has the same ones.

use hookr_abi::Printable;

use crate::source::Span;

/// A token, with the documentation comments right before it.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    /// What it is.
    pub(crate) kind: TokenKind,
    /// Where it stands, quotes and signs included.
    pub(crate) span: Span,
    /// The documentation comments since the token before: what follows the three slashes, blanks included.
    pub(crate) docs: Vec<String>,
}

/// What a token is. The text of names and numbers is that of the span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// The end of the text.
    End,
    /// A name or a keyword: `[A-Za-z_][A-Za-z0-9_]*`.
    Name,
    /// An integer, decimal or `0x…`, perhaps with a sign.
    Integer,
    /// A number with a point or an exponent, `0x….…p…`, `+inf` or `-inf`.
    Float,
    /// A string in `"` or `'`, its escapes resolved.
    Text(String),
    /// One of `{}()[]<>,:;=.`, or a `+` or `-` right before a name.
    Punctuation(u8),
    /// What is no token; it has been reported.
    Invalid,
}

impl Token {
    /// The token as a message names it; `text` is what it was read from.
    pub(crate) fn describe(&self, text: &str) -> String {
        let written = text.get(self.span.start as usize..self.span.end as usize).unwrap_or_default();
        let shown: String = written.chars().take(40).collect();
        let shown = if shown.len() < written.len() { shown + "…" } else { shown };
        match self.kind {
            TokenKind::End => "the end of the file".to_owned(),
            TokenKind::Name | TokenKind::Punctuation(_) | TokenKind::Invalid => format!("`{}`", Printable(&shown)),
            TokenKind::Integer | TokenKind::Float => format!("the number `{shown}`"),
            TokenKind::Text(_) => format!("the string {}", Printable(&shown)),
        }
    }

    pub(crate) fn is(&self, punctuation: u8) -> bool {
        self.kind == TokenKind::Punctuation(punctuation)
    }
}
