//! The arguments of `hookr lock`.

use std::path::PathBuf;

use clap::Args;
use hookr::LockFile;

use super::StoreArgs;

/// Write down which plugins may run, and show what changed in them
///
/// The lock file has of each plugin its hash, its version and contract, what it imports and exports, and what it asks for
/// of WASI. Without plugins, those of the lock file are looked at again. What changed since the last time goes to standard
/// output; where a plugin asks for more than before, it says so in words.
///
/// `--locked` and `--lock-file` of other commands, and the builder's `lock_file(..)` in a host, accept exactly these files.
/// The plugins are in the folder of the lock file or below. Comments in the lock file are lost when it is written again.
///
/// With --trust, nothing is locked that the keys there have not signed, and the lock file says which of them have: where a
/// host has a trust store beside the lock file, these have to be among the valid ones. A plugin that was locked so and has
/// changed is not locked again without --trust.
#[derive(Args, Debug)]
#[command(after_help = "\
EXAMPLE
  hookr lock plugins/textfilter.wasm plugins/authz.wasm
  hookr lock filter-2.wasm --name textfilter --trust release.pub
  hookr lock --check
  hookr lock --remove authz")]
pub(crate) struct LockArgs {
    /// Plugins to add, or to look at again
    #[arg(value_name = "FILE.wasm")]
    pub(crate) plugins: Vec<PathBuf>,

    /// The name of the plugin, where it is not that of the file; a plugin of that name is replaced
    #[arg(long, value_name = "NAME", requires = "plugins", value_parser = name)]
    pub(crate) name: Option<String>,

    /// Take a plugin out; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) remove: Vec<String>,

    /// The lock file
    #[arg(long, value_name = "FILE", default_value = LockFile::NAME)]
    pub(crate) lock_file: PathBuf,

    #[command(flatten)]
    pub(crate) keys: StoreArgs,

    /// Write nothing, and fail where anything changed
    #[arg(long)]
    pub(crate) check: bool,

    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

fn name(text: &str) -> Result<String, &'static str> {
    if text.is_empty() { Err("a name has a letter at least") } else { Ok(text.to_owned()) }
}
