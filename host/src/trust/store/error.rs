use std::fmt;
use std::path::{Path, PathBuf};

use hookr_abi::Printable;

use crate::trust::KeyError;

/// Why a trust store or a list of revocations cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrustStoreError {
    /// A file or folder cannot be read.
    #[error("cannot read {}", Shown(path))]
    Read {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// A file is larger, or a folder has more in it, than is read.
    #[error("{} has more than {limit} {what}", Shown(path))]
    TooLarge {
        /// Which one.
        path: PathBuf,
        /// So many may be.
        limit: usize,
        /// Of what.
        what: &'static str,
    },
    /// A key cannot be used.
    #[error("{}, line {line}", Shown(path))]
    Key {
        /// The file.
        path: PathBuf,
        /// The line, from 1 on.
        line: usize,
        /// Why not.
        #[source]
        source: KeyError,
    },
    /// Something else in a file is wrong.
    #[error("{}, line {line}: {}", Shown(path), Printable(message))]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1 on.
        line: usize,
        /// What is wrong.
        message: String,
    },
}

/// A path, made fit for a terminal.
struct Shown<'a>(&'a Path);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printable(&self.0.display().to_string()).fmt(f)
    }
}
