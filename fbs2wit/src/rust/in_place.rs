//! `src/in_place.rs`: methods of a plugin that read their requests and write their responses where they are.

use proc_macro2::TokenStream;
use quote::quote;

use super::api::method_docs;
use super::surface::{InPlaceSurface, OptionalSurface, Surface};
use super::tokens::{ident, type_name};
use crate::contract::{Contract, Method};

pub(super) fn emit(contract: &Contract, surface: &Surface<'_>) -> TokenStream {
    let methods = surface.plugin.methods.iter().zip(&surface.plugin.in_place);
    let traits = methods
        .map(|((method, optional), in_place)| emit_trait(contract, surface, method, optional.as_ref(), in_place));
    quote! {
        //! Methods that read their requests and write their responses where they are.
        //!
        //! A plugin may implement a trait of this module beside the method of the same name, and `export!` notices. A host
        //! that calls the plugin over its lane gets what that trait answers, and nothing is allocated on the way.

        use flatbuffers::{FlatBufferBuilder, WIPOffset};

        use super::codec::FlatBuffer;
        use super::{api, fb, types};

        #(#traits)*

        /// Makes a whole buffer of what was written.
        fn finish<T: FlatBuffer>(
            builder: &mut FlatBufferBuilder<'static>,
            root: WIPOffset<T::Reader<'static>>,
        ) {
            builder.finish(root, T::IDENTIFIER);
        }
    }
}

fn emit_trait(
    contract: &Contract,
    surface: &Surface<'_>,
    method: &Method,
    optional: Option<&OptionalSurface>,
    in_place: &InPlaceSurface,
) -> TokenStream {
    let name = &in_place.name;
    let service = &surface.plugin.interface.source.name;
    let docs = method_docs(service, method, "What the host gets instead of a response.");
    let super_trait = optional.map_or(&surface.plugin.name, |optional| &optional.name);
    let (method_name, owned) = (ident(&method.forms.in_place), ident(&method.forms.owned));
    let request = type_name(contract, method.request);
    let response = type_name(contract, method.response);
    let lead = format!(" `{service}:{}` in place.", method.source);
    let of_owned = format!(
        " The method of the same name, made of this one: `{super_trait}::{}` may call it, so that there is one \
         implementation.",
        method.rust
    );
    let invalid = quote! { .map_err(hookr_abi::InvalidValue::in_request) };
    let check = surface.check(method.request, &quote! { request }, &invalid);
    quote! {
        #[doc = #lead]
        pub trait #name: api::#super_trait {
            #docs
            fn #method_name<'b>(
                &self,
                ctx: &api::PluginContext<'_>,
                request: fb::#request<'_>,
                response: &mut FlatBufferBuilder<'b>,
            ) -> Result<WIPOffset<fb::#response<'b>>, hookr_abi::Error>;

            #[doc = #of_owned]
            ///
            /// # Errors
            ///
            /// Those of the other form.
            fn #owned(
                &self,
                ctx: &api::PluginContext<'_>,
                request: &types::#request,
            ) -> Result<types::#response, hookr_abi::Error> {
                #check
                let mut builder = FlatBufferBuilder::new();
                let root = FlatBuffer::encode(request, &mut builder);
                finish::<types::#request>(&mut builder, root);
                let request = <types::#request as FlatBuffer>::read(builder.finished_data());
                let request = request.map_err(|error| hookr_abi::Error::invalid_argument(error.to_string()))?;
                let mut response = FlatBufferBuilder::new();
                let root = self.#method_name(ctx, request, &mut response)?;
                finish::<types::#response>(&mut response, root);
                let room = &mut hookr_abi::Room::unlimited();
                let response = <types::#response as FlatBuffer>::from_flatbuffer_within(response.finished_data(), room);
                response.map_err(|error| hookr_abi::Error::internal(error.to_string()))
            }
        }
    }
}
