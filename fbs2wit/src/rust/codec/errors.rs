use proc_macro2::TokenStream;
use quote::quote;

use super::check;
use crate::contract::{Contract, EnumForm};

/// The error of a contract with values that no buffer can hold.
pub(super) fn encode_error(contract: &Contract) -> TokenStream {
    let (mut variants, mut messages, mut conversions) = (quote!(), quote!(), quote!());
    if check::has_required_union(contract) {
        variants.extend(quote! {
            /// A required union is none.
            RequiredUnion {
                /// The table and its field, `Scene.shape` for instance.
                field: &'static str,
            },
        });
        messages.extend(quote! {
            EncodeError::RequiredUnion { field } => write!(f, "`{field}` is required, and holds nothing"),
        });
        conversions.extend(quote! {
            EncodeError::RequiredUnion { field } => Self::RequiredUnion { field: field.into() },
        });
    }
    if check::is_recursive(contract) {
        variants.extend(quote! {
            /// Tables nest more deeply than [`hookr_abi::MAX_NESTING`].
            TooDeep,
        });
        messages.extend(quote! {
            EncodeError::TooDeep => write!(f, "tables nest more than {} deep", hookr_abi::MAX_NESTING),
        });
        conversions.extend(quote! { EncodeError::TooDeep => Self::TooDeep, });
    }
    quote! {
        /// A value that no FlatBuffer can hold.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum EncodeError {
            #variants
        }

        impl ::core::fmt::Display for EncodeError {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self {
                    #messages
                }
            }
        }

        impl ::core::error::Error for EncodeError {}

        impl From<EncodeError> for hookr_abi::InvalidValue {
            fn from(error: EncodeError) -> Self {
                match error {
                    #conversions
                }
            }
        }
    }
}

/// The errors that only some contracts need: the variants, and the arms of a match that print them.
pub(super) fn variants(contract: &Contract) -> (TokenStream, TokenStream) {
    let (mut variants, mut messages) = (quote!(), quote!());
    if contract.enums().any(|e| e.form == EnumForm::Flags) {
        variants.extend(quote! {
            /// Flags have bits without a name.
            UnknownFlags {
                /// The table or struct and its field, `Door.locks` for instance.
                field: &'static str,
                /// All bits.
                value: i128,
            },
        });
        messages.extend(quote! {
            DecodeError::UnknownFlags { field, value } => {
                write!(f, "`{field}` has bits without a name: {value:#b}")
            }
        });
    }
    if contract.unions().next().is_none() {
        return (variants, messages);
    }
    variants.extend(quote! {
        /// A union has a tag without a name.
        UnknownUnionMember {
            /// The table and its field, `Scene.shape` for instance.
            field: &'static str,
            /// The tag.
            tag: i128,
        },
    });
    messages.extend(quote! {
        DecodeError::UnknownUnionMember { field, tag } => {
            write!(f, "`{field}` has no member with the tag {tag}")
        }
    });
    (variants, messages)
}
