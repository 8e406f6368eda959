//! Strings and their escapes.

use super::Lexer;
use crate::diag::{Code, Diagnostic};
use crate::syntax::token::TokenKind;

impl Lexer<'_> {
    /// A string; the quote is at hand.
    pub(super) fn string(&mut self, quote: u8) -> Result<TokenKind, Diagnostic> {
        let start = self.at;
        self.at += 1;
        // Bytes, because `\xNN` gives bytes: two of them may make one character.
        let mut value = Vec::new();
        let mut problem = None;
        loop {
            match self.peek(0) {
                Some(byte) if byte == quote => {
                    self.at += 1;
                    break;
                }
                Some(b'\\') => {
                    if let Err(error) = self.escape(&mut value) {
                        problem = problem.or(Some(error));
                    }
                }
                Some(byte) if byte >= b' ' => {
                    value.push(byte);
                    self.at += 1;
                }
                Some(byte) if !matches!(byte, b'\n' | b'\r' | 0) => {
                    let at = self.at;
                    self.at += 1;
                    let error = Diagnostic::new(
                        Code::IllegalInString,
                        self.span_from(at),
                        format!("illegal character in a string: U+{byte:04X}"),
                    )
                    .label("control characters may not stand in a string")
                    .help("write it as an escape, `\\t` for instance");
                    problem = problem.or(Some(error));
                }
                _ => {
                    let error = Diagnostic::new(
                        Code::IllegalInString,
                        self.span_from(start),
                        "illegal end of line in a string: it is not closed",
                    )
                    .label("this string has no closing quote")
                    .help(format!("close it with `{}`; a line break is written `\\n`", char::from(quote)));
                    return Err(error);
                }
            }
        }
        if let Some(problem) = problem {
            return Err(problem);
        }
        let replaced = self.lossy && self.text.get(start..self.at).is_some_and(|raw| raw.contains('\u{fffd}'));
        match String::from_utf8(value) {
            Ok(value) if !replaced => Ok(TokenKind::Text(value)),
            _ => Err(Diagnostic::new(Code::InvalidUtf8, self.span_from(start), "illegal UTF-8 in a string")
                .label("the bytes of this string are not text")
                .help("save the file as UTF-8; strings of FlatBuffers hold nothing else")),
        }
    }

    /// An escape; the backslash is at hand.
    fn escape(&mut self, value: &mut Vec<u8>) -> Result<(), Diagnostic> {
        let start = self.at;
        let letter = self.peek(1);
        self.at += 2;
        let plain = match letter {
            Some(b'n') => b'\n',
            Some(b't') => b'\t',
            Some(b'r') => b'\r',
            Some(b'b') => 0x08,
            Some(b'f') => 0x0c,
            Some(byte @ (b'"' | b'\'' | b'\\' | b'/')) => byte,
            Some(b'x') => {
                let byte = self.hex(2, start)?;
                value.push(u8::try_from(byte).unwrap_or_default());
                return Ok(());
            }
            Some(b'u') => {
                let character = self.unicode(start)?;
                value.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
            _ => {
                // What follows the backslash may be the end of the line or a character of several bytes.
                self.at = start + 1;
                return Err(self
                    .bad_escape(start, "unknown escape in a string")
                    .note(r#"the escapes are \n \t \r \b \f \" \' \\ \/ \xNN and \uNNNN"#));
            }
        };
        value.push(plain);
        Ok(())
    }

    /// The character of `\uNNNN`, or of two of them when the first is a high surrogate.
    fn unicode(&mut self, start: usize) -> Result<char, Diagnostic> {
        let first = self.hex(4, start)?;
        let code_point = match first {
            0xD800..=0xDBFF => {
                if self.peek(0) != Some(b'\\') || self.peek(1) != Some(b'u') {
                    return Err(self.surrogate(start, "high"));
                }
                self.at += 2;
                match self.hex(4, start)? {
                    second @ 0xDC00..=0xDFFF => 0x10000 + ((first & 0x3FF) << 10) + (second & 0x3FF),
                    _ => return Err(self.surrogate(start, "high")),
                }
            }
            other => other,
        };
        char::from_u32(code_point).ok_or_else(|| self.surrogate(start, "low"))
    }

    fn hex(&mut self, digits: usize, start: usize) -> Result<u32, Diagnostic> {
        let mut value = 0;
        for _ in 0..digits {
            match self.peek(0).and_then(|byte| char::from(byte).to_digit(16)) {
                Some(digit) => value = value * 16 + digit,
                None => return Err(self.bad_escape(start, format!("the escape needs {digits} hexadecimal digits"))),
            }
            self.at += 1;
        }
        Ok(value)
    }

    fn surrogate(&self, start: usize, which: &str) -> Diagnostic {
        self.bad_escape(start, format!("illegal Unicode sequence: a {which} surrogate without its pair"))
            .help("characters above U+FFFF are written as two escapes, `\\ud83d\\ude00` for instance")
    }

    fn bad_escape(&self, start: usize, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Code::BadEscape, self.span_from(start), message).label("this escape")
    }
}
