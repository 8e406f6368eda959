//! `src/guest.rs`: answers the exports of a plugin's component; on wit-bindgen's `generate!`.

mod lane;

pub(super) use lane::{TRUSTED, message_arms};

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::api::outbound_signature;
use super::boundary::{is_checked, lift, lift_response, lower_request, lower_response};
use super::host::{check_answer, package_modules};
use super::surface::{CallbackSurface, OptionalSurface, Surface};
use super::tokens::{ident, wire_name};
use crate::contract::{Contract, Method};

/// `kinds` holds, for each method of the plugin service, the offset of its kind in the section's bytes.
pub(super) fn emit(contract: &Contract, surface: &Surface<'_>, kinds: &[usize]) -> TokenStream {
    let bindings = bindings(contract);
    let imports = surface.callbacks.iter().flat_map(|callback| {
        callback.interface.methods.iter().map(|method| import(contract, surface, callback, method))
    });
    let message = lane::message(contract, surface);
    let exports = exports(contract, surface);
    let lane = lane::emit(contract, surface);
    let probes = surface
        .plugin
        .methods
        .iter()
        .filter_map(|(method, optional)| Some(probe(contract, surface, method, optional.as_ref()?)));
    let macros = export_macro(contract, surface, kinds);
    quote! {
        //! The plugin's side: what `export!` needs. Plugin authors use the macro and nothing else of it.

        use hookr_abi::Error;
        pub use hookr_guest::__private::abi::Error as WireError;
        pub use hookr_guest::__private::{begin_call, with_implemented};
        pub use hookr_guest::{__lane, __state};

        #[allow(unused_imports)]
        use crate::{api, fb, in_place, types, wire};
        use crate::codec::{FlatBuffer, finish};

        /// The section of the contract, with every optional method missing.
        pub const SECTION: &[u8] = include_bytes!("../contract.section");

        #bindings

        /// Calls back through the imports of the component.
        struct Imports;

        impl api::Outbound for Imports {
            #(#imports)*

            #message
        }

        #exports
        #(#probes)*
        #lane
        #macros
    }
}

fn bindings(contract: &Contract) -> TokenStream {
    let world = &contract.world;
    let types = format!("{}/types", contract.package);
    quote! {
        /// What wit-bindgen's `generate!` makes of the world; the types are those of this crate.
        #[allow(missing_docs, unreachable_pub, unsafe_code, clippy::all)]
        pub mod bindings {
            ::hookr_guest::__private::wit_bindgen::generate!({
                path: "wit",
                world: #world,
                with: {
                    #types: crate::wire,
                    "hookr:abi/types@0.1.0": ::hookr_guest::__private::abi,
                },
                runtime_path: "::hookr_guest::__private::wit_bindgen::rt",
                pub_export_macro: true,
                export_macro_name: "export_component",
            });
        }
    }
}

fn import(contract: &Contract, surface: &Surface<'_>, callback: &CallbackSurface<'_>, method: &Method) -> TokenStream {
    let signature = outbound_signature(contract, callback, method);
    let (namespace, package) = package_modules(contract);
    let module = ident(&callback.interface.module);
    let function = ident(&method.bindgen);
    let request = lower_request(contract, method, &quote! { .map_err(hookr_abi::InvalidValue::in_request) });
    let (before, argument) = (request.before, request.argument);
    let answer = if is_checked(contract, method.response) {
        let invalid = quote! { .map_err(hookr_abi::InvalidValue::in_response) };
        let response = lift(contract, method.response, &quote! { response }, &invalid);
        quote! {
            let response = answer.map_err(Error::from)?;
            Ok(#response)
        }
    } else {
        let lift = lift_response(contract, method.response);
        quote! { answer #lift .map_err(Error::from) }
    };
    let over_lane = method.keeps_order.then(|| lane::call_back(contract, method));
    let invalid = quote! { .map_err(hookr_abi::InvalidValue::in_request) };
    let check = surface.check(method.request, &quote! { request }, &invalid);
    quote! {
        #signature {
            #check
            #over_lane
            hookr_guest::lane::may_call_back()?;
            #before
            let answer = bindings::#namespace::#package::#module::#function(#argument);
            #answer
        }
    }
}

fn exports(contract: &Contract, surface: &Surface<'_>) -> TokenStream {
    let plugin = &surface.plugin.name;
    let required = surface.plugin.methods.iter().filter(|(_, optional)| optional.is_none());
    let methods = required.map(|(method, _)| {
        let name = ident(&method.rust);
        let call = answer(contract, surface, method, quote! { api::#plugin });
        let (request, response) = (wire_name(contract, method.request), wire_name(contract, method.response));
        quote! {
            /// Answers the exported function.
            pub fn #name(&self, request: wire::#request) -> Result<wire::#response, WireError> {
                #call
            }
        }
    });
    quote! {
        /// Answers the exported functions out of a plugin.
        pub struct Exports<'a, P>(pub &'a P);

        impl<P: api::#plugin> Exports<'_, P> {
            #(#methods)*
        }
    }
}

/// A type with the method where the plugin has its trait, and a trait with the same method for where it has not. Rust
/// prefers the type's own, so that the macro asks without knowing.
fn probe(contract: &Contract, surface: &Surface<'_>, method: &Method, optional: &OptionalSurface) -> TokenStream {
    let OptionalSurface { name, without, probe } = optional;
    let call = answer(contract, surface, method, quote! { api::#name });
    let (request, response) = (wire_name(contract, method.request), wire_name(contract, method.response));
    let missing = format!("the plugin does not implement {}:{}", surface.plugin.interface.source.name, method.source);
    quote! {
        /// Answers an optional function out of a plugin that has it.
        pub struct #probe<'a, P>(pub &'a P);

        impl<P: api::#name> #probe<'_, P> {
            /// The plugin has it.
            pub const IMPLEMENTED: bool = true;

            /// Answers the exported function.
            pub fn call(&self, request: wire::#request) -> Result<wire::#response, WireError> {
                #call
            }
        }

        /// Answers an optional function for a plugin that lacks it.
        pub trait #without {
            /// The plugin lacks it.
            const IMPLEMENTED: bool = false;

            /// Says so.
            fn call(&self, _: wire::#request) -> Result<wire::#response, WireError> {
                Err(hookr_abi::Error::unimplemented(#missing).into())
            }
        }

        impl<P> #without for #probe<'_, P> {}
    }
}

fn answer(contract: &Contract, surface: &Surface<'_>, method: &Method, plugin: TokenStream) -> TokenStream {
    let name = ident(&method.rust);
    let invalid = quote! { .map_err(|error| WireError::from(error.in_request())) };
    let lift = lift(contract, method.request, &quote! { request }, &invalid);
    let invalid = quote! { .map_err(hookr_abi::InvalidValue::in_response) };
    let lower = lower_response(contract, method.response, &invalid);
    let checked = check_answer(surface, method);
    quote! {
        let answer = #plugin::#name(self.0, &api::PluginContext::new(&Imports), #lift);
        answer #checked #lower .map_err(WireError::from)
    }
}

fn export_macro(contract: &Contract, surface: &Surface<'_>, kinds: &[usize]) -> TokenStream {
    let (namespace, package) = package_modules(contract);
    let module = ident(&surface.plugin.interface.module);
    let functions = surface.plugin.methods.iter().map(|(method, optional)| {
        let (name, answer) = (ident(&method.bindgen), ident(&method.rust));
        let (request, response) = (wire_name(contract, method.request), wire_name(contract, method.response));
        let call = match optional {
            None => quote! { $crate::guest::Exports(plugin).#answer(request) },
            Some(OptionalSurface { without, probe, .. }) => quote! {{
                #[allow(unused_imports)]
                use $crate::guest::#without as _;
                $crate::guest::#probe(plugin).call(request)
            }},
        };
        quote! {
            fn #name(
                request: $crate::wire::#request,
            ) -> ::core::result::Result<$crate::wire::#response, $crate::guest::WireError> {
                $crate::guest::begin_call();
                PLUGIN.with(|plugin| #call)
            }
        }
    });
    let implemented = surface.plugin.methods.iter().zip(kinds).filter_map(|((_, optional), offset)| {
        let probe = &optional.as_ref()?.probe;
        Some(quote! { (#offset, <$crate::guest::#probe<'static, $plugin>>::IMPLEMENTED) })
    });
    let without = surface.plugin.methods.iter().filter_map(|(_, optional)| {
        let without = &optional.as_ref()?.without;
        Some(quote! {
            #[allow(unused_imports)]
            use $crate::guest::#without as _;
        })
    });
    let export = format_ident!("export_component");
    let arms = lane::arms(surface);
    quote! {
        /// Makes a component of a plugin: `export!(Filter)` for a unit struct, `export!(Filter = Filter::new())` for
        /// any other type. The value is made at the first call and lives as long as the instance.
        ///
        /// Of a plugin that implements `state::State`, `export!(Filter, state)` hands the state over from one version
        /// to the next.
        #[macro_export]
        macro_rules! export {
            ($plugin:ident $(, $state:ident)?) => {
                $crate::export!($plugin = $plugin $(, $state)?);
            };
            ($plugin:ty = $new:expr $(, $state:ident)?) => {
                const _: () = {
                    ::std::thread_local! {
                        static PLUGIN: $plugin = $new;
                    }

                    struct Component;

                    // Native builds export nothing, and the plugin must not count as unused for that.
                    const _: Component = Component;

                    impl $crate::guest::bindings::exports::#namespace::#package::#module::Guest for Component {
                        #(#functions)*
                    }

                    // Linkers of native targets refuse the names that components export; tests run without them.
                    #[cfg(target_arch = "wasm32")]
                    $crate::guest::bindings::#export!(Component with_types_in $crate::guest::bindings);

                    $crate::guest::__lane!(|method, request, response| PLUGIN.with(|plugin| match method {
                        #(#arms)*
                        _ => $crate::guest::unknown(method),
                    }));

                    $crate::guest::__state!($plugin, PLUGIN $(, $state)?);

                    #[cfg(target_arch = "wasm32")]
                    #[unsafe(link_section = "hookr:contract")]
                    static SECTION: [u8; $crate::guest::SECTION.len()] = {
                        #(#without)*
                        $crate::guest::with_implemented($crate::guest::SECTION, &[ #(#implemented),* ])
                    };
                };
            };
        }
    }
}
