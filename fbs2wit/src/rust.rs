//! Contracts as the source of a Rust crate.
//!
//! Each file of the generated crate has a module here that writes it: a function from a contract to tokens. Names come
//! from the contract ([`crate::contract`]); nothing is decided twice.

mod api;
mod asynchronous;
mod boundary;
mod codec;
mod fb;
mod guest;
mod host;
mod in_place;
mod lane;
mod layout;
mod lib_rs;
mod manifest;
mod mock;
mod names;
mod surface;
mod text;
mod tokens;
mod types;
mod wire;

use crate::contract::Contract;
use crate::emit::Files;

use surface::Surface;
use tokens::Items;

pub use manifest::HookrSource;

/// How the crate is written.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RustOptions {
    /// The name of the crate.
    pub package: String,
    /// Where the crates of Hookr come from.
    pub hookr: HookrSource,
}

impl RustOptions {
    /// For a crate of this name that takes Hookr from the registry.
    pub fn new(package: impl Into<String>) -> Self {
        RustOptions { package: package.into(), hookr: HookrSource::Version }
    }
}

/// Writes the manifest and the source files of a contract's crate.
///
/// `kinds` holds, for each method of the plugin service, the offset of its kind in the contract's section
/// ([`hookr_abi::section::Section::encode_with_kinds`]). A contract without plugin service gets no traits, no host side
/// and no guest side.
pub fn emit(contract: &Contract, options: &RustOptions, kinds: &[usize]) -> Files {
    let mut files = Files::default();
    let surface = Surface::of(contract);
    files.insert("Cargo.toml", manifest::emit(contract, options));
    files.insert("src/lib.rs", tokens::print(contract, [lib_rs::emit(contract, surface.as_ref())]));
    files.insert("src/types.rs", tokens::print(contract, types::emit(contract)));
    files.insert("src/wire.rs", tokens::print(contract, wire::emit(contract)));
    files.insert("src/fb.rs", tokens::print(contract, fb::emit(contract)));
    files.insert("src/codec.rs", tokens::print(contract, codec::emit(contract)));
    if let Some(surface) = &surface {
        files.insert("src/api.rs", tokens::print(contract, [api::emit(contract, surface)]));
        files.insert("src/asynchronous.rs", tokens::print(contract, [asynchronous::emit(contract, surface)]));
        files.insert("src/host.rs", tokens::print(contract, [host::emit(contract, surface)]));
        files.insert("src/in_place.rs", tokens::print(contract, [in_place::emit(contract, surface)]));
        files.insert("src/lane.rs", tokens::print(contract, [lane::emit(contract, surface)]));
        files.insert("src/mock.rs", tokens::print(contract, [mock::emit(contract, surface)]));
        files.insert("src/guest.rs", tokens::print(contract, guest_items(contract, surface, kinds)));
    }
    files
}

fn guest_items(contract: &Contract, surface: &Surface<'_>, kinds: &[usize]) -> [Items; 2] {
    [guest::emit(contract, surface, kinds).into(), Items::Lines(guest::TRUSTED.trim_start().to_owned())]
}
