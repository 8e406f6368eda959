//! From a plugin's crate to its module: which compiler, which package, what cargo makes of it.

mod cargo;
mod environment;
mod profile;
mod toolchain;

pub(crate) use cargo::{CargoError, Crate, compile, find};
pub(crate) use toolchain::{Toolchain, ToolchainError};
