//! From a plugin's crate to its module: which compiler, which package, what cargo makes of it.

mod cargo;
mod dependencies;
mod environment;
mod paths;
mod profile;
mod sides;
mod toolchain;
mod wrapper;

pub(crate) use cargo::{CargoError, Crate, compile, features, find, source_folders};
pub(crate) use dependencies::hash as dependencies;
pub(crate) use toolchain::{Toolchain, ToolchainError};
pub(crate) use wrapper::wrapped;
