//! Enums and unions.

use super::{Parser, Reported, Result};
use crate::diag::{Code, Diagnostic};
use crate::syntax::ast;
use crate::syntax::token::TokenKind;

impl Parser<'_, '_> {
    pub(super) fn enumeration(&mut self, is_union: bool) -> Result<ast::Item> {
        let docs = self.bump().docs;
        let name = self.name(if is_union { "the union's name" } else { "the enum's name" })?;
        let mut declaration = ast::Enum {
            name,
            is_union,
            underlying: None,
            metadata: Vec::new(),
            values: Vec::new(),
            docs,
            incomplete: false,
        };
        if self.enumeration_body(&mut declaration).is_err() {
            declaration.incomplete = true;
            self.recover_declaration();
        }
        Ok(ast::Item::Enum(declaration))
    }

    fn enumeration_body(&mut self, declaration: &mut ast::Enum) -> Result<()> {
        if self.accept(b':') {
            declaration.underlying = Some(self.ty()?);
        } else if !declaration.is_union {
            let name = &declaration.name;
            let error = Diagnostic::new(
                Code::EnumTypeMissing,
                name.span,
                format!("enum `{}` must specify its underlying integer type", name.text),
            )
            .label("no type follows")
            .help(format!("write `enum {}: ubyte`, for instance", name.text));
            self.report(error);
            declaration.incomplete = true;
        }
        declaration.metadata = self.metadata()?;
        let opening = self.expect(b'{')?;
        loop {
            if self.at(b'}') {
                self.bump();
                return Ok(());
            }
            if self.at_end() || self.at_declaration() {
                declaration.incomplete = true;
                self.missing_brace(opening);
                return Ok(());
            }
            match self.enum_value(declaration.is_union) {
                Ok(value) => declaration.values.push(value),
                Err(Reported) => {
                    declaration.incomplete = true;
                    self.recover_in_list(b',');
                }
            }
        }
    }

    /// A value with the comma behind it, which the last one need not have.
    fn enum_value(&mut self, is_union: bool) -> Result<ast::EnumValue> {
        let docs = self.token.docs.clone();
        let name = if is_union { self.path("a type's name")? } else { self.name("a value's name")?.into() };
        let member = if is_union && self.accept(b':') { Some(self.ty()?) } else { None };
        let value = if self.accept(b'=') { Some(self.enum_constant(&name)?) } else { None };
        let metadata = self.metadata()?;
        // At the end the brace is missing, which the list reports.
        let ends = self.at(b'}') || self.at_end() || self.at_declaration();
        if !ends && !self.accept(b',') {
            return Err(self.expecting("`,` or `}`"));
        }
        Ok(ast::EnumValue { name, member, value, metadata, docs })
    }

    fn enum_constant(&mut self, name: &ast::Path) -> Result<ast::Text> {
        if self.token.kind == TokenKind::Integer {
            let span = self.bump().span;
            return Ok(ast::Text { value: self.written(span).to_owned(), span });
        }
        let found = self.token.describe(self.lexer.text());
        let error = Diagnostic::new(
            Code::EnumValueNotInteger,
            self.token.span,
            format!("the value of `{}` must be an integer constant, found {found}", name.text),
        )
        .label("expecting an integer constant");
        Err(self.report(error))
    }
}
