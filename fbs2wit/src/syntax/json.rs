//! The syntax of flatc's JSON, as far as it can be told without a schema: names may stand without quotes, commas may
//! end lists, comments are skipped, and constants are those of defaults.

use super::lexer::Lexer;
use super::token::{Token, TokenKind};
use crate::diag::{Code, Diagnostic};
use crate::source::Span;

/// Reads the object that starts at `start`, behind which the text must end.
pub(crate) fn json_object(text: &str, start: Span, nesting: u32) -> Result<Span, Diagnostic> {
    let mut lexer = Lexer::new(text, start.file).starting_at(start.start);
    // The closing brackets of what is open: a stack of our own, so that depth costs no stack of the machine's.
    let mut open: Vec<u8> = Vec::new();
    let mut end = start;
    let mut state = State::Value;
    loop {
        let token = lexer.next_token()?;
        if open.is_empty() && end != start {
            return match token.kind {
                TokenKind::End => Ok(start.to(end)),
                _ => Err(unexpected(&token, text, "the end of the file")
                    .help("nothing follows the JSON object, which is the last thing in a schema")),
            };
        }
        let closes = open.last().is_some_and(|close| token.is(*close));
        state = match (state, &token.kind) {
            (State::Value, TokenKind::Punctuation(bracket @ (b'{' | b'['))) => {
                if open.len() >= nesting as usize {
                    return Err(Diagnostic::new(Code::NestingTooDeep, token.span, "nested too deeply")
                        .label("the limit is reached here"));
                }
                open.push(if *bracket == b'{' { b'}' } else { b']' });
                State::item(&open)
            }
            (State::Value, _) if closes && open.last() == Some(&b']') => close(&mut open, &token, &mut end),
            (State::Value, TokenKind::Text(_) | TokenKind::Integer | TokenKind::Float) => State::Comma,
            (State::Value, TokenKind::Name) => State::AfterName,
            (State::Value, TokenKind::Punctuation(b'+' | b'-')) => State::Constant,
            (State::Constant, TokenKind::Name) => State::AfterName,
            (State::Key, _) if closes => close(&mut open, &token, &mut end),
            (State::Key, TokenKind::Name | TokenKind::Text(_)) => State::Colon,
            (State::Colon, TokenKind::Punctuation(b':')) => State::Value,
            (State::AfterName, TokenKind::Punctuation(b'(')) => {
                if open.len() >= nesting as usize {
                    return Err(Diagnostic::new(Code::NestingTooDeep, token.span, "nested too deeply")
                        .label("the limit is reached here"));
                }
                open.push(b')');
                State::Value
            }
            (State::Comma | State::AfterName, _) if closes => close(&mut open, &token, &mut end),
            (State::Comma | State::AfterName, TokenKind::Punctuation(b',')) if open.last() != Some(&b')') => {
                State::item(&open)
            }
            (state, _) => return Err(unexpected(&token, text, state.expected(&open))),
        };
    }
}

/// What comes next.
#[derive(Clone, Copy, Debug)]
enum State {
    Value,
    /// The name behind a sign.
    Constant,
    Key,
    Colon,
    /// The comma behind a value, or the end of the list.
    Comma,
    /// The same behind a name, which may also be a function.
    AfterName,
}

impl State {
    /// What an item of the innermost list starts with.
    fn item(open: &[u8]) -> State {
        if open.last() == Some(&b'}') { State::Key } else { State::Value }
    }

    fn expected(self, open: &[u8]) -> &'static str {
        match (self, open.last()) {
            (State::Value, _) => "a value",
            (State::Constant, _) => "a constant",
            (State::Key, _) => "a field's name or `}`",
            (State::Colon, _) => "`:`",
            (State::Comma | State::AfterName, Some(b'}')) => "`,` or `}`",
            (State::Comma | State::AfterName, Some(b']')) => "`,` or `]`",
            (State::Comma | State::AfterName, _) => "`)`",
        }
    }
}

fn close(open: &mut Vec<u8>, token: &Token, end: &mut Span) -> State {
    open.pop();
    if open.is_empty() {
        *end = token.span;
    }
    State::Comma
}

fn unexpected(token: &Token, text: &str, expected: &str) -> Diagnostic {
    Diagnostic::new(Code::TrailingJson, token.span, format!("expecting {expected}, found {}", token.describe(text)))
        .label(format!("expecting {expected}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn read(text: &str) -> Result<(u32, u32), String> {
        let start = Span { file: FileId(0), start: 0, end: 1 };
        json_object(text, start, 8).map(|span| (span.start, span.end)).map_err(|error| error.message)
    }

    #[test]
    fn objects() {
        for good in [
            "{}",
            "{ a: 1, 'b': \"x\", c: [1, 2,], d: { e: null }, } // end",
            "{ a: Red, b: sin(rad(30)), c: -nan, d: [], e: [[1], {}] }",
        ] {
            assert!(read(good).is_ok(), "{good}: {:?}", read(good));
        }
        assert_eq!(read("{ a: {} } \n"), Ok((0, 9)));
        for bad in
            ["{", "{ a }", "{ a: }", "{ a: 1 b: 2 }", "{ , }", "{ a: [1 2] }", "{} {}", "{ a: f(1,2) }", "{ a: 1 ]"]
        {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn nesting_is_limited() {
        assert_eq!(read(&("{a:".to_owned() + &"[".repeat(100_000))), Err("nested too deeply".to_owned()));
    }
}
