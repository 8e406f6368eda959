//! Tables, structs, fields and types.

use super::{Parser, Reported, Result};
use crate::diag::{Code, Diagnostic};
use crate::model::Scalar;
use crate::source::Span;
use crate::syntax::ast;
use crate::syntax::token::TokenKind;

impl Parser<'_, '_> {
    pub(super) fn object(&mut self, is_struct: bool) -> Result<ast::Item> {
        let docs = self.bump().docs;
        let name = self.name(if is_struct { "the struct's name" } else { "the table's name" })?;
        let mut object =
            ast::Object { name, is_struct, metadata: Vec::new(), fields: Vec::new(), docs, incomplete: false };
        // From here on the name is known: what fails leaves the object incomplete, not undeclared.
        if self.object_body(&mut object).is_err() {
            object.incomplete = true;
            self.recover_declaration();
        }
        Ok(ast::Item::Object(object))
    }

    fn object_body(&mut self, object: &mut ast::Object) -> Result<()> {
        object.metadata = self.metadata()?;
        let opening = self.expect(b'{')?;
        while !self.at(b'}') {
            if self.at_end() || self.at_declaration() {
                object.incomplete = true;
                self.missing_brace(opening);
                return Ok(());
            }
            match self.field() {
                Ok(field) => object.fields.push(field),
                Err(Reported) => {
                    object.incomplete = true;
                    self.recover_in_list(b';');
                }
            }
        }
        self.bump();
        Ok(())
    }

    fn field(&mut self) -> Result<ast::Field> {
        let docs = self.token.docs.clone();
        let name = self.name("a field's name")?;
        self.expect(b':')?;
        let ty = self.ty()?;
        if let ast::TypeKind::Single(path) = &ty.kind
            && self.at(b'[')
        {
            let help = format!("a vector of `{0}` is written `[{0}]`", path.text);
            let error = self.unexpected("`;`").help(help);
            return Err(self.report(error));
        }
        let default = if self.accept(b'=') { Some(self.value()?) } else { None };
        let metadata = self.metadata()?;
        self.expect(b';')?;
        Ok(ast::Field { name, ty, default, metadata, docs })
    }

    pub(super) fn ty(&mut self) -> Result<ast::Type> {
        if self.at_name() {
            let builtin = is_builtin(self.written(self.token.span));
            let path = if builtin { self.name("a type").map(ast::Path::from) } else { self.path("a type") }?;
            return Ok(ast::Type { span: path.span, kind: ast::TypeKind::Single(path) });
        }
        if !self.at(b'[') {
            let found = self.token.describe(self.lexer.text());
            let error = Diagnostic::new(
                Code::IllegalType,
                self.token.span,
                format!("illegal type: expecting a type's name or `[`, found {found}"),
            )
            .label("not a type");
            return Err(self.report(error));
        }
        self.nested(Self::series)
    }

    /// `[T]` or `[T:n]`.
    fn series(&mut self) -> Result<ast::Type> {
        let opening = self.expect(b'[')?;
        let element = self.ty()?;
        let element = match element.kind {
            ast::TypeKind::Single(path) => path,
            ast::TypeKind::Vector(_) | ast::TypeKind::Array(..) => {
                let error = Diagnostic::new(Code::NestedVector, element.span, "nested vectors are not supported")
                    .label("a vector inside of a vector")
                    .help("put the inner vector into a table and make a vector of that");
                return Err(self.report(error));
            }
        };
        let length = if self.accept(b':') { Some(self.array_length()?) } else { None };
        let closing = self.expect(b']')?;
        let kind = match length {
            Some(length) => ast::TypeKind::Array(element, length),
            None => ast::TypeKind::Vector(element),
        };
        Ok(ast::Type { kind, span: opening.to(closing) })
    }

    fn array_length(&mut self) -> Result<u16> {
        let written = self.written(self.token.span);
        let length = crate::number::integer(written).and_then(|length| u16::try_from(length).ok());
        match (&self.token.kind, length) {
            (TokenKind::Integer, Some(length)) if length > 0 => {
                self.bump();
                Ok(length)
            }
            _ => Err(self.bad_array_length(self.token.span)),
        }
    }

    fn bad_array_length(&mut self, span: Span) -> Reported {
        let found = self.token.describe(self.lexer.text());
        let error = Diagnostic::new(
            Code::ArrayLength,
            span,
            format!("the length of a fixed-length array must be from 1 to 65535, found {found}"),
        );
        self.report(error)
    }
}

/// Whether it is a scalar or `string`: such a name is never the start of a longer one.
fn is_builtin(name: &str) -> bool {
    name == "string" || Scalar::from_name(name).is_some()
}
