//! Which tables are written in one piece, and the module of `fb.rs` that has what all of them need for that.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::quote;

use crate::contract::{Contract, TypeDef, TypeId, ValueType};

/// Where the tables that methods take and answer with stand in buffers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    /// At the root; nothing else refers to them.
    Root,
    /// At the root or in other tables, where many may share a vtable.
    Anywhere,
}

/// The tables that methods take and answer with.
pub(super) fn messages(contract: &Contract) -> BTreeMap<TypeId, Position> {
    let tables = |ty: ValueType| match ty {
        ValueType::Table(id) => Some(id),
        _ => None,
    };
    let inner: BTreeSet<TypeId> = contract
        .types
        .iter()
        .flat_map(|def| -> Vec<TypeId> {
            match def {
                TypeDef::Record(record) => record.fields.iter().filter_map(|field| tables(field.ty.value())).collect(),
                TypeDef::Union(union) => union.members.iter().filter_map(|member| tables(member.ty)).collect(),
                TypeDef::Enum(_) => Vec::new(),
            }
        })
        .collect();
    let methods = contract.interfaces().flat_map(|interface| &interface.methods);
    let place = |id: TypeId| (id, if inner.contains(&id) { Position::Anywhere } else { Position::Root });
    methods.flat_map(|method| [method.request, method.response]).map(place).collect()
}

/// The module that writes images: nothing where there are none.
pub(super) fn emit(contract: &Contract) -> Option<TokenStream> {
    let messages = messages(contract);
    if messages.is_empty() {
        return None;
    }
    Some(quote! {
        #[allow(dead_code)]
        mod message {
            //! Messages in one piece.

            /// The fields of a message, to be pushed as its vtable with the table behind it.
            pub(super) struct Image<'a, T> {
                pub(super) args: &'a T,
            }

            /// A vtable of these numbers, and the offset that leads to it from the table; zeros before it.
            pub(super) const fn head<const SIZE: usize>(vtable: &[u16]) -> [u8; SIZE] {
                let mut head = [0; SIZE];
                let length = 2 * vtable.len();
                let start = SIZE - 4 - length;
                let mut at = 0;
                while at < length {
                    head[start + at] = vtable[at / 2].to_le_bytes()[at % 2];
                    at += 1;
                }
                let offset = (length as u32).to_le_bytes();
                let mut at = 0;
                while at < 4 {
                    head[start + length + at] = offset[at];
                    at += 1;
                }
                head
            }

            /// The bytes of an offset that starts `place` bytes before the end of the buffer.
            #[inline]
            pub(super) fn offset<T>(place: usize, to: flatbuffers::WIPOffset<T>) -> [u8; 4] {
                (place as flatbuffers::UOffsetT - to.value()).to_le_bytes()
            }

            /// Takes what is not there out of an image: its entry in the vtable, and its place.
            #[inline]
            pub(super) fn clear(image: &mut [u8], entry: usize, place: ::core::ops::Range<usize>) {
                image[entry..entry + 2].fill(0);
                image[place].fill(0);
            }
        }
    })
}
