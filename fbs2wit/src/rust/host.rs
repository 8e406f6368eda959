//! `src/host.rs`: opens plugins of a contract and calls them; on wasmtime's `bindgen!`.

use heck::{ToSnakeCase, ToUpperCamelCase};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::api::method_docs;
use super::boundary::{is_checked, lift, lift_response, lower_request, lower_response};
use super::surface::{CallbackSurface, Surface};
use super::tokens::{ident, lead_docs, type_name, wire_name};
use crate::contract::{Contract, Interface, Method};

pub(super) fn emit(contract: &Contract, surface: &Surface<'_>) -> TokenStream {
    let bindings = bindings(contract);
    let table = method_table(surface);
    let callbacks = callbacks(surface);
    let handle = handle(contract, surface);
    let world = world(contract, surface);
    let imports = surface.callbacks.iter().map(|callback| import(contract, surface, callback));
    quote! {
        //! The host's side: opens plugins of the contract and calls them.

        use std::sync::Arc;

        use hookr::__private as private;

        use crate::PluginLane;
        #[allow(unused_imports)]
        use crate::codec::{FlatBuffer, finish};
        #[allow(unused_imports)]
        use crate::{types, wire};

        #bindings
        #table
        #callbacks
        #handle
        #world
        #(#imports)*
    }
}

fn bindings(contract: &Contract) -> TokenStream {
    let world = &contract.world;
    let types = format!("{}/types", contract.package);
    quote! {
        /// What wasmtime's `bindgen!` makes of the world; the types are those of this crate.
        #[allow(missing_docs, unreachable_pub, clippy::all)]
        mod bindings {
            ::hookr::__private::wasmtime::component::bindgen!({
                path: "wit",
                world: #world,
                with: {
                    #types: crate::wire,
                    "hookr:abi/types@0.1.0": ::hookr::__private::abi,
                },
                wasmtime_crate: ::hookr::__private::wasmtime,
            });
        }
    }
}

fn method_table(surface: &Surface<'_>) -> TokenStream {
    let plugin = surface.plugin.methods.iter().map(|(method, _)| (surface.plugin.interface, *method, false));
    let callbacks = surface
        .callbacks
        .iter()
        .flat_map(|callback| callback.interface.methods.iter().map(|method| (callback.interface, method, true)));
    let rows = plugin.chain(callbacks).map(|(interface, method, callback)| {
        let (service, source) = (&interface.source.name, &method.source);
        let name = format!("{service}:{source}");
        quote! {
            private::MethodSpec { id: hookr_abi::MethodId::of(#service, #source), name: #name, callback: #callback }
        }
    });
    quote! {
        static CONTRACT: private::Contract = private::Contract {
            id: crate::CONTRACT_ID,
            package: crate::PACKAGE,
            methods: METHODS,
        };

        pub(crate) const METHODS: &[private::MethodSpec] = &[ #(#rows),* ];
    }
}

fn callbacks(surface: &Surface<'_>) -> TokenStream {
    if surface.callbacks.is_empty() {
        return quote! { type Callbacks = (); };
    }
    let fields = surface.callbacks.iter().map(|callback| {
        let (accessor, name) = (&callback.accessor, &callback.name);
        let docs = lead_docs(&format!("Answers `{}`.", callback.interface.source.name), &[]);
        quote! {
            #docs
            pub #accessor: Arc<dyn crate::api::#name>,
        }
    });
    quote! {
        /// The host's implementation of every callback service of the contract.
        #[derive(Clone)]
        pub struct Callbacks {
            #(#fields)*
        }
    }
}

fn handle(contract: &Contract, surface: &Surface<'_>) -> TokenStream {
    let builder = if surface.callbacks.is_empty() {
        quote! {
            /// Starts to open a plugin.
            pub fn builder() -> hookr::Builder<Self> {
                hookr::Builder::new(Arc::new(()))
            }
        }
    } else {
        quote! {
            /// Starts to open a plugin that calls back on `callbacks`.
            pub fn builder(callbacks: Callbacks) -> hookr::Builder<Self> {
                hookr::Builder::new(Arc::new(callbacks))
            }
        }
    };
    let methods = surface.plugin.methods.iter().enumerate();
    let methods = methods.map(|(index, (method, _))| handle_method(contract, surface, index, method));
    let lead = format!("An opened plugin of the contract `{}`.", contract.package);
    let docs = lead_docs(&lead, &[]);
    quote! {
        #docs
        ///
        /// Clones share one plugin. Calls wait for each other. After a trap, or a response that cannot be read, the next
        /// call runs on a fresh instance.
        #[derive(Clone)]
        pub struct PluginHandle {
            pub(crate) plugin: private::Plugin<World>,
        }

        impl PluginHandle {
            #builder

            /// What is known of the plugin: its file, its contract, its methods; of the version that is in service.
            pub fn metadata(&self) -> std::sync::Arc<hookr::Metadata> {
                self.plugin.metadata()
            }

            /// The same plugin, whose calls are made with these options.
            #[must_use]
            pub fn with(&self, options: &hookr::CallOptions) -> Self {
                PluginHandle { plugin: self.plugin.with(options) }
            }

            /// How the plugin is, and what has become of its calls.
            pub fn health(&self) -> hookr::supervise::Health {
                self.plugin.health()
            }

            /// What the plugin has done, and is doing.
            pub fn stats(&self) -> hookr::Stats {
                self.plugin.stats()
            }

            /// Forgets what the plugin has lost, so that it is called again. It waits for the call that runs.
            ///
            /// # Errors
            ///
            /// Those of a call that does not get the plugin.
            pub fn revive(&self) -> Result<(), hookr::CallError> {
                self.plugin.revive()
            }

            /// What puts other versions of the plugin in service, and tells when that happens.
            pub fn reloader(&self) -> hookr::reload::Reloader {
                self.plugin.reloader()
            }

            /// Locks the plugin for calls over its lane: fast ones, by this thread alone.
            ///
            /// # Errors
            ///
            /// [`hookr::CallError::NoLane`] if the plugin has none, and what may go wrong before a call.
            pub fn lane(&self) -> Result<PluginLane<'_>, hookr::CallError> {
                self.plugin.lane().map(PluginLane::new)
            }

            #(#methods)*
        }

        impl private::Opened for PluginHandle {
            type Bindings = World;

            fn new(plugin: private::Plugin<World>) -> Self {
                PluginHandle { plugin }
            }
        }

        impl std::fmt::Debug for PluginHandle {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct("PluginHandle").field("metadata", &self.metadata()).finish()
            }
        }
    }
}

fn handle_method(contract: &Contract, surface: &Surface<'_>, index: usize, method: &Method) -> TokenStream {
    let interface = surface.plugin.interface;
    let name = ident(&method.rust);
    let service = &interface.source.name;
    let docs = method_docs(service, method, "[`hookr::CallError`]: what the plugin says, or what became of it.");
    let request_type = type_name(contract, method.request);
    let response_type = type_name(contract, method.response);
    let invalid = quote! { .map_err(|error| private::invalid_request(&METHODS[#index], error)) };
    let request = lower_request(contract, method, &invalid);
    // Before its size is asked for, which goes as deep as the value.
    let check = surface.check(method.request, &quote! { request }, &invalid);
    let owned = ident(&method.forms.owned);
    let exports = exports_accessor(contract, interface);
    let bindgen = format_ident!("call_{}", method.label.to_snake_case());
    let call = if method.optional { format_ident!("call_optional") } else { format_ident!("call") };
    let supports = method.optional.then(|| {
        let name = ident(&method.supports);
        let docs = lead_docs(&format!("Whether the plugin has `{service}:{}`.", method.source), &[]);
        quote! {
            #docs
            pub fn #name(&self) -> bool {
                self.plugin.supports(&METHODS[#index])
            }
        }
    });
    let (before, argument) = (request.before, request.argument);
    let weigh = method.is_plain.then(|| {
        quote! {
            Ok(response) => {
                lane.lane.weigh(&METHODS[#index]);
                return Ok(response);
            }
        }
    });
    let over_lane = method.keeps_order.then(|| {
        quote! {
            let begun = self.plugin.now();
            if let Some(lane) = self.plugin.lane_of_typed_call(&METHODS[#index], call) {
                let mut lane = PluginLane::new(lane?);
                match lane.#owned(request) {
                    Err(hookr::CallError::RequestTooLarge { .. } | hookr::CallError::NoLane { .. }) => {}
                    #weigh
                    answer => return answer,
                }
            }
        }
    });
    let begun = if method.keeps_order {
        quote! { Some(begun) }
    } else {
        quote! { None }
    };
    let exported = quote! { world.0.#exports().#bindgen(store, #argument) };
    let call = if is_checked(contract, method.response) {
        // Inside of the call: an instance whose response breaks a rule is not used again.
        let response = lift(contract, method.response, &quote! { response }, &quote!());
        quote! {
            self.plugin.#call(&METHODS[#index], #begun, |world, store| match #exported? {
                Ok(response) => Ok(Ok(#response)),
                Err(error) => Ok(Err(error)),
            })
        }
    } else {
        let response = lift_response(contract, method.response);
        quote! { self.plugin.#call(&METHODS[#index], #begun, |world, store| #exported) #response }
    };
    quote! {
        #supports
        #docs
        pub fn #name(&self, request: &types::#request_type) -> Result<types::#response_type, hookr::CallError> {
            self.plugin.typed(&METHODS[#index], |call| {
                #over_lane
                #check
                self.plugin.check_size(&METHODS[#index], request, call)?;
                #before
                #call
            })
        }
    }
}

fn world(contract: &Contract, surface: &Surface<'_>) -> TokenStream {
    let lane_callback = lane_callback(contract, surface);
    let world = format_ident!("{}", contract.world.to_upper_camel_case());
    quote! {
        /// The joint between the world and the loader.
        #[doc(hidden)]
        pub struct World(bindings::#world);

        impl private::Bindings for World {
            type Callbacks = Callbacks;

            fn contract() -> Option<&'static private::Contract> {
                Some(&CONTRACT)
            }

            fn link(
                linker: &mut private::wasmtime::component::Linker<private::StoreData<Callbacks>>,
                _: &hookr_abi::section::Section,
            ) -> private::wasmtime::Result<()> {
                bindings::#world::add_to_linker::<_, private::wasmtime::component::HasSelf<_>>(linker, |data| data)
            }

            fn bind(
                store: &mut private::wasmtime::Store<private::StoreData<Callbacks>>,
                instance: &private::wasmtime::component::Instance,
                _: &hookr_abi::section::Section,
            ) -> private::wasmtime::Result<Self> {
                bindings::#world::new(store, instance).map(World)
            }

            #lane_callback
        }
    }
}

/// Finds the callback by its number: it reads its request and writes its answer in place.
fn lane_callback(contract: &Contract, surface: &Surface<'_>) -> Option<TokenStream> {
    let methods = surface
        .callbacks
        .iter()
        .flat_map(|callback| callback.interface.methods.iter().map(move |method| (callback, method)));
    let arms = methods.map(|(callback, method)| {
        let (accessor, service) = (&callback.accessor, &callback.name);
        let (id, name) = (Literal::u32_unsuffixed(method.id.0), ident(&method.forms.in_place));
        let request = type_name(contract, method.request);
        let response = type_name(contract, method.response);
        quote! {
            #id => {
                let request = <types::#request as FlatBuffer>::read(request).map_err(private::Refusal::unreadable)?;
                let service: &dyn crate::api::#service = &*callbacks.#accessor;
                let root = crate::api::#service::#name(service, context, request, answer)?;
                finish::<types::#response, _>(answer, root);
                Ok(())
            }
        }
    });
    (!surface.callbacks.is_empty()).then(|| {
        quote! {
            fn lane_callback(
                callbacks: &Callbacks,
                context: &hookr_abi::CallbackContext<'_>,
                method: hookr_abi::MethodId,
                request: &[u8],
                answer: &mut hookr::lane::AnswerBuilder<'_>,
            ) -> Result<(), private::Refusal> {
                match method.0 {
                    #(#arms)*
                    _ => Err(private::Refusal::unknown(method)),
                }
            }
        }
    })
}

/// The implementation of a callback interface: hands the call to the host's trait.
fn import(contract: &Contract, surface: &Surface<'_>, callback: &CallbackSurface<'_>) -> TokenStream {
    let path = import_path(contract, callback.interface);
    let (accessor, service) = (&callback.accessor, &callback.name);
    // They stand behind the plugin's in the table.
    let before = surface.callbacks.iter().take_while(|other| other.name != callback.name);
    let first = surface.plugin.methods.len() + before.map(|other| other.interface.methods.len()).sum::<usize>();
    let methods = callback.interface.methods.iter().zip(first..).map(|(method, index)| {
        let bindgen = ident(&method.bindgen);
        let name = ident(&method.rust);
        let (request, response) = (wire_name(contract, method.request), wire_name(contract, method.response));
        let invalid = quote! { .map_err(|error| private::abi::Error::from(error.in_request())) };
        let lift = lift(contract, method.request, &quote! { request }, &invalid);
        let invalid = quote! { .map_err(hookr_abi::InvalidValue::in_response) };
        let lower = lower_response(contract, method.response, &invalid);
        let checked = check_answer(surface, method);
        quote! {
            fn #bindgen(&mut self, request: wire::#request) -> Result<wire::#response, private::abi::Error> {
                private::StoreData::answer(self, &METHODS[#index], || {
                    let service: &dyn crate::api::#service = &*private::StoreData::callbacks(self).#accessor;
                    let answer = crate::api::#service::#name(service, &private::StoreData::context(self), #lift);
                    answer #checked #lower .map_err(private::abi::Error::from)
                })
            }
        }
    });
    quote! {
        impl bindings::#path::Host for private::StoreData<Callbacks> {
            #(#methods)*
        }
    }
}

/// What is done with an answer before bindings take it, if it may be one that no buffer can hold: both ways refuse it.
pub(super) fn check_answer(surface: &Surface<'_>, method: &Method) -> Option<TokenStream> {
    let invalid = quote! { .map_err(hookr_abi::InvalidValue::in_response) };
    let check = surface.check_unbound(method.response, &quote! { &response }, &invalid)?;
    Some(quote! {
        .and_then(|response| {
            #check
            Ok(response)
        })
    })
}

/// `bindgen!` names the accessor of an exported interface after its package and itself.
fn exports_accessor(contract: &Contract, interface: &Interface) -> Ident {
    let (namespace, package) = package_modules(contract);
    format_ident!("{namespace}_{package}_{}", interface.module)
}

fn import_path(contract: &Contract, interface: &Interface) -> TokenStream {
    let (namespace, package) = package_modules(contract);
    let module = ident(&interface.module);
    quote! { #namespace::#package::#module }
}

/// The modules that both bindings generators make of the package.
pub(super) fn package_modules(contract: &Contract) -> (Ident, Ident) {
    (ident(&contract.package.namespace.to_snake_case()), ident(&contract.package.name.to_snake_case()))
}
