use proc_macro2::TokenStream;
use quote::quote;

use super::enums;
use crate::contract::{Contract, Enum, EnumForm, Member, Union, ValueType};
use crate::rust::names::UnionNames;
use crate::rust::tokens::{docs, ident, scalar, type_name};

/// A union: its tag as a number, its value, and a vector of them.
pub(super) fn emit(contract: &Contract, union: &Union, names: &UnionNames) -> TokenStream {
    let tag = enums::emit(&tag(union));
    let verifier = emit_verifier(contract, union);
    let value = emit_value(contract, union, names);
    let vector = emit_vector(union, names);
    quote!(#tag #verifier #value #vector)
}

/// The tag, which is like an enum.
fn tag(union: &Union) -> Enum {
    Enum {
        id: union.id,
        source: union.source.clone(),
        label: union.label.clone(),
        rust: union.rust.clone(),
        repr: union.repr,
        cases: [&union.none].into_iter().chain(union.members.iter().map(|member| &member.case)).cloned().collect(),
        form: EnumForm::Closed,
        default: 0,
        docs: vec![format!("The tag of the union `{}` of the contract.", union.source)],
    }
}

/// What an offset to the member points to, with the lifetime `'a`.
pub(super) fn followed(contract: &Contract, member: &Member, lifetime: &TokenStream) -> TokenStream {
    match member.ty {
        ValueType::Table(id) => {
            let ty = type_name(contract, id);
            quote!(#ty<#lifetime>)
        }
        ValueType::Struct(id) => {
            let ty = type_name(contract, id);
            quote!(&#lifetime #ty)
        }
        _ => quote!(&#lifetime str),
    }
}

fn emit_verifier(contract: &Contract, union: &Union) -> TokenStream {
    let name = ident(&union.rust);
    let arms = union.members.iter().map(|member| {
        let case = ident(&member.case.rust);
        let path = format!("{}.{}", union.source.name, member.case.source);
        // A struct is verified as itself, not as a reference to it.
        let ty = match member.ty {
            ValueType::Struct(id) => {
                let ty = type_name(contract, id);
                quote!(#ty)
            }
            _ => followed(contract, member, &quote!('_)),
        };
        quote!(Self::#case => v.verify_union_variant::<flatbuffers::ForwardsUOffset<#ty>>(#path, pos),)
    });
    let source = &union.source.name;
    quote! {
        #[allow(dead_code)]
        impl #name {
            /// Verifies the value that an offset at `pos` leads to. That of a tag without a name is never read.
            fn verify_value(
                self,
                v: &mut flatbuffers::Verifier<'_, '_>,
                pos: usize,
            ) -> Result<(), flatbuffers::InvalidFlatbuffer> {
                match self {
                    #(#arms)*
                    _ => v.in_buffer::<flatbuffers::UOffsetT>(pos),
                }
            }

            /// Verifies the vector that an offset at `pos` leads to: a value for each tag.
            fn verify_values(
                tags: flatbuffers::Vector<'_, Self>,
                v: &mut flatbuffers::Verifier<'_, '_>,
                pos: usize,
            ) -> Result<(), flatbuffers::InvalidFlatbuffer> {
                let vector = pos.saturating_add(v.get_uoffset(pos)? as usize);
                if v.get_uoffset(vector)? as usize != tags.len() {
                    return flatbuffers::InvalidFlatbuffer::new_inconsistent_union("tags", #source);
                }
                let mut at = vector;
                for tag in tags.iter() {
                    at = at.saturating_add(flatbuffers::SIZE_UOFFSET);
                    tag.verify_value(v, at)?;
                }
                Ok(())
            }
        }
    }
}

fn emit_value(contract: &Contract, union: &Union, names: &UnionNames) -> TokenStream {
    let name = ident(&union.rust);
    let (value_type, none, unknown) = (names.value_type(&quote!('a)), ident(&union.none.rust), ident(&names.unknown));
    let (generics, lifetime) = match union.members.is_empty() {
        true => (quote!(), quote!('_)),
        false => (quote!(<'a>), quote!('a)),
    };
    let target = ident(if union.members.is_empty() { "_target" } else { "target" });
    let value_docs = docs(&union.docs, &format!("A value of the union `{}` of the contract.", union.source));
    let cases = union.members.iter().map(|member| {
        let docs = docs(&member.case.docs, &format!("The member `{}`.", member.case.source));
        let (case, ty) = (ident(&member.case.rust), followed(contract, member, &quote!('a)));
        quote!(#docs #case(#ty))
    });
    let arms = union.members.iter().map(|member| {
        let (case, ty) = (ident(&member.case.rust), followed(contract, member, &quote!('a)));
        quote! {
            #name::#case => {
                safety!("the caller says that the table is a verified value of this member.");
                Self::#case(unsafe { <#ty as flatbuffers::Follow<'a>>::follow(target.buf(), target.loc()) })
            }
        }
    });
    quote! {
        #value_docs
        #[derive(Clone, Copy, Debug, Default, PartialEq)]
        pub enum #value_type {
            /// No value.
            #[default]
            #none,
            #(#cases,)*
            /// A value whose tag has no name.
            #unknown(#name),
        }

        impl #generics #value_type {
            /// The value at `target`, which must have been verified as that of the tag.
            #[allow(dead_code)]
            unsafe fn follow(tag: #name, #target: flatbuffers::Table<#lifetime>) -> Self {
                match tag {
                    #name::#none => Self::#none,
                    #(#arms)*
                    tag => Self::#unknown(tag),
                }
            }
        }
    }
}

fn emit_vector(union: &Union, names: &UnionNames) -> TokenStream {
    let name = ident(&union.rust);
    let stored = scalar(union.repr);
    let (value, vector, none) = (ident(&names.value), ident(&names.vector), ident(&union.none.rust));
    let value_type = names.value_type(&quote!('a));
    let vector_docs = docs(&[], &format!("A vector of the union `{}` of the contract.", union.source));
    let tags_docs = docs(&[], &format!("The tags, a `{stored}` each."));
    quote! {
        #vector_docs
        #[derive(Clone, Copy)]
        pub struct #vector<'a> {
            tags: flatbuffers::Vector<'a, #name>,
            values: flatbuffers::Vector<'a, flatbuffers::ForwardsUOffset<flatbuffers::Table<'a>>>,
        }

        impl<'a> #vector<'a> {
            #tags_docs
            pub fn tags(self) -> flatbuffers::Vector<'a, #name> {
                self.tags
            }

            /// The values, in order.
            pub fn iter(self) -> impl ExactSizeIterator<Item = #value_type> + 'a {
                (0..self.tags.len()).map(move |index| match self.tags.get(index) {
                    // Nothing stands there to be followed.
                    #name::#none => #value::#none,
                    tag => {
                        safety!("vectors come from verified tables only; the verifier visits every value with its tag.");
                        unsafe { #value::follow(tag, self.values.get(index)) }
                    }
                })
            }
        }

        impl ::core::fmt::Debug for #vector<'_> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_list().entries(self.iter()).finish()
            }
        }
    }
}
