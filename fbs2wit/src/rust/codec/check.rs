//! Whether a buffer can hold a value: a union may be none in the API, and may not be where it is required.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::path;
use crate::contract::{Contract, Field, FieldType, Presence, Record, TypeDef, TypeId, Union, ValueType};
use crate::rust::tokens::{ident, type_name};

/// The types with values that no buffer can hold: those with a required union, and those that hold one.
pub(super) fn fallible(contract: &Contract) -> BTreeSet<TypeId> {
    let mut found = BTreeSet::new();
    loop {
        let before = found.len();
        for (def, id) in contract.types.iter().zip((0..).map(TypeId)) {
            let holds = |ty: ValueType| ty.type_id().is_some_and(|id| found.contains(&id));
            let is_fallible = match def {
                TypeDef::Record(record) => record
                    .fields
                    .iter()
                    .any(|field| required_union(contract, field).is_some() || holds(field.ty.value())),
                TypeDef::Union(union) => union.members.iter().any(|member| holds(member.ty)),
                TypeDef::Enum(_) => false,
            };
            if is_fallible {
                found.insert(id);
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

fn required_union<'c>(contract: &'c Contract, field: &Field) -> Option<&'c Union> {
    match (field.ty, &field.presence) {
        (FieldType::Single(ValueType::Union(id)), Presence::Required) => contract.union(id),
        _ => None,
    }
}

/// The method of a table; nothing where the trait's own will do.
pub(super) fn table(contract: &Contract, record: &Record, fallible: &BTreeSet<TypeId>) -> Option<TokenStream> {
    let fields = record.fields.iter().filter_map(|field| table_field(contract, record, field, fallible));
    fallible.contains(&record.id).then(|| {
        quote! {
            fn check(&self) -> Result<(), EncodeError> {
                #(#fields)*
                Ok(())
            }
        }
    })
}

fn table_field(
    contract: &Contract,
    record: &Record,
    field: &Field,
    fallible: &BTreeSet<TypeId>,
) -> Option<TokenStream> {
    let name = ident(&field.rust);
    let none = required_union(contract, field).map(|union| {
        let (ty, none) = (type_name(contract, union.id), ident(&union.none.rust));
        let path = path(record, &field.source);
        quote! {
            if matches!(self.#name, types::#ty::#none) {
                return Err(EncodeError::RequiredUnion { field: #path });
            }
        }
    });
    let below =
        field.ty.value().type_id().filter(|id| fallible.contains(id)).map(|_| match (field.ty, field.is_option()) {
            (FieldType::Single(_), false) => quote!(self.#name.check()?;),
            (FieldType::Single(_), true) => quote! {
                if let Some(value) = &self.#name {
                    value.check()?;
                }
            },
            (_, false) => quote! {
                for item in &self.#name {
                    item.check()?;
                }
            },
            (_, true) => quote! {
                for item in self.#name.iter().flatten() {
                    item.check()?;
                }
            },
        });
    (none.is_some() || below.is_some()).then(|| quote!(#none #below))
}

/// The method of a union that may hold such a table.
pub(super) fn union(union: &Union, fallible: &BTreeSet<TypeId>) -> Option<TokenStream> {
    let holds = |ty: ValueType| ty.type_id().is_some_and(|id| fallible.contains(&id));
    let arms = union.members.iter().filter(|member| holds(member.ty)).map(|member| {
        let case = ident(&member.case.rust);
        quote!(Self::#case(value) => value.check(),)
    });
    fallible.contains(&union.id).then(|| {
        quote! {
            fn check(&self) -> Result<(), EncodeError> {
                match self {
                    #(#arms)*
                    _ => Ok(()),
                }
            }
        }
    })
}
