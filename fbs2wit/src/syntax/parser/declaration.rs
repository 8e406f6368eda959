//! Files and the declarations of one line.

use super::{Parser, Reported, Result};
use crate::diag::{Code, Diagnostic};
use crate::syntax::ast;
use crate::syntax::token::TokenKind;

impl Parser<'_, '_> {
    pub(super) fn file(mut self) -> ast::File {
        let mut file =
            ast::File { id: self.file, includes: Vec::new(), items: Vec::new(), json: None, incomplete: false };
        if self.at_end() {
            let error = Diagnostic::new(Code::EmptyFile, self.token.span, "the file is empty")
                .help("a schema has at least one declaration");
            self.report(error);
        }
        let mut prologue = true;
        while !self.at_end() {
            if self.at(b'{') {
                file.json = Some(self.token.span);
                break;
            }
            let start = self.token.span;
            if self.declaration(&mut file, &mut prologue).is_err() {
                file.incomplete = true;
                if self.token.span == start && !self.at_end() {
                    // What looks like a declaration but starts none would be met again and again.
                    let closing = self.at(b';') || self.at(b'}');
                    self.bump();
                    if closing {
                        continue;
                    }
                }
                self.recover_declaration();
            }
        }
        file
    }

    fn declaration(&mut self, file: &mut ast::File, prologue: &mut bool) -> Result<()> {
        let keyword = if self.at_name() { self.written(self.token.span) } else { "" };
        if keyword == "include" {
            return self.include(file, *prologue);
        }
        if keyword == "native_include" && *prologue {
            self.bump();
            self.string("a header of C++")?;
            self.expect(b';')?;
            return Ok(());
        }
        *prologue = false;
        let item = match keyword {
            "namespace" => self.namespace()?,
            "attribute" => self.attribute()?,
            "table" => self.object(false)?,
            "struct" => self.object(true)?,
            "enum" => self.enumeration(false)?,
            "union" => self.enumeration(true)?,
            "rpc_service" => self.service()?,
            "root_type" => {
                self.bump();
                let path = self.path("a table's name")?;
                self.expect(b';')?;
                ast::Item::RootType(path)
            }
            "file_identifier" => self.file_identifier()?,
            "file_extension" => {
                self.bump();
                let text = self.string("a file extension")?;
                self.expect(b';')?;
                ast::Item::FileExtension(text)
            }
            _ => return Err(self.declaration_expected()),
        };
        file.items.push(item);
        Ok(())
    }

    fn declaration_expected(&mut self) -> Reported {
        let found = self.token.describe(self.lexer.text());
        let mut error =
            Diagnostic::new(Code::DeclarationExpected, self.token.span, format!("declaration expected, found {found}"))
                .label("no declaration starts with it");
        if self.at_keyword("native_include") {
            error = error.help("`native_include` stands before all other declarations");
        } else if let Some(keyword) = self.similar_keyword() {
            error = error.help(format!("there is `{keyword}`"));
        } else if self.at(b';') {
            error = error.help("no `;` follows the `}` of a declaration");
        }
        self.report(error)
    }

    fn include(&mut self, file: &mut ast::File, prologue: bool) -> Result<()> {
        let keyword = self.bump().span;
        let path = self.string("the file to include")?;
        if !prologue {
            let error = Diagnostic::new(
                Code::IncludeAfterDeclaration,
                keyword.to(path.span),
                "includes must come before declarations",
            )
            .label("this include follows a declaration")
            .help("move it to the start of the file");
            self.diagnostics.push(error);
        }
        file.includes.push(path);
        self.expect(b';')?;
        Ok(())
    }

    fn namespace(&mut self) -> Result<ast::Item> {
        self.bump();
        let mut segments = Vec::new();
        if !self.at(b';') {
            segments.push(self.name("a namespace")?);
            while self.accept(b'.') {
                segments.push(self.name("a namespace")?);
            }
        }
        self.expect(b';')?;
        Ok(ast::Item::Namespace(segments))
    }

    fn attribute(&mut self) -> Result<ast::Item> {
        self.bump();
        let name = if self.at_name() { self.name("an attribute")?.text } else { self.string("an attribute")?.value };
        self.expect(b';')?;
        Ok(ast::Item::Attribute(name))
    }

    fn file_identifier(&mut self) -> Result<ast::Item> {
        self.bump();
        let text = self.string("four characters")?;
        if text.value.len() != 4 {
            let length = text.value.len();
            let error = Diagnostic::new(
                Code::FileIdentifierLength,
                text.span,
                format!("file_identifier must be exactly 4 bytes long, this one has {length}"),
            );
            self.diagnostics.push(error);
        }
        self.expect(b';')?;
        Ok(ast::Item::FileIdentifier(text))
    }

    /// Reports a list whose closing brace is missing: the file ends, or a declaration starts.
    pub(super) fn missing_brace(&mut self, opening: crate::source::Span) {
        if self.token.kind == TokenKind::Invalid || self.swallowed {
            return;
        }
        let error = self.unexpected("`}`").also(opening, "to close this");
        self.report(error);
    }
}
