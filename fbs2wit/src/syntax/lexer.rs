//! Text → tokens, by flatc's rules: comments of both kinds, documentation comments on lines of their own, hexadecimal
//! integers and floats, strings in either quote.

mod number;
mod text;

use super::token::{Token, TokenKind};
use crate::diag::{Code, Diagnostic};
use crate::source::{FileId, Span};

/// Reads tokens one after the other. A clone looks ahead.
#[derive(Clone, Debug)]
pub(crate) struct Lexer<'a> {
    text: &'a str,
    file: FileId,
    at: usize,
    lossy: bool,
}

impl<'a> Lexer<'a> {
    /// Reads `text`, which is the text of `file`.
    pub(crate) fn new(text: &'a str, file: FileId) -> Self {
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Lexer { text, file, at, lossy: false }
    }

    /// Says that the text was not UTF-8 and that U+FFFD may stand for what could not be read: comments may have it,
    /// strings may not.
    pub(crate) fn lossy(mut self, lossy: bool) -> Self {
        self.lossy = lossy;
        self
    }

    /// Starts at this byte instead.
    pub(crate) fn starting_at(mut self, at: u32) -> Self {
        self.at = (at as usize).min(self.text.len());
        self
    }

    /// The text that is read.
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// The next token, [`TokenKind::End`] forever at the end.
    ///
    /// # Errors
    ///
    /// What is no token; the next call goes on behind it.
    pub(crate) fn next_token(&mut self) -> Result<Token, Diagnostic> {
        let docs = self.skip_blank()?;
        let start = self.at;
        let kind = match self.peek(0) {
            None => TokenKind::End,
            Some(quote @ (b'"' | b'\'')) => self.string(quote)?,
            Some(byte) if is_name_start(byte) => {
                self.at += 1;
                self.skip_while(is_name_part);
                TokenKind::Name
            }
            Some(b'{' | b'}' | b'(' | b')' | b'[' | b']' | b'<' | b'>' | b',' | b':' | b';' | b'=') => {
                self.punctuation()
            }
            Some(b'.') if !self.peek(1).is_some_and(|byte| byte.is_ascii_digit()) => self.punctuation(),
            Some(byte @ (b'+' | b'-' | b'.' | b'0'..=b'9')) => self.number(byte)?,
            Some(_) => return Err(self.illegal_character()),
        };
        Ok(Token { kind, span: self.span_from(start), docs })
    }

    fn punctuation(&mut self) -> TokenKind {
        let byte = self.text.as_bytes().get(self.at).copied().unwrap_or_default();
        self.at += 1;
        TokenKind::Punctuation(byte)
    }

    fn illegal_character(&mut self) -> Diagnostic {
        let start = self.at;
        let character = self.text.get(start..).and_then(|rest| rest.chars().next()).unwrap_or_default();
        self.at += character.len_utf8();
        if self.lossy && character == '\u{fffd}' {
            while self.text.get(self.at..).is_some_and(|rest| rest.starts_with('\u{fffd}')) {
                self.at += character.len_utf8();
            }
            return Diagnostic::new(Code::InvalidUtf8, self.span_from(start), "this is not UTF-8")
                .label("the bytes here are not text")
                .help("save the file as UTF-8");
        }
        let shown = if character.is_ascii_graphic() {
            format!("`{character}`")
        } else {
            format!("U+{:04X}", u32::from(character))
        };
        let error =
            Diagnostic::new(Code::IllegalCharacter, self.span_from(start), format!("illegal character {shown}"))
                .label("no name, number, string or punctuation starts with it");
        match character {
            '#' => error.help("comments start with `//`"),
            // As other languages write types of values that may be absent.
            '?' => error
                .help("fields of tables may be absent as they are, but for scalars: these need the default `= null`"),
            _ => error,
        }
    }

    /// Skips blanks and comments; collects documentation comments.
    fn skip_blank(&mut self) -> Result<Vec<String>, Diagnostic> {
        let mut docs = Vec::new();
        let mut own_line = self.at == 0;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some(b' ' | b'\t' | b'\r'), _) => self.at += 1,
                (Some(b'\n'), _) => {
                    own_line = true;
                    self.at += 1;
                }
                (Some(b'/'), Some(b'/')) => {
                    let start = self.at;
                    self.skip_while(|byte| byte != b'\n' && byte != b'\r');
                    let comment = self.text.get(start..self.at).unwrap_or_default();
                    if let Some(doc) = comment.strip_prefix("///") {
                        if !own_line {
                            return Err(self.misplaced_doc(start));
                        }
                        docs.push(doc.to_owned());
                    }
                }
                (Some(b'/'), Some(b'*')) => self.skip_block_comment()?,
                _ => return Ok(docs),
            }
        }
    }

    fn skip_block_comment(&mut self) -> Result<(), Diagnostic> {
        let start = self.at;
        let body = self.text.get(start + 2..).unwrap_or_default();
        match body.find("*/") {
            Some(length) => {
                self.at = start + 2 + length + 2;
                Ok(())
            }
            None => {
                self.at = self.text.len();
                let opening = Span { end: u32_of(start + 2), ..self.span_from(start) };
                Err(Diagnostic::new(Code::UnterminatedComment, opening, "end of file in a comment")
                    .label("this comment is never closed")
                    .help("close it with `*/`"))
            }
        }
    }

    fn misplaced_doc(&self, start: usize) -> Diagnostic {
        Diagnostic::new(
            Code::MisplacedDocumentation,
            self.span_from(start),
            "a documentation comment must stand on a line of its own",
        )
        .label("something stands before it on this line")
        .help("put it on the line before what it documents, or write `//` for a comment that documents nothing")
    }

    /// The byte `ahead` bytes from here.
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn skip_while(&mut self, accept: impl Fn(u8) -> bool) {
        while self.peek(0).is_some_and(&accept) {
            self.at += 1;
        }
    }

    fn span_from(&self, start: usize) -> Span {
        Span { file: self.file, start: u32_of(start), end: u32_of(self.at) }
    }
}

/// Texts are shorter than 4 GiB: their size is bounded where they are read.
fn u32_of(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

pub(super) fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

fn is_name_part(byte: u8) -> bool {
    is_name_start(byte) || byte.is_ascii_digit()
}

#[cfg(test)]
mod tests;
