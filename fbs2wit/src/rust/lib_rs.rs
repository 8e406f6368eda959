use proc_macro2::TokenStream;
use quote::quote;

use crate::contract::Contract;

/// The root of the crate.
pub(super) fn emit(contract: &Contract) -> TokenStream {
    let title = format!(" The contract `{}` in Rust.", contract.package);
    quote! {
        #![doc = #title]
        //!
        //! [`types`] has the types of the contract, [`codec`] converts them to and from FlatBuffers, [`fb`] reads and
        //! writes FlatBuffers in place.
        #![warn(missing_docs)]
        #![allow(clippy::all, rustdoc::all)]

        pub mod codec;
        pub mod fb;
        pub mod types;
        #[doc(hidden)]
        pub mod wire;

        pub use codec::{DecodeError, FlatBuffer};
        pub use types::*;

        /// The contract as a binary FlatBuffers schema, as `flatc --schema --binary` writes it.
        pub const SCHEMA: &[u8] = include_bytes!("../contract.bfbs");
    }
}
