//! The arguments of `hookr doctor`.

use std::path::PathBuf;

use clap::Args;

/// Check what this machine and a project have, and say what mends the rest
///
/// Looks for the Rust toolchain, the targets that plugins are compiled for, the cache of compiled plugins, an editor and
/// some tools that are of use; in a project, at the plugin's crate and at the crate of its contract, too. Each line says
/// `ok`; `info`, for what is not needed; `warning`; or `missing`, and below the command that mends it. The exit code is 6 if
/// anything is missing. Nothing is changed: in the folder of the cache, a file is made and removed.
#[derive(Args, Debug)]
#[command(after_help = "\
EXAMPLE
  hookr doctor
  hookr doctor --plugin plugin
  hookr doctor --json")]
pub(crate) struct DoctorArgs {
    /// The folder of a plugin's crate [default: this folder or `plugin` in it, if there is a crate]
    #[arg(long, value_name = "DIR")]
    pub(crate) plugin: Option<PathBuf>,

    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}
