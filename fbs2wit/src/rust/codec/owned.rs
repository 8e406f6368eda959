use proc_macro2::TokenStream;
use quote::quote;

use super::decode::{takes_room, value_takes_room};
use crate::contract::{Record, Union};
use crate::rust::tokens::ident;

/// A type whose values are no more than their own bytes.
pub(super) fn plain(name: &str) -> TokenStream {
    let name = ident(name);
    quote! {
        #[cfg(feature = "host")]
        impl hookr_abi::Owned for types::#name {
            const IS_PLAIN: bool = true;

            fn owned(&self) -> usize {
                0
            }
        }
    }
}

/// A table: what its fields have, all together.
pub(super) fn table(record: &Record) -> TokenStream {
    let fields = record.fields.iter().filter(|field| takes_room(field.ty));
    let fields: Vec<_> = fields.map(|field| ident(&field.rust)).collect();
    if fields.is_empty() {
        return plain(&record.rust);
    }
    let name = ident(&record.rust);
    quote! {
        #[cfg(feature = "host")]
        impl hookr_abi::Owned for types::#name {
            fn owned(&self) -> usize {
                0 #(+ self.#fields.owned())*
            }
        }
    }
}

/// A union: what its member has.
pub(super) fn union(union: &Union) -> TokenStream {
    let members = union.members.iter().filter(|member| value_takes_room(member.ty));
    let cases: Vec<_> = members.map(|member| ident(&member.case.rust)).collect();
    if cases.is_empty() {
        return plain(&union.rust);
    }
    let name = ident(&union.rust);
    quote! {
        #[cfg(feature = "host")]
        impl hookr_abi::Owned for types::#name {
            fn owned(&self) -> usize {
                match self {
                    #(Self::#cases(value) => value.owned(),)*
                    #[allow(unreachable_patterns)]
                    _ => 0,
                }
            }
        }
    }
}
