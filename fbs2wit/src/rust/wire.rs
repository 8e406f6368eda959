//! `wire.rs`: the types as bindings see them.

mod convert;
mod tree;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use self::convert::Conversion;
pub(super) use self::convert::is_boxed;
use super::tokens::{docs, ident};
use super::types::{component_attributes, component_name, union_cases};
use crate::contract::{
    Contract, Field, FieldType, RESERVED_FIELD, Record, TypeDef, TypeId, Union, ValueType, WireForm,
};

pub(super) fn emit(contract: &Contract) -> impl Iterator<Item = TokenStream> {
    let types = contract.types.iter().map(move |def| {
        let ty = match def {
            TypeDef::Record(record) if record.wire != WireForm::Same => emit_record(contract, record),
            TypeDef::Union(union) if union.wire != WireForm::Same => emit_union(contract, union),
            def => {
                let name = ident(def.rust());
                quote!(pub use super::types::#name;)
            }
        };
        let tree = tree::emit(contract, def);
        quote!(#ty #tree)
    });
    let groups = contract.groups.iter().filter_map(|group| tree::emit_group(contract, group));
    let linking = emit_linking(contract);
    let notes = notes(contract);
    let head = quote! {
        //! The types of the WIT interface `types`.
        //!
        //! A record of WIT has at least one field. A table without fields, and whatever holds one, has a type of its
        //! own here; every other type is that of the crate's API.
        #notes
    };
    [head].into_iter().chain(types).chain(groups).chain([linking])
}

/// What the module says of constructs that not every contract has.
fn notes(contract: &Contract) -> TokenStream {
    let mut fields = contract.records().flat_map(|record| &record.fields);
    let arrays = fields.any(is_array).then(|| {
        quote! {
            //!
            //! WIT has no arrays either: in a struct with one, and in whatever holds it, they are tuples here.
        }
    });
    let mut fields = contract.records().flat_map(|record| &record.fields);
    let long_arrays = fields.any(|field| field.ty.is_long_array()).then(|| {
        quote! {
            //! Those of more than sixteen elements are lists, whose length is checked.
        }
    });
    let trees = (!contract.groups.is_empty()).then(|| {
        quote! {
            //!
            //! WIT has no recursive types: tables that hold each other stand in lists and refer to each other by index
            //! here. What comes in is checked to be a tree, and neither way may it be deeper than
            //! [`hookr_abi::MAX_NESTING`].
        }
    });
    quote!(#arrays #long_arrays #trees)
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
    let how = match record {
        _ if record.recursion.is_some() => "with indices for what is of its own kind",
        _ if record.fields.iter().any(|field| field.ty.is_long_array()) => "with tuples and lists for its arrays",
        _ if record.fields.iter().any(is_array) => "with tuples for its arrays",
        _ if record.wire == WireForm::Recursive => "with trees for what holds itself",
        _ => "with a field for WIT where it has none",
    };
    let record_docs = docs(&[], &format!("[`super::types::{name}`] {how}."));
    let mut fields: Vec<TokenStream> = Vec::new();
    for field in &record.fields {
        let docs = docs(&[], &format!("The field `{}`.", field.source));
        let component = component_name(&field.label);
        let name = ident(&field.rust);
        let ty = wire_type(contract, record.id, field);
        fields.push(quote!(#docs #component pub #name: #ty));
    }
    if record.fields.is_empty() {
        let reserved = ident(RESERVED_FIELD);
        let component = component_name(RESERVED_FIELD);
        fields.push(quote! {
            /// Always false.
            #component
            pub #reserved: bool
        });
    }
    let conversions = record_conversions(contract, record);
    quote! {
        #record_docs
        #derives
        #component
        pub struct #name { #(#fields),* }

        #conversions
    }
}

/// Between a record and the type of the API; what is of a recursive group is converted by its trees alone.
fn record_conversions(contract: &Contract, record: &Record) -> TokenStream {
    let name = ident(&record.rust);
    let api = quote!(super::types::#name);
    let fields = |conversion: &Conversion<'_>| {
        let mut fields = record.fields.iter().map(|field| conversion.field(record, field)).collect::<Vec<_>>();
        if fields.is_empty() && conversion.is_lowering() {
            let reserved = ident(RESERVED_FIELD);
            fields.push(quote!(#reserved: false));
        }
        quote!({ #(#fields),* })
    };
    let lower = fields(&Conversion::lower(contract, record.wire));
    let lift = fields(&Conversion::lift(contract));
    let value = if record.fields.is_empty() { ident("_value") } else { ident("value") };
    match record.wire {
        _ if record.recursion.is_some() => quote!(),
        WireForm::Same => quote!(),
        WireForm::Distinct | WireForm::Checked => {
            let from_wire = from_wire(&name, record.wire, &value, &quote!(Self #lift));
            quote! {
                impl From<#api> for #name {
                    fn from(#value: #api) -> Self {
                        Self #lower
                    }
                }

                #from_wire
            }
        }
        WireForm::Recursive => recursive(
            &name,
            &name,
            &quote!(let depth = depth.enter()?; Ok(Self #lower)),
            &quote!(let depth = depth.enter()?; let value = self; Ok(#api #lift)),
        ),
    }
}

fn emit_union(contract: &Contract, union: &Union) -> TokenStream {
    let name = ident(&union.rust);
    let component = component_attributes(&quote!(variant));
    let derives = derives(contract);
    let how = match union.recursion {
        Some(_) => "indices for what is of its own kind",
        None => "members as bindings see them",
    };
    let union_docs = docs(&[], &format!("[`super::types::{name}`] with {how}."));
    let cases = union_cases(union, true, |ty| wire_value_type(contract, union.id, ty));
    let conversions = union_conversions(contract, union);
    quote! {
        #union_docs
        #derives
        #[derive(Default)]
        #component
        pub enum #name { #(#cases),* }

        #conversions
    }
}

fn union_conversions(contract: &Contract, union: &Union) -> TokenStream {
    let name = ident(&union.rust);
    let api = quote!(super::types::#name);
    let (lower, lift) = (Conversion::lower(contract, union.wire), Conversion::lift(contract));
    match union.wire {
        _ if union.recursion.is_some() => quote!(),
        WireForm::Same => quote!(),
        WireForm::Distinct | WireForm::Checked => {
            let lower = lower.union(union, &quote!(value), &api, &quote!(Self));
            let lift = lift.union(union, &quote!(value), &quote!(#name), &quote!(Self));
            let from_wire = from_wire(&name, union.wire, &ident("value"), &lift);
            quote! {
                impl From<#api> for #name {
                    fn from(value: #api) -> Self {
                        #lower
                    }
                }

                #from_wire
            }
        }
        WireForm::Recursive => {
            let lower = lower.union(union, &quote!(value), &api, &quote!(Self));
            let lift = lift.union(union, &quote!(self), &quote!(Self), &api);
            recursive(&name, &name, &quote!(Ok(#lower)), &quote!(Ok(#lift)))
        }
    }
}

/// What comes from bindings as the type of the API; `lift` makes it of `value`.
fn from_wire(name: &Ident, form: WireForm, value: &Ident, lift: &TokenStream) -> TokenStream {
    if form == WireForm::Distinct {
        return quote! {
            impl From<#name> for super::types::#name {
                fn from(#value: #name) -> Self {
                    #lift
                }
            }
        };
    }
    quote! {
        impl TryFrom<#name> for super::types::#name {
            type Error = hookr_abi::InvalidValue;

            fn try_from(#value: #name) -> Result<Self, hookr_abi::InvalidValue> {
                Ok(#lift)
            }
        }
    }
}

/// Between a type that has values of a recursive type and the one called `api` of the API, where both ways can fail.
fn recursive(name: &Ident, api: &Ident, lower: &TokenStream, lift: &TokenStream) -> TokenStream {
    quote! {
        impl #name {
            /// What bindings take for a value that lies in so many tables.
            fn lower(
                value: &super::types::#api,
                depth: hookr_abi::tree::Depth,
            ) -> Result<Self, hookr_abi::InvalidValue> {
                #lower
            }

            /// The value, which lies in so many tables.
            fn lift(self, depth: hookr_abi::tree::Depth) -> Result<super::types::#api, hookr_abi::InvalidValue> {
                #lift
            }
        }

        impl TryFrom<&super::types::#api> for #name {
            type Error = hookr_abi::InvalidValue;

            fn try_from(value: &super::types::#api) -> Result<Self, hookr_abi::InvalidValue> {
                Self::lower(value, hookr_abi::tree::Depth::TOP)
            }
        }

        impl TryFrom<#name> for super::types::#api {
            type Error = hookr_abi::InvalidValue;

            fn try_from(value: #name) -> Result<Self, hookr_abi::InvalidValue> {
                value.lift(hookr_abi::tree::Depth::TOP)
            }
        }
    }
}

fn is_array(field: &Field) -> bool {
    matches!(field.ty, FieldType::Array(..))
}

/// The type of a field as bindings see it: short arrays are tuples, long ones lists.
fn wire_type(contract: &Contract, holder: TypeId, field: &Field) -> TokenStream {
    let value = wire_value_type(contract, holder, field.ty.value());
    let ty = match field.ty {
        FieldType::Single(_) => value,
        FieldType::Array(_, length) if !field.ty.is_long_array() => {
            let elements = vec![value; usize::from(length)];
            quote!((#(#elements,)*))
        }
        FieldType::List(_) | FieldType::Array(..) => quote!(Vec<#value>),
    };
    if field.is_option() { quote!(Option<#ty>) } else { ty }
}

/// The type of one value in `holder` as bindings see it.
fn wire_value_type(contract: &Contract, holder: TypeId, ty: ValueType) -> TokenStream {
    match ty {
        ValueType::Scalar(_) | ValueType::String => super::types::value_type(contract, ty),
        ValueType::Table(id) if contract.same_group(holder, id) => quote!(u32),
        ValueType::Enum(id) | ValueType::Struct(id) | ValueType::Table(id) | ValueType::Union(id) => {
            let def = contract.type_def(id);
            let name = ident(if contract.same_group(holder, id) { def.rust() } else { def.outer_rust() });
            quote!(#name)
        }
    }
}

/// What wire types derive. Rust compares and prints tuples of up to twelve elements only.
fn derives(contract: &Contract) -> TokenStream {
    let mut fields = contract.records().flat_map(|record| &record.fields);
    let is_large_tuple = |field: &Field| matches!(field.ty, FieldType::Array(_, length) if length > 12);
    if fields.any(|field| is_large_tuple(field) && !field.ty.is_long_array()) {
        quote!(#[derive(Clone)])
    } else {
        quote!(#[derive(Clone, Debug, PartialEq)])
    }
}
