//! Tokens → syntax tree, by recursive descent.
//!
//! An error is reported where it is found and answered with [`Reported`]; the loops over declarations, fields, values
//! and methods then go on behind it, so that one run finds every independent error. What could not be read is marked
//! incomplete, so that later passes don't complain about its absence.

mod declaration;
mod enumeration;
mod metadata;
mod object;
mod recover;
mod service;
mod value;

use super::ast;
use super::lexer::Lexer;
use super::token::{Token, TokenKind};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::{FileId, Span};

/// Parses one file. `nesting` bounds how deep values and types may be nested.
pub(crate) fn parse(lexer: Lexer<'_>, file: FileId, nesting: u32, diagnostics: &mut Diagnostics) -> ast::File {
    Parser::new(lexer, file, nesting, diagnostics).file()
}

/// An error that has been reported.
#[derive(Debug)]
struct Reported;

type Result<T> = std::result::Result<T, Reported>;

struct Parser<'a, 'd> {
    lexer: Lexer<'a>,
    /// The token at hand.
    token: Token,
    /// The place of the token before.
    previous: Span,
    file: FileId,
    nesting: u32,
    /// Whether closing brackets may have been swallowed by a string or a comment that is not closed, or left unread
    /// because they are too deep: that they are missing is no error of its own then.
    swallowed: bool,
    diagnostics: &'d mut Diagnostics,
}

impl<'a, 'd> Parser<'a, 'd> {
    fn new(lexer: Lexer<'a>, file: FileId, nesting: u32, diagnostics: &'d mut Diagnostics) -> Self {
        let start = Span { file, start: 0, end: 0 };
        let token = Token { kind: TokenKind::Invalid, span: start, docs: Vec::new() };
        let mut parser = Parser { lexer, token, previous: start, file, nesting, swallowed: false, diagnostics };
        parser.bump();
        parser
    }

    /// Goes on to the next token and returns the one that was at hand.
    fn bump(&mut self) -> Token {
        let next = loop {
            match self.lexer.next_token() {
                Ok(token) => break token,
                Err(error) => {
                    // A misplaced comment leaves the grammar around it intact; anything else stands where some
                    // token should.
                    let comment = error.code == Code::MisplacedDocumentation;
                    self.swallowed |= matches!(error.code, Code::IllegalInString | Code::UnterminatedComment);
                    let span = error.span;
                    self.diagnostics.push(error);
                    if !comment {
                        break Token { kind: TokenKind::Invalid, span, docs: Vec::new() };
                    }
                }
            }
        };
        self.previous = self.token.span;
        std::mem::replace(&mut self.token, next)
    }

    /// The token behind the one at hand.
    fn peek(&self) -> Option<Token> {
        self.lexer.clone().next_token().ok()
    }

    /// The text of a token.
    fn written(&self, span: Span) -> &'a str {
        self.lexer.text().get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    fn at(&self, punctuation: u8) -> bool {
        self.token.is(punctuation)
    }

    fn at_end(&self) -> bool {
        self.token.kind == TokenKind::End
    }

    fn at_name(&self) -> bool {
        self.token.kind == TokenKind::Name
    }

    fn at_keyword(&self, keyword: &str) -> bool {
        self.at_name() && self.written(self.token.span) == keyword
    }

    fn accept(&mut self, punctuation: u8) -> bool {
        let found = self.at(punctuation);
        if found {
            self.bump();
        }
        found
    }

    fn expect(&mut self, punctuation: u8) -> Result<Span> {
        if self.at(punctuation) {
            return Ok(self.bump().span);
        }
        Err(self.expecting(&format!("`{}`", char::from(punctuation))))
    }

    fn name(&mut self, what: &str) -> Result<ast::Name> {
        if !self.at_name() {
            return Err(self.expecting(&format!("an identifier ({what})")));
        }
        let span = self.bump().span;
        Ok(ast::Name { text: self.written(span).to_owned(), span })
    }

    /// A name with namespaces before it.
    fn path(&mut self, what: &str) -> Result<ast::Path> {
        let first = self.name(what)?;
        let mut path = ast::Path { text: first.text, span: first.span };
        while self.accept(b'.') {
            let segment = self.name(what)?;
            path.text.push('.');
            path.text += &segment.text;
            path.span = path.span.to(segment.span);
        }
        Ok(path)
    }

    fn string(&mut self, what: &str) -> Result<ast::Text> {
        if !matches!(self.token.kind, TokenKind::Text(_)) {
            return Err(self.expecting(&format!("a string constant ({what})")));
        }
        let token = self.bump();
        let TokenKind::Text(value) = token.kind else { return Err(Reported) };
        Ok(ast::Text { value, span: token.span })
    }

    /// Reports that something else was expected than the token at hand.
    fn expecting(&mut self, what: &str) -> Reported {
        let error = self.unexpected(what);
        self.report(error)
    }

    fn unexpected(&self, what: &str) -> Diagnostic {
        let found = self.token.describe(self.lexer.text());
        // A missing `;` is best shown behind what it should end, not at the start of the next line.
        let missing = matches!(what, "`;`" | "`:`" | "`,`" | "`}`") && self.line_break_before_token();
        let message = format!("expecting {what}, found {found}");
        if missing {
            let behind = Span { start: self.previous.end, ..self.previous };
            let error = Diagnostic::new(Code::UnexpectedToken, behind, message).label(format!("expecting {what} here"));
            if self.at_end() { error } else { error.also(self.token.span, "found this") }
        } else {
            Diagnostic::new(Code::UnexpectedToken, self.token.span, message).label(format!("expecting {what}"))
        }
    }

    fn line_break_before_token(&self) -> bool {
        let between = self.lexer.text().get(self.previous.end as usize..self.token.span.start as usize);
        between.is_some_and(|between| between.contains('\n'))
    }

    fn report(&mut self, error: Diagnostic) -> Reported {
        // What is no token has been reported by the lexer, and so has the reason for an early end.
        if self.token.kind != TokenKind::Invalid || error.span != self.token.span {
            self.diagnostics.push(error);
        }
        Reported
    }

    /// Runs `parse` one level deeper.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let Some(nesting) = self.nesting.checked_sub(1) else {
            let error = Diagnostic::new(Code::NestingTooDeep, self.token.span, "nested too deeply")
                .label("the limit is reached here");
            self.swallowed = true;
            return Err(self.report(error));
        };
        self.nesting = nesting;
        let result = parse(self);
        self.nesting += 1;
        result
    }
}
