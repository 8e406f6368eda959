use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::key;
use crate::contract::{Contract, Field, FieldType, Record, RecordKind, ValueType};
use crate::model::Scalar;
use crate::rust::names::FbNames;
use crate::rust::tokens::{docs, ident, scalar};

/// A struct as its bytes.
///
/// `is_key` says whether it is a key, or in one.
pub(super) fn emit(
    contract: &Contract,
    record: &Record,
    names: &FbNames,
    (size, align): (u32, u32),
    is_key: bool,
) -> TokenStream {
    let name = ident(&record.rust);
    let length = Literal::u32_unsuffixed(size);
    let align = Literal::u32_unsuffixed(align);
    let struct_docs = docs(&record.docs, &format!("The struct `{}` of the contract.", record.source));
    let fields: Vec<StructField<'_>> = record
        .fields
        .iter()
        .zip(&names.accessors)
        .map(|(field, accessor)| StructField::new(contract, field, accessor))
        .collect();
    let parameters = fields.iter().map(|field| {
        let (name, ty) = (ident(&field.field.rust), &field.parameter);
        quote!(#name: #ty)
    });
    // A parameter may have the usual name; none ends in `_` but for keywords.
    let bytes = ident(if fields.iter().any(|field| field.field.rust == "bytes") { "bytes_" } else { "bytes" });
    let writes = fields.iter().map(|field| field.write(&bytes));
    let accessors = fields.iter().map(StructField::read);
    let shown = fields.iter().map(|field| {
        let (source, accessor) = (&field.field.source, ident(field.accessor));
        quote!(.field(#source, &self.#accessor());)
    });
    let key = key::emit(contract, record, names);
    let debug_name = &record.rust;
    let derive_eq = (!is_key).then(|| quote!(, PartialEq));
    let order = is_key.then(|| key::emit_order(record, names));
    quote! {
        #struct_docs
        #[derive(Clone, Copy #derive_eq)]
        #[repr(transparent)]
        pub struct #name([u8; #length]);

        impl #name {
            /// A struct of these values.
            pub fn new(#(#parameters),*) -> Self {
                let mut #bytes = [0; #length];
                #(#writes)*
                Self(#bytes)
            }

            #(#accessors)*

            #key
        }

        #order

        impl Default for #name {
            fn default() -> Self {
                Self([0; #length])
            }
        }

        impl ::core::fmt::Debug for #name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut debug = f.debug_struct(#debug_name);
                #(debug #shown)*
                debug.finish()
            }
        }

        impl<'a> flatbuffers::Follow<'a> for #name {
            type Inner = &'a #name;

            #[inline]
            unsafe fn follow(buf: &'a [u8], loc: usize) -> Self::Inner {
                safety!("the caller keeps the contract of `follow`; the type is bytes, of alignment 1.");
                unsafe { flatbuffers::follow_cast_ref::<#name>(buf, loc) }
            }
        }

        impl<'a> flatbuffers::Follow<'a> for &'a #name {
            type Inner = &'a #name;

            #[inline]
            unsafe fn follow(buf: &'a [u8], loc: usize) -> Self::Inner {
                safety!("the caller keeps the contract of `follow`; the type is bytes, of alignment 1.");
                unsafe { flatbuffers::follow_cast_ref::<#name>(buf, loc) }
            }
        }

        impl flatbuffers::Push for #name {
            type Output = #name;

            #[inline]
            unsafe fn push(&self, dst: &mut [u8], _written_len: usize) {
                dst.copy_from_slice(&self.0);
            }

            #[inline]
            fn alignment() -> flatbuffers::PushAlignment {
                flatbuffers::PushAlignment::new(#align)
            }
        }

        impl flatbuffers::Verifiable for #name {
            #[inline]
            fn run_verifier(
                v: &mut flatbuffers::Verifier<'_, '_>,
                pos: usize,
            ) -> Result<(), flatbuffers::InvalidFlatbuffer> {
                v.in_buffer::<Self>(pos)
            }
        }

        impl flatbuffers::SimpleToVerifyInSlice for #name {}
    }
}

/// A field of a struct with what is needed to read and write it.
struct StructField<'a> {
    field: &'a Field,
    accessor: &'a str,
    parameter: TokenStream,
    result: TokenStream,
    /// The size of the value, or of each element.
    size: u32,
    /// How many elements an array has.
    length: Option<u16>,
    /// From an array called `bytes` of the field's size to the value.
    from_bytes: TokenStream,
    /// From the parameter, or an element called like it, to an array of bytes.
    to_bytes: TokenStream,
}

impl<'a> StructField<'a> {
    fn new(contract: &Contract, field: &'a Field, accessor: &'a str) -> Self {
        let name = ident(&field.rust);
        let (parameter, result, size, from_bytes, to_bytes) = match field.ty.value() {
            ValueType::Enum(id) if let Some(e) = contract.enumeration(id) => {
                let (ty, stored) = (ident(&e.rust), scalar(e.repr));
                let from = quote!(#ty(#stored::from_le_bytes(bytes)));
                (quote!(#ty), quote!(#ty), e.repr.size(), from, quote!(#name.0.to_le_bytes()))
            }
            ValueType::Struct(id) if let Some(record) = contract.record(id) => {
                let ty = ident(&record.rust);
                let size = match record.kind {
                    RecordKind::Struct { size, .. } => size,
                    RecordKind::Table => 0,
                };
                (quote!(&#ty), quote!(#ty), size, quote!(#ty(bytes)), quote!(#name.0))
            }
            ValueType::Scalar(Scalar::Bool) => {
                (quote!(bool), quote!(bool), 1, quote!(bytes != [0]), quote!([u8::from(#name)]))
            }
            ValueType::Scalar(stored) => {
                let ty = scalar(stored);
                let from = quote!(#ty::from_le_bytes(bytes));
                (quote!(#ty), quote!(#ty), stored.size(), from, quote!(#name.to_le_bytes()))
            }
            other => unreachable!("a struct holds numbers, enums and structs, not {other:?}"),
        };
        let FieldType::Array(_, length) = field.ty else {
            return StructField { field, accessor, parameter, result, size, length: None, from_bytes, to_bytes };
        };
        let array_length = Literal::u16_unsuffixed(length);
        let (parameter, result) = (quote!(&[#result; #array_length]), quote!([#result; #array_length]));
        StructField { field, accessor, parameter, result, size, length: Some(length), from_bytes, to_bytes }
    }

    fn range(&self) -> (Literal, Literal) {
        let start = self.field.offset;
        let size = self.size * u32::from(self.length.unwrap_or(1));
        (Literal::u32_unsuffixed(start), Literal::u32_unsuffixed(start + size))
    }

    fn write(&self, bytes: &Ident) -> TokenStream {
        let ((start, end), value) = (self.range(), &self.to_bytes);
        if self.length.is_some() {
            let (name, size) = (ident(&self.field.rust), Literal::u32_unsuffixed(self.size));
            return quote! {
                for (place_, #name) in #bytes[#start..#end].chunks_exact_mut(#size).zip(*#name) {
                    place_.copy_from_slice(&#value);
                }
            };
        }
        quote!(#bytes[#start..#end].copy_from_slice(&#value);)
    }

    fn read(&self) -> TokenStream {
        let docs = docs(&self.field.docs, &format!("The field `{}`.", self.field.source));
        let (name, result, from_bytes) = (ident(self.accessor), &self.result, &self.from_bytes);
        let ((start, end), size) = (self.range(), Literal::u32_unsuffixed(self.size));
        if self.length.is_some() {
            return quote! {
                #docs
                pub fn #name(&self) -> #result {
                    ::core::array::from_fn(|index| {
                        let mut bytes = [0; #size];
                        bytes.copy_from_slice(&self.0[#start + index * #size..][..#size]);
                        #from_bytes
                    })
                }
            };
        }
        quote! {
            #docs
            pub fn #name(&self) -> #result {
                let mut bytes = [0; #size];
                bytes.copy_from_slice(&self.0[#start..#end]);
                #from_bytes
            }
        }
    }
}
