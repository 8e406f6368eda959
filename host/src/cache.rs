//! Compiled code that is kept on disk, so that a plugin is compiled once and not each time that it is opened.
//!
//! [`Builder::cache`](crate::Builder::cache) says where; without that, it is [`Cache::user`]. Nothing is looked up
//! before the plugin is trusted. An entry is found by the SHA-256 of the plugin, and by all that its code depends on:
//! the release of Hookr and of wasmtime, the settings of the engine, the processor. [`Limits`](crate::Limits) are
//! compared with what the plugin is made of whether it comes from the cache or not, but for `compile_time`: nothing is
//! compiled then.
//!
//! Code in the cache runs in the host's process, outside of any sandbox if somebody has tampered with it. Therefore:
//!
//! - The folder has to belong to the user of the process, as must all that is read in it, and nobody else may have any
//!   right to it. That is looked at after it was opened, so that what was looked at is what is used. A folder that was
//!   not there is made that way. One that is a symbolic link is refused.
//! - Every entry ends with a tag that is computed from all of it with a secret, AEGIS-128X2's MAC. The secret is in
//!   the folder. It is what an entry has to be authentic by, wherever it came from: a file that was written half,
//!   another user's entry, one that was renamed. What the entry is for is in it, and is compared.
//! - Whatever is wrong with the cache is a [`CacheProblem`], which `.on_event(..)` gets as
//!   [`Uncached`](crate::supervise::Happening::Uncached), and the plugin is compiled. The entry is written anew.
//!
//! Whoever can act as the same user can also read the secret, and could change the host itself: there is no protection
//! against them. On a network drive, an entry may become unreadable while it is in use, which ends the process; the
//! cache belongs on a local one.
//!
//! Several processes can use one folder at a time: entries are written to files of their own and renamed, and code in
//! use stays in memory when its entry is removed. When an entry is written, those are removed that nobody has used for
//! [`max_age`](Cache::max_age), and then those that were not used for longest, until the rest is no larger than
//! [`max_size`](Cache::max_size). A plugin that comes from the cache keeps its entry's file open.
//!
//! All that is for Unix. On other systems, [`Cache::user`] is off, and a folder is [`CacheProblem::Unsupported`].

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

#[cfg(unix)]
mod disk;
#[cfg(not(unix))]
#[path = "cache/no_disk.rs"]
mod disk;
mod fingerprint;
#[cfg_attr(not(unix), allow(dead_code))]
mod footer;
mod problem;

pub(crate) use disk::Loaded;
pub(crate) use fingerprint::fingerprint;
pub use problem::{CacheProblem, Unfit};

use crate::{Artifact, Digest, Engine, Shape};

/// Where compiled code is kept, and how much of it.
///
/// ```
/// use hookr::cache::Cache;
///
/// let cache = Cache::folder("/var/cache/my-application/plugins").max_size(64 << 20);
/// # let _ = cache;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cache {
    place: Place,
    max_size: u64,
    max_age: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Off,
    Folder(PathBuf),
    /// What the environment variable says that is neither.
    Unclear(String),
}

impl Cache {
    /// The environment variable that says where the user's cache is: `off`, or the absolute path of a folder.
    pub const VARIABLE: &'static str = "HOOKR_CACHE";

    /// The cache of the user, which is what a builder takes by itself: `hookr/compiled` in `$XDG_CACHE_HOME`, which is
    /// `~/.cache` where it is not set (`~/Library/Caches` on macOS). `HOOKR_CACHE` in the environment overrides that.
    /// It is off for a user without a home, and on systems other than Unix.
    pub fn user() -> Self {
        let place = match std::env::var_os(Self::VARIABLE).filter(|value| !value.is_empty()) {
            Some(value) => Place::named(&value),
            None => user_folder().map_or(Place::Off, Place::Folder),
        };
        Cache::at(place)
    }

    /// None: every plugin is compiled when it is opened.
    pub fn off() -> Self {
        Cache::at(Place::Off)
    }

    /// In this folder, which is made when the first plugin is compiled.
    pub fn folder(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        // The current folder is the one of now, whatever becomes of it.
        Cache::at(Place::Folder(std::path::absolute(path).unwrap_or_else(|_| path.to_owned())))
    }

    fn at(place: Place) -> Self {
        Cache { place, max_size: 1 << 30, max_age: Duration::from_secs(30 * 24 * 3600) }
    }

    /// Bytes of all entries together. 1 GiB.
    #[must_use]
    pub fn max_size(mut self, bytes: u64) -> Self {
        self.max_size = bytes;
        self
    }

    /// How long an entry that nobody uses is kept. 30 days. When it was used is known to the day.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = age;
        self
    }

    /// The folder; `None` where the cache is off.
    ///
    /// # Errors
    ///
    /// [`CacheProblem::Variable`].
    pub fn path(&self) -> Result<Option<&Path>, CacheProblem> {
        match &self.place {
            Place::Off => Ok(None),
            Place::Folder(path) => Ok(Some(path)),
            Place::Unclear(value) => Err(CacheProblem::Variable { value: value.clone() }),
        }
    }

    /// What is in it, in the order of the plugins' hashes. All of it is read, to tell what is authentic.
    ///
    /// # Errors
    ///
    /// The folder cannot be used. One that is not there has no entries.
    pub fn entries(&self) -> Result<Vec<CacheEntry>, CacheProblem> {
        self.path()?.map_or(Ok(Vec::new()), disk::entries)
    }

    /// Removes all entries, and what writers have left behind for an hour.
    ///
    /// # Errors
    ///
    /// As [`entries`](Self::entries).
    pub fn clear(&self) -> Result<Removed, CacheProblem> {
        self.path()?.map_or(Ok(Removed::default()), disk::clear)
    }

    /// Removes the entries that are too old, and then so many that the rest is not too large, as it is done each time
    /// that one is written.
    ///
    /// # Errors
    ///
    /// As [`entries`](Self::entries).
    pub fn evict(&self) -> Result<Removed, CacheProblem> {
        self.path()?.map_or(Ok(Removed::default()), |path| disk::evict(path, self.max_size, self.max_age))
    }

    /// Looks for the code of a plugin that is trusted.
    pub(crate) fn load(&self, engine: &Engine, artifact: &Artifact) -> Result<Option<Loaded>, CacheProblem> {
        let Some(path) = self.path()? else { return Ok(None) };
        disk::load(path, Key { plugin: artifact.sha256(), engine: engine.fingerprint() })
    }

    /// Keeps the code of a plugin; false if the cache is off.
    pub(crate) fn store(
        &self,
        engine: &Engine,
        artifact: &Artifact,
        shape: &Shape,
        code: impl FnOnce() -> wasmtime::Result<Vec<u8>>,
    ) -> Result<bool, CacheProblem> {
        let Some(path) = self.path()? else { return Ok(false) };
        let footer = footer::Footer {
            key: Key { plugin: artifact.sha256(), engine: engine.fingerprint() },
            name: artifact.name().to_owned(),
            plugin_size: artifact.bytes().len() as u64,
            hookr: env!("CARGO_PKG_VERSION").to_owned(),
            wasmtime: crate::WASMTIME_VERSION.to_owned(),
            shape: shape.clone(),
        };
        disk::store(path, &footer, code, self.max_size, self.max_age)?;
        Ok(true)
    }
}

impl Default for Cache {
    /// [`Cache::user`].
    fn default() -> Self {
        Cache::user()
    }
}

impl Place {
    /// What the environment variable means.
    fn named(value: &OsStr) -> Self {
        if value == "off" {
            return Place::Off;
        }
        let path = Path::new(value);
        if path.is_absolute() { Place::Folder(path.to_owned()) } else { Place::Unclear(value.to_string_lossy().into()) }
    }
}

fn user_folder() -> Option<PathBuf> {
    if !cfg!(unix) {
        return None;
    }
    let xdg = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let caches = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
    let home = || std::env::home_dir().filter(|path| path.is_absolute()).map(|home| home.join(caches));
    Some(xdg.or_else(home)?.join("hookr/compiled"))
}

/// What an entry is found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    /// The hash of the plugin's file.
    pub(crate) plugin: Digest,
    /// All that its code depends on beside.
    pub(crate) engine: Digest,
}

/// Where the code of a plugin came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// Another plugin of the same file, which is open on the same [engine](crate::Engine).
    Shared,
    /// The cache.
    Cached,
    /// The compiler; it is in the cache now.
    Stored,
    /// The compiler, and it is nowhere else: the cache is off, or there is a [`CacheProblem`].
    Compiled,
}

/// Where the code of a plugin came from, and what was wrong with the cache.
#[derive(Clone, Debug)]
pub struct Code {
    pub(crate) origin: Origin,
    pub(crate) problem: Option<Arc<CacheProblem>>,
}

impl Code {
    /// Where it came from.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// Why it did not come from the cache, or is not in it now. `None` where nothing is wrong: it was there, or nobody
    /// had put it there so far, or the cache is off.
    pub fn problem(&self) -> Option<&CacheProblem> {
        self.problem.as_deref()
    }
}

/// An entry of a cache.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CacheEntry {
    /// The hash of the plugin's file, as the name of the entry says.
    pub sha256: Digest,
    /// Bytes on disk.
    pub size: u64,
    /// How long ago it was used, to the day.
    pub unused: Duration,
    /// What is in it; `None` for an entry that would not be used, because it is damaged or forged.
    pub content: Option<CacheContent>,
}

/// What is in an entry that is authentic.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CacheContent {
    /// The name of the plugin that was compiled.
    pub name: String,
    /// The size of its file.
    pub plugin_size: u64,
    /// The release of Hookr that wrote it.
    pub hookr: String,
    /// The release of wasmtime that compiled it.
    pub wasmtime: String,
    engine: Digest,
}

impl CacheContent {
    /// Whether it is for this engine. Others are of other releases, have other settings, or run on other processors.
    pub fn is_for(&self, engine: &Engine) -> bool {
        self.engine == engine.fingerprint()
    }
}

/// What was removed of a cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Removed {
    /// Entries.
    pub entries: u64,
    /// Their bytes.
    pub bytes: u64,
}

#[cfg(test)]
mod tests;
