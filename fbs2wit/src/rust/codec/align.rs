//! How far buffers are aligned: as far as what in them asks for most.

use std::collections::BTreeSet;

use crate::contract::{Contract, Field, FieldType, RecordKind, TypeDef, TypeId, ValueType, holders};

/// What is aligned to more than offsets and lengths are.
pub(super) struct Aligns {
    /// Which types have something that is aligned to so many bytes, from the most on.
    steps: Vec<(u32, BTreeSet<TypeId>)>,
}

/// The alignment of offsets and lengths, which every buffer has.
const OFFSET: u32 = 4;

impl Aligns {
    pub(super) fn new(contract: &Contract) -> Self {
        let fields = |def: &TypeDef| match def {
            TypeDef::Record(record) if !record.is_struct() => {
                record.fields.iter().map(|field| own(contract, field)).max()
            }
            _ => None,
        };
        let found: BTreeSet<u32> = contract.types.iter().filter_map(fields).filter(|align| *align > OFFSET).collect();
        let step = |align: u32| (align, holders(&contract.types, BTreeSet::new(), |def| fields(def) == Some(align)));
        Aligns { steps: found.into_iter().rev().map(step).collect() }
    }

    /// The alignment of a buffer with this table as its root, in bytes.
    pub(super) fn of(&self, table: TypeId) -> u32 {
        let mut steps = self.steps.iter();
        steps.find(|(_, types)| types.contains(&table)).map_or(OFFSET, |(align, _)| *align)
    }
}

fn of_struct(contract: &Contract, ty: ValueType) -> Option<u32> {
    let ValueType::Struct(id) = ty else { return None };
    match contract.record(id)?.kind {
        RecordKind::Struct { align, .. } => Some(align),
        RecordKind::Table => None,
    }
}

/// The alignment of a field of a table, and of the elements that it leads to.
fn own(contract: &Contract, field: &Field) -> u32 {
    let value = match field.ty.value() {
        ValueType::Scalar(scalar) => scalar.size(),
        ValueType::Enum(id) => contract.enumeration(id).map_or(OFFSET, |e| e.repr.size()),
        ValueType::Union(id) => {
            let members = contract.union(id).map_or(&[][..], |union| &union.members);
            members.iter().filter_map(|member| of_struct(contract, member.ty)).max().unwrap_or(OFFSET)
        }
        value => of_struct(contract, value).unwrap_or(OFFSET),
    };
    let forced = match field.ty {
        FieldType::List(_) => field.align.unwrap_or(OFFSET),
        FieldType::Single(_) | FieldType::Array(..) => OFFSET,
    };
    value.max(forced)
}
