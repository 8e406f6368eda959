//! The command as its users meet it: a process with arguments, files, two streams and an exit code.
//!
//! Plugins are made here of WebAssembly text, so that no toolchain for plugins is needed. Expected output is in
//! `tests/golden`; `BLESS=1` rewrites it.

mod bench;
mod build;
mod cache;
mod call;
mod cases;
mod conventions;
mod data;
mod doctor;
mod generate;
mod grants;
mod help;
mod inspect;
mod keys;
mod lock;
mod mask;
mod new;
mod pipes;
mod plugin;
mod progress;
mod shells;
mod snapshots;
mod support;
mod trust;
mod wit;
mod wrapper;
