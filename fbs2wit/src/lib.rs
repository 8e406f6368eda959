//! FlatBuffers contracts as WIT worlds and Rust.
#![forbid(unsafe_code)]

pub mod bfbs;
pub mod contract;
pub mod diag;
pub mod emit;
pub mod identity;
pub mod model;
mod names;
pub mod rust;
pub mod section;
pub mod source;
pub mod value;
pub mod wit;
