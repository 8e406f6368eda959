//! The Rust names of what a contract's crate offers beside its types.
//!
//! They share one scope, the root of the crate. A service or a method whose name is taken there gets a `_` behind it;
//! a type of the schema with such a name is reached through the module `types`.

use std::collections::BTreeSet;

use heck::ToUpperCamelCase;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::codec;
use super::tokens::ident;
use crate::contract::{Contract, Interface, Method, TypeId};
use crate::names::{RESERVED_MOCKS, RESERVED_TYPES, RustScope};

/// Names that the generated crate uses whatever the contract is; those of Rust's prelude are not free either.
const FIXED: &[&str] = &[
    "CONTRACT_ID",
    "CallbackContext",
    "Callbacks",
    "Code",
    "DecodeError",
    "EncodeError",
    "Error",
    "FlatBuffer",
    "InvalidValue",
    "Outbound",
    "PACKAGE",
    "PluginContext",
    "PluginHandle",
    "PluginLane",
    "SCHEMA",
];

/// The names of one contract.
pub(super) struct Surface<'a> {
    /// What the host calls on a plugin.
    pub(super) plugin: PluginSurface<'a>,
    /// What a plugin may call back.
    pub(super) callbacks: Vec<CallbackSurface<'a>>,
    /// The types with values that no buffer can hold.
    pub(super) fallible: BTreeSet<TypeId>,
    /// Whether a union has to be there somewhere, which bindings do not know.
    pub(super) has_required_union: bool,
}

/// The plugin service.
pub(super) struct PluginSurface<'a> {
    /// The service.
    pub(super) interface: &'a Interface,
    /// The trait that a plugin implements.
    pub(super) name: Ident,
    /// For each method, the trait of an optional one.
    pub(super) methods: Vec<(&'a Method, Option<OptionalSurface>)>,
    /// For each method, its names in the module `in_place`.
    pub(super) in_place: Vec<InPlaceSurface>,
}

/// A method that a plugin may answer in place.
pub(super) struct InPlaceSurface {
    /// The trait that a plugin implements for that.
    pub(super) name: Ident,
    /// The type that is asked whether a plugin does.
    pub(super) probe: Ident,
    /// The trait that answers where it does not.
    pub(super) owned: Ident,
    /// The trait that answers where it has no such method.
    pub(super) missing: Ident,
}

/// An optional method.
pub(super) struct OptionalSurface {
    /// The trait that a plugin with the method implements.
    pub(super) name: Ident,
    /// The trait that stands in where a plugin lacks it.
    pub(super) without: Ident,
    /// The type that is asked which of the two it is.
    pub(super) probe: Ident,
}

/// A callback service.
pub(super) struct CallbackSurface<'a> {
    /// The service.
    pub(super) interface: &'a Interface,
    /// The trait that the host implements.
    pub(super) name: Ident,
    /// What a plugin calls it through.
    pub(super) client: Ident,
    /// The trait that the host implements by futures.
    pub(super) asynchronous: Ident,
    /// The accessor in the context, and the field in the host's callbacks.
    pub(super) accessor: Ident,
    /// What a test tells its methods through, in the module `mock`.
    pub(super) mock: Ident,
    /// The way to that from the mock of a host.
    pub(super) mock_accessor: Ident,
}

impl<'a> Surface<'a> {
    /// `None` for a schema without plugin service, of which no crate can be made.
    pub(super) fn of(contract: &'a Contract) -> Option<Self> {
        let prelude = RESERVED_TYPES.iter().map(|label| label.to_upper_camel_case());
        let mut scope: RustScope = FIXED.iter().map(|name| (*name).to_owned()).chain(prelude).collect();
        let interface = contract.plugin.as_ref()?;
        let name = ident(&scope.claim(&interface.rust));
        let callbacks = contract.callbacks.iter().map(|interface| {
            let name = scope.claim(&interface.rust);
            let client = scope.claim(&format!("{}Client", interface.rust));
            let accessor = match interface.module.as_str() {
                // The context's own constructor, and what every value has.
                "new" | "clone" | "into" | "try_into" => format_ident!("{}_", interface.module),
                module => ident(module),
            };
            (interface, ident(&name), ident(&client), accessor)
        });
        let callbacks: Vec<_> = callbacks.collect();
        let in_place = in_place(interface);
        let methods = interface.methods.iter().map(|method| {
            let optional = method.optional.then(|| {
                let name = scope.claim(&method.rust.to_upper_camel_case());
                OptionalSurface {
                    without: format_ident!("Without{name}"),
                    probe: format_ident!("Probe{name}"),
                    name: ident(&name),
                }
            });
            (method, optional)
        });
        let methods = methods.collect();
        // What a feature adds takes nothing away: a type keeps its name at the root, too.
        let mut scope: RustScope = scope.names().chain(contract.types.iter().map(|def| def.rust())).collect();
        let mut mocks: RustScope = RESERVED_MOCKS.iter().copied().collect();
        let callbacks = callbacks.into_iter().map(|(interface, name, client, accessor)| {
            let asynchronous = ident(&scope.claim(&format!("Async{}", interface.rust)));
            let mock = format_ident!("{}Mock", interface.rust);
            let mock_accessor = ident(&mocks.claim(&interface.module));
            CallbackSurface { interface, name, client, asynchronous, accessor, mock, mock_accessor }
        });
        let callbacks = callbacks.collect();
        Some(Surface {
            plugin: PluginSurface { interface, name, methods, in_place },
            callbacks,
            fallible: codec::fallible(contract),
            has_required_union: codec::has_required_union(contract),
        })
    }

    /// What is done before a value of a type is written: nothing for most; `error` is done with an error otherwise.
    pub(super) fn check(&self, ty: TypeId, value: &TokenStream, error: &TokenStream) -> Option<TokenStream> {
        self.fallible
            .contains(&ty)
            .then(|| quote! { FlatBuffer::check(#value).map_err(hookr_abi::InvalidValue::from) #error?; })
    }

    /// Whether writing a value of the contract may fail.
    pub(super) fn fallible_crate(&self) -> bool {
        !self.fallible.is_empty()
    }

    /// The same before a value goes where only its bindings know what it may be.
    pub(super) fn check_unbound(&self, ty: TypeId, value: &TokenStream, error: &TokenStream) -> Option<TokenStream> {
        if self.has_required_union { self.check(ty, value, error) } else { None }
    }

    /// Every name that the module `api` offers to users, sorted.
    pub(super) fn api_names(&self) -> Vec<&Ident> {
        let optional = self.plugin.methods.iter().filter_map(|(_, optional)| Some(&optional.as_ref()?.name));
        let callbacks = self.callbacks.iter().flat_map(|callback| [&callback.name, &callback.client]);
        let mut names: Vec<&Ident> = [&self.plugin.name].into_iter().chain(optional).chain(callbacks).collect();
        names.sort();
        names
    }
}

/// The names of methods in the module `in_place`, where they share no scope with the types of the crate's root.
fn in_place(interface: &Interface) -> Vec<InPlaceSurface> {
    let prelude = RESERVED_TYPES.iter().map(|label| label.to_upper_camel_case());
    let mut scope: RustScope = FIXED.iter().map(|name| (*name).to_owned()).chain(prelude).collect();
    let names = interface.methods.iter().map(|method| scope.claim(&method.rust.to_upper_camel_case()));
    let surfaces = names.map(|name| InPlaceSurface {
        probe: format_ident!("InPlace{name}"),
        owned: format_ident!("Owned{name}"),
        missing: format_ident!("Missing{name}"),
        name: ident(&name),
    });
    surfaces.collect()
}
