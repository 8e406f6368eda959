//! The lock file: which plugins may run, what they are, and what they ask for.
//!
//! `hookr lock` writes `hookr.lock`, people read what changed in it, and [`Builder::lock_file`](crate::Builder::lock_file)
//! opens nothing that it does not name. An entry pins a file by its SHA-256, which is compared before anything of the plugin
//! is parsed. The rest of an entry is what follows of these bytes (contract, imports, exports, what is asked for of WASI);
//! it is there to be read and compared by people. The same bytes imply the same facts, so a plugin with the right hash and
//! other facts means a lock file that somebody edited, and is refused, too.
//!
//! ```toml
//! version = 1
//!
//! [[plugin]]
//! name = "textfilter"
//! path = "plugins/textfilter.wasm"
//! sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
//! version = "0.1.0"
//! package = "acme:textfilter"
//! contract-id = "01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b"
//! signers = []
//! grants = []
//! imports = []
//! exports = ["acme:textfilter/plugin"]
//! ```

mod enforce;
mod error;
mod facts;
mod path;
mod read;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use hookr_abi::ContractId;

pub use error::{Difference, LockError};

use crate::regular::{self, Found};
use crate::trust::KeyId;
use crate::{Artifact, Digest, Need, OpenError};

pub(crate) use enforce::Locked;

/// A lock file: plugins by their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockFile {
    folder: PathBuf,
    plugins: BTreeMap<String, LockedPlugin>,
}

/// A plugin in a lock file. [`LockedPlugin::of`] makes one of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LockedPlugin {
    /// The name, by which a host that names its plugins finds it.
    pub name: String,
    /// The file, relative to the folder of the lock file, with `/` between folders.
    pub path: String,
    /// The hash of the file.
    pub sha256: Digest,
    /// The plugin's own version; empty where its author did not say.
    pub version: String,
    /// The WIT package of its contract.
    pub package: String,
    /// The identity of its contract.
    pub contract_id: ContractId,
    /// The IDs of the keys that have signed it; empty where nobody looked.
    pub signers: BTreeSet<KeyId>,
    /// What it asks for of WASI.
    pub grants: BTreeSet<Need>,
    /// What it imports.
    pub imports: BTreeSet<String>,
    /// What it exports.
    pub exports: BTreeSet<String>,
}

impl LockFile {
    /// The name that a lock file has where nobody gives it another.
    pub const NAME: &'static str = "hookr.lock";

    /// The version of the format.
    pub const VERSION: i64 = 1;

    /// The largest file that is read or written: 4 MiB.
    pub const MAX_SIZE: u64 = 4 << 20;

    /// The most plugins in a file: 10,000.
    pub const MAX_PLUGINS: usize = 10_000;

    /// A lock file without plugins, which is to be in this folder.
    pub fn new(folder: impl AsRef<Path>) -> Self {
        LockFile { folder: path::folder(folder.as_ref()), plugins: BTreeMap::new() }
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`LockError`] says what is wrong, and where.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, LockError> {
        let path = path.as_ref();
        let read_error = |source| LockError::Read { path: path.to_owned(), source };
        let Found::File(file, _) = regular::open(path).map_err(read_error)? else {
            return Err(LockError::NotAFile { path: path.to_owned() });
        };
        let mut bytes = Vec::new();
        file.take(Self::MAX_SIZE + 1).read_to_end(&mut bytes).map_err(read_error)?;
        if bytes.len() as u64 > Self::MAX_SIZE {
            return Err(LockError::TooLarge { limit: Self::MAX_SIZE });
        }
        let text = String::from_utf8(bytes).map_err(|_| LockError::NotUtf8)?;
        Self::from_toml(&text, path.parent().unwrap_or(Path::new("")))
    }

    /// Reads a text; the paths in it are relative to `folder`.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read), but for reading.
    pub fn from_toml(text: &str, folder: impl AsRef<Path>) -> Result<Self, LockError> {
        let mut lock = LockFile::new(folder);
        for plugin in read::plugins(text)? {
            lock.plugins.insert(plugin.name.clone(), plugin);
        }
        Ok(lock)
    }

    /// The text of the file. It depends on the plugins alone, and is read back as the same plugins.
    ///
    /// # Errors
    ///
    /// [`LockError::TooLarge`], where it could not be read.
    pub fn to_toml(&self) -> Result<String, LockError> {
        let text = text::text(self.plugins());
        if text.len() as u64 > Self::MAX_SIZE {
            return Err(LockError::TooLarge { limit: Self::MAX_SIZE });
        }
        Ok(text)
    }

    /// The plugins, by name.
    pub fn plugins(&self) -> impl Iterator<Item = &LockedPlugin> {
        self.plugins.values()
    }

    /// The plugin of this name.
    pub fn by_name(&self, name: &str) -> Option<&LockedPlugin> {
        self.plugins.get(name)
    }

    /// The plugin that this file is: one that is locked under this path, else one that is locked under the path that links
    /// lead to.
    pub fn by_path(&self, path: impl AsRef<Path>) -> Option<&LockedPlugin> {
        let find = |path: &str| self.plugins.values().find(|plugin| plugin.path == path);
        let named = || path::relative(path.as_ref(), &self.folder);
        let real = || path::relative(&path.as_ref().canonicalize().ok()?, &self.folder);
        named().and_then(|path| find(&path)).or_else(|| find(&real()?))
    }

    /// The path by which the lock file knows a file: relative to its folder, with `/` between folders.
    ///
    /// # Errors
    ///
    /// [`LockError::Outside`] for a file that is not in the folder of the lock file or below.
    pub fn path_of(&self, path: impl AsRef<Path>) -> Result<String, LockError> {
        let path = path.as_ref();
        let outside = || LockError::Outside { path: path.to_owned(), folder: self.folder.clone() };
        path::relative(path, &self.folder).ok_or_else(outside)
    }

    /// The file of a plugin.
    pub fn file_of(&self, plugin: &LockedPlugin) -> PathBuf {
        self.folder.join(&plugin.path)
    }

    /// Adds a plugin, or replaces the one of its name, which is returned.
    ///
    /// # Errors
    ///
    /// [`LockError::Taken`] if another plugin has that path, and [`LockError::TooMany`]. The lock file is as before then.
    pub fn insert(&mut self, plugin: LockedPlugin) -> Result<Option<LockedPlugin>, LockError> {
        if let Some(other) = self.plugins.values().find(|other| other.path == plugin.path && other.name != plugin.name)
        {
            return Err(LockError::Taken { path: plugin.path, name: other.name.clone() });
        }
        if self.plugins.len() >= Self::MAX_PLUGINS && !self.plugins.contains_key(&plugin.name) {
            return Err(LockError::TooMany { limit: Self::MAX_PLUGINS });
        }
        Ok(self.plugins.insert(plugin.name.clone(), plugin))
    }

    /// Takes a plugin out.
    pub fn remove(&mut self, name: &str) -> Option<LockedPlugin> {
        self.plugins.remove(name)
    }
}

impl LockedPlugin {
    /// What there is to lock of a plugin. `path` is [`LockFile::path_of`] its file; `signers` are the IDs of the keys whose
    /// signatures are valid.
    ///
    /// This reads the component without a trust decision, and makes none: whoever locks a plugin decides.
    ///
    /// # Errors
    ///
    /// Those of [`Artifact::contract_section`] and [`Artifact::shape`], and [`OpenError::NoContract`].
    pub fn of(
        artifact: &Artifact,
        name: &str,
        path: &str,
        signers: impl IntoIterator<Item = KeyId>,
    ) -> Result<Self, OpenError> {
        let section = artifact.contract_section()?.ok_or(OpenError::NoContract { expected: None })?;
        // Before anything else is read, it is known that everything can be.
        artifact.shape()?;
        let facts = facts::Facts::read(artifact.bytes())?;
        Ok(LockedPlugin {
            name: name.to_owned(),
            path: path.to_owned(),
            sha256: artifact.sha256(),
            version: section.plugin_version,
            package: section.package,
            contract_id: section.contract_id,
            signers: signers.into_iter().collect(),
            grants: facts.grants,
            imports: facts.imports,
            exports: facts.exports,
        })
    }
}
