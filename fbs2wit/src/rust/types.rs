//! `types.rs`: the types of the contract as people use them.

mod flags;
mod integers;

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::tokens::{docs, ident, int, is_zero, scalar, type_name, value};
use super::wire::is_boxed;
use crate::contract::{
    Contract, Enum, EnumForm, Field, FieldType, Presence, Record, RecordKind, TypeDef, TypeId, Union, ValueType,
    WireForm,
};
use crate::model::Value;

pub(super) fn emit(contract: &Contract) -> impl Iterator<Item = TokenStream> {
    let types = contract.types.iter().map(move |def| match def {
        TypeDef::Record(record) => emit_record(contract, record),
        TypeDef::Enum(e) => emit_enum(e),
        TypeDef::Union(union) => emit_union(contract, union),
    });
    let interface = if contract.types.is_empty() { "The contract has no types." } else { "The types of the contract." };
    let title = format!(" {interface}");
    [quote!(#![doc = #title])].into_iter().chain(types)
}

/// What makes a type one that wasmtime's component API takes: `style` is `record`, `enum` or `variant`.
pub(super) fn component_attributes(style: &TokenStream) -> TokenStream {
    quote! {
        #[cfg_attr(
            feature = "host",
            derive(
                ::hookr::__private::wasmtime::component::ComponentType,
                ::hookr::__private::wasmtime::component::Lift,
                ::hookr::__private::wasmtime::component::Lower
            )
        )]
        #[cfg_attr(feature = "host", component(#style))]
        #[cfg_attr(feature = "host", component(wasmtime_crate = ::hookr::__private::wasmtime))]
    }
}

/// The label of a field or a case for wasmtime's component API.
pub(super) fn component_name(label: &str) -> TokenStream {
    quote!(#[cfg_attr(feature = "host", component(name = #label))])
}

/// The type of a field.
fn field_type(contract: &Contract, holder: TypeId, field: &Field) -> TokenStream {
    let value = value_type(contract, field.ty.value());
    let ty = match field.ty {
        FieldType::Single(_) if is_boxed(contract, holder, field.ty) => quote!(Box<#value>),
        FieldType::Single(_) => value,
        FieldType::List(_) => quote!(Vec<#value>),
        FieldType::Array(_, length) => {
            let length = Literal::u16_unsuffixed(length);
            quote!([#value; #length])
        }
    };
    if field.is_option() { quote!(Option<#ty>) } else { ty }
}

/// The type of one value.
pub(super) fn value_type(contract: &Contract, ty: ValueType) -> TokenStream {
    match ty {
        ValueType::Scalar(ty) => {
            let ty = scalar(ty);
            quote!(#ty)
        }
        ValueType::String => quote!(String),
        ValueType::Enum(id) | ValueType::Struct(id) | ValueType::Table(id) | ValueType::Union(id) => {
            let name = type_name(contract, id);
            quote!(#name)
        }
    }
}

fn emit_record(contract: &Contract, record: &Record) -> TokenStream {
    let name = ident(&record.rust);
    let (derive_copy, what) = match record.kind {
        RecordKind::Table => (quote!(), "table"),
        RecordKind::Struct { .. } => (quote!(Copy,), "struct"),
    };
    let record_docs = docs(&record.docs, &format!("The {what} `{}` of the contract.", record.source));
    let crosses = record.wire == WireForm::Same;
    let component = crosses.then(|| component_attributes(&quote!(record)));
    let fields = record.fields.iter().map(|field| {
        let docs = docs(&field.docs, &format!("The field `{}`.", field.source));
        let component = crosses.then(|| component_name(&field.label));
        let name = ident(&field.rust);
        let ty = field_type(contract, record.id, field);
        quote!(#docs #component pub #name: #ty)
    });
    let plain_default = record.fields.iter().all(|field| default_value(contract, field).is_none());
    let derive_default = plain_default.then(|| quote!(, Default));
    let default = (!plain_default).then(|| emit_default(contract, record));
    quote! {
        #record_docs
        #[derive(Clone, #derive_copy Debug, PartialEq #derive_default)]
        #component
        pub struct #name { #(#fields),* }
        #default
    }
}

fn emit_default(contract: &Contract, record: &Record) -> TokenStream {
    let name = ident(&record.rust);
    let fields = record.fields.iter().map(|field| {
        let name = ident(&field.rust);
        let value = default_value(contract, field).unwrap_or_else(|| quote!(Default::default()));
        quote!(#name: #value)
    });
    let what = match record.kind {
        RecordKind::Table => " Every field as it reads when it is absent from a buffer.",
        RecordKind::Struct { .. } => " Zero in every field.",
    };
    quote! {
        impl Default for #name {
            #[doc = #what]
            fn default() -> Self {
                Self { #(#fields),* }
            }
        }
    }
}

/// The value of an absent field, `None` where it is that of Rust's `Default`.
fn default_value(contract: &Contract, field: &Field) -> Option<TokenStream> {
    match (&field.presence, field.ty) {
        (Presence::Default(default), FieldType::Single(ValueType::Scalar(ty))) => {
            (!is_zero(*default)).then(|| value(*default, ty))
        }
        (Presence::Default(Value::Int(default)), FieldType::Single(ValueType::Enum(id))) => {
            let e = contract.enumeration(id)?;
            (*default != e.default).then(|| enum_value(e, *default, &quote!()))
        }
        (Presence::DefaultText(text), _) => Some(quote!(String::from(#text))),
        // Rust has a `Default` for arrays of up to so many elements.
        (_, FieldType::Array(_, length)) if length > 32 => Some(quote!(::core::array::from_fn(|_| Default::default()))),
        _ => None,
    }
}

/// A constant of an enum; `path` leads to the module of the types.
pub(super) fn enum_value(e: &Enum, value: i128, path: &TokenStream) -> TokenStream {
    let name = ident(&e.rust);
    if let Some(set) = e.set(value) {
        let constants = set.into_iter().map(flags::constant);
        return quote!(#(#path #name::#constants)|*);
    }
    match (e.case(value), &e.form) {
        (_, EnumForm::Integer { .. }) => int(value),
        (Some(case), _) => {
            let case = ident(&case.rust);
            quote!(#path #name::#case)
        }
        (None, EnumForm::Open(unknown)) => {
            let (unknown, value) = (ident(&unknown.rust), int(value));
            quote!(#path #name::#unknown(#value))
        }
        // The checker refuses a default that has no name; an enum without gaps has 0.
        (None, EnumForm::Closed | EnumForm::Flags) => quote!(#path #name::default()),
    }
}

fn emit_enum(e: &Enum) -> TokenStream {
    match &e.form {
        EnumForm::Closed => emit_closed(e),
        EnumForm::Open(unknown) => emit_open(e, &unknown.rust, &unknown.label),
        EnumForm::Flags => flags::emit(e),
        EnumForm::Integer { module } => integers::emit(e, module.as_deref()),
    }
}

/// An enum that WIT has as an enum: no value is without a name.
fn emit_closed(e: &Enum) -> TokenStream {
    let name = ident(&e.rust);
    let enum_docs = docs(&e.docs, &format!("The enum `{}` of the contract.", e.source));
    let component = component_attributes(&quote!(enum));
    let cases: Vec<_> = e.cases.iter().map(|case| ident(&case.rust)).collect();
    let declarations = e.cases.iter().map(|case| {
        let docs = docs(&case.docs, &format!("The value `{}`.", case.source));
        let component = component_name(&case.label);
        let default = (case.value == e.default).then(|| quote!(#[default]));
        let name = ident(&case.rust);
        quote!(#docs #component #default #name)
    });
    let values: Vec<_> = e.cases.iter().map(|case| int(case.value)).collect();
    let stored = scalar(e.repr);
    // Bindings number the cases with the smallest integer that can, whatever FlatBuffers stores.
    let tag = ident(match e.cases.len() {
        0..=0x100 => "u8",
        0x101..=0x1_0000 => "u16",
        _ => "u32",
    });
    quote! {
        #enum_docs
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #component
        #[repr(#tag)]
        pub enum #name { #(#declarations),* }

        impl #name {
            /// The value with this number, if there is one.
            pub const fn from_value(value: #stored) -> Option<Self> {
                match value {
                    #(#values => Some(Self::#cases),)*
                    _ => None,
                }
            }

            /// The number that FlatBuffers stores.
            pub const fn value(self) -> #stored {
                self as #stored
            }

            #[doc(hidden)]
            #[cfg(feature = "guest")]
            pub fn _lift(tag: #tag) -> Self {
                match tag {
                    #(#values => Self::#cases,)*
                    _ => panic!("invalid enum discriminant"),
                }
            }
        }
    }
}

/// An enum with gaps: WIT has it as a variant, whose last case holds the values without a name.
fn emit_open(e: &Enum, unknown: &str, unknown_label: &str) -> TokenStream {
    let name = ident(&e.rust);
    let unknown = ident(unknown);
    let stored = scalar(e.repr);
    let enum_docs = docs(&e.docs, &format!("The enum `{}` of the contract.", e.source));
    let component = component_attributes(&quote!(variant));
    let cases: Vec<_> = e.cases.iter().map(|case| ident(&case.rust)).collect();
    let values: Vec<_> = e.cases.iter().map(|case| int(case.value)).collect();
    let declarations = e.cases.iter().map(|case| {
        let docs = docs(&case.docs, &format!("The value `{}`.", case.source));
        let component = component_name(&case.label);
        let name = ident(&case.rust);
        quote!(#docs #component #name)
    });
    let unknown_name = component_name(unknown_label);
    let default = enum_value(e, e.default, &quote!());
    quote! {
        #enum_docs
        #[derive(Clone, Copy, Debug)]
        #component
        pub enum #name {
            #(#declarations,)*
            /// A value without a name.
            ///
            /// What is made with `from` or read from a buffer never holds the number of a value that has one. What is
            /// written by hand, or by the other side of a call, may: it equals that value.
            #unknown_name
            #unknown(#stored)
        }

        impl #name {
            /// The value with this number.
            pub const fn from_value(value: #stored) -> Self {
                match value {
                    #(#values => Self::#cases,)*
                    _ => Self::#unknown(value),
                }
            }

            /// The number that FlatBuffers stores.
            pub const fn value(self) -> #stored {
                match self {
                    #(Self::#cases => #values,)*
                    Self::#unknown(value) => value,
                }
            }
        }

        impl Default for #name {
            fn default() -> Self {
                #default
            }
        }

        impl From<#stored> for #name {
            fn from(value: #stored) -> Self {
                Self::from_value(value)
            }
        }

        impl From<#name> for #stored {
            fn from(value: #name) -> Self {
                value.value()
            }
        }

        impl PartialEq for #name {
            fn eq(&self, other: &Self) -> bool {
                self.value() == other.value()
            }
        }

        impl Eq for #name {}

        impl ::core::hash::Hash for #name {
            fn hash<H: ::core::hash::Hasher>(&self, state: &mut H) {
                self.value().hash(state);
            }
        }
    }
}

/// A union: a case for each member, and one for none of them.
fn emit_union(contract: &Contract, union: &Union) -> TokenStream {
    let name = ident(&union.rust);
    let union_docs = docs(&union.docs, &format!("The union `{}` of the contract.", union.source));
    let cases = union_cases(union, union.wire == WireForm::Same, |ty| {
        let value = value_type(contract, ty);
        if is_boxed(contract, union.id, FieldType::Single(ty)) { quote!(Box<#value>) } else { value }
    });
    let component = (union.wire == WireForm::Same).then(|| component_attributes(&quote!(variant)));
    quote! {
        #union_docs
        #[derive(Clone, Debug, Default, PartialEq)]
        #component
        pub enum #name { #(#cases),* }
    }
}

/// The cases of a union's enum; `crosses` says whether bindings use it, `ty` gives the type of a member.
pub(super) fn union_cases(union: &Union, crosses: bool, ty: impl Fn(ValueType) -> TokenStream) -> Vec<TokenStream> {
    let none_name = crosses.then(|| component_name(&union.none.label));
    let none = ident(&union.none.rust);
    let members = union.members.iter().map(|member| {
        let docs = docs(&member.case.docs, &format!("The member `{}`.", member.case.source));
        let component = crosses.then(|| component_name(&member.case.label));
        let (case, ty) = (ident(&member.case.rust), ty(member.ty));
        quote!(#docs #component #case(#ty))
    });
    [quote!(#[doc = " No value."] #none_name #[default] #none)].into_iter().chain(members).collect()
}
