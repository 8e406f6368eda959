use std::error::Error;
use std::fmt;
use std::path::PathBuf;

use hookr_abi::Printable;

use crate::Place;
use crate::registry::name;

/// Why a manifest cannot be read.
#[derive(Debug)]
#[non_exhaustive]
pub struct ManifestError {
    /// The file; `None` for a text from memory.
    pub path: Option<PathBuf>,
    /// What is wrong with it.
    pub problem: ManifestProblem,
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "{}: {}", Printable(&path.display().to_string()), self.problem),
            None => self.problem.fmt(f),
        }
    }
}

/// The problem is part of the message, so that its source is the next.
impl Error for ManifestError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.problem.source()
    }
}

/// What is wrong with a manifest. A key is named by the way to it: `plugins.filter.limits.memory`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestProblem {
    /// The file cannot be read: it is not there, no regular file, not UTF-8, or too large.
    #[error("cannot be read")]
    Read(#[source] std::io::Error),
    /// There are more bytes than a manifest may have.
    #[error("a manifest has no more than {limit} bytes")]
    TooLarge {
        /// The largest size, in bytes.
        limit: u64,
    },
    /// It is not TOML.
    #[error("{at}: {}", Printable(message))]
    Syntax {
        /// Where.
        at: Place,
        /// What is wrong.
        message: String,
    },
    /// Its format is of a version that this release does not know.
    #[error("{at}: this is a manifest of version {found}, and this release of hookr reads version {expected}")]
    Version {
        /// Where.
        at: Place,
        /// The version that is known.
        expected: i64,
        /// The version of the file.
        found: String,
    },
    /// There is no such key.
    #[error("{at}: there is no key `{key}`; there are {}", quoted(known))]
    UnknownKey {
        /// Where.
        at: Place,
        /// The key, fit to be printed.
        key: String,
        /// The keys that there are.
        known: Vec<&'static str>,
    },
    /// A key that has to be there is not.
    #[error("{at}: the key `{key}` is missing")]
    MissingKey {
        /// Where it should be.
        at: Place,
        /// The key, fit to be printed.
        key: String,
    },
    /// A value is not what its key takes.
    #[error("{at}: `{key}` takes {expected}, not {found}")]
    Value {
        /// Where.
        at: Place,
        /// The key, fit to be printed.
        key: String,
        /// What it takes.
        expected: &'static str,
        /// What is there, or its beginning, fit to be printed.
        found: String,
    },
    /// A plugin has a name that none can have.
    #[error("{at}: a plugin cannot be called `{}`: {}", Printable(found), name::EXPECTED)]
    Name {
        /// Where.
        at: Place,
        /// The name.
        found: String,
    },
    /// There are more plugins than a manifest may have.
    #[error("{at}: a manifest has no more than {limit} plugins")]
    TooMany {
        /// Where they are.
        at: Place,
        /// The largest number.
        limit: usize,
    },
    /// Grants in the manifest cannot be read.
    #[cfg(feature = "wasi")]
    #[error("{grants} (in `{key}`)")]
    Grants {
        /// The key, fit to be printed.
        key: String,
        /// What is wrong, and where in the manifest.
        grants: crate::GrantsFileError,
    },
    /// There are grants, and this host was built without the feature `wasi`.
    #[error("{at}: `{key}` needs a host that is built with the feature `wasi` of hookr")]
    NoWasi {
        /// Where.
        at: Place,
        /// The key, fit to be printed.
        key: String,
    },
}

fn quoted(keys: &[&'static str]) -> String {
    keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ")
}
