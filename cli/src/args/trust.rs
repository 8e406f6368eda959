use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;
use hookr::{Digest, LockFile};

/// Whether a plugin may run. Everything that is said must agree.
#[derive(Args, Clone, Debug)]
pub(crate) struct TrustArgs {
    /// Accept the file with this hash; `hookr build` and `hookr inspect` print it; may be repeated
    #[arg(long, value_name = "SHA256")]
    pub(crate) hash: Vec<Digest>,

    #[command(flatten)]
    pub(crate) keys: StoreArgs,

    /// Accept a file that is what hookr.lock in the current folder says
    #[arg(long)]
    pub(crate) locked: bool,

    /// Accept a file that is what this lock file says
    #[arg(long, value_name = "FILE")]
    pub(crate) lock_file: Option<PathBuf>,

    /// Accept any file: for plugins of your own
    #[arg(long)]
    pub(crate) allow_unsigned: bool,
}

impl TrustArgs {
    /// The lock file that has to know the plugin.
    pub(crate) fn lock_file(&self) -> Option<&Path> {
        self.lock_file.as_deref().or(self.locked.then_some(Path::new(LockFile::NAME)))
    }
}

/// Whose signatures count.
#[derive(Args, Clone, Debug)]
pub(crate) struct StoreArgs {
    /// Accept a file that is signed by a key of this file or folder; may be repeated, and the keys of all are one store
    #[arg(long, value_name = "PATH")]
    pub(crate) trust: Vec<PathBuf>,

    /// So many of the keys have to sign, and more where the files of --trust say more [default: what they say, else 1]
    #[arg(long, value_name = "N", requires = "trust")]
    pub(crate) threshold: Option<NonZeroUsize>,

    /// A list of keys and plugins that are trusted no more, whatever else accepts them; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) revoked: Vec<PathBuf>,

    /// A signature that is not in the plugin's own file
    #[arg(long, value_name = "FILE.sig", requires = "trust")]
    pub(crate) signature: Option<PathBuf>,
}
