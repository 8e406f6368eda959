use std::io;
use std::path::PathBuf;

use hookr_abi::Printable;

use crate::Source;

/// A file cannot be watched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WatchError {
    /// The system watches no more folders for this user.
    #[error(
        "{} cannot be watched: the system watches no more folders for this user; raise the limit (on Linux: sysctl fs.inotify.max_user_watches), or have the file polled",
        Printable(&folder.display().to_string())
    )]
    TooManyFolders {
        /// The folder that would be one too many.
        folder: PathBuf,
    },
    /// The system does not watch this folder.
    #[error("{} cannot be watched", Printable(&folder.display().to_string()))]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: Source,
    },
    /// The system does not watch anything for this process.
    #[error(
        "the system watches nothing for this process; it may have too many files open, or its user too many watchers (on Linux: sysctl fs.inotify.max_user_instances)"
    )]
    NoWatcher {
        /// Why.
        source: Source,
    },
    /// The path is none.
    #[error("{} is no path that can be watched", Printable(&path.display().to_string()))]
    Path {
        /// The path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The thread that watches cannot be started.
    #[error("the thread that watches files cannot be started")]
    Thread {
        /// Why.
        source: io::Error,
    },
}
