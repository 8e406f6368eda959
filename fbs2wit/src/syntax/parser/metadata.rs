//! Attributes in parentheses.

use super::{Parser, Result};
use crate::diag::{Code, Diagnostic};
use crate::syntax::ast;
use crate::syntax::token::TokenKind;

impl Parser<'_, '_> {
    pub(super) fn metadata(&mut self) -> Result<Vec<ast::Metadata>> {
        let mut list = Vec::new();
        if !self.accept(b'(') {
            return Ok(list);
        }
        loop {
            let name = match self.token.kind {
                TokenKind::Text(_) => {
                    let text = self.string("an attribute")?;
                    ast::Name { text: text.value, span: text.span }
                }
                _ => self.name("an attribute's name")?,
            };
            let value = if self.accept(b':') { Some(self.metadata_value(&name)?) } else { None };
            list.push(ast::Metadata { name, value });
            if self.accept(b')') {
                return Ok(list);
            }
            if !self.accept(b',') {
                return Err(self.expecting("`,` or `)`"));
            }
        }
    }

    fn metadata_value(&mut self, name: &ast::Name) -> Result<ast::Value> {
        let value = self.value()?;
        let fits = match &value.kind {
            ast::ValueKind::Text { .. } => true,
            ast::ValueKind::Integer(written) => {
                crate::number::integer(written).is_some_and(|value| i32::try_from(value).is_ok())
            }
            _ => false,
        };
        if !fits {
            let error = Diagnostic::new(
                Code::AttributeValue,
                value.span,
                format!("the value of attribute `{}` must be a string or a 32-bit integer", name.text),
            );
            self.diagnostics.push(error);
        }
        Ok(value)
    }
}
