//! `src/guest.rs`: answers the exports of a plugin's component; on wit-bindgen's `generate!`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::api::outbound_signature;
use super::host::package_modules;
use super::surface::{CallbackSurface, OptionalSurface, Surface};
use super::tokens::{has_lists, ident, is_distinct, type_name};
use crate::contract::{Contract, Method};

/// `kinds` holds, for each method of the plugin service, the offset of its kind in the section's bytes.
pub(super) fn emit(contract: &Contract, surface: &Surface<'_>, kinds: &[usize]) -> TokenStream {
    let bindings = bindings(contract);
    let imports = surface
        .callbacks
        .iter()
        .flat_map(|callback| callback.interface.methods.iter().map(|method| import(contract, callback, method)));
    let outbound_error = (!surface.callbacks.is_empty()).then(|| quote! { use hookr_abi::Error; });
    let exports = exports(contract, surface);
    let probes = surface
        .plugin
        .methods
        .iter()
        .filter_map(|(method, optional)| Some(probe(contract, surface, method, optional.as_ref()?)));
    let macros = export_macro(contract, surface, kinds);
    quote! {
        //! The plugin's side: what `export!` needs. Plugin authors use the macro and nothing else of it.

        #outbound_error
        pub use hookr_guest::__private::abi::Error as WireError;
        pub use hookr_guest::__private::with_implemented;

        #[allow(unused_imports)]
        use crate::{api, types, wire};

        /// The section of the contract, with every optional method missing.
        pub const SECTION: &[u8] = include_bytes!("../contract.section");

        #bindings

        /// Calls back through the imports of the component.
        struct Imports;

        impl api::Outbound for Imports {
            #(#imports)*
        }

        #exports
        #(#probes)*
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

fn import(contract: &Contract, callback: &CallbackSurface<'_>, method: &Method) -> TokenStream {
    let signature = outbound_signature(contract, callback, method);
    let (namespace, package) = package_modules(contract);
    let module = ident(&callback.interface.module);
    let function = ident(&method.bindgen);
    let ty = type_name(contract, method.request);
    let response = type_name(contract, method.response);
    let request = match (is_distinct(contract, method.request), has_lists(contract, method.request)) {
        (false, true) => quote! { request },
        (false, false) => quote! { request.clone() },
        (true, true) => quote! { &wire::#ty::from(request.clone()) },
        (true, false) => quote! { wire::#ty::from(request.clone()) },
    };
    let lift = is_distinct(contract, method.response).then(|| quote! { .map(types::#response::from) });
    quote! {
        #signature {
            let answer = bindings::#namespace::#package::#module::#function(#request);
            answer #lift .map_err(Error::from)
        }
    }
}

fn exports(contract: &Contract, surface: &Surface<'_>) -> TokenStream {
    let plugin = &surface.plugin.name;
    let required = surface.plugin.methods.iter().filter(|(_, optional)| optional.is_none());
    let methods = required.map(|(method, _)| {
        let name = ident(&method.rust);
        let call = answer(contract, method, quote! { api::#plugin });
        let (request, response) = (type_name(contract, method.request), type_name(contract, method.response));
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
    let call = answer(contract, method, quote! { api::#name });
    let (request, response) = (type_name(contract, method.request), type_name(contract, method.response));
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

fn answer(contract: &Contract, method: &Method, plugin: TokenStream) -> TokenStream {
    let name = ident(&method.rust);
    let (request, response) = (type_name(contract, method.request), type_name(contract, method.response));
    let lift = if is_distinct(contract, method.request) {
        quote! { types::#request::from(request) }
    } else {
        quote! { request }
    };
    let lower = is_distinct(contract, method.response).then(|| quote! { .map(wire::#response::from) });
    quote! {
        let answer = #plugin::#name(self.0, &api::PluginContext::new(&Imports), #lift);
        answer #lower .map_err(WireError::from)
    }
}

fn export_macro(contract: &Contract, surface: &Surface<'_>, kinds: &[usize]) -> TokenStream {
    let (namespace, package) = package_modules(contract);
    let module = ident(&surface.plugin.interface.module);
    let functions = surface.plugin.methods.iter().map(|(method, optional)| {
        let (name, answer) = (ident(&method.bindgen), ident(&method.rust));
        let (request, response) = (type_name(contract, method.request), type_name(contract, method.response));
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
    quote! {
        /// Makes a component of a plugin: `export!(Filter)` for a unit struct, `export!(Filter = Filter::new())` for
        /// any other type. The value is made at the first call and lives as long as the instance.
        #[macro_export]
        macro_rules! export {
            ($plugin:ident) => {
                $crate::export!($plugin = $plugin);
            };
            ($plugin:ty = $new:expr) => {
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
