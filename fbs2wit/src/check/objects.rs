//! Tables and structs.

use std::collections::HashMap;

use super::constants::Context;
use super::enums::Enums;
use super::fields::FieldContext;
use super::model_attributes;
use super::resolve::{Declared, Resolved};
use super::{slots, structs};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::{Element, Field, Object, ObjectId, ObjectKind, Type};
use crate::source::Span;
use crate::syntax::ast;

pub(super) fn check(resolved: &Resolved<'_>, enums: &Enums, diagnostics: &mut Diagnostics) -> Vec<Object> {
    let mut objects = Vec::with_capacity(resolved.objects.len());
    for (id, declared) in (0..).map(ObjectId).zip(&resolved.objects) {
        let object = object(id, declared, resolved, enums, &objects, diagnostics);
        objects.push(object);
    }
    objects
}

fn object(
    id: ObjectId,
    declared: &Declared<'_, ast::Object>,
    resolved: &Resolved<'_>,
    enums: &Enums,
    before: &[Object],
    diagnostics: &mut Diagnostics,
) -> Object {
    let ast = declared.ast;
    let mut fields: Vec<Field> = Vec::with_capacity(ast.fields.len());
    for field in &ast.fields {
        let constants = Context { resolved, enums, object: declared, field: &field.name };
        let context = FieldContext { constants, id, is_struct: ast.is_struct, objects: before };
        fields.extend(context.check(field, diagnostics));
    }
    let unique = names(&ast.fields, &fields, diagnostics);
    one_key(&ast.fields, diagnostics);

    // What concerns the object as a whole can be told only when all of it is known.
    let whole = unique && !ast.incomplete && fields.len() == ast.fields.len();
    let kind = match (ast.is_struct, whole) {
        (true, true) => structs::lay_out(ast, &mut fields, enums, before, diagnostics),
        // Something for the structs that hold this one.
        (true, false) => ObjectKind::Struct { size: 1, align: 1 },
        (false, true) => {
            slots::assign(ast, &mut fields, diagnostics);
            ObjectKind::Table
        }
        (false, false) => ObjectKind::Table,
    };
    Object {
        name: declared.name.clone(),
        kind,
        fields,
        attributes: model_attributes(&ast.metadata),
        docs: ast.docs.clone(),
        span: ast.name.span,
    }
}

/// Checks that fields differ in name, also from what generated code adds. Types of fields without one are unknown.
fn names(all: &[ast::Field], checked: &[Field], diagnostics: &mut Diagnostics) -> bool {
    let before = diagnostics.iter().len();
    let types: HashMap<Span, Type> = checked.iter().map(|field| (field.span, field.ty)).collect();
    let mut names: HashMap<String, (Span, Option<Type>)> = HashMap::with_capacity(all.len());
    for field in all {
        let ty = types.get(&field.name.span).copied();
        let is_union = matches!(ty, Some(Type::Single(Element::Union(_)) | Type::Vector(Element::Union(_))));
        if is_union {
            let tag = format!("{}_type", field.name.text);
            add(&mut names, tag, field.name.span, None, diagnostics);
        }
        add(&mut names, field.name.text.clone(), field.name.span, ty, diagnostics);
    }
    for field in all {
        clash(&field.name, &names, all, diagnostics);
    }
    diagnostics.iter().len() == before
}

fn add(
    names: &mut HashMap<String, (Span, Option<Type>)>,
    name: String,
    span: Span,
    ty: Option<Type>,
    diagnostics: &mut Diagnostics,
) {
    if let Some((first, _)) = names.get(&name) {
        diagnostics.push(
            Diagnostic::new(Code::DuplicateField, span, format!("field already exists: `{name}`"))
                .label("declared again here")
                .also(*first, "first declared here"),
        );
        return;
    }
    names.insert(name, (span, ty));
}

/// What flatc generates beside a field: the suffix in snake case and in camel case.
const GENERATED: [(&str, &str, fn(Type) -> bool); 3] = [
    ("_type", "Type", |ty| matches!(ty, Type::Single(Element::Union(_)))),
    ("_length", "Length", |ty| matches!(ty, Type::Vector(_))),
    ("_byte_vector", "ByteVector", |ty| ty == Type::Single(Element::String)),
];

fn clash(
    name: &ast::Name,
    names: &HashMap<String, (Span, Option<Type>)>,
    all: &[ast::Field],
    diagnostics: &mut Diagnostics,
) {
    for (snake, camel, applies) in GENERATED {
        for suffix in [snake, camel] {
            let Some(base) = name.text.strip_suffix(suffix) else { continue };
            let Some((span, Some(ty))) = names.get(base) else { continue };
            // Vectors with 64-bit offsets have another length.
            let wide =
                |field: &&ast::Field| field.name.span == *span && ast::metadata(&field.metadata, "vector64").is_some();
            if !applies(*ty) || suffix.ends_with("ength") && all.iter().find(wide).is_some() {
                continue;
            }
            diagnostics.push(
                Diagnostic::new(
                    Code::FieldClash,
                    name.span,
                    format!("field `{}` would clash with generated functions for field `{base}`", name.text),
                )
                .label("the name of a generated function")
                .also(*span, "which is generated for this"),
            );
        }
    }
}

fn one_key(fields: &[ast::Field], diagnostics: &mut Diagnostics) {
    let mut keys = fields.iter().filter_map(|field| ast::metadata(&field.metadata, "key"));
    let Some(first) = keys.next() else { return };
    for again in keys {
        diagnostics.push(
            Diagnostic::new(Code::KeyTwice, again.name.span, "only one field may be set as `key`")
                .label("a second key")
                .also(first.name.span, "the first one"),
        );
    }
}
