use proc_macro2::TokenStream;
use quote::quote;

use crate::contract::{Enum, EnumForm};
use crate::rust::tokens::{docs, ident, int, scalar};

/// An enum as its number: any number is valid in a buffer, also one without a name.
pub(super) fn emit(e: &Enum) -> TokenStream {
    let name = ident(&e.rust);
    let stored = scalar(e.repr);
    let enum_docs = docs(&e.docs, &format!("The enum `{}` of the contract.", e.source));
    let constants = e.cases.iter().map(|case| {
        let docs = docs(&case.docs, &format!("The value `{}`.", case.source));
        let (name, value) = (ident(&case.rust), int(case.value));
        quote!(#docs pub const #name: Self = Self(#value);)
    });
    let names = e.cases.iter().map(|case| {
        let (name, source) = (ident(&case.rust), &case.source);
        quote!(Self::#name => Some(#source),)
    });
    let unnamed = match e.form {
        EnumForm::Flags | EnumForm::Integer { .. } => "{:#b}",
        EnumForm::Closed | EnumForm::Open(_) => "<UNKNOWN {}>",
    };
    quote! {
        #enum_docs
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        #[repr(transparent)]
        pub struct #name(
            /// The number, with or without a name.
            pub #stored,
        );

        #[allow(non_upper_case_globals)]
        impl #name {
            #(#constants)*

            /// The name in the schema, if there is one.
            pub fn variant_name(self) -> Option<&'static str> {
                match self {
                    #(#names)*
                    _ => None,
                }
            }
        }

        impl ::core::fmt::Debug for #name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self.variant_name() {
                    Some(name) => f.write_str(name),
                    None => write!(f, #unnamed, self.0),
                }
            }
        }

        impl flatbuffers::EndianScalar for #name {
            type Scalar = #stored;

            fn to_little_endian(self) -> #stored {
                self.0.to_le()
            }

            fn from_little_endian(value: #stored) -> Self {
                Self(<#stored>::from_le(value))
            }
        }

        impl<'a> flatbuffers::Follow<'a> for #name {
            type Inner = Self;

            #[inline]
            unsafe fn follow(buf: &'a [u8], loc: usize) -> Self::Inner {
                safety!("the caller keeps the contract of `follow`: the number lies at `loc`.");
                Self(unsafe { flatbuffers::read_scalar_at::<#stored>(buf, loc) })
            }
        }

        impl flatbuffers::Push for #name {
            type Output = Self;

            #[inline]
            unsafe fn push(&self, dst: &mut [u8], _written_len: usize) {
                safety!("the caller keeps the contract of `push`: `dst` has room for the number.");
                unsafe { flatbuffers::emplace_scalar::<#stored>(dst, self.0) };
            }
        }

        impl flatbuffers::Verifiable for #name {
            #[inline]
            fn run_verifier(
                v: &mut flatbuffers::Verifier<'_, '_>,
                pos: usize,
            ) -> Result<(), flatbuffers::InvalidFlatbuffer> {
                <#stored as flatbuffers::Verifiable>::run_verifier(v, pos)
            }
        }

        impl flatbuffers::SimpleToVerifyInSlice for #name {}
    }
}
