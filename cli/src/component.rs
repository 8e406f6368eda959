//! Components as files: what custom sections they carry, what world they have, and how one is made of a core module.
//!
//! Everything here reads bytes that anybody may have written. Nothing runs them.

mod encode;
mod fit;
mod sections;
mod signature;
mod world;

pub(crate) use encode::{EncodeError, encode};
pub(crate) use fit::check;
pub(crate) use sections::{
    ContractSections, SectionsError, has_bindings, is_component, with_custom_section, with_section,
};
pub(crate) use world::{Item, ItemKind, World};
