use super::{FieldType, TypeDef, TypeId, ValueType};

/// Whether the type of the Rust API also crosses the component boundary, and what may go wrong where another one does.
///
/// WIT has no record without fields, no arrays and no recursive types, so that an empty table, a struct with an array, a
/// table that holds itself, and whatever holds one, needs a second type there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WireForm {
    /// One type for both.
    Same,
    /// A type of its own in module `wire`, with conversions.
    Distinct,
    /// The same, and what comes from the other side is checked: there is an array of more than [`MAX_TUPLE`](super::MAX_TUPLE) elements.
    Checked,
    /// The same, and what goes to the other side is checked too: values of a recursive type are in it, which may be
    /// deeper than [`hookr_abi::MAX_NESTING`].
    Recursive,
}

/// Decides how the values of each type look to bindings, and whether they own memory there.
///
/// Empty records, those with arrays and recursive types have a form of their own, and so has whatever holds one that has.
pub(super) fn decide(types: &mut [TypeDef]) {
    let forms = spread(types, |def| match def {
        def if def.recursion().is_some() => WireForm::Recursive,
        TypeDef::Record(record) if record.fields.iter().any(|field| field.ty.is_long_array()) => WireForm::Checked,
        TypeDef::Record(record) => {
            let has_arrays = record.fields.iter().any(|field| matches!(field.ty, FieldType::Array(..)));
            if record.fields.is_empty() || has_arrays { WireForm::Distinct } else { WireForm::Same }
        }
        TypeDef::Enum(_) | TypeDef::Union(_) => WireForm::Same,
    });
    let owning = spread(types, |def| match def {
        // Trees have lists.
        def if def.recursion().is_some() => true,
        TypeDef::Record(record) => record.fields.iter().any(|field| match field.ty {
            FieldType::List(_) | FieldType::Single(ValueType::String) => true,
            ty => ty.is_long_array(),
        }),
        TypeDef::Union(union) => union.members.iter().any(|member| member.ty == ValueType::String),
        TypeDef::Enum(_) => false,
    });
    for ((def, form), owning) in types.iter_mut().zip(forms).zip(owning) {
        match def {
            TypeDef::Record(record) => {
                record.wire = form;
                record.has_lists = owning;
                if form == WireForm::Recursive {
                    record.depth = hookr_abi::MAX_NESTING;
                }
            }
            TypeDef::Union(union) => union.wire = form,
            TypeDef::Enum(_) => {}
        }
    }
}

/// The types that a type names, in the order of its fields or members.
fn named_by(def: &TypeDef) -> Vec<TypeId> {
    match def {
        TypeDef::Record(record) => record.fields.iter().filter_map(|field| field.ty.value().type_id()).collect(),
        TypeDef::Union(union) => union.members.iter().filter_map(|member| member.ty.type_id()).collect(),
        TypeDef::Enum(_) => Vec::new(),
    }
}

/// For each type the greatest of the properties of what it holds, directly or further down, its own included.
fn spread<T: Copy + Ord>(types: &[TypeDef], property: impl Fn(&TypeDef) -> T) -> Vec<T> {
    let mut holders: Vec<Vec<usize>> = vec![Vec::new(); types.len()];
    for (i, def) in types.iter().enumerate() {
        for id in named_by(def) {
            holders[id.0 as usize].push(i);
        }
    }
    let mut greatest: Vec<T> = types.iter().map(property).collect();
    let mut open: Vec<usize> = (0..types.len()).collect();
    while let Some(i) = open.pop() {
        for &holder in &holders[i] {
            if greatest[holder] < greatest[i] {
                greatest[holder] = greatest[i];
                open.push(holder);
            }
        }
    }
    greatest
}
