//! What vectors make of a method: those of tables and structs with a key have another order in FlatBuffers than in WIT, and
//! those of anything but numbers are of many values.

use std::collections::BTreeSet;

use super::{FieldType, Interface, TypeDef, TypeId, ValueType};

/// Says of each method whether its values keep the order of their lists in FlatBuffers, and whether those are of numbers.
pub(super) fn mark(interfaces: &mut [Interface], types: &[TypeDef]) {
    let (sorted, many) = (sorted(types), many(types));
    for method in interfaces.iter_mut().flat_map(|interface| &mut interface.methods) {
        let is_in = |found: &BTreeSet<TypeId>| found.contains(&method.request) || found.contains(&method.response);
        (method.keeps_order, method.is_plain) = (!is_in(&sorted), !is_in(&many));
    }
}

/// The types with a vector that is sorted when it is written.
fn sorted(types: &[TypeDef]) -> BTreeSet<TypeId> {
    let has_key = |id: TypeId| match types.get(id.0 as usize) {
        Some(TypeDef::Record(record)) => record.key.is_some(),
        Some(TypeDef::Union(_) | TypeDef::Enum(_)) | None => false,
    };
    holders(types, BTreeSet::new(), |def| match def {
        TypeDef::Record(record) => record.fields.iter().any(|field| match field.ty {
            FieldType::List(item) => item.type_id().is_some_and(has_key),
            FieldType::Single(_) | FieldType::Array(..) => false,
        }),
        TypeDef::Union(_) | TypeDef::Enum(_) => false,
    })
}

/// The types with a vector of anything but numbers.
fn many(types: &[TypeDef]) -> BTreeSet<TypeId> {
    let is_number = |item: ValueType| matches!(item, ValueType::Scalar(_) | ValueType::Enum(_));
    holders(types, BTreeSet::new(), |def| match def {
        TypeDef::Record(record) => {
            record.fields.iter().any(|field| matches!(field.ty, FieldType::List(item) if !is_number(item)))
        }
        TypeDef::Union(_) | TypeDef::Enum(_) => false,
    })
}

/// Some types, those that `is_one` is true of, and all types that hold one of them.
pub(crate) fn holders(
    types: &[TypeDef],
    mut found: BTreeSet<TypeId>,
    is_one: impl Fn(&TypeDef) -> bool,
) -> BTreeSet<TypeId> {
    loop {
        let before = found.len();
        for (def, id) in types.iter().zip((0..).map(TypeId)) {
            let holds = |ty: ValueType| ty.type_id().is_some_and(|id| found.contains(&id));
            let holds_one = match def {
                TypeDef::Record(record) => record.fields.iter().any(|field| holds(field.ty.value())),
                TypeDef::Union(union) => union.members.iter().any(|member| holds(member.ty)),
                TypeDef::Enum(_) => false,
            };
            if holds_one || is_one(def) {
                found.insert(id);
            }
        }
        if found.len() == before {
            return found;
        }
    }
}
