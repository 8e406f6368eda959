use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::{TableField, with_lifetime};
use crate::contract::{Contract, Presence, TypeId};
use crate::rust::fb::unions::followed;
use crate::rust::names::UnionNames;
use crate::rust::tokens::{docs, ident, type_name};

/// What only a field that holds unions has: a tag in the slot before its own.
pub(super) struct UnionField<'a> {
    /// The type of the tag.
    pub(super) ty: Ident,
    names: &'a UnionNames,
    /// The accessor of the tag.
    pub(super) tag: &'a str,
    /// The alignment of the tag.
    pub(super) align: u32,
    /// For each member, the accessor that gives the value if it is one: its name, its case and its type.
    members: Vec<(Ident, Ident, TokenStream)>,
}

impl<'a> UnionField<'a> {
    pub(super) fn new(
        contract: &Contract,
        id: TypeId,
        names: &'a UnionNames,
        tag: &'a str,
        accessors: &[String],
    ) -> Self {
        let union = contract.union(id);
        let members = union.into_iter().flat_map(|union| &union.members).zip(accessors).map(|(member, accessor)| {
            (ident(accessor), ident(&member.case.rust), followed(contract, member, &quote!('a)))
        });
        UnionField {
            ty: type_name(contract, id),
            names,
            tag,
            align: union.map_or(1, |union| union.repr.size()),
            members: members.collect(),
        }
    }

    pub(super) fn slot_name(&self) -> Ident {
        format_ident!("VT_{}", self.tag.to_uppercase())
    }

    pub(super) fn add_name(&self) -> Ident {
        format_ident!("add_{}", self.tag)
    }
}

impl TableField<'_> {
    /// The accessors of the tag and of the value.
    pub(super) fn union_accessor(&self, union: &UnionField<'_>) -> TokenStream {
        let docs = docs(&self.field.docs, &format!("The field `{}`.", self.field.source));
        let tag_docs = tag_docs(self);
        let (name, slot, followed) = (ident(self.accessor), self.slot_name(), &self.followed);
        let (tag, tag_slot, ty) = (ident(union.tag), union.slot_name(), &union.ty);
        let (value, vector) = (ident(&union.names.value), ident(&union.names.vector));
        if !self.is_list() {
            let value_type = union.names.value_type(&quote!('a));
            let members = union.members.iter().map(|(accessor, case, ty)| {
                let docs = format!(" The field `{}`, if it is [`{value}::{case}`].", self.field.source);
                quote! {
                    #[doc = #docs]
                    #[inline]
                    pub fn #accessor(&self) -> Option<#ty> {
                        match self.#name() {
                            #value::#case(value) => Some(value),
                            _ => None,
                        }
                    }
                }
            });
            return quote! {
                #tag_docs
                #[inline]
                pub fn #tag(&self) -> #ty {
                    safety!("readers come from verified tables only, and the verifier visits this field.");
                    let value = unsafe { self._tab.get::<#ty>(Self::#tag_slot, None) };
                    value.unwrap_or_default()
                }

                #docs
                #[inline]
                pub fn #name(&self) -> #value_type {
                    safety!("readers come from verified tables only, and the verifier visits this field.");
                    let target = unsafe { self._tab.get::<#followed>(Self::#slot, None) };
                    let Some(target) = target else { return #value::default() };
                    safety!("the verifier visits the value as that of its tag.");
                    unsafe { #value::follow(self.#tag(), target) }
                }

                #(#members)*
            };
        }
        let (result, body) = if self.field.presence == Presence::Required {
            (quote!(#vector<'a>), quote!(vector.expect("a verified table has its required fields")))
        } else {
            (quote!(Option<#vector<'a>>), quote!(vector))
        };
        quote! {
            #tag_docs
            #[inline]
            pub fn #tag(&self) -> Option<::flatbuffers::Vector<'a, #ty>> {
                safety!("readers come from verified tables only, and the verifier visits this field.");
                unsafe {
                    self._tab.get::<::flatbuffers::ForwardsUOffset<::flatbuffers::Vector<'a, #ty>>>(
                        Self::#tag_slot,
                        None,
                    )
                }
            }

            #docs
            #[inline]
            pub fn #name(&self) -> #result {
                safety!("readers come from verified tables only, and the verifier visits this field.");
                let values = unsafe { self._tab.get::<#followed>(Self::#slot, None) };
                let vector = self.#tag().zip(values).map(|(tags, values)| #vector { tags, values });
                #body
            }
        }
    }

    /// The tag among the arguments of `create`.
    pub(super) fn tag_argument(&self) -> Option<TokenStream> {
        let union = self.union.as_ref()?;
        let (docs, name, ty) = (tag_docs(self), ident(union.tag), self.tag_written(union, "a"));
        let ty = if self.is_list() { quote!(Option<#ty>) } else { ty };
        Some(quote!(#docs pub #name: #ty,))
    }

    /// The tag in `Default` of the arguments.
    pub(super) fn tag_default(&self) -> Option<TokenStream> {
        let name = ident(self.union.as_ref()?.tag);
        Some(if self.is_list() { quote!(#name: None,) } else { quote!(#name: Default::default(),) })
    }

    /// The builder's method for the tag.
    pub(super) fn add_tag(&self, table: &Ident, union: &UnionField<'_>) -> TokenStream {
        let (name, add, slot) = (ident(union.tag), union.add_name(), union.slot_name());
        let docs = docs(&[], &format!("Writes the tag of the field `{}`.", self.field.source));
        let written = self.tag_written(union, "b");
        let push = if self.is_list() {
            quote!(self.fbb_.push_slot_always(#table::#slot, #name);)
        } else {
            quote!(self.fbb_.push_slot(#table::#slot, #name, Default::default());)
        };
        quote! {
            #docs
            #[inline]
            pub fn #add(&mut self, #name: #written) {
                #push
            }
        }
    }

    fn tag_written(&self, union: &UnionField<'_>, lifetime: &str) -> TokenStream {
        let ty = &union.ty;
        if self.is_list() {
            with_lifetime(&quote!(::flatbuffers::WIPOffset<::flatbuffers::Vector<'a, #ty>>), lifetime)
        } else {
            quote!(#ty)
        }
    }
}

fn tag_docs(field: &TableField<'_>) -> TokenStream {
    docs(&[], &format!("The tag of the field `{}`.", field.field.source))
}
