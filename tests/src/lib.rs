//! What the end-to-end tests share: the programs and plugins under test, built once, and components made to deceive.
//!
//! A helper that cannot do its work panics: these are tests, and that is how a test fails.
#![forbid(unsafe_code)]

pub mod book;
pub mod callbacks;
pub mod console;
pub mod hostile;
pub mod hosts;
pub mod installed;
pub mod lane;
pub mod mutate;
mod plugins;
mod process;
pub mod project;
pub mod versions;
pub mod wasi;
mod workspace;

pub use plugins::{folder, hookr, hookr_with, plugin, plugin_bytes, plugin_with, program, tool, wasip2_plugin};
pub use process::{Output, run, run_with};
pub use workspace::{cargo, command, profile_dir, root, scratch_dir, target_dir};
