use std::fmt;
use std::path::PathBuf;

use hookr_abi::Printable;

use super::hosts::HostError;
use crate::Place;

/// Why a grant cannot be given: it cannot be read, or what it names is not there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GrantError {
    /// A host cannot be read.
    #[error("the grant `{grant}` names a host that cannot be read, `{}`", Printable(host))]
    Host {
        /// `tcp`, `udp` or `http`.
        grant: &'static str,
        /// The host.
        host: String,
        /// What is wrong with it.
        #[source]
        source: HostError,
    },
    /// An environment variable cannot be given.
    #[error("the environment variable `{}` cannot be given: {reason}", Printable(name))]
    Variable {
        /// Its name.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The path by which a plugin is to know a folder cannot be one.
    #[error("the plugin cannot know a folder as `{}`: {reason}", Printable(path))]
    GuestPath {
        /// The path.
        path: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A folder cannot be opened.
    #[error("the folder {} cannot be granted", Printable(&path.display().to_string()))]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// A folder is inside of one that is granted for writing, or the way to it leads through that: the plugin could put a link in
    /// its place, and have the folder that it leads to the next time.
    #[error(
        "the folder {} cannot be granted: {}, which the plugin may write to, can change where that is",
        Printable(&path.display().to_string()),
        Printable(&within.display().to_string())
    )]
    Nested {
        /// The folder.
        path: PathBuf,
        /// The one that is granted for writing.
        within: PathBuf,
    },
}

/// Why a grants file cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GrantsFileError {
    /// The file cannot be read.
    #[error("cannot read {}", Printable(&path.display().to_string()))]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// It is not TOML.
    #[error("{at}: {}", Printable(message))]
    Syntax {
        /// Where.
        at: Place,
        /// What is wrong.
        message: String,
    },
    /// There is no such key.
    #[error("{at}: there is no key `{}`; there are {}", Printable(key), Quoted(known))]
    UnknownKey {
        /// Where.
        at: Place,
        /// The key.
        key: String,
        /// The keys that there are.
        known: &'static [&'static str],
    },
    /// A key that has to be there is not.
    #[error("{at}: the key `{key}` is missing")]
    MissingKey {
        /// Where it should be.
        at: Place,
        /// The key.
        key: &'static str,
    },
    /// A value is not what its key takes.
    #[error("{at}: `{key}` takes {expected}")]
    Value {
        /// Where.
        at: Place,
        /// The key.
        key: &'static str,
        /// What it takes.
        expected: &'static str,
    },
    /// A value is of the right kind, but cannot be granted.
    #[error("{at}: {source}")]
    Grant {
        /// Where.
        at: Place,
        /// What is wrong; its own source says more.
        source: GrantError,
    },
}

struct Quoted<'a>(&'a [&'static str]);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted: Vec<String> = self.0.iter().map(|key| format!("`{key}`")).collect();
        f.write_str(&quoted.join(", "))
    }
}
