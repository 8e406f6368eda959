use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{is_integer, vector};
use crate::contract::{Contract, Field, FieldType, Presence, Record, ValueType};
use crate::rust::names::FbNames;
use crate::rust::tokens::{ident, type_name};

/// An argument of a struct's `new`.
pub(super) fn struct_argument(contract: &Contract, field: &Field) -> TokenStream {
    let name = ident(&field.rust);
    let value = in_place(contract, field.ty, &quote!(self.#name));
    match (field.ty, field.ty.value()) {
        (FieldType::Array(..), _) | (_, ValueType::Struct(_)) => quote!(&#value),
        _ => value,
    }
}

/// What stands in place, as FlatBuffers have it.
pub(super) fn in_place(contract: &Contract, ty: FieldType, value: &TokenStream) -> TokenStream {
    match (ty, ty.value()) {
        (FieldType::Array(..), ValueType::Enum(_) | ValueType::Struct(_)) => {
            let item = element(contract, ty.value(), &quote!(item));
            quote!(#value.map(|item| #item))
        }
        (FieldType::Array(..), _) => value.clone(),
        (_, element_type) => element(contract, element_type, value),
    }
}

/// One value of what stands in place.
pub(super) fn element(contract: &Contract, ty: ValueType, value: &TokenStream) -> TokenStream {
    match ty {
        ValueType::Enum(id) if is_integer(contract, ty) => {
            let ty = type_name(contract, id);
            quote!(fb::#ty(#value))
        }
        ValueType::Enum(_) | ValueType::Struct(_) => quote!(#value.encode()),
        _ => value.clone(),
    }
}

/// The body of a table's `encode`: what the table points to first, then the table.
pub(super) fn body(contract: &Contract, record: &Record, names: &FbNames) -> TokenStream {
    let name = ident(&record.rust);
    let args = ident(&names.args);
    let before = record.fields.iter().filter_map(|field| before(contract, field));
    let arguments = record.fields.iter().zip(&names.tags).map(|(field, tag)| argument(contract, field, tag.as_deref()));
    quote! {
        #(#before)*
        fb::#name::create(builder, &fb::#args { #(#arguments),* })
    }
}

/// Whether a field is in the table itself: a number, an enum or a struct.
fn is_inline(field: &Field) -> bool {
    match field.ty {
        FieldType::List(_) => false,
        FieldType::Array(..) => true,
        FieldType::Single(value) => !matches!(value, ValueType::String | ValueType::Table(_) | ValueType::Union(_)),
    }
}

/// Writes what a field points to, and what it copies in if that is a struct.
fn before(contract: &Contract, field: &Field) -> Option<TokenStream> {
    let (name, local) = (ident(&field.rust), format_ident!("field_{}", field.rust));
    if is_inline(field) {
        let ValueType::Struct(_) = field.ty.value() else { return None };
        let value = if field.is_option() {
            quote!(self.#name.map(|value| value.encode()))
        } else {
            quote!(Some(self.#name.encode()))
        };
        return Some(quote!(let #local = #value;));
    }
    if let FieldType::Single(ValueType::Union(_)) = field.ty {
        return Some(quote!(let #local = self.#name.encode(builder);));
    }
    let own = write(contract, field, &quote!(self.#name), &quote!(&self.#name));
    let value = match &field.presence {
        Presence::Required | Presence::Default(_) => quote!(Some(#own)),
        Presence::Empty => quote!(if self.#name.is_empty() { None } else { Some(#own) }),
        Presence::DefaultText(text) => quote!(if self.#name == #text { None } else { Some(#own) }),
        Presence::Optional => {
            let write = write(contract, field, &quote!(value), &quote!(value));
            quote!(self.#name.as_ref().map(|value| #write))
        }
    };
    Some(quote!(let #local = #value;))
}

/// Writes a value behind an offset: `value` names it, `reference` is a reference to it.
fn write(contract: &Contract, field: &Field, value: &TokenStream, reference: &TokenStream) -> TokenStream {
    match field.ty {
        FieldType::Single(ValueType::String) => quote!(builder.create_string(#reference)),
        // Arrays are in structs only, which copy them in.
        FieldType::Single(_) | FieldType::Array(..) => quote!(#value.encode(builder)),
        FieldType::List(item) => vector::write(contract, item, field.align, value, reference),
    }
}

/// A field of the arguments of `create`.
fn argument(contract: &Contract, field: &Field, tag: Option<&str>) -> TokenStream {
    let (name, local) = (ident(&field.rust), format_ident!("field_{}", field.rust));
    if let Some(tag) = tag.map(ident) {
        return match field.ty {
            FieldType::Single(_) | FieldType::Array(..) => quote!(#tag: #local.0, #name: #local.1),
            FieldType::List(_) => {
                quote!(#tag: #local.map(|(tags, _)| tags), #name: #local.map(|(_, values)| values))
            }
        };
    }
    let value = match (is_inline(field), field.ty.value(), field.is_option()) {
        (true, ValueType::Struct(_), _) => quote!(#local.as_ref()),
        (true, ty @ ValueType::Enum(_), true) => {
            let value = element(contract, ty, &quote!(value));
            quote!(self.#name.map(|value| #value))
        }
        (true, ty, false) => element(contract, ty, &quote!(self.#name)),
        (true, _, true) => quote!(self.#name),
        (false, _, _) => quote!(#local),
    };
    quote!(#name: #value)
}
