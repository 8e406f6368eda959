use proc_macro2::TokenStream;
use quote::quote;

use super::decode::value_takes_room;
use super::vector::is_aligned;
use crate::contract::{Contract, FieldType, Union, ValueType};
use crate::rust::names::UnionNames;
use crate::rust::tokens::{ident, type_name};
use crate::rust::wire::is_boxed;

/// A union between the API and FlatBuffers.
///
/// `check` is what finds values that no buffer can hold.
pub(super) fn emit(contract: &Contract, union: &Union, names: &UnionNames, check: Option<TokenStream>) -> TokenStream {
    let (name, value) = (ident(&union.rust), ident(&names.value));
    let value_type = names.value_type(&quote!('_));
    let (element_parameter, element) = match is_aligned(contract, union.id) {
        // Whose alignment is that of the values.
        true => (quote!(, P: flatbuffers::Push), quote!(P)),
        false => (quote!(), quote!(flatbuffers::UOffsetT)),
    };
    let unused = union.members.is_empty().then(|| quote!(#[allow(unused_variables)]));
    let (none, unknown) = (ident(&union.none.rust), ident(&names.unknown));
    let encodes = union.members.iter().map(|member| {
        let case = ident(&member.case.rust);
        let write = match member.ty {
            ValueType::Table(_) => quote!(value.encode(builder)),
            ValueType::Struct(_) => quote!(builder.push(value.encode())),
            _ => quote!(builder.create_string(value)),
        };
        quote!(Self::#case(value) => (fb::#name::#case, Some(#write.as_union_value())),)
    });
    let decodes = union.members.iter().map(|member| {
        let case = ident(&member.case.rust);
        let read = match member.ty {
            ValueType::Table(id) => {
                let ty = type_name(contract, id);
                let read = quote!(types::#ty::decode_within(value, room)?);
                match is_boxed(contract, union.id, FieldType::Single(member.ty)) {
                    true => quote!({
                        room.take::<types::#ty>(1)?;
                        Box::new(#read)
                    }),
                    false => read,
                }
            }
            ValueType::Struct(id) => {
                let ty = type_name(contract, id);
                quote!(types::#ty::decode(value)?)
            }
            _ => quote!(room.text(value)?),
        };
        quote!(fb::#value::#case(value) => Self::#case(#read),)
    });
    let takes_room = union.members.iter().any(|member| value_takes_room(member.ty));
    let room = if takes_room { ident("room") } else { ident("_room") };
    quote! {
        #[allow(dead_code)]
        #unused
        impl types::#name {
            /// The tag, and the value if there is one.
            fn encode<'a, A: Allocator + 'a>(
                &self,
                builder: &mut FlatBufferBuilder<'a, A>,
            ) -> (fb::#name, Option<WIPOffset<flatbuffers::UnionWIPOffset>>) {
                match self {
                    Self::#none => (fb::#name::#none, None),
                    #(#encodes)*
                }
            }

            /// A vector of the tags and one of the values, in which nothing stands where there is none.
            fn encode_all<'a #element_parameter, A: Allocator + 'a>(
                items: &[Self],
                builder: &mut FlatBufferBuilder<'a, A>,
            ) -> (
                WIPOffset<flatbuffers::Vector<'a, fb::#name>>,
                WIPOffset<flatbuffers::Vector<'a, flatbuffers::ForwardsUOffset<flatbuffers::Table<'a>>>>,
            ) {
                let items: Vec<_> = items.iter().map(|item| item.encode(builder)).collect();
                let tags = builder.create_vector_from_iter(items.iter().map(|(tag, _)| *tag));
                builder.start_vector::<#element>(items.len());
                for (_, value) in items.iter().rev() {
                    match value {
                        Some(value) => {
                            builder.push(*value);
                        }
                        None => {
                            builder.push::<flatbuffers::UOffsetT>(0);
                        }
                    }
                }
                let values = builder.end_vector::<flatbuffers::UOffsetT>(items.len());
                (tags, WIPOffset::new(values.value()))
            }

            #check

            fn decode(value: fb::#value_type, field: &'static str, #room: &mut Room) -> Result<Self, DecodeError> {
                Ok(match value {
                    fb::#value::#none => Self::#none,
                    #(#decodes)*
                    fb::#value::#unknown(tag) => {
                        return Err(DecodeError::UnknownUnionMember { field, tag: tag.0.into() });
                    }
                })
            }
        }
    }
}
