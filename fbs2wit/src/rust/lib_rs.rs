use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::codec;
use super::surface::Surface;
use crate::contract::Contract;

/// The root of the crate.
pub(super) fn emit(contract: &Contract, surface: Option<&Surface<'_>>) -> TokenStream {
    let title = format!(" The contract `{}` in Rust.", contract.package);
    let package = contract.package.to_string();
    let id = contract.id.0.map(Literal::u8_unsuffixed);
    let types = (!contract.types.is_empty()).then(|| {
        // A service with a type's name hides it here, and there may be no other type.
        quote!(
            #[allow(unused_imports)]
            pub use types::*;
        )
    });
    let encode_error = codec::has_encode_error(contract).then(|| quote!(EncodeError,));
    let sides = surface.map(|surface| sides(surface));
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

        // What readers and builders are used with.
        pub use flatbuffers;
        pub use codec::{DecodeError, #encode_error FlatBuffer};
        #types

        #sides

        /// The WIT package of the contract.
        pub const PACKAGE: &str = #package;

        /// The identity of the contract: a host accepts the plugins that were built for this one.
        pub const CONTRACT_ID: hookr_abi::ContractId = hookr_abi::ContractId([#(#id),*]);

        /// The contract as a binary FlatBuffers schema, as `flatc --schema --binary` writes it.
        pub const SCHEMA: &[u8] = include_bytes!("../contract.bfbs");
    }
}

/// What the crate offers to hosts and to plugins.
fn sides(surface: &Surface<'_>) -> TokenStream {
    let names = surface.api_names();
    let callbacks = (!surface.callbacks.is_empty()).then(|| quote!(Callbacks,));
    let context = (!surface.callbacks.is_empty()).then(|| quote!(CallbackContext,));
    let services: Vec<_> = surface.callbacks.iter().map(|callback| &callback.asynchronous).collect();
    let services = (!services.is_empty()).then(|| {
        quote! {
            #[cfg(feature = "async")]
            pub use asynchronous::{#(#services),*};
        }
    });
    quote! {
        pub mod api;
        #[cfg(feature = "async")]
        pub mod asynchronous;
        #[cfg(feature = "guest")]
        #[doc(hidden)]
        pub mod guest;
        #[cfg(feature = "host")]
        pub mod host;
        pub mod in_place;
        #[cfg(feature = "host")]
        pub mod lane;
        #[cfg(feature = "mock")]
        pub mod mock;

        pub use api::{PluginContext, #(#names),*};
        #services
        #[cfg(feature = "host")]
        pub use host::{#callbacks PluginHandle};
        #[cfg(feature = "host")]
        pub use lane::PluginLane;
        #[cfg(feature = "guest")]
        pub use hookr_guest::{log, state};
        pub use hookr_abi::{#context Code, Error};
    }
}
