//! What is in a contract that WIT has no word for: a generator that makes none of it would prove nothing.

use std::collections::BTreeSet;

use fbs2wit::contract::{Contract, EnumForm, Field, FieldType, MAX_TUPLE, Record, TypeDef, Union, ValueType};

pub(crate) const ALL: [&str; 14] = [
    "a table that holds itself",
    "a table in a list of its own",
    "a cycle of two tables",
    "a cycle through a union",
    "a vector of a recursive union",
    "a tree of a table",
    "a tree of a union",
    "a cycle without a tree",
    "a long array",
    "an integer with more than 32 names",
    "an integer with few names",
    "a union without members",
    "a struct as a key",
    "an aligned vector",
];

/// Those that are there.
pub(crate) fn of(contract: &Contract) -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    let mut add = |construct: &'static str, is_there: bool| {
        assert!(ALL.contains(&construct), "{construct}");
        if is_there {
            found.insert(construct);
        }
    };
    for def in &contract.types {
        match def {
            TypeDef::Record(record) => {
                add("a tree of a table", def.tree().is_some());
                add("a struct as a key", has_struct_as_key(record));
                for field in &record.fields {
                    of_field(contract, record, field, &mut add);
                }
            }
            TypeDef::Enum(e) => {
                let is_integer = matches!(e.form, EnumForm::Integer { .. });
                add("an integer with more than 32 names", is_integer && e.cases.len() > 32);
                add("an integer with few names", is_integer && e.cases.len() <= 32);
            }
            TypeDef::Union(Union { members, .. }) => {
                add("a tree of a union", def.tree().is_some());
                add("a union without members", members.is_empty());
            }
        }
    }
    for group in &contract.groups {
        add("a cycle of two tables", group.tables.len() > 1);
        add("a cycle through a union", !group.unions.is_empty());
        add("a cycle without a tree", contract.first_tree(group).is_none());
    }
    found
}

fn of_field(contract: &Contract, record: &Record, field: &Field, add: &mut impl FnMut(&'static str, bool)) {
    add("an aligned vector", field.align.is_some());
    match field.ty {
        FieldType::Single(value) => add("a table that holds itself", value.type_id() == Some(record.id)),
        FieldType::List(ValueType::Union(id)) => {
            add("a vector of a recursive union", contract.same_group(record.id, id));
        }
        FieldType::List(value) => add("a table in a list of its own", value.type_id() == Some(record.id)),
        FieldType::Array(_, length) => add("a long array", length > MAX_TUPLE),
    }
}

fn has_struct_as_key(record: &Record) -> bool {
    let key = record.key.and_then(|key| record.fields.get(key));
    key.is_some_and(|field| matches!(field.ty, FieldType::Single(ValueType::Struct(_))))
}
