//! `src/mock.rs`: a host that a test tells what to answer, for plugins that run natively.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::api::{outbound_name, outbound_signature};
use super::guest::message_arms;
use super::surface::{CallbackSurface, Surface};
use super::tokens::{ident, lead_docs, type_name};
use crate::contract::{Contract, Method};

pub(super) fn emit(contract: &Contract, surface: &Surface<'_>) -> TokenStream {
    let has_callbacks = !surface.callbacks.is_empty();
    let own = has_callbacks.then(|| {
        quote! {
            use hookr_abi::Error;
            #[allow(unused_imports)]
            use super::codec::FlatBuffer;
            use super::types;
        }
    });
    let host = host(contract, surface);
    let outbound = outbound(contract, surface);
    let services = surface.callbacks.iter().map(|callback| service(contract, callback));
    quote! {
        //! A host for tests: they run the plugin natively, by `cargo test` alone, and say what the host answers.
        //!
        //! A plugin has this module in its tests by a dependency of their own on this crate, with the feature `mock`.

        use super::api;
        #own

        pub use hookr_guest::mock::{Call, Callback, Expectation, Log, Matching, Times};

        #host
        #outbound
        #(#services)*
    }
}

/// Each method of each service.
fn methods<'a>(surface: &'a Surface<'_>) -> impl Iterator<Item = (&'a CallbackSurface<'a>, &'a Method)> + Clone {
    let callbacks = surface.callbacks.iter();
    callbacks.flat_map(|callback| callback.interface.methods.iter().map(move |method| (callback, method)))
}

/// `Callback<types::RngIntRequest, types::RngIntResponse>`.
fn callback_type(contract: &Contract, method: &Method) -> TokenStream {
    let (request, response) = (type_name(contract, method.request), type_name(contract, method.response));
    quote! { Callback<types::#request, types::#response> }
}

fn host(contract: &Contract, surface: &Surface<'_>) -> TokenStream {
    let fields = methods(surface).map(|(callback, method)| {
        let (name, ty) = (outbound_name(callback, method), callback_type(contract, method));
        quote! { #name: #ty, }
    });
    let values = methods(surface).map(|(callback, method)| {
        let name = outbound_name(callback, method);
        let shown = format!("{}.{}", callback.interface.source.name, method.source);
        quote! { #name: recorder.callback(#shown), }
    });
    let accessors = surface.callbacks.iter().map(|callback| {
        let (accessor, mock) = (&callback.mock_accessor, &callback.mock);
        let lead = format!(" The host's `{}`.", callback.interface.source.name);
        quote! {
            #[doc = #lead]
            pub fn #accessor(&self) -> #mock<'_> {
                #mock { host: self }
            }
        }
    });
    let mutable = (!surface.callbacks.is_empty()).then(|| quote! { mut });
    quote! {
        /// A host that is none: it answers as a test says, remembers what it was asked, and fails the test if the plugin
        /// does not call it as expected.
        ///
        /// A method of which a test says nothing is not to be called: the plugin gets the error
        /// [`Unimplemented`](hookr_abi::Code::Unimplemented), and the test fails as soon as the host is verified or dropped.
        #[derive(Debug)]
        pub struct Host {
            #(#fields)*
            recorder: hookr_guest::mock::Recorder,
        }

        impl Host {
            /// A host that is called as a test says, and in no other way.
            pub fn new() -> Self {
                Host::of(hookr_guest::mock::Recorder::strict())
            }

            /// A host that may be called in other ways as well: the plugin gets an error then, and the test goes on.
            pub fn lenient() -> Self {
                Host::of(hookr_guest::mock::Recorder::lenient())
            }

            fn of(#mutable recorder: hookr_guest::mock::Recorder) -> Self {
                Host {
                    #(#values)*
                    recorder,
                }
            }

            /// Calls a plugin, `host.call(|ctx| plugin.method(ctx, request))`, and hears what it logs meanwhile.
            pub fn call<R>(&self, call: impl FnOnce(&api::PluginContext<'_>) -> R) -> R {
                self.recorder.call(|| call(&self.context()))
            }

            /// What a plugin gets with a call. What it logs goes to standard error alone.
            pub fn context(&self) -> api::PluginContext<'_> {
                api::PluginContext::new(self)
            }

            /// What the plugin has called, of all services, in order.
            pub fn calls(&self) -> Vec<Call> {
                self.recorder.calls()
            }

            /// The names of what the plugin has called, in order: `Service.Method`.
            pub fn called(&self) -> Vec<&'static str> {
                self.recorder.called()
            }

            /// What the plugin has logged in [`call`](Self::call), in order.
            pub fn logs(&self) -> Vec<Log> {
                self.recorder.logs()
            }

            /// Fails the test if the plugin has called what is not expected, or too seldom. The end of the host does so, too.
            ///
            /// # Panics
            ///
            /// It has; the message says what.
            #[track_caller]
            pub fn verify(&self) {
                self.recorder.verify();
            }

            #(#accessors)*
        }

        impl Default for Host {
            fn default() -> Self {
                Host::new()
            }
        }
    }
}

/// How the plugin calls the host.
fn outbound(contract: &Contract, surface: &Surface<'_>) -> TokenStream {
    let callbacks = methods(surface).map(|(callback, method)| {
        let signature = outbound_signature(contract, callback, method);
        let field = outbound_name(callback, method);
        let invalid = quote! { .map_err(hookr_abi::InvalidValue::in_request) };
        let check = surface.check(method.request, &quote! { request }, &invalid);
        let invalid = quote! { .map_err(hookr_abi::InvalidValue::in_response) };
        let answer = match surface.check(method.response, &quote! { &response }, &invalid) {
            None => quote! { self.#field.call(request) },
            Some(check) => quote! {
                let response = self.#field.call(request)?;
                #check
                Ok(response)
            },
        };
        quote! {
            #signature {
                #check
                #answer
            }
        }
    });
    let arms = message_arms(contract, surface);
    let message = (!surface.callbacks.is_empty()).then(|| {
        quote! {
            fn message(&self, message: &mut api::Message<'_>) -> Result<(), Error> {
                hookr_guest::mock::may_call_back()?;
                let mut builder = hookr_guest::lane::MessageBuilder::new();
                (message.build)(&mut builder);
                match message.method.0 {
                    #(#arms)*
                    _ => return Err(Error::unimplemented(format!("there is no callback {}", message.method))),
                }
                hookr_guest::mock::read_answer(|| (message.read)(builder.unfinished_data()))
            }
        }
    });
    quote! {
        #[doc(hidden)]
        impl api::Outbound for Host {
            #(#callbacks)*

            #message
        }
    }
}

/// The methods of a service, and the service for those who have a use for it outside of a plugin.
fn service(contract: &Contract, callback: &CallbackSurface<'_>) -> TokenStream {
    let (mock, name, service) = (&callback.mock, &callback.name, &callback.interface.source.name);
    let lead = format!("What the host's `{service}` answers, and what it was asked.");
    let docs = lead_docs(&lead, &callback.interface.docs);
    let accessors = callback.interface.methods.iter().map(|method| {
        let (accessor, field) = (ident(&method.rust), outbound_name(callback, method));
        let ty = callback_type(contract, method);
        let docs = lead_docs(&format!("`{service}:{}`.", method.source), &method.docs);
        quote! {
            #docs
            pub fn #accessor(self) -> &'a #ty {
                &self.host.#field
            }
        }
    });
    let implementations = callback.interface.methods.iter().map(|method| implementation(contract, callback, method));
    quote! {
        #docs
        #[derive(Clone, Copy, Debug)]
        pub struct #mock<'a> {
            host: &'a Host,
        }

        impl<'a> #mock<'a> {
            #(#accessors)*
        }

        impl api::#name for Host {
            #(#implementations)*
        }
    }
}

fn implementation(contract: &Contract, callback: &CallbackSurface<'_>, method: &Method) -> TokenStream {
    let (name, field): (Ident, Ident) = (ident(&method.rust), outbound_name(callback, method));
    let (request, response) = (type_name(contract, method.request), type_name(contract, method.response));
    quote! {
        fn #name(
            &self,
            _: &hookr_abi::CallbackContext<'_>,
            request: types::#request,
        ) -> Result<types::#response, Error> {
            self.#field.call(&request)
        }
    }
}
