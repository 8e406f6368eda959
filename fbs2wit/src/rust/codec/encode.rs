use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::contract::{Contract, Field, FieldType, Presence, Record, TypeId, ValueType};
use crate::rust::names::FbNames;
use crate::rust::tokens::{ident, type_name};

/// An argument of a struct's `new`.
pub(super) fn struct_argument(field: &Field) -> TokenStream {
    let name = ident(&field.rust);
    if let FieldType::Array(element, _) = field.ty {
        return match element {
            ValueType::Enum(_) | ValueType::Struct(_) => quote!(&self.#name.map(|item| item.encode())),
            _ => quote!(&self.#name),
        };
    }
    match field.ty.value() {
        ValueType::Enum(_) => quote!(self.#name.encode()),
        ValueType::Struct(_) => quote!(&self.#name.encode()),
        _ => quote!(self.#name),
    }
}

/// The body of a table's `encode`: what the table points to first, then the table.
pub(super) fn body(contract: &Contract, record: &Record, names: &FbNames) -> TokenStream {
    let name = ident(&record.rust);
    let args = ident(&names.args);
    let before = record.fields.iter().filter_map(|field| before(contract, field));
    let arguments = record.fields.iter().zip(&names.tags).map(|(field, tag)| argument(field, tag.as_deref()));
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
    let own = write(contract, field.ty, &quote!(self.#name), &quote!(&self.#name));
    let value = match &field.presence {
        Presence::Required | Presence::Default(_) => quote!(Some(#own)),
        Presence::Empty => quote!(if self.#name.is_empty() { None } else { Some(#own) }),
        Presence::DefaultText(text) => quote!(if self.#name == #text { None } else { Some(#own) }),
        Presence::Optional => {
            let write = write(contract, field.ty, &quote!(value), &quote!(value));
            quote!(self.#name.as_ref().map(|value| #write))
        }
    };
    Some(quote!(let #local = #value;))
}

/// Writes a value behind an offset: `value` names it, `reference` is a reference to it.
fn write(contract: &Contract, ty: FieldType, value: &TokenStream, reference: &TokenStream) -> TokenStream {
    let items = |write: TokenStream| {
        quote! {{
            let items: Vec<_> = #value.iter().map(|item| #write).collect();
            builder.create_vector(&items)
        }}
    };
    match ty {
        FieldType::Single(ValueType::String) => quote!(builder.create_string(#reference)),
        // Arrays are in structs only, which copy them in.
        FieldType::Single(_) | FieldType::Array(..) => quote!(#value.encode(builder)),
        FieldType::List(ValueType::Scalar(_)) => quote!(builder.create_vector(#reference)),
        FieldType::List(ValueType::Table(id) | ValueType::Struct(id)) if let Some(order) = order(contract, id) => {
            let write = match ty.value() {
                ValueType::Struct(_) => quote! {
                    builder.create_vector_from_iter(items.into_iter().map(|item| item.encode()))
                },
                _ => quote! {
                    let items: Vec<_> = items.into_iter().map(|item| item.encode(builder)).collect();
                    builder.create_vector(&items)
                },
            };
            quote! {{
                let mut items: Vec<_> = #value.iter().collect();
                items.sort_by(|a, b| #order);
                #write
            }}
        }
        FieldType::List(ValueType::Enum(_) | ValueType::Struct(_)) => {
            quote!(builder.create_vector_from_iter(#value.iter().map(|item| item.encode())))
        }
        FieldType::List(ValueType::String) => items(quote!(builder.create_string(item))),
        FieldType::List(ValueType::Table(_)) => items(quote!(item.encode(builder))),
        FieldType::List(ValueType::Union(id)) => {
            let ty = type_name(contract, id);
            quote!(types::#ty::encode_all(#reference, builder))
        }
    }
}

/// How two elements of a sorted vector, `a` and `b`, compare; `None` if the type has no key.
fn order(contract: &Contract, id: TypeId) -> Option<TokenStream> {
    let record = contract.record(id)?;
    let key = record.fields.get(record.key?)?;
    let name = ident(&key.rust);
    Some(match key.ty.value() {
        ValueType::Scalar(scalar) if scalar.is_float() => quote!(a.#name.total_cmp(&b.#name)),
        ValueType::Enum(_) => quote!(a.#name.value().cmp(&b.#name.value())),
        _ => quote!(a.#name.cmp(&b.#name)),
    })
}

/// A field of the arguments of `create`.
fn argument(field: &Field, tag: Option<&str>) -> TokenStream {
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
        (true, ValueType::Enum(_), false) => quote!(self.#name.encode()),
        (true, ValueType::Enum(_), true) => quote!(self.#name.map(|value| value.encode())),
        (true, _, _) => quote!(self.#name),
        (false, _, _) => quote!(#local),
    };
    quote!(#name: #value)
}
