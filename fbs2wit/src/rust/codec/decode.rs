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
        ValueType::String => Some(quote!(Ok::<_, DecodeError>(#value.to_owned()))),
        ValueType::Enum(_) if is_integer(contract, ty) => Some(quote!(Ok::<_, DecodeError>(#value.0))),
        ValueType::Enum(id) | ValueType::Union(id) => {
            let ty = ident(contract.type_def(id).rust());
            let path = path(record, &field.source);
            Some(quote!(types::#ty::decode(#value, #path)))
        }
        ValueType::Struct(id) | ValueType::Table(id) => {
            let ty = ident(contract.type_def(id).rust());
            let boxed = is_boxed(contract, record.id, field.ty).then(|| quote!(.map(Box::new)));
            Some(quote!(types::#ty::decode(#value) #boxed))
        }
    }
}

fn table_field(contract: &Contract, record: &Record, field: &Field, read: &TokenStream) -> TokenStream {
    let is_option = field.is_option();
    match field.ty {
        // Text needs no `Result`; saying so keeps the code short where most of it is.
        FieldType::Single(ValueType::String) => match field.presence {
            Presence::Optional => quote!(#read.map(str::to_owned)),
            Presence::Empty => quote!(#read.unwrap_or_default().to_owned()),
            _ => quote!(#read.to_owned()),
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
        FieldType::List(ValueType::Union(id)) => {
            let ty = ident(contract.type_def(id).rust());
            let path = path(record, &field.source);
            let items = |vector: TokenStream| quote!(#vector.iter().map(|item| types::#ty::decode(item, #path)).collect::<Result<Vec<_>, _>>());
            let of_vector = items(quote!(vector));
            match field.presence {
                Presence::Required => {
                    let items = items(read.clone());
                    quote!(#items?)
                }
                Presence::Optional => quote!(#read.map(|vector| #of_vector).transpose()?),
                _ => quote!(#read.map_or_else(|| Ok(Vec::new()), |vector| #of_vector)?),
            }
        }
        FieldType::List(ValueType::Scalar(Scalar::U8)) => {
            present(field, read, |vector| quote!(#vector.bytes().to_vec()), &quote!(Vec::new()))
        }
        FieldType::List(ValueType::Scalar(_)) => {
            present(field, read, |vector| quote!(#vector.iter().collect()), &quote!(Vec::new()))
        }
        FieldType::List(ty) => {
            let convert = single(contract, record, field, ty, &quote!(item)).unwrap_or_else(|| quote!(Ok(item)));
            match field.presence {
                Presence::Optional => quote!(#read.map(|vector| list(Some(vector), |item| #convert)).transpose()?),
                Presence::Required => quote!(list(Some(#read), |item| #convert)?),
                _ => quote!(list(#read, |item| #convert)?),
            }
        }
    }
}

fn present(
    field: &Field,
    read: &TokenStream,
    convert: impl Fn(TokenStream) -> TokenStream,
    otherwise: &TokenStream,
) -> TokenStream {
    match field.presence {
        Presence::Required => convert(read.clone()),
        Presence::Optional => {
            let value = convert(quote!(vector));
            quote!(#read.map(|vector| #value))
        }
        _ => {
            let value = convert(quote!(vector));
            quote!(#read.map_or_else(|| #otherwise, |vector| #value))
        }
    }
}
