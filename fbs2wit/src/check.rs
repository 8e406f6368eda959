//! Syntax trees → names resolved → checked model.
//!
//! [`resolve`] finds what every name means, in the order of declaration, because flatc's rules depend on it. [`check`]
//! then looks at one declaration after the other and builds the model. Both report everything that they find; what
//! could not be resolved is left out without further complaint.
//!
//! What flatc refuses is refused. Of what it accepts we refuse, because it could not be translated into what it says:
//!
//! - a struct that holds itself, of which flatc takes the size that it has so far;
//! - a struct with a field's offset above 65535 or a size above 2³¹, which flatc stores truncated;
//! - a struct as the root or as the type of a method, when it is declared later and flatc takes it for a table;
//! - a union with a negative tag or with `bit_flags`, which flatc's own code mistakes for others.

mod attributes;
mod constants;
mod enums;
mod fields;
mod json;
mod objects;
mod report;
mod resolve;
pub(crate) mod scope;
mod services;
mod slots;
mod structs;

pub(crate) use json::trailing_json;
pub(crate) use report::BUILTIN_ATTRIBUTES;
pub(crate) use resolve::{Resolved, resolve};

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::{Attribute, Schema};
use crate::number;
use crate::syntax::ast;

/// Checks every declaration. The schema is whole if no error was found.
pub(crate) fn check(resolved: &Resolved<'_>, diagnostics: &mut Diagnostics) -> Schema {
    let enums = enums::check(resolved, diagnostics);
    let objects = objects::check(resolved, &enums, diagnostics);
    let services = services::check(resolved, &objects, diagnostics);
    let root = resolved.root.and_then(|(id, span)| {
        let object = objects.get(id.0 as usize)?;
        if object.is_struct() {
            diagnostics.push(
                Diagnostic::new(
                    Code::RootNotTable,
                    span,
                    format!("the root type must be a table, `{}` is a struct", object.name),
                )
                .label("a struct")
                .also(object.span, "declared here"),
            );
        }
        Some(id)
    });
    Schema {
        objects,
        enums: enums.list,
        services,
        namespace: resolved.namespace.clone(),
        file_identifier: resolved.file_identifier.clone(),
        file_extension: resolved.file_extension.clone(),
        root,
    }
}

/// The attributes of a declaration; of several of one name the first.
fn model_attributes(metadata: &[ast::Metadata]) -> Vec<Attribute> {
    let mut list: Vec<Attribute> = Vec::new();
    for ast::Metadata { name, value } in metadata {
        if list.iter().any(|attribute| attribute.name == name.text) {
            continue;
        }
        let value = value.as_ref().and_then(|value| match &value.kind {
            ast::ValueKind::Text { value, .. } => Some(value.clone()),
            ast::ValueKind::Integer(written) => {
                Some(number::integer(written).map_or_else(|| written.clone(), |value| value.to_string()))
            }
            _ => None,
        });
        list.push(Attribute { name: name.text.clone(), value, span: name.span });
    }
    list
}
