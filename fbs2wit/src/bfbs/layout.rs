//! The layout of structs: what a binary schema says is compared with what its fields give.

use super::BfbsError;
use crate::model::{Element, Object, ObjectKind, Schema, Type};

/// The size and the alignment of a value in a struct; `None` for what has no place there, and on overflow.
pub(super) fn size_and_align(schema: &Schema, ty: Type) -> Option<(u32, u32)> {
    let (size, align) = match ty.element() {
        Element::Scalar(scalar) => (scalar.size(), scalar.size()),
        Element::Enum(id) => {
            let size = schema.enumeration(id).underlying.size();
            (size, size)
        }
        Element::Object(id) => match schema.object(id).kind {
            ObjectKind::Struct { size, align } => (size, align),
            ObjectKind::Table => return None,
        },
        Element::String | Element::Union(_) => return None,
    };
    match ty {
        Type::Single(_) => Some((size, align)),
        Type::Array(_, len) => Some((size.checked_mul(len.into())?, align)),
        Type::Vector(_) => None,
    }
}

/// Checks every struct: fields in order and without gaps other than for alignment, sizes and alignments that are those
/// of the fields, and no struct inside itself.
pub(super) fn check(schema: &Schema) -> Result<(), BfbsError> {
    for (object, _, align) in structs(schema) {
        if !align.is_power_of_two() || align > 32 {
            return Err(invalid(object, "the alignment is not a power of two up to 32"));
        }
    }
    for (object, size, align) in structs(schema) {
        check_struct(schema, object, size, align)?;
    }
    check_acyclic(schema)
}

fn structs(schema: &Schema) -> impl Iterator<Item = (&Object, u32, u32)> {
    schema.objects.iter().filter_map(|object| match object.kind {
        ObjectKind::Struct { size, align } => Some((object, size, align)),
        ObjectKind::Table => None,
    })
}

fn invalid(object: &Object, problem: &'static str) -> BfbsError {
    BfbsError::Invalid { place: object.name.to_string(), problem }
}

fn check_struct(schema: &Schema, object: &Object, size: u32, align: u32) -> Result<(), BfbsError> {
    let invalid = |problem| invalid(object, problem);
    let mut end = 0_u32;
    for field in &object.fields {
        let (size, field_align) =
            size_and_align(schema, field.ty).ok_or_else(|| invalid("a field cannot be in a struct"))?;
        if field_align > align {
            return Err(invalid("a field needs a larger alignment than the struct's"));
        }
        let offset = end.checked_next_multiple_of(field_align.max(1));
        // reflection.fbs has 16 bits for an offset; the model's is taken from the sizes, so that it holds the whole.
        if offset != Some(field.offset) {
            return Err(invalid("the offset of a field is not what the sizes before it give"));
        }
        end = field.offset.checked_add(size).ok_or_else(|| invalid("the struct is too large"))?;
    }
    if end.checked_next_multiple_of(align) != Some(size) {
        return Err(invalid("the size is not what the fields give"));
    }
    Ok(())
}

/// Takes away structs whose fields hold no struct that is left; what cannot be taken away is in a circle.
fn check_acyclic(schema: &Schema) -> Result<(), BfbsError> {
    let inner = |object: &Object| -> Vec<usize> {
        let structs = object.fields.iter().filter_map(|field| match field.ty.element() {
            Element::Object(id) if object.is_struct() => Some(id.0 as usize),
            _ => None,
        });
        structs.collect()
    };
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); schema.objects.len()];
    let mut open: Vec<usize> = Vec::with_capacity(schema.objects.len());
    for (id, object) in schema.objects.iter().enumerate() {
        let inner = inner(object);
        open.push(inner.len());
        for used in inner {
            if let Some(users) = users.get_mut(used) {
                users.push(id);
            }
        }
    }
    let mut ready: Vec<usize> = open.iter().enumerate().filter(|(_, open)| **open == 0).map(|(id, _)| id).collect();
    while let Some(id) = ready.pop() {
        for &user in users.get(id).map_or(&[][..], |users| users) {
            if let Some(open) = open.get_mut(user) {
                *open -= 1;
                if *open == 0 {
                    ready.push(user);
                }
            }
        }
    }
    match schema.objects.iter().zip(&open).find(|(_, open)| **open > 0) {
        Some((object, _)) => Err(invalid(object, "the struct contains itself")),
        None => Ok(()),
    }
}
