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

/// Writes the code that writes tables.
#[derive(Clone, Copy)]
pub(super) struct Encoder<'a> {
    pub(super) contract: &'a Contract,
    /// Whether writing can fail, because values can be too deep.
    pub(super) is_recursive: bool,
}

impl Encoder<'_> {
    /// The body of a table's `encode`: what the table points to first, then the table.
    pub(super) fn table(&self, record: &Record, names: &FbNames) -> TokenStream {
        let name = ident(&record.rust);
        let args = ident(&names.args);
        let before = record.fields.iter().filter_map(|field| self.before(field));
        let arguments = record.fields.iter().zip(&names.tags).map(|(field, tag)| argument(field, tag.as_deref()));
        let table = quote!(fb::#name::create(builder, &fb::#args { #(#arguments),* }));
        let table = if self.is_recursive { quote!(Ok(#table)) } else { table };
        quote! {
            #(#before)*
            #table
        }
    }

    /// Writes a table or a union: with a `Result` where that can fail.
    pub(super) fn call(&self, value: &TokenStream) -> TokenStream {
        if self.is_recursive { quote!(#value.encode_at(builder, depth)) } else { quote!(#value.encode(builder)) }
    }

    /// Behind what gives a `Result` where writing can fail.
    pub(super) fn question(&self) -> Option<TokenStream> {
        self.is_recursive.then(|| quote!(?))
    }

    /// Writes what a field points to, and what it copies in if that is a struct.
    fn before(&self, field: &Field) -> Option<TokenStream> {
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
            let (own, question) = (self.call(&quote!(self.#name)), self.question());
            return Some(quote!(let #local = #own #question;));
        }
        let is_fallible = self.is_recursive && matches!(field.ty.value(), ValueType::Table(_) | ValueType::Union(_));
        let question = is_fallible.then(|| quote!(?));
        let own = self.write(field.ty, &quote!(self.#name), &quote!(&self.#name));
        let value = match &field.presence {
            Presence::Required | Presence::Default(_) => quote!(Some(#own #question)),
            Presence::Empty => quote!(if self.#name.is_empty() { None } else { Some(#own #question) }),
            Presence::DefaultText(text) => quote!(if self.#name == #text { None } else { Some(#own) }),
            Presence::Optional => {
                let write = self.write(field.ty, &quote!(value), &quote!(value));
                let transpose = is_fallible.then(|| quote!(.transpose()?));
                quote!(self.#name.as_ref().map(|value| #write) #transpose)
            }
        };
        Some(quote!(let #local = #value;))
    }

    /// Writes a value behind an offset: `value` names it, `reference` is a reference to it. Gives a `Result` for tables
    /// and unions where that can fail.
    fn write(&self, ty: FieldType, value: &TokenStream, reference: &TokenStream) -> TokenStream {
        let items = |items: TokenStream, write: TokenStream| {
            quote! {{
                let items: Vec<_> = #items.map(|item| #write).collect();
                builder.create_vector(&items)
            }}
        };
        let tables = |items: TokenStream| {
            let write = self.call(&quote!(item));
            if !self.is_recursive {
                return quote! {
                    let items: Vec<_> = #items.map(|item| #write).collect();
                    builder.create_vector(&items)
                };
            }
            quote! {
                let items: Result<Vec<_>, InvalidValue> = #items.map(|item| #write).collect();
                items.map(|items| builder.create_vector(&items))
            }
        };
        match ty {
            FieldType::Single(ValueType::String) => quote!(builder.create_string(#reference)),
            // Arrays are in structs only, which copy them in.
            FieldType::Single(_) | FieldType::Array(..) => self.call(value),
            FieldType::List(ValueType::Scalar(_)) => quote!(builder.create_vector(#reference)),
            FieldType::List(ValueType::Table(id) | ValueType::Struct(id))
                if let Some(order) = order(self.contract, id) =>
            {
                let write = match ty.value() {
                    ValueType::Struct(_) => quote! {
                        builder.create_vector_from_iter(items.into_iter().map(|item| item.encode()))
                    },
                    _ => tables(quote!(items.into_iter())),
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
            FieldType::List(ValueType::String) => items(quote!(#value.iter()), quote!(builder.create_string(item))),
            FieldType::List(ValueType::Table(_)) => {
                let tables = tables(quote!(#value.iter()));
                quote!({ #tables })
            }
            FieldType::List(ValueType::Union(id)) => {
                let ty = type_name(self.contract, id);
                let depth = self.is_recursive.then(|| quote!(, depth));
                quote!(types::#ty::encode_all(#reference, builder #depth))
            }
        }
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
