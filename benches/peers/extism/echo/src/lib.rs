//! A plugin for Extism: gives back what it got.
#![cfg(target_family = "wasm")]
#![allow(missing_docs, reason = "the macro of the kit makes public items without documentation")]

use extism_pdk::{FnResult, plugin_fn};

#[plugin_fn]
pub fn echo(payload: Vec<u8>) -> FnResult<Vec<u8>> {
    Ok(payload)
}
