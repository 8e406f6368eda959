//! What `bindgen!` expects beside the types of an interface that `with:` replaces.
//!
//! A world that uses types of an interface imports it. `bindgen!` then wants traits for the host to implement and a
//! function that links them; an interface without functions needs neither, but for its name in the linker.

use wasmtime::component::{HasData, Linker};

pub trait Host {}

impl<T: ?Sized> Host for T {}

pub trait HostWithStore<T>: HasData {}

impl<T, D: HasData> HostWithStore<T> for D {}

/// Tells the linker of an interface without functions.
pub fn link<T: 'static>(linker: &mut Linker<T>, interface: &str) -> wasmtime::Result<()> {
    linker.instance(interface).map(drop)
}
