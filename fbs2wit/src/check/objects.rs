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
    let mut names: HashMap<String, Taken> = HashMap::with_capacity(all.len());
    for field in all {
        let ty = types.get(&field.name.span).copied();
        let is_union = matches!(ty, Some(Type::Single(Element::Union(_)) | Type::Vector(Element::Union(_))));
        if is_union {
            let tag = format!("{}_type", field.name.text);
            add(&mut names, tag, Taken { field, ty: None, is_tag: true }, diagnostics);
        }
        add(&mut names, field.name.text.clone(), Taken { field, ty, is_tag: false }, diagnostics);
    }
    for field in all {
        clash(&field.name, &names, diagnostics);
    }
    diagnostics.iter().len() == before
}

/// A name with the field that has it.
#[derive(Clone, Copy)]
struct Taken<'a> {
    field: &'a ast::Field,
    ty: Option<Type>,
    /// Whether it is the name of the tag that goes with a union.
    is_tag: bool,
}

fn add<'a>(names: &mut HashMap<String, Taken<'a>>, name: String, taken: Taken<'a>, diagnostics: &mut Diagnostics) {
    let Some(first) = names.get(&name) else {
        names.insert(name, taken);
        return;
    };
    let error = Diagnostic::new(Code::DuplicateField, taken.field.name.span, format!("field already exists: `{name}`"));
    let again = if taken.is_tag { "the tag of this union has the same name" } else { "declared again here" };
    let before = if first.is_tag { "the tag of this union has the name" } else { "first declared here" };
    diagnostics.push(error.label(again).also(first.field.name.span, before));
}

/// Whether something is generated for fields of a type.
type Applies = fn(Type) -> bool;

/// What flatc generates beside a field. The tag of a union is a field of its own.
const GENERATED: [(&str, Applies); 5] = [
    ("Type", |ty| matches!(ty, Type::Single(Element::Union(_)))),
    ("_length", |ty| matches!(ty, Type::Vector(_))),
    ("Length", |ty| matches!(ty, Type::Vector(_))),
    ("_byte_vector", |ty| ty == Type::Single(Element::String)),
    ("ByteVector", |ty| ty == Type::Single(Element::String)),
];

fn clash(name: &ast::Name, names: &HashMap<String, Taken<'_>>, diagnostics: &mut Diagnostics) {
    for (suffix, applies) in GENERATED {
        let Some(base) = name.text.strip_suffix(suffix) else { continue };
        let Some(Taken { field, ty: Some(ty), .. }) = names.get(base) else { continue };
        // The length of a vector with 64-bit offsets is another one.
        let wide = suffix.ends_with("ength") && ast::metadata(&field.metadata, "vector64").is_some();
        if applies(*ty) && !wide {
            diagnostics.push(
                Diagnostic::new(
                    Code::FieldClash,
                    name.span,
                    format!("field `{}` would clash with generated functions for field `{base}`", name.text),
                )
                .label("the name of a generated function")
                .also(field.name.span, "which is generated for this"),
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
