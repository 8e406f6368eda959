//! `wire.rs`: the types as bindings see them.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::tokens::{docs, ident};
use super::types::{component_attributes, component_name, field_type, union_cases, value_type};
use crate::contract::{Contract, Field, FieldType, RESERVED_FIELD, Record, TypeDef, Union, WireForm};

pub(super) fn emit(contract: &Contract) -> impl Iterator<Item = TokenStream> {
    let types = contract.types.iter().map(move |def| match def {
        TypeDef::Record(record) if record.wire == WireForm::Distinct => emit_record(contract, record),
        TypeDef::Union(union) if union.wire == WireForm::Distinct => emit_union(contract, union),
        def => {
            let name = ident(def.rust());
            quote!(pub use super::types::#name;)
        }
    });
    let linking = emit_linking(contract);
    let has_arrays = contract.records().flat_map(|record| &record.fields).any(is_array);
    let arrays = has_arrays.then(|| {
        quote! {
            //!
            //! WIT has no arrays either: in a struct with one, and in whatever holds it, they are tuples here.
        }
    });
    let head = quote! {
        //! The types of the WIT interface `types`.
        //!
        //! A record of WIT has at least one field. A table without fields, and whatever holds one, has a type of its
        //! own here; every other type is that of the crate's API.
        #arrays
    };
    [head].into_iter().chain(types).chain([linking])
}

/// What wasmtime's `bindgen!` expects beside the types of an interface that a world imports.
fn emit_linking(contract: &Contract) -> TokenStream {
    let interface = format!("{}/types", contract.package);
    quote! {
        #[cfg(feature = "host")]
        pub use ::hookr::__private::types_only::{Host, HostWithStore};

        /// Tells a linker of the interface, which has no functions.
        #[cfg(feature = "host")]
        pub fn add_to_linker<T: 'static, D: ::hookr::__private::wasmtime::component::HasData>(
            linker: &mut ::hookr::__private::wasmtime::component::Linker<T>,
            _: fn(&mut T) -> D::Data<'_>,
        ) -> ::hookr::__private::wasmtime::Result<()> {
            ::hookr::__private::types_only::link(linker, #interface)
        }
    }
}

fn emit_record(contract: &Contract, record: &Record) -> TokenStream {
    let name = ident(&record.rust);
    let component = component_attributes(&quote!(record));
    let derives = derives(contract);
    let how = if record.fields.iter().any(is_array) {
        "with tuples for its arrays"
    } else {
        "with a field for WIT where it has none"
    };
    let record_docs = docs(&[], &format!("[`super::types::{name}`] {how}."));
    let mut fields: Vec<TokenStream> = Vec::new();
    let (mut to_wire, mut from_wire) = (Vec::new(), Vec::new());
    for field in &record.fields {
        let docs = docs(&[], &format!("The field `{}`.", field.source));
        let component = component_name(&field.label);
        let name = ident(&field.rust);
        let ty = wire_type(contract, field);
        fields.push(quote!(#docs #component pub #name: #ty));
        let (to, from) = (convert(contract, field, true), convert(contract, field, false));
        to_wire.push(quote!(#name: #to));
        from_wire.push(quote!(#name: #from));
    }
    if record.fields.is_empty() {
        let reserved = ident(RESERVED_FIELD);
        let component = component_name(RESERVED_FIELD);
        fields.push(quote! {
            /// Always false.
            #component
            pub #reserved: bool
        });
        to_wire.push(quote!(#reserved: false));
    }
    let value = if record.fields.is_empty() { ident("_value") } else { ident("value") };
    quote! {
        #record_docs
        #derives
        #component
        pub struct #name { #(#fields),* }

        impl From<super::types::#name> for #name {
            fn from(#value: super::types::#name) -> Self {
                Self { #(#to_wire),* }
            }
        }

        impl From<#name> for super::types::#name {
            fn from(#value: #name) -> Self {
                Self { #(#from_wire),* }
            }
        }
    }
}

fn emit_union(contract: &Contract, union: &Union) -> TokenStream {
    let name = ident(&union.rust);
    let component = component_attributes(&quote!(variant));
    let derives = derives(contract);
    let union_docs = docs(&[], &format!("[`super::types::{name}`] with members as bindings see them."));
    let cases = union_cases(contract, union, true);
    let none = ident(&union.none.rust);
    let arms = |from: &TokenStream| -> Vec<TokenStream> {
        let arms = union.members.iter().map(|member| {
            let case = ident(&member.case.rust);
            let wire = member.ty.type_id().map_or(WireForm::Same, |id| contract.type_def(id).wire());
            let value = if wire == WireForm::Distinct { quote!(value.into()) } else { quote!(value) };
            quote!(#from::#case(value) => Self::#case(#value),)
        });
        arms.collect()
    };
    let (ours, theirs) = (quote!(super::types::#name), quote!(#name));
    let (to_wire, from_wire) = (arms(&ours), arms(&theirs));
    quote! {
        #union_docs
        #derives
        #[derive(Default)]
        #component
        pub enum #name { #(#cases),* }

        impl From<#ours> for #name {
            fn from(value: #ours) -> Self {
                match value {
                    #ours::#none => Self::#none,
                    #(#to_wire)*
                }
            }
        }

        impl From<#theirs> for #ours {
            fn from(value: #theirs) -> Self {
                match value {
                    #theirs::#none => Self::#none,
                    #(#from_wire)*
                }
            }
        }
    }
}

fn is_array(field: &Field) -> bool {
    matches!(field.ty, FieldType::Array(..))
}

/// The type of a field as bindings see it: arrays are tuples.
fn wire_type(contract: &Contract, field: &Field) -> TokenStream {
    let FieldType::Array(element, length) = field.ty else { return field_type(contract, field, &quote!()) };
    let element = value_type(contract, element, &quote!());
    let elements = vec![element; usize::from(length)];
    quote!((#(#elements,)*))
}

/// The value of a field for bindings, or back from them.
fn convert(contract: &Contract, field: &Field, to_wire: bool) -> TokenStream {
    let name = ident(&field.rust);
    let value = quote!(value.#name);
    let wire = field.ty.value().type_id().map_or(WireForm::Same, |id| contract.type_def(id).wire());
    match (wire, field.ty, field.is_option()) {
        (wire, FieldType::Array(_, length), _) => {
            let items: Vec<_> = (0..length).map(|i| format_ident!("item{i}")).collect();
            let converted = items.iter().map(|item| match wire {
                WireForm::Same => quote!(#item),
                WireForm::Distinct => quote!(#item.into()),
            });
            let (from, to) = match to_wire {
                true => (quote!([#(#items),*]), quote!((#(#converted,)*))),
                false => (quote!((#(#items,)*)), quote!([#(#converted),*])),
            };
            quote!({ let #from = #value; #to })
        }
        (WireForm::Same, _, _) => value,
        (WireForm::Distinct, FieldType::Single(_), false) => quote!(#value.into()),
        (WireForm::Distinct, FieldType::Single(_), true) => quote!(#value.map(Into::into)),
        (WireForm::Distinct, FieldType::List(_), false) => quote!(#value.into_iter().map(Into::into).collect()),
        (WireForm::Distinct, FieldType::List(_), true) => {
            quote!(#value.map(|items| items.into_iter().map(Into::into).collect()))
        }
    }
}

/// What wire types derive. Rust compares and prints tuples of up to twelve elements only.
fn derives(contract: &Contract) -> TokenStream {
    let mut fields = contract.records().flat_map(|record| &record.fields);
    if fields.any(|field| matches!(field.ty, FieldType::Array(_, length) if length > 12)) {
        quote!(#[derive(Clone)])
    } else {
        quote!(#[derive(Clone, Debug, PartialEq)])
    }
}
