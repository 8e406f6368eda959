//! What of `src/guest.rs` answers requests that come over the lane.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::contract::{Contract, Method};
use crate::rust::surface::{InPlaceSurface, OptionalSurface, Surface};
use crate::rust::tokens::{ident, type_name};

/// For each method, a type with the answer of a plugin that has it in place, and traits with the answers of others. Rust
/// prefers the type's own, and then the trait that needs one reference less.
pub(super) fn emit(contract: &Contract, surface: &Surface<'_>) -> TokenStream {
    let methods = surface.plugin.methods.iter().zip(&surface.plugin.in_place);
    let answers =
        methods.map(|((method, optional), in_place)| answers(contract, surface, method, optional.as_ref(), in_place));
    quote! {
        /// What a response is written with.
        pub use hookr_guest::lane::MessageBuilder;

        #(#answers)*

        /// The answer to the number of no method.
        #[cold]
        pub fn unknown(method: u32) -> Result<(), Error> {
            let method = hookr_abi::MethodId(method);
            Err(Error::unimplemented(format!("the plugin has no method {method}")))
        }
    }
}

/// How messages of the host are read. It is text, since tokens have no comments, and this one is an argument.
pub(in crate::rust) const TRUSTED: &str = r#"
/// Reads a message of the host, which vouches for it: it has written it, or verified it.
#[allow(unsafe_code)]
fn trusted<T: FlatBuffer>(message: &[u8]) -> Result<T::Reader<'_>, Error> {
    if cfg!(debug_assertions) {
        return T::read(message).map_err(|error| Error::internal(error.to_string()));
    }
    if message.len() < 8 {
        return Err(Error::internal("the host sent no message"));
    }
    // SAFETY: the host sends valid messages only, as the specification of the lane says; one that does not could as well
    // write anything into this memory. Builds with assertions look all the same.
    Ok(unsafe { flatbuffers::root_unchecked::<T::Reader<'_>>(message) })
}
"#;

fn answers(
    contract: &Contract,
    surface: &Surface<'_>,
    method: &Method,
    optional: Option<&OptionalSurface>,
    in_place: &InPlaceSurface,
) -> TokenStream {
    let InPlaceSurface { name, probe, owned, missing } = in_place;
    let plugin = optional.map_or(&surface.plugin.name, |optional| &optional.name);
    let (method_name, in_place_name) = (ident(&method.rust), ident(&method.forms.in_place));
    let request = type_name(contract, method.request);
    let response = type_name(contract, method.response);
    let invalid = quote! { .map_err(hookr_abi::InvalidValue::in_response) };
    let check = surface.check(method.response, &quote! { &answer }, &invalid);
    let missing = optional.map(|_| {
        let service = &surface.plugin.interface.source.name;
        let text = format!("the plugin does not implement {service}:{}", method.source);
        quote! {
            /// Answers a request for a plugin that lacks the method.
            pub trait #missing {
                /// Says so.
                fn answer(&self, _: &[u8], _: &mut MessageBuilder) -> Result<(), Error> {
                    Err(Error::unimplemented(#text))
                }
            }

            impl<P> #missing for &#probe<'_, P> {}
        }
    });
    quote! {
        /// Answers a request out of a plugin.
        pub struct #probe<'a, P>(pub &'a P);

        impl<P: in_place::#name> #probe<'_, P> {
            /// Answers it in place.
            #[inline(always)]
            pub fn answer(&self, request: &[u8], response: &mut MessageBuilder) -> Result<(), Error> {
                let request = trusted::<types::#request>(request)?;
                let context = api::PluginContext::new(&Imports);
                let root = in_place::#name::#in_place_name(self.0, &context, request, response)?;
                finish::<types::#response, _>(response, root);
                Ok(())
            }
        }

        /// Answers a request out of a plugin that has the method, and not in place.
        pub trait #owned {
            /// Answers it with owned values.
            fn answer(&self, request: &[u8], response: &mut MessageBuilder) -> Result<(), Error>;
        }

        impl<P: api::#plugin> #owned for #probe<'_, P> {
            #[inline(always)]
            fn answer(&self, request: &[u8], response: &mut MessageBuilder) -> Result<(), Error> {
                let request = trusted::<types::#request>(request)?;
                let request = FlatBuffer::decode_within(request, &mut hookr_abi::Room::unlimited());
                let request = request.map_err(|error| Error::invalid_argument(error.to_string()))?;
                let answer = api::#plugin::#method_name(self.0, &api::PluginContext::new(&Imports), request)?;
                #check
                let root = FlatBuffer::encode(&answer, response);
                finish::<types::#response, _>(response, root);
                Ok(())
            }
        }

        #missing
    }
}

/// The arms of a match over the numbers of methods, in the macro.
pub(super) fn arms(surface: &Surface<'_>) -> Vec<TokenStream> {
    let methods = surface.plugin.methods.iter().zip(&surface.plugin.in_place);
    let arms = methods.map(|((method, optional), InPlaceSurface { probe, owned, missing, .. })| {
        let id = Literal::u32_unsuffixed(method.id.0);
        let missing = optional.as_ref().map(|_| {
            quote! {
                #[allow(unused_imports)]
                use $crate::guest::#missing as _;
            }
        });
        let probed = match missing {
            None => quote! { $crate::guest::#probe(plugin) },
            Some(_) => quote! { (&$crate::guest::#probe(plugin)) },
        };
        quote! {
            #id => {
                #[allow(unused_imports)]
                use $crate::guest::#owned as _;
                #missing
                #probed.answer(request, response)
            }
        }
    });
    arms.collect()
}

/// A callback with owned values, while the plugin answers a request that came over the lane; `request` is there.
pub(super) fn call_back(contract: &Contract, method: &Method) -> TokenStream {
    let id = Literal::u32_unsuffixed(method.id.0);
    let request = type_name(contract, method.request);
    let response = type_name(contract, method.response);
    quote! {
        if hookr_guest::lane::is_active() {
            return hookr_guest::lane::call_back(
                hookr_abi::MethodId(#id),
                |builder| {
                    let root = request.encode(builder);
                    finish::<types::#request, _>(builder, root);
                },
                |answer| {
                    let answer = trusted::<types::#response>(answer)?;
                    let answer = FlatBuffer::decode_within(answer, &mut hookr_abi::Room::unlimited());
                    answer.map_err(|error| Error::internal(error.to_string()))
                },
            );
        }
    }
}

/// What carries callbacks in place: over the lane, or by means of owned values.
pub(super) fn message(contract: &Contract, surface: &Surface<'_>) -> Option<TokenStream> {
    let arms = message_arms(contract, surface);
    (!surface.callbacks.is_empty()).then(|| {
        quote! {
            fn message(&self, message: &mut api::Message<'_>) -> Result<(), Error> {
                if hookr_guest::lane::is_active() {
                    return hookr_guest::lane::call_back(message.method, &mut *message.build, &mut *message.read);
                }
                hookr_guest::lane::may_call_back()?;
                let mut builder = MessageBuilder::new();
                (message.build)(&mut builder);
                match message.method.0 {
                    #(#arms)*
                    _ => return Err(Error::unimplemented(format!("there is no callback {}", message.method))),
                }
                hookr_guest::lane::read_answer(|| (message.read)(builder.unfinished_data()))
            }
        }
    })
}

/// The arms of a match over the numbers of callbacks: the request is in `builder`, and its answer takes the place.
pub(in crate::rust) fn message_arms(contract: &Contract, surface: &Surface<'_>) -> Vec<TokenStream> {
    let methods = surface
        .callbacks
        .iter()
        .flat_map(|callback| callback.interface.methods.iter().map(move |method| (callback, method)));
    let arms = methods.map(|(callback, method)| {
        let id = Literal::u32_unsuffixed(method.id.0);
        let outbound = crate::rust::api::outbound_name(callback, method);
        let request = type_name(contract, method.request);
        let try_write = surface
            .fallible_crate()
            .then(|| quote! { .map_err(|error| hookr_abi::InvalidValue::from(error).in_response())? });
        quote! {
            #id => {
                let room = &mut hookr_abi::Room::unlimited();
                let request = <types::#request as FlatBuffer>::from_flatbuffer_within(builder.unfinished_data(), room);
                let request = request.map_err(|error| Error::invalid_argument(error.to_string()))?;
                let answer = self.#outbound(&request)?;
                answer.write(&mut builder) #try_write;
            }
        }
    });
    arms.collect()
}
