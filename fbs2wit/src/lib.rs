//! FlatBuffers contracts as WIT worlds and Rust.
#![forbid(unsafe_code)]

pub mod annotate;
pub mod bfbs;
mod check;
pub mod codec;
mod compile;
pub mod contract;
pub mod diag;
pub mod emit;
pub mod flexbuffer;
pub mod identity;
pub mod json;
mod load;
pub mod model;
mod names;
mod number;
mod print;
pub mod rust;
pub mod section;
pub mod source;
mod syntax;
pub mod value;
pub mod wit;

pub use annotate::{Annotation, annotate};
pub use compile::{CompileError, CompileOptions, Compiled, compile};
pub use load::{FsLoader, Limits, Loader, MemoryLoader};
pub use print::{PrintError, print};
