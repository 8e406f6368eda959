//! `src/asynchronous.rs`: calls that are futures, and callback services whose methods are.

use proc_macro2::TokenStream;
use quote::quote;

use super::api::method_docs;
use super::surface::{CallbackSurface, Surface};
use super::tokens::{ident, lead_docs, type_name};
use crate::contract::{Contract, Method};

pub(super) fn emit(contract: &Contract, surface: &Surface<'_>) -> TokenStream {
    let methods = surface.plugin.methods.iter().enumerate();
    let methods = methods.map(|(index, (method, _))| handle_method(contract, surface, index, method));
    let services = surface.callbacks.iter().map(|callback| service(contract, callback));
    let private = (!surface.callbacks.is_empty()).then(|| {
        quote!(
            use hookr::__private as private;
        )
    });
    quote! {
        //! Calls that are futures, and callbacks that are.

        #private

        use crate::host::{METHODS, PluginHandle};
        use crate::types;

        /// Calls off the executor: the module `asynchronous` of `hookr` tells of their time, their end and their threads.
        impl PluginHandle {
            /// Uses the plugin on a thread where that may take long: for several calls, or for its lane. `using` has an
            /// instance to itself for as long as it runs. If the future is dropped, its calls are cancelled.
            ///
            /// The time that a call may take is how long `using` waits for its instance at the most; each of its calls has
            /// that time again.
            ///
            /// # Errors
            ///
            /// [`hookr::CallError`]: what `using` says, or that it did not begin.
            pub fn call_async<R, U>(
                &self,
                using: U,
            ) -> impl ::std::future::Future<Output = Result<R, hookr::CallError>> + Send + 'static + use<R, U>
            where
                R: Send + 'static,
                U: FnOnce(&PluginHandle) -> Result<R, hookr::CallError> + Send + 'static,
            {
                self.plugin.use_async(move |plugin| using(&PluginHandle { plugin }))
            }

            #(#methods)*
        }

        #(#services)*
    }
}

fn handle_method(contract: &Contract, surface: &Surface<'_>, index: usize, method: &Method) -> TokenStream {
    let (name, call) = (ident(&method.forms.asynchronous), ident(&method.rust));
    let service = &surface.plugin.interface.source.name;
    let docs = method_docs(service, method, "[`hookr::CallError`]: what the plugin says, or what became of it.");
    let request = type_name(contract, method.request);
    let response = type_name(contract, method.response);
    quote! {
        #docs
        pub fn #name(
            &self,
            request: types::#request,
        ) -> impl ::std::future::Future<Output = Result<types::#response, hookr::CallError>> + Send + 'static + use<> {
            self.plugin.call_async(METHODS[#index].name.into(), move |plugin| PluginHandle { plugin }.#call(&request))
        }
    }
}

/// A trait whose methods are futures, and how an implementation of it answers the service.
fn service(contract: &Contract, callback: &CallbackSurface<'_>) -> TokenStream {
    let (name, sync) = (&callback.asynchronous, &callback.name);
    let source = &callback.interface.source.name;
    let lead =
        format!("`rpc_service {source}` by methods that are futures. [`hookr::from_async`] makes a [`{sync}`] of it.");
    let docs = lead_docs(&lead, &callback.interface.docs);
    let methods = callback.interface.methods.iter().map(|method| {
        let name = ident(&method.rust);
        let docs = method_docs(source, method, "What the plugin gets instead of a response.");
        let request = type_name(contract, method.request);
        let response = type_name(contract, method.response);
        quote! {
            #docs
            fn #name(
                &self,
                ctx: &hookr::AsyncCallbackContext,
                request: types::#request,
            ) -> impl ::std::future::Future<Output = Result<types::#response, hookr_abi::Error>> + Send;
        }
    });
    let answers = callback.interface.methods.iter().map(|method| {
        let method_name = ident(&method.rust);
        let request = type_name(contract, method.request);
        let response = type_name(contract, method.response);
        quote! {
            fn #method_name(
                &self,
                ctx: &hookr_abi::CallbackContext<'_>,
                request: types::#request,
            ) -> Result<types::#response, hookr_abi::Error> {
                let service = hookr::FromAsync::service(self).clone();
                private::answer(ctx, move |ctx| async move {
                    <S as #name>::#method_name(&*service, &ctx, request).await
                })
            }
        }
    });
    quote! {
        #docs
        pub trait #name: Send + Sync + 'static {
            #(#methods)*
        }

        impl<S: #name> crate::api::#sync for hookr::FromAsync<S> {
            #(#answers)*
        }
    }
}
