//! What has another order in FlatBuffers than in WIT: vectors of tables and structs with a key, which are sorted.

use std::collections::BTreeSet;

use super::{FieldType, Interface, TypeDef, TypeId, ValueType};

/// Says of each method whether its values keep the order of their lists in FlatBuffers.
pub(super) fn mark(interfaces: &mut [Interface], types: &[TypeDef]) {
    let sorted = sorted(types);
    for method in interfaces.iter_mut().flat_map(|interface| &mut interface.methods) {
        method.keeps_order = !sorted.contains(&method.request) && !sorted.contains(&method.response);
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
