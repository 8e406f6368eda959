//! The programs that use a contract's crate as people do: a host and a plugin that name everything it offers.
//!
//! What there is to name is read from the generated code itself, not derived a second time.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{FnArg, ImplItem, Item, ItemTrait, Signature, TraitItem, Type, TypeParamBound};

/// What the crate offers.
struct Offer {
    /// Traits that a plugin implements.
    plugin: Vec<ItemTrait>,
    /// Traits that the host implements.
    callbacks: Vec<ItemTrait>,
    /// The fields in which the host hands them over.
    fields: Vec<Ident>,
    /// The methods of the handle.
    handle: Vec<Signature>,
    /// The ways from a plugin's context to the methods of callbacks.
    clients: Vec<(Ident, Signature)>,
}

/// A program that opens a plugin, calls every method of it and answers every callback.
pub(crate) fn host(krate: &str, api: &[u8], host: &[u8]) -> Result<String, String> {
    let offer = Offer::of(api, host)?;
    let krate = format_ident!("{krate}");
    let (callbacks, argument) = host_side(&krate, &offer);
    let calls = offer.handle.iter().map(|signature| {
        let name = &signature.ident;
        let arguments = inputs(signature).map(|_| quote!(&Default::default()));
        quote! { let _ = plugin.#name(#(#arguments),*); }
    });
    let requests = offer.handle.iter().flat_map(|signature| inputs(signature).filter_map(referenced));
    print(quote! {
        use #krate::{PluginHandle, types};

        #callbacks

        fn open() -> Result<PluginHandle, hookr::OpenError> {
            PluginHandle::builder(#argument).allow_unsigned().open("plugin.wasm")
        }

        fn call(plugin: &PluginHandle) {
            #(#calls)*
        }

        fn there_and_back<T>() -> bool
        where
            T: #krate::codec::FlatBuffer + Clone + Default + PartialEq + std::fmt::Debug + Send + Sync + 'static,
        {
            let value = T::default();
            // Where a value can be one that no buffer holds, writing it may fail.
            let _ = value.to_flatbuffer();
            T::from_flatbuffer(&[]).is_ok_and(|back| back == value.clone())
        }

        fn main() {
            if let Ok(plugin) = open() {
                call(&plugin);
            }
            #(let _ = there_and_back::<#requests>();)*
        }
    })
}

/// The services that plugins call back, and how they are handed over.
fn host_side(krate: &Ident, offer: &Offer) -> (TokenStream, TokenStream) {
    if offer.callbacks.is_empty() {
        return (quote!(), quote!());
    }
    let implementations = offer.callbacks.iter().map(|service| {
        let name = &service.ident;
        let methods = signatures(service).map(|signature| {
            let names = inputs(signature).map(|(name, _)| name);
            quote! {
                #signature {
                    let _ = (#(#names),*);
                    Err(Error::unimplemented("not here"))
                }
            }
        });
        quote! { impl #krate::api::#name for Answers { #(#methods)* } }
    });
    let fields = offer.fields.iter().map(|field| quote! { #field: std::sync::Arc::new(Answers) });
    let items = quote! {
        use #krate::{CallbackContext, Error};

        struct Answers;

        #(#implementations)*
    };
    (items, quote! { #krate::Callbacks { #(#fields),* } })
}

/// A plugin that answers every method and calls every callback.
pub(crate) fn guest(krate: &str, api: &[u8], host: &[u8]) -> Result<String, String> {
    let offer = Offer::of(api, host)?;
    let krate = format_ident!("{krate}");
    let implementations = offer.plugin.iter().map(|service| {
        let name = &service.ident;
        let methods = signatures(service).map(|signature| {
            let names: Vec<_> = inputs(signature).map(|(name, _)| name).collect();
            let context = names.first();
            quote! {
                #signature {
                    call_back(#context);
                    let _ = (#(#names),*);
                    Ok(Default::default())
                }
            }
        });
        quote! { impl #krate::api::#name for Guest { #(#methods)* } }
    });
    let calls = offer.clients.iter().map(|(accessor, signature)| {
        let name = &signature.ident;
        let arguments = inputs(signature).map(|_| quote!(&Default::default()));
        quote! { let _ = context.#accessor().#name(#(#arguments),*); }
    });
    print(quote! {
        use #krate::{Error, PluginContext, types};

        struct Guest;

        fn call_back(context: &PluginContext<'_>) {
            let _ = context;
            #(#calls)*
        }

        #(#implementations)*

        #krate::export!(Guest);

        fn main() {}
    })
}

impl Offer {
    fn of(api: &[u8], host: &[u8]) -> Result<Self, String> {
        let (api, host) = (items(api)?, items(host)?);
        let traits = || api.iter().filter_map(|item| if let Item::Trait(item) = item { Some(item) } else { None });
        // What any carrier of plugins implements, applications never.
        let services = || traits().filter(|item| item.ident != "Outbound").cloned();
        let accessors = methods(&api, "PluginContext");
        let clients = accessors.iter().flat_map(|accessor| {
            let client = returned(accessor).map(|client| methods(&api, &client.to_string())).unwrap_or_default();
            client.into_iter().map(|signature| (accessor.ident.clone(), signature))
        });
        Ok(Offer {
            plugin: services().filter(|item| !is_callback(item)).collect(),
            callbacks: services().filter(is_callback).collect(),
            fields: fields(&host, "Callbacks"),
            handle: methods(&host, "PluginHandle"),
            clients: clients.collect(),
        })
    }
}

fn items(source: &[u8]) -> Result<Vec<Item>, String> {
    let text = std::str::from_utf8(source).map_err(|error| error.to_string())?;
    Ok(syn::parse_file(text).map_err(|error| format!("the generated code is not Rust: {error}"))?.items)
}

/// The host's services are shared between threads; a plugin is not.
fn is_callback(item: &ItemTrait) -> bool {
    item.supertraits.iter().any(|bound| matches!(bound, TypeParamBound::Trait(bound) if bound.path.is_ident("Send")))
}

fn signatures(item: &ItemTrait) -> impl Iterator<Item = &Signature> {
    item.items.iter().filter_map(|item| if let TraitItem::Fn(method) = item { Some(&method.sig) } else { None })
}

/// The methods with a `self` that a type itself has, not through a trait.
fn methods(items: &[Item], name: &str) -> Vec<Signature> {
    let implementations = items.iter().filter_map(|item| match item {
        Item::Impl(item) if item.trait_.is_none() && last_segment(&item.self_ty).is_some_and(|last| last == name) => {
            Some(&item.items)
        }
        _ => None,
    });
    let signatures = implementations.flatten().filter_map(|item| match item {
        ImplItem::Fn(method) if method.sig.receiver().is_some() => Some(method.sig.clone()),
        _ => None,
    });
    signatures.collect()
}

fn fields(items: &[Item], name: &str) -> Vec<Ident> {
    let found = items.iter().find_map(|item| match item {
        Item::Struct(item) if item.ident == name => Some(&item.fields),
        _ => None,
    });
    found.into_iter().flatten().filter_map(|field| field.ident.clone()).collect()
}

/// The arguments behind `self`.
fn inputs(signature: &Signature) -> impl Iterator<Item = (&syn::Pat, &Type)> {
    signature.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(input) => Some((&*input.pat, &*input.ty)),
        FnArg::Receiver(_) => None,
    })
}

fn referenced((_, ty): (&syn::Pat, &Type)) -> Option<Type> {
    if let Type::Reference(reference) = ty { Some((*reference.elem).clone()) } else { None }
}

fn returned(signature: &Signature) -> Option<Ident> {
    if let syn::ReturnType::Type(_, ty) = &signature.output { last_segment(ty).cloned() } else { None }
}

fn last_segment(ty: &Type) -> Option<&Ident> {
    if let Type::Path(path) = ty { path.path.segments.last().map(|segment| &segment.ident) } else { None }
}

fn print(tokens: TokenStream) -> Result<String, String> {
    let file = syn::parse2(tokens).map_err(|error| format!("the program that uses it is not Rust: {error}"))?;
    Ok(prettyplease::unparse(&file))
}
