//! `fb.rs`: readers and builders over the `flatbuffers` crate, in the shape that flatc gives them.
//!
//! Statements follow each other where flatc chains calls: an expression that grows with the number of fields nests as
//! deep, and overflows the stack of whoever parses it.

mod aligned;
mod bytes;
mod enums;
pub(super) mod key;
mod message;
mod structs;
mod tables;
mod unions;

use quote::quote;

use super::names::{fb_names, union_names};
use super::tokens::Items;
use crate::contract::{Contract, RecordKind, TypeDef};

pub(super) fn emit(contract: &Contract) -> impl Iterator<Item = Items> {
    let names = fb_names(contract);
    let unions = union_names(contract);
    let key_structs = key::key_structs(contract);
    let messages = message::messages(contract);
    let types = contract.types.iter().map(move |def| match def {
        TypeDef::Enum(e) => enums::emit(e).into(),
        TypeDef::Union(union) => unions::emit(contract, union, &unions[&union.id]).into(),
        TypeDef::Record(record) => match record.kind {
            RecordKind::Struct { size, align } => {
                let is_key = key_structs.contains(&record.id);
                structs::emit(contract, record, &names[&record.id], (size, align), is_key).into()
            }
            RecordKind::Table => {
                let position = messages.get(&record.id).copied();
                Items::Lines(tables::emit(contract, record, &names[&record.id], &unions, position))
            }
        },
    });
    let shared = [aligned::emit(contract), bytes::emit(contract), Some(message::emit())].into_iter().flatten();
    let head = quote! {
        //! Readers and builders of FlatBuffers, in the shape that flatc gives them.
        //!
        //! A reader comes from verified bytes only (`root_as_…`, or [`super::FlatBuffer::read`] with tighter limits), so
        //! that its methods need not check again.
        #![allow(unsafe_code)]
    };
    [head.into()].into_iter().chain(types).chain(shared.map(Items::from))
}
