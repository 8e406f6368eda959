use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::encode::{element, in_place};
use super::is_integer;
use crate::contract::{Contract, FieldType, TypeId, ValueType};
use crate::model::Scalar;
use crate::rust::fb::key;
use crate::rust::tokens::{ident, type_name};

/// Writes a vector whose elements are `items`: `value` names it, `reference` is a reference to it. `align` is what the
/// elements are aligned to beyond what their type asks for.
pub(super) fn write(
    contract: &Contract,
    item: ValueType,
    align: Option<u32>,
    value: &TokenStream,
    reference: &TokenStream,
) -> TokenStream {
    let vector = Vector { align: align.map(Literal::u32_unsuffixed) };
    match item {
        ValueType::Scalar(Scalar::U8) if align.is_none() => quote!(fb::create_bytes(builder, #reference)),
        ValueType::Scalar(_) => vector.of_slice(reference, &quote!(#value.iter().copied())),
        ValueType::Table(id) | ValueType::Struct(id) if let Some(order) = order(contract, id) => {
            let write = match item {
                ValueType::Struct(_) => vector.of_iter(&quote!(items.into_iter().map(|item| item.encode()))),
                _ => {
                    let write = vector.of_items();
                    quote! {
                        let items: Vec<_> = items.into_iter().map(|item| item.encode(builder)).collect();
                        #write
                    }
                }
            };
            quote! {{
                let mut items: Vec<_> = #value.iter().collect();
                items.sort_by(|a, b| #order);
                #write
            }}
        }
        ValueType::Enum(_) | ValueType::Struct(_) => {
            let place = if is_integer(contract, item) { quote!(*item) } else { quote!(item) };
            let item = element(contract, item, &place);
            vector.of_iter(&quote!(#value.iter().map(|item| #item)))
        }
        ValueType::String | ValueType::Table(_) => {
            let item = match item {
                ValueType::String => quote!(builder.create_string(item)),
                _ => quote!(item.encode(builder)),
            };
            let write = vector.of_items();
            quote! {{
                let items: Vec<_> = #value.iter().map(|item| #item).collect();
                #write
            }}
        }
        ValueType::Union(id) => {
            let ty = type_name(contract, id);
            let element = is_aligned(contract, id).then(|| {
                let element = vector.element(&quote!(flatbuffers::UOffsetT));
                quote!(::<#element, _>)
            });
            quote!(types::#ty::encode_all #element (#reference, builder))
        }
    }
}

/// Whether some vector of a union is aligned beyond what its elements ask for.
pub(super) fn is_aligned(contract: &Contract, union: TypeId) -> bool {
    let mut fields = contract.records().flat_map(|record| &record.fields);
    fields.any(|field| field.align.is_some() && field.ty == FieldType::List(ValueType::Union(union)))
}

/// How a vector is written whose elements are at hand.
struct Vector {
    align: Option<Literal>,
}

impl Vector {
    fn of_slice(&self, slice: &TokenStream, iter: &TokenStream) -> TokenStream {
        match self.align {
            None => quote!(builder.create_vector(#slice)),
            Some(_) => self.of_iter(iter),
        }
    }

    fn of_iter(&self, iter: &TokenStream) -> TokenStream {
        match &self.align {
            None => quote!(builder.create_vector_from_iter(#iter)),
            Some(align) => quote!(fb::create_aligned_vector::<#align, _, _>(builder, #iter)),
        }
    }

    /// Of a local `Vec`.
    fn of_items(&self) -> TokenStream {
        self.of_slice(&quote!(&items), &quote!(items))
    }

    /// The type that such a vector is started with.
    fn element(&self, ty: &TokenStream) -> TokenStream {
        match &self.align {
            None => ty.clone(),
            Some(align) => quote!(fb::Aligned_<#ty, #align>),
        }
    }
}

/// How two elements of a sorted vector, `a` and `b`, compare; `None` if the type has no key.
fn order(contract: &Contract, id: TypeId) -> Option<TokenStream> {
    let record = contract.record(id)?;
    let field = record.fields.get(record.key?)?;
    let name = ident(&field.rust);
    let key = |item: TokenStream| match (field.ty.value(), field.is_option()) {
        (ValueType::String, _) => quote!(#item.#name),
        (ty, true) => {
            let value = element(contract, ty, &quote!(key));
            quote!(#item.#name.map(|key| #value))
        }
        (_, false) => in_place(contract, field.ty, &quote!(#item.#name)),
    };
    Some(key::comparison(field.ty, &key(quote!(a)), &key(quote!(b))))
}
