//! Constants: defaults of fields and values of attributes.

use super::{Parser, Reported, Result};
use crate::diag::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::ast;
use crate::syntax::token::TokenKind;

impl Parser<'_, '_> {
    pub(super) fn value(&mut self) -> Result<ast::Value> {
        let span = self.token.span;
        let kind = match self.token.kind {
            TokenKind::Integer => ast::ValueKind::Integer(self.bump_written()),
            TokenKind::Float => ast::ValueKind::Float(self.bump_written()),
            TokenKind::Text(_) => {
                let raw = self.written(span);
                let inside = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
                let plain = inside.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'\\');
                ast::ValueKind::Text { value: self.string("a value")?.value, plain }
            }
            TokenKind::Name | TokenKind::Punctuation(b'+' | b'-') => return self.name_or_call(),
            TokenKind::Punctuation(b'[') => return self.empty_vector(),
            _ => return Err(self.expecting("a constant")),
        };
        Ok(ast::Value { kind, span })
    }

    fn bump_written(&mut self) -> String {
        let span = self.bump().span;
        self.written(span).to_owned()
    }

    /// `NaN`, `-nan`, `Red`, `Color.Red`, `sin(1.5)`.
    fn name_or_call(&mut self) -> Result<ast::Value> {
        let start = self.token.span;
        let mut text = String::new();
        if !self.at_name() {
            text = self.bump_written();
        }
        let path = self.path("a constant")?;
        text += &path.text;
        let span = start.to(path.span);
        // A blank before the parenthesis makes it the start of the attributes.
        let adjacent = self.token.span.start == path.span.end;
        if !(self.at(b'(') && adjacent) {
            return Ok(ast::Value { kind: ast::ValueKind::Name(text), span });
        }
        self.nested(|parser| parser.call(ast::Name { text, span }))
    }

    fn call(&mut self, function: ast::Name) -> Result<ast::Value> {
        self.expect(b'(')?;
        let argument = Box::new(self.value()?);
        let closing = self.expect(b')')?;
        let span: Span = function.span.to(closing);
        Ok(ast::Value { kind: ast::ValueKind::Call { function, argument }, span })
    }

    fn empty_vector(&mut self) -> Result<ast::Value> {
        let opening = self.bump().span;
        if self.at(b']') {
            let closing = self.bump().span;
            return Ok(ast::Value { kind: ast::ValueKind::EmptyVector, span: opening.to(closing) });
        }
        Err(self.vector_default())
    }

    fn vector_default(&mut self) -> Reported {
        let error =
            Diagnostic::new(Code::VectorDefault, self.token.span, "the only default that a vector may have is `[]`")
                .label("Expected `]`");
        self.report(error)
    }
}
