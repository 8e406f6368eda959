use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::{is_integer, path};
use crate::contract::{Contract, Field, FieldType, Presence, Record, RecordKind, ValueType};
use crate::model::Scalar;
use crate::rust::names::FbNames;
use crate::rust::tokens::ident;
use crate::rust::wire::is_boxed;

/// The fields of a literal of the type, read from `reader`.
pub(super) fn fields(contract: &Contract, record: &Record, names: &FbNames) -> Vec<TokenStream> {
    let fields = record.fields.iter().zip(&names.accessors).map(|(field, accessor)| {
        let name = ident(&field.rust);
        let accessor = ident(accessor);
        let value = match record.kind {
            RecordKind::Struct { .. } => struct_field(contract, record, field, &quote!(reader.#accessor())),
            RecordKind::Table => table_field(contract, record, field, &quote!(reader.#accessor())),
        };
        quote!(#name: #value)
    });
    fields.collect()
}

fn struct_field(contract: &Contract, record: &Record, field: &Field, read: &TokenStream) -> TokenStream {
    if let FieldType::Array(element, length) = field.ty {
        let item = match element {
            ValueType::Struct(_) => quote!(&item),
            _ => quote!(item),
        };
        if is_integer(contract, element) {
            return quote!(#read.map(|item| item.0));
        }
        let Some(convert) = single(contract, record, field, element, &item) else { return read.clone() };
        let length = Literal::u16_unsuffixed(length);
        return quote! {{
            let mut items = [Default::default(); #length];
            for (place, item) in items.iter_mut().zip(#read) {
                *place = #convert?;
            }
            items
        }};
    }
    match field.ty.value() {
        ValueType::Struct(id) => {
            let ty = ident(contract.type_def(id).rust());
            quote!(types::#ty::decode(&#read)?)
        }
        ty if is_integer(contract, ty) => quote!(#read.0),
        ty => match single(contract, record, field, ty, read) {
            Some(fallible) => quote!(#fallible?),
            None => quote!(#read),
        },
    }
}

/// The expression for one value, a `Result`; `None` where the value needs no conversion.
fn single(
    contract: &Contract,
    record: &Record,
    field: &Field,
    ty: ValueType,
    value: &TokenStream,
) -> Option<TokenStream> {
    match ty {
        ValueType::Scalar(_) => None,
        ValueType::String => Some(quote!(room.text(#value).map_err(DecodeError::from))),
        ValueType::Enum(_) if is_integer(contract, ty) => Some(quote!(Ok::<_, DecodeError>(#value.0))),
        ValueType::Enum(id) => {
            let ty = ident(contract.type_def(id).rust());
            let path = path(record, &field.source);
            Some(quote!(types::#ty::decode(#value, #path)))
        }
        ValueType::Union(id) => {
            let ty = ident(contract.type_def(id).rust());
            let path = path(record, &field.source);
            Some(quote!(types::#ty::decode(#value, #path, room)))
        }
        ValueType::Struct(id) => {
            let ty = ident(contract.type_def(id).rust());
            Some(quote!(types::#ty::decode(#value)))
        }
        ValueType::Table(id) => {
            let ty = ident(contract.type_def(id).rust());
            let decode = quote!(types::#ty::decode_within(#value, room));
            if !is_boxed(contract, record.id, field.ty) {
                return Some(decode);
            }
            Some(quote!({
                room.take::<types::#ty>(1)?;
                #decode.map(Box::new)
            }))
        }
    }
}

fn table_field(contract: &Contract, record: &Record, field: &Field, read: &TokenStream) -> TokenStream {
    let is_option = field.is_option();
    match field.ty {
        // Text needs no `Result`; saying so keeps the code short where most of it is.
        FieldType::Single(ValueType::String) => match field.presence {
            Presence::Optional => quote!(#read.map(|text| room.text(text)).transpose()?),
            Presence::Empty => quote!(room.text(#read.unwrap_or_default())?),
            _ => quote!(room.text(#read)?),
        },
        FieldType::Single(ty) if is_integer(contract, ty) => {
            if is_option {
                quote!(#read.map(|value| value.0))
            } else {
                quote!(#read.0)
            }
        }
        // Arrays are in structs only.
        FieldType::Single(ty) | FieldType::Array(ty, _) => {
            let value = if is_option { quote!(value) } else { read.clone() };
            match (single(contract, record, field, ty, &value), is_option) {
                (None, _) => quote!(#read),
                (Some(convert), false) => quote!(#convert?),
                (Some(convert), true) => quote!(#read.map(|value| #convert).transpose()?),
            }
        }
        FieldType::List(ValueType::Scalar(Scalar::U8)) => {
            present(field, read, |vector| quote!(room.bytes(#vector.bytes())))
        }
        FieldType::List(ValueType::Scalar(_)) => present(field, read, |vector| quote!(room.list(#vector.iter()))),
        FieldType::List(ty) => {
            let convert = single(contract, record, field, ty, &quote!(item)).unwrap_or_else(|| quote!(Ok(item)));
            let room = if value_takes_room(ty) { quote!(room) } else { quote!(_) };
            let convert = quote!(room, |item, #room| #convert);
            match field.presence {
                Presence::Optional => quote!(#read.map(|vector| list(Some(vector.iter()), #convert)).transpose()?),
                Presence::Required => quote!(list(Some(#read.iter()), #convert)?),
                _ => quote!(list(#read.map(|vector| vector.iter()), #convert)?),
            }
        }
    }
}

/// A list whose elements need no conversion, by means of an expression that is a `Result`.
fn present(field: &Field, read: &TokenStream, convert: impl Fn(TokenStream) -> TokenStream) -> TokenStream {
    if field.presence == Presence::Required {
        let value = convert(read.clone());
        return quote!(#value?);
    }
    let value = convert(quote!(vector));
    match field.presence {
        Presence::Optional => quote!(#read.map(|vector| #value).transpose()?),
        _ => quote!(#read.map_or_else(|| Ok(Vec::new()), |vector| #value)?),
    }
}

/// Whether values of a type own memory, which has to be taken from a `Room`.
pub(super) fn takes_room(ty: FieldType) -> bool {
    match ty {
        FieldType::List(_) => true,
        FieldType::Single(ty) | FieldType::Array(ty, _) => value_takes_room(ty),
    }
}

pub(super) fn value_takes_room(ty: ValueType) -> bool {
    matches!(ty, ValueType::String | ValueType::Table(_) | ValueType::Union(_))
}
