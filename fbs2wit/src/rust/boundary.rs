//! What generated code does with a request or a response where it crosses the component boundary.

use proc_macro2::TokenStream;
use quote::quote;

use super::tokens::{has_lists, type_name, wire_name};
use crate::contract::{Contract, Method, TypeId, WireForm};

/// The request of a call, as bindings take it: the type of the API is in `request`, by reference.
pub(super) struct Request {
    /// Statements before the call, where the request may be one that cannot be sent; `error` leaves with an error.
    pub(super) before: Option<TokenStream>,
    /// The argument.
    pub(super) argument: TokenStream,
}

/// The request of a call; `error` is what is done with an error, behind a `Result` that has one.
pub(super) fn lower_request(contract: &Contract, method: &Method, error: &TokenStream) -> Request {
    let ty = wire_name(contract, method.request);
    let by_reference = has_lists(contract, method.request);
    let (before, argument) = match (form(contract, method.request), by_reference) {
        (WireForm::Same, true) => (None, quote! { request }),
        (WireForm::Same, false) => (None, quote! { request.clone() }),
        (WireForm::Distinct | WireForm::Checked, true) => (None, quote! { &wire::#ty::from(request.clone()) }),
        (WireForm::Distinct | WireForm::Checked, false) => (None, quote! { wire::#ty::from(request.clone()) }),
        // It has lists: the nodes of its trees.
        (WireForm::Recursive, _) => {
            let before = quote! { let request = wire::#ty::try_from(request) #error?; };
            (Some(before), quote! { &request })
        }
    };
    Request { before, argument }
}

/// What came in as a value of the API: an expression for `value`, `error` being done with an error where there may be one.
pub(super) fn lift(contract: &Contract, ty: TypeId, value: &TokenStream, error: &TokenStream) -> TokenStream {
    let name = type_name(contract, ty);
    match form(contract, ty) {
        WireForm::Same => value.clone(),
        WireForm::Distinct => quote! { types::#name::from(#value) },
        WireForm::Checked | WireForm::Recursive => quote! { types::#name::try_from(#value) #error? },
    }
}

/// What is done with a `Result` that holds a value of the API, so that it holds one for bindings; `error` as above.
pub(super) fn lower_response(contract: &Contract, ty: TypeId, error: &TokenStream) -> Option<TokenStream> {
    let name = wire_name(contract, ty);
    match form(contract, ty) {
        WireForm::Same => None,
        WireForm::Distinct | WireForm::Checked => Some(quote! { .map(wire::#name::from) }),
        WireForm::Recursive => Some(quote! { .and_then(|response| wire::#name::try_from(&response) #error) }),
    }
}

/// What is done with a `Result` that holds a value from bindings, so that it holds one of the API; not for
/// [checked](is_checked) types.
pub(super) fn lift_response(contract: &Contract, ty: TypeId) -> Option<TokenStream> {
    let name = type_name(contract, ty);
    (form(contract, ty) != WireForm::Same).then(|| quote! { .map(types::#name::from) })
}

/// Whether what comes in may break a rule of the contract.
pub(super) fn is_checked(contract: &Contract, ty: TypeId) -> bool {
    form(contract, ty) >= WireForm::Checked
}

fn form(contract: &Contract, ty: TypeId) -> WireForm {
    contract.type_def(ty).wire()
}
