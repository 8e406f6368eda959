use std::path::PathBuf;

use hookr_abi::Printable;

use crate::trust::KeyError;

/// Why a trust store or a list of revocations cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrustStoreError {
    /// A file or folder cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// A file is larger, or a folder has more in it, than is read.
    #[error("{} has more than {limit} {what}", path.display())]
    TooLarge {
        /// Which one.
        path: PathBuf,
        /// So many may be.
        limit: usize,
        /// Of what.
        what: &'static str,
    },
    /// A key cannot be used.
    #[error("{}, line {line}", path.display())]
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
    #[error("{}, line {line}: {}", path.display(), Printable(message))]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1 on.
        line: usize,
        /// What is wrong.
        message: String,
    },
}
