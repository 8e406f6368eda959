//! Services.

use std::collections::HashMap;

use super::model_attributes;
use super::resolve::{Declared, Resolved, Target};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::{Method, Object, ObjectId, Service};
use crate::source::Span;
use crate::syntax::ast;

pub(super) fn check(resolved: &Resolved<'_>, objects: &[Object], diagnostics: &mut Diagnostics) -> Vec<Service> {
    resolved.services.iter().map(|declared| service(declared, resolved, objects, diagnostics)).collect()
}

fn service(
    declared: &Declared<'_, ast::Service>,
    resolved: &Resolved<'_>,
    objects: &[Object],
    diagnostics: &mut Diagnostics,
) -> Service {
    let ast = declared.ast;
    let mut names: HashMap<&str, Span> = HashMap::with_capacity(ast.methods.len());
    let mut methods = Vec::with_capacity(ast.methods.len());
    for method in &ast.methods {
        let name = &method.name;
        if let Some(first) = names.insert(&name.text, name.span) {
            diagnostics.push(
                Diagnostic::new(Code::DuplicateMethod, name.span, format!("rpc already exists: `{}`", name.text))
                    .label("declared again here")
                    .also(first, "first declared here"),
            );
            continue;
        }
        let request = table(&method.request, resolved, objects, diagnostics);
        let response = table(&method.response, resolved, objects, diagnostics);
        if let (Some(request), Some(response)) = (request, response) {
            methods.push(Method {
                name: name.text.clone(),
                request,
                response,
                attributes: model_attributes(&method.metadata),
                docs: method.docs.clone(),
                span: name.span,
            });
        }
    }
    Service {
        name: declared.name.clone(),
        methods,
        attributes: model_attributes(&ast.metadata),
        docs: ast.docs.clone(),
        span: ast.name.span,
    }
}

/// The table that a method takes or answers with.
fn table(
    path: &ast::Path,
    resolved: &Resolved<'_>,
    objects: &[Object],
    diagnostics: &mut Diagnostics,
) -> Option<ObjectId> {
    let (kind, declared) = match resolved.target(path.span)? {
        Target::Object(id) => match objects.get(id.0 as usize) {
            Some(object) if object.is_struct() => ("a struct", object.span),
            _ => return Some(id),
        },
        Target::Enum(id) => {
            let declaration = resolved.enums.get(id.0 as usize)?.ast;
            (if declaration.is_union { "a union" } else { "an enum" }, declaration.name.span)
        }
    };
    diagnostics.push(
        Diagnostic::new(
            Code::RpcTypeNotTable,
            path.span,
            format!("rpc request and response types must be tables, `{}` is {kind}", path.text),
        )
        .label("not a table")
        .also(declared, "declared here")
        .help("put it into a table"),
    );
    None
}
