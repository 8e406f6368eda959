use proc_macro2::TokenStream;
use quote::quote;

use crate::contract::{Contract, Record, ValueType};
use crate::rust::names::FbNames;
use crate::rust::tokens::{ident, scalar, type_name};

/// What a search in a vector sorted by the key needs; nothing for a type without key.
pub(super) fn emit(contract: &Contract, record: &Record, names: &FbNames) -> Option<TokenStream> {
    let index = record.key?;
    let (key, accessor) = (record.fields.get(index)?, ident(names.accessors.get(index)?));
    let ty = match key.ty.value() {
        ValueType::Scalar(stored) => {
            let ty = scalar(stored);
            quote!(#ty)
        }
        ValueType::Enum(id) => {
            let ty = type_name(contract, id);
            quote!(#ty)
        }
        _ => quote!(&str),
    };
    let is_float = matches!(key.ty.value(), ValueType::Scalar(stored) if stored.is_float());
    let compare = if is_float { quote!(key.total_cmp(&val)) } else { quote!(key.cmp(&val)) };
    Some(quote! {
        /// Whether it stands before the other in a sorted vector.
        #[inline]
        pub fn key_compare_less_than(&self, other: &Self) -> bool {
            self.key_compare_with_value(other.#accessor()).is_lt()
        }

        /// How its key compares with another, for [`flatbuffers::Vector::lookup_by_key`].
        #[inline]
        pub fn key_compare_with_value(&self, val: #ty) -> ::core::cmp::Ordering {
            let key = self.#accessor();
            #compare
        }
    })
}
