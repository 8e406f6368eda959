use std::io;
use std::path::PathBuf;

use hookr_abi::Printable;

/// What is wrong with a cache. Whatever it is, plugins are compiled instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CacheProblem {
    /// The environment variable `HOOKR_CACHE` says something else than it may.
    #[error("HOOKR_CACHE is `{}`, expected `off` or the absolute path of a folder", Printable(value))]
    Variable {
        /// What it says.
        value: String,
    },
    /// There is no cache for this system.
    #[error("compiled plugins are kept on Unix only")]
    Unsupported,
    /// The folder cannot be used.
    #[error("the cache {} is not used: {reason}", shown(path))]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why not.
        #[source]
        reason: Unfit,
    },
    /// The secret that entries are authentic by cannot be used.
    #[error("the key of the cache, {}, is not used: {reason}", shown(path))]
    Key {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        reason: Unfit,
    },
    /// The entry of the plugin cannot be used.
    #[error("the compiled plugin in the cache, {}, is not used: {reason}", shown(path))]
    Entry {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        reason: Unfit,
    },
    /// The code of the plugin is larger than the cache may be.
    #[error("the compiled plugin is not kept: it has {size} bytes, the cache may have {limit}")]
    TooLarge {
        /// The size of the entry.
        size: u64,
        /// What there may be.
        limit: u64,
    },
    /// The entry could not be written.
    #[error("the compiled plugin is not kept in the cache {}", shown(path))]
    Write {
        /// The folder.
        path: PathBuf,
        /// What went wrong.
        #[source]
        source: crate::Source,
    },
}

/// Why a file or folder of a cache is not used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unfit {
    /// It cannot be opened or read.
    #[error("{0}")]
    Unreadable(#[source] io::Error),
    /// It is not there.
    #[error("it is not there")]
    Missing,
    /// It belongs to another user.
    #[error("it belongs to the user {owner}, not to this one ({user})")]
    Owner {
        /// Whom it belongs to.
        owner: u32,
        /// The user of this process.
        user: u32,
    },
    /// Others than its owner have rights to it.
    #[error("others than its owner may use it (its mode is {mode:o})")]
    Mode {
        /// Its rights.
        mode: u32,
    },
    /// It is a symbolic link.
    #[error("it is a symbolic link")]
    Link,
    /// It is not a folder.
    #[error("it is not a folder")]
    NotAFolder,
    /// It is not a regular file.
    #[error("it is not a regular file")]
    NotAFile,
    /// The file has other names beside.
    #[error("the file has {names} names, expected one")]
    Names {
        /// How many.
        names: u64,
    },
    /// It has another size than such a file can have.
    #[error("it has {size} bytes, which such a file cannot have")]
    Size {
        /// How many bytes there are.
        size: u64,
    },
    /// It is not what was written with the key of this cache.
    #[error("it is damaged, or was not written with the key of this cache")]
    Forged,
    /// It is the entry of another plugin, or for another engine.
    #[error("it is the entry of another plugin or for another engine")]
    OtherKey,
    /// wasmtime does not take it.
    #[error("wasmtime does not take it")]
    Refused(#[source] crate::Source),
}

impl CacheProblem {
    /// Whether writing an entry can put it right.
    pub(crate) fn is_mended_by_storing(&self) -> bool {
        matches!(self, CacheProblem::Key { .. } | CacheProblem::Entry { .. })
    }
}

fn shown(path: &std::path::Path) -> String {
    Printable(&path.display().to_string()).to_string()
}
