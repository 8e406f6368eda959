use proc_macro2::TokenStream;
use quote::quote;

use super::encode::Encoder;
use super::is_recursive;
use crate::contract::{Contract, FieldType, Union, ValueType};
use crate::rust::names::UnionNames;
use crate::rust::tokens::{ident, type_name};
use crate::rust::wire::is_boxed;

/// A union between the API and FlatBuffers.
pub(super) fn emit(contract: &Contract, union: &Union, names: &UnionNames) -> TokenStream {
    let (name, value) = (ident(&union.rust), ident(&names.value));
    let (none, unknown) = (ident(&union.none.rust), ident(&names.unknown));
    let encoder = Encoder { contract, is_recursive: is_recursive(contract) };
    let encodes = union.members.iter().map(|member| {
        let case = ident(&member.case.rust);
        let write = match member.ty {
            ValueType::Table(_) => {
                let (write, question) = (encoder.call(&quote!(value)), encoder.question());
                quote!(#write #question)
            }
            ValueType::Struct(_) => quote!(builder.push(value.encode())),
            _ => quote!(builder.create_string(value)),
        };
        quote!(Self::#case(value) => (fb::#name::#case, Some(#write.as_union_value())),)
    });
    let decodes = union.members.iter().map(|member| {
        let case = ident(&member.case.rust);
        let read = match member.ty {
            ValueType::Table(id) | ValueType::Struct(id) => {
                let ty = type_name(contract, id);
                let read = quote!(types::#ty::decode(value)?);
                if is_boxed(contract, union.id, FieldType::Single(member.ty)) { quote!(Box::new(#read)) } else { read }
            }
            _ => quote!(value.to_owned()),
        };
        quote!(fb::#value::#case(value) => Self::#case(#read),)
    });
    let writing = writing(&encoder, union, &encodes.collect::<Vec<_>>());
    quote! {
        #[allow(dead_code)]
        impl types::#name {
            #writing

            fn decode(value: fb::#value<'_>, field: &'static str) -> Result<Self, DecodeError> {
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

fn writing(encoder: &Encoder<'_>, union: &Union, encodes: &[TokenStream]) -> TokenStream {
    let (name, none) = (ident(&union.rust), ident(&union.none.rust));
    let (item, question) = (encoder.call(&quote!(item)), encoder.question());
    let own = quote!((fb::#name, Option<WIPOffset<::flatbuffers::UnionWIPOffset>>));
    let all = quote! {
        (
            WIPOffset<::flatbuffers::Vector<'a, fb::#name>>,
            WIPOffset<::flatbuffers::Vector<'a, ::flatbuffers::ForwardsUOffset<::flatbuffers::Table<'a>>>>,
        )
    };
    let collect = quote! {
        let items: Vec<_> = items.iter().map(|item| #item).collect();
    };
    let value = quote! {
        match self {
            Self::#none => (fb::#name::#none, None),
            #(#encodes)*
        }
    };
    let vectors = quote! {
        let tags = builder.create_vector_from_iter(items.iter().map(|(tag, _)| *tag));
        builder.start_vector::<::flatbuffers::UOffsetT>(items.len());
        for (_, value) in items.iter().rev() {
            match value {
                Some(value) => {
                    builder.push(*value);
                }
                None => {
                    builder.push::<::flatbuffers::UOffsetT>(0);
                }
            }
        }
        let values = builder.end_vector::<::flatbuffers::UOffsetT>(items.len());
    };
    if !encoder.is_recursive {
        return quote! {
            /// The tag, and the value if there is one.
            fn encode(&self, builder: &mut FlatBufferBuilder<'_>) -> #own {
                #value
            }

            /// A vector of the tags and one of the values, in which nothing stands where there is none.
            fn encode_all<'a>(items: &[Self], builder: &mut FlatBufferBuilder<'a>) -> #all {
                #collect
                #vectors
                (tags, WIPOffset::new(values.value()))
            }
        };
    }
    let tables = union.members.iter().any(|member| matches!(member.ty, ValueType::Table(_)));
    let depth = if tables { ident("depth") } else { ident("_depth") };
    quote! {
        /// The tag, and the value if there is one.
        fn encode_at(&self, builder: &mut FlatBufferBuilder<'_>, #depth: Depth) -> Result<#own, InvalidValue> {
            Ok(#value)
        }

        /// A vector of the tags and one of the values, in which nothing stands where there is none.
        fn encode_all<'a>(
            items: &[Self],
            builder: &mut FlatBufferBuilder<'a>,
            depth: Depth,
        ) -> Result<#all, InvalidValue> {
            let items: Vec<_> = items.iter().map(|item| #item).collect::<Result<_, _>>()#question;
            #vectors
            Ok((tags, WIPOffset::new(values.value())))
        }
    }
}
