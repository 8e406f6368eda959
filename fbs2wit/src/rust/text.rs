//! Small pieces that every emitter needs.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::surface::ident;
use crate::contract::{Contract, TypeDef, TypeId, ValueType, WireForm};

/// A documentation comment: a sentence of ours, then what the schema says.
pub(super) fn docs(lead: &str, schema: &[String]) -> TokenStream {
    let lead = format!(" {lead}");
    let lines = schema.iter().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
    let gap = (!schema.is_empty()).then(|| quote! { #[doc = ""] });
    quote! {
        #[doc = #lead]
        #gap
        #(#[doc = #lines])*
    }
}

/// The Rust name of a type.
pub(super) fn type_name(contract: &Contract, id: TypeId) -> Ident {
    ident(contract.type_def(id).rust())
}

/// Whether a type needs a conversion on its way across the component boundary.
pub(super) fn is_distinct(contract: &Contract, id: TypeId) -> bool {
    contract.type_def(id).wire() == WireForm::Distinct
}

/// Whether a value of the type holds text or lists, and so is handed to bindings by reference.
///
/// Contracts hold no recursive types, so the walk ends.
pub(super) fn has_lists(contract: &Contract, id: TypeId) -> bool {
    match contract.type_def(id) {
        TypeDef::Enum(_) => false,
        TypeDef::Record(record) => record.fields.iter().any(|field| match field.ty {
            crate::contract::FieldType::List(_) => true,
            crate::contract::FieldType::Single(ValueType::String) => true,
            crate::contract::FieldType::Single(value) => value.type_id().is_some_and(|id| has_lists(contract, id)),
        }),
    }
}
