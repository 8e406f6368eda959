//! `codec.rs`: between the types of the contract and FlatBuffers.

mod align;
mod check;
mod decode;
mod encode;
mod errors;
mod owned;
mod unions;
mod vector;

use std::collections::BTreeSet;

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};

use self::align::Aligns;
use super::names::{FbNames, fb_names, union_names};
use super::tokens::ident;
use crate::contract::{Contract, Enum, EnumForm, FieldType, Record, RecordKind, TypeDef, TypeId, ValueType, WireForm};

pub(super) fn emit(contract: &Contract) -> impl Iterator<Item = TokenStream> {
    let fallible = check::fallible(contract);
    let support = support(contract, !fallible.is_empty());
    let names = fb_names(contract);
    let unions = union_names(contract);
    let aligns = Aligns::new(contract);
    let types = contract.types.iter().map(move |def| match def {
        TypeDef::Enum(e) => emit_enum(e),
        TypeDef::Union(union) => {
            let check = check::union(contract, union, &fallible);
            let owned = owned::union(union);
            let convert = unions::emit(contract, union, &unions[&union.id], check);
            quote!(#convert #owned)
        }
        TypeDef::Record(record) => match record.kind {
            RecordKind::Struct { .. } => {
                let owned = owned::plain(&record.rust);
                let convert = emit_struct(contract, record, &names[&record.id]);
                quote!(#convert #owned)
            }
            RecordKind::Table => {
                let check = check::table(contract, record, &fallible);
                let owned = owned::table(record);
                let convert = emit_table(contract, record, &names[&record.id], &aligns, check);
                quote!(#convert #owned)
            }
        },
    });
    let list = has_converted_lists(contract).then(list);
    let own = (!contract.types.is_empty()).then(|| {
        quote!(
            use super::{fb, types};
        )
    });
    [support, quote!(#own #list)].into_iter().chain(types)
}

/// What is the same in every crate but for the errors: the trait, its errors and limits. `fallible` says whether there are
/// values that no buffer can hold.
fn support(contract: &Contract, fallible: bool) -> TokenStream {
    let (variants, messages) = errors::variants(contract);
    let write = if fallible { checked_write(contract) } else { write() };
    let encode_error = fallible.then(|| errors::encode_error(contract));
    let is_recursive = check::is_recursive(contract);
    let depth = is_recursive.then(|| {
        quote! {
            use hookr_abi::tree::Depth;
        }
    });
    let left_out = check::has_required_union(contract).then(|| {
        quote! {
            ///
            /// A required union that is none is left out, so that nobody reads the table: [`FlatBuffer::check`] finds it.
        }
    });
    let too_deep = is_recursive.then(|| {
        quote! {
            ///
            /// A value that is too deep takes stack for each of its levels, and nobody reads the table:
            /// [`FlatBuffer::check`] finds it.
        }
    });
    // A request of a plugin is that of a callback.
    let in_request = (!contract.callbacks.is_empty()).then(|| {
        quote! {
            /// What a plugin gets whose request cannot be read.
            pub(crate) fn in_request(self) -> hookr_abi::Error {
                match self {
                    DecodeError::TooLarge(error) => hookr_abi::Error::resource_exhausted(error.to_string()),
                    error => hookr_abi::Error::invalid_argument(error.to_string()),
                }
            }
        }
    });
    quote! {
        //! Conversion between the types of the contract and FlatBuffers.
        use flatbuffers::{Allocator, FlatBufferBuilder, Follow, InvalidFlatbuffer, Verifiable, VerifierOptions, WIPOffset};
        use hookr_abi::{OutOfRoom, Room};
        #[cfg(feature = "host")]
        #[allow(unused_imports)]
        use hookr_abi::Owned as _;
        #depth
        use super::fb::message::{self, Quick};

        /// A table of the contract, as a FlatBuffer.
        ///
        /// An absent string or vector reads as empty, and an empty one is written as absent, unless the contract keeps
        /// the two apart.
        pub trait FlatBuffer: Sized {
            /// Reads the table in place.
            type Reader<'a>: Follow<'a, Inner = Self::Reader<'a>> + Verifiable + Quick<'a> + 'a;

            /// No valid buffer nests more tables than this, the outermost included.
            const DEPTH: usize;

            /// Nothing in a buffer with this table as its root is aligned to more bytes than these.
            const ALIGN: usize;

            /// The four bytes that mark a buffer with this table as its root, if the contract has them.
            const IDENTIFIER: Option<&'static str>;

            /// Writes the table.
            #left_out
            #too_deep
            fn encode<'a, A: Allocator + 'a>(
                &self,
                builder: &mut FlatBufferBuilder<'a, A>,
            ) -> WIPOffset<Self::Reader<'a>>;

            /// Takes the values out of a table, which may take the memory of a [`Room`] at the most.
            ///
            /// # Errors
            ///
            /// There is more of them, or an enum has a value without a name, and no case for those.
            fn decode_within(reader: Self::Reader<'_>, room: &mut Room) -> Result<Self, DecodeError>;

            /// Takes the values out of a table: 128 MiB of them at the most.
            ///
            /// # Errors
            ///
            /// As [`decode_within`](Self::decode_within).
            fn decode(reader: Self::Reader<'_>) -> Result<Self, DecodeError> {
                Self::decode_within(reader, &mut Room::default())
            }

            /// Verifies a buffer with this table as its root, within limits that grow with the buffer's length.
            ///
            /// # Errors
            ///
            /// The buffer is not valid, or another table's.
            #[inline]
            fn read(buffer: &[u8]) -> Result<Self::Reader<'_>, DecodeError> {
                if let Some(expected) = Self::IDENTIFIER
                    && buffer.get(4..8) != Some(expected.as_bytes())
                {
                    return Err(DecodeError::WrongIdentifier { expected });
                }
                if let Some(known) = Self::Reader::read(buffer) {
                    return Ok(known);
                }
                verify::<Self>(buffer)
            }

            #write

            /// The values of a buffer with this table as its root: 64 times as much memory as the buffer at the most, or
            /// 128 MiB.
            ///
            /// # Errors
            ///
            /// The buffer is not valid, or another table's, or there are more values, or an enum in it has a value without
            /// a name.
            fn from_flatbuffer(buffer: &[u8]) -> Result<Self, DecodeError> {
                Self::from_flatbuffer_within(buffer, &mut Room::for_message(buffer.len()))
            }

            /// The values of a buffer with this table as its root, which may take the memory of a [`Room`] at the most.
            ///
            /// # Errors
            ///
            /// As [`from_flatbuffer`](Self::from_flatbuffer).
            fn from_flatbuffer_within(buffer: &[u8], room: &mut Room) -> Result<Self, DecodeError> {
                Self::decode_within(Self::read(buffer)?, room)
            }
        }

        #encode_error

        /// A FlatBuffer that does not hold what the contract says.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum DecodeError {
            /// The bytes are no valid FlatBuffer of the table, or over its limits.
            Invalid(InvalidFlatbuffer),
            /// The buffer does not carry the identifier of the table.
            WrongIdentifier {
                /// The identifier of the contract.
                expected: &'static str,
            },
            /// An enum has a value without a name.
            UnknownEnumValue {
                /// The table or struct and its field, `Paint.color` for instance.
                field: &'static str,
                /// The value.
                value: i128,
            },
            /// The values take more memory than they may.
            TooLarge(OutOfRoom),
            #variants
        }

        #[cfg(feature = "host")]
        #[allow(dead_code)]
        impl DecodeError {
            #in_request

            /// What a call comes to whose response cannot be read.
            pub(crate) fn in_response(self) -> ::hookr::Source {
                match self {
                    DecodeError::TooLarge(error) => error.into(),
                    error => error.into(),
                }
            }
        }

        impl ::core::fmt::Display for DecodeError {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self {
                    DecodeError::Invalid(error) => {
                        // What is wrong, and a line for each table around it.
                        let text = error.to_string();
                        let lines: Vec<&str> = text.lines().map(str::trim).collect();
                        write!(f, "not a valid FlatBuffer: {}", lines.join(" "))
                    }
                    DecodeError::TooLarge(error) => write!(f, "{error}"),
                    DecodeError::WrongIdentifier { expected } => {
                        write!(f, "the buffer does not carry the identifier `{expected}`")
                    }
                    DecodeError::UnknownEnumValue { field, value } => {
                        write!(f, "`{field}` has no value {value}")
                    }
                    #messages
                }
            }
        }

        // What is the matter is in the message, and no source besides.
        impl ::core::error::Error for DecodeError {}

        impl From<OutOfRoom> for DecodeError {
            fn from(error: OutOfRoom) -> Self {
                DecodeError::TooLarge(error)
            }
        }

        impl From<InvalidFlatbuffer> for DecodeError {
            fn from(error: InvalidFlatbuffer) -> Self {
                DecodeError::Invalid(error)
            }
        }

        /// Ends a message, which is what the builder holds then. It is not one that `finished_data` of the builder knows of.
        #[allow(dead_code)]
        #[inline]
        pub(crate) fn finish<'b, T: FlatBuffer, A: Allocator + 'b>(
            builder: &mut FlatBufferBuilder<'b, A>,
            root: WIPOffset<T::Reader<'b>>,
        ) {
            message::finish(builder, root, T::ALIGN, T::IDENTIFIER);
        }

        /// Reads what is laid out in another way than `create` does it.
        fn verify<T: FlatBuffer>(buffer: &[u8]) -> Result<T::Reader<'_>, DecodeError> {
            let limits = limits(buffer.len(), T::DEPTH);
            Ok(flatbuffers::root_with_opts::<T::Reader<'_>>(&limits, buffer)?)
        }

        /// Offsets may share what they point to, so that a small buffer can unfold to a huge value. These limits keep
        /// what is unfolded in proportion to the buffer, and below 128 MiB unless the buffer itself is as large; no buffer
        /// whose tables are written once each comes near them.
        fn limits(length: usize, depth: usize) -> VerifierOptions {
            VerifierOptions {
                max_depth: depth,
                max_tables: length / 4 + 1,
                max_apparent_size: length
                    .saturating_mul(64)
                    .saturating_add(1 << 16)
                    .min(length.saturating_mul(4).max(128 << 20)),
                ignore_missing_null_terminator: false,
            }
        }
    }
}

/// The methods of the trait that write a whole buffer.
fn write() -> TokenStream {
    quote! {
        /// Writes a whole buffer with this table as its root, after what the builder held is gone; it is in
        /// [`FlatBufferBuilder::finished_data`].
        fn write<'a, A: Allocator + 'a>(&self, builder: &mut FlatBufferBuilder<'a, A>) {
            builder.reset();
            let root = self.encode(builder);
            builder.finish(root, Self::IDENTIFIER);
        }

        /// A buffer with this table as its root.
        fn to_flatbuffer(&self) -> Vec<u8> {
            let mut builder = FlatBufferBuilder::new();
            self.write(&mut builder);
            let (mut bytes, start) = builder.collapse();
            bytes.drain(..start);
            bytes
        }
    }
}

/// The same for a contract with values that no buffer can hold.
fn checked_write(contract: &Contract) -> TokenStream {
    let errors = match (check::has_required_union(contract), check::is_recursive(contract)) {
        (true, true) => " A required union is none, or tables nest too deeply.",
        (true, false) => " A required union is none.",
        (false, _) => " Tables nest more than [`hookr_abi::MAX_NESTING`] deep.",
    };
    let check = match check::is_recursive(contract) {
        true => quote! {
            fn check(&self) -> Result<(), EncodeError> {
                self.check_at(Depth::TOP)
            }

            /// The same for a table inside of so many others.
            #[doc(hidden)]
            fn check_at(&self, depth: Depth) -> Result<(), EncodeError>;
        },
        false => quote! {
            fn check(&self) -> Result<(), EncodeError> {
                Ok(())
            }
        },
    };
    quote! {
        /// Whether a buffer can hold the value.
        ///
        /// # Errors
        ///
        #[doc = #errors]
        #check

        /// Writes a whole buffer with this table as its root, after what the builder held is gone; it is in
        /// [`FlatBufferBuilder::finished_data`].
        ///
        /// # Errors
        ///
        #[doc = #errors]
        fn write<'a, A: Allocator + 'a>(&self, builder: &mut FlatBufferBuilder<'a, A>) -> Result<(), EncodeError> {
            builder.reset();
            self.check()?;
            let root = self.encode(builder);
            builder.finish(root, Self::IDENTIFIER);
            Ok(())
        }

        /// A buffer with this table as its root.
        ///
        /// # Errors
        ///
        #[doc = #errors]
        fn to_flatbuffer(&self) -> Result<Vec<u8>, EncodeError> {
            let mut builder = FlatBufferBuilder::new();
            self.write(&mut builder)?;
            let (mut bytes, start) = builder.collapse();
            bytes.drain(..start);
            Ok(bytes)
        }
    }
}

/// The types with values that no buffer can hold: their `check` finds those.
pub(super) fn fallible(contract: &Contract) -> BTreeSet<TypeId> {
    check::fallible(contract)
}

/// Whether a union has to be there somewhere, which bindings do not know.
pub(super) fn has_required_union(contract: &Contract) -> bool {
    check::has_required_union(contract)
}

/// Whether the module has [`errors::encode_error`], for the root of the crate.
pub(super) fn has_encode_error(contract: &Contract) -> bool {
    !check::fallible(contract).is_empty()
}

/// Reads vectors whose elements are converted; not every contract has one.
fn list() -> TokenStream {
    quote! {
        /// The elements of a vector; none if it is absent.
        fn list<T, U>(
            elements: Option<impl ExactSizeIterator<Item = T>>,
            room: &mut Room,
            mut decode: impl FnMut(T, &mut Room) -> Result<U, DecodeError>,
        ) -> Result<Vec<U>, DecodeError> {
            let Some(elements) = elements else { return Ok(Vec::new()) };
            room.take::<U>(elements.len())?;
            let mut list = Vec::with_capacity(elements.len());
            for element in elements {
                list.push(decode(element, room)?);
            }
            Ok(list)
        }
    }
}

fn has_converted_lists(contract: &Contract) -> bool {
    let mut fields = contract.records().flat_map(|record| &record.fields);
    fields.any(|field| matches!(field.ty, FieldType::List(element) if !matches!(element, ValueType::Scalar(_))))
}

fn emit_enum(e: &Enum) -> TokenStream {
    let name = ident(&e.rust);
    let decode = match e.form {
        EnumForm::Flags => quote! {
            Self::from_value(value.0).ok_or(DecodeError::UnknownFlags { field, value: value.0.into() })
        },
        EnumForm::Closed => quote! {
            Self::from_value(value.0).ok_or(DecodeError::UnknownEnumValue { field, value: value.0.into() })
        },
        EnumForm::Open(_) => quote!(let _ = field; Ok(Self::from_value(value.0))),
        // An integer takes nothing to be one.
        EnumForm::Integer { .. } => return TokenStream::new(),
    };
    let owned = owned::plain(&e.rust);
    quote! {
        #owned

        impl types::#name {
            #[allow(dead_code)]
            fn encode(self) -> fb::#name {
                fb::#name(self.value())
            }

            #[allow(dead_code)]
            fn decode(value: fb::#name, field: &'static str) -> Result<Self, DecodeError> {
                #decode
            }
        }
    }
}

fn emit_struct(contract: &Contract, record: &Record, names: &FbNames) -> TokenStream {
    let name = ident(&record.rust);
    let arguments = record.fields.iter().map(|field| encode::struct_argument(contract, field));
    let fields = decode::fields(contract, record, names);
    quote! {
        impl types::#name {
            #[allow(dead_code)]
            fn encode(&self) -> fb::#name {
                fb::#name::new(#(#arguments),*)
            }

            #[allow(dead_code)]
            fn decode(reader: &fb::#name) -> Result<Self, DecodeError> {
                Ok(Self { #(#fields),* })
            }
        }
    }
}

fn emit_table(
    contract: &Contract,
    record: &Record,
    names: &FbNames,
    aligns: &Aligns,
    check: Option<TokenStream>,
) -> TokenStream {
    let name = ident(&record.rust);
    let depth = match record.wire {
        WireForm::Recursive => quote!(hookr_abi::MAX_NESTING as usize),
        _ => Literal::u32_unsuffixed(record.depth).to_token_stream(),
    };
    let align = Literal::u32_unsuffixed(aligns.of(record.id));
    let identifier = match &contract.file_identifier {
        Some(identifier) if contract.root == Some(record.id) => quote!(Some(#identifier)),
        _ => quote!(None),
    };
    let encode = encode::body(contract, record, names);
    let fields = decode::fields(contract, record, names);
    let reader = if record.fields.is_empty() { ident("_reader") } else { ident("reader") };
    let takes_room = record.fields.iter().any(|field| decode::takes_room(field.ty));
    let room = if takes_room { ident("room") } else { ident("_room") };
    quote! {
        impl FlatBuffer for types::#name {
            type Reader<'a> = fb::#name<'a>;

            const DEPTH: usize = #depth;

            const ALIGN: usize = #align;

            const IDENTIFIER: Option<&'static str> = #identifier;

            fn encode<'a, A: Allocator + 'a>(
                &self,
                builder: &mut FlatBufferBuilder<'a, A>,
            ) -> WIPOffset<fb::#name<'a>> {
                #encode
            }

            #check

            fn decode_within(#reader: fb::#name<'_>, #room: &mut Room) -> Result<Self, DecodeError> {
                Ok(Self { #(#fields),* })
            }
        }
    }
}

/// Whether values of a type are integers in the API, and a type of their own in FlatBuffers.
fn is_integer(contract: &Contract, ty: ValueType) -> bool {
    matches!(ty, ValueType::Enum(id) if contract.enumeration(id).is_some_and(Enum::is_integer))
}

/// `Paint.color`, the way errors name a field.
fn path(record: &Record, field: &str) -> String {
    format!("{}.{field}", record.source.name)
}
