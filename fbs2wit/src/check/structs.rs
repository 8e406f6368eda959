//! The layout of structs: each field at the next multiple of its alignment, as in C.

use super::enums::Enums;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::model::{Element, Field, Object, ObjectKind, Type};
use crate::number;
use crate::syntax::ast;

/// The largest alignment that FlatBuffers knows.
const MAX_ALIGN: u32 = 32;

/// Computes offsets, size and alignment.
pub(super) fn lay_out(
    ast: &ast::Object,
    fields: &mut [Field],
    enums: &Enums,
    before: &[Object],
    diagnostics: &mut Diagnostics,
) -> ObjectKind {
    if fields.is_empty() {
        diagnostics.push(
            Diagnostic::new(
                Code::StructEmpty,
                ast.name.span,
                format!("size 0 structs not allowed: `{}` has no fields", ast.name.text),
            )
            .help("a table may be empty"),
        );
        return ObjectKind::Struct { size: 1, align: 1 };
    }
    let mut end = 0u64;
    let mut align = 1u32;
    let mut too_large = None;
    for (position, field) in (0u16..).zip(fields.iter_mut()) {
        let (size, field_align) = size_and_align(field.ty, enums, before);
        align = align.max(field_align);
        let offset = end.next_multiple_of(u64::from(field_align));
        end = offset.saturating_add(size);
        field.id = position;
        match u16::try_from(offset) {
            Ok(offset) => field.offset = u32::from(offset),
            Err(_) => {
                too_large.get_or_insert((field.span, "the offset of this field is above 65535"));
            }
        }
    }
    if let Some(metadata) = ast::metadata(&ast.metadata, "force_align") {
        match forced(metadata, align) {
            Ok(forced) => align = forced,
            Err(error) => diagnostics.push(error),
        }
    }
    let size = end.next_multiple_of(u64::from(align));
    let size = u32::try_from(size).ok().filter(|size| i32::try_from(*size).is_ok());
    if size.is_none() || fields.len() > usize::from(u16::MAX) {
        too_large.get_or_insert((ast.name.span, "its size does not fit into 31 bits"));
    }
    if let Some((span, label)) = too_large {
        diagnostics.push(
            Diagnostic::new(Code::StructTooLarge, span, format!("struct `{}` is too large", ast.name.text))
                .label(label),
        );
    }
    ObjectKind::Struct { size: size.unwrap_or(1), align }
}

fn size_and_align(ty: Type, enums: &Enums, before: &[Object]) -> (u64, u32) {
    let (size, align) = match ty.element() {
        Element::Scalar(scalar) => (scalar.size(), scalar.size()),
        Element::Enum(id) => enums.get(id).map_or((1, 1), |of| (of.underlying.size(), of.underlying.size())),
        Element::Object(id) => match before.get(id.0 as usize).map(|object| object.kind) {
            Some(ObjectKind::Struct { size, align }) => (size, align),
            Some(ObjectKind::Table) | None => (1, 1),
        },
        // Refused before.
        Element::String | Element::Union(_) => (1, 1),
    };
    let count = if let Type::Array(_, length) = ty { u64::from(length) } else { 1 };
    (u64::from(size) * count, align)
}

/// The alignment that `force_align` demands.
fn forced(metadata: &ast::Metadata, natural: u32) -> Result<u32, Diagnostic> {
    let (written, span) = match &metadata.value {
        Some(ast::Value { kind: ast::ValueKind::Integer(text) | ast::ValueKind::Text { value: text, .. }, span }) => {
            (text.as_str(), *span)
        }
        _ => ("0", metadata.name.span),
    };
    number::integer(written)
        .and_then(|align| u32::try_from(align).ok())
        .filter(|align| align.is_power_of_two() && (natural..=MAX_ALIGN).contains(align))
        .ok_or_else(|| {
            Diagnostic::new(
                Code::ForceAlignInvalid,
                span,
                format!(
                    "unexpected force_align value {written}, alignment must be a power of two from the natural \
                     alignment {natural} to {MAX_ALIGN}"
                ),
            )
        })
}
