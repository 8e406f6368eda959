use std::fmt;
use std::path::PathBuf;

use hookr_abi::Printable;

use crate::Place;

/// What is wrong with a lock file, or with what is to be put into one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// The file cannot be read.
    #[error("cannot read {}", Printable(&path.display().to_string()))]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The path names a folder, a pipe or the like.
    #[error("{} is not a regular file, a lock file is one", Printable(&path.display().to_string()))]
    NotAFile {
        /// What it is not.
        path: PathBuf,
    },
    /// There are more bytes than a lock file may have.
    #[error("a lock file has no more than {limit} bytes")]
    TooLarge {
        /// The largest size, in bytes.
        limit: u64,
    },
    /// There are more plugins than a lock file may have.
    #[error("a lock file has no more than {limit} plugins")]
    TooMany {
        /// The largest number.
        limit: usize,
    },
    /// It is no text.
    #[error("a lock file is UTF-8, this is not")]
    NotUtf8,
    /// It is not TOML, or not of the keys that lock files have.
    #[error("{at}: {}", Printable(message))]
    Syntax {
        /// Where.
        at: Place,
        /// What is wrong.
        message: String,
    },
    /// Its format is of a version that this release does not know.
    #[error("{at}: this is a lock file of version {found}, and this release of hookr reads version {expected}")]
    Version {
        /// Where.
        at: Place,
        /// The version that is known.
        expected: i64,
        /// The version of the file.
        found: i64,
    },
    /// A value is not what its key takes.
    #[error("{at}: `{key}` takes {expected}, not `{}`", Printable(found))]
    Value {
        /// Where.
        at: Place,
        /// The key.
        key: &'static str,
        /// What it takes.
        expected: &'static str,
        /// What is there, or its beginning.
        found: String,
    },
    /// Two plugins have one name or one path.
    #[error("{at}: there is another plugin with the {key} `{}`", Printable(value))]
    Duplicate {
        /// Where the second is.
        at: Place,
        /// `name` or `path`.
        key: &'static str,
        /// What they both have.
        value: String,
    },
    /// A file that is to be locked is not in the folder of the lock file or below, or has a name that not every system knows.
    #[error(
        "{} is not in the folder of the lock file ({}) or below, by a name of UTF-8 without `\\` and `:`",
        Printable(&path.display().to_string()),
        Printable(&folder.display().to_string())
    )]
    Outside {
        /// The file.
        path: PathBuf,
        /// The folder.
        folder: PathBuf,
    },
    /// A file that is to be locked under a name is locked under another.
    #[error("{} is locked already, as `{}`", Printable(path), Printable(name))]
    Taken {
        /// Its path in the lock file.
        path: String,
        /// The other name.
        name: String,
    },
}

/// A key of a lock file, with what it says and what is so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The key.
    pub key: &'static str,
    /// What the lock file says.
    pub locked: String,
    /// What the plugin says.
    pub found: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is {} there, and {} in the plugin", self.key, Shown(&self.locked), Shown(&self.found))
    }
}

struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("empty") } else { write!(f, "`{}`", Printable(self.0)) }
    }
}
