//! Whether a buffer can hold a value: a union may be none in the API, and may not be where it is required; tables that hold
//! themselves may nest without end, and no reader goes down so far.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::path;
use crate::contract::{
    Contract, Field, FieldType, Presence, Record, RecordKind, TypeDef, TypeId, Union, ValueType, holders,
};
use crate::rust::tokens::{ident, type_name};

/// The types with values that no buffer can hold: those with a required union, and those that hold one; and every table of
/// a contract with recursive types, so that each level counts.
pub(super) fn fallible(contract: &Contract) -> BTreeSet<TypeId> {
    let mut found = BTreeSet::new();
    if is_recursive(contract) {
        let tables = contract.records().filter(|record| record.kind == RecordKind::Table);
        found.extend(tables.map(|record| record.id));
    }
    holders(&contract.types, found, |def| match def {
        TypeDef::Record(record) => record.fields.iter().any(|field| required_union(contract, field).is_some()),
        TypeDef::Union(_) | TypeDef::Enum(_) => false,
    })
}

/// Whether values of the contract can be deeper than readers go.
pub(super) fn is_recursive(contract: &Contract) -> bool {
    !contract.groups.is_empty()
}

/// Whether a field of the contract is a union that has to be there.
pub(super) fn has_required_union(contract: &Contract) -> bool {
    let mut fields = contract.records().flat_map(|record| &record.fields);
    fields.any(|field| required_union(contract, field).is_some())
}

/// Checks what lies below a table or a union.
fn call(contract: &Contract, value: &TokenStream) -> TokenStream {
    if is_recursive(contract) { quote!(#value.check_at(depth)) } else { quote!(#value.check()) }
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
    if !fallible.contains(&record.id) {
        return None;
    }
    let fields: Vec<TokenStream> = fields.collect();
    if !is_recursive(contract) {
        return Some(quote! {
            fn check(&self) -> Result<(), EncodeError> {
                #(#fields)*
                Ok(())
            }
        });
    }
    let below = record.fields.iter().any(|field| field.ty.value().type_id().is_some_and(|id| fallible.contains(&id)));
    let enter = if below { quote!(let depth =) } else { quote!() };
    Some(quote! {
        fn check_at(&self, depth: Depth) -> Result<(), EncodeError> {
            #enter depth.enter().map_err(|_| EncodeError::TooDeep)?;
            #(#fields)*
            Ok(())
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
    let (own, value, item) =
        (call(contract, &quote!(self.#name)), call(contract, &quote!(value)), call(contract, &quote!(item)));
    let below =
        field.ty.value().type_id().filter(|id| fallible.contains(id)).map(|_| match (field.ty, field.is_option()) {
            (FieldType::Single(_), false) => quote!(#own?;),
            (FieldType::Single(_), true) => quote! {
                if let Some(value) = &self.#name {
                    #value?;
                }
            },
            (_, false) => quote! {
                for item in &self.#name {
                    #item?;
                }
            },
            (_, true) => quote! {
                for item in self.#name.iter().flatten() {
                    #item?;
                }
            },
        });
    (none.is_some() || below.is_some()).then(|| quote!(#none #below))
}

/// The method of a union that may hold such a table.
pub(super) fn union(contract: &Contract, union: &Union, fallible: &BTreeSet<TypeId>) -> Option<TokenStream> {
    let holds = |ty: ValueType| ty.type_id().is_some_and(|id| fallible.contains(&id));
    let arms = union.members.iter().filter(|member| holds(member.ty)).map(|member| {
        let case = ident(&member.case.rust);
        let value = call(contract, &quote!(value));
        quote!(Self::#case(value) => #value,)
    });
    let head = match is_recursive(contract) {
        true => quote!(fn check_at(&self, depth: Depth)),
        false => quote!(fn check(&self)),
    };
    fallible.contains(&union.id).then(|| {
        quote! {
            #head -> Result<(), EncodeError> {
                match self {
                    #(#arms)*
                    _ => Ok(()),
                }
            }
        }
    })
}
