//! Numbers and signs.

use super::{Lexer, is_name_part, is_name_start};
use crate::diag::{Code, Diagnostic};
use crate::syntax::token::TokenKind;

impl Lexer<'_> {
    /// A number, or a sign before a name. `first` is the byte at hand: a digit, a point before a digit, or a sign.
    pub(super) fn number(&mut self, first: u8) -> Result<TokenKind, Diagnostic> {
        let start = self.at;
        if matches!(first, b'+' | b'-') {
            self.at += 1;
            if self.at_infinity() {
                self.at += "inf".len();
                return Ok(TokenKind::Float);
            }
            if self.peek(0).is_some_and(is_name_start) {
                return Ok(TokenKind::Punctuation(first));
            }
        }
        let hexadecimal = self.peek(0) == Some(b'0') && matches!(self.peek(1), Some(b'x' | b'X'));
        if hexadecimal {
            self.at += 2;
        }
        let is_digit: fn(u8) -> bool =
            if hexadecimal { |byte| byte.is_ascii_hexdigit() } else { |byte| byte.is_ascii_digit() };

        let mut digits = self.count(is_digit);
        let mut points = 0;
        while self.peek(0) == Some(b'.') {
            self.at += 1;
            points += 1;
            digits += self.count(is_digit);
        }
        let mut valid = digits > 0 && points <= 1;
        let mut exponent = false;
        let exponent_mark: &[u8] = if hexadecimal { b"pP" } else { b"eE" };
        if valid && self.peek(0).is_some_and(|byte| exponent_mark.contains(&byte)) {
            exponent = true;
            self.at += 1;
            if matches!(self.peek(0), Some(b'+' | b'-')) {
                self.at += 1;
            }
            valid = self.count(|byte| byte.is_ascii_digit()) > 0 && self.peek(0) != Some(b'.');
        }
        // 0x1.8 could be read as a number and a field of it: C++ demands the exponent, and so does flatc.
        let missing_exponent = valid && hexadecimal && points == 1 && !exponent;
        if valid && !missing_exponent {
            return Ok(if points == 1 || exponent { TokenKind::Float } else { TokenKind::Integer });
        }
        self.skip_while(|byte| is_name_part(byte) || byte == b'.');
        let span = self.span_from(start);
        let written = self.text.get(start..self.at).unwrap_or_default();
        let error = Diagnostic::new(Code::InvalidNumber, span, format!("invalid number: `{written}`"));
        Err(if missing_exponent {
            error.help("a hexadecimal number with a point needs an exponent, as in `0x1.8p0`")
        } else if written.len() == 1 {
            error.label("a sign must stand right before a number or a name")
        } else {
            error
        })
    }

    fn at_infinity(&self) -> bool {
        self.text.get(self.at..).is_some_and(|rest| rest.starts_with("inf")) && !self.peek(3).is_some_and(is_name_part)
    }

    fn count(&mut self, accept: impl Fn(u8) -> bool) -> usize {
        let start = self.at;
        self.skip_while(accept);
        self.at - start
    }
}
