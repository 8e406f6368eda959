//! `src/api.rs`: what both sides of a contract speak, whatever carries it: traits, the plugin's context, clients.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::surface::{CallbackSurface, Surface};
use super::tokens::{ident, lead_docs, type_name};
use crate::contract::{Contract, Method};

pub(super) fn emit(contract: &Contract, surface: &Surface<'_>) -> TokenStream {
    let plugin = plugin_trait(contract, surface);
    let optional = surface.plugin.methods.iter().filter_map(|(method, optional)| {
        let name = &optional.as_ref()?.name;
        Some(optional_trait(contract, surface, method, name))
    });
    let callbacks = surface.callbacks.iter().map(|callback| callback_trait(contract, surface, callback));
    let outbound = surface.callbacks.iter().flat_map(|callback| {
        callback.interface.methods.iter().map(|method| {
            let signature = outbound_signature(contract, callback, method);
            quote! { #signature; }
        })
    });
    let context = context(surface);
    let clients = surface.callbacks.iter().map(|callback| client(contract, callback));
    let has_callbacks = !surface.callbacks.is_empty();
    let callback_context = has_callbacks.then(|| {
        quote! {
            use flatbuffers::{FlatBufferBuilder, WIPOffset};
            use hookr_abi::CallbackContext;
        }
    });
    let own = has_callbacks.then(|| {
        quote! {
            use super::codec::{FlatBuffer, finish};
            use super::fb;
        }
    });
    let message = has_callbacks.then(|| {
        quote! {
            fn message(&self, message: &mut Message<'_>) -> Result<(), Error>;
        }
    });
    let message_type = has_callbacks.then(message_type);
    quote! {
        //! What both sides of the contract speak, whatever carries it.

        #callback_context
        use hookr_abi::Error;

        #own
        use super::types;

        #plugin
        #(#optional)*
        #(#callbacks)*

        /// The way out of a plugin. What carries a plugin implements it.
        #[doc(hidden)]
        pub trait Outbound {
            #(#outbound)*

            #message
        }

        #message_type
        #context
        #(#clients)*
    }
}

fn plugin_trait(contract: &Contract, surface: &Surface<'_>) -> TokenStream {
    let name = &surface.plugin.name;
    let lead = format!("`rpc_service {}`: what a host calls on a plugin.", surface.plugin.interface.source.name);
    let docs = lead_docs(&lead, &surface.plugin.interface.docs);
    let methods = surface.plugin.methods.iter().filter(|(_, optional)| optional.is_none());
    let methods = methods.map(|(method, _)| plugin_method(contract, surface, method));
    quote! {
        #docs
        pub trait #name {
            #(#methods)*
        }
    }
}

fn optional_trait(contract: &Contract, surface: &Surface<'_>, method: &Method, name: &Ident) -> TokenStream {
    let plugin = &surface.plugin.name;
    let service = &surface.plugin.interface.source.name;
    let lead = format!(
        "`{service}:{}` is optional: a plugin that has it implements this trait beside [`{plugin}`], and `export!` \
         notices.",
        method.source
    );
    let docs = lead_docs(&lead, &[]);
    let method = plugin_method(contract, surface, method);
    quote! {
        #docs
        pub trait #name: #plugin {
            #method
        }
    }
}

fn plugin_method(contract: &Contract, surface: &Surface<'_>, method: &Method) -> TokenStream {
    let name = ident(&method.rust);
    let docs = method_docs(&surface.plugin.interface.source.name, method, "What the host gets instead of a response.");
    let request = type_name(contract, method.request);
    let response = type_name(contract, method.response);
    quote! {
        #docs
        fn #name(&self, ctx: &PluginContext<'_>, request: types::#request) -> Result<types::#response, Error>;
    }
}

fn callback_trait(contract: &Contract, surface: &Surface<'_>, callback: &CallbackSurface<'_>) -> TokenStream {
    let name = &callback.name;
    let service = &callback.interface.source.name;
    let lead = format!("`rpc_service {service}`: what a plugin may call on its host. The host implements it.");
    let trait_docs = lead_docs(&lead, &callback.interface.docs);
    let methods = callback.interface.methods.iter().map(|method| {
        let name = ident(&method.rust);
        let docs = method_docs(service, method, "What the plugin gets instead of a response.");
        let request = type_name(contract, method.request);
        let response = type_name(contract, method.response);
        let in_place = ident(&method.forms.in_place);
        let lead =
            format!(" `{service}:{}` in place: reads the request and writes the answer where they are.", method.source);
        let otherwise = format!(" A host that does not implement it answers with `{}`.", method.rust);
        let invalid = quote! { .map_err(hookr_abi::InvalidValue::in_response) };
        let check = surface.check(method.response, &quote! { &response }, &invalid);
        quote! {
            #docs
            fn #name(
                &self,
                ctx: &CallbackContext<'_>,
                request: types::#request,
            ) -> Result<types::#response, Error>;

            #[doc = #lead]
            ///
            #[doc = #otherwise]
            ///
            /// # Errors
            ///
            /// What the plugin gets instead of a response.
            #[cfg(feature = "host")]
            fn #in_place<'b>(
                &self,
                ctx: &CallbackContext<'_>,
                request: fb::#request<'_>,
                answer: &mut ::hookr::lane::AnswerBuilder<'b>,
            ) -> Result<WIPOffset<fb::#response<'b>>, Error> {
                let request = <types::#request as FlatBuffer>::decode_within(request, &mut ctx.room())
                    .map_err(|error| error.in_request())?;
                let response = self.#name(ctx, request)?;
                #check
                Ok(response.encode(answer))
            }
        }
    });
    quote! {
        #trait_docs
        pub trait #name: Send + Sync + 'static {
            #(#methods)*
        }
    }
}

fn context(surface: &Surface<'_>) -> TokenStream {
    // Nothing reads the field of a context without callbacks.
    let field = if surface.callbacks.is_empty() { format_ident!("_outbound") } else { format_ident!("outbound") };
    let accessors = surface.callbacks.iter().map(|callback| {
        let (accessor, client) = (&callback.accessor, &callback.client);
        let lead = format!("Calls the host's `{}`.", callback.interface.source.name);
        let docs = lead_docs(&lead, &[]);
        quote! {
            #docs
            pub fn #accessor(&self) -> #client<'a> {
                #client { outbound: self.outbound }
            }
        }
    });
    quote! {
        /// What a plugin gets with every call: the way to its host.
        #[derive(Clone, Copy)]
        pub struct PluginContext<'a> {
            #field: &'a dyn Outbound,
        }

        impl<'a> PluginContext<'a> {
            /// A context that calls back through `outbound`.
            #[doc(hidden)]
            pub fn new(outbound: &'a dyn Outbound) -> Self {
                PluginContext { #field: outbound }
            }

            #(#accessors)*
        }
    }
}

fn client(contract: &Contract, callback: &CallbackSurface<'_>) -> TokenStream {
    let name = &callback.client;
    let service = &callback.interface.source.name;
    let lead = format!("Calls the host's `{service}` out of a plugin.");
    let client_docs = lead_docs(&lead, &callback.interface.docs);
    let methods = callback.interface.methods.iter().map(|method| {
        let name = ident(&method.rust);
        let outbound = outbound_name(callback, method);
        let docs = method_docs(service, method, "What the host answers instead of a response.");
        let (in_place, id) = (ident(&method.forms.in_place), Literal::u32_unsuffixed(method.id.0));
        let lead = format!(
            " `{service}:{}` in place: `build` writes the request where the host reads it, `read` gets the answer where the \
             host wrote it.",
            method.source
        );
        let request = type_name(contract, method.request);
        let response = type_name(contract, method.response);
        quote! {
            #docs
            pub fn #name(&self, request: &types::#request) -> Result<types::#response, Error> {
                self.outbound.#outbound(request)
            }

            #[doc = #lead]
            ///
            /// # Errors
            ///
            /// What the host answers instead of a response. `read` cannot call the host: it is told
            /// [`FailedPrecondition`](hookr_abi::Code::FailedPrecondition).
            pub fn #in_place<R>(
                &self,
                build: impl FnOnce(&mut FlatBufferBuilder<'static>) -> WIPOffset<fb::#request<'static>>,
                read: impl FnOnce(fb::#response<'_>) -> R,
            ) -> Result<R, Error> {
                let (mut build, mut read, mut result) = (Some(build), Some(read), None);
                self.outbound.message(&mut Message {
                    method: hookr_abi::MethodId(#id),
                    build: &mut |builder| {
                        if let Some(build) = build.take() {
                            let root = build(builder);
                            finish::<types::#request, _>(builder, root);
                        }
                    },
                    read: &mut |answer| {
                        let answer = <types::#response as FlatBuffer>::read(answer);
                        let answer = answer.map_err(|error| Error::internal(error.to_string()))?;
                        result = read.take().map(|read| read(answer));
                        Ok(())
                    },
                })?;
                result.ok_or_else(|| Error::internal("the answer of a callback was not read"))
            }
        }
    });
    quote! {
        #client_docs
        #[derive(Clone, Copy)]
        pub struct #name<'a> {
            outbound: &'a dyn Outbound,
        }

        impl #name<'_> {
            #(#methods)*
        }
    }
}

/// The signature of a callback in `Outbound`.
pub(super) fn outbound_signature(contract: &Contract, callback: &CallbackSurface<'_>, method: &Method) -> TokenStream {
    let name = outbound_name(callback, method);
    let request = type_name(contract, method.request);
    let response = type_name(contract, method.response);
    quote! { fn #name(&self, request: &types::#request) -> Result<types::#response, Error> }
}

/// What carries every callback in place. One reference to all of it is handed on: more than four arguments of a function
/// of WebAssembly are passed in memory, which takes longer than to call it.
fn message_type() -> TokenStream {
    quote! {
        /// A callback in place.
        #[doc(hidden)]
        pub struct Message<'m> {
            /// Which one.
            pub method: hookr_abi::MethodId,
            /// Writes the request.
            pub build: &'m mut dyn FnMut(&mut FlatBufferBuilder<'static>),
            /// Reads the answer.
            pub read: &'m mut dyn FnMut(&[u8]) -> Result<(), Error>,
        }
    }
}

pub(in crate::rust) fn outbound_name(callback: &CallbackSurface<'_>, method: &Method) -> Ident {
    // The length keeps `a_b` of `c` and `a` of `b_c` apart.
    let (service, method) = (callback.accessor.to_string(), method.rust.trim_end_matches('_'));
    let service = service.trim_end_matches('_');
    format_ident!("call{}_{service}_{method}", service.len())
}

/// The documentation of a method: its number, what the schema says, when it fails.
pub(super) fn method_docs(service: &str, method: &Method, errors: &str) -> TokenStream {
    let lead = format!("`{service}:{}`, method {}.", method.source, method.id);
    let docs = lead_docs(&lead, &method.docs);
    let errors = format!(" {errors}");
    quote! {
        #docs
        #[doc = ""]
        #[doc = " # Errors"]
        #[doc = ""]
        #[doc = #errors]
    }
}
