use proc_macro2::TokenStream;
use quote::quote;

use super::flags::constant;
use crate::contract::Enum;
use crate::rust::tokens::{docs, ident, int, scalar};

/// Bit flags whose values are integers, and a module with the masks that have names.
pub(super) fn emit(e: &Enum, module: Option<&str>) -> TokenStream {
    let (name, stored) = (ident(&e.rust), scalar(e.repr));
    let alias_docs = docs(&e.docs, &format!("The flags `{}` of the contract.", e.source));
    let Some(module) = module else {
        return quote! {
            #alias_docs
            ///
            /// Any bits; none has a name.
            pub type #name = #stored;
        };
    };
    let where_names_are = format!(" Any bits; the module [`{module}`] has those with names.");
    let module_docs = docs(&[], &format!("The bits of [`{name}`](super::{name}) that have names."));
    let masks = e.cases.iter().map(|case| {
        let docs = docs(&case.docs, &format!("The flag `{}`.", case.source));
        let (name, mask) = (constant(case), int(case.value));
        quote!(#docs pub const #name: #stored = #mask;)
    });
    let module = ident(module);
    quote! {
        #alias_docs
        ///
        #[doc = #where_names_are]
        pub type #name = #stored;

        #module_docs
        pub mod #module {
            #(#masks)*
        }
    }
}
