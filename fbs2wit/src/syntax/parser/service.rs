//! Services and methods.

use super::{Parser, Reported, Result};
use crate::diag::{Code, Diagnostic};
use crate::syntax::ast;

impl Parser<'_, '_> {
    pub(super) fn service(&mut self) -> Result<ast::Item> {
        let docs = self.bump().docs;
        let name = self.name("the service's name")?;
        let mut service = ast::Service { name, metadata: Vec::new(), methods: Vec::new(), docs };
        if self.service_body(&mut service).is_err() {
            self.recover_declaration();
        }
        Ok(ast::Item::Service(service))
    }

    fn service_body(&mut self, service: &mut ast::Service) -> Result<()> {
        service.metadata = self.metadata()?;
        let opening = self.expect(b'{')?;
        if self.at(b'}') {
            let name = &service.name;
            let error =
                Diagnostic::new(Code::ServiceEmpty, name.span, format!("service `{}` has no methods", name.text))
                    .label("expecting an identifier (a method's name) between its braces");
            self.report(error);
        }
        while !self.at(b'}') {
            if self.at_end() || self.at_declaration() {
                self.missing_brace(opening);
                return Ok(());
            }
            match self.method() {
                Ok(method) => service.methods.push(method),
                Err(Reported) => self.recover_in_list(b';'),
            }
        }
        self.bump();
        Ok(())
    }

    fn method(&mut self) -> Result<ast::Method> {
        let docs = self.token.docs.clone();
        let name = self.name("a method's name")?;
        self.expect(b'(')?;
        let request = self.path("the table that the method takes")?;
        self.expect(b')')?;
        self.expect(b':')?;
        let response = self.path("the table that the method answers with")?;
        let metadata = self.metadata()?;
        self.expect(b';')?;
        Ok(ast::Method { name, request, response, metadata, docs })
    }
}
