//! The functions that a plugin imports.
#![allow(unsafe_code)]

use hookr_abi::log::Level;

/// The world of a plugin that logs, as `wit-component` reads it. It stands beside the functions below, so that it is in each
/// plugin that calls them.
#[unsafe(link_section = "component-type:hookr-log")]
// A section of its own, which no code names.
#[allow(dead_code)]
static COMPONENT_TYPE: [u8; include_bytes!("component-type.bin").len()] = *include_bytes!("component-type.bin");

#[link(wasm_import_module = "hookr:abi/log@0.1.0")]
unsafe extern "C" {
    #[link_name = "log"]
    fn import_log(level: u32, target: *const u8, target_len: usize, message: *const u8, message_len: usize);
    #[link_name = "enabled"]
    fn import_enabled() -> u32;
}

#[inline(never)]
pub(super) fn log(level: Level, target: &str, message: &str) {
    // SAFETY: the import reads the two texts that it is given.
    unsafe { import_log(level.number().into(), target.as_ptr(), target.len(), message.as_ptr(), message.len()) }
}

#[inline(never)]
pub(super) fn enabled() -> u8 {
    // SAFETY: the import takes nothing, and gives a number.
    let verbosity = unsafe { import_enabled() };
    u8::try_from(verbosity).unwrap_or(0)
}
