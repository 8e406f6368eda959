//! The slots of a table's fields: in the order of declaration, or by `id`.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::{Element, Field, Type};
use crate::number;
use crate::source::Span;
use crate::syntax::ast;

/// The last slot: a vtable's offsets have 16 bits, and the first four bytes of it are its own.
const LAST: u32 = 32765;

/// Gives every field its slot and sorts the fields by it. A union takes the slot before its own for its tag.
pub(super) fn assign(ast: &ast::Object, fields: &mut [Field], diagnostics: &mut Diagnostics) {
    let ids: Vec<_> = ast.fields.iter().map(|field| ast::metadata(&field.metadata, "id")).collect();
    if ids.iter().all(Option::is_none) {
        in_order(fields, diagnostics);
        return;
    }
    if let Some(error) = some_missing(ast, &ids) {
        diagnostics.push(error);
        return;
    }
    let before = diagnostics.iter().len();
    // Each slot with the place of its id and the field that has it.
    let mut taken: Vec<(u16, Span, String)> = Vec::with_capacity(fields.len());
    for (field, metadata) in fields.iter_mut().zip(ids.into_iter().flatten()) {
        match id(field, metadata) {
            Ok(id) => {
                field.id = id;
                let span = metadata.value.as_ref().map_or(metadata.name.span, |value| value.span);
                if takes_two(field.ty) {
                    taken.push((id.saturating_sub(1), span, field.name.clone()));
                }
                taken.push((id, span, field.name.clone()));
            }
            Err(error) => diagnostics.push(error),
        }
    }
    if diagnostics.iter().len() == before {
        taken.sort_by_key(|(id, span, _)| (*id, span.start));
        consecutive(ast, &taken, diagnostics);
        fields.sort_by_key(|field| field.id);
    }
}

fn takes_two(ty: Type) -> bool {
    matches!(ty, Type::Single(Element::Union(_)) | Type::Vector(Element::Union(_)))
}

fn in_order(fields: &mut [Field], diagnostics: &mut Diagnostics) {
    let mut next = 0u32;
    for field in fields {
        let slot = next + u32::from(takes_two(field.ty));
        if slot > LAST {
            diagnostics.push(too_many(field.span));
            return;
        }
        field.id = u16::try_from(slot).unwrap_or(u16::MAX);
        next = slot + 1;
    }
}

fn too_many(span: Span) -> Diagnostic {
    Diagnostic::new(Code::TooManyFields, span, format!("a table has at most {} fields", LAST + 1))
        .label("this field is one too many")
}

fn some_missing(ast: &ast::Object, ids: &[Option<&ast::Metadata>]) -> Option<Diagnostic> {
    let first = ids.iter().flatten().next()?;
    let without = ast.fields.iter().zip(ids).find(|(_, id)| id.is_none())?.0;
    Some(
        Diagnostic::new(
            Code::FieldIdMissing,
            without.name.span,
            "either all fields or no fields must have an `id` attribute",
        )
        .label("has no id")
        .also(first.name.span, "another field has one"),
    )
}

fn id(field: &Field, metadata: &ast::Metadata) -> Result<u16, Diagnostic> {
    let (written, span) = match &metadata.value {
        Some(ast::Value { kind: ast::ValueKind::Integer(text) | ast::ValueKind::Text { value: text, .. }, span }) => {
            (text.as_str(), *span)
        }
        // As in flatc: an id without value is 0.
        _ => ("0", metadata.name.span),
    };
    let Some(id) = number::integer(written).and_then(|id| u16::try_from(id).ok()) else {
        return Err(Diagnostic::new(
            Code::FieldIdInvalid,
            span,
            format!("a field's id must be a non-negative number, found {written} for `{}`", field.name),
        ));
    };
    if id == 0 && takes_two(field.ty) {
        return Err(Diagnostic::new(
            Code::FieldIdInvalid,
            span,
            format!("the id of union field `{}` cannot be 0", field.name),
        )
        .label("no room for the type field")
        .note("a union type effectively adds two fields: its type has the id before its own")
        .help("give it the id 1"));
    }
    if u32::from(id) > LAST {
        return Err(too_many(span));
    }
    Ok(id)
}

fn consecutive(ast: &ast::Object, taken: &[(u16, Span, String)], diagnostics: &mut Diagnostics) {
    let mut expected = 0u16;
    let mut previous: Option<&(u16, Span, String)> = None;
    for slot in taken {
        let (id, span, name) = slot;
        match previous {
            Some((before, first, other)) if before == id => {
                let mut error = Diagnostic::new(
                    Code::FieldIdSequence,
                    *span,
                    format!("field ids must be consecutive from 0: id {id} is set twice, by `{other}` and `{name}`"),
                )
                .label(format!("id {id} again"))
                .also(*first, "set here");
                let both = [name, other];
                let is_union = |field: &ast::Field| {
                    both.contains(&&field.name.text)
                        && taken.iter().filter(|slot| slot.2 == field.name.text).count() > 1
                };
                if ast.fields.iter().any(is_union) {
                    error = error.note("a union takes two ids: its own and the one before it");
                }
                diagnostics.push(error);
                return;
            }
            _ if *id != expected => {
                diagnostics.push(
                    Diagnostic::new(
                        Code::FieldIdSequence,
                        *span,
                        format!("field ids must be consecutive from 0: id {expected} is missing"),
                    )
                    .label(format!("`{name}` comes next, with {id}"))
                    .help("a field that is no longer used is kept with `deprecated`"),
                );
                return;
            }
            _ => {}
        }
        expected = id.saturating_add(1);
        previous = Some(slot);
    }
}
