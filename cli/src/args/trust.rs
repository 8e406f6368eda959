use std::path::PathBuf;

use clap::Args;
use hookr::Digest;

/// Whether a plugin may run. Everything that is said must agree.
#[derive(Args, Clone, Debug)]
pub(crate) struct TrustArgs {
    /// Accept the file with this hash; `hookr build` and `hookr inspect` print it; may be repeated
    #[arg(long, value_name = "SHA256")]
    pub(crate) hash: Vec<Digest>,

    /// Accept a file that is signed by a key of this file or folder; may be repeated
    #[arg(long, value_name = "PATH")]
    pub(crate) trust: Vec<PathBuf>,

    /// So many of the keys have to sign [default: what the files of --trust say, else 1]
    #[arg(long, value_name = "N", requires = "trust")]
    pub(crate) threshold: Option<usize>,

    /// A list of keys and plugins that are trusted no more; may be repeated
    #[arg(long, value_name = "FILE", requires = "trust")]
    pub(crate) revoked: Vec<PathBuf>,

    /// A signature that is not in the plugin's own file
    #[arg(long, value_name = "FILE.sig", requires = "trust")]
    pub(crate) signature: Option<PathBuf>,

    /// Accept any file: for plugins of your own
    #[arg(long)]
    pub(crate) allow_unsigned: bool,
}
