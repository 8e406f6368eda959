//! `src/lane.rs`: exclusive use of a plugin, with FlatBuffers that are written and read in place.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::api::method_docs;
use super::surface::Surface;
use super::tokens::{ident, type_name};
use crate::contract::{Contract, Method};

/// What fails in every method.
const ERRORS: &str = "[`hookr::CallError`]: what the plugin says, or what became of it.";

pub(super) fn emit(contract: &Contract, surface: &Surface<'_>) -> TokenStream {
    let methods = surface.plugin.methods.iter().enumerate();
    let methods = methods.map(|(index, (method, _))| forms(contract, surface, index, method));
    quote! {
        //! The lane: exclusive use of a plugin, for tight loops.

        use flatbuffers::WIPOffset;
        use hookr::__private as private;
        use hookr::lane::RequestBuilder;

        use crate::codec::{DecodeError, FlatBuffer, finish};
        use crate::host::{METHODS, World};
        use crate::{fb, types};

        /// Exclusive use of a plugin: requests are written where the plugin reads them, responses are read where it wrote
        /// them.
        ///
        /// It comes from [`PluginHandle::lane`](crate::PluginHandle::lane). While it lives, other calls of the plugin wait,
        /// and those of this thread are refused. It is the same instance that the handle calls, with the same state.
        ///
        /// A method of the contract has four forms. The first takes a closure that writes the request, and its response
        /// borrows from the plugin until the next call; once the plugin has been called a few times, it takes no memory of
        /// the host. `…_owned` takes and gives owned values, `…_encoded` takes a whole FlatBuffer, and `…_batch` makes
        /// several calls at once.
        pub struct PluginLane<'p> {
            pub(crate) lane: private::Lane<'p, World>,
        }

        impl<'p> PluginLane<'p> {
            pub(crate) fn new(lane: private::Lane<'p, World>) -> Self {
                PluginLane { lane }
            }

            #(#methods)*
        }

        impl std::fmt::Debug for PluginLane<'_> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct("PluginLane").field("state", self.lane.state()).finish_non_exhaustive()
            }
        }
    }
}

fn forms(contract: &Contract, surface: &Surface<'_>, index: usize, method: &Method) -> TokenStream {
    let service = &surface.plugin.interface.source.name;
    let docs = method_docs(service, method, ERRORS);
    let name = ident(&method.rust);
    let (owned, encoded) = (ident(&method.forms.owned), ident(&method.forms.encoded));
    let batch = ident(&method.forms.batch);
    let request = type_name(contract, method.request);
    let response = type_name(contract, method.response);
    let suffix = if method.optional { "_optional" } else { "" };
    let [call, call_encoded, call_batch] =
        ["call", "call_encoded", "batch"].map(|call| format_ident!("{call}{suffix}"));
    let invalid = quote! { .map_err(|error| private::invalid_request(&METHODS[#index], error)) };
    let check = surface.check(method.request, &quote! { request }, &invalid);
    let lead = format!("`{service}:{}`", method.source);
    let errors = format!(" {ERRORS}");
    let owned_docs = format!(" {lead} with owned values, as [`PluginHandle`](crate::PluginHandle) has it.");
    let encoded_docs = format!(" {lead} with a request that is a FlatBuffer already.");
    let batch_docs = format!(" {lead}, `count` times in one crossing.");
    quote! {
        #docs
        pub fn #name<'l>(
            &'l mut self,
            build: impl for<'b> FnOnce(&mut RequestBuilder<'b>) -> WIPOffset<fb::#request<'b>>,
        ) -> Result<fb::#response<'l>, hookr::CallError> {
            self.lane.#call(
                &METHODS[#index],
                |builder| {
                    let root = build(builder);
                    finish::<types::#request, _>(builder, root);
                },
                <types::#response as FlatBuffer>::read,
            )
        }

        #[doc = #owned_docs]
        ///
        /// # Errors
        ///
        #[doc = #errors]
        pub fn #owned(&mut self, request: &types::#request) -> Result<types::#response, hookr::CallError> {
            #check
            let mut room = self.lane.room();
            self.lane.#call(
                &METHODS[#index],
                |builder| {
                    let root = request.encode(builder);
                    finish::<types::#request, _>(builder, root);
                },
                |response| {
                    <types::#response as FlatBuffer>::from_flatbuffer_within(response, &mut room)
                        .map_err(DecodeError::in_response)
                },
            )
        }

        #[doc = #encoded_docs]
        ///
        /// It may come from a file, a network, or a builder of your own: it is verified first.
        ///
        /// # Errors
        ///
        /// [`hookr::CallError::InvalidRequest`] for bytes that are no valid request, else as above.
        pub fn #encoded<'l>(&'l mut self, request: &[u8]) -> Result<fb::#response<'l>, hookr::CallError> {
            <types::#request as FlatBuffer>::read(request) #invalid?;
            self.lane.#call_encoded(&METHODS[#index], request, <types::#response as FlatBuffer>::read)
        }

        #[doc = #batch_docs]
        ///
        /// `build` writes each request; when all of them are answered, `read` gets each answer, a response or the plugin's
        /// error.
        ///
        /// # Errors
        ///
        /// As above, for the whole batch: what is not known of one call is not known of any.
        pub fn #batch(
            &mut self,
            count: usize,
            mut build: impl for<'b> FnMut(usize, &mut RequestBuilder<'b>) -> WIPOffset<fb::#request<'b>>,
            mut read: impl FnMut(usize, Result<fb::#response<'_>, hookr_abi::Error>),
        ) -> Result<(), hookr::CallError> {
            self.lane.#call_batch(
                &METHODS[#index],
                count,
                |i, builder| {
                    let root = build(i, builder);
                    finish::<types::#request, _>(builder, root);
                },
                |i, answer| {
                    let answer = match answer {
                        Ok(response) => Ok(<types::#response as FlatBuffer>::read(response)?),
                        Err(error) => Err(error),
                    };
                    read(i, answer);
                    Ok::<(), DecodeError>(())
                },
            )
        }
    }
}
