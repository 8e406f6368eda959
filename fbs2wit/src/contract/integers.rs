use std::collections::BTreeSet;

use crate::model::{Element, EnumId, EnumKind, Presence, Schema, Type, Value};

/// How many names flags of WIT may have.
const MAX_FLAGS: usize = 32;

/// The bit flags that are integers in WIT and Rust, because flags of WIT cannot be all that the schema says: they have no
/// name or too many, or a field has a default with a bit that has none.
pub(crate) fn integers(schema: &Schema) -> BTreeSet<EnumId> {
    let flags = (0..).map(EnumId).zip(&schema.enums).filter(|(_, e)| e.kind == EnumKind::BitFlags);
    let mut integers: BTreeSet<EnumId> =
        flags.filter(|(_, e)| !(1..=MAX_FLAGS).contains(&e.values.len())).map(|(id, _)| id).collect();
    for field in schema.objects.iter().flat_map(|object| object.live_fields()) {
        let (Presence::Default(Value::Int(default)), Type::Single(Element::Enum(id))) = (&field.presence, field.ty)
        else {
            continue;
        };
        let e = schema.enumeration(id);
        let named = e.values.iter().fold(0, |all, value| all | value.value);
        if e.kind == EnumKind::BitFlags && default & !named != 0 {
            integers.insert(id);
        }
    }
    integers
}
