//! FlatBuffers contracts as WIT worlds and Rust.
#![forbid(unsafe_code)]

pub mod diag;
pub mod model;
pub mod source;
