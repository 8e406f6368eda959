use std::collections::BTreeSet;

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::contract::{Contract, Field, FieldType, Record, TypeId, ValueType};
use crate::rust::names::FbNames;
use crate::rust::tokens::{ident, scalar, type_name};

/// What a search in a vector sorted by the key needs; nothing for a type without key.
pub(super) fn emit(contract: &Contract, record: &Record, names: &FbNames) -> Option<TokenStream> {
    let index = record.key?;
    let (key, accessor) = (record.fields.get(index)?, ident(names.accessors.get(index)?));
    let ty = key_type(contract, key);
    let own = quote!(self.#accessor());
    // One that is absent stands before all others.
    let val = if key.is_option() { quote!(Some(val)) } else { quote!(val) };
    let with_value = comparison(key.ty, &own, &val);
    let with_other = comparison(key.ty, &own, &quote!(other.#accessor()));
    Some(quote! {
        /// Whether it stands before the other in a sorted vector.
        #[inline]
        pub fn key_compare_less_than(&self, other: &Self) -> bool {
            #with_other.is_lt()
        }

        /// How its key compares with another, for [`flatbuffers::Vector::lookup_by_key`].
        #[inline]
        pub fn key_compare_with_value(&self, val: #ty) -> ::core::cmp::Ordering {
            #with_value
        }
    })
}

/// What a key is compared with.
fn key_type(contract: &Contract, key: &Field) -> TokenStream {
    let value = match key.ty.value() {
        ValueType::Scalar(stored) => {
            let ty = scalar(stored);
            quote!(#ty)
        }
        ValueType::Enum(id) | ValueType::Struct(id) => {
            let ty = type_name(contract, id);
            quote!(#ty)
        }
        _ => quote!(str),
    };
    match (key.ty, key.ty.value()) {
        (FieldType::Array(_, length), _) => {
            let length = Literal::u16_unsuffixed(length);
            quote!(&[#value; #length])
        }
        (_, ValueType::Scalar(_) | ValueType::Enum(_)) => value,
        _ => quote!(&#value),
    }
}

/// How two values of a type compare as keys, as FlatBuffers have them: numbers by value, strings by their bytes, structs
/// field by field, arrays element by element.
pub(in crate::rust) fn comparison(ty: FieldType, a: &TokenStream, b: &TokenStream) -> TokenStream {
    let is_float = matches!(ty.value(), ValueType::Scalar(stored) if stored.is_float());
    match ty {
        FieldType::Array(..) if is_float => quote! {
            #a.iter().zip(#b.iter()).map(|(a, b)| a.total_cmp(b)).find(|order| order.is_ne())
                .unwrap_or(::core::cmp::Ordering::Equal)
        },
        _ if is_float => quote!(#a.total_cmp(&#b)),
        _ => quote!(::core::cmp::Ord::cmp(&#a, &#b)),
    }
}

/// The structs that are keys, or in one.
pub(super) fn key_structs(contract: &Contract) -> BTreeSet<TypeId> {
    let keys = contract.records().filter_map(|record| record.fields.get(record.key?));
    let structs = |field: &Field| match field.ty.value() {
        ValueType::Struct(id) => Some(id),
        _ => None,
    };
    let mut open: Vec<TypeId> = keys.filter_map(structs).collect();
    let mut found = BTreeSet::new();
    while let Some(id) = open.pop() {
        if found.insert(id) {
            open.extend(contract.record(id).into_iter().flat_map(|record| &record.fields).filter_map(structs));
        }
    }
    found
}

/// The order of a struct that is a key, or in one; it replaces the comparison of all bytes, padding included.
pub(super) fn emit_order(record: &Record, names: &FbNames) -> TokenStream {
    let name = ident(&record.rust);
    // Statements, because an expression would nest as deep as there are fields.
    let fields = record.fields.iter().zip(&names.accessors).map(|(field, accessor)| {
        let accessor = ident(accessor);
        let order = comparison(field.ty, &quote!(self.#accessor()), &quote!(other.#accessor()));
        quote! {
            let order = #order;
            if order.is_ne() {
                return order;
            }
        }
    });
    quote! {
        impl PartialEq for #name {
            fn eq(&self, other: &Self) -> bool {
                ::core::cmp::Ord::cmp(self, other).is_eq()
            }
        }

        impl Eq for #name {}

        impl PartialOrd for #name {
            fn partial_cmp(&self, other: &Self) -> Option<::core::cmp::Ordering> {
                Some(::core::cmp::Ord::cmp(self, other))
            }
        }

        impl Ord for #name {
            /// Field by field, in their order, as a key is compared.
            fn cmp(&self, other: &Self) -> ::core::cmp::Ordering {
                #(#fields)*
                ::core::cmp::Ordering::Equal
            }
        }
    }
}
